package service

import (
	_ "embed"
	"strings"
)

// described is one key a line, as "field.when", and what it is for in one sentence: editors show it, the guide lists it.
//
//go:embed describe.txt
var described string

// descriptions says what each key of the language is for, by type and key in YAML.
func descriptions() map[string]string {
	all := map[string]string{}
	for line := range strings.Lines(described) {
		key, words, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		all[key] = words
	}
	return all
}
