package portal

import (
	"net/http"
	"net/url"

	"elicense/internal/catalogue"
	"elicense/internal/web"
	"elicense/internal/web/assets"
	"elicense/internal/web/page"
)

// homeView is the home page: the catalogue by sphere or by state body, and where else to go.
type homeView struct {
	Words   *page.Words
	Heading page.Heading
	Demo    *demoView
	Tabs    []page.Tab
	TabsOf  string // accessible name of the tabs
	Cards   page.Cards
	Links   linksView
	Figures linksView // the statistics, in brief
}

// linksView are the links of the manuals' home page.
type linksView struct {
	Title string
	Cards []page.Card
}

// demoView tells a visitor of the demonstration whom to log in as and what to try.
type demoView struct {
	Title, Text string
	People      page.Table
	TryTitle    string
	Try         []string
	Guide       page.Link
}

// home is the catalogue by sphere.
func (p *Portal) home(w http.ResponseWriter, r *web.Request) error {
	v, err := p.homeView(r)
	if err != nil {
		return err
	}
	v.Cards = page.Cards{Label: r.Say.T("nav.spheres"), Sprite: p.Server.Assets.Href(assets.Sprite), Cards: p.sphereCards(r)}
	c := p.Chrome(r, r.Say.T("nav.spheres"))
	return p.show(w, r, c, homePage(v))
}

// bodies is the catalogue by state body.
func (p *Portal) bodies(w http.ResponseWriter, r *web.Request) error {
	v, err := p.homeView(r)
	if err != nil {
		return err
	}
	v.Cards = page.Cards{Label: r.Say.T("nav.bodies"), Sprite: p.Server.Assets.Href(assets.Sprite), Cards: p.bodyCards(r)}
	c := p.Chrome(r, r.Say.T("nav.bodies"))
	belongsTo(c, r.Link("/"))
	return p.show(w, r, c, homePage(v))
}

func (p *Portal) homeView(r *web.Request) (homeView, error) {
	figures, err := p.statisticsCards(r)
	return homeView{
		Words:   p.Server.Words(r.Lang),
		Heading: page.Heading{Text: r.Say.T("home.title"), Lead: r.Say.T("home.lead")},
		Demo:    p.demoView(r),
		TabsOf:  r.Say.T("home.tabs"),
		Tabs: []page.Tab{
			{Text: r.Say.T("nav.spheres"), Href: r.Link("/"), Current: r.URL.Path == r.Link("/")},
			{Text: r.Say.T("nav.bodies"), Href: r.Link("/bodies"), Current: r.URL.Path == r.Link("/bodies")},
		},
		Links:   linksView{Title: r.Say.T("home.useful"), Cards: usefulLinks(r)},
		Figures: linksView{Title: r.Say.T("statistics.title"), Cards: figures},
	}, err
}

// sphereIcon names the drawing of a sphere where it differs from the sphere's key.
func sphereIcon(key string) string {
	switch key {
	case "natural-monopolies":
		return "monopolies"
	case "export-import":
		return "trade"
	case "culture-communications":
		return "culture"
	}
	return key
}

func (p *Portal) sphereCards(r *web.Request) []page.Card {
	var cards []page.Card
	for _, s := range p.Catalogue.Spheres {
		text, in := s.Name.In(r.Lang)
		cards = append(cards, page.Card{
			Text: text, Lang: foreign(r, in), Href: r.Link("/spheres/" + url.PathEscape(s.Key)), Icon: sphereIcon(s.Key),
			Note: servicesCount(r, p.Catalogue.Count(catalogue.InSphere(s.Key))),
		})
	}
	return cards
}

func (p *Portal) bodyCards(r *web.Request) []page.Card {
	var cards []page.Card
	for _, b := range p.sortedBodies(r) {
		text, in := b.Name.In(r.Lang)
		cards = append(cards, page.Card{
			Text: text, Lang: foreign(r, in), Href: r.Link("/bodies/" + url.PathEscape(b.Key)), Icon: "body",
			Note: servicesCount(r, p.Catalogue.Count(catalogue.AtBody(b.Key))),
		})
	}
	return cards
}

// servicesCount says how many services there are; none is said in words.
func servicesCount(r *web.Request, n int) string {
	if n == 0 {
		return r.Say.T("catalogue.no-services")
	}
	return r.Say.N("catalogue.services-count", n)
}

// usefulLinks are the links of the manuals' home page.
func usefulLinks(r *web.Request) []page.Card {
	return []page.Card{
		{Text: r.Say.T("footer.guides"), Href: r.Link("/guide"), Note: r.Say.T("home.guides-note")},
		{Text: r.Say.T("nav.check"), Href: r.Link("/check"), Note: r.Say.T("home.check-note")},
		{Text: r.Say.T("footer.get-eds"), Href: "https://pki.gov.kz/", Note: r.Say.T("home.eds-note")},
		{Text: r.Say.T("footer.law"), Href: "https://adilet.zan.kz/kaz/docs/Z1400000202", Note: r.Say.T("home.law-note")},
		{Text: r.Say.T("footer.egov"), Href: "https://egov.kz/", Note: "egov.kz"},
		{Text: r.Say.T("footer.epay"), Href: "https://epay.gov.kz/", Note: "epay.gov.kz"},
		{Text: r.Say.T("footer.contact"), Href: "tel:1414", Note: r.Say.T("footer.contact-hours")},
		{Text: r.Say.T("footer.phone"), Href: "tel:+78000807777", Note: r.Say.T("footer.contact-hours")},
	}
}

// demoView is nil outside a demonstration.
func (p *Portal) demoView(r *web.Request) *demoView {
	if p.Demo == nil {
		return nil
	}
	v := &demoView{
		Title: r.Say.T("demo.title"), Text: r.Say.T("demo.text"), TryTitle: r.Say.T("demo.try"),
		People: page.Table{
			ID: "demo-people", Caption: r.Say.T("demo.people"), CaptionHidden: true, Stack: true,
			Columns: []page.Column{
				{Text: r.Say.T("demo.person")}, {Text: r.Say.T("demo.role")}, {Text: r.Say.T("demo.number")}, {Text: r.Say.T("demo.password")},
			},
		},
		Try:   []string{r.Say.T("demo.try-1"), r.Say.T("demo.try-2"), r.Say.T("demo.try-3"), r.Say.T("demo.try-4"), r.Say.T("demo.try-5")},
		Guide: page.Link{Text: r.Say.T("demo.guide"), Href: r.Link("/guide#demo")},
	}
	for _, person := range p.Demo.People {
		role, in := person.Role.In(r.Lang)
		v.People.Rows = append(v.People.Rows, []page.Cell{
			{Text: person.Name, Header: true}, {Text: role, Lang: foreign(r, in)}, {Body: code(person.Number)}, {Body: code(person.Password)},
		})
	}
	return v
}
