package integrity

import (
	"strings"

	"elicense/internal/port"
)

// gaps lists the runs of leased numbers that stand for nothing, each with its cause, and breaches of I2: a number in use
// that was never leased.
func (c *checker) gaps() error {
	leases, err := c.v.Keys().Leases(c.ctx, "")
	if err != nil {
		return err
	}
	leased := map[string]map[int]bool{}
	newest := map[string]port.Lease{}
	for _, l := range leases {
		if newest[l.Code].Last < l.Last {
			newest[l.Code] = l
		}
	}
	for _, l := range leases {
		if strings.HasPrefix(l.Code, "J/") {
			continue // places in journals stand in the applications and need not be without gaps
		}
		if leased[l.Code] == nil {
			leased[l.Code] = map[int]bool{}
		}
		for n := l.First; n <= l.Last; n++ {
			leased[l.Code][n] = true
		}
		c.report.Gaps = append(c.report.Gaps, c.gapsOf(l, newest[l.Code] == l)...)
	}
	for code, used := range c.numbers {
		for n := range used {
			if !leased[code][n] {
				c.broken("I2", code, "number %d is in use and was never leased", n)
			}
		}
	}
	return nil
}

// gapsOf lists the unused runs of one lease.
func (c *checker) gapsOf(l port.Lease, newest bool) []Gap {
	var gaps []Gap
	for n := l.First; n <= l.Last; n++ {
		if c.numbers[l.Code][n] {
			continue
		}
		cause := "leased by " + l.Node + ", which ended without giving it back"
		switch {
		case l.ReturnedFrom > 0 && n >= l.ReturnedFrom:
			cause = "given back unused by " + l.Node
		case l.ReturnedFrom > 0:
			cause = "taken by " + l.Node + " for a unit that did not take effect"
		case newest:
			cause = "leased by " + l.Node + ", not used yet or lost with it"
		}
		if k := len(gaps) - 1; k >= 0 && gaps[k].Last == n-1 && gaps[k].Cause == cause {
			gaps[k].Last = n
			continue
		}
		gaps = append(gaps, Gap{l.Code, n, n, cause})
	}
	return gaps
}
