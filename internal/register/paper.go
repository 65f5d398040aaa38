package register

import (
	"strings"

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
	// appendix is the one whose document it is; zero = the permit's own.
	appendix permit.Appendix
}

// paper makes the document that the renderer draws.
func (s sheet) paper(origin, watermark string) (port.Paper, error) {
	d := s.form.Revision.Definition
	title, _ := d.Permit.Title.In(s.lang)
	kind, _ := d.Permit.Kind.In(s.lang)
	body, _ := s.body.Name.In(s.lang)
	signatory, _ := d.Permit.Signatory.In(s.lang)
	issued := s.printer.Time(s.permit.IssuedAt)
	number, day := "permit.number", "permit.issued"
	if d.Notifies() {
		number, day = "slip.number", "slip.accepted"
	}
	if kind == title { // said once
		kind = ""
	}
	p := port.Paper{
		Lang: s.lang, Title: title, Subtitle: kind, StateBody: body, Emblem: true,
		Number: port.Labelled{Label: s.printer.T(number), Value: s.permit.Number},
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
	p.OtherNumbers = append(p.OtherNumbers, port.Labelled{Label: s.printer.T(day), Value: issued})
	if signatory != "" {
		p.Signatory = append(p.Signatory, port.Labelled{Label: s.printer.T("permit.signatory"), Value: signatory})
	}
	for _, note := range d.Permit.Notes {
		text, _ := note.In(s.lang)
		p.Notes = append(p.Notes, text)
	}
	rows, err := s.rows(d.Permit.Rows)
	p.Rows = rows
	return p, err
}

// rows are the boxes as the renderer draws them: an empty box is drawn empty.
func (s sheet) rows(list []service.PermitRow) ([]port.Row, error) {
	lines, err := s.boxes(list)
	if err != nil {
		return nil, err
	}
	var rows []port.Row
	for _, line := range lines {
		var cells []port.Cell
		for _, b := range line {
			cells = append(cells, port.Cell{No: b.No, Label: b.Label, Value: b.Value, Width: b.Width})
		}
		rows = append(rows, port.Row{Cells: cells})
	}
	return rows, nil
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
