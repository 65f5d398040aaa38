package cms

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // of time-stamp tokens only; see stampShape
	"crypto/sha256"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// attribute is one Attribute with its single value, encoded.
type attribute struct {
	oid   string
	value cryptobyte.String
}

// signedAttributes are the signed attributes this program relies on.
type signedAttributes struct {
	digest []byte
	time   time.Time
	bound  []binding
}

// binding binds the signer's certificate: ESSCertIDv2 over SHA-256, or in a time-stamp token ESSCertID over SHA-1.
type binding struct {
	hash           []byte            // certHash, of 32 or 20 bytes
	issuer, serial cryptobyte.String // issuerSerial, encoded, when given
}

// readAttributes takes a SET OF Attribute: each with one value, none twice.
func readAttributes(in cryptobyte.String) ([]attribute, error) {
	out := make([]attribute, 0, 8)
	for !in.Empty() {
		var one, oid, set, value cryptobyte.String
		var tag asn1.Tag
		if len(out) == maxAttributes || !in.ReadASN1(&one, asn1.SEQUENCE) || !one.ReadASN1(&oid, asn1.OBJECT_IDENTIFIER) ||
			!one.ReadASN1(&set, asn1.SET) || !one.Empty() {
			return nil, refuse(KeyMalformed)
		}
		if !set.ReadAnyASN1Element(&value, &tag) || !set.Empty() {
			return nil, refuse(KeyAttributeValues)
		}
		for _, a := range out {
			if a.oid == string(oid) {
				return nil, refuse(KeyDuplicateAttribute)
			}
		}
		out = append(out, attribute{oid: string(oid), value: value})
	}
	return out, nil
}

// readSigned reads the signed attributes and insists on the mandatory ones. Attributes it does not know are let be:
// they are covered by the signature and nothing relies on them.
func readSigned(in cryptobyte.String, digestSize int, kind shape) (signedAttributes, error) {
	var out signedAttributes
	if !sorted(in) {
		return out, refuse(KeyMalformed) // a SET OF that is not DER has two encodings and so two digests
	}
	attributes, err := readAttributes(in)
	if err != nil {
		return out, err
	}
	var typed bool
	for _, a := range attributes {
		v := a.value
		switch a.oid {
		case oidContentType:
			var oid cryptobyte.String
			if !v.ReadASN1(&oid, asn1.OBJECT_IDENTIFIER) || string(oid) != kind.content {
				return out, refuse(KeyContentType)
			}
			typed = true
		case oidMessageDigest:
			var digest cryptobyte.String
			if !v.ReadASN1(&digest, asn1.OCTET_STRING) || len(digest) != digestSize {
				return out, refuse(KeyNoDigest)
			}
			out.digest = digest
		case oidSigningTime:
			if out.time, err = readTime(v); err != nil {
				return out, err
			}
		case oidSigningCertificate:
			if err := out.readCertificateID(v, sha256.Size); err != nil {
				return out, err
			}
		case oidOldSigningCertificate:
			if !kind.oldID {
				continue // as any attribute that nothing relies on
			}
			if err := out.readCertificateID(v, sha1.Size); err != nil {
				return out, err
			}
		}
	}
	switch {
	case !typed:
		return out, refuse(KeyContentType)
	case out.digest == nil:
		return out, refuse(KeyNoDigest)
	case len(out.bound) == 0:
		return out, refuse(KeyNoCertificateID)
	}
	return out, nil
}

// sorted tells whether the elements of a SET OF stand in the order of DER (X.690, 11.6).
func sorted(in cryptobyte.String) bool {
	var last cryptobyte.String
	for !in.Empty() {
		var element cryptobyte.String
		var tag asn1.Tag
		if !in.ReadAnyASN1Element(&element, &tag) {
			return false
		}
		if last != nil && bytes.Compare(last, element) > 0 {
			return false
		}
		last = element
	}
	return true
}

// readTime takes a signing time in either of its forms (RFC 5652, 11.3).
func readTime(v cryptobyte.String) (time.Time, error) {
	var t time.Time
	if v.PeekASN1Tag(asn1.UTCTime) && v.ReadASN1UTCTime(&t) || v.PeekASN1Tag(asn1.GeneralizedTime) && v.ReadASN1GeneralizedTime(&t) {
		return t.UTC(), nil
	}
	return t, refuse(KeyMalformed)
}

// readCertificateID takes SigningCertificateV2 (RFC 5035, 3) with one ESSCertIDv2 over SHA-256, or SigningCertificate
// (RFC 2634, 5.4) with one ESSCertID, which has no algorithm and always SHA-1: size is that of the hash.
func (s *signedAttributes) readCertificateID(v cryptobyte.String, size int) error {
	var outer, ids, id, hash cryptobyte.String
	if !v.ReadASN1(&outer, asn1.SEQUENCE) || !outer.ReadASN1(&ids, asn1.SEQUENCE) ||
		!outer.SkipOptionalASN1(asn1.SEQUENCE) || !outer.Empty() || !ids.ReadASN1(&id, asn1.SEQUENCE) || !ids.Empty() {
		return refuse(KeyMalformed)
	}
	if size == sha256.Size && id.PeekASN1Tag(asn1.SEQUENCE) { // hashAlgorithm, absent for the default SHA-256
		a, ok := readAlgorithm(&id)
		if !ok || a.OID != oidSHA256 || !a.plain() {
			return refuse(KeyAlgorithm)
		}
	}
	if !id.ReadASN1(&hash, asn1.OCTET_STRING) || len(hash) != size {
		return refuse(KeyMalformed)
	}
	bound := binding{hash: hash}
	if !id.Empty() {
		// IssuerSerial ::= SEQUENCE { issuer GeneralNames, serialNumber }, the name under directoryName [4].
		var both, names, directory cryptobyte.String
		if !id.ReadASN1(&both, asn1.SEQUENCE) || !id.Empty() || !both.ReadASN1(&names, asn1.SEQUENCE) ||
			!names.ReadASN1(&directory, context4) || !names.Empty() ||
			!both.ReadASN1Element(&bound.serial, asn1.INTEGER) || !both.Empty() {
			return refuse(KeyMalformed)
		}
		bound.issuer = directory
	}
	s.bound = append(s.bound, bound)
	return nil
}

// names tells whether this is the certificate that is bound.
func (c binding) names(der []byte) bool {
	if len(c.hash) == sha1.Size {
		if sum := sha1.Sum(der); !bytes.Equal(c.hash, sum[:]) { //nolint:gosec // a token's; see stampShape
			return false
		}
	} else if sum := sha256.Sum256(der); !bytes.Equal(c.hash, sum[:]) {
		return false
	}
	if c.serial == nil {
		return true
	}
	issuer, serial, ok := nameOf(der)
	return ok && bytes.Equal(c.issuer, issuer) && bytes.Equal(c.serial, serial)
}
