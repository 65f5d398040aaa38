package cms

import (
	"crypto/sha1"
	"crypto/x509"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"elicense/internal/fault"
)

// Limits and times of OCSP (RFC 6960).
const (
	// MaxOCSP is the largest request or response that is read, in bytes.
	MaxOCSP = 32 << 10
	// OCSPWindow is how far from now a response may have been made when nothing else is said. The National
	// Certification Authority's responders name no nextUpdate.
	OCSPWindow = 5 * time.Minute
	// maxNonce is the longest nonce (RFC 8954, 2.1).
	maxNonce = 32
	// maxExtensions is how many extensions a response may hold in one place.
	maxExtensions = 16
)

// OCSPError is why a responder's answer is not believed. It is for operators: a person is told no more than that the
// revocation could not be learned.
type OCSPError string

// Error names the reason.
func (e OCSPError) Error() string { return "ocsp: " + string(e) }

// The reasons.
const (
	OCSPTooLarge         OCSPError = "larger than allowed"
	OCSPTooDeep          OCSPError = "nested too deep"
	OCSPMalformed        OCSPError = "not the DER structure it should be"
	OCSPTrailing         OCSPError = "bytes after the end"
	OCSPTryLater         OCSPError = "the responder is busy (tryLater)"
	OCSPInternal         OCSPError = "the responder failed (internalError)"
	OCSPRefused          OCSPError = "the responder refuses the request"
	OCSPKind             OCSPError = "not a basic response"
	OCSPVersion          OCSPError = "not version 1"
	OCSPCount            OCSPError = "not about exactly one certificate"
	OCSPOther            OCSPError = "about another certificate"
	OCSPHash             OCSPError = "the certificate is not named by SHA-1"
	OCSPNoNonce          OCSPError = "without the nonce that was sent"
	OCSPOtherNonce       OCSPError = "with another nonce than was sent"
	OCSPDuplicate        OCSPError = "the same extension twice"
	OCSPCritical         OCSPError = "an unknown critical extension"
	OCSPNoResponder      OCSPError = "the responder's certificate is not there"
	OCSPResponder        OCSPError = "the responder's certificate cannot be read"
	OCSPOtherIssuer      OCSPError = "the responder's certificate is not of the authority that issued the certificate in question"
	OCSPResponderUsage   OCSPError = "the responder's certificate is not for signing OCSP responses"
	OCSPResponderExpired OCSPError = "the responder's certificate is not valid now"
	OCSPSignature        OCSPError = "the signature is wrong"
	OCSPStale            OCSPError = "made too long ago"
	OCSPFuture           OCSPError = "made in the future"
	OCSPUnknown          OCSPError = "the responder does not know the certificate"
)

// Object identifiers of OCSP, and the tag of byKey.
const (
	oidOCSPBasic = "\x2b\x06\x01\x05\x05\x07\x30\x01\x01" // 1.3.6.1.5.5.7.48.1.1
	oidOCSPNonce = "\x2b\x06\x01\x05\x05\x07\x30\x01\x02" // 1.3.6.1.5.5.7.48.1.2
	context2     = asn1.Tag(0xa2)                         // [2]
)

// OCSPID names a certificate as responders want it (CertID, RFC 6960, 4.1.1): by SHA-1 of its issuer's name and key, and
// by its serial number. SHA-1 finds here, it proves nothing: the signature covers the name.
type OCSPID struct {
	name, key [sha1.Size]byte
	serial    string // INTEGER, encoded
}

// NewOCSPID names a certificate by its issuer's name as it stands in it, its issuer, and its serial number.
func NewOCSPID(issuerName []byte, issuer *x509.Certificate, serial *big.Int) (OCSPID, error) {
	var b cryptobyte.Builder
	b.AddASN1BigInt(serial)
	number, err := b.Bytes()
	key, ok := keyHash(issuer)
	if err != nil || !ok {
		return OCSPID{}, refuse(KeyCertificate)
	}
	return OCSPID{sha1.Sum(issuerName), key, string(number)}, nil
}

// Serial is the certificate's serial number.
func (id OCSPID) Serial() *big.Int {
	n := new(big.Int)
	if in := cryptobyte.String(id.serial); !in.ReadASN1Integer(n) {
		return new(big.Int)
	}
	return n
}

// Under tells whether the certificate is named as one of this issuer.
func (id OCSPID) Under(issuer *x509.Certificate) bool {
	key, ok := keyHash(issuer)
	return ok && id.key == key && id.name == sha1.Sum(issuer.RawSubject)
}

// keyHash is the SHA-1 of a public key without its tag, length and unused bits.
func keyHash(c *x509.Certificate) (sum [sha1.Size]byte, ok bool) {
	in := cryptobyte.String(c.RawSubjectPublicKeyInfo)
	var info cryptobyte.String
	var key []byte
	if !in.ReadASN1(&info, asn1.SEQUENCE) || !info.SkipASN1(asn1.SEQUENCE) || !info.ReadASN1BitStringAsBytes(&key) {
		return sum, false
	}
	return sha1.Sum(key), true
}

// add writes CertID.
func (id OCSPID) add(b *cryptobyte.Builder) {
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(algorithmIdentifier(oidSHA1))
		b.AddASN1OctetString(id.name[:])
		b.AddASN1OctetString(id.key[:])
		b.AddBytes([]byte(id.serial))
	})
}

// readOCSPID takes CertID.
func readOCSPID(in *cryptobyte.String) (id OCSPID, err error) {
	var fields, name, key, serial cryptobyte.String
	if !in.ReadASN1(&fields, asn1.SEQUENCE) {
		return id, OCSPMalformed
	}
	a, ok := readAlgorithm(&fields)
	if !ok || !fields.ReadASN1(&name, asn1.OCTET_STRING) || !fields.ReadASN1(&key, asn1.OCTET_STRING) ||
		!fields.ReadASN1Element(&serial, asn1.INTEGER) || !fields.Empty() {
		return id, OCSPMalformed
	}
	number, shortest := serial, new(big.Int)
	if !number.ReadASN1Integer(shortest) {
		return id, OCSPMalformed
	}
	if a.OID != oidSHA1 || !a.plain() {
		return id, OCSPHash
	}
	if len(name) != sha1.Size || len(key) != sha1.Size {
		return id, OCSPMalformed
	}
	copy(id.name[:], name)
	copy(id.key[:], key)
	id.serial = string(serial)
	return id, nil
}

// OCSPQuestion is what a responder is asked: about one certificate, with a nonce that the answer has to repeat.
type OCSPQuestion struct {
	ID    OCSPID
	Nonce []byte // 1 to 32 octets; empty sends and compares none
}

// Request is the question as OCSPRequest (RFC 6960, 4.1.1), unsigned.
func (q OCSPQuestion) Request() ([]byte, error) {
	if len(q.Nonce) > maxNonce {
		return nil, OCSPMalformed
	}
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1(asn1.SEQUENCE, q.ID.add)
			})
			q.addNonce(b, context2)
		})
	})
	return b.Bytes()
}

// addNonce writes Extensions with the nonce, under a tag; nothing where there is none.
func (q OCSPQuestion) addNonce(b *cryptobyte.Builder, tag asn1.Tag) {
	if len(q.Nonce) == 0 {
		return
	}
	b.AddASN1(tag, func(b *cryptobyte.Builder) {
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
				addOID(b, oidOCSPNonce)
				b.AddASN1(asn1.OCTET_STRING, func(b *cryptobyte.Builder) { b.AddASN1OctetString(q.Nonce) })
			})
		})
	})
}

// ParseOCSPRequest reads a request about one certificate: the responder's side.
func ParseOCSPRequest(der []byte) (OCSPQuestion, error) {
	var q OCSPQuestion
	if err := checkOCSP(der); err != nil {
		return q, err
	}
	in := cryptobyte.String(der)
	var outer, tbs, list, one, extensions cryptobyte.String
	var named, extended bool
	if !in.ReadASN1(&outer, asn1.SEQUENCE) || !outer.ReadASN1(&tbs, asn1.SEQUENCE) || !outer.SkipOptionalASN1(context0) || !outer.Empty() {
		return q, OCSPMalformed
	}
	if tbs.PeekASN1Tag(context0) {
		return q, OCSPVersion // version 1 is the default, which DER leaves out
	}
	if !tbs.ReadOptionalASN1(&one, &named, context1) || !tbs.ReadASN1(&list, asn1.SEQUENCE) || !list.ReadASN1(&one, asn1.SEQUENCE) ||
		!tbs.ReadOptionalASN1(&extensions, &extended, context2) || !tbs.Empty() {
		return q, OCSPMalformed
	}
	if !list.Empty() {
		return q, OCSPCount
	}
	var err error
	if q.ID, err = readOCSPID(&one); err != nil {
		return q, err
	}
	if !one.SkipOptionalASN1(context0) || !one.Empty() {
		return q, OCSPMalformed
	}
	if extended {
		q.Nonce, err = readOCSPExtensions(extensions)
	}
	return q, err
}

// checkOCSP checks size, depth and encoding of a whole value.
func checkOCSP(der []byte) error {
	if len(der) > MaxOCSP {
		return OCSPTooLarge
	}
	used, ber, err := scan(der, 0)
	switch {
	case fault.Is(err, KeyTooDeep):
		return OCSPTooDeep
	case err != nil || ber:
		return OCSPMalformed
	case used != len(der):
		return OCSPTrailing
	}
	return nil
}

// readOCSPExtensions takes the SEQUENCE of Extensions (RFC 5280, 4.1.2.9) and gives the nonce; nil when there is none.
// Others are let be unless they are critical.
func readOCSPExtensions(in cryptobyte.String) (nonce []byte, err error) {
	var list cryptobyte.String
	if !in.ReadASN1(&list, asn1.SEQUENCE) || !in.Empty() || list.Empty() {
		return nil, OCSPMalformed
	}
	seen := make(map[string]bool)
	for !list.Empty() {
		var one, oid, value cryptobyte.String
		critical := false
		if len(seen) == maxExtensions || !list.ReadASN1(&one, asn1.SEQUENCE) || !one.ReadASN1(&oid, asn1.OBJECT_IDENTIFIER) {
			return nil, OCSPMalformed
		}
		if one.PeekASN1Tag(asn1.BOOLEAN) && (!one.ReadASN1Boolean(&critical) || !critical) {
			return nil, OCSPMalformed // false is the default, which DER leaves out
		}
		if !one.ReadASN1(&value, asn1.OCTET_STRING) || !one.Empty() {
			return nil, OCSPMalformed
		}
		if seen[string(oid)] {
			return nil, OCSPDuplicate
		}
		seen[string(oid)] = true
		if string(oid) != oidOCSPNonce {
			if critical {
				return nil, OCSPCritical
			}
			continue
		}
		var octets cryptobyte.String
		if !value.ReadASN1(&octets, asn1.OCTET_STRING) || !value.Empty() || octets.Empty() {
			return nil, OCSPMalformed
		}
		nonce = octets
	}
	return nonce, nil
}
