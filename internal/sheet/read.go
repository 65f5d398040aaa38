package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/port"
)

// Bounds of what is read. A workbook is a ZIP: the unzipped size bounds the work, and parts of it beyond partBytes lie in
// temporary files.
const (
	mostUnzipped = 256 << 20
	partBytes    = 16 << 20
	mostCells    = 64 // of a row; those after it are not looked at
)

// Read implements port.Tables: a ZIP is an Excel workbook, anything else CSV.
func (Workbooks) Read(content []byte, row func(port.TableRow) error) error {
	if bytes.HasPrefix(content, []byte("PK\x03\x04")) {
		return readWorkbook(content, row)
	}
	return readCSV(content, row)
}

func noTable(err error) error { return fault.New(fault.Invalid, "import.file").Because(err) }

// readWorkbook reads raw values: what a cell shows depends on the language of the program that wrote it. A library that
// panics on a hostile file says no more than that it is no workbook.
func readWorkbook(content []byte, row func(port.TableRow) error) (err error) {
	ours := false // the panic would be the caller's own
	defer func() {
		if p := recover(); p != nil {
			if ours {
				panic(p)
			}
			err = noTable(fmt.Errorf("workbook: %v", p))
		}
	}()
	f, err := excelize.OpenReader(bytes.NewReader(content), excelize.Options{UnzipSizeLimit: mostUnzipped, UnzipXMLSizeLimit: partBytes, RawCellValue: true})
	if err != nil {
		if strings.Contains(err.Error(), "unzip size") {
			return fault.New(fault.TooLarge, "import.large").Because(err)
		}
		return noTable(err)
	}
	defer func() { _ = f.Close() }() // only read
	zero := civil.New(1899, 12, 30)  // so that days from March 1900 on are right, as in every such program
	if props, err := f.GetWorkbookProps(); err == nil && props.Date1904 != nil && *props.Date1904 {
		zero = civil.New(1904, 1, 1)
	}
	names := f.GetSheetList()
	if len(names) == 0 {
		return noTable(errors.New("workbook: no sheet"))
	}
	rows, err := f.Rows(names[0])
	if err != nil {
		return noTable(err)
	}
	defer func() { _ = rows.Close() }() // only read
	for line := 1; rows.Next(); line++ {
		cells, err := rows.Columns()
		if err != nil {
			return noTable(err)
		}
		cells = cells[:min(len(cells), mostCells)]
		for i := range cells {
			cells[i] = strings.ToValidUTF8(cells[i], "\ufffd")
		}
		if empty(cells) {
			continue
		}
		ours = true
		err = row(port.TableRow{Line: line, Cells: cells, DayZero: zero})
		ours = false
		if err != nil {
			return err
		}
	}
	if err := rows.Error(); err != nil {
		return noTable(err)
	}
	return nil
}

// readCSV reads UTF-8 with commas or semicolons, whichever the first line has more of. A row that breaks the quoting is told;
// where a quotation mark does not close, nothing that follows can be told apart.
func readCSV(content []byte, row func(port.TableRow) error) error {
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	if !utf8.Valid(content) || bytes.IndexByte(content, 0) >= 0 {
		return fault.New(fault.Invalid, "import.encoding")
	}
	r := csv.NewReader(bytes.NewReader(content))
	first, _, _ := bytes.Cut(content, []byte("\n"))
	if bytes.Count(first, []byte(";")) > bytes.Count(first, []byte(",")) {
		r.Comma = ';'
	}
	r.FieldsPerRecord = -1
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if broken := (*csv.ParseError)(nil); errors.As(err, &broken) {
			if err := row(port.TableRow{Line: broken.StartLine, Broken: true}); err != nil || errors.Is(broken.Err, csv.ErrQuote) {
				return err
			}
			continue
		}
		if err != nil {
			return noTable(err)
		}
		line, _ := r.FieldPos(0)
		cells = cells[:min(len(cells), mostCells)]
		if empty(cells) {
			continue
		}
		if err := row(port.TableRow{Line: line, Cells: cells}); err != nil {
			return err
		}
	}
}

func empty(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}
