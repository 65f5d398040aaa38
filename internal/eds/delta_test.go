package eds

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"net/http/httptest"
	"testing"
	"time"

	"elicense/internal/fault"
	"elicense/internal/port"
)

// deltaWorld has a base list and a delta list, each at a place of its own.
type deltaWorld struct {
	*world
	delta *place
}

func newDeltaWorld(t *testing.T, p *pki, deltaFirst bool, change func(*Config)) *deltaWorld {
	t.Helper()
	d := &deltaWorld{delta: &place{status: 200}}
	server := httptest.NewServer(d.delta)
	t.Cleanup(server.Close)
	d.world = newWorld(t, p, func(c *Config) {
		if c.Lists = append(c.Lists, List{URL: server.URL + "/delta.crl"}); deltaFirst {
			c.Lists[0], c.Lists[1] = c.Lists[1], c.Lists[0]
		}
		if change != nil {
			change(c)
		}
	})
	return d
}

// deltaOf makes a delta list for the base of a number.
func (p *pki) deltaOf(base int64, change func(*x509.RevocationList), entries ...x509.RevocationListEntry) []byte {
	return p.list(func(l *x509.RevocationList) {
		l.ThisUpdate, l.NextUpdate = noon.Add(-10*time.Minute), noon.Add(time.Hour)
		l.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 27}, Critical: true, Value: must(asn1.Marshal(base))}}
		if change != nil {
			change(l)
		}
	}, entries...)
}

// numbered gives a base list a number.
func numbered(n int64) func(*x509.RevocationList) {
	return func(l *x509.RevocationList) { l.Number = big.NewInt(n) }
}

func removed(c *x509.Certificate) x509.RevocationListEntry {
	e := entry(c, noon.Add(-20*time.Minute))
	e.ReasonCode = removeFromCRL
	return e
}

// What base and delta say together, in either order of reading.
func TestDeltaLists(t *testing.T) {
	p := newPKI(nil)
	distribution := func(l *x509.RevocationList) {
		l.ExtraExtensions = append(l.ExtraExtensions, pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 28}, Critical: true, Value: []byte{0x30, 3, 0x81, 1, 0xff}})
	}
	free, old, held, new := p.leaf(nil), p.leaf(nil), p.leaf(nil), p.leaf(nil)
	inBase := []x509.RevocationListEntry{entry(old, noon.Add(-2*time.Hour)), entry(held, noon.Add(-2*time.Hour))}
	base := func(change func(*x509.RevocationList)) []byte {
		return p.list(func(l *x509.RevocationList) {
			l.Number = big.NewInt(14)
			if change != nil {
				change(l)
			}
		}, inBase...)
	}
	delta := func(of int64, change func(*x509.RevocationList)) []byte {
		return p.deltaOf(of, change, entry(new, noon.Add(-20*time.Minute)), removed(held))
	}
	stale := func(l *x509.RevocationList) { l.NextUpdate = noon }
	const good, unknown, gone = "good", "unknown", KeyRevoked
	cases := map[string]struct {
		base, delta            []byte
		free, old, held, added string
	}{
		"no delta":                      {base(nil), nil, unknown, gone, gone, unknown}, // one that is configured, and was never read
		"made for this base":            {base(nil), delta(14, nil), good, gone, good, gone},
		"made for an older base":        {base(nil), delta(9, nil), good, gone, good, gone},
		"numbered apart from the base":  {base(nil), delta(14, numbered(10)), good, gone, good, gone},
		"made for a base to come":       {base(nil), delta(15, nil), unknown, gone, gone, gone},
		"a delta that is over":          {base(nil), delta(14, stale), unknown, gone, unknown, gone},
		"a base that is over":           {base(stale), delta(14, nil), unknown, gone, unknown, gone},
		"a base that is newer":          {base(func(l *x509.RevocationList) { l.ThisUpdate = noon }), delta(14, stale), good, gone, gone, good},
		"another scope":                 {base(distribution), delta(14, nil), unknown, gone, gone, gone},
		"the same scope":                {base(distribution), delta(14, distribution), good, gone, good, gone},
		"a delta of the future":         {base(nil), delta(14, func(l *x509.RevocationList) { l.ThisUpdate = noon.Add(ahead + time.Second) }), unknown, gone, unknown, gone},
		"a delta alone":                 {nil, delta(14, nil), unknown, unknown, unknown, gone},
		"an entry off a base means yes": {p.list(numbered(14), removed(held), entry(old, noon.Add(-2*time.Hour))), nil, unknown, gone, gone, unknown},
	}
	for name, c := range cases {
		for _, deltaFirst := range []bool{false, true} {
			w := newDeltaWorld(t, p, deltaFirst, nil)
			for place, body := range map[*place][]byte{w.place: c.base, w.delta: c.delta} {
				place.set(200, body)
				if body == nil {
					place.set(404, nil)
				}
			}
			if err := w.Refresh(t.Context()); (err == nil) != (c.base != nil && c.delta != nil) {
				t.Fatalf("%s: %v", name, err)
			}
			for _, one := range []struct {
				what, want string
				c          *x509.Certificate
			}{{"free", c.free, free}, {"old", c.old, old}, {"held", c.held, held}, {"new", c.added, new}} {
				if got := w.outcome(t, one.c, noon); got != one.want {
					t.Errorf("%s, delta first %v: %s is %q, want %q", name, deltaFirst, one.what, got, one.want)
				}
			}
		}
	}
}

// The evidence names both lists while both count, and only the base when it is the newer one.
func TestDeltaEvidence(t *testing.T) {
	p := newPKI(nil)
	w := newDeltaWorld(t, p, false, nil)
	c := p.leaf(nil)
	w.place.set(200, p.list(numbered(14)))
	w.delta.set(200, p.deltaOf(14, nil))
	expect := func(at time.Time, lists ...[]byte) {
		t.Helper()
		if err := w.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		got, err := w.verify(t, c)
		var want []byte
		for _, l := range lists {
			digest := sha256.Sum256(l)
			want = append(want, digest[:]...)
		}
		if err != nil || len(got.Evidence) != 1 || got.Evidence[0].Kind != port.EvidenceList || !bytes.Equal(got.Evidence[0].DER, want) || !got.Evidence[0].At.Equal(at) {
			t.Errorf("%v %v, want %d lists at %s", got.Evidence, err, len(lists), at)
		}
	}
	expect(noon.Add(-10*time.Minute), w.place.body, w.delta.body)
	w.place.set(200, p.list(func(l *x509.RevocationList) { l.Number, l.ThisUpdate = big.NewInt(15), noon }))
	expect(noon, w.place.body)
	w.delta.set(200, p.deltaOf(15, func(l *x509.RevocationList) { l.ThisUpdate = noon.Add(time.Minute) }))
	w.clock = noon.Add(time.Minute)
	expect(w.clock, w.place.body, w.delta.body)
	states := w.Lists()
	if states[0].Delta || !states[1].Delta || states[0].Number != "15" || states[1].Issuer != states[0].Issuer {
		t.Errorf("%+v", states)
	}
	// An older delta served again would hide revocations.
	now := w.delta.body
	w.delta.set(200, p.deltaOf(14, nil))
	if err := w.Refresh(t.Context()); err == nil || w.Lists()[1].Err == nil {
		t.Error("an older delta list is taken")
	}
	w.delta.set(200, now)
	expect(w.clock, w.place.body, now)
}

// A delta list that is not seen for longer than MaxAge counts as stale, though the base is seen.
func TestDeltaMaxAge(t *testing.T) {
	p := newPKI(nil)
	w := newDeltaWorld(t, p, false, func(c *Config) { c.MaxAge = 20 * time.Minute })
	c := p.leaf(nil)
	w.place.set(200, p.list(numbered(14)))
	w.delta.set(200, p.deltaOf(14, nil))
	if err := w.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := w.outcome(t, c, noon); got != "good" {
		t.Fatalf("the control: %s", got)
	}
	w.clock = noon.Add(21 * time.Minute)
	w.delta.set(404, nil)
	if err := w.Refresh(t.Context()); err == nil {
		t.Fatal("the delta list is read")
	}
	if got := w.outcome(t, c, noon); got != "unknown" {
		t.Errorf("not seen for 21 minutes: %s", got)
	}
}

// A root's delta list revokes an issuing authority.
func TestDeltaRevokesAnAuthority(t *testing.T) {
	p := newPKI(nil)
	w := newDeltaWorld(t, p, false, nil)
	above := &pki{issuing: p.root, issuingKey: p.rootKey, lists: 100}
	w.delta.set(200, above.deltaOf(14, nil, entry(p.issuing, noon.Add(-time.Hour))))
	if err := w.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.verify(t, p.leaf(nil)); !fault.Is(err, KeyRevoked) {
		t.Error(err)
	}
}

// An authority may divide its list by distribution points. Each part revokes, and only all of them clear.
func TestListsOfTwoScopes(t *testing.T) {
	p := newPKI(nil)
	part := func(name byte, change func(*x509.RevocationList), entries ...x509.RevocationListEntry) []byte {
		return p.list(func(l *x509.RevocationList) {
			point := []byte{0x30, 9, 0xa0, 7, 0xa0, 5, 0x86, 3, 'u', ':', name}
			l.ExtraExtensions = append(l.ExtraExtensions, pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 28}, Critical: true, Value: point})
			if change != nil {
				change(l)
			}
		}, entries...)
	}
	free, one, two := p.leaf(nil), p.leaf(nil), p.leaf(nil)
	first, second := part('1', nil, entry(one, noon.Add(-2*time.Hour))), part('2', nil, entry(two, noon.Add(-2*time.Hour)))
	older := part('1', func(l *x509.RevocationList) { l.ThisUpdate = l.ThisUpdate.Add(-time.Hour) })
	stale := part('2', func(l *x509.RevocationList) { l.NextUpdate = noon })
	const good, unknown, gone = "good", "unknown", KeyRevoked
	for name, c := range map[string]struct {
		a, b           []byte
		free, one, two string
	}{
		"both parts":              {first, second, good, gone, gone},
		"one part has ended":      {first, stale, unknown, gone, unknown},
		"a mirror that is behind": {first, older, good, gone, good},
	} {
		for _, swapped := range []bool{false, true} {
			w := newDeltaWorld(t, p, swapped, nil)
			w.place.set(200, c.a)
			w.delta.set(200, c.b)
			if err := w.Refresh(t.Context()); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for _, x := range []struct {
				what, want string
				c          *x509.Certificate
			}{{"free", c.free, free}, {"one", c.one, one}, {"two", c.two, two}} {
				if got := w.outcome(t, x.c, noon); got != x.want {
					t.Errorf("%s, swapped %v: %s is %q, want %q", name, swapped, x.what, got, x.want)
				}
			}
		}
	}
}
