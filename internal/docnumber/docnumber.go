// Package docnumber hands out document numbers. Each node leases blocks of numbers per code in a transaction of their
// own, so that no counter row is held by a transaction that decides something; numbers of a block that a node never
// used are gaps, and every gap has its cause on record: the lease, and what was given back of it.
package docnumber

import (
	"context"
	"fmt"
	"sync"

	"elicense/internal/fault"
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

// Next gives the next number of a counter.
func (a *Allocator) Next(ctx context.Context, code string) (int, error) {
	h := a.held(code)
	h.mu.Lock()
	defer h.mu.Unlock()
	if n := len(h.back); n > 0 {
		number := h.back[n-1]
		h.back = h.back[:n-1]
		return number, nil
	}
	if h.lease.Last == 0 || h.next > h.lease.Last {
		if err := a.take(ctx, code, h); err != nil {
			return 0, err
		}
	}
	if h.next > last {
		return 0, fault.New(fault.Internal, "number.exhausted")
	}
	n := h.next
	h.next++
	return n, nil
}

func (a *Allocator) putBack(code string, n int) {
	h := a.held(code)
	h.mu.Lock()
	h.back = append(h.back, n)
	h.mu.Unlock()
}

func (a *Allocator) take(ctx context.Context, code string, h *held) error {
	var lease port.Lease
	err := a.Store.Update(ctx, func(tx port.Tx) error {
		first, err := tx.Keys().Next(ctx, code)
		if err != nil {
			return err
		}
		lease = port.Lease{Code: code, First: first, Last: first + block - 1, Node: a.Node, At: a.World.Now()}
		tx.Write().Keys().Lease(lease)
		return nil
	})
	if err != nil {
		return fmt.Errorf("lease of %s: %w", code, err)
	}
	h.lease, h.next = lease, lease.First
	return nil
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
