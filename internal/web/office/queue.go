package office

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"elicense/internal/application"
	"elicense/internal/casework"
	"elicense/internal/catalogue"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/port"
	"elicense/internal/service"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// queueRows is how many applications a page of the queue has.
const queueRows = 50

// The queues.
const (
	pathQueue    = "/applications"
	pathOpinions = "/opinions"
	pathSearch   = "/applications/search"
	pathChosen   = "/applications/chosen"
	pathBatches  = "/batches"
	pathViews    = "/applications/views"
	pathExports  = "/exports"
	pathRule     = "/applications/rule"
)

// valueUnread asks for what the applicant wrote and nobody read.
const valueUnread = "unread"

// The filters in the address of the queue. Nothing in it is personal: an applicant is looked for by pathSearch.
const (
	paramView    = "view"
	paramLeft    = "left"
	paramService = "service"
	paramStep    = "step"
	paramHolder  = "holder"
	paramDep     = "department"
	paramFrom    = "from"
	paramTo      = "to"
	paramNumber  = "number"
	paramUnread  = "messages"
	paramAfter   = "after"
)

// filters are what a saved view keeps, besides the view itself.
func filters() []string {
	return []string{paramLeft, paramService, paramStep, paramHolder, paramDep, paramFrom, paramTo, paramNumber, paramUnread}
}

// queueView is the list of what is to be done.
type queueView struct {
	Words   *page.Words
	Heading page.Heading
	Errors  page.Errors
	Tabs    []page.Tab
	TabsOf  string
	Told    *page.Banner
	Lefts   []page.Tab // the states of the term
	LeftsOf string
	Search  page.SearchPanel
	Filters string // title above the search panel; empty = it stands open
	Open    bool
	Table   *page.Table
	Empty   *page.Empty
	Pages   page.Pagination
	Find    *findBox
	Chosen  *chosenBox
	Saved   *savedBox
	Export  *buttonBox
	Rule    *buttonBox
}

// findBox asks for a number, an IIN or BIN, or a name.
type findBox struct {
	Form  page.Form
	Field page.TextField
	Go    page.Button
}

// chosenBox is the form around the table, with the acts for the rows that are ticked.
type chosenBox struct {
	Form    page.Form
	Title   string
	Buttons []page.Button
}

// savedBox are the views that the reader keeps.
type savedBox struct {
	Title string
	Open  bool
	Views []savedView
	Form  page.Form // keeps the present filters
	Query string
	Name  page.TextField
	Keep  page.Button
}

type savedView struct {
	Link    page.Link
	Form    page.Form
	ID      string
	Name    page.TextField
	Buttons []page.Button
}

// buttonBox is one sentence with a button.
type buttonBox struct {
	Text   string
	Form   page.Form
	Hidden []page.Hidden
	Button page.Button
	Links  []page.Link
}

// queue lists the applications at the official's body, the nearest deadline first.
func (o *Office) queue(w http.ResponseWriter, r *web.Request) error {
	return o.showQueue(w, r, r.URL.Query(), nil, nil, "")
}

// showQueue shows the queue of a query; a problem of the saved views is told with what was typed.
func (o *Office) showQueue(w http.ResponseWriter, r *web.Request, query url.Values, problem error, errs page.Errors, typed string) error {
	if err := working(r); err != nil {
		return err
	}
	q, wrong := readQueue(r, query)
	q.Limit = queueRows + 1
	scope := casework.Scope(query.Get(paramView))
	if !slices.Contains([]casework.Scope{casework.ScopeMine, casework.ScopeDepartment, casework.ScopeAll, casework.ScopeFree}, scope) {
		scope = ""
	}
	l, err := o.Desk.Look(r.Context(), r.Actor, scope, q)
	if err != nil {
		return err
	}
	// Who comes without saying what to see is shown what they hold, or everything while they hold nothing.
	if scope == "" {
		scope = casework.ScopeAll
		if l.Scopes[0].Count > 0 {
			scope = casework.ScopeMine
			if l, err = o.Desk.Look(r.Context(), r.Actor, scope, q); err != nil {
				return err
			}
		}
	}
	query.Set(paramView, string(scope))
	body, _ := o.Catalogue.Body(r.Actor.Body)
	v := queueView{Words: o.Server.Words(r.Lang), Heading: page.Heading{Caption: tr(r, body.Name), Text: r.Say.T("office.queue")},
		Errors: append(errs, wrong...), TabsOf: r.Say.T("office.queue"), LeftsOf: r.Say.T("queue.left")}
	o.queueTabs(r, query, scope, l, &v)
	v.Search = o.queueFilters(r, query, l, wrong)
	v.Filters, v.Open = r.Say.T("queue.filters"), len(wrong) > 0 || filtered(query)
	v.Find = o.findBox(r, "", "")
	v.Saved = o.savedBox(r, query, l, errs, typed)
	if len(l.Rows) > queueRows {
		l.Rows = l.Rows[:queueRows]
		place := casework.PlaceOf(l.Rows[queueRows-1].Application)
		v.Pages.Next = queueAddress(r, query, paramAfter, place.Due.String()+"."+place.Number+stoppedMark(place))
	}
	if len(l.Rows) == 0 {
		v.Empty = &page.Empty{Title: r.Say.T("office.nothing"), Text: r.Say.T("queue.nothing-text")}
	} else {
		v.Table = o.queueTable(r, l)
		v.Chosen = o.chosenBox(r)
		v.Export = o.exportBox(r, query)
	}
	if v.Told, err = o.reminded(r); err != nil {
		return err
	}
	v.Rule = o.ruleBox(r, l.HandsOut)
	c := o.Chrome(r, v.Heading.Text)
	c.Wide = true
	if problem == nil && len(wrong) > 0 {
		problem = fault.New(fault.Invalid, "fault.form")
	}
	return o.show(w, r, problem, c, queuePage(v))
}

// filtered tells whether a query narrows the view.
func filtered(query url.Values) bool {
	return slices.ContainsFunc(filters(), func(name string) bool { return name != paramLeft && query.Get(name) != "" })
}

// readQueue reads the filters of a query.
func readQueue(r *web.Request, query url.Values) (port.Queue, page.Errors) {
	q := port.Queue{Number: strings.TrimSpace(query.Get(paramNumber)), Service: query.Get(paramService), Step: query.Get(paramStep),
		Holder: query.Get(paramHolder), Department: query.Get(paramDep), Unread: query.Get(paramUnread) == valueUnread}
	if left := application.Left(query.Get(paramLeft)); slices.Contains(application.Lefts(), left) {
		q.Left = left
	}
	var wrong page.Errors
	day := func(name string) civil.Date {
		typed := strings.TrimSpace(query.Get(name))
		d, ok := civil.ParseTyped(typed)
		if typed != "" && !ok {
			wrong = append(wrong, page.FieldError{Path: name, ID: searchID(name), Text: r.Say.T("queue.day-wrong")})
		}
		return d
	}
	if from := day(paramFrom); !from.IsZero() {
		q.From = from.Start(lang.Almaty())
	}
	if to := day(paramTo); !to.IsZero() {
		q.To = to.AddDays(1).Start(lang.Almaty())
	}
	if after := query.Get(paramAfter); after != "" {
		rest, stopped := strings.CutSuffix(after, markStopped)
		q.After.Stopped = stopped
		q.After.Due, q.After.Number = cursor(rest)
	}
	return q, wrong
}

// markStopped ends the cursor of a row whose term stands still.
const markStopped = ".s"

func stoppedMark(p port.QueuePlace) string {
	if p.Stopped {
		return markStopped
	}
	return ""
}

// cursor reads where a page of a queue begins: day and number of the last row before it.
func cursor(after string) (civil.Date, string) {
	due, last, ok := strings.Cut(after, ".")
	day, err := civil.ParseDate(due)
	if !ok || due != "" && err != nil {
		return civil.Date{}, ""
	}
	return day, last
}

// queueAddress is the address of the queue with its filters, one of them otherwise. Only a further page keeps a cursor.
func queueAddress(r *web.Request, query url.Values, name, value string) string {
	q := url.Values{}
	for _, key := range append(filters(), paramView) {
		if v := strings.TrimSpace(query.Get(key)); v != "" {
			q.Set(key, v)
		}
	}
	q.Set(name, value)
	if value == "" {
		q.Del(name)
	}
	if len(q) == 0 {
		return r.Link(pathQueue)
	}
	return r.Link(pathQueue + "?" + q.Encode())
}

// counted is a count as a page says it: "1 000+" where there are more than are counted.
func counted(r *web.Request, n int) string {
	if n > casework.MostCounted {
		return r.Say.Int(casework.MostCounted) + "+"
	}
	return r.Say.Int(int64(n))
}

func (o *Office) queueTabs(r *web.Request, query url.Values, scope casework.Scope, l casework.Listing, v *queueView) {
	for _, s := range l.Scopes {
		v.Tabs = append(v.Tabs, page.Tab{Text: r.Say.T("queue.view." + string(s.Is)), Count: counted(r, s.Count), Current: s.Is == scope,
			Href: queueAddress(r, query, paramView, string(s.Is))})
	}
	chosen := query.Get(paramLeft)
	v.Lefts = []page.Tab{{Text: r.Say.T("queue.left.any"), Href: queueAddress(r, query, paramLeft, ""), Current: chosen == ""}}
	for _, s := range l.Lefts {
		v.Lefts = append(v.Lefts, page.Tab{Text: r.Say.T("queue.left." + string(s.Is)), Count: counted(r, s.Count), Current: string(s.Is) == chosen,
			Href: queueAddress(r, query, paramLeft, string(s.Is))})
	}
}

// searchID is the id of a field of the search panel, to which the error summary leads.
func searchID(name string) string { return "search-" + strconv.Itoa(slices.Index(panel(), name)) }

// panel are the fields of the search panel, in order.
func panel() []string {
	return []string{paramNumber, paramService, paramStep, paramHolder, paramFrom, paramTo, paramUnread, paramDep}
}

func (o *Office) queueFilters(r *web.Request, query url.Values, l casework.Listing, wrong page.Errors) page.SearchPanel {
	p := page.SearchPanel{ID: "search", Title: r.Say.T("queue.filters"), Action: r.Link(pathQueue), Reset: queueAddress(r, url.Values{}, paramView, query.Get(paramView)),
		Hidden: []page.Hidden{{Name: paramView, Value: query.Get(paramView)}}}
	if left := query.Get(paramLeft); left != "" {
		p.Hidden = append(p.Hidden, page.Hidden{Name: paramLeft, Value: left})
	}
	services, steps := o.servicesOf(r, query.Get(paramService))
	var holders, departments []page.Option
	for _, of := range l.Officials {
		holders = append(holders, page.Option{Value: of.ID, Text: of.Name()})
	}
	for _, d := range l.Departments {
		departments = append(departments, page.Option{Value: d.Key, Text: tr(r, d.Name)})
	}
	for _, row := range []struct {
		label, name, hint string
		options           []page.Option
	}{
		{"queue.number-part", paramNumber, "", nil}, {"office.service", paramService, "", services}, {"office.step", paramStep, "", steps},
		{"office.holder", paramHolder, "", holders}, {"queue.from", paramFrom, "queue.day-hint", nil}, {"queue.to", paramTo, "", nil},
		{"message.title", paramUnread, "", []page.Option{{Value: valueUnread, Text: r.Say.T("queue.unread-only")}}},
		{"queue.department", paramDep, "", departments},
	} {
		if row.name == paramDep && len(departments) == 0 {
			continue
		}
		field := page.SearchRow{Label: r.Say.T(row.label), Name: row.name, Value: query.Get(row.name), Options: row.options, Error: wrong.For(row.name)}
		if row.hint != "" {
			field.Hint = r.Say.T(row.hint)
		}
		p.Rows = append(p.Rows, field)
	}
	return p
}

// servicesOf lists the services that officials of the reader's body decide, and the steps of one of them or of all.
func (o *Office) servicesOf(r *web.Request, chosen string) (services, steps []page.Option) {
	for _, g := range o.Catalogue.Groups(catalogue.AtBody(r.Actor.Body)) {
		for _, e := range g.Entries {
			d := e.Revision.Definition
			same := func(value string) func(page.Option) bool {
				return func(x page.Option) bool { return x.Value == value }
			}
			if len(d.Process.Steps) == 0 || slices.ContainsFunc(services, same(e.Revision.Service)) {
				continue
			}
			services = append(services, page.Option{Value: e.Revision.Service, Text: tr(r, d.Name)})
			for _, s := range d.Process.Steps {
				if (chosen == "" || chosen == e.Revision.Service) && !slices.ContainsFunc(steps, same(s.Key)) {
					steps = append(steps, page.Option{Value: s.Key, Text: tr(r, s.Name)})
				}
			}
		}
	}
	return services, steps
}

func (o *Office) queueTable(r *web.Request, l casework.Listing) *page.Table {
	t := &page.Table{ID: "queue", Caption: r.Say.T("office.queue"), CaptionHidden: true, Stack: true,
		Columns: []page.Column{{Text: r.Say.T("queue.choose"), Hidden: true}}}
	for _, key := range []string{"filing.number", "office.service", "filing.applicant", "office.step", "office.due", "office.holder"} {
		t.Columns = append(t.Columns, page.Column{Text: r.Say.T(key)})
	}
	names := map[string]string{"": r.Say.T("office.nobody")}
	for _, of := range l.Officials {
		names[of.ID] = of.Name()
	}
	names[r.Actor.Account] = r.Say.T("office.you")
	for _, x := range l.Rows {
		cells := o.queueCells(r, x, names)
		if n := l.Unread[x.Application.Number]; n > 0 {
			cells[0].Body = unreadCell(cells[0], page.Link{Text: r.Say.N("queue.unread", n), Href: cells[0].Href + "/messages"})
		}
		t.Rows = append(t.Rows, append([]page.Cell{{Body: tickBox(x.Application, r.Say.T("queue.choose-one", "number", x.Application.Number))}}, cells...))
	}
	return t
}

// queueCells are number, service, applicant, step, time left and holder of an application.
func (o *Office) queueCells(r *web.Request, x port.Queued, names map[string]string) []page.Cell {
	a := x.Application
	name, step := a.Service, service.Step{}
	if rev, err := o.Catalogue.Revision(r.Context(), a.Service, a.Revision); err == nil {
		name = tr(r, rev.Definition.SubtypeName(a.Subtype))
		step, _, _ = rev.For(a.Operation).Definition.Process.StepAt(a.Work.Step)
	}
	tag := web.StatusTag(r, a.State)
	if a.State == application.Registered {
		tag = o.termTags(r, a)[0] // what ends first
	}
	holder := names[a.Work.Holder]
	if holder == "" {
		holder = r.Say.T("office.another")
	}
	cells := []page.Cell{{Text: a.Number, Href: r.Link(pathQueue + "/" + a.Number), Header: true}, {Text: name}, {Text: x.Applicant}, {Text: tr(r, step.Name)}, {Tag: &tag}, {Text: holder}}
	if a.State != application.Registered {
		cells[3], cells[5] = page.Cell{Text: "–"}, page.Cell{Text: "–"}
	}
	return cells
}

// left says how much of the term of an application is left, in words, with a tone.
func (o *Office) left(r *web.Request, work application.Work) page.Tag {
	today := civil.Of(o.World.Now(), lang.Almaty())
	days := func(n int) string { return r.Say.N("service.days", n) }
	switch work.Left(today) {
	case application.Paused:
		return page.Tag{Text: r.Say.T("queue.left.paused")}
	case application.Overdue:
		over := -o.Calendar.Current().Between(today, work.Due)
		if over == 0 { // the days off after the last day
			return page.Tag{Text: r.Say.T("queue.left.overdue"), Tone: page.Bad}
		}
		return page.Tag{Text: r.Say.T("office.overdue", "days", days(over)), Tone: page.Bad}
	case application.Today:
		return page.Tag{Text: r.Say.T("office.due-today"), Tone: page.Bad}
	case application.Soon:
		return page.Tag{Text: r.Say.T("office.due-in", "days", days(o.Calendar.Current().Between(today, work.Due))), Tone: page.Soon}
	}
	if work.Due.IsZero() {
		return page.Tag{Text: r.Say.T("office.no-term")}
	}
	return page.Tag{Text: r.Say.T("office.due-in", "days", days(o.Calendar.Current().Between(today, work.Due))), Tone: page.Good}
}

// due says how much of a term that has no application's clock is left: that of an opinion.
func (o *Office) due(r *web.Request, due civil.Date) page.Tag {
	work := application.Work{Due: due}
	if !due.IsZero() && due.AddDays(-3).Before(civil.Of(o.World.Now(), lang.Almaty())) {
		tag := o.left(r, work)
		if tag.Tone == page.Good {
			tag.Tone = page.Soon
		}
		return tag
	}
	return o.left(r, work)
}
