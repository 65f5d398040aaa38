package account

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"elicense/internal/access"
	"elicense/internal/audit"
	"elicense/internal/fault"
	"elicense/internal/port"
)

// The faults of absences.
const (
	KeyDeputy        = "absence.deputy"  // not another person of the same body who works there
	KeyAbsenceDates  = "absence.dates"   // ends before it begins, is over, or lasts longer than a year
	KeyAbsenceReason = "absence.reason"  // missing or too long
	KeyAbsenceOver   = "absence.over"    // it has ended or was withdrawn
	KeySelfDeputy    = "absence.self"    // an administrator takes nobody's place by their own act
	KeyService       = "absence.service" // no such service
)

// maxAbsenceReason bounds the reason, in characters.
const maxAbsenceReason = 500

// Colleagues lists who can be an official's deputy: the others of the body, by surname.
func (s *Accounts) Colleagues(ctx context.Context, actor access.Actor, official string) ([]access.Official, error) {
	var list []access.Official
	err := s.store.View(ctx, func(v port.View) error {
		o, err := s.absentee(ctx, v, actor, official)
		if err != nil {
			return err
		}
		all, err := v.Office().Officials().List(ctx, o.Body)
		for _, other := range all {
			if other.BlockedAt.IsZero() && other.Person != o.Person {
				other.Password = ""
				list = append(list, other)
			}
		}
		return err
	})
	return list, err
}

// Absences lists the absences of an official that are not over, withdrawn ones too, and those in which they are the deputy.
func (s *Accounts) Absences(ctx context.Context, actor access.Actor, official string) (list []access.Absence, names map[string]string, err error) {
	names = map[string]string{}
	err = s.store.View(ctx, func(v port.View) error {
		o, err := s.absentee(ctx, v, actor, official)
		if err != nil {
			return err
		}
		all, err := v.Office().Absences().List(ctx, o.Body, s.today())
		if err != nil {
			return err
		}
		for _, a := range all {
			if a.Official == o.ID || a.Deputy == o.ID {
				list = append(list, a)
			}
		}
		officials, err := v.Office().Officials().List(ctx, o.Body)
		for _, other := range officials {
			names[other.ID] = other.Name()
		}
		return err
	})
	return list, names, err
}

// absentee is the official whose absence it is: the actor themself, or anybody of the body for its administrator.
func (s *Accounts) absentee(ctx context.Context, v port.View, actor access.Actor, official string) (access.Official, error) {
	if err := actor.AtWork(); err != nil {
		return access.Official{}, err
	}
	o, err := v.Office().Officials().Official(ctx, official)
	if err != nil {
		return o, err
	}
	if o.ID == actor.Account && o.Body == actor.Body {
		return o, nil
	}
	return o, access.Can(actor, access.Administer, access.Thing{Body: o.Body})
}

// AddAbsence enters an absence with its deputy: the official's own act, or that of the body's administrator, who cannot
// make themself the deputy. services are the keys of the services that exist. Faults: fields deputy, from, to, service,
// reason; fault.NotFound for an official of another body.
func (s *Accounts) AddAbsence(ctx context.Context, actor access.Actor, a access.Absence, services func(key string) bool) error {
	now := s.world.Now()
	a.Reason = strings.TrimSpace(a.Reason)
	return s.store.Update(ctx, func(tx port.Tx) error {
		o, err := s.absentee(ctx, tx, actor, a.Official)
		if err != nil {
			return err
		}
		deputy, err := tx.Office().Officials().Official(ctx, a.Deputy)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return err
		}
		var fields []fault.Field
		add := func(path, key string) { fields = append(fields, fault.Field{Path: path, Key: key}) }
		switch {
		case deputy.ID == "" || deputy.Body != o.Body || deputy.Person == o.Person || !deputy.BlockedAt.IsZero():
			add("deputy", KeyDeputy)
		case deputy.Person == actor.Person:
			add("deputy", KeySelfDeputy)
		}
		if a.From.IsZero() || a.From.Before(s.today()) {
			add("from", KeyAbsenceDates)
		}
		if a.To.IsZero() || a.To.Before(a.From) || a.To.After(a.From.AddYears(1)) {
			add("to", KeyAbsenceDates)
		}
		if a.Service != "" && !services(a.Service) {
			add("service", KeyService)
		}
		if n := utf8.RuneCountInString(a.Reason); n == 0 || n > maxAbsenceReason {
			add("reason", KeyAbsenceReason)
		}
		if err := fault.Fields(fields); err != nil {
			return err
		}
		a.ID, a.Body, a.By, a.CreatedAt, a.EndedAt, a.EndedBy = s.world.ID(), o.Body, actor.Account, now, time.Time{}, ""
		tx.Write().Office().Absences().Add(a)
		tx.Write().Records().Audit(s.absenceEntry(actor, "absence.added", a, now))
		return nil
	})
}

// EndAbsence withdraws an absence before its last day: the deputy has no place from this moment on. It is for whoever may
// enter it.
func (s *Accounts) EndAbsence(ctx context.Context, actor access.Actor, id string) error {
	now := s.world.Now()
	return s.store.Update(ctx, func(tx port.Tx) error {
		a, err := tx.Office().Absences().Absence(ctx, id)
		if err != nil {
			return err
		}
		if _, err := s.absentee(ctx, tx, actor, a.Official); err != nil {
			return err
		}
		if !a.EndedAt.IsZero() || a.To.Before(s.today()) {
			return fault.New(fault.Conflict, KeyAbsenceOver)
		}
		tx.Write().Office().Absences().End(a.ID, now, actor.Account)
		tx.Write().Records().Audit(s.absenceEntry(actor, "absence.withdrawn", a, now))
		return nil
	})
}

func (s *Accounts) absenceEntry(actor access.Actor, action string, a access.Absence, now time.Time) audit.Entry {
	return audit.Entry{ID: s.world.ID(), Salt: s.world.Random(16), At: now, Actor: actor.Account, Action: action, Object: "absence/" + a.ID,
		Details: map[string]string{"body": a.Body, "official": a.Official, "deputy": a.Deputy, "from": a.From.String(), "to": a.To.String(), "service": a.Service}}
}
