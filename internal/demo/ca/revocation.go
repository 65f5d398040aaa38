package ca

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"elicense/internal/cms"
)

// ListPath is where Handler serves the revocation list of RSA.
const ListPath = "/demo-ca.crl"

// listPath is where a family's list is served.
func listPath(a Algorithm) string { return "/" + fileName("demo-ca", a) + ".crl" }

// listFor is how long a revocation list serves.
const listFor = 24 * time.Hour

// Revoked is one revoked certificate.
type Revoked struct {
	Serial string    `json:"serial"` // hex
	At     time.Time `json:"at"`
	Issuer Algorithm `json:"issuer,omitempty"` // the family whose authority issued it; empty means RSA
}

// family of the authority on whose list it stands.
func (r Revoked) family() Algorithm {
	if r.Issuer == "" {
		return RSA
	}
	return r.Issuer
}

// cachedList is a family's current list.
type cachedList struct {
	der    []byte
	until  time.Time
	number int64
}

func (c *CA) revokedFile() string { return filepath.Join(c.dir, "authority", "revoked.json") }

// loadRevoked reads what was revoked before.
func (c *CA) loadRevoked() error {
	b, err := os.ReadFile(c.revokedFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, &c.revoked); err != nil {
		return fmt.Errorf("demo ca: revoked.json: %w", err)
	}
	return nil
}

// revokedAt tells when a serial number was revoked. The caller holds the lock.
func (c *CA) revokedAt(serial *big.Int) (time.Time, bool) {
	s := serial.Text(16)
	for _, r := range c.revoked {
		if r.Serial == s {
			return r.At, true
		}
	}
	return time.Time{}, false
}

// Revoke revokes a certificate of this authority from now on. A second time changes nothing.
func (c *CA) Revoke(certificate *x509.Certificate) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, already := c.revokedAt(certificate.SerialNumber); already {
		return nil
	}
	issuer, ok := c.issuerOf(certificate)
	if !ok {
		return errors.New("demo ca: the certificate is another authority's")
	}
	next := append(c.revoked[:len(c.revoked):len(c.revoked)],
		Revoked{Serial: certificate.SerialNumber.Text(16), At: c.now().UTC().Truncate(time.Second), Issuer: issuer})
	b, err := json.MarshalIndent(next, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(c.revokedFile(), b, 0o600); err != nil {
		return err
	}
	c.revoked = next
	c.branches[issuer].list.der = nil
	return nil
}

// issuerOf finds the family whose authority issued a certificate.
func (c *CA) issuerOf(certificate *x509.Certificate) (Algorithm, bool) {
	for _, b := range branches() {
		by := c.branches[b.algorithm].issuing.Certificate
		if bytes.Equal(certificate.AuthorityKeyId, by.SubjectKeyId) && cms.NewIssuer(by).CheckIssued(certificate) == nil {
			return b.algorithm, true
		}
	}
	return "", false
}

// List is the current revocation list of RSA, DER. It is made anew after a revocation and when half its time is over.
func (c *CA) List() ([]byte, error) { return c.listOf(RSA) }

// PublishedList is the revocation list of one issuing authority and where Handler serves it.
type PublishedList struct {
	Path string
	DER  []byte
}

// Lists are the current revocation lists of all issuing authorities, that of RSA first; see List.
func (c *CA) Lists() ([]PublishedList, error) {
	var out []PublishedList
	for _, b := range branches() {
		der, err := c.listOf(b.algorithm)
		if err != nil {
			return nil, err
		}
		out = append(out, PublishedList{listPath(b.algorithm), der})
	}
	return out, nil
}

// listOf is List for a family.
func (c *CA) listOf(a Algorithm) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now().UTC()
	held := &c.branches[a].list
	if held.der != nil && now.Before(held.until) {
		return held.der, nil
	}
	entries := make([]x509.RevocationListEntry, 0, len(c.revoked))
	for _, r := range c.revoked {
		if r.family() != a {
			continue
		}
		serial, ok := new(big.Int).SetString(r.Serial, 16)
		if !ok {
			return nil, fmt.Errorf("demo ca: revoked.json holds the serial %q", r.Serial)
		}
		entries = append(entries, x509.RevocationListEntry{SerialNumber: serial, RevocationTime: r.At})
	}
	// Numbers grow from one list to the next, over restarts too.
	held.number = max(held.number+1, now.UnixMilli())
	der, err := createList(&x509.RevocationList{
		Number: big.NewInt(held.number), ThisUpdate: now, NextUpdate: now.Add(listFor), RevokedCertificateEntries: entries,
	}, c.branches[a].issuing)
	if err != nil {
		return nil, err
	}
	held.der, held.until = der, now.Add(listFor/2)
	return der, nil
}

// ListPaths are where Handler serves the revocation lists.
func (c *CA) ListPaths() []string {
	var out []string
	for _, b := range branches() {
		out = append(out, listPath(b.algorithm))
	}
	return out
}

// Handler serves the revocation lists at their paths and the responder at OCSPPath, and nothing else.
func (c *CA) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, b := range branches() {
		mux.HandleFunc("GET "+listPath(b.algorithm), func(w http.ResponseWriter, _ *http.Request) {
			der, err := c.listOf(b.algorithm)
			if err != nil {
				http.Error(w, "the list cannot be made", http.StatusInternalServerError)
				return
			}
			w.Header().Set("Content-Type", "application/pkix-crl")
			w.Header().Set("Cache-Control", "no-store")
			_, _ = w.Write(der) // a reader who went away needs no answer
		})
	}
	mux.Handle("POST "+OCSPPath, c.ocsp)
	return mux
}
