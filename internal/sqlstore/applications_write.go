package sqlstore

import (
	"time"

	"elicense/internal/application"
)

type applicationWrites struct{ u *unit }

func (w applicationWrites) Add(a application.Application) {
	w.u.add(`INSERT INTO application (number, service, revision, operation, subtype, body, party, account, state, version,
			answers, sources, created_at, changed_at, sent_at, registered_at, decided_at, journal, decision, permit,
			step, holder, due, report, department, stopped, last, soon, concerns, bundle)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30)`,
		a.Number, a.Service, a.Revision, a.Operation, a.Subtype, a.Body, a.Party, a.Account, a.State, a.Version,
		jsonText(a.Answers), jsonText(a.Sources), a.CreatedAt, a.ChangedAt, a.SentAt, a.RegisteredAt, a.DecidedAt, a.Journal,
		jsonText(a.Decision), a.Permit, a.Work.Step, a.Work.Holder, a.Work.Due, jsonText(a.Work.Report), a.Work.Department,
		flag(a.Work.Report.Clock.Stopped()), placed(a.Work.Due), placed(a.Work.SoonFrom()), a.Concerns, a.Bundle)
	for _, at := range a.Attached {
		w.Attach(a.Number, at)
	}
	w.asked(a)
}

// Change leaves number, service, party and time of creation: they are the application's identity.
func (w applicationWrites) Change(a application.Application) {
	w.u.guarded(race(), `UPDATE application SET revision = $3, operation = $4, subtype = $5, body = $6, account = $7, state = $8,
			answers = $9, sources = $10, changed_at = $11, sent_at = $12, registered_at = $13, decided_at = $14, journal = $15,
			decision = $16, permit = $17, step = $18, holder = $19, due = $20, report = $21, department = $22, stopped = $23, last = $24,
			soon = $25, concerns = $26, bundle = $27, version = $2 + 1
		WHERE number = $1 AND version = $2`,
		a.Number, a.Version, a.Revision, a.Operation, a.Subtype, a.Body, a.Account, a.State,
		jsonText(a.Answers), jsonText(a.Sources), a.ChangedAt, a.SentAt, a.RegisteredAt, a.DecidedAt, a.Journal,
		jsonText(a.Decision), a.Permit, a.Work.Step, a.Work.Holder, a.Work.Due, jsonText(a.Work.Report), a.Work.Department,
		flag(a.Work.Report.Clock.Stopped()), placed(a.Work.Due), placed(a.Work.SoonFrom()), a.Concerns, a.Bundle)
	w.asked(a)
}

// asked keeps the queue of the bodies that are asked: there stands what is not answered of an application in work.
func (w applicationWrites) asked(a application.Application) {
	for _, o := range a.Work.Report.Opinions {
		if (a.State == application.Registered || a.State == application.Correcting) && o.Answer == nil {
			w.u.add(`INSERT INTO opinion_asked (body, application, due, silence) VALUES ($1, $2, $3, $4)
				ON CONFLICT (application, body) DO UPDATE SET due = excluded.due`,
				o.Body, a.Number, o.Due, o.Silence)
		} else {
			w.u.add(`DELETE FROM opinion_asked WHERE application = $1 AND body = $2`, a.Number, o.Body)
		}
	}
}

func (w applicationWrites) Attach(number string, at application.Attachment) {
	w.u.add(`INSERT INTO attachment (application, key, document, name, file, digest, size) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (application, key) DO UPDATE SET document = excluded.document, name = excluded.name, file = excluded.file,
			digest = excluded.digest, size = excluded.size`,
		number, at.Key, at.Document, at.Name, at.File, at.Digest, at.Size)
}

func (w applicationWrites) Detach(number, key string) {
	w.u.add(`DELETE FROM attachment WHERE application = $1 AND key = $2`, number, key)
}

func (w applicationWrites) Happen(h application.Happening) {
	dispatched := h.At
	if h.Event.Followed() {
		dispatched = time.Time{}
	}
	told := 1
	if h.Event.Told() {
		told = 0
	}
	w.u.add(`INSERT INTO application_event (id, application, event, from_state, to_state, actor, behalf, at, dispatched_at, told)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		h.ID, h.Application, h.Event, h.From, h.To, h.Actor, h.Behalf, h.At, dispatched, told)
}

func (w applicationWrites) Dispatched(ids []string, at time.Time) {
	for _, id := range ids {
		w.u.add(`UPDATE application_event SET dispatched_at = $2 WHERE id = $1 AND dispatched_at = 0`, id, at)
	}
}
