package application_test

import (
	"errors"
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/service"
	"elicense/internal/workday"
)

// step lets somebody do something, and gives the promise that is broken by it.
func (l *life) step(t *rapid.T, next *workday.Calendar) error {
	if l.awaits() && rapid.Bool().Draw(t, "awaited") {
		return l.elapse(t, next)
	}
	switch rapid.IntRange(0, 20).Draw(t, "what") { // small numbers come more often
	default:
		return l.official(t)
	case 12:
		l.now = l.now.AddDate(0, 0, rapid.IntRange(1, 20).Draw(t, "days"))
		return nil
	case 13, 14:
		return l.answer(t)
	case 15:
		return l.anyEvent(t)
	case 16:
		return l.applicant(t)
	case 17:
		return l.tick(t, next)
	case 18:
		return l.assign(t)
	case 19:
		return l.closeReview(t)
	case 20:
		return l.ask(t)
	}
}

// awaits tells whether somebody else than the officials of the step has something to do.
func (l *life) awaits() bool {
	return l.a.State.Open() || l.wait != nil || l.byItself || l.hearing != nil && !l.hearing.over
}

// elapse lets those do something who are waited for, or the time pass.
func (l *life) elapse(t *rapid.T, next *workday.Calendar) error {
	if l.a.State.Open() {
		return l.anyEvent(t)
	}
	switch rapid.IntRange(0, 3).Draw(t, "elapse") {
	case 0:
		return l.applicant(t)
	case 1:
		return l.closeReview(t)
	case 2:
		l.now = l.now.AddDate(0, 0, rapid.IntRange(1, 6).Draw(t, "some days"))
		return nil
	}
	return l.tick(t, next)
}

// official lets an official do an act of a step.
func (l *life) official(t *rapid.T) error {
	actor := l.somebody(t)
	effects := l.effects(t, actor)
	acts := l.acts(l.a, l.followed, actor)
	for _, act := range acts {
		if effects[act] == nil {
			t.Fatalf("the act %q has no effect in this test: add a line", act)
		}
	}
	wanted := []act{application.Take, application.GiveBack, application.Propose, application.SendBack, application.Confirm, application.AskCorrection,
		application.Examine, application.MarkComplete, application.Invite, application.Record}
	if len(acts) > 0 && rapid.IntRange(0, 3).Draw(t, "allowed") > 0 {
		wanted = acts
	}
	act := rapid.SampledFrom(wanted).Draw(t, "act")
	if err := l.may(l.a, l.followed, actor, act); (err == nil) != slices.Contains(acts, act) {
		return fmt.Errorf("%s of %s: May says %v, Acts %v", act, actor.Account, err, acts)
	} else if err != nil {
		return nil
	}
	l.trace = append(l.trace, fmt.Sprintf("%s by %s (%s)", act, actor.Account, actor.Person))
	if err := l.right(actor, act); err != nil {
		return err
	}
	l.done[act]++
	return effects[act]()
}

// somebody is anybody, more often who can do something.
func (l *life) somebody(t *rapid.T) access.Actor {
	if len(l.able) > 0 && rapid.IntRange(0, 3).Draw(t, "able") > 0 {
		return rapid.SampledFrom(l.able).Draw(t, "actor of those who can")
	}
	return rapid.SampledFrom(l.people).Draw(t, "actor")
}

// oneOf is anybody, more often of a body.
func (l *life) oneOf(t *rapid.T, body string) access.Actor {
	if rapid.IntRange(0, 3).Draw(t, "of the body") > 0 {
		return rapid.SampledFrom(l.bodies[body]).Draw(t, "actor of the body")
	}
	return rapid.SampledFrom(l.people).Draw(t, "actor")
}

// those are the officials who can do something.
func (l *life) those() (list []access.Actor) {
	for _, p := range l.people {
		if len(l.acts(l.a, l.followed, p)) > 0 {
			list = append(list, p)
		}
	}
	return list
}

// right holds a permitted act against the law, in words of the test's own.
func (l *life) right(actor access.Actor, act act) error {
	step := l.lawsStep()
	switch {
	case l.withdrawn:
		return errors.New("something is done after the withdrawal")
	case l.wait != nil:
		return errors.New("something is done while the applicant corrects")
	case l.decided > 0:
		return errors.New("something is done after the decision")
	case l.a.State != application.Registered:
		return fmt.Errorf("something is done in state %s", l.a.State)
	case actor.Role != access.Officer || actor.Body != licensor:
		return fmt.Errorf("%s of another body does %s", actor.Account, act)
	case !slices.Contains(actor.Duties, step.Who):
		return fmt.Errorf("%s does the step of the %s", actor.Account, step.Who)
	case act == application.Take && l.a.Work.Holder != "":
		return errors.New("what another holds is taken")
	case act != application.Take && l.a.Work.Holder != actor.Account:
		return errors.New("somebody acts on what another holds")
	case act == application.GiveBack:
		return nil
	case l.gave[actor.Person]:
		return fmt.Errorf("four eyes: %s gave an opinion", actor.Person)
	case l.didStep(actor.Person):
		return fmt.Errorf("four eyes: %s did a step before", actor.Person)
	case act == application.Take:
		return nil
	}
	return l.fits(act)
}

// fits holds an act against what was done before.
func (l *life) fits(act act) error {
	later := act == application.Confirm || act == application.SendBack
	called := l.hearing != nil && !l.hearing.over
	switch {
	case later != (len(l.did) > 0):
		return fmt.Errorf("%s after %d steps", act, len(l.did))
	case act == application.AskCorrection && l.asked >= l.law.Correction.Most():
		return errors.New("asked to correct more often than the service lets")
	case act == application.Examine && len(l.law.Requirements) == 0:
		return errors.New("requirements are answered where there are none")
	case act == application.MarkComplete && (l.complete || l.check.IsZero()):
		return errors.New("the documents are found complete a second time")
	case act == application.Invite && (!l.law.Hearing || called):
		return errors.New("a hearing where none is held, or before the last is over")
	case act == application.Record && !called:
		return errors.New("the protocol of a hearing that is not held")
	}
	return nil
}

func (l *life) lawsStep() service.Step { return l.law.Steps[min(len(l.did), len(l.law.Steps)-1)] }

func (l *life) didStep(person string) bool {
	return slices.ContainsFunc(l.did, func(d application.Done) bool { return d.Person == person })
}

// effects are what the acts do, as the use cases do it; a new act has a line here.
func (l *life) effects(t *rapid.T, actor access.Actor) map[act]func() error {
	return map[act]func() error{
		application.Take:     func() error { l.a.Work.Holder = actor.Account; return l.move(application.Taken) },
		application.GiveBack: func() error { l.a.Work.Holder = ""; return l.move(application.PutBack) },
		application.SendBack: func() error {
			l.a.Work = l.back(l.a.Work, l.followed, "note", l.now)
			l.did = nil
			return l.move(application.SentBack)
		},
		application.Propose:       func() error { return l.propose(t, actor) },
		application.Confirm:       func() error { return l.confirm(actor) },
		application.AskCorrection: func() error { return l.askCorrection(actor) },
		application.Examine:       func() error { return l.examine(t, actor) },
		application.MarkComplete:  func() error { return l.markComplete(actor) },
		application.Invite:        func() error { return l.invite(t, actor) },
		application.Record:        l.record,
	}
}

// end ends the step that is to be done.
func (l *life) end(actor access.Actor) {
	l.did = append(l.did, application.Done{Step: l.a.Work.Step, By: actor.Account, Person: actor.Person})
	l.a.Work = l.after(l.a.Work, l.followed, actor, l.now)
}

// wish is a decision as somebody might propose it.
func (l *life) wish(t *rapid.T, outcomes ...application.Outcome) application.Proposal {
	pr := application.Proposal{Outcome: rapid.SampledFrom(outcomes).Draw(t, "outcome"), Paper: "p", ReasonKK: "к", ReasonRU: "р"}
	grounds := slices.Concat(l.followed.Grounds, l.followed.Incompleteness())
	switch {
	case pr.Outcome == application.Grant || len(grounds) == 0:
	case l.hearing != nil && rapid.IntRange(0, 3).Draw(t, "as heard") > 0:
		pr.Ground = l.hearing.ground
	default:
		pr.Ground = rapid.SampledFrom(grounds).Draw(t, "ground").Key
	}
	return pr
}

func (l *life) propose(t *rapid.T, actor access.Actor) error {
	pr := l.wish(t, application.Grant, application.Refuse)
	step, _, _ := l.followed.StepAt(l.a.Work.Step)
	report := l.a.Work.Report
	wrong := append(pr.Check(l.followed, step), report.Examined(l.followed, pr.Outcome)...)
	if pr.Outcome == application.Grant {
		wrong = append(wrong, report.Approved(l.today())...)
	}
	wrong = append(wrong, report.Incomplete(l.followed, pr.Ground, l.today())...)
	if len(append(wrong, pr.Unfilled()...)) > 0 || l.unheard(report, l.followed, pr) {
		return nil
	}
	l.a.Work.Report.Proposal, l.a.Work.Report.Returned = &pr, ""
	l.end(actor)
	return l.move(application.Proposed)
}

func (l *life) confirm(actor access.Actor) error {
	report, last := l.a.Work.Report, l.a.Work.Last(l.followed)
	if len(report.Incomplete(l.followed, report.Proposal.Ground, l.today())) > 0 || last && l.unheard(report, l.followed, *report.Proposal) {
		return nil
	}
	l.end(actor)
	if last {
		return l.decide()
	}
	return l.move(application.Proposed)
}

func (l *life) decide() error {
	pr, event := *l.a.Work.Report.Proposal, application.Granted
	_, incomplete := l.law.IncompleteGround(pr.Ground)
	switch refused := pr.Outcome == application.Refuse; {
	case refused && l.law.Hearing && (l.hearing == nil || !l.hearing.over || l.hearing.ground != pr.Ground):
		return errors.New("refused before the applicant was heard on the ground")
	case refused && incomplete && (l.complete || l.today().After(l.check)):
		return errors.New("refused as incomplete after the check")
	case !refused && l.objected:
		return errors.New("granted against an objection")
	case !refused && l.unmet:
		return errors.New("granted though a requirement is not met")
	case refused:
		event = application.Refused
	}
	d := application.Conclude(pr, l.followed, application.Decision{}, l.a.Work.Report.Done)
	l.a.Decision, l.a.DecidedAt, l.decided = &d, l.now, l.decided+1
	return l.move(event)
}

// askCorrection sends it back to the applicant: the days that the officials have left stay theirs.
func (l *life) askCorrection(actor access.Actor) error {
	a, err := l.askFor(l.a, l.followed, []application.Item{{Path: "name", KK: "к", RU: "р"}}, func(path string) bool { return path == "name" }, actor, l.calendar, l.now)
	if err != nil {
		return err
	}
	until, _ := l.calendar.Add(l.today(), l.law.Correction.Days())
	l.asked, l.wait = l.asked+1, &correcting{until, max(0, l.calendar.Between(l.today(), a.Work.Due))}
	return l.put(a, application.CorrectionAsked)
}

// examine answers the requirements. It is no move.
func (l *life) examine(t *rapid.T, actor access.Actor) error {
	l.unmet = false
	var found []application.Finding
	for _, requirement := range l.law.Requirements {
		f := application.Finding{Requirement: requirement.Key, Met: rapid.SampledFrom([]string{application.Met, application.Met, application.Met, application.NotMet, ""}).Draw(t, "met")}
		if f.Met == application.NotMet {
			f.ReasonKK, f.ReasonRU = "к", "р"
		}
		l.unmet = l.unmet || f.Met != application.Met
		found = append(found, f)
	}
	work, err := l.a.Work.Find(l.followed, found, actor, l.now)
	l.a.Work = work
	return err
}

func (l *life) markComplete(actor access.Actor) error {
	if err := l.a.Work.Report.MayComplete(l.now); err != nil {
		return nil
	}
	if l.today().After(l.check) {
		return errors.New("the documents are found complete after the last day of the check")
	}
	l.complete = true
	l.a.Work = l.a.Work.Complete(actor.Account, actor.Person, l.now)
	return l.move(application.FoundComplete)
}

func (l *life) invite(t *rapid.T, actor access.Actor) error {
	day, _ := l.calendar.Add(l.today(), rapid.IntRange(1, 2).Draw(t, "day of the hearing"))
	h := application.Hearing{Preliminary: l.wish(t, application.Refuse), Day: day, Time: "10:30", Place: "p", Late: true}
	step, _, _ := l.followed.StepAt(l.a.Work.Step)
	if len(h.Check(l.followed, step, l.a.Work.Due, l.calendar, l.now)) > 0 {
		return nil
	}
	l.hearing = &hearing{ground: h.Preliminary.Ground}
	l.a.Work = l.a.Work.Call(h, actor, l.a.Work.Due, l.calendar, l.now)
	return l.move(application.HearingCalled)
}

func (l *life) record() error {
	day := l.a.Work.Report.Hearings[len(l.a.Work.Report.Hearings)-1].Day
	work, err := l.a.Work.Recorded(application.Protocol{Came: true, Text: "p", At: l.now}, l.today())
	if err != nil {
		return nil
	}
	if l.today().Before(day) {
		return errors.New("the protocol is written before the hearing")
	}
	l.hearing.over, l.a.Work = true, work
	return l.move(application.HearingHeld)
}

// assign lets somebody give the application to somebody.
func (l *life) assign(t *rapid.T) error {
	actor, to := l.oneOf(t, licensor), l.oneOf(t, licensor)
	if l.may(l.a, l.followed, actor, application.Assign) != nil || to.Role != access.Officer || to.Account == l.a.Work.Holder {
		return nil
	}
	if l.mayHold(l.a, l.followed, access.Official{ID: to.Account, Person: to.Person, Body: to.Body, Duties: to.Duties}) != nil {
		return nil
	}
	l.trace = append(l.trace, fmt.Sprintf("given by %s to %s (%s)", actor.Account, to.Account, to.Person))
	switch {
	case l.withdrawn || l.wait != nil || l.decided > 0 || l.a.State != application.Registered:
		return fmt.Errorf("it is given to somebody in state %s", l.a.State)
	case actor.Role != access.Officer || actor.Body != licensor || !slices.Contains(actor.Duties, access.Head) && !slices.Contains(actor.Duties, access.Registrar):
		return fmt.Errorf("%s hands out the work", actor.Account)
	case to.Body != licensor || !slices.Contains(to.Duties, l.lawsStep().Who):
		return fmt.Errorf("it is given to %s, who cannot do it", to.Account)
	case l.gave[to.Person] || l.didStep(to.Person):
		return fmt.Errorf("four eyes: it is given to %s", to.Person)
	}
	l.done[application.Assign]++
	a := l.a
	a.Work = a.Work.Give(access.Official{ID: to.Account}, actor.Account, "", l.now)
	return l.put(a, application.Assigned)
}
