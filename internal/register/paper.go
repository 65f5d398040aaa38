package register

import (
	"strings"

	"elicense/internal/civil"
	"elicense/internal/form"
	"elicense/internal/lang"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/service"
)

// sheet lays a permit out as its service's definition says, in one language.
type sheet struct {
	permit  permit.Permit
	form    form.Form
	body    service.Body
	lang    lang.Lang
	printer *lang.Printer
	facts   form.Facts
}

// paper makes the document that the renderer draws.
func (s sheet) paper(origin, watermark string) (port.Paper, error) {
	d := s.form.Revision.Definition
	title, _ := d.Permit.Title.In(s.lang)
	kind, _ := d.Permit.Kind.In(s.lang)
	body, _ := s.body.Name.In(s.lang)
	signatory, _ := d.Permit.Signatory.In(s.lang)
	issued := s.printer.Time(s.permit.IssuedAt)
	p := port.Paper{
		Lang: s.lang, Title: title, Subtitle: kind, StateBody: body, Emblem: true,
		Number: port.Labelled{Label: s.printer.T("permit.number"), Value: s.permit.Number},
		Issued: s.permit.IssuedAt, Watermark: watermark,
		Verify: port.Verify{
			URL:         CheckAddress(origin, s.permit.Number, s.permit.Check),
			Text:        s.printer.T("permit.check-text"),
			HostInWords: host(origin),
		},
	}
	if s.permit.Second != "" {
		label, _ := d.Permit.Second.Label.In(s.lang)
		p.OtherNumbers = append(p.OtherNumbers, port.Labelled{Label: label, Value: s.permit.Second})
	}
	p.OtherNumbers = append(p.OtherNumbers, port.Labelled{Label: s.printer.T("permit.issued"), Value: issued})
	if signatory != "" {
		p.Signatory = append(p.Signatory, port.Labelled{Label: s.printer.T("permit.signatory"), Value: signatory})
	}
	for _, note := range d.Permit.Notes {
		text, _ := note.In(s.lang)
		p.Notes = append(p.Notes, text)
	}
	rows, err := s.rows()
	p.Rows = rows
	return p, err
}

func (s sheet) rows() ([]port.Row, error) {
	vars := s.form.Vars(s.permit.Values, s.facts)
	var rows []port.Row
	for _, row := range s.form.Revision.Definition.Permit.Rows {
		var cells []port.Cell
		for _, box := range row.Boxes {
			shown, err := s.form.Revision.Program.Bool(box.When, vars)
			if err != nil {
				return nil, err
			}
			if !shown {
				continue
			}
			label, _ := box.Label.In(s.lang)
			cells = append(cells, port.Cell{No: box.No, Label: label, Value: s.fill(box.Value), Width: box.Width})
		}
		if len(cells) > 0 {
			rows = append(rows, port.Row{Cells: cells})
		}
	}
	return rows, nil
}

// fill writes the names of a box's pattern; commas and spaces around names without a value fall away.
func (s sheet) fill(pattern string) string {
	text := service.Fill(pattern, s.value)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.Trim(strings.Join(strings.Fields(line), " "), " ,;")
	}
	return strings.TrimSpace(strings.ReplaceAll(strings.Join(lines, "\n"), " ,", ","))
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
		return s.printer.Date(s.permit.To)
	case "issued":
		return s.printer.Date(civil.Of(s.permit.IssuedAt, lang.Almaty()))
	case "body":
		text, _ := s.body.Name.In(s.lang)
		return text
	}
	field, ok := s.form.Revision.Definition.Field(name)
	if !ok {
		return ""
	}
	return s.form.Show(field, s.permit.Values[name], s.lang, s.printer).Text
}

// CheckAddress is what the QR code opens: the public check page with the permit's number and code.
func CheckAddress(origin, number, code string) string { return origin + "/c/" + number + "/" + code }

func host(origin string) string {
	_, rest, found := strings.Cut(origin, "://")
	if !found {
		return origin
	}
	return rest
}
