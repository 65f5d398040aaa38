package reference

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"elicense/internal/audit"
	"elicense/internal/civil"
	"elicense/internal/decimal"
	"elicense/internal/form"
	"elicense/internal/ledger"
	"elicense/internal/port"
	"elicense/internal/service"
)

// maxRows bounds one import.
const maxRows = 200_000

// RowError says what is wrong with one line of an import. Column is the place of the field in the line, in bytes from 1.
type RowError struct {
	Line, Column int
	Text         string
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

// ReadRows reads a CSV (comma, UTF-8, header) with the columns code, variant, name_kk, name_ru, name_en, from, to and the
// directory's own; missing optional columns are empty, unknown ones an error. A nil directory is the goods nomenclature,
// whose codes have 2 to 10 digits.
func ReadRows(r io.Reader, key string, dir *service.Directory) ([]service.Row, error) {
	in := csv.NewReader(r)
	in.FieldsPerRecord = 0
	header, err := in.Read()
	if err != nil {
		return nil, &ImportError{[]RowError{{1, 1, "the file has no header line"}}}
	}
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	known := []string{"code", "variant", "name_kk", "name_ru", "name_en", "from", "to"}
	columns := map[string]string{}
	if dir != nil {
		for _, c := range dir.Columns {
			columns[c.Key] = c.Type
		}
	}
	for i, h := range header {
		_, at := in.FieldPos(i)
		if _, own := columns[h]; !own && !slices.Contains(known, h) {
			return nil, &ImportError{[]RowError{{1, at, fmt.Sprintf("unknown column %q%s", h, service.Meant(h, append(slices.Collect(maps.Keys(columns)), known...)))}}}
		}
	}
	if !slices.Contains(header, "code") {
		return nil, &ImportError{[]RowError{{1, 1, "there is no column \"code\""}}}
	}
	var rows []service.Row
	var wrong []RowError
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
			wrong = append(wrong, RowError{line, 1, inWords(err)})
			break
		}
		line, _ := in.FieldPos(0)
		if len(rows) >= maxRows {
			wrong = append(wrong, RowError{line, 1, "more than 200,000 rows"})
			break
		}
		row, field, text := readRow(key, header, record, columns)
		if text != "" {
			_, at := in.FieldPos(field)
			wrong = append(wrong, RowError{line, at, text})
			continue
		}
		rows = append(rows, row)
	}
	if len(wrong) > 0 {
		return nil, &ImportError{wrong}
	}
	return rows, nil
}

// inWords says what is wrong with a line that is not well-formed CSV.
func inWords(err error) string {
	switch {
	case errors.Is(err, csv.ErrFieldCount):
		return "the line has more or fewer fields than the header: a field with a comma stands in quotes"
	case errors.Is(err, csv.ErrQuote), errors.Is(err, csv.ErrBareQuote):
		return "a quote stands in the middle of a field or is not closed: write it twice within quotes"
	}
	return err.Error()
}

// readRow gives a row, or what is wrong with it and in which field.
func readRow(key string, header, record []string, columns map[string]string) (row service.Row, field int, wrong string) {
	row = service.Row{Directory: key, Values: map[string]string{}}
	for i, h := range header {
		s := strings.TrimSpace(record[i])
		var err error
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
			row.From, err = day(s)
		case "to":
			row.To, err = day(s)
		default:
			row.Values[h], err = column(columns[h], s)
		}
		if err != nil {
			return row, i, h + ": " + err.Error()
		}
	}
	if len(row.Code) < 2 || len(row.Code) > 10 || strings.Trim(row.Code, "0123456789") != "" {
		return row, max(0, slices.Index(header, "code")), fmt.Sprintf("code %q: 2 to 10 digits", row.Code)
	}
	if row.Name.IsZero() {
		return row, max(0, slices.Index(header, "name_kk")), "no name in any language"
	}
	return row, 0, ""
}

func day(s string) (civil.Date, error) {
	if s == "" {
		return civil.Date{}, nil
	}
	d, err := civil.ParseDate(s)
	if err != nil {
		return d, errors.New("a date is written as 2026-01-31")
	}
	return d, nil
}

func column(t, s string) (string, error) {
	if s == "" {
		return "", nil
	}
	switch t {
	case "int":
		n, err := strconv.Atoi(s)
		if err != nil {
			return "", errors.New("not a whole number")
		}
		return strconv.Itoa(n), nil
	case "number":
		d, err := decimal.Parse(s)
		if err != nil {
			return "", errors.New("not a number")
		}
		return d.String(), nil
	}
	return s, nil
}

// Import stores rows of a directory and, where it has quotas, their totals, in one unit per 500 rows.
func (l *Library) Import(ctx context.Context, key string, dir *service.Directory, rows []service.Row, actor string) error {
	for part := range slices.Chunk(rows, 500) {
		err := l.store.Update(ctx, func(tx port.Tx) error {
			l.ImportIn(tx, key, dir, part, actor)
			return nil
		})
		if err != nil {
			return err
		}
	}
	l.mu.Lock()
	clear(l.goods) // this process sees the import at once
	l.mu.Unlock()
	return nil
}

// ImportIn adds rows of a directory to a unit, with the totals of their quotas.
func (l *Library) ImportIn(tx port.Tx, key string, dir *service.Directory, rows []service.Row, actor string) {
	tx.Write().Directories().Put(key, rows)
	for _, r := range rows {
		if q, ok := QuotaOf(dir, r); ok {
			tx.Write().Ledger().SetTotal(q)
		}
	}
	tx.Write().Records().Audit(audit.Entry{
		ID: l.world.ID(), Salt: l.world.Random(16), At: l.world.Now(), Actor: actor,
		Action: "directory.imported", Object: "directory/" + key, Details: map[string]string{"rows": strconv.Itoa(len(rows))},
	})
}

// QuotaOf gives the quota that a row sets, if its directory has quotas and the row an amount.
func QuotaOf(dir *service.Directory, r service.Row) (ledger.Quota, bool) {
	if dir == nil || dir.Quota == nil || r.Values[dir.Quota.Amount] == "" {
		return ledger.Quota{}, false
	}
	id := strings.Join([]string{r.Directory, r.Code, r.Variant, r.Values[dir.Quota.Year]}, "/")
	return ledger.Quota{ID: id, Unit: r.Values[dir.Quota.Unit], Total: form.Millionths(r.Values[dir.Quota.Amount])}, true
}
