package pdf

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"
)

// subset collects characters of one font and gives each a glyph number of its own, in the order in which they come.
// Every character has its own number even where the font draws two alike (a Latin and a Cyrillic A may share an
// outline), so that text copied from the page is exactly the text that was printed.
type subset struct {
	font  *font
	runes []rune          // runes[i] has the number i+1; number 0 is .notdef
	ids   map[rune]uint16 // the other way round
}

func newSubset(f *font) *subset { return &subset{font: f, ids: map[rune]uint16{}} }

// id is the number of a character, a new one where it has none yet.
func (s *subset) id(r rune) uint16 {
	id, ok := s.ids[r]
	if !ok {
		s.runes = append(s.runes, r)
		id = uint16(len(s.runes))
		s.ids[r] = id
	}
	return id
}

// prefix is the six capital letters that the format demands before the name of a subset (ISO 32000-1, 9.6.4). They
// come from the characters, so equal documents have equal names.
func (s *subset) prefix() string {
	sum := sha256.Sum256([]byte(s.font.name + string(s.runes)))
	var b strings.Builder
	for _, c := range sum[:6] {
		b.WriteByte('A' + c%26)
	}
	return b.String()
}

// Flags of a composite glyph's component (OpenType, glyf table).
const (
	flagWords        = 0x0001
	flagScale        = 0x0008
	flagMore         = 0x0020
	flagXYScale      = 0x0040
	flagTwoByTwo     = 0x0080
	flagInstructions = 0x0100
)

// maxComponents bounds what composite glyphs may pull in, so that a damaged font cannot make a subset grow for ever.
const maxComponents = 4096

// build writes the TrueType file that is embedded: only the used glyphs and their components, without hinting, which
// no current reader of PDF needs and which would be half of the bytes.
func (s *subset) build() []byte {
	glyphs := make([]uint16, 1, len(s.runes)+8)
	for _, r := range s.runes {
		glyphs = append(glyphs, s.font.glyph(r))
	}
	components := map[uint16]uint16{}
	glyf := make([]byte, 0, 128*len(glyphs))
	loca := make([]byte, 0, 4*len(glyphs)+4)
	for i := 0; i < len(glyphs); i++ {
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		outline := s.font.outline(glyphs[i])
		switch {
		case len(outline) < 10:
		case int16(be16(outline, 0)) >= 0:
			glyf = appendSimple(glyf, outline)
		default:
			glyf = appendComposite(glyf, outline, func(old uint16) uint16 {
				id, known := components[old]
				if !known && len(glyphs) < maxComponents {
					id = uint16(len(glyphs))
					components[old] = id
					glyphs = append(glyphs, old)
				}
				return id
			})
		}
		for len(glyf)%4 != 0 {
			glyf = append(glyf, 0)
		}
	}
	loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
	return s.assemble(glyphs, glyf, loca)
}

// appendSimple copies an outline without its instructions.
func appendSimple(glyf, outline []byte) []byte {
	contours := int(be16(outline, 0))
	at := 10 + 2*contours
	if at+2 > len(outline) {
		return glyf
	}
	skip := int(be16(outline, at))
	if at+2+skip > len(outline) {
		return glyf
	}
	glyf = append(glyf, outline[:at]...)
	glyf = append(glyf, 0, 0)
	return append(glyf, outline[at+2+skip:]...)
}

// appendComposite copies a glyph made of others, with the components' new numbers and without instructions.
func appendComposite(glyf, outline []byte, number func(uint16) uint16) []byte {
	start := len(glyf)
	glyf = append(glyf, outline[:10]...)
	for at := 10; at+4 <= len(outline); {
		flags := be16(outline, at)
		size := 6
		if flags&flagWords != 0 {
			size = 8
		}
		switch {
		case flags&flagScale != 0:
			size += 2
		case flags&flagXYScale != 0:
			size += 4
		case flags&flagTwoByTwo != 0:
			size += 8
		}
		if at+size > len(outline) {
			return glyf[:start]
		}
		glyf = binary.BigEndian.AppendUint16(glyf, flags&^flagInstructions)
		glyf = binary.BigEndian.AppendUint16(glyf, number(be16(outline, at+2)))
		glyf = append(glyf, outline[at+4:at+size]...)
		at += size
		if flags&flagMore == 0 {
			return glyf
		}
	}
	return glyf[:start]
}

// assemble puts the tables together; the order and the alignment are those of the OpenType specification.
func (s *subset) assemble(glyphs []uint16, glyf, loca []byte) []byte {
	n := uint16(len(glyphs))
	head, hhea, maxp := slices.Clone(s.font.head[:54]), slices.Clone(s.font.hhea[:36]), slices.Clone(s.font.maxp[:32])
	binary.BigEndian.PutUint32(head[8:], 0)  // checkSumAdjustment, set below
	binary.BigEndian.PutUint16(head[50:], 1) // long loca
	binary.BigEndian.PutUint16(hhea[34:], n)
	binary.BigEndian.PutUint16(maxp[4:], n)
	binary.BigEndian.PutUint16(maxp[26:], 0) // no instructions are left
	hmtx := make([]byte, 0, 4*len(glyphs))
	for _, g := range glyphs {
		hmtx = binary.BigEndian.AppendUint16(hmtx, be16(s.font.hmtx, 4*min(int(g), s.font.metrics-1)))
		hmtx = binary.BigEndian.AppendUint16(hmtx, s.font.bearing(g))
	}
	tables := []struct {
		tag  string
		data []byte
	}{{"glyf", glyf}, {"head", head}, {"hhea", hhea}, {"hmtx", hmtx}, {"loca", loca}, {"maxp", maxp}}
	out := make([]byte, 0, len(glyf)+len(hmtx)+len(loca)+400)
	out = append(out, 0, 1, 0, 0, 0, byte(len(tables)), 0, 64, 0, 2, 0, 32)
	at, headAt := 12+16*len(tables), 0
	for _, t := range tables {
		if t.tag == "head" {
			headAt = at
		}
		out = append(out, t.tag...)
		out = binary.BigEndian.AppendUint32(out, checksum(t.data))
		out = binary.BigEndian.AppendUint32(out, uint32(at))
		out = binary.BigEndian.AppendUint32(out, uint32(len(t.data)))
		at += (len(t.data) + 3) &^ 3
	}
	for _, t := range tables {
		out = append(out, t.data...)
		for len(out)%4 != 0 {
			out = append(out, 0)
		}
	}
	binary.BigEndian.PutUint32(out[headAt+8:], 0xB1B0AFBA-checksum(out))
	return out
}

// checksum is the sum of a table's 32-bit words, as the font directory wants it.
func checksum(b []byte) uint32 {
	var sum uint32
	for ; len(b) >= 4; b = b[4:] {
		sum += binary.BigEndian.Uint32(b)
	}
	var last [4]byte
	copy(last[:], b)
	return sum + binary.BigEndian.Uint32(last[:])
}
