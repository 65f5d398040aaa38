package service

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
)

// placed is one rule of a definition: where it stands, what it is called and what it must give.
type placed struct {
	path, what string
	expr       Expr
	want       *cel.Type
	fee        bool   // of an operation
	never      string // what follows when the rule is never true
	always     string // what follows when the rule is always true
}

// rules lists every rule that is written in a definition.
func (d *Definition) rules() []placed {
	var list []placed
	add := func(r placed) {
		if !r.expr.IsZero() {
			list = append(list, r)
		}
	}
	for i, o := range d.Operations {
		add(placed{path: fmt.Sprintf("operations[%d].fee", i), what: "fee of " + o.Key, expr: o.Fee, want: cel.IntType, fee: true})
	}
	for i, page := range d.Pages {
		add(placed{path: fmt.Sprintf("pages[%d].when", i), what: "page " + page.Key, expr: page.When, want: cel.BoolType,
			never: "the page is never reached: mend the rule, or take the page out", always: "leave the rule out"})
		for j, f := range page.Fields {
			add(placed{path: fmt.Sprintf("pages[%d].fields[%d].when", i, j), what: "field " + f.Key, expr: f.When, want: cel.BoolType,
				never: "the field is never shown: mend the rule, or take the field out", always: "leave the rule out"})
			if f.Type == TypeComputed {
				add(placed{path: fmt.Sprintf("pages[%d].fields[%d].value", i, j), what: "field " + f.Key, expr: f.Value, want: celType(f.Of),
					never: "the answer is always no: take the field out", always: "the answer is always yes: take the field out"})
			}
		}
	}
	for i, check := range d.Checks {
		add(placed{path: fmt.Sprintf("checks[%d].rule", i), what: "check at " + check.Field, expr: check.Rule, want: cel.BoolType,
			never: "nobody can pass the check", always: "the check finds nothing: take it out"})
	}
	for i, r := range d.Decision.Refuse {
		add(placed{path: fmt.Sprintf("decision.refuse[%d].if", i), what: "refusal " + r.Key, expr: r.If, want: cel.BoolType,
			never: "nobody is refused on this ground: take it out", always: "everybody is refused"})
	}
	for i, o := range d.Process.Opinions {
		add(placed{path: fmt.Sprintf("process.opinions[%d].when", i), what: "opinion of " + o.Body, expr: o.When, want: cel.BoolType,
			never: "the body is never asked: take the opinion out", always: "leave the rule out"})
	}
	add(placed{path: "permit.second_number.rule", what: "second number", expr: d.Permit.Second.Rule, want: cel.StringType})
	for _, sheet := range []struct {
		path, what string
		rows       []PermitRow
	}{{"permit.rows", "permit box ", d.Permit.Rows}, {"permit.appendix.rows", "box of the appendix ", d.Permit.Appendix.Rows}} {
		for i, row := range sheet.rows {
			for j, b := range row.Boxes {
				add(placed{path: fmt.Sprintf("%s[%d].boxes[%d].when", sheet.path, i, j), what: sheet.what + b.No, expr: b.When, want: cel.BoolType,
					never: "the box never stands: take it out", always: "leave the rule out"})
			}
		}
	}
	return list
}

// rules compiles every rule against the form and looks at what they say.
func (c *checker) rules(p *Program) {
	proof := prover{env: p.env, def: c.def, left: maxProofs}
	if c.def.Key == "-" {
		proof.left = maxProofs / 4
	}
	constant := map[string]bool{}
	for _, r := range c.def.rules() {
		c := c.at("%s", r.path)
		tree, err := p.compile(r.expr, r.want)
		if err != nil {
			c.ruleMistake(r, err)
			continue
		}
		if !c.known(r, tree, p) || r.want != cel.BoolType || c.common() && c.def.Key != "-" {
			continue
		}
		switch proof.of(tree, p.Mentions(r.expr)) {
		case neverTrue:
			constant[r.path] = true
			c.add("%s: the rule is never true: %s", r.what, r.never)
		case alwaysTrue:
			c.add("%s: the rule is always true: %s", r.what, r.always)
		}
	}
	c.richRules(p)
	c.reachable(constant)
	c.formless(p, &proof)
	c.order(p)
	c.texts()
	c.widths(p, &proof)
}

// ruleMistake notes what the compiler found, at its place within the rule.
func (c *checker) ruleMistake(r placed, err error) {
	file, p := c.place()
	m := &Mistake{Line: p.line, Column: p.column, Text: err.Error()}
	errors.As(err, &m)
	last := c.tree.last
	if c.common() {
		last = c.lib.tree.last
	}
	*c.found = append(*c.found, &Mistake{File: file, Line: min(max(1, m.Line), last.line), Column: max(1, m.Column), Text: r.what + ": " + m.Text})
}

// mistake makes a mistake of a part of a compiled rule.
func (r placed) mistake(tree *celast.AST, id int64, text string) *Mistake {
	at := r.expr.position(1, 0)
	if l := tree.SourceInfo().GetStartLocation(id); l.Line() > 0 {
		at = r.expr.position(l.Line(), l.Column())
	}
	return &Mistake{Line: at.line, Column: at.column, Text: text}
}

// known checks that a rule compares a choice with its options and a recipient with the seven kinds, and that it asks only
// for what is known when it runs.
func (c *checker) known(r placed, tree *celast.AST, p *Program) bool {
	before := len(*c.found)
	note := func(id int64, format string, args ...any) {
		c.ruleMistake(r, r.mistake(tree, id, fmt.Sprintf(format, args...)))
	}
	compare := func(name, value celast.Expr) {
		if name.Kind() != celast.IdentKind {
			return
		}
		values, ok := c.values(name.AsIdent())
		if !ok {
			return
		}
		for _, literal := range literals(value) {
			if s := string(literal.AsLiteral().(types.String)); s != "" && !slices.Contains(values, s) {
				hint := Meant(s, values)
				if hint == "" {
					hint = ": it is one of " + strings.Join(values, ", ")
				}
				note(literal.ID(), "%s is never %q%s", name.AsIdent(), s, hint)
			}
		}
	}
	celast.PostOrderVisit(tree.Expr(), celast.NewExprVisitor(func(e celast.Expr) {
		if e.Kind() != celast.CallKind || len(e.AsCall().Args()) != 2 {
			return
		}
		call := e.AsCall()
		a, b := call.Args()[0], call.Args()[1]
		switch call.FunctionName() {
		case "_==_", "_!=_":
			compare(a, b)
			compare(b, a)
		case "@in":
			compare(a, b)
		}
	}))
	c.def.bareNumbers(nil, tree, func(id int64, text string) { note(id, "%s", text) })
	for _, name := range p.Mentions(r.expr) {
		switch {
		case slices.Contains([]string{"journal", "year2", "stamp"}, name) && r.path != "permit.second_number.rule":
			c.ruleMistake(r, &Mistake{Line: r.expr.Line, Column: r.expr.Column, Text: name + " is known only when the permit is issued: use it in the second number"})
		case (name == "fee_due" || name == "fee_paid") && (strings.HasSuffix(r.path, ".fee") || strings.HasPrefix(r.path, "pages")):
			c.ruleMistake(r, &Mistake{Line: r.expr.Line, Column: r.expr.Column, Text: name + " is known only when the form is filled in: it cannot decide the fee or what the form shows"})
		}
	}
	return len(*c.found) == before
}

// literals gives the texts of a literal or of a list of literals.
func literals(e celast.Expr) []celast.Expr {
	switch e.Kind() {
	case celast.LiteralKind:
		if _, ok := e.AsLiteral().(types.String); ok {
			return []celast.Expr{e}
		}
	case celast.ListKind:
		var all []celast.Expr
		for _, item := range e.AsList().Elements() {
			all = append(all, literals(item)...)
		}
		return all
	}
	return nil
}

// values lists what a name can be, where that is a short list of texts.
func (c *checker) values(name string) ([]string, bool) {
	switch {
	case name == "recipient":
		return words(Recipients()), true
	case name == "operation" && !c.common(): // the operations of a common page are those of each service
		var all []string
		for _, o := range c.def.Operations {
			all = append(all, o.Key)
		}
		return all, true
	}
	f, ok := c.def.Field(strings.TrimPrefix(name, ofPermit))
	if !ok || f.Type != TypeChoice || len(f.Options) == 0 {
		return nil, false
	}
	var all []string
	for _, o := range f.Options {
		all = append(all, o.Value)
	}
	return all, true
}

// reachable finds pages of which no field is ever shown.
func (c *checker) reachable(never map[string]bool) {
	for i, p := range c.def.Pages {
		shown := len(p.Fields) == 0
		for j := range p.Fields {
			shown = shown || !never[fmt.Sprintf("pages[%d].fields[%d].when", i, j)]
		}
		if !shown {
			c.at("pages[%d]", i).add("page %q is never reached: none of its fields is ever shown", p.Key)
		}
	}
}

// order finds rules about what the person has not answered yet, and circles of rules.
func (c *checker) order(p *Program) {
	type spot struct{ page, field int }
	spots, needs := map[string]spot{}, map[string][]string{}
	for i, page := range c.def.Pages {
		for j, f := range page.Fields {
			spots[f.Key] = spot{i, j}
			needs[f.Key] = c.askedBy(slices.Concat(p.Mentions(f.When), p.Mentions(f.Value)))
		}
	}
	for i, page := range c.def.Pages {
		for _, name := range c.askedBy(p.Mentions(page.When)) {
			if s, ok := spots[name]; ok && s.page >= i {
				c.at("pages[%d].when", i).add("page %s: the rule asks about %s, which does not stand on an earlier page: move one of the two", page.Key, name)
			}
		}
		for j, f := range page.Fields {
			at := c.at("pages[%d].fields[%d].when", i, j)
			for _, name := range needs[f.Key] {
				if s, ok := spots[name]; ok && s.page > i {
					at.add("field %s: the rule asks about %s, which stands on a later page: move one of the two", f.Key, name)
				}
			}
			if circle := around(f.Key, needs); circle != nil && f.Key == slices.Min(circle) {
				at.add("field %s: the rules go in a circle, %s: one must not depend on the next", f.Key, strings.Join(append(circle, f.Key), " → "))
			}
		}
	}
}

// askedBy lists the fields of names in a rule, with those behind lookups.
func (c *checker) askedBy(names []string) []string {
	var keys []string
	for _, name := range names {
		if strings.HasPrefix(name, "permit.") {
			continue // what the permit says is known before anything is asked
		}
		if field, ok := c.def.FieldOf(name); ok {
			name = field.Key // a column of rows stands where they stand
		}
		keys = append(append(keys, name), c.behind(name)...)
	}
	return keys
}

// behind lists the fields by which a lookup finds its row, for a name such as "listed.found".
func (c *checker) behind(name string) []string {
	lookup, _, dotted := strings.Cut(name, ".")
	if !dotted {
		return nil
	}
	for _, l := range c.def.Lookups {
		if l.Name == lookup {
			return slices.DeleteFunc([]string{l.Code, l.Variant, l.On}, func(key string) bool { return key == "" })
		}
	}
	return nil
}

// around gives the shortest circle of needs that begins at a key, without the key at its end; nil where there is none.
func around(start string, needs map[string][]string) []string {
	paths, seen := [][]string{{start}}, map[string]bool{}
	for len(paths) > 0 {
		path := paths[0]
		paths = paths[1:]
		for _, next := range needs[path[len(path)-1]] {
			if next == start {
				return path
			}
			if !seen[next] && needs[next] != nil {
				seen[next] = true
				paths = append(paths, append(slices.Clone(path), next))
			}
		}
	}
	return nil
}

// texts checks what stands beside the rules of checks and refusals.
func (c *checker) texts() {
	d := c.def
	for i, check := range d.Checks {
		c := c.at("checks[%d]", i)
		c.at("message").text(check.Message, "check at "+check.Field)
		if _, ok := d.Field(check.Field); !ok {
			c.at("field").add("check: there is no field %q%s", check.Field, Meant(check.Field, c.fields()))
		}
		if check.Rule.IsZero() {
			c.add("check at %s: say the rule that must be true", check.Field)
		}
	}
	names := c.groundNames()
	refuse := d.Decision.Refuse
	c.distinct("decision.refuse", "key", len(refuse), func(i int) string { return refuse[i].Key }, keyPattern)
	for i, r := range refuse {
		c := c.at("decision.refuse[%d]", i)
		if r.If.IsZero() {
			c.add("refusal %s: say the rule `if`; without one everybody is refused", r.Key)
		}
		if names == nil {
			continue
		}
		c.at("ground").filled(r.Ground, "refusal "+r.Key, names)
		c.at("act").text(r.Act, "act of refusal "+r.Key)
		if !r.Advice.IsZero() {
			c.at("advice").filled(r.Advice, "advice of refusal "+r.Key, names)
		}
	}
}

// groundNames lists what may stand in braces in a ground of refusal; nil where a lookup names no directory, so that nobody
// can tell.
func (c *checker) groundNames() []string {
	names := append(c.fields(), "today")
	for _, l := range c.def.Lookups {
		names = append(names, l.Name+".name")
		dir, ok := c.def.Directory(l.Directory)
		if !ok {
			return nil
		}
		for _, col := range dir.Columns {
			names = append(names, l.Name+"."+col.Key)
		}
		if dir.Quota != nil {
			names = append(names, l.Name+".free")
		}
	}
	return names
}

// widths finds lines of the permit that are wider than the sheet when the boxes stand that can stand together.
func (c *checker) widths(p *Program, proof *prover) {
	c.at("permit").widthsOf(c.def.Permit.Rows, p, proof)
	c.at("permit.appendix").widthsOf(c.def.Permit.Appendix.Rows, p, proof)
}

func (c *checker) widthsOf(rows []PermitRow, p *Program, proof *prover) {
	for i, row := range rows {
		widest := 0
		var names []string
		for _, b := range row.Boxes {
			names = append(names, p.Mentions(b.When)...)
		}
		proof.each(names, func(vars Vars) bool {
			sum := 0
			for _, b := range row.Boxes {
				if shown, err := p.Bool(b.When, vars); err == nil && shown {
					sum += b.Width
				}
			}
			widest = max(widest, sum)
			return true
		})
		if widest > 12 {
			c.at("rows[%d].boxes", i).add("permit: the boxes of a row have widths of %d together: at most 12", widest)
		}
	}
}
