package cms

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"elicense/internal/fault"
)

// Options of a signature.
type Options struct {
	Detached    bool      // leave the content out
	SigningTime time.Time // the time the signer claims; zero leaves the attribute out
}

// Sign makes a CAdES-BES signature, as DER, over content with the key of the certificate. It refuses a key that no
// suite allows with KeyAlgorithm or KeyWeakKey.
func Sign(content []byte, key crypto.Signer, certificate *x509.Certificate, o Options) ([]byte, error) {
	suite, _, err := suiteOf(certificate)
	if err != nil {
		return nil, err
	}
	h := suite.New()
	h.Write(content)
	return sign(content, h.Sum(nil), suite, key, certificate, o)
}

// SignDigest is Sign, detached, over content of which only the digest is at hand, made by the algorithm that goes with the
// certificate's key. A digest of another length is refused with KeyNoDigest.
func SignDigest(digest []byte, key crypto.Signer, certificate *x509.Certificate, signingTime time.Time) ([]byte, error) {
	suite, _, err := suiteOf(certificate)
	if err != nil {
		return nil, err
	}
	if len(digest) != suite.New().Size() {
		return nil, refuse(KeyNoDigest)
	}
	return sign(nil, digest, suite, key, certificate, Options{Detached: true, SigningTime: signingTime})
}

// sign signs the attributes that name the digest.
func sign(content, digest []byte, suite Suite, key crypto.Signer, certificate *x509.Certificate, o Options) ([]byte, error) {
	kind := documentShape()
	attributes, err := kind.attributes(digest, certificate, o.SigningTime)
	if err != nil {
		return nil, err
	}
	signature, err := signAttributes(suite, key, attributes)
	if err != nil {
		return nil, err
	}
	return kind.build(content, certificate, suite, attributes, signature, o)
}

// signAttributes signs the SET OF signed attributes, given by its contents.
func signAttributes(suite Suite, key crypto.Signer, attributes []byte) ([]byte, error) {
	signature, err := suite.Sign(key, append(appendHeader(nil, tagSet, len(attributes)), attributes...))
	if err != nil {
		return nil, fmt.Errorf("cms: sign: %w", err)
	}
	return signature, nil
}

// suiteOf finds the suite that allows a certificate's key. It refuses with what that suite has against the key, or with
// KeyAlgorithm when it is of none.
func suiteOf(certificate *x509.Certificate) (Suite, Key, error) {
	reason := refuse(KeyAlgorithm)
	for _, s := range Suites() {
		key, err := s.Key(certificate)
		if err == nil {
			return s, key, nil
		}
		if !fault.Is(err, KeyAlgorithm) {
			reason = err
		}
	}
	return nil, nil, reason
}

// build assembles ContentInfo around a signature that is made already.
func (kind shape) build(content []byte, certificate *x509.Certificate, suite Suite, attributes, signature []byte, o Options) ([]byte, error) {
	issuer, serial, ok := nameOf(certificate.Raw)
	if !ok {
		return nil, refuse(KeyCertificate)
	}
	digestID, signatureID := suite.Identifiers()
	signer := func(b *cryptobyte.Builder) {
		b.AddASN1Int64(1)
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddBytes(issuer)
			b.AddBytes(serial)
		})
		b.AddBytes(digestID)
		b.AddASN1(context0, func(b *cryptobyte.Builder) { b.AddBytes(attributes) })
		b.AddBytes(signatureID)
		b.AddASN1OctetString(signature)
	}
	signedData := func(b *cryptobyte.Builder) {
		b.AddASN1(asn1.INTEGER, func(b *cryptobyte.Builder) { b.AddBytes([]byte(kind.version)) })
		b.AddASN1(asn1.SET, func(b *cryptobyte.Builder) { b.AddBytes(digestID) })
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			addOID(b, kind.content)
			if !o.Detached {
				b.AddASN1(context0, func(b *cryptobyte.Builder) { b.AddASN1OctetString(content) })
			}
		})
		b.AddASN1(context0, func(b *cryptobyte.Builder) { b.AddBytes(certificate.Raw) })
		b.AddASN1(asn1.SET, func(b *cryptobyte.Builder) { b.AddASN1(asn1.SEQUENCE, signer) })
	}
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		addOID(b, oidSignedData)
		b.AddASN1(context0, func(b *cryptobyte.Builder) { b.AddASN1(asn1.SEQUENCE, signedData) })
	})
	return b.Bytes()
}

// attributes encodes the contents of the SET OF signed attributes, in the order of DER.
func (kind shape) attributes(digest []byte, certificate *x509.Certificate, at time.Time) ([]byte, error) {
	issuer, serial, ok := nameOf(certificate.Raw)
	if !ok {
		return nil, refuse(KeyCertificate)
	}
	hash := sha256.Sum256(certificate.Raw)
	list := [][]byte{
		encodeAttribute(oidContentType, func(b *cryptobyte.Builder) { addOID(b, kind.content) }),
		encodeAttribute(oidMessageDigest, func(b *cryptobyte.Builder) { b.AddASN1OctetString(digest) }),
		encodeAttribute(oidSigningCertificate, func(b *cryptobyte.Builder) {
			b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) { addCertificateID(b, hash[:], issuer, serial) })
				})
			})
		}),
	}
	if !at.IsZero() {
		list = append(list, encodeAttribute(oidSigningTime, func(b *cryptobyte.Builder) {
			if y := at.UTC().Year(); y >= 1950 && y < 2050 {
				b.AddASN1UTCTime(at.UTC().Truncate(time.Second))
			} else {
				b.AddASN1GeneralizedTime(at.UTC().Truncate(time.Second))
			}
		}))
	}
	return setContents(list), nil
}

// setContents joins the elements of a SET OF in the order of DER (X.690, 11.6).
func setContents(list [][]byte) []byte {
	slices.SortFunc(list, bytes.Compare)
	return slices.Concat(list...)
}

// addCertificateID writes the fields of ESSCertIDv2 with the default SHA-256.
func addCertificateID(b *cryptobyte.Builder, hash, issuer, serial []byte) {
	b.AddASN1OctetString(hash)
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(context4, func(b *cryptobyte.Builder) { b.AddBytes(issuer) })
		})
		b.AddBytes(serial)
	})
}

// encodeAttribute writes one Attribute with one value.
func encodeAttribute(oid string, value func(*cryptobyte.Builder)) []byte {
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		addOID(b, oid)
		b.AddASN1(asn1.SET, value)
	})
	return b.BytesOrPanic()
}

// addOID writes an object identifier given by its contents octets.
func addOID(b *cryptobyte.Builder, oid string) {
	b.AddASN1(asn1.OBJECT_IDENTIFIER, func(b *cryptobyte.Builder) { b.AddBytes([]byte(oid)) })
}
