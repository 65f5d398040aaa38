package storetest

import (
	"testing"
	"time"

	"elicense/internal/application"
	"elicense/internal/port"
)

func proposalTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	open := func(id string, at time.Duration) port.Proposal {
		p := full[port.Proposal]()
		p.ID, p.At, p.Verdict = id, base().Add(at), port.Verdict{}
		return p
	}
	a, b, c := open("a", 0), open("b", time.Second), open("c", time.Second)
	b.Note, b.Base, b.Cases = "", 0, nil
	verdict := full[port.Verdict]()
	f.update(func(w port.Writes) {
		for _, p := range []port.Proposal{a, b, c} {
			w.Services().Propose(p)
		}
		w.Services().Decide(a.ID, verdict)
	})
	a.Verdict = verdict
	refused := port.Verdict{Reason: "no", By: port.Author{Actor: "x", IIN: "y"}, At: base()}
	f.update(func(w port.Writes) { w.Services().Decide(b.ID, refused) })
	b.Verdict = refused
	f.view(func(v port.View) error {
		for _, p := range []port.Proposal{a, b, c} {
			gives(f, "proposal", p)(v.Services().Proposal(f.ctx, p.ID))
		}
		unknown[port.Proposal](f, "no proposal")(v.Services().Proposal(f.ctx, "d"))
		heads := []port.Proposal{c, b, a}
		for i := range heads {
			heads[i].Source, heads[i].Cases = nil, nil
		}
		gives(f, "newest first", heads)(v.Services().Proposals(f.ctx, 10))
		gives(f, "at most", heads[:2])(v.Services().Proposals(f.ctx, 2))
		return nil
	})
	f.refused(conflict, "store.proposal-decided", func(w port.Writes) { w.Services().Decide(a.ID, refused) })
	f.refused(conflict, "store.proposal-exists", func(w port.Writes) { w.Services().Propose(a) })
}

func moveTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	for number, state := range map[string]application.State{"1": application.Draft, "2": application.Signing, "3": application.Registered, "4": application.Issued,
		"5": application.Returned, "6": application.Deleted, "7": application.Registered, "8": application.Registered} {
		a := f.newApplication(number)
		a.Service, a.Body, a.State = "s", "b"+number, state
		if number == "7" {
			a.Service = "other"
		}
		f.update(func(w port.Writes) { w.Applications().Add(a) })
	}
	move := func(to int) application.Move {
		m := full[application.Move]()
		m.Application, m.From, m.To = "1", to-1, to
		return m
	}
	seen, fresh := move(2), move(3)
	fresh.SeenAt, fresh.FeePaid, fresh.Aside, fresh.Fields, fresh.Detached = time.Time{}, false, map[string]string{}, nil, nil
	f.update(func(w port.Writes) {
		w.Services().Move(fresh)
		w.Services().Move(seen)
	})
	f.view(func(v port.View) error {
		gives(f, "undecided", []string{"1", "2", "3", "8"})(v.Services().Undecided(f.ctx, "s", "", 10))
		gives(f, "a page of them", []string{"2", "3"})(v.Services().Undecided(f.ctx, "s", "1", 2))
		gives(f, "no more", []string(nil))(v.Services().Undecided(f.ctx, "s", "8", 2))
		gives(f, "moves", []application.Move{seen, fresh})(v.Services().Moves(f.ctx, "1"))
		gives(f, "no moves", []application.Move(nil))(v.Services().Moves(f.ctx, "2"))
		return nil
	})
	now := base().Add(time.Hour)
	f.update(func(w port.Writes) { w.Services().SeeMoves("1", now) })
	fresh.SeenAt = now
	f.view(func(v port.View) error {
		gives(f, "seen once", []application.Move{seen, fresh})(v.Services().Moves(f.ctx, "1"))
		return nil
	})
	again := fresh
	again.Aside, again.SeenAt, again.FeeIs = map[string]string{"k": "v"}, time.Time{}, 7
	f.update(func(w port.Writes) { w.Services().Move(again) })
	fresh.Aside, fresh.SeenAt = again.Aside, again.SeenAt
	f.view(func(v port.View) error {
		gives(f, "more set aside", []application.Move{seen, fresh})(v.Services().Moves(f.ctx, "1"))
		return nil
	})
	f.update(func(w port.Writes) { w.Services().ForgetMoves("1") })
	f.view(func(v port.View) error {
		gives(f, "forgotten", []application.Move(nil))(v.Services().Moves(f.ctx, "1"))
		return nil
	})
}
