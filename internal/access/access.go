// Package access holds the one question that pages, the API and the use cases ask: may this actor do this to that.
package access

import "elicense/internal/fault"

// Role is what an actor is in the system.
type Role string

// The roles.
const (
	Anonymous Role = "anonymous"
	Applicant Role = "applicant"
	Officer   Role = "official"
	System    Role = "system"
	Operator  Role = "operator" // at the command line of the installation
)

// Actor is who does something.
type Actor struct {
	Role    Role
	Account string // account id of an applicant, or the official's
	Party   string // party id for whom the applicant acts

	// Of an official:
	Person string // IIN: four eyes are two persons, however many accounts they have
	Body   string // the state body
	// Department is the key of the actor's department of the body; "" = none.
	Department string
	Duties     []Duty
	// Certified tells that the session began with a signature.
	Certified bool
	// Absent are the officials in whose place the actor works today.
	Absent []Absent
}

// Nobody is the visitor who is not logged in.
func Nobody() Actor { return Actor{Role: Anonymous} }

// TheSystem acts by itself: automatic decisions, jobs.
func TheSystem() Actor { return Actor{Role: System} }

// TheOperator acts at the command line of the installation. Nothing of an applicant's is theirs.
func TheOperator() Actor { return Actor{Role: Operator} }

// Name is the actor in audit rows: an account id or a role, never a person's number.
func (a Actor) Name() string {
	if a.Account != "" {
		return a.Account
	}
	return string(a.Role)
}

// Action is something that can be done.
type Action string

// The actions; see rules.
const (
	View   Action = "view"
	Change Action = "change" // what an applicant does to what is theirs
	// Allocate is done to the numbering resource in the work on an application: no applicant may.
	Allocate   Action = "allocate"
	Administer Action = "administer" // officials, departments and absences of a body
	Publish    Action = "publish"    // revisions of services
)

// LoggedIn demands a logged-in applicant.
func (a Actor) LoggedIn() error {
	if a.Role != Applicant {
		return fault.New(fault.Unauthenticated, "fault.login")
	}
	return nil
}

// May is Can for a thing owned by a party.
func May(a Actor, action Action, owner string) error { return Can(a, action, Thing{Owner: owner}) }
