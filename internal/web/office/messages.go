package office

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"elicense/internal/casework"
	"elicense/internal/documents"
	"elicense/internal/fault"
	"elicense/internal/message"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// messagesRoutes are what officials and applicants write to each other.
func (o *Office) messagesRoutes() []web.Route {
	const one = "/{lang}/applications/{number}/messages"
	return []web.Route{
		{Pattern: "GET " + one, Policy: web.Person, Handle: o.messages, Page: "office-messages"},
		{Pattern: "POST " + one, Policy: web.Person, Handle: o.writeMessage, Keep: true, PerMinute: 20},
		{Pattern: "POST " + one + "/file", Policy: web.Person, Handle: o.sendFile, Body: 2 * documents.MaxSize, PerMinute: 20},
		{Pattern: "GET " + one + "/{id}/files/{file}", Policy: web.Person, Handle: o.messageFile},
	}
}

type writeForm struct {
	Title, FileTitle string
	Form, FileForm   page.Form
	Text             page.AreaField
	File             page.FileField
	Send, SendFile   page.Button
}

// messages shows what was written; it counts as read.
func (o *Office) messages(w http.ResponseWriter, r *web.Request) error {
	kept, ok := r.Kept()
	var notice *page.Banner
	if ok {
		n := keptNotice(r)
		notice = &n
	}
	return o.showMessages(w, r, kept, notice, nil, nil)
}

func (o *Office) showMessages(w http.ResponseWriter, r *web.Request, typed url.Values, notice *page.Banner, problem error, errs page.Errors) error {
	number := r.PathValue("number")
	t, err := o.Messages.Thread(r.Context(), r.Actor, number)
	if err != nil {
		return err
	}
	body, _ := o.Catalogue.Body(t.Application.Body)
	v := web.Correspondence(r, t, tr(r, body.Name))
	v.Errors, v.Notice, v.Heading.Lead = errs, notice, r.Say.T("message.office-lead")
	v.Back = page.Link{Text: r.Say.T("office.case", "number", number), Href: r.Link("/applications/" + number)}
	words := o.Server.Words(r.Lang)
	if t.Open {
		v.Write = writeBox(words, o.writeForm(r, number, typed, errs))
	}
	c := o.Chrome(r, v.Heading.Text+" "+number)
	c.Breadcrumbs = []page.Link{{Text: r.Say.T("office.queue"), Href: r.Link("/applications")}, {Text: number, Href: r.Link("/applications/" + number)}, {Text: v.Heading.Text}}
	return o.show(w, r, problem, c, page.Messages(words, v))
}

// writeForm asks for a message, or for a file that is one by itself. The token of the file's form travels in the address: the
// body is a stream.
func (o *Office) writeForm(r *web.Request, number string, typed url.Values, errs page.Errors) writeForm {
	address, endings := r.Link("/applications/"+number+"/messages"), documents.Endings()
	text := web.MessageText(r, typed, errs)
	text.Required = true // a file is a message of its own
	return writeForm{
		Title: r.Say.T("message.write"), FileTitle: r.Say.T("message.file"),
		Form:     page.Form{Action: address, CSRF: r.CSRF()},
		FileForm: page.Form{Action: address + "/file?" + page.NameCSRF + "=" + url.QueryEscape(r.CSRF()), CSRF: r.CSRF(), Multipart: true},
		Text:     text,
		File: page.FileField{Field: page.Field{Name: fieldFile, Label: r.Say.T("filing.file"), Hint: r.Say.T("filing.file-hint", "size", r.Say.Size(documents.MaxSize), "kinds", strings.ToUpper(strings.Join(endings, ", "))), Error: errs.For(fieldFile), Required: true},
			Accept: "." + strings.Join(endings, ",.")},
		Send: page.Button{Text: r.Say.T("message.send")}, SendFile: page.Button{Text: r.Say.T("message.send-file"), Kind: page.Secondary},
	}
}

// writeMessage sends a message to the applicant.
func (o *Office) writeMessage(w http.ResponseWriter, r *web.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.form").Because(err)
	}
	return o.answered(w, r, r.PostForm, o.Messages.Write(r.Context(), r.Actor, r.PathValue("number"), message.Draft{Text: r.PostForm.Get(web.FieldMessage)}))
}

// sendFile sends a file to the applicant.
func (o *Office) sendFile(w http.ResponseWriter, r *web.Request) error {
	defer func() { _, _ = io.Copy(io.Discard, r.Body) }() // so that the browser comes to read the answer
	return o.answered(w, r, nil, o.takeFile(r))
}

func (o *Office) takeFile(r *web.Request) error {
	parts, err := r.MultipartReader()
	if err != nil {
		return fault.New(fault.Invalid, "fault.form").Because(err)
	}
	for {
		part, err := parts.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return fault.At(fieldFile, "filing.file-missing")
		case err != nil:
			return fault.New(fault.Invalid, "fault.form").Because(err)
		case part.FormName() != fieldFile:
			continue
		case part.FileName() == "":
			return fault.At(fieldFile, "filing.file-missing")
		}
		return tooLarge(r, o.Messages.SendFile(r.Context(), r.Actor, r.PathValue("number"), documents.Upload{File: part.FileName(), Content: part}))
	}
}

// tooLarge tells a file over the limit at its field, with the limit.
func tooLarge(r *web.Request, err error) error {
	large := (*http.MaxBytesError)(nil)
	if f, ok := fault.As(err); errors.As(err, &large) || ok && f.Key == documents.KeyTooLarge {
		return &fault.Fault{Kind: fault.Invalid, Key: "fault.fields", Fields: []fault.Field{{Path: fieldFile, Key: "filing.file-too-large", Args: fault.Args{"size": r.Say.Size(documents.MaxSize)}}}}
	}
	return err
}

// answered shows the thread after a message, or the form again with what is wrong.
func (o *Office) answered(w http.ResponseWriter, r *web.Request, typed url.Values, err error) error {
	if err == nil {
		r.Flash("message.sent")
		return o.Server.Go(w, r, r.Link("/applications/"+r.PathValue("number")+"/messages"))
	}
	errs, ok := o.errorsOf(r, err)
	if !ok {
		return err
	}
	return o.showMessages(w, r, typed, nil, err, errs)
}

// messageFile gives a file of a message.
func (o *Office) messageFile(w http.ResponseWriter, r *web.Request) error {
	return o.Server.MessageFile(w, r, o.Messages)
}

// messagesCard leads from a case to its messages, and tells what is new.
func (o *Office) messagesCard(r *web.Request, c casework.Case) (page.Link, error) {
	s, err := o.Messages.Standing(r.Context(), r.Actor, c.Application.Number)
	return page.Link{Text: web.MessagesLink(r, s), Href: r.Link("/applications/" + c.Application.Number + "/messages")}, err
}
