package service

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Limits of a YAML text. The reader's time grows with the square of these, so they keep a hostile file cheap; the largest
// service has a tenth of them.
const (
	maxYAML   = 256 << 10 // bytes
	maxMarks  = 10_000    // marks of structure: keys, items, commas of lists
	maxNested = 40        // brackets within brackets
	maxRun    = 4         // items within items on one line
)

// position is a place in a text, from 1.
type position struct{ line, column int }

// Tree is a YAML text with the place of each of its parts, by path: "pages[1].fields[0].label.kk".
type Tree struct {
	file string
	last position // the text's last line
	body ast.Node
	at   map[string]position
}

// YAML reads a text strictly into a pointer to a struct with `yaml` tags. The error is Mistakes: all that is wrong with the
// text's shape, unknown and repeated keys, values of another kind, keys without a value.
func YAML(file string, text []byte, into any) (*Tree, error) {
	var found Mistakes
	t, _ := read(file, text, into, &found)
	return t, found.orNil()
}

// Mistake makes a mistake of a part of the text: of what is not there, at the nearest part around it.
func (t *Tree) Mistake(path, format string, args ...any) *Mistake {
	p := t.place(path)
	return &Mistake{File: t.file, Line: p.line, Column: p.column, Text: fmt.Sprintf(format, args...)}
}

// read opens a text, holds it against the type and decodes it. It tells whether the value can be used although mistakes
// were found.
func read(file string, text []byte, into any, found *Mistakes) (*Tree, bool) {
	t, m := open(file, text)
	if m != nil {
		*found = append(*found, m)
		return nil, false
	}
	s := shape{tree: t, found: found}
	s.hold(t.body, reflect.TypeOf(into).Elem(), "")
	if s.unusable {
		return t, false
	}
	if err := yaml.NodeToValue(t.body, into); err != nil {
		if len(*found) == 0 {
			*found = append(*found, t.failure(err))
		}
		return t, false
	}
	return t, true
}

// open parses a text within bounds. Anchors, aliases and tags are not needed in definitions and are how small files become
// large ones.
func open(file string, text []byte) (*Tree, *Mistake) {
	t := &Tree{file: file, at: map[string]position{}, last: position{1 + bytes.Count(bytes.TrimRight(text, "\n"), []byte("\n")), 1}}
	if m := bounds(file, text); m != nil {
		return nil, m
	}
	parsed, err := parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, t.failure(err)
	}
	for _, doc := range parsed.Docs {
		if doc.Body == nil {
			continue
		}
		if t.body != nil {
			p := t.clamp(doc.Body.GetToken())
			return nil, &Mistake{File: file, Line: p.line, Column: p.column, Text: "a second document begins here: a file holds one, take out the line of three hyphens"}
		}
		t.body = doc.Body
	}
	if t.body == nil {
		return nil, &Mistake{File: file, Line: 1, Column: 1, Text: "the file is empty"}
	}
	return t, nil
}

var (
	anchor    = regexp.MustCompile(`(?m)(^|[\s:\-\[,])[*&][A-Za-z0-9_]+\s*($|[,\]\}]|[*&])`)
	mark      = regexp.MustCompile(`(?m):(\s|$)|[?-]\s|[,&*!\[\{]`)
	run       = regexp.MustCompile(fmt.Sprintf(`(?m)([-?:][ \t]+){%d,}`, maxRun))
	something = regexp.MustCompile(`\S`)
)

// bounds looks at a text before it is parsed.
func bounds(file string, text []byte) *Mistake {
	at := func(offset int, what string) *Mistake {
		before := text[:offset]
		start := bytes.LastIndexByte(before, '\n') + 1
		return &Mistake{File: file, Line: 1 + bytes.Count(before, []byte("\n")), Column: 1 + utf8.RuneCount(before[start:]), Text: what}
	}
	switch {
	case len(text) > maxYAML:
		return &Mistake{File: file, Line: 1, Column: 1, Text: fmt.Sprintf("the file is larger than %d bytes: divide it", maxYAML)}
	case !utf8.Valid(text):
		bad := 0
		for r, n := utf8.DecodeRune(text); r != utf8.RuneError || n != 1; r, n = utf8.DecodeRune(text[bad:]) {
			bad += n
		}
		return at(bad, "the file is not in UTF-8: save it in that encoding")
	}
	if i := bytes.IndexFunc(text, func(r rune) bool {
		return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == '\u0085' || r == '\u2028' || r == '\u2029'
	}); i >= 0 {
		return at(i, "a control character stands here: take it out")
	}
	// An outer space before the match is not the mistake's place.
	if m := anchor.FindIndex(text); m != nil {
		return at(m[0]+something.FindIndex(text[m[0]:m[1]])[0], "anchors and aliases (& and *) are not used in definitions: write the text out")
	}
	if m := run.FindIndex(text); m != nil {
		return at(m[0], "lists within lists on one line: write one item a line")
	}
	if marks := mark.FindAllIndex(text, maxMarks+1); len(marks) > maxMarks {
		return at(marks[maxMarks][0], "the file has too many parts: divide it")
	}
	depth := 0
	for i, b := range text {
		switch b {
		case '[', '{':
			if depth++; depth > maxNested {
				return at(i, fmt.Sprintf("more than %d brackets within brackets", maxNested))
			}
		case ']', '}':
			depth = max(0, depth-1)
		}
	}
	return nil
}

// failure makes a mistake of what the YAML library says.
func (t *Tree) failure(err error) *Mistake {
	m := &Mistake{File: t.file, Line: 1, Column: 1, Text: "not readable as YAML: " + strings.SplitN(err.Error(), "\n", 2)[0]}
	var ye yaml.Error
	if errors.As(err, &ye) {
		p := t.clamp(ye.GetToken())
		m.Line, m.Column = p.line, p.column
		m.Text = "not readable as YAML: " + strings.SplitN(ye.GetMessage(), "\n", 2)[0]
		if strings.ContainsRune(m.Text, '\t') {
			m.Text = "a tab stands at the beginning of the line: indent with spaces"
		}
		if strings.Contains(m.Text, "mapping value is not allowed") {
			m.Text += ": a text with a colon and a space in it stands in quotes"
		}
	}
	return m
}

// clamp gives the place of a token, within the file.
func (t *Tree) clamp(tk *token.Token) position {
	if tk == nil || tk.Position == nil {
		return position{1, 1}
	}
	p := position{max(1, tk.Position.Line), max(1, tk.Position.Column)}
	if p.line > t.last.line {
		return t.last
	}
	return p
}

// place gives where a path stands; of what is not there, where the nearest part around it stands.
func (t *Tree) place(path string) position {
	for path != "" {
		if p, ok := t.at[path]; ok {
			return p
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	return t.at[""]
}

// under joins a path and what follows it.
func under(path, rest string) string {
	if path == "" || rest == "" || rest[0] == '[' {
		return path + rest
	}
	return path + "." + rest
}
