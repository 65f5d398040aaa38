package register

import (
	"strings"

	"elicense/internal/civil"
	"elicense/internal/form"
	"elicense/internal/lang"
	"elicense/internal/permit"
	"elicense/internal/service"
)

// Box is one box of a permit, filled in.
type Box struct {
	No, Label, Value string
	// Lang is the language of the value where the box holds one answer only; empty otherwise.
	Lang  lang.Lang
	Width int // share of the row in twelfths; 0 = what the others leave over
}

// Rows gives the boxes of the permit, row by row, in the printer's language: what its document shows, and what the pages
// about it show. Boxes and rows that the definition hides for this permit are left out.
func (c Card) Rows(p *lang.Printer) ([][]Box, error) {
	return c.sheet(p).boxes(c.Revision.Definition.Permit.Rows)
}

// sheet is the permit in one language; its rules see the day of issue and the operation.
func (c Card) sheet(p *lang.Printer) sheet {
	return sheet{permit: c.Permit, form: c.Form, body: c.Body, lang: p.Lang, printer: p,
		facts: form.Facts{Today: civil.Of(c.Permit.IssuedAt, lang.Almaty()), Operation: c.Permit.Values[permit.ValueOperation]}}
}

func (s sheet) boxes(lines []service.PermitRow) ([][]Box, error) {
	vars := s.form.Vars(s.permit.Standing.Values, s.facts)
	var rows [][]Box
	for _, row := range lines {
		var line []Box
		for _, box := range row.Boxes {
			shown, err := s.form.Revision.Program.Bool(box.When, vars)
			if err != nil {
				return nil, err
			}
			if !shown {
				continue
			}
			label, _ := box.Label.In(s.lang)
			line = append(line, Box{No: box.No, Label: label, Value: s.fill(box.Value), Lang: s.langOf(box.Value), Width: box.Width})
		}
		if len(line) > 0 {
			rows = append(rows, line)
		}
	}
	return rows, nil
}

// fill writes the names of a box's pattern; commas and spaces around names without a value fall away, and so do lines of
// which nothing is left.
func (s sheet) fill(pattern string) string {
	var lines []string
	for line := range strings.SplitSeq(service.Fill(pattern, s.value), "\n") {
		line = strings.ReplaceAll(strings.Join(strings.Fields(line), " "), " ,", ",")
		if line = strings.Trim(line, " ,;"); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// langOf is the language of a box that holds one answer only.
func (s sheet) langOf(pattern string) lang.Lang {
	name, closed := strings.CutSuffix(strings.TrimPrefix(pattern, "{"), "}")
	field, ok := s.form.Revision.Definition.Field(name)
	if !closed || !ok {
		return ""
	}
	return s.form.Show(field, s.permit.Standing.Values[name], s.lang, s.printer).Lang
}

// value writes one name of a box.
func (s sheet) value(name string) string {
	switch name {
	case "number":
		return s.permit.Number
	case "second_number":
		return s.permit.Second
	case "applicant":
		return s.permit.HolderName
	case "applicant_number":
		return s.permit.HolderNumber
	case "valid_from":
		return s.printer.Date(s.permit.From)
	case "valid_to":
		return s.printer.Date(s.permit.Standing.To)
	case "issued":
		return s.printer.Date(civil.Of(s.permit.IssuedAt, lang.Almaty()))
	case "first_issued":
		if s.permit.First.IsZero() {
			return ""
		}
		return s.printer.Date(s.permit.First)
	case "appendix":
		return s.appendix.Number
	case "appendix_from":
		return s.printer.Date(s.appendix.From)
	case "body":
		text, _ := s.body.Name.In(s.lang)
		return text
	case "ranges":
		return s.permit.Standing.Values[permit.ValueRanges]
	}
	field, ok := s.form.Revision.Definition.Field(name)
	if !ok {
		return ""
	}
	return s.form.Read(field, s.permit.Standing.Values[name], s.lang, s.printer).Text
}
