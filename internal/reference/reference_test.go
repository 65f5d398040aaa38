package reference_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"elicense/internal/civil"
	"elicense/internal/classifier"
	"elicense/internal/port"
	"elicense/internal/reference"
	"elicense/internal/service"
)

// shelf is a store that holds the rows of directories and nothing else.
type shelf struct {
	port.Store
	rows  map[string][]service.Row
	stamp int64
}

type view struct {
	port.View
	shelf *shelf
}

func (s *shelf) View(_ context.Context, f func(port.View) error) error { return f(view{shelf: s}) }

func (v view) Directories() port.Directories { return v.shelf }

// Rows gives them as the store does: by code, variant and first day.
func (s *shelf) Rows(_ context.Context, directory string) ([]service.Row, error) {
	order := func(r service.Row) string { return r.Code + "\x00" + r.Variant + "\x00" + r.From.String() }
	return slices.SortedFunc(slices.Values(s.rows[directory]), func(a, b service.Row) int { return strings.Compare(order(a), order(b)) }), nil
}

// Stamp counts the imports.
func (s *shelf) Stamp(context.Context, string) (int64, error) { return s.stamp, nil }

// world is a clock.
type world struct {
	port.World
	now time.Time
}

func (w *world) Now() time.Time { return w.now }

func day(d int) civil.Date { return civil.New(2026, time.May, d) }

func revision() *service.Revision {
	return &service.Revision{Service: "s", Number: 1, Definition: &service.Definition{
		Lookups: []service.Lookup{{Name: "listed", Directory: "d", Code: "goods_code", Variant: "direction"}},
		Pages:   []service.Page{{Fields: []service.Field{{Key: "goods_code", Type: service.TypeGoods}}}},
	}}
}

func library(t *testing.T, s *shelf, w *world) *reference.Library {
	t.Helper()
	set, err := classifier.Load()
	if err != nil {
		t.Fatal(err)
	}
	return reference.New(set, s, w)
}

// The longest code decides before the day does, the day before the row that began last.
func TestLookup(t *testing.T) {
	rows := []service.Row{
		{Code: "02", Variant: "im"},
		{Code: "0207", Variant: "im", From: day(10), To: day(20)},
		{Code: "0207", Variant: "im", From: day(15)},
		{Code: "020712", Variant: "ex"},
		{Code: "0_", Variant: "im"},
		{Code: "ққ", Variant: "im"},
	}
	s := &shelf{rows: map[string][]service.Row{reference.Key("s", "d"): rows, reference.Key("s", "other"): {{Code: "0207123", Variant: "im"}}}, stamp: 1}
	l := library(t, s, &world{now: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)})
	for _, c := range []struct {
		code, variant string
		day           civil.Date
		row           int
	}{
		{"02071299", "im", day(9), 0}, {"02071299", "im", day(10), 1}, {"02071299", "im", day(14), 1}, {"02071299", "im", day(15), 2},
		{"02071299", "im", day(21), 2}, {"0207", "im", day(12), 1}, {"020", "im", day(12), 0}, {"020712", "ex", day(1), 3},
		{"02071", "ex", day(1), -1}, {"03", "im", day(1), -1}, {"0", "im", day(1), -1}, {"", "im", day(1), -1}, {"77", "all", day(1), -1},
		{"ққа", "im", day(1), 5}, {"қ", "im", day(1), -1}, {strings.Repeat("02", 200), "im", day(1), 0},
	} {
		row, ok, err := l.Lookup(t.Context(), revision(), "d", c.code, c.variant, c.day)
		if err != nil || ok != (c.row >= 0) || ok && (row.Code != rows[c.row].Code || row.From != rows[c.row].From) {
			t.Errorf("%s %s on %s: %+v %v %v", c.code, c.variant, c.day, row, ok, err)
		}
	}
}

// An import is seen after five seconds, and not looked for before.
func TestImportIsSeen(t *testing.T) {
	w := &world{now: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)}
	s := &shelf{rows: map[string][]service.Row{}}
	l := library(t, s, w)
	known := func() bool {
		_, ok, err := l.Lookup(t.Context(), revision(), "d", "290361", "im", day(1))
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	if known() {
		t.Fatal("known before the import")
	}
	s.rows[reference.Key("s", "d")], s.stamp = []service.Row{{Code: "2903", Variant: "im"}}, 1
	w.now = w.now.Add(4 * time.Second)
	if known() {
		t.Error("read again within five seconds")
	}
	w.now = w.now.Add(2 * time.Second)
	if !known() {
		t.Error("the import is not seen")
	}
}
