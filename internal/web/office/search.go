package office

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"elicense/internal/access"
	"elicense/internal/casework"
	"elicense/internal/fault"
	"elicense/internal/port"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// fieldFind is what is looked for; it travels in the body of a request only, because it may be somebody's number or name.
const fieldFind = "find"

// searchView is what reached the body of one number or applicant.
type searchView struct {
	Words   *page.Words
	Heading page.Heading
	Errors  page.Errors
	Find    findBox
	Count   string
	Table   *page.Table
	Empty   *page.Empty
	Next    *buttonBox
	Export  *buttonBox
}

func (o *Office) findBox(r *web.Request, typed, wrong string) *findBox {
	return &findBox{Form: page.Form{Action: r.Link(pathSearch), CSRF: r.CSRF()},
		Field: page.TextField{Field: page.Field{Name: fieldFind, Label: r.Say.T("queue.find"), Hint: r.Say.T("queue.find-hint"), Value: typed, Error: wrong}, Width: "20", MaxLength: 200, Autocomplete: "off"},
		Go:    page.Button{Text: r.Say.T("queue.find-go"), Kind: page.Secondary}}
}

// searchForm asks what to look for.
func (o *Office) searchForm(w http.ResponseWriter, r *web.Request) error {
	if err := working(r); err != nil {
		return err
	}
	if err := access.Can(r.Actor, access.View, access.Thing{Body: r.Actor.Body}); err != nil {
		return err
	}
	return o.showSearch(w, r, searchView{Find: *o.findBox(r, "", "")}, nil)
}

func (o *Office) showSearch(w http.ResponseWriter, r *web.Request, v searchView, problem error) error {
	body, _ := o.Catalogue.Body(r.Actor.Body)
	v.Words, v.Heading = o.Server.Words(r.Lang), page.Heading{Caption: tr(r, body.Name), Text: r.Say.T("queue.search")}
	c := o.Chrome(r, v.Heading.Text)
	c.Wide = true
	c.Breadcrumbs = []page.Link{{Text: r.Say.T("office.queue"), Href: r.Link(pathQueue)}, {Text: v.Heading.Text}}
	return o.show(w, r, problem, c, searchPage(v))
}

// search shows what was found. It answers a POST and is no address of its own.
func (o *Office) search(w http.ResponseWriter, r *web.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.form").Because(err)
	}
	typed := strings.TrimSpace(r.PostForm.Get(fieldFind))
	v := searchView{Find: *o.findBox(r, typed, "")}
	f, err := casework.Read(typed)
	if err != nil {
		v.Errors, _ = o.errorsOf(r, err)
		v.Find.Field.Error = v.Errors.For(fieldFind)
		return o.showSearch(w, r, v, err)
	}
	f.Limit = queueRows + 1
	f.Before, f.BeforeNumber = before(r.PostForm.Get(paramAfter))
	list, err := o.Desk.Find(r.Context(), r.Actor, f)
	if err != nil {
		return err
	}
	again := []page.Hidden{{Name: fieldFind, Value: typed}}
	if len(list) > queueRows {
		list = list[:queueRows]
		last := list[queueRows-1].Application
		v.Next = &buttonBox{Text: r.Say.T("queue.search-more"), Form: page.Form{Action: r.Link(pathSearch), CSRF: r.CSRF()}, Button: page.Button{Text: r.Say.T("queue.search-next"), Kind: page.Secondary},
			Hidden: append(again, page.Hidden{Name: paramAfter, Value: strconv.FormatInt(last.RegisteredAt.UnixMicro(), 10) + "." + last.Number})}
	}
	if len(list) == 0 {
		v.Empty = &page.Empty{Title: r.Say.T("queue.search-none"), Text: r.Say.T("queue.search-none-text")}
		return o.showSearch(w, r, v, nil)
	}
	v.Table = &page.Table{ID: "found", Caption: r.Say.T("queue.search"), CaptionHidden: true, Stack: true}
	for _, key := range []string{"filing.number", "office.service", "filing.applicant", "office.step", "queue.state", "filing.registered"} {
		v.Table.Columns = append(v.Table.Columns, page.Column{Text: r.Say.T(key)})
	}
	for _, x := range list {
		cells := o.queueCells(r, x, nil)
		cells[5] = page.Cell{Text: r.Say.Date(r.Say.Day(x.Application.RegisteredAt))}
		v.Table.Rows = append(v.Table.Rows, cells)
	}
	v.Export = &buttonBox{Text: r.Say.T("queue.export-text"), Form: page.Form{Action: r.Link(pathExports), CSRF: r.CSRF()}, Hidden: again,
		Button: page.Button{Text: r.Say.T("queue.export"), Kind: page.Secondary}}
	return o.showSearch(w, r, v, nil)
}

// before reads where a page of what was found begins.
func before(after string) (time.Time, string) {
	at, number, ok := strings.Cut(after, ".")
	micros, err := strconv.ParseInt(at, 10, 64)
	if !ok || err != nil {
		return time.Time{}, ""
	}
	return time.UnixMicro(micros).UTC(), number
}

// exportsView lists the files that the reader ordered.
type exportsView struct {
	Words   *page.Words
	Heading page.Heading
	Again   *page.Button
	Table   *page.Table
	Empty   *page.Empty
}

func (o *Office) exportBox(r *web.Request, query url.Values) *buttonBox {
	box := &buttonBox{Text: r.Say.T("queue.export-text"), Form: page.Form{Action: r.Link(pathExports), CSRF: r.CSRF()},
		Button: page.Button{Text: r.Say.T("queue.export"), Kind: page.Secondary}, Links: []page.Link{{Text: r.Say.T("queue.exports"), Href: r.Link(pathExports)}}}
	box.Hidden = []page.Hidden{{Name: fieldQuery, Value: keptQuery(query)}}
	return box
}

// exports shows what the reader ordered and how far it is; a link asks again.
func (o *Office) exports(w http.ResponseWriter, r *web.Request) error {
	if err := working(r); err != nil {
		return err
	}
	list, err := o.Exports.Mine(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	v := exportsView{Words: o.Server.Words(r.Lang), Heading: page.Heading{Text: r.Say.T("queue.exports"), Lead: r.Say.T("queue.exports-lead", "rows", r.Say.Int(casework.MostExported))}}
	if casework.Waiting(list) {
		v.Again = &page.Button{Text: r.Say.T("queue.exports-again"), Kind: page.Secondary, Href: r.Link(pathExports)}
	}
	if len(list) == 0 {
		v.Empty = &page.Empty{Title: r.Say.T("queue.exports-none"), Text: r.Say.T("queue.exports-none-text")}
	} else {
		v.Table = &page.Table{ID: "exports", Caption: v.Heading.Text, CaptionHidden: true, Stack: true}
		for _, key := range []string{"queue.export-at", "queue.export-state", "queue.export-rows", "queue.export-file"} {
			v.Table.Columns = append(v.Table.Columns, page.Column{Text: r.Say.T(key)})
		}
		tones := map[port.ExportState]page.Tone{port.ExportWaits: page.Active, port.ExportRuns: page.Active, port.ExportReady: page.Good, port.ExportFails: page.Bad}
		for _, e := range list {
			tag := page.Tag{Text: r.Say.T("queue.export-state." + string(e.State)), Tone: tones[e.State]}
			rows, file := r.Say.Int(int64(e.Rows)), page.Cell{Text: "–"}
			if e.Total > 0 && e.State != port.ExportReady {
				rows += " / " + r.Say.Int(int64(e.Total))
			}
			if e.State == port.ExportReady {
				file = page.Cell{Text: o.Exports.Name(e) + ", " + r.Say.Size(e.Size), Href: r.Link(pathExports + "/" + e.ID)}
			}
			v.Table.Rows = append(v.Table.Rows, []page.Cell{{Text: r.Say.Time(e.At), Header: true}, {Tag: &tag}, {Text: rows}, file})
		}
	}
	c := o.Chrome(r, v.Heading.Text)
	c.Breadcrumbs = []page.Link{{Text: r.Say.T("office.queue"), Href: r.Link(pathQueue)}, {Text: v.Heading.Text}}
	return o.show(w, r, nil, c, exportsPage(v))
}

// orderExport orders a file of the queue as it was shown, or of what was found.
func (o *Office) orderExport(w http.ResponseWriter, r *web.Request) error {
	if err := working(r); err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.form").Because(err)
	}
	var found port.Found
	var q port.Queue
	var scope casework.Scope
	if typed := r.PostForm.Get(fieldFind); typed != "" {
		f, err := casework.Read(typed)
		if err != nil {
			return err
		}
		found = f
	} else {
		query, err := url.ParseQuery(r.PostForm.Get(fieldQuery))
		if err != nil {
			return fault.New(fault.Invalid, "fault.form").Because(err)
		}
		q, _ = readQueue(r, query)
		scope = casework.Scope(query.Get(paramView))
	}
	if err := o.Exports.Order(r.Context(), r.Actor, r.Lang, scope, q, found); err != nil {
		return err
	}
	return o.Server.Go(w, r, r.Link(pathExports))
}

// fetchExport sends a file to whoever ordered it.
func (o *Office) fetchExport(w http.ResponseWriter, r *web.Request) error {
	e, content, err := o.Exports.Fetch(r.Context(), r.Actor, r.PathValue("id"))
	if err != nil {
		return err
	}
	return o.Server.File(w, r, web.File{Name: o.Exports.Name(e), Type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Size: e.Size}, content)
}
