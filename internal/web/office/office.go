// Package office is the internal portal, where officials work. The services that can be ordered today are decided by
// the system itself, so the portal says so and offers nothing to log in to; the officials' pages come with the first
// service that needs them.
package office

import (
	"net/http"

	"elicense/internal/lang"
	"elicense/internal/web"
	"elicense/internal/web/assets"
	"elicense/internal/web/page"
)

// Office holds what the pages need.
type Office struct {
	Server *web.Server
	Portal string // address of the external portal
}

// Routes is the internal portal's route table.
func (o *Office) Routes() []web.Route {
	return []web.Route{{Pattern: "GET /{lang}/{$}", Policy: web.Public, Handle: o.home, Page: "office-home"}}
}

// Chrome dresses a page of the internal portal.
func (o *Office) Chrome(r *web.Request, title string) *page.Chrome {
	set := o.Server.Assets
	c := &page.Chrome{
		Lang: r.Lang, Words: o.Server.Words(r.Lang), Title: title, NoIndex: true,
		Files:  page.Files{Style: set.Href(assets.Style), Sprite: set.Href(assets.Sprite), Icon: set.Href(assets.Favicon)},
		System: r.Say.T("office.title"), Owner: r.Say.T("header.title"), Home: r.Link("/"),
	}
	names := map[lang.Lang][2]string{lang.KK: {"Қазақша", "Қаз"}, lang.RU: {"Русский", "Рус"}, lang.EN: {"English", "Eng"}}
	for _, l := range lang.All() {
		c.Languages = append(c.Languages, page.LanguageLink{Lang: l, Name: names[l][0], Short: names[l][1], Href: r.In(l), Current: l == r.Lang})
	}
	return c
}

// home says what the portal is for.
func (o *Office) home(w http.ResponseWriter, r *web.Request) error {
	return o.Server.Show(w, r, http.StatusOK, o.Chrome(r, r.Say.T("office.home")), homePage(homeView{
		Title: r.Say.T("office.home"), Text: r.Say.T("office.automatic"), Link: page.Link{Text: r.Say.T("office.to-portal"), Href: o.Portal + "/" + string(r.Lang) + "/"},
	}))
}
