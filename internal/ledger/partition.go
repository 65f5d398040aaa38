package ledger

import (
	"cmp"
	"slices"

	"elicense/internal/fault"
)

// Split gives the parts of a range: what lies before the wanted numbers, the wanted ones, what lies after; the outer ones
// only where there are any. Numbers that are not all the range's are fault.Conflict "ledger.taken".
func (r Range) Split(first, last int64) (parts []Range, wanted int, err error) {
	middle := r
	middle.First, middle.Last = first, last
	if first > last || !middle.Within(r) {
		return nil, 0, fault.New(fault.Conflict, "ledger.taken")
	}
	if first > r.First {
		before := r
		before.Last = first - 1
		parts = append(parts, before)
	}
	wanted = len(parts)
	parts = append(parts, middle)
	if last < r.Last {
		after := r
		after.First = last + 1
		parts = append(parts, after)
	}
	return parts, wanted, nil
}

// Merge joins two neighbours that do not differ in anything but their numbers and the day of their state: the joined one
// has the later day. ok is false for any others.
func Merge(left, right Range) (r Range, ok bool) {
	same := right
	same.First, same.Last, same.Since = left.First, left.Last, left.Since
	if left.Code != right.Code || left.Last+1 != right.First || same != left {
		return Range{}, false
	}
	left.Last = right.Last
	if left.Since.Before(right.Since) {
		left.Since = right.Since
	}
	return left, true
}

// Join merges all neighbours that Merge joins; ranges are sorted.
func Join(sorted []Range) []Range {
	var joined []Range
	for _, r := range sorted {
		if n := len(joined) - 1; n >= 0 {
			if m, ok := Merge(joined[n], r); ok {
				joined[n] = m
				continue
			}
		}
		joined = append(joined, r)
	}
	return joined
}

// Sort orders ranges by code and first number.
func Sort(ranges []Range) {
	slices.SortFunc(ranges, func(a, b Range) int {
		return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.First, b.First))
	})
}

// Overlaps finds ranges that share numbers with one before them in the order of Sort.
func Overlaps(sorted []Range) []Range {
	var found []Range
	for i, last := 1, 0; i < len(sorted); i++ {
		if sorted[last].Overlaps(sorted[i]) {
			found = append(found, sorted[i])
		}
		if sorted[i].Code != sorted[last].Code || sorted[i].Last > sorted[last].Last {
			last = i
		}
	}
	return found
}

// Gaps gives the numbers of a block that no range holds; ranges are sorted.
func Gaps(block Range, sorted []Range) []Range {
	var gaps []Range
	next := block.First
	gap := func(to int64) {
		if to >= next {
			gaps = append(gaps, Range{Code: block.Code, First: next, Last: to})
		}
	}
	for _, r := range sorted {
		if !r.Overlaps(block) {
			continue
		}
		gap(r.First - 1)
		next = max(next, r.Last+1)
	}
	gap(block.Last)
	return gaps
}

// Propose chooses count numbers among free ranges of one code, in whole blocks that begin at a multiple of the block's
// size (1 = single numbers): count is rounded up to whole blocks. The smallest gap that holds all is taken, so that
// large gaps stay for large wishes; where none does, as few ranges as possible, the largest first. Too few numbers are
// fault.Conflict "ledger.short"; a count below one or a block that is no power of ten is fault.Invalid "ledger.count".
func Propose(free []Range, count, block int64) ([]Range, error) {
	if count < 1 || count > maxCount || !powerOfTen(block) {
		return nil, fault.New(fault.Invalid, "ledger.count")
	}
	count = roundUp(count, block)
	gaps := wholeBlocks(joined(free), block)
	var chosen []Range
	for count > 0 {
		best := bestGap(gaps, count)
		if best < 0 {
			return nil, fault.New(fault.Conflict, "ledger.short")
		}
		take := gaps[best]
		take.Last = min(take.Last, take.First+count-1)
		chosen = append(chosen, take)
		count -= take.Size()
		gaps = slices.Delete(gaps, best, best+1)
	}
	Sort(chosen)
	return chosen, nil
}

// maxCount is the size of the largest code.
const maxCount = 10_000_000

func powerOfTen(n int64) bool {
	for n > 1 && n%10 == 0 {
		n /= 10
	}
	return n == 1
}

func roundUp(n, block int64) int64 { return (n + block - 1) / block * block }

// joined are the gaps that free neighbours make together.
func joined(free []Range) []Range {
	list := slices.Clone(free)
	Sort(list)
	var gaps []Range
	for _, r := range list {
		r = Range{Code: r.Code, First: r.First, Last: r.Last, State: Free}
		if n := len(gaps) - 1; n >= 0 && gaps[n].Code == r.Code && gaps[n].Last+1 == r.First {
			gaps[n].Last = r.Last
			continue
		}
		gaps = append(gaps, r)
	}
	return gaps
}

// wholeBlocks leaves of each gap what whole blocks cover.
func wholeBlocks(gaps []Range, block int64) []Range {
	var whole []Range
	for _, g := range gaps {
		g.First = roundUp(g.First, block)
		g.Last = (g.Last+1)/block*block - 1
		if g.First <= g.Last {
			whole = append(whole, g)
		}
	}
	return whole
}

// bestGap is the smallest gap of at least count numbers, or else the largest; of equal ones the first. -1 = no gap.
func bestGap(gaps []Range, count int64) int {
	best := -1
	for i, g := range gaps {
		if best < 0 {
			best = i
			continue
		}
		size, have := g.Size(), gaps[best].Size()
		enough, had := size >= count, have >= count
		if (enough && !had) || (enough && had && size < have) || (!enough && !had && size > have) {
			best = i
		}
	}
	return best
}
