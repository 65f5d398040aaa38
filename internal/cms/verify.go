package cms

import (
	"bytes"
	"crypto/x509"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"elicense/internal/fault"
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
	for _, bound := range s.signed.bound {
		if !bound.names(s.certificate) {
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
	key, err := s.suite.Key(certificate)
	if fault.Is(err, KeyAlgorithm) {
		if _, _, other := suiteOf(certificate); other == nil {
			return nil, refuse(KeyAlgorithmsDisagree)
		}
	}
	if err != nil {
		return nil, err
	}
	if err := key.Verify(s.attributes, s.signature); err != nil {
		return nil, err
	}
	return &Verified{DER: s.der, Certificate: certificate, Algorithm: s.suite.Name(), SigningTime: s.signed.time}, nil
}

// Issuer is the key of a certification authority, prepared to check what it signed. It looks at no name, date or
// purpose. It is safe for concurrent use.
type Issuer struct {
	certificate *x509.Certificate
	suite       Suite
	key         Key
	reason      error // why there is no key
}

// NewIssuer reads and prepares an authority's key, once for all its certificates and lists. A key that no suite allows
// is told by the checks.
func NewIssuer(c *x509.Certificate) *Issuer {
	suite, key, err := suiteOf(c)
	if err != nil {
		return &Issuer{certificate: c, reason: err}
	}
	return &Issuer{certificate: c, suite: suite, key: key.Prepare()}
}

// Reason is why no signature of this issuer can be checked: KeyAlgorithm, KeyWeakKey, KeyKeyParameters or KeyKeyPoint;
// nil when they can.
func (i *Issuer) Reason() error { return i.reason }

// Algorithm is the name of the suite of the issuer's key, such as "GOST2015-512"; empty when there is a Reason.
func (i *Issuer) Algorithm() string {
	if i.suite == nil {
		return ""
	}
	return i.suite.Name()
}

// CheckIssued verifies that the issuer's key signed this certificate, with the algorithm of that key. It refuses with
// KeyAlgorithm, KeyValue, KeyWrong, or with the Reason.
func (i *Issuer) CheckIssued(certificate *x509.Certificate) error {
	return i.checkSigned(certificate.Raw)
}

// CheckList verifies that the issuer's key signed this revocation list; see CheckIssued.
func (i *Issuer) CheckList(list *x509.RevocationList) error { return i.checkSigned(list.Raw) }

// checkSigned opens SIGNED (RFC 5280, 4.1.1) and checks its signature.
func (i *Issuer) checkSigned(der []byte) error {
	if i.reason != nil {
		return i.reason
	}
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
	if !i.suite.Signature(algorithm, false) {
		return refuse(KeyAlgorithm)
	}
	return i.key.Verify(tbs, signature)
}
