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
	"math/big"
	"net/http"
	"slices"
	"time"

	"elicense/internal/cms"
	"elicense/internal/port"
)

// maxList is the largest revocation list that is read, in bytes.
const maxList = 16 << 20

// list is one revocation list, verified.
type list struct {
	of         *authority
	digest     [sha256.Size]byte // of the DER
	number     *big.Int          // nil where it has none
	base       *big.Int          // of a delta list: the oldest base list that it completes; nil for a base list
	scope      []byte            // issuing distribution point, encoded
	thisUpdate time.Time
	nextUpdate time.Time
	confirmed  time.Time        // when it was last seen at its source
	archived   time.Time        // when it was last given to the archive
	revoked    map[string]int64 // serial number, big-endian octets → time of revocation, Unix seconds
	removed    map[string]bool  // of a delta list: revoked no longer
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
		read, err := v.read(ctx, l, v.latest[i])
		status.Err = err
		if err != nil {
			v.log.WarnContext(ctx, "revocation list", "source", status.Source, "error", err)
			failed = append(failed, fmt.Errorf("eds: list %s: %w", status.Source, err))
		} else {
			status.Issuer, status.Number, status.Delta, status.Entries = cms.Fingerprint(read.of.certificate.Raw), "", read.base != nil, len(read.revoked)
			if read.number != nil {
				status.Number = read.number.String()
			}
			status.ThisUpdate, status.NextUpdate, status.Confirmed = read.thisUpdate, read.nextUpdate, read.confirmed
			v.latest[i] = read
			v.publish()
		}
		v.status[i].Store(&status)
	}
	return errors.Join(failed...)
}

// publish puts the lists that were last read into use. Only Refresh calls it.
func (v *Verifier) publish() {
	next := make(map[*authority]*revocations)
	for _, l := range v.latest {
		if l == nil {
			continue
		}
		if next[l.of] == nil {
			next[l.of] = &revocations{}
		}
		next[l.of].add(l)
	}
	for a, r := range next {
		r.evidence = evidence(next, a)
	}
	v.current.Store(&next)
}

// evidence names the lists that an answer about a certificate of this authority rests on, those about the authority
// itself included.
func evidence(all map[*authority]*revocations, a *authority) []port.Evidence {
	e := port.Evidence{Kind: port.EvidenceList}
	for ; a != nil; a = a.issuer {
		for _, l := range all[a].used() {
			e.DER = append(e.DER, l.digest[:]...)
			if l.thisUpdate.After(e.At) {
				e.At = l.thisUpdate.UTC()
			}
		}
	}
	e.DER = slices.Clip(e.DER)
	return []port.Evidence{e}
}

// read fetches and verifies one list; before is what this source gave last, nil for nothing.
func (v *Verifier) read(ctx context.Context, l List, before *list) (*list, error) {
	var b []byte
	var err error
	if l.File != "" {
		b, err = readFile(l.File, maxList)
	} else {
		b, err = v.fetch(ctx, l.URL)
	}
	if err != nil {
		return nil, err
	}
	if block, _ := pem.Decode(b); block != nil && block.Type == "X509 CRL" {
		b = block.Bytes
	}
	digest, now := sha256.Sum256(b), v.now()
	if before != nil && before.digest == digest {
		same := *before
		same.confirmed = now
		return &same, v.keep(ctx, &same, b)
	}
	parsed, err := x509.ParseRevocationList(b)
	if err != nil {
		return nil, err
	}
	read, err := newList(parsed)
	if err != nil {
		return nil, err
	}
	if read.of, err = v.listIssuer(parsed); err != nil {
		return nil, err
	}
	read.digest, read.confirmed = digest, now
	if before != nil && before.of == read.of && (before.base == nil) == (read.base == nil) && read.thisUpdate.Before(before.thisUpdate) {
		return nil, errors.New("older than the list in use") // an old list served again would hide revocations
	}
	return read, v.keep(ctx, read, b)
}

// rearchive is how long a list may be in use before it is given to the archive again. An archive that throws away what
// no signature has named for a day has to see it more often.
const rearchive = 12 * time.Hour

// keep gives a list to the archive. One that cannot be kept is not used: nobody could tell later what it said.
func (v *Verifier) keep(ctx context.Context, l *list, der []byte) error {
	now := v.now()
	if v.archive == nil || !l.archived.IsZero() && now.Sub(l.archived) < rearchive {
		return nil
	}
	if err := v.archive(ctx, der); err != nil {
		return fmt.Errorf("it cannot be kept: %w", err)
	}
	l.archived = now
	return nil
}

// The reason of an entry that takes a serial number off the list (RFC 5280, 5.3.1).
const removeFromCRL = 8

// newList takes what a parsed list says.
func newList(parsed *x509.RevocationList) (*list, error) {
	l := &list{number: parsed.Number, thisUpdate: parsed.ThisUpdate, nextUpdate: parsed.NextUpdate, revoked: make(map[string]int64, len(parsed.RevokedCertificateEntries))}
	if err := l.check(parsed); err != nil {
		return nil, err
	}
	for _, e := range parsed.RevokedCertificateEntries {
		serial := string(e.SerialNumber.Bytes())
		if l.base != nil && e.ReasonCode == removeFromCRL {
			if l.removed == nil {
				l.removed = make(map[string]bool)
			}
			l.removed[serial] = true
			continue
		}
		l.revoked[serial] = e.RevocationTime.Unix()
	}
	return l, nil
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

// check refuses lists for some reasons or some certificates only, lists with entries of other issuers, and whatever
// else is critical and unknown. It notes whether the list is a delta, and its scope.
func (l *list) check(parsed *x509.RevocationList) error {
	for _, e := range parsed.Extensions {
		switch {
		case e.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 28}): // issuing distribution point
			if err := checkDistribution(e.Value); err != nil {
				return err
			}
			l.scope = e.Value
		case e.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 27}): // delta CRL indicator (RFC 5280, 5.2.4)
			rest, err := asn1.Unmarshal(e.Value, &l.base)
			if err != nil || len(rest) != 0 || l.base.Sign() < 0 || !e.Critical {
				return errors.New("unreadable delta CRL indicator")
			}
		case e.Critical:
			return fmt.Errorf("critical extension %s: not a complete list", e.Id)
		}
	}
	for _, entry := range parsed.RevokedCertificateEntries {
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
