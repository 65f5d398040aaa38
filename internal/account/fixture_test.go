package account

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"elicense/internal/audit"
	"elicense/internal/civil"
	"elicense/internal/cms"
	"elicense/internal/demo/ca"
	"elicense/internal/eds"
	"elicense/internal/fault"
	"elicense/internal/ident"
	"elicense/internal/party"
	"elicense/internal/port"
	"elicense/internal/sqlstore"
)

// authority is made once: its keys take most of the time.
var authority struct {
	ca     *ca.CA
	key    *rsa.PrivateKey
	known  *eds.Verifier // with a revocation list
	unsure *eds.Verifier // without
}

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "account")
		check(err)
		defer os.RemoveAll(dir)
		authority.ca, err = ca.Open(dir, ca.Options{Now: time.Now})
		check(err)
		authority.key, err = rsa.GenerateKey(rand.Reader, 2048)
		check(err)
		list, err := authority.ca.List()
		check(err)
		file := filepath.Join(dir, "list.crl")
		check(os.WriteFile(file, list, 0o600))
		trust := eds.Config{Environment: "test", Anchors: eds.Source{Certificates: authority.ca.Anchors()}, Intermediates: eds.Source{Certificates: authority.ca.Intermediates()}}
		authority.unsure, err = eds.New(trust, time.Now)
		check(err)
		trust.Lists = []eds.List{{File: file}}
		authority.known, err = eds.New(trust, time.Now)
		check(err)
		check(authority.known.Refresh(context.Background()))
		return m.Run()
	}())
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// world is a clock that tests move, with real chance.
type world struct {
	ahead atomic.Int64
	ids   atomic.Int64
}

func (w *world) Now() time.Time {
	return time.Now().Add(time.Duration(w.ahead.Load())).UTC().Truncate(time.Microsecond)
}
func (w *world) pass(d time.Duration) { w.ahead.Add(int64(d)) }
func (w *world) ID() string {
	return fmt.Sprintf("01990000-0000-7000-8000-%012d", w.ids.Add(1))
}
func (w *world) Random(n int) []byte {
	b := make([]byte, n)
	_, err := rand.Read(b)
	check(err)
	return b
}

// house is the use cases over a database of their own.
type house struct {
	*Accounts
	t     *testing.T
	store *sqlstore.Store
	world *world
}

func open(t *testing.T, set Settings) *house {
	t.Helper()
	store, err := sqlstore.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "test.db"), sqlstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	if err := store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	set.Origin, set.Environment = "https://elicense.example", "test"
	if set.Hash.MemoryKiB == 0 {
		set.Hash = Hash{MemoryKiB: 64, Iterations: 1, AtOnce: 8, Wait: 20 * time.Second}
	}
	w := &world{}
	a, err := New(store, w, authority.known, set)
	if err != nil {
		t.Fatal(err)
	}
	return &house{a, t, store, w}
}

// person is a made-up holder of a key.
func person(serial int) ca.Person {
	for ; ; serial++ {
		if iin, ok := ident.MakeIIN(civil.New(1987, 3, 14), serial%2 == 0, serial); ok {
			return ca.Person{Kind: ca.Individual, IIN: string(iin), Surname: "ҮЛГІЛІ", GivenName: "ДИНА", Patronymic: "САМАТҚЫЗЫ"}
		}
	}
}

func organisation(serial int) string {
	for ; ; serial++ {
		if bin, ok := ident.MakeBIN(2015, 4, '4', '0', serial); ok {
			return string(bin)
		}
	}
}

// forBIN is the same person with a key of an organisation.
func forBIN(p ca.Person, kind ca.Kind, bin string) ca.Person {
	p.Kind, p.BIN, p.Organisation = kind, bin, `"ҮЛГІ САУДА" ЖШС`
	return p
}

func sign(t testing.TB, p ca.Person, c port.Challenge) []byte {
	t.Helper()
	pair, err := authority.ca.IssueOver(authority.key, p)
	if err != nil {
		t.Fatal(err)
	}
	der, err := cms.Sign(c.Content, pair.Key, pair.Certificate, cms.Options{Detached: true, SigningTime: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	return der
}

const (
	goodPassword  = "сегіз түйе 8 жол"
	otherPassword = "тоғыз түйе 9 жол"
)

func filled(p ca.Person) Registration {
	in := Registration{Number: p.IIN, Email: "dina@example.kz", Phone: "8 701 123 45 67", Password: goodPassword, Lang: "kk", Remote: "192.0.2.1"}
	if p.BIN != "" {
		in.Number, in.RepresentativeIIN = p.BIN, p.IIN
	}
	return in
}

func (h *house) start(in Registration) port.Challenge {
	h.t.Helper()
	c, err := h.StartRegistration(h.t.Context(), "browser", in)
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

func (h *house) registered(p ca.Person) party.Account {
	h.t.Helper()
	c := h.start(filled(p))
	a, err := h.FinishRegistration(h.t.Context(), "browser", c.Nonce, sign(h.t, p, c))
	if err != nil {
		h.t.Fatal(err)
	}
	return a
}

// rows gives the audit rows.
func (h *house) rows() []audit.Entry {
	h.t.Helper()
	var out []audit.Entry
	err := h.store.View(h.t.Context(), func(v port.View) error {
		page, err := v.Records().Page(h.t.Context(), "", 1000)
		for _, r := range page {
			e, err := audit.Parse(r.Bytes)
			if err != nil {
				return err
			}
			out = append(out, e)
		}
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return out
}

func (h *house) count(action string) int {
	h.t.Helper()
	n := 0
	for _, e := range h.rows() {
		if e.Action == action {
			n++
		}
	}
	return n
}

func wantFault(t *testing.T, err error, kind fault.Kind, key string) {
	t.Helper()
	if !fault.Is(err, key) || fault.KindOf(err) != kind {
		t.Fatalf("got %v, want %s: %s", err, kind, key)
	}
}

// wantField wants exactly these faults at fields: path, key, path, key...
func wantField(t *testing.T, err error, pairs ...string) {
	t.Helper()
	f, ok := fault.As(err)
	if !ok || len(f.Fields) != len(pairs)/2 {
		t.Fatalf("got %v, want %v", err, pairs)
	}
	for i, field := range f.Fields {
		if field.Path != pairs[2*i] || field.Key != pairs[2*i+1] {
			t.Fatalf("got %v, want %v", err, pairs)
		}
	}
}

func nonce(i int) string { return hex.EncodeToString([]byte(fmt.Sprintf("%016d", i))) }
