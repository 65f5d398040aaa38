package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"elicense/internal/audit"
	"elicense/internal/fault"
	"elicense/internal/party"
	"elicense/internal/port"
	"elicense/internal/testkit/postgres"
)

// startPostgres gives a migrated store on a server with settings, and the server.
func startPostgres(t *testing.T, settings map[string]string) (*Store, *postgres.Server) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: PostgreSQL is left out")
	}
	ctx := context.Background()
	server, err := postgres.Start(ctx, postgres.Options{Settings: settings})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	s := openMigrated(t, server.URL("postgres"), Options{})
	return s, server
}

func openMigrated(t *testing.T, url string, opts Options) *Store {
	t.Helper()
	s, err := Open(context.Background(), url, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}
	return s
}

func addParty(s *Store, id string) error {
	return s.Update(context.Background(), func(tx port.Tx) error {
		tx.Write().Accounts().AddParty(party.Party{ID: id, Number: id})
		return nil
	})
}

func hasParty(t *testing.T, s *Store, id string) bool {
	t.Helper()
	_, ok, err := accounts{s.engine}.PartyByNumber(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

// A wait for a synchronous replica that is cancelled leaves the commit done here and perhaps nowhere else.
func TestCancelledReplicationIsUnknown(t *testing.T) {
	s, server := startPostgres(t, map[string]string{"synchronous_commit": "on"})
	if err := addParty(s, "before"); err != nil {
		t.Fatal(err)
	}
	psql := func(command string) {
		t.Helper()
		if out, err := server.Command(context.Background(), "psql", "-d", "postgres", "-c", command).CombinedOutput(); err != nil {
			t.Fatalf("%v %s", err, out)
		}
	}
	psql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
	psql("SELECT pg_reload_conf()")
	stop := make(chan struct{})
	var canceller sync.WaitGroup
	canceller.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(50 * time.Millisecond):
				_ = server.Command(context.Background(), "psql", "-d", "postgres", "-c",
					"SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'").Run()
			}
		}
	})
	time.Sleep(200 * time.Millisecond) // the servers' processes read the new settings
	err := addParty(s, "during")
	close(stop)
	canceller.Wait()
	if fault.KindOf(err) != fault.Unavailable || !fault.Is(err, "store.unknown") {
		t.Errorf("got %v, want store.unknown", err)
	}
	if !hasParty(t, s, "during") {
		t.Error("the commit should be done here")
	}
	psql("ALTER SYSTEM RESET synchronous_standby_names")
	psql("SELECT pg_reload_conf()")
	time.Sleep(200 * time.Millisecond)
	if err := addParty(s, "after"); err != nil { // the mark is gone from the connection
		t.Errorf("after: %v", err)
	}
}

// proxy passes bytes to a unix socket until cut; then the server still gets what was sent, but no answer comes back.
type proxy struct {
	net.Listener
	mu  sync.Mutex
	cut bool
}

func (p *proxy) serve(target string) {
	for {
		in, err := p.Accept()
		if err != nil {
			return
		}
		go func() {
			out, err := net.Dial("unix", target)
			if err != nil {
				_ = in.Close()
				return
			}
			go p.pass(out, in, func() bool { return false })
			p.pass(in, out, func() bool {
				p.mu.Lock()
				defer p.mu.Unlock()
				return p.cut
			})
			_ = out.Close()
		}()
	}
}

// pass copies from one side to the other; where cut says so, it drops the answer and closes.
func (p *proxy) pass(to, from net.Conn, cut func() bool) {
	defer to.Close()
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 && cut() {
			return
		}
		if n > 0 {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// A connection that breaks after the unit was sent leaves its outcome open, and the unit is not sent a second time.
func TestLostAnswerIsUnknown(t *testing.T) {
	direct, server := startPostgres(t, nil)
	folder := t.TempDir()
	listener, err := net.Listen("unix", filepath.Join(folder, ".s.PGSQL.5432"))
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{Listener: listener}
	defer p.Close()
	go p.serve(filepath.Join(server.Folder(), ".s.PGSQL.5432"))
	s := openMigrated(t, "postgres://elicense@/postgres?host="+url.QueryEscape(folder), Options{Committers: 1})
	if err := addParty(s, "before"); err != nil { // prepares the statements, so that the next unit is one round trip
		t.Fatal(err)
	}
	p.mu.Lock()
	p.cut = true
	p.mu.Unlock()
	err = addParty(s, "lost")
	if fault.KindOf(err) != fault.Unavailable || !fault.Is(err, "store.unknown") {
		t.Errorf("got %v, want store.unknown", err)
	}
	deadline := time.Now().Add(5 * time.Second)
	for !hasParty(t, direct, "lost") {
		if time.Now().After(deadline) {
			t.Fatal("the server had the whole unit and should have committed it")
		}
		time.Sleep(10 * time.Millisecond)
	}
	_ = p.Close()
	if err := addParty(s, "refused"); fault.KindOf(err) != fault.Unavailable || !fault.Is(err, "store.unavailable") {
		t.Errorf("nobody listens: got %v, want store.unavailable", err)
	}
	if err := s.Ping(context.Background()); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("ping: %v", err)
	}
}

// Audit rows and published revisions can neither be changed nor deleted, whoever tries.
func TestImmutable(t *testing.T) {
	check := func(t *testing.T, s *Store, exec func(string) error, more ...string) {
		err := s.Update(context.Background(), func(tx port.Tx) error {
			tx.Write().Records().Audit(audit.Entry{ID: "1"})
			tx.Write().Services().Publish(port.Published{Service: "s", Number: 1})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range append([]string{"UPDATE audit SET digest = 'x'", "DELETE FROM audit", "UPDATE service_revision SET digest = 'x'",
			"DELETE FROM service_revision"}, more...) {
			if err := exec(text); err == nil || !strings.Contains(err.Error(), "immutable") {
				t.Errorf("%s: got %v", text, err)
			}
		}
	}
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "e.db")
		s := openMigrated(t, path, Options{})
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		check(t, s, func(text string) error { _, err := db.Exec(text); return err })
	})
	t.Run("postgres", func(t *testing.T) {
		s, server := startPostgres(t, nil)
		conn, err := pgx.Connect(context.Background(), server.URL("postgres"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(context.Background())
		check(t, s, func(text string) error { _, err := conn.Exec(context.Background(), text); return err }, "TRUNCATE audit", "TRUNCATE service_revision")
	})
}

// columns lists "table.column" of a migration, in order.
func columns(t *testing.T, folder string) []string {
	t.Helper()
	files, err := fs.Glob(migrations, "migrations/"+folder+"/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	table := regexp.MustCompile(`^CREATE TABLE (\w+) \($`)
	column := regexp.MustCompile(`^    (\w+) +(?:TEXT|BLOB|BYTEA|INTEGER|BIGINT)( COLLATE "C")?(.*)$`)
	for _, f := range files {
		text, err := fs.ReadFile(migrations, f)
		if err != nil {
			t.Fatal(err)
		}
		current := ""
		for _, line := range strings.Split(string(text), "\n") {
			if m := table.FindStringSubmatch(line); m != nil {
				current = m[1]
			} else if m := column.FindStringSubmatch(line); m != nil {
				list = append(list, current+"."+m[1]+m[3])
			} else if strings.HasPrefix(line, "CREATE INDEX") || strings.HasPrefix(line, "CREATE UNIQUE INDEX") || strings.HasPrefix(line, "    CONSTRAINT") {
				list = append(list, line)
			}
		}
	}
	return list
}

// The two schemas are one: same files, tables, columns, constraints and indexes.
func TestMigrationsAgree(t *testing.T) {
	names := func(folder string) []string {
		entries, err := fs.ReadDir(migrations, "migrations/"+folder)
		if err != nil {
			t.Fatal(err)
		}
		var list []string
		for _, e := range entries {
			list = append(list, e.Name())
		}
		return list
	}
	if a, b := names("sqlite"), names("postgres"); !slices.Equal(a, b) {
		t.Errorf("files differ: %v, %v", a, b)
	}
	a, b := columns(t, "sqlite"), columns(t, "postgres")
	if len(a) < 150 {
		t.Fatalf("only %d columns were recognised", len(a))
	}
	for i := range max(len(a), len(b)) {
		if i >= len(a) || i >= len(b) || a[i] != b[i] {
			t.Fatalf("they part at %q", append(a, "nothing")[min(i, len(a))])
		}
	}
}

// Every unique constraint of the schema has a fault, and every fault a constraint.
func TestEveryUniqueConstraintHasItsFault(t *testing.T) {
	files, err := fs.Glob(migrations, "migrations/postgres/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	var text []byte
	for _, f := range files {
		part, err := fs.ReadFile(migrations, f)
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, part...)
	}
	known, unused := map[string]bool{}, map[string]bool{}
	for _, u := range uniques() {
		known[u.name], unused[u.name] = true, true
	}
	for _, m := range regexp.MustCompile(`CONSTRAINT (\w+) (?:PRIMARY KEY|UNIQUE)|CREATE UNIQUE INDEX (\w+)`).FindAllStringSubmatch(string(text), -1) {
		name := m[1] + m[2]
		table, _, _ := strings.Cut(name, "_pkey")
		// What is only ever written by an upsert cannot be broken.
		upserts := []string{"login_attempt", "session", "directory_row", "directory_stamp", "attachment", "quota", "number_block", "tombstone",
			"signature_evidence", "signature_unstamped", "number_code", "application_move", "statistics_figure", "queue_rule", "case_presence", "notice_choice", "notice_once"}
		if !known[name] && !slices.Contains(upserts, table) {
			t.Errorf("%s has no fault", name)
		}
		delete(unused, name)
	}
	for name := range unused {
		t.Errorf("%s is no constraint", name)
	}
}

func TestMigrateTogether(t *testing.T) {
	_, server := startPostgres(t, nil)
	if err := server.Create(context.Background(), "fresh", ""); err != nil {
		t.Fatal(err)
	}
	var nodes sync.WaitGroup
	for range 4 {
		nodes.Go(func() {
			s, err := Open(context.Background(), server.URL("fresh"), Options{Readers: 2})
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			if err := s.Migrate(context.Background()); err != nil {
				t.Error(err)
			}
			if err := s.Ping(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	nodes.Wait()
}

func TestPing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "odd name?#%.db")
	s, err := Open(context.Background(), "sqlite:"+path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(context.Background()); !fault.Is(err, "store.not-migrated") || fault.KindOf(err) != fault.Unavailable {
		t.Errorf("empty: %v", err)
	}
	if err := s.Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(context.Background()); err != nil {
		t.Errorf("migrated: %v", err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the file is elsewhere: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := addParty(s, "x"); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("closed: %v", err)
	}
	if err := s.Ping(context.Background()); err == nil {
		t.Error("a closed store answers")
	}
}

func TestOpenRefuses(t *testing.T) {
	if _, err := Open(context.Background(), "postgres://%zz", Options{}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("got %v", err)
	}
	if _, err := Open(context.Background(), filepath.Join(t.TempDir(), "no", "such", "folder", "e.db"), Options{}); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("got %v", err)
	}
}

// What was committed is there when the file is opened again, and another process may read it meanwhile.
func TestSQLiteKeeps(t *testing.T) {
	path := filepath.Join(t.TempDir(), "e.db")
	s := openMigrated(t, path, Options{})
	if err := addParty(s, "kept"); err != nil {
		t.Fatal(err)
	}
	if !hasParty(t, openMigrated(t, path, Options{}), "kept") {
		t.Error("not seen by a second store")
	}
	var mode, sync string
	w := s.engine.(*sqliteEngine).conn
	for pragma, dest := range map[string]*string{"journal_mode": &mode, "synchronous": &sync} {
		if err := w.conn.QueryRowContext(context.Background(), "PRAGMA "+pragma).Scan(dest); err != nil {
			t.Fatal(err)
		}
	}
	if mode != "wal" || sync != "2" {
		t.Errorf("journal %s, synchronous %s; want wal and 2 (FULL)", mode, sync)
	}
	if r := s.engine.(*sqliteEngine).reader; r != nil {
		if _, err := r.Exec("DELETE FROM party"); err == nil {
			t.Error("a reader may write")
		}
	}
}

func TestBindRefusesWhatNoColumnHolds(t *testing.T) {
	if _, err := bind([]any{1.5}); fault.KindOf(err) != fault.Internal || err == nil {
		t.Errorf("got %v", err)
	}
	if _, err := bind([]any{errors.New("x")}); err == nil {
		t.Error("an error was bound")
	}
}
