package office

import (
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"elicense/internal/account"
	"elicense/internal/fault"
	"elicense/internal/port"
	"elicense/internal/signdoc"
	"elicense/internal/web"
	"elicense/internal/web/assets"
	"elicense/internal/web/page"
)

// pathCertificate is the log-in by certificate.
const pathCertificate = "/login/certificate"

// Limits of a signature that is sent, in bytes: of the signature itself, and of the body with everything around it.
const (
	maxCMS      = 256 << 10
	maxSignBody = 2 * maxCMS
)

// usageSigning asks NCALayer for keys that sign (RFC 5280, emailProtection).
const usageSigning = "1.3.6.1.5.5.7.3.4"

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
	doc, err := signdoc.Parse(c.Content)
	if err != nil {
		return err
	}
	v := o.sheet(r, r.Say.T("login.certificate-title"), errs)
	v.Heading.Lead = r.Say.T("staff.certificate-lead")
	v.Links = []page.Link{{Text: r.Say.T("login.by-password"), Href: r.Link("/login")}}
	v.Sections = []sheetPart{{ID: "what", Title: r.Say.T("sign.what"), Rows: []page.Row{
		{Name: r.Say.T("sign.purpose"), Value: r.Say.T("sign.purpose." + string(doc.Purpose))},
		{Name: r.Say.T("sign.origin"), Value: doc.Origin},
		{Name: r.Say.T("sign.expires"), Value: r.Say.Time(doc.Expires)},
	}}}
	action := r.Link(pathCertificate) + "?" + url.Values{"nonce": {c.Nonce}}.Encode()
	panel := page.Signing{
		Action: action, CSRF: r.CSRF(), Address: o.Signing.Agent, Payload: base64.StdEncoding.EncodeToString(c.Content), Purposes: usageSigning, Locale: string(r.Lang),
		Demo: o.Demo != nil, Title: r.Say.T("sign.ncalayer"), Text: r.Say.T("sign.ncalayer-text"), Button: r.Say.T("sign.ncalayer-button"), NoScript: r.Say.T("sign.ncalayer-no-script"),
	}
	if o.Demo != nil {
		panel.Chain = "[]" // the demonstration's authority is none of NCALayer's chains
	}
	upload := page.Form{Action: action + "&" + url.Values{page.NameCSRF: {r.CSRF()}}.Encode(), CSRF: r.CSRF(), Multipart: true}
	document := page.Link{Text: challengeFile(c), Href: r.Link(pathCertificate + "/" + url.PathEscape(c.Nonce) + "/document")}
	chrome := o.Chrome(r, v.Heading.Text)
	chrome.Files.Scripts = append(chrome.Files.Scripts, o.Server.Assets.Href(assets.Sign))
	return o.show(w, r, problem, chrome, certificatePage(v, panel, document, upload))
}

// challengeFile is the name of the file that is signed.
func challengeFile(c port.Challenge) string {
	return "elicense-" + c.Purpose + "-" + c.Nonce[:min(8, len(c.Nonce))] + ".json"
}

// certificateDocument gives the exact bytes that are to be signed to the browser session that asked for them.
func (o *Office) certificateDocument(w http.ResponseWriter, r *web.Request) error {
	c, err := o.Accounts.WaitingOfficial(r.Context(), r.Binding(), r.PathValue("nonce"))
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Disposition", `attachment; filename="`+challengeFile(c)+`"`)
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(c.Content) // the reader went away: nothing to do about it
	return nil
}

// certificate opens the session of the certificate's holder; one with several accounts chooses among them on the page that
// follows. After a fault the same document may be signed again while its time lasts; else there is a fresh one.
func (o *Office) certificate(w http.ResponseWriter, r *web.Request) error {
	nonce := r.URL.Query().Get("nonce")
	signature, err := readSignature(r)
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
	f, known := fault.As(err)
	if !known || f.Kind == fault.Internal || fault.Is(err, account.KeyUnknownChallenge) {
		return err
	}
	errs := page.ErrorsOf(err, func(key string, args fault.Args) string {
		switch key {
		case account.KeyPending: // nothing was stored here: the same signature may be sent again
			key = "sign.pending"
		case account.KeyUnknownHolder:
			key = "staff.unknown-holder"
		}
		return o.Server.Text(r, key, args)
	})
	c, waiting := o.Accounts.WaitingOfficial(r.Context(), r.Binding(), nonce)
	if waiting != nil {
		if c, waiting = o.Accounts.StartOfficialLogin(r.Context(), r.Binding()); waiting != nil {
			return waiting
		}
	}
	return o.showCertificate(w, r, c, err, errs)
}

// readSignature takes the signature out of the form: what NCALayer filled in, a pasted text, or an uploaded file. Faults
// stand at the field page.NameCMS.
func readSignature(r *web.Request) ([]byte, error) {
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		if err := r.ParseMultipartForm(maxSignBody); err != nil {
			if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
				return nil, fault.At(page.NameCMS, "signature.too-large")
			}
			return nil, fault.New(fault.Invalid, "fault.form").Because(err)
		}
		defer func() { _ = r.MultipartForm.RemoveAll() }() // everything fits into memory
	}
	for _, text := range r.PostForm[page.NameCMS] { // a browser sends a file that was not chosen as an empty value before the text
		if text = strings.TrimSpace(text); len(text) > maxCMS*3/2 {
			return nil, fault.At(page.NameCMS, "signature.too-large")
		} else if text != "" {
			return []byte(text), nil
		}
	}
	if r.MultipartForm == nil || len(r.MultipartForm.File[page.NameCMS]) == 0 || r.MultipartForm.File[page.NameCMS][0].Size == 0 {
		return nil, fault.At(page.NameCMS, "sign.missing")
	}
	f, err := r.MultipartForm.File[page.NameCMS][0].Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // read only
	content, err := io.ReadAll(io.LimitReader(f, maxCMS+1))
	if len(content) > maxCMS {
		return nil, fault.At(page.NameCMS, "signature.too-large")
	}
	return content, err
}
