package numbering

import (
	"context"
	"slices"

	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/ledger"
	"elicense/internal/port"
)

// plan is what the ranges of some codes are and what they shall be. It is changed in memory; what differs in the end is
// written, guarded by what was read.
type plan struct {
	before, now map[ledger.Code][]ledger.Range
}

// load reads the codes. All that a unit decides about ranges it decides by its plan: a second reading could see more.
func load(ctx context.Context, v port.View, codes ...ledger.Code) (*plan, error) {
	p := &plan{map[ledger.Code][]ledger.Range{}, map[ledger.Code][]ledger.Range{}}
	for _, code := range codes {
		if _, ok := p.before[code]; ok {
			continue
		}
		list, err := v.Ledger().Ranges(ctx, port.RangeSearch{Code: code})
		if err != nil {
			return nil, err
		}
		p.before[code], p.now[code] = list, slices.Clone(list)
	}
	return p, nil
}

// loadFor reads the codes under which numbers are reserved for an application, and others.
func loadFor(ctx context.Context, v port.View, application string, others ...ledger.Code) (*plan, error) {
	reserved, err := v.Ledger().Ranges(ctx, port.RangeSearch{Application: application, State: ledger.Reserved})
	if err != nil {
		return nil, err
	}
	return load(ctx, v, append(codesOf(reserved), others...)...)
}

func codesOf(ranges []ledger.Range) []ledger.Code {
	var codes []ledger.Code
	for _, r := range ranges {
		codes = append(codes, r.Code)
	}
	return codes
}

// reserved gives what is reserved for an application.
func (p *plan) reserved(application string) []ledger.Range {
	var list []ledger.Range
	for _, ranges := range p.now {
		for _, r := range ranges {
			if r.State == ledger.Reserved && r.Application == application {
				list = append(list, r)
			}
		}
	}
	return list
}

// over gives the ranges whose quarantine ended before a day.
func (p *plan) over(day civil.Date) []ledger.Range {
	var list []ledger.Range
	for _, ranges := range p.now {
		for _, r := range ranges {
			if r.State == ledger.Quarantined && r.Until.Before(day) {
				list = append(list, r)
			}
		}
	}
	return list
}

// free gives the free ranges of a code.
func (p *plan) free(code ledger.Code) []ledger.Range {
	return slices.DeleteFunc(slices.Clone(p.now[code]), func(r ledger.Range) bool { return r.State != ledger.Free })
}

// change moves the given numbers by f and gives the ranges that came of them, in order. Numbers that are in no range, or
// given twice, are fault.Conflict "ledger.taken".
func (p *plan) change(numbers []ledger.Range, f func(ledger.Range) (ledger.Range, error)) ([]ledger.Range, error) {
	numbers = slices.Clone(numbers)
	ledger.Sort(numbers)
	taken := fault.New(fault.Conflict, "ledger.taken")
	if ledger.Overlaps(numbers) != nil {
		return nil, taken
	}
	var done []ledger.Range
	for _, wanted := range numbers {
		if err := wanted.Valid(); err != nil {
			return nil, err
		}
		list := p.now[wanted.Code]
		if ledger.Gaps(wanted, list) != nil {
			return nil, taken
		}
		var next []ledger.Range
		for _, r := range list {
			if !r.Overlaps(wanted) {
				next = append(next, r)
				continue
			}
			parts, middle, err := r.Split(max(r.First, wanted.First), min(r.Last, wanted.Last))
			if err != nil {
				return nil, err
			}
			if parts[middle], err = f(parts[middle]); err != nil {
				return nil, err
			}
			done = append(done, parts[middle])
			next = append(next, parts...)
		}
		p.now[wanted.Code] = next
	}
	return ledger.Join(done), nil
}

// write lists what differs. Neighbours that became alike are joined, so that free numbers are one gap again.
func (p *plan) write(tx port.Tx) {
	var old, with []ledger.Range
	for code, before := range p.before {
		now := ledger.Join(p.now[code])
		old = append(old, without(before, now)...)
		with = append(with, without(now, before)...)
	}
	if len(old) > 0 {
		ledger.Sort(old)
		ledger.Sort(with)
		tx.Write().Ledger().ReplaceRanges(old, with)
	}
}

// without gives the ranges of a that are not in b.
func without(a, b []ledger.Range) []ledger.Range {
	in := map[ledger.Range]bool{}
	for _, r := range b {
		in[r] = true
	}
	var rest []ledger.Range
	for _, r := range a {
		if !in[r] {
			rest = append(rest, r)
		}
	}
	return rest
}
