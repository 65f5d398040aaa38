package portal

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"elicense/internal/documents"
	"elicense/internal/fault"
	"elicense/internal/port"
	"elicense/internal/web"
	"elicense/internal/web/page"
	"elicense/internal/web/signing"
)

// Bounds of an upload, in bytes. A document over the limit is read to its end (and thrown away) up to uploadBody, because
// a browser that is still sending does not read the page that says so.
const (
	uploadBody = 4 * documents.MaxSize
)

// newDocument is what was typed beside the file.
type newDocument struct{ name string }

// uploadView is the form for a new document.
type uploadView struct {
	Title  string
	Form   page.Form
	Name   page.TextField
	File   page.FileField
	Button string
}

// uploadForm makes the form for a new document. The token travels in the address: the body is a stream.
func (p *Portal) uploadForm(r *web.Request, action string, typed newDocument, es page.Errors) uploadView {
	return uploadView{
		Title: r.Say.T("filing.new-document"), Button: r.Say.T("filing.upload"),
		Form: page.Form{ID: "upload", Action: signing.WithQuery(action, page.NameCSRF, r.CSRF()), CSRF: r.CSRF(), Multipart: true},
		Name: page.TextField{Field: page.Field{Name: "name", Label: r.Say.T("filing.document-name"), Hint: r.Say.T("filing.document-name-hint"), Value: typed.name, Error: es.For("name")}, MaxLength: documents.MaxName},
		File: page.FileField{Field: page.Field{Name: "file", Label: r.Say.T("filing.file"), Hint: r.Say.T("filing.file-hint", "size", r.Say.Size(documents.MaxSize), "kinds", strings.ToUpper(strings.Join(documents.Endings(), ", "))), Required: true, Error: es.For("file")},
			Accept: "." + strings.Join(documents.Endings(), ",.")},
	}
}

// clipName shortens a suggested name to what a name may be.
func clipName(s string) string {
	if utf8.RuneCountInString(s) <= documents.MaxName {
		return s
	}
	return strings.TrimSpace(string([]rune(s)[:documents.MaxName-1])) + "…"
}

// takeUpload streams the file of an upload form into the personal store; typed is what to show again when it fails.
func (p *Portal) takeUpload(r *web.Request) (stored port.StoredDocument, typed newDocument, err error) {
	defer drain(r)
	parts, err := r.MultipartReader()
	if err != nil {
		return stored, typed, fault.New(fault.Invalid, "fault.form").Because(err)
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return stored, typed, fault.At("file", "filing.file-missing")
		}
		if err != nil {
			return stored, typed, streamFault(err)
		}
		switch part.FormName() {
		case "name":
			text, err := io.ReadAll(io.LimitReader(part, 8<<10))
			if err != nil {
				return stored, typed, streamFault(err)
			}
			typed.name = strings.TrimSpace(strings.ToValidUTF8(string(text), ""))
			if utf8.RuneCountInString(typed.name) > documents.MaxName {
				return stored, typed, &fault.Fault{Kind: fault.Invalid, Key: "fault.fields", Fields: []fault.Field{
					{Path: "name", Key: "field.too-long", Args: fault.Args{"max": strconv.Itoa(documents.MaxName)}}}}
			}
		case "file":
			stored, err = p.storeFile(r, part, typed.name)
			return stored, typed, err
		}
	}
}

func (p *Portal) storeFile(r *web.Request, part *multipart.Part, name string) (port.StoredDocument, error) {
	if part.FileName() == "" {
		return port.StoredDocument{}, fault.At("file", "filing.file-missing")
	}
	stored, err := p.Documents.Upload(r.Context(), r.Actor, documents.Upload{Name: name, File: part.FileName(), Content: part})
	if f, ok := fault.As(err); ok && f.Kind == fault.TooLarge && len(f.Fields) == 0 {
		return stored, &fault.Fault{Kind: fault.TooLarge, Key: f.Key, Fields: []fault.Field{{Path: "file", Key: "filing.file-too-large",
			Args: fault.Args{"size": r.Say.Size(documents.MaxSize)}}}, Cause: f}
	}
	if err != nil {
		return stored, streamFault(err)
	}
	return stored, nil
}

// streamFault tells a body that is too large, or broken off, from a fault of the store.
func streamFault(err error) error {
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return &fault.Fault{Kind: fault.TooLarge, Key: "fault.too-large", Fields: []fault.Field{{Path: "file", Key: "fault.too-large"}}, Cause: err}
	}
	if f, ok := fault.As(err); ok {
		return f
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fault.New(fault.Invalid, "fault.form").Because(err)
	}
	return err
}

// drain reads what is left of a body, so that the browser comes to read the answer.
func drain(r *web.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // whether it ends well does not matter any more
}

// storeView is the personal store of the cabinet.
type storeView struct {
	Words   *page.Words
	Heading page.Heading
	Errors  page.Errors
	Files   []storedFile
	Empty   page.Empty
	Upload  uploadView
}

// storedFile is one document with the way to delete it.
type storedFile struct {
	File   page.File
	Delete page.Form
	Ask    string // the word that opens the question
	Text   string // the question
	Button page.Button
}

// store shows the personal store: documents that later applications use again.
func (p *Portal) store(w http.ResponseWriter, r *web.Request) error {
	return p.showStore(w, r, http.StatusOK, newDocument{}, nil)
}

func (p *Portal) showStore(w http.ResponseWriter, r *web.Request, status int, typed newDocument, es page.Errors) error {
	list, err := p.Documents.List(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	title := r.Say.T("nav.my-documents")
	v := storeView{
		Words: p.Server.Words(r.Lang), Heading: page.Heading{Text: title, Lead: r.Say.T("filing.store-lead")}, Errors: es,
		Empty:  page.Empty{Title: r.Say.T("filing.store-empty"), Text: r.Say.T("filing.store-empty-text")},
		Upload: p.uploadForm(r, r.Link("/documents/upload"), typed, es),
	}
	for _, d := range list {
		v.Files = append(v.Files, storedFile{
			File:   page.File{Name: d.Name, Href: r.Link("/documents/" + d.ID), Note: fileNote(r, d)},
			Delete: page.Form{Action: r.Link("/documents/" + d.ID + "/delete"), CSRF: r.CSRF()},
			Ask:    r.Say.T("filing.store-delete"), Text: r.Say.T("filing.store-delete-text"),
			Button: page.Button{Text: r.Say.T("filing.store-delete-yes"), Kind: page.Danger, About: d.Name},
		})
	}
	return p.showStatus(w, r, status, p.Chrome(r, title), storePage(v))
}

// fileNote says file name, size and day of a stored document.
func fileNote(r *web.Request, d port.StoredDocument) string {
	return d.File + ", " + r.Say.Size(d.Size) + ", " + r.Say.Time(d.CreatedAt)
}

// storeUpload adds a document to the personal store.
func (p *Portal) storeUpload(w http.ResponseWriter, r *web.Request) error {
	_, typed, err := p.takeUpload(r)
	if es, ok := p.errorsOf(r, err); ok && err != nil {
		return p.showStore(w, r, web.StatusOf(err), typed, es)
	}
	if err != nil {
		return err
	}
	r.Flash("filing.stored")
	return p.Server.Go(w, r, r.Link("/documents"))
}

// storeDownload gives a document back to its owner, as a file and never as a page of ours.
func (p *Portal) storeDownload(w http.ResponseWriter, r *web.Request) error {
	d, content, err := p.Documents.Open(r.Context(), r.Actor, r.PathValue("id"))
	if err != nil {
		return err
	}
	return p.Server.File(w, r, web.File{Name: d.File, Type: d.Type, Size: d.Size}, content)
}

// attachedDownload gives an attached document, also when it has left the personal store since.
func (p *Portal) attachedDownload(w http.ResponseWriter, r *web.Request) error {
	d, content, err := p.Documents.OpenAttached(r.Context(), r.Actor, r.PathValue("number"), r.PathValue("key"))
	if err != nil {
		return err
	}
	return p.Server.File(w, r, web.File{Name: d.File, Type: d.Type, Size: d.Size}, content)
}

// storeDelete takes a document out of the store; applications to which it is attached keep it.
func (p *Portal) storeDelete(w http.ResponseWriter, r *web.Request) error {
	if err := p.Documents.Delete(r.Context(), r.Actor, r.PathValue("id")); err != nil {
		return err
	}
	r.Flash("filing.store-deleted")
	return p.Server.Go(w, r, r.Link("/documents"))
}
