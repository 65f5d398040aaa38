package sqlstore

import (
	"context"
	"time"

	"elicense/internal/port"
)

type (
	notices      struct{ db querier }
	noticeWrites struct{ u *unit }
)

const noticeColumns = `id, cause, kind, account, application, args, channel, state, attempts, provider, reason, created_at, next_at, sent_at, read_at`

func scanNotice(r rows, n *port.Notice) error {
	return scan(r, &n.ID, &n.Cause, &n.Kind, &n.Account, &n.Application, fromJSON(&n.Args), &n.Channel, &n.State, &n.Attempts, &n.Provider, &n.Reason,
		&n.CreatedAt, &n.NextAt, &n.SentAt, &n.ReadAt)
}

func scanHappened(r rows, h *port.Happened) error {
	return scan(r, append([]any{&h.ID, &h.Event, &h.At}, applicationDest(&h.Application)...)...)
}

func (v notices) Untold(ctx context.Context, limit int) ([]port.Happened, error) {
	return list(ctx, v.db, scanHappened, `SELECT e.id, e.event, e.at, `+applicationHead+`
		FROM application_event e JOIN application a ON a.number = e.application WHERE e.told = 0 ORDER BY e.at, e.id LIMIT $1`, limit)
}

// The conditions on channel, state and time of reading are those of the indices, word for word.
func (v notices) Cabinet(ctx context.Context, account string, before time.Time, beforeID string, limit int) ([]port.Notice, error) {
	f := filter{}
	f.where(`account = %s`, account)
	f.where(`channel = 'cabinet'`)
	if !before.IsZero() {
		f.where(`(created_at < %s OR created_at = %s AND id < %s)`, before, before, beforeID)
	}
	f.write(` ORDER BY created_at DESC, id DESC LIMIT %s`, limit)
	return list(ctx, v.db, scanNotice, `SELECT `+noticeColumns+` FROM notice WHERE `+f.text.String(), f.args...)
}

func (v notices) Unread(ctx context.Context, account string) (int, error) {
	return get(ctx, v.db, scalar[int], `SELECT COUNT(*) FROM notice WHERE account = $1 AND channel = 'cabinet' AND read_at = 0`, account)
}

func (v notices) Due(ctx context.Context, now time.Time, limit int) ([]port.Notice, error) {
	return list(ctx, v.db, scanNotice, `SELECT `+noticeColumns+` FROM notice WHERE state = 'waiting' AND next_at <= $1 ORDER BY next_at, id LIMIT $2`, now, limit)
}

func (v notices) Parked(ctx context.Context, limit int) ([]port.Notice, error) {
	return list(ctx, v.db, scanNotice, `SELECT `+noticeColumns+` FROM notice WHERE state = 'parked' ORDER BY id LIMIT $1`, limit)
}

func (v notices) Choice(ctx context.Context, account string) (port.NoticeChoice, bool, error) {
	return find(ctx, v.db, func(r rows, c *port.NoticeChoice) error {
		var mail, sms int
		err := scan(r, &mail, &sms)
		c.Mail, c.SMS = mail == 1, sms == 1
		return err
	}, `SELECT mail, sms FROM notice_choice WHERE account = $1`, account)
}

func (w noticeWrites) Add(n port.Notice) {
	w.u.add(`INSERT INTO notice (id, cause, kind, account, application, args, channel, state, attempts, provider, reason, created_at, next_at, sent_at, read_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT (cause, account, channel) DO NOTHING`,
		n.ID, n.Cause, n.Kind, n.Account, n.Application, jsonText(n.Args), n.Channel, n.State, n.Attempts, n.Provider, n.Reason,
		n.CreatedAt, n.NextAt, n.SentAt, n.ReadAt)
}

func (w noticeWrites) Tell(event string) {
	w.u.guarded(race(), `UPDATE application_event SET told = 1 WHERE id = $1 AND told = 0`, event)
}

func (w noticeWrites) Attempt(n port.Notice, after int) {
	w.u.guarded(race(), `UPDATE notice SET state = $3, attempts = $4, provider = $5, reason = $6, next_at = $7, sent_at = $8
		WHERE id = $1 AND state = 'waiting' AND attempts = $2`,
		n.ID, after, n.State, n.Attempts, n.Provider, n.Reason, n.NextAt, n.SentAt)
}

func (w noticeWrites) Read(account string, upTo, at time.Time) {
	w.u.add(`UPDATE notice SET read_at = $3 WHERE account = $1 AND channel = 'cabinet' AND read_at = 0 AND created_at <= $2`, account, upTo, at)
}

func (w noticeWrites) Choose(account string, c port.NoticeChoice) {
	w.u.add(`INSERT INTO notice_choice (account, mail, sms) VALUES ($1, $2, $3)
		ON CONFLICT (account) DO UPDATE SET mail = excluded.mail, sms = excluded.sms`, account, flag(c.Mail), flag(c.SMS))
}
