package form

import (
	"testing"

	"elicense/internal/service"
)

// The number of what was issued before is kept as it was issued, however it is typed; what is none stays as typed.
func TestNumberOfWhatWasIssued(t *testing.T) {
	field := service.Field{Key: "slip", Type: service.TypeText, Max: 15, Issued: []string{"begin"}}
	for typed, want := range map[string]string{
		"KZ40UAA00000001": "KZ40UAA00000001", " kz40 uaa 0000-0001 ": "KZ40UAA00000001", "КZ40UАА00000001": "KZ40UAA00000001", "№KZ40UAA00000001": "KZ40UAA00000001",
		"KZ41UAA00000001": "KZ41UAA00000001", "кz1": "кz1",
	} {
		if got := (Form{}).Normalise(field, typed); got != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
	field.Issued = nil
	if got := (Form{}).Normalise(field, "kz40uaa00000001"); got != "kz40uaa00000001" {
		t.Errorf("a text like any other: %q", got)
	}
}
