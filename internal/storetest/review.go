package storetest

import (
	"testing"
	"time"

	"elicense/internal/civil"
	"elicense/internal/port"
)

func noteTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	a, other := f.addApplication("KZ1"), f.addApplication("KZ2")
	first, second, elsewhere := full[port.Note](), full[port.Note](), full[port.Note]()
	first.ID, first.Application = "b", a.Number
	second.ID, second.Application, second.At = "a", a.Number, first.At.Add(time.Microsecond)
	elsewhere.ID, elsewhere.Application = "c", other.Number
	f.update(func(w port.Writes) {
		for _, n := range []port.Note{second, elsewhere, first} {
			w.Office().Reviews().AddNote(n)
		}
	})
	f.view(func(v port.View) error {
		gives(f, "oldest first", []port.Note{first, second})(v.Office().Reviews().Notes(f.ctx, a.Number))
		gives[[]port.Note](f, "none", nil)(v.Office().Reviews().Notes(f.ctx, "x"))
		return nil
	})
}

func presenceTrip(t testing.TB, s port.Store) {
	const visit = 5 * time.Minute
	f := start(t, s)
	number, other := f.addApplication("KZ1").Number, f.addApplication("KZ2").Number
	see := func(application, account string, after time.Duration) {
		f.update(func(w port.Writes) { w.Office().Reviews().See(application, account, base().Add(after), visit) })
	}
	present := func(what string, since time.Duration, want ...port.Presence) {
		f.Helper()
		f.view(func(v port.View) error {
			gives(f, what, want)(v.Office().Reviews().Present(f.ctx, number, base().Add(since)))
			return nil
		})
	}
	is := func(account string, since, seen time.Duration) port.Presence {
		return port.Presence{Application: number, Account: account, Since: base().Add(since), SeenAt: base().Add(seen)}
	}
	present("nobody", 0)
	see(number, "b", 0)
	see(number, "a", time.Minute)
	see(other, "c", time.Minute)
	see(number, "b", visit)
	present("a visit goes on", 0, is("b", 0, visit), is("a", time.Minute, time.Minute))
	present("who was seen since", 2*time.Minute, is("b", 0, visit))
	see(number, "a", 7*time.Minute)
	present("a visit begins anew", 0, is("b", 0, visit), is("a", 7*time.Minute, 7*time.Minute))
	f.update(func(w port.Writes) { w.Office().Reviews().ForgetSeen(base().Add(6 * time.Minute)) })
	present("who is forgotten", 0, is("a", 7*time.Minute, 7*time.Minute))
}

func correctionTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	day := civil.Date{Year: 2026, Month: time.December, Day: 1}
	for number, until := range map[string]civil.Date{"KZ1": day, "KZ2": day.AddDays(1), "KZ3": day, "KZ4": day.AddDays(-1)} {
		f.addApplication(number)
		f.update(func(w port.Writes) { w.Office().Reviews().AwaitCorrection(number, until) })
	}
	f.update(func(w port.Writes) { w.Office().Reviews().CorrectionOver("KZ3") })
	f.view(func(v port.View) error {
		r := v.Office().Reviews()
		gives(f, "before the next day", []string{"KZ4", "KZ1"})(r.Uncorrected(f.ctx, day.AddDays(1), 10))
		gives(f, "on the last day", []string{"KZ4"})(r.Uncorrected(f.ctx, day, 10))
		gives(f, "limited", []string{"KZ4"})(r.Uncorrected(f.ctx, day.AddDays(9), 1))
		return nil
	})
}
