package ca

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"io"
	"io/fs"
	"math/big"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"elicense/internal/cms"
)

// OCSPPath is where Handler answers OCSP requests.
const OCSPPath = "/demo-ca.ocsp"

// Misbehaviour is a way in which the responder can be told not to do what it should.
type Misbehaviour string

// The ways. The zero value is a responder that works.
const (
	Works      Misbehaviour = ""
	Silent     Misbehaviour = "silent"      // ends the connection without an answer
	Hangs      Misbehaviour = "hangs"       // takes the question and waits until the other side gives up
	Busy       Misbehaviour = "busy"        // tryLater
	Stale      Misbehaviour = "stale"       // answers of an hour ago
	WrongNonce Misbehaviour = "wrong-nonce" // answers to somebody else's question
	Stranger   Misbehaviour = "stranger"    // signs with a key that is not a responder's
)

// Responder answers OCSP requests (RFC 6960) about certificates of the demonstration authority, with a key and a
// certificate of its own.
type Responder struct {
	ca   *CA
	pair KeyPair

	mu    sync.Mutex
	does  Misbehaviour
	asked int
}

// responder loads or makes the responder's key and certificate.
func (c *CA) responder() (KeyPair, error) {
	const name = "demo-ocsp"
	keyFile, certificateFile := filepath.Join(c.dir, "authority", name+".key.pem"), filepath.Join(c.dir, "authority", name+".pem")
	pair, err := load(name, keyFile, certificateFile)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return pair, err
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return KeyPair{}, err
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(3), Subject: pkix.Name{CommonName: "DEMO ELICENSE OCSP — NOT A REAL AUTHORITY", Country: []string{"KZ"}},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning},
		NotBefore: c.issuing.Certificate.NotBefore, NotAfter: c.issuing.Certificate.NotAfter, ExtraExtensions: []pkix.Extension{mark(), noCheck()},
	}, c.issuing.Certificate, key.Public(), c.issuing.Key)
	if err != nil {
		return KeyPair{}, err
	}
	return save(name, keyFile, certificateFile, key, der)
}

// noCheck excuses the responder from being looked up itself (RFC 6960, 4.2.2.2.1): it answers while no list can be read.
func noCheck() pkix.Extension {
	return pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}, Value: asn1.NullBytes}
}

// Responder is the authority's one responder.
func (c *CA) Responder() *Responder { return c.ocsp }

// Misbehave tells the responder what to do from now on.
func (r *Responder) Misbehave(how Misbehaviour) {
	r.mu.Lock()
	r.does = how
	r.mu.Unlock()
}

// Asked is how many requests have come.
func (r *Responder) Asked() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked
}

// ServeHTTP answers one request.
func (r *Responder) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	r.mu.Lock()
	r.asked++
	does := r.does
	r.mu.Unlock()
	w.Header().Set("Content-Type", "application/ocsp-response")
	w.Header().Set("Cache-Control", "no-store")
	body, err := io.ReadAll(io.LimitReader(request.Body, cms.MaxOCSP+1))
	if err != nil {
		return // the other side went away
	}
	switch does {
	case Silent:
		panic(http.ErrAbortHandler)
	case Hangs:
		<-request.Context().Done()
		return
	case Busy:
		_, _ = w.Write(cms.RefuseOCSP(cms.OCSPTryLater)) // a reader who went away needs no answer
		return
	}
	_, _ = w.Write(r.answer(body, does))
}

// answer answers a request.
func (r *Responder) answer(body []byte, does Misbehaviour) []byte {
	q, err := cms.ParseOCSPRequest(body)
	if err != nil || !q.ID.Under(r.ca.issuing.Certificate) {
		return cms.RefuseOCSP(cms.OCSPRefused)
	}
	now := r.ca.now().UTC()
	a := cms.OCSPAnswer{ProducedAt: now, ThisUpdate: now}
	r.ca.mu.Lock()
	a.RevokedAt, a.Revoked = r.ca.revokedAt(q.ID.Serial())
	r.ca.mu.Unlock()
	pair := r.pair
	switch does {
	case Stale:
		a.ProducedAt, a.ThisUpdate = now.Add(-time.Hour), now.Add(-time.Hour)
	case WrongNonce:
		q.Nonce = make([]byte, len(q.Nonce))
	case Stranger:
		pair = r.ca.root
	}
	der, err := cms.RespondOCSP(q, a, pair.Key, pair.Certificate)
	if err != nil {
		return cms.RefuseOCSP(cms.OCSPInternal)
	}
	return der
}
