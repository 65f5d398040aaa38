package casework

import (
	"context"
	"errors"
	"slices"
	"time"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/audit"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/port"
	"elicense/internal/service"
	"elicense/internal/workday"
)

// Complete marks the documents of an application as complete.
func (d *Desk) Complete(ctx context.Context, actor access.Actor, number string, version int) error {
	return d.act(ctx, actor, number, version, application.MarkComplete, func(u *unit) (application.Application, led, error) {
		a := u.file.Application
		if err := a.Work.Report.MayComplete(u.at); err != nil {
			return a, led{}, err
		}
		a.Work = a.Work.Complete(actor.Account, actor.Person, u.at)
		return u.move(a, application.FoundComplete)
	})
}

// StepDue is the last day of the step that is to be done, by the calendar of the application's term; zero = it has none.
func (c *Casework) StepDue(ctx context.Context, a application.Application, p service.Process) (civil.Date, error) {
	calendar, _, err := c.Calendar.Of(ctx, a.Work.Report.Clock.Calendar)
	if err != nil {
		return civil.Date{}, err
	}
	return a.StepDue(p, calendar), nil
}

// lookRows is how many applications are looked at in one reading.
const lookRows = 200

// WatchTerms does what the day and the calendar bring about, for every application in work or with its applicant: terms come
// later where days of them were made days off; documents count as complete when their check is over; officials are told of
// terms that end. It may be repeated at will. What fails for one application does not hinder the others.
func (d *Desk) WatchTerms(ctx context.Context) error {
	var errs []error
	for after := ""; ; {
		var list []application.Application
		var made []port.Reminder
		err := d.Store.View(ctx, func(v port.View) (err error) {
			if list, err = v.Office().Terms().InWork(ctx, after, lookRows); err != nil || len(list) == 0 {
				return err
			}
			made, err = v.Office().Terms().Made(ctx, list[0].Number, list[len(list)-1].Number)
			return err
		})
		if err != nil || len(list) == 0 {
			return errors.Join(append(errs, err)...)
		}
		for _, a := range list {
			if f, err := d.follow(ctx, a, made); err != nil {
				errs = append(errs, err)
			} else if !f.empty() {
				errs = append(errs, d.catchUp(ctx, a.Number))
			}
		}
		after = list[len(list)-1].Number
	}
}

// catchUp does in one unit what follows for an application as it is then.
func (d *Desk) catchUp(ctx context.Context, number string) error {
	return d.Store.Update(ctx, func(tx port.Tx) error {
		a, err := tx.Applications().Application(ctx, number)
		if err != nil {
			return err
		}
		made, err := tx.Office().Terms().Made(ctx, number, number)
		if err != nil {
			return err
		}
		f, err := d.follow(ctx, a, made)
		if err != nil {
			return err
		}
		if len(f.done) > 0 {
			tx.Write().Applications().Change(f.a)
		}
		if correction, open := f.a.Work.Report.Correction(); open && len(f.moved) > 0 {
			tx.Write().Office().Reviews().CorrectionOver(number)
			tx.Write().Office().Reviews().AwaitCorrection(number, correction.Until)
		}
		d.record(tx, f.done)
		for _, m := range f.moved {
			tx.Write().Office().Terms().Move(m)
		}
		for _, r := range f.reminders {
			tx.Write().Office().Terms().Remind(r)
			tx.Write().Records().Audit(audit.Entry{ID: d.World.ID(), Salt: d.World.Random(16), At: r.At, Actor: system, Action: "reminder.made",
				Object: "application/" + number, Details: map[string]string{"stage": string(r.Stage), "due": r.Due.String(), "addressee": string(r.Addressee)}})
		}
		return nil
	})
}

// followed is what the day and the calendar bring about for an application.
type followed struct {
	a         application.Application
	done      history
	moved     []port.MovedTerm
	reminders []port.Reminder
}

func (f followed) empty() bool { return len(f.done) == 0 && len(f.reminders) == 0 }

// follow judges one application; made are the reminders that there are.
func (d *Desk) follow(ctx context.Context, a application.Application, made []port.Reminder) (followed, error) {
	f := followed{a: a}
	rev, err := d.Catalogue.Revision(ctx, a.Service, a.Revision)
	if err != nil || a.State != application.Registered && a.State != application.Correcting || a.Work.Step == "" {
		return f, err
	}
	at, calendar := d.World.Now(), d.Calendar.Current()
	today := civil.Of(at, lang.Almaty())
	var moves []application.Moving
	f.a.Work, moves = a.Work.Recounted(today, calendar)
	for _, m := range moves {
		if f.a, err = f.done.move(f.a, application.TermMoved, system, at, "matter", string(m.Matter), "calendar", calendar.Version, "due_from", m.From.String(), "due_to", m.To.String()); err != nil {
			return f, err
		}
		f.moved = append(f.moved, port.MovedTerm{ID: d.World.ID(), Application: a.Number, Body: a.Body, Matter: m.Matter, Version: calendar.Version, From: m.From, To: m.To, At: at})
	}
	if check := f.a.Work.Report.Completeness; a.State == application.Registered && check.Open() && !check.Running(today) {
		f.a.Work = f.a.Work.Complete(application.BySystem, "", at)
		if f.a, err = f.done.move(f.a, application.PresumedComplete, system, at, "due", check.Due.String()); err != nil {
			return f, err
		}
	}
	step, _, _ := rev.For(a.Operation).Definition.Process.StepAt(a.Work.Step)
	for _, r := range f.a.Remindings(today, calendar) {
		if !slices.ContainsFunc(made, func(m port.Reminder) bool {
			return m.Application == a.Number && m.Stage == r.Stage && m.Due == r.Due && m.Addressee == r.Addressee
		}) {
			f.reminders = append(f.reminders, port.Reminder{ID: d.World.ID(), Application: a.Number, Stage: r.Stage, Due: r.Due, Addressee: r.Addressee,
				Body: a.Body, Duty: step.Who, At: at})
		}
	}
	return f, nil
}

// Effects counts what another calendar would move, without moving it: the number of applications at all bodies, and the
// terms of those at the actor's body, at most 100.
func (d *Desk) Effects(ctx context.Context, actor access.Actor, next *workday.Calendar) (all int, own []port.MovedTerm, err error) {
	if err := actor.AtWork(); err != nil {
		return 0, nil, err
	}
	today := civil.Of(d.World.Now(), lang.Almaty())
	for after := ""; ; {
		var list []application.Application
		err := d.Store.View(ctx, func(v port.View) (err error) {
			list, err = v.Office().Terms().InWork(ctx, after, lookRows)
			return err
		})
		if err != nil || len(list) == 0 {
			return all, own, err
		}
		for _, a := range list {
			_, moves := a.Work.Recounted(today, next)
			if len(moves) > 0 {
				all++
			}
			for _, m := range moves {
				if a.Body == actor.Body && len(own) < 100 {
					own = append(own, port.MovedTerm{Application: a.Number, Body: a.Body, Matter: m.Matter, Version: next.Version, From: m.From, To: m.To})
				}
			}
		}
		after = list[len(list)-1].Number
	}
}

// Moved lists the terms at the actor's body that a version of the calendar moved.
func (d *Desk) Moved(ctx context.Context, actor access.Actor, version string) (list []port.MovedTerm, err error) {
	if err := actor.AtWork(); err != nil {
		return nil, err
	}
	err = d.Store.View(ctx, func(v port.View) error {
		list, err = v.Office().Terms().Moved(ctx, version, actor.Body)
		return err
	})
	return list, err
}

// MostReminders is how many reminders are shown at once.
const MostReminders = 100

// Reminders lists what the actor has to be told of: terms at the body that are as near to their end today as the reminder
// says, to the holder of the application or who stands in for them, to all of the step's duty where nobody holds it, and of
// those that are over to the head of the body. The nearest MostReminders are read; more tells that there are others.
func (d *Desk) Reminders(ctx context.Context, actor access.Actor) (list []port.Reminded, more bool, err error) {
	if err := reads(actor); err != nil {
		return nil, false, err
	}
	err = d.Store.View(ctx, func(v port.View) (err error) {
		list, err = v.Office().Terms().Unseen(ctx, actor, MostReminders+1)
		return err
	})
	if more = len(list) > MostReminders; more {
		list = list[:MostReminders]
	}
	today, calendar := civil.Of(d.World.Now(), lang.Almaty()), d.Calendar.Current()
	return slices.DeleteFunc(list, func(r port.Reminded) bool {
		x := r.Reminder
		return !slices.Contains(r.Application.Remindings(today, calendar), application.Reminding{Stage: x.Stage, Due: x.Due, Addressee: x.Addressee})
	}), more, err
}

// told tells whether a reminder is for an actor of its body.
func told(r port.Reminder, a application.Application, actor access.Actor) bool {
	switch {
	case r.Addressee == application.ToHead:
		return actor.Holds(access.Head)
	case a.Work.Holder != "":
		return a.Work.Holder == actor.Account || slices.ContainsFunc(actor.Absent, func(x access.Absent) bool {
			return x.Account == a.Work.Holder && (x.Service == "" || x.Service == a.Service)
		})
	}
	return actor.Holds(r.Duty)
}

// See marks a reminder as seen. One that is not for the actor is fault.NotFound.
func (d *Desk) See(ctx context.Context, actor access.Actor, id string) error {
	return d.Store.Update(ctx, func(tx port.Tx) error {
		r, err := tx.Office().Terms().Reminder(ctx, id)
		if err != nil {
			return err
		}
		if err := actor.AtBody(r.Body); err != nil {
			return err
		}
		a, err := tx.Applications().Application(ctx, r.Application)
		if err != nil {
			return err
		}
		if !told(r, a, actor) {
			return fault.New(fault.NotFound, "fault.not-found")
		}
		at := d.World.Now()
		tx.Write().Office().Terms().Seen(id, actor.Account, at)
		tx.Write().Records().Audit(audit.Entry{ID: d.World.ID(), Salt: d.World.Random(16), At: at, Actor: actor.Account, Action: "reminder.seen",
			Object: "application/" + r.Application, Details: map[string]string{"stage": string(r.Stage), "due": r.Due.String()}})
		return nil
	})
}

// Explained is a term with its days, as it was counted.
type Explained struct {
	Matter application.Matter
	Body   string       // that is asked, of an opinion
	Step   service.Step // of a step
	Clock  application.Clock
	Due    civil.Date // as it is stored
	Days   []application.Day
	// Known tells that the version of the calendar is kept; older terms are explained by today's.
	Known bool
	// Ended is when what the term is for was done; zero = it was not.
	Ended time.Time
}

// Explain lists the terms of an application with the reason of every day: of the decision, of the check of completeness, of
// other bodies' answers, and of the step that is being done. It shows what was counted then, by the calendar of then.
func (c *Casework) Explain(ctx context.Context, a application.Application, p service.Process) ([]Explained, error) {
	report := a.Work.Report
	var list []Explained
	if !a.Work.Due.IsZero() {
		main := report.Clock
		if main.From.IsZero() { // registered before it was kept how a term is counted
			main.From = civil.Of(a.RegisteredAt, lang.Almaty())
		}
		list = append(list, Explained{Matter: application.MatterDecision, Clock: main, Due: a.Work.Due, Ended: a.DecidedAt})
	}
	if check := report.Completeness; check != nil {
		list = append(list, Explained{Matter: application.MatterCompleteness, Clock: check.Clock, Due: check.Due, Ended: check.At})
	}
	for _, o := range report.Opinions {
		x := Explained{Matter: application.MatterOpinion, Body: o.Body, Clock: o.Clock(), Due: o.Due}
		if o.Answer != nil {
			x.Ended = o.Answer.At
		}
		list = append(list, x)
	}
	if clock, ok := a.StepClock(p); ok {
		step, _, _ := p.StepAt(a.Work.Step)
		due, err := c.StepDue(ctx, a, p)
		if err != nil {
			return nil, err
		}
		list = append(list, Explained{Matter: application.MatterStep, Step: step, Clock: clock, Due: due})
	}
	for i := range list {
		calendar, known, err := c.Calendar.Of(ctx, list[i].Clock.Calendar)
		if err != nil {
			return nil, err
		}
		if list[i].Clock.Days == 0 {
			list[i].Clock.Days = calendar.Between(list[i].Clock.From, list[i].Due)
		}
		list[i].Known, list[i].Days = known, list[i].Clock.Explain(calendar)
	}
	return list, nil
}

// Explain is Casework.Explain for an official of the body.
func (d *Desk) Explain(ctx context.Context, actor access.Actor, number string) (File, []Explained, error) {
	var f File
	err := d.Store.View(ctx, func(v port.View) (err error) {
		f, err = d.load(ctx, v, actor, number)
		return err
	})
	if err != nil {
		return f, nil, err
	}
	list, err := d.Casework.Explain(ctx, f.Application, f.Form.Revision.Definition.Process)
	return f, list, err
}
