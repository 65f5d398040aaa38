package eds

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"elicense/internal/cms"
)

// desk is an OCSP responder of a pki that can be told to answer otherwise.
type desk struct {
	url         string
	key         crypto.Signer
	certificate *x509.Certificate
	issuing     *x509.Certificate
	now         func() time.Time

	mu      sync.Mutex
	asked   int
	revoked map[string]time.Time // by serial number
	bend    func(*cms.OCSPQuestion, *cms.OCSPAnswer)
	instead func(http.ResponseWriter, *http.Request)
}

// responder issues a certificate for signing responses.
func (p *pki) responder(change func(*x509.Certificate)) *x509.Certificate {
	return p.leaf(func(c *x509.Certificate) {
		c.Subject.ExtraNames, c.UnknownExtKeyUsage = c.Subject.ExtraNames[:1], nil
		c.KeyUsage, c.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}
		if change != nil {
			change(c)
		}
	})
}

// newDesk starts a responder.
func newDesk(t testing.TB, issuing *x509.Certificate, key crypto.Signer, certificate *x509.Certificate) *desk {
	t.Helper()
	d := &desk{key: key, certificate: certificate, issuing: issuing, now: func() time.Time { return noon }, revoked: map[string]time.Time{}}
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	d.url = server.URL + "/ocsp"
	return d
}

// set changes how the responder answers.
func (d *desk) set(change func(*desk)) {
	d.mu.Lock()
	change(d)
	d.mu.Unlock()
}

func (d *desk) questions() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.asked
}

func (d *desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	d.asked++
	bend, instead := d.bend, d.instead
	d.mu.Unlock()
	if instead != nil {
		instead(w, r)
		return
	}
	q := must(cms.ParseOCSPRequest(must(io.ReadAll(r.Body))))
	if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/ocsp-request" || len(q.Nonce) != nonceSize || !q.ID.Under(d.issuing) {
		http.Error(w, "a question of another kind", http.StatusBadRequest)
		return
	}
	d.mu.Lock()
	at, revoked := d.revoked[q.ID.Serial().String()]
	d.mu.Unlock()
	a := cms.OCSPAnswer{ProducedAt: d.now(), ThisUpdate: d.now(), Revoked: revoked, RevokedAt: at}
	if bend != nil {
		bend(&q, &a)
	}
	_, _ = w.Write(must(cms.RespondOCSP(q, a, d.key, d.certificate)))
}

// newOCSPWorld is newWorld with a responder and without lists, unless they are asked for.
func newOCSPWorld(t testing.TB, p *pki, lists bool) (*world, *desk) {
	t.Helper()
	d := newDesk(t, p.issuing, p.leafKey, p.responder(nil))
	w := newWorld(t, p, func(c *Config) {
		c.Responders = []string{d.url}
		if !lists {
			c.Lists = nil
		}
	})
	d.now = func() time.Time { return w.clock }
	if err := w.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w, d
}

// revoke makes the responder say that a certificate was revoked.
func (d *desk) revoke(c *x509.Certificate, at time.Time) {
	d.set(func(d *desk) { d.revoked[c.SerialNumber.String()] = at })
}

// noise is what no responder says.
func noise(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}
