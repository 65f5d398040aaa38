package service

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"github.com/goccy/go-yaml"

	"elicense/internal/lang"
)

// Limits of a definition's text: a file in bytes, all files together, files in a folder.
const (
	maxFile   = 1 << 20
	maxFolder = 8 << 20
	maxFiles  = 200
)

// Mistake is one thing wrong in a definition, with its place and how to mend it.
type Mistake struct {
	File         string
	Line, Column int
	Text         string
}

// Error writes file:line:column: text.
func (m *Mistake) Error() string {
	if m.Line == 0 {
		return fmt.Sprintf("%s: %s", m.File, m.Text)
	}
	return fmt.Sprintf("%s:%d:%d: %s", m.File, m.Line, m.Column, m.Text)
}

// Mistakes are all the things wrong in a definition.
type Mistakes []*Mistake

// Error writes one mistake a line.
func (ms Mistakes) Error() string {
	lines := make([]string, len(ms))
	for i, m := range ms {
		lines[i] = m.Error()
	}
	return strings.Join(lines, "\n")
}

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

// Library holds the pages that several services include: the typical fields of the manuals.
type Library struct {
	Pages map[string]Page
}

// ParseLibrary reads the common pages.
func ParseLibrary(file string, text []byte) (*Library, error) {
	var doc struct {
		Pages []Page `yaml:"pages"`
	}
	if err := decode(file, text, &doc); err != nil {
		return nil, err
	}
	l := &Library{Pages: map[string]Page{}}
	for _, p := range doc.Pages {
		l.Pages[p.Key] = p
	}
	return l, nil
}

// decode reads strict YAML: an unknown key is a mistake with its place.
func decode(file string, text []byte, into any) error {
	if len(text) > maxFile {
		return &Mistake{File: file, Text: "the file is too large"}
	}
	// Aliases are not needed in definitions and are how small files become large ones.
	if regexp.MustCompile(`(?m)(^|[\s:\-\[,])[*&][A-Za-z0-9_]+\s*($|[,\]\}])`).Match(text) {
		return &Mistake{File: file, Text: "anchors and aliases (& and *) are not used in definitions: write the text out"}
	}
	err := yaml.UnmarshalWithOptions(text, into, yaml.Strict())
	if err == nil {
		return nil
	}
	m := &Mistake{File: file, Text: err.Error()}
	var ye yaml.Error
	if errors.As(err, &ye) {
		if t := ye.GetToken(); t != nil && t.Position != nil {
			m.Line, m.Column = t.Position.Line, t.Position.Column
		}
		m.Text = ye.GetMessage()
	}
	return m
}

// Parse reads and checks the text of a service against the common library. The mistakes of one kind come all at once.
func Parse(src Source, lib *Library) (*Definition, *Program, error) {
	const file = "service.yaml"
	text, ok := src[file]
	if !ok {
		return nil, nil, &Mistake{File: file, Text: "the folder has no service.yaml"}
	}
	d := &Definition{}
	if err := decode(file, text, d); err != nil {
		return nil, nil, err
	}
	c := &checker{def: d, file: file}
	c.include(lib)
	c.shape()
	if len(c.found) > 0 {
		return nil, nil, c.found
	}
	env, err := newEnv(d)
	if err != nil {
		return nil, nil, &Mistake{File: file, Text: err.Error()}
	}
	p := &Program{env: env, rules: map[string]rule{}, zero: zeroOf(d)}
	c.rules(p)
	c.richRules(p)
	if len(c.found) > 0 {
		return nil, nil, c.found
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

type checker struct {
	def   *Definition
	file  string
	found Mistakes
}

func (c *checker) add(format string, args ...any) {
	c.found = append(c.found, &Mistake{File: c.file, Text: fmt.Sprintf(format, args...)})
}

// include puts the library's pages in their places.
func (c *checker) include(lib *Library) {
	for i, p := range c.def.Pages {
		if p.Include == "" {
			continue
		}
		page, ok := lib.Pages[p.Include]
		if !ok {
			c.add("page %q includes %q, which the common library does not have", p.Key, p.Include)
			continue
		}
		c.def.Pages[i] = page
	}
}

var (
	keyPattern  = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	slugPattern = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
	codePattern = regexp.MustCompile(`^[A-Z]{3}$`)
)

// text demands a text in three languages.
func (c *checker) text(t lang.Text, what string) {
	for _, l := range lang.All() {
		if t.Get(l) == "" {
			c.add("%s has no text in %s", what, l)
		}
	}
}

// shape checks everything but the rules.
func (c *checker) shape() {
	d := c.def
	if !slugPattern.MatchString(d.Key) {
		c.add("key %q: lower-case letters, digits and hyphens, beginning with a letter", d.Key)
	}
	c.text(d.Name, "name")
	c.text(d.Group, "group")
	if len(d.Bodies) == 0 {
		c.add("bodies: name at least one state body")
	}
	for _, r := range d.Recipients {
		if !slices.Contains(Recipients(), r) {
			c.add("recipients: %q is none of the seven kinds", r)
		}
	}
	for _, s := range d.Subtypes {
		c.text(s.Name, "subtype "+s.Key)
	}
	switch d.Status {
	case Announced:
		return
	case Open:
	default:
		c.add("status: open or announced, not %q", d.Status)
	}
	if !codePattern.MatchString(d.Numbers.Application) || d.Numbers.Application[0] != 'R' {
		c.add("numbers.application: three capitals beginning with R")
	}
	if !codePattern.MatchString(d.Numbers.Permit) {
		c.add("numbers.permit: three capitals")
	}
	if len(d.Operations) == 0 {
		c.add("operations: say at least one")
	}
	for _, o := range d.Operations {
		c.text(o.Name, "operation "+o.Key)
	}
	c.pages()
	c.documents()
	c.data()
	c.permit()
}

func (c *checker) pages() {
	seen := map[string]bool{}
	for _, p := range c.def.Pages {
		c.text(p.Title, "page "+p.Key)
		if !slugPattern.MatchString(p.Key) || path.Base(p.Key) != p.Key {
			c.add("page %q: lower-case letters, digits and hyphens", p.Key)
		}
		if seen["page "+p.Key] {
			c.add("page %q stands twice", p.Key)
		}
		seen["page "+p.Key] = true
		for _, f := range p.Fields {
			if seen[f.Key] {
				c.add("field %q stands twice", f.Key)
			}
			seen[f.Key] = true
			c.field(f)
		}
	}
}

func (c *checker) field(f Field) {
	what := "field " + f.Key
	if !keyPattern.MatchString(f.Key) {
		c.add("%s: lower-case letters, digits and underscores, beginning with a letter", what)
	}
	c.text(f.Label, what)
	if !f.Hint.IsZero() {
		c.text(f.Hint, what+" hint")
	}
	switch f.Type {
	case TypeChoice:
		if len(f.Options) == 0 {
			c.add("%s: a choice needs options", what)
		}
		for _, o := range f.Options {
			c.text(o.Label, what+" option "+o.Value)
		}
	case TypeNumber, TypeMoney:
		if f.Scale < 0 || f.Scale > 6 {
			c.add("%s: scale is 0 to 6 decimal places", what)
		}
	case TypeText, TypeLongText, TypeDate, TypeYesNo, TypeConfirm, TypeCountry, TypeCurrency, TypeUnit, TypeGoods, TypePlace, TypePhone, TypePostcode:
	default:
		c.rich(f, what)
	}
}

func (c *checker) documents() {
	for _, doc := range c.def.Documents {
		c.text(doc.Name, "document "+doc.Key)
		if !keyPattern.MatchString(doc.Key) {
			c.add("document %q: lower-case letters, digits and underscores", doc.Key)
		}
		for _, r := range slices.Concat(doc.Required, doc.Optional) {
			if !slices.Contains(Recipients(), r) {
				c.add("document %s: %q is none of the seven kinds of recipients", doc.Key, r)
			}
		}
	}
}

// data checks directories, lookups and subtypes.
func (c *checker) data() {
	for _, dir := range c.def.Directories {
		c.text(dir.Name, "directory "+dir.Key)
		columns := map[string]string{}
		for _, col := range dir.Columns {
			if col.Type != "text" && col.Type != "number" && col.Type != "int" {
				c.add("directory %s: column %s is text, number or int, not %q", dir.Key, col.Key, col.Type)
			}
			columns[col.Key] = col.Type
		}
		if q := dir.Quota; q != nil && (columns[q.Amount] != "number" || columns[q.Year] != "int" || columns[q.Unit] != "text") {
			c.add("directory %s: a quota names a number column (amount), an int column (year) and a text column (unit)", dir.Key)
		}
	}
	for _, l := range c.def.Lookups {
		dir, ok := c.def.Directory(l.Directory)
		if !ok {
			c.add("lookup %s: there is no directory %q", l.Name, l.Directory)
		}
		for _, key := range []string{l.Code, l.Variant, l.On, l.Quantity} {
			if _, ok := c.def.Field(key); key != "" && !ok {
				c.add("lookup %s: there is no field %q", l.Name, key)
			}
		}
		if dir.Quota != nil && l.Quantity == "" {
			c.add("lookup %s: the directory has quotas, so say which field is the quantity", l.Name)
		}
	}
	for _, s := range c.def.Subtypes {
		for key := range s.Preset {
			if _, ok := c.def.Field(key); !ok {
				c.add("subtype %s: there is no field %q", s.Key, key)
			}
		}
	}
}

func (c *checker) permit() {
	p := c.def.Permit
	c.text(p.Title, "permit title")
	c.text(p.Kind, "permit kind")
	for _, key := range []string{p.From, p.To} {
		if f, ok := c.def.Field(key); key != "" && (!ok || f.Gives() != TypeDate) {
			c.add("permit: %q is not a date field", key)
		}
	}
	for _, row := range p.Rows {
		for _, b := range row.Boxes {
			c.text(b.Label, "permit box "+b.No)
			for _, name := range Placeholders(b.Value) {
				if _, ok := c.def.Field(name); !ok && !slices.Contains(BoxNames(), name) {
					c.add("permit box %s: {%s} is neither a field nor one of %s", b.No, name, strings.Join(BoxNames(), ", "))
				}
			}
		}
	}
}

// BoxNames are the names that a box of the permit may use besides the fields of the form.
func BoxNames() []string {
	return []string{"number", "second_number", "applicant", "applicant_number", "valid_from", "valid_to", "issued", "body"}
}

var placeholder = regexp.MustCompile(`\{([a-z][a-z0-9_.]*)\}`)

// Placeholders lists the names in braces of a pattern, in order.
func Placeholders(pattern string) []string {
	var names []string
	for _, m := range placeholder.FindAllStringSubmatch(pattern, -1) {
		names = append(names, m[1])
	}
	return names
}

// Fill replaces the names in braces of a pattern.
func Fill(pattern string, value func(name string) string) string {
	return placeholder.ReplaceAllStringFunc(pattern, func(m string) string { return value(m[1 : len(m)-1]) })
}

// rules compiles every rule against the form.
func (c *checker) rules(p *Program) {
	compile := func(e Expr, want *cel.Type, what string) { c.compile(p, e, want, what) }
	d := c.def
	for _, o := range d.Operations {
		compile(o.Fee, cel.IntType, "fee of "+o.Key)
	}
	for _, page := range d.Pages {
		for _, f := range page.Fields {
			compile(f.When, cel.BoolType, "field "+f.Key)
		}
	}
	for _, check := range d.Checks {
		compile(check.Rule, cel.BoolType, "check at "+check.Field)
		c.text(check.Message, "check at "+check.Field)
		if _, ok := d.Field(check.Field); !ok {
			c.add("check: there is no field %q", check.Field)
		}
	}
	for _, r := range d.Decision.Refuse {
		compile(r.If, cel.BoolType, "refusal "+r.Key)
		c.text(r.Ground, "refusal "+r.Key)
		c.text(r.Act, "refusal "+r.Key+" act")
	}
	compile(d.Permit.Second.Rule, cel.StringType, "second number")
	for _, row := range d.Permit.Rows {
		for _, b := range row.Boxes {
			compile(b.When, cel.BoolType, "permit box "+b.No)
		}
	}
}
