package eds

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"elicense/internal/cms"
	"elicense/internal/fault"
	"elicense/internal/port"
)

func TestVerify(t *testing.T) {
	p := newPKI(nil)
	w := newWorld(t, p, nil)
	if err := w.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	content, c := []byte("content"), p.leaf(nil)
	der := p.sign(content, c)
	list := sha256.Sum256(w.place.body)
	for range 2 { // the second time from memory
		got, err := w.Verify(t.Context(), content, pem.EncodeToMemory(&pem.Block{Type: "CMS", Bytes: der}), noon)
		want := port.Signature{
			CMS: der, Digest: cms.Fingerprint(der), Certificate: c.Raw, Fingerprint: cms.Fingerprint(c.Raw), Serial: "3e9", Algorithm: "RSA-SHA256",
			NotBefore: c.NotBefore, NotAfter: c.NotAfter, Revocation: port.RevocationGood, At: noon,
			Signer:   port.Signer{IIN: "850101300012", Surname: "ҮЛГІ", GivenName: "АЙДАР", Roles: []port.SignerRole{port.RoleIndividual}},
			Evidence: []port.Evidence{{Kind: port.EvidenceList, DER: list[:], At: noon.Add(-time.Hour)}},
		}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v, %v", got, err)
		}
	}
	if _, err := w.Verify(t.Context(), []byte("other"), der, noon); !fault.Is(err, cms.KeyContentChanged) {
		t.Errorf("other content: %v", err)
	}
	if _, err := w.Verify(t.Context(), content, make([]byte, cms.WireLimit(len(content))+1), noon); !fault.Is(err, cms.KeyTooLarge) {
		t.Errorf("huge: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.Verify(ended, content, der, noon); err == nil {
		t.Error("an ended context is not heeded")
	}
}

func TestTrust(t *testing.T) {
	p := newPKI(nil)
	w := newWorld(t, p, nil)
	if err := w.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	content := []byte("content")
	good := p.leaf(nil)
	// The same names, key identifiers and serial numbers over other keys: only the signature tells them apart.
	impostor := newPKI(nil)
	impostor.rootKey, impostor.issuingKey = p.leafKey, p.leafKey
	rogue := p.leaf(func(c *x509.Certificate) {
		c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, c.KeyUsage|x509.KeyUsageCertSign
		c.SubjectKeyId = []byte{0xcc, 1, 2, 3}
	})
	below := &pki{rootKey: p.rootKey, issuingKey: p.leafKey, leafKey: p.leafKey, root: p.root, issuing: rogue}
	cases := []struct {
		name, want string
		c          *x509.Certificate
		at         time.Time
	}{
		{"good", "", good, noon},
		{"first instant", "", good, good.NotBefore},
		{"last instant", "", good, good.NotAfter},
		{"early", KeyNotYetValid, good, good.NotBefore.Add(-time.Second)},
		{"late", KeyExpired, good, good.NotAfter.Add(time.Second)},
		{"forged issuer", KeyUntrusted, impostor.leafOver(p.issuing), noon},
		{"issued by an authority that is a leaf's", KeyUntrusted, below.leaf(nil), noon},
		{"an authority as the signer", cms.KeyAuthorityKey, rogue, noon},
		{"an employee's key for logging in", cms.KeyUsage, p.leaf(func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageDigitalSignature }), noon},
		{"nobody", cms.KeyNoIIN, p.leaf(func(c *x509.Certificate) { c.Subject.ExtraNames = c.Subject.ExtraNames[:2] }), noon},
	}
	for _, c := range cases {
		_, err := w.Verify(t.Context(), content, p.sign(content, c.c), c.at)
		if c.want == "" && err != nil || c.want != "" && !fault.Is(err, c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// leafOver makes a leaf that names an issuer but is signed by another key.
func (p *pki) leafOver(issuing *x509.Certificate) *x509.Certificate {
	copied := *issuing
	copied.PublicKey = &p.leafKey.PublicKey
	fake := &pki{issuing: &copied, issuingKey: p.leafKey, leafKey: p.leafKey}
	return fake.leaf(nil)
}

func TestValidityOfAuthorities(t *testing.T) {
	content := []byte("content")
	p := newPKI(func(root, issuing *x509.Certificate) {
		issuing.NotBefore = root.NotBefore.AddDate(-1, 0, 0) // older than its root: allowed
		root.NotAfter = noon.AddDate(0, 1, 0)
	})
	w := newWorld(t, p, nil)
	c := p.leaf(nil)
	if _, err := w.Verify(t.Context(), content, p.sign(content, c), noon); err != nil {
		t.Errorf("an issuing authority older than its root: %v", err)
	}
	if _, err := w.Verify(t.Context(), content, p.sign(content, c), noon.AddDate(0, 2, 0)); !fault.Is(err, KeyChainExpired) {
		t.Errorf("an expired root: %v", err)
	}
}

// The issuing authority alone may be the anchor.
func TestIssuingAuthorityAsAnchor(t *testing.T) {
	p := newPKI(nil)
	w := newWorld(t, p, func(c *Config) {
		c.Anchors, c.Intermediates = Source{Certificates: []*x509.Certificate{p.issuing}}, Source{}
	})
	if err := w.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	got, err := w.Verify(t.Context(), []byte("x"), p.sign([]byte("x"), p.leaf(nil)), noon)
	if err != nil || got.Revocation != port.RevocationGood {
		t.Fatalf("%v %v", got.Revocation, err)
	}
}

func TestConfigurationIsRefused(t *testing.T) {
	p := newPKI(nil)
	other := newPKI(nil)
	other.rootKey = p.leafKey
	demo := newPKI(func(root, _ *x509.Certificate) {
		root.ExtraExtensions = []pkix.Extension{{Id: demoMark, Value: []byte{5, 0}}}
	})
	anchors := Source{Certificates: []*x509.Certificate{p.root}}
	empty := t.TempDir()
	broken := t.TempDir()
	if err := os.WriteFile(filepath.Join(broken, "a.cer"), []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := map[string]Config{
		"no anchor":                  {},
		"an empty folder":            {Anchors: Source{Folder: empty}},
		"no such folder":             {Anchors: Source{Folder: filepath.Join(empty, "nowhere")}},
		"a broken file":              {Anchors: Source{Folder: broken}},
		"a pin without folder":       {Anchors: Source{Pins: []string{cms.Fingerprint(p.root.Raw)}}},
		"a leaf as anchor":           {Anchors: Source{Certificates: []*x509.Certificate{p.leaf(nil)}}},
		"a foreign intermediate":     {Anchors: Source{Certificates: []*x509.Certificate{p.issuing}}, Intermediates: Source{Certificates: []*x509.Certificate{p.issuing}}},
		"a leaf as intermediate":     {Anchors: anchors, Intermediates: Source{Certificates: []*x509.Certificate{p.leaf(nil)}}},
		"demonstration anchor":       {Environment: Production, Anchors: Source{Certificates: []*x509.Certificate{demo.root}}},
		"list without address":       {Anchors: anchors, Lists: []List{{}}},
		"list with both":             {Anchors: anchors, Lists: []List{{URL: "http://crl.example/a", File: "a"}}},
		"list of a strange protocol": {Anchors: anchors, Lists: []List{{URL: "ftp://crl.example/a"}}},
	}
	for name, cfg := range cases {
		if _, err := New(cfg, func() time.Time { return noon }); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	if _, err := New(Config{Environment: Production, Anchors: anchors}, time.Now); err != nil {
		t.Errorf("an ordinary anchor in production: %v", err)
	}
	if _, err := New(Config{Environment: "demo", Anchors: Source{Certificates: []*x509.Certificate{demo.root}}}, time.Now); err != nil {
		t.Errorf("the demonstration anchor in the demonstration: %v", err)
	}
}

// A demonstration leaf is refused in production whoever issued it.
func TestDemonstrationLeafInProduction(t *testing.T) {
	p := newPKI(nil)
	w := newWorld(t, p, func(c *Config) { c.Environment = Production })
	c := p.leaf(func(c *x509.Certificate) { c.ExtraExtensions = []pkix.Extension{{Id: demoMark, Value: []byte{5, 0}}} })
	if _, err := w.Verify(t.Context(), []byte("x"), p.sign([]byte("x"), c), noon); !fault.Is(err, KeyDemo) {
		t.Fatal(err)
	}
}

func TestFolderWithPins(t *testing.T) {
	p := newPKI(nil)
	dir := t.TempDir()
	write := func(name string, b []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("root.cer", p.root.Raw)
	write("issuing.PEM", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.issuing.Raw}))
	write("README.md", []byte("not a certificate"))
	all, err := Source{Folder: dir}.load()
	if err != nil || len(all) != 2 {
		t.Fatalf("%d certificates, %v", len(all), err)
	}
	pin := strings.ToUpper(cms.Fingerprint(p.issuing.Raw))
	pin = pin[:2] + ":" + pin[2:]
	one, err := Source{Folder: dir, Pins: []string{pin}}.load()
	if err != nil || len(one) != 1 || !one[0].Equal(p.issuing) {
		t.Fatalf("%d certificates, %v", len(one), err)
	}
	for name, pins := range map[string][]string{"absent": {strings.Repeat("ab", 32)}, "short": {"abcd"}} {
		if _, err := (Source{Folder: dir, Pins: pins}).load(); err == nil {
			t.Errorf("%s pin is accepted", name)
		}
	}
}

// The NCA's public TEST authorities are known by their fingerprints and by their keys.
func TestPublicTestHierarchyIsRefused(t *testing.T) {
	p := newPKI(nil)
	if err := refuseInProduction(p.root); err != nil {
		t.Fatal(err)
	}
	folder := os.Getenv("ELICENSE_NCA_TEST_FOLDER")
	if folder == "" {
		t.Log("ELICENSE_NCA_TEST_FOLDER is not set: the real certificates were not tried")
		return
	}
	all, err := Source{Folder: folder}.load()
	if err != nil || len(all) != 2 {
		t.Fatalf("%d certificates, %v", len(all), err)
	}
	for _, c := range all {
		if refuseInProduction(c) == nil {
			t.Errorf("%s is trusted", cms.Fingerprint(c.Raw))
		}
		again := *c
		again.Raw = append([]byte{0}, c.Raw...)
		if refuseInProduction(&again) == nil {
			t.Errorf("the key of %s in another certificate is trusted", cms.Fingerprint(c.Raw))
		}
	}
}

func TestMemoryIsBounded(t *testing.T) {
	p := newPKI(nil)
	w := newWorld(t, p, func(c *Config) { c.Remember = 4 })
	var wait sync.WaitGroup
	for range 4 {
		var made [][]byte
		for range 6 {
			made = append(made, p.sign([]byte("x"), p.leaf(nil)))
		}
		wait.Go(func() {
			for range 3 {
				for _, m := range made {
					if _, err := w.Verify(context.Background(), []byte("x"), m, noon); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wait.Wait()
	if n := len(w.known.young) + len(w.known.old); n > 8 {
		t.Fatalf("%d certificates are remembered", n)
	}
}

func BenchmarkVerify(b *testing.B) {
	p := newPKI(nil)
	w := newWorld(b, p, nil)
	if err := w.Refresh(b.Context()); err != nil {
		b.Fatal(err)
	}
	content := []byte(strings.Repeat("0123456789abcdef", 64))
	b.Run("known-certificate", func(b *testing.B) {
		der := p.sign(content, p.leaf(nil))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := w.Verify(b.Context(), content, der, noon); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("new-certificate", func(b *testing.B) {
		signed := make([][]byte, 64)
		for i := range signed {
			signed[i] = p.sign(content, p.leaf(nil))
		}
		b.ReportAllocs()
		i := 0
		for b.Loop() {
			w.known = newMemory(1)
			if _, err := w.Verify(b.Context(), content, signed[i%len(signed)], noon); err != nil {
				b.Fatal(err)
			}
			i++
		}
	})
	b.Run("parallel", func(b *testing.B) {
		w.known = newMemory(100)
		der := p.sign(content, p.leaf(nil))
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := w.Verify(context.Background(), content, der, noon); err != nil {
					b.Error(err)
				}
			}
		})
	})
}

// entry revokes a certificate at a time.
func entry(c *x509.Certificate, at time.Time) x509.RevocationListEntry {
	return x509.RevocationListEntry{SerialNumber: new(big.Int).Set(c.SerialNumber), RevocationTime: at}
}
