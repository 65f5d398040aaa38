// Package site opens the whole program for a test: the real use cases, store, verifier and pages over a database of the
// test's own, with the demonstration's authority, a payment gateway whose notices the test sends, and a clock that the
// test can move. Nothing listens, but the authority's OCSP responder where a test wants it: browsers call the handler.
package site

import (
	"cmp"
	"context"
	"crypto"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"elicense/internal/account"
	"elicense/internal/app"
	"elicense/internal/classifier"
	"elicense/internal/config"
	"elicense/internal/demo"
	"elicense/internal/demo/ca"
	"elicense/internal/demo/registers"
	"elicense/internal/eds"
	"elicense/internal/integrity"
	"elicense/internal/pay"
	"elicense/internal/port"
	"elicense/internal/web"
	"elicense/internal/web/signer"
)

// Start is when the clock of a site begins: the day of the examples, a Sunday, 15:00 in Astana.
func Start() time.Time { return time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC) }

// Options of a site. The zero value is SQLite in a folder of the test, on plain loopback.
type Options struct {
	Database    string            // postgres://…; empty = SQLite in the folder
	Folder      string            // of data and authority; empty = t.TempDir()
	Made        string            // folder that Make filled; empty = new keys and a new database, which take a second to make
	Directories *classifier.Set   // of the whole test process, which nobody changes; nil = read anew
	Origin      string            // empty = http://127.0.0.1:8080
	At          time.Time         // when the clock begins; zero = Start
	Routes      []web.Route       // besides the portal's, for controls
	Desk        []web.Route       // the same of the internal portal
	Limited     bool              // keep the limits of requests per minute
	Signer      *signer.Bundle    // of the page that signs with a key file; nil = without that page
	OCSP        bool              // ask the authority's responder, before its revocation list
	Decided     bool              // officials sign their decisions, and the state bodies have the BINs of the demonstration
	Stamped     bool              // a time-stamping authority answers, on loopback
	MCI         string            // monthly indices of years that the program does not know
	Trust       func(*eds.Config) // changes whom the installation trusts; nil = the whole authority of the demonstration
	// OfficeFactor says whether officials need a second factor; empty = optional.
	OfficeFactor string
}

// Site is the opened program.
type Site struct {
	App       *app.App
	Server    *web.Server
	Handler   http.Handler
	Office    *web.Server  // the internal portal
	Desk      http.Handler // of the internal portal
	Clock     *Clock
	Authority *ca.CA
	Stamper   *ca.Stamper // nil without Options.Stamped
	Config    config.Config
	Folder    string

	tb         testing.TB
	key        crypto.Signer
	secret     []byte
	responders []string
}

// Make fills a folder for the sites of a whole test process: with the keys of an authority and of its people, and with a
// database to which the services of the program are published, "" = SQLite in the folder.
func Make(ctx context.Context, folder, database string) error {
	keys := filepath.Join(folder, keysFolder)
	authority, err := ca.Open(keys, ca.Options{Now: Start})
	if err != nil {
		return err
	}
	if _, err := authority.Issue(demo.Seal()); err != nil {
		return err
	}
	cfg := config.Config{Listen: "127.0.0.1:8080", OfficeListen: "127.0.0.1:8081", Data: filepath.Join(folder, "data"), Database: database, Environment: "test",
		Anchors: authority.AnchorsFolder(), Authorities: authority.IntermediatesFolder(), Agent: "wss://127.0.0.1:13579/"}.Complete()
	a, err := app.Open(ctx, cfg, app.Extras{World: newClock(Start()), Passwords: cheap()}, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	return a.Close(ctx)
}

// cheap hashes passwords with less work than anybody else may: what a guess costs is tested in package account.
func cheap() account.Hash { return account.Hash{MemoryKiB: 64, Iterations: 1, AtOnce: 8} }

// keysFolder and databaseFile are what Make makes.
const keysFolder, databaseFile = "ca", "data/elicense.db"

// Open opens a site; the test's end closes it.
func Open(tb testing.TB, o Options) *Site {
	tb.Helper()
	if o.Folder == "" {
		o.Folder = tb.TempDir()
	}
	if o.At.IsZero() {
		o.At = Start()
	}
	s := &Site{tb: tb, Clock: newClock(o.At), Folder: o.Folder, secret: []byte("a secret of at least thirty-two bytes")}
	var err error
	if o.Made != "" {
		s.copy(o)
	}
	s.Authority, err = ca.Open(filepath.Join(o.Folder, "ca"), ca.Options{Now: s.Clock.Now})
	s.must(err)
	pair, err := s.Authority.Issue(demo.Seal())
	s.must(err)
	s.key = pair.Key
	if o.OCSP {
		server := httptest.NewServer(s.Authority.Handler())
		tb.Cleanup(server.Close)
		s.responders = []string{server.URL + ca.OCSPPath}
	}
	s.Config = config.Config{
		Listen: "127.0.0.1:8080", OfficeListen: "127.0.0.1:8081", Data: filepath.Join(o.Folder, "data"), Database: o.Database, Origin: o.Origin,
		Environment: "test", Previews: "pdftoppm", OfficeFactor: cmp.Or(o.OfficeFactor, config.FactorOptional), Agent: "wss://127.0.0.1:13579/", Anchors: s.Authority.AnchorsFolder(), Authorities: s.Authority.IntermediatesFolder(), Lists: strings.Join(s.listFiles(), ","),
		EgovMobile: "https://m.egov.kz/mobileSign/?isi=1476128386&ibi=kz.egov.mobile&apn=kz.mobile.mgov", EgovBusiness: "https://m.egov.kz/businessSign/",
		MCI: o.MCI, OperatorKK: "Үлгі оператор", OperatorRU: "Оператор-образец", OperatorEN: "Sample operator", OperatorBIN: demo.OperatorBIN(),
	}.Complete()
	if o.Signer != nil {
		s.Config.SignerListen = "127.0.0.1:8083"
		s.Config = s.Config.Complete()
	}
	if o.Decided {
		s.Config.OfficeSignatures = config.SignaturesRequired
	}
	if o.Stamped {
		s.Stamper, err = s.Authority.Stamper()
		s.must(err)
		listener := httptest.NewServer(s.Stamper)
		tb.Cleanup(listener.Close)
		s.Config.TSA, s.Config.TSAPolicies = listener.URL, ca.StampPolicy
	}
	s.open(o)
	tb.Cleanup(func() {
		if err := s.App.Close(context.WithoutCancel(tb.Context())); err != nil {
			tb.Errorf("close: %v", err)
		}
	})
	s.serve(o)
	s.PublishList()
	return s
}

// copy begins with what Make made; a folder that has a database keeps it.
func (s *Site) copy(o Options) {
	s.tb.Helper()
	s.must(os.CopyFS(filepath.Join(o.Folder, keysFolder), os.DirFS(filepath.Join(o.Made, keysFolder))))
	database := filepath.Join(o.Folder, databaseFile)
	if _, err := os.Stat(database); err == nil || o.Database != "" {
		return
	}
	content, err := os.ReadFile(filepath.Join(o.Made, databaseFile))
	s.must(err)
	s.must(os.MkdirAll(filepath.Dir(database), 0o700))
	s.must(os.WriteFile(database, content, 0o600))
}

func (s *Site) open(o Options) {
	s.tb.Helper()
	payments, err := pay.New(pay.Config{Page: "https://pay.example/pay", Merchant: "elicense", Secrets: [][]byte{s.secret}, Origin: s.Config.Origin})
	s.must(err)
	trust := eds.Config{
		Anchors: eds.Source{Certificates: s.Authority.Anchors()}, Intermediates: eds.Source{Certificates: s.Authority.Intermediates()},
		Responders: s.responders, Patience: time.Minute, // a machine that stands still is no silent responder
		Stamping: eds.Stamping{Addresses: s.Config.StampAuthorities(), Policies: s.Config.StampPolicies(), Patience: 20 * time.Second},
	}
	for _, file := range s.listFiles() {
		trust.Lists = append(trust.Lists, eds.List{File: file})
	}
	if o.Trust != nil {
		o.Trust(&trust)
	}
	s.App, err = app.Open(s.tb.Context(), s.Config, app.Extras{
		Directories: o.Directories,
		Trust:       &trust, Registers: registers.New(s.Clock.Now), Payments: payments, Targets: []string{"https://pay.example"}, World: s.Clock, Signer: o.Signer, Passwords: cheap(),
	}, slog.New(slog.DiscardHandler))
	s.must(err)
	for i, b := range s.App.Catalogue.Bodies {
		if o.Decided {
			s.App.Catalogue.Bodies[i].BIN = demo.BodyBIN(b.Key)
		}
	}
}

// serve makes the portal's handler, with the routes of the test and without limits where it wants none.
func (s *Site) serve(o Options) {
	s.tb.Helper()
	server, _, err := s.App.Portal()
	s.must(err)
	server.Sessions.Store = &shifted{server.Sessions.Store.(sessions), s.Clock}
	for i := range server.Routes {
		if !o.Limited {
			server.Routes[i].PerMinute = 0
		}
	}
	server.Routes = append(server.Routes, o.Routes...)
	handler, err := server.Handler()
	s.must(err)
	s.Server, s.Handler = server, handler
	office, _, err := s.App.Office()
	s.must(err)
	office.Sessions.Store = &shifted{office.Sessions.Store.(sessions), s.Clock}
	for i := range office.Routes {
		office.Routes[i].PerMinute = 0
	}
	office.Routes = append(office.Routes, o.Desk...)
	s.Desk, err = office.Handler()
	s.must(err)
	s.Office = office
}

func (s *Site) must(err error) {
	s.tb.Helper()
	if err != nil {
		s.tb.Fatal(err)
	}
}

// listFiles are where the authority's revocation lists lie.
func (s *Site) listFiles() []string {
	var out []string
	for _, path := range s.Authority.ListPaths() {
		out = append(out, filepath.Join(s.Folder, path))
	}
	return out
}

// PublishList publishes the authority's revocation lists as they are now and has the program read them.
func (s *Site) PublishList() {
	s.tb.Helper()
	lists, err := s.Authority.Lists()
	s.must(err)
	for _, l := range lists {
		s.must(os.WriteFile(filepath.Join(s.Folder, l.Path), l.DER, 0o600))
	}
	s.must(s.App.Filing.Verifier.(*eds.Verifier).Refresh(s.tb.Context()))
}

// View reads the store.
func (s *Site) View(f func(v port.View) error) {
	s.tb.Helper()
	s.must(s.App.Store.View(s.tb.Context(), f))
}

// Update writes the store behind the use cases' back.
func (s *Site) Update(f func(tx port.Tx) error) {
	s.tb.Helper()
	s.must(s.App.Store.Update(s.tb.Context(), f))
}

// Report is what the check of the promises finds.
func (s *Site) Report() integrity.Report {
	s.tb.Helper()
	report, err := integrity.Check(s.tb.Context(), s.App.Store, s.App.Blobs, s.App.Evidence.Key.Public)
	s.must(err)
	return report
}

// Clean demands that every promise holds.
func (s *Site) Clean() integrity.Report {
	s.tb.Helper()
	report := s.Report()
	for _, b := range report.Broken {
		s.tb.Errorf("broken %s %s: %s", b.Promise, b.Thing, b.Text)
	}
	return report
}

// Clock is the world of a site: time runs from a day of the test's choice and can be put forward; chance is real.
type Clock struct {
	port.World
	ahead atomic.Int64 // of the real clock, in nanoseconds
}

func newClock(at time.Time) *Clock {
	c := &Clock{World: app.World()}
	c.ahead.Store(int64(at.Sub(c.World.Now())))
	return c
}

// Now is the time of the site.
func (c *Clock) Now() time.Time { return c.World.Now().Add(c.offset()).Truncate(time.Microsecond) }

func (c *Clock) offset() time.Duration { return time.Duration(c.ahead.Load()) }

// Advance puts the clock forward, or back.
func (c *Clock) Advance(d time.Duration) { c.ahead.Add(int64(d)) }

// sessions is what the session manager asks of a store (scs.CtxStore).
type sessions interface {
	Find(token string) ([]byte, bool, error)
	Commit(token string, data []byte, expiry time.Time) error
	Delete(token string) error
	FindCtx(ctx context.Context, token string) ([]byte, bool, error)
	CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error
	DeleteCtx(ctx context.Context, token string) error
}

// shifted carries the ends of sessions, which the manager reckons by the real clock, over to the site's.
type shifted struct {
	sessions
	clock *Clock
}

// CommitCtx stores a session.
func (s *shifted) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	return s.sessions.CommitCtx(ctx, token, data, expiry.Add(s.clock.offset()))
}

// Commit is CommitCtx without a context.
func (s *shifted) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}
