package publication

import (
	"context"
	"maps"
	"slices"

	"elicense/internal/access"
	"elicense/internal/cases"
	"elicense/internal/lang"
	"elicense/internal/port"
	"elicense/internal/service"
)

// View is everything that a person needs to decide a proposal.
type View struct {
	Proposal port.Proposal
	Examined Examined
	Mistakes string // why the text cannot be published as the program stands today; empty = it can
	Mine     bool   // the person proposed it, and cannot approve it
	Newest   int    // number of the newest revision; another than the proposal's base makes it stale
	// Proposer and Decider are the officials' names; empty where an operator proposed at the command line, and before the
	// decision.
	Proposer, Decider string
	Rows              []RowChanges
	Impact            Impact
	Affected          []Affected // the first of them
}

// Stale tells whether another revision was published since the proposal.
func (w View) Stale() bool { return !w.Proposal.Decided() && w.Newest != w.Proposal.Base }

// Ready tells whether the reader may approve: nothing that Approve refuses is known.
func (w View) Ready() bool {
	return !w.Proposal.Decided() && !w.Mine && !w.Stale() && w.Mistakes == "" && w.Examined.acceptable() == nil
}

// RowChanges is what a text changes in the rows of a directory.
type RowChanges struct {
	Directory               service.Directory
	Added, Removed, Changed []string // codes, with the variant where a row has one
}

// Look gives the view of a proposal, with what it would alter among today's applications; the list of numbers is cut at
// the given count.
func (p *Publication) Look(ctx context.Context, actor access.Actor, id string, most int) (View, error) {
	var w View
	var base service.Source
	err := p.Store.View(ctx, func(v port.View) error {
		iin, err := p.Publisher(ctx, v, actor)
		if err != nil {
			return err
		}
		if w.Proposal, err = v.Services().Proposal(ctx, id); err != nil {
			return err
		}
		w.Mine = iin == w.Proposal.Proposer.IIN
		return w.read(ctx, v, &base)
	})
	if err != nil {
		return w, err
	}
	if w.Examined, err = p.Examine(w.Proposal.Source, w.Proposal.Cases); err != nil {
		w.Mistakes = err.Error()
		return w, nil
	}
	if w.Newest != w.Proposal.Base { // the newest may be this text itself
		var before *service.Revision
		if w.Proposal.Base > 0 {
			if before, err = p.Catalogue.Revision(ctx, w.Proposal.Service, w.Proposal.Base); err != nil {
				return w, err
			}
		}
		w.Examined.compare(before)
	}
	if w.Rows, err = rowChanges(w.Examined.Revision, base, w.Proposal.Source); err != nil || w.Proposal.Decided() {
		return w, err
	}
	w.Impact, err = p.Impact(ctx, w.Examined, func(a Affected) error {
		if len(w.Affected) < most {
			w.Affected = append(w.Affected, a)
		}
		return nil
	})
	return w, err
}

// read adds the newest number, the names of the officials, and the text on which the proposal was made.
func (w *View) read(ctx context.Context, v port.View, base *service.Source) error {
	all, err := v.Services().Revisions(ctx, w.Proposal.Service)
	if err != nil {
		return err
	}
	if len(all) > 0 {
		w.Newest = all[0].Number
	}
	if w.Proposal.Base > 0 {
		before, err := v.Services().Revision(ctx, w.Proposal.Service, w.Proposal.Base)
		if err != nil {
			return err
		}
		*base = before.Source
	}
	officials, err := v.Office().Officials().List(ctx, "")
	for _, o := range officials {
		if o.Person == w.Proposal.Proposer.IIN {
			w.Proposer = o.Name()
		}
		if o.ID == w.Proposal.Verdict.By.Actor {
			w.Decider = o.Name()
		}
	}
	return err
}

// rowChanges compares the rows of the directories in two texts of a service. Rows of the older text that today's program
// does not read count as none.
func rowChanges(rev *service.Revision, before, after service.Source) ([]RowChanges, error) {
	is, err := cases.Rows(rev, after)
	if err != nil {
		return nil, err
	}
	was, err := cases.Rows(rev, before)
	if err != nil {
		was = nil
	}
	var list []RowChanges
	for _, dir := range rev.Definition.Directories {
		if _, brought := is[dir.Key]; !brought {
			continue // its rows are kept outside of the text, and stay
		}
		c, old, now := RowChanges{Directory: dir}, byCode(was[dir.Key]), byCode(is[dir.Key])
		for _, code := range slices.Sorted(maps.Keys(now)) {
			switch x, ok := old[code]; {
			case !ok:
				c.Added = append(c.Added, code)
			case !sameRows(x, now[code]):
				c.Changed = append(c.Changed, code)
			}
		}
		for _, code := range slices.Sorted(maps.Keys(old)) {
			if _, ok := now[code]; !ok {
				c.Removed = append(c.Removed, code)
			}
		}
		if len(c.Added)+len(c.Removed)+len(c.Changed) > 0 {
			list = append(list, c)
		}
	}
	return list, nil
}

// byCode sorts rows by code and variant; a code has several rows where its names or values change with the date.
func byCode(rows []service.Row) map[string][]service.Row {
	out := map[string][]service.Row{}
	for _, r := range rows {
		code := r.Code
		if r.Variant != "" {
			code += " " + r.Variant
		}
		out[code] = append(out[code], r)
	}
	return out
}

func sameRows(a, b []service.Row) bool {
	return slices.EqualFunc(a, b, func(x, y service.Row) bool {
		return x.Name == y.Name && x.From == y.From && x.To == y.To && maps.Equal(x.Values, y.Values)
	})
}

// Name is the service's name as the text has it; its key where the text cannot be read.
func (w View) Name() lang.Text {
	if w.Examined.Revision == nil {
		return lang.Text{KK: w.Proposal.Service}
	}
	return w.Examined.Revision.Definition.Name
}
