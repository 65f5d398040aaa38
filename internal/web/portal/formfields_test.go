package portal

import (
	"bytes"
	"compress/gzip"
	"context"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"elicense/internal/application"
	"elicense/internal/form"
	"elicense/internal/lang"
	"elicense/internal/service"
	"elicense/internal/web"
	"elicense/internal/web/page"
	"elicense/locales"
	"elicense/services"
)

// tradeForm is the form of a service with fields of every kind.
func tradeForm(t *testing.T, p *Portal) form.Form {
	t.Helper()
	folder, err := fs.Sub(services.Files, "trade-licence")
	if err != nil {
		t.Fatal(err)
	}
	src, err := service.ReadSource(folder)
	if err != nil {
		t.Fatal(err)
	}
	_, _, lib, err := service.ReadCommon(services.Files)
	if err != nil {
		t.Fatal(err)
	}
	rev, err := service.NewRevision(src, lib, 1)
	if err != nil {
		t.Fatal(err)
	}
	dirs, err := p.Reference.For(t.Context(), rev)
	if err != nil {
		t.Fatal(err)
	}
	return form.Form{Revision: rev, Dirs: dirs}
}

// sent is a request as it arrives with a form.
func sent(t testing.TB, l lang.Lang, values url.Values) *web.Request {
	t.Helper()
	texts, err := lang.Load(locales.Files)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/"+string(l)+"/x", strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return &web.Request{Request: r, Lang: l, Say: texts.In(l)}
}

func TestFieldsOfEveryType(t *testing.T) {
	v := peoplePortal(t)
	f := tradeForm(t, v.pages)
	types := map[service.Type]string{
		service.TypeText: `type="text"`, service.TypeLongText: "<textarea", service.TypeNumber: `inputmode="decimal"`, service.TypeMoney: `inputmode="decimal"`,
		service.TypeDate: `class="w10 code"`, service.TypeYesNo: `type="radio"`, service.TypeConfirm: `type="checkbox"`, service.TypeCountry: "<option", service.TypeCurrency: "(KZT)",
		service.TypeUnit: "<option", service.TypeGoods: `data-lookup="/kk/directories/trade-licence/`, service.TypePlace: "data-lookup", service.TypePhone: `type="tel"`,
	}
	for _, l := range lang.All() {
		r := sent(t, l, nil)
		for _, pg := range f.Revision.Definition.Pages {
			var out bytes.Buffer
			packed := gzip.NewWriter(&out)
			var plain bytes.Buffer
			if err := v.pages.fields(r, f, pg, form.Answers{}, nil, nil, nil, "/kk/directories/trade-licence", findState{}, nil).Render(context.Background(), &plain); err != nil {
				t.Fatal(err)
			}
			_, _ = packed.Write(plain.Bytes())
			_ = packed.Close()
			if out.Len() > 25<<10 {
				t.Errorf("%s in %s weighs %d bytes", pg.Key, l, out.Len())
			}
			if strings.Contains(plain.String(), "⟦") {
				t.Errorf("%s in %s: a text is missing", pg.Key, l)
			}
			for _, field := range pg.Fields {
				if want := types[field.Type]; !strings.Contains(plain.String(), want) || !strings.Contains(plain.String(), `name="`+field.Key) {
					t.Errorf("%s in %s: %s lacks %s", pg.Key, l, field.Key, want)
				}
			}
		}
	}
}

func TestFieldsShowAnswersErrorsAndSources(t *testing.T) {
	v := peoplePortal(t)
	f, pg, err := v.pages.profileForm(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 22, 9, 5, 0, 0, time.UTC)
	var out bytes.Buffer
	err = v.pages.fields(sent(t, lang.KK, nil), f, pg, form.Answers{"house": "5", "phones": "+77272500000", "faxes": "12"}, map[string]bool{"house": true, "phones": true, "faxes": true},
		map[string]application.Source{"house": {From: "registry", At: at}}, page.Errors{{Path: "faxes", Text: "қате нөмір"}}, "/l", findState{}, nil).Render(t.Context(), &out)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Заңды тұлғалар МДБ, 22.11.2026 14:05", `value="5"`, `value="+7 727 250 00 00"`, `value="12"`, "қате нөмір"} {
		if !strings.Contains(strings.ReplaceAll(out.String(), "&#43;", "+"), want) {
			t.Errorf("lacks %q", want)
		}
	}
	if strings.Contains(out.String(), `name="street_ru"`) {
		t.Error("a hidden field is shown")
	}
}

func TestReadPage(t *testing.T) {
	v := peoplePortal(t)
	f, pg, err := v.pages.profileForm(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	city, _ := f.Revision.Definition.Field("city")
	found, _ := v.pages.searchDirectory(sent(t, lang.KK, nil), f, city, "Көкшетау")
	if len(found) == 0 {
		t.Fatal("no such town")
	}
	code, name := found[0].Value, found[0].Text
	for _, c := range []struct{ what, code, text, want string }{
		{"nothing", "", "", ""},
		{"chosen by the script", code, name, code},
		{"chosen after Find", code, "көкшетау", code},
		{"chosen, the box is empty", code, "", code},
		{"changed by hand", code, "Атлантида", "Атлантида"},
		{"only text", "", "Көкшетау", "Көкшетау"},
		{"a code", "", code, code},
		{"a code that differs", code, "750000000", "750000000"},
		{"a code that is none", "999", "Атлантида", "Атлантида"},
	} {
		got := v.pages.readPage(sent(t, lang.KK, url.Values{"city": {c.code}, "city.q": {c.text}}), f, pg)["city"]
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
	if values := v.pages.readPage(sent(t, lang.KK, url.Values{}), f, pg); len(values) != len(pg.Fields) || values["small_business"] != "" {
		t.Errorf("boxes that are not ticked: %v", values)
	}
}

// A heading of goods is no answer: what is found are the entries below it.
func TestSearchGivesAnswersOnly(t *testing.T) {
	v := peoplePortal(t)
	f := tradeForm(t, v.pages)
	for _, pg := range f.Revision.Definition.Pages {
		for _, field := range pg.Fields {
			if field.Type != service.TypeGoods {
				continue
			}
			list, message := v.pages.searchDirectory(sent(t, lang.RU, nil), f, field, "0201")
			if len(list) == 0 || message == "" {
				t.Fatal("nothing found")
			}
			for _, o := range list {
				if f.Problem(field, o.Value) != "" {
					t.Errorf("%s cannot be chosen", o.Value)
				}
			}
		}
	}
}

func FuzzNext(f *testing.F) {
	for _, s := range []string{"/kk/profile", "//evil.example", "/ru//x", "/kk/a?b=c", "/kk/%2e%2e/", "\\\\x", "/en/#a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, next string) {
		r := &web.Request{Request: &http.Request{Method: http.MethodGet, URL: &url.URL{Path: "/ru/login", RawQuery: url.Values{"next": {next}}.Encode()}}, Lang: lang.RU}
		got := r.Next()
		if got == "" {
			return
		}
		u, err := url.Parse(got)
		if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(got, "/ru/") || strings.Contains(got, "//") && !strings.Contains(u.RawQuery, "//") || strings.ContainsAny(got, "\r\n\\") {
			t.Errorf("%q leads to %q", next, got)
		}
	})
}
