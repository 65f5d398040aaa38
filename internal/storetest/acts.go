package storetest

import (
	"fmt"
	"testing"
	"time"

	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/permit"
	"elicense/internal/port"
)

// act adds an act as the use cases do: known on a day, with the standing after it.
func (f *fixture) act(p *permit.Permit, acts *[]permit.Act, a permit.Act, known civil.Date) {
	f.Helper()
	a.Permit, a.Seq, a.At = p.Number, len(*acts)+1, known.Start(lang.Almaty()).Add(time.Hour).UTC()
	*acts = append(*acts, a)
	p.Standing = p.After(*acts)
	f.update(func(w port.Writes) { w.Permits().Act(*p, a) })
}

func actTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	f.addApplication("KZ1")
	f.addApplication("KZ2")
	p, other := f.newPermit("KZP1", "KZ1"), f.newPermit("KZP2", "KZ2")
	f.update(func(w port.Writes) {
		w.Permits().Add(p)
		w.Permits().Add(other)
	})
	var acts, others []permit.Act
	day := p.From.AddDays(40)
	filled, bare := full[permit.Act](), permit.Act{Kind: permit.Suspension, From: day}
	filled.Kind, filled.Appendix, filled.From = permit.Correction, "", day
	f.act(&p, &acts, filled, day)
	f.act(&p, &acts, bare, day)
	f.act(&other, &others, permit.Act{Kind: permit.Termination, From: day}, day)
	f.view(func(v port.View) error {
		r := v.Permits()
		gives(f, "with its standing", p)(r.Permit(f.ctx, "KZP1"))
		gives(f, "to be drawn", []string{"KZP1"})(r.Documents().Undrawn(f.ctx, "", 5))
		gives(f, "after it", []string(nil))(r.Documents().Undrawn(f.ctx, "KZP1", 5))
		gives(f, "as lists find it", port.Listing(p.Standing))(v.Records().Listed(f.ctx, "KZP1"))
		gives(f, "what ended, as lists find it", port.Listing(other.Standing))(v.Records().Listed(f.ctx, "KZP2"))
		_, err := v.Records().Listed(f.ctx, "none")
		if fault.KindOf(err) != notFound {
			f.Errorf("of none: %v", err)
		}
		gives(f, "acts", acts)(r.Acts(f.ctx, "KZP1"))
		gives(f, "of several", append(append([]permit.Act{}, acts...), others...))(r.Acts(f.ctx, "KZP2", "KZP1", "none"))
		gives(f, "none", []permit.Act(nil))(r.Acts(f.ctx, "none"))
		gives(f, "of nothing", []permit.Act(nil))(r.Acts(f.ctx))
		return nil
	})
	f.update(func(w port.Writes) { w.Permits().Drawn("KZP1", 0) })
	f.view(func(v port.View) error {
		gives(f, "still to be drawn", []string{"KZP1"})(v.Permits().Documents().Undrawn(f.ctx, "", 5))
		return nil
	})
	f.update(func(w port.Writes) { w.Permits().Drawn("KZP1", 1) })
	f.view(func(v port.View) error {
		gives(f, "drawn", []string(nil))(v.Permits().Documents().Undrawn(f.ctx, "", 5))
		return nil
	})
	again := bare
	again.Permit = "KZP1"
	for _, seq := range []int{1, 2, 4} {
		again.Seq = seq
		f.refused(conflict, "store.race", func(w port.Writes) { w.Permits().Act(p, again) })
	}
	again.Permit, again.Seq = "none", 1
	f.refused(conflict, "store.race", func(w port.Writes) { w.Permits().Act(p, again) })
}

// standings: what SQL says of a permit on a day, permit.Standing.On says too.
func standings(t testing.TB, s port.Store) {
	f := start(t, s)
	from := civil.New(2026, time.January, 10)
	day := func(n int) civil.Date { return from.AddDays(n) }
	lives := [][]permit.Act{
		{},
		{{Kind: permit.Suspension, From: day(20), To: day(30)}},
		{{Kind: permit.Suspension, From: day(20)}},
		{{Kind: permit.Suspension, From: day(20), To: day(30)}, {Kind: permit.Resumption, From: day(25)}},
		{{Kind: permit.Suspension, From: day(20), To: day(30)}, {Kind: permit.Revocation, From: day(22)}},
		{{Kind: permit.Extension, From: day(20), To: day(100)}},
		{{Kind: permit.Termination, From: day(20)}, {Kind: permit.Reversal, From: day(21), Reverses: 1}},
		{{Kind: permit.Annulment, From: day(20)}},
		{{Kind: permit.Reissuance, From: day(20), Successor: "KZP0"}},
	}
	var all []permit.Permit
	for i, life := range lives {
		number := fmt.Sprint("KZP", i)
		f.addApplication("KZ" + number)
		p := f.newPermit(number, "KZ"+number)
		p.From, p.To, p.IssuedAt, p.Body, p.HolderNumber = from, day(60), base().Add(time.Duration(i)*time.Hour), "body", fmt.Sprint("holder", i%2)
		if i == 2 {
			p.To = civil.Date{}
		}
		p.Standing = p.After(nil)
		f.update(func(w port.Writes) { w.Permits().Add(p) })
		var acts []permit.Act
		for _, a := range life {
			f.act(&p, &acts, a, a.From)
		}
		all = append(all, p)
	}
	f.view(func(v port.View) error {
		for _, n := range []int{-1, 0, 25, 30, 31, 60, 61, 100, 101} {
			for _, state := range permit.States() {
				var want []permit.Permit
				for i := range all {
					if p := all[len(all)-1-i]; p.On(day(n)) == state {
						want = append(want, p)
					}
				}
				gives(f, fmt.Sprint(state, " after ", n, " days"), want)(v.Permits().List(f.ctx, port.Search{Body: "body", Standing: state, On: day(n)}))
			}
		}
		gives(f, "of a holder", []permit.Permit{all[7], all[5], all[3], all[1]})(v.Permits().List(f.ctx, port.Search{Body: "body", Holder: "holder1"}))
		gives(f, "a page", []permit.Permit{all[6], all[5]})(v.Permits().List(f.ctx, port.Search{Body: "body", Limit: 2, Before: all[7].IssuedAt, BeforeNumber: all[7].Number}))
		gives(f, "of another body", []permit.Permit(nil))(v.Permits().List(f.ctx, port.Search{Body: "other"}))
		gives(f, "of nobody", []permit.Permit(nil))(v.Permits().List(f.ctx, port.Search{}))
		gives(f, "suspensions", []permit.Permit{all[1]})(v.Permits().Ending(f.ctx, port.EndingSearch{Suspended: true, To: day(30), Limit: 9}))
		gives(f, "none yet", []permit.Permit(nil))(v.Permits().Ending(f.ctx, port.EndingSearch{Suspended: true, To: day(29), Limit: 9}))
		gives(f, "validity", []permit.Permit{all[0], all[1]})(v.Permits().Ending(f.ctx, port.EndingSearch{From: day(60), To: day(100), Limit: 2}))
		gives(f, "the next page", []permit.Permit{all[3], all[6], all[5]})(v.Permits().Ending(f.ctx, port.EndingSearch{From: day(60), To: day(100), AfterDay: day(60), After: "KZP1", Limit: 9}))
		gives(f, "later", []permit.Permit{all[5]})(v.Permits().Ending(f.ctx, port.EndingSearch{From: day(61), To: day(100), Limit: 9}))
		return nil
	})
}

func permitOrderTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	f.addApplication("KZ1")
	f.addApplication("KZ2")
	newOrder := func(id, number, body string) permit.Order {
		o := full[permit.Order]()
		a := &o.Act
		o.ID, o.Body, o.State, a.Permit = id, body, permit.Proposed, number
		a.Seq, a.Application, a.Order, a.Successor, a.By, a.At = 0, "", "", "", "", time.Time{}
		return o
	}
	first, second := newOrder("1", "KZP1", "a"), newOrder("2", "KZP2", "b")
	f.update(func(w port.Writes) {
		w.Permits().Add(f.newPermit("KZP1", "KZ1"))
		w.Permits().Add(f.newPermit("KZP2", "KZ2"))
		w.Permits().AddOrder(second)
		w.Permits().AddOrder(first)
	})
	f.refused(conflict, "permit.order-waits", func(w port.Writes) { w.Permits().AddOrder(newOrder("3", "KZP1", "a")) })
	closed := first
	closed.State, closed.Closed = permit.Confirmed, permit.Done{By: "another", Person: "person", At: base()}
	f.update(func(w port.Writes) { w.Permits().CloseOrder(closed) })
	f.refused(conflict, "store.race", func(w port.Writes) { w.Permits().CloseOrder(closed) })
	f.refused(conflict, "store.order-exists", func(w port.Writes) { w.Permits().AddOrder(newOrder("1", "KZP1", "a")) })
	third := newOrder("3", "KZP1", "a")
	f.update(func(w port.Writes) { w.Permits().AddOrder(third) })
	f.view(func(v port.View) error {
		r := v.Permits()
		gives(f, "all", []permit.Order{closed, second, third})(r.Orders(f.ctx, port.PermitOrderSearch{}))
		gives(f, "one", []permit.Order{second})(r.Orders(f.ctx, port.PermitOrderSearch{ID: "2"}))
		gives(f, "of a permit", []permit.Order{closed, third})(r.Orders(f.ctx, port.PermitOrderSearch{Permit: "KZP1"}))
		gives(f, "of a body that wait", []permit.Order{third})(r.Orders(f.ctx, port.PermitOrderSearch{Body: "a", State: permit.Proposed}))
		gives(f, "none", []permit.Order(nil))(r.Orders(f.ctx, port.PermitOrderSearch{ID: "none"}))
		return nil
	})
}

// actsAtOnce: of many acts that know the same one before them, one becomes the next.
func actsAtOnce(t testing.TB, s port.Store) {
	f := start(t, s)
	f.addApplication("KZ1")
	p := f.newPermit("KZP1", "KZ1")
	f.update(func(w port.Writes) { w.Permits().Add(p) })
	day := civil.Of(p.IssuedAt, lang.Almaty())
	for seq := 1; seq <= 2; seq++ {
		errs := all(20, func(i int) error {
			return f.try(func(w port.Writes) {
				w.Permits().Act(p, permit.Act{Permit: "KZP1", Seq: seq, Kind: permit.Duplication, From: day, By: fmt.Sprint(i)})
			})
		})
		if n := count(t, errs, "store.race"); n != 1 {
			t.Errorf("%d became act %d, want 1", n, seq)
		}
	}
	f.view(func(v port.View) error {
		acts, err := v.Permits().Acts(f.ctx, "KZP1")
		if len(acts) != 2 || acts[0].Seq != 1 || acts[1].Seq != 2 {
			t.Errorf("acts %+v", acts)
		}
		return err
	})
}
