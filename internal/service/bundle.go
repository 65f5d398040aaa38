package service

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"elicense/internal/lang"
)

// Bundles is the folder of bundles in the folder of services: each is a folder with bundle.yaml and its cases.
const Bundles = "bundles"

// Bounds of a bundle: how many services it holds and how many questions they share.
const (
	minBundled = 2
	maxBundled = 6
	maxShared  = 60
)

// Bundle is several services that are asked for together: what they have in common is asked once, and each is decided by its
// own state body (the principle of "one application", article 1 of the Law on state services).
type Bundle struct {
	Key     string        `yaml:"key"`
	Sphere  string        `yaml:"sphere"`
	Name    lang.Text     `yaml:"name"`
	Summary lang.Text     `yaml:"summary"`
	Parts   []BundledPart `yaml:"parts"`
	Shared  []Shared      `yaml:"shared"`

	Digest string `yaml:"-"` // SHA-256 of the text, hex
	tree   *Tree
}

// BundledPart is one service of a bundle, ordered of one state body.
type BundledPart struct {
	Service   string `yaml:"service"`
	Operation string `yaml:"operation"` // empty = the only one that can be ordered
	Subtype   string `yaml:"subtype"`
	Body      string `yaml:"body"`
}

// Shared is a question that is asked once for all services of a bundle.
type Shared struct {
	Key string `yaml:"key"`
	// Fields name the field that the answer goes to, by service; left out = the field of the same key in every service.
	Fields map[string]string `yaml:"fields"`
}

// Field is the key of a service's field that the answer goes to; "" = it does not go to this service.
func (s Shared) Field(service string) string {
	if len(s.Fields) == 0 {
		return s.Key
	}
	return s.Fields[service]
}

// Together is a bundle with its services as they stand today.
type Together struct {
	*Bundle
	Services []*Revision // by part
	Form     *Revision   // the questions asked once, on one page
}

// Serves tells whether every service of the bundle is for a kind of recipient.
func (t Together) Serves(r Recipient) bool {
	return !slices.ContainsFunc(t.Services, func(rev *Revision) bool { return !rev.Definition.Serves(r) })
}

// Page is the page of the questions that are asked once.
func (t Together) Page() Page { return t.Form.Definition.Pages[0] }

// Place is where a service stands among the parts; after all of them where it is none.
func (b *Bundle) Place(service string) int {
	for i, p := range b.Parts {
		if p.Service == service {
			return i
		}
	}
	return len(b.Parts)
}

// ReadBundle reads and checks the text of one bundle of a folder of services; With holds it against them. The error is Mistakes.
func ReadBundle(root fs.FS, key string) (*Bundle, error) {
	file := Bundles + "/" + key + "/bundle.yaml"
	text, err := fs.ReadFile(root, file)
	if err != nil {
		return nil, Mistakes{{File: file, Line: 1, Column: 1, Text: "the folder has no bundle.yaml: begin with key, sphere and name"}}
	}
	b, err := ParseBundle(file, text)
	if err == nil && b.Key != key {
		err = Mistakes{b.tree.Mistake("key", "the bundle is called %q and its folder %q: call both the same", b.Key, key)}
	}
	return b, err
}

// BundleKeys lists the bundles of a folder of services; a folder without any is no error.
func BundleKeys(root fs.FS) []string {
	entries, err := fs.ReadDir(root, Bundles)
	if err != nil {
		return nil
	}
	var keys []string
	for _, e := range entries {
		if e.IsDir() {
			keys = append(keys, e.Name())
		}
	}
	return keys
}

// ParseBundle reads the text of a bundle and checks what can be told without its services. The error is Mistakes.
func ParseBundle(file string, text []byte) (*Bundle, error) {
	var found Mistakes
	b := &Bundle{}
	tree, usable := read(file, text, b, &found)
	if !usable {
		return nil, found.orNil()
	}
	sum := sha256.Sum256(text)
	b.Digest, b.tree = hex.EncodeToString(sum[:]), tree
	c := &checker{tree: tree, found: &found}
	if !slugPattern.MatchString(b.Key) {
		c.at("key").add("key %q: %s", b.Key, formOf(slugPattern))
	}
	c.at("name").text(b.Name, "name")
	c.at("summary").text(b.Summary, "summary")
	c.distinct("parts", "service", len(b.Parts), func(i int) string { return b.Parts[i].Service }, slugPattern)
	if n := len(b.Parts); n < minBundled || n > maxBundled {
		c.at("parts").add("parts: %d to %d services, not %d", minBundled, maxBundled, n)
	}
	c.distinct("shared", "key", len(b.Shared), func(i int) string { return b.Shared[i].Key }, keyPattern)
	if n := len(b.Shared); n == 0 || n > maxShared {
		c.at("shared").add("shared: 1 to %d questions, not %d: services that share none are ordered one by one", maxShared, n)
	}
	for i, s := range b.Shared {
		c := c.at("shared[%d]", i)
		for service := range s.Fields {
			if b.Place(service) == len(b.Parts) {
				c.at("fields.%s", service).add("shared %s: %q is none of the parts%s", s.Key, service, Meant(service, b.services()))
			}
		}
		if len(s.Fields) == 1 {
			c.at("fields").add("shared %s goes to one service only: ask it there", s.Key)
		}
	}
	return b, found.orNil()
}

func (b *Bundle) services() []string {
	keys := make([]string, len(b.Parts))
	for i, p := range b.Parts {
		keys[i] = p.Service
	}
	return keys
}

// With holds a bundle against its services as find gives them (nil = there is none) and makes the form of what is asked once. With
// mistakes the bundle cannot be ordered.
func (b *Bundle) With(lib *Library, find func(key string) *Revision) (Together, Mistakes) {
	var found Mistakes
	t := Together{Bundle: b, Services: make([]*Revision, len(b.Parts))}
	c := &checker{tree: b.tree, found: &found}
	if !slices.ContainsFunc(lib.Spheres, func(s Sphere) bool { return s.Key == b.Sphere }) {
		c.at("sphere").add("sphere: there is no %q in catalogue.yaml", b.Sphere)
	}
	for i, p := range b.Parts {
		if t.Services[i] = find(p.Service); t.Services[i] == nil {
			c.at("parts[%d].service", i).add("parts: there is no service %q", p.Service)
			continue
		}
		c.at("parts[%d]", i).bundled(t.Services[i].Definition, p)
	}
	if len(found) > 0 {
		return t, found.Sorted()
	}
	if !slices.ContainsFunc(Recipients(), t.Serves) {
		c.at("parts").add("parts: no kind of recipient is served by all of them, so nobody could order the bundle")
	}
	page := Page{Key: "shared"}
	taken := map[string]bool{} // "service field"
	for i, s := range b.Shared {
		if f, ok := c.at("shared[%d]", i).shared(t, s, taken); ok {
			page.Fields = append(page.Fields, f)
		}
	}
	if len(found) > 0 {
		return t, found.Sorted()
	}
	d := &Definition{Key: Bundles + "." + b.Key, Name: b.Name, Recipients: Recipients(), Pages: []Page{page}}
	env, err := newEnv(d)
	if err != nil {
		c.at("shared").add("%s", err)
		return t, found
	}
	t.Form = &Revision{Service: d.Key, Definition: d, Program: &Program{env: env, rules: map[string]rule{}, zero: zeroOf(d)}}
	return t, nil
}

// bundled checks what a part orders of its service.
func (c *checker) bundled(d *Definition, p BundledPart) {
	o, ok := d.Order(p.Operation)
	switch {
	case d.Status != Open:
		c.at("service").add("parts: %s cannot be ordered yet", d.Key)
		return
	case !ok:
		c.at("operation").add("parts: say the operation of %s: one that can be ordered%s", d.Key, Meant(p.Operation, operationKeys(d)))
	case o.Concerns():
		c.at("operation").add("parts: operation %s of %s concerns a permit: a bundle begins something new", o.Key, d.Key)
	}
	if !slices.Contains(d.Bodies, p.Body) {
		c.at("body").add("parts: %s is not ordered of %q: name one of %s", d.Key, p.Body, strings.Join(d.Bodies, ", "))
	}
	i := slices.IndexFunc(d.Subtypes, func(s Subtype) bool { return s.Key == p.Subtype })
	switch {
	case i < 0 && (p.Subtype != "" || len(d.Subtypes) > 0):
		c.at("subtype").add("parts: %s has no subtype %q: name one of its own, or none where it has none", d.Key, p.Subtype)
	case i >= 0 && !d.Subtypes[i].IssuedBy(p.Body):
		c.at("subtype").add("parts: %s does not issue subtype %s", p.Body, p.Subtype)
	}
}

func operationKeys(d *Definition) []string {
	var keys []string
	for _, o := range d.Orderable() {
		keys = append(keys, o.Key)
	}
	return keys
}

// shareable are the types whose answers mean the same in every service. Statements are made for each application anew; lists,
// goods and directories are the service's own.
func shareable() []Type {
	return []Type{TypeText, TypeLongText, TypeAddress, TypeNumber, TypeMoney, TypeDate, TypeYesNo, TypeChoice, TypeCountry, TypeCurrency, TypeUnit, TypePlace,
		TypePhone, TypePostcode, TypeEmail, TypeIIN, TypeBIN}
}

// shared gives the question that is asked in the place of the services' own: as strict as the strictest of them.
func (c *checker) shared(t Together, s Shared, taken map[string]bool) (Field, bool) {
	var asked Field
	first, before := true, len(*c.found)
	for i, rev := range t.Services {
		key, part := s.Field(rev.Service), t.Parts[i]
		if key == "" {
			continue
		}
		at := c.at("fields.%s", rev.Service)
		f, ok := rev.Definition.Field(key)
		_, preset := rev.Definition.Preset(part.Subtype)[key]
		switch {
		case !ok:
			at.add("shared %s: %s has no field %q%s", s.Key, rev.Service, key, Meant(key, fieldKeys(rev.Definition)))
			continue
		case !slices.Contains(shareable(), f.Type):
			at.add("shared %s: field %s of %s is of type %s: ask it in the service", s.Key, key, rev.Service, f.Type)
		case !f.When.IsZero():
			at.add("shared %s: %s asks field %s only sometimes: ask it in the service", s.Key, rev.Service, key)
		case preset:
			at.add("shared %s: subtype %s of %s answers field %s already", s.Key, part.Subtype, rev.Service, key)
		case taken[rev.Service+" "+key]:
			at.add("shared %s: another question goes to field %s of %s already", s.Key, key, rev.Service)
		case !first && !alike(asked, f):
			at.add("shared %s: field %s of %s takes other answers (%s) than the first of them (%s)", s.Key, key, rev.Service, answersOf(f), answersOf(asked))
		}
		taken[rev.Service+" "+key] = true
		if first {
			asked, first = f, false
			asked.Key, asked.Prefill = s.Key, nil
			continue
		}
		asked.Required = asked.Required || f.Required
		if f.Max > 0 && (asked.Max == 0 || f.Max < asked.Max) {
			asked.Max = f.Max
		}
	}
	return asked, !first && len(*c.found) == before
}

// alike tells whether two fields take the same answers and mean the same by them.
func alike(a, b Field) bool {
	return a.Type == b.Type && a.Scale == b.Scale && a.Zero == b.Zero && a.Unit == b.Unit && a.Currency == b.Currency &&
		slices.EqualFunc(a.Options, b.Options, func(x, y Option) bool { return x.Value == y.Value })
}

// answersOf says what a field takes, for a mistake.
func answersOf(f Field) string {
	text := string(f.Type)
	for _, part := range []string{f.Unit, f.Currency} {
		if part != "" {
			text += " in " + part
		}
	}
	if f.Scale > 0 {
		text += fmt.Sprintf(" with %d decimals", f.Scale)
	}
	for i, o := range f.Options {
		text += map[bool]string{true: ": ", false: ", "}[i == 0] + o.Value
	}
	return text
}

func fieldKeys(d *Definition) []string {
	var keys []string
	for _, p := range d.Pages {
		for _, f := range p.Fields {
			keys = append(keys, f.Key)
		}
	}
	return keys
}

// CheckBundles reads bundles of a folder of services by their keys and gives those without mistakes, and all that is wrong with
// the others.
func CheckBundles(root fs.FS, keys []string) (map[string]Together, Mistakes) {
	if len(keys) == 0 {
		return nil, nil
	}
	_, _, lib, err := ReadCommon(root)
	if err != nil {
		return nil, AsMistakes("catalogue.yaml", err)
	}
	good := map[string]Together{}
	var found Mistakes
	read := map[string]*Revision{}
	find := func(key string) *Revision {
		if _, done := read[key]; !done {
			read[key], _ = readRevision(root, key, lib) // its own mistakes are told where services are checked
		}
		return read[key]
	}
	for _, key := range keys {
		b, err := ReadBundle(root, key)
		if err != nil {
			found = append(found, AsMistakes(Bundles+"/"+key+"/bundle.yaml", err)...)
			continue
		}
		t, wrong := b.With(lib, find)
		if len(wrong) == 0 {
			good[key] = t
		}
		found = append(found, wrong...)
	}
	return good, found.Sorted()
}
