// Package billing is the fee of an application: one invoice, the way to the payment gateway, and what the gateway's
// notices do to it. One payment settles one invoice once, in whatever order and however often the notices come, and no
// money is lost from sight: what was paid for a draft that is gone is kept as returnable.
package billing

import (
	"context"
	"strconv"
	"time"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/audit"
	"elicense/internal/charge"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/money"
	"elicense/internal/port"
)

// The faults of this package, besides those of charge ("payment.wrong-sum") and of the gateway's adapter.
const (
	KeyUnknownInvoice = "payment.unknown-invoice" // a notice came before our own commit, or for nothing of ours
	KeyAlreadyPaid    = "payment.already-paid"
	KeyNotOwed        = "payment.not-owed" // the application has no invoice
	KeyAmount         = "payment.amount"   // a sum that nobody can owe
)

// Billing holds the use cases. It is safe for use by many goroutines.
type Billing struct {
	store    port.Store
	world    port.World
	payments port.Payments
}

// New makes the use cases.
func New(store port.Store, world port.World, payments port.Payments) *Billing {
	return &Billing{store, world, payments}
}

// OwedFor gives the invoice of an application that is not void, inside another use case's unit; ok tells whether there is
// one. An application may be sent when its invoice is charge.Paid.
func OwedFor(ctx context.Context, v port.View, number string) (i charge.Invoice, ok bool, err error) {
	return v.Invoices().OfApplication(ctx, number)
}

// EnsureIn adds to a unit what is missing for one living invoice of a draft: the invoice, or a new sum where nothing was
// paid yet. What was paid stays as it is. It gives the invoice as the unit leaves it. purpose is the key of the operation.
//
// A draft that gets its invoice from two windows at once makes Update end with fault.Conflict "store.invoice-exists"; run
// the unit again then.
func (b *Billing) EnsureIn(ctx context.Context, tx port.Tx, actor access.Actor, a application.Application, amount money.Tiyn, purpose string) (charge.Invoice, error) {
	if err := access.May(actor, access.Change, a.Party); err != nil {
		return charge.Invoice{}, err
	}
	if amount <= 0 {
		return charge.Invoice{}, fault.New(fault.Internal, KeyAmount)
	}
	i, ok, err := OwedFor(ctx, tx, a.Number)
	switch {
	case err != nil:
		return charge.Invoice{}, err
	case ok && (i.State != charge.Due || (i.Amount == amount && i.Purpose == purpose)):
		return i, nil
	case a.State != application.Draft:
		return charge.Invoice{}, fault.New(fault.Conflict, "application.wrong-state").With(fault.Args{"state": string(a.State)})
	}
	now := b.world.Now()
	if ok {
		i.Amount, i.Purpose = amount, purpose
		tx.Write().Invoices().Change(i)
		record(tx, b.world, actor.Name(), "invoice.changed", i, now, nil)
		i.Version++
		return i, nil
	}
	i = charge.Invoice{ID: b.world.ID(), Application: a.Number, Party: a.Party, Amount: amount, Purpose: purpose, State: charge.Due, Version: 1, CreatedAt: now}
	tx.Write().Invoices().Add(i)
	record(tx, b.world, actor.Name(), "invoice.created", i, now, nil)
	return i, nil
}

// EnsureInvoice is EnsureIn in a unit of its own.
func (b *Billing) EnsureInvoice(ctx context.Context, actor access.Actor, number string, amount money.Tiyn, purpose string) (charge.Invoice, error) {
	var i charge.Invoice
	unit := func(tx port.Tx) error {
		a, err := tx.Applications().Application(ctx, number)
		if err != nil {
			return err
		}
		i, err = b.EnsureIn(ctx, tx, actor, a, amount, purpose)
		return err
	}
	err := b.store.Update(ctx, unit)
	if fault.Is(err, "store.invoice-exists") { // another window made it in the same moment
		err = b.store.Update(ctx, unit)
	}
	return i, err
}

// CancelIn adds to the unit that deletes a draft what becomes of its invoice: void when nothing was paid, returnable when
// something was. Without an invoice it adds nothing. It needs no gateway, and so no Billing.
func CancelIn(ctx context.Context, tx port.Tx, world port.World, actor access.Actor, number string) error {
	i, ok, err := OwedFor(ctx, tx, number)
	if err != nil || !ok {
		return err
	}
	next := i.Cancel()
	if next.State == i.State {
		return nil
	}
	tx.Write().Invoices().Change(next)
	record(tx, world, actor.Name(), "invoice."+string(next.State), next, world.Now(), nil)
	return nil
}

// RepriceIn adds to the unit that moves a draft to other rules what becomes of its invoice. What was paid stays as it is;
// one that was not paid gets the new sum, or is void where nothing is owed any more. A notice of the old sum that comes
// afterwards is refused and recorded, as after every change of a sum ("payment.wrong-sum"): a person gives it back.
func RepriceIn(ctx context.Context, tx port.Tx, world port.World, actor access.Actor, a application.Application, amount money.Tiyn) error {
	i, ok, err := OwedFor(ctx, tx, a.Number)
	if err != nil || !ok || i.State != charge.Due || (i.Amount == amount && i.Purpose == a.Operation) {
		return err
	}
	action := "invoice.changed"
	if amount > 0 {
		i.Amount, i.Purpose = amount, a.Operation
	} else {
		i.State, action = charge.Void, "invoice."+string(charge.Void)
	}
	tx.Write().Invoices().Change(i)
	record(tx, world, actor.Name(), action, i, world.Now(), nil)
	return nil
}

// Status gives the invoice of one's own application; ok tells whether there is one.
func (b *Billing) Status(ctx context.Context, actor access.Actor, number string) (i charge.Invoice, ok bool, err error) {
	err = b.store.View(ctx, func(v port.View) error {
		a, err := v.Applications().Application(ctx, number)
		if err != nil {
			return err
		}
		if err := access.May(actor, access.View, a.Party); err != nil {
			return err
		}
		i, ok, err = OwedFor(ctx, v, number)
		return err
	})
	return i, ok, err
}

// Start gives the address at the gateway where the person pays. back is where the gateway sends the person afterwards,
// on our own origin; coming back proves nothing, only a notice does. Faults: fault.NotFound KeyNotOwed, fault.Conflict
// KeyAlreadyPaid.
func (b *Billing) Start(ctx context.Context, actor access.Actor, number string, l lang.Lang, back string) (string, error) {
	i, ok, err := b.Status(ctx, actor, number)
	switch {
	case err != nil:
		return "", err
	case !ok:
		return "", fault.New(fault.NotFound, KeyNotOwed)
	case i.State != charge.Due:
		return "", fault.New(fault.Conflict, KeyAlreadyPaid)
	}
	return b.payments.Address(i, l, back)
}

// HandleNotice takes a callback of the gateway. nil means: understood and kept, send it no more. The row that remembers the
// notice and its effect are one unit, so a notice has its effect once, however often and on however many nodes it comes
// at once; and where we fall over before the commit, the repetition still finds everything to do.
//
// Faults: fault.Denied "payment.forged", fault.Invalid "payment.malformed" and "payment.stale" from the adapter;
// fault.NotFound KeyUnknownInvoice, so that the gateway sends it again; fault.Invalid "payment.wrong-sum", the first time
// only: it is recorded for a person to look at, and repeating it would not change it.
func (b *Billing) HandleNotice(ctx context.Context, body []byte, signature string) error {
	n, err := b.payments.Notice(body, signature, b.world.Now())
	if err != nil {
		return err
	}
	var refused error
	err = b.store.Update(ctx, func(tx port.Tx) (err error) {
		refused, err = b.settle(ctx, tx, n)
		return err
	})
	if fault.Is(err, "store.notice-exists") {
		return nil // the same notice was handled in the same moment
	}
	if err != nil {
		return err
	}
	return refused
}

// settle adds what a notice does. refused is a fault that is reported although the unit is applied.
func (b *Billing) settle(ctx context.Context, tx port.Tx, n charge.Notice) (refused, err error) {
	if seen, err := tx.Invoices().Noticed(ctx, n.ID); err != nil || seen {
		return nil, err
	}
	i, err := tx.Invoices().Invoice(ctx, n.Invoice)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return nil, fault.New(fault.NotFound, KeyUnknownInvoice)
	}
	if err != nil {
		return nil, err
	}
	now, gateway := b.world.Now(), "gateway"
	next, changed, refused := i.Apply(n)
	tx.Write().Invoices().Notice(n)
	switch {
	case refused != nil:
		record(tx, b.world, gateway, "invoice.notice-refused", i, now, &n)
	case changed:
		if next, err = b.orphaned(ctx, tx, next); err != nil {
			return nil, err
		}
		tx.Write().Invoices().Change(next)
		record(tx, b.world, gateway, "invoice."+string(next.State), next, now, &n)
	case n.Outcome == charge.Settled && n.Receipt != i.Receipt:
		// Paid twice at the gateway: the second sum has to be given back there, and this row is how it is found.
		record(tx, b.world, gateway, "invoice.paid-again", i, now, &n)
	}
	return refused, nil
}

// orphaned makes a payment returnable whose draft was deleted in the moment in which its invoice was made.
func (b *Billing) orphaned(ctx context.Context, tx port.Tx, i charge.Invoice) (charge.Invoice, error) {
	if i.State != charge.Paid {
		return i, nil
	}
	_, err := tx.Applications().Application(ctx, i.Application)
	if err != nil && fault.KindOf(err) == fault.NotFound {
		i.State, err = charge.Returnable, nil
	}
	return i, err
}

// record adds the audit row of an act on an invoice.
func record(tx port.Tx, world port.World, actor, action string, i charge.Invoice, at time.Time, n *charge.Notice) {
	details := map[string]string{"application": i.Application, "amount": strconv.FormatInt(int64(i.Amount), 10), "state": string(i.State)}
	if n != nil {
		details["notice"], details["receipt"] = n.ID, n.Receipt
		details["paid"], details["currency"] = strconv.FormatInt(int64(n.Amount), 10), n.Currency
	}
	tx.Write().Records().Audit(audit.Entry{
		ID: world.ID(), Salt: world.Random(16), At: at, Actor: actor, Action: action, Object: "invoice/" + i.ID, Details: details,
	})
}
