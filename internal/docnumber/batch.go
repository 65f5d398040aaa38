package docnumber

import (
	"context"
	"strconv"

	"elicense/internal/fault"
	"elicense/internal/ident"
	"elicense/internal/port"
)

// keyRefill says inside a unit that a block is used up. It never leaves the package: the unit is run again with a new
// block, because taking one is a unit of its own and units are not nested.
const keyRefill = "number.refill"

// Batch holds the numbers that one unit of work uses. A unit may run several times before it takes effect: it gets the
// same numbers each time, and what the last run did not use goes back to the allocator.
type Batch struct {
	a    *Allocator
	got  map[string]int
	used map[string]bool
	want string // code whose block was used up
}

// Update runs a unit of the store that uses numbers.
func (a *Allocator) Update(ctx context.Context, f func(tx port.Tx, numbers *Batch) error) error {
	b := &Batch{a: a, got: map[string]int{}, used: map[string]bool{}}
	for {
		err := a.Store.Update(ctx, func(tx port.Tx) error {
			clear(b.used)
			return f(tx, b)
		})
		if !fault.Is(err, keyRefill) {
			if fault.KindOf(err) != fault.Unavailable || err == nil {
				b.done(err == nil)
			}
			return err
		}
		if err := a.refill(ctx, b.want); err != nil {
			b.done(false)
			return err
		}
	}
}

// done ends the batch: all numbers go back when the unit did not take effect, else those that it did not use. When it is
// not known whether it took effect (the connection was lost while committing) none goes back.
func (b *Batch) done(took bool) {
	for code, n := range b.got {
		if !took || !b.used[code] {
			b.a.putBack(code, n)
		}
	}
}

// Number gives the batch's KZ number of a code.
func (b *Batch) Number(code string) (string, error) {
	n, err := b.next(code)
	return ident.DocumentNumber(code, n), err
}

// Journal gives the batch's place in the journal of a state body, by its stamp, in a year.
func (b *Batch) Journal(stamp string, year int) (int, error) {
	return b.next("J/" + stamp + "/" + strconv.Itoa(year))
}

func (b *Batch) next(code string) (int, error) {
	b.used[code] = true
	if n, ok := b.got[code]; ok {
		return n, nil
	}
	n, ok := b.a.held(code).pop()
	if !ok {
		b.want = code
		return 0, fault.New(fault.Internal, keyRefill)
	}
	b.got[code] = n
	return n, nil
}
