package web

import (
	"net/http"
	"net/url"
	"strconv"

	"elicense/internal/fault"
	"elicense/internal/message"
	"elicense/internal/port"
	"elicense/internal/web/page"
)

// FieldMessage is the text of a message; what is wrong with it stands there.
const FieldMessage = "text"

// Correspondence is the page of the messages about an application, as far as it is the same on both portals; body is the name
// of the state body.
func Correspondence(r *Request, t message.Thread, body string) page.Correspondence {
	c := page.Correspondence{Heading: page.Heading{Caption: t.Application.Number, Text: r.Say.T("message.title")}, Letters: letters(r, t, body), Empty: r.Say.T("message.none")}
	if !t.Open {
		c.Closed = r.Say.T("message.closed-text")
	}
	return c
}

// MessageText asks for the text of a message.
func MessageText(r *Request, typed url.Values, errs page.Errors) page.AreaField {
	return page.AreaField{Field: page.Field{Name: FieldMessage, Label: r.Say.T("message.text"), Hint: r.Say.T("message.hint"), Value: typed.Get(FieldMessage), Error: errs.For(FieldMessage)}, Rows: 6, MaxLength: message.MaxText}
}

// MessageFile gives a file of a message.
func (s *Server) MessageFile(w http.ResponseWriter, r *Request, messages *message.Messages) error {
	i, err := strconv.Atoi(r.PathValue("file"))
	if err != nil {
		return fault.New(fault.NotFound, "fault.not-found")
	}
	f, content, err := messages.Open(r.Context(), r.Actor, r.PathValue("number"), r.PathValue("id"), i)
	if err != nil {
		return err
	}
	return s.File(w, r, File{Name: f.File, Type: f.Type, Size: f.Size}, content)
}

func letters(r *Request, t message.Thread, body string) []page.Letter {
	var list []page.Letter
	for _, m := range t.Messages {
		l := page.Letter{ID: "m-" + m.ID, When: r.Say.Time(m.At), Own: m.Side == t.Side, Text: m.Text, From: r.Say.T("message.from-applicant", "name", t.Names[m.Author])}
		if m.Side == port.FromBody {
			l.From = r.Say.T("message.from-body", "name", t.Names[m.Author], "body", body)
		}
		switch {
		case !l.Own && m.ReadAt.IsZero():
			l.Note = r.Say.T("message.new")
		case l.Own && m.ReadAt.IsZero():
			l.Note = r.Say.T("message.unread")
		case l.Own:
			l.Note = r.Say.T("message.read", "time", r.Say.Time(m.ReadAt))
		}
		for i, f := range m.Files {
			l.Files = append(l.Files, page.File{Name: f.Name, Note: f.File + ", " + r.Say.Size(f.Size),
				Href: r.Link("/applications/" + t.Application.Number + "/messages/" + m.ID + "/files/" + strconv.Itoa(i))})
		}
		list = append(list, l)
	}
	return list
}

// MessagesLink is the words of the way to the messages, with how many are new.
func MessagesLink(r *Request, s message.Standing) string {
	if s.Unread == 0 {
		return r.Say.T("message.title")
	}
	return r.Say.T("message.title-new", "count", r.Say.Int(int64(s.Unread)))
}
