package application_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/service"
	"elicense/internal/workday"
)

// move applies an event and demands that the diagram knows it.
func (l *life) move(e event) error {
	from := l.a.State
	to, err := l.next(from, e)
	if err != nil {
		return err
	}
	if legal[[2]string{string(from), string(e)}] != string(to) {
		return fmt.Errorf("illegal: %s %s %s", from, e, to)
	}
	l.happened[e]++
	l.trace = append(l.trace, fmt.Sprintf("%s %s -> %s", e, from, to))
	l.a.State = to
	return nil
}

// put applies an event to what an act made of the application; where it is refused, nothing changes.
func (l *life) put(a app, e event) error {
	was := l.a
	l.a = a
	err := l.move(e)
	if err != nil {
		l.a = was
	}
	return err
}

// send registers the application: the system decides it, unless the body has stopped that, or officials begin.
func (l *life) send(t *rapid.T) error {
	if err := l.move(application.Sent); err != nil {
		return err
	}
	l.a.RegisteredAt = l.now
	if l.law.automatic && rapid.IntRange(0, 3).Draw(t, "stopped") > 0 {
		d := application.Decision{By: application.BySystem, Outcome: rapid.SampledFrom([]application.Outcome{application.Refuse, application.Refuse, application.Grant}).Draw(t, "outcome")}
		l.a.Decision, l.a.DecidedAt, l.decided, l.byItself = &d, l.now, 1, true
		if d.Outcome == application.Grant {
			return l.move(application.Granted)
		}
		return l.move(application.Refused)
	}
	l.begin()
	if l.asks == nil || rapid.IntRange(0, 3).Draw(t, "asked later") == 0 { // the answers do not want it yet
		return nil
	}
	l.a.Work.Report.Opinions = []application.Opinion{application.Ask(*l.asks, l.calendar, l.now)}
	return l.move(application.OpinionAsked)
}

// ask lets somebody ask for the opinion that the answers want by now.
func (l *life) ask(t *rapid.T) error {
	actor, process := l.oneOf(t, licensor), l.followed
	if l.asks == nil {
		return nil
	}
	process.Opinions = []service.Opinion{*l.asks}
	if l.may(l.a, process, actor, application.AskOpinions) != nil {
		return nil
	}
	l.trace = append(l.trace, fmt.Sprintf("asked by %s", actor.Account))
	hands := slices.Contains(actor.Duties, access.Head) || slices.Contains(actor.Duties, access.Registrar)
	switch {
	case l.withdrawn || l.wait != nil || l.decided > 0 || l.a.State != application.Registered || len(l.did) > 0:
		return fmt.Errorf("another body is asked in state %s", l.a.State)
	case actor.Role != access.Officer || actor.Body != licensor || !hands && !l.covers(actor):
		return fmt.Errorf("%s asks another body", actor.Account)
	}
	left := l.a.Unasked(process.Opinions)
	if len(left) == 0 {
		return nil
	}
	if len(l.a.Work.Report.Opinions) > 0 {
		return fmt.Errorf("the body is asked twice")
	}
	l.done[application.AskOpinions]++
	l.a.Work.Report.Opinions = []application.Opinion{application.Ask(left[0], l.calendar, l.now)}
	return l.move(application.OpinionAsked)
}

// covers tells whether the actor has the duty of the step that the law wants now, or somebody absent for whom they work.
func (l *life) covers(actor access.Actor) bool {
	who := l.lawsStep().Who
	return slices.Contains(actor.Duties, who) || slices.ContainsFunc(actor.Absent, func(x access.Absent) bool { return slices.Contains(x.Duties, who) })
}

// begin lets the officials begin, today.
func (l *life) begin() {
	l.a.Work = application.Begin(l.followed, l.today(), 10, l.calendar)
	l.did, l.due, l.unmet = nil, l.a.Work.Due, len(l.law.Requirements) > 0
	if days := l.law.CompletenessDays(); days > 0 {
		l.check, _ = l.calendar.Add(l.today(), days)
	}
}

// answer lets somebody give an opinion.
func (l *life) answer(t *rapid.T) error {
	actor := l.oneOf(t, elsewhere)
	verdict := rapid.SampledFrom([]application.Verdict{application.Agrees, application.Objects}).Draw(t, "verdict")
	a, err := l.give(l.a, actor, application.Answer{Verdict: verdict, ReasonKK: "к", ReasonRU: "р"}, l.now)
	if err != nil {
		return nil
	}
	switch {
	case l.withdrawn:
		return errors.New("an opinion after the withdrawal")
	case l.decided > 0 || l.a.State != application.Registered && l.a.State != application.Correcting:
		return errors.New("an opinion after the decision")
	case actor.Body != elsewhere || !actor.Holds(access.Approver, access.Head):
		return fmt.Errorf("%s gives an opinion", actor.Account)
	case l.didStep(actor.Person):
		return fmt.Errorf("four eyes: %s did a step and gives an opinion", actor.Person)
	case len(l.gave) > 0:
		return errors.New("a second opinion")
	}
	l.gave[actor.Person], l.objected = true, verdict == application.Objects
	return l.put(a, application.OpinionGiven)
}

// applicant lets the applicant do something with what was sent, more often what is waited for.
func (l *life) applicant(t *rapid.T) error {
	reply := func() error { return l.reply(t) }
	try := rapid.SampledFrom([]func() error{l.correct, l.askReview, reply, l.withdraw}).Draw(t, "applicant")
	switch awaited := rapid.IntRange(0, 3).Draw(t, "awaited") > 0; {
	case awaited && l.wait != nil:
		try = l.correct
	case awaited && l.hearing != nil && !l.hearing.over:
		try = reply
	case awaited && l.byItself:
		try = l.askReview
	}
	return tried(try())
}

// tried forgives what the state of the application does not allow: nothing was done.
func tried(err error) error {
	if fault.KindOf(err) == fault.Conflict {
		return nil
	}
	return err
}

func (l *life) correct() error {
	c, open := l.a.Work.Report.Correction()
	if !open || l.today().After(c.Until) {
		return nil
	}
	a := l.a.Amend(map[string]string{"name": l.a.Answers["name"] + "b"}).Correct(l.calendar, l.now)
	if err := l.put(a, application.Corrected); err != nil {
		return err
	}
	if l.wait == nil || l.today().After(l.wait.until) {
		return errors.New("corrected where nobody waits for it")
	}
	return l.goesOn(l.today())
}

// goesOn lets the officials go on after a day, with as many days as they had left.
func (l *life) goesOn(day civil.Date) error {
	left := l.wait.left
	l.wait = nil
	if got := l.calendar.Between(day, l.a.Work.Due); left > 0 && got < left {
		return fmt.Errorf("the correction cost the officials %d days of %d", left-got, left)
	}
	return nil
}

func (l *life) withdraw() error {
	if l.withdraws(l.a) != nil {
		return nil
	}
	switch {
	case l.withdrawn:
		return errors.New("withdrawn twice")
	case l.decided > 0:
		return errors.New("withdrawn after the decision")
	}
	a := l.a
	a.Work.Holder = ""
	l.withdrawn, l.wait = true, nil
	return l.put(a, application.Withdrawal)
}

func (l *life) reply(t *rapid.T) error {
	a, waived := l.a, rapid.Bool().Draw(t, "waived")
	var err error
	if a.Work, err = a.Work.Replied(application.Reply{Waived: waived, Text: "t", At: l.now}); err != nil {
		return nil
	}
	if err := l.put(a, application.HearingReplied); err != nil {
		return err
	}
	if l.hearing == nil || l.hearing.over || l.hearing.replied || l.decided > 0 || l.withdrawn {
		return errors.New("a reply that nobody waits for")
	}
	l.hearing.replied, l.hearing.over = true, waived
	return nil
}

func (l *life) askReview() error {
	if l.mayReview(l.a, l.now) != nil || l.review != nil {
		return nil
	}
	switch {
	case l.decided == 0 || l.a.State != application.Returned:
		return errors.New("a review where nothing was refused")
	case !l.byItself:
		return errors.New("a review of what officials refused")
	case l.now.After(l.a.DecidedAt.AddDate(0, 3, 0)):
		return errors.New("a review after the term of a complaint")
	}
	l.review = &application.Review{Application: l.a.Number, AskedAt: l.now}
	return l.put(l.a, application.ReviewAsked)
}

// closeReview lets a person answer the demand for a review: what is overturned is decided anew, by officials.
func (l *life) closeReview(t *rapid.T) error {
	if l.review == nil {
		return nil
	}
	outcome := rapid.SampledFrom([]application.ReviewOutcome{application.Overturned, application.Overturned, application.Upheld, ""}).Draw(t, "outcome")
	r, err := l.review.Close(l.people[0], outcome, "к", "р", l.now)
	if err != nil {
		return nil
	}
	if l.review.Outcome != "" || outcome == "" || l.decided != 1 || !l.byItself {
		return errors.New("a review is closed twice, or without an outcome")
	}
	l.review = &r
	if outcome == application.Upheld {
		return l.put(l.a, application.ReviewUpheld)
	}
	was := l.a.Decision
	l.begin()
	l.a.Work.Report.Overturned, l.a.Decision = was, nil
	l.decided, l.reopened, l.byItself = 0, l.reopened+1, false
	return l.move(application.Reopened)
}

// tick does what the day and the calendar bring about.
func (l *life) tick(t *rapid.T, next *workday.Calendar) error {
	if rapid.Bool().Draw(t, "another calendar") {
		l.calendar = next
	}
	if c, open := l.a.Work.Report.Correction(); open && c.Until.Before(l.today()) {
		return tried(l.lapse(c))
	}
	if l.a.State != application.Registered && l.a.State != application.Correcting {
		return nil
	}
	var moved []application.Moving
	l.a.Work, moved = l.a.Work.Recounted(l.today(), l.calendar)
	for _, m := range moved {
		if !m.To.After(m.From) {
			return fmt.Errorf("the term of the %s moves from %s to %s", m.Matter, m.From, m.To)
		}
		switch m.Matter {
		case application.MatterCompleteness:
			l.check = m.To
		case application.MatterCorrection:
			l.wait.until = m.To
		}
		if err := l.move(application.TermMoved); err != nil {
			return err
		}
	}
	if check := l.a.Work.Report.Completeness; l.a.State == application.Registered && check.Open() && !check.Running(l.today()) {
		if l.complete || !l.today().After(l.check) {
			return errors.New("the documents count as complete before the check is over")
		}
		l.complete = true
		l.a.Work = l.a.Work.Complete(application.BySystem, "", l.now)
		return l.move(application.PresumedComplete)
	}
	return nil
}

func (l *life) lapse(c application.Correction) error {
	answers := l.a.Answers["name"]
	if err := l.put(l.a.Lapse(l.calendar, l.now), application.CorrectionLapsed); err != nil {
		return err
	}
	switch {
	case l.wait == nil || !l.today().After(l.wait.until):
		return errors.New("a correction lapses before its last day is over")
	case l.a.Answers["name"] != answers:
		return errors.New("what was not signed counts")
	}
	return l.goesOn(c.Until)
}

// anyEvent tries what no act of an official is, and what the state does not allow: what comes out must stand in the diagram,
// and neither decides anything nor opens what is over.
func (l *life) anyEvent(t *rapid.T) error {
	blind := []event{application.Saved, application.Moved, application.Signed, application.Sent, application.SignatureRefused,
		application.SignatureUnproven, application.Removed, application.Created, application.Registration}
	e := rapid.SampledFrom(blind).Draw(t, "event")
	if over := l.decided > 0 || l.withdrawn; rapid.Bool().Draw(t, "again") {
		e = rapid.SampledFrom(events).Draw(t, "any event")
		if over && rapid.Bool().Draw(t, "decision") { // somebody decides a second time
			e = rapid.SampledFrom([]event{application.Granted, application.Refused}).Draw(t, "second decision")
		}
		if _, ok := legal[[2]string{string(l.a.State), string(e)}]; ok && !slices.Contains(blind, e) {
			return nil // it has its own way to happen
		}
	}
	was := l.a.State
	do := func() error { return l.move(e) }
	if e == application.Sent {
		do = func() error { return l.send(t) }
	}
	if err := do(); err != nil && strings.HasPrefix(err.Error(), "illegal") {
		return err
	}
	if l.a.State == application.Deleted { // the life is over; another begins
		l.a.State = was
	}
	return nil
}

// holds is what holds after every act.
func (l *life) holds() error {
	work := l.a.Work
	switch stopped := work.Report.Clock.Stopped(); {
	case l.withdrawn:
		if l.a.State != application.Withdrawn || l.a.Decision != nil {
			return fmt.Errorf("withdrawn, and in state %s", l.a.State)
		}
		return nil
	case l.wait != nil && !stopped:
		return errors.New("the term runs while the applicant corrects")
	case l.wait == nil && stopped:
		return errors.New("the term stands still for nothing")
	case (l.wait != nil) != (l.a.State == application.Correcting):
		return fmt.Errorf("correcting, and in state %s", l.a.State)
	case work.Due.Before(l.due):
		return fmt.Errorf("promised for %s, now for %s", l.due, work.Due)
	}
	l.due = work.Due
	if l.a.Decision == nil {
		if l.a.State == application.Registered && len(l.able) == 0 {
			return errors.New("nobody can do anything any more")
		}
		return nil
	}
	return l.decidedOnce(l.a.Decision)
}

// decidedOnce holds a decision against what was done.
func (l *life) decidedOnce(d *application.Decision) error {
	switch {
	case l.decided != 1:
		return errors.New("decided twice")
	case l.a.State != application.Issued && l.a.State != application.Returned || (l.a.State == application.Issued) != (d.Outcome == application.Grant):
		return fmt.Errorf("%s in state %s", d.Outcome, l.a.State)
	case l.byItself != d.Automatic():
		return errors.New("the system decides what officials decided, or they what it did")
	case l.byItself:
		return nil
	case len(d.Steps) != len(l.law.Steps):
		return fmt.Errorf("decided after %d steps of %d", len(d.Steps), len(l.law.Steps))
	}
	for i, s := range d.Steps {
		if s.Step != l.law.Steps[i].Key || s.Person != l.did[i].Person {
			return fmt.Errorf("step %d was done by %s, the decision says %s", i, l.did[i].Person, s.Person)
		}
	}
	if d.Outcome != l.a.Work.Report.Proposal.Outcome {
		return errors.New("the decision is not what was proposed")
	}
	return nil
}
