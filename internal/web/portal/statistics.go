package portal

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/service"
	"elicense/internal/statistics"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// statisticsView is the public figures of a year.
type statisticsView struct {
	Heading page.Heading
	YearsOf string // accessible name of the years
	Years   []page.Tab
	Summary []page.Row
	Note    string
	Parts   []statisticsPart
}

// statisticsPart is one table of figures with its chart.
type statisticsPart struct {
	ID, Title string
	Missing   string // why there is no table
	Chart     page.Chart
	Table     page.Table
	CSV       page.Link
}

// figures is a table before it is shown on a page or in a file: words first, then figures.
type figures struct {
	ID, Title string
	Columns   []string
	Words     int // so many columns are words
	Names     []string
	Charted   []int // columns of the chart
	Rows      []figuresRow
}

// figuresRow is a row: words with their languages, numbers, and durations in seconds (-1 = none).
type figuresRow struct {
	Label string // in the chart
	Words []string
	Langs []lang.Lang
	N     []int
	Took  []int64
}

// statisticsRoutes are the public figures.
func (p *Portal) statisticsRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET /{lang}/statistics", Policy: web.Public, Handle: p.statistics, Page: "statistics", PerMinute: 120},
		{Pattern: "GET /{lang}/statistics/{year}/{table}", Policy: web.Static, Handle: p.statisticsFile},
	}
}

// The ages of what is shown, in seconds: the figures themselves are up to a minute old.
const (
	statisticsPageAge = 60
	statisticsFileAge = 300
)

// charted is the greatest number of rows in a chart; the table has all.
const charted = 12

// statistics shows a year.
func (p *Portal) statistics(w http.ResponseWriter, r *web.Request) error {
	year := r.URL.Query().Get("year")
	if year == "" {
		year = strconv.Itoa(r.Say.Day(p.World.Now()).Year)
	}
	report, err := p.reportOf(r, year)
	if err != nil {
		return err
	}
	title := r.Say.T("statistics.title")
	v := statisticsView{
		Heading: page.Heading{Text: title, Lead: r.Say.T("statistics.lead")},
		YearsOf: r.Say.T("statistics.years"), Summary: summaryOf(r, report.Total),
		Note: r.Say.T("statistics.note", "time", r.Say.Time(report.At)),
	}
	for _, y := range report.Years {
		text := strconv.Itoa(y)
		v.Years = append(v.Years, page.Tab{Text: text, Href: r.Link("/statistics?year=" + text), Current: y == report.Year})
	}
	for _, f := range p.tables(r, report) {
		v.Parts = append(v.Parts, statisticsPartOf(r, report.Year, f))
	}
	c := p.catalogueChrome(r, title)
	c.MaxAge = statisticsPageAge
	return p.show(w, r, c, statisticsPage(v))
}

func (p *Portal) reportOf(r *web.Request, year string) (statistics.Report, error) {
	n, err := strconv.Atoi(year)
	if err != nil || len(year) != 4 {
		return statistics.Report{}, fault.New(fault.NotFound, "fault.not-found")
	}
	report, ok, err := p.Statistics.Year(r.Context(), n)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "fault.not-found")
	}
	return report, err
}

// statisticsFile gives one table of a year as CSV.
func (p *Portal) statisticsFile(w http.ResponseWriter, r *web.Request) error {
	name, isCSV := strings.CutSuffix(r.PathValue("table"), ".csv")
	report, err := p.reportOf(r, r.PathValue("year"))
	if err != nil {
		return err
	}
	tables := p.tables(r, report)
	i := slices.IndexFunc(tables, func(f figures) bool { return f.ID == name })
	if i < 0 || !isCSV {
		return fault.New(fault.NotFound, "fault.not-found")
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8; header=present")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="statistics-%d-%s-%s.csv"`, report.Year, name, r.Lang))
	h.Set("Cache-Control", "public, max-age="+strconv.Itoa(statisticsFileAge))
	if r.Method == http.MethodHead {
		return nil
	}
	return writeCSV(w, r, tables[i])
}

// writeCSV writes RFC 4180 with the mark by which spreadsheets know UTF-8. Durations are whole seconds.
func writeCSV(w http.ResponseWriter, r *web.Request, f figures) error {
	if _, err := w.Write([]byte("\uFEFF")); err != nil {
		return nil // the reader went away
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	head := slices.Clone(f.Columns)
	if len(f.Rows) > 0 {
		for i := len(head) - len(f.Rows[0].Took); i < len(head); i++ {
			head[i] = r.Say.T("statistics.in-seconds", "text", head[i])
		}
	}
	rows := [][]string{head}
	for _, row := range f.Rows {
		cells := slices.Clone(row.Words)
		for _, n := range row.N {
			cells = append(cells, strconv.Itoa(n))
		}
		for _, s := range row.Took {
			if s < 0 {
				cells = append(cells, "")
			} else {
				cells = append(cells, strconv.FormatInt(s, 10))
			}
		}
		rows = append(rows, cells)
	}
	for _, row := range rows {
		for i, cell := range row {
			row[i] = harmless(cell)
		}
	}
	_ = out.WriteAll(rows) // the reader went away
	return nil
}

// harmless keeps a spreadsheet from taking a text for a formula (OWASP, CSV injection).
func harmless(cell string) string {
	if strings.ContainsAny(cell[:min(1, len(cell))], "=+-@\t\r") {
		return "'" + cell
	}
	return cell
}

func summaryOf(r *web.Request, t statistics.Tally) []page.Row {
	took := durations(t)
	return []page.Row{
		{Name: r.Say.T("statistics.received"), Value: r.Say.Int(int64(t.Received))},
		{Name: r.Say.T("statistics.granted"), Value: r.Say.Int(int64(t.Granted))},
		{Name: r.Say.T("statistics.refused"), Value: r.Say.Int(int64(t.Refused))},
		{Name: r.Say.T("statistics.withdrawn"), Value: r.Say.Int(int64(t.Withdrawn))},
		{Name: r.Say.T("statistics.p50"), Value: durationText(r, took[0])},
		{Name: r.Say.T("statistics.p90"), Value: durationText(r, took[1])},
	}
}

// statisticsPartOf lays a table out for the page.
func statisticsPartOf(r *web.Request, year int, f figures) statisticsPart {
	part := statisticsPart{
		ID: f.ID, Title: f.Title,
		Table: page.Table{ID: f.ID + "-table", Caption: f.Title, CaptionHidden: true},
		Chart: page.Chart{ID: f.ID + "-chart", Title: r.Say.T("statistics.chart", "title", f.Title), Desc: r.Say.T("statistics.chart-text"), Names: f.Names},
		CSV:   page.Link{Text: r.Say.T("statistics.csv"), Href: fmt.Sprintf("%s/%d/%s.csv", r.Link("/statistics"), year, f.ID)},
	}
	if len(f.Rows) == 0 {
		part.Missing = r.Say.T("statistics.none")
		return part
	}
	for i, c := range f.Columns {
		part.Table.Columns = append(part.Table.Columns, page.Column{Text: c, Numeric: i >= f.Words})
	}
	for i, row := range f.Rows {
		var cells []page.Cell
		for k, word := range row.Words {
			cells = append(cells, page.Cell{Text: word, Lang: row.Langs[k], Header: k == 0})
		}
		for _, n := range row.N {
			cells = append(cells, page.Cell{Text: r.Say.Int(int64(n))})
		}
		for _, seconds := range row.Took {
			cells = append(cells, page.Cell{Text: durationText(r, seconds)})
		}
		part.Table.Rows = append(part.Table.Rows, cells)
		if i >= charted {
			continue
		}
		bar := page.ChartRow{Label: row.Label}
		for _, k := range f.Charted {
			bar.Values = append(bar.Values, page.ChartValue{N: row.N[k], Text: r.Say.Int(int64(row.N[k]))})
		}
		part.Chart.Rows = append(part.Chart.Rows, bar)
	}
	if len(f.Rows) > charted {
		part.Chart.Desc += " " + r.Say.T("statistics.chart-first", "count", strconv.Itoa(charted))
	}
	return part
}

// durations are the seconds within which half and nine tenths of the decisions were made, -1 where there are none.
func durations(t statistics.Tally) []int64 {
	list := []int64{-1, -1}
	for i, percent := range []int{50, 90} {
		if d, ok := t.Took.Quantile(percent); ok {
			list[i] = int64(d.Round(time.Second) / time.Second)
		}
	}
	return list
}

// durationText rounds a duration to what people say of it.
func durationText(r *web.Request, seconds int64) string {
	const minute, hour, day = 60, 3600, 86400
	n := func(unit int64) int { return int((seconds + unit/2) / unit) }
	switch {
	case seconds < 0:
		return "—"
	case seconds == 0:
		return r.Say.T("statistics.at-once")
	case n(minute) < 2:
		return r.Say.N("statistics.seconds", int(seconds))
	case n(hour) < 2:
		return r.Say.N("statistics.minutes", n(minute))
	case n(day) < 2:
		return r.Say.N("statistics.hours", n(hour))
	}
	return r.Say.N("statistics.days", n(day))
}

// placeholder is a value of the application inside the text of a ground.
var placeholder = regexp.MustCompile(`\{[^{}]*\}`)

// groundText is a ground of refusal as it reads before there is an application: its values are left open.
func groundText(r *web.Request, ground lang.Text) (string, lang.Lang) {
	text, in := ground.In(r.Lang)
	return placeholder.ReplaceAllString(text, "…"), foreign(r, in)
}

// subtypeLabel names a subtype briefly: by what it presets in a list of choices (import, export), else by its name.
func subtypeLabel(r *web.Request, d *service.Definition, key string) (string, lang.Lang) {
	for name, value := range d.Preset(key) {
		field, _ := d.Field(name)
		for _, o := range field.Options {
			if o.Value == value && len(d.Preset(key)) == 1 {
				text, in := o.Label.In(r.Lang)
				return text, foreign(r, in)
			}
		}
	}
	text, in := d.SubtypeName(key).In(r.Lang)
	return text, foreign(r, in)
}
