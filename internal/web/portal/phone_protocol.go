package portal

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"time"

	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/mobile"
	"elicense/internal/signdoc"
	"elicense/internal/web"
	"elicense/internal/web/signing"
)

// The addresses that eGov Mobile calls, each followed by the secret of a link: API 1, which the code holds, and API 2.
const (
	PathOffer     = "/egov-mobile/mgovSign/"
	pathDocuments = "/egov-mobile/mgovDocuments/"
)

// maxPhoneBody bounds what a telephone sends, in bytes: the document's description, with a signature in base64.
const maxPhoneBody = 2*signing.MaxCMS + 64<<10

// signMethod asks for a CMS without the content inside.
const signMethod = "CMS_SIGN_ONLY"

// documentID numbers the one document of an offer.
const documentID = 1

// The JSON of the protocol "QR signing in eGov Mobile". All names are its own.
type (
	mobileOffer struct {
		Description  string             `json:"description"`
		ExpiryDate   string             `json:"expiry_date"`
		Organisation mobileOrganisation `json:"organisation"`
		Document     mobileAddress      `json:"document"`
	}
	mobileOrganisation struct {
		NameRU string `json:"nameRu"`
		NameKZ string `json:"nameKz"`
		NameEN string `json:"nameEn"`
		BIN    string `json:"bin"`
	}
	mobileAddress struct {
		URI       string `json:"uri"`
		AuthType  string `json:"auth_type"`
		AuthToken string `json:"auth_token"`
	}
	mobileDocuments struct {
		SignMethod string           `json:"signMethod"`
		Documents  []mobileDocument `json:"documentsToSign"`
	}
	mobileDocument struct {
		ID       int            `json:"id"`
		NameRU   string         `json:"nameRu"`
		NameKZ   string         `json:"nameKz"`
		NameEN   string         `json:"nameEn"`
		Meta     []mobileMeta   `json:"meta"`
		Document mobileContents `json:"document"`
	}
	mobileMeta struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	mobileContents struct {
		File mobileFile `json:"file"`
	}
	mobileFile struct {
		MIME string `json:"mime"` // "@file/pdf", or empty for other files
		Data string `json:"data"` // base64
	}
	mobileAnswer struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
)

// mobileTime is how the protocol writes times.
const mobileTime = "2006-01-02T15:04:05.000-07:00"

// phoneOffer is API 1: who asks for a signature, what for, until when, and where the document is.
func (p *Portal) phoneOffer(w http.ResponseWriter, r *web.Request) error {
	token := r.PathValue("token")
	offer, err := p.Phone.Sign.Offer(r.Context(), token)
	if err != nil {
		return p.refusePhone(w, r, err)
	}
	say := p.Server.Texts.In(offer.Lang)
	return writeJSON(w, http.StatusOK, mobileOffer{
		Description:  say.T("mobile.description", "what", p.whatFor(offer.Lang, offer.Document), "origin", p.Origin, "code", offer.Code),
		ExpiryDate:   offer.ExpiresAt.In(time.FixedZone("", 5*60*60)).Format(mobileTime),
		Organisation: mobileOrganisation{NameRU: p.Phone.Operator.RU, NameKZ: p.Phone.Operator.KK, NameEN: p.Phone.Operator.EN, BIN: p.Phone.BIN},
		Document:     mobileAddress{URI: p.Origin + pathDocuments + token, AuthType: "None"},
	})
}

// phoneDocuments is API 2: the document itself, with the facts in it that a person can compare.
func (p *Portal) phoneDocuments(w http.ResponseWriter, r *web.Request) error {
	offer, err := p.Phone.Sign.Offer(r.Context(), r.PathValue("token"))
	if err != nil {
		return p.refusePhone(w, r, err)
	}
	r.Lang, r.Say = offer.Lang, p.Server.Texts.In(offer.Lang)
	d := mobileDocument{
		ID: documentID, NameRU: p.whatFor(lang.RU, offer.Document), NameKZ: p.whatFor(lang.KK, offer.Document), NameEN: p.whatFor(lang.EN, offer.Document),
		Meta:     []mobileMeta{{r.Say.T("mobile.check-code"), offer.Code}},
		Document: mobileContents{mobileFile{Data: base64.StdEncoding.EncodeToString(offer.Content)}},
	}
	for _, fact := range signing.Facts(r, offer.Document) {
		d.Meta = append(d.Meta, mobileMeta{fact.Name, fact.Value})
	}
	return writeJSON(w, http.StatusOK, mobileDocuments{SignMethod: signMethod, Documents: []mobileDocument{d}})
}

// whatFor says in a few words what a document is.
func (p *Portal) whatFor(l lang.Lang, doc signdoc.Document) string {
	text := p.Server.Texts.In(l).T("sign.purpose." + string(doc.Purpose))
	if doc.Application != "" {
		text += " " + doc.Application
	}
	return text
}

// phoneDeposit takes the signature: the answer of API 2 sent back, with the signature in the document's place.
func (p *Portal) phoneDeposit(w http.ResponseWriter, r *web.Request) error {
	token := r.PathValue("token")
	offer, err := p.Phone.Sign.Offer(r.Context(), token)
	if err != nil {
		return p.refusePhone(w, r, err) // nothing of a stranger's body is read
	}
	r.Lang, r.Say = offer.Lang, p.Server.Texts.In(offer.Lang)
	body, err := io.ReadAll(r.Body)
	if tooLarge(err) {
		return writeJSON(w, http.StatusRequestEntityTooLarge, mobileAnswer{"413", p.Server.Text(r, "signature.too-large", nil)})
	}
	if err != nil {
		return writeJSON(w, http.StatusBadRequest, mobileAnswer{"400", http.StatusText(http.StatusBadRequest)})
	}
	signature, err := signedByPhone(body)
	if err == nil {
		err = p.Phone.Sign.Deposit(r.Context(), token, signature)
	}
	if err != nil {
		return p.refusePhone(w, r, err)
	}
	return writeJSON(w, http.StatusOK, mobileAnswer{"200", "success"})
}

// signedByPhone finds the signature in what a telephone sends. Nothing else of it is believed: it names no document and
// no person.
func signedByPhone(body []byte) ([]byte, error) {
	var in mobileDocuments
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, fault.New(fault.Invalid, "mobile.malformed").Because(err)
	}
	if in.SignMethod != signMethod || len(in.Documents) != 1 || in.Documents[0].ID != documentID || in.Documents[0].Document.File.Data == "" {
		return nil, fault.New(fault.Invalid, "mobile.malformed")
	}
	data := in.Documents[0].Document.File.Data
	if len(data) > signing.MaxCMS*3/2 {
		return nil, fault.New(fault.Invalid, "signature.too-large")
	}
	return []byte(data), nil
}

// refusePhone tells a telephone why not. The protocol knows 403 for whatever is wrong with a signature.
func (p *Portal) refusePhone(w http.ResponseWriter, r *web.Request, err error) error {
	known, ok := fault.As(err)
	status := http.StatusForbidden
	switch {
	case !ok || known.Kind == fault.Internal:
		return err
	case fault.Is(err, mobile.KeyUnknownLink):
		status = http.StatusNotFound
	case known.Kind == fault.Unavailable:
		status = http.StatusServiceUnavailable
	}
	return writeJSON(w, status, mobileAnswer{strconv.Itoa(status), p.Server.Text(r, known.Key, known.Args)})
}
