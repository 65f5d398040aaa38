package application_test

import (
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

type (
	app   = application.Application
	act   = application.Act
	event = application.Event
)

// diagram is the life of an application, as the manuals and the law tell it; application.Next is compared with it.
const diagram = `
draft       saved moved -> draft
draft       signed -> signing
draft       sent -> in_progress
draft       removed -> deleted
signing     sent -> in_progress
signing     signature_refused signature_unproven -> draft
in_progress taken put_back assigned proposed sent_back opinion_asked opinion_given -> in_progress
in_progress found_complete presumed_complete term_moved -> in_progress
in_progress hearing_called hearing_replied hearing_held -> in_progress
in_progress correction_asked -> correcting
in_progress granted -> issued
in_progress refused -> returned
in_progress withdrawn -> withdrawn
correcting  opinion_given term_moved -> correcting
correcting  corrected correction_lapsed -> in_progress
correcting  withdrawn -> withdrawn
returned    review_asked review_upheld -> returned
returned    reopened -> in_progress
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

// legal are the moves of the diagram: from and event, to.
var legal = func() map[[2]string]string {
	all := map[[2]string]string{}
	for _, m := range moves() {
		words := strings.Fields(m)
		all[[2]string{words[0], words[1]}] = words[2]
	}
	return all
}()

// events are all words of the diagram, and those that are written down without being moves.
var events = func() []event {
	all := map[event]bool{application.Created: true, application.Registration: true}
	for words := range legal {
		all[event(words[1])] = true
	}
	return slices.Sorted(maps.Keys(all))
}()

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
	next      func(application.State, event) (application.State, error)
	acts      func(app, service.Process, access.Actor) []act
	may       func(app, service.Process, access.Actor, act) error
	after     func(application.Work, service.Process, access.Actor, time.Time) application.Work
	back      func(application.Work, service.Process, string, time.Time) application.Work
	give      func(app, access.Actor, application.Answer, time.Time) (app, error)
	process   func(service.Process) service.Process // what the officials follow
	askFor    func(app, service.Process, []application.Item, func(string) bool, access.Actor, *workday.Calendar, time.Time) (app, error)
	unheard   func(application.Report, service.Process, application.Proposal) bool
	withdraws func(app) error
	mayReview func(app, time.Time) error
	mayHold   func(app, service.Process, access.Official) error
}

func sound() domain {
	return domain{application.Next, application.Acts, application.May, application.Work.After, application.Work.BackToFirst, app.Give,
		func(p service.Process) service.Process { return p }, app.AskFor,
		func(r application.Report, p service.Process, pr application.Proposal) bool {
			return len(r.Unheard(p, pr)) > 0
		},
		app.Withdraws, app.MayReview, app.MayHold}
}

// practice is how a service is decided: by the system, or by officials.
type practice struct {
	service.Process
	automatic bool
}

// life is one application, who works on it, and what the test itself remembers of it.
type life struct {
	domain
	a        app
	law      practice        // the process as it was published
	followed service.Process // as it is followed; the same but for a bug
	people   []access.Actor
	bodies   map[string][]access.Actor // of them
	able     []access.Actor            // who can do something now
	calendar *workday.Calendar
	now      time.Time
	asks     *service.Opinion // what another body is asked

	decided   int                // decisions that stand
	reopened  int                // decisions that a person overturned
	byItself  bool               // the system decided
	withdrawn bool               // by the applicant
	did       []application.Done // steps since it was last sent back
	gave      map[string]bool    // persons who gave an opinion
	objected  bool               // the other body did
	asked     int                // how often the applicant was asked to correct
	wait      *correcting        // nil = nothing is being corrected
	hearing   *hearing           // the last one
	check     civil.Date         // last day on which incompleteness is a ground; zero = there is no check
	complete  bool               // the documents count as complete
	unmet     bool               // a requirement is not met, or nobody has looked
	due       civil.Date         // the last day that was promised
	review    *application.Review
	done      map[act]int   // how often each act was done
	happened  map[event]int // how often each event happened
	trace     []string
}

// correcting is a correction that is waited for.
type correcting struct {
	until civil.Date
	left  int // working days that the officials had left
}

// hearing is how far the applicant was heard, and on which ground of a refusal.
type hearing struct {
	ground        string
	replied, over bool
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

// people are the crowd: nothing that is done changes them.
var people = crowd()

// bodies are the crowd by the body.
var bodies = func() map[string][]access.Actor {
	all := map[string][]access.Actor{}
	for _, p := range people {
		all[p.Body] = append(all[p.Body], p)
	}
	return all
}()

// calendars are today's, and one with more days off, which comes into force on the way.
func calendars() [2]*workday.Calendar {
	var off []workday.Exception
	for _, day := range []civil.Date{{Year: 2026, Month: 11, Day: 25}, {Year: 2026, Month: 12, Day: 2}, {Year: 2026, Month: 12, Day: 3}, {Year: 2026, Month: 12, Day: 10}, {Year: 2026, Month: 12, Day: 23}, {Year: 2027, Month: 1, Day: 14}} {
		off = append(off, workday.Exception{Day: day, Reason: workday.SwappedOff})
	}
	return [2]*workday.Calendar{workday.Default(), workday.Default().Except("next", off)}
}

const everything = "with a hearing"

// processes are those of all built-in services and their operations, and two of the test: one of three steps, and one with everything that a
// service can have besides.
func processes(t *testing.T) map[string]practice {
	t.Helper()
	_, _, library, err := service.ReadCommon(services.Files)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := service.Folders(services.Files)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]practice{}
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
		rev := &service.Revision{Definition: d}
		for _, o := range d.Orderable() { // what an operation does otherwise is a process of its own
			mine, name := rev.For(o.Key).Definition, key
			if mine != d {
				name += " " + o.Key
			}
			if len(mine.Process.Steps) > 0 {
				out[name] = practice{mine.Process, mine.Decision.Automatic}
			}
		}
	}
	if len(out) == 0 {
		t.Fatal("no service has a process")
	}
	out["three steps"] = practice{Process: process()}
	all := process()
	all.Steps = all.Steps[:2]
	all.Hearing = true
	all.Grounds = append(slices.Clone(all.Grounds), service.Refusal{Key: "other"})
	all.Requirements = []service.Requirement{{Key: "room"}, {Key: "staff"}}
	all.Correction = service.CorrectionTerm{WorkingDays: 3, Times: 2}
	out[everything] = practice{Process: all}
	return out
}

// names are those of the processes; the one that has everything comes more often.
func names(all map[string]practice) []string {
	return append(slices.Sorted(maps.Keys(all)), everything, everything)
}

// live lets random people do random things to one application, and gives the first promise that is broken.
func live(t *rapid.T, d domain, all map[string]practice, keys []string, calendars [2]*workday.Calendar) (*life, error) {
	law := all[rapid.SampledFrom(keys).Draw(t, "service")]
	l := &life{domain: d, law: law, followed: d.process(law.Process), people: people, bodies: bodies, calendar: calendars[0],
		gave: map[string]bool{}, done: map[act]int{}, happened: map[event]int{}, now: time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)}
	l.a = app{Number: "KZ", State: application.Draft, Body: licensor, Answers: map[string]string{"name": "a"}}
	if silence := rapid.SampledFrom([]service.Silence{"", service.SilenceConsents, service.SilenceNothing}).Draw(t, "opinion"); silence != "" && !law.automatic {
		l.asks = &service.Opinion{Body: elsewhere, Silence: silence, WorkingDays: 5}
	}
	if rapid.IntRange(0, 9).Draw(t, "sent") > 0 {
		if err := l.send(t); err != nil {
			return l, err
		}
	}
	l.able = l.those()
	for range rapid.IntRange(1, 40).Draw(t, "length") {
		before := len(l.trace)
		if err := l.step(t, calendars[1]); err != nil {
			return l, err
		}
		if len(l.trace) > before {
			l.able = l.those()
		}
		if err := l.holds(); err != nil {
			return l, err
		}
	}
	return l, nil
}

// today is the day in Astana.
func (l *life) today() civil.Date { return civil.Of(l.now, lang.Almaty()) }

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

// whoever does whatever in whatever order, every move is legal, four eyes are two persons, at most one decision stands,
// nothing is decided while the applicant corrects or once it is withdrawn, and nobody is refused unheard.
func TestLifecycle(t *testing.T) {
	sequences(t, "5000")
	all, days := processes(t), calendars()
	keys := names(all)
	ends, acts, happened := map[application.State]int{}, map[act]int{}, map[event]int{}
	reopened := 0
	rapid.Check(t, func(r *rapid.T) {
		l, err := live(r, sound(), all, keys, days)
		if err != nil {
			r.Fatalf("%v\n%s", err, strings.Join(l.trace, "\n"))
		}
		ends[l.a.State]++
		for act, n := range l.done {
			acts[act] += n
		}
		for event, n := range l.happened {
			happened[event] += n
		}
		if l.reopened > 0 && l.decided > 0 {
			reopened++
		}
	})
	for _, s := range application.States() {
		if ends[s] == 0 {
			t.Errorf("no sequence ends in %s: the test tries too little", s)
		}
	}
	for _, e := range events {
		if happened[e] == 0 && e != application.Created && e != application.Registration {
			t.Errorf("%s never happens: the test tries too little", e)
		}
	}
	t.Logf("services %v, ends %v, acts %v, events %v, decided anew %d", slices.Compact(slices.Sorted(slices.Values(keys))), ends, acts, happened, reopened)
}
