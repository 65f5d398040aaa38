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
// that password: it is not stored and cannot be shown again. Only name, person, body, department and duties of o count; bodies are
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
	fields = wrongDuties(fields, o.Duties)
	if strings.TrimSpace(o.Surname) == "" || strings.TrimSpace(o.GivenName) == "" {
		fields = append(fields, fault.Field{Path: "surname", Key: KeyOfficialPerson})
	}
	err = s.store.View(ctx, func(v port.View) (err error) {
		fields, err = s.wrongDepartment(ctx, v, fields, o.Body, o.Department, "")
		return err
	})
	if err != nil {
		return o, "", err
	}
	if err := fault.Fields(fields); err != nil {
		return o, "", err
	}
	o.ID, o.Person, o.PasswordAt, o.FactorAt, o.BlockedAt, o.Version, o.CreatedAt = s.world.ID(), string(iin), time.Time{}, time.Time{}, time.Time{}, 1, now
	password, hash, err := s.initial(ctx)
	if err != nil {
		return o, "", err
	}
	o.Password = hash
	err = s.store.Update(ctx, func(tx port.Tx) error {
		tx.Write().Office().Officials().Add(o)
		tx.Write().Records().Audit(s.officialEntry(maker, "official.added", o, now))
		return nil
	})
	return o, password, err
}

// initial makes a password that must be replaced, with its hash.
func (s *Accounts) initial(ctx context.Context) (password, hash string, err error) {
	password = strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(s.world.Random(15)))
	hash, err = s.hasher.hash(ctx, password)
	return password, hash, err
}

func (s *Accounts) officialEntry(actor, action string, o access.Official, now time.Time) audit.Entry {
	var duties []string
	for _, d := range o.Duties {
		duties = append(duties, string(d))
	}
	return audit.Entry{ID: s.world.ID(), Salt: s.world.Random(16), At: now, Actor: actor, Action: action, Object: "official/" + o.ID,
		Details: map[string]string{"body": o.Body, "department": o.Department, "duties": strings.Join(duties, " ")}}
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
		s.block(tx, maker, o, unblock, now)
		return nil
	})
}

func (s *Accounts) block(tx port.Tx, maker string, o access.Official, unblock bool, now time.Time) {
	action := "official.blocked"
	if o.BlockedAt = now; unblock {
		o.BlockedAt, action = time.Time{}, "official.unblocked"
	}
	tx.Write().Office().Officials().Change(o)
	tx.Write().Sessions().DeleteOf(o.ID)
	tx.Write().Records().Audit(s.officialEntry(maker, action, o, now))
}

// OfficialLogin opens an official's account by name, password and, where the official has a second factor, a code of now or
// a recovery code, each of which is taken once. An unknown name costs as much time as a known one, and whatever of the
// three is wrong gives the same answer; a blocked account says so only to who knows them. Faults: fault.Denied
// "office.wrong" and KeyBlocked, fault.Throttled KeyThrottled and KeyBusy.
func (s *Accounts) OfficialLogin(ctx context.Context, login, password, code, remote string) (access.Official, error) {
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
		return access.Official{}, fault.New(fault.Denied, keyOfficeWrong)
	}
	now, checked := s.world.Now(), o
	err = s.store.Update(ctx, func(tx port.Tx) error {
		var err error
		if o, err = tx.Office().Officials().Official(ctx, checked.ID); err != nil {
			return err
		}
		if o.Password != checked.Password { // replaced since it was compared
			return fault.New(fault.Denied, keyOfficeWrong)
		}
		if !o.FactorAt.IsZero() {
			f, _, err := s.factor(ctx, tx, o.ID)
			if err != nil {
				return err
			}
			f, ok := spent(f, code, now)
			if !ok {
				return fault.New(fault.Denied, keyOfficeWrong)
			}
			if err := s.changeFactor(tx, f); err != nil {
				return err
			}
		}
		if !o.BlockedAt.IsZero() {
			return fault.New(fault.Denied, KeyBlocked)
		}
		tx.Write().Accounts().ClearAttempts(digest("login", officePrefix+login))
		tx.Write().Records().Audit(s.officialEntry(o.ID, "official.logged-in", o, now))
		return nil
	})
	if err != nil {
		return access.Official{}, err
	}
	return o, nil
}

// keyOfficeWrong is the one answer to a wrong name, password or code.
const keyOfficeWrong = "office.wrong"

// officePrefix keeps the log-in attempts of officials apart from those of applicants.
const officePrefix = "office/"

// OfficialMark is kept in a session beside the official's id, as Mark is for an applicant's account.
func OfficialMark(o access.Official) string {
	sum := sha256.Sum256([]byte("office-mark/" + o.ID + "/" + o.Password))
	return hex.EncodeToString(sum[:16])
}

// ResumeOfficial gives the official and the actor of a session that holds an id and its OfficialMark or OfficialKeyMark. The
// account is read for every request, and so is in whose place it works today: what was taken away is gone at once.
// Anything that no longer fits is fault.Unauthenticated. An official who still has the password of another's, or lacks the
// second factor that the installation demands, has no body and no duties: nothing is open but their own pages.
func (s *Accounts) ResumeOfficial(ctx context.Context, id, mark string) (access.Official, access.Actor, error) {
	var o access.Official
	var absent []access.Absent
	err := s.store.View(ctx, func(v port.View) (err error) {
		if o, err = v.Office().Officials().Official(ctx, id); err != nil {
			return err
		}
		absent, err = v.Office().Absences().Absent(ctx, o.ID, o.Body, s.today())
		return err
	})
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return access.Official{}, access.Nobody(), err
	}
	bare, byKey := markOf(mark)
	if o.ID == "" || !o.BlockedAt.IsZero() || subtle.ConstantTimeCompare([]byte(bare), []byte(OfficialMark(o))) != 1 {
		return access.Official{}, access.Nobody(), fault.New(fault.Unauthenticated, "fault.login")
	}
	o.Password = ""
	actor := access.ActorOf(o)
	actor.Certified, actor.Absent = byKey, absent
	if s.Unready(o, byKey) != "" {
		actor.Body, actor.Department, actor.Duties, actor.Absent = "", "", nil, nil
	}
	return o, actor, nil
}

// Unready says why nothing is open to an official yet: "office.password-first" or "office.factor-first"; "" = all is. A
// session that began with a signature needs no second factor.
func (s *Accounts) Unready(o access.Official, byKey bool) string {
	switch {
	case o.Initial():
		return "office.password-first"
	case s.set.FactorRequired && o.FactorAt.IsZero() && !byKey:
		return "office.factor-first"
	}
	return ""
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
