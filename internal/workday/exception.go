package workday

import (
	"encoding/json"
	"fmt"
	"slices"

	"elicense/internal/civil"
	"elicense/internal/fault"
)

// KurbanAit is the reason of the first day of Kurban Ait, which is off and does not move.
const KurbanAit = HolidayPrefix + "kurban-ait"

// Exception says of one day what neither the rules nor the built-in decrees say: a decree of this year, the day of Kurban
// Ait. It goes before everything else that is known of the day.
type Exception struct {
	Day    civil.Date `json:"day"`
	Reason string     `json:"reason"` // SwappedOff, SwappedWork, KurbanAit, or AsByLaw in a change
}

// AsByLaw takes the exception of a day back: the rules and the built-in decrees answer for it again.
const AsByLaw = "workday.as-by-law"

// Exceptions are those of the calendar, by day.
func (c *Calendar) Exceptions() []Exception { return slices.Clone(c.more) }

// Change is the calendar with some exceptions more or less, under its own version. A change that changes nothing is refused
// as a field fault: "calendar.off-already", "calendar.works-already", "calendar.no-exception", "calendar.twice". The path
// is the change's reason.
func (c *Calendar) Change(version string, changes []Exception) (*Calendar, []fault.Field) {
	var wrong []fault.Field
	more := slices.Clone(c.more)
	seen := map[civil.Date]bool{}
	for _, x := range changes {
		at := slices.IndexFunc(more, func(e Exception) bool { return e.Day == x.Day })
		works, reason := c.IsWorking(x.Day)
		key := ""
		switch {
		case seen[x.Day]:
			key = "calendar.twice"
		case x.Reason == AsByLaw && at < 0:
			key = "calendar.no-exception"
		case x.Reason == SwappedWork && works:
			key = "calendar.works-already"
		case x.Reason == SwappedOff && !works, x.Reason == KurbanAit && reason == KurbanAit:
			key = "calendar.off-already"
		}
		seen[x.Day] = true
		if key != "" {
			wrong = append(wrong, fault.Field{Path: x.Reason, Key: key, Args: DayArg(x.Day)})
			continue
		}
		if at >= 0 {
			more = slices.Delete(more, at, at+1)
		}
		if x.Reason != AsByLaw {
			more = append(more, x)
		}
	}
	slices.SortFunc(more, func(a, b Exception) int { return a.Day.Compare(b.Day) })
	return c.Except(version, more), wrong
}

// DayArg names a day in a message, as people of all three languages write it.
func DayArg(d civil.Date) fault.Args {
	return fault.Args{"day": fmt.Sprintf("%02d.%02d.%04d", d.Day, int(d.Month), d.Year)}
}

// Except is the calendar with these exceptions and no others, under its own version.
func (c *Calendar) Except(version string, more []Exception) *Calendar {
	days := make([]civil.Date, 0, len(c.kurban))
	for day := range c.kurban {
		days = append(days, day)
	}
	return build(version, c.holidays, days, c.swaps, more)
}

// stored is a calendar as it is kept: everything that decides which days are worked.
type stored struct {
	Version    string       `json:"version"`
	Holidays   []Holiday    `json:"holidays"`
	Kurban     []civil.Date `json:"kurban"`
	Swaps      []Swap       `json:"swaps"`
	Exceptions []Exception  `json:"exceptions,omitempty"`
}

// MarshalJSON writes the calendar whole, so that a deadline can be counted again after the built-in data has changed.
func (c *Calendar) MarshalJSON() ([]byte, error) {
	s := stored{Version: c.Version, Holidays: c.holidays, Swaps: c.swaps, Exceptions: c.more}
	for day := range c.kurban {
		s.Kurban = append(s.Kurban, day)
	}
	slices.SortFunc(s.Kurban, civil.Date.Compare)
	return json.Marshal(s)
}

// Read reads what MarshalJSON wrote.
func Read(text []byte) (*Calendar, error) {
	var s stored
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, err
	}
	return build(s.Version, s.Holidays, s.Kurban, s.Swaps, s.Exceptions), nil
}
