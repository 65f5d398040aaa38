package portal

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"elicense/internal/application"
	"elicense/internal/civil"
	"elicense/internal/decimal"
	"elicense/internal/filing"
	"elicense/internal/money"
	"elicense/internal/service"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// whyView explains a decision: every value it rests on, where it came from and when, and the rules that were applied.
type whyView struct {
	Title string
	Lead  string
	Rows  []page.Row
	Table page.Table
}

// why explains the decision of an application.
func (p *Portal) why(r *web.Request, c filing.Case) *whyView {
	d := c.Application.Decision
	by := r.Say.T("filing.by-system")
	if d.By != "system" {
		by = r.Say.T("filing.by-official")
	}
	outcome := r.Say.T("filing.outcome." + string(d.Outcome))
	if c.Definition().Notifies() && d.Outcome == application.Grant {
		outcome = r.Say.T("event.accepted")
	}
	v := &whyView{Title: r.Say.T("filing.why"), Lead: r.Say.T("filing.why-lead"), Rows: []page.Row{
		{Name: r.Say.T("filing.why-outcome"), Value: outcome},
		{Name: r.Say.T("filing.why-by"), Value: by},
		{Name: r.Say.T("filing.why-revision"), Value: r.Say.T("filing.why-revision-number", "number", strconv.Itoa(d.Revision), "digest", c.Form.Revision.Digest[:min(12, len(c.Form.Revision.Digest))])},
		whyBranch(r, d.Branch),
	}}
	v.Table = page.Table{ID: "inputs", Caption: r.Say.T("filing.why-inputs"), Stack: true, Columns: []page.Column{
		{Text: r.Say.T("filing.why-name")}, {Text: r.Say.T("filing.why-value")}, {Text: r.Say.T("filing.why-source")}, {Text: r.Say.T("filing.why-at")},
	}}
	for _, name := range slices.Sorted(maps.Keys(d.Inputs)) {
		in := d.Inputs[name]
		v.Table.Rows = append(v.Table.Rows, []page.Cell{
			{Text: p.inputName(r, c, name), Header: true}, p.inputValue(r, c, name, in),
			{Text: r.Say.T("filing.input-source." + in.Source)}, {Text: r.Say.TimeSeconds(in.At)},
		})
	}
	return v
}

// whyBranch names the rule that decided, by the key under which the service's text has it, or says that none spoke against
// the application.
func whyBranch(r *web.Request, branch string) page.Row {
	row := page.Row{Name: r.Say.T("filing.why-branch")}
	if branch == application.BranchGranted {
		row.Value = r.Say.T("filing.why-granted")
	} else {
		row.Body = codeText(branch)
	}
	return row
}

// inputName names a value of a rule: a question of the form, a column of a directory, or something the system knows.
func (p *Portal) inputName(r *web.Request, c filing.Case, name string) string {
	d := c.Definition()
	if f, ok := d.Field(name); ok {
		return tr(r, f.Label)
	}
	lookup, column, ok := strings.Cut(name, ".")
	if !ok {
		return known(r, "filing.input.", name)
	}
	for _, l := range d.Lookups {
		if l.Name != lookup {
			continue
		}
		dir, _ := d.Directory(l.Directory)
		return tr(r, dir.Name) + ": " + known(r, "filing.column.", roleOf(dir, column))
	}
	return name
}

// known gives the text of a name where there is one, else the name itself.
func known(r *web.Request, prefix, name string) string {
	if r.Say.Has(prefix + name) {
		return r.Say.T(prefix + name)
	}
	return name
}

// roleOf is what a column means to every service: the amount, the year and the unit of a quota; else its own key.
func roleOf(dir service.Directory, column string) string {
	if q := dir.Quota; q != nil {
		switch column {
		case q.Amount:
			return "quota-amount"
		case q.Year:
			return "quota-year"
		case q.Unit:
			return "quota-unit"
		}
	}
	return column
}

// inputValue is a value of a rule for a reader.
func (p *Portal) inputValue(r *web.Request, c filing.Case, name string, in application.Input) page.Cell {
	if f, ok := c.Definition().Field(name); ok {
		shown := c.Form.Read(f, c.Application.Answers[name], r.Lang, r.Say)
		return page.Cell{Text: web.OrDash(shown.Text), Lang: foreign(r, shown.Lang)}
	}
	return page.Cell{Text: web.OrDash(p.inputText(r, c, name, in))}
}

// inputText writes a value that is no answer. Numbers in rules are millionths, sums are tiyn.
func (p *Portal) inputText(r *web.Request, c filing.Case, name string, in application.Input) string {
	d := c.Definition()
	switch in.Value {
	case "true":
		return r.Say.T("value.yes")
	case "false":
		return r.Say.T("value.no")
	}
	if day, err := civil.ParseDate(in.Value); err == nil {
		return r.Say.Date(day)
	}
	n, err := strconv.ParseInt(in.Value, 10, 64)
	if err != nil {
		return in.Value
	}
	lookup, column, ok := strings.Cut(name, ".")
	switch {
	case name == "fee_due" || name == "mci":
		return r.Say.Money(money.Tiyn(n))
	case ok && (column == "free" || columnType(d, lookup, column) == "number"):
		return r.Say.Number(decimal.New(n, 6))
	}
	return in.Value
}

func columnType(d *service.Definition, lookup, column string) string {
	for _, l := range d.Lookups {
		if l.Name != lookup {
			continue
		}
		dir, _ := d.Directory(l.Directory)
		for _, c := range dir.Columns {
			if c.Key == column {
				return c.Type
			}
		}
	}
	return ""
}
