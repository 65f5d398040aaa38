package storetest

import (
	"testing"

	"elicense/internal/application"
	"elicense/internal/port"
)

// decisionTrip holds what watches over automatic decisions.
func decisionTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	for _, number := range []string{"KZ1", "KZ2", "KZ3"} {
		f.addApplication(number)
	}
	happened := func(id, number string, e application.Event, actor string) application.Happening {
		h := application.Happening{ID: id, Application: number, Event: e, From: application.Registered, To: application.Issued, Actor: actor, At: base()}
		f.update(func(w port.Writes) { w.Applications().Happen(h) })
		return h
	}
	granted := happened("1", "KZ1", application.Granted, "system")
	happened("2", "KZ2", application.Granted, "official")
	happened("3", "KZ3", application.Sent, "system")
	refused := happened("4", "KZ3", application.Refused, "system")
	first, second := full[port.Replay](), full[port.Replay]()
	first.ID, second.ID = "1", "2"
	older, newer := full[port.Difference](), full[port.Difference]()
	older.Application, newer.Application, newer.FoundAt = "KZ2", "KZ2", older.FoundAt
	newer.Text = "another"
	other := older
	other.Application = "KZ1"
	stop, elsewhere := full[port.Stop](), full[port.Stop]()
	stop.Body, elsewhere.Body = "mti", "cci"
	f.update(func(w port.Writes) {
		d := w.Office().Decisions()
		d.AddReplay(first)
		d.AddReplay(second)
		d.PutDifference(older)
		d.PutDifference(newer)
		d.PutDifference(other)
		d.Agree("KZ1")
		d.Agree("KZ3")
		d.Stop(stop)
		d.Stop(elsewhere)
	})
	f.refused(conflict, "automation.stopped", func(w port.Writes) { w.Office().Decisions().Stop(stop) })
	f.refused(conflict, "automation.running", func(w port.Writes) { w.Office().Decisions().Resume("none", "mti") })
	f.view(func(v port.View) error {
		d := v.Office().Decisions()
		gives(f, "automatic", []application.Happening{granted, refused})(d.Automatic(f.ctx, "", 9))
		gives(f, "after", []application.Happening{refused})(d.Automatic(f.ctx, "1", 9))
		gives(f, "limit", []application.Happening{granted})(d.Automatic(f.ctx, "", 1))
		gives(f, "the newest run", []port.Replay{second})(d.Replays(f.ctx, 1))
		gives(f, "runs", []port.Replay{second, first})(d.Replays(f.ctx, 9))
		gives(f, "differences", []port.Difference{newer})(d.Differences(f.ctx))
		gives(f, "stops", []port.Stop{stop})(d.Stops(f.ctx, "mti"))
		got, ok, err := d.Stopped(f.ctx, stop.Service, "mti")
		if got != stop || !ok || err != nil {
			f.Errorf("stopped: %+v %v %v", got, ok, err)
		}
		if _, ok, err := d.Stopped(f.ctx, "another", "mti"); ok || err != nil {
			f.Errorf("not stopped: %v %v", ok, err)
		}
		return nil
	})
	f.update(func(w port.Writes) { w.Office().Decisions().Resume(stop.Service, "mti") })
	f.view(func(v port.View) error {
		gives(f, "resumed", []port.Stop(nil))(v.Office().Decisions().Stops(f.ctx, "mti"))
		gives(f, "and not elsewhere", []port.Stop{elsewhere})(v.Office().Decisions().Stops(f.ctx, "cci"))
		return nil
	})
}

// reviewTrip holds reviews by a person.
func reviewTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	asked := func(number, body string) application.Review {
		f.addApplication(number)
		r := full[application.Review]()
		r = application.Review{Application: number, Body: body, Account: r.Account, Text: r.Text, AskedAt: r.AskedAt}
		f.update(func(w port.Writes) { w.Office().Decisions().AskReview(r) })
		return r
	}
	second, first, elsewhere := asked("KZ2", "mti"), asked("KZ1", "mti"), asked("KZ3", "cci")
	f.refused(conflict, "review.exists", func(w port.Writes) { w.Office().Decisions().AskReview(first) })
	closed := full[application.Review]()
	closed.Application, closed.Body, closed.Account, closed.Text, closed.AskedAt, closed.Outcome = "KZ2", second.Body, second.Account, second.Text, second.AskedAt, application.Upheld
	f.view(func(v port.View) error {
		gives(f, "waiting, the oldest first", []application.Review{first, second})(v.Office().Decisions().Reviews(f.ctx, "mti"))
		return nil
	})
	f.update(func(w port.Writes) { w.Office().Decisions().CloseReview(closed) })
	f.refused(conflict, "review.closed", func(w port.Writes) { w.Office().Decisions().CloseReview(closed) })
	f.view(func(v port.View) error {
		d := v.Office().Decisions()
		gives(f, "waiting", []application.Review{first})(d.Reviews(f.ctx, "mti"))
		gives(f, "of another body", []application.Review{elsewhere})(d.Reviews(f.ctx, "cci"))
		got, ok, err := d.Review(f.ctx, "KZ2")
		if got != closed || !ok || err != nil {
			f.Errorf("closed: %+v %v %v", got, ok, err)
		}
		if _, ok, err := d.Review(f.ctx, "KZ9"); ok || err != nil {
			f.Errorf("no review: %v %v", ok, err)
		}
		return nil
	})
}
