package sqlstore

import (
	"context"

	"elicense/internal/application"
	"elicense/internal/fault"
	"elicense/internal/port"
)

func (v office) Decisions() port.Decisions { return decisions(v) }

func (w officeWrites) Decisions() port.DecisionWrites { return decisionWrites(w) }

type (
	decisions      struct{ db querier }
	decisionWrites struct{ u *unit }
)

func (v decisions) Automatic(ctx context.Context, after string, limit int) ([]application.Happening, error) {
	return list(ctx, v.db, func(r rows, h *application.Happening) error {
		return scan(r, &h.ID, &h.Application, &h.Event, &h.From, &h.To, &h.Actor, &h.At)
	}, `SELECT id, application, event, from_state, to_state, actor, at FROM application_event
		WHERE id > $1 AND actor = 'system' AND event IN ('granted', 'refused') ORDER BY id LIMIT $2`, after, limit)
}

func (v decisions) Replays(ctx context.Context, limit int) ([]port.Replay, error) {
	return list(ctx, v.db, func(r rows, p *port.Replay) error {
		return scan(r, &p.ID, &p.From, &p.Through, &p.Decisions, &p.Different, &p.At)
	}, `SELECT id, from_event, through_event, decisions, different, at FROM decision_replay ORDER BY id DESC LIMIT $1`, limit)
}

func (v decisions) Differences(ctx context.Context) ([]port.Difference, error) {
	return list(ctx, v.db, func(r rows, d *port.Difference) error { return scan(r, &d.Application, &d.Text, &d.FoundAt) },
		`SELECT application, what, found_at FROM decision_difference ORDER BY application`)
}

const stopColumns = `service, body, reason, stopped_by, person, at`

func scanStop(r rows, s *port.Stop) error {
	return scan(r, &s.Service, &s.Body, &s.Reason, &s.By, &s.Person, &s.At)
}

func (v decisions) Stops(ctx context.Context, body string) ([]port.Stop, error) {
	return list(ctx, v.db, scanStop, `SELECT `+stopColumns+` FROM automation_stop WHERE body = $1 ORDER BY service`, body)
}

func (v decisions) Stopped(ctx context.Context, service, body string) (port.Stop, bool, error) {
	return find(ctx, v.db, scanStop, `SELECT `+stopColumns+` FROM automation_stop WHERE service = $1 AND body = $2`, service, body)
}

const reviewColumns = `application, body, account, said, asked_at, outcome, reason_kk, reason_ru, closed_by, closed_person, closed_at`

func scanReview(r rows, x *application.Review) error {
	return scan(r, &x.Application, &x.Body, &x.Account, &x.Text, &x.AskedAt, &x.Outcome, &x.ReasonKK, &x.ReasonRU, &x.ClosedBy, &x.ClosedWith, &x.ClosedAt)
}

func (v decisions) Review(ctx context.Context, number string) (application.Review, bool, error) {
	return find(ctx, v.db, scanReview, `SELECT `+reviewColumns+` FROM decision_review WHERE application = $1`, number)
}

func (v decisions) Reviews(ctx context.Context, body string) ([]application.Review, error) {
	return list(ctx, v.db, scanReview, `SELECT `+reviewColumns+` FROM decision_review WHERE body = $1 AND outcome = '' ORDER BY asked_at, application`, body)
}

func (w decisionWrites) AddReplay(r port.Replay) {
	w.u.add(`INSERT INTO decision_replay (id, from_event, through_event, decisions, different, at) VALUES ($1, $2, $3, $4, $5, $6)`,
		r.ID, r.From, r.Through, r.Decisions, r.Different, r.At)
}

func (w decisionWrites) PutDifference(d port.Difference) {
	w.u.add(`INSERT INTO decision_difference (application, what, found_at) VALUES ($1, $2, $3)
		ON CONFLICT (application) DO UPDATE SET what = excluded.what`, d.Application, d.Text, d.FoundAt)
}

func (w decisionWrites) Agree(number string) {
	w.u.add(`DELETE FROM decision_difference WHERE application = $1`, number)
}

func (w decisionWrites) Stop(s port.Stop) {
	w.u.add(`INSERT INTO automation_stop (`+stopColumns+`) VALUES ($1, $2, $3, $4, $5, $6)`, s.Service, s.Body, s.Reason, s.By, s.Person, s.At)
}

func (w decisionWrites) Resume(service, body string) {
	w.u.guarded(fault.New(fault.Conflict, "automation.running"), `DELETE FROM automation_stop WHERE service = $1 AND body = $2`, service, body)
}

func (w decisionWrites) AskReview(r application.Review) {
	w.u.add(`INSERT INTO decision_review (`+reviewColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		r.Application, r.Body, r.Account, r.Text, r.AskedAt, r.Outcome, r.ReasonKK, r.ReasonRU, r.ClosedBy, r.ClosedWith, r.ClosedAt)
}

func (w decisionWrites) CloseReview(r application.Review) {
	w.u.guarded(fault.New(fault.Conflict, "review.closed"), `UPDATE decision_review SET outcome = $2, reason_kk = $3, reason_ru = $4, closed_by = $5, closed_person = $6, closed_at = $7
		WHERE application = $1 AND outcome = ''`, r.Application, r.Outcome, r.ReasonKK, r.ReasonRU, r.ClosedBy, r.ClosedWith, r.ClosedAt)
}
