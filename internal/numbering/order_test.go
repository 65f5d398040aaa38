package numbering

import (
	"strings"
	"testing"

	"elicense/internal/access"
	"elicense/internal/audit"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/ledger"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/service"
)

func grounds(body string) []service.Refusal {
	if body != "cci" {
		return nil
	}
	return []service.Refusal{{Key: "unused", Ground: lang.Text{KK: "пайдаланылмайды", RU: "не используются", EN: "unused"}, Act: lang.Text{KK: "№ 67", RU: "№ 67", EN: "No. 67"}}}
}

// officer is a person at a body, with an account of its own for every duty.
func officer(person, body string, duties ...access.Duty) access.Actor {
	a := access.Actor{Role: access.Officer, Account: person, Person: person, Body: body, Duties: duties}
	for _, d := range duties {
		a.Account += "-" + string(d)
	}
	return a
}

func executor() access.Actor { return officer("1", "cci", access.Executor) }
func approver() access.Actor { return officer("2", "cci", access.Approver) }

func unused(first, last int64, until civil.Date) Proposal {
	return Proposal{Does: ledger.Withdraw, First: first, Last: last, Ground: "unused", ReasonKK: "Пайдаланылмаған.", ReasonRU: "Не используются.", Until: until}
}

// from gives the first number of the range in which a number stands.
func (h *house) from(code ledger.Code, number int64) int64 {
	h.t.Helper()
	s, err := h.Sheet(h.t.Context(), executor(), string(code))
	if err != nil {
		h.t.Fatal(err)
	}
	for _, r := range s.Ranges {
		if number >= r.First && number <= r.Last {
			return r.First
		}
	}
	h.t.Fatalf("no range holds %d", number)
	return 0
}

func (h *house) propose(code ledger.Code, p Proposal) string {
	h.t.Helper()
	id, err := h.ProposeOrder(h.t.Context(), executor(), string(code), h.from(code, p.First), p)
	if err != nil {
		h.t.Fatal(err)
	}
	return id
}

func (h *house) withdraw(code ledger.Code, first, last int64, until civil.Date) {
	h.t.Helper()
	if err := h.Confirm(h.t.Context(), approver(), h.propose(code, unused(first, last, until))); err != nil {
		h.t.Fatal(err)
	}
}

// allocated loads a plan whose numbers 100-299 a permit has.
func allocated(t *testing.T) *house {
	h := open(t)
	h.load(plan1)
	h.apply("KZ1")
	if _, err := h.Reserve(t.Context(), official(), "KZ1", []ledger.Range{{Code: "7172", First: 100, Last: 299}}); err != nil {
		t.Fatal(err)
	}
	h.update(func(tx port.Tx) error {
		_, err := h.CommitIn(t.Context(), tx, official(), permit.Permit{Number: "KZP1", Application: "KZ1", Party: "party", HolderName: "Оператор", HolderNumber: "041040000000"}, h.world.Now())
		return err
	})
	return h
}

// keyOf is the first field error of a fault as "path:key".
func keyOf(err error) string {
	f, ok := fault.As(err)
	if !ok || len(f.Fields) == 0 {
		return ""
	}
	return f.Fields[0].Path + ":" + f.Fields[0].Key
}

func TestTwoPersonsWithdraw(t *testing.T) {
	h := allocated(t)
	ctx := t.Context()
	until := civil.New(2027, 5, 1)
	before := h.register()
	id := h.propose("7172", unused(150, 199, until))
	h.is("nothing happens by a proposal", before)
	_, err := h.ProposeOrder(ctx, executor(), "7172", 100, unused(199, 210, until))
	wantFault(t, "another order about them", err, fault.Conflict, "ledger.order-open")

	sameAgain := officer("1", "cci", access.Approver, access.Head)
	for what, c := range map[string]struct {
		who access.Actor
		key string
	}{
		"the one who proposed, by another account": {sameAgain, "work.same-person"},
		"without the duty":                         {officer("3", "cci", access.Executor), "office.no-duty"},
		"another body":                             {officer("2", "mti", access.Approver), "fault.not-found"},
	} {
		if err := h.Confirm(ctx, c.who, id); !fault.Is(err, c.key) {
			t.Errorf("%s confirms: %v", what, err)
		}
	}
	h.is("nor by those who may not confirm", before)
	if err := h.Confirm(ctx, approver(), id); err != nil {
		t.Fatal(err)
	}
	wantFault(t, "twice", h.Confirm(ctx, approver(), id), fault.Conflict, "ledger.order-closed")
	h.is("withdrawn", "717-2 000000-000099 free \n717-2 000100-000149 allocated KZ1KZP1\n717-2 000150-000199 quarantined KZ1KZP1\n"+
		"717-2 000200-000299 allocated KZ1KZP1\n717-2 000300-000999 free \n727 0000000-0000099 free \n")
	annex, err := h.Annex(ctx, "KZP1")
	if err != nil || written(annex) != "717-2 000100-000149, 717-2 000200-000299" {
		t.Errorf("annex %s, %v", written(annex), err)
	}
	h.orderRow(id, "permit/KZP1")
}

// orderRow finds the audit row of a withdrawal at the permit.
func (h *house) orderRow(id, object string) {
	h.t.Helper()
	found := false
	err := h.Store.View(h.t.Context(), func(v port.View) error {
		rows, err := v.Records().Page(h.t.Context(), "", 100)
		for _, r := range rows {
			e, err := audit.Parse(r.Bytes)
			if err != nil {
				return err
			}
			found = found || e.Action == "numbers.withdrawn" && e.Object == object && e.Details["order"] == id && e.Details["ranges"] == "717-2 000150-000199" &&
				strings.Contains(e.Details["ground"], "не используются") && e.Actor == approver().Account
		}
		return err
	})
	if err != nil || !found {
		h.t.Errorf("no audit row at %s, %v", object, err)
	}
}

// An official ends a quarantine before its last day by an order too; the numbers are free and proposed again.
func TestQuarantineEndsByOrder(t *testing.T) {
	h := allocated(t)
	ctx := t.Context()
	h.withdraw("7172", 100, 299, civil.New(2030, 1, 1))
	if n, err := h.Sweep(ctx); n != 0 || err != nil {
		t.Fatalf("swept %d, %v", n, err)
	}
	_, err := h.ProposeOrder(ctx, executor(), "7172", 100, unused(100, 199, civil.New(2030, 1, 1)))
	wantFault(t, "a page from before the withdrawal", err, fault.Conflict, "ledger.order-stale")
	id := h.propose("7172", Proposal{Does: ledger.Return, First: 100, Last: 299, ReasonKK: "Ешкім термейді.", ReasonRU: "Никто не набирает."})
	wantFault(t, "by the same person", h.Confirm(ctx, officer("1", "cci", access.Head), id), fault.Conflict, "work.same-person")
	if err := h.Confirm(ctx, approver(), id); err != nil {
		t.Fatal(err)
	}
	h.is("free again", "717-2 000000-000999 free \n727 0000000-0000099 free \n")
	chosen, err := h.Propose(ctx, official(), []Want{{"7172", 1000}}, 100)
	if err != nil || written(chosen) != "717-2 000000-000999" {
		t.Errorf("proposed %s, %v", written(chosen), err)
	}
}

func TestOrdersThatCannotBeDone(t *testing.T) {
	h := allocated(t)
	ctx := t.Context()
	until := civil.New(2026, 11, 25)
	for want, p := range map[string]Proposal{
		"ground:ledger.ground":    {Does: ledger.Withdraw, First: 100, Last: 299, Ground: "other", ReasonKK: "а", ReasonRU: "а", Until: until},
		"reason_ru:ledger.reason": {Does: ledger.Withdraw, First: 100, Last: 299, Ground: "unused", ReasonKK: "а", Until: until},
		"last:ledger.outside":     unused(100, 300, until),
		"until:ledger.until":      unused(100, 299, civil.New(2026, 11, 21)),
	} {
		if _, err := h.ProposeOrder(ctx, executor(), "717-2", 100, p); keyOf(err) != want {
			t.Errorf("%s: %v", want, err)
		}
	}
	_, err := h.ProposeOrder(ctx, executor(), "7172", 0, unused(0, 9, until))
	wantFault(t, "free numbers", err, fault.Conflict, "ledger.move")
	_, err = h.ProposeOrder(ctx, executor(), "7172", 101, unused(101, 110, until))
	wantFault(t, "no such range", err, fault.NotFound, "fault.not-found")
	_, err = h.ProposeOrder(ctx, approver(), "7172", 100, unused(100, 110, until))
	wantFault(t, "no duty to propose", err, fault.Denied, "office.no-duty")

	dropped := h.propose("7172", unused(100, 199, until))
	if err := h.Drop(ctx, executor(), dropped); err != nil {
		t.Fatal(err)
	}
	wantFault(t, "a dropped one", h.Confirm(ctx, approver(), dropped), fault.Conflict, "ledger.order-closed")
	late := h.propose("7172", unused(100, 199, until))
	h.world.days.Store(9)
	if err := h.Confirm(ctx, approver(), late); keyOf(err) != "until:ledger.until" {
		t.Errorf("after the quarantine would be over: %v", err)
	}
	if err := h.Drop(ctx, approver(), late); err != nil {
		t.Error(err)
	}
}

func TestPlanIsSearched(t *testing.T) {
	h := open(t)
	h.load("code,first,last,state,name_kk,name_ru,name_en\n7172,000000,000999,free,Астана қаласы,город Астана,Astana\n727,0000000,0000099,free,Алматы,Алматы,Almaty\n")
	for text, want := range map[string]string{"": "717-2 727", "717-2": "717-2", "7": "717-2 727", "қала": "717-2", "кала": "717-2", "ALMATY": "727", "9": "", "x": ""} {
		codes, _, err := h.Plan(t.Context(), executor(), text)
		var got []string
		for _, c := range codes {
			got = append(got, c.Code.String())
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	_, _, err := h.Plan(t.Context(), officer("1", "mti", access.Executor), "")
	wantFault(t, "another body", err, fault.NotFound, "fault.not-found")
}
