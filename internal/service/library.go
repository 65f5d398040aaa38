package service

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"

	"elicense/internal/ident"
	"elicense/internal/lang"
)

// Library holds what all services share: the pages that several include (the typical fields of the manuals), and, where it
// was read with the catalogue, the spheres and state bodies that a service may name.
type Library struct {
	Pages   map[string]Page
	Spheres []Sphere
	Bodies  []Body
	// Acts are the legal grounds on which officials act on issued permits, by kind of act.
	Acts map[string][]ActGround

	tree  *Tree
	index map[string]int // place of a page in the file
}

// ReadCommon reads what all services share from the root of the services' folder: catalogue.yaml (spheres and state
// bodies) and common.yaml (pages to include). The error is Mistakes where the texts are wrong.
func ReadCommon(folder fs.FS) ([]Sphere, []Body, *Library, error) {
	text, err := fs.ReadFile(folder, "catalogue.yaml")
	if err != nil {
		return nil, nil, nil, err
	}
	common, err := fs.ReadFile(folder, "common.yaml")
	if err != nil {
		return nil, nil, nil, err
	}
	catalogue, wrong := parseCatalogue("catalogue.yaml", text)
	library, err := ParseLibrary("common.yaml", common)
	if err != nil {
		wrong = append(wrong, AsMistakes("common.yaml", err)...)
	}
	if err := wrong.orNil(); err != nil {
		return nil, nil, nil, err
	}
	library.Spheres, library.Bodies, library.Acts = catalogue.Spheres, catalogue.Bodies, catalogue.Acts
	return library.Spheres, library.Bodies, library, nil
}

var stampPattern = regexp.MustCompile(`^[0-9]{3}$`)

// ActGround is a legal ground of an act with an issued permit.
type ActGround struct {
	Key    string    `yaml:"key"`
	Ground lang.Text `yaml:"ground"`
	Act    lang.Text `yaml:"act"` // article of the law
}

// PermitGround is a legal ground of acts of one kind with the permits of one service.
type PermitGround struct {
	Of     string    `yaml:"of"` // kind of act
	Key    string    `yaml:"key"`
	Ground lang.Text `yaml:"ground"`
	Act    lang.Text `yaml:"act"` // article of the law
}

// ActGrounds lists the legal grounds of a kind of act with permits of a service, its own before the common ones.
func (l *Library) ActGrounds(p Permit, kind string) []ActGround {
	var list []ActGround
	for _, g := range p.Grounds {
		if g.Of == kind {
			list = append(list, ActGround{g.Key, g.Ground, g.Act})
		}
	}
	return append(list, l.Acts[kind]...)
}

// permitGrounds checks a service's own grounds of acts: what is common to all services stays common.
func (c *checker) permitGrounds(list []PermitGround) {
	c.distinct("grounds", "key", len(list), func(i int) string { return list[i].Key }, slugPattern)
	for i, g := range list {
		c := c.at("grounds[%d]", i)
		if !slices.Contains(actKinds(), g.Of) {
			c.at("of").add("ground %s: no act is called %q%s", g.Key, g.Of, Meant(g.Of, actKinds()))
		}
		for _, common := range c.lib.Acts[g.Of] {
			if common.Key == g.Key {
				c.at("key").add("ground %s: catalogue.yaml has it for acts of every service: take another key", g.Key)
			}
		}
		c.at("ground").text(g.Ground, "ground "+g.Key)
		c.at("act").text(g.Act, "law of ground "+g.Key)
	}
}

// catalogueFile is catalogue.yaml.
type catalogueFile struct {
	Spheres []Sphere               `yaml:"spheres"`
	Bodies  []Body                 `yaml:"bodies"`
	Acts    map[string][]ActGround `yaml:"acts"`
}

// actKinds are the acts that need a legal ground.
func actKinds() []string {
	return []string{"suspension", "resumption", "termination", "revocation", "annulment", "correction", "reversal"}
}

// acts checks the legal grounds of acts.
func (c *checker) acts(acts map[string][]ActGround) {
	for kind, grounds := range acts {
		if !slices.Contains(actKinds(), kind) {
			c.at("acts.%s", kind).add("acts: no act is called %q%s", kind, Meant(kind, actKinds()))
			continue
		}
		c.distinct("acts."+kind, "key", len(grounds), func(i int) string { return grounds[i].Key }, slugPattern)
		for i, g := range grounds {
			c.at("acts.%s[%d].ground", kind, i).text(g.Ground, "ground "+g.Key)
			c.at("acts.%s[%d].act", kind, i).text(g.Act, "law of ground "+g.Key)
		}
	}
}

// parseCatalogue reads the spheres, the state bodies and the grounds of acts.
func parseCatalogue(file string, text []byte) (catalogueFile, Mistakes) {
	var doc catalogueFile
	var found Mistakes
	tree, usable := read(file, text, &doc, &found)
	if !usable {
		return doc, found
	}
	c := &checker{tree: tree, found: &found}
	c.distinct("spheres", "key", len(doc.Spheres), func(i int) string { return doc.Spheres[i].Key }, slugPattern)
	for i, s := range doc.Spheres {
		c.at("spheres[%d].name", i).text(s.Name, "sphere "+s.Key)
	}
	c.distinct("bodies", "key", len(doc.Bodies), func(i int) string { return doc.Bodies[i].Key }, slugPattern)
	c.distinct("bodies", "stamp", len(doc.Bodies), func(i int) string { return doc.Bodies[i].Stamp }, nil)
	for i, b := range doc.Bodies {
		c := c.at("bodies[%d]", i)
		c.at("name").text(b.Name, "body "+b.Key)
		c.at("short").text(b.Short, "short name of body "+b.Key)
		c.at("city").text(b.City, "city of body "+b.Key)
		c.at("signatory").text(b.Signatory, "signatory of body "+b.Key)
		if !stampPattern.MatchString(b.Stamp) {
			c.at("stamp").add("stamp of body %s: three digits in quotes, as \"001\"", b.Key)
		}
		if _, err := ident.ParseBIN(b.BIN); b.BIN != "" && err != nil {
			c.at("bin").add("bin of body %s: twelve digits with a good check digit, or \"\" until it is known", b.Key)
		}
	}
	c.acts(doc.Acts)
	return doc, found
}

// ParseLibrary reads and checks the common pages. A rule of a page may mention the page's own fields and what every rule
// may. The error is Mistakes.
func ParseLibrary(file string, text []byte) (*Library, error) {
	var doc struct {
		Pages []Page `yaml:"pages"`
	}
	var found Mistakes
	tree, usable := read(file, text, &doc, &found)
	if !usable {
		return nil, found.orNil()
	}
	l := &Library{Pages: map[string]Page{}, tree: tree, index: map[string]int{}}
	for i, p := range doc.Pages {
		if _, twice := l.Pages[p.Key]; twice {
			c := &checker{tree: tree, found: &found}
			c.at("pages[%d].key", i).add("page %q stands twice: give each its own key", p.Key)
			continue
		}
		if !p.When.IsZero() {
			c := &checker{tree: tree, found: &found}
			c.at("pages[%d].when", i).add("page %q: a common page has no rule of its own: the service that includes it says when it is shown", p.Key)
		}
		l.Pages[p.Key], l.index[p.Key] = p, i
	}
	for i, p := range doc.Pages {
		if l.index[p.Key] == i {
			_, _ = l.program(p, &found)
		}
	}
	if err := found.orNil(); err != nil {
		return nil, err
	}
	return l, nil
}

// file is the name of the common pages' file.
func (l *Library) file() string {
	if l == nil || l.tree == nil {
		return "common.yaml"
	}
	return l.tree.file
}

// program checks one page by itself.
func (l *Library) program(page Page, found *Mistakes) (*Definition, *Program) {
	d := &Definition{Key: "-", Pages: []Page{page}, Recipients: Recipients()}
	c := &checker{def: d, lib: l, tree: l.tree, commonFile: l.file(), found: found,
		included: map[string]string{"pages[0]": fmt.Sprintf("pages[%d]", l.index[page.Key])}}
	c.pages()
	env, err := newEnv(d)
	if err != nil {
		c.at("pages[0]").add("%s", err)
		return nil, nil
	}
	p := &Program{env: env, rules: map[string]rule{}, zero: zeroOf(d)}
	c.rules(p)
	return d, p
}

// Revision makes a form of one common page, for what belongs to no service: the profile, which keeps the typical fields.
// It has no number.
func (l *Library) Revision(page string) (*Revision, error) {
	p, ok := l.Pages[page]
	if !ok {
		return nil, fmt.Errorf("common.yaml has no page %q", page)
	}
	var found Mistakes
	d, program := l.program(p, &found)
	if err := found.orNil(); err != nil {
		return nil, err
	}
	return &Revision{Service: d.Key, Definition: d, Program: program}, nil
}

// sources lists what a field may be prefilled from: the certificate of the person who fills in (account) and of the
// applicant, the applicant's profile and the state registers, which know the typical fields.
func (l *Library) sources() []string {
	list := []string{
		"account.name", "account.surname", "account.given_name", "account.patronymic", "account.phone", "account.email",
		"applicant.name", "applicant.surname", "applicant.given_name", "applicant.patronymic",
		"registry.name", "registry.representative_name", "registry.representative_position",
	}
	if l == nil {
		return list
	}
	for _, f := range l.Pages["personal"].Fields {
		list = append(list, "profile."+f.Key, "registry."+f.Key)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Folders lists the services of a folder by key; the bundles among them are none.
func Folders(folder fs.FS) ([]string, error) {
	entries, err := fs.ReadDir(folder, ".")
	if err != nil {
		return nil, err
	}
	var keys []string
	for _, e := range entries {
		if e.IsDir() && e.Name() != Bundles {
			keys = append(keys, e.Name())
		}
	}
	return keys, nil
}

// Preset gives the answers that a subtype sets.
func (d *Definition) Preset(subtype string) map[string]string {
	for _, s := range d.Subtypes {
		if s.Key == subtype {
			return s.Preset
		}
	}
	return nil
}

// SubtypeName is the name of a subtype, or of the service where there is none.
func (d *Definition) SubtypeName(subtype string) lang.Text {
	for _, s := range d.Subtypes {
		if s.Key == subtype {
			return s.Name
		}
	}
	return d.Name
}
