package config

import (
	"errors"
	"strings"
	"testing"

	"elicense/internal/civil"
	"elicense/internal/money"
)

// What the operator enters begins on its day; the year before keeps its own, and the year after has none.
func TestIndices(t *testing.T) {
	c := good(t)
	c.MCI = "2027-01-01=4500, 2027-04-01 = 4600"
	if err := c.Check(); err != nil {
		t.Fatal(err)
	}
	table, err := c.Indices()
	if err != nil {
		t.Fatal(err)
	}
	for day, want := range map[string]money.Tiyn{"2026-12-31": 4325 * money.Tenge, "2027-01-01": 4500 * money.Tenge, "2027-03-31": 4500 * money.Tenge, "2027-04-01": 4600 * money.Tenge} {
		on, err := civil.ParseDate(day)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := table.MCI(on); !ok || got != want {
			t.Errorf("%s: %v %v", day, got, ok)
		}
	}
	if _, ok := money.Seed().MCI(civil.New(2027, 1, 1)); ok {
		t.Error("the program knows 2027 by itself: this test needs a later year")
	}
	for _, wrong := range []string{"2027=4500", "2027-01-01", "2027-13-01=4500", "2027-01-01=0", "2027-01-01=-1", "2027-01-01=4500.5", "2027-01-01=4500000", "x"} {
		c.MCI = wrong
		var m Mistakes
		if err := c.Check(); !errors.As(err, &m) || len(m) != 1 || !strings.HasPrefix(m[0], "mci: ") {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}
