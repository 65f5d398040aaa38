package decimal

import "strings"

// maxTyped bounds what ParseTyped looks at: 19 digits, their separators and a sign fit.
const maxTyped = 48

// ParseTyped reads a number as people write or paste it: "1 234 567,89" with any kind of space or an apostrophe,
// "1234567.89", "1,234,567.89", "1.234.567,89", a leading plus or a real minus sign. One comma or point alone is the
// decimal sign, as in Kazakhstan: "1,234" is one and 234 thousandths.
func ParseTyped(s string) (Decimal, bool) {
	if len(s) > maxTyped {
		return Decimal{}, false
	}
	s = strings.TrimSpace(s)
	negative := false
	for _, minus := range []string{"-", "−", "–"} {
		if rest, ok := strings.CutPrefix(s, minus); ok {
			s, negative = rest, true
			break
		}
	}
	if !negative {
		s = strings.TrimPrefix(s, "+")
	}
	s = spaces.Replace(s)
	whole, frac, ok := separate(s)
	if !ok || whole+frac == "" || !allDigits(whole) || !allDigits(frac) {
		return Decimal{}, false
	}
	if whole == "" {
		whole = "0"
	}
	return assemble(negative, whole, frac)
}

// spaces removes what people put between thousands; all of them are separators only.
var spaces = strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "\u2009", "", "'", "", "’", "", "\t", "")

// separate finds the decimal sign and removes the signs between thousands, which must stand before every third digit.
func separate(s string) (whole, frac string, ok bool) {
	commas, points := strings.Count(s, ","), strings.Count(s, ".")
	decimalSign := ""
	switch {
	case commas+points == 0:
	case commas+points == 1:
		decimalSign = ",."[points : points+1]
	case commas > 1 && points > 1:
		return "", "", false
	case commas > 1 && points == 0, points > 1 && commas == 0:
	case strings.LastIndex(s, ",") > strings.LastIndex(s, "."):
		decimalSign = ","
	default:
		decimalSign = "."
	}
	whole = s
	if decimalSign != "" {
		whole, frac, _ = strings.Cut(s, decimalSign)
	}
	groups := strings.FieldsFunc(whole, func(r rune) bool { return r == ',' || r == '.' })
	if len(groups) > 1 {
		if len(groups[0]) > 3 || len(groups)-1 != strings.Count(whole, ",")+strings.Count(whole, ".") {
			return "", "", false
		}
		for _, group := range groups[1:] {
			if len(group) != 3 {
				return "", "", false
			}
		}
		whole = strings.Join(groups, "")
	}
	return whole, frac, true
}
