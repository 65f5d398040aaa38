package sqlstore

import (
	"context"
	"time"

	"elicense/internal/access"
	"elicense/internal/civil"
)

type (
	departments      struct{ db querier }
	departmentWrites struct{ u *unit }
	absences         struct{ db querier }
	absenceWrites    struct{ u *unit }
)

func scanDepartment(r rows, d *access.Department) error {
	return scan(r, &d.Key, &d.Body, fromJSON(&d.Name), fromJSON(&d.Territory), &d.Head, &d.BlockedAt, &d.Version)
}

func (v departments) List(ctx context.Context, body string) ([]access.Department, error) {
	return list(ctx, v.db, scanDepartment, `SELECT key, body, name, territory, head, blocked_at, version FROM department WHERE body = $1 ORDER BY key`, body)
}

func (w departmentWrites) Add(d access.Department) {
	w.u.add(`INSERT INTO department (key, body, name, territory, head, blocked_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		d.Key, d.Body, jsonText(d.Name), jsonText(d.Territory), d.Head, d.BlockedAt, d.Version)
}

func (w departmentWrites) Change(d access.Department) {
	w.u.guarded(race(), `UPDATE department SET name = $4, territory = $5, head = $6, blocked_at = $7, version = $3 + 1 WHERE body = $1 AND key = $2 AND version = $3`,
		d.Body, d.Key, d.Version, jsonText(d.Name), jsonText(d.Territory), d.Head, d.BlockedAt)
}

const absenceColumns = `id, body, official, deputy, service, from_day, to_day, reason, made_by, created_at, ended_at, ended_by`

func scanAbsence(r rows, a *access.Absence) error {
	return scan(r, &a.ID, &a.Body, &a.Official, &a.Deputy, &a.Service, &a.From, &a.To, &a.Reason, &a.By, &a.CreatedAt, &a.EndedAt, &a.EndedBy)
}

func (v absences) Absence(ctx context.Context, id string) (access.Absence, error) {
	return get(ctx, v.db, scanAbsence, `SELECT `+absenceColumns+` FROM absence WHERE id = $1`, id)
}

func (v absences) List(ctx context.Context, body string, since civil.Date) ([]access.Absence, error) {
	return list(ctx, v.db, scanAbsence, `SELECT `+absenceColumns+` FROM absence WHERE body = $1 AND to_day >= $2 ORDER BY from_day, id`, body, since)
}

func scanAbsent(r rows, x *access.Absent) error {
	return scan(r, &x.Account, &x.Person, &x.Service, fromJSON(&x.Duties))
}

func (v absences) Absent(ctx context.Context, deputy, body string, day civil.Date) ([]access.Absent, error) {
	return list(ctx, v.db, scanAbsent, `SELECT o.id, o.person, a.service, o.duties FROM absence a JOIN official o ON o.id = a.official
		WHERE a.deputy = $1 AND a.to_day >= $3 AND a.from_day <= $3 AND a.ended_at = 0 AND a.body = $2 AND o.body = $2 AND o.blocked_at = 0
		ORDER BY o.id, a.service, a.id`, deputy, body, day)
}

func (w absenceWrites) Add(a access.Absence) {
	w.u.add(`INSERT INTO absence (`+absenceColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		a.ID, a.Body, a.Official, a.Deputy, a.Service, a.From, a.To, a.Reason, a.By, a.CreatedAt, a.EndedAt, a.EndedBy)
}

func (w absenceWrites) End(id string, at time.Time, by string) {
	w.u.guarded(race(), `UPDATE absence SET ended_at = $2, ended_by = $3 WHERE id = $1 AND ended_at = 0`, id, at, by)
}

func scanFactor(r rows, f *access.Factor) error {
	return scan(r, &f.Official, &f.Secret, &f.Step, fromJSON(&f.Recovery), &f.Version)
}

func (v officials) Factor(ctx context.Context, official string) (access.Factor, bool, error) {
	return find(ctx, v.db, scanFactor, `SELECT official, secret, step, recovery, version FROM official_factor WHERE official = $1`, official)
}

func (w officialWrites) AddFactor(f access.Factor) {
	w.u.add(`INSERT INTO official_factor (official, secret, step, recovery, version) VALUES ($1, $2, $3, $4, $5)`,
		f.Official, f.Secret, f.Step, jsonText(f.Recovery), f.Version)
}

func (w officialWrites) ChangeFactor(f access.Factor) {
	w.u.guarded(race(), `UPDATE official_factor SET step = $3, recovery = $4, secret = $5, version = $2 + 1 WHERE official = $1 AND version = $2`,
		f.Official, f.Version, f.Step, jsonText(f.Recovery), f.Secret)
}

func (w officialWrites) RemoveFactor(official string) {
	w.u.add(`DELETE FROM official_factor WHERE official = $1`, official)
}

// held compares the holder of an application with an official and with those in whose place they work.
func (f *filter) held(holder string, absent []access.Absent) {
	f.where(`(holder = %s`, holder)
	for _, x := range absent {
		if x.Service == "" {
			f.write(` OR holder = %s`, x.Account)
		} else {
			f.write(` OR holder = %s AND service = %s`, x.Account, x.Service)
		}
	}
	f.write(`)`)
}
