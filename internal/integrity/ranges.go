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
		list, err := c.v.Permits().Quarantine().Restored(c.ctx, after, page)
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

// imports checks that every row of a released batch stands in the register, and of one that waits or was dropped none that it
// brought (I6). Where another import brought a row's number first, that paper is the one that stands there.
func (c *checker) imports() error {
	q := c.v.Permits().Quarantine()
	for _, state := range []permit.BatchState{permit.BatchReceiving, permit.BatchWaiting, permit.BatchReleasing, permit.BatchReleased, permit.BatchDropped} {
		ids, err := q.In(c.ctx, state)
		if err != nil {
			return err
		}
		for _, id := range ids {
			b, err := q.Batch(c.ctx, id)
			if err != nil {
				return err
			}
			if err := c.batch(q, b); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *checker) batch(q port.Quarantine, b permit.Batch) error {
	brought, after := 0, ""
	for {
		list, err := q.Brought(c.ctx, b.ID, after, page)
		if err != nil {
			return err
		}
		if brought += len(list); len(list) < page {
			break
		}
		after = list[page-1].ID
	}
	if brought != b.Done {
		c.broken("I6", "papers/"+b.ID, "%s, %d rows in the register, which has %d of it", b.State, b.Done, brought)
	}
	switch b.State {
	case permit.BatchReceiving, permit.BatchWaiting, permit.BatchDropped:
		if brought > 0 {
			c.broken("I6", "papers/"+b.ID, "%s, and %d of its rows are in the register", b.State, brought)
		}
		return nil
	case permit.BatchReleasing, permit.BatchReleased:
	}
	return c.released(q, b)
}

// received checks that the rows are those that came (I7).
func (c *checker) received(q port.Quarantine, b permit.Batch) error {
	sum := ""
	for after := 0; ; {
		lines, err := q.Lines(c.ctx, b.ID, after, page)
		if err != nil {
			return err
		}
		for _, l := range lines {
			after, sum = l.No, l.Sum(sum)
		}
		if len(lines) < page {
			break
		}
	}
	if told, ok := c.told.batches["papers/"+b.ID]; !ok || told != "" && told != sum {
		c.broken("I7", "papers/"+b.ID, "its rows are not those that came")
	}
	return nil
}

// released checks the rows up to which the release has come.
func (c *checker) released(q port.Quarantine, b permit.Batch) error {
	if err := c.received(q, b); err != nil {
		return err
	}
	for after := 0; ; {
		lines, err := q.Lines(c.ctx, b.ID, after, page)
		if err != nil || len(lines) == 0 {
			return err
		}
		var numbers []string
		for _, l := range lines {
			numbers = append(numbers, l.Paper.NumberKey())
		}
		papers, err := q.Numbered(c.ctx, b.Body, numbers)
		if err != nil {
			return err
		}
		there := map[permit.PaperKey]permit.Paper{}
		for _, x := range papers {
			there[x.Key()] = x
		}
		for _, l := range lines {
			after = l.No
			if l.No > b.Past && b.State == permit.BatchReleasing {
				return nil
			}
			x, ok := there[l.Paper.Key()]
			switch {
			case !ok:
				c.broken("I6", "papers/"+b.ID, "line %d is not in the register", l.No)
			case x.Batch == b.ID && l.Sum("") != (permit.Line{No: l.No, Paper: x}).Sum(""):
				c.broken("I6", "papers/"+b.ID, "line %d says something else in the register", l.No)
			}
		}
	}
}
