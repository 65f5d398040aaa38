package access

import (
	"slices"
	"strings"
	"time"

	"elicense/internal/fault"
)

// Duty is what an official does at the state body.
type Duty string

// The duties.
const (
	Registrar     Duty = "registrar"     // receives and hands out applications
	Executor      Duty = "executor"      // examines an application and proposes its decision
	Approver      Duty = "approver"      // confirms or sends back what another proposed
	Head          Duty = "head"          // answers for the body
	Publisher     Duty = "publisher"     // publishes revisions of services
	Administrator Duty = "administrator" // keeps officials, directories and the calendar
	Auditor       Duty = "auditor"       // reads what was done
)

// Duties lists them in the order of a page.
func Duties() []Duty {
	return []Duty{Registrar, Executor, Approver, Head, Publisher, Administrator, Auditor}
}

// Official is a person's account at one state body. A person may have several, at several bodies or one after the other;
// rules about two persons compare Person and never the account.
type Official struct {
	ID                             string
	Login                          string // what the person types; unique, in lower case
	Person                         string // IIN
	Surname, GivenName, Patronymic string
	Body                           string // key of the state body
	Department                     string // key of the department; "" = none
	Duties                         []Duty
	Password                       string    // argon2id hash in PHC form
	PasswordAt                     time.Time // when the person chose the password; see Initial
	FactorAt                       time.Time // when the second factor was confirmed; zero = there is none
	BlockedAt                      time.Time // zero = works
	Version                        int
	CreatedAt                      time.Time
}

// Name is the person's full name.
func (o Official) Name() string {
	return strings.Join(strings.Fields(o.Surname+" "+o.GivenName+" "+o.Patronymic), " ")
}

// Initial tells that the password was given by whoever made the account: it must be replaced before anything else.
func (o Official) Initial() bool { return o.PasswordAt.IsZero() }

// ActorOf is what an official may act as.
func ActorOf(o Official) Actor {
	return Actor{Role: Officer, Account: o.ID, Person: o.Person, Body: o.Body, Department: o.Department, Duties: o.Duties}
}

// Holds tells whether an official has one of the duties.
func (a Actor) Holds(duties ...Duty) bool {
	return a.Role == Officer && slices.ContainsFunc(duties, func(d Duty) bool { return slices.Contains(a.Duties, d) })
}

// SpeaksForBody tells whether an official, or one who is absent and in whose place they work, answers for the state body
// towards other bodies.
func (a Actor) SpeaksForBody() bool {
	return a.Holds(Approver, Head) || a.standsIn([]Duty{Approver, Head})
}

// Serves tells whether an official has one of the duties for a service, or stands in for one who is absent and has.
func (a Actor) Serves(service string, duties ...Duty) bool {
	return a.Holds(duties...) || a.Role == Officer && slices.ContainsFunc(a.Absent, func(x Absent) bool { return x.Covers(service, duties...) })
}

// SpokenServices are the services to which SpeaksForBody is bounded, where it is only in the place of officials who are absent
// for those; nil = to none.
func (a Actor) SpokenServices() []string {
	var list []string
	for _, x := range a.Absent {
		if x.Covers(x.Service, Approver, Head) {
			list = append(list, x.Service)
		}
	}
	if a.Holds(Approver, Head) || slices.Contains(list, "") {
		return nil
	}
	return list
}

// AtWork demands an official who is logged in.
func (a Actor) AtWork() error {
	if a.Role != Officer {
		return fault.New(fault.Unauthenticated, "fault.login")
	}
	return nil
}

// AtBody demands an official of the state body who works on its things. Another body's thing answers as one that does not
// exist, as in May; to one who only audits each does.
func (a Actor) AtBody(body string) error {
	if err := a.AtWork(); err != nil {
		return err
	}
	if a.Body != body || a.OnlyAudits() {
		return fault.New(fault.NotFound, "fault.not-found")
	}
	return nil
}
