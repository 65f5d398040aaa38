package portal

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/permit"
	"elicense/internal/register"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// maxChecked bounds a file given for checking, in bytes; it is hashed as it arrives and never stored.
const maxChecked = 20 << 20

// checksPerMinute is how often one address may ask: numbers must not be tried out.
const checksPerMinute = 30

// checkRoutes are the public check of permits: by number, by the QR code, by the file itself.
func (p *Portal) checkRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET /{lang}/check", Policy: web.Public, Handle: p.checkForm, Page: "check", PerMinute: checksPerMinute},
		{Pattern: "GET /{lang}/check/{number}", Policy: web.Public, Handle: p.checkNumber, Page: "check-number", PerMinute: checksPerMinute},
		{Pattern: "GET /{lang}/check/{number}/{code}", Policy: web.Public, Handle: p.checkNumber, Page: "check-code", PerMinute: checksPerMinute},
		{Pattern: "GET /{lang}/check/{number}/{code}/document/{doclang}", Policy: web.Public, Handle: p.checkDocument, PerMinute: checksPerMinute},
		{Pattern: "GET /{lang}/check/{number}/{code}/appendices/{appendix}/document/{doclang}", Policy: web.Public, Handle: p.checkAppendix, PerMinute: checksPerMinute},
		{Pattern: "POST /{lang}/check/file", Policy: web.Public, Handle: p.checkFile, Body: maxChecked + 1<<20, PerMinute: checksPerMinute},
		// The address in the QR code, /c/NUMBER/CODE. Its first part is a wildcard because the mux orders patterns by which
		// is more general, and /c/… would be neither against /{lang}/….
		{Pattern: "GET /{short}/{number}/{code}", Policy: web.Public, Handle: p.checkQR, PerMinute: checksPerMinute},
	}
}

// checkFormView is the page that asks what to check.
type checkFormView struct {
	Words   *page.Words
	Heading page.Heading
	Errors  page.Errors
	Action  string
	Number  page.TextField
	Button  string
	QRTitle string
	QRText  string
	Title   string
	File    page.FileField
	Form    page.Form
	Upload  string
}

// checkView is the answer: about a permit, or that there is none. Both have the same shape.
type checkView struct {
	Words      *page.Words
	Heading    page.Heading
	State      page.Tag
	Notice     page.Banner
	Rows       []page.Row
	Files      []page.Button
	BoxTitle   string
	Boxes      []page.Row
	Appendices []web.PermitPart
	AsOf       *web.AsOf
	Hint       string
	Again      page.Button
	FilesName  string
}

// checkForm asks for a number or a file. A number in the address's query leads on to its page.
func (p *Portal) checkForm(w http.ResponseWriter, r *web.Request) error {
	typed := strings.TrimSpace(r.URL.Query().Get("number"))
	if typed == "" {
		if r.URL.Query().Has("number") {
			return p.checkAgain(w, r, fault.At("number", "check.number-missing"), "")
		}
		return p.checkAgain(w, r, nil, "")
	}
	number, err := documentNumber(typed)
	if err != nil {
		return p.checkAgain(w, r, fault.At("number", "check.number"), typed)
	}
	return p.Server.Go(w, r, r.Link("/check/"+url.PathEscape(number)))
}

// checkAgain shows the form, with what was wrong.
func (p *Portal) checkAgain(w http.ResponseWriter, r *web.Request, problem error, typed string) error {
	errs, ok := p.errorsOf(r, problem)
	if problem != nil && !ok {
		return problem
	}
	title := r.Say.T("nav.check")
	c := p.Chrome(r, title)
	c.Breadcrumbs = trail(r, title)
	belongsTo(c, r.Link("/check"))
	languagesAt(c, "/check")
	status := http.StatusOK
	if problem != nil {
		status = web.StatusOf(problem)
	}
	return p.showStatus(w, r, status, c, checkFormPage(p.checkFormView(r, errs, typed)))
}

func (p *Portal) checkFormView(r *web.Request, errs page.Errors, typed string) checkFormView {
	token := r.CSRF()
	return checkFormView{
		Words: p.Server.Words(r.Lang), Errors: errs, Action: r.Link("/check"),
		Heading: page.Heading{Text: r.Say.T("nav.check"), Lead: r.Say.T("check.lead")},
		Number: page.TextField{Width: "20", Code: true, Autocomplete: "off", Field: page.Field{
			Name: "number", Label: r.Say.T("check.number-label"), Hint: r.Say.T("check.number-hint"), Value: typed, Error: errs.For("number"),
		}},
		Button:  r.Say.T("check.button"),
		QRTitle: r.Say.T("check.qr-title"), QRText: r.Say.T("check.qr-text"),
		Title: r.Say.T("check.file-title"),
		File: page.FileField{Accept: ".pdf,application/pdf", Field: page.Field{
			Name: "file", Label: r.Say.T("check.file-label"), Hint: r.Say.T("check.file-hint", "size", r.Say.Size(maxChecked)), Error: errs.For("file"),
		}},
		// The token stands in the address: the body is a stream that is read once (web.checkToken).
		Form:   page.Form{Action: r.Link("/check/file?" + url.Values{page.NameCSRF: {token}}.Encode()), CSRF: token, Multipart: true},
		Upload: r.Say.T("check.file-button"),
	}
}

// languagesAt lets the language switch lead to a page that can be fetched: the page of a POST has no address.
func languagesAt(c *page.Chrome, path string) {
	for i := range c.Languages {
		c.Languages[i].Href = "/" + string(c.Languages[i].Lang) + path
	}
}

// checkQR is what the QR code of a permit opens: an address without a language leads to the reader's.
func (p *Portal) checkQR(w http.ResponseWriter, r *web.Request) error {
	if r.PathValue("short") != "c" {
		return fault.New(fault.NotFound, "fault.not-found")
	}
	return p.Server.Go(w, r, r.Link(checkPath(r.PathValue("number"), r.PathValue("code"))))
}

// checkPath is the check page of a permit within a language.
func checkPath(number, code string) string {
	path := "/check/" + url.PathEscape(number)
	if code != "" {
		path += "/" + url.PathEscape(code)
	}
	return path
}

// checkNumber answers for a number, and in more detail for a number with the code of the document.
func (p *Portal) checkNumber(w http.ResponseWriter, r *web.Request) error {
	checked, err := p.Register.Check(r.Context(), r.PathValue("number"), r.PathValue("code"))
	if fault.KindOf(err) == fault.NotFound && err != nil && r.PathValue("code") == "" {
		if shown, err := p.checkPaper(w, r); shown || err != nil {
			return err
		}
	}
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return p.checkNothing(w, r, r.Say.T("check.unknown"), r.Say.T("check.unknown-text"))
	}
	if fault.KindOf(err) == fault.Invalid && err != nil {
		return p.checkNothing(w, r, r.Say.T("check.wrong-title"), r.Say.T("check.number"))
	}
	if err != nil {
		return err
	}
	v, err := p.checkView(r, checked)
	if err != nil {
		return err
	}
	return p.showCheck(w, r, http.StatusOK, v, r.In(r.Lang)[3:])
}

// checkNothing says that there is no such permit, with what to do.
func (p *Portal) checkNothing(w http.ResponseWriter, r *web.Request, title, text string) error {
	v := checkView{
		Words: p.Server.Words(r.Lang), Heading: page.Heading{Caption: r.Say.T("nav.check"), Text: title},
		State:  page.Tag{Text: r.Say.T("check.not-confirmed"), Tone: page.Bad},
		Notice: page.Banner{Kind: page.Caution, Text: text}, Rows: []page.Row{p.checkedAt(r)},
		Hint: r.Say.T("check.nothing-hint"), Again: againButton(r),
	}
	path := "/check"
	if r.Method == http.MethodGet {
		path = r.In(r.Lang)[3:]
	}
	return p.showCheck(w, r, http.StatusNotFound, v, path)
}

func (p *Portal) showCheck(w http.ResponseWriter, r *web.Request, status int, v checkView, path string) error {
	c := p.Chrome(r, v.Heading.Text)
	c.NoIndex = true
	c.Breadcrumbs = trail(r, v.Heading.Text, page.Link{Text: r.Say.T("nav.check"), Href: r.Link("/check")})
	belongsTo(c, r.Link("/check"))
	languagesAt(c, path)
	return p.showStatus(w, r, status, c, checkPage(v))
}

func againButton(r *web.Request) page.Button {
	return page.Button{Text: r.Say.T("check.again"), Kind: page.Secondary, Href: r.Link("/check")}
}

// checkedAt says when the register was asked: the answer holds for that moment.
func (p *Portal) checkedAt(r *web.Request) page.Row {
	return page.Row{Name: r.Say.T("check.at"), Value: r.Say.TimeSeconds(p.World.Now())}
}

// checkView is the answer about a permit that exists.
func (p *Portal) checkView(r *web.Request, checked register.Checked) (checkView, error) {
	pt := checked.Permit
	v := checkView{
		Words:   p.Server.Words(r.Lang),
		Heading: page.Heading{Caption: r.Say.T("nav.check"), Text: r.Say.T("check.title", "number", pt.Number)},
		State:   stateTag(r, checked.Card),
		Notice:  page.Banner{Kind: page.Info, Text: stateText(r, checked.Card)},
		Again:   againButton(r), FilesName: r.Say.T("permits.download"),
	}
	if checked.Revision.Definition.Notifies() {
		v.Heading.Text = r.Say.T("slip.check-title", "number", pt.Number)
	}
	if checked.State == permit.Valid || accepts(checked.Card) {
		v.Notice.Kind = page.Done
	}
	if r.Method == http.MethodGet {
		asOf := web.AsOfPanel(r, checked.Card, r.URL.Path)
		v.AsOf = &asOf
	}
	v.Rows = append(permitFacts(r, checked.Card), p.checkedAt(r))
	if checked.ShowHolder {
		v.Rows = append(v.Rows, holderRow(r, pt))
	} else {
		v.Rows = append(v.Rows, page.Row{Name: r.Say.T("permits.holder"), Value: r.Say.T("check.holder-hidden")})
	}
	if !checked.Confirmed {
		v.Hint = r.Say.T("check.more")
		return v, nil
	}
	v.Hint = r.Say.T("check.compare")
	for _, l := range lang.All() {
		v.Files = append(v.Files, downloadButton(r, l, checkPath(pt.Number, pt.Check)))
	}
	var err error
	if v.Appendices, err = web.AppendixCards(r, checked.Card, checkPath(pt.Number, pt.Check)); err != nil {
		return v, err
	}
	v.BoxTitle = r.Say.T("permits.boxes")
	v.Boxes, err = permitBoxes(r, checked.Card)
	return v, err
}

// checkDocument gives the document to whoever holds its number and code.
func (p *Portal) checkDocument(w http.ResponseWriter, r *web.Request) error {
	l, err := documentLang(r)
	if err != nil {
		return err
	}
	file, content, err := p.Register.DownloadChecked(r.Context(), r.PathValue("number"), r.PathValue("code"), l)
	if err != nil {
		return unknown(err)
	}
	return sendPDF(w, r, file, content)
}

// unknown answers a number that is none as one that does not exist.
func unknown(err error) error {
	if fault.KindOf(err) == fault.Invalid && err != nil {
		return fault.New(fault.NotFound, "fault.not-found").Because(err)
	}
	return err
}

// checkFile answers for a file: whether it is, byte for byte, a document that the register issued.
func (p *Portal) checkFile(w http.ResponseWriter, r *web.Request) error {
	digest, err := digestOf(r.Request)
	if err != nil {
		return p.checkAgain(w, r, err, "")
	}
	card, file, err := p.Register.Verify(r.Context(), digest)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return p.checkNothing(w, r, r.Say.T("check.unknown-file"), r.Say.T("check.unknown-file-text"))
	}
	if err != nil {
		return err
	}
	v, err := p.checkView(r, register.Checked{Card: card, Confirmed: true, ShowHolder: true})
	if err != nil {
		return err
	}
	v.Notice = page.Banner{Kind: v.Notice.Kind, Title: r.Say.T("check.file-genuine", "lang", r.Say.T("document-lang."+file.Lang)), Text: v.Notice.Text}
	switch {
	case file.Act > 0:
		v.Notice.Text = r.Say.T("acts.file-of-act") + " " + v.Notice.Text
	case card.Lapsed(file):
		v.Notice.Kind, v.Notice.Text = page.Caution, r.Say.T("check.appendix-ended", "number", file.Appendix)+" "+v.Notice.Text
	case file.Edition < card.Permit.Standing.Edition:
		v.Notice.Kind, v.Notice.Text = page.Caution, r.Say.T("acts.older")+" "+v.Notice.Text
	}
	return p.showCheck(w, r, http.StatusOK, v, checkPath(card.Permit.Number, card.Permit.Check))
}

// digestOf hashes the uploaded file as it arrives: SHA-256, hex.
func digestOf(r *http.Request) (string, error) {
	missing := fault.At("file", "check.file-missing")
	parts, err := r.MultipartReader()
	if err != nil {
		return "", missing
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return "", missing
		}
		if err != nil {
			return "", uploadFault(err)
		}
		if part.FormName() == "file" {
			return digestOfPart(part)
		}
	}
}

func digestOfPart(part *multipart.Part) (string, error) {
	h := sha256.New()
	size, err := io.Copy(h, io.LimitReader(part, maxChecked+1))
	switch {
	case err != nil:
		return "", uploadFault(err)
	case size > maxChecked:
		return "", tooLargeFile()
	case size == 0:
		return "", fault.At("file", "check.file-missing")
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func tooLargeFile() error {
	f := fault.New(fault.TooLarge, "check.file-too-large")
	f.Fields = []fault.Field{{Path: "file", Key: "check.file-too-large"}}
	return f
}

// uploadFault tells a body that is too large from one that broke off.
func uploadFault(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return tooLargeFile()
	}
	return fault.At("file", "check.file-broken")
}
