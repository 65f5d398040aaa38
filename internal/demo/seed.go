package demo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"elicense/internal/account"
	"elicense/internal/cms"
	"elicense/internal/demo/ca"
	"elicense/internal/fault"
	"elicense/internal/port"
)

// Seed registers the people of the demonstration that are not registered yet, by the same steps as a visitor: a signed
// registration with the person's key. Employees without the right to sign stay unregistered: they show the refusal.
func Seed(ctx context.Context, accounts *account.Accounts, store port.Store, keys map[string]ca.KeyPair, now func() time.Time) error {
	for _, p := range People() {
		if p.Key.Kind == ca.Employee {
			continue
		}
		known, err := registered(ctx, store, p)
		if err != nil {
			return err
		}
		if known {
			continue
		}
		if err := register(ctx, accounts, p, keys[p.Key.Name()], now()); err != nil {
			return err
		}
		if err := fill(ctx, store, p); err != nil {
			return err
		}
	}
	return nil
}

func registered(ctx context.Context, store port.Store, p Person) (bool, error) {
	known := false
	err := store.View(ctx, func(v port.View) error {
		list, err := v.Accounts().ByNumber(ctx, p.Number())
		for _, a := range list {
			known = known || a.IIN == p.Key.IIN
		}
		return err
	})
	return known, err
}

func register(ctx context.Context, accounts *account.Accounts, p Person, key ca.KeyPair, now time.Time) error {
	sum := sha256.Sum256([]byte(p.Key.Name()))
	session := hex.EncodeToString(sum[:16])
	in := account.Registration{Number: p.Number(), Email: p.Key.Email, Phone: p.Phone, Password: Password, Lang: "kk"}
	if p.Key.BIN != "" {
		in.RepresentativeIIN = p.Key.IIN
	}
	challenge, err := accounts.StartRegistration(ctx, session, in)
	if err != nil {
		return err
	}
	signature, err := Sign(challenge.Content, key, now)
	if err != nil {
		return err
	}
	_, err = accounts.FinishRegistration(ctx, session, challenge.Nonce, signature)
	if fault.Is(err, account.KeyExists) {
		return nil
	}
	return err
}

// fill gives the party its typical fields.
func fill(ctx context.Context, store port.Store, p Person) error {
	if len(p.Profile) == 0 {
		return nil
	}
	return store.Update(ctx, func(tx port.Tx) error {
		owner, ok, err := tx.Accounts().PartyByNumber(ctx, p.Number())
		if err != nil || !ok {
			return err
		}
		owner.Profile = p.Profile
		tx.Write().Accounts().ChangeParty(owner)
		return nil
	})
}

// Sign makes the detached signature that NCALayer would make with a key.
func Sign(content []byte, key ca.KeyPair, now time.Time) ([]byte, error) {
	return cms.Sign(content, key.Key, key.Certificate, cms.Options{Detached: true, SigningTime: now})
}
