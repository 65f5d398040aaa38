package evidence

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"elicense/internal/audit"
	"elicense/internal/port"
)

// Found is one place where the log is not what was written.
type Found struct {
	Place string `json:"place"` // "row ID", "number N", "numbers N-M", "checkpoint N"
	Text  string `json:"text"`
}

// Report is what a check found.
type Report struct {
	Rows        int64     `json:"rows"` // with a number
	Waiting     int       `json:"waiting"`
	Checkpoints int64     `json:"checkpoints"`
	Root        string    `json:"root"`
	At          time.Time `json:"at"` // of the last checkpoint
	Outside     int       `json:"outside"`
	Found       []Found   `json:"found"`
	More        int       `json:"more"` // that were found and are not listed
}

// Whole tells whether everything is as it was written.
func (r Report) Whole() bool { return len(r.Found) == 0 }

// Text writes the report for people.
func (r Report) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d rows under %d checkpoints, %d rows wait for a number; root %s; %d checkpoints from outside\n", r.Rows, r.Checkpoints, r.Waiting, r.Root, r.Outside)
	for _, x := range r.Found {
		fmt.Fprintf(&b, "CHANGED %s: %s\n", x.Place, x.Text)
	}
	if r.More > 0 {
		fmt.Fprintf(&b, "and %d more\n", r.More)
	}
	if r.Whole() {
		b.WriteString("the log is whole")
	}
	return strings.TrimRight(b.String(), "\n")
}

const (
	page   = 1000 // rows read at once
	listed = 200  // places a report lists
)

// checker walks the log once.
type checker struct {
	ctx    context.Context
	log    port.Trail
	keys   audit.PublicKeys
	report Report
	tree   audit.Tree
	// chain
	last    audit.Checkpoint // the last that was read
	note    []byte           // its bytes
	pending []audit.Checkpoint
	good    int64 // rows up to here are under a root that agrees
	lost    bool  // the tree disagreed once: later roots say nothing
}

// Verify walks the whole log: every row against its leaf, every leaf against the signed roots, every checkpoint against the one
// before, and all of it against checkpoints that were kept outside (signed notes, in any order). Work goes on meanwhile: what is
// written during the check is none of it. Without keys signatures are not judged.
func Verify(ctx context.Context, v port.View, keys audit.PublicKeys, outside [][]byte) (Report, error) {
	c := &checker{ctx: ctx, log: v.Office().Trail(), keys: keys, report: Report{Found: []Found{}}}
	end, ok, err := c.log.Last(ctx)
	if err != nil {
		return c.report, err
	}
	if err := c.checkpoints(end.Number); err != nil {
		return c.report, err
	}
	size := int64(0)
	if n := len(c.pending); ok && n > 0 {
		size = c.pending[n-1].Size
	}
	if err := c.leaves(size); err != nil {
		return c.report, err
	}
	if err := c.strays(); err != nil {
		return c.report, err
	}
	if err := c.outside(outside); err != nil {
		return c.report, err
	}
	c.report.Rows, c.report.Checkpoints, c.report.At = c.tree.Size(), end.Number, c.last.At
	root := c.tree.Root()
	c.report.Root = root.String()
	c.report.Waiting, err = c.log.Backlog(ctx)
	return c.report, err
}

func (c *checker) found(place, format string, args ...any) {
	if len(c.report.Found) == listed {
		c.report.More++
		return
	}
	c.report.Found = append(c.report.Found, Found{place, fmt.Sprintf(format, args...)})
}

// checkpoints reads the chain of checkpoints up to a number.
func (c *checker) checkpoints(until int64) error {
	for c.last.Number < until {
		list, err := c.log.Checkpoints(c.ctx, c.last.Number+1, page)
		if err != nil {
			return err
		}
		for _, s := range list {
			if s.Number <= until {
				c.checkpoint(s)
			}
		}
		if len(list) < page {
			break
		}
	}
	return nil
}

func (c *checker) checkpoint(s port.StoredCheckpoint) {
	here := fmt.Sprintf("checkpoint %d", s.Number)
	for n := c.last.Number + 1; n < s.Number; n++ {
		c.found(fmt.Sprintf("checkpoint %d", n), "is missing")
	}
	x, err := c.keys.Open(s.Note)
	if err != nil {
		c.found(here, "is not what was signed: %v", err)
		c.last.Number, c.note = s.Number, nil
		return
	}
	if x.Number != s.Number || x.Size != s.Size || !x.At.Equal(s.At) {
		c.found(here, "is kept as %d over %d rows and was signed as %d over %d", s.Number, s.Size, x.Number, x.Size)
	}
	switch {
	case c.note == nil && s.Number > 1: // the one before is missing or was changed: it is told already
	case c.note == nil && x.Before != audit.Hash{}, c.note != nil && x.Before != audit.Link(c.note):
		c.found(here, "does not follow the one before")
	}
	if x.Size <= c.last.Size {
		c.found(here, "covers %d rows, the one before covers %d", x.Size, c.last.Size)
	} else {
		c.pending = append(c.pending, x)
		c.last.Size = x.Size
	}
	c.last.Number, c.last.At, c.note = s.Number, x.At, s.Note
}

// leaves reads the numbered rows below size and compares the roots on the way.
func (c *checker) leaves(size int64) error {
	next := int64(0)
	for next < size {
		list, err := c.log.Leaves(c.ctx, next, page)
		if err != nil {
			return err
		}
		for _, n := range list {
			if n.Seq >= size {
				break
			}
			if n.Seq > next {
				c.gap(next, n.Seq)
			}
			c.leaf(n)
			next = n.Seq + 1
		}
		if len(list) < page {
			break
		}
	}
	if next < size {
		c.gap(next, size)
	}
	return nil
}

// gap tells numbers that are missing. The tree goes on without them, and no root agrees from there on: which of the rows under
// the next checkpoint are others than those signed cannot be said.
func (c *checker) gap(from, until int64) {
	place := fmt.Sprintf("numbers %d-%d", from, until-1)
	if until == from+1 {
		place = fmt.Sprintf("number %d", from)
	}
	c.found(place, "missing from the log")
	if !c.lost && len(c.pending) > 0 {
		c.found(fmt.Sprintf("numbers %d-%d", c.good, c.pending[0].Size-1), "cannot be what checkpoint %d was signed over", c.pending[0].Number)
	}
	c.lost = true
}

// leaf holds a row against its leaf, and the tree against the checkpoint that ends with it.
func (c *checker) leaf(n port.Numbered) {
	here := fmt.Sprintf("number %d row %s", n.Seq, n.ID)
	bare, hash := n.Record.Bytes, audit.Hash{}
	if len(n.Kept) >= audit.HashSize {
		copy(hash[:], n.Kept)
	}
	leaf := audit.Leaf(bare)
	switch {
	case n.Record.ID == "":
		c.found(here, "the row was deleted")
		leaf = hash // the signed tree tells whether the leaf is the one that was written
	case leaf != hash:
		c.found(here, "the row and its leaf differ")
		leaf = hash
	case audit.DigestOf(bare) != n.Record.Digest:
		c.found(here, "the digest is not of this row")
	}
	if n.Record.ID != "" && !n.Match(bare) && !unreadable(n, bare) {
		c.found(here, "what lists search by is not what the row says")
	}
	if kept := c.tree.Add(leaf); !bytes.Equal(kept, n.Kept) && !c.lost {
		c.found(here, "the hashes kept with the leaf are not those of the tree")
	}
	for len(c.pending) > 0 && c.pending[0].Size <= n.Seq+1 {
		if x := c.pending[0]; x.Size == n.Seq+1 && !c.lost {
			c.root(x)
		}
		c.pending = c.pending[1:]
	}
}

// unreadable tells a row that never was canonical: it got its number all the same, without heads.
func unreadable(n port.Numbered, canonical []byte) bool {
	e, err := audit.Parse(canonical)
	return (err != nil || e.ID != n.ID) && n.Heads == audit.Heads{ID: n.ID}
}

// root compares the tree with what was signed.
func (c *checker) root(x audit.Checkpoint) {
	if c.tree.Root() == x.Root {
		c.good = x.Size
		return
	}
	c.lost = true
	c.found(fmt.Sprintf("numbers %d-%d", c.good, x.Size-1), "are not what checkpoint %d was signed over (first of the places where the tree differs)", x.Number)
}

// strays tells rows outside every order.
func (c *checker) strays() error {
	s, err := c.log.Strays(c.ctx, listed)
	if err != nil {
		return err
	}
	for _, id := range s.Inserted {
		c.found("row "+id, "has no number and does not wait for one: it was not written by the program, or its number was taken away")
	}
	for _, id := range s.Lost {
		c.found("row "+id, "waits for a number and was deleted")
	}
	for _, id := range s.Twice {
		c.found("row "+id, "waits for a number and has one")
	}
	for _, seq := range s.Beyond {
		c.found(fmt.Sprintf("number %d", seq), "no checkpoint covers it")
	}
	return nil
}

// outside compares checkpoints that were kept elsewhere: each must still stand here, byte for byte.
func (c *checker) outside(notes [][]byte) error {
	for i, signed := range notes {
		x, err := c.keys.Open(signed)
		if err != nil {
			c.found(fmt.Sprintf("outside checkpoint %d", i+1), "is not what was signed: %v", err)
			continue
		}
		c.report.Outside++
		here, err := c.log.Checkpoints(c.ctx, x.Number, 1)
		if err != nil {
			return err
		}
		switch {
		case len(here) == 0 || here[0].Number != x.Number:
			c.found(fmt.Sprintf("checkpoint %d", x.Number), "was signed over %d rows and is not here: rows from number %d on may have been cut off", x.Size, min(c.tree.Size(), x.Size))
		case !bytes.Equal(here[0].Note, signed):
			c.found(fmt.Sprintf("checkpoint %d", x.Number), "is not the one that was kept outside")
		}
	}
	return nil
}
