package ledger

import (
	"fmt"
	"strings"
	"testing"

	"elicense/internal/access"
	"elicense/internal/fault"
	"elicense/internal/lang"
)

func allocated(first, last int64) Range {
	return Range{Code: "7172", First: first, Last: last, State: Allocated, Permit: "KZP", Party: "p", HolderName: "Оператор", HolderNumber: "1"}
}

func person(iin string, duties ...access.Duty) access.Actor {
	return access.Actor{Role: access.Officer, Account: iin + "-account", Person: iin, Body: "cci", Duties: duties}
}

func withdrawal(t *testing.T) Order {
	t.Helper()
	o, err := allocated(0, 99).Order()
	if err != nil || o.Does != Withdraw {
		t.Fatalf("%+v, %v", o, err)
	}
	o.ID, o.Until, o.Proposed.Person = "order", day(9), "1"
	o.Reason = Reason{Ground: lang.Text{KK: "а", RU: "а", EN: "a"}, KK: "себеп", RU: "причина"}
	return o
}

func TestOrdersAreChecked(t *testing.T) {
	if wrong := withdrawal(t).Check(allocated(0, 99), day(1)); wrong != nil {
		t.Fatalf("a good one: %v", wrong)
	}
	for want, change := range map[string]func(*Order){
		"last ledger.outside":     func(o *Order) { o.Last = 100 },
		"last ledger.outside ":    func(o *Order) { o.First, o.Last = 5, 4 },
		"first ledger.outside":    func(o *Order) { o.First = -1 },
		"first ledger.outside ":   func(o *Order) { o.First = 100 },
		"first ledger.outside  ":  func(o *Order) { o.Code = "727" },
		"ground ledger.ground":    func(o *Order) { o.Reason.Ground = lang.Text{} },
		"reason_kk ledger.reason": func(o *Order) { o.Reason.KK = " " },
		"reason_ru ledger.reason": func(o *Order) { o.Reason.RU = "" },
		"reason_ru work.too-long": func(o *Order) { o.Reason.RU = strings.Repeat("ү", maxReason+1) },
		"until ledger.until":      func(o *Order) { o.Until = day(0) },
	} {
		o := withdrawal(t)
		change(&o)
		wrong := o.Check(allocated(0, 99), day(1))
		if len(wrong) != 1 || wrong[0].Path+" "+wrong[0].Key != strings.TrimSpace(want) {
			t.Errorf("%s: %v", want, wrong)
		}
	}
	for _, state := range []RangeState{Free, Reserved, Withdrawn} {
		_, err := Range{Code: "7172", State: state}.Order()
		wantFault(t, string(state), err, fault.Conflict, "ledger.move")
	}
}

// Four eyes are two persons with the duties, whichever accounts they use.
func TestWhoConfirms(t *testing.T) {
	o := withdrawal(t)
	again := person("1", access.Approver)
	again.Account = "a second account"
	for _, c := range []struct {
		who           access.Actor
		confirm, drop string
	}{
		{person("2", access.Approver), "", ""}, {person("2", access.Head), "", ""},
		{person("2", access.Executor), "office.no-duty", "office.no-duty"},
		{person("1", access.Executor), "office.no-duty", ""}, {again, "work.same-person", ""},
		{access.Actor{Role: access.Applicant, Person: "2", Duties: []access.Duty{access.Approver}}, "office.no-duty", "office.no-duty"},
	} {
		for what, got := range map[string]struct {
			err error
			key string
		}{"confirm": {o.MayConfirm(c.who), c.confirm}, "drop": {o.MayDrop(c.who), c.drop}} {
			if got.key == "" && got.err != nil || got.key != "" && !fault.Is(got.err, got.key) {
				t.Errorf("%s by %+v: %v, want %q", what, c.who, got.err, got.key)
			}
		}
	}
	inPlace := func(person, absent, service string, duty access.Duty) access.Actor {
		return access.Actor{Role: access.Officer, Account: "a" + person, Person: person, Body: "cci", Absent: []access.Absent{{Account: "a" + absent, Person: absent, Service: service, Duties: []access.Duty{duty}}}}
	}
	for name, c := range map[string]struct {
		who access.Actor
		key string
	}{
		"a deputy": {inPlace("3", "2", "", access.Approver), ""}, "of one service": {inPlace("3", "2", "numbering", access.Approver), "office.no-duty"},
		"of another duty": {inPlace("3", "2", "", access.Executor), "office.no-duty"}, "who proposed": {inPlace("1", "2", "", access.Head), "work.same-person"},
		"in the place of who proposed": {inPlace("3", "1", "", access.Head), "work.same-person"},
	} {
		if err := o.MayConfirm(c.who); c.key == "" && err != nil || c.key != "" && !fault.Is(err, c.key) {
			t.Errorf("%s: %v, want %q", name, err, c.key)
		}
	}
	by, err := Doing(inPlace("3", "2", "", access.Executor), o.Proposed.At, access.Executor)
	deputised := o
	if deputised.Proposed = by; err != nil || by.For != "a2" || by.ForPerson != "2" || by.Person != "3" {
		t.Errorf("%+v %v", by, err)
	}
	wantFault(t, "for whom it was proposed", deputised.MayConfirm(person("2", access.Head)), fault.Conflict, "work.same-person")
	if err := deputised.MayDrop(person("2", access.Executor)); err != nil {
		t.Errorf("they may take it back: %v", err)
	}
	o.State = Confirmed
	wantFault(t, "twice", o.MayConfirm(person("2", access.Head)), fault.Conflict, "ledger.order-closed")
	wantFault(t, "dropped after it", o.MayDrop(person("1", access.Head)), fault.Conflict, "ledger.order-closed")
	wantFault(t, "no duty", MayPropose(person("1", access.Approver)), fault.Denied, "office.no-duty")
}

func TestOrdersAreDone(t *testing.T) {
	o := withdrawal(t)
	r, err := o.Apply(allocated(0, 99), day(1))
	if err != nil || r.State != Quarantined || r.Until != day(9) || r.Since != day(1) || r.Ground != "order" || r.Permit != "KZP" {
		t.Fatalf("%+v, %v", r, err)
	}
	_, err = o.Apply(r, day(1))
	wantFault(t, "twice", err, fault.Conflict, "ledger.move")
	other := allocated(0, 99)
	other.Permit = "KZQ"
	_, err = o.Apply(other, day(1))
	wantFault(t, "another's", err, fault.Conflict, "ledger.order-stale")
	_, err = o.Apply(allocated(0, 99), day(10))
	wantFault(t, "too late", err, fault.Invalid, "ledger.until")

	back, err := r.Order()
	if err != nil || back.Does != Return {
		t.Fatal(back, err)
	}
	free, err := back.Apply(r, day(2))
	if err != nil || free != (Range{Code: "7172", Last: 99, State: Free, Since: day(2)}) {
		t.Errorf("%+v, %v", free, err)
	}
}

func TestStrip(t *testing.T) {
	in := func(s RangeState, first, last int64) Range {
		return Range{Code: "7172", First: first, Last: last, State: s}
	}
	whole := []Range{in(Free, 0, 99), in(Allocated, 100, 149), in(Quarantined, 150, 199), in(Free, 500, 699)}
	for _, c := range []struct {
		ranges []Range
		cells  int64
		want   string
	}{
		{nil, 10, ""},
		{whole, 400, "free 0.25 allocated 0.12 quarantined 0.12 free 0.50"},
		{whole, 8, "free 0.25 allocated 0.12 quarantined 0.12 free 0.50"},
		{whole, 4, "free 0.25 allocated 0.25 free 0.50"}, // of two alike the earlier one in a range's life
		{whole, 1, "free 1.00"},
		{[]Range{in(Reserved, 0, 0), in(Withdrawn, 1, 1)}, 9, "reserved 0.50 withdrawn 0.50"},
	} {
		var got []string
		sum := 0.0
		for _, s := range Strip(c.ranges, c.cells) {
			got = append(got, fmt.Sprintf("%s %.2f", s.State, s.Share-0.0001))
			sum += s.Share
		}
		if strings.Join(got, " ") != c.want || len(got) > 0 && (sum < 0.999 || sum > 1.001) {
			t.Errorf("%d cells: %v, sum %f", c.cells, got, sum)
		}
	}
}
