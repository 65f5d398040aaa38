package sqlstore

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// Units that wait together mostly do the same: they are submissions. Where all units of a group list the same
// statements, PostgreSQL gets the first statement of all of them, then the second, and so on, and a plain INSERT goes
// as one statement for all: each statement has a fixed price (a portal, a snapshot, an executor), each row a small one.
//
// Every unit keeps its own order. Units are mixed only when each of their statements is a plain INSERT or guarded: such
// statements succeed together only where they would also succeed one unit after the other. When anything fails, the
// group is sent again unit by unit (see applyGroup), so that no fault is ever judged from a mixed group.

// merger turns INSERTs of one row into INSERTs of many.
type merger struct {
	texts sync.Map // SQL text -> the text for many rows, "" where there is none
}

// merge gives the statements of the group mixed, or false where the units differ or may not be mixed. All arguments of
// one parameter have one type, because they come from one place in the program.
func (m *merger) merge(group []*pending) ([]statement, bool) {
	first := group[0].list
	for _, p := range group {
		if len(p.list) != len(first) {
			return nil, false
		}
		for k, s := range p.list {
			if s.sql != first[k].sql || (s.guard == nil && m.text(s) == "") {
				return nil, false
			}
		}
	}
	var mixed []statement
	for k, s := range first {
		if s.guard == nil {
			mixed = append(mixed, statement{sql: m.text(s), args: columnsOf(group, k)})
			continue
		}
		for _, p := range group {
			mixed = append(mixed, p.list[k])
		}
	}
	return mixed, true
}

// columnsOf gives the k-th statements' arguments as one slice for each parameter.
func columnsOf(group []*pending, k int) []any {
	args := make([]any, len(group[0].list[k].args))
	for i := range args {
		switch group[0].list[k].args[i].(type) {
		case string:
			args[i] = column[string](group, k, i)
		case int64:
			args[i] = column[int64](group, k, i)
		default:
			args[i] = column[[]byte](group, k, i)
		}
	}
	return args
}

func column[T any](group []*pending, k, i int) []T {
	all := make([]T, len(group))
	for n, p := range group {
		all[n], _ = p.list[k].args[i].(T) // bind gives nothing else
	}
	return all
}

// text gives the INSERT for many rows of a plain INSERT, "" for anything else.
func (m *merger) text(s statement) string {
	if t, ok := m.texts.Load(s.sql); ok {
		return t.(string)
	}
	t := manyRows(s)
	m.texts.Store(s.sql, t)
	return t
}

// manyRows rewrites INSERT INTO t (…) VALUES ($1, …) to INSERT INTO t (…) SELECT u.p1, … FROM unnest($1::text[], …).
func manyRows(s statement) string {
	head, values, ok := strings.Cut(s.sql, "VALUES (")
	if !ok || !strings.HasPrefix(head, "INSERT INTO ") || !strings.HasSuffix(values, ")") || strings.Contains(values, "ON CONFLICT") || len(s.args) == 0 {
		return ""
	}
	var arrays, names []string
	for i, a := range s.args {
		kind := "bytea"
		switch a.(type) {
		case string:
			kind = "text"
		case int64:
			kind = "bigint"
		}
		arrays = append(arrays, "$"+strconv.Itoa(i+1)+"::"+kind+"[]")
		names = append(names, "p"+strconv.Itoa(i+1))
	}
	selected := regexp.MustCompile(`\$(\d+)`).ReplaceAllString(strings.TrimSuffix(values, ")"), "u.p$1")
	return head + "SELECT " + selected + " FROM unnest(" + strings.Join(arrays, ", ") + ") AS u (" + strings.Join(names, ", ") + ")"
}
