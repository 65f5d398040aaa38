package service_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"elicense/internal/service"
)

// facility is a folder of two small services and a bundle of them.
func facility() folder {
	one := func(key, body, field, more string) string {
		return `key: ` + key + `
status: open
sphere: health
group: {kk: Г, ru: Г, en: G}
name: {kk: Қызмет, ru: Услуга, en: Service}
summary: {kk: Қ., ru: К., en: S.}
bodies: [` + body + `]
recipients: [legal_entity]
channels: {apply: {portal: true}, issue: {portal: true}}
legal: [{title: {kk: З, ru: З, en: L}}]
numbers: {application: R` + strings.ToUpper(key[:2]) + `, permit: V` + strings.ToUpper(key[:2]) + `}
operations: [{key: issue, name: {kk: Беру, ru: Выдача, en: Issue}, working_days: 3}]
pages:
  - key: object
    title: {kk: Н, ru: О, en: O}
    fields:
      - {key: ` + field + `, type: text, label: {kk: М, ru: А, en: A}}
      - {key: seats, type: number, label: {kk: О, ru: М, en: S}}
      - {key: leased, type: yesno, label: {kk: Ж, ru: А, en: L}}
      - {key: lease_to, type: date, when: leased, label: {kk: Д, ru: Д, en: U}}
      - {key: kind, type: choice, label: {kk: Т, ru: В, en: K}, options: [{value: a, label: {kk: А, ru: А, en: A}}, {value: ` + more + `, label: {kk: Б, ru: Б, en: B}}]}
      - {key: truth, type: confirm, required: true, label: {kk: Р, ru: П, en: T}}
decision: {automatic: true}
permit:
  kind: {kk: Р, ru: Р, en: P}
  title: {kk: Р, ru: Р, en: P}
  rows: [{boxes: [{label: {kk: Н, ru: Н, en: N}, value: "{number}"}]}]
`
	}
	return folder{
		"catalogue.yaml": `spheres: [{key: health, name: {kk: Д, ru: З, en: H}}]
bodies:
  - {key: first, stamp: "001", name: {kk: Б, ru: П, en: F}, short: {kk: Б, ru: П, en: F}, city: {kk: А, ru: А, en: A}, signatory: {kk: Б, ru: Р, en: H}}
  - {key: second, stamp: "002", name: {kk: Е, ru: В, en: S}, short: {kk: Е, ru: В, en: S}, city: {kk: А, ru: А, en: A}, signatory: {kk: Б, ru: Р, en: H}}
`,
		"common.yaml":        "pages: []\n",
		"alpha/service.yaml": one("alpha", "first", "address", "b"),
		"beta/service.yaml":  one("beta", "second", "place", "c"),
		"bundles/both/bundle.yaml": `key: both
sphere: health
name: {kk: Екеуі, ru: Обе, en: Both}
summary: {kk: Екеуі., ru: Обе., en: Both.}
parts:
  - {service: alpha, operation: issue, body: first}
  - {service: beta, body: second}
shared:
  - {key: address, fields: {alpha: address, beta: place}}
  - {key: seats}
`,
	}
}

// Each edit of the good folder, and what must be said of it.
func TestBundleMistakes(t *testing.T) {
	if good, wrong := service.CheckBundles(facility().fs(), []string{"both"}); len(wrong) > 0 || len(good["both"].Page().Fields) != 2 {
		t.Fatal(wrong)
	}
	const bundle, alpha, beta = "bundles/both/bundle.yaml", "alpha/service.yaml", "beta/service.yaml"
	for _, c := range []struct{ file, old, with, want string }{
		{bundle, "key: both", "key: Both", ":1:6: key"},
		{bundle, "key: both", "key: another", ":1:6: the bundle is called"},
		{bundle, "sphere: health", "sphere: helth", ":2:9: sphere: there is no \"helth\""},
		{bundle, ", en: Both}", "}", "name has no text in en"},
		{bundle, "parts:", "prats:", "did you mean"},
		{bundle, "service: beta", "service: gamma", "none of the parts"},
		{bundle, "service: beta", "service: alpha", "stands twice"},
		{bundle, "  - {service: beta, body: second}\n", "", "parts: 2 to 6 services, not 1"},
		{bundle, "operation: issue", "operation: isue", ":6:33: parts: say the operation of alpha"},
		{bundle, "body: second", "body: first", ":7:27: parts: beta is not ordered of \"first\""},
		{bundle, "body: second", "body: second, subtype: x", "has no subtype"},
		{bundle, "beta: place", "beta: plase", "did you mean \"place\"?"},
		{bundle, "alpha: address, beta: place", "alpha: address, gamma: place", "none of the parts"},
		{bundle, "alpha: address, beta: place", "alpha: address", "goes to one service only"},
		{bundle, "{key: seats}", "{key: address}", "stands twice"},
		{bundle, "{key: seats}", "{key: second, fields: {alpha: address, beta: seats}}", "another question goes to field address"},
		{bundle, "{key: seats}", "{key: truth}", "of type confirm: ask it in the service"},
		{bundle, "{key: seats}", "{key: lease_to}", "only sometimes"},
		{bundle, "{key: seats}", "{key: kind}", "takes other answers (choice: a, c) than the first of them (choice: a, b)"},
		{bundle, "{key: seats}", "{key: x, fields: {alpha: seats, beta: leased}}", "takes other answers (yesno)"},
		{bundle, "{key: seats}", "{key: nothing}", "has no field \"nothing\""},
		{alpha, "status: open", "status: announced", "alpha cannot be ordered yet"},
		{beta, "recipients: [legal_entity]", "recipients: [individual]", "no kind of recipient"},
		{beta, "{key: seats, type: number", "{key: seats, type: number, scale: 2", "number with 2 decimals"},
	} {
		f := facility()
		if !strings.Contains(f[c.file], c.old) {
			t.Fatalf("%s has no %q", c.file, c.old)
		}
		f[c.file] = strings.Replace(f[c.file], c.old, c.with, 1)
		_, wrong := service.CheckBundles(f.fs(), []string{"both"})
		if !strings.Contains(wrong.Error(), c.want) || !strings.Contains(wrong.Error(), bundle+":") {
			t.Errorf("%s → %s\n got %v\nwant %s", c.old, c.with, wrong, c.want)
		}
	}
	alone := facility()
	delete(alone, beta)
	if _, wrong := service.CheckBundles(alone.fs(), []string{"both"}); len(wrong) != 1 || !strings.Contains(wrong.Error(), ":7:15: parts: there is no service \"beta\"") {
		t.Errorf("a part that does not exist: %v", wrong)
	}
	if _, wrong := service.CheckBundles(facility().fs(), []string{"none"}); len(wrong) != 1 {
		t.Errorf("a folder without a text: %v", wrong)
	}
}

// A shared question is as strict as the strictest of the services.
func TestSharedIsStrict(t *testing.T) {
	f := facility()
	f["alpha/service.yaml"] = strings.Replace(f["alpha/service.yaml"], "{key: address, type: text", "{key: address, type: text, max: 40", 1)
	f["beta/service.yaml"] = strings.Replace(f["beta/service.yaml"], "{key: place, type: text", "{key: place, type: text, required: true, max: 30", 1)
	good, wrong := service.CheckBundles(f.fs(), []string{"both"})
	field, _ := good["both"].Form.Definition.Field("address")
	if len(wrong) > 0 || !field.Required || field.Max != 30 {
		t.Errorf("%+v, %v", field, wrong)
	}
}

// FuzzParseBundle holds that hostile texts are refused with places within the file.
func FuzzParseBundle(f *testing.F) {
	f.Add(facility()["bundles/both/bundle.yaml"])
	shipped, err := os.ReadFile(filepath.Join("..", "..", "services", "bundles", "medical-facility", "bundle.yaml"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(shipped))
	for _, text := range hostile() {
		f.Add(text)
	}
	lib := &service.Library{Spheres: []service.Sphere{{Key: "health"}}}
	f.Fuzz(func(t *testing.T, text string) {
		b, err := service.ParseBundle("bundle.yaml", []byte(text))
		var found service.Mistakes
		if err == nil {
			if _, found = b.With(lib, func(string) *service.Revision { return nil }); len(found) == 0 {
				t.Fatal("a bundle of services that do not exist")
			}
		} else if !errors.As(err, &found) || len(found) == 0 {
			t.Fatalf("%T: %v", err, err)
		}
		for _, m := range found {
			if m.Line < 1 || m.Column < 1 || m.Text == "" || m.Line > 1+strings.Count(text, "\n") {
				t.Fatalf("%#v", m)
			}
		}
	})
}
