package cms

import (
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"math/big"
	"strconv"
	"strings"
	"time"

	"golang.org/x/crypto/cryptobyte"
	casn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// StampQuery is a question to a time-stamping authority (RFC 3161, 2.4.1).
type StampQuery struct {
	Policy string // dotted; empty leaves the choice to the authority
	Nonce  []byte // contents octets of an INTEGER; nil = none
	digest []byte // AlgorithmIdentifier of the imprint
	value  []byte // the imprint
}

// Ask makes the question for a time stamp over a signature's value. The imprint is by the digest of the signature's own
// suite. number is drawn by the caller, 16 random bytes: the answer must repeat it.
func (s *SignedData) Ask(number []byte, policy string) StampQuery {
	h := s.suite.New()
	h.Write(s.signature)
	digest, _ := s.suite.Identifiers()
	return StampQuery{Policy: policy, Nonce: positive(number), digest: digest, value: h.Sum(nil)}
}

// positive is the contents of an INTEGER for a string of bytes as a number above zero.
func positive(b []byte) []byte {
	var out cryptobyte.Builder
	out.AddASN1BigInt(new(big.Int).SetBytes(append([]byte{1}, b...)))
	in := cryptobyte.String(out.BytesOrPanic())
	var contents cryptobyte.String
	_ = in.ReadASN1(&contents, casn1.INTEGER) // written the line above
	return contents
}

// Bytes is the question, DER, with the wish for the authority's certificate. A policy that is no object identifier is an error.
func (q StampQuery) Bytes() ([]byte, error) {
	policy, ok := objectIdentifier(q.Policy)
	if q.Policy != "" && !ok {
		return nil, errors.New("cms: the policy of a time stamp is no object identifier")
	}
	var b cryptobyte.Builder
	b.AddASN1(casn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(1)
		q.addImprint(b)
		if ok {
			b.AddASN1ObjectIdentifier(policy)
		}
		if q.Nonce != nil {
			b.AddASN1(casn1.INTEGER, func(b *cryptobyte.Builder) { b.AddBytes(q.Nonce) })
		}
		b.AddASN1Boolean(true)
	})
	return b.Bytes()
}

// addImprint writes MessageImprint.
func (q StampQuery) addImprint(b *cryptobyte.Builder) {
	b.AddASN1(casn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(q.digest)
		b.AddASN1OctetString(q.value)
	})
}

// ParseStampQuery reads a question, as an authority does. Refusals have the keys KeyStamp….
func ParseStampQuery(der []byte) (StampQuery, error) {
	outer := cryptobyte.String(der)
	var in, version, nonce cryptobyte.String
	if !outer.ReadASN1(&in, casn1.SEQUENCE) || !in.ReadASN1(&version, casn1.INTEGER) {
		return StampQuery{}, refuse(KeyStampMalformed)
	}
	switch {
	case !outer.Empty():
		return StampQuery{}, refuse(KeyStampTrailing)
	case string(version) != "\x01":
		return StampQuery{}, refuse(KeyStampVersion)
	}
	var q StampQuery
	suite, value, err := readImprint(&in)
	if err != nil {
		return StampQuery{}, err
	}
	q.digest, _ = suite.Identifiers()
	q.value = value
	if in.PeekASN1Tag(casn1.OBJECT_IDENTIFIER) {
		var policy asn1.ObjectIdentifier
		if !in.ReadASN1ObjectIdentifier(&policy) {
			return StampQuery{}, refuse(KeyStampMalformed)
		}
		q.Policy = policy.String()
	}
	if in.PeekASN1Tag(casn1.INTEGER) {
		if !readNumber(&in, &nonce) {
			return StampQuery{}, refuse(KeyStampMalformed)
		}
		q.Nonce = nonce
	}
	var certificate bool
	if in.PeekASN1Tag(casn1.BOOLEAN) && !in.ReadASN1Boolean(&certificate) || !in.SkipOptionalASN1(context0) || !in.Empty() {
		return StampQuery{}, refuse(KeyStampMalformed)
	}
	return q, nil
}

// StampTerms is what an authority states in a token besides what it was asked.
type StampTerms struct {
	Policy   string // dotted
	Serial   *big.Int
	Time     time.Time
	Accuracy time.Duration // whole microseconds; 0 = not stated
}

// Stamp makes the token that answers a question, DER, with the authority's key. The certificate is bound by
// SigningCertificateV2.
func (q StampQuery) Stamp(key crypto.Signer, certificate *x509.Certificate, terms StampTerms) ([]byte, error) {
	info, err := q.info(terms)
	if err != nil {
		return nil, err
	}
	suite, _, err := suiteOf(certificate)
	if err != nil {
		return nil, err
	}
	h := suite.New()
	h.Write(info)
	kind := stampShape()
	attributes, err := kind.attributes(h.Sum(nil), certificate, terms.Time)
	if err != nil {
		return nil, err
	}
	signature, err := signAttributes(suite, key, attributes)
	if err != nil {
		return nil, err
	}
	return kind.build(info, certificate, suite, attributes, signature, Options{})
}

// info encodes TSTInfo.
func (q StampQuery) info(terms StampTerms) ([]byte, error) {
	policy, ok := objectIdentifier(terms.Policy)
	if !ok || terms.Serial == nil {
		return nil, errors.New("cms: a time stamp needs a policy and a serial number")
	}
	at := terms.Time.UTC().Format("20060102150405.999999") + "Z"
	var b cryptobyte.Builder
	b.AddASN1(casn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(1)
		b.AddASN1ObjectIdentifier(policy)
		q.addImprint(b)
		b.AddASN1BigInt(terms.Serial)
		b.AddASN1(casn1.GeneralizedTime, func(b *cryptobyte.Builder) { b.AddBytes([]byte(at)) })
		if terms.Accuracy > 0 {
			b.AddASN1(casn1.SEQUENCE, func(b *cryptobyte.Builder) { addAccuracy(b, terms.Accuracy) })
		}
		if q.Nonce != nil {
			b.AddASN1(casn1.INTEGER, func(b *cryptobyte.Builder) { b.AddBytes(q.Nonce) })
		}
	})
	return b.Bytes()
}

// addAccuracy writes the fields of Accuracy that are not zero.
func addAccuracy(b *cryptobyte.Builder, a time.Duration) {
	if s := int64(a / time.Second); s > 0 {
		b.AddASN1Int64(s)
	}
	for i, part := range []int64{a.Milliseconds() % 1000, a.Microseconds() % 1000} {
		if part > 0 {
			b.AddASN1Int64WithTag(part, casn1.Tag(i).ContextSpecific()) //nolint:gosec // 0 or 1
		}
	}
}

// StampAnswer wraps a token as the authority's answer (RFC 3161, 2.4.2): granted.
func StampAnswer(token []byte) []byte {
	var b cryptobyte.Builder
	b.AddASN1(casn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(casn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1Int64(0) })
		b.AddBytes(token)
	})
	return b.BytesOrPanic()
}

// StampRejection is the authority's answer without a token: status 2.
func StampRejection() []byte {
	var b cryptobyte.Builder
	b.AddASN1(casn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(casn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1Int64(2) })
	})
	return b.BytesOrPanic()
}

// ParseStampAnswer reads an authority's answer and the token in it. An answer that grants none is KeyStampRefused.
func ParseStampAnswer(der []byte) (*Token, error) {
	outer := cryptobyte.String(der)
	var in, info, token cryptobyte.String
	var status int64
	if !outer.ReadASN1(&in, casn1.SEQUENCE) || !in.ReadASN1(&info, casn1.SEQUENCE) || !info.ReadASN1Integer(&status) {
		return nil, refuse(KeyStampMalformed)
	}
	switch {
	case !outer.Empty():
		return nil, refuse(KeyStampTrailing)
	case status != 0 && status != 1: // granted, granted with modifications: which ones the rules tell
		return nil, refuse(KeyStampRefused)
	case !in.ReadASN1Element(&token, casn1.SEQUENCE):
		return nil, refuse(KeyStampMalformed)
	case !in.Empty():
		return nil, refuse(KeyStampTrailing)
	}
	return ParseStamp(token)
}

// IsObjectIdentifier tells whether a text is an object identifier in dotted form, such as a policy.
func IsObjectIdentifier(s string) bool {
	_, ok := objectIdentifier(s)
	return ok
}

// objectIdentifier reads the dotted form.
func objectIdentifier(s string) (asn1.ObjectIdentifier, bool) {
	parts := strings.Split(s, ".")
	out := make(asn1.ObjectIdentifier, len(parts))
	for i, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil || n < 0 || strconv.Itoa(n) != p {
			return nil, false
		}
		out[i] = n
	}
	return out, len(out) >= 2 && out[0] <= 2 && (out[0] == 2 || out[1] < 40)
}
