package sqlstore

import (
	"context"
	"fmt"
	"strings"

	"elicense/internal/application"
	"elicense/internal/ident"
	"elicense/internal/port"
)

// applicationHead is an application without what was answered.
const applicationHead = `number, service, revision, operation, subtype, body, party, account, state, version,
	created_at, changed_at, sent_at, registered_at, decided_at, journal, decision, permit, concerns, bundle, step, holder, due, department, report`

func applicationDest(a *application.Application) []any {
	return []any{&a.Number, &a.Service, &a.Revision, &a.Operation, &a.Subtype, &a.Body, &a.Party, &a.Account, &a.State, &a.Version,
		&a.CreatedAt, &a.ChangedAt, &a.SentAt, &a.RegisteredAt, &a.DecidedAt, &a.Journal, fromJSON(&a.Decision), &a.Permit, &a.Concerns, &a.Bundle,
		&a.Work.Step, &a.Work.Holder, &a.Work.Due, &a.Work.Department, fromJSON(&a.Work.Report)}
}

func scanApplicationHead(r rows, a *application.Application) error {
	return scan(r, applicationDest(a)...)
}

// storedAttachment is an attachment as the query gives it.
type storedAttachment struct {
	Key      string `json:"key"`
	Document string `json:"document"`
	Name     string `json:"name"`
	File     string `json:"file"`
	Digest   string `json:"digest"`
	Size     int64  `json:"size"`
}

func scanApplication(r rows, a *application.Application) error {
	var attached []storedAttachment
	err := scan(r, append(applicationDest(a), fromJSON(&a.Answers), fromJSON(&a.Sources), fromJSON(&attached))...)
	for _, at := range attached {
		a.Attached = append(a.Attached, application.Attachment(at))
	}
	return err
}

func scanHappening(r rows, h *application.Happening) error {
	return scan(r, &h.ID, &h.Application, &h.Event, &h.From, &h.To, &h.Actor, &h.Behalf, &h.At)
}

type applications struct{ db querier }

func (v applications) Application(ctx context.Context, number string) (application.Application, error) {
	return get(ctx, v.db, scanApplication, v.whole()+` WHERE number = $1 AND state <> 'deleted'`, number)
}

func scanDossier(r rows, d *port.Dossier) error { return scanAfter(r, nil, d) }

// scanAfter reads a dossier behind other columns.
func scanAfter(r rows, dest []any, d *port.Dossier) error {
	var attached []storedAttachment
	i := &d.Invoice
	dest = append(dest, applicationDest(&d.Application)...)
	dest = append(dest, fromJSON(&d.Application.Answers), fromJSON(&d.Application.Sources), fromJSON(&attached))
	dest = append(dest, partyDest(&d.Party)...)
	err := scan(r, append(dest, &i.ID, &i.Application, &i.Party, &i.Amount, &i.Purpose, &i.State, &i.PaidAt, &i.Receipt, &i.Version, &i.CreatedAt)...)
	for _, at := range attached {
		d.Application.Attached = append(d.Application.Attached, application.Attachment(at))
	}
	d.Invoiced = i.ID != ""
	return err
}

func (v applications) Dossier(ctx context.Context, number string) (port.Dossier, error) {
	return get(ctx, v.db, scanDossier, `SELECT `+dossierColumns+` FROM (`+v.whole()+` WHERE number = $1 AND state <> 'deleted') `+dossierJoins, number)
}

const dossierColumns = `application.*, ` + partyColumns + `, COALESCE(i.id, ''), COALESCE(i.application, ''), COALESCE(i.party, ''),
	COALESCE(i.amount, 0), COALESCE(i.purpose, ''), COALESCE(i.state, ''), COALESCE(i.paid_at, 0), COALESCE(i.receipt, ''), COALESCE(i.version, 0),
	COALESCE(i.created_at, 0)`

const dossierJoins = `application
	JOIN party p ON p.id = application.party
	LEFT JOIN invoice i ON i.application = application.number AND i.state <> 'void'`

func scanAsked(r rows, a *port.Asked) error {
	return scanAfter(r, challengeDest(&a.Challenge), &a.Dossier)
}

func (v applications) Asked(ctx context.Context, nonce string) (port.Asked, error) {
	// SQLite reorders no tables around a LEFT JOIN: the number is found first.
	return get(ctx, v.db, scanAsked, `SELECT `+challengeColumns+`, `+dossierColumns+` FROM challenge c CROSS JOIN
		(`+v.whole()+` WHERE number = (SELECT application FROM challenge WHERE nonce = $1) AND state <> 'deleted') `+dossierJoins+`
		WHERE c.nonce = $1`, nonce)
}

func (v applications) OpenOf(ctx context.Context, party, service, body string) (application.Application, bool, error) {
	// The condition on state is the one of the index, word for word: SQLite uses a partial index for nothing else.
	return find(ctx, v.db, scanApplication, v.whole()+` WHERE party = $1 AND service = $2 AND body = $3 AND state IN ('draft', 'signing')`,
		party, service, body)
}

// whole reads an application with its attachments, by key, in one round trip.
func (v applications) whole() string {
	w := v.db.words()
	return `SELECT ` + applicationHead + `, answers, sources,
			COALESCE((SELECT CAST(` + w.jsonArray + `(` + w.jsonObject + `('key', t.key, 'document', t.document, 'name', t.name, 'file', t.file,
				'digest', t.digest, 'size', t.size) ORDER BY t.key) AS TEXT) FROM attachment t WHERE t.application = application.number), '[]')
		FROM application`
}

func (v applications) List(ctx context.Context, s port.Search) ([]application.Application, error) {
	f := filter{}
	f.where(`party = %s`, s.Party)
	f.where(`state <> 'deleted'`)
	if s.State != "" {
		f.where(`state = %s`, s.State)
	}
	if s.Concerns != "" {
		f.where(`concerns = %s`, s.Concerns)
	}
	f.number(s)
	f.common(s, "sent_at", "created_at")
	return list(ctx, v.db, scanApplicationHead, `SELECT `+applicationHead+` FROM application WHERE `+f.text.String(), f.args...)
}

func (v applications) Happenings(ctx context.Context, number string) ([]application.Happening, error) {
	return list(ctx, v.db, scanHappening, `SELECT id, application, event, from_state, to_state, actor, behalf, at
		FROM application_event WHERE application = $1 ORDER BY at, id`, number)
}

func (v applications) Pending(ctx context.Context, limit int) ([]string, error) {
	return list(ctx, v.db, scalar[string], `SELECT number FROM application WHERE state = 'signing' ORDER BY changed_at, number LIMIT $1`, limit)
}

func (v applications) Undispatched(ctx context.Context, limit int) ([]application.Happening, error) {
	return list(ctx, v.db, scanHappening, `SELECT id, application, event, from_state, to_state, actor, behalf, at
		FROM application_event WHERE dispatched_at = 0 ORDER BY at, id LIMIT $1`, limit)
}

// filter builds the WHERE of a list: conditions with a %s for each value. Only texts written here go into it, never a
// value, so the number of different statements stays small.
type filter struct {
	text strings.Builder
	args []any
}

func (f *filter) where(condition string, values ...any) {
	if f.text.Len() > 0 {
		f.text.WriteString(" AND ")
	}
	f.write(condition, values...)
}

func (f *filter) write(text string, values ...any) {
	marks := make([]any, len(values))
	for i, v := range values {
		f.args = append(f.args, v)
		marks[i] = fmt.Sprintf("$%d", len(f.args))
	}
	f.text.WriteString(fmt.Sprintf(text, marks...))
}

// number compares the number column with a number as people type it; numbers are stored in Latin capitals.
func (f *filter) number(s port.Search) {
	switch {
	case s.Number == "":
	case s.NumberOp == port.Contains:
		f.where(`number LIKE %s ESCAPE '!'`, contained(ident.Folded(s.Number)))
	default:
		f.where(`number = %s`, ident.Folded(s.Number))
	}
}

// contained is the pattern of texts in capitals that contain s.
func contained(s string) string { return "%" + escapeLike(strings.ToUpper(s)) + "%" }

// common adds what lists of applications and of permits have in common: day is the column of the day that is searched,
// order the column that orders the list.
func (f *filter) common(s port.Search, day, order string) {
	if s.Service != "" {
		f.where(`service = %s`, s.Service)
	}
	if s.Body != "" {
		f.where(`body = %s`, s.Body)
	}
	if !s.DayFrom.IsZero() {
		f.where(day+` >= %s`, s.DayFrom)
	}
	if !s.DayTo.IsZero() {
		f.where(day+` < %s AND `+day+` > 0`, s.DayTo) // 0: not sent yet
	}
	if !s.Before.IsZero() {
		f.where(`(`+order+`, number) < (%s, %s)`, s.Before, s.BeforeNumber)
	}
	limit := s.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	f.write(` ORDER BY `+order+` DESC, number DESC LIMIT %s`, limit)
}

// defaultLimit is the length of a page where none is asked for.
const defaultLimit = 20

// escapeLike makes the wildcards of LIKE stand for themselves.
func escapeLike(s string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(s)
}
