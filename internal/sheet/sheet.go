// Package sheet writes lists as Excel workbooks: port.Sheets. Rows stream through a temporary file, so that the length of a
// list costs no memory.
package sheet

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/xuri/excelize/v2"

	"elicense/internal/civil"
	"elicense/internal/port"
)

// Workbooks is port.Sheets.
type Workbooks struct{}

// styles are the styles of the cells, by what stands in them.
type styles struct{ head, text, day int }

// Write implements port.Sheets. A text is an inline string of the style quotePrefix, as if an apostrophe stood before it: no
// program takes it for a formula, also after it was edited there (OWASP ASVS 1.2.10, by the means of the format instead of
// a character that would change the text).
func (Workbooks) Write(w io.Writer, s port.Sheet) (err error) {
	f := excelize.NewFile()
	defer func() { err = errors.Join(err, f.Close()) }()
	const name = "1"
	if err := f.SetSheetName("Sheet1", name); err != nil {
		return fmt.Errorf("sheet: %w", err)
	}
	st, err := stylesOf(f)
	if err != nil {
		return err
	}
	out, err := f.NewStreamWriter(name)
	if err != nil {
		return fmt.Errorf("sheet: %w", err)
	}
	head := make([]any, len(s.Columns))
	for i, c := range s.Columns {
		head[i] = excelize.Cell{StyleID: st.head, Value: c.Text}
		if err := out.SetColWidth(i+1, i+1, float64(c.Width)); err != nil {
			return fmt.Errorf("sheet: %w", err)
		}
	}
	if err := out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return fmt.Errorf("sheet: %w", err)
	}
	row := 0
	write := func(values []any) error {
		row++
		return out.SetRow(fmt.Sprintf("A%d", row), values)
	}
	if err := write(head); err != nil {
		return fmt.Errorf("sheet: %w", err)
	}
	err = s.Rows(func(values []any) error {
		for i, v := range values {
			values[i] = st.cell(v)
		}
		return write(values)
	})
	if err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("sheet: %w", err)
	}
	_, err = f.WriteTo(w)
	return err
}

// cell is a value as a typed cell: what is neither a number nor a day is text.
func (st styles) cell(v any) excelize.Cell {
	switch v := v.(type) {
	case int, int64:
		return excelize.Cell{Value: v}
	case civil.Date:
		if v.IsZero() {
			return excelize.Cell{}
		}
		return excelize.Cell{StyleID: st.day, Value: time.Date(v.Year, v.Month, v.Day, 0, 0, 0, 0, time.UTC)}
	}
	return excelize.Cell{StyleID: st.text, Value: fmt.Sprint(v)}
}

func stylesOf(f *excelize.File) (st styles, err error) {
	day := "dd.mm.yyyy"
	for _, s := range []struct {
		id    *int
		style excelize.Style
	}{
		// An alignment tells head and text from the plain style, whose place they would be given otherwise.
		{&st.head, excelize.Style{Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}}},
		{&st.text, excelize.Style{Alignment: &excelize.Alignment{Vertical: "top"}}},
		{&st.day, excelize.Style{CustomNumFmt: &day, Alignment: &excelize.Alignment{Vertical: "top", Horizontal: "left"}}},
	} {
		if *s.id, err = f.NewStyle(&s.style); err != nil {
			return st, fmt.Errorf("sheet: %w", err)
		}
	}
	quoted := true
	f.Styles.CellXfs.Xf[st.head].QuotePrefix = &quoted
	f.Styles.CellXfs.Xf[st.text].QuotePrefix = &quoted
	return st, nil
}
