package sqlstore

import (
	"context"

	"elicense/internal/application"
	"elicense/internal/port"
)

func (v applications) Bundles() port.Bundles           { return bundles(v) }
func (w applicationWrites) Bundles() port.BundleWrites { return bundleWrites(w) }

type (
	bundles      struct{ db querier }
	bundleWrites struct{ u *unit }
)

func scanBundle(r rows, b *application.Bundle) error {
	return scan(r, &b.ID, &b.Key, &b.Digest, &b.Party, &b.Account, fromJSON(&b.Answers), fromJSON(&b.Sources), &b.Version, &b.CreatedAt, &b.ChangedAt)
}

func (v bundles) Bundle(ctx context.Context, id string) (application.Bundle, error) {
	return get(ctx, v.db, scanBundle, `SELECT id, definition, digest, party, account, answers, sources, version, created_at, changed_at
		FROM bundle WHERE id = $1`, id)
}

func (v bundles) Parts(ctx context.Context, id string) ([]application.Application, error) {
	// The first condition is the one of the index, word for word: SQLite uses a partial index for nothing else.
	return list(ctx, v.db, scanApplicationHead, `SELECT `+applicationHead+` FROM application
		WHERE bundle <> '' AND bundle = $1 AND state <> 'deleted' ORDER BY number`, id)
}

func (w bundleWrites) Add(b application.Bundle) {
	w.u.add(`INSERT INTO bundle (id, definition, digest, party, account, answers, sources, version, created_at, changed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		b.ID, b.Key, b.Digest, b.Party, b.Account, jsonText(b.Answers), jsonText(b.Sources), b.Version, b.CreatedAt, b.ChangedAt)
}

func (w bundleWrites) Change(b application.Bundle) {
	w.u.guarded(race(), `UPDATE bundle SET answers = $3, sources = $4, changed_at = $5, version = $2 + 1 WHERE id = $1 AND version = $2`,
		b.ID, b.Version, jsonText(b.Answers), jsonText(b.Sources), b.ChangedAt)
}
