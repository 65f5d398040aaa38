package sqlstore

import (
	"context"
	"strings"

	"elicense/internal/civil"
	"elicense/internal/ident"
	"elicense/internal/permit"
	"elicense/internal/port"
)

const permitColumns = `number, second_number, check_code, application, service, revision, subtype, body, party, holder_name, holder_number,
	valid_from, valid_to, issued_at, fields, version, first_issued, origin, replaces, standing`

type permits struct{ db querier }

// scanPermit gives a permit without acts the standing that follows from its issue.
func scanPermit(r rows, p *permit.Permit) error {
	var standing string
	err := scan(r, &p.Number, &p.Second, &p.Check, &p.Application, &p.Service, &p.Revision, &p.Subtype, &p.Body, &p.Party, &p.HolderName, &p.HolderNumber,
		&p.From, &p.To, &p.IssuedAt, fromJSON(&p.Values), &p.Version, &p.First, &p.Origin, &p.Replaces, &standing)
	if err != nil || standing == "" {
		p.Standing = p.After(nil)
		return err
	}
	return fromJSON(&p.Standing).Scan(standing)
}

const fileColumns = `permit, edition, appendix, act, lang, digest, size, made_at`

func scanFile(r rows, f *permit.File) error {
	return scan(r, &f.Permit, &f.Edition, &f.Appendix, &f.Act, &f.Lang, &f.Digest, &f.Size, &f.MadeAt)
}

func (v permits) Permit(ctx context.Context, number string) (permit.Permit, error) {
	return get(ctx, v.db, scanPermit, `SELECT `+permitColumns+` FROM permit WHERE number = $1`, number)
}

// List leaves s.State aside: it is a state of applications.
func (v permits) List(ctx context.Context, s port.Search) ([]permit.Permit, error) {
	f := filter{}
	if s.Party != "" {
		f.where(`party = %s`, s.Party)
	} else {
		f.where(`body = %s`, s.Body)
	}
	if s.Holder != "" {
		f.where(`holder_number = %s`, s.Holder)
	}
	f.standing(s.Standing, s.On)
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

// standing says in SQL what permit.Standing.On says.
func (f *filter) standing(state permit.State, day civil.Date) {
	const began = `ended = '' AND valid_from <= %s`
	const lasts = began + ` AND (last_day = '' OR last_day >= %s)`
	const suspended = `suspended_from <> '' AND suspended_from <= %s AND (suspended_to = '' OR suspended_to >= %s)`
	switch state {
	case "":
	case permit.Future:
		f.where(`ended = '' AND valid_from > %s`, day)
	case permit.Expired:
		f.where(began+` AND last_day <> '' AND last_day < %s`, day, day)
	case permit.Suspended:
		f.where(lasts+` AND `+suspended, day, day, day, day)
	case permit.Valid:
		f.where(lasts+` AND NOT (`+suspended+`)`, day, day, day, day)
	default:
		f.where(`ended = %s`, state)
	}
}

// permitNumber compares every number that the document is known by: its own, the second one, that of the paper before it.
func (f *filter) permitNumber(s port.Search) {
	const second = `replace(replace(second_number, ' ', ''), '-', '')` // any letters, as they are printed
	number, printed := ident.Folded(s.Number), strings.ToUpper(ident.Normalise(s.Number))
	switch {
	case s.Number == "":
	case s.NumberOp == port.Contains:
		f.where(`(number LIKE %s ESCAPE '!' OR `+second+` LIKE %s ESCAPE '!' OR number IN (SELECT permit FROM paper_permit WHERE number_key LIKE %s ESCAPE '!'))`,
			contained(number), contained(printed), contained(number))
	default:
		f.where(`(number = %s OR `+second+` = %s OR number IN (SELECT permit FROM paper_permit WHERE number_key = %s))`, number, printed, number)
	}
}

func (v permits) Files(ctx context.Context, number string) ([]permit.File, error) {
	return list(ctx, v.db, scanFile, `SELECT `+fileColumns+` FROM permit_file WHERE permit = $1 ORDER BY act, appendix, edition, lang`, number)
}

func (v permits) FileByDigest(ctx context.Context, digest string) (permit.File, bool, error) {
	return find(ctx, v.db, scanFile, `SELECT `+fileColumns+` FROM permit_file WHERE digest = $1 ORDER BY permit, edition, appendix, act, lang LIMIT 1`, digest)
}

type permitWrites struct{ u *unit }

func (w permitWrites) Add(p permit.Permit) {
	w.u.add(`INSERT INTO permit (number, second_number, check_code, application, service, revision, subtype, body, party, holder_name, holder_number,
			valid_from, valid_to, issued_at, fields, version, first_issued, origin, replaces, last_day)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`,
		p.Number, p.Second, p.Check, p.Application, p.Service, p.Revision, p.Subtype, p.Body, p.Party, p.HolderName, p.HolderNumber,
		p.From, p.To, p.IssuedAt, jsonText(p.Values), p.Version, p.First, p.Origin, p.Replaces, p.To)
}

func (w permitWrites) AddFile(f permit.File) {
	w.u.add(`INSERT INTO permit_file (`+fileColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		f.Permit, f.Edition, f.Appendix, f.Act, f.Lang, f.Digest, f.Size, f.MadeAt)
}
