package eds

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"elicense/internal/cms"
	"elicense/internal/fault"
)

// authority is a trusted certification authority: an anchor, or an intermediate whose anchor has been checked.
type authority struct {
	certificate *x509.Certificate
	key         *cms.Issuer // its key, prepared once
	issuer      *authority  // nil for an anchor
}

// load reads a set of certificates; see Source.
func (s Source) load() ([]*x509.Certificate, error) {
	out := slices.Clone(s.Certificates)
	if s.Folder == "" {
		if len(s.Pins) != 0 {
			return nil, errors.New("pins without a folder")
		}
		return out, nil
	}
	wanted := make(map[string]bool, len(s.Pins))
	for _, p := range s.Pins {
		p = strings.ToLower(strings.ReplaceAll(p, ":", ""))
		if b, err := hex.DecodeString(p); err != nil || len(b) != sha256.Size {
			return nil, fmt.Errorf("%q is not a SHA-256 in hex", p)
		}
		wanted[p] = true
	}
	entries, err := os.ReadDir(s.Folder)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		switch strings.ToLower(filepath.Ext(e.Name())) {
		case ".cer", ".crt", ".der", ".pem":
		default:
			continue
		}
		c, err := readCertificate(filepath.Join(s.Folder, e.Name()))
		if err != nil {
			return nil, err
		}
		fingerprint := cms.Fingerprint(c.Raw)
		if len(s.Pins) != 0 && !wanted[fingerprint] {
			continue
		}
		delete(wanted, fingerprint)
		out = append(out, c)
	}
	for p := range wanted {
		return nil, fmt.Errorf("no certificate with the SHA-256 %s in %s", p, s.Folder)
	}
	return out, nil
}

// readCertificate reads a file with one certificate.
func readCertificate(path string) (*x509.Certificate, error) {
	b, err := readFile(path, 64<<10)
	if err != nil {
		return nil, err
	}
	c, err := ParseCertificate(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// arrange indexes the authorities by subject key identifier. An anchor is trusted because it is pinned; an
// intermediate has to be signed by an anchor, which bounds the depth of every chain to two authorities. An intermediate
// of an algorithm that is not on the list of suites is left out with a warning: the NCA publishes its RSA and GOST
// authorities side by side.
func arrange(anchors, intermediates []*x509.Certificate, log *slog.Logger) (map[string][]*authority, error) {
	out := make(map[string][]*authority)
	for _, c := range anchors {
		if err := checkAuthority(c); err != nil {
			return nil, err
		}
		a, err := newAuthority(c, nil)
		if err != nil {
			return nil, err
		}
		out[string(c.SubjectKeyId)] = append(out[string(c.SubjectKeyId)], a)
	}
	var below []*authority
	for _, c := range intermediates {
		if err := checkAuthority(c); err != nil {
			return nil, err
		}
		issuer, err := issuerAmong(out[string(c.AuthorityKeyId)], c)
		if fault.Is(err, cms.KeyAlgorithm) {
			log.Warn("intermediate certificate of an algorithm that is not supported", "sha256", cms.Fingerprint(c.Raw))
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("eds: intermediate %s is not signed by a configured anchor", cms.Fingerprint(c.Raw))
		}
		a, err := newAuthority(c, issuer)
		if err != nil {
			return nil, err
		}
		below = append(below, a)
	}
	for _, a := range below {
		id := string(a.certificate.SubjectKeyId)
		out[id] = append(out[id], a)
	}
	return out, nil
}

// newAuthority prepares an authority's key. One of an algorithm that is not supported stays and signs nothing; one that is
// broken or weak is an error.
func newAuthority(c *x509.Certificate, issuer *authority) (*authority, error) {
	key := cms.NewIssuer(c)
	if err := key.Reason(); err != nil && !fault.Is(err, cms.KeyAlgorithm) {
		return nil, fmt.Errorf("eds: the key of authority %s: %w", cms.Fingerprint(c.Raw), err)
	}
	return &authority{certificate: c, key: key, issuer: issuer}, nil
}

// checkAuthority refuses what cannot be a certification authority.
func checkAuthority(c *x509.Certificate) error {
	if !c.BasicConstraintsValid || !c.IsCA || c.KeyUsage&x509.KeyUsageCertSign == 0 || len(c.SubjectKeyId) == 0 || len(c.UnhandledCriticalExtensions) != 0 {
		return fmt.Errorf("eds: certificate %s is not of a certification authority", cms.Fingerprint(c.Raw))
	}
	return nil
}

// issuerAmong finds the authority whose key signed a certificate; else the fault KeyUntrusted, or cms.KeyAlgorithm when
// the only obstacle is an algorithm.
func issuerAmong(candidates []*authority, c *x509.Certificate) (*authority, error) {
	reason := KeyUntrusted
	for _, a := range candidates {
		err := a.key.CheckIssued(c)
		if err == nil {
			return a, nil
		}
		if fault.Is(err, cms.KeyAlgorithm) {
			reason = cms.KeyAlgorithm
		}
	}
	return nil, fault.New(fault.Invalid, reason)
}

// issuerOf finds the trusted issuer of a signer's certificate by authority key identifier and signature.
func (v *Verifier) issuerOf(c *x509.Certificate) (*authority, error) {
	if len(c.AuthorityKeyId) == 0 {
		return nil, fault.New(fault.Invalid, KeyUntrusted)
	}
	return issuerAmong(v.authorities[string(c.AuthorityKeyId)], c)
}

// refuseInProduction refuses authorities whose private keys, or whose holders' private keys, are public. They are told
// by certificate, by key (the same key in another certificate) and by the demonstration mark.
func refuseInProduction(c *x509.Certificate) error {
	key := sha256.Sum256(c.RawSubjectPublicKeyInfo)
	switch cms.Fingerprint(c.Raw) {
	case "b995e79e7c07429f8f79e185451e5599ce342ac720000f01b3854fdfa03031a6", // NCA TEST root, GOST, 2022
		"beeffc0bdb77cd798c35983eb0715f6ef0051cccb71d7cd05505e8a4fb2c6f4d": // NCA TEST issuing, GOST, 2022
		return errors.New("eds: the NCA's public TEST hierarchy cannot be trusted in production")
	}
	switch hex.EncodeToString(key[:]) {
	case "54f6acdb3e392ffe23aa47c495f33ca842be503ecfec67b53954d7382b6125ad", // its root's key
		"0e9abafd340dab0eafac3199e0dd8cdf6f4e26ee3b5ace823d1d2df6c4f68388": // its issuing authority's key
		return errors.New("eds: the NCA's public TEST hierarchy cannot be trusted in production")
	}
	if cms.IsDemo(c) {
		return errors.New("eds: the demonstration authority cannot be trusted in production")
	}
	return nil
}
