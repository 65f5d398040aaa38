package form_test

import (
	"slices"
	"strings"
	"testing"

	"elicense/internal/civil"
	"elicense/internal/classifier"
	"elicense/internal/fault"
	"elicense/internal/form"
	"elicense/internal/lang"
	"elicense/internal/service"
)

func t3(s string) string { return "{kk: " + s + ", ru: " + s + ", en: " + s + "}" }

func source(more string) string {
	return strings.ReplaceAll(`key: test
status: open
name: T
group: T
bodies: [cci]
recipients: [individual]
channels: {apply: {portal: true}}
decision: {automatic: true}
numbers: {application: RXA, permit: VXA}
operations: [{key: issue, name: T, unconfirmed: true}]
directories:
  - {key: area, name: T, columns: [{key: parent, type: text}]}
pages:
  - key: main
    title: T
    fields:
      - {key: kind, type: choice, label: T, options: [{value: a, label: T}, {value: b, label: T}]}
      - key: goods
        type: rows
        label: T
        max: 50
        fields:
          - {key: name, type: text, label: T, required: true}
          - {key: quantity, type: number, scale: 2, label: T, required: true}
          - {key: country, type: text, label: T, when: kind == "a" && row.name != ""}
        checks:
          - {field: quantity, rule: row.quantity <= n("100"), message: T}
      - {key: where, type: territory, directory: area, label: T, max: 10}
      - {key: one, type: directory, directory: area, label: T}
      - {key: total, type: computed, of: number, value: sum(goods.quantity), label: T}
      - {key: twice, type: computed, of: number, value: 2 * total, label: T}
      - {key: iin, type: iin, label: T}
      - {key: bin, type: bin, label: T}
      - {key: email, type: email, label: T}
      - {key: address, type: address, label: T}
      - {key: length, type: number, unit: "006", label: T}
checks:
  - {field: goods, rule: size(goods.name) < 3, message: T}
permit: {kind: T, title: T}
`+more, " T", " "+t3("T"))
}

type dirs struct{}

func (dirs) Entry(service.Type, string, civil.Date) (classifier.Entry, bool) {
	return classifier.Entry{}, false
}
func (dirs) Own(string) []service.Row {
	end := civil.New(2018, 6, 18)
	return []service.Row{{Code: "51", Name: lang.Text{KK: "ОҚО"}, To: end}, {Code: "61", Name: lang.Text{KK: "Түркістан"}, From: end.AddDays(1)}, {Code: "75", Name: lang.Text{KK: "Алматы"}}}
}

func testForm(t testing.TB) form.Form {
	t.Helper()
	rev, err := service.NewRevision(service.Source{"service.yaml": []byte(source(""))}, &service.Library{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	return form.Form{Revision: rev, Dirs: dirs{}, Day: civil.New(2026, 11, 22)}
}

func TestLists(t *testing.T) {
	f := testForm(t)
	for name, c := range map[string]struct {
		answers form.Answers
		want    []string // path=key
	}{
		"good":          {form.Answers{"goods": `[{"quantity":"2.5","name":"x"}]`, "where": `[{"code":"75","count":"10"}]`, "one": "61"}, nil},
		"sub missing":   {form.Answers{"goods": `[{"name":"x","quantity":"1"},{"name":"y"}]`}, []string{"goods.2.quantity=field.required"}},
		"sub wrong":     {form.Answers{"goods": `[{"name":"x","quantity":"many"}]`}, []string{"goods.1.quantity=field.number"}},
		"empty row":     {form.Answers{"goods": `[{}]`}, []string{"goods.1=field.row-empty"}},
		"check of row":  {form.Answers{"goods": `[{"name":"x","quantity":"101"}]`}, []string{"goods.1.quantity=check:goods:0"}},
		"check of form": {form.Answers{"goods": `[{"name":"x","quantity":"1"},{"name":"y","quantity":"1"},{"name":"z","quantity":"1"}]`}, []string{"goods=check:0"}},
		"form waits":    {form.Answers{"goods": `[{"name":"x"},{"name":"y","quantity":"1"},{"name":"z","quantity":"1"}]`}, []string{"goods.1.quantity=field.required"}},
		"no list":       {form.Answers{"goods": `{"a":1}`, "where": "75"}, []string{"goods=field.list", "where=field.list"}},
		"too many rows": {form.Answers{"goods": "[" + strings.Repeat(`{"name":"x","quantity":"1"},`, 50) + `{"name":"x","quantity":"1"}]`}, []string{"goods=field.rows-many"}},
		"gone":          {form.Answers{"where": `[{"code":"51","count":"1"}]`, "one": "51"}, []string{"where=field.code", "one=field.choose"}},
		"counts":        {form.Answers{"where": `[{"code":"61","count":""},{"code":"75","count":"11"}]`}, []string{"where.61=field.count", "where.75=field.count-large"}},
		"numbers":       {form.Answers{"iin": "123456789023", "bin": "1", "email": "a b@c.kz", "address": strings.Repeat("x", 251)}, []string{"iin=fault.iin-", "bin=fault.bin-", "email=field.email", "address=field.too-long"}},
	} {
		answers := form.Answers{}
		for key, typed := range c.answers {
			field, _ := f.Revision.Definition.Field(key)
			answers[key] = f.Normalise(field, typed)
			if again := f.Normalise(field, answers[key]); again != answers[key] {
				t.Errorf("%s: %s is not canonical: %s became %s", name, key, answers[key], again)
			}
		}
		problems, err := f.Check("", answers, form.Facts{})
		if err != nil {
			t.Fatal(err)
		}
		same := slices.EqualFunc(problems, c.want, func(p fault.Field, want string) bool { return strings.HasPrefix(p.Path+"="+p.Key, want) })
		if !same {
			t.Errorf("%s: %v, not %v", name, problems, c.want)
		}
	}
}

func TestComplete(t *testing.T) {
	f := testForm(t)
	goods := `[{"country":"c","name":"x","quantity":"2.5"},{"name":"y","quantity":"3"}]`
	forged := form.Answers{"kind": "b", "goods": goods, "total": "1000000", "twice": "7"}
	got, err := f.Complete(forged, form.Facts{})
	if err != nil {
		t.Fatal(err)
	}
	if got["total"] != "5.5" || got["twice"] != "11" {
		t.Errorf("computed %q and %q", got["total"], got["twice"])
	}
	if strings.Contains(got["goods"], "country") || forged["total"] != "1000000" {
		t.Errorf("a hidden answer of a row stayed: %s", got["goods"])
	}
	if vars := f.Vars(forged, form.Facts{}); vars["total"] != int64(5_500_000) {
		t.Errorf("a rule saw a forged value: %v", vars["total"])
	}
	got, err = f.Complete(form.Answers{"kind": "a", "goods": `[{"country":"c","name":"x","quantity":"?"}]`, "total": "3"}, form.Facts{})
	if err != nil || got["total"] != "" || !strings.Contains(got["goods"], "country") {
		t.Errorf("%v, %v", got, err)
	}
}

func TestTypesThatAreRefused(t *testing.T) {
	for name, change := range map[string][2]string{
		"search in a row":   {"key: name, type: text", "key: name, type: goods"},
		"unknown directory": {"directory: area, label", "directory: nowhere, label"},
		"later computed":    {"value: sum(goods.quantity)", "value: sum(goods.quantity) + twice"},
		"wrong type":        {"of: number, value: sum", "of: text, value: sum"},
		"strange column":    {"row.quantity <= n", "row.weight <= n"},
		"too many rows":     {"max: 50", "max: 201"},
	} {
		changed := strings.Replace(source(""), change[0], change[1], 1)
		if changed == source("") {
			t.Fatal(name)
		}
		if _, _, err := service.Parse(service.Source{"service.yaml": []byte(changed)}, &service.Library{}); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

// full is an application with as many rows as a field takes.
func full(name string) form.Answers {
	var rows []form.Row
	for range 50 {
		rows = append(rows, form.Row{"name": name, "quantity": "1.25"})
	}
	return form.Answers{"kind": "b", "goods": form.ListText(rows), "where": `[{"code":"75","count":"10"}]`}
}

func FuzzRule(f *testing.F) {
	for _, s := range []string{
		"true", "goods.quantity.all(x, x > 0)", `goods.name.all(a, goods.name.all(b, goods.name.all(c, a + b + c != "")))`,
		"sum(goods.quantity.map(x, x * 9000000)) > 0", `goods.name.exists(a, a.matches("(x+x+)+y"))`, "add_years(today, 1000) > today",
		strings.Repeat("(", 300) + "true" + strings.Repeat(")", 300), strings.Repeat("!", 4000) + "true", "[[[[]]]] == [[[[]]]]",
	} {
		f.Add(s, strings.Repeat("x", 250))
	}
	base := testForm(f)
	goods, _ := base.Revision.Definition.Field("goods")
	f.Fuzz(func(t *testing.T, rule, name string) {
		src := source("")
		quoted := "'" + strings.ReplaceAll(strings.ReplaceAll(rule, "'", "''"), "\n", " ") + "'"
		src = strings.Replace(src, "size(goods.name) < 3", quoted, 1)
		rev, err := service.NewRevision(service.Source{"service.yaml": []byte(src)}, &service.Library{}, 1)
		if err != nil {
			return
		}
		x := form.Form{Revision: rev, Dirs: base.Dirs, Day: base.Day}
		answers := full(name)
		answers["goods"] = x.Normalise(goods, answers["goods"])
		_, _ = x.Check("", answers, form.Facts{Today: base.Day}) // a failing rule is a fault, never a panic
	})
}

func FuzzList(f *testing.F) {
	f.Add(`[{"name":"x","quantity":"1"}]`)
	f.Add(`[null,{}]`)
	f.Add(`[{"code":"75","count":"1"},{"code":"75","count":"2"}]`)
	base := testForm(f)
	f.Fuzz(func(t *testing.T, typed string) {
		for _, key := range []string{"goods", "where"} {
			field, _ := base.Revision.Definition.Field(key)
			once := base.Normalise(field, typed)
			if twice := base.Normalise(field, once); twice != once {
				t.Fatalf("%q became %q", once, twice)
			}
			if _, err := base.Check("", form.Answers{key: once}, form.Facts{}); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func BenchmarkCheck(b *testing.B) {
	f := testForm(b)
	for name, answers := range map[string]form.Answers{"50rows": full(strings.Repeat("x", 250)), "1row": {"kind": "b", "goods": `[{"name":"x","quantity":"1"}]`}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := f.Check("", answers, form.Facts{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
