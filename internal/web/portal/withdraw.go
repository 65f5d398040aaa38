package portal

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"

	"github.com/a-h/templ"

	"elicense/internal/fault"
	"elicense/internal/filing"
	"elicense/internal/mobile"
	"elicense/internal/web"
	"elicense/internal/web/page"
	"elicense/internal/web/signing"
)

// withdrawView is the page on which the applicant withdraws an application.
type withdrawView struct {
	Words   *page.Words
	Heading page.Heading
	Errors  page.Errors
	Notice  page.Banner
	Rows    []page.Row
	Box     templ.Component
	Back    page.Link
}

// withdrawForm prepares the document to be signed. What cannot be withdrawn any more leads to the application, which says why.
func (p *Portal) withdrawForm(w http.ResponseWriter, r *web.Request) error {
	return p.showWithdraw(w, r, http.StatusOK, nil)
}

func (p *Portal) showWithdraw(w http.ResponseWriter, r *web.Request, status int, es page.Errors) error {
	number, title := r.PathValue("number"), r.Say.T("withdraw.title")
	c, err := p.Filing.Case(r.Context(), r.Actor, number)
	if err != nil {
		return err
	}
	challenge, err := p.Filing.PrepareWithdrawal(r.Context(), r.Actor, r.Binding(), number)
	if fault.KindOf(err) == fault.Conflict && err != nil && r.Method == http.MethodGet {
		return p.Server.Go(w, r, applicationPath(r, number, ""))
	}
	if err != nil {
		return err
	}
	content := sha256.Sum256(challenge.Content)
	v := withdrawView{
		Words: p.Server.Words(r.Lang), Errors: es, Heading: page.Heading{Caption: tr(r, c.Definition().Name), Text: title, Lead: r.Say.T("withdraw.lead")},
		Notice: page.Banner{Kind: page.Caution, Title: r.Say.T("withdraw.final"), Text: r.Say.T("withdraw.text")},
		Rows: []page.Row{
			{Name: r.Say.T("filing.number"), Value: number},
			{Name: r.Say.T("filing.sign-for"), Value: c.Party.Name + ", " + c.Party.Number},
			{Name: r.Say.T("filing.sign-what"), Value: asked(r, c.Draft)},
			{Name: r.Say.T("filing.sign-document-digest"), Body: codeText(hex.EncodeToString(content[:]))},
		},
		Box:  p.Signing.Box(r, challenge, applicationPath(r, number, "/withdraw"), nil),
		Back: page.Link{Text: r.Say.T("withdraw.back"), Href: applicationPath(r, number, "")},
	}
	if c.Facts.FeePaid {
		v.Notice.Text += " " + r.Say.T("withdraw.fee")
	}
	chrome := p.Signing.Dress(p.wizardChrome(r, number, title))
	return p.showStatus(w, r, status, chrome, withdrawPage(v))
}

// withdraw withdraws the application with the signature that came. A signature that is refused is explained, with a fresh
// document to sign; a decision that came first is shown.
func (p *Portal) withdraw(w http.ResponseWriter, r *web.Request) error {
	number, nonce := r.PathValue("number"), r.URL.Query().Get(signing.NameChallenge)
	signature, err := p.Signing.Read(r, nonce)
	if fault.Is(err, mobile.KeyWaiting) {
		return p.Signing.StillWaiting(w, r, nonce)
	}
	if err == nil {
		_, err = p.Filing.Withdraw(r.Context(), r.Actor, r.Binding(), number, filing.Submission{Nonce: nonce, CMS: signature})
		if err == nil {
			r.Flash("withdraw.done")
			return p.Server.Go(w, r, applicationPath(r, number, ""))
		}
	}
	if fault.KindOf(err) == fault.NotFound || ended(err) {
		return err
	}
	es, ok := p.Signing.Errors(r, err)
	if !ok {
		return err
	}
	return p.showWithdraw(w, r, web.StatusOf(err), es)
}

// ended tells that there is nothing to withdraw any more.
func ended(err error) bool {
	return fault.Is(err, "filing.decided-already") || fault.Is(err, "filing.withdrawn-already") || fault.Is(err, "application.wrong-state")
}

// appealView says where, how and until when a refusal can be complained of.
type appealView struct {
	Title string
	Lines []string
}

// appeal states the right of complaint (Administrative Procedural and Process-Related Code, articles 91 and 92).
func (p *Portal) appeal(r *web.Request, c filing.Case) appealView {
	body, _ := p.Catalogue.Body(c.Application.Body)
	return appealView{Title: r.Say.T("appeal.title"), Lines: []string{
		r.Say.T("appeal.until", "date", r.Say.LongDate(c.Application.AppealUntil())),
		r.Say.T("appeal.where", "body", tr(r, body.Name)),
		r.Say.T("appeal.court"),
	}}
}

// talk are the ways from an application to its messages and to its withdrawal.
func (p *Portal) talk(r *web.Request, c filing.Case) ([]page.Button, error) {
	if c.Application.State.Open() {
		return nil, nil
	}
	s, err := p.Messages.Standing(r.Context(), r.Actor, c.Application.Number)
	if err != nil {
		return nil, err
	}
	var list []page.Button
	if s.All > 0 || s.Open {
		list = append(list, page.Button{Text: web.MessagesLink(r, s), Href: applicationPath(r, c.Application.Number, "/messages"), Kind: page.Secondary})
	}
	if c.Application.Withdraws() == nil {
		list = append(list, page.Button{Text: r.Say.T("withdraw.title"), Href: applicationPath(r, c.Application.Number, "/withdraw"), Kind: page.Secondary})
	}
	return list, nil
}
