// Command crash submits signed applications, and lets officials decide others, concurrently while it kills the server
// again and again (kill -9), repeats with the same keys what was not confirmed, loses some answers on purpose, and then
// looks whether everything that was confirmed is stored exactly once. Its control puts a proxy in front that confirms
// before the server has, and officials who believe before they are told: the check must notice both.
//
//	go run ./bench/crash [-engine sqlite|postgres|both] [-submissions 5000] [-cases 400] [-kills 5] [-control]
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"elicense/bench/internal/prepare"
	"elicense/bench/internal/site"
	"elicense/internal/app"
	"elicense/internal/application"
	"elicense/internal/port"
	"elicense/internal/testkit/postgres"
)

// settings of a run.
type settings struct {
	engine      string
	submissions int
	cases       int
	kills       int
	clients     int
	control     bool
	seed        uint64
}

func main() {
	var s settings
	flag.StringVar(&s.engine, "engine", "both", "sqlite, postgres or both")
	flag.IntVar(&s.submissions, "submissions", 5000, "how many applications")
	flag.IntVar(&s.cases, "cases", 400, "how many applications officials decide meanwhile")
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
	prepared, err := prepare.Make(ctx, folder, database, listen, desk, s.submissions, s.cases)
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%s: %d applications and %d cases prepared in %.0f s, seed %d\n", engine, s.submissions, s.cases, time.Since(begin).Seconds(), s.seed)
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
	found, err := r.check(ctx)
	if err != nil {
		return err
	}
	decided := found.officials
	fmt.Printf("engine=%s submissions=%d kills=%d lost=%d duplicate=%d mismatch=%d\n", engine, s.submissions, r.killed, found.lost, found.duplicate, found.mismatch)
	fmt.Printf("engine=%s cases=%d confirmed=%d conflicts=%d lost=%d duplicate=%d mismatch=%d\n", engine, s.cases, len(r.office.confirmed), r.office.conflicts.Load(), decided.lost, decided.duplicate, decided.mismatch)
	bad := found.sum() + decided.sum()
	switch {
	case s.control && (found.sum() == 0 || s.cases > 0 && decided.sum() == 0):
		return errors.New("the control was not noticed: the check is blind")
	case s.control:
		fmt.Println("the control was noticed")
	case bad > 0:
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
	done     atomic.Int64
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
				if err := r.submit(ctx, client, random, s); err != nil {
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

// kill kills and restarts the server after equal shares of the submissions.
func (r *run) kill(ctx context.Context) error {
	for i := range r.kills {
		at := int64(r.submissions * (i + 1) / (r.kills + 1))
		for r.done.Load() < at {
			time.Sleep(time.Millisecond)
		}
		if err := r.process.Kill(); err != nil {
			return err
		}
		r.killed++
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
func (r *run) submit(ctx context.Context, client *http.Client, random *rand.Rand, s prepare.Submission) error {
	lose := random.IntN(100) < 3
	deadline := time.Now().Add(2 * time.Minute)
	for {
		location, err := site.Submit(ctx, client, r.target, s)
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
		if errors.As(err, &refused) && refused.Status < 500 && refused.Status != http.StatusTooManyRequests && !r.control {
			return fmt.Errorf("%s: %w\n%.2000s", s.Number, err, refused.Body)
		}
		if r.control && errors.As(err, &refused) {
			return nil // the control confirmed already; what the server says afterwards is its own matter
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s: not confirmed in two minutes: %w", s.Number, err)
		}
		r.retries.Add(1)
		time.Sleep(time.Duration(10+random.IntN(40)) * time.Millisecond)
	}
}

// outcome counts what is wrong.
type outcome struct{ lost, duplicate, mismatch int }

func (o outcome) sum() int { return o.lost + o.duplicate + o.mismatch }

// both are the outcomes of the applicants and of the officials.
type both struct {
	outcome
	officials outcome
}

// check looks at what is stored: the program's own check of its promises first, then every confirmation.
func (r *run) check(ctx context.Context) (both, error) {
	var o both
	o.outcome = outcome{mismatch: int(r.differ.Load())}
	args := append([]string{"fsck", "--json"}, r.site.Args()[1:]...)
	out, err := exec.CommandContext(ctx, r.program, args...).Output()
	var report struct {
		Broken []struct{ Promise, Thing, Text string } `json:"broken"`
	}
	if jsonErr := json.Unmarshal(out, &report); jsonErr != nil {
		return o, fmt.Errorf("fsck: %w %w\n%s", err, jsonErr, out)
	}
	for _, b := range report.Broken {
		fmt.Fprintf(os.Stderr, "fsck: %s %s: %s\n", b.Promise, b.Thing, b.Text)
		o.mismatch++
	}
	store, err := app.OpenStore(ctx, r.site.Config)
	if err != nil {
		return o, err
	}
	defer func() { _ = store.Close() }() // only read
	permits := 0
	err = store.View(ctx, func(v port.View) error {
		for _, s := range r.site.Submissions {
			if _, confirmed := r.confirms.Load(s.Number); !confirmed {
				continue
			}
			a, err := v.Applications().Application(ctx, s.Number)
			if err != nil {
				return err
			}
			if a.State != application.Issued && a.State != application.Returned {
				o.lost++
				continue
			}
			if a.Permit != "" {
				permits++
			}
			signed, err := v.Applications().Signatures(ctx, s.Number)
			if err != nil {
				return err
			}
			if len(signed) != 1 {
				o.duplicate++
			}
		}
		decided, issued, err := r.office.check(ctx, v)
		if err != nil {
			return err
		}
		o.officials, permits = decided, permits+issued
		numbers, err := v.Records().Numbers(ctx, "permit", "", 10*r.submissions)
		if len(numbers) > permits && !r.control {
			o.duplicate += len(numbers) - permits
		}
		return err
	})
	return o, err
}
