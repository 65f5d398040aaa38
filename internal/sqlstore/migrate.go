package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"io/fs"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
)

//go:embed migrations
var migrations embed.FS

// newestMigration is the version that this program needs.
func newestMigration() (int, error) {
	names, err := fs.ReadDir(migrations, "migrations/sqlite")
	if err != nil {
		return 0, internal(err)
	}
	newest := 0
	for _, n := range names {
		digits, _, _ := strings.Cut(n.Name(), "_")
		v, err := strconv.Atoi(digits)
		if err != nil {
			return 0, internal(err)
		}
		newest = max(newest, v)
	}
	return newest, nil
}

// migrateUp applies what is missing.
func migrateUp(ctx context.Context, dialect goose.Dialect, db *sql.DB, folder string, opts ...goose.ProviderOption) error {
	files, err := fs.Sub(migrations, "migrations/"+folder)
	if err != nil {
		return internal(err)
	}
	p, err := goose.NewProvider(dialect, db, files, append(opts, goose.WithDisableGlobalRegistry(true))...)
	if err != nil {
		return internal(err)
	}
	if _, err := p.Up(ctx); err != nil {
		return internal(err)
	}
	return nil
}
