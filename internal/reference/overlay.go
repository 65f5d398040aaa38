package reference

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"elicense/internal/civil"
	"elicense/internal/classifier"
	"elicense/internal/lang"
	"elicense/internal/money"
	"elicense/internal/port"
	"elicense/internal/service"
)

// The directories of the whole installation, by name in the store. Their rows lie over what is built in.
const (
	Countries  = "countries"
	Currencies = "currencies"
	Units      = "units"
	Places     = "places"
	// Indices is the monthly calculation index by its first day.
	Indices = "mci"
)

// valueColumn holds the index of a row of Indices, in whole tenge.
const valueColumn = "value"

// Classifiers lists the built-in classifiers over which rows are laid, by the type of field that chooses from them.
func Classifiers() map[service.Type]string {
	return map[service.Type]string{service.TypeCountry: Countries, service.TypeCurrency: Currencies, service.TypeUnit: Units, service.TypePlace: Places, service.TypeGoods: Goods}
}

// overlay is what the store lays over the built-in data, as it was when its stamps were compared last.
type overlay struct {
	set      *classifier.Set // as of its day
	versions map[service.Type]versions
	indices  []money.Row
	stamps   map[string]int64
	day      civil.Date
	checked  time.Time
}

// versions are the entries of codes that have rows, by their first day; the built-in entry comes first.
type versions map[string][]classifier.Entry

// on is the entry of a code on a day; zero = the last. Of several that are valid the one that began last, of none the last
// one, so that what has ended can be shown.
func (v versions) on(code string, day civil.Date) (classifier.Entry, bool) {
	list := v[code]
	if len(list) == 0 {
		return classifier.Entry{}, false
	}
	for _, e := range slices.Backward(list) {
		if day.IsZero() || e.On(day) {
			return e, true
		}
	}
	return list[len(list)-1], true
}

// versionsOf lays rows, as the store orders them, over a classifier.
func versionsOf(base *classifier.Directory, rows []service.Row) versions {
	out := versions{}
	for _, r := range rows {
		e, built := base.Get(r.Code)
		if built && out[r.Code] == nil && !r.From.IsZero() {
			before := e
			if end := r.From.AddDays(-1); before.To.IsZero() || before.To.After(end) {
				before.To = end
			}
			out[r.Code] = append(out[r.Code], before)
		}
		e.Code, e.Name, e.From, e.To = r.Code, named(e.Name, r.Name), r.From, r.To
		out[r.Code] = append(out[r.Code], e)
	}
	return out
}

// named is a name with the words of a row, where it has some.
func named(name, over lang.Text) lang.Text {
	for _, x := range []struct{ to, from *string }{{&name.KK, &over.KK}, {&name.RU, &over.RU}, {&name.EN, &over.EN}} {
		if *x.from != "" {
			*x.to = *x.from
		}
	}
	return name
}

// laid is a classifier as of a day: what has ended is not in it, nor what has not begun.
func laid(base *classifier.Directory, v versions, day civil.Date, parent func(code string, known func(string) bool) string) *classifier.Directory {
	if len(v) == 0 {
		return base
	}
	byCode := map[string]classifier.Entry{}
	for _, e := range base.All(lang.KK) {
		byCode[e.Code] = e
	}
	for code := range v {
		if e, _ := v.on(code, day); e.On(day) {
			byCode[code] = e
		} else if len(base.Children(code)) == 0 {
			delete(byCode, code)
		}
	}
	known := func(code string) bool { _, ok := byCode[code]; return ok }
	entries := make([]classifier.Entry, 0, len(byCode))
	for _, code := range slices.Sorted(maps.Keys(byCode)) {
		e := byCode[code]
		if e.Parent == "" || !known(e.Parent) {
			e.Parent = parent(code, known)
		}
		entries = append(entries, e)
	}
	return classifier.NewDirectory(entries)
}

// parentPlace is the place above one: KATO writes a level in two digits, two, two and three, and zeros below it.
func parentPlace(code string, known func(string) bool) string {
	for _, digits := range []int{6, 4, 2} {
		if len(code) == 9 {
			if above := code[:digits] + "000000000"[digits:]; above != code && known(above) {
				return above
			}
		}
	}
	return ""
}

func noParent(string, func(string) bool) string { return "" }

// laidOver gives what lies over the built-in data, at most five seconds old.
func (l *Library) laidOver(ctx context.Context) (*overlay, error) {
	l.mu.Lock()
	have := l.over
	l.mu.Unlock()
	now := l.world.Now()
	if have != nil && now.Sub(have.checked) < refresh {
		return have, nil
	}
	next := &overlay{stamps: map[string]int64{}, checked: now, day: civil.Of(now, lang.Almaty()), versions: map[service.Type]versions{}}
	rows := map[string][]service.Row{}
	names := []string{Countries, Currencies, Units, Places, Indices}
	same := false
	err := l.store.View(ctx, func(v port.View) error {
		for _, name := range names {
			stamp, err := v.Directories().Stamp(ctx, name)
			if err != nil {
				return err
			}
			next.stamps[name] = stamp
		}
		if same = have != nil && have.day == next.day && maps.Equal(have.stamps, next.stamps); same {
			return nil
		}
		for _, name := range names {
			if next.stamps[name] == 0 {
				continue
			}
			part, err := v.Directories().Rows(ctx, name)
			if err != nil {
				return err
			}
			rows[name] = part
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if same {
		next.set, next.versions, next.indices = have.set, have.versions, have.indices
	} else {
		next.lay(l.set, rows)
	}
	l.mu.Lock()
	l.over = next
	l.mu.Unlock()
	return next, nil
}

// lay lays rows over the built-in classifiers.
func (o *overlay) lay(set *classifier.Set, rows map[string][]service.Row) {
	laidSet := *set
	for _, x := range []struct {
		t      service.Type
		dir    **classifier.Directory
		parent func(string, func(string) bool) string
	}{
		{service.TypeCountry, &laidSet.Countries, noParent}, {service.TypeCurrency, &laidSet.Currencies, noParent},
		{service.TypeUnit, &laidSet.Units, noParent}, {service.TypePlace, &laidSet.Places, parentPlace},
	} {
		o.versions[x.t] = versionsOf(*x.dir, rows[Classifiers()[x.t]])
		*x.dir = laid(*x.dir, o.versions[x.t], o.day, x.parent)
	}
	o.set = &laidSet
	for _, r := range rows[Indices] {
		if n, err := strconv.Atoi(r.Values[valueColumn]); err == nil {
			o.indices = append(o.indices, money.Row{From: r.From, To: r.To, MCI: money.Tiyn(n) * money.Tenge})
		}
	}
}

// Index is the monthly calculation index by date: what administrators entered lies over a table.
type Index struct {
	Library *Library
	Base    money.Table // of the laws that the program knows, and of the configuration
}

// Table is the table as it is now, at most five seconds old; while the store does not answer, as it was.
func (x Index) Table() money.Table {
	table := x.Base
	over, err := x.Library.laidOver(context.Background())
	if err != nil {
		x.Library.mu.Lock()
		over = x.Library.over
		x.Library.mu.Unlock()
	}
	if over != nil {
		for _, row := range over.indices {
			table = table.With(row)
		}
	}
	return table
}

// MCI is the index on a day.
func (x Index) MCI(day civil.Date) (money.Tiyn, bool) { return x.Table().MCI(day) }
