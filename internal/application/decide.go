package application

import (
	"fmt"
	"strings"
	"time"

	"elicense/internal/civil"
	"elicense/internal/decimal"
	"elicense/internal/fault"
	"elicense/internal/form"
	"elicense/internal/lang"
	"elicense/internal/service"
)

// BranchGranted is the branch of a decision against which no rule spoke.
const BranchGranted = "granted"

// Decide judges an application by its service's rules: every rule that holds is stated as a ground, the first is the
// branch. It is the same function for the automatic decision, for its replay and for the cases beside a definition.
// The formats write values into the grounds, one set per language.
func Decide(x form.Filled, formats func(lang.Lang) form.Formats, at time.Time) (Decision, error) {
	x = x.Shown()
	f, d, program, vars := x.Form, x.Form.Revision.Definition, x.Form.Revision.Program, x.Vars
	decision := Decision{Outcome: Grant, By: "system", Revision: f.Revision.Number, Branch: BranchGranted, Inputs: map[string]Input{}}
	for _, r := range d.Decision.Refuse {
		for _, name := range program.Mentions(r.If) {
			if _, isValue := vars[name]; isValue {
				decision.Inputs[name] = Input{Value: inputText(vars[name]), Source: sourceOf(d, name), At: at}
			}
		}
		holds, err := program.Bool(r.If, vars)
		if err != nil {
			return Decision{}, fault.New(fault.Internal, "rule.failed").Because(err)
		}
		if !holds {
			continue
		}
		if decision.Outcome == Grant {
			decision.Outcome, decision.Branch = Refuse, r.Key
		}
		decision.Grounds = append(decision.Grounds, groundOf(f, r, x.Answers, x.Facts, formats))
	}
	return decision, nil
}

// inputText writes a rule's value so that it reads the same on every machine.
func inputText(v any) string {
	if t, ok := v.(time.Time); ok {
		return civil.Of(t, time.UTC).String()
	}
	return fmt.Sprint(v)
}

// sourceOf says where the value of a name came from.
func sourceOf(d *service.Definition, name string) string {
	if _, ok := d.Field(name); ok {
		return "answer"
	}
	if lookup, column, ok := strings.Cut(name, "."); ok {
		for _, l := range d.Lookups {
			if l.Name == lookup && column == "free" {
				return "ledger"
			}
		}
		return "directory"
	}
	switch name {
	case "fee_paid":
		return "gateway"
	case "fee_due", "mci":
		return "tariff"
	case "today", "year2":
		return "clock"
	}
	return "system"
}

// Worded gives a ground of an automatic decision with the values of an application in its words, for officials who refuse on it.
func Worded(x form.Filled, g service.Refusal, formats func(lang.Lang) form.Formats) Ground {
	x = x.Shown()
	return groundOf(x.Form, g, x.Answers, x.Facts, formats)
}

func groundOf(f form.Form, r service.Refusal, answers form.Answers, facts form.Facts, formats func(lang.Lang) form.Formats) Ground {
	said := func(l lang.Lang) Said {
		value := func(name string) string { return namedText(f, name, answers, facts, l, formats(l)) }
		return Said{
			Text:   service.Fill(r.Ground.Get(l), value),
			Act:    r.Act.Get(l),
			Advice: service.Fill(r.Advice.Get(l), value),
		}
	}
	return Ground{Key: r.Key, KK: said(lang.KK), RU: said(lang.RU), EN: said(lang.EN)}
}

// namedText writes the value of a name of a ground: a field, or a column or the free amount of a lookup.
func namedText(f form.Form, name string, answers form.Answers, facts form.Facts, l lang.Lang, formats form.Formats) string {
	d := f.Revision.Definition
	if field, ok := d.Field(name); ok {
		shown := f.Read(field, answers[name], l, formats)
		if shown.Lang != l {
			return answers[name] // a code says more than a name in a language that the reader may not know
		}
		return shown.Text
	}
	if name == "today" {
		return formats.Date(facts.Today)
	}
	lookup, column, _ := strings.Cut(name, ".")
	found, ok := facts.Found[lookup]
	if !ok {
		return ""
	}
	switch column {
	case "free":
		return formats.Number(decimal.New(found.Free, 6))
	case "name":
		text, _ := found.Row.Name.In(l)
		return text
	}
	value := found.Row.Values[column]
	// A whole number such as a year is written as it is; an amount is grouped.
	if n, err := decimal.Parse(value); err == nil && columnIsNumber(d, lookup, column) {
		return formats.Number(n)
	}
	if entry, ok := f.Dirs.Entry(service.TypeUnit, value, f.Day); ok && column == "unit" {
		text, _ := entry.Name.In(l)
		return text
	}
	return value
}

func columnIsNumber(d *service.Definition, lookup, column string) bool {
	for _, l := range d.Lookups {
		if l.Name != lookup {
			continue
		}
		dir, _ := d.Directory(l.Directory)
		for _, c := range dir.Columns {
			if c.Key == column {
				return c.Type == "number"
			}
		}
	}
	return false
}

// In gives the ground in a language; English readers get English.
func (g Ground) In(l lang.Lang) Said {
	switch l {
	case lang.KK:
		return g.KK
	case lang.RU:
		return g.RU
	}
	return g.EN
}
