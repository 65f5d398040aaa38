package sqlstore_test

import (
	"strings"
	"testing"
	"time"
)

// PostgreSQL tells its own time; SQLite has none.
func TestTime(t *testing.T) {
	for name, open := range engines() {
		t.Run(name, func(t *testing.T) {
			before := time.Now()
			at, ok, err := open(t).Time(t.Context())
			if err != nil || ok != strings.HasPrefix(name, "postgres") || ok && at.Sub(before).Abs() > time.Hour {
				t.Errorf("%s, %v, %v", at, ok, err)
			}
		})
	}
}
