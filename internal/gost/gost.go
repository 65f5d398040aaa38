// Package gost is the state cryptography of Kazakhstan's certificates, written from the published standards: the hash
// functions Streebog (GOST R 34.11-2012, RFC 6986) and GOST 34.311-95 (GOST R 34.11-94, RFC 5831), and the signature of
// GOST R 34.10-2012 (RFC 7091), which is also GOST 34.310-2004 and GOST R 34.10-2001 on the older curves.
//
// Byte orders are those of the National Certification Authority: a digest is read as a little-endian number, a public
// key is x‖y and a signature r‖s, each part little-endian. The Russian profile of the same signature (RFC 9215) is the
// byte reversal of the whole string.
//
// Verification works on public data and is as fast as it can be made; signing takes no branch and reads no table at an
// index that depends on the key or on the nonce. Hashing does read tables at indexes that depend on the message.
package gost

import "errors"

// What is wrong with an input. Each is returned as it is, to be compared with errors.Is.
var (
	// ErrKeyLength: the encoded key does not have the length of its curve.
	ErrKeyLength = errors.New("gost: wrong length of a key")
	// ErrKeyEncoding: the bytes are not a SubjectPublicKeyInfo of a known kind in DER.
	ErrKeyEncoding = errors.New("gost: malformed public key")
	// ErrKeyRange: a private key is zero, or not below the order of the group (RFC 7091, section 5.2).
	ErrKeyRange = errors.New("gost: private key out of range")
	// ErrCoordinate: a coordinate of a point is not below the field's prime.
	ErrCoordinate = errors.New("gost: coordinate out of range")
	// ErrNotOnCurve: the point does not satisfy the curve's equation (RFC 7091, section 5.1).
	ErrNotOnCurve = errors.New("gost: point is not on the curve")
	// ErrNotInSubgroup: the point is on the curve, but not in the subgroup of prime order (RFC 7091, section 5.2).
	ErrNotInSubgroup = errors.New("gost: point is not in the subgroup")
	// ErrDigestLength: the digest does not have the length that goes with the curve.
	ErrDigestLength = errors.New("gost: wrong length of a digest")
	// ErrSignatureLength: the signature does not have the length of its curve.
	ErrSignatureLength = errors.New("gost: wrong length of a signature")
	// ErrSignatureRange: r or s is zero, or not below the order of the group (RFC 7091, section 6.2, step 1).
	ErrSignatureRange = errors.New("gost: r or s out of range")
	// ErrSignature: the signature is well formed and belongs to another message or key.
	ErrSignature = errors.New("gost: signature does not match")
	// ErrRandom: the source of random numbers gave too few bytes.
	ErrRandom = errors.New("gost: no random numbers")
)
