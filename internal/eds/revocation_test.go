package eds

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"elicense/internal/fault"
	"elicense/internal/port"
)

// outcome verifies and says "good", "unknown" or the key of the fault.
func (w *world) outcome(t *testing.T, c *x509.Certificate, at time.Time) string {
	t.Helper()
	got, err := w.Verify(t.Context(), []byte("x"), w.sign([]byte("x"), c), at)
	if f, ok := fault.As(err); ok {
		return f.Key
	}
	if err != nil {
		t.Fatal(err)
	}
	again, evidence, err := w.Recheck(t.Context(), c.Raw, at)
	if err != nil || again != got.Revocation || !reflect.DeepEqual(evidence, got.Evidence) {
		t.Fatalf("Recheck says %q %v %v, Verify said %q %v", again, evidence, err, got.Revocation, got.Evidence)
	}
	if (got.Revocation == port.RevocationGood) != (len(got.Evidence) != 0) {
		t.Fatalf("%q rests on %v", got.Revocation, got.Evidence)
	}
	return string(got.Revocation)
}

func TestRevocation(t *testing.T) {
	p := newPKI(nil)
	w := newWorld(t, p, nil)
	free, revoked := p.leaf(nil), p.leaf(nil)
	expect := func(name string, c *x509.Certificate, at time.Time, want string) {
		t.Helper()
		if got := w.outcome(t, c, at); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	expect("before any list", free, noon, "unknown")
	w.place.set(200, p.list(nil, entry(revoked, noon.Add(-2*time.Hour))))
	if err := w.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	expect("not on the list", free, noon, "good")
	expect("revoked", revoked, noon, KeyRevoked)
	expect("received before the revocation", revoked, noon.Add(-3*time.Hour), "good")
	expect("received at the revocation", revoked, noon.Add(-2*time.Hour), KeyRevoked)
	if _, _, err := w.Recheck(t.Context(), revoked.Raw, noon); !fault.Is(err, KeyRevoked) {
		t.Errorf("recheck: %v", err)
	}

	w.clock = noon.Add(23 * time.Hour) // nextUpdate
	expect("stale list", free, noon, "unknown")
	expect("revoked on a stale list", revoked, noon, KeyRevoked)

	w.place.set(200, p.list(func(l *x509.RevocationList) { l.ThisUpdate, l.NextUpdate = w.clock, w.clock.Add(24*time.Hour) }, entry(revoked, noon.Add(-2*time.Hour))))
	if err := w.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	expect("fresh again", free, noon, "good")
	short := p.leaf(func(c *x509.Certificate) { c.NotAfter = noon.Add(time.Hour) })
	expect("a certificate that ended before the list was made", short, noon, "unknown")
}

// Everything that goes wrong with a list leaves the one before it in use, and says so.
func TestListsThatAreRefused(t *testing.T) {
	p := newPKI(nil)
	free := p.leaf(nil)
	stranger := newPKI(nil)
	stranger.issuingKey = p.leafKey
	forged := must(x509.CreateRevocationList(rand.Reader, &x509.RevocationList{Number: big.NewInt(9), ThisUpdate: noon, NextUpdate: noon.Add(time.Hour)},
		func() *x509.Certificate { c := *p.issuing; c.PublicKey = p.leafKey.Public(); return &c }(), p.leafKey))
	extension := func(id asn1.ObjectIdentifier, critical bool, value []byte) func(*x509.RevocationList) {
		return func(l *x509.RevocationList) {
			l.ThisUpdate = noon
			l.ExtraExtensions = []pkix.Extension{{Id: id, Critical: critical, Value: value}}
		}
	}
	distribution := asn1.ObjectIdentifier{2, 5, 29, 28}
	indirect := p.list(nil, x509.RevocationListEntry{SerialNumber: big.NewInt(5), RevocationTime: noon,
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 29}, Critical: true, Value: []byte{0x30, 0}}}})
	cases := []struct {
		name   string
		status int
		body   []byte
		taken  bool
	}{
		{"not found", 404, p.list(nil), false},
		{"no list", 200, []byte("<html>"), false},
		{"nothing", 200, nil, false},
		{"forged", 200, forged, false},
		{"older", 200, p.list(func(l *x509.RevocationList) { l.ThisUpdate = noon.Add(-2 * time.Hour) }), false},
		{"delta, not critical", 200, p.list(extension(asn1.ObjectIdentifier{2, 5, 29, 27}, false, []byte{2, 1, 1})), false},
		{"delta of nothing", 200, p.list(extension(asn1.ObjectIdentifier{2, 5, 29, 27}, true, []byte{2, 1, 0x81})), false},
		{"delta, unreadable", 200, p.list(extension(asn1.ObjectIdentifier{2, 5, 29, 27}, true, []byte{2, 1, 1, 0})), false},
		{"authorities only", 200, p.list(extension(distribution, true, []byte{0x30, 3, 0x82, 1, 0xff})), false},
		{"indirect", 200, p.list(extension(distribution, true, []byte{0x30, 3, 0x84, 1, 0xff})), false},
		{"some reasons", 200, p.list(extension(distribution, true, []byte{0x30, 4, 0x83, 2, 1, 2})), false},
		{"entry of another issuer", 200, indirect, false},
		{"unknown critical", 200, p.list(extension(asn1.ObjectIdentifier{1, 2, 3}, true, []byte{5, 0})), false},
		{"unknown, not critical", 200, p.list(extension(asn1.ObjectIdentifier{1, 2, 3}, false, []byte{5, 0})), true},
		{"users only", 200, p.list(extension(distribution, true, []byte{0x30, 3, 0x81, 1, 0xff})), true},
		{"too large", 200, make([]byte, maxList+1), false},
		{"PEM", 200, pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: p.list(nil)}), true},
	}
	for _, c := range cases {
		w := newWorld(t, p, nil)
		if err := w.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		before := w.Lists()[0].Number
		w.place.set(c.status, c.body)
		err := w.Refresh(t.Context())
		after := w.Lists()[0]
		if (err == nil) != c.taken || (after.Err == nil) != c.taken || (after.Number != before) != c.taken {
			t.Errorf("%s: taken %v (list %s, then %s): %v", c.name, err == nil, before, after.Number, err)
		}
		if got := w.outcome(t, free, noon); got != "good" {
			t.Errorf("%s: afterwards %q", c.name, got)
		}
	}
}

func TestMaxAge(t *testing.T) {
	p := newPKI(nil)
	w := newWorld(t, p, func(c *Config) { c.MaxAge = time.Hour })
	free := p.leaf(nil)
	if err := w.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.clock = noon.Add(61 * time.Minute)
	if got := w.outcome(t, free, noon); got != "unknown" {
		t.Errorf("not seen for an hour: %q", got)
	}
	if err := w.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := w.outcome(t, free, noon); got != "good" {
		t.Errorf("seen again, unchanged: %q", got)
	}
}

func TestListOfTheFuture(t *testing.T) {
	p := newPKI(nil)
	w := newWorld(t, p, nil)
	w.place.set(200, p.list(func(l *x509.RevocationList) { l.ThisUpdate = noon.Add(ahead + time.Second) }))
	if err := w.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	long := p.leaf(nil)
	if got := w.outcome(t, long, noon); got != "unknown" {
		t.Errorf("%q", got)
	}
}

// A list of the root, when configured, is heeded for the issuing authority.
func TestRevokedAuthority(t *testing.T) {
	p := newPKI(nil)
	file := filepath.Join(t.TempDir(), "root.crl")
	write := func(entries ...x509.RevocationListEntry) {
		p.lists++
		der := must(x509.CreateRevocationList(rand.Reader, &x509.RevocationList{Number: big.NewInt(p.lists), ThisUpdate: noon, NextUpdate: noon.Add(time.Hour), RevokedCertificateEntries: entries}, p.root, p.rootKey))
		if err := os.WriteFile(file, der, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write()
	w := newWorld(t, p, func(c *Config) { c.Lists = append(c.Lists, List{File: file}) })
	free := p.leaf(nil)
	if err := w.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := w.outcome(t, free, noon); got != "good" {
		t.Errorf("%q", got)
	}
	write(entry(p.issuing, noon.Add(-time.Hour)))
	if err := w.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := w.outcome(t, free, noon); got != KeyRevoked {
		t.Errorf("revoked authority: %q", got)
	}
}

// The verifier goes nowhere but where the configuration sends it.
func TestRedirects(t *testing.T) {
	p := newPKI(nil)
	target := &place{status: 200, body: p.list(nil)}
	elsewhere := httptest.NewServer(target)
	t.Cleanup(elsewhere.Close)
	mux := http.NewServeMux()
	mux.Handle("/away", http.RedirectHandler(elsewhere.URL, http.StatusFound))
	mux.Handle("/loop", http.RedirectHandler("/loop", http.StatusFound))
	mux.Handle("/here", http.RedirectHandler("/list", http.StatusFound))
	mux.Handle("/list", target)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	for path, want := range map[string]bool{"/away": false, "/loop": false, "/here": true} {
		w := newWorld(t, p, func(c *Config) { c.Lists = []List{{URL: server.URL + path}} })
		if err := w.Refresh(t.Context()); (err == nil) != want {
			t.Errorf("%s: %v", path, err)
		}
	}
	if target.asked != 1 {
		t.Errorf("the list was asked for %d times", target.asked)
	}
}

// Addresses inside certificates are never visited.
func TestAddressesInCertificatesAreIgnored(t *testing.T) {
	p := newPKI(nil)
	trap := &place{status: 200, body: p.list(nil)}
	server := httptest.NewServer(trap)
	t.Cleanup(server.Close)
	w := newWorld(t, p, func(c *Config) { c.Lists = nil })
	c := p.leaf(func(c *x509.Certificate) {
		c.CRLDistributionPoints, c.OCSPServer, c.IssuingCertificateURL = []string{server.URL}, []string{server.URL}, []string{server.URL}
	})
	if got := w.outcome(t, c, noon); got != string(port.RevocationUnknown) {
		t.Errorf("%q", got)
	}
	if trap.asked != 0 {
		t.Error("an address of the certificate was visited")
	}
}

func TestRunRefreshesAndEnds(t *testing.T) {
	p := newPKI(nil)
	w := newWorld(t, p, func(c *Config) { c.Refresh = time.Millisecond })
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	deadline := time.After(10 * time.Second)
	for {
		w.place.mu.Lock()
		asked := w.place.asked
		w.place.mu.Unlock()
		if asked >= 3 {
			break
		}
		select {
		case <-deadline:
			t.Fatal("the list is not refreshed")
		case <-time.After(time.Millisecond):
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if s := w.Lists()[0]; s.Number != "1" || s.Err != nil && !strings.Contains(s.Err.Error(), "cancel") {
		t.Fatalf("%+v", s)
	}
}
