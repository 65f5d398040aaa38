package casework

import (
	"context"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/lang"
)

// Invite gives the applicant a preliminary refusal with the invitation to a hearing. What is missing, and days that do not
// fit, come as field faults.
func (d *Desk) Invite(ctx context.Context, actor access.Actor, number string, version int, h application.Hearing) error {
	return d.act(ctx, actor, number, version, application.Invite, func(u *unit) (application.Application, led, error) {
		a := u.file.Application
		step, _, _ := u.process.StepAt(a.Work.Step)
		wrong := append(h.Check(u.process, step, a.Work.Due, d.Calendar.Current(), u.at), h.Preliminary.Unfilled()...)
		wrong = append(wrong, a.Work.Report.Incomplete(u.process, h.Preliminary.Ground, u.file.Facts.Today)...)
		if err := fault.Fields(wrong); err != nil {
			return a, led{}, err
		}
		a.Work = a.Work.Call(h, actor, a.Work.Due, d.Calendar.Current(), u.at)
		return u.move(a, application.HearingCalled, "day", h.Day.String(), "ground", h.Preliminary.Ground)
	})
}

// RecordHearing writes the protocol of the hearing.
func (d *Desk) RecordHearing(ctx context.Context, actor access.Actor, number string, version int, came bool, text string) error {
	return d.act(ctx, actor, number, version, application.Record, func(u *unit) (application.Application, led, error) {
		a := u.file.Application
		work, err := a.Work.Recorded(application.Protocol{Came: came, Text: text, By: actor.Account, At: u.at}, civil.Of(u.at, lang.Almaty()))
		if err != nil {
			return a, led{}, err
		}
		a.Work = work
		return u.move(a, application.HearingHeld)
	})
}
