package access

import (
	"slices"
	"time"

	"elicense/internal/civil"
)

// Absence is a time in which an official is away and a deputy of the same body works in their place. It begins and ends
// by its dates; nobody has to undo it.
type Absence struct {
	ID        string
	Body      string
	Official  string     // account of who is away
	Deputy    string     // account of who works in their place
	Service   string     // the deputy works on this service only; "" = on all
	From, To  civil.Date // both days belong to it
	Reason    string
	By        string // account of who entered it
	CreatedAt time.Time
	EndedAt   time.Time // withdrawn before its last day; zero = it was not
	EndedBy   string
}

// On tells whether the deputy works in the official's place on a day.
func (a Absence) On(day civil.Date) bool {
	return a.EndedAt.IsZero() && !day.Before(a.From) && !day.After(a.To)
}

// Absent is an official in whose place the actor works today: on applications, and in nothing else. It holds the
// official's own duties and never those that the official has in the place of others.
type Absent struct {
	Account string
	Person  string // IIN
	Service string // "" = all
	Duties  []Duty
}

// Covers tells whether the place is taken for a service and one of the duties.
func (x Absent) Covers(service string, duties ...Duty) bool {
	return (x.Service == "" || x.Service == service) && slices.ContainsFunc(duties, func(d Duty) bool { return slices.Contains(x.Duties, d) })
}
