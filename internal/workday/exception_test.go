package workday

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"elicense/internal/civil"
)

func TestChange(t *testing.T) {
	base := Default()
	off, work, ait := day(t, "2026-12-31"), day(t, "2026-12-26"), day(t, "2028-05-05")
	changed, wrong := base.Change("two", []Exception{{off, SwappedOff}, {work, SwappedWork}, {ait, KurbanAit}})
	if len(wrong) > 0 || changed.Version != "two" || len(changed.Exceptions()) != 3 {
		t.Fatalf("%v %v", changed.Exceptions(), wrong)
	}
	for d, want := range map[civil.Date]string{off: SwappedOff, work: SwappedWork, ait: KurbanAit, day(t, "2025-01-03"): SwappedOff} {
		if works, reason := changed.IsWorking(d); works != (want == SwappedWork) || reason != want {
			t.Errorf("%s: %v, %s", d, works, reason)
		}
	}
	if works, _ := base.IsWorking(off); !works || len(base.Exceptions()) > 0 {
		t.Error("Change changed its receiver")
	}
	back, wrong := changed.Change("three", []Exception{{off, AsByLaw}})
	if works, _ := back.IsWorking(off); !works || len(wrong) > 0 || len(back.Exceptions()) != 2 {
		t.Errorf("taken back: %v %v", back.Exceptions(), wrong)
	}
	for _, c := range []struct {
		x    Exception
		want string
	}{{Exception{off, SwappedOff}, "calendar.off-already"}, {Exception{day(t, "2026-12-16"), SwappedOff}, "calendar.off-already"},
		{Exception{day(t, "2026-12-30"), SwappedWork}, "calendar.works-already"}, {Exception{day(t, "2026-12-30"), AsByLaw}, "calendar.no-exception"},
		{Exception{ait, KurbanAit}, "calendar.off-already"}} {
		if _, wrong := changed.Change("x", []Exception{c.x}); len(wrong) != 1 || wrong[0].Key != c.want {
			t.Errorf("%v: %v", c.x, wrong)
		}
	}
	if _, wrong := base.Change("x", []Exception{{off, SwappedOff}, {off, AsByLaw}}); len(wrong) != 1 || wrong[0].Key != "calendar.twice" {
		t.Errorf("twice: %v", wrong)
	}
}

// What is stored counts as what was stored, for ever.
func TestStoredCalendar(t *testing.T) {
	changed, _ := Default().Change("two", []Exception{{day(t, "2026-12-31"), SwappedOff}, {day(t, "2026-12-26"), SwappedWork}})
	text, err := json.Marshal(changed)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Read(text)
	if err != nil || again.Version != "two" {
		t.Fatal(err)
	}
	for d := civil.New(2005, time.January, 1); d.Year < 2045; d = d.AddDays(1) {
		works, reason := changed.IsWorking(d)
		if w, r := again.IsWorking(d); w != works || r != reason {
			t.Fatalf("%s: %v %s, stored %v %s", d, works, reason, w, r)
		}
	}
	if _, err := Read([]byte(`{"holidays":[{"Month":"x"}]}`)); err == nil {
		t.Error("nonsense was read")
	}
}

// Add, Back and Between are one another's inverse over ten years, and Add is monotone.
func TestInverses(t *testing.T) {
	calendar := Default()
	rapid.Check(t, func(t *rapid.T) {
		from := civil.New(2018, time.January, 1).AddDays(rapid.IntRange(0, 3650).Draw(t, "day"))
		n := rapid.IntRange(1, 60).Draw(t, "n")
		end, _ := calendar.Add(from, n)
		more, _ := calendar.Add(from, n+1)
		later, _ := calendar.Add(from.AddDays(1), n)
		worked := calendar.Next(from)
		there, _ := calendar.Add(worked, n)
		switch {
		case calendar.Between(from, end) != n || calendar.Between(end, from) != -n:
			t.Fatalf("%v + %d = %v, between %d and %d", from, n, end, calendar.Between(from, end), calendar.Between(end, from))
		case !more.After(end) || later.Before(end):
			t.Fatalf("%v + %d = %v, + %d = %v; from the next day %v", from, n, end, n+1, more, later)
		case calendar.Back(there, n) != worked:
			t.Fatalf("%v + %d = %v, back %v", worked, n, there, calendar.Back(there, n))
		}
	})
}
