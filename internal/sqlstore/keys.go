package sqlstore

import (
	"context"
	"time"

	"elicense/internal/audit"
	"elicense/internal/fault"
	"elicense/internal/port"
)

type keys struct{ db querier }

func scanIdempotent(r rows, i *port.Idempotent) error {
	return scan(r, &i.Key, &i.Actor, &i.Body, &i.Answer, &i.At)
}

func scanLease(r rows, l *port.Lease) error {
	return scan(r, &l.Code, &l.First, &l.Last, &l.Node, &l.At, &l.ReturnedFrom)
}

func (v keys) Idempotent(ctx context.Context, actor, key string) (port.Idempotent, bool, error) {
	return find(ctx, v.db, scanIdempotent, `SELECT key, actor, body, answer, at FROM idempotency WHERE actor = $1 AND key = $2`, actor, key)
}

func (v keys) Next(ctx context.Context, code string) (int, error) {
	n, ok, err := find(ctx, v.db, scalar[int], `SELECT next_number FROM number_block WHERE code = $1`, code)
	if err == nil && !ok {
		n = 1
	}
	return n, err
}

func (v keys) Leases(ctx context.Context, code string) ([]port.Lease, error) {
	const text = `SELECT code, first_number, last_number, node, at, returned_from FROM number_lease`
	if code == "" {
		return list(ctx, v.db, scanLease, text+` ORDER BY at, code, first_number`)
	}
	return list(ctx, v.db, scanLease, text+` WHERE code = $1 ORDER BY at, first_number`, code)
}

type keyWrites struct{ u *unit }

func (w keyWrites) Remember(i port.Idempotent) {
	w.u.add(`INSERT INTO idempotency (key, actor, body, answer, at) VALUES ($1, $2, $3, $4, $5)`, i.Key, i.Actor, i.Body, i.Answer, i.At)
}

// Lease moves the counter of the code from First to Last+1; a code that was never leased begins at 1.
func (w keyWrites) Lease(l port.Lease) {
	w.u.guarded(race(), `INSERT INTO number_block (code, next_number)
		SELECT CAST($1 AS TEXT), CAST($3 AS BIGINT) + 1
		WHERE CAST($2 AS BIGINT) = 1 OR EXISTS (SELECT 1 FROM number_block WHERE code = $1)
		ON CONFLICT (code) DO UPDATE SET next_number = excluded.next_number WHERE number_block.next_number = $2`,
		l.Code, l.First, l.Last)
	w.u.add(`INSERT INTO number_lease (code, first_number, last_number, node, at, returned_from) VALUES ($1, $2, $3, $4, $5, $6)`,
		l.Code, l.First, l.Last, l.Node, l.At, l.ReturnedFrom)
}

func (w keyWrites) Return(code string, first, returnedFrom int) {
	w.u.guarded(fault.New(fault.NotFound, "store.not-found"),
		`UPDATE number_lease SET returned_from = $3 WHERE code = $1 AND first_number = $2`, code, first, returnedFrom)
}

// Bury keeps the first cause when a number is buried twice.
func (w keyWrites) Bury(number, cause string, at time.Time) {
	w.u.add(`INSERT INTO tombstone (number, cause, at) VALUES ($1, $2, $3) ON CONFLICT (number) DO NOTHING`, number, cause, at)
}

type records struct{ db querier }

func scanRecord(r rows, a *port.Record) error { return scan(r, &a.ID, &a.Bytes, &a.Digest) }

func (v records) Page(ctx context.Context, after string, limit int) ([]port.Record, error) {
	return list(ctx, v.db, scanRecord, `SELECT id, canonical, digest FROM audit WHERE id > $1 ORDER BY id LIMIT $2`, after, limit)
}

func (v records) Tombstones(ctx context.Context) (map[string]string, error) {
	type grave struct{ number, cause string }
	graves, err := list(ctx, v.db, func(r rows, g *grave) error { return r.Scan(&g.number, &g.cause) }, `SELECT number, cause FROM tombstone`)
	if err != nil {
		return nil, err
	}
	all := make(map[string]string, len(graves))
	for _, g := range graves {
		all[g.number] = g.cause
	}
	return all, nil
}

func (v records) Numbers(ctx context.Context, table string, after string, limit int) ([]string, error) {
	switch table {
	case "application":
		return list(ctx, v.db, scalar[string], `SELECT number FROM application WHERE number > $1 ORDER BY number LIMIT $2`, after, limit)
	case "permit":
		return list(ctx, v.db, scalar[string], `SELECT number FROM permit WHERE number > $1 ORDER BY number LIMIT $2`, after, limit)
	}
	return nil, fault.New(fault.Invalid, "store.table")
}

type recordWrites struct{ u *unit }

func (w recordWrites) Audit(e audit.Entry) {
	w.u.add(`INSERT INTO audit (id, canonical, digest) VALUES ($1, $2, $3)`, e.ID, e.Bytes(), e.Digest())
}
