package storetest

import (
	"testing"

	"elicense/internal/port"
)

func amendmentTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	one, other, later := full[port.Amendment](), full[port.Amendment](), full[port.Amendment]()
	one.ID, one.Directory, one.State = "1", "places", port.AmendmentProposed
	other.ID, other.Directory, other.State, other.Rows = "2", "mci", port.AmendmentProposed, nil
	later.ID, later.Directory, later.State = "3", "places", port.AmendmentProposed
	f.update(func(w port.Writes) {
		w.Office().Amendments().Add(one)
		w.Office().Amendments().Add(other)
	})
	f.refused(conflict, "store.amendment-waits", func(w port.Writes) { w.Office().Amendments().Add(later) })
	without := func(a port.Amendment) port.Amendment { a.Rows = nil; return a }
	f.view(func(v port.View) error {
		r := v.Office().Amendments()
		gives(f, "amendment", one)(r.Amendment(f.ctx, "1"))
		gives(f, "without rows", other)(r.Amendment(f.ctx, "2"))
		unknown[port.Amendment](f, "none")(r.Amendment(f.ctx, "9"))
		gives(f, "those that wait", []port.Amendment{other, without(one)})(r.Amendments(f.ctx, "", 9))
		gives(f, "no more than asked for", []port.Amendment{other})(r.Amendments(f.ctx, "", 1))
		return nil
	})
	closed := one
	closed.State, closed.Reason, closed.Closed.By = port.AmendmentRejected, "other", "other"
	f.update(func(w port.Writes) { w.Office().Amendments().Close(closed) })
	f.refused(conflict, "store.race", func(w port.Writes) { w.Office().Amendments().Close(closed) })
	f.update(func(w port.Writes) { w.Office().Amendments().Add(later) })
	f.view(func(v port.View) error {
		r := v.Office().Amendments()
		gives(f, "closed", closed)(r.Amendment(f.ctx, "1"))
		gives(f, "the history", []port.Amendment{without(later), without(closed)})(r.Amendments(f.ctx, "places", 9))
		return nil
	})
}
