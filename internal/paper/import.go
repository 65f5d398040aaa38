package paper

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
	"elicense/internal/audit"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/ident"
	"elicense/internal/lang"
	"elicense/internal/permit"
	"elicense/internal/port"
)

// maxRows bounds one import; maxText is the longest text of a cell, in bytes.
const (
	maxRows = 200_000
	maxText = 500
)

// unitRows is how many papers one unit stores.
const unitRows = 500

// Row says why one line of an import was left out. It names no holder.
type Row struct {
	Line int    `json:"line"`
	Text string `json:"text"`
}

// Report is what an import did.
type Report struct {
	Batch   string `json:"batch"`
	Stored  int    `json:"stored"`
	Refused []Row  `json:"refused"`
}

// line is one line of an import that can be read.
type line struct {
	no int
	permit.Paper
}

// columns of the file; category, series, holder_number and state may be missing or empty.
func columns() (required, optional []string) {
	return []string{"body", "kind_kk", "kind_ru", "number", "issued", "holder"}, []string{"category", "series", "holder_number", "state"}
}

// Import adds papers from CSV (comma, UTF-8, header): body (key of the state body), kind_kk, kind_ru, category, series,
// number, issued, holder, holder_number (IIN or BIN), state (acting, suspended, terminated; empty = acting). batch names
// the source. A line that is wrong, or whose number the body's register has already, is reported and left out: nothing
// that is stored is overwritten. A header that cannot be read is fault.Invalid "import.header".
func (p *Papers) Import(ctx context.Context, actor access.Actor, batch string, in io.Reader) (Report, error) {
	report := Report{Batch: batch, Refused: []Row{}}
	if err := access.May(actor, access.Allocate, ""); err != nil {
		return report, err
	}
	lines, refused, err := p.read(in)
	if err != nil {
		return report, err
	}
	report.Refused = append(report.Refused, refused...)
	for part := range slices.Chunk(lines, unitRows) {
		stored, refused, err := p.store(ctx, actor, batch, part)
		if err != nil {
			return report, err
		}
		report.Stored += stored
		report.Refused = append(report.Refused, refused...)
	}
	slices.SortStableFunc(report.Refused, func(a, b Row) int { return a.Line - b.Line })
	return report, nil
}

// store adds the lines that the register does not have yet.
func (p *Papers) store(ctx context.Context, actor access.Actor, batch string, lines []line) (stored int, refused []Row, err error) {
	err = p.Store.Update(ctx, func(tx port.Tx) error {
		stored, refused = 0, nil
		at := p.World.Now()
		for _, l := range lines {
			_, known, err := tx.Permits().PaperOf(ctx, l.Body, l.Series, l.Number)
			if err != nil {
				return err
			}
			if known {
				refused = append(refused, Row{l.no, "the register of the state body has this series and number already"})
				continue
			}
			l.ID, l.Batch, l.ImportedAt = p.World.ID(), batch, at
			tx.Write().Permits().AddPaper(l.Paper)
			stored++
		}
		if stored > 0 {
			tx.Write().Records().Audit(audit.Entry{ID: p.World.ID(), Salt: p.World.Random(16), At: at, Actor: actor.Name(), Action: "paper.imported",
				Object: "papers/" + batch, Details: map[string]string{"rows": strconv.Itoa(stored), "refused": strconv.Itoa(len(refused))}})
		}
		return nil
	})
	return stored, refused, err
}

// read reads the lines; those that are wrong or stand in the file twice are told.
func (p *Papers) read(in io.Reader) (lines []line, refused []Row, err error) {
	r := csv.NewReader(in)
	header, err := readHeader(r)
	if err != nil {
		return nil, nil, err
	}
	today := civil.Of(p.World.Now(), lang.Almaty())
	first := map[[3]string]int{}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return lines, refused, nil
		}
		if err != nil {
			var broken *csv.ParseError
			if !errors.As(err, &broken) {
				return nil, nil, err
			}
			refused = append(refused, Row{broken.Line, err.Error()})
			if errors.Is(broken.Err, csv.ErrFieldCount) {
				continue
			}
			return lines, refused, nil // a quotation mark that does not close: what follows cannot be told apart
		}
		no, _ := r.FieldPos(0)
		if len(lines) == maxRows {
			return lines, append(refused, Row{no, "an import has at most 200,000 lines: the rest was left out"}), nil
		}
		values := map[string]string{}
		for i, h := range header {
			values[h] = strings.TrimSpace(record[i])
		}
		x, text := p.paper(values, today)
		key := [3]string{x.Body, x.SeriesKey(), x.NumberKey()}
		if text == "" && first[key] > 0 {
			text = fmt.Sprintf("the same series and number as in line %d", first[key])
		}
		if text != "" {
			refused = append(refused, Row{no, text})
			continue
		}
		first[key] = no
		lines = append(lines, line{no, x})
	}
}

func readHeader(r *csv.Reader) ([]string, error) {
	header, err := r.Read()
	if err != nil {
		return nil, fault.New(fault.Invalid, "import.header").Because(err)
	}
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	required, optional := columns()
	for _, h := range header {
		if !slices.Contains(required, h) && !slices.Contains(optional, h) {
			return nil, fault.New(fault.Invalid, "import.header").Because(fmt.Errorf("unknown column %q", h))
		}
	}
	for _, h := range required {
		if !slices.Contains(header, h) {
			return nil, fault.New(fault.Invalid, "import.header").Because(fmt.Errorf("there is no column %q", h))
		}
	}
	return header, nil
}

// paper reads one line, or says what is wrong with it.
func (p *Papers) paper(values map[string]string, today civil.Date) (permit.Paper, string) {
	x := permit.Paper{
		Body: values["body"], Kind: lang.Text{KK: values["kind_kk"], RU: values["kind_ru"]}, Category: values["category"],
		Series: values["series"], Number: values["number"], HolderName: values["holder"], State: permit.PaperState(values["state"]),
	}
	for column, s := range values {
		if len(s) > maxText {
			return x, fmt.Sprintf("%s: longer than %d bytes", column, maxText)
		}
	}
	switch {
	case !p.Known(x.Body):
		return x, fmt.Sprintf("body: there is no state body %q", x.Body)
	case x.Kind.KK == "" && x.Kind.RU == "":
		return x, "kind_kk, kind_ru: the kind has to be named in one of them"
	case x.NumberKey() == "":
		return x, "number: is missing"
	case x.HolderName == "":
		return x, "holder: is missing"
	}
	if x.State == "" {
		x.State = permit.PaperActing
	}
	if !slices.Contains([]permit.PaperState{permit.PaperActing, permit.PaperSuspended, permit.PaperTerminated}, x.State) {
		return x, fmt.Sprintf("state %q: acting, suspended or terminated", x.State)
	}
	var ok bool
	if x.IssuedOn, ok = civil.ParseTyped(values["issued"]); !ok {
		return x, fmt.Sprintf("issued %q: no such day", values["issued"])
	}
	if independence := civil.New(1991, 12, 16); x.IssuedOn.Before(independence) || x.IssuedOn.After(today) {
		return x, fmt.Sprintf("issued %s: before 16.12.1991 or in the future", x.IssuedOn)
	}
	var text string
	x.HolderNumber, text = holder(values["holder_number"])
	return x, text
}

// holder reads an IIN or BIN. Old registers have none for some: that is allowed, a wrong one is not.
func holder(s string) (string, string) {
	if s == "" {
		return "", ""
	}
	if ident.Kind(s) == ident.KindBIN {
		bin, err := ident.ParseBIN(s)
		if err != nil {
			return "", "holder_number: not a possible BIN"
		}
		return string(bin), ""
	}
	iin, err := ident.ParseIIN(s)
	if err != nil {
		return "", "holder_number: not a possible IIN"
	}
	return string(iin), ""
}
