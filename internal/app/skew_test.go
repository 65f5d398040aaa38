package app

import (
	"context"
	"testing"
	"time"
)

// A clock that is ten minutes off is told, either way; the time that an answer takes is no skew.
func TestClocksAgree(t *testing.T) {
	for off, wrong := range map[time.Duration]bool{0: false, time.Second: false, 10 * time.Minute: true, -10 * time.Minute: true} {
		err := clocksAgree(t.Context(), func(context.Context) (time.Time, bool, error) { return (world{}).Now().Add(off), true, nil })
		if (err != nil) != wrong {
			t.Errorf("%s: %v", off, err)
		}
	}
	if err := clocksAgree(t.Context(), func(context.Context) (time.Time, bool, error) { return time.Time{}, false, nil }); err != nil {
		t.Errorf("a database without a clock: %v", err)
	}
	start := time.Date(2026, 12, 31, 19, 0, 0, 0, time.UTC)
	for _, c := range []struct{ at, after, want time.Duration }{{time.Second, 9 * time.Second, 0}, {-3 * time.Second, time.Second, 3 * time.Second}, {4 * time.Second, time.Second, -3 * time.Second}} {
		if got := skewOf(start, start.Add(c.at), start.Add(c.after)); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}
