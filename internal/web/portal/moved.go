package portal

import (
	"slices"
	"strconv"
	"strings"

	"elicense/internal/application"
	"elicense/internal/filing"
	"elicense/internal/form"
	"elicense/internal/lang"
	"elicense/internal/service"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// nameMoved carries the number of the revision whose notice stood above a form.
const nameMoved = "moved"

// movedView tells what new revisions of the service changed for a draft.
type movedView struct {
	Words    *page.Words
	Banner   page.Banner
	Groups   []page.List
	More     page.Link
	Revision string
}

// movedOf gives the notice of a draft whose applicant was not told yet; nil otherwise.
func (p *Portal) movedOf(r *web.Request, d filing.Draft) (*movedView, error) {
	unseen := d.Unseen()
	if len(unseen) == 0 {
		return nil, nil
	}
	before, err := p.Filing.Revision(r.Context(), d, unseen[0].From)
	if err != nil {
		return nil, err
	}
	types, err := p.operationLines(r, d, unseen)
	if err != nil {
		return nil, err
	}
	number, last := strconv.Itoa(d.Application.Revision), unseen[len(unseen)-1]
	v := &movedView{
		Words: p.Server.Words(r.Lang), Revision: number,
		Banner: page.Banner{Kind: page.Caution, Title: r.Say.T("filing.moved-title"),
			Text: r.Say.T("filing.moved-text", "number", number, "date", r.Say.Time(last.At))},
		Groups: differencesOf(r, d, types, service.Diff(before.Definition, d.Definition()), unseen),
		More:   page.Link{Text: r.Say.T("filing.moved-more"), Href: revisionPath(r, d.Application.Service, d.Application.Revision)},
	}
	return v, nil
}

// operationLines say what the draft asked for and asks for now, where that cannot be ordered any more.
func (p *Portal) operationLines(r *web.Request, d filing.Draft, moves []application.Move) ([]string, error) {
	var lines []string
	for _, m := range moves {
		if m.Operation == "" {
			continue
		}
		before, err := p.Filing.Revision(r.Context(), d, m.From)
		if err != nil {
			return nil, err
		}
		o, _ := before.Definition.Operation(m.Operation)
		lines = append(lines, r.Say.T("filing.moved-operation", "from", tr(r, o.Name), "to", operationName(r, d)))
	}
	return lines, nil
}

// movedOn dismisses the notice when its reader goes on.
func (p *Portal) movedOn(r *web.Request, d filing.Draft) error {
	if r.PostForm.Get(nameMoved) != strconv.Itoa(d.Application.Revision) || len(d.Unseen()) == 0 {
		return nil
	}
	return p.Filing.Seen(r.Context(), r.Actor, d.Application.Number)
}

// differencesOf words what an applicant has to know, by subject; types are the lines about what is asked for.
func differencesOf(r *web.Request, d filing.Draft, types []string, changes []service.Change, moves []application.Move) []page.List {
	var groups []page.List
	add := func(title string, lines []string) {
		if len(lines) > 0 {
			groups = append(groups, page.List{Title: r.Say.T(title), Items: lines})
		}
	}
	add("filing.type", types)
	fields := fieldLines(r, changes)
	add("filing.moved-added", fields[service.Added])
	add("filing.moved-removed", fields[service.Removed])
	add("filing.moved-changed", fields[service.Changed])
	add("filing.moved-documents", documentLines(r, changes))
	add("filing.moved-fee", feeLines(r, moves))
	add("filing.moved-term", termLines(r, d.Application.Operation, changes))
	if hasImportance(changes, service.ForRules) {
		add("filing.moved-rules", []string{r.Say.T("filing.moved-rules-line")})
	}
	if hasImportance(changes, service.ForRecipients) {
		add("filing.moved-recipients", []string{r.Say.T("filing.moved-recipients-line")})
	}
	if len(groups) == 0 {
		groups = append(groups, page.List{Items: []string{r.Say.T("filing.moved-wording")}})
	}
	return groups
}

func hasImportance(changes []service.Change, i service.Importance) bool {
	return slices.ContainsFunc(changes, func(c service.Change) bool { return c.Importance == i })
}

// fieldLines names the questions that came, went and changed, each once.
func fieldLines(r *web.Request, changes []service.Change) map[service.Kind][]string {
	lines := map[service.Kind][]string{}
	for _, c := range changes {
		key := c.Key("fields")
		if key == "" || key == "order" {
			continue
		}
		kind := service.Changed
		if c.Path == "fields/"+key {
			kind = c.Kind
		}
		if name := tr(r, c.Name); !slices.Contains(lines[kind], name) {
			lines[kind] = append(lines[kind], name)
		}
	}
	return lines
}

func documentLines(r *web.Request, changes []service.Change) []string {
	var lines []string
	for _, c := range changes {
		key := c.Key("documents")
		if key == "" || key == "order" {
			continue
		}
		kind := service.Changed
		if c.Path == "documents/"+key {
			kind = c.Kind
		}
		if line := r.Say.T("filing.moved-document."+string(kind), "name", tr(r, c.Name)); !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// feeLines say the fee before the first move and after the last one, or that what was paid stays.
func feeLines(r *web.Request, moves []application.Move) []string {
	if len(moves) == 0 {
		return nil
	}
	was, last := moves[0].FeeWas, moves[len(moves)-1]
	if was == last.FeeIs {
		return nil
	}
	lines := []string{r.Say.T("filing.moved-fee-line", "from", r.Say.Money(was), "to", r.Say.Money(last.FeeIs))}
	if last.FeePaid {
		lines = append(lines, r.Say.T("filing.moved-fee-paid", "from", r.Say.Money(was)))
	}
	return lines
}

// termLines say how the term and the validity of an operation changed.
func termLines(r *web.Request, operation string, changes []service.Change) []string {
	var lines []string
	for _, c := range changes {
		if c.Importance != service.ForTerm || c.Key("operations") != operation {
			continue
		}
		before, after := tr(r, c.Old), tr(r, c.New)
		if strings.HasSuffix(c.Path, "/working_days") {
			before, after = days(r, before), days(r, after)
		}
		lines = append(lines, r.Say.T("filing.moved-term-line", "from", web.OrDash(before), "to", web.OrDash(after)))
	}
	return lines
}

func days(r *web.Request, count string) string {
	n, err := strconv.Atoi(count)
	if err != nil {
		return count
	}
	return r.Say.N("service.days", n)
}

// markNew says at each question that is new, or has to be answered anew, that it is.
func markNew(r *web.Request, d filing.Draft, pg service.Page) service.Page {
	unseen := d.Unseen()
	if len(unseen) == 0 {
		return pg
	}
	pg.Fields = slices.Clone(pg.Fields)
	for i, f := range pg.Fields {
		if slices.ContainsFunc(unseen, func(m application.Move) bool { return slices.Contains(m.Fields, f.Key) }) {
			text := strings.TrimSpace(r.Say.T("filing.field-new") + " " + tr(r, f.Hint))
			pg.Fields[i].Hint = lang.Text{KK: text, RU: text, EN: text}
		}
	}
	return pg
}

// asideCard shows what was answered to questions that are gone, as their own form showed it.
func (p *Portal) asideCard(r *web.Request, d filing.Draft) (card, error) {
	c := card{Title: r.Say.T("filing.aside-title")}
	for _, a := range d.Aside() {
		rev, err := p.Filing.Revision(r.Context(), d, a.Revision)
		if err != nil {
			return c, err
		}
		field, ok := rev.Definition.Field(a.Key)
		if !ok {
			continue
		}
		shown := form.Form{Revision: rev, Dirs: d.Form.Dirs}.Show(field, a.Answer, r.Lang, r.Say)
		c.Rows = append(c.Rows, page.Row{Name: tr(r, field.Label), Value: shown.Text, Lang: foreign(r, shown.Lang)})
	}
	return c, nil
}
