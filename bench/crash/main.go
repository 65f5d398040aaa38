// Command crash submits signed applications, and lets officials decide others with their keys, suspend and resume the
// permits that they issued, and decide what holders ask for theirs, concurrently while it kills the server again and again
// (kill -9), repeats with the same keys what was not confirmed and loses some answers on purpose. After every kill, before
// the server is back, and at the end it looks whether everything that was confirmed is stored exactly once, and fsck is
// clean. Its control puts a proxy in front that confirms before the server has, and officials who believe before they are
// told: the check must notice both.
//
//	go run ./bench/crash [-engine sqlite|postgres|both] [-submissions 5000] [-cases 200] [-requests 60] [-kills 5] [-control]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"elicense/bench/internal/prepare"
	"elicense/bench/internal/site"
	"elicense/internal/testkit/postgres"
)

// settings of a run.
type settings struct {
	engine      string
	submissions int
	cases       int
	requests    int
	kills       int
	clients     int
	control     bool
	seed        uint64
}

func main() {
	var s settings
	flag.StringVar(&s.engine, "engine", "both", "sqlite, postgres or both")
	flag.IntVar(&s.submissions, "submissions", 5000, "how many applications")
	flag.IntVar(&s.cases, "cases", 200, "how many applications officials decide meanwhile")
	flag.IntVar(&s.requests, "requests", 60, "how many holders ask something for their permits meanwhile")
	flag.IntVar(&s.kills, "kills", 5, "how often the server is killed")
	flag.IntVar(&s.clients, "clients", 48, "how many clients at once")
	flag.BoolVar(&s.control, "control", false, "run against a server that confirms too early; the check must notice")
	flag.Uint64Var(&s.seed, "seed", uint64(time.Now().UnixNano()), "seed of the random choices")
	flag.Parse()
	if err := all(context.Background(), s); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func all(ctx context.Context, s settings) error {
	folder, err := os.MkdirTemp("", "elicense-crash-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }() // only scratch
	program, err := site.Build(ctx, folder)
	if err != nil {
		return err
	}
	engines := []string{s.engine}
	if s.engine == "both" {
		engines = []string{"sqlite", "postgres"}
	}
	for _, engine := range engines {
		if err := one(ctx, s, engine, program, filepath.Join(folder, engine)); err != nil {
			return fmt.Errorf("%s: %w", engine, err)
		}
	}
	return nil
}

func one(ctx context.Context, s settings, engine, program, folder string) error {
	database := ""
	if engine == "postgres" {
		server, err := postgres.Start(ctx, postgres.Options{Fsync: true})
		if err != nil {
			return err
		}
		defer func() { _ = server.Stop() }() // its folder is scratch
		if err := server.Create(ctx, "crash", ""); err != nil {
			return err
		}
		database = server.URL("crash")
	}
	listen, err := site.FreeAddress()
	if err != nil {
		return err
	}
	desk, err := site.FreeAddress()
	if err != nil {
		return err
	}
	begin := time.Now()
	prepared, err := prepare.Make(ctx, folder, database, listen, desk, prepare.Counts{Submissions: s.submissions, Cases: s.cases, Requests: s.requests})
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%s: %d applications, %d cases and %d requests prepared in %.0f s, seed %d\n", engine, s.submissions, s.cases, s.requests, time.Since(begin).Seconds(), s.seed)
	r := &run{settings: s, site: prepared, program: program, base: "http://" + listen, target: "http://" + listen, random: rand.New(rand.NewPCG(s.seed, 1))}
	r.office = &office{run: r, base: "http://" + desk}
	if s.control {
		if err := r.early(); err != nil {
			return err
		}
	}
	if err := r.submitAll(ctx); err != nil {
		return err
	}
	if err := r.look(ctx, true); err != nil {
		return err
	}
	return r.report(engine)
}

// report prints the figures. A broken promise is an error, of the control an unbroken one.
func (r *run) report(engine string) error {
	f, s := r.found, r.settings
	fmt.Printf("engine=%s submissions=%d kills=%d fsck=%d lost=%d duplicate=%d mismatch=%d\n", engine, s.submissions, r.killed, f.fsck, f.lost, f.duplicate, f.mismatch)
	fmt.Printf("engine=%s cases=%d confirmed=%d conflicts=%d lost=%d duplicate=%d mismatch=%d\n", engine, s.cases, len(r.office.confirmed), r.office.conflicts.Load(), f.officials.lost, f.officials.duplicate, f.officials.mismatch)
	fmt.Printf("engine=%s requests=%d acts=%d confirmed=%d conflicts=%d lost=%d duplicate=%d mismatch=%d\n", engine, s.requests, f.acts, len(r.office.ordered), r.office.raced.Load(), f.permits.lost, f.permits.duplicate, f.permits.mismatch)
	switch {
	case s.control && (f.sum() == 0 || s.cases > 0 && (f.officials.sum() == 0 || f.permits.sum() == 0)):
		return errors.New("the control was not noticed: the check is blind")
	case s.control:
		fmt.Println("the control was noticed")
	case f.fsck+f.sum()+f.officials.sum()+f.permits.sum() > 0:
		return errors.New("the promise is broken")
	}
	return nil
}

// run is one run on one engine.
type run struct {
	settings
	site     prepare.Site
	program  string
	base     string // the server
	target   string // what the clients talk to
	office   *office
	random   *rand.Rand
	process  *site.Process
	killed   int
	retries  atomic.Int64
	confirms sync.Map // number → where the first confirmation led
	differ   atomic.Int64
	done     atomic.Int64 // of the submissions, cases and requests
	found    findings
}

// submitAll submits everything while the server is killed at even distances.
func (r *run) submitAll(ctx context.Context) error {
	var err error
	if r.process, err = site.Start(ctx, r.program, r.site); err != nil {
		return err
	}
	work := make(chan prepare.Submission)
	var wg sync.WaitGroup
	var failed atomic.Pointer[error]
	for i := range r.clients {
		random := rand.New(rand.NewPCG(r.seed, uint64(i)+2))
		wg.Go(func() {
			client := site.Client(1)
			for s := range work {
				if err := r.submit(ctx, client, random, r.target, s); err != nil {
					failed.CompareAndSwap(nil, &err)
				}
				r.done.Add(1)
			}
		})
	}
	officials := make(chan error, 1)
	go func() { officials <- r.office.work(ctx) }()
	killer := make(chan error, 1)
	go func() { killer <- r.kill(ctx) }()
	for _, s := range r.site.Submissions {
		work <- s
	}
	close(work)
	wg.Wait()
	if err := <-killer; err != nil {
		return err
	}
	if err := <-officials; err != nil {
		return err
	}
	if p := failed.Load(); p != nil {
		return *p
	}
	fmt.Fprintf(os.Stderr, "%d repeated requests\n", r.retries.Load())
	return r.process.Stop()
}

// kill kills and restarts the server after equal shares of the work, and looks what is stored in between.
func (r *run) kill(ctx context.Context) error {
	for i := range r.kills {
		at := int64((r.submissions + r.cases + r.requests) * (i + 1) / (r.kills + 1))
		for r.done.Load() < at {
			time.Sleep(time.Millisecond)
		}
		if err := r.process.Kill(); err != nil {
			return err
		}
		r.killed++
		if err := r.look(ctx, false); err != nil {
			return err
		}
		var err error
		if r.process, err = site.Start(ctx, r.program, r.site); err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "killed at %d, ready again in %d ms\n", at, r.process.Ready.Milliseconds())
	}
	return nil
}

// submit repeats until the submission is confirmed. Three answers in a hundred are lost on purpose: the client acts as if
// it had not heard them.
func (r *run) submit(ctx context.Context, client *http.Client, random *rand.Rand, target string, s prepare.Submission) error {
	lose := random.IntN(100) < 3
	deadline := time.Now().Add(2 * time.Minute)
	for {
		location, err := site.Submit(ctx, client, target, s)
		if err == nil {
			if first, seen := r.confirms.LoadOrStore(s.Number, location); seen && first != location {
				r.differ.Add(1)
			}
			if !lose {
				return nil
			}
			lose = false
		}
		var refused *site.Refused
		if errors.As(err, &refused) && refused.Status < 500 && refused.Status != http.StatusTooManyRequests && target == r.base {
			return fmt.Errorf("%s: %w\n%.2000s", s.Number, err, refused.Body)
		}
		if target != r.base && errors.As(err, &refused) {
			return nil // the control confirmed already; what the server says afterwards is its own matter
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s: not confirmed in two minutes: %w", s.Number, err)
		}
		r.retries.Add(1)
		time.Sleep(time.Duration(10+random.IntN(40)) * time.Millisecond)
	}
}
