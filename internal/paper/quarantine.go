package paper

import (
	"context"
	"strconv"
	"time"

	"elicense/internal/access"
	"elicense/internal/audit"
	"elicense/internal/fault"
	"elicense/internal/permit"
	"elicense/internal/port"
)

// unitRows is how many rows one unit stores.
const unitRows = 500

// forsaken is after how long a batch that is still being received has nobody any more who receives it.
const forsaken = time.Hour

func (p *Papers) unit(ctx context.Context, f func(w port.Writes)) error {
	return p.Store.Update(ctx, func(tx port.Tx) error {
		f(tx.Write())
		return nil
	})
}

// note writes the audit row of what was done with a batch.
func (p *Papers) note(tx port.Tx, actor access.Actor, action string, b permit.Batch, details map[string]string) {
	details["body"] = b.Body
	tx.Write().Records().Audit(audit.Entry{ID: p.World.ID(), Salt: p.World.Random(16), At: p.World.Now(), Actor: actor.Name(), Action: action,
		Object: "papers/" + b.ID, Details: details})
}

// mayRead demands an official of a body who brings batches or releases them.
func mayRead(actor access.Actor) error {
	if err := actor.AtWork(); err != nil {
		return err
	}
	if !actor.Holds(access.Executor, access.Approver, access.Head) || actor.Body == "" {
		return fault.New(fault.Denied, "office.no-duty")
	}
	return nil
}

// MayRead tells whether the actor sees the batches of their body, MayBring whether they add one.
func (p *Papers) MayRead(actor access.Actor) bool { return mayRead(actor) == nil }

// MayBring tells whether the actor may bring a file.
func (p *Papers) MayBring(actor access.Actor) bool {
	_, err := mayBring(actor)
	return err == nil
}

// mostBatches bounds the list of a page.
const mostBatches = 100

// Batches lists those of the actor's body, the newest first, with the names of officials by account.
func (p *Papers) Batches(ctx context.Context, actor access.Actor) (list []permit.Batch, err error) {
	if err := mayRead(actor); err != nil {
		return nil, err
	}
	err = p.Store.View(ctx, func(v port.View) (err error) {
		list, err = v.Permits().Quarantine().Batches(ctx, actor.Body, mostBatches)
		return err
	})
	return list, err
}

// Look is a batch as its page shows it.
type Look struct {
	Batch permit.Batch
	First []permit.Line     // the first rows
	Names map[string]string // of officials by account
	// MayRelease and MayDrop tell what the reader can do; Mine that they cannot release because they brought it.
	MayRelease, MayDrop, Mine bool
}

// firstRows is how many rows a page shows.
const firstRows = 20

// Open gives a batch of the actor's body, and notes that its rows were read; another body's answers as none.
func (p *Papers) Open(ctx context.Context, actor access.Actor, id string) (Look, error) {
	var l Look
	if err := mayRead(actor); err != nil {
		return l, err
	}
	err := p.Store.View(ctx, func(v port.View) (err error) {
		if l.Batch, err = batchOf(ctx, v, actor, id); err != nil {
			return err
		}
		if l.First, err = v.Permits().Quarantine().Lines(ctx, id, 0, firstRows); err != nil {
			return err
		}
		l.Names = map[string]string{}
		officials, err := v.Office().Officials().List(ctx, actor.Body)
		for _, o := range officials {
			l.Names[o.ID] = o.Name()
		}
		return err
	})
	if err != nil {
		return l, err
	}
	waits := l.Batch.State == permit.BatchWaiting
	l.Mine = waits && mine(actor, l.Batch)
	l.MayRelease = waits && !l.Mine && releases(actor)
	l.MayDrop = waits
	if len(l.First) > 0 {
		err = p.Witness.Saw(ctx, actor, port.Sight{Action: "papers.seen", Object: "papers/" + id, Details: map[string]string{"body": l.Batch.Body}})
	}
	return l, err
}

func releases(actor access.Actor) bool { return actor.Holds(access.Approver, access.Head) }

// mine tells whether the actor is the person who brought the batch, under whichever account.
func mine(actor access.Actor, b permit.Batch) bool {
	return b.Brought.Account == actor.Account || b.Brought.Person != "" && b.Brought.Person == actor.Person
}

func batchOf(ctx context.Context, v port.View, actor access.Actor, id string) (permit.Batch, error) {
	b, err := v.Permits().Quarantine().Batch(ctx, id)
	if err == nil && (b.Body != actor.Body || b.State == permit.BatchReceiving) {
		err = fault.New(fault.NotFound, "fault.not-found")
	}
	return b, err
}

// Release lets a batch into the register: an approver or the head of the body, another person than who brought it. The
// work begins now and is gone on with by Work. Faults: fault.Denied "office.no-duty", fault.Conflict "paper.own-batch" of
// who brought it, "paper.closed" of a batch that does not wait.
func (p *Papers) Release(ctx context.Context, actor access.Actor, id string) error {
	if err := mayRead(actor); err != nil {
		return err
	}
	err := p.close(ctx, actor, id, func(b *permit.Batch) (string, error) {
		switch {
		case !releases(actor):
			return "", fault.New(fault.Denied, "office.no-duty")
		case mine(actor, *b):
			return "", fault.New(fault.Conflict, "paper.own-batch")
		}
		b.State = permit.BatchReleasing
		return "paper.batch-released", nil
	})
	if err != nil {
		return err
	}
	return p.Start(ctx)
}

// Drop ends a batch that waits, and forgets its rows; who brought it may as well as who could release it.
func (p *Papers) Drop(ctx context.Context, actor access.Actor, id string) error {
	if err := mayRead(actor); err != nil {
		return err
	}
	return p.close(ctx, actor, id, func(b *permit.Batch) (string, error) {
		b.State = permit.BatchDropped
		return "paper.batch-dropped", nil
	})
}

func (p *Papers) close(ctx context.Context, actor access.Actor, id string, decide func(b *permit.Batch) (action string, err error)) error {
	return p.Store.Update(ctx, func(tx port.Tx) error {
		b, err := batchOf(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		if b.State != permit.BatchWaiting {
			return fault.New(fault.Conflict, "paper.closed")
		}
		action, err := decide(&b)
		if err != nil {
			return err
		}
		b.Closed = permit.Hand{Account: actor.Name(), Person: actor.Person, At: p.World.Now()}
		tx.Write().Permits().Quarantine().Change(b)
		if b.State == permit.BatchDropped {
			tx.Write().Permits().Quarantine().DropLines(b.ID)
		}
		p.note(tx, actor, action, b, map[string]string{"rows": strconv.Itoa(b.Rows)})
		return nil
	})
}

// Work goes on with the batches that are being released, wherever a worker stopped, and forgets those that nobody
// receives any more.
func (p *Papers) Work(ctx context.Context) error {
	var releasing, receiving []string
	err := p.Store.View(ctx, func(v port.View) (err error) {
		if releasing, err = v.Permits().Quarantine().In(ctx, permit.BatchReleasing); err != nil {
			return err
		}
		receiving, err = v.Permits().Quarantine().In(ctx, permit.BatchReceiving)
		return err
	})
	if err != nil {
		return err
	}
	for _, id := range releasing {
		for more := true; more; {
			if more, err = p.part(ctx, id); err != nil {
				return err
			}
		}
	}
	if len(receiving) == 0 {
		return nil
	}
	return p.unit(ctx, func(w port.Writes) { w.Permits().Quarantine().DropForsaken(p.World.Now().Add(-forsaken)) })
}

// part lets the next rows of a batch into the register, in one unit with how far it is; more tells that others follow. A row
// whose number the register has by now is told and left out.
func (p *Papers) part(ctx context.Context, id string) (more bool, err error) {
	const tries = 5 // of another import that brings the same numbers at this moment
	for range tries {
		err = p.Store.Update(ctx, func(tx port.Tx) error {
			more = false
			q := tx.Permits().Quarantine()
			b, err := q.Batch(ctx, id)
			if err != nil || b.State != permit.BatchReleasing {
				return err
			}
			lines, err := q.Lines(ctx, id, b.Past, unitRows)
			if err != nil {
				return err
			}
			registered, _, err := taken(ctx, q, b.Body, lines)
			if err != nil {
				return err
			}
			at, before := p.World.Now(), b.Done
			for _, l := range lines {
				b.Past = l.No
				if registered[l.Paper.Key()] {
					if len(b.Collided) < permit.MostTold {
						b.Collided = append(b.Collided, permit.RowNote{Line: l.No, Column: "number", Key: "paper.wrong.known"})
					}
					continue
				}
				l.Paper.ID, l.Paper.Batch, l.Paper.ImportedAt = p.World.ID(), b.ID, at
				tx.Write().Permits().AddPaper(l.Paper)
				b.Done++
			}
			if more = len(lines) == unitRows; !more {
				b.State = permit.BatchReleased
			}
			tx.Write().Permits().Quarantine().Change(b)
			p.note(tx, access.Actor{Role: access.System, Account: b.Closed.Account}, "paper.imported", b,
				map[string]string{"rows": strconv.Itoa(b.Done - before), "refused": strconv.Itoa(len(lines) - b.Done + before)})
			return nil
		})
		if !fault.Is(err, "store.paper-exists") {
			break
		}
	}
	return more, err
}

// Load brings a register and lets it in at once: for demonstrations and tests, by the system alone.
func (p *Papers) Load(ctx context.Context, f File) (Received, error) {
	actor := access.TheSystem()
	r, err := p.Receive(ctx, actor, f)
	if err != nil {
		return r, err
	}
	for _, b := range r.Batches {
		if b.State != permit.BatchWaiting {
			continue
		}
		b.State, b.Closed = permit.BatchReleasing, permit.Hand{Account: actor.Name(), At: p.World.Now()}
		err := p.Store.Update(ctx, func(tx port.Tx) error {
			tx.Write().Permits().Quarantine().Change(b)
			p.note(tx, actor, "paper.batch-released", b, map[string]string{"rows": strconv.Itoa(b.Rows)})
			return nil
		})
		if err != nil {
			return r, err
		}
	}
	return r, p.Work(ctx)
}
