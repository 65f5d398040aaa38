package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"elicense/internal/fault"
)

// sqliteEngine has one connection that writes and a pool that reads. In WAL readers never wait for the writer.
type sqliteEngine struct {
	path   string
	reader *sql.DB
	texts  sync.Map // SQL text -> *sql.Stmt of reader
	writer *sql.DB
	units  *committer
	conn   *sqliteWriter
}

// openSQLite opens or creates the file. synchronous=FULL: what was acknowledged survives a power failure.
func openSQLite(ctx context.Context, path string, opts Options) (*sqliteEngine, error) {
	e := &sqliteEngine{path: path}
	var err error
	if e.writer, err = e.open("synchronous(FULL)", "wal_autocheckpoint(4000)", "cache_size(-8000)"); err != nil {
		return nil, unavailable(err)
	}
	e.writer.SetMaxOpenConns(1)
	conn, err := e.writer.Conn(ctx)
	if err != nil {
		return nil, unavailable(errors.Join(err, e.writer.Close()))
	}
	e.conn = &sqliteWriter{conn: conn, texts: map[string]*sql.Stmt{}}
	if e.reader, err = e.open("query_only(1)", "cache_size(-1000)"); err != nil {
		return nil, unavailable(errors.Join(err, conn.Close(), e.writer.Close()))
	}
	// Readers compute in this process: more than two for a processor only hold memory, each with a cache of its own. What
	// they miss is in the system's cache.
	readers := min(opts.Readers, max(4, 2*runtime.NumCPU()))
	e.reader.SetMaxOpenConns(readers)
	e.reader.SetMaxIdleConns(readers)
	e.units = newCommitter(1, opts, e.conn.applyGroup)
	return e, nil
}

func (e *sqliteEngine) open(pragmas ...string) (*sql.DB, error) {
	q := url.Values{"_txlock": {"immediate"}}
	q["_pragma"] = append([]string{"busy_timeout(10000)", "journal_mode(WAL)", "foreign_keys(1)", "temp_store(MEMORY)"}, pragmas...)
	return sql.Open("sqlite", (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.ToSlash(e.path)}).EscapedPath(), RawQuery: q.Encode()}).String())
}

func (e *sqliteEngine) migrate(ctx context.Context) error {
	// goose wants connections of its own; the writer's single one is taken.
	db, err := e.open("synchronous(FULL)")
	if err != nil {
		return unavailable(err)
	}
	return errors.Join(migrateUp(ctx, goose.DialectSQLite3, db, "sqlite"), db.Close())
}

func (e *sqliteEngine) close() error {
	e.units.stop()
	err := e.reader.Close()
	return errors.Join(err, e.conn.conn.Close(), e.writer.Close())
}

func (e *sqliteEngine) apply(ctx context.Context, u *unit) error {
	return e.units.submit(ctx, u)
}

type sqlRows struct{ *sql.Rows }

// Close hides the error, which Err gives too.
func (r sqlRows) Close() { _ = r.Rows.Close() }

func (e *sqliteEngine) query(ctx context.Context, text string, args []any) (rows, error) {
	stmt, err := e.prepared(ctx, text)
	if err != nil {
		return nil, err
	}
	r, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return nil, err
	}
	return sqlRows{r}, nil
}

// prepared keeps one statement per text; the texts are few and none holds a value.
func (e *sqliteEngine) prepared(ctx context.Context, text string) (*sql.Stmt, error) {
	if stmt, ok := e.texts.Load(text); ok {
		return stmt.(*sql.Stmt), nil
	}
	stmt, err := e.reader.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	if first, taken := e.texts.LoadOrStore(text, stmt); taken {
		return first.(*sql.Stmt), stmt.Close()
	}
	return stmt, nil
}

func (e *sqliteEngine) words() words { return sqliteWords() }

func (e *sqliteEngine) readFault(err error) error { return sqliteFault(err) }

// sqliteFault turns an error of a single statement into a fault. Nothing of it took effect.
func sqliteFault(err error) error {
	if _, ok := fault.As(err); ok {
		return err
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, sql.ErrConnDone) {
		return unavailable(err)
	}
	var lite *sqlite.Error
	if !errors.As(err, &lite) {
		return internal(err)
	}
	switch code := lite.Code(); {
	case code == sqlite3.SQLITE_CONSTRAINT_UNIQUE || code == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		// "constraint failed: UNIQUE constraint failed: t.a, t.b (2067)": the columns are all that SQLite tells.
		_, columns, _ := strings.Cut(err.Error(), "UNIQUE constraint failed: ")
		columns, _, _ = strings.Cut(columns, " (")
		return uniqueFault("", columns, err)
	case code == sqlite3.SQLITE_CONSTRAINT_TRIGGER:
		// "constraint failed: number_range_overlap (1811)"
		_, name, _ := strings.Cut(err.Error(), "constraint failed: ")
		name, _, _ = strings.Cut(name, " (")
		return triggerFault(name, err)
	case code&0xff == sqlite3.SQLITE_BUSY || code&0xff == sqlite3.SQLITE_LOCKED || code&0xff == sqlite3.SQLITE_FULL ||
		code&0xff == sqlite3.SQLITE_IOERR || code&0xff == sqlite3.SQLITE_INTERRUPT || code&0xff == sqlite3.SQLITE_CANTOPEN:
		return unavailable(err)
	case strings.Contains(err.Error(), "no such table"):
		return fault.New(fault.Internal, keyNoTable).Because(err)
	}
	return internal(err)
}

// sqliteWriter is the one connection that writes; only the committer's goroutine uses it.
type sqliteWriter struct {
	conn  *sql.Conn
	texts map[string]*sql.Stmt
}

func (w *sqliteWriter) exec(ctx context.Context, text string, args ...any) (sql.Result, error) {
	stmt, ok := w.texts[text]
	if !ok {
		var err error
		if stmt, err = w.conn.PrepareContext(ctx, text); err != nil {
			return nil, err
		}
		w.texts[text] = stmt
	}
	return stmt.ExecContext(ctx, args...)
}

// applyGroup runs the units under one commit, each in a savepoint of its own, so that one that fails undoes only itself.
//
// Its context never ends: a context that can end costs modernc.org/sqlite a goroutine for each statement, and what waits
// here is the disk, which cannot be interrupted anyway.
func (w *sqliteWriter) applyGroup(group []*pending) {
	ctx := context.Background()
	if _, err := w.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		answer(group, sqliteFault(err))
		return
	}
	faults := make([]error, len(group))
	for i, p := range group {
		if err := w.applyUnit(ctx, p.list); err != nil {
			faults[i] = sqliteFault(err)
		}
	}
	// Nobody is answered before the commit: a unit may have failed because of rows of another one in this group.
	_, err := w.exec(ctx, "COMMIT")
	if err != nil {
		// The frames may have reached the file or not: nobody can say. A rollback leaves the connection usable.
		_, _ = w.exec(ctx, "ROLLBACK")
	}
	for i, p := range group {
		if err != nil {
			faults[i] = unknown(err)
		}
		p.result <- faults[i]
	}
}

func (w *sqliteWriter) applyUnit(ctx context.Context, list []statement) error {
	if _, err := w.exec(ctx, "SAVEPOINT unit"); err != nil {
		return err
	}
	for _, s := range list {
		err := w.applyStatement(ctx, s)
		if err == nil {
			continue
		}
		if _, undo := w.exec(ctx, "ROLLBACK TO unit"); undo != nil {
			return errors.Join(err, undo)
		}
		_, release := w.exec(ctx, "RELEASE unit")
		return errors.Join(err, release)
	}
	_, err := w.exec(ctx, "RELEASE unit")
	return err
}

func (w *sqliteWriter) applyStatement(ctx context.Context, s statement) error {
	res, err := w.exec(ctx, s.sql, s.args...)
	if err != nil || s.guard == nil {
		return err
	}
	n, err := res.RowsAffected()
	if err == nil && n != 1 {
		return s.guard
	}
	return err
}
