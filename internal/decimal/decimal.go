// Package decimal holds exact decimal numbers for quantities and sums. Nothing here ever rounds: an operation that has
// no exact result within range says so.
package decimal

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"elicense/internal/fault"
)

// MaxScale is the largest number of digits after the point.
const MaxScale = 9

// Decimal is coefficient / 10^scale without trailing zeros after the point, so equal numbers are equal with == and have
// one text. The zero value is 0.
type Decimal struct {
	coef  int64
	scale uint8
}

// New is coef / 10^scale. A scale outside 0 to MaxScale is a mistake of the program and panics.
func New(coef int64, scale int) Decimal {
	if scale < 0 || scale > MaxScale {
		panic("decimal: scale " + strconv.Itoa(scale))
	}
	for scale > 0 && coef%10 == 0 {
		coef /= 10
		scale--
	}
	return Decimal{coef, uint8(scale)}
}

// Int is a whole number.
func Int(n int64) Decimal { return Decimal{coef: n} }

// Parse reads the stored form: an optional minus, digits, optionally a point and 1 to 9 digits; no plus, no exponent,
// no needless leading zero. Errors: "fault.number", or "fault.number-range" where it does not fit.
func Parse(s string) (Decimal, error) {
	bad := fault.New(fault.Invalid, "fault.number")
	digits := strings.TrimPrefix(s, "-")
	whole, frac, point := strings.Cut(digits, ".")
	if whole == "" || (point && frac == "") || (len(whole) > 1 && whole[0] == '0') || !allDigits(whole) || !allDigits(frac) {
		return Decimal{}, bad
	}
	if d, ok := assemble(len(digits) != len(s), whole, frac); ok {
		return d, nil
	}
	return Decimal{}, fault.New(fault.Invalid, "fault.number-range")
}

func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func assemble(negative bool, whole, frac string) (Decimal, bool) {
	frac = strings.TrimRight(frac, "0")
	if len(frac) > MaxScale {
		return Decimal{}, false
	}
	text := whole + frac
	if negative {
		text = "-" + text
	}
	coef, err := strconv.ParseInt(text, 10, 64)
	if err != nil || coef == math.MinInt64 { // the smallest int64 has no opposite
		return Decimal{}, false
	}
	return New(coef, len(frac)), true
}

// String is the stored form, the same in every language: 1234.5.
func (d Decimal) String() string {
	if d.scale == 0 {
		return strconv.FormatInt(d.coef, 10)
	}
	sign, digits := "", strconv.FormatInt(d.coef, 10)
	if d.coef < 0 {
		sign, digits = "-", digits[1:]
	}
	if pad := int(d.scale) + 1 - len(digits); pad > 0 {
		digits = strings.Repeat("0", pad) + digits
	}
	cut := len(digits) - int(d.scale)
	return sign + digits[:cut] + "." + digits[cut:]
}

// Scale is the number of digits after the point that the number needs: 1.50 needs one.
func (d Decimal) Scale() int { return int(d.scale) }

// Sign is -1, 0 or +1.
func (d Decimal) Sign() int {
	switch {
	case d.coef < 0:
		return -1
	case d.coef > 0:
		return 1
	}
	return 0
}

// IsZero tells whether the number is 0.
func (d Decimal) IsZero() bool { return d.coef == 0 }

// IsInt tells whether nothing stands after the point.
func (d Decimal) IsInt() bool { return d.scale == 0 }

// Cmp is -1, 0 or +1 as d is below, equal to or above e.
func (d Decimal) Cmp(e Decimal) int {
	if d.scale == e.scale {
		switch {
		case d.coef < e.coef:
			return -1
		case d.coef > e.coef:
			return 1
		}
		return 0
	}
	return d.at(MaxScale).Cmp(e.at(MaxScale))
}

// at is the coefficient at a larger scale, wide enough for any of them.
func (d Decimal) at(scale int) *big.Int {
	return new(big.Int).Mul(big.NewInt(d.coef), big.NewInt(pow10(scale-int(d.scale))))
}

func pow10(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}

// Add is d + e; false when the exact sum does not fit.
func (d Decimal) Add(e Decimal) (Decimal, bool) {
	scale := max(int(d.scale), int(e.scale))
	return narrow(new(big.Int).Add(d.at(scale), e.at(scale)), scale)
}

// Sub is d - e; false when the exact difference does not fit.
func (d Decimal) Sub(e Decimal) (Decimal, bool) { return d.Add(e.Neg()) }

// Mul is d × e; false when the exact product does not fit or needs more than MaxScale digits after the point.
func (d Decimal) Mul(e Decimal) (Decimal, bool) {
	return narrow(new(big.Int).Mul(big.NewInt(d.coef), big.NewInt(e.coef)), int(d.scale)+int(e.scale))
}

// Neg is -d.
func (d Decimal) Neg() Decimal { return Decimal{-d.coef, d.scale} }

// narrow brings an exact result back into range, dropping trailing zeros only.
func narrow(coef *big.Int, scale int) (Decimal, bool) {
	ten, rest := big.NewInt(10), new(big.Int)
	for scale > 0 && (scale > MaxScale || !coef.IsInt64()) {
		var quotient big.Int
		quotient.QuoRem(coef, ten, rest)
		if rest.Sign() != 0 {
			return Decimal{}, false
		}
		coef = &quotient
		scale--
	}
	if !coef.IsInt64() || coef.Int64() == math.MinInt64 {
		return Decimal{}, false
	}
	return New(coef.Int64(), scale), true
}

// Rescale is the number in units of 10^-n, as stored in a column of that scale: 1.5 at 2 is 150. exact is false when
// digits would be lost or the result does not fit; coef is then meaningless.
func (d Decimal) Rescale(n int) (coef int64, exact bool) {
	if n < int(d.scale) || n > MaxScale {
		return 0, false
	}
	wide := d.at(n)
	return wide.Int64(), wide.IsInt64()
}

// Int64 is the whole number; false when something stands after the point.
func (d Decimal) Int64() (int64, bool) { return d.coef, d.scale == 0 }

// MarshalText writes the stored form.
func (d Decimal) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the stored form.
func (d *Decimal) UnmarshalText(b []byte) error {
	parsed, err := Parse(string(b))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}
