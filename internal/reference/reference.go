// Package reference gives the directories that forms choose from: the built-in classifiers, the goods nomenclature that
// an administrator imported, and the lists that a service brings along.
package reference

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"elicense/internal/civil"
	"elicense/internal/classifier"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/port"
	"elicense/internal/service"
)

// Goods is the directory into which the ten-digit nomenclature is imported.
const Goods = "goods"

// refresh is how old a merged directory may be before its stamps are compared with the store's.
const refresh = 5 * time.Second

// Library holds the directories in memory and follows imports.
type Library struct {
	set   *classifier.Set
	store port.Store
	world port.World

	mu    sync.Mutex
	goods map[string]*merged // by service and the directories that its revision uses
	over  *overlay
	// merging lets one request merge while the others wait, instead of all merging the same.
	merging sync.Mutex
}

// merged is the goods nomenclature as one service sees it.
type merged struct {
	directory *classifier.Directory
	versions  versions // of the imported nomenclature
	day       civil.Date
	rows      map[rowKey][]service.Row // of the service's own lists
	own       map[string][]service.Row // the same by directory, in the store's order
	stamps    map[string]int64         // 0 = nothing was imported
	checked   time.Time
}

// rowKey finds rows of a directory; several rows of one key have different days of validity.
type rowKey struct{ directory, code, variant string }

// New makes the library.
func New(set *classifier.Set, store port.Store, world port.World) *Library {
	return &Library{set: set, store: store, world: world, goods: map[string]*merged{}}
}

// Set gives the built-in classifiers.
func (l *Library) Set() *classifier.Set { return l.set }

// Key names a directory of a service in the store.
func Key(serviceKey, directory string) string { return serviceKey + "/" + directory }

// For gives the directories as the forms of one revision see them.
func (l *Library) For(ctx context.Context, rev *service.Revision) (Directories, error) {
	goods, err := l.goodsFor(ctx, rev)
	if err != nil {
		return Directories{}, err
	}
	over, err := l.laidOver(ctx)
	if err != nil {
		return Directories{}, err
	}
	all := maps.Clone(over.versions)
	all[service.TypeGoods] = goods.versions
	return Directories{set: over.set, versions: all, goods: goods.directory, own: goods.own, service: rev.Service, tenDigits: goods.stamps[Goods] > 0}, nil
}

// goodsFor merges the built-in six-digit system, the imported nomenclature and the service's own list of goods.
func (l *Library) goodsFor(ctx context.Context, rev *service.Revision) (*merged, error) {
	goods := append([]string{Goods}, GoodsLists(rev)...)
	names := goods[:len(goods):len(goods)]
	for _, dir := range rev.Definition.Directories {
		if name := Key(rev.Service, dir.Key); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	key := strings.Join(append([]string{rev.Service, strconv.Itoa(len(goods))}, names...), " ")
	have, fresh := l.fresh(key)
	if fresh {
		return have, nil
	}
	l.merging.Lock()
	defer l.merging.Unlock()
	if have, fresh = l.fresh(key); fresh {
		return have, nil
	}
	now := l.world.Now()
	stamps := map[string]int64{}
	var rows []service.Row
	next := &merged{stamps: stamps, checked: now, day: civil.Of(now, lang.Almaty()), rows: map[rowKey][]service.Row{}, own: map[string][]service.Row{}}
	err := l.store.View(ctx, func(v port.View) error {
		for _, name := range names {
			stamp, err := v.Directories().Stamp(ctx, name)
			if err != nil {
				return err
			}
			stamps[name] = stamp
		}
		if have != nil && have.day == next.day && maps.Equal(stamps, have.stamps) {
			return nil
		}
		for _, name := range names {
			part, err := v.Directories().Rows(ctx, name)
			if err != nil {
				return err
			}
			if name == Goods {
				next.versions = versionsOf(l.set.Goods, part)
				rows = append(rows, slices.DeleteFunc(slices.Clone(part), func(r service.Row) bool { return !next.day.Within(r.From, r.To) })...)
			} else if slices.Contains(goods, name) {
				rows = append(rows, part...)
			}
			next.own[name] = part
			for _, r := range part {
				k := rowKey{name, r.Code, r.Variant}
				next.rows[k] = append(next.rows[k], r)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if have != nil && have.day == next.day && maps.Equal(stamps, have.stamps) {
		next.directory, next.versions, next.rows, next.own = have.directory, have.versions, have.rows, have.own
	} else {
		next.directory = Merge(l.set.Goods, rows)
	}
	l.mu.Lock()
	l.goods[key] = next
	l.mu.Unlock()
	return next, nil
}

// fresh gives what was merged last, and whether it was looked after recently.
func (l *Library) fresh(key string) (*merged, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	have := l.goods[key]
	return have, have != nil && l.world.Now().Sub(have.checked) < refresh
}

// GoodsLists names the service's directories whose codes are goods codes.
func GoodsLists(rev *service.Revision) []string {
	var names []string
	for _, lookup := range rev.Definition.Lookups {
		name := Key(rev.Service, lookup.Directory)
		if f, _ := rev.Definition.Field(lookup.Code); f.Type == service.TypeGoods && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// Lookup gives the row of a service's directory with the longest code that begins the given one, with this variant,
// valid on a day; of several that are valid the one that began last. An import is seen after at most five seconds.
func (l *Library) Lookup(ctx context.Context, rev *service.Revision, directory, code, variant string, day civil.Date) (service.Row, bool, error) {
	m, err := l.goodsFor(ctx, rev)
	if err != nil {
		return service.Row{}, false, err
	}
	for n := len(code); n > 0; n-- {
		for _, r := range slices.Backward(m.rows[rowKey{Key(rev.Service, directory), code[:n], variant}]) { // they stand by their first day
			if day.Within(r.From, r.To) {
				return r, true, nil
			}
		}
	}
	return service.Row{}, false, nil
}

// Merge adds rows to a tree of codes: a row's parent is the longest shorter code that exists; names that the tree lacks
// are filled in, names it has stay.
func Merge(base *classifier.Directory, rows []service.Row) *classifier.Directory {
	if len(rows) == 0 {
		return base
	}
	byCode := map[string]classifier.Entry{}
	for _, e := range base.All(lang.KK) {
		byCode[e.Code] = e
	}
	for _, r := range rows {
		e, ok := byCode[r.Code]
		if !ok {
			e = classifier.Entry{Code: r.Code}
		}
		if r.Name.KK != "" {
			e.Name.KK = r.Name.KK
		}
		if r.Name.RU != "" {
			e.Name.RU = r.Name.RU
		}
		if r.Name.EN != "" {
			e.Name.EN = r.Name.EN
		}
		byCode[r.Code] = e
	}
	codes := slices.Sorted(maps.Keys(byCode))
	entries := make([]classifier.Entry, 0, len(codes))
	for _, code := range codes {
		e := byCode[code]
		if e.Parent == "" {
			for n := len(code) - 1; n >= 2; n-- {
				if _, ok := byCode[code[:n]]; ok {
					e.Parent = code[:n]
					break
				}
			}
		}
		entries = append(entries, e)
	}
	return classifier.NewDirectory(entries)
}

// Directories are the directories of one service's forms.
type Directories struct {
	set      *classifier.Set
	versions map[service.Type]versions
	goods    *classifier.Directory
	// own are the rows of the service's own directories, by their names in the store.
	own     map[string][]service.Row
	service string
	// tenDigits says that the ten-digit nomenclature was imported: then a code exists only if it is in it.
	tenDigits bool
}

// Of gives the directory behind a field type; ok is false for types that have none.
func (d Directories) Of(t service.Type) (*classifier.Directory, bool) {
	switch t {
	case service.TypeCountry:
		return d.set.Countries, true
	case service.TypeCurrency:
		return d.set.Currencies, true
	case service.TypeUnit:
		return d.set.Units, true
	case service.TypePlace:
		return d.set.Places, true
	case service.TypeGoods:
		return d.goods, true
	}
	return nil, false
}

// Entry gives the entry of a code as it was on a day; zero = as it is.
func (d Directories) Entry(t service.Type, code string, day civil.Date) (classifier.Entry, bool) {
	dir, ok := d.Of(t)
	if !ok {
		return classifier.Entry{}, false
	}
	if e, ok := d.versions[t].on(code, day); ok {
		if now, listed := dir.Get(code); listed {
			e.Parent = now.Parent
		}
		return e, true
	}
	if e, ok := dir.Get(code); ok {
		return e, true
	}
	// Without the ten-digit nomenclature a ten-digit code cannot be looked up, but its subheading can: it is taken as
	// typed, under the subheading's name.
	if t == service.TypeGoods && !d.tenDigits && len(code) == 10 && strings.Trim(code, "0123456789") == "" {
		if e, ok := dir.Get(code[:6]); ok {
			e.Code, e.Parent = code, code[:6]
			return e, true
		}
	}
	return classifier.Entry{}, false
}

// Own lists the rows of a directory of the service's own, of all days.
func (d Directories) Own(directory string) []service.Row { return d.own[Key(d.service, directory)] }

// Search finds entries by words or code.
func (d Directories) Search(t service.Type, q string, limit int) ([]classifier.Entry, error) {
	dir, ok := d.Of(t)
	if !ok {
		return nil, fault.New(fault.NotFound, "fault.not-found")
	}
	return dir.Search(q, limit), nil
}

// Fixed gives the directories of a revision's forms with exactly these rows, by key of the directory, beside the built-in
// classifiers: for cases and tests.
func Fixed(set *classifier.Set, rev *service.Revision, rows map[string][]service.Row) Directories {
	d := Directories{set: set, service: rev.Service, own: map[string][]service.Row{}}
	lists := GoodsLists(rev)
	var goods []service.Row
	for _, key := range slices.Sorted(maps.Keys(rows)) {
		name := Key(rev.Service, key)
		d.own[name] = rows[key]
		if slices.Contains(lists, name) {
			goods = append(goods, rows[key]...)
		}
	}
	d.goods = Merge(set.Goods, goods)
	return d
}
