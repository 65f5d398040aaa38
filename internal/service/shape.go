package service

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"elicense/internal/lang"
)

// shape holds a YAML tree against the Go type that it is read into. It notes where each part stands.
type shape struct {
	tree     *Tree
	found    *Mistakes
	unusable bool // a value of another kind: it cannot be decoded
}

func (s *shape) add(p position, format string, args ...any) {
	*s.found = append(*s.found, &Mistake{File: s.tree.file, Line: p.line, Column: p.column, Text: fmt.Sprintf(format, args...)})
}

// key is one key of a struct in YAML.
type key struct {
	name string
	typ  reflect.Type
}

// keysOf lists the keys of a struct in the order of its fields.
func keysOf(t reflect.Type) []key {
	var keys []key
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case strings.Contains(options, "inline"):
			keys = append(keys, keysOf(f.Type)...)
		case name != "" && name != "-":
			keys = append(keys, key{name, f.Type})
		}
	}
	return keys
}

// kind says in words what is expected of a value of one word.
func kind(t reflect.Type) string {
	switch {
	case isRule(t):
		return "a rule"
	case t.Kind() == reflect.Int:
		return "a whole number"
	case t.Kind() == reflect.Bool:
		return "true or false"
	}
	return "a text"
}

// isRule tells whether the type is a rule.
func isRule(t reflect.Type) bool { return t == reflect.TypeFor[Expr]() }

// isScalar tells whether a value of the type is written as one word or text. A type that reads itself is a text.
func isScalar(t reflect.Type) bool {
	if reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return true
	}
	switch t.Kind() {
	case reflect.String, reflect.Int, reflect.Bool:
		return true
	}
	return isRule(t)
}

// hold looks at one node.
func (s *shape) hold(n ast.Node, t reflect.Type, path string) {
	here := s.tree.clamp(n.GetToken())
	if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		here = s.tree.clamp(m.Values[0].Key.GetToken())
	}
	if _, ok := s.tree.at[path]; !ok {
		s.tree.at[path] = here
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch n.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode:
		s.unusable = true
		s.add(here, "anchors, aliases and tags (&, * and !) are not used in definitions: write the text out, in quotes where it begins with such a sign")
		return
	}
	_, null := n.(*ast.NullNode)
	switch {
	case null:
		s.add(s.tree.at[path], "%s has no value: write one, or take the key out", last(path))
	case isScalar(t):
		s.scalar(n, t, path, here)
	case t.Kind() == reflect.Slice:
		list, ok := n.(*ast.SequenceNode)
		if !ok {
			s.other(here, path, "a list (lines that begin with a hyphen, or [a, b])")
			return
		}
		for i, item := range list.Values {
			s.hold(item, t.Elem(), fmt.Sprintf("%s[%d]", path, i))
		}
	default:
		m, ok := n.(*ast.MappingNode)
		if !ok {
			want := "keys with values (key: value)"
			if t == reflect.TypeFor[lang.Text]() {
				want = "its three languages (kk: …, ru: …, en: …)"
			}
			s.other(here, path, want)
			return
		}
		s.mapping(m, t, path)
	}
}

func (s *shape) mapping(m *ast.MappingNode, t reflect.Type, path string) {
	known := map[string]reflect.Type{}
	var names []string
	if t.Kind() == reflect.Struct {
		for _, k := range keysOf(t) {
			known[k.name] = k.typ
			names = append(names, k.name)
		}
	}
	seen := map[string]int{}
	for _, v := range m.Values {
		at := s.tree.clamp(v.Key.GetToken())
		name, ok := v.Key.(*ast.StringNode)
		if !ok {
			s.other(at, path, "plain keys (quote a key that looks like a number or true)")
			continue
		}
		if line, twice := seen[name.Value]; twice {
			s.add(at, "%s stands twice, first in line %d: keep one", name.Value, line)
			continue
		}
		seen[name.Value] = at.line
		typ, ok := known[name.Value]
		if t.Kind() == reflect.Map {
			typ, ok = t.Elem(), true
		}
		if !ok {
			hint := Meant(name.Value, names)
			if _, empty := v.Value.(*ast.NullNode); empty && m.IsFlowStyle && hint == "" {
				hint = ": a text with a comma stands in quotes"
			}
			if hint == "" {
				hint = ": the keys here are " + strings.Join(names, ", ")
			}
			s.add(at, "there is no key %q%s", name.Value, hint)
			continue
		}
		below := under(path, name.Value)
		if string, ok := v.Value.(*ast.StringNode); !ok || string.Value == "" {
			s.tree.at[below] = at
		}
		s.hold(v.Value, typ, below)
	}
}

// scalar demands a value of the kind that the type has; what YAML would silently turn into another is asked for in quotes.
func (s *shape) scalar(n ast.Node, t reflect.Type, path string, here position) {
	ok, word := false, true
	switch n.(type) {
	case *ast.StringNode, *ast.LiteralNode:
		ok = t.Kind() != reflect.Int && t.Kind() != reflect.Bool
	case *ast.IntegerNode:
		ok = t.Kind() == reflect.Int || isRule(t)
	case *ast.BoolNode:
		ok = t.Kind() == reflect.Bool || isRule(t)
	case *ast.MappingNode, *ast.SequenceNode:
		word = false
	}
	if ok {
		return
	}
	want := kind(t)
	switch {
	case word && want == "a text":
		want = fmt.Sprintf("a text: put %s in quotes", n.GetToken().Value)
	case t.Kind() == reflect.Bool && (n.GetToken().Value == "yes" || n.GetToken().Value == "no"):
		want += ", in these words"
	}
	s.other(here, path, want)
}

func (s *shape) other(p position, path, want string) {
	s.unusable = true
	s.add(p, "%s needs %s", last(path), want)
}

// last is the last name of a path, as a person would call it.
func last(path string) string {
	if path == "" {
		return "the file"
	}
	name := path[strings.LastIndexByte(path, '.')+1:]
	if list, _, ok := strings.Cut(name, "["); ok {
		return "an item of " + list
	}
	return name
}
