package application

import (
	"time"

	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/service"
	"elicense/internal/workday"
)

// Completeness is the check whether the documents are complete: within two working days of their receipt the licensor
// refuses further consideration with its reasons, or they count as complete (Law on permits and notifications,
// article 25 (1)). It runs inside the term of the decision.
type Completeness struct {
	Clock Clock      `json:"clock"`
	Due   civil.Date `json:"due"` // last day of the check
	// By, Person and At are of the official who marked the documents as complete, or "system" after the last day. At is zero
	// while it is open.
	By     string    `json:"by,omitempty"`
	Person string    `json:"person,omitempty"`
	At     time.Time `json:"at,omitzero"`
}

// BySystem is the actor of what follows from the law by itself.
const BySystem = "system"

// Act and events of the check.
const (
	MarkComplete     Act   = "complete"
	FoundComplete    Event = "found_complete"    // an official marked the documents as complete
	PresumedComplete Event = "presumed_complete" // nobody said anything in time
	TermMoved        Event = "term_moved"        // days of the term were made days off
)

// checkOf is the check of an application that was registered on a day with a term that ends on due; nil = there is none.
func checkOf(p service.Process, day, due civil.Date, calendar *workday.Calendar) *Completeness {
	days := p.CompletenessDays()
	if days == 0 {
		return nil
	}
	clock := Clock{Calendar: calendar.Version, From: day, Days: days}
	last := clock.Due(calendar)
	if !due.IsZero() && last.After(due) {
		last = due
	}
	return &Completeness{Clock: clock, Due: last}
}

// Open tells whether nobody has said yet that the documents are complete.
func (c *Completeness) Open() bool { return c != nil && c.At.IsZero() }

// Running tells whether incompleteness can still be the ground of a refusal on a day.
func (c *Completeness) Running(today civil.Date) bool { return c.Open() && !today.After(c.Due) }

// Incomplete tells what speaks against a refusal on a ground, on a day: incompleteness is one only within the term of its
// check. Other grounds are none of its business.
func (r Report) Incomplete(p service.Process, ground string, today civil.Date) []fault.Field {
	if _, ok := p.IncompleteGround(ground); !ok || r.Completeness.Running(today) {
		return nil
	}
	return []fault.Field{{Path: "ground", Key: "completeness.over"}}
}

// Complete marks the documents as complete: by the official who holds the first step, or by the system after the last day.
func (w Work) Complete(by, person string, at time.Time) Work {
	if w.Report.Completeness.Open() {
		done := *w.Report.Completeness
		done.By, done.Person, done.At = by, person, at
		w.Report.Completeness = &done
	}
	return w
}

// MayComplete demands that an official may mark the documents as complete on a day: fault.Conflict "completeness.over" after
// the last day, "completeness.done" once it is marked.
func (r Report) MayComplete(at time.Time) error {
	switch today := civil.Of(at, lang.Almaty()); {
	case !r.Completeness.Open():
		return fault.New(fault.Conflict, "completeness.done")
	case !r.Completeness.Running(today):
		return fault.New(fault.Conflict, "completeness.over")
	}
	return nil
}
