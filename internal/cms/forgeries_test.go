package cms

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"slices"
	"testing"

	"elicense/internal/fault"
)

// forgery bends one thing of a correct signature. It is made with the signer's real key wherever the rule is not about
// the signature itself, so that nothing but the rule can refuse it.
type forgery struct {
	name, want string
	change     func(*forge)
}

// The attributes of the tests' content, in pieces.
func (a *authority) pieces() (typ, digest, bound []byte) {
	sum := sha256.Sum256(stored)
	return attrOf(oidContentType, oid(oidData)), attrOf(oidMessageDigest, node(tagOctets, sum[:])), certificateID(a.leaf.Raw)
}

// double is another person's certificate with the signer's issuer, serial number and key.
func (a *authority) double() *x509.Certificate {
	return a.issue(a.key.Public(), func(c *x509.Certificate) { c.SerialNumber = a.leaf.SerialNumber; c.EmailAddresses = nil })
}

func structureForgeries(a *authority) []forgery {
	typ, digest, bound := a.pieces()
	double, other := a.double(), a.issue(ecdsaKey().Public(), nil)
	return []forgery{
		{"control: nothing changed", "", func(*forge) {}},
		{"control: own attributes", "", func(f *forge) { f.attributes = setOf(typ, digest, bound) }},
		{"control: unsigned attribute", "", func(f *forge) { f.unsigned = attrOf("\x2a\x03", node(0x05)) }},
		{"trailing data", KeyTrailing, func(f *forge) { f.tail = []byte{0} }},
		{"trailing second CMS", KeyTrailing, func(f *forge) { f.tail = node(tagSequence) }},
		{"version 3", KeyVersion, func(f *forge) { f.version = 3 }},
		{"no signer", KeySigners, func(f *forge) { f.signers = 0 }},
		{"two signers", KeySigners, func(f *forge) { f.signers = 2 }},
		{"signer version 3", KeyVersion, func(f *forge) { f.signerVersion = 3; f.signerID = node(0x80, []byte{1, 2, 3, 4}) }},
		{"signer by key identifier", KeySignerID, func(f *forge) { f.signerID = node(0x80, []byte{1, 2, 3, 4}) }},
		{"no certificates", KeyNoCertificate, func(f *forge) { f.certificates = nil }},
		{"another certificate only", KeyNoCertificate, func(f *forge) { f.certificates = other.Raw }},
		{"certificate twice", KeyAmbiguousCertificate, func(f *forge) { f.certificates = slices.Concat(a.leaf.Raw, a.leaf.Raw) }},
		{"two certificates of one name", KeyAmbiguousCertificate, func(f *forge) { f.certificates = slices.Concat(a.leaf.Raw, double.Raw) }},
		{"too many certificates", KeyMalformed, func(f *forge) { f.certificates = bytes.Repeat(other.Raw, maxCertificates+1) }},
		{"attribute certificate", KeyMalformed, func(f *forge) { f.certificates = slices.Concat(a.leaf.Raw, node(0xa1)) }},
		{"garbage certificate", KeyCertificate, func(f *forge) { f.certificates = node(tagSequence, node(0x05)) }},
	}
}

func algorithmForgeries(*authority) []forgery {
	sha1 := algorithmIdentifier("\x2b\x0e\x03\x02\x1a")
	return []forgery{
		{"SHA-1 digest", KeyAlgorithm, func(f *forge) { f.digest, f.digests = sha1, sha1 }},
		{"digest not announced", KeyAlgorithm, func(f *forge) { f.digests = sha1 }},
		{"no digest announced", KeyAlgorithm, func(f *forge) { f.digests = nil }},
		{"two digests announced", KeyAlgorithm, func(f *forge) { f.digests = slices.Concat(f.digests, sha1) }},
		{"digest with parameters", KeyAlgorithm, func(f *forge) { f.digest = node(tagSequence, oid(oidSHA256), node(tagSequence)) }},
		{"ECDSA", KeyAlgorithm, func(f *forge) { f.algorithm = algorithmIdentifier("\x2a\x86\x48\xce\x3d\x04\x03\x02") }},
		{"RSA with SHA-1", KeyAlgorithm, func(f *forge) { f.algorithm = algorithmIdentifier("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05") }},
		{"RSA-PSS", KeyAlgorithm, func(f *forge) { f.algorithm = algorithmIdentifier("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a") }},
	}
}

func attributeForgeries(a *authority) []forgery {
	typ, digest, bound := a.pieces()
	sum := sha256.Sum256(stored)
	return []forgery{
		{"no signed attributes", KeyNoAttributes, func(f *forge) { f.attributes, f.message = nil, stored }},
		{"attributes presented as content", KeyNoAttributes, func(f *forge) {
			f.message, f.content, f.attributes = node(tagSet, f.attributes), node(tagSet, f.attributes), nil
		}},
		{"content of another type", KeyContentType, func(f *forge) { f.contentType = oidSignedData }},
		{"contentType missing", KeyContentType, func(f *forge) { f.attributes = setOf(digest, bound) }},
		{"contentType differs", KeyContentType, func(f *forge) { f.attributes = setOf(attrOf(oidContentType, oid(oidSignedData)), digest, bound) }},
		{"messageDigest missing", KeyNoDigest, func(f *forge) { f.attributes = setOf(typ, bound) }},
		{"messageDigest short", KeyNoDigest, func(f *forge) { f.attributes = setOf(typ, bound, attrOf(oidMessageDigest, node(tagOctets, sum[:20]))) }},
		{"messageDigest twice", KeyDuplicateAttribute, func(f *forge) {
			other := sha256.Sum256([]byte("other"))
			f.attributes = setOf(typ, bound, digest, attrOf(oidMessageDigest, node(tagOctets, other[:])))
		}},
		{"messageDigest with two values", KeyAttributeValues, func(f *forge) {
			f.attributes = setOf(typ, bound, attrOf(oidMessageDigest, node(tagOctets, sum[:]), node(tagOctets, sum[:])))
		}},
		{"attribute without value", KeyAttributeValues, func(f *forge) { f.attributes = setOf(typ, bound, digest, attrOf("\x2a\x03")) }},
		{"unknown attribute twice", KeyDuplicateAttribute, func(f *forge) {
			f.attributes = setOf(typ, bound, digest, attrOf("\x2a\x03", node(0x05)), attrOf("\x2a\x03", node(0x05)))
		}},
		{"attributes out of order", KeyMalformed, func(f *forge) {
			list := [][]byte{typ, bound, digest}
			slices.SortFunc(list, func(x, y []byte) int { return bytes.Compare(y, x) })
			f.attributes = slices.Concat(list...)
		}},
	}
}

func certificateForgeries(a *authority) []forgery {
	typ, digest, bound := a.pieces()
	double := a.double()
	issuer, serial, _ := nameOf(a.leaf.Raw)
	sum := sha256.Sum256(stored)
	sha1 := algorithmIdentifier("\x2b\x0e\x03\x02\x1a")
	own := sha256.Sum256(a.leaf.Raw)
	serialID := func(issuer, serial []byte) []byte {
		return attrOf(oidSigningCertificate, node(tagSequence, node(tagSequence, node(tagSequence, node(tagOctets, own[:]),
			node(tagSequence, node(tagSequence, node(0xa4, issuer)), serial)))))
	}
	return []forgery{
		{"SigningCertificateV2 missing", KeyNoCertificateID, func(f *forge) { f.attributes = setOf(typ, digest) }},
		{"certificate replaced, same name and key, no SigningCertificateV2", KeyNoCertificateID, func(f *forge) {
			f.attributes, f.certificates = setOf(typ, digest), double.Raw
		}},
		{"certificate replaced, same name and key", KeyWrongCertificateID, func(f *forge) { f.certificates = double.Raw }},
		{"SigningCertificateV2 of another", KeyWrongCertificateID, func(f *forge) { f.attributes = setOf(typ, digest, certificateID(a.ca.Raw)) }},
		{"SigningCertificateV2 other serial", KeyWrongCertificateID, func(f *forge) {
			f.attributes = setOf(typ, digest, serialID(issuer, node(0x02, []byte{9})))
		}},
		{"SigningCertificateV2 other issuer", KeyWrongCertificateID, func(f *forge) { f.attributes = setOf(typ, digest, serialID(node(tagSequence), serial)) }},
		{"SigningCertificateV2 over SHA-1", KeyAlgorithm, func(f *forge) {
			f.attributes = setOf(typ, digest, attrOf(oidSigningCertificate, node(tagSequence, node(tagSequence, node(tagSequence, sha1, node(tagOctets, sum[:20]))))))
		}},
		{"signing time unreadable", KeyMalformed, func(f *forge) {
			f.attributes = setOf(typ, digest, bound, attrOf(oidSigningTime, node(0x17, []byte("yesterday"))))
		}},
	}
}

func contentForgeries(a *authority) []forgery {
	typ, _, bound := a.pieces()
	return []forgery{
		{"encapsulated content differs", KeyContentChanged, func(f *forge) { f.content = []byte("the stored bytez") }},
		{"detached over other bytes", KeyContentChanged, func(f *forge) {
			other := sha256.Sum256([]byte("other"))
			f.encapsulate, f.attributes = false, setOf(typ, bound, attrOf(oidMessageDigest, node(tagOctets, other[:])))
		}},
		{"signed under the wire tag", KeyWrong, func(f *forge) { f.message = node(0xa0, f.attributes) }},
		{"signature over the content", KeyWrong, func(f *forge) { f.message = stored }},
	}
}

// Every rule has its own reason.
func TestForgeriesAreRefusedEachForItsReason(t *testing.T) {
	a := newAuthority(t)
	for _, group := range []func(*authority) []forgery{structureForgeries, algorithmForgeries, attributeForgeries, certificateForgeries, contentForgeries} {
		for _, c := range group(a) {
			f := a.forge(stored)
			c.change(f)
			_, err := check(f.bytes(a.key), stored)
			if c.want == "" && err != nil || c.want != "" && !fault.Is(err, c.want) {
				t.Errorf("%s: %v, want %q", c.name, err, c.want)
			}
			if err != nil && fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s: kind %v", c.name, fault.KindOf(err))
			}
		}
	}
}

func TestKeysThatAreRefused(t *testing.T) {
	a := newAuthority(t)
	typ, digest, _ := a.pieces()
	with := func(c *x509.Certificate) []byte {
		f := a.forge(stored)
		issuer, serial, _ := nameOf(c.Raw)
		f.certificates, f.signerID, f.attributes = c.Raw, node(tagSequence, issuer, serial), setOf(typ, digest, certificateID(c.Raw))
		return f.bytes(a.key)
	}
	if _, err := check(with(a.issue(must(rsa.GenerateKey(rand.Reader, 1024)).Public(), nil)), stored); !fault.Is(err, KeyWeakKey) {
		t.Errorf("RSA-1024: %v", err)
	}
	ec := ecdsaKey()
	certificate := a.issue(ec.Public(), nil)
	if _, err := check(with(certificate), stored); !fault.Is(err, KeyAlgorithm) {
		t.Errorf("RSA algorithm with an EC key: %v", err)
	}
	if _, err := check(a.forge(stored).bytes(a.caKey), stored); !fault.Is(err, KeyWrong) {
		t.Errorf("another key: %v", err)
	}
	if _, err := Sign(stored, ec, certificate, Options{}); !fault.Is(err, KeyAlgorithm) {
		t.Errorf("signing with an EC key: %v", err)
	}
}
