// Package evidence makes the audit rows provable: it numbers them, keeps the hashes of a Merkle tree over them, signs what
// there is, and checks all of it. Nothing of this happens while somebody waits.
package evidence

import (
	"context"
	"time"

	"elicense/internal/audit"
	"elicense/internal/fault"
	"elicense/internal/port"
)

// Evidence keeps the log of the audit.
type Evidence struct {
	Store port.Store
	World port.World
	Key   audit.Key
	// Witness notes that an auditor read.
	Witness port.Witness
	// Outside keeps the signed checkpoints outside the database as well; nil = nowhere.
	Outside Outside
}

// Outside is a place for signed checkpoints that those who can change the database cannot change.
type Outside interface {
	// Last gives the number of the last checkpoint there, 0 for none.
	Last() (int64, error)
	// Add keeps the one that follows it.
	Add(signed []byte) error
}

// Every is how often rows are numbered and signed. A row is covered by a checkpoint a minute after its commit at the latest.
const Every = 20 * time.Second

// batch is how many rows one unit numbers. It is small, so that those who submit hardly wait behind it.
const batch = 500

// Sequence numbers every row that waits, signs a checkpoint over each batch and keeps the checkpoints outside. Several nodes may do it at the same time:
// of two that number the same rows the store takes one, and the other looks again.
func (e *Evidence) Sequence(ctx context.Context) error {
	for {
		n, err := e.sequence(ctx)
		if err != nil {
			return err
		}
		if n < batch {
			return e.export(ctx)
		}
	}
}

// export keeps outside what is not there yet, be it signed by another node.
func (e *Evidence) export(ctx context.Context) error {
	if e.Outside == nil {
		return nil
	}
	last, err := e.Outside.Last()
	for err == nil {
		var list []port.StoredCheckpoint
		err = e.Store.View(ctx, func(v port.View) (err error) {
			list, err = v.Office().Trail().Checkpoints(ctx, last+1, page)
			return err
		})
		for _, c := range list {
			if err = e.Outside.Add(c.Note); err != nil {
				return err
			}
			last = c.Number
		}
		if len(list) < page {
			break
		}
	}
	return err
}

// sequence numbers a batch and tells how many rows it had; none also when another node was faster again and again.
func (e *Evidence) sequence(ctx context.Context) (int, error) {
	n := 0
	err := e.Store.Update(ctx, func(tx port.Tx) error {
		n = 0
		log := tx.Office().Trail()
		rows, err := log.Waiting(ctx, batch)
		if err != nil || len(rows) == 0 {
			return err
		}
		last, tree, err := e.resume(ctx, log)
		if err != nil {
			return err
		}
		numbered := make([]port.Numbered, len(rows))
		for i, r := range rows {
			numbered[i] = place(&tree, r)
		}
		next := audit.Checkpoint{Size: tree.Size(), Root: tree.Root(), Number: last.Number + 1, At: e.World.Now()}
		if last.Number > 0 {
			next.Before = audit.Link(last.Note)
		}
		signed, err := e.Key.Sign(next)
		if err != nil {
			return fault.New(fault.Internal, "audit.key").Because(err)
		}
		n = len(rows)
		tx.Write().Office().Trail().Append(port.StoredCheckpoint{Number: next.Number, Size: next.Size, At: next.At, Note: signed}, numbered)
		return nil
	})
	if fault.Is(err, "store.race") {
		return 0, nil
	}
	return n, err
}

// resume gives the last checkpoint and the tree under it. A tree that is not the one that was signed is not gone on with,
// nor one that another key signed: a log that was changed must not get a signature that makes it look whole.
func (e *Evidence) resume(ctx context.Context, log port.Trail) (port.StoredCheckpoint, audit.Tree, error) {
	stored, ok, err := log.Last(ctx)
	if err != nil || !ok {
		return stored, audit.Tree{}, err
	}
	c, err := e.Key.Public.Open(stored.Note)
	if err != nil {
		return stored, audit.Tree{}, fault.New(fault.Internal, "audit.key").Because(err)
	}
	places := audit.Peaks(c.Size)
	peaks, err := reader(ctx, log)(places)
	if err != nil {
		return stored, audit.Tree{}, err
	}
	tree := audit.Resume(c.Size, peaks)
	if c.Number != stored.Number || c.Size != stored.Size || tree.Root() != c.Root {
		return stored, tree, fault.New(fault.Internal, "audit.changed")
	}
	return stored, tree, nil
}

// reader reads hashes of the tree.
func reader(ctx context.Context, log port.Trail) audit.Reader {
	return func(places []audit.Place) ([]audit.Hash, error) {
		seqs := make([]int64, len(places))
		for i, p := range places {
			seqs[i] = p.Seq
		}
		kept, err := log.Hashes(ctx, seqs)
		if err != nil {
			return nil, err
		}
		list, err := audit.Pick(places, kept)
		if err != nil {
			err = fault.New(fault.Internal, "audit.changed").Because(err)
		}
		return list, err
	}
}

// place puts a row at the end of the tree. A row whose bytes cannot be read gets its number all the same, without heads: a
// check finds it.
func place(tree *audit.Tree, r port.Record) port.Numbered {
	n := port.Numbered{Seq: tree.Size(), Heads: audit.Heads{ID: r.ID}}
	n.Kept = tree.Add(audit.Leaf(r.Bytes))
	if e, err := audit.Parse(r.Bytes); err == nil && e.ID == r.ID {
		n.Heads = audit.HeadsOf(e)
	}
	return n
}

// Standing is how far the log is.
type Standing struct {
	Last    audit.Checkpoint // zero before the first
	Waiting int
	Lag     time.Duration // of the oldest row that waits
}

// Standing tells how far the log is.
func (e *Evidence) Standing(ctx context.Context) (s Standing, err error) {
	err = e.Store.View(ctx, func(v port.View) error {
		s, err = standing(ctx, v, e.Key.Public, e.World.Now())
		return err
	})
	return s, err
}

func standing(ctx context.Context, v port.View, keys audit.PublicKeys, now time.Time) (s Standing, err error) {
	log := v.Office().Trail()
	stored, ok, err := log.Last(ctx)
	if err != nil {
		return s, err
	}
	if ok {
		if s.Last, err = keys.Open(stored.Note); err != nil {
			return s, fault.New(fault.Internal, "audit.key").Because(err)
		}
	}
	s.Waiting, s.Lag, err = Waiting(ctx, v, now)
	return s, err
}

// Waiting tells how many rows have no number yet, and how old the oldest of them is.
func Waiting(ctx context.Context, v port.View, now time.Time) (rows int, lag time.Duration, err error) {
	log := v.Office().Trail()
	if rows, err = log.Backlog(ctx); err != nil {
		return 0, 0, err
	}
	oldest, err := log.Waiting(ctx, 1)
	if err != nil || len(oldest) == 0 {
		return rows, 0, err
	}
	if row, err := audit.Parse(oldest[0].Bytes); err == nil {
		lag = now.Sub(row.At)
	}
	return rows, lag, nil
}
