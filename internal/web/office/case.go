package office

import (
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"elicense/internal/application"
	"elicense/internal/casework"
	"elicense/internal/fault"
	"elicense/internal/permit"
	"elicense/internal/service"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// The fields of the proposal; the faults of application.Proposal stand at them.
const (
	fieldOutcome  = "outcome"
	fieldGround   = "ground"
	fieldReasonKK = "reason_kk"
	fieldReasonRU = "reason_ru"
	fieldNote     = "note"
	fieldPaper    = "paper"
)

// caseView is an application on the desk.
type caseView struct {
	Words    *page.Words
	Heading  page.Heading
	Errors   page.Errors
	Status   []page.Tag
	Notices  []page.Banner
	Messages page.Link
	Form     page.Form     // every act posts to the page's own address
	Take     []page.Button // empty where there is nothing to take
	GiveBack *page.Button
	Check    *checkForm
	Numbers  *numbersForm
	Assign   *assignForm
	Proposal *proposalForm
	Preview  *preview
	Typed    *card // what was typed into a form that is gone
	Record   *recordForm
	Review   *reviewForm
	Cards    []card
	History  string
	Timeline []page.Event

	Examination examination
}

type card struct {
	Title string
	Rows  []page.Row
}

// proposalForm asks the first official for the decision.
type proposalForm struct {
	Title, Lead string
	Outcome     page.ChoiceField
	RefusalOf   string            // heading above what a refusal needs
	Paper       *page.ChoiceField // the paper licence that is meant; nil where none is looked for
	PaperNote   string            // said before it, or where the register has none
	Ground      page.SelectField
	Reasons     []page.AreaField
	Hearing     *hearingForm // nil where the applicant is not heard, or not now
	Note        page.AreaField
	Buttons     []page.Button
}

// reviewForm asks a further official to agree or to send back.
type reviewForm struct {
	Title   string
	Rows    []page.Row
	Confirm page.Button
	Note    page.AreaField
	Back    page.Button
}

// open shows a case.
func (o *Office) open(w http.ResponseWriter, r *web.Request) error {
	c, err := o.Desk.Open(r.Context(), r.Actor, r.PathValue("number"))
	if err != nil {
		return err
	}
	kept, _ := r.Kept()
	return o.showCase(w, r, c, kept, nil, nil)
}

// showCase shows a case with the form as it was typed.
func (o *Office) showCase(w http.ResponseWriter, r *web.Request, c casework.Case, typed url.Values, problem error, errs page.Errors) error {
	a, d := c.Application, c.Definition()
	v := caseView{
		Words: o.Server.Words(r.Lang), Errors: errs, Heading: page.Heading{Caption: tr(r, d.SubtypeName(a.Subtype)), Text: r.Say.T("office.case", "number", a.Number)},
		Status: []page.Tag{web.StatusTag(r, a.State)}, History: r.Say.T("filing.history"),
		Form: page.Form{Action: r.Link("/applications/" + a.Number), CSRF: r.CSRF(), Version: strconv.Itoa(a.Version)},
	}
	if a.State == application.Registered {
		v.Status = append(v.Status, o.termTags(r, a)...)
	}
	if _, kept := r.Kept(); problem == nil && kept {
		v.Notices = append(v.Notices, keptNotice(r))
	}
	var err error
	if v.Messages, err = o.messagesCard(r, c); err != nil {
		return err
	}
	o.standing(r, c, &v)
	o.forms(r, c, typed, errs, &v)
	v.Check = o.completeness(r, c)
	if err := o.assignment(r, c, typed, errs, &v); err != nil {
		return err
	}
	o.hearings(r, c, typed, errs, &v)
	v.Preview = o.previewed(r, c, typed)
	v.Numbers = o.numbers(r, c, typed, errs, c.May(application.Propose))
	info, err := o.infoCard(r, c)
	if err != nil {
		return err
	}
	v.Cards = append(v.Cards, info)
	if asked := o.opinionsCard(r, c); len(asked.Rows) > 0 {
		v.Cards = append(v.Cards, asked)
	}
	v.Cards = append(v.Cards, o.hearingCards(r, c)...)
	for _, pg := range d.Pages {
		if shown := pageCard(r, c.File, c.Visible, pg); len(shown.Rows) > 0 {
			v.Cards = append(v.Cards, shown)
		}
	}
	v.Cards = append(v.Cards, signedCards(r, c)...)
	if err := o.examine(r, c, typed, errs, &v); err != nil {
		return err
	}
	v.Typed = typedOnly(r, c, typed, v)
	v.Timeline = o.timeline(r, c)
	chrome := o.Chrome(r, v.Heading.Text)
	chrome.Breadcrumbs = []page.Link{{Text: r.Say.T("office.queue"), Href: r.Link("/applications")}, {Text: a.Number}}
	return o.show(w, r, problem, chrome, casePage(v))
}

// files are the documents of the application.
func files(r *web.Request, a application.Application) []page.File {
	var list []page.File
	for _, at := range a.Attached {
		list = append(list, page.File{Name: at.Name, Href: r.Link("/applications/" + a.Number + "/documents/" + url.PathEscape(at.Key) + "/file"), Note: at.File + ", " + r.Say.Size(at.Size)})
	}
	return list
}

// standing says who has to act next, and what the service's rules find.
func (o *Office) standing(r *web.Request, c casework.Case, v *caseView) {
	a := c.Application
	if a.State != application.Registered {
		return
	}
	say := func(key string, kv ...string) {
		v.Notices = append(v.Notices, page.Banner{Kind: page.Info, Text: r.Say.T(key, kv...)})
	}
	step := tr(r, c.Step.Name)
	switch {
	case a.Work.Holder == r.Actor.Account:
		say("office.held-by-you", "step", step)
	case a.Work.Holder != "" && a.Work.Holder == application.Behalf(a, c.Definition().Process, r.Actor):
		say("office.held-for", "step", step, "name", c.Names[a.Work.Holder])
	case a.Work.Holder != "":
		say("office.held-by", "step", step, "name", c.Names[a.Work.Holder])
	case len(c.Acts) == 0:
		say("office.waits", "step", step, "duty", r.Say.T("duty."+string(c.Step.Who)))
	}
	if note := a.Work.Report.Returned; note != "" {
		v.Notices = append(v.Notices, page.Banner{Kind: page.Caution, Title: r.Say.T("office.returned"), Text: note})
	}
	for _, g := range c.Advised.Grounds {
		said := g.In(r.Lang)
		v.Notices = append(v.Notices, page.Banner{Kind: page.Caution, Title: r.Say.T("office.rule-found"), Text: said.Text + " " + said.Act})
	}
}

// forms are the acts that are open to the reader.
func (o *Office) forms(r *web.Request, c casework.Case, typed url.Values, errs page.Errors, v *caseView) {
	button := func(act application.Act, key string, kind page.ButtonKind) page.Button {
		return page.Button{Text: r.Say.T(key), Kind: kind, Name: page.NameGo, Value: string(act)}
	}
	area := func(name, label, hint string, required bool) page.AreaField {
		f := page.AreaField{Field: page.Field{Name: name, Label: r.Say.T(label), Required: required, Value: typed.Get(name), Error: errs.For(name)}, Rows: 4, MaxLength: 2000}
		if hint != "" {
			f.Hint = r.Say.T(hint)
		}
		return f
	}
	if c.May(application.Take) {
		v.Take = []page.Button{button(application.Take, "office.take", page.Primary)}
		if key := onward(c); key != "" {
			v.Take = append(v.Take, button(actTakeOn, key, page.Secondary))
		}
	}
	if c.May(application.GiveBack) {
		b := button(application.GiveBack, "office.give-back", page.Secondary)
		v.GiveBack = &b
	}
	if c.May(application.Propose) {
		v.Proposal = &proposalForm{
			Title: tr(r, c.Step.Name), Lead: r.Say.T("office.propose-lead"), RefusalOf: r.Say.T("office.refusal"),
			Outcome: page.ChoiceField{Field: page.Field{Name: fieldOutcome, Label: r.Say.T("office.outcome"), Required: true, Value: typed.Get(fieldOutcome), Error: errs.For(fieldOutcome)},
				Options: []page.Option{{Value: string(application.Grant), Text: r.Say.T("office.grant")}, {Value: string(application.Refuse), Text: r.Say.T("office.refuse")}}},
			Ground:  page.SelectField{Field: page.Field{Name: fieldGround, Label: r.Say.T("office.ground"), Value: typed.Get(fieldGround), Error: errs.For(fieldGround)}, Blank: true},
			Reasons: []page.AreaField{area(fieldReasonKK, "office.reason-kk", "office.reason-hint", false), area(fieldReasonRU, "office.reason-ru", "", false)},
			Note:    area(fieldNote, "office.note", "office.note-hint", false),
			Buttons: []page.Button{button(application.Propose, "office.propose", page.Primary), button(actPreview, "decision.preview-button", page.Secondary), button(actTemplate, "decision.template", page.Secondary)},
		}
		takeOver(c, typed, v.Proposal)
		if c.Step.Does == service.Match {
			o.papers(r, c, typed.Get(fieldPaper), errs, v.Proposal)
		}
		for _, g := range grounds(c) {
			v.Proposal.Ground.Options = append(v.Proposal.Ground.Options, page.Option{Value: g.Key, Text: tr(r, g.Ground) + " (" + tr(r, g.Act) + ")"})
		}
	}
	if c.May(application.Confirm) {
		v.Review = &reviewForm{Title: tr(r, c.Step.Name), Rows: proposalRows(r, c), Note: area(fieldNote, "office.back-note", "office.note-hint", false),
			Confirm: button(application.Confirm, "office.confirm", page.Primary), Back: button(application.SendBack, "office.send-back", page.Secondary)}
		if c.Application.Work.Last(c.Definition().Process) {
			key := "office.confirm-grant"
			if c.Application.Work.Report.Proposal.Outcome == application.Refuse {
				key = "office.confirm-refuse"
			}
			v.Review.Confirm.Text = r.Say.T(key)
			if c.Signs {
				v.Review.Confirm = page.Button{Text: r.Say.T("decision.to-sign"), Href: decisionPath(r, c.Application.Number)}
			}
		}
	}
}

// papers offers the paper licences of the register that may be meant, each with what agrees and what differs.
func (o *Office) papers(r *web.Request, c casework.Case, chosen string, errs page.Errors, f *proposalForm) {
	if len(c.Papers) == 0 {
		f.PaperNote = r.Say.T("office.no-paper")
		return
	}
	f.PaperNote = r.Say.T("office.paper-hint")
	f.Paper = &page.ChoiceField{Field: page.Field{Name: fieldPaper, Label: r.Say.T("office.paper"), Value: chosen, Error: errs.For(fieldPaper)}}
	for _, m := range c.Papers {
		hint := []string{paperFacts(r, m.Paper)}
		for _, part := range []struct {
			key    string
			fields []permit.PaperField
		}{{"office.agrees", m.Agrees}, {"office.differs", m.Differs}} {
			var names []string
			for _, field := range part.fields {
				names = append(names, r.Say.T("paper-field."+string(field)))
			}
			if len(names) > 0 {
				hint = append(hint, r.Say.T(part.key, "fields", strings.Join(names, ", ")))
			}
		}
		if m.Paper.Application != "" && m.Paper.Application != c.Application.Number {
			hint = append(hint, r.Say.T("office.paper-taken"))
		}
		f.Paper.Options = append(f.Paper.Options, page.Option{Value: m.Paper.ID, Text: paperName(r, m.Paper), Hint: strings.Join(hint, ". ")})
	}
}

func paperName(r *web.Request, p permit.Paper) string {
	return strings.TrimSpace(p.Series+" "+p.Number) + ", " + r.Say.Date(p.IssuedOn)
}

func paperFacts(r *web.Request, p permit.Paper) string {
	return strings.Join([]string{tr(r, p.Kind), p.HolderName + ", " + p.HolderNumber, r.Say.T("paper-state." + string(p.State))}, "; ")
}

// proposalRows say what is proposed, by whom.
func proposalRows(r *web.Request, c casework.Case) []page.Row {
	report := c.Application.Work.Report
	if report.Proposal == nil {
		return nil
	}
	pr := *report.Proposal
	outcome := "office.grant"
	if pr.Outcome == application.Refuse {
		outcome = "office.refuse"
	}
	rows := []page.Row{{Name: r.Say.T("office.proposed"), Value: r.Say.T(outcome)}}
	for _, done := range report.Done {
		step, _, _ := c.Definition().Process.StepAt(done.Step)
		rows = append(rows, page.Row{Name: tr(r, step.Name), Value: doneBy(r, c, done) + ", " + r.Say.Time(done.At)})
	}
	if c.Paper.ID != "" {
		rows = append(rows, page.Row{Name: r.Say.T("office.paper"), Value: paperName(r, c.Paper) + "\n" + paperFacts(r, c.Paper)})
	}
	if ground, ok := c.Definition().Process.Ground(pr.Ground); ok {
		rows = append(rows, page.Row{Name: r.Say.T("office.ground"), Value: tr(r, ground.Ground)}, page.Row{Name: r.Say.T("filing.ground-act"), Value: tr(r, ground.Act)})
	}
	rows = append(rows, reasonRows(r, pr.ReasonKK, pr.ReasonRU)...)
	if pr.Note != "" {
		rows = append(rows, page.Row{Name: r.Say.T("office.note"), Value: pr.Note})
	}
	return rows
}

// infoCard is the head of the case.
func (o *Office) infoCard(r *web.Request, c casework.Case) (card, error) {
	a := c.Application
	operation, _ := c.Definition().Operation(a.Operation)
	out := card{Title: r.Say.T("filing.application"), Rows: []page.Row{
		{Name: r.Say.T("filing.number"), Value: a.Number},
		{Name: r.Say.T("filing.type"), Value: tr(r, operation.Name)},
		{Name: r.Say.T("filing.applicant"), Value: c.Party.Name + ", " + c.Party.Number},
		{Name: r.Say.T("filing.sent"), Value: r.Say.Time(a.SentAt)},
		{Name: r.Say.T("filing.registered"), Value: r.Say.Time(a.RegisteredAt)},
		{Name: r.Say.T("filing.journal"), Value: r.Say.Int(int64(a.Journal))},
	}}
	terms, err := o.termRows(r, c)
	if err != nil {
		return out, err
	}
	out.Rows = append(out.Rows, terms...)
	for _, name := range c.Together {
		out.Rows = append(out.Rows, page.Row{Name: r.Say.T("bundle.with"), Value: tr(r, name)})
	}
	if a.Concerns != "" {
		out.Rows = append(out.Rows, page.Row{Name: r.Say.T("changes.permit"), Value: a.Concerns})
		if held := c.Concern.Permit; held.Party != a.Party {
			out.Rows = append(out.Rows, page.Row{Name: r.Say.T("changes.succeeded-of"), Value: held.HolderName + ", " + held.HolderNumber})
		}
	}
	if a.Permit != "" && a.Permit != a.Concerns {
		out.Rows = append(out.Rows, page.Row{Name: r.Say.T("office.permit"), Value: a.Permit})
	}
	if a.Decision != nil {
		out.Rows = append(out.Rows, proposalRows(r, c)...)
	}
	return out, nil
}

// pageCard shows the answers of a page of the form.
func pageCard(r *web.Request, f casework.File, visible map[string]bool, pg service.Page) card {
	out := card{Title: tr(r, pg.ReadTitle())}
	for _, field := range pg.Fields {
		shown := f.Form.Show(field, f.Application.Answers[field.Key], r.Lang, r.Say)
		if !visible[field.Key] || shown.Text == "" {
			continue
		}
		row := page.Row{Name: tr(r, field.Label), Value: shown.Text}
		if shown.Lang != r.Lang {
			row.Lang = shown.Lang
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

// signedCards say who signed, and how the signature was judged.
func signedCards(r *web.Request, c casework.Case) []card {
	var out []card
	for _, s := range c.Signatures {
		who := s.Signature.Signer
		rows := []page.Row{
			{Name: r.Say.T("filing.signer"), Value: strings.Join(strings.Fields(who.Surname+" "+who.GivenName+" "+who.Patronymic), " ")},
			{Name: r.Say.T("filing.signer-iin"), Value: who.IIN},
		}
		if who.BIN != "" {
			rows = append(rows, page.Row{Name: r.Say.T("filing.signer-organisation"), Value: strings.TrimPrefix(who.Organisation+", "+who.BIN, ", ")})
		}
		out = append(out, card{Title: web.SignedBy(r, s.Purpose), Rows: append(rows,
			page.Row{Name: r.Say.T("filing.certificate-validity"), Value: r.Say.Time(s.Signature.NotBefore) + " – " + r.Say.Time(s.Signature.NotAfter)},
			page.Row{Name: r.Say.T("filing.certificate-state"), Value: r.Say.T("filing.revocation." + string(s.Signature.Revocation))},
			page.Row{Name: r.Say.T("filing.signed-at"), Value: r.Say.TimeSeconds(s.Signature.At)})})
	}
	return out
}

// timeline tells what has happened, oldest first.
func (o *Office) timeline(r *web.Request, c casework.Case) []page.Event {
	var events []page.Event
	for _, h := range c.Happenings {
		if h.To == application.Draft && h.From == "" || h.Event == application.Saved {
			continue // what the applicant did before sending is not the body's
		}
		who := c.Names[h.Actor]
		switch {
		case h.Actor == "system":
			who = r.Say.T("filing.by-system")
		case who == "":
			who = c.Party.Name
		}
		if h.Behalf != "" {
			who = r.Say.T("event.behalf", "name", who, "absent", c.Names[h.Behalf])
		}
		events = append(events, page.Event{When: r.Say.TimeSeconds(h.At), Title: r.Say.T("event." + string(h.Event)), Who: who, Tone: web.EventTone(h.Event)})
	}
	return events
}

// act does what the pressed button says with the version that the page showed.
func (o *Office) act(w http.ResponseWriter, r *web.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.form").Because(err)
	}
	number, typed := r.PathValue("number"), r.PostForm
	version, err := strconv.Atoi(typed.Get(page.NameVersion))
	if err != nil {
		return fault.New(fault.Invalid, "fault.form")
	}
	what := application.Act(typed.Get(page.NameGo))
	if what == actTemplate || what == actPreview {
		return o.assist(w, r, number, typed)
	}
	acts := map[application.Act]func() error{
		application.Take:     func() error { return o.Desk.Take(r.Context(), r.Actor, number, version) },
		actTakeOn:            func() error { return o.takeOn(r, number, version) },
		application.GiveBack: func() error { return o.Desk.GiveBack(r.Context(), r.Actor, number, version) },
		application.Confirm:  func() error { return o.Desk.Confirm(r.Context(), r.Actor, number, version) },
		application.SendBack: func() error {
			return o.Desk.SendBack(r.Context(), r.Actor, number, version, strings.TrimSpace(typed.Get(fieldNote)))
		},
		application.MarkComplete: func() error { return o.Desk.Complete(r.Context(), r.Actor, number, version) },
		application.Assign:       o.assign(r, number, version),
		actReserve:               func() error { return o.Desk.Reserve(r.Context(), r.Actor, number, nil) },
		actReserveOwn: func() error {
			chosen, err := readRanges(typed.Get(fieldRanges))
			if err != nil {
				return err
			}
			return o.Desk.Reserve(r.Context(), r.Actor, number, chosen)
		},
		application.Examine: func() error { return o.examineCase(r, number, version, typed) },
		actNote:             func() error { return o.Desk.Note(r.Context(), r.Actor, number, typed.Get(casework.FieldCaseNote)) },
		application.Propose: func() error { return o.Desk.Propose(r.Context(), r.Actor, number, version, proposal(typed)) },
	}
	maps.Copy(acts, o.hearingActs(r, number, version, typed))
	do, ok := acts[what]
	if !ok {
		return fault.New(fault.Invalid, "fault.form")
	}
	err = do()
	if err == nil {
		r.Flash("office.done." + string(what))
		if what == actTakeOn {
			return o.goOn(w, r, number)
		}
		return o.Server.Go(w, r, r.Link("/applications/"+number))
	}
	errs, ok := o.errorsOf(r, err)
	c, again := o.Desk.Open(r.Context(), r.Actor, number)
	if !ok || again != nil {
		return err
	}
	return o.showCase(w, r, c, typed, err, o.whoWas(r, c, err, errs)) // as it is now, with what was typed
}

// proposal reads the form. What belongs to a refusal is left out of a grant.
func proposal(typed url.Values) application.Proposal {
	pr := application.Proposal{Outcome: application.Outcome(typed.Get(fieldOutcome)), Note: strings.TrimSpace(typed.Get(fieldNote))}
	if pr.Outcome == application.Refuse {
		pr.Ground, pr.ReasonKK, pr.ReasonRU = typed.Get(fieldGround), strings.TrimSpace(typed.Get(fieldReasonKK)), strings.TrimSpace(typed.Get(fieldReasonRU))
	} else {
		pr.Paper = typed.Get(fieldPaper)
	}
	return pr
}

// attached sends a document that belongs to the application.
func (o *Office) attached(w http.ResponseWriter, r *web.Request) error {
	d, content, err := o.Documents.OpenAttached(r.Context(), r.Actor, r.PathValue("number"), r.PathValue("key"))
	if err != nil {
		return err
	}
	return o.Server.File(w, r, web.File{Name: d.File, Type: d.Type, Size: d.Size}, content)
}
