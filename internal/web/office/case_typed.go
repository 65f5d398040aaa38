package office

import (
	"net/url"
	"strings"

	"elicense/internal/application"
	"elicense/internal/casework"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// typedOnly is what somebody typed into a form that the page does not show any more, because another window or person changed
// the case meanwhile; nil where there is nothing of it. It is for reading and copying: nothing of it was stored.
func typedOnly(r *web.Request, c casework.Case, typed url.Values, v caseView) *card {
	out := card{Title: r.Say.T("office.typed")}
	add := func(name, value string) {
		if value = strings.TrimSpace(value); value != "" {
			out.Rows = append(out.Rows, page.Row{Name: name, Value: value})
		}
	}
	if v.Proposal == nil {
		outcomes := map[application.Outcome]string{application.Grant: "office.grant", application.Refuse: "office.refuse"}
		if key, ok := outcomes[application.Outcome(typed.Get(fieldOutcome))]; ok {
			add(r.Say.T("office.outcome"), r.Say.T(key))
		}
		if g, ok := c.Definition().Process.Ground(typed.Get(fieldGround)); ok {
			add(r.Say.T("office.ground"), tr(r, g.Ground)+" ("+tr(r, g.Act)+")")
		}
		out.Rows = append(out.Rows, reasonRows(r, strings.TrimSpace(typed.Get(fieldReasonKK)), strings.TrimSpace(typed.Get(fieldReasonRU)))...)
		for _, x := range [][2]string{{fieldHearingDay, "hearing.day"}, {fieldHearingTime, "hearing.time"}, {fieldHearingPlace, "hearing.place"}} {
			add(r.Say.T(x[1]), typed.Get(x[0]))
		}
	}
	if v.Proposal == nil && v.Review == nil {
		add(r.Say.T("office.note"), typed.Get(fieldNote))
	}
	if v.Record == nil {
		add(r.Say.T("hearing.protocol"), typed.Get(fieldProtocol))
	}
	if v.Examination.Requirements == nil {
		for _, asked := range c.Definition().Process.Requirements {
			f := foundIn(typed, asked.Key)
			if f.Met == application.Met || f.Met == application.NotMet {
				out.Rows = append(out.Rows, page.Row{Name: tr(r, asked.Text), Value: r.Say.T("value." + f.Met)})
			}
			out.Rows = append(out.Rows, reasonRows(r, strings.TrimSpace(f.ReasonKK), strings.TrimSpace(f.ReasonRU))...)
		}
	}
	if len(out.Rows) == 0 {
		return nil
	}
	return &out
}
