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
	"sync/atomic"
	"time"

	"elicense/internal/cms"
)

// StampPath is where the demonstration asks for time stamps, and StampPolicy the policy under which they are given.
const (
	StampPath   = "/demo-ca.tsp"
	StampPolicy = "1.3.6.1.4.1.32473.5.3"
)

// Mischief is a way in which the time-stamping authority misbehaves, for tests.
type Mischief int32

// The ways to misbehave. The zero value gives what is asked for.
const (
	Honest   Mischief = iota
	Down              // answers that it is out of order
	Refusing          // answers that it gives no stamp
	Slow              // its clock is an hour behind
	Garbled           // its signatures are wrong
)

// Stamper is the demonstration's time-stamping authority (RFC 3161): a key of its own with a certificate that serves for
// nothing else. It is an http.Handler.
type Stamper struct {
	pair     KeyPair
	now      func() time.Time
	mischief atomic.Int32
	given    atomic.Int64
}

// Stamper loads or makes the time-stamping authority of the folder: authority/demo-tsa.key.pem, authority/demo-tsa.pem.
func (c *CA) Stamper() (*Stamper, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	const name = "demo-tsa"
	keyFile, certificateFile := filepath.Join(c.dir, "authority", name+".key.pem"), filepath.Join(c.dir, "authority", name+".pem")
	pair, err := load(name, keyFile, certificateFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err != nil || !c.now().Add(24*time.Hour).Before(pair.Certificate.NotAfter) {
		if pair, err = c.makeStamper(name, keyFile, certificateFile); err != nil {
			return nil, err
		}
	}
	return &Stamper{pair: pair, now: c.now}, nil
}

func (c *CA) makeStamper(name, keyFile, certificateFile string) (KeyPair, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return KeyPair{}, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 158))
	if err != nil {
		return KeyPair{}, err
	}
	// Package x509 does not mark this extension critical, which RFC 3161 demands.
	usage, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}})
	if err != nil {
		return KeyPair{}, err
	}
	now := c.now().UTC().Truncate(time.Second)
	template := &x509.Certificate{
		SerialNumber: serial.Add(serial, big.NewInt(1)),
		Subject:      pkix.Name{CommonName: "DEMO TSA", Country: []string{"KZ"}},
		KeyUsage:     x509.KeyUsageDigitalSignature, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(3 * 365 * 24 * time.Hour),
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: usage}, mark()},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, c.issuing.Certificate, key.Public(), c.issuing.Key)
	if err != nil {
		return KeyPair{}, err
	}
	return save(name, keyFile, certificateFile, key, der)
}

// Certificate is the authority's.
func (s *Stamper) Certificate() *x509.Certificate { return s.pair.Certificate }

// Pair is the authority's key too, for tests that misuse it.
func (s *Stamper) Pair() KeyPair { return s.pair }

// Misbehave chooses what the authority does from now on.
func (s *Stamper) Misbehave(m Mischief) { s.mischief.Store(int32(m)) }

// Given counts the stamps that were given.
func (s *Stamper) Given() int { return int(s.given.Load()) }

// ServeHTTP answers one question.
func (s *Stamper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	mischief := Mischief(s.mischief.Load())
	if mischief == Down {
		http.Error(w, "out of order", http.StatusServiceUnavailable)
		return
	}
	if r.Method != http.MethodPost {
		http.Error(w, "questions are sent by POST", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, cms.MaxEnvelope))
	if err != nil {
		http.Error(w, "the question is too long", http.StatusRequestEntityTooLarge)
		return
	}
	w.Header().Set("Content-Type", "application/timestamp-reply")
	var token []byte
	query, err := cms.ParseStampQuery(body)
	if err == nil {
		token, err = s.Stamp(query)
	}
	if err != nil || mischief == Refusing {
		_, _ = w.Write(cms.StampRejection()) // a reader who went away needs no answer
		return
	}
	s.given.Add(1)
	_, _ = w.Write(cms.StampAnswer(token))
}

// Stamp makes the token that answers a question, DER, or as the chosen mischief has it.
func (s *Stamper) Stamp(query cms.StampQuery) ([]byte, error) {
	mischief := Mischief(s.mischief.Load())
	if query.Policy != "" && query.Policy != StampPolicy {
		return nil, errors.New("demo ca: another policy")
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 128))
	if err != nil {
		return nil, err
	}
	at := s.now()
	if mischief == Slow {
		at = at.Add(-time.Hour)
	}
	token, err := query.Stamp(s.pair.Key, s.pair.Certificate, cms.StampTerms{Policy: StampPolicy, Serial: serial, Time: at, Accuracy: time.Second})
	if err == nil && mischief == Garbled {
		token[len(token)-1] ^= 1
	}
	return token, err
}
