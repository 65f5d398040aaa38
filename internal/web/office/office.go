// Package office is the internal portal, where officials of the state bodies work: one file per page. It has listener,
// sessions and cookies of its own.
package office

import (
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"elicense/internal/access"
	"elicense/internal/account"
	"elicense/internal/casework"
	"elicense/internal/catalogue"
	"elicense/internal/documents"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/message"
	"elicense/internal/numbering"
	"elicense/internal/port"
	"elicense/internal/publication"
	"elicense/internal/web"
	"elicense/internal/web/assets"
	"elicense/internal/web/page"
	"elicense/internal/workday"
)

// Office holds what the pages need.
type Office struct {
	Server    *web.Server
	Accounts  *account.Accounts
	Desk      *casework.Desk
	Numbering *numbering.Numbering
	Documents *documents.Documents
	Messages  *message.Messages
	Catalogue *catalogue.Catalogue
	// Publication is how two people publish a service; its publishers are the officials who hold access.Publisher.
	Publication *publication.Publication
	World       port.World
	Calendar    *workday.Calendar
	Portal      string // address of the external portal
	// Demo are the officials of a demonstration, who can log in with a button; nil otherwise.
	Demo []DemoOfficial
}

// DemoOfficial is a made-up official.
type DemoOfficial struct {
	Name, Login, Password string
	Role                  lang.Text
}

// Routes is the internal portal's route table.
func (o *Office) Routes() []web.Route {
	const one, plan = "/{lang}/applications/{number}", "/{lang}/numbering"
	return append(o.messagesRoutes(), []web.Route{
		{Pattern: "GET /{lang}/{$}", Policy: web.Public, Handle: o.home},
		{Pattern: "GET /{lang}/login", Policy: web.Public, Handle: o.loginForm, Page: "office-login"},
		{Pattern: "POST /{lang}/login", Policy: web.Public, Handle: o.login, PerMinute: 30, Entrance: true},
		{Pattern: "POST /{lang}/logout", Policy: web.Public, Handle: o.logout},
		{Pattern: "GET /{lang}/password", Policy: web.Person, Handle: o.passwordForm, Page: "office-password"},
		{Pattern: "POST /{lang}/password", Policy: web.Person, Handle: o.changePassword, PerMinute: 30},

		{Pattern: "GET /{lang}/applications", Policy: web.Person, Handle: o.queue, Page: "office-queue"},
		{Pattern: "GET " + one, Policy: web.Person, Handle: o.open, Page: "office-case"},
		{Pattern: "GET " + one + "/documents/{key}/file", Policy: web.Person, Handle: o.attached},
		{Pattern: "POST " + one, Policy: web.Person, Handle: o.act, Keep: true},

		{Pattern: "GET /{lang}/proposals", Policy: web.Person, Handle: o.proposals, Page: "office-proposals"},
		{Pattern: "GET /{lang}/proposals/{id}", Policy: web.Person, Handle: o.proposal, Page: "office-proposal"},
		{Pattern: "GET /{lang}/proposals/{id}/files/{name...}", Policy: web.Person, Handle: o.proposalFile},
		{Pattern: "POST /{lang}/proposals/{id}", Policy: web.Person, Handle: o.decideProposal, Keep: true, PerMinute: 30},

		{Pattern: "GET " + plan, Policy: web.Person, Handle: o.plan, Page: "office-plan"},
		{Pattern: "GET " + plan + "/{key}", Policy: web.Person, Handle: o.planCode, Page: "office-plan-code"},
		{Pattern: "GET " + plan + "/{key}/{first}", Policy: web.Person, Handle: o.planRange, Page: "office-plan-range"},
		{Pattern: "POST " + plan + "/{key}/{first}", Policy: web.Person, Handle: o.proposeOrder, Keep: true},
		{Pattern: "GET " + plan + "/orders/{id}", Policy: web.Person, Handle: o.order, Page: "office-number-order"},
		{Pattern: "POST " + plan + "/orders/{id}", Policy: web.Person, Handle: o.closeOrder},

		{Pattern: "GET /{lang}/opinions", Policy: web.Person, Handle: o.opinions, Page: "office-opinions"},
		{Pattern: "GET /{lang}/opinions/{number}", Policy: web.Person, Handle: o.opinion, Page: "office-opinion"},
		{Pattern: "POST /{lang}/opinions/{number}", Policy: web.Person, Handle: o.giveOpinion, Keep: true},
	}...)
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
	if o.Demo != nil {
		c.Demo = r.Say.T("header.demo")
	}
	if r.Who.Account == "" {
		c.LogIn = &page.Link{Text: r.Say.T("header.log-in"), Href: r.Link("/login")}
		return c
	}
	c.Nav = []page.NavLink{{Text: r.Say.T("office.queue"), Href: r.Link("/applications"), Current: r.URL.Path == r.Link("/applications")}}
	if r.Actor.Holds(access.Publisher) {
		c.Nav = append(c.Nav, page.NavLink{Text: r.Say.T("office.proposals"), Href: r.Link("/proposals"), Current: strings.HasPrefix(r.URL.Path, r.Link("/proposals"))})
	}
	if o.Numbering.Keeps(r.Actor) {
		c.Nav = append(c.Nav, page.NavLink{Text: r.Say.T("office.plan"), Href: r.Link("/numbering"), Current: strings.HasPrefix(r.URL.Path, r.Link("/numbering"))})
	}
	if r.Actor.SpeaksForBody() {
		c.Nav = append(c.Nav, page.NavLink{Text: r.Say.T("office.opinions"), Href: r.Link(pathOpinions), Current: r.URL.Path == r.Link(pathOpinions)})
	}
	c.Account = &page.Account{Name: r.Who.Name, Role: r.Who.For, LogOut: r.Link("/logout"), CSRF: r.CSRF(),
		Links: []page.Link{{Text: r.Say.T("office.password"), Href: r.Link("/password")}}}
	if key := r.Flashed(); key != "" {
		c.Messages = append(c.Messages, page.Banner{Kind: page.Done, Text: r.Say.T(key)})
	}
	return c
}

// show shows a page with its form as it was typed; a problem gives the answer its status and is told in the title.
func (o *Office) show(w http.ResponseWriter, r *web.Request, problem error, c *page.Chrome, body templ.Component) error {
	status := http.StatusOK
	if problem != nil {
		status, c.Failed = web.StatusOf(problem), true
	}
	return o.Server.Show(w, r, status, c, body)
}

// keptNotice says that a form holds what was typed before a log-in.
func keptNotice(r *web.Request) page.Banner {
	return page.Banner{Kind: page.Caution, Title: r.Say.T("people.kept-title"), Text: r.Say.T("people.kept-text")}
}

// reasonRows are reasons as officials write them; an empty one has no row.
func reasonRows(r *web.Request, kk, ru string) []page.Row {
	var rows []page.Row
	if kk != "" {
		rows = append(rows, page.Row{Name: r.Say.T("office.reason-kk"), Value: kk, Lang: lang.KK})
	}
	if ru != "" {
		rows = append(rows, page.Row{Name: r.Say.T("office.reason-ru"), Value: ru, Lang: lang.RU})
	}
	return rows
}

// home leads to the work, or to the log-in.
func (o *Office) home(w http.ResponseWriter, r *web.Request) error {
	switch {
	case r.Who.Account == "":
		return o.Server.Go(w, r, r.Link("/login"))
	case r.Actor.Body == "": // the password was given by somebody else and opens nothing but its own page
		return o.Server.Go(w, r, r.Link("/password"))
	}
	return o.Server.Go(w, r, r.Link("/applications"))
}

// working refuses an official who still has the password that somebody else gave.
func working(r *web.Request) error {
	if r.Actor.Role == access.Officer && r.Actor.Body == "" {
		return fault.New(fault.Denied, "office.password-first")
	}
	return nil
}

// errorsOf translates the field errors of a fault; ok is false for faults that are no matter of the form.
func (o *Office) errorsOf(r *web.Request, err error) (page.Errors, bool) {
	switch fault.KindOf(err) {
	case fault.Invalid, fault.Denied, fault.Throttled, fault.Conflict:
		return page.ErrorsOf(err, func(key string, args fault.Args) string { return o.Server.Text(r, key, args) }), true
	}
	return nil, false
}

// tr writes a definition's text in the reader's language, or in the first in which it exists.
func tr(r *web.Request, t lang.Text) string {
	s, _ := t.In(r.Lang)
	return s
}
