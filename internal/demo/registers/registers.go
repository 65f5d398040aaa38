// Package registers is the demonstration's double of the state databases: a register of legal entities and of persons that
// knows a few made-up ones. Their names mean "sample", "example" and "trial"; their numbers are valid and made up. It is
// asked directly, or over the protocol of package gov.
package registers

import (
	"context"
	"maps"
	"sync/atomic"
	"time"

	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/ident"
	"elicense/internal/lang"
	"elicense/internal/port"
)

// Register implements port.Registers over a fixed list. It is safe for use by many goroutines.
type Register struct {
	now      func() time.Time
	entities map[string]port.LegalEntity
	persons  map[string]port.Person
	down     atomic.Bool
}

// The port's contract holds.
var _ port.Registers = (*Register)(nil)

// New makes a register of the given organisations; with none it knows MadeUp. Of persons it knows one.
func New(now func() time.Time, entities ...port.LegalEntity) *Register {
	if len(entities) == 0 {
		entities = MadeUp()
	}
	r := &Register{now: now, entities: map[string]port.LegalEntity{}, persons: map[string]port.Person{}}
	for _, e := range entities {
		r.entities[e.BIN] = e
	}
	known := madeUpPerson()
	r.persons[known.IIN] = known
	return r
}

// madeUpPerson is the sole proprietor of the demonstration (package demo), at the address where he is registered.
func madeUpPerson() port.Person {
	for serial := 7002; ; serial++ {
		if n, ok := ident.MakeIIN(civil.New(1984, time.November, 2), false, serial); ok {
			return port.Person{IIN: string(n), Values: map[string]string{
				"city": "710000000", "postal_index": "010000", "street_kk": "Сынақ көшесі", "street_ru": "улица Сынак", "house": "8", "flat": "15",
			}}
		}
	}
}

// SetDown makes the register stop answering, or answer again.
func (r *Register) SetDown(down bool) { r.down.Store(down) }

// answering gives fault.Unavailable "registry.unavailable" while the register is down.
func (r *Register) answering(ctx context.Context) error {
	if err := ctx.Err(); err != nil || r.down.Load() {
		return fault.New(fault.Unavailable, "registry.unavailable").Because(err)
	}
	return nil
}

// Person implements port.Registers, with the faults of LegalEntity.
func (r *Register) Person(ctx context.Context, iin string) (port.Person, error) {
	if err := r.answering(ctx); err != nil {
		return port.Person{}, err
	}
	p, ok := r.persons[iin]
	if !ok {
		return port.Person{}, fault.New(fault.NotFound, "registry.not-found")
	}
	p.Values, p.FetchedAt = maps.Clone(p.Values), r.now()
	return p, nil
}

// LegalEntity implements port.Registers: fault.NotFound "registry.not-found", fault.Unavailable "registry.unavailable".
func (r *Register) LegalEntity(ctx context.Context, bin string) (port.LegalEntity, error) {
	if err := r.answering(ctx); err != nil {
		return port.LegalEntity{}, err
	}
	e, ok := r.entities[bin]
	if !ok {
		return port.LegalEntity{}, fault.New(fault.NotFound, "registry.not-found")
	}
	e.Values, e.FetchedAt = maps.Clone(e.Values), r.now()
	return e, nil
}

// made is a row of the list.
type made struct {
	year, month, serial int
	typ, attr           byte // as in ident.MakeBIN
	name                lang.Text
	head                string
	values              []string // key, value, key, value ...
}

// MadeUp lists the organisations of the demonstration. The first two are those for whom the people of the demonstration
// act (package demo).
func MadeUp() []port.LegalEntity {
	var out []port.LegalEntity
	for _, m := range list() {
		e := port.LegalEntity{
			BIN: bin(m), Name: m.name, Head: m.head, Values: map[string]string{},
			Position: lang.Text{KK: "Бас директор", RU: "Генеральный директор", EN: "Chief executive officer"},
		}
		for i := 0; i < len(m.values); i += 2 {
			e.Values[m.values[i]] = m.values[i+1]
		}
		out = append(out, e)
	}
	return out
}

// bin is the first valid BIN from the row's serial on: some serials have no check digit.
func bin(m made) string {
	for serial := m.serial; ; serial++ {
		if n, ok := ident.MakeBIN(m.year, m.month, m.typ, m.attr, serial); ok {
			return string(n)
		}
	}
}

// llp is a limited liability partnership in the three languages.
func llp(kk, ru, en string) lang.Text {
	return lang.Text{KK: "«" + kk + "» ЖШС", RU: "ТОО «" + ru + "»", EN: en + " LLP"}
}

// list are the rows: five residents, one of them a branch, one non-resident, one joint enterprise of entrepreneurs. Places
// are codes of the classifier of administrative and territorial objects.
func list() []made {
	return []made{
		{2021, 3, 70101, '4', '0', llp("Үлгі Сауда", "Улги Сауда", "Ulgi Sauda"), "Үлгібаев Ерлан Маратұлы", []string{
			"city", "710000000", "postal_index", "010000", "street_kk", "Үлгі көшесі", "street_ru", "улица Улги", "house", "10", "flat", "4", "small_business", "yes",
			"representative_address", "Астана, Үлгі көшесі, 10", "faxes", "+77172000101"}},
		{2023, 9, 70202, '4', '0', llp("Мысал Импорт", "Мысал Импорт", "Mysal Import"), "Мысалбаева Дана Қайратқызы", []string{
			"city", "750000000", "postal_index", "050000", "street_kk", "Мысал көшесі", "street_ru", "улица Мысал", "house", "25", "house_letter", "А", "small_business", "no",
			"representative_address", "Алматы, Мысал көшесі, 25А"}},
		{2015, 6, 70303, '4', '0', llp("Сынақ Құрылыс", "Сынак Курылыс", "Synaq Qurylys"), "Сынақов Бекзат Асқарұлы", []string{
			"city", "790000000", "postal_index", "160000", "street_kk", "Сынақ даңғылы", "street_ru", "проспект Сынак", "house", "7", "small_business", "no"}},
		{2018, 1, 70404, '4', '0', llp("Үлгі Байланыс", "Улги Байланыс", "Ulgi Bailanys"), "Үлгіленова Мадина Ержанқызы", []string{
			"city", "351010000", "postal_index", "100000", "street_kk", "Байланыс көшесі", "street_ru", "улица Байланыс", "house", "3", "flat", "12", "small_business", "yes"}},
		{2019, 11, 70505, '4', '1', lang.Text{KK: "«Үлгі Сауда» ЖШС Көкшетау филиалы", RU: "Кокшетауский филиал ТОО «Улги Сауда»", EN: "Kokshetau branch of Ulgi Sauda LLP"}, "Мысалов Нұрлан Серікұлы", []string{
			"city", "111010000", "postal_index", "020000", "street_kk", "Көл көшесі", "street_ru", "улица Озёрная", "house", "1", "small_business", "no"}},
		{2020, 8, 70606, '5', '0', lang.Text{KK: "Sample Trading Ltd", RU: "Sample Trading Ltd", EN: "Sample Trading Ltd"}, "Sample John", []string{
			"city", "750000000", "postal_index", "050010", "street_kk", "Үлгі көшесі", "street_ru", "улица Улги", "house", "99", "small_business", "no"}},
		{2022, 5, 70707, '6', '0', lang.Text{KK: "«Мысал және серіктестер» бірлескен ЖК", RU: "Совместное ИП «Мысал и партнёры»", EN: "Mysal and Partners joint enterprise"}, "Мысалов Арман Қайратұлы", []string{
			"city", "710000000", "postal_index", "010010", "street_kk", "Серіктестік көшесі", "street_ru", "улица Партнёрская", "house", "5", "small_business", "yes", "sole_proprietor", "yes"}},
	}
}
