package ncalayer

import (
	"bytes"
	"crypto/x509"
	"errors"
	"slices"
	"strings"

	"elicense/internal/cms"
	"elicense/internal/demo/ca"
)

// storageFile is the kind of storage in which the demonstration's keys lie: files. It has no tokens.
const storageFile = "PKCS12"

// Key usages by which requests tell signing keys from keys for log-in.
const (
	usageSign = "1.3.6.1.5.5.7.3.4" // emailProtection
	usageAuth = "1.3.6.1.5.5.7.3.2" // clientAuth
)

// The outcomes of a dialog without a key.
var (
	errClosed   = errors.New("the dialog was closed")
	errUnfit    = errors.New("the chosen key does not suit the request")
	errStorage  = errors.New("java.security.KeyStoreException: no such storage is connected")
	errArgument = errors.New("java.lang.IllegalArgumentException")
)

// filter says which keys a dialog shows. What is empty lets everything pass.
type filter struct {
	storages []string
	usages   []string // object identifiers, all of which the certificate has
	iin, bin string
	serial   string // of the certificate, in decimal or hex
	chain    []*x509.Certificate
	expired  bool // certificates out of their time are shown too
}

// pick stands for the person in front of the dialog: the choice made before, or the only key that the request leaves. It
// gives errClosed when there is neither, and errUnfit for a choice that the dialog would not show.
func (s *session) pick(f filter) (ca.KeyPair, error) {
	chosen, cancel := s.chosen, s.cancel
	s.chosen, s.cancel = "", false
	if cancel {
		return ca.KeyPair{}, errClosed
	}
	var fitting, own []ca.KeyPair // one key of each holder, the first
	for _, k := range s.agent.o.Keys() {
		subject, err := cms.SubjectOf(k.Certificate)
		if err != nil || !s.agent.shows(k, subject, f) {
			continue
		}
		if chosen != "" && cms.Fingerprint(k.Certificate.Raw) == chosen {
			return k, nil
		}
		if slices.ContainsFunc(fitting, func(f ca.KeyPair) bool { return bytes.Equal(f.Certificate.RawSubject, k.Certificate.RawSubject) }) {
			continue
		}
		fitting = append(fitting, k)
		if subject.BIN == "" {
			own = append(own, k)
		}
	}
	switch {
	case chosen != "":
		return ca.KeyPair{}, errUnfit
	case f.iin == "" && f.bin == "" && f.serial == "":
		return ca.KeyPair{}, errClosed
	case f.bin == "" && f.serial == "" && len(own) == 1:
		return own[0], nil
	case len(fitting) == 1:
		return fitting[0], nil
	}
	return ca.KeyPair{}, errClosed
}

// shows tells whether a dialog with this filter offers a key.
func (a *Agent) shows(k ca.KeyPair, subject cms.Subject, f filter) bool {
	c, now := k.Certificate, a.o.Now()
	switch {
	case len(f.storages) > 0 && !slices.Contains(f.storages, storageFile),
		f.iin != "" && subject.IIN != f.iin,
		f.bin != "" && subject.BIN != f.bin,
		f.serial != "" && f.serial != c.SerialNumber.String() && !strings.EqualFold(f.serial, c.SerialNumber.Text(16)),
		!f.expired && (now.Before(c.NotBefore) || now.After(c.NotAfter)),
		len(f.chain) > 0 && !slices.ContainsFunc(f.chain, func(authority *x509.Certificate) bool { return c.CheckSignatureFrom(authority) == nil }):
		return false
	}
	for _, wanted := range f.usages {
		if !hasUsage(c, wanted) {
			return false
		}
	}
	return true
}

// hasUsage finds an extended key usage by its object identifier.
func hasUsage(c *x509.Certificate, wanted string) bool {
	switch wanted {
	case usageSign:
		return slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageEmailProtection)
	case usageAuth:
		return slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageClientAuth)
	}
	for _, oid := range c.UnknownExtKeyUsage {
		if oid.String() == wanted {
			return true
		}
	}
	return false
}
