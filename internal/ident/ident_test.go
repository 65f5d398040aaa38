package ident

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"elicense/internal/civil"
	"elicense/internal/fault"
)

func TestParseIIN(t *testing.T) {
	for s, birth := range map[string]string{
		"900101400013": "1990-01-01", "010515500014": "2001-05-15", "010515600010": "2001-05-15", "751231401237": "1975-12-31",
		"000229500107": "2000-02-29", "900101300811": "1990-01-01", "851222400895": "1985-12-22", " 900101-400 013 ": "1990-01-01", "900101–400013": "1990-01-01",
	} {
		iin, err := ParseIIN(s)
		if err != nil {
			t.Errorf("ParseIIN(%q): %v", s, err)
			continue
		}
		if got, known := iin.Birth(); !known || got.String() != birth {
			t.Errorf("%s was born %v, want %s", iin, got, birth)
		}
	}
	for s, key := range map[string]string{
		"": "fault.iin-length", "90010140001": "fault.iin-length", "9001014000133": "fault.iin-length", strings.Repeat("1", 100): "fault.iin-length",
		"90010140001a": "fault.iin-digits", "９00101400013": "fault.iin-digits", "900101400014": "fault.iin-check", "123456789023": "fault.iin-is-bin",
		"901301400013": "fault.iin-date", "900132400013": "fault.iin-date", "010229500014": "fault.iin-date", "900101700013": "fault.iin-date",
		"260140000604": "fault.iin-is-bin", "900101300808": "fault.iin-check",
	} {
		if got, err := ParseIIN(s); !fault.Is(err, key) {
			t.Errorf("ParseIIN(%q) = %v, %v; want %s", s, got, err, key)
		}
	}
}

// A prefix whose check digit is 10 twice is never issued, whatever its last digit.
func TestUnassignablePrefixes(t *testing.T) {
	for last := '0'; last <= '9'; last++ {
		if got, err := ParseIIN("90010130080" + string(last)); err == nil {
			t.Errorf("accepted %s", got)
		}
		if got, err := ParseBIN("26014000063" + string(last)); err == nil {
			t.Errorf("accepted %s", got)
		}
	}
	if got, ok := MakeIIN(civil.New(1990, time.January, 1), false, 80); ok || got != "" {
		t.Errorf("made %s", got)
	}
	if got, ok := MakeBIN(2026, 1, '4', '0', 63); ok || got != "" {
		t.Errorf("made %s", got)
	}
}

func TestParseIINOn(t *testing.T) {
	today := civil.New(2001, time.May, 14)
	if _, err := ParseIINOn("010515500014", today); !fault.Is(err, "fault.iin-date") {
		t.Errorf("born tomorrow: %v", err)
	}
	if _, err := ParseIINOn("010515500014", today.AddDays(1)); err != nil {
		t.Errorf("born today: %v", err)
	}
}

func TestParseBIN(t *testing.T) {
	for s, want := range map[string]struct {
		typ, attr byte
		branch    bool
	}{
		"260141000010": {'4', '1', true}, "260142000016": {'4', '2', true}, "260160000014": {'6', '0', false},
		"260150000017": {'5', '0', false}, "260140000604": {'4', '0', false}, "2601 4000 0604": {'4', '0', false},
	} {
		bin, err := ParseBIN(s)
		if err != nil || bin.Type() != want.typ || bin.Attribute() != want.attr || bin.IsBranch() != want.branch {
			t.Errorf("ParseBIN(%q) = %v, %v", s, bin, err)
		}
	}
	for s, key := range map[string]string{
		"": "fault.bin-length", "26014000060": "fault.bin-length", "26014000060x": "fault.bin-digits", "900101400013": "fault.bin-is-iin",
		"261340000604": "fault.bin-date", "260040000604": "fault.bin-date", "260170000604": "fault.bin-type", "260140000605": "fault.bin-check",
	} {
		if got, err := ParseBIN(s); !fault.Is(err, key) {
			t.Errorf("ParseBIN(%q) = %v, %v; want %s", s, got, err, key)
		}
	}
}

func TestKind(t *testing.T) {
	for s, want := range map[string]NumberKind{
		"900101400013": KindIIN, "260140000604": KindBIN, "2601-4000-0604": KindBIN, "260190000604": KindNone, "1": KindNone, "": KindNone, "26014000060x": KindNone,
	} {
		if got := Kind(s); got != want {
			t.Errorf("Kind(%q) = %q, want %q", s, got, want)
		}
	}
}

func TestEmptyNumbers(t *testing.T) {
	if _, known := IIN("").Birth(); known {
		t.Error("the empty IIN has a birthday")
	}
	if _, known := IIN("").Female(); known || BIN("").Type() != 0 || BIN("").IsBranch() || IIN("1").Masked() != "" {
		t.Error("empty numbers tell something")
	}
	if got := IIN("900101400013").Masked(); got != "••••••••0013" {
		t.Errorf("Masked = %s", got)
	}
}

func TestForeignersWithoutCentury(t *testing.T) {
	check, ok := checkDigit("90010100001")
	if !ok {
		t.Fatal("choose another prefix")
	}
	iin, err := ParseIIN("90010100001" + string(check))
	if err != nil {
		t.Fatal(err)
	}
	if _, known := iin.Birth(); known {
		t.Error("a century was invented")
	}
}

func TestMadeNumbersAreValid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		birth := civil.New(2000, 1, 1).AddDays(rapid.IntRange(-70_000, 36_000).Draw(t, "day"))
		female := rapid.Bool().Draw(t, "female")
		if iin, ok := MakeIIN(birth, female, rapid.IntRange(0, 9999).Draw(t, "serial")); ok {
			got, err := ParseIIN(string(iin))
			if err != nil {
				t.Fatalf("%s: %v", iin, err)
			}
			if day, _ := got.Birth(); day != birth {
				t.Fatalf("%s: born %v, want %v", iin, day, birth)
			}
			if is, known := got.Female(); is != female || !known {
				t.Fatalf("%s: female is %v", iin, is)
			}
		}
		typ := byte(rapid.IntRange(4, 6).Draw(t, "type"))
		if bin, ok := MakeBIN(2026, 11, typ, '1', rapid.IntRange(0, 99999).Draw(t, "serial")); ok {
			if got, err := ParseBIN(string(bin)); err != nil || got.Type() != '0'+typ || Kind(string(bin)) != KindBIN {
				t.Fatalf("%s: %v", bin, err)
			}
		}
	})
}

func TestNothingIsMadeOfNonsense(t *testing.T) {
	for name, ok := range map[string]bool{
		"no date":    second(MakeIIN(civil.New(2026, 2, 30), false, 1)),
		"too old":    second(MakeIIN(civil.New(1799, 2, 3), false, 1)),
		"serial":     second(MakeIIN(civil.New(2000, 2, 3), false, 10000)),
		"month":      second(MakeBIN(2026, 13, '4', '0', 1)),
		"type":       second(MakeBIN(2026, 1, '3', '0', 1)),
		"bin serial": second(MakeBIN(2026, 1, '4', '0', 100000)),
	} {
		if ok {
			t.Errorf("%s: a number was made", name)
		}
	}
}

func second[T any](_ T, ok bool) bool { return ok }

func FuzzParseIIN(f *testing.F) {
	for _, s := range []string{"900101400013", "260140000604", "9001 0140-0013", "\xff", "００"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if iin, err := ParseIIN(s); err == nil {
			if again, err := ParseIIN(string(iin)); err != nil || again != iin || len(iin) != 12 || Kind(string(iin)) != KindIIN {
				t.Errorf("%q: %s read back as %s, %v", s, iin, again, err)
			}
		}
		if bin, err := ParseBIN(s); err == nil {
			if again, err := ParseBIN(string(bin)); err != nil || again != bin || len(bin) != 12 || Kind(string(bin)) != KindBIN {
				t.Errorf("%q: %s read back as %s, %v", s, bin, again, err)
			}
		}
	})
}
