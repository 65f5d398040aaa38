// Package money counts tenge in whole tiyn and knows the monthly calculation index (АЕК, МРП) in which the law states
// fees. The index comes with the budget law of each year, so it is a table with dates.
package money

import (
	"math/big"
	"slices"
	"time"

	"elicense/internal/civil"
	"elicense/internal/decimal"
)

// Tiyn is a sum of money: 100 tiyn are one tenge.
type Tiyn int64

// Tenge is a sum of whole tenge.
const Tenge Tiyn = 100

// String is for logs and tests: 43250.5. People see lang.Printer's form.
func (t Tiyn) String() string { return t.Decimal().String() }

// Decimal is the sum in tenge.
func (t Tiyn) Decimal() decimal.Decimal { return decimal.New(int64(t), 2) }

// FromDecimal reads a sum in tenge; false when it has parts of a tiyn or does not fit.
func FromDecimal(tenge decimal.Decimal) (Tiyn, bool) {
	coef, exact := tenge.Rescale(2)
	return Tiyn(coef), exact
}

// Percent is that part of the sum, rounded half up to a tiyn; a reissue costs 10 % of the rate of issue. False for a
// negative share or sum, or a result that does not fit.
func (t Tiyn) Percent(p decimal.Decimal) (Tiyn, bool) { return times(t, p, 100) }

// times is sum × n / divisor, rounded half up.
func times(sum Tiyn, n decimal.Decimal, divisor int64) (Tiyn, bool) {
	coef, ok := n.Rescale(decimal.MaxScale)
	if !ok || coef < 0 || sum < 0 {
		return 0, false
	}
	product := new(big.Int).Mul(big.NewInt(int64(sum)), big.NewInt(coef))
	unit := new(big.Int).Mul(big.NewInt(1_000_000_000), big.NewInt(divisor))
	product.Mul(product, big.NewInt(2)).Add(product, unit) // (2ab + c) / 2c is ab/c rounded half up
	product.Quo(product, unit.Mul(unit, big.NewInt(2)))
	if !product.IsInt64() {
		return 0, false
	}
	return Tiyn(product.Int64()), true
}

// Row is the index from one day until the next row begins, or until To where that is set.
type Row struct {
	From civil.Date
	To   civil.Date
	// MCI is the index, always whole tenge so far.
	MCI Tiyn
	// Unconfirmed marks a value for which no published source was at hand; statistics may use it, a fee should not.
	Unconfirmed bool
}

// Table is the history of the index, earliest first.
type Table []Row

// Seed is the table of the laws on the republican budget for 2010 to 2026. The index is set for one year at a time: after
// the last day of the table there is none until an administrator enters it. In 2022 the index was 3180 from 1 April for
// social payments only; fees stayed at 3063.
func Seed() Table {
	rows := []struct {
		year        int
		month       int
		tenge       Tiyn
		unconfirmed bool
	}{
		{2010, 1, 1413, true}, {2011, 1, 1512, true}, {2012, 1, 1618, true}, {2013, 1, 1731, true}, {2014, 1, 1852, true},
		{2015, 1, 1982, false}, {2016, 1, 2121, false}, {2017, 1, 2269, false}, {2018, 1, 2405, false}, {2019, 1, 2525, false},
		{2020, 1, 2651, false}, {2020, 4, 2778, false}, {2021, 1, 2917, false}, {2022, 1, 3063, false}, {2023, 1, 3450, false},
		{2024, 1, 3692, false}, {2025, 1, 3932, false}, {2026, 1, 4325, false},
	}
	table := make(Table, 0, len(rows))
	for _, r := range rows {
		table = append(table, Row{From: civil.Date{Year: r.year, Month: time.Month(r.month), Day: 1}, MCI: r.tenge * Tenge, Unconfirmed: r.unconfirmed})
	}
	table[len(table)-1].To = civil.EndOfYear(rows[len(rows)-1].year)
	return table
}

// With is the table with one more row, as an administrator enters it; a row of the same day is replaced. A former end of
// the table gives way to the new row.
func (t Table) With(row Row) Table {
	out := slices.DeleteFunc(slices.Clone(t), func(r Row) bool { return r.From == row.From })
	out = append(out, row)
	slices.SortFunc(out, func(a, b Row) int { return a.From.Compare(b.From) })
	return out
}

// On is the row in force on a day; false before the first row and after the end of the table.
func (t Table) On(day civil.Date) (Row, bool) {
	for _, row := range slices.Backward(t) {
		if !day.Before(row.From) {
			return row, row.To.IsZero() || !day.After(row.To)
		}
	}
	return Row{}, false
}

// MCI is the index on a day.
func (t Table) MCI(on civil.Date) (Tiyn, bool) {
	row, ok := t.On(on)
	return row.MCI, ok
}

// FromMCI is n indices on a day, rounded half up to a tiyn; false where the index is not known or n is negative.
func (t Table) FromMCI(n decimal.Decimal, on civil.Date) (Tiyn, bool) {
	index, ok := t.MCI(on)
	if !ok {
		return 0, false
	}
	return times(index, n, 1)
}

// MCI is the index on a day by the seeded table.
func MCI(on civil.Date) (Tiyn, bool) { return Seed().MCI(on) }

// FromMCI is n indices on a day by the seeded table: 10 indices in 2026 are 43 250 tenge.
func FromMCI(n decimal.Decimal, on civil.Date) (Tiyn, bool) { return Seed().FromMCI(n, on) }
