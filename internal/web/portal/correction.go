package portal

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/a-h/templ"

	"elicense/internal/application"
	"elicense/internal/fault"
	"elicense/internal/filing"
	"elicense/internal/lang"
	"elicense/internal/mobile"
	"elicense/internal/service"
	"elicense/internal/web"
	"elicense/internal/web/assets"
	"elicense/internal/web/page"
	"elicense/internal/web/signing"
)

const (
	correctionPath = "/correction"
	goSign         = "sign" // saves and goes on to the signature
)

// correctionView shows what the officials marked, unlocked, and everything else as it was signed.
type correctionView struct {
	Words     *page.Words
	Heading   page.Heading
	Errors    page.Errors
	Notices   []page.Banner
	Form      page.Form
	Items     []correctionItem
	Documents []correctionDocument
	Buttons   []page.Button
	Locked    string // heading above what cannot be changed
	Cards     []card
}

// correctionItem is a field with what the official says about it, if it was marked itself.
type correctionItem struct {
	Said     string
	SaidLang lang.Lang
	Field    templ.Component
}

// correctionDocument is a document that was marked.
type correctionDocument struct {
	Name     string
	Said     string
	SaidLang lang.Lang
	File     string
	Replace  page.Link
}

// correctionNotice leads to the correction and says until when.
func correctionNotice(r *web.Request, a application.Application) *page.Banner {
	asked, _ := a.Work.Report.Correction()
	return &page.Banner{Kind: page.Caution, Title: r.Say.T("correction.title"), Text: r.Say.T("correction.until", "date", r.Say.LongDate(asked.Until)),
		Links: []page.Link{{Text: r.Say.T("correction.begin"), Href: applicationPath(r, a.Number, correctionPath)}}}
}

// saidOf is what the official says about an item in the reader's language, with its language where that is another.
func saidOf(r *web.Request, i application.Item) (string, lang.Lang) {
	text, in := i.In(r.Lang)
	if in == r.Lang {
		in = ""
	}
	return text, in
}

// corrects gives the draft of a correction whose document is being chosen; ok is false for an application that is none.
func (p *Portal) corrects(r *web.Request) (filing.Draft, bool, error) {
	c, err := p.Filing.Correction(r.Context(), r.Actor, r.PathValue("number"))
	switch {
	case fault.Is(err, filing.KeyNotCorrecting):
		return filing.Draft{}, false, nil
	case err != nil:
		return filing.Draft{}, false, err
	case !c.Asked.Marks(application.DocumentItem(r.PathValue("key"))):
		return filing.Draft{}, false, fault.New(fault.NotFound, "fault.not-found")
	}
	return c.Draft, true, nil
}

// attachTo attaches a document to a draft, or puts it in the place of one that is to be corrected.
func (p *Portal) attachTo(r *web.Request, d filing.Draft, key, document string) error {
	if d.Application.State == application.Correcting {
		return p.Filing.AttachCorrection(r.Context(), r.Actor, d.Application.Number, key, document)
	}
	return p.Filing.Attach(r.Context(), r.Actor, d.Application.Number, key, document)
}

// afterAttaching is where the reader goes on.
func afterAttaching(r *web.Request, d filing.Draft) string {
	if d.Application.State == application.Correcting {
		return applicationPath(r, d.Application.Number, correctionPath)
	}
	return applicationPath(r, d.Application.Number, "/documents")
}

// correction opens the correction; ok is false after the reader was sent on to the application.
func (p *Portal) correction(w http.ResponseWriter, r *web.Request) (filing.Correction, bool, error) {
	number := r.PathValue("number")
	c, err := p.Filing.Correction(r.Context(), r.Actor, number)
	if fault.Is(err, filing.KeyNotCorrecting) && r.Method == http.MethodGet {
		return c, false, p.Server.Go(w, r, applicationPath(r, number, ""))
	}
	return c, err == nil, err
}

func (p *Portal) correctionForm(w http.ResponseWriter, r *web.Request) error {
	c, ok, err := p.correction(w, r)
	if !ok {
		return err
	}
	answers := c.Application.Answers
	kept, again := r.Kept()
	if again {
		sent := *r
		sent.Request = withForm(r.Request, kept)
		answers = p.typedCorrection(&sent, c)
	}
	return p.showCorrection(w, r, c, answers, again, http.StatusOK, nil)
}

// withForm is a request as if a kept form had been sent with it.
func withForm(r *http.Request, form url.Values) *http.Request {
	again := r.Clone(r.Context())
	again.PostForm, again.Form = form, form
	return again
}

// typedCorrection takes the answers out of the form that was sent, whatever it holds: what may be changed is asked later.
func (p *Portal) typedCorrection(r *web.Request, c filing.Correction) map[string]string {
	values := map[string]string{}
	for _, pg := range c.Definition().Pages {
		typed := p.readPage(r, c.Form, pg)
		for _, field := range pg.Fields {
			sent := r.PostForm.Has(field.Key) || r.PostForm.Has(field.Key+".q") || r.PostForm.Has(field.Key+listSent)
			if sent || field.Type == service.TypeConfirm && c.Unlocked(field.Key) {
				values[field.Key] = typed[field.Key]
			}
		}
	}
	return values
}

func (p *Portal) showCorrection(w http.ResponseWriter, r *web.Request, c filing.Correction, answers map[string]string, kept bool, status int, es page.Errors) error {
	number := c.Application.Number
	v := correctionView{
		Words: p.Server.Words(r.Lang), Errors: es, Locked: r.Say.T("correction.locked-title"),
		Heading: page.Heading{Caption: tr(r, c.Definition().Name), Text: r.Say.T("correction.title"), Lead: r.Say.T("correction.lead", "date", r.Say.LongDate(c.Asked.Until))},
		Form:    page.Form{Action: applicationPath(r, number, correctionPath), CSRF: r.CSRF(), Version: strconv.Itoa(c.Signed.Version), Default: r.Say.T("correction.save")},
		Buttons: []page.Button{{Text: r.Say.T("correction.to-sign"), Name: page.NameGo, Value: goSign}, {Text: r.Say.T("correction.save"), Name: page.NameGo, Value: page.GoLater, Kind: page.Secondary}},
	}
	if kept {
		v.Notices = append(v.Notices, *keptNotice(r))
	}
	for _, pg := range c.Definition().Pages {
		locked := pg
		locked.Fields = nil
		for _, field := range pg.Fields {
			switch {
			case !c.Visible[field.Key]:
			case c.Unlocked(field.Key):
				v.Items = append(v.Items, p.correctionItem(r, c, field, answers, es))
			default:
				locked.Fields = append(locked.Fields, field)
			}
		}
		if shown := p.pageCard(r, c.Draft, locked, false); len(shown.Rows) > 0 {
			v.Cards = append(v.Cards, shown)
		}
	}
	for _, asked := range c.Required() {
		v.correctionDocument(r, c, asked.Document)
	}
	chrome := p.wizardChrome(r, number, v.Heading.Text, assets.Combobox)
	return p.showStatus(w, r, status, chrome, correctionPage(v))
}

func (p *Portal) correctionItem(r *web.Request, c filing.Correction, field service.Field, answers map[string]string, es page.Errors) correctionItem {
	var item correctionItem
	for _, i := range c.Asked.Items {
		if i.Path == field.Key {
			item.Said, item.SaidLang = saidOf(r, i)
		}
	}
	value := map[string]string{}
	for key, answer := range c.Application.Answers {
		value[key] = answer
	}
	if typed, ok := answers[field.Key]; ok {
		value[field.Key] = typed
	}
	item.Field = p.fields(r, c.Form, c.Form.Offering(service.Page{Fields: []service.Field{field}}, c.Facts), value, c.Visible, nil, es, r.Link("/directories/"+c.Application.Service), p.findOf(r, c.Form, service.Page{Fields: []service.Field{field}}), nil)
	return item
}

// correctionDocument adds a document where it was marked.
func (v *correctionView) correctionDocument(r *web.Request, c filing.Correction, doc service.Document) {
	for _, i := range c.Asked.Items {
		key, ok := i.Document()
		if !ok || key != doc.Key {
			continue
		}
		d := correctionDocument{Name: tr(r, doc.Name), File: r.Say.T("filing.not-attached"),
			Replace: page.Link{Text: r.Say.T("filing.attach-other"), Href: applicationPath(r, c.Application.Number, "/documents/"+url.PathEscape(key))}}
		d.Said, d.SaidLang = saidOf(r, i)
		if at, ok := attachedUnder(c.Application, key); ok {
			d.File = at.File + " (" + r.Say.Size(at.Size) + ")"
		}
		v.Documents = append(v.Documents, d)
	}
}

// correctionSave keeps what was typed and goes on to the signature, or stays.
func (p *Portal) correctionSave(w http.ResponseWriter, r *web.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.form").Because(err)
	}
	before, _, err := p.correction(w, r)
	if err != nil {
		return err
	}
	version, err := strconv.Atoi(r.PostForm.Get(page.NameVersion))
	if err != nil {
		return fault.New(fault.Invalid, "fault.form")
	}
	number, typed := before.Application.Number, p.typedCorrection(r, before)
	c, err := p.Filing.SaveCorrection(r.Context(), r.Actor, number, version, typed)
	if f, ok := fault.As(err); ok && (f.Kind == fault.Invalid || f.Key == filing.KeyMeanwhile) {
		es := p.fieldErrors(r, before.Form, f.Fields)
		if len(f.Fields) == 0 {
			es = page.Errors{{Text: p.Server.Text(r, f.Key, f.Args)}}
		}
		return p.showCorrection(w, r, before, typed, false, web.StatusOf(err), es)
	}
	if err != nil {
		return err
	}
	switch {
	case r.PostForm.Get(page.NameFind) != "" || r.PostForm.Get(nameRow) != "":
		return p.showCorrection(w, r, c, c.Application.Answers, false, http.StatusOK, nil)
	case r.PostForm.Get(page.NameGo) == page.GoLater:
		r.Flash("correction.saved")
		return p.Server.Go(w, r, applicationPath(r, number, correctionPath))
	}
	problems, err := p.Filing.CorrectionProblems(c)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return p.showCorrection(w, r, c, c.Application.Answers, false, http.StatusUnprocessableEntity, p.fieldErrors(r, c.Form, problems))
	}
	return p.Server.Go(w, r, applicationPath(r, number, correctionPath+"/sign"))
}

// correctionSignForm prepares the corrected application to be signed. What is still wrong leads back.
func (p *Portal) correctionSignForm(w http.ResponseWriter, r *web.Request) error {
	return p.showCorrectionSign(w, r, http.StatusOK, nil)
}

func (p *Portal) showCorrectionSign(w http.ResponseWriter, r *web.Request, status int, es page.Errors) error {
	number := r.PathValue("number")
	challenge, err := p.Filing.PrepareCorrection(r.Context(), r.Actor, r.Binding(), number)
	switch f, known := fault.As(err); {
	case fault.Is(err, filing.KeyNotCorrecting) && r.Method == http.MethodGet:
		return p.Server.Go(w, r, applicationPath(r, number, ""))
	case known && f.Kind == fault.Invalid:
		c, err := p.Filing.Correction(r.Context(), r.Actor, number)
		if err != nil {
			return err
		}
		return p.showCorrection(w, r, c, c.Application.Answers, false, http.StatusUnprocessableEntity, p.fieldErrors(r, c.Form, f.Fields))
	case err != nil:
		return err
	}
	c, err := p.Filing.Correction(r.Context(), r.Actor, number)
	if err != nil {
		return err
	}
	if c.Signed.Version != challenge.Version { // what is shown must be what is signed
		return fault.New(fault.Conflict, "filing.changed-after-signing")
	}
	title := r.Say.T("correction.sign-title")
	action := applicationPath(r, number, correctionPath+"/sign")
	v := signingView{
		Words: p.Server.Words(r.Lang), Errors: es, Heading: page.Heading{Caption: tr(r, c.Definition().Name), Text: title, Lead: r.Say.T("correction.sign-lead")},
		Box:  p.Signing.Box(r, challenge, action, signedSummary(p.summaryOf(r, c.Draft, challenge))),
		Back: page.Link{Text: r.Say.T("correction.back"), Href: applicationPath(r, number, correctionPath)},
	}
	return p.showStatus(w, r, status, p.Signing.Dress(p.wizardChrome(r, number, title)), signingPage(v))
}

// correctionSign hands the correction in with the signature that came.
func (p *Portal) correctionSign(w http.ResponseWriter, r *web.Request) error {
	number, nonce := r.PathValue("number"), r.URL.Query().Get(signing.NameChallenge)
	signature, err := p.Signing.Read(r, nonce)
	if fault.Is(err, mobile.KeyWaiting) {
		return p.Signing.StillWaiting(w, r, nonce)
	}
	if err == nil {
		_, err = p.Filing.SubmitCorrection(r.Context(), r.Actor, r.Binding(), number, filing.Submission{Nonce: nonce, CMS: signature})
	}
	if err == nil || fault.Is(err, "filing.signed-already") || fault.Is(err, filing.KeyNotCorrecting) {
		if err == nil {
			r.Flash("correction.done")
		}
		return p.Server.Go(w, r, applicationPath(r, number, ""))
	}
	es, ok := p.Signing.Errors(r, err)
	if fault.KindOf(err) == fault.NotFound || !ok {
		return err
	}
	return p.showCorrectionSign(w, r, web.StatusOf(err), es)
}
