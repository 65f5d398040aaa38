package service

import (
	"slices"
	"strings"

	"elicense/internal/lang"
)

// Operation is something that may be asked of the service, with its conditions (manual of the trade licence, table 6).
// Rules know it by its key, as the name `operation`.
type Operation struct {
	Key         string    `yaml:"key"`
	Name        lang.Text `yaml:"name"`
	Does        Effect    `yaml:"does"`         // empty = issue
	StartedBy   Starter   `yaml:"started_by"`   // empty = the applicant
	WorkingDays int       `yaml:"working_days"` // the term in which it is decided
	Validity    lang.Text `yaml:"validity"`
	Fee         Expr      `yaml:"fee"` // tiyn, an int rule; empty = free of charge
	// Unconfirmed marks a term or fee for which no public source was found; the passport says so.
	Unconfirmed bool `yaml:"unconfirmed"`
}

// Effect is what an operation does with the permit.
type Effect string

// The effects. Issue and Restore make a permit; the others change one that stands, which no application can do yet.
const (
	Issue     Effect = "issue"
	Restore   Effect = "restore" // issues electronically what stands on paper
	Reissue   Effect = "reissue"
	Extend    Effect = "extend"
	Duplicate Effect = "duplicate"
	Suspend   Effect = "suspend"
	Resume    Effect = "resume"
	Terminate Effect = "terminate"
)

// Starter is who begins an operation.
type Starter string

// The starters.
const (
	ByApplicant Starter = "applicant"
	ByBody      Starter = "body"
)

func effects() []Effect {
	return []Effect{Issue, Restore, Reissue, Extend, Duplicate, Suspend, Resume, Terminate}
}

func starters() []Starter { return []Starter{ByApplicant, ByBody} }

// Ordering says whether an operation can be ordered, and otherwise why not.
type Ordering string

// The orderings.
const (
	Orderable  Ordering = "orderable"
	BodyStarts Ordering = "body"  // the state body begins it
	NotYet     Ordering = "later" // it changes a permit that stands, which the portal does not do yet
)

// Ordering tells whether an applicant can order the operation.
func (o Operation) Ordering() Ordering {
	switch {
	case o.StartedBy == ByBody:
		return BodyStarts
	case o.Does == "" || o.Does == Issue || o.Does == Restore:
		return Orderable
	}
	return NotYet
}

// Operation finds an operation by its key.
func (d *Definition) Operation(key string) (Operation, bool) {
	for _, o := range d.Operations {
		if o.Key == key {
			return o, true
		}
	}
	return Operation{}, false
}

// Orderable lists the operations that an applicant can order, in the order of the definition.
func (d *Definition) Orderable() []Operation {
	return slices.DeleteFunc(slices.Clone(d.Operations), func(o Operation) bool { return o.Ordering() != Orderable })
}

// Order finds the operation that is ordered by a key; an empty key orders the only one, where there is one only.
func (d *Definition) Order(key string) (Operation, bool) {
	list := d.Orderable()
	if key == "" && len(list) == 1 {
		return list[0], true
	}
	i := slices.IndexFunc(list, func(o Operation) bool { return o.Key == key })
	if i < 0 {
		return Operation{}, false
	}
	return list[i], true
}

// fillable lists the keys of the operations for which an applicant fills in the form, now or later: what the name
// `operation` can be in rules.
func (d *Definition) fillable() []string {
	var keys []string
	for _, o := range d.Operations {
		if o.StartedBy != ByBody {
			keys = append(keys, o.Key)
		}
	}
	return keys
}

func (c *checker) operations() {
	ops := c.def.Operations
	c.distinct("operations", "key", len(ops), func(i int) string { return ops[i].Key }, keyPattern)
	for i, o := range ops {
		c := c.at("operations[%d]", i)
		c.at("name").text(o.Name, "operation "+o.Key)
		c.at("validity").optional(o.Validity, "validity of operation "+o.Key)
		oneOf(c.at("does"), "operation "+o.Key+": does", o.Does, effects())
		oneOf(c.at("started_by"), "operation "+o.Key+": started_by", o.StartedBy, starters())
		switch {
		case o.WorkingDays < 0 || o.WorkingDays > 365:
			c.at("working_days").add("working_days: 1 to 365, not %d", o.WorkingDays)
		case o.WorkingDays == 0 && !o.Unconfirmed && !c.def.Notifies():
			c.at("working_days").add("operation %s has no term: say its working_days, or unconfirmed: true until the term is known", o.Key)
		}
	}
}

// orderable demands of an open service something to order.
func (c *checker) orderable() {
	ops := c.def.Operations
	switch {
	case len(ops) == 0:
		c.at("operations").add("operations: say at least one")
	case len(c.def.Orderable()) > 0 || slices.ContainsFunc(ops, func(o Operation) bool { return o.Does != "" && !slices.Contains(effects(), o.Does) }):
	default:
		c.at("operations").add("operations: none of them can be ordered: an open service needs one that the applicant starts and that issues or restores a permit; until there is one, say status: announced")
	}
}

// oneOf demands one of a few words, or none.
func oneOf[T ~string](c *checker, what string, word T, known []T) {
	if word != "" && !slices.Contains(known, word) {
		c.add("%s is %s or left out, not %q%s", what, strings.Join(words(known), ", "), word, Meant(string(word), words(known)))
	}
}

// forOperations checks the operations for which a document is asked.
func (c *checker) forOperations(doc Document) {
	var known []string
	for _, o := range c.def.Operations {
		known = append(known, o.Key)
	}
	for i, key := range doc.Operations {
		at := c.at("operations[%d]", i)
		o, ok := c.def.Operation(key)
		switch {
		case !ok:
			hint := Meant(key, known)
			if hint == "" {
				hint = ": name one of " + strings.Join(known, ", ")
			}
			at.add("document %s: there is no operation %q%s", doc.Key, key, hint)
		case slices.Contains(doc.Operations[:i], key):
			at.add("document %s: operation %s stands twice: keep one", doc.Key, key)
		case o.StartedBy == ByBody:
			at.add("document %s: the state body starts %s, so nobody attaches anything to it: take it out", doc.Key, key)
		}
	}
}

// formless finds operations for which no page of the form is ever shown.
func (c *checker) formless(p *Program, proof *prover) {
	ops := c.def.fillable()
	if len(ops) < 2 {
		return
	}
	without := slices.Clone(ops)
	for _, page := range c.def.Pages {
		for _, f := range page.Fields {
			names := append(slices.Concat(p.Mentions(page.When), p.Mentions(f.When)), "operation")
			tried := proof.each(names, func(vars Vars) bool {
				if maybe(p, page.When, vars) && maybe(p, f.When, vars) {
					without = slices.DeleteFunc(without, func(key string) bool { return key == vars["operation"] })
				}
				return len(without) > 0
			})
			if !tried || len(without) == 0 {
				return // too many cases to tell, or a page for each
			}
		}
	}
	for i, o := range c.def.Operations {
		if slices.Contains(without, o.Key) {
			c.at("operations[%d]", i).add("operation %s: no page of the form is ever shown for it: mend the rules `when`, or take the operation out", o.Key)
		}
	}
}

// maybe tells whether a rule can be true as far as the given names tell.
func maybe(p *Program, e Expr, vars Vars) bool {
	ok, err := p.Bool(e, vars)
	return ok || err != nil
}
