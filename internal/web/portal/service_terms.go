package portal

import (
	"strconv"

	"elicense/internal/casework"
	"elicense/internal/civil"
	"elicense/internal/service"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// conditionsOf is table 6 of the manual: name, subtypes, term, validity and fee of every operation. What no public
// source confirms is said in words, never as a zero; so is why an operation cannot be ordered.
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
		f, err := p.Filing.Casework.FeeBefore(r.Context(), rev, casework.Before{Operation: o, Day: today})
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
			{Text: termText(r, d, o)}, {Text: validity, Lang: foreign(r, validityIn)}, {Text: feeText(r, o, f)},
		})
	}
	notes := p.notes(r, d, today, inMCI, unconfirmed)
	for _, o := range d.Operations {
		if d.Status == service.Open && o.Ordering() != service.Orderable {
			notes = append(notes, orderingText(r, o))
		}
	}
	return s, notes, nil
}

// orderingText says why an operation cannot be ordered.
func orderingText(r *web.Request, o service.Operation) string {
	return r.Say.T("service.ordering."+string(o.Ordering()), "name", tr(r, o.Name))
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
	if o, only := d.Order(""); only && d.Status == service.Open && o.WorkingDays > 0 && !o.Unconfirmed && p.Calendar != nil {
		until, _ := p.Calendar.Current().Add(today, o.WorkingDays)
		notes = append(notes, r.Say.T("service.decided-by", "date", r.Say.LongDate(until)))
	}
	if unconfirmed {
		notes = append(notes, r.Say.T("service.unconfirmed-note"))
	}
	return notes
}

// termText is the term in working days; an unknown one is said in words.
func termText(r *web.Request, d *service.Definition, o service.Operation) string {
	switch {
	case d.Notifies():
		return r.Say.T("service.term-at-once")
	case o.WorkingDays <= 0:
		return r.Say.T("service.term-missing")
	case o.Unconfirmed:
		return r.Say.T("service.unconfirmed", "text", r.Say.N("service.days", o.WorkingDays))
	}
	return r.Say.N("service.days", o.WorkingDays)
}

// feeText is the fee in indices and in tenge of today, as the manual has it: «Тегін беріледі» or N АЕК.
func feeText(r *web.Request, o service.Operation, f casework.Fee) string {
	return feeTextAs(r, o, f, "service.fee-mci")
}

// feeTextAs words a sum in indices and tenge by a key of its own.
func feeTextAs(r *web.Request, o service.Operation, f casework.Fee, key string) string {
	var text string
	switch {
	case f.Depends:
		return r.Say.T("service.fee-depends")
	case o.Fee.IsZero() && o.Unconfirmed && o.WorkingDays <= 0:
		return r.Say.T("service.fee-missing")
	case o.Fee.IsZero() || f.Known && f.Sum == 0:
		return r.Say.T("service.free")
	case f.InMCI && f.Known:
		text = r.Say.T(key, "count", r.Say.Number(f.Count), "sum", r.Say.Money(f.Sum))
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
