package integrity

import (
	"bytes"
	"encoding/json"

	"elicense/internal/application"
	"elicense/internal/civil"
	"elicense/internal/lang"
	"elicense/internal/permit"
	"elicense/internal/signdoc"
)

// life checks that the acts with a permit stand without gaps, each allowed by those before it, that what is kept of them is what they
// leave, byte for byte, and that each has its audit row, with the digest of what it says (I6, I4).
func (c *checker) life(p permit.Permit) error {
	acts, err := c.v.Permits().Acts(c.ctx, p.Number)
	if err != nil {
		return err
	}
	for i, a := range acts {
		next, err := p.Next(acts[:i], a, civil.Of(a.At, lang.Almaty()))
		if err != nil || next.Seq != a.Seq {
			c.broken("I6", p.Number, "act %d, %s, cannot stand after %d others: %v", a.Seq, a.Kind, i, err)
		}
		if a.Order == "" && a.Application != "" {
			continue // the audit of the application tells of it
		}
		if c.acted[p.Number+" "+a.Digest()] == 0 {
			c.broken("I4", p.Number, "act %d has no audit row that tells the same", a.Seq)
		}
	}
	kept, err := json.Marshal(p.Standing)
	if err != nil {
		return err
	}
	if folded, err := json.Marshal(p.After(acts)); err != nil || !bytes.Equal(kept, folded) {
		c.broken("I6", p.Number, "what is kept of its acts is %s, and they leave %s", kept, folded)
	}
	return nil
}

// asActed checks that the act that an official signed is the one that is stored (I7).
func (c *checker) asActed(a application.Application, doc signdoc.Document) error {
	acts, err := c.v.Permits().Acts(c.ctx, a.Permit)
	if err != nil {
		return err
	}
	for _, x := range acts {
		if x.Seq == doc.Version && x.Digest() == doc.Answers {
			return nil
		}
	}
	c.broken("I7", a.Permit, "act %d is not what was signed", doc.Version)
	return nil
}
