package office

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"elicense/internal/fault"
	"elicense/internal/ident"
	"elicense/internal/lang"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/register"
	"elicense/internal/web"
	"elicense/internal/web/page"
	"elicense/internal/web/signing"
)

// Addresses of permits.
const (
	pathPermits     = "/permits"
	pathPermitOrder = "/permit-orders/"
)

// permitRows is how many permits a page of the register shows.
const permitRows = 50

// permitRoutes are the register of the body's permits, and what officials do with one.
func (o *Office) permitRoutes() []web.Route {
	const all, one, order = "/{lang}" + pathPermits, "/{lang}" + pathPermits + "/{number}", "/{lang}" + pathPermitOrder + "{id}"
	return []web.Route{
		{Pattern: "GET " + all, Policy: web.Person, Handle: o.permits, Page: "office-permits"},
		{Pattern: "POST " + all, Policy: web.Person, Handle: o.permitsOf, PerMinute: 600},
		{Pattern: "GET " + one, Policy: web.Person, Handle: o.permit, Page: "office-permit"},
		{Pattern: "GET " + one + "/document/{doclang}", Policy: web.Person, Handle: o.permitDocument},
		{Pattern: "GET " + one + "/acts/{seq}/document/{doclang}", Policy: web.Person, Handle: o.actDocument},
		{Pattern: "GET " + one + "/appendices/{appendix}/document/{doclang}", Policy: web.Person, Handle: o.appendixDocument},
		{Pattern: "GET " + one + "/propose/{kind}", Policy: web.Person, Handle: o.actForm, Page: "office-permit-act"},
		{Pattern: "POST " + one + "/propose/{kind}", Policy: web.Person, Handle: o.proposeAct, Keep: true},
		{Pattern: "GET " + order, Policy: web.Person, Handle: o.permitOrder, Page: "office-permit-order"},
		{Pattern: "POST " + order, Policy: web.Person, Handle: o.closePermitOrder},
		{Pattern: "GET " + order + "/signature", Policy: web.Person, Handle: o.permitOrderSigning, Page: "office-permit-order-signature"},
		{Pattern: "POST " + order + "/signature", Policy: web.Person, Handle: o.signPermitOrder, Body: signing.MaxBody, PerMinute: 60},
	}
}

// registerView is the register of the permits that a body issued.
type registerView struct {
	Words   *page.Words
	Heading page.Heading
	Errors  page.Errors
	Search  page.SearchPanel
	Find    findBox
	Empty   *page.Empty
	Table   *page.Table
	Pages   page.Pagination
	Next    *buttonBox // of what a holder has
}

// permits lists the permits of the reader's body.
func (o *Office) permits(w http.ResponseWriter, r *web.Request) error {
	q := r.URL.Query()
	s := port.Search{Number: strings.TrimSpace(q.Get("number")), NumberOp: port.Contains, Service: q.Get("service"), Standing: permit.State(q.Get("state"))}
	s.Before, s.BeforeNumber = before(q.Get(paramAfter))
	return o.showPermits(w, r, s, "", nil)
}

// permitsOf lists the permits of a holder, whose number travels in the body of the request only.
func (o *Office) permitsOf(w http.ResponseWriter, r *web.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.form").Because(err)
	}
	typed := strings.TrimSpace(r.PostForm.Get(fieldFind))
	if _, err := ident.ParseIIN(typed); err != nil {
		if _, err := ident.ParseBIN(typed); err != nil {
			return o.showPermits(w, r, port.Search{}, typed, fault.At(fieldFind, "acts.holder-wrong"))
		}
	}
	s := port.Search{Holder: typed}
	s.Before, s.BeforeNumber = before(r.PostForm.Get(paramAfter))
	return o.showPermits(w, r, s, typed, nil)
}

func (o *Office) showPermits(w http.ResponseWriter, r *web.Request, s port.Search, typed string, problem error) error {
	if err := working(r); err != nil {
		return err
	}
	s.Limit = permitRows + 1
	list, err := o.Register.OfBody(r.Context(), r.Actor, s)
	if err != nil {
		return err
	}
	errs, _ := o.errorsOf(r, problem)
	body, _ := o.Catalogue.Body(r.Actor.Body)
	v := registerView{Words: o.Server.Words(r.Lang), Heading: page.Heading{Caption: tr(r, body.Name), Text: r.Say.T("acts.register")}, Errors: errs, Search: o.permitSearch(r, s),
		Find: findBox{Form: page.Form{Action: r.Link(pathPermits), CSRF: r.CSRF()}, Go: page.Button{Text: r.Say.T("acts.find"), Kind: page.Secondary},
			Field: page.TextField{Field: page.Field{Name: fieldFind, Label: r.Say.T("acts.holder-number"), Value: typed, Error: errs.For(fieldFind)}, Width: "12", InputMode: "numeric", Autocomplete: "off", Code: true}}}
	if len(list) > permitRows {
		list = list[:permitRows]
		end := list[permitRows-1]
		after := strconv.FormatInt(end.IssuedAt.UnixMicro(), 10) + "." + end.Number
		if s.Holder == "" {
			next := r.URL.Query()
			next.Set(paramAfter, after)
			v.Pages.Next = r.Link(pathPermits) + "?" + next.Encode()
		} else { // the holder's number stays in the body of the request
			v.Next = &buttonBox{Text: r.Say.T("queue.search-more"), Form: v.Find.Form, Button: page.Button{Text: r.Say.T("queue.search-next"), Kind: page.Secondary},
				Hidden: []page.Hidden{{Name: fieldFind, Value: typed}, {Name: paramAfter, Value: after}}}
		}
	}
	if len(list) == 0 {
		v.Empty = &page.Empty{Title: r.Say.T("acts.none"), Text: r.Say.T("acts.none-text")}
	} else if v.Table, err = o.permitTable(r, list); err != nil {
		return err
	}
	c := o.Chrome(r, v.Heading.Text)
	c.Wide = true
	return o.show(w, r, problem, c, registerPage(v))
}

func (o *Office) permitSearch(r *web.Request, s port.Search) page.SearchPanel {
	var states, services []page.Option
	for _, state := range permit.States() {
		states = append(states, page.Option{Value: string(state), Text: r.Say.T("status.permit." + string(state))})
	}
	for _, rev := range o.Catalogue.At(r.Actor.Body) {
		services = append(services, page.Option{Value: rev.Service, Text: tr(r, rev.Definition.Name)})
	}
	return page.SearchPanel{ID: "search", Title: r.Say.T("page.search"), Action: r.Link(pathPermits), Reset: r.Link(pathPermits), Rows: []page.SearchRow{
		{Label: r.Say.T("permits.id"), Name: "number", Value: s.Number},
		{Label: r.Say.T("table.status"), Name: "state", Value: string(s.Standing), Options: states},
		{Label: r.Say.T("permits.kind"), Name: "service", Value: s.Service, Options: services},
	}}
}

func (o *Office) permitTable(r *web.Request, list []permit.Permit) (*page.Table, error) {
	t := &page.Table{ID: "permits", Caption: r.Say.T("acts.register"), CaptionHidden: true, Stack: true}
	for _, c := range []string{"permits.id", "table.status", "permits.kind", "permits.holder", "permits.issued", "permits.validity"} {
		t.Columns = append(t.Columns, page.Column{Text: r.Say.T(c)})
	}
	today := o.Register.Today()
	for _, p := range list {
		rev, err := o.Catalogue.Revision(r.Context(), p.Service, p.Revision)
		if err != nil {
			return nil, err
		}
		tag := web.PermitTag(r, p.On(today))
		t.Rows = append(t.Rows, []page.Cell{{Text: p.Number, Header: true, Href: web.PermitAddress(r, p.Number)}, {Tag: &tag}, {Text: tr(r, rev.Definition.Name)}, {Text: p.HolderName},
			{Text: r.Say.Time(p.IssuedAt)}, {Text: validity(r, p)}})
	}
	return t, nil
}

func validity(r *web.Request, p permit.Permit) string {
	if p.Standing.To.IsZero() {
		return r.Say.T("permits.valid-always", "from", r.Say.Date(p.From))
	}
	return r.Say.Date(p.From) + " – " + r.Say.Date(p.Standing.To)
}

// permitView is the card of a permit for the officials of its body.
type permitView struct {
	Words         *page.Words
	Heading       page.Heading
	Status        page.Tag
	Text          string
	Notices       []page.Banner
	Facts         []page.Row
	CanOf         string
	Can           []page.Link
	FilesOf       string
	Files         []page.Button
	Earlier       string
	EarlierFiles  []page.Link
	BoxesOf       string
	Boxes         []page.Row
	Appendices    []web.PermitPart
	HistoryOf     string
	HistoryNone   string
	History       []web.PermitPart
	AsOf          web.AsOf
	AsOfCollapsed bool
}

// permit shows a permit with its history, and what can be done with it.
func (o *Office) permit(w http.ResponseWriter, r *web.Request) error {
	if err := working(r); err != nil {
		return err
	}
	card, err := o.Register.Desk(r.Context(), r.Actor, r.PathValue("number"))
	if err != nil {
		return err
	}
	v, err := o.permitView(r, card)
	if err != nil {
		return err
	}
	c := o.Chrome(r, v.Heading.Text)
	c.Breadcrumbs = []page.Link{{Text: r.Say.T("acts.register"), Href: r.Link(pathPermits)}, {Text: card.Permit.Number}}
	return o.Server.Show(w, r, http.StatusOK, c, permitPage(v))
}

func (o *Office) permitView(r *web.Request, card register.Card) (permitView, error) {
	p, under := card.Permit, pathPermits+"/"+url.PathEscape(card.Permit.Number)
	names, err := o.Acts.Names(r.Context(), card.Acts)
	if err != nil {
		return permitView{}, err
	}
	v := permitView{Words: o.Server.Words(r.Lang), Heading: page.Heading{Caption: tr(r, card.Revision.Definition.Name), Text: r.Say.T("permits.title", "number", p.Number)},
		Status: web.PermitTag(r, card.State), Text: web.StandingText(r.Say, p.Standing, card.Today), Facts: permitFacts(r, card), CanOf: r.Say.T("acts.can"),
		FilesOf: r.Say.T("permits.download"), Earlier: r.Say.T("acts.editions"), BoxesOf: r.Say.T("permits.boxes"), HistoryOf: r.Say.T("acts.history"),
		HistoryNone: r.Say.T("acts.history-none"), History: web.ActCards(r, card, names, under, web.Always), AsOf: web.AsOfPanel(r, card, r.Link(under))}
	for _, x := range card.Orders {
		if x.State == permit.Proposed {
			v.Notices = append(v.Notices, page.Banner{Kind: page.Caution, Title: r.Say.T("acts.kind." + string(x.Act.Kind)), Text: r.Say.T("acts.waits"), Links: []page.Link{{Text: r.Say.T("acts.order-see"), Href: r.Link(pathPermitOrder + url.PathEscape(x.ID))}}})
		}
	}
	if len(v.Notices) == 0 && permit.MayPropose(r.Actor) == nil {
		for _, k := range proposable(card) {
			v.Can = append(v.Can, page.Link{Text: r.Say.T("acts.kind." + string(k)), Href: r.Link(under + "/propose/" + string(k))})
		}
	}
	for _, l := range lang.All() {
		v.Files = append(v.Files, page.Button{Kind: page.Secondary, Text: r.Say.T("permits.download-in", "lang", r.Say.T("document-lang."+string(l))), Href: r.Link(under + "/document/" + string(l))})
	}
	for _, f := range card.Files {
		if f.Act == 0 && f.Appendix == "" && f.Edition < p.Standing.Edition {
			v.EarlierFiles = append(v.EarlierFiles, page.Link{Text: r.Say.T("acts.edition", "edition", strconv.Itoa(f.Edition)) + ", " + r.Say.T("document-lang."+f.Lang),
				Href: r.Link(under+"/document/"+f.Lang) + "?edition=" + strconv.Itoa(f.Edition)})
		}
	}
	if v.Appendices, err = web.AppendixCards(r, card, under); err != nil {
		return v, err
	}
	lines, err := card.Rows(r.Say)
	for _, line := range lines {
		for _, box := range line {
			if box.Value != "" {
				v.Boxes = append(v.Boxes, page.Row{Name: strings.TrimPrefix(box.No+". "+box.Label, ". "), Value: box.Value, Lang: box.Lang})
			}
		}
	}
	return v, err
}

// proposable are the acts that an official can propose with a permit as it stands.
func proposable(c register.Card) []permit.Kind {
	var list []permit.Kind
	for _, k := range permit.Ordered() {
		if c.Permit.May(c.Acts, k, c.Today) && (k != permit.Correction || len(c.Correctable()) > 0) {
			list = append(list, k)
		}
	}
	return list
}

func permitFacts(r *web.Request, c register.Card) []page.Row {
	p := c.Permit
	rows := []page.Row{{Name: r.Say.T("permits.id"), Value: p.Number}}
	if p.Second != "" {
		rows = append(rows, page.Row{Name: r.Say.T("permits.licence-number"), Value: p.Second})
	}
	rows = append(rows, web.ChainRows(r, p, web.Always)...)
	if p.Origin != "" {
		rows = append(rows, page.Row{Name: r.Say.T("acts.origin"), Value: p.Origin})
	}
	return append(rows, page.Row{Name: r.Say.T("permits.holder"), Value: p.HolderName + "\n" + p.HolderNumber}, page.Row{Name: r.Say.T("table.licensor"), Value: tr(r, c.Body.Name)},
		page.Row{Name: r.Say.T("permits.issued"), Value: r.Say.Time(p.IssuedAt)}, page.Row{Name: r.Say.T("permits.validity"), Value: validity(r, p)},
		page.Row{Name: r.Say.T("permits.application"), Value: p.Application, Actions: []page.Link{{Text: r.Say.T("wizard.view"), Href: r.Link("/applications/" + url.PathEscape(p.Application))}}})
}

// permitDocument gives a document of the permit: as it stands, or in an earlier edition.
func (o *Office) permitDocument(w http.ResponseWriter, r *web.Request) error {
	l, err := documentLang(r)
	if err != nil {
		return err
	}
	edition := 0
	if typed := r.URL.Query().Get("edition"); typed != "" {
		if edition, err = strconv.Atoi(typed); err != nil || edition < 1 {
			return fault.New(fault.NotFound, "fault.not-found")
		}
	}
	f, content, err := o.Register.DeskDownload(r.Context(), r.Actor, r.PathValue("number"), edition, l)
	if err != nil {
		return err
	}
	return o.Server.File(w, r, web.File{Name: f.Name(), Type: "application/pdf", Size: f.Size}, content)
}

// actDocument gives the document of an act.
func (o *Office) actDocument(w http.ResponseWriter, r *web.Request) error {
	l, err := documentLang(r)
	if err != nil {
		return err
	}
	seq, err := strconv.Atoi(r.PathValue("seq"))
	if err != nil {
		return fault.New(fault.NotFound, "fault.not-found")
	}
	f, content, err := o.Register.DeskDownloadAct(r.Context(), r.Actor, r.PathValue("number"), seq, l)
	if err != nil {
		return err
	}
	return o.Server.File(w, r, web.File{Name: f.Name(), Type: "application/pdf", Size: f.Size}, content)
}

// appendixDocument gives the document of an appendix.
func (o *Office) appendixDocument(w http.ResponseWriter, r *web.Request) error {
	l, err := documentLang(r)
	if err != nil {
		return err
	}
	f, content, err := o.Register.DeskDownloadAppendix(r.Context(), r.Actor, r.PathValue("number"), r.PathValue("appendix"), l)
	if err != nil {
		return err
	}
	return o.Server.File(w, r, web.File{Name: f.Name(), Type: "application/pdf", Size: f.Size}, content)
}

// documentLang is the language of the document asked for.
func documentLang(r *web.Request) (lang.Lang, error) {
	l, ok := lang.Parse(r.PathValue("doclang"))
	if !ok || string(l) != r.PathValue("doclang") {
		return "", fault.New(fault.NotFound, "fault.not-found")
	}
	return l, nil
}
