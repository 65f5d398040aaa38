package casework

import (
	"context"
	"strconv"
	"time"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/audit"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/form"
	"elicense/internal/paper"
	"elicense/internal/permit"
	"elicense/internal/port"
)

// Settler settles what a step of the process does besides examining (service.Task), in the units of the acts themselves.
type Settler interface {
	// Filed lists what speaks against filing as field faults, while the applicant can still mend it.
	Filed(ctx context.Context, v port.View, f File) ([]fault.Field, error)
	// Received writes what the registered application takes.
	Received(ctx context.Context, tx port.Tx, f File, at time.Time) error
	// Proposed settles what the proposal to grant needs, and lists what is missing as field faults.
	Proposed(ctx context.Context, tx port.Tx, actor access.Actor, f File, pr application.Proposal, at time.Time) ([]fault.Field, error)
	// Shown adds to a permit what its document shows of it, before the permit is written.
	Shown(ctx context.Context, v port.View, f File, pr application.Proposal, pm *permit.Permit) error
	// Granted writes what the permit takes, after the permit.
	Granted(ctx context.Context, tx port.Tx, actor access.Actor, f File, pr application.Proposal, pm permit.Permit, at time.Time) error
	// Dropped gives back what was settled, when the application is refused.
	Dropped(ctx context.Context, tx port.Tx, actor access.Actor, f File, at time.Time) error
}

// Obstacles asks the settlers of a service what speaks against filing.
func (c *Casework) Obstacles(ctx context.Context, v port.View, f File) ([]fault.Field, error) {
	all, err := c.unconcerned(ctx, v, f)
	if err != nil {
		return nil, err
	}
	named, err := issued(ctx, v, f)
	if err != nil {
		return nil, err
	}
	all = append(all, named...)
	for _, settler := range c.settlers(f) {
		more, err := settler.Filed(ctx, v, f)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return all, nil
}

// Matching finds the paper licence that an application wants in electronic form. The register takes one application for
// a paper: from the moment in which it is registered where the data agree, else from the proposal of the official who
// found the paper.
type Matching struct{ Papers *paper.Papers }

// KeyPaperTaken is the fault of a paper licence that another application restores, or that is restored already.
const KeyPaperTaken = "store.paper-claimed"

// claim is what the applicant says about the paper.
func claim(f File) permit.PaperClaim {
	p, answers := f.Form.Revision.Definition.Process.Paper, f.Application.Answers
	return permit.PaperClaim{Body: f.Application.Body, Series: answers[p.Series], Number: answers[p.Number], IssuedOn: form.Date(answers, p.Issued), HolderNumber: f.Party.Number}
}

// Candidates are the papers of the body that may be meant, those in which most agrees first.
func (m Matching) Candidates(ctx context.Context, v port.View, f File) ([]permit.PaperMatch, error) {
	return m.Papers.Match(ctx, v, claim(f))
}

// meant finds the paper by series and number.
func (m Matching) meant(ctx context.Context, v port.View, f File) (permit.Paper, bool, error) {
	c := claim(f)
	if c.Number == "" {
		return permit.Paper{}, false, nil
	}
	return v.Permits().PaperOf(ctx, c.Body, c.Series, c.Number)
}

// Filed refuses a second filing of the same paper. Only its holder learns so: to others the paper may not exist.
func (m Matching) Filed(ctx context.Context, v port.View, f File) ([]fault.Field, error) {
	p, ok, err := m.meant(ctx, v, f)
	if err != nil || !ok || p.HolderNumber != f.Party.Number || p.Application == "" || p.Application == f.Application.Number {
		return nil, err
	}
	return []fault.Field{{Path: f.Form.Revision.Definition.Process.Paper.Number, Key: KeyPaperTaken}}, nil
}

// Received claims the paper of its holder.
func (m Matching) Received(ctx context.Context, tx port.Tx, f File, at time.Time) error {
	p, ok, err := m.meant(ctx, tx, f)
	if err != nil || !ok || p.HolderNumber != f.Party.Number {
		return err
	}
	m.Papers.ClaimIn(tx, access.TheSystem(), p.ID, f.Application.Number, at)
	return nil
}

// claimed gives the paper that the application has claimed.
func (m Matching) claimed(ctx context.Context, v port.View, f File) (permit.Paper, bool, error) {
	list, err := m.Candidates(ctx, v, f)
	for _, c := range list {
		if c.Paper.Application == f.Application.Number {
			return c.Paper, true, err
		}
	}
	return permit.Paper{}, false, err
}

// Proposed claims the paper that the official found, in place of another one.
func (m Matching) Proposed(ctx context.Context, tx port.Tx, actor access.Actor, f File, pr application.Proposal, at time.Time) ([]fault.Field, error) {
	refuse := func(key string) ([]fault.Field, error) { return []fault.Field{{Path: "paper", Key: key}}, nil }
	chosen, err := tx.Permits().Paper(ctx, pr.Paper)
	switch {
	case fault.KindOf(err) == fault.NotFound && err != nil:
		return refuse("work.paper-required")
	case err != nil:
		return nil, err
	case chosen.Body != f.Application.Body:
		return refuse("work.paper-required")
	case chosen.State == permit.PaperTerminated:
		return refuse("work.paper-terminated")
	case chosen.State == permit.PaperRevoked:
		return refuse("work.paper-revoked")
	case chosen.Application != "" && chosen.Application != f.Application.Number:
		return refuse(KeyPaperTaken)
	case chosen.Application == f.Application.Number:
		return nil, nil
	}
	before, ok, err := m.claimed(ctx, tx, f)
	if err != nil {
		return nil, err
	}
	if ok {
		m.Papers.ReleaseIn(tx, actor, before.ID, f.Application.Number, at)
	}
	m.Papers.ClaimIn(tx, actor, chosen.ID, f.Application.Number, at)
	return nil, nil
}

// Shown puts the register's data in the place of the applicant's: the register is what two persons confirmed.
func (m Matching) Shown(ctx context.Context, v port.View, f File, pr application.Proposal, pm *permit.Permit) error {
	p, err := v.Permits().Paper(ctx, pr.Paper)
	if err != nil {
		return err
	}
	fields := f.Form.Revision.Definition.Process.Paper
	pm.From, pm.To, pm.First = p.IssuedOn, p.ValidTo, p.IssuedOn
	pm.Values[fields.Number], pm.Values[fields.Issued] = p.Number, p.IssuedOn.String()
	pm.Second = p.Number
	if fields.Series != "" && p.Series != "" {
		pm.Values[fields.Series], pm.Second = p.Series, p.Series+" "+p.Number
	}
	return nil
}

// Granted makes the paper the permit, which stays suspended where the paper is.
func (m Matching) Granted(ctx context.Context, tx port.Tx, actor access.Actor, f File, pr application.Proposal, pm permit.Permit, at time.Time) error {
	m.Papers.RestoreIn(tx, actor, pr.Paper, f.Application.Number, pm.Number, at)
	p, err := tx.Permits().Paper(ctx, pr.Paper)
	today := f.Facts.Today
	if err != nil || p.StateOn(today) != permit.PaperSuspended {
		return err
	}
	o, _ := f.Form.Revision.Definition.Operation(f.Application.Operation)
	a := permit.Act{Kind: permit.Suspension, From: p.Since, To: p.Until, Application: f.Application.Number, By: actor.Account, At: at, Ground: permit.Ground{Key: o.Key, Text: o.Name}}
	if a.From.IsZero() { // the register does not say
		a.From = today
	}
	if a.To.Before(today) { // of the body's register, in which it is suspended all the same
		a.To = civil.Date{}
	}
	if a, err = pm.Next(nil, a, today); err != nil {
		return err
	}
	pm.Standing = pm.After([]permit.Act{a})
	tx.Write().Permits().Act(pm, a)
	tx.Write().Records().Audit(audit.Entry{ID: m.Papers.World.ID(), Salt: m.Papers.World.Random(16), At: at, Actor: actor.Name(), Action: "permit.act", Object: "permit/" + pm.Number,
		Details: map[string]string{"kind": string(a.Kind), "from": a.From.String(), "ground": a.Ground.Key, "act": strconv.Itoa(a.Seq), "digest": a.Digest()}})
	return nil
}

// Dropped gives the paper back, so that its holder may apply again.
func (m Matching) Dropped(ctx context.Context, tx port.Tx, actor access.Actor, f File, at time.Time) error {
	p, ok, err := m.claimed(ctx, tx, f)
	if err != nil || !ok {
		return err
	}
	m.Papers.ReleaseIn(tx, actor, p.ID, f.Application.Number, at)
	return nil
}
