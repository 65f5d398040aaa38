package storetest

import (
	"reflect"
	"testing"

	"elicense/internal/application"
	"elicense/internal/fault"
	"elicense/internal/port"
)

// bundled: a bundle comes back as it was stored, its version guards it, and its parts are found by it.
func bundled(t testing.TB, s port.Store) {
	f := start(t, s)
	b := full[application.Bundle]()
	b.Party, b.Account, b.Version = f.account.Party.ID, f.account.ID, 1
	add := func(number, service string, state application.State, id string) {
		a := f.newApplication(number)
		a.Service, a.State, a.Bundle = service, state, id
		f.update(func(w port.Writes) { w.Applications().Add(a) })
	}
	f.update(func(w port.Writes) { w.Applications().Bundles().Add(b) })
	add("KZ2", "second", application.Draft, b.ID)
	add("KZ1", "first", application.Registered, b.ID)
	add("KZ3", "third", application.Deleted, b.ID)
	add("KZ4", "fourth", application.Draft, "")
	f.refused(conflict, "store.bundle-exists", func(w port.Writes) { w.Applications().Bundles().Add(b) })
	read := func() (got application.Bundle) {
		f.view(func(v port.View) (err error) {
			got, err = v.Applications().Bundles().Bundle(f.ctx, b.ID)
			return err
		})
		return got
	}
	if got := read(); !reflect.DeepEqual(got, b) {
		f.Errorf("got %+v\nwant %+v", got, b)
	}
	stale := b
	b.Answers, b.Sources, b.ChangedAt = map[string]string{"city": "711210000"}, map[string]application.Source{}, b.ChangedAt.Add(1e9)
	f.update(func(w port.Writes) { w.Applications().Bundles().Change(b) })
	b.Version++
	if got := read(); !reflect.DeepEqual(got, b) {
		f.Errorf("got %+v\nwant %+v", got, b)
	}
	f.refused(conflict, "store.race", func(w port.Writes) { w.Applications().Bundles().Change(stale) })
	f.view(func(v port.View) error {
		parts, err := v.Applications().Bundles().Parts(f.ctx, b.ID)
		if err != nil || len(parts) != 2 || parts[0].Number != "KZ1" || parts[1].Number != "KZ2" || parts[0].Bundle != b.ID {
			f.Errorf("parts %+v, %v", parts, err)
		}
		if none, err := v.Applications().Bundles().Parts(f.ctx, ""); err != nil || len(none) != 0 {
			f.Errorf("of no bundle: %d, %v", len(none), err)
		}
		if _, err := v.Applications().Bundles().Bundle(f.ctx, "another"); fault.KindOf(err) != fault.NotFound {
			f.Errorf("another: %v", err)
		}
		return nil
	})
}

// filedTogether: where the last of several applications of one unit cannot be changed, none of them is, and no signature stays.
func filedTogether(t testing.TB, s port.Store) {
	f := start(t, s)
	var all []application.Application
	for _, number := range []string{"KZ1", "KZ2"} {
		a := f.newApplication(number)
		a.Service, a.State, a.Bundle = "service-"+number, application.Draft, "bundle"
		f.update(func(w port.Writes) { w.Applications().Add(a) })
		all = append(all, a)
	}
	f.update(func(w port.Writes) { w.Applications().Change(all[1]) }) // another window changes the second
	file := func(w port.Writes) {
		for _, a := range all {
			a.State = application.Registered
			signed := full[port.StoredSignature]()
			signed.ID, signed.Application, signed.Content = "signature-"+a.Number, a.Number, []byte(a.Number)
			w.Applications().Change(a)
			w.Applications().Sign(signed)
		}
	}
	f.refused(conflict, "store.race", file)
	f.view(func(v port.View) error {
		for _, a := range all {
			got, err := v.Applications().Application(f.ctx, a.Number)
			signed, err2 := v.Applications().Signatures(f.ctx, a.Number)
			if err != nil || err2 != nil || got.State != application.Draft || len(signed) != 0 {
				f.Errorf("%s: %s, %d signatures, %v %v", a.Number, got.State, len(signed), err, err2)
			}
		}
		return nil
	})
	all[1].Version++
	f.update(file)
}
