package portal

import (
	"net/http"
	"net/url"
	"slices"

	"elicense/internal/application"
	"elicense/internal/filing"
	"elicense/internal/permit"
	"elicense/internal/register"
	"elicense/internal/service"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// notifications is «Менің хабарламаларым»: the slips of the notifications that were accepted.
func (p *Portal) notifications(w http.ResponseWriter, r *web.Request) error {
	l, s := readList(r.URL.Query())
	s.Slips = true
	var list []permit.Permit
	if l.dayOK {
		var err error
		if list, err = p.Register.Permits(r.Context(), r.Actor, s); err != nil {
			return err
		}
	}
	const path = "/notifications"
	v := p.listOf(r, l, r.Say.T("nav.my-notifications"), path, r.Say.T("slip.number"), r.Say.T("slip.accepted"))
	body, services := &v.Panel.Rows[len(v.Panel.Rows)-2], &v.Panel.Rows[len(v.Panel.Rows)-1]
	body.Label, services.Label = r.Say.T("slip.body"), r.Say.T("slip.service")
	services.Options = slices.DeleteFunc(services.Options, func(o page.Option) bool {
		rev, err := p.Catalogue.Service(o.Value)
		return err != nil || !rev.Definition.Notifies()
	})
	last := ""
	if len(list) > listRows {
		list = list[:listRows]
		end := list[listRows-1]
		last = cursor(end.IssuedAt, end.Number)
	}
	v.Pages = l.pages(r, r.Link(path), len(list), last)
	if len(list) == 0 {
		v.Empty = l.nothing(r, path, "notifications.none", "notifications.none-text")
		return p.showList(w, r, v)
	}
	t := page.Table{ID: "notifications", Caption: v.Heading.Text, CaptionHidden: true, Stack: true, Columns: []page.Column{
		{Text: r.Say.T("slip.number")}, {Text: r.Say.T("slip.accepted")}, {Text: r.Say.T("slip.body")}, {Text: r.Say.T("slip.service")},
		{Text: r.Say.T("slip.about")}, {Text: r.Say.T("table.action"), Hidden: true},
	}}
	for _, pt := range list {
		rev, err := p.Catalogue.Revision(r.Context(), pt.Service, pt.Revision)
		if err != nil {
			return err
		}
		body, _ := p.Catalogue.Body(pt.Body)
		operation, _ := rev.Definition.Operation(pt.Values[permit.ValueOperation])
		t.Rows = append(t.Rows, []page.Cell{
			{Text: pt.Number, Header: true}, {Text: r.Say.Time(pt.IssuedAt)}, textCell(r, body.Name), textCell(r, rev.Definition.Name),
			textCell(r, operation.Name), {Text: r.Say.T("wizard.view"), About: pt.Number, Href: r.Link("/permits/" + url.PathEscape(pt.Number))},
		})
	}
	v.Table = &t
	return p.showList(w, r, v)
}

// slipFacts are what anyone may know about the slip of a notification.
func slipFacts(r *web.Request, c register.Card) []page.Row {
	d, pt := c.Revision.Definition, c.Permit
	operation, _ := d.Operation(pt.Values[permit.ValueOperation])
	return []page.Row{
		{Name: r.Say.T("slip.number"), Value: pt.Number},
		textRow(r, r.Say.T("permits.kind-of-document"), d.Permit.Kind),
		textRow(r, r.Say.T("slip.service"), d.Name),
		textRow(r, r.Say.T("slip.about"), operation.Name),
		textRow(r, r.Say.T("slip.body"), c.Body.Name),
		{Name: r.Say.T("slip.accepted"), Value: r.Say.Time(pt.IssuedAt)},
	}
}

// accepts tells whether a card is a slip that proves what it says. It has no period in which it is valid, but officials can take it back.
func accepts(c register.Card) bool {
	return c.Revision.Definition.Notifies() && c.State != permit.Suspended && c.Permit.Standing.Ended() == ""
}

// stateTag is the state of a permit in words. Of a slip it says what it proves: that the notification was accepted.
func stateTag(r *web.Request, c register.Card) page.Tag {
	if accepts(c) {
		return page.Tag{Text: r.Say.T("slip.state"), Tone: page.Good}
	}
	return web.PermitTag(r, c.State)
}

// statusOf is the status of an application in words; a notification is accepted, nothing is issued for it.
func statusOf(r *web.Request, a application.Application) page.Tag {
	tag := web.StatusTag(r, a.State)
	if a.State == application.Issued && permit.IsSlip(a.Permit) {
		tag.Text = r.Say.T("slip.state")
	}
	return tag
}

// eventText is what happened to an application, in words.
func eventText(r *web.Request, d *service.Definition, e application.Event) string {
	if e == application.Granted && d.Notifies() {
		return r.Say.T("event.accepted")
	}
	return r.Say.T("event." + string(e))
}

// accepted says that a notification was accepted, and where its slip is.
func accepted(r *web.Request, c filing.Case) *page.Banner {
	number := c.Application.Permit
	return &page.Banner{Kind: page.Done, Title: r.Say.T("event.accepted"), Text: r.Say.T("slip.accepted-text", "number", number),
		Links: []page.Link{{Text: r.Say.T("slip.open"), Href: r.Link("/permits/" + url.PathEscape(number))}}}
}
