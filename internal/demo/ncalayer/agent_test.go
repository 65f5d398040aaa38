package ncalayer

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"elicense/internal/cms"
	"elicense/internal/demo/ca"
)

// scene is an agent with three keys: two of one person, one of another.
type scene struct {
	authority *ca.CA
	keys      []ca.KeyPair
	clock     *clock // the agent's
	url       string
}

// clock is a time that tests set, while the agent's goroutines read it.
type clock struct{ at atomic.Int64 }

func (c *clock) get() time.Time { return time.Unix(c.at.Load(), 0) }

func (c *clock) set(at time.Time) { c.at.Store(at.Unix()) }

func newClock() *clock {
	c := new(clock)
	c.set(time.Now())
	return c
}

func newScene(t *testing.T, o Options) *scene {
	t.Helper()
	authority, err := ca.Open(t.TempDir(), ca.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	s := &scene{authority: authority, clock: newClock()}
	for i, p := range []ca.Person{
		{Kind: ca.Individual, IIN: "850101400015", Surname: "ҮЛГІЛІ", GivenName: "АЙГҮЛ", Patronymic: "САМАТҚЫЗЫ"},
		{Kind: ca.Head, IIN: "850101400015", Surname: "ҮЛГІЛІ", GivenName: "АЙГҮЛ", BIN: "200140000015", Organisation: "ТОО «ҮЛГІ»"},
		{Kind: ca.Individual, IIN: "900101300017", Surname: "МЫСАЛОВ", GivenName: "ДАМИР"},
	} {
		var pair ca.KeyPair
		if i == 0 {
			pair, err = authority.Issue(p)
		} else {
			pair, err = authority.IssueOver(s.keys[0].Key, p)
		}
		if err != nil {
			t.Fatal(err)
		}
		s.keys = append(s.keys, pair)
	}
	o.Keys, o.Now = func() []ca.KeyPair { return s.keys }, s.clock.get
	server := httptest.NewServer(New(o))
	t.Cleanup(server.Close)
	s.url = "ws" + strings.TrimPrefix(server.URL, "http") + "/"
	return s
}

func (s *scene) dial(t *testing.T) *Client {
	t.Helper()
	c, err := Dial(t.Context(), s.url, "http://127.0.0.1:8080")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() }) // the test is over
	return c
}

// signer verifies a CMS and names who made it.
func signer(t *testing.T, text string, content []byte) cms.Subject {
	t.Helper()
	parsed, err := cms.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	verified, err := parsed.Verify(content)
	if err != nil {
		t.Fatal(err)
	}
	subject, err := cms.SubjectOf(verified.Certificate)
	if err != nil {
		t.Fatal(err)
	}
	return subject
}

func TestChooseAndSign(t *testing.T) {
	s := newScene(t, Options{})
	c := s.dial(t)
	if err := c.Heartbeat(t.Context()); err != nil {
		t.Fatal(err)
	}
	people, err := c.Keys(t.Context())
	if err != nil || len(people) != 3 || people[1].BIN != "200140000015" || people[0].Name != "ҮЛГІЛІ АЙГҮЛ САМАТҚЫЗЫ" || !people[0].Demo {
		t.Fatalf("%+v %v", people, err)
	}
	content := []byte("{\"a\":\"ә\"}")
	for _, p := range people {
		if err := c.Choose(t.Context(), p.Fingerprint); err != nil {
			t.Fatal(err)
		}
		text, err := c.Sign(t.Context(), content)
		if err != nil || !strings.HasPrefix(text, "-----BEGIN CMS-----\n") {
			t.Fatalf("%q %v", text, err)
		}
		if got := signer(t, text, content); got.IIN != p.IIN || got.BIN != p.BIN {
			t.Errorf("signed by %+v, want %+v", got, p)
		}
	}
	// The choice served once; nobody has chosen for the next dialog.
	if _, err := c.Sign(t.Context(), content); !errors.Is(err, ErrCancelled) {
		t.Errorf("without a choice: %v", err)
	}
	if err := c.Choose(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Sign(t.Context(), content); !errors.Is(err, ErrCancelled) {
		t.Errorf("cancelled: %v", err)
	}
	var refused *Refused
	if err := c.Choose(t.Context(), "nobody"); !errors.As(err, &refused) || refused.Code != "GENERAL_ERROR" {
		t.Errorf("choosing nobody: %v", err)
	}
	// Another connection has a choice of its own.
	other := s.dial(t)
	if err := c.Choose(t.Context(), people[0].Fingerprint); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Sign(t.Context(), content); !errors.Is(err, ErrCancelled) {
		t.Errorf("the choice of another connection is used: %v", err)
	}
}

// A person with keys of two families may choose either; a request by numbers gets the first.
func TestTwoKeysOfOnePerson(t *testing.T) {
	s := newScene(t, Options{})
	authority, err := ca.Open(t.TempDir(), ca.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	national, err := authority.IssueAs(ca.Person{Kind: ca.Individual, IIN: "900101300017", Surname: "МЫСАЛОВ", GivenName: "ДАМИР"}, ca.GOST512, "")
	if err != nil {
		t.Fatal(err)
	}
	s.keys = append(s.keys, national)
	c := s.dial(t)
	people, err := c.Keys(t.Context())
	if err != nil || len(people) != 4 || people[2].Algorithm != "RSA" || people[3].Algorithm != "GOST512" {
		t.Fatalf("%+v %v", people, err)
	}
	for i := 2; i < 4; i++ {
		if err := c.Choose(t.Context(), people[i].Fingerprint); err != nil {
			t.Fatal(err)
		}
		text, err := c.Sign(t.Context(), []byte("x"))
		if err != nil || signer(t, text, []byte("x")).IIN != "900101300017" || algorithm(t, text) != people[i].Algorithm {
			t.Errorf("key %d: %v", i, err)
		}
	}
	raw, err := c.Call(t.Context(), moduleBasics, "sign", json.RawMessage(`{"format":"cms","data":"x","signerParams":{"iin":"900101300017"}}`))
	var list []string
	if err != nil || json.Unmarshal(raw, &list) != nil || algorithm(t, list[0]) != "RSA" {
		t.Errorf("by number: %s, %v", raw, err)
	}
}

// algorithm tells a signature's family.
func algorithm(t *testing.T, text string) string {
	t.Helper()
	parsed, err := cms.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	verified, err := parsed.Verify([]byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{"RSA-SHA256": "RSA", "GOST2015-512": "GOST512"}[verified.Algorithm]
}

// Raw frames as NCALayer's clients send and read them.
func TestProtocol(t *testing.T) {
	s := newScene(t, Options{})
	c := s.dial(t)
	b64 := base64.StdEncoding.EncodeToString([]byte("content"))
	sign := func(rest string) string {
		return `{"module":"kz.gov.pki.knca.basics","method":"sign","args":{` + rest + `}}`
	}
	for _, one := range []struct{ name, send, want string }{
		{"heartbeat", "--heartbeat--", "--heartbeat--"},
		{"not JSON", "hello", `{"code":"COMMON_JSON_WRAPPING_EXCEPTION","success":false}`},
		{"unknown module", `{"module":"kz.gov.pki.knca.applet.Applet","method":"x"}`, `{"errorCode":"MODULE_NOT_FOUND","success":false}`},
		{"unknown method", `{"module":"kz.gov.pki.knca.basics","method":"x"}`, `"code":"INVOCATION_ERROR"`},
		{"no arguments", `{"module":"kz.gov.pki.knca.basics","method":"sign"}`, `"code":"INVOCATION_ERROR"`},
		{"XML", sign(`"format":"xml","data":"<a/>"`), `"code":"INVALID_SIGNING_PARAMS"`},
		{"raw", sign(`"format":"raw","data":"x"`), `"code":"INVALID_SIGNING_PARAMS"`},
		{"no format", sign(`"data":"x"`), `"code":"INVALID_SIGNING_PARAMS"`},
		{"a large emblem", sign(`"format":"cms","data":"x","logo":"` + strings.Repeat("a", maxLogo+1) + `"`), `"code":"INVALID_SIGNING_PARAMS"`},
		{"an emblem", sign(`"format":"cms","data":"x","logo":"` + strings.Repeat("a", maxLogo) + `"`), `{"body":{},"status":true}`},
		{"digest only", sign(`"format":"cms","data":"` + b64 + `","signingParams":{"digested":true}`), `"code":"INVALID_SIGNING_PARAMS"`},
		{"no data", sign(`"format":"cms","data":[]`), `"code":"INVALID_SIGNING_PARAMS"`},
		{"closed dialog", sign(`"format":"cms","data":"` + b64 + `"`), `{"body":{},"status":true}`},
		{"nobody of that number", sign(`"format":"cms","data":"x","signerParams":{"iin":"000000000000"}`), `{"body":{},"status":true}`},
		{"not base64", sign(`"format":"cms","data":"?","signingParams":{"decode":"true"},"signerParams":{"iin":"900101300017"}`), `"code":"INVOCATION_ERROR"`},
		{"neither true nor false", sign(`"format":"cms","data":"x","signingParams":{"decode":"maybe"}`), `"code":"INVOCATION_ERROR"`},
	} {
		got, err := c.send(t.Context(), []byte(one.send))
		if err != nil || !strings.Contains(got, one.want) {
			t.Errorf("%s: %s %v, want %s", one.name, got, err, one.want)
		}
	}
}

func TestSigningParameters(t *testing.T) {
	s := newScene(t, Options{})
	c := s.dial(t)
	b64 := base64.StdEncoding.EncodeToString([]byte("content"))
	call := func(args string) []string {
		t.Helper()
		raw, err := c.Call(t.Context(), moduleBasics, "sign", json.RawMessage(args))
		if err != nil {
			t.Fatalf("%s: %v", args, err)
		}
		var list []string
		if json.Unmarshal(raw, &list) != nil {
			t.Fatalf("%s: %s is no array", args, raw)
		}
		return list
	}
	// The numbers choose; the official sample's strings for booleans; encapsulated unless said otherwise.
	list := call(`{"format":"cms","data":"` + b64 + `","signingParams":{"decode":"true","encapsulate":"true","digested":"false","tsaProfile":{}},"signerParams":{"bin":"200140000015"}}`)
	if got := signer(t, list[0], []byte("content")); len(list) != 1 || got.BIN != "200140000015" {
		t.Errorf("%d by %+v", len(list), got)
	}
	list = call(`{"format":"cms","data":["` + b64 + `","second"],"signerParams":{"iin":"850101400015"}}`)
	if got := signer(t, list[1], []byte("second")); len(list) != 2 || got.BIN != "" || got.IIN != "850101400015" {
		t.Errorf("an IIN alone means the person's own key: %d by %+v", len(list), got)
	}
	parsed, err := cms.Parse([]byte(list[0]))
	if err != nil {
		t.Fatal(err)
	}
	if inside, ok := parsed.Encapsulated(); !ok || string(inside) != b64 {
		t.Errorf("without decode the text itself is signed, and inside: %q %v", inside, ok)
	}
	// A digest, made by the page.
	sum := sha256.Sum256([]byte("content"))
	list = call(`{"format":"cms","data":"` + base64.StdEncoding.EncodeToString(sum[:]) + `","signingParams":{"decode":true,"digested":"true"},"signerParams":{"iin":"900101300017"}}`)
	if got := signer(t, list[0], []byte("content")); got.IIN != "900101300017" {
		t.Errorf("a digest: %+v", got)
	}
	list = call(`{"format":"cms","data":"x","signerParams":{"iin":"850101400015","extKeyUsageOids":["1.3.6.1.5.5.7.3.4","1.2.398.3.3.4.1.2.1"]}}`)
	if got := signer(t, list[0], []byte("x")); !got.Has(cms.RoleHead) {
		t.Errorf("the filter of purposes: %+v", got)
	}
	raw, err := c.Call(t.Context(), moduleBasics, "sign", json.RawMessage(`{"format":"cms","data":"x","signingParams":{"outputCert":true},"signerParams":{"iin":"900101300017"}}`))
	if err != nil || !strings.Contains(string(raw), `"signatures":["-----BEGIN CMS`) || !strings.Contains(string(raw), `"certificate":"-----BEGIN CERTIFICATE`) {
		t.Errorf("outputCert: %s %v", raw, err)
	}
	if err := c.Choose(t.Context(), cms.Fingerprint(s.keys[2].Certificate.Raw)); err != nil {
		t.Fatal(err)
	}
	var refused *Refused
	if _, err := c.Call(t.Context(), moduleBasics, "sign", json.RawMessage(`{"format":"cms","data":"x","signerParams":{"bin":"200140000015"}}`)); !errors.As(err, &refused) || refused.Code != "SIGNING_FAILURE" {
		t.Errorf("a chosen key that does not suit: %v", err)
	}
}

func TestOrigins(t *testing.T) {
	s := newScene(t, Options{Origins: []string{"http://127.0.0.1:8080"}})
	for origin, want := range map[string]bool{"http://127.0.0.1:8080": true, "": true, "https://evil.example": false, "null": false} {
		c, err := Dial(t.Context(), s.url, origin)
		if (err == nil) != want {
			t.Errorf("origin %q: %v", origin, err)
		}
		if err == nil {
			_ = c.Close() // only whether it opens is asked
		}
	}
}

func TestHandshakeRefusals(t *testing.T) {
	server := httptest.NewServer(New(Options{Keys: func() []ca.KeyPair { return nil }, Now: time.Now}))
	t.Cleanup(server.Close)
	good := map[string]string{"Upgrade": "websocket", "Connection": "keep-alive, Upgrade", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": base64.StdEncoding.EncodeToString(make([]byte, 16))}
	for _, one := range []struct {
		header, value, method string
		want                  int
	}{
		{"", "", "GET", http.StatusSwitchingProtocols},
		{"Upgrade", "", "GET", http.StatusUpgradeRequired},
		{"Connection", "close", "GET", http.StatusUpgradeRequired},
		{"Sec-WebSocket-Version", "8", "GET", http.StatusUpgradeRequired},
		{"Sec-WebSocket-Key", "short", "GET", http.StatusBadRequest},
		{"", "", "POST", http.StatusUpgradeRequired},
	} {
		r, err := http.NewRequestWithContext(t.Context(), one.method, server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range good {
			r.Header.Set(k, v)
		}
		if one.header != "" {
			r.Header.Set(one.header, one.value)
		}
		response, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close() // only the status is asked
		if response.StatusCode != one.want {
			t.Errorf("%s %s=%q: %d, want %d", one.method, one.header, one.value, response.StatusCode, one.want)
		}
	}
}

func TestIdleConnectionsAreClosed(t *testing.T) {
	s := newScene(t, Options{Idle: 20 * time.Millisecond})
	c := s.dial(t)
	if _, err := c.s.read(); err == nil {
		t.Fatal("the agent speaks unasked")
	}
}
