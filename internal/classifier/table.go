package classifier

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"elicense/internal/civil"
	"elicense/internal/lang"
)

// Entry is one line of a classifier.
type Entry struct {
	Code   string
	Parent string    // code of the entry above, empty at the top
	Name   lang.Text // a language without a checked name is empty; show with Name.In
	Short  lang.Text // the sign of a unit: кг; empty elsewhere
	Alt    string    // other codes of the same thing, separated by spaces: alpha-3 and numeric, UN/CEFACT
	From   civil.Date
	To     civil.Date // last day of validity; zero is open, as for From
}

// On tells whether the entry is valid on a day.
func (e Entry) On(day civil.Date) bool { return day.Within(e.From, e.To) }

// columns is what a table may have; code is required.
func columns() []string {
	return []string{"code", "parent", "kk", "ru", "en", "short_kk", "short_ru", "short_en", "alt", "from", "to"}
}

const maxCode, maxName = 32, 2000 // bytes

// ParseTable reads the format of the folder data, which is also the format of an administrator's upload: tab-separated
// columns under one line of headings. Errors name the line. Codes must be unique, every parent must exist in the table,
// and no entry may be above itself.
func ParseTable(text string) ([]Entry, error) {
	if !utf8.ValidString(text) {
		return nil, fmt.Errorf("classifier: not UTF-8")
	}
	head, rest, _ := strings.Cut(strings.TrimPrefix(text, "\ufeff"), "\n")
	order, err := parseHead(strings.TrimSuffix(head, "\r"))
	if err != nil {
		return nil, err
	}
	entries := make([]Entry, 0, strings.Count(rest, "\n")+1)
	cells := make([]string, len(columns()))
	for line := 2; rest != ""; line++ {
		var row string
		row, rest, _ = strings.Cut(rest, "\n")
		row = strings.TrimSuffix(row, "\r")
		if row == "" {
			continue
		}
		entry, err := parseRow(row, order, cells)
		if err != nil {
			return nil, fmt.Errorf("classifier: line %d: %w", line, err)
		}
		entries = append(entries, entry)
	}
	return entries, checkTree(entries)
}

// parseHead gives for each column of the file its place in columns.
func parseHead(head string) ([]int, error) {
	var order []int
	seen := map[string]bool{}
	for _, name := range strings.Split(head, "\t") {
		at := -1
		for i, known := range columns() {
			if known == name {
				at = i
			}
		}
		if at < 0 || seen[name] {
			return nil, fmt.Errorf("classifier: line 1: column %q is unknown or stands twice", name)
		}
		seen[name] = true
		order = append(order, at)
	}
	if !seen["code"] {
		return nil, fmt.Errorf("classifier: line 1: no column code")
	}
	return order, nil
}

func parseRow(row string, order []int, cells []string) (Entry, error) {
	clear(cells)
	for i, at := range order {
		cell, rest, more := strings.Cut(row, "\t")
		if more != (i < len(order)-1) {
			return Entry{}, fmt.Errorf("not %d columns", len(order))
		}
		if len(cell) > maxName {
			return Entry{}, fmt.Errorf("column %s is longer than %d bytes", columns()[at], maxName)
		}
		cells[at], row = cell, rest
	}
	e := Entry{Code: cells[0], Parent: cells[1], Alt: cells[8],
		Name:  lang.Text{KK: cells[2], RU: cells[3], EN: cells[4]},
		Short: lang.Text{KK: cells[5], RU: cells[6], EN: cells[7]}}
	if e.Code == "" || len(e.Code) > maxCode || strings.ContainsAny(e.Code, " \u00a0") {
		return Entry{}, fmt.Errorf("code %q: wants 1 to %d bytes without spaces", e.Code, maxCode)
	}
	if e.Name.IsZero() {
		return Entry{}, fmt.Errorf("code %s has no name", e.Code)
	}
	if err := e.From.UnmarshalText([]byte(cells[9])); err != nil {
		return Entry{}, fmt.Errorf("column from: %w", err)
	}
	if err := e.To.UnmarshalText([]byte(cells[10])); err != nil {
		return Entry{}, fmt.Errorf("column to: %w", err)
	}
	return e, nil
}

// maxDepth bounds a path; KATO needs five.
const maxDepth = 12

func checkTree(entries []Entry) error {
	parents := make(map[string]string, len(entries))
	for _, e := range entries {
		if _, twice := parents[e.Code]; twice {
			return fmt.Errorf("classifier: code %s stands twice", e.Code)
		}
		parents[e.Code] = e.Parent
	}
	for _, e := range entries {
		depth := 0
		for code := e.Parent; code != ""; code = parents[code] {
			if _, ok := parents[code]; !ok {
				return fmt.Errorf("classifier: code %s: no parent %s", e.Code, code)
			}
			if depth++; depth > maxDepth {
				return fmt.Errorf("classifier: code %s: more than %d levels, or a circle", e.Code, maxDepth)
			}
		}
	}
	return nil
}
