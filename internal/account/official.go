package account

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
	"time"

	"elicense/internal/access"
	"elicense/internal/audit"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/ident"
	"elicense/internal/lang"
	"elicense/internal/port"
)

// The faults of officials' accounts besides those of all accounts.
const (
	KeyOfficialName   = "official.login" // not a name of 3 to 40 small letters, digits, dots and hyphens
	KeyOfficialDuties = "official.duties"
	KeyOfficialBody   = "official.body"
	KeyOfficialPerson = "official.name"
	KeyOfficialExists = "store.official-exists"
	KeyBlocked        = "official.blocked"
)

var officialName = regexp.MustCompile(`^[a-z][a-z0-9.-]{2,39}$`)

// AddOfficial makes an official's account with a password that the person must replace at the first log-in, and gives
// that password: it is not stored and cannot be shown again. Only id, name, person, body and duties of o count; bodies are
// the state bodies that exist. It is the operator's act, who has the database anyway; the row of the audit names its maker.
func (s *Accounts) AddOfficial(ctx context.Context, maker string, o access.Official, bodies []string) (access.Official, string, error) {
	now := s.world.Now()
	o.Login = strings.ToLower(strings.TrimSpace(o.Login))
	var fields []fault.Field
	if !officialName.MatchString(o.Login) {
		fields = append(fields, fault.Field{Path: "login", Key: KeyOfficialName})
	}
	iin, err := ident.ParseIINOn(o.Person, civil.Of(now, lang.Almaty()))
	fields = at(fields, "iin", err)
	if !slices.Contains(bodies, o.Body) {
		fields = append(fields, fault.Field{Path: "body", Key: KeyOfficialBody})
	}
	if len(o.Duties) == 0 || slices.ContainsFunc(o.Duties, func(d access.Duty) bool { return !slices.Contains(access.Duties(), d) }) {
		fields = append(fields, fault.Field{Path: "duty", Key: KeyOfficialDuties})
	}
	if strings.TrimSpace(o.Surname) == "" || strings.TrimSpace(o.GivenName) == "" {
		fields = append(fields, fault.Field{Path: "surname", Key: KeyOfficialPerson})
	}
	if err := fault.Fields(fields); err != nil {
		return o, "", err
	}
	password := strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(s.world.Random(15)))
	o.ID, o.Person, o.PasswordAt, o.BlockedAt, o.Version, o.CreatedAt = s.world.ID(), string(iin), time.Time{}, time.Time{}, 1, now
	if o.Password, err = s.hasher.hash(ctx, password); err != nil {
		return o, "", err
	}
	err = s.store.Update(ctx, func(tx port.Tx) error {
		tx.Write().Office().Officials().Add(o)
		tx.Write().Records().Audit(s.officialEntry(maker, "official.added", o, now))
		return nil
	})
	return o, password, err
}

func (s *Accounts) officialEntry(actor, action string, o access.Official, now time.Time) audit.Entry {
	var duties []string
	for _, d := range o.Duties {
		duties = append(duties, string(d))
	}
	return audit.Entry{ID: s.world.ID(), Salt: s.world.Random(16), At: now, Actor: actor, Action: action, Object: "official/" + o.ID,
		Details: map[string]string{"body": o.Body, "duties": strings.Join(duties, " ")}}
}

// Officials lists the accounts of a body, or all where body is empty, without password hashes.
func (s *Accounts) Officials(ctx context.Context, body string) ([]access.Official, error) {
	var list []access.Official
	err := s.store.View(ctx, func(v port.View) (err error) {
		list, err = v.Office().Officials().List(ctx, body)
		return err
	})
	for i := range list {
		list[i].Password = ""
	}
	return list, err
}

// BlockOfficial takes an official's access away, at once and in every session; unblock gives it back.
func (s *Accounts) BlockOfficial(ctx context.Context, maker, login string, unblock bool) error {
	now := s.world.Now()
	return s.store.Update(ctx, func(tx port.Tx) error {
		o, ok, err := tx.Office().Officials().ByLogin(ctx, strings.ToLower(login))
		if err != nil {
			return err
		}
		if !ok {
			return fault.New(fault.NotFound, "fault.not-found")
		}
		action := "official.blocked"
		if o.BlockedAt = now; unblock {
			o.BlockedAt, action = time.Time{}, "official.unblocked"
		}
		tx.Write().Office().Officials().Change(o)
		tx.Write().Sessions().DeleteOf(o.ID)
		tx.Write().Records().Audit(s.officialEntry(maker, action, o, now))
		return nil
	})
}

// OfficialLogin opens an official's account by name and password. An unknown name costs as much time as a known one and
// gives the same answer; a blocked account says so only to who knows its password. Faults: fault.Denied KeyWrong and
// KeyBlocked, fault.Throttled KeyThrottled and KeyBusy.
func (s *Accounts) OfficialLogin(ctx context.Context, login, password, remote string) (access.Official, error) {
	login = strings.ToLower(strings.TrimSpace(login))
	if err := s.attempt(ctx, officePrefix+login, remote); err != nil {
		return access.Official{}, err
	}
	var o access.Official
	known := false
	err := s.store.View(ctx, func(v port.View) (err error) {
		o, known, err = v.Office().Officials().ByLogin(ctx, login)
		return err
	})
	if err != nil {
		return access.Official{}, err
	}
	var hashes []string
	if known {
		hashes = []string{o.Password}
	}
	right, err := s.hasher.matches(ctx, typed(password), hashes, 1)
	switch {
	case err != nil:
		return access.Official{}, err
	case !known || !right[0]:
		return access.Official{}, fault.New(fault.Denied, "office.wrong")
	case !o.BlockedAt.IsZero():
		return access.Official{}, fault.New(fault.Denied, KeyBlocked)
	}
	now := s.world.Now()
	return o, s.store.Update(ctx, func(tx port.Tx) error {
		tx.Write().Accounts().ClearAttempts(digest("login", officePrefix+login))
		tx.Write().Records().Audit(s.officialEntry(o.ID, "official.logged-in", o, now))
		return nil
	})
}

// officePrefix keeps the log-in attempts of officials apart from those of applicants.
const officePrefix = "office/"

// OfficialMark is kept in a session beside the official's id, as Mark is for an applicant's account.
func OfficialMark(o access.Official) string {
	sum := sha256.Sum256([]byte("office-mark/" + o.ID + "/" + o.Password))
	return hex.EncodeToString(sum[:16])
}

// ResumeOfficial gives the official and the actor of a session that holds an id and its OfficialMark. The account is read
// for every request, so that what was taken away is gone at once. Anything that no longer fits is fault.Unauthenticated.
func (s *Accounts) ResumeOfficial(ctx context.Context, id, mark string) (access.Official, access.Actor, error) {
	var o access.Official
	err := s.store.View(ctx, func(v port.View) (err error) {
		o, err = v.Office().Officials().Official(ctx, id)
		return err
	})
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return access.Official{}, access.Nobody(), err
	}
	if o.ID == "" || !o.BlockedAt.IsZero() || subtle.ConstantTimeCompare([]byte(mark), []byte(OfficialMark(o))) != 1 {
		return access.Official{}, access.Nobody(), fault.New(fault.Unauthenticated, "fault.login")
	}
	o.Password = ""
	actor := access.ActorOf(o)
	if o.Initial() { // nothing is open but the page of the password
		actor.Body, actor.Duties = "", nil
	}
	return o, actor, nil
}

// ChangeOfficialPassword sets a new password for one who knows the old one and ends every session of the account; the
// caller renews the current one with the OfficialMark of the account that is returned. Faults as of ChangePassword.
func (s *Accounts) ChangeOfficialPassword(ctx context.Context, actor access.Actor, current, next string) (access.Official, error) {
	if err := actor.AtWork(); err != nil {
		return access.Official{}, err
	}
	var o access.Official
	err := s.store.View(ctx, func(v port.View) (err error) {
		o, err = v.Office().Officials().Official(ctx, actor.Account)
		return err
	})
	if err != nil {
		return access.Official{}, err
	}
	next, key := s.policy.check(next, o.Person, o.Login)
	if key == "" && next == typed(current) {
		key = "password.same"
	}
	if key != "" {
		return access.Official{}, fault.At("password", key)
	}
	if err := s.attempt(ctx, officePrefix+o.Login, ""); err != nil {
		return access.Official{}, err
	}
	right, err := s.hasher.matches(ctx, typed(current), []string{o.Password}, 1)
	if err != nil {
		return access.Official{}, err
	}
	if !right[0] {
		return access.Official{}, fault.At("current", "account.password-wrong")
	}
	if o.Password, err = s.hasher.hash(ctx, next); err != nil {
		return access.Official{}, err
	}
	o.PasswordAt = s.world.Now()
	err = s.store.Update(ctx, func(tx port.Tx) error { // guarded by the version that was compared
		tx.Write().Office().Officials().Change(o)
		tx.Write().Accounts().ClearAttempts(digest("login", officePrefix+o.Login))
		tx.Write().Sessions().DeleteOf(o.ID)
		tx.Write().Records().Audit(s.officialEntry(o.ID, "official.password-changed", o, o.PasswordAt))
		return nil
	})
	return o, err
}
