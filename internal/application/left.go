package application

import "elicense/internal/civil"

// Left is how much of the term of an application is left.
type Left string

// The states of a term, in the order of urgency.
const (
	Overdue Left = "overdue"
	Today   Left = "today" // the last day
	Soon    Left = "soon"  // at most a quarter of the term is left
	OnTime  Left = "on-time"
	Paused  Left = "paused" // the term stands still
)

// Lefts lists them in the order of a page.
func Lefts() []Left { return []Left{Overdue, Today, Soon, OnTime, Paused} }

// SoonFrom is the first day on which at most a quarter of the term is left, in calendar days, without those in which it
// stood still. Zero = no term.
func (w Work) SoonFrom() civil.Date {
	clock := w.Report.Clock
	if w.Due.IsZero() || clock.From.IsZero() {
		return w.Due
	}
	days := clock.From.DaysUntil(w.Due)
	for _, s := range clock.Stops {
		if !s.To.IsZero() {
			days -= s.From.DaysUntil(s.To)
		}
	}
	return w.Due.AddDays(-max(days, 0) / 4)
}

// Left judges the term on a day. Work without a term is on time.
func (w Work) Left(today civil.Date) Left {
	switch {
	case w.Report.Clock.Stopped():
		return Paused
	case w.Due.IsZero():
		return OnTime
	case today.After(w.Due):
		return Overdue
	case today == w.Due:
		return Today
	case !today.Before(w.SoonFrom()):
		return Soon
	}
	return OnTime
}
