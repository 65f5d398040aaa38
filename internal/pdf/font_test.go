package pdf

import (
	"bytes"
	"errors"
	"testing"

	"github.com/go-fonts/liberation/liberationsansregular"
)

// TestSubsetDrawsTheSame opens the font that a document carries and compares widths and outlines with the original's.
func TestSubsetDrawsTheSame(t *testing.T) {
	for _, f := range renderer(t).fonts {
		s := newSubset(f)
		for _, c := range "AҚйЁä1 ѓ\uFFFD" {
			if f.glyph(c) != 0 {
				s.id(c)
			}
		}
		data := s.build()
		if checksum(data) != 0xB1B0AFBA {
			t.Errorf("%s: the checksum of the subset is wrong", f.name)
		}
		tables, err := fontTables(data)
		if err != nil {
			t.Fatal(err)
		}
		copied := &font{head: tables["head"], hhea: tables["hhea"], hmtx: tables["hmtx"], maxp: tables["maxp"], loca: tables["loca"], glyf: tables["glyf"],
			longLoca: true, units: f.units}
		copied.glyphs, copied.metrics = int(be16(copied.maxp, 4)), int(be16(copied.hhea, 34))
		for i, c := range s.runes {
			old, id := f.glyph(c), uint16(i+1)
			if copied.advance(id) != f.advance(old) || copied.bearing(id) != f.bearing(old) {
				t.Errorf("%s: %q has another width", f.name, c)
			}
			was, is := f.outline(old), copied.outline(id)
			if len(was) == 0 != (len(is) == 0) {
				t.Errorf("%s: %q lost its outline", f.name, c)
			}
			if len(was) > 10 && !bytes.Equal(was[:10], is[:10]) {
				t.Errorf("%s: %q has another outline", f.name, c)
			}
			if len(was) > 10 && int16(be16(was, 0)) < 0 && int(be16(is, 12)) >= copied.glyphs {
				t.Errorf("%s: %q refers to a glyph that is not there", f.name, c)
			}
		}
	}
}

func TestDamagedFont(t *testing.T) {
	good := liberationsansregular.TTF
	for _, n := range []int{0, 11, 12, 200, len(good) / 2} {
		if _, err := openFont("cut", good[:n]); !errors.Is(err, errFont) {
			t.Errorf("a font cut to %d bytes: %v", n, err)
		}
	}
}

// FuzzFont damages the head of a font: opening and subsetting may fail but not panic.
func FuzzFont(f *testing.F) {
	good := liberationsansregular.TTF
	f.Add(good[:400], uint16(40))
	f.Fuzz(func(t *testing.T, head []byte, at uint16) {
		data := bytes.Clone(good)
		copy(data[min(int(at), len(data)):], head)
		opened, err := openFont("fuzz", data)
		if err != nil {
			return
		}
		s := newSubset(opened)
		for _, c := range "AҚйё" {
			if opened.glyph(c) != 0 {
				s.id(c)
			}
		}
		s.build()
	})
}
