package page_test

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/web/page"
)

func words() *page.Words { return page.NewWords(func(key string) string { return "[" + key + "]" }) }

func render(t *testing.T, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func has(t *testing.T, html string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(html, p) {
			t.Errorf("lacks %q in\n%s", p, html)
		}
	}
}

func hasNot(t *testing.T, html string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if strings.Contains(html, p) {
			t.Errorf("has %q in\n%s", p, html)
		}
	}
}

func TestWordKeysAreDistinct(t *testing.T) {
	keys := page.WordKeys()
	slices.Sort(keys)
	if n := len(keys); n < 40 || len(slices.Compact(keys)) != n {
		t.Errorf("%d keys, some of them twice", n)
	}
}

func chrome() *page.Chrome {
	return &page.Chrome{Lang: lang.KK, Words: words(), Title: "Бет", System: "Е-лицензиялау", Home: "/kk/", Origin: "https://example.test",
		Files:     page.Files{Style: "/assets/style.x.css", Sprite: "/assets/sprite.x.svg", Scripts: []string{"/assets/sign.x.js"}},
		Languages: []page.LanguageLink{{Lang: lang.KK, Name: "Қазақша", Short: "Қаз", Href: "/kk/p", Current: true}, {Lang: lang.RU, Name: "Русский", Short: "Рус", Href: "/ru/p"}}}
}

func TestLayout(t *testing.T) {
	c := chrome()
	html := render(t, page.Layout(c, page.Title(page.Heading{Text: "Бет"})))
	has(t, html, `<html lang="kk">`, "<title>Бет – Е-лицензиялау</title>", `hreflang="ru" href="https://example.test/ru/p"`,
		`<script type="module" src="/assets/sign.x.js">`, `<main id="main" tabindex="-1">`)
	hasNot(t, html, "<style", " style=", "session-warning", `class="demo"`, "noindex")
	if first := regexp.MustCompile(`<a [^>]*>`).FindString(html); !strings.Contains(first, "#main") {
		t.Errorf("the first link is %s, not the skip link", first)
	}

	c.Failed, c.Demo, c.NoIndex = true, "DEMO", true
	c.Account = &page.Account{Name: "A <b>", LogOut: "/log-out", CSRF: "secret"}
	c.Session = &page.Session{Text: "ends 14:35", Seconds: 1800, Warn: 300, Extend: "/stay", CSRF: "secret"}
	html = render(t, page.Layout(c, page.Title(page.Heading{Text: "Бет"})))
	has(t, html, "<title>[page.error-prefix] Бет", "DEMO", "noindex", "A &lt;b&gt;",
		`<form method="post" action="/log-out"`, `name="csrf_token" value="secret"`, "ends 14:35", `data-session="1800"`)
}

func TestFieldSpeaksToScreenReaders(t *testing.T) {
	f := page.Field{Name: "a b[1]", Label: "Label", Hint: "hint", Error: "wrong", Source: "registry", Required: true, Value: `"><script>`}
	html := render(t, page.TextInput(words(), page.TextField{Field: f}))
	has(t, html, `id="f-a-b-1-"`, `for="f-a-b-1-"`, `aria-describedby="f-a-b-1--hint f-a-b-1--source f-a-b-1--error"`,
		`aria-invalid="true"`, `aria-required="true"`, "[page.error-prefix]", "[page.required]", "[page.source] registry", "&#34;&gt;&lt;script&gt;")
	hasNot(t, html, " required", "<script>")
	plain := render(t, page.TextInput(words(), page.TextField{Field: page.Field{Name: "a", Label: "L"}}))
	hasNot(t, plain, "aria-", "page.error-prefix", "page.required")
}

func TestErrorSummaryLeadsToTheFields(t *testing.T) {
	es := page.Errors{{Path: "street", Text: "Enter the street"}, {Text: "Quota is used up"}, {Path: "x", ID: "other", Text: "t"}}
	html := render(t, page.ErrorSummary(words(), es))
	has(t, html, `href="#f-street"`, `href="#other"`, "autofocus", "<li>Quota is used up</li>")
	radios := render(t, page.Radios(words(), page.ChoiceField{Field: page.Field{Name: "street", Label: "L", Error: es.For("street")}, Options: []page.Option{{Value: "1", Text: "One"}, {Value: "2", Text: "Two"}}}))
	has(t, radios, `id="f-street" name="street" value="1"`, `id="f-street-1"`)
	if html := render(t, page.ErrorSummary(words(), nil)); html != "" {
		t.Errorf("no errors gave %q", html)
	}
	if es.For("") != "" || es.For("nothing") != "" {
		t.Error("errors of the whole form belong to no field")
	}
}

func TestErrorsOf(t *testing.T) {
	say := func(key string, args fault.Args) string { return key + args["n"] }
	fields := fault.Fields([]fault.Field{{Path: "a", Key: "fault.a", Args: fault.Args{"n": "7"}}, {Path: "b", Key: "fault.b"}})
	for name, c := range map[string]struct {
		err  error
		want page.Errors
	}{
		"none":    {nil, nil},
		"foreign": {errors.New("secret detail"), nil},
		"fields":  {fields, page.Errors{{Path: "a", Text: "fault.a7"}, {Path: "b", Text: "fault.b"}}},
		"whole":   {fault.New(fault.Conflict, "fault.draft-exists"), page.Errors{{Text: "fault.draft-exists"}}},
	} {
		if got := page.ErrorsOf(c.err, say); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestHostileAddressesAreDisarmed(t *testing.T) {
	for name, c := range map[string]templ.Component{
		"button": page.OneButton(page.Button{Text: "t", Href: "javascript:alert(1)"}),
		"action": page.OneButton(page.Button{Text: "t", Action: "javascript:alert(1)"}),
		"form":   page.FormBox(words(), page.Form{Action: "javascript:alert(1)"}),
		"table":  page.DataTable(page.Table{ID: "t", Columns: []page.Column{{Text: "c"}}, Rows: [][]page.Cell{{{Text: "x", Href: "javascript:alert(1)"}}}}),
	} {
		if html := render(t, c); strings.Contains(html, "javascript:") {
			t.Errorf("%s: %s", name, html)
		}
	}
}

func TestFormCarriesItsHiddenFields(t *testing.T) {
	html := render(t, page.FormBox(words(), page.Form{Action: "/a", CSRF: "c", Key: "k", Version: "7", Default: "Next", Multipart: true, Autosave: "/save"}))
	has(t, html, `name="csrf_token" value="c"`, `name="idempotency_key" value="k"`, `name="version" value="7"`, "novalidate",
		`enctype="multipart/form-data"`, `data-autosave="/save"`, "data-autosave-status")
	if strings.Index(html, `value="next"`) > strings.Index(html, "csrf_token") {
		t.Error("the default button must come before any other")
	}
	bare := render(t, page.FormBox(words(), page.Form{Action: "/a", CSRF: "c"}))
	hasNot(t, bare, "idempotency_key", "version", "multipart", "autosave", `value="next"`)
}

func TestTextBoxHasNoAttributeThatIsAWord(t *testing.T) {
	for _, f := range []page.TextField{{}, {Width: "20"}, {Code: true}, {Width: "20", Code: true}} {
		hasNot(t, render(t, page.TextInput(words(), f)), " else", " if")
	}
	has(t, render(t, page.TextInput(words(), page.TextField{Code: true})), `class="code"`)
}

func TestStackedTableKeepsItsRoles(t *testing.T) {
	tab := page.Table{ID: "t", Caption: "Cap", Stack: true, Columns: []page.Column{{Text: "Number"}, {Text: "View", Hidden: true}},
		Rows: [][]page.Cell{{{Text: "KZ1", Header: true}, {Text: "View", Href: "/v", About: "KZ1"}}}}
	html := render(t, page.DataTable(tab))
	has(t, html, `role="table"`, `role="row"`, `role="rowheader"`, `role="cell"`, `data-label="Number"`)
	hasNot(t, html, `=""`) // a queue says it fifty times
	tab.Stack = false
	html = render(t, page.DataTable(tab))
	has(t, html, `tabindex="0"`, `aria-labelledby="t-caption"`)
	hasNot(t, html, `role="cell"`, `data-label="Number"`, "value")
	tab.Rows[0][0].Text = "Astana: 200\nSemey: 100"
	has(t, render(t, page.DataTable(tab)), `class="value"`) // its lines stay apart
}

func TestSearchSelectWithoutScript(t *testing.T) {
	s := page.SearchField{Field: page.Field{Name: "goods", Label: "Goods", Value: "02"}, Lookup: "/l", Code: "0201", ChosenAs: "Beef",
		Results: []page.Option{{Value: "0202", Text: "Frozen"}}}
	html := render(t, page.SearchSelect(words(), s))
	has(t, html, `name="goods.q"`, `name="find" value="goods"`, `value="0202"`, `id="f-goods-chosen"`, "Beef")
	s.Results = append(s.Results, page.Option{Value: "0201", Text: "Fresh"})
	html = render(t, page.SearchSelect(words(), s))
	hasNot(t, html, "f-goods-chosen")
	if n := strings.Count(html, " checked"); n != 1 {
		t.Errorf("%d radios are chosen", n)
	}
}

func TestForeignTextIsMarked(t *testing.T) {
	has(t, render(t, page.Title(page.Heading{Text: "Тек қазақша", Lang: lang.KK})), `<h1 lang="kk">`)
	hasNot(t, render(t, page.Title(page.Heading{Text: "Own"})), "lang=")
}
