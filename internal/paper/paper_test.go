package paper

import (
	"context"
	"crypto/rand"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"elicense/internal/access"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/ident"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/sheet"
	"elicense/internal/sqlstore"
)

type world struct{ ids atomic.Int64 }

func (*world) Now() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }
func (w *world) ID() string   { return fmt.Sprintf("01990000-0000-7000-8000-%012d", w.ids.Add(1)) }
func (*world) Random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}

// blind notes nothing.
type blind struct{}

func (blind) Saw(context.Context, access.Actor, port.Sight) error { return nil }

func open(t *testing.T) *Papers {
	t.Helper()
	store, err := sqlstore.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "test.db"), sqlstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	if err := store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return &Papers{Store: store, World: &world{}, Tables: sheet.Workbooks{}, Witness: blind{}, Start: func(context.Context) error { return nil }, Known: func(body string) bool { return body == "knb" || body == "moh" }}
}

// bin is a possible BIN of the generator.
func bin(t *testing.T) string {
	for serial := 1; serial < 100; serial++ {
		if n, ok := ident.MakeBIN(2021, 3, '4', '0', serial); ok {
			return string(n)
		}
	}
	t.Fatal("no BIN")
	return ""
}

const header = "body,kind_kk,kind_ru,category,series,number,issued,holder,holder_number,state\n"

// load brings a file and lets it in.
func (p *Papers) load(t *testing.T, csv string) Received {
	t.Helper()
	r, err := p.Load(t.Context(), File{Name: "batch-1.csv", Content: []byte(csv)})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestMatchAndRestoration(t *testing.T) {
	p, number := open(t), bin(t)
	ctx, actor, at := t.Context(), access.TheSystem(), p.World.Now()
	p.load(t, header+
		"knb,Қызмет,Услуга,,14,1111,12.05.2009,Басқа ЖШС,,\n"+
		"knb,Қызмет,Услуга,,15,1111,12.05.2009,Үлгі ЖШС,"+number+",\n"+
		"knb,Қызмет,Услуга,,15,7,12.05.2009,Үлгі ЖШС,"+number+",\n"+
		"knb,Қызмет,Услуга,,15,8,12.05.2009,Басқа ЖШС,,\n")
	claim := permit.PaperClaim{Body: "knb", Series: "15", Number: "1111", IssuedOn: civil.New(2009, 5, 12), HolderNumber: number}
	var found []permit.PaperMatch
	err := p.Store.View(ctx, func(v port.View) (err error) {
		found, err = p.Match(ctx, v, claim)
		return err
	})
	if err != nil || len(found) != 3 || !found[0].Exact() || found[1].Exact() || found[0].Paper.Number != "1111" {
		t.Fatalf("%+v, %v", found, err)
	}
	id := found[0].Paper.ID
	do := func(f func(port.Tx)) error {
		return p.Store.Update(ctx, func(tx port.Tx) error { f(tx); return nil })
	}
	steps := []struct {
		name string
		f    func(port.Tx)
		key  string
	}{
		{"filed", func(tx port.Tx) { p.ClaimIn(tx, actor, id, "KZ1", at) }, ""},
		{"filed by another", func(tx port.Tx) { p.ClaimIn(tx, actor, id, "KZ2", at) }, "store.paper-claimed"},
		{"refused", func(tx port.Tx) { p.ReleaseIn(tx, actor, id, "KZ1", at) }, ""},
		{"filed again", func(tx port.Tx) { p.ClaimIn(tx, actor, id, "KZ2", at) }, ""},
		{"restored for the refused one", func(tx port.Tx) { p.RestoreIn(tx, actor, id, "KZ1", "KZP1", at) }, "store.paper-claimed"},
		{"restored", func(tx port.Tx) { p.RestoreIn(tx, actor, id, "KZ2", "KZP2", at) }, ""},
		{"restored twice", func(tx port.Tx) { p.RestoreIn(tx, actor, id, "KZ2", "KZP3", at) }, "store.paper-claimed"},
		{"filed after that", func(tx port.Tx) { p.ClaimIn(tx, actor, id, "KZ3", at) }, "store.paper-claimed"},
	}
	for _, s := range steps {
		if err := do(s.f); (s.key == "") != (err == nil) || (s.key != "" && !fault.Is(err, s.key)) {
			t.Errorf("%s: %v, want %q", s.name, err, s.key)
		}
	}
	rows := 0
	err = p.Store.View(ctx, func(v port.View) error {
		list, err := v.Records().Page(ctx, "", 100)
		rows = len(list)
		return err
	})
	if err != nil || rows != 7 { // received, released, let in, and four steps that took effect
		t.Errorf("%d audit rows, %v", rows, err)
	}
}

// The reader of imports takes any bytes: what it takes has what a claim is compared with.
func FuzzRead(f *testing.F) {
	p := &Papers{World: &world{}, Tables: sheet.Workbooks{}, Known: func(string) bool { return true }}
	f.Add([]byte(header + "knb,Қызмет,Услуга,,15,1111,12.05.2009,Үлгі ЖШС,,\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		groups, _, err := p.read(b, "")
		if err != nil {
			return
		}
		for _, g := range groups {
			for _, l := range g.lines {
				if x := l.Paper; x.NumberKey() == "" || !x.IssuedOn.Valid() || x.HolderName == "" || l.No < 2 || x.Body != g.body {
					t.Errorf("%+v", l)
				}
			}
		}
	})
}
