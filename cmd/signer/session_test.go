package main

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"elicense/internal/cms"
	"elicense/internal/gost"
	"elicense/internal/web/signer"
)

// documents stand for the bytes to be signed.
var documents = [][]byte{[]byte(`{"schema":"elicense-signature/1"}`), []byte(`{"schema":"elicense-signature/1","application":"2"}`)}

// verified has the server's own code judge the signature of each document; what it says is the same of all.
func verified(t *testing.T, signed [][]byte) *cms.Verified {
	t.Helper()
	if len(signed) != len(documents) {
		t.Fatalf("%d signatures of %d documents", len(signed), len(documents))
	}
	var last *cms.Verified
	for i, one := range signed {
		parsed, err := cms.Parse(one)
		if err != nil {
			t.Fatal(err)
		}
		if _, inside := parsed.Encapsulated(); inside {
			t.Error("the signature is not detached")
		}
		if last, err = parsed.Verify(documents[i]); err != nil {
			t.Fatal(err)
		}
	}
	return last
}

// A key file is opened, in the encryption of today and in that of the authority; what the person sees is right, and the
// server accepts the signature.
func TestOpenAndSign(t *testing.T) {
	dir := folder(t, head())
	for name, args := range map[string][]string{
		"today's":      nil,
		"triple DES":   {"-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"},
		"authority's":  {"-legacy", "-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-RC2-40", "-macalg", "sha1"},
		"AES 128, SHA": {"-keypbe", "AES-128-CBC", "-certpbe", "AES-128-CBC", "-macalg", "sha512"},
	} {
		var s session
		file, password := export(t, dir, args...), []byte(secret)
		o := s.open(file, password, expected{IIN: head().IIN, BIN: head().BIN, At: clock()})
		if o.Refusal != "" || o.Warning != "" {
			t.Fatalf("%s: %+v", name, o)
		}
		want := certificate{
			Name: "Үлгібаев Ерлан Маратұлы", IIN: head().IIN, Organisation: "«Үлгі Сауда» ЖШС", BIN: head().BIN, Email: "ulgibaev@example.kz",
			Issuer: "DEMO ELICENSE demo-issuing — NOT A REAL AUTHORITY", Algorithm: "RSA-SHA256",
			NotBefore: clock().Add(-time.Hour), NotAfter: clock().AddDate(0, 0, 365),
		}
		if *o.Certificate != want {
			t.Errorf("%s: shown\n%+v\nwant\n%+v", name, *o.Certificate, want)
		}
		if len(bytes.Trim(file, "\x00")) != 0 || len(bytes.Trim(password, "\x00")) != 0 {
			t.Errorf("%s: file or password are still in memory", name)
		}
		key, ok := s.identity.Key.(*rsa.PrivateKey)
		signed, reason := s.sign(documents, clock())
		if reason != "" || !ok {
			t.Fatalf("%s: %s", name, reason)
		}
		v := verified(t, signed)
		if !v.SigningTime.Equal(clock()) || v.Algorithm != "RSA-SHA256" {
			t.Errorf("%s: %+v", name, v)
		}
		if key.D.Sign() != 0 || key.Primes[0].Sign() != 0 {
			t.Errorf("%s: the key is still in memory", name)
		}
		if _, reason := s.sign(documents, clock()); reason != keyClosed {
			t.Errorf("%s: one opening signs twice: %q", name, reason)
		}
	}
}

// Whatever is wrong has its own reason.
func TestRefusals(t *testing.T) {
	dir := folder(t, head())
	good := export(t, dir)
	cut := good[:len(good)/2]
	login := selfSigned(t, func(c *x509.Certificate) {
		c.KeyUsage, c.ExtKeyUsage = x509.KeyUsageDigitalSignature|x509.KeyUsageKeyEncipherment, []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	})
	system := selfSigned(t, func(c *x509.Certificate) {
		c.KeyUsage, c.ExtKeyUsage = x509.KeyUsageContentCommitment, []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}
	})
	authority := selfSigned(t, func(c *x509.Certificate) { c.IsCA, c.BasicConstraintsValid = true, true })
	for _, c := range []struct {
		what     string
		file     []byte
		password string
		expected expected
		refusal  string
		warning  string
		shown    bool
	}{
		{"the control", good, secret, expected{IIN: head().IIN, BIN: head().BIN}, "", "", true},
		{"wrong password", good, "Құпия сөз 2", expected{}, keyPassword, "", false},
		{"no password", good, "", expected{}, keyPassword, "", false},
		{"no key", export(t, dir, "-nokeys"), secret, expected{}, keyNoKey, "", false},
		{"half a file", cut, secret, expected{}, keyNotP12, "", false},
		{"nothing", nil, secret, expected{}, keyNotP12, "", false},
		{"PEM", must(os.ReadFile(filepath.Join(dir, "key.pem"))), secret, expected{}, keyNotP12, "", false},
		{"a picture", []byte("\x89PNG\r\n\x1a\n"), secret, expected{}, keyNotP12, "", false},
		{"too large", make([]byte, cms.MaxIdentity+1), secret, expected{}, keyTooLarge, "", false},
		{"without a seal", export(t, dir, "-nomac"), secret, expected{}, keyNotP12, "", false},
		{"a key for logging in", export(t, login), secret, expected{}, cms.KeyUsage, "", true},
		{"a key of no person", export(t, system), secret, expected{}, cms.KeyNoIIN, "", true},
		{"an authority's key", export(t, authority), secret, expected{}, cms.KeyAuthorityKey, "", true},
		{"expired", good, secret, expected{At: clock().AddDate(2, 0, 0)}, keyExpired, "", true},
		{"not valid yet", good, secret, expected{At: clock().AddDate(-1, 0, 0)}, keyEarly, "", true},
		{"another person's", good, secret, expected{IIN: "900514400011", BIN: head().BIN}, "", keyOtherPerson, true},
		{"of an organisation, for oneself", good, secret, expected{IIN: head().IIN}, "", keyOtherEntity, true},
		{"nobody is named", good, secret, expected{}, "", "", true},
	} {
		if c.expected.At.IsZero() {
			c.expected.At = clock()
		}
		var s session
		o := s.open(bytes.Clone(c.file), []byte(c.password), c.expected)
		if o.Refusal != c.refusal || o.Warning != c.warning || (o.Certificate != nil) != c.shown {
			t.Errorf("%s: %+v", c.what, o)
		}
		_, reason := s.sign(documents, clock())
		if signs := reason == ""; signs != (c.refusal == "") {
			t.Errorf("%s: signs: %v (%s)", c.what, signs, reason)
		}
	}
}

// Every suite signs, and afterwards the key is gone.
func TestSuites(t *testing.T) {
	for name, curve := range map[string]*gost.Curve{"GOST2015-512": gost.Curve512A(), "GOST2015-256": gost.Curve256A(), "GOST2004-GOST94": gost.CurveCryptoProA()} {
		s := session{identity: national(t, curve)}
		if got := algorithm(s.identity); got != name {
			t.Errorf("%s is called %q", name, got)
		}
		key := s.identity.Key.(*gost.PrivateKey)
		signed, reason := s.sign(documents, clock())
		if reason != "" {
			t.Fatalf("%s: %s", name, reason)
		}
		if v := verified(t, signed); v.Algorithm != name {
			t.Errorf("%s: %s", name, v.Algorithm)
		}
		if len(bytes.Trim(key.Bytes(), "\x00")) != 0 {
			t.Errorf("%s: the key is still in memory", name)
		}
	}
}

// The public test keys of the National Certification Authority open, show their owners and sign.
func TestNCAKeys(t *testing.T) {
	nca := os.Getenv("ELICENSE_NCA_FOLDER")
	if nca == "" {
		t.Skip("ELICENSE_NCA_FOLDER does not name the folder with the authority's test keys (test/keys/*.p12)")
	}
	files := must(filepath.Glob(filepath.Join(nca, "test/keys/*.p12")))
	if len(files) < 5 {
		t.Fatalf("%d keys", len(files))
	}
	for _, name := range files {
		at := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
		var s session
		o := s.open(must(os.ReadFile(name)), []byte("Qwerty12"), expected{At: at})
		if filepath.Base(name) == "information-system.p12" {
			if o.Refusal != cms.KeyUsage { // an information system's key signs no mail
				t.Errorf("%s: %+v", filepath.Base(name), o)
			}
			continue
		}
		if o.Certificate == nil {
			t.Fatalf("%s: %+v", filepath.Base(name), o)
		}
		if o.Refusal == keyExpired || o.Refusal == keyEarly { // the authority makes them anew every year
			at = o.Certificate.NotBefore.Add(time.Hour)
			o = s.open(must(os.ReadFile(name)), []byte("Qwerty12"), expected{At: at})
		}
		c := o.Certificate
		if o.Refusal != "" || c.Name == "" || len(c.IIN) != 12 || c.Algorithm != "GOST2015-512" || !c.NotAfter.After(c.NotBefore) {
			t.Errorf("%s: %+v %+v", filepath.Base(name), o, c)
			continue
		}
		signed, reason := s.sign(documents, at)
		if reason != "" {
			t.Fatalf("%s: %s", filepath.Base(name), reason)
		}
		verified(t, signed)
	}
}

// The page has words for every reason that this program names.
func TestEveryReasonHasWords(t *testing.T) {
	source := must(os.ReadFile("session.go"))
	found := regexp.MustCompile(`"(signer\.[a-z0-9-]+)"`).FindAllStringSubmatch(string(source), -1)
	if len(found) < 10 {
		t.Fatalf("%d reasons", len(found))
	}
	keys := []string{cms.KeySubject, cms.KeyNoIIN, cms.KeyBadBIN, cms.KeyRole, cms.KeyUsage, cms.KeyAuthorityKey, cms.KeyCriticalField}
	for _, m := range found {
		keys = append(keys, m[1])
	}
	for _, key := range keys {
		if !slices.Contains(signer.Words(), key) {
			t.Errorf("the page has no words for %s", key)
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte{0x30, 0x03, 0x02, 0x01, 0x03}, []byte(secret))
	f.Add([]byte{}, []byte{})
	f.Fuzz(func(t *testing.T, file, password []byte) {
		var s session
		o := s.open(file, password, expected{At: clock()})
		if o.Refusal == "" && o.Certificate == nil {
			t.Error("neither certificate nor reason")
		}
		if _, reason := s.sign(documents, clock()); (reason == "") != (o.Refusal == "") {
			t.Error("signs with a key that was refused, or not with one that was taken")
		}
	})
}
