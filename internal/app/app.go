package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"elicense/internal/access"
	"elicense/internal/account"
	"elicense/internal/acts"
	"elicense/internal/billing"
	"elicense/internal/blob"
	"elicense/internal/calendar"
	"elicense/internal/cases"
	"elicense/internal/casework"
	"elicense/internal/catalogue"
	"elicense/internal/classifier"
	"elicense/internal/config"
	"elicense/internal/docnumber"
	"elicense/internal/documents"
	"elicense/internal/eds"
	"elicense/internal/evidence"
	"elicense/internal/filing"
	"elicense/internal/lang"
	"elicense/internal/message"
	"elicense/internal/money"
	"elicense/internal/notice"
	"elicense/internal/numbering"
	"elicense/internal/paper"
	"elicense/internal/pay"
	"elicense/internal/pdf"
	"elicense/internal/port"
	"elicense/internal/publication"
	"elicense/internal/queue"
	"elicense/internal/reference"
	"elicense/internal/register"
	"elicense/internal/service"
	"elicense/internal/sheet"
	"elicense/internal/sqlstore"
	"elicense/internal/statistics"
	"elicense/internal/web/office"
	"elicense/internal/web/portal"
	"elicense/internal/web/signer"
	"elicense/internal/wording"
	"elicense/locales"
	"elicense/services"
)

// App is the assembled program.
type App struct {
	Config    config.Config
	Store     *sqlstore.Store
	Blobs     port.Blobs
	Catalogue *catalogue.Catalogue
	Calendar  *calendar.Keeper
	Reference *reference.Library
	Accounts  *account.Accounts
	Filing    *filing.Filing
	Desk      *casework.Desk
	Exports   *casework.Exports
	Documents *documents.Documents
	Billing   *billing.Billing
	Register  *register.Register
	Acts      *acts.Acts
	Numbering *numbering.Numbering
	Papers    *paper.Papers
	Notices   *notice.Notices
	Messages  *message.Messages
	World     port.World
	Texts     *lang.Catalogue

	Statistics *statistics.Statistics
	Evidence   *evidence.Evidence
	Witness    *evidence.Witness

	casework *casework.Casework
	wording  *wording.Wording // templates of the bodies
	verifier *eds.Verifier
	renderer *pdf.Renderer
	numbers  *docnumber.Allocator
	queue    *queue.Queue
	metrics  *metrics
	mci      money.Table // of the laws that the program knows, and of the configuration
	index    reference.Index
	demo     *portal.Demo
	staff    []office.DemoOfficial // of a demonstration
	signer   *signer.Bundle        // nil = that way of signing is not offered
	targets  []string              // where forms may lead besides ourselves
	log      *slog.Logger
}

// Extras are what a demonstration or a test puts in the place of the real neighbours.
type Extras struct {
	Trust       *eds.Config // instead of the folders of the configuration
	Registers   port.Registers
	Payments    port.Payments
	Senders     map[port.Channel]port.Sender // of notices
	Targets     []string
	Demo        *portal.Demo
	Officials   []office.DemoOfficial // who can log in to the internal portal with a button
	Watermark   lang.Text
	MCI         money.Table     // nil = what the laws on the budget say
	World       port.World      // nil = the real clock and chance
	Passwords   account.Hash    // how they are hashed; the zero value is right but for tests, which hash many
	Directories *classifier.Set // nil = they are read
	Signer      *signer.Bundle  // nil = what this binary was built with
}

// World is the real clock and chance, for assemblies outside this package.
func World() port.World { return world{} }

// OpenStore connects the database and checks that it is reachable; it does not migrate.
func OpenStore(ctx context.Context, cfg config.Config) (*sqlstore.Store, error) {
	if strings.HasPrefix(cfg.Database, "sqlite:") {
		if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
			return nil, err
		}
	}
	return sqlstore.Open(ctx, cfg.Database, sqlstore.Options{})
}

// openMigrated opens the store for a command that may be the first to use it.
func openMigrated(r *run) (*sqlstore.Store, error) {
	return opened(r, (*sqlstore.Store).Migrate)
}

// openReady opens the store for a command that works beside the program, on the database as that made it.
func openReady(r *run) (*sqlstore.Store, error) {
	return opened(r, (*sqlstore.Store).Ping)
}

// opened opens the store and makes sure of its schema.
func opened(r *run, schema func(*sqlstore.Store, context.Context) error) (*sqlstore.Store, error) {
	store, err := OpenStore(r.ctx, r.cfg)
	if err != nil {
		return nil, err
	}
	if err := schema(store, r.ctx); err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return store, nil
}

// Open assembles the program over a completed configuration: connects, migrates, publishes the built-in services, loads
// what is kept in memory. Nothing listens yet.
func Open(ctx context.Context, cfg config.Config, extras Extras, log *slog.Logger) (*App, error) {
	a := &App{Config: cfg, World: world{}, metrics: newMetrics(), log: log, demo: extras.Demo, staff: extras.Officials, targets: extras.Targets, mci: extras.MCI}
	if a.mci == nil {
		indices, err := cfg.Indices()
		if err != nil {
			return nil, err
		}
		a.mci = indices
	}
	if extras.World != nil {
		a.World = extras.World
	}
	if err := a.keep(ctx); err != nil {
		return nil, err
	}
	if err := a.assemble(ctx, extras); err != nil {
		return nil, errors.Join(err, a.Close(ctx))
	}
	return a, nil
}

// keep opens what stores: database, its log, files, and the calendar that is kept in the database.
func (a *App) keep(ctx context.Context) error {
	if err := os.MkdirAll(a.Config.Data, 0o700); err != nil {
		return err
	}
	store, err := OpenStore(ctx, a.Config)
	if err != nil {
		return err
	}
	a.Store = store
	if err := store.Migrate(ctx); err != nil {
		return errors.Join(err, store.Close())
	}
	if err := a.openEvidence(ctx); err != nil {
		return errors.Join(err, store.Close())
	}
	a.Calendar = calendar.New(a.Store, a.World)
	if err := a.Calendar.Load(ctx); err != nil {
		return errors.Join(err, store.Close())
	}
	a.Blobs, err = blob.Open(filepath.Join(a.Config.Data, "files"))
	return err
}

// loadDirectories makes the directories and the monthly calculation index, which follow the store.
func (a *App) loadDirectories(set *classifier.Set) (err error) {
	if set == nil {
		set, err = classifier.Load()
	}
	if err != nil {
		return err
	}
	a.Reference = reference.New(set, a.Store, a.World)
	a.index = reference.Index{Library: a.Reference, Base: a.mci}
	return nil
}

// assemble builds the use cases over the store.
func (a *App) assemble(ctx context.Context, extras Extras) error {
	if err := a.loadSigner(extras); err != nil {
		return err
	}
	var err error
	if a.Texts, err = lang.Load(locales.Files); err != nil {
		return err
	}
	if err := a.loadDirectories(extras.Directories); err != nil {
		return err
	}
	if a.Catalogue, err = catalogue.New(a.Store, a.World, services.Files); err != nil {
		return err
	}
	if err := a.publish(ctx); err != nil {
		return err
	}
	trust := a.trust(extras)
	trust.Archive = func(ctx context.Context, list []byte) error {
		_, _, err := a.Blobs.Put(ctx, bytes.NewReader(list), int64(len(list)))
		return err
	}
	if a.verifier, err = eds.New(trust, a.World.Now); err != nil {
		return err
	}
	stamps := len(trust.Stamping.Addresses) > 0
	if a.renderer, err = pdf.New(); err != nil {
		return err
	}
	a.watchAudit()
	if err := a.openAccounts(extras.Passwords); err != nil {
		return err
	}
	a.numbers = &docnumber.Allocator{Store: a.Store, World: a.World, Node: node()}
	registers, err := a.registers(extras)
	if err != nil {
		return err
	}
	seal, err := a.sealer()
	if err != nil {
		return err
	}
	a.Numbering = &numbering.Numbering{Store: a.Store, World: a.World, Grounds: a.Catalogue.Withdrawal}
	a.wording = wording.New(a.Store, a.World, a.Catalogue)
	a.Papers = papers(a.Store, a.World, a.Catalogue)
	a.Papers.Witness, a.Papers.Start = a.Witness, func(ctx context.Context) error { return a.queue.Now(ctx, chorePapers) }
	work := &casework.Casework{World: a.World, Catalogue: a.Catalogue, Reference: a.Reference, Texts: a.Texts, MCI: a.index, Calendar: a.Calendar,
		Tasks: map[service.Task]casework.Settler{service.Match: casework.Matching{Papers: a.Papers}, service.Allocate: casework.Allocation{Numbering: a.Numbering}}}
	a.casework, a.Desk = work, &casework.Desk{Casework: work, Store: a.Store, Numbers: a.numbers, Jobs: a, Witness: a.Witness, Signing: a.resolutions(), Templates: a.wording}
	a.Exports = &casework.Exports{Desk: a.Desk, Blobs: a.Blobs, Sheets: sheet.Workbooks{}, Start: func(ctx context.Context) error { return a.queue.Now(ctx, choreExports) }}
	a.Filing = &filing.Filing{
		Store: a.Store, World: a.World, Verifier: a.verifier, Catalogue: a.Catalogue, Casework: work, Numbers: a.numbers,
		Registers: registers, Jobs: a, Glyphs: a.renderer, Origin: a.Config.Origin, Environment: a.Config.Environment,
	}
	if stamps {
		a.Filing.Stamper = a.verifier
	}
	a.Register = &register.Register{
		Store: a.Store, World: a.World, Blobs: a.Blobs, Renderer: a.renderer, Catalogue: a.Catalogue, Casework: work, Texts: a.Texts,
		Witness: a.Witness, Origin: a.Config.Origin, Watermark: extras.Watermark, Seal: seal,
	}
	a.Acts = &acts.Acts{Store: a.Store, World: a.World, Register: a.Register, Catalogue: a.Catalogue, Signing: a.resolutions(), Made: a.draw}
	a.Documents = documents.New(a.Store, a.World, a.Blobs, a.Witness)
	a.Statistics = &statistics.Statistics{Store: a.Store, World: a.World}
	if err := a.outward(extras); err != nil {
		return err
	}
	a.queue, err = queue.Open(ctx, a.Config.Database, filepath.Join(a.Config.Data, "jobs.db"), a.Store, a.World, tasks{a}, a.chores(stamps), a.log)
	return err
}

// outward assembles what speaks with neighbours of ours: the payment gateway, and those that carry notices.
func (a *App) outward(extras Extras) error {
	payments, err := a.payments(extras)
	if err != nil {
		return err
	}
	a.Billing = billing.New(a.Store, a.World, payments)
	return a.tell(extras)
}

// Wake tells the queue that the outbox holds something new (port.Jobs).
func (a *App) Wake() { a.queue.Wake() }

// merchant is our name at the payment gateway.
const merchant = "elicense"

// node names this process in leases of numbers.
func node() string {
	host, err := os.Hostname()
	if err != nil {
		host = "node"
	}
	return fmt.Sprintf("%s/%d", host, os.Getpid())
}

// trust is the configuration's trust, or that of the extras.
func (a *App) trust(extras Extras) eds.Config {
	if extras.Trust != nil {
		cfg := *extras.Trust
		cfg.Environment, cfg.Log = a.Config.Environment, a.log
		return cfg
	}
	cfg := eds.Config{Environment: a.Config.Environment, Anchors: eds.Source{Folder: a.Config.Anchors}, Intermediates: eds.Source{Folder: a.Config.Authorities},
		Responders: a.Config.Responders(), Stamping: eds.Stamping{Addresses: a.Config.StampAuthorities(), Policies: a.Config.StampPolicies()}, Log: a.log}
	for _, l := range a.Config.RevocationLists() {
		if strings.HasPrefix(l, "http://") || strings.HasPrefix(l, "https://") {
			cfg.Lists = append(cfg.Lists, eds.List{URL: l})
		} else {
			cfg.Lists = append(cfg.Lists, eds.List{File: l})
		}
	}
	return cfg
}

func (a *App) payments(extras Extras) (port.Payments, error) {
	if extras.Payments != nil || a.Config.GatewayURL == "" {
		return extras.Payments, nil
	}
	secret, err := os.ReadFile(a.Config.GatewayKey)
	if err != nil {
		return nil, err
	}
	return pay.New(pay.Config{Page: a.Config.GatewayURL, Merchant: merchant, Secrets: [][]byte{[]byte(strings.TrimSpace(string(secret)))}, Origin: a.Config.Origin})
}

// publish stores the built-in definitions as revisions where they are new, each with the rows of its directories in one
// unit; an installation may have its services published at the office only. What two people published there is never
// replaced by a program that carries another text: the log says so. Then everything published is loaded.
func (a *App) publish(ctx context.Context) error {
	if a.Config.OfficeServices {
		return a.Catalogue.Load(ctx)
	}
	keys, err := service.Folders(services.Files)
	if err != nil {
		return err
	}
	for _, key := range keys {
		if err := a.publishOne(ctx, key); err != nil {
			return fmt.Errorf("service %s: %w", key, err)
		}
	}
	return a.Catalogue.Load(ctx)
}

func (a *App) publishOne(ctx context.Context, key string) error {
	const by = "built-in"
	withheld := 0 // the office's revision that stays
	folder, err := fs.Sub(services.Files, key)
	if err != nil {
		return err
	}
	src, err := service.ReadSource(folder)
	if err != nil {
		return err
	}
	var before []port.Published
	err = a.Store.View(ctx, func(v port.View) (err error) {
		before, err = v.Services().Revisions(ctx, key)
		return err
	})
	if err != nil || known(before, src.Digest()) {
		return err // as at every start but the first of a program
	}
	rev, err := a.Catalogue.Parse(src)
	if err != nil {
		return err
	}
	rows, err := cases.Rows(rev, src)
	if err != nil {
		return err
	}
	err = a.Store.Update(ctx, func(tx port.Tx) error {
		withheld = 0
		all, err := tx.Services().Revisions(ctx, rev.Service)
		if err != nil || known(all, rev.Digest) {
			return err
		}
		if len(all) > 0 && all[0].PublishedBy != by {
			withheld = all[0].Number
			return nil
		}
		if _, err := a.Catalogue.PublishIn(ctx, tx, rev, src, by); err != nil {
			return err
		}
		for name, part := range rows {
			dir, _ := rev.Definition.Directory(name)
			a.Reference.ImportIn(tx, reference.Key(rev.Service, name), &dir, part, by)
		}
		return nil
	})
	if withheld > 0 && err == nil {
		a.log.Warn("the program carries another text of a service than the office published; see elicense service diff", "service", key, "revision", withheld)
	}
	return err
}

// known tells whether a text was published before, be it under a newer one: a restart of the same program must not take
// back what the office published since.
func known(all []port.Published, digest string) bool {
	return slices.ContainsFunc(all, func(p port.Published) bool { return p.Digest == digest })
}

// publication assembles the use cases by which two people publish a service. publisher tells who may.
func (a *App) publication(publisher func(context.Context, port.View, access.Actor) (string, error)) *publication.Publication {
	return &publication.Publication{
		Store: a.Store, World: a.World, Catalogue: a.Catalogue, Reference: a.Reference, Casework: a.casework, Publisher: publisher,
		Cases: cases.World{Library: a.Catalogue.Library(), Set: a.Reference.Set(), MCI: a.mci, Texts: a.Texts},
	}
}

// Close gives unused numbers back and closes the store.
func (a *App) Close(ctx context.Context) error {
	var errs []error
	if a.numbers != nil {
		errs = append(errs, a.numbers.Close(ctx))
	}
	if a.queue != nil {
		a.queue.Close()
	}
	return errors.Join(append(errs, a.Store.Close())...)
}

// tasks is the work of the jobs.
type tasks struct{ a *App }

// RenderPermit makes the documents of the permit, and of what happened to it, in the three languages.
func (t tasks) RenderPermit(ctx context.Context, number string) error {
	issued, err := t.a.Filing.PermitOf(ctx, number)
	if err != nil || issued == "" {
		return err
	}
	return t.a.Register.RenderAll(ctx, issued)
}

// Recheck looks at a pending signature again.
func (t tasks) Recheck(ctx context.Context, number string) error {
	return t.a.Filing.Recheck(ctx, number)
}

// choreExports makes the files that officials ordered.
const choreExports = "exports"

// choreDocuments makes the documents of acts with permits.
const choreDocuments = "permit-documents"

// draw begins it now; where that fails, its next period is soon enough.
func (a *App) draw(ctx context.Context) {
	if err := a.queue.Now(ctx, choreDocuments); err != nil {
		a.log.Warn("documents of acts are made later", "error", err)
	}
}

// chorePapers goes on with releases of former registers.
const chorePapers = "papers"

// chores is the work that comes back; stamps says that time stamps may come late.
func (a *App) chores(stamps bool) []queue.Chore {
	list := []queue.Chore{
		{Name: "audit-log", Every: evidence.Every, Within: 10 * time.Minute, Do: a.Evidence.Sequence},
		{Name: "terms", Every: 5 * time.Minute, Within: 4 * time.Minute, Do: a.Desk.WatchTerms},
		{Name: choreExports, Every: time.Minute, Within: 10 * time.Minute, Do: a.Exports.Work},
		{Name: choreDocuments, Every: time.Minute, Within: 10 * time.Minute, Do: a.Register.Draw},
		{Name: chorePapers, Every: time.Minute, Within: 10 * time.Minute, Do: a.Papers.Work},
		{Name: "names-of-parties", Every: 24 * time.Hour, Within: time.Hour, Do: a.Desk.NameParties},
		a.replays(),
		a.telling(),
		{Name: "suspensions-over", Every: acts.EveryResume, Within: 10 * time.Minute, Do: a.Acts.Resume},
		{Name: "permits-ending", Every: acts.EveryReminder, Within: time.Hour, Do: func(ctx context.Context) error { return a.Acts.Remind(ctx, a.Notices.Ends) }},
	}
	if stamps {
		list = append(list, queue.Chore{Name: "late-time-stamps", Every: time.Minute, Do: a.Filing.Stamp})
	}
	list = append(list, queue.Chore{Name: "lapsed-corrections", Every: 10 * time.Minute, Do: a.Desk.Lapse})
	return list
}
