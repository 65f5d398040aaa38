// Package ca is the demonstration's certification authority: roots, issuing authorities and signing keys of made-up
// people with the certificate profile of the National Certification Authority. There is a root with an issuing authority
// for RSA, for GOST R 34.10-2015, and for GOST 34.310-2004 as the state bodies' authority has it. Everything it makes
// carries the mark cms.DemoMark and the word DEMO, and a production configuration refuses it.
//
// The authority lives in a folder, so that its keys outlast a restart and a person can sign with other programs. What an
// older program has left there is kept, and what it did not know yet is added:
//
//	anchors/demo-root*.pem               certificates of the roots
//	intermediates/demo-*.pem             certificates of the issuing authorities
//	authority/*.key.pem                  their private keys (PKCS #8), and those of the two below
//	authority/demo-ocsp.pem              certificate of the OCSP responder
//	authority/demo-tsa.pem               certificate of the time-stamping authority
//	authority/revoked.json               what has been revoked
//	people/NAME.pem, people/NAME.key.pem  a person's certificate and private key (PKCS #8); NAME ends with the algorithm
//	                                     where that is not RSA
//	people/NAME.p12                      both as PKCS #12, where a password was given
//
// # Signing by hand
//
// The file to sign is exactly what the portal offers for download; the result is uploaded:
//
//	openssl cms -sign -cades -md sha256 -binary -in document.json \
//	    -signer people/NAME.pem -inkey people/NAME.key.pem -outform DER -out document.cms
package ca

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"sync"
	"time"

	"elicense/internal/cms"
)

// Options of the authority.
type Options struct {
	Now func() time.Time // required
	// Validity of a person's certificate; 0 means one year, as the NCA gives.
	Validity time.Duration
}

// CA is the demonstration authority. It is safe for use by many goroutines.
type CA struct {
	dir           string
	now           func() time.Time
	validity      time.Duration
	root, issuing KeyPair // of RSA
	ocsp          *Responder
	mu            sync.Mutex // guards the folder and what follows
	revoked       []Revoked
	branches      map[Algorithm]*branch // of each family that has authorities; RSA's are root and issuing again
}

// KeyPair is a private key and its certificate.
type KeyPair struct {
	Name        string // of its files
	Key         crypto.Signer
	Certificate *x509.Certificate
}

// Open loads the authority of a folder, or makes one there. Two processes must not open one folder at once for the
// first time.
func Open(dir string, o Options) (*CA, error) {
	if o.Now == nil {
		return nil, errors.New("demo ca: no clock")
	}
	if o.Validity <= 0 {
		o.Validity = 365 * 24 * time.Hour
	}
	c := &CA{dir: dir, now: o.Now, validity: o.Validity}
	for _, d := range []string{"anchors", "intermediates", "authority", "people"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o700); err != nil {
			return nil, err
		}
	}
	c.branches = map[Algorithm]*branch{}
	for _, b := range branches() {
		root, err := c.authority(fileName("demo-root", b.algorithm), "anchors", b.algorithm, nil)
		if err != nil {
			return nil, err
		}
		issuing, err := c.authority(b.issuing, "intermediates", b.algorithm, &root)
		if err != nil {
			return nil, err
		}
		c.branches[b.algorithm] = &branch{root: root, issuing: issuing}
	}
	c.root, c.issuing = c.branches[RSA].root, c.branches[RSA].issuing
	responder, err := c.responder()
	if err != nil {
		return nil, err
	}
	c.ocsp = &Responder{ca: c, pair: responder}
	if err := c.loadRevoked(); err != nil {
		return nil, err
	}
	return c, nil
}

// Anchors are the certificates of trust: the roots, that of RSA first.
func (c *CA) Anchors() []*x509.Certificate {
	var out []*x509.Certificate
	for _, b := range branches() {
		out = append(out, c.branches[b.algorithm].root.Certificate)
	}
	return out
}

// Intermediates are the authorities below the roots, in the same order.
func (c *CA) Intermediates() []*x509.Certificate {
	var out []*x509.Certificate
	for _, b := range branches() {
		out = append(out, c.branches[b.algorithm].issuing.Certificate)
	}
	return out
}

// AnchorsFolder and IntermediatesFolder are where the same certificates are files, for a configuration by folder.
func (c *CA) AnchorsFolder() string { return filepath.Join(c.dir, "anchors") }

// IntermediatesFolder is the folder of the authorities below the root; see AnchorsFolder.
func (c *CA) IntermediatesFolder() string { return filepath.Join(c.dir, "intermediates") }

// mark is the extension every certificate carries.
func mark() pkix.Extension {
	return pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 32473, 5, 1}, Value: append([]byte{0x0c, 4}, "DEMO"...)}
}

// authority loads or makes a root (parent nil) or an issuing authority.
func (c *CA) authority(name, folder string, a Algorithm, parent *KeyPair) (KeyPair, error) {
	keyFile, certificateFile := filepath.Join(c.dir, "authority", name+".key.pem"), filepath.Join(c.dir, folder, name+".pem")
	pair, err := load(name, keyFile, certificateFile)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return pair, err
	}
	key, err := newKey(a)
	if err != nil {
		return KeyPair{}, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IsCA: true, BasicConstraintsValid: true,
		Subject:   pkix.Name{CommonName: "DEMO ELICENSE " + name + " — NOT A REAL AUTHORITY", Country: []string{"KZ"}},
		KeyUsage:  x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		NotBefore: c.now().Add(-24 * time.Hour), NotAfter: c.now().AddDate(20, 0, 0), ExtraExtensions: []pkix.Extension{mark()},
	}
	if parent != nil {
		template.SerialNumber = big.NewInt(2)
		template.MaxPathLen, template.MaxPathLenZero = 0, true
	}
	der, err := create(template, key, parent)
	if err != nil {
		return KeyPair{}, err
	}
	return save(name, keyFile, certificateFile, key, der)
}

// load reads a key and its certificate.
func load(name, keyFile, certificateFile string) (KeyPair, error) {
	certificatePEM, err := os.ReadFile(certificateFile)
	if err != nil {
		return KeyPair{}, err
	}
	keyPEM, err := os.ReadFile(keyFile)
	if err != nil {
		return KeyPair{}, err
	}
	id, err := cms.ParseIdentity("", certificatePEM, keyPEM)
	if err != nil {
		return KeyPair{}, fmt.Errorf("demo ca: %s: %w", name, err)
	}
	return KeyPair{Name: name, Key: id.Key, Certificate: id.Certificate}, nil
}

// save writes a key, then its certificate: a certificate without a key never exists.
func save(name, keyFile, certificateFile string, key crypto.Signer, der []byte) (KeyPair, error) {
	pkcs8, err := cms.MarshalKey(key)
	if err != nil {
		return KeyPair{}, err
	}
	if err := os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), 0o600); err != nil {
		return KeyPair{}, err
	}
	if err := os.WriteFile(certificateFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		return KeyPair{}, err
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return KeyPair{}, err
	}
	return KeyPair{Name: name, Key: key, Certificate: certificate}, nil
}

// loadP12 is load for a file that WriteP12 wrote.
func loadP12(name, file, password string) (KeyPair, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return KeyPair{}, err
	}
	id, err := cms.ParseIdentity(password, b)
	if err != nil {
		return KeyPair{}, fmt.Errorf("demo ca: %s: %w", name, err)
	}
	return KeyPair{Name: name, Key: id.Key, Certificate: id.Certificate}, nil
}

// WriteP12 writes the pair as PKCS #12 under a password, readable for its owner only. The file is never half written.
func (p KeyPair) WriteP12(file, password string) error {
	b, err := cms.Identity{Key: p.Key, Certificate: p.Certificate}.MarshalP12(p.Name, password)
	if err != nil {
		return err
	}
	if err := os.WriteFile(file+".new", b, 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}
