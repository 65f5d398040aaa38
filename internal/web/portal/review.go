package portal

import (
	"net/http"
	"net/url"
	"strings"

	"elicense/internal/fault"
	"elicense/internal/filing"
	"elicense/internal/service"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// reviewView is the check of all answers before signing.
type reviewView struct {
	Words    *page.Words
	Progress page.Progress
	Heading  page.Heading
	Title    string // above the problems
	Problems []page.Link
	Notice   *page.Banner
	Moved    *movedView // what a new revision of the service changed
	Cards    []card
	Form     page.Form
	End      page.WizardEnd
}

// card is a titled part of an application with what can be done about it.
type card struct {
	Title   string
	Actions []page.Link
	Rows    []page.Row
}

// review shows every answer with a link to change it, the documents, the fee, and what is still wrong.
func (p *Portal) review(w http.ResponseWriter, r *web.Request) error {
	d, ok, err := p.open(w, r)
	if !ok || err != nil {
		return err
	}
	problems, err := p.Filing.Problems(d)
	if err != nil {
		return err
	}
	return p.showReview(w, r, d, problems, http.StatusOK)
}

func (p *Portal) showReview(w http.ResponseWriter, r *web.Request, d filing.Draft, problems []fault.Field, status int) error {
	progress, err := p.progress(r, d, stepCheck)
	if err != nil {
		return err
	}
	number, title := d.Application.Number, r.Say.T("wizard.check")
	v := reviewView{
		Words: p.Server.Words(r.Lang), Progress: progress, Heading: page.Heading{Caption: tr(r, d.Definition().Name), Text: title, Lead: r.Say.T("filing.check-lead")},
		Title: r.Say.T("filing.problems"), Form: page.Form{Action: applicationPath(r, number, "/check"), CSRF: r.CSRF(), Default: r.Say.T("filing.to-sign")},
		End: page.WizardEnd{Next: r.Say.T("filing.to-sign"), Later: true},
	}
	if d.Bundled != "" {
		v.Form.Default, v.End.Next = r.Say.T("bundle.back"), r.Say.T("bundle.back")
	}
	for _, problem := range problems {
		v.Problems = append(v.Problems, p.problemLink(r, d, problem))
	}
	v.Cards = append(v.Cards, p.applicationCard(r, d))
	for _, pg := range d.Definition().Pages {
		if d.Shows(pg) {
			v.Cards = append(v.Cards, p.pageCard(r, d, pg, true))
		}
	}
	if len(d.Required()) > 0 {
		v.Cards = append(v.Cards, p.documentsCard(r, d))
	}
	if d.Facts.FeeDue > 0 || d.Facts.NoMCI {
		rows, err := p.feeRows(r, d)
		if err != nil {
			return err
		}
		fee := card{Title: r.Say.T("wizard.payment"), Rows: rows}
		if !d.Facts.FeePaid && !d.Facts.NoMCI {
			fee.Actions = []page.Link{{Text: r.Say.T("filing.to-pay"), Href: applicationPath(r, number, "/payment")}}
			v.Notice = &page.Banner{Kind: page.Caution, Title: r.Say.T("filing.unpaid-title"), Text: r.Say.T("filing.unpaid-text"),
				Links: []page.Link{{Text: r.Say.T("filing.to-pay"), Href: applicationPath(r, number, "/payment")}}}
		}
		v.Cards = append(v.Cards, fee)
	}
	if v.Moved, err = p.movedOf(r, d); err != nil {
		return err
	}
	aside, err := p.asideCard(r, d)
	if err != nil {
		return err
	}
	if len(aside.Rows) > 0 {
		v.Cards = append(v.Cards, aside)
	}
	c := p.wizardChrome(r, number, title)
	return p.showStatus(w, r, status, c, reviewPage(v))
}

// problemLink leads from a problem to where it is mended.
func (p *Portal) problemLink(r *web.Request, d filing.Draft, problem fault.Field) page.Link {
	number, text := d.Application.Number, p.sayField(r, d.Form, problem)
	if key, ok := strings.CutPrefix(problem.Path, documentPath); ok {
		for _, doc := range d.Required() {
			if doc.Document.Key == key {
				text = r.Say.T("filing.document-missing", "name", tr(r, doc.Document.Name))
			}
		}
		return page.Link{Text: text, Href: applicationPath(r, number, "/documents/"+url.PathEscape(key))}
	}
	label := labelAt(r, d.Form, problem.Path)
	if label == "" {
		return page.Link{Text: text}
	}
	return page.Link{Text: label + ": " + text, Href: changeAddress(r, d, stepOf(d, problem.Path), problem.Path)}
}

// changeAddress is where an answer is changed; afterwards the reader comes back to the check.
func changeAddress(r *web.Request, d filing.Draft, pageKey, field string) string {
	if d.AskedOnce(field) {
		return bundlePath(r, d.Bundled, "")
	}
	return applicationPath(r, d.Application.Number, "/pages/"+pageKey+"?from="+stepCheck) + "#" + page.FieldID(field)
}

// applicationCard says what is asked for, of whom and by whom.
func (p *Portal) applicationCard(r *web.Request, d filing.Draft) card {
	body, _ := p.Catalogue.Body(d.Application.Body)
	c := card{Title: r.Say.T("filing.application"), Rows: []page.Row{
		{Name: r.Say.T("filing.number"), Value: d.Application.Number},
		{Name: r.Say.T("filing.type"), Value: operationName(r, d)},
		{Name: r.Say.T("permits.kind"), Value: asked(r, d)},
		{Name: r.Say.T("filing.applicant"), Value: d.Party.Name + ", " + d.Party.Number},
		{Name: r.Say.T("filing.licensor"), Value: tr(r, body.Name)},
	}}
	if permit := d.Application.Concerns; permit != "" {
		c.Rows = append(c.Rows, page.Row{Name: r.Say.T("changes.permit"), Value: permit})
	}
	c.Rows = append(c.Rows, p.bundleRow(r, d)...)
	return c
}

// pageCard shows the answers of a page of the form.
func (p *Portal) pageCard(r *web.Request, d filing.Draft, pg service.Page, change bool) card {
	c := card{Title: tr(r, pg.ReadTitle())}
	for _, f := range pg.Fields {
		if !d.Visible[f.Key] {
			continue
		}
		shown := d.Form.Read(f, d.Application.Answers[f.Key], r.Lang, r.Say)
		row := page.Row{Name: tr(r, f.Label), Value: web.OrDash(shown.Text), Lang: foreign(r, shown.Lang)}
		if s, ok := d.Application.Sources[f.Key]; ok {
			row.Source = r.Say.T("page.source") + " " + sourceText(r, s)
		}
		if change {
			row.Actions = []page.Link{{Text: r.Say.T("wizard.change"), Href: changeAddress(r, d, pg.Key, f.Key)}}
		} else if shown.Text == "" {
			continue
		}
		c.Rows = append(c.Rows, row)
	}
	return c
}

// documentsCard lists the documents asked for with what is attached.
func (p *Portal) documentsCard(r *web.Request, d filing.Draft) card {
	c := card{Title: r.Say.T("filing.documents")}
	for _, doc := range d.Required() {
		row := page.Row{Name: tr(r, doc.Document.Name), Value: r.Say.T("filing.not-attached"), Actions: []page.Link{
			{Text: r.Say.T("wizard.change"), Href: applicationPath(r, d.Application.Number, "/documents/"+url.PathEscape(doc.Document.Key))}}}
		if at, ok := attachedUnder(d.Application, doc.Document.Key); ok {
			row.Value = at.File + " (" + r.Say.Size(at.Size) + ")"
		}
		c.Rows = append(c.Rows, row)
	}
	return c
}

// reviewed goes on to signing when nothing is wrong.
func (p *Portal) reviewed(w http.ResponseWriter, r *web.Request) error {
	d, _, err := p.open(w, r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.invalid").Because(err)
	}
	if err := p.movedOn(r, d); err != nil {
		return err
	}
	back, next := around(p.steps(r, d), stepCheck)
	switch r.PostForm.Get(page.NameGo) {
	case page.GoBack:
		return p.Server.Go(w, r, back)
	case page.GoLater:
		r.Flash("filing.saved-for-later")
		return p.Server.Go(w, r, r.Link("/applications"))
	}
	problems, err := p.Filing.Problems(d)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return p.showReview(w, r, d, problems, http.StatusUnprocessableEntity)
	}
	return p.Server.Go(w, r, next)
}
