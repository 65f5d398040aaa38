package paper

import (
	"crypto/rand"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"elicense/internal/access"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/ident"
	"elicense/internal/permit"
	"elicense/internal/port"
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
	return &Papers{Store: store, World: &world{}, Known: func(body string) bool { return body == "knb" || body == "moh" }}
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

func (p *Papers) load(t *testing.T, csv string) Report {
	t.Helper()
	r, err := p.Import(t.Context(), access.TheSystem(), "batch-1", strings.NewReader(csv))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestImport(t *testing.T) {
	p, number := open(t), bin(t)
	wrong := number[:11] + string('0'+(number[11]-'0'+1)%10)
	r := p.load(t, "\ufeff"+header+
		"knb,Қызмет,Услуга,,15,1111,12.05.2009,Үлгі ЖШС,"+number+",\n"+ // 2 good
		"knb,,Услуга,,15,R11001155,2011-12-13,Пример,,suspended\n"+ // 3 good
		"knb,,Услуга,, 15 ,№ 11-11,12.05.2009,Другой,,\n"+ // 4 as line 2
		"knb,,Услуга,,15,2,31.02.2009,Пример,,\n"+ // 5 no such day
		"knb,,Услуга,,15,3,23.11.2026,Пример,,\n"+ // 6 tomorrow
		"knb,,Услуга,,15,4,12.05.2009,Пример,"+wrong+",\n"+ // 7 check digit
		"xxx,,Услуга,,15,5,12.05.2009,Пример,,\n"+ // 8 no such body
		"knb,,,,15,6,12.05.2009,Пример,,\n"+ // 9 no kind
		"knb,,Услуга,,15,,12.05.2009,Пример,,\n"+ // 10 no number
		"knb,,Услуга,,15,7,12.05.2009,,,\n"+ // 11 no holder
		"knb,,Услуга,,15,8,12.05.2009,Пример,,lost\n"+ // 12 no such state
		"knb,,Услуга\n"+ // 13 too few fields
		"knb,,"+strings.Repeat("x", 501)+",,15,9,12.05.2009,Пример,,\n"+ // 14 too long
		"moh,,Услуга,,15,1111,12.05.2009,Пример,,\n") // 15 good: another body's
	var lines []int
	for _, x := range r.Refused {
		lines = append(lines, x.Line)
		if strings.Contains(x.Text, number[:11]) || strings.Contains(x.Text, "Пример") {
			t.Errorf("a holder is named: %s", x.Text)
		}
	}
	if r.Stored != 3 || !slices.Equal(lines, []int{4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}) {
		t.Errorf("%+v", r)
	}
	again := p.load(t, header+"knb,Басқа,Другая,,15,1111,01.01.2010,Другой,,\n")
	if again.Stored != 0 || len(again.Refused) != 1 {
		t.Errorf("%+v", again)
	}
	err := p.Store.View(t.Context(), func(v port.View) error {
		x, ok, err := v.Permits().PaperOf(t.Context(), "knb", "15", "1111")
		if !ok || x.HolderName != "Үлгі ЖШС" || x.HolderNumber != number || x.State != permit.PaperActing || x.Batch != "batch-1" || x.IssuedOn != civil.New(2009, 5, 12) {
			t.Errorf("overwritten or wrong: %+v", x)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	for _, csv := range []string{"", "body,number\n", header[:len(header)-1] + ",x\n"} {
		if _, err := p.Import(t.Context(), access.TheSystem(), "b", strings.NewReader(csv)); !fault.Is(err, "import.header") {
			t.Errorf("%q: %v", csv, err)
		}
	}
	if _, err := p.Import(t.Context(), access.Actor{Role: access.Applicant, Account: "a", Party: "p"}, "b", strings.NewReader(header)); err == nil {
		t.Error("an applicant imports")
	}
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
	if err != nil || rows != 5 { // the import and four steps that took effect
		t.Errorf("%d audit rows, %v", rows, err)
	}
}

// The reader of imports takes any bytes: what it takes has what a claim is compared with.
func FuzzRead(f *testing.F) {
	p := &Papers{World: &world{}, Known: func(string) bool { return true }}
	f.Add([]byte(header + "knb,Қызмет,Услуга,,15,1111,12.05.2009,Үлгі ЖШС,,\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		lines, _, err := p.read(strings.NewReader(string(b)))
		if err != nil {
			return
		}
		for _, l := range lines {
			if l.NumberKey() == "" || !l.IssuedOn.Valid() || l.HolderName == "" || l.no < 2 {
				t.Errorf("%+v", l)
			}
		}
	})
}
