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
	x, err := s.Signing.Accept(ctx, s.Store, port.Challenge{Nonce: nonce, Purpose: string(signdoc.Act), Session: session, Account: actor.Account, Payload: map[string]string{payloadOrder: id}}, cms, s.World.Now())
	if err != nil {
		return err
	}
	return s.confirm(ctx, actor, id, x)
}

// keep holds the act against what was signed, and writes the signature in the unit that makes it, beside those of the application
// that led to the permit.
func (s *Acts) keep(tx port.Tx, x *casework.Signed, p permit.Permit, a permit.Act, person string) error {
	if x == nil {
		return nil
	}
	if a.Digest() != x.Document.Answers || a.Seq != x.Document.Version || a.Permit != x.Document.Application || person != x.Document.IIN {
		return fault.New(fault.Conflict, casework.KeyDecisionChanged)
	}
	tx.Write().Keys().UseChallenge(x.Challenge.Nonce, a.At)
	tx.Write().Applications().Sign(port.StoredSignature{ID: s.World.ID(), Application: p.Application, Purpose: string(signdoc.Act), Content: x.Challenge.Content,
		Answers: a.Resolution(), Signature: x.Signature})
	return nil
}
