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
	// Steps are the keys of the steps of the process that are done for it, in their order; empty = all. Automatic says that
	// the system decides this operation of a service whose others officials decide.
	Steps     []string `yaml:"steps"`
	Automatic bool     `yaml:"automatic"`
	// Carry and Keep are fields of an operation that concerns a permit: they begin with what the permit says, and what is
	// kept stays so.
	Carry []string `yaml:"carry"`
	Keep  []string `yaml:"keep"`
	// Succeeds says of an operation that reissues that it is asked for by a legal entity to which the holder's rights passed by
	// reorganisation (Law on permits and notifications, article 34): it names the permit and its holder.
	Succeeds bool `yaml:"succeeds"`
	// Until is a date field: the new last day of an extension, or the last day of a suspension (none = until it is resumed).
	Until string `yaml:"until"`
	// WithAppendix says of an operation that issues a licence that its first appendix is issued with it.
	WithAppendix bool `yaml:"with_appendix"`
	// Appendix is a text field of an operation that terminates: the number of the appendix which ends, while the licence stands.
	Appendix string `yaml:"appendix"`
}

// Effect is what an operation does with the permit.
type Effect string

// The effects. Issue and Restore make a permit; the others concern one that stands.
const (
	Issue     Effect = "issue"
	Restore   Effect = "restore" // issues electronically what stands on paper
	Reissue   Effect = "reissue"
	Extend    Effect = "extend"
	Duplicate Effect = "duplicate"
	Suspend   Effect = "suspend"
	Resume    Effect = "resume"
	Terminate Effect = "terminate"
	Append    Effect = "appendix" // an appendix comes to the licence
)

// Starter is who begins an operation.
type Starter string

// The starters.
const (
	ByApplicant Starter = "applicant"
	ByBody      Starter = "body"
)

func effects() []Effect {
	return []Effect{Issue, Restore, Reissue, Extend, Duplicate, Suspend, Resume, Terminate, Append}
}

func starters() []Starter { return []Starter{ByApplicant, ByBody} }

// Ordering says whether an operation can be ordered, and otherwise why not.
type Ordering string

// The orderings.
const (
	Orderable  Ordering = "orderable"
	BodyStarts Ordering = "body" // the state body begins it
)

// Ordering tells whether an applicant can order the operation.
func (o Operation) Ordering() Ordering {
	if o.StartedBy == ByBody {
		return BodyStarts
	}
	return Orderable
}

// Concerns tells whether the operation concerns a permit that stands, which its application names.
func (o Operation) Concerns() bool { return o.Does != "" && o.Does != Issue && o.Does != Restore }

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

// Changing lists the operations that an applicant can order for a permit that stands.
func (d *Definition) Changing() []Operation {
	return slices.DeleteFunc(d.Orderable(), func(o Operation) bool { return !o.Concerns() })
}

// fillable lists the keys of the operations for which an applicant fills in the form: what the name `operation` can be in
// rules.
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
		c.change(o)
		c.decided(o)
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
		c.at("operations").add("operations: none of them can be ordered: an open service needs one that the applicant starts; until there is one, say status: announced")
	}
}

// oneOf demands one of a few words, or none.
func oneOf[T ~string](c *checker, what string, word T, known []T) {
	if word != "" && !slices.Contains(known, word) {
		c.add("%s is %s or left out, not %q%s", what, strings.Join(words(known), ", "), word, Meant(string(word), words(known)))
	}
}

// forOperations checks the operations for which something is asked; nothing says why one that the body starts is none.
func (c *checker) forOperations(what string, list []string, nothing string) {
	var known []string
	for _, o := range c.def.Operations {
		known = append(known, o.Key)
	}
	for i, key := range list {
		at := c.at("operations[%d]", i)
		o, ok := c.def.Operation(key)
		switch {
		case !ok:
			hint := Meant(key, known)
			if hint == "" {
				hint = ": name one of " + strings.Join(known, ", ")
			}
			at.add("%s: there is no operation %q%s", what, key, hint)
		case slices.Contains(list[:i], key):
			at.add("%s: operation %s stands twice: keep one", what, key)
		case o.StartedBy == ByBody:
			at.add("%s: the state body starts %s, so %s: take it out", what, key, nothing)
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
