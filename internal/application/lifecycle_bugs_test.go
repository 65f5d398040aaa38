package application_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/service"
	"elicense/internal/workday"
)

type app = application.Application

// wrongActs are what a change of Acts and May might break, one by one.
func wrongActs() map[string]func(*domain) {
	return map[string]func(*domain){
		"four eyes are two accounts": func(d *domain) {
			other := func(a access.Actor) access.Actor { a.Person = a.Account; return a }
			d.acts = func(a app, p service.Process, x access.Actor) []application.Act {
				return application.Acts(a, p, other(x))
			}
			d.may = func(a app, p service.Process, x access.Actor, act application.Act) error {
				return application.May(a, p, other(x), act)
			}
		},
		"who gave an opinion decides": func(d *domain) {
			blind := func(a app) app { a.Work.Report.Opinions = nil; return a }
			d.acts = func(a app, p service.Process, x access.Actor) []application.Act {
				return application.Acts(blind(a), p, x)
			}
			d.may = func(a app, p service.Process, x access.Actor, act application.Act) error {
				return application.May(blind(a), p, x, act)
			}
		},
		"what another holds can be done": func(d *domain) {
			mine := func(a app, x access.Actor) app {
				if a.Work.Holder != "" {
					a.Work.Holder = x.Account
				}
				return a
			}
			d.acts = func(a app, p service.Process, x access.Actor) []application.Act {
				return application.Acts(mine(a, x), p, x)
			}
			d.may = func(a app, p service.Process, x access.Actor, act application.Act) error {
				return application.May(mine(a, x), p, x, act)
			}
		},
		"another body's officials act": func(d *domain) {
			here := func(x access.Actor) access.Actor { x.Body = licensor; return x }
			d.acts = func(a app, p service.Process, x access.Actor) []application.Act {
				return application.Acts(a, p, here(x))
			}
			d.may = func(a app, p service.Process, x access.Actor, act application.Act) error {
				return application.May(a, p, here(x), act)
			}
		},
	}
}

// wrongMoves are what a change of the rest might break.
func wrongMoves() map[string]func(*domain) {
	return map[string]func(*domain){
		"decided twice": func(d *domain) {
			d.next = func(s application.State, e application.Event) (application.State, error) {
				if e == application.Refused && s == application.Issued {
					return application.Returned, nil
				}
				return application.Next(s, e)
			}
		},
		"a step is skipped": func(d *domain) {
			d.after = func(w application.Work, p service.Process, x access.Actor, at time.Time) application.Work {
				w = w.After(p, x, at)
				w.Step = p.Steps[len(p.Steps)-1].Key
				return w
			}
		},
		"what was done is not written down": func(d *domain) {
			d.after = func(w application.Work, p service.Process, x access.Actor, at time.Time) application.Work {
				before := w.Report.Done
				w = w.After(p, x, at)
				if len(before) > 0 {
					w.Report.Done = before
				}
				return w
			}
		},
		"sent back, and held by nobody who may": func(d *domain) {
			d.back = func(w application.Work, p service.Process, note string, at time.Time) application.Work {
				w = w.BackToFirst(p, note, at)
				w.Holder = "gone"
				return w
			}
		},
		"who did a step speaks for another body": func(d *domain) {
			d.give = func(a app, x access.Actor, an application.Answer, at time.Time) (app, error) {
				done := a.Work.Report.Done
				a.Work.Report.Done = nil
				a, err := a.Give(x, an, at)
				a.Work.Report.Done = done
				return a, err
			}
		},
		"the duty of a step is another": func(d *domain) {
			d.process = func(p service.Process) service.Process {
				p.Steps = slices.Clone(p.Steps)
				p.Steps[len(p.Steps)-1].Who = access.Registrar
				return p
			}
		},
	}
}

// The control: each bug is found.
func TestLifecycleFindsBugs(t *testing.T) {
	all, calendar := processes(t), workday.Default()
	keys := slices.Sorted(maps.Keys(all))
	bugs := wrongActs()
	maps.Copy(bugs, wrongMoves())
	for name, seed := range bugs {
		d := sound()
		seed(&d)
		tried := rapid.Custom(func(r *rapid.T) error {
			_, err := live(r, d, all, keys, calendar)
			return err
		})
		found := false
		for i := 0; i < 5000 && !found; i++ {
			if err := tried.Example(i); err != nil {
				found = true
				t.Logf("%s: sequence %d: %v", name, i, err)
			}
		}
		if !found {
			t.Errorf("not found: %s", name)
		}
	}
}
