package portal

import (
	"net/http"
	"net/url"

	"elicense/internal/fault"
	"elicense/internal/message"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// fieldDocuments are the documents of the personal store that go with a message.
const fieldDocuments = "documents"

// messagesRoutes are what applicants and officials write to each other, notices, and the withdrawal of an application.
func (p *Portal) messagesRoutes() []web.Route {
	const application = "/{lang}/applications/{number}"
	return []web.Route{
		{Pattern: "GET " + application + "/messages", Policy: web.Person, Handle: p.messages, Page: "application-messages"},
		{Pattern: "POST " + application + "/messages", Policy: web.Person, Handle: p.writeMessage, Keep: true, PerMinute: 20},
		{Pattern: "GET " + application + "/messages/{id}/files/{file}", Policy: web.Person, Handle: p.messageFile},
		{Pattern: "GET " + application + "/withdraw", Policy: web.Person, Handle: p.withdrawForm, Page: "application-withdraw", PerMinute: 60},
		{Pattern: "POST " + application + "/withdraw", Policy: web.Person, Handle: p.withdraw, PerMinute: 60},
		{Pattern: "GET /{lang}/notices", Policy: web.Person, Handle: p.notices, Page: "notices"},
		{Pattern: "POST /{lang}/profile/notices", Policy: web.Person, Handle: p.chooseChannels, PerMinute: 30},
	}
}

type writeForm struct {
	Title string
	Form  page.Form
	Text  page.AreaField
	Files *page.ChoiceField // documents of the personal store; nil where it is empty
	Store page.Link
	Send  page.Button
}

// messages shows what was written; it counts as read.
func (p *Portal) messages(w http.ResponseWriter, r *web.Request) error {
	kept, ok := r.Kept()
	var notice *page.Banner
	if ok {
		notice = keptNotice(r)
	}
	return p.showMessages(w, r, kept, notice, nil, nil)
}

func (p *Portal) showMessages(w http.ResponseWriter, r *web.Request, typed url.Values, notice *page.Banner, problem error, errs page.Errors) error {
	number := r.PathValue("number")
	t, err := p.Messages.Thread(r.Context(), r.Actor, number)
	if err != nil {
		return err
	}
	body, _ := p.Catalogue.Body(t.Application.Body)
	v := web.Correspondence(r, t, tr(r, body.Name))
	v.Errors, v.Notice, v.Heading.Lead = errs, notice, r.Say.T("message.lead", "body", tr(r, body.Name))
	v.Back = page.Link{Text: r.Say.T("filing.information"), Href: applicationPath(r, number, "")}
	words := p.Server.Words(r.Lang)
	if t.Open {
		files, err := p.sendable(r, typed[fieldDocuments], errs)
		if err != nil {
			return err
		}
		v.Write = writeBox(words, writeForm{Title: r.Say.T("message.write"), Form: page.Form{Action: applicationPath(r, number, "/messages"), CSRF: r.CSRF()}, Text: web.MessageText(r, typed, errs),
			Files: files, Store: page.Link{Text: r.Say.T("message.to-store"), Href: r.Link("/documents")}, Send: page.Button{Text: r.Say.T("message.send")}})
	}
	c := p.Chrome(r, v.Heading.Text+" "+number)
	c.Breadcrumbs = []page.Link{{Text: r.Say.T("nav.my-applications"), Href: r.Link("/applications")}, {Text: number, Href: applicationPath(r, number, "")}, {Text: v.Heading.Text}}
	return p.showStatus(w, r, formStatus(problem), c, page.Messages(words, v))
}

// sendable offers the newest documents of the personal store; nil where there are none.
func (p *Portal) sendable(r *web.Request, chosen []string, errs page.Errors) (*page.ChoiceField, error) {
	const offered = 30
	list, err := p.Documents.List(r.Context(), r.Actor)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	f := &page.ChoiceField{Field: page.Field{Name: fieldDocuments, Label: r.Say.T("message.documents"), Error: errs.For(fieldDocuments)}}
	for _, d := range list[:min(len(list), offered)] {
		o := page.Option{Value: d.ID, Text: d.Name, Hint: fileNote(r, d)}
		for _, id := range chosen {
			o.Chosen = o.Chosen || id == d.ID
		}
		f.Options = append(f.Options, o)
	}
	return f, nil
}

// writeMessage sends a message.
func (p *Portal) writeMessage(w http.ResponseWriter, r *web.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.form").Because(err)
	}
	number, typed := r.PathValue("number"), r.PostForm
	err := p.Messages.Write(r.Context(), r.Actor, number, message.Draft{Text: typed.Get(web.FieldMessage), Documents: typed[fieldDocuments]})
	if err == nil {
		r.Flash("message.sent")
		return p.Server.Go(w, r, applicationPath(r, number, "/messages"))
	}
	errs, ok := p.errorsOf(r, err)
	if !ok {
		return err
	}
	return p.showMessages(w, r, typed, nil, err, errs)
}

// messageFile gives a file of a message.
func (p *Portal) messageFile(w http.ResponseWriter, r *web.Request) error {
	return p.Server.MessageFile(w, r, p.Messages)
}
