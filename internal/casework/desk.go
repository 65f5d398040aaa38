package casework

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/docnumber"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/ledger"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/service"
)

// Desk is where officials work on the applications of their state body. Every act names the version of the application
// that the person saw: when another changed it meanwhile, nothing is done (fault.Conflict "work.changed").
type Desk struct {
	*Casework
	Store   port.Store
	Numbers *docnumber.Allocator
	Jobs    port.Jobs
	Witness port.Witness
	Signing Signing // of decisions, by their officials
	// Templates are the bodies' own (package wording); nil = only those of the services.
	Templates Templates
}

// Case is an application on an official's desk.
type Case struct {
	File
	Visible    map[string]bool
	Acts       []application.Act
	Step       service.Step // to be done; zero when it is decided
	Advised    application.Decision
	Happenings []application.Happening
	Signatures []port.StoredSignature
	Names      map[string]string // of officials, also of bodies that gave an opinion, by account
	// Papers are the paper licences that may be meant, where the step matches; Paper is the one that was chosen.
	Papers []permit.PaperMatch
	Paper  permit.Paper
	// Asked and Reserved are what is asked of the numbering plan, and the numbers that are kept or were allocated for it.
	Asked    []Asked
	Reserved []ledger.Range
	Block    int64
	Together []lang.Text // names of the other services that it was filed together with
	// Signs says that the official of the last step signs the decision.
	Signs bool
}

// Definition is the service of the case.
func (c Case) Definition() *service.Definition { return c.Form.Revision.Definition }

// May tells whether an act is open to the reader.
func (c Case) May(act application.Act) bool { return slices.Contains(c.Acts, act) }

// reads demands an official who reads the applications of their body.
func reads(actor access.Actor) error {
	return access.Can(actor, access.View, access.Thing{Body: actor.Body})
}

// Queue lists what the officials of the actor's body have to do, the nearest deadline first.
func (d *Desk) Queue(ctx context.Context, actor access.Actor, q port.Queue) ([]port.Queued, error) {
	if err := reads(actor); err != nil {
		return nil, err
	}
	q.Body = actor.Body
	var list []port.Queued
	err := d.Store.View(ctx, func(v port.View) (err error) {
		list, err = v.Office().Queues().Queue(ctx, q)
		return err
	})
	return list, err
}

// Open gives a case of the actor's body. A draft and another body's application are fault.NotFound.
func (d *Desk) Open(ctx context.Context, actor access.Actor, number string) (Case, error) {
	var c Case
	err := d.Store.View(ctx, func(v port.View) (err error) {
		if c.File, err = d.load(ctx, v, actor, number); err != nil {
			return err
		}
		if c.Happenings, err = v.Applications().Happenings(ctx, number); err != nil {
			return err
		}
		if c.Signatures, err = v.Applications().Signatures(ctx, number); err != nil {
			return err
		}
		if c.Names, err = names(ctx, v, c.Application); err != nil {
			return err
		}
		if c.Together, err = d.together(ctx, v, c.Application); err != nil {
			return err
		}
		return d.settled(ctx, v, &c)
	})
	if err == nil {
		err = d.saw(ctx, actor, number)
	}
	if err != nil {
		return Case{}, err
	}
	a, p := c.Application, c.Definition().Process
	c.Acts, c.Signs = application.Acts(a, p, actor), d.Signing.asked(p)
	x, advised, err := d.judge(c.File, d.World.Now())
	c.Visible, c.Advised = x.Visible, advised
	return c, err
}

// settled reads what the steps of the process settle besides examining.
func (d *Desk) settled(ctx context.Context, v port.View, c *Case) (err error) {
	a, p := c.Application, c.Definition().Process
	if a.State == application.Registered {
		c.Step, _, _ = p.StepAt(a.Work.Step)
	}
	if al, ok := d.Tasks[service.Allocate].(Allocation); ok && p.Numbers.Territory != "" {
		c.Block = block(c.File)
		if c.Asked, c.Reserved, err = al.Asked(ctx, v, c.File); err != nil {
			return err
		}
	}
	matching, ok := d.Tasks[service.Match].(Matching)
	if !ok || !p.Matches() {
		return nil
	}
	if c.Step.Does == service.Match {
		if c.Papers, err = matching.Candidates(ctx, v, c.File); err != nil {
			return err
		}
	}
	if pr := a.Work.Report.Proposal; pr != nil && pr.Paper != "" {
		c.Paper, err = v.Permits().Paper(ctx, pr.Paper)
	}
	return err
}

// load gives the file of an application that has reached the actor's body, with the facts of now while it is undecided
// and those of its sending afterwards.
func (d *Desk) load(ctx context.Context, v port.View, actor access.Actor, number string) (File, error) {
	if err := actor.AtWork(); err != nil {
		return File{}, err
	}
	dossier, err := v.Applications().Dossier(ctx, number)
	if err != nil {
		return File{}, err
	}
	a := dossier.Application
	if err := access.Can(actor, access.View, access.Thing{Body: a.Body, Draft: a.State.Open()}); err != nil {
		return File{}, err
	}
	at := d.World.Now()
	switch a.State {
	case application.Registered, application.Correcting:
	case application.Issued, application.Returned, application.Withdrawn:
		at = a.SentAt
	default:
		return File{}, fault.New(fault.NotFound, "fault.not-found")
	}
	f, err := d.Casework.Open(ctx, v, dossier, at)
	f.Facts.Journal, f.Facts.Year2 = fmt.Sprintf("%06d", a.Journal), fmt.Sprintf("%02d", dayOf(a.RegisteredAt).Year%100)
	return f, err
}

// names are those of the officials of the body and of the bodies that gave an opinion, by account.
func names(ctx context.Context, v port.View, a application.Application) (map[string]string, error) {
	bodies := []string{a.Body}
	for _, o := range a.Work.Report.Opinions {
		if o.Answer != nil {
			bodies = append(bodies, o.Body)
		}
	}
	out := map[string]string{}
	for _, body := range bodies {
		list, err := v.Office().Officials().List(ctx, body)
		if err != nil {
			return nil, err
		}
		for _, o := range list {
			out[o.ID] = o.Name()
		}
	}
	return out, nil
}

// unit is one act of an official under way.
type unit struct {
	tx      port.Tx
	numbers *docnumber.Batch
	file    File
	process service.Process
	actor   access.Actor
	behalf  string // account of the absent official in whose place the actor acts; "" = their own act
	done    history
	at      time.Time
	signed  *Signed // the official's signature over the decision; nil where none is asked for
	// after writes what refers to the application or its permit, once both are written.
	after []func() error
}

// act runs an act in one unit, when the official may do it with the version that was seen.
func (d *Desk) act(ctx context.Context, actor access.Actor, number string, version int, what application.Act, f func(u *unit) (application.Application, led, error)) error {
	err := d.Numbers.Update(ctx, func(tx port.Tx, numbers *docnumber.Batch) error {
		file, err := d.load(ctx, tx, actor, number)
		if err != nil {
			return err
		}
		u := &unit{tx: tx, numbers: numbers, file: file, process: file.Form.Revision.Definition.Process, actor: actor, at: d.World.Now()}
		stale := file.Application.Version != version
		err = application.May(file.Application, u.process, actor, what)
		if what != application.Assign { // which is nobody's step
			u.behalf = application.Behalf(file.Application, u.process, actor)
		}
		if stale && (err == nil || fault.KindOf(err) == fault.Denied) { // the step that the page showed was the actor's
			return fault.New(fault.Conflict, "work.changed")
		}
		if err != nil {
			return err
		}
		a, result, err := f(u)
		if err != nil {
			return err
		}
		tx.Write().Applications().Change(a)
		result.write(tx)
		u.done.behalf(actor.Account, u.behalf)
		d.record(tx, u.done)
		for _, write := range u.after {
			if err := write(); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		d.Jobs.Wake()
	}
	return err
}

// move applies an event of the official.
func (u *unit) move(a application.Application, e application.Event, more ...string) (application.Application, led, error) {
	a, err := u.done.move(a, e, u.actor.Account, u.at, more...)
	return a, led{}, err
}

// Take gives the application to the official.
func (d *Desk) Take(ctx context.Context, actor access.Actor, number string, version int) error {
	return d.act(ctx, actor, number, version, application.Take, func(u *unit) (application.Application, led, error) {
		a := u.file.Application
		a.Work.Holder = cmp.Or(u.behalf, actor.Account)
		return u.move(a, application.Taken)
	})
}

// GiveBack puts the application back for others of the duty.
func (d *Desk) GiveBack(ctx context.Context, actor access.Actor, number string, version int) error {
	return d.act(ctx, actor, number, version, application.GiveBack, func(u *unit) (application.Application, led, error) {
		a := u.file.Application
		a.Work.Holder = ""
		return u.move(a, application.PutBack)
	})
}

// Propose ends the first step with the decision that it proposes. What is missing comes as field faults.
func (d *Desk) Propose(ctx context.Context, actor access.Actor, number string, version int, pr application.Proposal) error {
	return d.act(ctx, actor, number, version, application.Propose, func(u *unit) (application.Application, led, error) {
		a := u.file.Application
		step, _, _ := u.process.StepAt(a.Work.Step)
		wrong := append(pr.Check(u.process, step), a.Work.Report.Examined(u.process, pr.Outcome)...)
		if pr.Outcome == application.Grant {
			wrong = append(wrong, a.Work.Report.Approved(u.file.Facts.Today)...)
			left, err := unasked(u.file)
			if err != nil {
				return a, led{}, err
			}
			if len(left) > 0 {
				wrong = append(wrong, fault.Field{Path: "outcome", Key: "opinion.unasked"})
			}
		}
		wrong = append(wrong, a.Work.Report.Incomplete(u.process, pr.Ground, u.file.Facts.Today)...)
		wrong = append(wrong, a.Work.Report.Unheard(u.process, pr)...)
		wrong = append(wrong, pr.Unfilled()...)
		if settler := d.Tasks[step.Does]; settler != nil && pr.Outcome == application.Grant && len(wrong) == 0 {
			more, err := settler.Proposed(ctx, u.tx, actor, u.file, pr, u.at)
			if err != nil {
				return a, led{}, err
			}
			wrong = append(wrong, more...)
		}
		if err := fault.Fields(wrong); err != nil {
			return a, led{}, err
		}
		a.Work.Report.Proposal, a.Work.Report.Returned = &pr, ""
		a.Work = a.Work.After(u.process, actor, u.at)
		return u.move(a, application.Proposed)
	})
}

// maxSentBack bounds the note of what is sent back, in characters.
const maxSentBack = 2000

// SendBack does not agree with the proposal: the first step is done anew, by whoever did it where they still may. The note says
// why; it is obligatory.
func (d *Desk) SendBack(ctx context.Context, actor access.Actor, number string, version int, note string) error {
	switch {
	case note == "":
		return fault.At("note", "work.note-required")
	case utf8.RuneCountInString(note) > maxSentBack:
		return fault.At("note", "work.too-long")
	}
	return d.act(ctx, actor, number, version, application.SendBack, func(u *unit) (application.Application, led, error) {
		a := u.file.Application
		a.Work = a.Work.BackToFirst(u.process, note, u.at)
		if holder := a.Work.Holder; holder != "" {
			o, err := u.tx.Office().Officials().Official(ctx, holder)
			if err != nil {
				return a, led{}, err
			}
			if a.MayHold(u.process, o) != nil { // else nobody could take it
				a.Work.Holder = ""
			}
		}
		return u.move(a, application.SentBack)
	})
}

// Confirm agrees with the proposal: the next step follows, or the application is decided. It is fault.Conflict
// "decision.unsigned" where the decision is signed by its official: see PrepareDecision.
func (d *Desk) Confirm(ctx context.Context, actor access.Actor, number string, version int) error {
	return d.confirm(ctx, actor, number, version, nil)
}

func (d *Desk) confirm(ctx context.Context, actor access.Actor, number string, version int, s *Signed) error {
	return d.act(ctx, actor, number, version, application.Confirm, func(u *unit) (application.Application, led, error) {
		a, last := u.file.Application, u.file.Application.Work.Last(u.process)
		if wrong := a.Work.Report.Incomplete(u.process, a.Work.Report.Proposal.Ground, u.file.Facts.Today); len(wrong) > 0 {
			return a, led{}, fault.New(fault.Conflict, wrong[0].Key)
		}
		if s == nil && last && d.Signing.asked(u.process) {
			return a, led{}, fault.New(fault.Conflict, "decision.unsigned")
		}
		a.Work = a.Work.After(u.process, actor, u.at)
		if !last {
			return u.move(a, application.Proposed)
		}
		u.file.Application, u.signed = a, s
		return d.decide(ctx, u)
	})
}

// decide makes the proposal the decision.
func (d *Desk) decide(ctx context.Context, u *unit) (application.Application, led, error) {
	report := u.file.Application.Work.Report
	if err := fault.Fields(report.Unheard(u.process, *report.Proposal)); err != nil {
		return u.file.Application, led{}, err
	}
	x, advised, err := d.judge(u.file, u.at)
	if err != nil {
		return u.file.Application, led{}, err
	}
	decision := d.concluded(x, *report.Proposal, advised, report.Done)
	a, result, err := d.conclude(u.numbers, u.file, x, decision, u.actor.Account, &u.done, u.at)
	if err != nil {
		return a, led{}, err
	}
	issued := result.permit
	for _, settler := range d.settlers(u.file) {
		if issued != nil {
			if err := settler.Shown(ctx, u.tx, u.file, *report.Proposal, issued); err != nil {
				return a, led{}, err
			}
		}
		u.after = append(u.after, func() error {
			if issued == nil {
				return settler.Dropped(ctx, u.tx, u.actor, u.file, u.at)
			}
			return settler.Granted(ctx, u.tx, u.actor, u.file, *report.Proposal, *issued, u.at)
		})
	}
	if issued != nil {
		u.after = append(u.after, func() error { return d.take(u.tx, u.file.Form, a, u.file.Facts) })
	}
	return a, result, d.keepSignature(u, a, result)
}
