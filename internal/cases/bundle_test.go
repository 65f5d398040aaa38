package cases_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"elicense/internal/cases"
	"elicense/internal/service"
	"elicense/services"
)

const facility = "bundles/medical-facility"

// withBundle is the shipped folder with one edit of a file.
func withBundle(t *testing.T, file, old, put string) fs.FS {
	t.Helper()
	root := fstest.MapFS{}
	for _, pattern := range []string{"*.yaml", "medical-activity/*.yaml", "sanitary-notification/*.yaml", facility + "/*.yaml", facility + "/cases/*.yaml"} {
		names, err := fs.Glob(services.Files, pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			text, err := fs.ReadFile(services.Files, name)
			if err != nil {
				t.Fatal(err)
			}
			if name == file {
				if !strings.Contains(string(text), old) {
					t.Fatalf("%s has no %q", file, old)
				}
				text = []byte(strings.Replace(string(text), old, put, 1))
			}
			root[name] = &fstest.MapFile{Data: text}
		}
	}
	return root
}

// Every case of every shipped bundle decides as written.
func TestBundlesOfTheFolder(t *testing.T) {
	keys, w := service.BundleKeys(services.Files), world(t)
	if wrong := cases.CheckBundles(services.Files, keys); len(wrong) > 0 || len(keys) == 0 {
		t.Fatal(len(keys), wrong)
	}
	for _, key := range keys {
		results, err := w.RunBundle(services.Files, key)
		if err != nil || len(results) == 0 {
			t.Fatal(key, len(results), err)
		}
		for _, r := range results {
			if len(r.Wrong) > 0 {
				t.Errorf("%s/%s: %s", key, r.File, strings.Join(r.Wrong, "; "))
			}
		}
	}
}

// What is wrong with a case has its place, and a service or a bundle that decides otherwise fails its cases.
func TestCasesOfBundlesCanFail(t *testing.T) {
	const clinic = facility + "/cases/01-clinic.yaml"
	for _, c := range []struct{ old, put, want string }{
		{"kind: legal_entity", "kind: individual", clinic + ":2:15: not every service of the bundle serves"},
		{"  object_name:", "  object_nmae:", clinic + ":5:16: the bundle asks no \"object_nmae\" once"},
		{"  medical-activity:", "  medical:", "is none of the bundle's services"},
		{"object_right: own", "object_right: own\n      object_name: x", "object_name is answered once, under shared"},
		{"holder_name:", "holder_nmae:", "there is no field \"holder_nmae\""},
		{"decision: granted", "decision: grant", "decision is granted or refused"},
	} {
		if got := cases.CheckBundles(withBundle(t, clinic, c.old, c.put), []string{"medical-facility"}); !strings.Contains(got.Error(), c.want) {
			t.Errorf("%s → %s\n got %v\nwant %s", c.old, c.put, got, c.want)
		}
	}
	w := world(t)
	for file, edit := range map[string][2]string{
		facility + "/bundle.yaml":            {"  - key: object_address\n", ""},
		"sanitary-notification/service.yaml": {"rule: begins >= today", "rule: begins < today"},
	} {
		results, err := w.RunBundle(withBundle(t, file, edit[0], edit[1]), "medical-facility")
		wrong := 0
		for _, r := range results {
			wrong += len(r.Wrong)
		}
		if err != nil || wrong == 0 {
			t.Errorf("%s: %d wrong, %v", file, wrong, err)
		}
	}
}
