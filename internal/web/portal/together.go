package portal

import (
	"fmt"
	"net/http"
	"net/url"

	"elicense/internal/fault"
	"elicense/internal/filing"
	"elicense/internal/service"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// togetherView is a bundle before it is begun: what is asked for, of whom, and what is asked once.
type togetherView struct {
	Words   *page.Words
	Heading page.Heading
	Errors  page.Errors
	Closed  *page.Banner
	Lead    string
	Parts   page.Table
	Shared  section[[]page.Card]
	Form    page.Form
	Button  page.Button
}

// togetherAddress is the page of a bundle in the catalogue.
func togetherAddress(key string) string { return "/together/" + url.PathEscape(key) }

// together shows a bundle of the catalogue.
func (p *Portal) together(w http.ResponseWriter, r *web.Request) error {
	return p.showTogether(w, r, nil, nil)
}

func (p *Portal) showTogether(w http.ResponseWriter, r *web.Request, problem error, es page.Errors) error {
	key := r.PathValue("bundle")
	t, ok, err := p.Catalogue.Bundle(key)
	if err != nil {
		return err
	}
	name, in := p.Catalogue.BundleName(key).In(r.Lang)
	v := togetherView{
		Words: p.Server.Words(r.Lang), Heading: page.Heading{Caption: r.Say.T("bundle.caption"), Text: name, Lang: foreign(r, in), Lead: tr(r, t.Summary)}, Errors: es,
		Lead: r.Say.T("bundle.lead"), Form: page.Form{Action: r.Link(togetherAddress(key)), CSRF: r.CSRF()}, Button: page.Button{Text: r.Say.T("bundle.begin")},
		Parts: page.Table{ID: "parts", Caption: r.Say.T("bundle.parts"), Stack: true, Columns: []page.Column{
			{Text: r.Say.T("bundle.service")}, {Text: r.Say.T("filing.body")}, {Text: r.Say.T("bundle.term")},
		}},
		Shared: section[[]page.Card]{Title: r.Say.T("bundle.shared")},
	}
	if !ok {
		v.Closed = &page.Banner{Kind: page.Caution, Title: r.Say.T("service.closed-title"), Text: r.Say.T("bundle.closed")}
		return p.show(w, r, p.catalogueChrome(r, name), togetherPage(v))
	}
	for i, rev := range t.Services {
		d, part := rev.Definition, t.Parts[i]
		body, _ := p.Catalogue.Body(part.Body)
		o, _ := d.Order(part.Operation)
		title, in := d.SubtypeName(part.Subtype).In(r.Lang)
		v.Parts.Rows = append(v.Parts.Rows, []page.Cell{
			{Text: title, Lang: foreign(r, in), Href: r.Link("/services/" + url.PathEscape(d.Key)), Header: true}, textCell(r, body.Name), {Text: web.OrDash(termText(r, d, o))},
		})
	}
	for _, f := range t.Page().Fields {
		label, in := f.Label.In(r.Lang)
		v.Shared.Body = append(v.Shared.Body, page.Card{Text: label, Lang: foreign(r, in)})
	}
	var way []page.Link
	if s, ok := p.Catalogue.Sphere(t.Sphere); ok {
		way = append(way, page.Link{Text: tr(r, s.Name), Href: r.Link("/spheres/" + url.PathEscape(s.Key))})
	}
	return p.showStatus(w, r, formStatus(problem), p.catalogueChrome(r, name, way...), togetherPage(v))
}

// beginTogether makes the drafts of a bundle, or says which one there is already.
func (p *Portal) beginTogether(w http.ResponseWriter, r *web.Request) error {
	id, err := p.Filing.BeginBundle(r.Context(), r.Actor, r.PathValue("bundle"))
	if fault.Is(err, "filing.draft-exists") {
		f, _ := fault.As(err)
		return p.draftExists(w, r, url.Values{}, f.Args["number"])
	}
	if es, ok := p.errorsOf(r, err); ok && err != nil {
		return p.showTogether(w, r, err, es)
	}
	if err != nil {
		return err
	}
	return p.Server.Go(w, r, bundlePath(r, id, ""))
}

// bundleCards are bundles as lines of the catalogue.
func (p *Portal) bundleCards(r *web.Request, list []service.Together) []page.Card {
	var cards []page.Card
	for _, t := range list {
		name, in := t.Name.In(r.Lang)
		cards = append(cards, page.Card{Text: name, Lang: foreign(r, in), Href: r.Link(togetherAddress(t.Key)), Note: r.Say.T("bundle.note", "count", fmt.Sprint(len(t.Parts)))})
	}
	return cards
}

// inBundles are the bundles that a service is part of.
func (p *Portal) inBundles(r *web.Request, key string) []page.Card {
	return p.bundleCards(r, p.Catalogue.Bundles(func(t service.Together) bool { return t.Place(key) < len(t.Parts) }))
}

// bundleRow leads from an application to what it was filed together with.
func (p *Portal) bundleRow(r *web.Request, d filing.Draft) []page.Row {
	if d.Application.Bundle == "" {
		return nil
	}
	return []page.Row{{Name: r.Say.T("bundle.of"), Value: r.Say.T("bundle.of-text"),
		Actions: []page.Link{{Text: r.Say.T("wizard.view"), Href: bundlePath(r, d.Application.Bundle, "")}}}}
}
