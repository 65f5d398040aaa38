package portal

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"elicense/internal/civil"
	"elicense/internal/filing"
	"elicense/internal/lang"
	"elicense/internal/service"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// passportView is the passport of a service (manual of the trade licence, section 2).
type passportView struct {
	Words      *page.Words
	Heading    page.Heading
	Status     page.Tag
	Category   string       // of the law, and class
	Order      *page.Button // nil when the service cannot be ordered
	Closed     page.Banner  // why, then
	Ask        page.Link    // to the questions before an application
	Chosen     string       // the subtype that was chosen
	Subtypes   section[[]page.Card]
	Bodies     section[[]page.Card]
	Recipients section[page.Table]
	Apply      section[page.Table]
	Issue      section[page.Table]
	Conditions section[page.Table]
	MCI        []string // notes under the conditions
	Documents  section[[]documentGroup]
	Legal      section[[]page.Link]
	Together   section[[]page.Card] // bundles that it is part of
	Doubt      string               // which parts are not confirmed
	About      section[[]string]
	Revision   *page.Link    // where the revisions of the service are told apart
	History    *revisionView // on the page of one revision
}

// section is a titled part of the passport; Missing says in words why there is nothing in it.
type section[T any] struct {
	Title   string
	Missing string
	Body    T
}

// documentGroup is what one kind of applicants must attach.
type documentGroup struct {
	Title string
	None  string
	Rows  []documentRow
}

// documentRow is one document.
type documentRow struct {
	Name, Hint, Note string
	Lang, HintLang   lang.Lang
}

// passport shows everything about a service before it is ordered.
func (p *Portal) passport(w http.ResponseWriter, r *web.Request) error {
	rev, err := p.Catalogue.Service(r.PathValue("key"))
	if err != nil {
		return err
	}
	v, err := p.passportView(r, rev)
	if err != nil {
		return err
	}
	d := rev.Definition
	v.Revision = &page.Link{Text: r.Say.T("revision.link", "number", strconv.Itoa(rev.Number)), Href: revisionPath(r, rev.Service, rev.Number)}
	v.Together = section[[]page.Card]{Title: r.Say.T("bundle.group"), Body: p.inBundles(r, d.Key)}
	var way []page.Link
	if s, ok := p.Catalogue.Sphere(d.Sphere); ok {
		way = append(way, page.Link{Text: tr(r, s.Name), Href: r.Link("/spheres/" + url.PathEscape(s.Key))})
	}
	return p.show(w, r, p.catalogueChrome(r, tr(r, d.Name), way...), passportPage(v))
}

func (p *Portal) passportView(r *web.Request, rev *service.Revision) (passportView, error) {
	d := rev.Definition
	name, in := d.Name.In(r.Lang)
	v := passportView{
		Words:   p.Server.Words(r.Lang),
		Heading: page.Heading{Caption: tr(r, d.Group), Text: name, Lang: foreign(r, in), Lead: tr(r, d.Summary)},
		Status:  page.Tag{Text: r.Say.T("status.service." + string(d.Status)), Tone: page.Neutral},
		Closed:  page.Banner{Kind: page.Info, Title: r.Say.T("service.closed-title"), Text: r.Say.T("service.closed-text")},
	}
	subtype := r.URL.Query().Get("subtype")
	if !slices.ContainsFunc(d.Subtypes, func(s service.Subtype) bool { return s.Key == subtype }) {
		subtype = ""
	}
	if subtype != "" {
		v.Chosen = r.Say.T("service.chosen", "name", tr(r, d.SubtypeName(subtype)))
	}
	if d.Status == service.Open {
		v.Status.Tone = page.Good
		v.Order = &page.Button{Text: r.Say.T("wizard.order"), Href: r.Link(orderAddress(d.Key, filing.Start{Subtype: subtype}))}
	}
	v.Ask = page.Link{Text: r.Say.T("ask.link"), Href: r.Link(askAddress(d.Key, subtype))}
	v.Category, v.Doubt = categoryOf(r, d), unconfirmedParts(r, d)
	v.Subtypes = subtypesOf(r, d)
	v.Bodies = p.bodiesOf(r, d)
	v.Recipients = recipientsOf(r, d)
	v.Apply = channelsOf(r, "apply", d.Channels.Apply)
	v.Issue = channelsOf(r, "issue", d.Channels.Issue)
	v.Documents = documentsOf(r, d)
	v.Legal = legalOf(r, d)
	v.About = section[[]string]{Title: r.Say.T("service.about"), Body: paragraphs(tr(r, d.About))}
	var err error
	v.Conditions, v.MCI, err = p.conditionsOf(r, rev, civil.Of(p.World.Now(), lang.Almaty()))
	return v, err
}

// orderAddress is where the wizard begins, with what is chosen already.
func orderAddress(key string, chosen filing.Start) string {
	address := "/services/" + url.PathEscape(key) + "/order"
	if v := orderValues(chosen); len(v) > 0 {
		address += "?" + v.Encode()
	}
	return address
}

func paragraphs(text string) []string {
	return strings.FieldsFunc(text, func(c rune) bool { return c == '\n' })
}

func subtypesOf(r *web.Request, d *service.Definition) section[[]page.Card] {
	s := section[[]page.Card]{Title: r.Say.T("service.subtypes")}
	for _, sub := range d.Subtypes {
		text, in := sub.Name.In(r.Lang)
		card := page.Card{Text: text, Lang: foreign(r, in)}
		if len(d.Subtypes) > 1 {
			card.Href = r.Link("/services/" + url.PathEscape(d.Key) + "?subtype=" + url.QueryEscape(sub.Key))
		}
		s.Body = append(s.Body, card)
	}
	return s
}

func (p *Portal) bodiesOf(r *web.Request, d *service.Definition) section[[]page.Card] {
	s := section[[]page.Card]{Title: r.Say.T("service.bodies"), Missing: r.Say.T("service.bodies-missing")}
	for _, key := range d.Bodies {
		if b, ok := p.Catalogue.Body(key); ok {
			text, in := b.Name.In(r.Lang)
			s.Body = append(s.Body, page.Card{Text: text, Lang: foreign(r, in), Href: r.Link("/bodies/" + url.PathEscape(key))})
		}
	}
	return s
}

// recipientsOf is table 3 of the manual: all seven kinds with yes or no.
func recipientsOf(r *web.Request, d *service.Definition) section[page.Table] {
	s := section[page.Table]{Title: r.Say.T("service.recipients")}
	var rows [][]page.Cell
	for _, kind := range service.Recipients() {
		rows = append(rows, []page.Cell{{Text: r.Say.T("recipient." + string(kind)), Header: true}, yesNo(r, d.Serves(kind), "value.yes", "value.no")})
	}
	s.Body = twoColumns(r, "recipients", s.Title, "service.available", rows)
	return s
}

// channelsOf is table 4 or 5 of the manual.
func channelsOf(r *web.Request, which string, ways service.Ways) section[page.Table] {
	s := section[page.Table]{Title: r.Say.T("channel." + which)}
	var rows [][]page.Cell
	for _, way := range []struct {
		key string
		on  bool
	}{{"paper", ways.Paper}, {"post", ways.Post}, {"service_centre", ways.ServiceCentre}, {"portal", ways.Portal}} {
		rows = append(rows, []page.Cell{{Text: r.Say.T("channel." + way.key), Header: true}, yesNo(r, way.on, "channel.yes", "channel.no")})
	}
	s.Body = twoColumns(r, which, s.Title, "service.presence", rows)
	return s
}

// twoColumns is a numbered table of names with yes or no.
func twoColumns(r *web.Request, id, caption, last string, rows [][]page.Cell) page.Table {
	t := page.Table{ID: id, Caption: caption, CaptionHidden: true, Columns: []page.Column{
		{Text: r.Say.T("table.no")}, {Text: r.Say.T("service.name")}, {Text: r.Say.T(last)},
	}}
	for i, row := range rows {
		t.Rows = append(t.Rows, append([]page.Cell{{Text: strconv.Itoa(i + 1)}}, row...))
	}
	return t
}

// yesNo is an answer in words; a yes has its mark beside it, so that the eye finds it.
func yesNo(r *web.Request, yes bool, yesKey, noKey string) page.Cell {
	if yes {
		return page.Cell{Tag: &page.Tag{Text: r.Say.T(yesKey), Tone: page.Good}}
	}
	return page.Cell{Text: r.Say.T(noKey)}
}

// documentsOf lists the documents separately for legal entities, individuals and sole proprietors, as the manual does.
func documentsOf(r *web.Request, d *service.Definition) section[[]documentGroup] {
	s := section[[]documentGroup]{Title: r.Say.T("service.documents")}
	if len(d.Documents) == 0 && d.Status != service.Open {
		s.Missing = r.Say.T("service.documents-missing")
		return s
	}
	for _, g := range []struct {
		title string
		kinds []service.Recipient
	}{
		{r.Say.T("service.documents-legal"), []service.Recipient{service.LegalEntity, service.ForeignLegalEntity}},
		{r.Say.T("service.documents-individual"), []service.Recipient{service.Individual, service.NonResidentIndividual}},
		{r.Say.T("service.documents-sole"), []service.Recipient{service.SoleProprietorIIN, service.SoleProprietorBIN, service.ForeignSoleProprietor}},
	} {
		if !slices.ContainsFunc(g.kinds, d.Serves) {
			continue
		}
		group := documentGroup{Title: g.title, None: r.Say.T("service.documents-none")}
		for _, doc := range d.Documents {
			if asked, mandatory := asksAny(doc, g.kinds); asked {
				row := documentRowOf(r, doc, mandatory)
				row.Note += operationsNote(r, d, doc)
				group.Rows = append(group.Rows, row)
			}
		}
		s.Body = append(s.Body, group)
	}
	return s
}

func asksAny(doc service.Document, kinds []service.Recipient) (asked, mandatory bool) {
	for _, k := range kinds {
		a, m := doc.Asks(k)
		asked, mandatory = asked || a, mandatory || m
	}
	return asked, mandatory
}

func documentRowOf(r *web.Request, doc service.Document, mandatory bool) documentRow {
	name, in := doc.Name.In(r.Lang)
	hint, hintIn := doc.Hint.In(r.Lang)
	row := documentRow{Name: name, Lang: foreign(r, in), Hint: hint, HintLang: foreign(r, hintIn), Note: r.Say.T("service.document-mandatory")}
	if !mandatory {
		row.Note = r.Say.T("service.document-optional")
	}
	return row
}

// operationsNote says for which operations a document is asked, where it is not asked for all.
func operationsNote(r *web.Request, d *service.Definition, doc service.Document) string {
	var names []string
	for _, key := range doc.Operations {
		o, _ := d.Operation(key)
		names = append(names, tr(r, o.Name))
	}
	if len(names) == 0 {
		return ""
	}
	return "; " + r.Say.T("service.document-for", "operations", strings.Join(names, ", "))
}

func legalOf(r *web.Request, d *service.Definition) section[[]page.Link] {
	s := section[[]page.Link]{Title: r.Say.T("service.legal"), Missing: r.Say.T("service.legal-missing")}
	for _, act := range d.Legal {
		text, in := act.Title.In(r.Lang)
		if act.Unconfirmed {
			text = r.Say.T("service.unconfirmed", "text", text)
		}
		s.Body = append(s.Body, page.Link{Text: text, Href: act.URL, Lang: foreign(r, in)})
	}
	return s
}

// categoryOf says what the service is in the words of the law: a notification, or a permit of a class. Empty where the
// text does not say.
func categoryOf(r *web.Request, d *service.Definition) string {
	switch {
	case d.Notifies():
		return r.Say.T("service.category.notification")
	case d.Permit.Class > 0:
		return r.Say.T("service.class." + strconv.Itoa(d.Permit.Class))
	}
	return ""
}

// unconfirmedParts says which parts of the passport no public source confirms; empty where there are none.
func unconfirmedParts(r *web.Request, d *service.Definition) string {
	var names []string
	for _, p := range d.Unconfirmed {
		names = append(names, r.Say.T("service.part."+string(p)))
	}
	if len(names) == 0 {
		return ""
	}
	return r.Say.T("service.unconfirmed-parts", "parts", strings.Join(names, ", "))
}
