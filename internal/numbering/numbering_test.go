package numbering

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/audit"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/ledger"
	"elicense/internal/party"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/sqlstore"
	"elicense/internal/testkit/postgres"
)

var shared postgres.Shared

func TestMain(m *testing.M) {
	code := m.Run()
	shared.Stop()
	os.Exit(code)
}

type world struct {
	ids  atomic.Int64
	days atomic.Int64
}

func (w *world) Now() time.Time {
	return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC).AddDate(0, 0, int(w.days.Load()))
}
func (w *world) ID() string { return fmt.Sprintf("01990000-0000-7000-8000-%012d", w.ids.Add(1)) }
func (*world) Random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}

type house struct {
	*Numbering
	t     testing.TB
	world *world
}

func open(t testing.TB) *house {
	return at(t, "sqlite:"+filepath.Join(t.TempDir(), "test.db"))
}

func at(t testing.TB, url string) *house {
	t.Helper()
	store, err := sqlstore.Open(t.Context(), url, sqlstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	if err := store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	w := &world{}
	h := &house{Numbering: &Numbering{Store: store, World: w, Grounds: grounds}, t: t, world: w}
	h.update(func(tx port.Tx) error {
		tx.Write().Accounts().AddParty(party.Party{ID: "party", Number: "041040000000"})
		tx.Write().Accounts().AddAccount(party.Account{ID: "account", Party: party.Party{ID: "party"}})
		return nil
	})
	return h
}

func (h *house) update(f func(port.Tx) error) {
	h.t.Helper()
	if err := h.Store.Update(h.t.Context(), f); err != nil {
		h.t.Fatal(err)
	}
}

func official() access.Actor { return access.TheSystem() }

func (h *house) apply(numbers ...string) {
	h.t.Helper()
	h.update(func(tx port.Tx) error {
		for _, n := range numbers {
			tx.Write().Applications().Add(application.Application{Number: n, Party: "party", Account: "account", State: application.Registered, Version: 1})
		}
		return nil
	})
}

func (h *house) load(csv string) Report {
	h.t.Helper()
	r, err := h.Import(h.t.Context(), official(), strings.NewReader(csv))
	if err != nil {
		h.t.Fatal(err)
	}
	return r
}

// register writes the ranges of all codes as "717-2 000000-000099 free".
func (h *house) register() string {
	h.t.Helper()
	list, err := h.ranges(h.t.Context(), port.RangeSearch{})
	if err != nil {
		h.t.Fatal(err)
	}
	var b strings.Builder
	for _, r := range list {
		fmt.Fprintf(&b, "%s %s %s%s\n", written([]ledger.Range{r}), r.State, r.Application, r.Permit)
	}
	return b.String()
}

func (h *house) is(what, want string) {
	h.t.Helper()
	if got := h.register(); got != want {
		h.t.Errorf("%s:\n%swant\n%s", what, got, want)
	}
}

func (h *house) actions() (list []string) {
	h.t.Helper()
	err := h.Store.View(h.t.Context(), func(v port.View) error {
		rows, err := v.Records().Page(h.t.Context(), "", 100)
		for _, r := range rows {
			e, err := audit.Parse(r.Bytes)
			if err != nil {
				return err
			}
			list = append(list, e.Action)
		}
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return list
}

func wantFault(t testing.TB, what string, err error, kind fault.Kind, key string) {
	t.Helper()
	if fault.KindOf(err) != kind || !fault.Is(err, key) {
		t.Errorf("%s: got %v, want %v %s", what, err, kind, key)
	}
}

const plan1 = "code,first,last,state\n717-2,000000,000999,free\n727,0000000,0000099,free\n"

func TestLifeOfAnAllocation(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	h.load(plan1)
	h.apply("KZ1", "KZ2")
	wants := []Want{{"7172", 150}, {"727", 10}, {"7172", 50}}
	chosen, err := h.Propose(ctx, official(), wants, 100)
	if err != nil || written(chosen) != "717-2 000000-000199, 727 0000000-0000099" {
		t.Fatal(written(chosen), err)
	}
	// The official chooses other numbers than proposed, changes the choice, and everything else is free again.
	if _, err := h.Reserve(ctx, official(), "KZ1", chosen); err != nil {
		t.Fatal(err)
	}
	own := []ledger.Range{{Code: "7172", First: 100, Last: 299}}
	kept, err := h.Reserve(ctx, official(), "KZ1", own)
	if err != nil || written(kept) != "717-2 000100-000299" {
		t.Fatal(written(kept), err)
	}
	h.is("reserved", "717-2 000000-000099 free \n717-2 000100-000299 reserved KZ1\n717-2 000300-000999 free \n727 0000000-0000099 free \n")
	_, err = h.Reserve(ctx, official(), "KZ2", []ledger.Range{{Code: "7172", First: 299, Last: 300}})
	wantFault(t, "another's number", err, fault.Conflict, "ledger.taken")
	_, err = h.Reserve(ctx, official(), "KZ2", []ledger.Range{{Code: "7172", First: 5000, Last: 5000}})
	wantFault(t, "no such number", err, fault.Conflict, "ledger.taken")
	_, err = h.Reserve(ctx, official(), "none", own)
	wantFault(t, "no such application", err, fault.NotFound, "fault.not-found")

	pm := permit.Permit{Number: "KZP1", Application: "KZ1", Party: "party", HolderName: "Оператор", HolderNumber: "041040000000"}
	h.update(func(tx port.Tx) error {
		done, err := h.CommitIn(ctx, tx, official(), pm, h.world.Now())
		if err == nil && written(done) != "717-2 000100-000299" {
			t.Error(written(done))
		}
		return err
	})
	annex, err := h.Annex(ctx, "KZP1")
	if err != nil || len(annex) != 1 || annex[0].HolderName != "Оператор" || annex[0].Party != "party" {
		t.Errorf("annex %+v, %v", annex, err)
	}
	err = h.Store.Update(ctx, func(tx port.Tx) error { _, err := h.CommitIn(ctx, tx, official(), pm, h.world.Now()); return err })
	wantFault(t, "twice", err, fault.Conflict, "numbering.nothing")

	h.withdraw("7172", 200, 299, civil.New(2026, 11, 25))
	h.world.days.Store(3)
	if n, err := h.Sweep(ctx); n != 0 || err != nil {
		t.Errorf("on the last day %d numbers, %v", n, err)
	}
	h.world.days.Store(4)
	if n, err := h.Sweep(ctx); n != 100 || err != nil {
		t.Errorf("freed %d numbers, %v", n, err)
	}
	// Free numbers that became on different days are one gap again.
	h.is("in the end", "717-2 000000-000099 free \n717-2 000100-000199 allocated KZ1KZP1\n717-2 000200-000999 free \n727 0000000-0000099 free \n")
	want := []string{"numbers.imported", "numbers.reserved", "numbers.reserved", "numbers.allocated", "numbers.order-proposed", "numbers.withdrawn", "numbers.returned"}
	if got := h.actions(); !slices.Equal(got, want) {
		t.Errorf("audit rows %v", got)
	}
}

func TestRefusalReleases(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	h.load(plan1)
	before := h.register()
	h.apply("KZ1")
	if _, err := h.Assign(ctx, official(), "KZ1", []Want{{"7172", 1}, {"727", 1}}, 10); err != nil {
		t.Fatal(err)
	}
	for range 2 { // nothing reserved is no error
		h.update(func(tx port.Tx) error { return h.ReleaseIn(ctx, tx, official(), "KZ1", h.world.Now()) })
	}
	h.is("released", before)
}

func TestDecidedApplicationsReserveNothing(t *testing.T) {
	h := open(t)
	h.load(plan1)
	h.apply("KZ1")
	decide := func(tx port.Tx) error {
		a, err := tx.Applications().Application(t.Context(), "KZ1")
		a.State, a.DecidedAt = application.Returned, h.world.Now()
		tx.Write().Applications().Change(a)
		return err
	}
	// The decision comes after the reservation has read and before it is written.
	once := sync.Once{}
	_, err := h.reserve(t.Context(), official(), "KZ1", []ledger.Code{"727"}, func(*plan) ([]ledger.Range, error) {
		once.Do(func() { h.update(decide) })
		return []ledger.Range{{Code: "727", First: 0, Last: 9}}, nil
	})
	wantFault(t, "reserved for a decided application", err, fault.Conflict, "numbering.decided")
	h.is("as before", "717-2 000000-000999 free \n727 0000000-0000099 free \n")
}

func TestOnlyOfficialsAllocate(t *testing.T) {
	h := open(t)
	h.load(plan1)
	numbers := []ledger.Range{{Code: "727", First: 0, Last: 9}}
	for _, actor := range []access.Actor{access.Nobody(), {Role: access.Applicant, Account: "account", Party: "party"}, {Role: "unknown"}, {}} {
		_, proposed := h.Propose(t.Context(), actor, []Want{{"727", 1}}, 1)
		_, assigned := h.Assign(t.Context(), actor, "KZ1", []Want{{"727", 1}}, 1)
		_, reserved := h.Reserve(t.Context(), actor, "KZ1", numbers)
		_, listed := h.Reserved(t.Context(), actor, "KZ1")
		_, imported := h.Import(t.Context(), actor, strings.NewReader(plan1))
		_, _, planned := h.Plan(t.Context(), actor, "")
		_, sheet := h.Sheet(t.Context(), actor, "727")
		_, ordered := h.ProposeOrder(t.Context(), actor, "727", 0, Proposal{})
		_, _, read := h.Order(t.Context(), actor, "x")
		for i, err := range []error{proposed, assigned, reserved, listed, imported, planned, sheet, ordered, read,
			h.Confirm(t.Context(), actor, "x"), h.Drop(t.Context(), actor, "x")} {
			if k := fault.KindOf(err); k != fault.NotFound && k != fault.Unauthenticated {
				t.Errorf("%s may do %d: %v", actor.Role, i, err)
			}
		}
	}
}

// Of a thousand applications for the last block one gets it, on both engines, and the register stays exact.
func TestThousandForTheLastBlock(t *testing.T) {
	engines := map[string]func(*testing.T) string{
		"sqlite": func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "test.db") },
		"postgres": func(t *testing.T) string {
			if testing.Short() {
				t.Skip("-short: PostgreSQL is left out")
			}
			return shared.URL(t, func(context.Context, string) error { return nil })
		},
	}
	for name, url := range engines {
		t.Run(name, func(t *testing.T) {
			h := at(t, url(t))
			h.load("code,first,last,state\n7172,000000,000099,free\n")
			var numbers []string
			for i := range 1000 {
				numbers = append(numbers, fmt.Sprintf("KZ%04d", i))
			}
			h.apply(numbers...)
			errs := make([]error, len(numbers))
			var done sync.WaitGroup
			for i, number := range numbers {
				done.Go(func() { _, errs[i] = h.Assign(t.Context(), official(), number, []Want{{"7172", 100}}, 100) })
			}
			done.Wait()
			won := 0
			for _, err := range errs {
				if err == nil {
					won++
				} else if f, _ := fault.As(err); f == nil || f.Key != "ledger.short" || f.Args["code"] != "717-2" {
					t.Error(err)
				}
			}
			list, err := h.ranges(t.Context(), port.RangeSearch{})
			if won != 1 || err != nil || len(list) != 1 || list[0].State != ledger.Reserved {
				t.Errorf("%d won; %+v, %v", won, list, err)
			}
		})
	}
}

func TestImport(t *testing.T) {
	h := open(t)
	h.load(plan1)
	r := h.load("\ufeffcode,first,last,state,name_kk,name_ru,name_en,permit,holder_name,holder_number\n" +
		"717-2,001000,001999,free,Астана,Астана,Astana,,,\n" + // 2 good; brings the name
		"717-2,000999,001000,free,,,,,,\n" + // 3 in the register
		"717-2,001500,001500,free,,,,,,\n" + // 4 in line 2
		"717,0000000,0000009,free,,,,,,\n" + // 5 begins 717-2
		"812,0000000,0000009,free,,,,,,\n" + // 6 not of Kazakhstan
		"7172,2000,2999,free,,,,,,\n" + // 7 too few digits
		"7172,002999,002000,free,,,,,,\n" + // 8 turned round
		"7172,002000,002999,reserved,,,,,,\n" + // 9 only applications reserve
		"7172,002000,002999,allocated,,,,,,\n" + // 10 by which permit?
		"7172,002000,002999,free,,,,,Somebody,\n" + // 11 free and held
		"7172,002000\n" + // 12 too few fields
		"7172,003000,003999,allocated,,,,No. 5 of 2009,Оператор,041040000000\n") // 13 good
	var lines []int
	for _, x := range r.Refused {
		lines = append(lines, x.Line)
	}
	if r.Stored != 2 || r.Numbers != 2000 || !slices.Equal(lines, []int{3, 4, 5, 6, 7, 8, 9, 10, 11, 12}) {
		t.Errorf("%+v", r)
	}
	if again := h.load(plan1); again.Stored != 0 || len(again.Refused) != 2 {
		t.Errorf("the same again: %+v", again)
	}
	for _, csv := range []string{"", "code,first,last\n", "code,first,last,state,x\n"} {
		_, err := h.Import(t.Context(), official(), strings.NewReader(csv))
		wantFault(t, csv, err, fault.Invalid, "import.header")
	}
}

func TestPublicRegister(t *testing.T) {
	h := open(t)
	h.load("code,first,last,state,name_kk,name_ru,name_en,permit,holder_name,holder_number\n" +
		"7172,000000,000099,allocated,Астана,Астана,Astana,1,Оператор,041040000000\n" +
		"7172,000100,000199,allocated,,,,2,Somebody,900101300000\n" +
		"7172,000200,000299,free,,,,,,\n")
	p, err := h.Register(t.Context(), "717-2", "", -1, 2)
	if err != nil || !p.More || len(p.Lines) != 2 || p.Code.Name.EN != "Astana" || p.Code.Capacity != 300 || p.Code.Numbers[ledger.Allocated] != 200 {
		t.Fatalf("%+v, %v", p, err)
	}
	if p.Lines[0].Holder != "Оператор" || p.Lines[0].Personal || p.Lines[1].Holder != "" || !p.Lines[1].Personal {
		t.Errorf("%+v", p.Lines)
	}
	p, err = h.Register(t.Context(), "7172", "", 100, 2)
	if err != nil || p.More || len(p.Lines) != 1 || p.Lines[0].State != ledger.Free || p.Lines[0].Personal {
		t.Errorf("%+v, %v", p, err)
	}
	if p, err = h.Register(t.Context(), "7172", ledger.Free, -1, 2); err != nil || len(p.Lines) != 1 {
		t.Errorf("%+v, %v", p, err)
	}
	for _, code := range []string{"727", "x", ""} {
		_, err := h.Register(t.Context(), code, "", -1, 2)
		wantFault(t, code, err, fault.NotFound, "fault.not-found")
	}
}

// The reader of imports takes any bytes: what it takes exists, and every line is either taken or told.
func FuzzReadBlocks(f *testing.F) {
	f.Add([]byte(plan1))
	f.Add([]byte("code,first,last,state\n\"7172,1\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		blocks, _, err := readBlocks(strings.NewReader(string(b)))
		if err != nil {
			return
		}
		for _, x := range blocks {
			if x.Valid() != nil || x.line < 2 {
				t.Errorf("%+v", x)
			}
		}
	})
}
