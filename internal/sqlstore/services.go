package sqlstore

import (
	"context"
	"time"

	"elicense/internal/application"
	"elicense/internal/fault"
	"elicense/internal/money"
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

func scanHead(r rows, p *port.Published) error {
	return scan(r, &p.Service, &p.Number, &p.Digest, &p.PublishedAt, &p.PublishedBy)
}

func (v services) Revisions(ctx context.Context, service string) ([]port.Published, error) {
	return list(ctx, v.db, scanHead, `SELECT service, number, digest, published_at, published_by FROM service_revision
		WHERE service = $1 ORDER BY number DESC`, service)
}

// Stamp counts: rows of this table never go away.
func (v services) Stamp(ctx context.Context) (int64, error) {
	n, _, err := find(ctx, v.db, scalar[int64], `SELECT COUNT(*) FROM service_revision`)
	return n, err
}

const (
	proposalHead = `p.id, p.service, p.base, p.digest, p.note, p.proposed_by, p.proposer_iin, p.proposed_at,
		COALESCE(v.approved, 0), COALESCE(v.number, 0), COALESCE(v.reason, ''), COALESCE(v.decided_by, ''), COALESCE(v.decider_iin, ''), COALESCE(v.decided_at, 0)`
	proposalFrom = ` FROM service_proposal p LEFT JOIN service_verdict v ON v.proposal = p.id`
)

func scanProposalHead(r rows, p *port.Proposal, more ...any) error {
	var approved int64
	v := &p.Verdict
	err := scan(r, append([]any{&p.ID, &p.Service, &p.Base, &p.Digest, &p.Note, &p.Proposer.Actor, &p.Proposer.IIN, &p.At,
		&approved, &v.Number, &v.Reason, &v.By.Actor, &v.By.IIN, &v.At}, more...)...)
	v.Approved = approved != 0
	return err
}

func (v services) Proposal(ctx context.Context, id string) (port.Proposal, error) {
	whole := func(r rows, p *port.Proposal) error {
		return scanProposalHead(r, p, fromJSON(&p.Source), fromJSON(&p.Cases))
	}
	return get(ctx, v.db, whole, `SELECT `+proposalHead+`, p.source, p.cases`+proposalFrom+` WHERE p.id = $1`, id)
}

func (v services) Proposals(ctx context.Context, limit int) ([]port.Proposal, error) {
	head := func(r rows, p *port.Proposal) error { return scanProposalHead(r, p) }
	return list(ctx, v.db, head, `SELECT `+proposalHead+proposalFrom+` ORDER BY p.proposed_at DESC, p.id DESC LIMIT $1`, limit)
}

// Undecided follows the primary key: paging through a service reads the table once, and filing pays for no other index.
func (v services) Undecided(ctx context.Context, service, after string, limit int) ([]string, error) {
	return list(ctx, v.db, scalar[string], `SELECT number FROM application
		WHERE number > $2 AND service = $1 AND state IN ('draft', 'signing', 'in_progress') ORDER BY number LIMIT $3`, service, after, limit)
}

func scanMove(r rows, m *application.Move) error {
	var was, is, paid int64
	err := scan(r, &m.Application, &m.From, &m.To, &m.At, fromJSON(&m.Aside), fromJSON(&m.Fields), fromJSON(&m.Detached), &m.Operation, &was, &is, &paid, &m.SeenAt)
	m.FeeWas, m.FeeIs, m.FeePaid = money.Tiyn(was), money.Tiyn(is), paid != 0
	return err
}

func (v services) Moves(ctx context.Context, number string) ([]application.Move, error) {
	return list(ctx, v.db, scanMove, `SELECT application, from_revision, to_revision, at, aside, fields, detached, operation, fee_was, fee_is, fee_paid, seen_at
		FROM application_move WHERE application = $1 ORDER BY to_revision`, number)
}

type serviceWrites struct{ u *unit }

func (w serviceWrites) Publish(p port.Published) {
	w.u.guarded(fault.New(fault.Conflict, "store.revision"),
		`INSERT INTO service_revision (service, number, digest, source, published_at, published_by)
		SELECT CAST($1 AS TEXT), CAST($2 AS BIGINT), CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS BIGINT), CAST($6 AS TEXT)
		WHERE CAST($2 AS BIGINT) = (SELECT COALESCE(MAX(number), 0) + 1 FROM service_revision WHERE service = $1)`,
		p.Service, p.Number, p.Digest, jsonText(p.Source), p.PublishedAt, p.PublishedBy)
}

func (w serviceWrites) Propose(p port.Proposal) {
	w.u.add(`INSERT INTO service_proposal (id, service, base, digest, source, cases, note, proposed_by, proposer_iin, proposed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		p.ID, p.Service, p.Base, p.Digest, jsonText(p.Source), jsonText(p.Cases), p.Note, p.Proposer.Actor, p.Proposer.IIN, p.At)
}

func (w serviceWrites) Decide(proposal string, v port.Verdict) {
	w.u.add(`INSERT INTO service_verdict (proposal, approved, number, reason, decided_by, decider_iin, decided_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		proposal, flag(v.Approved), v.Number, v.Reason, v.By.Actor, v.By.IIN, v.At)
}

func (w serviceWrites) Move(m application.Move) {
	w.u.add(`INSERT INTO application_move (application, from_revision, to_revision, at, aside, fields, detached, operation, fee_was, fee_is, fee_paid, seen_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		ON CONFLICT (application, to_revision) DO UPDATE SET aside = excluded.aside, seen_at = excluded.seen_at`,
		m.Application, m.From, m.To, m.At, jsonText(m.Aside), jsonText(m.Fields), jsonText(m.Detached), m.Operation, m.FeeWas, m.FeeIs, flag(m.FeePaid), m.SeenAt)
}

func (w serviceWrites) SeeMoves(number string, at time.Time) {
	w.u.add(`UPDATE application_move SET seen_at = $2 WHERE application = $1 AND seen_at = 0`, number, at)
}

func (w serviceWrites) ForgetMoves(number string) {
	w.u.add(`DELETE FROM application_move WHERE application = $1`, number)
}

// flag is the stored form of a yes or no.
func flag(b bool) int {
	if b {
		return 1
	}
	return 0
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
