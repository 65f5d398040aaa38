// Package civil holds calendar dates without a time of day or a zone: dates of birth, terms, holidays. A moment becomes
// a date only together with a place, see Of.
package civil

import (
	"fmt"
	"time"

	"elicense/internal/fault"
)

// Date is a day of the proleptic Gregorian calendar. The zero value is "no date".
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// MinYear and MaxYear bound the years that the text form can hold.
const (
	MinYear = 1
	MaxYear = 9999
)

// New makes a date of numbers as they stand; Valid tells whether such a day exists.
func New(year int, month time.Month, day int) Date { return Date{year, month, day} }

// Of is the date that a clock on the wall shows at moment t in loc.
func Of(t time.Time, loc *time.Location) Date {
	y, m, d := t.In(loc).Date()
	return Date{y, m, d}
}

// EndOfYear is 31 December, the last day of every permit that ends with its quota year.
func EndOfYear(year int) Date { return Date{year, time.December, 31} }

// ParseDate reads the ISO 8601 form 2026-11-22 and nothing else; for what people type see ParseTyped.
// The error is a fault with the key "fault.date".
func ParseDate(s string) (Date, error) {
	bad := fault.New(fault.Invalid, "fault.date")
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return Date{}, bad
	}
	y, ok1 := number(s[:4])
	m, ok2 := number(s[5:7])
	d, ok3 := number(s[8:])
	date := Date{y, time.Month(m), d}
	if !ok1 || !ok2 || !ok3 || !date.Valid() {
		return Date{}, bad
	}
	return date, nil
}

// number reads ASCII digits; callers keep s short enough for an int.
func number(s string) (int, bool) {
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, s != ""
}

// String is the ISO 8601 form, or "" for the zero date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// IsZero tells whether there is no date.
func (d Date) IsZero() bool { return d == Date{} }

// Valid tells whether the day exists: 30 February and the zero date do not.
func (d Date) Valid() bool {
	if d.Year < MinYear || d.Year > MaxYear || d.Month < time.January || d.Month > time.December {
		return false
	}
	return d.Day >= 1 && d.Day <= DaysIn(d.Year, d.Month)
}

// DaysIn is the number of days of a month.
func DaysIn(year int, month time.Month) int {
	switch month {
	case time.February:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case time.April, time.June, time.September, time.November:
		return 30
	}
	return 31
}

// Compare is -1, 0 or +1 as d is before, equal to or after e.
func (d Date) Compare(e Date) int {
	for _, pair := range [3][2]int{{d.Year, e.Year}, {int(d.Month), int(e.Month)}, {d.Day, e.Day}} {
		if pair[0] < pair[1] {
			return -1
		}
		if pair[0] > pair[1] {
			return 1
		}
	}
	return 0
}

// Before tells whether d is earlier than e.
func (d Date) Before(e Date) bool { return d.Compare(e) < 0 }

// After tells whether d is later than e.
func (d Date) After(e Date) bool { return d.Compare(e) > 0 }

// Within tells whether d lies between two dates, both included. A zero bound is open.
func (d Date) Within(from, to Date) bool {
	return (from.IsZero() || !d.Before(from)) && (to.IsZero() || !d.After(to))
}

func (d Date) utc() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// AddDays counts calendar days forward, or back for a negative n.
func (d Date) AddDays(n int) Date { return Of(d.utc().AddDate(0, 0, n), time.UTC) }

// AddMonths keeps the day of the month, or takes the last day where the month is shorter: 31 January plus one month is
// 28 or 29 February. Civil Code, article 174: a term of months ends on the last day when the month has no such day.
func (d Date) AddMonths(n int) Date {
	months := d.Year*12 + int(d.Month) - 1 + n
	year, month := months/12, months%12
	if month < 0 {
		year, month = year-1, month+12
	}
	out := Date{year, time.Month(month + 1), d.Day}
	out.Day = min(out.Day, DaysIn(out.Year, out.Month))
	return out
}

// AddYears keeps day and month; 29 February becomes the 28th in a common year.
func (d Date) AddYears(n int) Date { return d.AddMonths(12 * n) }

// DaysUntil is the number of days from d to e, negative when e is earlier.
func (d Date) DaysUntil(e Date) int { return int(e.utc().Sub(d.utc()) / (24 * time.Hour)) }

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// Start is the first moment of the day in loc.
func (d Date) Start(loc *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, loc)
}

// MarshalText writes the ISO form; the zero date is empty.
func (d Date) MarshalText() ([]byte, error) {
	if !d.IsZero() && !d.Valid() {
		return nil, fault.New(fault.Internal, "fault.date")
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads the ISO form; an empty text is the zero date.
func (d *Date) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(string(b))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}
