package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"elicense/internal/blob"
	"elicense/internal/calendar"
	"elicense/internal/casework"
	"elicense/internal/civil"
	"elicense/internal/classifier"
	"elicense/internal/eds"
	"elicense/internal/integrity"
	"elicense/internal/lang"
	"elicense/internal/reference"
	"elicense/internal/register"
	"elicense/internal/workday"
	"elicense/locales"
)

// looking assembles the register for looking permits up, without rendering.
func (a *App) looking() (*register.Register, error) {
	var err error
	if a.Texts, err = lang.Load(locales.Files); err != nil {
		return nil, err
	}
	if a.mci, err = a.Config.Indices(); err != nil {
		return nil, err
	}
	set, err := classifier.Load()
	if err != nil {
		return nil, err
	}
	a.Reference = reference.New(set, a.Store, a.World)
	work := &casework.Casework{World: a.World, Catalogue: a.Catalogue, Reference: a.Reference, Texts: a.Texts, MCI: a.mci, Calendar: calendar.Fixed(workday.Default())}
	return &register.Register{Store: a.Store, World: a.World, Catalogue: a.Catalogue, Casework: work, Texts: a.Texts, Origin: a.Config.Origin}, nil
}

// filesWritable writes and removes a small file in the data folder. It has content: an empty one fits on a full disk too.
func (a *App) filesWritable(context.Context) error {
	f, err := os.CreateTemp(a.Config.Data, ".ready-*")
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, 64<<10))
	return errors.Join(err, f.Close(), os.Remove(f.Name()))
}

type fsckCommand struct {
	Collect bool `name:"collect" help:"Remove stored files older than a day that nothing names, unless a promise is broken."`
}

// Run checks the promises; exit 1 when one is broken. Then no file is removed: one that nothing names may be what was lost.
func (c fsckCommand) Run(r *run) error {
	store, err := OpenStore(r.ctx, r.cfg)
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }() // only read
	blobs, err := blob.Open(filepath.Join(r.cfg.Data, "files"))
	if err != nil {
		return err
	}
	keys, err := publicAuditKeys(r.cfg, nil)
	if err != nil {
		return err
	}
	report, err := integrity.Check(r.ctx, store, blobs, keys)
	if err != nil {
		return err
	}
	if c.Collect && len(report.Broken) == 0 {
		if report.Collected, err = blobs.Collect(r.ctx, report.OrphanDigests); err != nil {
			return err
		}
	}
	r.print(report, report.Text())
	if len(report.Broken) > 0 {
		return errWrong
	}
	return nil
}

type doctorCommand struct{}

// finding is one line of doctor.
type finding struct {
	Check  string `json:"check"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail,omitempty"`
	Remedy string `json:"remedy,omitempty"`
}

// Run looks at configuration, database, folders, trust and addresses; exit 1 when something is wrong.
func (doctorCommand) Run(r *run) error {
	a := &App{Config: r.cfg, World: world{}, log: r.log}
	list := []check{
		{name: "configuration", run: func(context.Context) error { return checkSettings(r.cfg, a.World.Now()) }, remedy: "mend the keys named; `elicense config check` repeats this"},
		{name: "database", run: a.pingNew, remedy: "start the database, check --database, then run `elicense migrate`"},
		{name: "clock", run: a.clockNew, remedy: clockRemedy},
		{name: "files", run: a.filesWritable, remedy: "create the data folder, make it writable, free some space"},
		{name: "trust", run: a.trustLoads, remedy: "put the certificates into --anchors and --authorities"},
		{name: "revocation lists", run: a.listsLoad, remedy: "check the addresses in --revocation-lists and the network"},
		{name: "ocsp", tell: a.respondersAnswer, remedy: "check the addresses in --ocsp and the network; until then revocation lists answer, where they are configured"},
		{name: "time stamps", tell: a.stampersAnswer, remedy: "check --tsa, --tsa-policies, the network, and that the authority's certificate is under --anchors; until then signatures are stamped later"},
		{name: "seal", tell: a.sealHolds, remedy: "order a new certificate in time and put it into --seal; without one permits wait"},
		{name: "state registers", tell: a.registersAnswer, remedy: "check --registers-url, the token in --registers-token-file and the network; until then applicants fill in by hand"},
		{name: "images of pages", tell: a.previewsMade},
		{name: "automatic decisions", tell: a.decisionsAgree, remedy: "`elicense decisions replay --all` lists them: let the body stop the automation and look at each; what was stored was changed, or the program decides otherwise than it did"},
		{name: "notices", tell: a.noticesGo, remedy: "check --smtp, --sms and their files; what was given up stays in the cabinet of its reader"},
		{name: "audit log", tell: a.auditKeepsUp, remedy: "start the program: it numbers and signs the rows; where it runs, look for the errors of audit-log in its log, and at --audit-key"},
		{name: "portal address", run: free(r.cfg.Listen), remedy: "another program listens there (or this one is running): choose another --listen"},
		{name: "office address", run: free(r.cfg.OfficeListen), remedy: "another program listens there (or this one is running): choose another --office-listen"},
		{name: "signer address", run: free(r.cfg.SignerListen), remedy: "another program listens there (or this one is running): choose another --signer-listen"},
		{name: "monthly index", tell: a.indexKnown, remedy: "enter the index in --mci, as 2027-01-01=4500: fees cannot be computed without it"},
		{name: "time zone", run: func(context.Context) error {
			if _, offset := (world{}).Now().In(lang.Almaty()).Zone(); offset != 5*3600 {
				return fmt.Errorf("Asia/Almaty is at %+d seconds", offset)
			}
			return nil
		}, remedy: "update the program: it carries its own time zones"},
	}
	var found []finding
	wrong := false
	for _, c := range list {
		f := finding{Check: c.name, OK: true}
		var err error
		if f.Detail, err = c.ask(r.ctx); err != nil {
			f.OK, f.Detail, f.Remedy, wrong = false, err.Error(), c.remedy, true
		}
		found = append(found, f)
	}
	var text []string
	for _, f := range found {
		line := "ok       " + f.Check
		if f.OK && f.Detail != "" {
			line += ": " + f.Detail
		}
		if !f.OK {
			line = "WRONG    " + f.Check + ": " + f.Detail + "\n         remedy: " + f.Remedy
		}
		text = append(text, line)
	}
	r.print(found, strings.Join(text, "\n"))
	if wrong {
		return errWrong
	}
	return nil
}

func (a *App) pingNew(ctx context.Context) error {
	store, err := OpenStore(ctx, a.Config)
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }() // only asked
	return store.Ping(ctx)
}

func (a *App) trustLoads(context.Context) error {
	_, err := eds.New(a.trust(Extras{}), a.World.Now)
	return err
}

func (a *App) listsLoad(ctx context.Context) error {
	v, err := eds.New(a.trust(Extras{}), a.World.Now)
	if err != nil {
		return err
	}
	return v.Refresh(ctx)
}

func (a *App) indexKnown(context.Context) (string, error) {
	table, err := a.Config.Indices()
	if err != nil {
		return "", err
	}
	today := civil.Of(a.World.Now(), lang.Almaty())
	if _, ok := table.MCI(today); !ok {
		return "", fmt.Errorf("no monthly calculation index for today")
	}
	if _, ok := table.MCI(today.AddDays(indexAhead)); !ok {
		return fmt.Sprintf("none is known from %d on: enter it in --mci once the law on the budget sets it", today.Year+1), nil
	}
	return "", nil
}

// indexAhead is how long before a year without an index doctor speaks of it, in days.
const indexAhead = 60

const clockRemedy = "let both machines take the time from one time server (NTP)"

// skewMax is how far the clocks of this machine and of the database may be apart: both write times that terms and
// signatures rest on.
const skewMax = 2 * time.Second

// clocksAgree compares this machine's clock with the database's. The answer took a while, and within it the database may
// have looked at its clock at any time.
func clocksAgree(ctx context.Context, databaseTime func(context.Context) (time.Time, bool, error)) error {
	before := (world{}).Now()
	at, ok, err := databaseTime(ctx)
	if err != nil || !ok {
		return err
	}
	if skew := skewOf(before, at, (world{}).Now()); skew.Abs() > skewMax {
		return fmt.Errorf("this machine's clock is %s from the database's", skew.Round(time.Millisecond))
	}
	return nil
}

// skewOf is how far a time is outside of before and after; positive = our clock is ahead.
func skewOf(before, at, after time.Time) time.Duration {
	switch {
	case at.Before(before):
		return before.Sub(at)
	case at.After(after):
		return after.Sub(at)
	}
	return 0
}

func (a *App) clockNew(ctx context.Context) error {
	store, err := OpenStore(ctx, a.Config)
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }() // only asked
	return clocksAgree(ctx, store.Time)
}

// free tells whether an address can be listened on.
func free(address string) func(context.Context) error {
	return func(context.Context) error {
		if address == "" { // nothing is to listen
			return nil
		}
		l, err := net.Listen("tcp", address)
		if err != nil {
			return err
		}
		return l.Close()
	}
}
