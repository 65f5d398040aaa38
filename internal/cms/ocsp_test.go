package cms

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// Question and answer pass through the wire in every family of keys, whoever signs.
func TestOCSPAnswers(t *testing.T) {
	everySuite(t, func(t *testing.T, d *desk) {
		q, err := ParseOCSPRequest(must(d.question.Request()))
		if err != nil || !reflect.DeepEqual(q, d.question) || !q.ID.Under(d.ca) || q.ID.Under(d.leaf) || q.ID.Serial().Cmp(d.leaf.SerialNumber) != 0 {
			t.Fatalf("%+v, %v", q, err)
		}
		for name, want := range map[string]OCSPAnswer{
			"good":            good(),
			"good until":      {ProducedAt: asked, ThisUpdate: asked.Add(-time.Minute), NextUpdate: asked.Add(time.Hour)},
			"revoked":         {Revoked: true, RevokedAt: asked.Add(-48 * time.Hour), Reason: 1, ProducedAt: asked, ThisUpdate: asked},
			"without reason":  {Revoked: true, RevokedAt: asked.Add(-48 * time.Hour), ProducedAt: asked, ThisUpdate: asked},
			"at the old end":  {ProducedAt: asked.Add(-OCSPWindow), ThisUpdate: asked.Add(-OCSPWindow)},
			"at the new end":  {ProducedAt: asked.Add(OCSPWindow), ThisUpdate: asked.Add(OCSPWindow)},
			"until next year": {ProducedAt: asked, ThisUpdate: asked, NextUpdate: asked.AddDate(1, 0, 0)},
		} {
			der := d.respond(want)
			got, err := d.ask(der)
			want.DER, want.Responder = der, d.certificate
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
		}
		// The issuer itself, named by key and by name, with and without its certificate inside.
		sum, _ := keyHash(d.ca)
		for _, id := range [][]byte{node(0xa2, node(tagOctets, sum[:])), node(0xa1, d.ca.RawSubject)} {
			for _, certs := range [][][]byte{nil, {d.ca.Raw}, {d.leaf.Raw, d.ca.Raw}} {
				c := d.crooked()
				c.responder, c.suite, c.key, c.algorithm, c.certs = id, d.caSuite, d.caSigner, certificateAlgorithm(d.caSuite), certs
				if got, err := d.ask(c.bytes()); err != nil || !got.Responder.Equal(d.ca) {
					t.Errorf("by the issuer: %v", err)
				}
			}
		}
	})
}

// A delegate's certificate may be named by its subject, even when that is the issuer's own, and may stand among others.
func TestOCSPResponderNames(t *testing.T) {
	d := newDesk(newAuthority(t))
	namesake := d.delegate(func(c *x509.Certificate) { c.Subject = d.ca.Subject })
	for name, c := range map[string]*x509.Certificate{"subject": d.certificate, "the issuer's name": namesake} {
		bent := d.crooked()
		bent.responder, bent.certs = node(0xa1, c.RawSubject), [][]byte{d.leaf.Raw, c.Raw, d.ca.Raw}
		if got, err := d.ask(bent.bytes()); err != nil || !got.Responder.Equal(c) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Without a nonce in the question none is compared: a response from the archive.
	q := d.question
	q.Nonce = nil
	for _, extensions := range [][]byte{nil, nonceOf([]byte("another"))} {
		c := d.crooked()
		c.extensions = extensions
		if _, err := must(ParseOCSP(c.bytes())).Verify(q, d.issuer, asked, 0); err != nil {
			t.Error(err)
		}
	}
	if _, err := must(ParseOCSP(d.respond(good()))).Verify(d.question, d.issuer, asked.Add(time.Hour), 2*time.Hour); err != nil {
		t.Errorf("a wider window: %v", err)
	}
}

// bent is a way in which a response is not to be believed, with the reason.
type bent struct {
	reason OCSPError
	bend   func(*crooked)
}

// bentContents are wrong in what is said.
func bentContents(d *desk) map[string]bent {
	id := d.question.ID
	extension := node(tagSequence, oid("\x2a\x03\x04"), node(tagOctets, []byte{5, 0}))
	critical := node(tagSequence, oid("\x2a\x03\x04"), node(0x01, []byte{0xff}), node(tagOctets, []byte{5, 0}))
	return map[string]bent{
		"another kind":             {OCSPKind, func(c *crooked) { c.kind = oidData }},
		"version 1, written":       {OCSPVersion, func(c *crooked) { c.version = node(0xa0, []byte{2, 1, 0}) }},
		"version 2":                {OCSPVersion, func(c *crooked) { c.version = node(0xa0, []byte{2, 1, 1}) }},
		"about nothing":            {OCSPCount, func(c *crooked) { c.singles = 0 }},
		"about two":                {OCSPCount, func(c *crooked) { c.singles = 2 }},
		"another serial number":    {OCSPOther, func(c *crooked) { c.id = idOf(oidSHA1, id.name[:], id.key[:], []byte{2, 1, 9}) }},
		"another issuer's name":    {OCSPOther, func(c *crooked) { c.id = idOf(oidSHA1, id.key[:], id.key[:], []byte(id.serial)) }},
		"another issuer's key":     {OCSPOther, func(c *crooked) { c.id = idOf(oidSHA1, id.name[:], id.name[:], []byte(id.serial)) }},
		"named by SHA-256":         {OCSPHash, func(c *crooked) { c.id = idOf(oidSHA256, make([]byte, 32), make([]byte, 32), []byte(id.serial)) }},
		"a short hash":             {OCSPMalformed, func(c *crooked) { c.id = idOf(oidSHA1, id.name[:19], id.key[:], []byte(id.serial)) }},
		"no nonce":                 {OCSPNoNonce, func(c *crooked) { c.extensions = nil }},
		"another extension":        {OCSPNoNonce, func(c *crooked) { c.extensions = extension }},
		"another nonce":            {OCSPOtherNonce, func(c *crooked) { c.extensions = nonceOf(bytes.Repeat([]byte{8}, 32)) }},
		"a shorter nonce":          {OCSPOtherNonce, func(c *crooked) { c.extensions = nonceOf(d.question.Nonce[:31]) }},
		"an empty nonce":           {OCSPMalformed, func(c *crooked) { c.extensions = nonceOf(nil) }},
		"the nonce twice":          {OCSPDuplicate, func(c *crooked) { c.extensions = append(c.extensions, c.extensions...) }},
		"an extension twice":       {OCSPDuplicate, func(c *crooked) { c.extensions = slices.Concat(c.extensions, extension, extension) }},
		"no extension in the list": {OCSPMalformed, func(c *crooked) { c.extensions = []byte{} }},
		"an unknown critical":      {OCSPCritical, func(c *crooked) { c.extensions = append(c.extensions, critical...) }},
		"critical: false, written": {OCSPMalformed, func(c *crooked) {
			c.extensions = append(c.extensions, bytes.Replace(critical, []byte{0xff}, []byte{0}, 1)...)
		}},
		"a critical one of its part": {OCSPCritical, func(c *crooked) { c.times = append(c.times, node(0xa1, node(tagSequence, critical))...) }},
		"its part's twice":           {OCSPDuplicate, func(c *crooked) { c.times = append(c.times, node(0xa1, node(tagSequence, extension, extension))...) }},
		"unknown":                    {OCSPUnknown, func(c *crooked) { c.certStatus = []byte{0x82, 0} }},
		"a status that is none":      {OCSPMalformed, func(c *crooked) { c.certStatus = []byte{0x83, 0} }},
		"good with contents":         {OCSPMalformed, func(c *crooked) { c.certStatus = []byte{0x80, 1, 0} }},
		"revoked without time":       {OCSPMalformed, func(c *crooked) { c.certStatus = []byte{0xa1, 0} }},
		"revoked for reason 7":       {OCSPMalformed, func(c *crooked) { c.certStatus = node(0xa1, utc(asked), node(0xa0, []byte{0x0a, 1, 7})) }},
		"revoked for reason 11":      {OCSPMalformed, func(c *crooked) { c.certStatus = node(0xa1, utc(asked), node(0xa0, []byte{0x0a, 1, 11})) }},
		"an old status":              {OCSPStale, func(c *crooked) { c.times = utc(asked.Add(-OCSPWindow - time.Second)) }},
		"signed long ago":            {OCSPStale, func(c *crooked) { c.producedAt = utc(asked.Add(-OCSPWindow - time.Second)) }},
		"over":                       {OCSPStale, func(c *crooked) { c.times = append(c.times, node(0xa0, utc(asked))...) }},
		"a status of the future":     {OCSPFuture, func(c *crooked) { c.times = utc(asked.Add(OCSPWindow + time.Second)) }},
		"signed in the future":       {OCSPFuture, func(c *crooked) { c.producedAt = utc(asked.Add(OCSPWindow + time.Second)) }},
		"a time with an offset":      {OCSPMalformed, func(c *crooked) { c.times = node(0x18, []byte("20270115080000+0000")) }},
		"a time with two digits":     {OCSPMalformed, func(c *crooked) { c.times = node(0x17, []byte("270115080000Z")) }},
		"fields after the times":     {OCSPMalformed, func(c *crooked) { c.times = append(c.times, 5, 0) }},
	}
}

// bentTrust are wrong in who says it, or are no response at all.
func bentTrust(d, stranger *desk) map[string]bent {
	unheard := pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 99}, Critical: true, Value: []byte{5, 0}}
	delegate := func(change func(*x509.Certificate)) func(*crooked) {
		return func(c *crooked) { c.certs = [][]byte{d.delegate(change).Raw} }
	}
	return map[string]bent{
		"no certificate":            {OCSPNoResponder, func(c *crooked) { c.certs = nil }},
		"another's certificate":     {OCSPNoResponder, func(c *crooked) { c.certs = [][]byte{d.ca.Raw, stranger.certificate.Raw} }},
		"an unreadable certificate": {OCSPResponder, func(c *crooked) { c.certs = [][]byte{node(tagSequence)} }},
		"too many certificates":     {OCSPMalformed, func(c *crooked) { c.certs = slices.Repeat([][]byte{node(tagSequence)}, maxCertificates+1) }},
		"of another authority": {OCSPOtherIssuer, func(c *crooked) {
			sum, _ := keyHash(stranger.certificate)
			c.responder, c.certs, c.suite, c.key = node(0xa2, node(tagOctets, sum[:])), [][]byte{stranger.certificate.Raw}, stranger.suite, stranger.key
		}},
		"a signer of documents":    {OCSPResponderUsage, func(c *crooked) { c.certs = [][]byte{d.leaf.Raw} }},
		"any use":                  {OCSPResponderUsage, delegate(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageAny} })},
		"no use named":             {OCSPResponderUsage, delegate(func(c *x509.Certificate) { c.ExtKeyUsage = nil })},
		"a key for agreement":      {OCSPResponderUsage, delegate(func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyAgreement })},
		"a responder of yesterday": {OCSPResponderExpired, delegate(func(c *x509.Certificate) { c.NotAfter = asked.Add(-time.Second) })},
		"a responder of tomorrow":  {OCSPResponderExpired, delegate(func(c *x509.Certificate) { c.NotBefore = asked.Add(time.Second) })},
		"a responder with a demand": {OCSPCritical, delegate(func(c *x509.Certificate) {
			c.ExtraExtensions = []pkix.Extension{unheard}
		})},
		"another key":         {OCSPSignature, func(c *crooked) { c.suite, c.key = stranger.suite, stranger.key }},
		"a changed signature": {OCSPSignature, func(c *crooked) { c.bend = func(s []byte) []byte { s[len(s)/2] ^= 1; return s } }},
		"a short signature":   {OCSPSignature, func(c *crooked) { c.bend = func(s []byte) []byte { return s[1:] } }},
		"an empty signature":  {OCSPSignature, func(c *crooked) { c.bend = func([]byte) []byte { return nil } }},
		"another algorithm":   {OCSPSignature, func(c *crooked) { c.algorithm = algorithmIdentifier(oidSHA256) }},
		"bytes after":         {OCSPTrailing, func(c *crooked) { c.tail = []byte{5, 0} }},
		"bytes after, inside": {OCSPTrailing, func(c *crooked) { c.after = []byte{0} }},
		"too large":           {OCSPTooLarge, func(c *crooked) { c.tail = make([]byte, MaxOCSP) }},
		"too deep": {OCSPTooDeep, func(c *crooked) {
			deep := []byte{5, 0}
			for range maxDepth {
				deep = node(tagSequence, deep)
			}
			c.after, c.certs = nil, [][]byte{deep}
		}},
		"indefinite lengths":     {OCSPMalformed, func(c *crooked) { c.certs = [][]byte{{0x30, 0x80, 0, 0}} }},
		"an answer in a refusal": {OCSPMalformed, func(c *crooked) { c.status = responseTryLater }},
		"a name that is none":    {OCSPMalformed, func(c *crooked) { c.responder = node(0xa1, []byte{5, 0}) }},
		"named in no way":        {OCSPMalformed, func(c *crooked) { c.responder = nil }},
	}
}

func TestOCSPIsRefused(t *testing.T) {
	everySuite(t, func(t *testing.T, d *desk) {
		if _, err := d.ask(d.crooked().bytes()); err != nil { // the control
			t.Fatal(err)
		}
		all := bentContents(d)
		maps.Copy(all, bentTrust(d, newDesk(newGOSTAuthority(t, d.caSuite, d.suite))))
		for name, c := range all {
			response := d.crooked()
			c.bend(response)
			if got, err := d.ask(response.bytes()); !errors.Is(err, c.reason) || !reflect.ValueOf(got).IsZero() {
				t.Errorf("%s: %v, want %v", name, err, c.reason)
			}
		}
		// The question is about one authority, the issuer is another.
		other := NewIssuer(newAuthority(t).ca)
		if _, err := must(ParseOCSP(d.respond(good()))).Verify(d.question, other, asked, 0); !errors.Is(err, OCSPOther) {
			t.Errorf("another authority: %v", err)
		}
	})
}

func TestOCSPRefusals(t *testing.T) {
	for _, reason := range []OCSPError{OCSPTryLater, OCSPInternal, OCSPRefused} {
		if _, err := ParseOCSP(RefuseOCSP(reason)); !errors.Is(err, reason) {
			t.Errorf("%v, want %v", err, reason)
		}
	}
	for status, want := range map[byte]OCSPError{1: OCSPRefused, 4: OCSPMalformed, 5: OCSPRefused, 7: OCSPMalformed, 0xff: OCSPMalformed, 0: OCSPMalformed} {
		if _, err := ParseOCSP(node(tagSequence, node(0x0a, []byte{status}))); !errors.Is(err, want) {
			t.Errorf("status %d: %v, want %v", status, err, want)
		}
	}
}

func TestOCSPRequestsThatAreRefused(t *testing.T) {
	d := newDesk(newAuthority(t))
	id := d.question.ID
	one := node(tagSequence, idOf(oidSHA1, id.name[:], id.key[:], []byte(id.serial)))
	request := func(parts ...[]byte) []byte { return node(tagSequence, node(tagSequence, parts...)) }
	nonce := node(0xa2, node(tagSequence, nonceOf([]byte("n"))))
	for name, c := range map[string]struct {
		der  []byte
		want error
	}{
		"the control":    {request(node(tagSequence, one), nonce), nil},
		"with a name":    {request(node(0xa1, node(0xa4, d.ca.RawSubject)), node(tagSequence, one)), nil},
		"signed":         {node(tagSequence, node(tagSequence, node(tagSequence, one)), node(0xa0, node(tagSequence))), nil},
		"two":            {request(node(tagSequence, one, one)), OCSPCount},
		"none":           {request(node(tagSequence)), OCSPMalformed},
		"version":        {request(node(0xa0, []byte{2, 1, 0}), node(tagSequence, one)), OCSPVersion},
		"two nonces":     {request(node(tagSequence, one), node(0xa2, node(tagSequence, nonceOf([]byte("n")), nonceOf([]byte("n"))))), OCSPDuplicate},
		"by SHA-256":     {request(node(tagSequence, node(tagSequence, idOf(oidSHA256, id.name[:], id.key[:], []byte(id.serial))))), OCSPHash},
		"bytes after":    {append(request(node(tagSequence, one)), 0), OCSPTrailing},
		"too large":      {make([]byte, MaxOCSP+1), OCSPTooLarge},
		"no serial":      {request(node(tagSequence, node(tagSequence, idOf(oidSHA1, id.name[:], id.key[:], nil)))), OCSPMalformed},
		"a crooked one":  {request(node(tagSequence, node(tagSequence, idOf(oidSHA1, id.name[:], id.key[:], []byte{2, 2, 0, 1})))), OCSPMalformed},
		"something else": {[]byte("hello"), OCSPMalformed},
		"nothing":        {nil, OCSPMalformed},
	} {
		if _, err := ParseOCSPRequest(c.der); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if _, err := (OCSPQuestion{ID: id, Nonce: make([]byte, 33)}).Request(); err == nil {
		t.Error("a nonce of 33 octets")
	}
}

// One changed bit anywhere in a response: it is refused, or says the same.
func TestOCSPChangedBits(t *testing.T) {
	everySuite(t, func(t *testing.T, d *desk) {
		der := d.respond(OCSPAnswer{Revoked: true, RevokedAt: asked.Add(-time.Hour), Reason: 4, ProducedAt: asked, ThisUpdate: asked, NextUpdate: asked.Add(time.Hour)})
		want := must(d.ask(der))
		bits := []int{0, 1, 2, 3, 4, 5, 6, 7}
		if d.suite.Name() != "RSA-SHA256" || d.caSuite.Name() != "RSA-SHA256" {
			bits = bits[:1] // the others take long
		}
		same := 0
		for i := range der {
			for _, bit := range bits {
				bent := slices.Clone(der)
				bent[i] ^= 1 << bit
				got, err := d.ask(bent)
				if err != nil {
					continue
				}
				same++
				got.DER = der
				if !reflect.DeepEqual(got, want) {
					t.Errorf("byte %d, bit %d: %+v", i, bit, got)
				}
			}
		}
		t.Logf("%d bytes, %d changes make no difference", len(der), same)
	})
}

// Every length of a response cut short is refused.
func TestOCSPCutShort(t *testing.T) {
	d := newDesk(newAuthority(t))
	der := d.respond(good())
	for i := range der {
		if _, err := d.ask(der[:i]); err == nil {
			t.Errorf("cut at %d", i)
		}
	}
}

// OpenSSL understands our requests, and we understand its responses; and the other way round.
func TestOCSPWithOpenSSL(t *testing.T) {
	d := newDesk(newAuthority(t))
	dir := t.TempDir()
	file := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	run := func(args ...string) string {
		out, err := exec.Command("openssl", args...).CombinedOutput()
		if err != nil {
			t.Fatalf("openssl %v: %v: %s", args, err, out)
		}
		return string(out)
	}
	asPEM := func(kind string, b []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}) }
	ca, responder := file("ca.pem", asPEM("CERTIFICATE", d.ca.Raw)), file("responder.pem", asPEM("CERTIFICATE", d.certificate.Raw))
	key := file("key.pem", asPEM("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(d.key))))
	index := file("index.txt", []byte("R\t301231235959Z\t270110120000Z,keyCompromise\t"+strings.ToUpper(d.leaf.SerialNumber.Text(16))+"\tunknown\t/CN=x\n"))
	request := file("request.der", must(d.question.Request()))
	out := filepath.Join(dir, "response.der")
	run("ocsp", "-reqin", request, "-index", index, "-CA", ca, "-rsigner", responder, "-rkey", key, "-rmd", "sha256", "-respout", out)
	theirs := must(os.ReadFile(out))
	r, err := ParseOCSP(theirs)
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.Verify(d.question, d.issuer, r.producedAt, 0)
	if err != nil || !got.Revoked || got.Reason != 1 || !got.RevokedAt.Equal(time.Date(2027, 1, 10, 12, 0, 0, 0, time.UTC)) || !got.Responder.Equal(d.certificate) {
		t.Errorf("%+v, %v", got, err)
	}
	ours := file("ours.der", d.respond(OCSPAnswer{Revoked: true, RevokedAt: asked, Reason: 1, ProducedAt: asked, ThisUpdate: asked, NextUpdate: asked.Add(time.Hour)}))
	text := run("ocsp", "-reqin", request, "-respin", ours, "-CAfile", ca, "-attime", "1800000000", "-validity_period", "999999999", "-resp_text")
	for _, want := range []string{"Response verify OK", "Cert Status: revoked", "keyCompromise"} {
		if !strings.Contains(text, want) {
			t.Errorf("openssl does not say %q:\n%s", want, text)
		}
	}
}

func FuzzParseOCSP(f *testing.F) {
	d := newDesk(newAuthority(f))
	f.Add(d.respond(good()))
	f.Add(d.respond(OCSPAnswer{Revoked: true, RevokedAt: asked, Reason: 1, ProducedAt: asked, ThisUpdate: asked, NextUpdate: asked}))
	f.Add(RefuseOCSP(OCSPTryLater))
	f.Add(must(d.question.Request()))
	f.Fuzz(func(t *testing.T, der []byte) {
		if q, err := ParseOCSPRequest(der); err == nil {
			if _, err := q.Request(); err != nil && len(q.Nonce) <= maxNonce {
				t.Error(err)
			}
		}
		r, err := ParseOCSP(der)
		var reason OCSPError
		if err != nil && !errors.As(err, &reason) {
			t.Errorf("without a reason: %v", err)
		}
		if err == nil {
			_, _ = r.Verify(d.question, d.issuer, asked, 0) // must not panic
		}
	})
}
