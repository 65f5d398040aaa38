package office

import (
	"net/url"
	"strconv"
	"strings"

	"elicense/internal/casework"
	"elicense/internal/fault"
	"elicense/internal/ledger"
	"elicense/internal/service"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// The field with ranges chosen by hand, and the acts on numbers.
const (
	fieldRanges   = "ranges"
	actReserve    = "reserve"
	actReserveOwn = "reserve-own"
)

// numbersForm shows what is asked for and what is reserved, and reserves.
type numbersForm struct {
	Title    string
	Table    page.Table
	Reserved []page.Row
	Ranges   *page.AreaField // nil where the reader cannot reserve
	Buttons  []page.Button
}

// numbers is the part of a case about the numbering plan; nil for other services.
func (o *Office) numbers(r *web.Request, c casework.Case, typed url.Values, errs page.Errors, mine bool) *numbersForm {
	if len(c.Asked) == 0 {
		return nil
	}
	f := &numbersForm{Title: r.Say.T("office.numbers"), Table: page.Table{ID: "asked", Caption: r.Say.T("office.numbers-asked"), Stack: true, Columns: []page.Column{
		{Text: r.Say.T("office.numbers-place")}, {Text: r.Say.T("office.numbers-code")}, {Text: r.Say.T("office.numbers-count"), Numeric: true}, {Text: r.Say.T("office.numbers-reserved"), Numeric: true},
	}}}
	field, _ := c.Definition().Field(c.Definition().Process.Numbers.Territory)
	names := map[string]string{}
	for _, row := range c.Form.Dirs.Own(field.Directory) {
		names[row.Code] = tr(r, row.Name)
	}
	for _, a := range c.Asked {
		var places []string
		for _, code := range a.Places {
			places = append(places, names[code])
		}
		code := a.Code.String()
		if a.Code == "" {
			code = r.Say.T("office.numbers-none")
		}
		f.Table.Rows = append(f.Table.Rows, []page.Cell{{Text: strings.Join(places, ", "), Header: true}, {Text: code}, {Text: r.Say.Int(a.Count)}, {Text: r.Say.Int(a.Reserved)}})
	}
	var lines []string
	for _, x := range c.Reserved {
		lines = append(lines, casework.RangeText(x))
		f.Reserved = append(f.Reserved, page.Row{Name: casework.RangeText(x), Value: r.Say.Int(x.Size()) + ", " + r.Say.T("number-state."+string(x.State))})
	}
	if !mine || c.Step.Does != service.Allocate {
		return f
	}
	value := strings.Join(lines, "\n")
	if typed.Has(fieldRanges) {
		value = typed.Get(fieldRanges)
	}
	f.Ranges = &page.AreaField{Field: page.Field{Name: fieldRanges, Label: r.Say.T("office.numbers-own"), Hint: r.Say.T("office.numbers-own-hint", "block", r.Say.Int(c.Block)), Value: value, Error: errs.For(fieldRanges)}, Rows: 4}
	f.Buttons = []page.Button{
		{Text: r.Say.T("office.numbers-propose"), Kind: page.Secondary, Name: page.NameGo, Value: actReserve},
		{Text: r.Say.T("office.numbers-reserve"), Kind: page.Secondary, Name: page.NameGo, Value: actReserveOwn},
	}
	return f
}

// readRanges reads ranges as RangeText writes them, a line each.
func readRanges(text string) ([]ledger.Range, error) {
	var list []ledger.Range
	for line := range strings.Lines(text) {
		words := strings.Fields(strings.NewReplacer("–", " ", " - ", " ").Replace(line))
		if len(words) == 0 {
			continue
		}
		if len(words) != 3 || len(list) >= 1000 {
			return nil, fault.At(fieldRanges, "work.numbers-form")
		}
		code, err := ledger.ParseCode(words[0])
		first, err1 := strconv.ParseInt(words[1], 10, 64)
		last, err2 := strconv.ParseInt(words[2], 10, 64)
		x := ledger.Range{Code: code, First: first, Last: last}
		if err != nil || err1 != nil || err2 != nil || x.Valid() != nil {
			return nil, fault.At(fieldRanges, "work.numbers-form")
		}
		list = append(list, x)
	}
	if len(list) == 0 {
		return nil, fault.At(fieldRanges, "work.numbers-form")
	}
	return list, nil
}
