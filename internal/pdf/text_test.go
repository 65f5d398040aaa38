package pdf

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestWrapLosesNothing(t *testing.T) {
	r := renderer(t)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.SampledFrom([]rune("abжҚ ӘіЩW-/1. \n₸")), 0, 200, -1).Draw(t, "text")
		width := rapid.Float64Range(20, 300).Draw(t, "width")
		lines := r.wrap(faceSans(), 10, text, width)
		if got, want := squeeze(strings.Join(lines, " ")), squeeze(text); got != want {
			t.Fatalf("%q became %q", want, got)
		}
		for _, line := range lines {
			line = strings.TrimRight(line, " ")
			if w := r.width(faceSans(), 10, line); w > width+0.001 && utf8.RuneCountInString(line) > 1 {
				t.Fatalf("%q is %.2f wide, room is %.2f", line, w, width)
			}
		}
	})
}

func TestWrapBreaksBetweenWords(t *testing.T) {
	r := renderer(t)
	text := "Қазақстан Республикасының Сауда және интеграция министрлігі, KZ50LTL00000001, 01-02-2026"
	for width := 130.0; width < 500; width += 7 {
		for _, line := range r.wrap(faceSans(), 10, text, width) {
			for word := range strings.FieldsSeq(line) {
				if !strings.Contains(" "+text+" ", " "+word+" ") {
					t.Fatalf("width %.0f tears %q", width, word)
				}
			}
		}
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"", "Ұлы", "a\u202Eb", "\xff\xfe", "и\u0306", "e\u0301\u0301\u034F", "\r\n\t\u2028"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := clean(s)
		if !utf8.ValidString(got) {
			t.Fatalf("%q is not UTF-8", got)
		}
		for _, c := range got {
			if c != '\n' && (unicode.In(c, unicode.Cc, unicode.Cf, unicode.Co) || invisible(c)) {
				t.Fatalf("%U is left in %q", c, got)
			}
		}
		if again := clean(got); again != got {
			t.Fatalf("cleaning twice gives %q, once %q", again, got)
		}
		if plain(s) && got != s {
			t.Fatalf("plain text changed: %q to %q", s, got)
		}
	})
}
