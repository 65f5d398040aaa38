package cases_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"elicense/internal/cases"
	"elicense/internal/classifier"
	"elicense/internal/lang"
	"elicense/internal/money"
	"elicense/internal/service"
	"elicense/locales"
	"elicense/services"
)

func world(t *testing.T) cases.World {
	t.Helper()
	_, _, library, err := service.ReadCommon(services.Files)
	if err != nil {
		t.Fatal(err)
	}
	set, err := classifier.Load()
	if err != nil {
		t.Fatal(err)
	}
	texts, err := lang.Load(locales.Files)
	if err != nil {
		t.Fatal(err)
	}
	return cases.World{Library: library, Set: set, MCI: money.Seed(), Texts: texts}
}

// Every case beside every service decides as written, and every open service has cases.
func TestCases(t *testing.T) {
	w := world(t)
	keys, err := service.Folders(services.Files)
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, key := range keys {
		folder, err := fs.Sub(services.Files, key)
		if err != nil {
			t.Fatal(err)
		}
		results, err := w.Run(folder)
		if err != nil {
			t.Errorf("%s: %v", key, err)
			continue
		}
		total += len(results)
		for _, r := range results {
			if len(r.Wrong) > 0 {
				t.Errorf("%s/%s: %s", key, r.File, strings.Join(r.Wrong, "; "))
			}
		}
	}
	if total < 20 {
		t.Errorf("%d cases ran: the services' folders are not read", total)
	}
}

// A definition that decides otherwise fails its cases: the replay can fail.
func TestSeededFaultIsFound(t *testing.T) {
	w := world(t)
	folder := fstest.MapFS{}
	sub, err := fs.Sub(services.Files, "trade-licence")
	if err != nil {
		t.Fatal(err)
	}
	err = fs.WalkDir(sub, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(sub, name)
		if name == "service.yaml" {
			b = []byte(strings.ReplaceAll(string(b), "contract_date > today", "contract_date >= today"))
			b = []byte(strings.ReplaceAll(string(b), "!listed.found", "listed.found"))
		}
		folder[name] = &fstest.MapFile{Data: b}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	results, err := w.Run(folder)
	if err != nil {
		t.Fatal(err)
	}
	wrong := 0
	for _, r := range results {
		if len(r.Wrong) > 0 {
			wrong++
		}
	}
	if wrong == 0 {
		t.Error("a wrong rule passed every case")
	}
}
