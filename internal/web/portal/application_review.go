package portal

import (
	"net/http"
	"net/url"

	"elicense/internal/application"
	"elicense/internal/fault"
	"elicense/internal/filing"
	"elicense/internal/lang"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// fieldReview is what the applicant says to an automatic refusal.
const fieldReview = "review"

// humanReview is the way to a person after an automatic refusal, and what the person answered.
type humanReview struct {
	Words  *page.Words
	Title  string
	Lead   string
	Rows   []page.Row
	Form   *page.Form // nil once asked
	Field  page.AreaField
	Button page.Button
}

// reviewOf shows it; nil where the system did not refuse, or the time is over.
func (p *Portal) reviewOf(r *web.Request, c filing.Case, typed url.Values, errs page.Errors) (*humanReview, error) {
	a := c.Application
	if a.State != application.Returned && a.Work.Report.Overturned == nil {
		return nil, nil
	}
	x, asked, err := p.Filing.Review(r.Context(), r.Actor, a.Number)
	if err != nil || !asked && a.MayReview(p.World.Now()) != nil {
		return nil, err
	}
	v := &humanReview{Words: p.Server.Words(r.Lang), Title: r.Say.T("review.title"), Lead: r.Say.T("review.lead")}
	if !asked {
		v.Form = &page.Form{Action: applicationPath(r, a.Number, "/review"), CSRF: r.CSRF()}
		v.Field = page.AreaField{Field: page.Field{Name: fieldReview, Label: r.Say.T("review.text"), Hint: r.Say.T("review.hint"), Value: typed.Get(fieldReview), Error: errs.For(fieldReview)}, Rows: 5, MaxLength: 2000}
		v.Button = page.Button{Text: r.Say.T("review.ask"), Kind: page.Secondary}
		return v, nil
	}
	v.Rows = append(v.Rows, page.Row{Name: r.Say.T("review.asked"), Value: r.Say.Time(x.AskedAt)})
	if x.Text != "" {
		v.Rows = append(v.Rows, page.Row{Name: r.Say.T("review.text"), Value: x.Text})
	}
	if x.Outcome == "" {
		v.Rows = append(v.Rows, page.Row{Name: r.Say.T("review.answer"), Value: r.Say.T("review.waits")})
		return v, nil
	}
	v.Rows = append(v.Rows, page.Row{Name: r.Say.T("review.answer"), Value: r.Say.T("automatic.outcome."+string(x.Outcome)) + ", " + r.Say.Time(x.ClosedAt)},
		page.Row{Name: r.Say.T("office.reason-kk"), Value: x.ReasonKK, Lang: lang.KK}, page.Row{Name: r.Say.T("office.reason-ru"), Value: x.ReasonRU, Lang: lang.RU})
	return v, nil
}

// askReview asks that a person looks at an automatic refusal.
func (p *Portal) askReview(w http.ResponseWriter, r *web.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.form").Because(err)
	}
	number, typed := r.PathValue("number"), r.PostForm
	err := p.Filing.AskReview(r.Context(), r.Actor, number, typed.Get(fieldReview))
	if err == nil {
		r.Flash("review.done")
		return p.Server.Go(w, r, applicationPath(r, number, ""))
	}
	if kind := fault.KindOf(err); kind != fault.Invalid && kind != fault.Conflict {
		return err
	}
	c, again := p.Filing.Case(r.Context(), r.Actor, number)
	if again != nil {
		return err
	}
	errs := page.ErrorsOf(err, func(key string, args fault.Args) string { return p.Server.Text(r, key, args) })
	return p.showApplication(w, r, c, typed, err, errs)
}
