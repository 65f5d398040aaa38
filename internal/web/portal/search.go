package portal

import (
	"net/http"
	"strings"

	"elicense/internal/web"
	"elicense/internal/web/page"
)

// searchView is the page of results.
type searchView struct {
	Heading page.Heading
	Box     page.Search
	Count   string
	Cards   []page.Card
	Empty   *page.Empty
}

// search finds services by words in any of the three languages.
func (p *Portal) search(w http.ResponseWriter, r *web.Request) error {
	query := strings.TrimSpace(r.URL.Query().Get("q"))
	c := p.catalogueChrome(r, r.Say.T("nav.search"))
	c.NoIndex = true
	c.Search = nil // the page has the box itself
	return p.show(w, r, c, searchPage(p.searchView(r, query)))
}

func (p *Portal) searchView(r *web.Request, query string) searchView {
	v := searchView{
		Heading: page.Heading{Text: r.Say.T("nav.search")},
		Box:     page.Search{Action: r.Link("/search"), Name: "q", Value: query, Label: r.Say.T("search.label"), Button: r.Say.T("page.search")},
	}
	if query == "" {
		v.Count = r.Say.T("search.hint")
		return v
	}
	v.Cards = p.bundleCards(r, p.Catalogue.SearchBundles(query))
	for _, e := range p.Catalogue.Search(query) {
		v.Cards = append(v.Cards, p.entryCard(r, e))
	}
	if len(v.Cards) == 0 {
		v.Empty = &page.Empty{
			Title: r.Say.T("search.nothing", "query", query), Text: r.Say.T("search.nothing-text"),
			Button: &page.Button{Text: r.Say.T("catalogue.all-services"), Kind: page.Secondary, Href: r.Link("/")},
		}
		return v
	}
	v.Count = r.Say.N("search.found", len(v.Cards))
	return v
}
