package eds

import (
	"bytes"
	"context"
	"slices"
	"time"

	"elicense/internal/fault"
	"elicense/internal/port"
)

// ahead is how far in the future a list may have been made before it is not believed.
const ahead = 5 * time.Minute

// revocations are the lists of one authority. They do not change once they are in use.
type revocations struct {
	parts    []*part
	evidence []port.Evidence // which lists these are, ready to be handed out
}

// part are the lists of one scope (issuing distribution point; RFC 5280, 5.2.5), and what they say together. Most
// authorities have one scope, which is all that they issued.
type part struct {
	base, delta *list // at least one of the two
	over        bool  // the base is newer than the delta and knows all that it said
	joined      bool  // the delta completes this base
}

// add takes a list in. Of several of one kind and scope, as mirrors give them, the newest counts.
func (r *revocations) add(l *list) {
	i := slices.IndexFunc(r.parts, func(p *part) bool { return bytes.Equal(p.scope(), l.scope) })
	if i < 0 {
		i = len(r.parts)
		r.parts = append(r.parts, &part{})
	}
	p := r.parts[i]
	mine := &p.base
	if l.base != nil {
		mine = &p.delta
	}
	if *mine == nil || !l.thisUpdate.Before((*mine).thisUpdate) {
		*mine = l
	}
	p.join()
}

func (p *part) scope() []byte {
	if p.base != nil {
		return p.base.scope
	}
	return p.delta.scope
}

// join puts a base list and a delta list together (RFC 5280, 5.2.4). The base must be the one that the delta was made
// for or a later one. Which of the two is newer is told by their times: the National Certification Authority numbers its
// delta lists apart from its base lists.
func (p *part) join() {
	if p.base != nil && p.delta != nil {
		p.over = p.delta.thisUpdate.Before(p.base.thisUpdate)
		p.joined = p.base.number != nil && p.base.number.Cmp(p.delta.base) >= 0
	}
}

// used are the lists that say something.
func (r *revocations) used() []*list {
	if r == nil {
		return nil
	}
	var out []*list
	for _, p := range r.parts {
		if p.base != nil {
			out = append(out, p.base)
		}
		if p.delta != nil && !p.over {
			out = append(out, p.delta)
		}
	}
	return out
}

// has tells whether a serial number was revoked at a time. A stale list still proves that, and so does a delta list
// whose base is not there; they only cannot prove the contrary.
func (r *revocations) has(serial string, at, now time.Time) bool {
	return r != nil && slices.ContainsFunc(r.parts, func(p *part) bool { return p.has(serial, at, now) })
}

func (p *part) has(serial string, at, now time.Time) bool {
	if p.delta != nil && !p.over {
		if p.delta.has(serial, at, now) {
			return true
		}
		if p.joined && p.delta.removed[serial] {
			return false
		}
	}
	return p.base != nil && p.base.has(serial, at, now)
}

// clears tells whether the lists prove that a certificate that ends at a time and stands on none of them is not
// revoked. Of several scopes each has to: which of them a certificate belongs to is not asked.
func (r *revocations) clears(ends, now time.Time, maxAge time.Duration) bool {
	return r != nil && len(r.parts) > 0 && !slices.ContainsFunc(r.parts, func(p *part) bool { return !p.clears(ends, now, maxAge) })
}

// clears wants a base and, where a delta list is known, one that belongs to the base and is fresh as well.
func (p *part) clears(ends, now time.Time, maxAge time.Duration) bool {
	if p.base == nil || !p.base.clears(ends, now, maxAge) {
		return false
	}
	return p.delta == nil || p.over || p.joined && p.delta.clears(ends, now, maxAge)
}

// has tells whether this list holds a serial number as revoked at a time. A date after now is a clock that is ahead: only a
// revocation after at that has come to pass leaves what was signed before it.
func (l *list) has(serial string, at, now time.Time) bool {
	t, listed := l.revoked[serial]
	return listed && revokedAt(time.Unix(t, 0), at, now)
}

// revokedAt tells whether a certificate that is revoked from a date on counted as revoked at a time.
func revokedAt(date, at, now time.Time) bool { return !date.After(at) || date.After(now) }

// clears tells whether a list is fresh and was made while the certificate was valid.
func (l *list) clears(ends, now time.Time, maxAge time.Duration) bool {
	switch {
	case !now.Before(l.nextUpdate), // zero included: a list without an end proves nothing
		l.thisUpdate.After(now.Add(ahead)),
		maxAge > 0 && now.Sub(l.confirmed) > maxAge,
		ends.Before(l.thisUpdate): // the list may have dropped expired certificates
		return false
	}
	return true
}

// ListStatus is what is known about one configured revocation list.
type ListStatus struct {
	Source     string // address or file
	Issuer     string // SHA-256 of the issuing authority's certificate
	Number     string
	Delta      bool // it completes a base list
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

// allRead tells whether every configured list was read once since the start. A list that never was may be the delta without
// which the others do not clear, and whose it is stands in it alone.
func (v *Verifier) allRead() bool {
	for i := range v.status {
		if s := v.status[i].Load(); s == nil || s.Confirmed.IsZero() {
			return false
		}
	}
	return true
}

// revocation asks the lists in memory whether a certificate is revoked, then the responders, then the lists whether it
// is not. The evidence is what the answer rests on; it comes with the fault KeyRevoked too, and is empty when nothing
// was learned.
func (v *Verifier) revocation(ctx context.Context, h *holder, at time.Time) (port.Revocation, []port.Evidence, error) {
	lists, now := *v.current.Load(), v.now()
	// An intermediate is trusted because it is configured; if a list of its root is configured as well, it is heeded.
	for a := h.issuer; a.issuer != nil; a = a.issuer {
		if l := lists[a.issuer]; l != nil && l.has(string(a.certificate.SerialNumber.Bytes()), at, now) {
			return "", l.evidence, fault.New(fault.Invalid, KeyRevoked)
		}
	}
	l := lists[h.issuer]
	if l.has(h.serial, at, now) {
		return "", l.evidence, fault.New(fault.Invalid, KeyRevoked)
	}
	if len(v.responders) != 0 {
		a, err := v.ask(ctx, h)
		switch {
		case err != nil:
			return "", nil, err
		case a == nil: // nobody answered
		case a.Revoked && revokedAt(a.RevokedAt, at, now):
			return "", a.evidence, fault.New(fault.Invalid, KeyRevoked)
		case a.Revoked, !h.certificate.NotAfter.Before(a.ThisUpdate): // of an expired certificate "good" proves nothing (RFC 6960, 2.2)
			return port.RevocationGood, a.evidence, nil
		}
	}
	if v.allRead() && l.clears(h.certificate.NotAfter, now, v.maxAge) {
		return port.RevocationGood, l.evidence, nil
	}
	return port.RevocationUnknown, nil, nil
}
