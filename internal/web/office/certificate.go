package office

import (
	"net/http"

	"elicense/internal/account"
	"elicense/internal/fault"
	"elicense/internal/port"
	"elicense/internal/web"
	"elicense/internal/web/page"
	"elicense/internal/web/signing"
)

// pathCertificate is the log-in by certificate.
const pathCertificate = "/login/certificate"

// certificateForm gives what an official signs to log in; the certificate tells who it is.
func (o *Office) certificateForm(w http.ResponseWriter, r *web.Request) error {
	if r.Who.Account != "" {
		return o.Server.Go(w, r, r.Link("/"))
	}
	c, err := o.Accounts.StartOfficialLogin(r.Context(), r.Binding())
	if err != nil {
		return err
	}
	return o.showCertificate(w, r, c, nil, nil)
}

func (o *Office) showCertificate(w http.ResponseWriter, r *web.Request, c port.Challenge, problem error, errs page.Errors) error {
	v := signView{
		Words: o.Server.Words(r.Lang), Errors: errs, Heading: page.Heading{Text: r.Say.T("login.certificate-title"), Lead: r.Say.T("staff.certificate-lead")},
		Box:  o.Signing.Box(r, c, r.Link(pathCertificate), nil),
		Back: page.Link{Text: r.Say.T("login.by-password"), Href: r.Link("/login")},
	}
	return o.show(w, r, problem, o.Signing.Dress(o.Chrome(r, v.Heading.Text)), signPage(v))
}

// certificate opens the session of the certificate's holder; one with several accounts chooses among them on the page that
// follows. After a fault the same document may be signed again while its time lasts; else there is a fresh one. A telephone
// is not asked: see mobile.Offers.
func (o *Office) certificate(w http.ResponseWriter, r *web.Request) error {
	nonce := r.URL.Query().Get(signing.NameChallenge)
	signature, err := o.Signing.Read(r, nonce)
	if err == nil {
		list, problem := o.Accounts.FinishOfficialLogin(r.Context(), r.Binding(), nonce, signature)
		if problem == nil && len(list) > 1 {
			if err := o.Server.LogIn(r, list[0].ID, account.OfficialKeyMark(list[0])); err != nil {
				return err
			}
			return o.Server.Go(w, r, r.Link(pathMe))
		}
		if problem == nil {
			return o.enter(w, r, list[0], true, "")
		}
		err = problem
	}
	if fault.Is(err, account.KeyUsedChallenge) { // pressed twice
		return o.Server.Go(w, r, r.Link(pathCertificate))
	}
	if fault.Is(err, account.KeyUnknownHolder) {
		err = fault.New(fault.NotFound, "staff.unknown-holder")
	}
	errs, ok := o.Signing.Errors(r, err)
	if !ok {
		return err
	}
	c, waiting := o.Accounts.WaitingOfficial(r.Context(), r.Binding(), nonce)
	if waiting != nil {
		if c, waiting = o.Accounts.StartOfficialLogin(r.Context(), r.Binding()); waiting != nil {
			return waiting
		}
	}
	return o.showCertificate(w, r, c, err, errs)
}
