// Package ident reads and makes the numbers by which the state knows people, organisations and documents: IIN, BIN,
// the 15-character document number, telephone numbers. Reading is tolerant of how people type, the result is canonical.
package ident

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"elicense/internal/civil"
	"elicense/internal/fault"
)

// IIN is the individual identification number of a natural person, 12 digits YYMMDD C NNNN K, checked. C tells century
// and sex: 1 and 2 man and woman born 18xx, 3 and 4 19xx, 5 and 6 20xx; 0 stands in some numbers of foreigners.
type IIN string

// BIN is the business identification number of an organisation or a joint entrepreneur, 12 digits YYMM T A NNNNN K,
// checked. T is 4 resident, 5 non-resident, 6 joint entrepreneur; A is 0 head, 1 branch, 2 representative office,
// 3 farm. Rules of forming the BIN, Government decree 406 of 22.05.2007.
type BIN string

// NumberKind tells the two 12-digit numbers apart.
type NumberKind string

// The kinds of a 12-digit number.
const (
	KindNone NumberKind = ""
	KindIIN  NumberKind = "iin"
	KindBIN  NumberKind = "bin"
)

// maxTyped bounds what the tolerant parsers look at.
const maxTyped = 64

// Normalise removes the spaces, hyphens and dashes that people put into numbers. It checks nothing.
func Normalise(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || r == '\u200b' || r == '\ufeff' {
			return -1
		}
		return r
	}, s)
}

// Kind looks at the fifth of 12 digits only, which is the first digit of a day in an IIN and 4 to 6 in a BIN. The number
// may still be wrong; any other text is KindNone.
func Kind(s string) NumberKind {
	s = Normalise(s)
	if len(s) != 12 || !digits(s) {
		return KindNone
	}
	switch s[4] {
	case '0', '1', '2', '3':
		return KindIIN
	case '4', '5', '6':
		return KindBIN
	}
	return KindNone
}

func digits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func invalid(key string) error { return fault.New(fault.Invalid, key) }

// ParseIIN reads an IIN. Fault keys: fault.iin-digits, fault.iin-length, fault.iin-is-bin, fault.iin-date,
// fault.iin-check. Whether the person is already born is left to ParseIINOn.
func ParseIIN(s string) (IIN, error) {
	s, err := twelve(s, "iin")
	if err != nil {
		return "", err
	}
	if Kind(s) == KindBIN {
		return "", invalid("fault.iin-is-bin")
	}
	if !birthExists(s) {
		return "", invalid("fault.iin-date")
	}
	if check, ok := checkDigit(s[:11]); !ok || check != s[11] {
		return "", invalid("fault.iin-check")
	}
	return IIN(s), nil
}

// ParseIINOn is ParseIIN that also refuses a date of birth after today, with fault.iin-date.
func ParseIINOn(s string, today civil.Date) (IIN, error) {
	iin, err := ParseIIN(s)
	if err != nil {
		return "", err
	}
	if birth, known := iin.Birth(); known && birth.After(today) {
		return "", invalid("fault.iin-date")
	}
	return iin, nil
}

// ParseBIN reads a BIN. Fault keys: fault.bin-digits, fault.bin-length, fault.bin-is-iin, fault.bin-date,
// fault.bin-type, fault.bin-check.
func ParseBIN(s string) (BIN, error) {
	s, err := twelve(s, "bin")
	if err != nil {
		return "", err
	}
	switch Kind(s) {
	case KindIIN:
		return "", invalid("fault.bin-is-iin")
	case KindNone:
		return "", invalid("fault.bin-type")
	}
	if m := pair(s[2:4]); m < 1 || m > 12 {
		return "", invalid("fault.bin-date")
	}
	if check, ok := checkDigit(s[:11]); !ok || check != s[11] {
		return "", invalid("fault.bin-check")
	}
	return BIN(s), nil
}

func twelve(s, kind string) (string, error) {
	if len(s) > maxTyped {
		return "", invalid("fault." + kind + "-length")
	}
	s = Normalise(s)
	switch {
	case s != "" && !digits(s):
		return "", invalid("fault." + kind + "-digits")
	case len(s) != 12:
		return "", invalid("fault." + kind + "-length")
	}
	return s, nil
}

func pair(s string) int { return int(s[0]-'0')*10 + int(s[1]-'0') }

// birthExists takes any century for a 0 in the seventh place, so 29 February passes there.
func birthExists(s string) bool {
	if s[6] == '0' {
		return civil.New(2000, time.Month(pair(s[2:4])), pair(s[4:6])).Valid()
	}
	_, ok := birth(s)
	return ok
}

func birth(s string) (civil.Date, bool) {
	if s[6] < '1' || s[6] > '6' {
		return civil.Date{}, false
	}
	century := 1800 + int(s[6]-'1')/2*100
	d := civil.New(century+pair(s[:2]), time.Month(pair(s[2:4])), pair(s[4:6]))
	return d, d.Valid()
}

// checkDigit is the one algorithm of IIN and BIN: the digits weighted 1 to 11 modulo 11; where that gives 10, weighted
// 3 to 11, 1, 2; where it gives 10 again the number is never issued.
func checkDigit(first11 string) (byte, bool) {
	for _, shift := range [2]int{0, 2} {
		sum := 0
		for i := range 11 {
			sum += int(first11[i]-'0') * ((i+shift)%11 + 1)
		}
		if rest := sum % 11; rest < 10 {
			return byte('0' + rest), true
		}
	}
	return 0, false
}

// Birth is the date of birth; false where the number does not tell the century.
func (i IIN) Birth() (civil.Date, bool) {
	if len(i) != 12 {
		return civil.Date{}, false
	}
	return birth(string(i))
}

// Female tells the sex at birth; known is false where the number does not say.
func (i IIN) Female() (female, known bool) {
	if len(i) != 12 || i[6] < '1' || i[6] > '6' {
		return false, false
	}
	return (i[6]-'0')%2 == 0, true
}

// Masked shows the last four digits only, for pages and logs that need not name a person.
func (i IIN) Masked() string {
	if len(i) != 12 {
		return ""
	}
	return "••••••••" + string(i[8:])
}

// Type is the fifth digit: '4' resident, '5' non-resident, '6' joint entrepreneur; 0 for an empty BIN.
func (b BIN) Type() byte { return b.digit(4) }

// Attribute is the sixth digit: '0' head, '1' branch, '2' representative office, '3' farm; 0 for an empty BIN.
func (b BIN) Attribute() byte { return b.digit(5) }

func (b BIN) digit(i int) byte {
	if len(b) != 12 {
		return 0
	}
	return b[i]
}

// IsBranch tells whether the BIN belongs to a branch or a representative office, which acts for its head.
func (b BIN) IsBranch() bool { return b.Attribute() == '1' || b.Attribute() == '2' }

// MakeIIN makes a valid number for demonstrations and tests. serial is 0 to 9999. False where no such number is ever
// issued: the check digit would be 10 twice, or the date is outside 1800 to 2099.
func MakeIIN(birth civil.Date, female bool, serial int) (IIN, bool) {
	if !birth.Valid() || birth.Year < 1800 || birth.Year > 2099 || serial < 0 || serial > 9999 {
		return "", false
	}
	century := (birth.Year-1800)/100*2 + 1
	if female {
		century++
	}
	s := padded(birth.Year%100, 2) + padded(int(birth.Month), 2) + padded(birth.Day, 2) + strconv.Itoa(century) + padded(serial, 4)
	check, ok := checkDigit(s)
	if !ok {
		return "", false
	}
	return IIN(s + string(check)), true
}

// MakeBIN makes a valid number for demonstrations and tests: typ '4' to '6' and attr '0' to '9' (or the numbers
// themselves), serial 0 to 99999. False where no such number is ever issued.
func MakeBIN(year, month int, typ, attr byte, serial int) (BIN, bool) {
	typ, attr = asDigit(typ), asDigit(attr)
	if year < 0 || month < 1 || month > 12 || typ < '4' || typ > '6' || attr < '0' || attr > '9' || serial < 0 || serial > 99999 {
		return "", false
	}
	s := padded(year%100, 2) + padded(month, 2) + string([]byte{typ, attr}) + padded(serial, 5)
	check, ok := checkDigit(s)
	if !ok {
		return "", false
	}
	return BIN(s + string(check)), true
}

func asDigit(b byte) byte {
	if b < 10 {
		return '0' + b
	}
	return b
}

func padded(n, width int) string {
	s := strconv.Itoa(n)
	return strings.Repeat("0", max(0, width-len(s))) + s
}
