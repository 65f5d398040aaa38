// Package classifier holds the directories that forms choose from: countries, currencies, units, places (KATO) and
// goods (Harmonized System), with names in three languages, days of validity, and search.
package classifier

import (
	"bytes"
	"compress/gzip"
	"embed"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
)

// The sources and terms of the tables stand in data/README.md.
//
//go:embed data/*.tsv data/*.gz
var data embed.FS

// Set is all directories.
type Set struct {
	Countries  *Directory // ISO 3166-1 alpha-2
	Currencies *Directory // ISO 4217
	Units      *Directory // OKEI
	Places     *Directory // KATO, a tree of up to five levels
	Goods      *Directory // Harmonized System, chapters, headings and subheadings
}

// Load reads the tables in the binary. It takes tens of milliseconds and some 20 MB: once per process.
func Load() (*Set, error) {
	var s Set
	var group sync.WaitGroup
	errs := make([]error, 5)
	for i, table := range []struct {
		file string
		into **Directory
	}{
		{"places.tsv.gz", &s.Places}, {"goods.tsv.gz", &s.Goods}, {"countries.tsv", &s.Countries},
		{"currencies.tsv", &s.Currencies}, {"units.tsv", &s.Units},
	} {
		group.Go(func() {
			*table.into, errs[i] = open(table.file)
		})
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return &s, nil
}

func open(name string) (*Directory, error) {
	raw, err := data.ReadFile("data/" + name)
	if err != nil {
		return nil, err
	}
	if strings.HasSuffix(name, ".gz") {
		if raw, err = unzip(raw); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	entries, err := ParseTable(string(raw))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return NewDirectory(entries), nil
}

func unzip(raw []byte) ([]byte, error) {
	reader, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(reader)
}
