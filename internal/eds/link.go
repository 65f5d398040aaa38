package eds

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"time"

	"elicense/internal/cms"
	"elicense/internal/fault"
)

// Link is one certificate of a chain with what was found about it. The reasons are message keys, empty where all is well.
type Link struct {
	Certificate *x509.Certificate
	Anchor      bool   // trusted because the configuration says so
	Signature   string // why no configured authority answers for it: KeyUntrusted, or cms.KeyAlgorithm
	Validity    string // KeyNotYetValid or KeyExpired at the time asked for
}

// Good tells whether nothing was found against it.
func (l Link) Good() bool { return l.Signature == "" && l.Validity == "" }

// Chain follows a certificate to its anchor by key identifiers and signatures and says of each link what was found, where
// Verify would stop at the first fault. It ends early where no configured authority has signed a link. Profile and
// revocation are not looked at.
func (v *Verifier) Chain(c *x509.Certificate, at time.Time) []Link {
	for _, a := range v.authorities[string(c.SubjectKeyId)] {
		if bytes.Equal(a.certificate.Raw, c.Raw) {
			return above(a, at)
		}
	}
	first := Link{Certificate: c, Validity: validity(c, at)}
	issuer, err := v.issuerOf(c)
	if f, ok := fault.As(err); ok {
		first.Signature = f.Key
		return []Link{first}
	}
	return append([]Link{first}, above(issuer, at)...)
}

// above lists an authority and those over it; their signatures were checked when they were arranged.
func above(a *authority, at time.Time) []Link {
	var out []Link
	for ; a != nil; a = a.issuer {
		out = append(out, Link{Certificate: a.certificate, Anchor: a.issuer == nil, Validity: validity(a.certificate, at)})
	}
	return out
}

func validity(c *x509.Certificate, at time.Time) string {
	switch {
	case at.Before(c.NotBefore):
		return KeyNotYetValid
	case at.After(c.NotAfter):
		return KeyExpired
	}
	return ""
}

// ParseCertificate reads one certificate as certification authorities publish them: DER, PEM or bare base64.
func ParseCertificate(b []byte) (*x509.Certificate, error) {
	if block, rest := pem.Decode(b); block != nil {
		if block.Type != "CERTIFICATE" || len(bytes.TrimSpace(rest)) != 0 {
			return nil, errors.New("eds: want one certificate")
		}
		b = block.Bytes
	} else if bare, err := base64.StdEncoding.DecodeString(string(bytes.TrimSpace(b))); err == nil {
		b = bare
	}
	c, err := x509.ParseCertificate(b)
	if err != nil {
		return nil, fault.New(fault.Invalid, cms.KeyCertificate).Because(err)
	}
	return c, nil
}

// SelfSigned tells a root: a certificate that its own key has signed.
func SelfSigned(c *x509.Certificate) bool { return cms.NewIssuer(c).CheckIssued(c) == nil }
