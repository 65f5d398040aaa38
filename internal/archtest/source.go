package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Finding is one place that breaks a rule.
type Finding struct {
	Rule  string // short name, e.g. "floor-order"
	Place string // package, file or file:line, below the module's root
	Text  string // what is wrong
}

// String writes a finding on one line.
func (f Finding) String() string { return f.Place + ": " + f.Text + " [" + f.Rule + "]" }

// file is a parsed source file.
type file struct {
	path      string // below the root
	dir       string
	test      bool
	generated bool
	lines     int
	ast       *ast.File
}

// Source is the parsed tree of a module.
type Source struct {
	Module string
	fset   *token.FileSet
	files  []file
}

// Parse reads every Go file below root. Folders that begin with a dot or an underscore, testdata and node_modules are
// left out, as the go command does; so are modules of their own.
func Parse(root fs.FS, module string) (*Source, error) {
	s := &Source{Module: module, fset: token.NewFileSet()}
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return skip(root, name)
		}
		if path.Ext(name) != ".go" {
			return nil
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		tree, err := parser.ParseFile(s.fset, name, text, parser.ParseComments)
		if err != nil {
			return err
		}
		s.files = append(s.files, file{
			path: name, dir: path.Dir(name), test: strings.HasSuffix(name, "_test.go"), generated: ast.IsGenerated(tree),
			lines: strings.Count(string(text), "\n"), ast: tree,
		})
		return nil
	})
	return s, err
}

// skip tells WalkDir which folders hold no source of this module.
func skip(root fs.FS, name string) error {
	base := path.Base(name)
	if name == "." {
		return nil
	}
	if strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata" || base == "node_modules" {
		return fs.SkipDir
	}
	if _, err := fs.Stat(root, path.Join(name, "go.mod")); err == nil {
		return fs.SkipDir
	}
	return nil
}

// product gives the files that are built into programs and were written by hand or from templates: no tests.
func (s *Source) product() []file {
	return slices.DeleteFunc(slices.Clone(s.files), func(f file) bool { return f.test })
}

// packages gives the folders with product code, in order.
func (s *Source) packages() []string {
	var dirs []string
	for _, f := range s.product() {
		dirs = append(dirs, f.dir)
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}

// imports gives the paths that a file imports.
func (f file) imports() []string {
	var list []string
	for _, spec := range f.ast.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil {
			list = append(list, p)
		}
	}
	return list
}

// nameOf gives the name under which a file knows an imported package, and whether it imports it.
func (f file) nameOf(pkg string) (string, bool) {
	for _, spec := range f.ast.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err != nil || p != pkg {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name, true
		}
		return path.Base(pkg), true
	}
	return "", false
}

// at writes the place of a node.
func (s *Source) at(n ast.Node) string {
	p := s.fset.Position(n.Pos())
	return fmt.Sprintf("%s:%d", p.Filename, p.Line)
}

// length counts the lines from the first to the last of a node.
func (s *Source) length(n ast.Node) int {
	return s.fset.Position(n.End()).Line - s.fset.Position(n.Pos()).Line + 1
}

// within tells whether a package is one of the rooms; a room that ends in "/" holds the packages inside it.
func within(dir string, allowed []string) bool {
	return slices.ContainsFunc(allowed, func(room string) bool {
		return dir == room || strings.HasSuffix(room, "/") && strings.HasPrefix(dir, room)
	})
}
