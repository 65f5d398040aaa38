package portal

import (
	"net/http"

	"elicense/internal/account"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// recoverForm asks whose password is to be replaced, and by what.
func (p *Portal) recoverForm(w http.ResponseWriter, r *web.Request) error {
	return p.showRecover(w, r, nil, nil)
}

func (p *Portal) showRecover(w http.ResponseWriter, r *web.Request, problem error, errs page.Errors) error {
	v := p.formView(r, "recover.title", "recover.lead", errs)
	p.numberField(r, &v)
	p.representativeField(r, &v, "people.representative-hint", false)
	p.passwordField(r, &v, fieldPassword, "people.new-password", "people.password-rules", "new-password")
	v.Button = r.Say.T("register.button")
	v.Links = []page.Link{{Text: r.Say.T("login.by-certificate"), Href: r.Link("/login/certificate")}, {Text: r.Say.T("register.to-login"), Href: r.Link("/login")}}
	return p.showForm(w, r, problem, v)
}

// recover goes on to the signature.
func (p *Portal) recover(w http.ResponseWriter, r *web.Request) error {
	c, err := p.Accounts.StartRecovery(r.Context(), r.Binding(), account.Recovery{
		Number: r.PostFormValue(fieldNumber), RepresentativeIIN: r.PostFormValue(fieldRepresentative),
		Password: r.PostFormValue(fieldPassword), Remote: p.Server.Remote(r.Request),
	})
	if err == nil {
		return p.Server.Go(w, r, r.Link("/recover/"+c.Nonce))
	}
	errs, ok := p.errorsOf(r, err)
	if !ok {
		return err
	}
	return p.showRecover(w, r, err, errs)
}
