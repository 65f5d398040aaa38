package reference

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"elicense/internal/civil"
	"elicense/internal/decimal"
	"elicense/internal/fault"
	"elicense/internal/service"
)

// maxRows bounds one import, maxField a field in characters.
const (
	maxRows  = 200_000
	maxField = 2000
)

// RowError says what is wrong with one line of an import. Column is the place of the field in the line, in bytes from 1.
// Key and Args say the same as Text for a page in the reader's language.
type RowError struct {
	Line, Column int
	Text         string
	Key          string
	Args         fault.Args
}

// wrong is what is wrong with a field or a line; the zero value is nothing.
type wrong struct {
	text, key string
	args      fault.Args
}

func (w wrong) at(line, column int) RowError {
	return RowError{Line: line, Column: column, Text: w.text, Key: "directory.wrong." + w.key, Args: w.args}
}

// ImportError holds what is wrong with an import; nothing was stored.
type ImportError struct{ Rows []RowError }

// Error writes the first twenty lines.
func (e *ImportError) Error() string {
	var b strings.Builder
	for i, r := range e.Rows {
		if i == 20 {
			fmt.Fprintf(&b, "\nand %d more", len(e.Rows)-i)
			break
		}
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "line %d: %s", r.Line, r.Text)
	}
	return b.String()
}

// ReadRows reads a CSV (comma or semicolon, UTF-8, header) with the columns code, variant, name_kk, name_ru, name_en, from,
// to and the directory's own; missing optional columns are empty, unknown ones an error. A nil directory is a classifier
// of the installation: goods codes have 2 to 10 digits, places (KATO) 9, units 3, currencies 3 letters, countries 2.
func ReadRows(r io.Reader, key string, dir *service.Directory) ([]service.Row, error) {
	in, err := newReader(r)
	if err != nil {
		return nil, &ImportError{[]RowError{wrong{"the file is not in UTF-8", "encoding", nil}.at(1, 1)}}
	}
	header, err := in.Read()
	if err != nil {
		return nil, &ImportError{[]RowError{wrong{"the file has no header line", "header", nil}.at(1, 1)}}
	}
	columns := map[string]string{}
	if dir != nil {
		for _, c := range dir.Columns {
			columns[c.Key] = c.Type
		}
	}
	if err := checkHeader(in, header, columns); err != nil {
		return nil, err
	}
	var rows []service.Row
	var bad []RowError
	seen := map[string]int{}
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			line := 1
			if broken := new(csv.ParseError); errors.As(err, &broken) {
				line = broken.Line
			}
			bad = append(bad, inWords(err).at(line, 1))
			break
		}
		line, _ := in.FieldPos(0)
		if len(rows) >= maxRows {
			bad = append(bad, wrong{"more than 200,000 rows", "rows", nil}.at(line, 1))
			break
		}
		row, field, w := readRow(key, header, record, columns)
		if w.key == "" {
			if first, twice := seen[rowID(row)]; twice {
				field, w = 0, wrong{fmt.Sprintf("the same code, variant and first day as line %d", first), "duplicate", fault.Args{"line": strconv.Itoa(first)}}
			}
		}
		if w.key != "" {
			_, at := in.FieldPos(field)
			bad = append(bad, w.at(line, at))
			continue
		}
		seen[rowID(row)] = line
		rows = append(rows, row)
	}
	if len(bad) > 0 {
		return nil, &ImportError{bad}
	}
	return rows, nil
}

// rowID is what a store knows a row by.
func rowID(r service.Row) string {
	return strings.Join([]string{r.Code, r.Variant, r.From.String()}, "\x00")
}

// newReader reads comma or semicolon, as the header has them: spreadsheets of this country write the latter.
func newReader(r io.Reader) (*csv.Reader, error) {
	b := bufio.NewReaderSize(r, 64<<10)
	if head, _ := b.Peek(3); bytes.Equal(head, []byte("\ufeff")) {
		_, _ = b.Discard(3) // it was just seen
	}
	head, _ := b.Peek(64 << 10)
	line, _, _ := bytes.Cut(head, []byte("\n"))
	if bytes.IndexByte(line, 0) >= 0 || !utf8.Valid(line) && len(line) < len(head) {
		return nil, errors.New("not UTF-8")
	}
	in := csv.NewReader(b)
	in.FieldsPerRecord = 0
	if bytes.IndexByte(line, ';') >= 0 && bytes.IndexByte(line, ',') < 0 {
		in.Comma = ';'
	}
	return in, nil
}

func checkHeader(in *csv.Reader, header []string, columns map[string]string) error {
	known := []string{"code", "variant", "name_kk", "name_ru", "name_en", "from", "to"}
	for i, h := range header {
		_, at := in.FieldPos(i)
		if _, own := columns[h]; !own && !slices.Contains(known, h) {
			text := fmt.Sprintf("unknown column %q%s", h, service.Meant(h, append(slices.Collect(maps.Keys(columns)), known...)))
			return &ImportError{[]RowError{wrong{text, "column", fault.Args{"column": clip(h)}}.at(1, at)}}
		}
		if slices.Contains(header[:i], h) {
			return &ImportError{[]RowError{wrong{fmt.Sprintf("the column %q stands twice", h), "column-twice", fault.Args{"column": clip(h)}}.at(1, at)}}
		}
	}
	if !slices.Contains(header, "code") {
		return &ImportError{[]RowError{wrong{"there is no column \"code\"", "no-code", nil}.at(1, 1)}}
	}
	return nil
}

func clip(s string) string {
	s = strings.ToValidUTF8(s, "?")
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// inWords says what is wrong with a line that is not well-formed CSV.
func inWords(err error) wrong {
	switch {
	case errors.Is(err, csv.ErrFieldCount):
		return wrong{"the line has more or fewer fields than the header: a field with a comma stands in quotes", "fields", nil}
	case errors.Is(err, csv.ErrQuote), errors.Is(err, csv.ErrBareQuote):
		return wrong{"a quote stands in the middle of a field or is not closed: write it twice within quotes", "quote", nil}
	}
	return wrong{err.Error(), "unreadable", nil}
}

// readRow gives a row, or what is wrong with it and in which field.
func readRow(key string, header, record []string, columns map[string]string) (row service.Row, field int, bad wrong) {
	row = service.Row{Directory: key, Values: map[string]string{}}
	for i, h := range header {
		s := strings.TrimSpace(record[i])
		if bad = readable(s); bad.key != "" {
			return row, i, bad
		}
		switch h {
		case "code":
			row.Code = strings.ReplaceAll(s, " ", "")
		case "variant":
			row.Variant = s
		case "name_kk":
			row.Name.KK = s
		case "name_ru":
			row.Name.RU = s
		case "name_en":
			row.Name.EN = s
		case "from":
			row.From, bad = day(s)
		case "to":
			row.To, bad = day(s)
		default:
			row.Values[h], bad = column(columns[h], s)
		}
		if bad.key != "" {
			bad.text = h + ": " + bad.text
			return row, i, bad
		}
	}
	if text, ok := codeOf(key, row.Code); !ok {
		return row, max(0, slices.Index(header, "code")), wrong{fmt.Sprintf("code %q: %s", row.Code, text), "code", fault.Args{"code": clip(row.Code)}}
	}
	if row.Name.IsZero() {
		return row, max(0, slices.Index(header, "name_kk")), wrong{"no name in any language", "name", nil}
	}
	if !row.From.IsZero() && !row.To.IsZero() && row.To.Before(row.From) {
		return row, max(0, slices.Index(header, "to")), wrong{"the last day is before the first", "period", nil}
	}
	return row, 0, wrong{}
}

// readable demands a text that harms nobody, wherever it goes: no bytes that are not UTF-8, no control characters, and
// nothing that a spreadsheet would take for a formula.
func readable(s string) wrong {
	switch {
	case !utf8.ValidString(s):
		return wrong{"not in UTF-8", "encoding", nil}
	case utf8.RuneCountInString(s) > maxField:
		return wrong{"longer than 2000 characters", "long", nil}
	case strings.ContainsFunc(s, unicode.IsControl):
		return wrong{"control characters", "control", nil}
	case s != "" && strings.ContainsRune("=+@", rune(s[0])) || len(s) > 1 && s[0] == '-' && !strings.Contains("0123456789., -", s[1:2]):
		return wrong{"begins like a formula of a spreadsheet", "formula", nil}
	}
	return wrong{}
}

// codeOf tells whether a code has the form of its directory, and which form that is.
func codeOf(key, code string) (form string, ok bool) {
	digits := strings.Trim(code, "0123456789") == ""
	letters := strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
	switch key {
	case Countries:
		return "2 capital letters", letters && len(code) == 2
	case Currencies:
		return "3 capital letters", letters && len(code) == 3
	case Units:
		return "3 or 4 digits", digits && (len(code) == 3 || len(code) == 4)
	case Places:
		return "9 digits", digits && len(code) == 9
	}
	return "2 to 10 digits", digits && len(code) >= 2 && len(code) <= 10
}

func day(s string) (civil.Date, wrong) {
	if s == "" {
		return civil.Date{}, wrong{}
	}
	d, err := civil.ParseDate(s)
	if err != nil {
		return d, wrong{"a date is written as 2026-01-31", "date", nil}
	}
	return d, wrong{}
}

func column(t, s string) (string, wrong) {
	if s == "" {
		return "", wrong{}
	}
	switch t {
	case "int":
		n, err := strconv.Atoi(s)
		if err != nil {
			return "", wrong{"not a whole number", "int", nil}
		}
		return strconv.Itoa(n), wrong{}
	case "number":
		d, err := decimal.Parse(s)
		if err != nil {
			return "", wrong{"not a number", "number", nil}
		}
		return d.String(), wrong{}
	}
	return s, wrong{}
}
