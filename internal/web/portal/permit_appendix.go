package portal

import (
	"net/http"
	"net/url"

	"elicense/internal/lang"
	"elicense/internal/permit"
	"elicense/internal/register"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// appendixView is an appendix of a licence on its card.
type appendixView struct {
	Words *page.Words
	Title string
	Rows  []page.Row
	Files []page.Button
}

// appendicesOf lists the appendices of a permit; one that holds no more says since when.
func (p *Portal) appendicesOf(r *web.Request, card register.Card) ([]appendixView, error) {
	var list []appendixView
	for _, a := range card.Permit.Standing.Appendices {
		v, err := p.appendixOf(r, card, a)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

func (p *Portal) appendixOf(r *web.Request, card register.Card, a permit.Appendix) (appendixView, error) {
	v := appendixView{Words: p.Server.Words(r.Lang), Title: tr(r, card.Revision.Definition.Permit.Appendix.Title) + " № " + a.Number}
	if !a.Ended.IsZero() {
		v.Rows = append(v.Rows, page.Row{Name: r.Say.T("changes.appendix-ended"), Value: r.Say.Date(a.Ended)})
	}
	lines, err := card.AppendixRows(a, r.Say)
	for _, line := range lines {
		for _, box := range line {
			if box.Value != "" {
				v.Rows = append(v.Rows, page.Row{Name: box.Label, Value: box.Value, Lang: foreign(r, box.Lang)})
			}
		}
	}
	for _, l := range lang.All() {
		b := downloadButton(r, l, "/permits/"+url.PathEscape(card.Permit.Number)+"/appendices/"+url.PathEscape(a.Number))
		b.Kind = page.Secondary
		v.Files = append(v.Files, b)
	}
	return v, err
}

// appendixDocument gives the holder the document of an appendix in a language.
func (p *Portal) appendixDocument(w http.ResponseWriter, r *web.Request) error {
	l, err := documentLang(r)
	if err != nil {
		return err
	}
	file, content, err := p.Register.DownloadAppendix(r.Context(), r.Actor, r.PathValue("number"), r.PathValue("appendix"), l)
	if err != nil {
		return err
	}
	return sendPDF(w, r, file, content)
}
