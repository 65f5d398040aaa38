package eds

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// breaker leaves a service alone that has failed too often in a row: then one question in a pause tries.
type breaker struct {
	limit int
	pause time.Duration

	mu     sync.Mutex // held for moments only, never while the service is asked
	failed int        // failures in a row
	next   time.Time  // of the next try, once it failed too often
}

// allow tells whether the service may be asked. After too many failures that takes the try of a pause.
func (b *breaker) allow(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failed < b.limit {
		return true
	}
	if now.Before(b.next) {
		return false
	}
	b.next = now.Add(b.pause)
	return true
}

// learn takes what became of a question. turned says that the service fell silent or is back.
func (b *breaker) learn(now time.Time, answered bool) (turned bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if answered {
		turned, b.failed = b.failed >= b.limit, 0
		return turned
	}
	b.failed++
	b.next = now.Add(b.pause)
	return b.failed == b.limit
}

// forget gives a try back whose question nobody waited for.
func (b *breaker) forget() {
	b.mu.Lock()
	b.next = time.Time{}
	b.mu.Unlock()
}

// post sends a question to a configured address and gives the answer, of limit bytes at the most.
func post(ctx context.Context, client *http.Client, address, asks, answers string, question []byte, limit int64) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(question))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", asks)
	request.Header.Set("Accept", answers)
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }() // nothing to learn from closing what was read
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d", response.StatusCode)
	}
	b, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("larger than %d bytes", limit)
	}
	return b, err
}
