package filing

import (
	"context"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/docnumber"
	"elicense/internal/fault"
	"elicense/internal/port"
	"elicense/internal/signdoc"
)

// PrepareBundle checks every part and makes the document to be signed for each, in the order of the parts. Parts that are not
// ready are faults KeyPartUnready at their PartPath, and so stands what else Prepare tells of a part.
func (f *Filing) PrepareBundle(ctx context.Context, actor access.Actor, session, id string) ([]port.Challenge, error) {
	if _, err := f.Bundle(ctx, actor, id); err != nil { // moves what is behind
		return nil, err
	}
	var challenges []port.Challenge
	err := f.Store.Update(ctx, func(tx port.Tx) error {
		challenges = nil
		b, err := f.loadBundle(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		if err := b.fileable(); err != nil {
			return err
		}
		if f.behind(b) { // another revision in the same moment
			return fault.New(fault.Conflict, KeyMoved)
		}
		var unready []fault.Field
		for _, d := range b.Parts {
			c, err := f.prepare(ctx, tx, actor, session, d)
			if fault.KindOf(err) == fault.Invalid && err != nil {
				unready = append(unready, fault.Field{Path: PartPath(d.Application.Number), Key: KeyPartUnready})
				continue
			}
			if err != nil {
				return atPart(d.Application.Number, err)
			}
			challenges = append(challenges, c)
		}
		return fault.Fields(unready)
	})
	return challenges, err
}

// SubmitBundle files all parts of a bundle in one unit: all of them or none. There is one submission for each part. What is wrong
// with one of them is a fault with a field at its PartPath. The same signatures sent again change nothing; others are
// fault.Conflict "filing.signed-already" or "filing.sent-already". Where a certificate's revocation cannot be learned its part waits as
// being signed and is checked by itself, as after Submit.
func (f *Filing) SubmitBundle(ctx context.Context, actor access.Actor, session, id string, in []Submission) error {
	if err := actor.LoggedIn(); err != nil {
		return err
	}
	b, err := f.readBundle(ctx, actor, id)
	if err != nil {
		return err
	}
	if len(in) != len(b.Parts) {
		return fault.New(fault.Gone, KeyUnknownDocument)
	}
	now, used := f.World.Now(), false
	asked, signatures := make([]port.Asked, len(in)), make([]port.Signature, len(in))
	for i, d := range b.Parts {
		if asked[i], err = f.asked(ctx, actor, session, d.Application.Number, in[i].Nonce, signdoc.Application); err != nil {
			return err
		}
		used = used || !asked[i].Challenge.UsedAt.IsZero()
	}
	if used {
		return f.answeredAll(ctx, actor, b, in)
	}
	if err := b.fileable(); err != nil {
		return err
	}
	for i, d := range b.Parts {
		if _, signatures[i], err = f.verified(ctx, signdoc.Application, asked[i].Challenge, in[i], now); err != nil {
			return atPart(d.Application.Number, err)
		}
	}
	err = f.Numbers.Update(ctx, func(tx port.Tx, numbers *docnumber.Batch) error {
		parts, err := tx.Applications().Bundles().Parts(ctx, id)
		if err != nil {
			return err
		}
		if !application.Together(parts) || len(parts) != len(in) {
			return fault.New(fault.Conflict, "filing.sent-already")
		}
		for i, d := range b.Parts {
			if asked[i].Dossier, err = tx.Applications().Dossier(ctx, d.Application.Number); err != nil {
				return err
			}
			if _, err := f.file(ctx, tx, numbers, actor, asked[i], signatures[i], in[i], now); err != nil {
				return atPart(d.Application.Number, err)
			}
		}
		f.audit(tx, actor, "bundle.filed", "bundle/"+id, nil, now)
		return nil
	})
	if fault.Is(err, "store.key-exists") || fault.Is(err, "store.challenge-used") {
		return f.answeredAll(ctx, actor, b, in)
	}
	if err == nil {
		f.Jobs.Wake()
	}
	return err
}

// answeredAll gives the answer that the same signatures got before.
func (f *Filing) answeredAll(ctx context.Context, actor access.Actor, b Bundle, in []Submission) error {
	for i, d := range b.Parts {
		if _, err := f.answered(ctx, actor, d.Application.Number, in[i]); err != nil {
			return err
		}
	}
	return nil
}

// atPart puts a fault that a person can mend at its part; what is none, or says that all has been filed, stays as it is.
func atPart(number string, err error) error {
	what, ok := fault.As(err)
	if !ok || what.Kind == fault.Internal || what.Kind == fault.NotFound || what.Kind == fault.Unauthenticated || what.Key == "filing.sent-already" {
		return err
	}
	placed := *what
	placed.Fields = []fault.Field{{Path: PartPath(number), Key: what.Key, Args: what.Args}}
	return &placed
}
