package form

import (
	"strconv"
	"strings"

	"elicense/internal/decimal"
	"elicense/internal/lang"
	"elicense/internal/service"
)

// Measure is what stands after a number of the field wherever it is read: the sign of its fixed unit, or else the unit's name,
// or the code of its currency; empty where there is none.
func (f Form) Measure(field service.Field, l lang.Lang) string {
	switch {
	case field.Currency != "":
		return field.Currency
	case field.Unit == "":
		return ""
	}
	entry, ok := f.Dirs.Entry(service.TypeUnit, field.Unit, f.Day)
	if !ok {
		return field.Unit
	}
	if sign, in := entry.Short.In(l); in == l {
		return sign
	}
	name, _ := entry.Name.In(l)
	return name
}

// Read writes an answer as Show does, with the measure of a number behind it.
func (f Form) Read(field service.Field, answer string, l lang.Lang, formats Formats) Shown {
	shown := f.Show(field, answer, l, formats)
	if m := f.Measure(field, l); m != "" && shown.Text != "" {
		shown.Text += "\u00a0" + m
	}
	return shown
}

func (f Form) showOwn(field service.Field, code string, l lang.Lang) Shown {
	row, ok := f.ownRow(field, code)
	if !ok {
		return Shown{code, l}
	}
	name, in := row.Name.In(l)
	return Shown{name, in}
}

// showList writes a list line by line: rows as "1. Name: value; Name: value", a territory as "Name: count" with the total last.
func (f Form) showList(field service.Field, answer string, l lang.Lang, formats Formats) Shown {
	rows, places, ok := lists(field, answer)
	if !ok {
		return Shown{answer, l}
	}
	var lines []string
	for i, row := range rows {
		lines = append(lines, strconv.Itoa(i+1)+". "+f.rowText(field, row, l, formats))
	}
	for _, p := range places {
		lines = append(lines, f.showOwn(field, p.Code, l).Text+": "+f.CountText(p, formats))
	}
	if total, ok := Total(places); ok && len(places) > 1 {
		lines = append(lines, formats.T("field.total")+": "+formats.Number(total))
	}
	return Shown{strings.Join(lines, "\n"), l}
}

func (f Form) rowText(field service.Field, row Row, l lang.Lang, formats Formats) string {
	var parts []string
	for _, sub := range field.Fields {
		if row[sub.Key] != "" {
			label, _ := sub.Label.In(l)
			parts = append(parts, label+": "+f.Read(sub, row[sub.Key], l, formats).Text)
		}
	}
	return strings.Join(parts, "; ")
}

// CountText writes the count of a territory; one that is not well formed as it was typed.
func (f Form) CountText(p Place, formats Formats) string {
	if d, err := decimal.Parse(p.Count); err == nil {
		return formats.Number(d)
	}
	return p.Count
}

// Total adds up the counts of a territory; ok is false while one of them is not well formed.
func Total(places []Place) (decimal.Decimal, bool) {
	total := decimal.Int(0)
	for _, p := range places {
		d, err := decimal.Parse(p.Count)
		if err != nil {
			return total, false
		}
		sum, ok := total.Add(d)
		if !ok {
			return total, false
		}
		total = sum
	}
	return total, true
}
