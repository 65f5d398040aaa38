package sqlstore

import (
	"context"
	"strings"

	"elicense/internal/permit"
	"elicense/internal/port"
)

const permitColumns = `number, second_number, check_code, application, service, revision, subtype, body, party, holder_name, holder_number,
	valid_from, valid_to, issued_at, fields, version, first_issued`

type permits struct{ db querier }

func scanPermit(r rows, p *permit.Permit) error {
	return scan(r, &p.Number, &p.Second, &p.Check, &p.Application, &p.Service, &p.Revision, &p.Subtype, &p.Body, &p.Party, &p.HolderName, &p.HolderNumber,
		&p.From, &p.To, &p.IssuedAt, fromJSON(&p.Values), &p.Version, &p.First)
}

func scanFile(r rows, f *permit.File) error {
	return scan(r, &f.Permit, &f.Lang, &f.Digest, &f.Size, &f.MadeAt)
}

func (v permits) Permit(ctx context.Context, number string) (permit.Permit, error) {
	return get(ctx, v.db, scanPermit, `SELECT `+permitColumns+` FROM permit WHERE number = $1`, number)
}

// List leaves s.State aside: it is a state of applications; that of a permit follows from its dates.
func (v permits) List(ctx context.Context, s port.Search) ([]permit.Permit, error) {
	f := filter{}
	f.where(`party = %s`, s.Party)
	f.slips(s.Slips)
	f.permitNumber(s)
	f.common(s, "issued_at", "issued_at")
	return list(ctx, v.db, scanPermit, `SELECT `+permitColumns+` FROM permit WHERE `+f.text.String(), f.args...)
}

// slips tells the slips of notifications from permits by the first letter of the code in their numbers (permit.IsSlip).
func (f *filter) slips(wanted bool) {
	if wanted {
		f.where(`substr(number, 5, 1) = %s`, "U")
		return
	}
	f.where(`substr(number, 5, 1) <> %s`, "U")
}

// permitNumber compares every number that the document is known by: its own, the second one, that of the paper before it.
func (f *filter) permitNumber(s port.Search) {
	old := permit.Paper{Number: s.Number}.NumberKey()
	switch {
	case s.Number == "":
	case s.NumberOp == port.Contains:
		f.where(`(number LIKE %s ESCAPE '!' OR second_number LIKE %s ESCAPE '!' OR number IN (SELECT permit FROM paper_permit WHERE number_key LIKE %s ESCAPE '!'))`,
			contained(s.Number), contained(s.Number), contained(old))
	default:
		number := strings.ToUpper(s.Number)
		f.where(`(number = %s OR second_number = %s OR number IN (SELECT permit FROM paper_permit WHERE number_key = %s))`, number, number, old)
	}
}

func (v permits) Files(ctx context.Context, number string) ([]permit.File, error) {
	return list(ctx, v.db, scanFile, `SELECT permit, lang, digest, size, made_at FROM permit_file WHERE permit = $1 ORDER BY lang`, number)
}

func (v permits) FileByDigest(ctx context.Context, digest string) (permit.File, bool, error) {
	return find(ctx, v.db, scanFile, `SELECT permit, lang, digest, size, made_at FROM permit_file WHERE digest = $1 ORDER BY permit, lang LIMIT 1`, digest)
}

type permitWrites struct{ u *unit }

func (w permitWrites) Add(p permit.Permit) {
	w.u.add(`INSERT INTO permit (number, second_number, check_code, application, service, revision, subtype, body, party, holder_name, holder_number,
			valid_from, valid_to, issued_at, fields, version, first_issued)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
		p.Number, p.Second, p.Check, p.Application, p.Service, p.Revision, p.Subtype, p.Body, p.Party, p.HolderName, p.HolderNumber,
		p.From, p.To, p.IssuedAt, jsonText(p.Values), p.Version, p.First)
}

func (w permitWrites) AddFile(f permit.File) {
	w.u.add(`INSERT INTO permit_file (permit, lang, digest, size, made_at) VALUES ($1, $2, $3, $4, $5)`,
		f.Permit, f.Lang, f.Digest, f.Size, f.MadeAt)
}
