package service

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"elicense/internal/lang"
)

// Limits of texts, in characters: of most, and of what is read as a page.
const (
	maxText = 1_000
	maxPage = 10_000
)

// checker gathers the mistakes of one definition. It stands at a part of the text; what it adds has that part's place.
type checker struct {
	def        *Definition
	tree       *Tree
	lib        *Library
	commonFile string            // how the file of the common pages is called from here
	included   map[string]string // path of an included page here: its path in the common pages
	found      *Mistakes
	here       string
}

// at gives the checker of a part below this one.
func (c *checker) at(format string, args ...any) *checker {
	below := *c
	below.here = under(c.here, fmt.Sprintf(format, args...))
	return &below
}

// add notes a mistake of the part at which the checker stands.
func (c *checker) add(format string, args ...any) {
	file, p := c.place()
	*c.found = append(*c.found, &Mistake{File: file, Line: p.line, Column: p.column, Text: fmt.Sprintf(format, args...)})
}

// place says where the part stands; an included page stands in the file of the common pages.
func (c *checker) place() (string, position) {
	if path, ok := c.inCommon(); ok {
		return c.commonFile, c.lib.tree.place(path)
	}
	return c.tree.file, c.tree.place(c.here)
}

// common tells whether the part stands in an included page, which was checked with the common pages.
func (c *checker) common() bool {
	_, ok := c.inCommon()
	return ok
}

// inCommon gives the path of the part in the common pages. When an included page is shown is the service's own word.
func (c *checker) inCommon() (string, bool) {
	for page, common := range c.included {
		if rest, ok := strings.CutPrefix(c.here, page); ok && (rest == "" || rest[0] == '.') && rest != ".when" {
			return common + rest, true
		}
	}
	return "", false
}

// include puts the library's pages in their places.
func (c *checker) include() {
	for i, p := range c.def.Pages {
		if p.Include == "" {
			continue
		}
		at := c.at("pages[%d].include", i)
		page, ok := Page{}, false
		var known []string
		if c.lib != nil {
			page, ok = c.lib.Pages[p.Include]
			for key := range c.lib.Pages {
				known = append(known, key)
			}
		}
		switch {
		case !ok:
			at.add("the common pages have no page %q%s", p.Include, Meant(p.Include, known))
			continue
		case len(p.Fields) > 0 || !p.Title.IsZero() || !p.Hint.IsZero() || !p.Answers.IsZero():
			at.add("page %q includes %q, so it has no title, hint or fields of its own: leave them out", p.Key, p.Include)
		}
		page.When = p.When
		c.def.Pages[i] = page
		if c.lib.tree != nil {
			c.included[fmt.Sprintf("pages[%d]", i)] = fmt.Sprintf("pages[%d]", c.lib.index[p.Include])
		}
	}
}

var (
	keyPattern   = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	slugPattern  = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
	codePattern  = regexp.MustCompile(`^[A-Z]{3}$`)
	valuePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)
)

// text demands a text in three languages, in which nothing is filled in.
func (c *checker) text(t lang.Text, what string) {
	c.filled(t, what, nil)
}

// optional looks at a text that may be left out, but then in every language.
func (c *checker) optional(t lang.Text, what string) {
	if !t.IsZero() {
		c.text(t, what)
	}
}

// filled demands a text in three languages, in which the names in braces are known ones.
func (c *checker) filled(t lang.Text, what string, names []string) {
	var missing []string
	for _, l := range lang.All() {
		s := t.Get(l)
		at := c.at("%s", l)
		if strings.TrimSpace(s) == "" {
			missing = append(missing, string(l))
			continue
		}
		limit := maxText
		if strings.HasSuffix(c.here, "about") {
			limit = maxPage
		}
		if n := utf8.RuneCountInString(s); n > limit {
			at.add("%s has %d characters: at most %d", what, n, limit)
		}
		at.braces(s, what, names)
	}
	if len(missing) > 0 {
		c.add("%s has no text in %s: write it in kk, ru and en", what, strings.Join(missing, ", "))
	}
}

// braces looks at the names in braces of a pattern. Without names nothing is filled in.
func (c *checker) braces(pattern, what string, names []string) {
	rest := Fill(pattern, func(name string) string {
		if names == nil {
			c.add("%s: {%s} is not filled in here: write it out", what, name)
		} else if !slices.Contains(names, name) {
			hint := Meant(name, names)
			if hint == "" {
				hint = ": write a field, " + strings.Join(names[len(names)-min(len(names), 12):], ", ")
			}
			c.add("%s: {%s} names nothing%s", what, name, hint)
		}
		return ""
	})
	if names != nil && strings.ContainsAny(rest, "{}") {
		c.add("%s: a brace is left over: a name in braces has lower-case letters, digits, underscores and dots", what)
	}
}

// distinct demands of the keys of a list that each stands once and, where there is a pattern, is well formed.
func (c *checker) distinct(list, name string, n int, keyOf func(int) string, pattern *regexp.Regexp) {
	first := map[string]int{}
	what := strings.TrimSuffix(list[strings.LastIndexByte(list, '.')+1:]+": "+name, ": ")
	for i := range n {
		k := keyOf(i)
		at := c.at("%s[%d].%s", list, i, name)
		if pattern != nil && !pattern.MatchString(k) {
			at.add("%s %q: %s", what, k, formOf(pattern))
			continue
		}
		if before, twice := first[k]; twice && k != "" {
			_, p := c.at("%s[%d].%s", list, before, name).place()
			at.add("%s %q stands twice, first in line %d: keep one, or give each its own", what, k, p.line)
			continue
		}
		first[k] = i
	}
}

// formOf says how keys of a pattern are written.
func formOf(pattern *regexp.Regexp) string {
	switch pattern {
	case slugPattern:
		return "lower-case letters, digits and hyphens, beginning with a letter"
	case valuePattern:
		return "Latin letters, digits, hyphens, dots and underscores"
	}
	return "lower-case letters, digits and underscores, beginning with a letter"
}

// shape checks everything but the rules.
func (c *checker) shape() {
	d := c.def
	if !slugPattern.MatchString(d.Key) {
		c.at("key").add("key %q: %s", d.Key, formOf(slugPattern))
	}
	c.passport()
	c.category()
	c.operations()
	c.pages()
	c.documents()
	c.data()
	switch d.Status {
	case Announced:
		return
	case Open:
	case "":
		c.at("status").add("say status: open or announced")
	default:
		c.at("status").add("status: open or announced, not %q", d.Status)
	}
	c.numbers()
	c.process()
	c.orderable()
	if len(d.Pages) == 0 {
		c.at("pages").add("pages: an open service has a form: say at least one page")
	}
	if !d.Channels.Apply.Portal {
		c.at("channels.apply.portal").add("channels.apply.portal: an open service is applied for through the portal: say true")
	}
	c.permit()
}

// passport checks what the catalogue and the passport show.
func (c *checker) passport() {
	d := c.def
	c.at("name").text(d.Name, "name")
	c.at("group").text(d.Group, "group")
	c.at("summary").optional(d.Summary, "summary")
	c.at("about").optional(d.About, "about")
	if len(d.Bodies) == 0 {
		c.at("bodies").add("bodies: name at least one state body")
	}
	c.distinct("bodies", "", len(d.Bodies), func(i int) string { return d.Bodies[i] }, nil)
	c.catalogue()
	if len(d.Recipients) == 0 {
		c.at("recipients").add("recipients: say who may receive the service")
	}
	c.recipients("recipients", d.Recipients, nil)
	for i, act := range d.Legal {
		c := c.at("legal[%d]", i)
		c.at("title").text(act.Title, "title of a legal act")
		if u, err := url.Parse(act.URL); act.URL != "" && (err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil) {
			c.at("url").add("url %q: an address that begins with https://, or none", act.URL)
		}
	}
	c.distinct("subtypes", "key", len(d.Subtypes), func(i int) string { return d.Subtypes[i].Key }, slugPattern)
	for j, o := range d.Offers {
		at := c.at("offers[%d]", j)
		at.at("text").text(o.Text, "offer at "+string(o.At))
		if o.At != AtPermits {
			at.at("at").add("offers: at is permits, not %q", o.At)
		}
	}
	for i, s := range d.Subtypes {
		c.at("subtypes[%d].name", i).text(s.Name, "subtype "+s.Key)
		for j, body := range s.Bodies {
			if !slices.Contains(d.Bodies, body) {
				c.at("subtypes[%d].bodies[%d]", i, j).add("subtype %s: %q is none of the service's bodies%s", s.Key, body, Meant(body, d.Bodies))
			}
		}
		for key, value := range s.Preset {
			c.at("subtypes[%d].preset.%s", i, key).preset(s.Key, key, value)
		}
	}
}

// catalogue checks the sphere and the state bodies, where the catalogue is known.
func (c *checker) catalogue() {
	d, lib := c.def, c.lib
	if lib == nil || lib.Spheres == nil {
		return
	}
	var spheres, bodies []string
	for _, s := range lib.Spheres {
		spheres = append(spheres, s.Key)
	}
	for _, b := range lib.Bodies {
		bodies = append(bodies, b.Key)
	}
	if !slices.Contains(spheres, d.Sphere) {
		c.at("sphere").add("catalogue.yaml has no sphere %q%s", d.Sphere, Meant(d.Sphere, spheres))
	}
	for i, b := range d.Bodies {
		if !slices.Contains(bodies, b) {
			c.at("bodies[%d]", i).add("catalogue.yaml has no state body %q%s", b, Meant(b, bodies))
		}
	}
}

// recipients checks a list of kinds of recipients; those of a document are kinds that the passport serves.
func (c *checker) recipients(list string, kinds, served []Recipient) {
	var known []string
	for _, r := range Recipients() {
		known = append(known, string(r))
	}
	for i, r := range kinds {
		at := c.at("%s[%d]", list, i)
		switch {
		case !slices.Contains(Recipients(), r):
			at.add("%s: %q is none of the seven kinds of recipients%s", list, r, Meant(string(r), known))
		case slices.Contains(kinds[:i], r):
			at.add("%s: %s stands twice: keep one", list, r)
		case len(served) > 0 && !slices.Contains(served, r):
			at.add("%s: the passport does not serve %s: add it to recipients, or take it out here", list, r)
		}
	}
}

// preset checks one answer that a subtype sets.
func (c *checker) preset(subtype, key, value string) {
	f, ok := c.def.Field(key)
	if !ok {
		c.add("subtype %s: there is no field %q%s", subtype, key, Meant(key, c.fields()))
		return
	}
	var values []string
	switch f.Type {
	case TypeChoice:
		for _, o := range f.Options {
			values = append(values, o.Value)
		}
	case TypeYesNo, TypeConfirm:
		values = []string{"yes", "no"}
	default:
		return
	}
	if len(values) > 0 && !slices.Contains(values, value) {
		c.add("subtype %s: %q is no answer to %s: write one of %s", subtype, value, key, strings.Join(values, ", "))
	}
}

// fields lists the keys of the form.
func (c *checker) fields() []string {
	var keys []string
	for _, p := range c.def.Pages {
		for _, f := range p.Fields {
			keys = append(keys, f.Key)
		}
	}
	return keys
}

func (c *checker) numbers() {
	n := c.def.Numbers
	if !codePattern.MatchString(n.Application) || n.Application[0] != 'R' {
		c.at("numbers.application").add("numbers.application: three capitals beginning with R")
	}
	switch {
	case !codePattern.MatchString(n.Permit):
		c.at("numbers.permit").add("numbers.permit: three capitals, L first for a licence, V for another permit, U for the slip of a notification")
	case n.Permit == n.Application:
		c.at("numbers.permit").add("numbers.permit: applications have the code %s already: take another", n.Permit)
	default:
		c.letters()
	}
}
