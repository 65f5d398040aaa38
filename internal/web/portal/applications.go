package portal

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"elicense/internal/application"
	"elicense/internal/service"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// applications is «Менің өтініштерім» with the columns and the search panel of the manuals.
func (p *Portal) applications(w http.ResponseWriter, r *web.Request) error {
	l, s := readList(r.URL.Query())
	var list []application.Application
	if l.dayOK {
		var err error
		if list, err = p.Filing.List(r.Context(), r.Actor, s); err != nil {
			return err
		}
	}
	title := r.Say.T("nav.my-applications")
	v := p.listOf(r, l, title, "/applications", r.Say.T("applications.number-label"), r.Say.T("applications.day-label"))
	last := ""
	if len(list) > listRows {
		list = list[:listRows]
		end := list[listRows-1]
		last = cursor(end.CreatedAt, end.Number)
	}
	v.Pages = l.pages(r, r.Link("/applications"), len(list), last)
	if len(list) == 0 {
		v.Empty = l.nothing(r, "/applications", "applications.none", "applications.none-text")
	} else {
		table, err := p.applicationsTable(r, l, list)
		if err != nil {
			return err
		}
		v.Table = &table
	}
	return p.showList(w, r, v)
}

// showList shows a list; conditions that cannot be understood make it a form with errors.
func (p *Portal) showList(w http.ResponseWriter, r *web.Request, v listView) error {
	c := p.Chrome(r, v.Heading.Text)
	c.Wide = true
	c.Breadcrumbs = trail(r, v.Heading.Text)
	status := http.StatusOK
	if len(v.Errors) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return p.showStatus(w, r, status, c, listPage(v))
}

func (p *Portal) applicationsTable(r *web.Request, l listQuery, list []application.Application) (page.Table, error) {
	t := page.Table{ID: "applications", Caption: r.Say.T("nav.my-applications"), CaptionHidden: true, Stack: true, Columns: []page.Column{
		{Text: r.Say.T("table.no")}, {Text: r.Say.T("applications.number")}, {Text: r.Say.T("applications.created")},
		{Text: r.Say.T("applications.sent")}, {Text: r.Say.T("table.licensor")}, {Text: r.Say.T("permits.kind")},
		{Text: r.Say.T("applications.type")}, {Text: r.Say.T("table.status")}, {Text: r.Say.T("table.action"), Hidden: true},
	}}
	for i, a := range list {
		d, err := p.definitionOf(r.Context(), a)
		if err != nil {
			return t, err
		}
		body, _ := p.Catalogue.Body(a.Body)
		operation, _ := d.Operation(a.Operation)
		sent := r.Say.Time(a.SentAt)
		if sent == "" {
			sent = r.Say.T("applications.not-sent")
		}
		tag := statusOf(r, a)
		number := page.Cell{Text: a.Number, Header: true}
		if a.Bundle != "" {
			number.Body = numberInBundle(a.Number, page.Link{Text: r.Say.T("bundle.of"), Href: bundlePath(r, a.Bundle, "")})
		}
		t.Rows = append(t.Rows, []page.Cell{
			{Text: strconv.Itoa(l.first() + i)}, number, {Text: r.Say.Time(a.CreatedAt)}, {Text: sent},
			textCell(r, body.Name), textCell(r, d.Name), textCell(r, operation.Name), {Tag: &tag}, applicationLink(r, a, d),
		})
	}
	return t, nil
}

// definitionOf is the definition under which an application was made.
func (p *Portal) definitionOf(ctx context.Context, a application.Application) (*service.Definition, error) {
	rev, err := p.Catalogue.Revision(ctx, a.Service, a.Revision)
	if err != nil {
		return nil, err
	}
	return rev.Definition, nil
}

// applicationLink views an application, or goes on with a draft at its first page.
func applicationLink(r *web.Request, a application.Application, d *service.Definition) page.Cell {
	address := "/applications/" + url.PathEscape(a.Number)
	if a.State == application.Draft && len(d.Pages) > 0 {
		return page.Cell{Text: r.Say.T("wizard.draft-continue"), About: a.Number, Href: r.Link(address + "/pages/" + url.PathEscape(d.Pages[0].Key))}
	}
	return page.Cell{Text: r.Say.T("wizard.view"), About: a.Number, Href: r.Link(address)}
}
