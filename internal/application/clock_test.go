package application_test

import (
	"testing"

	"elicense/internal/application"
	"elicense/internal/civil"
	"elicense/internal/workday"
)

// A stop gives back exactly the working days for which it lasted.
func TestStops(t *testing.T) {
	calendar := workday.Default()
	day := func(s string) civil.Date {
		d, err := civil.ParseDate(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	w := application.Begin(process(), day("2026-11-27"), 5, calendar) // a Friday
	if w.Due != day("2026-12-04") || w.Report.Clock.Calendar != calendar.Version {
		t.Fatalf("%+v", w)
	}
	stopped := w.Stop(day("2026-12-01"), application.CauseCorrection)
	if !stopped.Report.Clock.Stopped() || stopped.Due != w.Due || w.Report.Clock.Stopped() {
		t.Errorf("%+v", stopped)
	}
	if again := stopped.Stop(day("2026-12-02"), application.CauseCorrection); len(again.Report.Clock.Stops) != 1 {
		t.Errorf("%+v", again)
	}
	for to, due := range map[string]string{"2026-12-01": "2026-12-04", "2026-12-02": "2026-12-07", "2026-12-05": "2026-12-09", "2026-12-17": "2026-12-22"} {
		if r := stopped.Resume(day(to), calendar); r.Due != day(due) || r.Report.Clock.Stopped() {
			t.Errorf("resumed after %s: due %s, want %s", to, r.Due, due)
		}
	}
	if same := w.Resume(day("2026-12-09"), calendar); same.Due != w.Due || len(same.Report.Clock.Stops) != 0 {
		t.Errorf("%+v", same)
	}
}
