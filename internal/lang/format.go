package lang

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // a machine without a zone database must show the same hours

	"elicense/internal/civil"
	"elicense/internal/decimal"
	"elicense/internal/money"
)

// nbsp keeps a number and its unit on one line.
const nbsp = "\u00a0"

// Almaty is the zone in which every time is shown. The whole country has one time since 1 March 2024 (UTC+5); earlier
// and later changes are left to the zone database.
func Almaty() *time.Location { return almaty() }

// almaty reads the zone once; reading it costs more than most of what asks for it.
var almaty = sync.OnceValue(func() *time.Location {
	loc, err := time.LoadLocation("Asia/Almaty")
	if err != nil {
		panic("lang: embedded zone database: " + err.Error()) // cannot happen: the database is in the binary
	}
	return loc
})

// Date is the short form of tables, 22.11.2026 in every language; the zero date is empty.
func (p *Printer) Date(d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%02d.%02d.%04d", d.Day, int(d.Month), d.Year)
}

// LongDate is the form of documents: 2026 жылғы 22 қараша, 22 ноября 2026 г., 22 November 2026; the zero date is empty.
func (p *Printer) LongDate(d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	month := p.Month(d.Month)
	switch p.Lang {
	case KK:
		return fmt.Sprintf("%d жылғы %d %s", d.Year, d.Day, month)
	case RU:
		return fmt.Sprintf("%d %s %d г.", d.Day, month, d.Year)
	}
	return fmt.Sprintf("%d %s %d", d.Day, month, d.Year)
}

// Case is how a long date stands in a Kazakh sentence; the dates of the other languages stay as they are.
type Case int

// The cases, with what follows the date.
const (
	Since Case = iota // 22 қарашадан бастап
	Until             // 22 қарашаға дейін
	AsOf              // 22 қарашадағы жағдай бойынша
)

// LongDateIn is LongDate with the ending that the sentence asks for.
func (p *Printer) LongDateIn(d civil.Date, c Case) string {
	text := p.LongDate(d)
	if p.Lang != KK || text == "" {
		return text
	}
	endings := [...]string{"дан", "ға", "дағы"}
	switch d.Month {
	case time.February, time.June, time.October, time.December: // after м and н
		endings = [...]string{"нан", "ға", "дағы"}
	case time.April, time.July: // after front vowels
		endings = [...]string{"ден", "ге", "дегі"}
	case time.September: // қыркүйек: front, and after a voiceless consonant
		endings = [...]string{"тен", "ке", "тегі"}
	}
	return text + endings[c]
}

// Month is the name of a month as it stands in a date, in Russian in the genitive.
func (p *Printer) Month(m time.Month) string {
	if m < time.January || m > time.December {
		return ""
	}
	switch p.Lang {
	case KK:
		return [...]string{"қаңтар", "ақпан", "наурыз", "сәуір", "мамыр", "маусым", "шілде", "тамыз", "қыркүйек", "қазан", "қараша", "желтоқсан"}[m-1]
	case RU:
		return [...]string{"января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"}[m-1]
	}
	return m.String()
}

// Weekday is the name of a day of the week, small in Kazakh and Russian.
func (p *Printer) Weekday(w time.Weekday) string {
	if w < time.Sunday || w > time.Saturday {
		return ""
	}
	switch p.Lang {
	case KK:
		return [...]string{"жексенбі", "дүйсенбі", "сейсенбі", "сәрсенбі", "бейсенбі", "жұма", "сенбі"}[w]
	case RU:
		return [...]string{"воскресенье", "понедельник", "вторник", "среда", "четверг", "пятница", "суббота"}[w]
	}
	return w.String()
}

// Time is a moment to the minute as a clock in Almaty shows it: 22.11.2026 14:05. The zero time is empty.
func (p *Printer) Time(t time.Time) string { return p.clock(t, "02.01.2006 15:04") }

// TimeSeconds is Time to the second, for journals and signatures.
func (p *Printer) TimeSeconds(t time.Time) string { return p.clock(t, "02.01.2006 15:04:05") }

func (p *Printer) clock(t time.Time, layout string) string {
	if t.IsZero() {
		return ""
	}
	return t.In(p.almaty).Format(layout)
}

// Day is the date of a moment in Almaty.
func (p *Printer) Day(t time.Time) civil.Date { return civil.Of(t, p.almaty) }

// Int is a whole number in groups of three: 1 234 567, in English 1,234,567.
func (p *Printer) Int(n int64) string { return p.Number(decimal.Int(n)) }

// Number is a number as the language writes it: 1 234 567,89 with no-break spaces, in English 1,234,567.89.
func (p *Printer) Number(d decimal.Decimal) string {
	group, point := nbsp, ","
	if p.Lang == EN {
		group, point = ",", "."
	}
	whole, frac, hasFrac := strings.Cut(d.String(), ".")
	sign := ""
	if rest, negative := strings.CutPrefix(whole, "-"); negative {
		sign, whole = "−", rest
	}
	var b strings.Builder
	b.WriteString(sign)
	for i, digit := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(group)
		}
		b.WriteRune(digit)
	}
	if hasFrac {
		b.WriteString(point + frac)
	}
	return b.String()
}

// Money is a sum in tenge: 43 250 ₸, and with tiyn always two digits of them: 43 250,50 ₸.
func (p *Printer) Money(t money.Tiyn) string {
	text := p.Number(t.Decimal())
	if t.Decimal().Scale() == 1 {
		text += "0"
	}
	return text + nbsp + "₸"
}

// Size is a file's size with at most one digit after the point, in units of 1024: 1,5 МБ, 1.5 MB.
func (p *Printer) Size(bytes int64) string {
	units := [...]string{"байт", "КБ", "МБ", "ГБ", "ТБ"}
	if p.Lang == EN {
		units = [...]string{"bytes", "KB", "MB", "GB", "TB"}
	}
	if bytes < 1024 {
		return strconv.FormatInt(bytes, 10) + nbsp + units[0]
	}
	unit, divisor := 1, int64(1024)
	for unit < len(units)-1 && (bytes/divisor) >= 1024 {
		unit, divisor = unit+1, divisor*1024
	}
	tenths := bytes / divisor * 10
	tenths += (bytes%divisor*10 + divisor/2) / divisor
	if tenths >= 100 { // from ten units upwards the tenths say nothing
		tenths = (tenths + 5) / 10 * 10
	}
	return p.Number(decimal.New(tenths, 1)) + nbsp + units[unit]
}
