package form

import (
	"slices"

	"elicense/internal/decimal"
	"elicense/internal/fault"
	"elicense/internal/service"
)

// Check lists what is wrong on one page, or with every page when page is empty: answers that are missing or not well
// formed, and the checks of the definition whose fields are all shown and answered.
func (f Form) Check(page string, answers Answers, facts Facts) ([]fault.Field, error) {
	x, err := f.Fill(answers, facts)
	if err != nil {
		return nil, err
	}
	visible := x.Visible
	var problems []fault.Field
	good := map[string]bool{}
	onPage := map[string]bool{}
	for _, p := range f.Revision.Definition.Pages {
		for _, field := range p.Fields {
			onPage[field.Key] = page == "" || p.Key == page
			if !visible[field.Key] {
				continue
			}
			wrong, err := x.wrong(field)
			if err != nil {
				return nil, err
			}
			good[field.Key] = len(wrong) == 0 && f.answered(field, x.read)
			if onPage[field.Key] {
				problems = append(problems, wrong...)
			}
		}
	}
	more, err := x.checks(func(name string) bool { return good[name] }, func(key string) bool { return onPage[key] && visible[key] })
	return append(problems, more...), err
}

// wrong lists what is wrong with the answer of one field that is shown.
func (x Filled) wrong(field service.Field) ([]fault.Field, error) {
	answer, key := x.Answers[field.Key], ""
	switch {
	case answer == "" && (field.Required || field.Min > 0):
		key = requiredKey(field.Type)
	case answer != "" && isList(field.Type):
		return x.inside(field)
	case field.Key == x.Form.ended(x.Facts) && !slices.Contains(x.Facts.Permit.Appendices, answer):
		key = "field.choose"
	default:
		key = x.read[field.Key].problem
	}
	if key == "" {
		return nil, nil
	}
	return []fault.Field{{Path: field.Key, Key: key, Args: limits(field)}}, nil
}

func requiredKey(t service.Type) string {
	switch t {
	case service.TypeRows:
		return "field.rows-none"
	case service.TypeTerritory:
		return "field.territory-none"
	case service.TypeConfirm:
		return "field.confirm"
	case service.TypeYesNo, service.TypeChoice, service.TypeCountry, service.TypeCurrency, service.TypeUnit, service.TypeDirectory:
		return "field.choose"
	}
	return "field.required"
}

func limits(field service.Field) fault.Args {
	switch field.Type {
	case service.TypeText, service.TypeLongText, service.TypeAddress:
		limit := field.Max
		if limit == 0 && field.Type == service.TypeLongText {
			limit = maxLongText
		} else if limit == 0 {
			limit = maxText
		}
		return fault.Args{"max": decimal.Int(int64(limit)).String()}
	case service.TypeNumber, service.TypeMoney:
		return fault.Args{"scale": decimal.Int(int64(field.Scale)).String()}
	case service.TypeRows:
		return fault.Args{"min": decimal.Int(int64(field.Min)).String(), "max": decimal.Int(int64(field.MostRows())).String()}
	case service.TypeTerritory:
		return fault.Args{"max": decimal.Int(int64(field.MostCount())).String()}
	}
	return nil
}

// checks judges the definition's checks. A check's message is the definition's own text, so its key names it:
// "check:<index>".
func (x Filled) checks(good, here func(string) bool) ([]fault.Field, error) {
	d, program := x.Form.Revision.Definition, x.Form.Revision.Program
	var problems []fault.Field
	for i, check := range d.Checks {
		if !here(check.Field) {
			continue
		}
		ready := true
		for _, name := range program.Mentions(check.Rule) {
			if field, isField := d.FieldOf(name); isField && !good(field.Key) {
				ready = false
			}
		}
		if !ready {
			continue
		}
		ok, err := program.Bool(check.Rule, x.Vars)
		if err != nil {
			return nil, fault.New(fault.Internal, "rule.failed").Because(err)
		}
		if !ok {
			problems = append(problems, fault.Field{Path: check.Field, Key: CheckKey(i)})
		}
	}
	return problems, nil
}
