package web

import (
	"elicense/internal/ledger"
	"elicense/internal/web/page"
)

// RangeTag is the state of a range of numbers in words, on both portals.
func RangeTag(r *Request, s ledger.RangeState) page.Tag {
	tones := map[ledger.RangeState]page.Tone{ledger.Free: page.Good, ledger.Reserved: page.Soon, ledger.Allocated: page.Active, ledger.Withdrawn: page.Bad}
	return page.Tag{Text: r.Say.T("numbering.state." + string(s)), Tone: tones[s]}
}

// CodesTable is the numbering plan, on both portals: each code with how many numbers it has in each state.
func CodesTable(r *Request, caption string, codes []ledger.CodeCount) *page.Table {
	t := &page.Table{ID: "codes", Caption: caption, CaptionHidden: true, Stack: true, Columns: []page.Column{
		{Text: r.Say.T("numbering.code")}, {Text: r.Say.T("numbering.place")}, {Text: r.Say.T("numbering.capacity"), Numeric: true},
	}}
	for _, s := range ledger.RangeStates() {
		t.Columns = append(t.Columns, page.Column{Text: r.Say.T("numbering.state." + string(s)), Numeric: true})
	}
	for _, c := range codes {
		place := page.Cell{}
		if place.Text, place.Lang = c.Name.In(r.Lang); place.Lang == r.Lang {
			place.Lang = ""
		}
		row := []page.Cell{{Text: c.Code.String(), Header: true, Href: r.Link("/numbering/" + c.Code.String())}, place, {Text: r.Say.Int(c.Capacity)}}
		for _, s := range ledger.RangeStates() {
			row = append(row, page.Cell{Text: r.Say.Int(c.Numbers[s])})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// RangeStateOptions are the states of ranges to filter a list by.
func RangeStateOptions(r *Request) []page.Option {
	options := []page.Option{{Text: r.Say.T("numbering.any-state")}}
	for _, s := range ledger.RangeStates() {
		options = append(options, page.Option{Value: string(s), Text: r.Say.T("numbering.state." + string(s))})
	}
	return options
}
