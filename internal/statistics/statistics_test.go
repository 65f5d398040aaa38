package statistics_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"elicense/internal/application"
	"elicense/internal/lang"
	"elicense/internal/party"
	"elicense/internal/port"
	"elicense/internal/sqlstore"
	"elicense/internal/statistics"
	"elicense/internal/testkit/postgres"
)

// shared is the PostgreSQL server of this test process.
var shared postgres.Shared

func TestMain(m *testing.M) {
	code := m.Run()
	shared.Stop()
	os.Exit(code)
}

// world is the evening of 22 November 2026.
type world struct{}

func (world) Now() time.Time      { return time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC) }
func (world) ID() string          { return "recount-" + fmt.Sprint(rand.Uint64()) }
func (world) Random(n int) []byte { return make([]byte, n) }

// onBoth runs a test on SQLite and, without -short, on PostgreSQL.
func onBoth(t *testing.T, f func(*testing.T, *sqlstore.Store)) {
	migrated := func(ctx context.Context, url string) (*sqlstore.Store, error) {
		s, err := sqlstore.Open(ctx, url, sqlstore.Options{})
		if err == nil {
			err = s.Migrate(ctx)
		}
		return s, err
	}
	run := func(t *testing.T, url string) {
		s, err := migrated(t.Context(), url)
		must(t, err)
		t.Cleanup(func() { must(t, s.Close()) })
		f(t, s)
	}
	t.Run("sqlite", func(t *testing.T) { run(t, "sqlite:"+filepath.Join(t.TempDir(), "test.db")) })
	t.Run("postgres", func(t *testing.T) {
		if testing.Short() {
			t.Skip("-short: PostgreSQL is left out")
		}
		run(t, shared.URL(t, func(ctx context.Context, url string) error {
			s, err := migrated(ctx, url)
			if err != nil {
				return err
			}
			return s.Close()
		}))
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// life is one application as the test knows it.
type life struct {
	application.Application
	grounds []string
}

// history makes applications of two years in random order, of which some are undecided.
func history(r *rand.Rand, n int) []life {
	start := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	list := make([]life, n)
	for i := range list {
		a := application.Application{
			Number: fmt.Sprintf("KZ%05d", i), Service: pick(r, "trade", "numbers"), Operation: pick(r, "issue", "renew"), Subtype: pick(r, "", "import", "export"),
			Body: pick(r, "mti", "other"), Party: "p", Account: "a", Version: 1, State: application.Registered,
		}
		a.RegisteredAt = start.Add(time.Duration(r.Int64N(600*24*3600)) * time.Second)
		a.SentAt = a.RegisteredAt
		x := life{Application: a}
		if r.IntN(4) > 0 {
			x.DecidedAt = a.RegisteredAt.Add(time.Duration(r.Int64N(int64(pick(r, 1, 60, 3600, 90*24*3600)))) * time.Second)
			x.State, x.Decision = application.Issued, &application.Decision{Outcome: application.Grant}
			if r.IntN(3) == 0 {
				x.State, x.Decision = application.Returned, &application.Decision{Outcome: application.Refuse}
				for _, g := range []string{"late", "unpaid"}[:1+r.IntN(2)] {
					x.grounds = append(x.grounds, g)
					x.Decision.Grounds = append(x.Decision.Grounds, application.Ground{Key: g})
				}
			}
		}
		list[i] = x
	}
	return list
}

func pick[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

// store writes an application with its events in one unit.
func store(s port.Store, i int, x life) error {
	return s.Update(context.Background(), func(tx port.Tx) error {
		w := tx.Write().Applications()
		w.Add(x.Application)
		happen := func(id string, e application.Event, at time.Time) {
			w.Happen(application.Happening{ID: fmt.Sprintf("%05d-%s", i, id), Application: x.Number, Event: e, At: at})
		}
		happen("0", application.Created, x.SentAt)
		happen("1", application.Sent, x.SentAt)
		switch x.State {
		case application.Issued:
			happen("2", application.Granted, x.DecidedAt)
		case application.Returned:
			happen("2", application.Refused, x.DecidedAt)
		}
		return nil
	})
}

// tallied is what the report of a year must hold.
type tallied struct {
	received, granted, refused int
	reasons                    map[string]int
	took                       []time.Duration
}

func expected(list []life, year int, of func(life) bool) tallied {
	t := tallied{reasons: map[string]int{}}
	in := func(at time.Time) bool { return at.In(lang.Almaty()).Year() == year }
	for _, x := range list {
		if !of(x) {
			continue
		}
		if in(x.SentAt) {
			t.received++
		}
		if x.DecidedAt.IsZero() || !in(x.DecidedAt) {
			continue
		}
		t.took = append(t.took, x.DecidedAt.Sub(x.RegisteredAt))
		if x.State == application.Issued {
			t.granted++
			continue
		}
		t.refused++
		for _, g := range x.grounds {
			t.reasons[x.Service+"/"+g]++
		}
	}
	slices.Sort(t.took)
	return t
}

func compare(t *testing.T, what string, got statistics.Tally, want tallied) {
	t.Helper()
	if got.Received != want.received || got.Granted != want.granted || got.Refused != want.refused {
		t.Errorf("%s: %d received, %d granted, %d refused; want %d, %d, %d", what, got.Received, got.Granted, got.Refused, want.received, want.granted, want.refused)
	}
	for _, percent := range []int{50, 90} {
		d, ok := got.Took.Quantile(percent)
		if ok != (len(want.took) > 0) {
			t.Errorf("%s: p%d known: %v", what, percent, ok)
		}
		if !ok {
			continue
		}
		exact := want.took[(len(want.took)*percent+99)/100-1]
		if off := (d - exact).Abs(); off > exact/64+time.Second {
			t.Errorf("%s: p%d is %v, exactly %v", what, percent, d, exact)
		}
	}
}

// Folding while applications come and go, from several nodes and with events that are committed late, gives the figures of
// a full recount, and both are what really happened.
func TestIncrementalEqualsRecount(t *testing.T) {
	onBoth(t, func(t *testing.T, s *sqlstore.Store) {
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		list := history(rand.New(rand.NewPCG(seed, 1)), 400)
		must(t, s.Update(t.Context(), func(tx port.Tx) error {
			p := party.Party{ID: "p", Number: "1", Version: 1}
			tx.Write().Accounts().AddParty(p)
			tx.Write().Accounts().AddAccount(party.Account{ID: "a", Party: p, Version: 1})
			return nil
		}))
		stats := &statistics.Statistics{Store: s, World: world{}}
		var writers, folders sync.WaitGroup
		over := make(chan struct{})
		for node := range 2 {
			folders.Go(func() {
				for {
					select {
					case <-over:
						return
					case <-time.After(time.Millisecond):
						if _, err := stats.Fold(t.Context()); err != nil {
							t.Errorf("node %d: %v", node, err)
							return
						}
					}
				}
			})
		}
		folders.Go(func() { // a recount in the midst of it finds nothing wrong
			for range 3 {
				if r, err := stats.Recount(t.Context(), false); err != nil || len(r.Wrong) > 0 {
					t.Errorf("recount meanwhile: %+v, %v", r, err)
				}
			}
		})
		for part := range 4 {
			writers.Go(func() {
				for i := part; i < len(list); i += 4 {
					if err := store(s, i, list[i]); err != nil {
						t.Error(err)
					}
				}
			})
		}
		writers.Wait()
		close(over)
		folders.Wait()
		must(t, stats.CatchUp(t.Context()))
		r, err := stats.Recount(t.Context(), false)
		must(t, err)
		if len(r.Wrong) > 0 || r.Events < len(list) || r.Figures == 0 {
			t.Fatalf("recount: %d events, %d figures, wrong: %+v", r.Events, r.Figures, r.Wrong)
		}
		for _, year := range []int{2025, 2026} {
			checkYear(t, stats, list, year)
		}
	})
}

func checkYear(t *testing.T, stats *statistics.Statistics, list []life, year int) {
	t.Helper()
	report, ok, err := stats.Year(t.Context(), year)
	must(t, err)
	if !ok || !slices.Equal(report.Years, []int{2026, 2025}) {
		t.Fatalf("%d: %v %v", year, ok, report.Years)
	}
	whole := expected(list, year, func(life) bool { return true })
	compare(t, fmt.Sprint(year), report.Total, whole)
	for _, line := range report.Bodies {
		compare(t, line.Body, line.Tally, expected(list, year, func(x life) bool { return x.Body == line.Body }))
	}
	for _, line := range report.Services {
		compare(t, line.Service, line.Tally, expected(list, year, func(x life) bool { return x.Service == line.Service }))
	}
	for _, line := range report.Subtypes {
		compare(t, line.Subtype, line.Tally, expected(list, year, func(x life) bool { return x.Service == line.Service && x.Subtype == line.Subtype }))
	}
	if len(report.Bodies) != 2 || len(report.Services) != 2 || len(report.Subtypes) != 4 {
		t.Errorf("%d bodies, %d services, %d subtypes", len(report.Bodies), len(report.Services), len(report.Subtypes))
	}
	reasons, received := map[string]int{}, 0
	for _, reason := range report.Reasons {
		reasons[reason.Service+"/"+reason.Ground] = reason.N
	}
	for _, month := range report.Months {
		received += month.Received
	}
	if !reflect.DeepEqual(reasons, whole.reasons) || received != whole.received {
		t.Errorf("%d: reasons %v, want %v; %d received by month, want %d", year, reasons, whole.reasons, received, whole.received)
	}
}

// A recount finds figures that are wrong, mends them only when told to, and says so in the audit.
func TestRecountMends(t *testing.T) {
	onBoth(t, func(t *testing.T, s *sqlstore.Store) {
		stats := &statistics.Statistics{Store: s, World: world{}}
		wrong := port.Figure{Month: "2026-03", Service: "trade", Measure: port.Granted, N: 3}
		must(t, s.Update(t.Context(), func(tx port.Tx) error {
			tx.Write().Records().Correct(1, []port.Figure{wrong})
			return nil
		}))
		wrong.N = -3
		for _, mend := range []bool{false, true} {
			r, err := stats.Recount(t.Context(), mend)
			must(t, err)
			if !reflect.DeepEqual(r.Wrong, []port.Figure{wrong}) || r.Mended != mend {
				t.Fatalf("mend %v: %+v", mend, r)
			}
		}
		r, err := stats.Recount(t.Context(), true)
		must(t, err)
		must(t, s.View(t.Context(), func(v port.View) error {
			rows, err := v.Records().Page(t.Context(), "", 9)
			if len(rows) != 1 || len(r.Wrong) != 0 || r.Mended {
				t.Errorf("%d audit rows; then %+v", len(rows), r)
			}
			return err
		}))
	})
}

// A year is asked for at most once a minute, and only where it has figures or is the present one.
func TestYears(t *testing.T) {
	onBoth(t, func(t *testing.T, s *sqlstore.Store) {
		stats := &statistics.Statistics{Store: s, World: world{}}
		for year, want := range map[int]bool{2026: true, 2025: false, 2027: false, 1: false, 9999: false} {
			if _, ok, err := stats.Year(t.Context(), year); ok != want || err != nil {
				t.Errorf("%d: %v, %v", year, ok, err)
			}
		}
	})
}
