package storetest

import (
	"testing"

	"elicense/internal/access"
	"elicense/internal/civil"
	"elicense/internal/port"
)

func departmentTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	d, other, bare := full[access.Department](), full[access.Department](), access.Department{Key: "bare", Version: 1}
	d.Body, other.Body, bare.Body, d.Version = "cci", "knb", "cci", 1
	f.update(func(w port.Writes) {
		w.Office().Departments().Add(d)
		w.Office().Departments().Add(other)
		w.Office().Departments().Add(bare)
	})
	list := func(what string, want ...access.Department) {
		t.Helper()
		f.view(func(v port.View) error {
			gives(f, what, want)(v.Office().Departments().List(f.ctx, "cci"))
			return nil
		})
	}
	list("of a body, by key", d, bare)
	f.refused(conflict, "store.department-exists", func(w port.Writes) { w.Office().Departments().Add(bare) })
	changed := bare
	changed.Name, changed.Territory, changed.Head, changed.BlockedAt = d.Name, d.Territory, "x", base()
	f.update(func(w port.Writes) { w.Office().Departments().Change(changed) })
	changed.Version++
	list("changed", d, changed)
	f.refused(conflict, "store.race", func(w port.Writes) { w.Office().Departments().Change(bare) })
}

// staff makes officials of a body, each with its id as log-in name and person.
func (f *fixture) staff(body string, ids ...string) {
	f.Helper()
	f.update(func(w port.Writes) {
		for _, id := range ids {
			w.Office().Officials().Add(access.Official{ID: id, Login: id, Person: "iin-" + id, Body: body, Duties: []access.Duty{access.Executor}, Version: 1, CreatedAt: base()})
		}
	})
}

func absenceTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	f.staff("cci", "away", "second", "deputy", "gone", "blocked")
	day := civil.Of(base(), base().Location())
	absence := func(id, official, service string, from, to civil.Date) access.Absence {
		a := access.Absence{ID: id, Body: "cci", Official: official, Deputy: "deputy", Service: service, From: from, To: to, Reason: "r", By: "b", CreatedAt: base()}
		f.update(func(w port.Writes) { w.Office().Absences().Add(a) })
		return a
	}
	absence("1", "away", "", day, day)
	second := absence("2", "second", "import", day.AddDays(-3), day.AddDays(3))
	absence("3", "gone", "", day, day)
	absence("4", "blocked", "", day, day)
	ended := absence("5", "second", "", day, day.AddDays(9))
	f.update(func(w port.Writes) { w.Office().Absences().End("5", base(), "e") })
	ended.EndedAt, ended.EndedBy = base(), "e"
	f.refused(conflict, "store.race", func(w port.Writes) { w.Office().Absences().End("5", base(), "e") })
	whole := full[access.Absence]()
	whole.Body, whole.Official, whole.Deputy = "knb", "away", "second"
	f.update(func(w port.Writes) { w.Office().Absences().Add(whole) })
	f.update(func(w port.Writes) {
		w.Office().Officials().Change(access.Official{ID: "gone", Body: "knb", Duties: []access.Duty{access.Executor}, Version: 1})
		w.Office().Officials().Change(access.Official{ID: "blocked", Body: "cci", BlockedAt: base(), Version: 1})
	})
	executor := []access.Duty{access.Executor}
	away, narrow := access.Absent{Account: "away", Person: "iin-away", Duties: executor}, access.Absent{Account: "second", Person: "iin-second", Service: "import", Duties: executor}
	f.view(func(v port.View) error {
		r := v.Office().Absences()
		gives(f, "every field", whole)(r.Absence(f.ctx, whole.ID))
		unknown[access.Absence](f, "none")(r.Absence(f.ctx, "x"))
		gives(f, "from the next day on, withdrawn ones too", []access.Absence{second, ended})(r.List(f.ctx, "cci", day.AddDays(1)))
		gives(f, "on the day", []access.Absent{away, narrow})(r.Absent(f.ctx, "deputy", "cci", day))
		gives(f, "the day before", []access.Absent{narrow})(r.Absent(f.ctx, "deputy", "cci", day.AddDays(-1)))
		gives(f, "the day after", []access.Absent{narrow})(r.Absent(f.ctx, "deputy", "cci", day.AddDays(1)))
		gives(f, "as an official of another body", []access.Absent(nil))(r.Absent(f.ctx, "deputy", "knb", day))
		gives(f, "who is away", []access.Absent(nil))(r.Absent(f.ctx, "away", "cci", day))
		return nil
	})
}

func factorTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	f.staff("cci", "a", "b")
	factor := full[access.Factor]()
	factor.Official, factor.Version = "a", 1
	f.update(func(w port.Writes) { w.Office().Officials().AddFactor(factor) })
	f.refused(conflict, "store.race", func(w port.Writes) { w.Office().Officials().AddFactor(factor) })
	f.view(func(v port.View) error {
		found(f, "factor", factor)(v.Office().Officials().Factor(f.ctx, "a"))
		missing[access.Factor](f, "none")(v.Office().Officials().Factor(f.ctx, "b"))
		return nil
	})
	changed := factor
	changed.Step, changed.Recovery, changed.Secret = 7, nil, "another"
	f.update(func(w port.Writes) { w.Office().Officials().ChangeFactor(changed) })
	changed.Version++
	f.refused(conflict, "store.race", func(w port.Writes) { w.Office().Officials().ChangeFactor(factor) })
	f.view(func(v port.View) error {
		found(f, "changed", changed)(v.Office().Officials().Factor(f.ctx, "a"))
		return nil
	})
	f.update(func(w port.Writes) {
		w.Office().Officials().RemoveFactor("a")
		w.Office().Officials().RemoveFactor("b")
	})
	f.view(func(v port.View) error {
		missing[access.Factor](f, "removed")(v.Office().Officials().Factor(f.ctx, "a"))
		return nil
	})
}
