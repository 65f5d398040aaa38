package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"elicense/internal/application"
	"elicense/internal/audit"
	"elicense/internal/charge"
	"elicense/internal/fault"
	"elicense/internal/ledger"
	"elicense/internal/party"
	"elicense/internal/permit"
	"elicense/internal/port"
)

func transactions() []Case {
	return []Case{
		{"transaction/nothing after an error of the function", nothingAfterError},
		{"transaction/nothing after a panic", nothingAfterPanic},
		{"transaction/all or nothing", allOrNothing},
		{"transaction/own writes are not read", ownWrites},
		{"transaction/no writes", noWrites},
		{"transaction/order of writes", orderOfWrites},
		{"transaction/unique faults", uniqueFaults},
		{"transaction/guards", guards},
		{"transaction/applications filed together", filedTogether},
		{"transaction/guards of ranges", rangeGuards},
		{"transaction/guards of papers", paperGuards},
		{"transaction/guards of imports of papers", quarantineGuards},
		{"transaction/reruns", reruns},
		{"transaction/a race of the function's own", ownRace},
		{"transaction/foreign keys", foreignKeys},
		{"transaction/many writes", manyWrites},
		{"transaction/context", contexts},
		{"transaction/one draft", oneDraft},
	}
}

func (f *fixture) noParty(id string) {
	f.Helper()
	f.view(func(v port.View) error {
		unknown[party.Party](f, id)(v.Accounts().Party(f.ctx, id))
		return nil
	})
}

func nothingAfterError(t testing.TB, s port.Store) {
	f := start(t, s)
	err := s.Update(f.ctx, func(tx port.Tx) error {
		tx.Write().Accounts().AddParty(party.Party{ID: "p", Number: "n"})
		return errStop
	})
	if !errors.Is(err, errStop) {
		t.Errorf("got %v", err)
	}
	f.noParty("p")
	if err := s.View(f.ctx, func(port.View) error { return errStop }); !errors.Is(err, errStop) {
		t.Errorf("view: got %v", err)
	}
}

func nothingAfterPanic(t testing.TB, s port.Store) {
	f := start(t, s)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_ = s.Update(f.ctx, func(tx port.Tx) error {
			tx.Write().Accounts().AddParty(party.Party{ID: "p", Number: "n"})
			panic("out of the use case")
		})
	}()
	f.noParty("p")
	f.update(func(w port.Writes) { w.Accounts().AddParty(party.Party{ID: "q", Number: "m"}) })
}

// allOrNothing: a unit fails at its first, at a middle and at its last write, by a guard and by a constraint.
func allOrNothing(t testing.TB, s port.Store) {
	f := start(t, s)
	stale := f.account
	stale.Version = 7
	bad := map[string]func(port.Writes){
		"constraint": func(w port.Writes) { w.Accounts().AddParty(f.account.Party) },
		"guard":      func(w port.Writes) { w.Keys().UseChallenge("no such", base()) },
		"version":    func(w port.Writes) { w.Accounts().ChangeAccount(stale) },
	}
	for name, write := range bad {
		for at := range 3 {
			err := f.try(func(w port.Writes) {
				for i, id := range []string{"x", "y"} {
					if i == at {
						write(w)
					}
					w.Accounts().AddParty(party.Party{ID: id, Number: id})
				}
				if at == 2 {
					write(w)
				}
			})
			if err == nil {
				t.Errorf("%s at %d was accepted", name, at)
			}
			f.noParty("x")
			f.noParty("y")
		}
	}
	f.update(func(w port.Writes) { w.Accounts().AddParty(party.Party{ID: "x", Number: "x"}) })
}

func ownWrites(t testing.TB, s port.Store) {
	f := start(t, s)
	err := s.Update(f.ctx, func(tx port.Tx) error {
		tx.Write().Accounts().AddParty(party.Party{ID: "p", Number: "n"})
		_, ok, err := tx.Accounts().PartyByNumber(f.ctx, "n")
		if ok {
			t.Error("a write was seen by a read of the same unit")
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	f.view(func(v port.View) error {
		found(f, "afterwards", party.Party{ID: "p", Number: "n"})(v.Accounts().PartyByNumber(f.ctx, "n"))
		return nil
	})
}

func noWrites(t testing.TB, s port.Store) {
	f := start(t, s)
	f.update(func(port.Writes) {})
}

func orderOfWrites(t testing.TB, s port.Store) {
	f := start(t, s)
	p := f.account.Party
	f.update(func(w port.Writes) {
		for _, name := range []string{"first", "second", "third"} {
			p.Name = name
			w.Accounts().ChangeParty(p)
			p.Version++
		}
		w.Sessions().Put(port.Session{Token: "t", ExpiresAt: base()})
		w.Sessions().Delete("t")
	})
	f.view(func(v port.View) error {
		gives(f, "the last one", p)(v.Accounts().Party(f.ctx, p.ID))
		missing[port.Session](f, "deleted after it was put")(v.Sessions().Session(f.ctx, "t", base().Add(-time.Hour)))
		return nil
	})
}

func uniqueFaults(t testing.TB, s port.Store) {
	f := start(t, s)
	f.addApplication("KZ1")
	f.addApplication("KZ2")
	sameSigner := full[port.StoredSignature]()
	sameSigner.Application = "KZ1"
	again := sameSigner
	again.ID, again.Signature.CMS = "another", []byte("another signature of the same")
	f1 := permit.File{Permit: "KZP1", Lang: "kk", Digest: "d"}
	secondNumber, secondPerson := f.account.Party, f.account
	secondNumber.ID, secondPerson.ID = "p2", "a2"
	f.update(func(w port.Writes) {
		w.Applications().Sign(sameSigner)
		w.Invoices().Add(f.newInvoice("i", "KZ1"))
		w.Invoices().Notice(charge.Notice{ID: "n", Invoice: "i"})
		w.Permits().Add(f.newPermit("KZP1", "KZ1"))
		w.Permits().AddFile(f1)
		w.Keys().Remember(port.Idempotent{Key: "k", Actor: "a"})
		w.Ledger().SetTotal(ledger.Quota{ID: "q", Total: 100})
		w.Ledger().Take(ledger.Entry{Quota: "q", Application: "KZ1", Amount: 1})
		w.Keys().AddChallenge(port.Challenge{Nonce: "c"})
		w.Records().Audit(audit.Entry{ID: "r"})
		w.Documents().Add(port.StoredDocument{ID: "d", Party: f.account.Party.ID})
		w.Applications().Happen(application.Happening{ID: "h", Application: "KZ1"})
	})
	cases := []struct {
		key   string
		write func(port.Writes)
	}{
		{"store.party-exists", func(w port.Writes) { w.Accounts().AddParty(secondNumber) }},
		{"store.account-exists", func(w port.Writes) { w.Accounts().AddAccount(secondPerson) }},
		{"store.signature-exists", func(w port.Writes) { w.Applications().Sign(again) }},
		{"store.invoice-exists", func(w port.Writes) { w.Invoices().Add(f.newInvoice("i2", "KZ1")) }},
		{"store.notice-exists", func(w port.Writes) { w.Invoices().Notice(charge.Notice{ID: "n", Invoice: "i"}) }},
		{"store.file-exists", func(w port.Writes) { w.Permits().AddFile(permit.File{Permit: "KZP1", Lang: "kk", Digest: "e"}) }},
		{"store.key-exists", func(w port.Writes) { w.Keys().Remember(port.Idempotent{Key: "k", Actor: "a", Answer: "x"}) }},
		{"store.number-exists", func(w port.Writes) {
			same := f.newApplication("KZ1")
			same.Concerns = ""
			w.Applications().Add(same)
		}},
		{"store.number-exists", func(w port.Writes) { w.Permits().Add(f.newPermit("KZP1", "KZ2")) }},
		{"store.permit-exists", func(w port.Writes) { w.Permits().Add(f.newPermit("KZP2", "KZ1")) }},
		{"store.entry-exists", func(w port.Writes) { w.Ledger().Take(ledger.Entry{Quota: "q", Application: "KZ1", Amount: 2}) }},
		{"store.challenge-exists", func(w port.Writes) { w.Keys().AddChallenge(port.Challenge{Nonce: "c"}) }},
		{"store.audit-exists", func(w port.Writes) { w.Records().Audit(audit.Entry{ID: "r", Actor: "x"}) }},
		{"store.document-exists", func(w port.Writes) { w.Documents().Add(port.StoredDocument{ID: "d", Party: f.account.Party.ID}) }},
		{"store.event-exists", func(w port.Writes) {
			w.Applications().Happen(application.Happening{ID: "h", Application: "KZ2"})
		}},
	}
	for _, c := range cases {
		f.refused(conflict, c.key, c.write)
	}
	f.view(func(v port.View) error {
		found(f, "nothing was taken", ledger.Quota{ID: "q", Total: 100, Granted: 1})(v.Ledger().Quota(f.ctx, "q"))
		return nil
	})
	f.update(func(w port.Writes) { // what is not the same is no second one
		other := again
		other.Purpose = "withdrawal"
		w.Applications().Sign(other)
		w.Permits().AddFile(permit.File{Permit: "KZP1", Lang: "ru", Digest: "d"})
		w.Keys().Remember(port.Idempotent{Key: "k", Actor: "b"})
	})
}

func guards(t testing.TB, s port.Store) {
	f := start(t, s)
	a := f.addApplication("KZ1")
	f.addDocument("d")
	i := f.newInvoice("i", "KZ1")
	f.update(func(w port.Writes) {
		w.Invoices().Add(i)
		w.Keys().AddChallenge(port.Challenge{Nonce: "c", ExpiresAt: base()})
		w.Services().Publish(port.Published{Service: "s", Number: 1})
		w.Ledger().SetTotal(ledger.Quota{ID: "q", Total: 10})
		w.Keys().Lease(port.Lease{Code: "RFB", First: 1, Last: 64})
	})
	f.update(func(w port.Writes) { w.Keys().UseChallenge("c", base()) })
	f.update(func(w port.Writes) { w.Documents().Delete("d", base()) })
	p, acc := f.account.Party, f.account
	p.Version, acc.Version, i.Version, a.Version = 0, 2, 0, 2
	publish := func(n int) func(port.Writes) {
		return func(w port.Writes) { w.Services().Publish(port.Published{Service: "s", Number: n}) }
	}
	lease := func(code string, first int) func(port.Writes) {
		return func(w port.Writes) { w.Keys().Lease(port.Lease{Code: code, First: first, Last: first + 10}) }
	}
	cases := []struct {
		name, key string
		write     func(port.Writes)
	}{
		{"older party", "store.race", func(w port.Writes) { w.Accounts().ChangeParty(p) }},
		{"newer account", "store.race", func(w port.Writes) { w.Accounts().ChangeAccount(acc) }},
		{"older invoice", "store.race", func(w port.Writes) { w.Invoices().Change(i) }},
		{"newer application", "store.race", func(w port.Writes) { w.Applications().Change(a) }},
		{"no such application", "store.race", func(w port.Writes) { w.Applications().Change(f.newApplication("KZ9")) }},
		{"deleted twice", "store.race", func(w port.Writes) { w.Documents().Delete("d", base()) }},
		{"used twice", "store.challenge-used", func(w port.Writes) { w.Keys().UseChallenge("c", base()) }},
		{"no such challenge", "store.challenge-used", func(w port.Writes) { w.Keys().UseChallenge("x", base()) }},
		{"revision again", "store.revision", publish(1)},
		{"revision left out", "store.revision", publish(3)},
		{"revision nought", "store.revision", publish(0)},
		{"more than is left", "store.race", func(w port.Writes) { w.Ledger().Take(ledger.Entry{Quota: "q", Application: "KZ1", Amount: 11}) }},
		{"no such quota", "store.race", func(w port.Writes) { w.Ledger().Take(ledger.Entry{Quota: "x", Application: "KZ1", Amount: 1}) }},
		{"lease from the past", "store.race", lease("RFB", 1)},
		{"lease in the middle", "store.race", lease("RFB", 64)},
		{"lease from the future", "store.race", lease("RFB", 66)},
		{"first lease not from 1", "store.race", lease("LTL", 2)},
	}
	for _, c := range cases {
		err := f.try(c.write)
		if fault.KindOf(err) != conflict || !fault.Is(err, c.key) {
			t.Errorf("%s: got %v, want conflict %s", c.name, err, c.key)
		}
	}
	f.update(publish(2))
	f.update(lease("RFB", 65))
	f.update(lease("LTL", 1))
	f.update(func(w port.Writes) { w.Ledger().Take(ledger.Entry{Quota: "q", Application: "KZ1", Amount: 10}) })
}

// reruns: a unit that lost a race is run again with what is true now, eight times in all, and its writes of the lost
// runs leave nothing.
func reruns(t testing.TB, s port.Store) {
	f := start(t, s)
	change := func(intrude int) (runs int, err error) {
		err = s.Update(f.ctx, func(tx port.Tx) error {
			runs++
			p, err := tx.Accounts().Party(f.ctx, f.account.Party.ID)
			if err != nil {
				return err
			}
			if runs <= intrude { // somebody else is faster
				f.update(func(w port.Writes) { w.Accounts().AddParty(party.Party{ID: p.Name + "+", Number: p.Name + "+"}) })
				q := p
				q.Name += "+"
				if err := other(s, q); err != nil {
					return err
				}
			}
			tx.Write().Accounts().AddParty(party.Party{ID: "once", Number: "once"})
			p.Name += "!"
			tx.Write().Accounts().ChangeParty(p)
			return nil
		})
		return runs, err
	}
	name := f.account.Party.Name
	if runs, err := change(99); runs != 8 || !fault.Is(err, "store.race") || fault.KindOf(err) != conflict {
		t.Errorf("%d runs, %v; want 8 and a conflict", runs, err)
	}
	f.noParty("once")
	if runs, err := change(3); runs != 4 || err != nil {
		t.Errorf("%d runs, %v; want 4", runs, err)
	}
	f.view(func(v port.View) error {
		p, err := v.Accounts().Party(f.ctx, f.account.Party.ID)
		same(f, "name", p.Name, name+"+++++++++++!")
		same(f, "version", p.Version, f.account.Party.Version+12)
		return err
	})
}

// other changes a party from outside, on a goroutine of its own as another request would.
func other(s port.Store, p party.Party) error {
	done := make(chan error)
	go func() {
		done <- s.Update(context.Background(), func(tx port.Tx) error {
			tx.Write().Accounts().ChangeParty(p)
			return nil
		})
	}()
	return <-done
}

func ownRace(t testing.TB, s port.Store) {
	f := start(t, s)
	runs := 0
	err := s.Update(f.ctx, func(port.Tx) error {
		runs++
		return fault.New(conflict, "store.race")
	})
	if runs != 1 || !fault.Is(err, "store.race") {
		t.Errorf("%d runs, %v: a fault of the function is its answer", runs, err)
	}
	runs = 0
	err = s.Update(f.ctx, func(tx port.Tx) error {
		runs++
		tx.Write().Keys().UseChallenge("x", base())
		return nil
	})
	if runs != 1 || !fault.Is(err, "store.challenge-used") {
		t.Errorf("%d runs, %v: only races are run again", runs, err)
	}
}

func foreignKeys(t testing.TB, s port.Store) {
	f := start(t, s)
	a := f.newApplication("KZ1")
	a.Party = "nobody"
	for name, write := range map[string]func(port.Writes){
		"application": func(w port.Writes) { w.Applications().Add(a) },
		"event":       func(w port.Writes) { w.Applications().Happen(application.Happening{ID: "h", Application: "none"}) },
		"document":    func(w port.Writes) { w.Documents().Add(port.StoredDocument{ID: "d", Party: "none"}) },
		"file":        func(w port.Writes) { w.Permits().AddFile(permit.File{Permit: "none"}) },
	} {
		if err := f.try(write); fault.KindOf(err) != fault.Internal || err == nil {
			t.Errorf("%s without its parent: %v", name, err)
		}
	}
}

func manyWrites(t testing.TB, s port.Store) {
	f := start(t, s)
	const n = 3000
	f.update(func(w port.Writes) {
		for i := range n {
			e := full[audit.Entry]()
			e.ID = string(rune('a'+i%26)) + time.Duration(i).String()
			w.Records().Audit(e)
		}
	})
	f.view(func(v port.View) error {
		all, err := v.Records().Page(f.ctx, "", n+1)
		same(f, "rows", len(all), n)
		return err
	})
}

func contexts(t testing.TB, s port.Store) {
	f := start(t, s)
	ctx, cancel := context.WithCancel(f.ctx)
	// The end of the context after the function is too late: the outcome is known.
	err := s.Update(ctx, func(tx port.Tx) error {
		tx.Write().Accounts().AddParty(party.Party{ID: "p", Number: "n"})
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	cancel()
	err = s.Update(ctx, func(tx port.Tx) error {
		tx.Write().Accounts().AddParty(party.Party{ID: "q", Number: "m"})
		return nil
	})
	if fault.KindOf(err) != fault.Unavailable || !errors.Is(err, context.Canceled) {
		t.Errorf("update after the end: %v", err)
	}
	f.noParty("q")
	err = s.View(ctx, func(v port.View) error {
		_, err := v.Accounts().Party(ctx, "p")
		return err
	})
	if fault.KindOf(err) != fault.Unavailable || !errors.Is(err, context.Canceled) {
		t.Errorf("read after the end: %v", err)
	}
	if err := s.Ping(f.ctx); err != nil {
		t.Errorf("ping: %v", err)
	}
}

func oneDraft(t testing.TB, s port.Store) {
	f := start(t, s)
	draft := func(number, service, body string, state application.State) application.Application {
		a := f.newApplication(number)
		a.Service, a.Body, a.State = service, body, state
		return a
	}
	add := func(a application.Application) func(port.Writes) {
		return func(w port.Writes) { w.Applications().Add(a) }
	}
	first := draft("KZ1", "s", "b", application.Draft)
	f.update(add(first))
	f.refused(conflict, "store.draft-exists", add(draft("KZ2", "s", "b", application.Draft)))
	f.refused(conflict, "store.draft-exists", add(draft("KZ2", "s", "b", application.Signing)))
	f.update(add(draft("KZ3", "s", "b", application.Registered)))
	f.update(add(draft("KZ4", "s", "c", application.Draft)))
	f.update(add(draft("KZ5", "t", "b", application.Draft)))
	moved := draft("KZ4", "s", "b", application.Draft)
	f.refused(conflict, "store.draft-exists", func(w port.Writes) { w.Applications().Change(moved) })
	first.State = application.Registered
	f.update(func(w port.Writes) { w.Applications().Change(first) })
	f.update(add(draft("KZ2", "s", "b", application.Draft)))
}
