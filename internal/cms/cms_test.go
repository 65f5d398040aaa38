package cms

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"slices"
	"testing"
	"time"

	"elicense/internal/fault"
)

// check parses and verifies, as every caller does.
func check(b, content []byte) (*Verified, error) {
	s, err := Parse(b)
	if err != nil {
		return nil, err
	}
	return s.Verify(content)
}

func TestSignAndVerify(t *testing.T) {
	a := newAuthority(t)
	content := []byte(`{"schema":"elicense-signature/1"}`)
	at := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	for _, detached := range []bool{true, false} {
		der, err := Sign(content, a.key, a.leaf, Options{Detached: detached, SigningTime: at})
		if err != nil {
			t.Fatal(err)
		}
		text := base64.StdEncoding.EncodeToString(der)
		for name, in := range map[string][]byte{
			"DER": der, "base64": []byte(text), "base64 in lines": []byte("\n" + text[:64] + "\r\n" + text[64:] + "\n"),
			"PEM of NCALayer": pem.EncodeToMemory(&pem.Block{Type: "CMS", Bytes: der}), "PKCS7": pem.EncodeToMemory(&pem.Block{Type: "PKCS7", Bytes: der}),
			"indefinite lengths": indefinite(t, der),
		} {
			v, err := check(in, content)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if !bytes.Equal(v.DER, der) || !v.SigningTime.Equal(at) || v.Algorithm != "RSA-SHA256" || !v.Certificate.Equal(a.leaf) {
				t.Errorf("%s: %+v", name, v)
			}
		}
		s, err := Parse(der)
		if err != nil {
			t.Fatal(err)
		}
		if inside, ok := s.Encapsulated(); ok == detached || ok && !bytes.Equal(inside, content) {
			t.Errorf("detached %v: content inside %v %q", detached, ok, inside)
		}
	}
}

// indefinite rewrites the outer layers as BER with indefinite lengths, the content in two pieces, as Java libraries do.
func indefinite(t *testing.T, der []byte) []byte {
	t.Helper()
	var walk func(b []byte, depth int) []byte
	walk = func(b []byte, depth int) []byte {
		var out []byte
		for len(b) > 0 {
			h, err := readHeader(b)
			if err != nil {
				t.Fatal(err)
			}
			whole, body := b[:h.size+h.length], b[h.size:h.size+h.length]
			b = b[len(whole):]
			switch {
			case depth > 4 || h.tag == tagSet:
				out = append(out, whole...) // certificates and attributes stay DER
			case h.tag == tagOctets && len(body) > 2:
				out = append(out, tagConstructedOctets, 0x80)
				out = append(out, node(tagOctets, body[:2])...)
				out = append(out, node(tagConstructedOctets, node(tagOctets, body[2:]))...)
				out = append(out, 0, 0)
			case h.tag&bitConstructed != 0 && h.tag != tagSet:
				out = append(append(append(out, h.tag, 0x80), walk(body, depth+1)...), 0, 0)
			default:
				out = append(out, whole...)
			}
		}
		return out
	}
	return walk(der, 0)
}

// inputVectors are whole inputs that are none, or not of this shape.
func inputVectors(a *authority) []vector {
	der := must(Sign([]byte("x"), a.signer, a.leaf, Options{}))
	block := pem.EncodeToMemory(&pem.Block{Type: "CMS", Bytes: der})
	deep := node(0x05)
	for range maxDepth + 1 {
		deep = node(tagSequence, deep)
	}
	key := must(MarshalKey(a.signer))
	list := []struct {
		name, want string
		in         []byte
	}{
		{"nothing", KeyEncoding, nil},
		{"words", KeyEncoding, []byte("signature!")},
		{"certificate in PEM", KeyCertificateFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.leaf.Raw})},
		{"PEM with headers", KeyEncoding, pem.EncodeToMemory(&pem.Block{Type: "CMS", Headers: map[string]string{"a": "b"}, Bytes: der})},
		{"two PEM blocks", KeyTrailing, append(slices.Clone(block), block...)},
		{"text before PEM", KeyEncoding, append([]byte("hello\n"), block...)},
		{"base64 without padding", KeyEncoding, []byte("MAA")},
		{"certificate", KeyCertificateFile, a.leaf.Raw},
		{"key in PEM", KeyKeyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})},
		{"key", KeyKeyFile, key},
		{"key as PKCS #12", KeyKeyFile, must(Identity{Key: a.signer, Certificate: a.leaf}.MarshalP12("x", "y"))},
		{"request in PEM", KeyEncoding, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})},
		{"XML", KeyEncoding, []byte("<?xml version=\"1.0\"?><Signature/>")},
		{"PDF", KeyEncoding, []byte("%PDF-1.7\n")},
		{"base64 that is cut", KeyEncoding, []byte(base64.StdEncoding.EncodeToString(der)[:101])},
		{"data", KeyNotSignedData, node(tagSequence, oid(oidData), node(0xa0, node(tagOctets, []byte("x"))))},
		{"too deep", KeyTooDeep, deep},
		{"huge", KeyTooLarge, make([]byte, WireLimit(MaxContent)+1)},
		{"huge without content", KeyTooLarge, a.padded(MaxEnvelope)},
		{"cut", KeyMalformed, der[:len(der)-1]},
		{"never ending", KeyMalformed, []byte{tagSequence, 0x80, 0x02, 0x01, 0x01}},
		{"indefinite primitive", KeyMalformed, []byte{tagSequence, 4, tagOctets, 0x80, 0, 0}},
		{"long length", KeyMalformed, []byte{tagSequence, 0x81, 2, 0x05, 0x00}},
		{"length with a zero", KeyMalformed, append([]byte{tagSequence, 0x82, 0, 0x80}, bytes.Repeat([]byte{0x05, 0}, 64)...)},
		{"huge length", KeyMalformed, []byte{tagSequence, 0x84, 0xff, 0xff, 0xff, 0xff}},
		{"high tag", KeyMalformed, []byte{tagSequence, 3, 0x1f, 0x81, 0}},
		{"constructed bit string", KeyMalformed, node(tagSequence, node(0x23, node(0x03, []byte{0})))},
		{"pieces of another type", KeyMalformed, node(tagSequence, node(tagConstructedOctets, node(0x02, []byte{1})))},
		{"end-of-contents inside", KeyMalformed, node(tagSequence, []byte{0, 0})},
	}
	var out []vector
	for _, c := range list {
		out = append(out, vector{"1 form", c.name, c.want, c.in, []byte("x")})
	}
	return out
}

// What is too large is refused, at the limit it is not.
func TestSizes(t *testing.T) {
	a := newAuthority(t)
	if _, err := Parse(a.padded(MaxContent / 2)); !fault.Is(err, KeyTooLarge) {
		t.Errorf("half a megabyte of unsigned attributes: %v", err)
	}
	large := bytes.Repeat([]byte("x"), MaxContent+1)
	if _, err := Parse(must(Sign(large, a.key, a.leaf, Options{}))); !fault.Is(err, KeyTooLarge) {
		t.Errorf("content over the limit: %v", err)
	}
	if _, err := check(must(Sign(large[1:], a.key, a.leaf, Options{})), large[1:]); err != nil {
		t.Errorf("content at the limit: %v", err)
	}
}

// padded is a correct signature with an unsigned attribute of n bytes.
func (a *authority) padded(n int) []byte {
	f := a.forge([]byte("x"))
	f.unsigned = node(tagSequence, oid("\x2a\x03"), node(tagSet, node(tagOctets, make([]byte, n))))
	return f.bytes(a.signer)
}

func FuzzParse(f *testing.F) {
	a := newAuthority(f)
	content := []byte("content")
	f.Add(must(Sign(content, a.key, a.leaf, Options{Detached: true})))
	f.Add(must(Sign(content, a.key, a.leaf, Options{SigningTime: time.Unix(1_800_000_000, 0)})))
	f.Add(a.padded(100))
	for _, suite := range gostSuites() {
		g := newGOSTAuthority(f, suite, suite)
		f.Add(must(Sign(content, g.signer, g.leaf, Options{})))
	}
	f.Add([]byte("-----BEGIN CMS-----\nMAA=\n-----END CMS-----\n"))
	f.Add([]byte{tagSequence, 0x80, 0x24, 0x80, 4, 1, 'x', 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, in []byte) {
		s, err := Parse(in)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Fatal(err)
			}
			return
		}
		again, err := Parse(s.DER())
		if err != nil || !bytes.Equal(again.DER(), s.DER()) {
			t.Fatalf("the canonical form is not stable: %v", err)
		}
		// Each fuzzing process has keys of its own, so a seed of another one may verify; only the bounds are checked.
		if v, err := s.Verify(content); err == nil && (!bytes.Equal(v.Certificate.Raw, s.RawCertificate()) || !bytes.Equal(v.DER, s.DER())) {
			t.Fatal("what is verified is not what was parsed")
		}
	})
}

func FuzzCanonical(f *testing.F) {
	f.Add([]byte{tagSequence, 0x80, 0x24, 0x80, 4, 1, 'x', 0, 0, 0, 0})
	f.Add(node(tagSequence, node(tagSet, node(0x05)), node(tagOctets, make([]byte, 300))))
	f.Fuzz(func(t *testing.T, in []byte) {
		out, err := canonical(in)
		if err != nil {
			return
		}
		again, err := canonical(out)
		if err != nil || !bytes.Equal(again, out) || len(out) > len(in)+8*len(in) {
			t.Fatalf("%x becomes %x, then %x (%v)", in, out, again, err)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	a := newAuthority(b)
	content := bytes.Repeat([]byte("0123456789abcdef"), 64)
	der := must(Sign(content, a.key, a.leaf, Options{Detached: true}))
	text := pem.EncodeToMemory(&pem.Block{Type: "CMS", Bytes: der})
	bench := func(name string, in []byte, certificate *x509.Certificate) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s, err := Parse(in)
				if err != nil {
					b.Fatal(err)
				}
				if certificate == nil {
					_, err = s.Verify(content)
				} else {
					_, err = s.VerifyWith(certificate, content)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	bench("DER", der, nil)
	bench("PEM", text, nil)
	bench("DER-known-certificate", der, a.leaf)
	b.Run("parse", func(b *testing.B) {
		for b.Loop() {
			if _, err := Parse(der); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("bare-RSA", func(b *testing.B) {
		signature := must(rsaSHA256{}.Sign(a.key, content))
		key := must(rsaSHA256{}.Key(a.leaf))
		for b.Loop() {
			if err := key.Verify(content, signature); err != nil {
				b.Fatal(err)
			}
		}
	})
}
