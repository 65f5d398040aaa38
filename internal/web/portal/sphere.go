package portal

import (
	"fmt"
	"net/http"

	"elicense/internal/catalogue"
	"elicense/internal/fault"
	"elicense/internal/service"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// groupsView is the page of a sphere or of a state body: groups with their services.
type groupsView struct {
	Heading page.Heading
	Groups  []groupView
	Empty   page.Empty
}

// groupView is a heading of the catalogue that opens to its services, with their count as in the manual: «… (2)».
type groupView struct {
	Title string
	Open  bool
	Cards []page.Card
}

// sphere lists the groups and services of a sphere.
func (p *Portal) sphere(w http.ResponseWriter, r *web.Request) error {
	s, ok := p.Catalogue.Sphere(r.PathValue("key"))
	if !ok {
		return fault.New(fault.NotFound, "fault.not-found")
	}
	text, in := s.Name.In(r.Lang)
	v := p.groupsView(r, catalogue.InSphere(s.Key))
	if cards := p.bundleCards(r, p.Catalogue.Bundles(func(t service.Together) bool { return t.Sphere == s.Key })); len(cards) > 0 {
		v.Groups = append([]groupView{{Title: fmt.Sprintf("%s (%d)", r.Say.T("bundle.group"), len(cards)), Open: true, Cards: cards}}, v.Groups...)
	}
	v.Heading = page.Heading{Caption: r.Say.T("nav.spheres"), Text: text, Lang: foreign(r, in)}
	return p.show(w, r, p.catalogueChrome(r, text), groupsPage(v))
}

// body lists the groups and services of a state body.
func (p *Portal) body(w http.ResponseWriter, r *web.Request) error {
	b, ok := p.Catalogue.Body(r.PathValue("key"))
	if !ok {
		return fault.New(fault.NotFound, "fault.not-found")
	}
	text, in := b.Name.In(r.Lang)
	v := p.groupsView(r, catalogue.AtBody(b.Key))
	v.Heading = page.Heading{Caption: r.Say.T("nav.bodies"), Text: text, Lang: foreign(r, in)}
	way := page.Link{Text: r.Say.T("nav.bodies"), Href: r.Link("/bodies")}
	return p.show(w, r, p.catalogueChrome(r, text, way), groupsPage(v))
}

func (p *Portal) groupsView(r *web.Request, pick func(catalogue.Entry) bool) groupsView {
	v := groupsView{Empty: page.Empty{
		Title: r.Say.T("catalogue.empty-title"), Text: r.Say.T("catalogue.empty-text"),
		Button: &page.Button{Text: r.Say.T("catalogue.all-services"), Kind: page.Secondary, Href: r.Link("/")},
	}}
	groups := p.Catalogue.Groups(pick)
	for _, g := range groups {
		view := groupView{Title: fmt.Sprintf("%s (%d)", tr(r, g.Name), len(g.Entries)), Open: len(groups) == 1}
		for _, e := range g.Entries {
			view.Cards = append(view.Cards, p.entryCard(r, e))
		}
		v.Groups = append(v.Groups, view)
	}
	return v
}
