package cms

import (
	"bytes"
	"crypto/rand"
	"encoding/pem"
	"slices"
	"testing"
	"time"

	"elicense/internal/fault"
	"elicense/internal/gost"
)

// Every family of authority with every family of signer: signed, verified, and attributed to the authority's key alone.
func TestGOSTSignAndVerify(t *testing.T) {
	at := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	for _, ca := range Suites() {
		for _, leaf := range Suites() {
			t.Run(leaf.Name()+" under "+ca.Name(), func(t *testing.T) {
				a := newGOSTAuthority(t, ca, leaf)
				issuer := NewIssuer(a.ca)
				if err := issuer.CheckIssued(a.ca); err != nil {
					t.Errorf("the authority by itself: %v", err)
				}
				if err := issuer.CheckIssued(a.leaf); err != nil {
					t.Errorf("the signer by the authority: %v", err)
				}
				if err := NewIssuer(a.leaf).CheckIssued(a.leaf); err == nil {
					t.Error("the signer by itself")
				}
				for _, detached := range []bool{true, false} {
					der, err := Sign(stored, a.signer, a.leaf, Options{Detached: detached, SigningTime: at})
					if err != nil {
						t.Fatal(err)
					}
					for name, in := range map[string][]byte{"DER": der, "PEM": pem.EncodeToMemory(&pem.Block{Type: "CMS", Bytes: der}), "BER": indefinite(t, der)} {
						v, err := check(in, stored)
						if err != nil || !bytes.Equal(v.DER, der) || v.Algorithm != leaf.Name() || !v.SigningTime.Equal(at) || !v.Certificate.Equal(a.leaf) {
							t.Errorf("%s, detached %v: %+v, %v", name, detached, v, err)
						}
					}
					if _, err := check(der, []byte("the stored bytez")); !fault.Is(err, KeyContentChanged) {
						t.Errorf("changed content: %v", err)
					}
				}
				h := leaf.New()
				h.Write(stored)
				der, err := SignDigest(h.Sum(nil), a.signer, a.leaf, at)
				if err != nil {
					t.Fatal(err)
				}
				if v, err := check(der, stored); err != nil || !v.SigningTime.Equal(at) {
					t.Errorf("over a digest: %+v, %v", v, err)
				}
				if _, err := SignDigest(h.Sum(nil)[1:], a.signer, a.leaf, at); !fault.Is(err, KeyNoDigest) {
					t.Errorf("over a digest of another length: %v", err)
				}
			})
		}
	}
}

// reversed is the order of the Russian profile.
func reversed(b []byte) []byte {
	b = slices.Clone(b)
	slices.Reverse(b)
	return b
}

// suiteForgeries are about the three places that name an algorithm.
func suiteForgeries(a *authority) []forgery {
	own, national := a.suite.(gostSuite)
	var out []forgery
	for _, s := range Suites() {
		if s.Name() == a.suite.Name() {
			continue
		}
		digest, signature := s.Identifiers()
		out = append(out,
			forgery{"digest of " + s.Name(), KeyAlgorithmsDisagree, func(f *forge) { f.digest, f.digests = digest, digest }},
			forgery{"digest of " + s.Name() + " announced", KeyAlgorithmsDisagree, func(f *forge) { f.digests = digest }},
			forgery{"signature of " + s.Name(), KeyAlgorithmsDisagree, func(f *forge) { f.algorithm = signature }},
			// All of the CMS says another suite, whose digest is right: only the key knows better.
			forgery{"the suite " + s.Name() + " with this key", KeyAlgorithmsDisagree, func(f *forge) {
				f.digest, f.digests, f.algorithm = digest, digest, signature
				h := s.New()
				h.Write(stored)
				f.attributes = must(documentShape().attributes(h.Sum(nil), a.leaf, time.Unix(1_800_000_000, 0)))
			}})
	}
	if !national {
		return out
	}
	bare := algorithmIdentifier(own.key)
	bareWant := KeyAlgorithm
	if own.written == own.key {
		bareWant = ""
	}
	absent := func(o string) []byte { return node(tagSequence, oid(o)) }
	odd := func(o string) []byte { return node(tagSequence, oid(o), node(tagSequence)) }
	return append(out,
		forgery{"control: nothing changed", "", func(*forge) {}},
		forgery{"control: combined identifier", "", func(f *forge) { f.algorithm = algorithmIdentifier(own.signature) }},
		forgery{"control: parameters absent", "", func(f *forge) {
			f.digest, f.digests, f.algorithm = absent(own.digest), absent(own.digest), absent(own.written)
		}},
		forgery{"bare identifier of the key", bareWant, func(f *forge) { f.algorithm = bare }},
		forgery{"digest with parameters", KeyAlgorithm, func(f *forge) { f.digest = odd(own.digest) }},
		forgery{"signature with parameters", KeyAlgorithm, func(f *forge) { f.algorithm = odd(own.written) }},
		forgery{"Russian identifiers of Streebog", KeyAlgorithm, func(f *forge) { f.digest = absent("\x2a\x85\x03\x07\x01\x01\x02\x03"); f.digests = f.digest }},
		forgery{"identifiers of before 2016", KeyOldAlgorithm, func(f *forge) { f.algorithm = absent("\x2b\x06\x01\x04\x01\xb5\x11\x01\x02\x02") }},
	)
}

// valueForgeries are about the attributes and the value of the signature.
func valueForgeries(a *authority) []forgery {
	h := a.suite.New()
	h.Write(stored)
	sum := h.Sum(nil)
	typ, bound := attrOf(oidContentType, oid(oidData)), certificateID(a.leaf.Raw)
	digest := func(b []byte) func(*forge) {
		return func(f *forge) { f.attributes = setOf(typ, bound, attrOf(oidMessageDigest, node(tagOctets, b))) }
	}
	bend := func(change func([]byte) []byte) func(*forge) { return func(f *forge) { f.bend = change } }
	half := func(b []byte) int { return len(b) / 2 }
	list := []forgery{
		{"control: digest", "", digest(sum)},
		{"digest reversed", KeyContentChanged, digest(reversed(sum))},
		{"digest cut", KeyNoDigest, digest(sum[1:])},
		{"halves swapped", KeyWrong, bend(func(b []byte) []byte { return slices.Concat(b[half(b):], b[:half(b)]) })},
		{"one byte less", KeyValue, bend(func(b []byte) []byte { return b[:len(b)-1] })},
		{"one byte more", KeyValue, bend(func(b []byte) []byte { return append(b, 0) })},
		{"half", KeyValue, bend(func(b []byte) []byte { return b[:half(b)] })},
		{"nothing", KeyValue, bend(func([]byte) []byte { return nil })},
	}
	if _, national := a.suite.(gostSuite); !national {
		return append(list, forgery{"all ones", KeyWrong, bend(func(b []byte) []byte { return bytes.Repeat([]byte{0xff}, len(b)) })})
	}
	return append(list, []forgery{
		{"r zero", KeyValue, bend(func(b []byte) []byte { clear(b[:half(b)]); return b })},
		{"s zero", KeyValue, bend(func(b []byte) []byte { clear(b[half(b):]); return b })},
		{"s over the order", KeyValue, bend(func(b []byte) []byte {
			copy(b[half(b):], bytes.Repeat([]byte{0xff}, half(b)))
			return b
		})},
		{"r over the order", KeyValue, bend(func(b []byte) []byte {
			copy(b, bytes.Repeat([]byte{0xff}, half(b)))
			return b
		})},
	}...)
}

// The Russian order is refused: as wrong, or as out of range where the reversed numbers happen to be.
func TestRussianOrderIsRefused(t *testing.T) {
	for _, s := range gostSuites() {
		a := newGOSTAuthority(t, s, s)
		f := a.forge(stored)
		f.bend = reversed
		if _, err := check(f.bytes(a.signer), stored); !fault.Is(err, KeyWrong) && !fault.Is(err, KeyValue) {
			t.Errorf("%s: %v", s.Name(), err)
		}
	}
}

// Keys that are none, in the certificate of the signer and of the authority.
func TestGOSTKeysThatAreRefused(t *testing.T) {
	s := gostSuites()[0]
	a := newGOSTAuthority(t, s, s)
	_, good := keyOf(s)
	change := func(f func([]byte) []byte) []byte { return f(slices.Clone(good)) }
	swap := func(from, to string) []byte {
		if !bytes.Contains(good, []byte(from)) {
			t.Fatalf("no %x in the key", from)
		}
		return bytes.Replace(good, []byte(from), []byte(to), 1)
	}
	foreign, _ := gost.MarshalPublicKey(must(gost.GenerateKey(gost.Curve512A(), rand.Reader)).PublicKey())
	other := must(gost.GenerateKey(gost.Curve512B(), rand.Reader)).PublicKey().Bytes()
	_, key256 := keyOf(gostSuites()[1])
	_, key2004 := keyOf(gostSuites()[2])
	_, keyRSA := keyOf(rsaSHA256{})
	const sized = "algorithm of another size"
	cases := []struct {
		name, want string
		spki       []byte
	}{
		{"another key", KeyWrong, foreign},
		{"a key of 256 bits", KeyAlgorithmsDisagree, key256},
		{"a key of 2004", KeyAlgorithmsDisagree, key2004},
		{"an RSA key", KeyAlgorithmsDisagree, keyRSA},
		{"parameters of another curve", KeyKeyParameters, swap(oidGOST2015Key512+"\x01", oidGOST2015Key512+"\x02")},
		{"parameters of another hash", KeyKeyParameters, swap("\x06\x08"+oidStreebog512, "\x06\x08"+oidStreebog256)},
		{sized, KeyAlgorithm, swap("\x06\x09"+oidGOST2015Key512, "\x06\x09"+oidGOST2015Key256)},
		{"a point of another curve", KeyKeyPoint, change(func(b []byte) []byte { return append(b[:len(b)-len(other)], other...) })},
		{"a point off the curve", KeyKeyPoint, change(func(b []byte) []byte { b[len(b)-1] ^= 1; return b })},
		{"the point zero", KeyKeyPoint, change(func(b []byte) []byte { clear(b[len(b)-128:]); return b })},
		{"a coordinate over the prime", KeyKeyPoint, change(func(b []byte) []byte {
			copy(b[len(b)-64:], bytes.Repeat([]byte{0xff}, 64))
			return b
		})},
		{"big-endian coordinates", KeyKeyPoint, change(func(b []byte) []byte {
			slices.Reverse(b[len(b)-128 : len(b)-64])
			slices.Reverse(b[len(b)-64:])
			return b
		})},
	}
	for _, c := range cases {
		leaf := reissue(a.leaf, s, a.caSigner, c.spki)
		b := *a
		b.leaf = leaf
		if _, err := check(b.forge(stored).bytes(a.signer), stored); !fault.Is(err, c.want) {
			t.Errorf("signer: %s: %v, want %s", c.name, err, c.want)
		}
		want := c.want
		switch {
		case c.name == sized:
			want = KeyKeyParameters // no signature says yet which suite it should be of
		case want == KeyAlgorithmsDisagree:
			want = KeyAlgorithm // what the certificate says
		}
		if err := NewIssuer(reissue(a.ca, s, a.caSigner, c.spki)).CheckIssued(a.leaf); !fault.Is(err, want) {
			t.Errorf("authority: %s: %v, want %s", c.name, err, want)
		}
	}
}

// The signer's key has to be of the certificate's suite.
func TestSignWithTheKeyOfAnotherSuite(t *testing.T) {
	for _, s := range Suites() {
		a := newGOSTAuthority(t, s, s)
		for _, other := range Suites() {
			key, _ := keyOf(other)
			if _, err := Sign(stored, key, a.leaf, Options{}); other.Name() != s.Name() && !fault.Is(err, KeyAlgorithm) {
				t.Errorf("%s with a key of %s: %v", s.Name(), other.Name(), err)
			}
		}
	}
}
