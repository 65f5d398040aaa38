// Package portal is the external portal: one file per page. A handler parses the request, calls one use case and shows
// a page; every word comes from the locales or from a service's definition.
package portal

import (
	"net/http"

	"github.com/a-h/templ"

	"elicense/internal/account"
	"elicense/internal/billing"
	"elicense/internal/calendar"
	"elicense/internal/casework"
	"elicense/internal/catalogue"
	"elicense/internal/documents"
	"elicense/internal/fault"
	"elicense/internal/filing"
	"elicense/internal/lang"
	"elicense/internal/message"
	"elicense/internal/notice"
	"elicense/internal/numbering"
	"elicense/internal/port"
	"elicense/internal/reference"
	"elicense/internal/register"
	"elicense/internal/statistics"
	"elicense/internal/web"
	"elicense/internal/web/assets"
	"elicense/internal/web/page"
	"elicense/internal/web/signing"
)

// Portal holds what the pages need.
type Portal struct {
	Server    *web.Server
	Catalogue *catalogue.Catalogue
	Accounts  *account.Accounts
	Filing    *filing.Filing
	Documents *documents.Documents
	Billing   *billing.Billing
	Register  *register.Register
	Numbering *numbering.Numbering
	Notices   *notice.Notices
	Messages  *message.Messages
	Reference *reference.Library
	// Statistics are the public figures.
	Statistics *statistics.Statistics
	Renderer   port.Renderer
	Glyphs     port.Glyphs // what the papers can print; nil = everything
	Verifier   port.Verifier
	World      port.World
	Calendar   *calendar.Keeper
	MCI        casework.Indices
	Origin     string
	Signing    *signing.Signing
	// Phone is signing on a telephone; nil = it is not offered.
	Phone *Phone
	// Demo describes the demonstration; nil in production.
	Demo *Demo
}

// Demo is what the pages of a demonstration show besides.
type Demo struct {
	People []DemoPerson
	// Keys is the folder with the demo keys on this machine, for signing outside the page.
	Keys string
	// Password opens the key files among them.
	Password string
}

// DemoPerson is a made-up person or organisation that can log in.
type DemoPerson struct {
	Name     string
	Role     lang.Text
	Number   string // IIN or BIN to log in with
	Password string
}

// Routes is the external portal's route table.
func (p *Portal) Routes() []web.Route {
	var all []web.Route
	all = append(all, p.catalogueRoutes()...)
	all = append(all, p.peopleRoutes()...)
	all = append(all, p.filingRoutes()...)
	all = append(all, p.bundleRoutes()...)
	all = append(all, p.cabinetRoutes()...)
	all = append(all, p.messagesRoutes()...)
	all = append(all, p.checkRoutes()...)
	all = append(all, p.numberingRoutes()...)
	all = append(all, p.statisticsRoutes()...)
	if p.Phone != nil {
		all = append(all, p.phoneRoutes()...)
	}
	return all
}

// Chrome dresses a page.
func (p *Portal) Chrome(r *web.Request, title string) *page.Chrome {
	set := p.Server.Assets
	c := &page.Chrome{
		Lang: r.Lang, Words: p.Server.Words(r.Lang), Title: title, Origin: p.Origin,
		Files: page.Files{
			Style: set.Href(assets.Style), Sprite: set.Href(assets.Sprite), Icon: set.Href(assets.Favicon),
			Scripts: []string{set.Href(assets.Session)},
		},
		System: r.Say.T("header.title"), Owner: r.Say.T("header.subtitle"), Home: r.Link("/"),
		Nav: []page.NavLink{
			{Text: r.Say.T("nav.services"), Href: r.Link("/")},
			{Text: r.Say.T("nav.my-applications"), Href: r.Link("/applications")},
			{Text: r.Say.T("nav.my-permits"), Href: r.Link("/permits")},
			{Text: r.Say.T("nav.my-documents"), Href: r.Link("/documents")},
			{Text: r.Say.T("nav.check"), Href: r.Link("/check")},
		},
		Search: &page.Search{Action: r.Link("/search"), Name: "q", Value: "", Label: r.Say.T("nav.search"), Button: r.Say.T("page.search")},
		Footer: p.footer(r),
	}
	for i := range c.Nav {
		c.Nav[i].Current = c.Nav[i].Href == r.URL.Path
	}
	names := map[lang.Lang][2]string{lang.KK: {"Қазақша", "Қаз"}, lang.RU: {"Русский", "Рус"}, lang.EN: {"English", "Eng"}}
	for _, l := range lang.All() {
		c.Languages = append(c.Languages, page.LanguageLink{Lang: l, Name: names[l][0], Short: names[l][1], Href: r.In(l), Current: l == r.Lang})
	}
	if p.Demo != nil {
		c.Demo = r.Say.T("header.demo")
	}
	p.visitor(r, c)
	return c
}

// visitor shows who is logged in, or where to log in.
func (p *Portal) visitor(r *web.Request, c *page.Chrome) {
	if r.Who.Account == "" {
		c.LogIn = &page.Link{Text: r.Say.T("header.log-in"), Href: r.Link("/login")}
		return
	}
	c.NoIndex = true
	c.Account = &page.Account{
		Name: r.Who.Name, Role: r.Who.For, LogOut: r.Link("/logout"), CSRF: r.CSRF(),
		Links: []page.Link{
			{Text: r.Say.T("nav.my-applications"), Href: r.Link("/applications")},
			p.noticesLink(r),
			{Text: r.Say.T("nav.profile"), Href: r.Link("/profile")},
		},
	}
	c.Session = &page.Session{
		Text:    r.Say.T("header.session-ends", "time", r.Say.Time(p.World.Now().Add(awake))),
		Seconds: int(awake.Seconds()), Warn: 300, Extend: r.Link("/session"), LogIn: r.Link("/login"), CSRF: r.CSRF(),
	}
	if key := r.Flashed(); key != "" {
		c.Messages = append(c.Messages, page.Banner{Kind: page.Done, Text: r.Say.T(key)})
	}
}

// awake is how long a session lives without a request, at the least: its stored end may be so much too early.
const awake = web.Idle - account.Lag

// footer gives the links of the manuals' home page.
func (p *Portal) footer(r *web.Request) []page.FooterGroup {
	link := func(key, href string) page.Link { return page.Link{Text: r.Say.T(key), Href: href} }
	return []page.FooterGroup{
		{Title: r.Say.T("nav.help"), Lines: []page.Link{
			link("footer.guides", r.Link("/guide")),
			link("numbering.title", r.Link("/numbering")),
			link("footer.contact", "tel:1414"),
			link("footer.phone", "tel:+78000807777"),
		}},
		{Title: r.Say.T("footer.useful"), Lines: []page.Link{
			link("footer.get-eds", "https://pki.gov.kz/"),
			link("footer.law", "https://adilet.zan.kz/kaz/docs/Z1400000202"),
			link("footer.egov", "https://egov.kz/"),
			link("footer.epay", "https://epay.gov.kz/"),
		}},
	}
}

// show writes a page.
func (p *Portal) show(w http.ResponseWriter, r *web.Request, c *page.Chrome, body templ.Component) error {
	return p.showStatus(w, r, http.StatusOK, c, body)
}

// showStatus writes a page with a status: 422 for a form with errors, 409 for a conflict.
func (p *Portal) showStatus(w http.ResponseWriter, r *web.Request, status int, c *page.Chrome, body templ.Component) error {
	c.Failed = status >= 400
	return p.Server.Show(w, r, status, c, body)
}

// errorsOf translates the field errors of a fault; ok is false for faults that are no matter of the form.
func (p *Portal) errorsOf(r *web.Request, err error) (page.Errors, bool) {
	if fault.KindOf(err) != fault.Invalid && fault.KindOf(err) != fault.Conflict && fault.KindOf(err) != fault.Throttled &&
		fault.KindOf(err) != fault.Denied && fault.KindOf(err) != fault.TooLarge && fault.KindOf(err) != fault.Gone {
		return nil, false
	}
	return page.ErrorsOf(err, func(key string, args fault.Args) string { return p.Server.Text(r, key, args) }), true
}

// tr writes a definition's text in the reader's language, or in the first in which it exists.
func tr(r *web.Request, t lang.Text) string {
	s, _ := t.In(r.Lang)
	return s
}
