package portal

import (
	"slices"
	"strconv"

	"elicense/internal/civil"
	"elicense/internal/decimal"
	"elicense/internal/money"
	"elicense/internal/service"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// conditionsOf is table 6 of the manual: name, subtypes, term, validity and fee of every operation that the applicant
// can start. What no public source confirms is said in words, never as a zero.
func (p *Portal) conditionsOf(r *web.Request, rev *service.Revision, today civil.Date) (section[page.Table], []string, error) {
	s := section[page.Table]{Title: r.Say.T("service.conditions")}
	d := rev.Definition
	if len(d.Operations) == 0 {
		s.Missing = r.Say.T("service.conditions-missing")
		return s, nil, nil
	}
	s.Body = page.Table{ID: "conditions", Caption: s.Title, CaptionHidden: true, Stack: true, Columns: []page.Column{
		{Text: r.Say.T("table.no")}, {Text: r.Say.T("service.operation")}, {Text: r.Say.T("service.act-name")},
		{Text: r.Say.T("service.term")}, {Text: r.Say.T("service.validity")}, {Text: r.Say.T("service.fee")},
	}}
	inMCI, unconfirmed := false, false
	for i, o := range d.Operations {
		f, err := p.feeOf(rev, o, today)
		if err != nil {
			return s, nil, err
		}
		inMCI, unconfirmed = inMCI || f.InMCI, unconfirmed || o.Unconfirmed
		operation, in := o.Name.In(r.Lang)
		validity, validityIn := o.Validity.In(r.Lang)
		if validity == "" {
			validity, validityIn = r.Say.T("service.validity-missing"), r.Lang
		}
		s.Body.Rows = append(s.Body.Rows, []page.Cell{
			{Text: strconv.Itoa(i + 1)}, {Text: operation, Lang: foreign(r, in), Header: true}, {Text: tr(r, d.Name)},
			{Text: termText(r, o)}, {Text: validity, Lang: foreign(r, validityIn)}, {Text: feeText(r, o, f)},
		})
	}
	return s, p.notes(r, d, today, inMCI, unconfirmed), nil
}

// notes stand under the conditions: today's index, the day by which an application of today is decided, what is not
// confirmed.
func (p *Portal) notes(r *web.Request, d *service.Definition, today civil.Date, inMCI, unconfirmed bool) []string {
	var notes []string
	if inMCI {
		if mci, ok := p.MCI.MCI(today); ok {
			notes = append(notes, r.Say.T("service.mci", "year", strconv.Itoa(today.Year), "sum", r.Say.Money(mci)))
		} else {
			notes = append(notes, r.Say.T("service.mci-unknown", "year", strconv.Itoa(today.Year)))
		}
	}
	if o := d.Operations[0]; d.Status == service.Open && o.WorkingDays > 0 && !o.Unconfirmed && p.Calendar != nil {
		until, _ := p.Calendar.Add(today, o.WorkingDays)
		notes = append(notes, r.Say.T("service.decided-by", "date", r.Say.LongDate(until)))
	}
	if unconfirmed {
		notes = append(notes, r.Say.T("service.unconfirmed-note"))
	}
	return notes
}

// termText is the term in working days; an unknown one is said in words.
func termText(r *web.Request, o service.Operation) string {
	switch {
	case o.WorkingDays <= 0:
		return r.Say.T("service.term-missing")
	case o.Unconfirmed:
		return r.Say.T("service.unconfirmed", "text", r.Say.N("service.days", o.WorkingDays))
	}
	return r.Say.N("service.days", o.WorkingDays)
}

// fee is what an operation costs before anything is known about the application.
type fee struct {
	Depends bool            // the sum follows from the answers
	InMCI   bool            // Count indices
	Count   decimal.Decimal // of monthly calculation indices
	Known   bool            // Sum is known: the index of the day is known, or the fee does not rest on it
	Sum     money.Tiyn
}

// index is a made-up value of the monthly calculation index by which a rule shows how many indices it asks for: a
// power of ten, so that the division is exact.
const index = 1_000_000

// feeOf runs the rule of the fee with today's index, and twice with made-up ones: a fee that doubles with the index is
// a number of indices.
func (p *Portal) feeOf(rev *service.Revision, o service.Operation, today civil.Date) (fee, error) {
	mentions := rev.Program.Mentions(o.Fee)
	if slices.ContainsFunc(mentions, func(name string) bool { return name != "mci" && name != "today" }) {
		return fee{Depends: true}, nil
	}
	run := func(mci money.Tiyn) (int64, error) {
		vars := rev.Program.Zero()
		vars["mci"], vars["today"] = int64(mci), service.Day(today)
		return rev.Program.Int(o.Fee, vars)
	}
	mci, known := p.MCI.MCI(today)
	sum, err := run(mci)
	if err != nil {
		return fee{}, err
	}
	f := fee{Known: known || !slices.Contains(mentions, "mci"), Sum: money.Tiyn(sum)}
	once, err := run(index)
	if err != nil {
		return f, err
	}
	twice, err := run(2 * index)
	if err != nil {
		return f, err
	}
	if once > 0 && twice == 2*once {
		f.InMCI, f.Count = true, decimal.New(once, 6)
	}
	return f, nil
}

// feeText is the fee in indices and in tenge of today, as the manual has it: «Тегін беріледі» or N АЕК.
func feeText(r *web.Request, o service.Operation, f fee) string {
	var text string
	switch {
	case f.Depends:
		return r.Say.T("service.fee-depends")
	case o.Fee.IsZero() && o.Unconfirmed && o.WorkingDays <= 0:
		return r.Say.T("service.fee-missing")
	case o.Fee.IsZero() || f.Known && f.Sum == 0:
		return r.Say.T("service.free")
	case f.InMCI && f.Known:
		text = r.Say.T("service.fee-mci", "count", r.Say.Number(f.Count), "sum", r.Say.Money(f.Sum))
	case f.InMCI:
		text = r.Say.T("service.fee-mci-only", "count", r.Say.Number(f.Count))
	case f.Known:
		text = r.Say.Money(f.Sum)
	default:
		return r.Say.T("service.fee-unknown")
	}
	if o.Unconfirmed {
		return r.Say.T("service.unconfirmed", "text", text)
	}
	return text
}
