package application

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"elicense/internal/access"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/form"
	"elicense/internal/lang"
	"elicense/internal/service"
	"elicense/internal/workday"
)

// Opinion is what another state body was asked about an application: its approval.
type Opinion struct {
	Body    string          `json:"body"`
	Silence service.Silence `json:"silence"`
	AskedAt time.Time       `json:"asked_at"`
	Due     civil.Date      `json:"due"` // last day of the answer
	Answer  *Answer         `json:"answer,omitempty"`
	// Calendar and Days are how Due was counted: version of the calendar, working days.
	Calendar string `json:"calendar,omitempty"`
	Days     int    `json:"days,omitempty"`
}

// Clock is how the term of the answer was counted.
func (o Opinion) Clock() Clock {
	return Clock{Calendar: o.Calendar, From: civil.Of(o.AskedAt, lang.Almaty()), Days: o.Days}
}

// Answer is an opinion as the body gave it, once and for all.
type Answer struct {
	Verdict Verdict `json:"verdict"`
	// The reasons in Kazakh and in Russian are obligatory for an objection.
	ReasonKK string `json:"reason_kk,omitempty"`
	ReasonRU string `json:"reason_ru,omitempty"`
	By       string `json:"by"`     // account
	Person   string `json:"person"` // IIN: no step of the application is the same person's
	// For and ForPerson are account and IIN of the absent official in whose place it was given; empty = their own.
	For       string    `json:"for,omitempty"`
	ForPerson string    `json:"for_person,omitempty"`
	At        time.Time `json:"at"`
}

// Digest is the SHA-256 of the answer, in hex.
func (an Answer) Digest() string {
	an.At = an.At.UTC().Truncate(time.Microsecond) // as stores keep it
	b, _ := json.Marshal(an)                       // texts and a time cannot fail
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Verdict is what a body answers.
type Verdict string

// The verdicts.
const (
	Agrees  Verdict = "agrees"
	Objects Verdict = "objects"
)

// Standing is how an opinion stands on a day.
type Standing string

// The standings. Silent is an approval: nobody wrote it down, it follows from the dates.
const (
	Waiting  Standing = "waiting"
	Late     Standing = "late" // the last day is over, and silence means nothing
	Agreed   Standing = "agreed"
	Objected Standing = "objected"
	Silent   Standing = "silent"
)

// keySamePerson is the fault of a person on both sides: four eyes.
const keySamePerson = "opinion.same-person"

// Asked lists what the process asks of other bodies than the licensor when an application with these answers is registered.
func Asked(x form.Filled, licensor string) ([]service.Opinion, error) {
	x = x.Shown()
	var list []service.Opinion
	for _, o := range x.Form.Revision.Definition.Process.Opinions {
		asked, err := x.Form.Revision.Program.Bool(o.When, x.Vars)
		if err != nil {
			return nil, fault.New(fault.Internal, "rule.failed").Because(err)
		}
		if asked && o.Body != licensor {
			list = append(list, o)
		}
	}
	return list, nil
}

// AskOpinions is the act that asks for the opinions which the process wants on the answers as they are now and which were
// not asked for when the application was registered: after a correction there may be such. It is not among Acts: who hands
// out the work does it too, and with many at once.
const AskOpinions Act = "ask-opinions"

// mayAsk demands that the actor may ask for opinions: before a decision is proposed, an official of the step or who hands out
// the work. Whether anything is left to be asked is in the answers.
func mayAsk(a Application, p service.Process, actor access.Actor) error {
	if err := actor.AtBody(a.Body); err != nil {
		return err
	}
	step, index, ok := p.StepAt(a.Work.Step)
	_, able := a.place(actor, step.Who)
	switch {
	case a.State != Registered || !ok:
		return a.notInWork()
	case !able && !HandsOut(actor):
		return fault.New(fault.Denied, "office.no-duty")
	case index > 0:
		return fault.New(fault.Conflict, "work.not-now")
	case len(p.Opinions) == 0:
		return fault.New(fault.Conflict, "opinion.none-wanted")
	}
	return nil
}

// Unasked lists what the process asks of other bodies and was not asked yet.
func (a Application) Unasked(wanted []service.Opinion) []service.Opinion {
	return slices.DeleteFunc(slices.Clone(wanted), func(o service.Opinion) bool { return a.opinionOf(o.Body) >= 0 })
}

// Ask asks for an opinion. The day of asking is not counted.
func Ask(o service.Opinion, calendar *workday.Calendar, at time.Time) Opinion {
	due, _ := calendar.Add(civil.Of(at, lang.Almaty()), o.Days())
	return Opinion{Body: o.Body, Silence: o.Silence, AskedAt: at, Due: due, Calendar: calendar.Version, Days: o.Days()}
}

// Standing judges the opinion on a day. Once it is no longer Waiting or Late it never changes: a silence that counts as
// consent ends with its last day, and no answer is taken after it.
func (o Opinion) Standing(today civil.Date) Standing {
	switch {
	case o.Answer != nil && o.Answer.Verdict == Agrees:
		return Agreed
	case o.Answer != nil:
		return Objected
	case !today.After(o.Due):
		return Waiting
	case o.Silence == service.SilenceConsents:
		return Silent
	}
	return Late
}

// Open tells whether the body may still answer.
func (s Standing) Open() bool { return s == Waiting || s == Late }

// Approved lists what speaks against granting on a day, as faults of a proposal. Where the law wants another body's approval
// there is a permit only with it, given or by silence (article 25 (2) and (3)): without it nothing is granted, and after
// an objection only a refusal can be proposed. On which ground, the officials judge.
func (r Report) Approved(today civil.Date) []fault.Field {
	key := ""
	for _, o := range r.Opinions {
		switch o.Standing(today) {
		case Objected:
			return []fault.Field{{Path: "outcome", Key: "opinion.objected"}}
		case Waiting, Late:
			key = "opinion.waits"
		}
	}
	if key == "" {
		return nil
	}
	return []fault.Field{{Path: "outcome", Key: key}}
}

// OpinionFor gives what the actor's body is asked about an application in work, to an official who speaks for the body.
// To everybody else the application does not exist.
func (a Application) OpinionFor(actor access.Actor) (Opinion, error) {
	o, err := a.askedOf(actor)
	if err == nil && a.State != Registered && a.State != Correcting {
		err = fault.New(fault.NotFound, "fault.not-found")
	}
	return o, err
}

// askedOf is OpinionFor whether the application is in work or not.
func (a Application) askedOf(actor access.Actor) (Opinion, error) {
	if err := actor.AtWork(); err != nil {
		return Opinion{}, err
	}
	i := a.opinionOf(actor.Body)
	if _, speaks := a.place(actor, access.Approver, access.Head); i < 0 || !speaks {
		return Opinion{}, fault.New(fault.NotFound, "fault.not-found")
	}
	return a.Work.Report.Opinions[i], nil
}

func (a Application) opinionOf(body string) int {
	return slices.IndexFunc(a.Work.Report.Opinions, func(o Opinion) bool { return o.Body == body })
}

// MayAnswer demands that the actor may give the opinion now; otherwise fault.NotFound as OpinionFor, or fault.Conflict:
// "opinion.over" (the application was decided or withdrawn meanwhile), "opinion.given", "opinion.silent" (the last day is over
// and silence was consent), "opinion.same-person" (four eyes: who takes part in the decision does not speak for another body).
func (a Application) MayAnswer(actor access.Actor, today civil.Date) error {
	o, err := a.askedOf(actor)
	switch {
	case err != nil:
		return err
	case a.State != Registered && a.State != Correcting:
		return fault.New(fault.Conflict, "opinion.over")
	case o.Answer != nil:
		return fault.New(fault.Conflict, "opinion.given")
	case !o.Standing(today).Open():
		return fault.New(fault.Conflict, "opinion.silent")
	}
	if place, _ := a.place(actor, access.Approver, access.Head); a.Work.did(place.persons...) {
		return fault.New(fault.Conflict, keySamePerson)
	}
	return nil
}

// Give gives the opinion of the actor's body. What is missing comes as field faults.
func (a Application) Give(actor access.Actor, answer Answer, at time.Time) (Application, error) {
	if err := a.MayAnswer(actor, civil.Of(at, lang.Almaty())); err != nil {
		return a, err
	}
	if err := fault.Fields(answer.check()); err != nil {
		return a, err
	}
	answer.By, answer.Person, answer.At = actor.Account, actor.Person, at
	place, _ := a.place(actor, access.Approver, access.Head)
	answer.For, answer.ForPerson = place.absent.Account, place.absent.Person
	a.Work.Report.Opinions = slices.Clone(a.Work.Report.Opinions)
	a.Work.Report.Opinions[a.opinionOf(actor.Body)].Answer = &answer
	return a, nil
}

func (an Answer) check() []fault.Field {
	var wrong []fault.Field
	if an.Verdict != Agrees && an.Verdict != Objects {
		wrong = append(wrong, fault.Field{Path: "verdict", Key: "opinion.verdict-required"})
	}
	for _, f := range []struct{ path, text string }{{"reason_kk", an.ReasonKK}, {"reason_ru", an.ReasonRU}} {
		switch {
		case an.Verdict == Objects && strings.TrimSpace(f.text) == "":
			wrong = append(wrong, fault.Field{Path: f.path, Key: "work.reason-required"})
		case utf8.RuneCountInString(f.text) > maxNote:
			wrong = append(wrong, fault.Field{Path: f.path, Key: "work.too-long"})
		}
	}
	return wrong
}
