package sqlstore

import (
	"context"
	"strings"

	"elicense/internal/permit"
	"elicense/internal/port"
)

const actColumns = `permit, seq, kind, from_day, to_day, appendix, ground, application, order_id, successor, reverses, said, made_by, at`

func scanAct(r rows, a *permit.Act) error {
	return scan(r, &a.Permit, &a.Seq, &a.Kind, &a.From, &a.To, &a.Appendix, fromJSON(&a.Ground), &a.Application, &a.Order, &a.Successor, &a.Reverses,
		fromJSON(&a.Values), &a.By, &a.At)
}

func (v permits) Acts(ctx context.Context, numbers ...string) ([]permit.Act, error) {
	if len(numbers) == 0 {
		return nil, nil
	}
	f := filter{}
	f.anyOf("permit", numbers)
	return list(ctx, v.db, scanAct, `SELECT `+actColumns+` FROM permit_act WHERE `+f.text.String()+` ORDER BY permit, seq`, f.args...)
}

// anyOf compares a column with several values; their number is part of the statement.
func (f *filter) anyOf(column string, values []string) {
	marks, args := make([]string, len(values)), make([]any, len(values))
	for i, v := range values {
		marks[i], args[i] = "%s", v
	}
	f.where(column+` IN (`+strings.Join(marks, ", ")+`)`, args...)
}

func (v records) Listed(ctx context.Context, number string) (port.ListedPermit, error) {
	return get(ctx, v.db, func(r rows, l *port.ListedPermit) error {
		return scan(r, &l.Acts, &l.Ended, &l.SuspendedFrom, &l.SuspendedTill, &l.LastDay)
	}, `SELECT acts, ended, suspended_from, suspended_to, last_day FROM permit WHERE number = $1`, number)
}

func (v permits) Ending(ctx context.Context, s port.EndingSearch) ([]permit.Permit, error) {
	f := filter{}
	column := "last_day"
	if s.Suspended {
		column = "suspended_to"
	}
	// The first condition is the one of the index, word for word: SQLite uses a partial index for nothing else.
	f.where(column + ` <> '' AND ended = ''`)
	f.where(`(`+column+`, number) > (%s, %s)`, s.AfterDay, s.After)
	f.where(column+` >= %s AND `+column+` <= %s`, s.From, s.To)
	f.write(` ORDER BY `+column+`, number LIMIT %s`, s.Limit)
	return list(ctx, v.db, scanPermit, `SELECT `+permitColumns+` FROM permit WHERE `+f.text.String(), f.args...)
}

const permitOrderColumns = `id, permit, body, kind, from_day, to_day, appendix, ground, reverses, said, state,
	proposed_by, proposed_person, proposed_at, closed_by, closed_person, closed_at`

func scanPermitOrder(r rows, o *permit.Order) error {
	a := &o.Act
	return scan(r, &o.ID, &a.Permit, &o.Body, &a.Kind, &a.From, &a.To, &a.Appendix, fromJSON(&a.Ground), &a.Reverses, fromJSON(&a.Values), &o.State,
		&o.Proposed.By, &o.Proposed.Person, &o.Proposed.At, &o.Closed.By, &o.Closed.Person, &o.Closed.At)
}

func (v permits) Orders(ctx context.Context, s port.PermitOrderSearch) ([]permit.Order, error) {
	f := filter{}
	f.where(`id > %s`, "")
	for _, c := range []struct{ column, value string }{{"id", s.ID}, {"permit", s.Permit}, {"body", s.Body}, {"state", string(s.State)}} {
		if c.value != "" {
			f.where(c.column+` = %s`, c.value)
		}
	}
	return list(ctx, v.db, scanPermitOrder, `SELECT `+permitOrderColumns+` FROM permit_order WHERE `+f.text.String()+` ORDER BY id`, f.args...)
}

// Act writes what lists ask of the standing beside it.
func (w permitWrites) Act(p permit.Permit, a permit.Act) {
	l := port.Listing(p.Standing)
	w.u.guarded(race(), `UPDATE permit SET acts = $2, standing = $3, ended = $4, suspended_from = $5, suspended_to = $6, last_day = $7
		WHERE number = $1 AND acts = $8`, a.Permit, a.Seq, jsonText(p.Standing), l.Ended, l.SuspendedFrom, l.SuspendedTill, l.LastDay, a.Seq-1)
	w.u.add(`INSERT INTO permit_act (`+actColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		a.Permit, a.Seq, a.Kind, a.From, a.To, a.Appendix, jsonText(a.Ground), a.Application, a.Order, a.Successor, a.Reverses, jsonText(a.Values), a.By, a.At)
	if a.Drawn() {
		w.u.add(`INSERT INTO permit_undrawn (permit, seq) VALUES ($1, $2)`, a.Permit, a.Seq)
	}
}

func (w permitWrites) Drawn(number string, act int) {
	w.u.add(`DELETE FROM permit_undrawn WHERE permit = $1 AND seq <= $2`, number, act)
}

func (v permits) Undrawn(ctx context.Context, after string, limit int) ([]string, error) {
	return list(ctx, v.db, func(r rows, number *string) error { return scan(r, number) },
		`SELECT DISTINCT permit FROM permit_undrawn WHERE permit > $1 ORDER BY permit LIMIT $2`, after, limit)
}

func (v permits) Documents() port.PermitDocuments { return v }

func (w permitWrites) AddOrder(o permit.Order) {
	a := o.Act
	w.u.add(`INSERT INTO permit_order (`+permitOrderColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
		o.ID, a.Permit, o.Body, a.Kind, a.From, a.To, a.Appendix, jsonText(a.Ground), a.Reverses, jsonText(a.Values), o.State,
		o.Proposed.By, o.Proposed.Person, o.Proposed.At, o.Closed.By, o.Closed.Person, o.Closed.At)
}

func (w permitWrites) CloseOrder(o permit.Order) {
	w.u.guarded(race(), `UPDATE permit_order SET state = $2, closed_by = $3, closed_person = $4, closed_at = $5 WHERE id = $1 AND state = 'proposed'`,
		o.ID, o.State, o.Closed.By, o.Closed.Person, o.Closed.At)
}
