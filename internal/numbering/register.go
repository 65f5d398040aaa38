package numbering

import (
	"context"

	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/ledger"
	"elicense/internal/party"
	"elicense/internal/port"
)

// Codes lists the codes with how many numbers each has in each state, for anyone.
func (n *Numbering) Codes(ctx context.Context) ([]ledger.CodeCount, error) {
	var codes []ledger.CodeCount
	err := n.Store.View(ctx, func(v port.View) (err error) {
		codes, err = v.Ledger().Codes(ctx)
		return err
	})
	return codes, err
}

// Line is a range as anyone may see it: the holder by name if it is an organisation, and no ground of a withdrawal.
type Line struct {
	Code        ledger.Code
	First, Last int64
	State       ledger.RangeState
	Holder      string // name of an organisation; empty = none, or a person
	Personal    bool   // there is a holder who is a person
	Since       civil.Date
	Until       civil.Date // last day of the quarantine
}

// Page is a part of the public register of one code.
type Page struct {
	Code  ledger.CodeCount
	Lines []Line
	More  bool
}

// Register lists ranges of a code from after a number on (-1 = from the beginning), by state where one is given. An unknown
// code is fault.NotFound.
func (n *Numbering) Register(ctx context.Context, code string, state ledger.RangeState, after int64, limit int) (Page, error) {
	unknown := fault.New(fault.NotFound, "fault.not-found")
	var p Page
	wanted, err := ledger.ParseCode(code)
	if err != nil {
		return p, unknown
	}
	var list []ledger.Range
	err = n.Store.View(ctx, func(v port.View) (err error) {
		if p.Code, err = counted(ctx, v, wanted); err != nil {
			return err
		}
		list, err = v.Ledger().Ranges(ctx, port.RangeSearch{Code: wanted, State: state, AfterCode: wanted, After: after, Limit: limit + 1})
		return err
	})
	if p.More = len(list) > limit; p.More {
		list = list[:limit]
	}
	for _, r := range list {
		l := Line{Code: r.Code, First: r.First, Last: r.Last, State: r.State, Since: r.Since, Until: r.Until}
		switch {
		case r.State == ledger.Free, r.State == ledger.Reserved: // an application is not public
		case party.KindOf(r.HolderNumber) == party.Organisation:
			l.Holder = r.HolderName
		default:
			l.Personal = r.HolderName+r.HolderNumber != ""
		}
		p.Lines = append(p.Lines, l)
	}
	return p, err
}

// counted gives a code with its counts; an unknown one is fault.NotFound.
func counted(ctx context.Context, v port.View, code ledger.Code) (ledger.CodeCount, error) {
	codes, err := v.Ledger().Codes(ctx)
	if err != nil {
		return ledger.CodeCount{}, err
	}
	for _, c := range codes {
		if c.Code == code {
			return c, nil
		}
	}
	return ledger.CodeCount{}, fault.New(fault.NotFound, "fault.not-found")
}
