package civil

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"elicense/internal/fault"
)

func anyDate(t *rapid.T) Date {
	return New(2000, 1, 1).AddDays(rapid.IntRange(-200_000, 200_000).Draw(t, "day"))
}

func TestParseDate(t *testing.T) {
	for s, want := range map[string]Date{
		"2026-11-22": {2026, time.November, 22}, "2000-02-29": {2000, time.February, 29}, "0001-01-01": {1, time.January, 1},
	} {
		if got, err := ParseDate(s); err != nil || got != want {
			t.Errorf("ParseDate(%q) = %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "2026-11-31", "2023-02-29", "1900-02-29", "2026-13-01", "2026-00-10", "2026-1-01", "26-11-22", "0000-01-01",
		"2026/11/22", "2026-11-22 ", "２０２６-11-22", "+026-11-22", "2026-11-22T00:00:00Z"} {
		if got, err := ParseDate(s); !fault.Is(err, "fault.date") {
			t.Errorf("ParseDate(%q) = %v, %v; want fault.date", s, got, err)
		}
	}
}

func TestParseTyped(t *testing.T) {
	want := New(2026, time.November, 22)
	for _, s := range []string{"22.11.2026", "22/11/26", "22-11-2026", "22 11 2026", "2026-11-22", "2026.11.22", "22112026",
		"22 қараша 2026", "22 караша 2026", "22 ҚАРАША 2026 ж.", "2026 жылғы 22 қараша", "2026 ж. 22 қараша", "22 ноября 2026", "22 ноября 2026 г.",
		"«22» ноября 2026 года", "22 ноябрь 2026", "22 нояб. 2026", "22 November 2026", "22nd of November, 2026", "November 22, 2026",
		"22 Nov 2026", " 22.11.2026 ", "22 . 11 . 2026", "22\u00a0қараша\u00a02026", "22қараша2026"} {
		if got, ok := ParseTyped(s); !ok || got != want {
			t.Errorf("ParseTyped(%q) = %v, %v", s, got, ok)
		}
	}
	for s, want := range map[string]Date{
		"1.5.2026": New(2026, time.May, 1), "01.05.49": New(2049, time.May, 1), "01.05.50": New(1950, time.May, 1),
		"3 мая 2026": New(2026, time.May, 3), "2 март 2026": New(2026, time.March, 2), "6 шілде 2026": New(2026, time.July, 6),
		"16 желтоқсан 1991 жылы": New(1991, time.December, 16), "25 қазан 2026": New(2026, time.October, 25),
	} {
		if got, ok := ParseTyped(s); !ok || got != want {
			t.Errorf("ParseTyped(%q) = %v, %v; want %v", s, got, ok, want)
		}
	}
	for _, s := range []string{"", "завтра", "31.11.2026", "11/22/2026", "2026", "22.11", "22.11.026", "22 11 20 26", "22 ма 2026", "22 ноября қараша 2026",
		"222.1.2026", "22:11:2026", "32 қараша 2026", "22 қараша", "-22.11.2026x", "2026 11 222"} {
		if got, ok := ParseTyped(s); ok {
			t.Errorf("ParseTyped(%q) = %v, want nothing", s, got)
		}
	}
}

// monthOf takes three letters and more, so three letters must decide.
func TestMonthNamesDifferInThreeLetters(t *testing.T) {
	seen := map[string]int{}
	for month, names := range monthNames() {
		for _, name := range names {
			short := string([]rune(name)[:3])
			if other, ok := seen[short]; ok && other != month {
				t.Errorf("%q begins months %d and %d", short, other+1, month+1)
			}
			seen[short] = month
		}
	}
}

func TestAddMonths(t *testing.T) {
	for _, tt := range []struct {
		from Date
		n    int
		want Date
	}{
		{New(2026, 1, 31), 1, New(2026, 2, 28)}, {New(2024, 1, 31), 1, New(2024, 2, 29)}, {New(2026, 12, 31), 2, New(2027, 2, 28)},
		{New(2026, 3, 31), -1, New(2026, 2, 28)}, {New(2026, 1, 15), -1, New(2025, 12, 15)}, {New(2026, 1, 15), -13, New(2024, 12, 15)},
		{New(2026, 6, 30), 6, New(2026, 12, 30)}, {New(2026, 5, 5), 0, New(2026, 5, 5)},
	} {
		if got := tt.from.AddMonths(tt.n); got != tt.want {
			t.Errorf("%v + %d months = %v, want %v", tt.from, tt.n, got, tt.want)
		}
	}
	if got := New(2024, 2, 29).AddYears(1); got != New(2025, 2, 28) {
		t.Errorf("29 February and a year = %v", got)
	}
	if got := EndOfYear(2026); got.String() != "2026-12-31" {
		t.Errorf("EndOfYear = %v", got)
	}
}

func TestOfDependsOnThePlace(t *testing.T) {
	at := time.Date(2026, 11, 22, 20, 30, 0, 0, time.UTC)
	if got := Of(at, time.UTC); got != New(2026, 11, 22) {
		t.Errorf("in UTC %v", got)
	}
	east := time.FixedZone("+5", 5*3600)
	if got := Of(at, east); got != New(2026, 11, 23) {
		t.Errorf("five hours east %v", got)
	}
	if got := New(2026, 11, 23).Start(east); !got.Equal(time.Date(2026, 11, 22, 19, 0, 0, 0, time.UTC)) {
		t.Errorf("Start = %v", got)
	}
}

func TestJSON(t *testing.T) {
	type pair struct{ From, To Date }
	data, err := json.Marshal(pair{From: New(2026, 11, 22)})
	if err != nil || string(data) != `{"From":"2026-11-22","To":""}` {
		t.Fatalf("%s, %v", data, err)
	}
	var back pair
	if err := json.Unmarshal(data, &back); err != nil || back.From != New(2026, 11, 22) || !back.To.IsZero() {
		t.Errorf("%+v, %v", back, err)
	}
	if err := json.Unmarshal([]byte(`{"From":"2026-02-30"}`), &back); err == nil {
		t.Error("30 February was read")
	}
	if _, err := json.Marshal(New(2026, 2, 30)); err == nil {
		t.Error("30 February was written")
	}
}

func TestWithin(t *testing.T) {
	d := New(2026, 6, 1)
	for _, tt := range []struct {
		from, to Date
		want     bool
	}{
		{Date{}, Date{}, true}, {d, d, true}, {d.AddDays(1), Date{}, false}, {Date{}, d.AddDays(-1), false}, {d.AddDays(-1), d.AddDays(1), true},
	} {
		if got := d.Within(tt.from, tt.to); got != tt.want {
			t.Errorf("within %v to %v: %v", tt.from, tt.to, got)
		}
	}
}

func TestProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, n := anyDate(t), rapid.IntRange(-10_000, 10_000).Draw(t, "n")
		e := d.AddDays(n)
		if d.DaysUntil(e) != n {
			t.Fatalf("%v to %v is %d days, not %d", d, e, d.DaysUntil(e), n)
		}
		if (n > 0) != e.After(d) || (n < 0) != e.Before(d) || (n == 0) != (d.Compare(e) == 0) {
			t.Fatalf("order of %v and %v", d, e)
		}
		back, err := ParseDate(d.String())
		if err != nil || back != d {
			t.Fatalf("%v read back as %v, %v", d, back, err)
		}
		if typed, ok := ParseTyped(d.String()); !ok || typed != d {
			t.Fatalf("%v typed as %v", d, typed)
		}
		if m := d.AddMonths(rapid.IntRange(-500, 500).Draw(t, "months")); !m.Valid() {
			t.Fatalf("%v is no day", m)
		}
	})
}

func FuzzParseTyped(f *testing.F) {
	for _, s := range []string{"22.11.2026", "2026 жылғы 22 қараша", "November 22, 2026", "22/11/26", "٢٢.١١.٢٠٢٦", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, ok := ParseTyped(s)
		if !ok {
			return
		}
		if !d.Valid() {
			t.Errorf("%q is read as %+v", s, d)
		}
		if again, err := ParseDate(d.String()); err != nil || again != d {
			t.Errorf("%q: %v read back as %v, %v", s, d, again, err)
		}
	})
}

func FuzzParseDate(f *testing.F) {
	f.Add("2026-11-22")
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := ParseDate(s); err == nil && d.String() != s {
			t.Errorf("%q is written %q", s, d)
		}
	})
}
