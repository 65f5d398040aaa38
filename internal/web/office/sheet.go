package office

import (
	"net/http"

	"github.com/a-h/templ"

	"elicense/internal/web"
	"elicense/internal/web/page"
)

// sheetView is a page of parts that each say, list or ask something.
type sheetView struct {
	Words    *page.Words
	Heading  page.Heading
	Errors   page.Errors
	Notices  []page.Banner
	Sections []sheetPart
	Links    []page.Link
	T        func(key string, kv ...string) string
}

// sheetPart is one part, under its heading.
type sheetPart struct {
	ID, Title string
	Texts     []string
	Code      *page.Code
	Rows      []page.Row
	Codes     []string // shown in figures of one width
	Table     *page.Table
	Forms     []sheetForm
	Buttons   []page.Button
}

// sheetForm is a form of a part.
type sheetForm struct {
	page.Form
	Fields  []templ.Component
	Buttons []page.Button
}

// sheet begins such a page; a problem is told at its fields.
func (o *Office) sheet(r *web.Request, title string, errs page.Errors) sheetView {
	return sheetView{Words: o.Server.Words(r.Lang), Heading: page.Heading{Text: title}, Errors: errs, T: r.Say.T}
}

func (o *Office) showSheet(w http.ResponseWriter, r *web.Request, problem error, v sheetView) error {
	return o.show(w, r, problem, o.Chrome(r, v.Heading.Text), sheetPage(v))
}

// goButton is a button of a form that does one of several things.
func goButton(r *web.Request, what, key string, kind page.ButtonKind) page.Button {
	return page.Button{Text: r.Say.T(key), Kind: kind, Name: page.NameGo, Value: what}
}
