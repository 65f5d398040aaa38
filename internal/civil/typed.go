package civil

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// maxTyped bounds what ParseTyped looks at; the longest real form is well below it.
const maxTyped = 64

// ParseTyped reads a date as people write it: 22.11.2026, 22/11/26, 22-11-2026, 22 11 2026, 2026-11-22, 2026.11.22,
// "22 қараша 2026", "2026 жылғы 22 қараша", "2026 ж. 22 қараша", "22 ноября 2026 г.", "22 November 2026",
// "November 22, 2026". Months may be short or without Kazakh letters. Numbers alone are day, month, year, never the
// American order. Two digits of a year mean 2000 to 2049 or 1950 to 1999.
func ParseTyped(s string) (Date, bool) {
	if len(s) > maxTyped || !utf8.ValidString(s) {
		return Date{}, false
	}
	parts := split(s)
	month, rest := time.Month(0), make([]string, 0, 3)
	for _, part := range parts {
		if part[0] >= '0' && part[0] <= '9' {
			rest = append(rest, part)
			continue
		}
		if yearWord(part) {
			continue
		}
		m := monthOf(part)
		if m == 0 || month != 0 {
			return Date{}, false
		}
		month = m
	}
	if month != 0 {
		return withMonthName(month, rest)
	}
	return numeric(rest)
}

// split cuts a typed date into runs of digits and runs of letters, lower case; all else separates. A text with a sign
// that no date contains gives no parts.
func split(s string) []string {
	var parts []string
	var run []rune
	digits := false
	flush := func() {
		if len(run) > 0 {
			parts = append(parts, string(run))
			run = run[:0]
		}
	}
	for _, r := range strings.ToLower(s) {
		isDigit := r >= '0' && r <= '9'
		switch {
		case isDigit || unicode.IsLetter(r):
			if len(run) > 0 && isDigit != digits {
				flush()
			}
			digits = isDigit
			run = append(run, r)
		case unicode.IsSpace(r) || strings.ContainsRune(".,/-–«»\"", r):
			flush()
		default:
			return nil
		}
	}
	flush()
	return parts
}

// yearWord tells the words that only say that a number is a year, and the English "of" and ordinal endings.
func yearWord(s string) bool {
	switch s {
	case "ж", "жыл", "жылғы", "жылгы", "жылы", "г", "год", "года", "of", "st", "nd", "rd", "th":
		return true
	}
	return false
}

// withMonthName expects day and year in either order; the year is the one with four digits, else the second.
func withMonthName(month time.Month, numbers []string) (Date, bool) {
	if len(numbers) != 2 {
		return Date{}, false
	}
	day, year := numbers[0], numbers[1]
	if len(day) == 4 {
		day, year = year, day
	}
	return assemble(year, month, day)
}

func numeric(numbers []string) (Date, bool) {
	if len(numbers) == 1 && len(numbers[0]) == 8 { // 22112026, as typed on a phone's number pad
		n := numbers[0]
		numbers = []string{n[:2], n[2:4], n[4:]}
	}
	if len(numbers) != 3 || len(numbers[1]) > 2 {
		return Date{}, false
	}
	month, _ := number(numbers[1])
	if len(numbers[0]) == 4 {
		return assemble(numbers[0], time.Month(month), numbers[2])
	}
	return assemble(numbers[2], time.Month(month), numbers[0])
}

func assemble(year string, month time.Month, day string) (Date, bool) {
	if len(day) > 2 || (len(year) != 2 && len(year) != 4) {
		return Date{}, false
	}
	y, _ := number(year)
	d, _ := number(day)
	if len(year) == 2 {
		y += 2000
		if y >= 2050 {
			y -= 100
		}
	}
	date := Date{y, month, d}
	return date, date.Valid()
}

// monthOf finds a month by its name in Kazakh, Russian (both cases) or English, whole or cut to three letters and more.
func monthOf(word string) time.Month {
	word = strings.Map(plainKazakh, word)
	if utf8.RuneCountInString(word) < 3 {
		return 0
	}
	for i, names := range monthNames() {
		for _, name := range names {
			if strings.HasPrefix(name, word) {
				return time.Month(i + 1)
			}
		}
	}
	return 0
}

// plainKazakh lets a month be typed on a keyboard without Kazakh letters.
func plainKazakh(r rune) rune {
	const kazakh, plain = "әғқңөұүһі", "агкноуухи"
	if i := strings.IndexRune(kazakh, r); i >= 0 {
		letter, _ := utf8.DecodeRuneInString(plain[i:]) // both alphabets take two bytes a letter
		return letter
	}
	return r
}

// monthNames lists, January first, the folded Kazakh name, the Russian nominative and genitive and the English name.
// No three-letter beginning occurs in two months; the test proves it.
func monthNames() [12][]string {
	return [12][]string{
		{"кантар", "январь", "января", "january"},
		{"акпан", "февраль", "февраля", "february"},
		{"наурыз", "март", "марта", "march"},
		{"сауир", "апрель", "апреля", "april"},
		{"мамыр", "май", "мая", "may"},
		{"маусым", "июнь", "июня", "june"},
		{"шилде", "июль", "июля", "july"},
		{"тамыз", "август", "августа", "august"},
		{"кыркуйек", "сентябрь", "сентября", "september", "sept"},
		{"казан", "октябрь", "октября", "october"},
		{"караша", "ноябрь", "ноября", "november"},
		{"желтоксан", "декабрь", "декабря", "december"},
	}
}
