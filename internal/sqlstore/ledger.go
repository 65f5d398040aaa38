package sqlstore

import (
	"context"

	"elicense/internal/ledger"
)

type quotas struct{ db querier }

func scanQuota(r rows, q *ledger.Quota) error { return scan(r, &q.ID, &q.Unit, &q.Total, &q.Granted) }

func (v quotas) Quota(ctx context.Context, id string) (ledger.Quota, bool, error) {
	return find(ctx, v.db, scanQuota, `SELECT id, unit, total, granted FROM quota WHERE id = $1`, id)
}

func scanEntry(r rows, e *ledger.Entry) error { return scan(r, &e.Quota, &e.Application, &e.Amount) }

func (v quotas) Entries(ctx context.Context, quota string) ([]ledger.Entry, error) {
	return list(ctx, v.db, scanEntry, `SELECT quota, application, amount FROM quota_entry WHERE quota = $1 ORDER BY application`, quota)
}

func (v quotas) Granted(ctx context.Context, application string) ([]ledger.Entry, error) {
	return list(ctx, v.db, scanEntry, `SELECT quota, application, amount FROM quota_entry WHERE application = $1 ORDER BY quota`, application)
}

func (v quotas) Quotas(ctx context.Context) ([]ledger.Quota, error) {
	return list(ctx, v.db, scanQuota, `SELECT id, unit, total, granted FROM quota ORDER BY id`)
}

type quotaWrites struct{ u *unit }

func (w quotaWrites) SetTotal(q ledger.Quota) {
	w.u.add(`INSERT INTO quota (id, unit, total, granted) VALUES ($1, $2, $3, 0)
		ON CONFLICT (id) DO UPDATE SET unit = excluded.unit, total = excluded.total`, q.ID, q.Unit, q.Total)
}

// Take raises first and enters second: the update holds the row, so that the entry's foreign key need not share it with
// others. Comparing with what is left, instead of adding, cannot overflow.
func (w quotaWrites) Release(e ledger.Entry) {
	w.u.contend("quota " + e.Quota)
	w.u.guarded(race(), `UPDATE quota SET granted = granted - $2 WHERE id = $1 AND granted >= $2`, e.Quota, e.Amount)
	w.u.guarded(race(), `DELETE FROM quota_entry WHERE quota = $1 AND application = $2 AND amount = $3`, e.Quota, e.Application, e.Amount)
}

func (w quotaWrites) Take(e ledger.Entry) {
	w.u.contend("quota " + e.Quota)
	w.u.guarded(race(), `UPDATE quota SET granted = granted + $2 WHERE id = $1 AND total - granted >= $2`, e.Quota, e.Amount)
	w.u.add(`INSERT INTO quota_entry (quota, application, amount) VALUES ($1, $2, $3)`, e.Quota, e.Application, e.Amount)
}
