package workday

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"elicense/internal/civil"
)

func day(t testing.TB, s string) civil.Date {
	t.Helper()
	d, err := civil.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestIsWorking(t *testing.T) {
	calendar := Default()
	const holiday = HolidayPrefix
	for s, want := range map[string]string{
		"2026-11-20": Works, "2026-11-22": Weekend,
		// 2026: 8 March is a Sunday, 21 and 22 March a weekend, 9 May a Saturday, 25 October a Sunday
		"2026-03-08": holiday + "womens-day", "2026-03-09": Moved, "2026-03-21": holiday + "nauryz", "2026-03-23": holiday + "nauryz",
		"2026-03-24": Moved, "2026-03-25": Moved, "2026-03-26": Works, "2026-05-09": holiday + "victory", "2026-05-11": Moved,
		"2026-10-25": holiday + "republic", "2026-10-26": Moved, "2026-05-27": holiday + "kurban-ait", "2026-12-16": holiday + "independence",
		// the law changes by year
		"2026-08-30": Weekend, "2025-08-30": holiday + "constitution", "2025-09-01": Moved, "2026-08-31": Works, "2026-03-15": Weekend,
		"2027-03-15": holiday + "constitution", "2012-05-07": Works, "2013-05-07": holiday + "defender", "2021-12-17": holiday + "independence",
		"2022-12-16": holiday + "independence", "2021-10-25": Works, "2022-10-25": holiday + "republic", "2021-12-01": holiday + "first-president",
		"2022-12-01": Works,
		// 7 January and Kurban Ait do not move
		"2023-01-07": holiday + "christmas", "2023-01-09": Works, "2024-06-16": holiday + "kurban-ait", "2024-06-17": Works,
		// two holidays on one weekend move to two days
		"2022-01-01": holiday + "new-year", "2022-01-03": Moved, "2022-01-04": Moved, "2022-01-05": Works,
		// decrees
		"2025-01-03": SwappedOff, "2025-01-05": SwappedWork, "2024-05-08": SwappedOff, "2024-05-04": SwappedWork, "2012-12-31": SwappedOff,
		"2020-05-11": SwappedWork, // a Monday that 9 May had taken
	} {
		works, reason := calendar.IsWorking(day(t, s))
		if reason != want || works != (want == Works || want == SwappedWork) {
			t.Errorf("%s: %v, %s; want %s", s, works, reason, want)
		}
	}
}

func TestAdd(t *testing.T) {
	calendar := Default()
	for _, tt := range []struct {
		from string
		n    int
		want string
	}{
		{"2026-11-20", 1, "2026-11-23"}, // a Friday: the day of filing does not count
		{"2026-11-22", 1, "2026-11-23"}, // a Sunday
		{"2026-03-20", 1, "2026-03-26"}, // over Nauryz with two moved days
		{"2025-01-02", 1, "2025-01-05"}, // a worked Sunday
		{"2026-12-31", 2, "2027-01-06"}, // 1 and 2 January 2027, a Friday and a Saturday, take the Monday too
		{"2026-11-20", 0, "2026-11-20"}, {"2026-11-20", -3, "2026-11-20"}, {"2026-11-02", 15, "2026-11-23"},
	} {
		got, steps := calendar.Add(day(t, tt.from), tt.n)
		if got != day(t, tt.want) {
			t.Errorf("%s + %d = %v, want %s", tt.from, tt.n, got, tt.want)
		}
		if tt.n > 0 && (len(steps) == 0 || steps[len(steps)-1].Date != got || !steps[len(steps)-1].Counts) {
			t.Errorf("%s + %d: steps end with %v", tt.from, tt.n, steps)
		}
	}
	_, steps := calendar.Add(day(t, "2026-03-20"), 1)
	want := []string{HolidayPrefix + "nauryz", HolidayPrefix + "nauryz", HolidayPrefix + "nauryz", Moved, Moved, Works}
	if len(steps) != len(want) {
		t.Fatalf("steps %v", steps)
	}
	for i, step := range steps {
		if step.Reason != want[i] || step.Counts != (want[i] == Works) {
			t.Errorf("step %d is %v, want %s", i, step, want[i])
		}
	}
}

func TestBackNextBetween(t *testing.T) {
	calendar := Default()
	if got := calendar.Back(day(t, "2026-03-26"), 1); got != day(t, "2026-03-20") {
		t.Errorf("Back = %v", got)
	}
	if got := calendar.Next(day(t, "2026-03-21")); got != day(t, "2026-03-26") {
		t.Errorf("Next = %v", got)
	}
	if got := calendar.Next(day(t, "2026-03-26")); got != day(t, "2026-03-26") {
		t.Errorf("Next of a working day = %v", got)
	}
	if got := calendar.Between(day(t, "2026-03-20"), day(t, "2026-03-26")); got != 1 {
		t.Errorf("Between = %d", got)
	}
	if got := calendar.Between(day(t, "2026-03-26"), day(t, "2026-03-20")); got != -1 {
		t.Errorf("Between backwards = %d", got)
	}
}

func TestSeed(t *testing.T) {
	holidays, kurban, swaps, err := seed()
	if err != nil {
		t.Fatal(err)
	}
	years := map[int]bool{}
	for _, d := range kurban {
		years[d.Year] = true
	}
	for year := firstYear; year <= lastYear; year++ {
		if !years[year] {
			t.Errorf("no Kurban Ait in %d", year)
		}
	}
	if len(swaps) != 26 {
		t.Errorf("%d swaps", len(swaps))
	}
	plain := build("rules alone", holidays, kurban, nil, nil)
	for _, swap := range swaps {
		off, _ := plain.IsWorking(swap.Off)
		work, _ := plain.IsWorking(swap.Work)
		if !off || work {
			t.Errorf("%v: by the law the day off is worked (%v) and the worked day off (%v)", swap, off, !work)
		}
	}
	for i := 1; i < len(holidays); i++ { // exceptions moves them in this order
		if a, b := holidays[i-1], holidays[i]; a.Month > b.Month || (a.Month == b.Month && a.Day > b.Day) {
			t.Errorf("%v stands before %v", a, b)
		}
	}
	if calendar := Default(); !calendar.Covers(day(t, "2027-12-31")) || calendar.Covers(day(t, "2028-01-01")) || calendar.Version == "" {
		t.Error("Covers or Version")
	}
}

func TestProperties(t *testing.T) {
	calendar := Default()
	rapid.Check(t, func(t *rapid.T) {
		from := civil.New(2020, time.January, 1).AddDays(rapid.IntRange(-9000, 9000).Draw(t, "day"))
		n := rapid.IntRange(1, 60).Draw(t, "n")
		end, steps := calendar.Add(from, n)
		counted := 0
		for i, step := range steps {
			if step.Date != from.AddDays(i+1) {
				t.Fatalf("step %d is %v", i, step.Date)
			}
			if works, reason := calendar.IsWorking(step.Date); works != step.Counts || reason != step.Reason {
				t.Fatalf("step %v, but %v, %s", step, works, reason)
			}
			if step.Counts {
				counted++
			}
		}
		if counted != n || calendar.Between(from, end) != n {
			t.Fatalf("%v + %d = %v counts %d, between %d", from, n, end, counted, calendar.Between(from, end))
		}
		if works, _ := calendar.IsWorking(from); works && calendar.Back(end, n) != from {
			t.Fatalf("back from %v is %v, not %v", end, calendar.Back(end, n), from)
		}
	})
}

// Every year has as many days off as the law gives: a move must not lose one.
func TestMovesLoseNoHoliday(t *testing.T) {
	calendar := Default()
	for year := 2007; year <= 2037; year++ {
		off, moving := 0, 0
		for _, h := range calendar.holidays {
			if h.Moves && (h.From == 0 || year >= h.From) && (h.To == 0 || year <= h.To) {
				moving++
			}
		}
		days := (&Calendar{holidays: calendar.holidays}).exceptions(year)
		for d, reason := range days {
			if !weekend(d) && reason != HolidayPrefix+"christmas" {
				off++
			}
		}
		if off != moving {
			t.Errorf("%d: %d days off for %d holidays", year, off, moving)
		}
	}
}

func FuzzParseSwaps(f *testing.F) {
	f.Add("day_off\tworked_instead\n2025-01-03\t2025-01-05\n")
	f.Fuzz(func(t *testing.T, text string) {
		swaps, err := ParseSwaps(text)
		if err != nil {
			return
		}
		calendar := build("fuzz", nil, nil, swaps, nil)
		for _, swap := range swaps {
			if !swap.Off.Valid() || !swap.Work.Valid() || swap.Off == swap.Work {
				t.Errorf("accepted %v", swap)
			}
			calendar.IsWorking(swap.Off)
		}
	})
}

func FuzzParseDays(f *testing.F) {
	f.Add("day\n2026-05-27\n")
	f.Fuzz(func(t *testing.T, text string) {
		days, err := ParseDays(text)
		for _, d := range days {
			if err != nil || !d.Valid() {
				t.Errorf("%v with %v", d, err)
			}
		}
	})
}
