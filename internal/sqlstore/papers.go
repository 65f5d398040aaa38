package sqlstore

import (
	"context"

	"elicense/internal/fault"
	"elicense/internal/permit"
)

const paperColumns = `id, body, kind_kk, kind_ru, category, series, number, issued_on, holder_name, holder_number, state, since, until, valid_to, batch, imported_at, application, permit`

func scanPaper(r rows, p *permit.Paper) error {
	return scan(r, &p.ID, &p.Body, &p.Kind.KK, &p.Kind.RU, &p.Category, &p.Series, &p.Number, &p.IssuedOn, &p.HolderName, &p.HolderNumber,
		&p.State, &p.Since, &p.Until, &p.ValidTo, &p.Batch, &p.ImportedAt, &p.Application, &p.Permit)
}

func (v permits) Paper(ctx context.Context, id string) (permit.Paper, error) {
	return get(ctx, v.db, scanPaper, `SELECT `+paperColumns+` FROM paper_permit WHERE id = $1`, id)
}

func (v permits) PaperOf(ctx context.Context, body, series, number string) (permit.Paper, bool, error) {
	p := permit.Paper{Series: series, Number: number}
	return find(ctx, v.db, scanPaper, `SELECT `+paperColumns+` FROM paper_permit WHERE body = $1 AND series_key = $2 AND number_key = $3`,
		body, p.SeriesKey(), p.NumberKey())
}

func (v permits) Candidates(ctx context.Context, body, number, holder string, limit int) ([]permit.Paper, error) {
	return list(ctx, v.db, scanPaper, `SELECT `+paperColumns+` FROM paper_permit
		WHERE body = $1 AND (number_key = $2 OR (holder_number = $3 AND holder_number <> '')) ORDER BY id LIMIT $4`,
		body, permit.Paper{Number: number}.NumberKey(), holder, limit)
}

func (v permits) Numbered(ctx context.Context, number string, limit int) ([]permit.Paper, error) {
	return list(ctx, v.db, scanPaper, `SELECT `+paperColumns+` FROM paper_permit WHERE number_key = $1 ORDER BY id LIMIT $2`,
		permit.Paper{Number: number}.NumberKey(), limit)
}

func (v quarantine) Restored(ctx context.Context, after string, limit int) ([]permit.Paper, error) {
	return list(ctx, v.db, scanPaper, `SELECT `+paperColumns+` FROM paper_permit WHERE application <> '' AND id > $1 ORDER BY id LIMIT $2`, after, limit)
}

func (w permitWrites) AddPaper(p permit.Paper) {
	w.u.add(`INSERT INTO paper_permit (id, body, kind_kk, kind_ru, category, series, number, series_key, number_key, issued_on, holder_name, holder_number,
			state, since, until, valid_to, batch, imported_at, application, permit)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`,
		p.ID, p.Body, p.Kind.KK, p.Kind.RU, p.Category, p.Series, p.Number, p.SeriesKey(), p.NumberKey(), p.IssuedOn, p.HolderName, p.HolderNumber,
		p.State, p.Since, p.Until, p.ValidTo, p.Batch, p.ImportedAt, p.Application, p.Permit)
}

// claimed is the fault of a paper that is in other hands.
func claimed() *fault.Fault { return fault.New(fault.Conflict, "store.paper-claimed") }

func (w permitWrites) ClaimPaper(id, application string) {
	w.u.guarded(claimed(), `UPDATE paper_permit SET application = $2 WHERE id = $1 AND application = ''`, id, application)
}

func (w permitWrites) ReleasePaper(id, application string) {
	w.u.guarded(race(), `UPDATE paper_permit SET application = '' WHERE id = $1 AND application = $2 AND permit = ''`, id, application)
}

func (w permitWrites) RestorePaper(id, application, number string) {
	w.u.guarded(claimed(), `UPDATE paper_permit SET permit = $3 WHERE id = $1 AND application = $2 AND permit = ''`, id, application, number)
}
