package office

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"elicense/internal/casework"
	"elicense/internal/ledger"
	"elicense/internal/numbering"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// planRows is how many ranges a page of a code shows; stripCells how many parts its map has.
const (
	planRows   = 50
	stripCells = 200
)

// planView is the numbering plan: its codes, or the ranges of one.
type planView struct {
	Words     *page.Words
	Heading   page.Heading
	Facts     []page.Row
	WaitingOf string // heading above the orders that wait for a second person
	Waiting   *page.Table
	Strip     *page.Strip
	Search    page.SearchPanel
	Empty     *page.Empty
	Table     *page.Table
	Pages     page.Pagination
}

// plan lists the codes with how many numbers are in each state, for officials of the body that keeps the plan.
func (o *Office) plan(w http.ResponseWriter, r *web.Request) error {
	if err := working(r); err != nil {
		return err
	}
	text := strings.TrimSpace(r.URL.Query().Get("q"))
	codes, waiting, err := o.Numbering.Plan(r.Context(), r.Actor, text)
	if err != nil {
		return err
	}
	body, _ := o.Catalogue.Body(r.Actor.Body)
	v := planView{Words: o.Server.Words(r.Lang), Heading: page.Heading{Caption: tr(r, body.Name), Text: r.Say.T("office.plan")},
		WaitingOf: r.Say.T("office.orders"), Waiting: waitingTable(r, waiting),
		Search: page.SearchPanel{ID: "search", Title: r.Say.T("page.search"), Action: r.Link("/numbering"), Reset: r.Link("/numbering"),
			Rows: []page.SearchRow{{Label: r.Say.T("office.plan-search"), Name: "q", Value: text}}},
	}
	if len(codes) == 0 {
		v.Empty = &page.Empty{Title: r.Say.T("office.plan-none"), Text: r.Say.T("office.plan-none-text")}
	} else {
		v.Table = web.CodesTable(r, r.Say.T("office.plan"), codes)
	}
	c := o.Chrome(r, v.Heading.Text)
	c.Wide = true
	return o.Server.Show(w, r, http.StatusOK, c, planPage(v))
}

func planAddress(r *web.Request, code ledger.Code) string {
	return r.Link("/numbering/" + code.String())
}

func rangeAddress(r *web.Request, x ledger.Range) string {
	return planAddress(r, x.Code) + "/" + x.Code.Number(x.First)
}

func orderAddress(r *web.Request, id string) string {
	return r.Link("/numbering/orders/" + url.PathEscape(id))
}

// waitingTable lists the orders that wait for a second person; nil where there are none.
func waitingTable(r *web.Request, orders []ledger.Order) *page.Table {
	if len(orders) == 0 {
		return nil
	}
	t := &page.Table{ID: "waiting", Caption: r.Say.T("office.orders"), CaptionHidden: true, Stack: true, Columns: []page.Column{
		{Text: r.Say.T("numbering.numbers")}, {Text: r.Say.T("office.order-does")}, {Text: r.Say.T("numbering.holder")}, {Text: r.Say.T("office.order-at")},
	}}
	for _, x := range orders {
		t.Rows = append(t.Rows, []page.Cell{
			{Text: casework.RangeText(x.Numbers()), Header: true, Href: orderAddress(r, x.ID)}, {Text: r.Say.T("office.order." + string(x.Does))},
			{Text: x.Grant.HolderName}, {Text: r.Say.Time(x.Proposed.At)},
		})
	}
	return t
}

// planCode shows a code: what lies where, and its ranges in order. A state that does not exist filters nothing.
func (o *Office) planCode(w http.ResponseWriter, r *web.Request) error {
	if err := working(r); err != nil {
		return err
	}
	sheet, err := o.Numbering.Sheet(r.Context(), r.Actor, r.PathValue("key"))
	if err != nil {
		return err
	}
	code, under := sheet.Code.Code, planAddress(r, sheet.Code.Code)
	state := ledger.RangeState(r.URL.Query().Get("state"))
	v := planView{Words: o.Server.Words(r.Lang), Heading: page.Heading{Caption: tr(r, sheet.Code.Name), Text: r.Say.T("numbering.code-title", "code", code.String())},
		Facts:     []page.Row{{Name: r.Say.T("numbering.capacity"), Value: r.Say.Int(sheet.Code.Capacity)}},
		WaitingOf: r.Say.T("office.orders"), Waiting: waitingTable(r, sheet.Waiting), Strip: strip(r, sheet),
		Search: page.SearchPanel{ID: "ranges-search", Title: r.Say.T("page.search"), Action: under, Reset: under},
	}
	v.Search.Rows = []page.SearchRow{{Label: r.Say.T("table.status"), Name: "state", Value: string(state), Options: web.RangeStateOptions(r)}}
	list := slices.Clone(sheet.Ranges)
	if slices.Contains(ledger.RangeStates(), state) {
		list = slices.DeleteFunc(list, func(x ledger.Range) bool { return x.State != state })
	}
	if list, v.Pages = rangePage(list, r.URL.Query(), under); len(list) == 0 {
		v.Empty = &page.Empty{Title: r.Say.T("numbering.no-ranges"), Text: r.Say.T("numbering.no-ranges-text")}
	} else {
		v.Table = rangesTable(r, v.Heading.Text, list)
	}
	c := o.Chrome(r, v.Heading.Text)
	c.Wide = true
	c.Breadcrumbs = []page.Link{{Text: r.Say.T("office.plan"), Href: r.Link("/numbering")}, {Text: code.String()}}
	return o.Server.Show(w, r, http.StatusOK, c, planPage(v))
}

// rangePage is the part of the list after the number that the address names; a way back to the beginning is enough in a
// list that is read by number.
func rangePage(list []ledger.Range, q url.Values, under string) ([]ledger.Range, page.Pagination) {
	var pages page.Pagination
	if after, err := strconv.ParseInt(q.Get("after"), 10, 64); err == nil && after >= 0 {
		list = slices.DeleteFunc(list, func(x ledger.Range) bool { return x.First <= after })
		pages.Previous = under + "?" + url.Values{"state": {q.Get("state")}}.Encode()
	}
	if len(list) > planRows {
		list = list[:planRows]
		pages.Next = under + "?" + url.Values{"state": {q.Get("state")}, "after": {strconv.FormatInt(list[planRows-1].First, 10)}}.Encode()
	}
	return list, pages
}

func rangesTable(r *web.Request, caption string, list []ledger.Range) *page.Table {
	t := &page.Table{ID: "ranges", Caption: caption, CaptionHidden: true, Stack: true}
	for _, c := range []string{"numbering.numbers", "numbering.count", "table.status", "numbering.holder", "office.permit", "numbering.since"} {
		t.Columns = append(t.Columns, page.Column{Text: r.Say.T(c), Numeric: c == "numbering.count"})
	}
	for _, x := range list {
		tag := web.RangeTag(r, x.State)
		t.Rows = append(t.Rows, []page.Cell{
			{Text: x.Code.Number(x.First) + " – " + x.Code.Number(x.Last), Header: true, Href: rangeAddress(r, x)}, {Text: r.Say.Int(x.Size())}, {Tag: &tag},
			{Text: x.HolderName}, {Text: x.Permit}, {Text: since(r, x)},
		})
	}
	return t
}

// since is the day from which a range is in its state, and the last day of a quarantine.
func since(r *web.Request, x ledger.Range) string {
	if x.Until.IsZero() {
		return r.Say.Date(x.Since)
	}
	return r.Say.T("numbering.until", "since", r.Say.Date(x.Since), "until", r.Say.Date(x.Until))
}

// strip is the map of a code; nil where it has no numbers.
func strip(r *web.Request, sheet numbering.Sheet) *page.Strip {
	if len(sheet.Ranges) == 0 {
		return nil
	}
	fills := map[ledger.RangeState]page.StripFill{ledger.Free: page.FillNone, ledger.Reserved: page.FillDots, ledger.Allocated: page.FillWhole,
		ledger.Withdrawn: page.FillChecks, ledger.Quarantined: page.FillStripes}
	code := sheet.Code.Code
	s := &page.Strip{ID: "map", Title: r.Say.T("office.map", "code", code.String()), Desc: r.Say.T("office.map-text"),
		First: code.Number(sheet.Ranges[0].First), Last: code.Number(sheet.Ranges[len(sheet.Ranges)-1].Last)}
	for _, state := range ledger.RangeStates() {
		if n := sheet.Code.Numbers[state]; n > 0 {
			s.Legend = append(s.Legend, page.StripName{Fill: fills[state], Text: r.Say.T("numbering.state."+string(state)) + ": " + r.Say.Int(n)})
		}
	}
	for _, x := range ledger.Strip(sheet.Ranges, stripCells) {
		s.Parts = append(s.Parts, page.StripPart{Fill: fills[x.State], Share: x.Share})
	}
	return s
}
