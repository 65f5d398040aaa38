package casework

import (
	"context"
	"time"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/port"
)

// Withdraw ends an application in work at its applicant's wish, in the unit of the caller, who has opened the file in it.
// What it had taken (a paper, numbers) is given back; nobody is asked for an opinion any more. The guard of the
// application's version decides between this and a decision.
func (c *Casework) Withdraw(ctx context.Context, tx port.Tx, f File, actor access.Actor, at time.Time) (application.Application, error) {
	var done history
	a, err := done.move(f.Application, application.Withdrawal, actor.Account, at)
	if err != nil {
		return a, err
	}
	a.Work.Holder = ""
	tx.Write().Applications().Change(a)
	if f.Application.State == application.Correcting {
		tx.Write().Office().Reviews().CorrectionOver(a.Number)
	}
	c.record(tx, done)
	for _, settler := range c.settlers(f) {
		if err := settler.Dropped(ctx, tx, access.TheSystem(), f, at); err != nil {
			return a, err
		}
	}
	return a, nil
}
