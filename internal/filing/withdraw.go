package filing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/fault"
	"elicense/internal/port"
	"elicense/internal/signdoc"
)

// PrepareWithdrawal makes the document by whose signature the applicant withdraws an application: it names the application
// and the digest of its answers as they stand. What cannot be withdrawn is fault.Conflict as application.Withdraws tells.
func (f *Filing) PrepareWithdrawal(ctx context.Context, actor access.Actor, session, number string) (port.Challenge, error) {
	var challenge port.Challenge
	err := f.Store.Update(ctx, func(tx port.Tx) error {
		d, err := f.load(ctx, tx, actor, number)
		if err != nil {
			return err
		}
		if err := d.Application.Withdraws(); err != nil {
			return err
		}
		account, err := tx.Accounts().Account(ctx, actor.Account)
		if err != nil {
			return err
		}
		if challenge, err = f.challenge(signdoc.Withdrawal, d, account, session); err != nil {
			return err
		}
		tx.Write().Keys().AddChallenge(challenge)
		return nil
	})
	return challenge, err
}

// Withdraw withdraws the application that the signature belongs to. What officials do with it meanwhile does not hinder it;
// a decision does, and of the two one happens: the other gets fault.Conflict. A certificate of which it cannot be learned
// whether it is revoked is fault.Unavailable "filing.withdraw-pending": nothing is withdrawn on trust.
func (f *Filing) Withdraw(ctx context.Context, actor access.Actor, session, number string, in Submission) (application.Application, error) {
	var a application.Application
	if err := actor.LoggedIn(); err != nil {
		return a, err
	}
	asked, err := f.asked(ctx, actor, session, number, in.Nonce, signdoc.Withdrawal)
	if err != nil {
		return a, err
	}
	now, c := f.World.Now(), asked.Challenge
	doc, signature, err := f.verified(ctx, signdoc.Withdrawal, c, in, now)
	if err != nil {
		return a, err
	}
	if signature.Revocation != port.RevocationGood {
		return a, fault.New(fault.Unavailable, "filing.withdraw-pending")
	}
	err = f.Store.Update(ctx, func(tx port.Tx) error {
		d, err := f.load(ctx, tx, actor, number)
		if err != nil {
			return err
		}
		if a = d.Application; a.State == application.Withdrawn && !c.UsedAt.IsZero() {
			return nil // the same document sent twice
		}
		if err := a.Withdraws(); err != nil {
			return err
		}
		answers := d.Canonical()
		if sum := sha256.Sum256(answers); hex.EncodeToString(sum[:]) != doc.Answers {
			return fault.New(fault.Conflict, "filing.changed-after-signing")
		}
		w := tx.Write()
		w.Keys().UseChallenge(c.Nonce, now)
		a, err = f.Casework.Withdraw(ctx, tx, d.File, actor, now)
		if err != nil {
			return err
		}
		w.Applications().Sign(port.StoredSignature{ID: f.World.ID(), Application: number, Purpose: c.Purpose, Content: c.Content, Answers: answers, Signature: signature})
		return nil
	})
	if fault.Is(err, "store.challenge-used") { // sent twice at once: the other one withdrew it
		return f.withdrawn(ctx, actor, number)
	}
	if err == nil {
		f.Jobs.Wake()
	}
	return a, err
}

func (f *Filing) withdrawn(ctx context.Context, actor access.Actor, number string) (application.Application, error) {
	d, err := f.read(ctx, actor, number)
	if err == nil && d.Application.State != application.Withdrawn {
		err = fault.New(fault.Conflict, KeyUsedDocument)
	}
	return d.Application, err
}
