package portal

import (
	"net/http"

	"elicense/internal/account"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/party"
	"elicense/internal/web"
	"elicense/internal/web/page"
	"elicense/internal/web/signing"
)

// Names of the fields of these pages; the faults of package account stand at them.
const (
	fieldNumber         = "number"
	fieldRepresentative = "representative"
	fieldEmail          = "email"
	fieldPhone          = "phone"
	fieldLang           = "lang"
	fieldPassword       = "password"
	fieldCurrent        = "current"
	fieldNext           = web.NameNext
)

// peopleRoutes are registration, log-in, recovery and the profile, and what every form needs of signing and directories.
func (p *Portal) peopleRoutes() []web.Route {
	all := []web.Route{
		{Pattern: "GET /{lang}/login", Policy: web.Public, Handle: p.loginForm, Page: "login"},
		{Pattern: "POST /{lang}/login", Policy: web.Public, Handle: p.login, PerMinute: 30, Entrance: true},
		{Pattern: "GET /{lang}/login/certificate", Policy: web.Public, Handle: p.certificateForm, Page: "login-certificate", PerMinute: 60},
		{Pattern: "POST /{lang}/login/certificate", Policy: web.Public, Handle: p.certificate, Body: signing.MaxBody, PerMinute: 60, Entrance: true},
		{Pattern: "POST /{lang}/logout", Policy: web.Public, Handle: p.logout},
		{Pattern: "POST /{lang}/session", Policy: web.Person, Handle: p.extend},

		{Pattern: "GET /{lang}/register", Policy: web.Public, Handle: p.registerForm, Page: "register"},
		{Pattern: "POST /{lang}/register", Policy: web.Public, Handle: p.register, PerMinute: 30, Entrance: true},
		{Pattern: "GET /{lang}/register/{nonce}", Policy: web.Public, Handle: p.flowForm(p.registration), Page: "register-sign", PerMinute: 60},
		{Pattern: "POST /{lang}/register/{nonce}", Policy: web.Public, Handle: p.flowSigned(p.registration), Body: signing.MaxBody, PerMinute: 60, Entrance: true},
		{Pattern: "GET /{lang}/recover", Policy: web.Public, Handle: p.recoverForm, Page: "recover"},
		{Pattern: "POST /{lang}/recover", Policy: web.Public, Handle: p.recover, PerMinute: 30, Entrance: true},
		{Pattern: "GET /{lang}/recover/{nonce}", Policy: web.Public, Handle: p.flowForm(p.recovery), Page: "recover-sign", PerMinute: 60},
		{Pattern: "POST /{lang}/recover/{nonce}", Policy: web.Public, Handle: p.flowSigned(p.recovery), Body: signing.MaxBody, PerMinute: 60, Entrance: true},

		{Pattern: "GET /{lang}/profile", Policy: web.Person, Handle: p.profile, Page: "profile"},
		{Pattern: "POST /{lang}/profile", Policy: web.Person, Handle: p.saveProfile, PerMinute: 60, Keep: true},
		{Pattern: "GET /{lang}/profile/password", Policy: web.Person, Handle: p.passwordForm, Page: "profile-password"},
		{Pattern: "POST /{lang}/profile/password", Policy: web.Person, Handle: p.changePassword, PerMinute: 30},
	}
	all = append(all, p.Signing.Routes()...)
	return append(all, p.lookupRoutes()...)
}

// peopleView is a page with one short form.
type peopleView struct {
	Words   *page.Words
	Heading page.Heading
	Errors  page.Errors
	Notice  *page.Banner
	Why     []string // said before the form
	Form    page.Form
	Hidden  []page.Hidden
	Fields  []page.TextField
	Choice  *page.ChoiceField
	Button  string
	Links   []page.Link
	Demo    *demoLogins
}

// formView begins a page with a form that posts to its own address.
func (p *Portal) formView(r *web.Request, title, lead string, errs page.Errors) peopleView {
	return peopleView{
		Words: p.Server.Words(r.Lang), Errors: errs,
		Heading: page.Heading{Text: r.Say.T(title), Lead: r.Say.T(lead)},
		Form:    page.Form{Action: r.URL.Path, CSRF: r.CSRF()},
	}
}

// showForm shows it; an address with something personal in it is never indexed.
func (p *Portal) showForm(w http.ResponseWriter, r *web.Request, err error, v peopleView) error {
	return p.showStatus(w, r, formStatus(err), p.Chrome(r, v.Heading.Text), peopleForm(v))
}

// formStatus is the status of a form that is shown again.
func formStatus(err error) int {
	switch {
	case err == nil:
		return http.StatusOK
	case fault.KindOf(err) == fault.Throttled, fault.KindOf(err) == fault.Unavailable:
		return web.StatusOf(err)
	}
	return http.StatusUnprocessableEntity
}

// The fields that several of these pages ask for. Passwords are never sent back.

func (p *Portal) numberField(r *web.Request, v *peopleView) {
	v.Fields = append(v.Fields, page.TextField{
		Field: page.Field{Name: fieldNumber, Label: r.Say.T("people.number"), Hint: r.Say.T("people.number-hint"), Required: true,
			Value: r.PostFormValue(fieldNumber), Error: v.Errors.For(fieldNumber)},
		Width: "20", InputMode: "numeric", Autocomplete: "username", Code: true,
	})
}

func (p *Portal) representativeField(r *web.Request, v *peopleView, hint string, required bool) {
	v.Fields = append(v.Fields, page.TextField{
		Field: page.Field{Name: fieldRepresentative, Label: r.Say.T("people.representative"), Hint: r.Say.T(hint), Required: required,
			Value: r.PostFormValue(fieldRepresentative), Error: v.Errors.For(fieldRepresentative)},
		Width: "20", InputMode: "numeric", Autocomplete: "off", Code: true,
	})
}

func (p *Portal) contactFields(r *web.Request, v *peopleView, email, phone string) {
	v.Fields = append(v.Fields,
		page.TextField{Field: page.Field{Name: fieldEmail, Label: r.Say.T("people.email"), Hint: r.Say.T("people.email-hint"), Required: true, Value: email, Error: v.Errors.For(fieldEmail)},
			Type: "email", InputMode: "email", Autocomplete: "email"},
		page.TextField{Field: page.Field{Name: fieldPhone, Label: r.Say.T("people.phone"), Hint: r.Say.T("people.phone-hint"), Required: true, Value: phone, Error: v.Errors.For(fieldPhone)},
			Type: "tel", Width: "20", InputMode: "tel", Autocomplete: "tel"},
	)
}

func (p *Portal) passwordField(r *web.Request, v *peopleView, name, label, hint, autocomplete string) {
	f := page.Field{Name: name, Label: r.Say.T(label), Required: true, Error: v.Errors.For(name)}
	if hint != "" {
		f.Hint = r.Say.T(hint)
	}
	v.Fields = append(v.Fields, page.TextField{Field: f, Type: "password", Width: "20", Autocomplete: autocomplete})
}

// langChoice asks for the language of messages, each language under its own name.
func langChoice(r *web.Request, chosen string, errs page.Errors) *page.ChoiceField {
	c := &page.ChoiceField{Field: page.Field{Name: fieldLang, Label: r.Say.T("people.lang"), Required: true, Value: chosen, Error: errs.For(fieldLang)}, Inline: true}
	for _, o := range []page.Option{{Value: "kk", Text: "Қазақша", Lang: lang.KK}, {Value: "ru", Text: "Русский", Lang: lang.RU}, {Value: "en", Text: "English", Lang: lang.EN}} {
		if o.Lang == r.Lang {
			o.Lang = ""
		}
		c.Options = append(c.Options, o)
	}
	return c
}

// enter begins the session of an account and goes on.
func (p *Portal) enter(w http.ResponseWriter, r *web.Request, a party.Account, flash, next string) error {
	if err := p.Server.LogIn(r, a.ID, account.Mark(a)); err != nil {
		return err
	}
	if flash != "" {
		r.Flash(flash)
	}
	if next == "" {
		next = r.Link("/applications")
	}
	return p.Server.Go(w, r, next)
}

// keptNotice says that the form holds what was typed before the log-in, and that it is not saved.
func keptNotice(r *web.Request) *page.Banner {
	return &page.Banner{Kind: page.Caution, Title: r.Say.T("people.kept-title"), Text: r.Say.T("people.kept-text")}
}
