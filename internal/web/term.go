package web

import (
	"strconv"

	"elicense/internal/application"
	"elicense/internal/casework"
	"elicense/internal/web/page"
)

// Terms explains terms day by day, on both portals: the law, the days that count and those that do not, each with its
// reason, and by which version of the calendar they were counted. body names a state body.
func Terms(r *Request, list []casework.Explained, body func(key string) string) []page.TermSection {
	var out []page.TermSection
	for i, x := range list {
		name := termName(r, x, body)
		s := page.TermSection{Title: name, Rows: []page.Row{
			{Name: r.Say.T("term.law"), Value: r.Say.T("term.law." + string(x.Matter))},
			{Name: r.Say.T("term.from"), Value: r.Say.LongDate(x.Clock.From) + "\n" + r.Say.T("term.from-note")},
			{Name: r.Say.T("term.days"), Value: r.Say.N("service.days", x.Clock.Days)},
			{Name: r.Say.T("term.due"), Value: r.Say.LongDate(x.Due)},
		}}
		for _, stop := range x.Clock.Stops {
			lasted := r.Say.T("term.stop-open", "from", r.Say.LongDate(stop.From))
			if !stop.To.IsZero() {
				lasted = r.Say.T("term.stop", "from", r.Say.LongDate(stop.From), "to", r.Say.LongDate(stop.To))
			}
			s.Rows = append(s.Rows, page.Row{Name: r.Say.T("term.stopped"), Value: lasted + "\n" + r.Say.T("term.cause."+string(stop.Cause))})
		}
		if !x.Ended.IsZero() {
			s.Rows = append(s.Rows, page.Row{Name: r.Say.T("term.ended." + string(x.Matter)), Value: r.Say.Time(x.Ended)})
		}
		if x.Known {
			s.Rows = append(s.Rows, page.Row{Name: r.Say.T("term.calendar"), Value: x.Clock.Calendar})
		} else {
			s.Notes = append(s.Notes, r.Say.T("term.calendar-unknown"))
		}
		if n := len(x.Days); n > 0 {
			switch last := x.Days[n-1].Date; {
			case x.Due.Before(last):
				s.Notes = append(s.Notes, r.Say.T("term.within"))
			case x.Due.After(last):
				s.Notes = append(s.Notes, r.Say.T("term.promised"))
			}
		}
		s.Days = termDays(r, "term-"+strconv.Itoa(i), name, x)
		out = append(out, s)
	}
	return out
}

func termName(r *Request, x casework.Explained, body func(string) string) string {
	switch x.Matter {
	case application.MatterOpinion:
		return r.Say.T("term.matter.opinion") + ": " + body(x.Body)
	case application.MatterStep:
		step, _ := x.Step.Name.In(r.Lang)
		return r.Say.T("term.matter.step") + ": " + step
	}
	return r.Say.T("term.matter." + string(x.Matter))
}

func termDays(r *Request, id, name string, x casework.Explained) page.Table {
	t := page.Table{ID: id, Caption: r.Say.T("term.table", "term", name), CaptionHidden: true, Stack: true}
	for _, key := range []string{"ask.date", "ask.weekday", "term.counted", "ask.why"} {
		t.Columns = append(t.Columns, page.Column{Text: r.Say.T(key)})
	}
	for _, day := range x.Days {
		counted, why := r.Say.T("term.not-counted"), r.Say.T(day.Reason)
		switch {
		case day.Counted > 0:
			counted = r.Say.T("term.nth", "n", strconv.Itoa(day.Counted))
		case day.Cause != "":
			why = r.Say.T("term.cause." + string(day.Cause))
		}
		t.Rows = append(t.Rows, []page.Cell{{Text: r.Say.Date(day.Date), Header: true}, {Text: r.Say.Weekday(day.Date.Weekday())}, {Text: counted}, {Text: why}})
	}
	return t
}
