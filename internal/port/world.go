package port

import (
	"context"
	"io"
	"time"

	"elicense/internal/charge"
	"elicense/internal/lang"
)

// World gives what cannot be computed: the time and chance.
type World interface {
	// Now is UTC, truncated to microseconds.
	Now() time.Time
	// ID is a new UUID of version 7.
	ID() string
	// Random gives n random bytes.
	Random(n int) []byte
}

// Blobs keeps files by the SHA-256 of their content.
type Blobs interface {
	// Put streams r to durable storage and gives its digest and size. More than limit bytes is fault.TooLarge
	// "file.too-large" after at most limit+64 KB were read; nothing half-written stays behind. When Put returns nil the
	// content survives a crash.
	Put(ctx context.Context, r io.Reader, limit int64) (digest string, size int64, err error)
	// Open gives the content; fault.NotFound where there is none, fault.Internal "file.damaged" from Read when the
	// bytes no longer match the digest.
	Open(ctx context.Context, digest string) (io.ReadSeekCloser, error)
	// Each visits every digest that is stored.
	Each(ctx context.Context, f func(digest string, size int64) error) error
}

// Payments is the payment gateway.
type Payments interface {
	// Address gives where the person pays the invoice, and where the gateway sends the person afterwards.
	Address(i charge.Invoice, l lang.Lang, back string) (string, error)
	// Notice verifies and reads a callback; a forged one is fault.Denied "payment.forged".
	Notice(body []byte, signature string, now time.Time) (charge.Notice, error)
}

// LegalEntity is what the state register of legal entities knows.
type LegalEntity struct {
	BIN       string
	Name      lang.Text
	Head      string // full name
	Position  lang.Text
	Values    map[string]string // typical fields by key: city, postal_index, street_ru …
	FetchedAt time.Time
}

// Person is what the state register of persons knows.
type Person struct {
	IIN       string
	Values    map[string]string // typical fields by key, as of a LegalEntity
	FetchedAt time.Time
}

// Registers are the state databases.
type Registers interface {
	// LegalEntity gives fault.NotFound for an unknown BIN and fault.Unavailable when the register does not answer in time.
	LegalEntity(ctx context.Context, bin string) (LegalEntity, error)
	// Person gives fault.NotFound for an unknown IIN and fault.Unavailable as LegalEntity.
	Person(ctx context.Context, iin string) (Person, error)
}

// Jobs wakes the background workers: there is something new in the outbox.
type Jobs interface {
	Wake()
}
