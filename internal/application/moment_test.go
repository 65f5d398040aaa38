package application

import (
	"testing"
	"time"
)

// What happens after a clock was put back happens after what was before.
func TestMoment(t *testing.T) {
	last := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	a := Application{ChangedAt: last}
	for now, want := range map[time.Time]time.Time{
		last.Add(time.Second): last.Add(time.Second), last: last, last.Add(-time.Hour): last.Add(time.Microsecond), last.AddDate(0, 0, -1): last.Add(time.Microsecond),
	} {
		if got := a.Moment(now); !got.Equal(want) {
			t.Errorf("%s: %s, want %s", now, got, want)
		}
	}
}
