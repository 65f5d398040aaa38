package sqlstore

import (
	"context"

	"elicense/internal/access"
	"elicense/internal/port"
)

// office gives the readers of officials' work, officeWrites the writers.
type (
	office       struct{ db querier }
	officeWrites struct{ u *unit }
)

func (v office) Officials() port.Officials { return officials(v) }
func (v office) Queues() port.Queues       { return queues(v) }
func (v office) Trail() port.Trail         { return trail(v) }

func (v office) Departments() port.Departments { return departments(v) }
func (v office) Absences() port.Absences       { return absences(v) }

func (w officeWrites) Officials() port.OfficialWrites     { return officialWrites(w) }
func (w officeWrites) Departments() port.DepartmentWrites { return departmentWrites(w) }
func (w officeWrites) Absences() port.AbsenceWrites       { return absenceWrites(w) }
func (w officeWrites) Trail() port.TrailWrites            { return trailWrites(w) }
func (w officeWrites) Queues() port.QueueWrites           { return queueWrites(w) }
func (v office) Notices() port.Notices                    { return notices(v) }
func (v office) Messages() port.Messages                  { return messages(v) }
func (w officeWrites) Notices() port.NoticeWrites         { return noticeWrites(w) }
func (w officeWrites) Messages() port.MessageWrites       { return messageWrites(w) }

type (
	officials      struct{ db querier }
	officialWrites struct{ u *unit }
)

const officialColumns = `id, login, person, surname, given_name, patronymic, body, department, duties, password, password_at, factor_at, blocked_at, version, created_at`

func scanOfficial(r rows, o *access.Official) error {
	return scan(r, &o.ID, &o.Login, &o.Person, &o.Surname, &o.GivenName, &o.Patronymic, &o.Body, &o.Department, fromJSON(&o.Duties), &o.Password, &o.PasswordAt,
		&o.FactorAt, &o.BlockedAt, &o.Version, &o.CreatedAt)
}

func (v officials) Official(ctx context.Context, id string) (access.Official, error) {
	return get(ctx, v.db, scanOfficial, `SELECT `+officialColumns+` FROM official WHERE id = $1`, id)
}

func (v officials) ByLogin(ctx context.Context, login string) (access.Official, bool, error) {
	return find(ctx, v.db, scanOfficial, `SELECT `+officialColumns+` FROM official WHERE login = $1`, login)
}

func (v officials) ByPerson(ctx context.Context, person string) ([]access.Official, error) {
	return list(ctx, v.db, scanOfficial, `SELECT `+officialColumns+` FROM official WHERE person = $1 ORDER BY body, id`, person)
}

func (v officials) List(ctx context.Context, body string) ([]access.Official, error) {
	f := filter{}
	if body != "" {
		f.where(`body = %s`, body)
	} else {
		f.where(`1 = 1`)
	}
	return list(ctx, v.db, scanOfficial, `SELECT `+officialColumns+` FROM official WHERE `+f.text.String()+` ORDER BY surname, id`, f.args...)
}

func (w officialWrites) Add(o access.Official) {
	w.u.add(`INSERT INTO official (`+officialColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		o.ID, o.Login, o.Person, o.Surname, o.GivenName, o.Patronymic, o.Body, o.Department, jsonText(o.Duties), o.Password, o.PasswordAt, o.FactorAt, o.BlockedAt, o.Version, o.CreatedAt)
}

func (w officialWrites) Change(o access.Official) {
	w.u.guarded(race(), `UPDATE official SET surname = $3, given_name = $4, patronymic = $5, body = $6, duties = $7, password = $8, password_at = $9,
			blocked_at = $10, department = $11, factor_at = $12, version = $2 + 1
		WHERE id = $1 AND version = $2`,
		o.ID, o.Version, o.Surname, o.GivenName, o.Patronymic, o.Body, jsonText(o.Duties), o.Password, o.PasswordAt, o.BlockedAt, o.Department, o.FactorAt)
}
