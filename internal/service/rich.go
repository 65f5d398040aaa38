package service

import (
	"errors"
	"iter"
	"math"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
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
	case TypeIIN, TypeBIN, TypeEmail, TypeAddress:
	case TypeDirectory, TypeTerritory:
		c.fromDirectory(f, what)
	case TypeComputed:
		if !slices.Contains([]Type{TypeText, TypeNumber, TypeMoney, TypeDate, TypeYesNo}, f.Of) {
			c.add("%s: of is text, number, money, date or yesno, not %q", what, f.Of)
		}
		if f.Value.IsZero() {
			c.add("%s: a computed field needs a value", what)
		}
		if f.Required || len(f.Prefill) > 0 {
			c.add("%s: a computed field is neither required nor prefilled", what)
		}
	case TypeRows:
		c.rowsOf(f, what)
	default:
		c.add("%s: there is no type %q", what, f.Type)
	}
}

func (c *checker) fromDirectory(f Field, what string) {
	dir, ok := c.def.Directory(f.Directory)
	if !ok {
		c.add("%s: there is no directory %q", what, f.Directory)
		return
	}
	has := func(key string) bool {
		return slices.ContainsFunc(dir.Columns, func(c Column) bool { return c.Key == key })
	}
	if f.Type == TypeTerritory && !has(ColumnParent) {
		c.add("%s: the directory %s has no column %s", what, dir.Key, ColumnParent)
	}
	for _, key := range f.Columns {
		if !has(key) {
			c.add("%s: the directory %s has no column %s", what, dir.Key, key)
		}
	}
	if f.Max < 0 {
		c.add("%s: max is a count", what)
	}
}

func (c *checker) rowsOf(f Field, what string) {
	if len(f.Fields) == 0 {
		c.add("%s: rows need fields", what)
	}
	if f.Key == "row" {
		c.add("%s: in rules row is the present row, call the field otherwise", what)
	}
	if f.Min < 0 || f.Max < 0 || f.Max > rowsLimit || f.Min > f.MostRows() {
		c.add("%s: at least min and at most max rows, no more than %d", what, rowsLimit)
	}
	seen := map[string]bool{}
	for _, sub := range f.Fields {
		if seen[sub.Key] {
			c.add("%s: the column %q stands twice", what, sub.Key)
		}
		seen[sub.Key] = true
		if !simple(sub.Type) {
			c.add("%s: a field of type %q cannot stand in a row", what, sub.Type)
			continue
		}
		if len(sub.Prefill) > 0 {
			c.add("%s: a field of a row is not prefilled", what)
		}
		c.field(sub)
	}
	for _, check := range f.Checks {
		c.text(check.Message, what+" check at "+check.Field)
		if !seen[check.Field] {
			c.add("%s: a check stands at %q, which is no field of the row", what, check.Field)
		}
	}
}

// richRules compiles the rules of computed fields and of rows.
func (c *checker) richRules(p *Program) {
	p.rows = map[string]*Program{}
	later := map[string]bool{} // computed fields that do not stand before the present one
	for f := range c.def.fields() {
		later[f.Key] = f.Type == TypeComputed
	}
	for f := range c.def.fields() {
		what := "field " + f.Key
		switch f.Type {
		case TypeComputed:
			c.compile(p, f.Value, celType(f.Of), what)
			for _, name := range p.Mentions(f.Value) {
				if later[name] {
					c.add("%s: its rule mentions %s, which is computed after it", what, name)
				}
			}
			later[f.Key] = false
		case TypeRows:
			c.rowRules(p, f, what)
		}
	}
}

func (c *checker) rowRules(p *Program, f Field, what string) {
	var opts []cel.EnvOption
	for _, sub := range f.Fields {
		opts = append(opts, cel.Variable("row."+sub.Key, celType(sub.Type)))
	}
	env, err := p.env.Extend(opts...)
	if err != nil {
		c.add("%s: %s", what, err)
		return
	}
	row := &Program{env: env, rules: map[string]rule{}, zero: Vars{}}
	for _, sub := range f.Fields {
		row.zero["row."+sub.Key] = ZeroOf(sub.Type)
		c.compile(row, sub.When, cel.BoolType, what+"."+sub.Key)
	}
	for _, check := range f.Checks {
		c.compile(row, check.Rule, cel.BoolType, what+" check at "+check.Field)
	}
	p.rows[f.Key] = row
}

func (c *checker) compile(p *Program, e Expr, want *cel.Type, what string) {
	if err := p.compile(e, want); err != nil {
		m := &Mistake{Text: err.Error()}
		errors.As(err, &m)
		c.found = append(c.found, &Mistake{File: c.file, Line: m.Line, Column: m.Column, Text: what + ": " + m.Text})
	}
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
