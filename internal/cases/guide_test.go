package cases_test

import (
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
	guideFile = regexp.MustCompile("(?s)<!-- file: (\\S+) -->\n```yaml\n(.*?)```")
	message   = regexp.MustCompile("(?m)^\\| `(.*?)` \\|")
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
