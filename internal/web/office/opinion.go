package office

import (
	"net/http"
	"net/url"
	"strings"

	"elicense/internal/application"
	"elicense/internal/casework"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/port"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// fieldVerdict is the answer; the faults of application.Answer stand at it and at the two reasons.
const fieldVerdict = "verdict"

// opinionView is an application on which the reader's body is asked.
type opinionView struct {
	Words   *page.Words
	Heading page.Heading
	Errors  page.Errors
	Status  []page.Tag
	Notices []page.Banner
	Cards   []card
	Files   []page.File
	FilesOf string
	Answer  *answerForm // nil where the reader may not answer
}

type answerForm struct {
	Title, Lead string
	Form        page.Form
	Verdict     page.ChoiceField
	ReasonsOf   string
	Reasons     []page.AreaField
	Give        page.Button
}

// opinions lists what the reader's body is asked by others, the nearest last day first.
func (o *Office) opinions(w http.ResponseWriter, r *web.Request) error {
	if err := working(r); err != nil {
		return err
	}
	q := port.Queue{Number: strings.TrimSpace(r.URL.Query().Get("number")), Limit: queueRows + 1}
	q.After.Due, q.After.Number = cursor(r.URL.Query().Get(paramAfter))
	list, err := o.Desk.Questions(r.Context(), r.Actor, q)
	if err != nil {
		return err
	}
	body, _ := o.Catalogue.Body(r.Actor.Body)
	v := queueView{Words: o.Server.Words(r.Lang), Heading: page.Heading{Caption: tr(r, body.Name), Text: r.Say.T("office.opinions")}}
	v.Search = page.SearchPanel{ID: "search", Title: r.Say.T("list.search"), Action: r.Link(pathOpinions), Reset: r.Link(pathOpinions),
		Rows: []page.SearchRow{{Label: r.Say.T("filing.number"), Name: "number", Value: q.Number}}}
	if len(list) > queueRows {
		list = list[:queueRows]
		last := list[queueRows-1].Application
		next := url.Values{paramAfter: {asked(r, last).Due.String() + "." + last.Number}}
		if q.Number != "" {
			next.Set(paramNumber, q.Number)
		}
		v.Pages.Next = r.Link(pathOpinions + "?" + next.Encode())
	}
	if len(list) == 0 {
		v.Empty = &page.Empty{Title: r.Say.T("office.no-opinions"), Text: r.Say.T("office.no-opinions-text")}
	} else {
		v.Table = o.opinionsTable(r, list)
	}
	c := o.Chrome(r, v.Heading.Text)
	c.Wide = true
	return o.Server.Show(w, r, http.StatusOK, c, queuePage(v))
}

// asked is what the reader's body was asked about an application of its queue.
func asked(r *web.Request, a application.Application) application.Opinion {
	opinion, _ := a.OpinionFor(r.Actor)
	return opinion
}

func (o *Office) opinionsTable(r *web.Request, list []port.Queued) *page.Table {
	t := &page.Table{ID: "opinions", Caption: r.Say.T("office.opinions"), CaptionHidden: true, Stack: true}
	for _, key := range []string{"filing.number", "office.opinion-asked", "office.service", "filing.applicant", "office.opinion-from", "office.due"} {
		t.Columns = append(t.Columns, page.Column{Text: r.Say.T(key)})
	}
	for _, x := range list {
		a := x.Application
		matter, service := "", a.Service
		if rev, err := o.Catalogue.Revision(r.Context(), a.Service, a.Revision); err == nil {
			service = tr(r, rev.Definition.SubtypeName(a.Subtype))
			opinion, _ := rev.Definition.Process.OpinionOf(r.Actor.Body)
			matter = tr(r, opinion.Name)
		}
		due, from := o.due(r, asked(r, a).Due), o.bodyName(r, a.Body)
		t.Rows = append(t.Rows, []page.Cell{
			{Text: a.Number, Href: r.Link(pathOpinions + "/" + a.Number), Header: true}, {Text: matter}, {Text: service}, {Text: x.Applicant}, {Text: from}, {Tag: &due},
		})
	}
	return t
}

func (o *Office) bodyName(r *web.Request, key string) string {
	body, _ := o.Catalogue.Body(key)
	return tr(r, body.Name)
}

// opinion shows an application on which the reader's body is asked.
func (o *Office) opinion(w http.ResponseWriter, r *web.Request) error {
	q, err := o.Desk.Question(r.Context(), r.Actor, r.PathValue("number"))
	if err != nil {
		return err
	}
	kept, _ := r.Kept()
	return o.showQuestion(w, r, q, kept, nil, nil)
}

// showQuestion shows it with the answer as it was typed.
func (o *Office) showQuestion(w http.ResponseWriter, r *web.Request, q casework.Question, typed url.Values, problem error, errs page.Errors) error {
	a := q.Application
	v := opinionView{Words: o.Server.Words(r.Lang), Errors: errs, FilesOf: r.Say.T("filing.documents"), Files: files(r, a),
		Heading: page.Heading{Caption: tr(r, q.Asked.Name), Text: r.Say.T("office.opinion", "number", a.Number)},
		Status:  []page.Tag{o.standingTag(r, q.Standing)}}
	if q.Standing.Open() {
		v.Status = append(v.Status, o.due(r, q.Opinion.Due))
	}
	if problem == nil && typed != nil {
		v.Notices = append(v.Notices, keptNotice(r))
	}
	if f, ok := fault.As(q.Closed); ok && q.Standing.Open() {
		v.Notices = append(v.Notices, page.Banner{Kind: page.Caution, Text: r.Say.T(f.Key)})
	}
	v.Cards = append(v.Cards, o.questionCard(r, q))
	for _, pg := range q.Form.Revision.Definition.Pages {
		if shown := pageCard(r, q.File, q.Visible, pg); len(shown.Rows) > 0 {
			v.Cards = append(v.Cards, shown)
		}
	}
	if q.Closed == nil {
		v.Answer = answerOf(r, a.Number, typed, errs)
	} else if rows := answerRows(r, typed); len(rows) > 0 {
		v.Cards = append(v.Cards, card{Title: r.Say.T("office.typed"), Rows: rows})
	}
	chrome := o.Chrome(r, v.Heading.Text)
	chrome.Breadcrumbs = []page.Link{{Text: r.Say.T("office.opinions"), Href: r.Link(pathOpinions)}, {Text: a.Number}}
	return o.show(w, r, problem, chrome, opinionPage(v))
}

// standingTag says how an opinion stands. Silence that counts as consent is as good as a word.
func (o *Office) standingTag(r *web.Request, s application.Standing) page.Tag {
	tones := map[application.Standing]page.Tone{application.Waiting: page.Active, application.Late: page.Bad, application.Agreed: page.Good, application.Objected: page.Bad, application.Silent: page.Good}
	return page.Tag{Text: r.Say.T("opinion.standing." + string(s)), Tone: tones[s]}
}

// questionCard is the question: who asks, what, until when, and what silence means.
func (o *Office) questionCard(r *web.Request, q casework.Question) card {
	a, opinion := q.Application, q.Opinion
	operation, _ := q.Form.Revision.Definition.Operation(a.Operation)
	out := card{Title: r.Say.T("filing.application"), Rows: []page.Row{
		{Name: r.Say.T("filing.number"), Value: a.Number},
		{Name: r.Say.T("office.service"), Value: tr(r, q.Form.Revision.Definition.SubtypeName(a.Subtype))},
		{Name: r.Say.T("filing.type"), Value: tr(r, operation.Name)},
		{Name: r.Say.T("filing.applicant"), Value: q.Party.Name + ", " + q.Party.Number},
		{Name: r.Say.T("office.opinion-from"), Value: o.bodyName(r, a.Body)},
		{Name: r.Say.T("office.opinion-asked"), Value: tr(r, q.Asked.Name)},
		{Name: r.Say.T("office.opinion-at"), Value: r.Say.Time(opinion.AskedAt)},
	}}
	if q.Standing.Open() {
		silence := r.Say.T("office.opinion-silence." + string(opinion.Silence))
		out.Rows = append(out.Rows, page.Row{Name: r.Say.T("office.opinion-due"), Value: r.Say.LongDate(opinion.Due) + "\n" + silence})
	}
	if opinion.Answer != nil {
		out.Rows = append(out.Rows, page.Row{Name: r.Say.T("office.opinion-given"), Value: r.Say.Time(opinion.Answer.At)})
		out.Rows = append(out.Rows, reasonRows(r, opinion.Answer.ReasonKK, opinion.Answer.ReasonRU)...)
	}
	return out
}

func answerOf(r *web.Request, number string, typed url.Values, errs page.Errors) *answerForm {
	area := func(name, label string) page.AreaField {
		return page.AreaField{Field: page.Field{Name: name, Label: r.Say.T(label), Value: typed.Get(name), Error: errs.For(name)}, Rows: 4, MaxLength: 2000}
	}
	f := &answerForm{
		Title: r.Say.T("office.verdict"), Lead: r.Say.T("office.opinion-lead"), ReasonsOf: r.Say.T("office.opinion-reasons"),
		Form:    page.Form{Action: r.Link(pathOpinions + "/" + number), CSRF: r.CSRF()},
		Verdict: page.ChoiceField{Field: page.Field{Name: fieldVerdict, Label: r.Say.T("office.verdict"), Required: true, Value: typed.Get(fieldVerdict), Error: errs.For(fieldVerdict)}},
		Reasons: []page.AreaField{area(fieldReasonKK, "office.reason-kk"), area(fieldReasonRU, "office.reason-ru")},
		Give:    page.Button{Text: r.Say.T("office.opinion-give"), Kind: page.Primary},
	}
	for _, verdict := range []application.Verdict{application.Agrees, application.Objects} {
		f.Verdict.Options = append(f.Verdict.Options, page.Option{Value: string(verdict), Text: r.Say.T("office.verdict." + string(verdict))})
	}
	return f
}

// giveOpinion gives the opinion of the reader's body.
func (o *Office) giveOpinion(w http.ResponseWriter, r *web.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.form").Because(err)
	}
	number, typed := r.PathValue("number"), r.PostForm
	err := o.Desk.Answer(r.Context(), r.Actor, number, application.Answer{Verdict: application.Verdict(typed.Get(fieldVerdict)),
		ReasonKK: strings.TrimSpace(typed.Get(fieldReasonKK)), ReasonRU: strings.TrimSpace(typed.Get(fieldReasonRU))})
	if err == nil {
		r.Flash("office.done.opinion")
		return o.Server.Go(w, r, r.Link(pathOpinions+"/"+number))
	}
	errs, ok := o.errorsOf(r, err)
	if !ok {
		return err
	}
	q, again := o.Desk.Question(r.Context(), r.Actor, number)
	if again != nil {
		return o.showUnasked(w, r, number, typed, err, errs)
	}
	return o.showQuestion(w, r, q, typed, err, errs)
}

// showUnasked shows what was typed to an application that was decided or withdrawn meanwhile, and nothing of the application.
func (o *Office) showUnasked(w http.ResponseWriter, r *web.Request, number string, typed url.Values, problem error, errs page.Errors) error {
	v := opinionView{Words: o.Server.Words(r.Lang), Errors: errs, Heading: page.Heading{Text: r.Say.T("office.opinion", "number", number)}}
	if rows := answerRows(r, typed); len(rows) > 0 {
		v.Cards = []card{{Title: r.Say.T("office.typed"), Rows: rows}}
	}
	chrome := o.Chrome(r, v.Heading.Text)
	chrome.Breadcrumbs = []page.Link{{Text: r.Say.T("office.opinions"), Href: r.Link(pathOpinions)}, {Text: number}}
	return o.show(w, r, problem, chrome, opinionPage(v))
}

// answerRows are what was typed into an answer, for reading and copying.
func answerRows(r *web.Request, typed url.Values) []page.Row {
	var rows []page.Row
	if verdict := application.Verdict(typed.Get(fieldVerdict)); verdict == application.Agrees || verdict == application.Objects {
		rows = append(rows, page.Row{Name: r.Say.T("office.verdict"), Value: r.Say.T("office.verdict." + string(verdict))})
	}
	return append(rows, reasonRows(r, strings.TrimSpace(typed.Get(fieldReasonKK)), strings.TrimSpace(typed.Get(fieldReasonRU)))...)
}

// opinionsCard tells the licensor how the approvals stand, of an application that was decided or withdrawn as they stood then.
func (o *Office) opinionsCard(r *web.Request, c casework.Case) card {
	a := c.Application
	day := c.Facts.Today
	switch {
	case !a.DecidedAt.IsZero():
		day = civil.Of(a.DecidedAt, lang.Almaty())
	case a.State == application.Withdrawn: // nothing changes it any more
		day = civil.Of(a.ChangedAt, lang.Almaty())
	}
	out := card{Title: r.Say.T("office.opinions-card")}
	for _, opinion := range a.Work.Report.Opinions {
		matter, _ := c.Definition().Process.OpinionOf(opinion.Body)
		standing := opinion.Standing(day)
		said := []string{tr(r, matter.Name), r.Say.T("opinion.standing." + string(standing))}
		switch an := opinion.Answer; {
		case an != nil:
			said = append(said, strings.TrimPrefix(c.Names[an.By]+", "+r.Say.Time(an.At), ", "))
		case standing.Open():
			said = append(said, r.Say.T("office.opinion-due")+": "+r.Say.LongDate(opinion.Due))
		}
		out.Rows = append(out.Rows, page.Row{Name: o.bodyName(r, opinion.Body), Value: strings.Join(said, "\n")})
		if opinion.Answer != nil {
			out.Rows = append(out.Rows, reasonRows(r, opinion.Answer.ReasonKK, opinion.Answer.ReasonRU)...)
		}
	}
	return out
}
