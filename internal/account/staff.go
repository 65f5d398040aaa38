package account

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"elicense/internal/access"
	"elicense/internal/audit"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/port"
)

// The faults of administering a body's people.
const (
	KeyOwnAccount     = "official.own"         // nobody changes the rights of their own person
	KeyDepartment     = "official.department"  // not a department of the body that works
	KeyDepartmentKey  = "department.key"       // not 2 to 40 small letters, digits and hyphens
	KeyDepartmentName = "department.name"      // a language is missing
	KeyTerritory      = "department.territory" // not beginnings of KATO codes
	KeyHead           = "department.head"      // not an official of the body
	KeyStale          = "work.changed"         // another changed it meanwhile
)

// Staff is who works at a state body, for its administrator.
type Staff struct {
	Officials   []access.Official // without password hashes
	Departments []access.Department
	Absences    []access.Absence // that are not over, withdrawn ones too
}

// Staff gives the people of the actor's body.
func (s *Accounts) Staff(ctx context.Context, actor access.Actor) (Staff, error) {
	var out Staff
	if err := access.Can(actor, access.Administer, access.Thing{Body: actor.Body}); err != nil {
		return out, err
	}
	err := s.store.View(ctx, func(v port.View) (err error) {
		if out.Officials, err = v.Office().Officials().List(ctx, actor.Body); err != nil {
			return err
		}
		if out.Departments, err = v.Office().Departments().List(ctx, actor.Body); err != nil {
			return err
		}
		out.Absences, err = v.Office().Absences().List(ctx, actor.Body, s.today())
		return err
	})
	for i := range out.Officials {
		out.Officials[i].Password = ""
	}
	return out, err
}

func (s *Accounts) today() civil.Date { return civil.Of(s.world.Now(), lang.Almaty()) }

// AddStaff is AddOfficial by the administrator of the body, for another person than themself.
func (s *Accounts) AddStaff(ctx context.Context, actor access.Actor, o access.Official) (access.Official, string, error) {
	o.Body = actor.Body
	if err := access.Can(actor, access.Administer, access.Thing{Body: o.Body}); err != nil {
		return o, "", err
	}
	if strings.TrimSpace(o.Person) == actor.Person {
		return o, "", fault.At("iin", KeyOwnAccount)
	}
	return s.AddOfficial(ctx, actor.Account, o, []string{o.Body})
}

// ChangeStaff gives an official of the actor's body other duties and another department; it takes effect at once in every
// session. The version is the one that was seen: fault.Conflict KeyStale.
func (s *Accounts) ChangeStaff(ctx context.Context, actor access.Actor, id string, version int, department string, duties []access.Duty) error {
	return s.changeStaff(ctx, actor, id, func(tx port.Tx, o access.Official, now time.Time) error {
		fields := wrongDuties(nil, duties)
		fields, err := s.wrongDepartment(ctx, tx, fields, o.Body, department, o.Department)
		if err != nil {
			return err
		}
		if err := fault.Fields(fields); err != nil {
			return err
		}
		if o.Version != version {
			return fault.New(fault.Conflict, KeyStale)
		}
		o.Department, o.Duties = department, duties
		tx.Write().Office().Officials().Change(o)
		tx.Write().Records().Audit(s.officialEntry(actor.Account, "official.changed", o, now))
		return nil
	})
}

// BlockStaff is BlockOfficial by the administrator of the body.
func (s *Accounts) BlockStaff(ctx context.Context, actor access.Actor, id string, unblock bool) error {
	return s.changeStaff(ctx, actor, id, func(tx port.Tx, o access.Official, now time.Time) error {
		s.block(tx, actor.Account, o, unblock, now)
		return nil
	})
}

// ResetPassword gives an official of the actor's body a password that must be replaced at the next log-in, and ends the
// sessions of the account. It is not stored and cannot be shown again.
func (s *Accounts) ResetPassword(ctx context.Context, actor access.Actor, id string) (string, error) {
	err := s.store.View(ctx, func(v port.View) error { // a hash costs: it is not made for whom may not
		_, err := staff(ctx, v, actor, id)
		return err
	})
	if err != nil {
		return "", err
	}
	password, hash, err := s.initial(ctx)
	if err != nil {
		return "", err
	}
	return password, s.changeStaff(ctx, actor, id, func(tx port.Tx, o access.Official, now time.Time) error {
		o.Password, o.PasswordAt = hash, time.Time{}
		tx.Write().Office().Officials().Change(o)
		tx.Write().Sessions().DeleteOf(o.ID)
		tx.Write().Accounts().ClearAttempts(digest("login", officePrefix+o.Login))
		tx.Write().Records().Audit(s.officialEntry(actor.Account, "official.password-reset", o, now))
		return nil
	})
}

// ResetFactor takes the second factor from an official of the actor's body who has lost it, and ends the sessions of the
// account.
func (s *Accounts) ResetFactor(ctx context.Context, actor access.Actor, id string) error {
	return s.changeStaff(ctx, actor, id, func(tx port.Tx, o access.Official, now time.Time) error {
		tx.Write().Sessions().DeleteOf(o.ID)
		s.dropFactor(tx, actor.Account, "official.factor-reset", o, now)
		return nil
	})
}

// staff gives an official of the actor's body whose rights the actor may change.
func staff(ctx context.Context, v port.View, actor access.Actor, id string) (access.Official, error) {
	o, err := v.Office().Officials().Official(ctx, id)
	if err != nil {
		return o, err
	}
	if err := access.Can(actor, access.Administer, access.Thing{Body: o.Body}); err != nil {
		return o, err
	}
	if o.Person == actor.Person && actor.Role == access.Officer {
		return o, fault.New(fault.Denied, KeyOwnAccount)
	}
	return o, nil
}

// changeStaff runs a change of an official of the actor's body. The rights of one's own person are another's to change,
// by whichever account.
func (s *Accounts) changeStaff(ctx context.Context, actor access.Actor, id string, change func(tx port.Tx, o access.Official, now time.Time) error) error {
	now := s.world.Now()
	return s.store.Update(ctx, func(tx port.Tx) error {
		o, err := staff(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		return change(tx, o, now)
	})
}

func wrongDuties(fields []fault.Field, duties []access.Duty) []fault.Field {
	if len(duties) == 0 || slices.ContainsFunc(duties, func(d access.Duty) bool { return !slices.Contains(access.Duties(), d) }) {
		fields = append(fields, fault.Field{Path: "duty", Key: KeyOfficialDuties})
	}
	return fields
}

// wrongDepartment looks whether a department of the body works; the one that an official has already may be blocked.
func (s *Accounts) wrongDepartment(ctx context.Context, v port.View, fields []fault.Field, body, department, present string) ([]fault.Field, error) {
	if department == "" || department == present {
		return fields, nil
	}
	list, err := v.Office().Departments().List(ctx, body)
	if !slices.ContainsFunc(list, func(d access.Department) bool { return d.Key == department && d.Works() }) {
		fields = append(fields, fault.Field{Path: "department", Key: KeyDepartment})
	}
	return fields, err
}

var (
	departmentKey = regexp.MustCompile(`^[a-z][a-z0-9-]{1,39}$`)
	territoryCode = regexp.MustCompile(`^[0-9]{2,9}$`)
)

// maxName bounds the name of a department in one language, in bytes; maxPlaces how many places it may serve.
const (
	maxName   = 400
	maxPlaces = 100
)

// SaveDepartment adds a department to the actor's body (version 0) or changes one; only name, territory and head of d count,
// and whether it works. Faults: fields key, name_kk, name_ru, name_en, territory, head; fault.Conflict
// "store.department-exists" and KeyStale.
func (s *Accounts) SaveDepartment(ctx context.Context, actor access.Actor, d access.Department, blocked bool) error {
	d.Body = actor.Body
	if err := access.Can(actor, access.Administer, access.Thing{Body: d.Body}); err != nil {
		return err
	}
	now := s.world.Now()
	return s.store.Update(ctx, func(tx port.Tx) error {
		fields := wrongDepartment(d)
		officials, err := tx.Office().Officials().List(ctx, d.Body)
		if err != nil {
			return err
		}
		if d.Head != "" && !slices.ContainsFunc(officials, func(o access.Official) bool { return o.ID == d.Head }) {
			fields = append(fields, fault.Field{Path: "head", Key: KeyHead})
		}
		if err := fault.Fields(fields); err != nil {
			return err
		}
		list, err := tx.Office().Departments().List(ctx, d.Body)
		if err != nil {
			return err
		}
		action, i := "department.added", slices.IndexFunc(list, func(known access.Department) bool { return known.Key == d.Key })
		switch {
		case d.Version == 0 && i >= 0:
			return fault.At("key", "store.department-exists")
		case d.Version == 0:
			d.Version, d.BlockedAt = 1, time.Time{}
			tx.Write().Office().Departments().Add(d)
		case i < 0:
			return fault.New(fault.NotFound, "fault.not-found")
		case list[i].Version != d.Version:
			return fault.New(fault.Conflict, KeyStale)
		default:
			action, d.BlockedAt = "department.changed", list[i].BlockedAt
			if blocked != !d.Works() {
				action, d.BlockedAt = "department.unblocked", time.Time{}
				if blocked {
					action, d.BlockedAt = "department.blocked", now
				}
			}
			tx.Write().Office().Departments().Change(d)
		}
		tx.Write().Records().Audit(audit.Entry{ID: s.world.ID(), Salt: s.world.Random(16), At: now, Actor: actor.Account, Action: action,
			Object: "department/" + d.Body + "/" + d.Key, Details: map[string]string{"territory": strings.Join(d.Territory, " "), "head": d.Head}})
		return nil
	})
}

func wrongDepartment(d access.Department) []fault.Field {
	var fields []fault.Field
	if !departmentKey.MatchString(d.Key) {
		fields = append(fields, fault.Field{Path: "key", Key: KeyDepartmentKey})
	}
	for _, l := range lang.All() {
		if name := d.Name.Get(l); strings.TrimSpace(name) == "" || len(name) > maxName {
			fields = append(fields, fault.Field{Path: "name_" + string(l), Key: KeyDepartmentName})
		}
	}
	if len(d.Territory) > maxPlaces || slices.ContainsFunc(d.Territory, func(code string) bool { return !territoryCode.MatchString(code) }) {
		fields = append(fields, fault.Field{Path: "territory", Key: KeyTerritory})
	}
	return fields
}
