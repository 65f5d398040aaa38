package account

import (
	"context"

	"elicense/internal/fault"
	"elicense/internal/party"
	"elicense/internal/port"
	"elicense/internal/signdoc"
)

// Registration is what a person types to get an account.
type Registration struct {
	Number            string // IIN, or BIN of an organisation
	RepresentativeIIN string // of the person who will act for the organisation; with a BIN
	Email             string
	Phone             string
	Password          string
	Lang              string // language of messages: kk, ru, en
	Remote            string // the remote address, for the limit of attempts; empty = not limited
}

// StartRegistration checks what was typed and gives what the person signs with the key that belongs to the number.
// session is any secret that stays the same in this browser until the answer; only its digest is kept. Whether the
// number has an account is not looked at.
//
// Faults: fault.Invalid with the fields number, representative, email, phone, lang, password; fault.Throttled KeyThrottled
// and KeyBusy.
func (s *Accounts) StartRegistration(ctx context.Context, session string, in Registration) (port.Challenge, error) {
	w, fields := s.signatory(in.Number, in.RepresentativeIIN)
	email, phone, language, more := contact(in.Email, in.Phone, in.Lang)
	fields = append(fields, more...)
	password, key := s.policy.check(in.Password, w.number, w.iin, in.Email, phone)
	if key != "" {
		fields = append(fields, fault.Field{Path: "password", Key: key})
	}
	if err := fault.Fields(fields); err != nil {
		return port.Challenge{}, err
	}
	return s.begin(ctx, session, signdoc.Registration, w, in.Remote, password, map[string]string{"email": email, "phone": phone, "lang": language})
}

// signatory is claim where the person who signs must be known.
func (s *Accounts) signatory(number, representative string) (who, []fault.Field) {
	w, fields := claim(number, representative, s.world.Now())
	if w.bin != "" && w.iin == "" && len(fields) == 0 {
		fields = append(fields, fault.Field{Path: "representative", Key: "account.representative"})
	}
	return w, fields
}

// begin hashes the password and stores the challenge, within the limit of the remote address.
func (s *Accounts) begin(ctx context.Context, session string, purpose signdoc.Purpose, w who, remote, password string, data map[string]string) (port.Challenge, error) {
	now, key := s.world.Now(), digest("start", remote)
	err := s.store.View(ctx, func(v port.View) error {
		if remote == "" {
			return nil
		}
		return s.within(ctx, v, key, s.set.Limits.Start, now)
	})
	if err != nil {
		return port.Challenge{}, err
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return port.Challenge{}, err
	}
	data["password"] = hash
	c, err := s.challenge(session, purpose, w, data)
	if err != nil {
		return port.Challenge{}, err
	}
	err = s.store.Update(ctx, func(tx port.Tx) error {
		if remote != "" {
			tx.Write().Accounts().AddAttempt(key, now, s.set.Limits.Window)
		}
		tx.Write().Keys().AddChallenge(c)
		return nil
	})
	return c, err
}

// FinishRegistration makes the account when the signature is that of the person or organisation who was named. Names come
// from the certificate.
//
// Faults: those of the challenge (unknown, used, expired), fault.Invalid and fault.Denied "signature.…", fault.Unavailable
// KeyPending, and, to the owner of the key only, fault.Conflict KeyExists.
func (s *Accounts) FinishRegistration(ctx context.Context, session, nonce string, cms []byte) (party.Account, error) {
	got, err := s.answer(ctx, session, nonce, signdoc.Registration, cms)
	if err != nil {
		return party.Account{}, err
	}
	w := holder(got.signature.Signer)
	var a party.Account
	unit := func(tx port.Tx) error {
		a, err = s.register(ctx, tx, w, got)
		return err
	}
	err = s.store.Update(ctx, unit)
	if fault.Is(err, "store.party-exists") { // a colleague registered the organisation in the same moment
		err = s.store.Update(ctx, unit)
	}
	if fault.Is(err, "store.account-exists") {
		err = fault.New(fault.Conflict, KeyExists).Because(err)
	}
	if err != nil {
		return party.Account{}, used(err)
	}
	return a, nil
}

// holder is whom a certificate names.
func holder(s port.Signer) who {
	if s.BIN != "" {
		return who{number: s.BIN, iin: s.IIN, bin: s.BIN}
	}
	return who{number: s.IIN, iin: s.IIN}
}

func (s *Accounts) register(ctx context.Context, tx port.Tx, w who, got answered) (party.Account, error) {
	if _, ok, err := find(ctx, tx, w); err != nil || ok {
		if err == nil {
			err = fault.New(fault.Conflict, KeyExists)
		}
		return party.Account{}, err
	}
	p, ok, err := tx.Accounts().PartyByNumber(ctx, w.number)
	if err != nil {
		return party.Account{}, err
	}
	signer, data := got.signature.Signer, got.challenge.Payload
	if !ok {
		p = newParty(s.world.ID(), w, signer, got.now)
		tx.Write().Accounts().AddParty(p)
		e := s.entry("", "party.created", "", got.now, got.details("certificate"))
		e.Actor, e.Object = "anonymous", "party/"+p.ID
		tx.Write().Records().Audit(e)
	}
	a := party.Account{
		ID: s.world.ID(), Party: p, IIN: w.iin, Surname: signer.Surname, GivenName: signer.GivenName, Patronymic: signer.Patronymic,
		Email: data["email"], Phone: data["phone"], Lang: data["lang"], Password: data["password"], Version: 1, CreatedAt: got.now,
	}
	tx.Write().Accounts().AddAccount(a)
	got.use(tx)
	tx.Write().Applications().Sign(got.stored(s.world.ID()))
	tx.Write().Records().Audit(s.entry(a.ID, "account.registered", a.ID, got.now, got.details("certificate")))
	return a, nil
}

// find gives the account of a person for a number.
func find(ctx context.Context, v port.View, w who) (party.Account, bool, error) {
	list, err := v.Accounts().ByNumber(ctx, w.number)
	if err != nil {
		return party.Account{}, false, err
	}
	for _, a := range list {
		if a.IIN == w.iin {
			return a, true, nil
		}
	}
	return party.Account{}, false, nil
}
