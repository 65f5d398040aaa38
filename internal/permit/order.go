package permit

import (
	"time"

	"elicense/internal/access"
	"elicense/internal/fault"
)

// Order is an act that one official of the body that issued the permit proposes and another person confirms. It stays as the
// record of who did which part; a confirmed one has become an act.
type Order struct {
	ID       string
	Body     string
	Act      Act // without number, author and time
	State    OrderState
	Proposed Done
	Closed   Done // by whoever confirmed or dropped it
}

// Done is who did a part of an order.
type Done struct {
	By     string // account
	Person string // IIN: the other part is another person's
	At     time.Time
}

// OrderState is what became of an order.
type OrderState string

// The states of an order.
const (
	Proposed  OrderState = "proposed"
	Confirmed OrderState = "confirmed" // and done
	Dropped   OrderState = "dropped"
)

// MayPropose demands the duty of proposing acts; otherwise fault.Denied "office.no-duty".
func MayPropose(a access.Actor) error { return duty(a, access.Executor) }

// MayConfirm demands the duty of confirming, and another person than the one who proposed, by whichever account:
// otherwise fault.Denied "office.no-duty", fault.Conflict "permit.order-closed" or "work.same-person".
func (o Order) MayConfirm(a access.Actor) error {
	if err := duty(a, access.Approver, access.Head); err != nil {
		return err
	}
	switch {
	case o.State != Proposed:
		return fault.New(fault.Conflict, "permit.order-closed")
	case o.Proposed.Person == a.Person:
		return fault.New(fault.Conflict, "work.same-person")
	}
	return nil
}

// MayDrop lets the one who proposed take the order back, and whoever may confirm it refuse it.
func (o Order) MayDrop(a access.Actor) error {
	if o.State == Proposed && o.Proposed.Person == a.Person {
		return nil
	}
	return o.MayConfirm(a)
}

func duty(a access.Actor, duties ...access.Duty) error {
	if !a.Holds(duties...) {
		return fault.New(fault.Denied, "office.no-duty")
	}
	return nil
}
