// Package signing is the part of a page that asks for a signature, on both portals: it shows what is signed, offers the ways
// of signing, and takes the signature.
package signing

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"elicense/internal/account"
	"elicense/internal/fault"
	"elicense/internal/mobile"
	"elicense/internal/port"
	"elicense/internal/signdoc"
	"elicense/internal/web"
	"elicense/internal/web/assets"
	"elicense/internal/web/page"
)

// Signing holds what the part needs.
type Signing struct {
	Server *web.Server
	// Agent is the WebSocket address of NCALayer as the visitor's browser reaches it.
	Agent string
	// Signer is the origin of the page that signs with a key file; empty where there is none.
	Signer string
	// Office says that the pages are those of the internal portal.
	Office bool
	// Demo is the folder with the keys of a demonstration on this machine; empty in production.
	Demo string
	// Waiting gives the challenge that a browser session asked for.
	Waiting func(ctx context.Context, session, nonce string) (port.Challenge, error)
	Phone   *Phone // nil = telephones are not offered
}

// Limits of a signature that is sent, in bytes: of the file itself, and of the body with everything around it.
const (
	MaxCMS  = 256 << 10
	MaxBody = 2 * MaxCMS
)

// forOffice tells the page that signs with a key file which portal shows it (see web/signer).
const forOffice = "office"

// usageSigning asks NCALayer for keys that sign (RFC 5280, emailProtection; the NCA's signing keys have it, its old
// authentication keys do not).
const usageSigning = "1.3.6.1.5.5.7.3.4"

// Routes serve the signing part of every page.
func (s *Signing) Routes() []web.Route {
	all := []web.Route{{Pattern: "GET /{lang}/sign/{nonce}/document", Policy: web.Public, Handle: s.document, PerMinute: 60}}
	if s.Phone != nil {
		all = append(all, s.phoneRoutes()...)
	}
	return all
}

// way is one way of signing on a page.
type way struct {
	Anchor string // of its heading
	Title  string
	Suits  string // for whom it is
	Body   templ.Component
}

// view is what the signing part of a page shows.
type view struct {
	Words   *page.Words
	Facts   []page.Row
	Summary templ.Component
	Ways    []way
	Panel   page.Signing
	Outside []outsideDoc
	Upload  page.Form
	T       func(key string, kv ...string) string
}

// Doc is a document to be signed with what it is called where there are several.
type Doc struct {
	Challenge port.Challenge
	Name      string
}

// outsideDoc is a document that is signed outside the page, with where its signature is put.
type outsideDoc struct {
	Link     page.Link
	Name     string
	File     page.FileField
	Paste    page.AreaField
	Commands []string // for a console, in a demonstration
}

// Box is the part of a page that shows what is signed and takes the signature: by NCALayer, with a key file, on a telephone
// where it is offered for the purpose, or made outside the page and uploaded. Every way posts to action in the end, with the nonces
// at NameChallenge; see Read. summary may be nil.
// The page needs Dress and a route whose Body is MaxBody.
func (s *Signing) Box(r *web.Request, c port.Challenge, action string, summary templ.Component) templ.Component {
	return s.BoxAll(r, []Doc{{Challenge: c}}, action, summary, nil)
}

// BoxAll is Box for several documents that one person signs at once: NCALayer signs them in one dialogue, a key file with one
// opening and a telephone after one scan; outside the page each has a place for its signature; see ReadAll. The page needs a route
// whose Body is MaxBody for each document; es has the errors of single signatures at NameOf.
func (s *Signing) BoxAll(r *web.Request, docs []Doc, action string, summary templ.Component, es page.Errors) templ.Component {
	v := view{Words: s.Server.Words(r.Lang), Summary: summary, T: r.Say.T}
	var payload, nonces []string
	var documents []signdoc.Document
	for i, d := range docs {
		doc, err := signdoc.Parse(d.Challenge.Content)
		if err != nil {
			return templ.ComponentFunc(func(context.Context, io.Writer) error { return err })
		}
		payload, nonces, documents = append(payload, base64.StdEncoding.EncodeToString(d.Challenge.Content)), append(nonces, d.Challenge.Nonce), append(documents, doc)
		v.Outside = append(v.Outside, s.outsideDoc(r, d, doc, i, len(docs), es))
	}
	all, first := strings.Join(payload, ","), documents[0]
	action = WithQuery(action, NameChallenge, strings.Join(nonces, betweenNonces))
	v.Upload = page.Form{Action: WithQuery(action, page.NameCSRF, r.CSRF()), CSRF: r.CSRF(), Multipart: true}
	v.Facts = Facts(r, documents...)
	v.Panel = page.Signing{
		Action: action, CSRF: r.CSRF(), Address: s.Agent, Payload: all,
		Purposes: usageSigning, IIN: first.IIN, BIN: first.BIN, Locale: string(r.Lang), Demo: s.Demo != "",
		Title: r.Say.T("sign.ncalayer"), Text: r.Say.T("sign.ncalayer-text"), Button: r.Say.T("sign.ncalayer-button"),
		NoScript: r.Say.T("sign.ncalayer-no-script"),
	}
	if s.Demo != "" {
		v.Panel.Chain = "[]" // the demonstration's authority is none of NCALayer's chains
	}
	v.Ways = []way{{Anchor: page.SignAnchor, Title: v.Panel.Title, Suits: r.Say.T("sign.ncalayer-suits"), Body: page.SignPanel(v.Words, v.Panel)}}
	if inPage := s.inPage(r, all); inPage != nil {
		v.Ways = append(v.Ways, way{Anchor: page.SignerAnchor, Title: inPage.Title, Suits: r.Say.T("signer.panel-suits"), Body: page.SignerPanel(*inPage)})
	}
	if s.Phone != nil && mobile.Offers(first.Purpose) {
		v.Ways = append(v.Ways, s.phoneWay(r, strings.Join(nonces, betweenNonces)))
	}
	v.Ways = append(v.Ways, way{Anchor: "sign-outside", Title: r.Say.T("sign.outside"), Suits: r.Say.T("sign.outside-suits"), Body: outside(v)})
	return parts(v)
}

// NameOf is the field that carries the signature of one of several documents that are signed outside the page.
func NameOf(i, of int) string {
	if of == 1 {
		return page.NameCMS
	}
	return page.NameCMS + "." + strconv.Itoa(i+1)
}

func (s *Signing) outsideDoc(r *web.Request, d Doc, doc signdoc.Document, i, of int, es page.Errors) outsideDoc {
	name, field := documentName(d.Challenge), NameOf(i, of)
	out := outsideDoc{
		Link: page.Link{Text: name, Href: r.Link("/sign/" + d.Challenge.Nonce + "/document")}, Name: d.Name,
		File:  page.FileField{Field: page.Field{ID: "f-cms-file", Name: field, Label: r.Say.T("sign.file"), Hint: r.Say.T("sign.file-hint")}, Accept: ".cms,.p7s,.sig,.pem"},
		Paste: page.AreaField{Field: page.Field{Name: field, Label: r.Say.T("sign.paste"), Hint: r.Say.T("sign.paste-hint"), Error: es.For(field)}, Rows: 4},
	}
	if of > 1 {
		out.File.ID += "-" + strconv.Itoa(i+1)
		out.File.Label += ": " + d.Name
		out.Paste.Label += ": " + d.Name
	}
	if s.Demo != "" {
		out.Commands = opensslCommand(s.Demo, doc, name)
	}
	return out
}

// inPage is the part that signs in the page; nil where the installation has no signer.
func (s *Signing) inPage(r *web.Request, payload string) *page.InPage {
	if s.Signer == "" {
		return nil
	}
	frame := s.Signer + r.Link("/")
	if s.Office {
		frame += "?" + forOffice
	}
	return &page.InPage{
		Origin: s.Signer, Frame: frame, Payload: payload,
		Title: r.Say.T("signer.panel"), Text: r.Say.T("signer.panel-text"), Button: r.Say.T("signer.panel-button"), FrameTitle: r.Say.T("signer.title"),
		NoScript: r.Say.T("signer.panel-no-script"), Unavailable: r.Say.T("signer.panel-unavailable"), Sending: r.Say.T("signer.signed"),
	}
}

// Dress adds the scripts of the part to a page, and lets it show the signer's frame.
func (s *Signing) Dress(c *page.Chrome) *page.Chrome {
	c.Files.Scripts = append(c.Files.Scripts, s.Server.Assets.Href(assets.Sign))
	if s.Signer != "" {
		c.Frame = s.Signer
		c.Files.Scripts = append(c.Files.Scripts, s.Server.Assets.Href(assets.SignerFrame))
	}
	return c
}

// Facts says in words what the bytes say: what for, where, for whom, until when; of documents that are signed together, which
// differ in what they are about.
func Facts(r *web.Request, documents ...signdoc.Document) []page.Row {
	doc, about := documents[0], make([]string, len(documents))
	for i, d := range documents {
		about[i] = d.Application
	}
	doc.Application = strings.Join(about, ", ")
	rows := []page.Row{{Name: r.Say.T("sign.purpose"), Value: r.Say.T("sign.purpose." + string(doc.Purpose))}}
	add := func(key, value string) {
		if value != "" {
			rows = append(rows, page.Row{Name: r.Say.T(key), Value: value})
		}
	}
	if doc.Purpose == signdoc.Act {
		add("permits.id", doc.Application) // an act is about a permit
	} else {
		add("sign.application", doc.Application)
	}
	add("sign.bin", doc.BIN)
	add("sign.iin", doc.IIN)
	add("sign.origin", doc.Origin)
	add("sign.expires", r.Say.Time(doc.Expires))
	return rows
}

// documentName is the file name of the document to be signed.
func documentName(c port.Challenge) string {
	return "elicense-" + c.Purpose + "-" + c.Nonce[:min(8, len(c.Nonce))] + ".json"
}

// opensslCommand signs the document with the demonstration's keys, which lie in a folder of this machine.
func opensslCommand(keys string, doc signdoc.Document, name string) []string {
	if full, err := filepath.Abs(keys); err == nil {
		keys = full // the command is typed in another folder
	}
	owner := doc.IIN
	if doc.BIN != "" {
		owner += "-" + doc.BIN + "-*"
	}
	signer := filepath.Join(keys, "IIN")
	if found, err := filepath.Glob(filepath.Join(keys, owner+".key.pem")); err == nil && owner != "" && len(found) > 0 {
		signer = strings.TrimSuffix(found[0], ".key.pem")
	}
	return []string{fmt.Sprintf("openssl cms -sign -cades -md sha256 -binary -in %s -signer %s.pem -inkey %s.key.pem -outform DER -out %s",
		name, signer, signer, strings.TrimSuffix(name, ".json")+".cms")}
}

// WithQuery adds a value to an address of this portal.
func WithQuery(address, name, value string) string {
	path, query, _ := strings.Cut(address, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		values = url.Values{}
	}
	values.Set(name, value)
	return path + "?" + values.Encode()
}

// document gives the exact bytes that are to be signed to the browser session that asked for them.
func (s *Signing) document(w http.ResponseWriter, r *web.Request) error {
	c, err := s.Waiting(r.Context(), r.Binding(), r.PathValue("nonce"))
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Disposition", `attachment; filename="`+documentName(c)+`"`)
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(c.Content) // the reader went away: nothing to do about it
	return nil
}

// NameChallenge carries the nonces of the documents that were signed, in the address of the signing form.
const NameChallenge = "challenge"

// betweenNonces parts the nonces of documents that are signed together, in addresses.
const betweenNonces = "."

// Nonces gives the nonces that an address names.
func Nonces(text string) []string { return strings.Split(text, betweenNonces) }

// Read takes the signature of a challenge out of a form that Box made: the hidden field that NCALayer fills, a pasted text, or
// an uploaded file; it may be DER, PEM or base64. The form of the page with the code brings word that the telephone has it:
// then faults are those of mobile.Mobile.Collect, see StillWaiting. Other faults stand at the field page.NameCMS.
func (s *Signing) Read(r *web.Request, nonce string) ([]byte, error) {
	all, err := s.ReadAll(r, []string{nonce})
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// ReadAll takes the signatures of several challenges, in their order, out of a form that BoxAll made: all in the hidden field that
// NCALayer fills, each in a field of its own, or from the telephone. Faults stand at NameOf, or at page.NameCMS where it is not known
// of which.
func (s *Signing) ReadAll(r *web.Request, nonces []string) ([][]byte, error) {
	of := len(nonces)
	if err := parse(r, of); err != nil {
		return nil, err
	}
	if s.Phone != nil && r.PostForm.Get(namePhone) != "" {
		return s.Phone.Sign.Collect(r.Context(), r.Binding(), nonces)
	}
	if text := strings.TrimSpace(r.PostForm.Get(page.NameCMS)); text != "" {
		list := strings.Split(text, ",")
		if len(list) != of {
			return nil, fault.At(page.NameCMS, "sign.missing")
		}
		all := make([][]byte, of)
		for i, one := range list {
			if len(one) > MaxCMS*3/2 {
				return nil, fault.At(page.NameCMS, "signature.too-large")
			}
			all[i] = []byte(strings.TrimSpace(one))
		}
		return all, nil
	}
	all := make([][]byte, of)
	var wrong []fault.Field
	for i := range all {
		var err error
		if all[i], err = taken(r, NameOf(i, of)); err == nil {
			continue
		}
		f, known := fault.As(err)
		if !known {
			return nil, err
		}
		wrong = append(wrong, f.Fields...)
	}
	return all, fault.Fields(wrong)
}

// parse reads a form with so many signatures.
func parse(r *web.Request, of int) error {
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		if err := r.ParseMultipartForm(int64(of) * MaxBody); err != nil { // everything fits into memory
			return formFault(err)
		}
		return nil
	}
	if err := r.ParseForm(); err != nil {
		return formFault(err)
	}
	return nil
}

// taken gives the signature of one field: pasted or uploaded.
func taken(r *web.Request, name string) ([]byte, error) {
	for _, text := range r.PostForm[name] { // a browser sends a file that was not chosen as an empty value before the text
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		if len(text) > MaxCMS*3/2 {
			return nil, fault.At(name, "signature.too-large")
		}
		return []byte(text), nil
	}
	if r.MultipartForm == nil {
		return nil, fault.At(name, "sign.missing")
	}
	files := r.MultipartForm.File[name]
	if len(files) == 0 || files[0].Size == 0 {
		return nil, fault.At(name, "sign.missing")
	}
	if files[0].Size > MaxCMS {
		return nil, fault.At(name, "signature.too-large")
	}
	f, err := files[0].Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // read only
	return io.ReadAll(f)
}

// formFault tells a body that is too large from one that cannot be read.
func formFault(err error) error {
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return fault.At(page.NameCMS, "signature.too-large")
	}
	return fault.New(fault.Invalid, "fault.form").Because(err)
}

// Errors are the errors of a signature in words; ok is false for a fault that is no matter of the signing page.
func (s *Signing) Errors(r *web.Request, err error) (page.Errors, bool) {
	f, known := fault.As(err)
	if !known || f.Kind == fault.Internal || f.Kind == fault.Unauthenticated || fault.Is(err, account.KeyUnknownChallenge) {
		return nil, false
	}
	return page.ErrorsOf(err, func(key string, args fault.Args) string {
		if key == account.KeyPending { // nothing was stored here: the same signature may be sent again
			key = "sign.pending"
		}
		return s.Server.Text(r, key, args)
	}), true
}
