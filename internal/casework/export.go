package casework

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/port"
)

// Exports are lists of applications that officials order as files. A file is made in the background, can be fetched by
// whoever ordered it, and is forgotten after a day.
type Exports struct {
	*Desk
	Blobs  port.Blobs
	Sheets port.Sheets
	// Start has the work on what is ordered begin now.
	Start func(ctx context.Context) error
}

// Bounds of exports.
const (
	MostExported   = 100_000 // rows of a file
	mostExports    = 10      // of an official at a time
	exportBytes    = 64 << 20
	exportLives    = 24 * time.Hour
	exportStep     = 1000            // rows that are read at a time
	exportForsaken = 2 * time.Minute // without getting on, its worker is dead
)

// Order orders a list: of the queue within a scope, or of what was found where found asks for something. l is the
// language of the file.
func (x *Exports) Order(ctx context.Context, actor access.Actor, l lang.Lang, scope Scope, q port.Queue, found port.Found) error {
	if err := reads(actor); err != nil {
		return err
	}
	now := x.World.Now()
	err := x.Store.Update(ctx, func(tx port.Tx) error {
		r := tx.Office().Queues()
		mine, err := r.Exports(ctx, actor.Account)
		if err != nil {
			return err
		}
		if len(mine) >= mostExports {
			return fault.New(fault.Throttled, "queue.export-many")
		}
		e := port.Export{ID: x.World.ID(), Official: actor.Account, Lang: string(l), At: now, BeatAt: now, State: port.ExportWaits, Version: 1}
		kind := "search"
		if found.Number+found.Party == "" && len(found.Words) == 0 {
			kind, q.Body, q.Today = "queue", actor.Body, civil.Of(now, lang.Almaty())
			e.Query = within(q, scope, actor)
			counts, err := r.Count(ctx, MostExported, e.Query)
			if err != nil {
				return err
			}
			e.Total = counts[0]
		} else {
			e.Found = found
			e.Found.Body = actor.Body
		}
		tx.Write().Office().Queues().AddExport(e)
		x.audit(tx, actor, "export.ordered", "export/"+e.ID, map[string]string{"kind": kind, "body": actor.Body})
		return nil
	})
	if err != nil {
		return err
	}
	return x.Start(ctx)
}

// Mine lists what the actor ordered, the newest first.
func (x *Exports) Mine(ctx context.Context, actor access.Actor) ([]port.Export, error) {
	if err := reads(actor); err != nil {
		return nil, err
	}
	var list []port.Export
	err := x.Store.View(ctx, func(v port.View) (err error) {
		list, err = v.Office().Queues().Exports(ctx, actor.Account)
		return err
	})
	return list, err
}

// Fetch opens the file of an export for whoever ordered it; for others it is fault.NotFound, as one that is not ready.
func (x *Exports) Fetch(ctx context.Context, actor access.Actor, id string) (port.Export, io.ReadCloser, error) {
	var e port.Export
	if err := reads(actor); err != nil {
		return e, nil, err
	}
	err := x.Store.Update(ctx, func(tx port.Tx) (err error) {
		if e, err = tx.Office().Queues().Export(ctx, id); err != nil {
			return err
		}
		if e.Official != actor.Account || e.State != port.ExportReady {
			return fault.New(fault.NotFound, "fault.not-found")
		}
		x.audit(tx, actor, "export.fetched", "export/"+e.ID, map[string]string{"rows": strconv.Itoa(e.Rows)})
		return nil
	})
	if err != nil {
		return e, nil, err
	}
	content, err := x.Blobs.Open(ctx, e.Digest)
	return e, content, err
}

// Work makes the files that were ordered, the oldest first, and forgets exports and batches after a day.
func (x *Exports) Work(ctx context.Context) error {
	var list []port.Export
	err := x.Store.View(ctx, func(v port.View) (err error) {
		list, err = v.Office().Queues().Exports(ctx, "")
		return err
	})
	if err != nil {
		return err
	}
	now := x.World.Now()
	for _, e := range list {
		if now.Sub(e.At) > exportLives {
			if err := x.change(ctx, func(w port.QueueWrites) { w.DropExport(e.ID) }); err != nil {
				return err
			}
			continue
		}
		mine, err := x.claim(ctx, &e)
		if err != nil {
			return err
		}
		if mine {
			if err := x.make(ctx, e); err != nil {
				return err
			}
		}
	}
	return x.change(ctx, func(w port.QueueWrites) { w.DropBatches(now.Add(-exportLives)) })
}

func (x *Exports) change(ctx context.Context, f func(w port.QueueWrites)) error {
	return x.Store.Update(ctx, func(tx port.Tx) error {
		f(tx.Write().Office().Queues())
		return nil
	})
}

// claim takes an export that waits, or whose worker is dead, from other workers.
func (x *Exports) claim(ctx context.Context, e *port.Export) (mine bool, err error) {
	err = x.Store.Update(ctx, func(tx port.Tx) (err error) {
		mine = false
		if *e, err = tx.Office().Queues().Export(ctx, e.ID); err != nil {
			return err
		}
		dead := e.State == port.ExportRuns && x.World.Now().Sub(e.BeatAt) > exportForsaken
		if e.State != port.ExportWaits && !dead {
			return nil
		}
		mine = true
		e.State, e.Rows, e.BeatAt = port.ExportRuns, 0, x.World.Now()
		tx.Write().Office().Queues().ChangeExport(*e)
		return nil
	})
	e.Version++
	return mine, err
}

// make writes the file of an export. What goes wrong is the export's state; only a store that fails is an error.
func (x *Exports) make(ctx context.Context, e port.Export) error {
	r, w := io.Pipe()
	written := make(chan error, 1)
	go func() {
		err := x.write(ctx, w, &e)
		w.CloseWithError(err) // nil is the end
		written <- err
	}()
	digest, size, err := x.Blobs.Put(ctx, r, exportBytes)
	_ = r.CloseWithError(err) // a writer that waits for a reader who is gone ends
	if failed := <-written; err == nil {
		err = failed
	}
	if fault.Is(err, "store.race") || ctx.Err() != nil {
		return ctx.Err() // another took it over, or will
	}
	e.State, e.Digest, e.Size, e.BeatAt = port.ExportReady, digest, size, x.World.Now()
	if err != nil {
		e.State, e.Digest, e.Size = port.ExportFails, "", 0
	}
	if lost := x.change(ctx, func(w port.QueueWrites) { w.ChangeExport(e) }); !fault.Is(lost, "store.race") && lost != nil {
		return lost
	}
	return err
}

// write streams the workbook, and notes how far it is.
func (x *Exports) write(ctx context.Context, w io.Writer, e *port.Export) error {
	say := x.Texts.In(lang.Lang(e.Lang))
	var names map[string]string
	var actor access.Official
	err := x.Store.View(ctx, func(v port.View) (err error) {
		if actor, err = v.Office().Officials().Official(ctx, e.Official); err != nil {
			return err
		}
		names, err = officialNames(ctx, v, actor.Body)
		return err
	})
	if err != nil {
		return err
	}
	if body := e.Query.Body + e.Found.Body; !actor.BlockedAt.IsZero() || actor.Body != body {
		return fault.New(fault.Denied, "office.no-duty") // what they were when they ordered they are no longer
	}
	line := x.line(ctx, say, names)
	return x.Sheets.Write(w, port.Sheet{Columns: columns(say), Rows: func(row func([]any) error) error {
		for e.Rows < MostExported {
			list, err := x.next(ctx, e)
			if err != nil || len(list) == 0 {
				return err
			}
			for _, q := range list {
				if err := row(line(q)); err != nil {
					return err
				}
			}
			e.Rows, e.BeatAt = e.Rows+len(list), x.World.Now()
			if err := x.change(ctx, func(w port.QueueWrites) { w.ChangeExport(*e) }); err != nil {
				return err
			}
			e.Version++
			last := list[len(list)-1].Application
			e.Query.After, e.Found.Before, e.Found.BeforeNumber = PlaceOf(last), last.RegisteredAt, last.Number
		}
		return nil
	}})
}

// PlaceOf is where an application stands in the queue.
func PlaceOf(a application.Application) port.QueuePlace {
	return port.QueuePlace{Stopped: a.Work.Report.Clock.Stopped(), Due: a.Work.Due, Number: a.Number}
}

// next reads the rows that follow.
func (x *Exports) next(ctx context.Context, e *port.Export) (list []port.Queued, err error) {
	limit := min(exportStep, MostExported-e.Rows)
	err = x.Store.View(ctx, func(v port.View) (err error) {
		if e.Query.Body != "" {
			q := e.Query
			q.Limit = limit
			list, err = v.Office().Queues().Queue(ctx, q)
			return err
		}
		f := e.Found
		f.Limit = limit
		list, err = v.Office().Queues().Found(ctx, f)
		return err
	})
	return list, err
}

func officialNames(ctx context.Context, v port.View, body string) (map[string]string, error) {
	list, err := v.Office().Officials().List(ctx, body)
	names := map[string]string{}
	for _, o := range list {
		names[o.ID] = o.Name()
	}
	return names, err
}

func columns(say *lang.Printer) []port.SheetColumn {
	list := []port.SheetColumn{{Width: 20}, {Width: 12}, {Width: 14}, {Width: 44}, {Width: 44}, {Width: 16}, {Width: 34}, {Width: 14}, {Width: 22}, {Width: 34}}
	for i, key := range []string{"filing.number", "filing.journal", "filing.registered", "office.service", "filing.applicant", "queue.state", "office.step", "office.due", "queue.left", "office.holder"} {
		list[i].Text = say.T(key)
	}
	return list
}

// line gives the cells of a row.
func (x *Exports) line(ctx context.Context, say *lang.Printer, names map[string]string) func(q port.Queued) []any {
	today, l := civil.Of(x.World.Now(), lang.Almaty()), say.Lang
	return func(q port.Queued) []any {
		a := q.Application
		service, step, left, due := a.Service, "", "", civil.Date{}
		rev, err := x.Catalogue.Revision(ctx, a.Service, a.Revision)
		if err == nil {
			service = rev.Definition.SubtypeName(a.Subtype).Get(l)
		}
		if a.State == application.Registered {
			if err == nil {
				at, _, _ := rev.For(a.Operation).Definition.Process.StepAt(a.Work.Step)
				step = at.Name.Get(l)
			}
			left, due = say.T("queue.left."+string(a.Work.Left(today))), a.Work.Due
		}
		return []any{a.Number, a.Journal, say.Day(a.RegisteredAt), service, q.Applicant, say.T("status." + string(a.State)), step, due, left, names[a.Work.Holder]}
	}
}

// Name is the name of an export's file.
func (x *Exports) Name(e port.Export) string {
	return fmt.Sprintf("elicense-%s.xlsx", e.At.In(lang.Almaty()).Format("2006-01-02-1504"))
}

// Waiting tells whether some of the exports are not made yet.
func Waiting(list []port.Export) bool {
	return slices.ContainsFunc(list, func(e port.Export) bool { return e.State == port.ExportWaits || e.State == port.ExportRuns })
}
