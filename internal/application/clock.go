package application

import (
	"slices"

	"elicense/internal/civil"
	"elicense/internal/workday"
)

// Clock is how the statutory term of an application was counted: enough to count it again, day by day, years later.
type Clock struct {
	Calendar string     `json:"calendar"` // version of the calendar by which Work.Due was computed
	From     civil.Date `json:"from"`     // day of registration, which is not counted
	Days     int        `json:"days"`     // working days of the term
	Stops    []Stop     `json:"stops,omitempty"`
}

// Stop is a time in which the term does not run. The days after From, up to and including To, are not counted.
type Stop struct {
	From  civil.Date `json:"from"`
	To    civil.Date `json:"to,omitzero"` // zero = it has not ended
	Cause Cause      `json:"cause"`
}

// Cause is why a term stands still.
type Cause string

// The causes.
const (
	CauseCorrection Cause = "correction" // the applicant corrects what was marked
)

// Stopped tells whether the term stands still.
func (c Clock) Stopped() bool { return len(c.Stops) > 0 && c.Stops[len(c.Stops)-1].To.IsZero() }

// Due is the last day of the term; where it stands still, as if it ran on from the day on which it stopped. Zero = no term.
func (c Clock) Due(calendar *workday.Calendar) civil.Date {
	if c.Days <= 0 || c.From.IsZero() {
		return civil.Date{}
	}
	days := c.Explain(calendar)
	return days[len(days)-1].Date
}

// stopOn finds the stop, among those that have ended, in which a day lies; -1 = none.
func (c Clock) stopOn(day civil.Date) int {
	return slices.IndexFunc(c.Stops, func(s Stop) bool { return day.After(s.From) && !s.To.IsZero() && !day.After(s.To) })
}

// Day is one day of a term, and why it counts or not.
type Day struct {
	Date    civil.Date
	Counted int    // which working day of the term it is; 0 = it does not count
	Reason  string // message key of package workday
	Cause   Cause  // why the term stood still on a day that would have counted; empty = it ran
}

// Explain lists the days of the term, from the one after From to the last. The calendar is the one of the clock's version:
// then the last day is the one that was computed.
func (c Clock) Explain(calendar *workday.Calendar) []Day {
	if c.Days <= 0 || c.From.IsZero() {
		return nil
	}
	var days []Day
	for day, counted := c.From, 0; counted < c.Days; {
		day = day.AddDays(1)
		works, reason := calendar.IsWorking(day)
		d := Day{Date: day, Reason: reason}
		if stop := c.stopOn(day); works && stop >= 0 {
			d.Cause = c.Stops[stop].Cause
		} else if works {
			counted++
			d.Counted = counted
		}
		days = append(days, d)
	}
	return days
}

// Recounted is the clock by another version of the calendar, with its last day. A promise to the applicant is kept: where
// the last day would come earlier, or stay, the clock stays as it was counted (later is false). It comes later only where
// days that lay in the term were made days off, because the law gives so many working days to whoever decides. A term that
// is over is not touched.
func (c Clock) Recounted(due, today civil.Date, calendar *workday.Calendar) (next Clock, to civil.Date, later bool) {
	if c.Days <= 0 || c.From.IsZero() || c.Calendar == calendar.Version || due.Before(today) {
		return c, due, false
	}
	next = c
	next.Calendar = calendar.Version
	if to = next.Due(calendar); !to.After(due) {
		return c, due, false
	}
	return next, to, true
}

// Stop lets the term stand still from a day on; a term that stands still is left as it is.
func (w Work) Stop(day civil.Date, cause Cause) Work {
	if !w.Report.Clock.Stopped() {
		w.Report.Clock.Stops = append(slices.Clone(w.Report.Clock.Stops), Stop{From: day, Cause: cause})
	}
	return w
}

// Resume lets the term run again after a day, and computes its last day anew.
func (w Work) Resume(day civil.Date, calendar *workday.Calendar) Work {
	if !w.Report.Clock.Stopped() {
		return w
	}
	w.Report.Clock.Stops = slices.Clone(w.Report.Clock.Stops)
	stop := &w.Report.Clock.Stops[len(w.Report.Clock.Stops)-1]
	if stop.To = day; day.Before(stop.From) { // a clock that was put back
		stop.To = stop.From
	}
	w.Report.Clock.Calendar = calendar.Version
	if due := w.Report.Clock.Due(calendar); due.After(w.Due) { // never earlier than promised, whatever became of the calendar
		w.Due = due
	}
	return w
}

// Moving is a last day that comes later by another version of the calendar.
type Moving struct {
	Matter   Matter
	From, To civil.Date
}

// Recounted is the work with its terms by another version of the calendar (Clock.Recounted): of the decision, of the check of
// completeness while it runs, of other bodies' answers and the applicant's correction while they are waited for. What stands
// still is counted when it runs again.
func (w Work) Recounted(today civil.Date, calendar *workday.Calendar) (Work, []Moving) {
	var moves []Moving
	count := func(m Matter, clock *Clock, due *civil.Date, bound civil.Date) {
		next, to, later := clock.Recounted(*due, today, calendar)
		if !bound.IsZero() && to.After(bound) {
			to = bound
		}
		if later && to.After(*due) {
			moves = append(moves, Moving{m, *due, to})
			*clock, *due = next, to
		}
	}
	if !w.Report.Clock.Stopped() {
		count(MatterDecision, &w.Report.Clock, &w.Due, civil.Date{})
	}
	if w.Report.Completeness.Running(today) {
		check := *w.Report.Completeness
		count(MatterCompleteness, &check.Clock, &check.Due, w.Due) // it lies within the term
		w.Report.Completeness = &check
	}
	w.Report.Opinions = slices.Clone(w.Report.Opinions)
	for i := range w.Report.Opinions {
		o := &w.Report.Opinions[i]
		if clock := o.Clock(); o.Standing(today) == Waiting {
			count(MatterOpinion, &clock, &o.Due, civil.Date{})
			o.Calendar = clock.Calendar
		}
	}
	if c, open := w.Report.Correction(); open {
		clock := c.Clock()
		count(MatterCorrection, &clock, &c.Until, civil.Date{})
		c.Calendar = clock.Calendar
		w.Report = w.Report.replace(c)
	}
	return w, moves
}
