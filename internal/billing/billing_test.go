package billing

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/audit"
	"elicense/internal/charge"
	"elicense/internal/fault"
	"elicense/internal/ident"
	"elicense/internal/lang"
	"elicense/internal/money"
	"elicense/internal/party"
	"elicense/internal/pay"
	"elicense/internal/port"
	"elicense/internal/sqlstore"
)

const fee = 43_250 * money.Tenge

var secret = bytes.Repeat([]byte("s"), 32)

type world struct{ ids atomic.Int64 }

func (*world) Now() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }
func (w *world) ID() string   { return fmt.Sprintf("01990000-0000-7000-8000-%012d", w.ids.Add(1)) }
func (*world) Random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}

type house struct {
	*Billing
	t     *testing.T
	store *sqlstore.Store
	actor access.Actor
	last  atomic.Int64
}

func open(t *testing.T) *house {
	t.Helper()
	store, err := sqlstore.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "test.db"), sqlstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	if err := store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	g, err := pay.New(pay.Config{Page: "https://pay.example/order", Merchant: "elicense", Secrets: [][]byte{secret}, Origin: "https://elicense.example"})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{}
	h := &house{Billing: New(store, w, g), t: t, store: store}
	p := party.Party{ID: w.ID(), Kind: party.Organisation, Number: "200140000015", Name: "ҮЛГІ", Version: 1, CreatedAt: w.Now()}
	a := party.Account{ID: w.ID(), Party: p, IIN: "850101300012", Version: 1, CreatedAt: w.Now()}
	h.actor = access.Actor{Role: access.Applicant, Account: a.ID, Party: p.ID}
	h.update(func(tx port.Tx) error {
		tx.Write().Accounts().AddParty(p)
		tx.Write().Accounts().AddAccount(a)
		return nil
	})
	return h
}

func (h *house) update(f func(tx port.Tx) error) {
	h.t.Helper()
	if err := h.store.Update(h.t.Context(), f); err != nil {
		h.t.Fatal(err)
	}
}

// draft makes an application of its own.
func (h *house) draft() application.Application {
	h.t.Helper()
	n := int(h.last.Add(1))
	a := application.Application{
		Number: ident.DocumentNumber("RFB", n), Service: "trade-licence", Revision: 1, Operation: "issue", Body: fmt.Sprint("body-", n),
		Party: h.actor.Party, Account: h.actor.Account, State: application.Draft, Version: 1, CreatedAt: h.world.Now(), ChangedAt: h.world.Now(),
	}
	h.update(func(tx port.Tx) error { tx.Write().Applications().Add(a); return nil })
	return a
}

func (h *house) owed() charge.Invoice {
	h.t.Helper()
	i, err := h.EnsureInvoice(h.t.Context(), h.actor, h.draft().Number, fee, "issue")
	if err != nil {
		h.t.Fatal(err)
	}
	return i
}

func (h *house) invoice(id string) charge.Invoice {
	h.t.Helper()
	var i charge.Invoice
	h.update(func(tx port.Tx) (err error) { i, err = tx.Invoices().Invoice(h.t.Context(), id); return err })
	return i
}

func settled(invoice, id string) charge.Notice {
	return charge.Notice{ID: id, Invoice: invoice, Outcome: charge.Settled, Amount: fee, Currency: "KZT", Receipt: "R-" + invoice, At: time.Date(2026, 11, 22, 11, 59, 0, 0, time.UTC)}
}

// deliver sends a notice as the gateway does.
func (h *house) deliver(n charge.Notice) error {
	body, err := pay.Encode(n)
	if err != nil {
		return err
	}
	return h.HandleNotice(h.t.Context(), body, pay.Sign(secret, "notice", body))
}

// acts counts the audit rows by action and object.
func (h *house) acts() map[string]int {
	h.t.Helper()
	out := map[string]int{}
	for after := ""; ; {
		var page []port.Record
		h.update(func(tx port.Tx) (err error) { page, err = tx.Records().Page(h.t.Context(), after, 1000); return err })
		for _, r := range page {
			e, err := audit.Parse(r.Bytes)
			if err != nil {
				h.t.Fatal(err)
			}
			out[e.Action+" "+e.Object]++
			after = r.ID
		}
		if len(page) == 0 {
			return out
		}
	}
}

func TestInvoice(t *testing.T) {
	h := open(t)
	a := h.draft()
	if _, ok, err := h.Status(t.Context(), h.actor, a.Number); ok || err != nil {
		t.Fatal(err)
	}
	if _, err := h.Start(t.Context(), h.actor, a.Number, lang.KK, "https://elicense.example/kk"); !fault.Is(err, KeyNotOwed) {
		t.Fatal(err)
	}
	first, err := h.EnsureInvoice(t.Context(), h.actor, a.Number, fee, "issue")
	if err != nil || first.State != charge.Due || first.Amount != fee {
		t.Fatalf("%+v %v", first, err)
	}
	if again, err := h.EnsureInvoice(t.Context(), h.actor, a.Number, fee, "issue"); err != nil || again != first {
		t.Fatalf("%+v %v", again, err)
	}
	dearer, err := h.EnsureInvoice(t.Context(), h.actor, a.Number, fee+100, "issue") // the index of the new year
	if err != nil || dearer.ID != first.ID || dearer != h.invoice(first.ID) || dearer.Amount != fee+100 {
		t.Fatalf("%+v %v", dearer, err)
	}
	if _, err := h.EnsureInvoice(t.Context(), h.actor, a.Number, 0, "issue"); !fault.Is(err, KeyAmount) {
		t.Fatal(err)
	}
	if _, err := h.EnsureInvoice(t.Context(), h.actor, "KZ19RFB00000999", fee, "issue"); fault.KindOf(err) != fault.NotFound || err == nil {
		t.Fatal(err)
	}
	address, err := h.Start(t.Context(), h.actor, a.Number, lang.KK, "https://elicense.example/kk")
	if err != nil || address == "" {
		t.Fatal(err)
	}
	other := access.Actor{Role: access.Applicant, Account: "x", Party: "x"}
	for name, err := range map[string]error{
		"status": failedStatus(h.Status(t.Context(), other, a.Number)), "start": failed(h.Start(t.Context(), other, a.Number, lang.KK, "https://elicense.example/kk")),
		"ensure": failed(h.EnsureInvoice(t.Context(), other, a.Number, fee, "issue")),
	} {
		if err == nil || fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s of another's application: %v", name, err)
		}
	}
	n := settled(first.ID, "n-1")
	n.Amount = fee + 100
	if err := h.deliver(n); err != nil {
		t.Fatal(err)
	}
	if i, ok, err := h.Status(t.Context(), h.actor, a.Number); err != nil || !ok || i.State != charge.Paid || i.Receipt != n.Receipt || !i.PaidAt.Equal(n.At) {
		t.Fatalf("%+v %v", i, err)
	}
	if i, err := h.EnsureInvoice(t.Context(), h.actor, a.Number, fee*2, "issue"); err != nil || i.Amount != fee+100 || i.State != charge.Paid {
		t.Fatal("what is paid was changed", err)
	}
	if _, err := h.Start(t.Context(), h.actor, a.Number, lang.KK, "https://elicense.example/kk"); !fault.Is(err, KeyAlreadyPaid) {
		t.Fatal(err)
	}
}

func failedStatus(_ charge.Invoice, _ bool, err error) error { return err }
func failed[T any](_ T, err error) error                     { return err }

func TestInvoicesAtOnce(t *testing.T) {
	h := open(t)
	a := h.draft()
	var wait sync.WaitGroup
	ids := make([]string, 20)
	for k := range ids {
		wait.Go(func() {
			i, err := h.EnsureInvoice(t.Context(), h.actor, a.Number, fee, "issue")
			if err != nil {
				t.Error(err)
			}
			ids[k] = i.ID
		})
	}
	wait.Wait()
	for _, id := range ids {
		if id != ids[0] || id == "" {
			t.Fatal("two invoices", ids)
		}
	}
}

func TestHundredDuplicates(t *testing.T) {
	h := open(t)
	i := h.owed()
	var wait sync.WaitGroup
	for range 100 {
		wait.Go(func() {
			if err := h.deliver(settled(i.ID, "n-1")); err != nil {
				t.Error(err)
			}
		})
	}
	for k := range 20 { // and other notices of the same payment
		wait.Go(func() {
			if err := h.deliver(settled(i.ID, fmt.Sprint("m-", k))); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if got := h.invoice(i.ID); got.State != charge.Paid || got.Version != 2 {
		t.Fatalf("%+v", got)
	}
	if n := h.acts()["invoice.paid invoice/"+i.ID]; n != 1 {
		t.Fatal(n, "settlements")
	}
}

func TestRefusedNotices(t *testing.T) {
	h := open(t)
	i := h.owed()
	body, _ := pay.Encode(settled(i.ID, "n-1"))
	if err := h.HandleNotice(t.Context(), body, pay.Sign(bytes.Repeat([]byte("x"), 32), "notice", body)); !fault.Is(err, pay.KeyForged) || fault.KindOf(err) != fault.Denied {
		t.Fatal(err)
	}
	if err := h.deliver(settled("no-such-invoice", "n-1")); !fault.Is(err, KeyUnknownInvoice) || fault.KindOf(err) != fault.NotFound {
		t.Fatal(err)
	}
	for k, change := range []func(*charge.Notice){func(n *charge.Notice) { n.Amount-- }, func(n *charge.Notice) { n.Amount *= 100 }, func(n *charge.Notice) { n.Currency = "RUB" }} {
		n := settled(i.ID, fmt.Sprint("w-", k))
		change(&n)
		if err := h.deliver(n); !fault.Is(err, "payment.wrong-sum") {
			t.Fatal(err)
		}
		if err := h.deliver(n); err != nil {
			t.Fatal("a repetition", err)
		}
	}
	if got := h.invoice(i.ID); got != i {
		t.Fatalf("%+v", got)
	}
	if n := h.acts()["invoice.notice-refused invoice/"+i.ID]; n != 3 {
		t.Fatal(n, "recorded")
	}
	if err := h.deliver(settled(i.ID, "n-1")); err != nil { // the right one still settles
		t.Fatal(err)
	}
	twice := settled(i.ID, "n-2")
	twice.Receipt = "R-second"
	if err := h.deliver(twice); err != nil || h.invoice(i.ID).Receipt != "R-"+i.ID || h.acts()["invoice.paid-again invoice/"+i.ID] != 1 {
		t.Fatal("paid twice at the gateway", err)
	}
}

func TestDeletedDrafts(t *testing.T) {
	h := open(t)
	remove := func(i charge.Invoice, cancel bool) {
		h.update(func(tx port.Tx) error {
			a, err := tx.Applications().Application(t.Context(), i.Application)
			if err != nil {
				return err
			}
			a.State = application.Deleted
			tx.Write().Applications().Change(a)
			if !cancel {
				return nil
			}
			return CancelIn(t.Context(), tx, h.world, h.actor, i.Application)
		})
	}
	unpaid, paid, lost := h.owed(), h.owed(), h.owed()
	if err := h.deliver(settled(paid.ID, "p-1")); err != nil {
		t.Fatal(err)
	}
	remove(unpaid, true)
	remove(paid, true)
	remove(lost, false) // its invoice was made in the moment of the deletion
	if a, b := h.invoice(unpaid.ID).State, h.invoice(paid.ID).State; a != charge.Void || b != charge.Returnable {
		t.Fatal(a, b)
	}
	for _, i := range []charge.Invoice{unpaid, lost} {
		for range 2 {
			if err := h.deliver(settled(i.ID, "late-"+i.ID)); err != nil {
				t.Fatal(err)
			}
		}
		if got := h.invoice(i.ID); got.State != charge.Returnable || got.Receipt == "" {
			t.Fatalf("%+v", got)
		}
		if n := h.acts()["invoice.returnable invoice/"+i.ID]; n != 1 {
			t.Fatal(n)
		}
	}
	h.update(func(tx port.Tx) error { return CancelIn(t.Context(), tx, h.world, h.actor, h.draft().Number) }) // nothing owed
}
