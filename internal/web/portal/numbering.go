package portal

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"elicense/internal/ledger"
	"elicense/internal/numbering"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// rangeRows is how many ranges a page of the register of numbers shows.
const rangeRows = 50

// numberingRoutes are the public register of the numbering resource.
func (p *Portal) numberingRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET /{lang}/numbering", Policy: web.Public, Handle: p.numberCodes, Page: "numbering", PerMinute: checksPerMinute},
		{Pattern: "GET /{lang}/numbering/{key}", Policy: web.Public, Handle: p.numberRanges, Page: "numbering-code", PerMinute: checksPerMinute},
	}
}

// numberingView is a table of codes, or of one code's ranges.
type numberingView struct {
	Words   *page.Words
	Heading page.Heading
	Facts   []page.Row
	Search  *page.SearchPanel
	Empty   *page.Empty
	Table   *page.Table
	Pages   page.Pagination
	Hint    string
}

// numberCodes lists the codes with how many numbers are in each state.
func (p *Portal) numberCodes(w http.ResponseWriter, r *web.Request) error {
	codes, err := p.Numbering.Codes(r.Context())
	if err != nil {
		return err
	}
	title := r.Say.T("numbering.title")
	v := numberingView{Words: p.Server.Words(r.Lang), Heading: page.Heading{Text: title, Lead: r.Say.T("numbering.lead")}, Hint: r.Say.T("numbering.terms")}
	if len(codes) == 0 {
		v.Empty = &page.Empty{Title: r.Say.T("numbering.none"), Text: r.Say.T("numbering.none-text")}
	} else {
		v.Table = web.CodesTable(r, r.Say.T("numbering.title"), codes)
	}
	c := p.Chrome(r, title)
	c.Breadcrumbs = trail(r, title)
	return p.show(w, r, c, numberingPage(v))
}

// numberRanges lists the ranges of a code by pages. A state that does not exist filters nothing.
func (p *Portal) numberRanges(w http.ResponseWriter, r *web.Request) error {
	q := r.URL.Query()
	state := ledger.RangeState(q.Get("state"))
	if !slices.Contains(ledger.RangeStates(), state) {
		state = ""
	}
	after, err := strconv.ParseInt(q.Get("after"), 10, 64)
	if err != nil || after < 0 {
		after = -1
	}
	part, err := p.Numbering.Register(r.Context(), r.PathValue("key"), state, after, rangeRows)
	if err != nil {
		return err
	}
	code := part.Code.Code
	under := r.Link("/numbering/" + code.String())
	title := r.Say.T("numbering.code-title", "code", code.String())
	place := textCell(r, part.Code.Name)
	v := numberingView{Words: p.Server.Words(r.Lang), Heading: page.Heading{Caption: r.Say.T("numbering.title"), Text: title},
		Facts: []page.Row{
			{Name: r.Say.T("numbering.place"), Value: place.Text, Lang: place.Lang},
			{Name: r.Say.T("numbering.capacity"), Value: r.Say.Int(part.Code.Capacity)},
		},
		Search: statePanel(r, under, state), Hint: r.Say.T("numbering.terms"),
	}
	if len(part.Lines) == 0 {
		v.Empty = &page.Empty{Title: r.Say.T("numbering.no-ranges"), Text: r.Say.T("numbering.no-ranges-text")}
	} else {
		v.Table = rangesTable(r, title, part.Lines)
	}
	v.Pages = rangePages(part, under, state, after)
	c := p.Chrome(r, title)
	c.Breadcrumbs = trail(r, code.String(), page.Link{Text: r.Say.T("numbering.title"), Href: r.Link("/numbering")})
	return p.show(w, r, c, numberingPage(v))
}

func statePanel(r *web.Request, action string, state ledger.RangeState) *page.SearchPanel {
	return &page.SearchPanel{ID: "ranges-search", Title: r.Say.T("page.search"), Action: action, Reset: action,
		Rows: []page.SearchRow{{Label: r.Say.T("table.status"), Name: "state", Value: string(state), Options: web.RangeStateOptions(r)}}}
}

func rangesTable(r *web.Request, caption string, lines []numbering.Line) *page.Table {
	t := &page.Table{ID: "ranges", Caption: caption, CaptionHidden: true, Stack: true, Columns: []page.Column{
		{Text: r.Say.T("numbering.first")}, {Text: r.Say.T("numbering.last")}, {Text: r.Say.T("numbering.count"), Numeric: true},
		{Text: r.Say.T("table.status")}, {Text: r.Say.T("numbering.holder")}, {Text: r.Say.T("numbering.since")},
	}}
	for _, l := range lines {
		tag := web.RangeTag(r, l.State)
		holder, since := l.Holder, r.Say.Date(l.Since)
		if l.Personal {
			holder = r.Say.T("numbering.person")
		}
		if !l.Until.IsZero() {
			since = r.Say.T("numbering.until", "since", since, "until", r.Say.Date(l.Until))
		}
		t.Rows = append(t.Rows, []page.Cell{
			{Text: l.Code.Number(l.First), Header: true}, {Text: l.Code.Number(l.Last)}, {Text: r.Say.Int(l.Last - l.First + 1)}, {Tag: &tag}, {Text: holder}, {Text: since},
		})
	}
	return t
}

// rangePages leads on; back to the beginning is enough of a way back in a register that is read by number.
func rangePages(part numbering.Page, under string, state ledger.RangeState, after int64) page.Pagination {
	var pages page.Pagination
	query := url.Values{}
	if state != "" {
		query.Set("state", string(state))
	}
	if after >= 0 {
		pages.Previous = under
		if len(query) > 0 {
			pages.Previous += "?" + query.Encode()
		}
	}
	if part.More {
		query.Set("after", strconv.FormatInt(part.Lines[len(part.Lines)-1].First, 10))
		pages.Next = under + "?" + query.Encode()
	}
	return pages
}
