package eds

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"time"

	"elicense/internal/cms"
	"elicense/internal/fault"
	"elicense/internal/port"
)

// maxList is the largest revocation list that is read, in bytes.
const maxList = 16 << 20

// ahead is how far in the future a list may have been made before it is not believed.
const ahead = 5 * time.Minute

// revocations is one authority's revocation list, verified.
type revocations struct {
	digest     [sha256.Size]byte
	number     string
	thisUpdate time.Time
	nextUpdate time.Time
	confirmed  time.Time        // when it was last seen at its source
	revoked    map[string]int64 // serial number, big-endian octets → time of revocation, Unix seconds
}

// ListStatus is what is known about one configured revocation list.
type ListStatus struct {
	Source     string // address or file
	Issuer     string // SHA-256 of the issuing authority's certificate
	Number     string
	ThisUpdate time.Time
	NextUpdate time.Time
	Confirmed  time.Time // last successful reading
	Entries    int
	Err        error // of the last attempt; nil after a success
}

// Lists tells the state of every configured list, in the order of the configuration; for health checks.
func (v *Verifier) Lists() []ListStatus {
	out := make([]ListStatus, len(v.lists))
	for i, l := range v.lists {
		out[i].Source = l.URL + l.File
		if s := v.status[i].Load(); s != nil {
			out[i] = *s
		}
	}
	return out
}

// revocation answers from the lists in memory.
func (v *Verifier) revocation(h *holder, at time.Time) (port.Revocation, error) {
	lists := *v.current.Load()
	// An intermediate is trusted because it is configured; if a list of its root is configured as well, it is heeded.
	for a := h.issuer; a.issuer != nil; a = a.issuer {
		if l := lists[a.issuer]; l != nil && l.has(string(a.certificate.SerialNumber.Bytes()), at) {
			return "", fault.New(fault.Invalid, KeyRevoked)
		}
	}
	l := lists[h.issuer]
	if l == nil {
		return port.RevocationUnknown, nil
	}
	// A stale list still proves that a certificate was revoked; it only cannot prove the contrary.
	if l.has(h.serial, at) {
		return "", fault.New(fault.Invalid, KeyRevoked)
	}
	now := v.now()
	switch {
	case !now.Before(l.nextUpdate), // zero included: a list without an end proves nothing
		l.thisUpdate.After(now.Add(ahead)),
		v.maxAge > 0 && now.Sub(l.confirmed) > v.maxAge,
		h.certificate.NotAfter.Before(l.thisUpdate): // the list may have dropped expired certificates
		return port.RevocationUnknown, nil
	}
	return port.RevocationGood, nil
}

// has tells whether a serial number was revoked at a time.
func (l *revocations) has(serial string, at time.Time) bool {
	t, listed := l.revoked[serial]
	return listed && t <= at.Unix()
}

// Run keeps the lists fresh until the context ends: at once, then at the configured interval, sooner after a failure.
func (v *Verifier) Run(ctx context.Context) error {
	for {
		wait := v.refresh
		if err := v.Refresh(ctx); err != nil {
			wait = min(wait, time.Minute)
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
	}
}

// Refresh reads every configured list once. A list that cannot be read or verified leaves the one before it in use
// until that is stale; the errors are joined, logged and kept for Lists.
func (v *Verifier) Refresh(ctx context.Context) error {
	v.refreshing.Lock()
	defer v.refreshing.Unlock()
	var failed []error
	for i, l := range v.lists {
		status := ListStatus{Source: l.URL + l.File}
		if last := v.status[i].Load(); last != nil {
			status = *last
		}
		a, list, err := v.read(ctx, l)
		status.Err = err
		if err != nil {
			v.log.WarnContext(ctx, "revocation list", "source", status.Source, "error", err)
			failed = append(failed, fmt.Errorf("eds: list %s: %w", status.Source, err))
		} else {
			status.Issuer, status.Number, status.Entries = cms.Fingerprint(a.certificate.Raw), list.number, len(list.revoked)
			status.ThisUpdate, status.NextUpdate, status.Confirmed = list.thisUpdate, list.nextUpdate, list.confirmed
			next := maps.Clone(*v.current.Load())
			next[a] = list
			v.current.Store(&next)
		}
		v.status[i].Store(&status)
	}
	return errors.Join(failed...)
}

// read fetches and verifies one list.
func (v *Verifier) read(ctx context.Context, l List) (*authority, *revocations, error) {
	var b []byte
	var err error
	if l.File != "" {
		b, err = readFile(l.File, maxList)
	} else {
		b, err = v.fetch(ctx, l.URL)
	}
	if err != nil {
		return nil, nil, err
	}
	digest, now := sha256.Sum256(b), v.now()
	known := *v.current.Load()
	for a, k := range known {
		if k.digest == digest {
			same := *k
			same.confirmed = now
			return a, &same, nil
		}
	}
	if block, _ := pem.Decode(b); block != nil && block.Type == "X509 CRL" {
		b = block.Bytes
	}
	parsed, err := x509.ParseRevocationList(b)
	if err != nil {
		return nil, nil, err
	}
	a, err := v.listIssuer(parsed)
	if err != nil {
		return nil, nil, err
	}
	if err := checkList(parsed); err != nil {
		return nil, nil, err
	}
	if k := known[a]; k != nil && parsed.ThisUpdate.Before(k.thisUpdate) {
		return nil, nil, errors.New("older than the list in use") // an old list served again would hide revocations
	}
	list := &revocations{
		digest: digest, thisUpdate: parsed.ThisUpdate, nextUpdate: parsed.NextUpdate, confirmed: now,
		revoked: make(map[string]int64, len(parsed.RevokedCertificateEntries)),
	}
	if parsed.Number != nil {
		list.number = parsed.Number.String()
	}
	for _, e := range parsed.RevokedCertificateEntries {
		list.revoked[string(e.SerialNumber.Bytes())] = e.RevocationTime.Unix()
	}
	return a, list, nil
}

// listIssuer finds the configured authority whose key signed a list.
func (v *Verifier) listIssuer(list *x509.RevocationList) (*authority, error) {
	for _, a := range v.authorities[string(list.AuthorityKeyId)] {
		if a.certificate.KeyUsage&x509.KeyUsageCRLSign != 0 && a.key.CheckList(list) == nil {
			return a, nil
		}
	}
	return nil, errors.New("not signed by a configured authority")
}

// checkList refuses lists that are not complete: delta lists, lists for some reasons or some certificates, lists with
// entries of other issuers, and whatever else is critical and unknown.
func checkList(list *x509.RevocationList) error {
	distribution := asn1.ObjectIdentifier{2, 5, 29, 28}
	for _, e := range list.Extensions {
		if e.Id.Equal(distribution) {
			if err := checkDistribution(e.Value); err != nil {
				return err
			}
			continue
		}
		if e.Critical {
			return fmt.Errorf("critical extension %s: not a complete list", e.Id)
		}
	}
	for _, entry := range list.RevokedCertificateEntries {
		for _, e := range entry.Extensions {
			if e.Critical {
				return fmt.Errorf("critical extension %s in an entry", e.Id)
			}
		}
	}
	return nil
}

// checkDistribution lets an issuing distribution point (RFC 5280, 5.2.5) pass that only names the place, or limits the
// list to end entities.
func checkDistribution(der []byte) error {
	var point struct {
		Name       asn1.RawValue  `asn1:"optional,tag:0"`
		Users      bool           `asn1:"optional,tag:1"`
		CAs        bool           `asn1:"optional,tag:2"`
		Reasons    asn1.BitString `asn1:"optional,tag:3"`
		Indirect   bool           `asn1:"optional,tag:4"`
		Attributes bool           `asn1:"optional,tag:5"`
	}
	rest, err := asn1.Unmarshal(der, &point)
	if err != nil || len(rest) != 0 {
		return errors.New("unreadable issuing distribution point")
	}
	if point.CAs || point.Indirect || point.Attributes || point.Reasons.BitLength != 0 {
		return errors.New("not a complete list")
	}
	return nil
}

// fetch reads a list from a configured address.
func (v *Verifier) fetch(ctx context.Context, address string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	response, err := v.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }() // nothing to learn from closing what was read
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d", response.StatusCode)
	}
	var b bytes.Buffer
	if n, err := io.Copy(&b, io.LimitReader(response.Body, maxList+1)); err != nil {
		return nil, err
	} else if n > maxList {
		return nil, fmt.Errorf("larger than %d bytes", maxList)
	}
	return b.Bytes(), nil
}

// listClient makes the client for lists: always with a time limit, and following redirects on the same host only, so
// that a list's server cannot send this one elsewhere.
func listClient(given *http.Client) *http.Client {
	c := &http.Client{}
	if given != nil {
		*c = *given
	}
	if c.Timeout <= 0 {
		c.Timeout = 30 * time.Second
	}
	c.CheckRedirect = func(next *http.Request, via []*http.Request) error {
		if len(via) > 3 || next.URL.Host != via[0].URL.Host {
			return errors.New("redirected to another host, or too often")
		}
		return nil
	}
	return c
}
