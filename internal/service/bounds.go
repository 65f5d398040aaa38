package service

import (
	"fmt"
	"slices"

	"cel.dev/cel-go/cel"
	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/interpreter"
	"cel.dev/cel-go/parser"
)

// Limits of one rule. A unit of cost is a step such as a comparison; none takes more than about an eighth of a microsecond
// of processor time, so that 500,000 end within a tenth of a second whatever the answers are (BenchmarkHostile).
// That holds because every step has a price that grows with the work it does (price, meter), and because what would make
// small rules build large values is no part of the language (bounded): lists of lists, lists that are joined, maps.
const (
	maxExprSource = 4096    // bytes
	maxExprCost   = 500_000 // units
	maxPattern    = 100     // instructions of the program of a pattern
)

// The prices beyond one unit.
const (
	bytesOfUnit = 64 // of text that one unit reads
	bytesCopied = 16 // of text that one unit writes
	stepsOfUnit = 8  // of a pattern, that one unit takes
	failure     = 10 // an error value with its text
	reading     = 5  // a date or a text taken apart, or written
)

// price is the cost of one call, and whether rules have the word at all.
func price(overload string, args []ref.Val) (units int, ok bool) {
	switch overload {
	case overloads.LogicalAnd, overloads.LogicalOr, overloads.LogicalNot, overloads.NotStrictlyFalse, overloads.Conditional,
		overloads.Equals, overloads.NotEquals,
		overloads.LessInt64, overloads.LessEqualsInt64, overloads.GreaterInt64, overloads.GreaterEqualsInt64,
		overloads.LessString, overloads.LessEqualsString, overloads.GreaterString, overloads.GreaterEqualsString,
		overloads.LessTimestamp, overloads.LessEqualsTimestamp, overloads.GreaterTimestamp, overloads.GreaterEqualsTimestamp,
		overloads.LessDuration, overloads.LessEqualsDuration, overloads.GreaterDuration, overloads.GreaterEqualsDuration,
		overloads.AddInt64, overloads.SubtractInt64, overloads.MultiplyInt64, overloads.DivideInt64, overloads.ModuloInt64, overloads.NegateInt64,
		overloads.SizeList, overloads.SizeListInst, overloads.IndexList, overloads.AddList,
		overloads.SizeString, overloads.SizeStringInst, overloads.StartsWithString, overloads.EndsWithString, overloads.ContainsString:
		return 1 + bytesOf(args...)/bytesOfUnit, true
	case overloads.AddTimestampDuration, overloads.AddDurationTimestamp, overloads.SubtractTimestampDuration, overloads.SubtractTimestampTimestamp,
		overloads.TimestampToYear, overloads.TimestampToMonth, overloads.TimestampToDayOfMonthOneBased, overloads.TimestampToDayOfWeek,
		overloads.IntToString, overloads.StringToInt, overloads.StringToDuration, "date_string", "n_string", "end_of_year_int", "add_years_timestamp_int":
		return reading + bytesOf(args...)/bytesOfUnit, true
	case overloads.AddString:
		return 1 + bytesOf(args...)/bytesCopied, true
	case "count_list":
		return 1, true
	case "sum_list_int":
		return 1 + lengthOf(args), true
	case overloads.InList:
		return 1 + lengthOf(args)*(1+bytesOf(args...)/bytesOfUnit), true
	case overloads.Matches, overloads.MatchesString:
		// Every instruction of the pattern may be alive at every byte.
		return reading + bytesOf(args...)*maxPattern/stepsOfUnit, true
	}
	return 0, false
}

// bytesOf adds up the bytes of the texts among values.
func bytesOf(values ...ref.Val) int {
	n := 0
	for _, v := range values {
		if s, ok := v.(types.String); ok {
			n += len(s)
		}
	}
	return n
}

// lengthOf is the length of the list that stands last.
func lengthOf(args []ref.Val) int {
	if len(args) == 0 {
		return 0
	}
	list, ok := args[len(args)-1].(traits.Sizer)
	if !ok {
		return 0
	}
	return int(list.Size().(types.Int))
}

// prices is price as the interpreter asks for it.
type prices struct{}

// CallCost adds to the price of a call that of the error it gave.
func (prices) CallCost(_, overload string, args []ref.Val, result ref.Val) *uint64 {
	units, _ := price(overload, args)
	if types.IsError(result) {
		units += failure
	}
	total := uint64(units)
	return &total
}

// meter charges the steps that the interpreter itself takes for nothing: && and ||, and the elements of a list that is
// written out.
func meter(step interpreter.InterpretableV2) (interpreter.InterpretableV2, error) {
	switch x := step.(type) {
	case interpreter.InterpretableConst, interpreter.InterpretableCall, interpreter.InterpretableAttribute:
		return step, nil
	case interpreter.InterpretableConstructor:
		computed := func(i interpreter.InterpretableV2) bool {
			_, isConst := i.(interpreter.InterpretableConst)
			return !isConst
		}
		if !slices.ContainsFunc(x.InitVals(), computed) {
			return step, nil // it is made once, before the rule runs
		}
		return metered{step, len(x.InitVals())}, nil
	}
	return metered{step, 1}, nil
}

type metered struct {
	interpreter.InterpretableV2
	units int
}

// Exec charges the step and takes it.
func (m metered) Exec(frame *interpreter.ExecutionFrame) ref.Val {
	if costs := frame.CostTracker(); costs != nil {
		for range m.units {
			costs.Qualify(m.ID())
		}
	}
	return m.InterpretableV2.Exec(frame)
}

// limited are the options with which rules run.
func limited(cost uint64) []cel.ProgramOption {
	return []cel.ProgramOption{cel.CostTracking(prices{}), cel.CostLimit(cost), cel.CustomDecoratorV2(meter), cel.EvalOptions(cel.OptOptimize)}
}

// bounded looks for what is no part of the language of rules, and gives its node and what is wrong with it; "" where there
// is nothing.
func bounded(tree *celast.AST) (id int64, wrong string) {
	celast.PostOrderVisit(tree.Expr(), celast.NewExprVisitor(func(e celast.Expr) {
		if wrong != "" {
			return
		}
		id = e.ID()
		if t, ok := tree.TypeMap()[id]; ok && !spoken(t) {
			wrong = fmt.Sprintf("rules know texts, whole numbers, dates, true or false, and lists of these, but not %s", t)
			return
		}
		if e.Kind() == celast.CallKind {
			wrong = boundedCall(tree, e)
		}
	}))
	return id, wrong
}

// spoken tells whether values of a type may occur in rules.
func spoken(t *cel.Type) bool {
	if t.Kind() == types.ListKind {
		return t.Parameters()[0].Kind() != types.ListKind && spoken(t.Parameters()[0])
	}
	switch t.Kind() {
	case types.BoolKind, types.IntKind, types.StringKind, types.TimestampKind, types.DurationKind:
		return true
	}
	return false
}

func boundedCall(tree *celast.AST, e celast.Expr) string {
	call := e.AsCall()
	if call.FunctionName() == operators.Conditional && call.Args()[0].Kind() == celast.LiteralKind {
		return "what stands before ? is always the same: write the value itself" // and would cost nothing
	}
	for _, overload := range tree.ReferenceMap()[e.ID()].OverloadIDs {
		if _, ok := price(overload, nil); !ok {
			return fmt.Sprintf("rules do not have the word %s", call.FunctionName())
		}
		switch overload {
		case overloads.AddList: // map and filter write their results so
			if first := call.Args()[0]; first.Kind() != celast.IdentKind || first.AsIdent() != parser.HiddenAccumulatorName {
				return "rules do not join lists: ask each of them"
			}
		case overloads.Equals, overloads.NotEquals:
			if t := tree.GetType(call.Args()[0].ID()); t.Kind() == types.ListKind {
				return "rules do not compare lists: compare their sizes, or their elements with all or exists"
			}
		case overloads.Matches, overloads.MatchesString:
			return boundedPattern(call)
		}
	}
	return ""
}

// boundedPattern looks at the pattern of matches(text, pattern) or text.matches(pattern).
func boundedPattern(call celast.CallExpr) string {
	args := call.Args()
	pattern := args[len(args)-1]
	if pattern.Kind() != celast.LiteralKind {
		return "the pattern of matches is a text in quotes"
	}
	text, _ := pattern.AsLiteral().Value().(string)
	if len(text) > maxPattern {
		return fmt.Sprintf("the pattern of matches is longer than %d bytes", maxPattern)
	}
	size, err := types.RegexProgramSize(text)
	if err != nil {
		return "the pattern of matches: " + err.Error()
	}
	if size > maxPattern {
		return fmt.Sprintf("the pattern of matches has %d steps, and %d at most are allowed: repeat less", size, maxPattern)
	}
	return ""
}
