package service_test

import (
	"slices"
	"strings"
	"testing"

	"elicense/internal/service"
)

// operationsGood makes two operations of the good definition: a duplicate asks for less and needs a paper of its own.
func operationsGood(t *testing.T, more ...string) map[string]string {
	files := good(t)
	text := strings.NewReplacer(append([]string{
		"pages:\n", "  - {key: copy, working_days: 2, fee: mci, name: {kk: Көшірме, ru: Копия, en: Copy}}\n" +
			"  - {key: extend, does: extend, until: ends, working_days: 3, name: {kk: Ұзарту, ru: Продление, en: Extension}}\n" +
			"  - {key: withdraw, does: terminate, started_by: body, working_days: 4, name: {kk: Алу, ru: Изъятие, en: Withdrawal}}\npages:\n",
		"include: personal", "include: personal\n    when: operation != \"copy\"",
		"optional: [individual]", "optional: [individual]\n    operations: [issue, extend]",
		"if: '!listed.found'", "if: 'operation == \"issue\" && !listed.found'",
	}, more...)...).Replace(files["service.yaml"])
	files["service.yaml"] = text
	return files
}

func TestOperations(t *testing.T) {
	files := operationsGood(t)
	lib, err := service.ParseLibrary("common.yaml", []byte(strings.Replace(files["common.yaml"], `recipient != "legal_entity"`, `operation == "another service's"`, 1)))
	if err != nil {
		t.Fatal(err) // a common page does not know whose operations those are
	}
	src := service.Source{"service.yaml": []byte(files["service.yaml"]), "goods.csv": []byte(files["goods.csv"])}
	rev, err := service.NewRevision(src, lib, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := service.Stored(src, lib, 1); err != nil {
		t.Error(err)
	}
	d := rev.Definition
	var orderings []service.Ordering
	for _, o := range d.Operations {
		orderings = append(orderings, o.Ordering())
	}
	if want := []service.Ordering{service.Orderable, service.Orderable, service.Orderable, service.BodyStarts}; !slices.Equal(orderings, want) {
		t.Errorf("orderings %v", orderings)
	}
	for key, want := range map[string]bool{"issue": true, "copy": true, "extend": true, "withdraw": false, "nothing": false, "": false} {
		if o, ok := d.Order(key); ok != want || o.Key != map[bool]string{true: key}[want] {
			t.Errorf("%q orders %q, %v", key, o.Key, ok)
		}
	}
	for key, want := range map[string]int{"issue": 1, "extend": 1, "copy": 0} {
		if got := d.Asked(key, service.LegalEntity); len(got) != want {
			t.Errorf("%s asks for %d documents", key, len(got))
		}
	}
	only, ok := (&service.Definition{Operations: d.Operations[1:2]}).Order("")
	if !ok || only.Key != "copy" {
		t.Errorf("the only one is %+v", only)
	}
	vars := rev.Program.Zero()
	for key, want := range map[string]bool{"issue": true, "copy": false} {
		vars["operation"] = key
		if shown, err := rev.Program.Bool(d.Pages[0].When, vars); shown != want || err != nil {
			t.Errorf("%s: the page of typical fields is shown: %v, %v", key, shown, err)
		}
	}
}

// What is wrong with several operations, each by one more edit.
func TestOperationMistakes(t *testing.T) {
	for _, c := range []struct{ old, put, want string }{
		{`when: direction == "import"`, `when: operation == "isue"`, `service.yaml:53:28: field seller: operation is never "isue": did you mean "issue"?`},
		{`when: direction == "import"`, `when: operation in ["copy", "reissue"]`, `service.yaml:53:37: field seller: operation is never "reissue": did you mean "issue"?`},
		{`when: direction == "import"`, `when: operation == "withdraw"`, "service.yaml:53:15: field seller: the rule is never true: the field is never shown: mend the rule, or take the field out"},
		{`when: direction == "import"`, `when: operation in ["issue", "copy", "extend"]`, "service.yaml:53:15: field seller: the rule is always true: leave the rule out"},
		{"  - key: period\n", "  - key: period\n    when: operation == \"withdraw\"\n", "service.yaml:65:11: page period: the rule is never true: the page is never reached: mend the rule, or take the page out"},
		{"  - key: period\n", "  - key: period\n    when: operation == \"copy\" && direction == \"import\"\n", ""},
		{"operations: [issue, extend]", "operations: [issue, withdraw]", "service.yaml:80:25: document contract: the state body starts withdraw, so nobody attaches anything to it: take it out"},
		{"operations: [issue, extend]", "operations: [issue, extent]", `service.yaml:80:25: document contract: there is no operation "extent": did you mean "extend"?`},
		{"until: ends,", "", "service.yaml:28:25: operation extend: say until: the date field with the new last day"},
		{"until: ends,", "until: seller,", `service.yaml:28:40: operation extend: until is the key of a date field, not "seller"`},
		{"until: ends,", "until: ends, keep: [seler], carry: [direction, direction],", `service.yaml:28:53: operation extend: there is no field "seler": did you mean "seller"?` + "\n" + `service.yaml:28:80: operation extend: direction stands twice: keep one`},
		{"until: ends,", "until: ends, steps: [check],", "service.yaml:28:46: operation extend: name at least two steps, so that one person proposes and another decides\nservice.yaml:28:54: operation extend: the process has no step \"check\""},
		{"until: ends,", "until: ends, automatic: true,", "service.yaml:28:46: operation extend: the system decides the whole service (decision.automatic): leave one of the two out"},
		{"until: ends,", "until: ends, with_appendix: true,", "service.yaml:28:46: operation extend: with_appendix belongs to an operation that issues: take it out"},
		{"until: ends,", "until: ends, appendix: seller,", "service.yaml:28:56: operation extend: appendix belongs to an operation that the applicant asks for and that terminates: take it out"},
		{"does: extend, until: ends,", "does: terminate, appendix: seller,", "service.yaml:28:46: operation extend: say permit.appendix: permits of this service have no appendices that could end"},
		{"does: extend, until: ends,", "does: appendix,", "service.yaml:28:25: operation extend: say permit.appendix, the document of an appendix"},
		{"key: copy, working_days", "key: copy, keep: [seller], working_days", "service.yaml:27:24: operation copy: keep belongs to an operation that the applicant asks for a permit that stands: take it out"},
		{`when: direction == "import"`, `when: permit.values.direction == "impotr"`, `service.yaml:53:42: field seller: permit.values.direction is never "impotr": did you mean "import"?`},
		{`when: direction == "import"`, `when: permit.value.seller == "x"`, `service.yaml:53:27: field seller: rule: there is no name "permit.value.seller": did you mean "permit.values.seller"?`},
		{"rule: ends >= begins", "rule: ends >= begins && (operation != \"extend\" || ends > permit.to)", ""},
		{"operations: [issue, extend]", "operations: [renew]", `service.yaml:80:18: document contract: there is no operation "renew": name one of issue, copy, extend, withdraw`},
	} {
		files := operationsGood(t)
		if !strings.Contains(files["service.yaml"], c.old) {
			t.Fatalf("no %q", c.old)
		}
		files["service.yaml"] = strings.Replace(files["service.yaml"], c.old, c.put, 1)
		got := ""
		if err := check(files); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.put, got, c.want)
		}
	}
}

// An operation for which the form is empty cannot be filed.
func TestOperationWithoutPages(t *testing.T) {
	text := func(hidden string) map[string]string {
		return operationsGood(t, "  - key: goods\n    title", "  - key: goods\n    when: "+hidden+"\n    title", "  - key: period\n", "  - key: period\n    when: "+hidden+"\n")
	}
	err := check(text(`operation != "copy"`))
	if want := `service.yaml:27:5: operation copy: no page of the form is ever shown for it: mend the rules ` + "`when`" + `, or take the operation out`; err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
	if err := check(text(`operation != "issue"`)); err != nil { // the typical fields are shown
		t.Error(err)
	}
}
