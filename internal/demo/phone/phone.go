// Package phone simulates a telephone with eGov Mobile for the demonstration: it follows the link of a QR code, shows what
// is to be signed, signs with the key of a made-up person and sends the signature back, by the published protocol. It says
// on its page what it is.
//
// It reads the protocol by itself and shares nothing with the portal's side, so that both sides are held against the
// description and not against each other.
package phone

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"strings"
	"time"

	"elicense/internal/cms"
	"elicense/internal/demo/ca"
)

// Path is where the simulator is mounted; the link of a QR code follows as the value of "link".
const Path = "/phone"

// maxAnswer bounds what is read of the portal's answers, in bytes.
const maxAnswer = 4 << 20

// Settings of the simulator.
type Settings struct {
	Portal string              // scheme://host:port whose links are followed; the real program has a list of admitted addresses too
	Keys   func() []ca.KeyPair // the keys in the telephone
	Now    func() time.Time
	Client *http.Client // nil = a client with a limit of 10 s that follows no redirects
}

// Phone is the simulator, an http.Handler.
type Phone struct {
	set   Settings
	page  *template.Template
	style string // for the content security policy
}

// New makes the simulator.
func New(set Settings) (*Phone, error) {
	if set.Portal == "" || set.Keys == nil || set.Now == nil {
		return nil, errors.New("demo phone: portal, keys and clock are needed")
	}
	if set.Client == nil {
		set.Client = &http.Client{Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	page, err := template.New("page").Parse(pageText)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(styleText))
	return &Phone{set: set, page: page, style: "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"}, nil
}

// until is when the offer ends.
func (o offer) until() (time.Time, error) {
	t, err := time.Parse("2006-01-02T15:04:05.000-07:00", o.ExpiryDate)
	if err != nil {
		return t, fmt.Errorf("expiry_date %q is unreadable", o.ExpiryDate)
	}
	return t, nil
}

// The JSON of the protocol as far as a telephone needs it. What it does not know of a document it sends back as it came.
type (
	offer struct {
		Description  string `json:"description"`
		ExpiryDate   string `json:"expiry_date"`
		Organisation struct {
			NameRU string `json:"nameRu"`
			NameKZ string `json:"nameKz"`
			BIN    string `json:"bin"`
		} `json:"organisation"`
		Document struct {
			URI       string `json:"uri"`
			AuthType  string `json:"auth_type"`
			AuthToken string `json:"auth_token"`
		} `json:"document"`
	}
	document struct {
		NameRU string `json:"nameRu"`
		NameKZ string `json:"nameKz"`
		Meta   []struct {
			Name  string `json:"name"`
			Value string `json:"value"`
		} `json:"meta"`
		Document struct {
			File struct {
				Data string `json:"data"`
			} `json:"file"`
		} `json:"document"`
	}
)

// What stops the simulator and a person can do something about; told has the words.
var (
	errAdmitted = errors.New("this address is not on the list of admitted portals") // the real program has such a list
	errOver     = errors.New("the link is over")
	errSilent   = errors.New("the portal does not answer")
)

// ServeHTTP shows what is asked (GET) and signs with the chosen key (POST).
func (p *Phone) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src "+p.style+"; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	link := strings.TrimPrefix(r.URL.Query().Get("link"), "mobileSign:")
	v := view{Style: styleText, Link: link}
	switch {
	case r.Method == http.MethodPost:
		r.Body = http.MaxBytesReader(w, r.Body, 4096)
		if err := http.NewCrossOriginProtection().Check(r); err != nil {
			v.Problem = "forbidden"
		} else if err := p.sign(r.Context(), &v, r.PostFormValue("key")); err != nil {
			v.Problem = told(err)
		}
	case link != "":
		if _, err := p.look(r.Context(), &v); err != nil {
			v.Problem = told(err)
		}
	}
	if v.Problem != "" {
		w.WriteHeader(http.StatusBadRequest)
	}
	_ = p.page.Execute(w, v) // the reader went away, or half a page of a simulator
}

// look asks both addresses and fills the page; raw is the answer of the second.
func (p *Phone) look(ctx context.Context, v *view) (raw map[string]any, err error) {
	if !strings.HasPrefix(v.Link, p.set.Portal+"/") {
		return nil, errAdmitted
	}
	if err := p.call(ctx, http.MethodGet, v.Link, "", nil, &v.Offer); err != nil {
		return nil, err
	}
	switch {
	case !strings.HasPrefix(v.Offer.Document.URI, p.set.Portal+"/"):
		return nil, errAdmitted
	case v.Offer.Document.AuthType != "None" && v.Offer.Document.AuthType != "Token":
		return nil, fmt.Errorf("auth_type %q is not simulated", v.Offer.Document.AuthType)
	}
	until, err := v.Offer.until()
	if err != nil {
		return nil, err
	}
	if !p.set.Now().Before(until) {
		return nil, errOver
	}
	if err := p.call(ctx, http.MethodGet, v.Offer.Document.URI, v.Offer.Document.AuthToken, nil, &raw); err != nil {
		return nil, err
	}
	var known struct {
		SignMethod string     `json:"signMethod"`
		Documents  []document `json:"documentsToSign"`
	}
	again, err := json.Marshal(raw)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(again, &known); err != nil {
		return nil, err
	}
	if known.SignMethod != "CMS_SIGN_ONLY" && known.SignMethod != "CMS_WITH_DATA" {
		return nil, fmt.Errorf("signMethod %q is not simulated", known.SignMethod)
	}
	v.Documents, v.detached = known.Documents, known.SignMethod == "CMS_SIGN_ONLY"
	for _, k := range p.set.Keys() {
		subject, err := cms.SubjectOf(k.Certificate)
		if err != nil {
			continue
		}
		name := subject.Surname + " " + subject.GivenName + ", " + subject.IIN
		if subject.BIN != "" {
			name += ", " + subject.Organisation + ", " + subject.BIN
		}
		v.Keys = append(v.Keys, choice{cms.Fingerprint(k.Certificate.Raw), name})
	}
	return raw, nil
}

// sign signs every document with a key and sends the whole back with the signatures in the place of the contents.
func (p *Phone) sign(ctx context.Context, v *view, fingerprint string) error {
	raw, err := p.look(ctx, v)
	if err != nil {
		return err
	}
	var key *ca.KeyPair
	for _, k := range p.set.Keys() {
		if cms.Fingerprint(k.Certificate.Raw) == fingerprint {
			key = &k
		}
	}
	if key == nil {
		return errors.New("no such key")
	}
	list, _ := raw["documentsToSign"].([]any)
	for i, d := range v.Documents {
		content, err := base64.StdEncoding.DecodeString(d.Document.File.Data)
		if err != nil {
			return err
		}
		der, err := cms.Sign(content, key.Key, key.Certificate, cms.Options{Detached: v.detached, SigningTime: p.set.Now()})
		if err != nil {
			return err
		}
		if err := put(list, i, base64.StdEncoding.EncodeToString(der)); err != nil {
			return err
		}
	}
	body, err := json.Marshal(raw)
	if err != nil {
		return err
	}
	if err := p.call(ctx, http.MethodPut, v.Offer.Document.URI, v.Offer.Document.AuthToken, body, nil); err != nil {
		return err
	}
	v.Done = true
	return nil
}

// put replaces the content of a document where it stands and leaves everything else as it is.
func put(list []any, i int, signature string) error {
	one, _ := list[i].(map[string]any)
	inner, _ := one["document"].(map[string]any)
	file, _ := inner["file"].(map[string]any)
	if file == nil {
		return errors.New("a document without a file")
	}
	file["data"] = signature
	return nil
}

// call asks the portal.
func (p *Phone) call(ctx context.Context, method, address, bearer string, body []byte, into any) error {
	r, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	answer, err := p.set.Client.Do(r)
	if err != nil {
		return errSilent
	}
	defer func() { _ = answer.Body.Close() }() // read only
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		var said struct {
			Message string `json:"message"`
		}
		if err := json.Unmarshal(text, &said); err != nil || said.Message == "" {
			return fmt.Errorf("HTTP %d", answer.StatusCode)
		}
		return errors.New(said.Message)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(text, into)
}
