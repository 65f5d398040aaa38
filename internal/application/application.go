// Package application is the life of one application: its states, the events that move it, what may be done in each
// state, and the decision with its reasons.
package application

import (
	"time"

	"elicense/internal/fault"
)

// State of an application (statuses of the manuals).
type State string

// The states.
const (
	Draft      State = "draft"       // Аяқталмаған нұсқа
	Signing    State = "signing"     // Қол қойылуда: signed, but the certificate's revocation is not known yet
	Registered State = "in_progress" // Ағымдағы: registered with the state body
	Issued     State = "issued"      // Берілген
	Returned   State = "returned"    // Қайтарылды: reasoned refusal
	Withdrawn  State = "withdrawn"   // Қайтарып алынды: by its applicant, before a decision
	Deleted    State = "deleted"     // a draft that its applicant deleted; only the number stays, as a tombstone
)

// Event is what happens to an application.
type Event string

// The events.
const (
	Created           Event = "created"
	Saved             Event = "saved"
	Moved             Event = "moved"              // to a newer revision of its service
	Signed            Event = "signed"             // signature accepted, revocation unknown: pending
	Sent              Event = "sent"               // signature accepted and certificate good
	SignatureRefused  Event = "signature_refused"  // the certificate turned out to be revoked
	SignatureUnproven Event = "signature_unproven" // the certificate ended before it was learned whether it was revoked
	Registration      Event = "registered"
	Taken             Event = "taken"     // an official took the application
	PutBack           Event = "put_back"  // and gave it back to the others
	Assigned          Event = "assigned"  // it was given to an official
	Proposed          Event = "proposed"  // a step is done: its outcome is proposed to the next person
	SentBack          Event = "sent_back" // the next person did not agree: back to the first step
	OpinionAsked      Event = "opinion_asked"
	OpinionGiven      Event = "opinion_given"
	HearingCalled     Event = "hearing_called"  // the preliminary refusal, with the invitation
	HearingReplied    Event = "hearing_replied" // the applicant objected, or gave the hearing up
	HearingHeld       Event = "hearing_held"    // its protocol is written
	ReviewAsked       Event = "review_asked"    // the applicant wants a person to look at an automatic refusal
	ReviewUpheld      Event = "review_upheld"
	Reopened          Event = "reopened" // a person overturned an automatic refusal: officials decide anew
	Granted           Event = "granted"
	Refused           Event = "refused"
	Withdrawal        Event = "withdrawn" // its applicant withdrew it
	Removed           Event = "removed"
)

// Followed tells whether work outside the unit follows: the permit's document, another look at a pending signature.
func (e Event) Followed() bool { return e == Signed || e == Granted }

// edges are the legal moves. Sending registers at once: the state body's journal is ours.
var edges = map[State]map[Event]State{
	Draft:   {Saved: Draft, Moved: Draft, Signed: Signing, Sent: Registered, Removed: Deleted},
	Signing: {Sent: Registered, SignatureRefused: Draft, SignatureUnproven: Draft},
	Registered: {Taken: Registered, PutBack: Registered, Assigned: Registered, Proposed: Registered, SentBack: Registered, OpinionAsked: Registered, OpinionGiven: Registered,
		FoundComplete: Registered, PresumedComplete: Registered, TermMoved: Registered, HearingCalled: Registered, HearingReplied: Registered, HearingHeld: Registered,
		CorrectionAsked: Correcting, Granted: Issued, Refused: Returned, Withdrawal: Withdrawn},
	Correcting: {OpinionGiven: Correcting, TermMoved: Correcting, Corrected: Registered, CorrectionLapsed: Registered, Withdrawal: Withdrawn},
	Returned:   {ReviewAsked: Returned, ReviewUpheld: Returned, Reopened: Registered},
}

// Next gives the state after an event; an event that the state does not allow is a Conflict.
func Next(s State, e Event) (State, error) {
	if to, ok := edges[s][e]; ok {
		return to, nil
	}
	return s, fault.New(fault.Conflict, "application.wrong-state").With(fault.Args{"state": string(s)})
}

// Open tells whether the application still occupies the place of "the one draft" of its applicant, service and body.
func (s State) Open() bool { return s == Draft || s == Signing }

// States lists what a person can see, in the order of the life.
func States() []State {
	return []State{Draft, Signing, Registered, Correcting, Issued, Returned, Withdrawn}
}

// Source says where a prefilled answer came from.
type Source struct {
	From string    `json:"from"` // "registry", "profile", "certificate"
	At   time.Time `json:"at"`
}

// Application is one application.
type Application struct {
	Number    string // KZ number, taken when the draft is made
	Service   string
	Revision  int
	Operation string
	Subtype   string
	Body      string
	Party     string // the applicant
	Account   string // who filed it
	State     State
	Version   int // grows with every change; a save names the version it saw
	// Answers by field key: canonical where well formed, as typed where not, so that nothing typed is lost.
	Answers  map[string]string
	Sources  map[string]Source // where answers came from; dropped when the person replaces the value
	Attached []Attachment

	CreatedAt, ChangedAt, SentAt, RegisteredAt, DecidedAt time.Time
	Journal                                               int // place in the body's journal of the year of registration; 0 before
	Work                                                  Work
	Decision                                              *Decision
	Permit                                                string // number of the permit that it led to; of an act with a permit, of that permit
	Concerns                                              string // number of the permit whose holder asks something for it; "" = none
	Bundle                                                string // id of the bundle it is filed in; "" = none
}

// Attachment is a stored document attached to a row of the service's list.
type Attachment struct {
	Key      string // the service's document key
	Document string // id in the personal store
	Name     string // document name
	File     string // file name
	Digest   string // SHA-256, hex
	Size     int64
}

// Happening is one event in the life of an application: a row of the outbox and of the timeline.
type Happening struct {
	ID          string
	Application string
	Event       Event
	From, To    State
	Actor       string
	Behalf      string // account of the absent official in whose place the actor did it; "" = their own act
	At          time.Time
}

// Outcome of a decision.
type Outcome string

// The outcomes.
const (
	Grant  Outcome = "granted"
	Refuse Outcome = "refused"
)

// Decision is what was decided and why, with everything needed to decide it again.
type Decision struct {
	Outcome  Outcome  `json:"outcome"`
	By       string   `json:"by"` // "system" or an account
	Revision int      `json:"revision"`
	Branch   string   `json:"branch"` // key of the first rule that refused; "granted"
	Grounds  []Ground `json:"grounds,omitempty"`
	// Inputs are the values of every name that a rule mentions, as text, with where each came from.
	Inputs map[string]Input `json:"inputs"`
	// Steps are the steps that officials did; none where the system decided.
	Steps []Done `json:"steps,omitempty"`
}

// Ground is one legal ground of a refusal, in the languages of the law.
type Ground struct {
	Key string `json:"key"`
	KK  Said   `json:"kk"`
	RU  Said   `json:"ru"`
	EN  Said   `json:"en"`
}

// Said is a ground in one language: what is wrong, by which article, what an official adds of this application, what to
// mend.
type Said struct {
	Text   string `json:"text"`
	Act    string `json:"act"`
	Reason string `json:"reason,omitempty"`
	Advice string `json:"advice,omitempty"`
}

// Input is one value that the decision rests on.
type Input struct {
	Value  string    `json:"value"`
	Source string    `json:"source"` // "answer", "directory", "ledger", "gateway", "clock"
	At     time.Time `json:"at"`
}

// Moment is when something happens to an application: now, but never before what happened to it last, so that a clock that was
// put back reorders no timeline.
func (a Application) Moment(now time.Time) time.Time {
	if now.Before(a.ChangedAt) {
		return a.ChangedAt.Add(time.Microsecond) // as fine as times are stored
	}
	return now
}
