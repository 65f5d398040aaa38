// Package office is the internal portal, where officials of the state bodies work: one file per page. It has listener,
// sessions and cookies of its own.
package office

import (
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"elicense/internal/access"
	"elicense/internal/account"
	"elicense/internal/acts"
	"elicense/internal/calendar"
	"elicense/internal/casework"
	"elicense/internal/catalogue"
	"elicense/internal/documents"
	"elicense/internal/evidence"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/message"
	"elicense/internal/numbering"
	"elicense/internal/paper"
	"elicense/internal/port"
	"elicense/internal/publication"
	"elicense/internal/reference"
	"elicense/internal/register"
	"elicense/internal/web"
	"elicense/internal/web/assets"
	"elicense/internal/web/page"
	"elicense/internal/web/signing"
	"elicense/internal/wording"
)

// Office holds what the pages need.
type Office struct {
	Server    *web.Server
	Accounts  *account.Accounts
	Desk      *casework.Desk
	Exports   *casework.Exports
	Register  *register.Register
	Acts      *acts.Acts
	Numbering *numbering.Numbering
	Papers    *paper.Papers
	Documents *documents.Documents
	Evidence  *evidence.Evidence
	Signing   *signing.Signing
	Messages  *message.Messages
	Catalogue *catalogue.Catalogue
	// Publication is how two people publish a service; its publishers are the officials who hold access.Publisher.
	Publication *publication.Publication
	// Directories is how two administrators keep directories and the monthly calculation index.
	Directories *reference.Keeper
	Wording     *wording.Wording
	World       port.World
	Calendar    *calendar.Keeper
	Previews    port.Previews // nil = the program that makes images is not installed
	Portal      string        // address of the external portal
	// Demo are the officials of a demonstration, who can log in with a button; nil otherwise.
	Demo []DemoOfficial
}

// DemoOfficial is a made-up official.
type DemoOfficial struct {
	Name, Login, Password string
	Role                  lang.Text
	Group                 lang.Text // the state body
}

// Routes is the internal portal's route table.
func (o *Office) Routes() []web.Route {
	const plan = "/{lang}/numbering"
	return slices.Concat(o.caseRoutes(), o.termRoutes(), o.messagesRoutes(), o.permitRoutes(), o.papersRoutes(), o.Signing.Routes(), []web.Route{
		{Pattern: "GET /{lang}/{$}", Policy: web.Public, Handle: o.home},
		{Pattern: "GET /{lang}/login", Policy: web.Public, Handle: o.loginForm, Page: "office-login"},
		{Pattern: "POST /{lang}/login", Policy: web.Public, Handle: o.login, PerMinute: 30, Entrance: true},
		{Pattern: "POST /{lang}/logout", Policy: web.Public, Handle: o.logout},
		{Pattern: "GET /{lang}/login/certificate", Policy: web.Public, Handle: o.certificateForm, PerMinute: 30, Page: "office-certificate"},
		{Pattern: "POST /{lang}/login/certificate", Policy: web.Public, Handle: o.certificate, PerMinute: 30, Body: signing.MaxBody},
		{Pattern: "GET /{lang}/me", Policy: web.Person, Handle: o.me, Page: "office-me"},
		{Pattern: "POST /{lang}/me", Policy: web.Person, Handle: o.changeMe, PerMinute: 30},
		{Pattern: "GET /{lang}/people", Policy: web.Person, Handle: o.people, Page: "office-people"},
		{Pattern: "GET /{lang}/people/officials/{id}", Policy: web.Person, Handle: o.person, Page: "office-people-form"},
		{Pattern: "POST /{lang}/people/officials/{id}", Policy: web.Person, Handle: o.changePerson, PerMinute: 30, Keep: true},
		{Pattern: "GET /{lang}/people/departments/{key}", Policy: web.Person, Handle: o.department, Page: "office-people-form"},
		{Pattern: "POST /{lang}/people/departments/{key}", Policy: web.Person, Handle: o.changeDepartment, PerMinute: 30, Keep: true},
		{Pattern: "GET /{lang}/password", Policy: web.Person, Handle: o.passwordForm, Page: "office-password"},
		{Pattern: "POST /{lang}/password", Policy: web.Person, Handle: o.changePassword, PerMinute: 30},

		{Pattern: "GET /{lang}/applications", Policy: web.Person, Handle: o.queue, Page: "office-queue"},
		{Pattern: "GET /{lang}" + pathSearch, Policy: web.Person, Handle: o.searchForm, Page: "office-search"},
		{Pattern: "POST /{lang}" + pathSearch, Policy: web.Person, Handle: o.search, PerMinute: 600},
		{Pattern: "POST /{lang}" + pathViews, Policy: web.Person, Handle: o.views},
		{Pattern: "GET /{lang}" + pathViews, Policy: web.Person, Handle: o.unchosen},
		{Pattern: "POST /{lang}" + pathRule, Policy: web.Person, Handle: o.rule},
		{Pattern: "POST /{lang}" + pathChosen, Policy: web.Person, Handle: o.chosen},
		{Pattern: "GET /{lang}" + pathChosen, Policy: web.Person, Handle: o.unchosen},
		{Pattern: "POST /{lang}" + pathBatches, Policy: web.Person, Handle: o.doMany, PerMinute: 30},
		{Pattern: "GET /{lang}" + pathBatches, Policy: web.Person, Handle: o.unchosen},
		{Pattern: "GET /{lang}" + pathBatches + "/{id}", Policy: web.Person, Handle: o.batch, Page: "office-batch"},
		{Pattern: "GET /{lang}" + pathExports, Policy: web.Person, Handle: o.exports, Page: "office-exports"},
		{Pattern: "POST /{lang}" + pathExports, Policy: web.Person, Handle: o.orderExport, PerMinute: 10},
		{Pattern: "GET /{lang}" + pathExports + "/{id}", Policy: web.Person, Handle: o.fetchExport},

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

		{Pattern: "GET /{lang}/audit", Policy: web.Person, Handle: o.audit, Page: "office-audit"},
		{Pattern: "GET /{lang}/audit/{id}", Policy: web.Person, Handle: o.auditRow, Page: "office-audit-row"},

		{Pattern: "GET /{lang}/directories", Policy: web.Person, Handle: o.directories, Page: "office-directories"},
		{Pattern: "GET /{lang}/directories/{name...}", Policy: web.Person, Handle: o.directory, Page: "office-directory"},
		{Pattern: "POST /{lang}/directories/{name...}", Policy: web.Person, Handle: o.amend, Body: reference.MaxFile + web.MaxForm, PerMinute: 30},
		{Pattern: "GET /{lang}/amendments/{id}", Policy: web.Person, Handle: o.amendment, Page: "office-amendment"},
		{Pattern: "POST /{lang}/amendments/{id}", Policy: web.Person, Handle: o.closeAmendment, Keep: true},
		{Pattern: "GET /{lang}" + pathTemplates, Policy: web.Person, Handle: o.templates, Page: "office-templates"},
		{Pattern: "GET /{lang}" + pathTemplates + "/new", Policy: web.Person, Handle: o.newTemplate, Page: "office-template-form"},
		{Pattern: "POST /{lang}" + pathTemplates + "/new", Policy: web.Person, Handle: o.proposeTemplate, Keep: true, PerMinute: 60},
		{Pattern: "GET /{lang}" + pathTemplates + "/{id}", Policy: web.Person, Handle: o.template, Page: "office-template"},
		{Pattern: "POST /{lang}" + pathTemplates + "/{id}", Policy: web.Person, Handle: o.closeTemplate, Keep: true},
		{Pattern: "GET /{lang}" + pathAutomatic, Policy: web.Person, Handle: o.automatic, Page: "office-automatic"},
		{Pattern: "POST /{lang}" + pathAutomatic, Policy: web.Person, Handle: o.switchAutomatic, Keep: true, PerMinute: 30},

		{Pattern: "GET /{lang}/opinions", Policy: web.Person, Handle: o.opinions, Page: "office-opinions"},
		{Pattern: "GET /{lang}/opinions/{number}", Policy: web.Person, Handle: o.opinion, Page: "office-opinion"},
		{Pattern: "POST /{lang}/opinions/{number}", Policy: web.Person, Handle: o.giveOpinion, Keep: true},
	})
}

// caseRoutes are the pages of one application.
func (o *Office) caseRoutes() []web.Route {
	const one = "/{lang}/applications/{number}"
	return []web.Route{
		{Pattern: "GET " + one, Policy: web.Person, Handle: o.open, Page: "office-case"},
		{Pattern: "GET " + one + "/documents/{key}/file", Policy: web.Person, Handle: o.attached},
		{Pattern: "GET " + one + "/documents/{key}/pages/{page}", Policy: web.Person, Handle: o.pageImage, PerMinute: 120},
		{Pattern: "GET " + one + "/correction", Policy: web.Person, Handle: o.correction, Page: "office-correction"},
		{Pattern: "POST " + one + "/correction", Policy: web.Person, Handle: o.askCorrection, Keep: true},
		{Pattern: "POST " + one, Policy: web.Person, Handle: o.act, Keep: true},
		{Pattern: "GET " + one + "/decision", Policy: web.Person, Handle: o.decisionForm, Page: "office-decision"},
		{Pattern: "POST " + one + "/decision", Policy: web.Person, Handle: o.signDecision, Body: signing.MaxBody, PerMinute: 60},
	}
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
	if reads(r.Actor) {
		c.Nav = append(c.Nav, page.NavLink{Text: r.Say.T("office.queue"), Href: r.Link(pathQueue), Current: r.URL.Path == r.Link(pathQueue)})
		c.Nav = append(c.Nav, page.NavLink{Text: r.Say.T("acts.register"), Href: r.Link(pathPermits), Current: strings.HasPrefix(r.URL.Path, r.Link(pathPermits))})
	}
	if r.Actor.Holds(access.Publisher) {
		c.Nav = append(c.Nav, page.NavLink{Text: r.Say.T("office.proposals"), Href: r.Link("/proposals"), Current: strings.HasPrefix(r.URL.Path, r.Link("/proposals"))})
	}
	if o.Numbering.Keeps(r.Actor) {
		c.Nav = append(c.Nav, page.NavLink{Text: r.Say.T("office.plan"), Href: r.Link("/numbering"), Current: strings.HasPrefix(r.URL.Path, r.Link("/numbering"))})
	}
	if o.Papers.MayRead(r.Actor) {
		c.Nav = append(c.Nav, page.NavLink{Text: r.Say.T("papers.title"), Href: r.Link(pathPapers), Current: strings.HasPrefix(r.URL.Path, r.Link(pathPapers))})
	}
	if access.Can(r.Actor, access.Administer, access.Thing{Body: r.Actor.Body}) == nil {
		c.Nav = append(c.Nav, page.NavLink{Text: r.Say.T("template.title"), Href: r.Link(pathTemplates), Current: strings.HasPrefix(r.URL.Path, r.Link(pathTemplates))})
		c.Nav = append(c.Nav, page.NavLink{Text: r.Say.T("staff.title"), Href: r.Link(pathPeople), Current: strings.HasPrefix(r.URL.Path, r.Link(pathPeople))})
	}
	if r.Actor.SpeaksForBody() {
		c.Nav = append(c.Nav, page.NavLink{Text: r.Say.T("automatic.title"), Href: r.Link(pathAutomatic), Current: r.URL.Path == r.Link(pathAutomatic)})
		c.Nav = append(c.Nav, page.NavLink{Text: r.Say.T("office.opinions"), Href: r.Link(pathOpinions), Current: r.URL.Path == r.Link(pathOpinions)})
	}
	c.Nav = o.auditNav(r, c.Nav)
	if r.Actor.Holds(access.Administrator) {
		c.Nav = append(c.Nav, page.NavLink{Text: r.Say.T("calendar.title"), Href: r.Link(pathCalendar), Current: r.URL.Path == r.Link(pathCalendar)})
	}
	if o.Directories.May(r.Actor) == nil {
		c.Nav = append(c.Nav, page.NavLink{Text: r.Say.T("directory.title"), Href: r.Link(pathDirectories), Current: strings.HasPrefix(r.URL.Path, r.Link(pathDirectories))})
	}
	c.Account = &page.Account{Name: r.Who.Name, Role: r.Who.For, LogOut: r.Link("/logout"), CSRF: r.CSRF(),
		Links: []page.Link{{Text: r.Say.T("staff.me"), Href: r.Link(pathMe)}, {Text: r.Say.T("office.password"), Href: r.Link("/password")}}}
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
	case r.Actor.Body == "":
		return o.begin(w, r)
	case reads(r.Actor):
		return o.Server.Go(w, r, r.Link(pathQueue))
	case r.Actor.Holds(access.Administrator):
		return o.Server.Go(w, r, r.Link(pathPeople))
	case r.Actor.Holds(access.Publisher):
		return o.Server.Go(w, r, r.Link("/proposals"))
	}
	if r.Actor.OnlyAudits() {
		return o.Server.Go(w, r, r.Link(pathAudit))
	}
	return o.Server.Go(w, r, r.Link(pathMe))
}

// reads tells whether an official may read the applications of their body.
func reads(a access.Actor) bool {
	return access.Can(a, access.View, access.Thing{Body: a.Body}) == nil
}

// begin leads an official to whom nothing is open yet to what they have to do first.
func (o *Office) begin(w http.ResponseWriter, r *web.Request) error {
	self, err := o.self(r)
	if err != nil {
		return err
	}
	if self.Initial() {
		return o.Server.Go(w, r, r.Link("/password"))
	}
	return o.Server.Go(w, r, r.Link(pathMe))
}

// working refuses an official who still has the password that somebody else gave, or no second factor where it is demanded.
func working(r *web.Request) error {
	if r.Actor.Role == access.Officer && r.Actor.Body == "" {
		return fault.New(fault.Denied, "staff.not-ready")
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
