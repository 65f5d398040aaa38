package decimal

import (
	"encoding/json"
	"math"
	"testing"

	"pgregory.net/rapid"

	"elicense/internal/fault"
)

func anyDecimal(t *rapid.T) Decimal {
	return New(rapid.Int64Range(-math.MaxInt64, math.MaxInt64).Draw(t, "coef"), rapid.IntRange(0, MaxScale).Draw(t, "scale"))
}

func must(t *testing.T, s string) Decimal {
	t.Helper()
	d, err := Parse(s)
	if err != nil {
		t.Fatalf("Parse(%q): %v", s, err)
	}
	return d
}

func TestParse(t *testing.T) {
	for s, want := range map[string]string{
		"0": "0", "-0": "0", "0.0": "0", "1234.5": "1234.5", "1234.50": "1234.5", "-0.05": "-0.05", "100": "100", "0.000000001": "0.000000001",
		"9223372036854775807": "9223372036854775807", "-9223372036854775807": "-9223372036854775807", "1.0000000000000": "1",
	} {
		if got := must(t, s).String(); got != want {
			t.Errorf("Parse(%q) = %s, want %s", s, got, want)
		}
	}
	for s, key := range map[string]string{
		"": "fault.number", "-": "fault.number", ".5": "fault.number", "5.": "fault.number", "+5": "fault.number", "1e3": "fault.number", "1,5": "fault.number",
		"01": "fault.number", "--1": "fault.number", "1.-5": "fault.number", "٣": "fault.number", " 1": "fault.number", "1.2.3": "fault.number", "NaN": "fault.number",
		"9223372036854775808": "fault.number-range", "-9223372036854775808": "fault.number-range", "0.0000000001": "fault.number-range",
	} {
		if got, err := Parse(s); !fault.Is(err, key) {
			t.Errorf("Parse(%q) = %v, %v; want %s", s, got, err, key)
		}
	}
}

func TestParseTyped(t *testing.T) {
	for s, want := range map[string]string{
		"1 234 567,89": "1234567.89", "1\u00a0234\u00a0567,89": "1234567.89", "1\u202f234,5": "1234.5", "1'234'567.89": "1234567.89", "1,234,567.89": "1234567.89",
		"1.234.567,89": "1234567.89", "1,234": "1.234", "1.234": "1.234", "12.5": "12.5", ",5": "0.5", "5,": "5", "-7": "-7", "−7": "-7", "+7": "7", "007": "7",
		" 42 ": "42", "1,234,567": "1234567", "1.234.567": "1234567", "0,10": "0.1",
	} {
		if got, ok := ParseTyped(s); !ok || got.String() != want {
			t.Errorf("ParseTyped(%q) = %v, %v; want %s", s, got, ok, want)
		}
	}
	for _, s := range []string{"", " ", "-", ",", ".", "1,2,3", "1,23,456.7", "1.2,3.4,5", "1,234.567,8", "12abc", "1e5", "∞", "--1", "+-1", "1,,234.5", "1234,567.8", "99999999999999999999"} {
		if got, ok := ParseTyped(s); ok {
			t.Errorf("ParseTyped(%q) = %v, want nothing", s, got)
		}
	}
}

func TestArithmetic(t *testing.T) {
	if got, ok := must(t, "0.1").Add(must(t, "0.2")); !ok || got != must(t, "0.3") {
		t.Errorf("0.1 + 0.2 = %v, %v", got, ok)
	}
	if got, ok := must(t, "1").Sub(must(t, "0.999999999")); !ok || got.String() != "0.000000001" {
		t.Errorf("1 - 0.999999999 = %v, %v", got, ok)
	}
	if got, ok := must(t, "2.5").Mul(must(t, "-0.4")); !ok || got != Int(-1) {
		t.Errorf("2.5 × -0.4 = %v, %v", got, ok)
	}
	for name, result := range map[string]func() (Decimal, bool){
		"sum over the range":        func() (Decimal, bool) { return Int(math.MaxInt64).Add(Int(1)) },
		"sum too fine":              func() (Decimal, bool) { return Int(math.MaxInt64).Add(New(1, 9)) },
		"difference over the range": func() (Decimal, bool) { return Int(-math.MaxInt64).Sub(Int(1)) },
		"product over the range":    func() (Decimal, bool) { return Int(math.MaxInt64).Mul(Int(2)) },
		"product too fine":          func() (Decimal, bool) { return New(1, 9).Mul(New(1, 1)) },
	} {
		if got, ok := result(); ok {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestRescale(t *testing.T) {
	for _, tt := range []struct {
		s     string
		n     int
		coef  int64
		exact bool
	}{
		{"1.5", 2, 150, true}, {"1.5", 1, 15, true}, {"1.5", 0, 0, false}, {"-3", 3, -3000, true}, {"9223372036854775807", 1, 0, false}, {"1", 10, 0, false}, {"1", -1, 0, false},
	} {
		coef, exact := must(t, tt.s).Rescale(tt.n)
		if exact != tt.exact || (exact && coef != tt.coef) {
			t.Errorf("%s at %d = %d, %v", tt.s, tt.n, coef, exact)
		}
	}
}

func TestNewRefusesAScale(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("New(1, 10) did not panic")
		}
	}()
	New(1, 10)
}

func TestJSON(t *testing.T) {
	data, err := json.Marshal(map[string]Decimal{"q": must(t, "12.50")})
	if err != nil || string(data) != `{"q":"12.5"}` {
		t.Fatalf("%s, %v", data, err)
	}
	var back map[string]Decimal
	if err := json.Unmarshal(data, &back); err != nil || back["q"] != New(125, 1) {
		t.Errorf("%v, %v", back, err)
	}
}

func TestProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyDecimal(t), anyDecimal(t)
		if back, err := Parse(a.String()); err != nil || back != a {
			t.Fatalf("%v read back as %v, %v", a, back, err)
		}
		if typed, ok := ParseTyped(a.String()); !ok || typed != a {
			t.Fatalf("%v typed as %v", a, typed)
		}
		if a.Cmp(b) != -b.Cmp(a) || (a.Cmp(b) == 0) != (a == b) {
			t.Fatalf("order of %v and %v", a, b)
		}
		if sum, ok := a.Add(b); ok {
			if back, ok := sum.Sub(b); ok && back != a {
				t.Fatalf("%v + %v - %v = %v", a, b, b, back)
			}
			if b.Sign() != 0 && sum.Cmp(a) != b.Sign() {
				t.Fatalf("%v + %v = %v", a, b, sum)
			}
		}
		if coef, exact := a.Rescale(MaxScale); exact && New(coef, MaxScale) != a {
			t.Fatalf("%v rescaled is %d", a, coef)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add("1234.5")
	f.Add("-0.000000001")
	f.Fuzz(func(t *testing.T, s string) {
		d, err := Parse(s)
		if err != nil {
			return
		}
		if again, err := Parse(d.String()); err != nil || again != d {
			t.Errorf("%q: %v read back as %v, %v", s, d, again, err)
		}
	})
}

func FuzzParseTyped(f *testing.F) {
	for _, s := range []string{"1 234 567,89", "1,234,567.89", "-,5", "1.2.3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, ok := ParseTyped(s)
		if !ok {
			return
		}
		if again, err := Parse(d.String()); err != nil || again != d {
			t.Errorf("%q: %v read back as %v, %v", s, d, again, err)
		}
	})
}
