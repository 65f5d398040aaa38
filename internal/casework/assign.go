package casework

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/audit"
	"elicense/internal/fault"
	"elicense/internal/port"
	"elicense/internal/service"
)

// departmentFor finds the department that works and answers for a place: the one whose code is the nearest above it.
func departmentFor(list []access.Department, place string) string {
	key, best := "", 0
	for _, d := range list {
		for _, code := range d.Territory {
			if code = upperPart(code); d.Works() && strings.HasPrefix(place, code) && len(code) > best {
				key, best = d.Key, len(code)
			}
		}
	}
	return key
}

// upperPart is a code of KATO without the levels that are not set: they have two, two, two and three digits.
func upperPart(code string) string {
	if len(code) != 9 {
		return code
	}
	for _, level := range []int{6, 4, 2} {
		if strings.Trim(code[level:], "0") != "" {
			break
		}
		code = code[:level]
	}
	return code
}

// place is where the application belongs: its first answer that is a place, which is the applicant's address in the forms of
// the manuals.
func place(f File) string {
	for _, pg := range f.Form.Revision.Definition.Pages {
		for _, field := range pg.Fields {
			if value := f.Application.Answers[field.Key]; field.Type == service.TypePlace && value != "" {
				return value
			}
		}
	}
	return ""
}

// handOut gives a registered application to the department of its place and, where the body has a rule, to an official.
func (c *Casework) handOut(ctx context.Context, v port.View, f File, done *history, at time.Time) (application.Application, error) {
	a := f.Application
	if a.Work.Step == "" {
		return a, nil
	}
	departments, err := v.Office().Departments().List(ctx, a.Body)
	if err != nil {
		return a, err
	}
	a.Work.Department = departmentFor(departments, place(f))
	on, err := v.Office().Queues().HandsOut(ctx, a.Body)
	if err != nil || !on {
		return a, err
	}
	f.Application = a
	to, ok, err := c.leastBusy(ctx, v, f)
	if err != nil || !ok {
		return a, err
	}
	if a, err = done.move(a, application.Assigned, system, at, "to", to.ID); err != nil {
		return a, err
	}
	a.Work = a.Work.Give(to, system, "", at)
	return a, nil
}

// leastBusy finds the official who may do the step, is present, belongs to the department of the application where it has
// one, and holds the least; none is no fault.
func (c *Casework) leastBusy(ctx context.Context, v port.View, f File) (access.Official, bool, error) {
	a := f.Application
	all, err := candidates(ctx, v, f)
	if err != nil {
		return access.Official{}, false, err
	}
	absences, err := v.Office().Absences().List(ctx, a.Body, f.Facts.Today)
	if err != nil {
		return access.Official{}, false, err
	}
	var best Candidate
	for _, o := range all {
		away := slices.ContainsFunc(absences, func(x access.Absence) bool { return x.Official == o.ID && x.On(f.Facts.Today) })
		if !away && (a.Work.Department == "" || o.Department == a.Work.Department) && (best.ID == "" || o.Holds < best.Holds) {
			best = o
		}
	}
	return best.Official, best.ID != "", nil
}

// Candidate is an official who could be given an application, with how many they hold.
type Candidate struct {
	access.Official
	Holds int
}

// candidates lists who may do the step that is to be done, by surname.
func candidates(ctx context.Context, v port.View, f File) ([]Candidate, error) {
	a := f.Application
	officials, err := v.Office().Officials().List(ctx, a.Body)
	if err != nil {
		return nil, err
	}
	held, err := v.Office().Queues().Held(ctx, a.Body)
	if err != nil {
		return nil, err
	}
	var list []Candidate
	for _, o := range officials {
		if a.MayHold(f.Form.Revision.Definition.Process, o) == nil {
			list = append(list, Candidate{o, held[o.ID]})
		}
	}
	return list, nil
}

// Candidates lists to whom the actor may give an application; none where the actor hands out no work.
func (d *Desk) Candidates(ctx context.Context, actor access.Actor, f File) ([]Candidate, error) {
	if application.May(f.Application, f.Form.Revision.Definition.Process, actor, application.Assign) != nil {
		return nil, nil
	}
	var list []Candidate
	err := d.Store.View(ctx, func(v port.View) (err error) {
		list, err = candidates(ctx, v, f)
		return err
	})
	return list, err
}

// maxReason bounds the reason of an assignment, in characters.
const maxReason = 500

// Assign gives the application to an official who may do the step, whoever holds it. The reason may be left out.
func (d *Desk) Assign(ctx context.Context, actor access.Actor, number string, version int, to, reason string) error {
	if utf8.RuneCountInString(reason) > maxReason {
		return fault.At("reason", "work.assign-reason")
	}
	return d.act(ctx, actor, number, version, application.Assign, func(u *unit) (application.Application, led, error) {
		a := u.file.Application
		o, err := u.tx.Office().Officials().Official(ctx, to)
		if err != nil {
			if fault.KindOf(err) == fault.NotFound {
				err = fault.At("to", "work.assign-nobody")
			}
			return a, led{}, err
		}
		if err := a.MayHold(u.process, o); err != nil {
			return a, led{}, err
		}
		if a.Work.Holder == o.ID {
			return a, led{}, fault.New(fault.Conflict, "work.assigned")
		}
		a, err = u.done.move(a, application.Assigned, actor.Account, u.at, "to", o.ID, "reason", reason)
		a.Work = a.Work.Give(o, actor.Account, reason, u.at)
		return a, led{}, err
	})
}

// SetHandsOut says whether new applications of the actor's body are given to officials by rule. The head decides it.
func (d *Desk) SetHandsOut(ctx context.Context, actor access.Actor, on bool) error {
	if err := actor.AtWork(); err != nil {
		return err
	}
	if !actor.Holds(access.Head) {
		return fault.New(fault.Denied, "office.no-duty")
	}
	return d.Store.Update(ctx, func(tx port.Tx) error {
		tx.Write().Office().Queues().SetHandsOut(actor.Body, on)
		d.audit(tx, actor, "queue.rule", "body/"+actor.Body, map[string]string{"hands_out": yesNo(on)})
		return nil
	})
}

func yesNo(on bool) string {
	if on {
		return "yes"
	}
	return "no"
}

// audit writes what an official did that is no event of an application.
func (d *Desk) audit(tx port.Tx, actor access.Actor, action, object string, details map[string]string) {
	tx.Write().Records().Audit(audit.Entry{ID: d.World.ID(), Salt: d.World.Random(16), At: d.World.Now(), Actor: actor.Name(),
		Action: action, Object: object, Details: details})
}
