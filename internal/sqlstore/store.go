// Package sqlstore is port.Store on SQLite and on PostgreSQL: one SQL text, written by hand, for both engines. What
// differs between them stands in dialect.go and in the two folders of migrations.
//
// A use case reads while it decides and only lists its writes (see port.Store). So a unit of work is a list of
// statements that is known as a whole before the first one runs, and that is what makes it cheap: PostgreSQL gets it as
// one pipeline in one round trip, SQLite's writer puts many units under one fsync.
package sqlstore

import (
	"context"
	"math/rand/v2"
	"strings"
	"time"

	"elicense/internal/fault"
	"elicense/internal/port"
)

// maxTries is how often a unit that loses a race is tried (port.Store).
const maxTries = 8

// Options tune a store; the zero value is right for production.
type Options struct {
	// Readers is the number of connections that read at the same time, at the most; 0 = 16.
	Readers int
	// Committers is the number of connections that apply units; 0 = the engine's measured best. SQLite has one writer.
	Committers int
	// Group is the largest number of units under one commit; 0 = 64, 1 = a commit for each unit.
	Group int
	// CommitTimeout bounds the wait for a commit, whose outcome is unknown after it; 0 = 15 s.
	CommitTimeout time.Duration
}

func (o Options) orDefaults() Options {
	if o.Readers <= 0 {
		o.Readers = 16
	}
	if o.Group <= 0 {
		o.Group = 64
	}
	if o.CommitTimeout <= 0 {
		o.CommitTimeout = 15 * time.Second
	}
	return o
}

// Store is a port.Store.
type Store struct {
	engine engine
	// turns lets those who lost a race try again one at a time: among themselves they cannot lose a second one.
	turns chan struct{}
}

// engine is one kind of database.
type engine interface {
	querier
	// apply puts the statements of a unit into effect in order, all or none, durably. A guard that misses gives its fault, a broken
	// constraint the fault of the constraint, a lost race "store.race".
	apply(ctx context.Context, u *unit) error
	migrate(ctx context.Context) error
	close() error
}

// Open connects to "sqlite:PATH" or a plain path, or to "postgres://…" or "postgresql://…", where every option of a
// PostgreSQL URL is allowed. It does not migrate.
func Open(ctx context.Context, url string, opts Options) (*Store, error) {
	opts = opts.orDefaults()
	var e engine
	var err error
	if strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://") {
		e, err = openPostgres(ctx, url, opts)
	} else {
		e, err = openSQLite(ctx, strings.TrimPrefix(url, "sqlite:"), opts)
	}
	if err != nil {
		return nil, err
	}
	return &Store{engine: e, turns: make(chan struct{}, 1)}, nil
}

// Migrate brings the schema to the version of this program. Of several nodes that start at once one does it, the others wait.
func (s *Store) Migrate(ctx context.Context) error { return s.engine.migrate(ctx) }

// Close waits for the units that are being applied and closes every connection.
func (s *Store) Close() error { return s.engine.close() }

// Ping tells whether the database answers and holds at least the newest migration of this program: fault.Unavailable
// "store.unavailable" or "store.not-migrated". A newer schema is no fault: during an upgrade old nodes go on.
func (s *Store) Ping(ctx context.Context) error {
	need, err := newestMigration()
	if err != nil {
		return err
	}
	// goose writes is_applied as a boolean on one engine and as 0 or 1 on the other.
	have, _, err := find(ctx, s.engine, scalar[int], `SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version WHERE is_applied`)
	if err != nil {
		if fault.Is(err, keyNoTable) {
			return fault.New(fault.Unavailable, "store.not-migrated").Because(err)
		}
		return err
	}
	if have < need {
		return fault.New(fault.Unavailable, "store.not-migrated")
	}
	return nil
}

// View runs f with readers. Every read sees what is committed when it runs.
func (s *Store) View(_ context.Context, f func(port.View) error) error { return f(view{s.engine}) }

// Update runs f and applies its writes; see port.Store. Once the writes are handed over, the end of ctx no longer stops
// them: whoever waits learns what became of them.
func (s *Store) Update(ctx context.Context, f func(port.Tx) error) error {
	err := s.try(ctx, f)
	if !isRace(err) {
		return err
	}
	select {
	case s.turns <- struct{}{}:
		defer func() { <-s.turns }()
	case <-ctx.Done():
		return unavailable(ctx.Err())
	}
	for tries := 2; isRace(err) && tries <= maxTries; tries++ {
		if tries > 2 { // the other side is on another node or a newcomer: step out of its rhythm
			time.Sleep(time.Duration(rand.Int64N(int64(time.Millisecond) << tries)))
		}
		err = s.try(ctx, f)
	}
	return err
}

// raced marks a race that the engine found, so that a fault of the same key out of f is not taken for one.
type raced struct{ error }

func (r raced) Unwrap() error { return r.error }

func isRace(err error) bool {
	_, ok := err.(raced)
	return ok
}

func (s *Store) try(ctx context.Context, f func(port.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return unavailable(err)
	}
	t := tx{view{s.engine}, &unit{}}
	if err := f(t); err != nil {
		return err
	}
	if t.unit.err != nil {
		return t.unit.err
	}
	if len(t.unit.list) == 0 {
		return nil
	}
	err := s.engine.apply(ctx, t.unit)
	if fault.Is(err, keyRace) {
		return raced{err}
	}
	return err
}

// view gives the readers.
type view struct{ db querier }

func (v view) Accounts() port.Accounts         { return accounts(v) }
func (v view) Sessions() port.Sessions         { return sessions(v) }
func (v view) Services() port.Services         { return services(v) }
func (v view) Directories() port.Directories   { return directories(v) }
func (v view) Applications() port.Applications { return applications(v) }
func (v view) Documents() port.Documents       { return documents(v) }
func (v view) Invoices() port.Invoices         { return invoices(v) }
func (v view) Ledger() port.Ledger             { return quotas(v) }
func (v view) Permits() port.Permits           { return permits(v) }
func (v view) Keys() port.Keys                 { return keys(v) }
func (v view) Records() port.Records           { return records(v) }
func (v view) Office() port.Office             { return office(v) }

// tx gives the readers and the writers.
type tx struct {
	view
	unit *unit
}

func (t tx) Write() port.Writes { return t.unit }
