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
	if c.Days == 0 || c.From.IsZero() {
		return civil.Date{}
	}
	day := c.From
	for left := c.Days; left > 0; {
		day = day.AddDays(1)
		if works, _ := calendar.IsWorking(day); works && !c.still(day) {
			left--
		}
	}
	return day
}

// still tells whether a day lies in a stop that has ended.
func (c Clock) still(day civil.Date) bool {
	return slices.ContainsFunc(c.Stops, func(s Stop) bool { return day.After(s.From) && !s.To.IsZero() && !day.After(s.To) })
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
	w.Report.Clock.Stops[len(w.Report.Clock.Stops)-1].To = day
	w.Report.Clock.Calendar = calendar.Version
	w.Due = w.Report.Clock.Due(calendar)
	return w
}
