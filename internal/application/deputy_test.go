package application_test

import (
	"slices"
	"testing"
	"time"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/workday"
)

// standing lets an actor work in the place of others.
func standing(a access.Actor, absent ...access.Absent) access.Actor {
	a.Absent = absent
	return a
}

func away(account, person string, duties ...access.Duty) access.Absent {
	return access.Absent{Account: account, Person: person, Duties: duties}
}

// A deputy acts for who is absent; four eyes see both persons, whichever of their accounts acts (S-18).
func TestDeputies(t *testing.T) {
	p := process()
	byAway := application.Done{Step: "examine", By: "x", Person: "PX"}
	byDeputy := application.Done{Step: "examine", By: "d", Person: "PD", For: "x", ForPerson: "PX"}
	approver, executor := access.Approver, access.Executor
	scoped := away("x", "PX", executor)
	scoped.Service = "other-service"
	for _, c := range []struct {
		name  string
		a     application.Application
		actor access.Actor
		acts  []application.Act
		wrong string // of Confirm or Take where nothing is open
	}{
		{"takes with the duty of who is absent", at("examine", ""), standing(official("d", "PD"), away("x", "PX", executor)), []application.Act{application.Take}, ""},
		{"goes on with what who is absent holds", at("examine", "x"), standing(official("d", "PD", approver), away("x", "PX", executor)), []application.Act{application.AskCorrection, application.Propose, application.GiveBack}, ""},
		{"not with what others hold", at("examine", "y"), standing(official("d", "PD", executor), away("x", "PX", executor)), nil, "work.not-yours"},
		{"not for another service", at("examine", "x"), standing(official("d", "PD"), scoped), nil, "office.no-duty"},
		{"not a duty that who is absent lacks", at("agree", "", byAway), standing(official("d", "PD"), away("y", "PY", executor)), nil, "office.no-duty"},
		{"not at another body", application.Application{State: application.Registered, Body: "cci", Work: application.Work{Step: "examine"}}, standing(official("d", "PD"), away("x", "PX", executor)), nil, "fault.not-found"},
		{"who is absent may work too", at("examine", "x"), official("x", "PX", executor), []application.Act{application.AskCorrection, application.Propose, application.GiveBack}, ""},
		{"no longer when it has ended", at("examine", "x"), official("d", "PD", executor), nil, "work.not-yours"},

		{"self-approval", at("agree", "x", byAway), official("x", "PX", executor, approver), nil, "work.same-person"},
		{"by a second account", at("agree", "x2", byAway), official("x2", "PX", approver), nil, "work.same-person"},
		{"through a deputy: who is absent did the step before", at("agree", "", byAway), standing(official("d", "PD"), away("x", "PX", approver)), nil, "work.same-person"},
		{"through a deputy: the deputy did it themself", at("agree", "y", application.Done{By: "d", Person: "PD"}), standing(official("d", "PD"), away("y", "PY", approver)), nil, "work.same-person"},
		{"through a deputy: the deputy did it for another", at("agree", "y", byDeputy), standing(official("d", "PD"), away("y", "PY", approver)), nil, "work.same-person"},
		{"through a deputy: and on one's own", at("agree", "d", byDeputy), official("d", "PD", approver), nil, "work.same-person"},
		{"who is absent confirms what was done for them", at("agree", "x", byDeputy), official("x", "PX", approver), nil, "work.same-person"},
		{"another deputy of the same absent person", at("agree", "", byDeputy), standing(official("e", "PE"), away("x", "PX", approver)), nil, "work.same-person"},
		{"a second account of who is absent as the deputy", at("agree", "y", byAway), standing(official("x2", "PX"), away("y", "PY", approver)), nil, "work.same-person"},
		{"a role that changed on the way", at("agree", "x", byAway), official("x", "PX", approver), nil, "work.same-person"},
		{"a deputy in their own right, where only who is absent did a step", at("agree", "d", byAway), standing(official("d", "PD", approver), away("x", "PX", executor)), []application.Act{application.Confirm, application.SendBack, application.GiveBack}, ""},
		{"another person for another", at("agree", "y", byDeputy), standing(official("e", "PE"), away("y", "PY", approver)), []application.Act{application.Confirm, application.SendBack, application.GiveBack}, ""},
	} {
		if got := application.Acts(c.a, p, c.actor); !slices.Equal(got, c.acts) {
			t.Errorf("%s: %v, want %v", c.name, got, c.acts)
		}
		for _, act := range []application.Act{application.Take, application.Confirm} {
			if err := application.May(c.a, p, c.actor, act); c.wrong != "" && !fault.Is(err, c.wrong) {
				t.Errorf("%s: %s gives %v, want %s", c.name, act, err, c.wrong)
			}
		}
	}
}

// What a deputy did names both, and what is sent back goes to who was acted for.
func TestDoneInAnothersPlace(t *testing.T) {
	p, now := process(), time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC)
	deputy := standing(official("d", "PD"), away("x", "PX", access.Executor))
	w := at("examine", "x").Work.After(p, deputy, now)
	if got := w.Report.Done[0]; got.By != "d" || got.Person != "PD" || got.For != "x" || got.ForPerson != "PX" {
		t.Errorf("%+v", got)
	}
	if got := w.BackToFirst(p, "no", now).Holder; got != "x" {
		t.Errorf("sent back to %q", got)
	}
	if own := at("examine", "d").Work.After(p, deputy, now).Report.Done[0]; own.For != "" || own.ForPerson != "" {
		t.Errorf("%+v", own)
	}
}

// However deputies are mixed, the persons who did the steps and those for whom they were done are all different.
func TestDeputiesNeverJoinTwoSteps(t *testing.T) {
	p, now := process(), time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC)
	all := []access.Duty{access.Executor, access.Approver, access.Head}
	people := []access.Actor{
		standing(official("a", "PA", all...), away("b", "PB", all...)), standing(official("b", "PB", all...), away("c", "PC", all...)),
		standing(official("c", "PC"), away("d", "PD", all...)), official("d", "PD", all...), standing(official("a2", "PA"), away("d", "PD", all...)),
	}
	ended := 0
	var walk func(a application.Application, depth int)
	walk = func(a application.Application, depth int) {
		if depth == 0 {
			return
		}
		for _, actor := range people {
			for _, act := range application.Acts(a, p, actor) {
				b := a
				switch act {
				case application.Take:
					if b.Work.Holder = application.Behalf(a, p, actor); b.Work.Holder == "" {
						b.Work.Holder = actor.Account
					}
				case application.Propose, application.Confirm:
					last := b.Work.Last(p)
					if b.Work = b.Work.After(p, actor, now); last {
						ended++
						apart(t, b.Work.Report.Done)
						continue
					}
				default:
					continue
				}
				walk(b, depth-1)
			}
		}
	}
	a := at("", "")
	a.Work = application.Begin(p, civil.Date{}, 0, workday.Default())
	walk(a, 6)
	if ended == 0 {
		t.Error("no way led to a decision")
	}
}

func apart(t *testing.T, done []application.Done) {
	t.Helper()
	seen := map[string]int{}
	for i, d := range done {
		for _, person := range []string{d.Person, d.ForPerson} {
			if before, ok := seen[person]; ok && before != i && person != "" {
				t.Fatalf("one person in two steps: %+v", done)
			}
			seen[person] = i
		}
	}
}

// An opinion is given in the place of who speaks for the body, and counts for both persons.
func TestOpinionInAnothersPlace(t *testing.T) {
	now := time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC)
	deputy := standing(official("d", "PD"), away("x", "PX", access.Head))
	a := at("examine", "")
	a.Body, a.Work.Report.Opinions = "cci", []application.Opinion{{Body: "mti", Due: civil.Date{Year: 2026, Month: 12, Day: 30}}}
	given, err := a.Give(deputy, application.Answer{Verdict: application.Agrees}, now)
	if err != nil {
		t.Fatal(err)
	}
	if got := given.Work.Report.Opinions[0].Answer; got.By != "d" || got.For != "x" || got.ForPerson != "PX" {
		t.Errorf("%+v", got)
	}
	if _, err := a.Give(official("d", "PD"), application.Answer{Verdict: application.Agrees}, now); fault.KindOf(err) != fault.NotFound {
		t.Errorf("without the place: %v", err)
	}
	for _, person := range []string{"PD", "PX"} {
		actor := official("z", person, access.Executor)
		actor.Body = "cci"
		if err := application.May(given, process(), actor, application.Take); !fault.Is(err, "opinion.same-person") {
			t.Errorf("%s takes it: %v", person, err)
		}
	}
	a.Work.Report.Done = []application.Done{{Person: "PE", ForPerson: "PX"}}
	if err := a.MayAnswer(deputy, civil.Date{Year: 2026, Month: 11, Day: 30}); !fault.Is(err, "opinion.same-person") {
		t.Errorf("a step was done for who is absent: %v", err)
	}
}
