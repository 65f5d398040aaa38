package web

import (
	"strconv"

	"elicense/internal/message"
	"elicense/internal/port"
	"elicense/internal/web/page"
)

// Letters are the messages about an application as both portals show them; body is the name of the state body.
func Letters(r *Request, t message.Thread, body string) []page.Letter {
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
