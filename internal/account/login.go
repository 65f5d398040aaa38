package account

import (
	"context"
	"time"
	"unicode/utf8"

	"elicense/internal/fault"
	"elicense/internal/party"
	"elicense/internal/port"

	"golang.org/x/text/unicode/norm"
)

// Login is what a person types to log in.
type Login struct {
	Number            string // IIN or BIN
	RepresentativeIIN string // needed only where the BIN has several accounts
	Password          string
	RemoteKey         string // the remote address
}

// colleagues is how many hashes a log-in by BIN costs at least, so that time does not tell how many people act for it.
const colleagues = 3

// Login opens an account by number and password. An unknown number costs as much time as a known one and gives the same
// answer.
//
// Faults: fault.Invalid with the fields number, representative for numbers that cannot be; fault.Denied KeyWrong;
// fault.Invalid with the field representative (KeyRepresentative) when the password is right and the organisation has
// several accounts; fault.Throttled KeyThrottled after Limits.Account tries in the window (the certificate still opens the
// account) and KeyBusy.
//
// The attempt is counted in a unit of its own before the password is looked at: counted afterwards, a thousand guesses
// sent at once would all be judged by the count before the first.
func (s *Accounts) Login(ctx context.Context, in Login) (party.Account, error) {
	w, fields := claim(in.Number, in.RepresentativeIIN, s.world.Now())
	if err := fault.Fields(fields); err != nil {
		return party.Account{}, err
	}
	if err := s.attempt(ctx, w.number, in.RemoteKey); err != nil {
		return party.Account{}, err
	}
	known, err := s.candidates(ctx, w)
	if err != nil {
		return party.Account{}, err
	}
	a, err := s.match(ctx, w, known, in.Password)
	if err != nil {
		return party.Account{}, err
	}
	return s.enter(ctx, a, in.Password)
}

// within refuses when a key has used up its attempts.
func (s *Accounts) within(ctx context.Context, v port.View, key string, limit int, now time.Time) error {
	n, err := v.Accounts().Attempts(ctx, key, now, s.set.Limits.Window)
	if err == nil && n >= limit {
		err = fault.New(fault.Throttled, KeyThrottled)
	}
	return err
}

// attempt counts first and judges by a count that includes this attempt: however many come at once, on however many nodes,
// never more than the limit are let through.
func (s *Accounts) attempt(ctx context.Context, number, remote string) error {
	now, l := s.world.Now(), s.set.Limits
	type counter struct {
		key   string
		limit int
	}
	counters := []counter{{digest("login", number), l.Account}} // always in this order: no two units wait for each other
	if remote != "" {
		counters = append(counters, counter{digest("remote", remote), l.Remote})
	}
	judge := func(over int) error {
		return s.store.View(ctx, func(v port.View) error {
			for _, c := range counters {
				if err := s.within(ctx, v, c.key, c.limit+over, now); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := judge(0); err != nil {
		return err // refused attempts cost no write
	}
	err := s.store.Update(ctx, func(tx port.Tx) error {
		for _, c := range counters {
			tx.Write().Accounts().AddAttempt(c.key, now, l.Window)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return judge(1)
}

// candidates are the accounts that this log-in may mean.
func (s *Accounts) candidates(ctx context.Context, w who) ([]party.Account, error) {
	var list []party.Account
	err := s.store.View(ctx, func(v port.View) (err error) {
		list, err = v.Accounts().ByNumber(ctx, w.number)
		return err
	})
	if err != nil || w.iin == "" {
		return list, err
	}
	for _, a := range list {
		if a.IIN == w.iin {
			return []party.Account{a}, nil
		}
	}
	return nil, nil
}

// match compares the password with the candidates.
func (s *Accounts) match(ctx context.Context, w who, known []party.Account, password string) (party.Account, error) {
	atLeast := 1
	if w.iin == "" {
		atLeast = colleagues
	}
	hashes := make([]string, len(known))
	for i, a := range known {
		hashes[i] = a.Password
	}
	right, err := s.hasher.matches(ctx, typed(password), hashes, atLeast)
	if err != nil {
		return party.Account{}, err
	}
	for i, ok := range right {
		if ok && len(known) > 1 {
			return party.Account{}, fault.At("representative", KeyRepresentative)
		}
		if ok {
			return known[i], nil
		}
	}
	return party.Account{}, fault.New(fault.Denied, KeyWrong)
}

// typed bounds and normalises a password that is only compared.
func typed(password string) string {
	if len(password) > 4*4*maxPassword || !utf8.ValidString(password) {
		return "" // no account has the empty password
	}
	return norm.NFC.String(password)
}

// enter records the log-in, forgets the failed attempts and renews a hash that was made with less work than is asked now.
// A renewed hash changes Mark, so it ends the account's other sessions.
func (s *Accounts) enter(ctx context.Context, a party.Account, password string) (party.Account, error) {
	renewed := ""
	if s.hasher.weak(a.Password) {
		var err error
		if renewed, err = s.hasher.hash(ctx, typed(password)); err != nil {
			return party.Account{}, err
		}
	}
	now, checked := s.world.Now(), a.Password
	err := s.store.Update(ctx, func(tx port.Tx) (err error) {
		if a, err = tx.Accounts().Account(ctx, a.ID); err != nil {
			return err
		}
		if a.Password != checked { // changed or recovered since it was compared
			return fault.New(fault.Denied, KeyWrong)
		}
		tx.Write().Accounts().ClearAttempts(digest("login", a.Party.Number))
		tx.Write().Records().Audit(s.entry(a.ID, "account.logged-in", a.ID, now, map[string]string{"method": "password"}))
		if renewed != "" {
			a.Password = renewed
			tx.Write().Accounts().ChangeAccount(a)
			a.Version++
		}
		return nil
	})
	if err != nil {
		return party.Account{}, err
	}
	return a, nil
}
