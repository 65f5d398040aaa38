package cms

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// Verify checks the signature against exactly these bytes: the ones the server stored, never the ones that came back.
// When the CMS encapsulates content it must be the same. It refuses with the key of the first broken rule.
func (s *SignedData) Verify(content []byte) (*Verified, error) {
	certificate, err := x509.ParseCertificate(s.certificate)
	if err != nil {
		return nil, refuseBecause(KeyCertificate, err)
	}
	return s.VerifyWith(certificate, content)
}

// VerifyWith is Verify for a caller that has parsed the certificate before; it must be the very one of RawCertificate.
func (s *SignedData) VerifyWith(certificate *x509.Certificate, content []byte) (*Verified, error) {
	if !bytes.Equal(certificate.Raw, s.certificate) {
		return nil, refuse(KeyCertificate)
	}
	if s.signed.certificate != sha256.Sum256(s.certificate) {
		return nil, refuse(KeyWrongCertificateID)
	}
	if s.signed.serial != nil {
		issuer, serial, ok := nameOf(s.certificate)
		if !ok || !bytes.Equal(s.signed.issuer, issuer) || !bytes.Equal(s.signed.serial, serial) {
			return nil, refuse(KeyWrongCertificateID)
		}
	}
	if s.encapsulated && !bytes.Equal(s.content, content) {
		return nil, refuse(KeyContentChanged)
	}
	h := s.suite.New()
	h.Write(content)
	if !bytes.Equal(h.Sum(make([]byte, 0, 64)), s.signed.digest) {
		return nil, refuse(KeyContentChanged)
	}
	if err := s.suite.Verify(certificate, s.attributes, s.signature); err != nil {
		return nil, err
	}
	return &Verified{DER: s.der, Certificate: certificate, Algorithm: s.suite.Name(), SigningTime: s.signed.time}, nil
}

// CheckIssued verifies that issuer's key signed this certificate, by the table of suites. It looks at no name, date or
// purpose. It refuses with KeyAlgorithm, KeyWeakKey or KeyWrong.
func CheckIssued(certificate, issuer *x509.Certificate) error {
	return checkSigned(certificate.Raw, issuer)
}

// CheckList verifies that issuer's key signed this revocation list; see CheckIssued.
func CheckList(list *x509.RevocationList, issuer *x509.Certificate) error {
	return checkSigned(list.Raw, issuer)
}

// checkSigned opens SIGNED (RFC 5280, 4.1.1) and checks its signature.
func checkSigned(der []byte, issuer *x509.Certificate) error {
	in := cryptobyte.String(der)
	var outer, tbs cryptobyte.String
	if !in.ReadASN1(&outer, asn1.SEQUENCE) || !in.Empty() || !outer.ReadASN1Element(&tbs, asn1.SEQUENCE) {
		return refuse(KeyMalformed)
	}
	algorithm, ok := readAlgorithm(&outer)
	var signature []byte
	if !ok || !outer.ReadASN1BitStringAsBytes(&signature) || !outer.Empty() {
		return refuse(KeyMalformed)
	}
	for _, s := range Suites() {
		if s.Signature(algorithm, false) {
			return s.Verify(issuer, tbs, signature)
		}
	}
	return refuse(KeyAlgorithm)
}
