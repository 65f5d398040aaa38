package money

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"elicense/internal/civil"
	"elicense/internal/decimal"
)

func day(t *testing.T, s string) civil.Date {
	t.Helper()
	d, err := civil.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestMCI(t *testing.T) {
	for s, want := range map[string]Tiyn{
		"2010-01-01": 1413 * Tenge, "2014-12-31": 1852 * Tenge, "2020-03-31": 2651 * Tenge, "2020-04-01": 2778 * Tenge, "2020-12-31": 2778 * Tenge,
		"2022-06-01": 3063 * Tenge, "2025-12-31": 3932 * Tenge, "2026-01-01": 4325 * Tenge, "2026-12-31": 4325 * Tenge,
	} {
		if got, ok := MCI(day(t, s)); !ok || got != want {
			t.Errorf("MCI(%s) = %v, %v; want %v", s, got, ok, want)
		}
	}
	for _, s := range []string{"2009-12-31", "2027-01-01"} {
		if got, ok := MCI(day(t, s)); ok {
			t.Errorf("MCI(%s) = %v, want none", s, got)
		}
	}
}

func TestFromMCI(t *testing.T) {
	on := civil.New(2026, time.November, 22)
	for _, tt := range []struct {
		n    decimal.Decimal
		want Tiyn
	}{
		{decimal.Int(10), 43_250 * Tenge}, {decimal.New(5, 1), 216_250}, {decimal.Int(0), 0}, {decimal.New(1, 9), 0}, {decimal.New(3333, 4), 144_152}, // 144152.25 tiyn
		{decimal.New(2, 6), 1}, // 0.865 tiyn
	} {
		if got, ok := FromMCI(tt.n, on); !ok || got != tt.want {
			t.Errorf("%v MCI = %v, %v; want %v", tt.n, got, ok, tt.want)
		}
	}
	if got, ok := FromMCI(decimal.Int(-1), on); ok {
		t.Errorf("minus one MCI = %v", got)
	}
	if got, ok := FromMCI(decimal.Int(1), civil.New(2030, time.January, 1)); ok {
		t.Errorf("MCI of 2030 = %v", got)
	}
	if got, ok := FromMCI(decimal.Int(math.MaxInt64), on); ok {
		t.Errorf("too many MCI = %v", got)
	}
}

func TestTableWith(t *testing.T) {
	seed := Seed()
	next := seed.With(Row{From: civil.New(2027, time.January, 1), MCI: 5000 * Tenge})
	if got, ok := next.MCI(civil.New(2027, time.June, 1)); !ok || got != 5000*Tenge {
		t.Errorf("2027 = %v, %v", got, ok)
	}
	if got, ok := next.MCI(civil.New(2026, time.December, 31)); !ok || got != 4325*Tenge {
		t.Errorf("2026 = %v, %v", got, ok)
	}
	if _, ok := seed.MCI(civil.New(2027, time.June, 1)); ok {
		t.Error("With changed its receiver")
	}
	corrected := seed.With(Row{From: civil.New(2010, time.January, 1), MCI: 1 * Tenge})
	if got, _ := corrected.MCI(civil.New(2010, time.May, 1)); got != Tenge || len(corrected) != len(seed) {
		t.Errorf("a row of the same day: %v in %d rows", got, len(corrected))
	}
	if row, _ := seed.On(civil.New(2013, time.May, 1)); !row.Unconfirmed {
		t.Error("2013 counts as confirmed")
	}
	if row, _ := seed.On(civil.New(2016, time.May, 1)); row.Unconfirmed {
		t.Error("2016 counts as unconfirmed")
	}
}

func TestPercent(t *testing.T) {
	for _, tt := range []struct {
		sum  Tiyn
		p    decimal.Decimal
		want Tiyn
	}{
		{129_750 * Tenge, decimal.Int(10), 12_975 * Tenge}, {100, decimal.Int(100), 100}, {1, decimal.Int(50), 1}, {1, decimal.Int(49), 0}, {333, decimal.New(125, 1), 42},
	} {
		if got, ok := tt.sum.Percent(tt.p); !ok || got != tt.want {
			t.Errorf("%v %% of %v = %v, %v; want %v", tt.p, tt.sum, got, ok, tt.want)
		}
	}
	if _, ok := Tiyn(-1).Percent(decimal.Int(1)); ok {
		t.Error("a part of a negative sum")
	}
}

func TestDecimal(t *testing.T) {
	if got := Tiyn(4_325_050).String(); got != "43250.5" {
		t.Errorf("String = %s", got)
	}
	if got, ok := FromDecimal(decimal.New(125, 1)); !ok || got != 1250 {
		t.Errorf("12.5 tenge = %d, %v", got, ok)
	}
	if got, ok := FromDecimal(decimal.New(1, 3)); ok {
		t.Errorf("a tenth of a tiyn = %d", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		sum := Tiyn(rapid.Int64Range(-math.MaxInt64, math.MaxInt64).Draw(t, "sum"))
		if back, ok := FromDecimal(sum.Decimal()); !ok || back != sum {
			t.Fatalf("%d read back as %d, %v", sum, back, ok)
		}
	})
}
