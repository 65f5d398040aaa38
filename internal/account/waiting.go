package account

import (
	"context"
	"crypto/subtle"

	"elicense/internal/fault"
	"elicense/internal/port"
	"elicense/internal/signdoc"
)

// Waiting gives a challenge that waits for its signature, to the browser session that asked for it and to no other. It
// serves challenges of every purpose, so that the page that shows one and the download of the document can find it.
//
// Faults: fault.NotFound KeyUnknownChallenge, fault.Conflict KeyUsedChallenge, fault.Gone KeyExpiredChallenge; the
// challenge comes with the latter two as well.
func (s *Accounts) Waiting(ctx context.Context, session, nonce string) (port.Challenge, error) {
	var c port.Challenge
	err := s.store.View(ctx, func(v port.View) (err error) {
		c, err = v.Keys().Challenge(ctx, nonce)
		return err
	})
	if fault.KindOf(err) == fault.NotFound && err != nil || err == nil && !asked(c, session) {
		return port.Challenge{}, fault.New(fault.NotFound, KeyUnknownChallenge)
	}
	switch {
	case err != nil:
		return port.Challenge{}, err
	case !c.UsedAt.IsZero():
		return c, fault.New(fault.Conflict, KeyUsedChallenge)
	case !s.world.Now().Before(c.ExpiresAt):
		return c, fault.New(fault.Gone, KeyExpiredChallenge)
	}
	return c, nil
}

// asked tells whether a session asked for a challenge. The use case of applications keeps the session's name as it is
// given, this package its digest.
func asked(c port.Challenge, session string) bool {
	if session == "" {
		return false
	}
	own := subtle.ConstantTimeCompare([]byte(c.Session), []byte(digest("session", session)))
	plain := subtle.ConstantTimeCompare([]byte(c.Session), []byte(session))
	return own|plain == 1
}

// Renew asks once more for what a challenge of registration or recovery asked, when its time is over: what was typed is
// kept with it. Faults: fault.NotFound KeyUnknownChallenge, fault.Conflict KeyUsedChallenge.
func (s *Accounts) Renew(ctx context.Context, session, nonce string) (port.Challenge, error) {
	old, err := s.Waiting(ctx, session, nonce)
	if err == nil {
		return old, nil
	}
	if !fault.Is(err, KeyExpiredChallenge) {
		return port.Challenge{}, err
	}
	purpose := signdoc.Purpose(old.Purpose)
	if purpose != signdoc.Registration && purpose != signdoc.Recovery {
		return port.Challenge{}, fault.New(fault.NotFound, KeyUnknownChallenge)
	}
	doc, err := signdoc.Parse(old.Content)
	if err != nil {
		return port.Challenge{}, err
	}
	if err := unchanged(doc, old); err != nil {
		return port.Challenge{}, err
	}
	c, err := s.challenge(session, purpose, who{iin: doc.IIN, bin: doc.BIN}, old.Payload)
	if err != nil {
		return port.Challenge{}, err
	}
	return c, s.store.Update(ctx, func(tx port.Tx) error {
		tx.Write().Keys().AddChallenge(c)
		return nil
	})
}
