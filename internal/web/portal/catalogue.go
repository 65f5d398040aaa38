package portal

import (
	"net/url"
	"slices"
	"strings"

	"elicense/internal/catalogue"
	"elicense/internal/lang"
	"elicense/internal/service"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// catalogueRoutes are the pages of the catalogue: finding a service and reading its passport.
func (p *Portal) catalogueRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET /{lang}/{$}", Policy: web.Public, Handle: p.home, Page: "home"},
		{Pattern: "GET /{lang}/bodies", Policy: web.Public, Handle: p.bodies, Page: "bodies"},
		{Pattern: "GET /{lang}/spheres/{key}", Policy: web.Public, Handle: p.sphere, Page: "sphere"},
		{Pattern: "GET /{lang}/bodies/{key}", Policy: web.Public, Handle: p.body, Page: "body"},
		{Pattern: "GET /{lang}/search", Policy: web.Public, Handle: p.search, Page: "search", PerMinute: 120},
		{Pattern: "GET /{lang}/services/{key}", Policy: web.Public, Handle: p.passport, Page: "service"},
		{Pattern: "GET /{lang}/services/{key}/check", Policy: web.Public, Handle: p.ask, Page: "ask"},
		{Pattern: "GET /{lang}/services/{key}/revisions/{number}", Policy: web.Public, Handle: p.revision, Page: "service-revision", PerMinute: 120},
		{Pattern: "GET /{lang}/guide", Policy: web.Public, Handle: p.guide, Page: "guide"},
	}
}

// catalogueChrome dresses a page of the catalogue: the way from the home page down, and the entry of the navigation to
// which the page belongs.
func (p *Portal) catalogueChrome(r *web.Request, title string, way ...page.Link) *page.Chrome {
	c := p.Chrome(r, title)
	belongsTo(c, r.Link("/"))
	c.Breadcrumbs = trail(r, title, way...)
	return c
}

// belongsTo marks the entry of the navigation to which a page belongs.
func belongsTo(c *page.Chrome, href string) {
	for i := range c.Nav {
		c.Nav[i].Current = c.Nav[i].Href == href
	}
}

// trail is the way from the home page down to the page itself.
func trail(r *web.Request, title string, way ...page.Link) []page.Link {
	all := append([]page.Link{{Text: r.Say.T("nav.home"), Href: r.Link("/")}}, way...)
	return append(all, page.Link{Text: title})
}

// foreign is the language of a text when it is not the reader's.
func foreign(r *web.Request, l lang.Lang) lang.Lang {
	if l == r.Lang {
		return ""
	}
	return l
}

// entryCard is a line of the catalogue: a service, under one of its subtypes where it has any.
func (p *Portal) entryCard(r *web.Request, e catalogue.Entry) page.Card {
	name, in := e.Name().In(r.Lang)
	d := e.Revision.Definition
	notes := []string{r.Say.T("status.service." + string(d.Status))}
	if names := p.bodyNames(r, d.Bodies); len(names) <= 2 {
		notes = append(notes, names...)
	} else {
		notes = append(notes, r.Say.N("catalogue.bodies-count", len(names)))
	}
	return page.Card{Text: name, Lang: foreign(r, in), Href: r.Link(serviceAddress(e)), Note: strings.Join(notes, " · ")}
}

// serviceAddress leads to the passport, with the subtype that was chosen where there are several.
func serviceAddress(e catalogue.Entry) string {
	address := "/services/" + url.PathEscape(e.Revision.Service)
	if e.Subtype != nil && len(e.Revision.Definition.Subtypes) > 1 {
		address += "?subtype=" + url.QueryEscape(e.Subtype.Key)
	}
	return address
}

// bodyNames are the names of state bodies in the reader's language.
func (p *Portal) bodyNames(r *web.Request, keys []string) []string {
	var names []string
	for _, key := range keys {
		if b, ok := p.Catalogue.Body(key); ok {
			names = append(names, tr(r, b.Name))
		}
	}
	return names
}

// sorted puts things into the order of the reader's alphabet.
func sorted[T any](l lang.Lang, things []T, name func(T) string) []T {
	out := slices.Clone(things)
	slices.SortStableFunc(out, func(a, b T) int {
		return slices.Compare(lang.SortKey(l, name(a)), lang.SortKey(l, name(b)))
	})
	return out
}

// sortedBodies lists the state bodies in the order of the reader's alphabet.
func (p *Portal) sortedBodies(r *web.Request) []service.Body {
	return sorted(r.Lang, p.Catalogue.Bodies, func(b service.Body) string { return tr(r, b.Name) })
}

// sortedServices lists the services of the catalogue, each once, in the order of the reader's alphabet.
func (p *Portal) sortedServices(r *web.Request) []*service.Revision {
	var list []*service.Revision
	for _, g := range p.Catalogue.Groups(func(catalogue.Entry) bool { return true }) {
		for _, e := range g.Entries {
			if !slices.Contains(list, e.Revision) {
				list = append(list, e.Revision)
			}
		}
	}
	return sorted(r.Lang, list, func(rev *service.Revision) string { return tr(r, rev.Definition.Name) })
}
