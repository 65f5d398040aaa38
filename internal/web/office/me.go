package office

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"elicense/internal/access"
	"elicense/internal/account"
	"elicense/internal/catalogue"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// pathMe is an official's own page: accounts, second factor, absences.
const pathMe = "/me"

// The acts of the page.
const (
	meConfirm = "confirm-factor"
	meDrop    = "drop-factor"
	meSwitch  = "switch"
	meAbsent  = "absence"
	meReturn  = "return"
)

// The fields of an absence; the faults of account.AddAbsence stand at them.
const (
	fieldDeputy  = "deputy"
	fieldService = "service"
	fieldWhy     = "reason"
)

// self is the official who reads.
func (o *Office) self(r *web.Request) (access.Official, error) {
	list, err := o.Accounts.OwnAccounts(r.Context(), r.Actor)
	for _, one := range list {
		if one.ID == r.Actor.Account {
			return one, nil
		}
	}
	if err == nil {
		err = fault.New(fault.Unauthenticated, "fault.login")
	}
	return access.Official{}, err
}

func (o *Office) me(w http.ResponseWriter, r *web.Request) error {
	return o.showMe(w, r, nil, nil, nil)
}

func (o *Office) showMe(w http.ResponseWriter, r *web.Request, typed url.Values, problem error, errs page.Errors) error {
	accounts, err := o.Accounts.OwnAccounts(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	self, err := o.self(r)
	if err != nil {
		return err
	}
	v := o.sheet(r, r.Say.T("staff.me"), errs)
	v.Heading.Caption = self.Name()
	switch o.Accounts.Unready(self, r.Actor.Certified) {
	case "":
	case "office.password-first":
		return o.Server.Go(w, r, r.Link("/password"))
	default:
		v.Notices = append(v.Notices, page.Banner{Kind: page.Info, Text: r.Say.T("office.factor-first")})
	}
	if len(accounts) > 1 {
		v.Sections = append(v.Sections, o.accountsPart(r, accounts))
	}
	part, err := o.factorPart(r, self, errs)
	if err != nil {
		return err
	}
	if r.Actor.Body != "" {
		absences, err := o.absencePart(r, r.Link(pathMe), self, typed, errs)
		if err != nil {
			return err
		}
		v.Sections = append(v.Sections, absences)
	}
	v.Sections = append(v.Sections, part)
	w.Header().Set("Cache-Control", "no-store")
	return o.showSheet(w, r, problem, v)
}

// accountsPart lets one person with several accounts choose.
func (o *Office) accountsPart(r *web.Request, accounts []access.Official) sheetPart {
	p := sheetPart{ID: "accounts", Title: r.Say.T("staff.accounts"), Texts: []string{r.Say.T("staff.accounts-text")}}
	for _, one := range accounts {
		body, _ := o.Catalogue.Body(one.Body)
		button := goButton(r, meSwitch, "staff.switch", page.Secondary)
		button.Text = tr(r, body.Name) + ": " + dutyNames(r, one.Duties)
		f := sheetForm{Form: page.Form{Action: r.Link(pathMe), CSRF: r.CSRF()}, Fields: []templ.Component{page.HiddenInput(fieldID, one.ID)}, Buttons: []page.Button{button}}
		if one.ID == r.Actor.Account {
			p.Rows = append(p.Rows, page.Row{Name: r.Say.T("staff.now"), Value: button.Text})
			continue
		}
		p.Forms = append(p.Forms, f)
	}
	return p
}

func dutyNames(r *web.Request, duties []access.Duty) string {
	var names []string
	for _, d := range duties {
		names = append(names, r.Say.T("duty."+string(d)))
	}
	return strings.Join(names, ", ")
}

// factorPart shows the second factor, or what is needed to begin one.
func (o *Office) factorPart(r *web.Request, self access.Official, errs page.Errors) (sheetPart, error) {
	words := o.Server.Words(r.Lang)
	p := sheetPart{ID: "factor", Title: r.Say.T("staff.factor")}
	form := sheetForm{Form: page.Form{Action: r.Link(pathMe), CSRF: r.CSRF()}, Fields: []templ.Component{page.TextInput(words, page.TextField{
		Field: page.Field{Name: fieldCode, Label: r.Say.T("staff.code"), Required: true, Error: errs.For(fieldCode)}, Width: "20", Autocomplete: "one-time-code", MaxLength: 40, Code: true})}}
	if !self.FactorAt.IsZero() {
		p.Texts = []string{r.Say.T("staff.factor-on", "time", r.Say.Time(self.FactorAt)), r.Say.T("staff.factor-drop-text")}
		form.Buttons = []page.Button{goButton(r, meDrop, "staff.factor-drop", page.Secondary)}
		p.Forms = []sheetForm{form}
		return p, nil
	}
	e, err := o.Accounts.BeginFactor(r.Context(), r.Actor)
	if err != nil {
		return p, err
	}
	code, err := page.NewCode(e.Address, r.Say.T("staff.factor-code"))
	if err != nil {
		return p, err
	}
	p.Texts, p.Code = []string{r.Say.T("staff.factor-off"), r.Say.T("staff.factor-begin")}, &code
	p.Rows = []page.Row{{Name: r.Say.T("staff.secret"), Value: spaced(e.Secret)}}
	form.Buttons = []page.Button{goButton(r, meConfirm, "staff.factor-confirm", page.Primary)}
	p.Forms = []sheetForm{form}
	return p, nil
}

// spaced writes a secret in groups of four, as it is typed.
func spaced(secret string) string {
	var b strings.Builder
	for i, c := range secret {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// absencePart lists the absences of an official and asks for another one.
func (o *Office) absencePart(r *web.Request, action string, of access.Official, typed url.Values, errs page.Errors) (sheetPart, error) {
	p := sheetPart{ID: "absences", Title: r.Say.T("staff.absences"), Texts: []string{r.Say.T("staff.absences-text")}}
	list, names, err := o.Accounts.Absences(r.Context(), r.Actor, of.ID)
	if err != nil {
		return p, err
	}
	p.Table = o.absenceTable(r, list, names, func(a access.Absence) string {
		if a.Official == of.ID {
			return action
		}
		return ""
	})
	colleagues, err := o.Accounts.Colleagues(r.Context(), r.Actor, of.ID)
	if err != nil {
		return p, err
	}
	words := o.Server.Words(r.Lang)
	field := func(name, key, hint string, required bool) page.Field {
		f := page.Field{Name: name, Label: r.Say.T(key), Required: required, Value: typed.Get(name), Error: errs.For(name)}
		if hint != "" {
			f.Hint = r.Say.T(hint)
		}
		return f
	}
	deputy := page.SelectField{Field: field(fieldDeputy, "staff.deputy", "staff.deputy-hint", true), Blank: true}
	for _, c := range colleagues {
		deputy.Options = append(deputy.Options, page.Option{Value: c.ID, Text: c.Name() + " (" + dutyNames(r, c.Duties) + ")"})
	}
	service := page.SelectField{Field: field(fieldService, "staff.scope", "", false), Options: []page.Option{{Text: r.Say.T("staff.scope-all")}}}
	service.Options = append(service.Options, o.services(r, of.Body)...)
	p.Forms = []sheetForm{{Form: page.Form{Action: action, CSRF: r.CSRF()}, Buttons: []page.Button{goButton(r, meAbsent, "staff.absence-add", page.Primary)}, Fields: []templ.Component{
		page.Select(words, deputy), page.DateInput(words, field(fieldFrom, "staff.from", "staff.date-hint", true)), page.DateInput(words, field(fieldTo, "staff.to", "", true)),
		page.Select(words, service), page.TextInput(words, page.TextField{Field: field(fieldWhy, "staff.reason", "staff.reason-hint", true), MaxLength: 500}),
	}}}
	return p, nil
}

// services are those that officials of a body decide, each once.
func (o *Office) services(r *web.Request, body string) []page.Option {
	var list []page.Option
	seen := map[string]bool{}
	for _, g := range o.Catalogue.Groups(catalogue.AtBody(body)) {
		for _, e := range g.Entries {
			if d := e.Revision.Definition; !seen[d.Key] && len(d.Process.Steps) > 0 {
				seen[d.Key] = true
				text, in := d.Name.In(r.Lang)
				option := page.Option{Value: d.Key, Text: text}
				if in != r.Lang {
					option.Lang = in
				}
				list = append(list, option)
			}
		}
	}
	return list
}

// absenceTable lists absences; action gives where one is withdrawn, "" where the reader may not.
func (o *Office) absenceTable(r *web.Request, list []access.Absence, names map[string]string, action func(access.Absence) string) *page.Table {
	if len(list) == 0 {
		return nil
	}
	today := civil.Of(o.World.Now(), lang.Almaty())
	t := &page.Table{ID: "absence-list", Caption: r.Say.T("staff.absences"), CaptionHidden: true, Stack: true}
	for _, key := range []string{"staff.absent", "staff.deputy", "staff.period", "staff.scope", "staff.reason", "staff.state"} {
		t.Columns = append(t.Columns, page.Column{Text: r.Say.T(key)})
	}
	for _, a := range list {
		scope := r.Say.T("staff.scope-all")
		if rev, err := o.Catalogue.Service(a.Service); err == nil && a.Service != "" {
			scope = tr(r, rev.Definition.Name)
		}
		state := page.Cell{Tag: &page.Tag{Text: r.Say.T("staff.absence-later")}}
		switch {
		case !a.EndedAt.IsZero():
			state.Tag.Text = r.Say.T("staff.absence-withdrawn")
		case a.On(today):
			state.Tag = &page.Tag{Text: r.Say.T("staff.absence-now"), Tone: page.Active}
		}
		if where := action(a); where != "" && a.EndedAt.IsZero() {
			button := goButton(r, meReturn, "staff.absence-end", page.LinkLike)
			button.About = names[a.Deputy]
			state.Body = absenceState(o.Server.Words(r.Lang), *state.Tag, page.Form{Action: where, CSRF: r.CSRF()}, a.ID, button)
			state.Tag = nil
		}
		t.Rows = append(t.Rows, []page.Cell{{Text: names[a.Official], Header: true}, {Text: names[a.Deputy]}, {Text: r.Say.Date(a.From) + " – " + r.Say.Date(a.To)},
			{Text: scope}, {Text: a.Reason}, state})
	}
	return t
}

// changeMe does what the pressed button says.
func (o *Office) changeMe(w http.ResponseWriter, r *web.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.form").Because(err)
	}
	typed := r.PostForm
	var err error
	done := ""
	switch typed.Get(page.NameGo) {
	case meConfirm:
		official, codes, problem := o.Accounts.ConfirmFactor(r.Context(), r.Actor, typed.Get(fieldCode))
		if problem == nil {
			return o.showRecovery(w, r, official, codes)
		}
		err = problem
	case meDrop:
		err, done = o.Accounts.DropFactor(r.Context(), r.Actor, typed.Get(fieldCode)), "staff.done.factor-dropped"
	case meSwitch:
		official, problem := o.Accounts.Switch(r.Context(), r.Actor, typed.Get(fieldID))
		if problem == nil {
			return o.enter(w, r, official, true, "")
		}
		return problem
	case meAbsent, meReturn:
		done, err = o.changeAbsence(r, r.Actor.Account, typed)
	default:
		return fault.New(fault.Invalid, "fault.form")
	}
	if err == nil {
		r.Flash(done)
		return o.Server.Go(w, r, r.Link(pathMe))
	}
	errs, ok := o.errorsOf(r, err)
	if !ok {
		return err
	}
	return o.showMe(w, r, typed, err, errs)
}

// changeAbsence enters or withdraws an absence of an official.
func (o *Office) changeAbsence(r *web.Request, official string, typed url.Values) (done string, err error) {
	if typed.Get(page.NameGo) == meReturn {
		return "staff.done.absence-ended", o.Accounts.EndAbsence(r.Context(), r.Actor, typed.Get(fieldID))
	}
	a := access.Absence{Official: official, Deputy: typed.Get(fieldDeputy), Service: typed.Get(fieldService), Reason: typed.Get(fieldWhy)}
	a.From, _ = civil.ParseTyped(typed.Get(fieldFrom)) // a day that is none is refused with the missing one
	a.To, _ = civil.ParseTyped(typed.Get(fieldTo))
	return "staff.done.absence-added", o.Accounts.AddAbsence(r.Context(), r.Actor, a, func(key string) bool {
		_, err := o.Catalogue.Service(key)
		return err == nil
	})
}

// showRecovery shows the recovery codes, once, in the session that goes on.
func (o *Office) showRecovery(w http.ResponseWriter, r *web.Request, official access.Official, codes []string) error {
	mark := account.OfficialMark(official)
	if r.Actor.Certified {
		mark = account.OfficialKeyMark(official)
	}
	if err := o.Server.LogIn(r, official.ID, mark); err != nil {
		return err
	}
	v := o.sheet(r, r.Say.T("staff.recovery"), nil)
	v.Notices = []page.Banner{{Kind: page.Done, Text: r.Say.T("staff.done.factor-confirmed")}}
	v.Sections = []sheetPart{{ID: "codes", Title: r.Say.T("staff.recovery-codes"), Texts: []string{r.Say.T("staff.recovery-text")}, Codes: codes,
		Buttons: []page.Button{{Text: r.Say.T("staff.recovery-kept"), Href: r.Link("/")}}}}
	w.Header().Set("Cache-Control", "no-store")
	return o.showSheet(w, r, nil, v)
}
