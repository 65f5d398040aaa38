package ca

import (
	"bytes"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"elicense/internal/cms"
	"elicense/internal/eds"
	"elicense/internal/fault"
	"elicense/internal/port"
)

// asking trusts the authority and asks its responder, without any list.
func asking(t *testing.T, c *CA, patience time.Duration) *eds.Verifier {
	t.Helper()
	server := httptest.NewServer(c.Handler())
	t.Cleanup(server.Close)
	v, err := eds.New(eds.Config{
		Environment: "demo", Anchors: eds.Source{Folder: c.AnchorsFolder()}, Intermediates: eds.Source{Folder: c.IntermediatesFolder()},
		Responders: []string{server.URL + OCSPPath}, Patience: patience,
	}, c.now)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// The responder as the verifier sees it: well behaved, and in every way not.
func TestResponder(t *testing.T) {
	dir, clock := t.TempDir(), time.Now()
	c, err := Open(dir, Options{Now: func() time.Time { return clock }})
	if err != nil {
		t.Fatal(err)
	}
	pair := issue(t, c, aigul)
	der, err := cms.Sign([]byte("content"), pair.Key, pair.Certificate, cms.Options{Detached: true})
	if err != nil {
		t.Fatal(err)
	}
	for how, want := range map[Misbehaviour]port.Revocation{
		Works: port.RevocationGood, Silent: port.RevocationUnknown, Hangs: port.RevocationUnknown, Busy: port.RevocationUnknown,
		Stale: port.RevocationUnknown, WrongNonce: port.RevocationUnknown, Stranger: port.RevocationUnknown,
	} {
		patience := time.Minute
		if how == Hangs {
			patience = 2 * time.Second // long enough for the question to arrive on a busy machine
		}
		v := asking(t, c, patience)
		c.Responder().Misbehave(how)
		before := c.Responder().Asked()
		got, err := v.Verify(t.Context(), []byte("content"), der, clock)
		if err != nil || got.Revocation != want || c.Responder().Asked() != before+1 {
			t.Errorf("%q: %s %v", how, got.Revocation, err)
		}
		c.Responder().Misbehave(Works)
		if revocation, _, err := v.Recheck(t.Context(), pair.Certificate.Raw, clock); how != Hangs && (err != nil || revocation != port.RevocationGood) {
			t.Errorf("%q, mended: %s %v", how, revocation, err)
		}
		if err := v.TryResponders(t.Context()); how != Hangs && err != nil {
			t.Errorf("%q, tried: %v", how, err)
		}
	}
	if err := c.Revoke(pair.Certificate); err != nil {
		t.Fatal(err)
	}
	clock = clock.Add(time.Second)
	if _, err := asking(t, c, time.Minute).Verify(t.Context(), []byte("content"), der, clock); !fault.Is(err, eds.KeyRevoked) {
		t.Errorf("revoked: %v", err)
	}
	again := open(t, dir)
	if !again.Responder().pair.Certificate.Equal(c.Responder().pair.Certificate) || !cms.IsDemo(again.Responder().pair.Certificate) {
		t.Error("a restart makes another responder, or it is not marked")
	}
}

// What is no question about this authority is refused.
func TestResponderRefuses(t *testing.T) {
	c, other := open(t, t.TempDir()), open(t, t.TempDir())
	server := httptest.NewServer(c.Handler())
	defer server.Close()
	stranger := issue(t, other, aigul).Certificate
	id, err := cms.NewOCSPID(stranger.RawIssuer, other.issuing.Certificate, stranger.SerialNumber)
	if err != nil {
		t.Fatal(err)
	}
	question, err := cms.OCSPQuestion{ID: id}.Request()
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string][]byte{"another authority's": question, "noise": []byte("hello"), "nothing": nil, "too much": make([]byte, 1<<20)} {
		response, err := http.Post(server.URL+OCSPPath, "application/ocsp-request", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if _, err := got.ReadFrom(response.Body); err != nil {
			t.Error(err)
		}
		_ = response.Body.Close()
		if !bytes.Equal(got.Bytes(), cms.RefuseOCSP(cms.OCSPRefused)) {
			t.Errorf("%s: %x", name, got.Bytes())
		}
	}
}

// The openssl binary asks the responder, and verifies what it says.
func TestOpenSSLAsksTheResponder(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir)
	server := httptest.NewServer(c.Handler())
	defer server.Close()
	good, revoked := issue(t, c, aigul), issue(t, c, Person{Kind: Individual, IIN: "850101300012", Surname: "ҮЛГІ", GivenName: "АЙДАР"})
	if err := c.Revoke(revoked.Certificate); err != nil {
		t.Fatal(err)
	}
	var authorities []byte
	for _, certificate := range append(c.Anchors(), c.Intermediates()...) {
		authorities = append(authorities, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw})...)
	}
	bundle := filepath.Join(dir, "authorities.pem")
	if err := os.WriteFile(bundle, authorities, 0o600); err != nil {
		t.Fatal(err)
	}
	for pair, want := range map[*KeyPair]string{&good: ": good", &revoked: ": revoked"} {
		said, err := exec.Command("openssl", "ocsp", "-url", server.URL+OCSPPath, "-issuer", filepath.Join(c.IntermediatesFolder(), "demo-issuing.pem"),
			"-cert", filepath.Join(dir, "people", pair.Name+".pem"), "-CAfile", bundle).CombinedOutput()
		if err != nil || !strings.Contains(string(said), "Response verify OK") || !strings.Contains(string(said), want) {
			t.Errorf("want %q: %v\n%s", want, err, said)
		}
	}
}
