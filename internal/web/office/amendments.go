package office

import (
	"net/http"
	"net/url"

	"elicense/internal/fault"
	"elicense/internal/port"
	"elicense/internal/reference"
	"elicense/internal/service"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// amendment shows what is proposed about a directory.
func (o *Office) amendment(w http.ResponseWriter, r *web.Request) error {
	kept, _ := r.Kept()
	return o.showAmendment(w, r, kept, nil, nil)
}

func (o *Office) showAmendment(w http.ResponseWriter, r *web.Request, typed url.Values, problem error, errs page.Errors) error {
	if err := working(r); err != nil {
		return err
	}
	look, err := o.Directories.Look(r.Context(), r.Actor, r.PathValue("id"))
	if err != nil {
		return err
	}
	a := look.Amendment
	name := o.directoryName(r, reference.Listing{Name: a.Directory, Service: look.Service})
	v := proposalView{Words: o.Server.Words(r.Lang), Errors: errs, Heading: page.Heading{Caption: r.Say.T("directory.amendment"), Text: name}, Status: amendmentTag(r, a),
		Rows: []page.Row{{Name: r.Say.T("office.proposed-by"), Value: look.Names[a.Proposed.By] + ", " + r.Say.Time(a.Proposed.At)}},
		Form: page.Form{Action: amendmentAddress(r, a.ID), CSRF: r.CSRF()}}
	if a.Note != "" {
		v.Rows = append(v.Rows, page.Row{Name: r.Say.T("directory.basis"), Value: a.Note})
	}
	if a.State != port.AmendmentProposed {
		v.Rows = append(v.Rows, page.Row{Name: r.Say.T("directory.state." + string(a.State)), Value: look.Names[a.Closed.By] + ", " + r.Say.Time(a.Closed.At)})
		if a.Reason != "" {
			v.Rows = append(v.Rows, page.Row{Name: r.Say.T("office.proposal-reason"), Value: a.Reason})
		}
		v.Parts = append(v.Parts, proposalPart{Title: r.Say.T("directory.rows"), Table: rowsTable(r, r.Say.T("directory.rows"), look.Directory, a.Rows[:min(len(a.Rows), changesShown)])})
	} else {
		o.decideAmendment(r, look, typed, errs, &v)
	}
	c := o.Chrome(r, v.Heading.Text)
	c.Title = v.Heading.Text + " — " + v.Heading.Caption
	c.Wide = true
	c.Breadcrumbs = []page.Link{{Text: r.Say.T("directory.title"), Href: r.Link(pathDirectories)}, {Text: name, Href: directoryAddress(r, a.Directory)}, {Text: v.Heading.Caption}}
	return o.show(w, r, problem, c, amendmentPage(v))
}

// decideAmendment shows the difference and what the reader can do.
func (o *Office) decideAmendment(r *web.Request, look reference.Look, typed url.Values, errs page.Errors, v *proposalView) {
	if look.Mine {
		v.Notices = append(v.Notices, page.Banner{Kind: page.Info, Text: r.Say.T("directory.second")})
	}
	if look.Past {
		v.Notices = append(v.Notices, page.Banner{Kind: page.Caution, Text: r.Say.T("directory.changes-past")})
	}
	for _, x := range []struct {
		key  string
		list []reference.Changed
	}{{"directory.added", look.Difference.Added}, {"directory.changed", look.Difference.Changed}, {"directory.ended", look.Difference.Closed}} {
		if len(x.list) == 0 {
			continue
		}
		part := proposalPart{Title: r.Say.T(x.key) + ": " + r.Say.Int(int64(len(x.list)))}
		if len(x.list) > changesShown {
			part.Text = r.Say.T("directory.first", "rows", r.Say.Int(changesShown))
		}
		part.Table = differenceTable(r, part.Title, look, x.list[:min(len(x.list), changesShown)])
		v.Parts = append(v.Parts, part)
	}
	v.Rows = append(v.Rows, page.Row{Name: r.Say.T("directory.same"), Value: r.Say.Int(int64(look.Difference.Same))})
	v.Decide = r.Say.T("office.proposal-decide")
	reject := "office.proposal-reject"
	if look.Mine {
		reject = "office.proposal-take-back"
	} else {
		v.Approve = &page.Button{Text: r.Say.T("directory.approve"), Name: page.NameGo, Value: actApprove}
	}
	v.Reason = page.AreaField{Field: page.Field{Name: fieldReason, Label: r.Say.T("office.proposal-reason"), Value: typed.Get(fieldReason), Error: errs.For(fieldReason)}, Rows: 4, MaxLength: 2000}
	v.Reject = page.Button{Text: r.Say.T(reject), Kind: page.Secondary, Name: page.NameGo, Value: actReject}
}

// differenceTable shows rows as they will be, with what a cell was before where it changes.
func differenceTable(r *web.Request, caption string, look reference.Look, list []reference.Changed) *page.Table {
	after := make([]service.Row, len(list))
	for i, x := range list {
		after[i] = x.After
	}
	t := rowsTable(r, caption, look.Directory, after)
	t.ID = ""
	columns := rowColumns(look.Directory, after)
	for i, x := range list {
		if x.Before.Code == "" {
			continue
		}
		for j, c := range columns {
			if was := cellText(r, x.Before, c); was != cellText(r, x.After, c) {
				t.Rows[i][j].Text += "\n" + r.Say.T("directory.was", "before", was)
			}
		}
	}
	return t
}

// closeAmendment approves or rejects.
func (o *Office) closeAmendment(w http.ResponseWriter, r *web.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.form").Because(err)
	}
	if err := working(r); err != nil {
		return err
	}
	id, typed := r.PathValue("id"), r.PostForm
	act := typed.Get(page.NameGo)
	var err error
	switch act {
	case actApprove:
		err = o.Directories.Approve(r.Context(), r.Actor, id)
	case actReject:
		err = o.Directories.Reject(r.Context(), r.Actor, id, typed.Get(fieldReason))
	default:
		return fault.New(fault.Invalid, "fault.form")
	}
	if err == nil {
		r.Flash("directory.done." + act)
		return o.Server.Go(w, r, amendmentAddress(r, id))
	}
	errs, ok := o.errorsOf(r, err)
	if !ok || fault.KindOf(err) == fault.Denied {
		return err
	}
	return o.showAmendment(w, r, typed, err, errs)
}
