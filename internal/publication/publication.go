// Package publication makes revisions of services out of what two people agreed on: one proposes a text, another reads
// what it changes and approves or rejects it. The cases beside the text are replayed both times; one that decides
// otherwise than written stops the publication.
package publication

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"elicense/internal/access"
	"elicense/internal/audit"
	"elicense/internal/cases"
	"elicense/internal/casework"
	"elicense/internal/catalogue"
	"elicense/internal/fault"
	"elicense/internal/port"
	"elicense/internal/reference"
	"elicense/internal/service"
)

// The faults of this package.
const (
	KeyCases      = "publication.cases"       // Invalid: a case decides otherwise than written, or an open service has none
	KeyMistakes   = "publication.mistakes"    // Invalid: today's program does not accept the text
	KeyUnchanged  = "publication.unchanged"   // Conflict: the newest revision is the same text
	KeySamePerson = "publication.same-person" // Denied: who proposes does not approve, whichever account is used
	KeyStale      = "publication.stale"       // Conflict: another revision was published since
	KeyDecided    = "publication.decided"     // Conflict
	KeyReason     = "publication.reason"      // Invalid, at "reason": a rejection says why
)

// Limits of what people write, in bytes.
const maxText = 4000

// Publication holds the use cases.
type Publication struct {
	Store     port.Store
	World     port.World
	Catalogue *catalogue.Catalogue
	Reference *reference.Library
	Casework  *casework.Casework
	Cases     cases.World
	// Publisher gives the person (IIN) behind an actor who may propose and decide; everybody else is fault.Denied.
	Publisher func(ctx context.Context, v port.View, actor access.Actor) (iin string, err error)
}

// Examined is what is known about a text before it is published.
type Examined struct {
	Source  service.Source
	Cases   service.Source
	Results []cases.Result
	// Revision is the text as it would be published, Before what it is compared with: the newest revision, or in a View the
	// one on which it was proposed; nil where there is none.
	Revision, Before *service.Revision
	Changes          []service.Change
}

// Failed lists the cases that decided otherwise than written.
func (e Examined) Failed() []cases.Result {
	return slices.DeleteFunc(slices.Clone(e.Results), func(r cases.Result) bool { return len(r.Wrong) == 0 })
}

// Examine checks a text, replays its cases and compares it with the newest revision. Mistakes in the text come as
// service.Mistake, service.Mistakes or reference.ImportError; cases that fail are no error here.
func (p *Publication) Examine(src, replay service.Source) (Examined, error) {
	e := Examined{Source: src, Cases: replay}
	var err error
	if e.Revision, err = p.Catalogue.Parse(src); err != nil {
		return e, err
	}
	if misplaced := p.Catalogue.Misplaced(e.Revision.Definition); len(misplaced) > 0 {
		return e, misplaced
	}
	if e.Results, err = p.Cases.Replay(src, replay); err != nil {
		return e, err
	}
	newest, err := p.Catalogue.Service(e.Revision.Service)
	if err != nil {
		newest = nil // the service is new
	}
	e.compare(newest)
	return e, nil
}

// compare tells what the text changes in a revision; nil = the service is new.
func (e *Examined) compare(before *service.Revision) {
	was := &service.Definition{}
	if before != nil {
		was = before.Definition
	}
	e.Before, e.Changes = before, service.Diff(was, e.Revision.Definition)
}

// Passed lists the cases that decided as written.
func (e Examined) Passed() []cases.Result {
	return slices.DeleteFunc(slices.Clone(e.Results), func(r cases.Result) bool { return len(r.Wrong) > 0 })
}

// acceptable demands that an open service has cases and all of them decide as written.
func (e Examined) acceptable() error {
	if e.Revision.Definition.Status == service.Open && len(e.Results) == 0 || len(e.Failed()) > 0 {
		return fault.New(fault.Invalid, KeyCases)
	}
	return nil
}

// Propose stores a text for another person to decide, and gives the proposal's id. A text with mistakes or a case that
// fails (KeyCases) is not stored; nor is the text of the newest revision (KeyUnchanged).
func (p *Publication) Propose(ctx context.Context, actor access.Actor, src, replay service.Source, note string) (string, error) {
	if err := p.Catalogue.Refresh(ctx); err != nil {
		return "", err
	}
	e, err := p.Examine(src, replay)
	if err != nil {
		return "", err
	}
	if err := e.acceptable(); err != nil {
		return "", err
	}
	now := p.World.Now()
	x := port.Proposal{ID: p.World.ID(), Service: e.Revision.Service, Digest: e.Revision.Digest, Source: src, Cases: replay, Note: clip(note), At: now}
	if e.Before != nil {
		if x.Base = e.Before.Number; e.Before.Digest == x.Digest {
			return "", fault.New(fault.Conflict, KeyUnchanged)
		}
	}
	return x.ID, p.Store.Update(ctx, func(tx port.Tx) error {
		iin, err := p.Publisher(ctx, tx, actor)
		if err != nil {
			return err
		}
		x.Proposer = port.Author{Actor: actor.Name(), IIN: iin}
		tx.Write().Services().Propose(x)
		p.audit(tx, actor, "service.proposed", x, nil)
		return nil
	})
}

// clip makes written text storable.
func clip(s string) string {
	if len(s) > maxText {
		s = s[:maxText]
	}
	return strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "\ufffd"))
}

// Approve publishes a proposal as the next revision, with the rows of its directories, in one unit: by another person than
// the proposer (KeySamePerson), on the revision that the proposer compared it with (KeyStale), with text and cases judged
// by today's program (KeyMistakes, KeyCases).
func (p *Publication) Approve(ctx context.Context, actor access.Actor, id string) (*service.Revision, error) {
	x, err := p.Proposal(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	e, err := p.Examine(x.Source, x.Cases)
	if err != nil {
		return nil, fault.New(fault.Invalid, KeyMistakes).Because(err)
	}
	if err := e.acceptable(); err != nil {
		return nil, err
	}
	rows, err := cases.Rows(e.Revision, x.Source)
	if err != nil {
		return nil, err
	}
	err = p.decide(ctx, actor, x, func(tx port.Tx) (port.Verdict, error) {
		all, err := tx.Services().Revisions(ctx, x.Service)
		if err != nil {
			return port.Verdict{}, err
		}
		newest := 0
		if len(all) > 0 {
			newest = all[0].Number
		}
		if newest != x.Base {
			return port.Verdict{}, fault.New(fault.Conflict, KeyStale)
		}
		if _, err := p.Catalogue.PublishIn(ctx, tx, e.Revision, x.Source, actor.Name()); err != nil {
			return port.Verdict{}, err
		}
		for name, part := range rows {
			dir, _ := e.Revision.Definition.Directory(name)
			p.Reference.ImportIn(tx, reference.Key(x.Service, name), &dir, part, actor.Name())
		}
		return port.Verdict{Approved: true, Number: e.Revision.Number}, nil
	})
	if err != nil {
		return nil, err
	}
	return e.Revision, p.Catalogue.Refresh(ctx)
}

// Reject refuses a proposal; the reason is for its proposer. The proposer may withdraw it in this way too.
func (p *Publication) Reject(ctx context.Context, actor access.Actor, id, reason string) error {
	if reason = clip(reason); reason == "" {
		return fault.At("reason", KeyReason)
	}
	x, err := p.Proposal(ctx, actor, id)
	if err != nil {
		return err
	}
	return p.decide(ctx, actor, x, func(port.Tx) (port.Verdict, error) { return port.Verdict{Reason: reason}, nil })
}

// decide adds the verdict with its author and its audit row to a unit.
func (p *Publication) decide(ctx context.Context, actor access.Actor, x port.Proposal, verdict func(port.Tx) (port.Verdict, error)) error {
	if x.Decided() {
		return fault.New(fault.Conflict, KeyDecided)
	}
	err := p.Store.Update(ctx, func(tx port.Tx) error {
		iin, err := p.Publisher(ctx, tx, actor)
		if err != nil {
			return err
		}
		v, err := verdict(tx)
		if err != nil {
			return err
		}
		if v.Approved && iin == x.Proposer.IIN {
			return fault.New(fault.Denied, KeySamePerson)
		}
		v.By, v.At = port.Author{Actor: actor.Name(), IIN: iin}, p.World.Now()
		tx.Write().Services().Decide(x.ID, v)
		action := "service.rejected"
		if v.Approved {
			action = "service.approved"
		}
		p.audit(tx, actor, action, x, map[string]string{"revision": strconv.Itoa(v.Number)})
		return nil
	})
	if fault.Is(err, "store.proposal-decided") {
		return fault.New(fault.Conflict, KeyDecided)
	}
	return err
}

func (p *Publication) audit(tx port.Tx, actor access.Actor, action string, x port.Proposal, more map[string]string) {
	details := map[string]string{"proposal": x.ID, "digest": x.Digest, "base": strconv.Itoa(x.Base)}
	for k, v := range more {
		details[k] = v
	}
	tx.Write().Records().Audit(audit.Entry{ID: p.World.ID(), Salt: p.World.Random(16), At: p.World.Now(), Actor: actor.Name(), Action: action,
		Object: "service/" + x.Service, Details: details})
}

// Proposal gives a proposal to somebody who may decide it.
func (p *Publication) Proposal(ctx context.Context, actor access.Actor, id string) (port.Proposal, error) {
	var x port.Proposal
	err := p.Store.View(ctx, func(v port.View) (err error) {
		if _, err = p.Publisher(ctx, v, actor); err != nil {
			return err
		}
		x, err = v.Services().Proposal(ctx, id)
		return err
	})
	return x, err
}

// Proposals lists the newest proposals, without their texts.
func (p *Publication) Proposals(ctx context.Context, actor access.Actor, limit int) ([]port.Proposal, error) {
	var list []port.Proposal
	err := p.Store.View(ctx, func(v port.View) (err error) {
		if _, err = p.Publisher(ctx, v, actor); err != nil {
			return err
		}
		list, err = v.Services().Proposals(ctx, limit)
		return err
	})
	return list, err
}
