package account

import (
	"context"
	"strings"

	"elicense/internal/access"
	"elicense/internal/fault"
	"elicense/internal/port"
	"elicense/internal/signdoc"
)

// certified is added to the mark of a session that began with a signature: the key is a second factor itself, and all
// accounts of its holder are open.
const certified = "/certificate"

// OfficialKeyMark is OfficialMark of a session that began with a signature.
func OfficialKeyMark(o access.Official) string { return OfficialMark(o) + certified }

// StartOfficialLogin gives what an official signs to log in; the certificate tells who it is. Such a challenge opens
// nothing on the external portal, nor one of that portal anything here.
func (s *Accounts) StartOfficialLogin(ctx context.Context, session string) (port.Challenge, error) {
	return s.StartLogin(ctx, officePrefix+session)
}

// WaitingOfficial is Waiting for a browser session of the internal portal: for a challenge of StartOfficialLogin, or one that
// was made for a decision.
func (s *Accounts) WaitingOfficial(ctx context.Context, session, nonce string) (port.Challenge, error) {
	c, err := s.Waiting(ctx, officePrefix+session, nonce)
	if fault.Is(err, KeyUnknownChallenge) {
		return s.Waiting(ctx, session, nonce)
	}
	return c, err
}

// FinishOfficialLogin gives the accounts of the certificate's holder that are not blocked, at least one; the first is the
// one that is entered. Faults as of FinishLogin.
func (s *Accounts) FinishOfficialLogin(ctx context.Context, session, nonce string, cms []byte) ([]access.Official, error) {
	got, err := s.answer(ctx, officePrefix+session, nonce, signdoc.Login, cms)
	if err != nil {
		return nil, err
	}
	var list []access.Official
	err = s.store.Update(ctx, func(tx port.Tx) (err error) {
		if list, err = accountsOf(ctx, tx, got.signature.Signer.IIN); err != nil {
			return err
		}
		if len(list) == 0 {
			return fault.New(fault.NotFound, KeyUnknownHolder)
		}
		got.use(tx)
		entry := s.officialEntry(list[0].ID, "official.logged-in", list[0], got.now)
		for name, value := range got.details("certificate") {
			entry.Details[name] = value
		}
		tx.Write().Records().Audit(entry)
		return nil
	})
	if err != nil {
		return nil, used(err)
	}
	return list, nil
}

// accountsOf lists the accounts of a person that are not blocked.
func accountsOf(ctx context.Context, v port.View, person string) ([]access.Official, error) {
	all, err := v.Office().Officials().ByPerson(ctx, person)
	var list []access.Official
	for _, o := range all {
		if o.BlockedAt.IsZero() && person != "" {
			list = append(list, o)
		}
	}
	return list, err
}

// OwnAccounts lists the accounts among which the actor may choose: those of the holder of the key that began the session,
// and the present one alone where no key did.
func (s *Accounts) OwnAccounts(ctx context.Context, actor access.Actor) (list []access.Official, err error) {
	if err := actor.AtWork(); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(v port.View) error {
		if actor.Certified {
			list, err = accountsOf(ctx, v, actor.Person)
			return err
		}
		o, err := v.Office().Officials().Official(ctx, actor.Account)
		list = []access.Official{o}
		return err
	})
	for i := range list {
		list[i].Password = ""
	}
	return list, err
}

// Switch enters another account of the same person, in a session that began with a signature; anything else is
// fault.NotFound.
func (s *Accounts) Switch(ctx context.Context, actor access.Actor, account string) (access.Official, error) {
	if err := actor.AtWork(); err != nil {
		return access.Official{}, err
	}
	now := s.world.Now()
	var o access.Official
	err := s.store.Update(ctx, func(tx port.Tx) (err error) {
		if o, err = tx.Office().Officials().Official(ctx, account); err != nil {
			return err
		}
		if !actor.Certified || o.Person != actor.Person || !o.BlockedAt.IsZero() {
			return fault.New(fault.NotFound, "fault.not-found")
		}
		entry := s.officialEntry(o.ID, "official.logged-in", o, now)
		entry.Details["method"], entry.Details["from"] = "certificate", actor.Account
		tx.Write().Records().Audit(entry)
		return nil
	})
	return o, err
}

// markOf parts a session's mark from the way in which the session began.
func markOf(mark string) (bare string, byKey bool) { return strings.CutSuffix(mark, certified) }
