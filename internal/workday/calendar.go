// Package workday knows which days are worked in Kazakhstan and counts terms in them, giving for every day the reason
// why it counts or not, so that a deadline can be explained to the person who asks.
package workday

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"time"

	"elicense/internal/civil"
)

// The reasons, which are message keys. A holiday's is HolidayPrefix and its name: "workday.holiday.nauryz".
const (
	Works         = "workday.works"
	Weekend       = "workday.weekend"
	Moved         = "workday.moved"        // a holiday on a weekend gave this day off
	SwappedOff    = "workday.swapped-off"  // off by government decree
	SwappedWork   = "workday.swapped-work" // worked by government decree
	HolidayPrefix = "workday.holiday."
)

// version names the rules and dates in data; it changes with any of them, and a recorded deadline keeps it.
const version = "kz-2027.1"

// The years for which Default has every source: swaps begin in 2012 and the Kurban Ait dates end with 2027.
const (
	firstYear = 2012
	lastYear  = 2027
)

//go:embed data/holidays.tsv
var holidaysTSV string

//go:embed data/kurban-ait.tsv
var kurbanTSV string

//go:embed data/swaps.tsv
var swapsTSV string

// Holiday is one fixed day of the law, for the years From to To, both included and open where zero.
type Holiday struct {
	Month    time.Month
	Day      int
	Name     string // the end of its message key
	From, To int
	Moves    bool // on a weekend the next working day is off instead
}

// Swap is a day off by decree and the day worked for it, which would have been off: mostly of a weekend, sometimes one to
// which a holiday had moved.
type Swap struct{ Off, Work civil.Date }

// Calendar answers for any year by its rules. It never changes after it is made and is safe for use from many goroutines.
type Calendar struct {
	// Version names rules and dates, to be stored with every computed deadline.
	Version string

	holidays []Holiday
	kurban   map[civil.Date]bool
	swaps    []Swap
	more     []Exception
	years    map[int]map[civil.Date]string // the days that differ from plain weeks, for the usual years
}

// Default is the calendar of the law with the decrees known when the program was built.
func Default() *Calendar {
	holidays, kurban, swaps, err := seed()
	if err != nil {
		panic("workday: embedded data: " + err.Error()) // a test reads the same bytes
	}
	return build(version, holidays, kurban, swaps, nil)
}

func build(version string, holidays []Holiday, kurban []civil.Date, swaps []Swap, more []Exception) *Calendar {
	c := &Calendar{Version: version, holidays: holidays, swaps: swaps, more: more, kurban: map[civil.Date]bool{}, years: map[int]map[civil.Date]string{}}
	for _, day := range kurban {
		c.kurban[day] = true
	}
	for year := firstYear - 5; year <= lastYear+10; year++ {
		c.years[year] = c.exceptions(year)
	}
	return c
}

// Covers tells whether the decrees of that year are known; in other years the rules of the law alone answer.
func (c *Calendar) Covers(d civil.Date) bool { return d.Year >= firstYear && d.Year <= lastYear }

// exceptions lists the days of a year that are not plain weekdays or weekends, with their reasons. No move crosses the
// end of a year: the last holiday is 17 December.
func (c *Calendar) exceptions(year int) map[civil.Date]string {
	days := map[civil.Date]string{}
	for day := range c.kurban {
		if day.Year == year {
			days[day] = KurbanAit
		}
	}
	var moving []civil.Date
	for _, h := range c.holidays {
		if (h.From != 0 && year < h.From) || (h.To != 0 && year > h.To) {
			continue
		}
		day := civil.New(year, h.Month, h.Day)
		days[day] = HolidayPrefix + h.Name
		if h.Moves && weekend(day) {
			moving = append(moving, day)
		}
	}
	for _, day := range moving { // the file is in order of days, so two holidays of one weekend take two days
		next := day.AddDays(1)
		for weekend(next) || days[next] != "" {
			next = next.AddDays(1)
		}
		days[next] = Moved
	}
	for _, swap := range c.swaps {
		if swap.Off.Year == year {
			days[swap.Off] = SwappedOff
		}
		if swap.Work.Year == year {
			days[swap.Work] = SwappedWork
		}
	}
	for _, x := range c.more {
		if x.Day.Year == year {
			days[x.Day] = x.Reason
		}
	}
	return days
}

func weekend(d civil.Date) bool {
	w := d.Weekday()
	return w == time.Saturday || w == time.Sunday
}

// IsWorking tells whether a day is worked, and why: one of the reason keys.
func (c *Calendar) IsWorking(d civil.Date) (bool, string) {
	days, ok := c.years[d.Year]
	if !ok {
		days = c.exceptions(d.Year)
	}
	switch reason := days[d]; {
	case reason == SwappedWork:
		return true, reason
	case reason != "":
		return false, reason
	case weekend(d):
		return false, Weekend
	}
	return true, Works
}

// Step is one day of a term.
type Step struct {
	Date   civil.Date
	Counts bool
	Reason string
}

// Add counts n working days after from and gives the last of them, with every day on the way. The day of filing, from
// itself, is not counted. For n below 1 the answer is from and no steps.
func (c *Calendar) Add(from civil.Date, n int) (civil.Date, []Step) {
	var steps []Step
	day := from
	for n > 0 {
		day = day.AddDays(1)
		counts, reason := c.IsWorking(day)
		steps = append(steps, Step{day, counts, reason})
		if counts {
			n--
		}
	}
	return day, steps
}

// Back is the day that lies n working days before to, for duties such as "at least three working days before the end".
func (c *Calendar) Back(to civil.Date, n int) civil.Date {
	for n > 0 {
		to = to.AddDays(-1)
		if counts, _ := c.IsWorking(to); counts {
			n--
		}
	}
	return to
}

// Between counts the working days after from up to and including to: the days left of a term. It is negative when to
// lies before from.
func (c *Calendar) Between(from, to civil.Date) int {
	if to.Before(from) {
		return -c.Between(to, from)
	}
	n := 0
	for day := from.AddDays(1); !day.After(to); day = day.AddDays(1) {
		if counts, _ := c.IsWorking(day); counts {
			n++
		}
	}
	return n
}

// Next is d where it is worked, else the first working day after it.
func (c *Calendar) Next(d civil.Date) civil.Date {
	for {
		if counts, _ := c.IsWorking(d); counts {
			return d
		}
		d = d.AddDays(1)
	}
}

func seed() (holidays []Holiday, kurban []civil.Date, swaps []Swap, err error) {
	if holidays, err = parseHolidays(holidaysTSV); err != nil {
		return nil, nil, nil, err
	}
	if kurban, err = ParseDays(kurbanTSV); err != nil {
		return nil, nil, nil, err
	}
	swaps, err = ParseSwaps(swapsTSV)
	return holidays, kurban, swaps, err
}

// rows splits a table of tab-separated columns under one line of headings, and checks their number.
func rows(text string, columns int) ([][]string, error) {
	var out [][]string
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSuffix(line, "\r")
		if i == 0 || line == "" {
			continue
		}
		cells := strings.Split(line, "\t")
		if len(cells) != columns {
			return nil, fmt.Errorf("line %d: %d columns, not %d", i+1, len(cells), columns)
		}
		out = append(out, cells)
	}
	return out, nil
}

// ParseSwaps reads a table of two columns, the day off and the day worked instead, under one line of headings.
func ParseSwaps(text string) ([]Swap, error) {
	table, err := rows(text, 2)
	if err != nil {
		return nil, err
	}
	swaps := make([]Swap, 0, len(table))
	for i, cells := range table {
		off, err1 := civil.ParseDate(cells[0])
		work, err2 := civil.ParseDate(cells[1])
		if err1 != nil || err2 != nil || off == work {
			return nil, fmt.Errorf("swap %d: wants two different days", i+1)
		}
		swaps = append(swaps, Swap{off, work})
	}
	return swaps, nil
}

// ParseDays reads a table of one column of dates under one line of headings.
func ParseDays(text string) ([]civil.Date, error) {
	table, err := rows(text, 1)
	if err != nil {
		return nil, err
	}
	days := make([]civil.Date, 0, len(table))
	for i, cells := range table {
		day, err := civil.ParseDate(cells[0])
		if err != nil {
			return nil, fmt.Errorf("day %d: %w", i+1, err)
		}
		days = append(days, day)
	}
	return days, nil
}

func parseHolidays(text string) ([]Holiday, error) {
	table, err := rows(text, 5)
	if err != nil {
		return nil, err
	}
	var out []Holiday
	for i, cells := range table {
		day, err := civil.ParseDate("2000-" + cells[0])
		from, err1 := strconv.Atoi(cells[2])
		to, err2 := strconv.Atoi(cells[3])
		if err != nil || err1 != nil || err2 != nil || cells[1] == "" || (cells[4] != "yes" && cells[4] != "no") {
			return nil, fmt.Errorf("holiday %d: cannot be read", i+1)
		}
		out = append(out, Holiday{day.Month, day.Day, cells[1], from, to, cells[4] == "yes"})
	}
	return out, nil
}
