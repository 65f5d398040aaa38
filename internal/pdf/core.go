package pdf

import (
	"fmt"

	"elicense/internal/lang"
)

// A document uses two fonts for each typeface: the core, with the letters of its language, which is subset and
// compressed once for all documents, and beside it an exact subset of whatever else the document needs. Nearly all
// text is set in the core, so a document does not pay for subsetting, and no file carries a whole font.

// prepared is a subset as it is embedded: compressed, with its widths and its map back to Unicode.
type prepared struct {
	name    string
	font    *font
	low     [0x530]uint16 // numbers of U+0000 to U+052F
	high    map[rune]uint16
	size    int // of the program before compression
	program []byte
	unicode []byte
	widths  []byte
}

// prepare builds what is embedded of a subset.
func prepare(s *subset, pack func([]byte) []byte) *prepared {
	data := s.build()
	p := &prepared{name: s.prefix() + "+" + s.font.name, font: s.font, size: len(data), high: map[rune]uint16{}}
	p.program, p.unicode = pack(data), pack(toUnicode(s.runes))
	p.widths = append(p.widths, '[')
	for i, r := range s.runes {
		p.widths = append(appendNumber(p.widths, s.font.advance(s.font.glyph(r))), ' ')
		if int(r) < len(p.low) {
			p.low[r] = uint16(i + 1)
		} else {
			p.high[r] = uint16(i + 1)
		}
	}
	p.widths = append(p.widths, ']')
	return p
}

// id is the number of a character in a prepared subset, 0 where it is not in it.
func (p *prepared) id(r rune) uint16 {
	switch {
	case p == nil:
		return 0
	case int(r) < len(p.low):
		return p.low[r]
	default:
		return p.high[r]
	}
}

// The characters of the cores.
const (
	coreASCII    = " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"
	coreSigns    = "\u00A0«»“”„’–—…№°·"
	coreCyrillic = "АӘБВГҒДЕЁЖЗИЙКҚЛМНҢОӨПРСТУҰҮФХҺЦЧШЩЪЫІЬЭЮЯаәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя"
	coreMarks    = " ,.-–()«»№0123456789"
	coreNumbers  = " -./:0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz№"
)

// coreOf is what every document of a language carries of a typeface as soon as it uses it. Russian papers name Kazakh
// people and places, so the two languages share their letters. Titles have no core: they use few letters.
func coreOf(l lang.Lang, which int) string {
	switch {
	case which == fontSans && l == lang.EN, which == fontSerif && l == lang.EN:
		return coreASCII + coreSigns
	case which == fontSans:
		return coreASCII + coreSigns + coreCyrillic
	case which == fontSerif:
		return coreMarks + coreCyrillic
	}
	switch which {
	case fontSansBold:
		return coreNumbers
	case fontWide, fontWideBold:
		return "₸"
	}
	return ""
}

// prepareCores makes the cores of all languages; those that are equal are made once.
func (r *Renderer) prepareCores() error {
	made := map[string]*prepared{}
	r.cores = map[lang.Lang]*[fontCount]*prepared{}
	for _, l := range lang.All() {
		r.cores[l] = &[fontCount]*prepared{}
		for which, f := range r.fonts {
			text := coreOf(l, which)
			if text == "" {
				continue
			}
			key := f.name + text
			if made[key] == nil {
				s := newSubset(f)
				for _, c := range text {
					if f.glyph(c) == 0 {
						return fmt.Errorf("%w: %s has no U+%04X", errFont, f.name, c)
					}
					s.id(c)
				}
				made[key] = prepare(s, packBest)
			}
			r.cores[l][which] = made[key]
		}
	}
	return nil
}
