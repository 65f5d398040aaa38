package cms

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"hash"
	"math/big"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"elicense/internal/gost"
)

// oidArc is 1.2.398.3.10.1, below which the National Certification Authority has its algorithms.
const oidArc = "\x2a\x83\x0e\x03\x0a\x01"

// The object identifiers of the GOST suites. Those of before 2016, below 1.3.6.1.4.1.6801, are dead and refused.
const (
	oidGOST94           = oidArc + "\x03\x01"         // 1.2.398.3.10.1.3.1, GOST 34.311-95
	oidStreebog256      = oidArc + "\x03\x02"         // 1.2.398.3.10.1.3.2
	oidStreebog512      = oidArc + "\x03\x03"         // 1.2.398.3.10.1.3.3
	oidGOST2004         = oidArc + "\x01\x01\x01"     // 1.2.398.3.10.1.1.1.1, a key of GOST 34.310-2004
	oidGOST2004With94   = oidArc + "\x01\x01\x02"     // 1.2.398.3.10.1.1.1.2
	oidGOST2015Key256   = oidArc + "\x01\x02\x01"     // 1.2.398.3.10.1.1.2.1, a key of GOST R 34.10-2015
	oidGOST2015Key512   = oidArc + "\x01\x02\x02"     // 1.2.398.3.10.1.1.2.2
	oidGOST2015With256  = oidArc + "\x01\x02\x03\x01" // 1.2.398.3.10.1.1.2.3.1
	oidGOST2015With512  = oidArc + "\x01\x02\x03\x02" // 1.2.398.3.10.1.1.2.3.2
	nameGOST2004        = "GOST2004-GOST94"
	nameGOST2015Size256 = "GOST2015-256"
	nameGOST2015Size512 = "GOST2015-512"
)

// gostSuites are the GOST algorithms of the National Certification Authority, strongest first. Their signature is r‖s,
// each little-endian, and a digest is read as a little-endian number (package gost).
func gostSuites() []Suite {
	return []Suite{
		gostSuite{nameGOST2015Size512, oidStreebog512, oidGOST2015With512, oidGOST2015Key512, oidGOST2015With512, func() hash.Hash { return gost.NewStreebog512() }},
		gostSuite{nameGOST2015Size256, oidStreebog256, oidGOST2015With256, oidGOST2015Key256, oidGOST2015With256, func() hash.Hash { return gost.NewStreebog256() }},
		gostSuite{nameGOST2004, oidGOST94, oidGOST2004With94, oidGOST2004, oidGOST2004, func() hash.Hash { return gost.NewGOST94() }},
	}
}

// gostSuite is one standard with one hash and, by package gost, one curve.
type gostSuite struct {
	name, digest, signature, key string
	// written is the signature algorithm of a CMS as the authority's tools write it. With GOST 34.310-2004 that is the
	// bare identifier of the key, as with RSA.
	written string
	hash    func() hash.Hash
}

func (s gostSuite) Name() string { return s.name }

func (s gostSuite) Digest(a Algorithm) bool { return a.OID == s.digest && a.plain() }

func (s gostSuite) Signature(a Algorithm, inCMS bool) bool {
	return a.plain() && (a.OID == s.signature || inCMS && a.OID == s.written)
}

func (s gostSuite) New() hash.Hash { return s.hash() }

// Key reads the key from the certificate itself: package x509 does not know its algorithm.
func (s gostSuite) Key(c *x509.Certificate) (Key, error) {
	if keyAlgorithm(c.RawSubjectPublicKeyInfo) != s.key {
		return nil, refuse(KeyAlgorithm)
	}
	public, err := gost.ParsePublicKey(c.RawSubjectPublicKeyInfo)
	switch {
	case errors.Is(err, gost.ErrKeyEncoding):
		return nil, refuseBecause(KeyKeyParameters, err)
	case err != nil:
		return nil, refuseBecause(KeyKeyPoint, err)
	}
	return gostKey{s.hash, public}, nil
}

func (s gostSuite) Sign(key crypto.Signer, message []byte) ([]byte, error) {
	public, ok := key.Public().(*gost.PublicKey)
	if !ok {
		return nil, refuse(KeyAlgorithm)
	}
	// The curve goes with the suite: two of them have digests of one length.
	if spki, known := gost.MarshalPublicKey(public); !known || keyAlgorithm(spki) != s.key {
		return nil, refuse(KeyAlgorithm)
	}
	h := s.hash()
	h.Write(message)
	return key.Sign(rand.Reader, h.Sum(make([]byte, 0, gost.Streebog512Size)), nil)
}

func (s gostSuite) Identifiers() (digest, signature []byte) {
	return algorithmIdentifier(s.digest), algorithmIdentifier(s.written)
}

// keyAlgorithm is the object identifier of a SubjectPublicKeyInfo's algorithm; empty when there is none.
func keyAlgorithm(spki []byte) string {
	in := cryptobyte.String(spki)
	var info, algorithm, oid cryptobyte.String
	if !in.ReadASN1(&info, asn1.SEQUENCE) || !info.ReadASN1(&algorithm, asn1.SEQUENCE) || !algorithm.ReadASN1(&oid, asn1.OBJECT_IDENTIFIER) {
		return ""
	}
	return string(oid)
}

// gostKey is a public key with the hash of its suite.
type gostKey struct {
	hash   func() hash.Hash
	public interface {
		Verify(digest, signature []byte) error
	}
}

func (k gostKey) Verify(message, signature []byte) error {
	h := k.hash()
	h.Write(message)
	err := k.public.Verify(h.Sum(make([]byte, 0, gost.Streebog512Size)), signature)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, gost.ErrSignatureLength), errors.Is(err, gost.ErrSignatureRange):
		return refuseBecause(KeyValue, err)
	}
	return refuseBecause(KeyWrong, err)
}

// Prepare makes the tables of the key's multiples.
func (k gostKey) Prepare() Key {
	if public, ok := k.public.(*gost.PublicKey); ok {
		return gostKey{k.hash, public.Prepare()}
	}
	return k
}

// readGOSTKey reads a PKCS #8 (RFC 5958) of the National Certification Authority: a key of 2015 is an OCTET STRING,
// little-endian, one of 2004 an INTEGER. False for every other.
func readGOSTKey(der []byte) (*gost.PrivateKey, bool) {
	in := cryptobyte.String(der)
	var info, wrapped, secret cryptobyte.String
	var version int64
	if !in.ReadASN1(&info, asn1.SEQUENCE) || !in.Empty() || !info.ReadASN1Integer(&version) {
		return nil, false
	}
	algorithm, ok := readAlgorithm(&info)
	if !ok || version != 0 || !info.ReadASN1(&wrapped, asn1.OCTET_STRING) {
		return nil, false
	}
	var curve *gost.Curve
	switch algorithm.OID {
	case oidGOST2015Key512:
		curve = gost.Curve512A()
	case oidGOST2015Key256:
		curve = gost.Curve256A()
	case oidGOST2004:
		curve = gost.CurveCryptoProA()
	default:
		return nil, false
	}
	if algorithm.OID == oidGOST2004 {
		var number big.Int
		if !wrapped.ReadASN1Integer(&number) || !wrapped.Empty() || number.Sign() <= 0 || number.BitLen() > 8*curve.Size() {
			return nil, false
		}
		secret = number.FillBytes(make([]byte, curve.Size()))
		slices.Reverse(secret)
	} else if !wrapped.ReadASN1(&secret, asn1.OCTET_STRING) || !wrapped.Empty() {
		return nil, false
	}
	key, err := gost.NewPrivateKey(curve, secret)
	return key, err == nil
}
