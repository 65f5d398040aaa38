package filing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/casework"
	"elicense/internal/docnumber"
	"elicense/internal/fault"
	"elicense/internal/party"
	"elicense/internal/port"
	"elicense/internal/service"
	"elicense/internal/signdoc"
)

// signingTime is how long a prepared document may be signed.
const signingTime = 30 * time.Minute

// Problems lists everything that keeps a draft from being signed: fields, and documents under the path
// "document.<key>".
func (f *Filing) Problems(d Draft) ([]fault.Field, error) {
	problems, err := f.Check(d, "")
	if err != nil {
		return nil, err
	}
	problems = append(problems, d.Obstacles...)
	if !d.Definition().Serves(d.Facts.Recipient) {
		problems = append(problems, fault.Field{Key: "filing.not-for-you"})
	}
	if problem, waits := casework.WithoutMCI(d.Facts); waits {
		problems = append(problems, problem)
	}
	if problem, closed := f.closed(d); closed {
		problems = append(problems, problem)
	}
	for _, doc := range d.Required() {
		if doc.Mandatory && !attached(d.Application, doc.Document.Key) {
			problems = append(problems, fault.Field{Path: "document." + doc.Document.Key, Key: "document.required"})
		}
	}
	return problems, nil
}

func attached(a application.Application, key string) bool {
	for _, at := range a.Attached {
		if at.Key == key {
			return true
		}
	}
	return false
}

// Prepare checks the whole draft and makes the document to be signed, bound to the browser session that asked. What is
// wrong with the draft comes as field faults; KeyMoved where the person has not seen what a new revision changed.
func (f *Filing) Prepare(ctx context.Context, actor access.Actor, session, number string) (port.Challenge, error) {
	var challenge port.Challenge
	err := f.updateDraft(ctx, actor, number, func(tx port.Tx) error {
		d, err := f.editable(ctx, tx, actor, number)
		if err != nil {
			return err
		}
		if err := apart(ctx, tx, d.Application); err != nil {
			return err
		}
		challenge, err = f.prepare(ctx, tx, actor, session, d)
		return err
	})
	return challenge, err
}

// prepare checks a draft and adds the document to be signed.
func (f *Filing) prepare(ctx context.Context, tx port.Tx, actor access.Actor, session string, d Draft) (port.Challenge, error) {
	if len(d.Unseen()) > 0 {
		return port.Challenge{}, fault.New(fault.Conflict, KeyMoved)
	}
	problems, err := f.Problems(d)
	if err != nil {
		return port.Challenge{}, err
	}
	if err := fault.Fields(problems); err != nil {
		return port.Challenge{}, err
	}
	account, err := tx.Accounts().Account(ctx, actor.Account)
	if err != nil {
		return port.Challenge{}, err
	}
	challenge, err := f.challenge(signdoc.Application, d, account, session)
	if err != nil {
		return port.Challenge{}, err
	}
	tx.Write().Keys().AddChallenge(challenge)
	return challenge, nil
}

// challenge is the document to be signed for a purpose that speaks of the whole application.
func (f *Filing) challenge(purpose signdoc.Purpose, d Draft, account party.Account, session string) (port.Challenge, error) {
	now := f.World.Now().Truncate(time.Second)
	a := d.Application
	sum := sha256.Sum256(d.Canonical())
	doc := signdoc.Document{
		Purpose: purpose, Origin: f.Origin, Environment: f.Environment, IIN: account.IIN,
		Application: a.Number, Version: a.Version, Answers: hex.EncodeToString(sum[:]),
		Nonce: hex.EncodeToString(f.World.Random(16)), Issued: now, Expires: now.Add(signingTime),
	}
	if d.Party.Kind == party.Organisation {
		doc.BIN = d.Party.Number
	}
	for _, at := range a.Attached {
		doc.Attachments = append(doc.Attachments, signdoc.Attachment{Key: at.Key, Name: at.File, Digest: at.Digest, Size: at.Size})
	}
	content, err := doc.Bytes()
	if err != nil {
		return port.Challenge{}, err
	}
	c := port.Challenge{
		Nonce: doc.Nonce, Purpose: string(doc.Purpose), Content: content, Session: session,
		Account: account.ID, Application: a.Number, Version: a.Version, ExpiresAt: doc.Expires,
	}
	if d.Bundled != "" {
		c.Payload = map[string]string{"bundle": d.Bundled}
	}
	return c, nil
}

// BundleOf gives the bundle that a document is signed with; "" = it is signed by itself.
func BundleOf(c port.Challenge) string { return c.Payload["bundle"] }

// Canonical gives the bytes of the answers whose digest is signed.
func (d Draft) Canonical() []byte {
	return d.Form.Canonical(d.Application.Operation, d.Application.Body, d.Application.Concerns, d.Application.Answers, d.Visible)
}

// Submission is a signature over a prepared document.
type Submission struct {
	Nonce string
	CMS   []byte // DER, PEM or base64
}

// verified judges a signature over the document of a challenge: the document is of the purpose, of this installation and of
// now (which a challenge that was answered before need not be again), and its signer is the one whom it names.
func (f *Filing) verified(ctx context.Context, purpose signdoc.Purpose, c port.Challenge, in Submission, now time.Time) (signdoc.Document, port.Signature, error) {
	doc, err := signdoc.Parse(c.Content)
	if err != nil {
		return doc, port.Signature{}, err
	}
	if c.UsedAt.IsZero() {
		if err := doc.Accept(signdoc.Expect{Purpose: purpose, Origin: f.Origin, Environment: f.Environment, At: now}); err != nil {
			return doc, port.Signature{}, err
		}
	}
	signature, err := f.Verifier.Verify(ctx, c.Content, in.CMS, now)
	if err != nil {
		return doc, port.Signature{}, err
	}
	return doc, signature, doc.AcceptSigner(signerOf(signature.Signer), false)
}

// Submit files the application that the signature belongs to. The same signature sent again gives the same answer; another
// one for the same prepared document is fault.Conflict "filing.signed-already", or KeyUsedDocument where the application is
// a draft again. When the certificate's revocation cannot be learned the application is kept as being signed and checked
// again later.
func (f *Filing) Submit(ctx context.Context, actor access.Actor, session, number string, in Submission) (application.Application, error) {
	if err := actor.LoggedIn(); err != nil {
		return application.Application{}, err
	}
	asked, err := f.asked(ctx, actor, session, number, in.Nonce, signdoc.Application)
	if err != nil {
		return application.Application{}, err
	}
	now, challenge := f.World.Now(), asked.Challenge
	if !challenge.UsedAt.IsZero() {
		return f.answered(ctx, actor, number, in)
	}
	_, signature, err := f.verified(ctx, signdoc.Application, challenge, in, now)
	if err != nil {
		return application.Application{}, err
	}
	a, err := f.accept(ctx, actor, asked, signature, in, now)
	if fault.Is(err, "store.key-exists") || fault.Is(err, "store.challenge-used") {
		return f.answered(ctx, actor, number, in)
	}
	if err == nil {
		f.Jobs.Wake()
	}
	return a, err
}

func signerOf(s port.Signer) signdoc.Signer {
	roles := make([]string, len(s.Roles))
	for i, r := range s.Roles {
		roles[i] = string(r)
	}
	return signdoc.Signer{IIN: s.IIN, BIN: s.BIN, Roles: roles}
}

// The faults of a document that is signed but cannot count any more, besides signdoc.KeyExpired. What was never given to
// this account for this application reads as one, whatever else it is: nobody learns what others are about to sign.
const (
	KeyUnknownDocument = "signature.document-unknown" // fault.Gone
	KeyOtherBrowser    = "signature.other-browser"    // fault.Gone: this account's own, from another browser or an earlier log-in
	KeyUsedDocument    = "signature.document-used"    // fault.Conflict: signed before, with another signature, and the application is a draft again
)

// asked finds the challenge and makes sure that it was given to this person, in this browser, for this application.
func (f *Filing) asked(ctx context.Context, actor access.Actor, session, number, nonce string, purpose signdoc.Purpose) (port.Asked, error) {
	var a port.Asked
	err := f.Store.View(ctx, func(v port.View) (err error) {
		a, err = v.Applications().Asked(ctx, nonce)
		return err
	})
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return a, fault.New(fault.Gone, KeyUnknownDocument)
	}
	if err != nil {
		return a, err
	}
	c := a.Challenge
	if c.Account == "" || c.Account != actor.Account || c.Application != number || c.Purpose != string(purpose) {
		return a, fault.New(fault.Gone, KeyUnknownDocument)
	}
	switch {
	case c.UsedAt.IsZero() && !f.World.Now().Before(c.ExpiresAt):
		return a, fault.New(fault.Gone, signdoc.KeyExpired)
	case c.Session != session:
		return a, fault.New(fault.Gone, KeyOtherBrowser)
	}
	return a, nil
}

// answered gives the answer that the same signature got before.
func (f *Filing) answered(ctx context.Context, actor access.Actor, number string, in Submission) (application.Application, error) {
	var a application.Application
	err := f.Store.View(ctx, func(v port.View) error {
		known, ok, err := v.Keys().Idempotent(ctx, actor.Account, in.Nonce)
		if err != nil {
			return err
		}
		if ok && known.Body == digest(in.CMS) {
			a, err = v.Applications().Application(ctx, known.Answer)
			return err
		}
		if a, err = v.Applications().Application(ctx, number); err != nil {
			return err
		}
		if a.State == application.Draft { // the certificate turned out to be revoked
			return fault.New(fault.Conflict, KeyUsedDocument)
		}
		return fault.New(fault.Conflict, "filing.signed-already")
	})
	return a, err
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// accept stores the signature and moves the application, in one unit: sent and decided, or waiting for the revocation.
// The dossier that came with the challenge is read again only where the unit has to run again: its version guards it.
func (f *Filing) accept(ctx context.Context, actor access.Actor, asked port.Asked, s port.Signature, in Submission, now time.Time) (application.Application, error) {
	var a application.Application
	again := false
	err := f.Numbers.Update(ctx, func(tx port.Tx, numbers *docnumber.Batch) (err error) {
		if again {
			if asked.Dossier, err = tx.Applications().Dossier(ctx, asked.Challenge.Application); err != nil {
				return err
			}
		}
		again = true
		if err := apart(ctx, tx, asked.Dossier.Application); err != nil {
			return err
		}
		a, err = f.file(ctx, tx, numbers, actor, asked, s, in, now)
		return err
	})
	return a, err
}

// file lists the writes by which a signed draft is filed.
func (f *Filing) file(ctx context.Context, tx port.Tx, numbers *docnumber.Batch, actor access.Actor, asked port.Asked, s port.Signature, in Submission, now time.Time) (application.Application, error) {
	c := asked.Challenge
	d, err := f.open(ctx, tx, actor, asked.Dossier)
	if err != nil {
		return d.Application, err
	}
	a := d.Application
	if err := stillDraft(d); err != nil {
		return a, err
	}
	if a.Version != c.Version {
		return a, fault.New(fault.Conflict, "filing.changed-after-signing")
	}
	if newest, err := f.Catalogue.Service(a.Service); err == nil && newest.Number > a.Revision {
		return a, fault.New(fault.Conflict, "filing.changed-after-signing") // nobody opened the draft since
	}
	doc, err := signdoc.Parse(c.Content)
	if err != nil {
		return a, err
	}
	answers := d.Canonical()
	if sum := sha256.Sum256(answers); hex.EncodeToString(sum[:]) != doc.Answers { // the day, or what its permit says, is another one
		return a, fault.New(fault.Conflict, "filing.changed-after-signing")
	}
	for _, key := range []string{casework.KeyPermitState, casework.KeyPermitBusy, casework.KeyIssuedEnded} {
		if i := slices.IndexFunc(d.Obstacles, func(x fault.Field) bool { return x.Key == key }); i >= 0 {
			return a, fault.New(fault.Conflict, key).With(d.Obstacles[i].Args)
		}
	}
	w := tx.Write()
	w.Keys().Remember(port.Idempotent{Key: in.Nonce, Actor: actor.Account, Body: digest(in.CMS), Answer: a.Number, At: now})
	w.Keys().UseChallenge(c.Nonce, now)
	a.SentAt, a.ChangedAt = now, a.Moment(now)
	if s.Revocation == port.RevocationGood {
		d.File.Application = a
		if a, err = f.Casework.Receive(ctx, tx, numbers, d.File, now); err != nil {
			return a, err
		}
	} else {
		a.State = application.Signing
		w.Applications().Change(a)
		f.happen(tx, actor, a, application.Signed, application.Draft, application.Signing)
	}
	w.Applications().Sign(port.StoredSignature{ID: f.World.ID(), Application: a.Number, Purpose: c.Purpose, Content: c.Content, Answers: answers, Signature: s})
	return a, nil
}

// lastLook is how long after a certificate's end a list that was made before the end may still be the newest: the National
// Certification Authority publishes its lists daily. Later ones leave out what has ended, and say nothing of it.
const lastLook = 24 * time.Hour

// Recheck asks again for the revocation of a pending signature and moves the application accordingly: on, or back to its
// applicant as a draft, where the certificate was revoked or has ended and nothing can be learned of it any more. It is
// repeatable: an application that is not pending any more is left alone.
func (f *Filing) Recheck(ctx context.Context, number string) error {
	var a application.Application
	var stored []port.StoredSignature
	err := f.Store.View(ctx, func(v port.View) (err error) {
		if a, err = v.Applications().Application(ctx, number); err != nil {
			return err
		}
		stored, err = v.Applications().Signatures(ctx, number)
		return err
	})
	if err != nil || a.State != application.Signing || len(stored) == 0 {
		return err
	}
	last, err := newest(stored)
	if err != nil {
		return err
	}
	revocation, evidence, err := f.Verifier.Recheck(ctx, last.Signature.Certificate, last.Signature.At)
	switch {
	case fault.KindOf(err) == fault.Invalid && err != nil:
		return f.giveBack(ctx, number, application.SignatureRefused, func(tx port.Tx, now time.Time) { settle(tx, last.ID, "revoked", evidence, now) })
	case err != nil:
		return err
	case revocation != port.RevocationGood && f.World.Now().After(last.Signature.NotAfter.Add(lastLook)):
		return f.giveBack(ctx, number, application.SignatureUnproven, func(port.Tx, time.Time) {}) // nothing was learned
	case revocation != port.RevocationGood:
		return fault.New(fault.Unavailable, "signature.pending")
	}
	now := f.World.Now()
	err = f.Numbers.Update(ctx, func(tx port.Tx, numbers *docnumber.Batch) error {
		return f.resume(ctx, tx, numbers, number, last.ID, evidence, now)
	})
	if err == nil {
		f.Jobs.Wake()
	}
	return err
}

// newest is the signature over the highest version: by time another one may be the last, where the clock was put back between two.
func newest(stored []port.StoredSignature) (last port.StoredSignature, err error) {
	version := 0
	for _, s := range stored {
		doc, err := signdoc.Parse(s.Content)
		if err != nil {
			return last, err
		}
		if doc.Version > version {
			last, version = s, doc.Version
		}
	}
	return last, nil
}

func (f *Filing) resume(ctx context.Context, tx port.Tx, numbers *docnumber.Batch, number, signature string, evidence []port.Evidence, now time.Time) error {
	dossier, err := tx.Applications().Dossier(ctx, number)
	if err != nil || dossier.Application.State != application.Signing {
		return err
	}
	file, err := f.Casework.Open(ctx, tx, dossier, now)
	if err != nil {
		return err
	}
	settle(tx, signature, port.RevocationGood, evidence, now)
	_, err = f.Casework.Receive(ctx, tx, numbers, file, now)
	return err
}

// giveBack makes a pending application its applicant's draft again, and records what was learned in the same unit.
func (f *Filing) giveBack(ctx context.Context, number string, event application.Event, record func(port.Tx, time.Time)) error {
	now := f.World.Now()
	return f.Store.Update(ctx, func(tx port.Tx) error {
		a, err := tx.Applications().Application(ctx, number)
		if err != nil || a.State != application.Signing {
			return err
		}
		a.State, a.ChangedAt, a.SentAt = application.Draft, a.Moment(now), time.Time{}
		record(tx, now)
		tx.Write().Applications().Change(a)
		f.happen(tx, access.TheSystem(), a, event, application.Signing, application.Draft)
		return nil
	})
}

// settle records what a re-check learned, and what that rests on.
func settle(tx port.Tx, signature string, r port.Revocation, evidence []port.Evidence, now time.Time) {
	tx.Write().Applications().SetRevocation(signature, r, now)
	for _, e := range evidence {
		tx.Write().Applications().AddEvidence(signature, e)
	}
}

// Pending lists the applications whose signatures wait for their revocation check.
func (f *Filing) Pending(ctx context.Context) ([]string, error) {
	var numbers []string
	err := f.Store.View(ctx, func(v port.View) (err error) {
		numbers, err = v.Applications().Pending(ctx, 100)
		return err
	})
	return numbers, err
}

// List gives the applicant's own applications.
func (f *Filing) List(ctx context.Context, actor access.Actor, s port.Search) ([]application.Application, error) {
	if err := actor.LoggedIn(); err != nil {
		return nil, err
	}
	s.Party = actor.Party
	var list []application.Application
	err := f.Store.View(ctx, func(v port.View) (err error) {
		list, err = v.Applications().List(ctx, s)
		return err
	})
	return list, err
}

// Case is an application with its history.
type Case struct {
	Draft
	Happenings []application.Happening
	Signatures []port.StoredSignature
}

// Case gives an application with its timeline and signatures.
func (f *Filing) Case(ctx context.Context, actor access.Actor, number string) (Case, error) {
	var c Case
	err := f.Store.View(ctx, func(v port.View) (err error) {
		if c.Draft, err = f.load(ctx, v, actor, number); err != nil {
			return err
		}
		if c.Happenings, err = v.Applications().Happenings(ctx, number); err != nil {
			return err
		}
		c.Signatures, err = v.Applications().Signatures(ctx, number)
		return err
	})
	return c, err
}

// Required tells the documents asked of the draft's applicant, in order, with whether each is mandatory.
func (d Draft) Required() []service.Asked {
	return d.Definition().Asked(d.Application.Operation, d.Facts.Recipient)
}

// PermitOf gives the number of the permit that an application led to; empty while there is none.
func (f *Filing) PermitOf(ctx context.Context, number string) (string, error) {
	var a application.Application
	err := f.Store.View(ctx, func(v port.View) (err error) {
		a, err = v.Applications().Application(ctx, number)
		return err
	})
	return a.Permit, err
}
