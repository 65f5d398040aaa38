package eds

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"elicense/internal/cms"
)

// The tests' own time, keys and authority.
var (
	noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	keys = sync.OnceValue(func() [3]*rsa.PrivateKey {
		var out [3]*rsa.PrivateKey
		for i := range out {
			out[i] = must(rsa.GenerateKey(rand.Reader, 2048))
		}
		return out
	})
	demoMark = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 32473, 5, 1}
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// pki is a root, an issuing authority and the signers below it.
type pki struct {
	rootKey, issuingKey, leafKey *rsa.PrivateKey
	root, issuing                *x509.Certificate
	leaves                       int64
	lists                        int64
}

func newPKI(change func(root, issuing *x509.Certificate)) *pki {
	k := keys()
	p := &pki{rootKey: k[0], issuingKey: k[1], leafKey: k[2]}
	name := pkix.Name{CommonName: "ТЕСТ", Country: []string{"KZ"}} // one name for both: names decide nothing
	template := func(serial int64, id byte) *x509.Certificate {
		return &x509.Certificate{
			SerialNumber: big.NewInt(serial), Subject: name, IsCA: true, BasicConstraintsValid: true,
			KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, NotBefore: noon.AddDate(-2, 0, 0), NotAfter: noon.AddDate(8, 0, 0), SubjectKeyId: []byte{id, 1, 2, 3},
		}
	}
	root, issuing := template(1, 0xaa), template(2, 0xbb)
	issuing.AuthorityKeyId = root.SubjectKeyId // left out by x509 where the names are equal
	if change != nil {
		change(root, issuing)
	}
	p.root = must(x509.ParseCertificate(must(x509.CreateCertificate(rand.Reader, root, root, p.rootKey.Public(), p.rootKey))))
	p.issuing = must(x509.ParseCertificate(must(x509.CreateCertificate(rand.Reader, issuing, p.root, p.issuingKey.Public(), p.rootKey))))
	return p
}

// leaf issues a certificate of the NCA's profile for an individual.
func (p *pki) leaf(change func(*x509.Certificate)) *x509.Certificate {
	p.leaves++
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1000 + p.leaves),
		Subject: pkix.Name{ExtraNames: []pkix.AttributeTypeAndValue{
			{Type: asn1.ObjectIdentifier{2, 5, 4, 3}, Value: "ҮЛГІ АЙДАР"}, {Type: asn1.ObjectIdentifier{2, 5, 4, 4}, Value: "ҮЛГІ"},
			{Type: asn1.ObjectIdentifier{2, 5, 4, 5}, Value: "IIN850101300012"}, {Type: asn1.ObjectIdentifier{2, 5, 4, 6}, Value: "KZ"},
		}},
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection},
		UnknownExtKeyUsage: []asn1.ObjectIdentifier{{1, 2, 398, 3, 3, 4, 1, 1}}, NotBefore: noon.AddDate(0, -6, 0), NotAfter: noon.AddDate(0, 6, 0),
	}
	if change != nil {
		change(template)
	}
	return must(x509.ParseCertificate(must(x509.CreateCertificate(rand.Reader, template, p.issuing, p.leafKey.Public(), p.issuingKey))))
}

// list makes a revocation list of the issuing authority.
func (p *pki) list(change func(*x509.RevocationList), revoked ...x509.RevocationListEntry) []byte {
	p.lists++
	template := &x509.RevocationList{Number: big.NewInt(p.lists), ThisUpdate: noon.Add(-time.Hour), NextUpdate: noon.Add(23 * time.Hour), RevokedCertificateEntries: revoked}
	if change != nil {
		change(template)
	}
	return must(x509.CreateRevocationList(rand.Reader, template, p.issuing, p.issuingKey))
}

func (p *pki) sign(content []byte, c *x509.Certificate) []byte {
	return must(cms.Sign(content, p.leafKey, c, cms.Options{Detached: true, SigningTime: noon}))
}

// place is a web address that serves changing bytes.
type place struct {
	mu     sync.Mutex
	body   []byte
	status int
	asked  int
}

func (s *place) set(status int, body []byte) {
	s.mu.Lock()
	s.status, s.body = status, body
	s.mu.Unlock()
}

func (s *place) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	w.WriteHeader(s.status)
	_, _ = w.Write(bytes.Clone(s.body))
}

// world is a verifier over a pki with one list served over HTTP, and a clock.
type world struct {
	*pki
	*Verifier
	place *place
	url   string
	clock time.Time
}

func newWorld(t testing.TB, p *pki, change func(*Config)) *world {
	t.Helper()
	w := &world{pki: p, place: &place{status: 200, body: p.list(nil)}, clock: noon}
	server := httptest.NewServer(w.place)
	t.Cleanup(server.Close)
	w.url = server.URL + "/test.crl"
	cfg := Config{
		Environment: "test", Anchors: Source{Certificates: []*x509.Certificate{p.root}},
		Intermediates: Source{Certificates: []*x509.Certificate{p.issuing}}, Lists: []List{{URL: w.url}}, Patience: time.Minute, // a machine that stands still is no silent responder
	}
	if change != nil {
		change(&cfg)
	}
	v, err := New(cfg, func() time.Time { return w.clock })
	if err != nil {
		t.Fatal(err)
	}
	w.Verifier = v
	return w
}
