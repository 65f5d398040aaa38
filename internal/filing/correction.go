package filing

import (
	"context"
	"maps"
	"slices"

	"elicense/internal/access"
	"elicense/internal/account"
	"elicense/internal/application"
	"elicense/internal/civil"
	"elicense/internal/docnumber"
	"elicense/internal/fault"
	"elicense/internal/form"
	"elicense/internal/lang"
	"elicense/internal/port"
	"elicense/internal/service"
	"elicense/internal/signdoc"
)

// The faults of a correction.
const (
	KeyNotCorrecting = "correction.over"    // fault.Conflict: nothing is to be corrected, or not any more
	KeyLocked        = "correction.locked"  // fault.Invalid at a field that was not marked
	KeyMeanwhile     = "correction.changed" // fault.Conflict: the correction was changed in another window
	KeyUnchanged     = "correction.same"    // fault.Invalid: nothing was changed
)

// Correction is an application that its applicant corrects: the Draft holds what was changed so far in the place of what was
// signed, Signed what was.
type Correction struct {
	Draft
	Signed   application.Application
	Asked    application.Correction
	unlocked map[string]bool
}

// Unlocked tells whether a field may be changed: it was marked, or it is asked only because of what was changed.
func (c Correction) Unlocked(key string) bool { return c.unlocked[key] }

// Correction opens an application in state Correcting for its applicant; otherwise KeyNotCorrecting.
func (f *Filing) Correction(ctx context.Context, actor access.Actor, number string) (Correction, error) {
	var c Correction
	err := f.Store.View(ctx, func(v port.View) (err error) {
		c, err = f.correction(ctx, v, actor, number)
		return err
	})
	return c, err
}

func (f *Filing) correction(ctx context.Context, v port.View, actor access.Actor, number string) (Correction, error) {
	d, err := f.load(ctx, v, actor, number)
	if err != nil {
		return Correction{}, err
	}
	asked, open := d.Application.Work.Report.Correction()
	if d.Application.State != application.Correcting || !open || civil.Of(f.World.Now(), lang.Almaty()).After(asked.Until) {
		return Correction{}, fault.New(fault.Conflict, KeyNotCorrecting)
	}
	return f.corrected(ctx, v, Correction{Draft: d, Signed: d.Application, Asked: asked}, d.Application.WithCorrection())
}

// corrected lays an application over the one that was signed.
func (f *Filing) corrected(ctx context.Context, v port.View, c Correction, a application.Application) (Correction, error) {
	before, err := c.Form.Visible(c.Signed.Answers, c.Facts)
	if err != nil {
		return c, err
	}
	c.Application = a
	if c.File, err = f.Casework.Refresh(ctx, v, c.File, c.Signed.SentAt); err != nil {
		return c, err
	}
	if c.Application.Answers, err = c.Form.Complete(a.Answers, c.Facts); err != nil {
		return c, err
	}
	if c.Visible, err = c.Form.Visible(c.Application.Answers, c.Facts); err != nil {
		return c, err
	}
	c.unlocked = map[string]bool{}
	for _, page := range c.Definition().Pages {
		for _, field := range page.Fields {
			c.unlocked[field.Key] = field.Type != service.TypeComputed && (c.Asked.Marks(field.Key) || c.Visible[field.Key] && !before[field.Key])
		}
	}
	c.Obstacles, err = f.Casework.Obstacles(ctx, v, c.File)
	return c, err
}

// SaveCorrection keeps answers as typed, well formed or not. version is that of the application which the person saw. A value
// for a field that is locked, other than the one that stands there, is KeyLocked, and nothing is kept.
func (f *Filing) SaveCorrection(ctx context.Context, actor access.Actor, number string, version int, values map[string]string) (Correction, error) {
	var c Correction
	err := f.Store.Update(ctx, func(tx port.Tx) (err error) {
		if c, err = f.correction(ctx, tx, actor, number); err != nil {
			return err
		}
		answers, err := c.laid(values)
		if err != nil {
			return err
		}
		if maps.Equal(answers, c.Application.Answers) {
			return nil
		}
		if c.Signed.Version != version {
			return fault.New(fault.Conflict, KeyMeanwhile)
		}
		typed := c.Application
		typed.Answers = answers
		if c, err = f.corrected(ctx, tx, c, typed); err != nil {
			return err
		}
		return f.amend(tx, &c, c.Signed.Amend(c.Application.Answers))
	})
	return c, err
}

// laid gives the answers with the values laid over them.
func (c Correction) laid(values map[string]string) (form.Answers, error) {
	answers := maps.Clone(c.Application.Answers)
	if answers == nil {
		answers = form.Answers{}
	}
	var wrong []fault.Field
	for key, typed := range values {
		field, ok := c.Definition().Field(key)
		if !ok || field.Type == service.TypeComputed {
			continue
		}
		value := c.normalise(field, typed)
		switch {
		case value == answers[key]:
		case !c.Unlocked(key):
			wrong = append(wrong, fault.Field{Path: key, Key: KeyLocked})
		case value == "":
			delete(answers, key)
		default:
			answers[key] = value
		}
	}
	return answers, fault.Fields(wrong)
}

// amend writes what was changed so far.
func (f *Filing) amend(tx port.Tx, c *Correction, a application.Application) error {
	a.ChangedAt = a.Moment(f.World.Now())
	tx.Write().Applications().Change(a)
	a.Version++
	c.Signed = a
	c.Application.Version, c.Application.Work = a.Version, a.Work
	c.Asked, _ = a.Work.Report.Correction()
	return nil
}

// AttachCorrection puts a document of the personal store in the place of one that was marked; one that was not is KeyLocked.
func (f *Filing) AttachCorrection(ctx context.Context, actor access.Actor, number, key, document string) error {
	return f.Store.Update(ctx, func(tx port.Tx) error {
		c, err := f.correction(ctx, tx, actor, number)
		if err != nil {
			return err
		}
		if !c.Asked.Marks(application.DocumentItem(key)) {
			return fault.At(application.DocumentItem(key), KeyLocked)
		}
		doc, err := tx.Documents().Document(ctx, document)
		if err != nil {
			return err
		}
		if err := access.May(actor, access.View, doc.Party); err != nil {
			return err
		}
		if !doc.DeletedAt.IsZero() {
			return fault.New(fault.NotFound, "fault.not-found")
		}
		return f.amend(tx, &c, c.Signed.AmendDocument(attachment(key, doc)))
	})
}

// CorrectionProblems lists what hinders signing: what the form finds wrong now and did not when the application was filed,
// and that nothing was changed. Not everything marked has to be: the applicant may think that it is right.
func (f *Filing) CorrectionProblems(c Correction) ([]fault.Field, error) {
	before := c.Draft
	before.Application = c.Signed
	var err error
	if before.Visible, err = c.Form.Visible(c.Signed.Answers, c.Facts); err != nil {
		return nil, err
	}
	known, err := f.Check(before, "")
	if err != nil {
		return nil, err
	}
	now, err := f.Check(c.Draft, "")
	if err != nil {
		return nil, err
	}
	var problems []fault.Field
	for _, p := range append(now, c.Obstacles...) {
		old := slices.ContainsFunc(known, func(k fault.Field) bool { return k.Path == p.Path && k.Key == p.Key })
		if !old || c.Unlocked(top(p.Path)) {
			problems = append(problems, p)
		}
	}
	if len(c.Asked.Answers) == 0 && len(c.Asked.Attached) == 0 {
		problems = append(problems, fault.Field{Key: KeyUnchanged})
	}
	return problems, nil
}

// PrepareCorrection checks the corrected application and makes the document to be signed, as Prepare does for a draft.
func (f *Filing) PrepareCorrection(ctx context.Context, actor access.Actor, session, number string) (port.Challenge, error) {
	var challenge port.Challenge
	err := f.Store.Update(ctx, func(tx port.Tx) error {
		c, err := f.correction(ctx, tx, actor, number)
		if err != nil {
			return err
		}
		problems, err := f.CorrectionProblems(c)
		if err != nil {
			return err
		}
		if err := fault.Fields(problems); err != nil {
			return err
		}
		account, err := tx.Accounts().Account(ctx, actor.Account)
		if err != nil {
			return err
		}
		if challenge, err = f.challenge(signdoc.Correction, c.Draft, account, session); err != nil {
			return err
		}
		tx.Write().Keys().AddChallenge(challenge)
		return nil
	})
	return challenge, err
}

// SubmitCorrection hands the corrected application in with the signature over it: the term runs again, and the signature of
// the filing stays beside the new one. A certificate whose revocation cannot be learned now is account.KeyPending: nothing is
// stored, and the same signature may be sent again.
func (f *Filing) SubmitCorrection(ctx context.Context, actor access.Actor, session, number string, in Submission) (application.Application, error) {
	if err := actor.LoggedIn(); err != nil {
		return application.Application{}, err
	}
	asked, err := f.asked(ctx, actor, session, number, in.Nonce, signdoc.Correction)
	if err != nil {
		return application.Application{}, err
	}
	now, challenge := f.World.Now(), asked.Challenge
	if !challenge.UsedAt.IsZero() {
		return f.answered(ctx, actor, number, in)
	}
	_, signature, err := f.verified(ctx, signdoc.Correction, challenge, in, now)
	if err != nil {
		return application.Application{}, err
	}
	if signature.Revocation != port.RevocationGood {
		return application.Application{}, fault.New(fault.Unavailable, account.KeyPending)
	}
	a, err := f.acceptCorrection(ctx, actor, challenge, signature, in)
	if fault.Is(err, "store.key-exists") || fault.Is(err, "store.challenge-used") {
		return f.answered(ctx, actor, number, in)
	}
	if err == nil {
		f.Jobs.Wake()
	}
	return a, err
}

func (f *Filing) acceptCorrection(ctx context.Context, actor access.Actor, challenge port.Challenge, s port.Signature, in Submission) (application.Application, error) {
	var a application.Application
	err := f.Numbers.Update(ctx, func(tx port.Tx, _ *docnumber.Batch) error {
		now := f.World.Now()
		c, err := f.correction(ctx, tx, actor, challenge.Application)
		if err != nil {
			return err
		}
		if c.Signed.Version != challenge.Version {
			return fault.New(fault.Conflict, "filing.changed-after-signing")
		}
		signed := c.Canonical()
		file := c.File
		file.Application = c.Signed.Amend(c.Application.Answers)
		if a, err = f.Casework.Corrected(ctx, tx, file, now); err != nil {
			return err
		}
		w := tx.Write()
		w.Keys().Remember(port.Idempotent{Key: in.Nonce, Actor: actor.Account, Body: digest(in.CMS), Answer: a.Number, At: now})
		w.Keys().UseChallenge(challenge.Nonce, now)
		w.Applications().Sign(port.StoredSignature{ID: f.World.ID(), Application: a.Number, Purpose: challenge.Purpose, Content: challenge.Content, Answers: signed, Signature: s})
		return nil
	})
	return a, err
}
