package portal

import (
	"cmp"
	"net/http"

	"github.com/a-h/templ"

	"elicense/internal/account"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/port"
	"elicense/internal/web"
	"elicense/internal/web/page"
	"elicense/internal/web/signing"
)

// demoLogins offers the made-up people of a demonstration.
type demoLogins struct {
	Title, Text        string
	Action, CSRF, Next string
	People             []demoLogin
}

type demoLogin struct {
	Name, Role       string
	RoleLang         lang.Lang
	Number, Password string
}

// loginForm asks for number and password.
func (p *Portal) loginForm(w http.ResponseWriter, r *web.Request) error {
	if r.Who.Account != "" {
		return p.Server.Go(w, r, cmp.Or(r.Next(), r.Link("/applications")))
	}
	return p.showLogin(w, r, nil, nil)
}

func (p *Portal) showLogin(w http.ResponseWriter, r *web.Request, problem error, errs page.Errors) error {
	v, next := p.formView(r, "login.title", "login.lead", errs), r.Next()
	if next != "" {
		v.Hidden = []page.Hidden{{Name: fieldNext, Value: next}}
	}
	p.numberField(r, &v)
	p.passwordField(r, &v, fieldPassword, "people.password", "", "current-password")
	if errs.For(fieldRepresentative) != "" || r.PostFormValue(fieldRepresentative) != "" {
		p.representativeField(r, &v, "login.representative-hint", true)
	}
	v.Button, v.Notice = r.Say.T("login.button"), entranceNotice(r, problem)
	certificate := r.Link("/login/certificate")
	if next != "" {
		certificate = signing.WithQuery(certificate, fieldNext, next)
	}
	v.Links = []page.Link{
		{Text: r.Say.T("login.by-certificate"), Href: certificate},
		{Text: r.Say.T("login.forgot"), Href: r.Link("/recover")},
		{Text: r.Say.T("login.to-register"), Href: r.Link("/register")},
	}
	v.Demo = p.demoLogins(r, next)
	return p.showForm(w, r, problem, v)
}

// entranceNotice tells before the log-in what became of a form that was sent: it is kept, or it came too late to log in with.
func entranceNotice(r *web.Request, problem error) *page.Banner {
	switch {
	case r.Keeping():
		return &page.Banner{Kind: page.Info, Title: r.Say.T("login.kept-title"), Text: r.Say.T("login.kept-text")}
	case problem != nil || r.Method == http.MethodPost:
		return nil
	case r.URL.Query().Get("again") == "used":
		return &page.Banner{Kind: page.Info, Text: r.Say.T("login.used")}
	case r.URL.Query().Get("again") == "signed":
		return &page.Banner{Kind: page.Info, Text: r.Say.T("login.signed")}
	case r.URL.Query().Get("again") != "":
		return &page.Banner{Kind: page.Info, Text: r.Say.T("login.again")}
	}
	return nil
}

// demoLogins is nil outside a demonstration.
func (p *Portal) demoLogins(r *web.Request, next string) *demoLogins {
	if p.Demo == nil || len(p.Demo.People) == 0 {
		return nil
	}
	d := &demoLogins{Title: r.Say.T("login.demo"), Text: r.Say.T("login.demo-text"), Action: r.Link("/login"), CSRF: r.CSRF(), Next: next}
	for _, person := range p.Demo.People {
		role, in := person.Role.In(r.Lang)
		one := demoLogin{Name: person.Name, Role: role, Number: person.Number, Password: person.Password}
		if in != r.Lang {
			one.RoleLang = in
		}
		d.People = append(d.People, one)
	}
	return d
}

// languageOf marks a text in another language than the page's.
func languageOf(l lang.Lang) templ.Attributes {
	if l == "" {
		return nil
	}
	return templ.Attributes{"lang": string(l)}
}

// login opens the session. A wrong number and a wrong password are one answer.
func (p *Portal) login(w http.ResponseWriter, r *web.Request) error {
	a, err := p.Accounts.Login(r.Context(), account.Login{
		Number: r.PostFormValue(fieldNumber), RepresentativeIIN: r.PostFormValue(fieldRepresentative),
		Password: r.PostFormValue(fieldPassword), RemoteKey: p.Server.Remote(r.Request),
	})
	if err == nil {
		return p.enter(w, r, a, "", r.Next())
	}
	errs, ok := p.errorsOf(r, err)
	if !ok {
		return err
	}
	return p.showLogin(w, r, err, errs)
}

// logout ends the session.
func (p *Portal) logout(w http.ResponseWriter, r *web.Request) error {
	if err := p.Server.LogOut(r); err != nil {
		return err
	}
	return p.Server.Go(w, r, r.Link("/"))
}

// certificateForm gives what a person signs to log in; the certificate tells who it is.
func (p *Portal) certificateForm(w http.ResponseWriter, r *web.Request) error {
	if r.Who.Account != "" {
		return p.Server.Go(w, r, cmp.Or(r.Next(), r.Link("/applications")))
	}
	c, err := p.Accounts.StartLogin(r.Context(), r.Binding())
	if err != nil {
		return err
	}
	return p.showCertificate(w, r, c, nil, nil)
}

func (p *Portal) showCertificate(w http.ResponseWriter, r *web.Request, c port.Challenge, problem error, errs page.Errors) error {
	action := r.Link("/login/certificate")
	if next := r.Next(); next != "" {
		action = signing.WithQuery(action, fieldNext, next)
	}
	v := p.signStep(r, c, action, "login.certificate-title", "login.certificate-lead", errs)
	v.Back = page.Link{Text: r.Say.T("login.by-password"), Href: r.Link("/login")}
	if next := r.Next(); next != "" {
		v.Back.Href = signing.WithQuery(v.Back.Href, fieldNext, next)
	}
	v.Notice = entranceNotice(r, problem)
	if fault.Is(problem, account.KeyUnknownHolder) {
		v.Notice = &page.Banner{Kind: page.Info, Text: r.Say.T("login.unknown-holder"), Links: []page.Link{{Text: r.Say.T("login.to-register"), Href: r.Link("/register")}}}
	}
	return p.showSignStep(w, r, problem, v)
}

// certificate opens the session of the certificate's holder. After a fault the same document may be signed again while
// its time lasts; else there is a fresh one.
func (p *Portal) certificate(w http.ResponseWriter, r *web.Request) error {
	nonce := r.URL.Query().Get(signing.NameChallenge)
	cms, err := p.Signing.Read(r, nonce)
	if err == nil {
		a, problem := p.Accounts.FinishLogin(r.Context(), r.Binding(), nonce, cms)
		if problem == nil {
			return p.enter(w, r, a, "", r.Next())
		}
		err = problem
	}
	if fault.Is(err, account.KeyUsedChallenge) { // the button was pressed twice; where the first press logged nobody in, there is a fresh document
		again := signing.WithQuery(r.Link("/login/certificate"), "again", "used")
		if next := r.Next(); next != "" {
			again = signing.WithQuery(again, fieldNext, next)
		}
		return p.Server.Go(w, r, again)
	}
	errs, ok := p.Signing.Errors(r, err)
	if !ok {
		return err
	}
	c, waiting := p.Accounts.Waiting(r.Context(), r.Binding(), nonce)
	if waiting != nil {
		if c, waiting = p.Accounts.StartLogin(r.Context(), r.Binding()); waiting != nil {
			return waiting
		}
	}
	return p.showCertificate(w, r, c, err, errs)
}
