package pdf

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unicode"
)

// font is a TrueType font opened for measuring and subsetting. It only refers to the bytes of the file, which the
// program carries, and is never changed after openFont: many goroutines share it.
//
// Tables are read as the OpenType specification describes them (head, hhea, hmtx, maxp, loca, glyf, cmap).
type font struct {
	name     string // PostScript name in the file, without the subset's prefix
	data     []byte // the whole file
	head     []byte
	hhea     []byte
	hmtx     []byte
	maxp     []byte
	loca     []byte
	glyf     []byte
	longLoca bool
	glyphs   int
	metrics  int     // number of full entries in hmtx
	units    float64 // units per em
	ascent   float64 // thousandths of an em
	descent  float64 // thousandths of an em, negative
	bbox     [4]float64
	low      [0x600]uint16 // glyphs of U+0000 to U+05FF: nearly all text
	cmap     map[rune]uint16
}

var errFont = errors.New("pdf: unreadable font")

// openFont reads the directory and the character map of a TrueType file.
func openFont(name string, data []byte) (*font, error) {
	f := &font{name: name, data: data, cmap: map[rune]uint16{}}
	tables, err := fontTables(data)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %v", errFont, name, err)
	}
	f.head, f.hhea, f.hmtx, f.maxp = tables["head"], tables["hhea"], tables["hmtx"], tables["maxp"]
	f.loca, f.glyf = tables["loca"], tables["glyf"]
	if len(f.head) < 54 || len(f.hhea) < 36 || len(f.maxp) < 32 || len(f.glyf) == 0 {
		return nil, fmt.Errorf("%w: %s: a table is missing or short", errFont, name)
	}
	f.units = float64(be16(f.head, 18))
	f.longLoca = be16(f.head, 50) == 1
	f.glyphs = int(be16(f.maxp, 4))
	f.metrics = int(be16(f.hhea, 34))
	if f.units == 0 || f.metrics == 0 || f.metrics > f.glyphs || len(f.hmtx) < 4*f.metrics+2*(f.glyphs-f.metrics) {
		return nil, fmt.Errorf("%w: %s: metrics", errFont, name)
	}
	perGlyph := 2
	if f.longLoca {
		perGlyph = 4
	}
	if len(f.loca) < perGlyph*(f.glyphs+1) {
		return nil, fmt.Errorf("%w: %s: loca", errFont, name)
	}
	scale := 1000 / f.units
	f.ascent, f.descent = float64(int16(be16(f.hhea, 4)))*scale, float64(int16(be16(f.hhea, 6)))*scale
	for i := range f.bbox {
		f.bbox[i] = float64(int16(be16(f.head, 36+2*i))) * scale
	}
	if err := f.readCmap(tables["cmap"]); err != nil {
		return nil, fmt.Errorf("%w: %s: %v", errFont, name, err)
	}
	return f, nil
}

// fontTables cuts a TrueType file into its tables.
func fontTables(data []byte) (map[string][]byte, error) {
	if len(data) < 12 {
		return nil, errors.New("short file")
	}
	n := int(be16(data, 4))
	if len(data) < 12+16*n {
		return nil, errors.New("short directory")
	}
	tables := make(map[string][]byte, n)
	for i := range n {
		rec := data[12+16*i:]
		start, size := uint64(be32(rec, 8)), uint64(be32(rec, 12))
		if start+size > uint64(len(data)) {
			return nil, errors.New("table outside the file")
		}
		tables[string(rec[:4])] = data[start : start+size]
	}
	return tables, nil
}

// readCmap fills the character map from the Unicode subtables of format 4 (the basic plane) and 12 (all planes).
func (f *font) readCmap(t []byte) error {
	if len(t) < 4 {
		return errors.New("no cmap")
	}
	found := false
	for i := range int(be16(t, 2)) {
		if len(t) < 4+8*(i+1) {
			return errors.New("short cmap")
		}
		platform, encoding := be16(t, 4+8*i), be16(t, 6+8*i)
		unicodeTable := platform == 0 || platform == 3 && (encoding == 1 || encoding == 10)
		start := uint64(be32(t, 8+8*i))
		if !unicodeTable || start+16 > uint64(len(t)) {
			continue
		}
		sub := t[start:]
		switch be16(sub, 0) {
		case 4:
			found = true
			f.readCmap4(sub)
		case 12:
			found = true
			f.readCmap12(sub)
		}
	}
	if !found {
		return errors.New("no Unicode cmap")
	}
	return nil
}

// readCmap4 reads segments with deltas; entries that point outside the table are left out.
func (f *font) readCmap4(sub []byte) {
	segX2 := int(be16(sub, 6)) &^ 1
	if len(sub) < 16+4*segX2 {
		return
	}
	for s := 0; s < segX2; s += 2 {
		end, start := int(be16(sub, 14+s)), int(be16(sub, 16+segX2+s))
		delta, rangePos := be16(sub, 16+2*segX2+s), 16+3*segX2+s
		offset := int(be16(sub, rangePos))
		for c := start; c <= end && c < 0xFFFF; c++ {
			g := uint16(c) + delta
			if offset != 0 {
				p := rangePos + offset + 2*(c-start)
				if p+2 > len(sub) {
					break
				}
				if g = be16(sub, p); g != 0 {
					g += delta
				}
			}
			f.mapRune(rune(c), g)
		}
	}
}

// readCmap12 reads groups of consecutive code points.
func (f *font) readCmap12(sub []byte) {
	groups := int(be32(sub, 12))
	for i := 0; i < groups && 16+12*(i+1) <= len(sub); i++ {
		start, end, glyph := be32(sub, 16+12*i), be32(sub, 20+12*i), be32(sub, 24+12*i)
		for c := start; c <= end && c <= unicode.MaxRune; c++ {
			f.mapRune(rune(c), uint16(glyph+c-start))
		}
	}
}

func (f *font) mapRune(r rune, glyph uint16) {
	switch {
	case glyph == 0 || int(glyph) >= f.glyphs:
	case int(r) < len(f.low):
		f.low[r] = glyph
	default:
		f.cmap[r] = glyph
	}
}

// glyph is the index of the glyph of a character; 0 means that the font has none.
func (f *font) glyph(r rune) uint16 {
	if r >= 0 && int(r) < len(f.low) {
		return f.low[r]
	}
	return f.cmap[r]
}

// advance is the width of a glyph in thousandths of an em.
func (f *font) advance(glyph uint16) float64 {
	return float64(be16(f.hmtx, 4*min(int(glyph), f.metrics-1))) * 1000 / f.units
}

// bearing is the left side bearing of a glyph in font units, as it stands in hmtx.
func (f *font) bearing(glyph uint16) uint16 {
	g := min(int(glyph), f.glyphs-1)
	if g >= f.metrics {
		return be16(f.hmtx, 4*f.metrics+2*(g-f.metrics))
	}
	return be16(f.hmtx, 4*g+2)
}

// outline is the glyph's description in the glyf table, empty for a blank glyph such as the space.
func (f *font) outline(glyph uint16) []byte {
	if int(glyph) >= f.glyphs {
		return nil
	}
	var start, end uint32
	if f.longLoca {
		start, end = be32(f.loca, 4*int(glyph)), be32(f.loca, 4*int(glyph)+4)
	} else {
		start, end = 2*uint32(be16(f.loca, 2*int(glyph))), 2*uint32(be16(f.loca, 2*int(glyph)+2))
	}
	if start >= end || uint64(end) > uint64(len(f.glyf)) {
		return nil
	}
	return f.glyf[start:end]
}

func be16(b []byte, at int) uint16 { return binary.BigEndian.Uint16(b[at:]) }
func be32(b []byte, at int) uint32 { return binary.BigEndian.Uint32(b[at:]) }
