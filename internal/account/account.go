// Package account is how people come in: registration, log-in by password or certificate, recovery, the profile, and
// the browser sessions.
//
// Nobody claims another's number: an account begins with a signature by the key of the
// person or the organisation, and a forgotten password ends with one. Until that signature is verified nothing tells
// whether a number is registered.
package account

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"time"

	"elicense/internal/access"
	"elicense/internal/audit"
	"elicense/internal/fault"
	"elicense/internal/party"
	"elicense/internal/port"
)

// The faults of this package besides those of the fields.
const (
	KeyUnknownChallenge = "signature.challenge-unknown" // never asked, or asked by another browser
	KeyUsedChallenge    = "signature.challenge-used"
	KeyExpiredChallenge = "signature.challenge-expired"
	KeyPending          = "signature.pending" // the certificate's revocation could not be learned; try again
	KeyExists           = "account.exists"
	KeyUnknownHolder    = "account.unknown-certificate" // no account of the certificate's holder
	KeyThrottled        = "login.throttled"             // too many tries; the certificate still opens the account
	KeyBusy             = "login.busy"
	KeyWrong            = "login.wrong"
	KeyRepresentative   = "login.representative" // the organisation has several accounts: whose is this
	KeyChanged          = "profile.changed"      // saved elsewhere in the meantime
)

// Settings of the use cases. The zero value of a number takes the default.
type Settings struct {
	Origin      string // scheme://host[:port] of the portal, as it is signed
	Environment string // as it is signed: "production", "demo"
	// ChallengeLife is how long a person has for signing; 15 minutes by default.
	ChallengeLife time.Duration
	// FactorRequired says that officials who log in by password need a second factor.
	FactorRequired bool
	// FactorKeys encrypt the secrets of second factors, 32 bytes each: the first one encrypts, the others still open what was
	// encrypted before. None = the secrets are stored as they are.
	FactorKeys [][]byte
	Hash       Hash
	Limits     Limits
}

// Limits of attempts in one window.
type Limits struct {
	Account int           // log-ins by password per number; 20
	Remote  int           // log-ins by password per remote address; 200, since offices share one
	Start   int           // registrations and recoveries begun per remote address; 60
	Window  time.Duration // one hour
}

func (l Limits) orDefaults() Limits {
	l.Account, l.Remote, l.Start = or(l.Account, 20), or(l.Remote, 200), or(l.Start, 60)
	l.Window = or(l.Window, time.Hour)
	return l
}

func or[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}

// Accounts holds the use cases. It is safe for use by many goroutines.
type Accounts struct {
	store    port.Store
	world    port.World
	verifier port.Verifier
	set      Settings
	hasher   *hasher
	policy   *policy
}

// New makes the use cases. It hashes once, for the password of those who have no account, and fails only when that fails.
func New(store port.Store, world port.World, verifier port.Verifier, set Settings) (*Accounts, error) {
	set.ChallengeLife = or(set.ChallengeLife, 15*time.Minute)
	set.Limits = set.Limits.orDefaults()
	h, err := newHasher(set.Hash)
	if err != nil {
		return nil, err
	}
	return &Accounts{store: store, world: world, verifier: verifier, set: set, hasher: h, policy: newPolicy()}, nil
}

// ActorOf is what an account may act as.
func ActorOf(a party.Account) access.Actor {
	return access.Actor{Role: access.Applicant, Account: a.ID, Party: a.Party.ID}
}

// Mark is kept in a session beside the account's id and compared on every request: it changes with the password, so a
// session from before the change is dead even where a request that was under way writes it back.
func Mark(a party.Account) string {
	sum := sha256.Sum256([]byte("session-mark/" + a.ID + "/" + a.Password))
	return hex.EncodeToString(sum[:16])
}

// Resume gives the account and the actor of a session that holds an account's id and Mark. Anything that no longer fits
// is fault.Unauthenticated "fault.login". The account comes without its password hash.
func (s *Accounts) Resume(ctx context.Context, id, mark string) (party.Account, access.Actor, error) {
	var a party.Account
	err := s.store.View(ctx, func(v port.View) (err error) {
		a, err = v.Accounts().Account(ctx, id)
		return err
	})
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return party.Account{}, access.Nobody(), err
	}
	return Resumed(a, mark)
}

// Resumed is Resume for an account that was read already (see Sessions.Holder); an empty account fits no mark.
func Resumed(a party.Account, mark string) (party.Account, access.Actor, error) {
	if a.ID == "" || subtle.ConstantTimeCompare([]byte(mark), []byte(Mark(a))) != 1 {
		return party.Account{}, access.Nobody(), fault.New(fault.Unauthenticated, "fault.login")
	}
	actor := ActorOf(a)
	a.Password = ""
	return a, actor, nil
}

// Sweep forgets challenges and sessions whose time is over. A challenge stays an hour longer, so that a late answer is
// told "expired" and not "unknown".
func (s *Accounts) Sweep(ctx context.Context) error {
	now := s.world.Now()
	return s.store.Update(ctx, func(tx port.Tx) error {
		tx.Write().Keys().ForgetChallenges(now.Add(-time.Hour))
		tx.Write().Sessions().DeleteExpired(now)
		return nil
	})
}

// entry is the audit row of an act on an account.
func (s *Accounts) entry(actor, action, account string, at time.Time, details map[string]string) audit.Entry {
	return audit.Entry{ID: s.world.ID(), Salt: s.world.Random(16), At: at, Actor: actor, Action: action, Object: "account/" + account, Details: details}
}

// digest is the SHA-256 of a text with its purpose in front, hex: the form in which tokens, numbers and remote addresses
// are used as keys.
func digest(purpose, text string) string {
	sum := sha256.Sum256([]byte(purpose + "\x00" + text))
	return hex.EncodeToString(sum[:])
}
