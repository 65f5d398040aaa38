package service_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"elicense/internal/lang"
	"elicense/internal/service"
)

func say(s string) lang.Text { return lang.Text{KK: s + " kk", RU: s + " ru", EN: s + " en"} }

// small is a definition with one of everything.
func small() *service.Definition {
	return &service.Definition{
		Key: "s", Name: say("service"), Bodies: []string{"one", "two"}, Recipients: []service.Recipient{service.LegalEntity, service.Individual},
		Operations: []service.Operation{{Key: "issue", Name: say("issue"), WorkingDays: 3, Fee: service.Expr{Source: "mci * 10"}}},
		Pages: []service.Page{{Key: "p", Title: say("page"), Fields: []service.Field{
			{Key: "a", Type: service.TypeText, Label: say("a")},
			{Key: "b", Type: service.TypeChoice, Label: say("b"), Options: []service.Option{{Value: "x", Label: say("x")}, {Value: "y", Label: say("y")}}},
		}}, {Key: "q", Title: say("second")}},
		Legal:     []service.Act{{Title: say("one act")}, {Title: say("another act")}, {Title: say("third"), URL: "https://law.example"}},
		Checks:    []service.Check{{Field: "a", Rule: service.Expr{Source: "a != ''"}, Message: say("no a")}, {Field: "a", Rule: service.Expr{Source: "a != 'z'"}, Message: say("z")}},
		Documents: []service.Document{{Key: "d", Name: say("d"), Required: []service.Recipient{service.LegalEntity}}},
		Decision:  service.DecisionRule{Refuse: []service.Refusal{{Key: "r", If: service.Expr{Source: "a == 'q'"}, Ground: say("ground"), Act: say("act")}}},
	}
}

func TestDiff(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*service.Definition)
		want   []string // kind path importance
	}{
		{"nothing", func(*service.Definition) {}, nil},
		{"the place in the text is no difference", func(d *service.Definition) { d.Operations[0].Fee.Line = 9 }, nil},
		{"fee", func(d *service.Definition) { d.Operations[0].Fee.Source = "mci * 12" }, []string{"changed operations/issue/fee fee"}},
		{"free of charge", func(d *service.Definition) { d.Operations[0].Fee.Source = "" }, []string{"removed operations/issue/fee fee"}},
		{"term", func(d *service.Definition) { d.Operations[0].WorkingDays = 5 }, []string{"changed operations/issue/working_days term"}},
		{"what an operation does and who begins it", func(d *service.Definition) {
			d.Operations[0].Does, d.Operations[0].StartedBy = service.Extend, service.ByBody
		}, []string{"added operations/issue/does rules", "added operations/issue/started_by recipients"}},
		{"an operation comes", func(d *service.Definition) {
			d.Operations = append(d.Operations, service.Operation{Key: "copy", Name: say("copy")})
		}, []string{"added operations/copy form"}},
		{"a document for an operation", func(d *service.Definition) { d.Documents[0].Operations = []string{"issue"} }, []string{"added documents/d/operations documents"}},
		{"a page is shown sometimes", func(d *service.Definition) { d.Pages[1].When.Source = `operation == "issue"` }, []string{"added pages/q/when form"}},
		{"one language", func(d *service.Definition) { d.Name.RU = "иначе" }, []string{"changed name wording"}},
		{"a field comes", func(d *service.Definition) {
			d.Pages[0].Fields = slices.Insert(d.Pages[0].Fields, 1, service.Field{Key: "c", Type: service.TypeDate, Label: say("c")})
		}, []string{"added fields/c form"}},
		{"a field goes", func(d *service.Definition) { d.Pages[0].Fields = d.Pages[0].Fields[1:] }, []string{"removed fields/a form"}},
		{"a field moves", func(d *service.Definition) {
			d.Pages[1].Fields = d.Pages[0].Fields[1:]
			d.Pages[0].Fields = d.Pages[0].Fields[:1]
		}, []string{"changed fields/b/page form"}},
		{"fields change places", func(d *service.Definition) { slices.Reverse(d.Pages[0].Fields) }, []string{"changed fields/order form"}},
		{"an option goes, one is worded anew", func(d *service.Definition) {
			d.Pages[0].Fields[1].Options = []service.Option{{Value: "y", Label: say("Y")}}
		}, []string{"changed fields/b/options/y/label wording", "removed fields/b/options/x form"}},
		{"the second check of a field", func(d *service.Definition) { d.Checks[1].Rule.Source = "a != 'w'" }, []string{"changed checks/a.2/rule rules"}},
		{"a document for others", func(d *service.Definition) { d.Documents[0].Required = []service.Recipient{service.Individual} }, []string{"changed documents/d/required documents"}},
		{"a document comes", func(d *service.Definition) {
			d.Documents = append(d.Documents, service.Document{Key: "e", Name: say("e")})
		}, []string{"added documents/e documents"}},
		{"recipients and bodies", func(d *service.Definition) { d.Recipients, d.Bodies = d.Recipients[:1], append(d.Bodies, "three") }, []string{"added bodies/three recipients", "removed recipients/individual recipients"}},
		{"another body is asked", func(d *service.Definition) {
			d.Process.Opinions = []service.Opinion{{Body: "three", Name: say("three"), Silence: service.SilenceNothing}}
		}, []string{"added process/opinions/three rules"}},
		{"a ground for refusal", func(d *service.Definition) {
			d.Decision.Refuse[0].If.Source, d.Decision.Refuse[0].Advice = "true", say("advice")
		}, []string{"changed decision/refuse/r/if rules", "added decision/refuse/r/advice wording"}},
	} {
		after := small()
		c.change(after)
		var got []string
		for _, x := range service.Diff(small(), after) {
			got = append(got, fmt.Sprint(x.Kind, " ", x.Path, " ", x.Importance))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	after := small()
	after.Pages[0].Fields[0].Label = say("A")
	if got := service.Diff(small(), after)[0]; got.Old != say("a") || got.New != say("A") || got.Name != say("A") || got.Key("fields") != "a" || got.Key("documents") != "" {
		t.Errorf("%+v", got)
	}
}

// No part of a definition can change unseen: every value at any depth is changed once, and the difference is found.
func TestDiffSeesEverything(t *testing.T) {
	leaves := 0
	for n := 1; ; n++ {
		var before, after service.Definition
		at := 0
		fillDefinition(reflect.ValueOf(&before).Elem(), &at, 0, "")
		at = 0
		changed := fillDefinition(reflect.ValueOf(&after).Elem(), &at, n, "Definition")
		if changed == "" {
			break
		}
		leaves++
		if reflect.DeepEqual(before, after) {
			t.Fatalf("%s was not changed", changed)
		}
		if len(service.Diff(&before, &after)) == 0 {
			t.Errorf("a change of %s is not seen", changed)
		}
	}
	if leaves < 150 {
		t.Errorf("only %d values were tried", leaves)
	}
}

// fillDefinition fills every value and gives the n-th another one, whose path it returns. Places in the text, and the
// name of an included page, which is gone after parsing, are no part of what a service says.
func fillDefinition(v reflect.Value, at *int, n int, path string) (changed string) {
	visit := func(x reflect.Value, path string) {
		if got := fillDefinition(x, at, n, path); got != "" {
			changed = got
		}
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			if v.Type() == reflect.TypeFor[service.Expr]() && name != "Source" || v.Type() == reflect.TypeFor[service.Page]() && name == "Include" {
				continue
			}
			if v.Type() == reflect.TypeFor[service.Field]() && name == "Fields" && strings.Count(path, ".Fields[") > 1 {
				continue // rows have no rows
			}
			visit(v.Field(i), path+"."+name)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			visit(v.Index(i), fmt.Sprint(path, "[", i, "]"))
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		visit(v.Elem(), path)
	case reflect.Map:
		*at++
		value := "v"
		if *at == n {
			value, changed = "w", path
		}
		v.Set(reflect.ValueOf(map[string]string{"k": value}))
	case reflect.String:
		*at++
		v.SetString(fmt.Sprint("s", *at))
		if *at == n {
			v.SetString("other")
			changed = path
		}
	case reflect.Int:
		*at++
		v.SetInt(int64(*at))
		if *at == n {
			v.SetInt(-1)
			changed = path
		}
	case reflect.Bool:
		*at++
		if *at == n {
			v.SetBool(true)
			changed = path
		}
	default:
		panic("cannot fill " + path)
	}
	return changed
}
