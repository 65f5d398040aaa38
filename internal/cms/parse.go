package cms

import (
	"bytes"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// The constructed context tags of the optional fields.
const (
	context0 = asn1.Tag(0xa0) // [0]
	context1 = asn1.Tag(0xa1) // [1]
	context4 = asn1.Tag(0xa4) // [4]
)

// shape is what differs between the kinds of CMS that are read; everything else is one strict form.
type shape struct {
	content string // the object identifier of eContentType, which the attribute contentType repeats
	version string // of SignedData (RFC 5652, 5.1)
	oldID   bool   // ESSCertID over SHA-1 (RFC 2634) binds the certificate too, beside SigningCertificateV2
}

// documentShape is a person's signature.
func documentShape() shape { return shape{content: oidData, version: "\x01"} }

// Parse reads a CMS given as DER, BER with indefinite lengths, PEM or base64, and refuses everything outside the one
// accepted shape. It checks no signature: the result says nothing until Verify has agreed.
func Parse(b []byte) (*SignedData, error) { return parse(b, Suites()) }

// parse is Parse with a table of suites.
func parse(b []byte, allowed []Suite) (*SignedData, error) {
	raw, err := open(b)
	if err != nil {
		return nil, err
	}
	der, err := canonical(raw)
	if err != nil {
		return nil, err
	}
	return parseDER(der, allowed, documentShape())
}

// parseDER reads a SignedData of one shape from its canonical encoding.
func parseDER(der []byte, allowed []Suite, kind shape) (*SignedData, error) {
	s := &SignedData{der: der, allowed: allowed, kind: kind}
	body, err := signedDataOf(der)
	if err != nil {
		return nil, err
	}
	if err := s.read(body); err != nil {
		return nil, err
	}
	return s, nil
}

// signedDataOf opens ContentInfo (RFC 5652, 3): the contents of the SignedData sequence.
func signedDataOf(der []byte) (cryptobyte.String, error) {
	in := cryptobyte.String(der)
	var info, oid, wrapped, body cryptobyte.String
	if !in.ReadASN1(&info, asn1.SEQUENCE) || !in.Empty() {
		return nil, refuse(KeyMalformed)
	}
	switch {
	case info.PeekASN1Tag(asn1.INTEGER): // the version of PKCS #12, PKCS #8 and PKCS #1
		return nil, refuse(KeyKeyFile)
	case info.PeekASN1Tag(asn1.SEQUENCE): // what is signed of a certificate
		return nil, refuse(KeyCertificateFile)
	case !info.ReadASN1(&oid, asn1.OBJECT_IDENTIFIER):
		return nil, refuse(KeyMalformed)
	}
	if string(oid) != oidSignedData {
		return nil, refuse(KeyNotSignedData)
	}
	if !info.ReadASN1(&wrapped, context0) || !info.Empty() || !wrapped.ReadASN1(&body, asn1.SEQUENCE) || !wrapped.Empty() {
		return nil, refuse(KeyMalformed)
	}
	return body, nil
}

// read takes the fields of SignedData (RFC 5652, 5.1) in their order.
func (s *SignedData) read(body cryptobyte.String) error {
	if err := readVersion(&body, s.kind.version); err != nil {
		return err
	}
	digest, err := readDigests(&body)
	if err != nil {
		return err
	}
	if err := s.readContent(&body); err != nil {
		return err
	}
	if len(s.content) > MaxContent || len(s.der)-len(s.content) > MaxEnvelope {
		return refuse(KeyTooLarge)
	}
	var certificates, lists cryptobyte.String
	var present bool
	if !body.ReadOptionalASN1(&certificates, &present, context0) {
		return refuse(KeyMalformed)
	}
	if !present || certificates.Empty() {
		return refuse(KeyNoCertificate)
	}
	// Revocation lists inside the CMS are the signer's word about itself: never used.
	if !body.ReadOptionalASN1(&lists, &present, context1) {
		return refuse(KeyMalformed)
	}
	var signers, signer cryptobyte.String
	if !body.ReadASN1(&signers, asn1.SET) || !body.Empty() {
		return refuse(KeyMalformed)
	}
	if signers.Empty() {
		return refuse(KeySigners)
	}
	if !signers.ReadASN1(&signer, asn1.SEQUENCE) {
		return refuse(KeyMalformed)
	}
	if !signers.Empty() {
		return refuse(KeySigners)
	}
	return s.readSigner(signer, digest, certificates)
}

// signerVersion is that of a signer named by issuer and serial number (RFC 5652, 5.3).
const signerVersion = "\x01"

// readVersion takes a version, which must be the given one.
func readVersion(in *cryptobyte.String, want string) error {
	var version cryptobyte.String
	if !in.ReadASN1(&version, asn1.INTEGER) {
		return refuse(KeyMalformed)
	}
	if string(version) != want {
		return refuse(KeyVersion)
	}
	return nil
}

// readDigests takes digestAlgorithms, which must hold the one signer's.
func readDigests(body *cryptobyte.String) (Algorithm, error) {
	var set cryptobyte.String
	if !body.ReadASN1(&set, asn1.SET) {
		return Algorithm{}, refuse(KeyMalformed)
	}
	digest, ok := readAlgorithm(&set)
	if !ok || !set.Empty() {
		return Algorithm{}, refuse(KeyAlgorithmsDisagree)
	}
	return digest, nil
}

// readContent takes encapContentInfo: the shape's type, with or without the content.
func (s *SignedData) readContent(body *cryptobyte.String) error {
	var info, oid, wrapped, content cryptobyte.String
	if !body.ReadASN1(&info, asn1.SEQUENCE) || !info.ReadASN1(&oid, asn1.OBJECT_IDENTIFIER) {
		return refuse(KeyMalformed)
	}
	if string(oid) != s.kind.content {
		return refuse(KeyContentType)
	}
	if !info.ReadOptionalASN1(&wrapped, &s.encapsulated, context0) || !info.Empty() {
		return refuse(KeyMalformed)
	}
	if s.encapsulated && (!wrapped.ReadASN1(&content, asn1.OCTET_STRING) || !wrapped.Empty()) {
		return refuse(KeyMalformed)
	}
	s.content = content
	return nil
}

// readSigner takes SignerInfo (RFC 5652, 5.3).
func (s *SignedData) readSigner(in cryptobyte.String, announced Algorithm, certificates cryptobyte.String) error {
	if err := readVersion(&in, signerVersion); err != nil {
		return err
	}
	var id, issuer, serial cryptobyte.String
	if !in.PeekASN1Tag(asn1.SEQUENCE) {
		return refuse(KeySignerID)
	}
	if !in.ReadASN1(&id, asn1.SEQUENCE) || !id.ReadASN1Element(&issuer, asn1.SEQUENCE) ||
		!id.ReadASN1Element(&serial, asn1.INTEGER) || !id.Empty() {
		return refuse(KeyMalformed)
	}
	digest, ok := readAlgorithm(&in)
	if !ok {
		return refuse(KeyMalformed)
	}
	var attributes cryptobyte.String
	var present bool
	if !in.ReadOptionalASN1(&attributes, &present, context0) {
		return refuse(KeyMalformed)
	}
	if !present {
		return refuse(KeyNoAttributes)
	}
	algorithm, ok := readAlgorithm(&in)
	if !ok {
		return refuse(KeyMalformed)
	}
	var err error
	if s.suite, err = suiteFor(s.allowed, digest, algorithm); err != nil {
		return err
	}
	if !s.suite.Digest(announced) {
		return refuse(KeyAlgorithmsDisagree)
	}
	var value cryptobyte.String
	// Unsigned attributes may follow: anybody can change them, so nothing relies on them. A time stamp among them speaks
	// for itself; see Token.
	if !in.ReadASN1(&value, asn1.OCTET_STRING) || !in.ReadOptionalASN1(&s.unsigned, &present, context1) || !in.Empty() {
		return refuse(KeyMalformed)
	}
	s.signature = value
	if s.signed, err = readSigned(attributes, s.suite.New().Size(), s.kind); err != nil {
		return err
	}
	// What is signed is the SET OF itself, not the [0] it is sent under (RFC 5652, 5.4).
	s.attributes = append(appendHeader(make([]byte, 0, len(attributes)+6), tagSet, len(attributes)), attributes...)
	s.certificate, err = pick(certificates, issuer, serial)
	return err
}

// pick finds the one certificate of this issuer and serial number; the others are ignored.
func pick(set, issuer, serial cryptobyte.String) ([]byte, error) {
	var found []byte
	for n := 0; !set.Empty(); n++ {
		var raw cryptobyte.String
		// Attribute certificates and other forms have context tags: never accepted.
		if n == maxCertificates || !set.ReadASN1Element(&raw, asn1.SEQUENCE) {
			return nil, refuse(KeyMalformed)
		}
		i, s, ok := nameOf(raw)
		if !ok {
			return nil, refuse(KeyCertificate)
		}
		if !bytes.Equal(i, issuer) || !bytes.Equal(s, serial) {
			continue
		}
		if found != nil {
			return nil, refuse(KeyAmbiguousCertificate)
		}
		found = raw
	}
	if found == nil {
		return nil, refuse(KeyNoCertificate)
	}
	return found, nil
}

// nameOf reads issuer and serial number, encoded, from a certificate without parsing the rest.
func nameOf(raw cryptobyte.String) (issuer, serial cryptobyte.String, ok bool) {
	var outer, tbs cryptobyte.String
	ok = raw.ReadASN1(&outer, asn1.SEQUENCE) &&
		outer.ReadASN1(&tbs, asn1.SEQUENCE) &&
		tbs.SkipOptionalASN1(context0) &&
		tbs.ReadASN1Element(&serial, asn1.INTEGER) &&
		tbs.SkipASN1(asn1.SEQUENCE) &&
		tbs.ReadASN1Element(&issuer, asn1.SEQUENCE)
	return issuer, serial, ok
}
