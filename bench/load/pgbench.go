package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"elicense/bench/internal/site"
	"elicense/internal/testkit/postgres"
)

// pgbench writes what a submission writes, in several statements of one transaction, as a straightforward program would.
type pgbench struct {
	server *postgres.Server
	script string
	runs   int
	schema string // database whose tables are copied
	folder string
}

//go:embed submission.sql
var script string

//go:embed rows.sql
var rows string

func newPgbench(_ context.Context, server *postgres.Server, schema, folder string) (*pgbench, error) {
	p := &pgbench{server: server, schema: schema, folder: folder, script: filepath.Join(os.TempDir(), fmt.Sprintf("elicense-submission-%d.sql", os.Getpid()))}
	return p, os.WriteFile(p.script, []byte(script), 0o644)
}

// sample selects the long values of one real submission; pgbench writes the same bytes, because what they are decides
// what compressing and storing them costs.
const sample = `SELECT s.content, s.answers, s.cms, s.certificate, s.signer, p.fields, a.answers, a.sources, a.decision,
		(SELECT canonical FROM audit WHERE position(convert_to(a.number, 'UTF8') IN canonical) > 0 ORDER BY length(canonical) DESC LIMIT 1),
		(SELECT canonical FROM audit WHERE position(convert_to(a.number, 'UTF8') IN canonical) > 0 ORDER BY length(canonical) DESC LIMIT 1 OFFSET 1)
	FROM application a JOIN signature s ON s.application = a.number JOIN permit p ON p.application = a.number LIMIT 1`

// values reads the sample as variables of psql and pgbench.
func (p *pgbench) values(ctx context.Context) ([]string, error) {
	out, err := p.server.Command(ctx, "psql", "-qAt", "-F", "\x1f", "-d", p.schema, "-c", sample).Output()
	if err != nil {
		return nil, fmt.Errorf("psql: %w", err)
	}
	names := []string{"content", "signed", "cms", "certificate", "signer", "fields", "answers", "sources", "decision", "sent", "granted"}
	found := strings.Split(strings.TrimSuffix(string(out), "\n"), "\x1f")
	if len(found) != len(names) {
		return nil, fmt.Errorf("the sample has %d values, not %d", len(found), len(names))
	}
	for i, name := range names {
		if found[i] == "" {
			return nil, fmt.Errorf("the sample has no %s", name)
		}
		found[i] = name + "=" + found[i]
	}
	return found, nil
}

// flags puts an option before each value.
func flags(option string, values []string) []string {
	var all []string
	for _, v := range values {
		all = append(all, option, v)
	}
	return all
}

// peers is what pgbench reached.
type peers struct {
	rate float64       // transactions a second
	p99  time.Duration // of every fifth transaction: to write them all down would slow it
	cost time.Duration // processor time of one, pgbench's own included
}

// run makes a database with the same tables and fresh rows, and lets pgbench work on them.
func (p *pgbench) run(ctx context.Context, clients, n int) (r peers, err error) {
	p.runs++
	name := fmt.Sprintf("pgbench%d", p.runs)
	if err := p.server.Create(ctx, name, ""); err != nil {
		return r, err
	}
	dump, err := p.server.Command(ctx, "pg_dump", "--schema-only", "--no-owner", p.schema).Output()
	if err != nil {
		return r, fmt.Errorf("pg_dump: %w", err)
	}
	values, err := p.values(ctx)
	if err != nil {
		return r, err
	}
	load := p.server.Command(ctx, "psql", append(flags("-v", values), "-q", "-v", "ON_ERROR_STOP=1", "-v", "n="+strconv.Itoa(n), "-d", name)...)
	in, err := load.StdinPipe()
	if err != nil {
		return r, err
	}
	go func() {
		_, _ = in.Write(append(dump, []byte("\nSET search_path = public;\n"+rows)...)) // psql says what is wrong
		_ = in.Close()
	}()
	if out, err := load.CombinedOutput(); err != nil {
		return r, fmt.Errorf("psql: %w\n%s", err, out)
	}
	pid, err := p.server.PID()
	if err != nil {
		return r, err
	}
	before, err := site.CPU(pid, true)
	if err != nil {
		return r, err
	}
	log := filepath.Join(p.folder, name)
	cmd := p.server.Command(ctx, "pgbench", append(flags("-D", values), "-n", "-M", "prepared", "-c", strconv.Itoa(clients), "-j", "2", "--log", "--sampling-rate", "0.2", "--log-prefix", log, "-t", strconv.Itoa(n/clients), "-f", p.script, name)...)
	out, err := cmd.CombinedOutput()
	m := regexp.MustCompile(`tps = ([0-9.]+)`).FindSubmatch(out)
	if err != nil || m == nil {
		return r, fmt.Errorf("pgbench: %w\n%s", err, out)
	}
	after, err := site.CPU(pid, true)
	if err != nil {
		return r, err
	}
	r.cost = (after - before + cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()) / time.Duration(n)
	if r.rate, err = strconv.ParseFloat(string(m[1]), 64); err != nil {
		return r, err
	}
	r.p99, err = p99(log)
	return r, err
}

// p99 reads the logs that pgbench wrote, a file of each of its threads: client, transaction, microseconds, and more.
func p99(prefix string) (time.Duration, error) {
	files, err := filepath.Glob(prefix + ".*")
	if err != nil {
		return 0, err
	}
	var took []time.Duration
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			return 0, err
		}
		for line := range strings.Lines(string(b)) {
			fields := strings.Fields(line)
			if len(fields) < 3 {
				return 0, fmt.Errorf("pgbench: %q in its log", line)
			}
			micro, err := strconv.ParseInt(fields[2], 10, 64)
			if err != nil {
				return 0, fmt.Errorf("pgbench: %q in its log", line)
			}
			took = append(took, time.Duration(micro)*time.Microsecond)
		}
	}
	if len(took) == 0 {
		return 0, errors.New("pgbench: an empty log")
	}
	return percentile(took, 99), nil
}
