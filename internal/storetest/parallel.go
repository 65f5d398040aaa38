package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"elicense/internal/application"
	"elicense/internal/fault"
	"elicense/internal/ledger"
	"elicense/internal/port"
)

func parallels() []Case {
	return []Case{
		{"parallel/100 changes of one row", changesOfOneRow},
		{"parallel/500 takes from a quota of 100", takesFromQuota},
		{"parallel/1,000 applications for the last unit of a quota", lastUnit},
		{"parallel/100 drafts of one service", draftsOfOneService},
		{"parallel/1,000 for the last block of numbers", lastBlock},
		{"parallel/ranges that overlap", overlapsAtOnce},
		{"parallel/codes that begin alike", codesAtOnce},
		{"parallel/100 claims to one paper", claimsAtOnce},
		{"parallel/20 acts with one permit", actsAtOnce},
		{"parallel/leases", leases},
		{"parallel/one challenge used once", oneUse},
		{"parallel/log-in attempts", attempts},
		{"parallel/failures do not touch neighbours", neighbours},
		{"parallel/readers see whole units", wholeUnits},
		{"parallel/folds of the same events", folds},
		{"parallel/notices of one event", noticesAtOnce},
		{"parallel/a decision and a withdrawal", decisionAndWithdrawal},
	}
}

// all runs f n times at once and gives the errors in order.
func all(n int, f func(i int) error) []error {
	errs := make([]error, n)
	var ready, done sync.WaitGroup
	ready.Add(1)
	for i := range n {
		done.Go(func() {
			ready.Wait()
			errs[i] = f(i)
		})
	}
	ready.Done()
	done.Wait()
	return errs
}

// count tells how many succeeded; every other error must be a conflict of the key.
func count(t testing.TB, errs []error, key string) int {
	t.Helper()
	n := 0
	for _, err := range errs {
		switch {
		case err == nil:
			n++
		case fault.KindOf(err) != conflict || !fault.Is(err, key):
			t.Errorf("got %v, want conflict %s", err, key)
		}
	}
	return n
}

func changesOfOneRow(t testing.TB, s port.Store) {
	f := start(t, s)
	var runs atomic.Int64
	errs := all(100, func(int) error {
		return s.Update(f.ctx, func(tx port.Tx) error {
			runs.Add(1)
			p, err := tx.Accounts().Party(f.ctx, f.account.Party.ID)
			if err != nil {
				return err
			}
			p.Name += "."
			tx.Write().Accounts().ChangeParty(p)
			return nil
		})
	})
	if n := count(t, errs, "store.race"); n != 100 {
		t.Errorf("%d of 100 changes succeeded in %d runs", n, runs.Load())
	}
	f.view(func(v port.View) error {
		p, err := v.Accounts().Party(f.ctx, f.account.Party.ID)
		same(f, "version", p.Version, f.account.Party.Version+100)
		same(f, "length", len(p.Name), len(f.account.Party.Name)+100)
		return err
	})
}

func takesFromQuota(t testing.TB, s port.Store) {
	f := start(t, s)
	f.update(func(w port.Writes) {
		w.Ledger().SetTotal(ledger.Quota{ID: "q", Total: 100})
		for i := range 500 {
			w.Applications().Add(f.newApplication(fmt.Sprintf("KZ%03d", i)))
		}
	})
	errs := all(500, func(i int) error {
		return s.Update(f.ctx, func(tx port.Tx) error {
			q, _, err := tx.Ledger().Quota(f.ctx, "q")
			if err != nil {
				return err
			}
			e, err := q.Take(fmt.Sprintf("KZ%03d", i), 1)
			if err != nil {
				return err
			}
			tx.Write().Ledger().Take(e)
			return nil
		})
	})
	if n := count(t, errs, "ledger.exhausted"); n != 100 {
		t.Errorf("%d of 500 were granted, want 100", n)
	}
	f.view(func(v port.View) error {
		found(f, "quota", ledger.Quota{ID: "q", Total: 100, Granted: 100})(v.Ledger().Quota(f.ctx, "q"))
		return nil
	})
}

// lastUnit is what the automatic decision does with a quota: a thousand applications want its last unit, one is granted with its
// permit, all others are refused, and each is decided in the end.
func lastUnit(t testing.TB, s port.Store) {
	f := start(t, s)
	const applicants = 1000
	applications := make([]application.Application, applicants)
	f.update(func(w port.Writes) {
		w.Ledger().SetTotal(ledger.Quota{ID: "q", Total: 1_000_000})
		for i := range applications {
			applications[i] = f.newApplication(fmt.Sprintf("KZ%04d", i))
			applications[i].State = application.Registered
			w.Applications().Add(applications[i])
		}
	})
	states := make([]application.State, applicants)
	errs := all(applicants, func(i int) error {
		return s.Update(f.ctx, func(tx port.Tx) error {
			q, _, err := tx.Ledger().Quota(f.ctx, "q")
			if err != nil {
				return err
			}
			a := applications[i]
			e, exhausted := q.Take(a.Number, 1_000_000)
			a.State = application.Returned
			if exhausted == nil {
				a.State = application.Issued
				tx.Write().Permits().Add(f.newPermit("P"+a.Number, a.Number))
				tx.Write().Ledger().Take(e)
			}
			tx.Write().Applications().Change(a)
			states[i] = a.State
			return nil
		})
	})
	if n := count(t, errs, "store.race"); n != applicants {
		t.Errorf("%d of %d were decided", n, applicants)
	}
	f.view(func(v port.View) error {
		found(f, "quota", ledger.Quota{ID: "q", Total: 1_000_000, Granted: 1_000_000})(v.Ledger().Quota(f.ctx, "q"))
		entries, err := v.Ledger().Entries(f.ctx, "q")
		if err != nil || len(entries) != 1 {
			t.Fatalf("%d entries: %v", len(entries), err)
		}
		for i, a := range applications {
			same(f, a.Number+" is issued", states[i] == application.Issued, a.Number == entries[0].Application)
		}
		winner, err := v.Applications().Application(f.ctx, entries[0].Application)
		same(f, "state of the winner", winner.State, application.Issued)
		permits, listErr := v.Permits().List(f.ctx, port.Search{Party: f.account.Party.ID, Limit: 5})
		same(f, "permits", len(permits), 1)
		return errors.Join(err, listErr)
	})
}

func draftsOfOneService(t testing.TB, s port.Store) {
	f := start(t, s)
	errs := all(100, func(i int) error {
		a := f.newApplication(fmt.Sprintf("KZ%03d", i))
		a.State = application.Draft
		return f.try(func(w port.Writes) {
			w.Applications().Add(a)
			w.Applications().Happen(application.Happening{ID: a.Number, Application: a.Number, Event: application.Granted})
		})
	})
	if n := count(t, errs, "store.draft-exists"); n != 1 {
		t.Errorf("%d drafts, want 1", n)
	}
	f.view(func(v port.View) error {
		numbers, err := v.Records().Numbers(f.ctx, "application", "", 1000)
		same(f, "applications", len(numbers), 1)
		events, eventErr := v.Applications().Undispatched(f.ctx, 1000)
		same(f, "events", len(events), 1)
		if err == nil {
			err = eventErr
		}
		return err
	})
}

func leases(t testing.TB, s port.Store) {
	f := start(t, s)
	const n, size = 60, 10
	errs := all(n, func(i int) error {
		return s.Update(f.ctx, func(tx port.Tx) error {
			first, err := tx.Keys().Next(f.ctx, "RFB")
			if err != nil {
				return err
			}
			tx.Write().Keys().Lease(port.Lease{Code: "RFB", First: first, Last: first + size - 1, Node: fmt.Sprint(i), At: base()})
			return nil
		})
	})
	if got := count(t, errs, "store.race"); got != n {
		t.Errorf("%d of %d leases", got, n)
	}
	f.view(func(v port.View) error {
		all, err := v.Keys().Leases(f.ctx, "RFB")
		slices.SortFunc(all, func(a, b port.Lease) int { return a.First - b.First })
		next := 1
		for _, l := range all {
			if l.First != next || l.Last != next+size-1 {
				t.Errorf("lease %d to %d after %d", l.First, l.Last, next-1)
			}
			next = l.Last + 1
		}
		same(f, "leases", len(all), n)
		return err
	})
}

func oneUse(t testing.TB, s port.Store) {
	f := start(t, s)
	f.update(func(w port.Writes) { w.Keys().AddChallenge(port.Challenge{Nonce: "c", ExpiresAt: base()}) })
	errs := all(50, func(i int) error {
		return f.try(func(w port.Writes) {
			w.Sessions().Put(port.Session{Token: fmt.Sprint(i), ExpiresAt: base()})
			w.Keys().UseChallenge("c", base())
		})
	})
	if n := count(t, errs, "store.challenge-used"); n != 1 {
		t.Errorf("used %d times", n)
	}
	sessions := 0
	f.view(func(v port.View) error {
		for i := range 50 {
			_, ok, err := v.Sessions().Session(f.ctx, fmt.Sprint(i), base().AddDate(-1, 0, 0))
			if err != nil {
				return err
			}
			if ok {
				sessions++
			}
		}
		return nil
	})
	if sessions != 1 {
		t.Errorf("%d sessions for one use", sessions)
	}
}

func attempts(t testing.TB, s port.Store) {
	f := start(t, s)
	errs := all(100, func(int) error {
		return f.try(func(w port.Writes) { w.Accounts().AddAttempt("k", base(), 1<<40) })
	})
	if n := count(t, errs, "none"); n != 100 {
		t.Errorf("%d of 100", n)
	}
	f.view(func(v port.View) error {
		gives(f, "attempts", 100)(v.Accounts().Attempts(f.ctx, "k", base(), 1<<40))
		return nil
	})
}

// neighbours: units that fail stand among units that succeed, perhaps under the same commit.
func neighbours(t testing.TB, s port.Store) {
	f := start(t, s)
	const n = 200
	errs := all(n, func(i int) error {
		a := f.newApplication(fmt.Sprintf("KZ%03d", i))
		return f.try(func(w port.Writes) {
			w.Applications().Add(a)
			switch i % 5 {
			case 1:
				w.Keys().UseChallenge("none", base())
			case 3:
				w.Accounts().AddAccount(f.account)
			}
		})
	})
	for i, err := range errs {
		want := map[int]string{1: "store.challenge-used", 3: "store.account-exists"}[i%5]
		if (want == "") != (err == nil) || (want != "" && !fault.Is(err, want)) {
			t.Errorf("unit %d: got %v, want %q", i, err, want)
		}
	}
	f.view(func(v port.View) error {
		got, err := v.Records().Numbers(f.ctx, "application", "", 1000)
		var want []string
		for i := range n {
			if i%5 != 1 && i%5 != 3 {
				want = append(want, fmt.Sprintf("KZ%03d", i))
			}
		}
		same(f, "applications", got, want)
		return err
	})
}

// wholeUnits: one statement of a reader never sees half of a unit.
func wholeUnits(t testing.TB, s port.Store) {
	f := start(t, s)
	const units = 60
	f.addApplication("KZ1")
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				f.view(func(v port.View) error {
					events, err := v.Applications().Happenings(f.ctx, "KZ1")
					if len(events)%2 != 0 {
						t.Errorf("%d events of units of two", len(events))
					}
					return err
				})
			}
		})
	}
	errs := all(units, func(i int) error {
		return f.try(func(w port.Writes) {
			for _, half := range []string{"a", "b"} {
				w.Applications().Happen(application.Happening{ID: fmt.Sprint(i, half), Application: "KZ1", At: base()})
			}
		})
	})
	close(stop)
	readers.Wait()
	if n := count(t, errs, "none"); n != units {
		t.Errorf("%d of %d units", n, units)
	}
}
