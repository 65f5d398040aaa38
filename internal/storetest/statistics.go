package storetest

import (
	"fmt"
	"testing"
	"time"

	"elicense/internal/application"
	"elicense/internal/port"
)

// statisticsTrip: events wait until a fold counts them, however late they were committed, and figures add up.
func statisticsTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	a := f.addApplication("KZ1")
	a.Answers, a.Sources = nil, nil
	happen := func(id string, e application.Event, second int) port.Occurrence {
		at := base().Add(time.Duration(second) * time.Second)
		f.update(func(w port.Writes) {
			w.Applications().Happen(application.Happening{ID: id, Application: "KZ1", Event: e, At: at})
		})
		return port.Occurrence{ID: id, Event: e, At: at, Application: a}
	}
	refused, sent := happen("1", application.Refused, 5), happen("2", application.Sent, 3)
	for i, e := range []application.Event{application.Created, application.Saved, application.Signed, application.SignatureRefused, application.Removed} {
		happen(fmt.Sprint("quiet-", i), e, 0)
	}
	counting := func(what string, want port.Counting) {
		t.Helper()
		f.view(func(v port.View) error {
			gives(f, what, want)(v.Records().Counting(f.ctx))
			return nil
		})
	}
	counting("nothing was counted", port.Counting{})
	f.view(func(v port.View) error {
		gives(f, "oldest first", []port.Occurrence{sent, refused})(v.Records().Uncounted(f.ctx, 9))
		gives(f, "the first", []port.Occurrence{sent})(v.Records().Uncounted(f.ctx, 1))
		gives(f, "none is counted", []port.Occurrence(nil))(v.Records().Counted(f.ctx, 9, "", 9))
		return nil
	})
	x, y := full[port.Figure](), full[port.Figure]()
	x.Month, y.Month, x.N, y.N = "2026-03", "2027-01", 4, -1
	f.update(func(w port.Writes) { w.Records().Fold(1, []string{"1", "2"}, []port.Figure{x, y}) })
	late := happen("0", application.Granted, 1) // committed behind what was counted
	f.view(func(v port.View) error {
		gives(f, "the late one waits", []port.Occurrence{late})(v.Records().Uncounted(f.ctx, 9))
		gives(f, "counted, in order of id", []port.Occurrence{refused, sent})(v.Records().Counted(f.ctx, 1, "", 9))
		gives(f, "the next page", []port.Occurrence{sent})(v.Records().Counted(f.ctx, 1, "1", 9))
		gives(f, "figures", []port.Figure{x, y})(v.Records().Figures(f.ctx, "2026-03", "2027-01"))
		return nil
	})
	f.refused(conflict, "store.race", func(w port.Writes) { w.Records().Fold(1, []string{"0"}, []port.Figure{x}) })
	f.refused(conflict, "store.race", func(w port.Writes) { w.Records().Correct(2, []port.Figure{x}) })
	f.update(func(w port.Writes) { w.Records().Fold(2, []string{"0"}, []port.Figure{x}) })
	counting("two folds", port.Counting{Folds: 2, First: "2026-03", Last: "2027-01"})
	y.N = 1
	f.update(func(w port.Writes) { w.Records().Correct(1, []port.Figure{y}) })
	x.N = 8
	counting("a correction", port.Counting{Folds: 2, Corrections: 1, First: "2026-03", Last: "2027-01"})
	f.view(func(v port.View) error {
		gives(f, "nothing waits", []port.Occurrence(nil))(v.Records().Uncounted(f.ctx, 9))
		gives(f, "of the first fold only", []port.Occurrence{refused, sent})(v.Records().Counted(f.ctx, 1, "", 9))
		gives(f, "figures add up; zero is none", []port.Figure{x})(v.Records().Figures(f.ctx, "2026-01", "2027-12"))
		gives(f, "other months", []port.Figure(nil))(v.Records().Figures(f.ctx, "2026-04", "2027-12"))
		return nil
	})
}

// folds: of many who fold the same events at once one counts them.
func folds(t testing.TB, s port.Store) {
	f := start(t, s)
	f.addApplication("KZ1")
	var ids []string
	for i := range 20 {
		ids = append(ids, fmt.Sprintf("%02d", i))
		f.update(func(w port.Writes) {
			w.Applications().Happen(application.Happening{ID: ids[i], Application: "KZ1", Event: application.Sent, At: base()})
		})
	}
	one := port.Figure{Month: "2026-03", Service: "svc", Measure: port.Received}
	errs := all(30, func(int) error {
		return s.Update(f.ctx, func(tx port.Tx) error {
			waiting, err := tx.Records().Uncounted(f.ctx, 7)
			if err != nil || len(waiting) == 0 {
				return err
			}
			done, err := tx.Records().Counting(f.ctx)
			if err != nil {
				return err
			}
			add := one
			add.N = len(waiting)
			var list []string
			for _, o := range waiting {
				list = append(list, o.ID)
			}
			tx.Write().Records().Fold(done.Folds+1, list, []port.Figure{add})
			return nil
		})
	})
	count(t, errs, "store.race")
	one.N = 20
	f.view(func(v port.View) error {
		gives(f, "each counted once", []port.Figure{one})(v.Records().Figures(f.ctx, "2026-03", "2026-03"))
		return nil
	})
}
