package storetest

import (
	"fmt"
	"testing"

	"elicense/internal/permit"
	"elicense/internal/port"
)

// newPaper has every field filled and is not claimed.
func newPaper(id, body, series, number string) permit.Paper {
	p := full[permit.Paper]()
	p.ID, p.Body, p.Series, p.Number, p.Kind.EN, p.Application, p.Permit = id, body, series, number, "", "", ""
	return p
}

func paperTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	a, b := newPaper("1", "knb", "АК", "№ 000-1111"), newPaper("2", "moh", "15", "R11001155")
	a.HolderNumber = "000000000001"
	bare := permit.Paper{ID: "3", Body: "knb", Number: "7"}
	f.update(func(w port.Writes) {
		for _, p := range []permit.Paper{b, a, bare} {
			w.Permits().AddPaper(p)
		}
	})
	f.view(func(v port.View) error {
		r := v.Permits()
		gives(f, "paper", a)(r.Paper(f.ctx, "1"))
		gives(f, "zero values", bare)(r.Paper(f.ctx, "3"))
		unknown[permit.Paper](f, "none")(r.Paper(f.ctx, "x"))
		found(f, "of the body", a)(r.PaperOf(f.ctx, "knb", "ak", "0001111"))
		missing[permit.Paper](f, "of another series")(r.PaperOf(f.ctx, "knb", "15", "0001111"))
		gives(f, "by number", []permit.Paper{a})(r.Candidates(f.ctx, "knb", "0001111", "", 9))
		gives(f, "by holder", []permit.Paper{a})(r.Candidates(f.ctx, "knb", "x", "000000000001", 9))
		gives(f, "both", []permit.Paper{a, bare})(r.Candidates(f.ctx, "knb", "7", "000000000001", 9))
		gives(f, "at most", []permit.Paper{a})(r.Candidates(f.ctx, "knb", "7", "000000000001", 1))
		gives(f, "of another body", []permit.Paper(nil))(r.Candidates(f.ctx, "moh", "0001111", "", 9))
		gives(f, "of any body, a Cyrillic letter typed", []permit.Paper{b})(r.Numbered(f.ctx, "r11001155", 9))
		gives(f, "none numbered so", []permit.Paper(nil))(r.Numbered(f.ctx, "x", 9))
		gives(f, "none restored", []permit.Paper(nil))(r.Restored(f.ctx, "", 9))
		return nil
	})
	f.addApplication("KZ1")
	p := f.newPermit("KZP1", "KZ1")
	f.update(func(w port.Writes) { w.Permits().ClaimPaper("2", "KZ1") })
	f.update(func(w port.Writes) {
		w.Permits().Add(p)
		w.Permits().RestorePaper("2", "KZ1", "KZP1")
	})
	b.Application, b.Permit = "KZ1", "KZP1"
	f.view(func(v port.View) error {
		r := v.Permits()
		gives(f, "restored", b)(r.Paper(f.ctx, "2"))
		gives(f, "restored ones", []permit.Paper{b})(r.Restored(f.ctx, "", 9))
		gives(f, "no more", []permit.Paper(nil))(r.Restored(f.ctx, "2", 9))
		for _, number := range []string{"R11001155", "r 11001155", "KZP1"} {
			gives(f, "permit by "+number, []permit.Permit{p})(r.List(f.ctx, port.Search{Party: p.Party, Number: number}))
		}
		gives(f, "a part of the old number", []permit.Permit{p})(r.List(f.ctx, port.Search{Party: p.Party, Number: "001155", NumberOp: port.Contains}))
		gives(f, "of a paper that is not restored", []permit.Permit(nil))(r.List(f.ctx, port.Search{Party: p.Party, Number: "0001111"}))
		return nil
	})
}

func paperGuards(t testing.TB, s port.Store) {
	f := start(t, s)
	f.update(func(w port.Writes) {
		for i, number := range []string{"1", "2"} {
			w.Permits().AddPaper(newPaper(fmt.Sprint(i), "knb", "15", number))
		}
	})
	f.refused(conflict, "store.paper-exists", func(w port.Writes) { w.Permits().AddPaper(newPaper("9", "knb", " 15", "№1")) })
	f.refused(conflict, "store.paper-exists", func(w port.Writes) { w.Permits().AddPaper(newPaper("0", "moh", "15", "1")) })
	f.update(func(w port.Writes) { w.Permits().AddPaper(newPaper("2", "moh", "15", "1")) })

	claim := func(id, application string) func(port.Writes) {
		return func(w port.Writes) { w.Permits().ClaimPaper(id, application) }
	}
	release := func(id, application string) func(port.Writes) {
		return func(w port.Writes) { w.Permits().ReleasePaper(id, application) }
	}
	restore := func(id, application, number string) func(port.Writes) {
		return func(w port.Writes) { w.Permits().RestorePaper(id, application, number) }
	}
	f.refused(conflict, "store.paper-claimed", claim("none", "KZ1"))
	f.refused(conflict, "store.paper-claimed", restore("0", "KZ1", "KZP1")) // not claimed
	f.update(claim("0", "KZ1"))
	f.refused(conflict, "store.paper-claimed", claim("0", "KZ2"))
	f.refused(conflict, "store.paper-claimed", claim("1", "KZ1")) // the application has one
	f.refused(conflict, "store.race", release("0", "KZ2"))
	f.update(release("0", "KZ1"))
	f.update(claim("0", "KZ2"))
	f.refused(conflict, "store.paper-claimed", restore("0", "KZ1", "KZP1")) // another's
	f.update(restore("0", "KZ2", "KZP2"))
	f.refused(conflict, "store.paper-claimed", restore("0", "KZ2", "KZP3"))
	f.refused(conflict, "store.race", release("0", "KZ2"))
	f.refused(conflict, "store.paper-claimed", claim("0", "KZ3"))
	f.update(claim("1", "KZ3"))
	f.refused(conflict, "store.paper-claimed", restore("1", "KZ3", "KZP2")) // the permit restores another
}

// claimsAtOnce: of many who file for one paper one gets it.
func claimsAtOnce(t testing.TB, s port.Store) {
	f := start(t, s)
	f.update(func(w port.Writes) { w.Permits().AddPaper(newPaper("1", "knb", "15", "1")) })
	errs := all(100, func(i int) error {
		return f.try(func(w port.Writes) { w.Permits().ClaimPaper("1", fmt.Sprint("KZ", i)) })
	})
	if n := count(t, errs, "store.paper-claimed"); n != 1 {
		t.Errorf("%d claims, want 1", n)
	}
}
