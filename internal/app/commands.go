package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"elicense/internal/catalogue"
	"elicense/internal/config"
	"elicense/internal/fault"
	"elicense/internal/pdf"
	"elicense/internal/permit"
	"elicense/internal/queue"
	"elicense/internal/reference"
	"elicense/internal/register"
	"elicense/internal/service"
	"elicense/services"
)

func envConfig() string { return os.Getenv("ELICENSE_CONFIG") }

func envSet(name string) bool {
	_, ok := os.LookupEnv(name)
	return ok
}

type serveCommand struct{}

// Run serves until it is told to stop.
func (serveCommand) Run(r *run) error {
	if err := checkSettings(r.cfg, world{}.Now()); err != nil {
		return err
	}
	a, err := Open(r.ctx, r.cfg, Extras{}, r.log)
	if err != nil {
		return err
	}
	if !r.cfg.Sealed() {
		r.log.Warn("permits are issued without a seal", "seal", config.None)
	}
	err = a.Serve(r.ctx, func(portal, office net.Addr) {
		r.log.Info("serving", "portal", portal.String(), "office", office.String(), "origin", r.cfg.Origin)
	})
	return errors.Join(err, a.Close(context.WithoutCancel(r.ctx)))
}

type migrateCommand struct {
	Grant string `placeholder:"ROLE" help:"PostgreSQL: give this role what the program needs to run, and nothing that changes the audit; run as the owner of the tables."`
}

// Run migrates the database.
func (c migrateCommand) Run(r *run) error {
	store, err := openMigrated(r)
	if err != nil {
		return err
	}
	if c.Grant != "" {
		jobs, err := queue.Open(r.ctx, r.cfg.Database, filepath.Join(r.cfg.Data, "jobs.db"), store, world{}, nil, nil, r.log) // which migrates their tables
		if err == nil {
			jobs.Close()
			err = store.Grant(r.ctx, c.Grant)
		}
		if err != nil {
			return errors.Join(err, store.Close())
		}
	}
	r.print(map[string]string{"migrate": "ok"}, "the database is at this program's version")
	return store.Close()
}

type configCheckCommand struct{}

// Run checks the configuration; exit 1 lists what is wrong.
func (configCheckCommand) Run(r *run) error {
	err := checkSettings(r.cfg, world{}.Now())
	var wrong config.Mistakes
	if errors.As(err, &wrong) {
		r.print(map[string]any{"ok": false, "mistakes": wrong}, wrong.Error())
		return errWrong
	}
	r.print(map[string]any{"ok": true}, "the configuration is good")
	return err
}

type importCommand struct {
	Directory string `arg:"" help:"goods (the ten-digit nomenclature), paper-licences, or SERVICE/DIRECTORY, e.g. trade-licence/licensed_goods."`
	File      string `arg:"" help:"CSV file with a header line."`
}

// Run imports a directory; exit 1 lists the wrong lines, and nothing is stored then. Paper licences: see importPapers.
func (c importCommand) Run(r *run) error {
	if c.Directory == paperLicences {
		return importPapers(r, c.File)
	}
	store, err := openMigrated(r)
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }() // everything is committed by then
	var dir *service.Directory
	if c.Directory != reference.Goods {
		if dir, err = c.find(); err != nil {
			return err
		}
	}
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read
	rows, err := reference.ReadRows(f, c.Directory, dir)
	var wrong *reference.ImportError
	if errors.As(err, &wrong) {
		r.print(map[string]any{"stored": 0, "wrong": wrong.Rows}, wrong.Error()+"\nnothing was stored")
		return errWrong
	}
	if err != nil {
		return err
	}
	if err := reference.New(nil, store, world{}).Import(r.ctx, c.Directory, dir, rows, "import"); err != nil {
		return err
	}
	r.print(map[string]any{"stored": len(rows)}, fmt.Sprintf("%d rows stored in %s", len(rows), c.Directory))
	return nil
}

func (c importCommand) find() (*service.Directory, error) {
	key, name, ok := strings.Cut(c.Directory, "/")
	if !ok {
		return nil, fmt.Errorf("%q is neither goods nor SERVICE/DIRECTORY", c.Directory)
	}
	folder, err := fs.Sub(services.Files, key)
	if err != nil {
		return nil, err
	}
	src, err := service.ReadSource(folder)
	if err != nil {
		return nil, fmt.Errorf("there is no service %q", key)
	}
	_, _, library, err := service.ReadCommon(services.Files)
	if err != nil {
		return nil, err
	}
	rev, err := service.NewRevision(src, library, 1)
	if err != nil {
		return nil, err
	}
	dir, ok := rev.Definition.Directory(name)
	if !ok {
		return nil, fmt.Errorf("service %s has no directory %q", key, name)
	}
	return &dir, nil
}

type verifyCommand struct {
	File string `arg:"" help:"PDF file."`
}

// verdict is what verify prints.
type verdict struct {
	Known  bool   `json:"known"`
	Sealed bool   `json:"sealed"`
	Number string `json:"number,omitempty"`
	Lang   string `json:"lang,omitempty"`
	State  string `json:"state,omitempty"`
	Reason string `json:"reason,omitempty"`
	SHA256 string `json:"sha256"`
}

// Run tells whether the file is, byte for byte, a document this system issued, and whether the permit is valid today.
func (c verifyCommand) Run(r *run) error {
	b, err := readLimited(c.File, 64<<20)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(b)
	v := verdict{SHA256: hex.EncodeToString(sum[:])}
	if _, err := pdf.Open(b); err == nil {
		v.Sealed = true
	} else if f, ok := fault.As(err); ok {
		v.Reason = f.Key
	}
	reg, done, err := openRegister(r)
	if err != nil {
		return err
	}
	defer done()
	card, file, err := reg.Verify(r.ctx, v.SHA256)
	switch {
	case fault.KindOf(err) == fault.NotFound && err != nil:
		r.print(v, "NOT KNOWN: no document of this system has these bytes ("+v.SHA256+")")
		return errWrong
	case err != nil:
		return err
	}
	v.Known, v.Number, v.Lang, v.State, v.Reason = true, card.Permit.Number, file.Lang, string(card.State), ""
	text := fmt.Sprintf("GENUINE: permit %s (%s), today %s", v.Number, v.Lang, v.State)
	switch {
	case file.Act > 0:
		text += fmt.Sprintf("; the document of act %d", file.Act)
	case card.Lapsed(file):
		text += fmt.Sprintf("; appendix %s holds no more", file.Appendix)
	case file.Edition < card.Permit.Standing.Edition:
		text += fmt.Sprintf("; edition %d, the document has changed since", file.Edition)
	}
	r.print(v, text)
	if card.State != permit.Valid && card.State != permit.Future || card.Lapsed(file) {
		return errWrong
	}
	return nil
}

// openRegister assembles what looking permits up needs.
func openRegister(r *run) (*register.Register, func(), error) {
	store, err := openReady(r)
	if err != nil {
		return nil, nil, err
	}
	a := &App{Config: r.cfg, Store: store, World: world{}}
	if a.Catalogue, err = catalogue.New(store, a.World, services.Files); err != nil {
		return nil, nil, errors.Join(err, store.Close())
	}
	reg, err := a.looking()
	if err != nil {
		return nil, nil, errors.Join(err, store.Close())
	}
	return reg, func() { _ = store.Close() }, nil
}

func readLimited(file string, limit int64) ([]byte, error) {
	f, err := os.Open(filepath.Clean(file))
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("%s is larger than %d bytes", file, limit)
	}
	return b, err
}

// timeOf reads --time, or the present.
func timeOf(s string) (time.Time, error) {
	if s == "" {
		return world{}.Now(), nil
	}
	return time.Parse(time.RFC3339, s)
}
