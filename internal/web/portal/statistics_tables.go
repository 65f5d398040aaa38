package portal

import (
	"strconv"
	"strings"

	"elicense/internal/lang"
	"elicense/internal/statistics"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// tables are the figures of a year under the headings of the manual's home page: by application (here month by month), by
// state body, by kind of service, import and export; and the grounds of refusals.
func (p *Portal) tables(r *web.Request, report statistics.Report) []figures {
	return []figures{
		p.byMonth(r, report), p.byBody(r, report), p.byService(r, report), p.bySubtype(r, report), p.byReason(r, report),
	}
}

// tallied is a table whose rows are tallies; words head its first columns.
func tallied(r *web.Request, id string, words ...string) figures {
	say := func(key string) string { return r.Say.T(key) }
	return figures{
		ID: id, Title: say("statistics." + id), Words: len(words), Names: []string{say("statistics.granted"), say("statistics.refused")}, Charted: []int{1, 2},
		Columns: append(words, say("statistics.received"), say("statistics.granted"), say("statistics.refused"), say("statistics.withdrawn"), say("statistics.p50"), say("statistics.p90")),
	}
}

// add adds a row; the chart names it by its first words.
func (f *figures) add(t statistics.Tally, words []string, langs []lang.Lang) {
	f.Rows = append(f.Rows, figuresRow{Label: words[0], Words: words, Langs: langs, N: []int{t.Received, t.Granted, t.Refused, t.Withdrawn}, Took: durations(t)})
}

func (p *Portal) byMonth(r *web.Request, report statistics.Report) figures {
	f := tallied(r, "applications", r.Say.T("statistics.month"))
	if report.Total.Received+report.Total.Granted+report.Total.Refused+report.Total.Withdrawn == 0 {
		return f
	}
	last := 12
	if now := r.Say.Day(report.At); now.Year == report.Year {
		last = int(now.Month)
	}
	for i, t := range report.Months[:last] {
		f.add(t, []string{r.Say.T("statistics.month." + strconv.Itoa(i+1))}, []lang.Lang{""})
	}
	return f
}

func (p *Portal) byBody(r *web.Request, report statistics.Report) figures {
	f := tallied(r, "bodies", r.Say.T("statistics.body"))
	for _, line := range report.Bodies {
		name, in := r.Say.T("statistics.former"), r.Lang
		if b, ok := p.Catalogue.Body(line.Body); ok {
			name, in = b.Name.In(r.Lang)
		}
		f.add(line.Tally, []string{name}, []lang.Lang{foreign(r, in)})
	}
	return f
}

func (p *Portal) byService(r *web.Request, report statistics.Report) figures {
	f := tallied(r, "services", r.Say.T("statistics.service"))
	for _, line := range report.Services {
		name, in := p.serviceName(r, line.Service)
		f.add(line.Tally, []string{name}, []lang.Lang{in})
	}
	return f
}

// serviceName is the name of a service, with its language where it is not the reader's.
func (p *Portal) serviceName(r *web.Request, key string) (string, lang.Lang) {
	rev, err := p.Catalogue.Service(key)
	if err != nil {
		return r.Say.T("statistics.former"), ""
	}
	name, in := rev.Definition.Name.In(r.Lang)
	return name, foreign(r, in)
}

func (p *Portal) bySubtype(r *web.Request, report statistics.Report) figures {
	f := tallied(r, "subtypes", r.Say.T("statistics.subtype"), r.Say.T("statistics.service"))
	for _, line := range report.Subtypes {
		name, in := p.serviceName(r, line.Service)
		label, labelIn := r.Say.T("statistics.former"), lang.Lang("")
		if rev, err := p.Catalogue.Service(line.Service); err == nil {
			label, labelIn = subtypeLabel(r, rev.Definition, line.Subtype)
		}
		f.add(line.Tally, []string{label, name}, []lang.Lang{labelIn, in})
	}
	return f
}

func (p *Portal) byReason(r *web.Request, report statistics.Report) figures {
	f := figures{ID: "reasons", Title: r.Say.T("statistics.reasons"), Words: 2, Charted: []int{0},
		Columns: []string{r.Say.T("statistics.reason"), r.Say.T("statistics.service"), r.Say.T("statistics.stated")}}
	for _, reason := range report.Reasons {
		name, in := p.serviceName(r, reason.Service)
		text, textIn := r.Say.T("statistics.former"), lang.Lang("")
		if rev, err := p.Catalogue.Service(reason.Service); err == nil {
			for _, refusal := range rev.Definition.Decision.Refuse {
				if refusal.Key == reason.Ground {
					text, textIn = groundText(r, refusal.Ground)
				}
			}
		}
		f.Rows = append(f.Rows, figuresRow{Label: text, Words: []string{text, name}, Langs: []lang.Lang{textIn, in}, N: []int{reason.N}})
	}
	return f
}

// statisticsCards are the headings of the manual's home page, each with a key figure of the year, leading to its table.
func (p *Portal) statisticsCards(r *web.Request) ([]page.Card, error) {
	year := r.Say.Day(p.World.Now()).Year
	report, _, err := p.Statistics.Year(r.Context(), year)
	if err != nil {
		return nil, err
	}
	n := func(i int) string { return r.Say.Int(int64(i)) }
	notes := map[string]string{
		"bodies":       r.Say.T("statistics.home-bodies", "count", n(len(report.Bodies))),
		"services":     r.Say.T("statistics.home-services", "count", n(len(report.Services))),
		"applications": r.Say.T("statistics.home-applications", "year", strconv.Itoa(year), "received", n(report.Total.Received), "granted", n(report.Total.Granted)),
		"subtypes":     p.subtypesNote(r, report),
	}
	titles := map[string]string{"subtypes": r.Say.T("statistics.home-subtypes")}
	var cards []page.Card
	for _, id := range []string{"bodies", "services", "applications", "subtypes"} {
		title := titles[id]
		if title == "" {
			title = r.Say.T("statistics." + id)
		}
		cards = append(cards, page.Card{Text: title, Href: r.Link("/statistics#" + id), Note: notes[id]})
	}
	return cards, nil
}

// subtypesNote says how many permits were issued for the subtypes that presets name: "Import: 12 · Export: 3".
func (p *Portal) subtypesNote(r *web.Request, report statistics.Report) string {
	var parts []string
	for _, line := range report.Subtypes {
		rev, err := p.Catalogue.Service(line.Service)
		if err != nil || len(rev.Definition.Preset(line.Subtype)) == 0 {
			continue
		}
		label, _ := subtypeLabel(r, rev.Definition, line.Subtype)
		parts = append(parts, r.Say.T("statistics.home-count", "name", label, "count", r.Say.Int(int64(line.Granted))))
	}
	if len(parts) == 0 {
		return r.Say.T("statistics.home-none")
	}
	return strings.Join(parts[:min(len(parts), 4)], " · ")
}
