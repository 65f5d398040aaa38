package web

import (
	"net/url"
	"strconv"
	"strings"

	"elicense/internal/civil"
	"elicense/internal/lang"
	"elicense/internal/permit"
	"elicense/internal/register"
	"elicense/internal/service"
	"elicense/internal/web/page"
)

// PermitTag is the state of a permit in words.
func PermitTag(r *Request, s permit.State) page.Tag {
	tone := page.Bad
	switch s {
	case permit.Valid:
		tone = page.Good
	case permit.Future:
		tone = page.Soon
	case permit.Reissued, permit.Terminated:
		tone = page.Neutral
	}
	return page.Tag{Text: r.Say.T("status.permit." + string(s)), Tone: tone}
}

// StandingText says what the state of a permit means on a day.
func StandingText(say *lang.Printer, s permit.Standing, day civil.Date) string {
	today, since, until := say.LongDateIn(day, lang.AsOf), say.LongDateIn(s.Since, lang.Since), say.LongDateIn(s.Until, lang.Until)
	switch state := s.On(day); {
	case state == permit.Expired:
		return say.T("check.state-expired", "today", today, "to", say.LongDate(s.To))
	case state == permit.Future:
		return say.T("check.state-future", "today", today, "from", say.LongDate(s.From))
	case state == permit.Suspended && s.Until.IsZero():
		return say.T("acts.state.suspended-open", "today", today, "since", since)
	case state != permit.Valid:
		return say.T("acts.state."+string(state), "today", today, "since", since, "until", until, "successor", s.Successor)
	case s.To.IsZero():
		return say.T("check.state-valid-always", "today", today)
	}
	return say.T("check.state-valid", "today", today, "to", say.LongDate(s.To))
}

// The fields of the question what held on a day.
const (
	paramOn    = "on"
	paramKnown = "known"
)

// AsOf is the question what held of a permit on a day, as it was known on another, with its answer where one was asked.
type AsOf struct {
	Panel  page.SearchPanel
	Answer *page.Banner
}

// AsOfPanel reads the question from the address and answers it. An empty day is today.
func AsOfPanel(r *Request, c register.Card, action string) AsOf {
	q := r.URL.Query()
	on, okOn := dayOf(q.Get(paramOn), c.Today)
	known, okKnown := dayOf(q.Get(paramKnown), c.Today)
	a := AsOf{Panel: page.SearchPanel{ID: "asof", Title: r.Say.T("acts.asof"), Action: action, Reset: action, Rows: []page.SearchRow{
		{Label: r.Say.T("acts.asof-on"), Name: paramOn, Value: q.Get(paramOn), Hint: r.Say.T("acts.asof-hint")},
		{Label: r.Say.T("acts.asof-known"), Name: paramKnown, Value: q.Get(paramKnown)},
	}}}
	wrong := r.Say.T("acts.asof-wrong")
	if !okOn {
		a.Panel.Rows[0].Error = wrong
	}
	if !okKnown {
		a.Panel.Rows[1].Error = wrong
	}
	if !okOn || !okKnown || !q.Has(paramOn) && !q.Has(paramKnown) {
		return a
	}
	a.Answer = &page.Banner{Kind: page.Info, Text: AsOfText(r.Say, c, on, known)}
	return a
}

// AsOfText answers what held on a day, as it was known on another.
func AsOfText(say *lang.Printer, c register.Card, on, known civil.Date) string {
	s, issued := c.AsOf(on, known)
	if !issued {
		return say.T("acts.asof-unknown", "known", say.LongDateIn(known, lang.AsOf))
	}
	return say.T("acts.asof-answer", "known", say.LongDateIn(known, lang.AsOf), "answer", StandingText(say, s, on))
}

func dayOf(typed string, today civil.Date) (civil.Date, bool) {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return today, true
	}
	return civil.ParseTyped(typed)
}

// PermitPart is a part of a permit's page under a heading: an act with it, an appendix to it.
type PermitPart struct {
	Title string
	Rows  []page.Row
}

// ActName names an act of a permit.
func ActName(r *Request, a permit.Act) string {
	return r.Say.T("acts.one", "seq", strconv.Itoa(a.Seq), "kind", r.Say.T("acts.kind."+string(a.Kind)), "from", r.Say.Date(a.From))
}

// ActCards tell what happened to a permit since its issue, the newest first; who did it only officials are told (names, by
// account; nil for everybody else). under is the address of the permit, "" = no documents are offered.
func ActCards(r *Request, c register.Card, names map[string]string, under string, seen Seen) []PermitPart {
	cancelled := map[int]bool{}
	for _, a := range c.Acts {
		if a.Kind == permit.Reversal {
			cancelled[a.Reverses] = true
		}
	}
	var cards []PermitPart
	for i := len(c.Acts) - 1; i >= 0; i-- {
		a := c.Acts[i]
		rows := []page.Row{{Name: r.Say.T("acts.from"), Value: r.Say.Date(a.From)}}
		if cancelled[a.Seq] {
			rows = append([]page.Row{{Name: r.Say.T("table.status"), Value: r.Say.T("acts.reversed")}}, rows...)
		}
		rows = append(rows, ActRows(r, c, c.Acts[:i], a, seen)...)
		known := r.Say.Time(a.At)
		if a.ByTime() {
			known += "\n" + r.Say.T("acts.by-time")
		}
		if names[a.By] != "" {
			known += "\n" + names[a.By]
		}
		rows = append(rows, page.Row{Name: r.Say.T("acts.known"), Value: known})
		if a.Kind.Unfavourable() && names == nil && a.Application == "" {
			rows = append(rows, page.Row{Name: r.Say.T("numbering.appeal"), Value: r.Say.T("filing.appeal")})
		}
		if under != "" && a.Order != "" {
			rows = append(rows, documentRow(r, r.Say.T("acts.documents"), under+"/acts/"+strconv.Itoa(a.Seq)))
		}
		cards = append(cards, PermitPart{Title: ActName(r, a), Rows: rows})
	}
	return cards
}

// ActRows say what an act does and why; before are the acts that were known when it was made.
func ActRows(r *Request, c register.Card, before []permit.Act, a permit.Act, seen Seen) []page.Row {
	var rows []page.Row
	row := func(name, value string, l lang.Lang) {
		if value != "" {
			rows = append(rows, page.Row{Name: name, Value: value, Lang: l})
		}
	}
	if a.Appendix != "" {
		row(r.Say.T("acts.appendix"), "№ "+a.Appendix, "")
	}
	switch {
	case !a.To.IsZero():
		row(r.Say.T("acts.to"), r.Say.Date(a.To), "")
	case a.Kind == permit.Suspension:
		row(r.Say.T("acts.to"), r.Say.T("acts.to-open"), "")
	}
	for _, x := range before {
		if a.Kind == permit.Reversal && x.Seq == a.Reverses {
			row(r.Say.T("acts.reverses"), ActName(r, x), "")
		}
	}
	if a.Kind == permit.Correction {
		row(r.Say.T("acts.values"), strings.Join(changes(r, c, before, a), "\n"), "")
	}
	// An act that a holder asked for has no other ground than its kind and the application, unless it carries one on.
	if text, in := a.Ground.Text.In(r.Lang); text != "" && (a.Application == "" || !a.Ground.Act.IsZero()) {
		act, _ := a.Ground.Act.In(r.Lang) // is there in the same languages
		row(r.Say.T("acts.legal-ground"), strings.TrimSpace(text+"\n"+act), in)
	}
	row(r.Say.T("office.reason-kk"), a.Ground.KK, lang.KK)
	row(r.Say.T("office.reason-ru"), a.Ground.RU, lang.RU)
	if a.Application != "" {
		asked := page.Row{Name: r.Say.T("permits.application"), Value: a.Application}
		if a.Successor == "" || seen(a.Successor) { // else the successor's
			asked.Actions = []page.Link{{Text: r.Say.T("wizard.view"), Href: r.Link("/applications/" + url.PathEscape(a.Application))}}
		}
		rows = append(rows, asked)
	}
	return rows
}

// changes say in words what a correction changes, in the order of the document's boxes.
func changes(r *Request, c register.Card, before []permit.Act, a permit.Act) []string {
	said := c.Permit.After(before).Values
	var lines []string
	for _, f := range c.Correctable() {
		after, changed := a.Values[f.Key]
		if !changed {
			continue
		}
		label, _ := f.Label.In(r.Lang)
		lines = append(lines, r.Say.T("acts.value-change", "label", label, "before", shown(r, c, f, said[f.Key]), "after", shown(r, c, f, after)))
	}
	return lines
}

func shown(r *Request, c register.Card, f service.Field, value string) string {
	if value == "" {
		return "—"
	}
	return c.Form.Read(f, value, r.Lang, r.Say).Text
}

// Seen tells whether the reader may see a permit: after a reorganisation the one before or after theirs is another holder's.
type Seen func(number string) bool

// Always is Seen of officials.
func Always(string) bool { return true }

// ChainRows lead to the permit that this one replaces, and to the one that took its place, where the reader may see them.
func ChainRows(r *Request, p permit.Permit, seen Seen) []page.Row {
	var rows []page.Row
	for _, x := range []struct{ key, number string }{{"acts.predecessor", p.Replaces}, {"acts.successor", p.Standing.Successor}} {
		if x.number == "" {
			continue
		}
		row := page.Row{Name: r.Say.T(x.key), Value: x.number}
		if seen(x.number) {
			row.Actions = []page.Link{{Text: r.Say.T("wizard.view"), Href: PermitAddress(r, x.number)}}
		}
		rows = append(rows, row)
	}
	return rows
}

// PermitAddress is the page of a permit on the portal of the reader.
func PermitAddress(r *Request, number string) string {
	return r.Link("/permits/" + url.PathEscape(number))
}
