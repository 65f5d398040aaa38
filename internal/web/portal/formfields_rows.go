package portal

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"elicense/internal/filing"
	"elicense/internal/form"
	"elicense/internal/lang"
	"elicense/internal/service"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// The buttons of lists: "add:<field>", "remove:<field>:<row>", "show:<field>". Each sends the whole form, which is stored
// as it was typed.
const nameRow = "row"

// listSent is the hidden companion of a list: the number of rows that the page showed.
const listSent = ".rows"

// rowsView is a field of rows.
type rowsView struct {
	Add, Remove string // texts of the buttons
	Rows        []rowView
	Full        bool // no row can be added
}

// rowView is one row; its fields carry the row's path as their names.
type rowView struct {
	ID, Legend, Error string
	Fields            []fieldView
	Remove            string // value of the button; empty where there is nothing to remove
}

// labelAt names the field of a problem's path: "Goods, row 2: Quantity", "Territory of use, Almaty".
func labelAt(r *web.Request, f form.Form, path string) string {
	field, sub, part, ok := form.At(f.Revision.Definition, path)
	if !ok {
		return ""
	}
	label := tr(r, field.Label)
	switch {
	case part == "":
	case field.Type == service.TypeTerritory:
		label += ", " + f.Show(service.Field{Type: service.TypeDirectory, Directory: field.Directory}, part, r.Lang, r.Say).Text
	default:
		label += ", " + r.Say.T("filing.row", "n", part)
		if sub.Key != "" {
			label += ", " + tr(r, sub.Label)
		}
	}
	return label
}

// rowsOf lays out the rows of an answer; where there are none, as many empty ones as must be filled in, at least one.
func (p *Portal) rowsOf(r *web.Request, f form.Form, field service.Field, answer string, visible map[string]bool, errs page.Errors) *rowsView {
	rows, _ := form.Rows(answer)
	for len(rows) < max(field.Min, 1) {
		rows = append(rows, form.Row{})
	}
	v := &rowsView{Add: r.Say.T("filing.row-add"), Remove: r.Say.T("filing.row-remove"), Full: len(rows) >= field.MostRows()}
	for i, row := range rows {
		no := i + 1
		path := form.RowPath(field.Key, no, "")
		one := rowView{ID: page.FieldID(path), Legend: tr(r, field.Label) + ", " + r.Say.T("filing.row", "n", strconv.Itoa(no)), Error: errs.For(path)}
		for _, sub := range field.Fields {
			name := form.RowPath(field.Key, no, sub.Key)
			if shown, told := visible[name]; told && !shown {
				continue
			}
			sv := p.fieldView(r, f, sub, row[sub.Key])
			sv.Base.Name, sv.Base.Error = name, errs.For(name)
			one.Fields = append(one.Fields, sv)
		}
		if answer != "" {
			one.Remove = "remove:" + field.Key + ":" + strconv.Itoa(no)
		}
		v.Rows = append(v.Rows, one)
	}
	return v
}

// readRows takes the rows of a form as they were typed and does what its button says. Rows of which nothing is filled in
// are no answer, unless the button has to do with them.
func readRows(r *web.Request, field service.Field) string {
	shown, _ := strconv.Atoi(r.PostFormValue(field.Key + listSent))
	var rows []form.Row
	empty := true
	for i := range min(max(shown, 0), field.MostRows()+1) {
		row := form.Row{}
		for _, sub := range field.Fields {
			if value := r.PostFormValue(form.RowPath(field.Key, i+1, sub.Key)); strings.TrimSpace(value) != "" {
				row[sub.Key], empty = value, false
			}
		}
		rows = append(rows, row)
	}
	verb, key, no := rowAction(r.PostFormValue(nameRow))
	switch {
	case key == field.Key && verb == "add":
		return form.ListText(append(rows, form.Row{}))
	case key == field.Key && verb == "remove" && no >= 1 && no <= len(rows):
		return form.ListText(slices.Delete(rows, no-1, no))
	case empty:
		return ""
	}
	return form.ListText(rows)
}

func rowAction(button string) (verb, field string, no int) {
	verb, rest, _ := strings.Cut(button, ":")
	field, row, _ := strings.Cut(rest, ":")
	no, _ = strconv.Atoi(row)
	return verb, field, no
}

// goRow shows the page again where its button leads: all answers are stored already.
func (p *Portal) goRow(w http.ResponseWriter, r *web.Request, d filing.Draft, button string) error {
	verb, key, _ := rowAction(button)
	anchor := page.FieldID(key)
	switch rows, _ := form.Rows(d.Application.Answers[key]); {
	case verb == "add" && len(rows) > 0:
		anchor = page.FieldID(form.RowPath(key, len(rows), ""))
	case verb == "show":
		anchor += "-choice"
	}
	return p.Server.Go(w, r, r.URL.RequestURI()+"#"+anchor)
}

// treeView is a territory: regions with what lies in them, and the choice made.
type treeView struct {
	Show    string // text of the button
	Regions []regionView
	Choice  page.Table
	Empty   string // said instead of an empty table
}

// regionView is one region that opens; its first place is the region as a whole.
type regionView struct {
	Title  string
	Open   bool
	Places []placeView
}

// placeView is a box with its count.
type placeView struct {
	Name, Code, Count string
	Lang              lang.Lang
	Ticked            bool
	CountField        page.Field
}

// treeOf lays out the rows of the territory's directory that are valid on the form's day, by their names.
func (p *Portal) treeOf(r *web.Request, f form.Form, field service.Field, answer string, errs page.Errors) *treeView {
	places, _ := form.Places(answer)
	counts := map[string]form.Place{}
	for _, c := range places {
		counts[c.Code] = c
	}
	below := map[string][]service.Row{}
	for _, row := range byName(r.Lang, f.Own(field)) {
		above := row.Values[service.ColumnParent]
		below[above] = append(below[above], row)
	}
	v := &treeView{Show: r.Say.T("filing.choice-show"), Choice: choiceTable(r, f, field, places), Empty: r.Say.T("filing.choice-empty")}
	for _, region := range below[""] {
		name, _ := region.Name.In(r.Lang)
		one := regionView{Title: name}
		if beside := columnsOf(field, region); beside != "" {
			one.Title += " (" + beside + ")"
		}
		chosen := 0
		for _, row := range append([]service.Row{region}, below[region.Code]...) {
			pv := placeOf(r, f, field, row, counts, errs)
			if row.Code == region.Code && len(below[region.Code]) > 0 {
				pv.Name = r.Say.T("filing.territory-whole", "name", pv.Name)
			}
			if pv.Ticked {
				chosen++
			}
			one.Open = one.Open || pv.CountField.Error != ""
			one.Places = append(one.Places, pv)
		}
		if chosen > 0 {
			one.Title += " · " + r.Say.T("filing.territory-chosen", "n", strconv.Itoa(chosen))
		}
		v.Regions = append(v.Regions, one)
	}
	return v
}

func placeOf(r *web.Request, f form.Form, field service.Field, row service.Row, counts map[string]form.Place, errs page.Errors) placeView {
	name, in := row.Name.In(r.Lang)
	pv := placeView{Name: name, Code: row.Code}
	if in != r.Lang {
		pv.Lang = in
	}
	if c, ok := counts[row.Code]; ok {
		pv.Ticked, pv.Count = true, f.CountText(c, r.Say)
	}
	path := field.Key + "." + row.Code
	if beside := columnsOf(field, row); beside != "" && row.Values[service.ColumnParent] != "" {
		pv.Name += " (" + beside + ")"
	}
	pv.CountField = page.Field{Name: path, Label: r.Say.T("filing.territory-count", "name", name), Value: pv.Count, Error: errs.For(path)}
	return pv
}

// columnsOf are the columns shown beside a name, such as the telephone codes.
func columnsOf(field service.Field, row service.Row) string {
	var parts []string
	for _, key := range field.Columns {
		if row.Values[key] != "" {
			parts = append(parts, row.Values[key])
		}
	}
	return strings.Join(parts, ", ")
}

// byName gives rows by their names in a language.
func byName(l lang.Lang, rows []service.Row) []service.Row {
	sorter := lang.NewSorter(l)
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b service.Row) int {
		x, _ := a.Name.In(l)
		y, _ := b.Name.In(l)
		return sorter.Compare(x, y)
	})
	return rows
}

// choiceTable is what is chosen, with the counts and their total.
func choiceTable(r *web.Request, f form.Form, field service.Field, places []form.Place) page.Table {
	t := page.Table{ID: page.FieldID(field.Key) + "-choice", Caption: r.Say.T("filing.choice"), Columns: []page.Column{
		{Text: r.Say.T("filing.territory")}, {Text: r.Say.T("filing.choice-count"), Numeric: true},
	}}
	own := service.Field{Type: service.TypeDirectory, Directory: field.Directory}
	for _, c := range places {
		name := f.Show(own, c.Code, r.Lang, r.Say)
		t.Rows = append(t.Rows, []page.Cell{{Text: name.Text, Lang: foreign(r, name.Lang), Header: true}, {Text: web.OrDash(f.CountText(c, r.Say))}})
	}
	if total, ok := form.Total(places); ok && len(places) > 1 {
		t.Rows = append(t.Rows, []page.Cell{{Text: r.Say.T("field.total"), Header: true}, {Text: r.Say.Number(total)}})
	}
	return t
}

// readPlaces takes the ticked boxes of a territory with their counts. A count typed beside a box that was not ticked when
// the page was shown means the box too; one whose box was unticked goes with it.
func readPlaces(r *web.Request, f form.Form, field service.Field) string {
	ticked, was := r.PostForm[field.Key], r.PostForm[field.Key+".was"]
	var places []form.Place
	for _, row := range f.Own(field) {
		count := strings.TrimSpace(r.PostFormValue(field.Key + "." + row.Code))
		if slices.Contains(ticked, row.Code) || count != "" && !slices.Contains(was, row.Code) {
			places = append(places, form.Place{Code: row.Code, Count: count})
		}
	}
	return form.ListText(places)
}

// ownOptions are the rows of a directory of the service's own that are valid on the form's day.
func ownOptions(r *web.Request, f form.Form, field service.Field) []page.Option {
	var list []page.Option
	for _, row := range byName(r.Lang, f.Own(field)) {
		name, in := row.Name.In(r.Lang)
		o := page.Option{Value: row.Code, Text: name}
		if in != r.Lang {
			o.Lang = in
		}
		list = append(list, o)
	}
	return list
}
