package app_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"elicense/internal/app"
	"elicense/internal/testkit/site"
)

// While nobody numbers the rows of the audit, doctor and the metrics tell how many wait and for how long.
func TestAuditLagIsTold(t *testing.T) {
	s := openSite(t, site.Options{At: app.World().Now().Add(-time.Hour)})
	owner := s.Organisation(1)
	metric := func(name string) string {
		got := s.Visitor().Get("/metrics")
		for line := range strings.Lines(got.Body) {
			if value, ok := strings.CutPrefix(line, name+" "); ok {
				return strings.TrimSpace(value)
			}
		}
		t.Fatalf("%d: no %s", got.Status, name)
		return ""
	}
	must(t, s.App.Evidence.Sequence(t.Context()))
	if rows, lag := metric("elicense_audit_waiting_rows"), metric("elicense_audit_lag_seconds"); rows != "0" || lag != "0" {
		t.Errorf("everything is numbered: %s %s", rows, lag)
	}
	if f := findingOf(t, 0, "audit log", append([]string{"doctor"}, flags(s)...)...); !f.OK {
		t.Errorf("%+v", f)
	}
	owner.Draft()
	s.Clock.Advance(10 * time.Minute)
	lag, err := strconv.ParseFloat(metric("elicense_audit_lag_seconds"), 64)
	if rows := metric("elicense_audit_waiting_rows"); err != nil || rows == "0" || lag < 600 {
		t.Errorf("ten minutes later: %s rows, %v seconds", rows, lag)
	}
	if f := findingOf(t, 1, "audit log", append([]string{"doctor"}, flags(s)...)...); f.OK || !strings.Contains(f.Detail, "rows wait, the oldest for 1h") || f.Remedy == "" {
		t.Errorf("%+v", f)
	}
}
