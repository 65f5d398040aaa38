package service

import (
	"errors"
	"flag"
	"math"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"cel.dev/cel-go/cel"
)

// longest is what no rule may take, of processor time.
const longest = 200 * time.Millisecond

// hostileForm declares a form of the kinds of answers that grow.
func hostileForm(tb testing.TB) *Program {
	tb.Helper()
	d := &Definition{Pages: []Page{{Fields: []Field{
		{Key: "title", Type: TypeLongText, Max: 10_000}, {Key: "area", Type: TypeNumber}, {Key: "from", Type: TypeDate}, {Key: "urgent", Type: TypeYesNo},
		{Key: "goods", Type: TypeRows, Max: rowsLimit, Fields: []Field{{Key: "name", Type: TypeText}, {Key: "quantity", Type: TypeNumber}, {Key: "day", Type: TypeDate}}},
		{Key: "where", Type: TypeTerritory},
	}}}}
	env, err := newEnv(d)
	if err != nil {
		tb.Fatal(err)
	}
	return &Program{env: env, rules: map[string]rule{}, zero: zeroOf(d)}
}

// hostileAnswers are the largest answers that a form takes: the longest text, rows as many as a definition may allow of as
// much text as a list holds, a whole list of territories, the greatest numbers, the last days.
func hostileAnswers(p *Program, text string) Vars {
	vars := p.Zero()
	vars["title"], vars["area"], vars["from"], vars["urgent"] = text, int64(math.MaxInt64), time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC), true
	var names, quantities, days []any
	var codes []string
	var counts []int64
	for range rowsLimit {
		names = append(names, text[:min(len(text), 300)])
		quantities, days = append(quantities, int64(math.MaxInt64)), append(days, time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC))
	}
	for range 2_700 {
		codes, counts = append(codes, "751210000"), append(counts, 1_000_000)
	}
	vars["goods.name"], vars["goods.quantity"], vars["goods.day"], vars["where.code"], vars["where.count"] = names, quantities, days, codes, counts
	return vars
}

// accept compiles a rule of whatever type, and gives the mistake where it is refused.
func (p *Program) accept(source string) (Expr, error) {
	e := Expr{Source: source, Line: 1, Column: 1}
	var err error
	for _, want := range []*cel.Type{cel.BoolType, cel.IntType, cel.StringType, cel.TimestampType} {
		if _, err = p.compile(e, want); err == nil || !strings.Contains(err.Error(), "is needed here") {
			return e, err
		}
	}
	return e, err
}

// cost runs a rule and tells what it cost.
func (p *Program) cost(e Expr, vars Vars) (units uint64, err error) {
	_, details, err := p.rules[e.Source].program.Eval(map[string]any(vars))
	return *details.ActualCost(), err
}

// repeated writes a text n times with something between.
func repeated(n int, text, between string) string {
	return strings.TrimSuffix(strings.Repeat(text+between, n), between)
}

// hostileRules are rules that look small and do much. Least is what one must cost at least, so that its price follows its
// work; where it is beyond the limit the rule is stopped.
func hostileRules() map[string]struct {
	rule  string
	least uint64
} {
	over := func(list, x, body string) string { return list + ".all(" + x + ", " + body + ")" }
	return map[string]struct {
		rule  string
		least uint64
	}{
		"nested rows":         {over("goods.name", "a", over("goods.name", "b", over("goods.name", "c", `a != "" || b != c`))), maxExprCost},
		"nested territory":    {over("where.code", "a", over("where.code", "b", "true")), maxExprCost},
		"or without price":    {over("goods.day", "a", over("goods.day", "b", repeated(500, "false", "||")+"||true")), maxExprCost},
		"and without price":   {over("goods.day", "a", over("goods.day", "b", repeated(600, "true", "&&"))), maxExprCost},
		"choice within":       {over("goods.day", "a", over("goods.day", "b", strings.Repeat("(urgent?", 100)+"true"+strings.Repeat(":false)", 100))), maxExprCost},
		"list within":         {over("goods.day", "a", over("goods.day", "b", "size([area,"+repeated(1500, "1", ",")+"]) > 0")), maxExprCost},
		"joined texts":        {"size([title]" + strings.Repeat(".map(x,x+x)", 60) + "[0]) > 0", maxExprCost},
		"growing text":        {over("goods.name", "a", `size(title+a+title+a+title+a+title+a+title) > 0`), 1_000},
		"size of a text":      {over("where.code", "a", "size(title) > 0"), 2_700 * 300},
		"equal texts":         {over("where.code", "a", "title == title"), 2_700 * 300},
		"other texts":         {over("where.code", "a", `title != "a"`), 2_700 * 300},
		"order of texts":      {over("where.code", "a", "title <= title"), 2_700 * 300},
		"part of a text":      {over("where.code", "a", "title.contains(title)"), 2_700 * 300},
		"part of its end":     {over("where.code", "a", "title.endsWith(title)"), 2_700 * 300},
		"among rows":          {over("where.code", "a", "a in where.code"), 2_700},
		"among long":          {over("goods.name", "a", "!(title in goods.name)"), 200 * 200 * 300},
		"pattern":             {over("goods.name", "a", `a.matches("^(x+x+)+y$") || true`), 200 * 300},
		"many patterns":       {over("goods.name", "a", over("goods.name", "b", `title.matches("((a|b|.){1,9}){1,2}y") || true`)), maxExprCost},
		"sums":                {over("where.code", "a", "sum(where.count) > 0"), 2_700 * 2_700 / 2},
		"sum too large":       {over("goods.day", "a", "sum(goods.quantity) > 0 || true"), 200 * 200},
		"whole numbers":       {over("where.code", "a", "area + 1 > area || area * area > 0 || -(-area - 2) < 0 || true"), 2_700 * failure},
		"division by zero":    {over("where.code", "a", over("where.code", "b", repeated(300, "1 / 0 == 1", "||")+" || true")), maxExprCost},
		"no such place":       {over("where.code", "a", over("where.code", "b", repeated(150, "where.count[-1] == 1", "||")+" || true")), maxExprCost},
		"dates":               {over("where.code", "a", over("goods.day", "b", `add_years(from, 1) > b || add_years(b, -1) > b || true`)), maxExprCost},
		"numbers read":        {over("where.code", "a", over("goods.name", "b", "n(b) > 0 || date(b) > from || int(b) > 0 || true")), maxExprCost},
		"numbers written":     {over("where.code", "a", over("goods.name", "b", `string(area) != ""`)), maxExprCost},
		"lists written":       {"size(where.code.map(a, where.code.map(b, size(b)).filter(c, c > 0)[0])) > 0", maxExprCost},
		"lists filtered":      {over("where.code", "a", "size(where.code.filter(b, b == a)) > 0"), maxExprCost},
		"one of them":         {over("where.code", "a", "!where.code.exists_one(b, b == a)"), maxExprCost},
		"parentheses":         {strings.Repeat("(", 200) + "urgent" + strings.Repeat(")", 200), 1},
		"nots":                {strings.Repeat("!", 200) + "urgent", 1},
		"durations":           {over("where.code", "a", over("goods.day", "b", `b + duration("9000h") > b`)), maxExprCost},
		"parts of dates":      {over("where.code", "a", over("goods.day", "b", "b.getFullYear() + b.getMonth() + b.getDate() + b.getDayOfWeek() > 0")), maxExprCost},
		"a long list written": {over("where.code", "a", "a in ["+repeated(900, `"1"`, ",")+"] || true"), 2_700},
	}
}

// Rules that look small and do much cost as much as they do, and are stopped at the limit.
func TestHostileRules(t *testing.T) {
	p := hostileForm(t)
	vars := hostileAnswers(p, strings.Repeat("ғ", 10_000))
	for name, c := range hostileRules() {
		e, err := p.accept(c.rule)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		units, err := p.cost(e, vars)
		stopped := err != nil && strings.Contains(err.Error(), "cost limit exceeded")
		if want := min(c.least, maxExprCost); units < want {
			t.Errorf("%s: cost %d, at least %d (%v)", name, units, want, err)
		}
		if stopped != (units > maxExprCost) || err != nil && !stopped {
			t.Errorf("%s: cost %d of %d, %v", name, units, maxExprCost, err)
		}
	}
}

// What a service may sensibly ask of many rows is within the limit.
func TestHonestRules(t *testing.T) {
	p := hostileForm(t)
	vars := hostileAnswers(p, strings.Repeat("ғ", 250))
	vars["goods.name"] = vars["goods.name"].([]any)[:100]
	vars["goods.quantity"] = []any{int64(1), int64(2)}
	for _, source := range []string{
		"goods.name.all(a, goods.name.exists_one(b, b == a)) || true", "sum(goods.quantity) < 4 && sum(where.count) > 0",
		`goods.name.all(a, a.matches("^[а-яғ]+$"))`, "where.code.all(a, a.startsWith('75'))", "goods.day.all(a, add_years(a, 1) > a)",
	} {
		e, err := p.accept(source)
		if err != nil {
			t.Fatal(err)
		}
		if units, err := p.cost(e, vars); err != nil {
			t.Errorf("%s: %d units, %v", source, units, err)
		}
	}
}

// Rules that would build large values out of small ones, or whose work has no bound, are no rules.
func TestRulesOutside(t *testing.T) {
	p := hostileForm(t)
	for source, part := range map[string]string{
		"[goods.name].map(a, size(a)) == [1]":                                   "list(list(",
		"size([goods.name]" + strings.Repeat(".map(a, a + a)", 40) + "[0]) > 0": "list(list(",
		"size(goods.name + goods.name) > 0":                                     "join lists",
		"goods.name == goods.name":                                              "compare lists",
		"goods.name != []":                                                      "compare lists",
		"[goods.name] == []":                                                    "list(list(",
		`{"a": 1}["a"] == 1`:                                                    "map(",
		"1.5 > 1.0":                                                             "double",
		"dyn(title) == 1":                                                       "but not dyn",
		"type(title) == string":                                                 "but not type",
		`from.getFullYear("Asia/Almaty") > 1`:                                   "getFullYear",
		`timestamp("2026-01-01T00:00:00Z") > from`:                              "timestamp",
		"title.matches(title)":                                                  "a text in quotes",
		`title.matches("(a{10}){11}")`:                                          "repeat less",
		`title.matches("` + strings.Repeat("a", 101) + `")`:                     "longer than 100 bytes",
		`title.matches("(")`:                                                    "missing closing",
		strings.Repeat("(", 300) + "true" + strings.Repeat(")", 300):            "recursion",
		`title == "` + strings.Repeat("a", maxExprSource) + `"`:                 "longer than 4096 bytes",
		`size(b"abc") > 1`:                                                      "bytes",
		"1u > 0u":                                                               "uint",
		"true ? urgent : urgent":                                                "before ?",
		"null == null":                                                          "null",
	} {
		_, err := p.accept(source)
		var m *Mistake
		if !errors.As(err, &m) || !strings.Contains(m.Text, part) || m.Line != 1 || m.Column < 1 {
			t.Errorf("%.60s: %v, want %s", source, err, part)
		}
	}
}

// spent is the processor time of the thread so far: a busy machine does not lengthen it.
func spent() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(1, &u) // RUSAGE_THREAD
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// FuzzBounds holds that whatever rule is accepted ends at its limit on whatever text, without a panic; while fuzzing, that
// it takes less than longest.
func FuzzBounds(f *testing.F) {
	for _, c := range hostileRules() {
		f.Add(c.rule, "x")
	}
	f.Add("title.matches('a')", strings.Repeat("ғ", 1_000))
	worker := flag.Lookup("test.fuzzworker")
	timed := worker != nil && worker.Value.String() == "true"
	p := hostileForm(f)
	f.Fuzz(func(t *testing.T, source, text string) {
		text = strings.ToValidUTF8(text[:min(len(text), 20_000)], "")
		e, err := p.accept(source)
		if err != nil {
			return
		}
		defer delete(p.rules, source)
		vars := hostileAnswers(p, text)
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		before := spent()
		units, err := p.cost(e, vars)
		took := spent() - before
		for range 2 { // what the machine adds does not come three times
			if timed && took > longest {
				before = spent()
				_, _ = p.cost(e, vars)
				took = min(took, spent()-before)
			}
		}
		if timed && took > longest {
			t.Fatalf("%v for %d units", took, units)
		}
		if units > maxExprCost && err == nil {
			t.Fatalf("%d units and no error", units)
		}
	})
}

// BenchmarkHostile runs the hostile rules and reports the processor time of one run as a share of the time that none may
// take, and of one unit of cost.
func BenchmarkHostile(b *testing.B) {
	p := hostileForm(b)
	vars := hostileAnswers(p, strings.Repeat("ғ", 10_000))
	for name, c := range hostileRules() {
		b.Run(name, func(b *testing.B) {
			e, err := p.accept(c.rule)
			if err != nil {
				b.Fatal(err)
			}
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			var units uint64
			before := spent()
			for b.Loop() {
				units, _ = p.cost(e, vars)
			}
			took := (spent() - before) / time.Duration(b.N)
			b.ReportMetric(float64(took)/float64(longest), "of-200ms")
			b.ReportMetric(float64(took.Nanoseconds())/float64(units), "ns/unit")
			b.ReportMetric(float64(units), "units")
		})
	}
}
