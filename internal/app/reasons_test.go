package app_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"elicense/internal/lang"
	"elicense/locales"
)

// reason finds the constants that name a refusal of a signature.
var reason = regexp.MustCompile(`(?m)^\s*Key\w+\s*=\s*"(signature\.[a-z0-9-]+)"`)

// Every reason for which a signature is refused has words in every language.
func TestEveryReasonHasWords(t *testing.T) {
	texts, err := lang.Load(locales.Files)
	must(t, err)
	found := 0
	for _, folder := range []string{"cms", "eds", "xmldsig"} {
		files, err := filepath.Glob(filepath.Join("..", folder, "*.go"))
		must(t, err)
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			source, err := os.ReadFile(file)
			must(t, err)
			for _, m := range reason.FindAllStringSubmatch(string(source), -1) {
				found++
				for _, l := range lang.All() {
					if !texts.In(l).Has(m[1]) {
						t.Errorf("%s: no text for %s", l, m[1])
					}
				}
			}
		}
	}
	if found < 40 {
		t.Errorf("%d reasons", found)
	}
}
