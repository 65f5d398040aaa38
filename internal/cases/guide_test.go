package cases_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"elicense/internal/cases"
	"elicense/internal/service"
	"elicense/services"
)

var (
	guideFile   = regexp.MustCompile("(?s)<!-- file: (\\S+) -->\n```yaml\n(.*?)```")
	guidePart   = regexp.MustCompile("(?s)<!-- instead: (\\S+) -->\n```yaml\n(.*?)```")
	guideFields = regexp.MustCompile("(?s)<!-- also: fields -->\n```yaml\n(.*?)```")
	recipe      = regexp.MustCompile(`(?m)^    rule: (.*people\.name.*?)   `)
	message     = regexp.MustCompile("(?m)^\\| `(.*?)` \\|")
)

// The worked example of the guide is a good service whose cases decide as written, and the messages that the guide explains
// are ones that are given.
func TestGuide(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "writing-a-service.md"))
	if err != nil {
		t.Fatal(err)
	}
	folder := fstest.MapFS{}
	for _, name := range []string{"catalogue.yaml", "common.yaml"} {
		b, err := services.Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		folder[name] = &fstest.MapFile{Data: b}
	}
	blocks := guideFile.FindAllStringSubmatch(string(text), -1)
	if len(blocks) != 2 {
		t.Fatalf("%d files in the guide", len(blocks))
	}
	for _, b := range blocks {
		folder[b[1]] = &fstest.MapFile{Data: []byte(b[2])}
	}
	if wrong := cases.Check(folder, []string{"land-survey"}); wrong != nil {
		t.Fatal(wrong)
	}
	sub, err := folder.Sub("land-survey")
	if err != nil {
		t.Fatal(err)
	}
	results, err := world(t).Run(sub)
	if err != nil || len(results) != 1 || len(results[0].Wrong) > 0 {
		t.Errorf("%v, %+v", err, results)
	}
	severalOperations(t, folder, string(text))
	rowsOfPeople(t, folder, string(text))
	given, err := os.ReadFile(filepath.Join("..", "service", "testdata", "mistakes", "mistakes.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	own, err := os.ReadFile("check_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "## Mistakes and their mending")
	explained := message.FindAllStringSubmatch(table, -1)
	if len(explained) < 15 {
		t.Errorf("%d messages", len(explained))
	}
	for _, m := range explained {
		if said := strings.ReplaceAll(m[1], "a → b → a", "seller → urgent → seller"); !strings.Contains(string(given)+string(own), said) {
			t.Errorf("no mistake says %q", m[1])
		}
	}
	if !strings.Contains(string(text), service.Keys()) {
		t.Error("the guide's list of keys is stale: go test ./internal/service -update")
	}
}

// rowsOfPeople adds the guide's rows and computed value to the form of its example, with the recipes about them.
func rowsOfPeople(t *testing.T, folder fstest.MapFS, guide string) {
	t.Helper()
	const file, before = "land-survey/service.yaml", "\nchecks:\n"
	part := guideFields.FindStringSubmatch(guide)
	form, rest, ok := strings.Cut(string(folder[file].Data), before)
	if part == nil || !ok {
		t.Fatal("the guide has no fields of rows, or its example no checks")
	}
	text := form + part[1] + before
	recipes := recipe.FindAllStringSubmatch(guide, -1)
	if len(recipes) != 2 {
		t.Errorf("%d recipes about rows", len(recipes))
	}
	for _, r := range recipes {
		text += "  - {field: people, rule: '" + strings.TrimSpace(r[1]) + "', message: {kk: а, ru: а, en: a}}\n"
	}
	folder = maps.Clone(folder)
	folder[file] = &fstest.MapFile{Data: []byte(text + rest)}
	if wrong := cases.Check(folder, []string{"land-survey"}); wrong != nil {
		t.Error(wrong)
	}
}

// severalOperations puts the parts of the guide about operations in the place of those of its example.
func severalOperations(t *testing.T, folder fstest.MapFS, guide string) {
	t.Helper()
	const file = "land-survey/service.yaml"
	text := string(folder[file].Data)
	parts := guidePart.FindAllStringSubmatch(guide, -1)
	if len(parts) != 3 {
		t.Errorf("%d parts in the guide", len(parts))
	}
	for _, p := range parts {
		part := regexp.MustCompile("(?m)^" + p[1] + ":\n(?:[ #].*\n)+")
		if n := len(part.FindAllString(text, -1)); n != 1 {
			t.Fatalf("the example has %d parts %s", n, p[1])
		}
		text = part.ReplaceAllLiteralString(text, p[2])
	}
	folder[file] = &fstest.MapFile{Data: []byte(text)}
	if wrong := cases.Check(folder, []string{"land-survey"}); wrong != nil {
		t.Error(wrong)
	}
	// The example's case says what a permit for one day stops at, and neither wants the plan; a lasting permit wants it.
	const name = "land-survey/cases/40-ends-too-early.yaml"
	original := string(folder[name].Data)
	for operation, good := range map[string]bool{"once": true, "issue": false, "": false} {
		edited := strings.NewReplacer("documents: [plan]\n", "", `ends: "01.12.2026"`, `ends: "03.12.2026"`).Replace(original)
		if operation != "" {
			edited = "operation: " + operation + "\n" + edited
		}
		folder[name] = &fstest.MapFile{Data: []byte(edited)}
		sub, err := folder.Sub("land-survey")
		if err != nil {
			t.Fatal(err)
		}
		results, err := world(t).Run(sub)
		if err != nil || len(results) != 1 || good != (len(results[0].Wrong) == 0) {
			t.Errorf("%q: %v, %+v", operation, err, results)
		}
	}
}
