package office

import (
	"net/url"
	"strings"

	"elicense/internal/application"
	"elicense/internal/casework"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// assignForm gives the application to an official.
type assignForm struct {
	Title  string
	To     page.SelectField
	Reason page.TextField
	Button page.Button
}

// assignment says by whom and why the holder was given the application, and lets who hands out work give it to another.
func (o *Office) assignment(r *web.Request, c casework.Case, typed url.Values, errs page.Errors, v *caseView) error {
	given := c.Application.Work.Report.Assigned
	if given != nil && given.To == c.Application.Work.Holder && c.Application.State == application.Registered {
		by := c.Names[given.By]
		if by == "" {
			by = r.Say.T("filing.by-system")
		}
		v.Notices = append(v.Notices, page.Banner{Kind: page.Info, Title: r.Say.T("queue.given", "to", c.Names[given.To], "by", by, "at", r.Say.Time(given.At)), Text: given.Reason})
	}
	people, err := o.Desk.Candidates(r.Context(), r.Actor, c.File)
	if err != nil || len(people) == 0 {
		return err
	}
	v.Assign = &assignForm{Title: r.Say.T("queue.act.assign"), To: *toField(r, people, typed, errs), Reason: *reasonField(r, typed, errs),
		Button: page.Button{Text: r.Say.T("queue.act.assign"), Kind: page.Secondary, Name: page.NameGo, Value: string(application.Assign)}}
	return nil
}

// assign gives the application to the official who was chosen.
func (o *Office) assign(r *web.Request, number string, version int) func() error {
	return func() error {
		return o.Desk.Assign(r.Context(), r.Actor, number, version, r.PostForm.Get(fieldTo), strings.TrimSpace(r.PostForm.Get(fieldReason)))
	}
}
