package integrity

import (
	"elicense/internal/application"
	"elicense/internal/fault"
	"elicense/internal/ledger"
	"elicense/internal/permit"
	"elicense/internal/port"
)

// numberRanges checks that every number that was put under a code stands in exactly one range, and that reserved and
// allocated ones have what they are reserved for or allocated by (I6).
func (c *checker) numberRanges() error {
	codes, err := c.v.Ledger().Codes(c.ctx)
	if err != nil {
		return err
	}
	for _, code := range codes {
		ranges, err := c.v.Ledger().Ranges(c.ctx, port.RangeSearch{Code: code.Code})
		if err != nil {
			return err
		}
		var sum int64
		for _, r := range ranges {
			sum += r.Size()
			if r.Valid() != nil {
				c.broken("I6", name(r), "there are no such numbers")
			}
			if err := c.numberRange(r); err != nil {
				return err
			}
		}
		for _, r := range ledger.Overlaps(ranges) {
			c.broken("I6", name(r), "its numbers stand in another range too")
		}
		if sum != code.Capacity {
			c.broken("I6", "code "+code.Code.String(), "%d numbers were put under it, its ranges hold %d", code.Capacity, sum)
		}
	}
	return nil
}

func name(r ledger.Range) string {
	return "numbers " + r.Code.String() + " " + r.Code.Number(r.First) + "-" + r.Code.Number(r.Last)
}

// numberRange checks one range. What came by import has no application, and its permit is a paper.
func (c *checker) numberRange(r ledger.Range) error {
	switch r.State {
	case ledger.Free:
		if r.Application+r.Permit+r.Party+r.HolderName+r.HolderNumber != "" {
			c.broken("I6", name(r), "free, with traces of a holder")
		}
		return nil
	case ledger.Reserved, ledger.Allocated, ledger.Withdrawn, ledger.Quarantined:
	default:
		c.broken("I6", name(r), "state %q", r.State)
		return nil
	}
	if r.State != ledger.Reserved && r.Permit == "" {
		c.broken("I6", name(r), "%s without a permit", r.State)
	}
	if r.Application == "" {
		if r.State == ledger.Reserved {
			c.broken("I6", name(r), "reserved for nobody")
		}
		return nil
	}
	a, err := c.v.Applications().Application(c.ctx, r.Application)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return err
	}
	switch {
	case err != nil:
		c.broken("I6", name(r), "its application %s does not exist", r.Application)
	case r.State == ledger.Reserved && a.State != application.Registered:
		c.broken("I6", name(r), "reserved for %s, which is %s", r.Application, a.State)
	case r.State != ledger.Reserved && a.Permit != r.Permit:
		c.broken("I6", name(r), "allocated by %q, its application %s led to %q", r.Permit, r.Application, a.Permit)
	}
	return nil
}

// papers checks that a paper that was restored became a permit of the application that restored it (I6).
func (c *checker) papers() error {
	after := ""
	for {
		list, err := c.v.Permits().Restored(c.ctx, after, page)
		if err != nil {
			return err
		}
		for _, p := range list {
			after = p.ID
			if err := c.paper(p); err != nil {
				return err
			}
		}
		if len(list) < page {
			return nil
		}
	}
}

func (c *checker) paper(p permit.Paper) error {
	a, err := c.v.Applications().Application(c.ctx, p.Application)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return err
	}
	switch {
	case err != nil:
		c.broken("I6", "paper/"+p.ID, "its application %s does not exist", p.Application)
	case a.Permit != p.Permit:
		c.broken("I6", "paper/"+p.ID, "became %q, its application %s led to %q", p.Permit, p.Application, a.Permit)
	case a.State == application.Returned || a.State == application.Withdrawn:
		c.broken("I6", "paper/"+p.ID, "still held by %s, which is %s", p.Application, a.State)
	}
	return nil
}
