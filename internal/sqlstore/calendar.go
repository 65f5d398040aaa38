package sqlstore

import (
	"context"
	"time"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/fault"
	"elicense/internal/port"
)

func (v office) Calendars() port.Calendars { return calendars(v) }
func (v office) Terms() port.Terms         { return terms(v) }

func (w officeWrites) Calendars() port.CalendarWrites { return calendarWrites(w) }
func (w officeWrites) Terms() port.TermWrites         { return termWrites(w) }

type (
	calendars      struct{ db querier }
	calendarWrites struct{ u *unit }
	terms          struct{ db querier }
	termWrites     struct{ u *unit }
)

const calendarColumns = `number, version, base, author, at, reason, days`

func scanCalendar(r rows, c *port.CalendarRevision) error {
	return scan(r, &c.Number, &c.Version, &c.Base, &c.Author, &c.At, &c.Reason, &c.Days)
}

func scanWholeCalendar(r rows, c *port.CalendarRevision) error {
	var data string
	err := scan(r, &c.Number, &c.Version, &c.Base, &c.Author, &c.At, &c.Reason, &c.Days, &data)
	c.Data = []byte(data)
	return err
}

func (v calendars) Newest(ctx context.Context) (port.CalendarRevision, bool, error) {
	return find(ctx, v.db, scanWholeCalendar, `SELECT `+calendarColumns+`, data FROM calendar_revision ORDER BY number DESC LIMIT 1`)
}

func (v calendars) Version(ctx context.Context, version string) (port.CalendarRevision, bool, error) {
	return find(ctx, v.db, scanWholeCalendar, `SELECT `+calendarColumns+`, data FROM calendar_revision WHERE version = $1`, version)
}

func (v calendars) History(ctx context.Context) ([]port.CalendarRevision, error) {
	return list(ctx, v.db, scanCalendar, `SELECT `+calendarColumns+` FROM calendar_revision ORDER BY number DESC`)
}

func (w calendarWrites) Add(r port.CalendarRevision) {
	w.u.add(`INSERT INTO calendar_revision (number, version, base, author, at, reason, days, data) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		r.Number, r.Version, r.Base, r.Author, r.At, r.Reason, r.Days, string(r.Data))
}

// inWork is the condition of the index, word for word.
const inWork = `step <> '' AND state = 'in_progress'`

func (v terms) InWork(ctx context.Context, after string, limit int) ([]application.Application, error) {
	return list(ctx, v.db, scanApplicationHead, `SELECT `+applicationHead+` FROM (SELECT number AS listed FROM application WHERE `+inWork+` AND number > $1
		UNION ALL SELECT application FROM correction_asked WHERE application > $1 ORDER BY 1 LIMIT $2) w JOIN application ON number = listed ORDER BY number`, after, limit)
}

const reminderColumns = `r.id, r.application, r.stage, r.due, r.addressee, r.body, r.duty, r.at, r.seen_at, r.seen_by`

func reminderDest(r *port.Reminder) []any {
	return []any{&r.ID, &r.Application, &r.Stage, &r.Due, &r.Addressee, &r.Body, &r.Duty, &r.At, &r.SeenAt, &r.SeenBy}
}

func scanReminder(r rows, m *port.Reminder) error { return scan(r, reminderDest(m)...) }

func (v terms) Made(ctx context.Context, first, last string) ([]port.Reminder, error) {
	return list(ctx, v.db, scanReminder, `SELECT `+reminderColumns+` FROM reminder r WHERE application >= $1 AND application <= $2
		ORDER BY application, stage, due, addressee`, first, last)
}

func (v terms) Unseen(ctx context.Context, to access.Actor, limit int) ([]port.Reminded, error) {
	scanReminded := func(r rows, m *port.Reminded) error {
		dest := append(reminderDest(&m.Reminder), applicationDest(&m.Application)...)
		return scan(r, append(dest, &m.Applicant)...)
	}
	f := filter{}
	f.where(`r.body = %s`, to.Body)
	f.write(` AND r.seen_at = 0 AND ` + inWork)
	f.where(`(addressee = %s AND %s = 1 OR addressee <> %s AND holder = '' AND r.duty IN (''`, application.ToHead, flag(to.Holds(access.Head)), application.ToHead)
	for _, duty := range to.Duties {
		f.write(`, %s`, duty)
	}
	f.write(`) OR addressee <> %s`, application.ToHead)
	f.held(to.Account, to.Absent)
	f.write(`)`)
	f.write(` ORDER BY r.due, r.application, r.addressee LIMIT %s`, limit)
	return list(ctx, v.db, scanReminded, `SELECT `+reminderColumns+`, a.*
		FROM (SELECT r.* FROM reminder r JOIN application ON number = r.application WHERE `+f.text.String()+`) r
		JOIN (SELECT `+applicationHead+`, (SELECT name FROM party WHERE id = application.party) FROM application) a ON a.number = r.application
		ORDER BY r.due, r.application, r.addressee`, f.args...)
}

func (v terms) Reminder(ctx context.Context, id string) (port.Reminder, error) {
	return get(ctx, v.db, scanReminder, `SELECT `+reminderColumns+` FROM reminder r WHERE id = $1`, id)
}

func (v terms) Moved(ctx context.Context, version, body string) ([]port.MovedTerm, error) {
	f := filter{}
	f.where(`version = %s`, version)
	if body != "" {
		f.where(`body = %s`, body)
	}
	scanMoved := func(r rows, m *port.MovedTerm) error {
		return scan(r, &m.ID, &m.Application, &m.Body, &m.Matter, &m.Version, &m.From, &m.To, &m.At)
	}
	return list(ctx, v.db, scanMoved, `SELECT id, application, body, matter, version, due_from, due_to, at FROM term_moved
		WHERE `+f.text.String()+` ORDER BY application, id LIMIT 500`, f.args...)
}

func (w termWrites) Remind(r port.Reminder) {
	w.u.add(`INSERT INTO reminder (id, application, stage, due, addressee, body, duty, at, seen_at, seen_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		r.ID, r.Application, r.Stage, r.Due, r.Addressee, r.Body, r.Duty, r.At, r.SeenAt, r.SeenBy)
}

func (w termWrites) Seen(id, account string, at time.Time) {
	w.u.guarded(fault.New(fault.Conflict, "reminder.seen"), `UPDATE reminder SET seen_at = $2, seen_by = $3 WHERE id = $1 AND seen_at = 0`, id, at, account)
}

func (w termWrites) Move(m port.MovedTerm) {
	w.u.add(`INSERT INTO term_moved (id, application, body, matter, version, due_from, due_to, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		m.ID, m.Application, m.Body, m.Matter, m.Version, m.From, m.To, m.At)
}
