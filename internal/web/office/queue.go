package office

import (
	"net/http"
	"net/url"
	"strings"

	"elicense/internal/civil"
	"elicense/internal/lang"
	"elicense/internal/port"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// queueRows is how many applications a page of the queue has.
const queueRows = 50

// The views of the queue.
const (
	viewAll  = ""
	viewMine = "mine"
	viewFree = "free"
)

// queueView is the list of what is to be done.
type queueView struct {
	Words   *page.Words
	Heading page.Heading
	Tabs    []page.Tab
	TabsOf  string
	Told    *page.Banner
	Search  page.SearchPanel
	Table   *page.Table
	Empty   *page.Empty
	Pages   page.Pagination
}

// queue lists the applications at the official's body, the nearest deadline first.
func (o *Office) queue(w http.ResponseWriter, r *web.Request) error {
	if err := working(r); err != nil {
		return err
	}
	query := r.URL.Query()
	view, number := query.Get("view"), strings.TrimSpace(query.Get("number"))
	q := port.Queue{Number: number, Limit: queueRows + 1}
	switch view {
	case viewMine:
		q.Holder, q.Absent = r.Actor.Account, r.Actor.Absent
	case viewFree:
		q.Holder = port.None
	default:
		view = viewAll
	}
	q.AfterDue, q.AfterNumber = cursor(query.Get("after"))
	list, err := o.Desk.Queue(r.Context(), r.Actor, q)
	if err != nil {
		return err
	}
	body, _ := o.Catalogue.Body(r.Actor.Body)
	v := queueView{Words: o.Server.Words(r.Lang), Heading: page.Heading{Caption: tr(r, body.Name), Text: r.Say.T("office.queue")}, TabsOf: r.Say.T("office.queue")}
	for _, tab := range []struct{ view, key string }{{viewAll, "office.view-all"}, {viewMine, "office.view-mine"}, {viewFree, "office.view-free"}} {
		v.Tabs = append(v.Tabs, page.Tab{Text: r.Say.T(tab.key), Href: queueAddress(r, pathQueue, tab.view, number, ""), Current: tab.view == view})
	}
	v.Search = page.SearchPanel{ID: "search", Title: r.Say.T("list.search"), Action: r.Link(pathQueue), Reset: queueAddress(r, pathQueue, view, "", ""),
		Rows: []page.SearchRow{{Label: r.Say.T("filing.number"), Name: "number", Value: number}}}
	if view != viewAll {
		v.Search.Hidden = []page.Hidden{{Name: "view", Value: view}}
	}
	if len(list) > queueRows {
		list = list[:queueRows]
		last := list[queueRows-1].Application
		v.Pages.Next = queueAddress(r, pathQueue, view, number, last.Work.Due.String()+"."+last.Number)
	}
	if len(list) == 0 {
		v.Empty = &page.Empty{Title: r.Say.T("office.nothing"), Text: r.Say.T("office.nothing-text")}
	} else {
		v.Table = o.queueTable(r, list)
	}
	if v.Told, err = o.reminded(r); err != nil {
		return err
	}
	c := o.Chrome(r, v.Heading.Text)
	c.Wide = true
	return o.Server.Show(w, r, http.StatusOK, c, queuePage(v))
}

// The queues.
const (
	pathQueue    = "/applications"
	pathOpinions = "/opinions"
)

// cursor reads where a page of a queue begins: day and number of the last row before it.
func cursor(after string) (civil.Date, string) {
	due, last, ok := strings.Cut(after, ".")
	day, err := civil.ParseDate(due)
	if !ok || due != "" && err != nil {
		return civil.Date{}, ""
	}
	return day, last
}

func queueAddress(r *web.Request, path, view, number, after string) string {
	q := url.Values{}
	for name, value := range map[string]string{"view": view, "number": number, "after": after} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if len(q) == 0 {
		return r.Link(path)
	}
	return r.Link(path + "?" + q.Encode())
}

func (o *Office) queueTable(r *web.Request, list []port.Queued) *page.Table {
	t := &page.Table{ID: "queue", Caption: r.Say.T("office.queue"), CaptionHidden: true, Stack: true}
	for _, key := range []string{"filing.number", "office.service", "filing.applicant", "office.step", "office.due", "office.holder"} {
		t.Columns = append(t.Columns, page.Column{Text: r.Say.T(key)})
	}
	for _, x := range list {
		a := x.Application
		service, step := a.Service, a.Work.Step
		if rev, err := o.Catalogue.Revision(r.Context(), a.Service, a.Revision); err == nil {
			service = tr(r, rev.Definition.SubtypeName(a.Subtype))
			if s, _, ok := rev.Definition.Process.StepAt(step); ok {
				step = tr(r, s.Name)
			}
		}
		holder := r.Say.T("office.nobody")
		switch a.Work.Holder {
		case "":
		case r.Actor.Account:
			holder = r.Say.T("office.you")
		default:
			holder = r.Say.T("office.another")
		}
		due := o.termTags(r, a)[0] // what ends first
		t.Rows = append(t.Rows, []page.Cell{
			{Text: a.Number, Href: r.Link("/applications/" + a.Number), Header: true}, {Text: service}, {Text: x.Applicant}, {Text: step}, {Tag: &due}, {Text: holder},
		})
	}
	return t
}

// due says how much of the term is left, in words, with a tone.
func (o *Office) due(r *web.Request, due civil.Date) page.Tag {
	if due.IsZero() {
		return page.Tag{Text: r.Say.T("office.no-term")}
	}
	left := o.Calendar.Current().Between(civil.Of(o.World.Now(), lang.Almaty()), due)
	switch {
	case left < 0:
		return page.Tag{Text: r.Say.T("office.overdue", "days", r.Say.N("service.days", -left)), Tone: page.Bad}
	case left == 0:
		return page.Tag{Text: r.Say.T("office.due-today"), Tone: page.Bad}
	case left <= 3:
		return page.Tag{Text: r.Say.T("office.due-in", "days", r.Say.N("service.days", left)), Tone: page.Soon}
	}
	return page.Tag{Text: r.Say.T("office.due-in", "days", r.Say.N("service.days", left)), Tone: page.Active}
}
