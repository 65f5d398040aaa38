package cases

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"elicense/internal/civil"
	"elicense/internal/decimal"
	"elicense/internal/service"
)

// Check gives all that is wrong with the text of the services of a folder, by their keys: definitions, what they share, the
// rows of their directories, and their cases, which are read but not replayed.
func Check(root fs.FS, keys []string) service.Mistakes {
	good, found := service.CheckFolder(root, keys)
	for _, key := range keys {
		folder, err := fs.Sub(root, key)
		if rev := good[key]; rev != nil && err == nil {
			found = append(found, check(folder, rev).Under(key)...)
		}
	}
	return found.Sorted()
}

// check reads the rows and cases of one folder.
func check(folder fs.FS, rev *service.Revision) service.Mistakes {
	src, err := service.ReadSource(folder)
	if err != nil {
		return service.AsMistakes("service.yaml", err)
	}
	_, err = Rows(rev, src)
	found := service.AsMistakes("service.yaml", err)
	names, _ := fs.Glob(folder, "cases/*.yaml") // the pattern is good
	for _, name := range names {
		text, err := fs.ReadFile(folder, name)
		if err != nil {
			return append(found, service.AsMistakes(name, err)...)
		}
		_, wrong := read(name, text, rev.Definition)
		found = append(found, wrong...)
	}
	return found
}

// read reads a case and holds the names in it against the definition.
func read(file string, text []byte, d *service.Definition) (Case, service.Mistakes) {
	var c Case
	tree, err := service.YAML(file, text, &c)
	if err != nil {
		return c, service.AsMistakes(file, err)
	}
	r := reader{tree: tree}
	r.head(c.Name, c.Filed)
	if !d.Serves(c.Party.Kind) {
		r.add("party.kind", "the passport does not serve %q: name one of its recipients", c.Party.Kind)
	}
	r.names(c, d)
	r.expected(c.Expect)
	for path, sum := range map[string]string{"expect.fee": c.Expect.Fee, "directory.quota_free": c.Directory.QuotaFree} {
		if _, err := decimal.Parse(sum); sum != "" && err != nil {
			r.add(path, "%q is not a number: write it as 43250.00", sum)
		}
	}
	return c, r.found
}

// reader gathers the mistakes of one case.
type reader struct {
	tree  *service.Tree
	under string // path before those of the case
	found service.Mistakes
}

// head checks what every case says of itself.
func (r *reader) head(name string, filed civil.Date) {
	if strings.TrimSpace(name) == "" {
		r.add("name", "say in a sentence what the case shows")
	}
	if filed.IsZero() {
		r.add("filed", "say the day of filing")
	}
}

func (r *reader) add(path, format string, args ...any) {
	r.found = append(r.found, r.tree.Mistake(r.under+path, format, args...))
}

// expected demands that what a case expects can come of it.
func (r *reader) expected(e Expect) {
	switch {
	case e.Decision != "" && e.Decision != "granted" && e.Decision != "refused":
		r.add("expect.decision", "decision is granted or refused, not %q", e.Decision)
	case e.Decision == "granted" && len(e.Grounds) > 0:
		r.add("expect.grounds", "a granted application has no grounds of refusal")
	case e.Decision == "refused" && len(e.Grounds) == 0:
		r.add("expect.decision", "a refusal has grounds: name them")
	case e.Decision != "" && len(e.Errors) > 0:
		r.add("expect.decision", "an application with errors is not decided: leave decision out")
	}
}

// names demands that what a case names is there: fields, documents, grounds.
func (r *reader) names(c Case, d *service.Definition) {
	var fields, documents, grounds, operations, bodies []string
	for _, p := range d.Pages {
		for _, f := range p.Fields {
			fields = append(fields, f.Key)
		}
	}
	for _, doc := range d.Documents {
		documents = append(documents, doc.Key)
	}
	for _, g := range d.Decision.Refuse {
		grounds = append(grounds, g.Key)
	}
	for _, o := range d.Operations {
		operations = append(operations, o.Key)
	}
	for _, o := range d.Process.Opinions {
		bodies = append(bodies, o.Body)
	}
	one := func(path, what, key string, known []string) {
		if !slices.Contains(known, key) {
			r.add(path, "there is no %s %q%s", what, key, service.Meant(key, known))
		}
	}
	for number, key := range c.Issued {
		one("issued."+number, "operation", key, operations)
	}
	for key := range c.Permit.Values {
		one("permit.values."+key, "field", key, fields)
	}
	o, known := d.Operation(c.Operation)
	switch concerns := known && o.Concerns(); {
	case concerns && c.Permit.From.IsZero():
		r.add("permit", "operation %s concerns a permit: say permit: {from, to, values}", o.Key)
	case known && !concerns && !c.Permit.From.IsZero():
		r.add("permit", "operation %s concerns no permit: take it out", o.Key)
	}
	if c.Operation != "" {
		one("operation", "operation", c.Operation, operations)
	}
	list := func(path, what string, keys, known []string) {
		for i, key := range keys {
			one(fmt.Sprintf("%s[%d]", path, i), what, key, known)
		}
	}
	for key := range c.Answers {
		one("answers."+key, "field", key, fields)
	}
	for key, kind := range c.Expect.Errors {
		field, _, _ := strings.Cut(key, ".") // "goods.2.quantity", "territory.750000000"
		one("expect.errors."+key, "field or document", field, append(fields, documents...))
		if !slices.Contains([]string{"required", "invalid", "check"}, kind) {
			r.add("expect.errors."+key, "an error is required, invalid or check, not %q", kind)
		}
	}
	list("expect.visible", "field", c.Expect.Visible, fields)
	list("expect.hidden", "field", c.Expect.Hidden, fields)
	list("documents", "document", c.Documents, documents)
	list("expect.grounds", "ground", c.Expect.Grounds, grounds)
	list("expect.opinions", "opinion of", c.Expect.Opinions, bodies)
}
