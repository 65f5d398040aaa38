// Package ledger keeps limited resources: how much there is, how much was granted, and to which application. Amounts are
// ints in millionths of the quota's unit.
package ledger

import (
	"elicense/internal/fault"
)

// Quota is a limited amount of something in a calendar year.
type Quota struct {
	ID      string // "<service>/<directory>/<code>/<variant>/<year>"
	Unit    string // unit code
	Total   int64
	Granted int64
}

// Free is what is left, never below zero.
func (q Quota) Free() int64 {
	if q.Granted >= q.Total {
		return 0
	}
	return q.Total - q.Granted
}

// Entry is one grant from a quota.
type Entry struct {
	Quota       string
	Application string
	Amount      int64
}

// Take makes the entry of a grant, or a Conflict when the quota does not hold as much.
func (q Quota) Take(application string, amount int64) (Entry, error) {
	if amount <= 0 {
		return Entry{}, fault.New(fault.Invalid, "ledger.amount")
	}
	if amount > q.Free() {
		return Entry{}, fault.New(fault.Conflict, "ledger.exhausted")
	}
	return Entry{Quota: q.ID, Application: application, Amount: amount}, nil
}
