package office

import (
	"net/http"
	"net/url"

	"elicense/internal/application"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/port"
	"elicense/internal/web"
	"elicense/internal/web/page"
	"elicense/internal/wording"
)

const pathTemplates = "/templates"

// templateView is a template: the form that proposes it, or what the second person reads.
type templateView struct {
	Words   *page.Words
	Heading page.Heading
	Errors  page.Errors
	Notices []page.Banner
	Status  *page.Tag
	Rows    []page.Row
	Form    page.Form

	// Texts are the template filled in with a made-up case, in every language that it has; TextsOf is their title.
	TextsOf, TextsLead string
	Texts              []templateText
	// Before is what it takes the place of.
	BeforeOf string
	Before   []templateText

	Ask    *templateForm
	Decide *templateDecision
}

type templateText struct {
	Lang       lang.Lang
	Name, Text string
}

type templateForm struct {
	Of       page.SelectField
	Name     page.TextField
	Known    string // title of the placeholders
	Meanings []page.Row
	Areas    []page.AreaField
	From, To page.Field

	Buttons []page.Button
}

type templateDecision struct {
	Title   string
	Approve *page.Button
	Reason  page.AreaField
	Reject  page.Button
}

// templatesView is the list of a body's templates.
type templatesView struct {
	Heading page.Heading
	New     page.Button
	Empty   *page.Empty
	Parts   []proposalPart
}

func templateAddress(r *web.Request, id string) string {
	return r.Link(pathTemplates + "/" + url.PathEscape(id))
}

// subjectName says what a template is for.
func subjectName(r *web.Request, s wording.Subject) string {
	switch {
	case s.Letter != "":
		return r.Say.T("template.letter", "kind", r.Say.T("template.letter."+s.Letter))
	case s.Service != nil:
		return r.Say.T("template.refusal-of", "service", tr(r, s.Service.Definition.Name), "ground", tr(r, s.Ground.Ground))
	case s.Code == "refusal":
		return r.Say.T("template.refusal-any")
	}
	return r.Say.T("template.gone")
}

// templates lists the templates of the reader's body.
func (o *Office) templates(w http.ResponseWriter, r *web.Request) error {
	if err := working(r); err != nil {
		return err
	}
	list, err := o.Wording.List(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	v := templatesView{Heading: page.Heading{Caption: o.bodyName(r, r.Actor.Body), Text: r.Say.T("template.title"), Lead: r.Say.T("template.lead")},
		New: page.Button{Text: r.Say.T("template.new"), Href: r.Link(pathTemplates + "/new")}}
	if len(list.Waiting) > 0 {
		t := templateTable(r, "waiting", "template.waiting", "template.of", "directory.at")
		for _, p := range list.Waiting {
			t.Rows = append(t.Rows, []page.Cell{{Text: subjectName(r, p.Subject), Href: templateAddress(r, p.ID), Header: true}, {Text: r.Say.Time(p.Proposed.At)}})
		}
		v.Parts = append(v.Parts, proposalPart{Title: t.Caption, Table: t})
	}
	if len(list.Versions) > 0 {
		t := templateTable(r, "versions", "template.versions", "template.of", "template.name", "directory.column.from", "directory.column.to", "table.status")
		for _, x := range list.Versions {
			until := "—"
			if !x.To.IsZero() {
				until = r.Say.Date(x.To)
			}
			tag := page.Tag{Text: r.Say.T("template.state." + string(x.State)), Tone: map[wording.VersionState]page.Tone{wording.Used: page.Good, wording.Later: page.Soon}[x.State]}
			t.Rows = append(t.Rows, []page.Cell{{Text: subjectName(r, x.Subject), Href: r.Link(pathTemplates+"/new") + "?" + url.Values{wording.FieldOf: {x.Code}, wording.FieldFrom: {x.From.String()}}.Encode(), Header: true},
				{Text: x.Name}, {Text: r.Say.Date(x.From)}, {Text: until}, {Tag: &tag}})
		}
		v.Parts = append(v.Parts, proposalPart{Title: t.Caption, Text: r.Say.T("template.versions-lead"), Table: t})
	}
	if len(v.Parts) == 0 {
		v.Empty = &page.Empty{Title: r.Say.T("template.none"), Text: r.Say.T("template.none-text")}
	}
	c := o.Chrome(r, v.Heading.Text)
	c.Wide = true
	return o.Server.Show(w, r, http.StatusOK, c, templatesPage(v))
}

func templateTable(r *web.Request, id, caption string, columns ...string) *page.Table {
	t := &page.Table{ID: id, Caption: r.Say.T(caption), CaptionHidden: true, Stack: true}
	for _, key := range columns {
		t.Columns = append(t.Columns, page.Column{Text: r.Say.T(key)})
	}
	return t
}

// newTemplate asks for a template. An earlier version whose words it begins with may stand in the address.
func (o *Office) newTemplate(w http.ResponseWriter, r *web.Request) error {
	if err := working(r); err != nil {
		return err
	}
	if kept, ok := r.Kept(); ok {
		return o.askTemplate(w, r, kept, nil, nil, false)
	}
	list, err := o.Wording.List(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	typed := url.Values{}
	for _, x := range list.Versions {
		if q := r.URL.Query(); x.Code == q.Get(wording.FieldOf) && x.From.String() == q.Get(wording.FieldFrom) {
			typed = url.Values{wording.FieldOf: {x.Code}, wording.FieldName: {x.Name}, wording.FieldKK: {x.Text.KK}, wording.FieldRU: {x.Text.RU}, wording.FieldEN: {x.Text.EN}}
		}
	}
	return o.askTemplate(w, r, typed, nil, nil, false)
}

func (o *Office) askTemplate(w http.ResponseWriter, r *web.Request, typed url.Values, problem error, errs page.Errors, preview bool) error {
	subjects, err := o.Wording.Subjects(r.Actor)
	if err != nil {
		return err
	}
	v := templateView{Words: o.Server.Words(r.Lang), Errors: errs, Heading: page.Heading{Caption: r.Say.T("template.title"), Text: r.Say.T("template.new-title"), Lead: r.Say.T("template.new-lead")},
		Form: page.Form{Action: r.Link(pathTemplates + "/new"), CSRF: r.CSRF()}}
	if _, kept := r.Kept(); kept {
		v.Notices = append(v.Notices, keptNotice(r))
	}
	field := func(name, label string, required bool) page.Field {
		return page.Field{Name: name, Label: r.Say.T(label), Required: required, Value: typed.Get(name), Error: errs.For(name)}
	}
	f := &templateForm{Of: page.SelectField{Field: field(wording.FieldOf, "template.of", true), Blank: true}, Name: page.TextField{Field: field(wording.FieldName, "template.name", true), MaxLength: 200, Autocomplete: "off"},
		Known: r.Say.T("template.placeholders"), From: field(wording.FieldFrom, "directory.column.from", true), To: field(wording.FieldTo, "directory.column.to", false),
		Buttons: []page.Button{{Text: r.Say.T("directory.propose"), Name: page.NameGo, Value: actPropose}, {Text: r.Say.T("template.preview"), Kind: page.Secondary, Name: page.NameGo, Value: goPreview}}}
	f.Name.Hint, f.To.Hint = r.Say.T("template.name-hint"), r.Say.T("template.to-hint")
	groups := []page.OptionGroup{{Title: r.Say.T("template.refusals")}, {Title: r.Say.T("template.letters")}}
	known := map[string]bool{}
	for _, s := range subjects {
		i := 0
		if !s.Refusal {
			i = 1
		}
		groups[i].Options = append(groups[i].Options, page.Option{Value: s.Code, Text: subjectName(r, s)})
		for _, name := range s.Placeholders() {
			if !known[name] {
				known[name] = true
				f.Meanings = append(f.Meanings, page.Row{Name: "{" + name + "}", Value: r.Say.T("template.means." + name)})
			}
		}
	}
	f.Of.Groups = groups
	for _, x := range []struct {
		name, label string
		required    bool
	}{{wording.FieldKK, "template.text-kk", true}, {wording.FieldRU, "template.text-ru", true}, {wording.FieldEN, "template.text-en", false}} {
		f.Areas = append(f.Areas, page.AreaField{Field: field(x.name, x.label, x.required), Rows: 5, MaxLength: 2000})
	}
	f.Areas[2].Hint = r.Say.T("template.text-en-hint")
	v.Ask = f
	if preview {
		t, _ := readTemplate(typed)
		t, _ = o.Wording.Check(r.Actor, t)
		o.previewTemplate(r, t, &v)
	}
	c := o.Chrome(r, v.Heading.Text)
	c.Breadcrumbs = []page.Link{{Text: r.Say.T("template.title"), Href: r.Link(pathTemplates)}, {Text: v.Heading.Text}}
	return o.show(w, r, problem, c, templatePage(v))
}

// previewTemplate shows a template as it will be read, with a made-up case.
func (o *Office) previewTemplate(r *web.Request, t wording.Template, v *templateView) {
	v.TextsOf, v.TextsLead, v.Texts = r.Say.T("template.filled"), r.Say.T("template.filled-lead"), o.filled(r, t)
}

// filled is a template with the values of a made-up case, in every language that it has.
func (o *Office) filled(r *web.Request, t wording.Template) []templateText {
	var list []templateText
	for _, l := range lang.All() {
		text := t.Text.Get(l)
		if text == "" {
			continue
		}
		say, today := o.Server.Texts.In(l), civil.Of(o.World.Now(), lang.Almaty())
		body, _ := o.Catalogue.Body(r.Actor.Body)
		values := map[string]string{"body": body.Name.Get(l), "date": say.Date(today.AddDays(-5)), "today": say.Date(today), "until": say.LongDate(today.AddDays(90))}
		for _, name := range []string{"number", "applicant", "applicant_number", "service", "ground", "act", "link"} {
			values[name] = say.T("template.sample." + name)
		}
		if t.Service != nil {
			values["service"], values["ground"], values["act"] = t.Service.Definition.Name.Get(l), t.Ground.Ground.Get(l), t.Ground.Act.Get(l)
		}
		list = append(list, templateText{Lang: l, Name: say.T("template.in"), Text: application.FillTemplate(text, values)})
	}
	return list
}

// readTemplate reads the form, and says which day could not be read.
func readTemplate(typed url.Values) (t wording.Template, bad []fault.Field) {
	t.Code, t.Name = typed.Get(wording.FieldOf), typed.Get(wording.FieldName)
	t.Text = lang.Text{KK: typed.Get(wording.FieldKK), RU: typed.Get(wording.FieldRU), EN: typed.Get(wording.FieldEN)}
	t.From, _ = civil.ParseTyped(typed.Get(wording.FieldFrom)) // no day is a fault of its own
	if to := typed.Get(wording.FieldTo); to != "" {
		var ok bool
		if t.To, ok = civil.ParseTyped(to); !ok {
			bad = append(bad, fault.Field{Path: wording.FieldTo, Key: "template.to-unread"})
		}
	}
	return t, bad
}

const actPropose = "propose"

// proposeTemplate proposes what the form says, or shows it filled in.
func (o *Office) proposeTemplate(w http.ResponseWriter, r *web.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.form").Because(err)
	}
	if err := working(r); err != nil {
		return err
	}
	t, bad := readTemplate(r.PostForm)
	err := fault.Fields(bad)
	preview := r.PostForm.Get(page.NameGo) == goPreview
	var id string
	switch {
	case err != nil:
	case preview:
		if err = o.Wording.May(r.Actor); err == nil {
			_, err = o.Wording.Check(r.Actor, t)
		}
	default:
		id, err = o.Wording.Propose(r.Context(), r.Actor, t)
	}
	if err == nil && !preview {
		r.Flash("template.done.propose")
		return o.Server.Go(w, r, templateAddress(r, id))
	}
	errs, ok := o.errorsOf(r, err)
	if err != nil && (!ok || fault.KindOf(err) == fault.Denied) {
		return err
	}
	return o.askTemplate(w, r, r.PostForm, err, errs, preview)
}

// template shows what is proposed.
func (o *Office) template(w http.ResponseWriter, r *web.Request) error {
	kept, _ := r.Kept()
	return o.showTemplate(w, r, kept, nil, nil)
}

func (o *Office) showTemplate(w http.ResponseWriter, r *web.Request, typed url.Values, problem error, errs page.Errors) error {
	if err := working(r); err != nil {
		return err
	}
	p, err := o.Wording.Look(r.Context(), r.Actor, r.PathValue("id"))
	if err != nil {
		return err
	}
	tag := amendmentTag(r, p.Amendment)
	v := templateView{Words: o.Server.Words(r.Lang), Errors: errs, Heading: page.Heading{Caption: subjectName(r, p.Subject), Text: p.Name}, Status: &tag,
		Form: page.Form{Action: templateAddress(r, p.ID), CSRF: r.CSRF()},
		Rows: []page.Row{{Name: r.Say.T("office.proposed-by"), Value: p.Names[p.Proposed.By] + ", " + r.Say.Time(p.Proposed.At)}, {Name: r.Say.T("directory.column.from"), Value: r.Say.Date(p.From)}}}
	if !p.To.IsZero() {
		v.Rows = append(v.Rows, page.Row{Name: r.Say.T("directory.column.to"), Value: r.Say.Date(p.To)})
	}
	for _, x := range []struct {
		l   lang.Lang
		key string
	}{{lang.KK, "template.text-kk"}, {lang.RU, "template.text-ru"}, {lang.EN, "template.text-en"}} {
		if text := p.Text.Get(x.l); text != "" {
			v.Rows = append(v.Rows, page.Row{Name: r.Say.T(x.key), Value: text, Lang: x.l})
		}
	}
	if p.State != port.AmendmentProposed {
		v.Rows = append(v.Rows, page.Row{Name: r.Say.T("directory.state." + string(p.State)), Value: p.Names[p.Closed.By] + ", " + r.Say.Time(p.Closed.At)})
	}
	if p.Reason != "" {
		v.Rows = append(v.Rows, page.Row{Name: r.Say.T("office.proposal-reason"), Value: p.Reason})
	}
	o.previewTemplate(r, p.Template, &v)
	if p.Before != nil {
		v.BeforeOf, v.Before = r.Say.T("template.before"), o.filled(r, *p.Before)
	}
	if p.State == port.AmendmentProposed {
		decideTemplate(r, p, typed, errs, &v)
	}
	c := o.Chrome(r, v.Heading.Text)
	c.Breadcrumbs = []page.Link{{Text: r.Say.T("template.title"), Href: r.Link(pathTemplates)}, {Text: v.Heading.Text}}
	return o.show(w, r, problem, c, templatePage(v))
}

// decideTemplate is what the reader can do with a proposal.
func decideTemplate(r *web.Request, p wording.Proposal, typed url.Values, errs page.Errors, v *templateView) {
	d := &templateDecision{Title: r.Say.T("office.proposal-decide"), Reject: page.Button{Text: r.Say.T("office.proposal-reject"), Kind: page.Secondary, Name: page.NameGo, Value: actReject},
		Reason: page.AreaField{Field: page.Field{Name: fieldReason, Label: r.Say.T("office.proposal-reason"), Value: typed.Get(fieldReason), Error: errs.For(fieldReason)}, Rows: 4, MaxLength: 2000}}
	if p.Mine {
		v.Notices = append(v.Notices, page.Banner{Kind: page.Info, Text: r.Say.T("template.second")})
		d.Reject.Text = r.Say.T("office.proposal-take-back")
	} else {
		d.Approve = &page.Button{Text: r.Say.T("directory.approve"), Name: page.NameGo, Value: actApprove}
	}
	v.Decide = d
}

// closeTemplate confirms or rejects.
func (o *Office) closeTemplate(w http.ResponseWriter, r *web.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.form").Because(err)
	}
	if err := working(r); err != nil {
		return err
	}
	id, act := r.PathValue("id"), r.PostForm.Get(page.NameGo)
	var err error
	switch act {
	case actApprove:
		err = o.Wording.Confirm(r.Context(), r.Actor, id)
	case actReject:
		err = o.Wording.Reject(r.Context(), r.Actor, id, r.PostForm.Get(fieldReason))
	default:
		return fault.New(fault.Invalid, "fault.form")
	}
	if err == nil {
		r.Flash("template.done." + act)
		return o.Server.Go(w, r, templateAddress(r, id))
	}
	errs, ok := o.errorsOf(r, err)
	if !ok || fault.KindOf(err) == fault.Denied {
		return err
	}
	return o.showTemplate(w, r, r.PostForm, err, errs)
}
