package application

import (
	"slices"

	"elicense/internal/access"
	"elicense/internal/service"
)

// place is in whose place an actor works on an application: their own, or that of an official who is absent.
type place struct {
	account string        // by which the application is held: what a deputy takes is the absent official's
	persons []string      // whom four eyes compare: the actor, and who is acted for
	absent  access.Absent // zero = their own place
}

// place finds it for one of the duties: what an absent official holds is worked on in their place, anything else in one's
// own where one has the duty. ok is false where neither the actor nor anybody absent has it.
func (a Application) place(actor access.Actor, duties ...access.Duty) (p place, ok bool) {
	for _, x := range actor.Absent {
		if a.Work.Holder == x.Account && x.Account != actor.Account && x.Covers(a.Service, duties...) {
			return standing(actor, x), true
		}
	}
	own := place{account: actor.Account, persons: []string{actor.Person}}
	if actor.Holds(duties...) {
		return own, true
	}
	for _, x := range actor.Absent {
		if x.Covers(a.Service, duties...) {
			return standing(actor, x), true
		}
	}
	return own, false
}

// SpeaksFor tells whether the actor answers for the body about the application, and in which absent official's place; zero =
// in their own.
func (a Application) SpeaksFor(actor access.Actor) (absent access.Absent, ok bool) {
	in, ok := a.place(actor, access.Approver, access.Head)
	return in.absent, ok
}

func standing(actor access.Actor, x access.Absent) place {
	return place{account: x.Account, persons: []string{actor.Person, x.Person}, absent: x}
}

// heldFor finds the absent official who holds the application and in whose place the actor works.
func (w Work) heldFor(actor access.Actor) (access.Absent, bool) {
	i := slices.IndexFunc(actor.Absent, func(x access.Absent) bool { return x.Account == w.Holder && w.Holder != actor.Account })
	if i < 0 {
		return access.Absent{}, false
	}
	return actor.Absent[i], true
}

// Behalf is the account of the absent official in whose place the actor would act on an application now; "" = their own.
func Behalf(a Application, p service.Process, actor access.Actor) string {
	step, _, _ := p.StepAt(a.Work.Step)
	in, _ := a.place(actor, step.Who)
	return in.absent.Account
}

// did tells whether one of the persons did a step, had it done in their place, or overturned the decision that stood before.
func (w Work) did(persons ...string) bool {
	done := w.Report.Done
	if w.Report.Reopened != nil {
		done = append(slices.Clone(done), *w.Report.Reopened)
	}
	return slices.ContainsFunc(done, func(d Done) bool {
		return slices.Contains(persons, d.Person) || d.ForPerson != "" && slices.Contains(persons, d.ForPerson)
	})
}

// gave tells whether one of the persons gave another body's opinion, or had it given in their place.
func (w Work) gave(persons ...string) bool {
	return slices.ContainsFunc(w.Report.Opinions, func(o Opinion) bool {
		return o.Answer != nil && (slices.Contains(persons, o.Answer.Person) || o.Answer.ForPerson != "" && slices.Contains(persons, o.Answer.ForPerson))
	})
}
