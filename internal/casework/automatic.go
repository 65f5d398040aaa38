package casework

import (
	"context"
	"slices"
	"strings"
	"time"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/audit"
	"elicense/internal/catalogue"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/form"
	"elicense/internal/lang"
	"elicense/internal/port"
	"elicense/internal/service"
)

// replayedAtOnce is how many decisions are read in one view.
const replayedAtOnce = 200

// Replay decides automatic decisions again from their stored inputs: those since the run before the last one, so that each is
// looked at twice and none that was committed late is missed; with all, every one. What differs is kept until it is found
// equal, and audited.
func (d *Desk) Replay(ctx context.Context, all bool) (port.Replay, []port.Difference, error) {
	run := port.Replay{ID: d.World.ID(), At: d.World.Now()}
	known := map[string]bool{}
	err := d.Store.View(ctx, func(v port.View) error {
		runs, err := v.Office().Decisions().Replays(ctx, 2)
		if err != nil {
			return err
		}
		if len(runs) > 1 && !all {
			run.From = runs[1].Through
		}
		standing, err := v.Office().Decisions().Differences(ctx)
		for _, s := range standing {
			known[s.Application] = true
		}
		return err
	})
	run.Through = run.From
	var found []port.Difference
	var agreed []string
	for more := true; more && err == nil; {
		err = d.Store.View(ctx, func(v port.View) error {
			page, err := v.Office().Decisions().Automatic(ctx, run.Through, replayedAtOnce)
			more = len(page) == replayedAtOnce
			for _, h := range page {
				if err != nil {
					break
				}
				run.Through = h.ID
				var text string
				var ok bool
				text, ok, err = d.again(ctx, v, h.Application)
				switch {
				case !ok:
					continue
				case text != "":
					found = append(found, port.Difference{Application: h.Application, Text: text, FoundAt: run.At})
				case known[h.Application]:
					agreed = append(agreed, h.Application)
				}
				run.Decisions++
			}
			return err
		})
	}
	if err != nil {
		return run, found, err
	}
	run.Different = len(found)
	return run, found, d.Store.Update(ctx, func(tx port.Tx) error {
		w := tx.Write()
		w.Office().Decisions().AddReplay(run)
		for _, x := range found {
			w.Office().Decisions().PutDifference(x)
			d.note(tx, access.TheSystem(), "decision.differs", "application/"+x.Application, map[string]string{"replay": run.ID, "text": x.Text})
		}
		for _, number := range agreed {
			w.Office().Decisions().Agree(number)
		}
		return nil
	})
}

// again decides one automatic decision again and tells what differs; ok is false where officials decided it, or nobody yet.
func (d *Desk) again(ctx context.Context, v port.View, number string) (differs string, ok bool, err error) {
	dossier, err := v.Applications().Dossier(ctx, number)
	if err != nil {
		return "", false, err
	}
	a := dossier.Application
	if a.Decision == nil || !a.Decision.Automatic() {
		return "", false, nil
	}
	f, err := d.Casework.Open(ctx, v, dossier, a.SentAt)
	if err != nil {
		return "", false, err
	}
	x, err := f.Form.Fill(a.Answers, f.Facts)
	if err != nil {
		return "", false, err
	}
	return strings.Join(application.Replay(*a.Decision, x, d.Formats), "; "), true, nil
}

// note writes an audit row.
func (d *Desk) note(tx port.Tx, actor access.Actor, action, object string, details map[string]string) {
	tx.Write().Records().Audit(audit.Entry{ID: d.World.ID(), Salt: d.World.Random(16), At: d.World.Now(), Actor: actor.Name(), Action: action, Object: object, Details: details})
}

// Automation is what the system decides by itself at a state body, and what people have to do about it.
type Automation struct {
	Services []AutomaticService
	Reviews  []application.Review // that wait for an answer
}

// AutomaticService is one service, and why it is stopped; Stop is nil while the system decides.
type AutomaticService struct {
	Definition *service.Definition
	Stop       *port.Stop
}

// Automation gives it for the actor's body, to every official who reads its applications.
func (d *Desk) Automation(ctx context.Context, actor access.Actor) (Automation, error) {
	var out Automation
	if err := reads(actor); err != nil {
		return out, err
	}
	err := d.Store.View(ctx, func(v port.View) (err error) {
		stops, err := v.Office().Decisions().Stops(ctx, actor.Body)
		if err != nil {
			return err
		}
		for _, s := range d.automaticAt(actor.Body) {
			one := AutomaticService{Definition: s}
			if i := slices.IndexFunc(stops, func(x port.Stop) bool { return x.Service == s.Key }); i >= 0 {
				one.Stop = &stops[i]
			}
			out.Services = append(out.Services, one)
		}
		out.Reviews, err = v.Office().Decisions().Reviews(ctx, actor.Body)
		return err
	})
	return out, err
}

func (d *Desk) automaticAt(body string) []*service.Definition {
	var list []*service.Definition
	for _, g := range d.Catalogue.Groups(catalogue.AtBody(body)) {
		for _, e := range g.Entries {
			if s := e.Revision.Definition; s.Automates() && !slices.Contains(list, s) {
				list = append(list, s)
			}
		}
	}
	return list
}

// StopAutomation lets officials decide new applications of a service at the actor's body, for a reason, until ResumeAutomation.
// The head of the body may. Applications that are registered already stay as they are.
func (d *Desk) StopAutomation(ctx context.Context, actor access.Actor, key, reason string) error {
	reason = strings.TrimSpace(reason)
	if err := d.switches(actor, key); err != nil {
		return err
	}
	switch n := len([]rune(reason)); {
	case n == 0:
		return fault.At("reason", "automation.reason-required")
	case n > 2000:
		return fault.At("reason", "work.too-long")
	}
	return d.Store.Update(ctx, func(tx port.Tx) error {
		tx.Write().Office().Decisions().Stop(port.Stop{Service: key, Body: actor.Body, Reason: reason, By: actor.Account, Person: actor.Person, At: d.World.Now()})
		d.note(tx, actor, "automation.stopped", "service/"+key, map[string]string{"body": actor.Body, "reason": reason})
		return nil
	})
}

// ResumeAutomation lets the system decide new applications again.
func (d *Desk) ResumeAutomation(ctx context.Context, actor access.Actor, key string) error {
	if err := d.switches(actor, key); err != nil {
		return err
	}
	return d.Store.Update(ctx, func(tx port.Tx) error {
		tx.Write().Office().Decisions().Resume(key, actor.Body)
		d.note(tx, actor, "automation.resumed", "service/"+key, map[string]string{"body": actor.Body})
		return nil
	})
}

// switches demands who may stop and resume a service that the system decides at the actor's body.
func (d *Desk) switches(actor access.Actor, key string) error {
	switch {
	case actor.AtWork() != nil:
		return actor.AtWork()
	case !actor.Holds(access.Head):
		return fault.New(fault.Denied, "office.no-duty")
	case !slices.ContainsFunc(d.automaticAt(actor.Body), func(s *service.Definition) bool { return s.Key == key }):
		return fault.New(fault.NotFound, "fault.not-found")
	}
	return nil
}

// CloseReview answers an applicant's demand for a review of an automatic refusal. Where it is overturned, officials decide the
// application anew, in the two steps of its process and within the whole term of the operation from today.
func (d *Desk) CloseReview(ctx context.Context, actor access.Actor, number string, outcome application.ReviewOutcome, kk, ru string) error {
	return d.Store.Update(ctx, func(tx port.Tx) error {
		f, err := d.load(ctx, tx, actor, number)
		if err != nil {
			return err
		}
		absent, ok := f.Application.SpeaksFor(actor)
		if !ok {
			return fault.New(fault.Denied, "office.no-duty")
		}
		r, ok, err := tx.Office().Decisions().Review(ctx, number)
		if err != nil {
			return err
		}
		if !ok {
			return fault.New(fault.NotFound, "fault.not-found")
		}
		at := d.World.Now()
		if r, err = r.Close(actor, outcome, kk, ru, at); err != nil {
			return err
		}
		a, event := f.Application, application.ReviewUpheld
		if outcome == application.Overturned {
			event = application.Reopened
			was := a.Decision
			f.Facts.Today = civil.Of(at, lang.Almaty())
			a.Work = d.begin(f)
			a.Work.Report.Overturned, a.Work.Report.Reopened, a.Decision, a.DecidedAt = was, &application.Done{By: actor.Account, Person: actor.Person, For: absent.Account, ForPerson: absent.Person, At: at}, nil, time.Time{}
		}
		var done history
		if a, err = done.move(a, event, actor.Account, at); err != nil {
			return err
		}
		done.behalf(actor.Account, absent.Account)
		tx.Write().Applications().Change(a)
		tx.Write().Office().Decisions().CloseReview(r)
		d.record(tx, done)
		return nil
	})
}

// byItself tells whether the system decides an application: its service says so, and its body has not stopped it. Where its permit
// has ended since it was signed officials decide: no rule refuses that.
func (c *Casework) byItself(ctx context.Context, v port.View, f File) (bool, error) {
	d := f.Form.Revision.Definition
	o, _ := d.Operation(f.Application.Operation)
	if !d.Decision.Automatic || f.Concern.Permit.Number != "" && !f.Concern.Allows(o) {
		return false, nil
	}
	_, stopped, err := v.Office().Decisions().Stopped(ctx, f.Application.Service, f.Application.Body)
	return !stopped, err
}

// concluded makes the decision of a proposal. The grounds of a service whose rules decide stand in the words of the rules,
// filled in for this application.
func (c *Casework) concluded(x form.Filled, pr application.Proposal, advised application.Decision, done []application.Done) application.Decision {
	d := x.Form.Revision.Definition
	decision := application.Conclude(pr, d.Process, advised, done)
	if !d.Decision.Automatic {
		return decision
	}
	for i, g := range decision.Grounds {
		if rule, ok := d.Process.Ground(g.Key); ok {
			worded := application.Worded(x, rule, c.Formats)
			worded.KK.Reason, worded.RU.Reason, worded.EN.Reason = g.KK.Reason, g.RU.Reason, g.EN.Reason
			decision.Grounds[i] = worded
		}
	}
	return decision
}

// Draft is the decision of a proposal as it would stand, for a preview.
func (d *Desk) Draft(c Case, pr application.Proposal) (application.Decision, error) {
	x, advised, err := d.judge(c.File, d.World.Now())
	if err != nil {
		return application.Decision{}, err
	}
	return d.concluded(x, pr, advised, []application.Done{{}}), nil
}

// AskedReview tells of the review of a case, where its applicant asked for one.
func (d *Desk) AskedReview(ctx context.Context, number string) (r application.Review, ok bool, err error) {
	err = d.Store.View(ctx, func(v port.View) error {
		r, ok, err = v.Office().Decisions().Review(ctx, number)
		return err
	})
	return r, ok, err
}
