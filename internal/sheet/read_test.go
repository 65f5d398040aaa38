package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/port"
)

func read(content []byte) (list []port.TableRow, err error) {
	err = Workbooks{}.Read(content, func(r port.TableRow) error {
		list = append(list, r)
		return nil
	})
	return list, err
}

func workbook(t testing.TB, fill func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	fill(f)
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWorkbookIsReadRaw(t *testing.T) {
	day := time.Date(2009, 5, 12, 0, 0, 0, 0, time.UTC)
	for _, old := range []bool{false, true} {
		list, err := read(workbook(t, func(f *excelize.File) {
			_ = f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &old})
			_ = f.SetSheetRow("Sheet1", "A1", &[]any{"number", "issued", "holder"})
			_ = f.SetSheetRow("Sheet1", "A3", &[]any{"0012", day, "Үлгі"})
			_ = f.SetCellValue("Sheet1", "A4", 990101000001)
			_ = f.SetCellFormula("Sheet1", "B4", "1+1")
		}))
		if err != nil || len(list) != 3 || list[1].Line != 3 || !reflect.DeepEqual(list[0].Cells, []string{"number", "issued", "holder"}) || list[1].Cells[0] != "0012" {
			t.Fatalf("%+v, %v", list, err)
		}
		var n int
		_, _ = fmt.Sscan(list[1].Cells[1], &n)
		if got := list[1].DayZero.AddDays(n); got != civil.New(2009, 5, 12) {
			t.Errorf("1904 %v: %s is %s", old, list[1].Cells[1], got)
		}
		if list[2].Cells[0] != "990101000001" || len(list[2].Cells) > 1 && list[2].Cells[1] == "2" {
			t.Errorf("a formula was computed: %+v", list[2])
		}
	}
}

func TestTextIsReadByItsFirstLine(t *testing.T) {
	for _, text := range []string{"\ufeffa,b\n1,\"x, y\"\n\n,\n3\n", "a;b\r\n1;\"x, y\"\r\n\r\n;\r\n3\r\n"} {
		list, err := read([]byte(text))
		want := []port.TableRow{{Line: 1, Cells: []string{"a", "b"}}, {Line: 2, Cells: []string{"1", "x, y"}}, {Line: 5, Cells: []string{"3"}}}
		if err != nil || !reflect.DeepEqual(list, want) {
			t.Errorf("%+v, %v", list, err)
		}
	}
	list, err := read([]byte("a,b\n1,x\"y\n2,z\n"))
	if err != nil || len(list) != 3 || !list[1].Broken || list[2].Cells[0] != "2" {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestWhatIsNoTable(t *testing.T) {
	var bomb bytes.Buffer
	z := zip.NewWriter(&bomb)
	w, err := z.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		t.Fatal(err)
	}
	for range (mostUnzipped >> 20) + 1 {
		_, _ = w.Write(make([]byte, 1<<20))
	}
	_ = z.Close()
	for _, tt := range []struct {
		name, key string
		content   []byte
	}{
		{"windows-1251", "import.encoding", []byte("body,\xcb\xe8\n")}, {"binary", "import.encoding", []byte("a\x00b")},
		{"half a workbook", "import.file", workbook(t, func(*excelize.File) {})[:900]}, {"bomb", "import.large", bomb.Bytes()},
	} {
		if list, err := read(tt.content); !fault.Is(err, tt.key) {
			t.Errorf("%s: %v, %v", tt.name, list, err)
		}
	}
	stop := errors.New("stop")
	if err := (Workbooks{}).Read([]byte("a\nb\n"), func(port.TableRow) error { return stop }); !errors.Is(err, stop) {
		t.Error(err)
	}
}

// Any bytes are a table or a fault, and cells are text that can be stored.
func FuzzRead(f *testing.F) {
	f.Add([]byte("a,b\n1,2\n"))
	f.Add(workbook(f, func(w *excelize.File) {
		_ = w.SetSheetRow("Sheet1", "A1", &[]any{"number", 1, true, time.Unix(1e9, 0)})
	}))
	f.Fuzz(func(t *testing.T, content []byte) {
		last := 0
		err := Workbooks{}.Read(content, func(r port.TableRow) error {
			if r.Line <= last || len(r.Cells) > mostCells || strings.ToValidUTF8(strings.Join(r.Cells, ""), "") != strings.Join(r.Cells, "") {
				t.Errorf("%+v after %d", r, last)
			}
			last = r.Line
			return nil
		})
		if _, ok := fault.As(err); err != nil && !ok {
			t.Errorf("no fault: %v", err)
		}
	})
}
