package numbering

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"elicense/internal/access"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/ledger"
	"elicense/internal/port"
)

// maxRows bounds one import.
const maxRows = 100_000

// unitRows is how many ranges one unit stores.
const unitRows = 500

// Row says what became of one line of an import.
type Row struct {
	Line int    `json:"line"`
	Text string `json:"text"` // empty = stored
}

// Report is what an import did, line by line.
type Report struct {
	Stored  int   `json:"stored"`
	Numbers int64 `json:"numbers"` // in the stored ranges
	Refused []Row `json:"refused"`
}

// block is a line of an import.
type block struct {
	line int
	ledger.Range
	name lang.Text
}

// Import puts blocks of numbers under their codes from CSV (comma, UTF-8, header): code, first, last, state, and where
// there are such: name_kk, name_ru, name_en of the code, permit, holder_name, holder_number of numbers that were allocated
// before. States are free and allocated. A line that is wrong or whose numbers are in the register already is reported
// and left out; nothing that is stored is changed. A header that cannot be read is fault.Invalid "import.header".
func (n *Numbering) Import(ctx context.Context, actor access.Actor, in io.Reader) (Report, error) {
	report := Report{Refused: []Row{}}
	if err := access.May(actor, access.Allocate, ""); err != nil {
		return report, err
	}
	blocks, refused, err := readBlocks(in)
	if err != nil {
		return report, err
	}
	report.Refused = append(report.Refused, refused...)
	good, refused, err := n.fresh(ctx, blocks)
	if err != nil {
		return report, err
	}
	report.Refused = append(report.Refused, refused...)
	slices.SortFunc(report.Refused, func(a, b Row) int { return a.Line - b.Line })
	for part := range slices.Chunk(good, unitRows) {
		if err := n.store(ctx, actor, part); err != nil {
			return report, err
		}
		for _, b := range part {
			report.Stored++
			report.Numbers += b.Size()
		}
	}
	return report, nil
}

// fresh leaves out what overlaps the register or a line before.
func (n *Numbering) fresh(ctx context.Context, blocks []block) (good []block, refused []Row, err error) {
	known := map[ledger.Code][]ledger.Range{}
	err = n.Store.View(ctx, func(v port.View) error {
		codes, err := v.Ledger().Codes(ctx)
		if err != nil {
			return err
		}
		for _, c := range codes {
			if known[c.Code], err = v.Ledger().Ranges(ctx, port.RangeSearch{Code: c.Code}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	for _, b := range blocks {
		if other, ok := like(known, b.Code); ok {
			refused = append(refused, Row{b.line, fmt.Sprintf("code %s and code %s begin alike and would share numbers", b.Code, other)})
			continue
		}
		list := known[b.Code]
		at, _ := slices.BinarySearchFunc(list, b.Range, func(x, y ledger.Range) int { return int(x.First - y.First) })
		if (at < len(list) && list[at].Overlaps(b.Range)) || (at > 0 && list[at-1].Overlaps(b.Range)) {
			refused = append(refused, Row{b.line, "numbers of this range are in the register already"})
			continue
		}
		known[b.Code] = slices.Insert(list, at, b.Range)
		good = append(good, b)
	}
	return good, refused, nil
}

// like finds another code of which one begins the other.
func like(known map[ledger.Code][]ledger.Range, code ledger.Code) (ledger.Code, bool) {
	if _, ok := known[code]; ok {
		return "", false
	}
	for other := range known {
		if strings.HasPrefix(string(other), string(code)) || strings.HasPrefix(string(code), string(other)) {
			return other, true
		}
	}
	return "", false
}

func (n *Numbering) store(ctx context.Context, actor access.Actor, blocks []block) error {
	return n.Store.Update(ctx, func(tx port.Tx) error {
		codes, err := tx.Ledger().Codes(ctx)
		if err != nil {
			return err
		}
		names := map[ledger.Code]lang.Text{}
		for _, c := range codes {
			names[c.Code] = c.Name
		}
		at := n.World.Now()
		var ranges []ledger.Range
		for _, b := range blocks {
			if name, ok := names[b.Code]; !ok || (name.IsZero() && !b.name.IsZero()) {
				names[b.Code] = b.name
				tx.Write().Ledger().PutCode(b.Code, b.name)
			}
		}
		for _, b := range blocks {
			b.Since = day(at)
			tx.Write().Ledger().AddRange(b.Range)
			ranges = append(ranges, b.Range)
		}
		n.audit(tx, actor, "numbers.imported", "numbers/"+string(ranges[0].Code), ranges, nil, at)
		return nil
	})
}

// readBlocks reads the lines; refused ones are told by line.
func readBlocks(in io.Reader) (blocks []block, refused []Row, err error) {
	r := csv.NewReader(in)
	header, err := r.Read()
	if err != nil {
		return nil, nil, fault.New(fault.Invalid, "import.header").Because(err)
	}
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	known := []string{"code", "first", "last", "state", "name_kk", "name_ru", "name_en", "permit", "holder_name", "holder_number"}
	for _, h := range header {
		if !slices.Contains(known, h) {
			return nil, nil, fault.New(fault.Invalid, "import.header").Because(fmt.Errorf("unknown column %q", h))
		}
	}
	for _, h := range known[:4] {
		if !slices.Contains(header, h) {
			return nil, nil, fault.New(fault.Invalid, "import.header").Because(fmt.Errorf("there is no column %q", h))
		}
	}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return blocks, refused, nil
		}
		if err != nil { // such as a quotation mark that does not close: what follows cannot be told apart
			line := 0
			var broken *csv.ParseError
			if errors.As(err, &broken) {
				line = broken.Line
			}
			refused = append(refused, Row{line, err.Error()})
			if broken != nil && errors.Is(broken.Err, csv.ErrFieldCount) {
				continue
			}
			return blocks, refused, nil
		}
		line, _ := r.FieldPos(0)
		if len(blocks) == maxRows {
			return blocks, append(refused, Row{line, "an import has at most 100,000 lines: the rest was left out"}), nil
		}
		values := map[string]string{}
		for i, h := range header {
			values[h] = strings.TrimSpace(record[i])
		}
		b, text := readBlock(values)
		if b.line = line; text != "" {
			refused = append(refused, Row{line, text})
			continue
		}
		blocks = append(blocks, b)
	}
}

// readBlock reads one line, or says what is wrong with it.
func readBlock(values map[string]string) (block, string) {
	b := block{name: lang.Text{KK: values["name_kk"], RU: values["name_ru"], EN: values["name_en"]}}
	var err error
	if b.Code, err = ledger.ParseCode(values["code"]); err != nil {
		return b, fmt.Sprintf("code %q: three to five digits that begin with 0, 6 or 7", values["code"])
	}
	var okFirst, okLast bool
	b.First, okFirst = subscriber(b.Code, values["first"])
	b.Last, okLast = subscriber(b.Code, values["last"])
	if !okFirst || !okLast || b.Valid() != nil {
		return b, fmt.Sprintf("numbers %q to %q: %d digits each, the first not after the last", values["first"], values["last"], b.Code.Width())
	}
	b.State = ledger.RangeState(values["state"])
	b.Permit, b.HolderName, b.HolderNumber = values["permit"], values["holder_name"], values["holder_number"]
	switch {
	case b.State == ledger.Free && b.Permit+b.HolderName+b.HolderNumber != "":
		return b, "free numbers have no permit and no holder"
	case b.State == ledger.Allocated && b.Permit == "":
		return b, "allocated numbers need the permit that allocates them"
	case b.State != ledger.Free && b.State != ledger.Allocated:
		return b, fmt.Sprintf("state %q: free or allocated", b.State)
	}
	return b, ""
}

// subscriber reads a number with all its digits: "42" could be meant as the first digits as well as the last.
func subscriber(code ledger.Code, s string) (int64, bool) {
	if len(s) != code.Width() || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}
