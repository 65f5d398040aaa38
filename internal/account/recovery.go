package account

import (
	"context"

	"elicense/internal/fault"
	"elicense/internal/party"
	"elicense/internal/port"
	"elicense/internal/signdoc"
)

// Recovery is what a person types who lost the password.
type Recovery struct {
	Number            string // IIN or BIN
	RepresentativeIIN string // with a BIN
	Password          string // the new one
	Remote            string
}

// StartRecovery gives what the person signs to set a new password. As with registration, whether there is an account is
// not looked at. Faults as of StartRegistration, with the fields number, representative, password.
func (s *Accounts) StartRecovery(ctx context.Context, session string, in Recovery) (port.Challenge, error) {
	w, fields := s.signatory(in.Number, in.RepresentativeIIN)
	password, key := s.policy.check(in.Password, w.number, w.iin)
	if key != "" {
		fields = append(fields, fault.Field{Path: "password", Key: key})
	}
	if err := fault.Fields(fields); err != nil {
		return port.Challenge{}, err
	}
	return s.begin(ctx, session, signdoc.Recovery, w, in.Remote, password, map[string]string{})
}

// FinishRecovery sets the new password, takes the names from the certificate, and ends every session of the account. Faults
// as of FinishRegistration; without an account fault.NotFound KeyUnknownHolder, to the owner of the key only.
func (s *Accounts) FinishRecovery(ctx context.Context, session, nonce string, cms []byte) (party.Account, error) {
	got, err := s.answer(ctx, session, nonce, signdoc.Recovery, cms)
	if err != nil {
		return party.Account{}, err
	}
	signer := got.signature.Signer
	w := holder(signer)
	var a party.Account
	err = s.store.Update(ctx, func(tx port.Tx) error {
		var ok bool
		var err error
		if a, ok, err = find(ctx, tx, w); err != nil || !ok {
			return unknownHolder(err)
		}
		a.Password = got.challenge.Payload["password"]
		a.Surname, a.GivenName, a.Patronymic = signer.Surname, signer.GivenName, signer.Patronymic
		got.use(tx)
		tx.Write().Accounts().ChangeAccount(a)
		tx.Write().Accounts().ClearAttempts(digest("login", w.number))
		tx.Write().Sessions().DeleteOf(a.ID)
		tx.Write().Applications().Sign(got.stored(s.world.ID()))
		tx.Write().Records().Audit(s.entry(a.ID, "account.recovered", a.ID, got.now, got.details("certificate")))
		a.Version++
		return nil
	})
	if err != nil {
		return party.Account{}, used(err)
	}
	return a, nil
}

// StartLogin gives what a person signs to log in by certificate; the certificate tells who it is.
func (s *Accounts) StartLogin(ctx context.Context, session string) (port.Challenge, error) {
	c, err := s.challenge(session, signdoc.Login, who{}, nil)
	if err != nil {
		return port.Challenge{}, err
	}
	return c, s.store.Update(ctx, func(tx port.Tx) error {
		tx.Write().Keys().AddChallenge(c)
		return nil
	})
}

// FinishLogin gives the account of the certificate's holder: an organisation's certificate opens that person's account
// for the organisation, an individual's the person's own. The limit of attempts does not apply. Faults: those of the
// challenge and of the signature, fault.Unavailable KeyPending, fault.NotFound KeyUnknownHolder.
func (s *Accounts) FinishLogin(ctx context.Context, session, nonce string, cms []byte) (party.Account, error) {
	got, err := s.answer(ctx, session, nonce, signdoc.Login, cms)
	if err != nil {
		return party.Account{}, err
	}
	w := holder(got.signature.Signer)
	var a party.Account
	err = s.store.Update(ctx, func(tx port.Tx) error {
		var ok bool
		var err error
		if a, ok, err = find(ctx, tx, w); err != nil || !ok {
			return unknownHolder(err)
		}
		got.use(tx)
		tx.Write().Records().Audit(s.entry(a.ID, "account.logged-in", a.ID, got.now, got.details("certificate")))
		return nil
	})
	if err != nil {
		return party.Account{}, used(err)
	}
	return a, nil
}

func unknownHolder(err error) error {
	if err != nil {
		return err
	}
	return fault.New(fault.NotFound, KeyUnknownHolder)
}
