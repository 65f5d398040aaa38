package account

import (
	"context"
	"crypto/subtle"
	"encoding/base32"
	"net/url"
	"slices"
	"strings"
	"time"

	"elicense/internal/access"
	"elicense/internal/fault"
	"elicense/internal/port"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
)

// The faults of second factors.
const (
	KeyFactorCode = "factor.code" // not the code of now, or one that was used already
	KeyFactorOn   = "factor.on"   // there is one already
	KeyFactorOff  = "factor.off"  // there is none
)

// The one-time codes of RFC 6238: six digits in steps of half a minute, as the programs on telephones make them.
const (
	factorStep   = 30 * time.Second
	factorDigits = otp.DigitsSix
	recoveries   = 10
)

// Enrolment is a second factor that waits for its first code.
type Enrolment struct {
	Secret  string // base32, for typing
	Address string // otpauth://…, for the QR code
}

// BeginFactor gives the secret that the official's program is to learn, the same one until it is confirmed. It is
// fault.Conflict KeyFactorOn where a factor counts already.
func (s *Accounts) BeginFactor(ctx context.Context, actor access.Actor) (Enrolment, error) {
	if err := actor.AtWork(); err != nil {
		return Enrolment{}, err
	}
	var o access.Official
	var f access.Factor
	err := s.store.Update(ctx, func(tx port.Tx) (err error) {
		if o, err = tx.Office().Officials().Official(ctx, actor.Account); err != nil {
			return err
		}
		if !o.FactorAt.IsZero() {
			return fault.New(fault.Conflict, KeyFactorOn)
		}
		var ok bool
		if f, ok, err = s.factor(ctx, tx, o.ID); err != nil || ok {
			return err
		}
		f = access.Factor{Official: o.ID, Secret: base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(s.world.Random(20)), Version: 1}
		kept, err := s.seal(f)
		if err == nil {
			tx.Write().Office().Officials().AddFactor(kept)
		}
		return err
	})
	if err != nil {
		return Enrolment{}, err
	}
	query := url.Values{"secret": {f.Secret}, "issuer": {"elicense"}, "digits": {factorDigits.String()}, "period": {"30"}}
	return Enrolment{Secret: f.Secret, Address: "otpauth://totp/elicense:" + url.PathEscape(o.Login) + "?" + query.Encode()}, nil
}

// ConfirmFactor makes the factor count with a first code, ends every session of the account, and gives the recovery codes:
// they are not stored and cannot be shown again. Faults: fault.Invalid at "code" KeyFactorCode, fault.Conflict KeyFactorOn,
// fault.Throttled KeyThrottled.
func (s *Accounts) ConfirmFactor(ctx context.Context, actor access.Actor, code string) (access.Official, []string, error) {
	if err := actor.AtWork(); err != nil {
		return access.Official{}, nil, err
	}
	if err := s.attempt(ctx, factorPrefix+actor.Account, ""); err != nil {
		return access.Official{}, nil, err
	}
	var shown, kept []string
	for range recoveries {
		text := strings.ToLower(base32.StdEncoding.EncodeToString(s.world.Random(10)))
		shown, kept = append(shown, text[:4]+"-"+text[4:8]+"-"+text[8:12]+"-"+text[12:]), append(kept, digest("recovery", text))
	}
	now := s.world.Now()
	var o access.Official
	err := s.store.Update(ctx, func(tx port.Tx) (err error) {
		if o, err = tx.Office().Officials().Official(ctx, actor.Account); err != nil {
			return err
		}
		f, ok, err := s.factor(ctx, tx, o.ID)
		switch {
		case err != nil:
			return err
		case !o.FactorAt.IsZero():
			return fault.New(fault.Conflict, KeyFactorOn)
		case !ok:
			return fault.New(fault.Conflict, KeyFactorOff)
		}
		if f.Step, ok = stepOf(f, code, now); !ok {
			return fault.At("code", KeyFactorCode)
		}
		o.FactorAt, f.Recovery = now, kept
		tx.Write().Office().Officials().Change(o)
		if err := s.changeFactor(tx, f); err != nil {
			return err
		}
		tx.Write().Accounts().ClearAttempts(digest("login", factorPrefix+o.ID))
		tx.Write().Sessions().DeleteOf(o.ID)
		tx.Write().Records().Audit(s.officialEntry(o.ID, "official.factor-confirmed", o, now))
		o.Version++
		return nil
	})
	if err != nil {
		return access.Official{}, nil, err
	}
	return o, shown, nil
}

// DropFactor forgets the official's own factor, so that another telephone can take its place; a code, or a recovery code,
// proves that it is theirs. Faults as of ConfirmFactor, and fault.Conflict KeyFactorOff.
func (s *Accounts) DropFactor(ctx context.Context, actor access.Actor, code string) error {
	if err := actor.AtWork(); err != nil {
		return err
	}
	if err := s.attempt(ctx, factorPrefix+actor.Account, ""); err != nil {
		return err
	}
	now := s.world.Now()
	return s.store.Update(ctx, func(tx port.Tx) error {
		o, err := tx.Office().Officials().Official(ctx, actor.Account)
		if err != nil {
			return err
		}
		f, ok, err := s.factor(ctx, tx, o.ID)
		switch {
		case err != nil:
			return err
		case !ok || o.FactorAt.IsZero():
			return fault.New(fault.Conflict, KeyFactorOff)
		}
		if _, ok := spent(f, code, now); !ok {
			return fault.At("code", KeyFactorCode)
		}
		tx.Write().Accounts().ClearAttempts(digest("login", factorPrefix+o.ID))
		s.dropFactor(tx, o.ID, "official.factor-dropped", o, now)
		return nil
	})
}

// dropFactor forgets a factor in the unit of the caller.
func (s *Accounts) dropFactor(tx port.Tx, maker, action string, o access.Official, now time.Time) {
	o.FactorAt = time.Time{}
	tx.Write().Office().Officials().Change(o)
	tx.Write().Office().Officials().RemoveFactor(o.ID)
	tx.Write().Records().Audit(s.officialEntry(maker, action, o, now))
}

// factorPrefix keeps the attempts at codes inside a session apart from those at the log-in.
const factorPrefix = "factor/"

// stepOf finds the time step of a code: the present one, or one beside it, and never one that was used or an earlier one.
func stepOf(f access.Factor, code string, now time.Time) (int64, bool) {
	code = strings.Map(func(r rune) rune {
		if r == ' ' {
			return -1
		}
		return r
	}, code)
	present := now.Unix() / int64(factorStep/time.Second)
	found, ok := int64(0), false
	for step := present - 1; step <= present+1; step++ {
		want, err := hotp.GenerateCodeCustom(f.Secret, uint64(step), hotp.ValidateOpts{Digits: factorDigits, Algorithm: otp.AlgorithmSHA1})
		if err == nil && step > f.Step && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			found, ok = step, true
		}
	}
	return found, ok
}

// spent is the factor after a code or a recovery code was used.
func spent(f access.Factor, code string, now time.Time) (access.Factor, bool) {
	if step, ok := stepOf(f, code, now); ok {
		f.Step = step
		return f, true
	}
	hash := digest("recovery", strings.ToLower(strings.NewReplacer("-", "", " ", "").Replace(code)))
	i := slices.Index(f.Recovery, hash)
	if i < 0 {
		return f, false
	}
	f.Recovery = slices.Delete(slices.Clone(f.Recovery), i, i+1)
	return f, true
}
