package eds

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"testing"
	"time"

	"elicense/internal/cms"
)

// A chain is told link by link, whatever is wrong with it.
func TestChain(t *testing.T) {
	p := newPKI(nil)
	w := newWorld(t, p, nil)
	leaf := p.leaf(nil)
	stranger := newGOSTPKI(kinds()[0], kinds()[0], kinds()[0])
	raw := bytes.Clone(leaf.Raw)
	raw[len(raw)-1] ^= 1
	bent := must(x509.ParseCertificate(raw))
	late, early := leaf.NotAfter.Add(time.Second), p.root.NotBefore.Add(-time.Second)
	for _, one := range []struct {
		name      string
		c         *x509.Certificate
		at        time.Time
		links     int
		signature string
		validity  string
	}{
		{"good", leaf, noon, 3, "", ""},
		{"issuing authority", p.issuing, noon, 2, "", ""},
		{"root", p.root, noon, 1, "", ""},
		{"after its time", leaf, late, 3, "", KeyExpired},
		{"before all", leaf, early, 3, "", KeyNotYetValid},
		{"of another root, with other keys", stranger.leaf(nil), noon, 1, cms.KeyAlgorithm, ""},
		{"changed", bent, noon, 1, KeyUntrusted, ""},
	} {
		chain := w.Chain(one.c, one.at)
		if len(chain) != one.links || chain[0].Signature != one.signature || chain[0].Validity != one.validity {
			t.Errorf("%s: %+v", one.name, chain)
			continue
		}
		if chain[len(chain)-1].Anchor != (one.signature == "") || chain[0].Good() != (one.signature == "" && one.validity == "") {
			t.Errorf("%s: %+v", one.name, chain)
		}
	}
	if SelfSigned(leaf) || !SelfSigned(p.root) || SelfSigned(p.issuing) {
		t.Error("who is a root")
	}
}

func FuzzParseCertificate(f *testing.F) {
	der := newPKI(nil).root.Raw
	f.Add(der)
	f.Add(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	f.Add([]byte(base64.StdEncoding.EncodeToString(der)))
	f.Fuzz(func(t *testing.T, in []byte) {
		c, err := ParseCertificate(in)
		if (err == nil) != (c != nil) {
			t.Fatal("neither a certificate nor a reason")
		}
		if c != nil && cms.Fingerprint(c.Raw) == "" {
			t.Fatal("a certificate without bytes")
		}
	})
}
