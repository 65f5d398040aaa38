// Package queue runs background jobs: documents are rendered and pending signatures checked again after the unit that
// asked for it was committed. A sweeper reads the outbox and makes jobs of its events in batches; an event counts as
// dispatched after its jobs are stored, and jobs are unique by their arguments, so that a crash between the two costs
// nothing. On SQLite the jobs have a file of their own: the one writer of the main file stays undisturbed.
package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
	"golang.org/x/time/rate"
	_ "modernc.org/sqlite" // the driver of database/sql

	"elicense/internal/application"
	"elicense/internal/fault"
	"elicense/internal/port"
)

// Tasks is the work that jobs do. Each is repeatable.
type Tasks interface {
	// RenderPermit makes the documents of the permit that an application led to, in all languages.
	RenderPermit(ctx context.Context, application string) error
	// Recheck asks again for the revocation behind a pending signature; fault.Unavailable means not yet.
	Recheck(ctx context.Context, application string) error
}

// maxAttempts is after how many failures a job is parked with its reason.
const maxAttempts = 5

// recheckEvery is how often a pending signature is looked at again: every attempt is a snooze, not a failure.
const recheckEvery = 20 * time.Second

// client is what of River's client does not depend on the engine.
type client interface {
	InsertMany(ctx context.Context, params []river.InsertManyParams) ([]*rivertype.JobInsertResult, error)
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
}

// Queue is the sweeper and the workers.
type Queue struct {
	store  port.Store
	world  port.World
	log    *slog.Logger
	client client
	close  func()
	wake   chan struct{}
	crowd  crowd
}

// renderJob renders the permit of an application.
type renderJob struct {
	Application string `json:"application" river:"unique"`
}

// Kind names the job in the database.
func (renderJob) Kind() string { return "render-permit" }

// recheckJob checks a pending signature again.
type recheckJob struct {
	Application string `json:"application" river:"unique"`
	Event       string `json:"event" river:"unique"` // a second signing of the same application is another job
}

// Kind names the job in the database.
func (recheckJob) Kind() string { return "recheck-signature" }

type renderWorker struct {
	river.WorkerDefaults[renderJob]
	tasks Tasks
	calm  *rate.Limiter
	busy  *rate.Limiter
	crowd *crowd
}

func (w *renderWorker) Work(ctx context.Context, job *river.Job[renderJob]) error {
	pace := w.calm
	if w.crowd.present() {
		pace = w.busy
	}
	if err := pace.Wait(ctx); err != nil {
		return err
	}
	return w.tasks.RenderPermit(ctx, job.Args.Application)
}

type recheckWorker struct {
	river.WorkerDefaults[recheckJob]
	tasks Tasks
}

func (w *recheckWorker) Work(ctx context.Context, job *river.Job[recheckJob]) error {
	err := w.tasks.Recheck(ctx, job.Args.Application)
	if pending(err) {
		return river.JobSnooze(recheckEvery)
	}
	return err
}

// Open connects the jobs' database (the main one on PostgreSQL, jobsFile on SQLite), migrates it and prepares the
// workers; nothing runs yet.
func Open(ctx context.Context, url, jobsFile string, store port.Store, world port.World, tasks Tasks, chores []Chore, log *slog.Logger) (*Queue, error) {
	q := &Queue{store: store, world: world, log: log, wake: make(chan struct{}, 1), crowd: crowd{pace: rate.NewLimiter(crowdFrom, crowdFrom), now: world.Now}}
	workers := river.NewWorkers()
	river.AddWorker(workers, &renderWorker{tasks: tasks, calm: rate.NewLimiter(rendersPerSecond, 1), busy: rate.NewLimiter(rendersInCrowd, 1), crowd: &q.crowd})
	river.AddWorker(workers, &recheckWorker{tasks: tasks})
	river.AddWorker(workers, &choreWorker{chores: chores, log: log})
	config := &river.Config{
		Queues:  map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 1}, choreQueue: {MaxWorkers: 2}},
		Workers: workers, PeriodicJobs: periods(chores),
		MaxAttempts: maxAttempts, RescueStuckJobsAfter: 5 * time.Minute, JobTimeout: time.Minute,
		FetchPollInterval: 500 * time.Millisecond, Logger: slog.New(slog.DiscardHandler),
	}
	if strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://") {
		return q, q.openPostgres(ctx, url, config)
	}
	return q, q.openSQLite(ctx, jobsFile, config)
}

func (q *Queue) openPostgres(ctx context.Context, url string, config *river.Config) error {
	settings, err := pgxpool.ParseConfig(url)
	if err != nil {
		return fmt.Errorf("queue: %w", err)
	}
	settings.MaxConns = 4
	pool, err := pgxpool.NewWithConfig(ctx, settings)
	if err != nil {
		return fmt.Errorf("queue: %w", err)
	}
	q.close = pool.Close
	driver := riverpgxv5.New(pool)
	if err := migrate[pgx.Tx](ctx, driver); err != nil {
		return errors.Join(err, q.shut())
	}
	q.client, err = river.NewClient(driver, config)
	return err
}

func (q *Queue) openSQLite(ctx context.Context, file string, config *river.Config) error {
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_txlock=immediate")
	if err != nil {
		return fmt.Errorf("queue: %w", err)
	}
	db.SetMaxOpenConns(1)
	q.close = func() { _ = db.Close() } // the jobs are stored; a failing close loses nothing
	driver := riversqlite.New(db)
	if err := migrate[*sql.Tx](ctx, driver); err != nil {
		return errors.Join(err, q.shut())
	}
	q.client, err = river.NewClient(driver, config)
	return err
}

func migrate[T any](ctx context.Context, driver riverdriver.Driver[T]) error {
	m, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("queue: %w", err)
	}
	if _, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("queue: migrate: %w", err)
	}
	return nil
}

func (q *Queue) shut() error {
	q.close()
	return nil
}

// Wake says that the outbox holds something new.
func (q *Queue) Wake() {
	q.crowd.came()
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// sweepEvery is how long an event waits at most when nobody woke the sweeper, because another node wrote it or a crash
// came between; and how long events gather in a crowd.
const sweepEvery = 2 * time.Second

// pause lets events gather, so that a burst becomes few batches.
const pause = 50 * time.Millisecond

// How much is done in the background each second, or handed over at once. In a crowd it is less, so that disk and
// processor belong to those who submit: a backlog waits in the outbox, nothing of it is lost, and a document that somebody asks
// for before its turn is made at once (see register.Download).
const (
	crowdFrom        = 30 // acts a second, for longer than a second
	rendersPerSecond = 20
	rendersInCrowd   = 4
	batch            = 500
	batchInCrowd     = 100
)

// crowd notices that more people act than the background follows.
type crowd struct {
	pace  *rate.Limiter
	now   func() time.Time
	until atomic.Int64 // Unix microseconds
}

// came counts one act.
func (c *crowd) came() {
	if !c.pace.Allow() {
		c.until.Store(c.now().Add(time.Second).UnixMicro())
	}
}

func (c *crowd) present() bool { return c.now().UnixMicro() < c.until.Load() }

// Run works until the context ends, then stops the workers and lets the running job finish.
func (q *Queue) Run(ctx context.Context) error {
	if err := q.client.Start(ctx); err != nil {
		return fmt.Errorf("queue: %w", err)
	}
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
			defer cancel()
			return q.client.Stop(stop)
		case <-tick.C:
		case <-q.wake:
			if q.crowd.present() {
				continue // the next tick comes for them
			}
			time.Sleep(pause)
		}
		q.drain(ctx)
	}
}

// drain empties the outbox, or takes one small batch of it in a crowd.
func (q *Queue) drain(ctx context.Context) {
	for ctx.Err() == nil {
		limit, last := batch, false
		if q.crowd.present() {
			limit, last = batchInCrowd, true
		}
		n, err := q.sweep(ctx, limit)
		if err != nil && ctx.Err() == nil {
			q.log.Error("outbox", "error", err)
		}
		if err != nil || n < limit || last {
			return
		}
	}
}

// Close ends the connections after Run has returned.
func (q *Queue) Close() { q.close() }

// sweep makes jobs of undispatched events, the oldest first, and tells how many there were.
func (q *Queue) sweep(ctx context.Context, limit int) (int, error) {
	var events []application.Happening
	err := q.store.View(ctx, func(v port.View) (err error) {
		events, err = v.Applications().Undispatched(ctx, limit)
		return err
	})
	if err != nil || len(events) == 0 {
		return 0, err
	}
	var jobs []river.InsertManyParams
	ids := make([]string, len(events))
	for i, e := range events {
		ids[i] = e.ID
		switch e.Event {
		case application.Granted:
			jobs = append(jobs, river.InsertManyParams{Args: renderJob{e.Application}, InsertOpts: &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true}}})
		case application.Signed:
			jobs = append(jobs, river.InsertManyParams{Args: recheckJob{e.Application, e.ID}, InsertOpts: &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true}}})
		}
	}
	if len(jobs) > 0 {
		if _, err := q.client.InsertMany(ctx, jobs); err != nil {
			return 0, err
		}
	}
	return len(events), q.store.Update(ctx, func(tx port.Tx) error {
		tx.Write().Applications().Dispatched(ids, q.world.Now())
		return nil
	})
}

// pending tells a signature that still waits from a failure.
func pending(err error) bool { return fault.Is(err, "signature.pending") }
