package sqlstore

import (
	"context"

	"elicense/internal/port"
)

type (
	trail       struct{ db querier }
	trailWrites struct{ u *unit }
)

func scanStoredCheckpoint(r rows, c *port.StoredCheckpoint) error {
	return scan(r, &c.Number, &c.Size, &c.At, &c.Note)
}

func scanNumbered(r rows, n *port.Numbered) error {
	return scan(r, &n.Seq, &n.ID, &n.Kept, &n.At, &n.Actor, &n.Action, &n.Object, &n.Record.ID, &n.Record.Bytes, &n.Record.Digest)
}

const (
	checkpointColumns = `SELECT number, size, at, note FROM audit_checkpoint`
	leafColumns       = `l.seq, l.id, l.kept, l.at, l.actor, l.action, l.object`
	leavesWithRows    = `SELECT ` + leafColumns + `, COALESCE(a.id, ''), a.canonical, COALESCE(a.digest, '') FROM audit_leaf l LEFT JOIN audit a ON a.id = l.id`
)

func (v trail) Waiting(ctx context.Context, limit int) ([]port.Record, error) {
	return list(ctx, v.db, scanRecord, `SELECT a.id, a.canonical, a.digest FROM audit_waiting w JOIN audit a ON a.id = w.id
		WHERE NOT EXISTS (SELECT 1 FROM audit_leaf l WHERE l.id = w.id) ORDER BY w.id LIMIT $1`, limit)
}

func (v trail) Backlog(ctx context.Context) (int, error) {
	return get(ctx, v.db, scalar[int], `SELECT COUNT(*) FROM audit_waiting`)
}

func (v trail) Last(ctx context.Context) (port.StoredCheckpoint, bool, error) {
	return find(ctx, v.db, scanStoredCheckpoint, checkpointColumns+` ORDER BY number DESC LIMIT 1`)
}

func (v trail) Covering(ctx context.Context, seq int64) (port.StoredCheckpoint, bool, error) {
	return find(ctx, v.db, scanStoredCheckpoint, checkpointColumns+` WHERE size > $1 ORDER BY size LIMIT 1`, seq)
}

func (v trail) Checkpoints(ctx context.Context, from int64, limit int) ([]port.StoredCheckpoint, error) {
	return list(ctx, v.db, scanStoredCheckpoint, checkpointColumns+` WHERE number >= $1 ORDER BY number LIMIT $2`, from, limit)
}

func (v trail) Leaves(ctx context.Context, from int64, limit int) ([]port.Numbered, error) {
	return list(ctx, v.db, scanNumbered, leavesWithRows+` WHERE l.seq >= $1 ORDER BY l.seq LIMIT $2`, from, limit)
}

func (v trail) Numbered(ctx context.Context, id string) (port.Numbered, bool, error) {
	return find(ctx, v.db, scanNumbered, leavesWithRows+` WHERE l.id = $1`, id)
}

func (v trail) Hashes(ctx context.Context, seqs []int64) (map[int64][]byte, error) {
	kept := make(map[int64][]byte, len(seqs))
	for _, seq := range seqs {
		b, ok, err := find(ctx, v.db, func(r rows, b *[]byte) error { return scan(r, b) }, `SELECT kept FROM audit_leaf WHERE seq = $1`, seq)
		if err != nil {
			return nil, err
		}
		if ok {
			kept[seq] = b
		}
	}
	return kept, nil
}

func (v trail) List(ctx context.Context, q port.TrailQuery) ([]port.Numbered, error) {
	f := filter{}
	if q.Object != "" {
		f.where(`l.object = %s`, q.Object)
	}
	if q.Body != "" {
		f.where(`l.actor IN (SELECT id FROM official WHERE body = %s)`, q.Body)
	}
	if q.Actor != "" {
		f.where(`l.actor = %s`, q.Actor)
	}
	if q.Action != "" {
		f.where(`l.action = %s`, q.Action)
	}
	if !q.From.IsZero() {
		f.where(`l.at >= %s`, q.From)
	}
	if !q.Until.IsZero() {
		f.where(`l.at < %s`, q.Until)
	}
	if !q.BeforeAt.IsZero() {
		f.where(`(l.at, l.seq) < (%s, %s)`, q.BeforeAt, q.BeforeSeq)
	}
	if f.text.Len() == 0 {
		f.where(`1 = 1`)
	}
	f.write(` ORDER BY l.at DESC, l.seq DESC LIMIT %s`, q.Limit)
	return list(ctx, v.db, scanNumbered, `SELECT l.seq, l.id, NULL, l.at, l.actor, l.action, l.object, '', NULL, '' FROM audit_leaf l WHERE `+f.text.String(), f.args...)
}

// Strays asks each question in a statement of its own, so that rows that are written or numbered meanwhile are never told.
func (v trail) Strays(ctx context.Context, limit int) (s port.Strays, err error) {
	for _, x := range []struct {
		to   *[]string
		text string
	}{
		{&s.Inserted, `SELECT a.id FROM audit a WHERE NOT EXISTS (SELECT 1 FROM audit_leaf l WHERE l.id = a.id)
			AND NOT EXISTS (SELECT 1 FROM audit_waiting w WHERE w.id = a.id) ORDER BY a.id LIMIT $1`},
		{&s.Lost, `SELECT w.id FROM audit_waiting w WHERE NOT EXISTS (SELECT 1 FROM audit a WHERE a.id = w.id) ORDER BY w.id LIMIT $1`},
		{&s.Twice, `SELECT w.id FROM audit_waiting w WHERE EXISTS (SELECT 1 FROM audit_leaf l WHERE l.id = w.id) ORDER BY w.id LIMIT $1`},
	} {
		if *x.to, err = list(ctx, v.db, scalar[string], x.text, limit); err != nil {
			return s, err
		}
	}
	s.Beyond, err = list(ctx, v.db, scalar[int64], `SELECT seq FROM audit_leaf WHERE seq >= COALESCE((SELECT MAX(size) FROM audit_checkpoint), 0) OR seq < 0
		ORDER BY seq LIMIT $1`, limit)
	return s, err
}

func (w trailWrites) Append(c port.StoredCheckpoint, numbered []port.Numbered) {
	w.u.contend("audit")
	w.u.add(`INSERT INTO audit_checkpoint (number, size, at, note) VALUES ($1, $2, $3, $4)`, c.Number, c.Size, c.At, c.Note)
	for _, n := range numbered {
		w.u.add(`INSERT INTO audit_leaf (seq, id, kept, at, actor, action, object) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			n.Seq, n.ID, n.Kept, n.At, n.Actor, n.Action, n.Object)
	}
	w.u.add(`DELETE FROM audit_waiting WHERE id IN (SELECT id FROM audit_leaf WHERE seq >= $1 AND seq < $2)`, c.Size-int64(len(numbered)), c.Size)
}
