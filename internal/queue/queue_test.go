package queue

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"elicense/internal/fault"
	"elicense/internal/port"
	"elicense/internal/testkit/postgres"
)

// still is a store in which nothing happens.
type still struct{ port.Store }

func (still) View(context.Context, func(port.View) error) error { return nil }

// work tells of late time stamps.
type work struct {
	asked chan struct{}
	err   error
}

func (work) RenderPermit(context.Context, string) error { return nil }

func (work) Recheck(context.Context, string) error { return nil }

func (w work) Stamp(ctx context.Context) error {
	select {
	case w.asked <- struct{}{}:
	case <-ctx.Done():
	}
	return w.err
}

// The job of late time stamps runs by itself as soon as the queue does, on both engines.
func TestLateStampsAreAskedForByThemselves(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { runsByItself(t, "sqlite:") })
	t.Run("postgres", func(t *testing.T) {
		server, err := postgres.Start(t.Context(), postgres.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = server.Stop() }() // its folder is temporary
		if err := server.Create(t.Context(), "jobs", ""); err != nil {
			t.Fatal(err)
		}
		runsByItself(t, server.URL("jobs"))
	})
}

// silent is what the job learns while no authority answers.
func silent() error { return fault.New(fault.Unavailable, "signature.stamp-pending") }

// noon is a world without time.
type noon struct{ port.World }

func (noon) Now() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

func runsByItself(t *testing.T, url string) {
	w := work{asked: make(chan struct{}), err: silent()}
	q, err := Open(t.Context(), url, filepath.Join(t.TempDir(), "jobs.db"), still{}, noon{}, w, true, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- q.Run(ctx) }()
	<-w.asked
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A silent authority is no failure of the job: the next one asks again.
func TestSilentAuthorityParksNothing(t *testing.T) {
	worker := &stampWorker{tasks: work{asked: make(chan struct{}, 2), err: silent()}}
	if err := worker.Work(t.Context(), nil); err != nil {
		t.Errorf("a silent authority fails the job: %v", err)
	}
	worker.tasks = work{asked: make(chan struct{}, 2), err: fault.New(fault.Internal, "store.internal")}
	if err := worker.Work(t.Context(), nil); err == nil {
		t.Error("control: a broken store does not")
	}
}
