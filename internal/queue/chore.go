package queue

import (
	"context"
	"log/slog"
	"time"

	"github.com/riverqueue/river"

	"elicense/internal/fault"
)

// Chore is work that comes back in a period: it looks at rows of ours and does what is due, repeatably. One of the nodes
// does it, at once after the start and then in every period; two of one name never run together for longer than Within.
type Chore struct {
	Name   string        // in the jobs' database; never changed
	Every  time.Duration // at least a second
	Within time.Duration // after which it is interrupted; 0 = a minute
	// Do may give fault.Unavailable where a neighbour does not answer: the next period asks again. Other faults are logged.
	Do func(ctx context.Context) error
}

// choreQueue keeps chores apart from documents and signatures, so that a long one delays nobody.
const choreQueue = "chores"

// choreJob is one period of a chore.
type choreJob struct {
	Name string `json:"name" river:"unique"`
}

// Kind names the job in the database.
func (choreJob) Kind() string { return "chore" }

type choreWorker struct {
	river.WorkerDefaults[choreJob]
	chores []Chore
	log    *slog.Logger
}

func (w *choreWorker) chore(name string) (Chore, bool) {
	for _, c := range w.chores {
		if c.Name == name {
			return c, true
		}
	}
	return Chore{}, false
}

func (w *choreWorker) Timeout(job *river.Job[choreJob]) time.Duration {
	if c, ok := w.chore(job.Args.Name); ok && c.Within > 0 {
		return c.Within
	}
	return time.Minute
}

func (w *choreWorker) Work(ctx context.Context, job *river.Job[choreJob]) error {
	c, ok := w.chore(job.Args.Name)
	if !ok {
		return nil // of another version of the program
	}
	err := c.Do(ctx)
	if fault.KindOf(err) == fault.Unavailable && err != nil {
		return nil
	}
	if err != nil {
		w.log.Error("chore", "name", c.Name, "error", err)
	}
	return err
}

// periods make the jobs.
func periods(chores []Chore) []*river.PeriodicJob {
	var list []*river.PeriodicJob
	for _, c := range chores {
		list = append(list, river.NewPeriodicJob(river.PeriodicInterval(c.Every), func() (river.JobArgs, *river.InsertOpts) {
			return choreJob{c.Name}, &river.InsertOpts{Queue: choreQueue, MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByArgs: true, ByPeriod: c.Every}}
		}, &river.PeriodicJobOpts{RunOnStart: true}))
	}
	return list
}
