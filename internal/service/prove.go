package service

import (
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
)

// Limits of proofs about rules: cases of one rule, cases of a definition, cost of one case.
const (
	maxCases     = 1_024
	maxProofs    = 50_000
	maxProofCost = 2_000
)

// verdict is what can be said of a rule whatever the answers are.
type verdict int

const (
	undecided verdict = iota
	neverTrue
	alwaysTrue
)

// prover tries rules over every combination of the values that a few names can have: the options of choices, yes and no,
// kinds of recipients, operations. Names with many values have none here: a rule whose outcome needs them gives an error, and then
// nothing is claimed. `a && x` is false whatever x is when a is false: the rule language says so too.
type prover struct {
	env  *cel.Env
	def  *Definition
	left int
}

// of judges one compiled rule.
func (v *prover) of(tree *celast.AST, mentions []string) verdict {
	program, err := v.env.PlanProgram(tree, limited(maxProofCost)...)
	if err != nil {
		return undecided
	}
	yes, no := true, true
	complete := v.each(mentions, func(vars Vars) bool {
		out, _, err := program.Eval(map[string]any(vars))
		b, ok := out.(types.Bool)
		ok = ok && err == nil
		yes, no = yes && ok && bool(b), no && ok && !bool(b)
		return yes || no
	})
	switch {
	case !complete:
		return undecided
	case yes:
		return alwaysTrue
	case no:
		return neverTrue
	}
	return undecided
}

// each calls f with every combination of the values of the names that have few, until f says that it knows enough. It
// tells whether the combinations were few enough to be tried.
func (v *prover) each(names []string, f func(Vars) bool) bool {
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	var few []string
	var values [][]any
	cases := 1
	for _, name := range names {
		if list := v.values(name); list != nil {
			few, values = append(few, name), append(values, list)
			if cases *= len(list); cases > maxCases {
				return false
			}
		}
	}
	if v.left -= cases; v.left < 0 {
		return false
	}
	for n := range cases {
		vars := Vars{}
		for i, name := range few {
			vars[name] = values[i][n%len(values[i])]
			n /= len(values[i])
		}
		if !f(vars) {
			break
		}
	}
	return true
}

// values lists what a name can be in rules; nil where that is no short list. A choice that was not answered is empty.
func (v *prover) values(name string) []any {
	if name == "recipient" {
		kinds := v.def.Recipients
		if len(kinds) == 0 {
			kinds = Recipients()
		}
		list := make([]any, len(kinds))
		for i, r := range kinds {
			list[i] = string(r)
		}
		return list
	}
	if name == "operation" {
		var list []any
		for _, key := range v.def.fillable() {
			list = append(list, key)
		}
		return list
	}
	f, ok := v.def.Field(strings.TrimPrefix(name, ofPermit))
	if !ok {
		return nil
	}
	switch f.Type {
	case TypeYesNo, TypeConfirm:
		return []any{false, true}
	case TypeChoice:
		if len(f.Options) == 0 {
			return nil
		}
		list := []any{""}
		for _, o := range f.Options {
			list = append(list, o.Value)
		}
		return list
	}
	return nil
}
