package sqlstore

import (
	"context"
	"time"

	"elicense/internal/civil"
	"elicense/internal/port"
)

func (v office) Reviews() port.Reviews            { return reviews(v) }
func (w officeWrites) Reviews() port.ReviewWrites { return reviewWrites(w) }

type (
	reviews      struct{ db querier }
	reviewWrites struct{ u *unit }
)

func scanNote(r rows, n *port.Note) error {
	return scan(r, &n.ID, &n.Application, &n.Author, &n.Text, &n.At)
}

func scanPresence(r rows, p *port.Presence) error {
	return scan(r, &p.Application, &p.Account, &p.Since, &p.SeenAt)
}

func (v reviews) Notes(ctx context.Context, application string) ([]port.Note, error) {
	return list(ctx, v.db, scanNote, `SELECT id, application, author, text, at FROM case_note WHERE application = $1 ORDER BY at, id`, application)
}

func (v reviews) Present(ctx context.Context, application string, since time.Time) ([]port.Presence, error) {
	return list(ctx, v.db, scanPresence, `SELECT application, account, since, seen_at FROM case_presence
		WHERE application = $1 AND seen_at >= $2 ORDER BY since, account`, application, since)
}

func (v reviews) Uncorrected(ctx context.Context, before civil.Date, limit int) ([]string, error) {
	return list(ctx, v.db, scalar[string], `SELECT application FROM correction_asked WHERE until < $1 ORDER BY until, application LIMIT $2`, before, limit)
}

func (w reviewWrites) AddNote(n port.Note) {
	w.u.add(`INSERT INTO case_note (id, application, author, text, at) VALUES ($1, $2, $3, $4, $5)`, n.ID, n.Application, n.Author, n.Text, n.At)
}

func (w reviewWrites) See(application, account string, now time.Time, visit time.Duration) {
	w.u.add(`INSERT INTO case_presence (application, account, since, seen_at) VALUES ($1, $2, $3, $3)
		ON CONFLICT (application, account) DO UPDATE SET seen_at = excluded.seen_at,
			since = CASE WHEN case_presence.seen_at < $4 THEN excluded.since ELSE case_presence.since END`,
		application, account, now, now.Add(-visit))
}

func (w reviewWrites) ForgetSeen(before time.Time) {
	w.u.add(`DELETE FROM case_presence WHERE seen_at < $1`, before)
}

func (w reviewWrites) AwaitCorrection(application string, until civil.Date) {
	w.u.add(`INSERT INTO correction_asked (application, until) VALUES ($1, $2)`, application, until)
}

func (w reviewWrites) CorrectionOver(application string) {
	w.u.add(`DELETE FROM correction_asked WHERE application = $1`, application)
}
