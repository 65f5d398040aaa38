package storetest

import (
	"fmt"
	"testing"

	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/ledger"
	"elicense/internal/port"
)

// numberRange has every field filled.
func numberRange(code ledger.Code, first, last int64) ledger.Range {
	r := full[ledger.Range]()
	r.Code, r.First, r.Last = code, first, last
	return r
}

// addRanges puts ranges under their codes.
func (f *fixture) addRanges(ranges ...ledger.Range) {
	f.Helper()
	f.update(func(w port.Writes) {
		for _, r := range ranges {
			w.Ledger().PutCode(r.Code, lang.Text{})
			w.Ledger().AddRange(r)
		}
	})
}

func rangeTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	name := full[lang.Text]()
	filled, bare := numberRange("7172", 100, 199), ledger.Range{Code: "7172", First: 0, Last: 0, State: ledger.Free}
	other := ledger.Range{Code: "727", First: 5_000_000_000, Last: 5_000_000_009, State: ledger.Free}
	f.update(func(w port.Writes) {
		w.Ledger().PutCode("600", lang.Text{})
		w.Ledger().PutCode("7172", lang.Text{KK: "before"})
	})
	f.addRanges(filled, bare, other)
	f.update(func(w port.Writes) { w.Ledger().PutCode("7172", name) })
	f.view(func(v port.View) error {
		r := v.Ledger()
		gives(f, "ranges by code and number", []ledger.Range{bare, filled, other})(r.Ranges(f.ctx, port.RangeSearch{}))
		gives(f, "codes", []ledger.CodeCount{
			{Code: "600", Numbers: map[ledger.RangeState]int64{}},
			{Code: "7172", Name: name, Capacity: 101, Numbers: map[ledger.RangeState]int64{ledger.Free: 1, filled.State: 100}},
			{Code: "727", Capacity: 10, Numbers: map[ledger.RangeState]int64{ledger.Free: 10}},
		})(r.Codes(f.ctx))
		return nil
	})
	left, middle, right := filled, filled, filled
	left.Last, middle.First, middle.Last, right.First = 149, 150, 159, 160
	middle.State, middle.Application, middle.Permit, middle.Until = ledger.Quarantined, "KZ9", "KZP9", civil.New(2026, 5, 1)
	f.update(func(w port.Writes) {
		w.Ledger().ReplaceRanges([]ledger.Range{filled}, []ledger.Range{right, left, middle})
	})
	searches := []struct {
		name string
		s    port.RangeSearch
		want []ledger.Range
	}{
		{"code", port.RangeSearch{Code: "7172"}, []ledger.Range{bare, left, middle, right}},
		{"state", port.RangeSearch{State: ledger.Free}, []ledger.Range{bare, other}},
		{"code and state", port.RangeSearch{Code: "727", State: ledger.Free}, []ledger.Range{other}},
		{"application", port.RangeSearch{Application: "KZ9"}, []ledger.Range{middle}},
		{"permit", port.RangeSearch{Permit: "KZP9"}, []ledger.Range{middle}},
		{"first page", port.RangeSearch{Limit: 2}, []ledger.Range{bare, left}},
		{"second page", port.RangeSearch{Limit: 2, AfterCode: "7172", After: 100}, []ledger.Range{middle, right}},
		{"third page", port.RangeSearch{Limit: 2, AfterCode: "7172", After: 160}, []ledger.Range{other}},
		{"over", port.RangeSearch{Over: civil.New(2026, 5, 2)}, []ledger.Range{middle}},
		{"not over on the last day", port.RangeSearch{Over: civil.New(2026, 5, 1)}, nil},
	}
	f.view(func(v port.View) error {
		for _, c := range searches {
			gives(f, c.name, c.want)(v.Ledger().Ranges(f.ctx, c.s))
		}
		return nil
	})
	f.update(func(w port.Writes) {
		w.Ledger().ReplaceRanges([]ledger.Range{left, middle, right}, []ledger.Range{filled})
	})
	f.view(func(v port.View) error {
		gives(f, "joined again", []ledger.Range{bare, filled, other})(v.Ledger().Ranges(f.ctx, port.RangeSearch{}))
		return nil
	})
}

func orderTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	f.addRanges(numberRange("7172", 0, 99), numberRange("727", 0, 5_000_000_009))
	first, second, bare := full[ledger.Order](), full[ledger.Order](), ledger.Order{ID: "3", Code: "727", State: ledger.Proposed}
	first.ID, first.Code, first.First, first.Last, first.State = "1", "727", 5_000_000_000, 5_000_000_009, ledger.Proposed
	second.ID, second.Code, second.First, second.Last, second.State, second.Grant.Permit = "2", "7172", 0, 9, ledger.Confirmed, "KZP"
	f.update(func(w port.Writes) {
		for _, o := range []ledger.Order{bare, second, first} {
			w.Ledger().AddOrder(o)
		}
	})
	f.refused(conflict, "store.order-exists", func(w port.Writes) { w.Ledger().AddOrder(bare) })
	closed := full[ledger.Order]()
	closed.ID, closed.State, closed.Closed.By = "1", ledger.Dropped, "another"
	f.view(func(v port.View) error {
		r := v.Ledger()
		gives(f, "an order", first)(r.Order(f.ctx, "1"))
		gives(f, "orders in order", []ledger.Order{first, second, bare})(r.Orders(f.ctx, port.OrderSearch{}))
		gives(f, "of a code", []ledger.Order{first, bare})(r.Orders(f.ctx, port.OrderSearch{Code: "727"}))
		gives(f, "of a permit", []ledger.Order{second})(r.Orders(f.ctx, port.OrderSearch{Permit: "KZP"}))
		gives(f, "in a state", []ledger.Order{first, bare})(r.Orders(f.ctx, port.OrderSearch{State: ledger.Proposed}))
		unknown[ledger.Order](f, "order")(r.Order(f.ctx, "none"))
		return nil
	})
	f.update(func(w port.Writes) { w.Ledger().CloseOrder(closed) })
	for _, id := range []string{"1", "2", "none"} {
		again := closed
		again.ID = id
		f.refused(conflict, "store.race", func(w port.Writes) { w.Ledger().CloseOrder(again) })
	}
	first.State, first.Closed = closed.State, closed.Closed
	f.view(func(v port.View) error {
		gives(f, "closed, and nothing else is changed", first)(v.Ledger().Order(f.ctx, "1"))
		return nil
	})
}

// rangeGuards: numbers stand in one range, whatever is written, and only what was read is replaced.
func rangeGuards(t testing.TB, s port.Store) {
	f := start(t, s)
	x := numberRange("7172", 100, 199)
	f.addRanges(x)
	for _, c := range [][2]int64{{100, 199}, {0, 100}, {199, 300}, {150, 151}, {0, 300}} {
		f.refused(conflict, "store.range-overlap", func(w port.Writes) { w.Ledger().AddRange(numberRange("7172", c[0], c[1])) })
	}
	f.refused(conflict, "store.range-overlap", func(w port.Writes) { // against each other within one unit
		w.Ledger().AddRange(numberRange("7172", 500, 599))
		w.Ledger().AddRange(numberRange("7172", 550, 650))
	})
	f.refused(conflict, "store.race", func(w port.Writes) { w.Ledger().AddRange(numberRange("701", 0, 9)) })
	for _, code := range []ledger.Code{"717", "71723"} {
		f.refused(conflict, "store.code-prefix", func(w port.Writes) { w.Ledger().PutCode(code, lang.Text{}) })
	}
	left, right := x, x
	left.Last, right.First = 120, 121
	for name, change := range map[string]func(*ledger.Range){
		"state": func(r *ledger.Range) { r.State = ledger.Free }, "application": func(r *ledger.Range) { r.Application = "other" },
		"permit": func(r *ledger.Range) { r.Permit = "other" }, "party": func(r *ledger.Range) { r.Party = "other" },
		"holder": func(r *ledger.Range) { r.HolderName = "other" }, "number": func(r *ledger.Range) { r.HolderNumber = "other" },
		"since": func(r *ledger.Range) { r.Since = r.Since.AddDays(1) }, "until": func(r *ledger.Range) { r.Until = r.Until.AddDays(1) },
		"ground": func(r *ledger.Range) { r.Ground = "other" },
	} {
		stale := x
		change(&stale)
		err := f.try(func(w port.Writes) { w.Ledger().ReplaceRanges([]ledger.Range{stale}, []ledger.Range{left, right}) })
		if fault.KindOf(err) != conflict || !fault.Is(err, "store.race") {
			t.Errorf("%s changed meanwhile: got %v", name, err)
		}
	}
	for name, with := range map[string][]ledger.Range{"a number is lost": {left}, "a number is won": {x, numberRange("7172", 200, 200)},
		"one is there twice": {left, right, right}, "nothing": nil} {
		err := f.try(func(w port.Writes) { w.Ledger().ReplaceRanges([]ledger.Range{x}, with) })
		if fault.KindOf(err) != fault.Internal || err == nil {
			t.Errorf("%s: got %v", name, err)
		}
	}
	f.view(func(v port.View) error {
		gives(f, "as before", []ledger.Range{x})(v.Ledger().Ranges(f.ctx, port.RangeSearch{}))
		return nil
	})
}

// lastBlock: of a thousand who want the last block one gets it.
func lastBlock(t testing.TB, s port.Store) {
	f := start(t, s)
	last := ledger.Range{Code: "7172", First: 100, Last: 199, State: ledger.Free}
	f.addRanges(last)
	errs := all(1000, func(i int) error {
		return s.Update(f.ctx, func(tx port.Tx) error {
			free, err := tx.Ledger().Ranges(f.ctx, port.RangeSearch{Code: "7172", State: ledger.Free})
			if err != nil {
				return err
			}
			if len(free) == 0 {
				return fault.New(conflict, "ledger.short")
			}
			kept, err := free[0].ReserveFor(fmt.Sprint("KZ", i), civil.New(2026, 3, 1))
			tx.Write().Ledger().ReplaceRanges(free, []ledger.Range{kept})
			return err
		})
	})
	if n := count(t, errs, "ledger.short"); n != 1 {
		t.Errorf("%d have it, want 1", n)
	}
}

// overlapsAtOnce: of many who put the same numbers in, each a little elsewhere, one succeeds.
func overlapsAtOnce(t testing.TB, s port.Store) {
	f := start(t, s)
	f.update(func(w port.Writes) { w.Ledger().PutCode("7172", lang.Text{}) })
	errs := all(100, func(i int) error {
		return f.try(func(w port.Writes) { w.Ledger().AddRange(numberRange("7172", int64(i), int64(i)+100)) })
	})
	if n := count(t, errs, "store.range-overlap"); n != 1 {
		t.Errorf("%d of overlapping ranges are in, want 1", n)
	}
}

// codesAtOnce: of codes of which one begins the other one succeeds.
func codesAtOnce(t testing.TB, s port.Store) {
	f := start(t, s)
	codes := []ledger.Code{"717", "7172", "71723"}
	errs := all(len(codes), func(i int) error {
		return f.try(func(w port.Writes) { w.Ledger().PutCode(codes[i], lang.Text{}) })
	})
	if n := count(t, errs, "store.code-prefix"); n != 1 {
		t.Errorf("%d codes, want 1", n)
	}
}
