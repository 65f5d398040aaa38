package ca

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"

	"elicense/internal/cms"
	"elicense/internal/gost"
)

// Algorithm is a family of keys.
type Algorithm string

// The families. The National Certification Authority has given keys of GOST R 34.10-2015 only since 2024; the state bodies'
// authority gives keys of GOST 34.310-2004.
const (
	RSA      Algorithm = "rsa"      // RSA of 2048 bits
	GOST512  Algorithm = "gost512"  // GOST R 34.10-2015, 512 bits
	GOST256  Algorithm = "gost256"  // GOST R 34.10-2015, 256 bits
	GOST2004 Algorithm = "gost2004" // GOST 34.310-2004
)

// Algorithms lists the families.
func Algorithms() []Algorithm { return []Algorithm{RSA, GOST512, GOST256, GOST2004} }

// branch is a root with its issuing authority.
type branch struct {
	root, issuing KeyPair
	list          cachedList
}

// branchOf is the branch that certifies keys of a family: the national one also those of 256 bits.
func branchOf(a Algorithm) Algorithm {
	if a == GOST256 {
		return GOST512
	}
	return a
}

// family has authorities of its own.
type family struct {
	algorithm Algorithm
	issuing   string // name of the issuing authority
}

func branches() []family {
	return []family{{RSA, "demo-issuing"}, {GOST512, "demo-issuing-gost512"}, {GOST2004, "demo-ucgo-gost2004"}}
}

// fileName is a name with the family; RSA, the first there was, has none.
func fileName(name string, a Algorithm) string {
	if a == RSA {
		return name
	}
	return name + "-" + string(a)
}

// signing is how a family signs certificates and lists.
type signing struct {
	suite string // its name in package cms
	oid   asn1.ObjectIdentifier
	curve *gost.Curve
}

func signingOf(a Algorithm) (signing, bool) {
	switch a {
	case GOST512:
		return signing{"GOST2015-512", asn1.ObjectIdentifier{1, 2, 398, 3, 10, 1, 1, 2, 3, 2}, gost.Curve512A()}, true
	case GOST256:
		return signing{"GOST2015-256", asn1.ObjectIdentifier{1, 2, 398, 3, 10, 1, 1, 2, 3, 1}, gost.Curve256A()}, true
	case GOST2004:
		return signing{"GOST2004-GOST94", asn1.ObjectIdentifier{1, 2, 398, 3, 10, 1, 1, 1, 2}, gost.CurveCryptoProA()}, true
	}
	return signing{}, false
}

// algorithmOf tells the family of a key.
func algorithmOf(key crypto.Signer) (Algorithm, error) {
	switch key := key.(type) {
	case *rsa.PrivateKey:
		return RSA, nil
	case *gost.PrivateKey:
		for _, a := range Algorithms() {
			if s, ok := signingOf(a); ok && s.curve == key.PublicKey().Curve() {
				return a, nil
			}
		}
	}
	return "", errors.New("demo ca: a key of a kind that is not certified here")
}

// Algorithm is the family of the pair's key; empty for a key that is not certified here.
func (p KeyPair) Algorithm() Algorithm {
	a, err := algorithmOf(p.Key)
	if err != nil {
		return ""
	}
	return a
}

// newKey makes a key.
func newKey(a Algorithm) (crypto.Signer, error) {
	if a == RSA {
		return rsa.GenerateKey(rand.Reader, 2048)
	}
	s, ok := signingOf(a)
	if !ok {
		return nil, fmt.Errorf("demo ca: unknown algorithm %q", a)
	}
	return gost.GenerateKey(s.curve, rand.Reader)
}

// create makes a certificate over a key, signed by the issuer; without one it is signed by the key itself.
func create(template *x509.Certificate, key crypto.Signer, issuer *KeyPair) ([]byte, error) {
	by := KeyPair{Key: key, Certificate: template}
	if issuer != nil {
		by = *issuer
	}
	if _, national := key.(*gost.PrivateKey); !national {
		return x509.CreateCertificate(rand.Reader, template, by.Certificate, key.Public(), by.Key)
	}
	spki, err := publicKeyInfo(key)
	if err != nil {
		return nil, err
	}
	if template.IsCA {
		id := sha256.Sum256(spki)
		template.SubjectKeyId = id[:20]
	}
	// Package x509 encodes all of the certificate with a key that it knows and that is thrown away.
	public, spare, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by.Certificate, public, spare)
	if err != nil {
		return nil, err
	}
	const algorithmField = 2 // after version and serial number
	return sign(der, algorithmField, spki, by.Key)
}

// createList is create for a revocation list.
func createList(template *x509.RevocationList, issuer KeyPair) ([]byte, error) {
	if _, national := issuer.Key.(*gost.PrivateKey); !national {
		return x509.CreateRevocationList(rand.Reader, template, issuer.Certificate, issuer.Key)
	}
	_, spare, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.CreateRevocationList(rand.Reader, template, issuer.Certificate, spare)
	if err != nil {
		return nil, err
	}
	const algorithmField = 1 // after the version
	return sign(der, algorithmField, nil, issuer.Key)
}

// publicKeyInfo is the SubjectPublicKeyInfo of a GOST key.
func publicKeyInfo(key crypto.Signer) ([]byte, error) {
	public, ok := key.Public().(*gost.PublicKey)
	if !ok {
		return nil, errors.New("demo ca: not a GOST key")
	}
	spki, ok := gost.MarshalPublicKey(public)
	if !ok {
		return nil, errors.New("demo ca: a curve that no certificate names")
	}
	return spki, nil
}

// sign opens a certificate or a list (RFC 5280, 4.1.1 and 5.1.1), gives what is signed another algorithm, the field number
// at, and another public key four fields after it, and signs it with a GOST key.
func sign(der []byte, at int, spki []byte, by crypto.Signer) ([]byte, error) {
	family, err := algorithmOf(by)
	if err != nil {
		return nil, err
	}
	how, ok := signingOf(family)
	if !ok {
		return nil, fmt.Errorf("demo ca: %s does not sign here", family)
	}
	var outer, fields []asn1.RawValue
	if _, err := asn1.Unmarshal(der, &outer); err != nil {
		return nil, err
	}
	if _, err := asn1.Unmarshal(outer[0].FullBytes, &fields); err != nil {
		return nil, err
	}
	algorithm, err := asn1.Marshal(struct {
		ID   asn1.ObjectIdentifier
		Null asn1.RawValue
	}{how.oid, asn1.NullRawValue})
	if err != nil {
		return nil, err
	}
	fields[at] = asn1.RawValue{FullBytes: algorithm}
	if spki != nil {
		fields[at+4] = asn1.RawValue{FullBytes: spki}
	}
	signed, err := asn1.Marshal(fields)
	if err != nil {
		return nil, err
	}
	for _, s := range cms.Suites() {
		if s.Name() != how.suite {
			continue
		}
		signature, err := s.Sign(by, signed)
		if err != nil {
			return nil, err
		}
		return asn1.Marshal(struct {
			Signed, Algorithm asn1.RawValue
			Signature         asn1.BitString
		}{asn1.RawValue{FullBytes: signed}, asn1.RawValue{FullBytes: algorithm}, asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)}})
	}
	return nil, fmt.Errorf("demo ca: there is no suite %s", how.suite)
}
