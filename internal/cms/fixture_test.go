package cms

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"
	"testing"
	"time"
)

// authority is a certification authority and one signer of the tests' own.
type authority struct {
	caKey, key   *rsa.PrivateKey
	ca, leaf     *x509.Certificate
	serialSource int64

	// The suite and key of the signer and of the authority. The RSA keys above are theirs unless newGOSTAuthority made them.
	suite, caSuite   Suite
	signer, caSigner crypto.Signer
}

var (
	testIIN = pkix.AttributeTypeAndValue{Type: asn1.ObjectIdentifier{2, 5, 4, 5}, Value: "IIN850101300012"}
	testBIN = pkix.AttributeTypeAndValue{Type: asn1.ObjectIdentifier{2, 5, 4, 11}, Value: "BIN200140000015"}
	roleOID = asn1.ObjectIdentifier{1, 2, 398, 3, 3, 4, 1}
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	a := &authority{caKey: must(rsa.GenerateKey(rand.Reader, 2048)), key: must(rsa.GenerateKey(rand.Reader, 2048))}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "TEST CA"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, NotBefore: time.Unix(1_700_000_000, 0), NotAfter: time.Unix(2_000_000_000, 0),
		SubjectKeyId: []byte{1, 2, 3, 4},
	}
	a.ca = must(x509.ParseCertificate(must(x509.CreateCertificate(rand.Reader, template, template, a.caKey.Public(), a.caKey))))
	a.leaf = a.issue(a.key.Public(), nil)
	a.suite, a.caSuite, a.signer, a.caSigner = rsaSHA256{}, rsaSHA256{}, a.key, a.caKey
	return a
}

// issue makes a certificate of the NCA's leaf profile for an individual; change bends it.
func (a *authority) issue(public crypto.PublicKey, change func(*x509.Certificate)) *x509.Certificate {
	a.serialSource++
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1000 + a.serialSource),
		Subject: pkix.Name{ExtraNames: []pkix.AttributeTypeAndValue{
			{Type: asn1.ObjectIdentifier{2, 5, 4, 3}, Value: "ӘЛІМБАЙ АЙГҮЛ"}, {Type: asn1.ObjectIdentifier{2, 5, 4, 4}, Value: "ӘЛІМБАЙ"},
			{Type: asn1.ObjectIdentifier{2, 5, 4, 42}, Value: "СЕРІКҚЫЗЫ"}, testIIN, {Type: asn1.ObjectIdentifier{2, 5, 4, 6}, Value: "KZ"},
		}},
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}, UnknownExtKeyUsage: []asn1.ObjectIdentifier{append(roleOID, 1)},
		NotBefore: time.Unix(1_700_000_000, 0), NotAfter: time.Unix(1_900_000_000, 0), EmailAddresses: []string{"aigul@example.kz"},
	}
	if change != nil {
		change(template)
	}
	return must(x509.ParseCertificate(must(x509.CreateCertificate(rand.Reader, template, a.ca, public, a.caKey))))
}

func ecdsaKey() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) }

// node is a piece of ASN.1 that tests build crooked structures from.
func node(tag byte, parts ...[]byte) []byte {
	var body []byte
	for _, p := range parts {
		body = append(body, p...)
	}
	return append(appendHeader(nil, tag, len(body)), body...)
}

func oid(s string) []byte { return node(0x06, []byte(s)) }

// stored is the content that the forgeries are about.
var stored = []byte("the stored bytes")

func attrOf(o string, values ...[]byte) []byte {
	return node(tagSequence, oid(o), node(tagSet, values...))
}

// setOf joins attributes in the order of DER.
func setOf(list ...[]byte) []byte {
	slices.SortFunc(list, bytes.Compare)
	return slices.Concat(list...)
}

// certificateID is the attribute SigningCertificateV2 of a certificate.
func certificateID(der []byte) []byte {
	h := sha256.Sum256(der)
	return attrOf(oidSigningCertificate, node(tagSequence, node(tagSequence, node(tagSequence, node(tagOctets, h[:])))))
}

// forge is a CMS assembled piece by piece; the zero changes give a correct one.
type forge struct {
	suite         Suite
	content       []byte
	encapsulate   bool
	version       byte
	digests       []byte // contents of digestAlgorithms
	contentType   string
	certificates  []byte
	signerVersion byte
	signerID      []byte
	digest        []byte
	attributes    []byte // contents of the SET OF; nil = none
	algorithm     []byte
	message       []byte // what is signed, when not the attributes
	unsigned      []byte
	signers       int
	tail          []byte
	bend          func(signature []byte) []byte // changes the signature value
}

func (a *authority) forge(content []byte) *forge {
	issuer, serial, _ := nameOf(a.leaf.Raw)
	digest, algorithm := a.suite.Identifiers()
	h := a.suite.New()
	h.Write(content)
	return &forge{
		suite:   a.suite,
		content: content, encapsulate: true, version: 1, digests: digest, contentType: oidData, certificates: a.leaf.Raw, signerVersion: 1,
		signerID: node(tagSequence, issuer, serial), digest: digest, algorithm: algorithm, signers: 1,
		attributes: must(documentShape().attributes(h.Sum(nil), a.leaf, time.Unix(1_800_000_000, 0))),
	}
}

func (f *forge) bytes(key crypto.Signer) []byte {
	message := f.message
	if message == nil {
		message = node(tagSet, f.attributes)
	}
	signature := must(f.suite.Sign(key, message))
	if f.bend != nil {
		signature = f.bend(signature)
	}
	parts := [][]byte{node(0x02, []byte{f.signerVersion}), f.signerID, f.digest}
	if f.attributes != nil {
		parts = append(parts, node(0xa0, f.attributes))
	}
	parts = append(parts, f.algorithm, node(tagOctets, signature))
	if f.unsigned != nil {
		parts = append(parts, node(0xa1, f.unsigned))
	}
	signer := node(tagSequence, parts...)
	var signers []byte
	for range f.signers {
		signers = append(signers, signer...)
	}
	content := oid(f.contentType)
	if f.encapsulate {
		content = append(content, node(0xa0, node(tagOctets, f.content))...)
	}
	body := [][]byte{node(0x02, []byte{f.version}), node(tagSet, f.digests), node(tagSequence, content)}
	if f.certificates != nil {
		body = append(body, node(0xa0, f.certificates))
	}
	body = append(body, node(tagSet, signers))
	return append(node(tagSequence, oid(oidSignedData), node(0xa0, node(tagSequence, body...))), f.tail...)
}
