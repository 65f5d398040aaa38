package sqlstore

import (
	"context"
	"time"

	"elicense/internal/application"
	"elicense/internal/civil"
	"elicense/internal/party"
	"elicense/internal/port"
	"elicense/internal/service"
)

type queues struct{ db querier }

func scanQueued(r rows, q *port.Queued) error {
	return scan(r, append(applicationDest(&q.Application), &q.Applicant)...)
}

const applicantName = `(SELECT name FROM party WHERE id = application.party)`

func (v queues) Queue(ctx context.Context, q port.Queue) ([]port.Queued, error) {
	if !q.OpinionsOn.IsZero() {
		return v.opinions(ctx, q)
	}
	f := filter{}
	f.queue(q)
	if after := q.After; after.Number != "" {
		f.where(`(stopped, last, number) > (%s, %s, %s)`, flag(after.Stopped), placed(after.Due), after.Number)
	}
	f.write(` ORDER BY stopped, last, number LIMIT %s`, limitOf(q.Limit))
	// the numbers come from the index alone, which holds all that is filtered by; only what is shown is read from the table
	return list(ctx, v.db, scanQueued, `SELECT `+applicationHead+`, `+applicantName+`
		FROM (SELECT number AS listed FROM application WHERE `+f.text.String()+`) q
		JOIN application ON number = listed ORDER BY stopped, last, number`, f.args...)
}

// queue are the conditions of the queue.
func (f *filter) queue(q port.Queue) {
	f.where(`body = %s`, q.Body)
	switch {
	case q.Left == application.Paused: // a term stands still while the applicant corrects: they are few, and all of them stand there
		f.write(` AND step <> '' AND state = 'correcting' AND number IN (SELECT application FROM correction_asked)`)
	case q.Unread: // who corrects may ask how
		f.write(` AND step <> '' AND state IN ('in_progress', 'correcting')`)
	default:
		f.write(` AND step <> '' AND state = 'in_progress'`) // word for word the condition of the indexes
	}
	switch q.Holder {
	case "":
	case port.None:
		f.where(`holder = ''`)
	default:
		f.held(q.Holder, q.Absent)
	}
	for _, c := range []struct{ column, value string }{{`department`, q.Department}, {`service`, q.Service}, {`step`, q.Step}} {
		if c.value != "" {
			f.where(c.column+` = %s`, c.value)
		}
	}
	f.left(q.Left, q.Today)
	if q.Unread { // they are few, and all of them stand in the index message_unread, whose condition this is
		f.write(` AND number IN (SELECT application FROM message WHERE side = 'applicant' AND read_at = 0)`)
	}
	if !q.From.IsZero() {
		f.where(`registered_at >= %s`, q.From)
	}
	if !q.To.IsZero() {
		f.where(`registered_at < %s`, q.To)
	}
	if q.Number != "" {
		f.where(`number LIKE %s ESCAPE '!'`, contained(q.Number))
	}
}

// left is application.Work.Left as conditions.
func (f *filter) left(left application.Left, today civil.Date) {
	switch left {
	case application.Overdue:
		f.where(`stopped = 0 AND last < %s`, today)
	case application.Today:
		f.where(`stopped = 0 AND last = %s`, today)
	case application.Soon:
		f.where(`stopped = 0 AND last > %s AND soon <= %s`, today, today)
	case application.OnTime:
		f.where(`stopped = 0 AND last > %s AND soon > %s`, today, today)
	case application.Paused:
		f.where(`stopped = 1`)
	}
}

// placed is a day as the queue puts it in order: none comes last.
func placed(day civil.Date) string {
	if day.IsZero() {
		return "9999-12-31"
	}
	return day.String()
}

func limitOf(n int) int {
	if n <= 0 {
		return defaultLimit
	}
	return n
}

// opinions is the queue of what a body is asked by others.
func (v queues) opinions(ctx context.Context, q port.Queue) ([]port.Queued, error) {
	f := filter{}
	f.where(`body = %s`, q.Body)
	f.where(`(silence <> %s OR due >= %s)`, service.SilenceConsents, q.OpinionsOn)
	if q.Number != "" {
		f.where(`application LIKE %s ESCAPE '!'`, contained(q.Number))
	}
	if len(q.Services) > 0 {
		f.where(`EXISTS (SELECT 1 FROM application a WHERE a.number = opinion_asked.application AND a.service IN (%s`, q.Services[0])
		for _, service := range q.Services[1:] {
			f.write(`, %s`, service)
		}
		f.write(`))`)
	}
	if after := q.After; after.Number != "" {
		f.where(`(due, application) > (%s, %s)`, after.Due, after.Number)
	}
	f.write(` ORDER BY due, application LIMIT %s`, limitOf(q.Limit))
	return list(ctx, v.db, scanQueued, `SELECT `+applicationHead+`, `+applicantName+`
		FROM (SELECT application AS asked, due AS asked_until FROM opinion_asked WHERE `+f.text.String()+`) o
		JOIN application ON number = asked ORDER BY asked_until, asked`, f.args...)
}

// Count asks all in one round trip.
func (v queues) Count(ctx context.Context, most int, asked ...port.Queue) ([]int, error) {
	if len(asked) == 0 {
		return nil, nil
	}
	f := filter{}
	for i, q := range asked {
		if i > 0 {
			f.text.WriteString(", ")
		}
		one := filter{args: f.args}
		one.queue(q)
		one.write(` LIMIT %s`, most)
		f.args = one.args
		f.text.WriteString(`(SELECT COUNT(*) FROM (SELECT 1 FROM application WHERE ` + one.text.String() + `) c)`)
	}
	return get(ctx, v.db, func(r rows, n *[]int) error {
		*n = make([]int, len(asked))
		dest := make([]any, len(asked))
		for i := range dest {
			dest[i] = &(*n)[i]
		}
		return r.Scan(dest...)
	}, `SELECT `+f.text.String(), f.args...)
}

// Found finds the applicants first: they are few, and each has an index of what is theirs.
func (v queues) Found(ctx context.Context, s port.Found) ([]port.Queued, error) {
	f := filter{}
	switch {
	case s.Number != "":
		f.where(`number = %s`, s.Number)
	case s.Party != "":
		f.where(`party IN (SELECT id FROM party WHERE number = %s)`, s.Party)
	case len(s.Words) > 0:
		f.where(`party IN (`)
		f.named(s.Words)
		f.write(`)`)
	default:
		return nil, nil
	}
	f.where(`body = %s`, s.Body)
	f.where(`state IN ('in_progress', 'correcting', 'issued', 'returned', 'withdrawn')`)
	if !s.Before.IsZero() {
		f.where(`(registered_at, number) < (%s, %s)`, s.Before, s.BeforeNumber)
	}
	f.write(` ORDER BY registered_at DESC, number DESC LIMIT %s`, limitOf(s.Limit))
	return list(ctx, v.db, scanQueued, `SELECT `+applicationHead+`, `+applicantName+` FROM application WHERE `+f.text.String(), f.args...)
}

// mostNamed is how many applicants a search by name looks at.
const mostNamed = 1000

// named are the parties whose names have words that begin with each of those given; the longest, being the rarest, leads.
func (f *filter) named(words []string) {
	lead := 0
	for i, w := range words {
		if len(w) > len(words[lead]) {
			lead = i
		}
	}
	f.write(`SELECT w.party FROM party_word w WHERE w.word >= %s AND w.word < %s`, words[lead], words[lead]+lastRune)
	for i, w := range words {
		if i != lead {
			f.write(` AND EXISTS (SELECT 1 FROM party_word x WHERE x.party = w.party AND x.word >= %s AND x.word < %s)`, w, w+lastRune)
		}
	}
	f.write(` LIMIT %s`, mostNamed)
}

// lastRune comes behind every letter.
const lastRune = "\U0010FFFF"

type heldBy struct {
	official string
	count    int
}

func (v queues) Held(ctx context.Context, body string) (map[string]int, error) {
	all, err := list(ctx, v.db, func(r rows, h *heldBy) error { return r.Scan(&h.official, &h.count) },
		`SELECT holder, COUNT(*) FROM application WHERE body = $1 AND holder > '' AND step <> '' AND state = 'in_progress' GROUP BY holder`, body)
	held := map[string]int{}
	for _, h := range all {
		held[h.official] = h.count
	}
	return held, err
}

func (v queues) HandsOut(ctx context.Context, body string) (bool, error) {
	on, _, err := find(ctx, v.db, scalar[int], `SELECT hands_out FROM queue_rule WHERE body = $1`, body)
	return on == 1, err
}

func (v queues) Views(ctx context.Context, official string) ([]port.SavedView, error) {
	return list(ctx, v.db, func(r rows, s *port.SavedView) error { return r.Scan(&s.ID, &s.Official, &s.Name, &s.Query) },
		`SELECT id, official, name, query FROM queue_view WHERE official = $1 ORDER BY name`, official)
}

func (v queues) Batch(ctx context.Context, id string) (port.Batch, error) {
	return get(ctx, v.db, func(r rows, b *port.Batch) error {
		done := 0
		err := scan(r, &b.ID, &b.Official, &b.Act, &b.At, fromJSON(&b.Rows), &done)
		b.Done = done == 1
		return err
	}, `SELECT id, official, act, at, rows, done FROM queue_batch WHERE id = $1`, id)
}

const exportColumns = `id, official, lang, query, found, at, state, written, total, beat_at, digest, size, version`

func scanExport(r rows, e *port.Export) error {
	return scan(r, &e.ID, &e.Official, &e.Lang, fromJSON(&e.Query), fromJSON(&e.Found), &e.At, &e.State, &e.Rows, &e.Total, &e.BeatAt, &e.Digest, &e.Size, &e.Version)
}

func (v queues) Export(ctx context.Context, id string) (port.Export, error) {
	return get(ctx, v.db, scanExport, `SELECT `+exportColumns+` FROM queue_export WHERE id = $1`, id)
}

func (v queues) Exports(ctx context.Context, official string) ([]port.Export, error) {
	if official == "" {
		return list(ctx, v.db, scanExport, `SELECT `+exportColumns+` FROM queue_export ORDER BY at, id`)
	}
	return list(ctx, v.db, scanExport, `SELECT `+exportColumns+` FROM queue_export WHERE official = $1 ORDER BY at DESC, id DESC`, official)
}

func (v queues) Unnamed(ctx context.Context, limit int) ([]party.Party, error) {
	return list(ctx, v.db, scanParty, `SELECT `+partyColumns+` FROM party p WHERE NOT EXISTS (SELECT 1 FROM party_word w WHERE w.party = p.id) ORDER BY p.id LIMIT $1`, limit)
}

type queueWrites struct{ u *unit }

func (w queueWrites) SetHandsOut(body string, on bool) {
	w.u.add(`INSERT INTO queue_rule (body, hands_out) VALUES ($1, $2) ON CONFLICT (body) DO UPDATE SET hands_out = excluded.hands_out`, body, flag(on))
}

func (w queueWrites) AddView(v port.SavedView) {
	w.u.add(`INSERT INTO queue_view (id, official, name, query) VALUES ($1, $2, $3, $4)`, v.ID, v.Official, v.Name, v.Query)
}

func (w queueWrites) RenameView(v port.SavedView) {
	w.u.guarded(race(), `UPDATE queue_view SET name = $3 WHERE id = $1 AND official = $2`, v.ID, v.Official, v.Name)
}

func (w queueWrites) DropView(official, id string) {
	w.u.add(`DELETE FROM queue_view WHERE id = $1 AND official = $2`, id, official)
}

func (w queueWrites) AddBatch(b port.Batch) {
	w.u.add(`INSERT INTO queue_batch (id, official, act, at, rows, done) VALUES ($1, $2, $3, $4, $5, $6)`,
		b.ID, b.Official, b.Act, b.At, jsonText(b.Rows), flag(b.Done))
}

func (w queueWrites) EndBatch(b port.Batch) {
	w.u.guarded(race(), `UPDATE queue_batch SET rows = $2, done = 1 WHERE id = $1 AND done = 0`, b.ID, jsonText(b.Rows))
}

func (w queueWrites) DropBatches(before time.Time) {
	w.u.add(`DELETE FROM queue_batch WHERE at < $1`, before)
}

func (w queueWrites) AddExport(e port.Export) {
	w.u.add(`INSERT INTO queue_export (id, official, lang, query, found, at, state, written, total, beat_at, digest, size, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		e.ID, e.Official, e.Lang, jsonText(e.Query), jsonText(e.Found), e.At, e.State, e.Rows, e.Total, e.BeatAt, e.Digest, e.Size, e.Version)
}

func (w queueWrites) ChangeExport(e port.Export) {
	w.u.guarded(race(), `UPDATE queue_export SET state = $3, written = $4, total = $5, beat_at = $6, digest = $7, size = $8, version = $2 + 1
		WHERE id = $1 AND version = $2`, e.ID, e.Version, e.State, e.Rows, e.Total, e.BeatAt, e.Digest, e.Size)
}

func (w queueWrites) DropExport(id string) {
	w.u.add(`DELETE FROM queue_export WHERE id = $1`, id)
}

// Name leaves an empty word behind where a name has none: the party is named all the same.
func (w queueWrites) Name(p party.Party) {
	w.u.add(`DELETE FROM party_word WHERE party = $1`, p.ID)
	w.u.named(p)
}

// named adds the words of a party's name, of which there are none yet.
func (u *unit) named(p party.Party) {
	words := party.Words(p.Name)
	if len(words) == 0 {
		words = []string{""}
	}
	for _, word := range words {
		u.add(`INSERT INTO party_word (party, word) VALUES ($1, $2)`, p.ID, word)
	}
}
