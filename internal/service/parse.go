package service

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"regexp"
	"slices"

	celast "cel.dev/cel-go/common/ast"
	"github.com/goccy/go-yaml"
)

// Limits of a definition's text: a file in bytes, all files together, files in a folder.
const (
	maxFile   = 1 << 20
	maxFolder = 8 << 20
	maxFiles  = 200
)

// Source is the text of a service: the files of its folder by path, without the cases.
type Source map[string][]byte

// ReadSource reads the folder of a service. Cases are not part of the revision.
func ReadSource(fsys fs.FS) (Source, error) {
	src := Source{}
	total := 0
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name == "cases" {
				return fs.SkipDir
			}
			return nil
		}
		b, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		total += len(b)
		if len(b) > maxFile || total > maxFolder || len(src) >= maxFiles {
			return &Mistake{File: name, Text: "the folder of the service is too large"}
		}
		src[name] = b
		return nil
	})
	return src, err
}

// Digest is the SHA-256 (hex) of the source's canonical archive: for each file in order of path, the path, the length
// and the bytes.
func (s Source) Digest() string {
	h := sha256.New()
	names := make([]string, 0, len(s))
	for name := range s {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(h, "%d:%s%d:", len(name), name, len(s[name]))
		h.Write(s[name])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Parse reads and checks the text of a service against the common library. All mistakes come at once, as Mistakes.
func Parse(src Source, lib *Library) (*Definition, *Program, error) {
	var found Mistakes
	const file = "service.yaml"
	text, ok := src[file]
	if !ok {
		return nil, nil, Mistakes{{File: file, Line: 1, Column: 1, Text: "the folder has no service.yaml: begin with key, status and name"}}
	}
	d := &Definition{}
	tree, usable := read(file, text, d, &found)
	if !usable {
		return nil, nil, found.orNil()
	}
	c := &checker{def: d, tree: tree, lib: lib, commonFile: "../" + lib.file(), included: map[string]string{}, found: &found}
	c.include()
	d.accepted()
	c.shape()
	c.files(src)
	env, err := newEnv(d)
	if err != nil {
		if len(found) == 0 {
			c.add("%s", err)
		}
		return nil, nil, found.orNil()
	}
	p := &Program{env: env, rules: map[string]rule{}, zero: zeroOf(d)}
	c.rules(p)
	if err := found.orNil(); err != nil {
		return nil, nil, err
	}
	if d.Decision.Automatic {
		d.Process = fallback(d)
	}
	return d, p, nil
}

// NewRevision parses a source as the numbered revision of a service.
func NewRevision(src Source, lib *Library, number int) (*Revision, error) {
	d, p, err := Parse(src, lib)
	if err != nil {
		return nil, err
	}
	return &Revision{Service: d.Key, Number: number, Digest: src.Digest(), Definition: d, Program: p}, nil
}

// Stored reads a revision that was published, perhaps by an older program with fewer checks: what was good enough to file
// under stays readable. Only what the engine cannot run is an error.
func Stored(src Source, lib *Library, number int) (*Revision, error) {
	d := &Definition{}
	if err := yaml.UnmarshalWithOptions(src["service.yaml"], d, yaml.Strict()); err != nil {
		return nil, err
	}
	d.accepted()
	for i, p := range d.Pages {
		if p.Include == "" {
			continue
		}
		page, ok := lib.Pages[p.Include]
		if !ok {
			return nil, fmt.Errorf("service %s: there is no common page %q", d.Key, p.Include)
		}
		page.When = p.When
		d.Pages[i] = page
	}
	env, err := newEnv(d)
	if err != nil {
		return nil, err
	}
	p := &Program{env: env, rules: map[string]rule{}, zero: zeroOf(d)}
	for _, r := range d.rules() {
		if _, err := p.compile(r.expr, r.want); err != nil {
			return nil, fmt.Errorf("service %s: %s: %w", d.Key, r.what, err)
		}
	}
	for f := range d.fields() {
		p.compileRows(f, func(r placed, _ *celast.AST, problem error) {
			if problem != nil {
				err = fmt.Errorf("service %s: %s: %w", d.Key, r.what, problem)
			}
		})
	}
	if err != nil {
		return nil, err
	}
	if d.Decision.Automatic {
		d.Process = fallback(d)
	}
	return &Revision{Service: d.Key, Number: number, Digest: src.Digest(), Definition: d, Program: p}, nil
}

// BoxNames are the names that a box of the permit may use besides the fields of the form.
func BoxNames() []string {
	return []string{"number", "second_number", "applicant", "applicant_number", "valid_from", "valid_to", "issued", "first_issued", "body", "ranges"}
}

var placeholder = regexp.MustCompile(`\{([a-z][a-z0-9_.]*)\}`)

// Fill replaces the names in braces of a pattern.
func Fill(pattern string, value func(name string) string) string {
	return placeholder.ReplaceAllStringFunc(pattern, func(m string) string { return value(m[1 : len(m)-1]) })
}
