package service

import (
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// Bounds of lists in answers.
const (
	mostRows  = 50        // of one field, where the definition says nothing
	rowsLimit = 200       // that a definition may allow
	mostCount = 1_000_000 // of one territory, where the definition says nothing
)

// ColumnParent is the column of a territory's directory that holds the code of the row above; it is empty at the top.
const ColumnParent = "parent"

// MostRows is the greatest number of rows that the field takes.
func (f Field) MostRows() int {
	if f.Max == 0 {
		return mostRows
	}
	return f.Max
}

// MostCount is the greatest count of one territory.
func (f Field) MostCount() int {
	if f.Max == 0 {
		return mostCount
	}
	return f.Max
}

// Gives is the type of the field's value: of a computed field what its rule gives, of others their own.
func (f Field) Gives() Type {
	if f.Type == TypeComputed {
		return f.Of
	}
	return f.Type
}

// Sub finds a field of a row.
func (f Field) Sub(key string) (Field, bool) {
	for _, sub := range f.Fields {
		if sub.Key == key {
			return sub, true
		}
	}
	return Field{}, false
}

// FieldOf finds the field behind a name in a rule: `quantity`, or `goods.quantity` of the rows `goods`.
func (d *Definition) FieldOf(name string) (Field, bool) {
	key, _, _ := strings.Cut(name, ".")
	return d.Field(key)
}

// names are what rules may mention of a field, with the types.
func (f Field) names() iter.Seq2[string, *cel.Type] {
	return func(yield func(string, *cel.Type) bool) {
		switch f.Type {
		case TypeRows:
			for _, sub := range f.Fields {
				if !yield(f.Key+"."+sub.Key, cel.ListType(celType(sub.Type))) {
					return
				}
			}
		case TypeTerritory:
			_ = yield(f.Key+".code", cel.ListType(cel.StringType)) && yield(f.Key+".count", cel.ListType(cel.IntType))
		default:
			yield(f.Key, celType(f.Gives()))
		}
	}
}

// simple tells whether a field of this type may stand in a row: those that need a search or a page part of their own may not.
func simple(t Type) bool {
	switch t {
	case TypeGoods, TypePlace, TypeComputed, TypeRows, TypeTerritory:
		return false
	}
	return true
}

// rich checks a field of the types beyond the plain ones.
func (c *checker) rich(f Field, what string) {
	switch f.Type {
	case TypeDirectory, TypeTerritory:
		c.fromDirectory(f, what)
	case TypeComputed:
		if !slices.Contains([]Type{TypeText, TypeNumber, TypeMoney, TypeDate, TypeYesNo}, f.Of) {
			c.at("of").add("%s: of is text, number, money, date or yesno, not %q", what, f.Of)
		}
		if f.Value.IsZero() {
			c.at("value").add("%s: a computed field needs a value: write the rule that gives it", what)
		}
		if f.Required || len(f.Prefill) > 0 {
			c.add("%s: a computed field is neither required nor prefilled: nobody types it", what)
		}
	case TypeRows:
		c.rowsOf(f, what)
	}
}

func (c *checker) fromDirectory(f Field, what string) {
	dir, ok := c.def.Directory(f.Directory)
	if !ok {
		var known []string
		for _, d := range c.def.Directories {
			known = append(known, d.Key)
		}
		c.at("directory").add("%s: there is no directory %q%s", what, f.Directory, Meant(f.Directory, known))
		return
	}
	has := func(key string) bool {
		return slices.ContainsFunc(dir.Columns, func(c Column) bool { return c.Key == key })
	}
	if f.Type == TypeTerritory && !has(ColumnParent) {
		c.at("directory").add("%s: the directory %s has no column %s, which says what lies in what", what, dir.Key, ColumnParent)
	}
	for i, key := range f.Columns {
		if !has(key) {
			c.at("columns[%d]", i).add("%s: the directory %s has no column %s", what, dir.Key, key)
		}
	}
}

func (c *checker) rowsOf(f Field, what string) {
	if len(f.Fields) == 0 {
		c.at("fields").add("%s: rows need fields", what)
	}
	if f.Key == "row" {
		c.at("key").add("%s: in rules row is the present row: call the field otherwise", what)
	}
	if f.Min < 0 || f.Max < 0 || f.Max > rowsLimit || f.Min > f.MostRows() {
		c.at("max").add("%s: at least min and at most max rows, no more than %d", what, rowsLimit)
	}
	var keys []string
	c.distinct("fields", "key", len(f.Fields), func(i int) string { return f.Fields[i].Key }, keyPattern)
	for i, sub := range f.Fields {
		c := c.at("fields[%d]", i)
		keys = append(keys, sub.Key)
		if !simple(sub.Type) {
			c.at("type").add("%s: a field of type %q cannot stand in a row", what, sub.Type)
			continue
		}
		if len(sub.Prefill) > 0 {
			c.at("prefill").add("%s: a field of a row is not prefilled", what)
		}
		c.field(sub)
	}
	for i, check := range f.Checks {
		c := c.at("checks[%d]", i)
		c.at("message").text(check.Message, what+" check at "+check.Field)
		if !slices.Contains(keys, check.Field) {
			c.at("field").add("%s: a check stands at %q, which is no field of the row%s", what, check.Field, Meant(check.Field, keys))
		}
		if check.Rule.IsZero() {
			c.add("%s check at %s: say the rule that must be true", what, check.Field)
		}
	}
}

// richRules compiles the rules of rows, and finds computed fields that need one that stands after them.
func (c *checker) richRules(p *Program) {
	later := map[string]bool{} // computed fields that do not stand before the present one
	for f := range c.def.fields() {
		later[f.Key] = f.Type == TypeComputed
	}
	for i, page := range c.def.Pages {
		for j, f := range page.Fields {
			c := c.at("pages[%d].fields[%d]", i, j)
			if f.Type == TypeComputed {
				for _, name := range p.Mentions(f.Value) {
					if later[name] {
						c.at("value").add("field %s: its rule mentions %s, which is computed after it: let it stand before", f.Key, name)
					}
				}
				later[f.Key] = false
			}
			p.compileRows(f, func(r placed, tree *celast.AST, err error) {
				c := c.at("%s", r.path)
				if err != nil {
					c.ruleMistake(r, err)
					return
				}
				c.def.bareNumbers(&f, tree, func(id int64, text string) { c.ruleMistake(r, r.mistake(tree, id, text)) })
			})
		}
	}
}

// compileRows compiles the rules inside the rows of a field; each is told of every rule, its tree or why it has none.
func (p *Program) compileRows(f Field, each func(placed, *celast.AST, error)) {
	if f.Type != TypeRows {
		return
	}
	what := "field " + f.Key
	var opts []cel.EnvOption
	row := &Program{rules: map[string]rule{}, zero: Vars{}}
	for _, sub := range f.Fields {
		if _, twice := row.zero["row."+sub.Key]; twice {
			continue // a mistake that was found before
		}
		opts = append(opts, cel.Variable("row."+sub.Key, celType(sub.Type)))
		row.zero["row."+sub.Key] = ZeroOf(sub.Type)
	}
	var err error
	if row.env, err = p.env.Extend(opts...); err != nil {
		each(placed{path: "fields", what: what}, nil, err)
		return
	}
	compile := func(r placed) {
		if r.expr.IsZero() {
			return
		}
		tree, err := row.compile(r.expr, r.want)
		each(r, tree, err)
	}
	for i, sub := range f.Fields {
		compile(placed{path: fmt.Sprintf("fields[%d].when", i), what: what + "." + sub.Key, expr: sub.When, want: cel.BoolType})
	}
	for i, check := range f.Checks {
		compile(placed{path: fmt.Sprintf("checks[%d].rule", i), what: what + " check at " + check.Field, expr: check.Rule, want: cel.BoolType})
	}
	if p.rows == nil {
		p.rows = map[string]*Program{}
	}
	p.rows[f.Key] = row
}

// fields are all fields of the form, in order.
func (d *Definition) fields() iter.Seq[Field] {
	return func(yield func(Field) bool) {
		for _, p := range d.Pages {
			for _, f := range p.Fields {
				if !yield(f) {
					return
				}
			}
		}
	}
}

// Row gives the rules of the rows of a field; they see what all rules see and `row.<key>`, whose zero values are its Zero.
func (p *Program) Row(field string) *Program { return p.rows[field] }

// Value runs the rule of a computed field. What it gives has the type of ZeroOf(f.Of).
func (p *Program) Value(f Field, vars Vars) (any, error) {
	out, err := p.eval(f.Value, vars)
	if err != nil {
		return nil, err
	}
	if t, ok := out.(types.Timestamp); ok {
		return t.Time.UTC(), nil
	}
	return out.Value(), nil
}

// count is the length of a list as forms count: in millionths.
func count(v ref.Val) ref.Val {
	list, ok := v.(traits.Lister)
	if !ok {
		return types.NoSuchOverloadErr()
	}
	return list.Size().(types.Int) * million
}

// sum adds up a list of ints.
func sum(v ref.Val) ref.Val {
	list, ok := v.(traits.Lister)
	if !ok {
		return types.NoSuchOverloadErr()
	}
	total := int64(0)
	for it := list.Iterator(); it.HasNext() == types.True; {
		n, ok := it.Next().(types.Int)
		if !ok {
			return types.NoSuchOverloadErr()
		}
		if n > 0 && total > math.MaxInt64-int64(n) || n < 0 && total < math.MinInt64-int64(n) {
			return types.NewErr("sum: the sum is too large")
		}
		total += int64(n)
	}
	return types.Int(total)
}
