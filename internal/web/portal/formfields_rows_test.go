package portal

import (
	"bytes"
	"io/fs"
	"net/url"
	"strings"
	"testing"

	"elicense/internal/civil"
	"elicense/internal/form"
	"elicense/internal/lang"
	"elicense/internal/reference"
	"elicense/internal/service"
	"elicense/services"
)

// The territory of the numbering resource: what is ticked and typed comes back, with the choice and its total.
func TestTerritory(t *testing.T) {
	v := peoplePortal(t)
	_, _, lib, err := service.ReadCommon(services.Files)
	if err != nil {
		t.Fatal(err)
	}
	folder, err := fs.Sub(services.Files, "numbering-resource")
	if err != nil {
		t.Fatal(err)
	}
	src, err := service.ReadSource(folder)
	if err != nil {
		t.Fatal(err)
	}
	rev, err := service.NewRevision(src, lib, 1)
	if err != nil {
		t.Fatal(err)
	}
	dir, _ := rev.Definition.Directory("territory")
	rows, err := reference.ReadRows(bytes.NewReader(src["territory.csv"]), "numbering-resource/territory", &dir)
	if err != nil {
		t.Fatal(err)
	}
	f := form.Form{Revision: rev, Dirs: reference.Fixed(v.pages.Reference.Set(), rev, map[string][]service.Row{"territory": rows}), Day: civil.New(2026, 11, 22)}
	pg := rev.Definition.Pages[1]
	r := sent(t, lang.KK, url.Values{
		"territory": {"750000000", "351010000"}, "territory.750000000": {"1 000"}, "territory.351010000": {"көп"},
		"territory.710000000": {"5"},                                 // typed without ticking
		"territory.150000000": {"7"}, "territory.was": {"150000000"}, // unticked
	})
	if err := r.ParseForm(); err != nil {
		t.Fatal(err)
	}
	field, _ := rev.Definition.Field("territory")
	answer := f.Normalise(field, v.pages.readPage(r, f, pg)["territory"])
	if want := `[{"code":"351010000","count":"көп"},{"code":"710000000","count":"5"},{"code":"750000000","count":"1000"}]`; answer != want {
		t.Fatalf("%s, not %s", answer, want)
	}
	answers := form.Answers{"territory": answer}
	problems, err := f.Check("territory", answers, form.Facts{Today: f.Day})
	if err != nil {
		t.Fatal(err)
	}
	errs := v.pages.fieldErrors(r, f, problems)
	if len(errs) != 1 || errs[0].Path != "territory.351010000" || !strings.HasSuffix(errs[0].Label, ", Қарағанды") {
		t.Errorf("%v", errs)
	}
	var page strings.Builder
	if err := v.pages.fields(r, f, pg, answers, nil, nil, errs, "/x", findState{}, nil).Render(t.Context(), &page); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"Сіздің таңдауыңыз", "Алматы қаласы (727)", "Түркістан облысы", `id="f-territory-351010000"`, `value="көп"`, "1\u00a0000", "show:territory", "<details", `<span class="star" aria-hidden="true">*</span>`} {
		if !strings.Contains(page.String(), part) {
			t.Errorf("the page lacks %q", part)
		}
	}
	if strings.Contains(page.String(), "Оңтүстік Қазақстан") {
		t.Error("a region of another day is shown")
	}
}

func TestRows(t *testing.T) {
	field := service.Field{Key: "goods", Type: service.TypeRows, Max: 3, Fields: []service.Field{{Key: "a", Type: service.TypeText}, {Key: "b", Type: service.TypeNumber}}}
	for name, c := range map[string]struct {
		sent url.Values
		want string
	}{
		"typed":        {url.Values{"goods.rows": {"2"}, "goods.1.a": {"x"}, "goods.2.b": {"wrong"}}, `[{"a":"x"},{"b":"wrong"}]`},
		"nothing":      {url.Values{"goods.rows": {"2"}}, ""},
		"added":        {url.Values{"goods.rows": {"1"}, "goods.1.a": {"x"}, "row": {"add:goods"}}, `[{"a":"x"},{}]`},
		"removed":      {url.Values{"goods.rows": {"2"}, "goods.1.a": {"x"}, "goods.2.a": {"y"}, "row": {"remove:goods:1"}}, `[{"a":"y"}]`},
		"removed none": {url.Values{"goods.rows": {"1"}, "goods.1.a": {"x"}, "row": {"remove:goods:9"}}, `[{"a":"x"}]`},
		"other field":  {url.Values{"goods.rows": {"1"}, "goods.1.a": {"x"}, "row": {"add:other"}}, `[{"a":"x"}]`},
		"hostile":      {url.Values{"goods.rows": {"999999999"}, "goods.999.a": {"x"}}, ""},
	} {
		if got := readRows(sent(t, lang.KK, c.sent), field); got != c.want {
			t.Errorf("%s: %s, not %s", name, got, c.want)
		}
	}
}
