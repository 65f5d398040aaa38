package application_test

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/civil"
	"elicense/internal/lang"
	"elicense/internal/service"
	"elicense/internal/workday"
	"elicense/services"
)

// diagram is the life of an application, as the manuals and the law tell it; application.Next is compared with it.
const diagram = `
draft       saved moved -> draft
draft       signed -> signing
draft       sent -> in_progress
draft       removed -> deleted
signing     sent -> in_progress
signing     signature_refused signature_unproven -> draft
in_progress taken put_back proposed sent_back opinion_asked opinion_given -> in_progress
in_progress granted -> issued
in_progress refused -> returned
`

// moves reads the diagram: from, event and to, in one text each.
func moves() []string {
	var all []string
	for line := range strings.Lines(strings.TrimSpace(diagram)) {
		left, to, _ := strings.Cut(strings.TrimSpace(line), " -> ")
		words := strings.Fields(left)
		for _, event := range words[1:] {
			all = append(all, words[0]+" "+event+" "+to)
		}
	}
	return all
}

// Every legal move stands in the diagram, and nothing else is legal.
func TestMovesAreTheDiagram(t *testing.T) {
	var legal []string
	for from, events := range application.Edges() {
		for event, to := range events {
			legal = append(legal, fmt.Sprint(from, " ", event, " ", to))
		}
	}
	want := moves()
	slices.Sort(want)
	slices.Sort(legal)
	if !slices.Equal(legal, want) {
		t.Errorf("legal\n%s\nthe diagram\n%s", strings.Join(legal, "\n"), strings.Join(want, "\n"))
	}
}

// domain is what the sequences try: the functions of this package, or with a bug in one of them.
type domain struct {
	next    func(application.State, application.Event) (application.State, error)
	acts    func(application.Application, service.Process, access.Actor) []application.Act
	may     func(application.Application, service.Process, access.Actor, application.Act) error
	after   func(application.Work, service.Process, access.Actor, time.Time) application.Work
	back    func(application.Work, service.Process, string, time.Time) application.Work
	give    func(application.Application, access.Actor, application.Answer, time.Time) (application.Application, error)
	process func(service.Process) service.Process // what the officials follow
}

func sound() domain {
	return domain{application.Next, application.Acts, application.May, application.Work.After, application.Work.BackToFirst, application.Application.Give, func(p service.Process) service.Process { return p }}
}

// life is one application, who works on it, and what the test itself remembers of it.
type life struct {
	domain
	a        application.Application
	law      service.Process // the process as it was published
	followed service.Process // as it is followed; the same but for a bug
	people   []access.Actor
	calendar *workday.Calendar
	now      time.Time

	decided int
	did     []application.Done      // steps since it was last sent back
	gave    map[string]bool         // persons who gave an opinion
	done    map[application.Act]int // how often each act was done
	trace   []string
}

const licensor, elsewhere, stranger = "mti", "moh", "cci"

// crowd are officials of three bodies, every fourth of whom is a person with accounts at several: with each duty, with
// several and with none.
func crowd() []access.Actor {
	var all []access.Actor
	duties := [][]access.Duty{{access.Executor}, {access.Approver}, {access.Head}, {access.Registrar}, {access.Executor, access.Approver, access.Head}, access.Duties(), {access.Auditor}, {}}
	for _, body := range []string{licensor, elsewhere, stranger} {
		for i, d := range duties {
			account := fmt.Sprint(body, i)
			person := account
			if i%4 == 0 || i == 5 {
				person = fmt.Sprint("double", i)
			}
			all = append(all, access.Actor{Role: access.Officer, Account: account, Person: person, Body: body, Duties: d},
				access.Actor{Role: access.Officer, Account: account + "+", Person: person, Body: body, Duties: access.Duties()})
		}
	}
	for i := range 4 { // persons enough for the longest process
		all = append(all, access.Actor{Role: access.Officer, Account: fmt.Sprint("more", i), Person: fmt.Sprint("more", i), Body: licensor, Duties: access.Duties()})
	}
	return append(all, access.Nobody(), access.TheSystem(), access.TheOperator(), access.Actor{Role: access.Applicant, Account: "applicant", Party: "p", Body: licensor, Duties: access.Duties()})
}

// move applies an event and demands that the diagram knows it.
func (l *life) move(e application.Event) error {
	from := l.a.State
	to, err := l.next(from, e)
	if err != nil {
		return err
	}
	if !slices.Contains(moves(), fmt.Sprint(from, " ", e, " ", to)) {
		return fmt.Errorf("illegal: %s %s %s", from, e, to)
	}
	l.a.State = to
	return nil
}

// send registers the application.
func (l *life) send() error {
	if err := l.move(application.Sent); err != nil {
		return err
	}
	l.a.RegisteredAt, l.a.Work.Step = l.now, ""
	work := application.Begin(l.followed, civil.Of(l.now, lang.Almaty()), 10, l.calendar)
	work.Report.Opinions = l.a.Work.Report.Opinions
	l.a.Work = work
	return nil
}

// effects are what the acts do, as the use cases do it; a new act has a line here.
func (l *life) effects(t *rapid.T, actor access.Actor) map[application.Act]func() error {
	return map[application.Act]func() error{
		application.Take:     func() error { l.a.Work.Holder = actor.Account; return l.move(application.Taken) },
		application.GiveBack: func() error { l.a.Work.Holder = ""; return l.move(application.PutBack) },
		application.SendBack: func() error {
			l.a.Work = l.back(l.a.Work, l.followed, "note", l.now)
			l.did = nil
			return l.move(application.SentBack)
		},
		application.Propose: func() error { return l.propose(t, actor) },
		application.Confirm: func() error {
			last := l.a.Work.Last(l.followed)
			l.end(actor)
			if last {
				return l.decide()
			}
			return l.move(application.Proposed)
		},
	}
}

// end ends the step that is to be done.
func (l *life) end(actor access.Actor) {
	l.did = append(l.did, application.Done{Step: l.a.Work.Step, By: actor.Account, Person: actor.Person})
	l.a.Work = l.after(l.a.Work, l.followed, actor, l.now)
}

func (l *life) propose(t *rapid.T, actor access.Actor) error {
	pr := application.Proposal{Outcome: rapid.SampledFrom([]application.Outcome{application.Grant, application.Refuse}).Draw(t, "outcome"), Paper: "p", ReasonKK: "к", ReasonRU: "р"}
	if pr.Outcome == application.Refuse && len(l.followed.Grounds) > 0 {
		pr.Ground = l.followed.Grounds[0].Key
	}
	step, _, _ := l.followed.StepAt(l.a.Work.Step)
	wrong := pr.Check(l.followed, step)
	if pr.Outcome == application.Grant {
		wrong = append(wrong, l.a.Work.Report.Approved(civil.Of(l.now, lang.Almaty()))...)
	}
	if len(wrong) > 0 {
		return nil
	}
	l.a.Work.Report.Proposal = &pr
	l.end(actor)
	if len(l.law.Steps) == 1 {
		return l.decide()
	}
	return l.move(application.Proposed)
}

func (l *life) decide() error {
	event := application.Granted
	if l.a.Work.Report.Proposal.Outcome == application.Refuse {
		event = application.Refused
	}
	d := application.Conclude(*l.a.Work.Report.Proposal, l.followed, application.Decision{}, l.a.Work.Report.Done)
	l.a.Decision, l.decided = &d, l.decided+1
	return l.move(event)
}

// step lets somebody do something, and gives the promise that is broken by it.
func (l *life) step(t *rapid.T) error {
	switch rapid.IntRange(0, 11).Draw(t, "what") {
	case 0:
		l.now = l.now.AddDate(0, 0, rapid.IntRange(1, 20).Draw(t, "days"))
		return nil
	case 1, 2:
		return l.answer(t)
	case 3:
		return l.anyEvent(t)
	}
	actor := rapid.SampledFrom(l.people).Draw(t, "actor")
	if able := l.able(); len(able) > 0 && rapid.IntRange(0, 3).Draw(t, "able") > 0 {
		actor = rapid.SampledFrom(able).Draw(t, "actor of those who can")
	}
	effects := l.effects(t, actor)
	acts := l.acts(l.a, l.followed, actor)
	for _, act := range acts {
		if effects[act] == nil {
			t.Fatalf("the act %q has no effect in this test: add a line", act)
		}
	}
	wanted := []application.Act{application.Take, application.GiveBack, application.Propose, application.SendBack, application.Confirm}
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

// able are the officials who can do something.
func (l *life) able() (list []access.Actor) {
	for _, p := range l.people {
		if len(l.acts(l.a, l.followed, p)) > 0 {
			list = append(list, p)
		}
	}
	return list
}

// right holds a permitted act against the law, in words of the test's own.
func (l *life) right(actor access.Actor, act application.Act) error {
	step := l.law.Steps[min(len(l.did), len(l.law.Steps)-1)]
	switch {
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
	case slices.ContainsFunc(l.did, func(d application.Done) bool { return d.Person == actor.Person }):
		return fmt.Errorf("four eyes: %s did a step before", actor.Person)
	}
	return nil
}

// answer lets somebody give an opinion.
func (l *life) answer(t *rapid.T) error {
	actor := rapid.SampledFrom(l.people).Draw(t, "actor")
	verdict := rapid.SampledFrom([]application.Verdict{application.Agrees, application.Objects}).Draw(t, "verdict")
	a, err := l.give(l.a, actor, application.Answer{Verdict: verdict, ReasonKK: "к", ReasonRU: "р"}, l.now)
	if err != nil {
		return nil
	}
	switch {
	case l.decided > 0 || l.a.State != application.Registered:
		return errors.New("an opinion after the decision")
	case actor.Body != elsewhere || !actor.Holds(access.Approver, access.Head):
		return fmt.Errorf("%s gives an opinion", actor.Account)
	case slices.ContainsFunc(l.did, func(d application.Done) bool { return d.Person == actor.Person }):
		return fmt.Errorf("four eyes: %s did a step and gives an opinion", actor.Person)
	case len(l.gave) > 0:
		return errors.New("a second opinion")
	}
	l.a, l.gave[actor.Person] = a, true
	return l.move(application.OpinionGiven)
}

// anyEvent tries what no act of an official is: what comes out must stand in the diagram, and decides nothing.
func (l *life) anyEvent(t *rapid.T) error {
	e := rapid.SampledFrom([]application.Event{application.Saved, application.Moved, application.Signed, application.Sent, application.SignatureRefused,
		application.SignatureUnproven, application.Removed, application.Created, application.Registration}).Draw(t, "event")
	if l.decided > 0 && rapid.Bool().Draw(t, "again") { // somebody decides a second time
		e = rapid.SampledFrom([]application.Event{application.Granted, application.Refused}).Draw(t, "decision")
	}
	was := l.a.State
	do := func() error { return l.move(e) }
	if e == application.Sent {
		do = l.send
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
	d := l.a.Decision
	if d == nil {
		if l.a.State == application.Registered && len(l.able()) == 0 {
			return errors.New("nobody can do anything any more")
		}
		return nil
	}
	if l.decided > 1 {
		return errors.New("decided twice")
	}
	if len(d.Steps) != len(l.law.Steps) {
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
	if (l.a.State == application.Issued) != (d.Outcome == application.Grant) {
		return fmt.Errorf("%s in state %s", d.Outcome, l.a.State)
	}
	return nil
}

// processes are those of all built-in services that officials decide, and one with an opinion that is waited for.
func processes(t *testing.T) map[string]service.Process {
	t.Helper()
	_, _, library, err := service.ReadCommon(services.Files)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := service.Folders(services.Files)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]service.Process{}
	for _, key := range keys {
		folder, err := fs.Sub(services.Files, key)
		if err != nil {
			t.Fatal(err)
		}
		src, err := service.ReadSource(folder)
		if err != nil {
			t.Fatal(err)
		}
		d, _, err := service.Parse(src, library)
		if err != nil {
			t.Fatal(err)
		}
		if len(d.Process.Steps) > 0 {
			out[key] = d.Process
		}
	}
	if len(out) == 0 {
		t.Fatal("no service has a process")
	}
	out["three steps"] = process()
	return out
}

// live lets random people do random things to one application, and gives the first promise that is broken.
func live(t *rapid.T, d domain, all map[string]service.Process, keys []string, calendar *workday.Calendar) (*life, error) {
	law := all[rapid.SampledFrom(keys).Draw(t, "service")]
	l := &life{domain: d, law: law, followed: d.process(law), people: crowd(), calendar: calendar, gave: map[string]bool{}, done: map[application.Act]int{},
		now: time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)}
	l.a = application.Application{Number: "KZ", State: application.Draft, Body: licensor}
	if rapid.IntRange(0, 9).Draw(t, "sent") > 0 {
		if err := l.send(); err != nil {
			return l, err
		}
	}
	if silence := rapid.SampledFrom([]service.Silence{"", service.SilenceConsents, service.SilenceNothing}).Draw(t, "opinion"); silence != "" {
		l.a.Work.Report.Opinions = []application.Opinion{application.Ask(service.Opinion{Body: elsewhere, Silence: silence, WorkingDays: 5}, calendar, l.now)}
	}
	for range rapid.IntRange(1, 40).Draw(t, "length") {
		if err := l.step(t); err != nil {
			return l, err
		}
		if err := l.holds(); err != nil {
			return l, err
		}
	}
	return l, nil
}

// sequences sets how many sequences a test tries, where the command line does not say it (-rapid.checks).
func sequences(t *testing.T, n string) {
	t.Helper()
	f := flag.Lookup("rapid.checks")
	if f.Value.String() != f.DefValue {
		return
	}
	if err := f.Value.Set(n); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Value.Set(f.DefValue) })
}

// whoever does whatever in whatever order, every move is legal, four eyes are two persons, and it is decided once.
func TestLifecycle(t *testing.T) {
	sequences(t, "5000")
	all, calendar := processes(t), workday.Default()
	keys := slices.Sorted(maps.Keys(all))
	count := map[application.State]int{}
	acts := map[application.Act]int{}
	rapid.Check(t, func(r *rapid.T) {
		l, err := live(r, sound(), all, keys, calendar)
		if err != nil {
			r.Fatalf("%v\n%s", err, strings.Join(l.trace, "\n"))
		}
		count[l.a.State]++
		for act, n := range l.done {
			acts[act] += n
		}
	})
	for _, s := range []application.State{application.Registered, application.Issued, application.Returned} {
		if count[s] == 0 {
			t.Errorf("no sequence ends in %s: the test tries too little", s)
		}
	}
	t.Logf("services %v, ends %v, acts %v", keys, count, acts)
}
