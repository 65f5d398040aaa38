package sqlstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"elicense/internal/fault"
)

// Grant gives a role of PostgreSQL what the program needs to run, and takes everything else away from it: reading and adding
// to every table; changing and deleting in those where the program does that. What is immutable (the tables whose triggers call
// refuse_change: the audit, its log, published revisions) can be read and added to, and the version of the schema read. The role
// may own nothing and be nobody's heir who does: an owner needs no grant. It runs as the owner of the tables, after migrating.
func (s *Store) Grant(ctx context.Context, role string) error {
	e, ok := s.engine.(*postgresEngine)
	if !ok {
		return fault.New(fault.Invalid, "store.no-roles").Because(errors.New("SQLite has no roles: whoever can write the file can change it"))
	}
	return pgx.BeginFunc(ctx, e.pool, func(tx pgx.Tx) error {
		var powers bool
		err := tx.QueryRow(ctx, `SELECT rolsuper OR EXISTS (SELECT 1 FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND pg_has_role(r.oid, c.relowner, 'MEMBER'))
			FROM pg_roles r WHERE rolname = $1`, role).Scan(&powers)
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.New(fault.NotFound, "store.no-role").Because(fmt.Errorf("there is no role %s: CREATE ROLE it with LOGIN", role))
		}
		if err != nil {
			return internal(err)
		}
		if powers {
			return fault.New(fault.Denied, "store.role-owns").Because(fmt.Errorf("%s is a superuser or owns tables: nothing can be kept from it", role))
		}
		if _, err = tx.Exec(ctx, `SELECT set_config('elicense.role', $1, true)`, role); err == nil {
			_, err = tx.Exec(ctx, grants)
		}
		if err != nil {
			return internal(err)
		}
		return nil
	})
}

// grants are the statements for a role.
const grants = `DO $do$
DECLARE
	t record;
	us text := current_schema();
	role text := current_setting('elicense.role');
BEGIN
	EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC', us);
	EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA %I FROM PUBLIC, %I', us, role);
	EXECUTE format('REVOKE ALL ON SCHEMA %I FROM %I', us, role);
	EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', us, role);
	EXECUTE format('GRANT USAGE ON ALL SEQUENCES IN SCHEMA %I TO %I', us, role);
	FOR t IN
		SELECT c.relname AS name, EXISTS (SELECT 1 FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid
			WHERE g.tgrelid = c.oid AND p.proname = 'refuse_change') AS immutable
		FROM pg_class c WHERE c.relnamespace = us::regnamespace AND c.relkind IN ('r', 'p')
	LOOP
		EXECUTE format(CASE WHEN t.name IN ('goose_db_version', 'river_migration') THEN 'GRANT SELECT ON %I.%I TO %I'
			WHEN t.immutable THEN 'GRANT SELECT, INSERT ON %I.%I TO %I'
			ELSE 'GRANT SELECT, INSERT, UPDATE, DELETE ON %I.%I TO %I' END, us, t.name, role);
	END LOOP;
END
$do$`
