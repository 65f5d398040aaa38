package cms

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
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

// Every rule has its own reason. The forgeries are made with the signer's real key wherever the rule is not about the
// signature itself, so that nothing but the rule can refuse them.
func TestForgeriesAreRefusedEachForItsReason(t *testing.T) {
	a := newAuthority(t)
	content := []byte("the stored bytes")
	sum := sha256.Sum256(content)
	issuer, serial, _ := nameOf(a.leaf.Raw)
	// A second certificate with the same issuer, serial number and key, but of another person.
	double := a.issue(a.key.Public(), func(c *x509.Certificate) { c.SerialNumber = a.leaf.SerialNumber; c.EmailAddresses = nil })
	ec := a.issue(ecdsaKey().Public(), nil)
	sha1 := algorithmIdentifier("\x2b\x0e\x03\x02\x1a")
	attr := func(o string, values ...[]byte) []byte { return node(tagSequence, oid(o), node(tagSet, values...)) }
	set := func(list ...[]byte) []byte { slices.SortFunc(list, bytes.Compare); return slices.Concat(list...) }
	typ := attr(oidContentType, oid(oidData))
	digest := attr(oidMessageDigest, node(tagOctets, sum[:]))
	certID := func(der []byte) []byte {
		h := sha256.Sum256(der)
		return attr(oidSigningCertificate, node(tagSequence, node(tagSequence, node(tagSequence, node(tagOctets, h[:])))))
	}
	bound := certID(a.leaf.Raw)
	serialID := func(issuer, serial []byte) []byte {
		h := sha256.Sum256(a.leaf.Raw)
		return attr(oidSigningCertificate, node(tagSequence, node(tagSequence, node(tagSequence, node(tagOctets, h[:]),
			node(tagSequence, node(tagSequence, node(0xa4, issuer)), serial)))))
	}
	small := must(rsa.GenerateKey(rand.Reader, 1024))
	weak := a.issue(small.Public(), nil)
	weakIssuer, weakSerial, _ := nameOf(weak.Raw)

	cases := []struct {
		name, want string
		change     func(*forge)
	}{
		{"control: nothing changed", "", func(*forge) {}},
		{"control: own attributes", "", func(f *forge) { f.attributes = set(typ, digest, bound) }},
		{"control: unsigned attribute", "", func(f *forge) { f.unsigned = attr("\x2a\x03", node(0x05)) }},
		{"trailing data", KeyTrailing, func(f *forge) { f.tail = []byte{0} }},
		{"trailing second CMS", KeyTrailing, func(f *forge) { f.tail = node(tagSequence) }},
		{"version 3", KeyVersion, func(f *forge) { f.version = 3 }},
		{"no signer", KeySigners, func(f *forge) { f.signers = 0 }},
		{"two signers", KeySigners, func(f *forge) { f.signers = 2 }},
		{"signer version 3", KeyVersion, func(f *forge) { f.signerVersion = 3; f.signerID = node(0x80, []byte{1, 2, 3, 4}) }},
		{"signer by key identifier", KeySignerID, func(f *forge) { f.signerID = node(0x80, []byte{1, 2, 3, 4}) }},
		{"no certificates", KeyNoCertificate, func(f *forge) { f.certificates = nil }},
		{"another certificate only", KeyNoCertificate, func(f *forge) { f.certificates = ec.Raw }},
		{"certificate twice", KeyAmbiguousCertificate, func(f *forge) { f.certificates = slices.Concat(a.leaf.Raw, a.leaf.Raw) }},
		{"two certificates of one name", KeyAmbiguousCertificate, func(f *forge) { f.certificates = slices.Concat(a.leaf.Raw, double.Raw) }},
		{"too many certificates", KeyMalformed, func(f *forge) { f.certificates = bytes.Repeat(ec.Raw, maxCertificates+1) }},
		{"attribute certificate", KeyMalformed, func(f *forge) { f.certificates = slices.Concat(a.leaf.Raw, node(0xa1)) }},
		{"garbage certificate", KeyCertificate, func(f *forge) { f.certificates = node(tagSequence, node(0x05)) }},
		{"SHA-1 digest", KeyAlgorithm, func(f *forge) { f.digest, f.digests = sha1, sha1 }},
		{"digest not announced", KeyAlgorithm, func(f *forge) { f.digests = sha1 }},
		{"no digest announced", KeyAlgorithm, func(f *forge) { f.digests = nil }},
		{"two digests announced", KeyAlgorithm, func(f *forge) { f.digests = slices.Concat(f.digests, sha1) }},
		{"digest with parameters", KeyAlgorithm, func(f *forge) { f.digest = node(tagSequence, oid(oidSHA256), node(tagSequence)) }},
		{"ECDSA", KeyAlgorithm, func(f *forge) { f.algorithm = algorithmIdentifier("\x2a\x86\x48\xce\x3d\x04\x03\x02") }},
		{"RSA with SHA-1", KeyAlgorithm, func(f *forge) { f.algorithm = algorithmIdentifier("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05") }},
		{"RSA-PSS", KeyAlgorithm, func(f *forge) { f.algorithm = algorithmIdentifier("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a") }},
		{"no signed attributes", KeyNoAttributes, func(f *forge) { f.attributes, f.message = nil, content }},
		{"attributes presented as content", KeyNoAttributes, func(f *forge) {
			f.message, f.content, f.attributes = node(tagSet, f.attributes), node(tagSet, f.attributes), nil
		}},
		{"content of another type", KeyContentType, func(f *forge) { f.contentType = oidSignedData }},
		{"contentType missing", KeyContentType, func(f *forge) { f.attributes = set(digest, bound) }},
		{"contentType differs", KeyContentType, func(f *forge) { f.attributes = set(attr(oidContentType, oid(oidSignedData)), digest, bound) }},
		{"messageDigest missing", KeyNoDigest, func(f *forge) { f.attributes = set(typ, bound) }},
		{"messageDigest short", KeyNoDigest, func(f *forge) { f.attributes = set(typ, bound, attr(oidMessageDigest, node(tagOctets, sum[:20]))) }},
		{"messageDigest twice", KeyDuplicateAttribute, func(f *forge) {
			other := sha256.Sum256([]byte("other"))
			f.attributes = set(typ, bound, digest, attr(oidMessageDigest, node(tagOctets, other[:])))
		}},
		{"messageDigest with two values", KeyAttributeValues, func(f *forge) {
			f.attributes = set(typ, bound, attr(oidMessageDigest, node(tagOctets, sum[:]), node(tagOctets, sum[:])))
		}},
		{"attribute without value", KeyAttributeValues, func(f *forge) { f.attributes = set(typ, bound, digest, attr("\x2a\x03")) }},
		{"unknown attribute twice", KeyDuplicateAttribute, func(f *forge) {
			f.attributes = set(typ, bound, digest, attr("\x2a\x03", node(0x05)), attr("\x2a\x03", node(0x05)))
		}},
		{"attributes out of order", KeyMalformed, func(f *forge) {
			list := [][]byte{typ, bound, digest}
			slices.SortFunc(list, func(x, y []byte) int { return bytes.Compare(y, x) })
			f.attributes = slices.Concat(list...)
		}},
		{"SigningCertificateV2 missing", KeyNoCertificateID, func(f *forge) { f.attributes = set(typ, digest) }},
		{"certificate replaced, same name and key, no SigningCertificateV2", KeyNoCertificateID, func(f *forge) {
			f.attributes, f.certificates = set(typ, digest), double.Raw
		}},
		{"certificate replaced, same name and key", KeyWrongCertificateID, func(f *forge) { f.certificates = double.Raw }},
		{"SigningCertificateV2 of another", KeyWrongCertificateID, func(f *forge) { f.attributes = set(typ, digest, certID(a.ca.Raw)) }},
		{"SigningCertificateV2 other serial", KeyWrongCertificateID, func(f *forge) {
			f.attributes = set(typ, digest, serialID(issuer, node(0x02, []byte{9})))
		}},
		{"SigningCertificateV2 other issuer", KeyWrongCertificateID, func(f *forge) { f.attributes = set(typ, digest, serialID(node(tagSequence), serial)) }},
		{"SigningCertificateV2 over SHA-1", KeyAlgorithm, func(f *forge) {
			f.attributes = set(typ, digest, attr(oidSigningCertificate, node(tagSequence, node(tagSequence, node(tagSequence, sha1, node(tagOctets, sum[:20]))))))
		}},
		{"signing time unreadable", KeyMalformed, func(f *forge) {
			f.attributes = set(typ, digest, bound, attr(oidSigningTime, node(0x17, []byte("yesterday"))))
		}},
		{"encapsulated content differs", KeyContentChanged, func(f *forge) { f.content = []byte("the stored bytez") }},
		{"detached over other bytes", KeyContentChanged, func(f *forge) {
			other := sha256.Sum256([]byte("other"))
			f.encapsulate, f.attributes = false, set(typ, bound, attr(oidMessageDigest, node(tagOctets, other[:])))
		}},
		{"signed under the wire tag", KeyWrong, func(f *forge) { f.message = node(0xa0, f.attributes) }},
		{"signature over the content", KeyWrong, func(f *forge) { f.message = content }},
	}
	for _, c := range cases {
		f := a.forge(content)
		c.change(f)
		_, err := check(f.bytes(a.key), content)
		if c.want == "" && err != nil || c.want != "" && !fault.Is(err, c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		if err != nil && fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: kind %v", c.name, fault.KindOf(err))
		}
	}

	f := a.forge(content)
	f.certificates, f.signerID = weak.Raw, node(tagSequence, weakIssuer, weakSerial)
	f.attributes = set(typ, digest, certID(weak.Raw))
	f.message = []byte("x")
	if _, err := check(f.bytes(a.key), content); !fault.Is(err, KeyWeakKey) {
		t.Errorf("RSA-1024: %v", err)
	}
	ecIssuer, ecSerial, _ := nameOf(ec.Raw)
	f.certificates, f.signerID, f.attributes = ec.Raw, node(tagSequence, ecIssuer, ecSerial), set(typ, digest, certID(ec.Raw))
	if _, err := check(f.bytes(a.key), content); !fault.Is(err, KeyAlgorithm) {
		t.Errorf("RSA algorithm with an EC key: %v", err)
	}
	if _, err := check(a.forge(content).bytes(a.caKey), content); !fault.Is(err, KeyWrong) {
		t.Errorf("another key: %v", err)
	}
	if _, err := Sign(content, ecdsaKey(), ec, Options{}); !fault.Is(err, KeyAlgorithm) {
		t.Errorf("signing with an EC key: %v", err)
	}
}

func TestInputsThatAreNoCMS(t *testing.T) {
	a := newAuthority(t)
	der := must(Sign([]byte("x"), a.key, a.leaf, Options{}))
	block := pem.EncodeToMemory(&pem.Block{Type: "CMS", Bytes: der})
	deep := node(0x05)
	for range maxDepth + 1 {
		deep = node(tagSequence, deep)
	}
	cases := []struct {
		name, want string
		in         []byte
	}{
		{"nothing", KeyEncoding, nil},
		{"words", KeyEncoding, []byte("signature!")},
		{"certificate in PEM", KeyEncoding, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.leaf.Raw})},
		{"PEM with headers", KeyEncoding, pem.EncodeToMemory(&pem.Block{Type: "CMS", Headers: map[string]string{"a": "b"}, Bytes: der})},
		{"two PEM blocks", KeyTrailing, append(slices.Clone(block), block...)},
		{"text before PEM", KeyEncoding, append([]byte("hello\n"), block...)},
		{"base64 without padding", KeyEncoding, []byte("MAA")},
		{"certificate", KeyMalformed, a.leaf.Raw},
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
	for _, c := range cases {
		if _, err := Parse(c.in); !fault.Is(err, c.want) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
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
	return f.bytes(a.key)
}

// Flipping any bit of a signed CMS must be refused or must change nothing that is relied on.
func TestEveryFlippedBit(t *testing.T) {
	a := newAuthority(t)
	content := []byte("the stored bytes")
	for _, detached := range []bool{true, false} {
		der := must(Sign(content, a.key, a.leaf, Options{Detached: detached, SigningTime: time.Unix(1_800_000_000, 0)}))
		want := must(check(der, content))
		accepted := 0
		for i := range der {
			for bit := range 8 {
				bent := slices.Clone(der)
				bent[i] ^= 1 << bit
				got, err := check(bent, content)
				if err != nil {
					if fault.KindOf(err) != fault.Invalid {
						t.Fatalf("byte %d bit %d: %v", i, bit, err)
					}
					continue
				}
				accepted++
				if !got.Certificate.Equal(want.Certificate) || !got.SigningTime.Equal(want.SigningTime) || got.Algorithm != want.Algorithm {
					t.Fatalf("byte %d bit %d changes what is relied on", i, bit)
				}
			}
		}
		t.Logf("detached %v: %d bytes, %d accepted flips", detached, len(der), accepted)
		if accepted != 0 {
			t.Errorf("%d flips are accepted: the encoding is not unique", accepted)
		}
	}
}

func FuzzParse(f *testing.F) {
	a := newAuthority(f)
	content := []byte("content")
	f.Add(must(Sign(content, a.key, a.leaf, Options{Detached: true})))
	f.Add(must(Sign(content, a.key, a.leaf, Options{SigningTime: time.Unix(1_800_000_000, 0)})))
	f.Add(a.padded(100))
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
		for b.Loop() {
			if err := (rsaSHA256{}).Verify(a.leaf, content, signature); err != nil {
				b.Fatal(err)
			}
		}
	})
}
