package web

import (
	"net/url"

	"elicense/internal/lang"
	"elicense/internal/register"
	"elicense/internal/web/page"
)

// AppendixCards are the appendices of a licence, each with its document; one that holds no more says since when. under is the
// address of the licence's page.
func AppendixCards(r *Request, c register.Card, under string) ([]PermitPart, error) {
	var cards []PermitPart
	title, _ := c.Revision.Definition.Permit.Appendix.Title.In(r.Lang)
	for _, a := range c.Permit.Standing.Appendices {
		part := PermitPart{Title: title + " № " + a.Number}
		if !a.Ended.IsZero() {
			part.Rows = append(part.Rows, page.Row{Name: r.Say.T("changes.appendix-ended"), Value: r.Say.Date(a.Ended)})
		}
		lines, err := c.AppendixRows(a, r.Say)
		if err != nil {
			return nil, err
		}
		for _, line := range lines {
			for _, box := range line {
				if box.Value == "" {
					continue
				}
				row := page.Row{Name: box.Label, Value: box.Value}
				if box.Lang != r.Lang {
					row.Lang = box.Lang
				}
				part.Rows = append(part.Rows, row)
			}
		}
		part.Rows = append(part.Rows, documentRow(r, r.Say.T("changes.appendix-document"), under+"/appendices/"+url.PathEscape(a.Number)))
		cards = append(cards, part)
	}
	return cards, nil
}

// documentRow leads to a document in each language.
func documentRow(r *Request, name, under string) page.Row {
	var links []page.Link
	for _, l := range lang.All() {
		links = append(links, page.Link{Text: r.Say.T("document-lang." + string(l)), Href: r.Link(under + "/document/" + string(l))})
	}
	return page.Row{Name: name, Body: page.Ways(name, links)}
}
