// Command load measures signed submissions end to end over HTTP, beside pgbench writing the same rows to the same
// PostgreSQL in the same run; and start, memory, PDF and page rates. Applicants, sessions, drafts and signatures are
// prepared outside the timed part.
//
//	go run ./bench/load [-engine sqlite|postgres|both] [-clients 1,16,64] [-submissions 6000]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"elicense/bench/internal/prepare"
	"elicense/bench/internal/site"
	"elicense/internal/testkit/postgres"
)

type settings struct {
	engine      string
	program     string
	clients     []int
	submissions int
	rounds      int
}

func main() {
	var s settings
	clients := flag.String("clients", "1,16,64", "numbers of clients, comma-separated")
	flag.StringVar(&s.engine, "engine", "both", "sqlite, postgres or both")
	flag.IntVar(&s.submissions, "submissions", 6000, "submissions per measurement at 16 and more clients; a third of it at one client")
	flag.StringVar(&s.program, "program", "", "a build to measure; empty: build this source")
	flag.IntVar(&s.rounds, "rounds", 1, "how often each measurement is taken")
	flag.Parse()
	for part := range strings.SplitSeq(*clients, ",") {
		n, err := strconv.Atoi(part)
		if err != nil || n < 1 {
			fmt.Fprintln(os.Stderr, "clients: numbers, comma-separated")
			os.Exit(2)
		}
		s.clients = append(s.clients, n)
	}
	if err := all(context.Background(), s); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func all(ctx context.Context, s settings) error {
	folder, err := os.MkdirTemp("", "elicense-load-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }() // only scratch
	program := s.program
	if program == "" {
		if program, err = site.Build(ctx, folder); err != nil {
			return err
		}
	}
	info, err := os.Stat(program)
	if err != nil {
		return err
	}
	fmt.Printf("program: %.1f MB\n", float64(info.Size())/1e6)
	if s.engine != "postgres" {
		if err := measure(ctx, s, "sqlite", program, filepath.Join(folder, "sqlite"), nil); err != nil {
			return fmt.Errorf("sqlite: %w", err)
		}
	}
	if s.engine == "sqlite" {
		return nil
	}
	server, err := postgres.Start(ctx, postgres.Options{Fsync: true})
	if err != nil {
		return err
	}
	defer func() { _ = server.Stop() }() // its folder is scratch
	if err := measure(ctx, s, "postgres", program, filepath.Join(folder, "postgres"), server); err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	return nil
}

// measure prepares one site and takes every measurement on it.
func measure(ctx context.Context, s settings, engine, program, folder string, server *postgres.Server) error {
	database := ""
	var peer *pgbench
	if server != nil {
		if err := server.Create(ctx, "load", ""); err != nil {
			return err
		}
		database = server.URL("load")
	}
	listen, err := site.FreeAddress()
	if err != nil {
		return err
	}
	office, err := site.FreeAddress()
	if err != nil {
		return err
	}
	total := 0
	for _, c := range s.clients {
		total += s.rounds * s.count(c)
	}
	begin := time.Now()
	prepared, err := prepare.Make(ctx, folder, database, listen, office, prepare.Counts{Submissions: total})
	if err != nil {
		return err
	}
	fmt.Printf("%s: %d applications prepared in %.0f s\n", engine, total, time.Since(begin).Seconds())
	if server != nil {
		if peer, err = newPgbench(ctx, server, "load", folder); err != nil {
			return err
		}
		// As in pgbench's tables: or the vacuum that follows so many new rows would run beside the measurement.
		if out, err := server.Command(ctx, "psql", "-q", "-d", "load", "-c", "VACUUM ANALYZE").CombinedOutput(); err != nil {
			return fmt.Errorf("psql: %w\n%s", err, out)
		}
	}
	process, err := site.Start(ctx, program, prepared)
	if err != nil {
		return err
	}
	idle, err := process.Memory()
	if err != nil {
		return err
	}
	fmt.Printf("%s: ready %d ms after start, %.0f MB\n", engine, process.Ready.Milliseconds(), mb(idle))
	rest := prepared.Submissions
	for range s.rounds {
		for _, c := range s.clients {
			n := s.count(c)
			if err := s.compare(ctx, engine, "http://"+listen, rest[:n], c, process, peer); err != nil {
				return err
			}
			rest = rest[n:]
		}
	}
	if err := pages(ctx, engine, "http://"+listen); err != nil {
		return err
	}
	return process.Stop()
}

func (s settings) count(clients int) int {
	if clients == 1 {
		return s.submissions / 3
	}
	return s.submissions
}

func mb(bytes int64) float64 { return float64(bytes) / 1e6 }

// compare takes one measurement of ours and, on PostgreSQL, the one of pgbench right after it.
func (s settings) compare(ctx context.Context, engine, base string, work []prepare.Submission, clients int, process *site.Process, peer *pgbench) error {
	watched := []int{os.Getpid(), process.PID()}
	if peer != nil {
		pid, err := peer.server.PID()
		if err != nil {
			return err
		}
		watched = append(watched, pid)
	}
	before, err := used(watched)
	if err != nil {
		return err
	}
	r, err := submit(ctx, base, work, clients)
	if err != nil {
		return err
	}
	after, err := used(watched)
	if err != nil {
		return err
	}
	memory, err := process.Memory()
	if err != nil {
		return err
	}
	line := fmt.Sprintf("%s: %d clients: %.0f submissions/s, p50 %.1f ms, p99 %.1f ms, %.0f MB", engine, clients, r.rate, ms(r.p50), ms(r.p99), mb(memory))
	for i, who := range []string{"load", "program", "PostgreSQL"}[:len(watched)] {
		line += fmt.Sprintf(", %s %.2f ms", who, ms((after[i]-before[i])/time.Duration(len(work))))
	}
	if peer != nil {
		theirs, err := peer.run(ctx, clients, len(work))
		if err != nil {
			return err
		}
		line += fmt.Sprintf("; pgbench, several statements: %.0f/s, p99 %.1f ms, %.2f ms; ratio %.2f", theirs.rate, ms(theirs.p99), ms(theirs.cost), r.rate/theirs.rate)
	}
	fmt.Println(line)
	return nil
}

// used gives the processor time of each process so far.
func used(pids []int) ([]time.Duration, error) {
	times := make([]time.Duration, len(pids))
	for i, pid := range pids {
		t, err := site.CPU(pid, i == 2) // PostgreSQL works in processes of its own
		if err != nil {
			return nil, err
		}
		times[i] = t
	}
	return times, nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

type result struct {
	rate     float64
	p50, p99 time.Duration
}

// percentile puts durations in order and gives the one below which so many of a hundred lie.
func percentile(took []time.Duration, percent int) time.Duration {
	slices.Sort(took)
	return took[len(took)*percent/100]
}

// submit sends all the work from a number of clients and measures each answer.
func submit(ctx context.Context, base string, work []prepare.Submission, clients int) (result, error) {
	took := make([]time.Duration, len(work))
	var next atomic.Int64
	var failed atomic.Pointer[error]
	var wg sync.WaitGroup
	begin := time.Now()
	for range clients {
		wg.Go(func() {
			client := site.Client(1)
			for {
				i := int(next.Add(1)) - 1
				if i >= len(work) || failed.Load() != nil {
					return
				}
				start := time.Now()
				if _, err := site.Submit(ctx, client, base, work[i]); err != nil {
					var refused *site.Refused
					if errors.As(err, &refused) {
						err = fmt.Errorf("%w\n%.3000s", err, refused.Body)
					}
					failed.CompareAndSwap(nil, &err)
					return
				}
				took[i] = time.Since(start)
			}
		})
	}
	wg.Wait()
	elapsed := time.Since(begin)
	if p := failed.Load(); p != nil {
		return result{}, *p
	}
	return result{rate: float64(len(work)) / elapsed.Seconds(), p50: percentile(took, 50), p99: percentile(took, 99)}, nil
}

// pages measures the home page at 16 connections.
func pages(ctx context.Context, engine, base string) error {
	const n, clients = 20_000, 16
	var next atomic.Int64
	var failed atomic.Pointer[error]
	var wg sync.WaitGroup
	begin := time.Now()
	for range clients {
		wg.Go(func() {
			client := site.Client(1)
			for next.Add(1) <= n && failed.Load() == nil {
				if err := get(ctx, client, base+"/kk/"); err != nil {
					failed.CompareAndSwap(nil, &err)
				}
			}
		})
	}
	wg.Wait()
	if p := failed.Load(); p != nil {
		return *p
	}
	fmt.Printf("%s: home page: %.0f/s at %d connections\n", engine, n/time.Since(begin).Seconds(), clients)
	return nil
}

func get(ctx context.Context, c *http.Client, address string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }() // read below
	buf := make([]byte, 32<<10)
	for err == nil {
		_, err = resp.Body.Read(buf)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: status %d", address, resp.StatusCode)
	}
	return nil
}
