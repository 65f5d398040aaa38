package portal

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	pdfs "elicense/internal/pdf"
)

// printing opens a journey whose papers are really printed.
func printing(t *testing.T) *journey {
	t.Helper()
	j := openJourney(t)
	renderer, err := pdfs.New()
	must(t, err)
	j.Renderer, j.Glyphs, j.Filing.Glyphs = renderer, renderer, renderer
	return j
}

func TestTextThatCannotBePrintedIsRefusedAtItsField(t *testing.T) {
	j := printing(t)
	j.begin()
	for l, words := range map[string]string{"kk": "«漢» таңбасын (U+6F22) құжатқа басып шығару мүмкін емес", "ru": "Символ «漢» (U+6F22) нельзя напечатать", "en": "The character “漢” (U+6F22) cannot be printed"} {
		values := personal()
		values.Set("street_ru", "Мәңгілік 漢 Ел")
		values.Set("go", "next")
		path := "/" + l + "/applications/" + j.number + "/pages/personal"
		values.Set("version", hidden(t, j.get(path, http.StatusOK), "version"))
		body, _ := j.send(path, values, http.StatusUnprocessableEntity)
		j.holds(html.UnescapeString(body), words, `href="#f-street_ru"`, `value="Мәңгілік 漢 Ел"`)
	}
	// Beyond the first plane too, and in place of the vaguer message.
	for c, code := range map[string]string{"😀": "U+1F600", "🦄": "U+1F984"} {
		values := personal()
		values.Set("house", "8 "+c)
		body, _ := j.fill("personal", values, http.StatusUnprocessableEntity)
		j.holds(body, "«"+c+"» таңбасын ("+code+")")
		j.holds(j.get(j.at("/check"), http.StatusOK), "«"+c+"» таңбасын ("+code+")")
	}
	// The draft is printed all the same, with a mark where the character stood.
	j.holds(j.get(j.at("/download"), http.StatusOK), "%PDF-")
	if got := j.seen("8 🦄漢🦄 ₸"); got != "8 \ufffd\ufffd\ufffd ₸" {
		t.Errorf("printed as %q", got)
	}
	j.fill("personal", personal(), http.StatusSeeOther)
	j.lacks(j.get(j.at("/check"), http.StatusOK), "U+1F600")
}

// A permit cannot be asked for with such a text by any way round the page.
func TestTextThatCannotBePrintedCannotBeSigned(t *testing.T) {
	j := printing(t)
	j.prepared()
	values := trade()
	values.Set("seller", "Example 化学 Co.")
	j.fill("trade", values, http.StatusUnprocessableEntity)
	_, resp := j.fetch(j.at("/sign"), http.StatusSeeOther)
	if resp.Header.Get("Location") != j.at("/check") {
		t.Errorf("went to %s", resp.Header.Get("Location"))
	}
}

func TestProfileRefusesWhatCannotBePrinted(t *testing.T) {
	j := printing(t)
	shown := j.get("/kk/profile", http.StatusOK)
	body, _ := j.late("/kk/profile", shown, url.Values{"email": {"a@example.kz"}, "phone": {"+7 701 123 45 67"}, "lang": {"kk"}, "street_ru": {"Ел 漢"}}, http.StatusUnprocessableEntity)
	j.holds(html.UnescapeString(body), "«漢» таңбасын (U+6F22)", `value="Ел 漢"`)
	if strings.Contains(j.get("/kk/profile", http.StatusOK), "漢") {
		t.Error("it was stored")
	}
}
