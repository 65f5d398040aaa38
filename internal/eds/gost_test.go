package eds

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"os"
	"path/filepath"
	"testing"
	"time"

	"elicense/internal/cms"
	"elicense/internal/fault"
	"elicense/internal/gost"
	"elicense/internal/port"
)

// kind is a family of keys and how it signs certificates and lists.
type kind struct {
	name      string // of the suite
	signature asn1.ObjectIdentifier
	curve     *gost.Curve // nil for RSA
}

func kinds() []kind {
	return []kind{
		{"GOST2015-512", asn1.ObjectIdentifier{1, 2, 398, 3, 10, 1, 1, 2, 3, 2}, gost.Curve512A()},
		{"GOST2015-256", asn1.ObjectIdentifier{1, 2, 398, 3, 10, 1, 1, 2, 3, 1}, gost.Curve256A()},
		{"GOST2004-GOST94", asn1.ObjectIdentifier{1, 2, 398, 3, 10, 1, 1, 1, 2}, gost.CurveCryptoProA()},
		{"RSA-SHA256", asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}, nil},
	}
}

// keyPair is a key of one kind.
type keyPair struct {
	kind
	signer crypto.Signer
	spki   []byte
}

func newKey(k kind, spare *rsa.PrivateKey) keyPair {
	if k.curve == nil {
		return keyPair{k, spare, must(x509.MarshalPKIXPublicKey(spare.Public()))}
	}
	key := must(gost.GenerateKey(k.curve, rand.Reader))
	spki, ok := gost.MarshalPublicKey(key.PublicKey())
	if !ok {
		panic("no identifiers")
	}
	return keyPair{k, key, spki}
}

// resign replaces the algorithm, the field number at, in what is signed of a certificate or a list, and the public key
// four fields after it, and signs with the key of the issuer: package x509 cannot issue with these keys.
func (p keyPair) resign(tbs []byte, at int, spki []byte) []byte {
	var fields []asn1.RawValue
	must(asn1.Unmarshal(tbs, &fields))
	algorithm := must(asn1.Marshal(struct {
		ID   asn1.ObjectIdentifier
		Null asn1.RawValue
	}{p.signature, asn1.NullRawValue}))
	fields[at] = asn1.RawValue{FullBytes: algorithm}
	if spki != nil {
		fields[at+4] = asn1.RawValue{FullBytes: spki}
	}
	signed := must(asn1.Marshal(fields))
	var signature []byte
	for _, s := range cms.Suites() {
		if s.Name() == p.name {
			signature = must(s.Sign(p.signer, signed))
		}
	}
	return must(asn1.Marshal([]asn1.RawValue{{FullBytes: signed}, {FullBytes: algorithm}, {FullBytes: must(asn1.Marshal(asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)}))}}))
}

// gostPKI is a pki whose keys are of chosen kinds.
type gostPKI struct {
	*pki
	rootPair, issuingPair, leafPair keyPair
}

func newGOSTPKI(root, issuing, leaf kind) *gostPKI {
	k := keys()
	g := &gostPKI{newPKI(nil), newKey(root, k[0]), newKey(issuing, k[1]), newKey(leaf, k[2])}
	g.root = must(x509.ParseCertificate(g.rootPair.resign(g.root.RawTBSCertificate, 2, g.rootPair.spki)))
	g.issuing = must(x509.ParseCertificate(g.rootPair.resign(g.issuing.RawTBSCertificate, 2, g.issuingPair.spki)))
	return g
}

func (g *gostPKI) leaf(change func(*x509.Certificate)) *x509.Certificate {
	return must(x509.ParseCertificate(g.issuingPair.resign(g.pki.leaf(change).RawTBSCertificate, 2, g.leafPair.spki)))
}

func (g *gostPKI) list(revoked ...x509.RevocationListEntry) []byte {
	parsed := must(x509.ParseRevocationList(g.pki.list(nil, revoked...)))
	return g.issuingPair.resign(parsed.RawTBSRevocationList, 1, nil)
}

func (g *gostPKI) sign(content []byte, c *x509.Certificate) []byte {
	return must(cms.Sign(content, g.leafPair.signer, c, cms.Options{Detached: true, SigningTime: noon}))
}

// Chains of every mixture of kinds: verified, bound to their keys and to their lists.
func TestGOSTChains(t *testing.T) {
	all := kinds()
	for _, c := range [][3]int{{0, 0, 0}, {2, 2, 2}, {1, 1, 1}, {3, 3, 0}, {3, 0, 2}, {2, 0, 0}, {0, 3, 1}, {3, 2, 3}} {
		t.Run(all[c[0]].name+" "+all[c[1]].name+" "+all[c[2]].name, func(t *testing.T) {
			g := newGOSTPKI(all[c[0]], all[c[1]], all[c[2]])
			w := newWorld(t, g.pki, nil)
			good, revoked, content := g.leaf(nil), g.leaf(nil), []byte("content")
			w.place.set(200, g.list(entry(revoked, noon.Add(-time.Hour))))
			if err := w.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
			got, err := w.Verify(t.Context(), content, g.sign(content, good), noon)
			if err != nil || got.Algorithm != all[c[2]].name || got.Revocation != port.RevocationGood || got.Signer.IIN != "850101300012" {
				t.Errorf("%+v, %v", got, err)
			}
			// The same names, identifiers and serial numbers over other keys.
			other := newGOSTPKI(all[c[0]], all[c[1]], all[c[2]])
			other.rootPair = newKey(all[c[0]], keys()[2])
			other.issuingPair = newKey(all[c[1]], keys()[2])
			impostor := other.leaf(nil)
			// A leaf by an authority of another kind with the same identifier.
			foreign := newKey(all[(c[1]+1)%4], keys()[2])
			mixed := must(x509.ParseCertificate(foreign.resign(good.RawTBSCertificate, 2, nil)))
			bent := must(x509.ParseCertificate(bytes.Clone(good.Raw)))
			raw := bytes.Clone(bent.Raw)
			raw[len(raw)-1] ^= 1
			bent = must(x509.ParseCertificate(raw))
			for _, x := range []struct {
				name, want string
				c          *x509.Certificate
				at         time.Time
			}{
				{"revoked", KeyRevoked, revoked, noon},
				{"forged issuer", KeyUntrusted, impostor, noon},
				{"issuer of another kind", cms.KeyAlgorithm, mixed, noon},
				{"changed signature of the issuer", KeyUntrusted, bent, noon},
				{"expired", KeyExpired, good, good.NotAfter.Add(time.Second)},
				{"early", KeyNotYetValid, good, good.NotBefore.Add(-time.Second)},
			} {
				if _, err := w.Verify(t.Context(), content, g.sign(content, x.c), x.at); !fault.Is(err, x.want) {
					t.Errorf("%s: %v, want %s", x.name, err, x.want)
				}
			}
			w.place.set(200, other.list())
			if err := w.Refresh(t.Context()); err == nil {
				t.Error("a list by another key is taken")
			}
		})
	}
}

// An authority whose key is none is an error of the configuration.
func TestAuthorityWithABrokenKey(t *testing.T) {
	k := kinds()[0]
	g := newGOSTPKI(k, k, k)
	spki := bytes.Clone(g.rootPair.spki)
	spki[len(spki)-1] ^= 1
	broken := must(x509.ParseCertificate(g.rootPair.resign(g.root.RawTBSCertificate, 2, spki)))
	if _, err := New(Config{Anchors: Source{Certificates: []*x509.Certificate{broken}}}, time.Now); !fault.Is(err, cms.KeyKeyPoint) {
		t.Error(err)
	}
}

// ncaFolder is where the National Certification Authority's public material lies.
func ncaFolder(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("ELICENSE_NCA_FOLDER")
	if folder == "" {
		t.Skip("ELICENSE_NCA_FOLDER does not name the folder with the authorities' certificates")
	}
	return folder
}

// ncaSource reads certificates of it, some of which are base64 without more.
func ncaSource(t *testing.T, names ...string) Source {
	t.Helper()
	var s Source
	for _, n := range names {
		b := must(os.ReadFile(filepath.Join(ncaFolder(t), n)))
		if bare, err := base64.StdEncoding.DecodeString(string(bytes.TrimSpace(b))); err == nil {
			b = bare
		}
		name := filepath.Join(t.TempDir(), "certificate.cer")
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
		s.Certificates = append(s.Certificates, must(readCertificate(name)))
	}
	return s
}

// The base and the delta list of the NCA's public TEST hierarchy belong together, though they are numbered apart, and
// tell which of its public test keys are revoked.
func TestNCALists(t *testing.T) {
	folder := ncaFolder(t)
	at := time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC)
	v := must(New(Config{
		Environment: "test", Anchors: ncaSource(t, "test/root_test_gost_2022.cer"), Intermediates: ncaSource(t, "test/nca_gost2022_test.cer"),
		Lists: []List{{File: filepath.Join(folder, "test/nca_gost2022_test.crl")}, {File: filepath.Join(folder, "test/nca_gost2022_d_test.crl")}},
	}, func() time.Time { return at }))
	if err := v.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if states := v.Lists(); states[0].Delta || states[0].Number != "14" || !states[1].Delta || states[1].Number != "10" || states[0].Entries < 10 {
		t.Errorf("%+v", states)
	}
	for name, listed := range map[string]bool{"individual": false, "legal-entity-ceo": true, "legal-entity-right-to-sign": true} {
		id := must(cms.ParseIdentity("Qwerty12", must(os.ReadFile(filepath.Join(folder, "test/keys", name+".p12")))))
		got, err := v.Verify(t.Context(), []byte("x"), must(cms.Sign([]byte("x"), id.Key, id.Certificate, cms.Options{Detached: true})), at)
		if listed != fault.Is(err, KeyRevoked) || !listed && (err != nil || got.Revocation != port.RevocationGood || len(got.Evidence[0].DER) != 64) {
			t.Errorf("%s: %s %v %v", name, got.Revocation, got.Evidence, err)
		}
	}
}

// TestNCA verifies the samples of the real tools under the NCA's public TEST hierarchy, and arranges the production one.
func TestNCA(t *testing.T) {
	folder := ncaFolder(t)
	read := func(names ...string) Source { return ncaSource(t, names...) }
	at := time.Date(2026, 7, 20, 12, 0, 0, 0, time.UTC)
	cfg := Config{
		Environment: "test", Anchors: read("test/root_test_gost_2022.cer"), Intermediates: read("test/nca_gost2022_test.cer"),
		Lists: []List{{File: filepath.Join(folder, "test/nca_gost2022_test.crl")}},
	}
	v := must(New(cfg, func() time.Time { return at }))
	if err := v.Refresh(t.Context()); err != nil {
		t.Error(err)
	}
	t.Logf("%+v", v.Lists()[0])
	for _, who := range []string{"individual", "legal_entity"} {
		content := must(os.ReadFile(filepath.Join(folder, "test/cms", who+"_document.txt")))
		for _, form := range []string{"attached", "detached"} {
			signature := must(os.ReadFile(filepath.Join(folder, "test/cms", who+"_"+form+".der")))
			got, err := v.Verify(t.Context(), content, signature, at)
			if err != nil || got.Signer.IIN != "123456789011" || got.Algorithm != "GOST2015-512" {
				t.Errorf("%s %s: %+v, %v", who, form, got.Signer, err)
			}
			t.Logf("%s %s: %+v, revocation %s", who, form, got.Signer, got.Revocation)
		}
	}
	cfg.Environment = Production
	if _, err := New(cfg, time.Now); err == nil {
		t.Error("the TEST hierarchy in production")
	}
	production := Config{
		Environment: Production,
		Anchors: read("production/root-gost-2015.der", "production/root-gost-2020.der", "production/root-gost-2022.der",
			"production/root-rsa-2015.der", "production/root-rsa-2020.der"),
		Intermediates: read("production/nca-gost-2018.der", "production/nca-gost-2022.der", "production/nca-rsa-2018.der", "production/nca-rsa-2022.der",
			"production/ucgo-gost-2022.der", "production/btsd-gost-2019.der"),
	}
	p, err := New(production, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, list := range p.authorities {
		for _, a := range list {
			if a.issuer != nil {
				n++
			}
		}
	}
	if n != 6 {
		t.Errorf("%d issuing authorities below the roots", n)
	}
}
