package sqlstore_test

import (
	"context"
	"runtime"
	"slices"
	"testing"
	"time"

	"elicense/internal/application"
	"elicense/internal/fault"
	"elicense/internal/ledger"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/sqlstore"
	"elicense/internal/storetest"
)

// The suite is only worth something if it fails for a store that is wrong. Each fault here is put on purpose between
// the suite and a right store; the named case has to notice it.
func TestSuiteNoticesFaults(t *testing.T) {
	faults := map[string]struct {
		wrap func(port.Store) port.Store
		by   string
	}{
		"a column is forgotten": {func(s port.Store) port.Store {
			return broken{Store: s, read: func(v port.View) port.View { return forgetful{v} }}
		}, "round trip/permits"},
		"writes survive an error": {func(s port.Store) port.Store { return broken{Store: s, keepOnError: true} },
			"transaction/nothing after an error of the function"},
		"faults are swallowed":   {func(s port.Store) port.Store { return broken{Store: s, swallow: "store.draft-exists"} }, "transaction/one draft"},
		"a challenge used twice": {func(s port.Store) port.Store { return broken{Store: s, swallow: "store.challenge-used"} }, "parallel/one challenge used once"},
		"no reruns":              {func(s port.Store) port.Store { return broken{Store: s, once: true} }, "transaction/reruns"},
		"every fault is one fault": {func(s port.Store) port.Store { return broken{Store: s, rename: true} },
			"transaction/unique faults"},
		"a write is lost": {func(s port.Store) port.Store {
			return broken{Store: s, write: func(w port.Writes) port.Writes { return lossy{w} }}
		}, "round trip/events"},
		"quotas are not guarded": {func(s port.Store) port.Store {
			return broken{Store: s, write: func(w port.Writes) port.Writes { return generous{w} }}
		}, "transaction/guards"},
	}
	for name, c := range faults {
		t.Run(name, func(t *testing.T) {
			i := slices.IndexFunc(storetest.Cases(), func(x storetest.Case) bool { return x.Name == c.by })
			if i < 0 {
				t.Fatalf("there is no case %q", c.by)
			}
			for wrong, s := range map[bool]port.Store{false: open(t, sqliteURL(t), sqlstore.Options{}), true: c.wrap(open(t, sqliteURL(t), sqlstore.Options{}))} {
				if got := fails(t, storetest.Cases()[i], s); got != wrong {
					t.Errorf("%s: wrong %v, failed %v", c.by, wrong, got)
				}
			}
		})
	}
}

// fails tells whether a case fails, without failing t.
func fails(t *testing.T, c storetest.Case, s port.Store) bool {
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() { // FailNow ends the goroutine
		defer close(done)
		defer func() {
			if recover() != nil {
				r.failed = true
			}
		}()
		c.Check(r, s)
	}()
	<-done
	return r.failed
}

// recorder notes a failure instead of reporting it.
type recorder struct {
	testing.TB
	failed bool
}

func (r *recorder) Helper()               {}
func (r *recorder) Error(...any)          { r.failed = true }
func (r *recorder) Errorf(string, ...any) { r.failed = true }
func (r *recorder) Fatal(...any)          { r.FailNow() }
func (r *recorder) Fatalf(string, ...any) { r.FailNow() }
func (r *recorder) FailNow() {
	r.failed = true
	runtime.Goexit()
}

// broken is a store with one fault.
type broken struct {
	port.Store
	read        func(port.View) port.View
	write       func(port.Writes) port.Writes
	keepOnError bool
	swallow     string
	once        bool
	rename      bool
}

func (b broken) View(ctx context.Context, f func(port.View) error) error {
	return b.Store.View(ctx, func(v port.View) error {
		if b.read != nil {
			v = b.read(v)
		}
		return f(v)
	})
}

func (b broken) Update(ctx context.Context, f func(port.Tx) error) error {
	var own error
	runs := 0
	err := b.Store.Update(ctx, func(tx port.Tx) error {
		if runs++; b.once && runs > 1 {
			return fault.New(fault.Conflict, "store.race")
		}
		if b.write != nil {
			tx = brokenTx{tx, b.write(tx.Write())}
		}
		own = f(tx)
		if b.keepOnError {
			return nil
		}
		return own
	})
	switch {
	case b.keepOnError && own != nil:
		return own
	case b.swallow != "" && fault.Is(err, b.swallow):
		return nil
	case b.rename && err != nil:
		return fault.New(fault.Conflict, "store.conflict")
	}
	return err
}

type brokenTx struct {
	port.Tx
	w port.Writes
}

func (t brokenTx) Write() port.Writes { return t.w }

type forgetful struct{ port.View }

func (v forgetful) Permits() port.Permits { return forgetfulPermits{v.View.Permits()} }

type forgetfulPermits struct{ port.Permits }

func (p forgetfulPermits) Permit(ctx context.Context, number string) (permit.Permit, error) {
	x, err := p.Permits.Permit(ctx, number)
	x.Second = ""
	return x, err
}

type lossy struct{ port.Writes }

func (w lossy) Applications() port.ApplicationWrites {
	return lossyApplications{w.Writes.Applications()}
}

type lossyApplications struct{ port.ApplicationWrites }

func (lossyApplications) Happen(application.Happening) {}

func (lossyApplications) Dispatched([]string, time.Time) {}

type generous struct{ port.Writes }

func (w generous) Ledger() port.LedgerWrites { return generousLedger{w.Writes.Ledger()} }

type generousLedger struct{ port.LedgerWrites }

func (l generousLedger) Take(e ledger.Entry) {
	e.Amount = min(e.Amount, 1)
	l.LedgerWrites.Take(e)
}
