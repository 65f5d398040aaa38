package cms

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"testing"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"elicense/internal/gost"
)

// newGOSTAuthority is newAuthority with an authority of one suite and a signer of another.
func newGOSTAuthority(t testing.TB, ca, leaf Suite) *authority {
	t.Helper()
	a := newAuthority(t)
	caKey, caSPKI := keyOf(ca)
	key, spki := keyOf(leaf)
	if k, ok := caKey.(*rsa.PrivateKey); ok {
		a.caKey = k
	}
	if k, ok := key.(*rsa.PrivateKey); ok {
		a.key = k
	}
	a.ca, a.caSigner, a.caSuite = reissue(a.ca, ca, caKey, caSPKI), caKey, ca
	a.leaf, a.signer, a.suite = reissue(a.leaf, ca, caKey, spki), key, leaf
	return a
}

// certificate issues another certificate over the signer's key.
func (a *authority) certificate(change func(*x509.Certificate)) *x509.Certificate {
	c := a.issue(a.key.Public(), change)
	if _, national := a.suite.(gostSuite); !national {
		return c
	}
	return reissue(c, a.caSuite, a.caSigner, a.leaf.RawSubjectPublicKeyInfo)
}

// keyOf makes a key of a suite, and its SubjectPublicKeyInfo.
func keyOf(s Suite) (crypto.Signer, []byte) {
	curve := map[string]*gost.Curve{nameGOST2015Size512: gost.Curve512A(), nameGOST2015Size256: gost.Curve256A(), nameGOST2004: gost.CurveCryptoProA()}[s.Name()]
	if curve == nil {
		key := must(rsa.GenerateKey(rand.Reader, 2048))
		return key, must(x509.MarshalPKIXPublicKey(key.Public()))
	}
	key := must(gost.GenerateKey(curve, rand.Reader))
	spki, ok := gost.MarshalPublicKey(key.PublicKey())
	if !ok {
		panic("no identifiers")
	}
	return key, spki
}

// certificateAlgorithm is the AlgorithmIdentifier under a suite's certificates.
func certificateAlgorithm(s Suite) []byte {
	if g, ok := s.(gostSuite); ok {
		return algorithmIdentifier(g.signature)
	}
	return algorithmIdentifier(oidSHA256WithRSA)
}

// reissue gives a certificate another public key (nil keeps its own) and an issuer of a suite, which package x509 cannot.
func reissue(c *x509.Certificate, s Suite, issuer crypto.Signer, spki []byte) *x509.Certificate {
	return must(x509.ParseCertificate(resign(c.RawTBSCertificate, 2, s, issuer, spki)))
}

// resign replaces, in what is signed of a certificate or a list, the field number at, which is the algorithm, and the
// SubjectPublicKeyInfo four fields after it, and signs.
func resign(tbs []byte, at int, s Suite, issuer crypto.Signer, spki []byte) []byte {
	in := cryptobyte.String(tbs)
	var fields cryptobyte.String
	if !in.ReadASN1(&fields, asn1.SEQUENCE) {
		panic("not a sequence")
	}
	var parts [][]byte
	for i := 0; !fields.Empty(); i++ {
		var field cryptobyte.String
		var tag asn1.Tag
		if !fields.ReadAnyASN1Element(&field, &tag) {
			panic("malformed")
		}
		switch {
		case i == at:
			field = certificateAlgorithm(s)
		case i == at+4 && spki != nil:
			field = spki
		}
		parts = append(parts, field)
	}
	signed := node(tagSequence, parts...)
	signature := must(s.Sign(issuer, signed))
	return node(tagSequence, signed, certificateAlgorithm(s), node(0x03, []byte{0}, signature))
}
