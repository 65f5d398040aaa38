package sqlstore

import (
	"context"

	"elicense/internal/port"
)

func scanOccurrence(r rows, o *port.Occurrence) error {
	return scan(r, append([]any{&o.ID, &o.Event, &o.At}, applicationDest(&o.Application)...)...)
}

func scanFigure(r rows, f *port.Figure) error {
	return scan(r, &f.Month, &f.Service, &f.Operation, &f.Subtype, &f.Body, &f.Measure, &f.Detail, &f.N)
}

// occurrences are the events that count. Their names are the ones of the index, word for word: SQLite uses a partial
// index for nothing else.
const occurrences = `SELECT e.id, e.event, e.at, ` + applicationHead + `
	FROM application_event e JOIN application a ON a.number = e.application
	WHERE e.event IN ('sent', 'granted', 'refused', 'withdrawn')`

func (v records) Uncounted(ctx context.Context, limit int) ([]port.Occurrence, error) {
	return list(ctx, v.db, scanOccurrence, occurrences+` AND e.counted = 0 ORDER BY e.at, e.id LIMIT $1`, limit)
}

func (v records) Counted(ctx context.Context, folds int, after string, limit int) ([]port.Occurrence, error) {
	return list(ctx, v.db, scanOccurrence, occurrences+` AND e.counted > 0 AND e.counted <= $1 AND e.id > $2 ORDER BY e.id LIMIT $3`, folds, after, limit)
}

func (v records) Figures(ctx context.Context, first, last string) ([]port.Figure, error) {
	return list(ctx, v.db, scanFigure, `SELECT month, service, operation, subtype, body, measure, detail, n FROM statistics_figure
		WHERE month >= $1 AND month <= $2 AND n <> 0 ORDER BY month, service, operation, subtype, body, measure, detail`, first, last)
}

func (v records) Counting(ctx context.Context) (port.Counting, error) {
	return get(ctx, v.db, func(r rows, c *port.Counting) error { return scan(r, &c.Folds, &c.Corrections, &c.First, &c.Last) },
		`SELECT folds, corrections, COALESCE((SELECT MIN(month) FROM statistics_figure), ''), COALESCE((SELECT MAX(month) FROM statistics_figure), '')
		FROM statistics_progress`)
}

func (w recordWrites) Fold(number int, occurrences []string, add []port.Figure) {
	w.u.contend("statistics")
	w.u.guarded(race(), `UPDATE statistics_progress SET folds = $1 WHERE folds = $1 - 1`, number)
	for _, id := range occurrences {
		w.u.guarded(race(), `UPDATE application_event SET counted = $2 WHERE id = $1 AND counted = 0`, id, number)
	}
	w.figures(add)
}

func (w recordWrites) Correct(number int, add []port.Figure) {
	w.u.contend("statistics")
	w.u.guarded(race(), `UPDATE statistics_progress SET corrections = $1 WHERE corrections = $1 - 1`, number)
	w.figures(add)
}

func (w recordWrites) figures(add []port.Figure) {
	for _, f := range add {
		w.u.add(`INSERT INTO statistics_figure (month, service, operation, subtype, body, measure, detail, n) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (month, service, operation, subtype, body, measure, detail) DO UPDATE SET n = statistics_figure.n + excluded.n`,
			f.Month, f.Service, f.Operation, f.Subtype, f.Body, f.Measure, f.Detail, f.N)
	}
}
