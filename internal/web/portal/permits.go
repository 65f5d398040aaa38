package portal

import (
	"net/http"
	"net/url"
	"strconv"

	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/permit"
	"elicense/internal/register"
	"elicense/internal/service"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// permits is «Менің рұқсат беру құжаттарым» with the columns of the manuals.
func (p *Portal) permits(w http.ResponseWriter, r *web.Request) error {
	l, s := readList(r.URL.Query())
	var list []permit.Permit
	if l.dayOK {
		var err error
		if list, err = p.Register.Permits(r.Context(), r.Actor, s); err != nil {
			return err
		}
	}
	title := r.Say.T("nav.my-permits")
	v := p.listOf(r, l, title, "/permits", r.Say.T("permits.id"), r.Say.T("permits.issued"))
	last := ""
	if len(list) > listRows {
		list = list[:listRows]
		end := list[listRows-1]
		last = cursor(end.IssuedAt, end.Number)
	}
	v.Pages = l.pages(r, r.Link("/permits"), len(list), last)
	if len(list) == 0 {
		v.Empty = l.nothing(r, "/permits", "permits.none", "permits.none-text")
	} else {
		table, err := p.permitsTable(r, list)
		if err != nil {
			return err
		}
		v.Table = &table
	}
	v.Offers = p.offers(r, service.AtPermits)
	v.Notice = p.renewal(r, list)
	if r.URL.RawQuery == "" { // the list as a whole: papers are not searched
		papers, err := p.papersTable(r)
		if err != nil {
			return err
		}
		v.Papers, v.PapersOf, v.PapersText = papers, r.Say.T("old.title"), r.Say.T("old.text")
	}
	return p.showList(w, r, v)
}

// offers are the services whose text puts a button on a page of the cabinet.
func (p *Portal) offers(r *web.Request, at service.Place) []page.Button {
	var all []page.Button
	for _, rev := range p.sortedServices(r) {
		for _, o := range rev.Definition.Offers {
			if o.At == at && rev.Definition.Status == service.Open {
				all = append(all, page.Button{Text: tr(r, o.Text), Href: r.Link("/services/" + rev.Service + "/order"), Kind: page.Secondary})
			}
		}
	}
	return all
}

func (p *Portal) permitsTable(r *web.Request, list []permit.Permit) (page.Table, error) {
	t := page.Table{ID: "permits", Caption: r.Say.T("nav.my-permits"), CaptionHidden: true, Stack: true, Columns: []page.Column{
		{Text: r.Say.T("permits.id")}, {Text: r.Say.T("permits.licence-number")}, {Text: r.Say.T("permits.issued")},
		{Text: r.Say.T("table.licensor")}, {Text: r.Say.T("permits.kind")}, {Text: r.Say.T("table.status")}, {Text: r.Say.T("table.action"), Hidden: true},
	}}
	today := civil.Of(p.World.Now(), lang.Almaty())
	for _, pt := range list {
		rev, err := p.Catalogue.Revision(r.Context(), pt.Service, pt.Revision)
		if err != nil {
			return t, err
		}
		body, _ := p.Catalogue.Body(pt.Body)
		tag := web.PermitTag(r, pt.On(today))
		t.Rows = append(t.Rows, []page.Cell{
			{Text: pt.Number, Header: true}, {Text: licenceNumber(pt)}, {Text: r.Say.Time(pt.IssuedAt)}, textCell(r, body.Name),
			textCell(r, rev.Definition.Name), {Tag: &tag},
			{Text: r.Say.T("wizard.view"), About: pt.Number, Href: r.Link("/permits/" + url.PathEscape(pt.Number))},
		})
	}
	return t, nil
}

// licenceNumber is the number of the licence form; where there is none, the unique number is the licence's.
func licenceNumber(pt permit.Permit) string {
	if pt.Second != "" {
		return pt.Second
	}
	return pt.Number
}

// textCell is a cell with a definition's text.
func textCell(r *web.Request, t lang.Text) page.Cell {
	text, in := t.In(r.Lang)
	return page.Cell{Text: text, Lang: foreign(r, in)}
}

// permitView is «Рұқсат беру құжаты туралы ақпарат».
type permitView struct {
	Words      *page.Words
	Heading    page.Heading
	State      page.Tag
	StateText  string
	Notice     *page.Banner // that numbers were withdrawn
	Withdrawn  []withdrawnCard
	FilesName  string
	Files      []page.Button
	FilesHint  string
	Rows       []page.Row
	BoxTitle   string
	Boxes      []page.Row
	HistoryOf  string
	History    []web.PermitPart
	AsOf       web.AsOf
	Check      permitCheck
	Changes    requestsView // what can be asked for it now
	Appendices []web.PermitPart
}

// permitCheck tells the holder how others make sure that the document is genuine.
type permitCheck struct {
	Title, Text string
	Link        page.Link
}

// permit is the card of one of the holder's permits.
func (p *Portal) permit(w http.ResponseWriter, r *web.Request) error {
	card, err := p.Register.Card(r.Context(), r.Actor, r.PathValue("number"))
	if err != nil {
		return err
	}
	v, err := p.permitView(r, card)
	if err != nil {
		return err
	}
	title, list := r.Say.T("permits.title", "number", card.Permit.Number), page.Link{Text: r.Say.T("nav.my-permits"), Href: r.Link("/permits")}
	if card.Revision.Definition.Notifies() {
		title, list = r.Say.T("slip.title", "number", card.Permit.Number), page.Link{Text: r.Say.T("nav.my-notifications"), Href: r.Link("/notifications")}
		v.Heading.Text = tr(r, card.Revision.Definition.Permit.Kind)
		v.Rows[len(v.Rows)-1].Name = r.Say.T("slip.application")
	}
	c := p.Chrome(r, title)
	belongsTo(c, list.Href)
	c.Breadcrumbs = trail(r, card.Permit.Number, list)
	return p.show(w, r, c, permitPage(v))
}

// own tells whether a permit is the reader's.
func (p *Portal) own(r *web.Request, number string) bool {
	_, err := p.Register.Card(r.Context(), r.Actor, number)
	return err == nil
}

func (p *Portal) permitView(r *web.Request, card register.Card) (permitView, error) {
	pt := card.Permit
	under := "/permits/" + url.PathEscape(pt.Number)
	v := permitView{
		Words:   p.Server.Words(r.Lang),
		Heading: page.Heading{Caption: pt.Number, Text: r.Say.T("permits.card")},
		State:   stateTag(r, card), StateText: stateText(r, card),
		FilesName: r.Say.T("permits.download"), FilesHint: r.Say.T("permits.download-hint"),
		BoxTitle: r.Say.T("permits.boxes"),
		Check: permitCheck{
			Title: r.Say.T("permits.check-title"), Text: r.Say.T("permits.check-text"),
			Link: page.Link{Text: register.CheckAddress(p.Origin, pt.Number, pt.Check), Href: r.Link(checkPath(pt.Number, pt.Check))},
		},
	}
	own := func(number string) bool { return p.own(r, number) }
	v.HistoryOf, v.History, v.AsOf = r.Say.T("acts.history"), web.ActCards(r, card, nil, under, own), web.AsOfPanel(r, card, r.Link(under))
	for _, l := range lang.All() {
		v.Files = append(v.Files, downloadButton(r, l, under))
	}
	if v.Withdrawn = withdrawnCards(r, card); len(v.Withdrawn) > 0 {
		v.Notice = &page.Banner{Kind: page.Caution, Title: r.Say.T("numbering.withdrawn-title"), Text: r.Say.T("numbering.withdrawn-text")}
	}
	v.Rows = append(append(permitFacts(r, card), web.ChainRows(r, pt, own)...), holderRow(r, pt))
	if pt.Application != "" {
		v.Rows = append(v.Rows, page.Row{Name: r.Say.T("permits.application"), Value: pt.Application,
			Actions: []page.Link{{Text: r.Say.T("wizard.view"), Href: r.Link("/applications/" + url.PathEscape(pt.Application))}}})
	}
	var err error
	if v.Changes, err = p.requestsOf(r, card); err != nil {
		return v, err
	}
	if v.Appendices, err = web.AppendixCards(r, card, under); err != nil {
		return v, err
	}
	v.Boxes, err = permitBoxes(r, card)
	return v, err
}

// actDocument gives the holder the document of an act.
func (p *Portal) actDocument(w http.ResponseWriter, r *web.Request) error {
	l, err := documentLang(r)
	if err != nil {
		return err
	}
	seq, err := strconv.Atoi(r.PathValue("seq"))
	if err != nil {
		return fault.New(fault.NotFound, "fault.not-found")
	}
	file, content, err := p.Register.DownloadAct(r.Context(), r.Actor, r.PathValue("number"), seq, l)
	if err != nil {
		return err
	}
	return sendPDF(w, r, file, content)
}

// permitDocument gives the holder the document in a language.
func (p *Portal) permitDocument(w http.ResponseWriter, r *web.Request) error {
	l, err := documentLang(r)
	if err != nil {
		return err
	}
	file, content, err := p.Register.Download(r.Context(), r.Actor, r.PathValue("number"), l)
	if err != nil {
		return err
	}
	return sendPDF(w, r, file, content)
}
