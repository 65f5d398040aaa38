package service

import (
	"fmt"
	"strings"

	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
)

// million is 1 as numbers of the form count it in rules.
const million = 1_000_000

// bareNumbers finds where a rule holds a number of the form, which counts in millionths, against a number that does not:
// `area <= 100` is nearly never what its author means. rows is the field about whose rows the rule is, or nil; note is told
// the place and what to write. Zero is zero in both.
func (d *Definition) bareNumbers(rows *Field, tree *celast.AST, note func(id int64, text string)) {
	in := units{def: d, rows: rows}
	celast.PostOrderVisit(tree.Expr(), celast.NewExprVisitor(func(e celast.Expr) {
		if e.Kind() != celast.CallKind || len(e.AsCall().Args()) != 2 {
			return
		}
		switch e.AsCall().FunctionName() {
		case "_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "_+_", "_-_":
			a, b := e.AsCall().Args()[0], e.AsCall().Args()[1]
			for _, x := range [][2]celast.Expr{{a, b}, {b, a}} {
				if n, ok := bare(x[1]); ok && n != 0 && in.millionths(x[0]) {
					note(x[1].ID(), fmt.Sprintf("numbers of the form count in millionths: write n(\"%d\") instead of %d", n, n))
				}
			}
		}
	}))
}

// units tells what the parts of a rule count in.
type units struct {
	def  *Definition
	rows *Field
}

// millionths tells whether a part of a rule is a number of the form.
func (u units) millionths(e celast.Expr) bool {
	switch e.Kind() {
	case celast.IdentKind:
		return u.counted(e.AsIdent())
	case celast.SelectKind:
		if of := e.AsSelect().Operand(); of.Kind() == celast.IdentKind {
			return u.counted(of.AsIdent() + "." + e.AsSelect().FieldName())
		}
	case celast.CallKind:
		args := e.AsCall().Args()
		switch e.AsCall().FunctionName() {
		case "count", "n":
			return true
		case "sum":
			return u.millionths(args[0])
		case "_+_", "_-_":
			return len(args) == 2 && (u.millionths(args[0]) || u.millionths(args[1]))
		}
	}
	return false
}

// counted tells whether a name is that of a number of the form: `area`, `row.experience`, `goods.quantity`.
func (u units) counted(name string) bool {
	key, sub, within := strings.Cut(name, ".")
	if !within {
		f, ok := u.def.Field(key)
		return ok && (f.Gives() == TypeNumber || f.Gives() == TypeMoney)
	}
	of := u.rows
	if key != "row" || of == nil {
		f, ok := u.def.Field(key)
		if !ok {
			return false
		}
		of = &f
	}
	for _, f := range of.Fields {
		if f.Key == sub {
			return f.Type == TypeNumber || f.Type == TypeMoney
		}
	}
	return of.Type == TypeTerritory && sub == "count"
}

// bare gives a whole number that is written out.
func bare(e celast.Expr) (int64, bool) {
	if e.Kind() != celast.LiteralKind {
		return 0, false
	}
	n, ok := e.AsLiteral().(types.Int)
	return int64(n), ok
}
