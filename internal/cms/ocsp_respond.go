package cms

import (
	"crypto"
	"crypto/x509"
	"fmt"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// RespondOCSP makes a responder's signed answer to a question, with its certificate inside; Responder and DER of the
// answer are not looked at. It refuses a key that no suite allows with KeyAlgorithm or KeyWeakKey.
func RespondOCSP(q OCSPQuestion, a OCSPAnswer, key crypto.Signer, responder *x509.Certificate) ([]byte, error) {
	suite, _, err := suiteOf(responder)
	if err != nil {
		return nil, err
	}
	sum, ok := keyHash(responder)
	if !ok {
		return nil, refuse(KeyCertificate)
	}
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(context2, func(b *cryptobyte.Builder) { b.AddASN1OctetString(sum[:]) })
		addUTC(b, a.ProducedAt)
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) { a.add(b, q.ID) })
		})
		q.addNonce(b, context1)
	})
	data, err := b.Bytes()
	if err != nil {
		return nil, err
	}
	signature, err := suite.Sign(key, data)
	if err != nil {
		return nil, fmt.Errorf("cms: sign: %w", err)
	}
	return wrapOCSP(data, outsideCMS(suite), signature, responder.Raw)
}

// add writes the fields of SingleResponse.
func (a OCSPAnswer) add(b *cryptobyte.Builder, id OCSPID) {
	id.add(b)
	if a.Revoked {
		b.AddASN1(statusRevoked, func(b *cryptobyte.Builder) {
			addUTC(b, a.RevokedAt)
			if a.Reason != 0 { // unspecified is left out (RFC 5280, 5.3.1)
				b.AddASN1(context0, func(b *cryptobyte.Builder) { b.AddASN1Enum(int64(a.Reason)) })
			}
		})
	} else {
		b.AddASN1(statusGood, func(*cryptobyte.Builder) {})
	}
	addUTC(b, a.ThisUpdate)
	if !a.NextUpdate.IsZero() {
		b.AddASN1(context0, func(b *cryptobyte.Builder) { addUTC(b, a.NextUpdate) })
	}
}

func addUTC(b *cryptobyte.Builder, t time.Time) {
	b.AddASN1GeneralizedTime(t.UTC().Truncate(time.Second))
}

// wrapOCSP assembles OCSPResponse around what is signed already.
func wrapOCSP(data, algorithm, signature, certificate []byte) ([]byte, error) {
	var basic, b cryptobyte.Builder
	basic.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(data)
		b.AddBytes(algorithm)
		b.AddASN1BitString(signature)
		b.AddASN1(context0, func(b *cryptobyte.Builder) {
			b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddBytes(certificate) })
		})
	})
	inner, err := basic.Bytes()
	if err != nil {
		return nil, err
	}
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Enum(responseSuccessful)
		b.AddASN1(context0, func(b *cryptobyte.Builder) {
			b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
				addOID(b, oidOCSPBasic)
				b.AddASN1OctetString(inner)
			})
		})
	})
	return b.Bytes()
}

// outsideCMS is the identifier of a suite's signatures where the bare identifier of a key is not allowed.
func outsideCMS(s Suite) []byte {
	for _, oid := range []string{oidGOST2015With512, oidGOST2015With256, oidGOST2004With94, oidSHA256WithRSA} {
		if s.Signature(Algorithm{OID: oid}, false) {
			return algorithmIdentifier(oid)
		}
	}
	return nil
}

// RefuseOCSP is a responder's unsigned refusal to answer: OCSPTryLater, OCSPInternal, or unauthorized for every other
// reason.
func RefuseOCSP(reason OCSPError) []byte {
	status := byte(responseUnauthorized)
	switch reason {
	case OCSPTryLater:
		status = responseTryLater
	case OCSPInternal:
		status = responseInternal
	}
	return []byte{tagSequence, 3, 0x0a, 1, status}
}
