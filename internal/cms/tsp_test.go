package cms

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"slices"
	"strings"
	"testing"
	"time"

	"elicense/internal/fault"
)

// Tokens of every suite over signatures of every suite.
func TestStampsOfEverySuite(t *testing.T) {
	persons := map[string]*authority{}
	for _, suite := range Suites() {
		persons[suite.Name()] = authorityOf(t, suite)
	}
	for _, tsa := range Suites() {
		s := newStamper(t, tsa, rsaSHA256{})
		for _, person := range Suites() {
			s.over(persons[person.Name()])
			query, err := ParseStampQuery(must(s.query.Bytes()))
			if err != nil {
				t.Fatalf("%s: the question: %v", person.Name(), err)
			}
			token := must(query.Stamp(s.signer, s.leaf, s.terms()))
			answer := must(ParseStampAnswer(StampAnswer(token)))
			got, err := answer.Verify(s.document.Value(), s.rules())
			if err != nil {
				t.Errorf("%s over %s: %v", tsa.Name(), person.Name(), err)
				continue
			}
			if !got.Time.Equal(stampedAt) || got.Accuracy != 1_000_500*time.Microsecond || got.Policy != stampPolicy || got.Serial != "4d" ||
				got.Algorithm != tsa.Name() || !got.Certificate.Equal(s.leaf) || !bytes.Equal(got.DER, token) {
				t.Errorf("%s over %s: %+v", tsa.Name(), person.Name(), got)
			}
		}
	}
}

// stampForgery bends one thing of a correct token. It is signed with the authority's real key, so that nothing but the rule
// can refuse it.
type stampForgery struct {
	name, want string
	change     func(*stampForge)
}

func infoForgeries(s *stamper) []stampForgery {
	field := func(i int, b []byte) func(*stampForge) { return func(f *stampForge) { f.info[i] = b } }
	add := func(at int, b ...[]byte) func(*stampForge) {
		return func(f *stampForge) { f.info = slices.Insert(f.info, at, b...) }
	}
	short := algorithmIdentifier("\x2b\x0e\x03\x02\x1a")
	extension := func(critical byte) []byte {
		return node(0xa1, node(tagSequence, oid("\x2a\x03"), node(0x01, []byte{critical}), node(tagOctets)))
	}
	return []stampForgery{
		{"control: nothing changed", "", func(*stampForge) {}},
		{"control: accuracy", "", add(5, node(tagSequence, node(0x02, []byte{1}), node(0x80, []byte{5}), node(0x81, []byte{7})))},
		{"control: ordering", "", add(5, node(0x01, []byte{0xff}))},
		{"control: name of the authority", "", add(6, node(0xa0, node(0xa4, s.leaf.RawSubject)))},
		{"control: extension", "", add(6, extension(0))},
		{"control: whole second", "", field(4, node(0x18, []byte("20260720090807Z")))},
		{"critical extension", KeyStampExtension, add(6, extension(0xff))},
		{"version 2", KeyStampVersion, field(0, node(0x02, []byte{2}))},
		{"another policy", KeyStampPolicy, field(1, oid("\x2a\x83\x0e\x03\x03\x02\x06\x03"))},
		{"policy that is none", KeyStampMalformed, field(1, oid("\x2a\x83"))},
		{"imprint over SHA-1", KeyStampImprintAlgorithm, field(2, node(tagSequence, short, node(tagOctets, make([]byte, 20))))},
		{"imprint of a wrong length", KeyStampImprint, field(2, node(tagSequence, algorithmIdentifier(oidSHA256), node(tagOctets, make([]byte, 20))))},
		{"imprint of something else", KeyStampImprint, field(2, node(tagSequence, algorithmIdentifier(oidSHA256), node(tagOctets, make([]byte, 32))))},
		{"imprint of the content", KeyStampImprint, func(f *stampForge) {
			sum := sha256.Sum256(stored)
			f.info[2] = node(tagSequence, algorithmIdentifier(oidSHA256), node(tagOctets, sum[:]))
		}},
		{"serial number without an end", KeyStampMalformed, field(3, node(0x02, bytes.Repeat([]byte{1}, maxSerial+1)))},
		{"local time", KeyStampTime, field(4, node(0x18, []byte("20260720090807+0500")))},
		{"time without seconds", KeyStampTime, field(4, node(0x18, []byte("202607200908Z")))},
		{"day that does not exist", KeyStampTime, field(4, node(0x18, []byte("20260231090807Z")))},
		{"fraction with a zero at its end", KeyStampTime, field(4, node(0x18, []byte("20260720090807.10Z")))},
		{"empty fraction", KeyStampTime, field(4, node(0x18, []byte("20260720090807.Z")))},
		{"UTCTime", KeyStampTime, field(4, node(0x17, []byte("260720090807Z")))},
		{"accuracy out of range", KeyStampTime, add(5, node(tagSequence, node(0x80, []byte{0x03, 0xe8})))},
		{"negative accuracy", KeyStampTime, add(5, node(tagSequence, node(0x02, []byte{0xff})))},
		{"another nonce", KeyStampNonce, field(5, node(0x02, []byte{5}))},
		{"no nonce", KeyStampNonce, func(f *stampForge) { f.info = f.info[:5] }},
		{"nonce not in its shortest form", KeyStampMalformed, field(5, node(0x02, []byte{0, 5}))},
		{"trailing field", KeyStampMalformed, add(6, node(0x05))},
		{"trailing data after the statement", KeyStampTrailing, func(f *stampForge) { f.content = append(node(tagSequence, f.info...), 5, 0) }},
		{"empty statement", KeyStampMalformed, func(f *stampForge) { f.content = node(tagSequence) }},
	}
}

func envelopeForgeries(s *stamper) []stampForgery {
	person := s.issue(s.key.Public(), nil)
	sum, short := sha256.Sum256(person.Raw), sha1.Sum(s.leaf.Raw)
	old := func(hash []byte) []byte {
		return attrOf(oidOldSigningCertificate, node(tagSequence, node(tagSequence, node(tagSequence, node(tagOctets, hash)))))
	}
	bind := func(parts ...[]byte) func(*stampForge) {
		return func(f *stampForge) {
			h := s.suite.New()
			h.Write(node(tagSequence, f.info...))
			f.attributes = setOf(append(parts, attrOf(oidContentType, oid(oidStampInfo)), attrOf(oidMessageDigest, node(tagOctets, h.Sum(nil))))...)
		}
	}
	return []stampForgery{
		{"control: bound by SHA-1, as RFC 3161 has it", "", bind(old(short[:]))},
		{"control: bound twice", "", bind(old(short[:]), certificateID(s.leaf.Raw))},
		{"trailing data", KeyStampTrailing, func(f *stampForge) { f.tail = []byte{5, 0} }},
		{"a document's content type", KeyStampContentType, func(f *stampForge) { f.contentType = oidData }},
		{"attribute of a document", KeyStampContentType, func(f *stampForge) {
			h := s.suite.New()
			h.Write(node(tagSequence, f.info...))
			f.attributes = must(documentShape().attributes(h.Sum(nil), s.leaf, stampedAt))
		}},
		{"version 1", KeyStampVersion, func(f *stampForge) { f.version = 1 }},
		{"no signer", KeyStampSigners, func(f *stampForge) { f.signers = 0 }},
		{"two signers", KeyStampSigners, func(f *stampForge) { f.signers = 2 }},
		{"signer by key identifier", KeyStampSigners, func(f *stampForge) { f.signerID = node(0x80, []byte{1, 2, 3, 4}) }},
		{"no certificate", KeyStampCertificate, func(f *stampForge) { f.certificates = nil }},
		{"certificate twice", KeyStampCertificate, func(f *stampForge) { f.certificates = slices.Concat(s.leaf.Raw, s.leaf.Raw) }},
		{"SHA-1", KeyStampAlgorithm, func(f *stampForge) {
			f.digest = algorithmIdentifier("\x2b\x0e\x03\x02\x1a")
			f.digests = f.digest
		}},
		{"without the statement", KeyStampMalformed, func(f *stampForge) { f.encapsulate = false }},
		{"without signed attributes", KeyStampAttributes, func(f *stampForge) { f.bare, f.message = true, node(tagSequence, f.info...) }},
		{"bound to another certificate", KeyStampBinding, bind(certificateID(person.Raw))},
		{"bound to another certificate by SHA-1", KeyStampBinding, bind(old(sum[:20]))},
		{"bound rightly and wrongly", KeyStampBinding, bind(certificateID(s.leaf.Raw), old(sum[:20]))},
		{"not bound", KeyStampBinding, bind()},
		{"statement changed", KeyStampChanged, func(f *stampForge) {
			bind(certificateID(s.leaf.Raw))(f)
			f.info[3] = node(0x02, []byte{78})
		}},
		{"signature changed", KeyStampWrong, func(f *stampForge) {
			f.bend = func(b []byte) []byte { b[9] ^= 1; return b }
		}},
		{"signature of another length", KeyStampWrong, func(f *stampForge) { f.bend = func(b []byte) []byte { return b[:len(b)-1] } }},
	}
}

// Every rule has its own reason.
func TestForgedStampsAreRefusedEachForItsReason(t *testing.T) {
	for _, suite := range []Suite{rsaSHA256{}, gostSuites()[0], gostSuites()[2]} {
		s := newStamper(t, suite, suite)
		for _, c := range append(infoForgeries(s), envelopeForgeries(s)...) {
			f := s.forge()
			c.change(f)
			_, err := s.check(f.bytes(s))
			if c.want == "" && err != nil || c.want != "" && !fault.Is(err, c.want) {
				t.Errorf("%s: %s: %v, want %q", suite.Name(), c.name, err, c.want)
			}
			if err != nil && fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s: kind %v", c.name, fault.KindOf(err))
			}
		}
	}
}

// Every reason why a stamp is refused has a forgery here, or the test that is named.
func TestEveryStampReasonHasAForgery(t *testing.T) {
	held := map[string]bool{}
	s := newStamper(t, rsaSHA256{}, rsaSHA256{})
	for _, c := range append(infoForgeries(s), envelopeForgeries(s)...) {
		held[c.want] = true
	}
	elsewhere := map[string]string{
		KeyStampPurpose: "TestStampersAndSignersAreDifferent", KeyStampMany: "TestUnsignedAttributes", KeyStampRefused: "TestStampAnswers",
	}
	for _, reason := range reasons(t, ".") {
		if _, ok := elsewhere[reason]; strings.HasPrefix(reason, "signature.stamp-") && !ok && !held[reason] {
			t.Errorf("%s: no forgery", reason)
		}
	}
}

// A key stamps only with a certificate for nothing else, and such a certificate signs no document.
func TestStampersAndSignersAreDifferent(t *testing.T) {
	s := newStamper(t, rsaSHA256{}, rsaSHA256{})
	mail := asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 4}
	ocsp := asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 9}
	own := func(change func(*x509.Certificate)) func(*x509.Certificate) {
		return func(c *x509.Certificate) { asStamper(c); change(c) }
	}
	for name, c := range map[string]struct {
		change func(*x509.Certificate)
		want   string
	}{
		"control":            {asStamper, ""},
		"no key usage":       {own(func(c *x509.Certificate) { c.KeyUsage = 0 }), ""},
		"a person":           {nil, KeyStampPurpose},
		"usage not critical": {own(func(c *x509.Certificate) { c.ExtraExtensions[0] = stampUsage(false, oidTimeStamping()) }), KeyStampPurpose},
		"two usages":         {own(func(c *x509.Certificate) { c.ExtraExtensions[0] = stampUsage(true, oidTimeStamping(), mail) }), KeyStampPurpose},
		"a usage nobody knows": {own(func(c *x509.Certificate) {
			c.ExtraExtensions[0] = stampUsage(true, oidTimeStamping(), asn1.ObjectIdentifier{1, 2, 3})
		}), KeyStampPurpose},
		"a responder":                 {own(func(c *x509.Certificate) { c.ExtraExtensions[0] = stampUsage(true, ocsp) }), KeyStampPurpose},
		"no usage":                    {own(func(c *x509.Certificate) { c.ExtraExtensions = nil }), KeyStampPurpose},
		"an authority":                {own(func(c *x509.Certificate) { c.IsCA, c.BasicConstraintsValid = true, true }), KeyStampPurpose},
		"a key that encrypts":         {own(func(c *x509.Certificate) { c.KeyUsage |= x509.KeyUsageKeyEncipherment }), KeyStampPurpose},
		"a key that signs revocation": {own(func(c *x509.Certificate) { c.KeyUsage |= x509.KeyUsageCRLSign }), KeyStampPurpose},
	} {
		certificate := s.certify(c.change)
		token := must(s.query.Stamp(s.signer, certificate, s.terms()))
		if _, err := s.check(token); c.want == "" && err != nil || c.want != "" && !fault.Is(err, c.want) {
			t.Errorf("%s stamps: %v, want %q", name, err, c.want)
		}
		if _, err := SubjectOf(certificate); (err == nil) != (name == "a person") {
			t.Errorf("%s signs: %v", name, err)
		}
	}
	for name, service := range map[string]asn1.ObjectIdentifier{"time stamps": oidTimeStamping(), "responses": ocsp} {
		certificate := s.certify(func(c *x509.Certificate) {
			c.ExtKeyUsage, c.UnknownExtKeyUsage = nil, nil
			c.ExtraExtensions = append(c.ExtraExtensions, stampUsage(false, mail, append(roleOID[:len(roleOID):len(roleOID)], 1), service))
		})
		if _, err := SubjectOf(certificate); !fault.Is(err, KeyUsage) {
			t.Errorf("a person's certificate that also serves for %s signs: %v", name, err)
		}
	}
}

// No byte of a token may change: what is not signed is the wrapping, which has one form.
func TestEveryByteOfAStampCounts(t *testing.T) {
	for _, suite := range []Suite{rsaSHA256{}, gostSuites()[0]} {
		s := newStamper(t, suite, suite)
		token := s.token()
		if _, err := s.check(token); err != nil {
			t.Fatal(err)
		}
		for i := range token {
			for _, bit := range []byte{1, 0x80} {
				bent := slices.Clone(token)
				bent[i] ^= bit
				if got, err := s.check(bent); err == nil {
					t.Errorf("%s: byte %d of %d may be changed: %+v", suite.Name(), i, len(token), got)
				} else if fault.KindOf(err) != fault.Invalid {
					t.Fatal(err)
				}
			}
			if _, err := s.check(token[:i]); err == nil {
				t.Errorf("%d of %d bytes are enough", i, len(token))
			}
		}
	}
}

func TestStampAnswers(t *testing.T) {
	s := newStamper(t, rsaSHA256{}, rsaSHA256{})
	token := s.token()
	for name, c := range map[string]struct {
		answer []byte
		want   string
	}{
		"refused":        {StampRejection(), KeyStampRefused},
		"refused, token": {node(tagSequence, node(tagSequence, node(0x02, []byte{3})), token), KeyStampRefused},
		"no token":       {node(tagSequence, node(tagSequence, node(0x02, []byte{0}))), KeyStampMalformed},
		"trailing data":  {append(StampAnswer(token), 0), KeyStampTrailing},
		"two tokens":     {node(tagSequence, node(tagSequence, node(0x02, []byte{0})), token, token), KeyStampTrailing},
		"nothing":        {nil, KeyStampMalformed},
		"a web page":     {[]byte("<html>"), KeyStampMalformed},
	} {
		if _, err := ParseStampAnswer(c.answer); !fault.Is(err, c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	modified := must(ParseStampAnswer(node(tagSequence, node(tagSequence, node(0x02, []byte{1}), node(tagSequence, node(0x0c, []byte("ok")))), token)))
	if _, err := modified.Verify(s.document.Value(), s.rules()); err != nil {
		t.Errorf("granted with modifications: %v", err)
	}
	if _, err := (StampQuery{Policy: "1.x"}).Bytes(); err == nil {
		t.Error("a policy that is no object identifier is asked for")
	}
	if _, err := must(ParseStamp(token)).Verify(s.document.Value(), StampRules{}); !fault.Is(err, KeyStampPolicy) {
		t.Errorf("without policies every token is refused: %v", err)
	}
}

func FuzzParseStamp(f *testing.F) {
	for _, suite := range Suites() {
		s := newStamper(f, suite, suite)
		f.Add(s.token())
		f.Add(must(s.query.Bytes()))
		f.Add(StampAnswer(s.token()))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		if token, err := ParseStamp(in); err == nil {
			if !bytes.Equal(token.DER(), in) {
				t.Fatal("another token than was given")
			}
			if _, err := token.Verify([]byte("value"), StampRules{Policies: []string{token.Policy()}}); err == nil {
				t.Fatal("a token for a value that nobody stamped")
			}
		} else if fault.KindOf(err) != fault.Invalid {
			t.Fatal(err)
		}
		if _, err := ParseStampAnswer(in); err != nil && fault.KindOf(err) != fault.Invalid {
			t.Fatal(err)
		}
		q, err := ParseStampQuery(in)
		if err != nil {
			return
		}
		again, err := ParseStampQuery(must(q.Bytes()))
		if err != nil || again.Policy != q.Policy || !bytes.Equal(again.Nonce, q.Nonce) || !bytes.Equal(again.value, q.value) {
			t.Fatalf("%+v becomes %+v (%v)", q, again, err)
		}
	})
}
