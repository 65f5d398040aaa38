package sqlstore_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"elicense/internal/port"
	"elicense/internal/sqlstore"
	"elicense/internal/storetest"
	"elicense/internal/testkit/postgres"
	"elicense/internal/testkit/sqlite"
)

// The databases of this test process: the PostgreSQL server, and the SQLite file that tests get copies of.
var (
	shared postgres.Shared
	lite   sqlite.Shared
)

func TestMain(m *testing.M) {
	code := m.Run()
	shared.Stop()
	os.Exit(code)
}

// open opens a migrated store and closes it when the test ends.
func open(t testing.TB, url string, opts sqlstore.Options) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.Open(context.Background(), url, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	if err := s.Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}
	return s
}

// sqliteURL gives a migrated database.
func sqliteURL(t testing.TB) string { return lite.URL(t, migrate) }

func migrate(ctx context.Context, url string) error {
	s, err := sqlstore.Open(ctx, url, sqlstore.Options{})
	if err != nil {
		return err
	}
	return errors.Join(s.Migrate(ctx), s.Close())
}

// postgresURL gives a migrated database. A missing PostgreSQL fails the test; only -short goes without.
func postgresURL(t testing.TB) string {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: PostgreSQL is left out")
	}
	return shared.URL(t, migrate)
}

// engines names every way to open a store that the suite has to pass.
func engines() map[string]func(testing.TB) *sqlstore.Store {
	return map[string]func(testing.TB) *sqlstore.Store{
		"sqlite": func(t testing.TB) *sqlstore.Store { return open(t, sqliteURL(t), sqlstore.Options{}) },
		"sqlite, a commit each": func(t testing.TB) *sqlstore.Store {
			return open(t, sqliteURL(t), sqlstore.Options{Group: 1})
		},
		"postgres": func(t testing.TB) *sqlstore.Store { return open(t, postgresURL(t), sqlstore.Options{}) },
		"postgres, a commit each": func(t testing.TB) *sqlstore.Store {
			return open(t, postgresURL(t), sqlstore.Options{Group: 1, Committers: 8})
		},
		"postgres behind pgbouncer's rules": func(t testing.TB) *sqlstore.Store {
			return open(t, postgresURL(t)+"&default_query_exec_mode=cache_describe", sqlstore.Options{})
		},
	}
}

func TestConformance(t *testing.T) {
	for name, open := range engines() {
		t.Run(name, func(t *testing.T) {
			// They wait for disks more than they reckon; what does a thousand at once runs once an engine.
			t.Parallel()
			storetest.Run(t, func(t testing.TB) port.Store { return open(t) }, func(c storetest.Case) bool {
				return !strings.Contains(c.Name, "1,000") || name == "sqlite" || name == "postgres"
			})
		})
	}
}
