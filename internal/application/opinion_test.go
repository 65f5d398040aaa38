package application_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/service"
	"elicense/internal/workday"
)

func day(year int, month time.Month, d int) civil.Date {
	return civil.Date{Year: year, Month: month, Day: d}
}

// noon is a moment of a day in Almaty.
func noon(d civil.Date) time.Time { return d.Start(lang.Almaty()).Add(12 * time.Hour) }

func opinion(body string, silence service.Silence, asked civil.Date, days int) application.Opinion {
	return application.Ask(service.Opinion{Body: body, Silence: silence, WorkingDays: days}, workday.Default(), noon(asked))
}

// spokesman is an official of a body that is asked.
func spokesman(account, person, body string, duties ...access.Duty) access.Actor {
	return access.Actor{Role: access.Officer, Account: account, Person: person, Body: body, Duties: duties}
}

func answered(o application.Opinion, v application.Verdict, person string) application.Opinion {
	o.Answer = &application.Answer{Verdict: v, Person: person}
	return o
}

func asking(opinions ...application.Opinion) application.Application {
	a := at("examine", "a1")
	a.Work.Report.Opinions = opinions
	return a
}

func TestOpinionStanding(t *testing.T) {
	// Asked on Tuesday 15 December 2026; Wednesday the 16th is a holiday, so that ten working days end on the 30th.
	asked := day(2026, time.December, 15)
	consents, nothing := opinion("b", service.SilenceConsents, asked, 0), opinion("b", service.SilenceNothing, asked, 0)
	if consents.Due != day(2026, time.December, 30) {
		t.Fatalf("due %v", consents.Due)
	}
	for _, c := range []struct {
		name    string
		opinion application.Opinion
		on      civil.Date
		want    application.Standing
	}{
		{"just asked", consents, asked, application.Waiting},
		{"the last day", consents, consents.Due, application.Waiting},
		{"the day after it", consents, consents.Due.AddDays(1), application.Silent},
		{"the last day of a silence that is nothing", nothing, nothing.Due, application.Waiting},
		{"the day after", nothing, nothing.Due.AddDays(1), application.Late},
		{"a year later", nothing, nothing.Due.AddYears(1), application.Late},
		{"agreed", answered(nothing, application.Agrees, "P"), asked, application.Agreed},
		{"objected, and the day is over", answered(consents, application.Objects, "P"), consents.Due.AddDays(1), application.Objected},
	} {
		if got := c.opinion.Standing(c.on); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// Whenever it is asked and however long the term: the last day is a working day with as many working days to it as the term
// has; until it is over in Almaty the answer is taken; what is settled stays settled.
func TestOpinionDates(t *testing.T) {
	calendar, random := workday.Default(), rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		at, n := time.Unix(1767225600+random.Int64N(2*365*24*3600), 0).UTC(), 1+random.IntN(30)
		silence := []service.Silence{service.SilenceConsents, service.SilenceNothing}[random.IntN(2)]
		o := application.Ask(service.Opinion{Body: "b", Silence: silence, WorkingDays: n}, calendar, at)
		from := civil.Of(at, lang.Almaty())
		if works, _ := calendar.IsWorking(o.Due); !works || calendar.Between(from, o.Due) != n {
			t.Fatalf("asked %v for %d: due %v", at, n, o.Due)
		}
		speaker, a := spokesman("x", "X", "b", access.Head), asking(o)
		over := o.Due.AddDays(1).Start(lang.Almaty())
		for _, moment := range []time.Time{at, over.Add(-time.Microsecond), over, over.AddDate(0, 0, random.IntN(400))} {
			_, err := a.Give(speaker, application.Answer{Verdict: application.Agrees}, moment)
			taken := moment.Before(over) || silence == service.SilenceNothing
			if taken != (err == nil) || !taken && !fault.Is(err, "opinion.silent") {
				t.Fatalf("asked %v, due %v, answered %v: %v", at, o.Due, moment, err)
			}
		}
		settled := application.Standing("")
		for d := from; d.Before(o.Due.AddDays(40)); d = d.AddDays(1) {
			s := o.Standing(d)
			if settled != "" && s != settled {
				t.Fatalf("%s became %s on %v", settled, s, d)
			}
			if !s.Open() {
				settled = s
			}
		}
	}
}

func TestWhoMayAnswer(t *testing.T) {
	asked := day(2026, time.November, 23)
	waiting := opinion("cci", service.SilenceConsents, asked, 5)
	a := asking(opinion("moh", service.SilenceNothing, asked, 5), waiting)
	a.Work.Report.Done = []application.Done{{Step: "examine", By: "a1", Person: "P1"}}
	decided, given := a, asking(answered(waiting, application.Objects, "P7"))
	decided.State = application.Returned
	for _, c := range []struct {
		name  string
		a     application.Application
		actor access.Actor
		on    civil.Date
		want  string // key of the fault; empty = may
	}{
		{"who heads the body", a, spokesman("x", "P5", "cci", access.Head), asked, ""},
		{"who approves there", a, spokesman("x", "P5", "cci", access.Approver), waiting.Due, ""},
		{"not who only examines", a, spokesman("x", "P5", "cci", access.Executor, access.Registrar), asked, "fault.not-found"},
		{"no body that is not asked", a, spokesman("x", "P5", "knb", access.Head), asked, "fault.not-found"},
		{"not the licensor", a, official("a1", "P9", access.Head, access.Approver), asked, "fault.not-found"},
		{"no applicant", a, access.Actor{Role: access.Applicant, Body: "cci", Duties: []access.Duty{access.Head}}, asked, "fault.login"},
		{"nobody", a, access.Nobody(), asked, "fault.login"},
		{"after the last day", a, spokesman("x", "P5", "cci", access.Head), waiting.Due.AddDays(1), "opinion.silent"},
		{"after the last day, when silence is nothing", a, spokesman("x", "P5", "moh", access.Head), waiting.Due.AddDays(1), ""},
		{"twice", given, spokesman("x", "P5", "cci", access.Head), asked, "opinion.given"},
		{"four eyes", a, spokesman("x", "P1", "cci", access.Head), asked, "opinion.same-person"},
		{"decided", decided, spokesman("x", "P5", "cci", access.Head), asked, "opinion.over"},
		{"not who was never asked, of a decided one", decided, spokesman("x", "P5", "knb", access.Head), asked, "fault.not-found"},
	} {
		err := c.a.MayAnswer(c.actor, c.on)
		if c.want == "" && err != nil || c.want != "" && !fault.Is(err, c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func TestAnswer(t *testing.T) {
	asked := day(2026, time.November, 23)
	a, speaker := asking(opinion("cci", service.SilenceConsents, asked, 5)), spokesman("x", "P5", "cci", access.Head)
	for _, c := range []struct {
		name   string
		answer application.Answer
		wrong  string
	}{
		{"agrees", application.Answer{Verdict: application.Agrees}, ""},
		{"agrees, with words", application.Answer{Verdict: application.Agrees, ReasonKK: "келіседі"}, ""},
		{"no verdict", application.Answer{ReasonKK: "қ", ReasonRU: "р"}, "verdict:opinion.verdict-required"},
		{"a verdict of one's own", application.Answer{Verdict: "perhaps"}, "verdict:opinion.verdict-required"},
		{"objects", application.Answer{Verdict: application.Objects, ReasonKK: "сай емес", ReasonRU: "не соответствует"}, ""},
		{"objects without reasons", application.Answer{Verdict: application.Objects, ReasonKK: " "}, "reason_kk:work.reason-required reason_ru:work.reason-required"},
		{"at length", application.Answer{Verdict: application.Objects, ReasonKK: "қ", ReasonRU: strings.Repeat("р", 2001)}, "reason_ru:work.too-long"},
	} {
		given, err := a.Give(speaker, c.answer, noon(asked))
		var wrong []string
		if f, ok := fault.As(err); ok {
			for _, field := range f.Fields {
				wrong = append(wrong, field.Path+":"+field.Key)
			}
		}
		if got := strings.Join(wrong, " "); got != c.wrong || (err == nil) != (c.wrong == "") {
			t.Errorf("%s: %v, want %q", c.name, err, c.wrong)
		}
		if err == nil {
			an := given.Work.Report.Opinions[0].Answer
			if an.By != "x" || an.Person != "P5" || !an.At.Equal(noon(asked)) || a.Work.Report.Opinions[0].Answer != nil {
				t.Errorf("%s: %+v, and before it %+v", c.name, an, a.Work.Report.Opinions[0].Answer)
			}
		}
	}
}

func TestApprovalsBeforeAGrant(t *testing.T) {
	asked := day(2026, time.November, 23)
	consents, nothing := opinion("cci", service.SilenceConsents, asked, 5), opinion("moh", service.SilenceNothing, asked, 5)
	over := consents.Due.AddDays(1)
	for _, c := range []struct {
		name     string
		opinions []application.Opinion
		on       civil.Date
		want     string
	}{
		{"nobody is asked", nil, asked, ""},
		{"nobody answered", []application.Opinion{consents, nothing}, asked, "opinion.waits"},
		{"one agreed", []application.Opinion{answered(consents, application.Agrees, "P"), nothing}, asked, "opinion.waits"},
		{"both agreed", []application.Opinion{answered(consents, application.Agrees, "P"), answered(nothing, application.Agrees, "P")}, asked, ""},
		{"silent on the last day", []application.Opinion{consents}, consents.Due, "opinion.waits"},
		{"silent for good", []application.Opinion{consents}, over, ""},
		{"silent where that is nothing", []application.Opinion{consents, nothing}, over, "opinion.waits"},
		{"one waits, one objects", []application.Opinion{nothing, answered(consents, application.Objects, "P")}, asked, "opinion.objected"},
	} {
		got := ""
		for _, f := range (application.Report{Opinions: c.opinions}).Approved(c.on) {
			got += f.Key
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// Who gave an opinion does no step, and can put back what they hold.
func TestWhoGaveAnOpinionDecidesNothing(t *testing.T) {
	asked := day(2026, time.November, 23)
	a := asking(answered(opinion("cci", service.SilenceConsents, asked, 5), application.Agrees, "P1"))
	speaker, free := official("a1", "P1", access.Executor), a
	if got := application.Acts(a, process(), speaker); !slices.Equal(got, []application.Act{application.GiveBack}) {
		t.Errorf("what is held: %v", got)
	}
	free.Work.Holder = ""
	if got := application.Acts(free, process(), speaker); got != nil {
		t.Errorf("what is free: %v", got)
	}
	if err := application.May(free, process(), speaker, application.Take); !fault.Is(err, "opinion.same-person") {
		t.Errorf("take: %v", err)
	}
	if got := application.Acts(free, process(), official("a2", "P2", access.Executor)); !slices.Equal(got, []application.Act{application.Take}) {
		t.Errorf("another person: %v", got)
	}
}

func TestStepDue(t *testing.T) {
	p := process()
	p.Steps[0].WorkingDays, p.Steps[2].WorkingDays = 3, 2
	monday := day(2026, time.November, 23)
	for _, c := range []struct {
		name   string
		change func(*application.Application)
		want   civil.Date
	}{
		{"from the registration", func(*application.Application) {}, day(2026, time.November, 26)},
		{"over a weekend", func(a *application.Application) { a.RegisteredAt = noon(day(2026, time.November, 27)) }, day(2026, time.December, 2)},
		{"not beyond the term", func(a *application.Application) { a.Work.Due = day(2026, time.November, 25) }, day(2026, time.November, 25)},
		{"a step without a time", func(a *application.Application) { a.Work.Step = "agree" }, civil.Date{}},
		{"from the step before", func(a *application.Application) {
			a.Work.Step, a.Work.Report.Done = "decide", []application.Done{{At: noon(monday)}, {At: noon(day(2026, time.November, 30))}}
		}, day(2026, time.December, 2)},
		{"sent back", func(a *application.Application) {
			a.Work = a.Work.BackToFirst(p, "no", noon(day(2026, time.December, 1)))
		}, day(2026, time.December, 4)},
		{"decided", func(a *application.Application) { a.State = application.Issued }, civil.Date{}},
	} {
		a := at("examine", "")
		a.RegisteredAt, a.Work.Due = noon(monday), day(2026, time.December, 31)
		c.change(&a)
		if got := a.StepDue(p, workday.Default()); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
