package access

import (
	"slices"

	"elicense/internal/fault"
)

// Thing is what something is done to.
type Thing struct {
	Owner string // id of the party whose it is; "" = no party's
	Body  string // the state body with which it is; "" = no body's
	Draft bool   // it has not been sent to the body
}

// tie is how an actor must be bound to a thing.
type tie func(a Actor, t Thing) bool

func owns(a Actor, t Thing) bool   { return a.Party != "" && a.Party == t.Owner }
func atBody(a Actor, t Thing) bool { return a.Body != "" && a.Body == t.Body && !t.Draft }
func anyTie(Actor, Thing) bool     { return true }

// rule allows a role actions on the things it is tied to; an official needs one of the duties for it.
type rule struct {
	role    Role
	actions []Action
	tie     tie
	duties  []Duty
	// deputy says that the duties of an absent official serve as well.
	deputy bool
}

// rules is everything that is allowed; what no line allows is refused. Which step of an application is whose to do is
// asked of the application on top of it (application.May). All officials of a body who decide read all that is with it:
// a department says whose work it is and not who may see it.
func rules() []rule {
	return []rule{
		{role: Applicant, actions: []Action{View, Change}, tie: owns},
		{role: Officer, actions: []Action{View}, tie: atBody, duties: []Duty{Registrar, Executor, Approver, Head}, deputy: true},
		{role: Officer, actions: []Action{Allocate}, tie: atBody, duties: []Duty{Registrar, Executor, Approver, Head}, deputy: true},
		{role: Officer, actions: []Action{Administer}, tie: atBody, duties: []Duty{Administrator}},
		{role: Officer, actions: []Action{Publish}, tie: anyTie, duties: []Duty{Publisher}},
		{role: Operator, actions: []Action{Administer}, tie: anyTie},
	}
}

// Can answers the one question: may this actor do this to that. Another's thing is fault.NotFound, as one that does not
// exist, so that numbers cannot be tried out; what is the actor's body's but not their duty is fault.Denied
// "office.no-duty"; a visitor who is not logged in gets fault.Unauthenticated.
func Can(a Actor, action Action, t Thing) error {
	switch a.Role {
	case System:
		return nil
	case Applicant, Officer, Operator:
	default:
		return fault.New(fault.Unauthenticated, "fault.login")
	}
	tied := false
	for _, r := range rules() {
		if r.role != a.Role || !slices.Contains(r.actions, action) || !r.tie(a, t) {
			continue
		}
		if len(r.duties) == 0 || a.Holds(r.duties...) || r.deputy && a.standsIn(r.duties) {
			return nil
		}
		tied = true
	}
	if tied {
		return fault.New(fault.Denied, "office.no-duty")
	}
	return fault.New(fault.NotFound, "fault.not-found")
}

func (a Actor) standsIn(duties []Duty) bool {
	return slices.ContainsFunc(a.Absent, func(x Absent) bool { return x.Covers(x.Service, duties...) })
}
