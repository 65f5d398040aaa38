package signing

import (
	"encoding/json"
	"net/http"
	"net/url"

	"elicense/internal/fault"
	"elicense/internal/mobile"
	"elicense/internal/port"
	"elicense/internal/signdoc"
	"elicense/internal/web"
	"elicense/internal/web/assets"
	"elicense/internal/web/page"
)

// Phone is signing by eGov Mobile and eGov Business.
type Phone struct {
	Sign             *mobile.Mobile
	Mobile, Business string // addresses that open the programs on a telephone; Business may be empty
	// Offers is where telephones ask about a link, without its secret: an address of the external portal, the only one that
	// they reach.
	Offers string
	// Address is the page on which a document is signed and which takes its signature, with the nonces in its address; "" for
	// purposes that have no page on this portal.
	Address func(r *web.Request, c port.Challenge) string
}

// namePhone is the field that says that the signature is to be taken from the telephone.
const namePhone = "phone"

// phoneRoutes serve the page with the code.
func (s *Signing) phoneRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET /{lang}/sign/{nonce}/phone", Policy: web.Public, Handle: s.phonePage, PerMinute: 30, Page: "sign-phone"},
		{Pattern: "GET /{lang}/sign/{nonce}/phone/state", Policy: web.Public, Handle: s.phoneState, PerMinute: 120},
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

// phoneWay leads from a page that asks for signatures to the page with the code.
func (s *Signing) phoneWay(r *web.Request, nonces string) way {
	w := way{Anchor: "sign-phone", Title: r.Say.T("mobile.title"), Suits: r.Say.T("mobile.suits")}
	w.Body = phoneWayBody(w.Anchor, w.Title, r.Say.T("mobile.way-text"), page.Button{Text: r.Say.T("mobile.button"), Href: phoneHref(r, nonces), Kind: page.Secondary})
	return w
}

func phoneHref(r *web.Request, nonces string) string {
	return r.Link("/sign/" + url.PathEscape(nonces) + "/phone")
}

// phonePage shows a fresh link to the documents as a code, and waits.
func (s *Signing) phonePage(w http.ResponseWriter, r *web.Request) error {
	nonces := r.PathValue("nonce")
	asked, err := s.Phone.Sign.Asked(r.Context(), r.Binding(), Nonces(nonces))
	if err != nil {
		return err
	}
	signing := s.Phone.Address(r, asked[0])
	if signing == "" {
		return fault.New(fault.NotFound, "fault.not-found")
	}
	link, err := s.Phone.Sign.Open(r.Context(), r.Binding(), Nonces(nonces), r.Lang)
	if err != nil {
		return err
	}
	documents := make([]signdoc.Document, len(asked))
	for i, c := range asked {
		if documents[i], err = signdoc.Parse(c.Content); err != nil {
			return err
		}
	}
	offer := s.Phone.Offers + link.Token
	code, err := page.NewCode("mobileSign:"+offer, r.Say.T("mobile.code-label"))
	if err != nil {
		return err
	}
	v := phoneView{
		Words: s.Server.Words(r.Lang), Heading: page.Heading{Text: r.Say.T("mobile.title"), Lead: r.Say.T("mobile.lead")}, Code: code, T: r.Say.T,
		Facts:  append([]page.Row{{Name: r.Say.T("mobile.check-code"), Value: link.Code}, {Name: r.Say.T("mobile.until"), Value: r.Say.Time(link.ExpiresAt)}}, Facts(r, documents...)...),
		Steps:  []string{r.Say.T("mobile.step-scan"), r.Say.T("mobile.step-compare"), r.Say.T("mobile.step-sign")},
		Launch: s.launch(r, offer), Action: WithQuery(signing, NameChallenge, nonces), CSRF: r.CSRF(), State: phoneHref(r, nonces) + "/state",
		Back: page.Link{Text: r.Say.T("mobile.other-way"), Href: signing},
	}
	if r.URL.Query().Has("waiting") {
		v.Notice = &page.Banner{Kind: page.Info, Text: r.Say.T(mobile.KeyWaiting)}
	}
	if s.Demo != "" {
		v.Demo = r.Say.T("mobile.demo")
	}
	chrome := s.Server.Chrome(r, v.Heading.Text)
	chrome.NoIndex = true
	chrome.Files.Scripts = append(chrome.Files.Scripts, s.Server.Assets.Href(assets.Phone))
	w.Header().Set("Cache-Control", "no-store")
	return s.Server.Show(w, r, http.StatusOK, chrome, phoneSigning(v))
}

// launch are the links that open the programs where the page itself is read on the telephone.
func (s *Signing) launch(r *web.Request, offer string) []page.Link {
	links := []page.Link{{Text: r.Say.T("mobile.open-mobile"), Href: WithQuery(s.Phone.Mobile, "link", offer)}}
	if s.Phone.Business != "" {
		links = append(links, page.Link{Text: r.Say.T("mobile.open-business"), Href: WithQuery(s.Phone.Business, "link", offer)})
	}
	return links
}

// phoneState says whether the signatures have come: waiting, signed, or over when these documents take none any more.
func (s *Signing) phoneState(w http.ResponseWriter, r *web.Request) error {
	state := "signed"
	_, err := s.Phone.Sign.Collect(r.Context(), r.Binding(), Nonces(r.PathValue("nonce")))
	switch known, ok := fault.As(err); {
	case err == nil:
	case fault.Is(err, mobile.KeyWaiting):
		state = "waiting"
	case ok && (known.Kind == fault.Conflict || known.Kind == fault.Gone):
		state = "over"
	default:
		return err
	}
	answer, err := json.Marshal(map[string]string{"state": state})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(answer) // the page went away: nothing to do about it
	return nil
}

// StillWaiting leads back to the code after fault.Conflict mobile.KeyWaiting: the person was faster than the telephone.
func (s *Signing) StillWaiting(w http.ResponseWriter, r *web.Request, nonces string) error {
	return s.Server.Go(w, r, WithQuery(phoneHref(r, nonces), "waiting", "1"))
}
