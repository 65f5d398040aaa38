package portal

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"elicense/internal/fault"
	"elicense/internal/filing"
	"elicense/internal/lang"
	"elicense/internal/service"
	"elicense/internal/web"
	"elicense/internal/web/assets"
	"elicense/internal/web/page"
	"elicense/internal/web/signing"
)

// draftView is one page of the wizard.
type draftView struct {
	Words     *page.Words
	Progress  page.Progress
	Heading   page.Heading
	Errors    page.Errors
	Notice    *page.Banner // what changed since the form was sent
	Moved     *movedView   // what a new revision of the service changed
	Different *page.Table  // stored answers beside those of this tab
	Form      page.Form
	Fields    templ.Component
	End       page.WizardEnd
}

// shownPage is how a page of the wizard is to be shown.
type shownPage struct {
	page    service.Page
	values  map[string]string // what the fields hold
	base    string
	errors  page.Errors
	status  int
	notice  *page.Banner
	differs *page.Table
	still   bool // nothing is saved by itself: the values shown are not stored, and count when the person sends them
}

// draftForm shows a page of the wizard.
func (p *Portal) draftForm(w http.ResponseWriter, r *web.Request) error {
	d, ok, err := p.open(w, r)
	if !ok || err != nil {
		return err
	}
	pg, err := d.Page(r.PathValue("page"))
	if err != nil && len(d.Moves) > 0 { // a new revision has no such page
		return p.Server.Go(w, r, applicationPath(r, d.Application.Number, "/"+stepCheck))
	}
	if err != nil {
		return err
	}
	if !d.Shows(pg) { // it hangs on answers that were changed, or on another operation
		return p.Server.Go(w, r, applicationPath(r, d.Application.Number, "/"+stepCheck))
	}
	if kept, ok := r.Kept(); ok {
		return p.showKept(w, r, d, pg, kept)
	}
	s := shownPage{page: pg, values: d.Application.Answers, base: d.Base(pg), status: http.StatusOK}
	if r.URL.Query().Get("changed") != "" {
		s.notice = &page.Banner{Kind: page.Info, Text: r.Say.T("filing.fields-changed")}
	}
	return p.showDraft(w, r, d, s)
}

// fromCheck says that the reader came to mend something and goes back to the check afterwards.
func fromCheck(r *web.Request) bool { return r.URL.Query().Get("from") == stepCheck }

// showDraft shows a page of the wizard with the values given.
func (p *Portal) showDraft(w http.ResponseWriter, r *web.Request, d filing.Draft, s shownPage) error {
	progress, err := p.progress(r, d, s.page.Key)
	if err != nil {
		return err
	}
	words, number := p.Server.Words(r.Lang), d.Application.Number
	title, hint := tr(r, s.page.Title), tr(r, s.page.Hint)
	action := applicationPath(r, number, "/pages/"+s.page.Key)
	autosave := action + "/autosave"
	if fromCheck(r) {
		action += "?from=" + stepCheck
	}
	moved, err := p.movedOf(r, d)
	if err != nil {
		return err
	}
	s.page = markNew(r, d, s.page)
	v := draftView{
		Words: words, Progress: progress, Moved: moved, Heading: page.Heading{Caption: tr(r, d.Definition().Name), Text: title, Lead: hint},
		Errors: s.errors, Notice: s.notice, Different: s.differs, Fields: p.fieldsOf(r, d, s),
		Form: page.Form{Action: action, CSRF: r.CSRF(), Version: s.base, Default: words.Next, Autosave: autosave},
		End:  page.WizardEnd{First: len(progress.Steps) > 0 && progress.Steps[0].State == page.StepCurrent, Later: true},
	}
	if s.still {
		v.Form.Autosave = ""
	}
	if fromCheck(r) {
		v.End.Next = r.Say.T("filing.save-and-check")
		v.Form.Default = v.End.Next
	}
	c := p.wizardChrome(r, number, title, assets.Autosave, assets.Combobox)
	return p.showStatus(w, r, s.status, c, draftPage(v))
}

// draftSave stores what was typed, well formed or not, and then goes where the button says.
func (p *Portal) draftSave(w http.ResponseWriter, r *web.Request) error {
	before, _, err := p.open(w, r)
	if err != nil {
		return err
	}
	in, pg, current, err := p.sent(r, before)
	if err != nil {
		return err
	}
	d, err := p.Filing.Save(r.Context(), r.Actor, before.Application.Number, in)
	if fault.Is(err, "filing.stale") && current {
		return p.showStale(w, r, d, pg, in, err)
	}
	if err != nil && !fault.Is(err, "filing.stale") {
		return err
	}
	if !current {
		r.Flash("filing.moved-saved")
		return p.Server.Go(w, r, pageAddress(r, d, pg.Key))
	}
	if err := p.movedOn(r, d); err != nil {
		return err
	}
	if len(d.Elsewhere) > 0 {
		r.Flash("filing.merged")
	}
	steps := p.steps(r, d)
	back, next := around(steps, pg.Key)
	if fromCheck(r) || next == "" { // nothing of the page is shown any more
		next = applicationPath(r, d.Application.Number, "/"+stepCheck)
	}
	if field := r.PostForm.Get(page.NameFind); field != "" {
		return p.goFind(w, r, d, field)
	}
	if action := r.PostForm.Get(nameRow); action != "" {
		return p.goRow(w, r, d, action)
	}
	switch r.PostForm.Get(page.NameGo) {
	case page.GoBack:
		if back == "" {
			back = applicationPath(r, d.Application.Number, "")
		}
		return p.Server.Go(w, r, back)
	case page.GoLater:
		r.Flash("filing.saved-for-later")
		return p.Server.Go(w, r, r.Link("/applications"))
	case goCompare:
		return p.Server.Go(w, r, r.URL.RequestURI())
	}
	if anchor := appeared(before, d, pg); anchor != "" {
		again := signing.WithQuery(r.URL.RequestURI(), "changed", "1")
		return p.Server.Go(w, r, again+"#"+page.FieldID(anchor))
	}
	problems, err := p.Filing.Check(d, pg.Key)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return p.showDraft(w, r, d, shownPage{page: pg, values: d.Application.Answers, base: d.Base(pg),
			errors: p.fieldErrors(r, d.Form, problems), status: http.StatusUnprocessableEntity})
	}
	return p.Server.Go(w, r, next)
}

// sent takes a page out of the form that was sent, as the person saw it: current is false where that was the form of an
// older revision.
func (p *Portal) sent(r *web.Request, d filing.Draft) (in filing.Save, pg service.Page, current bool, err error) {
	if err := r.ParseForm(); err != nil {
		return in, pg, false, fault.New(fault.Invalid, "fault.form").Because(err)
	}
	in = filing.Save{Page: r.PathValue("page"), Base: r.PostForm.Get(page.NameVersion)}
	if pg, current, err = p.Filing.Asked(r.Context(), d, in); err != nil {
		return in, pg, current, err
	}
	in.Values, err = p.typed(r, d, pg)
	return in, pg, current, err
}

// pageAddress is a page of the wizard, or the check where a new revision has no such page.
func pageAddress(r *web.Request, d filing.Draft, key string) string {
	if _, err := d.Page(key); err != nil {
		return applicationPath(r, d.Application.Number, "/"+stepCheck)
	}
	return applicationPath(r, d.Application.Number, "/pages/"+key)
}

// goFind shows the page again with what the directory has for the words typed: all answers are stored already.
func (p *Portal) goFind(w http.ResponseWriter, r *web.Request, d filing.Draft, field string) error {
	q := url.Values{page.NameFind: {field}, "q": {strings.TrimSpace(r.PostForm.Get(field + ".q"))}}
	if fromCheck(r) {
		q.Set("from", stepCheck)
	}
	address := applicationPath(r, d.Application.Number, "/pages/"+r.PathValue("page"))
	return p.Server.Go(w, r, address+"?"+q.Encode()+"#"+page.FieldID(field))
}

// appeared names the first field of the page that an answer given just now brought up: without a script the reader has
// not seen it yet.
func appeared(before, after filing.Draft, pg service.Page) string {
	for _, f := range pg.Fields {
		if after.Visible[f.Key] && !before.Visible[f.Key] {
			return f.Key
		}
	}
	return ""
}

// autosaved answers the script that saves while the reader types.
type autosaved struct {
	Version string `json:"version,omitempty"`
	Message string `json:"message"`
	Href    string `json:"href,omitempty"`
	// Compare is the value of a button page.NameGo that sends the form to see both sides.
	Compare string `json:"compare,omitempty"`
}

// autosave stores a page while it is being typed. A field that changed elsewhere too is not overwritten: the reader is
// offered a button that sends the form and shows both sides, with everything typed still in it.
func (p *Portal) autosave(w http.ResponseWriter, r *web.Request) error {
	before, _, err := p.open(w, r)
	if err != nil {
		return err
	}
	in, pg, current, err := p.sent(r, before)
	if err != nil {
		return err
	}
	d, err := p.Filing.Save(r.Context(), r.Actor, before.Application.Number, in)
	if !current && (err == nil || fault.Is(err, "filing.stale")) {
		return answerJSON(w, http.StatusConflict, autosaved{Message: r.Say.T("filing.moved-saved"), Href: pageAddress(r, d, pg.Key)})
	}
	if fault.Is(err, "filing.stale") {
		return answerJSON(w, http.StatusConflict, autosaved{Message: p.staleWords(r, d, err), Href: "#" + endID, Compare: goCompare})
	}
	if err != nil {
		return err
	}
	at := p.World.Now().In(lang.Almaty()).Format("15:04")
	return answerJSON(w, http.StatusOK, autosaved{Version: d.Shown(pg, in), Message: r.Say.T("wizard.saved", "time", at)})
}

// endID is the row of buttons under a page of the wizard.
const endID = "wizard-end"

func answerJSON(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the reader went away: nothing to do about it
	return nil
}

// fieldsOf are the questions of a page of the wizard, with the results of the button Find where it was pressed.
func (p *Portal) fieldsOf(r *web.Request, d filing.Draft, s shownPage) templ.Component {
	find := findState{}
	for _, field := range s.page.Fields {
		if key := r.URL.Query().Get(page.NameFind); key == field.Key && r.Method == http.MethodGet {
			list, message := p.searchDirectory(r, d.Form, field, r.URL.Query().Get("q"))
			find = findState{Field: key, Results: list, Message: message}
		}
	}
	lookup := r.Link("/directories/" + d.Application.Service)
	return p.fields(r, d.Form, d.Form.Offering(s.page, d.Facts), s.values, d.Visible, d.Application.Sources, s.errors, lookup, find, d.Kept())
}

// typed takes a page's answers out of the form that was sent. A field that the form did not show keeps what is stored:
// nothing is lost when a choice hides it and another brings it back.
func (p *Portal) typed(r *web.Request, d filing.Draft, pg service.Page) (map[string]string, error) {
	if err := r.ParseForm(); err != nil {
		return nil, fault.New(fault.Invalid, "fault.form").Because(err)
	}
	values := p.readPage(r, d.Form, pg)
	for _, field := range pg.Fields {
		sent := r.PostForm.Has(field.Key) || r.PostForm.Has(field.Key+".q") || r.PostForm.Has(field.Key+listSent)
		box := field.Type == service.TypeConfirm && d.Visible[field.Key]
		if !sent && !box {
			delete(values, field.Key)
		}
	}
	return values, nil
}
