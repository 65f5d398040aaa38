package application_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/service"
	"elicense/internal/workday"
)

// bug is something that a change might break, and the promise that the sequences find broken by it.
type bug struct {
	name, found string
	seed        func(*domain)
}

// seen lets Acts and May judge another application and another actor than there are.
func seen(change func(app, access.Actor) (app, access.Actor)) func(*domain) {
	return func(d *domain) {
		d.acts = func(a app, p service.Process, x access.Actor) []act {
			a, x = change(a, x)
			return application.Acts(a, p, x)
		}
		d.may = func(a app, p service.Process, x access.Actor, what act) error {
			a, x = change(a, x)
			return application.May(a, p, x, what)
		}
	}
}

// wrongActs are what a change of Acts and May might break, one by one.
func wrongActs() []bug {
	open := func(state application.State) func(app, access.Actor) (app, access.Actor) {
		return func(a app, x access.Actor) (app, access.Actor) {
			if a.State == state {
				a.State = application.Registered
			}
			return a, x
		}
	}
	return []bug{
		{"four eyes are two accounts", "did a step before", seen(func(a app, x access.Actor) (app, access.Actor) { x.Person = x.Account; return a, x })},
		{"who gave an opinion decides", "gave an opinion", seen(func(a app, x access.Actor) (app, access.Actor) { a.Work.Report.Opinions = nil; return a, x })},
		{"what another holds can be done", "somebody acts on what another holds", seen(func(a app, x access.Actor) (app, access.Actor) {
			if a.Work.Holder != "" {
				a.Work.Holder = x.Account
			}
			return a, x
		})},
		{"another body's officials act", "of another body does", seen(func(a app, x access.Actor) (app, access.Actor) { x.Body = licensor; return a, x })},
		{"officials go on while it is corrected", "something is done while the applicant corrects", seen(open(application.Correcting))},
		{"what is withdrawn is worked on", "something is done after the withdrawal", seen(open(application.Withdrawn))},
		{"corrections have no end", "asked to correct more often", seen(func(a app, x access.Actor) (app, access.Actor) { a.Work.Report.Corrections = nil; return a, x })},
	}
}

// wrongMoves are what a change of the rest might break.
func wrongMoves() []bug {
	return []bug{
		{"decided twice", "illegal: issued refused returned", func(d *domain) {
			d.next = func(s application.State, e event) (application.State, error) {
				if e == application.Refused && s == application.Issued {
					return application.Returned, nil
				}
				return application.Next(s, e)
			}
		}},
		{"a step is skipped", "does the step of the", func(d *domain) {
			d.after = func(w application.Work, p service.Process, x access.Actor, at time.Time) application.Work {
				w = w.After(p, x, at)
				w.Step = p.Steps[len(p.Steps)-1].Key
				return w
			}
		}},
		{"what was done is not written down", "decided after 1 steps of 2", func(d *domain) {
			d.after = func(w application.Work, p service.Process, x access.Actor, at time.Time) application.Work {
				before := w.Report.Done
				w = w.After(p, x, at)
				if len(before) > 0 {
					w.Report.Done = before
				}
				return w
			}
		}},
		{"sent back, and held by nobody who may", "nobody can do anything any more", func(d *domain) {
			d.back = func(w application.Work, p service.Process, note string, at time.Time) application.Work {
				w = w.BackToFirst(p, note, at)
				w.Holder = "gone"
				return w
			}
		}},
		{"who did a step speaks for another body", "did a step and gives an opinion", func(d *domain) {
			d.give = func(a app, x access.Actor, an application.Answer, at time.Time) (app, error) {
				done := a.Work.Report.Done
				a.Work.Report.Done = nil
				a, err := a.Give(x, an, at)
				a.Work.Report.Done = done
				return a, err
			}
		}},
		{"the duty of a step is another", "does the step of the", func(d *domain) {
			d.process = func(p service.Process) service.Process {
				p.Steps = slices.Clone(p.Steps)
				p.Steps[len(p.Steps)-1].Who = access.Registrar
				return p
			}
		}},
	}
}

// wrongWays are what a change of the ways beside the steps might break.
func wrongWays() []bug {
	return []bug{
		{"refused before the hearing", "refused before the applicant was heard", func(d *domain) {
			d.unheard = func(application.Report, service.Process, application.Proposal) bool { return false }
		}},
		{"heard on another ground", "refused before the applicant was heard", func(d *domain) {
			d.unheard = func(r application.Report, p service.Process, pr application.Proposal) bool {
				h, _ := r.Hearing()
				pr.Ground = h.Preliminary.Ground
				return len(r.Unheard(p, pr)) > 0
			}
		}},
		{"what is decided is withdrawn", "withdrawn after the decision", func(d *domain) {
			d.withdraws = func(a app) error {
				if a.Decision != nil {
					return nil
				}
				return a.Withdraws()
			}
		}},
		{"a withdrawn application is decided", "illegal: withdrawn granted issued", func(d *domain) {
			d.next = func(s application.State, e event) (application.State, error) {
				if s == application.Withdrawn {
					s = application.Registered
				}
				return application.Next(s, e)
			}
		}},
		{"the term runs on in a correction", "the term runs while the applicant corrects", func(d *domain) {
			d.askFor = func(a app, p service.Process, items []application.Item, known func(string) bool, x access.Actor, calendar *workday.Calendar, at time.Time) (app, error) {
				a, err := a.AskFor(p, items, known, x, calendar, at)
				a.Work.Report.Clock.Stops = nil
				return a, err
			}
		}},
		{"what officials refused is reviewed", "a review of what officials refused", func(d *domain) {
			d.mayReview = func(a app, at time.Time) error {
				if a.Decision != nil {
					decision := *a.Decision
					decision.Steps = nil
					a.Decision = &decision
				}
				return a.MayReview(at)
			}
		}},
		{"it is given to who did a step", "four eyes: it is given to", func(d *domain) {
			d.mayHold = func(a app, p service.Process, to access.Official) error {
				a.Work.Report.Done = nil
				return a.MayHold(p, to)
			}
		}},
	}
}

// The control: each bug is found, by the promise that it breaks.
func TestLifecycleFindsBugs(t *testing.T) {
	all, days := processes(t), calendars()
	keys := names(all)
	for _, b := range slices.Concat(wrongActs(), wrongMoves(), wrongWays()) {
		d := sound()
		b.seed(&d)
		tried := rapid.Custom(func(r *rapid.T) error {
			_, err := live(r, d, all, keys, days)
			return err
		})
		found, other := false, ""
		for i := 0; i < 20_000 && !found; i++ {
			if err := tried.Example(i); err != nil {
				if found = strings.Contains(err.Error(), b.found); found {
					t.Logf("%s: sequence %d: %v", b.name, i, err)
				}
				other = err.Error()
			}
		}
		if !found {
			t.Errorf("not found: %s; instead %q", b.name, other)
		}
	}
}
