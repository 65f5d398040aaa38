package application_test

import (
	"slices"
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

// process has three steps, so that a person in the middle is neither the first nor the last.
func process() service.Process {
	text := func(s string) lang.Text { return lang.Text{KK: s + " kk", RU: s + " ru", EN: s + " en"} }
	return service.Process{
		Steps:   []service.Step{{Key: "examine", Who: access.Executor}, {Key: "agree", Who: access.Approver}, {Key: "decide", Who: access.Head, Does: service.Match}},
		Grounds: []service.Refusal{{Key: "not_ours", Ground: text("ground"), Act: text("act"), Advice: text("advice")}},
	}
}

func official(account, person string, duties ...access.Duty) access.Actor {
	return access.Actor{Role: access.Officer, Account: account, Person: person, Body: "mti", Duties: duties}
}

func at(step, holder string, done ...application.Done) application.Application {
	return application.Application{State: application.Registered, Body: "mti", Work: application.Work{Step: step, Holder: holder, Report: application.Report{Done: done}}}
}

func TestActs(t *testing.T) {
	all := []access.Duty{access.Registrar, access.Executor, access.Approver, access.Head}
	did := application.Done{Step: "examine", By: "a1", Person: "P1"}
	decided := at("decide", "a3")
	decided.State = application.Issued
	draft := at("", "")
	draft.State = application.Draft
	other := official("a9", "P9", all...)
	other.Body = "cci"
	for _, c := range []struct {
		name  string
		a     application.Application
		actor access.Actor
		acts  []application.Act
		wrong string // of Take where it is not among the acts
	}{
		{"anybody of the duty takes", at("examine", ""), official("a1", "P1", access.Executor), []application.Act{application.Take}, ""},
		{"nobody of another duty", at("examine", ""), official("a1", "P1", access.Approver), nil, "office.no-duty"},
		{"no official without duties", at("examine", ""), official("a1", "P1"), nil, "office.no-duty"},
		{"nobody of another body", at("examine", ""), other, nil, "fault.not-found"},
		{"no applicant", at("examine", ""), access.Actor{Role: access.Applicant, Account: "a1", Body: "mti", Duties: all}, nil, "fault.login"},
		{"not even the system", at("examine", ""), access.TheSystem(), nil, "fault.login"},
		{"the holder proposes", at("examine", "a1"), official("a1", "P1", access.Executor), []application.Act{application.AskCorrection, application.Propose, application.GiveBack}, "work.not-now"},
		{"not who does not hold it", at("examine", "a1"), official("a2", "P2", access.Executor), nil, "work.not-yours"},
		{"not the same person's other account", at("examine", "a1"), official("a1b", "P1", access.Executor), nil, "work.not-yours"},
		{"another person takes the next step", at("agree", "", did), official("a2", "P2", all...), []application.Act{application.Take}, ""},
		{"four eyes", at("agree", "", did), official("a1", "P1", all...), nil, "work.same-person"},
		{"four eyes for a second account of the same person", at("agree", "", did), official("a1b", "P1", all...), nil, "work.same-person"},
		{"even when it holds it", at("agree", "a1b", did), official("a1b", "P1", all...), nil, "work.same-person"},
		{"the next person confirms", at("agree", "a2", did), official("a2", "P2", access.Approver), []application.Act{application.Confirm, application.SendBack, application.GiveBack}, "work.not-now"},
		{"a third person decides", at("decide", "", did, application.Done{Person: "P2"}), official("a2", "P2", all...), nil, "work.same-person"},
		{"decided", decided, official("a3", "P3", all...), nil, "work.decided"},
		{"a draft", draft, official("a3", "P3", all...), nil, "work.decided"},
		{"a step that the process does not have", at("gone", ""), official("a3", "P3", all...), nil, "work.decided"},
	} {
		got := application.Acts(c.a, process(), c.actor)
		if !slices.Equal(got, c.acts) {
			t.Errorf("%s: acts %v, want %v", c.name, got, c.acts)
		}
		err := application.May(c.a, process(), c.actor, application.Take)
		if c.wrong == "" && err != nil || c.wrong != "" && !fault.Is(err, c.wrong) {
			t.Errorf("%s: take gives %v, want %q", c.name, err, c.wrong)
		}
	}
}

// However the acts are mixed, nobody does two steps and nothing is decided by fewer persons than the process has steps.
func TestStepsNeedAsManyPersons(t *testing.T) {
	p, now := process(), time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC)
	all := []access.Duty{access.Executor, access.Approver, access.Head}
	people := []access.Actor{official("a1", "P1", all...), official("a1b", "P1", all...), official("a2", "P2", all...), official("a3", "P3", all...)}
	var walk func(a application.Application, depth int)
	ended := 0
	walk = func(a application.Application, depth int) {
		if depth == 0 {
			return
		}
		for _, actor := range people {
			for _, act := range application.Acts(a, p, actor) {
				b := a
				switch act {
				case application.Take:
					b.Work.Holder = actor.Account
				case application.GiveBack:
					b.Work.Holder = ""
				case application.SendBack:
					b.Work = b.Work.BackToFirst(p, "no", now)
				case application.Propose, application.Confirm:
					last := b.Work.Last(p)
					b.Work = b.Work.After(p, actor, now)
					if last {
						ended++
						persons := map[string]bool{}
						for _, d := range b.Work.Report.Done {
							persons[d.Person] = true
						}
						if len(persons) != len(p.Steps) || len(b.Work.Report.Done) != len(p.Steps) {
							t.Fatalf("decided by %+v", b.Work.Report.Done)
						}
						continue
					}
				}
				walk(b, depth-1)
			}
		}
	}
	a := at("", "")
	a.Work = application.Begin(p, civil.Date{}, 0, workday.Default())
	walk(a, 8)
	if ended == 0 {
		t.Error("no way led to a decision")
	}
}

func TestProposalCheck(t *testing.T) {
	p := process()
	good := application.Proposal{Outcome: application.Refuse, Ground: "not_ours", ReasonKK: "себебі", ReasonRU: "потому что"}
	for _, c := range []struct {
		name   string
		step   string
		change func(*application.Proposal)
		wrong  []string
	}{
		{"a refusal", "examine", func(*application.Proposal) {}, nil},
		{"no outcome", "examine", func(pr *application.Proposal) { pr.Outcome = "" }, []string{"outcome"}},
		{"an outcome of one's own", "examine", func(pr *application.Proposal) { pr.Outcome = "maybe" }, []string{"outcome"}},
		{"a ground that the law does not have", "examine", func(pr *application.Proposal) { pr.Ground = "mood" }, []string{"ground"}},
		{"no Kazakh", "examine", func(pr *application.Proposal) { pr.ReasonKK = " \n" }, []string{"reason_kk"}},
		{"no Russian", "examine", func(pr *application.Proposal) { pr.ReasonRU = "" }, []string{"reason_ru"}},
		{"a grant", "examine", func(pr *application.Proposal) { *pr = application.Proposal{Outcome: application.Grant} }, nil},
		{"a grant without the paper", "decide", func(pr *application.Proposal) { *pr = application.Proposal{Outcome: application.Grant} }, []string{"paper"}},
		{"a grant with it", "decide", func(pr *application.Proposal) { *pr = application.Proposal{Outcome: application.Grant, Paper: "x"} }, nil},
		{"a long note", "examine", func(pr *application.Proposal) { pr.Note = string(make([]rune, 2001)) }, []string{"note"}},
	} {
		pr := good
		c.change(&pr)
		step, _, _ := p.StepAt(c.step)
		var paths []string
		for _, f := range pr.Check(p, step) {
			paths = append(paths, f.Path)
		}
		if !slices.Equal(paths, c.wrong) {
			t.Errorf("%s: %v, want %v", c.name, paths, c.wrong)
		}
	}
}

func TestConclude(t *testing.T) {
	done := []application.Done{{By: "a1", Person: "P1"}, {By: "a2", Person: "P2"}}
	advised := application.Decision{Outcome: application.Refuse, Branch: "rule", Revision: 7, Inputs: map[string]application.Input{"x": {Value: "1"}}}
	granted := application.Conclude(application.Proposal{Outcome: application.Grant}, process(), advised, done)
	if granted.Outcome != application.Grant || granted.By != "a2" || granted.Branch != application.BranchGranted || granted.Revision != 7 || len(granted.Steps) != 2 || len(granted.Grounds) != 0 {
		t.Errorf("granted: %+v", granted)
	}
	refused := application.Conclude(application.Proposal{Outcome: application.Refuse, Ground: "not_ours", ReasonKK: " себебі ", ReasonRU: "потому"}, process(), advised, done)
	if refused.Outcome != application.Refuse || refused.Branch != "not_ours" || len(refused.Grounds) != 1 {
		t.Fatalf("refused: %+v", refused)
	}
	g := refused.Grounds[0]
	if g.KK.Text != "ground kk" || g.KK.Reason != "себебі" || g.RU.Reason != "потому" || g.RU.Act != "act ru" || g.EN.Text != "ground en" {
		t.Errorf("ground: %+v", g)
	}
}
