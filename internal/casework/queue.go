package casework

import (
	"context"
	"strings"
	"unicode/utf8"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/ident"
	"elicense/internal/lang"
	"elicense/internal/party"
	"elicense/internal/port"
)

// Scope is whose work a view of the queue shows.
type Scope string

// The scopes.
const (
	ScopeMine       Scope = "mine"
	ScopeDepartment Scope = "department"
	ScopeAll        Scope = "all"
	ScopeFree       Scope = "free" // held by nobody
)

// MostCounted is up to where a queue is counted.
const MostCounted = 1000

// Listing is a page of the queue with what stands around it.
type Listing struct {
	Rows []port.Queued
	// Unread is how many messages of the applicant nobody of the body has read, by application; those of the rows.
	Unread map[string]int
	// Scopes are the views that the reader has, with how many each lists under the same filters, and Lefts the states of the
	// term within the view; both up to MostCounted+1.
	Scopes      []Counted[Scope]
	Lefts       []Counted[application.Left]
	Saved       []port.SavedView
	Officials   []access.Official // of the body, by surname
	Departments []access.Department
	HandsOut    bool // new applications are given to officials by rule
}

// Counted is something with how many there are of it.
type Counted[T any] struct {
	Is    T
	Count int
}

// Look gives a page of the queue of the actor's body. The filters of q hold within the scope.
func (d *Desk) Look(ctx context.Context, actor access.Actor, scope Scope, q port.Queue) (Listing, error) {
	var out Listing
	if err := reads(actor); err != nil {
		return out, err
	}
	q.Body, q.Today = actor.Body, civil.Of(d.World.Now(), lang.Almaty())
	err := d.Store.View(ctx, func(v port.View) (err error) {
		r := v.Office().Queues()
		if out.Officials, err = v.Office().Officials().List(ctx, actor.Body); err != nil {
			return err
		}
		if out.Departments, err = v.Office().Departments().List(ctx, actor.Body); err != nil {
			return err
		}
		if out.Rows, err = r.Queue(ctx, within(q, scope, actor)); err != nil {
			return err
		}
		numbers := make([]string, len(out.Rows))
		for i, row := range out.Rows {
			numbers[i] = row.Application.Number
		}
		if out.Unread, err = v.Office().Messages().Unread(ctx, port.FromApplicant, numbers...); err != nil {
			return err
		}
		if err := out.count(ctx, r, q, scope, actor); err != nil {
			return err
		}
		if out.Saved, err = r.Views(ctx, actor.Account); err != nil {
			return err
		}
		out.HandsOut, err = r.HandsOut(ctx, actor.Body)
		return err
	})
	return out, err
}

// count counts the scopes and, within the one that is shown, the states of the term.
func (out *Listing) count(ctx context.Context, r port.Queues, q port.Queue, scope Scope, actor access.Actor) error {
	var asked []port.Queue
	for _, s := range []Scope{ScopeMine, ScopeDepartment, ScopeAll, ScopeFree} {
		if s == ScopeDepartment && actor.Department == "" {
			continue
		}
		out.Scopes = append(out.Scopes, Counted[Scope]{Is: s})
		asked = append(asked, within(q, s, actor))
	}
	for _, left := range application.Lefts() {
		out.Lefts = append(out.Lefts, Counted[application.Left]{Is: left})
		of := within(q, scope, actor)
		of.Left = left
		asked = append(asked, of)
	}
	counts, err := r.Count(ctx, MostCounted+1, asked...)
	if err != nil {
		return err
	}
	for i := range out.Scopes {
		out.Scopes[i].Count = counts[i]
	}
	for i := range out.Lefts {
		out.Lefts[i].Count = counts[len(out.Scopes)+i]
	}
	return nil
}

// within narrows a queue to a scope. A filter that the scope contradicts gives way to it.
func within(q port.Queue, scope Scope, actor access.Actor) port.Queue {
	switch scope {
	case ScopeMine:
		q.Holder, q.Absent = actor.Account, actor.Absent
	case ScopeFree:
		q.Holder = port.None
	case ScopeDepartment:
		q.Department = actor.Department
	}
	return q
}

// Read reads what somebody typed to find an application by: its number, the applicant's IIN or BIN, or words of the
// applicant's name, of three letters at least together. What is none of them is fault.Invalid at "find".
func Read(typed string) (port.Found, error) {
	if utf8.RuneCountInString(typed) > 200 {
		return port.Found{}, fault.At("find", "queue.find-unclear")
	}
	number := ident.Folded(typed)
	if ident.ValidDocumentNumber(number) {
		return port.Found{Number: number}, nil
	}
	if plain := ident.Normalise(typed); ident.Kind(plain) != ident.KindNone {
		return port.Found{Party: plain}, nil
	}
	words := party.Words(typed)
	if utf8.RuneCountInString(strings.Join(words, "")) < 3 {
		return port.Found{}, fault.At("find", "queue.find-unclear")
	}
	return port.Found{Words: words}, nil
}

// Find finds what reached the actor's body, decided or not.
func (d *Desk) Find(ctx context.Context, actor access.Actor, f port.Found) ([]port.Queued, error) {
	if err := reads(actor); err != nil {
		return nil, err
	}
	f.Body = actor.Body
	var list []port.Queued
	err := d.Store.View(ctx, func(v port.View) (err error) {
		list, err = v.Office().Queues().Found(ctx, f)
		return err
	})
	return list, err
}

// Bounds of the views that an official keeps.
const (
	mostViews   = 20
	maxViewName = 60 // characters
)

// KeepView keeps filters under a name: a new view, or another name of one that has an id.
func (d *Desk) KeepView(ctx context.Context, actor access.Actor, view port.SavedView) error {
	if err := reads(actor); err != nil {
		return err
	}
	view.Name, view.Official = strings.Join(strings.Fields(view.Name), " "), actor.Account
	if n := utf8.RuneCountInString(view.Name); n == 0 || n > maxViewName {
		return fault.At("name", "queue.view-name")
	}
	err := d.Store.Update(ctx, func(tx port.Tx) error {
		w, details := tx.Write().Office().Queues(), map[string]string{"name": view.Name}
		if view.ID != "" {
			w.RenameView(view)
			d.audit(tx, actor, "queue.view-renamed", "view/"+view.ID, details)
			return nil
		}
		all, err := tx.Office().Queues().Views(ctx, actor.Account)
		if err != nil {
			return err
		}
		if len(all) >= mostViews {
			return fault.At("name", "queue.view-many")
		}
		kept := view
		kept.ID = d.World.ID()
		w.AddView(kept)
		d.audit(tx, actor, "queue.view-kept", "view/"+kept.ID, details)
		return nil
	})
	switch {
	case fault.Is(err, "store.view-exists"):
		return fault.At("name", "queue.view-taken")
	case fault.Is(err, "store.race"): // no view of theirs
		return fault.New(fault.NotFound, "fault.not-found")
	}
	return err
}

// DropView forgets a view of the actor's.
func (d *Desk) DropView(ctx context.Context, actor access.Actor, id string) error {
	if err := reads(actor); err != nil {
		return err
	}
	return d.Store.Update(ctx, func(tx port.Tx) error {
		tx.Write().Office().Queues().DropView(actor.Account, id)
		d.audit(tx, actor, "queue.view-dropped", "view/"+id, nil)
		return nil
	})
}

// NameParties makes the names of parties searchable that were stored before they were kept by word.
func (d *Desk) NameParties(ctx context.Context) error {
	const step = 500
	for {
		var list []party.Party
		err := d.Store.View(ctx, func(v port.View) (err error) {
			list, err = v.Office().Queues().Unnamed(ctx, step)
			return err
		})
		if err != nil || len(list) == 0 {
			return err
		}
		err = d.Store.Update(ctx, func(tx port.Tx) error {
			for _, p := range list {
				tx.Write().Office().Queues().Name(p)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
}
