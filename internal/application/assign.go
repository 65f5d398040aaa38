package application

import (
	"time"

	"elicense/internal/access"
	"elicense/internal/fault"
	"elicense/internal/service"
)

// Assign is the act of whoever hands out the work of a state body: its head or its registrar. It is not among Acts, which
// are those of the person who does the step.
const Assign Act = "assign"

// Assignment says who was given an application.
type Assignment struct {
	To     string    `json:"to"` // account
	By     string    `json:"by"` // account; "system" by the rule of the body
	At     time.Time `json:"at"`
	Reason string    `json:"reason,omitempty"` // a note among officials
}

// HandsOut tells whether an official hands out the work of the body.
func HandsOut(actor access.Actor) bool { return actor.Holds(access.Head, access.Registrar) }

// mayAssign demands that the actor may give an application in work to an official.
func mayAssign(a Application, p service.Process, actor access.Actor) error {
	if err := actor.AtBody(a.Body); err != nil {
		return err
	}
	_, _, ok := p.StepAt(a.Work.Step)
	switch {
	case !HandsOut(actor):
		return fault.New(fault.Denied, "office.no-duty")
	case a.State != Registered || !ok:
		return a.notInWork()
	}
	return nil
}

// MayHold demands that an official can do the step that is to be done: of the body, not blocked, of the step's duty, and
// neither a person who did an earlier step nor one who gave another body's opinion (four eyes). Faults: Invalid
// "work.assign-nobody", Conflict "work.assign-person".
func (a Application) MayHold(p service.Process, to access.Official) error {
	step, _, ok := p.StepAt(a.Work.Step)
	switch {
	case !ok || to.Body != a.Body || !to.BlockedAt.IsZero() || !access.ActorOf(to).Holds(step.Who):
		return fault.At("to", "work.assign-nobody")
	case a.Work.did(to.Person) || a.Work.gave(to.Person):
		return fault.New(fault.Conflict, "work.assign-person")
	}
	return nil
}

// Give is the work once it was given to an official.
func (w Work) Give(to access.Official, by string, reason string, at time.Time) Work {
	w.Holder = to.ID
	w.Report.Assigned = &Assignment{To: to.ID, By: by, At: at, Reason: reason}
	return w
}
