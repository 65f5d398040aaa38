package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"elicense/internal/app"
	"elicense/internal/cms"
	"elicense/internal/demo"
)

// found is what eds verify, cert and chain print, as far as the tests look at it.
type found struct {
	Valid, Good, Demo, Authority        bool
	Reason, Algorithm, Revocation, File string
	Signer                              *struct{ IIN, BIN, Name string }
	SignerReason                        string  `json:"signer_reason"`
	TimeStamp                           *string `json:"time_stamp"`
	Chain                               []struct {
		Anchor                         bool
		Signature, Validity, Algorithm string
	}
	KeyUsage []string `json:"key_usage"`
}

// An authority is made, issues keys of every kind and algorithm, their signatures are verified, and one is revoked.
func TestAuthorityCommands(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "authority")
	in := func(args ...string) []string { return append(args, "--dir", dir) }
	command(t, 1, in("ca", "list")...) // none there yet
	command(t, 0, in("ca", "make")...)
	person := demo.People()[2].Key
	names := []string{"--iin", person.IIN, "--surname", "Үлгі", "--given-name", "Дана"}
	entity := append([]string{"--bin", person.BIN, "--organisation", "«Үлгі» ЖШС"}, names...)
	type issued struct{ Certificate, Key, P12, Algorithm string }
	verify := func(want int, file string, more ...string) found {
		return parsed[found](t, want, append([]string{"eds", "verify", file, "--trust", dir, "--environment", "demo"}, more...)...)
	}
	var last issued
	for _, algorithm := range []string{"rsa", "gost512", "gost256", "gost2004"} {
		for _, kind := range []string{"individual", "head", "right-to-sign", "financial", "hr", "employee"} {
			args := append(in("ca", "issue", "--kind", kind, "--algorithm", algorithm, "--password", "Құпия-1"), entity...)
			if kind == "individual" {
				args = append(in("ca", "issue", "--kind", kind, "--algorithm", algorithm, "--password", "Құпия-1"), names...)
			}
			if algorithm == "rsa" && kind != "head" {
				continue // making these keys takes long
			}
			last = parsed[issued](t, 0, args...)
			b, err := os.ReadFile(last.P12)
			must(t, err)
			id, err := cms.ParseIdentity("Құпия-1", b)
			must(t, err)
			file := filepath.Join(t.TempDir(), "signature")
			signature, err := cms.Sign([]byte("inside"), id.Key, id.Certificate, cms.Options{SigningTime: time.Now()})
			must(t, err)
			must(t, os.WriteFile(file, signature, 0o600))
			v := verify(0, file)
			if !v.Valid || v.Algorithm != last.Algorithm || v.Signer.IIN != person.IIN || len(v.Chain) != 3 || v.TimeStamp != nil {
				t.Errorf("%s %s: %+v", kind, algorithm, v)
			}
			if c := parsed[found](t, 0, "eds", "cert", last.Certificate); !c.Demo || c.Authority || c.Signer == nil || c.Algorithm != last.Algorithm {
				t.Errorf("%s %s: %+v", kind, algorithm, c)
			}
		}
	}
	if c := parsed[found](t, 0, "eds", "cert", parsed[issued](t, 0, in("ca", "issue", "--kind", "system", "--bin", person.BIN, "--organisation", "О", "--system", "Ж")...).Certificate); c.Signer != nil || c.SignerReason != cms.KeyNoIIN {
		t.Errorf("%+v", c)
	}
	// Production trusts none of it.
	if _, text := command(t, 1, "eds", "chain", last.Certificate, "--trust", dir); !strings.Contains(text, "production") {
		t.Error(text)
	}
	chain := func(want int, more ...string) []found {
		return parsed[[]found](t, want, append([]string{"eds", "chain", "--trust", dir, "--environment", "demo"}, more...)...)
	}
	root := filepath.Join(dir, "anchors", "demo-root-gost2004.pem")
	if c := chain(0, last.Certificate, root); len(c) != 2 || !c[0].Good || len(c[0].Chain) != 3 || len(c[1].Chain) != 1 || !c[1].Chain[0].Anchor {
		t.Errorf("%+v", c)
	}
	other := filepath.Join(t.TempDir(), "other")
	command(t, 0, "ca", "make", "--dir", other)
	stranger := parsed[issued](t, 0, append([]string{"ca", "issue", "--dir", other, "--kind", "individual"}, names...)...)
	if c := chain(1, last.Certificate, stranger.Certificate, stranger.Key); !c[0].Good || c[1].Good || c[1].Chain[0].Signature != "signature.untrusted" || c[2].Reason != cms.KeyCertificate {
		t.Errorf("%+v", c)
	}
	if c := chain(1, last.Certificate, "--time", "2001-01-01T00:00:00Z"); c[0].Chain[0].Validity != "signature.not-yet-valid" {
		t.Errorf("%+v", c)
	}
	command(t, 1, in("ca", "revoke", stranger.Certificate)...)
	revokes(t, dir, last.P12, in, verify)
}

// revokes revokes a key and sees its signatures refused.
func revokes(t *testing.T, dir, p12 string, in func(...string) []string, verify func(int, string, ...string) found) {
	t.Helper()
	b, err := os.ReadFile(p12)
	must(t, err)
	id, err := cms.ParseIdentity("Құпия-1", b)
	must(t, err)
	folder := t.TempDir()
	signature, err := cms.Sign([]byte("content"), id.Key, id.Certificate, cms.Options{Detached: true})
	must(t, err)
	file, content := filepath.Join(folder, "signature"), filepath.Join(folder, "content")
	must(t, os.WriteFile(file, signature, 0o600))
	must(t, os.WriteFile(content, []byte("content"), 0o600))
	if v := verify(0, file, "--content", content); v.Revocation != "good" {
		t.Errorf("%+v", v)
	}
	command(t, 0, in("ca", "revoke", strings.TrimSuffix(p12, ".p12")+".pem")...)
	if v := verify(1, file, "--content", content, "--time", app.World().Now().Add(time.Minute).Format(time.RFC3339)); v.Valid || v.Reason != "signature.revoked" {
		t.Errorf("%+v", v)
	}
	must(t, os.RemoveAll(filepath.Join(dir, "lists")))
	if v := verify(1, file, "--content", content); v.Valid || v.Reason != "signature.pending" {
		t.Errorf("without lists: %+v", v)
	}
}

// What a kind does not have, or needs, is named by its flag.
func TestIssueUsage(t *testing.T) {
	dir := t.TempDir()
	for flag, args := range map[string][]string{
		"--iin is needed":         {"--kind", "individual", "--surname", "А", "--given-name", "Б"},
		"--bin is needed":         {"--kind", "head", "--iin", demo.People()[0].Key.IIN, "--surname", "А", "--given-name", "Б", "--organisation", "О"},
		"--bin is not for":        {"--kind", "individual", "--bin", demo.TradeBIN()},
		"--iin: ":                 {"--kind", "individual", "--iin", "850101300019", "--surname", "А", "--given-name", "Б"},
		"--surname is not for":    {"--kind", "system", "--surname", "А"},
		"--kind must be one of":   {"--kind", "minister"},
		"--algorithm must be one": {"--kind", "head", "--algorithm", "gost1994"},
	} {
		if _, text := command(t, 2, append([]string{"ca", "issue", "--dir", dir}, args...)...); !strings.Contains(text, flag) {
			t.Errorf("%v: %s", args, text)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("something was made: %v %v", entries, err)
	}
}

// The authorities of Kazakhstan: each of the production certificates leads to its root, and the samples of the real tools verify
// at their time under the public TEST hierarchy, in no production.
func TestCommandsOnTheAuthoritiesMaterial(t *testing.T) {
	folder := os.Getenv("ELICENSE_NCA_FOLDER")
	if folder == "" {
		t.Skip("ELICENSE_NCA_FOLDER does not name the folder with the authorities' certificates (production/*.der, test/*.cer, test/cms/*)")
	}
	files, err := filepath.Glob(filepath.Join(folder, "production", "*.der"))
	must(t, err)
	all := parsed[[]found](t, 0, append([]string{"eds", "chain", "--trust", filepath.Join(folder, "production"), "--time", "2024-06-01T00:00:00Z"}, files...)...)
	if len(all) != 11 {
		t.Errorf("%d certificates", len(all))
	}
	for i, file := range files {
		want := 2
		if strings.HasPrefix(filepath.Base(file), "root") {
			want = 1
		}
		if len(all[i].Chain) != want || !all[i].Chain[want-1].Anchor {
			t.Errorf("%s: %+v", file, all[i])
		}
		if c := parsed[found](t, 0, "eds", "cert", file); !c.Authority || c.Demo || c.Signer != nil || c.SignerReason != cms.KeyAuthorityKey || c.Algorithm == "" {
			t.Errorf("%s: %+v", file, c)
		}
	}
	test := filepath.Join(folder, "test")
	for _, who := range []string{"individual", "legal_entity"} {
		document := filepath.Join(test, "cms", who+"_document.txt")
		for _, more := range [][]string{{"_attached.der"}, {"_attached.der", "--content", document}, {"_detached.der", "--content", document}} {
			args := append([]string{"eds", "verify", filepath.Join(test, "cms", who+more[0]), "--trust", test, "--time", "2026-07-20T12:00:00Z", "--environment", "test"}, more[1:]...)
			v := parsed[found](t, 1, args...) // the list of the samples has ended, so revocation is unknown today
			if v.Reason != "signature.pending" || v.Signer == nil || v.Signer.IIN != "123456789011" || len(v.Chain) != 3 || v.Algorithm != "GOST2015-512" {
				t.Errorf("%s%s: %+v", who, more[0], v)
			}
		}
	}
	if _, text := command(t, 1, "eds", "chain", "--trust", test, filepath.Join(test, "cms", "individual_signer.cer")); !strings.Contains(text, "TEST hierarchy") {
		t.Error(text)
	}
}
