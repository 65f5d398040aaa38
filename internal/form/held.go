package form

import (
	"maps"
	"slices"

	"elicense/internal/civil"
	"elicense/internal/lang"
	"elicense/internal/service"
)

// Held is the permit that an application concerns, as it stands on the day of the facts.
type Held struct {
	Number   string // empty = the application concerns none
	From, To civil.Date
	Values   map[string]string
	// Appendices are the numbers of those that hold, such as 001.
	Appendices []string
}

// lay gives the names of rules that speak of the permit their values.
func (h Held) lay(f Form, vars service.Vars) {
	if h.Number == "" {
		return
	}
	said := service.Vars{"number": h.Number, "from": service.Day(h.From), "to": service.Day(h.To)}
	read := f.readAll(h.Values)
	answered := service.Vars{}
	for _, p := range f.Revision.Definition.Pages {
		for _, field := range p.Fields {
			x := read[field.Key]
			switch {
			case x.canonical() == "":
			case isList(field.Type):
				putLists(answered, field, x)
			default:
				answered[field.Key] = ruleValue(field.Gives(), x.text)
			}
		}
	}
	for name, value := range answered {
		said["values."+name] = value
	}
	for name, value := range said {
		if _, known := vars["permit."+name]; known {
			vars["permit."+name] = value
		}
	}
}

// Kept lists the fields that stay as the permit says: those that the operation keeps and to which the permit has a good
// answer. What the permit does not say, or what is no answer any more, is asked.
func (f Form) Kept(facts Facts) map[string]string {
	o, _ := f.Revision.Definition.Operation(facts.Operation)
	kept := map[string]string{}
	for _, key := range o.Keep {
		field, ok := f.Revision.Definition.Field(key)
		if value := f.Normalise(field, facts.Permit.Values[key]); ok && facts.Permit.Number != "" && value != "" && f.Problem(field, value) == "" {
			kept[key] = value
		}
	}
	return kept
}

// Carried gives the answers with which an application begins: what the permit says in the fields that the operation keeps or
// carries over.
func (f Form) Carried(facts Facts) Answers {
	answers := f.Kept(facts)
	o, _ := f.Revision.Definition.Operation(facts.Operation)
	for _, key := range o.Carry {
		field, ok := f.Revision.Definition.Field(key)
		if value := f.Normalise(field, facts.Permit.Values[key]); ok && facts.Permit.Number != "" && value != "" {
			answers[key] = value
		}
	}
	return answers
}

// withKept lays what is kept over the answers; the map given stays as it is.
func (f Form) withKept(answers Answers, facts Facts) Answers {
	kept := f.Kept(facts)
	if len(kept) == 0 {
		return answers
	}
	out := maps.Clone(answers)
	if out == nil {
		out = Answers{}
	}
	maps.Copy(out, kept)
	return out
}

// ended is the field in which an operation asks for the appendix that ends, "" = in none.
func (f Form) ended(facts Facts) string {
	o, _ := f.Revision.Definition.Operation(facts.Operation)
	return o.Appendix
}

// Offering gives a page on which the appendix that ends is a choice of those that hold.
func (f Form) Offering(page service.Page, facts Facts) service.Page {
	page.Fields = slices.Clone(page.Fields)
	for i, field := range page.Fields {
		if field.Key != f.ended(facts) {
			continue
		}
		page.Fields[i].Type, page.Fields[i].Options = service.TypeChoice, nil
		for _, number := range facts.Permit.Appendices {
			label := "№ " + number
			page.Fields[i].Options = append(page.Fields[i].Options, service.Option{Value: number, Label: lang.Text{KK: label, RU: label, EN: label}})
		}
	}
	return page
}
