// Package numbering allocates the numbering resource: subscriber numbers in ranges under the codes of the numbering plan.
// An official gets a proposal, reserves ranges for an application, and the decision allocates or releases them; two
// officials withdraw them by an order, and they come back through a quarantine. Rules for allocating numbering resource, assigning and withdrawing
// numbers, order No. 67 of 29.01.2015.
package numbering

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"elicense/internal/access"
	"elicense/internal/audit"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/ledger"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/service"
)

// Numbering keeps the register of ranges.
type Numbering struct {
	Store port.Store
	World port.World
	// Grounds lists the legal grounds of withdrawal at a state body; none where the body does not keep the numbering plan.
	Grounds func(body string) []service.Refusal
	// Withdrawn tells the holder of numbers that were withdrawn, in the same unit; nil = nobody is told.
	Withdrawn func(ctx context.Context, tx port.Tx, o ledger.Order) error
}

// Want is what an application asks for: the form knows a place and a count, never the numbers themselves.
type Want struct {
	Code  ledger.Code
	Count int64
}

// Propose gives ranges for the wants, in blocks of a size (a power of ten; 1 = single numbers). Faults as of
// ledger.Propose; a code that has no free numbers is fault.Conflict "ledger.short".
func (n *Numbering) Propose(ctx context.Context, actor access.Actor, wants []Want, block int64) ([]ledger.Range, error) {
	if err := access.Can(actor, access.Allocate, access.Thing{Body: actor.Body}); err != nil {
		return nil, err
	}
	var chosen []ledger.Range
	err := n.Store.View(ctx, func(v port.View) error {
		p, err := load(ctx, v, wanted(wants)...)
		if err != nil {
			return err
		}
		chosen, err = propose(p, wants, block)
		return err
	})
	return chosen, err
}

func wanted(wants []Want) []ledger.Code {
	var codes []ledger.Code
	for _, w := range wants {
		codes = append(codes, w.Code)
	}
	return codes
}

func propose(p *plan, wants []Want, block int64) ([]ledger.Range, error) {
	counts := map[ledger.Code]int64{} // a code that is named twice must not get the same numbers twice
	var codes []ledger.Code
	for _, w := range wants {
		if w.Count < 1 || w.Count > w.Code.Size() {
			return nil, fault.New(fault.Invalid, "ledger.count")
		}
		if counts[w.Code] == 0 {
			codes = append(codes, w.Code)
		}
		counts[w.Code] += w.Count
	}
	var chosen []ledger.Range
	for _, code := range codes {
		part, err := ledger.Propose(p.free(code), counts[code], block)
		if f, ok := fault.As(err); ok {
			return nil, f.With(fault.Args{"code": code.String()})
		}
		if err != nil {
			return nil, err
		}
		chosen = append(chosen, part...)
	}
	return chosen, nil
}

// Assign proposes and reserves in one unit, for an application that an official does not choose for by hand.
func (n *Numbering) Assign(ctx context.Context, actor access.Actor, application string, wants []Want, block int64) ([]ledger.Range, error) {
	return n.reserve(ctx, actor, application, wanted(wants), func(p *plan) ([]ledger.Range, error) { return propose(p, wants, block) })
}

// Reserve keeps free numbers for an application until it is decided, in place of what was reserved for it before. A number
// that is not free any more is fault.Conflict "ledger.taken"; an application that is not before an official, or is decided
// already, is "numbering.decided".
func (n *Numbering) Reserve(ctx context.Context, actor access.Actor, application string, chosen []ledger.Range) ([]ledger.Range, error) {
	return n.reserve(ctx, actor, application, codesOf(chosen), func(*plan) ([]ledger.Range, error) { return chosen, nil })
}

// reserve writes a new version of the application, so that a decision that is made meanwhile makes the unit miss its
// guard: nothing may stay reserved for an application that is decided.
func (n *Numbering) reserve(ctx context.Context, actor access.Actor, application string, codes []ledger.Code, choose func(*plan) ([]ledger.Range, error)) ([]ledger.Range, error) {
	var kept []ledger.Range
	err := n.Store.Update(ctx, func(tx port.Tx) error {
		a, err := tx.Applications().Application(ctx, application)
		if err != nil {
			return err
		}
		if err := access.Can(actor, access.Allocate, access.Thing{Body: a.Body}); err != nil {
			return err
		}
		if a.State.Open() || !a.DecidedAt.IsZero() {
			return fault.New(fault.Conflict, "numbering.decided")
		}
		p, err := loadFor(ctx, tx, application, codes...)
		if err != nil {
			return err
		}
		at := n.World.Now()
		if _, err := p.change(p.reserved(application), func(r ledger.Range) (ledger.Range, error) { return r.Released(day(at)) }); err != nil {
			return err
		}
		chosen, err := choose(p)
		if err != nil {
			return err
		}
		if len(chosen) == 0 {
			return fault.New(fault.Invalid, "ledger.range")
		}
		kept, err = p.change(chosen, func(r ledger.Range) (ledger.Range, error) { return r.ReserveFor(application, day(at)) })
		if fault.Is(err, "ledger.move") {
			err = fault.New(fault.Conflict, "ledger.taken").Because(err)
		}
		if err != nil {
			return err
		}
		a.ChangedAt = a.Moment(at)
		tx.Write().Applications().Change(a)
		p.write(tx)
		n.audit(tx, actor, "numbers.reserved", "application/"+application, kept, nil, at)
		return nil
	})
	return kept, err
}

// Reserved lists what is reserved for an application of the actor's body or was allocated for it.
func (n *Numbering) Reserved(ctx context.Context, actor access.Actor, application string) (list []ledger.Range, err error) {
	err = n.Store.View(ctx, func(v port.View) error {
		a, err := v.Applications().Application(ctx, application)
		if err != nil {
			return err
		}
		if err := access.Can(actor, access.Allocate, access.Thing{Body: a.Body}); err != nil {
			return err
		}
		list, err = v.Ledger().Ranges(ctx, port.RangeSearch{Application: application})
		return err
	})
	return list, err
}

// Annex lists the ranges that a permit allocates, for its document.
func (n *Numbering) Annex(ctx context.Context, number string) ([]ledger.Range, error) {
	return n.ranges(ctx, port.RangeSearch{Permit: number, State: ledger.Allocated})
}

func (n *Numbering) ranges(ctx context.Context, s port.RangeSearch) ([]ledger.Range, error) {
	var list []ledger.Range
	err := n.Store.View(ctx, func(v port.View) (err error) {
		list, err = v.Ledger().Ranges(ctx, s)
		return err
	})
	return list, err
}

// CommitIn allocates what is reserved for the permit's application, in the unit that issues the permit, and gives the
// ranges of its annex. Nothing reserved is fault.Conflict "numbering.nothing": such a permit would allow nothing.
func (n *Numbering) CommitIn(ctx context.Context, tx port.Tx, actor access.Actor, p permit.Permit, at time.Time) ([]ledger.Range, error) {
	grant := ledger.Grant{Permit: p.Number, Party: p.Party, HolderName: p.HolderName, HolderNumber: p.HolderNumber}
	done, err := n.decideIn(ctx, tx, p.Application, func(r ledger.Range) (ledger.Range, error) { return r.AllocatedBy(grant, day(at)) })
	if err != nil {
		return nil, err
	}
	if len(done) == 0 {
		return nil, fault.New(fault.Conflict, "numbering.nothing")
	}
	n.audit(tx, actor, "numbers.allocated", "permit/"+p.Number, done, map[string]string{"application": p.Application}, at)
	return done, nil
}

// ReleaseIn gives back what is reserved for an application, in the unit that refuses or ends it; nothing reserved is no
// error.
func (n *Numbering) ReleaseIn(ctx context.Context, tx port.Tx, actor access.Actor, application string, at time.Time) error {
	done, err := n.decideIn(ctx, tx, application, func(r ledger.Range) (ledger.Range, error) { return r.Released(day(at)) })
	if err == nil && len(done) > 0 {
		n.audit(tx, actor, "numbers.released", "application/"+application, done, nil, at)
	}
	return err
}

func (n *Numbering) decideIn(ctx context.Context, tx port.Tx, application string, f func(ledger.Range) (ledger.Range, error)) ([]ledger.Range, error) {
	if application == "" {
		return nil, nil
	}
	p, err := loadFor(ctx, tx, application)
	if err != nil {
		return nil, err
	}
	done, err := p.change(p.reserved(application), f)
	if err != nil {
		return nil, err
	}
	p.write(tx)
	return done, nil
}

// sweepRows is how many ranges one unit frees.
const sweepRows = 200

// Sweep frees the numbers whose quarantine is over and tells how many those were. Repeating it is harmless.
func (n *Numbering) Sweep(ctx context.Context) (freed int64, err error) {
	for {
		var part int64
		err := n.Store.Update(ctx, func(tx port.Tx) error {
			part = 0
			at := n.World.Now()
			over, err := tx.Ledger().Ranges(ctx, port.RangeSearch{Over: day(at), Limit: sweepRows})
			if err != nil || len(over) == 0 {
				return err
			}
			p, err := load(ctx, tx, codesOf(over)...)
			if err != nil {
				return err
			}
			done, err := p.change(p.over(day(at)), func(r ledger.Range) (ledger.Range, error) { return r.Returned(day(at)) })
			if err != nil || len(done) == 0 { // another node was first
				return err
			}
			for _, r := range done {
				part += r.Size()
			}
			p.write(tx)
			n.audit(tx, access.TheSystem(), "numbers.returned", "numbers/"+string(done[0].Code), done, nil, at)
			return nil
		})
		if err != nil || part == 0 {
			return freed, err
		}
		freed += part
	}
}

// day is the day of the numbering plan: that of the capital's and every other place's clock.
func day(at time.Time) civil.Date { return civil.Of(at, lang.Almaty()) }

// audit writes the row of an act on ranges: the numbers are not personal data, their holder is not in it.
func (n *Numbering) audit(tx port.Tx, actor access.Actor, action, object string, ranges []ledger.Range, details map[string]string, at time.Time) {
	all := map[string]string{"ranges": written(ranges)}
	for k, v := range details {
		all[k] = v
	}
	tx.Write().Records().Audit(audit.Entry{ID: n.World.ID(), Salt: n.World.Random(16), At: at, Actor: actor.Name(), Action: action, Object: object, Details: all})
}

// written is "717-2 000100-000199, 727 0000000-0000009".
func written(ranges []ledger.Range) string {
	list := slices.Clone(ranges)
	ledger.Sort(list)
	var b strings.Builder
	for i, r := range list {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s %s-%s", r.Code, r.Code.Number(r.First), r.Code.Number(r.Last))
	}
	return b.String()
}
