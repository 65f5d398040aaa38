package office

import (
	"strings"

	"elicense/internal/application"
	"elicense/internal/casework"
	"elicense/internal/service"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// checkForm asks the official of the first step whether the documents are complete.
type checkForm struct {
	Title, Text string
	Complete    page.Button
}

// completeness is the check as the reader may do it; nil where it is done, over, or another's.
func (o *Office) completeness(r *web.Request, c casework.Case) *checkForm {
	check := c.Application.Work.Report.Completeness
	if !c.May(application.MarkComplete) || !check.Running(c.Facts.Today) {
		return nil
	}
	return &checkForm{Title: r.Say.T("term.matter.completeness"), Text: r.Say.T("term.check-lead", "date", r.Say.LongDate(check.Due)),
		Complete: page.Button{Text: r.Say.T("term.check-complete"), Kind: page.Secondary, Name: page.NameGo, Value: string(application.MarkComplete)}}
}

// grounds are those on which a refusal can be proposed today: of incompleteness only while its check runs.
func grounds(c casework.Case) []service.Refusal {
	p := c.Definition().Process
	if !c.Application.Work.Report.Completeness.Running(c.Facts.Today) {
		return p.Grounds
	}
	return append(p.Incompleteness(), p.Grounds...)
}

// termRows say until when the application is to be decided, the step done, and how the check of completeness stands.
func (o *Office) termRows(r *web.Request, c casework.Case) ([]page.Row, error) {
	a := c.Application
	var rows []page.Row
	if !a.Work.Due.IsZero() {
		rows = append(rows, page.Row{Name: r.Say.T("office.due"), Value: r.Say.LongDate(a.Work.Due)})
	}
	if check := a.Work.Report.Completeness; check != nil {
		said := []string{r.Say.T("term.check-due", "date", r.Say.LongDate(check.Due))}
		switch {
		case check.By == application.BySystem:
			said = append(said, r.Say.T("event."+string(application.PresumedComplete))+", "+r.Say.Time(check.At))
		case !check.Open():
			said = append(said, r.Say.T("event."+string(application.FoundComplete))+": "+c.Names[check.By]+", "+r.Say.Time(check.At))
		}
		rows = append(rows, page.Row{Name: r.Say.T("term.matter.completeness"), Value: strings.Join(said, "\n")})
	}
	if len(rows) > 0 {
		rows[0].Actions = []page.Link{{Text: r.Say.T("term.why"), Href: r.Link(pathQueue + "/" + a.Number + "/term")}}
	}
	due, err := o.Desk.StepDue(r.Context(), a, c.Definition().Process)
	if err == nil && !due.IsZero() {
		rows = append(rows, page.Row{Name: r.Say.T("office.step-due"), Value: tr(r, c.Step.Name) + ": " + r.Say.LongDate(due)})
	}
	return rows, err
}
