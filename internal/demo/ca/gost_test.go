package ca

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"elicense/internal/cms"
	"elicense/internal/eds"
	"elicense/internal/fault"
	"elicense/internal/port"
)

const password = "Құпиясөз 1"

// allLists is verifier with the lists of every family.
func allLists(t testing.TB, c *CA) *eds.Verifier {
	t.Helper()
	server := httptest.NewServer(c.Handler())
	t.Cleanup(server.Close)
	cfg := eds.Config{Environment: "demo", Anchors: eds.Source{Folder: c.AnchorsFolder()}, Intermediates: eds.Source{Folder: c.IntermediatesFolder()}}
	for _, path := range c.ListPaths() {
		cfg.Lists = append(cfg.Lists, eds.List{URL: server.URL + path})
	}
	v, err := eds.New(cfg, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	return v
}

func of(k Kind) Person {
	p := aigul
	p.Kind = k
	if k.entity() {
		p.BIN, p.Organisation = "200140000015", "ТОО «ҮЛГІ»"
	}
	if k == System {
		p.IIN, p.Surname, p.GivenName, p.Patronymic, p.Email, p.System = "", "", "", "", "", "Үлгі жүйесі"
	}
	return p
}

// Every kind of holder with a key of every family signs, is told from the others, and is marked. An information system is
// nobody who could sign.
func TestEveryKindWithEveryAlgorithm(t *testing.T) {
	c := open(t, t.TempDir())
	v := allLists(t, c)
	want := map[Kind][]port.SignerRole{
		Individual: {port.RoleIndividual}, SoleProprietor: {port.RoleIndividual}, Head: {port.RoleLegalEntity, port.RoleHead},
		RightToSign: {port.RoleLegalEntity, port.RoleRightToSign}, Financial: {port.RoleLegalEntity, port.RoleFinancial},
		HR: {port.RoleLegalEntity, port.RoleHR}, Employee: {port.RoleLegalEntity, port.RoleEmployee},
	}
	for _, a := range Algorithms() {
		key, err := newKey(a)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range Kinds() {
			pair, err := c.IssueOver(key, of(k))
			if err != nil {
				t.Fatal(a, k, err)
			}
			if !cms.IsDemo(pair.Certificate) || pair.Algorithm() != a {
				t.Errorf("%s %s: not marked, or of %s", a, k, pair.Algorithm())
			}
			der, err := cms.Sign([]byte("content"), pair.Key, pair.Certificate, cms.Options{Detached: true, SigningTime: time.Now()})
			if err != nil {
				t.Fatal(a, k, err)
			}
			got, err := v.Verify(t.Context(), []byte("content"), der, time.Now())
			if k == System {
				if !fault.Is(err, cms.KeyNoIIN) {
					t.Errorf("%s, an information system: %v", a, err)
				}
				continue
			}
			if err != nil || got.Revocation != port.RevocationGood || !slices.Equal(got.Signer.Roles, want[k]) || got.Signer.IIN != aigul.IIN || got.Signer.BIN != of(k).BIN {
				t.Errorf("%s %s: %+v, %v", a, k, got.Signer, err)
			}
		}
	}
}

// A revoked GOST certificate stands on the list of its own authority only, and is not given out again.
func TestRevokeGOST(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir)
	numbers := map[Algorithm]int{}
	for _, a := range []Algorithm{GOST512, GOST256, GOST2004} {
		pair, err := c.IssueAs(aigul, a, "")
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Revoke(pair.Certificate); err != nil {
			t.Fatal(err)
		}
		numbers[branchOf(a)]++
		der, err := cms.Sign([]byte("content"), pair.Key, pair.Certificate, cms.Options{Detached: true})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := allLists(t, c).Verify(t.Context(), []byte("content"), der, time.Now().Add(time.Second)); !fault.Is(err, eds.KeyRevoked) {
			t.Errorf("%s: %v", a, err)
		}
		again, err := open(t, dir).IssueAs(aigul, a, "")
		if err != nil || again.Certificate.Equal(pair.Certificate) {
			t.Errorf("%s: given out again: %v", a, err)
		}
	}
	for _, r := range c.revoked {
		numbers[r.family()]--
	}
	for a, n := range numbers {
		if n != 0 {
			t.Errorf("%s: %d revocations are on another list", a, n)
		}
	}
	foreign := issue(t, open(t, t.TempDir()), aigul)
	if err := c.Revoke(foreign.Certificate); err == nil {
		t.Error("another authority's certificate is revoked")
	}
}

// A key file outlasts a restart, opens with its password only, and is the same person's.
func TestKeyFiles(t *testing.T) {
	dir := t.TempDir()
	first, err := open(t, dir).IssueAs(aigul, GOST512, password)
	if err != nil {
		t.Fatal(err)
	}
	again, err := open(t, dir).IssueAs(aigul, GOST512, password)
	if err != nil || !again.Certificate.Equal(first.Certificate) {
		t.Fatalf("a restart makes another key: %v", err)
	}
	file := filepath.Join(dir, "people", aigul.Name()+"-gost512.p12")
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v %v", info, err)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if id, err := cms.ParseIdentity(password, b); err != nil || !id.Certificate.Equal(first.Certificate) {
		t.Error(err)
	}
	if _, err := open(t, dir).IssueAs(aigul, GOST512, "another"); err == nil {
		t.Error("a file under another password is replaced silently")
	}
	if _, err := open(t, dir).IssueAs(aigul, "gost1994", password); err == nil {
		t.Error("a key of no family")
	}
}

// A folder of an older program, which knew RSA only, keeps its keys and gets the new ones.
func TestAnOlderFolderGainsTheNewAuthorities(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir)
	pair, revoked := issue(t, c, aigul), issue(t, c, of(Head))
	if err := c.Revoke(revoked.Certificate); err != nil {
		t.Fatal(err)
	}
	old := filepath.Join(dir, "authority", "revoked.json")
	b, err := os.ReadFile(old)
	if err != nil {
		t.Fatal(err)
	}
	b = []byte(strings.Replace(string(b), `"rsa"`, `""`, 1)) // written before there were families
	if err := os.WriteFile(old, b, 0o600); err != nil {
		t.Fatal(err)
	}
	removed := 0
	for _, pattern := range []string{"*/*gost*"} {
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if err := os.Remove(f); err != nil {
				t.Fatal(err)
			}
			removed++
		}
	}
	if removed != 8 {
		t.Fatalf("%d files of the GOST authorities", removed)
	}
	next := open(t, dir)
	if !issue(t, next, aigul).Certificate.Equal(pair.Certificate) || !next.Anchors()[0].Equal(c.Anchors()[0]) || len(next.Anchors()) != 3 || len(next.Intermediates()) != 3 {
		t.Error("the old keys are lost")
	}
	if issue(t, next, of(Head)).Certificate.Equal(revoked.Certificate) {
		t.Error("an old revocation is forgotten")
	}
	if _, err := next.IssueAs(aigul, GOST2004, password); err != nil {
		t.Error(err)
	}
}

// Names repeat, keys do not: each root signs its own issuing authority only.
func TestBranchesAreApart(t *testing.T) {
	c := open(t, t.TempDir())
	for i, root := range c.Anchors() {
		for j, below := range c.Intermediates() {
			if err := cms.NewIssuer(root).CheckIssued(below); (err == nil) != (i == j) {
				t.Errorf("%s by %s: %v", below.Subject, root.Subject, err)
			}
		}
		if !strings.Contains(root.Subject.CommonName, "DEMO") || !cms.IsDemo(root) || !cms.IsDemo(c.Intermediates()[i]) {
			t.Errorf("%s is not marked", root.Subject)
		}
	}
}
