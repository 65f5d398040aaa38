package reference

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"elicense/internal/access"
	"elicense/internal/audit"
	"elicense/internal/civil"
	"elicense/internal/classifier"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/money"
	"elicense/internal/port"
	"elicense/internal/service"
)

// MaxFile bounds an uploaded directory, in bytes.
const MaxFile = 16 << 20

// maxNote bounds what an amendment rests on, in characters.
const maxNote = 2000

// Keeper is how administrators keep the directories: one proposes rows, another person approves them. Rows are never
// deleted: they end. Every change is audited and followed by every node within seconds.
type Keeper struct {
	Store    port.Store
	World    port.World
	Library  *Library
	Index    Index
	Services func() []*service.Revision // as they are published now
}

// Listing is a directory as the list of them shows it.
type Listing struct {
	Name    string            // in the store
	Service *service.Revision // whose own it is; nil = of the installation
	Waits   string            // id of the amendment that waits for a second person
}

// May demands an administrator.
func (k *Keeper) May(actor access.Actor) error {
	if err := actor.AtWork(); err != nil {
		return err
	}
	if !actor.Holds(access.Administrator) {
		return fault.New(fault.Denied, "office.no-duty")
	}
	return nil
}

// List gives the directories of the installation, then those of services.
func (k *Keeper) List(ctx context.Context, actor access.Actor) ([]Listing, error) {
	if err := k.May(actor); err != nil {
		return nil, err
	}
	var list []Listing
	for _, name := range []string{Indices, Places, Goods, Countries, Currencies, Units} {
		list = append(list, Listing{Name: name})
	}
	for _, rev := range k.Services() {
		for _, d := range rev.Definition.Directories {
			list = append(list, Listing{Name: Key(rev.Service, d.Key), Service: rev})
		}
	}
	var waiting []port.Amendment
	err := k.Store.View(ctx, func(v port.View) (err error) {
		waiting, err = v.Office().Amendments().Amendments(ctx, "", 1000)
		return err
	})
	for i := range list {
		if at := slices.IndexFunc(waiting, func(a port.Amendment) bool { return a.Directory == list[i].Name }); at >= 0 {
			list[i].Waits = waiting[at].ID
		}
	}
	return list, err
}

// find demands a directory that exists, and gives the service's definition of it; nil for those of the installation.
func (k *Keeper) find(name string) (*service.Revision, *service.Directory, error) {
	if slices.Contains([]string{Indices, Places, Goods, Countries, Currencies, Units}, name) {
		return nil, nil, nil
	}
	for _, rev := range k.Services() {
		for _, d := range rev.Definition.Directories {
			if Key(rev.Service, d.Key) == name {
				return rev, &d, nil
			}
		}
	}
	return nil, nil, fault.New(fault.NotFound, "fault.not-found")
}

// Sheet is a directory for its keeper.
type Sheet struct {
	Listing
	Directory *service.Directory
	Rows      []service.Row // what is entered, after the search, no more than asked for
	Found     int           // how many rows match
	Built     int           // entries of the built-in classifier below them
	History   []port.Amendment
	Names     map[string]string // of officials, by account
	// NextYear is the year for which no index is known, where it is soon; else 0.
	NextYear int
}

// sheetHistory is how many amendments a page shows.
const sheetHistory = 20

// Sheet gives a directory with the rows whose code begins with a text, or whose name holds it.
func (k *Keeper) Sheet(ctx context.Context, actor access.Actor, name, text string, after, limit int) (Sheet, error) {
	s := Sheet{Listing: Listing{Name: name}}
	if err := k.May(actor); err != nil {
		return s, err
	}
	var err error
	if s.Service, s.Directory, err = k.find(name); err != nil {
		return s, err
	}
	var rows []service.Row
	err = k.Store.View(ctx, func(v port.View) (err error) {
		if rows, err = v.Directories().Rows(ctx, name); err != nil {
			return err
		}
		if s.History, err = v.Office().Amendments().Amendments(ctx, name, sheetHistory); err != nil {
			return err
		}
		s.Names, err = officials(ctx, v)
		return err
	})
	if err != nil {
		return s, err
	}
	if name == Indices {
		rows = k.indexRows(rows)
	}
	if base := k.base(name); base != nil {
		s.Built = base.Len()
	}
	folded := lang.Fold(strings.TrimSpace(text))
	rows = slices.DeleteFunc(rows, func(r service.Row) bool {
		return folded != "" && !strings.HasPrefix(r.Code, folded) && !strings.Contains(lang.Fold(r.Name.KK+"\n"+r.Name.RU+"\n"+r.Name.EN), folded)
	})
	s.Found = len(rows)
	s.Rows = rows[min(max(0, after), len(rows)):]
	s.Rows = s.Rows[:min(limit, len(s.Rows))]
	if at := slices.IndexFunc(s.History, func(a port.Amendment) bool { return a.State == port.AmendmentProposed }); at >= 0 {
		s.Waits = s.History[at].ID
	}
	s.NextYear = k.NextYear()
	return s, nil
}

// indexAhead is how long before a year without an index administrators are told, in days.
const indexAhead = 60

// NextYear gives the coming year when no index is known for it and it is soon; else 0.
func (k *Keeper) NextYear() int {
	today := k.today()
	if _, ok := k.Index.MCI(today.AddDays(indexAhead)); ok {
		return 0
	}
	return today.AddDays(indexAhead).Year
}

func (k *Keeper) today() civil.Date { return civil.Of(k.World.Now(), lang.Almaty()) }

// indexRows are the rows of the index with those that the program brings along, the newest first.
func (k *Keeper) indexRows(rows []service.Row) []service.Row {
	out := slices.Clone(rows)
	for _, b := range k.Index.Base {
		if !slices.ContainsFunc(rows, func(r service.Row) bool { return r.From == b.From }) {
			out = append(out, service.Row{Directory: Indices, From: b.From, To: b.To, Values: map[string]string{valueColumn: strconv.FormatInt(int64(b.MCI/money.Tenge), 10)}})
		}
	}
	slices.SortFunc(out, func(a, b service.Row) int { return b.From.Compare(a.From) })
	return out
}

func officials(ctx context.Context, v port.View) (map[string]string, error) {
	list, err := v.Office().Officials().List(ctx, "")
	names := map[string]string{}
	for _, o := range list {
		names[o.ID] = o.Name()
	}
	return names, err
}

// base is the built-in classifier of a name; nil = none.
func (k *Keeper) base(name string) *classifier.Directory {
	set := k.Library.set
	return map[string]*classifier.Directory{Countries: set.Countries, Currencies: set.Currencies, Units: set.Units, Places: set.Places, Goods: set.Goods}[name]
}

// ProposeFile proposes the rows of a CSV. What is wrong with it comes as *ImportError, or as a fault at "file" or "note".
func (k *Keeper) ProposeFile(ctx context.Context, actor access.Actor, name, note string, file io.Reader) (string, error) {
	if err := k.May(actor); err != nil {
		return "", err
	}
	_, dir, err := k.find(name)
	if err != nil {
		return "", err
	}
	if name == Indices {
		return "", fault.New(fault.NotFound, "fault.not-found")
	}
	content, err := io.ReadAll(io.LimitReader(file, MaxFile+1))
	switch {
	case err != nil:
		return "", err
	case len(content) > MaxFile:
		return "", fault.At("file", "directory.too-large")
	case len(content) == 0:
		return "", fault.At("file", "directory.file-missing")
	case strings.TrimSpace(note) == "":
		return "", fault.At("note", "directory.note")
	}
	rows, err := ReadRows(bytes.NewReader(content), name, dir)
	if err != nil {
		return "", err
	}
	if len(rows) == 0 {
		return "", fault.At("file", "directory.file-missing")
	}
	if name == Places {
		if err := k.placed(ctx, rows); err != nil {
			return "", err
		}
	}
	return k.propose(ctx, actor, name, note, rows)
}

// placed demands that every place has the one above it, built in, entered or in the same file.
func (k *Keeper) placed(ctx context.Context, rows []service.Row) error {
	known := map[string]bool{}
	err := k.Store.View(ctx, func(v port.View) error {
		entered, err := v.Directories().Rows(ctx, Places)
		for _, r := range append(entered, rows...) {
			known[r.Code] = true
		}
		return err
	})
	if err != nil {
		return err
	}
	var bad []RowError
	for i, r := range rows {
		_, built := k.base(Places).Get(r.Code)
		above := parentPlace(r.Code, func(code string) bool { _, ok := k.base(Places).Get(code); return ok || known[code] })
		if top := strings.HasSuffix(r.Code, "0000000"); !built && !top && above == "" {
			bad = append(bad, wrong{"no place above it", "parent", fault.Args{"code": r.Code}}.at(i+2, 1))
		}
	}
	if len(bad) > 0 {
		return &ImportError{bad}
	}
	return nil
}

// NewIndex is a monthly calculation index as it is typed.
type NewIndex struct {
	From     civil.Date
	Tenge    string
	ActKK    string // the law's act
	ActRU    string
	Reason   string // why the past is corrected; obligatory for a day that is not in the future
	Unparsed bool   // the day could not be read
}

// ProposeIndex proposes an index from a day on, to the end of its year. What is wrong comes as field faults.
func (k *Keeper) ProposeIndex(ctx context.Context, actor access.Actor, x NewIndex) (string, error) {
	if err := k.May(actor); err != nil {
		return "", err
	}
	var bad []fault.Field
	add := func(path, key string) { bad = append(bad, fault.Field{Path: path, Key: key}) }
	n, err := strconv.Atoi(strings.ReplaceAll(strings.TrimSpace(x.Tenge), " ", ""))
	if err != nil || n < 1000 || n > 100_000 {
		add("value", "directory.mci-value")
	}
	if x.From.IsZero() || x.Unparsed {
		add("from", "directory.mci-from")
	}
	for _, f := range []struct{ path, text string }{{"act_kk", x.ActKK}, {"act_ru", x.ActRU}} {
		if strings.TrimSpace(f.text) == "" || readable(strings.TrimSpace(f.text)).key != "" {
			add(f.path, "directory.act")
		}
	}
	if !x.From.IsZero() && !x.From.After(k.today()) && strings.TrimSpace(x.Reason) == "" {
		add("reason", "directory.past")
	}
	if err := fault.Fields(bad); err != nil {
		return "", err
	}
	row := service.Row{Directory: Indices, Code: Indices, Name: lang.Text{KK: strings.TrimSpace(x.ActKK), RU: strings.TrimSpace(x.ActRU)}, From: x.From, To: civil.EndOfYear(x.From.Year), Values: map[string]string{valueColumn: strconv.Itoa(n)}}
	return k.propose(ctx, actor, Indices, x.Reason, []service.Row{row})
}

// propose stores an amendment. A second one that waits for the directory is fault.Conflict "store.amendment-waits"; one
// that changes nothing is a fault at "file".
func (k *Keeper) propose(ctx context.Context, actor access.Actor, name, note string, rows []service.Row) (string, error) {
	if note = strings.TrimSpace(note); utf8.RuneCountInString(note) > maxNote {
		return "", fault.At("note", "work.too-long")
	}
	a := port.Amendment{ID: k.World.ID(), Directory: name, Rows: rows, Note: note, State: port.AmendmentProposed,
		Proposed: port.Signed{By: actor.Account, Person: actor.Person, At: k.World.Now()}}
	return a.ID, k.Store.Update(ctx, func(tx port.Tx) error {
		d, err := k.differ(ctx, tx, a)
		if err != nil {
			return err
		}
		if len(d.Added)+len(d.Changed)+len(d.Closed) == 0 {
			return fault.At("file", "directory.unchanged")
		}
		tx.Write().Office().Amendments().Add(a)
		k.record(tx, actor, "directory.proposed", a, map[string]string{"rows": strconv.Itoa(len(rows))})
		return nil
	})
}

// Approve puts the rows of an amendment into force. The person who proposed it cannot (fault.Conflict
// "publication.same-person"), by whichever account; one that is closed is fault.Conflict "directory.closed".
func (k *Keeper) Approve(ctx context.Context, actor access.Actor, id string) error {
	return k.close(ctx, actor, id, func(tx port.Tx, a *port.Amendment) error {
		if a.Proposed.Person == actor.Person {
			return fault.New(fault.Conflict, "publication.same-person")
		}
		_, dir, err := k.find(a.Directory)
		if err != nil {
			return fault.New(fault.Conflict, "directory.gone")
		}
		a.State = port.AmendmentApproved
		k.Library.ImportIn(tx, a.Directory, dir, a.Rows, actor.Name())
		return nil
	})
}

// Reject closes an amendment with a reason; the person who proposed it takes it back so.
func (k *Keeper) Reject(ctx context.Context, actor access.Actor, id, reason string) error {
	reason = strings.TrimSpace(reason)
	switch {
	case reason == "":
		return fault.At("reason", "directory.reason")
	case utf8.RuneCountInString(reason) > maxNote:
		return fault.At("reason", "work.too-long")
	}
	return k.close(ctx, actor, id, func(_ port.Tx, a *port.Amendment) error {
		a.State, a.Reason = port.AmendmentRejected, reason
		return nil
	})
}

// amendment gives one of a directory; the templates of a body are no directory.
func amendment(ctx context.Context, v port.View, id string) (port.Amendment, error) {
	a, err := v.Office().Amendments().Amendment(ctx, id)
	if err == nil && strings.HasPrefix(a.Directory, port.TemplateDirectory) {
		return port.Amendment{}, fault.New(fault.NotFound, "fault.not-found")
	}
	return a, err
}

func (k *Keeper) close(ctx context.Context, actor access.Actor, id string, f func(tx port.Tx, a *port.Amendment) error) error {
	if err := k.May(actor); err != nil {
		return err
	}
	err := k.Store.Update(ctx, func(tx port.Tx) error {
		a, err := amendment(ctx, tx, id)
		if err != nil {
			return err
		}
		if a.State != port.AmendmentProposed {
			return fault.New(fault.Conflict, "directory.closed")
		}
		a.Closed = port.Signed{By: actor.Account, Person: actor.Person, At: k.World.Now()}
		if err := f(tx, &a); err != nil {
			return err
		}
		tx.Write().Office().Amendments().Close(a)
		k.record(tx, actor, "directory."+string(a.State), a, nil)
		return nil
	})
	if err == nil {
		k.Library.forget()
	}
	return err
}

// forget lets this process see a change at once; others follow within seconds.
func (l *Library) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.goods)
	l.over = nil
}

func (k *Keeper) record(tx port.Tx, actor access.Actor, action string, a port.Amendment, details map[string]string) {
	if details == nil {
		details = map[string]string{}
	}
	details["directory"] = a.Directory
	tx.Write().Records().Audit(audit.Entry{ID: k.World.ID(), Salt: k.World.Random(16), At: k.World.Now(), Actor: actor.Name(), Action: action, Object: "amendment/" + a.ID, Details: details})
}

// Mistakes gives the lines of a file that could not be taken; ok is false for other errors.
func Mistakes(err error) ([]RowError, bool) {
	var bad *ImportError
	if errors.As(err, &bad) {
		return bad.Rows, true
	}
	return nil, false
}
