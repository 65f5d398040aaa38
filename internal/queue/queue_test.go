package queue

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"elicense/internal/fault"
	"elicense/internal/port"
	"elicense/internal/testkit/postgres"
)

// still is a store in which nothing happens.
type still struct{ port.Store }

func (still) View(context.Context, func(port.View) error) error { return nil }

// nothing is work that never comes.
type nothing struct{}

func (nothing) RenderPermit(context.Context, string) error { return nil }

func (nothing) Recheck(context.Context, string) error { return nil }

// telling is a chore that tells when it is done.
func telling(asked chan struct{}, err error) Chore {
	return Chore{Name: "telling", Every: time.Minute, Do: func(ctx context.Context) error {
		select {
		case asked <- struct{}{}:
		case <-ctx.Done():
		}
		return err
	}}
}

// A chore begins by itself as soon as the queue runs, on both engines, and one that fails does not stop the queue.
func TestChoresRunByThemselves(t *testing.T) {
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
	asked := make(chan struct{})
	q, err := Open(t.Context(), url, filepath.Join(t.TempDir(), "jobs.db"), still{}, noon{}, nothing{}, []Chore{telling(asked, silent())}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- q.Run(ctx) }()
	<-asked
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A neighbour that does not answer is no failure of the chore: the next period asks again.
func TestSilenceParksNothing(t *testing.T) {
	for _, c := range []struct {
		name   string
		gives  error
		failed bool
	}{{"silence", silent(), false}, {"done", nil, false}, {"fault", fault.New(fault.Internal, "fault.internal"), true}} {
		w := &choreWorker{log: slog.New(slog.DiscardHandler), chores: []Chore{{Name: "chore", Every: time.Minute, Do: func(context.Context) error { return c.gives }}}}
		if err := w.Work(t.Context(), &river.Job[choreJob]{Args: choreJob{"chore"}}); (err != nil) != c.failed {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
