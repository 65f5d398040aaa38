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
	return attrOf(oidContentType, oid(oidData)), attrOf(oidMessageDigest, node(tagOctets, a.sum(stored))), certificateID(a.leaf.Raw)
}

// sum is the digest of the signer's suite.
func (a *authority) sum(b []byte) []byte {
	h := a.suite.New()
	h.Write(b)
	return h.Sum(nil)
}

// double is another person's certificate with the signer's issuer, serial number and key.
func (a *authority) double() *x509.Certificate {
	return a.certificate(func(c *x509.Certificate) { c.SerialNumber = a.leaf.SerialNumber; c.EmailAddresses = nil })
}

func structureForgeries(a *authority) []forgery {
	typ, digest, bound := a.pieces()
	double, other := a.double(), a.issue(ecdsaKey().Public(), nil)
	issuer, serial, _ := nameOf(a.leaf.Raw)
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
		{"certificate without a serial number", KeyCertificate, func(f *forge) { f.certificates = node(tagSequence, node(tagSequence, node(tagSequence))) }},
		{"signer of another serial number", KeyNoCertificate, func(f *forge) { f.signerID = node(tagSequence, issuer, node(0x02, []byte{9})) }},
		{"signer of another issuer", KeyNoCertificate, func(f *forge) { f.signerID = node(tagSequence, node(tagSequence), serial) }},
		{"signer without a serial number", KeyMalformed, func(f *forge) { f.signerID = node(tagSequence, issuer) }},
		{"version 0", KeyVersion, func(f *forge) { f.version = 0 }},
		{"three signers", KeySigners, func(f *forge) { f.signers = 3 }},
		{"garbage certificate", KeyCertificate, func(f *forge) { f.certificates = node(tagSequence, node(0x05)) }},
	}
}

func algorithmForgeries(a *authority) []forgery {
	sha1 := algorithmIdentifier(oidSHA1)
	digest, _ := a.suite.Identifiers()
	return []forgery{
		{"SHA-1 digest", KeyOldAlgorithm, func(f *forge) { f.digest, f.digests = sha1, sha1 }},
		{"MD5 digest", KeyOldAlgorithm, func(f *forge) {
			f.digest = algorithmIdentifier("\x2a\x86\x48\x86\xf7\x0d\x02\x05")
			f.digests = f.digest
		}},
		{"SHA-512 digest", KeyAlgorithm, func(f *forge) { f.digest, f.digests = algorithmIdentifier(oidSHA512), algorithmIdentifier(oidSHA512) }},
		{"digest not announced", KeyAlgorithmsDisagree, func(f *forge) { f.digests = sha1 }},
		{"no digest announced", KeyAlgorithmsDisagree, func(f *forge) { f.digests = nil }},
		{"two digests announced", KeyAlgorithmsDisagree, func(f *forge) { f.digests = slices.Concat(f.digests, sha1) }},
		{"digest announced twice", KeyAlgorithmsDisagree, func(f *forge) { f.digests = slices.Concat(digest, digest) }},
		{"digest that is no algorithm", KeyMalformed, func(f *forge) { f.digest = node(tagSequence) }},
		{"signature that is no algorithm", KeyMalformed, func(f *forge) { f.algorithm = node(tagSequence, node(0x05)) }},
		{"ECDSA", KeyAlgorithm, func(f *forge) { f.algorithm = algorithmIdentifier("\x2a\x86\x48\xce\x3d\x04\x03\x02") }},
		{"RSA with SHA-1", KeyOldAlgorithm, func(f *forge) { f.algorithm = algorithmIdentifier("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05") }},
		{"RSA-PSS", KeyAlgorithm, func(f *forge) { f.algorithm = algorithmIdentifier("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a") }},
		{"Russian GOST", KeyAlgorithm, func(f *forge) { f.algorithm = algorithmIdentifier(oidRussianSignwith + "\x03") }},
	}
}

func attributeForgeries(a *authority) []forgery {
	typ, digest, bound := a.pieces()
	sum := a.sum(stored)
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
			f.attributes = setOf(typ, bound, digest, attrOf(oidMessageDigest, node(tagOctets, a.sum([]byte("other")))))
		}},
		{"messageDigest with two values", KeyAttributeValues, func(f *forge) {
			f.attributes = setOf(typ, bound, attrOf(oidMessageDigest, node(tagOctets, sum), node(tagOctets, sum)))
		}},
		{"attribute without value", KeyAttributeValues, func(f *forge) { f.attributes = setOf(typ, bound, digest, attrOf("\x2a\x03")) }},
		{"unknown attribute twice", KeyDuplicateAttribute, func(f *forge) {
			f.attributes = setOf(typ, bound, digest, attrOf("\x2a\x03", node(0x05)), attrOf("\x2a\x03", node(0x05)))
		}},
		{"contentType twice", KeyDuplicateAttribute, func(f *forge) { f.attributes = setOf(typ, digest, bound, attrOf(oidContentType, oid(oidSignedData))) }},
		{"signing certificate twice", KeyDuplicateAttribute, func(f *forge) { f.attributes = setOf(typ, digest, bound, certificateID(a.ca.Raw)) }},
		{"messageDigest that is no string", KeyNoDigest, func(f *forge) { f.attributes = setOf(typ, bound, attrOf(oidMessageDigest, node(0x02, []byte{1}))) }},
		{"messageDigest empty", KeyNoDigest, func(f *forge) { f.attributes = setOf(typ, bound, attrOf(oidMessageDigest, node(tagOctets))) }},
		{"empty set of attributes", KeyContentType, func(f *forge) { f.attributes = []byte{} }},
		{"attribute that is none", KeyMalformed, func(f *forge) { f.attributes = setOf(typ, digest, bound, node(tagSequence, node(0x05))) }},
		{"too many attributes", KeyMalformed, func(f *forge) {
			list := [][]byte{typ, digest, bound}
			for i := range maxAttributes {
				list = append(list, attrOf("\x2a\x03"+string(rune('0'+i)), node(0x05)))
			}
			f.attributes = setOf(list...)
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
	sha1 := algorithmIdentifier(oidSHA1)
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
		{"SigningCertificateV2 of nothing", KeyMalformed, func(f *forge) {
			f.attributes = setOf(typ, digest, attrOf(oidSigningCertificate, node(tagSequence, node(tagSequence))))
		}},
		{"SigningCertificateV2 of two certificates", KeyMalformed, func(f *forge) {
			one := node(tagSequence, node(tagOctets, own[:]))
			f.attributes = setOf(typ, digest, attrOf(oidSigningCertificate, node(tagSequence, node(tagSequence, one, one))))
		}},
		{"SigningCertificate of the old kind only", KeyNoCertificateID, func(f *forge) {
			f.attributes = setOf(typ, digest, attrOf("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x0c", node(tagSequence, node(tagSequence, node(tagSequence, node(tagOctets, sum[:20]))))))
		}},
		{"signing time without a zone", KeyMalformed, func(f *forge) {
			f.attributes = setOf(typ, digest, bound, attrOf(oidSigningTime, node(0x17, []byte("2611220900"))))
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
			f.encapsulate, f.attributes = false, setOf(typ, bound, attrOf(oidMessageDigest, node(tagOctets, a.sum([]byte("other")))))
		}},
		{"encapsulated content cut", KeyContentChanged, func(f *forge) { f.content = stored[:len(stored)-1] }},
		{"encapsulated content longer", KeyContentChanged, func(f *forge) { f.content = append(slices.Clone(stored), 0) }},
		{"encapsulated content empty", KeyContentChanged, func(f *forge) { f.content = nil }},
		{"signed under the wire tag", KeyWrong, func(f *forge) { f.message = node(0xa0, f.attributes) }},
		{"signature over the content", KeyWrong, func(f *forge) { f.message = stored }},
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
