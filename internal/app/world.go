// Package app puts the parts together: it is the only place that reads the clock and knows every adapter.
package app

import (
	"crypto/rand"
	"time"

	"github.com/google/uuid"
)

// world is the real world: the system's clock and its random source.
type world struct{}

// Now is UTC in microseconds, the resolution of the stores.
func (world) Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// ID is a UUID of version 7: it sorts by the time it was made.
func (world) ID() string {
	id, err := uuid.NewV7()
	if err != nil {
		panic(err) // the system has no random numbers: nothing may go on
	}
	return id.String()
}

// Random gives n random bytes.
func (world) Random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: it ends the program instead (crypto/rand)
	return b
}
