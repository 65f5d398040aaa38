package office

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"elicense/internal/application"
	"elicense/internal/casework"
	"elicense/internal/fault"
	"elicense/internal/port"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// The fields of an act with many applications; the faults of casework.Assign stand at the last two.
const (
	fieldChosen = "n"
	fieldTo     = "to"
)

// seen names an application with the version that the page showed.
func seen(a application.Application) string { return a.Number + "." + strconv.Itoa(a.Version) }

// readChosen reads the rows that were ticked, each once.
func readChosen(typed url.Values) []port.BatchRow {
	var rows []port.BatchRow
	had := map[string]bool{}
	for _, value := range typed[fieldChosen] {
		number, version, _ := strings.Cut(value, ".")
		n, err := strconv.Atoi(version)
		if err != nil || number == "" || had[number] {
			continue
		}
		had[number] = true
		rows = append(rows, port.BatchRow{Number: number, Version: n})
	}
	return rows
}

// chosenView asks to confirm an act with many applications.
type chosenView struct {
	Words   *page.Words
	Heading page.Heading
	Errors  page.Errors
	Open    *page.Table // with which the act can be done
	Closed  *page.Table // with which it cannot, and why
	Form    page.Form
	Hidden  []page.Hidden
	To      *page.SelectField
	Reason  *page.TextField
	Buttons []page.Button
}

// chosen shows what was ticked, before anything is done.
func (o *Office) chosen(w http.ResponseWriter, r *web.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.form").Because(err)
	}
	return o.showChosen(w, r, r.PostForm, nil, nil)
}

// unchosen leads whoever comes to the address of a form, by another language or after a log-in, back to the queue.
func (o *Office) unchosen(w http.ResponseWriter, r *web.Request) error {
	return o.Server.Go(w, r, r.Link(pathQueue))
}

func (o *Office) showChosen(w http.ResponseWriter, r *web.Request, typed url.Values, problem error, errs page.Errors) error {
	act, rows := application.Act(typed.Get(page.NameGo)), readChosen(typed)
	numbers := make([]string, len(rows))
	versions := map[string]int{}
	for i, row := range rows {
		numbers[i], versions[row.Number] = row.Number, row.Version
	}
	list, err := o.Desk.Choose(r.Context(), r.Actor, act, numbers)
	if fault.Is(err, "queue.none-chosen") || fault.Is(err, "queue.too-many") {
		errs, _ := o.errorsOf(r, err)
		return o.showQueue(w, r, url.Values{}, err, errs, "")
	}
	if err != nil {
		return err
	}
	v := chosenView{Words: o.Server.Words(r.Lang), Errors: errs, Heading: page.Heading{Caption: r.Say.T("queue.act." + string(act)), Text: r.Say.T("queue.confirm-many")},
		Form:   page.Form{Action: r.Link(pathBatches), CSRF: r.CSRF(), Key: o.World.ID()},
		Hidden: []page.Hidden{{Name: page.NameGo, Value: string(act)}}}
	if key := typed.Get(page.NameKey); key != "" {
		v.Form.Key = key
	}
	for _, c := range list {
		a := c.Application
		cells := o.queueCells(r, c.Queued, nil)[:5]
		if c.Closed == nil && a.Version != versions[a.Number] {
			c.Closed = fault.New(fault.Conflict, "work.changed")
		}
		if f, ok := fault.As(c.Closed); ok {
			v.Closed = o.chosenTable(r, v.Closed, "closed", append(cells, page.Cell{Text: o.Server.Text(r, f.Key, f.Args)}))
			continue
		}
		v.Open = o.chosenTable(r, v.Open, "open", cells)
		v.Hidden = append(v.Hidden, page.Hidden{Name: fieldChosen, Value: seen(a)})
	}
	if v.Open != nil {
		v.Buttons = append(v.Buttons, page.Button{Text: r.Say.T("queue.do-many", "act", r.Say.T("queue.act."+string(act)), "count", r.Say.Int(int64(len(v.Open.Rows))))})
		if act == application.Assign {
			if err := o.receivers(r, list, typed, errs, &v); err != nil {
				return err
			}
		}
	}
	v.Buttons = append(v.Buttons, page.Button{Text: r.Say.T("queue.back"), Kind: page.Secondary, Href: r.Link(pathQueue)})
	c := o.Chrome(r, v.Heading.Text)
	c.Wide = true
	c.Breadcrumbs = []page.Link{{Text: r.Say.T("office.queue"), Href: r.Link(pathQueue)}, {Text: v.Heading.Text}}
	return o.show(w, r, problem, c, chosenPage(v))
}

// receivers asks to whom the applications are given.
func (o *Office) receivers(r *web.Request, list []casework.Chosen, typed url.Values, errs page.Errors, v *chosenView) error {
	people, err := o.Desk.Receivers(r.Context(), r.Actor, list)
	if err != nil {
		return err
	}
	v.To = toField(r, people, typed, errs)
	v.Reason = reasonField(r, typed, errs)
	return nil
}

func toField(r *web.Request, people []casework.Candidate, typed url.Values, errs page.Errors) *page.SelectField {
	f := &page.SelectField{Field: page.Field{Name: fieldTo, Label: r.Say.T("queue.to-whom"), Required: true, Value: typed.Get(fieldTo), Error: errs.For(fieldTo)}, Blank: true}
	for _, p := range people {
		f.Options = append(f.Options, page.Option{Value: p.ID, Text: r.Say.T("queue.holds", "name", p.Name(), "count", r.Say.Int(int64(p.Holds)))})
	}
	return f
}

func reasonField(r *web.Request, typed url.Values, errs page.Errors) *page.TextField {
	return &page.TextField{Field: page.Field{Name: fieldReason, Label: r.Say.T("queue.reason"), Hint: r.Say.T("office.note-hint"), Value: typed.Get(fieldReason), Error: errs.For(fieldReason)}, MaxLength: 500, Autocomplete: "off"}
}

func (o *Office) chosenTable(r *web.Request, t *page.Table, id string, row []page.Cell) *page.Table {
	if t == nil {
		t = &page.Table{ID: id, Caption: r.Say.T("queue.many." + id), Stack: true}
		for _, key := range []string{"filing.number", "office.service", "filing.applicant", "office.step", "office.due", "queue.why-not"}[:len(row)] {
			t.Columns = append(t.Columns, page.Column{Text: r.Say.T(key)})
		}
	}
	t.Rows = append(t.Rows, row)
	return t
}

// doMany does what was confirmed and leads to what became of it.
func (o *Office) doMany(w http.ResponseWriter, r *web.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.form").Because(err)
	}
	typed := r.PostForm
	order := casework.Order{ID: typed.Get(page.NameKey), Act: application.Act(typed.Get(page.NameGo)), Rows: readChosen(typed), To: typed.Get(fieldTo), Reason: strings.TrimSpace(typed.Get(fieldReason))}
	err := o.Desk.Do(r.Context(), r.Actor, order)
	if f, ok := fault.As(err); ok && len(f.Fields) > 0 {
		errs, _ := o.errorsOf(r, err)
		return o.showChosen(w, r, typed, err, errs)
	}
	if err != nil {
		return err
	}
	return o.Server.Go(w, r, r.Link(pathBatches+"/"+order.ID))
}

// batchView is what became of an act with many applications.
type batchView struct {
	Words   *page.Words
	Heading page.Heading
	Notice  page.Banner
	Table   page.Table
	Back    page.Button
}

// batch shows it, however often.
func (o *Office) batch(w http.ResponseWriter, r *web.Request) error {
	b, err := o.Desk.Batch(r.Context(), r.Actor, r.PathValue("id"))
	if err != nil {
		return err
	}
	v := batchView{Words: o.Server.Words(r.Lang), Heading: page.Heading{Caption: r.Say.T("queue.act." + string(b.Act)), Text: r.Say.T("queue.batch")},
		Table: page.Table{ID: "batch", Caption: r.Say.T("queue.batch"), CaptionHidden: true, Stack: true},
		Back:  page.Button{Text: r.Say.T("queue.back"), Kind: page.Secondary, Href: r.Link(pathQueue)}}
	for _, key := range []string{"filing.number", "queue.result", "queue.why-not"} {
		v.Table.Columns = append(v.Table.Columns, page.Column{Text: r.Say.T(key)})
	}
	done := 0
	for _, row := range b.Rows {
		tag, why := page.Tag{Text: r.Say.T("queue.done"), Tone: page.Good}, "–"
		switch {
		case !b.Done:
			tag = page.Tag{Text: r.Say.T("queue.unknown"), Tone: page.Soon}
		case row.Key != "":
			tag, why = page.Tag{Text: r.Say.T("queue.not-done"), Tone: page.Bad}, o.Server.Text(r, row.Key, row.Args)
		default:
			done++
		}
		v.Table.Rows = append(v.Table.Rows, []page.Cell{{Text: row.Number, Href: r.Link(pathQueue + "/" + row.Number), Header: true}, {Tag: &tag}, {Text: why}})
	}
	v.Notice = page.Banner{Kind: page.Done, Text: r.Say.T("queue.batch-done", "done", r.Say.Int(int64(done)), "all", r.Say.Int(int64(len(b.Rows))))}
	switch {
	case !b.Done:
		v.Notice = page.Banner{Kind: page.Caution, Text: r.Say.T("queue.batch-open")}
	case done < len(b.Rows):
		v.Notice.Kind = page.Caution
	}
	c := o.Chrome(r, v.Heading.Text)
	c.Breadcrumbs = []page.Link{{Text: r.Say.T("office.queue"), Href: r.Link(pathQueue)}, {Text: v.Heading.Text}}
	return o.show(w, r, nil, c, batchPage(v))
}
