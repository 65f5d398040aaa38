package account

import (
	"context"
	"maps"

	"elicense/internal/access"
	"elicense/internal/fault"
	"elicense/internal/party"
	"elicense/internal/port"
)

// Profile gives the actor's account with its party, without the password hash.
func (s *Accounts) Profile(ctx context.Context, actor access.Actor) (party.Account, error) {
	var a party.Account
	err := s.store.View(ctx, func(v port.View) (err error) {
		a, err = own(ctx, v, actor)
		return err
	})
	a.Password = ""
	return a, err
}

// own loads the actor's account.
func own(ctx context.Context, v port.View, actor access.Actor) (party.Account, error) {
	if err := actor.LoggedIn(); err != nil {
		return party.Account{}, err
	}
	a, err := v.Accounts().Account(ctx, actor.Account)
	if err != nil {
		return party.Account{}, err
	}
	return a, access.May(actor, access.Change, a.Party.ID)
}

// ProfileChange is what a person saves in the profile. The versions are those that the page showed.
type ProfileChange struct {
	Email, Phone, Lang string
	// Values are the typical fields of the party, by field key; they replace the ones before.
	Values         map[string]string
	AccountVersion int
	PartyVersion   int
}

// CheckValues gives the values in canonical form, or the faults at their fields. It knows which fields there are, drops
// what is not among them, and is handed in because the definitions of forms are not this package's business.
type CheckValues func(p party.Party, values map[string]string) (map[string]string, []fault.Field)

// SaveProfile stores the contact of the account and the typical fields of the party. Faults: fault.Invalid with fields,
// fault.Conflict KeyChanged when either was saved elsewhere since the page was shown.
func (s *Accounts) SaveProfile(ctx context.Context, actor access.Actor, in ProfileChange, check CheckValues) (party.Account, error) {
	email, phone, language, contactFaults := contact(in.Email, in.Phone, in.Lang)
	now := s.world.Now()
	var a party.Account
	err := s.store.Update(ctx, func(tx port.Tx) (err error) {
		if a, err = own(ctx, tx, actor); err != nil {
			return err
		}
		values, fields := check(a.Party, maps.Clone(in.Values))
		if err := fault.Fields(append(contactFaults[:len(contactFaults):len(contactFaults)], fields...)); err != nil {
			return err
		}
		if a.Version != in.AccountVersion || a.Party.Version != in.PartyVersion {
			return fault.New(fault.Conflict, KeyChanged)
		}
		a.Email, a.Phone, a.Lang, a.Party.Profile = email, phone, language, values
		tx.Write().Accounts().ChangeAccount(a)
		tx.Write().Accounts().ChangeParty(a.Party)
		tx.Write().Records().Audit(s.entry(actor.Name(), "account.profile-saved", a.ID, now, nil))
		a.Version++
		a.Party.Version++
		return nil
	})
	if err != nil {
		return party.Account{}, err
	}
	a.Password = ""
	return a, nil
}

// ChangePassword sets a new password for one who knows the old one and ends every session of the account; the caller
// renews the current one with the Mark of the account that is returned. Faults: fault.Invalid with the field current
// (account.password-wrong) or password (password.…), fault.Throttled KeyThrottled as for Login, fault.Conflict KeyChanged.
func (s *Accounts) ChangePassword(ctx context.Context, actor access.Actor, current, next string) (party.Account, error) {
	var a party.Account
	err := s.store.View(ctx, func(v port.View) (err error) {
		a, err = own(ctx, v, actor)
		return err
	})
	if err != nil {
		return party.Account{}, err
	}
	next, key := s.policy.check(next, a.Party.Number, a.IIN, a.Email, a.Phone)
	if key != "" {
		return party.Account{}, fault.At("password", key)
	}
	if err := s.attempt(ctx, a.Party.Number, ""); err != nil {
		return party.Account{}, err
	}
	right, err := s.hasher.matches(ctx, typed(current), []string{a.Password}, 1)
	if err != nil {
		return party.Account{}, err
	}
	if !right[0] {
		return party.Account{}, fault.At("current", "account.password-wrong")
	}
	hash, err := s.hasher.hash(ctx, next)
	if err != nil {
		return party.Account{}, err
	}
	return s.replacePassword(ctx, actor, a.Password, hash)
}

// replacePassword writes the new hash where the compared one still stands.
func (s *Accounts) replacePassword(ctx context.Context, actor access.Actor, compared, hash string) (party.Account, error) {
	now := s.world.Now()
	var a party.Account
	err := s.store.Update(ctx, func(tx port.Tx) (err error) {
		if a, err = own(ctx, tx, actor); err != nil {
			return err
		}
		if a.Password != compared {
			return fault.New(fault.Conflict, KeyChanged)
		}
		a.Password = hash
		tx.Write().Accounts().ChangeAccount(a)
		tx.Write().Accounts().ClearAttempts(digest("login", a.Party.Number))
		tx.Write().Sessions().DeleteOf(a.ID)
		tx.Write().Records().Audit(s.entry(actor.Name(), "account.password-changed", a.ID, now, nil))
		a.Version++
		return nil
	})
	if err != nil {
		return party.Account{}, err
	}
	return a, nil
}
