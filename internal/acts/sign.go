package acts

import (
	"context"
	"encoding/hex"
	"time"

	"elicense/internal/access"
	"elicense/internal/casework"
	"elicense/internal/fault"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/signdoc"
)

// signingTime is how long a prepared document may be signed.
const signingTime = 30 * time.Minute

// payloadOrder names the order in a challenge.
const payloadOrder = "order"

// OrderOf gives the order that a document of Prepare confirms.
func OrderOf(c port.Challenge) string { return c.Payload[payloadOrder] }

// signed is a verified signature over an act, on its way into the unit that makes it.
type signed struct {
	challenge port.Challenge
	document  signdoc.Document
	signature port.Signature
}

// Resolution is an act that an official is about to sign.
type Resolution struct {
	Ordered
	Challenge port.Challenge
	Digest    string // of the act
	BIN       string // of the state body; empty = not known to the system, so that only the person is compared
}

// Prepare makes the document that an official signs to confirm an order, bound to the browser session that asked. Faults as those
// of Confirm; fault.Conflict "decision.no-signature" where acts are not signed.
func (s *Acts) Prepare(ctx context.Context, actor access.Actor, session, id string) (Resolution, error) {
	o, err := s.Order(ctx, actor, id)
	r := Resolution{Ordered: o}
	if err != nil {
		return r, err
	}
	if err := o.Order.MayConfirm(actor); err != nil {
		return r, err
	}
	if !o.Signed {
		return r, fault.New(fault.Conflict, "decision.no-signature")
	}
	o.Order.Act.Order = id
	a, err := o.Card.Permit.Next(o.Card.Acts, o.Order.Act, o.Card.Today)
	if err != nil {
		return r, err
	}
	now := s.World.Now().Truncate(time.Second)
	r.Digest, r.BIN = a.Digest(), o.Card.Body.BIN
	doc := signdoc.Document{
		Purpose: signdoc.Act, Origin: s.Signing.Origin, Environment: s.Signing.Environment, IIN: actor.Person, BIN: r.BIN,
		Application: a.Permit, Version: a.Seq, Answers: r.Digest, Nonce: hex.EncodeToString(s.World.Random(16)), Issued: now, Expires: now.Add(signingTime),
	}
	content, err := doc.Bytes()
	if err != nil {
		return r, err
	}
	r.Challenge = port.Challenge{Nonce: doc.Nonce, Purpose: string(doc.Purpose), Content: content, Session: session, Account: actor.Account,
		Payload: map[string]string{payloadOrder: id}, ExpiresAt: doc.Expires}
	return r, s.Store.Update(ctx, func(tx port.Tx) error {
		tx.Write().Keys().AddChallenge(r.Challenge)
		return nil
	})
}

// ConfirmSigned confirms an order as the official has signed it. While nothing is known of the certificate's revocation the act is
// not made: fault.Unavailable casework.KeyDecisionPending, and the same signature may be sent again.
func (s *Acts) ConfirmSigned(ctx context.Context, actor access.Actor, session, id, nonce string, cms []byte) error {
	if _, err := s.Order(ctx, actor, id); err != nil {
		return err
	}
	x := &signed{}
	err := s.Store.View(ctx, func(v port.View) (err error) {
		x.challenge, err = v.Keys().Challenge(ctx, nonce)
		return err
	})
	c, now := x.challenge, s.World.Now()
	switch {
	case err != nil && fault.KindOf(err) != fault.NotFound:
		return err
	case err != nil, c.Account == "", c.Account != actor.Account, c.Session != session, OrderOf(c) != id, c.Purpose != string(signdoc.Act):
		return fault.New(fault.Gone, casework.KeyDecisionUnknown)
	}
	if x.document, x.signature, err = s.Signing.Accept(ctx, c, cms, now); err != nil {
		return err
	}
	return s.confirm(ctx, actor, id, x)
}

// keep holds the act against what was signed, and writes the signature in the unit that makes it, beside those of the application
// that led to the permit.
func (x *signed) keep(s *Acts, tx port.Tx, p permit.Permit, a permit.Act, person string) error {
	if x == nil {
		return nil
	}
	if a.Digest() != x.document.Answers || a.Seq != x.document.Version || a.Permit != x.document.Application || person != x.document.IIN {
		return fault.New(fault.Conflict, casework.KeyDecisionChanged)
	}
	tx.Write().Keys().UseChallenge(x.challenge.Nonce, a.At)
	tx.Write().Applications().Sign(port.StoredSignature{ID: s.World.ID(), Application: p.Application, Purpose: string(signdoc.Act), Content: x.challenge.Content,
		Answers: a.Resolution(), Signature: x.signature})
	return nil
}
