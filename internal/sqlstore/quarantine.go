package sqlstore

import (
	"context"
	"fmt"
	"strings"
	"time"

	"elicense/internal/permit"
	"elicense/internal/port"
)

func (v permits) Quarantine() port.Quarantine { return quarantine(v) }

func (w permitWrites) Quarantine() port.QuarantineWrites { return quarantineWrites(w) }

type (
	quarantine       struct{ db querier }
	quarantineWrites struct{ u *unit }
)

const batchHead = `id, body, file, digest, state, good, done, past, wrong, doubtful, brought_by, brought_person, brought_at, closed_by, closed_person, closed_at, version`

// headOf are the destinations of batchHead.
func headOf(b *permit.Batch) []any {
	return []any{&b.ID, &b.Body, &b.File, &b.Digest, &b.State, &b.Rows, &b.Done, &b.Past, &b.WrongRows, &b.DoubtfulRows,
		&b.Brought.Account, &b.Brought.Person, &b.Brought.At, &b.Closed.Account, &b.Closed.Person, &b.Closed.At, &b.Version}
}

func scanBatchHead(r rows, b *permit.Batch) error { return scan(r, headOf(b)...) }

func scanLine(r rows, l *permit.Line) error {
	return scan(r, &l.Batch, &l.No, fromJSON(&l.Paper))
}

func (v quarantine) Batch(ctx context.Context, id string) (permit.Batch, error) {
	return get(ctx, v.db, func(r rows, b *permit.Batch) error {
		return scan(r, append(headOf(b), fromJSON(&b.Wrong), fromJSON(&b.Doubtful), fromJSON(&b.Collided))...)
	}, `SELECT `+batchHead+`, wrong_rows, doubtful_rows, collided_rows FROM paper_batch WHERE id = $1`, id)
}

func (v quarantine) Batches(ctx context.Context, body string, limit int) ([]permit.Batch, error) {
	return list(ctx, v.db, scanBatchHead, `SELECT `+batchHead+` FROM paper_batch WHERE body = $1 AND state <> 'receiving' ORDER BY id DESC LIMIT $2`, body, limit)
}

func (v quarantine) In(ctx context.Context, state permit.BatchState) ([]string, error) {
	return list(ctx, v.db, scalar[string], `SELECT id FROM paper_batch WHERE state = $1 ORDER BY id`, state)
}

func (v quarantine) SameFile(ctx context.Context, body, digest string) (permit.Batch, bool, error) {
	return find(ctx, v.db, scanBatchHead, `SELECT `+batchHead+` FROM paper_batch WHERE body = $1 AND digest = $2 AND state IN ('waiting', 'releasing', 'released')`, body, digest)
}

func (v quarantine) Lines(ctx context.Context, batch string, after, limit int) ([]permit.Line, error) {
	return list(ctx, v.db, scanLine, `SELECT batch, line, paper FROM paper_line WHERE batch = $1 AND line > $2 ORDER BY line LIMIT $3`, batch, after, limit)
}

// among writes the list of an IN for values that follow the first arguments, and gives all arguments.
func among(values []string, first ...any) (string, []any) {
	var places []string
	for _, v := range values {
		first = append(first, v)
		places = append(places, fmt.Sprintf("$%d", len(first)))
	}
	return "(" + strings.Join(places, ", ") + ")", first
}

func (v quarantine) Waiting(ctx context.Context, body string, numbers []string) ([]permit.Line, error) {
	if len(numbers) == 0 {
		return nil, nil
	}
	in, args := among(numbers, body)
	return list(ctx, v.db, scanLine, `SELECT l.batch, l.line, l.paper FROM paper_line l JOIN paper_batch b ON b.id = l.batch
		WHERE l.body = $1 AND b.state IN ('waiting', 'releasing') AND l.number_key IN `+in+` ORDER BY l.batch, l.line`, args...)
}

func (v quarantine) Numbered(ctx context.Context, body string, numbers []string) ([]permit.Paper, error) {
	return v.papers(ctx, body, "number_key", numbers)
}

func (v quarantine) Holders(ctx context.Context, body string, holders []string) ([]permit.Paper, error) {
	return v.papers(ctx, body, "holder_number", holders)
}

func (v quarantine) papers(ctx context.Context, body, column string, values []string) ([]permit.Paper, error) {
	if len(values) == 0 {
		return nil, nil
	}
	in, args := among(values, body)
	return list(ctx, v.db, scanPaper, `SELECT `+paperColumns+` FROM paper_permit WHERE body = $1 AND `+column+` IN `+in+` ORDER BY id`, args...)
}

func (v quarantine) Held(ctx context.Context, holder string, limit int) ([]permit.Paper, error) {
	return list(ctx, v.db, scanPaper, `SELECT `+paperColumns+` FROM paper_permit WHERE holder_number = $1 AND holder_number <> '' AND permit = ''
		ORDER BY issued_on DESC, id LIMIT $2`, holder, limit)
}

func (v quarantine) Brought(ctx context.Context, batch, after string, limit int) ([]permit.Paper, error) {
	return list(ctx, v.db, scanPaper, `SELECT `+paperColumns+` FROM paper_permit WHERE batch = $1 AND id > $2 ORDER BY id LIMIT $3`, batch, after, limit)
}

func (w quarantineWrites) Add(b permit.Batch) {
	w.u.add(`INSERT INTO paper_batch (`+batchHead+`, wrong_rows, doubtful_rows, collided_rows)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`,
		b.ID, b.Body, b.File, b.Digest, b.State, b.Rows, b.Done, b.Past, b.WrongRows, b.DoubtfulRows, b.Brought.Account, b.Brought.Person, b.Brought.At,
		b.Closed.Account, b.Closed.Person, b.Closed.At, b.Version, jsonText(b.Wrong), jsonText(b.Doubtful), jsonText(b.Collided))
}

func (w quarantineWrites) AddLine(l permit.Line) {
	w.u.add(`INSERT INTO paper_line (batch, line, body, number_key, paper) VALUES ($1, $2, $3, $4, $5)`, l.Batch, l.No, l.Paper.Body, l.Paper.NumberKey(), jsonText(l.Paper))
}

func (w quarantineWrites) Change(b permit.Batch) {
	w.u.guarded(race(), `UPDATE paper_batch SET state = $3, good = $4, done = $5, past = $6, wrong = $7, doubtful = $8, closed_by = $9, closed_person = $10, closed_at = $11,
			wrong_rows = $12, doubtful_rows = $13, collided_rows = $14, version = version + 1 WHERE id = $1 AND version = $2`,
		b.ID, b.Version, b.State, b.Rows, b.Done, b.Past, b.WrongRows, b.DoubtfulRows, b.Closed.Account, b.Closed.Person, b.Closed.At,
		jsonText(b.Wrong), jsonText(b.Doubtful), jsonText(b.Collided))
}

func (w quarantineWrites) DropLines(batch string) {
	w.u.add(`DELETE FROM paper_line WHERE batch = $1`, batch)
}

func (w quarantineWrites) DropForsaken(before time.Time) {
	w.u.add(`DELETE FROM paper_line WHERE batch IN (SELECT id FROM paper_batch WHERE state = 'receiving' AND brought_at < $1)`, before)
	w.u.add(`DELETE FROM paper_batch WHERE state = 'receiving' AND brought_at < $1`, before)
}
