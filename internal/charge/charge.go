// Package charge is what is owed for an application and how it was paid.
package charge

import (
	"time"

	"elicense/internal/fault"
	"elicense/internal/money"
)

// State of an invoice.
type State string

// The states. A payment for an application that no longer exists is kept as returnable: money is never lost from sight.
const (
	Due        State = "due"
	Paid       State = "paid"
	Returnable State = "returnable" // paid, but the application is gone
	Void       State = "void"       // not paid, and no longer wanted
)

// Invoice is what one application owes.
type Invoice struct {
	ID          string
	Application string
	Party       string
	Amount      money.Tiyn
	Purpose     string // what is paid for: operation key
	State       State
	PaidAt      time.Time
	Receipt     string // number given by the gateway
	Version     int
	CreatedAt   time.Time
}

// Notice is what the payment gateway says in a callback whose signature was verified.
type Notice struct {
	ID       string // the gateway's id of this notice; the same notice may come many times
	Invoice  string
	Outcome  Outcome
	Amount   money.Tiyn
	Currency string
	Receipt  string
	At       time.Time
}

// Outcome of a payment attempt.
type Outcome string

// The outcomes.
const (
	Settled Outcome = "paid"
	Failed  Outcome = "failed"
	Pending Outcome = "pending"
)

// Apply gives the invoice as the notice leaves it. A second settlement changes nothing; a failure after a settlement
// changes nothing; a wrong sum or currency is a fault.
func (i Invoice) Apply(n Notice) (Invoice, bool, error) {
	if n.Invoice != i.ID {
		return i, false, fault.New(fault.Invalid, "payment.wrong-invoice")
	}
	if n.Outcome != Settled {
		return i, false, nil
	}
	if n.Currency != "KZT" || n.Amount != i.Amount {
		return i, false, fault.New(fault.Invalid, "payment.wrong-sum")
	}
	switch i.State {
	case Due:
		i.State = Paid
	case Void:
		i.State = Returnable
	default:
		return i, false, nil
	}
	i.PaidAt, i.Receipt = n.At, n.Receipt
	return i, true, nil
}

// Cancel gives the invoice after its application was deleted.
func (i Invoice) Cancel() Invoice {
	switch i.State {
	case Due:
		i.State = Void
	case Paid:
		i.State = Returnable
	}
	return i
}
