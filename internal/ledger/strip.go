package ledger

// Stretch is a run of neighbouring numbers of a code that are shown alike.
type Stretch struct {
	State RangeState
	Share float64 // of all the numbers shown, 0 to 1
}

// Strip reduces the sorted ranges of a code to stretches over at most so many equal cells: a cell is in the state that
// most of its numbers are in, the earlier one of two in RangeStates. Numbers that stand in no range are left out.
func Strip(ranges []Range, cells int64) []Stretch {
	var total int64
	for _, r := range ranges {
		total += r.Size()
	}
	cells = min(cells, total)
	var strip []Stretch
	var before int64 // numbers before the range
	i := 0
	for cell := range cells {
		from, to := total*cell/cells, total*(cell+1)/cells
		counts := map[RangeState]int64{}
		for i < len(ranges) && before < to {
			end := before + ranges[i].Size()
			counts[ranges[i].State] += min(end, to) - max(before, from)
			if end > to {
				break // the range goes on in the next cell
			}
			before, i = end, i+1
		}
		state := Free
		for _, s := range RangeStates() {
			if counts[s] > counts[state] {
				state = s
			}
		}
		share := float64(to-from) / float64(total)
		if n := len(strip) - 1; n >= 0 && strip[n].State == state {
			strip[n].Share += share
			continue
		}
		strip = append(strip, Stretch{state, share})
	}
	return strip
}
