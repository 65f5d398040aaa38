package office

import (
	"net/http"

	"elicense/internal/application"
	"elicense/internal/casework"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// termRoutes are the pages about statutory terms.
func (o *Office) termRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET /{lang}/applications/{number}/term", Policy: web.Person, Handle: o.term, Page: "office-term"},
		{Pattern: "GET /{lang}" + pathReminders, Policy: web.Person, Handle: o.reminders, Page: "office-reminders"},
		{Pattern: "POST /{lang}" + pathReminders, Policy: web.Person, Handle: o.seeReminder},
		{Pattern: "GET /{lang}" + pathCalendar, Policy: web.Person, Handle: o.calendar, Page: "office-calendar"},
		{Pattern: "POST /{lang}" + pathCalendar, Policy: web.Person, Handle: o.changeCalendar, Keep: true, PerMinute: 30},
	}
}

const (
	pathReminders = "/reminders"
	pathCalendar  = "/calendar"
)

// termView explains the terms of an application.
type termView struct {
	Heading page.Heading
	Status  []page.Tag
	Terms   []page.TermSection
	Empty   *page.Empty
}

// term explains the terms of an application of the reader's body.
func (o *Office) term(w http.ResponseWriter, r *web.Request) error {
	f, list, err := o.Desk.Explain(r.Context(), r.Actor, r.PathValue("number"))
	if err != nil {
		return err
	}
	a := f.Application
	v := termView{Heading: page.Heading{Caption: a.Number, Text: r.Say.T("term.title"), Lead: r.Say.T("term.lead")},
		Terms: web.Terms(r, list, func(key string) string { return o.bodyName(r, key) })}
	if a.State == application.Registered {
		v.Status = o.termTags(r, a)
	}
	if len(list) == 0 {
		v.Empty = &page.Empty{Title: r.Say.T("office.no-term"), Text: r.Say.T("term.none")}
	}
	c := o.Chrome(r, v.Heading.Text)
	c.Title = v.Heading.Text + " " + a.Number
	c.Breadcrumbs = []page.Link{{Text: r.Say.T("office.queue"), Href: r.Link(pathQueue)}, {Text: a.Number, Href: r.Link(pathQueue + "/" + a.Number)}, {Text: v.Heading.Text}}
	return o.Server.Show(w, r, http.StatusOK, c, termPage(v))
}

// termTags say how much is left of the check of completeness while it runs, and of the term; one that stands still says so.
func (o *Office) termTags(r *web.Request, a application.Application) []page.Tag {
	var tags []page.Tag
	if check, running := o.checkTag(r, a); running {
		tags = append(tags, check)
	}
	return append(tags, o.left(r, a.Work))
}

// checkTag says how much is left of the check of completeness; running is false where there is nothing to check any more.
func (o *Office) checkTag(r *web.Request, a application.Application) (tag page.Tag, running bool) {
	check, today := a.Work.Report.Completeness, civil.Of(o.World.Now(), lang.Almaty())
	if !check.Running(today) {
		return page.Tag{}, false
	}
	if left := o.Calendar.Current().Between(today, check.Due); left > 0 {
		return page.Tag{Text: r.Say.T("term.check-in", "days", r.Say.N("service.days", left)), Tone: page.Soon}, true
	}
	return page.Tag{Text: r.Say.T("term.check-today"), Tone: page.Bad}, true
}

// remindersView lists what the reader is told of terms.
type remindersView struct {
	Words   *page.Words
	Heading page.Heading
	Errors  page.Errors
	Form    page.Form
	More    *page.Banner // nil where all are shown
	Table   *page.Table
	Empty   *page.Empty
}

// reminders lists terms that end soon or are over.
func (o *Office) reminders(w http.ResponseWriter, r *web.Request) error {
	return o.showReminders(w, r, nil, nil)
}

func (o *Office) showReminders(w http.ResponseWriter, r *web.Request, problem error, errs page.Errors) error {
	if err := working(r); err != nil {
		return err
	}
	list, more, err := o.Desk.Reminders(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	v := remindersView{Words: o.Server.Words(r.Lang), Errors: errs, Form: page.Form{Action: r.Link(pathReminders), CSRF: r.CSRF()},
		Heading: page.Heading{Caption: o.bodyName(r, r.Actor.Body), Text: r.Say.T("reminder.title"), Lead: r.Say.T("reminder.lead")}}
	if more {
		v.More = &page.Banner{Kind: page.Info, Text: r.Say.T("reminder.more", "count", r.Say.Int(casework.MostReminders))}
	}
	if len(list) == 0 {
		v.Empty = &page.Empty{Title: r.Say.T("reminder.none"), Text: r.Say.T("reminder.none-text")}
	} else {
		t := &page.Table{ID: "reminders", Caption: v.Heading.Text, CaptionHidden: true, Stack: true}
		for _, key := range []string{"filing.number", "office.service", "filing.applicant", "reminder.about", "office.due"} {
			t.Columns = append(t.Columns, page.Column{Text: r.Say.T(key)})
		}
		t.Columns = append(t.Columns, page.Column{Text: r.Say.T("reminder.see"), Hidden: true})
		for _, x := range list {
			a, service := x.Application, x.Application.Service
			if rev, err := o.Catalogue.Revision(r.Context(), a.Service, a.Revision); err == nil {
				service = tr(r, rev.Definition.SubtypeName(a.Subtype))
			}
			due := o.due(r, x.Reminder.Due)
			t.Rows = append(t.Rows, []page.Cell{
				{Text: a.Number, Href: r.Link(pathQueue + "/" + a.Number), Header: true}, {Text: service}, {Text: x.Applicant},
				{Text: r.Say.T("reminder.stage." + string(x.Reminder.Stage))}, {Tag: &due},
				{Body: page.OneButton(page.Button{Text: r.Say.T("reminder.see"), Kind: page.Secondary, Name: fieldSeen, Value: x.Reminder.ID, About: a.Number})},
			})
		}
		v.Table = t
	}
	c := o.Chrome(r, v.Heading.Text)
	c.Wide = true
	return o.show(w, r, problem, c, remindersPage(v))
}

const fieldSeen = "seen"

// seeReminder marks a reminder as seen.
func (o *Office) seeReminder(w http.ResponseWriter, r *web.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.form").Because(err)
	}
	err := o.Desk.See(r.Context(), r.Actor, r.PostForm.Get(fieldSeen))
	if err == nil {
		r.Flash("reminder.done")
		return o.Server.Go(w, r, r.Link(pathReminders))
	}
	errs, ok := o.errorsOf(r, err)
	if !ok {
		return err
	}
	return o.showReminders(w, r, err, errs)
}

// reminded is the banner of the queue: how many terms the reader is told of; nil where there are none.
func (o *Office) reminded(r *web.Request) (*page.Banner, error) {
	list, more, err := o.Desk.Reminders(r.Context(), r.Actor)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	text := r.Say.N("reminder.count", len(list))
	if more {
		text = r.Say.T("reminder.many", "count", r.Say.Int(casework.MostReminders))
	}
	return &page.Banner{Kind: page.Caution, Text: text, Links: []page.Link{{Text: r.Say.T("reminder.title"), Href: r.Link(pathReminders)}}}, nil
}
