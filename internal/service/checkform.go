package service

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// pages checks the form.
func (c *checker) pages() {
	pages := c.def.Pages
	c.distinct("pages", "key", len(pages), func(i int) string { return pages[i].Key }, slugPattern)
	first := map[string]position{}
	for i, p := range pages {
		if p.Include != "" {
			continue // there is no such page, which is said where it is included
		}
		c := c.at("pages[%d]", i)
		c.at("title").text(p.Title, "page "+p.Key)
		c.at("hint").optional(p.Hint, "hint of page "+p.Key)
		c.at("answers").optional(p.Answers, "title above the answers of page "+p.Key)
		if len(p.Fields) == 0 {
			c.at("fields").add("page %q has no fields: add some, or take the page out", p.Key)
		}
		for j, f := range p.Fields {
			c := c.at("fields[%d]", j)
			at := c.at("key")
			_, place := at.place()
			if before, twice := first[f.Key]; twice {
				at.add("field %q stands twice, first in line %d: give each its own key", f.Key, before.line)
			} else {
				first[f.Key] = place
			}
			c.field(f)
		}
	}
}

// taken are names that a field may not have: those of rules, of boxes and of the rule language.
func taken() []string {
	return append(BoxNames(), "permit", "appendix", "appendix_from", "today", "mci", "recipient", "operation", "fee_due", "fee_paid", "journal", "year2", "stamp",
		"true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop",
		"package", "namespace", "return", "var", "void", "while")
}

func (c *checker) field(f Field) {
	what := "field " + f.Key
	switch {
	case !keyPattern.MatchString(f.Key):
		c.at("key").add("%s: %s", what, formOf(keyPattern))
	case slices.Contains(taken(), f.Key):
		c.at("key").add("%s: the name has a meaning of its own in rules or boxes: take another, as applicant_%s", what, f.Key)
	}
	c.at("label").text(f.Label, what)
	c.at("hint").optional(f.Hint, "hint of "+what)
	c.prefill(f, what)
	c.issued(f)
	c.options(f, what)
	if f.Max < 0 || f.Max > 10_000 && f.Type != TypeTerritory {
		c.at("max").add("%s: max is 1 to 10,000 characters", what)
	}
	if f.Lines < 0 || f.Lines > 40 {
		c.at("lines").add("%s: lines is 1 to 40", what)
	}
	if f.Zero && f.Type != TypeNumber && f.Type != TypeMoney {
		c.at("zero").add("%s: zero belongs to a number or money, not to %s", what, f.Type)
	}
	if f.Type != TypeComputed && (f.Of != "" || !f.Value.IsZero()) {
		c.at("of").add("%s: of and value belong to a computed field: say type: computed, or take them out", what)
	}
	switch f.Type {
	case TypeNumber, TypeMoney:
		if f.Scale < 0 || f.Scale > 6 {
			c.at("scale").add("%s: scale is 0 to 6 decimal places", what)
		}
	case TypeDirectory, TypeComputed, TypeRows, TypeTerritory:
		c.rich(f, what)
	default:
		if slices.Contains(Types(), f.Type) {
			return
		}
		var known []string
		for _, t := range Types() {
			known = append(known, string(t))
		}
		hint := Meant(string(f.Type), known)
		if hint == "" {
			hint = ": the types are " + strings.Join(known, ", ")
		}
		c.at("type").add("%s: there is no type %q%s", what, f.Type, hint)
	}
}

func (c *checker) options(f Field, what string) {
	if f.Type == TypeChoice && len(f.Options) == 0 {
		c.at("options").add("%s: a choice needs options", what)
	}
	if simple := []Type{TypeText, TypeLongText, TypeNumber, TypeMoney, TypeDate, TypeYesNo, TypeConfirm}; len(f.Options) > 0 && slices.Contains(simple, f.Type) {
		c.at("options").add("%s: options belong to a choice, not to %s", what, f.Type)
	}
	c.distinct("options", "value", len(f.Options), func(i int) string { return f.Options[i].Value }, valuePattern)
	for i, o := range f.Options {
		c.at("options[%d].label", i).text(o.Label, what+" option "+o.Value)
	}
}

func (c *checker) prefill(f Field, what string) {
	known := c.lib.sources()
	for i, source := range f.Prefill {
		at := c.at("prefill[%d]", i)
		switch {
		case !slices.Contains(known, source):
			hint := Meant(source, known)
			if hint == "" {
				hint = ": sources begin with applicant., account., profile. or registry."
			}
			at.add("%s: there is no source %q%s", what, source, hint)
		case slices.Contains(f.Prefill[:i], source):
			at.add("%s: source %s stands twice: keep one", what, source)
		}
	}
}

func (c *checker) documents() {
	docs := c.def.Documents
	c.distinct("documents", "key", len(docs), func(i int) string { return docs[i].Key }, keyPattern)
	for i, doc := range docs {
		c := c.at("documents[%d]", i)
		c.at("name").text(doc.Name, "document "+doc.Key)
		c.at("hint").optional(doc.Hint, "hint of document "+doc.Key)
		if len(doc.Required)+len(doc.Optional) == 0 {
			c.at("required").add("document %s is asked of nobody: say for whom it is required or optional", doc.Key)
		}
		c.recipients("required", doc.Required, c.def.Recipients)
		c.recipients("optional", doc.Optional, c.def.Recipients)
		c.forOperations("document "+doc.Key, doc.Operations, "nobody attaches anything to it")
		for j, r := range doc.Optional {
			if slices.Contains(doc.Required, r) {
				c.at("optional[%d]", j).add("document %s is required of %s already: keep one of the two", doc.Key, r)
			}
		}
	}
}

// data checks directories and lookups.
func (c *checker) data() {
	dirs, lookups := c.def.Directories, c.def.Lookups
	c.distinct("directories", "key", len(dirs), func(i int) string { return dirs[i].Key }, keyPattern)
	for i, dir := range dirs {
		c := c.at("directories[%d]", i)
		c.at("name").text(dir.Name, "directory "+dir.Key)
		c.distinct("columns", "key", len(dir.Columns), func(j int) string { return dir.Columns[j].Key }, keyPattern)
		columns := map[string]string{}
		for j, col := range dir.Columns {
			if !slices.Contains(columnTypes(), col.Type) {
				c.at("columns[%d].type", j).add("directory %s: column %s is text, number or int, not %q", dir.Key, col.Key, col.Type)
			}
			if slices.Contains([]string{"code", "variant", "name", "name_kk", "name_ru", "name_en", "from", "to", "found", "limited", "free"}, col.Key) {
				c.at("columns[%d].key", j).add("directory %s: every directory has %s: call the column otherwise", dir.Key, col.Key)
			}
			columns[col.Key] = col.Type
		}
		if q := dir.Quota; q != nil && (columns[q.Amount] != "number" || columns[q.Year] != "int" || columns[q.Unit] != "text") {
			c.at("quota").add("directory %s: a quota names a number column (amount), an int column (year) and a text column (unit)", dir.Key)
		}
	}
	c.distinct("lookups", "name", len(lookups), func(i int) string { return lookups[i].Name }, keyPattern)
	for i, l := range lookups {
		c.at("lookups[%d]", i).lookup(l)
	}
}

func columnTypes() []string { return []string{"text", "number", "int"} }

func (c *checker) lookup(l Lookup) {
	dir, ok := c.def.Directory(l.Directory)
	if !ok {
		var known []string
		for _, d := range c.def.Directories {
			known = append(known, d.Key)
		}
		c.at("directory").add("lookup %s: there is no directory %q%s", l.Name, l.Directory, Meant(l.Directory, known))
	}
	if _, field := c.def.Field(l.Name); field || slices.Contains(taken(), l.Name) {
		c.at("name").add("lookup %s: a field or a word of the rules has this name already: take another", l.Name)
	}
	if l.Code == "" {
		c.at("code").add("lookup %s: say which field is the code", l.Name)
	}
	for name, key := range map[string]string{"code": l.Code, "variant": l.Variant, "on": l.On, "quantity": l.Quantity} {
		f, ok := c.def.Field(key)
		switch {
		case key == "":
		case !ok:
			c.at("%s", name).add("lookup %s: there is no field %q%s", l.Name, key, Meant(key, c.fields()))
		case name == "on" && f.Type != TypeDate:
			c.at("on").add("lookup %s: %s is not a date", l.Name, key)
		case name == "quantity" && f.Type != TypeNumber:
			c.at("quantity").add("lookup %s: %s is not a number", l.Name, key)
		}
	}
	if dir.Quota != nil && l.Quantity == "" {
		c.at("quantity").add("lookup %s: the directory has quotas, so say which field is the quantity", l.Name)
	}
	if ok && dir.Quota == nil && l.Quantity != "" {
		c.at("quantity").add("lookup %s: directory %s has no quota, so nothing is taken: leave quantity out", l.Name, l.Directory)
	}
}

// files checks that each CSV file of the folder is a directory's.
func (c *checker) files(src Source) {
	var keys, known []string
	for _, dir := range c.def.Directories {
		keys, known = append(keys, dir.Key), append(known, dir.Key+".csv")
	}
	for _, name := range slices.Sorted(maps.Keys(src)) {
		if path.Ext(name) == ".csv" && !slices.Contains(known, name) {
			*c.found = append(*c.found, &Mistake{File: name, Line: 1, Column: 1, Text: fmt.Sprintf("service.yaml has no directory %q%s", strings.TrimSuffix(name, ".csv"), Meant(strings.TrimSuffix(name, ".csv"), keys))})
		}
	}
}

// dates lists the keys of the fields that give dates.
func (c *checker) dates() []string {
	return slices.DeleteFunc(c.fields(), func(key string) bool {
		f, _ := c.def.Field(key)
		return f.Gives() != TypeDate
	})
}

// issued checks a field that names what the applicant was given before.
func (c *checker) issued(f Field) {
	if len(f.Issued) > 0 && f.Type != TypeText {
		c.at("issued").add("field %s: issued belongs to a text, which holds the number", f.Key)
	}
	if c.common() || c.def == nil {
		return
	}
	var known []string
	for _, o := range c.def.Operations {
		known = append(known, o.Key)
	}
	for i, key := range f.Issued {
		if o, ok := c.def.Operation(key); !ok || o.Concerns() {
			c.at("issued[%d]", i).add("field %s: issued names operations of this service that give a number, not %q%s", f.Key, key, Meant(key, known))
		}
	}
}

// permit checks the output document.
func (c *checker) permit() {
	p := c.def.Permit
	c = c.at("permit")
	c.at("title").text(p.Title, "permit title")
	c.at("kind").text(p.Kind, "permit kind")
	if p.Class < 0 || p.Class > 6 {
		c.at("class").add("permit: class is 1 to 6, as article 3 of the Law on permits and notifications has them, or left out; not %d", p.Class)
	}
	c.at("signatory").optional(p.Signatory, "permit signatory")
	for i, note := range p.Notes {
		c.at("notes[%d]", i).text(note, "permit note")
	}
	for _, at := range []struct{ name, key string }{{"from", p.From}, {"to", p.To}, {"first_issued", p.First}} {
		if f, ok := c.def.Field(at.key); at.key != "" && (!ok || f.Gives() != TypeDate) {
			c.at("%s", at.name).add("permit: %s is the key of a date field, not %q%s", at.name, at.key, Meant(at.key, c.dates()))
		}
	}
	if !p.Second.Rule.IsZero() || !p.Second.Label.IsZero() {
		c.at("second_number.label").text(p.Second.Label, "second number")
		if p.Second.Rule.IsZero() {
			c.at("second_number").add("second number: say the rule that makes it")
		}
	}
	c.boxes(p.Rows, append(c.fields(), BoxNames()...))
	c.appendix(p.Appendix)
	c.permitGrounds(p.Grounds)
}

// boxes checks the boxes of a document.
func (c *checker) boxes(rows []PermitRow, names []string) {
	seen := map[string]Box{}
	for i, row := range rows {
		for j, b := range row.Boxes {
			c := c.at("rows[%d].boxes[%d]", i, j)
			c.at("label").text(b.Label, "permit box "+b.No)
			c.at("value").braces(b.Value, "permit box "+b.No, names)
			if b.Width < 0 || b.Width > 12 {
				c.at("width").add("permit box %s: width is 1 to 12, not %d", b.No, b.Width)
			}
			before, twice := seen[b.No]
			if b.No != "" && twice && (before.When.IsZero() || b.When.IsZero()) {
				c.at("no").add("permit box %s stands twice: give each its own number, or each a rule `when`", b.No)
			}
			seen[b.No] = b
		}
	}
}
