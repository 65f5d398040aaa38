package integrity

import (
	"bytes"
	"encoding/json"

	"elicense/internal/application"
	"elicense/internal/civil"
	"elicense/internal/lang"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/signdoc"
)

// life checks that the acts with a permit stand without gaps, each allowed by those before it, that what is kept of them is what they
// leave, byte for byte, and that each has its audit row, which tells the same, its author and its moment (I6, I4).
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
		key := p.Number + " " + a.Digest()
		done, told := c.told.acts[key]
		switch {
		case !told && a.Order == "" && a.Application != "" && !c.told.led[a.Application]: // an older log
		case !told:
			c.broken("I4", p.Number, "act %d has no audit row that tells the same", a.Seq)
		case done.actor != a.By || !done.at.Equal(a.At):
			c.broken("I4", p.Number, "act %d is of %s at %s, its audit row of %s at %s", a.Seq, a.By, a.At, done.actor, done.at)
		}
		delete(c.told.acts, key)
	}
	if err := c.standing(p, acts); err != nil {
		return err
	}
	return c.orders(p, acts)
}

// standing checks that what is kept of the acts is what they leave, also where lists look for it (I6).
func (c *checker) standing(p permit.Permit, acts []permit.Act) error {
	kept, err := json.Marshal(p.Standing)
	if err != nil {
		return err
	}
	left := p.After(acts)
	if folded, err := json.Marshal(left); err != nil || !bytes.Equal(kept, folded) {
		c.broken("I6", p.Number, "what is kept of its acts is %s, and they leave %s", kept, folded)
	}
	listed, err := c.v.Records().Listed(c.ctx, p.Number)
	if err == nil && listed != port.Listing(left) {
		c.broken("I6", p.Number, "lists find it as %+v, its acts leave %+v", listed, port.Listing(left))
	}
	return err
}

// orders checks that every order was proposed by who is noted, and that a confirmed one is an act that says the same, confirmed by
// another person; and that no act names an order that is not (I4, I6).
func (c *checker) orders(p permit.Permit, acts []permit.Act) error {
	list, err := c.v.Permits().Orders(c.ctx, port.PermitOrderSearch{Permit: p.Number})
	if err != nil {
		return err
	}
	made := map[string]permit.Act{}
	for _, a := range acts {
		if a.Order != "" {
			made[a.Order] = a
		}
	}
	for _, o := range list {
		said := c.told.proposals[o.ID]
		if said.permit != p.Number || said.actor != o.Proposed.By || !said.at.Equal(o.Proposed.At) || said.details["kind"] != string(o.Act.Kind) || said.details["from"] != o.Act.From.String() || said.details["ground"] != o.Act.Ground.Key {
			c.broken("I4", p.Number, "the order %s has no audit row that tells the same", o.ID)
		}
		a, done := made[o.ID]
		delete(made, o.ID)
		if done != (o.State == permit.Confirmed) {
			c.broken("I6", p.Number, "the order %s is %s, an act of it: %t", o.ID, o.State, done)
			continue
		}
		if !done {
			continue
		}
		o.Act.Seq, o.Act.Order = a.Seq, o.ID
		if o.Act.Digest() != a.Digest() || o.Closed.By != a.By || !o.Closed.At.Equal(a.At) {
			c.broken("I6", p.Number, "act %d is not what its order says", a.Seq)
		}
		if o.Closed.Person == o.Proposed.Person {
			c.broken("I6", p.Number, "act %d was proposed and confirmed by one person", a.Seq)
		}
	}
	for _, a := range made {
		c.broken("I6", p.Number, "the order of act %d does not exist", a.Seq)
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
