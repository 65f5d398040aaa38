package filing

import (
	"context"
	"strings"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/port"
)

// ReplyToHearing tells the state body what the applicant says to a preliminary refusal: objections, or that no hearing is
// wanted. Faults as those of application.Work.Replied; another's application is fault.NotFound.
func (f *Filing) ReplyToHearing(ctx context.Context, actor access.Actor, number string, reply application.Reply) error {
	return f.Store.Update(ctx, func(tx port.Tx) error {
		d, err := f.load(ctx, tx, actor, number)
		if err != nil {
			return err
		}
		now := f.World.Now()
		a := d.Application
		if _, err := application.Next(a.State, application.HearingReplied); err != nil {
			return err
		}
		reply.Text, reply.By, reply.At = strings.TrimSpace(reply.Text), actor.Account, now
		if reply.Waived {
			reply.Text = ""
		}
		if a.Work, err = a.Work.Replied(reply); err != nil {
			return err
		}
		a.ChangedAt = a.Moment(now)
		tx.Write().Applications().Change(a)
		f.happen(tx, actor, a, application.HearingReplied, a.State, a.State)
		return nil
	})
}
