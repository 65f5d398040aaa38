package portal

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"elicense/internal/civil"
	"elicense/internal/lang"
	"elicense/internal/port"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// cabinetRoutes are the personal cabinet: the applicant's applications and permits.
func (p *Portal) cabinetRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET /{lang}/applications", Policy: web.Person, Handle: p.applications, Page: "applications"},
		{Pattern: "GET /{lang}/applications/{number}/term", Policy: web.Person, Handle: p.term, Page: "application-term"},
		{Pattern: "GET /{lang}/permits", Policy: web.Person, Handle: p.permits, Page: "permits"},
		{Pattern: "GET /{lang}/notifications", Policy: web.Person, Handle: p.notifications, Page: "notifications"},
		{Pattern: "GET /{lang}/permits/{number}", Policy: web.Person, Handle: p.permit, Page: "permit"},
		{Pattern: "GET /{lang}/permits/{number}/document/{doclang}", Policy: web.Person, Handle: p.permitDocument},
		{Pattern: "GET /{lang}/permits/{number}/calendar", Policy: web.Person, Handle: p.permitCalendar},
		{Pattern: "GET /{lang}/permits/{number}/appendices/{appendix}/document/{doclang}", Policy: web.Person, Handle: p.appendixDocument},
		{Pattern: "GET /{lang}/permits/{number}/acts/{seq}/document/{doclang}", Policy: web.Person, Handle: p.actDocument},
	}
}

// Limits of a list: rows of a page, and how many pages back the address remembers.
const (
	listRows  = 20
	listPages = 100
)

// listView is one of the lists of the cabinet.
type listView struct {
	Words   *page.Words
	Heading page.Heading
	Errors  page.Errors
	Tabs    []page.Tab
	TabsOf  string
	Panel   page.SearchPanel
	Found   string
	Table   *page.Table
	Pages   page.Pagination
	Empty   *page.Empty
	Notice  *page.Banner  // permits that end soon
	Offers  []page.Button // services that are begun from here
	// Papers are the holder's licences that are on paper; nil = none.
	Papers               *page.Table
	PapersOf, PapersText string
}

// listQuery is what the address of a list asks for (search panel of the manuals: number, day, licensor, kind of service,
// each with an operator).
type listQuery struct {
	Number, NumberOp string
	Day, DayOp       string
	Body, Service    string
	// Cursors are the last rows of the pages before, oldest first: so that there is a way back too.
	Cursors []string
	dayOK   bool
}

// readList reads the query; what is not well formed is kept for the form and left out of the search.
func readList(q url.Values) (listQuery, port.Search) {
	l := listQuery{
		Number: strings.TrimSpace(q.Get("number")), NumberOp: operator(q.Get("number_op"), port.Equals, port.Contains),
		Day: strings.TrimSpace(q.Get("day")), DayOp: operator(q.Get("day_op"), port.Equals, port.From, port.Until),
		Body: q.Get("body"), Service: q.Get("service"), Cursors: q["after"], dayOK: true,
	}
	s := port.Search{
		Number:   strings.Map(bare, l.Number),
		NumberOp: port.Operator(l.NumberOp), Body: l.Body, Service: l.Service, Limit: listRows + 1,
	}
	if l.Day != "" {
		day, ok := civil.ParseTyped(l.Day)
		l.dayOK = ok
		if ok {
			s.DayFrom, s.DayTo = bounds(day, port.Operator(l.DayOp))
		}
	}
	if n := len(l.Cursors); n > 0 {
		at, number, ok := readCursor(l.Cursors[n-1])
		if ok {
			s.Before, s.BeforeNumber = at, number
		} else {
			l.Cursors = nil
		}
	}
	return l, s
}

// bare drops what people put between the parts of a number.
func bare(c rune) rune {
	if c == ' ' || c == '\u00a0' || c == '-' {
		return -1
	}
	return c
}

// operator is the operator asked for where the field has it, else the first one.
func operator(asked string, have ...port.Operator) string {
	if slices.Contains(have, port.Operator(asked)) {
		return asked
	}
	return string(have[0])
}

// bounds are the moments between which a day of the search lies: days begin at midnight in Kazakhstan.
func bounds(day civil.Date, op port.Operator) (from, to time.Time) {
	start := func(d civil.Date) time.Time {
		return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, lang.Almaty()).UTC()
	}
	switch op {
	case port.From:
		return start(day), time.Time{}
	case port.Until:
		return time.Time{}, start(day.AddDays(1))
	}
	return start(day), start(day.AddDays(1))
}

// cursor names the last row of a page: its time in microseconds (the store's precision) and its number.
func cursor(at time.Time, number string) string {
	return strconv.FormatInt(at.UnixMicro(), 10) + "." + number
}

func readCursor(text string) (at time.Time, number string, ok bool) {
	micro, number, found := strings.Cut(text, ".")
	n, err := strconv.ParseInt(micro, 10, 64)
	if !found || err != nil || len(number) > 40 {
		return time.Time{}, "", false
	}
	return time.UnixMicro(n).UTC(), number, true
}

// address is the list with the same conditions at another page.
func (l listQuery) address(path string, cursors []string) string {
	q := url.Values{}
	for _, v := range []struct{ name, value string }{
		{"number", l.Number}, {"number_op", l.NumberOp}, {"day", l.Day}, {"day_op", l.DayOp}, {"body", l.Body}, {"service", l.Service},
	} {
		if v.value != "" && v.value != string(port.Equals) {
			q.Set(v.name, v.value)
		}
	}
	for _, c := range cursors {
		q.Add("after", c)
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// filtered tells whether any condition was asked for.
func (l listQuery) filtered() bool {
	return l.Number != "" || l.Day != "" || l.Body != "" || l.Service != ""
}

// first is the number of the first row of the page.
func (l listQuery) first() int { return len(l.Cursors)*listRows + 1 }

// pages leads to the neighbouring pages; last is the cursor of the last row shown, empty when nothing follows it.
func (l listQuery) pages(r *web.Request, path string, rows int, last string) page.Pagination {
	var out page.Pagination
	if n := len(l.Cursors); n > 0 {
		out.Previous = l.address(path, l.Cursors[:n-1])
	}
	if last != "" && len(l.Cursors) < listPages {
		out.Next = l.address(path, append(slices.Clone(l.Cursors), last))
	}
	if rows > 0 {
		out.Text = r.Say.T("table.row", "n", strconv.Itoa(l.first()))
		if rows > 1 {
			out.Text = r.Say.T("table.rows", "from", strconv.Itoa(l.first()), "to", strconv.Itoa(l.first()+rows-1))
		}
	}
	return out
}

// errors are the conditions that could not be understood.
func (l listQuery) errors(r *web.Request, panel string) page.Errors {
	if l.dayOK {
		return nil
	}
	return page.Errors{{Path: "day", Text: r.Say.T("field.date"), ID: panel + "-1"}}
}

// panel is the search panel; the labels differ between the lists.
func (p *Portal) panel(r *web.Request, l listQuery, path, numberLabel, dayLabel string) page.SearchPanel {
	id := "search"
	panel := page.SearchPanel{ID: id, Title: r.Say.T("list.search"), Action: r.Link(path), Reset: r.Link(path)}
	ops := func(chosen string, list ...port.Operator) []page.Option {
		var out []page.Option
		for _, op := range list {
			out = append(out, page.Option{Value: string(op), Text: r.Say.T("operator." + string(op)), Chosen: string(op) == chosen})
		}
		return out
	}
	equals := ops("", port.Equals)
	var bodies, services []page.Option
	for _, b := range p.sortedBodies(r) {
		text, in := b.Name.In(r.Lang)
		bodies = append(bodies, page.Option{Value: b.Key, Text: text, Lang: foreign(r, in), Chosen: b.Key == l.Body})
	}
	for _, rev := range p.sortedServices(r) {
		text, in := rev.Definition.Name.In(r.Lang)
		services = append(services, page.Option{Value: rev.Service, Text: text, Lang: foreign(r, in), Chosen: rev.Service == l.Service})
	}
	panel.Rows = []page.SearchRow{
		{Label: numberLabel, Name: "number", OpName: "number_op", Ops: ops(l.NumberOp, port.Equals, port.Contains), Value: l.Number},
		{Label: dayLabel, Name: "day", OpName: "day_op", Ops: ops(l.DayOp, port.Equals, port.From, port.Until), Value: l.Day, Hint: r.Say.T("list.day-hint"),
			Error: l.errors(r, id).For("day")},
		{Label: r.Say.T("table.licensor"), Name: "body", OpName: "body_op", Ops: equals, Value: l.Body, Options: bodies},
		{Label: r.Say.T("list.service"), Name: "service", OpName: "service_op", Ops: equals, Value: l.Service, Options: services},
	}
	return panel
}

// cabinetTabs lead between the lists of the cabinet.
func cabinetTabs(r *web.Request, current string) []page.Tab {
	var tabs []page.Tab
	for _, t := range []struct{ key, path string }{
		{"nav.my-applications", "/applications"}, {"nav.my-permits", "/permits"}, {"nav.my-notifications", "/notifications"}, {"nav.my-documents", "/documents"}, {"nav.notices", "/notices"},
	} {
		tabs = append(tabs, page.Tab{Text: r.Say.T(t.key), Href: r.Link(t.path), Current: t.path == current})
	}
	return tabs
}

// listOf is what the lists have in common; rows come from the caller.
func (p *Portal) listOf(r *web.Request, l listQuery, title, path, numberLabel, dayLabel string) listView {
	v := listView{
		Words: p.Server.Words(r.Lang), Heading: page.Heading{Text: title}, Tabs: cabinetTabs(r, path), TabsOf: r.Say.T("header.cabinet"),
		Panel: p.panel(r, l, path, numberLabel, dayLabel), Errors: l.errors(r, "search"), Found: r.Say.T("list.found"),
	}
	return v
}

// nothing stands where the rows would: nothing found, or nothing there yet.
func (l listQuery) nothing(r *web.Request, path, titleKey, textKey string) *page.Empty {
	if l.filtered() {
		return &page.Empty{
			Title: r.Say.T("list.nothing-found"), Text: r.Say.T("list.nothing-found-text"),
			Button: &page.Button{Text: r.Say.T("page.reset"), Kind: page.Secondary, Href: r.Link(path)},
		}
	}
	return &page.Empty{
		Title: r.Say.T(titleKey), Text: r.Say.T(textKey),
		Button: &page.Button{Text: r.Say.T("catalogue.all-services"), Href: r.Link("/")},
	}
}
