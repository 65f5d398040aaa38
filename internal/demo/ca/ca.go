// Package ca is the demonstration's certification authority: a root, an issuing authority and signing keys of made-up
// people with the certificate profile of the National Certification Authority. Everything it makes carries the mark
// cms.DemoMark and the word DEMO, and a production configuration refuses it.
//
// The authority lives in a folder, so that its keys outlast a restart and a person can sign with openssl:
//
//	anchors/demo-root.pem               certificate of the root
//	intermediates/demo-issuing.pem      certificate of the issuing authority
//	authority/*.key.pem                 their private keys (PKCS #8), and those of the two below
//	authority/demo-ocsp.pem             certificate of the OCSP responder
//	authority/demo-tsa.pem              certificate of the time-stamping authority
//	authority/revoked.json              what has been revoked
//	people/NAME.pem, people/NAME.key.pem  a person's certificate and private key (PKCS #8)
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
	"crypto/rand"
	"crypto/rsa"
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
	root, issuing KeyPair
	ocsp          *Responder
	mu            sync.Mutex // guards the folder and what follows
	revoked       []Revoked
	list          []byte
	listUntil     time.Time
	listNumber    int64
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
	var err error
	if c.root, err = c.authority("demo-root", "anchors", 1, nil); err != nil {
		return nil, err
	}
	if c.issuing, err = c.authority("demo-issuing", "intermediates", 2, &c.root); err != nil {
		return nil, err
	}
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

// Anchors are the certificates of trust: the root.
func (c *CA) Anchors() []*x509.Certificate { return []*x509.Certificate{c.root.Certificate} }

// Intermediates are the authorities below the root.
func (c *CA) Intermediates() []*x509.Certificate { return []*x509.Certificate{c.issuing.Certificate} }

// AnchorsFolder and IntermediatesFolder are where the same certificates are files, for a configuration by folder.
func (c *CA) AnchorsFolder() string { return filepath.Join(c.dir, "anchors") }

// IntermediatesFolder is the folder of the authorities below the root; see AnchorsFolder.
func (c *CA) IntermediatesFolder() string { return filepath.Join(c.dir, "intermediates") }

// mark is the extension every certificate carries.
func mark() pkix.Extension {
	return pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 32473, 5, 1}, Value: append([]byte{0x0c, 4}, "DEMO"...)}
}

// authority loads or makes the root (parent nil) or the issuing authority.
func (c *CA) authority(name, folder string, serial int64, parent *KeyPair) (KeyPair, error) {
	keyFile, certificateFile := filepath.Join(c.dir, "authority", name+".key.pem"), filepath.Join(c.dir, folder, name+".pem")
	pair, err := load(name, keyFile, certificateFile)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return pair, err
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return KeyPair{}, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), IsCA: true, BasicConstraintsValid: true,
		Subject:   pkix.Name{CommonName: "DEMO ELICENSE " + name + " — NOT A REAL AUTHORITY", Country: []string{"KZ"}},
		KeyUsage:  x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		NotBefore: c.now().Add(-24 * time.Hour), NotAfter: c.now().AddDate(20, 0, 0), ExtraExtensions: []pkix.Extension{mark()},
	}
	signer := KeyPair{Key: key, Certificate: template}
	if parent != nil {
		signer = *parent
		template.MaxPathLen, template.MaxPathLenZero = 0, true
	}
	der, err := x509.CreateCertificate(rand.Reader, template, signer.Certificate, key.Public(), signer.Key)
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
	certificateBlock, _ := pem.Decode(certificatePEM)
	keyBlock, _ := pem.Decode(keyPEM)
	if certificateBlock == nil || keyBlock == nil {
		return KeyPair{}, fmt.Errorf("demo ca: %s is not PEM", name)
	}
	certificate, err := x509.ParseCertificate(certificateBlock.Bytes)
	if err != nil {
		return KeyPair{}, fmt.Errorf("demo ca: %s: %w", name, err)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(keyBlock.Bytes)
	if err != nil {
		return KeyPair{}, fmt.Errorf("demo ca: %s: %w", name, err)
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok || !key.PublicKey.Equal(certificate.PublicKey) {
		return KeyPair{}, fmt.Errorf("demo ca: the key of %s is not its certificate's", name)
	}
	return KeyPair{Name: name, Key: key, Certificate: certificate}, nil
}

// save writes a key, then its certificate: a certificate without a key never exists.
func save(name, keyFile, certificateFile string, key *rsa.PrivateKey, der []byte) (KeyPair, error) {
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
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
