package sqlstore

import (
	"context"

	"elicense/internal/port"
)

func (v office) Amendments() port.Amendments { return amendments(v) }

func (w officeWrites) Amendments() port.AmendmentWrites { return amendmentWrites(w) }

type (
	amendments      struct{ db querier }
	amendmentWrites struct{ u *unit }
)

const amendmentColumns = `id, directory, note, state, proposed_by, proposed_person, proposed_at, closed_by, closed_person, closed_at, reason`

// fieldsOf are the destinations of amendmentColumns.
func fieldsOf(a *port.Amendment) []any {
	return []any{&a.ID, &a.Directory, &a.Note, &a.State, &a.Proposed.By, &a.Proposed.Person, &a.Proposed.At, &a.Closed.By, &a.Closed.Person, &a.Closed.At, &a.Reason}
}

func (v amendments) Amendment(ctx context.Context, id string) (port.Amendment, error) {
	return get(ctx, v.db, func(r rows, a *port.Amendment) error { return scan(r, append(fieldsOf(a), fromJSON(&a.Rows))...) },
		`SELECT `+amendmentColumns+`, directory_rows FROM amendment WHERE id = $1`, id)
}

func (v amendments) Amendments(ctx context.Context, directory string, limit int) ([]port.Amendment, error) {
	f := filter{}
	if directory != "" {
		f.where(`directory = %s`, directory)
	} else {
		f.where(`state = %s`, string(port.AmendmentProposed))
	}
	f.args = append(f.args, int64(limit))
	return list(ctx, v.db, func(r rows, a *port.Amendment) error { return scan(r, fieldsOf(a)...) },
		`SELECT `+amendmentColumns+` FROM amendment WHERE `+f.text.String()+` ORDER BY id DESC LIMIT $2`, f.args...)
}

func (w amendmentWrites) Add(a port.Amendment) {
	w.u.add(`INSERT INTO amendment (id, directory, directory_rows, note, state, proposed_by, proposed_person, proposed_at, closed_by, closed_person, closed_at, reason)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		a.ID, a.Directory, jsonText(a.Rows), a.Note, a.State, a.Proposed.By, a.Proposed.Person, a.Proposed.At, a.Closed.By, a.Closed.Person, a.Closed.At, a.Reason)
}

func (w amendmentWrites) Close(a port.Amendment) {
	w.u.guarded(race(), `UPDATE amendment SET state = $2, closed_by = $3, closed_person = $4, closed_at = $5, reason = $6 WHERE id = $1 AND state = 'proposed'`,
		a.ID, a.State, a.Closed.By, a.Closed.Person, a.Closed.At, a.Reason)
}
