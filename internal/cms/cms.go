// Package cms builds, parses and mathematically verifies the one shape of CMS signature this program accepts: SignedData
// (RFC 5652) over id-data with exactly one signer, signed attributes and the signer's certificate bound by
// SigningCertificateV2 (RFC 5035), that is CAdES-BES, with RSA or with the GOST algorithms of Kazakhstan. It is deliberately narrow: whatever the National Certification
// Authority's tools do not produce is refused, because every freedom of the general format has been an attack somewhere.
//
// The package knows nothing of trust. Whether the certificate leads to an anchor, is valid in time and is not revoked
// is for package eds to say.
//
// Every refusal of a signature is a fault of kind Invalid with a key "signature.<reason>". Beside signatures the package
// reads and makes OCSP requests and responses (RFC 6960); those are refused with an OCSPError.
package cms

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"time"

	"golang.org/x/crypto/cryptobyte"

	"elicense/internal/fault"
)

// Limits of what is read at all.
const (
	// MaxEnvelope is the largest CMS, in bytes, without the content it may encapsulate.
	MaxEnvelope = 64 << 10
	// MaxContent is the largest content, in bytes, that a CMS may encapsulate: signed documents name large
	// attachments by digest.
	MaxContent = 1 << 20
	// maxDepth is the deepest nesting of constructed values. A signature with a time stamp inside nests about 25 deep.
	maxDepth = 40
	// maxCertificates is how many certificates a CMS may bring.
	maxCertificates = 8
	// maxAttributes is how many attributes a set of attributes may hold.
	maxAttributes = 32
)

// The keys of every fault this package returns. The reason is told to the person; the cause, if any, is for logs.
const (
	KeyTooLarge             = "signature.too-large"                   // over MaxEnvelope or MaxContent
	KeyEncoding             = "signature.encoding"                    // neither DER nor PEM nor base64
	KeyMalformed            = "signature.malformed"                   // not the ASN.1 structure it should be
	KeyTrailing             = "signature.trailing-data"               // bytes after the end
	KeyTooDeep              = "signature.too-deep"                    // nested over the limit
	KeyKeyFile              = "signature.key-file"                    // a file with a private key, which nobody should send
	KeyCertificateFile      = "signature.certificate-file"            // a certificate in the place of a signature
	KeyNotSignedData        = "signature.not-signed-data"             // another CMS content type
	KeyVersion              = "signature.version"                     // SignedData or SignerInfo is not version 1
	KeySigners              = "signature.signers"                     // not exactly one signer
	KeySignerID             = "signature.signer-id"                   // the signer is not named by issuer and serial number
	KeyNoCertificate        = "signature.no-certificate"              // the signer's certificate is not inside
	KeyAmbiguousCertificate = "signature.ambiguous-certificate"       // two certificates answer to the signer's name
	KeyCertificate          = "signature.certificate"                 // the signer's certificate cannot be read
	KeyAlgorithm            = "signature.algorithm"                   // not on the list of algorithms
	KeyOldAlgorithm         = "signature.old-algorithm"               // one that was in use once: SHA-1, MD5, or GOST by the identifiers of before 2016
	KeyAlgorithmsDisagree   = "signature.algorithms-disagree"         // each is on the list, but they are of different suites, or the key is
	KeyWeakKey              = "signature.weak-key"                    // shorter than allowed, or a strange exponent
	KeyKeyParameters        = "signature.key-parameters"              // a key on another curve or with another hash than its algorithm has
	KeyKeyPoint             = "signature.key-point"                   // a key that is no valid point of its curve
	KeyNoAttributes         = "signature.no-attributes"               // without signed attributes
	KeyDuplicateAttribute   = "signature.duplicate-attribute"         // the same attribute twice
	KeyAttributeValues      = "signature.attribute-values"            // an attribute with none or many values
	KeyContentType          = "signature.content-type"                // contentType absent or not id-data
	KeyNoDigest             = "signature.no-digest"                   // messageDigest absent or of a wrong length
	KeyNoCertificateID      = "signature.no-signing-certificate"      // SigningCertificateV2 absent
	KeyWrongCertificateID   = "signature.another-signing-certificate" // SigningCertificateV2 names another certificate
	KeyContentChanged       = "signature.content-changed"             // the content is not what was signed
	KeyValue                = "signature.value"                       // the signature value has a wrong length, or numbers out of range
	KeyWrong                = "signature.wrong"                       // the signature value does not verify
)

// refuse makes the fault of a reason.
func refuse(key string) error { return fault.New(fault.Invalid, key) }

// refuseBecause makes the fault of a reason with the underlying error for logs.
func refuseBecause(key string, err error) error { return fault.New(fault.Invalid, key).Because(err) }

// SignedData is a parsed CMS. All its byte slices share the memory of DER.
type SignedData struct {
	der          []byte
	content      []byte // encapsulated content
	encapsulated bool
	certificate  []byte  // the signer's, raw
	allowed      []Suite // of which suite is one
	kind         shape
	suite        Suite
	attributes   []byte // signed attributes as they are hashed: with the tag of SET OF
	signed       signedAttributes
	signature    []byte
	unsigned     cryptobyte.String // unsigned attributes, unread
}

// DER is the CMS in its canonical encoding: PEM and base64 opened, indefinite lengths made definite.
func (s *SignedData) DER() []byte { return s.der }

// RawCertificate is the signer's certificate as it stands in the CMS: found by issuer and serial number, not yet
// trusted in any way.
func (s *SignedData) RawCertificate() []byte { return s.certificate }

// Encapsulated is the content inside the CMS; false when the signature is detached.
func (s *SignedData) Encapsulated() ([]byte, bool) { return s.content, s.encapsulated }

// Verified is what a mathematically correct signature says.
type Verified struct {
	DER         []byte            // the canonical CMS
	Certificate *x509.Certificate // the signer's certificate, bound to the signature by SigningCertificateV2
	Algorithm   string            // the name of the suite, such as "GOST2015-512"
	SigningTime time.Time         // claimed by the signer, UTC; zero when absent. Informational: never the reference time
}

// Fingerprint is the SHA-256 of a certificate's DER in lower-case hex, the form in which certificates are pinned.
func Fingerprint(der []byte) string {
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}
