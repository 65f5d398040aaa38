package app_test

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib"

	"elicense/internal/app"
	"elicense/internal/testkit/site"
)

// The program works as a role that cannot change what was written, whatever somebody makes it send.
func TestTheProgramsRoleCannotChangeTheAudit(t *testing.T) {
	owner := database(t)
	address, err := url.Parse(owner)
	must(t, err)
	role := "runs_" + strings.TrimPrefix(address.Path, "/")
	db, err := sql.Open("pgx", owner)
	must(t, err)
	defer db.Close()
	_, err = db.ExecContext(t.Context(), "CREATE ROLE "+role+" LOGIN")
	must(t, err)
	t.Cleanup(func() {
		_, _ = db.ExecContext(context.Background(), "DROP OWNED BY "+role+"; DROP ROLE "+role)
	})
	var out strings.Builder
	for i := range 2 { // the second time changes nothing
		if code := app.Main([]string{"migrate", "--grant", role, "--data", t.TempDir(), "--database", owner}, &out, &out); code != 0 {
			t.Fatalf("%d: %d\n%s", i, code, &out)
		}
	}
	address.User = url.User(role)
	s := openSite(t, site.Options{Database: address.String()})
	a := s.Organisation(1)
	_, err = a.Send(a.Complete(nil))
	must(t, err)
	must(t, s.App.Evidence.Sequence(t.Context()))
	must(t, s.App.Statistics.CatchUp(t.Context()))
	s.Clean()

	as, err := sql.Open("pgx", address.String())
	must(t, err)
	defer as.Close()
	for _, table := range []string{"audit", "audit_leaf", "audit_checkpoint", "service_revision"} {
		for _, text := range []string{"DELETE FROM " + table, "TRUNCATE " + table, "ALTER TABLE " + table + " DISABLE TRIGGER ALL", "DROP TABLE " + table,
			"UPDATE " + table + " SET " + map[string]string{"audit": "digest = ''", "audit_leaf": "actor = ''", "audit_checkpoint": "size = 0", "service_revision": "source = ''"}[table]} {
			_, err := as.ExecContext(t.Context(), text)
			refused(t, text, err, "42501")
			if verb, _, _ := strings.Cut(text, " "); verb == "UPDATE" || verb == "DELETE" || verb == "TRUNCATE" {
				_, err := db.ExecContext(t.Context(), text)
				refused(t, "as the owner: "+text, err, "23001") // the triggers, the second wall
			}
		}
	}
	for _, text := range []string{"CREATE TABLE x (a int)", "SET session_replication_role = replica", "UPDATE goose_db_version SET version_id = 0", "TRUNCATE application"} {
		_, err := as.ExecContext(t.Context(), text)
		refused(t, text, err, "42501", "22023")
	}
}

func refused(t *testing.T, text string, err error, codes ...string) {
	t.Helper()
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		t.Errorf("%s: %v", text, err)
		return
	}
	for _, code := range codes {
		if pg.Code == code {
			return
		}
	}
	t.Errorf("%s: %s %s", text, pg.Code, pg.Message)
}

func TestGrantRefusesRolesThatOwn(t *testing.T) {
	owner := database(t)
	var out strings.Builder
	for _, role := range []string{superuser(t, owner), "nobody_has_this_name"} {
		if code := app.Main([]string{"migrate", "--grant", role, "--data", t.TempDir(), "--database", owner}, &out, &out); code == 0 {
			t.Errorf("%s was taken", role)
		}
	}
	if code := app.Main([]string{"migrate", "--grant", "x", "--data", t.TempDir()}, &out, &out); code == 0 {
		t.Error("SQLite has no roles")
	}
}

func superuser(t *testing.T, owner string) (name string) {
	t.Helper()
	db, err := sql.Open("pgx", owner)
	must(t, err)
	defer db.Close()
	must(t, db.QueryRowContext(t.Context(), "SELECT current_user").Scan(&name))
	return name
}
