package sqlstore

import (
	"context"
	"fmt"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"elicense/internal/application"
	"elicense/internal/audit"
	"elicense/internal/charge"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/ledger"
	"elicense/internal/party"
	"elicense/internal/permit"
	"elicense/internal/port"
)

// everyInsert lists every plain INSERT that there is, with values that differ from unit to unit.
func everyInsert(i int) *unit {
	u := &unit{}
	id := fmt.Sprint("id-", i, " 'ә'")
	at := time.UnixMicro(1_770_000_000_000_000 + int64(i)).UTC()
	p := party.Party{ID: id, Number: id, Kind: party.Individual, Name: "n" + id, Profile: map[string]string{"k": id}, Version: i, CreatedAt: at}
	u.Accounts().AddParty(p)
	u.Accounts().AddAccount(party.Account{ID: id, Party: p, IIN: id, Version: i, CreatedAt: at})
	u.Keys().AddChallenge(port.Challenge{Nonce: id, Content: []byte{0, byte(i)}, ExpiresAt: at})
	u.Keys().UseChallenge(id, at)
	u.Applications().Add(application.Application{Number: id, Party: id, Account: id, State: application.Draft, Version: 1, CreatedAt: at, Journal: i})
	u.Applications().Change(application.Application{Number: id, Party: id, Account: id, State: application.Issued, Version: 1, CreatedAt: at, Journal: i + 1})
	sign := port.StoredSignature{ID: id, Application: id, Content: []byte(id), Signature: port.Signature{CMS: []byte{byte(i)}, At: at, NotAfter: at}}
	u.Applications().Sign(sign)
	sign.ID, sign.Application, sign.Content = id+"r", "", nil
	sign.Purpose, sign.Signature.Unstamped = id, true
	sign.Signature.Evidence = []port.Evidence{{Kind: port.EvidenceTimestamp, DER: []byte(id), At: at}, {Kind: port.EvidenceList, At: at}}
	u.Applications().Sign(sign)
	u.Applications().Happen(application.Happening{ID: id, Application: id, At: at})
	u.Documents().Add(port.StoredDocument{ID: id, Party: id, Size: int64(i), CreatedAt: at})
	u.Invoices().Add(charge.Invoice{ID: id, Application: id, Party: id, Amount: 5, State: charge.Due, CreatedAt: at})
	u.Invoices().Notice(charge.Notice{ID: id, Invoice: id, Amount: 5, At: at})
	u.Ledger().Take(ledger.Entry{Quota: "q", Application: id, Amount: 1})
	u.Permits().Add(permit.Permit{Number: id, Application: id, Party: id, From: civil.Date{Year: 2026, Month: 1, Day: 1 + i}, IssuedAt: at})
	u.Permits().AddFile(permit.File{Permit: id, Lang: "kk", Digest: id, Size: int64(i), MadeAt: at})
	u.Records().Audit(audit.Entry{ID: id, Salt: []byte{1}, At: at})
	u.Keys().Remember(port.Idempotent{Key: id, Actor: id, At: at})
	return u
}

// everything reads back what everyInsert wrote.
func everything(t *testing.T, s *Store, i int) []any {
	t.Helper()
	ctx, id := context.Background(), fmt.Sprint("id-", i, " 'ә'")
	v := view{s.engine}
	var all []any
	add := func(x any, err error) {
		t.Helper()
		if err != nil {
			t.Errorf("%T: %v", x, err)
		}
		all = append(all, x)
	}
	a, err := v.Accounts().Account(ctx, id)
	add(a, err)
	c, err := v.Keys().Challenge(ctx, id)
	add(c, err)
	app, err := v.Applications().Application(ctx, id)
	add(app, err)
	g, err := v.Applications().Signatures(ctx, id)
	add(g, err)
	none, err := unbound(ctx, v.db, id)
	add(none, err)
	h, err := v.Applications().Happenings(ctx, id)
	add(h, err)
	d, err := v.Documents().Document(ctx, id)
	add(d, err)
	inv, err := v.Invoices().Invoice(ctx, id)
	add(inv, err)
	n, err := v.Invoices().Noticed(ctx, id)
	add(n, err)
	q, _, err := v.Ledger().Quota(ctx, "q")
	add(q, err)
	p, err := v.Permits().Permit(ctx, id)
	add(p, err)
	f, err := v.Permits().Documents().Files(ctx, id)
	add(f, err)
	r, err := v.Records().Page(ctx, "", 100)
	add(r, err)
	k, _, err := v.Keys().Idempotent(ctx, id, id)
	add(k, err)
	return all
}

// unbound tells how many signatures without an application a purpose has.
func unbound(ctx context.Context, db querier, purpose string) (int, error) {
	n, _, err := find(ctx, db, scalar[int], `SELECT COUNT(*) FROM signature WHERE application IS NULL AND purpose = $1`, purpose)
	return n, err
}

// A mixed group leaves in PostgreSQL what the same units leave in SQLite one after the other.
func TestMixedGroup(t *testing.T) {
	pg, _ := startPostgres(t, nil)
	lite := openMigrated(t, filepath.Join(t.TempDir(), "e.db"), Options{})
	ctx := context.Background()
	for _, s := range []*Store{pg, lite} {
		if err := s.Update(ctx, func(tx port.Tx) error {
			tx.Write().Ledger().SetTotal(ledger.Quota{ID: "q", Total: 4})
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	group := func(from, to int) (g []*pending) {
		for i := from; i < to; i++ {
			g = append(g, &pending{unit: everyInsert(i), result: make(chan error, 1)})
		}
		return g
	}
	e := pg.engine.(*postgresEngine)
	first := group(0, 3)
	mixed, ok := e.merger.mix(first)
	// The quota's statements stay single, because they compute with what is left; two signatures in a row become one statement,
	// and so do two pieces of evidence and the three words of a name.
	if want := len(first[0].list) + 2 - 2 - 2; !ok || len(mixed) != want {
		t.Fatalf("mixed %v into %d statements, want %d", ok, len(mixed), want)
	}
	// The second group holds one unit more than the quota has: it fails as a whole and is then judged unit by unit.
	for _, g := range [][]*pending{first, group(3, 5)} {
		e.applyGroup(g)
		for i, p := range g {
			err := <-p.result
			if err != nil && (len(g) != 2 || i != 1 || !fault.Is(err, keyRace)) {
				t.Errorf("unit %d of %d: %v", i, len(g), err)
			}
		}
	}
	for i := range 4 {
		if err := lite.engine.apply(ctx, everyInsert(i)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 4 {
		if a, b := everything(t, pg, i), everything(t, lite, i); !reflect.DeepEqual(a, b) {
			t.Errorf("unit %d:\n%+v\n%+v", i, a, b)
		}
	}
	if hasParty(t, pg, "id-4 'ә'") {
		t.Error("the unit that failed left something")
	}
}

func TestWhatIsNotMixed(t *testing.T) {
	m := &merger{}
	unitOf := func(g func(*unit)) *pending {
		u := &unit{}
		g(u)
		return &pending{unit: u}
	}
	insert := func(u *unit) { u.Records().Audit(audit.Entry{ID: "x"}) }
	use := func(u *unit) { u.Keys().UseChallenge("x", time.Time{}) }
	take := func(u *unit) { u.Ledger().Take(ledger.Entry{Quota: "q"}) }
	cases := []struct {
		name string
		a, b func(*unit)
		want int
	}{
		{"inserts", insert, insert, 1},
		{"guarded", use, use, 1},
		{"different statements", insert, use, 2},
		{"one longer", insert, func(u *unit) { insert(u); insert(u) }, 2},
		{"upserts", func(u *unit) { u.Sessions().Put(port.Session{}) }, func(u *unit) { u.Sessions().Put(port.Session{}) }, 2},
		{"deletes", func(u *unit) { u.Sessions().Delete("x") }, func(u *unit) { u.Sessions().Delete("y") }, 2},
		{"attachments", func(u *unit) { u.Applications().Attach("x", application.Attachment{}) },
			func(u *unit) { u.Applications().Attach("x", application.Attachment{}) }, 2},
		{"one quota", take, take, 3},
	}
	for _, c := range cases {
		if list, ok := m.mix([]*pending{unitOf(c.a), unitOf(c.b)}); !ok || len(list) != c.want {
			t.Errorf("%s: %v, %d statements, want %d", c.name, ok, len(list), c.want)
		}
	}
	other := func(u *unit) { take(u); insert(u) }
	if _, ok := m.mix([]*pending{unitOf(take), unitOf(other)}); ok {
		t.Error("two kinds of units that take from quotas lost their order")
	}
}

// Two units of one group that want the same row: the first has it, the second has the fault of its guard.
func TestMixedGroupOverOneRow(t *testing.T) {
	pg, _ := startPostgres(t, nil)
	ctx := context.Background()
	if err := pg.Update(ctx, func(tx port.Tx) error {
		tx.Write().Keys().AddChallenge(port.Challenge{Nonce: "n"})
		tx.Write().Keys().AddChallenge(port.Challenge{Nonce: "other"})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	var group []*pending
	for _, nonce := range []string{"n", "n", "other"} {
		u := &unit{}
		u.Keys().UseChallenge(nonce, time.UnixMicro(7))
		group = append(group, &pending{unit: u, result: make(chan error, 1)})
	}
	pg.engine.(*postgresEngine).applyGroup(group)
	used := 0
	for i, p := range group {
		switch err := <-p.result; {
		case err == nil:
			used++
		case i == 2 || !fault.Is(err, "store.challenge-used"):
			t.Errorf("unit %d: %v", i, err)
		}
	}
	if used != 2 {
		t.Errorf("%d units succeeded, not 2", used)
	}
}

// Within a unit guarded statements stay apart: the second change of a row builds on the first.
func TestCollapse(t *testing.T) {
	m, u := &merger{}, &unit{}
	u.Applications().Dispatched([]string{"a", "b", "c"}, time.UnixMicro(1))
	u.Applications().Change(application.Application{Number: "x", Version: 1})
	u.Applications().Change(application.Application{Number: "x", Version: 2})
	u.Records().Audit(audit.Entry{ID: "a"})
	u.Records().Audit(audit.Entry{ID: "b"})
	if n := len(m.collapse(u.list, false)); n != 4 {
		t.Errorf("%d statements, not 4", n)
	}
	if n := len(m.collapse(u.list, true)); n != 3 {
		t.Errorf("%d statements of a group, not 3", n)
	}
}
