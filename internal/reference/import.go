package reference

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"elicense/internal/audit"
	"elicense/internal/form"
	"elicense/internal/ledger"
	"elicense/internal/port"
	"elicense/internal/service"
)

// Import stores rows of a directory and, where it has quotas, their totals, in one unit per 500 rows.
func (l *Library) Import(ctx context.Context, key string, dir *service.Directory, rows []service.Row, actor string) error {
	for part := range slices.Chunk(rows, 500) {
		err := l.store.Update(ctx, func(tx port.Tx) error {
			l.ImportIn(tx, key, dir, part, actor)
			return nil
		})
		if err != nil {
			return err
		}
	}
	l.forget()
	return nil
}

// ImportIn adds rows of a directory to a unit, with the totals of their quotas.
func (l *Library) ImportIn(tx port.Tx, key string, dir *service.Directory, rows []service.Row, actor string) {
	tx.Write().Directories().Put(key, rows)
	for _, r := range rows {
		if q, ok := QuotaOf(dir, r); ok {
			tx.Write().Ledger().SetTotal(q)
		}
	}
	tx.Write().Records().Audit(audit.Entry{
		ID: l.world.ID(), Salt: l.world.Random(16), At: l.world.Now(), Actor: actor,
		Action: "directory.imported", Object: "directory/" + key, Details: map[string]string{"rows": strconv.Itoa(len(rows))},
	})
}

// QuotaOf gives the quota that a row sets, if its directory has quotas and the row an amount.
func QuotaOf(dir *service.Directory, r service.Row) (ledger.Quota, bool) {
	if dir == nil || dir.Quota == nil || r.Values[dir.Quota.Amount] == "" {
		return ledger.Quota{}, false
	}
	id := strings.Join([]string{r.Directory, r.Code, r.Variant, r.Values[dir.Quota.Year]}, "/")
	return ledger.Quota{ID: id, Unit: r.Values[dir.Quota.Unit], Total: form.Millionths(r.Values[dir.Quota.Amount])}, true
}
