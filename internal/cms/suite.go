package cms

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"hash"
	"slices"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// Suite is one permitted combination of digest, signature algorithm and key. A signature, a certificate or a
// revocation list is judged by exactly one suite: the algorithms cannot be mixed. A new family is one more Suite in the
// table of suites.
type Suite interface {
	// Name identifies the suite in stored signatures, such as "GOST2015-512" or "RSA-SHA256".
	Name() string
	// Digest reports whether this identifier names the suite's digest.
	Digest(Algorithm) bool
	// Signature reports whether this identifier names the suite's signature algorithm. In a CMS the bare key
	// algorithm is usual for RSA (RFC 3370, 3.2); in certificates and lists only the combined one is allowed.
	Signature(a Algorithm, inCMS bool) bool
	// New is the suite's hash.
	New() hash.Hash
	// Key reads a certificate's public key. It refuses one that is not of this suite (KeyAlgorithm), is too weak
	// (KeyWeakKey), or says it is of the suite and is none of its keys (KeyKeyParameters, KeyKeyPoint).
	Key(*x509.Certificate) (Key, error)
	// Sign makes a signature over the message itself (not its digest). It refuses a key of another suite with
	// KeyAlgorithm.
	Sign(key crypto.Signer, message []byte) ([]byte, error)
	// Identifiers are the encoded AlgorithmIdentifiers written into a CMS: digest and signature.
	Identifiers() (digest, signature []byte)
}

// Key is a public key that was checked when it was read. It is safe for concurrent use.
type Key interface {
	// Verify checks a signature over the message itself (not its digest). It refuses a value that no signature of this
	// key has with KeyValue, and any other wrong one with KeyWrong.
	Verify(message, signature []byte) error
	// Prepare gives the same key made ready for many verifications, as an authority's is, where that makes them cheaper.
	Prepare() Key
}

// Algorithm is a parsed AlgorithmIdentifier (RFC 5280, 4.1.1.2).
type Algorithm struct {
	OID        string // the contents octets of the object identifier
	Parameters []byte // the whole encoded value; empty when absent
}

// Object identifiers are compared by their contents octets.
const (
	oidData                  = "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"         // 1.2.840.113549.1.7.1
	oidSignedData            = "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"         // 1.2.840.113549.1.7.2
	oidContentType           = "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03"         // 1.2.840.113549.1.9.3
	oidMessageDigest         = "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04"         // 1.2.840.113549.1.9.4
	oidSigningTime           = "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x05"         // 1.2.840.113549.1.9.5
	oidSigningCertificate    = "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x2f" // 1.2.840.113549.1.9.16.2.47, V2
	oidOldSigningCertificate = "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x0c" // 1.2.840.113549.1.9.16.2.12, of RFC 2634
	oidSHA256                = "\x60\x86\x48\x01\x65\x03\x04\x02\x01"         // 2.16.840.1.101.3.4.2.1
	oidRSA                   = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"         // 1.2.840.113549.1.1.1
	oidSHA256WithRSA         = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b"         // 1.2.840.113549.1.1.11
)

// Suites is the table of everything that is allowed, strongest first.
func Suites() []Suite { return append(gostSuites(), rsaSHA256{}) }

// suiteFor finds the one suite of a CMS signer's digest and signature algorithms among the allowed ones. It refuses with
// KeyOldAlgorithm, KeyAlgorithmsDisagree or KeyAlgorithm.
func suiteFor(allowed []Suite, digest, signature Algorithm) (Suite, error) {
	for _, s := range allowed {
		if s.Digest(digest) && s.Signature(signature, true) {
			return s, nil
		}
	}
	known := func(of func(Suite) bool) bool { return slices.ContainsFunc(allowed, of) }
	switch {
	case digest.old() || signature.old():
		return nil, refuse(KeyOldAlgorithm)
	case known(func(s Suite) bool { return s.Digest(digest) }) && known(func(s Suite) bool { return s.Signature(signature, true) }):
		return nil, refuse(KeyAlgorithmsDisagree)
	}
	return nil, refuse(KeyAlgorithm)
}

// old tells an algorithm that was in use once and is refused now.
func (a Algorithm) old() bool {
	switch a.OID {
	case oidSHA1, "\x2a\x86\x48\x86\xf7\x0d\x02\x05", // MD5
		"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x04": // RSA with either
		return true
	}
	return strings.HasPrefix(a.OID, "\x2b\x06\x01\x04\x01\xb5\x11\x01") // 1.3.6.1.4.1.6801.1, GOST before 2016
}

// readAlgorithm takes one AlgorithmIdentifier.
func readAlgorithm(in *cryptobyte.String) (Algorithm, bool) {
	var seq, oid cryptobyte.String
	if !in.ReadASN1(&seq, asn1.SEQUENCE) || !seq.ReadASN1(&oid, asn1.OBJECT_IDENTIFIER) {
		return Algorithm{}, false
	}
	a := Algorithm{OID: string(oid)}
	if !seq.Empty() {
		var value cryptobyte.String
		var tag asn1.Tag
		if !seq.ReadAnyASN1Element(&value, &tag) || !seq.Empty() {
			return Algorithm{}, false
		}
		a.Parameters = value
	}
	return a, true
}

// plain reports parameters that are NULL or absent, the two forms in use for RSA and SHA-256 (RFC 4055, 2.1).
func (a Algorithm) plain() bool { return len(a.Parameters) == 0 || string(a.Parameters) == "\x05\x00" }

// rsaSHA256 is RSA of 2048 to 4096 bits, PKCS #1 v1.5, with SHA-256.
type rsaSHA256 struct{}

func (rsaSHA256) Name() string { return "RSA-SHA256" }

func (rsaSHA256) Digest(a Algorithm) bool { return a.OID == oidSHA256 && a.plain() }

func (rsaSHA256) Signature(a Algorithm, inCMS bool) bool {
	return a.plain() && (a.OID == oidSHA256WithRSA || inCMS && a.OID == oidRSA)
}

func (rsaSHA256) New() hash.Hash { return sha256.New() }

func (rsaSHA256) Key(c *x509.Certificate) (Key, error) {
	key, ok := c.PublicKey.(*rsa.PublicKey)
	if !ok {
		return nil, refuse(KeyAlgorithm)
	}
	// The upper bounds keep a made-up key from costing the server seconds.
	if bits := key.N.BitLen(); bits < 2048 || bits > 4096 || key.E != 65537 {
		return nil, refuse(KeyWeakKey)
	}
	return rsaKey{key}, nil
}

func (rsaSHA256) Sign(key crypto.Signer, message []byte) ([]byte, error) {
	if _, ok := key.Public().(*rsa.PublicKey); !ok {
		return nil, refuse(KeyAlgorithm)
	}
	sum := sha256.Sum256(message)
	return key.Sign(rand.Reader, sum[:], crypto.SHA256)
}

func (rsaSHA256) Identifiers() (digest, signature []byte) {
	return algorithmIdentifier(oidSHA256), algorithmIdentifier(oidRSA)
}

// algorithmIdentifier encodes an object identifier with NULL parameters.
func algorithmIdentifier(oid string) []byte {
	body := append(appendHeader(nil, 0x06, len(oid)), oid...)
	body = append(body, 0x05, 0x00)
	return append(appendHeader(nil, tagSequence, len(body)), body...)
}

// rsaKey is a key of rsaSHA256.
type rsaKey struct{ public *rsa.PublicKey }

func (k rsaKey) Verify(message, signature []byte) error {
	if len(signature) != k.public.Size() {
		return refuse(KeyValue)
	}
	sum := sha256.Sum256(message)
	if err := rsa.VerifyPKCS1v15(k.public, crypto.SHA256, sum[:], signature); err != nil {
		return refuseBecause(KeyWrong, err)
	}
	return nil
}

func (k rsaKey) Prepare() Key { return k }
