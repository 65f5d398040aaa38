package ca

import (
	"crypto/rand"
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
)

// ListPath is where Handler serves the revocation list.
const ListPath = "/demo-ca.crl"

// listFor is how long a revocation list serves.
const listFor = 24 * time.Hour

// Revoked is one revoked certificate.
type Revoked struct {
	Serial string    `json:"serial"` // hex
	At     time.Time `json:"at"`
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

// Revoke revokes a certificate from now on. A second time changes nothing.
func (c *CA) Revoke(certificate *x509.Certificate) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, already := c.revokedAt(certificate.SerialNumber); already {
		return nil
	}
	next := append(c.revoked[:len(c.revoked):len(c.revoked)], Revoked{Serial: certificate.SerialNumber.Text(16), At: c.now().UTC().Truncate(time.Second)})
	b, err := json.MarshalIndent(next, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(c.revokedFile(), b, 0o600); err != nil {
		return err
	}
	c.revoked, c.list = next, nil
	return nil
}

// List is the current revocation list, DER. It is made anew after a revocation and when half its time is over.
func (c *CA) List() ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now().UTC()
	if c.list != nil && now.Before(c.listUntil) {
		return c.list, nil
	}
	entries := make([]x509.RevocationListEntry, 0, len(c.revoked))
	for _, r := range c.revoked {
		serial, ok := new(big.Int).SetString(r.Serial, 16)
		if !ok {
			return nil, fmt.Errorf("demo ca: revoked.json holds the serial %q", r.Serial)
		}
		entries = append(entries, x509.RevocationListEntry{SerialNumber: serial, RevocationTime: r.At})
	}
	// Numbers grow from one list to the next, over restarts too.
	c.listNumber = max(c.listNumber+1, now.UnixMilli())
	der, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
		Number: big.NewInt(c.listNumber), ThisUpdate: now, NextUpdate: now.Add(listFor), RevokedCertificateEntries: entries,
	}, c.issuing.Certificate, c.issuing.Key)
	if err != nil {
		return nil, err
	}
	c.list, c.listUntil = der, now.Add(listFor/2)
	return der, nil
}

// Handler serves the revocation list at ListPath and the responder at OCSPPath, and nothing else.
func (c *CA) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+ListPath, func(w http.ResponseWriter, _ *http.Request) {
		der, err := c.List()
		if err != nil {
			http.Error(w, "the list cannot be made", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/pkix-crl")
		w.Header().Set("Cache-Control", "no-store")
		_, _ = w.Write(der) // a reader who went away needs no answer
	})
	mux.Handle("POST "+OCSPPath, c.ocsp)
	return mux
}
