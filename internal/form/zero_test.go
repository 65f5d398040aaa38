package form

import (
	"testing"

	"elicense/internal/service"
)

// Zero is an answer only where the field says so; less than zero never is.
func TestZero(t *testing.T) {
	for _, c := range []struct {
		zero          bool
		typed, stored string
		problem       string
	}{
		{false, "0", "", "field.positive"}, {false, "-1", "", "field.positive"}, {false, "3", "3", ""},
		{true, "0", "0", ""}, {true, "0,0", "0", ""}, {true, "-1", "", "field.negative"}, {true, "3", "3", ""},
	} {
		got, problem := readNumber(service.Field{Type: service.TypeNumber, Scale: 1, Zero: c.zero}, c.typed)
		if got != c.stored || problem != c.problem {
			t.Errorf("zero %v, %q: %q %q", c.zero, c.typed, got, problem)
		}
	}
}
