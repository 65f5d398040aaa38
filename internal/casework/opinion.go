package casework

import (
	"context"
	"time"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/port"
	"elicense/internal/service"
)

// Question is what another body is asked about an application: the application itself, and nothing of what the licensor's
// officials wrote or other bodies answered.
type Question struct {
	File
	Visible map[string]bool
	Asked   service.Opinion
	Opinion application.Opinion
	// Standing is how the opinion stands today; Closed is why the reader may not give it, nil where they may.
	Standing application.Standing
	Closed   error
}

// unasked lists the opinions that the process wants on the answers as they are and that were not asked for yet.
func unasked(f File) ([]service.Opinion, error) {
	if len(f.Form.Revision.Definition.Process.Opinions) == 0 {
		return nil, nil
	}
	filled, err := f.Form.Fill(f.Application.Answers, f.Facts)
	if err != nil {
		return nil, err
	}
	wanted, err := application.Asked(filled, f.Application.Body)
	return f.Application.Unasked(wanted), err
}

// ask asks for the opinions that are unasked.
func (c *Casework) ask(f File, done *history, actor string, at time.Time) (application.Application, error) {
	a := f.Application
	list, err := unasked(f)
	for _, o := range list {
		opinion := application.Ask(o, c.Calendar.Current(), at)
		if a, err = done.move(a, application.OpinionAsked, actor, at, "body", o.Body, "due", opinion.Due.String()); err != nil {
			return a, err
		}
		a.Work.Report.Opinions = append(a.Work.Report.Opinions, opinion)
	}
	return a, err
}

// AskOpinions asks for the opinions that the process wants on the answers as they are now. Where each was asked for it is
// fault.Conflict "opinion.all-asked".
func (d *Desk) AskOpinions(ctx context.Context, actor access.Actor, number string, version int) error {
	return d.act(ctx, actor, number, version, application.AskOpinions, func(u *unit) (application.Application, led, error) {
		a, err := d.ask(u.file, &u.done, actor.Account, u.at)
		if err == nil && len(a.Work.Report.Opinions) == len(u.file.Application.Work.Report.Opinions) {
			err = fault.New(fault.Conflict, "opinion.all-asked")
		}
		return a, led{}, err
	})
}

// Questions lists the applications on which the actor's body may still give its opinion, by the last day of the answer: of a
// deputy with one service those of that service.
func (d *Desk) Questions(ctx context.Context, actor access.Actor, q port.Queue) ([]port.Queued, error) {
	if err := actor.AtWork(); err != nil {
		return nil, err
	}
	if !actor.SpeaksForBody() {
		return nil, fault.New(fault.Denied, "office.no-duty")
	}
	q.OpinionsOn = civil.Of(d.World.Now(), lang.Almaty())
	q.Services = actor.SpokenServices()
	return d.Queue(ctx, actor, q)
}

// Question gives what the actor's body is asked about an application. An application on which it is not asked, or that is
// not in work, is fault.NotFound, as it is for an official who does not speak for the body.
func (d *Desk) Question(ctx context.Context, actor access.Actor, number string) (Question, error) {
	var q Question
	err := d.Store.View(ctx, func(v port.View) (err error) {
		dossier, err := v.Applications().Dossier(ctx, number)
		if err != nil {
			return err
		}
		if q.Opinion, err = dossier.Application.OpinionFor(actor); err != nil {
			return err
		}
		q.File, err = d.Casework.Open(ctx, v, dossier, d.World.Now())
		return err
	})
	if err == nil {
		err = d.saw(ctx, actor, number)
	}
	if err != nil {
		return Question{}, err
	}
	x, err := q.Form.Fill(q.Application.Answers, q.Facts)
	q.Visible = x.Visible
	q.Asked, _ = q.Form.Revision.Definition.Process.OpinionOf(q.Opinion.Body)
	q.Standing, q.Closed = q.Opinion.Standing(q.Facts.Today), q.Application.MayAnswer(actor, q.Facts.Today)
	return q, err
}

// Answer gives the opinion of the actor's body. What the licensor does with the application meanwhile does not hinder it;
// a decision does.
func (d *Desk) Answer(ctx context.Context, actor access.Actor, number string, answer application.Answer) error {
	return d.Store.Update(ctx, func(tx port.Tx) error {
		a, err := tx.Applications().Application(ctx, number)
		if err != nil {
			return err
		}
		at := d.World.Now()
		if a, err = a.Give(actor, answer, at); err != nil {
			return err
		}
		given, _ := a.OpinionFor(actor)
		var done history
		if a, err = done.move(a, application.OpinionGiven, actor.Account, at, "body", given.Body, "verdict", string(answer.Verdict), "digest", given.Answer.Digest()); err != nil {
			return err
		}
		done.behalf(actor.Account, given.Answer.For)
		tx.Write().Applications().Change(a)
		d.record(tx, done)
		return nil
	})
}
