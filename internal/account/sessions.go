package account

import (
	"bytes"
	"context"
	"encoding/json"
	"sync"
	"time"

	"elicense/internal/fault"
	"elicense/internal/party"
	"elicense/internal/port"
)

// The values that a session holds about a log-in; the store reads the first one, so that all sessions of an account can
// be ended.
const (
	SessionAccount = "account"
	SessionMark    = "mark"
)

// Lag is how far the stored end of an idle session may lag behind: a request that changes nothing else writes no row more
// often. So a session may end by so much earlier than the manager's idle time says, and the person is told the earlier end.
const Lag = 5 * time.Minute

// tombstone is how long an ended session is remembered, longer than any request runs: one that was under way when the
// person logged out would otherwise write the session back.
const tombstone = 15 * time.Minute

// Sessions keeps browser sessions in the database, in the shape that github.com/alexedwards/scs/v2 asks of a CtxStore. The
// token is kept as its SHA-256 only: who reads the database cannot take over a session.
type Sessions struct {
	store port.Store
	world port.World

	mu   sync.Mutex
	seen map[string]found // what was found last, by token: neither who holds it nor what a commit changes is read again
}

// maxSeen bounds the memory of what was found; beyond it all is forgotten, which costs a read each.
const maxSeen = 1_000

// NewSessions makes the store of sessions.
func NewSessions(store port.Store, world port.World) *Sessions {
	return &Sessions{store: store, world: world, seen: map[string]found{}}
}

// found is a session as it was read, with its account where somebody is logged in.
type found struct {
	row     port.Session
	account party.Account
}

// Holder gives the account of a session that was found at the beginning of this request.
func (s *Sessions) Holder(token string) (party.Account, bool) {
	f, ok := s.recall(digest("token", token))
	return f.account, ok && f.account.ID != ""
}

func (s *Sessions) remember(f found) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.seen) >= maxSeen {
		clear(s.seen)
	}
	s.seen[f.row.Token] = f
}

func (s *Sessions) recall(token string) (found, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, ok := s.seen[token]
	return f, ok
}

// ended marks a session that was deleted; no encoded session looks like it.
func ended() []byte { return []byte("ended") }

// content is a session as it is stored.
type content struct {
	Deadline time.Time      `json:"deadline"`
	Values   map[string]any `json:"values"`
}

// Codec writes a session, whose values are texts and yes or no, as JSON: the same content gives the same bytes.
type Codec struct{}

// Encode gives the bytes of a session.
func (Codec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	return json.Marshal(content{deadline.UTC(), values})
}

// Decode reads what Encode wrote.
func (Codec) Decode(data []byte) (time.Time, map[string]any, error) {
	var c content
	if err := json.Unmarshal(data, &c); err != nil {
		return time.Time{}, nil, fault.New(fault.Internal, "account.session").Because(err)
	}
	return c.Deadline, c.Values, nil
}

// FindCtx gives the data of a session that has not ended.
func (s *Sessions) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	key, now := digest("token", token), s.world.Now()
	var f found
	ok := false
	err := s.store.View(ctx, func(v port.View) (err error) {
		if f.row, f.account, ok, err = v.Sessions().Held(ctx, key, now); ok || err != nil {
			return err
		}
		f.row, ok, err = v.Sessions().Session(ctx, key, now)
		return err
	})
	if err != nil || !ok || bytes.Equal(f.row.Data, ended()) {
		return nil, false, err
	}
	s.remember(f)
	return f.row.Data, true, nil
}

// CommitCtx stores a session. One that has ended stays so, and one that has only moved its end by less than Lag is not
// written.
func (s *Sessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	row := port.Session{Token: digest("token", token), Data: data, ExpiresAt: expiry.UTC().Truncate(time.Microsecond)}
	if before, ok := s.recall(row.Token); ok && same(before.row, row) {
		return nil // nothing to write: whatever became of the session meanwhile stays as it is
	}
	_, values, err := Codec{}.Decode(data)
	if err != nil {
		return err
	}
	row.Account, _ = values[SessionAccount].(string)
	return s.store.Update(ctx, func(tx port.Tx) error {
		before, ok, err := tx.Sessions().Session(ctx, row.Token, s.world.Now())
		if err != nil {
			return err
		}
		if ok && (bytes.Equal(before.Data, ended()) || same(before, row)) {
			return nil
		}
		tx.Write().Sessions().Put(row)
		return nil
	})
}

// same tells whether nothing but the end has moved, and that by less than Lag.
func same(before, now port.Session) bool {
	moved := now.ExpiresAt.Sub(before.ExpiresAt)
	return moved >= 0 && moved < Lag && bytes.Equal(before.Data, now.Data)
}

// DeleteCtx ends a session; an unknown one is no error.
func (s *Sessions) DeleteCtx(ctx context.Context, token string) error {
	now := s.world.Now()
	return s.store.Update(ctx, func(tx port.Tx) error {
		tx.Write().Sessions().Put(port.Session{Token: digest("token", token), Data: ended(), ExpiresAt: now.Add(tombstone)})
		return nil
	})
}

// Find is FindCtx without a context.
func (s *Sessions) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx without a context.
func (s *Sessions) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx without a context.
func (s *Sessions) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }
