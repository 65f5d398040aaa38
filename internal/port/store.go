package port

import (
	"context"
	"time"

	"elicense/internal/party"
	"elicense/internal/service"
)

// Store keeps everything but files. It works in units: a use case reads, decides, and leaves a set of writes that take
// effect together or not at all.
//
// Reads see what is committed (read committed; two reads may see two moments). Writes are collected while the function
// runs, are not seen by its own reads, and are applied in order in one durable transaction after it returns nil. Writes
// that depend on what was read are guarded by a version, a state or a condition in the statement; when a guard or a
// unique index finds that the world changed, nothing is applied. A lost race of versions (fault "store.race") makes
// Update run the function again, up to eight times; so the function has no effects besides its writes.
type Store interface {
	View(ctx context.Context, f func(View) error) error
	Update(ctx context.Context, f func(Tx) error) error
	// Ping tells whether the database answers and is migrated to the version that this program needs.
	Ping(ctx context.Context) error
	Close() error
}

// View gives the readers by aggregate.
type View interface {
	Accounts() Accounts
	Sessions() Sessions
	Services() Services
	Directories() Directories
	Applications() Applications
	Documents() Documents
	Invoices() Invoices
	Ledger() Ledger
	Permits() Permits
	Keys() Keys
	Records() Records
	Office() Office
}

// Tx gives the readers and the writers.
type Tx interface {
	View
	Write() Writes
}

// Writes gives the writers by aggregate. A writer returns nothing: what goes wrong comes out of Update.
type Writes interface {
	Accounts() AccountWrites
	Sessions() SessionWrites
	Services() ServiceWrites
	Directories() DirectoryWrites
	Applications() ApplicationWrites
	Documents() DocumentWrites
	Invoices() InvoiceWrites
	Ledger() LedgerWrites
	Permits() PermitWrites
	Keys() KeyWrites
	Records() RecordWrites
	Office() OfficeWrites
}

// Accounts reads parties and accounts.
type Accounts interface {
	// Account gives fault.NotFound for an unknown id.
	Account(ctx context.Context, id string) (party.Account, error)
	// ByNumber lists the accounts of the party with this IIN or BIN, oldest first; none is no error.
	ByNumber(ctx context.Context, number string) ([]party.Account, error)
	// Party gives fault.NotFound for an unknown id.
	Party(ctx context.Context, id string) (party.Party, error)
	// PartyByNumber tells by ok whether the party exists.
	PartyByNumber(ctx context.Context, number string) (p party.Party, ok bool, err error)
	// Attempts counts the log-in attempts under a key (a digest) since the start of its current window.
	Attempts(ctx context.Context, key string, now time.Time, window time.Duration) (int, error)
}

// AccountWrites writes parties and accounts.
type AccountWrites interface {
	// AddParty: a second party of the number is fault.Conflict "store.party-exists".
	AddParty(p party.Party)
	// AddAccount: a second account of the same person for the party is fault.Conflict "store.account-exists".
	AddAccount(a party.Account)
	// ChangeParty writes all but id and number, guarded by p.Version, and stores Version+1.
	ChangeParty(p party.Party)
	// ChangeAccount writes e-mail, phone, language, password, names, guarded by a.Version, and stores Version+1.
	ChangeAccount(a party.Account)
	// AddAttempt counts one attempt under a key; a window that is over begins anew.
	AddAttempt(key string, now time.Time, window time.Duration)
	// ClearAttempts forgets a key after a success.
	ClearAttempts(key string)
}

// Challenge is something that waits for a signature: the exact bytes to be signed, for one purpose, once.
type Challenge struct {
	Nonce       string // 32 hex digits; in the signed bytes too
	Purpose     string
	Content     []byte            // the canonical document
	Session     string            // hash of the browser session that asked; only it may answer
	Account     string            // empty before log-in
	Application string            // number, for an application
	Version     int               // version of the application that is signed
	Payload     map[string]string // what takes effect when signed, e.g. e-mail and password hash of a registration
	ExpiresAt   time.Time
	UsedAt      time.Time // zero = not used
}

// Session is a browser session; Token is the SHA-256 (hex) of the cookie's value, never the value.
type Session struct {
	Token     string
	Data      []byte
	Account   string // empty before log-in
	ExpiresAt time.Time
}

// Sessions reads sessions.
type Sessions interface {
	// Session tells by ok whether a session that has not expired exists.
	Session(ctx context.Context, token string, now time.Time) (s Session, ok bool, err error)
	// Held gives the session of somebody who is logged in, with the account; ok is false for a session of nobody too.
	Held(ctx context.Context, token string, now time.Time) (s Session, a party.Account, ok bool, err error)
}

// SessionWrites writes sessions.
type SessionWrites interface {
	Put(s Session)
	Delete(token string)
	DeleteOf(account string)
	DeleteExpired(before time.Time)
}

// Directories reads the rows of services' directories and of imported classifiers.
type Directories interface {
	// Rows lists a whole directory by code, variant.
	Rows(ctx context.Context, directory string) ([]service.Row, error)
	// Stamp is a number that grows with every import into the directory: caches compare it.
	Stamp(ctx context.Context, directory string) (int64, error)
}

// DirectoryWrites writes rows.
type DirectoryWrites interface {
	// Put adds or replaces rows by (directory, code, variant, from) and raises the directory's stamp.
	Put(directory string, rows []service.Row)
}
