package application

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"elicense/internal/access"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/service"
	"elicense/internal/workday"
)

// Work is where an application stands with the officials of the state body. It is empty before registration and for
// services that the system decides.
type Work struct {
	Step   string     // key of the step that is to be done
	Holder string     // the official who took it; empty = anybody of the duty
	Due    civil.Date // last day of the statutory term
	// Department is the key of the department of the body that has it; empty = the body has none for its place.
	Department string
	Report     Report
}

// Report is what the officials have done so far.
type Report struct {
	Proposal *Proposal `json:"proposal,omitempty"`
	Done     []Done    `json:"done,omitempty"`
	// Returned is why the proposal was sent back, until there is a new one. It is a note among officials.
	Returned string `json:"returned,omitempty"`
	// ReturnedAt is when it was last sent back; zero = never.
	ReturnedAt time.Time `json:"returned_at,omitzero"`
	// Opinions are what other state bodies were asked, in the order of the process.
	Opinions []Opinion `json:"opinions,omitempty"`
	// Hearings are how the applicant was heard before a refusal, the oldest first.
	Hearings []Hearing `json:"hearings,omitempty"`
	// Overturned is the automatic refusal that a person overturned before officials decided anew.
	Overturned *Decision `json:"overturned,omitempty"`
	// Reopened is who overturned it: the same person does no step of the new decision.
	Reopened *Done `json:"reopened,omitempty"`
	// Clock is how Due was computed.
	Clock Clock `json:"clock,omitzero"`
	// Completeness is the check of the documents; nil = the service has none.
	Completeness *Completeness `json:"completeness,omitempty"`
	// Assigned is who was last given the application; nil = nobody was.
	Assigned *Assignment `json:"assigned,omitempty"`
	// Findings are the answers to the service's requirements, in its order.
	Findings []Finding `json:"findings,omitempty"`
	// Corrections are what the applicant was asked to correct, oldest first; only the last one can be open.
	Corrections []Correction `json:"corrections,omitempty"`
}

// Proposal is the decision as the first step proposes it.
type Proposal struct {
	Outcome Outcome `json:"outcome"`
	Ground  string  `json:"ground,omitempty"` // key of the legal ground of a refusal
	// Reason is what the official adds to the ground, in Kazakh and in Russian: both are obligatory.
	ReasonKK string `json:"reason_kk,omitempty"`
	ReasonRU string `json:"reason_ru,omitempty"`
	Paper    string `json:"paper,omitempty"` // id of the paper licence that was matched
	Note     string `json:"note,omitempty"`  // for the next official, never shown to the applicant
}

// Done is a step that an official did.
type Done struct {
	Step   string `json:"step"`
	By     string `json:"by"`     // account
	Person string `json:"person"` // IIN: the next step is another person's
	// For and ForPerson are account and IIN of the absent official in whose place it was done; empty = their own step.
	For       string    `json:"for,omitempty"`
	ForPerson string    `json:"for_person,omitempty"`
	At        time.Time `json:"at"`
}

// Act is something that an official may do with an application.
type Act string

// The acts.
const (
	Take     Act = "take"
	GiveBack Act = "give-back"
	Propose  Act = "propose"
	SendBack Act = "send-back"
	Confirm  Act = "confirm"
)

// Acts lists what an official may do with an application now: a function of its state, its service's process and the
// person's duties, or those of an absent official in whose place they work. A person who did a step, or for whom it was
// done, does no later one, and one who gave another body's opinion does none, by whichever account and in whoever's place
// (four eyes); what such a person holds can still be given back.
func Acts(a Application, p service.Process, actor access.Actor) []Act {
	step, index, ok := p.StepAt(a.Work.Step)
	place, able := a.place(actor, step.Who)
	if a.State != Registered || !ok || actor.AtBody(a.Body) != nil || !able || a.Work.did(place.persons...) {
		return nil
	}
	gave := a.Work.gave(place.persons...)
	switch {
	case a.Work.Holder == "" && !gave:
		return []Act{Take}
	case a.Work.Holder != place.account:
		return nil
	case gave:
		return []Act{GiveBack}
	case index == 0:
		acts := append(a.examination(p), Propose, GiveBack)
		if a.Work.Report.Completeness.Open() {
			acts = append(acts, MarkComplete)
		}
		return append(acts, a.Work.Report.hearingActs(p)...)
	}
	return []Act{Confirm, SendBack, GiveBack}
}

// May demands that an act is among Acts; otherwise fault.Conflict with a key that says why: "work.not-yours" (another
// holds it), "work.same-person" and "opinion.same-person" (four eyes), "work.not-now".
func May(a Application, p service.Process, actor access.Actor, act Act) error {
	if act == Assign {
		return mayAssign(a, p, actor)
	}
	if act == AskOpinions {
		return mayAsk(a, p, actor)
	}
	if slices.Contains(Acts(a, p, actor), act) {
		return nil
	}
	if err := actor.AtBody(a.Body); err != nil {
		return err
	}
	step, _, ok := p.StepAt(a.Work.Step)
	place, able := a.place(actor, step.Who)
	switch {
	case a.State != Registered || !ok:
		return a.notInWork()
	case !able:
		return fault.New(fault.Denied, "office.no-duty")
	case a.Work.did(place.persons...):
		return fault.New(fault.Conflict, "work.same-person")
	case a.Work.gave(place.persons...):
		return fault.New(fault.Conflict, keySamePerson)
	case a.Work.Holder != "" && a.Work.Holder != place.account:
		return fault.New(fault.Conflict, "work.not-yours")
	}
	return fault.New(fault.Conflict, "work.not-now")
}

// notInWork says why officials have nothing to do with the application now.
func (a Application) notInWork() error {
	switch a.State {
	case Withdrawn:
		return fault.New(fault.Conflict, "work.withdrawn")
	case Correcting:
		return fault.New(fault.Conflict, "work.correcting")
	}
	return fault.New(fault.Conflict, "work.decided")
}

// Last tells whether the step to be done is the one that decides.
func (w Work) Last(p service.Process) bool {
	_, index, ok := p.StepAt(w.Step)
	return ok && index == len(p.Steps)-1
}

// Begin is the work of an application that was registered on a day, with a term of so many working days; 0 = none.
func Begin(p service.Process, day civil.Date, term int, calendar *workday.Calendar) Work {
	if len(p.Steps) == 0 {
		return Work{}
	}
	clock := Clock{Calendar: calendar.Version, From: day, Days: term}
	due := clock.Due(calendar)
	return Work{Step: p.Steps[0].Key, Due: due, Report: Report{Clock: clock, Completeness: checkOf(p, day, due, calendar)}}
}

// After is the work once an official has done its step: the next step, which nobody holds yet.
func (w Work) After(p service.Process, actor access.Actor, at time.Time) Work {
	_, index, _ := p.StepAt(w.Step)
	done := Done{Step: w.Step, By: actor.Account, Person: actor.Person, At: at}
	if x, ok := w.heldFor(actor); ok {
		done.For, done.ForPerson = x.Account, x.Person
	}
	w.Report.Done = append(slices.Clone(w.Report.Done), done)
	w.Holder = ""
	if index+1 < len(p.Steps) {
		w.Step = p.Steps[index+1].Key
	}
	return w
}

// BackToFirst is the work after the next person did not agree: it is done anew from the first step. Whoever did it may
// do it again.
func (w Work) BackToFirst(p service.Process, note string, at time.Time) Work {
	w.Step, w.Holder = p.Steps[0].Key, ""
	if len(w.Report.Done) > 0 {
		w.Holder = cmp.Or(w.Report.Done[0].For, w.Report.Done[0].By)
	}
	w.Report.Done, w.Report.Returned, w.Report.ReturnedAt = nil, note, at
	return w
}

// StepDue is the last day of the step that is to be done: its working days after the day on which it began, and never
// later than the term. It is counted as the term is: by its version of the calendar, and without the days on which it stood
// still. Zero = it has no time of its own, or nothing is to be done.
func (a Application) StepDue(p service.Process, calendar *workday.Calendar) civil.Date {
	clock, ok := a.StepClock(p)
	if !ok {
		return civil.Date{}
	}
	due := clock.Due(calendar)
	if !a.Work.Due.IsZero() && due.After(a.Work.Due) {
		return a.Work.Due
	}
	return due
}

// StepClock is how the time of the step that is to be done is counted; ok is false where it has none of its own.
func (a Application) StepClock(p service.Process) (clock Clock, ok bool) {
	step, _, ok := p.StepAt(a.Work.Step)
	if a.State != Registered || !ok || step.WorkingDays == 0 {
		return Clock{}, false
	}
	term := a.Work.Report.Clock
	return Clock{Calendar: term.Calendar, From: civil.Of(a.stepSince(), lang.Almaty()), Days: step.WorkingDays, Stops: term.Stops}, true
}

// stepSince is when the step that is to be done began: when the one before it was done, when it was sent back, or when
// the application was registered.
func (a Application) stepSince() time.Time {
	switch r := a.Work.Report; {
	case len(r.Done) > 0:
		return r.Done[len(r.Done)-1].At
	case !r.ReturnedAt.IsZero():
		return r.ReturnedAt
	}
	return a.RegisteredAt
}

// maxNote bounds a note or a reason, in characters.
const maxNote = 2000

// Check lists what is wrong with a proposal: a refusal names one of the process's grounds and its reason in Kazakh and in
// Russian; where paper licences are matched, granting names the licence.
func (pr Proposal) Check(p service.Process, step service.Step) []fault.Field {
	var wrong []fault.Field
	add := func(path, key string) { wrong = append(wrong, fault.Field{Path: path, Key: key}) }
	switch pr.Outcome {
	case Grant:
		if step.Does == service.Match && pr.Paper == "" {
			add("paper", "work.paper-required")
		}
	case Refuse:
		if _, ok := p.Ground(pr.Ground); !ok {
			add("ground", "work.ground-required")
		}
		if strings.TrimSpace(pr.ReasonKK) == "" {
			add("reason_kk", "work.reason-required")
		}
		if strings.TrimSpace(pr.ReasonRU) == "" {
			add("reason_ru", "work.reason-required")
		}
	default:
		add("outcome", "work.outcome-required")
	}
	for path, text := range map[string]string{"reason_kk": pr.ReasonKK, "reason_ru": pr.ReasonRU, "note": pr.Note} {
		if utf8.RuneCountInString(text) > maxNote {
			add(path, "work.too-long")
		}
	}
	return wrong
}

// Conclude makes the decision of a proposal that the last person confirmed. What the service's own rules say is kept with
// it (advised): the officials saw it and answer for the outcome.
func Conclude(pr Proposal, p service.Process, advised Decision, done []Done) Decision {
	d := Decision{Outcome: pr.Outcome, By: done[len(done)-1].By, Revision: advised.Revision, Branch: BranchGranted, Inputs: advised.Inputs, Steps: done}
	if pr.Outcome == Refuse {
		ground, _ := p.Ground(pr.Ground)
		said := func(l lang.Lang, reason string) Said {
			return Said{Text: ground.Ground.Get(l), Act: ground.Act.Get(l), Reason: strings.TrimSpace(reason), Advice: ground.Advice.Get(l)}
		}
		d.Branch = pr.Ground
		d.Grounds = []Ground{{Key: pr.Ground, KK: said(lang.KK, pr.ReasonKK), RU: said(lang.RU, pr.ReasonRU), EN: said(lang.EN, pr.ReasonRU)}}
	}
	return d
}
