package cms

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// OCSPResponse is a parsed basic response about one certificate. It says nothing until Verify has agreed. Its byte slices
// share the memory of what was parsed.
type OCSPResponse struct {
	der          []byte
	signed       []byte // ResponseData, encoded
	algorithm    Algorithm
	signature    []byte
	certificates [][]byte
	byName       []byte // the responder's name, encoded, or …
	byKey        []byte // … the SHA-1 of its key
	producedAt   time.Time
	id           OCSPID
	status       asn1.Tag
	revokedAt    time.Time
	reason       int
	thisUpdate   time.Time
	nextUpdate   time.Time
	nonce        []byte
}

// OCSPAnswer is what a response says that was believed, or what a responder wants to say.
type OCSPAnswer struct {
	Revoked    bool
	RevokedAt  time.Time         // UTC; zero unless revoked
	Reason     int               // of the revocation (CRLReason, RFC 5280, 5.3.1); 0 when none is given
	ProducedAt time.Time         // when the response was signed, UTC
	ThisUpdate time.Time         // when the status was known to be right, UTC
	NextUpdate time.Time         // when there will be news, UTC; zero where none is named
	Responder  *x509.Certificate // whose key signed
	DER        []byte            // the whole response
}

// The alternatives of CertStatus (RFC 6960, 4.2.1).
const (
	statusGood    = asn1.Tag(0x80)
	statusRevoked = asn1.Tag(0xa1)
	statusUnknown = asn1.Tag(0x82)
)

// The values of OCSPResponseStatus.
const (
	responseSuccessful   = 0
	responseInternal     = 2
	responseTryLater     = 3
	responseUnauthorized = 6
)

// ParseOCSP reads a response (RFC 6960, 4.2.1) in DER. It refuses everything but a successful basic response about one
// certificate with an OCSPError.
func ParseOCSP(der []byte) (*OCSPResponse, error) {
	if err := checkOCSP(der); err != nil {
		return nil, err
	}
	in := cryptobyte.String(der)
	var outer, wrapped, kinded, kind, basic cryptobyte.String
	var status int
	if !in.ReadASN1(&outer, asn1.SEQUENCE) || !outer.ReadASN1Enum(&status) {
		return nil, OCSPMalformed
	}
	if status != responseSuccessful {
		return nil, failure(status, outer.Empty())
	}
	if !outer.ReadASN1(&wrapped, context0) || !outer.Empty() || !wrapped.ReadASN1(&kinded, asn1.SEQUENCE) || !wrapped.Empty() ||
		!kinded.ReadASN1(&kind, asn1.OBJECT_IDENTIFIER) || !kinded.ReadASN1(&basic, asn1.OCTET_STRING) || !kinded.Empty() {
		return nil, OCSPMalformed
	}
	if string(kind) != oidOCSPBasic {
		return nil, OCSPKind
	}
	if err := checkOCSP(basic); err != nil {
		return nil, err
	}
	r := &OCSPResponse{der: der}
	if err := r.readBasic(basic); err != nil {
		return nil, err
	}
	return r, nil
}

// failure is the reason in a response without an answer.
func failure(status int, bare bool) error {
	switch {
	case !bare || status == 4 || status < 0 || status > responseUnauthorized:
		return OCSPMalformed
	case status == responseTryLater:
		return OCSPTryLater
	case status == responseInternal:
		return OCSPInternal
	}
	return OCSPRefused
}

// readBasic takes BasicOCSPResponse.
func (r *OCSPResponse) readBasic(basic cryptobyte.String) error {
	var body, data, inner, wrapped, list cryptobyte.String
	if !basic.ReadASN1(&body, asn1.SEQUENCE) || !body.ReadASN1Element(&data, asn1.SEQUENCE) {
		return OCSPMalformed
	}
	r.signed = data
	var ok, present bool
	if r.algorithm, ok = readAlgorithm(&body); !ok || !body.ReadASN1BitStringAsBytes(&r.signature) ||
		!body.ReadOptionalASN1(&wrapped, &present, context0) || !body.Empty() {
		return OCSPMalformed
	}
	if present {
		if !wrapped.ReadASN1(&list, asn1.SEQUENCE) || !wrapped.Empty() {
			return OCSPMalformed
		}
		for !list.Empty() {
			var one cryptobyte.String
			if len(r.certificates) == maxCertificates || !list.ReadASN1Element(&one, asn1.SEQUENCE) {
				return OCSPMalformed
			}
			r.certificates = append(r.certificates, one)
		}
	}
	if !data.ReadASN1(&inner, asn1.SEQUENCE) {
		return OCSPMalformed
	}
	return r.readData(inner)
}

// readData takes the fields of ResponseData.
func (r *OCSPResponse) readData(in cryptobyte.String) error {
	if in.PeekASN1Tag(context0) {
		return OCSPVersion // version 1 is the default, which DER leaves out
	}
	var name, key, responses, single, extensions cryptobyte.String
	var present bool
	switch {
	case in.PeekASN1Tag(context1):
		if !in.ReadASN1(&name, context1) || !name.PeekASN1Tag(asn1.SEQUENCE) {
			return OCSPMalformed
		}
		r.byName = name
	default:
		if !in.ReadASN1(&key, context2) || !key.ReadASN1((*cryptobyte.String)(&r.byKey), asn1.OCTET_STRING) || !key.Empty() {
			return OCSPMalformed
		}
	}
	if !readUTC(&in, &r.producedAt) || !in.ReadASN1(&responses, asn1.SEQUENCE) ||
		!in.ReadOptionalASN1(&extensions, &present, context1) || !in.Empty() {
		return OCSPMalformed
	}
	if responses.Empty() {
		return OCSPCount
	}
	if !responses.ReadASN1(&single, asn1.SEQUENCE) {
		return OCSPMalformed
	}
	if !responses.Empty() {
		return OCSPCount
	}
	if err := r.readSingle(single); err != nil || !present {
		return err
	}
	var err error
	r.nonce, err = readOCSPExtensions(extensions)
	return err
}

// readSingle takes SingleResponse.
func (r *OCSPResponse) readSingle(in cryptobyte.String) error {
	var err error
	if r.id, err = readOCSPID(&in); err != nil {
		return err
	}
	var status, wrapped, extensions cryptobyte.String
	var later, extended bool
	if !in.ReadAnyASN1(&status, &r.status) {
		return OCSPMalformed
	}
	switch r.status {
	case statusGood, statusUnknown:
		if !status.Empty() {
			return OCSPMalformed
		}
	case statusRevoked:
		if err := r.readRevoked(status); err != nil {
			return err
		}
	default:
		return OCSPMalformed
	}
	if !readUTC(&in, &r.thisUpdate) || !in.ReadOptionalASN1(&wrapped, &later, context0) ||
		!in.ReadOptionalASN1(&extensions, &extended, context1) || !in.Empty() {
		return OCSPMalformed
	}
	if later && (!readUTC(&wrapped, &r.nextUpdate) || !wrapped.Empty()) {
		return OCSPMalformed
	}
	if extended {
		_, err = readOCSPExtensions(extensions)
	}
	return err
}

// readRevoked takes the fields of RevokedInfo.
func (r *OCSPResponse) readRevoked(in cryptobyte.String) error {
	var wrapped cryptobyte.String
	var present bool
	if !readUTC(&in, &r.revokedAt) || !in.ReadOptionalASN1(&wrapped, &present, context0) || !in.Empty() {
		return OCSPMalformed
	}
	if present && (!wrapped.ReadASN1Enum(&r.reason) || !wrapped.Empty() || r.reason < 0 || r.reason > 10 || r.reason == 7) {
		return OCSPMalformed
	}
	return nil
}

// readUTC takes a GeneralizedTime in the one form of RFC 5280, 4.1.2.5.2.
func readUTC(in *cryptobyte.String, t *time.Time) bool {
	raw := *in
	var text cryptobyte.String
	if !raw.ReadASN1(&text, asn1.GeneralizedTime) || !bytes.HasSuffix(text, []byte("Z")) || !in.ReadASN1GeneralizedTime(t) {
		return false
	}
	*t = t.UTC()
	return true
}

// Verify believes a response when it answers this question about a certificate of this issuer, its responder is the
// issuer or holds the issuer's certificate for signing responses (RFC 6960, 4.2.2.2), the signature is right, and it was
// made within the window around now; a window of 0 is OCSPWindow. Else it refuses with an OCSPError. Whether the
// responder's own certificate was revoked is for the caller to ask.
func (r *OCSPResponse) Verify(q OCSPQuestion, issuer *Issuer, now time.Time, window time.Duration) (OCSPAnswer, error) {
	if window <= 0 {
		window = OCSPWindow
	}
	key, ok := keyHash(issuer.certificate)
	switch {
	case r.id != q.ID || !ok || q.ID.key != key: // names decide nothing
		return OCSPAnswer{}, OCSPOther
	case len(q.Nonce) == 0: // nothing to compare
	case r.nonce == nil:
		return OCSPAnswer{}, OCSPNoNonce
	case !bytes.Equal(r.nonce, q.Nonce):
		return OCSPAnswer{}, OCSPOtherNonce
	}
	responder, err := r.signedBy(issuer, now)
	if err != nil {
		return OCSPAnswer{}, err
	}
	for _, t := range []time.Time{r.producedAt, r.thisUpdate} {
		if t.Sub(now) > window {
			return OCSPAnswer{}, OCSPFuture
		}
		if now.Sub(t) > window {
			return OCSPAnswer{}, OCSPStale
		}
	}
	if !r.nextUpdate.IsZero() && !now.Before(r.nextUpdate) {
		return OCSPAnswer{}, OCSPStale
	}
	if r.status == statusUnknown {
		return OCSPAnswer{}, OCSPUnknown
	}
	return OCSPAnswer{
		Revoked: r.status == statusRevoked, RevokedAt: r.revokedAt, Reason: r.reason, ProducedAt: r.producedAt,
		ThisUpdate: r.thisUpdate, NextUpdate: r.nextUpdate, Responder: responder, DER: r.der,
	}, nil
}

// signedBy finds the responder that the response names, trusts it, and checks the signature with its key.
func (r *OCSPResponse) signedBy(issuer *Issuer, now time.Time) (*x509.Certificate, error) {
	if r.names(issuer.certificate) {
		if err := issuer.reason; err != nil {
			return nil, fmt.Errorf("%w: %w", OCSPSignature, err)
		}
		if err := r.checkSignature(issuer.suite, issuer.key); err == nil {
			return issuer.certificate, nil
		}
		// Names repeat: a responder may be called like its issuer.
	}
	reason := error(OCSPNoResponder)
	for _, raw := range r.certificates {
		c, err := x509.ParseCertificate(raw)
		if err != nil {
			reason = fmt.Errorf("%w: %w", OCSPResponder, err)
			continue
		}
		if !r.names(c) {
			continue
		}
		if err := checkResponder(c, issuer, now); err != nil {
			reason = err
			continue
		}
		suite, key, err := suiteOf(c)
		if err == nil {
			err = r.checkSignature(suite, key)
		}
		if err == nil {
			return c, nil
		}
		reason = fmt.Errorf("%w: %w", OCSPSignature, err)
	}
	return nil, reason
}

// names tells whether the responder's identifier is that of a certificate.
func (r *OCSPResponse) names(c *x509.Certificate) bool {
	if r.byName != nil {
		return bytes.Equal(r.byName, c.RawSubject)
	}
	sum, ok := keyHash(c)
	return ok && bytes.Equal(r.byKey, sum[:])
}

// checkResponder trusts a certificate to which the issuer delegated the signing of responses.
func checkResponder(c *x509.Certificate, issuer *Issuer, now time.Time) error {
	switch err := issuer.CheckIssued(c); {
	case err != nil:
		return fmt.Errorf("%w: %w", OCSPOtherIssuer, err)
	case !slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning),
		c.KeyUsage != 0 && c.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0:
		return OCSPResponderUsage
	case len(c.UnhandledCriticalExtensions) != 0:
		return OCSPCritical
	case now.Before(c.NotBefore) || now.After(c.NotAfter):
		return OCSPResponderExpired
	}
	return nil
}

// OCSPExcused tells whether an authority has excused its responder from being looked up itself, for as long as the
// certificate lives: id-pkix-ocsp-nocheck (RFC 6960, 4.2.2.2.1).
func OCSPExcused(responder *x509.Certificate) bool {
	return slices.ContainsFunc(responder.Extensions, func(e pkix.Extension) bool { return e.Id.String() == "1.3.6.1.5.5.7.48.1.5" })
}

// checkSignature checks the signature with a key and the algorithm of that key.
func (r *OCSPResponse) checkSignature(suite Suite, key Key) error {
	if !suite.Signature(r.algorithm, false) {
		return refuse(KeyAlgorithm)
	}
	return key.Verify(r.signed, r.signature)
}
