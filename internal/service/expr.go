package service

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/decls"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"elicense/internal/civil"
	"elicense/internal/decimal"
)

// Expr is a rule in the Common Expression Language, with its place in the text.
type Expr struct {
	Source       string
	Line, Column int
}

// IsZero tells whether no rule was written.
func (e Expr) IsZero() bool { return e.Source == "" }

// UnmarshalYAML reads the rule and remembers where it stands, so that a mistake in it can be shown.
func (e *Expr) UnmarshalYAML(node ast.Node) error {
	var source string
	switch n := node.(type) {
	case *ast.StringNode:
		source = n.Value
	case *ast.LiteralNode:
		first := strings.TrimLeft(n.Value.GetToken().Origin, "\n")
		indent := len(first) - len(strings.TrimLeft(first, " "))
		*e = Expr{Source: n.Value.Value, Line: n.Start.Position.Line + 1, Column: indent + 1}
		return nil
	case *ast.BoolNode, *ast.IntegerNode:
		source = node.String()
	default:
		return fmt.Errorf("a rule is a text, not %s", node.Type())
	}
	pos := node.GetToken().Position
	*e = Expr{Source: source, Line: pos.Line, Column: pos.Column}
	if t := node.GetToken().Type; t == token.SingleQuoteType || t == token.DoubleQuoteType {
		e.Column++
	}
	return nil
}

// MarshalYAML writes the rule as its text.
func (e Expr) MarshalYAML() (any, error) { return e.Source, nil }

// rule is a compiled Expr and the fields it mentions.
type rule struct {
	program  cel.Program
	mentions []string
}

// Program holds the compiled rules of a definition, by source text: the same text means the same in one definition.
type Program struct {
	env   *cel.Env
	rules map[string]rule
	zero  Vars
	rows  map[string]*Program // of the rules inside rows, by field
}

// zeroDay is the value of a date that was not answered: midnight of 1 January of year 1.
var zeroDay = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)

// celType gives the type of a field's answer in rules.
func celType(t Type) *cel.Type {
	switch t {
	case TypeNumber, TypeMoney:
		return cel.IntType
	case TypeDate:
		return cel.TimestampType
	case TypeYesNo, TypeConfirm:
		return cel.BoolType
	}
	return cel.StringType
}

// columnType gives the type of a directory's column in rules.
func columnType(t string) *cel.Type {
	if t == "text" {
		return cel.StringType
	}
	return cel.IntType
}

// newEnv declares what the rules of a definition may speak of.
func newEnv(d *Definition) (*cel.Env, error) {
	opts := []cel.EnvOption{
		cel.Variable("today", cel.TimestampType), // the day of filing
		cel.Variable("mci", cel.IntType),         // the monthly calculation index of that day, tiyn
		cel.Variable("recipient", cel.StringType),
		cel.Variable("fee_due", cel.IntType), // tiyn
		cel.Variable("fee_paid", cel.BoolType),
		cel.Variable("journal", cel.StringType),
		cel.Variable("year2", cel.StringType),
		cel.Variable("stamp", cel.StringType),
	}
	// A name that stands twice is a mistake that was found before: here its first meaning counts.
	declared := map[string]bool{}
	add := func(name string, t *cel.Type) {
		if !declared[name] {
			declared[name] = true
			opts = append(opts, cel.Variable(name, t))
		}
	}
	for _, p := range d.Pages {
		for _, f := range p.Fields {
			for name, t := range f.names() {
				add(name, t)
			}
		}
	}
	for _, l := range d.Lookups {
		dir, ok := d.Directory(l.Directory)
		if !ok {
			add(l.Name, cel.DynType) // found before too
			continue
		}
		add(l.Name+".found", cel.BoolType)
		if dir.Quota != nil {
			add(l.Name+".limited", cel.BoolType)
			add(l.Name+".free", cel.IntType)
		}
		for _, c := range dir.Columns {
			add(l.Name+"."+c.Key, columnType(c.Type))
		}
	}
	for name, t := range d.standing() {
		add(name, t)
	}
	add("operation", cel.StringType) // last: a revision that is older than the name may have such a field
	return cel.NewEnv(append(opts, functions()...)...)
}

// functions are the words that rules have beyond the language itself.
func functions() []cel.EnvOption {
	return []cel.EnvOption{
		cel.Function("date", cel.Overload("date_string", []*cel.Type{cel.StringType}, cel.TimestampType,
			cel.UnaryBinding(func(v ref.Val) ref.Val {
				d, err := civil.ParseDate(string(v.(types.String)))
				if err != nil {
					return types.NewErr("date: want YYYY-MM-DD")
				}
				return types.Timestamp{Time: dayTime(d)}
			}))),
		cel.Function("end_of_year", cel.Overload("end_of_year_int", []*cel.Type{cel.IntType}, cel.TimestampType,
			cel.UnaryBinding(func(v ref.Val) ref.Val {
				y := int64(v.(types.Int))
				if y < 1 || y > 9999 {
					return types.NewErr("end_of_year: no such year")
				}
				return types.Timestamp{Time: time.Date(int(y), 12, 31, 0, 0, 0, 0, time.UTC)}
			}))),
		cel.Function("add_years", cel.Overload("add_years_timestamp_int", []*cel.Type{cel.TimestampType, cel.IntType}, cel.TimestampType,
			cel.BinaryBinding(func(a, b ref.Val) ref.Val {
				n := int64(b.(types.Int))
				if n < -1000 || n > 1000 {
					return types.NewErr("add_years: at most 1,000")
				}
				t := a.(types.Timestamp).Time.UTC()
				if t.Year()+int(n) < 1 || t.Year()+int(n) > 9999 {
					return types.NewErr("add_years: no such year")
				}
				return types.Timestamp{Time: dayTime(civil.Of(t, time.UTC).AddYears(int(n)))}
			}))),
		cel.Function("n", cel.Overload("n_string", []*cel.Type{cel.StringType}, cel.IntType,
			cel.UnaryBinding(func(v ref.Val) ref.Val {
				d, err := decimal.Parse(string(v.(types.String)))
				if err != nil {
					return types.NewErr("n: not a number")
				}
				m, exact := d.Rescale(6)
				if !exact {
					return types.NewErr("n: more than six decimal places")
				}
				return types.Int(m)
			}))),
		cel.Function("sum", cel.Overload("sum_list_int", []*cel.Type{cel.ListType(cel.IntType)}, cel.IntType, cel.UnaryBinding(sum))),
		cel.Function("count", cel.Overload("count_list", []*cel.Type{cel.ListType(cel.TypeParamType("T"))}, cel.IntType, cel.UnaryBinding(count))),
	}
}

func dayTime(d civil.Date) time.Time {
	if d.IsZero() {
		return zeroDay
	}
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
}

// compile checks one rule against the form and keeps it. It gives the rule's tree; the error is a Mistake without a file.
func (p *Program) compile(e Expr, want *cel.Type) (*celast.AST, error) {
	if len(e.Source) > maxExprSource {
		return nil, &Mistake{Line: e.Line, Column: e.Column, Text: fmt.Sprintf("the rule is longer than %d bytes: split it", maxExprSource)}
	}
	checked, issues := p.env.Compile(e.Source)
	if issues.Err() != nil {
		first := issues.Errors()[0]
		at := e.position(first.Location.Line(), first.Location.Column())
		return nil, &Mistake{Line: at.line, Column: at.column, Text: "rule: " + p.inWords(first.Message)}
	}
	if !checked.OutputType().IsExactType(want) {
		return nil, &Mistake{Line: e.Line, Column: e.Column, Text: fmt.Sprintf("the rule gives %s, but %s is needed here", typeInWords(checked.OutputType()), typeInWords(want))}
	}
	tree := checked.NativeRep()
	// Where a lookup has no directory its columns have no type: a mistake that was found before, and the only one to tell.
	untyped := slices.ContainsFunc(p.env.Variables(), func(v *decls.VariableDecl) bool { return v.Type() == cel.DynType })
	if id, wrong := bounded(tree); wrong != "" && !untyped {
		at := e.position(1, 0)
		if l := tree.SourceInfo().GetStartLocation(id); l.Line() > 0 {
			at = e.position(l.Line(), l.Column())
		}
		return nil, &Mistake{Line: at.line, Column: at.column, Text: "rule: " + wrong}
	}
	program, err := p.env.Program(checked, limited(maxExprCost)...)
	if err != nil {
		return nil, &Mistake{Line: e.Line, Column: e.Column, Text: "rule: " + err.Error()}
	}
	var mentions []string
	for _, r := range tree.ReferenceMap() {
		if r.Name != "" && !slices.Contains(mentions, r.Name) {
			mentions = append(mentions, r.Name)
		}
	}
	slices.Sort(mentions)
	p.rules[e.Source] = rule{program: program, mentions: mentions}
	return tree, nil
}

// position gives the place in the file of a place in the rule: line from 1, column from 0.
func (e Expr) position(line, column int) position {
	return position{e.Line + max(0, line-1), e.Column + max(0, column)}
}

var (
	undeclared = regexp.MustCompile(`^undeclared reference to '([^']*)'`)
	noOverload = regexp.MustCompile(`^found no matching overload for '([^']*)' applied to '([^']*)'`)
)

// inWords says what the compiler of rules found, and what to do about it.
func (p *Program) inWords(message string) string {
	if m := undeclared.FindStringSubmatch(message); m != nil {
		hint := Meant(m[1], append(slices.Collect(maps.Keys(p.zero)), "date", "end_of_year", "add_years", "n"))
		if hint == "" {
			hint = ": a rule may speak of the form's fields, lookups, recipient, operation, today and mci; a text stands in quotes"
		}
		return fmt.Sprintf("there is no name %q%s", m[1], hint)
	}
	if m := noOverload.FindStringSubmatch(message); m != nil {
		return fmt.Sprintf("%s does not go with %s: numbers of the form are written n(\"1.5\"), dates date(\"2026-01-31\"), texts in quotes", strings.Trim(m[1], "_"), m[2])
	}
	return message
}

// typeInWords names a type of rules.
func typeInWords(t *cel.Type) string {
	switch t {
	case cel.BoolType:
		return "true or false"
	case cel.IntType:
		return "a whole number"
	case cel.StringType:
		return "a text"
	case cel.TimestampType:
		return "a date"
	}
	return t.String()
}

// Mentions lists the names that a rule speaks of, sorted.
func (p *Program) Mentions(e Expr) []string { return p.rules[e.Source].mentions }

// Mentions tells whether a rule speaks of a name, those of the fees aside: which of them counts depends on the operation.
func (r *Revision) Mentions(name string) bool {
	for _, x := range r.Definition.rules() {
		if !x.fee && slices.Contains(r.Program.Mentions(x.expr), name) {
			return true
		}
	}
	for _, row := range r.Program.rows {
		for _, x := range row.rules {
			if slices.Contains(x.mentions, name) {
				return true
			}
		}
	}
	return false
}

// Vars are the values of names in rules: string, int64, bool, time.Time, and slices of these.
type Vars map[string]any

// eval runs a compiled rule. Names without a value get the zero value of their type from Facts.Vars.
func (p *Program) eval(e Expr, vars Vars) (ref.Val, error) {
	r, ok := p.rules[e.Source]
	if !ok {
		return nil, fmt.Errorf("rule %d:%d was not compiled", e.Line, e.Column)
	}
	out, _, err := r.program.Eval(map[string]any(vars))
	if err != nil {
		return nil, fmt.Errorf("rule %d:%d: %w", e.Line, e.Column, err)
	}
	return out, nil
}

// Bool runs a rule that answers yes or no; a rule that was not written says yes.
func (p *Program) Bool(e Expr, vars Vars) (bool, error) {
	if e.IsZero() {
		return true, nil
	}
	out, err := p.eval(e, vars)
	if err != nil {
		return false, err
	}
	b, ok := out.(types.Bool)
	if !ok {
		return false, fmt.Errorf("rule %d:%d gave %s", e.Line, e.Column, out.Type())
	}
	return bool(b), nil
}

// Int runs a rule that gives a whole number; a rule that was not written gives 0.
func (p *Program) Int(e Expr, vars Vars) (int64, error) {
	if e.IsZero() {
		return 0, nil
	}
	out, err := p.eval(e, vars)
	if err != nil {
		return 0, err
	}
	n, ok := out.(types.Int)
	if !ok {
		return 0, fmt.Errorf("rule %d:%d gave %s", e.Line, e.Column, out.Type())
	}
	return int64(n), nil
}

// Text runs a rule that gives a text; a rule that was not written gives an empty one.
func (p *Program) Text(e Expr, vars Vars) (string, error) {
	if e.IsZero() {
		return "", nil
	}
	out, err := p.eval(e, vars)
	if err != nil {
		return "", err
	}
	s, ok := out.(types.String)
	if !ok {
		return "", fmt.Errorf("rule %d:%d gave %s", e.Line, e.Column, out.Type())
	}
	return string(s), nil
}

// Zero gives every name of the definition its zero value: the ground on which answers and facts are laid. The map is the
// caller's.
func (p *Program) Zero() Vars { return maps.Clone(p.zero) }

func zeroOf(d *Definition) Vars {
	v := Vars{"today": zeroDay, "mci": int64(0), "recipient": "", "operation": "", "fee_due": int64(0), "fee_paid": false, "journal": "", "year2": "", "stamp": ""}
	for _, p := range d.Pages {
		for _, f := range p.Fields {
			for name, t := range f.names() {
				v[name] = zeroOfType(t)
			}
		}
	}
	for _, l := range d.Lookups {
		v[l.Name+".found"] = false
		dir, _ := d.Directory(l.Directory)
		for _, c := range dir.Columns {
			if c.Type == "text" {
				v[l.Name+"."+c.Key] = ""
			} else {
				v[l.Name+"."+c.Key] = int64(0)
			}
		}
		if dir.Quota != nil {
			v[l.Name+".limited"], v[l.Name+".free"] = false, int64(0)
		}
	}
	for name, t := range d.standing() {
		v[name] = zeroOfType(t)
	}
	return v
}

// ZeroOf is the value in rules of a field that was not answered.
func ZeroOf(t Type) any { return zeroOfType(celType(t)) }

func zeroOfType(t *cel.Type) any {
	switch t {
	case cel.IntType:
		return int64(0)
	case cel.TimestampType:
		return zeroDay
	case cel.BoolType:
		return false
	case cel.StringType:
		return ""
	}
	return []string{} // an empty list of any type
}

// Day is a date as rules see it.
func Day(d civil.Date) time.Time { return dayTime(d) }
