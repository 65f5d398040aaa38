package sqlstore

import (
	"context"
	"time"

	"elicense/internal/party"
)

const partyColumns = `p.id, p.kind, p.number, p.name, p.surname, p.given_name, p.patronymic, p.profile, p.version, p.created_at`

const accountColumns = `a.id, a.iin, a.surname, a.given_name, a.patronymic, a.email, a.phone, a.lang, a.password, a.version, a.created_at, ` + partyColumns

func partyDest(p *party.Party) []any {
	return []any{&p.ID, &p.Kind, &p.Number, &p.Name, &p.Surname, &p.GivenName, &p.Patronymic, fromJSON(&p.Profile), &p.Version, &p.CreatedAt}
}

func scanParty(r rows, p *party.Party) error { return scan(r, partyDest(p)...) }

func accountDest(a *party.Account) []any {
	own := []any{&a.ID, &a.IIN, &a.Surname, &a.GivenName, &a.Patronymic, &a.Email, &a.Phone, &a.Lang, &a.Password, &a.Version, &a.CreatedAt}
	return append(own, partyDest(&a.Party)...)
}

func scanAccount(r rows, a *party.Account) error { return scan(r, accountDest(a)...) }

type accounts struct{ db querier }

func (v accounts) Account(ctx context.Context, id string) (party.Account, error) {
	return get(ctx, v.db, scanAccount, `SELECT `+accountColumns+` FROM account a JOIN party p ON p.id = a.party WHERE a.id = $1`, id)
}

func (v accounts) ByNumber(ctx context.Context, number string) ([]party.Account, error) {
	return list(ctx, v.db, scanAccount, `SELECT `+accountColumns+` FROM account a JOIN party p ON p.id = a.party
		WHERE p.number = $1 ORDER BY a.created_at, a.id`, number)
}

func (v accounts) Party(ctx context.Context, id string) (party.Party, error) {
	return get(ctx, v.db, scanParty, `SELECT `+partyColumns+` FROM party p WHERE p.id = $1`, id)
}

func (v accounts) PartyByNumber(ctx context.Context, number string) (party.Party, bool, error) {
	return find(ctx, v.db, scanParty, `SELECT `+partyColumns+` FROM party p WHERE p.number = $1`, number)
}

func (v accounts) Attempts(ctx context.Context, key string, now time.Time, window time.Duration) (int, error) {
	n, _, err := find(ctx, v.db, scalar[int], `SELECT attempts FROM login_attempt WHERE key = $1 AND started_at > $2`, key, now.Add(-window))
	return n, err
}

type accountWrites struct{ u *unit }

func (w accountWrites) AddParty(p party.Party) {
	w.u.add(`INSERT INTO party (id, kind, number, name, surname, given_name, patronymic, profile, version, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		p.ID, p.Kind, p.Number, p.Name, p.Surname, p.GivenName, p.Patronymic, jsonText(p.Profile), p.Version, p.CreatedAt)
	w.u.named(p)
}

func (w accountWrites) AddAccount(a party.Account) {
	w.u.add(`INSERT INTO account (id, party, iin, surname, given_name, patronymic, email, phone, lang, password, version, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		a.ID, a.Party.ID, a.IIN, a.Surname, a.GivenName, a.Patronymic, a.Email, a.Phone, a.Lang, a.Password, a.Version, a.CreatedAt)
}

func (w accountWrites) ChangeParty(p party.Party) {
	w.u.guarded(race(), `UPDATE party SET kind = $3, name = $4, surname = $5, given_name = $6, patronymic = $7, profile = $8, version = $2 + 1
		WHERE id = $1 AND version = $2`,
		p.ID, p.Version, p.Kind, p.Name, p.Surname, p.GivenName, p.Patronymic, jsonText(p.Profile))
	queueWrites(w).Name(p)
}

func (w accountWrites) ChangeAccount(a party.Account) {
	w.u.guarded(race(), `UPDATE account SET email = $3, phone = $4, lang = $5, password = $6, surname = $7, given_name = $8, patronymic = $9, version = $2 + 1
		WHERE id = $1 AND version = $2`,
		a.ID, a.Version, a.Email, a.Phone, a.Lang, a.Password, a.Surname, a.GivenName, a.Patronymic)
}

func (w accountWrites) AddAttempt(key string, now time.Time, window time.Duration) {
	w.u.contend("attempt " + key)
	w.u.add(`INSERT INTO login_attempt (key, started_at, attempts) VALUES ($1, $2, 1)
		ON CONFLICT (key) DO UPDATE SET
			attempts = CASE WHEN login_attempt.started_at > $3 THEN login_attempt.attempts + 1 ELSE 1 END,
			started_at = CASE WHEN login_attempt.started_at > $3 THEN login_attempt.started_at ELSE excluded.started_at END`,
		key, now, now.Add(-window))
}

func (w accountWrites) ClearAttempts(key string) {
	w.u.add(`DELETE FROM login_attempt WHERE key = $1`, key)
}
