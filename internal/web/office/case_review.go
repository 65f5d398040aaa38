package office

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"elicense/internal/application"
	"elicense/internal/casework"
	"elicense/internal/fault"
	"elicense/internal/port"
	"elicense/internal/service"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// actNote writes a note; it changes nothing of the application.
const actNote = "note"

// examination is what accompanies the examination of a case: its documents as images, the answers to the requirements, what
// was corrected, the officials' notes.
type examination struct {
	Documents    documentsBox
	Requirements *requirementsForm
	Found        card // the answers to the requirements, where they cannot be given
	Correct      *page.Link
	Corrections  []correctionTable
	Notes        notesBox
}

type requirementsForm struct {
	Title, Lead string
	Asked       []requirementFields
	Save        page.Button
}

type requirementFields struct {
	Met     page.ChoiceField
	More    string // opens the reasons
	Open    bool
	Reasons []page.AreaField
}

// correctionTable is what the applicant was asked to correct, and what became of it.
type correctionTable struct {
	Title, Text string
	Table       page.Table
}

type notesBox struct {
	Title, Hint string
	Written     []page.Event
	Note        page.AreaField
	Add         page.Button
}

// examine adds to a case what accompanies its examination.
func (o *Office) examine(r *web.Request, c casework.Case, typed url.Values, errs page.Errors, v *caseView) error {
	review, err := o.Desk.Review(r.Context(), r.Actor, c.Application.Number)
	if err != nil {
		return err
	}
	if !c.Application.State.UnderWay() {
		review.Others = nil // nothing is left to be done twice
	}
	for _, other := range review.Others {
		v.Notices = append(v.Notices, page.Banner{Kind: page.Info, Title: r.Say.T("review.looks", "name", c.Names[other.Account], "time", r.Say.Time(other.Since))})
	}
	e := &v.Examination
	e.Documents = o.documents(r, c.Application)
	if c.May(application.Examine) {
		e.Requirements = requirementsOf(r, c, typed, errs)
	} else {
		e.Found = foundCard(r, c)
	}
	if c.May(application.AskCorrection) {
		e.Correct = &page.Link{Text: r.Say.T("review.ask-correction"), Href: r.Link("/applications/" + c.Application.Number + "/correction")}
	}
	for i, correction := range c.Application.Work.Report.Corrections {
		e.Corrections = append(e.Corrections, correctionOf(r, c, i, correction))
	}
	e.Notes = notesOf(r, c, review.Notes, typed, errs)
	return nil
}

func metText(r *web.Request, met string) string {
	if met == "" {
		return r.Say.T("requirement.open")
	}
	return r.Say.T("value." + met)
}

// requirementsOf asks for the answers. A form that was sent shows what was typed, another one what is kept.
func requirementsOf(r *web.Request, c casework.Case, typed url.Values, errs page.Errors) *requirementsForm {
	f := &requirementsForm{Title: r.Say.T("requirement.title"), Lead: r.Say.T("requirement.lead"),
		Save: page.Button{Text: r.Say.T("requirement.save"), Kind: page.Secondary, Name: page.NameGo, Value: string(application.Examine)}}
	sent := typed.Get(page.NameGo) == string(application.Examine)
	for _, requirement := range c.Definition().Process.Requirements {
		kept := c.Application.Work.Report.Finding(requirement.Key)
		if sent {
			kept = foundIn(typed, requirement.Key)
		}
		path := application.FindingPath(requirement.Key, "")
		fields := requirementFields{More: r.Say.T("requirement.reasons"), Open: kept.Met == application.NotMet,
			Met: page.ChoiceField{Inline: true, Field: page.Field{Name: path, Label: tr(r, requirement.Text), Hint: tr(r, requirement.Act), Value: kept.Met, Error: errs.For(path)},
				Options: []page.Option{{Value: application.Met, Text: r.Say.T("value.yes")}, {Value: application.NotMet, Text: r.Say.T("value.no")}}}}
		for _, reason := range []struct{ part, label, value string }{{"kk", "office.reason-kk", kept.ReasonKK}, {"ru", "office.reason-ru", kept.ReasonRU}} {
			path := application.FindingPath(requirement.Key, reason.part)
			fields.Open = fields.Open || errs.For(path) != ""
			fields.Reasons = append(fields.Reasons, page.AreaField{Rows: 2, MaxLength: 2000,
				Field: page.Field{Name: path, Label: r.Say.T(reason.label), Value: reason.value, Error: errs.For(path)}})
		}
		f.Asked = append(f.Asked, fields)
	}
	return f
}

// foundIn reads the answer to one requirement.
func foundIn(typed url.Values, key string) application.Finding {
	return application.Finding{Requirement: key, Met: typed.Get(application.FindingPath(key, "")),
		ReasonKK: typed.Get(application.FindingPath(key, "kk")), ReasonRU: typed.Get(application.FindingPath(key, "ru"))}
}

// examineCase keeps the answers that were sent.
func (o *Office) examineCase(r *web.Request, number string, version int, typed url.Values) error {
	c, err := o.Desk.Open(r.Context(), r.Actor, number)
	if err != nil {
		return err
	}
	var found []application.Finding
	for _, requirement := range c.Definition().Process.Requirements {
		found = append(found, foundIn(typed, requirement.Key))
	}
	return o.Desk.Examine(r.Context(), r.Actor, number, version, found)
}

// foundCard shows the answers to the next official, and in the history of a decided application.
func foundCard(r *web.Request, c casework.Case) card {
	out := card{Title: r.Say.T("requirement.title")}
	for _, requirement := range c.Definition().Process.Requirements {
		found := c.Application.Work.Report.Finding(requirement.Key)
		if found.Requirement == "" {
			continue
		}
		text := []string{metText(r, found.Met)}
		for _, reason := range []string{found.ReasonKK, found.ReasonRU} {
			if reason != "" && found.Met == application.NotMet {
				text = append(text, reason)
			}
		}
		text = append(text, c.Names[found.By]+", "+r.Say.Time(found.At))
		out.Rows = append(out.Rows, page.Row{Name: tr(r, requirement.Text), Value: strings.Join(text, "\n")})
	}
	return out
}

// takeOver fills the reasons of a refusal with those of the requirements that are not met, until the official writes others.
func takeOver(c casework.Case, typed url.Values, f *proposalForm) {
	if typed.Get(page.NameGo) == string(application.Propose) {
		return
	}
	kk, ru := c.Application.Work.Report.NotMetReasons()
	for i := range f.Reasons {
		switch {
		case f.Reasons[i].Value != "":
		case f.Reasons[i].Name == fieldReasonKK:
			f.Reasons[i].Value = kk
		case f.Reasons[i].Name == fieldReasonRU:
			f.Reasons[i].Value = ru
		}
	}
}

// correctionOf tells what was asked and, where it was answered, what stood there before and what stands there now.
func correctionOf(r *web.Request, c casework.Case, index int, asked application.Correction) correctionTable {
	t := correctionTable{Title: r.Say.T("review.correction", "time", r.Say.Time(asked.AskedAt), "name", c.Names[asked.By]),
		Table: page.Table{ID: "correction-" + strconv.Itoa(index), Caption: r.Say.T("review.difference"), CaptionHidden: true, Stack: true}}
	switch {
	case asked.Lapsed:
		t.Text = r.Say.T("review.lapsed", "date", r.Say.LongDate(asked.Until))
	case asked.ClosedAt.IsZero():
		t.Text = r.Say.T("review.awaited", "date", r.Say.LongDate(asked.Until))
	default:
		t.Text = r.Say.T("review.answered", "time", r.Say.Time(asked.ClosedAt))
	}
	for _, key := range []string{"review.item", "review.said", "review.was", "review.is"} {
		t.Table.Columns = append(t.Table.Columns, page.Column{Text: r.Say.T(key)})
	}
	said := map[string]string{}
	for _, item := range asked.Items {
		said[item.Path], _ = item.In(r.Lang)
	}
	answered := !asked.ClosedAt.IsZero() && !asked.Lapsed
	for _, pg := range c.Definition().Pages {
		for _, field := range pg.Fields {
			now, changed := asked.Answers[field.Key]
			if !answered || !changed && said[field.Key] != "" {
				now = c.Application.Answers[field.Key]
			}
			if !changed && said[field.Key] == "" || !answered && said[field.Key] == "" {
				continue
			}
			was := now
			if answered && changed {
				was = asked.Was[field.Key]
			}
			show := func(answer string) page.Cell {
				return page.Cell{Text: web.OrDash(c.Form.Show(field, answer, r.Lang, r.Say).Text)}
			}
			is := page.Cell{Text: r.Say.T("review.unchanged")}
			if answered && changed {
				is = show(now)
			}
			t.Table.Rows = append(t.Table.Rows, []page.Cell{{Text: tr(r, field.Label), Header: true}, {Text: web.OrDash(said[field.Key])}, show(was), is})
		}
	}
	for _, doc := range c.Definition().Documents {
		if text := said[application.DocumentItem(doc.Key)]; text != "" {
			t.Table.Rows = append(t.Table.Rows, documentRow(r, c, index, asked, doc, text))
		}
	}
	return t
}

func documentRow(r *web.Request, c casework.Case, index int, asked application.Correction, doc service.Document, said string) []page.Cell {
	address := func(key string) string { return documentPath(r, c.Application.Number, key) }
	was, is := page.Cell{Text: "—"}, page.Cell{Text: r.Say.T("review.unchanged")}
	for _, at := range c.Application.Attached {
		if at.Key == doc.Key {
			was = page.Cell{Text: at.File, Href: address(doc.Key)}
		}
	}
	for _, fresh := range asked.Attached {
		if fresh.Key == doc.Key && !asked.ClosedAt.IsZero() {
			is, was = page.Cell{Text: fresh.File, Href: address(doc.Key)}, page.Cell{Text: "—"}
		}
	}
	for _, old := range asked.WasAttached {
		if old.Key == doc.Key {
			was = page.Cell{Text: old.File, Href: address(application.ReplacedKey(doc.Key, index))}
		}
	}
	return []page.Cell{{Text: tr(r, doc.Name), Header: true}, {Text: said}, was, is}
}

// notesOf are the notes of the body's officials, with a form for another one.
func notesOf(r *web.Request, c casework.Case, notes []port.Note, typed url.Values, errs page.Errors) notesBox {
	box := notesBox{Title: r.Say.T("note.title"), Hint: r.Say.T("note.hint"),
		Note: page.AreaField{Rows: 3, MaxLength: 4000, Field: page.Field{Name: casework.FieldCaseNote, Label: r.Say.T("note.text"), Value: typed.Get(casework.FieldCaseNote), Error: errs.For(casework.FieldCaseNote)}},
		Add:  page.Button{Text: r.Say.T("note.add"), Kind: page.Secondary, Name: page.NameGo, Value: actNote}}
	for _, n := range notes {
		box.Written = append(box.Written, page.Event{When: r.Say.Time(n.At), Title: n.Text, Who: c.Names[n.Author]})
	}
	return box
}

// whoWas words a conflict so that it names who did what stands in the way, and when.
func (o *Office) whoWas(r *web.Request, c casework.Case, err error, errs page.Errors) page.Errors {
	a := c.Application
	name := func(account string) string {
		if account == application.BySystem {
			return r.Say.T("filing.by-system")
		}
		if name := c.Names[account]; name != "" {
			return name
		}
		return c.Party.Name
	}
	switch {
	case (fault.Is(err, "work.decided") || fault.Is(err, "work.changed")) && a.Decision != nil:
		return page.Errors{{Text: r.Say.T("work.decided-by", "name", name(a.Decision.By), "time", r.Say.TimeSeconds(a.DecidedAt),
			"outcome", r.Say.T("status."+string(a.State)))}}
	case fault.Is(err, "work.not-yours") && a.Work.Holder != "":
		return page.Errors{{Text: r.Say.T("work.held-by", "name", name(a.Work.Holder))}}
	case fault.Is(err, "work.changed") && len(c.Happenings) > 0:
		last := c.Happenings[len(c.Happenings)-1]
		who, when, what := last.Actor, last.At, "event."+string(last.Event)
		for _, f := range a.Work.Report.Findings { // an examination is no event
			if f.At.After(when) {
				who, when, what = f.By, f.At, "requirement.title"
			}
		}
		return page.Errors{{Text: r.Say.T("work.changed-by", "name", name(who), "time", r.Say.TimeSeconds(when), "event", r.Say.T(what))}}
	}
	return errs
}

// correctionView asks what the applicant is to correct.
type correctionView struct {
	Words   *page.Words
	Heading page.Heading
	Errors  page.Errors
	Notices []page.Banner
	Form    page.Form
	Groups  []correctionGroup
	Send    page.Button
}

type correctionGroup struct {
	Title string
	Items []correctionFields
}

type correctionFields struct {
	Mark   page.Field
	Marked bool
	More   string
	Texts  []page.AreaField
}

// correction shows everything that can be marked.
func (o *Office) correction(w http.ResponseWriter, r *web.Request) error {
	c, err := o.Desk.Open(r.Context(), r.Actor, r.PathValue("number"))
	if err != nil {
		return err
	}
	if !c.May(application.AskCorrection) {
		return o.Server.Go(w, r, r.Link("/applications/"+c.Application.Number))
	}
	kept, _ := r.Kept()
	return o.showCorrection(w, r, c, kept, nil, nil)
}

func (o *Office) showCorrection(w http.ResponseWriter, r *web.Request, c casework.Case, typed url.Values, problem error, errs page.Errors) error {
	number, term := c.Application.Number, c.Definition().Process.Correction
	v := correctionView{Words: o.Server.Words(r.Lang), Errors: errs,
		Heading: page.Heading{Caption: number, Text: r.Say.T("review.ask-correction"), Lead: r.Say.T("review.correction-lead", "days", r.Say.N("service.days", term.Days()))},
		Form:    page.Form{Action: r.Link("/applications/" + number + "/correction"), CSRF: r.CSRF(), Version: strconv.Itoa(c.Application.Version)},
		Send:    page.Button{Text: r.Say.T("review.send-correction")}}
	if problem == nil && typed != nil {
		v.Notices = append(v.Notices, keptNotice(r))
	}
	known, err := c.Correctable()
	if err != nil {
		return err
	}
	may := map[string]bool{}
	for _, path := range known {
		may[path] = true
	}
	item := func(path, label, value string) correctionFields {
		between := ": "
		if strings.HasSuffix(label, "?") {
			between = " "
		}
		f := correctionFields{Mark: page.Field{Name: "mark." + path, Value: "yes", Label: label + between + web.OrDash(value)}, More: r.Say.T("review.say-what"), Marked: typed.Get("mark."+path) != ""}
		for _, l := range []struct{ part, label string }{{"kk", "review.text-kk"}, {"ru", "review.text-ru"}} {
			name := path + "." + l.part
			f.Texts = append(f.Texts, page.AreaField{Rows: 2, MaxLength: 2000, Field: page.Field{Name: name, Label: r.Say.T(l.label), Value: typed.Get(name), Error: errs.For(name)}})
		}
		return f
	}
	for _, pg := range c.Definition().Pages {
		group := correctionGroup{Title: tr(r, pg.ReadTitle())}
		for _, field := range pg.Fields {
			if may[field.Key] {
				group.Items = append(group.Items, item(field.Key, tr(r, field.Label), c.Form.Show(field, c.Application.Answers[field.Key], r.Lang, r.Say).Text))
			}
		}
		v.add(group)
	}
	files := correctionGroup{Title: r.Say.T("filing.documents")}
	for _, doc := range c.Definition().Documents {
		if path := application.DocumentItem(doc.Key); may[path] {
			file := ""
			for _, at := range c.Application.Attached {
				if at.Key == doc.Key {
					file = at.File
				}
			}
			files.Items = append(files.Items, item(path, tr(r, doc.Name), file))
		}
	}
	v.add(files)
	chrome := o.Chrome(r, v.Heading.Text)
	chrome.Breadcrumbs = []page.Link{{Text: r.Say.T("office.queue"), Href: r.Link("/applications")}, {Text: number, Href: r.Link("/applications/" + number)}, {Text: v.Heading.Text}}
	return o.show(w, r, problem, chrome, correctionPage(v))
}

func (v *correctionView) add(g correctionGroup) {
	if len(g.Items) > 0 {
		v.Groups = append(v.Groups, g)
	}
}

// askCorrection sends the application back with what was marked.
func (o *Office) askCorrection(w http.ResponseWriter, r *web.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.form").Because(err)
	}
	number, typed := r.PathValue("number"), r.PostForm
	version, err := strconv.Atoi(typed.Get(page.NameVersion))
	if err != nil {
		return fault.New(fault.Invalid, "fault.form")
	}
	c, err := o.Desk.Open(r.Context(), r.Actor, number)
	if err != nil {
		return err
	}
	known, err := c.Correctable()
	if err != nil {
		return err
	}
	var items []application.Item
	for _, path := range known {
		if typed.Get("mark."+path) != "" {
			items = append(items, application.Item{Path: path, KK: typed.Get(path + ".kk"), RU: typed.Get(path + ".ru")})
		}
	}
	err = o.Desk.AskCorrection(r.Context(), r.Actor, number, version, items)
	if err == nil {
		r.Flash("office.done." + string(application.AskCorrection))
		return o.Server.Go(w, r, r.Link("/applications/"+number))
	}
	errs, ok := o.errorsOf(r, err)
	again, failed := o.Desk.Open(r.Context(), r.Actor, number)
	if !ok || failed != nil {
		return err
	}
	return o.showCorrection(w, r, again, typed, err, o.whoWas(r, again, err, errs))
}

func documentPath(r *web.Request, number, key string) string {
	return r.Link("/applications/" + number + "/documents/" + url.PathEscape(key) + "/file")
}
