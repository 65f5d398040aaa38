package portal

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"elicense/internal/application"
	"elicense/internal/classifier"
	"elicense/internal/form"
	"elicense/internal/lang"
	"elicense/internal/service"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// What a search of a directory shows, and how far it counts.
const (
	searchShown = 20
	searchMost  = 200
)

// maxRadios is the greatest number of options that stand as radios; longer lists drop down.
const maxRadios = 7

// directories are what the fields need of a form's directories.
type directories interface {
	Of(t service.Type) (*classifier.Directory, bool)
	Search(t service.Type, q string, limit int) ([]classifier.Entry, error)
}

// findState is the search of one directory on a page that was asked for by the button Find; zero when there is none.
type findState struct {
	Field   string // key of the field
	Results []page.Option
	Message string
}

// fieldView is one field with its component.
type fieldView struct {
	Words   *page.Words
	Field   service.Field
	Base    page.Field
	Shown   form.Shown
	Code    string // of a directory's field with a valid answer
	List    []page.Option
	Lookup  string // answers the script of a directory's field
	Results []page.Option
	Message string
	Suffix  string // the measure of a number
	Rows    *rowsView
	Tree    *treeView
}

// fields are the questions of a page. answers are canonical where well formed and as typed where not; visible tells which
// are shown (nil = all); sources say where prefilled values came from; lookup is the address of the directories of the
// form's service, such as /kk/directories/trade-licence. What is kept, as a permit says it, is shown and not asked.
func (p *Portal) fields(r *web.Request, f form.Form, pg service.Page, answers form.Answers, visible map[string]bool,
	sources map[string]application.Source, errs page.Errors, lookup string, find findState, kept map[string]string) templ.Component {
	var views []fieldView
	for _, field := range pg.Fields {
		if visible != nil && !visible[field.Key] {
			continue
		}
		v := p.fieldView(r, f, field, answers[field.Key])
		v.Base.Error = errs.For(field.Key)
		switch field.Type {
		case service.TypeRows:
			v.Rows = p.rowsOf(r, f, field, answers[field.Key], visible, errs)
		case service.TypeTerritory:
			v.Tree = p.treeOf(r, f, field, answers[field.Key], errs)
		}
		if source, ok := sources[field.Key]; ok {
			v.Base.Source = sourceText(r, source)
		}
		v.Lookup = lookup + "/" + url.PathEscape(field.Key)
		if find.Field == field.Key {
			v.Results, v.Message = find.Results, find.Message
		}
		if value, stays := kept[field.Key]; stays {
			v.Base.Value, v.Field.Type = web.OrDash(f.Read(field, value, r.Lang, r.Say).Text), service.TypeComputed
			v.Base.Hint = r.Say.T("changes.kept")
			if sources[field.Key].From == application.FromBundle {
				v.Base.Hint = r.Say.T("bundle.kept")
			}
		}
		views = append(views, v)
	}
	return fieldList(views)
}

// sourceText says where a value came from: "State database of legal entities, 22.11.2026 14:05".
func sourceText(r *web.Request, s application.Source) string {
	text := s.From
	if key := "source." + s.From; r.Say.Has(key) {
		text = r.Say.T(key)
	}
	if s.At.IsZero() {
		return text
	}
	return text + ", " + r.Say.Time(s.At)
}

func (p *Portal) fieldView(r *web.Request, f form.Form, field service.Field, answer string) fieldView {
	label, in := field.Label.In(r.Lang)
	v := fieldView{Words: p.Server.Words(r.Lang), Field: field, Base: page.Field{
		Name: field.Key, Label: label, Hint: tr(r, field.Hint), Required: field.Required, Value: answer,
	}}
	if in != r.Lang {
		v.Base.Lang = in
	}
	good := answer != "" && f.Problem(field, answer) == ""
	switch field.Type {
	case service.TypeChoice:
		v.List = choiceOptions(r, field)
	case service.TypeYesNo:
		v.List = []page.Option{{Value: "yes", Text: r.Say.T("value.yes")}, {Value: "no", Text: r.Say.T("value.no")}}
	case service.TypeCountry, service.TypeCurrency, service.TypeUnit:
		v.List = directoryOptions(r, f, field.Type)
	case service.TypeGoods, service.TypePlace:
		if good {
			v.Code, v.Shown = answer, f.Show(field, answer, r.Lang, r.Say)
			v.Base.Value = ""
			if v.Shown.Lang == r.Lang {
				v.Shown.Lang = ""
			}
		}
	case service.TypeDirectory:
		v.List = ownOptions(r, f, field)
	case service.TypeComputed:
		v.Base.Value = web.OrDash(f.Read(field, answer, r.Lang, r.Say).Text)
	case service.TypeDate, service.TypePhone, service.TypeNumber, service.TypeMoney:
		v.Base.Value = f.Show(field, answer, r.Lang, r.Say).Text
		if v.Suffix = f.Measure(field, r.Lang); v.Suffix != "" {
			v.Base.Label += ", " + v.Suffix // what stands behind the box is not read out
		}
	}
	return v
}

func choiceOptions(r *web.Request, field service.Field) []page.Option {
	var list []page.Option
	for _, o := range field.Options {
		text, in := o.Label.In(r.Lang)
		option := page.Option{Value: o.Value, Text: text}
		if in != r.Lang {
			option.Lang = in
		}
		list = append(list, option)
	}
	return list
}

// directoryOptions is a whole directory in the order of the reader's language. Codes of currencies and units follow the
// name, so that typing the first letters finds an entry.
func directoryOptions(r *web.Request, f form.Form, t service.Type) []page.Option {
	dirs, ok := f.Dirs.(directories)
	if !ok {
		return nil
	}
	dir, ok := dirs.Of(t)
	if !ok {
		return nil
	}
	var list []page.Option
	for _, e := range dir.All(r.Lang) {
		o := entryOption(r.Lang, e, e.Code)
		if t != service.TypeCountry {
			o.Text += " (" + e.Code + ")"
		}
		list = append(list, o)
	}
	return list
}

func entryOption(l lang.Lang, e classifier.Entry, value string) page.Option {
	text, in := e.Name.In(l)
	o := page.Option{Value: value, Text: text}
	if in != l {
		o.Lang = in
	}
	return o
}

// searchDirectory finds entries of a directory and says how many there are.
func (p *Portal) searchDirectory(r *web.Request, f form.Form, field service.Field, q string) ([]page.Option, string) {
	dirs, ok := f.Dirs.(directories)
	if !ok {
		return nil, ""
	}
	dir, ok := dirs.Of(field.Type)
	if strings.TrimSpace(q) == "" || !ok {
		return nil, r.Say.T("find.empty")
	}
	entries, err := dirs.Search(field.Type, q, searchMost)
	if err != nil || len(entries) == 0 {
		return nil, r.Say.T("find.none")
	}
	entries = answerable(f, field, dir, entries)
	var list []page.Option
	for _, e := range entries[:min(len(entries), searchShown)] {
		shown := f.Show(field, e.Code, r.Lang, r.Say)
		o := page.Option{Value: e.Code, Text: shown.Text, Hint: pathText(r.Lang, dir, e)}
		if shown.Lang != r.Lang {
			o.Lang = shown.Lang
		}
		list = append(list, o)
	}
	switch {
	case len(entries) == 0:
		return nil, r.Say.T("find.none")
	case len(entries) >= searchMost:
		return list, r.Say.T("find.many", "shown", strconv.Itoa(searchShown))
	case len(entries) > searchShown:
		return list, r.Say.N("find.some", len(entries), "shown", strconv.Itoa(searchShown))
	}
	return list, r.Say.N("find.found", len(entries))
}

// answerable replaces headings, which are no answers, by the entries below them.
func answerable(f form.Form, field service.Field, dir *classifier.Directory, entries []classifier.Entry) []classifier.Entry {
	var out []classifier.Entry
	seen := map[string]bool{}
	var add func(e classifier.Entry)
	add = func(e classifier.Entry) {
		if seen[e.Code] || len(out) >= searchMost {
			return
		}
		seen[e.Code] = true
		if f.Problem(field, e.Code) == "" {
			out = append(out, e)
			return
		}
		for _, below := range dir.Children(e.Code) {
			add(below)
		}
	}
	for _, e := range entries {
		add(e)
	}
	return out
}

// pathText names the entries above one, from the top.
func pathText(l lang.Lang, dir *classifier.Directory, e classifier.Entry) string {
	var names []string
	for _, above := range dir.Path(e.Code) {
		if above.Code != e.Code {
			names = append(names, entryOption(l, above, "").Text)
		}
	}
	return strings.Join(names, ", ")
}

// findOf gives the search that the button Find of a page asked for.
func (p *Portal) findOf(r *web.Request, f form.Form, pg service.Page) findState {
	key := r.PostFormValue(page.NameFind)
	for _, field := range pg.Fields {
		if field.Key == key && (field.Type == service.TypeGoods || field.Type == service.TypePlace) {
			list, message := p.searchDirectory(r, f, field, r.PostFormValue(key+".q"))
			return findState{Field: key, Results: list, Message: message}
		}
	}
	return findState{}
}

// readPage takes the answers of a page out of a form as they were typed. A box that is not ticked gives "".
func (p *Portal) readPage(r *web.Request, f form.Form, pg service.Page) map[string]string {
	values := map[string]string{}
	for _, field := range pg.Fields {
		switch field.Type {
		case service.TypeGoods, service.TypePlace:
			values[field.Key] = p.chosen(r, f, field)
		case service.TypeRows:
			values[field.Key] = readRows(r, field)
		case service.TypeTerritory:
			values[field.Key] = readPlaces(r, f, field)
		case service.TypeComputed: // never typed
		default:
			values[field.Key] = r.PostFormValue(field.Key)
		}
	}
	return values
}

// chosen reads a field of a directory: the code of the choice while the text beside it still means it, else the text,
// which may itself be a code; a text that is none is answered with the request to choose.
func (p *Portal) chosen(r *web.Request, f form.Form, field service.Field) string {
	code, text := strings.TrimSpace(r.PostFormValue(field.Key)), strings.TrimSpace(r.PostFormValue(field.Key+".q"))
	if text == "" || code != "" && p.means(r, f, field, text, code) {
		return cmp.Or(code, text)
	}
	return text
}

// means tells whether a text names an entry: it is how the entry is shown in some language, or what was typed to find it.
func (p *Portal) means(r *web.Request, f form.Form, field service.Field, text, code string) bool {
	for _, l := range lang.All() {
		if text == f.Show(field, code, l, r.Say).Text {
			return true
		}
	}
	if f.Problem(field, code) != "" {
		return false
	}
	if other := f.Normalise(field, text); f.Problem(field, text) == "" { // a code of its own
		return other == code
	}
	list, _ := p.searchDirectory(r, f, field, text)
	return slices.ContainsFunc(list, func(o page.Option) bool { return o.Value == code })
}

// purposeOf tells a browser what a typical field is for (WCAG 2.2, 1.3.5).
func purposeOf(key string) string {
	switch key {
	case "representative_name":
		return "name"
	case "representative_position":
		return "organization-title"
	case "postal_index":
		return "postal-code"
	case "street_ru", "street_kk":
		return "address-line1"
	case "phones":
		return "tel"
	}
	return "off"
}

// confirm is the box of a statement: ticked it sends "yes".
func (v fieldView) confirm() page.Field {
	f := v.Base
	f.Value = "yes"
	return f
}

// width suits the box to the length of what belongs into it.
func (v fieldView) width() string {
	switch {
	case v.Field.Max == 0 || v.Field.Max > 50:
		return ""
	case v.Field.Max <= 10:
		return "4"
	}
	return "12"
}
