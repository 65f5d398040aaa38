package office

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"elicense/internal/calendar"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/port"
	"elicense/internal/web"
	"elicense/internal/web/page"
	"elicense/internal/workday"
)

// calendarView is the calendar of a year, with the form that changes it.
type calendarView struct {
	Words   *page.Words
	Heading page.Heading
	Errors  page.Errors
	Notices []page.Banner

	EffectsOf, EffectsText string
	Effects                *page.Table // what the change would move; nil = nobody asked

	Years        []page.Tab
	YearOf       string
	Months       page.Table
	ExceptionsOf string
	Exceptions   *page.Table

	ChangeOf, ChangeLead string
	Form                 page.Form
	Seen                 string // version on which the reader looked
	Days                 []page.AreaField
	Reason               page.AreaField
	Buttons              []page.Button

	HistoryOf string
	History   page.Table
	MovedOf   string
	Moved     *page.Table
}

// dayField is a box of the form, one day a line, and what it makes of its days.
type dayField struct{ name, reason string }

func dayFields() []dayField {
	return []dayField{{"off", workday.SwappedOff}, {"work", workday.SwappedWork}, {"kurban", workday.KurbanAit}, {"law", workday.AsByLaw}}
}

const (
	fieldLooked = "seen"
	goPreview   = "preview"
	goChange    = "change"
)

// calendar shows the calendar of a year. An exception that is to be removed may stand in the address.
func (o *Office) calendar(w http.ResponseWriter, r *web.Request) error {
	typed, kept := r.Kept()
	if day, err := civil.ParseDate(r.URL.Query().Get("remove")); err == nil && !kept {
		typed = url.Values{"law": {r.Say.Date(day)}}
	}
	return o.showCalendar(w, r, typed, calendarSeen{kept: kept})
}

// calendarSeen is what the page says besides the calendar.
type calendarSeen struct {
	kept    bool
	problem error
	errs    page.Errors
	effects *page.Table
	count   int
}

func (o *Office) showCalendar(w http.ResponseWriter, r *web.Request, typed url.Values, seen calendarSeen) error {
	if err := working(r); err != nil {
		return err
	}
	history, names, err := o.Calendar.History(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	c := o.Calendar.Current()
	this := civil.Of(o.World.Now(), lang.Almaty()).Year
	year, err := strconv.Atoi(r.URL.Query().Get("year"))
	if err != nil || year < this-1 || year > this+2 {
		year = this
	}
	v := calendarView{Words: o.Server.Words(r.Lang), Errors: seen.errs, Heading: page.Heading{Text: r.Say.T("calendar.title"), Lead: r.Say.T("calendar.lead")},
		YearOf: r.Say.T("calendar.year", "year", strconv.Itoa(year)), Months: monthsTable(r, c, year), ExceptionsOf: r.Say.T("calendar.exceptions"),
		ChangeOf: r.Say.T("calendar.change"), ChangeLead: r.Say.T("calendar.change-lead"), HistoryOf: r.Say.T("calendar.history"), MovedOf: r.Say.T("calendar.moved"),
		Seen: c.Version, Form: page.Form{Action: r.Link(pathCalendar + "?year=" + strconv.Itoa(year)), CSRF: r.CSRF()}}
	if seen.kept {
		v.Notices = append(v.Notices, keptNotice(r))
	}
	if !c.Covers(civil.EndOfYear(year)) {
		v.Notices = append(v.Notices, page.Banner{Kind: page.Caution, Text: r.Say.T("calendar.uncovered", "year", strconv.Itoa(year))})
	}
	for y := this - 1; y <= this+2; y++ {
		v.Years = append(v.Years, page.Tab{Text: strconv.Itoa(y), Href: r.Link(pathCalendar + "?year=" + strconv.Itoa(y)), Current: y == year})
	}
	v.Exceptions = exceptionsTable(r, c, year)
	o.calendarForm(r, typed, seen.errs, &v)
	if v.Effects = seen.effects; v.Effects != nil {
		v.EffectsOf, v.EffectsText = r.Say.T("calendar.effects"), r.Say.N("calendar.effects-count", seen.count)
	}
	v.History = historyTable(r, history, names)
	moved, err := o.Desk.Moved(r.Context(), r.Actor, c.Version)
	if err != nil {
		return err
	}
	if len(moved) > 0 {
		v.Moved = movedTable(r, "moved", v.MovedOf, moved)
	}
	chrome := o.Chrome(r, v.Heading.Text)
	chrome.Wide = true
	return o.show(w, r, seen.problem, chrome, calendarPage(v))
}

// calendarForm is the form as it was typed.
func (o *Office) calendarForm(r *web.Request, typed url.Values, errs page.Errors, v *calendarView) {
	for _, f := range dayFields() {
		v.Days = append(v.Days, page.AreaField{Rows: 2, MaxLength: 1000, Field: page.Field{Name: f.name, Label: r.Say.T("calendar.days." + f.name),
			Hint: r.Say.T("calendar.days-hint"), Value: typed.Get(f.name), Error: errs.For(f.name)}})
	}
	v.Reason = page.AreaField{Rows: 3, MaxLength: 500, Field: page.Field{Name: fieldReason, Label: r.Say.T("calendar.reason"), Hint: r.Say.T("calendar.reason-hint"),
		Required: true, Value: typed.Get(fieldReason), Error: errs.For(fieldReason)}}
	v.Buttons = []page.Button{{Text: r.Say.T("calendar.preview"), Kind: page.Secondary, Name: page.NameGo, Value: goPreview},
		{Text: r.Say.T("calendar.save"), Name: page.NameGo, Value: goChange}}
}

// monthsTable is a year, a month a row: how many days are worked, which weekdays are off and which weekend days worked.
func monthsTable(r *web.Request, c *workday.Calendar, year int) page.Table {
	t := page.Table{ID: "months", Caption: r.Say.T("calendar.year", "year", strconv.Itoa(year)), CaptionHidden: true, Stack: true, Columns: []page.Column{
		{Text: r.Say.T("calendar.month")}, {Text: r.Say.T("calendar.worked"), Numeric: true}, {Text: r.Say.T("calendar.off")}, {Text: r.Say.T("calendar.weekend-work")}}}
	for month := time.January; month <= time.December; month++ {
		worked, off, extra := 0, []string{}, []string{}
		for n := 1; n <= civil.DaysIn(year, month); n++ {
			day := civil.New(year, month, n)
			works, reason := c.IsWorking(day)
			said := r.Say.Date(day) + ", " + r.Say.Weekday(day.Weekday()) + ": " + r.Say.T(reason)
			switch {
			case works && reason == workday.SwappedWork:
				extra = append(extra, said)
			case !works && reason != workday.Weekend:
				off = append(off, said)
			}
			if works {
				worked++
			}
		}
		t.Rows = append(t.Rows, []page.Cell{{Text: r.Say.Month(month), Header: true}, {Text: strconv.Itoa(worked)}, {Body: lines(orDash(off))}, {Body: lines(orDash(extra))}})
	}
	return t
}

func orDash(list []string) []string {
	if len(list) == 0 {
		return []string{"–"}
	}
	return list
}

// exceptionsTable lists what administrators entered for a year; nil where there is nothing.
func exceptionsTable(r *web.Request, c *workday.Calendar, year int) *page.Table {
	t := &page.Table{ID: "exceptions", Caption: r.Say.T("calendar.exceptions"), CaptionHidden: true, Stack: true, Columns: []page.Column{
		{Text: r.Say.T("ask.date")}, {Text: r.Say.T("ask.weekday")}, {Text: r.Say.T("ask.why")}, {Text: r.Say.T("calendar.remove"), Hidden: true}}}
	for _, x := range c.Exceptions() {
		if x.Day.Year == year {
			href := r.Link(pathCalendar + "?year=" + strconv.Itoa(year) + "&remove=" + x.Day.String() + "#change")
			t.Rows = append(t.Rows, []page.Cell{{Text: r.Say.Date(x.Day), Header: true}, {Text: r.Say.Weekday(x.Day.Weekday())}, {Text: r.Say.T(x.Reason)},
				{Text: r.Say.T("calendar.remove"), Href: href, About: r.Say.Date(x.Day)}})
		}
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return t
}

func historyTable(r *web.Request, history []port.CalendarRevision, names map[string]string) page.Table {
	t := page.Table{ID: "history", Caption: r.Say.T("calendar.history"), CaptionHidden: true, Stack: true}
	for _, key := range []string{"calendar.version", "calendar.at", "calendar.author", "calendar.reason", "calendar.what"} {
		t.Columns = append(t.Columns, page.Column{Text: r.Say.T(key)})
	}
	for _, x := range history {
		author, ok := names[x.Author]
		if !ok {
			author = r.Say.T("calendar.built-in")
		}
		reason := x.Reason
		if reason == "" {
			reason = "–"
		}
		t.Rows = append(t.Rows, []page.Cell{{Text: x.Version, Header: true}, {Text: r.Say.Time(x.At)}, {Text: author}, {Text: reason}, {Body: lines(orDash(changed(r, x.Days)))}})
	}
	return t
}

// changed says what a version changed.
func changed(r *web.Request, days string) []string {
	var list []string
	for _, part := range strings.Split(days, "; ") {
		day, reason, _ := strings.Cut(part, " ")
		d, err := civil.ParseDate(day)
		if err != nil {
			continue
		}
		list = append(list, r.Say.Date(d)+": "+r.Say.T(reason))
	}
	return list
}

func movedTable(r *web.Request, id, caption string, list []port.MovedTerm) *page.Table {
	t := &page.Table{ID: id, Caption: caption, CaptionHidden: true, Stack: true}
	for _, key := range []string{"filing.number", "calendar.matter", "calendar.was", "calendar.becomes"} {
		t.Columns = append(t.Columns, page.Column{Text: r.Say.T(key)})
	}
	for _, m := range list {
		t.Rows = append(t.Rows, []page.Cell{{Text: m.Application, Href: r.Link(pathQueue + "/" + m.Application + "/term"), Header: true},
			{Text: r.Say.T("term.matter." + string(m.Matter))}, {Text: r.Say.Date(m.From)}, {Text: r.Say.Date(m.To)}})
	}
	return t
}

// changeCalendar shows what a change would move, or makes it.
func (o *Office) changeCalendar(w http.ResponseWriter, r *web.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.form").Because(err)
	}
	typed := r.PostForm
	ch, err := readChange(typed)
	if err == nil {
		switch typed.Get(page.NameGo) {
		case goPreview:
			return o.previewCalendar(w, r, typed, ch)
		case goChange:
			err = o.Calendar.Add(r.Context(), r.Actor, ch)
		default:
			err = fault.New(fault.Invalid, "fault.form")
		}
	}
	if err == nil {
		r.Flash("calendar.done")
		return o.Server.Go(w, r, r.Link(pathCalendar+"?year="+strconv.Itoa(ch.Days[0].Day.Year)))
	}
	return o.calendarFailed(w, r, typed, err)
}

func (o *Office) previewCalendar(w http.ResponseWriter, r *web.Request, typed url.Values, ch calendar.Change) error {
	next, err := o.Calendar.Try(r.Actor, ch)
	if err != nil {
		return o.calendarFailed(w, r, typed, err)
	}
	count, own, err := o.Desk.Effects(r.Context(), r.Actor, next)
	if err != nil {
		return err
	}
	return o.showCalendar(w, r, typed, calendarSeen{effects: movedTable(r, "effects-list", r.Say.T("calendar.effects"), own), count: count})
}

// calendarFailed shows the form again as it was typed. Faults of days stand at the box in which they were typed.
func (o *Office) calendarFailed(w http.ResponseWriter, r *web.Request, typed url.Values, err error) error {
	errs, ok := o.errorsOf(r, err)
	if !ok || calendar.May(r.Actor) != nil {
		return err
	}
	for i := range errs {
		for _, f := range dayFields() {
			if errs[i].Path == f.reason {
				errs[i].Path = f.name
			}
		}
	}
	return o.showCalendar(w, r, typed, calendarSeen{problem: err, errs: errs})
}

// readChange reads the form; a line that is no day is a field fault.
func readChange(typed url.Values) (calendar.Change, error) {
	ch := calendar.Change{Seen: typed.Get(fieldLooked), Reason: typed.Get(fieldReason)}
	var wrong []fault.Field
	for _, f := range dayFields() {
		for _, line := range strings.FieldsFunc(typed.Get(f.name), func(c rune) bool { return c == '\n' || c == ',' || c == ';' }) {
			line = strings.TrimSpace(line)
			day, ok := civil.ParseTyped(line)
			switch {
			case line == "":
			case !ok:
				wrong = append(wrong, fault.Field{Path: f.reason, Key: "calendar.no-day", Args: fault.Args{"text": clip(line)}})
			default:
				ch.Days = append(ch.Days, workday.Exception{Day: day, Reason: f.reason})
			}
		}
	}
	return ch, fault.Fields(wrong)
}

// clip shortens what was typed for a message.
func clip(s string) string {
	if runes := []rune(s); len(runes) > 30 {
		return string(runes[:30]) + "…"
	}
	return s
}
