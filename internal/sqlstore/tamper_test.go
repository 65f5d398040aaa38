package sqlstore_test

import (
	"bytes"
	"context"
	crand "crypto/rand"
	"database/sql"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"

	"elicense/internal/audit"
	"elicense/internal/evidence"
	"elicense/internal/port"
	"elicense/internal/sqlstore"
)

// Whoever can change every table of the database cannot change the log of the audit unseen: random changes of all kinds, also
// ones that mend every hash they touch, are found, and their place is told. ELICENSE_TAMPER=10000 is `make audit-tamper`.

// clockwork is a world whose time and chance follow from a count.
type clockwork struct{ n uint64 }

func (w *clockwork) Now() time.Time {
	w.n++
	return time.Date(2026, 11, 29, 0, 0, 0, int(w.n)*1000, time.UTC)
}
func (w *clockwork) ID() string { w.n++; return fmt.Sprintf("id-%09d", w.n) }
func (w *clockwork) Random(n int) []byte {
	w.n++
	return binary.BigEndian.AppendUint64(make([]byte, n-8), w.n)
}

// logged is what the tables hold.
type logged struct {
	rows        []port.Record
	leaves      []port.Numbered
	checkpoints []port.StoredCheckpoint
	waiting     []string
}

func (l logged) clone() logged {
	c := logged{slices.Clone(l.rows), slices.Clone(l.leaves), slices.Clone(l.checkpoints), slices.Clone(l.waiting)}
	for i := range c.rows {
		c.rows[i].Bytes = bytes.Clone(c.rows[i].Bytes)
	}
	for i := range c.leaves {
		c.leaves[i].Kept = bytes.Clone(c.leaves[i].Kept)
		c.leaves[i].Record = port.Record{}
	}
	for i := range c.checkpoints {
		c.checkpoints[i].Note = bytes.Clone(c.checkpoints[i].Note)
	}
	return c
}

// row gives the place of a row among the rows.
func (l *logged) row(id string) int {
	return slices.IndexFunc(l.rows, func(r port.Record) bool { return r.ID == id })
}

// mend makes numbers, leaves and hashes follow from the rows again, as somebody would who knows the format.
func (l *logged) mend() {
	var tree audit.Tree
	for i := range l.leaves {
		n := &l.leaves[i]
		r := l.rows[l.row(n.ID)]
		e, err := audit.Parse(r.Bytes)
		n.Seq, n.Kept = int64(i), tree.Add(audit.Leaf(r.Bytes))
		if err == nil {
			n.Heads = audit.HeadsOf(e)
		}
	}
}

// rewrite gives a row other bytes that are canonical.
func (l *logged) rewrite(i int, change func(e *audit.Entry)) {
	e, err := audit.Parse(l.rows[i].Bytes)
	if err != nil {
		panic(err)
	}
	change(&e)
	l.rows[i] = port.Record{ID: e.ID, Bytes: e.Bytes(), Digest: e.Digest()}
}

// where is what a check has to name: one of these.
type where struct {
	rows        []string
	numbers     []int64
	checkpoints []int64
}

// names tells whether a place is one of them.
func (w where) names(place string) bool {
	words := strings.Fields(place)
	for i := 0; i+1 < len(words); i += 2 {
		kind, value := words[i], words[i+1]
		from, until, ok := strings.Cut(value, "-")
		if kind == "row" || !ok {
			until, from = value, value
		}
		a, _ := strconv.ParseInt(from, 10, 64)
		b, _ := strconv.ParseInt(until, 10, 64)
		in := func(n int64) bool { return a <= n && n <= b }
		switch kind {
		case "row":
			ok = slices.Contains(w.rows, value)
		case "number", "numbers":
			ok = slices.ContainsFunc(w.numbers, in)
		case "checkpoint":
			ok = slices.ContainsFunc(w.checkpoints, in)
		}
		if ok {
			return true
		}
	}
	return false
}

// tables writes the log behind the program's back.
type tables struct {
	t  *testing.T
	db *sql.DB
	is logged
}

func (x *tables) exec(text string, args ...any) {
	x.t.Helper()
	if _, err := x.db.ExecContext(x.t.Context(), text, args...); err != nil {
		x.t.Fatalf("%s: %v", text, err)
	}
}

// unlock takes the walls away that a superuser can take away.
func (x *tables) unlock(postgres bool) {
	for _, table := range []string{"audit", "audit_leaf", "audit_checkpoint"} {
		if postgres {
			x.exec("SET synchronous_commit = off")
			x.exec("ALTER TABLE " + table + " DISABLE TRIGGER ALL")
			continue
		}
		x.exec("DROP TRIGGER " + table + "_update")
		x.exec("DROP TRIGGER " + table + "_delete")
	}
	if !postgres {
		x.exec("PRAGMA synchronous = OFF")
		x.exec("DROP TRIGGER audit_insert")
	}
}

// fill replaces what a table holds, in one statement.
func (x *tables) fill(table, columns string, rows [][]any) {
	x.t.Helper()
	x.exec("DELETE FROM " + table)
	var text strings.Builder
	var args []any
	for i, row := range rows {
		text.WriteString(map[bool]string{true: ", (", false: "("}[i > 0])
		for j, v := range row {
			args = append(args, v)
			fmt.Fprintf(&text, "%s$%d", map[bool]string{true: ", ", false: ""}[j > 0], len(args))
		}
		text.WriteByte(')')
	}
	if len(rows) > 0 {
		x.exec("INSERT INTO "+table+" ("+columns+") VALUES "+text.String(), args...)
	}
}

// put makes the tables hold l; a table that does already is left alone.
func (x *tables) put(l logged) {
	x.t.Helper()
	x.exec("BEGIN")
	if !reflect.DeepEqual(x.is.rows, l.rows) {
		var rows [][]any
		for _, r := range l.rows {
			rows = append(rows, []any{r.ID, r.Bytes, r.Digest})
		}
		x.fill("audit", "id, canonical, digest", rows)
	}
	if !reflect.DeepEqual(x.is.leaves, l.leaves) {
		var rows [][]any
		for _, n := range l.leaves {
			rows = append(rows, []any{n.Seq, n.ID, n.Kept, n.At, n.Actor, n.Action, n.Object})
		}
		x.fill("audit_leaf", "seq, id, kept, at, actor, action, object", rows)
	}
	if !reflect.DeepEqual(x.is.checkpoints, l.checkpoints) {
		var rows [][]any
		for _, c := range l.checkpoints {
			rows = append(rows, []any{c.Number, c.Size, c.At.UnixMicro(), c.Note})
		}
		x.fill("audit_checkpoint", "number, size, at, note", rows)
	}
	if !reflect.DeepEqual(x.is.waiting, l.waiting) {
		var rows [][]any
		for _, id := range l.waiting {
			rows = append(rows, []any{id})
		}
		x.fill("audit_waiting", "id", rows)
	}
	x.exec("COMMIT")
	x.is = l
}

// newLog fills a log of some checkpoints, with rows that wait.
func newLog(t *testing.T, store *sqlstore.Store) (l logged, keys audit.PublicKeys, outside [][]byte) {
	t.Helper()
	file, err := audit.NewKey(crand.Reader, "k")
	if err != nil {
		t.Fatal(err)
	}
	key, err := audit.ReadKey(file)
	if err != nil {
		t.Fatal(err)
	}
	world := &clockwork{}
	e := &evidence.Evidence{Store: store, World: world, Key: key}
	ctx := context.Background()
	for batch, rows := range []int{1, 7, 3, 12, 5, 4} {
		for i := range rows {
			at := world.Now()
			err := store.Update(ctx, func(tx port.Tx) error {
				tx.Write().Records().Audit(audit.Entry{ID: world.ID(), Salt: world.Random(16), At: at, Actor: "қызметкер", Action: "a.b", Object: "application/" + strconv.Itoa(i%3)})
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if batch == 5 {
			break // these wait
		}
		if err := e.Sequence(ctx); err != nil {
			t.Fatal(err)
		}
	}
	err = store.View(ctx, func(v port.View) (err error) {
		log := v.Office().Trail()
		if l.rows, err = v.Records().Page(ctx, "", 1000); err != nil {
			return err
		}
		if l.leaves, err = log.Leaves(ctx, 0, 1000); err != nil {
			return err
		}
		waiting, err := log.Waiting(ctx, 1000)
		for _, r := range waiting {
			l.waiting = append(l.waiting, r.ID)
		}
		if err == nil {
			l.checkpoints, err = log.Checkpoints(ctx, 0, 1000)
		}
		return err
	})
	if err != nil || len(l.leaves) != 28 || len(l.checkpoints) != 5 || len(l.waiting) != 4 {
		t.Fatal(err, len(l.leaves), len(l.checkpoints), len(l.waiting))
	}
	for _, c := range l.checkpoints {
		outside = append(outside, c.Note)
	}
	return l.clone(), key.Public, outside
}

func TestEveryChangeOfTheLogIsFound(t *testing.T) {
	trials := len(changes())
	if text := os.Getenv("ELICENSE_TAMPER"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		trials = n
	}
	for _, engine := range []struct{ name, driver string }{{"sqlite", "sqlite"}, {"postgres", "pgx"}} {
		t.Run(engine.name, func(t *testing.T) {
			url := ""
			if engine.name == "sqlite" {
				url = sqliteURL(t)
			} else {
				url = postgresURL(t)
			}
			tamper(t, url, engine.driver, trials)
		})
	}
}

func tamper(t *testing.T, url, driver string, trials int) {
	t.Helper()
	store := open(t, url, sqlstore.Options{})
	whole, keys, outside := newLog(t, store)
	other, err := audit.NewKey(crand.Reader, "k")
	if err != nil {
		t.Fatal(err)
	}
	forge, err := audit.ReadKey(other)
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open(driver, strings.TrimPrefix(url, "sqlite:"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	x := &tables{t: t, db: db, is: whole}
	x.unlock(driver == "pgx")
	verify := func() evidence.Report {
		t.Helper()
		var report evidence.Report
		err := store.View(t.Context(), func(v port.View) (err error) {
			report, err = evidence.Verify(t.Context(), v, keys, outside)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return report
	}
	if r := verify(); !r.Whole() || r.Rows != 28 || r.Checkpoints != 5 || r.Waiting != 4 || r.Outside != 5 {
		t.Fatalf("the log as written: %+v", r)
	}
	list, done, missed := changes(), 0, 0
	for n := 0; done < trials; n++ {
		r := rand.New(rand.NewPCG(uint64(n), 7))
		c := list[n%len(list)]
		l := whole.clone()
		w, changed := c.do(&l, r, forge)
		if !changed {
			continue
		}
		if done++; done%100 == 0 && driver == "pgx" {
			x.exec("VACUUM audit, audit_leaf, audit_checkpoint, audit_waiting") // else the rows of before slow every look
		}
		x.put(l)
		report := verify()
		if !slices.ContainsFunc(report.Found, func(f evidence.Found) bool { return w.names(f.Place) }) {
			missed++
			t.Errorf("draw %d, %s: %+v is not among %v", n, c.name, w, report.Found)
		}
		if missed > 5 {
			t.FailNow()
		}
	}
	x.put(whole)
	if r := verify(); !r.Whole() {
		t.Fatalf("the log put back: %+v", r.Found)
	}
	t.Logf("%d changes of %d kinds, %d missed", done, len(list), missed)
}
