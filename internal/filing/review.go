package filing

import (
	"context"
	"strings"
	"unicode/utf8"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/fault"
	"elicense/internal/port"
)

// maxReview bounds what an applicant says to a refusal, in characters.
const maxReview = 2000

// AskReview asks that a person looks at a refusal that the system decided by itself. Faults: those of application.MayReview,
// fault.Conflict "review.exists"; another's application is fault.NotFound.
func (f *Filing) AskReview(ctx context.Context, actor access.Actor, number, text string) error {
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) > maxReview {
		return fault.At("review", "work.too-long")
	}
	return f.Store.Update(ctx, func(tx port.Tx) error {
		d, err := f.load(ctx, tx, actor, number)
		if err != nil {
			return err
		}
		a, now := d.Application, f.World.Now()
		if err := a.MayReview(now); err != nil {
			return err
		}
		tx.Write().Office().Decisions().AskReview(application.Review{Application: a.Number, Body: a.Body, Account: actor.Account, Text: text, AskedAt: now})
		a.ChangedAt = a.Moment(now)
		tx.Write().Applications().Change(a)
		f.happen(tx, actor, a, application.ReviewAsked, a.State, a.State)
		return nil
	})
}

// Review gives the review that was asked of an application of the actor's; ok tells whether there is one.
func (f *Filing) Review(ctx context.Context, actor access.Actor, number string) (r application.Review, ok bool, err error) {
	err = f.Store.View(ctx, func(v port.View) error {
		if _, err := f.load(ctx, v, actor, number); err != nil {
			return err
		}
		r, ok, err = v.Office().Decisions().Review(ctx, number)
		return err
	})
	return r, ok, err
}
