package ledger

import (
	"strings"
	"time"
	"unicode/utf8"

	"elicense/internal/access"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/lang"
)

// Order is what officials do with numbers outside of any application: take them from their holder (Withdraw), or end their
// quarantine before its last day (Return). One person proposes it, another confirms it. It stays as the record of the act
// when the numbers are free again and hold nothing of the one who had them.
type Order struct {
	ID          string
	Does        RangeEvent // Withdraw or Return
	Code        Code
	First, Last int64
	Grant       Grant // by which the holder has or had the numbers
	Reason      Reason
	Until       civil.Date // last day of the quarantine that a withdrawal begins
	State       OrderState
	Proposed    Done
	Closed      Done // by whoever confirmed or dropped it
}

// Reason is why: a withdrawal names a legal ground, as it stood that day; both reasons are obligatory.
type Reason struct {
	Ground lang.Text `json:"ground"`
	Act    lang.Text `json:"act"`
	KK     string    `json:"kk"`
	RU     string    `json:"ru"`
}

// Done is who did a part of an order.
type Done struct {
	By     string // account
	Person string // IIN: the other part is another person's
	// For and ForPerson are account and IIN of the absent official in whose place it was done; empty = their own.
	For, ForPerson string
	At             time.Time
}

// Doing is a part of an order that somebody does by one of the duties: their own, or that of an official who is absent from
// all services and in whose place they act. Otherwise fault.Denied "office.no-duty". An absence from one service leaves the
// numbering plan, which is no single service's, to others.
func Doing(a access.Actor, at time.Time, duties ...access.Duty) (Done, error) {
	d := Done{By: a.Account, Person: a.Person, At: at}
	if a.Holds(duties...) {
		return d, nil
	}
	for _, x := range a.Absent {
		if a.Role == access.Officer && x.Service == "" && x.Covers("", duties...) {
			d.For, d.ForPerson = x.Account, x.Person
			return d, nil
		}
	}
	return d, fault.New(fault.Denied, "office.no-duty")
}

// is tells whether a person did it, or had it done.
func (d Done) is(person string) bool {
	return person != "" && (d.Person == person || d.ForPerson == person)
}

// OrderState is what became of an order.
type OrderState string

// The states of an order.
const (
	Proposed  OrderState = "proposed"
	Confirmed OrderState = "confirmed" // and done
	Dropped   OrderState = "dropped"
)

// Numbers are the numbers of the order, as a range in no state.
func (o Order) Numbers() Range { return Range{Code: o.Code, First: o.First, Last: o.Last} }

// maxReason bounds a reason, in characters.
const maxReason = 2000

// Check lists what is wrong with an order that is proposed on a day for numbers of a range, in the order of its form.
func (o Order) Check(of Range, on civil.Date) []fault.Field {
	var wrong []fault.Field
	add := func(path, key string) { wrong = append(wrong, fault.Field{Path: path, Key: key}) }
	switch {
	case o.Code != of.Code || o.First < of.First || o.First > of.Last:
		add("first", "ledger.outside")
	case o.Last < o.First || o.Last > of.Last:
		add("last", "ledger.outside")
	}
	if o.Does == Withdraw && o.Reason.Ground.IsZero() {
		add("ground", "ledger.ground")
	}
	for _, r := range []struct{ path, text string }{{"reason_kk", o.Reason.KK}, {"reason_ru", o.Reason.RU}} {
		switch {
		case strings.TrimSpace(r.text) == "":
			add(r.path, "ledger.reason")
		case utf8.RuneCountInString(r.text) > maxReason:
			add(r.path, "work.too-long")
		}
	}
	if o.Does == Withdraw && (o.Until.IsZero() || o.Until.Before(on)) {
		add("until", "ledger.until")
	}
	return wrong
}

// MayPropose demands the duty of proposing orders; otherwise fault.Denied "office.no-duty".
func MayPropose(a access.Actor) error {
	_, err := Doing(a, time.Time{}, access.Executor)
	return err
}

// MayConfirm demands the duty of confirming, and another person than the one who proposed, by whichever account:
// otherwise fault.Denied "office.no-duty", fault.Conflict "ledger.order-closed" or "work.same-person".
func (o Order) MayConfirm(a access.Actor) error {
	d, err := Doing(a, time.Time{}, access.Approver, access.Head)
	if err != nil {
		return err
	}
	switch {
	case o.State != Proposed:
		return fault.New(fault.Conflict, "ledger.order-closed")
	case o.Proposed.is(d.Person) || o.Proposed.is(d.ForPerson):
		return fault.New(fault.Conflict, "work.same-person")
	}
	return nil
}

// MayDrop lets the one who proposed, or in whose place it was proposed, take the order back, and whoever may confirm it refuse it.
func (o Order) MayDrop(a access.Actor) error {
	if o.State == Proposed && o.Proposed.is(a.Person) {
		return nil
	}
	return o.MayConfirm(a)
}

// Apply does the order to numbers as they stand now: withdrawn ones are in quarantine at once, returned ones are free.
// Numbers that somebody else has meanwhile are fault.Conflict "ledger.order-stale".
func (o Order) Apply(r Range, on civil.Date) (Range, error) {
	if o.Grant != r.grant() {
		return r, fault.New(fault.Conflict, "ledger.order-stale")
	}
	if o.Does == Return {
		return r.freed(Return, on)
	}
	withdrawn, err := r.WithdrawnFor(o.ID, on)
	if err != nil {
		return r, err
	}
	return withdrawn.QuarantinedUntil(o.Until, on)
}

// grant is what the range's allocation rests on.
func (r Range) grant() Grant { return Grant{r.Permit, r.Party, r.HolderName, r.HolderNumber} }

// Order begins an order about a range; its numbers may be a part of it. A state in which nothing can be ordered is
// fault.Conflict "ledger.move".
func (r Range) Order() (Order, error) {
	does, ok := map[RangeState]RangeEvent{Allocated: Withdraw, Quarantined: Return}[r.State]
	if !ok {
		return Order{}, fault.New(fault.Conflict, "ledger.move")
	}
	return Order{Does: does, Code: r.Code, First: r.First, Last: r.Last, Grant: r.grant(), State: Proposed}, nil
}
