package billing

import (
	"fmt"
	"sync"
	"testing"

	"elicense/internal/charge"
	"elicense/internal/fault"
	"elicense/internal/port"
)

// every order of seven things that happen around one payment ends with one settlement and one receipt. What comes
// before our own commit is refused as unknown and sent again by the gateway, as is what comes while we are down.
func TestEveryOrderSettlesOnce(t *testing.T) {
	h := open(t)
	orders := permutations(7)
	if testing.Short() {
		orders = orders[:200]
	}
	invoices := make([]charge.Invoice, len(orders))
	for k := range invoices {
		a := h.draft()
		invoices[k] = charge.Invoice{ID: fmt.Sprintf("invoice-%d", k), Application: a.Number, Party: a.Party, Amount: fee, Purpose: "issue", State: charge.Due, Version: 1, CreatedAt: h.world.Now()}
	}
	work := make(chan int)
	var wait sync.WaitGroup
	for range 16 {
		wait.Go(func() {
			for k := range work {
				if err := h.play(invoices[k], orders[k]); err != nil {
					t.Errorf("order %v: %v", orders[k], err)
				}
			}
		})
	}
	for k := range orders {
		work <- k
	}
	close(work)
	wait.Wait()
	acts := h.acts()
	for k, i := range invoices {
		if n := acts["invoice.paid invoice/"+i.ID]; n != 1 {
			t.Fatalf("order %v: %d settlements", orders[k], n)
		}
		if got := h.invoice(i.ID); got.State != charge.Paid || got.Receipt != "R-"+i.ID || got.Version != 2 {
			t.Fatalf("order %v: %+v", orders[k], got)
		}
	}
}

// play lets the seven things happen in an order; what was refused as unknown comes again at the end.
func (h *house) play(i charge.Invoice, order []int) error {
	notice := func(suffix string, outcome charge.Outcome) func() error {
		n := settled(i.ID, i.ID+suffix)
		n.Outcome = outcome
		return func() error { return h.deliver(n) }
	}
	things := []func() error{
		func() error { // created
			return h.store.Update(h.t.Context(), func(tx port.Tx) error { tx.Write().Invoices().Add(i); return nil })
		},
		notice("-pending", charge.Pending), notice("-paid", charge.Settled), notice("-paid", charge.Settled), notice("-again", charge.Settled), notice("-failed", charge.Failed),
		func() error { // the person comes back
			_, _, err := h.Status(h.t.Context(), h.actor, i.Application)
			return err
		},
	}
	var again []func() error
	for _, k := range order {
		err := things[k]()
		if fault.Is(err, KeyUnknownInvoice) {
			again = append(again, things[k])
			continue
		}
		if err != nil {
			return err
		}
	}
	for _, f := range again {
		if err := f(); err != nil {
			return err
		}
	}
	return nil
}

// permutations lists the orders of n things.
func permutations(n int) [][]int {
	if n == 0 {
		return [][]int{{}}
	}
	var out [][]int
	for _, p := range permutations(n - 1) {
		for at := 0; at <= len(p); at++ {
			q := append(append(append([]int{}, p[:at]...), n-1), p[at:]...)
			out = append(out, q)
		}
	}
	return out
}
