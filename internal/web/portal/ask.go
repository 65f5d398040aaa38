package portal

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"elicense/internal/casework"
	"elicense/internal/civil"
	"elicense/internal/filing"
	"elicense/internal/lang"
	"elicense/internal/service"
	"elicense/internal/web"
	"elicense/internal/web/page"
	"elicense/internal/workday"
)

// askView is the questions before an application, and their answer.
type askView struct {
	Words     *page.Words
	Heading   page.Heading
	Errors    page.Errors
	Again     string // above the questions, when they stand under an answer
	Action    string
	Who       page.ChoiceField
	Operation *page.SelectField // nil where there is no choice
	Subtype   *page.SelectField
	Day       page.TextField
	Show      page.Button
	Answer    *askAnswer // nil before the questions are answered
}

// askAnswer is what the same rules say that decide later.
type askAnswer struct {
	Title     string
	Verdict   page.Banner
	Closed    *page.Banner // the service cannot be ordered online yet
	Rows      []page.Row
	Notes     []string
	Documents section[[]documentGroup]
	How       *askCount
	Refusals  *askRefusals
	Decides   string // who decides where it is not the system
	Order     *page.Button
}

// askCount explains the last day of the term.
type askCount struct {
	Title, Text string
	None        string // every day counts
	Skipped     page.Table
	Uncertain   string
}

// openRows is up to how many skipped days the explanation stands open.
const openRows = 8

// askRefusals are the grounds on which the system refuses.
type askRefusals struct {
	Title, Text string
	Grounds     []askGround
}

// askGround is one of them with its act.
type askGround struct {
	Text, Act     string
	Lang, ActLang lang.Lang
}

// questions are what was answered; they hold nothing that tells who asks.
type questions struct {
	casework.Before
	operation string // key
}

func askAddress(key, subtype string) string {
	address := "/services/" + url.PathEscape(key) + "/check"
	if subtype != "" {
		address += "?subtype=" + url.QueryEscape(subtype)
	}
	return address
}

// ask answers before the log-in: is the service for me, what does it cost, which documents, by when. Questions and answers
// are in the address, so that it can be passed on.
func (p *Portal) ask(w http.ResponseWriter, r *web.Request) error {
	rev, err := p.Catalogue.Service(r.PathValue("key"))
	if err != nil {
		return err
	}
	d, q := rev.Definition, r.URL.Query()
	today := r.Say.Day(p.World.Now())
	in, es := readAsked(r, d, q, today)
	v := p.askView(r, d, in, es)
	if day := q.Get("day"); es.For("day") != "" {
		v.Day.Value = day
	}
	status := http.StatusOK
	switch {
	case len(es) > 0:
		status = http.StatusUnprocessableEntity
	case in.Recipient != "":
		if v.Answer, err = p.askAnswer(r, rev, in); err != nil {
			return err
		}
	}
	name := tr(r, d.Name)
	c := p.catalogueChrome(r, r.Say.T("ask.title")+": "+name)
	c.Breadcrumbs = trail(r, r.Say.T("ask.title"), page.Link{Text: name, Href: r.Link("/services/" + url.PathEscape(d.Key))})
	return p.showStatus(w, r, status, c, askPage(v))
}

// readAsked reads the answers of the address. Nothing was asked yet where neither the recipient nor the day is in it.
func readAsked(r *web.Request, d *service.Definition, q url.Values, today civil.Date) (questions, page.Errors) {
	in := questions{Before: casework.Before{Day: today}}
	if list := slices.Concat(d.Orderable(), d.Operations); len(list) > 0 {
		in.Operation = list[0]
	}
	if o, ok := d.Operation(q.Get("operation")); ok {
		in.Operation = o
	}
	in.operation = in.Operation.Key
	for i, s := range d.Subtypes {
		if i == 0 || s.Key == q.Get("subtype") {
			in.Subtype = s.Key
		}
	}
	if !q.Has("who") && !q.Has("day") {
		return in, nil
	}
	var es page.Errors
	for _, kind := range service.Recipients() {
		if string(kind) == q.Get("who") {
			in.Recipient = kind
		}
	}
	if in.Recipient == "" {
		es = append(es, page.FieldError{Path: "who", Label: r.Say.T("ask.who"), Text: r.Say.T("field.choose")})
	}
	if typed := strings.TrimSpace(q.Get("day")); typed != "" {
		first, last := today.AddYears(-1), today.AddYears(2)
		day, ok := civil.ParseTyped(typed)
		switch {
		case !ok:
			es = append(es, page.FieldError{Path: "day", Label: r.Say.T("ask.day"), Text: r.Say.T("field.date")})
		case !day.Within(first, last):
			es = append(es, page.FieldError{Path: "day", Label: r.Say.T("ask.day"), Text: r.Say.T("ask.day-range", "from", r.Say.Date(first), "to", r.Say.Date(last))})
		default:
			in.Day = day
		}
	}
	return in, es
}

func (p *Portal) askView(r *web.Request, d *service.Definition, in questions, es page.Errors) askView {
	v := askView{
		Words: p.Server.Words(r.Lang), Errors: es, Again: r.Say.T("ask.again"), Action: r.Link(askAddress(d.Key, "")),
		Heading: page.Heading{Caption: tr(r, d.Name), Text: r.Say.T("ask.title"), Lead: r.Say.T("ask.lead")},
		Who:     page.ChoiceField{Field: page.Field{Name: "who", Label: r.Say.T("ask.who"), Required: true, Value: string(in.Recipient), Error: es.For("who")}},
		Day: page.TextField{Width: "12", InputMode: "text", Autocomplete: "off", MaxLength: 40,
			Field: page.Field{Name: "day", Label: r.Say.T("ask.day"), Hint: r.Say.T("ask.day-hint"), Value: r.Say.Date(in.Day), Error: es.For("day")}},
		Show: page.Button{Text: r.Say.T("ask.show")},
	}
	for _, kind := range service.Recipients() {
		v.Who.Options = append(v.Who.Options, page.Option{Value: string(kind), Text: r.Say.T("recipient.short." + string(kind))})
	}
	if len(d.Operations) > 1 {
		v.Operation = &page.SelectField{Field: page.Field{Name: "operation", Label: r.Say.T("service.operation"), Value: in.operation}}
		for _, o := range d.Operations {
			text, inLang := o.Name.In(r.Lang)
			v.Operation.Options = append(v.Operation.Options, page.Option{Value: o.Key, Text: text, Lang: foreign(r, inLang)})
		}
	}
	if len(d.Subtypes) > 1 {
		v.Subtype = &page.SelectField{Field: page.Field{Name: "subtype", Label: r.Say.T("filing.subtype"), Value: in.Subtype}}
		for _, s := range d.Subtypes {
			text, inLang := subtypeLabel(r, d, s.Key)
			v.Subtype.Options = append(v.Subtype.Options, page.Option{Value: s.Key, Text: text, Lang: inLang})
		}
	}
	return v
}

func (p *Portal) askAnswer(r *web.Request, rev *service.Revision, in questions) (*askAnswer, error) {
	d := rev.Definition
	a := &askAnswer{Title: r.Say.T("ask.answer"), Verdict: page.Banner{Kind: page.Done, Text: r.Say.T("ask.yes")}}
	serves := d.Serves(in.Recipient)
	if !serves {
		a.Verdict = page.Banner{Kind: page.Caution, Title: r.Say.T("ask.no"), Text: r.Say.T("ask.no-text", "list", recipientList(r, d))}
	}
	if d.Status != service.Open {
		a.Closed = &page.Banner{Kind: page.Info, Title: r.Say.T("service.closed-title"), Text: r.Say.T("service.closed-text")}
	}
	if !serves {
		return a, nil
	}
	ordering := in.Operation.Ordering()
	if ordering != service.BodyStarts {
		a.Documents = askDocuments(r, d, in)
	}
	if len(d.Operations) == 0 {
		a.Notes = []string{r.Say.T("service.conditions-missing")}
		return a, nil
	}
	if err := p.askTerms(r, rev, in, a); err != nil {
		return nil, err
	}
	if d.Status != service.Open {
		return a, nil
	}
	if ordering != service.Orderable {
		a.Closed = &page.Banner{Kind: page.Info, Text: orderingText(r, in.Operation)}
		return a, nil
	}
	order := filing.Start{Subtype: in.Subtype}
	if len(d.Orderable()) > 1 {
		order.Operation = in.operation
	}
	a.Order = &page.Button{Text: r.Say.T("wizard.order"), Href: r.Link(orderAddress(d.Key, order))}
	if d.Notifies() {
		a.Decides = r.Say.T("ask.accepted")
		return a, nil
	}
	if !rev.For(in.Operation.Key).Definition.Decision.Automatic {
		a.Decides = r.Say.T("ask.manual")
		return a, nil
	}
	a.Refusals = &askRefusals{Title: r.Say.T("ask.refusals"), Text: r.Say.T("ask.refusals-text")}
	for _, refusal := range d.Decision.Refuse {
		g := askGround{}
		g.Text, g.Lang = groundText(r, refusal.Ground)
		act, actIn := refusal.Act.In(r.Lang)
		g.Act, g.ActLang = act, foreign(r, actIn)
		a.Refusals.Grounds = append(a.Refusals.Grounds, g)
	}
	return a, nil
}

// recipientList names those who can have the service.
func recipientList(r *web.Request, d *service.Definition) string {
	var names []string
	for _, kind := range service.Recipients() {
		if d.Serves(kind) {
			names = append(names, r.Say.T("recipient.short."+string(kind)))
		}
	}
	return strings.Join(names, ", ")
}

func askDocuments(r *web.Request, d *service.Definition, in questions) section[[]documentGroup] {
	s := section[[]documentGroup]{Title: r.Say.T("service.documents")}
	if len(d.Documents) == 0 && d.Status != service.Open {
		s.Missing = r.Say.T("service.documents-missing")
		return s
	}
	group := documentGroup{Title: r.Say.T("recipient.short." + string(in.Recipient)), None: r.Say.T("service.documents-none")}
	for _, doc := range d.Asked(in.operation, in.Recipient) {
		group.Rows = append(group.Rows, documentRowOf(r, doc.Document, doc.Mandatory))
	}
	s.Body = []documentGroup{group}
	return s
}

// askTerms answers for fee, term, last day and validity.
func (p *Portal) askTerms(r *web.Request, rev *service.Revision, in questions, a *askAnswer) error {
	o := in.Operation
	f, err := p.Filing.Casework.FeeBefore(r.Context(), rev, in.Before)
	if err != nil {
		return err
	}
	validity, validityIn := o.Validity.In(r.Lang)
	if validity == "" {
		validity, validityIn = r.Say.T("service.validity-missing"), r.Lang
	}
	a.Rows = []page.Row{
		{Name: r.Say.T("service.operation"), Value: tr(r, o.Name)},
		{Name: r.Say.T("service.fee"), Value: feeTextAs(r, o, f, "ask.fee-mci")},
		{Name: r.Say.T("service.term"), Value: termText(r, rev.Definition, o)},
	}
	if o.WorkingDays > 0 {
		last, steps := p.Calendar.Current().Add(in.Day, o.WorkingDays)
		a.Rows = append(a.Rows, page.Row{Name: r.Say.T("ask.until"), Value: r.Say.LongDate(last)})
		a.How = p.askCount(r, in.Day, last, steps)
	}
	a.Rows = append(a.Rows, page.Row{Name: r.Say.T("service.validity"), Value: validity, Lang: foreign(r, validityIn)})
	if mci, ok := p.MCI.MCI(in.Day); f.InMCI && ok {
		a.Notes = append(a.Notes, r.Say.T("ask.mci", "date", r.Say.Date(in.Day), "sum", r.Say.Money(mci)))
	} else if f.InMCI {
		a.Notes = append(a.Notes, r.Say.T("service.mci-unknown", "year", strconv.Itoa(in.Day.Year)))
	}
	if parts := unconfirmedParts(r, rev.Definition); parts != "" {
		a.Notes = append(a.Notes, parts)
	}
	if o.Unconfirmed {
		a.Notes = append(a.Notes, r.Say.T("service.unconfirmed-note"))
	}
	return nil
}

// askCount explains which days on the way do not count, and why.
func (p *Portal) askCount(r *web.Request, from, last civil.Date, steps []workday.Step) *askCount {
	c := &askCount{
		Title: r.Say.T("ask.how"), Text: r.Say.T("ask.how-text", "from", r.Say.Date(from), "to", r.Say.Date(last)),
		Skipped: page.Table{ID: "skipped", Caption: r.Say.T("ask.skipped"), Stack: true, Columns: []page.Column{
			{Text: r.Say.T("ask.date")}, {Text: r.Say.T("ask.weekday")}, {Text: r.Say.T("ask.why")},
		}},
	}
	for _, step := range steps {
		if !step.Counts {
			c.Skipped.Rows = append(c.Skipped.Rows, []page.Cell{
				{Text: r.Say.Date(step.Date), Header: true}, {Text: r.Say.Weekday(step.Date.Weekday())}, {Text: r.Say.T(step.Reason)},
			})
		}
	}
	if len(c.Skipped.Rows) == 0 {
		c.None = r.Say.T("ask.skipped-none")
	}
	if !p.Calendar.Current().Covers(last) {
		c.Uncertain = r.Say.T("ask.uncovered")
	}
	return c
}
