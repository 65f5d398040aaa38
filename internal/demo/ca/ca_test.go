package ca

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"elicense/internal/cms"
	"elicense/internal/eds"
	"elicense/internal/fault"
	"elicense/internal/port"
)

var aigul = Person{Kind: Individual, IIN: "850101400015", Surname: "ҮЛГІЛІ", GivenName: "АЙГҮЛ", Patronymic: "САМАТҚЫЗЫ", Email: "aigul@example.kz"}

func open(t testing.TB, dir string) *CA {
	t.Helper()
	c, err := Open(dir, Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func issue(t testing.TB, c *CA, p Person) KeyPair {
	t.Helper()
	pair, err := c.Issue(p)
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

// verifier trusts the authority by its folders and reads its list over HTTP.
func verifier(t testing.TB, c *CA) *eds.Verifier {
	t.Helper()
	server := httptest.NewServer(c.Handler())
	t.Cleanup(server.Close)
	v, err := eds.New(eds.Config{
		Environment: "demo", Anchors: eds.Source{Folder: c.AnchorsFolder()}, Intermediates: eds.Source{Folder: c.IntermediatesFolder()},
		Lists: []eds.List{{URL: server.URL + ListPath}},
	}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestEveryKindPassesTheVerifier(t *testing.T) {
	c := open(t, t.TempDir())
	v := verifier(t, c)
	entity := func(k Kind) Person {
		p := aigul
		p.Kind, p.BIN, p.Organisation = k, "200140000015", "ТОО «ҮЛГІ»"
		return p
	}
	proprietor := aigul
	proprietor.Kind = SoleProprietor
	for _, one := range []struct {
		p     Person
		roles []port.SignerRole
	}{
		{aigul, []port.SignerRole{port.RoleIndividual}},
		{proprietor, []port.SignerRole{port.RoleIndividual}},
		{entity(Head), []port.SignerRole{port.RoleLegalEntity, port.RoleHead}},
		{entity(RightToSign), []port.SignerRole{port.RoleLegalEntity, port.RoleRightToSign}},
		{entity(Employee), []port.SignerRole{port.RoleLegalEntity, port.RoleEmployee}},
	} {
		pair := issue(t, c, one.p)
		der, err := cms.Sign([]byte("content"), pair.Key, pair.Certificate, cms.Options{Detached: true})
		if err != nil {
			t.Fatal(err)
		}
		got, err := v.Verify(t.Context(), []byte("content"), der, time.Now())
		if err != nil {
			t.Errorf("%s: %v", one.p.Kind, err)
			continue
		}
		s := got.Signer
		if !slices.Equal(s.Roles, one.roles) || s.IIN != one.p.IIN || s.BIN != one.p.BIN || s.Surname != one.p.Surname || s.GivenName != one.p.GivenName ||
			s.Patronymic != one.p.Patronymic || s.Organisation != one.p.Organisation || s.Email != one.p.Email || got.Revocation != port.RevocationGood {
			t.Errorf("%s: %+v %s", one.p.Kind, s, got.Revocation)
		}
		if !cms.IsDemo(pair.Certificate) {
			t.Errorf("%s: not marked", one.p.Kind)
		}
	}
}

// The command documented at the top of the package, run with the openssl binary.
func TestOpenSSLSignsForTheVerifier(t *testing.T) {
	binary, err := exec.LookPath("openssl")
	if err != nil {
		t.Fatal("the openssl binary is needed: ", err)
	}
	dir := t.TempDir()
	c := open(t, dir)
	pair := issue(t, c, aigul)
	v := verifier(t, c)
	content := []byte("{\"schema\":\"elicense-signature/1\"}\nwith a line break\r\n")
	document, out := filepath.Join(dir, "document.json"), filepath.Join(dir, "document.cms")
	if err := os.WriteFile(document, content, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{"DER", "PEM"} {
		for _, attached := range []bool{false, true} {
			arguments := []string{"cms", "-sign", "-cades", "-md", "sha256", "-binary", "-in", document,
				"-signer", filepath.Join(dir, "people", pair.Name+".pem"), "-inkey", filepath.Join(dir, "people", pair.Name+".key.pem"), "-outform", form, "-out", out}
			if attached {
				arguments = append(arguments, "-nodetach")
			}
			if said, err := exec.Command(binary, arguments...).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, said)
			}
			signature, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			got, err := v.Verify(t.Context(), content, signature, time.Now())
			if err != nil || got.Signer.IIN != aigul.IIN {
				t.Errorf("%s, attached %v: %+v %v", form, attached, got.Signer, err)
			}
			if _, err := v.Verify(t.Context(), append(slices.Clone(content), ' '), signature, time.Now()); !fault.Is(err, cms.KeyContentChanged) {
				t.Errorf("%s, attached %v, other content: %v", form, attached, err)
			}
		}
	}
}

// And the other way round: openssl verifies what this program signs.
func TestOpenSSLVerifiesOurs(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir)
	pair := issue(t, c, aigul)
	der, err := cms.Sign([]byte("content"), pair.Key, pair.Certificate, cms.Options{Detached: true, SigningTime: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	var authorities []byte
	for _, certificate := range append(c.Anchors(), c.Intermediates()...) {
		authorities = append(authorities, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw})...)
	}
	said, err := exec.Command("openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", write("x.cms", der), "-content", write("x", []byte("content")),
		"-CAfile", write("authorities.pem", authorities), "-out", filepath.Join(dir, "out")).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
}

func TestTheFolderOutlastsARestart(t *testing.T) {
	dir := t.TempDir()
	first := open(t, dir)
	pair := issue(t, first, aigul)
	second := open(t, dir)
	again := issue(t, second, aigul)
	if !again.Certificate.Equal(pair.Certificate) || !second.Anchors()[0].Equal(first.Anchors()[0]) || !second.Intermediates()[0].Equal(first.Intermediates()[0]) {
		t.Fatal("a restart makes other keys")
	}
	renamed := aigul
	renamed.Surname = "БАСҚА"
	if issue(t, second, renamed).Certificate.Equal(pair.Certificate) {
		t.Fatal("a person with another name keeps the certificate")
	}
	info, err := os.Stat(filepath.Join(dir, "people", pair.Name+".key.pem"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the key file: %v %v", info.Mode(), err)
	}
	if err := os.WriteFile(filepath.Join(dir, "authority", "demo-root.key.pem"), []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, Options{Now: time.Now}); err == nil {
		t.Fatal("a damaged authority is replaced silently")
	}
}

func TestRevoke(t *testing.T) {
	dir := t.TempDir()
	clock := time.Now()
	c, err := Open(dir, Options{Now: func() time.Time { return clock }})
	if err != nil {
		t.Fatal(err)
	}
	pair := issue(t, c, aigul)
	v := verifier(t, c)
	der, err := cms.Sign([]byte("content"), pair.Key, pair.Certificate, cms.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Verify(t.Context(), []byte("content"), der, clock); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := c.Revoke(pair.Certificate); err != nil {
			t.Fatal(err)
		}
	}
	if err := v.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Verify(t.Context(), []byte("content"), der, clock); !fault.Is(err, eds.KeyRevoked) {
		t.Fatalf("after the revocation: %v", err)
	}
	reopened := open(t, dir)
	if len(reopened.revoked) != 1 {
		t.Fatalf("%d revocations after a restart", len(reopened.revoked))
	}
	fresh := issue(t, reopened, aigul)
	if fresh.Certificate.Equal(pair.Certificate) {
		t.Fatal("a revoked certificate is given out again")
	}
	a, err := c.List()
	if err != nil {
		t.Fatal(err)
	}
	clock = clock.Add(listFor)
	b, err := c.List()
	if err != nil || slices.Equal(a, b) {
		t.Fatalf("the list is not renewed: %v", err)
	}
}

func TestPeopleWhoCannotBe(t *testing.T) {
	c := open(t, t.TempDir())
	for name, change := range map[string]func(*Person){
		"no kind":               func(p *Person) { p.Kind = "" },
		"short iin":             func(p *Person) { p.IIN = "12345" },
		"path as iin":           func(p *Person) { p.IIN = "../../../abc" },
		"individual with a bin": func(p *Person) { p.BIN = "200140000015" },
		"head without a bin":    func(p *Person) { p.Kind = Head },
		"nameless":              func(p *Person) { p.Surname = "" },
	} {
		p := aigul
		change(&p)
		if _, err := c.Issue(p); err == nil {
			t.Errorf("%s: issued", name)
		}
		if _, err := c.IssueOver(c.root.Key, p); err == nil {
			t.Errorf("%s: issued over a key", name)
		}
	}
}

func TestProductionRefusesIt(t *testing.T) {
	c := open(t, t.TempDir())
	sources := []eds.Source{{Folder: c.AnchorsFolder()}, {Folder: c.IntermediatesFolder()}}
	for _, one := range append(c.Anchors(), c.Intermediates()...) {
		sources = append(sources, eds.Source{Certificates: []*x509.Certificate{one}})
	}
	for _, s := range sources {
		if _, err := eds.New(eds.Config{Environment: eds.Production, Anchors: s}, time.Now); err == nil {
			t.Error("production trusts the demonstration authority")
		}
	}
}

func BenchmarkIssueOver(b *testing.B) {
	c := open(b, b.TempDir())
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	i := 0
	for b.Loop() {
		p := aigul
		p.IIN = fmt.Sprintf("%012d", i)
		if _, err := c.IssueOver(key, p); err != nil {
			b.Fatal(err)
		}
		i++
	}
}
