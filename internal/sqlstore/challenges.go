package sqlstore

import (
	"context"
	"time"

	"elicense/internal/fault"
	"elicense/internal/party"
	"elicense/internal/port"
)

const challengeColumns = `c.nonce, c.purpose, c.content, c.session, c.account, c.application, c.version, c.payload, c.expires_at, c.used_at`

func challengeDest(c *port.Challenge) []any {
	return []any{&c.Nonce, &c.Purpose, &c.Content, &c.Session, &c.Account, &c.Application, &c.Version, fromJSON(&c.Payload), &c.ExpiresAt, &c.UsedAt}
}

func scanChallenge(r rows, c *port.Challenge) error { return scan(r, challengeDest(c)...) }

func (v keys) Challenge(ctx context.Context, nonce string) (port.Challenge, error) {
	return get(ctx, v.db, scanChallenge, `SELECT `+challengeColumns+` FROM challenge c WHERE c.nonce = $1`, nonce)
}

func (w keyWrites) AddChallenge(c port.Challenge) {
	w.u.add(`INSERT INTO challenge (nonce, purpose, content, session, account, application, version, payload, expires_at, used_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		c.Nonce, c.Purpose, c.Content, c.Session, c.Account, c.Application, c.Version, jsonText(c.Payload), c.ExpiresAt, c.UsedAt)
}

func (w keyWrites) UseChallenge(nonce string, at time.Time) {
	w.u.guarded(fault.New(fault.Conflict, "store.challenge-used"),
		`UPDATE challenge SET used_at = $2 WHERE nonce = $1 AND used_at = 0`, nonce, at)
}

func (w keyWrites) ForgetChallenges(before time.Time) {
	w.u.add(`DELETE FROM challenge WHERE used_at = 0 AND expires_at < $1`, before)
}

type sessions struct{ db querier }

func scanSession(r rows, s *port.Session) error {
	return scan(r, &s.Token, &s.Data, &s.Account, &s.ExpiresAt)
}

func (v sessions) Session(ctx context.Context, token string, now time.Time) (port.Session, bool, error) {
	return find(ctx, v.db, scanSession, `SELECT token, data, account, expires_at FROM session WHERE token = $1 AND expires_at > $2`, token, now)
}

// held is a session with its account.
type held struct {
	session port.Session
	account party.Account
}

func scanHeld(r rows, h *held) error {
	own := []any{&h.session.Token, &h.session.Data, &h.session.Account, &h.session.ExpiresAt}
	return scan(r, append(own, accountDest(&h.account)...)...)
}

func (v sessions) Held(ctx context.Context, token string, now time.Time) (port.Session, party.Account, bool, error) {
	h, ok, err := find(ctx, v.db, scanHeld, `SELECT s.token, s.data, s.account, s.expires_at, `+accountColumns+`
		FROM session s JOIN account a ON a.id = s.account JOIN party p ON p.id = a.party WHERE s.token = $1 AND s.expires_at > $2`, token, now)
	return h.session, h.account, ok, err
}

type sessionWrites struct{ u *unit }

func (w sessionWrites) Put(s port.Session) {
	w.u.add(`INSERT INTO session (token, data, account, expires_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (token) DO UPDATE SET data = excluded.data, account = excluded.account, expires_at = excluded.expires_at`,
		s.Token, s.Data, s.Account, s.ExpiresAt)
}

func (w sessionWrites) Delete(token string) { w.u.add(`DELETE FROM session WHERE token = $1`, token) }

func (w sessionWrites) DeleteOf(account string) {
	if account != "" { // the sessions before log-in are nobody's
		w.u.add(`DELETE FROM session WHERE account = $1 AND account <> ''`, account)
	}
}

func (w sessionWrites) DeleteExpired(before time.Time) {
	w.u.add(`DELETE FROM session WHERE expires_at < $1`, before)
}
