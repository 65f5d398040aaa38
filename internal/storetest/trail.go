package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"elicense/internal/access"
	"elicense/internal/audit"
	"elicense/internal/fault"
	"elicense/internal/port"
)

// trails are the cases of the audit's log.
func trails() []Case {
	return []Case{
		{"round trip/audit log", trailTrip},
		{"round trip/searching the audit log", trailSearch},
		{"transactions/audit log never forks", trailForks},
	}
}

// numbered makes rows with numbers from a first one on, and their checkpoint.
func (f *fixture) numbered(checkpoint, first int64, entries ...audit.Entry) (port.StoredCheckpoint, []port.Numbered) {
	c := port.StoredCheckpoint{Number: checkpoint, Size: first + int64(len(entries)), At: base().Add(time.Duration(checkpoint) * time.Second), Note: []byte{0, byte(checkpoint), 0xff}}
	var rows []port.Numbered
	for i, e := range entries {
		rows = append(rows, port.Numbered{Seq: first + int64(i), Kept: []byte{byte(i), 0, 0xfe}, Heads: audit.HeadsOf(e), Record: port.Record{ID: e.ID, Bytes: e.Bytes(), Digest: e.Digest()}})
	}
	return c, rows
}

func (f *fixture) entry(id, actor, object string, at time.Time) audit.Entry {
	f.Helper()
	e := audit.Entry{ID: id, Salt: []byte{1}, At: at, Actor: actor, Action: "a." + actor, Object: object}
	f.update(func(w port.Writes) { w.Records().Audit(e) })
	return e
}

func trailTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	b, a := f.entry("b", "қ", "o", base()), f.entry("a", "x", "o", base())
	log := func(g func(port.Trail) error) {
		t.Helper()
		f.view(func(v port.View) error { return g(v.Office().Trail()) })
	}
	log(func(r port.Trail) error {
		missing[port.StoredCheckpoint](f, "no checkpoint")(r.Last(f.ctx))
		gives(f, "rows wait", []port.Record{{ID: "a", Bytes: a.Bytes(), Digest: a.Digest()}, {ID: "b", Bytes: b.Bytes(), Digest: b.Digest()}})(r.Waiting(f.ctx, 9))
		gives(f, "backlog", 2)(r.Backlog(f.ctx))
		gives(f, "no strays", port.Strays{})(r.Strays(f.ctx, 9))
		return nil
	})
	first, rows := f.numbered(1, 0, b)
	f.update(func(w port.Writes) { w.Office().Trail().Append(first, rows) })
	log(func(r port.Trail) error {
		gives(f, "one waits", 1)(r.Backlog(f.ctx))
		found(f, "last", first)(r.Last(f.ctx))
		found(f, "covering", first)(r.Covering(f.ctx, 0))
		missing[port.StoredCheckpoint](f, "nothing covers 1")(r.Covering(f.ctx, 1))
		found(f, "by id", rows[0])(r.Numbered(f.ctx, "b"))
		missing[port.Numbered](f, "no number yet")(r.Numbered(f.ctx, "a"))
		return nil
	})
	second, more := f.numbered(2, 1, a)
	f.update(func(w port.Writes) { w.Office().Trail().Append(second, more) })
	log(func(r port.Trail) error {
		gives(f, "nothing waits", 0)(r.Backlog(f.ctx))
		gives(f, "all", append(rows, more...))(r.Leaves(f.ctx, 0, 9))
		gives(f, "from one on", more)(r.Leaves(f.ctx, 1, 9))
		gives(f, "limit", rows)(r.Leaves(f.ctx, 0, 1))
		gives(f, "checkpoints", []port.StoredCheckpoint{first, second})(r.Checkpoints(f.ctx, 1, 9))
		gives(f, "checkpoints from 2", []port.StoredCheckpoint{second})(r.Checkpoints(f.ctx, 2, 9))
		found(f, "the first that covers", first)(r.Covering(f.ctx, 0))
		found(f, "last", second)(r.Last(f.ctx))
		gives(f, "hashes", map[int64][]byte{1: more[0].Kept})(r.Hashes(f.ctx, []int64{1, 7}))
		gives(f, "no strays", port.Strays{})(r.Strays(f.ctx, 9))
		return nil
	})
}

func trailSearch(t testing.TB, s port.Store) {
	f := start(t, s)
	o := full[access.Official]()
	o.ID, o.Body = "official", "body"
	f.update(func(w port.Writes) { w.Office().Officials().Add(o) })
	var entries []audit.Entry
	for i := range 6 {
		actor, object := "official", "o"
		if i%2 == 1 {
			actor = "other"
		}
		if i > 3 {
			object = "p"
		}
		entries = append(entries, f.entry(fmt.Sprint("id-", i), actor, object, base().Add(time.Duration(i/2)*time.Hour))) // two at each hour
	}
	c, rows := f.numbered(1, 0, entries...)
	f.update(func(w port.Writes) { w.Office().Trail().Append(c, rows) })
	last := base().Add(time.Hour)
	for _, x := range []struct {
		name string
		q    port.TrailQuery
		want string
	}{
		{"all, newest first", port.TrailQuery{}, "[5 4 3 2 1 0]"},
		{"a body's officials", port.TrailQuery{Body: "body"}, "[4 2 0]"},
		{"another body's", port.TrailQuery{Body: "x"}, "[]"},
		{"an object", port.TrailQuery{Object: "p"}, "[5 4]"},
		{"a person", port.TrailQuery{Actor: "other"}, "[5 3 1]"},
		{"an action", port.TrailQuery{Body: "body", Action: "a.other"}, "[]"},
		{"days", port.TrailQuery{From: last, Until: last.Add(time.Microsecond)}, "[3 2]"},
		{"until is the first after", port.TrailQuery{Until: last}, "[1 0]"},
		{"after a row", port.TrailQuery{BeforeAt: last, BeforeSeq: 3}, "[2 1 0]"},
		{"a page", port.TrailQuery{Limit: 2}, "[5 4]"},
	} {
		if x.q.Limit == 0 {
			x.q.Limit = 9
		}
		f.view(func(v port.View) error {
			list, err := v.Office().Trail().List(f.ctx, x.q)
			seqs := []int64{}
			for _, n := range list {
				seqs = append(seqs, n.Seq)
				if want := rows[n.Seq].Heads; n.Heads != want {
					t.Errorf("%s: heads %+v, want %+v", x.name, n.Heads, want)
				}
			}
			if got := fmt.Sprint(seqs); got != x.want {
				t.Errorf("%s: %s, want %s", x.name, got, x.want)
			}
			return err
		})
	}
}

// trailForks holds that of two who number the same place one is refused as a whole.
func trailForks(t testing.TB, s port.Store) {
	f := start(t, s)
	a, b := f.entry("a", "x", "o", base()), f.entry("b", "x", "o", base())
	c, rows := f.numbered(1, 0, a)
	f.update(func(w port.Writes) { w.Office().Trail().Append(c, rows) })
	append1 := func(c port.StoredCheckpoint, rows []port.Numbered) func(port.Writes) {
		return func(w port.Writes) { w.Office().Trail().Append(c, rows) }
	}
	sameNumber, other := f.numbered(1, 1, b)
	f.refused(fault.Conflict, "store.race", append1(sameNumber, other))
	next, samePlace := f.numbered(2, 0, b)
	f.refused(fault.Conflict, "store.race", append1(next, samePlace))
	next, sameRow := f.numbered(2, 1, a)
	f.refused(fault.Conflict, "store.race", append1(next, sameRow))
	f.view(func(v port.View) error {
		gives(f, "still waits", 1)(v.Office().Trail().Backlog(f.ctx))
		gives(f, "one checkpoint", []port.StoredCheckpoint{c})(v.Office().Trail().Checkpoints(f.ctx, 0, 9))
		return nil
	})
	undone := errors.New("undone")
	err := s.Update(f.ctx, func(tx port.Tx) error {
		c, rows := f.numbered(2, 1, b)
		tx.Write().Office().Trail().Append(c, rows)
		return undone
	})
	if !errors.Is(err, undone) {
		t.Error(err)
	}
	c, rows = f.numbered(2, 1, b)
	f.update(append1(c, rows))
}
