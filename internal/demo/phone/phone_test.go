package phone

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"elicense/internal/cms"
	"elicense/internal/demo/ca"
)

// portal is the other side, written after the description of the protocol: what it is sent it keeps.
type portal struct {
	*httptest.Server
	expires, method, auth, uri string
	status                     int // of the answer to a signature
	got                        map[string]any
}

const content = `{"сынақ":"ә"}`

func newPortal(t *testing.T) *portal {
	p := &portal{expires: "2030-01-01T10:00:00.000+05:00", method: "CMS_SIGN_ONLY", auth: "None", status: http.StatusOK}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /mgovSign", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{"description":"Келісім <b>","expiry_date":"`+p.expires+`","organisation":{"nameRu":"Оператор","nameKz":"Үлгі","nameEn":"Sample","bin":"200140000015"},"document":{"uri":"`+p.uri+`","auth_type":"`+p.auth+`","auth_token":"t0ken"}}`)
	})
	mux.HandleFunc("GET /api2", func(w http.ResponseWriter, r *http.Request) {
		if p.auth == "Token" && r.Header.Get("Authorization") != "Bearer t0ken" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		_, _ = io.WriteString(w, `{"signMethod":"`+p.method+`","documentsToSign":[{"id":7,"nameRu":"Документ","nameKz":"Құжат","nameEn":"Document","meta":[{"name":"Код","value":"123 456"}],"extra":true,"document":{"file":{"mime":"","data":"`+base64.StdEncoding.EncodeToString([]byte(content))+`"}}}]}`)
	})
	mux.HandleFunc("PUT /api2", func(w http.ResponseWriter, r *http.Request) {
		if err := json.NewDecoder(r.Body).Decode(&p.got); err != nil {
			t.Error(err)
		}
		w.WriteHeader(p.status)
		_, _ = io.WriteString(w, `{"code":"403","message":"бөтен кілт"}`)
	})
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	p.uri = p.URL + "/api2"
	return p
}

func open(t *testing.T) (*portal, *Phone, ca.KeyPair) {
	t.Helper()
	authority, err := ca.Open(t.TempDir(), ca.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	pair, err := authority.Issue(ca.Person{Kind: ca.Individual, IIN: "850101400015", Surname: "ҮЛГІЛІ", GivenName: "АЙГҮЛ"})
	if err != nil {
		t.Fatal(err)
	}
	p := newPortal(t)
	phone, err := New(Settings{Portal: p.URL, Keys: func() []ca.KeyPair { return []ca.KeyPair{pair} }, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return p, phone, pair
}

func ask(phone *Phone, method, link string, form url.Values) (int, string) {
	r := httptest.NewRequest(method, Path+"?link="+url.QueryEscape(link), strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	phone.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func TestSignsAndSendsBack(t *testing.T) {
	for _, method := range []string{"CMS_SIGN_ONLY", "CMS_WITH_DATA"} {
		p, phone, pair := open(t)
		p.method, p.auth = method, "Token"
		link := "mobileSign:" + p.URL + "/mgovSign"
		status, page := ask(phone, http.MethodGet, link, nil)
		for _, want := range []string{"DEMO", "Келісім &lt;b&gt;", "Үлгі, 200140000015", "Құжат", "123 456", "ҮЛГІЛІ АЙГҮЛ, 850101400015"} {
			if status != http.StatusOK || !strings.Contains(page, want) {
				t.Errorf("%d, no %q in %s", status, want, page)
			}
		}
		if status, page = ask(phone, http.MethodPost, link, url.Values{"key": {cms.Fingerprint(pair.Certificate.Raw)}}); status != http.StatusOK || !strings.Contains(page, "жіберілді") {
			t.Fatalf("%d %s", status, page)
		}
		one := p.got["documentsToSign"].([]any)[0].(map[string]any)
		data := one["document"].(map[string]any)["file"].(map[string]any)["data"].(string)
		parsed, err := cms.Parse([]byte(data))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parsed.Verify([]byte(content)); err != nil {
			t.Error(err)
		}
		if _, inside := parsed.Encapsulated(); inside != (method == "CMS_WITH_DATA") {
			t.Errorf("%s: content inside: %v", method, inside)
		}
		if one["extra"] != true || one["id"] != 7.0 || one["nameKz"] != "Құжат" {
			t.Errorf("the rest did not come back as it was: %v", one)
		}
	}
}

func TestRefusals(t *testing.T) {
	for name, change := range map[string]func(p *portal, link *string){
		"not admitted":            func(p *portal, link *string) { *link = "http://127.0.0.1:1/mgovSign" },
		"a longer name":           func(p *portal, link *string) { *link = p.URL + ".evil.example/mgovSign" },
		"documents elsewhere":     func(p *portal, link *string) { p.uri = "http://127.0.0.1:1/api2" },
		"over":                    func(p *portal, link *string) { p.expires = "2020-01-01T10:00:00.000+05:00" },
		"no time":                 func(p *portal, link *string) { p.expires = "tomorrow" },
		"XML":                     func(p *portal, link *string) { p.method = "XML" },
		"a signature to begin":    func(p *portal, link *string) { p.auth = "Eds" },
		"the portal says no":      func(p *portal, link *string) { p.status = http.StatusForbidden },
		"the portal knows no way": func(p *portal, link *string) { *link = p.URL + "/nothing" },
	} {
		p, phone, pair := open(t)
		link := p.URL + "/mgovSign"
		change(p, &link)
		status, page := ask(phone, http.MethodPost, link, url.Values{"key": {cms.Fingerprint(pair.Certificate.Raw)}})
		if status != http.StatusBadRequest || !strings.Contains(page, `role="alert"`) || strings.Contains(page, "жіберілді") {
			t.Errorf("%s: %d %s", name, status, page)
		}
		if p.got != nil && name != "the portal says no" {
			t.Errorf("%s: something was sent", name)
		}
	}
	p, phone, _ := open(t)
	if status, _ := ask(phone, http.MethodPost, p.URL+"/mgovSign", url.Values{"key": {"nobody"}}); status != http.StatusBadRequest || p.got != nil {
		t.Errorf("no such key: %d", status)
	}
	for name, set := range map[string]Settings{"no portal": {Keys: func() []ca.KeyPair { return nil }, Now: time.Now}, "no keys": {Portal: "x", Now: time.Now}, "no clock": {Portal: "x", Keys: func() []ca.KeyPair { return nil }}} {
		if _, err := New(set); err == nil {
			t.Errorf("%s accepted", name)
		}
	}
}
