package cms

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"elicense/internal/fault"
)

// ncaFolder is where the National Certification Authority's public material lies.
func ncaFolder(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("ELICENSE_NCA_FOLDER")
	if folder == "" {
		t.Skip("ELICENSE_NCA_FOLDER does not name the folder with the authorities' certificates (production/*.der, test/*.cer, test/cms/*)")
	}
	return folder
}

func ncaCertificate(t *testing.T, name string) *x509.Certificate {
	t.Helper()
	der := must(os.ReadFile(name))
	if bare, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(der))); err == nil {
		der = bare
	} else if block, _ := pem.Decode(der); block != nil {
		der = block.Bytes
	}
	return must(x509.ParseCertificate(der))
}

// Every certificate and list of the real hierarchies is by its issuer, told by key identifier and signature.
func TestNCACertificates(t *testing.T) {
	folder := ncaFolder(t)
	var all []*x509.Certificate
	for _, pattern := range []string{"production/*.der", "test/*.cer", "test/cms/*.cer"} {
		for _, name := range must(filepath.Glob(filepath.Join(folder, pattern))) {
			all = append(all, ncaCertificate(t, name))
		}
	}
	if len(all) < 15 {
		t.Fatalf("%d certificates", len(all))
	}
	families := map[string]int{}
	for _, c := range all {
		issuers := 0
		for _, by := range all {
			self := bytes.Equal(c.RawIssuer, c.RawSubject)
			if self && !bytes.Equal(c.Raw, by.Raw) || !self && !bytes.Equal(c.AuthorityKeyId, by.SubjectKeyId) {
				continue
			}
			issuer := NewIssuer(by)
			if err := issuer.CheckIssued(c); err != nil {
				t.Errorf("%s by %s: %v", c.Subject, by.Subject, err)
				continue
			}
			issuers++
			families[issuer.suite.Name()]++
			bent := *c
			bent.Raw = slices.Clone(c.Raw)
			bent.Raw[len(bent.Raw)-1] ^= 1
			if err := issuer.CheckIssued(&bent); err == nil {
				t.Errorf("%s with a changed signature", c.Subject)
			}
		}
		if issuers != 1 {
			t.Errorf("%s has %d issuers", c.Subject, issuers)
		}
	}
	t.Log(families)
	if families[nameGOST2004] < 5 || families[nameGOST2015Size512] < 5 || families["RSA-SHA256"] < 4 {
		t.Errorf("%v", families)
	}
	authority := NewIssuer(ncaCertificate(t, filepath.Join(folder, "test/nca_gost2022_test.cer")))
	for _, name := range []string{"nca_gost2022_test.crl", "nca_gost2022_d_test.crl"} {
		list := must(x509.ParseRevocationList(must(os.ReadFile(filepath.Join(folder, "test", name)))))
		if err := authority.CheckList(list); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The samples of the real tools verify, and none does with one bit changed in what is relied on.
func TestNCASamples(t *testing.T) {
	folder := filepath.Join(ncaFolder(t), "test/cms")
	for _, who := range []string{"individual", "legal_entity"} {
		content := must(os.ReadFile(filepath.Join(folder, who+"_document.txt")))
		signer := ncaCertificate(t, filepath.Join(folder, who+"_signer.cer"))
		for _, form := range []string{"attached", "detached"} {
			in := must(os.ReadFile(filepath.Join(folder, who+"_"+form+".der")))
			v, err := check(in, content)
			if err != nil {
				t.Errorf("%s %s: %v", who, form, err)
				continue
			}
			if v.Algorithm != nameGOST2015Size512 || !v.Certificate.Equal(signer) || v.SigningTime.Year() != 2026 {
				t.Errorf("%s %s: %+v", who, form, v)
			}
			if _, err := SubjectOf(v.Certificate); err != nil {
				t.Errorf("%s: %v", who, err)
			}
			if _, err := check(in, append(slices.Clone(content), 'x')); !fault.Is(err, KeyContentChanged) {
				t.Errorf("%s %s over other content: %v", who, form, err)
			}
			parsed := must(Parse(in))
			end := bytes.Index(in, parsed.signature) + len(parsed.signature)
			accepted := 0
			for i := range in {
				bent := slices.Clone(in)
				bent[i] ^= 1
				got, err := check(bent, content)
				if err != nil {
					continue
				}
				accepted++
				if i < end || !got.Certificate.Equal(signer) || got.Algorithm != v.Algorithm || !got.SigningTime.Equal(v.SigningTime) {
					t.Errorf("%s %s: byte %d changes what is relied on", who, form, i)
				}
			}
			t.Logf("%s %s: %d of %d changed bytes are of the time stamp, which is not signed", who, form, accepted, len(in))
		}
	}
}

// The tokens that the National Certification Authority's service has put into the samples verify, by a certificate of the
// production authority, and none does with one bit changed.
func TestNCAStamps(t *testing.T) {
	folder := ncaFolder(t)
	authority := NewIssuer(ncaCertificate(t, filepath.Join(folder, "production/nca-gost-2022.der")))
	rules := StampRules{Policies: []string{"1.2.398.3.3.2.6.4"}}
	found := 0
	for _, name := range must(filepath.Glob(filepath.Join(folder, "test/cms/*.der"))) {
		signature := must(Parse(must(os.ReadFile(name))))
		token, err := signature.Stamp()
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if token == nil {
			continue
		}
		found++
		got, err := token.Verify(signature.Value(), rules)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got.Algorithm != nameGOST2015Size512 || got.Time.Year() != 2026 || authority.CheckIssued(got.Certificate) != nil {
			t.Errorf("%s: %+v", name, got)
		}
		if _, err := token.Verify([]byte("another"), rules); !fault.Is(err, KeyStampImprint) {
			t.Errorf("%s over another signature: %v", name, err)
		}
		for i := range token.DER() {
			bent := slices.Clone(token.DER())
			bent[i] ^= 1
			if again, err := ParseStamp(bent); err == nil {
				if _, err := again.Verify(signature.Value(), rules); err == nil {
					t.Errorf("%s: byte %d of the token may be changed", name, i)
				}
			}
		}
	}
	if found == 0 {
		t.Error("no sample has a time stamp")
	}
}
