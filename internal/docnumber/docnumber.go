// Package docnumber hands out document numbers. Each node leases blocks of numbers per code in a transaction of their
// own, so that no counter row is held by a transaction that decides something; numbers of a block that a node never
// used are gaps, and every gap has its cause on record: the lease, and what was given back of it.
package docnumber

import (
	"context"
	"fmt"
	"sync"

	"elicense/internal/fault"
	"elicense/internal/ident"
	"elicense/internal/port"
)

// block is how many numbers one lease takes; last is the greatest number of eight digits.
const (
	block = 200
	last  = 99_999_999
)

// Allocator hands out numbers; safe for use from many goroutines.
type Allocator struct {
	Store port.Store
	World port.World
	Node  string // names the process in leases

	mu    sync.Mutex
	codes map[string]*held
}

// held is what a node holds of one code.
type held struct {
	filling sync.Mutex // held while a block is leased

	mu    sync.Mutex
	lease port.Lease
	next  int   // next unused number; past lease.Last when the block is used up
	back  []int // numbers that came back unused
}

func (a *Allocator) held(code string) *held {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.codes == nil {
		a.codes = map[string]*held{}
	}
	h := a.codes[code]
	if h == nil {
		h = &held{}
		a.codes[code] = h
	}
	return h
}

// pop takes a number that is at hand, without asking the store.
func (h *held) pop() (int, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if n := len(h.back); n > 0 {
		number := h.back[n-1]
		h.back = h.back[:n-1]
		return number, true
	}
	if h.lease.Last == 0 || h.next > h.lease.Last {
		return 0, false
	}
	n := h.next
	h.next++
	return n, true
}

// Number gives the next KZ number of a code. It must not be called inside a unit of the store: see Update.
func (a *Allocator) Number(ctx context.Context, code string) (string, error) {
	for {
		if n, ok := a.held(code).pop(); ok {
			return ident.DocumentNumber(code, n), nil
		}
		if err := a.refill(ctx, code); err != nil {
			return "", err
		}
	}
}

// Unused gives a number back that was taken by Number and will stand for nothing.
func (a *Allocator) Unused(number string) {
	if code, n, err := ident.ParseDocumentNumber(number); err == nil {
		a.putBack(code, n)
	}
}

// refill leases a block, unless somebody else did meanwhile.
func (a *Allocator) refill(ctx context.Context, code string) error {
	h := a.held(code)
	h.filling.Lock()
	defer h.filling.Unlock()
	h.mu.Lock()
	enough := len(h.back) > 0 || h.lease.Last != 0 && h.next <= h.lease.Last
	h.mu.Unlock()
	if enough {
		return nil
	}
	lease, err := a.lease(ctx, code)
	if err != nil {
		return err
	}
	h.mu.Lock()
	h.lease, h.next = lease, lease.First
	h.mu.Unlock()
	return nil
}

func (a *Allocator) putBack(code string, n int) {
	h := a.held(code)
	h.mu.Lock()
	h.back = append(h.back, n)
	h.mu.Unlock()
}

func (a *Allocator) lease(ctx context.Context, code string) (port.Lease, error) {
	var lease port.Lease
	err := a.Store.Update(ctx, func(tx port.Tx) error {
		first, err := tx.Keys().Next(ctx, code)
		if err != nil {
			return err
		}
		lease = port.Lease{Code: code, First: first, Last: min(first+block-1, last), Node: a.Node, At: a.World.Now()}
		if lease.Last < lease.First {
			return fault.New(fault.Internal, "number.exhausted")
		}
		tx.Write().Keys().Lease(lease)
		return nil
	})
	if err != nil {
		return lease, fmt.Errorf("lease of %s: %w", code, err)
	}
	return lease, nil
}

// Close gives back what is left of the blocks, so that the gaps have their cause.
func (a *Allocator) Close(ctx context.Context) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.Store.Update(ctx, func(tx port.Tx) error {
		for code, h := range a.codes {
			h.mu.Lock()
			if h.lease.Last != 0 && h.next <= h.lease.Last {
				tx.Write().Keys().Return(code, h.lease.First, h.next)
			}
			h.mu.Unlock()
		}
		return nil
	})
}
