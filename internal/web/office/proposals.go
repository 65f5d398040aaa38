package office

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"elicense/internal/access"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/port"
	"elicense/internal/publication"
	"elicense/internal/service"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// How much of long lists a page shows.
const (
	proposalsShown = 50
	affectedShown  = 50
	codesShown     = 30
)

// The acts on a proposal, and the field of a rejection.
const (
	actApprove  = "approve"
	actReject   = "reject"
	fieldReason = "reason"
)

// proposalsView is the list of what was proposed for publication.
type proposalsView struct {
	Heading page.Heading
	Table   *page.Table
	Empty   *page.Empty
}

// proposalView is a proposal as its second person reads it.
type proposalView struct {
	Words    *page.Words
	Heading  page.Heading
	Errors   page.Errors
	Status   page.Tag
	Notices  []page.Banner
	Mistakes string
	Rows     []page.Row
	Parts    []proposalPart
	Files    []page.File
	FilesOf  string
	Form     page.Form
	Decide   string // title; empty = nothing to decide
	Approve  *page.Button
	Reason   page.AreaField
	Reject   page.Button
}

// proposalPart is a section about what the text changes.
type proposalPart struct {
	Title, Text string
	Lists       []page.List
	Rows        []page.Row
	Table       *page.Table
}

// proposals lists the newest proposals.
func (o *Office) proposals(w http.ResponseWriter, r *web.Request) error {
	if err := working(r); err != nil {
		return err
	}
	list, err := o.Publication.Proposals(r.Context(), r.Actor, proposalsShown)
	if err != nil {
		return err
	}
	v := proposalsView{Heading: page.Heading{Text: r.Say.T("office.proposals"), Lead: r.Say.T("office.proposals-lead")}}
	if len(list) == 0 {
		v.Empty = &page.Empty{Title: r.Say.T("office.proposals-none"), Text: r.Say.T("office.proposals-none-text")}
	} else {
		t := page.Table{ID: "proposals", Caption: v.Heading.Text, CaptionHidden: true, Stack: true}
		for _, key := range []string{"office.service", "office.proposal-base", "office.proposed-at", "office.proposal-state"} {
			t.Columns = append(t.Columns, page.Column{Text: r.Say.T(key)})
		}
		for _, x := range list {
			name := x.Service
			if rev, err := o.Catalogue.Service(x.Service); err == nil {
				name = tr(r, rev.Definition.Name)
			}
			tag := proposalTag(r, x)
			t.Rows = append(t.Rows, []page.Cell{{Text: name, Href: proposalPath(r, x.ID), Header: true}, {Text: baseText(r, x)}, {Text: r.Say.Time(x.At)}, {Tag: &tag}})
		}
		v.Table = &t
	}
	c := o.Chrome(r, v.Heading.Text)
	c.Wide = true
	return o.Server.Show(w, r, http.StatusOK, c, proposalsPage(v))
}

func proposalPath(r *web.Request, id string) string {
	return r.Link("/proposals/" + url.PathEscape(id))
}

func baseText(r *web.Request, x port.Proposal) string {
	if x.Base == 0 {
		return r.Say.T("office.proposal-new")
	}
	return r.Say.T("revision.title", "number", strconv.Itoa(x.Base))
}

func proposalTag(r *web.Request, x port.Proposal) page.Tag {
	switch {
	case x.Verdict.Approved:
		return page.Tag{Text: r.Say.T("office.proposal-published", "number", strconv.Itoa(x.Verdict.Number)), Tone: page.Good}
	case x.Decided():
		return page.Tag{Text: r.Say.T("office.proposal-rejected"), Tone: page.Bad}
	}
	return page.Tag{Text: r.Say.T("office.proposal-waits"), Tone: page.Soon}
}

// proposal shows what is proposed.
func (o *Office) proposal(w http.ResponseWriter, r *web.Request) error {
	kept, _ := r.Kept()
	return o.showProposal(w, r, kept, nil, nil)
}

// showProposal shows a proposal with the form as it was typed.
func (o *Office) showProposal(w http.ResponseWriter, r *web.Request, typed url.Values, problem error, errs page.Errors) error {
	if err := working(r); err != nil {
		return err
	}
	look, err := o.Publication.Look(r.Context(), r.Actor, r.PathValue("id"), affectedShown)
	if err != nil {
		return err
	}
	x := look.Proposal
	v := proposalView{
		Words: o.Server.Words(r.Lang), Errors: errs, Heading: page.Heading{Caption: r.Say.T("office.proposal"), Text: tr(r, look.Name())}, Status: proposalTag(r, x),
		Rows: proposalFacts(r, look), Mistakes: look.Mistakes, Form: page.Form{Action: proposalPath(r, x.ID), CSRF: r.CSRF()},
	}
	v.Notices = proposalNotices(r, look)
	if look.Mistakes == "" {
		v.Parts = append(v.Parts, o.changesPart(r, look))
		if !x.Decided() {
			v.Parts = append(v.Parts, impactPart(r, look))
		}
		v.Parts = append(v.Parts, casesPart(r, look))
	}
	v.FilesOf, v.Files = r.Say.T("office.proposal-files"), proposalFiles(r, x)
	if !x.Decided() {
		o.decideForm(r, look, typed, errs, &v)
	}
	c := o.Chrome(r, v.Heading.Text)
	c.Title = v.Heading.Text + " — " + v.Heading.Caption
	c.Breadcrumbs = []page.Link{{Text: r.Say.T("office.proposals"), Href: r.Link("/proposals")}, {Text: v.Heading.Text}}
	return o.show(w, r, problem, c, proposalPage(v))
}

func (o *Office) decideForm(r *web.Request, look publication.View, typed url.Values, errs page.Errors, v *proposalView) {
	v.Decide = r.Say.T("office.proposal-decide")
	if look.Ready() {
		v.Approve = &page.Button{Text: r.Say.T("office.proposal-approve"), Name: page.NameGo, Value: actApprove}
	}
	reject := "office.proposal-reject"
	if look.Mine {
		reject = "office.proposal-take-back"
	}
	v.Reason = page.AreaField{Field: page.Field{Name: fieldReason, Label: r.Say.T("office.proposal-reason"), Hint: r.Say.T("office.proposal-reason-hint"),
		Value: typed.Get(fieldReason), Error: errs.For(fieldReason)}, Rows: 4, MaxLength: 2000}
	v.Reject = page.Button{Text: r.Say.T(reject), Kind: page.Secondary, Name: page.NameGo, Value: actReject}
}

// proposalNotices say why the reader cannot approve.
func proposalNotices(r *web.Request, look publication.View) []page.Banner {
	var out []page.Banner
	say := func(kind page.BannerKind, key string, kv ...string) {
		out = append(out, page.Banner{Kind: kind, Text: r.Say.T(key, kv...)})
	}
	if look.Proposal.Decided() {
		return nil
	}
	if look.Mine {
		say(page.Info, "office.proposal-mine")
	}
	if look.Stale() {
		say(page.Caution, "publication.stale")
	}
	if look.Mistakes != "" {
		say(page.Caution, "office.proposal-mistakes")
	} else if failed := len(look.Examined.Failed()); failed > 0 {
		say(page.Caution, "office.proposal-failed", "cases", r.Say.N("office.cases", failed))
	}
	return out
}

// proposalFacts say who proposed what when, and what became of it.
func proposalFacts(r *web.Request, look publication.View) []page.Row {
	x := look.Proposal
	by := x.Proposer.IIN
	if look.Proposer != "" {
		by = look.Proposer + ", " + by
	}
	if x.Proposer.Actor == string(access.Operator) {
		by += " (" + r.Say.T("office.proposal-operator") + ")"
	}
	rows := []page.Row{{Name: r.Say.T("office.proposed-by"), Value: by}, {Name: r.Say.T("office.proposed-at"), Value: r.Say.Time(x.At)}}
	if x.Note != "" {
		rows = append(rows, page.Row{Name: r.Say.T("office.proposal-note"), Value: x.Note})
	}
	rows = append(rows, page.Row{Name: r.Say.T("office.proposal-base"), Value: baseText(r, x)}, page.Row{Name: r.Say.T("revision.digest"), Value: x.Digest})
	if x.Decided() {
		rows = append(rows, page.Row{Name: r.Say.T("office.proposal-decided"), Value: strings.TrimPrefix(look.Decider+", ", ", ") + r.Say.Time(x.Verdict.At)})
	}
	if x.Verdict.Reason != "" {
		rows = append(rows, page.Row{Name: r.Say.T("office.proposal-why"), Value: x.Verdict.Reason})
	}
	return rows
}

// changesPart words what the text changes, also in the rows of its directories.
func (o *Office) changesPart(r *web.Request, look publication.View) proposalPart {
	p := proposalPart{Title: r.Say.T("office.proposal-changes")}
	if look.Proposal.Base > 0 {
		p.Title = r.Say.T("revision.changes", "number", strconv.Itoa(look.Proposal.Base))
	}
	p.Lists = web.Differences(r, o.Catalogue, look.Examined.Changes)
	for _, c := range look.Rows {
		l := page.List{Title: r.Say.T("office.rows-of", "directory", tr(r, c.Directory.Name))}
		for _, part := range []struct {
			key   string
			codes []string
		}{{"office.rows-added", c.Added}, {"office.rows-removed", c.Removed}, {"office.rows-changed", c.Changed}} {
			if len(part.codes) == 0 {
				continue
			}
			text := strings.Join(part.codes[:min(len(part.codes), codesShown)], ", ")
			if len(part.codes) > codesShown {
				text += " …"
			}
			l.Items = append(l.Items, r.Say.T(part.key, "rows", r.Say.N("office.rows", len(part.codes)), "codes", text))
		}
		p.Lists = append(p.Lists, l)
	}
	return p
}

// impactPart tells what would become otherwise for today's applications.
func impactPart(r *web.Request, look publication.View) proposalPart {
	p, t := proposalPart{Title: r.Say.T("office.impact")}, look.Impact
	if t.Drafts+t.Registered == 0 {
		p.Text = r.Say.T("office.impact-none")
		return p
	}
	for _, row := range []struct {
		key   string
		count int
	}{
		{"office.impact-drafts", t.Drafts}, {"office.impact-altered", t.Altered}, {"office.impact-fees", t.Fees}, {"office.impact-documents", t.Documents}, {"office.impact-gained", t.Gained},
		{"office.impact-lost", t.Lost}, {"office.impact-registered", t.Registered}, {"office.impact-otherwise", t.Otherwise}, {"office.impact-unreadable", t.Unreadable},
	} {
		if row.count > 0 || row.key == "office.impact-drafts" || row.key == "office.impact-registered" {
			p.Rows = append(p.Rows, page.Row{Name: r.Say.T(row.key), Value: r.Say.Int(int64(row.count))})
		}
	}
	if len(look.Affected) == 0 {
		return p
	}
	p.Table = &page.Table{ID: "affected", Caption: r.Say.T("office.affected"), Stack: true,
		Columns: []page.Column{{Text: r.Say.T("filing.number")}, {Text: r.Say.T("office.proposal-state")}, {Text: r.Say.T("revision.what")}}}
	for _, a := range look.Affected {
		tag := web.StatusTag(r, a.State)
		p.Table.Rows = append(p.Table.Rows, []page.Cell{{Text: a.Number, Header: true}, {Tag: &tag}, {Text: affectedText(r, look.Examined, a)}})
	}
	return p
}

func affectedText(r *web.Request, e publication.Examined, a publication.Affected) string {
	var parts []string
	add := func(key string, kv ...string) { parts = append(parts, r.Say.T(key, kv...)) }
	if a.Failed {
		add("office.affected-failed")
	}
	for _, part := range []struct {
		key  string
		keys []string
	}{{"office.affected-gained", a.Gained}, {"office.affected-lost", a.Lost}, {"office.affected-documents", a.Documents}} {
		if len(part.keys) > 0 {
			add(part.key, "names", strings.Join(labels(r, e, part.keys), ", "))
		}
	}
	if a.FeeWas != a.FeeIs {
		add("office.affected-fee", "was", r.Say.Money(a.FeeWas), "is", r.Say.Money(a.FeeIs))
	}
	if a.Branch != a.Would {
		add("office.affected-decision", "was", branchText(r, e, a.Branch), "is", branchText(r, e, a.Would))
	}
	return strings.Join(parts, "; ")
}

// labels are the names of fields and documents, as the old and the new text call them.
func labels(r *web.Request, e publication.Examined, keys []string) []string {
	out := slices.Clone(keys)
	for i, key := range out {
		for _, rev := range []*service.Revision{e.Revision, e.Before} {
			if rev == nil {
				continue
			}
			if f, ok := rev.Definition.Field(key); ok {
				out[i] = tr(r, f.Label)
				break
			}
			if d := slices.IndexFunc(rev.Definition.Documents, func(d service.Document) bool { return d.Key == key }); d >= 0 {
				out[i] = tr(r, rev.Definition.Documents[d].Name)
				break
			}
		}
	}
	return out
}

// branchText words the rule by which an application would be decided.
func branchText(r *web.Request, e publication.Examined, branch string) string {
	if branch == "" {
		return "—"
	}
	for _, rev := range []*service.Revision{e.Revision, e.Before} {
		if rev == nil {
			continue
		}
		if g := slices.IndexFunc(rev.Definition.Decision.Refuse, func(g service.Refusal) bool { return g.Key == branch }); g >= 0 {
			return tr(r, rev.Definition.Decision.Refuse[g].Ground)
		}
	}
	return r.Say.T("office.grant")
}

// casesPart shows how the cases beside the text came out, those that fail first.
func casesPart(r *web.Request, look publication.View) proposalPart {
	results := look.Examined.Results
	p := proposalPart{Title: r.Say.T("office.cases-title")}
	if len(results) == 0 {
		p.Text = r.Say.T("office.cases-none")
		return p
	}
	p.Table = &page.Table{ID: "cases", Caption: r.Say.T("office.cases-caption", "cases", r.Say.N("office.cases", len(results))), Stack: true,
		Columns: []page.Column{{Text: r.Say.T("office.case-name")}, {Text: r.Say.T("office.case-result")}}}
	for _, x := range slices.Concat(look.Examined.Failed(), look.Examined.Passed()) {
		cell := page.Cell{Tag: &page.Tag{Text: r.Say.T("office.case-passed"), Tone: page.Good}}
		if len(x.Wrong) > 0 {
			cell = page.Cell{Body: wrongCase(page.Tag{Text: r.Say.T("office.case-failed"), Tone: page.Bad}, x.Wrong)}
		}
		p.Table.Rows = append(p.Table.Rows, []page.Cell{{Text: x.Name, Header: true, Lang: lang.EN}, cell})
	}
	return p
}

// proposalFiles are the files of the folder as they were proposed.
func proposalFiles(r *web.Request, x port.Proposal) []page.File {
	var out []page.File
	for _, part := range []struct {
		files  service.Source
		folder string
	}{{x.Source, ""}, {x.Cases, casesFolder}} {
		for _, name := range slices.Sorted(maps.Keys(part.files)) {
			file := path.Join(part.folder, name)
			out = append(out, page.File{Name: file, Lang: lang.EN, Href: proposalPath(r, x.ID) + "/files/" + file, Note: r.Say.Size(int64(len(part.files[name])))})
		}
	}
	return out
}

// casesFolder is where the cases stand in a service's folder.
const casesFolder = "cases"

// proposalFile sends a file of the proposed folder.
func (o *Office) proposalFile(w http.ResponseWriter, r *web.Request) error {
	if err := working(r); err != nil {
		return err
	}
	x, err := o.Publication.Proposal(r.Context(), r.Actor, r.PathValue("id"))
	if err != nil {
		return err
	}
	name, files := r.PathValue("name"), x.Source
	if rest, ok := strings.CutPrefix(name, casesFolder+"/"); ok {
		name, files = rest, x.Cases
	}
	content, ok := files[name]
	if !ok {
		return fault.New(fault.NotFound, "fault.not-found")
	}
	return o.Server.File(w, r, web.File{Name: name, Type: "text/plain; charset=utf-8", Size: int64(len(content))}, io.NopCloser(bytes.NewReader(content)))
}

// decideProposal approves or rejects.
func (o *Office) decideProposal(w http.ResponseWriter, r *web.Request) error {
	if err := working(r); err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.form").Because(err)
	}
	id, typed := r.PathValue("id"), r.PostForm
	what := typed.Get(page.NameGo)
	var err error
	switch what {
	case actApprove:
		_, err = o.Publication.Approve(r.Context(), r.Actor, id)
	case actReject:
		err = o.Publication.Reject(r.Context(), r.Actor, id, typed.Get(fieldReason))
	default:
		return fault.New(fault.Invalid, "fault.form")
	}
	if err == nil {
		r.Flash("office.proposal-done." + what)
		return o.Server.Go(w, r, proposalPath(r, id))
	}
	errs, ok := o.errorsOf(r, err)
	if !ok {
		return err
	}
	return o.showProposal(w, r, typed, err, errs)
}
