package filing

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/billing"
	"elicense/internal/fault"
	"elicense/internal/form"
	"elicense/internal/party"
	"elicense/internal/port"
	"elicense/internal/service"
)

// KeyMoved is the fault (Conflict) of signing a draft whose applicant has not seen yet what a new revision of the service
// changed. The draft stands on the newest revision then.
const KeyMoved = "filing.moved"

// keyBehind makes updateDraft move the draft; it does not leave this package.
const keyBehind = "filing.behind"

// newer gives the revision to which a draft has to move; nil where it stands on the newest, and where the newest cannot
// be ordered any more: then there is no form to move to, and Problems says so.
func (f *Filing) newer(a application.Application) *service.Revision {
	if a.State != application.Draft {
		return nil
	}
	rev, err := f.Catalogue.Service(a.Service)
	if err != nil || rev.Number <= a.Revision || rev.Definition.Status != service.Open {
		return nil
	}
	return rev
}

// closed tells what of a service's newest revision keeps a draft from ever being sent.
func (f *Filing) closed(d Draft) (fault.Field, bool) {
	rev, err := f.Catalogue.Service(d.Application.Service)
	switch {
	case err != nil || d.Application.State != application.Draft:
		return fault.Field{}, false
	case rev.Definition.Status != service.Open:
		return fault.Field{Key: "filing.not-open"}, true
	case !slices.Contains(rev.Definition.Bodies, d.Application.Body):
		return fault.Field{Key: "filing.body-gone"}, true
	}
	return fault.Field{}, false
}

// updateDraft runs a unit over a draft; where the draft stands on an older revision it is moved first.
func (f *Filing) updateDraft(ctx context.Context, actor access.Actor, number string, unit func(port.Tx) error) error {
	err := f.Store.Update(ctx, unit)
	if !fault.Is(err, keyBehind) {
		return err
	}
	if err := f.move(ctx, actor, number); err != nil {
		return err
	}
	if err = f.Store.Update(ctx, unit); fault.Is(err, keyBehind) { // yet another revision in the same moment
		return fault.New(fault.Conflict, KeyMoved)
	}
	return err
}

// move brings a draft to the newest revision of its service, in one unit: answers to questions that are still asked are
// kept, the others are set aside, new questions are prefilled as in a new draft, documents that are not asked for are
// detached, and an invoice that was not paid gets the new sum. What is prepared for signing grows stale, because the
// application's version changes. Where another window was first it does nothing.
func (f *Filing) move(ctx context.Context, actor access.Actor, number string) error {
	var account party.Account
	err := f.Store.View(ctx, func(v port.View) error {
		a, err := v.Applications().Application(ctx, number)
		if err != nil {
			return err
		}
		if err := access.May(actor, access.Change, a.Party); err != nil {
			return err
		}
		account, err = v.Accounts().Account(ctx, a.Account)
		return err
	})
	if err != nil {
		return err
	}
	values, silent := f.sources(ctx, account) // asks registers: outside the unit
	return f.Store.Update(ctx, func(tx port.Tx) error {
		d, err := f.load(ctx, tx, actor, number)
		if err != nil {
			return err
		}
		rev := f.newer(d.Application)
		if rev == nil {
			return nil
		}
		next, err := f.Casework.FormOf(ctx, rev)
		if err != nil {
			return err
		}
		c := carrying{old: d.Form, next: next, values: values, silent: silent, now: f.World.Now()}
		if c.earlier, err = tx.Services().Moves(ctx, number); err != nil {
			return err
		}
		a, m := c.carry(d.Application)
		return f.recordMove(ctx, tx, actor, d, next, a, m)
	})
}

// recordMove lists the writes of a move, with what becomes of the fee.
func (f *Filing) recordMove(ctx context.Context, tx port.Tx, actor access.Actor, d Draft, next form.Form, a application.Application, m application.Move) error {
	file := d.File
	file.Application, file.Form, file.Invoiced = a, next, false // by the new rules, whatever was invoiced
	file, err := f.Casework.Refresh(ctx, tx, file, m.At)
	if err != nil {
		return err
	}
	m.FeeWas, m.FeePaid, m.FeeIs = d.Facts.FeeDue, d.Facts.FeePaid, file.Facts.FeeDue
	owed := m.FeeIs
	if file.Facts.NoMCI { // nobody can tell what it costs now: an invoice of the older rules is void, and nothing is said
		m.FeeIs = m.FeeWas
	}
	w := tx.Write()
	w.Applications().Change(a)
	for _, key := range m.Detached {
		w.Applications().Detach(a.Number, key)
	}
	w.Services().Move(m)
	if err := billing.RepriceIn(ctx, tx, f.World, actor, a, owed); err != nil {
		return err
	}
	w.Applications().Happen(application.Happening{ID: f.World.ID(), Application: a.Number, Event: application.Moved, From: application.Draft, To: application.Draft, Actor: actor.Name(), At: m.At})
	f.audit(tx, actor, "application."+string(application.Moved), "application/"+a.Number, map[string]string{
		"version": strconv.Itoa(a.Version), "from": strconv.Itoa(m.From), "to": strconv.Itoa(m.To),
		"aside": strconv.Itoa(len(m.Aside)), "fee": strconv.FormatInt(int64(m.FeeIs), 10),
	}, m.At)
	return nil
}

// Seen notes that the applicant went on from the notice of what a new revision changed.
func (f *Filing) Seen(ctx context.Context, actor access.Actor, number string) error {
	return f.Store.Update(ctx, func(tx port.Tx) error {
		a, err := tx.Applications().Application(ctx, number)
		if err != nil {
			return err
		}
		if err := access.May(actor, access.Change, a.Party); err != nil {
			return err
		}
		now := f.World.Now()
		tx.Write().Services().SeeMoves(number, now)
		f.audit(tx, actor, "application.move-seen", "application/"+number, map[string]string{"revision": strconv.Itoa(a.Revision)}, now)
		return nil
	})
}

// Unseen gives the moves of which the applicant has not been told.
func (d Draft) Unseen() []application.Move {
	return slices.DeleteFunc(slices.Clone(d.Moves), func(m application.Move) bool { return !m.SeenAt.IsZero() })
}

// Aside is an answer to a question that is not asked any more.
type Aside struct {
	Revision int // whose question it answers
	Key      string
	Answer   string
}

// Aside lists what is kept of questions that are not asked any more, in the order in which they went.
func (d Draft) Aside() []Aside {
	var list []Aside
	for _, m := range d.Moves {
		for _, key := range slices.Sorted(maps.Keys(m.Aside)) {
			if _, asked := d.Definition().Field(key); !asked {
				list = append(list, Aside{m.From, key, m.Aside[key]})
			}
		}
	}
	return list
}

// Revision gives a revision of the draft's service.
func (f *Filing) Revision(ctx context.Context, d Draft, number int) (*service.Revision, error) {
	return f.Catalogue.Revision(ctx, d.Application.Service, number)
}
