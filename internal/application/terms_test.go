package application_test

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"elicense/internal/application"
	"elicense/internal/civil"
	"elicense/internal/lang"
	"elicense/internal/workday"
)

func parsed(t testing.TB, s string) civil.Date {
	t.Helper()
	d, err := civil.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The table was counted by another program with its own rules of the holidays (workday/testdata/cases.py).
func TestTermsAgreeWithAnotherCount(t *testing.T) {
	text, err := os.ReadFile("../workday/testdata/cases.tsv")
	if err != nil {
		t.Fatal(err)
	}
	calendar, lines := workday.Default(), strings.Split(strings.TrimSpace(string(text)), "\n")[1:]
	if len(lines) != 400 {
		t.Fatalf("%d cases", len(lines))
	}
	for _, line := range lines {
		cells := strings.Split(line, "\t")
		days, err := strconv.Atoi(cells[1])
		if err != nil {
			t.Fatal(line)
		}
		clock := application.Clock{From: parsed(t, cells[0]), Days: days}
		for _, stop := range strings.Fields(cells[2]) {
			from, to, _ := strings.Cut(stop, "..")
			clock.Stops = append(clock.Stops, application.Stop{From: parsed(t, from), To: parsed(t, to), Cause: application.CauseCorrection})
		}
		if due := clock.Due(calendar); due != parsed(t, cells[3]) {
			t.Errorf("%s: %s", line, due)
		}
	}
}

// Ten years of terms with stops: a last day is a day that is worked and on which the term ran; a stop gives back exactly
// its working days and never makes a term end earlier; more days never end earlier; a later start neither.
func TestTermProperties(t *testing.T) {
	calendar := workday.Default()
	start := civil.New(2018, time.January, 1)
	rapid.Check(t, func(t *rapid.T) {
		from := start.AddDays(rapid.IntRange(0, 3650).Draw(t, "from"))
		days := rapid.IntRange(1, 40).Draw(t, "days")
		w := application.Work{Report: application.Report{Clock: application.Clock{Calendar: calendar.Version, From: from, Days: days}}}
		plain := w.Report.Clock.Due(calendar)
		w.Due = plain
		still, at := 0, from
		for range rapid.IntRange(0, 4).Draw(t, "stops") {
			at = at.AddDays(rapid.IntRange(0, 15).Draw(t, "until"))
			if !at.Before(w.Due) {
				break // a term that is over does not stand still
			}
			lasts := rapid.IntRange(0, 40).Draw(t, "lasts")
			w = w.Stop(at, application.CauseCorrection).Resume(at.AddDays(lasts), calendar)
			still += calendar.Between(at, at.AddDays(lasts))
			at = at.AddDays(lasts)
		}
		c := w.Report.Clock
		if works, reason := calendar.IsWorking(w.Due); !works {
			t.Fatalf("due on %s, %s", w.Due, reason)
		}
		if w.Due.Before(plain) || w.Due != c.Due(calendar) || calendar.Between(from, w.Due) != days+still {
			t.Fatalf("%+v: due %s, without stops %s; %d days stood still", c, w.Due, plain, still)
		}
		explained := c.Explain(calendar)
		counted, stopped := 0, 0
		for i, d := range explained {
			if d.Date != from.AddDays(i+1) {
				t.Fatalf("day %d is %s", i, d.Date)
			}
			if d.Counted > 0 {
				counted++
			}
			if d.Cause != "" {
				stopped++
			}
			if d.Counted > 0 && d.Counted != counted {
				t.Fatalf("%s is counted as %d, not %d", d.Date, d.Counted, counted)
			}
		}
		if counted != days || stopped != still || explained[len(explained)-1].Date != w.Due {
			t.Fatalf("%d counted and %d stopped of %+v", counted, stopped, c)
		}
		longer, later := c, c
		longer.Days++
		later.From = from.AddDays(1)
		if !longer.Due(calendar).After(w.Due) || later.Due(calendar).Before(w.Due) {
			t.Fatalf("%+v is not monotone", c)
		}
	})
}

// Another version of the calendar never makes a term end earlier, never on a day off, and leaves what is over.
func TestRecountedProperties(t *testing.T) {
	calendar := workday.Default()
	start := civil.New(2026, time.January, 1)
	rapid.Check(t, func(t *rapid.T) {
		clock := application.Clock{Calendar: calendar.Version, From: start.AddDays(rapid.IntRange(0, 500).Draw(t, "from")), Days: rapid.IntRange(1, 30).Draw(t, "days")}
		due := clock.Due(calendar)
		var more []workday.Exception
		for range rapid.IntRange(1, 6).Draw(t, "changes") {
			more = append(more, workday.Exception{Day: clock.From.AddDays(rapid.IntRange(-5, 60).Draw(t, "day")), Reason: rapid.SampledFrom([]string{workday.SwappedOff, workday.SwappedWork}).Draw(t, "reason")})
		}
		next := calendar.Except("next", more)
		today := clock.From.AddDays(rapid.IntRange(0, 60).Draw(t, "today"))
		got, to, later := clock.Recounted(due, today, next)
		switch {
		case later && (!to.After(due) || today.After(due) || got.Calendar != "next" || got.Due(next) != to):
			t.Fatalf("%s to %s by %s on %s", due, to, got.Calendar, today)
		case !later && (to != due || got.Calendar != calendar.Version):
			t.Fatalf("%s to %s by %s", due, to, got.Calendar)
		case !later && !today.After(due) && clock.Due(next).After(due):
			t.Fatalf("%s should have come to %s", due, clock.Due(next))
		}
		if again, same, twice := got.Recounted(to, today, next); twice || same != to || again.Calendar != got.Calendar {
			t.Fatalf("a second count moves %s to %s", to, same)
		}
	})
}

// The day of registration is the one in Kazakhstan, at UTC+5 all the year, in leap years and at the turn of the year.
func TestTermsBeginInKazakhstan(t *testing.T) {
	calendar := workday.Default()
	for at, want := range map[string][2]string{
		"2026-12-31T18:59:59Z": {"2026-12-31", "2027-01-05"}, // 1 and 2 January are a Friday and a Saturday, which takes the Monday
		"2026-12-31T19:00:00Z": {"2027-01-01", "2027-01-05"},
		"2024-02-28T19:00:00Z": {"2024-02-29", "2024-03-01"},
		"2024-02-29T19:00:00Z": {"2024-03-01", "2024-03-04"},
		"2023-02-28T19:00:00Z": {"2023-03-01", "2023-03-02"},
		"2026-07-01T18:59:59Z": {"2026-07-01", "2026-07-02"}, // no summer time
	} {
		moment, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		day := civil.Of(moment, lang.Almaty())
		clock := application.Clock{From: day, Days: 1}
		if day != parsed(t, want[0]) || clock.Due(calendar) != parsed(t, want[1]) {
			t.Errorf("%s: from %s to %s, want %v", at, day, clock.Due(calendar), want)
		}
	}
}

// Several stops, over the end of a year and its holidays; a clock that was put back gives no negative stop.
func TestStopsOverTheYearsEnd(t *testing.T) {
	calendar := workday.Default()
	w := application.Begin(process(), parsed(t, "2026-12-28"), 5, calendar) // a Monday; without a stop until 6 January
	if w.Due != parsed(t, "2027-01-06") {
		t.Fatalf("due %s", w.Due)
	}
	w = w.Stop(parsed(t, "2026-12-30"), application.CauseCorrection).Resume(parsed(t, "2027-01-08"), calendar) // 31.12, 5, 6 and 8 January stood still
	if w.Due != parsed(t, "2027-01-13") {
		t.Errorf("after one stop: %s", w.Due)
	}
	w = w.Stop(parsed(t, "2027-01-11"), application.CauseCorrection).Resume(parsed(t, "2027-01-12"), calendar)
	if w.Due != parsed(t, "2027-01-14") {
		t.Errorf("after two stops: %s", w.Due)
	}
	back := w.Stop(parsed(t, "2027-01-13"), application.CauseCorrection).Resume(parsed(t, "2027-01-12"), calendar)
	if stop := back.Report.Clock.Stops[2]; back.Due != w.Due || stop.To.Before(stop.From) {
		t.Errorf("a clock that was put back: due %s, %+v", back.Due, stop)
	}
}

// A check of completeness lies within the term, and counts as done after its last day and not before.
func TestCompletenessTerm(t *testing.T) {
	calendar, p, none := workday.Default(), process(), 0
	for _, c := range []struct {
		term int
		due  string
	}{{10, "2026-11-24"}, {2, "2026-11-24"}, {1, "2026-11-23"}, {0, "2026-11-24"}} {
		w := application.Begin(p, parsed(t, "2026-11-22"), c.term, calendar)
		if check := w.Report.Completeness; check == nil || check.Due != parsed(t, c.due) || !check.Running(check.Due) || check.Running(check.Due.AddDays(1)) {
			t.Errorf("term of %d: %+v", c.term, check)
		}
	}
	p.Completeness = &none
	if w := application.Begin(p, parsed(t, "2026-11-22"), 10, calendar); w.Report.Completeness != nil {
		t.Errorf("%+v", w.Report.Completeness)
	}
	p = process()
	report := application.Begin(p, parsed(t, "2026-11-22"), 10, calendar).Report
	for ground, days := range map[string][2]int{"not_complete": {0, 1}, "not_ours": {0, 0}} {
		if on, after := report.Incomplete(p, ground, parsed(t, "2026-11-24")), report.Incomplete(p, ground, parsed(t, "2026-11-25")); len(on) != days[0] || len(after) != days[1] {
			t.Errorf("%s: %v on the last day, %v after it", ground, on, after)
		}
	}
}

// A new version moves the check within the term and never beyond it.
func TestRecountedCheck(t *testing.T) {
	calendar := workday.Default()
	off := calendar.Except("next", []workday.Exception{{Day: parsed(t, "2026-11-23"), Reason: workday.SwappedOff}})
	for term, want := range map[int]string{1: "2026-11-24 2026-11-24", 2: "2026-11-25 2026-11-25", 10: "2026-12-07 2026-11-25"} {
		w := application.Begin(process(), parsed(t, "2026-11-22"), term, calendar)
		same, none := w.Recounted(parsed(t, "2026-11-22"), calendar.Except("same", nil))
		if len(none) > 0 || same.Due != w.Due || same.Report.Completeness.Due != w.Report.Completeness.Due {
			t.Errorf("term of %d: a version that changes nothing moves %v", term, none)
		}
		moved, moves := w.Recounted(parsed(t, "2026-11-22"), off)
		if got := moved.Due.String() + " " + moved.Report.Completeness.Due.String(); got != want || len(moves) != 2 {
			t.Errorf("term of %d: %s by %v, want %s", term, got, moves, want)
		}
		if w.Report.Completeness.Due == moved.Report.Completeness.Due {
			t.Error("Recounted changed its receiver")
		}
	}
}

// Of every term the stage that it has reached, once.
func TestRemindings(t *testing.T) {
	calendar := workday.Default()
	a := at("examine", "a1")
	a.Work = application.Begin(process(), parsed(t, "2026-11-22"), 10, calendar) // until Friday 4 December
	for day, want := range map[string]string{
		"2026-11-23": "", "2026-11-24": "check_last/holder", "2026-12-01": "", "2026-12-02": "quarter/holder", "2026-12-03": "quarter/holder",
		"2026-12-04": "last/holder", "2026-12-05": "over/holder over/head", "2027-03-01": "over/holder over/head",
	} {
		var got []string
		for _, r := range a.Remindings(parsed(t, day), calendar) {
			got = append(got, string(r.Stage)+"/"+string(r.Addressee))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %q", day, got, want)
		}
	}
	still := a
	still.Work = a.Work.Stop(parsed(t, "2026-11-30"), application.CauseCorrection)
	if got := still.Remindings(parsed(t, "2026-12-20"), calendar); len(got) != 0 {
		t.Errorf("of a term that stands still: %v", got)
	}
	a.State = application.Issued
	if got := a.Remindings(parsed(t, "2026-12-20"), calendar); len(got) != 0 {
		t.Errorf("of a decided application: %v", got)
	}
}
