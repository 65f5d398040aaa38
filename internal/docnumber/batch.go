package docnumber

import (
	"context"
	"strconv"

	"elicense/internal/ident"
)

// Batch holds the numbers that one unit of work uses. A unit may run several times before it takes effect: it gets the
// same numbers each time, and what the last run did not use goes back to the allocator.
type Batch struct {
	a    *Allocator
	got  map[string]int
	used map[string]bool
}

// Batch begins a batch.
func (a *Allocator) Batch() *Batch {
	return &Batch{a: a, got: map[string]int{}, used: map[string]bool{}}
}

// Again says that the unit begins (anew): nothing is used yet.
func (b *Batch) Again() { clear(b.used) }

// Done ends the batch: all numbers go back when the unit did not take effect, else those that it did not use.
func (b *Batch) Done(took bool) {
	for code, n := range b.got {
		if !took || !b.used[code] {
			b.a.putBack(code, n)
		}
	}
	clear(b.got)
}

// Number gives the batch's KZ number of a code.
func (b *Batch) Number(ctx context.Context, code string) (string, error) {
	n, err := b.next(ctx, code)
	return ident.DocumentNumber(code, n), err
}

// Journal gives the batch's place in the journal of a state body, by its stamp, in a year.
func (b *Batch) Journal(ctx context.Context, stamp string, year int) (int, error) {
	return b.next(ctx, "J/"+stamp+"/"+strconv.Itoa(year))
}

func (b *Batch) next(ctx context.Context, code string) (int, error) {
	b.used[code] = true
	if n, ok := b.got[code]; ok {
		return n, nil
	}
	n, err := b.a.Next(ctx, code)
	if err == nil {
		b.got[code] = n
	}
	return n, err
}
