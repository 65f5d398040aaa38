package account

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"elicense/internal/fault"
	"elicense/internal/port"
	"elicense/internal/signdoc"
)

// challenge makes what is to be signed. data takes effect with the signature; its digest stands in the signed bytes, so
// none of it can be exchanged between the two steps.
func (s *Accounts) challenge(session string, purpose signdoc.Purpose, w who, data map[string]string) (port.Challenge, error) {
	if session == "" {
		return port.Challenge{}, fault.New(fault.Internal, "account.session")
	}
	now := s.world.Now()
	doc := signdoc.Document{
		Purpose: purpose, Origin: s.set.Origin, Environment: s.set.Environment, IIN: w.iin, BIN: w.bin,
		Nonce: hex.EncodeToString(s.world.Random(16)), Issued: now, Expires: now.Add(s.set.ChallengeLife),
	}
	if data != nil {
		sum := sha256.Sum256(bound(data))
		doc.Answers = hex.EncodeToString(sum[:])
	}
	content, err := doc.Bytes()
	if err != nil {
		return port.Challenge{}, err
	}
	return port.Challenge{Nonce: doc.Nonce, Purpose: string(purpose), Content: content, Session: digest("session", session), Payload: data, ExpiresAt: doc.Expires}, nil
}

// bound are the canonical bytes of what a signature confirms: one JSON object with sorted keys. The hash of the password
// is replaced by its digest, because these bytes are kept with the signature for years.
func bound(data map[string]string) []byte {
	shown := map[string]string{"schema": "elicense-account/1"}
	for key, value := range data {
		if key == "password" {
			value = digest("password", value)
		}
		shown[key] = value
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(shown) // a map of strings cannot fail to encode
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// answered is a challenge with its verified answer.
type answered struct {
	challenge port.Challenge
	signature port.Signature
	now       time.Time
}

// stored is the evidence that is kept.
func (a answered) stored(id string) port.StoredSignature {
	return port.StoredSignature{ID: id, Purpose: a.challenge.Purpose, Content: a.challenge.Content, Answers: bound(a.challenge.Payload), Signature: a.signature}
}

// details are what an audit row says about the signature.
func (a answered) details(method string) map[string]string {
	return map[string]string{"method": method, "certificate": a.signature.Fingerprint, "signature": a.signature.Digest}
}

// answer verifies a CMS against the stored bytes of a challenge that this browser session asked for. The network may be
// asked (revocation), so it runs outside of any transaction.
func (s *Accounts) answer(ctx context.Context, session, nonce string, purpose signdoc.Purpose, cms []byte) (answered, error) {
	out := answered{now: s.world.Now()}
	err := s.store.View(ctx, func(v port.View) (err error) {
		out.challenge, err = v.Keys().Challenge(ctx, nonce)
		return err
	})
	if err != nil {
		if fault.KindOf(err) == fault.NotFound {
			err = fault.New(fault.NotFound, KeyUnknownChallenge)
		}
		return out, err
	}
	c := out.challenge
	switch {
	case subtle.ConstantTimeCompare([]byte(c.Session), []byte(digest("session", session))) != 1, c.Purpose != string(purpose):
		return out, fault.New(fault.NotFound, KeyUnknownChallenge)
	case !c.UsedAt.IsZero():
		return out, fault.New(fault.Conflict, KeyUsedChallenge)
	case !out.now.Before(c.ExpiresAt):
		return out, fault.New(fault.Gone, KeyExpiredChallenge)
	}
	doc, err := signdoc.Parse(c.Content)
	if err != nil {
		return out, err
	}
	if err := unchanged(doc, c); err != nil {
		return out, err
	}
	if out.signature, err = s.verifier.Verify(ctx, c.Content, cms, out.now); err != nil {
		return out, err
	}
	return out, s.accept(doc, out)
}

// unchanged makes sure that the database still holds what the person was shown.
func unchanged(doc signdoc.Document, c port.Challenge) error {
	want := ""
	if c.Purpose != string(signdoc.Login) {
		sum := sha256.Sum256(bound(c.Payload))
		want = hex.EncodeToString(sum[:])
	}
	if doc.Nonce != c.Nonce || doc.Answers != want {
		return fault.New(fault.Internal, "account.challenge").Because(errors.New("stored challenge does not match its signed bytes"))
	}
	return nil
}

// accept judges purpose, time, holder and revocation. An unknown revocation claims nothing: the challenge stays open and
// the same signature may be sent again.
func (s *Accounts) accept(doc signdoc.Document, a answered) error {
	expect := signdoc.Expect{Purpose: signdoc.Purpose(a.challenge.Purpose), Origin: s.set.Origin, Environment: s.set.Environment, At: a.now}
	if err := doc.Accept(expect); err != nil {
		return err
	}
	signer := signdoc.Signer{IIN: a.signature.Signer.IIN, BIN: a.signature.Signer.BIN}
	for _, role := range a.signature.Signer.Roles {
		signer.Roles = append(signer.Roles, string(role))
	}
	if err := doc.AcceptSigner(signer, false); err != nil {
		return err
	}
	if a.signature.Revocation != port.RevocationGood {
		return fault.New(fault.Unavailable, KeyPending)
	}
	return nil
}

// use marks the challenge used in the unit of its effect.
func (a answered) use(tx port.Tx) { tx.Write().Keys().UseChallenge(a.challenge.Nonce, a.now) }

// used says in the words of a person that the challenge was answered by another request meanwhile.
func used(err error) error {
	if fault.Is(err, "store.challenge-used") {
		return fault.New(fault.Conflict, KeyUsedChallenge).Because(err)
	}
	return err
}
