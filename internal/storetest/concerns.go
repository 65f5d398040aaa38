package storetest

import (
	"testing"

	"elicense/internal/application"
	"elicense/internal/port"
)

// concerned: applications of a permit are found by it, and only one of them is with the state body at a time.
func concerned(t testing.TB, s port.Store) {
	f := start(t, s)
	var all []application.Application
	for _, number := range []string{"KZ1", "KZ2"} {
		a := f.newApplication(number)
		a.Concerns, a.Service, a.State = "KZP1", "service-"+number, application.Draft
		f.update(func(w port.Writes) { w.Applications().Add(a) })
		all = append(all, a)
	}
	f.addApplication("KZ3")
	f.view(func(v port.View) error {
		list, err := v.Applications().List(f.ctx, port.Search{Party: all[0].Party, Concerns: "KZP1"})
		if err != nil || len(list) != 2 || list[0].Concerns != "KZP1" {
			f.Errorf("of the permit: %d, %v", len(list), err)
		}
		return err
	})
	first, second := all[0], all[1]
	first.State, second.State = application.Registered, application.Registered
	f.update(func(w port.Writes) { w.Applications().Change(first) })
	f.refused(conflict, "store.permit-busy", func(w port.Writes) { w.Applications().Change(second) })
	second.State = application.Signing
	f.refused(conflict, "store.permit-busy", func(w port.Writes) { w.Applications().Change(second) })
	first.Version++
	first.State = application.Issued
	f.update(func(w port.Writes) { w.Applications().Change(first) })
	f.update(func(w port.Writes) { w.Applications().Change(second) })
}
