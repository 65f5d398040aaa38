package portal

import (
	"cmp"
	"context"
	"fmt"
	"net/http"

	"github.com/a-h/templ"

	"elicense/internal/account"
	"elicense/internal/fault"
	"elicense/internal/filing"
	"elicense/internal/form"
	"elicense/internal/ident"
	"elicense/internal/party"
	"elicense/internal/port"
	"elicense/internal/service"
	"elicense/internal/web"
	"elicense/internal/web/assets"
	"elicense/internal/web/page"
)

// profilePage is the common page whose fields the profile keeps.
const profilePage = "personal"

// profileForm is the form of the typical fields. None is required here: what a service requires it asks itself.
func (p *Portal) profileForm(ctx context.Context) (form.Form, service.Page, error) {
	rev, err := p.Catalogue.Common(profilePage)
	if err != nil {
		return form.Form{}, service.Page{}, err
	}
	dirs, err := p.Reference.For(ctx, rev)
	if err != nil {
		return form.Form{}, service.Page{}, err
	}
	pg := rev.Definition.Pages[0]
	optional := make([]service.Field, len(pg.Fields))
	for i, field := range pg.Fields {
		field.Required = false
		optional[i] = field
	}
	pg.Fields = optional
	return form.Form{Revision: rev, Dirs: dirs}, pg, nil
}

// profileFields tells which of the typical fields a party has.
func profileFields(f form.Form, values form.Answers, owner party.Party) (map[string]bool, error) {
	return f.Visible(values, form.Facts{Recipient: owner.Recipient(values["sole_proprietor"] == "yes")})
}

// profileView is the profile: what the certificate says, the contact, the typical fields.
type profileView struct {
	Words   *page.Words
	Heading page.Heading
	Errors  page.Errors
	Notice  *page.Banner
	Certain []page.Row // from the certificate; not to be edited
	Note    string
	Form    page.Form
	Contact peopleView
	Legend  string
	Hint    string
	Fields  templ.Component
	Save    string
	Links   []page.Link
	// Channels asks by which channels notices come.
	Channels channelsView
}

// typedProfile is the profile as it is shown in the form: stored, or as it was typed.
type typedProfile struct {
	email, phone, lang string
	values             form.Answers
	find               findState
	version            string // on which it was typed; empty = what is stored now
	notice             *page.Banner
}

// profile shows what is stored.
func (p *Portal) profile(w http.ResponseWriter, r *web.Request) error {
	a, err := p.Accounts.Profile(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	if kept, ok := r.Kept(); ok {
		f, pg, err := p.profileForm(r.Context())
		if err != nil {
			return err
		}
		r.PostForm = kept
		t := p.typedProfile(r, f, pg)
		t.version, t.notice = kept.Get(page.NameVersion), keptNotice(r)
		return p.showProfile(w, r, a, t, nil, nil)
	}
	return p.showProfile(w, r, a, typedProfile{email: a.Email, phone: ident.PhoneText(a.Phone), lang: a.Lang, values: a.Party.Profile}, nil, nil)
}

func (p *Portal) showProfile(w http.ResponseWriter, r *web.Request, a party.Account, t typedProfile, problem error, errs page.Errors) error {
	f, pg, err := p.profileForm(r.Context())
	if err != nil {
		return err
	}
	visible, err := profileFields(f, t.values, a.Party)
	if err != nil {
		return err
	}
	v := profileView{
		Words: p.Server.Words(r.Lang), Errors: errs, Certain: certainRows(r, a), Note: r.Say.T("profile.certain-note"),
		Heading: page.Heading{Text: r.Say.T("nav.profile"), Lead: r.Say.T("profile.lead")},
		Notice:  t.notice,
		Form:    page.Form{Action: r.Link("/profile"), CSRF: r.CSRF(), Version: cmp.Or(t.version, profileVersion(a)), Default: r.Say.T("profile.save")},
		Legend:  r.Say.T("profile.typical"), Hint: r.Say.T("profile.typical-hint"), Save: r.Say.T("profile.save"),
		Fields:  p.fields(r, f, pg, t.values, visible, nil, errs, r.Link("/directories/"+noService), t.find, nil),
		Contact: peopleView{Errors: errs, Heading: page.Heading{Text: r.Say.T("profile.contact")}},
		Links:   []page.Link{{Text: r.Say.T("profile.to-password"), Href: r.Link("/profile/password")}},
	}
	if v.Channels, err = p.channels(r); err != nil {
		return err
	}
	p.contactFields(r, &v.Contact, t.email, t.phone)
	v.Contact.Choice = langChoice(r, t.lang, errs)
	c := p.Chrome(r, v.Heading.Text)
	c.Files.Scripts = append(c.Files.Scripts, p.Server.Assets.Href(assets.Combobox))
	return p.showStatus(w, r, formStatus(problem), c, profileBody(v))
}

// certainRows are what the certificate says.
func certainRows(r *web.Request, a party.Account) []page.Row {
	if a.Party.Kind != party.Organisation {
		return []page.Row{{Name: r.Say.T("profile.name"), Value: a.PersonName()}, {Name: r.Say.T("profile.iin"), Value: a.IIN}}
	}
	return []page.Row{
		{Name: r.Say.T("profile.organisation"), Value: a.Party.Name}, {Name: r.Say.T("profile.bin"), Value: a.Party.Number},
		{Name: r.Say.T("profile.acts"), Value: a.PersonName()}, {Name: r.Say.T("profile.iin"), Value: a.IIN},
	}
}

// profileVersion names what the page shows, so that a save does not overwrite another's.
func profileVersion(a party.Account) string { return fmt.Sprintf("%d.%d", a.Version, a.Party.Version) }

// saveProfile stores contact and typical fields; the button Find only searches.
func (p *Portal) saveProfile(w http.ResponseWriter, r *web.Request) error {
	f, pg, err := p.profileForm(r.Context())
	if err != nil {
		return err
	}
	t := p.typedProfile(r, f, pg)
	if t.find = p.findOf(r, f, pg); t.find.Field != "" {
		return p.profileAgain(w, r, t, nil, nil)
	}
	change := account.ProfileChange{Email: t.email, Phone: t.phone, Lang: t.lang, Values: t.values}
	if n, err := fmt.Sscanf(r.PostFormValue(page.NameVersion), "%d.%d", &change.AccountVersion, &change.PartyVersion); n != 2 || err != nil {
		return fault.New(fault.Invalid, "fault.invalid")
	}
	_, err = p.Accounts.SaveProfile(r.Context(), r.Actor, change, func(owner party.Party, values map[string]string) (map[string]string, []fault.Field) {
		return checkProfile(f, pg, p.Glyphs, owner, values)
	})
	if err == nil {
		r.Flash("profile.saved")
		return p.Server.Go(w, r, r.Link("/profile"))
	}
	errs, ok := p.errorsOf(r, err)
	if !ok {
		return err
	}
	return p.profileAgain(w, r, t, err, errs)
}

// typedProfile reads the form.
func (p *Portal) typedProfile(r *web.Request, f form.Form, pg service.Page) typedProfile {
	t := typedProfile{email: r.PostFormValue(fieldEmail), phone: r.PostFormValue(fieldPhone), lang: r.PostFormValue(fieldLang), values: form.Answers{}}
	for key, typed := range p.readPage(r, f, pg) {
		field, _ := f.Revision.Definition.Field(key)
		t.values[key] = f.Normalise(field, typed)
	}
	return t
}

// profileAgain shows the profile as it was typed, with the versions of now.
func (p *Portal) profileAgain(w http.ResponseWriter, r *web.Request, t typedProfile, problem error, errs page.Errors) error {
	a, err := p.Accounts.Profile(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	return p.showProfile(w, r, a, t, problem, errs)
}

// checkProfile keeps the well-formed values of the fields that the party has (account.CheckValues).
func checkProfile(f form.Form, pg service.Page, glyphs port.Glyphs, owner party.Party, values map[string]string) (map[string]string, []fault.Field) {
	visible, err := profileFields(f, values, owner)
	if err != nil {
		return nil, []fault.Field{{Key: "fault.internal"}}
	}
	kept := map[string]string{}
	var wrong []fault.Field
	for _, field := range pg.Fields {
		value := values[field.Key]
		if !visible[field.Key] || value == "" {
			continue
		}
		if problem, bad := filing.Unprintable(glyphs, field, value); bad {
			wrong = append(wrong, problem)
			continue
		}
		if key := f.Problem(field, value); key != "" {
			wrong = append(wrong, fault.Field{Path: field.Key, Key: key, Args: form.Limits(field)})
			continue
		}
		kept[field.Key] = value
	}
	return kept, wrong
}

// passwordForm asks for the old password and a new one.
func (p *Portal) passwordForm(w http.ResponseWriter, r *web.Request) error {
	return p.showPassword(w, r, nil, nil)
}

func (p *Portal) showPassword(w http.ResponseWriter, r *web.Request, problem error, errs page.Errors) error {
	v := p.formView(r, "profile.password", "profile.password-lead", errs)
	p.passwordField(r, &v, fieldCurrent, "profile.password-current", "", "current-password")
	p.passwordField(r, &v, fieldPassword, "people.new-password", "people.password-rules", "new-password")
	v.Button = r.Say.T("profile.password-save")
	v.Links = []page.Link{{Text: r.Say.T("nav.profile"), Href: r.Link("/profile")}, {Text: r.Say.T("login.forgot"), Href: r.Link("/recover")}}
	return p.showForm(w, r, problem, v)
}

// changePassword sets a new password; this browser stays logged in, every other session of the account ends.
func (p *Portal) changePassword(w http.ResponseWriter, r *web.Request) error {
	a, err := p.Accounts.ChangePassword(r.Context(), r.Actor, r.PostFormValue(fieldCurrent), r.PostFormValue(fieldPassword))
	if err == nil {
		return p.enter(w, r, a, "profile.password-changed", r.Link("/profile"))
	}
	errs, ok := p.errorsOf(r, err)
	if !ok {
		return err
	}
	return p.showPassword(w, r, err, errs)
}
