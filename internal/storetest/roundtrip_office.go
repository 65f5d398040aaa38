package storetest

import (
	"testing"
	"time"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/civil"
	"elicense/internal/port"
	"elicense/internal/service"
)

func officialTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	o, bare := full[access.Official](), access.Official{ID: "bare", Login: "bare", Version: 1, CreatedAt: base()}
	o.Version = 1
	f.update(func(w port.Writes) {
		w.Office().Officials().Add(o)
		w.Office().Officials().Add(bare)
	})
	f.view(func(v port.View) error {
		r := v.Office().Officials()
		gives(f, "official", o)(r.Official(f.ctx, o.ID))
		gives(f, "zero values", bare)(r.Official(f.ctx, "bare"))
		unknown[access.Official](f, "none")(r.Official(f.ctx, "x"))
		found(f, "by name", o)(r.ByLogin(f.ctx, o.Login))
		missing[access.Official](f, "no such name")(r.ByLogin(f.ctx, "x"))
		gives(f, "of a person", []access.Official{o})(r.ByPerson(f.ctx, o.Person))
		gives(f, "of a body", []access.Official{o})(r.List(f.ctx, o.Body))
		gives(f, "all", []access.Official{bare, o})(r.List(f.ctx, ""))
		return nil
	})
	f.refused(conflict, "store.official-exists", func(w port.Writes) {
		second := bare
		second.ID = "second"
		w.Office().Officials().Add(second)
	})
	changed := full[access.Official]()
	changed.ID, changed.Login, changed.Person, changed.CreatedAt, changed.Version = o.ID, o.Login, o.Person, o.CreatedAt, o.Version
	changed.FactorAt, changed.Department = time.Time{}, "other"
	changed.Surname, changed.Body, changed.Duties, changed.Password, changed.BlockedAt = "other", "other", nil, "other", time.Time{}
	f.update(func(w port.Writes) { w.Office().Officials().Change(changed) })
	changed.Version++
	f.view(func(v port.View) error {
		gives(f, "changed", changed)(v.Office().Officials().Official(f.ctx, o.ID))
		return nil
	})
	// A stale version changes nothing: the unit is run again until it is given up as a race.
	f.refused(conflict, "store.race", func(w port.Writes) { w.Office().Officials().Change(o) })
}

func opinionTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	day := civil.Date{Year: 2026, Month: time.December, Day: 1}
	opinion := func(body string, due civil.Date, silence service.Silence) application.Opinion {
		return application.Opinion{Body: body, Due: due, Silence: silence, AskedAt: base()}
	}
	asking := func(number string, opinions ...application.Opinion) port.Queued {
		a := f.newApplication(number)
		a.Body, a.Work.Report.Opinions = "mti", opinions
		f.update(func(w port.Writes) { w.Applications().Add(a) })
		a.Answers, a.Sources = nil, nil
		return port.Queued{Application: a, Applicant: f.account.Party.Name}
	}
	late := asking("KZ9", opinion("cci", day.AddDays(9), service.SilenceConsents), opinion("knb", day, service.SilenceConsents))
	soon := asking("KZ8", opinion("cci", day, service.SilenceConsents))
	twin := asking("KZ7", opinion("cci", day, service.SilenceNothing))
	asking("KZ6", opinion("knb", day, service.SilenceConsents))
	given := opinion("cci", day, service.SilenceConsents)
	given.Answer = &application.Answer{Verdict: application.Agrees}
	asking("KZ5", given)
	ask := func(what string, q port.Queue, want ...port.Queued) {
		t.Helper()
		q.Body = "cci"
		f.view(func(v port.View) error {
			gives(f, what, want)(v.Office().Queues().Queue(f.ctx, q))
			return nil
		})
	}
	ask("the nearest last day first", port.Queue{OpinionsOn: day}, twin, soon, late)
	ask("page", port.Queue{OpinionsOn: day, Limit: 2}, twin, soon)
	ask("next page", port.Queue{OpinionsOn: day, Limit: 2, After: port.QueuePlace{Due: day, Number: "KZ8"}}, late)
	ask("by number", port.Queue{OpinionsOn: day, Number: "z8"}, soon)
	ask("silence that counts as consent ends", port.Queue{OpinionsOn: day.AddDays(1)}, twin, late)
	ask("silence that counts for nothing does not", port.Queue{OpinionsOn: day.AddDays(99)}, twin)
	ask("of services", port.Queue{OpinionsOn: day, Services: []string{"none", soon.Application.Service}, Limit: 2}, twin, soon)
	ask("of another service", port.Queue{OpinionsOn: day, Services: []string{"none"}})
	ask("not what others decide themselves", port.Queue{})
	change := func(q *port.Queued, g func(*application.Application)) {
		g(&q.Application)
		f.update(func(w port.Writes) { w.Applications().Change(q.Application) })
		q.Application.Version++
		q.Application.Answers, q.Application.Sources = nil, nil
	}
	change(&late, func(a *application.Application) { a.Work.Holder = "another" })
	change(&twin, func(a *application.Application) {
		a.Work.Report.Opinions = []application.Opinion{given}
	})
	change(&soon, func(a *application.Application) { a.State = application.Returned })
	ask("held by somebody; answered; decided", port.Queue{OpinionsOn: day}, late)
	f.refused(conflict, "store.race", func(w port.Writes) { // a stale version asks nobody either
		stale := soon.Application
		stale.Version, stale.State = 1, application.Registered
		w.Applications().Change(stale)
	})
	ask("after it", port.Queue{OpinionsOn: day}, late)
}
