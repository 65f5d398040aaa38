package sqlstore

import (
	"context"
	"time"

	"elicense/internal/port"
)

type (
	messages      struct{ db querier }
	messageWrites struct{ u *unit }
)

func scanMessage(r rows, m *port.Message) error {
	return scan(r, &m.ID, &m.Application, &m.Side, &m.Author, &m.Text, fromJSON(&m.Files), &m.At, &m.ReadAt, &m.ReadBy)
}

func (v messages) Thread(ctx context.Context, number string) ([]port.Message, error) {
	return list(ctx, v.db, scanMessage, `SELECT id, application, side, author, text, files, at, read_at, read_by
		FROM message WHERE application = $1 ORDER BY at, id`, number)
}

// unreadOf is how many messages of an application nobody read.
type unreadOf struct {
	number string
	n      int
}

func (v messages) Unread(ctx context.Context, side port.MessageSide, numbers ...string) (map[string]int, error) {
	out := map[string]int{}
	if len(numbers) == 0 {
		return out, nil
	}
	f := filter{}
	f.where(`side = %s`, side)
	f.where(`read_at = 0`)
	f.where(`application IN (`)
	for i, n := range numbers {
		f.write([]string{"%s", ", %s"}[min(i, 1)], n)
	}
	f.write(`) GROUP BY application`)
	counted, err := list(ctx, v.db, func(r rows, u *unreadOf) error { return scan(r, &u.number, &u.n) },
		`SELECT application, COUNT(*) FROM message WHERE `+f.text.String(), f.args...)
	for _, u := range counted {
		out[u.number] = u.n
	}
	return out, err
}

func (w messageWrites) Add(m port.Message) {
	w.u.add(`INSERT INTO message (id, application, side, author, text, files, at, read_at, read_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		m.ID, m.Application, m.Side, m.Author, m.Text, jsonText(m.Files), m.At, m.ReadAt, m.ReadBy)
}

func (w messageWrites) Read(ids []string, by string, at time.Time) {
	for _, id := range ids {
		w.u.add(`UPDATE message SET read_at = $2, read_by = $3 WHERE id = $1 AND read_at = 0`, id, at, by)
	}
}
