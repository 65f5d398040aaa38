package fault

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

func TestKindOf(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  error
		want Kind
	}{
		{"own", New(NotFound, "fault.not-found"), NotFound},
		{"wrapped", fmt.Errorf("load: %w", New(Conflict, "fault.draft-exists")), Conflict},
		{"joined", errors.Join(io.EOF, New(Denied, "fault.denied")), Denied},
		{"foreign", io.EOF, Internal},
		{"nil", nil, Internal},
		{"outermost wins", New(Unavailable, "fault.eds").Because(New(Denied, "fault.denied")), Unavailable},
	} {
		if got := KindOf(tt.err); got != tt.want {
			t.Errorf("%s: KindOf = %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestCopies(t *testing.T) {
	base := New(Invalid, "fault.range")
	with := base.With(Args{"max": "5"})
	because := with.Because(io.EOF)
	if base.Args != nil || base.Cause != nil || with.Cause != nil {
		t.Error("With or Because changed its receiver")
	}
	if because.Args["max"] != "5" || !errors.Is(because, io.EOF) {
		t.Errorf("lost on the way: %+v", because)
	}
}

func TestFields(t *testing.T) {
	if err := Fields(nil); err != nil {
		t.Errorf("no fields give %v", err)
	}
	err := Fields([]Field{{Path: "bin", Key: "fault.bin-check"}})
	if !Is(err, "fault.fields") || KindOf(err) != Invalid {
		t.Errorf("Fields = %v", err)
	}
	f, ok := As(At("bin", "fault.bin-check"))
	if !ok || len(f.Fields) != 1 || f.Fields[0].Path != "bin" || f.Key != "fault.fields" {
		t.Errorf("At = %+v", f)
	}
	if Is(io.EOF, "") || Is(nil, "fault.fields") {
		t.Error("Is finds a key where there is no fault")
	}
}

// Arguments may hold what a person typed; a log must not.
func TestErrorHidesArguments(t *testing.T) {
	err := &Fault{Kind: Invalid, Key: "fault.fields", Args: Args{"name": "secret"}, Cause: io.EOF}
	for i := range 12 {
		err.Fields = append(err.Fields, Field{Path: fmt.Sprint("f", i), Key: "fault.required", Args: Args{"v": "secret"}})
	}
	got := err.Error()
	if strings.Contains(got, "secret") {
		t.Errorf("an argument is in the log: %s", got)
	}
	for _, want := range []string{"invalid: fault.fields", "f7=fault.required", "(+4 more)", "EOF"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in %q", want, got)
		}
	}
}

func TestKindNames(t *testing.T) {
	seen := map[string]bool{}
	for k := Internal; k <= Gone; k++ {
		if name := k.String(); name == "unknown" || seen[name] {
			t.Errorf("kind %d is called %q", k, name)
		} else {
			seen[name] = true
		}
	}
	if Kind(200).String() != "unknown" {
		t.Error("a kind that does not exist has a name")
	}
}
