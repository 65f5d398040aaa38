// Package port declares what the use cases need from the world: a store, files, a clock, signatures, payments,
// registries, documents. Each interface is small and carries its contract; adapters on floor 3 implement them.
package port

import (
	"context"
	"time"
)

// Revocation is what is known about a certificate's revocation at the time of the check.
type Revocation string

// The outcomes of a revocation check. Unknown is never accepted: the act that was signed stays pending.
const (
	RevocationGood    Revocation = "good"
	RevocationUnknown Revocation = "unknown"
)

// SignerRole is what the certificate's extended key usage says the person may do (eds: 1.2.398.3.3.4.1.*).
type SignerRole string

// The roles of the National Certification Authority's certificates.
const (
	RoleIndividual  SignerRole = "individual"    // 1.2.398.3.3.4.1.1
	RoleLegalEntity SignerRole = "legal-entity"  // 1.2.398.3.3.4.1.2
	RoleHead        SignerRole = "head"          // 1.2.398.3.3.4.1.2.1
	RoleRightToSign SignerRole = "right-to-sign" // 1.2.398.3.3.4.1.2.2
	RoleFinancial   SignerRole = "financial"     // 1.2.398.3.3.4.1.2.3
	RoleHR          SignerRole = "hr"            // 1.2.398.3.3.4.1.2.4
	RoleEmployee    SignerRole = "employee"      // 1.2.398.3.3.4.1.2.5
	RoleSystem      SignerRole = "system"        // 1.2.398.3.3.4.1.2.6.*
)

// Signer is the person a certificate names, read strictly from it (one IIN, at most one BIN).
type Signer struct {
	IIN          string // 12 digits
	BIN          string // 12 digits; empty for an individual's certificate
	Surname      string
	GivenName    string // from CN "SURNAME GIVEN"
	Patronymic   string
	Organisation string
	Email        string
	Roles        []SignerRole
}

// EvidenceKind says what a piece of evidence is.
type EvidenceKind string

// The kinds of evidence.
const (
	EvidenceOCSP      EvidenceKind = "ocsp"      // an OCSP response (RFC 6960), DER
	EvidenceTimestamp EvidenceKind = "timestamp" // a time-stamp token (RFC 3161) over the signature's value, DER
	EvidenceList      EvidenceKind = "list"      // SHA-256 of the revocation lists that were consulted, 32 bytes each; the lists are in Blobs
)

// Evidence is what a third party stated about a signature when it was received, kept beside it so that the signature can
// be judged years later.
type Evidence struct {
	Kind EvidenceKind
	DER  []byte
	At   time.Time // when the third party says it was made, UTC
}

// Signature is a CMS signature that was verified against stored bytes.
type Signature struct {
	CMS         []byte // the DER as it was verified
	Digest      string // SHA-256 of CMS, hex
	Certificate []byte // the signer's certificate, DER
	Fingerprint string // SHA-256 of Certificate, hex
	Serial      string // hex
	Algorithm   string // such as "RSA-SHA256"
	NotBefore   time.Time
	NotAfter    time.Time
	Signer      Signer
	Revocation  Revocation
	At          time.Time  // reference time of the check: that of the time stamp obtained on receipt, else the time of receipt
	Evidence    []Evidence // shared: to be read only
	Unstamped   bool       // a time stamp was asked for and has not come yet; see Stamper
}

// TimeStamped gives the time at which a time-stamping authority saw the signature; ok is false where none did yet.
func (s Signature) TimeStamped() (at time.Time, ok bool) {
	for _, e := range s.Evidence {
		if e.Kind == EvidenceTimestamp && (!ok || e.At.Before(at)) {
			at, ok = e.At, true
		}
	}
	return at, ok
}

// Verifier judges detached CMS signatures.
type Verifier interface {
	// Verify checks cms against exactly content: structure, algorithms, signed attributes, certificate profile, chain to a
	// configured anchor, validity at the given time, revocation. A CMS that encapsulates content must carry the same bytes.
	// cms may be DER, PEM or base64. It returns fault.Invalid with a key "signature.<reason>" for anything wrong with
	// the signature, and a Signature whose Revocation is Unknown when only the revocation could not be learned. A time stamp
	// inside is verified too; where a time-stamping authority is configured one is obtained, which takes no longer than seconds.
	Verify(ctx context.Context, content, cms []byte, at time.Time) (Signature, error)
	// Recheck asks again for the revocation of a certificate that was Unknown. It returns fault.Invalid
	// "signature.revoked" when it was revoked at the given time. The evidence is what the answer rests on, also that of
	// "signature.revoked"; it is empty while nothing is known.
	Recheck(ctx context.Context, certificate []byte, at time.Time) (Revocation, []Evidence, error)
}

// Stamper obtains time stamps for signatures that were received without.
type Stamper interface {
	// Stamp asks for a time stamp over the value of a verified signature, given as its CMS. The evidence is the stamp and
	// what is known of its authority's own revocation. It is fault.Unavailable "signature.stamp-pending" while no
	// time-stamping authority answers.
	Stamp(ctx context.Context, cms []byte) ([]Evidence, error)
}
