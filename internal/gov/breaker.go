package gov

import (
	"sync"
	"time"
)

// When the registers are not asked any more, and when again.
const (
	failures = 5                // as many within window …
	window   = 10 * time.Second // … end the questions …
	pause    = 10 * time.Second // … for so long; then one question tries
)

// breaker keeps people from waiting for a register that is down. The zero value is closed: questions go out.
type breaker struct {
	mu     sync.Mutex
	failed []time.Time // the last failures, at most as many as open it
	open   bool
	next   time.Time // of the next try while open
}

// allow tells whether a question may go out. While open, one in a pause may.
func (b *breaker) allow(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.open {
		return true
	}
	if now.Before(b.next) {
		return false
	}
	b.next = now.Add(pause)
	return true
}

// learn takes what became of a question; turned says that it opened or closed the breaker.
func (b *breaker) learn(now time.Time, good bool) (turned bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if good {
		turned = b.open
		b.open, b.failed = false, nil
		return turned
	}
	if b.open {
		b.next = now.Add(pause)
		return false
	}
	b.failed = append(b.failed, now)
	if len(b.failed) > failures {
		b.failed = b.failed[1:]
	}
	if len(b.failed) == failures && now.Sub(b.failed[0]) <= window {
		b.open, b.next, b.failed = true, now.Add(pause), nil
	}
	return b.open
}

// forget gives a try back whose question nobody waited for.
func (b *breaker) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open {
		b.next = time.Time{}
	}
}
