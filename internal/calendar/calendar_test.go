package calendar_test

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"elicense/internal/access"
	"elicense/internal/calendar"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/port"
	"elicense/internal/sqlstore"
	"elicense/internal/workday"
)

type world struct{ ids atomic.Int64 }

func (*world) Now() time.Time { return time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC) }
func (w *world) ID() string   { return fmt.Sprintf("01990000-0000-7000-8000-%012d", w.ids.Add(1)) }
func (*world) Random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T) (*sqlstore.Store, *world) {
	t.Helper()
	store, err := sqlstore.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "test.db"), sqlstore.Options{})
	must(t, err)
	t.Cleanup(func() { _ = store.Close() })
	must(t, store.Migrate(t.Context()))
	return store, &world{}
}

func administrator() access.Actor {
	return access.Actor{Role: access.Officer, Account: "a1", Person: "P1", Body: "mti", Duties: []access.Duty{access.Administrator}}
}

func off(day int) []workday.Exception {
	return []workday.Exception{{Day: civil.New(2026, time.December, day), Reason: workday.SwappedOff}}
}

// Two nodes start, one changes the calendar, the other follows; what was counted by an older version is found by its name.
func TestVersions(t *testing.T) {
	store, w := open(t)
	one, two := calendar.New(store, w), calendar.New(store, w)
	must(t, one.Load(t.Context()))
	must(t, two.Load(t.Context()))
	must(t, two.Load(t.Context())) // a restart adds nothing
	first := one.Current().Version
	if first != workday.Default().Version {
		t.Errorf("the first version is %s", first)
	}
	must(t, one.Add(t.Context(), administrator(), calendar.Change{Seen: first, Days: off(31), Reason: "қаулы"}))
	second := one.Current().Version
	if second == first || two.Current().Version != first {
		t.Errorf("%s after %s, the other node has %s", second, first, two.Current().Version)
	}
	must(t, two.Refresh(t.Context()))
	if works, _ := two.Current().IsWorking(civil.New(2026, time.December, 31)); works || two.Current().Version != second {
		t.Error("the other node does not follow")
	}
	fresh := calendar.New(store, w)
	for version, worked := range map[string]bool{first: true, second: false} {
		c, known, err := fresh.Of(t.Context(), version)
		must(t, err)
		if works, _ := c.IsWorking(civil.New(2026, time.December, 31)); !known || works != worked {
			t.Errorf("%s: known %v, worked %v", version, known, works)
		}
	}
	if _, known, err := two.Of(t.Context(), "never"); known || err != nil {
		t.Errorf("an unknown version: %v, %v", known, err)
	}
	history, _, err := one.History(t.Context(), administrator())
	if err != nil || len(history) != 2 || history[0].Author != "a1" || history[0].Reason != "қаулы" || history[1].Author != "built-in" {
		t.Errorf("%+v, %v", history, err)
	}
}

// What is refused, and to whom.
func TestRefused(t *testing.T) {
	store, w := open(t)
	k := calendar.New(store, w)
	must(t, k.Load(t.Context()))
	seen := k.Current().Version
	nobody := administrator()
	nobody.Duties = []access.Duty{access.Head}
	for _, c := range []struct {
		actor access.Actor
		ch    calendar.Change
		kind  fault.Kind
	}{
		{nobody, calendar.Change{Seen: seen, Days: off(31), Reason: "x"}, fault.Denied},
		{access.Nobody(), calendar.Change{Seen: seen, Days: off(31), Reason: "x"}, fault.Unauthenticated},
		{administrator(), calendar.Change{Seen: seen, Days: off(31), Reason: " "}, fault.Invalid},
		{administrator(), calendar.Change{Seen: seen, Reason: "x"}, fault.Invalid},
		{administrator(), calendar.Change{Seen: seen, Days: off(27), Reason: "x"}, fault.Invalid}, // a Sunday
		{administrator(), calendar.Change{Seen: "older", Days: off(31), Reason: "x"}, fault.Conflict},
	} {
		if err := k.Add(t.Context(), c.actor, c.ch); err == nil || fault.KindOf(err) != c.kind {
			t.Errorf("%+v: %v", c.ch, err)
		}
	}
	if _, _, err := k.History(t.Context(), nobody); fault.KindOf(err) != fault.Denied {
		t.Errorf("history: %v", err)
	}
	if k.Current().Version != seen {
		t.Error("something was stored")
	}
}

// A program with other built-in days keeps what administrators entered.
func TestUpgrade(t *testing.T) {
	store, w := open(t)
	older := workday.Default().Except("kz-2020.1+7", off(31))
	data, err := json.Marshal(older)
	must(t, err)
	must(t, store.Update(t.Context(), func(tx port.Tx) error {
		tx.Write().Office().Calendars().Add(port.CalendarRevision{Number: 1, Version: older.Version, Base: "kz-2020.1", Author: "a1", Data: data})
		return nil
	}))
	k := calendar.New(store, w)
	must(t, k.Load(t.Context()))
	if works, _ := k.Current().IsWorking(civil.New(2026, time.December, 31)); works || k.Current().Version != workday.Default().Version+"+2" {
		t.Errorf("%s, worked %v", k.Current().Version, works)
	}
}
