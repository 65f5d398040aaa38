package portal

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"

	"github.com/a-h/templ"

	"elicense/internal/application"
	"elicense/internal/fault"
	"elicense/internal/filing"
	"elicense/internal/mobile"
	"elicense/internal/port"
	"elicense/internal/web"
	"elicense/internal/web/page"
	"elicense/internal/web/signing"
)

// signingView is the page on which an application is signed (manual of the trade licence, 3.2, step 9).
type signingView struct {
	Words    *page.Words
	Progress page.Progress
	Heading  page.Heading
	Errors   page.Errors
	Notice   *page.Banner
	Box      templ.Component
	Back     page.Link
}

// signSummary is what the signed bytes stand for, in words.
type signSummary struct {
	Title string
	Rows  []page.Row
	More  string // opens the answers
	Words *page.Words
	Cards []card
}

// signForm prepares the document to be signed. What is still wrong leads back to the check.
func (p *Portal) signForm(w http.ResponseWriter, r *web.Request) error {
	return p.showSign(w, r, http.StatusOK, nil)
}

func (p *Portal) showSign(w http.ResponseWriter, r *web.Request, status int, es page.Errors) error {
	d, ok, err := p.open(w, r)
	if !ok || err != nil {
		return err
	}
	if d.Bundled != "" {
		return p.Server.Go(w, r, bundlePath(r, d.Bundled, ""))
	}
	number, title := d.Application.Number, r.Say.T("wizard.sign-title")
	challenge, err := p.Filing.Prepare(r.Context(), r.Actor, r.Binding(), number)
	if f, known := fault.As(err); known && f.Kind == fault.Invalid {
		if r.Method == http.MethodGet {
			return p.Server.Go(w, r, applicationPath(r, number, "/"+stepCheck))
		}
		return p.showReview(w, r, d, f.Fields, http.StatusUnprocessableEntity)
	}
	if fault.Is(err, filing.KeyMoved) && r.Method == http.MethodGet { // the check tells what changed
		return p.Server.Go(w, r, applicationPath(r, number, "/"+stepCheck))
	}
	if err != nil {
		return err
	}
	// The document is bound to a version: what is shown here must be that version.
	if d, ok, err = p.open(w, r); !ok || err != nil {
		return err
	}
	if d.Application.Version != challenge.Version {
		return fault.New(fault.Conflict, "filing.changed-after-signing")
	}
	progress, err := p.progress(r, d, stepSign)
	if err != nil {
		return err
	}
	action := applicationPath(r, number, "/sign")
	v := signingView{
		Words: p.Server.Words(r.Lang), Progress: progress, Errors: es,
		Heading: page.Heading{Caption: tr(r, d.Definition().Name), Text: title, Lead: r.Say.T("filing.sign-lead")},
		Box:     p.Signing.Box(r, challenge, action, signedSummary(p.summaryOf(r, d, challenge))),
		Back:    page.Link{Text: r.Say.T("filing.sign-back"), Href: applicationPath(r, number, "/"+stepCheck)},
	}
	if d.Facts.FeeDue > 0 && !d.Facts.FeePaid {
		v.Notice = &page.Banner{Kind: page.Caution, Title: r.Say.T("filing.unpaid-title"), Text: r.Say.T("filing.unpaid-text"),
			Links: []page.Link{{Text: r.Say.T("filing.to-pay"), Href: applicationPath(r, number, "/payment")}}}
	}
	return p.showStatus(w, r, status, p.Signing.Dress(p.wizardChrome(r, number, title)), signingPage(v))
}

// summaryOf says who signs for whom and what: all answers and files, with the digests that the signed bytes hold.
func (p *Portal) summaryOf(r *web.Request, d filing.Draft, c port.Challenge) signSummary {
	answers, content := sha256.Sum256(d.Canonical()), sha256.Sum256(c.Content)
	person := r.Who.Name
	if r.Who.For != "" {
		person = r.Who.For
	}
	s := signSummary{
		Title: r.Say.T("filing.sign-summary"), More: r.Say.T("filing.sign-answers"), Words: p.Server.Words(r.Lang),
		Rows: []page.Row{
			{Name: r.Say.T("filing.sign-who"), Value: person},
			{Name: r.Say.T("filing.sign-for"), Value: d.Party.Name + ", " + d.Party.Number},
			{Name: r.Say.T("filing.sign-what"), Value: asked(r, d)},
			{Name: r.Say.T("filing.sign-digest"), Body: codeText(hex.EncodeToString(answers[:]))},
			{Name: r.Say.T("filing.sign-document-digest"), Body: codeText(hex.EncodeToString(content[:]))},
		},
	}
	for _, pg := range d.Definition().Pages {
		s.Cards = append(s.Cards, p.pageCard(r, d, pg, false))
	}
	files := card{Title: r.Say.T("filing.documents")}
	for _, at := range d.Application.Attached {
		files.Rows = append(files.Rows, page.Row{Name: at.Name, Value: at.File + " (" + r.Say.Size(at.Size) + ")"})
	}
	if len(files.Rows) > 0 {
		s.Cards = append(s.Cards, files)
	}
	return s
}

// sign files the application with the signature that came. A signature that is refused is explained, with a fresh
// document to sign.
func (p *Portal) sign(w http.ResponseWriter, r *web.Request) error {
	number := r.PathValue("number")
	nonce := r.URL.Query().Get(signing.NameChallenge)
	signature, err := p.Signing.Read(r, nonce)
	if fault.Is(err, mobile.KeyWaiting) {
		return p.Signing.StillWaiting(w, r, nonce)
	}
	if err == nil {
		var a application.Application
		a, err = p.Filing.Submit(r.Context(), r.Actor, r.Binding(), number, filing.Submission{Nonce: nonce, CMS: signature})
		if err == nil {
			return p.Server.Go(w, r, applicationPath(r, a.Number, ""))
		}
	}
	if fault.KindOf(err) == fault.NotFound {
		return err
	}
	if !gone(err) {
		es, ok := p.Signing.Errors(r, err)
		if !ok {
			return err
		}
		err = p.showSign(w, r, web.StatusOf(err), es)
	}
	// A second press of the button, perhaps in another browser, after the application has gone: its page tells what became
	// of it.
	if gone(err) {
		r.Flash("filing.sent-already")
		return p.Server.Go(w, r, applicationPath(r, number, ""))
	}
	return err
}

// gone tells that the application has been sent.
func gone(err error) bool {
	return fault.Is(err, "filing.sent-already") || fault.Is(err, "filing.signed-already")
}
