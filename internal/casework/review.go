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
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/port"
	"elicense/internal/service"
)

// Examine keeps what the official found about the requirements of the service, complete or not.
func (d *Desk) Examine(ctx context.Context, actor access.Actor, number string, version int, found []application.Finding) error {
	return d.act(ctx, actor, number, version, application.Examine, func(u *unit) (application.Application, led, error) {
		a := u.file.Application
		var err error
		if a.Work, err = a.Work.Find(u.process, found, actor, u.at); err != nil {
			return a, led{}, err
		}
		a.ChangedAt = a.Moment(u.at)
		u.after = append(u.after, func() error { // it is no event in the life of the application
			u.tx.Write().Records().Audit(audit.Entry{ID: d.World.ID(), Salt: d.World.Random(16), At: u.at, Actor: actor.Account, Action: "application.examined",
				Object: "application/" + number, Details: answered(a.Work.Report.Findings)})
			return nil
		})
		return a, led{}, nil
	})
}

// answered says which requirements have which answer; reasons stay in the application.
func answered(found []application.Finding) map[string]string {
	details := map[string]string{}
	for _, f := range found {
		details[f.Requirement] = f.Met
	}
	return details
}

// AskCorrection sends the application back to its applicant, who corrects the items and nothing else. The term stands still.
func (d *Desk) AskCorrection(ctx context.Context, actor access.Actor, number string, version int, items []application.Item) error {
	return d.act(ctx, actor, number, version, application.AskCorrection, func(u *unit) (application.Application, led, error) {
		known, err := u.file.Correctable()
		if err != nil {
			return u.file.Application, led{}, err
		}
		a, err := u.file.Application.AskFor(u.process, items, func(path string) bool { return slices.Contains(known, path) }, actor, d.Calendar.Current(), u.at)
		if err != nil {
			return a, led{}, err
		}
		correction, _ := a.Work.Report.Correction()
		u.after = append(u.after, func() error {
			u.tx.Write().Office().Reviews().AwaitCorrection(number, correction.Until)
			return nil
		})
		a, err = u.done.move(a, application.CorrectionAsked, actor.Account, u.at, "until", correction.Until.String(), "items", paths(items))
		return a, led{}, err
	})
}

func paths(items []application.Item) string {
	var all []string
	for _, i := range items {
		all = append(all, i.Path)
	}
	return strings.Join(all, " ")
}

// Correctable lists what an applicant can be asked to correct: the fields that are shown and typed by people, in the order of
// the form, and the documents of the application, attached or not.
func (f File) Correctable() ([]string, error) {
	d := f.Form.Revision.Definition
	visible, err := f.Form.Visible(f.Application.Answers, f.Facts)
	if err != nil {
		return nil, err
	}
	var list []string
	for _, page := range d.Pages {
		for _, field := range page.Fields {
			if visible[field.Key] && field.Type != service.TypeComputed {
				list = append(list, field.Key)
			}
		}
	}
	for _, asked := range d.Asked(f.Application.Operation, f.Facts.Recipient) {
		list = append(list, application.DocumentItem(asked.Document.Key))
	}
	return list, nil
}

// Corrected makes the corrected answers the application's, in the unit of the caller who has verified their signature, and
// settles anew what the answers changed. It gives the application as it will be.
func (c *Casework) Corrected(ctx context.Context, tx port.Tx, f File, at time.Time) (application.Application, error) {
	var done history
	before := f
	a, err := done.move(f.Application.Correct(c.Calendar.Current(), at), application.Corrected, f.Application.Account, at)
	if err != nil {
		return a, err
	}
	tx.Write().Applications().Change(a)
	correction := a.Work.Report.Corrections[len(a.Work.Report.Corrections)-1]
	for _, fresh := range correction.Attached {
		tx.Write().Applications().Attach(a.Number, fresh)
	}
	tx.Write().Office().Reviews().CorrectionOver(a.Number)
	c.record(tx, done)
	f.Application = a
	return a, c.resettle(ctx, tx, before, f, at)
}

// resettle gives back what was settled for answers that are others now, and takes what the new ones ask for.
func (c *Casework) resettle(ctx context.Context, tx port.Tx, before, after File, at time.Time) error {
	process := after.Form.Revision.Definition.Process
	changed := false
	for _, key := range []string{process.Paper.Series, process.Paper.Number, process.Paper.Issued, process.Numbers.Territory} {
		changed = changed || key != "" && before.Application.Answers[key] != after.Application.Answers[key]
	}
	if !changed {
		return nil
	}
	for _, step := range process.Steps {
		settler := c.Tasks[step.Does]
		if settler == nil {
			continue
		}
		if err := settler.Dropped(ctx, tx, access.TheSystem(), before, at); err != nil {
			return err
		}
		if err := settler.Received(ctx, tx, after, at); err != nil {
			return err
		}
	}
	return nil
}

// lapsedAtOnce is how many corrections one round ends; the next round goes on.
const lapsedAtOnce = 100

// Lapse ends the corrections that were not answered in time: officials decide on what there is.
func (d *Desk) Lapse(ctx context.Context) error {
	at := d.World.Now()
	today := civil.Of(at, lang.Almaty())
	var numbers []string
	err := d.Store.View(ctx, func(v port.View) (err error) {
		numbers, err = v.Office().Reviews().Uncorrected(ctx, today, lapsedAtOnce)
		return err
	})
	if err != nil {
		return err
	}
	for _, number := range numbers {
		err := d.Store.Update(ctx, func(tx port.Tx) error {
			a, err := tx.Applications().Application(ctx, number)
			if err != nil {
				return err
			}
			if correction, open := a.Work.Report.Correction(); !open || !correction.Until.Before(today) {
				return nil // it was answered meanwhile
			}
			var done history
			if a, err = done.move(a.Lapse(d.Calendar.Current(), at), application.CorrectionLapsed, system, at); err != nil {
				return err
			}
			tx.Write().Applications().Change(a)
			tx.Write().Office().Reviews().CorrectionOver(number)
			d.record(tx, done)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// maxNote bounds a note among officials, in characters.
const maxNote = 4000

// Note writes a note on an application for the officials of the body. Notes are never changed, taken away or shown to the
// applicant. What others do with the application meanwhile does not hinder it.
func (d *Desk) Note(ctx context.Context, actor access.Actor, number, text string) error {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	switch {
	case text == "":
		return fault.At(FieldCaseNote, "note.required")
	case utf8.RuneCountInString(text) > maxNote:
		return fault.At(FieldCaseNote, "note.too-long")
	case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		return fault.At(FieldCaseNote, "field.characters")
	}
	return d.Store.Update(ctx, func(tx port.Tx) error {
		if _, err := d.load(ctx, tx, actor, number); err != nil {
			return err
		}
		at := d.World.Now()
		note := port.Note{ID: d.World.ID(), Application: number, Author: actor.Account, Text: text, At: at}
		tx.Write().Office().Reviews().AddNote(note)
		tx.Write().Records().Audit(audit.Entry{ID: d.World.ID(), Salt: d.World.Random(16), At: at, Actor: actor.Account, Action: "application.noted",
			Object: "application/" + number, Details: map[string]string{"note": note.ID}})
		return nil
	})
}

// FieldCaseNote is the field at which the faults of a note stand.
const FieldCaseNote = "case_note"

// visit is how long a page that was opened counts as being looked at; a page says nothing when it is closed.
const visit = 10 * time.Minute

// Reviewed is what accompanies the examination of an application.
type Reviewed struct {
	Notes []port.Note
	// Others are the other officials who have the application open.
	Others []port.Presence
}

// Review gives the notes on an application of the actor's body and who else has it open, and notes that the actor has. Being
// there is no change of the application: it leaves no row in the audit and is forgotten.
func (d *Desk) Review(ctx context.Context, actor access.Actor, number string) (Reviewed, error) {
	var r Reviewed
	err := d.Store.Update(ctx, func(tx port.Tx) error {
		a, err := tx.Applications().Application(ctx, number)
		if err != nil {
			return err
		}
		if err := access.Can(actor, access.View, access.Thing{Body: a.Body, Draft: a.State.Open()}); err != nil {
			return err
		}
		if a.State.Open() {
			return fault.New(fault.NotFound, "fault.not-found")
		}
		if r.Notes, err = tx.Office().Reviews().Notes(ctx, number); err != nil {
			return err
		}
		now := d.World.Now()
		present, err := tx.Office().Reviews().Present(ctx, number, now.Add(-visit))
		if err != nil {
			return err
		}
		seen := slices.ContainsFunc(present, func(p port.Presence) bool { return p.Account == actor.Account && now.Sub(p.SeenAt) < visit/10 })
		r.Others = slices.DeleteFunc(present, func(p port.Presence) bool { return p.Account == actor.Account })
		if !seen {
			tx.Write().Office().Reviews().See(number, actor.Account, now, visit)
			tx.Write().Office().Reviews().ForgetSeen(now.Add(-24 * time.Hour))
		}
		return nil
	})
	return r, err
}
