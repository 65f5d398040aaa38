package office

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"elicense/internal/access"
	"elicense/internal/civil"
	"elicense/internal/evidence"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

const pathAudit = "/audit"

// auditRows is how many rows a page of the log has; auditDays how many days it shows when none are asked for.
const (
	auditRows = 50
	auditDays = 7
)

// auditView is the log of who did what.
type auditView struct {
	Words   *page.Words
	Heading page.Heading
	Errors  page.Errors
	Notices []page.Banner
	Search  page.SearchPanel
	Table   *page.Table
	Empty   *page.Empty
	Pages   page.Pagination
	Rows    []page.Row
	RowsOf  string
	// Of one row: its bytes, and the signed checkpoint.
	Texts []auditText
}

// auditText is shown as it is kept, byte for byte.
type auditText struct{ Title, Lead, Text string }

// auditNav adds the log for those who read it; who does nothing else has nothing else.
func (o *Office) auditNav(r *web.Request, nav []page.NavLink) []page.NavLink {
	if r.Actor.MayAudit() != nil {
		return nav
	}
	if r.Actor.OnlyAudits() {
		nav = nil
	}
	return append(nav, page.NavLink{Text: r.Say.T("audit.title"), Href: r.Link(pathAudit), Current: r.URL.Path == r.Link(pathAudit)})
}

// auditActions are the actions that the search offers.
func auditActions() []string {
	return []string{"application.seen", "document.seen", "application.taken", "application.put_back", "application.proposed", "application.sent_back", "application.granted",
		"application.refused", "application.opinion_given", "numbers.reserved", "service.proposed", "service.published", "official.logged-in", "official.password-changed", "audit.seen"}
}

// action names what was done; a name that has no words yet is shown as it is kept.
func action(r *web.Request, name string) string {
	if event, ok := strings.CutPrefix(name, "application."); ok && r.Say.Has("event."+event) {
		return r.Say.T("event." + event)
	}
	if r.Say.Has("audit.action." + name) {
		return r.Say.T("audit.action." + name)
	}
	return name
}

// object names what something was done to.
func object(r *web.Request, name string) string {
	kind, id, _ := strings.Cut(name, "/")
	if !r.Say.Has("audit.object." + kind) {
		return name
	}
	if kind == "application" || kind == "permit" {
		return r.Say.T("audit.object."+kind) + " " + id
	}
	return r.Say.T("audit.object." + kind)
}

// who names an actor. Applicants are not named here.
func (o *Office) who(r *web.Request, id string, official access.Official) string {
	switch {
	case official.ID != "" && official.Body != r.Actor.Body:
		return official.Name() + ", " + o.bodyName(r, official.Body)
	case official.ID != "":
		return official.Name()
	case r.Say.Has("audit.actor." + id):
		return r.Say.T("audit.actor." + id)
	}
	return r.Say.T("audit.actor.applicant")
}

// auditDay reads a day; an empty one is the other.
func auditDay(text string, otherwise civil.Date) (civil.Date, bool) {
	if strings.TrimSpace(text) == "" {
		return otherwise, true
	}
	return civil.ParseTyped(text)
}

// auditSearch reads the conditions.
func (o *Office) auditSearch(r *web.Request, q url.Values) (s evidence.Search, ok bool) {
	today := civil.Of(o.World.Now(), lang.Almaty())
	s = evidence.Search{Number: strings.ToUpper(strings.TrimSpace(q.Get("number"))), Official: q.Get("official"), Action: q.Get("action"), Limit: auditRows + 1}
	var from, until civil.Date
	if s.Number == "" {
		from, until = today.AddDays(1-auditDays), today
	}
	from, good := auditDay(q.Get("from"), from)
	until, ok = auditDay(q.Get("until"), until)
	if !good || !ok {
		return s, false
	}
	if !from.IsZero() {
		s.From = from.Start(lang.Almaty())
	}
	if !until.IsZero() {
		s.Until = until.AddDays(1).Start(lang.Almaty())
	}
	at, seq, _ := strings.Cut(q.Get("after"), ".")
	micros, bad := strconv.ParseInt(at, 10, 64)
	if n, err := strconv.ParseInt(seq, 10, 64); err == nil && bad == nil && micros > 0 {
		s.BeforeAt, s.Before = time.UnixMicro(micros).UTC(), n
	}
	return s, true
}

// audit lists who did what at the auditor's body.
func (o *Office) audit(w http.ResponseWriter, r *web.Request) error {
	if err := working(r); err != nil {
		return err
	}
	q := r.URL.Query()
	staff, err := o.Evidence.Staff(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	body, _ := o.Catalogue.Body(r.Actor.Body)
	v := auditView{Words: o.Server.Words(r.Lang), Heading: page.Heading{Caption: tr(r, body.Name), Text: r.Say.T("audit.title")}, Search: auditPanel(r, q, staff)}
	chrome := o.Chrome(r, v.Heading.Text)
	chrome.Wide = true
	fail := func(field int, err error, text string) error {
		v.Search.Rows[field].Error = text
		v.Errors = page.Errors{{Path: v.Search.Rows[field].Name, Text: text, ID: v.Search.ID + "-" + strconv.Itoa(field)}}
		return o.show(w, r, err, chrome, auditPage(v))
	}
	s, ok := o.auditSearch(r, q)
	if !ok {
		return fail(3, errDays(), r.Say.T("field.date"))
	}
	list, err := o.Evidence.Trail(r.Context(), r.Actor, s)
	switch {
	case isNotFound(err) && s.Number != "":
		return fail(0, err, r.Say.T("audit.no-number"))
	case isInvalid(err):
		return fail(3, err, r.Say.T("audit.days"))
	case err != nil:
		return err
	}
	v.Notices, v.RowsOf, v.Rows = auditStanding(r, list.Standing)
	if len(list.Rows) > auditRows {
		list.Rows = list.Rows[:auditRows]
		last := list.Rows[auditRows-1]
		q.Set("after", strconv.FormatInt(last.At, 10)+"."+strconv.FormatInt(last.Seq, 10))
		v.Pages.Next = r.Link(pathAudit + "?" + q.Encode())
	}
	if len(list.Rows) == 0 {
		v.Empty = &page.Empty{Title: r.Say.T("audit.nothing"), Text: r.Say.T("audit.nothing-text")}
	} else {
		v.Table = o.auditTable(r, list)
	}
	return o.Server.Show(w, r, http.StatusOK, chrome, auditPage(v))
}

// auditPanel asks for the conditions.
func auditPanel(r *web.Request, q url.Values, staff []access.Official) page.SearchPanel {
	people, actions := []page.Option{}, []page.Option{}
	for _, x := range staff {
		people = append(people, page.Option{Value: x.ID, Text: x.Name()})
	}
	for _, name := range auditActions() {
		actions = append(actions, page.Option{Value: name, Text: action(r, name)})
	}
	return page.SearchPanel{ID: "search", Title: r.Say.T("list.search"), Action: r.Link(pathAudit), Reset: r.Link(pathAudit), Rows: []page.SearchRow{
		{Label: r.Say.T("audit.number"), Name: "number", Value: q.Get("number"), Hint: r.Say.T("audit.number-hint")},
		{Label: r.Say.T("audit.official"), Name: "official", Value: q.Get("official"), Options: people},
		{Label: r.Say.T("audit.action"), Name: "action", Value: q.Get("action"), Options: actions},
		{Label: r.Say.T("audit.from"), Name: "from", Value: q.Get("from"), Hint: r.Say.T("audit.days-hint")},
		{Label: r.Say.T("audit.until"), Name: "until", Value: q.Get("until")},
	}}
}

// auditStanding tells how far the log is. Rows that wait for longer than they should are a warning.
func auditStanding(r *web.Request, s evidence.Standing) (notices []page.Banner, title string, rows []page.Row) {
	if s.Lag > time.Minute+evidence.Every {
		notices = append(notices, page.Banner{Kind: page.Caution, Title: r.Say.T("audit.late"), Text: r.Say.T("audit.late-text")})
	}
	if s.Last.Number > 0 {
		rows = append(rows, page.Row{Name: r.Say.T("audit.checkpoint"), Value: "№ " + r.Say.Int(s.Last.Number) + ", " + r.Say.TimeSeconds(s.Last.At)},
			page.Row{Name: r.Say.T("audit.covered"), Value: r.Say.Int(s.Last.Size)})
	}
	return notices, r.Say.T("audit.standing"), append(rows, page.Row{Name: r.Say.T("audit.waiting"), Value: r.Say.Int(int64(s.Waiting))})
}

func (o *Office) auditTable(r *web.Request, list evidence.Listed) *page.Table {
	t := &page.Table{ID: "audit", Caption: r.Say.T("audit.title"), CaptionHidden: true, Stack: true}
	for _, key := range []string{"audit.seq", "audit.when", "audit.who", "audit.what", "audit.object"} {
		t.Columns = append(t.Columns, page.Column{Text: r.Say.T(key)})
	}
	for _, n := range list.Rows {
		t.Rows = append(t.Rows, []page.Cell{
			{Text: r.Say.Int(n.Seq), Href: r.Link(pathAudit + "/" + n.ID), Header: true}, {Text: r.Say.TimeSeconds(time.UnixMicro(n.At))},
			{Text: o.who(r, n.Actor, list.Officials[n.Actor])}, {Text: action(r, n.Action)}, {Text: object(r, n.Object)},
		})
	}
	return t
}

// auditRow shows a row with the proof that it stands in the signed log.
func (o *Office) auditRow(w http.ResponseWriter, r *web.Request) error {
	p, err := o.Evidence.Row(r.Context(), r.Actor, r.PathValue("id"))
	if err != nil {
		return err
	}
	n := p.Row
	v := auditView{Words: o.Server.Words(r.Lang), Heading: page.Heading{Caption: r.Say.T("audit.title"), Text: r.Say.T("audit.row", "seq", r.Say.Int(n.Seq))},
		Rows: []page.Row{
			{Name: r.Say.T("audit.when"), Value: r.Say.TimeSeconds(p.Entry.At)},
			{Name: r.Say.T("audit.who"), Value: o.who(r, n.Actor, p.Official)},
			{Name: r.Say.T("audit.what"), Value: action(r, n.Action)},
			{Name: r.Say.T("audit.object"), Value: object(r, n.Object)},
			{Name: r.Say.T("audit.checkpoint"), Value: "№ " + r.Say.Int(p.Checkpoint.Number) + ", " + r.Say.TimeSeconds(p.Checkpoint.At)},
		},
		Notices: []page.Banner{{Kind: page.Done, Text: r.Say.T("audit.proven")}}, RowsOf: r.Say.T("audit.row-about"),
	}
	v.Texts = []auditText{
		{r.Say.T("audit.bytes"), r.Say.T("audit.bytes-text"), string(n.Record.Bytes)},
		{r.Say.T("audit.proof"), r.Say.T("audit.proof-text"), proofText(p)},
		{r.Say.T("audit.note"), r.Say.T("audit.note-text"), string(p.Note)},
	}
	chrome := o.Chrome(r, v.Heading.Text)
	chrome.Breadcrumbs = []page.Link{{Text: r.Say.T("audit.title"), Href: r.Link(pathAudit)}, {Text: r.Say.Int(n.Seq)}}
	return o.Server.Show(w, r, http.StatusOK, chrome, auditPage(v))
}

// proofText lists the hashes from the row to the root.
func proofText(p evidence.Proof) string {
	lines := []string{strconv.FormatInt(p.Row.Seq, 10) + " / " + strconv.FormatInt(p.Checkpoint.Size, 10)}
	for _, h := range p.Hashes {
		lines = append(lines, base64.StdEncoding.EncodeToString(h[:]))
	}
	return strings.Join(lines, "\n")
}

func errDays() error { return fault.New(fault.Invalid, "field.date") }

func isNotFound(err error) bool { return err != nil && fault.KindOf(err) == fault.NotFound }

func isInvalid(err error) bool { return err != nil && fault.KindOf(err) == fault.Invalid }
