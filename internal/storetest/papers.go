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
		gives(f, "none restored", []permit.Paper(nil))(r.Quarantine().Restored(f.ctx, "", 9))
		return nil
	})
	f.addApplication("KZ1")
	p := f.newPermit("KZP1", "KZ1")
	p.Second = "15 1111-А"
	f.update(func(w port.Writes) { w.Permits().ClaimPaper("2", "KZ1") })
	f.update(func(w port.Writes) {
		w.Permits().Add(p)
		w.Permits().RestorePaper("2", "KZ1", "KZP1")
	})
	b.Application, b.Permit = "KZ1", "KZP1"
	f.view(func(v port.View) error {
		r := v.Permits()
		gives(f, "restored", b)(r.Paper(f.ctx, "2"))
		gives(f, "restored ones", []permit.Paper{b})(r.Quarantine().Restored(f.ctx, "", 9))
		gives(f, "no more", []permit.Paper(nil))(r.Quarantine().Restored(f.ctx, "2", 9))
		for _, number := range []string{"R11001155", "r 11001155", "KZP1", "кz p-1", "15 1111-А", "151111а"} {
			gives(f, "permit by "+number, []permit.Permit{p})(r.List(f.ctx, port.Search{Party: p.Party, Number: number}))
		}
		gives(f, "a part of the old number", []permit.Permit{p})(r.List(f.ctx, port.Search{Party: p.Party, Number: "001155", NumberOp: port.Contains}))
		gives(f, "a part of the second number", []permit.Permit{p})(r.List(f.ctx, port.Search{Party: p.Party, Number: "15 11", NumberOp: port.Contains}))
		gives(f, "a part with a Cyrillic letter", []permit.Permit{p})(r.List(f.ctx, port.Search{Party: p.Party, Number: "КZР", NumberOp: port.Contains}))
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

func quarantineTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	batch := func(id, body string, state permit.BatchState) permit.Batch {
		b := full[permit.Batch]()
		b.ID, b.Body, b.State, b.Version = id, body, state, 1
		return b
	}
	head := func(b permit.Batch) permit.Batch {
		b.Wrong, b.Doubtful, b.Collided = nil, nil, nil
		return b
	}
	a, b, c := batch("1", "knb", permit.BatchWaiting), batch("2", "moh", permit.BatchWaiting), batch("3", "knb", permit.BatchReceiving)
	b.Digest, c.Digest = a.Digest, a.Digest
	bare := permit.Batch{ID: "0", Body: "knb", Digest: "x", State: permit.BatchReleased, Version: 1}
	lines := []permit.Line{{Batch: "1", No: 2, Paper: newPaper("p", "knb", "15", "№ 1")}, {Batch: "1", No: 3, Paper: newPaper("", "knb", "16", "1")}, {Batch: "3", No: 2, Paper: newPaper("", "knb", "15", "1")}}
	held := newPaper("h1", "knb", "15", "7")
	held.HolderNumber, held.Batch = "000000000001", "0"
	later := newPaper("h2", "moh", "15", "7")
	later.HolderNumber, later.IssuedOn, later.Batch = held.HolderNumber, held.IssuedOn.AddDays(1), "0"
	f.update(func(w port.Writes) {
		for _, x := range []permit.Batch{bare, a, b, c} {
			w.Permits().Quarantine().Add(x)
		}
		for _, l := range lines {
			w.Permits().Quarantine().AddLine(l)
		}
		w.Permits().AddPaper(held)
		w.Permits().AddPaper(later)
	})
	f.view(func(v port.View) error {
		r := v.Permits().Quarantine()
		gives(f, "batch", a)(r.Batch(f.ctx, "1"))
		gives(f, "zero values", bare)(r.Batch(f.ctx, "0"))
		unknown[permit.Batch](f, "none")(r.Batch(f.ctx, "x"))
		gives(f, "of a body", []permit.Batch{head(a), bare})(r.Batches(f.ctx, "knb", 9))
		gives(f, "at most", []permit.Batch{head(a)})(r.Batches(f.ctx, "knb", 1))
		gives(f, "in a state", []string{"1", "2"})(r.In(f.ctx, permit.BatchWaiting))
		found(f, "same file", head(b))(r.SameFile(f.ctx, "moh", a.Digest))
		missing[permit.Batch](f, "another file")(r.SameFile(f.ctx, "moh", "x"))
		gives(f, "lines", lines[:2])(r.Lines(f.ctx, "1", 0, 9))
		gives(f, "lines after", lines[1:2])(r.Lines(f.ctx, "1", 2, 9))
		gives(f, "lines, at most", lines[:1])(r.Lines(f.ctx, "1", 0, 1))
		gives(f, "waiting with the number", lines[:2])(r.Waiting(f.ctx, "knb", []string{"1", "9"}))
		gives(f, "of another body", []permit.Line(nil))(r.Waiting(f.ctx, "moh", []string{"1"}))
		gives(f, "no numbers", []permit.Line(nil))(r.Waiting(f.ctx, "knb", nil))
		gives(f, "in the register", []permit.Paper{held})(r.Numbered(f.ctx, "knb", []string{"1", "7"}))
		gives(f, "of holders", []permit.Paper{held})(r.Holders(f.ctx, "knb", []string{"x", held.HolderNumber}))
		gives(f, "none of nobody", []permit.Paper(nil))(r.Holders(f.ctx, "knb", nil))
		gives(f, "held", []permit.Paper{later, held})(r.Held(f.ctx, held.HolderNumber, 9))
		gives(f, "held, at most", []permit.Paper{later})(r.Held(f.ctx, held.HolderNumber, 1))
		gives(f, "held by nobody", []permit.Paper(nil))(r.Held(f.ctx, "", 9))
		gives(f, "brought", []permit.Paper{held, later})(r.Brought(f.ctx, "0", "", 9))
		gives(f, "brought, after", []permit.Paper{later})(r.Brought(f.ctx, "0", "h1", 9))
		return nil
	})
}

func quarantineGuards(t testing.TB, s port.Store) {
	f := start(t, s)
	batch := func(id string, state permit.BatchState) permit.Batch {
		return permit.Batch{ID: id, Body: "knb", Digest: "d", State: state, Version: 1, Brought: permit.Hand{At: base()}}
	}
	change := func(b permit.Batch, version int) func(port.Writes) {
		b.Version = version
		return func(w port.Writes) { w.Permits().Quarantine().Change(b) }
	}
	f.update(func(w port.Writes) {
		for _, id := range []string{"1", "2"} {
			w.Permits().Quarantine().Add(batch(id, permit.BatchReceiving))
			w.Permits().Quarantine().AddLine(permit.Line{Batch: id, No: 2, Paper: newPaper("", "knb", "15", id)})
		}
	})
	f.refused(conflict, "store.race", func(w port.Writes) {
		w.Permits().Quarantine().AddLine(permit.Line{Batch: "1", No: 2, Paper: newPaper("", "knb", "15", "9")})
	})
	f.update(change(batch("1", permit.BatchWaiting), 1))
	f.refused(conflict, "store.race", change(batch("1", permit.BatchReleasing), 1)) // has been changed
	f.refused(conflict, "paper.same-file", change(batch("2", permit.BatchWaiting), 1))
	f.refused(conflict, "paper.same-file", func(w port.Writes) { w.Permits().Quarantine().Add(batch("3", permit.BatchWaiting)) })
	next := full[permit.Batch]()
	next.ID, next.Body, next.File, next.Digest, next.Brought, next.State = "1", "knb", "", "d", permit.Hand{At: base()}, permit.BatchDropped
	f.update(func(w port.Writes) {
		change(next, 2)(w)
		w.Permits().Quarantine().DropLines("1")
	})
	next.Version = 3
	f.view(func(v port.View) error {
		gives(f, "changed", next)(v.Permits().Quarantine().Batch(f.ctx, "1"))
		gives(f, "no lines", []permit.Line(nil))(v.Permits().Quarantine().Lines(f.ctx, "1", 0, 9))
		return nil
	})
	f.update(func(w port.Writes) { w.Permits().Quarantine().DropForsaken(base()) })
	f.view(func(v port.View) error {
		gives(f, "not forsaken yet", []string{"2"})(v.Permits().Quarantine().In(f.ctx, permit.BatchReceiving))
		return nil
	})
	f.update(func(w port.Writes) { w.Permits().Quarantine().DropForsaken(base().Add(1e9)) })
	f.view(func(v port.View) error {
		gives(f, "forsaken", []string(nil))(v.Permits().Quarantine().In(f.ctx, permit.BatchReceiving))
		gives(f, "with its lines", []permit.Line(nil))(v.Permits().Quarantine().Lines(f.ctx, "2", 0, 9))
		gives(f, "a dropped one stays", next)(v.Permits().Quarantine().Batch(f.ctx, "1"))
		return nil
	})
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
