package sqlstore

import (
	"context"

	"elicense/internal/fault"
	"elicense/internal/port"
	"elicense/internal/service"
)

const revisionColumns = `r.service, r.number, r.digest, r.source, r.published_at, r.published_by`

type services struct{ db querier }

func scanPublished(r rows, p *port.Published) error {
	return scan(r, &p.Service, &p.Number, &p.Digest, fromJSON(&p.Source), &p.PublishedAt, &p.PublishedBy)
}

func (v services) Newest(ctx context.Context) ([]port.Published, error) {
	return list(ctx, v.db, scanPublished, `SELECT `+revisionColumns+` FROM service_revision r
		WHERE r.number = (SELECT MAX(n.number) FROM service_revision n WHERE n.service = r.service) ORDER BY r.service`)
}

func (v services) Revision(ctx context.Context, service string, number int) (port.Published, error) {
	return get(ctx, v.db, scanPublished, `SELECT `+revisionColumns+` FROM service_revision r WHERE r.service = $1 AND r.number = $2`, service, number)
}

type serviceWrites struct{ u *unit }

func (w serviceWrites) Publish(p port.Published) {
	w.u.guarded(fault.New(fault.Conflict, "store.revision"),
		`INSERT INTO service_revision (service, number, digest, source, published_at, published_by)
		SELECT CAST($1 AS TEXT), CAST($2 AS BIGINT), CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS BIGINT), CAST($6 AS TEXT)
		WHERE CAST($2 AS BIGINT) = (SELECT COALESCE(MAX(number), 0) + 1 FROM service_revision WHERE service = $1)`,
		p.Service, p.Number, p.Digest, jsonText(p.Source), p.PublishedAt, p.PublishedBy)
}

const rowColumns = `directory, code, variant, name_kk, name_ru, name_en, fields, valid_from, valid_to`

type directories struct{ db querier }

func scanRow(r rows, d *service.Row) error {
	return scan(r, &d.Directory, &d.Code, &d.Variant, &d.Name.KK, &d.Name.RU, &d.Name.EN, fromJSON(&d.Values), &d.From, &d.To)
}

func (v directories) Rows(ctx context.Context, directory string) ([]service.Row, error) {
	return list(ctx, v.db, scanRow, `SELECT `+rowColumns+` FROM directory_row WHERE directory = $1 ORDER BY code, variant, valid_from`, directory)
}

func (v directories) Stamp(ctx context.Context, directory string) (int64, error) {
	n, _, err := find(ctx, v.db, scalar[int64], `SELECT stamp FROM directory_stamp WHERE directory = $1`, directory)
	return n, err
}

type directoryWrites struct{ u *unit }

func (w directoryWrites) Put(directory string, rows []service.Row) {
	for _, r := range rows {
		w.u.add(`INSERT INTO directory_row (directory, code, variant, name_kk, name_ru, name_en, fields, valid_from, valid_to)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
			ON CONFLICT (directory, code, variant, valid_from) DO UPDATE SET name_kk = excluded.name_kk, name_ru = excluded.name_ru,
				name_en = excluded.name_en, fields = excluded.fields, valid_to = excluded.valid_to`,
			directory, r.Code, r.Variant, r.Name.KK, r.Name.RU, r.Name.EN, jsonText(r.Values), r.From, r.To)
	}
	w.u.add(`INSERT INTO directory_stamp (directory, stamp) VALUES ($1, 1)
		ON CONFLICT (directory) DO UPDATE SET stamp = directory_stamp.stamp + 1`, directory)
}
