package sqlstore_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"elicense/internal/application"
	"elicense/internal/audit"
	"elicense/internal/ledger"
	"elicense/internal/party"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/sqlstore"
	"elicense/internal/testkit/postgres"
)

// The benchmark measures a unit shaped like a submission that is decided at once: the key of the request, the challenge,
// the application with 4 KB of answers, the signature, two events, two audit rows, the permit, the quota. On PostgreSQL
// pgbench writes the same rows to the same tables in several statements, in the same run: the ratio is the goal (>= 0.7).
//
//	go test -run '^$' -bench Submission -benchtime 3s ./internal/sqlstore
//
// Everything is durable: fsync and synchronous_commit are on, SQLite is FULL.

// load makes submissions.
type load struct {
	s       *sqlstore.Store
	quotas  int
	answers map[string]string
	cms     []byte
	next    atomic.Int64
}

const benchParties = 1000

func newLoad(b *testing.B, s *sqlstore.Store, quotas int) *load {
	l := &load{s: s, quotas: quotas, answers: map[string]string{}, cms: bytes.Repeat([]byte("signature "), 350)}
	for i := range 40 {
		l.answers[fmt.Sprintf("field_%02d", i)] = strings.Repeat("жауап ", 8)
	}
	err := s.Update(context.Background(), func(tx port.Tx) error {
		w := tx.Write()
		for i := range benchParties {
			p := party.Party{ID: fmt.Sprintf("party-%d", i), Number: fmt.Sprint(i), Version: 1}
			w.Accounts().AddParty(p)
			w.Accounts().AddAccount(party.Account{ID: fmt.Sprintf("account-%d", i), Party: p, Version: 1})
		}
		for i := range quotas {
			w.Ledger().SetTotal(ledger.Quota{ID: fmt.Sprintf("quota-%d", i), Total: 1 << 60})
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return l
}

func (l *load) application(i int64) application.Application {
	p := i % benchParties
	return application.Application{Number: fmt.Sprintf("KZ19RFB%08d", i), Service: fmt.Sprintf("svc-%d", i), Body: "body", Revision: 1, Version: 1,
		Party: fmt.Sprintf("party-%d", p), Account: fmt.Sprintf("account-%d", p), State: application.Draft, Answers: l.answers,
		CreatedAt: time.UnixMicro(1_770_000_000_000_000 + i).UTC()}
}

// prepare makes drafts and challenges for n submissions, outside the measured time.
func (l *load) prepare(b *testing.B, from, n int64) {
	const chunk = 200
	for at := from; at < from+n; at += chunk {
		err := l.s.Update(context.Background(), func(tx port.Tx) error {
			for i := at; i < min(at+chunk, from+n); i++ {
				tx.Write().Applications().Add(l.application(i))
				tx.Write().Keys().AddChallenge(port.Challenge{Nonce: fmt.Sprintf("%032x", i), Content: l.cms[:900], Application: fmt.Sprintf("KZ19RFB%08d", i)})
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

func uuid(i int64, part int) string { return fmt.Sprintf("01930000-%04x-7000-8000-%012x", part, i) }

// submit is the measured unit: two reads, as the use case needs them, and eleven writes.
func (l *load) submit(ctx context.Context, i int64) error {
	number, nonce, at := fmt.Sprintf("KZ19RFB%08d", i), fmt.Sprintf("%032x", i), time.UnixMicro(1_770_000_000_000_000+i).UTC()
	quota := fmt.Sprintf("quota-%d", i%int64(l.quotas))
	return l.s.Update(ctx, func(tx port.Tx) error {
		a, err := tx.Applications().Application(ctx, number)
		if err != nil {
			return err
		}
		q, _, err := tx.Ledger().Quota(ctx, quota)
		if err != nil {
			return err
		}
		take, err := q.Take(number, 1)
		if err != nil {
			return err
		}
		l.write(tx.Write(), a, take, i, nonce, at)
		return nil
	})
}

func (l *load) write(w port.Writes, a application.Application, take ledger.Entry, i int64, nonce string, at time.Time) {
	w.Keys().Remember(port.Idempotent{Key: nonce, Actor: a.Account, Body: nonce + nonce, Answer: a.Number, At: at})
	w.Keys().UseChallenge(nonce, at)
	a.State, a.SentAt, a.RegisteredAt, a.DecidedAt, a.ChangedAt, a.Journal = application.Issued, at, at, at, at, int(i)
	a.Permit, a.Decision = fmt.Sprintf("KZ19LTL%08d", i), &application.Decision{Outcome: application.Grant, By: "system", Branch: "granted"}
	w.Applications().Change(a)
	w.Applications().Sign(port.StoredSignature{ID: uuid(i, 1), Application: a.Number, Purpose: "application", Content: []byte(nonce), Answers: l.cms[:100],
		Signature: port.Signature{CMS: l.cms, Digest: nonce, Certificate: l.cms[:1800], Signer: port.Signer{IIN: "880101000001"}, Revocation: port.RevocationGood, At: at}})
	for n, e := range []application.Event{application.Sent, application.Granted} {
		w.Applications().Happen(application.Happening{ID: uuid(i, 2+n), Application: a.Number, Event: e, Actor: a.Account, At: at})
		w.Records().Audit(audit.Entry{ID: uuid(i, 4+n), Salt: []byte("0123456789abcdef"), At: at, Actor: a.Account, Action: string(e), Object: a.Number,
			Details: map[string]string{"digest": nonce + nonce}})
	}
	w.Permits().Add(permit.Permit{Number: a.Permit, Application: a.Number, Service: a.Service, Party: a.Party, HolderName: "holder", IssuedAt: at,
		Values: map[string]string{"goods": "0207", "quantity": "12.5"}, Version: 1})
	w.Ledger().Take(take)
}

// run submits b.N applications with some goroutines and reports rate, p50 and p99.
//
// cpu-ms/unit is the processor time of the server and of this process for one unit: unlike the rate it hardly depends on
// what else the machine does.
func (l *load) run(b *testing.B, clients int, server *postgres.Server) {
	from := l.next.Add(int64(b.N)) - int64(b.N)
	l.prepare(b, from, int64(b.N))
	took := make([][]time.Duration, clients)
	var at atomic.Int64
	var done sync.WaitGroup
	own, theirs := ownCPU(), serverCPU(b, server)
	b.ResetTimer()
	for c := range clients {
		done.Go(func() {
			for {
				i := at.Add(1) - 1
				if i >= int64(b.N) {
					return
				}
				start := time.Now()
				if err := l.submit(context.Background(), from+i); err != nil {
					b.Error(err)
					return
				}
				took[c] = append(took[c], time.Since(start))
			}
		})
	}
	done.Wait()
	b.StopTimer()
	own, theirs = ownCPU()-own, serverCPU(b, server)-theirs
	b.ReportMetric((own+theirs).Seconds()*1000/float64(b.N), "cpu-ms/unit")
	b.ReportMetric(theirs.Seconds()*1000/float64(b.N), "server-cpu-ms/unit")
	all := slices.Concat(took...)
	slices.Sort(all)
	if len(all) > 0 {
		b.ReportMetric(float64(len(all))/b.Elapsed().Seconds(), "units/s")
		b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, "p50-ms")
		b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "p99-ms")
	}
}

func benchClients() []int { return []int{1, 16, 64} }

func BenchmarkSubmissionSQLite(b *testing.B) {
	for _, group := range []int{1, 64} {
		l := newLoad(b, open(b, "sqlite:"+filepath.Join(b.TempDir(), "b.db"), sqlstore.Options{Group: group}), 100)
		for _, clients := range benchClients() {
			b.Run(fmt.Sprintf("group=%d/clients=%d", group, clients), func(b *testing.B) { l.run(b, clients, nil) })
		}
	}
}

// BenchmarkSubmissionPostgres takes ELICENSE_BENCH="committers x group,…" to try other settings than the default.
func BenchmarkSubmissionPostgres(b *testing.B) {
	ctx := context.Background()
	server, err := postgres.Start(ctx, postgres.Options{Fsync: true, Settings: map[string]string{"max_wal_size": "4GB", "checkpoint_timeout": "30min", "max_connections": "600"}})
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := server.Stop(); err != nil {
			b.Error(err)
		}
	}()
	settings := "0x0"
	if s := os.Getenv("ELICENSE_BENCH"); s != "" {
		settings = s
	}
	for _, quotas := range []int{100, 1} {
		for _, clients := range benchClients() {
			for n, setting := range strings.Split(settings, ",") {
				var o sqlstore.Options
				if _, err := fmt.Sscanf(setting, "%dx%d", &o.Committers, &o.Group); err != nil {
					b.Fatal(err)
				}
				name := fmt.Sprintf("b_%d_%d_%d", quotas, clients, n)
				if err := server.Create(ctx, name, ""); err != nil {
					b.Fatal(err)
				}
				l := newLoad(b, open(b, server.URL(name), o), quotas)
				b.Run(fmt.Sprintf("quotas=%d/clients=%d/ours=%s", quotas, clients, setting), func(b *testing.B) { l.run(b, clients, server) })
			}
			for what, reads := range map[string]bool{"pgbench": true, "pgbench-writes-only": false} {
				b.Run(fmt.Sprintf("quotas=%d/clients=%d/%s", quotas, clients, what), func(b *testing.B) { pgbench(b, server, quotas, clients, reads) })
			}
		}
	}
}

// pgbench runs the same rows in several statements of one transaction, prepared, for the time of one benchmark.
func pgbench(b *testing.B, server *postgres.Server, quotas, clients int, reads bool) {
	if b.N == 1 {
		return // one run of pgbench for each benchmark is enough; it counts for itself
	}
	ctx := context.Background()
	name := fmt.Sprintf("pgbench_%d_%d_%d_%v", quotas, clients, b.N, reads)
	if err := server.Create(ctx, name, ""); err != nil {
		b.Fatal(err)
	}
	l := newLoad(b, open(b, server.URL(name), sqlstore.Options{}), quotas)
	const n = 6000
	share := n / clients
	l.prepare(b, 0, n)
	script := filepath.Join(b.TempDir(), "submission.sql")
	if err := os.WriteFile(script, []byte(pgbenchText(l, share, reads)), 0o644); err != nil {
		b.Fatal(err)
	}
	cmd := server.Command(ctx, "pgbench", "-n", "-M", "prepared", "-D", "n=-1", "-c", strconv.Itoa(clients), "-j", "2", "-t", strconv.Itoa(share), "-f", script, name)
	theirs := serverCPU(b, server)
	b.ResetTimer()
	out, err := cmd.CombinedOutput()
	b.StopTimer()
	theirs = serverCPU(b, server) - theirs
	m := regexp.MustCompile(`tps = ([0-9.]+)`).FindSubmatch(out)
	if err != nil || m == nil {
		b.Fatalf("%v %s", err, out)
	}
	rate, err := strconv.ParseFloat(string(m[1]), 64)
	if err != nil {
		b.Fatal(err)
	}
	units := float64(share * clients)
	count, err := server.Command(ctx, "psql", "-d", name, "-At", "-c", "SELECT COUNT(*) FROM application JOIN permit p ON p.application = application.number "+
		"JOIN quota_entry q ON q.application = application.number JOIN challenge c ON c.application = application.number WHERE application.version = 2 AND c.used_at > 0").CombinedOutput()
	if want := strconv.Itoa(share * clients); err != nil || strings.TrimSpace(string(count)) != want {
		b.Fatalf("pgbench wrote %s of %s submissions: %v", count, want, err)
	}
	b.ReportMetric(rate, "units/s")
	b.ReportMetric((theirs+cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime()).Seconds()*1000/units, "cpu-ms/unit")
	b.ReportMetric(theirs.Seconds()*1000/units, "server-cpu-ms/unit")
	b.ReportMetric(0, "ns/op")
}

func benchAnswers(l *load) string {
	var s []string
	for k, v := range l.answers {
		s = append(s, fmt.Sprintf(`"%s"\:"%s"`, k, v))
	}
	return strings.ReplaceAll("{"+strings.Join(s, ",")+"}", `\:`, `:`)
}

// pgbenchReads are the two reads of the use case, the same texts.
const pgbenchReads = `
SELECT number, service, revision, operation, subtype, body, party, account, state, version, created_at, changed_at, sent_at, registered_at, decided_at, journal, decision, permit, answers, sources,
  COALESCE((SELECT CAST(json_agg(json_build_object('key', t.key, 'document', t.document, 'name', t.name, 'file', t.file, 'digest', t.digest, 'size', t.size) ORDER BY t.key) AS TEXT)
  FROM attachment t WHERE t.application = application.number), '[]') FROM application WHERE number = NUMBER AND state <> 'deleted';
SELECT id, unit, total, granted FROM quota WHERE id = QUOTA;
`

// pgbenchWrites is what a straightforward program would send: statement after statement in one transaction. A colon
// begins a variable of pgbench, so the script avoids it elsewhere.
const pgbenchWrites = `
BEGIN;
INSERT INTO idempotency (key, actor, body, answer, at) VALUES (NONCE, ACCOUNT, NONCE, NUMBER, 1770000000000000);
UPDATE challenge SET used_at = 1770000000000000 WHERE nonce = NONCE AND used_at = 0;
UPDATE application SET state = 'issued', answers = 'ANSWERS', changed_at = 1770000000000000, sent_at = 1770000000000000, registered_at = 1770000000000000, decided_at = 1770000000000000, journal = :i, decision = '{}', permit = PERMIT, version = 2 WHERE number = NUMBER AND version = 1;
INSERT INTO signature (id, application, purpose, content, content_digest, answers, cms, cms_digest, certificate, fingerprint, serial, algorithm, not_before, not_after, signer_iin, signer, revocation, rechecked_at, at)
  VALUES ('s' || NONCE, NUMBER, 'application', '\x00', NONCE, '\x00', 'CMS', NONCE, 'CERT', '', '', '', 0, 0, '880101000001', '{}', 'good', 0, 1770000000000000);
INSERT INTO application_event (id, application, event, from_state, to_state, actor, at, dispatched_at) VALUES ('a' || NONCE, NUMBER, 'sent', '', '', ACCOUNT, 1770000000000000, 0);
INSERT INTO audit (id, canonical, digest) VALUES ('a' || NONCE, repeat('x', 330)::bytea, repeat('0', 64));
INSERT INTO application_event (id, application, event, from_state, to_state, actor, at, dispatched_at) VALUES ('b' || NONCE, NUMBER, 'granted', '', '', ACCOUNT, 1770000000000000, 0);
INSERT INTO audit (id, canonical, digest) VALUES ('b' || NONCE, repeat('x', 330)::bytea, repeat('0', 64));
INSERT INTO permit (number, second_number, check_code, application, service, revision, subtype, body, party, holder_name, holder_number, valid_from, valid_to, issued_at, fields, version)
  VALUES (PERMIT, '', '', NUMBER, 'svc', 1, '', '', PARTY, 'holder', '', '', '', 1770000000000000, '{"goods" "0207"}', 1);
UPDATE quota SET granted = granted + 1 WHERE id = QUOTA AND total - granted >= 1;
INSERT INTO quota_entry (quota, application, amount) VALUES (QUOTA, NUMBER, 1);
COMMIT;
`

// pgbenchText gives the script. Variables of pgbench live as long as the client, so each client counts its own share of
// the applications and no statement is spent on it.
func pgbenchText(l *load, share int, reads bool) string {
	text := pgbenchWrites
	if reads {
		text = pgbenchReads + text
	}
	return "\\set n :n + 1\n\\set i :client_id * " + strconv.Itoa(share) + " + :n\n\\set p :i % " + strconv.Itoa(benchParties) +
		"\n\\set q :i % " + strconv.Itoa(l.quotas) + strings.NewReplacer(
		"NUMBER", `('KZ19RFB' || lpad(cast(:i as text), 8, '0'))`, "PERMIT", `('KZ19LTL' || lpad(cast(:i as text), 8, '0'))`,
		"NONCE", `lpad(to_hex(cast(:i as bigint)), 32, '0')`, "ACCOUNT", `('account-' || cast(:p as text))`,
		"PARTY", `('party-' || cast(:p as text))`, "QUOTA", `('quota-' || cast(:q as text))`,
		"ANSWERS", benchAnswers(l), "CMS", fmt.Sprintf(`\x%x`, l.cms), "CERT", fmt.Sprintf(`\x%x`, l.cms[:1800])).Replace(text)
}

// ownCPU is the processor time of this process so far.
func ownCPU() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// serverCPU is the processor time of a server so far: its main process, its living children and those that ended.
func serverCPU(b *testing.B, server *postgres.Server) time.Duration {
	if server == nil {
		return 0
	}
	pid, err := os.ReadFile(filepath.Join(server.Folder(), "data", "postmaster.pid"))
	if err != nil {
		b.Fatal(err)
	}
	parent, _, _ := strings.Cut(string(pid), "\n")
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		b.Fatal(err)
	}
	var ticks int64
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it ended meanwhile
		}
		_, rest, _ := strings.Cut(string(text), ") ")
		f := strings.Fields(rest) // from the third field of proc(5) on: state, ppid, …
		sum := func(fields ...int) {
			for _, i := range fields {
				n, _ := strconv.ParseInt(f[i-3], 10, 64)
				ticks += n
			}
		}
		if filepath.Base(filepath.Dir(path)) == parent {
			sum(14, 15, 16, 17) // utime, stime, cutime, cstime
		} else if f[1] == parent {
			sum(14, 15)
		}
	}
	return time.Duration(ticks) * 10 * time.Millisecond // USER_HZ is 100 everywhere
}
