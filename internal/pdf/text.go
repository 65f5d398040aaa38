package pdf

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"elicense/internal/fault"

	"golang.org/x/text/unicode/norm"
)

// face is a typeface of the paper: a main font and the one that helps out where it has no glyph. The letters of the
// helper are drawn a little smaller, because DejaVu's stand taller than Liberation's at the same size.
type face struct{ main, help int }

// The fonts of a Renderer, in the order of Renderer.fonts.
const (
	fontSans = iota
	fontSansBold
	fontSerif
	fontSerifBold
	fontWide     // DejaVu Sans: the tenge sign, Georgian, Armenian, arrows, the replacement character
	fontWideBold // DejaVu Sans Bold
	fontCount
)

const helpScale = 0.94

func faceSans() face      { return face{fontSans, fontWide} }
func faceBold() face      { return face{fontSansBold, fontWideBold} }
func faceSerif() face     { return face{fontSerif, fontWide} }
func faceSerifBold() face { return face{fontSerifBold, fontWideBold} }

// clean makes a value printable. Line ends of every kind become "\n", tabs become spaces, letters written with separate
// marks are composed (й, ё as one character), and whatever would be invisible or would reorder the text (control
// characters, bidirectional marks and overrides, zero-width characters, soft hyphens, variation selectors, broken
// UTF-8) becomes the visible replacement character U+FFFD. Nothing disappears: a reader of an official paper sees that
// something stood there, and two different values never print alike for lack of an invisible character.
func clean(s string) string {
	if plain(s) {
		return s
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	mapped := strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\v' || r == '\f' || r == 0x85 || r == 0x2028 || r == 0x2029:
			return '\n'
		case r == '\t' || unicode.Is(unicode.Zs, r) && r != 0xA0:
			// Of the spaces only the no-break one means something here; the narrow one is its sister.
			if r == 0x202F || r == 0x2007 {
				return 0xA0
			}
			return ' '
		case invisible(r):
			return utf8.RuneError
		}
		return r
	}, s)
	return norm.NFC.String(mapped)
}

// plain tells whether a value needs no cleaning: the usual case, decided without a copy.
func plain(s string) bool {
	for i, r := range s {
		switch {
		case r == '\n' || r >= 0x20 && r < 0x7F || r >= 0xA0 && r < 0x300 && r != 0xAD || r >= 0x400 && r < 0x483:
		case r >= 0x48A && r < 0x530 || r == '№' || r == '₸' || r == '€':
		case r >= 0x2010 && r <= 0x2027:
		case r == utf8.RuneError:
			// A genuine U+FFFD takes three bytes, a broken sequence one.
			if !strings.HasPrefix(s[i:], "\uFFFD") {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// invisible names the characters that leave no mark of their own or change the order of others.
func invisible(r rune) bool {
	switch {
	case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Cs, r), unicode.Is(unicode.Co, r):
		return true
	case r >= 0xFE00 && r <= 0xFE0F, r >= 0xE0100 && r <= 0xE01EF: // variation selectors
		return true
	case r == 0x034F, r == 0x115F, r == 0x1160, r == 0x17B4, r == 0x17B5, r == 0x3164, r == 0xFFA0, r == 0x180B,
		r == 0x180C, r == 0x180D, r == 0x180F: // fillers, joiners and Mongolian selectors
		return true
	}
	return r&0xFFFE == 0xFFFE || r >= 0xFDD0 && r <= 0xFDEF // noncharacters
}

// drawable tells whether a script can be set letter after letter from left to right, which is all this package does.
// Arabic, Hebrew, Indic and other scripts need shaping: printing them without it would print other words.
func drawable(r rune) bool {
	return r < 0x530 || unicode.In(r, unicode.Latin, unicode.Cyrillic, unicode.Greek, unicode.Armenian,
		unicode.Georgian, unicode.Common, unicode.Inherited)
}

// pick chooses the font that draws a character: the face's main font, else its helper.
func (r *Renderer) pick(f face, c rune) (which int, glyph uint16, ok bool) {
	if g := r.fonts[f.main].glyph(c); g != 0 {
		return f.main, g, c < 0x530 || drawable(c)
	}
	if g := r.fonts[f.help].glyph(c); g != 0 {
		return f.help, g, drawable(c)
	}
	return f.main, 0, false
}

// Missing finds the first character of a value that no font can print, so that a form can refuse it while the person
// can still mend it. It reports false when the whole value is printable.
func (r *Renderer) Missing(value string) (rune, bool) {
	for _, c := range clean(value) {
		if _, _, ok := r.pick(faceSans(), c); c != '\n' && !ok {
			return c, true
		}
	}
	return 0, false
}

// noGlyph is the fault of an unprintable character. It names the code point and nothing of the text around it.
func noGlyph(c rune) error {
	return fault.New(fault.Internal, "pdf.glyph").With(fault.Args{"code": fmt.Sprintf("U+%04X", c)})
}

// advance is the width of a character in points at a size.
func (r *Renderer) advance(f face, size float64, c rune) float64 {
	which, glyph, _ := r.pick(f, c)
	if which == f.help {
		size *= helpScale
	}
	return r.fonts[which].advance(glyph) * size / 1000
}

// width is the width of a line in points.
func (r *Renderer) width(f face, size float64, line string) float64 {
	w := 0.0
	for _, c := range line {
		w += r.advance(f, size, c)
	}
	return w
}

// wrap breaks a cleaned text into lines no wider than the given points: after spaces, after a hyphen or stroke between
// letters, and inside a word only where it is wider than the line. A line that ends between words keeps one space at
// its end: nobody sees it, but programs that read the text aloud or copy it need it between the words.
func (r *Renderer) wrap(f face, size float64, text string, width float64) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(text, "\n") {
		lines = r.wrapParagraph(lines, f, size, paragraph, width)
	}
	return lines
}

func (r *Renderer) wrapParagraph(lines []string, f face, size float64, text string, width float64) []string {
	start, breakAt := 0, 0       // of the line, in bytes; the last place where it may end
	used, sinceBreak := 0.0, 0.0 // widths from start and from breakAt to here
	var before rune
	for i, c := range text {
		if (before == '-' || before == '/') && i > start+1 && unicode.IsLetter(c) && letterBefore(text[:i-1]) {
			breakAt, sinceBreak = i, 0
		}
		w := r.advance(f, size, c)
		for used+w > width && c != ' ' && i > start {
			if breakAt <= start {
				breakAt, sinceBreak = i, 0
			}
			if line := lineOf(text[start:breakAt]); line != "" {
				lines = append(lines, line)
			}
			start, used = breakAt, sinceBreak
		}
		used += w
		sinceBreak += w
		if c == ' ' {
			breakAt, sinceBreak = i+1, 0
		}
		before = c
	}
	return append(lines, lineOf(text[start:]+" "))
}

// lineOf leaves one of the spaces at the end of a line, and nothing of a line of spaces.
func lineOf(s string) string {
	trimmed := strings.TrimRight(s, " ")
	if trimmed == "" || trimmed == s {
		return trimmed
	}
	return trimmed + " "
}

func letterBefore(s string) bool {
	c, _ := utf8.DecodeLastRuneInString(s)
	return unicode.IsLetter(c)
}

// balance narrows centred lines so that they are of like length: a title never ends in one lonely word.
func (r *Renderer) balance(f face, size float64, text string, width float64) []string {
	lines := r.wrap(f, size, text, width)
	if len(lines) < 2 {
		return lines
	}
	low, high := width/float64(len(lines)), width
	for range 6 {
		mid := (low + high) / 2
		if len(r.wrap(f, size, text, mid)) > len(lines) || slices.ContainsFunc(strings.Fields(text), func(word string) bool {
			return r.width(f, size, word) > mid
		}) {
			low = mid
		} else {
			high = mid
		}
	}
	return r.wrap(f, size, text, high)
}
