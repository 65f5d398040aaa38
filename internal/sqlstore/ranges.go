package sqlstore

import (
	"context"
	"errors"
	"slices"

	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/ledger"
	"elicense/internal/port"
)

const rangeColumns = `code, first_number, last_number, state, application, permit, party, holder_name, holder_number, since, until, ground`

func scanRange(r rows, x *ledger.Range) error {
	return scan(r, &x.Code, &x.First, &x.Last, &x.State, &x.Application, &x.Permit, &x.Party, &x.HolderName, &x.HolderNumber, &x.Since, &x.Until, &x.Ground)
}

// codeState is a row of the count: a code with the numbers of one state.
type codeState struct {
	ledger.CodeCount
	state   ledger.RangeState
	numbers int64
}

func scanCodeState(r rows, c *codeState) error {
	return scan(r, &c.Code, &c.Name.KK, &c.Name.RU, &c.Name.EN, &c.Capacity, &c.state, &c.numbers)
}

func (v quotas) Codes(ctx context.Context) ([]ledger.CodeCount, error) {
	counted, err := list(ctx, v.db, scanCodeState, `
		SELECT c.code, c.name_kk, c.name_ru, c.name_en, c.capacity, COALESCE(r.state, ''), CAST(COALESCE(SUM(r.last_number - r.first_number + 1), 0) AS BIGINT)
		FROM number_code c LEFT JOIN number_range r ON r.code = c.code
		GROUP BY c.code, c.name_kk, c.name_ru, c.name_en, c.capacity, r.state ORDER BY c.code`)
	var codes []ledger.CodeCount
	for _, c := range counted {
		if n := len(codes); n == 0 || codes[n-1].Code != c.Code {
			c.Numbers = map[ledger.RangeState]int64{}
			codes = append(codes, c.CodeCount)
		}
		if c.state != "" {
			codes[len(codes)-1].Numbers[c.state] = c.numbers
		}
	}
	return codes, err
}

func (v quotas) Ranges(ctx context.Context, s port.RangeSearch) ([]ledger.Range, error) {
	f := filter{}
	f.where(`code >= %s`, s.AfterCode)
	if s.AfterCode != "" {
		f.where(`(code, first_number) > (%s, %s)`, s.AfterCode, s.After)
	}
	for _, c := range []struct{ column, value string }{
		{"code", string(s.Code)}, {"state", string(s.State)}, {"application", s.Application}, {"permit", s.Permit},
	} {
		if c.value != "" {
			f.where(c.column+` = %s`, c.value)
		}
	}
	if !s.Over.IsZero() {
		f.where(`state = %s AND until < %s`, ledger.Quarantined, s.Over)
	}
	f.write(` ORDER BY code, first_number`)
	if s.Limit > 0 {
		f.write(` LIMIT %s`, s.Limit)
	}
	return list(ctx, v.db, scanRange, `SELECT `+rangeColumns+` FROM number_range WHERE `+f.text.String(), f.args...)
}

func (w quotaWrites) PutCode(code ledger.Code, name lang.Text) {
	w.u.add(`INSERT INTO number_code (code, name_kk, name_ru, name_en, capacity, changes) VALUES ($1, $2, $3, $4, 0, 0)
		ON CONFLICT (code) DO UPDATE SET name_kk = excluded.name_kk, name_ru = excluded.name_ru, name_en = excluded.name_en`, code, name.KK, name.RU, name.EN)
}

// AddRange raises the capacity first: the update holds the code's row, on which the trigger of the ranges waits.
func (w quotaWrites) AddRange(r ledger.Range) {
	w.u.contend("code " + string(r.Code))
	w.u.guarded(race(), `UPDATE number_code SET capacity = capacity + $2, changes = changes + 1 WHERE code = $1`, r.Code, r.Size())
	w.insert(r)
}

func (w quotaWrites) insert(r ledger.Range) {
	w.u.add(`INSERT INTO number_range (code, first_number, last_number, state, application, permit, party, holder_name, holder_number, since, until, ground)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		r.Code, r.First, r.Last, r.State, r.Application, r.Permit, r.Party, r.HolderName, r.HolderNumber, r.Since, r.Until, r.Ground)
}

// ReplaceRanges takes the codes' rows first and in order, so that two units never wait for each other.
func (w quotaWrites) ReplaceRanges(old, with []ledger.Range) {
	if !sameNumbers(old, with) {
		if w.u.err == nil {
			w.u.err = fault.New(fault.Internal, keyInternal).Because(errors.New("sqlstore: ranges are replaced by others that do not hold the same numbers"))
		}
		return
	}
	var codes []ledger.Code
	for _, r := range old {
		codes = append(codes, r.Code)
	}
	slices.Sort(codes)
	for _, code := range slices.Compact(codes) {
		w.u.contend("code " + string(code))
		w.u.guarded(race(), `UPDATE number_code SET changes = changes + 1 WHERE code = $1`, code)
	}
	for _, r := range old {
		w.u.guarded(race(), `DELETE FROM number_range WHERE code = $1 AND first_number = $2 AND last_number = $3 AND state = $4 AND application = $5 AND permit = $6
			AND party = $7 AND holder_name = $8 AND holder_number = $9 AND since = $10 AND until = $11 AND ground = $12`,
			r.Code, r.First, r.Last, r.State, r.Application, r.Permit, r.Party, r.HolderName, r.HolderNumber, r.Since, r.Until, r.Ground)
	}
	for _, r := range with {
		w.insert(r)
	}
}

// sameNumbers tells whether two sets of ranges, neither with an overlap, hold the same numbers.
func sameNumbers(a, b []ledger.Range) bool {
	return slices.Equal(numbersOf(a), numbersOf(b)) && len(a) > 0
}

// numbersOf joins touching ranges and leaves nothing but their numbers; an overlap stays two ranges.
func numbersOf(ranges []ledger.Range) []ledger.Range {
	var joined []ledger.Range
	sorted := slices.Clone(ranges)
	ledger.Sort(sorted)
	for _, r := range sorted {
		r = ledger.Range{Code: r.Code, First: r.First, Last: r.Last}
		if n := len(joined) - 1; n >= 0 && joined[n].Code == r.Code && joined[n].Last+1 == r.First {
			joined[n].Last = r.Last
			continue
		}
		joined = append(joined, r)
	}
	return joined
}

const orderColumns = `id, does, code, first_number, last_number, permit, party, holder_name, holder_number, reason, until, state,
	proposed_by, proposed_person, proposed_at, closed_by, closed_person, closed_at, proposed_for, proposed_for_person, closed_for, closed_for_person`

func scanOrder(r rows, o *ledger.Order) error {
	return scan(r, &o.ID, &o.Does, &o.Code, &o.First, &o.Last, &o.Grant.Permit, &o.Grant.Party, &o.Grant.HolderName, &o.Grant.HolderNumber, fromJSON(&o.Reason),
		&o.Until, &o.State, &o.Proposed.By, &o.Proposed.Person, &o.Proposed.At, &o.Closed.By, &o.Closed.Person, &o.Closed.At,
		&o.Proposed.For, &o.Proposed.ForPerson, &o.Closed.For, &o.Closed.ForPerson)
}

func (v quotas) Order(ctx context.Context, id string) (ledger.Order, error) {
	return get(ctx, v.db, scanOrder, `SELECT `+orderColumns+` FROM number_order WHERE id = $1`, id)
}

func (v quotas) Orders(ctx context.Context, s port.OrderSearch) ([]ledger.Order, error) {
	f := filter{}
	f.where(`id > %s`, "")
	for _, c := range []struct{ column, value string }{{"code", string(s.Code)}, {"permit", s.Permit}, {"state", string(s.State)}} {
		if c.value != "" {
			f.where(c.column+` = %s`, c.value)
		}
	}
	return list(ctx, v.db, scanOrder, `SELECT `+orderColumns+` FROM number_order WHERE `+f.text.String()+` ORDER BY id`, f.args...)
}

func (w quotaWrites) AddOrder(o ledger.Order) {
	w.u.add(`INSERT INTO number_order (id, does, code, first_number, last_number, permit, party, holder_name, holder_number, reason, until, state,
			proposed_by, proposed_person, proposed_at, closed_by, closed_person, closed_at, proposed_for, proposed_for_person, closed_for, closed_for_person)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)`,
		o.ID, o.Does, o.Code, o.First, o.Last, o.Grant.Permit, o.Grant.Party, o.Grant.HolderName, o.Grant.HolderNumber, jsonText(o.Reason), o.Until, o.State,
		o.Proposed.By, o.Proposed.Person, o.Proposed.At, o.Closed.By, o.Closed.Person, o.Closed.At,
		o.Proposed.For, o.Proposed.ForPerson, o.Closed.For, o.Closed.ForPerson)
}

func (w quotaWrites) CloseOrder(o ledger.Order) {
	w.u.guarded(race(), `UPDATE number_order SET state = $2, closed_by = $3, closed_person = $4, closed_at = $5, closed_for = $6, closed_for_person = $7 WHERE id = $1 AND state = 'proposed'`,
		o.ID, o.State, o.Closed.By, o.Closed.Person, o.Closed.At, o.Closed.For, o.Closed.ForPerson)
}
