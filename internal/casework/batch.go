package casework

import (
	"context"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/fault"
	"elicense/internal/port"
	"elicense/internal/service"
)

// MostAtOnce is how many applications one act takes.
const MostAtOnce = 200

// Chosen is an application that was chosen for an act, as it stands now.
type Chosen struct {
	port.Queued
	Process service.Process
	Step    service.Step
	// Closed is why the act is not open to the reader with this application; nil where it is.
	Closed error
}

// Order is an act with many applications, as the person confirmed it.
type Order struct {
	ID         string // made with the page that confirms: the same order is done once, however often it is sent
	Act        application.Act
	Rows       []port.BatchRow
	To, Reason string // of an assignment
}

// batchActs are the acts that can be done with many at once.
func (d *Desk) batchActs(actor access.Actor, o Order) map[application.Act]func(ctx context.Context, r port.BatchRow) error {
	return map[application.Act]func(ctx context.Context, r port.BatchRow) error{
		application.Take:     func(ctx context.Context, r port.BatchRow) error { return d.Take(ctx, actor, r.Number, r.Version) },
		application.GiveBack: func(ctx context.Context, r port.BatchRow) error { return d.GiveBack(ctx, actor, r.Number, r.Version) },
		application.Confirm:  func(ctx context.Context, r port.BatchRow) error { return d.Confirm(ctx, actor, r.Number, r.Version) },
		application.AskOpinions: func(ctx context.Context, r port.BatchRow) error {
			return d.AskOpinions(ctx, actor, r.Number, r.Version)
		},
		application.Assign: func(ctx context.Context, r port.BatchRow) error {
			return d.Assign(ctx, actor, r.Number, r.Version, o.To, o.Reason)
		},
	}
}

// Choose gives the applications that were chosen for an act, in the order given, as they stand; what is no application of
// the actor's body is left out.
func (d *Desk) Choose(ctx context.Context, actor access.Actor, act application.Act, numbers []string) ([]Chosen, error) {
	if err := reads(actor); err != nil {
		return nil, err
	}
	if err := bounded(len(numbers)); err != nil {
		return nil, err
	}
	if _, ok := d.batchActs(actor, Order{})[act]; !ok {
		return nil, fault.New(fault.Invalid, "fault.form")
	}
	var list []Chosen
	err := d.Store.View(ctx, func(v port.View) error {
		for _, number := range numbers {
			found, err := v.Office().Queues().Found(ctx, port.Found{Body: actor.Body, Number: number, Limit: 1})
			if err != nil {
				return err
			}
			if len(found) == 0 {
				continue
			}
			c, a := Chosen{Queued: found[0]}, found[0].Application
			rev, err := d.Catalogue.Revision(ctx, a.Service, a.Revision)
			if err != nil {
				return err
			}
			c.Process = rev.For(a.Operation).Definition.Process
			c.Step, _, _ = c.Process.StepAt(a.Work.Step)
			c.Closed = application.May(a, c.Process, actor, act)
			list = append(list, c)
		}
		return nil
	})
	return list, err
}

// Receivers lists the officials who may do the step of at least one of the chosen applications, by surname.
func (d *Desk) Receivers(ctx context.Context, actor access.Actor, list []Chosen) ([]Candidate, error) {
	var out []Candidate
	err := d.Store.View(ctx, func(v port.View) error {
		officials, err := v.Office().Officials().List(ctx, actor.Body)
		if err != nil {
			return err
		}
		held, err := v.Office().Queues().Held(ctx, actor.Body)
		if err != nil {
			return err
		}
		for _, o := range officials {
			for _, c := range list {
				if c.Closed == nil && c.Application.MayHold(c.Process, o) == nil {
					out = append(out, Candidate{o, held[o.ID]})
					break
				}
			}
		}
		return nil
	})
	return out, err
}

func bounded(n int) error {
	switch {
	case n == 0:
		return fault.New(fault.Invalid, "queue.none-chosen")
	case n > MostAtOnce:
		return fault.New(fault.Invalid, "queue.too-many")
	}
	return nil
}

// Do does an act with many applications, each in a unit of its own with the version that was seen, and keeps what became of
// each. An order that was sent before is done once: the second time changes nothing.
func (d *Desk) Do(ctx context.Context, actor access.Actor, o Order) error {
	if err := reads(actor); err != nil {
		return err
	}
	if err := bounded(len(o.Rows)); err != nil {
		return err
	}
	do, ok := d.batchActs(actor, o)[o.Act]
	if !ok || o.ID == "" || len(o.ID) > 64 {
		return fault.New(fault.Invalid, "fault.form")
	}
	if o.Act == application.Assign && o.To == "" {
		return fault.At("to", "work.assign-nobody")
	}
	batch := port.Batch{ID: o.ID, Official: actor.Account, Act: o.Act, At: d.World.Now(), Rows: o.Rows}
	err := d.Store.Update(ctx, func(tx port.Tx) error {
		tx.Write().Office().Queues().AddBatch(batch)
		return nil
	})
	if fault.Is(err, "store.batch-exists") {
		_, err := d.Batch(ctx, actor, o.ID)
		return err
	}
	if err != nil {
		return err
	}
	for i, row := range batch.Rows {
		if err := do(ctx, row); err != nil {
			f, ok := fault.As(err)
			if !ok || ctx.Err() != nil {
				return err // what was done stands; the page says that the order was interrupted
			}
			batch.Rows[i].Key, batch.Rows[i].Args = f.Key, f.Args
			if len(f.Fields) > 0 {
				batch.Rows[i].Key, batch.Rows[i].Args = f.Fields[0].Key, f.Fields[0].Args
			}
		}
	}
	return d.Store.Update(ctx, func(tx port.Tx) error {
		tx.Write().Office().Queues().EndBatch(batch)
		return nil
	})
}

// Batch gives what became of an order of the actor's. Another's is fault.NotFound.
func (d *Desk) Batch(ctx context.Context, actor access.Actor, id string) (port.Batch, error) {
	if err := reads(actor); err != nil {
		return port.Batch{}, err
	}
	var b port.Batch
	err := d.Store.View(ctx, func(v port.View) (err error) {
		b, err = v.Office().Queues().Batch(ctx, id)
		return err
	})
	if err == nil && b.Official != actor.Account {
		return port.Batch{}, fault.New(fault.NotFound, "fault.not-found")
	}
	return b, err
}
