package portal

import (
	"io"
	"mime"
	"net/http"
	"strings"

	"elicense/internal/casework"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/ident"
	"elicense/internal/lang"
	"elicense/internal/ledger"
	"elicense/internal/permit"
	"elicense/internal/register"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// documentNumber reads a number as people type it and gives its one form.
func documentNumber(typed string) (string, error) {
	code, n, err := ident.ParseDocumentNumber(typed)
	if err != nil {
		if old, ok := register.PaperNumber(typed); ok {
			return old, nil
		}
		return "", err
	}
	return ident.DocumentNumber(code, n), nil
}

// stateText says what the state means on the day of asking.
func stateText(r *web.Request, c register.Card) string {
	if accepts(c) {
		return r.Say.T("slip.state-text", "day", r.Say.LongDate(r.Say.Day(c.Permit.IssuedAt)))
	}
	return web.StandingText(r.Say, c.Permit.Standing, c.Today)
}

// validity is the period of a permit; one without an end says so.
func validity(r *web.Request, pt permit.Permit) string {
	if pt.Standing.To.IsZero() {
		return r.Say.T("permits.valid-always", "from", r.Say.Date(pt.From))
	}
	return r.Say.Date(pt.From) + " – " + r.Say.Date(pt.Standing.To)
}

// permitFacts are what anyone may know about a permit.
func permitFacts(r *web.Request, c register.Card) []page.Row {
	d, pt := c.Revision.Definition, c.Permit
	if d.Notifies() {
		return slipFacts(r, c)
	}
	rows := []page.Row{{Name: r.Say.T("permits.id"), Value: pt.Number}}
	if pt.Second != "" {
		label := tr(r, d.Permit.Second.Label)
		if label == "" {
			label = r.Say.T("permits.licence-number")
		}
		rows = append(rows, page.Row{Name: label, Value: pt.Second})
	}
	if !d.Permit.Kind.IsZero() {
		rows = append(rows, textRow(r, r.Say.T("permits.kind-of-document"), d.Permit.Kind))
	}
	rows = append(rows, textRow(r, r.Say.T("permits.kind"), d.Name))
	if pt.Subtype != "" {
		rows = append(rows, textRow(r, r.Say.T("filing.subtype"), d.SubtypeName(pt.Subtype)))
	}
	if pt.Origin != "" {
		rows = append(rows, page.Row{Name: r.Say.T("acts.origin"), Value: pt.Origin})
	}
	if !pt.First.IsZero() {
		rows = append(rows, page.Row{Name: r.Say.T("permits.first-issued"), Value: r.Say.Date(pt.First)})
	}
	rows = append(rows,
		textRow(r, r.Say.T("table.licensor"), c.Body.Name),
		page.Row{Name: r.Say.T("permits.issued"), Value: r.Say.Time(pt.IssuedAt)},
		page.Row{Name: r.Say.T("permits.validity"), Value: validity(r, pt)},
	)
	if len(c.Withdrawn) > 0 {
		var lines []string
		for _, o := range c.Withdrawn {
			lines = append(lines, casework.RangeText(o.Numbers())+", "+r.Say.T("numbering.from-day", "day", withdrawnOn(r, o)))
		}
		rows = append(rows, page.Row{Name: r.Say.T("numbering.withdrawn"), Value: strings.Join(lines, "\n")})
	}
	return rows
}

func withdrawnOn(r *web.Request, o ledger.Order) string {
	return r.Say.Date(civil.Of(o.Closed.At, lang.Almaty()))
}

// withdrawnCard tells the holder why numbers were withdrawn.
type withdrawnCard struct {
	Title string
	Rows  []page.Row
}

func withdrawnCards(r *web.Request, c register.Card) []withdrawnCard {
	var cards []withdrawnCard
	for _, o := range c.Withdrawn {
		reason := page.Row{Name: r.Say.T("numbering.reason"), Value: o.Reason.RU, Lang: foreign(r, lang.RU)}
		if r.Lang == lang.KK {
			reason.Value, reason.Lang = o.Reason.KK, ""
		}
		cards = append(cards, withdrawnCard{Title: r.Say.T("numbering.withdrawn-on", "day", withdrawnOn(r, o)), Rows: []page.Row{
			{Name: r.Say.T("numbering.numbers"), Value: casework.RangeText(o.Numbers())},
			{Name: r.Say.T("numbering.count"), Value: r.Say.Int(o.Numbers().Size())},
			textRow(r, r.Say.T("numbering.ground"), o.Reason.Ground),
			textRow(r, r.Say.T("filing.ground-act"), o.Reason.Act),
			reason,
			{Name: r.Say.T("numbering.quarantine-to"), Value: r.Say.Date(o.Until)},
			{Name: r.Say.T("numbering.appeal"), Value: r.Say.T("filing.appeal")},
		}})
	}
	return cards
}

// textRow is a row whose value is a definition's text.
func textRow(r *web.Request, name string, t lang.Text) page.Row {
	text, in := t.In(r.Lang)
	return page.Row{Name: name, Value: text, Lang: foreign(r, in)}
}

func holderRow(r *web.Request, pt permit.Permit) page.Row {
	row := page.Row{Name: r.Say.T("permits.holder"), Value: pt.HolderName + "\n" + pt.HolderNumber}
	if permit.IsSlip(pt.Number) {
		row.Name = r.Say.T("slip.applicant")
	}
	return row
}

// permitBoxes are the boxes of the permit as its document shows them, box by box, without the empty ones.
func permitBoxes(r *web.Request, c register.Card) ([]page.Row, error) {
	lines, err := c.Rows(r.Say)
	var rows []page.Row
	for _, line := range lines {
		for _, box := range line {
			if box.Value == "" {
				continue
			}
			label := box.Label
			if box.No != "" {
				label = box.No + ". " + label
			}
			rows = append(rows, page.Row{Name: label, Value: box.Value, Lang: foreign(r, box.Lang)})
		}
	}
	return rows, err
}

// downloadButton fetches the document in one language; under is the address of the permit's page. The document of the
// reader's own language comes forward.
func downloadButton(r *web.Request, l lang.Lang, under string) page.Button {
	b := page.Button{
		Text: r.Say.T("permits.download-in", "lang", r.Say.T("document-lang."+string(l))),
		Href: r.Link(under + "/document/" + string(l)), Kind: page.Secondary,
	}
	if l == r.Lang {
		b.Kind = page.Primary
	}
	return b
}

// documentLang is the language of the document asked for.
func documentLang(r *web.Request) (lang.Lang, error) {
	l, ok := lang.Parse(r.PathValue("doclang"))
	if !ok || string(l) != r.PathValue("doclang") {
		return "", fault.New(fault.NotFound, "fault.not-found")
	}
	return l, nil
}

// sendPDF gives a document as a file to keep: no browser shows it within the portal's origin.
func sendPDF(w http.ResponseWriter, r *web.Request, file permit.File, content io.ReadSeekCloser) error {
	defer content.Close()
	h := w.Header()
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": file.Name()}))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Content-Language", file.Lang)
	http.ServeContent(w, r.Request, "", file.MadeAt, content)
	return nil
}
