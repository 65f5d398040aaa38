package application

import (
	"elicense/internal/civil"
	"elicense/internal/workday"
)

// Matter is what a statutory term is for.
type Matter string

// The matters.
const (
	MatterDecision     Matter = "decision"
	MatterCompleteness Matter = "completeness"
	MatterStep         Matter = "step"
	MatterOpinion      Matter = "opinion"
	MatterCorrection   Matter = "correction" // of the applicant's answer
)

// Stage is how near the last day is when somebody is told of it.
type Stage string

// The stages.
const (
	StageQuarter Stage = "quarter"    // a quarter of the term is left
	StageLast    Stage = "last"       // its last day
	StageOver    Stage = "over"       // it is over
	StageCheck   Stage = "check_last" // the last day of the check of completeness
)

// Addressee is who is told.
type Addressee string

// The addressees.
const (
	ToHolder Addressee = "holder" // who holds the application; where nobody does, those of the step's duty
	ToHead   Addressee = "head"   // who answers for the body
)

// Reminding is one thing that is to be told on a day.
type Reminding struct {
	Stage     Stage
	Due       civil.Date
	Addressee Addressee
}

// Remindings lists what is to be told of an application on a day: of every term the stage that it has reached, and of one
// that is over to the head of the body too. A term that stands still is not told of.
func (a Application) Remindings(today civil.Date, calendar *workday.Calendar) []Reminding {
	w := a.Work
	if a.State != Registered || w.Step == "" {
		return nil
	}
	var list []Reminding
	if check := w.Report.Completeness; check.Running(today) && calendar.Between(today, check.Due) == 0 {
		list = append(list, Reminding{StageCheck, check.Due, ToHolder})
	}
	if w.Due.IsZero() || w.Report.Clock.Stopped() {
		return list
	}
	switch left := calendar.Between(today, w.Due); {
	case today.After(w.Due):
		list = append(list, Reminding{StageOver, w.Due, ToHolder}, Reminding{StageOver, w.Due, ToHead})
	case left == 0:
		list = append(list, Reminding{StageLast, w.Due, ToHolder})
	case left*4 <= w.Report.Clock.Days:
		list = append(list, Reminding{StageQuarter, w.Due, ToHolder})
	}
	return list
}
