package cms

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/crypto/cryptobyte"
	casn1 "golang.org/x/crypto/cryptobyte/asn1"

	"elicense/internal/fault"
)

// The refusals of a time-stamp token.
const (
	KeyStampMany             = "signature.stamp-many"                // a signature with more than one token
	KeyStampMalformed        = "signature.stamp-malformed"           // not the structure it should be, too large, too deep, not DER
	KeyStampTrailing         = "signature.stamp-trailing-data"       // bytes after the end
	KeyStampContentType      = "signature.stamp-content-type"        // signed data of another kind
	KeyStampVersion          = "signature.stamp-version"             // another version than RFC 3161 and RFC 5652 have for it
	KeyStampSigners          = "signature.stamp-signers"             // not exactly one signer
	KeyStampCertificate      = "signature.stamp-certificate"         // the authority's certificate is absent, ambiguous or unreadable
	KeyStampAlgorithm        = "signature.stamp-algorithm"           // not on the list of algorithms, or they disagree; a weak key
	KeyStampAttributes       = "signature.stamp-attributes"          // signed attributes missing, doubled or of other content
	KeyStampBinding          = "signature.stamp-signing-certificate" // the certificate is not bound, or another one is
	KeyStampChanged          = "signature.stamp-changed"             // the statement is not what was signed
	KeyStampWrong            = "signature.stamp-wrong"               // the authority's signature does not verify
	KeyStampImprintAlgorithm = "signature.stamp-imprint-algorithm"   // an imprint by a digest that is not allowed
	KeyStampImprint          = "signature.stamp-imprint"             // a token for something else than this signature
	KeyStampPolicy           = "signature.stamp-policy"              // a policy that is not on the list
	KeyStampNonce            = "signature.stamp-nonce"               // an answer to another question
	KeyStampPurpose          = "signature.stamp-purpose"             // the certificate is not one for time stamps alone
	KeyStampTime             = "signature.stamp-time"                // the time or its accuracy is unreadable
	KeyStampExtension        = "signature.stamp-extension"           // a critical extension nobody here understands
	KeyStampRefused          = "signature.stamp-refused"             // the authority answered that it gives none
)

const (
	oidStampInfo      = "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x04" // 1.2.840.113549.1.9.16.1.4, id-ct-TSTInfo
	oidStampAttribute = "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x0e" // 1.2.840.113549.1.9.16.2.14, signature-time-stamp
)

// maxSerial bounds a token's serial number and nonce, in octets: 160 bits (RFC 3161, 2.4.2) and a sign.
const maxSerial = 21

// stampShape is a time-stamp token. Its certificate may be bound by ESSCertID over SHA-1, although SHA-1 is refused
// everywhere else: RFC 3161 knew nothing better, and the National Certification Authority's tokens still have it. A person's
// signature gains nothing from this. To misuse it somebody needs a second certificate for time stamps from a trusted authority
// with the same SHA-1, name, serial number and key.
func stampShape() shape { return shape{content: oidStampInfo, version: "\x03", oldID: true} }

// Token is a parsed time-stamp token (RFC 3161, 2.4.2). It says nothing until Verify has agreed.
type Token struct {
	signed *SignedData
	info   stampInfo
}

// stampInfo is what a token states.
type stampInfo struct {
	policy   string // dotted
	digest   Suite  // whose digest the imprint is by
	imprint  []byte
	serial   []byte // contents octets
	at       time.Time
	accuracy time.Duration
	nonce    []byte // contents octets; nil when absent
}

// Stamp is what a mathematically correct time-stamp token says.
type Stamp struct {
	DER         []byte
	Time        time.Time     // genTime, UTC
	Accuracy    time.Duration // how far the true time may be from Time; 0 when not stated
	Policy      string        // dotted object identifier
	Serial      string        // hex
	Certificate *x509.Certificate
	Algorithm   string // the name of the suite that signed it
}

// StampRules is what a token is held against.
type StampRules struct {
	Policies []string // the policies that serve, dotted; none refuses every token
	Nonce    []byte   // of the question, as in StampQuery; nil when nothing was asked
}

// ParseStamp reads a token given as DER and refuses everything outside the one accepted shape: SignedData over a TSTInfo
// with exactly one signer, its certificate inside, without trailing data. Refusals have the keys KeyStamp….
func ParseStamp(der []byte) (*Token, error) {
	used, ber, err := scan(der, 0)
	switch {
	case err != nil:
		return nil, stampFault(err)
	case used != len(der):
		return nil, refuse(KeyStampTrailing)
	case ber, len(der) > MaxEnvelope:
		return nil, refuse(KeyStampMalformed)
	}
	signed, err := parseDER(der, Suites(), stampShape())
	if err != nil {
		return nil, stampFault(err)
	}
	if !signed.encapsulated {
		return nil, refuse(KeyStampMalformed)
	}
	t := &Token{signed: signed}
	if err := t.info.read(signed.content); err != nil {
		return nil, err
	}
	return t, nil
}

// DER is the token as it was read.
func (t *Token) DER() []byte { return t.signed.der }

// RawCertificate is the authority's certificate as it stands in the token, not yet trusted in any way.
func (t *Token) RawCertificate() []byte { return t.signed.certificate }

// Policy is the policy that the token claims, dotted.
func (t *Token) Policy() string { return t.info.policy }

// Verify checks the token against the signature value it should be about: the octets of SignerInfo.signature.
func (t *Token) Verify(value []byte, rules StampRules) (*Stamp, error) {
	certificate, err := x509.ParseCertificate(t.signed.certificate)
	if err != nil {
		return nil, refuseBecause(KeyStampCertificate, err)
	}
	return t.VerifyWith(certificate, value, rules)
}

// VerifyWith is Verify for a caller that has parsed the certificate before; it must be the very one of RawCertificate.
func (t *Token) VerifyWith(certificate *x509.Certificate, value []byte, rules StampRules) (*Stamp, error) {
	verified, err := t.signed.VerifyWith(certificate, t.signed.content)
	if err != nil {
		return nil, stampFault(err)
	}
	if err := CheckStamper(certificate); err != nil {
		return nil, err
	}
	if err := t.covers(value); err != nil {
		return nil, err
	}
	switch {
	case !slices.Contains(rules.Policies, t.info.policy):
		return nil, refuse(KeyStampPolicy)
	case rules.Nonce != nil && !bytes.Equal(rules.Nonce, t.info.nonce):
		return nil, refuse(KeyStampNonce)
	}
	return &Stamp{
		DER: t.signed.der, Time: t.info.at, Accuracy: t.info.accuracy, Policy: t.info.policy, Serial: hex.EncodeToString(t.info.serial),
		Certificate: certificate, Algorithm: verified.Algorithm,
	}, nil
}

// covers checks that the token is about this signature value.
func (t *Token) covers(value []byte) error {
	h := t.info.digest.New()
	h.Write(value)
	if !bytes.Equal(h.Sum(make([]byte, 0, 64)), t.info.imprint) {
		return refuse(KeyStampImprint)
	}
	return nil
}

// CheckStamper refuses a certificate that is not of a time-stamping authority (RFC 3161, 2.3) with KeyStampPurpose: the
// extended key usage is critical and names time stamps alone, so that no key has two purposes.
func CheckStamper(c *x509.Certificate) error {
	const signs = x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment
	critical := false
	for _, e := range c.Extensions {
		critical = critical || e.Critical && e.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 37})
	}
	if c.IsCA || !critical || len(c.UnhandledCriticalExtensions) != 0 || c.KeyUsage&^signs != 0 ||
		len(c.UnknownExtKeyUsage) != 0 || !slices.Equal(c.ExtKeyUsage, []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}) {
		return refuse(KeyStampPurpose)
	}
	return nil
}

// Value is the signature value, which a time stamp is about.
func (s *SignedData) Value() []byte { return s.signature }

// Stamp is the time stamp that the signature carries as an unsigned attribute (RFC 5126, 6.1.1); nil where there is none.
// Other unsigned attributes are let be. It refuses a broken one and more than one.
func (s *SignedData) Stamp() (*Token, error) {
	in := s.unsigned
	var token cryptobyte.String
	for !in.Empty() {
		var element, oid, set cryptobyte.String
		var tag casn1.Tag
		if !in.ReadAnyASN1(&element, &tag) {
			return nil, refuse(KeyMalformed)
		}
		if tag != casn1.SEQUENCE || !element.ReadASN1(&oid, casn1.OBJECT_IDENTIFIER) || string(oid) != oidStampAttribute {
			continue
		}
		if token != nil {
			return nil, refuse(KeyStampMany)
		}
		if !element.ReadASN1(&set, casn1.SET) || !element.Empty() || !set.ReadASN1Element(&token, casn1.SEQUENCE) {
			return nil, refuse(KeyStampMalformed)
		}
		if !set.Empty() {
			return nil, refuse(KeyStampMany)
		}
	}
	if token == nil {
		return nil, nil
	}
	return ParseStamp(token)
}

// read takes TSTInfo (RFC 3161, 2.4.2).
func (i *stampInfo) read(der []byte) error {
	outer := cryptobyte.String(der)
	var in, version, serial, value cryptobyte.String
	var policy asn1.ObjectIdentifier
	if !outer.ReadASN1(&in, casn1.SEQUENCE) || !in.ReadASN1(&version, casn1.INTEGER) {
		return refuse(KeyStampMalformed)
	}
	switch {
	case !outer.Empty():
		return refuse(KeyStampTrailing)
	case string(version) != "\x01":
		return refuse(KeyStampVersion)
	case !in.ReadASN1ObjectIdentifier(&policy):
		return refuse(KeyStampMalformed)
	}
	i.policy = policy.String()
	var err error
	if i.digest, i.imprint, err = readImprint(&in); err != nil {
		return err
	}
	if !readNumber(&in, &serial) {
		return refuse(KeyStampMalformed)
	}
	i.serial = serial
	var ok bool
	if !in.ReadASN1(&value, casn1.GeneralizedTime) {
		return refuse(KeyStampTime)
	}
	if i.at, ok = exactTime(string(value)); !ok {
		return refuse(KeyStampTime)
	}
	return i.readOptions(in)
}

// readOptions takes what may follow genTime.
func (i *stampInfo) readOptions(in cryptobyte.String) error {
	var value cryptobyte.String
	var present bool
	if !in.ReadOptionalASN1(&value, &present, casn1.SEQUENCE) {
		return refuse(KeyStampMalformed)
	}
	if present {
		if i.accuracy, present = readAccuracy(value); !present {
			return refuse(KeyStampTime)
		}
	}
	if in.PeekASN1Tag(casn1.BOOLEAN) { // ordering: nothing here compares two tokens
		var ordering bool
		if !in.ReadASN1Boolean(&ordering) {
			return refuse(KeyStampMalformed)
		}
	}
	if in.PeekASN1Tag(casn1.INTEGER) {
		var nonce cryptobyte.String
		if !readNumber(&in, &nonce) {
			return refuse(KeyStampMalformed)
		}
		i.nonce = nonce
	}
	// The name of the authority is a hint; what counts is the certificate that is bound.
	if !in.SkipOptionalASN1(context0) || !in.ReadOptionalASN1(&value, &present, context1) || !in.Empty() {
		return refuse(KeyStampMalformed)
	}
	if present {
		return checkExtensions(value)
	}
	return nil
}

// readImprint takes MessageImprint: a digest of one of the suites, with the length that it has.
func readImprint(in *cryptobyte.String) (Suite, []byte, error) {
	var imprint, value cryptobyte.String
	if !in.ReadASN1(&imprint, casn1.SEQUENCE) {
		return nil, nil, refuse(KeyStampMalformed)
	}
	algorithm, ok := readAlgorithm(&imprint)
	if !ok || !imprint.ReadASN1(&value, casn1.OCTET_STRING) || !imprint.Empty() {
		return nil, nil, refuse(KeyStampMalformed)
	}
	for _, s := range Suites() {
		if s.Digest(algorithm) {
			if len(value) != s.New().Size() {
				return nil, nil, refuse(KeyStampImprint)
			}
			return s, value, nil
		}
	}
	return nil, nil, refuse(KeyStampImprintAlgorithm)
}

// readNumber takes an INTEGER by its contents octets, in their shortest form and within bounds.
func readNumber(in, out *cryptobyte.String) bool {
	if !in.ReadASN1(out, casn1.INTEGER) || len(*out) == 0 || len(*out) > maxSerial {
		return false
	}
	b := *out
	return len(b) == 1 || b[0] != 0 && b[0] != 0xff || b[0]>>7 != b[1]>>7
}

// exactTime reads a GeneralizedTime as RFC 3161 wants it: UTC with seconds, and a fraction without trailing zeros.
func exactTime(s string) (time.Time, bool) {
	const whole = "20060102150405"
	body, ok := strings.CutSuffix(s, "Z")
	if !ok || len(body) < len(whole) {
		return time.Time{}, false
	}
	t, err := time.Parse(whole, body[:len(whole)])
	if err != nil || t.Format(whole) != body[:len(whole)] {
		return time.Time{}, false
	}
	if len(body) == len(whole) {
		return t, true
	}
	digits, ok := strings.CutPrefix(body[len(whole):], ".")
	if !ok || len(digits) == 0 || len(digits) > 9 || strings.Trim(digits, "0123456789") != "" || digits[len(digits)-1] == '0' {
		return time.Time{}, false
	}
	n, err := strconv.Atoi(digits + strings.Repeat("0", 9-len(digits)))
	return t.Add(time.Duration(n)), err == nil
}

// readAccuracy takes the fields of Accuracy: seconds, and 1 to 999 of milliseconds and microseconds.
func readAccuracy(in cryptobyte.String) (time.Duration, bool) {
	var seconds, millis, micros int64
	if in.PeekASN1Tag(casn1.INTEGER) && (!in.ReadASN1Integer(&seconds) || seconds < 0 || seconds > 24*3600) {
		return 0, false
	}
	part := func(tag casn1.Tag, out *int64) bool {
		return !in.PeekASN1Tag(tag) || in.ReadASN1Int64WithTag(out, tag) && *out >= 1 && *out <= 999
	}
	if !part(casn1.Tag(0).ContextSpecific(), &millis) || !part(casn1.Tag(1).ContextSpecific(), &micros) || !in.Empty() {
		return 0, false
	}
	return time.Duration(seconds)*time.Second + time.Duration(millis)*time.Millisecond + time.Duration(micros)*time.Microsecond, true
}

// checkExtensions refuses a critical extension: none is known here.
func checkExtensions(in cryptobyte.String) error {
	for !in.Empty() {
		var one, oid, value cryptobyte.String
		var critical bool
		if !in.ReadASN1(&one, casn1.SEQUENCE) || !one.ReadASN1(&oid, casn1.OBJECT_IDENTIFIER) ||
			one.PeekASN1Tag(casn1.BOOLEAN) && !one.ReadASN1Boolean(&critical) || !one.ReadASN1(&value, casn1.OCTET_STRING) || !one.Empty() {
			return refuse(KeyStampMalformed)
		}
		if critical {
			return refuse(KeyStampExtension)
		}
	}
	return nil
}

// stampFault says of a token what the code it shares with documents says of a signature.
func stampFault(err error) error {
	f, ok := fault.As(err)
	if !ok {
		return err
	}
	key := KeyStampMalformed
	switch f.Key {
	case KeyTrailing:
		key = KeyStampTrailing
	case KeyContentType:
		key = KeyStampContentType
	case KeyVersion:
		key = KeyStampVersion
	case KeySigners, KeySignerID:
		key = KeyStampSigners
	case KeyNoCertificate, KeyAmbiguousCertificate, KeyCertificate:
		key = KeyStampCertificate
	case KeyAlgorithm, KeyOldAlgorithm, KeyAlgorithmsDisagree, KeyWeakKey, KeyKeyParameters, KeyKeyPoint:
		key = KeyStampAlgorithm
	case KeyNoAttributes, KeyDuplicateAttribute, KeyAttributeValues, KeyNoDigest:
		key = KeyStampAttributes
	case KeyNoCertificateID, KeyWrongCertificateID:
		key = KeyStampBinding
	case KeyContentChanged:
		key = KeyStampChanged
	case KeyValue, KeyWrong:
		key = KeyStampWrong
	}
	return refuseBecause(key, err)
}
