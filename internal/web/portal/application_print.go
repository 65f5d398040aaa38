package portal

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"elicense/internal/application"
	"elicense/internal/filing"
	"elicense/internal/port"
	"elicense/internal/service"
	"elicense/internal/web"
)

// applicationPrint is an application as a document in the reader's language; a draft is marked as one.
func (p *Portal) applicationPrint(w http.ResponseWriter, r *web.Request) error {
	c, err := p.Filing.Case(r.Context(), r.Actor, r.PathValue("number"))
	if err != nil {
		return err
	}
	return p.answerPaper(w, r, p.printOf(r, c), c.Application.Number+"-"+string(r.Lang)+".pdf")
}

// printOf lays an application out: head, answers by page, documents, signature.
func (p *Portal) printOf(r *web.Request, c filing.Case) port.Paper {
	a := c.Application
	body, _ := p.Catalogue.Body(a.Body)
	paper := port.Paper{
		Lang: r.Lang, Title: r.Say.T("filing.application"), Subtitle: asked(r, c.Draft), StateBody: tr(r, body.Name),
		Number: port.Labelled{Label: r.Say.T("filing.number"), Value: a.Number},
		Issued: a.ChangedAt, Draft: a.State == application.Draft, Watermark: tr(r, p.Register.Watermark),
	}
	var head grid
	for _, row := range p.applicationCard(r, c.Draft).Rows[1:] {
		head.add(row.Name, row.Value)
	}
	head.add(r.Say.T("filing.status"), r.Say.T("status."+string(a.State)))
	if !a.SentAt.IsZero() {
		paper.Issued = a.SentAt
		head.add(r.Say.T("filing.sent"), r.Say.Time(a.SentAt))
	}
	if !a.RegisteredAt.IsZero() {
		head.add(r.Say.T("filing.registered"), r.Say.Time(a.RegisteredAt))
	}
	if c.Facts.FeeDue > 0 {
		state := "filing.fee-due"
		if c.Facts.FeePaid {
			state = "filing.fee-paid"
		}
		head.add(r.Say.T("filing.fee-sum"), r.Say.Money(c.Facts.FeeDue)+", "+r.Say.T(state))
	}
	paper.Rows = head.rows()
	for _, pg := range c.Definition().Pages {
		paper.Rows = append(paper.Rows, p.printedPage(r, c, pg)...)
	}
	for i, at := range a.Attached {
		label := ""
		if i == 0 {
			label = r.Say.T("filing.documents")
		}
		paper.Rows = append(paper.Rows, port.Row{Cells: []port.Cell{{Label: label, Width: 12, Value: at.Name + ": " + at.File + ", " + r.Say.Size(at.Size) + "\nSHA-256 " + at.Digest}}})
	}
	for _, s := range c.Signatures {
		who := s.Signature.Signer
		paper.Signatory = append(paper.Signatory,
			port.Labelled{Label: web.SignedBy(r, s.Purpose), Value: who.Surname + " " + who.GivenName + " " + who.Patronymic},
			port.Labelled{Label: r.Say.T("filing.signed-at"), Value: r.Say.TimeSeconds(s.Signature.At)},
			port.Labelled{Label: r.Say.T("filing.certificate-serial"), Value: s.Signature.Serial})
		for _, row := range stampRows(r, s.Signature) {
			paper.Signatory = append(paper.Signatory, port.Labelled{Label: row.Name, Value: row.Value})
		}
	}
	return paper
}

func (p *Portal) printedPage(r *web.Request, c filing.Case, pg service.Page) []port.Row {
	var g grid
	for _, f := range pg.Fields {
		if answer := c.Application.Answers[f.Key]; answer != "" && c.Visible[f.Key] {
			g.add(tr(r, f.Label), c.Form.Read(f, answer, r.Lang, r.Say).Text)
		}
	}
	rows := g.rows()
	if len(rows) == 0 {
		return nil
	}
	return append([]port.Row{{Cells: []port.Cell{{Value: tr(r, pg.ReadTitle()), Width: 12}}}}, rows...)
}

// printable shows what no font has as U+FFFD: a draft may hold it until it is mended, and the names of files for ever.
func (p *Portal) printable(paper *port.Paper) {
	for i := range paper.Rows {
		for j := range paper.Rows[i].Cells {
			paper.Rows[i].Cells[j].Value = p.seen(paper.Rows[i].Cells[j].Value)
		}
	}
	for i := range paper.Signatory {
		paper.Signatory[i].Value = p.seen(paper.Signatory[i].Value)
	}
}

func (p *Portal) seen(text string) string {
	for p.Glyphs != nil {
		c, bad := p.Glyphs.Missing(text)
		shown := strings.ReplaceAll(text, string(c), "\ufffd")
		if !bad || shown == text {
			break
		}
		text = shown
	}
	return text
}

// grid collects boxes, two short ones in a row.
type grid struct{ cells []port.Cell }

// shortText is how many characters a box of half the width takes without growing tall.
const shortText = 60

func (g *grid) add(label, value string) {
	width := 12
	if utf8.RuneCountInString(value) <= shortText && utf8.RuneCountInString(label) <= shortText {
		width = 6
	}
	g.cells = append(g.cells, port.Cell{Label: label, Value: value, Width: width})
}

func (g *grid) rows() []port.Row {
	var rows []port.Row
	for i := 0; i < len(g.cells); i++ {
		row := port.Row{Cells: []port.Cell{g.cells[i]}}
		if g.cells[i].Width == 6 && i+1 < len(g.cells) && g.cells[i+1].Width == 6 {
			i++
			row.Cells = append(row.Cells, g.cells[i])
		}
		rows = append(rows, row)
	}
	return rows
}
