package reference

import (
	"context"
	"maps"
	"slices"

	"elicense/internal/access"
	"elicense/internal/fault"
	"elicense/internal/port"
	"elicense/internal/service"
)

// Difference is what an amendment changes.
type Difference struct {
	Added, Changed, Closed []Changed
	Same                   int
}

// Changed is a row before and after; of one that is added, Before is empty.
type Changed struct{ Before, After service.Row }

// differ compares an amendment with what is in force, built in or entered.
func (k *Keeper) differ(ctx context.Context, v port.View, a port.Amendment) (Difference, error) {
	var d Difference
	entered, err := v.Directories().Rows(ctx, a.Directory)
	if err != nil {
		return d, err
	}
	have := map[string]service.Row{}
	for _, r := range entered {
		have[rowID(r)] = r
	}
	if a.Directory == Indices {
		for _, r := range k.indexRows(nil) {
			r.Code = Indices
			if _, ok := have[rowID(r)]; !ok {
				have[rowID(r)] = r
			}
		}
	}
	base := k.base(a.Directory)
	for _, r := range a.Rows {
		before, ok := have[rowID(r)]
		if !ok && base != nil {
			if e, built := base.Get(r.Code); built {
				before, ok = service.Row{Directory: r.Directory, Code: e.Code, Name: e.Name, From: e.From, To: e.To}, true
			}
		}
		ended := before
		ended.To = r.To
		switch {
		case !ok:
			d.Added = append(d.Added, Changed{After: r})
		case same(before, r):
			d.Same++
		case same(ended, r) && !r.To.IsZero():
			d.Closed = append(d.Closed, Changed{before, r})
		default:
			d.Changed = append(d.Changed, Changed{before, r})
		}
	}
	return d, nil
}

func same(a, b service.Row) bool {
	full := func(v map[string]string) map[string]string {
		out := maps.Clone(v)
		maps.DeleteFunc(out, func(_, s string) bool { return s == "" })
		return out
	}
	return a.Name == b.Name && a.From == b.From && a.To == b.To && maps.Equal(full(a.Values), full(b.Values))
}

// Look is an amendment as its second person reads it.
type Look struct {
	port.Amendment
	Service    *service.Revision
	Directory  *service.Directory
	Difference Difference
	Names      map[string]string
	Mine       bool // the reader proposed it
	Past       bool // it changes days that are over
}

// Look gives an amendment; of one that is closed, without the difference.
func (k *Keeper) Look(ctx context.Context, actor access.Actor, id string) (Look, error) {
	var l Look
	if err := k.May(actor); err != nil {
		return l, err
	}
	err := k.Store.View(ctx, func(v port.View) (err error) {
		if l.Amendment, err = amendment(ctx, v, id); err != nil {
			return err
		}
		if l.State == port.AmendmentProposed {
			if l.Difference, err = k.differ(ctx, v, l.Amendment); err != nil {
				return err
			}
		}
		l.Names, err = officials(ctx, v)
		return err
	})
	if err != nil {
		return l, err
	}
	l.Mine = l.Proposed.Person == actor.Person
	l.Past = slices.ContainsFunc(l.Rows, func(r service.Row) bool { return !r.From.IsZero() && !r.From.After(k.today()) })
	l.Service, l.Directory, err = k.find(l.Amendment.Directory)
	if fault.KindOf(err) == fault.NotFound { // the service has another text by now
		err = nil
	}
	return l, err
}
