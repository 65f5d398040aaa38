package pdf

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/port"
)

var update = flag.Bool("update", false, "write the golden files")

func TestGoldenText(t *testing.T) {
	for _, l := range lang.All() {
		t.Run(string(l), func(t *testing.T) {
			out := render(t, tradeLicence(l))
			checked(t, out)
			got := textOf(t, out)
			path := filepath.Join("testdata", "trade-licence."+string(l)+".txt")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("the text of the licence changed (-update writes it anew):\n%s", got)
			}
			if pages := strings.Count(got, "\f"); pages != 1 {
				t.Errorf("the sample licence takes %d pages, want 1", pages)
			}
		})
	}
}

func TestSameInputSameBytes(t *testing.T) {
	want := render(t, tradeLicence(lang.KK))
	other, err := New()
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for _, l := range []lang.Lang{lang.EN, lang.RU, lang.KK} {
				got, err := other.Render(context.Background(), tradeLicence(l))
				if err != nil || l == lang.KK && !bytes.Equal(got, want) {
					t.Errorf("another renderer gave other bytes (%v)", err)
				}
			}
		})
	}
	wait.Wait()
	later := tradeLicence(lang.KK)
	later.Issued = later.Issued.Add(time.Second)
	if bytes.Equal(render(t, later), want) {
		t.Error("the time of issue is not in the file")
	}
}

func TestEveryLetter(t *testing.T) {
	values := []string{
		"АаӘәБбВвГгҒғДдЕеЁёЖжЗзИиЙйКкҚқЛлМмНнҢңОоӨөПпРрСсТтУуҰұҮүФфХхҺһЦцЧчШшЩщЪъЫыІіЬьЭэЮюЯя",
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyzÄÖÜäöüßÇçĞğİıŞşŁłŽž",
		"0123456789 ₸ € $ £ № § ° % ‰ ± × ÷ ≤ ≥ ≠ – — … « » “ ” „ ’ • → ² ³ ½ µ Ω",
		"Հայաստան საქართველო ҳӣўқғ ʻʼ Ελλάδα Tiếng Việt",
		// The same shape in two alphabets stays two characters.
		"AАEЕOОPРCСHНBВ aаeеoоpрcсyуxх",
	}
	for _, l := range lang.All() {
		d := port.Paper{Lang: l, Title: values[0], StateBody: values[0], Subtitle: values[1]}
		for _, v := range values {
			d.Rows = append(d.Rows, port.Row{Cells: []port.Cell{{Value: v}}})
			d.Signatory = append(d.Signatory, port.Labelled{Label: "№", Value: v})
		}
		d.Number = port.Labelled{Label: values[0], Value: values[2]}
		out := render(t, d)
		checked(t, out)
		squeezed := squeeze(textOf(t, out))
		for _, v := range values {
			if !strings.Contains(squeezed, squeeze(v)) {
				t.Errorf("%s: not every character of %q comes back", l, v)
			}
		}
	}
}

// squeeze leaves out all white space, which layout is free to change.
func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }

func TestInjection(t *testing.T) {
	values := []string{
		`) Tj ET BT (`, `\) \( \\ \n`, `<</JS(app.alert(1))/S/JavaScript>>`, `/OpenAction /AA /Launch /URI`, `>Tj ET Q endstream endobj`,
		`{{.}} ${7*7} <%= 1 %> #{x} {% y %}`, `%%EOF`, `/ByteRange[0 1 2 3]`, `<script>alert(1)</script>`, `]]> --> &amp; &#47;`,
	}
	d := port.Paper{Lang: lang.RU, Title: strings.Join(values, " "), StateBody: values[2], Issued: time.Unix(0, 0)}
	for _, v := range values {
		d.Rows = append(d.Rows, port.Row{Cells: []port.Cell{{No: v, Label: v, Value: v}}})
		d.Notes = append(d.Notes, v)
	}
	d.Number, d.Verify = port.Labelled{Label: values[0], Value: values[1]}, port.Verify{URL: "https://elicense.example.kz/?" + values[0], Text: values[2]}
	out := render(t, d)
	checked(t, out)
	got := squeeze(textOf(t, out))
	for _, v := range values {
		if !strings.Contains(got, squeeze(v)) {
			t.Errorf("%q is not on the page as it was given", v)
		}
	}
	for _, banned := range []string{"/JS", "/JavaScript", "/AA", "/OpenAction", "/Launch", "/URI", "/SubmitForm", "/EmbeddedFile", "/ByteRange"} {
		if bytes.Contains(out, []byte(banned)) {
			t.Errorf("the file holds %s", banned)
		}
	}
}

func TestNothingInvisible(t *testing.T) {
	for name, v := range map[string]string{
		"control": "a\x00b\x1b[31mc\x7f", "bidi": "safe\u202Egnp.exe\u2066x\u2069", "zero width": "one\u200Btwo\u200D\uFEFF", "soft hyphen": "so\u00ADft",
		"tags": "x\U000E0041y", "broken": "a\xff\xc3(b", "selector": "a\uFE0F",
	} {
		d := port.Paper{Lang: lang.EN, Rows: []port.Row{{Cells: []port.Cell{{Value: v}}}}}
		out := render(t, d)
		checked(t, out)
		got := strings.TrimSpace(textOf(t, out))
		if want := strings.TrimSpace(clean(v)); got != want {
			t.Errorf("%s: page says %q, want %q", name, got, want)
		}
		if !strings.Contains(got, "\uFFFD") {
			t.Errorf("%s: the place is not marked: %q", name, got)
		}
	}
	lines := render(t, port.Paper{Lang: lang.EN, Rows: []port.Row{{Cells: []port.Cell{{Value: "one\r\ntwo\rthree\u2028four\tжаи\u0306"}}}}})
	if got := strings.Join(strings.Fields(textOf(t, lines)), "|"); got != "one|two|three|four|жай" {
		t.Errorf("line ends, tab, composed letter: %q", got)
	}
}

func TestMissingGlyph(t *testing.T) {
	for _, tc := range []struct{ value, code string }{{"中文", "U+4E2D"}, {"אבג", "U+05D0"}, {"العربية", "U+0627"}, {"ok 😀", ""}, {"𝕏𒀀", "U+12000"}} {
		for _, d := range []port.Paper{
			{Lang: lang.KK, Title: tc.value}, {Lang: lang.KK, Rows: []port.Row{{Cells: []port.Cell{{Value: "x " + tc.value}}}}},
			{Lang: lang.KK, Watermark: tc.value}, {Lang: lang.KK, Verify: port.Verify{Text: tc.value}},
		} {
			_, err := renderer(t).Render(context.Background(), d)
			f, _ := fault.As(err)
			missing, unprintable := renderer(t).Missing(tc.value)
			if tc.code == "" && !unprintable {
				continue // a font may learn to draw it; then both agree
			}
			if f == nil || f.Kind != fault.Internal || f.Key != "pdf.glyph" || tc.code != "" && f.Args["code"] != tc.code {
				t.Errorf("%q: %v", tc.value, err)
			}
			if !unprintable || tc.code != "" && noGlyph(missing).(*fault.Fault).Args["code"] != tc.code {
				t.Errorf("Missing(%q) = %U, %v", tc.value, missing, unprintable)
			}
		}
	}
	if c, bad := renderer(t).Missing("Ұлы дала, 5 ₸\n"); bad {
		t.Errorf("Missing finds %U in plain text", c)
	}
}

func TestRefusals(t *testing.T) {
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	long := strings.Repeat("сөз ", 20_000)
	var many []port.Row
	for range 60 {
		many = append(many, port.Row{Cells: []port.Cell{{Value: long}}})
	}
	for _, tc := range []struct {
		name, key string
		kind      fault.Kind
		d         port.Paper
	}{
		{"no language", "pdf.lang", fault.Invalid, port.Paper{}},
		{"unknown language", "pdf.lang", fault.Invalid, port.Paper{Lang: "de"}},
		{"address too long for a code", "pdf.qr", fault.Invalid, port.Paper{Lang: lang.RU, Verify: port.Verify{URL: "https://x/" + strings.Repeat("y", 3000)}}},
		{"too many pages", "pdf.pages", fault.TooLarge, port.Paper{Lang: lang.RU, Rows: many}},
		{"endless signatory", "pdf.closing", fault.TooLarge, port.Paper{Lang: lang.RU, Signatory: []port.Labelled{{Value: long}}}},
		{"endless title", "pdf.head", fault.TooLarge, port.Paper{Lang: lang.RU, Title: long}},
		{"endless number", "pdf.head", fault.TooLarge, port.Paper{Lang: lang.RU, Number: port.Labelled{Value: long}}},
	} {
		_, err := renderer(t).Render(context.Background(), tc.d)
		if !fault.Is(err, tc.key) || fault.KindOf(err) != tc.kind {
			t.Errorf("%s: %v, want %s", tc.name, err, tc.key)
		}
	}
	if _, err := renderer(t).Render(cancelled, tradeLicence(lang.KK)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestLongValue(t *testing.T) {
	var b strings.Builder
	for i := 0; b.Len() < 18_000; i++ { // 10,000 characters of Cyrillic
		b.WriteString("мәлімет" + string(rune('а'+i%32)) + " ")
	}
	for name, value := range map[string]string{"words": b.String(), "one word": strings.Repeat("Ұзын", 2500)} {
		d := tradeLicence(lang.KK)
		d.Rows = append(d.Rows, port.Row{Cells: []port.Cell{{No: "19", Label: "Ұзын", Value: value, Width: 9}, {Label: "қысқа", Value: "бар"}}})
		out := render(t, d)
		checked(t, out)
		if !strings.Contains(squeeze(tool(t, out, "pdftotext", "-raw", "FILE", "-")), squeeze(value)[:1000]) {
			t.Errorf("%s: the beginning is lost", name)
		}
		body := squeeze(value)
		pages := 0
		for page := range strings.SplitSeq(tool(t, out, "pdftotext", "-raw", "FILE", "-"), "\f") {
			for line := range strings.Lines(page) {
				body = strings.Replace(body, squeeze(line), "", 1)
			}
			pages++
		}
		if len(body) > 0 {
			t.Errorf("%s: %d bytes of the value are on no page", name, len(body))
		}
		if pages--; pages < 3 || !strings.Contains(textOf(t, out), "1/") {
			t.Errorf("%s: %d pages, or no page numbers", name, pages)
		}
	}
}

func TestDraftAndMark(t *testing.T) {
	d := tradeLicence(lang.RU)
	d.Draft = true
	text := textOf(t, render(t, d))
	if !strings.Contains(text, "ПРОЕКТ") || strings.Contains(text, d.Verify.HostInWords) {
		t.Errorf("a draft says that it is one and offers nothing to check:\n%s", text)
	}
	d = tradeLicence(lang.EN)
	d.Watermark = "DEMO"
	// The letters of a slanted word come apart in the text; the mark is on the page when the letters are more than before.
	before, after := textOf(t, render(t, tradeLicence(lang.EN))), textOf(t, render(t, d))
	if strings.Count(after, "O") <= strings.Count(before, "O") {
		t.Error("the mark is not on the page")
	}
}

func TestDescription(t *testing.T) {
	out := render(t, tradeLicence(lang.KK))
	info := tool(t, out, "pdfinfo", "FILE")
	for _, want := range []string{"Title:           ЛИЦЕНЗИЯ KZ50LTL00000001", "Tagged:          yes", "JavaScript:      no", "Form:            none", "Page size:       595.28 x 841.89 pts (A4)",
		"CreationDate:", "Producer:        elicense"} {
		if !strings.Contains(info, want) {
			t.Errorf("pdfinfo lacks %q:\n%s", want, info)
		}
	}
	if !bytes.Contains(out, []byte("/Lang(kk)")) {
		t.Error("the language is not set")
	}
	structure := tool(t, out, "pdfinfo", "-struct-text", "FILE")
	for _, want := range []string{"H1 (block)", `"ЛИЦЕНЗИЯ `, "Figure", `"2 Қолданылу мерзімі 22.11.2026 бастап 31.12.2026 дейін `} {
		if !strings.Contains(structure, want) {
			t.Errorf("the structure lacks %q:\n%s", want, structure)
		}
	}
	for line := range strings.Lines(tool(t, out, "pdffonts", "FILE")) {
		if strings.Contains(line, "+") && !strings.Contains(line, "yes yes yes") {
			t.Errorf("a font is not embedded, not a subset or not mapped to Unicode: %s", line)
		}
	}
}

func BenchmarkRender(b *testing.B) {
	r, d := renderer(b), tradeLicence(lang.KK)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := r.Render(context.Background(), d); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "papers/s")
}
