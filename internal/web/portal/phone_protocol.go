package portal

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/mobile"
	"elicense/internal/web"
	"elicense/internal/web/signing"
)

// The addresses that eGov Mobile calls, each followed by the secret of a link: API 1, which the code holds, and API 2.
const (
	PathOffer     = "/egov-mobile/mgovSign/"
	pathDocuments = "/egov-mobile/mgovDocuments/"
)

// maxPhoneBody bounds what a telephone sends for each document, in bytes: its description, with a signature in base64.
const maxPhoneBody = 2*signing.MaxCMS + 64<<10

// signMethod asks for a CMS without the content inside.
const signMethod = "CMS_SIGN_ONLY"

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
		Description:  say.T("mobile.description", "what", p.whatFor(offer.Lang, offer.Documents...), "origin", p.Origin, "code", offer.Code),
		ExpiryDate:   offer.ExpiresAt.In(time.FixedZone("", 5*60*60)).Format(mobileTime),
		Organisation: mobileOrganisation{NameRU: p.Phone.Operator.RU, NameKZ: p.Phone.Operator.KK, NameEN: p.Phone.Operator.EN, BIN: p.Phone.BIN},
		Document:     mobileAddress{URI: p.Origin + pathDocuments + token, AuthType: "None"},
	})
}

// phoneDocuments is API 2: the documents themselves, numbered from 1, with the facts in them that a person can compare.
func (p *Portal) phoneDocuments(w http.ResponseWriter, r *web.Request) error {
	offer, err := p.Phone.Sign.Offer(r.Context(), r.PathValue("token"))
	if err != nil {
		return p.refusePhone(w, r, err)
	}
	r.Lang, r.Say = offer.Lang, p.Server.Texts.In(offer.Lang)
	out := mobileDocuments{SignMethod: signMethod}
	for i, x := range offer.Documents {
		d := mobileDocument{
			ID: i + 1, NameRU: p.whatFor(lang.RU, x), NameKZ: p.whatFor(lang.KK, x), NameEN: p.whatFor(lang.EN, x),
			Meta:     []mobileMeta{{r.Say.T("mobile.check-code"), offer.Code}},
			Document: mobileContents{mobileFile{Data: base64.StdEncoding.EncodeToString(x.Content)}},
		}
		for _, fact := range signing.Facts(r, x.Stated) {
			d.Meta = append(d.Meta, mobileMeta{fact.Name, fact.Value})
		}
		out.Documents = append(out.Documents, d)
	}
	return writeJSON(w, http.StatusOK, out)
}

// whatFor says in a few words what documents are.
func (p *Portal) whatFor(l lang.Lang, documents ...mobile.Document) string {
	text := p.Server.Texts.In(l).T("sign.purpose." + string(documents[0].Stated.Purpose))
	var about []string
	for _, d := range documents {
		if d.Stated.Application != "" {
			about = append(about, d.Stated.Application)
		}
	}
	return strings.TrimSpace(text + " " + strings.Join(about, ", "))
}

// phoneDeposit takes the signatures: the answer of API 2 sent back, with the signatures in the documents' places.
func (p *Portal) phoneDeposit(w http.ResponseWriter, r *web.Request) error {
	token := r.PathValue("token")
	offer, err := p.Phone.Sign.Offer(r.Context(), token)
	if err != nil {
		return p.refusePhone(w, r, err) // nothing of a stranger's body is read
	}
	r.Lang, r.Say = offer.Lang, p.Server.Texts.In(offer.Lang)
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, int64(len(offer.Documents))*maxPhoneBody))
	if tooLarge(err) {
		return writeJSON(w, http.StatusRequestEntityTooLarge, mobileAnswer{"413", p.Server.Text(r, "signature.too-large", nil)})
	}
	if err != nil {
		return writeJSON(w, http.StatusBadRequest, mobileAnswer{"400", http.StatusText(http.StatusBadRequest)})
	}
	signatures, err := signedByPhone(body, len(offer.Documents))
	if err == nil {
		err = p.Phone.Sign.Deposit(r.Context(), token, signatures)
	}
	if err != nil {
		return p.refusePhone(w, r, err)
	}
	return writeJSON(w, http.StatusOK, mobileAnswer{"200", "success"})
}

// signedByPhone finds the signatures of so many documents in what a telephone sends, whatever their order there. Nothing else of it is
// believed: it names no document and no person.
func signedByPhone(body []byte, documents int) ([][]byte, error) {
	malformed := fault.New(fault.Invalid, mobile.KeyMalformed)
	var in mobileDocuments
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, malformed.Because(err)
	}
	if in.SignMethod != signMethod || len(in.Documents) != documents {
		return nil, malformed
	}
	signatures := make([][]byte, documents)
	for _, d := range in.Documents {
		data := d.Document.File.Data
		if d.ID < 1 || d.ID > documents || signatures[d.ID-1] != nil || data == "" {
			return nil, malformed
		}
		if len(data) > signing.MaxCMS*3/2 {
			return nil, fault.New(fault.Invalid, "signature.too-large")
		}
		signatures[d.ID-1] = []byte(data)
	}
	return signatures, nil
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
