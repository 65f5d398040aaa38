// Command queue measures the queue of officials over HTTP among a million applications on PostgreSQL, as durable as in
// production, and among a hundred thousand on SQLite: every view, filter and search. What is stored is made up beforehand;
// each request is timed from the first byte sent to the last one read, one after the other.
//
//	go run ./bench/queue [-engine sqlite|postgres|both] [-applications 1000000] [-requests 60]
package main

import (
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"elicense/bench/internal/prepare"
	"elicense/bench/internal/site"
	"elicense/internal/access"
	"elicense/internal/app"
	"elicense/internal/demo"
	"elicense/internal/ident"
	"elicense/internal/port"
	"elicense/internal/testkit/postgres"
)

//go:embed fill.sql
var fillSQL string

type settings struct {
	engine       string
	applications int
	sqlite       int
	requests     int
}

func main() {
	var s settings
	flag.StringVar(&s.engine, "engine", "both", "sqlite, postgres or both")
	flag.IntVar(&s.applications, "applications", 1_000_000, "applications on PostgreSQL")
	flag.IntVar(&s.sqlite, "sqlite", 100_000, "applications on SQLite")
	flag.IntVar(&s.requests, "requests", 60, "requests of each kind")
	flag.Parse()
	if err := all(context.Background(), s); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func all(ctx context.Context, s settings) error {
	folder, err := os.MkdirTemp("", "elicense-queue-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }() // only scratch
	program, err := site.Build(ctx, folder)
	if err != nil {
		return err
	}
	if s.engine != "postgres" {
		if err := s.measure(ctx, "sqlite", program, filepath.Join(folder, "sqlite"), nil); err != nil {
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
	if err := server.Create(ctx, "queue", ""); err != nil {
		return err
	}
	return s.measure(ctx, "postgres", program, filepath.Join(folder, "postgres"), server)
}

// measure prepares an installation, fills it, and takes every measurement.
func (s settings) measure(ctx context.Context, engine, program, folder string, server *postgres.Server) error {
	listen, err := site.FreeAddress()
	if err != nil {
		return err
	}
	office, err := site.FreeAddress()
	if err != nil {
		return err
	}
	database := ""
	if server != nil {
		database = server.URL("queue")
	}
	prepared, err := prepare.Make(ctx, folder, database, listen, office, prepare.Counts{})
	if err != nil {
		return err
	}
	begin, n := time.Now(), s.sqlite
	if server != nil {
		n = s.applications
	}
	if err := fill(ctx, prepared, server, n); err != nil {
		return err
	}
	fmt.Printf("%s: %d applications made in %.0f s\n", engine, n, time.Since(begin).Seconds())
	process, err := site.Start(ctx, program, prepared)
	if err != nil {
		return err
	}
	err = s.ask(ctx, engine, "http://"+office)
	memory, _ := process.Memory() // a figure beside
	fmt.Printf("%s: the program holds %.0f MB\n", engine, float64(memory)/1e6)
	return errors.Join(err, process.Stop())
}

// fill makes the officials by the program's own means, and the applications beside it.
func fill(ctx context.Context, prepared prepare.Site, server *postgres.Server, n int) error {
	a, err := app.Open(ctx, prepared.Config, app.Extras{}, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	if err := demo.SeedOfficials(ctx, a.Accounts, a.Catalogue.BodyKeys(), nil); err != nil {
		return errors.Join(err, a.Close(ctx))
	}
	var me access.Official
	err = a.Store.View(ctx, func(v port.View) (err error) {
		me, _, err = v.Office().Officials().ByLogin(ctx, official)
		return err
	})
	if err == nil && server == nil {
		err = stored(ctx, a.Store, me.ID, n)
	}
	if err := errors.Join(err, a.Close(ctx)); err != nil || server == nil {
		return err
	}
	psql := server.Command(ctx, "psql", "-q", "-d", "queue", "-v", fmt.Sprintf("n=%d", n), "-v", fmt.Sprintf("parties=%d", n/3), "-v", "me="+me.ID, "-v", "bin="+bin(), "-v", "number="+numbered(0))
	psql.Stdin = strings.NewReader(fillSQL)
	if out, err := psql.CombinedOutput(); err != nil {
		return fmt.Errorf("psql: %w\n%s", err, out)
	}
	return nil
}

// official is who asks.
const official = "knb.executor"

// request is one kind of request.
type request struct {
	name, path string
	find       string // posted, where the request is a search
}

// requests lists what is asked.
func requests() []request {
	number := ident.DocumentNumber("RRD", 10_000_000)
	today := time.Now()
	day := func(back int) string { return today.AddDate(0, 0, -back).Format("02.01.2006") }
	list := []request{}
	for _, view := range []string{"mine", "all", "free"} {
		list = append(list, request{name: "view " + view, path: "?view=" + view})
	}
	for _, left := range []string{"overdue", "today", "soon", "on-time", "paused"} {
		list = append(list, request{name: "state of the term " + left, path: "?view=all&left=" + left})
	}
	return append(list,
		request{name: "service", path: "?view=all&service=licence-restoration"},
		request{name: "service with no application", path: "?view=all&service=numbering-resource"},
		request{name: "step", path: "?view=all&step=confirm"},
		request{name: "holder", path: "?view=all&holder=o7"},
		request{name: "department", path: "?view=all&department=d4"},
		request{name: "days", path: "?view=all&from=" + day(4) + "&to=" + day(3)},
		request{name: "part of a number", path: "?view=all&number=RRD1000"},
		request{name: "part of no number", path: "?view=all&number=RRD9999"},
		request{name: "a page far behind", path: "?view=all&after=" + today.AddDate(0, 0, 13).Format("2006-01-02") + ".KZ50"},
		request{name: "search by number", find: number},
		request{name: "search by BIN", find: "BIN"},
		request{name: "search by a rare name", find: "үлгі777"},
		request{name: "search by a common name", find: "құрылыс"},
		request{name: "search by two words", find: "дала сауда"},
		request{name: "search by no name", find: "жоқжоқ"})
}

// ask logs in and takes the measurements.
func (s settings) ask(ctx context.Context, engine, base string) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	c := &client{Client: http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, base: base}
	if _, err := c.get(ctx, "/kk/login"); err != nil {
		return err
	}
	if _, err := c.post(ctx, "/kk/login", url.Values{"login": {official}, "password": {demo.Password}}, http.StatusSeeOther); err != nil {
		return err
	}
	if _, err := c.get(ctx, "/kk/applications"); err != nil {
		return err
	}
	var worst time.Duration
	for _, r := range requests() {
		took := make([]time.Duration, 0, s.requests)
		size := 0
		for i := range s.requests + 5 {
			begin := time.Now()
			if size, err = c.do(ctx, r); err != nil {
				return fmt.Errorf("%s: %w", r.name, err)
			}
			if i >= 5 { // the first ones warm up
				took = append(took, time.Since(begin))
			}
		}
		slices.Sort(took)
		at := func(percent int) float64 { return float64(took[len(took)*percent/100].Microseconds()) / 1000 }
		worst = max(worst, took[len(took)*95/100])
		fmt.Printf("%s: %-30s p50 %6.1f  p95 %6.1f  p99 %6.1f ms, %d KB\n", engine, r.name, at(50), at(95), at(99), size>>10)
	}
	fmt.Printf("%s: the greatest p95 is %.1f ms\n", engine, float64(worst.Microseconds())/1000)
	return nil
}

// client is a browser of the official.
type client struct {
	http.Client
	base, token string
}

func tokenIn(body []byte) string {
	if m := regexp.MustCompile(`name="csrf_token" value="([^"]+)"`).FindSubmatch(body); m != nil {
		return string(m[1])
	}
	return ""
}

func (c *client) do(ctx context.Context, r request) (int, error) {
	if r.find == "" {
		return c.get(ctx, "/kk/applications"+r.path)
	}
	find := r.find
	if find == "BIN" {
		find = bin()
	}
	return c.post(ctx, "/kk/applications/search", url.Values{"find": {find}}, http.StatusOK)
}

func (c *client) get(ctx context.Context, path string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path, nil)
	if err != nil {
		return 0, err
	}
	return c.send(req, http.StatusOK)
}

func (c *client) post(ctx context.Context, path string, form url.Values, want int) (int, error) {
	form.Set("csrf_token", c.token)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", c.base)
	return c.send(req, want)
}

func (c *client) send(req *http.Request, want int) (int, error) {
	resp, err := c.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }() // read to its end
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err
	}
	if resp.StatusCode != want {
		return 0, fmt.Errorf("%s: status %d\n%.2000s", req.URL, resp.StatusCode, body)
	}
	if token := tokenIn(body); token != "" {
		c.token = token
	}
	return len(body), nil
}
