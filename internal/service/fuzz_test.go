package service_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"elicense/internal/service"
)

// FuzzParse holds that hostile texts are refused with places within the file, and that nothing panics or runs away: a
// text that takes too long stops the fuzzer.
func FuzzParse(f *testing.F) {
	files := good(f)
	lib, err := service.ParseLibrary("common.yaml", []byte(files["common.yaml"]))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(files["service.yaml"])
	trade, err := os.ReadFile(filepath.Join("..", "..", "services", "trade-licence", "service.yaml"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(trade))
	for _, text := range hostile() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, p, err := service.Parse(service.Source{"service.yaml": []byte(text)}, lib)
		if err == nil {
			if d == nil || p == nil {
				t.Fatal("neither a definition nor a mistake")
			}
			return
		}
		var found service.Mistakes
		if !errors.As(err, &found) || len(found) == 0 {
			t.Fatalf("%T: %v", err, err)
		}
		lines := 1 + strings.Count(text, "\n")
		for _, m := range found {
			inCommon := m.File == "../common.yaml"
			if m.Line < 1 || m.Column < 1 || m.Text == "" || !inCommon && m.Line > lines {
				t.Fatalf("%d lines: %#v", lines, m)
			}
		}
	})
}

// hostile are small and large texts that cost a naive reader its stack, its memory or its time.
func hostile() []string {
	many := func(n int, line string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, line, i)
		}
		return b.String()
	}
	return []string{
		"", "\x00", "\xff", "a", "[]", "{}", "---\n---\n", "? a\n: b\n", "key: &a [*a]", "<<: {key: x}", "key: !!binary x",
		strings.Repeat("[", 500_000), strings.Repeat("{a: ", 100_000), strings.Repeat("- ", 100_000), strings.Repeat("? ", 100_000),
		strings.Repeat("!a ", 100_000), strings.Repeat("*a ", 100_000), strings.Repeat("a: ", 100_000),
		"key: " + strings.Repeat("x", 1<<18-10), "key: \"" + strings.Repeat("x", 260_000), "key: |\n" + strings.Repeat("  x\n", 50_000),
		many(100_000, "k%d: 1\n"), "bodies: [" + many(100_000, "b%d,") + "]", "bodies:\n" + many(9_000, "  - b%d\n"),
		"pages:\n" + many(2_000, "  - {key: p%d, title: 1}\n"), strings.Repeat("#", 1<<18), strings.Repeat(" ", 1<<18), strings.Repeat("\n", 1<<18), strings.Repeat("a", 1<<20),
		"checks: [{field: a, rule: " + strings.Repeat("(", 4_000) + "}]", "checks: [{rule: '" + strings.Repeat("!", 4_000) + "true'}]",
		"checks: [{rule: '[1,2,3,4,5,6,7,8,9].all(a, [1,2,3,4,5,6,7,8,9].all(b, [1,2,3,4,5,6,7,8,9].all(c, [1,2,3,4,5,6,7,8,9].all(d, true))))'}]",
	}
}
