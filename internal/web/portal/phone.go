package portal

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/mobile"
	"elicense/internal/port"
	"elicense/internal/signdoc"
	"elicense/internal/web"
	"elicense/internal/web/assets"
	"elicense/internal/web/page"
	"elicense/internal/web/signing"
)

// Phone is signing by eGov Mobile and eGov Business.
type Phone struct {
	Sign             *mobile.Mobile
	Mobile, Business string    // addresses that open the programs on a telephone; Business may be empty
	Operator         lang.Text // who asks for the signature, as telephones show it
	BIN              string    // of the operator
}

// namePhone is the field that says that the signature is to be taken from the telephone.
const namePhone = "phone"

// phoneRoutes serve the page with the code, and the telephone. The telephone's addresses hold the secret of the link.
func (p *Portal) phoneRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET /{lang}/sign/{nonce}/phone", Policy: web.Public, Handle: p.phonePage, PerMinute: 30, Page: "sign-phone"},
		{Pattern: "GET /{lang}/sign/{nonce}/phone/state", Policy: web.Public, Handle: p.phoneState, PerMinute: 120},
		{Pattern: "GET " + pathOffer + "{token}", Policy: web.Bearer, Handle: p.phoneOffer, PerMinute: 120},
		{Pattern: "GET " + pathDocuments + "{token}", Policy: web.Bearer, Handle: p.phoneDocuments, PerMinute: 120},
		{Pattern: "PUT " + pathDocuments + "{token}", Policy: web.Bearer, Handle: p.phoneDeposit, PerMinute: 60, Body: maxPhoneBody},
	}
}

// phoneView is the page with the code for a telephone.
type phoneView struct {
	Words   *page.Words
	Heading page.Heading
	Notice  *page.Banner
	Facts   []page.Row
	Steps   []string
	Code    page.Code
	Launch  []page.Link
	Demo    string // what is otherwise in a real installation
	Action  string // takes the signature
	CSRF    string
	State   string // says whether the signature has come
	Back    page.Link
	T       func(key string, kv ...string) string
}

// phoneWay leads from a page that asks for a signature to the page with the code.
func (p *Portal) phoneWay(r *web.Request, c port.Challenge) signing.Way {
	w := signing.Way{Anchor: "sign-phone", Title: r.Say.T("mobile.title"), Suits: r.Say.T("mobile.suits")}
	w.Body = phoneWayBody(w.Anchor, w.Title, r.Say.T("mobile.way-text"), page.Button{Text: r.Say.T("mobile.button"), Href: phoneHref(r, c.Nonce), Kind: page.Secondary})
	return w
}

// signBox is the signing part of a page, with the telephone where it is offered for the purpose. The page needs
// Signing.Dress and a route whose Body is signing.MaxBody.
func (p *Portal) signBox(r *web.Request, c port.Challenge, action string, summary templ.Component) templ.Component {
	var further []signing.Way
	if p.Phone != nil && mobile.Offers(signdoc.Purpose(c.Purpose)) {
		further = append(further, p.phoneWay(r, c))
	}
	return p.Signing.Box(r, c, action, summary, further...)
}

func phoneHref(r *web.Request, nonce string) string {
	return r.Link("/sign/" + url.PathEscape(nonce) + "/phone")
}

// signingAddress is where the signature of a challenge takes effect; page is where such a document is signed. ok is false
// for purposes that have no page here.
func signingAddress(r *web.Request, c port.Challenge) (action, page string, ok bool) {
	switch signdoc.Purpose(c.Purpose) {
	case signdoc.Application:
		page = applicationPath(r, c.Application, "/sign")
		return signing.WithQuery(page, nameChallenge, c.Nonce), page, true
	case signdoc.Registration:
		page = r.Link("/register/" + c.Nonce)
		return page, page, true
	}
	return "", "", false
}

// phonePage shows a fresh link to the document as a code, and waits.
func (p *Portal) phonePage(w http.ResponseWriter, r *web.Request) error {
	nonce := r.PathValue("nonce")
	c, err := p.Accounts.Waiting(r.Context(), r.Binding(), nonce)
	if err != nil {
		return err
	}
	action, back, ok := signingAddress(r, c)
	if !ok {
		return fault.New(fault.NotFound, "fault.not-found")
	}
	link, err := p.Phone.Sign.Open(r.Context(), r.Binding(), nonce, r.Lang)
	if err != nil {
		return err
	}
	doc, err := signdoc.Parse(c.Content)
	if err != nil {
		return err
	}
	offer := p.Origin + pathOffer + link.Token
	code, err := page.NewCode("mobileSign:"+offer, r.Say.T("mobile.code-label"))
	if err != nil {
		return err
	}
	v := phoneView{
		Words: p.Server.Words(r.Lang), Heading: page.Heading{Text: r.Say.T("mobile.title"), Lead: r.Say.T("mobile.lead")}, Code: code, T: r.Say.T,
		Facts:  append([]page.Row{{Name: r.Say.T("mobile.check-code"), Value: link.Code}, {Name: r.Say.T("mobile.until"), Value: r.Say.Time(link.ExpiresAt)}}, signing.Facts(r, doc)...),
		Steps:  []string{r.Say.T("mobile.step-scan"), r.Say.T("mobile.step-compare"), r.Say.T("mobile.step-sign")},
		Launch: p.launch(r, offer), Action: action, CSRF: r.CSRF(), State: r.Link("/sign/" + c.Nonce + "/phone/state"),
		Back: page.Link{Text: r.Say.T("mobile.other-way"), Href: back},
	}
	if r.URL.Query().Has("waiting") {
		v.Notice = &page.Banner{Kind: page.Info, Text: r.Say.T(mobile.KeyWaiting)}
	}
	if p.Demo != nil {
		v.Demo = r.Say.T("mobile.demo")
	}
	chrome := p.Chrome(r, v.Heading.Text)
	chrome.NoIndex = true
	chrome.Files.Scripts = append(chrome.Files.Scripts, p.Server.Assets.Href(assets.Phone))
	w.Header().Set("Cache-Control", "no-store")
	return p.show(w, r, chrome, phoneSigning(v))
}

// launch are the links that open the programs where the page itself is read on the telephone.
func (p *Portal) launch(r *web.Request, offer string) []page.Link {
	links := []page.Link{{Text: r.Say.T("mobile.open-mobile"), Href: signing.WithQuery(p.Phone.Mobile, "link", offer)}}
	if p.Phone.Business != "" {
		links = append(links, page.Link{Text: r.Say.T("mobile.open-business"), Href: signing.WithQuery(p.Phone.Business, "link", offer)})
	}
	return links
}

// phoneState says whether the signature has come: waiting, signed, or over when this document takes none any more.
func (p *Portal) phoneState(w http.ResponseWriter, r *web.Request) error {
	state := "signed"
	_, err := p.Phone.Sign.Collect(r.Context(), r.Binding(), r.PathValue("nonce"))
	switch known, ok := fault.As(err); {
	case err == nil:
	case fault.Is(err, mobile.KeyWaiting):
		state = "waiting"
	case ok && (known.Kind == fault.Conflict || known.Kind == fault.Gone):
		state = "over"
	default:
		return err
	}
	return writeJSON(w, http.StatusOK, map[string]string{"state": state})
}

// signature takes what a form of a signing page brings: the signature itself, or word that the telephone has it.
func (p *Portal) signature(r *web.Request, nonce string) ([]byte, error) {
	cms, err := signing.Read(r)
	if p.Phone != nil && r.PostForm.Get(namePhone) != "" {
		return p.Phone.Sign.Collect(r.Context(), r.Binding(), nonce)
	}
	return cms, err
}

// stillWaiting leads back to the code: the person was faster than the telephone.
func (p *Portal) stillWaiting(w http.ResponseWriter, r *web.Request, nonce string) error {
	return p.Server.Go(w, r, signing.WithQuery(phoneHref(r, nonce), "waiting", "1"))
}

// writeJSON answers a program.
func writeJSON(w http.ResponseWriter, status int, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(b) // the program went away: nothing to do about it
	return nil
}

// tooLarge tells a body over its limit.
func tooLarge(err error) bool {
	large := (*http.MaxBytesError)(nil)
	return errors.As(err, &large)
}
