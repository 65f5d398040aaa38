package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"elicense/internal/civil"
	"elicense/internal/port"
)

func list(rows ...[]any) port.Sheet {
	return port.Sheet{Columns: []port.SheetColumn{{Text: "Өтініш нөмірі", Width: 20}, {Text: "=Атауы", Width: 40}, {Text: "Саны", Width: 10}, {Text: "Күні", Width: 12}},
		Rows: func(write func([]any) error) error {
			for _, r := range rows {
				if err := write(r); err != nil {
					return err
				}
			}
			return nil
		}}
}

// No text is a formula, whatever it begins with; numbers and days stay what they are.
func TestNoTextBecomesAFormula(t *testing.T) {
	hostile := []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "=cmd|' /C calc'!A0", "'=1", "<f>1</f>", "қазақ", "", " a ", "0012"}
	var rows [][]any
	for _, h := range hostile {
		rows = append(rows, []any{h, h, 42, civil.Date{Year: 2026, Month: 11, Day: 29}})
	}
	var b bytes.Buffer
	if err := (Workbooks{}).Write(&b, list(rows...)); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for i, h := range hostile {
		at := func(column string) string { return fmt.Sprint(column, i+2) }
		for _, column := range []string{"A", "B"} {
			value, err := f.GetCellValue("1", at(column))
			formula, _ := f.GetCellFormula("1", at(column))
			kind, _ := f.GetCellType("1", at(column))
			style, _ := f.GetCellStyle("1", at(column))
			quoted := f.Styles.CellXfs.Xf[style].QuotePrefix
			if want := strings.ReplaceAll(h, "\r", "\n"); err != nil || value != h && value != want || formula != "" || kind != excelize.CellTypeInlineString || quoted == nil || !*quoted {
				t.Errorf("%q: %q, formula %q, type %v, quoted %v, %v", h, value, formula, kind, quoted, err)
			}
		}
		number, _ := f.GetCellValue("1", at("C"))
		kind, _ := f.GetCellType("1", at("C"))
		day, _ := f.GetCellValue("1", at("D"))
		if number != "42" || kind == excelize.CellTypeInlineString || day != "29.11.2026" {
			t.Errorf("%q: %q of type %v, %q", h, number, kind, day)
		}
	}
	if xml, _ := f.Pkg.Load("xl/worksheets/sheet1.xml"); xml != nil && bytes.Contains(xml.([]byte), []byte("<f>")) {
		t.Error("there is a formula")
	}
}

func TestFaultsOfRowsEndTheWorkbook(t *testing.T) {
	s := list()
	s.Rows = func(func([]any) error) error { return io.ErrUnexpectedEOF }
	if err := (Workbooks{}).Write(io.Discard, s); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
}

// childKey tells a process of this test that it is to write a long list and tell its memory.
const childKey = "SHEET_OF_A_CHILD"

func TestLongListOfAChild(t *testing.T) {
	if os.Getenv(childKey) == "" {
		t.Skip("only for BenchmarkLongList")
	}
	s := list()
	s.Rows = func(write func([]any) error) error {
		for i := range 100_000 {
			name := fmt.Sprintf("«Үлгі %d» жауапкершілігі шектеулі серіктестігі", i)
			row := []any{"KZ64RRD00000001", i, civil.Date{Year: 2026, Month: 11, Day: 29}, name, name, "Ағымдағы", name, civil.Date{}, "Мерзімінде", "Үлгібаев Адам"}
			if err := write(row); err != nil {
				return err
			}
		}
		return nil
	}
	if err := (Workbooks{}).Write(io.Discard, s); err != nil {
		t.Fatal(err)
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(string(status))
}

// A hundred thousand rows of ten cells take less than 100 MB at their peak, as the kernel counts it of a process of its own.
func BenchmarkLongList(b *testing.B) {
	for b.Loop() {
		child := exec.Command(os.Args[0], "-test.run", "^TestLongListOfAChild$")
		child.Env = append(os.Environ(), childKey+"=1")
		out, err := child.CombinedOutput()
		if err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		peak := 0
		for line := range strings.SplitSeq(string(out), "\n") {
			if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &peak); err == nil {
				break
			}
		}
		b.ReportMetric(float64(peak)/1024, "peak-MB")
		if peak == 0 || peak > 100<<10 {
			b.Errorf("peak of %d kB", peak)
		}
	}
}
