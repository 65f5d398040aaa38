// Package storetest is the conformance suite of port.Store. Every store passes it, in three grades: round trip (each
// method gives back what was stored, every field of it), transactions (all or nothing, guards, reruns, faults by key)
// and parallelism (what many do at once ends as if they had done it one after the other).
package storetest

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"elicense/internal/application"
	"elicense/internal/fault"
	"elicense/internal/party"
	"elicense/internal/port"
)

// Case is one promise of the port. Check reports to t when the store breaks it; s is empty and migrated.
type Case struct {
	Name  string
	Check func(t testing.TB, s port.Store)
}

// Cases lists all grades.
func Cases() []Case {
	return slices.Concat(roundTrips(), trails(), queueCases(), transactions(), parallels())
}

// Run checks a store against every case that is wanted. open gives an empty, migrated store of the test's own and closes it
// by t.Cleanup.
func Run(t *testing.T, open func(testing.TB) port.Store, wanted func(Case) bool) {
	for _, c := range Cases() {
		if !wanted(c) {
			continue
		}
		t.Run(c.Name, func(t *testing.T) { c.Check(t, open(t)) })
	}
}

// fixture is what most rows need to exist first.
type fixture struct {
	testing.TB
	ctx     context.Context
	s       port.Store
	account party.Account
}

// start makes a party with an account.
func start(t testing.TB, s port.Store) *fixture {
	f := &fixture{TB: t, ctx: context.Background(), s: s}
	f.account = f.newAccount("1")
	return f
}

func (f *fixture) newAccount(id string) party.Account {
	f.Helper()
	p := full[party.Party]()
	p.ID, p.Number, p.Version = "party-"+id, "99010100000"+id, 1
	a := full[party.Account]()
	a.ID, a.Party, a.IIN, a.Version = "account-"+id, p, "88010100000"+id, 1
	f.update(func(w port.Writes) {
		w.Accounts().AddParty(p)
		w.Accounts().AddAccount(a)
	})
	return a
}

// newApplication is a registered application of the fixture's party that is not stored yet.
func (f *fixture) newApplication(number string) application.Application {
	a := full[application.Application]()
	a.Number, a.Party, a.Account, a.State, a.Version = number, f.account.Party.ID, f.account.ID, application.Registered, 1
	a.Concerns = "permit of " + number // one of each permit is in work
	a.Attached = nil
	return a
}

func (f *fixture) addApplication(number string) application.Application {
	f.Helper()
	a := f.newApplication(number)
	f.update(func(w port.Writes) { w.Applications().Add(a) })
	return a
}

func (f *fixture) addDocument(id string) port.StoredDocument {
	f.Helper()
	d := full[port.StoredDocument]()
	d.ID, d.Party, d.DeletedAt = id, f.account.Party.ID, time.Time{}
	f.update(func(w port.Writes) { w.Documents().Add(d) })
	return d
}

// try applies writes and gives the error.
func (f *fixture) try(g func(port.Writes)) error {
	return f.s.Update(f.ctx, func(tx port.Tx) error {
		g(tx.Write())
		return nil
	})
}

// update applies writes that must succeed.
func (f *fixture) update(g func(port.Writes)) {
	f.Helper()
	if err := f.try(g); err != nil {
		f.Fatalf("update: %v", err)
	}
}

// refused applies writes that must fail with a key.
func (f *fixture) refused(kind fault.Kind, key string, g func(port.Writes)) {
	f.Helper()
	f.isFault(f.try(g), kind, key)
}

func (f *fixture) isFault(err error, kind fault.Kind, key string) {
	f.Helper()
	if fault.KindOf(err) != kind || !fault.Is(err, key) {
		f.Errorf("got %v, want %v %s", err, kind, key)
	}
}

// view reads.
func (f *fixture) view(g func(v port.View) error) {
	f.Helper()
	if err := f.s.View(f.ctx, g); err != nil {
		f.Errorf("view: %v", err)
	}
}

// same compares what came back with what was stored.
func same[T any](f *fixture, what string, got, want T) {
	f.Helper()
	if !reflect.DeepEqual(got, want) {
		f.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

// found compares a single answer, which must exist.
func found[T any](f *fixture, what string, want T) func(got T, ok bool, err error) {
	return func(got T, ok bool, err error) {
		f.Helper()
		if err != nil || !ok {
			f.Errorf("%s: found %v, %v", what, ok, err)
			return
		}
		same(f, what, got, want)
	}
}

// missing expects an answer that does not exist.
func missing[T any](f *fixture, what string) func(got T, ok bool, err error) {
	return func(got T, ok bool, err error) {
		f.Helper()
		var zero T
		if err != nil || ok || !reflect.DeepEqual(got, zero) {
			f.Errorf("%s: %+v, found %v, %v", what, got, ok, err)
		}
	}
}

// gives compares an answer that comes with an error.
func gives[T any](f *fixture, what string, want T) func(got T, err error) {
	return func(got T, err error) {
		f.Helper()
		if err != nil {
			f.Errorf("%s: %v", what, err)
			return
		}
		same(f, what, got, want)
	}
}

// unknown expects NotFound.
func unknown[T any](f *fixture, what string) func(got T, err error) {
	return func(_ T, err error) {
		f.Helper()
		if fault.KindOf(err) != fault.NotFound {
			f.Errorf("%s: got %v, want not-found", what, err)
		}
	}
}

var errStop = errors.New("storetest: stop")
