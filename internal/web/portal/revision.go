package portal

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/port"
	"elicense/internal/service"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// revisionsShown bounds the list of revisions; older ones keep their addresses.
const revisionsShown = 20

// revisionView is what the page of one revision says besides the passport.
type revisionView struct {
	Rows    []page.Row           // digest and date
	Changes section[[]page.List] // against the revision before; no title on the first
	All     section[page.Table]  // the revisions, newest first
}

// revisionPath is the public address of a revision: what an application or a permit rests on can be read for ever.
func revisionPath(r *web.Request, key string, number int) string {
	return r.Link("/services/" + url.PathEscape(key) + "/revisions/" + strconv.Itoa(number))
}

// revision shows the passport of one revision, read-only, with its digest and what it changed.
func (p *Portal) revision(w http.ResponseWriter, r *web.Request) error {
	key := r.PathValue("key")
	number, err := strconv.Atoi(r.PathValue("number"))
	if err != nil || number < 1 || strconv.Itoa(number) != r.PathValue("number") {
		return fault.New(fault.NotFound, "fault.not-found")
	}
	newest, err := p.Catalogue.Service(key)
	if err != nil {
		return err
	}
	all, err := p.Catalogue.Revisions(r.Context(), key)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(all, func(x port.Published) bool { return x.Number == number })
	if at < 0 {
		return fault.New(fault.NotFound, "fault.not-found")
	}
	rev, err := p.Catalogue.Revision(r.Context(), key, number)
	if err != nil {
		return err
	}
	v, err := p.passportView(r, rev)
	if err != nil {
		return err
	}
	date, title := r.Say.Date(dayOf(all[at].PublishedAt)), r.Say.T("revision.title", "number", strconv.Itoa(number))
	v.Order, v.Chosen, v.Heading.Caption = nil, "", title
	for i := range v.Subtypes.Body {
		v.Subtypes.Body[i].Href = ""
	}
	v.Closed = page.Banner{Kind: page.Info, Title: r.Say.T("revision.read-only-title"), Text: r.Say.T("revision.newest", "date", date),
		Links: []page.Link{{Text: r.Say.T("revision.open"), Href: r.Link("/services/" + url.PathEscape(key))}}}
	if number < newest.Number {
		v.Closed.Text = r.Say.T("revision.older", "date", date, "newest", strconv.Itoa(newest.Number))
	}
	if v.History, err = p.historyOf(r, rev, all, all[at]); err != nil {
		return err
	}
	name := tr(r, rev.Definition.Name)
	way := page.Link{Text: name, Href: r.Link("/services/" + url.PathEscape(key))}
	c := p.catalogueChrome(r, title, way)
	c.Title = title + " — " + name
	return p.show(w, r, c, passportPage(v))
}

// historyOf lists the revisions, each with what it changed in a word, and the differences of one of them in full.
func (p *Portal) historyOf(r *web.Request, rev *service.Revision, all []port.Published, this port.Published) (*revisionView, error) {
	v := &revisionView{
		Rows: []page.Row{
			{Name: r.Say.T("revision.published"), Value: r.Say.Time(this.PublishedAt)},
			{Name: r.Say.T("revision.digest"), Value: this.Digest},
		},
		All: section[page.Table]{Title: r.Say.T("revision.all"), Body: page.Table{ID: "revisions", Caption: r.Say.T("revision.all"), CaptionHidden: true, Stack: true,
			Columns: []page.Column{{Text: r.Say.T("revision.number")}, {Text: r.Say.T("revision.published")}, {Text: r.Say.T("revision.what")}}}},
	}
	for _, x := range all[:min(len(all), revisionsShown)] {
		changes, err := p.changesOf(r, rev.Service, x.Number)
		if err != nil {
			return nil, err
		}
		cell := page.Cell{Text: "№ " + strconv.Itoa(x.Number), Header: true, Href: revisionPath(r, rev.Service, x.Number)}
		if x.Number == this.Number {
			cell.Href, cell.Text = "", cell.Text+" ("+r.Say.T("revision.current")+")"
		}
		v.All.Body.Rows = append(v.All.Body.Rows, []page.Cell{cell, {Text: r.Say.Date(dayOf(x.PublishedAt))}, {Text: web.Subjects(r, x.Number, changes)}})
	}
	if this.Number == 1 {
		return v, nil
	}
	changes, err := p.changesOf(r, rev.Service, this.Number)
	if err != nil {
		return nil, err
	}
	v.Changes = section[[]page.List]{Title: r.Say.T("revision.changes", "number", strconv.Itoa(this.Number-1)), Body: web.Differences(r, p.Catalogue, changes)}
	return v, nil
}

// changesOf gives what a revision changed; the first changed nothing.
func (p *Portal) changesOf(r *web.Request, key string, number int) ([]service.Change, error) {
	if number <= 1 {
		return nil, nil
	}
	after, err := p.Catalogue.Revision(r.Context(), key, number)
	if err != nil {
		return nil, err
	}
	before, err := p.Catalogue.Revision(r.Context(), key, number-1)
	if err != nil {
		return nil, err
	}
	return service.Diff(before.Definition, after.Definition), nil
}

func dayOf(t time.Time) civil.Date { return civil.Of(t, lang.Almaty()) }
