package classifier

import (
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"elicense/internal/civil"
	"elicense/internal/lang"
)

func load(t testing.TB) *Set {
	t.Helper()
	set, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestLoadHoldsEveryTable(t *testing.T) {
	set := load(t)
	for _, tt := range []struct {
		name string
		dir  *Directory
		want int
	}{
		{"countries", set.Countries, 249}, {"currencies", set.Currencies, 183}, {"units", set.Units, 34},
		{"places", set.Places, 16264}, {"goods", set.Goods, 6939},
	} {
		if got := tt.dir.Len(); got != tt.want {
			t.Errorf("%s: %d entries, want %d", tt.name, got, tt.want)
		}
	}
	if got := len(set.Places.Children("")); got != 20 {
		t.Errorf("%d regions, want 20", got)
	}
	if got := len(set.Goods.Children("")); got != 97 {
		t.Errorf("%d chapters, want 97", got)
	}
}

// What people meet first must exist in three languages.
func TestNamesComplete(t *testing.T) {
	set := load(t)
	for name, entries := range map[string][]Entry{
		"countries": set.Countries.All(lang.KK), "currencies": set.Currencies.All(lang.KK), "units": set.Units.All(lang.KK),
		"regions": set.Places.Children(""), "chapters": set.Goods.Children(""),
	} {
		for _, e := range entries {
			if !e.Name.Complete() {
				t.Errorf("%s: %s lacks a name: %+v", name, e.Code, e.Name)
			}
			if name == "units" && !e.Short.Complete() {
				t.Errorf("unit %s lacks a sign", e.Code)
			}
		}
	}
	for _, region := range set.Places.Children("") {
		for _, e := range set.Places.Children(region.Code) {
			if strings.HasSuffix(e.Code, "00000") && !e.Name.Complete() {
				t.Errorf("%s %s lacks a name", e.Code, e.Name.RU)
			}
		}
	}
}

func TestNamesHoldNoForeignLetters(t *testing.T) {
	set := load(t)
	for _, dir := range []*Directory{set.Countries, set.Units, set.Places} {
		for _, e := range dir.All(lang.KK) {
			if strings.ContainsAny(e.Name.EN, "абвгдежзиклмнопрстуфхцчшщыэюя") {
				t.Errorf("%s: Cyrillic in %q", e.Code, e.Name.EN)
			}
			if strings.ContainsAny(e.Name.KK, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
				t.Errorf("%s: Latin in %q", e.Code, e.Name.KK)
			}
		}
	}
}

func TestGetPathChildren(t *testing.T) {
	set := load(t)
	e, ok := set.Places.Get("101010000")
	if !ok || e.Name != (lang.Text{KK: "Семей қ.", RU: "г. Семей", EN: "Semey"}) {
		t.Errorf("Get(101010000) = %+v, %v", e, ok)
	}
	var path []string
	for _, e := range set.Places.Path("103430000") {
		path = append(path, e.Code)
	}
	if want := []string{"100000000", "103400000", "103430000"}; !slices.Equal(path, want) {
		t.Errorf("Path = %v, want %v", path, want)
	}
	if got := set.Places.Path("999999999"); len(got) != 0 {
		t.Errorf("path of an unknown code: %v", got)
	}
	if _, ok := set.Goods.Get("0201"); !ok {
		t.Error("no heading 0201")
	}
	if got := set.Goods.Children("0201"); len(got) != 3 || got[0].Code != "020110" {
		t.Errorf("Children(0201) = %v", got)
	}
	kuna, _ := set.Currencies.Get("HRK")
	if kuna.On(civil.New(2023, time.January, 1)) || !kuna.On(civil.New(2022, time.December, 31)) {
		t.Error("the kuna ended with 2022")
	}
}

func TestAllIsSortedAsTheLanguageDoes(t *testing.T) {
	set := load(t)
	at := func(l lang.Lang, code string) int {
		return slices.IndexFunc(set.Countries.All(l), func(e Entry) bool { return e.Code == code })
	}
	if !(at(lang.KK, "AU") < at(lang.KK, "AZ") && at(lang.KK, "AZ") < at(lang.KK, "BE")) {
		t.Error("Kazakh: Ә belongs after А and before Б")
	}
	if !(at(lang.EN, "AF") < at(lang.EN, "AL") && at(lang.EN, "AX") < at(lang.EN, "AL")) {
		t.Error("English: Å sorts as A")
	}
	all := set.Countries.All(lang.RU)
	all[0].Code = "changed"
	if set.Countries.All(lang.RU)[0].Code == "changed" {
		t.Error("All gives away its own slice")
	}
}

func TestSearch(t *testing.T) {
	set := load(t)
	for _, tt := range []struct {
		name  string
		dir   *Directory
		query string
		first string
	}{
		{"folded Kazakh", set.Countries, "казакстан", "KZ"},
		{"wrong layout", set.Countries, "rfpfrcnfy", "KZ"},
		{"wrong layout the other way", set.Countries, "пукьфтн", "DE"},
		{"code", set.Countries, "kz", "KZ"},
		{"alpha-3", set.Countries, "kaz", "KZ"},
		{"numeric", set.Countries, "398", "KZ"},
		{"ё is е", set.Countries, "соединенные штаты", "US"},
		{"words in any order", set.Countries, "корея республика", "KR"},
		{"sign of a unit", set.Units, "кг", "166"},
		{"UN/CEFACT", set.Units, "kgm", "166"},
		{"city before its villages", set.Places, "семей", "101000000"},
		{"district by its name alone", set.Places, "Үржар", "104600000"},
		{"region before its city", set.Places, "Қарағанды", "350000000"},
		{"code with leading part", set.Places, "7112", "711210000"},
		{"ten digits with spaces", set.Goods, "0201 10 000 1", "020110"},
		{"six digits with points", set.Goods, "0201.10", "020110"},
		{"chapter in Kazakh", set.Goods, "тірі жануарлар", "01"},
		{"English word", set.Goods, "carcasses bovine fresh", "020110"},
		{"currency", set.Currencies, "теңге", "KZT"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.dir.Search(tt.query, 5)
			if len(got) == 0 || got[0].Code != tt.first {
				t.Errorf("Search(%q) = %v, want %s first", tt.query, codes(got), tt.first)
			}
		})
	}
}

func TestSearchLimits(t *testing.T) {
	set := load(t)
	for _, q := range []string{"", "  ", "...", "ъъъъ нет такого"} {
		if got := set.Places.Search(q, 10); len(got) != 0 {
			t.Errorf("Search(%q) finds %v", q, codes(got))
		}
	}
	if got := set.Places.Search("район", 7); len(got) != 7 {
		t.Errorf("limit 7 gives %d", len(got))
	}
	if got := set.Places.Search("район", 0); got != nil {
		t.Errorf("limit 0 gives %d", len(got))
	}
	set.Places.Search(strings.Repeat("қ", 500), 3) // cut inside a letter would panic or loop
}

func TestDirectoryIsSafeForManyGoroutines(t *testing.T) {
	set := load(t)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			set.Countries.All(lang.KK)
			set.Countries.Search("а", 5)
		})
	}
	group.Wait()
}

func TestParseTableRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"no code column":    "kk\tru\nа\tб\n",
		"unknown column":    "code\tkz\n1\tа\n",
		"column twice":      "code\tkk\tkk\n1\tа\tб\n",
		"too few cells":     "code\tkk\tru\n1\tа\n",
		"too many cells":    "code\tkk\n1\tа\tб\n",
		"no name":           "code\tkk\n1\t\n",
		"code twice":        "code\tkk\n1\tа\n1\tб\n",
		"unknown parent":    "code\tparent\tkk\n1\t2\tа\n",
		"circle":            "code\tparent\tkk\n1\t2\tа\n2\t1\tб\n",
		"own parent":        "code\tparent\tkk\n1\t1\tа\n",
		"date of no day":    "code\tkk\tfrom\n1\tа\t2026-02-30\n",
		"space in the code": "code\tkk\n1 2\tа\n",
		"not UTF-8":         "code\tkk\n1\t\xff\n",
		"empty":             "",
	} {
		if got, err := ParseTable(text); err == nil {
			t.Errorf("%s: accepted as %v", name, got)
		}
	}
	got, err := ParseTable("\ufeffcode\tkk\tto\r\n1\tа\t2026-12-31\r\n\r\n")
	if err != nil || len(got) != 1 || got[0].To != civil.EndOfYear(2026) || got[0].Name.KK != "а" {
		t.Errorf("a table from a spreadsheet: %+v, %v", got, err)
	}
}

func FuzzParseTable(f *testing.F) {
	f.Add("code\tparent\tkk\tru\ten\n1\t\tа\tб\tc\n2\t1\tа\t\t\n")
	f.Add("code\tkk\tfrom\tto\n1\tа\t2026-01-01\t\n")
	f.Fuzz(func(t *testing.T, text string) {
		entries, err := ParseTable(text)
		if err != nil {
			return
		}
		d := NewDirectory(entries)
		for _, e := range entries {
			if path := d.Path(e.Code); len(path) == 0 || path[len(path)-1].Code != e.Code || path[0].Parent != "" {
				t.Errorf("path of %q is %v", e.Code, path)
			}
		}
	})
}

func FuzzSearch(f *testing.F) {
	set := load(f)
	for _, q := range []string{"кг", "rfpfrcnfy", "0201 10", "'", ",.", "қ\xff", "\n", " а "} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, q string) {
		if got := set.Units.Search(q, 5); len(got) > 5 {
			t.Errorf("%d finds", len(got))
		}
	})
}

// The classifiers keep within 25 MB; BenchmarkLoad (80 ms) and BenchmarkSearchPlaces (50 ms) hold the budgets of time.
func TestBudget(t *testing.T) {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	set := load(t)
	runtime.GC()
	runtime.ReadMemStats(&after)
	if mb := (after.HeapAlloc - before.HeapAlloc) >> 20; mb > 25 {
		t.Errorf("%d MB in memory, want at most 25", mb)
	}
	runtime.KeepAlive(set)
}

func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Load(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSearchPlaces(b *testing.B) {
	set := load(b)
	for b.Loop() {
		set.Places.Search("кара ауданы", 20)
	}
}

func codes(entries []Entry) []string {
	var out []string
	for _, e := range entries {
		out = append(out, e.Code)
	}
	return out
}
