package portal

import (
	"net/http"
	"net/url"
	"strconv"

	"elicense/internal/application"
	"elicense/internal/fault"
	"elicense/internal/filing"
	"elicense/internal/service"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// attachmentsView is the table of documents (manual of the trade licence, 3.2, step 7).
type attachmentsView struct {
	Words    *page.Words
	Progress page.Progress
	Heading  page.Heading
	Moved    *movedView // what a new revision of the service changed
	Errors   page.Errors
	Table    page.Table
	Form     page.Form
	End      page.WizardEnd
}

// rowActions are the paper-clip of a row, and the button that takes the file off again.
type rowActions struct {
	Sprite string
	Clip   page.Link
	About  string
	Remove string // address of the POST; empty = nothing is attached
	CSRF   string
	Word   string
}

// attachments shows the documents asked for and what is attached.
func (p *Portal) attachments(w http.ResponseWriter, r *web.Request) error {
	d, ok, err := p.open(w, r)
	if !ok || err != nil {
		return err
	}
	return p.showAttachments(w, r, d, http.StatusOK, nil)
}

func (p *Portal) showAttachments(w http.ResponseWriter, r *web.Request, d filing.Draft, status int, es page.Errors) error {
	progress, err := p.progress(r, d, stepDocuments)
	if err != nil {
		return err
	}
	moved, err := p.movedOf(r, d)
	if err != nil {
		return err
	}
	words, number, title := p.Server.Words(r.Lang), d.Application.Number, r.Say.T("wizard.attach")
	action := applicationPath(r, number, "/documents")
	if fromCheck(r) {
		action += "?from=" + stepCheck
	}
	v := attachmentsView{
		Words: words, Progress: progress, Moved: moved, Errors: es,
		Heading: page.Heading{Caption: tr(r, d.Definition().Name), Text: title, Lead: r.Say.T("filing.attach-lead")},
		Form:    page.Form{Action: action, CSRF: r.CSRF(), Default: words.Next},
		End:     page.WizardEnd{Later: true},
		Table: page.Table{ID: "documents", Caption: title, CaptionHidden: true, Stack: true, Columns: []page.Column{
			{Text: r.Say.T("table.no")}, {Text: r.Say.T("filing.document-name")}, {Text: r.Say.T("filing.mandatory")},
			{Text: r.Say.T("filing.file-name")}, {Text: r.Say.T("filing.actions"), Hidden: true},
		}},
	}
	for i, doc := range d.Required() {
		v.Table.Rows = append(v.Table.Rows, p.attachmentRow(r, d, i, doc))
	}
	return p.showStatus(w, r, status, p.wizardChrome(r, number, title), attachmentsPage(v))
}

func (p *Portal) attachmentRow(r *web.Request, d filing.Draft, i int, doc service.Asked) []page.Cell {
	number, name := d.Application.Number, tr(r, doc.Document.Name)
	mandatory := "filing.mandatory-no"
	if doc.Mandatory {
		mandatory = "filing.mandatory-yes"
	}
	address := applicationPath(r, number, "/documents/"+url.PathEscape(doc.Document.Key))
	actions := rowActions{Sprite: p.Server.Assets.Href("sprite.svg"), Clip: page.Link{Text: r.Say.T("filing.attach-file"), Href: address}, About: name, CSRF: r.CSRF(), Word: r.Say.T("page.remove")}
	file := page.Cell{Text: r.Say.T("filing.not-attached")}
	if at, ok := attachedUnder(d.Application, doc.Document.Key); ok {
		file = page.Cell{Text: at.File + " (" + r.Say.Size(at.Size) + ")", Href: address + "/file"}
		actions.Clip.Text, actions.Remove = r.Say.T("filing.attach-other"), address+"/remove"
	}
	return []page.Cell{
		{Text: strconv.Itoa(i + 1)}, {Text: name, Header: true}, {Text: r.Say.T(mandatory)}, file, {Body: attachmentActions(actions)},
	}
}

func attachedUnder(a application.Application, key string) (application.Attachment, bool) {
	for _, at := range a.Attached {
		if at.Key == key {
			return at, true
		}
	}
	return application.Attachment{}, false
}

// attachmentsNext goes on when every mandatory document is there.
func (p *Portal) attachmentsNext(w http.ResponseWriter, r *web.Request) error {
	d, _, err := p.open(w, r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.invalid").Because(err)
	}
	if err := p.movedOn(r, d); err != nil {
		return err
	}
	back, next := around(p.steps(r, d), stepDocuments)
	if fromCheck(r) {
		next = applicationPath(r, d.Application.Number, "/"+stepCheck)
	}
	switch r.PostForm.Get(page.NameGo) {
	case page.GoBack:
		return p.Server.Go(w, r, back)
	case page.GoLater:
		r.Flash("filing.saved-for-later")
		return p.Server.Go(w, r, r.Link("/applications"))
	}
	var es page.Errors
	for _, doc := range d.Required() {
		if _, ok := attachedUnder(d.Application, doc.Document.Key); doc.Mandatory && !ok {
			es = append(es, page.FieldError{ID: "documents", Text: r.Say.T("filing.document-missing", "name", tr(r, doc.Document.Name))})
		}
	}
	if len(es) > 0 {
		return p.showAttachments(w, r, d, http.StatusUnprocessableEntity, es)
	}
	return p.Server.Go(w, r, next)
}

// attachView is one row's page: the personal store, and a new document.
type attachView struct {
	Words   *page.Words
	Heading page.Heading
	Errors  page.Errors
	Choose  *page.ChoiceField // nil while the store is empty
	Empty   string
	Notice  *page.Banner
	Form    page.Form
	Title   string // above the store
	Button  string
	Upload  uploadView
	Back    page.Link
}

// draftDocument finds the draft and the row of its list of documents.
func (p *Portal) draftDocument(w http.ResponseWriter, r *web.Request) (d filing.Draft, doc service.Document, ok bool, err error) {
	if d, ok, err = p.corrects(r); !ok && err == nil {
		d, ok, err = p.open(w, r)
	}
	if err != nil || !ok && r.Method == http.MethodGet {
		return d, doc, false, err
	}
	for _, a := range d.Required() {
		if a.Document.Key == r.PathValue("key") {
			return d, a.Document, true, nil
		}
	}
	return d, doc, false, fault.New(fault.NotFound, "fault.not-found")
}

// attachForm lets the reader choose a stored document for the row, or upload a new one.
func (p *Portal) attachForm(w http.ResponseWriter, r *web.Request) error {
	d, doc, ok, err := p.draftDocument(w, r)
	if !ok || err != nil {
		return err
	}
	return p.showAttach(w, r, d, doc, http.StatusOK, newDocument{}, nil)
}

func (p *Portal) showAttach(w http.ResponseWriter, r *web.Request, d filing.Draft, doc service.Document, status int, typed newDocument, es page.Errors) error {
	stored, err := p.Documents.List(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	number, name := d.Application.Number, tr(r, doc.Name)
	address := applicationPath(r, number, "/documents/"+url.PathEscape(doc.Key))
	if typed.name == "" {
		typed.name = clipName(name)
	}
	v := attachView{
		Words: p.Server.Words(r.Lang), Heading: page.Heading{Caption: r.Say.T("wizard.attach"), Text: name, Lead: tr(r, doc.Hint)}, Errors: es,
		Title: r.Say.T("filing.store-choose"), Empty: r.Say.T("filing.store-empty"), Button: r.Say.T("filing.attach-chosen"),
		Form:   page.Form{Action: address, CSRF: r.CSRF()},
		Upload: p.uploadForm(r, address+"/upload", typed, es),
		Back:   page.Link{Text: r.Say.T("wizard.back"), Href: afterAttaching(r, d)},
	}
	at, _ := attachedUnder(d.Application, doc.Key)
	if chosen, ok := r.Kept(); ok {
		at.Document, v.Notice = chosen.Get("document"), keptNotice(r)
	}
	if len(stored) > 0 {
		v.Choose = &page.ChoiceField{Field: page.Field{Name: "document", Label: r.Say.T("filing.store-label"), Value: at.Document, Error: es.For("document")}}
		for _, s := range stored {
			v.Choose.Options = append(v.Choose.Options, page.Option{Value: s.ID, Text: s.Name, Hint: fileNote(r, s)})
		}
	}
	return p.showStatus(w, r, status, p.wizardChrome(r, number, name), attachPage(v))
}

// attach attaches a document of the personal store.
func (p *Portal) attach(w http.ResponseWriter, r *web.Request) error {
	d, doc, _, err := p.draftDocument(w, r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.invalid").Because(err)
	}
	id := r.PostForm.Get("document")
	if id == "" {
		return p.showAttach(w, r, d, doc, http.StatusUnprocessableEntity, newDocument{}, page.Errors{{Path: "document", Text: r.Say.T("filing.choose-document")}})
	}
	if err := p.attachTo(r, d, doc.Key, id); err != nil {
		return err
	}
	return p.Server.Go(w, r, afterAttaching(r, d))
}

// attachUpload stores a new document and attaches it to the row at once.
func (p *Portal) attachUpload(w http.ResponseWriter, r *web.Request) error {
	d, doc, _, err := p.draftDocument(w, r)
	if err != nil {
		drain(r)
		return err
	}
	stored, typed, err := p.takeUpload(r)
	if es, ok := p.errorsOf(r, err); ok && err != nil {
		return p.showAttach(w, r, d, doc, web.StatusOf(err), typed, es)
	}
	if err != nil {
		return err
	}
	if err := p.attachTo(r, d, doc.Key, stored.ID); err != nil {
		return err
	}
	return p.Server.Go(w, r, afterAttaching(r, d))
}

// detach takes the file of a row off; it stays in the personal store.
func (p *Portal) detach(w http.ResponseWriter, r *web.Request) error {
	d, doc, _, err := p.draftDocument(w, r)
	if err != nil {
		return err
	}
	if err := p.Filing.Detach(r.Context(), r.Actor, d.Application.Number, doc.Key); err != nil {
		return err
	}
	r.Flash("filing.detached")
	return p.Server.Go(w, r, applicationPath(r, d.Application.Number, "/documents"))
}
