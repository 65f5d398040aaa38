package casework

import (
	"context"
	"encoding/hex"
	"maps"
	"time"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/fault"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/service"
	"elicense/internal/signdoc"
)

// Signing is how officials sign decisions.
type Signing struct {
	Verifier            port.Verifier
	Origin, Environment string // of the internal portal, as they stand in the signed document
	Required            bool   // where a service does not say otherwise
}

// signingTime is how long a prepared document may be signed.
const signingTime = 30 * time.Minute

// The faults of a signature over a decision, besides those of signdoc and of the verifier.
const (
	KeyDecisionPending = "decision.pending" // fault.Unavailable: whether the certificate is revoked cannot be learned now
	KeyDecisionUnknown = "decision.document-unknown"
	KeyDecisionChanged = "decision.changed" // fault.Conflict: what would be decided now is not what was signed
)

// asked tells whether the official of the last step signs the decision.
func (s Signing) asked(p service.Process) bool {
	return len(p.Steps) > 0 && (p.Signed == service.SignedRequired || p.Signed == "" && s.Required)
}

// Signed is an official's verified signature, on its way into the unit that does what was signed.
type Signed struct {
	Challenge port.Challenge
	Document  signdoc.Document
	Signature port.Signature
}

// Resolution is what an official is about to sign.
type Resolution struct {
	Case       Case
	Challenge  port.Challenge
	Resolution application.Resolution
	Decision   application.Decision
	Permit     *permit.Permit // as it will be, without number; nil for a refusal, and where none is issued
	Act        *permit.Act    // what will be done with the permit that the application concerns; nil where it concerns none
	// BIN is that of the state body, which the certificate must hold; empty = not known to the system, so that only the
	// person is compared.
	BIN string
}

// PrepareDecision makes the document that the official of the last step signs to decide, bound to the browser session that
// asked. Faults as those of Confirm; fault.Conflict "decision.no-signature" where the decision is not signed.
func (d *Desk) PrepareDecision(ctx context.Context, actor access.Actor, session, number string) (Resolution, error) {
	c, err := d.Open(ctx, actor, number)
	if err != nil {
		return Resolution{}, err
	}
	a, p := c.Application, c.Definition().Process
	if err := application.May(a, p, actor, application.Confirm); err != nil {
		return Resolution{}, err
	}
	if !a.Work.Last(p) || !d.Signing.asked(p) {
		return Resolution{}, fault.New(fault.Conflict, "decision.no-signature")
	}
	if wrong := a.Work.Report.Incomplete(p, a.Work.Report.Proposal.Ground, c.Facts.Today); len(wrong) > 0 {
		return Resolution{}, fault.New(fault.Conflict, wrong[0].Key)
	}
	out := Resolution{Case: c}
	err = d.Store.Update(ctx, func(tx port.Tx) error {
		if err := d.foresee(ctx, tx, actor, &out); err != nil {
			return err
		}
		body, _ := d.Catalogue.Body(a.Body)
		now := d.World.Now().Truncate(time.Second)
		doc := signdoc.Document{
			Purpose: signdoc.Decision, Origin: d.Signing.Origin, Environment: d.Signing.Environment, IIN: actor.Person, BIN: body.BIN,
			Application: a.Number, Version: a.Version, Answers: out.Resolution.Digest(),
			Nonce: hex.EncodeToString(d.World.Random(16)), Issued: now, Expires: now.Add(signingTime),
		}
		content, err := doc.Bytes()
		if err != nil {
			return err
		}
		out.BIN = body.BIN
		out.Challenge = port.Challenge{Nonce: doc.Nonce, Purpose: string(doc.Purpose), Content: content, Session: session, Account: actor.Account,
			Application: a.Number, Version: a.Version, ExpiresAt: doc.Expires}
		tx.Write().Keys().AddChallenge(out.Challenge)
		return nil
	})
	return out, err
}

// foresee makes the decision that would be taken now, and its permit, without taking it.
func (d *Desk) foresee(ctx context.Context, v port.View, actor access.Actor, out *Resolution) error {
	f, at := out.Case.File, d.World.Now()
	x, advised, err := d.judge(f, at)
	if err != nil {
		return err
	}
	report := f.Application.Work.After(f.Form.Revision.Definition.Process, actor, at).Report
	if err := fault.Fields(report.Unheard(out.Case.Definition().Process, *report.Proposal)); err != nil {
		return err
	}
	out.Decision = d.concluded(x, *report.Proposal, advised, report.Done)
	if out.Decision.Outcome == application.Grant {
		result, err := d.effects(f, x.Shown(), func() (string, error) { return "", nil }, actor.Account, at)
		if err != nil {
			return unmade(err, f.Application.Concerns)
		}
		for _, settler := range d.settlers(f) {
			if err := settler.Shown(ctx, v, f, *report.Proposal, result.permit); err != nil {
				return err
			}
		}
		out.Permit, out.Act = result.permit, result.main()
	}
	out.Resolution = application.Resolve(f.Application, out.Decision, out.Permit, out.Act)
	return nil
}

// ConfirmSigned decides as the official has signed. While nothing is known of the certificate's revocation the decision is not
// taken: fault.Unavailable KeyDecisionPending, and the same signature may be sent again.
func (d *Desk) ConfirmSigned(ctx context.Context, actor access.Actor, session, number, nonce string, cms []byte) error {
	s, err := d.Signing.Accept(ctx, d.Store, port.Challenge{Nonce: nonce, Purpose: string(signdoc.Decision), Session: session, Account: actor.Account, Application: number}, cms, d.World.Now())
	if err != nil {
		return err
	}
	return d.confirm(ctx, actor, number, s.Challenge.Version, s)
}

// Accept verifies an official's signature over the document of the challenge that was made for this purpose, session, account and
// thing; of another it is fault.Gone KeyDecisionUnknown. While nothing is known of the certificate's revocation it is
// fault.Unavailable KeyDecisionPending; other faults are those of signdoc and of the verifier.
func (s Signing) Accept(ctx context.Context, store port.Store, want port.Challenge, cms []byte, at time.Time) (*Signed, error) {
	x := &Signed{}
	err := store.View(ctx, func(v port.View) (err error) {
		x.Challenge, err = v.Keys().Challenge(ctx, want.Nonce)
		return err
	})
	c := x.Challenge
	switch {
	case err != nil && fault.KindOf(err) != fault.NotFound:
		return nil, err
	case err != nil, c.Account == "", c.Account != want.Account, c.Session != want.Session, c.Purpose != want.Purpose, c.Application != want.Application, !maps.Equal(c.Payload, want.Payload):
		return nil, fault.New(fault.Gone, KeyDecisionUnknown)
	}
	if x.Document, err = signdoc.Parse(c.Content); err != nil {
		return nil, err
	}
	if err := x.Document.Accept(signdoc.Expect{Purpose: signdoc.Purpose(c.Purpose), Origin: s.Origin, Environment: s.Environment, At: at}); err != nil {
		return nil, err
	}
	if x.Signature, err = s.Verifier.Verify(ctx, c.Content, cms, at); err != nil {
		return nil, err
	}
	if err := x.Document.AcceptSigner(signdoc.Signer{IIN: x.Signature.Signer.IIN, BIN: x.Signature.Signer.BIN}, false); err != nil {
		return nil, err
	}
	if x.Signature.Revocation != port.RevocationGood {
		return nil, fault.New(fault.Unavailable, KeyDecisionPending)
	}
	return x, nil
}

// keepSignature holds the decision against what was signed, and writes the signature in the unit that decides.
func (d *Desk) keepSignature(u *unit, a application.Application, result led) error {
	s := u.signed
	if s == nil {
		return nil
	}
	r := application.Resolve(a, *a.Decision, result.permit, result.main())
	body, _ := d.Catalogue.Body(a.Body)
	if r.Digest() != s.Document.Answers || u.actor.Person != s.Document.IIN || body.BIN != s.Document.BIN {
		return fault.New(fault.Conflict, KeyDecisionChanged)
	}
	last := u.done[len(u.done)-1]
	last.details["signature"], last.details["certificate"] = s.Signature.Digest, s.Signature.Fingerprint
	u.after = append(u.after, func() error {
		w := u.tx.Write()
		w.Keys().UseChallenge(s.Challenge.Nonce, u.at)
		w.Applications().Sign(port.StoredSignature{ID: d.World.ID(), Application: a.Number, Purpose: string(signdoc.Decision), Content: s.Challenge.Content, Answers: r.Bytes(), Signature: s.Signature})
		return nil
	})
	return nil
}
