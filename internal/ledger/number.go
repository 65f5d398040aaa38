package ledger

import (
	"fmt"
	"regexp"
	"strings"

	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/lang"
)

// nationalDigits is the length of a national number: code and subscriber number together (E.164 under +7).
const nationalDigits = 10

// Code is an area or network code of the numbering plan, three to five digits, such as "7172". Kazakhstan's share of +7
// are the national numbers that begin with 0, 6 and 7.
type Code string

// ParseCode reads a code as people write it: "717-2", "7172", "717 2". A wrong one is fault.Invalid "ledger.code".
func ParseCode(s string) (Code, error) {
	s = strings.NewReplacer(" ", "", "-", "").Replace(s)
	if !codeShape.MatchString(s) {
		return "", fault.New(fault.Invalid, "ledger.code")
	}
	return Code(s), nil
}

var codeShape = regexp.MustCompile(`^[067][0-9]{2,4}$`)

// Width is how many digits a subscriber number of the code has.
func (c Code) Width() int { return nationalDigits - len(c) }

// Size is how many subscriber numbers the code can hold.
func (c Code) Size() int64 {
	size := int64(1)
	for range c.Width() {
		size *= 10
	}
	return size
}

// String writes the code as in the numbering plan: zone and place apart, "717-2".
func (c Code) String() string {
	if len(c) <= 3 {
		return string(c)
	}
	return string(c[:3]) + "-" + string(c[3:])
}

// Number writes a subscriber number with all its digits.
func (c Code) Number(n int64) string { return fmt.Sprintf("%0*d", c.Width(), n) }

// RangeState is what became of the numbers of a range.
type RangeState string

// The states of a range.
const (
	Free        RangeState = "free"
	Reserved    RangeState = "reserved"    // for an application that is not decided yet
	Allocated   RangeState = "allocated"   // by a permit
	Withdrawn   RangeState = "withdrawn"   // from its holder
	Quarantined RangeState = "quarantined" // silent until nobody dials the former holder any more
)

// RangeStates lists the states in the order of a range's life.
func RangeStates() []RangeState {
	return []RangeState{Free, Reserved, Allocated, Withdrawn, Quarantined}
}

// RangeEvent moves a range from one state to another.
type RangeEvent string

// The events in the life of a range.
const (
	Reserve    RangeEvent = "reserve"
	Release    RangeEvent = "release"
	Allocate   RangeEvent = "allocate"
	Withdraw   RangeEvent = "withdraw"
	Quarantine RangeEvent = "quarantine"
	Return     RangeEvent = "return" // the quarantine is over
)

// rangeMove is a legal move.
type rangeMove struct {
	event    RangeEvent
	from, to RangeState
}

// rangeMoves is the whole table: what is not here is refused. A number comes back to the free ones by quarantine only.
func rangeMoves() []rangeMove {
	return []rangeMove{
		{Reserve, Free, Reserved},
		{Release, Reserved, Free},
		{Allocate, Reserved, Allocated},
		{Withdraw, Allocated, Withdrawn},
		{Quarantine, Withdrawn, Quarantined},
		{Return, Quarantined, Free},
	}
}

// Range are neighbouring numbers of one code in one state. The ranges of a code never overlap.
type Range struct {
	Code        Code
	First, Last int64 // subscriber numbers, both within the range
	State       RangeState
	Application string // that it is reserved or was allocated for; empty where it came by import
	Permit      string // that allocates it; as imported, the paper that did
	// Holder is the party with its name and number as on the permit.
	Party, HolderName, HolderNumber string
	Since                           civil.Date // of this state
	Until                           civil.Date // last day of the quarantine
	Ground                          string     // of the withdrawal: id of its order
}

// Size is how many numbers the range has.
func (r Range) Size() int64 { return r.Last - r.First + 1 }

// Valid tells whether the numbers exist under the code: otherwise fault.Invalid "ledger.code" or "ledger.range".
func (r Range) Valid() error {
	if !codeShape.MatchString(string(r.Code)) {
		return fault.New(fault.Invalid, "ledger.code")
	}
	if r.First < 0 || r.Last < r.First || r.Last >= r.Code.Size() {
		return fault.New(fault.Invalid, "ledger.range")
	}
	return nil
}

// Overlaps tells whether the two have a number in common.
func (r Range) Overlaps(other Range) bool {
	return r.Code == other.Code && r.First <= other.Last && other.First <= r.Last
}

// Within tells whether every number of the range is one of the other's.
func (r Range) Within(other Range) bool {
	return r.Code == other.Code && r.First >= other.First && r.Last <= other.Last
}

// SameNumbers tells whether the two hold exactly the same numbers.
func (r Range) SameNumbers(other Range) bool { return r.Within(other) && other.Within(r) }

// move applies an event to the state; what the table does not know is fault.Conflict "ledger.move".
func (r Range) move(e RangeEvent, on civil.Date) (Range, error) {
	for _, m := range rangeMoves() {
		if m.event == e && m.from == r.State {
			r.State, r.Since = m.to, on
			return r, nil
		}
	}
	return r, fault.New(fault.Conflict, "ledger.move")
}

// ReserveFor keeps a free range for an application.
func (r Range) ReserveFor(application string, on civil.Date) (Range, error) {
	next, err := r.move(Reserve, on)
	next.Application = application
	return next, err
}

// Released gives a reserved range back.
func (r Range) Released(on civil.Date) (Range, error) { return r.freed(Release, on) }

// Grant is what an allocation rests on.
type Grant struct{ Permit, Party, HolderName, HolderNumber string }

// AllocatedBy gives a reserved range to the holder of a permit.
func (r Range) AllocatedBy(g Grant, on civil.Date) (Range, error) {
	next, err := r.move(Allocate, on)
	next.Permit, next.Party, next.HolderName, next.HolderNumber = g.Permit, g.Party, g.HolderName, g.HolderNumber
	return next, err
}

// WithdrawnFor takes an allocated range from its holder. The ground is required (fault.Invalid "ledger.ground"): a
// withdrawal can be appealed.
func (r Range) WithdrawnFor(ground string, on civil.Date) (Range, error) {
	if strings.TrimSpace(ground) == "" {
		return r, fault.At("ground", "ledger.ground")
	}
	next, err := r.move(Withdraw, on)
	next.Ground = strings.TrimSpace(ground)
	return next, err
}

// QuarantinedUntil keeps a withdrawn range silent to the end of a day, which may not be over (fault.Invalid
// "ledger.until").
func (r Range) QuarantinedUntil(until, on civil.Date) (Range, error) {
	if until.Before(on) {
		return r, fault.At("until", "ledger.until")
	}
	next, err := r.move(Quarantine, on)
	next.Until = until
	return next, err
}

// Returned frees a range whose quarantine is over: before that it is fault.Conflict "ledger.quarantine".
func (r Range) Returned(on civil.Date) (Range, error) {
	if r.State == Quarantined && !r.Until.Before(on) {
		return r, fault.New(fault.Conflict, "ledger.quarantine")
	}
	return r.freed(Return, on)
}

// freed leaves nothing of the one who had the numbers.
func (r Range) freed(e RangeEvent, on civil.Date) (Range, error) {
	next, err := r.move(e, on)
	if err != nil {
		return r, err
	}
	return Range{Code: r.Code, First: r.First, Last: r.Last, State: next.State, Since: on}, nil
}

// CodeCount is a code with how many numbers it has in each state.
type CodeCount struct {
	Code     Code
	Name     lang.Text // where it is used
	Capacity int64     // numbers that were ever put under the code: the sum of all states
	Numbers  map[RangeState]int64
}
