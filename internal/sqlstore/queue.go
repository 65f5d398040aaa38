package sqlstore

import (
	"context"

	"elicense/internal/port"
	"elicense/internal/service"
)

type queues struct{ db querier }

func scanQueued(r rows, q *port.Queued) error {
	return scan(r, append(applicationDest(&q.Application), &q.Applicant)...)
}

func (v queues) Queue(ctx context.Context, q port.Queue) ([]port.Queued, error) {
	if !q.OpinionsOn.IsZero() {
		return v.opinions(ctx, q)
	}
	f := filter{}
	f.where(`body = %s`, q.Body)
	f.where(`step <> '' AND state = 'in_progress'`) // word for word the condition of the index
	switch q.Holder {
	case "":
	case port.None:
		f.where(`holder = ''`)
	default:
		f.held(q.Holder, q.Absent)
	}
	f.page(q, "due", "number")
	return list(ctx, v.db, scanQueued, `SELECT `+applicationHead+`, (SELECT name FROM party WHERE id = application.party)
		FROM application WHERE `+f.text.String(), f.args...)
}

// opinions is the queue of what a body is asked by others.
func (v queues) opinions(ctx context.Context, q port.Queue) ([]port.Queued, error) {
	f := filter{}
	f.where(`body = %s`, q.Body)
	f.where(`(silence <> %s OR due >= %s)`, service.SilenceConsents, q.OpinionsOn)
	f.page(q, "due", "application")
	return list(ctx, v.db, scanQueued, `SELECT `+applicationHead+`, (SELECT name FROM party WHERE id = application.party)
		FROM (SELECT application AS asked, due AS last FROM opinion_asked WHERE `+f.text.String()+`) o
		JOIN application ON number = asked ORDER BY last, asked`, f.args...)
}
