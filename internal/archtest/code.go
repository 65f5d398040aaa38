package archtest

import (
	"fmt"
	"go/ast"
	"path"
	"slices"
)

// checkNames refuses packages that are named after nothing.
func checkNames(s *Source) []Finding {
	empty := []string{"util", "utils", "common", "helper", "helpers", "model", "models", "types", "manager", "managers", "misc", "base", "shared"}
	var found []Finding
	for _, f := range s.product() {
		for _, name := range []string{path.Base(f.dir), f.ast.Name.Name} {
			if slices.Contains(empty, name) {
				found = append(found, Finding{"package-name", f.path, "a package called " + name + " says nothing of what is in it"})
				break
			}
		}
	}
	return found
}

// checkClock lets only app read the clock: everything else is told the time.
func checkClock(s *Source) []Finding {
	var found []Finding
	for _, f := range s.product() {
		name, ok := f.nameOf("time")
		if !ok || within(f.dir, []string{"internal/app", "internal/testkit/", "bench/", "e2e/"}) {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if id, ok := sel.X.(*ast.Ident); ok && id.Name == name && slices.Contains([]string{"Now", "Since", "Until"}, sel.Sel.Name) {
				found = append(found, Finding{"clock", s.at(sel), "time." + sel.Sel.Name + ": the clock is read in internal/app only; take the time as an argument or from port.World"})
			}
			return true
		})
	}
	return found
}

// checkInit refuses init functions: what a package does, it does when it is called.
func checkInit(s *Source) []Finding {
	var found []Finding
	for _, f := range s.files {
		for _, d := range f.ast.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				found = append(found, Finding{"init", s.at(fn), "an init function runs unasked"})
			}
		}
	}
	return found
}

// checkInterfaces counts the methods written in an interface; embedded interfaces count for themselves.
func checkInterfaces(s *Source) []Finding {
	var found []Finding
	for _, f := range s.product() {
		ast.Inspect(f.ast, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			face, ok := spec.Type.(*ast.InterfaceType)
			if !ok {
				return true
			}
			methods := 0
			for _, m := range face.Methods.List {
				methods += len(m.Names)
			}
			if methods > interfaceMethods {
				found = append(found, Finding{"interface", s.at(spec), fmt.Sprintf("%s has %d methods, at most %d", spec.Name.Name, methods, interfaceMethods)})
			}
			return true
		})
	}
	return found
}

// checkSizes keeps files, functions and packages within what a reader can hold.
func checkSizes(s *Source) []Finding {
	var found []Finding
	total := map[string]int{}
	for _, f := range s.files {
		if f.generated {
			continue
		}
		if !f.test {
			total[f.dir] += f.lines
		}
		if f.lines > fileLines {
			found = append(found, Finding{"file-lines", f.path, fmt.Sprintf("%d lines, at most %d", f.lines, fileLines)})
		}
		for _, d := range f.ast.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && s.length(fn) > functionLines {
				found = append(found, Finding{"function-lines", s.at(fn), fmt.Sprintf("%s has %d lines, at most %d", fn.Name.Name, s.length(fn), functionLines)})
			}
		}
	}
	for _, dir := range s.packages() {
		if total[dir] > packageLines {
			found = append(found, Finding{"package-lines", dir, fmt.Sprintf("%d lines, at most %d", total[dir], packageLines)})
		}
	}
	return found
}

// checkComments asks for a package comment: the first thing that a reader looks for.
func checkComments(s *Source) []Finding {
	said := map[string]bool{}
	for _, f := range s.product() {
		if f.ast.Doc != nil {
			said[f.dir] = true
		}
	}
	var found []Finding
	for _, dir := range s.packages() {
		if !said[dir] {
			found = append(found, Finding{"package-comment", dir, "no file says what this package is for"})
		}
	}
	return found
}
