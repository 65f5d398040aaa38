package portal

import (
	"encoding/json"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"elicense/internal/lang"
	"elicense/internal/signdoc"
	"elicense/locales"
)

// TestPeopleTexts holds the words of these pages against the sources: nothing missing, nothing left over, the same
// placeholders in every language.
func TestPeopleTexts(t *testing.T) {
	texts, err := lang.Load(locales.Files)
	if err != nil {
		t.Fatal(err)
	}
	sources, err := fs.Glob(os.DirFS("."), "*")
	if err != nil {
		t.Fatal(err)
	}
	sources = append(sources, "../signing/signing.go", "../signing/signing.templ", "../signing/phone.go", "../signing/phone.templ")
	used := map[string]bool{}
	quoted := regexp.MustCompile(`"([a-z]+\.[a-z][a-z0-9.-]*[a-z0-9])"`)
	for _, name := range sources {
		mine := regexp.MustCompile(`^(people|login|register|recover|profile|signing|phone|session|formfields)[a-z_]*\.(go|templ)$`).MatchString(path.Base(name))
		if !mine || strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, "_templ.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range quoted.FindAllStringSubmatch(string(text), -1) {
			used[m[1]] = true
		}
	}
	for _, purpose := range signdoc.Purposes() {
		used["sign.purpose."+string(purpose)] = true
	}
	for _, from := range []string{"registry", "registry-person", "registry-down", "profile", "paper", "certificate"} {
		used["source."+from] = true
	}
	for _, l := range lang.All() {
		for key := range used {
			if !texts.In(l).Has(key) {
				t.Errorf("%s lacks %s", l, key)
			}
		}
	}
	// Keys of faults come from other packages, values and steps from forms.
	elsewhere := regexp.MustCompile(`^(account|login\.(wrong|throttled|busy|representative)|password|signature|fault|value|profile\.changed|mobile\.(unknown-link|over|signed|waiting|malformed)$)`)
	for _, part := range []string{"people", "signing"} {
		for key := range partOf(t, part+".kk.json") {
			if !used[key] && !elsewhere.MatchString(key) {
				t.Errorf("%s: nobody says %s", part, key)
			}
		}
		comparePlaceholders(t, part)
	}
}

func partOf(t *testing.T, name string) map[string]any {
	t.Helper()
	text, err := fs.ReadFile(locales.Files, name)
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func comparePlaceholders(t *testing.T, part string) {
	t.Helper()
	names := func(v any) []string {
		text, _ := json.Marshal(v)
		found := regexp.MustCompile(`\{[a-z]+\}`).FindAllString(string(text), -1)
		slices.Sort(found)
		return slices.Compact(found)
	}
	kazakh := partOf(t, part+".kk.json")
	for _, l := range []string{"ru", "en"} {
		other := partOf(t, part+"."+l+".json")
		if len(other) != len(kazakh) {
			t.Errorf("%s.%s has %d texts, Kazakh %d", part, l, len(other), len(kazakh))
		}
		for key, v := range kazakh {
			if !slices.Equal(names(v), names(other[key])) {
				t.Errorf("%s.%s: placeholders of %s differ", part, l, key)
			}
		}
	}
}
