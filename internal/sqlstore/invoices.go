package sqlstore

import (
	"context"
	"time"

	"elicense/internal/charge"
	"elicense/internal/port"
)

const documentColumns = `id, party, name, file, type, digest, size, created_at, deleted_at`

type documents struct{ db querier }

func scanDocument(r rows, d *port.StoredDocument) error {
	return scan(r, &d.ID, &d.Party, &d.Name, &d.File, &d.Type, &d.Digest, &d.Size, &d.CreatedAt, &d.DeletedAt)
}

func (v documents) Document(ctx context.Context, id string) (port.StoredDocument, error) {
	return get(ctx, v.db, scanDocument, `SELECT `+documentColumns+` FROM document WHERE id = $1`, id)
}

func (v documents) ListOf(ctx context.Context, party string) ([]port.StoredDocument, error) {
	return list(ctx, v.db, scanDocument, `SELECT `+documentColumns+` FROM document
		WHERE party = $1 AND deleted_at = 0 ORDER BY created_at DESC, id DESC`, party)
}

func (v documents) Each(ctx context.Context, f func(port.StoredDocument) error) error {
	for after := ""; ; {
		page, err := list(ctx, v.db, scanDocument, `SELECT `+documentColumns+` FROM document WHERE id > $1 ORDER BY id LIMIT 500`, after)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, d := range page {
			after = d.ID
			if err := f(d); err != nil {
				return err
			}
		}
	}
}

type documentWrites struct{ u *unit }

func (w documentWrites) Add(d port.StoredDocument) {
	w.u.add(`INSERT INTO document (id, party, name, file, type, digest, size, created_at, deleted_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		d.ID, d.Party, d.Name, d.File, d.Type, d.Digest, d.Size, d.CreatedAt, d.DeletedAt)
}

func (w documentWrites) Delete(id string, at time.Time) {
	w.u.guarded(race(), `UPDATE document SET deleted_at = $2 WHERE id = $1 AND deleted_at = 0`, id, at)
}

const invoiceColumns = `id, application, party, amount, purpose, state, paid_at, receipt, version, created_at`

type invoices struct{ db querier }

func scanInvoice(r rows, i *charge.Invoice) error {
	return scan(r, &i.ID, &i.Application, &i.Party, &i.Amount, &i.Purpose, &i.State, &i.PaidAt, &i.Receipt, &i.Version, &i.CreatedAt)
}

func (v invoices) Invoice(ctx context.Context, id string) (charge.Invoice, error) {
	return get(ctx, v.db, scanInvoice, `SELECT `+invoiceColumns+` FROM invoice WHERE id = $1`, id)
}

func (v invoices) OfApplication(ctx context.Context, number string) (charge.Invoice, bool, error) {
	return find(ctx, v.db, scanInvoice, `SELECT `+invoiceColumns+` FROM invoice WHERE application = $1 AND state <> 'void'`, number)
}

func (v invoices) Noticed(ctx context.Context, notice string) (bool, error) {
	_, ok, err := find(ctx, v.db, scalar[string], `SELECT id FROM payment_notice WHERE id = $1`, notice)
	return ok, err
}

type invoiceWrites struct{ u *unit }

func (w invoiceWrites) Add(i charge.Invoice) {
	w.u.add(`INSERT INTO invoice (id, application, party, amount, purpose, state, paid_at, receipt, version, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		i.ID, i.Application, i.Party, i.Amount, i.Purpose, i.State, i.PaidAt, i.Receipt, i.Version, i.CreatedAt)
}

// Change leaves application, party and time of creation.
func (w invoiceWrites) Change(i charge.Invoice) {
	w.u.guarded(race(), `UPDATE invoice SET amount = $3, purpose = $4, state = $5, paid_at = $6, receipt = $7, version = $2 + 1
		WHERE id = $1 AND version = $2`,
		i.ID, i.Version, i.Amount, i.Purpose, i.State, i.PaidAt, i.Receipt)
}

func (w invoiceWrites) Notice(n charge.Notice) {
	w.u.add(`INSERT INTO payment_notice (id, invoice, outcome, amount, currency, receipt, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		n.ID, n.Invoice, n.Outcome, n.Amount, n.Currency, n.Receipt, n.At)
}
