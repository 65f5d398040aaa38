package sqlstore

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Units that wait together mostly do the same: they are submissions. Of the units of a group that list the same
// statements, PostgreSQL gets the first statement of all of them, then the second, and so on, and what only differs in
// its values goes as one statement over arrays: each statement has a fixed price (a portal, a snapshot, an executor), each
// row a small one.
//
// Every unit keeps its own order. Units are mixed only when each of their statements is a plain INSERT or guarded: such
// statements succeed together only where they would also succeed one unit after the other. When anything fails, the
// group is sent again unit by unit (see applyGroup), so that no fault is ever judged from a mixed group.

// merger turns statements for one row into statements for many.
type merger struct {
	texts sync.Map // SQL text -> the text for many rows, "" where there is none
}

// mix gives the statements of the group with units of one shape merged, or false where nothing is gained or the order of
// contended rows would be lost.
func (m *merger) mix(group []*pending) ([]statement, bool) {
	var kinds [][]*pending // units of one shape
	for _, p := range group {
		i := slices.IndexFunc(kinds, func(k []*pending) bool { return alike(k[0], p) })
		if i < 0 {
			kinds = append(kinds, []*pending{p})
		} else {
			kinds[i] = append(kinds[i], p)
		}
	}
	contending := 0
	var mixed []statement
	for _, k := range kinds {
		if slices.ContainsFunc(k, func(p *pending) bool { return p.contended != "" }) {
			contending++
		}
		list, ok := m.merge(k)
		if !ok {
			list, _ = concat(k)
		}
		mixed = append(mixed, list...)
	}
	return mixed, contending <= 1
}

// alike tells whether two units list the same statements.
func alike(a, b *pending) bool {
	return slices.EqualFunc(a.list, b.list, func(x, y statement) bool { return x.sql == y.sql })
}

// merge gives the statements of units of one shape mixed, or false where they may not be mixed. All arguments of
// one parameter have one type, because they come from one place in the program.
func (m *merger) merge(group []*pending) ([]statement, bool) {
	first := group[0].list
	if len(group) == 1 {
		return m.collapse(first, false), true
	}
	for _, s := range first {
		if s.guard == nil && (!strings.HasPrefix(s.sql, "INSERT ") || m.text(s) == "") {
			return nil, false
		}
	}
	mixed := make([]statement, 0, len(first)*len(group))
	for k := range first {
		for _, p := range group {
			mixed = append(mixed, p.list[k])
		}
	}
	return m.collapse(mixed, true), true
}

// collapse makes one statement of neighbours that differ in their values only. Guarded ones belong together only in a
// group, which is sent again when they fail: within a unit the second may build on the first.
func (m *merger) collapse(list []statement, guarded bool) []statement {
	short := make([]statement, 0, len(list))
	for len(list) > 0 {
		run := 1
		for run < len(list) && list[run].sql == list[0].sql {
			run++
		}
		text := ""
		if run > 1 && (guarded || list[0].guard == nil) {
			text = m.text(list[0])
		}
		if text == "" {
			short = append(short, list[:run]...)
		} else {
			short = append(short, statement{sql: text, args: columnsOf(list[:run]), guard: list[0].guard, many: true})
		}
		list = list[run:]
	}
	return short
}

// columnsOf gives the statements' arguments as one slice for each parameter.
func columnsOf(list []statement) []any {
	args := make([]any, len(list[0].args))
	for i := range args {
		switch list[0].args[i].(type) {
		case string:
			args[i] = column[string](list, i)
		case int64:
			args[i] = column[int64](list, i)
		default:
			args[i] = column[[]byte](list, i)
		}
	}
	return args
}

func column[T any](list []statement, i int) []T {
	all := make([]T, len(list))
	for n, s := range list {
		all[n], _ = s.args[i].(T) // bind gives nothing else
	}
	return all
}

// text gives the statement for many rows of a plain INSERT or UPDATE, "" for anything else.
func (m *merger) text(s statement) string {
	if t, ok := m.texts.Load(s.sql); ok {
		return t.(string)
	}
	t := manyRows(s)
	m.texts.Store(s.sql, t)
	return t
}

// manyRows rewrites INSERT INTO t (…) VALUES ($1, …) to INSERT INTO t (…) SELECT u.p1, … FROM unnest($1::text[], …) AS u (p1, …),
// and UPDATE t SET a = $1, … WHERE k = $2 to UPDATE t SET a = u.p1, … FROM unnest(…) AS u (…) WHERE k = u.p2. An UPDATE that computes with
// what the row holds is left alone: two rows of the arrays may name the same row, which would change once.
func manyRows(s statement) string {
	if len(s.args) == 0 {
		return ""
	}
	if head, values, ok := strings.Cut(s.sql, "VALUES ("); ok && strings.HasPrefix(head, "INSERT INTO ") && strings.HasSuffix(values, ")") && !strings.Contains(values, "ON CONFLICT") {
		return head + "SELECT " + named(strings.TrimSuffix(values, ")"), "") + " FROM " + arrays(s.args)
	}
	if head, where, ok := strings.Cut(s.sql, "WHERE "); ok && updatesPlainly.MatchString(head) {
		text := named(head, "") + "FROM " + arrays(s.args) + " WHERE " + named(where, ` COLLATE "C"`, s.args...)
		if s.guard != nil {
			text = guardedRows(text, arrayOf(s.args, 0))
		}
		return text
	}
	return ""
}

// updatesPlainly matches an UPDATE whose values are parameters.
var updatesPlainly = regexp.MustCompile(`^UPDATE \w+ SET (\w+ = \$\d+( \+ 1)?(,\s+|\s+))+$`)

// parameter matches $1.
var parameter = regexp.MustCompile(`\$(\d+)`)

// named puts the arrays' columns in place of the parameters; texts among args are followed by collation, because a
// comparison wants both sides alike.
func named(sql, collation string, args ...any) string {
	return parameter.ReplaceAllStringFunc(sql, func(p string) string {
		name := "u.p" + p[1:]
		if n, err := strconv.Atoi(p[1:]); err == nil && n <= len(args) {
			if _, ok := args[n-1].(string); ok {
				return name + collation
			}
		}
		return name
	})
}

// arrays is the table of the arguments: unnest($1::text[], …) AS u (p1, …).
func arrays(args []any) string {
	types, names := make([]string, len(args)), make([]string, len(args))
	for i := range args {
		types[i], names[i] = arrayOf(args, i), "p"+strconv.Itoa(i+1)
	}
	return "unnest(" + strings.Join(types, ", ") + ") AS u (" + strings.Join(names, ", ") + ")"
}

// arrayOf is a parameter as an array: $1::text[].
func arrayOf(args []any, i int) string {
	kind := "bytea"
	switch args[i].(type) {
	case string:
		kind = "text"
	case int64:
		kind = "bigint"
	}
	return "$" + strconv.Itoa(i+1) + "::" + kind + "[]"
}
