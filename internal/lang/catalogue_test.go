package lang

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"elicense/internal/civil"
	"elicense/internal/decimal"
	"elicense/internal/money"
)

func files(kk, ru, en string) fstest.MapFS {
	return fstest.MapFS{"kk.json": {Data: []byte(kk)}, "ru.json": {Data: []byte(ru)}, "en.json": {Data: []byte(en)}}
}

func catalogue(t testing.TB) *Catalogue {
	t.Helper()
	c, err := Load(files(
		`{"hello": "Сәлем, {name}!", "days": "{n} күн", "only.kk": "тек қазақша"}`,
		`{"hello": "Здравствуйте, {name}!", "days": {"one": "{n} день", "few": "{n} дня", "many": "{n} дней"}}`,
		`{"hello": "Hello, {name}!", "days": {"one": "{n} day", "other": "{n} days"}}`))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestT(t *testing.T) {
	c := catalogue(t)
	for _, tt := range []struct {
		l    Lang
		key  string
		kv   []string
		want string
	}{
		{KK, "hello", []string{"name", "Айгүл"}, "Сәлем, Айгүл!"}, {EN, "hello", []string{"name", "{name}"}, "Hello, {name}!"},
		{EN, "hello", nil, "Hello, {name}!"}, {EN, "hello", []string{"name"}, "Hello, {name}!"}, {RU, "days", []string{"n", "5"}, "5 дней"},
		{RU, "only.kk", nil, "⟦only.kk⟧"}, {"de", "only.kk", nil, "тек қазақша"},
	} {
		if got := c.In(tt.l).T(tt.key, tt.kv...); got != tt.want {
			t.Errorf("%s %s %q = %q, want %q", tt.l, tt.key, tt.kv, got, tt.want)
		}
	}
	c.In(RU).T("only.kk")
	if got := c.Missing(); len(got) != 1 || got["ru only.kk"] != 2 {
		t.Errorf("Missing = %v", got)
	}
	if c.In(RU).Has("only.kk") || !c.In(KK).Has("only.kk") {
		t.Error("Has")
	}
}

func TestN(t *testing.T) {
	c := catalogue(t)
	for _, tt := range []struct {
		l    Lang
		n    int
		want string
	}{
		{RU, 1, "1 день"}, {RU, 2, "2 дня"}, {RU, 5, "5 дней"}, {RU, 11, "11 дней"}, {RU, 12, "12 дней"}, {RU, 21, "21 день"}, {RU, 22, "22 дня"}, {RU, 0, "0 дней"},
		{RU, 111, "111 дней"}, {RU, 1_000_001, "1\u00a0000\u00a0001 день"}, {EN, 0, "0 days"}, {EN, 1, "1 day"}, {EN, 2, "2 days"}, {EN, 1_000_001, "1,000,001 days"},
		{EN, -1, "−1 day"}, {KK, 1, "1 күн"}, {KK, 21, "21 күн"}, {RU, 1234, "1\u00a0234 дня"},
	} {
		if got := c.In(tt.l).N("days", tt.n); got != tt.want {
			t.Errorf("%s %d = %q, want %q", tt.l, tt.n, got, tt.want)
		}
	}
	kv := []string{"n", "семь", "spare", ""}
	if got := c.In(RU).N("days", 7, kv[:2]...); got != "семь дней" || kv[2] != "spare" {
		t.Errorf("own n: %q, %q", got, kv)
	}
	if got := c.In(RU).N("no.such", 7); got != "⟦no.such⟧" {
		t.Errorf("missing plural: %q", got)
	}
}

func TestLoadRefuses(t *testing.T) {
	const ok = `{"a": "б"}`
	for name, bad := range map[string]string{
		"no object": `[]`, "nested": `{"a": {"b": {"c": "d"}}}`, "number": `{"a": 5}`, "null": `{"a": null}`, "list": `{"a": ["b"]}`, "unknown form": `{"a": {"two": "b"}}`,
		"no form": `{"a": {}}`, "empty": `{"a": ""}`, "blank": `{"a": " "}`, "twice": `{"a": "b", "a": "c"}`, "open placeholder": `{"a": "{name"}`,
		"bad placeholder": `{"a": "{na me}"}`, "empty placeholder": `{"a": "{}"}`, "cut off": `{"a": "b"`, "trailing": `{"a": "b"} {}`, "not UTF-8": "{\"a\": \"\xff\"}", "nothing": ``,
	} {
		if _, err := Load(files(ok, bad, ok)); err == nil {
			t.Errorf("%s: accepted", name)
		} else if !strings.Contains(err.Error(), "ru.json") {
			t.Errorf("%s: the error does not name the file: %v", name, err)
		}
	}
	if _, err := Load(fstest.MapFS{}); err == nil {
		t.Error("no files: accepted")
	}
}

func TestCheck(t *testing.T) {
	if got := mustLoad(t, `{"a": "{x}", "n": "{n}"}`, `{"a": "{x} {x}", "n": {"one": "a", "few": "{n}", "many": "{n}"}}`, `{"a": "-{x}", "n": {"one": "1", "other": "{n}"}}`).Check(); len(got) != 0 {
		t.Errorf("a complete catalogue: %q", got)
	}
	got := mustLoad(t,
		`{"a": "{x}", "b": "b", "n": "{n} {p}"}`,
		`{"a": "{y}", "c": "c", "n": {"one": "{p}", "few": "{p}"}}`,
		`{"a": "{x}", "b": "b", "c": "c", "n": "{n} {p}"}`).Check()
	for _, want := range []string{"a: placeholders differ", "b: no text in ru", "c: no text in kk", "n: no plural form many in ru", "n: no plural form one in en", "n: no plural form other in en"} {
		if !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, want) }) {
			t.Errorf("%q is not in %q", want, got)
		}
	}
	if len(got) != 6 {
		t.Errorf("%d differences: %q", len(got), got)
	}
}

func mustLoad(t testing.TB, kk, ru, en string) *Catalogue {
	t.Helper()
	c, err := Load(files(kk, ru, en))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestKeysAndTexts(t *testing.T) {
	p := catalogue(t).In(RU)
	if got := p.Keys(); !slices.Equal(got, []string{"days", "hello"}) {
		t.Errorf("Keys = %q", got)
	}
	if got := p.Texts("days"); !slices.Equal(got, []string{"{n} день", "{n} дней", "{n} дня"}) {
		t.Errorf("Texts = %q", got)
	}
	if p.Texts("no.such") != nil || len(p.Texts("hello")) != 1 {
		t.Error("Texts of a plain or missing message")
	}
}

func TestManyGoroutines(t *testing.T) {
	c := catalogue(t)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 100 {
				c.In(RU).T("no.such")
				c.In(KK).N("days", 3)
			}
		})
	}
	group.Wait()
	if got := c.Missing()["ru no.such"]; got != 400 {
		t.Errorf("counted %d", got)
	}
}

func TestFormats(t *testing.T) {
	c := catalogue(t)
	day := civil.New(2026, time.November, 22)
	sum, _ := decimal.Parse("1234567.89")
	at := time.Date(2026, 11, 22, 9, 5, 7, 0, time.UTC)
	var ablatives []string
	for m := time.January; m <= time.December; m++ {
		ablatives = append(ablatives, strings.TrimPrefix(c.In(KK).LongDateIn(civil.New(2026, m, 5), Since), "2026 жылғы 5 "))
	}
	if got, want := strings.Join(ablatives, " "), "қаңтардан ақпаннан наурыздан сәуірден мамырдан маусымнан шілдеден тамыздан қыркүйектен қазаннан қарашадан желтоқсаннан"; got != want {
		t.Errorf("since: %s", got)
	}
	september := civil.New(2026, 9, 1)
	for want, got := range map[string]string{
		"2026 жылғы 1 қыркүйекке": c.In(KK).LongDateIn(september, Until), "2026 жылғы 1 қыркүйектегі": c.In(KK).LongDateIn(september, AsOf),
		"2026 жылғы 22 қарашаға": c.In(KK).LongDateIn(day, Until), "22 ноября 2026 г.": c.In(RU).LongDateIn(day, Until), "": c.In(KK).LongDateIn(civil.Date{}, Until),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	type row struct{ date, long, number, money, size, time string }
	for l, want := range map[Lang]row{
		KK: {"22.11.2026", "2026 жылғы 22 қараша", "1 234 567,89", "43 250 ₸", "1,5 МБ", "22.11.2026 14:05"},
		RU: {"22.11.2026", "22 ноября 2026 г.", "1 234 567,89", "43 250 ₸", "1,5 МБ", "22.11.2026 14:05"},
		EN: {"22.11.2026", "22 November 2026", "1,234,567.89", "43,250 ₸", "1.5 MB", "22.11.2026 14:05"},
	} {
		p := c.In(l)
		got := row{p.Date(day), p.LongDate(day), p.Number(sum), p.Money(43_250 * money.Tenge), p.Size(1536 * 1024), p.Time(at)}
		for _, text := range []*string{&got.number, &got.money, &got.size} {
			if strings.Contains(*text, " ") {
				t.Errorf("%s: %q may break", l, *text)
			}
			*text = strings.ReplaceAll(*text, nbsp, " ")
		}
		if got != want {
			t.Errorf("%s:\n%+v, want\n%+v", l, got, want)
		}
		if p.Date(civil.Date{})+p.LongDate(civil.Date{})+p.Time(time.Time{}) != "" {
			t.Errorf("%s: the zero date is written", l)
		}
		months := map[string]bool{}
		for m := time.January; m <= time.December; m++ {
			months[p.Month(m)] = true
			if typed, ok := civil.ParseTyped(p.LongDate(civil.New(2026, m, 5))); !ok || typed != civil.New(2026, m, 5) {
				t.Errorf("%s: %s is read as %v", l, p.LongDate(civil.New(2026, m, 5)), typed)
			}
		}
		if len(months) != 12 || p.Month(0) != "" || p.Month(13) != "" {
			t.Errorf("%s: months %v", l, months)
		}
	}
	p := c.In(RU)
	if got := p.TimeSeconds(at); got != "22.11.2026 14:05:07" {
		t.Errorf("TimeSeconds = %s", got)
	}
	if got := p.Day(time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)); got != day.AddDays(1) {
		t.Errorf("Day = %v", got)
	}
	if got := p.Weekday(day.Weekday()) + c.In(KK).Weekday(time.Monday) + p.Weekday(9); got != "воскресеньедүйсенбі" {
		t.Errorf("Weekday = %s", got)
	}
}

// The zone changed on 1 March 2024 from UTC+6 to UTC+5: an old zone database would show every hour wrong.
func TestAlmaty(t *testing.T) {
	p := catalogue(t).In(KK)
	for utc, want := range map[string]string{"2024-02-29T17:59:00Z": "29.02.2024 23:59", "2024-06-01T09:00:00Z": "01.06.2024 14:00", "2023-06-01T09:00:00Z": "01.06.2023 15:00"} {
		at, err := time.Parse(time.RFC3339, utc)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Time(at); got != want {
			t.Errorf("%s is shown as %s, want %s", utc, got, want)
		}
	}
}

func TestNumbersAndMoney(t *testing.T) {
	p := catalogue(t).In(RU)
	plain := func(s string) string { return strings.ReplaceAll(s, nbsp, " ") }
	for n, want := range map[int64]string{0: "0", 5: "5", 999: "999", 1000: "1 000", -1000: "−1 000", -999: "−999", 1234567: "1 234 567"} {
		if got := plain(p.Int(n)); got != want {
			t.Errorf("%d = %q, want %q", n, got, want)
		}
	}
	for sum, want := range map[money.Tiyn]string{0: "0 ₸", 5: "0,05 ₸", 4_325_050: "43 250,50 ₸", 4_325_055: "43 250,55 ₸", 100: "1 ₸", -150: "−1,50 ₸"} {
		if got := plain(p.Money(sum)); got != want {
			t.Errorf("%d tiyn = %q, want %q", sum, got, want)
		}
	}
	for size, want := range map[int64]string{0: "0 байт", 1023: "1023 байт", 1024: "1 КБ", 1536: "1,5 КБ", 30 << 20: "30 МБ", 1<<20 - 1: "1 024 КБ", 5 << 30: "5 ГБ", 12<<20 + 700<<10: "13 МБ"} {
		if got := plain(p.Size(size)); got != want {
			t.Errorf("%d bytes = %q, want %q", size, got, want)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(`{"a": "b {c}", "n": {"one": "x", "other": "{n}"}}`)
	f.Add(`{"a": "b", "a": "c"}`)
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Load(files(text, text, text))
		if err != nil {
			return
		}
		p := c.In(RU)
		for _, key := range p.Keys() {
			if p.T(key) == "" || p.N(key, 3) == "" {
				t.Errorf("%q is empty", key)
			}
		}
		c.Check()
	})
}
