package portal

import (
	"net/http"

	"elicense/internal/application"
	"elicense/internal/fault"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// term explains until when an application is to be decided, day by day.
func (p *Portal) term(w http.ResponseWriter, r *web.Request) error {
	c, err := p.Filing.Case(r.Context(), r.Actor, r.PathValue("number"))
	if err != nil {
		return err
	}
	a := c.Application
	list, err := p.Filing.Casework.Explain(r.Context(), a, c.Definition().Process)
	if err != nil {
		return err
	}
	if len(list) == 0 { // a draft, or the system decides at once
		return fault.New(fault.NotFound, "fault.not-found")
	}
	heading := page.Heading{Caption: a.Number, Text: r.Say.T("term.title"), Lead: r.Say.T("term.lead")}
	sections := web.Terms(r, list, func(key string) string {
		body, _ := p.Catalogue.Body(key)
		return tr(r, body.Name)
	})
	back := page.Button{Text: r.Say.T("term.back"), Href: applicationPath(r, a.Number, ""), Kind: page.Secondary}
	chrome := p.wizardChrome(r, a.Number, heading.Text)
	chrome.Title = heading.Text + " " + a.Number
	return p.show(w, r, chrome, termPage(heading, sections, back))
}

// termLink leads to the explanation of the terms, where officials decide.
func termLink(r *web.Request, a application.Application) []page.Link {
	if a.Work.Due.IsZero() && a.Work.Report.Completeness == nil {
		return nil
	}
	return []page.Link{{Text: r.Say.T("term.why"), Href: applicationPath(r, a.Number, "/term")}}
}
