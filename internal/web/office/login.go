package office

import (
	"cmp"
	"net/http"

	"elicense/internal/access"
	"elicense/internal/account"
	"elicense/internal/fault"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// The fields of these pages; the faults of package account stand at password and current.
const (
	fieldLogin    = "login"
	fieldPassword = "password"
	fieldCurrent  = "current"
	fieldCode     = "code"
)

// entranceView is a page with one short form.
type entranceView struct {
	Words   *page.Words
	Heading page.Heading
	Errors  page.Errors
	Notice  *page.Banner
	Form    page.Form
	Fields  []page.TextField
	Button  string
	Links   []page.Link
	Demo    []demoGroup
	DemoOf  string // heading above them
}

// demoGroup are the made-up officials of a state body.
type demoGroup struct {
	Name   string
	People []demoEntrance
}

type demoEntrance struct {
	DemoOfficial
	RoleText string
	Form     page.Form
}

func (o *Office) loginForm(w http.ResponseWriter, r *web.Request) error {
	if r.Who.Account != "" {
		return o.Server.Go(w, r, r.Link("/"))
	}
	return o.showLogin(w, r, nil, nil)
}

func (o *Office) showLogin(w http.ResponseWriter, r *web.Request, problem error, errs page.Errors) error {
	v := entranceView{
		Words: o.Server.Words(r.Lang), Errors: errs, Button: r.Say.T("login.button"), Form: page.Form{Action: r.URL.RequestURI(), CSRF: r.CSRF()},
		Heading: page.Heading{Text: r.Say.T("office.login"), Lead: r.Say.T("office.login-lead")},
		Fields: []page.TextField{
			{Field: page.Field{Name: fieldLogin, Label: r.Say.T("office.login-name"), Required: true, Value: r.PostFormValue(fieldLogin), Error: errs.For(fieldLogin)},
				Width: "20", Autocomplete: "username", Code: true},
			{Field: page.Field{Name: fieldPassword, Label: r.Say.T("people.password"), Required: true, Error: errs.For(fieldPassword)}, Type: "password", Width: "20", Autocomplete: "current-password"},
			{Field: page.Field{Name: fieldCode, Label: r.Say.T("staff.code"), Hint: r.Say.T("staff.code-hint")}, Width: "20", Autocomplete: "one-time-code", MaxLength: 40, Code: true},
		},
		Links: []page.Link{{Text: r.Say.T("login.by-certificate"), Href: r.Link(pathCertificate)}, {Text: r.Say.T("office.to-portal"), Href: o.Portal + "/" + string(r.Lang) + "/"}},
	}
	if len(o.Demo) > 0 {
		v.DemoOf = r.Say.T("office.demo")
	}
	for _, d := range o.Demo {
		if group := tr(r, d.Group); len(v.Demo) == 0 || v.Demo[len(v.Demo)-1].Name != group {
			v.Demo = append(v.Demo, demoGroup{Name: group})
		}
		last := &v.Demo[len(v.Demo)-1]
		last.People = append(last.People, demoEntrance{DemoOfficial: d, RoleText: tr(r, d.Role), Form: v.Form})
	}
	return o.showEntrance(w, r, problem, v)
}

func (o *Office) showEntrance(w http.ResponseWriter, r *web.Request, problem error, v entranceView) error {
	status := http.StatusOK
	if problem != nil {
		if status = http.StatusUnprocessableEntity; fault.KindOf(problem) == fault.Throttled {
			status = web.StatusOf(problem)
		}
	}
	c := o.Chrome(r, v.Heading.Text)
	c.Failed = problem != nil
	return o.Server.Show(w, r, status, c, entrancePage(v))
}

// login opens the session. A wrong name and a wrong password are one answer.
func (o *Office) login(w http.ResponseWriter, r *web.Request) error {
	official, err := o.Accounts.OfficialLogin(r.Context(), r.PostFormValue(fieldLogin), r.PostFormValue(fieldPassword), r.PostFormValue(fieldCode), o.Server.Remote(r.Request))
	if err == nil {
		return o.enter(w, r, official, false, "")
	}
	errs, ok := o.errorsOf(r, err)
	if !ok {
		return err
	}
	return o.showLogin(w, r, err, errs)
}

// enter opens the session of an official, under a new name. byKey says that it began with a signature.
func (o *Office) enter(w http.ResponseWriter, r *web.Request, official access.Official, byKey bool, flash string) error {
	mark := account.OfficialMark(official)
	if byKey {
		mark = account.OfficialKeyMark(official)
	}
	if err := o.Server.LogIn(r, official.ID, mark); err != nil {
		return err
	}
	if flash != "" {
		r.Flash(flash)
	}
	switch o.Accounts.Unready(official, byKey) {
	case "":
	case "office.password-first":
		return o.Server.Go(w, r, r.Link("/password"))
	default:
		return o.Server.Go(w, r, r.Link(pathMe))
	}
	return o.Server.Go(w, r, cmp.Or(r.Next(), r.Link("/")))
}

func (o *Office) logout(w http.ResponseWriter, r *web.Request) error {
	if err := o.Server.LogOut(r); err != nil {
		return err
	}
	return o.Server.Go(w, r, r.Link("/login"))
}

func (o *Office) passwordForm(w http.ResponseWriter, r *web.Request) error {
	return o.showPassword(w, r, nil, nil)
}

func (o *Office) showPassword(w http.ResponseWriter, r *web.Request, problem error, errs page.Errors) error {
	box := func(name, label, autocomplete string) page.TextField {
		return page.TextField{Field: page.Field{Name: name, Label: r.Say.T(label), Required: true, Error: errs.For(name)}, Type: "password", Width: "20", Autocomplete: autocomplete}
	}
	v := entranceView{
		Words: o.Server.Words(r.Lang), Errors: errs, Button: r.Say.T("office.password-save"), Form: page.Form{Action: r.URL.Path, CSRF: r.CSRF()},
		Heading: page.Heading{Text: r.Say.T("office.password")},
		Fields:  []page.TextField{box(fieldCurrent, "office.password-current", "current-password"), box(fieldPassword, "office.password-new", "new-password")},
	}
	v.Fields[1].Hint = r.Say.T("people.password-rules")
	self, err := o.self(r)
	if err != nil {
		return err
	}
	if self.Initial() {
		v.Notice = &page.Banner{Kind: page.Info, Text: r.Say.T("office.password-first")}
	}
	return o.showEntrance(w, r, problem, v)
}

func (o *Office) changePassword(w http.ResponseWriter, r *web.Request) error {
	official, err := o.Accounts.ChangeOfficialPassword(r.Context(), r.Actor, r.PostFormValue(fieldCurrent), r.PostFormValue(fieldPassword))
	if err == nil {
		return o.enter(w, r, official, r.Actor.Certified, "office.password-changed")
	}
	errs, ok := o.errorsOf(r, err)
	if !ok {
		return err
	}
	return o.showPassword(w, r, err, errs)
}
