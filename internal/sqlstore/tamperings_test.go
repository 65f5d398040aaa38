package sqlstore_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"elicense/internal/audit"
	"elicense/internal/port"
)

// change is one way to change the log. It gives false when the draw would change nothing.
type change struct {
	name string
	do   func(l *logged, r *rand.Rand, forge audit.Key) (where, bool)
}

func flip(b []byte, r *rand.Rand) { b[r.IntN(len(b))] ^= byte(1 + r.IntN(255)) }

func changes() []change {
	return slices.Concat(rowChanges(), leafChanges(), checkpointChanges(), consistentChanges())
}

func rowChanges() []change {
	pick := func(l *logged, r *rand.Rand) (int, where) {
		i := r.IntN(len(l.rows))
		return i, where{rows: []string{l.rows[i].ID}}
	}
	return []change{
		{"byte of a row", func(l *logged, r *rand.Rand, _ audit.Key) (where, bool) {
			n := l.leaves[r.IntN(len(l.leaves))]
			flip(l.rows[l.row(n.ID)].Bytes, r)
			return where{rows: []string{n.ID}}, true
		}},
		{"row with its digest", func(l *logged, r *rand.Rand, _ audit.Key) (where, bool) {
			n := l.leaves[r.IntN(len(l.leaves))]
			l.rewrite(l.row(n.ID), func(e *audit.Entry) { e.Actor = "another" })
			return where{rows: []string{n.ID}}, true
		}},
		{"digest of a row", func(l *logged, r *rand.Rand, _ audit.Key) (where, bool) {
			n := l.leaves[r.IntN(len(l.leaves))]
			i := l.row(n.ID)
			l.rows[i].Digest = strings.Repeat("0", 64)
			return where{rows: []string{n.ID}}, true
		}},
		{"row deleted", func(l *logged, r *rand.Rand, _ audit.Key) (where, bool) {
			i, w := pick(l, r)
			l.rows = slices.Delete(l.rows, i, i+1)
			return w, true
		}},
		{"row inserted", func(l *logged, r *rand.Rand, _ audit.Key) (where, bool) {
			e := audit.Entry{ID: "id-00000001", Salt: []byte{1}, Action: "made.up"}
			l.rows = append(l.rows, port.Record{ID: e.ID, Bytes: e.Bytes(), Digest: e.Digest()})
			return where{rows: []string{e.ID}}, true
		}},
		{"two rows swapped", func(l *logged, r *rand.Rand, _ audit.Key) (where, bool) {
			a, b := l.row(l.leaves[r.IntN(len(l.leaves))].ID), l.row(l.leaves[r.IntN(len(l.leaves))].ID)
			l.rows[a].Bytes, l.rows[b].Bytes = l.rows[b].Bytes, l.rows[a].Bytes
			l.rows[a].Digest, l.rows[b].Digest = l.rows[b].Digest, l.rows[a].Digest
			return where{rows: []string{l.rows[a].ID, l.rows[b].ID}}, a != b
		}},
		{"waiting row taken out", func(l *logged, r *rand.Rand, _ audit.Key) (where, bool) {
			i := r.IntN(len(l.waiting))
			w := where{rows: []string{l.waiting[i]}}
			l.waiting = slices.Delete(l.waiting, i, i+1)
			return w, true
		}},
		{"numbered row waits again", func(l *logged, r *rand.Rand, _ audit.Key) (where, bool) {
			n := l.leaves[r.IntN(len(l.leaves))]
			l.waiting = append(l.waiting, n.ID)
			return where{rows: []string{n.ID}}, true
		}},
	}
}

func leafChanges() []change {
	change1 := func(name string, f func(n *port.Numbered, r *rand.Rand)) change {
		return change{name, func(l *logged, r *rand.Rand, _ audit.Key) (where, bool) {
			n := &l.leaves[r.IntN(len(l.leaves))]
			w := where{rows: []string{n.ID}, numbers: []int64{n.Seq}}
			f(n, r)
			return w, true
		}}
	}
	return []change{
		change1("byte of the hashes", func(n *port.Numbered, r *rand.Rand) { flip(n.Kept, r) }),
		change1("hashes cut", func(n *port.Numbered, r *rand.Rand) { n.Kept = n.Kept[:r.IntN(len(n.Kept))] }),
		change1("actor in the index", func(n *port.Numbered, _ *rand.Rand) { n.Actor += "x" }),
		change1("action in the index", func(n *port.Numbered, _ *rand.Rand) { n.Action = "" }),
		change1("object in the index", func(n *port.Numbered, _ *rand.Rand) { n.Object = "o" }),
		change1("time in the index", func(n *port.Numbered, _ *rand.Rand) { n.At++ }),
		{"leaf deleted", func(l *logged, r *rand.Rand, _ audit.Key) (where, bool) {
			i := r.IntN(len(l.leaves))
			w := where{numbers: []int64{l.leaves[i].Seq}}
			l.leaves = slices.Delete(l.leaves, i, i+1)
			return w, true
		}},
		{"two numbers swapped", func(l *logged, r *rand.Rand, _ audit.Key) (where, bool) {
			a, b := r.IntN(len(l.leaves)), r.IntN(len(l.leaves))
			x, y := &l.leaves[a], &l.leaves[b]
			x.Seq, y.Seq = y.Seq, x.Seq
			return where{numbers: []int64{x.Seq, y.Seq}}, a != b
		}},
		{"leaves cut off", func(l *logged, r *rand.Rand, _ audit.Key) (where, bool) {
			i := r.IntN(len(l.leaves))
			w := where{numbers: []int64{l.leaves[i].Seq}}
			l.leaves = l.leaves[:i]
			return w, true
		}},
	}
}

func checkpointChanges() []change {
	change1 := func(name string, f func(l *logged, i int, r *rand.Rand, forge audit.Key) bool) change {
		return change{name, func(l *logged, r *rand.Rand, forge audit.Key) (where, bool) {
			i := r.IntN(len(l.checkpoints))
			w := where{checkpoints: []int64{l.checkpoints[i].Number}}
			return w, f(l, i, r, forge)
		}}
	}
	return []change{
		change1("byte of a checkpoint", func(l *logged, i int, r *rand.Rand, _ audit.Key) bool {
			flip(l.checkpoints[i].Note, r)
			return true
		}),
		change1("checkpoint deleted", func(l *logged, i int, _ *rand.Rand, _ audit.Key) bool {
			l.checkpoints = slices.Delete(l.checkpoints, i, i+1)
			return true
		}),
		change1("size of a checkpoint", func(l *logged, i int, _ *rand.Rand, _ audit.Key) bool { l.checkpoints[i].Size++; return true }),
		change1("time of a checkpoint", func(l *logged, i int, _ *rand.Rand, _ audit.Key) bool {
			l.checkpoints[i].At = l.checkpoints[i].At.Add(time.Second)
			return true
		}),
		change1("checkpoint replaced by another", func(l *logged, i int, r *rand.Rand, _ audit.Key) bool {
			j := r.IntN(len(l.checkpoints))
			l.checkpoints[i].Note = bytes.Clone(l.checkpoints[j].Note)
			return i != j
		}),
		change1("checkpoint of another key", func(l *logged, i int, _ *rand.Rand, forge audit.Key) bool {
			c, err := audit.PublicKeys{}.Open(l.checkpoints[i].Note)
			if err == nil {
				l.checkpoints[i].Note, err = forge.Sign(c)
			}
			return err == nil
		}),
	}
}

// consistentChanges mend every hash: only what was signed, or kept outside, tells.
func consistentChanges() []change {
	return []change{
		{"row with all hashes", func(l *logged, r *rand.Rand, _ audit.Key) (where, bool) {
			n := l.leaves[r.IntN(len(l.leaves))]
			l.rewrite(l.row(n.ID), func(e *audit.Entry) { e.Details = map[string]string{"to": "issued"} })
			l.mend()
			return where{numbers: []int64{n.Seq}}, true
		}},
		{"row deleted with all hashes", func(l *logged, r *rand.Rand, _ audit.Key) (where, bool) {
			i := r.IntN(len(l.leaves))
			n := l.leaves[i]
			l.leaves, l.rows = slices.Delete(l.leaves, i, i+1), slices.Delete(l.rows, l.row(n.ID), l.row(n.ID)+1)
			l.mend()
			return where{numbers: []int64{n.Seq, n.Seq + 1}}, true
		}},
		{"row inserted with all hashes", func(l *logged, r *rand.Rand, _ audit.Key) (where, bool) {
			i := r.IntN(len(l.leaves))
			e := audit.Entry{ID: "id-00000001", Salt: []byte{1}, Action: "made.up"}
			l.rows = append(l.rows, port.Record{ID: e.ID, Bytes: e.Bytes(), Digest: e.Digest()})
			l.leaves = slices.Insert(l.leaves, i, port.Numbered{Heads: audit.Heads{ID: e.ID}})
			l.mend()
			return where{numbers: []int64{int64(i)}}, true
		}},
		{"two numbers swapped with all hashes", func(l *logged, r *rand.Rand, _ audit.Key) (where, bool) {
			a, b := r.IntN(len(l.leaves)), r.IntN(len(l.leaves))
			l.leaves[a], l.leaves[b] = l.leaves[b], l.leaves[a]
			l.mend()
			return where{numbers: []int64{int64(min(a, b))}}, a != b
		}},
		{"end cut off with its checkpoints", func(l *logged, r *rand.Rand, _ audit.Key) (where, bool) {
			i := r.IntN(len(l.checkpoints))
			w := where{checkpoints: []int64{l.checkpoints[i].Number}}
			size := int64(0)
			if i > 0 {
				size = l.checkpoints[i-1].Size
			}
			again := r.IntN(2) == 0 // the rows wait again, or are gone as well
			for _, n := range l.leaves[size:] {
				if again {
					l.waiting = append(l.waiting, n.ID)
				} else {
					l.rows = slices.Delete(l.rows, l.row(n.ID), l.row(n.ID)+1)
				}
			}
			l.leaves, l.checkpoints = l.leaves[:size], l.checkpoints[:i]
			return w, true
		}},
		{"everything signed anew with another key", func(l *logged, r *rand.Rand, forge audit.Key) (where, bool) {
			n := l.leaves[r.IntN(len(l.leaves))]
			l.rewrite(l.row(n.ID), func(e *audit.Entry) { e.Action = "another" })
			l.mend()
			var tree audit.Tree
			before := audit.Hash{}
			w := where{}
			for i := range l.checkpoints {
				c := &l.checkpoints[i]
				for tree.Size() < c.Size {
					tree.Add(audit.Leaf(l.rows[l.row(l.leaves[tree.Size()].ID)].Bytes))
				}
				note, err := forge.Sign(audit.Checkpoint{Size: c.Size, Root: tree.Root(), Number: c.Number, At: c.At, Before: before})
				if err != nil {
					return w, false
				}
				c.Note, before = note, audit.Link(note)
				w.checkpoints = append(w.checkpoints, c.Number)
			}
			return w, true
		}},
	}
}
