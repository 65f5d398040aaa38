package archtest

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

const module = "elicense"

func checks() map[string]func(*Source) []Finding {
	return map[string]func(*Source) []Finding{
		"floors": checkFloors, "libraries": checkLibraries, "reach": checkReach, "names": checkNames, "clock": checkClock, "init": checkInit,
		"interfaces": checkInterfaces, "sizes": checkSizes, "comments": checkComments, "state": checkState,
	}
}

func parse(t *testing.T) *Source {
	t.Helper()
	s, err := Parse(os.DirFS("../.."), module)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.files) < 50 {
		t.Fatalf("only %d files were read: this is not the tree", len(s.files))
	}
	return s
}

func TestHouse(t *testing.T) {
	s := parse(t)
	allowed, used := exceptions(), map[string]bool{}
	for name, check := range checks() {
		t.Run(name, func(t *testing.T) {
			for _, f := range check(s) {
				if _, ok := allowed[f.Rule+" "+f.Place]; ok {
					used[f.Rule+" "+f.Place] = true
					continue
				}
				t.Error(f)
			}
		})
	}
	for key := range allowed {
		if !used[key] {
			t.Errorf("the exception %q is no longer needed", key)
		}
	}
}

// TestRoomsAreDescribed keeps docs/architecture.md and the tree the same.
func TestRoomsAreDescribed(t *testing.T) {
	text, err := os.ReadFile("../../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range parse(t).packages() {
		if strings.HasPrefix(dir, "e2e/") {
			continue // described in e2e/README.md
		}
		name := strings.TrimPrefix(dir, "internal/")
		if !regexp.MustCompile(`(?m)(^|[\s` + "`" + `])` + regexp.QuoteMeta(name) + `/?([\s` + "`" + `,:]|$)`).Match(text) {
			t.Errorf("docs/architecture.md does not say what %s is for", dir)
		}
	}
}

// TestLockNamesNoHost: the browser tests' packages come from whatever registry a machine is set up with.
func TestLockNamesNoHost(t *testing.T) {
	for _, name := range []string{"package-lock.json", "package.json"} {
		text, err := os.ReadFile(filepath.Join("../../e2e", name))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), `"resolved"`) || strings.Contains(string(text), "://") {
			t.Errorf("e2e/%s names a host", name)
		}
	}
}

// TestLinks: a link of the documentation to another file of the tree leads somewhere.
func TestLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:\s]+)(#[^)]*)?\)`)
	var found int
	for _, pattern := range []string{"../../*.md", "../../docs/*.md", "../../docs/*/*.md", "../../services/*.md", "../../e2e/*.md"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range link.FindAllStringSubmatch(string(text), -1) {
				found++
				if _, err := os.Stat(filepath.Join(filepath.Dir(name), m[1])); err != nil {
					t.Errorf("%s: the link to %s leads nowhere", name, m[1])
				}
			}
		}
	}
	if found < 10 {
		t.Errorf("only %d links were seen", found)
	}
}

// control is a small tree that breaks one rule.
type control struct {
	name string
	rule string // "" = breaks nothing
	tree map[string]string
}

func controls() []control {
	long := strings.Repeat("\t_ = 1\n", functionLines)
	return []control{
		{"floor 0 knows floor 1", "floors", map[string]string{"internal/fault/a.go": imports("fault", "elicense/internal/cms")}},
		{"later on the same floor", "floors", map[string]string{"internal/civil/a.go": imports("civil", "elicense/internal/lang")}},
		{"use case later on its floor", "floors", map[string]string{"internal/casework/a.go": imports("casework", "elicense/internal/filing")}},
		{"use case knows an adapter", "floors", map[string]string{"internal/filing/a.go": imports("filing", "elicense/internal/sqlstore")}},
		{"adapter knows an adapter", "floors", map[string]string{"internal/pay/a.go": imports("pay", "elicense/internal/pdf")}},
		{"adapter knows a use case", "floors", map[string]string{"internal/queue/a.go": imports("queue", "elicense/internal/filing")}},
		{"page knows an adapter", "floors", map[string]string{"internal/web/portal/a.go": imports("portal", "elicense/internal/sqlstore")}},
		{"portal knows the office", "floors", map[string]string{"internal/web/portal/a.go": imports("portal", "elicense/internal/web/office")}},
		{"web knows a portal", "floors", map[string]string{"internal/web/a.go": imports("web", "elicense/internal/web/portal")}},
		{"store knows the assembly", "floors", map[string]string{"internal/sqlstore/a.go": imports("sqlstore", "elicense/internal/app")}},
		{"use case knows the texts", "floors", map[string]string{"internal/notice/a.go": imports("notice", "elicense/locales")}},
		{"the product knows tests", "floors", map[string]string{"internal/app/a.go": imports("app", "elicense/internal/testkit/postgres")}},
		{"a command knows a double", "floors", map[string]string{"cmd/elicense/a.go": imports("main", "elicense/internal/demo/ca")}},
		{"no room", "unknown-room", map[string]string{"internal/attic/a.go": imports("attic")}},
		{"unlisted library", "libraries", map[string]string{"internal/app/a.go": imports("app", "example.org/fashion")}},
		{"library in another's room", "libraries", map[string]string{"internal/fault/a.go": imports("fault", "golang.org/x/text/language")}},
		{"network in a use case", "network", map[string]string{"internal/filing/a.go": imports("filing", "net/http")}},
		{"network, a package below", "network", map[string]string{"internal/filing/a.go": imports("filing", "net/http/httptrace")}},
		{"SQL in a use case", "database", map[string]string{"internal/filing/a.go": imports("filing", "database/sql")}},
		{"the domain logs", "logging", map[string]string{"internal/form/a.go": imports("form", "log/slog")}},
		{"the domain reads files", "pure", map[string]string{"internal/form/a.go": imports("form", "os")}},
		{"the clock", "clock", map[string]string{"internal/filing/a.go": "// Package filing files.\npackage filing\nimport \"time\"\nfunc f() time.Time { return time.Now() }\n"}},
		{"the clock under another name", "clock", map[string]string{"internal/filing/a.go": "// Package filing files.\npackage filing\nimport t \"time\"\nvar f = t.Since\n"}},
		{"empty name", "package-name", map[string]string{"internal/testkit/helpers/a.go": imports("helpers")}},
		{"init", "init", map[string]string{"internal/form/a.go": "// Package form forms.\npackage form\nfunc init() {}\n"}},
		{"many methods", "interface", map[string]string{"internal/port/a.go": "// Package port is.\npackage port\ntype T interface{ A(); B(); C(); D(); E(); F(); G(); H(); I(); J(); K(); L(); M() }\n"}},
		{"long file", "file-lines", map[string]string{"internal/form/a.go": imports("form") + strings.Repeat("\n", fileLines)}},
		{"long function", "function-lines", map[string]string{"internal/form/a.go": imports("form") + "func f() {\n" + long + "}\n"}},
		{"large package", "package-lines", largePackage()},
		{"no package comment", "package-comment", map[string]string{"internal/form/a.go": "package form\n"}},
		{"state: written", "state", source("form", "var seen = map[string]bool{}\nfunc f() { seen[\"a\"] = true }\n")},
		{"state: written from another file", "state", map[string]string{
			"internal/form/a.go": imports("form") + "var n = 0\n", "internal/form/b.go": "package form\nfunc f() { n++ }\n"}},
		{"state: no value", "state", source("form", "var last string\n")},
		{"state: exported table", "state", source("form", "var Table = map[string]int{}\n")},
		{"state: lock", "state", source("form", "var mu = &sync.Mutex{}\n")},
		{"state: address taken", "state", source("form", "var n = 1\nfunc f() *int { return &n }\n")},
		{"state: deleted from", "state", source("form", "var m = map[string]int{}\nfunc f() { delete(m, \"a\") }\n")},
		{"good: the order is kept", "", map[string]string{
			"internal/filing/a.go":   imports("filing", "elicense/internal/casework", "elicense/internal/fault", "log/slog"),
			"internal/sqlstore/a.go": imports("sqlstore", "elicense/internal/port", "database/sql", "github.com/jackc/pgx/v5/pgxpool"),
			"internal/app/a.go":      imports("app", "elicense/internal/sqlstore", "elicense/internal/demo/ca", "elicense/locales", "net/http"),
		}},
		{"good: tables, errors, a local of the same name", "", source("form",
			"import \"errors\"\nvar ErrX = errors.New(\"x\")\nvar table = map[string]int{\"a\": 1}\nvar n = 1\nfunc f() { n := 2; n++; _ = n }\nvar _ = f\n")},
		{"good: a test may do what it needs", "", map[string]string{
			"internal/form/a.go": imports("form"), "internal/form/a_test.go": imports("form", "os", "elicense/internal/sqlstore", "example.org/x")}},
	}
}

// imports writes a file that imports the paths.
func imports(pkg string, paths ...string) string {
	text := "// Package " + pkg + " is a control.\npackage " + pkg + "\n"
	for _, p := range paths {
		text += "import _ \"" + p + "\"\n"
	}
	return text
}

func source(pkg, text string) map[string]string {
	return map[string]string{"internal/" + pkg + "/a.go": imports(pkg) + text}
}

func largePackage() map[string]string {
	tree := map[string]string{}
	for i := range packageLines/400 + 1 {
		tree["internal/form/"+string(rune('a'+i))+".go"] = imports("form") + strings.Repeat("\n", 400)
	}
	return tree
}

// TestControls: every rule notices a tree that breaks it, names only that rule, and keeps quiet where nothing is broken.
func TestControls(t *testing.T) {
	for _, c := range controls() {
		t.Run(c.name, func(t *testing.T) {
			tree := fstest.MapFS{}
			for name, text := range c.tree {
				tree[name] = &fstest.MapFile{Data: []byte(text)}
			}
			s, err := Parse(tree, module)
			if err != nil {
				t.Fatal(err)
			}
			var rules []string
			for _, check := range checks() {
				for _, f := range check(s) {
					rules = append(rules, f.Rule)
				}
			}
			slices.Sort(rules)
			rules = slices.Compact(rules)
			want := []string{c.rule}
			if c.rule == "" {
				want = nil
			}
			if !slices.Equal(rules, want) {
				t.Errorf("broken rules %v, want %v", rules, want)
			}
		})
	}
}
