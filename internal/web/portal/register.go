package portal

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"elicense/internal/account"
	"elicense/internal/fault"
	"elicense/internal/mobile"
	"elicense/internal/party"
	"elicense/internal/port"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// registerForm asks for the number, the contact and a password, and says why a signature follows.
func (p *Portal) registerForm(w http.ResponseWriter, r *web.Request) error {
	if r.Who.Account != "" {
		return p.Server.Go(w, r, r.Link("/applications"))
	}
	return p.showRegister(w, r, nil, nil)
}

func (p *Portal) showRegister(w http.ResponseWriter, r *web.Request, problem error, errs page.Errors) error {
	v := p.formView(r, "register.title", "register.lead", errs)
	v.Why = []string{r.Say.T("register.why"), r.Say.T("register.why-names")}
	p.numberField(r, &v)
	p.representativeField(r, &v, "people.representative-hint", false)
	p.contactFields(r, &v, r.PostFormValue(fieldEmail), r.PostFormValue(fieldPhone))
	p.passwordField(r, &v, fieldPassword, "people.new-password", "people.password-rules", "new-password")
	chosen := r.PostFormValue(fieldLang)
	if chosen == "" {
		chosen = string(r.Lang)
	}
	v.Choice = langChoice(r, chosen, errs)
	v.Button = r.Say.T("register.button")
	v.Links = []page.Link{{Text: r.Say.T("register.to-login"), Href: r.Link("/login")}}
	return p.showForm(w, r, problem, v)
}

// register goes on to the signature. Whether the number has an account is told to the owner of its key only.
func (p *Portal) register(w http.ResponseWriter, r *web.Request) error {
	c, err := p.Accounts.StartRegistration(r.Context(), r.Binding(), account.Registration{
		Number: r.PostFormValue(fieldNumber), RepresentativeIIN: r.PostFormValue(fieldRepresentative), Email: r.PostFormValue(fieldEmail),
		Phone: r.PostFormValue(fieldPhone), Password: r.PostFormValue(fieldPassword), Lang: r.PostFormValue(fieldLang), Remote: p.Server.Remote(r.Request),
	})
	if err == nil {
		return p.Server.Go(w, r, r.Link("/register/"+c.Nonce))
	}
	errs, ok := p.errorsOf(r, err)
	if !ok {
		return err
	}
	return p.showRegister(w, r, err, errs)
}

// signedFlow is an act on an account that takes effect with a signature.
type signedFlow struct {
	path, title, lead, flash string
	finish                   func(ctx context.Context, session, nonce string, cms []byte) (party.Account, error)
}

func (p *Portal) registration() signedFlow {
	return signedFlow{"/register", "register.sign-title", "register.sign-lead", "register.done", p.Accounts.FinishRegistration}
}

func (p *Portal) recovery() signedFlow {
	return signedFlow{"/recover", "recover.sign-title", "recover.sign-lead", "recover.done", p.Accounts.FinishRecovery}
}

// flowForm shows what is to be signed. A document whose time is over is replaced; one that was signed already leads to
// the log-in.
func (p *Portal) flowForm(flow func() signedFlow) web.Handler {
	return func(w http.ResponseWriter, r *web.Request) error {
		nonce := r.PathValue("nonce")
		c, err := p.Accounts.Renew(r.Context(), r.Binding(), nonce)
		switch {
		case fault.Is(err, account.KeyUsedChallenge), fault.Is(err, account.KeyUnknownChallenge) && r.Who.Account != "":
			return p.Server.Go(w, r, r.Link("/login?again=signed")) // which leads somebody who is logged in on
		case err != nil:
			return err
		case c.Nonce != nonce:
			return p.Server.Go(w, r, r.Link(flow().path+"/"+c.Nonce))
		}
		return p.showFlow(w, r, flow(), c, nil, nil)
	}
}

// flowSigned takes the signature.
func (p *Portal) flowSigned(flow func() signedFlow) web.Handler {
	return func(w http.ResponseWriter, r *web.Request) error {
		f, nonce := flow(), r.PathValue("nonce")
		cms, err := p.Signing.Read(r, nonce)
		if fault.Is(err, mobile.KeyWaiting) {
			return p.Signing.StillWaiting(w, r, nonce)
		}
		if err == nil {
			a, problem := f.finish(r.Context(), r.Binding(), nonce, cms)
			if problem == nil {
				return p.enter(w, r, a, f.flash, "")
			}
			err = problem
		}
		if fault.Is(err, account.KeyUsedChallenge) { // the button was pressed twice: the first press did it
			return p.Server.Go(w, r, r.Link("/login?again=signed"))
		}
		errs, ok := p.Signing.Errors(r, err)
		if !ok {
			return err
		}
		c, spent := p.Accounts.Renew(r.Context(), r.Binding(), nonce)
		if spent != nil {
			return spent
		}
		return p.showFlow(w, r, f, c, err, errs)
	}
}

func (p *Portal) showFlow(w http.ResponseWriter, r *web.Request, f signedFlow, c port.Challenge, problem error, errs page.Errors) error {
	v := p.signStep(r, c, r.Link(f.path+"/"+c.Nonce), f.title, f.lead, errs)
	v.Back = page.Link{Text: r.Say.T("people.again"), Href: r.Link(f.path)}
	links := map[string][]page.Link{
		account.KeyExists:        {{Text: r.Say.T("register.to-login"), Href: r.Link("/login")}, {Text: r.Say.T("login.forgot"), Href: r.Link("/recover")}},
		account.KeyUnknownHolder: {{Text: r.Say.T("login.to-register"), Href: r.Link("/register")}},
	}
	if known, ok := fault.As(problem); ok && links[known.Key] != nil {
		v.Notice = &page.Banner{Kind: page.Info, Text: r.Say.T("people.other-way"), Links: links[known.Key]}
	}
	return p.showSignStep(w, r, problem, v)
}

// signStepView is a page that asks for a signature.
type signStepView struct {
	Words   *page.Words
	Heading page.Heading
	Errors  page.Errors
	Notice  *page.Banner
	Box     templ.Component
	Back    page.Link
}

func (p *Portal) signStep(r *web.Request, c port.Challenge, action, title, lead string, errs page.Errors) signStepView {
	return signStepView{
		Words: p.Server.Words(r.Lang), Errors: errs, Box: p.Signing.Box(r, c, action, nil),
		Heading: page.Heading{Text: r.Say.T(title), Lead: r.Say.T(lead)},
	}
}

func (p *Portal) showSignStep(w http.ResponseWriter, r *web.Request, problem error, v signStepView) error {
	c := p.Signing.Dress(p.Chrome(r, v.Heading.Text))
	c.NoIndex = true
	return p.showStatus(w, r, formStatus(problem), c, signingStep(v))
}
