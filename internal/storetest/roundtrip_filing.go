package storetest

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"elicense/internal/application"
	"elicense/internal/charge"
	"elicense/internal/fault"
	"elicense/internal/ledger"
	"elicense/internal/permit"
	"elicense/internal/port"
)

const (
	notFound = fault.NotFound
	invalid  = fault.Invalid
	conflict = fault.Conflict
)

func applicationTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	a := f.addApplication("KZ1")
	bare := application.Application{Number: "KZ2", Party: a.Party, Account: a.Account, State: application.Draft, Version: 1, CreatedAt: base()}
	f.update(func(w port.Writes) { w.Applications().Add(bare) })
	other := f.newAccount("2")
	f.view(func(v port.View) error {
		r := v.Applications()
		gives(f, "application", a)(r.Application(f.ctx, "KZ1"))
		gives(f, "zero values", bare)(r.Application(f.ctx, "KZ2"))
		unknown[application.Application](f, "none")(r.Application(f.ctx, "KZ3"))
		found(f, "open one", bare)(r.OpenOf(f.ctx, a.Party, "", ""))
		missing[application.Application](f, "registered is not open")(r.OpenOf(f.ctx, a.Party, a.Service, a.Body))
		return nil
	})
	c := full[application.Application]()
	c.Number, c.Service, c.Party, c.CreatedAt, c.Attached = a.Number, a.Service, a.Party, a.CreatedAt, nil
	c.Account, c.State, c.Version = other.ID, application.Signing, a.Version
	c.Answers, c.Sources, c.Operation, c.Subtype, c.Body = map[string]string{}, nil, "other", "other", "other"
	c.Decision.Branch = "other"
	f.update(func(w port.Writes) { w.Applications().Change(c) })
	c.Version++
	f.view(func(v port.View) error {
		gives(f, "changed", c)(v.Applications().Application(f.ctx, "KZ1"))
		found(f, "one being signed is open", c)(v.Applications().OpenOf(f.ctx, c.Party, c.Service, "other"))
		gives(f, "pending", []string{"KZ1"})(v.Applications().Pending(f.ctx, 5))
		return nil
	})
	c.State = application.Deleted
	f.update(func(w port.Writes) { w.Applications().Change(c) })
	f.view(func(v port.View) error {
		unknown[application.Application](f, "deleted")(v.Applications().Application(f.ctx, "KZ1"))
		missing[application.Application](f, "deleted is not open")(v.Applications().OpenOf(f.ctx, c.Party, c.Service, "other"))
		return nil
	})
	for i, n := range []string{"KZ6", "KZ5", "KZ4"} {
		p := f.newApplication(n)
		p.State, p.Body, p.ChangedAt = application.Signing, n, base().Add(time.Duration(i)*time.Second)
		f.update(func(w port.Writes) { w.Applications().Add(p) })
	}
	f.view(func(v port.View) error {
		gives(f, "pending, oldest first", []string{"KZ6", "KZ5"})(v.Applications().Pending(f.ctx, 2))
		return nil
	})
}

func attachmentTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	d := f.addDocument("d")
	at := func(key string) application.Attachment {
		x := full[application.Attachment]()
		x.Key, x.Document = key, d.ID
		return x
	}
	a := f.newApplication("KZ1")
	a.State, a.Attached = application.Draft, []application.Attachment{at("a"), at("c")}
	f.update(func(w port.Writes) { w.Applications().Add(a) })
	check := func(what string) {
		t.Helper()
		f.view(func(v port.View) error {
			gives(f, what, a)(v.Applications().Application(f.ctx, "KZ1"))
			found(f, what, a)(v.Applications().OpenOf(f.ctx, a.Party, a.Service, a.Body))
			return nil
		})
	}
	check("attached with the draft")
	replaced := at("c")
	replaced.File, replaced.Digest, replaced.Size, replaced.Name, replaced.Document = "other", "other", 7, "other", f.addDocument("e").ID
	f.update(func(w port.Writes) {
		w.Applications().Attach("KZ1", at("b"))
		w.Applications().Attach("KZ1", replaced)
		w.Applications().Detach("KZ1", "a")
		w.Applications().Detach("KZ1", "never there")
	})
	a.Attached = []application.Attachment{at("b"), replaced}
	check("changed")
}

func eventTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	f.addApplication("KZ1")
	f.addApplication("KZ2")
	h := func(id, number string, second int) application.Happening {
		x := full[application.Happening]()
		x.ID, x.Application, x.At, x.Event = id, number, base().Add(time.Duration(second)*time.Second), application.Granted
		return x
	}
	x := []application.Happening{h("3", "KZ1", 0), h("2", "KZ1", 1), h("1", "KZ2", 2), h("0", "KZ1", 3)}
	f.update(func(w port.Writes) {
		for _, i := range []int{2, 0, 3, 1} {
			w.Applications().Happen(x[i])
		}
		w.Applications().Happen(application.Happening{ID: "quiet", Application: "KZ2", Event: application.Sent, At: base()})
	})
	f.view(func(v port.View) error {
		gives(f, "timeline", []application.Happening{x[0], x[1], x[3]})(v.Applications().Happenings(f.ctx, "KZ1"))
		gives(f, "undispatched", x[:3])(v.Applications().Undispatched(f.ctx, 3))
		return nil
	})
	f.update(func(w port.Writes) {
		w.Applications().Dispatched([]string{"3", "1"}, base())
		w.Applications().Dispatched([]string{"3"}, base())
	})
	f.view(func(v port.View) error {
		gives(f, "the rest", []application.Happening{x[1], x[3]})(v.Applications().Undispatched(f.ctx, 9))
		gives(f, "the timeline stays", []application.Happening{x[0], x[1], x[3]})(v.Applications().Happenings(f.ctx, "KZ1"))
		return nil
	})
}

func signatureTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	f.addApplication("KZ1")
	sign := func(id, number string, second int) port.StoredSignature {
		x := full[port.StoredSignature]()
		x.ID, x.Application, x.Content, x.Signature.At = id, number, []byte(id), base().Add(time.Duration(second)*time.Second)
		return x
	}
	first, second, registration := sign("2", "KZ1", 0), sign("1", "KZ1", 1), sign("3", "", 0)
	second.Signature.Evidence, registration.Signature.Unstamped = nil, false
	f.update(func(w port.Writes) {
		w.Applications().Sign(second)
		w.Applications().Sign(first)
		w.Applications().Sign(registration)
		w.Applications().SetRevocation("1", port.RevocationGood, base())
	})
	second.Signature.Revocation = port.RevocationGood
	f.view(func(v port.View) error {
		gives(f, "signatures, oldest first", []port.StoredSignature{first, second})(v.Applications().Signatures(f.ctx, "KZ1"))
		return nil
	})
	f.refused(notFound, "store.not-found", func(w port.Writes) { w.Applications().SetRevocation("x", port.RevocationGood, base()) })
}

// evidenceTrip adds evidence to signatures that are stored.
func evidenceTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	f.addApplication("KZ1")
	var all []port.StoredSignature
	for i, unstamped := range []bool{true, false, true, true} {
		x := full[port.StoredSignature]()
		x.ID, x.Application, x.Content = strconv.Itoa(i), "KZ1", []byte{byte(i)}
		x.Signature.Evidence, x.Signature.Unstamped, x.Signature.At = nil, unstamped, base().Add(time.Duration(i)*time.Second)
		all = append(all, x)
		f.update(func(w port.Writes) { w.Applications().Sign(x) })
	}
	waiting := func(i int) port.Unstamped { return port.Unstamped{Signature: all[i].ID, CMS: all[i].Signature.CMS} }
	f.view(func(v port.View) error {
		gives(f, "the unstamped", []port.Unstamped{waiting(0), waiting(2), waiting(3)})(v.Applications().Unstamped(f.ctx, "", 9))
		gives(f, "the first of them", []port.Unstamped{waiting(0)})(v.Applications().Unstamped(f.ctx, "", 1))
		gives(f, "those after it", []port.Unstamped{waiting(2), waiting(3)})(v.Applications().Unstamped(f.ctx, "0", 9))
		return nil
	})
	later := port.Evidence{Kind: port.EvidenceOCSP, DER: []byte("response"), At: base().Add(time.Hour)}
	stamp := port.Evidence{Kind: port.EvidenceTimestamp, DER: []byte("stamp"), At: base().Add(time.Minute)}
	twin := port.Evidence{Kind: port.EvidenceOCSP, DER: []byte("stamp"), At: base().Add(2 * time.Hour)}
	for range 2 {
		f.update(func(w port.Writes) {
			w.Applications().AddEvidence("0", later)
			w.Applications().AddEvidence("0", stamp)
			w.Applications().AddEvidence("0", twin)
			w.Applications().AddEvidence("1", stamp)
			w.Applications().AddEvidence("2", later)
		})
	}
	all[0].Signature.Evidence, all[0].Signature.Unstamped = []port.Evidence{stamp, later, twin}, false
	all[1].Signature.Evidence, all[2].Signature.Evidence = []port.Evidence{stamp}, []port.Evidence{later}
	f.view(func(v port.View) error {
		gives(f, "signatures with evidence", all)(v.Applications().Signatures(f.ctx, "KZ1"))
		gives(f, "only a time stamp ends the waiting", []port.Unstamped{waiting(2), waiting(3)})(v.Applications().Unstamped(f.ctx, "", 9))
		return nil
	})
	lists := port.Evidence{Kind: port.EvidenceList, DER: []byte("digests"), At: base()}
	again, others := lists, port.Evidence{Kind: port.EvidenceList, DER: []byte("other digests"), At: base().Add(time.Minute)}
	again.At = base().Add(time.Hour)
	registration := full[port.StoredSignature]()
	registration.ID, registration.Application, registration.Content, registration.Signature.Evidence = "5", "", []byte("5"), []port.Evidence{others}
	f.update(func(w port.Writes) {
		w.Applications().AddEvidence("0", lists)
		w.Applications().AddEvidence("1", again)
		w.Applications().Sign(registration)
	})
	f.view(func(v port.View) error {
		gives(f, "the lists that were consulted, also for registrations", []port.Evidence{lists, others})(v.Applications().Consulted(f.ctx))
		return nil
	})
	if err := f.s.Update(f.ctx, func(tx port.Tx) error {
		tx.Write().Applications().AddEvidence("nobody", stamp)
		return nil
	}); err == nil {
		t.Error("evidence of a signature that does not exist is stored")
	}
}

// numbers gives the numbers of a list.
func numbers[T any](all []T, number func(T) string) []string {
	list := []string{}
	for _, a := range all {
		list = append(list, number(a))
	}
	return list
}

func applicationListTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	other := f.newAccount("2")
	add := func(number string, second int, change func(*application.Application)) application.Application {
		a := f.newApplication(number)
		a.CreatedAt = base().Add(time.Duration(second) * time.Second)
		a.Service, a.Body, a.SentAt = "svc", "body", base().AddDate(0, 0, second)
		change(&a)
		f.update(func(w port.Writes) { w.Applications().Add(a) })
		return a
	}
	nothing := func(*application.Application) {}
	x := add("KZ19RFB00000001", 1, nothing)
	add("KZ19RFB00000002", 1, nothing) // same moment: the number decides
	add("KZ19RFB00000003", 3, func(a *application.Application) { a.State, a.SentAt = application.Draft, time.Time{} })
	add("KZ19RFC00000004", 4, func(a *application.Application) { a.Service = "svc2" })
	add("KZ19RFC00000005", 5, func(a *application.Application) { a.Body = "body2" })
	add("KZ19RFC00000006", 6, func(a *application.Application) { a.State = application.Deleted })
	add("KZ_9R%C00000007", 0, nothing)
	add("KZ19RFC00000008", 7, func(a *application.Application) { a.Party, a.Account = other.Party.ID, other.ID })
	party := f.account.Party.ID
	const n1, n2, n3, n4, n5, n7 = "KZ19RFB00000001", "KZ19RFB00000002", "KZ19RFB00000003", "KZ19RFC00000004", "KZ19RFC00000005", "KZ_9R%C00000007"
	cases := []struct {
		name string
		s    port.Search
		want []string
	}{
		{"all", port.Search{Limit: 10}, []string{n5, n4, n3, n2, n1, n7}},
		{"limit", port.Search{Limit: 2}, []string{n5, n4}},
		{"next page", port.Search{Limit: 2, Before: base().Add(4 * time.Second), BeforeNumber: n4}, []string{n3, n2}},
		{"page within one moment", port.Search{Limit: 9, Before: base().Add(time.Second), BeforeNumber: n2}, []string{n1, n7}},
		{"number", port.Search{Number: n4, NumberOp: port.Equals}, []string{n4}},
		{"number in small letters", port.Search{Number: "kz19rfc00000004", NumberOp: port.Equals}, []string{n4}},
		{"number with spaces and a Cyrillic letter", port.Search{Number: "КZ19 RFC 0000-0004", NumberOp: port.Equals}, []string{n4}},
		{"part of a number is not equal", port.Search{Number: "RFC", NumberOp: port.Equals}, []string{}},
		{"contains", port.Search{Number: "rfb", NumberOp: port.Contains}, []string{n3, n2, n1}},
		{"contains a wildcard", port.Search{Number: "%C", NumberOp: port.Contains}, []string{n7}},
		{"contains an underscore", port.Search{Number: "_9", NumberOp: port.Contains}, []string{n7}},
		{"contains the escape", port.Search{Number: "!", NumberOp: port.Contains}, []string{}},
		{"contains an injection", port.Search{Number: "' OR 1=1 --", NumberOp: port.Contains}, []string{}},
		{"sent from", port.Search{DayFrom: base().AddDate(0, 0, 4)}, []string{n5, n4}},
		{"sent before", port.Search{DayTo: base().AddDate(0, 0, 4)}, []string{n2, n1, n7}},
		{"sent between", port.Search{DayFrom: base().AddDate(0, 0, 1), DayTo: base().AddDate(0, 0, 5)}, []string{n4, n2, n1}},
		{"service", port.Search{Service: "svc2"}, []string{n4}},
		{"body", port.Search{Body: "body2"}, []string{n5}},
		{"state", port.Search{State: application.Draft}, []string{n3}},
		{"deleted", port.Search{State: application.Deleted}, []string{}},
		{"everything", port.Search{Number: n4, NumberOp: port.Contains, DayFrom: base(), DayTo: base().AddDate(1, 0, 0), Body: "body", Service: "svc2",
			State: application.Registered, Before: base().AddDate(1, 0, 0), BeforeNumber: "Z", Limit: 5}, []string{n4}},
	}
	f.view(func(v port.View) error {
		for _, c := range cases {
			c.s.Party = party
			got, err := v.Applications().List(f.ctx, c.s)
			gives(f, c.name, c.want)(numbers(got, func(a application.Application) string { return a.Number }), err)
		}
		x.Answers, x.Sources = nil, nil
		gives(f, "a row of the list", []application.Application{x})(v.Applications().List(f.ctx, port.Search{Party: party, Number: n1, NumberOp: port.Equals}))
		gives(f, "nobody's", []application.Application(nil))(v.Applications().List(f.ctx, port.Search{}))
		return nil
	})
}

func documentTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	a, b := f.addDocument("a"), f.addDocument("b")
	deleted := full[port.StoredDocument]()
	deleted.ID, deleted.Party = "c", a.Party
	f.update(func(w port.Writes) { w.Documents().Add(deleted) })
	f.view(func(v port.View) error {
		gives(f, "document", a)(v.Documents().Document(f.ctx, "a"))
		gives(f, "deleted stays readable", deleted)(v.Documents().Document(f.ctx, "c"))
		gives(f, "newest first", []port.StoredDocument{b, a})(v.Documents().ListOf(f.ctx, a.Party))
		unknown[port.StoredDocument](f, "none")(v.Documents().Document(f.ctx, "x"))
		return nil
	})
	a.DeletedAt = base()
	f.update(func(w port.Writes) { w.Documents().Delete("a", a.DeletedAt) })
	f.view(func(v port.View) error {
		gives(f, "deleted", a)(v.Documents().Document(f.ctx, "a"))
		gives(f, "hidden", []port.StoredDocument{b})(v.Documents().ListOf(f.ctx, a.Party))
		var all []port.StoredDocument
		gives(f, "each", error(nil))(v.Documents().Each(f.ctx, func(d port.StoredDocument) error {
			all = append(all, d)
			return nil
		}), nil)
		gives(f, "all, deleted ones too", []port.StoredDocument{a, b, deleted})(all, nil)
		return nil
	})
}

func (f *fixture) newInvoice(id, number string) charge.Invoice {
	i := full[charge.Invoice]()
	i.ID, i.Application, i.Party, i.State, i.Version = id, number, f.account.Party.ID, charge.Due, 1
	return i
}

func invoiceTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	f.addApplication("KZ1")
	i, n, ask := f.newInvoice("i", "KZ1"), full[charge.Notice](), full[port.Challenge]()
	n.Invoice, ask.Application = "i", "KZ1"
	f.update(func(w port.Writes) {
		w.Keys().AddChallenge(ask)
		w.Keys().AddChallenge(port.Challenge{Nonce: "at the log-in"})
		w.Invoices().Add(i)
		w.Invoices().Notice(n)
	})
	f.view(func(v port.View) error {
		gives(f, "invoice", i)(v.Invoices().Invoice(f.ctx, "i"))
		found(f, "of the application", i)(v.Invoices().OfApplication(f.ctx, "KZ1"))
		a, err := v.Applications().Application(f.ctx, "KZ1")
		if err != nil {
			return err
		}
		gives(f, "dossier", port.Dossier{Application: a, Party: f.account.Party, Invoice: i, Invoiced: true})(v.Applications().Dossier(f.ctx, "KZ1"))
		unknown[port.Dossier](f, "dossier of none")(v.Applications().Dossier(f.ctx, "KZ9"))
		gives(f, "asked", port.Asked{Challenge: ask, Dossier: port.Dossier{Application: a, Party: f.account.Party, Invoice: i, Invoiced: true}})(v.Applications().Asked(f.ctx, ask.Nonce))
		unknown[port.Asked](f, "asked of none")(v.Applications().Asked(f.ctx, "never"))
		unknown[port.Asked](f, "asked without an application")(v.Applications().Asked(f.ctx, "at the log-in"))
		missing[charge.Invoice](f, "of another one")(v.Invoices().OfApplication(f.ctx, "KZ2"))
		unknown[charge.Invoice](f, "none")(v.Invoices().Invoice(f.ctx, "x"))
		gives(f, "noticed", true)(v.Invoices().Noticed(f.ctx, n.ID))
		gives(f, "not noticed", false)(v.Invoices().Noticed(f.ctx, "x"))
		return nil
	})
	c := i
	c.Amount, c.Purpose, c.State, c.PaidAt, c.Receipt = 1, "other", charge.Void, time.Time{}, "other"
	f.update(func(w port.Writes) { w.Invoices().Change(c) })
	c.Version++
	f.view(func(v port.View) error {
		d, err := v.Applications().Dossier(f.ctx, "KZ1")
		if d.Invoiced || err != nil {
			f.Errorf("a void invoice is in the dossier: %v", err)
		}
		return nil
	})
	second := f.newInvoice("j", "KZ1")
	f.update(func(w port.Writes) { w.Invoices().Add(second) })
	f.view(func(v port.View) error {
		gives(f, "changed", c)(v.Invoices().Invoice(f.ctx, "i"))
		found(f, "the one that is not void", second)(v.Invoices().OfApplication(f.ctx, "KZ1"))
		return nil
	})
}

func quotaTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	f.addApplication("KZ1")
	big := ledger.Quota{ID: "b", Unit: "166", Total: 1<<63 - 1}
	small := ledger.Quota{ID: "a", Unit: "796", Total: 5}
	f.update(func(w port.Writes) {
		w.Ledger().SetTotal(big)
		w.Ledger().SetTotal(ledger.Quota{ID: "a", Unit: "796", Total: 5, Granted: 3}) // granted only grows by Take
	})
	f.view(func(v port.View) error {
		gives(f, "quotas", []ledger.Quota{small, big})(v.Ledger().Quotas(f.ctx))
		found(f, "quota", small)(v.Ledger().Quota(f.ctx, "a"))
		missing[ledger.Quota](f, "none")(v.Ledger().Quota(f.ctx, "x"))
		return nil
	})
	f.update(func(w port.Writes) {
		w.Ledger().Take(ledger.Entry{Quota: "a", Application: "KZ1", Amount: 4})
		w.Ledger().Take(ledger.Entry{Quota: "b", Application: "KZ1", Amount: 1<<63 - 1})
	})
	f.update(func(w port.Writes) { w.Ledger().SetTotal(ledger.Quota{ID: "a", Unit: "112", Total: 2}) })
	f.view(func(v port.View) error {
		found(f, "lowered under what was granted", ledger.Quota{ID: "a", Unit: "112", Total: 2, Granted: 4})(v.Ledger().Quota(f.ctx, "a"))
		gives(f, "entries", []ledger.Entry{{Quota: "a", Application: "KZ1", Amount: 4}})(v.Ledger().Entries(f.ctx, "a"))
		gives(f, "of an application", []ledger.Entry{{Quota: "a", Application: "KZ1", Amount: 4}, {Quota: "b", Application: "KZ1", Amount: 1<<63 - 1}})(v.Ledger().Granted(f.ctx, "KZ1"))
		gives(f, "no entries", []ledger.Entry(nil))(v.Ledger().Entries(f.ctx, "x"))
		found(f, "all of it", ledger.Quota{ID: "b", Unit: "166", Total: 1<<63 - 1, Granted: 1<<63 - 1})(v.Ledger().Quota(f.ctx, "b"))
		return nil
	})
	back := ledger.Entry{Quota: "a", Application: "KZ1", Amount: 4}
	f.refused(conflict, "store.race", func(w port.Writes) { w.Ledger().Release(ledger.Entry{Quota: "a", Application: "KZ1", Amount: 3}) })
	f.update(func(w port.Writes) { w.Ledger().Release(back) })
	f.refused(conflict, "store.race", func(w port.Writes) { w.Ledger().Release(back) })
	f.view(func(v port.View) error {
		found(f, "given back", ledger.Quota{ID: "a", Unit: "112", Total: 2})(v.Ledger().Quota(f.ctx, "a"))
		gives(f, "no entry any more", []ledger.Entry(nil))(v.Ledger().Entries(f.ctx, "a"))
		return nil
	})
}

func (f *fixture) newPermit(number, application string) permit.Permit {
	p := full[permit.Permit]()
	p.Number, p.Application, p.Party = number, application, f.account.Party.ID
	p.Standing = p.After(nil)
	return p
}

func permitTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	f.addApplication("KZ1")
	f.addApplication("KZ2")
	p := f.newPermit("KZP1", "KZ1")
	bare := permit.Permit{Number: "KZP2", Application: "KZ2", Party: p.Party, From: p.From}
	bare.Standing = bare.After(nil)
	kk, ru := full[permit.File](), full[permit.File]()
	kk.Permit, kk.Lang, ru.Permit, ru.Lang, ru.Digest = "KZP1", "kk", "KZP1", "ru", "other"
	second, appendix, act := kk, kk, kk
	second.Edition, appendix.Appendix, act.Act = kk.Edition+1, kk.Appendix+"1", kk.Act+1
	f.update(func(w port.Writes) {
		w.Permits().Add(p)
		w.Permits().Add(bare)
		for _, file := range []permit.File{act, second, appendix, ru, kk} {
			w.Permits().AddFile(file)
		}
	})
	f.view(func(v port.View) error {
		gives(f, "permit", p)(v.Permits().Permit(f.ctx, "KZP1"))
		gives(f, "zero values", bare)(v.Permits().Permit(f.ctx, "KZP2"))
		unknown[permit.Permit](f, "none")(v.Permits().Permit(f.ctx, "x"))
		gives(f, "files", []permit.File{kk, ru, second, appendix, act})(v.Permits().Documents().Files(f.ctx, "KZP1"))
		gives(f, "no files", []permit.File(nil))(v.Permits().Documents().Files(f.ctx, "KZP2"))
		found(f, "by digest", ru)(v.Permits().Documents().FileByDigest(f.ctx, "other"))
		missing[permit.File](f, "by no digest")(v.Permits().Documents().FileByDigest(f.ctx, "x"))
		return nil
	})
}

func permitListTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	var all []permit.Permit
	for i := range 5 {
		number := fmt.Sprintf("KZ19LTL0000000%d", i)
		f.addApplication("KZ" + number)
		p := f.newPermit(number, "KZ"+number)
		p.IssuedAt, p.Service, p.Body = base().Add(time.Duration(i/2)*24*time.Hour), fmt.Sprint("svc", i%2), fmt.Sprint("body", i/2)
		f.update(func(w port.Writes) { w.Permits().Add(p) })
		all = append(all, p)
	}
	f.addApplication("slip")
	slip := f.newPermit("KZ19UTL00000003", "slip")
	f.update(func(w port.Writes) { w.Permits().Add(slip) })
	all = append(all, slip)
	cases := []struct {
		name string
		s    port.Search
		want []int
	}{
		{"all", port.Search{}, []int{4, 3, 2, 1, 0}},
		{"slips of notifications", port.Search{Slips: true}, []int{5}},
		{"slip by number", port.Search{Slips: true, Number: "003", NumberOp: port.Contains}, []int{5}},
		{"first page", port.Search{Limit: 2}, []int{4, 3}},
		{"second page", port.Search{Limit: 2, Before: all[3].IssuedAt, BeforeNumber: all[3].Number}, []int{2, 1}},
		{"number", port.Search{Number: "003", NumberOp: port.Contains}, []int{3}},
		{"service", port.Search{Service: "svc1"}, []int{3, 1}},
		{"body", port.Search{Body: "body1"}, []int{3, 2}},
		{"issued", port.Search{DayFrom: all[2].IssuedAt, DayTo: all[4].IssuedAt}, []int{3, 2}},
		{"a state of applications does not filter", port.Search{State: application.Draft, Limit: 1}, []int{4}},
	}
	f.view(func(v port.View) error {
		for _, c := range cases {
			c.s.Party = f.account.Party.ID
			var want []permit.Permit
			for _, i := range c.want {
				want = append(want, all[i])
			}
			gives(f, c.name, want)(v.Permits().List(f.ctx, c.s))
		}
		gives(f, "nobody's", []permit.Permit(nil))(v.Permits().List(f.ctx, port.Search{Party: "x"}))
		return nil
	})
}
