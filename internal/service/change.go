package service

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"

	"elicense/internal/lang"
)

// Appendix describes the document of an appendix to a licence (Law on permits and notifications, article 28). Its boxes show
// the answers of the application that brought it.
type Appendix struct {
	Title lang.Text   `yaml:"title"`
	Rows  []PermitRow `yaml:"rows"`
}

// AppendixNames are the names that a box of an appendix may use besides those of the permit and the fields.
func AppendixNames() []string { return []string{"appendix", "appendix_from"} }

// ofPermit begins the names of rules that stand for what the permit says.
const ofPermit = "permit.values."

// standing are the names of rules that speak of the permit which an application concerns, with their types. They are there
// only where an operation of the service concerns one.
func (d *Definition) standing() iter.Seq2[string, *cel.Type] {
	names := map[string]*cel.Type{}
	if len(d.Changing()) > 0 {
		names["permit.number"], names["permit.from"], names["permit.to"] = cel.StringType, cel.TimestampType, cel.TimestampType
		for f := range d.fields() {
			for name, t := range f.names() {
				names[ofPermit+name] = t
			}
		}
	}
	return maps.All(names)
}

// For gives the revision as it is for one operation: whether the system decides, the steps of the process, and what is asked
// in them. A revision in which the operations are alike is itself.
func (r *Revision) For(operation string) *Revision {
	o, ok := r.Definition.Operation(operation)
	asked := func(x Requirement) bool { return len(x.Operations) == 0 || slices.Contains(x.Operations, operation) }
	alike := !slices.ContainsFunc(r.Definition.Process.Requirements, func(x Requirement) bool { return !asked(x) })
	if !ok || alike && len(o.Steps) == 0 && !o.Automatic {
		return r
	}
	d, mine := *r.Definition, *r
	d.Process.Steps = o.stepsOf(d.Process.Steps)
	d.Process.Requirements = slices.DeleteFunc(slices.Clone(d.Process.Requirements), func(x Requirement) bool { return !asked(x) })
	d.Decision.Automatic = d.Decision.Automatic || o.Automatic
	mine.Definition = &d
	return &mine
}

// Automates tells whether the system decides anything of the service by itself.
func (d *Definition) Automates() bool {
	return d.Decision.Automatic || slices.ContainsFunc(d.Operations, func(o Operation) bool { return o.Automatic })
}

// stepsOf are the steps of a process that are done for the operation.
func (o Operation) stepsOf(steps []Step) []Step {
	if len(o.Steps) == 0 {
		return steps
	}
	return slices.DeleteFunc(slices.Clone(steps), func(s Step) bool { return !slices.Contains(o.Steps, s.Key) })
}

// change checks what an operation does with the permit that it concerns.
func (c *checker) change(o Operation) {
	concerns, what := o.Concerns() && o.StartedBy != ByBody, "operation "+o.Key
	for _, list := range []struct {
		name string
		keys []string
	}{{"carry", o.Carry}, {"keep", o.Keep}} {
		for i, key := range list.keys {
			at := c.at("%s[%d]", list.name, i)
			f, ok := c.def.Field(key)
			switch {
			case !concerns:
				at.add("%s: %s belongs to an operation that the applicant asks for a permit that stands: take it out", what, list.name)
			case !ok:
				at.add("%s: there is no field %q%s", what, key, Meant(key, c.fields()))
			case f.Type == TypeComputed, f.Type == TypeConfirm:
				at.add("%s: %s is not taken from the permit: it is worked out or confirmed for each application anew", what, key)
			case slices.Contains(list.keys[:i], key), list.name == "keep" && slices.Contains(o.Carry, key):
				at.add("%s: %s stands twice: keep one", what, key)
			}
		}
	}
	dated := func() bool { f, ok := c.def.Field(o.Until); return ok && f.Gives() == TypeDate }
	switch {
	case o.Until != "" && (!concerns || o.Does != Extend && o.Does != Suspend):
		c.at("until").add("%s: until belongs to an operation that extends or suspends: take it out", what)
	case o.Until != "" && !dated():
		c.at("until").add("%s: until is the key of a date field, not %q%s", what, o.Until, Meant(o.Until, c.dates()))
	case concerns && o.Does == Extend && o.Until == "":
		c.at("does").add("%s: say until: the date field with the new last day", what)
	case concerns && o.Does == Extend && c.def.Status == Open && c.def.Permit.To == "":
		c.at("does").add("%s: permits of this service have no last day (permit.to), so there is nothing to extend", what)
	}
	c.ending(o, what)
	papers := c.def.Permit.Appendix.Title.IsZero() && c.def.Status == Open
	if concerns && o.Does == Append && papers {
		c.at("does").add("%s: say permit.appendix, the document of an appendix", what)
	}
	switch {
	case o.WithAppendix && o.Does != "" && o.Does != Issue:
		c.at("with_appendix").add("%s: with_appendix belongs to an operation that issues: take it out", what)
	case o.WithAppendix && (c.def.Process.Allocates() || c.def.Process.Matches()):
		c.at("with_appendix").add("%s: what a step of the process settles belongs to the permit, so no appendix is issued with it: take it out", what)
	case o.WithAppendix && papers:
		c.at("with_appendix").add("%s: say permit.appendix, the document of an appendix", what)
	}
	if o.Succeeds && (o.Does != Reissue || o.StartedBy == ByBody) {
		c.at("succeeds").add("%s: succeeds belongs to an operation that the applicant asks for and that reissues: take it out", what)
	}
	if concerns && o.Does == Reissue && c.def.Process.Allocates() {
		c.at("does").add("%s: numbers stay with the permit to which they were allocated, so it is not reissued", what)
	}
}

// ending checks an operation that ends an appendix.
func (c *checker) ending(o Operation, what string) {
	if o.Appendix == "" {
		return
	}
	c = c.at("appendix")
	f, ok := c.def.Field(o.Appendix)
	switch {
	case o.Does != Terminate || o.StartedBy == ByBody:
		c.add("%s: appendix belongs to an operation that the applicant asks for and that terminates: take it out", what)
	case c.def.Permit.Appendix.Title.IsZero():
		c.add("%s: say permit.appendix: permits of this service have no appendices that could end", what)
	case !ok || f.Type != TypeText || !f.Required:
		c.add("%s: appendix is the key of a text field that is required, not %q%s", what, o.Appendix, Meant(o.Appendix, c.fields()))
	}
}

// decided checks who decides an operation, and in which steps.
func (c *checker) decided(o Operation) {
	what, steps := "operation "+o.Key, c.def.Process.Steps
	var known []string
	for _, s := range steps {
		known = append(known, s.Key)
	}
	last := -1
	for i, key := range o.Steps {
		at := c.at("steps[%d]", i)
		place := slices.Index(known, key)
		switch {
		case place < 0:
			at.add("%s: the process has no step %q%s", what, key, Meant(key, known))
		case place <= last:
			at.add("%s: name the steps in the order of the process, each once", what)
		}
		last = max(last, place)
	}
	switch {
	case o.StartedBy == ByBody && (o.Automatic || len(o.Steps) > 0):
		c.add("%s: the state body starts it, so no application of it is decided: leave steps and automatic out", what)
	case o.Automatic && c.def.Decision.Automatic:
		c.at("automatic").add("%s: the system decides the whole service (decision.automatic): leave one of the two out", what)
	case o.Automatic && len(o.Steps) > 0:
		c.at("steps").add("%s: the system decides it by itself, so there are no steps: leave one of the two out", what)
	case len(o.Steps) == 1:
		c.at("steps").add("%s: name at least two steps, so that one person proposes and another decides", what)
	}
}

// appendix checks the document of an appendix, and that something brings one.
func (c *checker) appendix(a Appendix) {
	c = c.at("appendix")
	if a.Title.IsZero() {
		if len(a.Rows) > 0 {
			c.at("rows").add("appendix: say its title")
		}
		return
	}
	c.at("title").text(a.Title, "title of the appendix")
	c.boxes(a.Rows, slices.Concat(c.fields(), BoxNames(), AppendixNames()))
	if !strings.HasPrefix(c.def.Numbers.Permit, "L") {
		c.add("appendix: only licences have appendices; the numbers of this permit (numbers.permit) do not begin with L")
	}
	if !slices.ContainsFunc(c.def.Operations, func(o Operation) bool { return o.WithAppendix || o.Does == Append && o.StartedBy != ByBody }) {
		c.add("appendix: no operation brings one: say with_appendix: true at one that issues, or add one with does: appendix")
	}
}

func (d *differ) operations(a, b *Definition) {
	parts(d, "operations", ForForm, a.Operations, b.Operations, func(o Operation) string { return o.Key }, func(o Operation) lang.Text { return o.Name },
		func(path string, x, y Operation) {
			d.text(path+"/name", y.Name, ForWording, x.Name, y.Name)
			d.plain(path+"/does", y.Name, ForRules, string(x.Does), string(y.Does))
			d.plain(path+"/started_by", y.Name, ForRecipients, string(x.StartedBy), string(y.StartedBy))
			d.number(path+"/working_days", y.Name, ForTerm, x.WorkingDays, y.WorkingDays)
			d.text(path+"/validity", y.Name, ForTerm, x.Validity, y.Validity)
			d.rule(path+"/fee", y.Name, ForFee, x.Fee, y.Fee)
			d.yes(path+"/unconfirmed", y.Name, ForWording, x.Unconfirmed, y.Unconfirmed)
			d.plain(path+"/steps", y.Name, ForRules, strings.Join(x.Steps, ", "), strings.Join(y.Steps, ", "))
			d.yes(path+"/automatic", y.Name, ForRules, x.Automatic, y.Automatic)
			d.plain(path+"/carry", y.Name, ForForm, strings.Join(x.Carry, ", "), strings.Join(y.Carry, ", "))
			d.plain(path+"/keep", y.Name, ForForm, strings.Join(x.Keep, ", "), strings.Join(y.Keep, ", "))
			d.plain(path+"/until", y.Name, ForRules, x.Until, y.Until)
			d.yes(path+"/with_appendix", y.Name, ForRules, x.WithAppendix, y.WithAppendix)
			d.yes(path+"/succeeds", y.Name, ForRules, x.Succeeds, y.Succeeds)
			d.plain(path+"/appendix", y.Name, ForRules, x.Appendix, y.Appendix)
		})
}
