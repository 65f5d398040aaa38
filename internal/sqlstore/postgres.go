package sqlstore

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"elicense/internal/fault"
)

// postgresEngine sends each group of units as one pipeline, which is one transaction and one round trip: its commit is
// the Sync message at the end.
type postgresEngine struct {
	pool    *pgxpool.Pool
	units   *committer
	timeout time.Duration
	guards  sync.Map // SQL text -> the text that fails when it changes nothing
	merger  merger
}

// defaultCommitters is the number of pipelines at the same time; measured, see docs/decisions/0003-units-of-work.md.
const defaultCommitters = 2

func openPostgres(ctx context.Context, url string, opts Options) (*postgresEngine, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fault.New(fault.Invalid, "store.url").Because(err)
	}
	committers := opts.Committers
	if committers <= 0 {
		committers = defaultCommitters
	}
	if !strings.Contains(url, "pool_max_conns") {
		config.MaxConns = int32(opts.Readers + committers)
	}
	// The statements are few and each has one good plan; planning a join with arrays anew costs more than running it.
	config.ConnConfig.RuntimeParams["plan_cache_mode"] = "force_generic_plan"
	config.ConnConfig.OnNotice = noteUnreplicated
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, unavailable(err)
	}
	e := &postgresEngine{pool: pool, timeout: opts.CommitTimeout}
	e.units = newCommitter(committers, opts, e.applyGroup)
	return e, nil
}

func (e *postgresEngine) close() error {
	e.units.stop()
	e.pool.Close()
	return nil
}

func (e *postgresEngine) migrate(ctx context.Context) error {
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
	if err != nil {
		return internal(err)
	}
	db := stdlib.OpenDBFromPool(e.pool)
	return errors.Join(migrateUp(ctx, goose.DialectPostgres, db, "postgres", goose.WithSessionLocker(locker)), db.Close())
}

func (e *postgresEngine) query(ctx context.Context, text string, args []any) (rows, error) {
	return e.pool.Query(ctx, text, args...)
}

func (e *postgresEngine) words() words { return postgresWords() }

func (e *postgresEngine) readFault(err error) error { return postgresFault(err) }

func (e *postgresEngine) apply(ctx context.Context, u *unit) error {
	return e.units.submit(ctx, u)
}

// applyGroup applies units under one commit. When one of them fails nothing of the group took effect: the others are
// sent again without it, and it comes last and alone, so that its fault speaks of committed rows only.
func (e *postgresEngine) applyGroup(group []*pending) {
	if len(group) > 1 {
		if mixed, ok := e.merger.mix(group); ok {
			failed, err := e.send(mixed)
			if failed < 0 {
				answer(group, err)
				return
			}
		}
	}
	var alone []*pending
	for len(group) > 1 && len(alone) < maxTaken {
		list, ends := concat(group)
		failed, err := e.send(list)
		if failed < 0 {
			answer(group, err)
			group = nil
			break
		}
		unit, _ := slices.BinarySearch(ends, failed+1)
		alone = append(alone, group[unit])
		group = append(group[:unit:unit], group[unit+1:]...)
	}
	for _, p := range append(group, alone...) {
		_, err := e.send(e.merger.collapse(p.list, false))
		p.result <- err
	}
}

// concat lists the statements of all units, and where each unit ends.
func concat(group []*pending) (list []statement, ends []int) {
	for _, p := range group {
		list = append(list, p.list...)
		ends = append(ends, len(list))
	}
	return list, ends
}

// maxTaken is how many units are taken out of a group before its rest is applied one by one.
const maxTaken = 3

// send applies the statements as one transaction. failed is the place of the one that made it fail, with the fault of
// its unit; -1 when err (nil, "store.unknown", "store.unavailable") holds for all.
func (e *postgresEngine) send(list []statement) (failed int, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), e.timeout)
	defer cancel()
	conn, err := e.pool.Acquire(ctx)
	if err != nil {
		return -1, unavailable(err)
	}
	defer conn.Release()
	batch := &pgx.Batch{}
	for _, s := range list {
		text := s.sql
		if s.guard != nil && !s.many {
			text = e.guarded(text)
		}
		batch.Queue(text, s.args...)
	}
	delete(conn.Conn().PgConn().CustomData(), unreplicated)
	results := conn.SendBatch(ctx, batch)
	for i, s := range list {
		if _, err := results.Exec(); err != nil {
			// Close drains the pipeline; its error is the one at hand.
			_ = results.Close()
			return e.failure(conn, i, s, err)
		}
	}
	// The commit happens at the end of the pipeline: until Close has read its answer nothing is certain.
	if err := results.Close(); err != nil {
		return e.failure(conn, 0, statement{}, err)
	}
	if _, ok := conn.Conn().PgConn().CustomData()[unreplicated]; ok {
		return -1, unknown(errors.New("sqlstore: committed here, but a synchronous replica may not have it"))
	}
	return -1, nil
}

// failure judges the error of a pipeline. An ERROR of the server means that the transaction was rolled back; anything
// else after sending leaves the outcome open.
func (e *postgresEngine) failure(conn *pgxpool.Conn, place int, s statement, err error) (int, error) {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		if pgconn.SafeToRetry(err) {
			return -1, unavailable(err)
		}
		return -1, unknown(err)
	}
	if pg.SeverityUnlocalized != "ERROR" {
		return -1, unknown(err)
	}
	if pg.Code == guardMissed && s.guard != nil {
		return place, s.guard
	}
	f := postgresFault(err)
	if fault.KindOf(f) == fault.Unavailable {
		// Such as a server that became a standby (25006): the pool shall look for the leader.
		_ = conn.Conn().Close(context.Background())
		return -1, f
	}
	return place, f
}

func (e *postgresEngine) guarded(text string) string {
	if g, ok := e.guards.Load(text); ok {
		return g.(string)
	}
	g := guardedText(text)
	e.guards.Store(text, g)
	return g
}

// unreplicated is the mark on a connection whose wait for a synchronous replica was cancelled.
const unreplicated = "elicense.unreplicated"

// noteUnreplicated listens for WARNING 01000: the commit went on although its wait for synchronous replication was
// cancelled (PostgreSQL, syncrep.c). No statement of ours raises a warning of its own.
func noteUnreplicated(c *pgconn.PgConn, n *pgconn.Notice) {
	if n.SeverityUnlocalized == "WARNING" && n.Code == "01000" {
		c.CustomData()[unreplicated] = true
	}
}

// postgresFault turns an error of a statement, which had no effect, into a fault.
func postgresFault(err error) error {
	if _, ok := fault.As(err); ok {
		return err
	}
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || pgconn.SafeToRetry(err) || isConnectError(err) {
			return unavailable(err)
		}
		return internal(err)
	}
	switch {
	case pg.Code == "23505":
		return uniqueFault(pg.ConstraintName, "", err)
	case pg.Code == "23P01": // only triggers of ours raise it
		return triggerFault(pg.ConstraintName, err)
	case pg.Code == "40001" || pg.Code == "40P01" || pg.Code == "55P03": // serialization, deadlock, lock timeout
		return race().Because(err)
	case pg.Code == "42P01":
		return fault.New(fault.Internal, keyNoTable).Because(err)
	case pg.Code == "25006" || strings.HasPrefix(pg.Code, "08") || strings.HasPrefix(pg.Code, "53") || strings.HasPrefix(pg.Code, "57"):
		return unavailable(err)
	}
	return internal(err)
}

// isConnectError tells a connection that was lost or never made; for a reader that is all there is to know.
func isConnectError(err error) bool {
	var connect *pgconn.ConnectError
	var network interface{ Timeout() bool }
	return errors.As(err, &connect) || errors.As(err, &network) || strings.Contains(err.Error(), "conn closed") || strings.Contains(err.Error(), "unexpected EOF")
}
