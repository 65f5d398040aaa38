package archtest

import (
	"go/ast"
	"go/token"
	"strings"
)

// checkState refuses package variables that can change. Allowed are: embedded files, the check that a type satisfies an
// interface, errors, and tables, patterns and the like that are made at their declaration, are not exported and are
// never written to in their package.
func checkState(s *Source) []Finding {
	byDir := map[string][]file{}
	for _, f := range s.product() {
		if !f.generated && !within(f.dir, []string{"bench/", "e2e/"}) {
			byDir[f.dir] = append(byDir[f.dir], f)
		}
	}
	var found []Finding
	for _, dir := range s.packages() {
		written := map[string]bool{}
		for _, f := range byDir[dir] {
			collectWrites(f.ast, written)
		}
		for _, f := range byDir[dir] {
			for _, d := range f.ast.Decls {
				if gen, ok := d.(*ast.GenDecl); ok && gen.Tok == token.VAR {
					found = append(found, s.judgeVars(gen, written)...)
				}
			}
		}
	}
	return found
}

// judgeVars judges the variables of one declaration.
func (s *Source) judgeVars(gen *ast.GenDecl, written map[string]bool) []Finding {
	var found []Finding
	say := func(n *ast.Ident, text string) {
		found = append(found, Finding{"state", s.at(n), "package variable " + n.Name + " " + text})
	}
	for _, spec := range gen.Specs {
		v := spec.(*ast.ValueSpec)
		if embedded(gen.Doc) || embedded(v.Doc) {
			continue
		}
		for i, n := range v.Names {
			switch {
			case n.Name == "_":
			case written[n.Name]:
				say(n, "is written to")
			case len(v.Values) == 0:
				say(n, "has no value at its declaration: it is there to be written to")
			case i < len(v.Values) && isError(v.Values[i]):
			case n.IsExported():
				say(n, "is exported: others could write to it")
			case stateful(v):
				say(n, "holds a lock, a channel or a counter")
			}
		}
	}
	return found
}

func embedded(doc *ast.CommentGroup) bool {
	if doc == nil {
		return false
	}
	for _, c := range doc.List {
		if strings.HasPrefix(c.Text, "//go:embed ") {
			return true
		}
	}
	return false
}

// isError recognises the making of an error that is compared by identity.
func isError(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	pkg, ok := sel.X.(*ast.Ident)
	return ok && pkg.Name == "errors" && sel.Sel.Name == "New"
}

// stateful finds locks, atomics, pools and channels in the declaration, whatever is never assigned to.
func stateful(v *ast.ValueSpec) bool {
	yes := false
	ast.Inspect(v, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ChanType:
			yes = true
		case *ast.SelectorExpr:
			// sync.OnceValue is a constant that is computed at its first use.
			if pkg, ok := n.X.(*ast.Ident); ok && (pkg.Name == "sync" && n.Sel.Name != "OnceValue" || pkg.Name == "atomic") {
				yes = true
			}
		}
		return !yes
	})
	return yes
}

// collectWrites notes every name at package level that a file assigns to, counts up, deletes from, clears, or takes the
// address of. Names that are declared inside a function do not count: the parser resolves them.
func collectWrites(tree *ast.File, written map[string]bool) {
	note := func(e ast.Expr) {
		if id := root(e); id != nil && isPackageLevel(tree, id) {
			written[id.Name] = true
		}
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE {
				for _, left := range n.Lhs {
					note(left)
				}
			}
		case *ast.IncDecStmt:
			note(n.X)
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				note(n.X)
			}
		case *ast.CallExpr:
			if fn, ok := n.Fun.(*ast.Ident); ok && len(n.Args) > 0 && (fn.Name == "delete" || fn.Name == "clear" || fn.Name == "copy") {
				note(n.Args[0])
			}
		case *ast.RangeStmt:
			if n.Tok == token.ASSIGN {
				note(n.Key)
				note(n.Value)
			}
		}
		return true
	})
}

// root gives the variable that an expression such as x.f[i] begins with.
func root(e ast.Expr) *ast.Ident {
	switch e := e.(type) {
	case *ast.Ident:
		return e
	case *ast.SelectorExpr:
		return root(e.X)
	case *ast.IndexExpr:
		return root(e.X)
	case *ast.SliceExpr:
		return root(e.X)
	case *ast.ParenExpr:
		return root(e.X)
	case *ast.StarExpr:
		return root(e.X)
	}
	return nil
}

// isPackageLevel tells whether a name is declared outside functions: in this file or, unresolved, in another one.
func isPackageLevel(tree *ast.File, id *ast.Ident) bool {
	if id.Obj == nil {
		return true
	}
	return tree.Scope != nil && tree.Scope.Lookup(id.Name) == id.Obj
}
