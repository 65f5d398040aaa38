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

// The form of a reply to a preliminary refusal.
const (
	fieldObjections = "objections"
	replyObject     = "object"
	replyWaive      = "waive"
)

// hearingView is a preliminary refusal, and the applicant's way to answer it.
type hearingView struct {
	Words  *page.Words
	Title  string
	Lead   string
	Said   []saidIn
	Rows   []page.Row
	Form   *page.Form // nil once answered
	Field  page.AreaField
	Button page.Button
	Waive  page.Button
	Hint   string
}

// hearingOf shows the last hearing of an application; nil where there was none.
func (p *Portal) hearingOf(r *web.Request, c filing.Case, typed url.Values, errs page.Errors) *hearingView {
	a := c.Application
	h, ok := a.Work.Report.Hearing()
	if !ok {
		return nil
	}
	v := &hearingView{Words: p.Server.Words(r.Lang), Title: r.Say.T("hearing.title"), Lead: r.Say.T("hearing.lead")}
	g, _ := c.Definition().Process.Ground(h.Preliminary.Ground)
	for l, reason := range map[lang.Lang]string{lang.KK: h.Preliminary.ReasonKK, lang.RU: h.Preliminary.ReasonRU} {
		say := p.Server.Texts.In(l)
		v.Said = append(v.Said, saidIn{Lang: l, Text: g.Ground.Get(l), Act: g.Act.Get(l), Reason: reason, ActLabel: say.T("filing.ground-act")})
	}
	if v.Said[0].Lang != lang.KK {
		v.Said[0], v.Said[1] = v.Said[1], v.Said[0]
	}
	v.Rows = []page.Row{{Name: r.Say.T("hearing.when"), Value: r.Say.LongDate(h.Day) + ", " + h.Time}, {Name: r.Say.T("hearing.place"), Value: h.Place}}
	switch {
	case h.Reply == nil:
	case h.Reply.Waived:
		v.Rows = append(v.Rows, page.Row{Name: r.Say.T("hearing.reply"), Value: r.Say.T("hearing.waived") + ", " + r.Say.Time(h.Reply.At)})
	default:
		v.Rows = append(v.Rows, page.Row{Name: r.Say.T("hearing.objections"), Value: h.Reply.Text + "\n" + r.Say.Time(h.Reply.At)})
	}
	if h.Protocol != nil {
		v.Rows = append(v.Rows, page.Row{Name: r.Say.T("hearing.protocol"), Value: h.Protocol.Text + "\n" + r.Say.Time(h.Protocol.At)})
	}
	if a.State == application.Registered && h.Reply == nil && h.Protocol == nil {
		v.Form = &page.Form{Action: applicationPath(r, a.Number, "/hearing"), CSRF: r.CSRF()}
		v.Field = page.AreaField{Field: page.Field{Name: fieldObjections, Label: r.Say.T("hearing.objections"), Hint: r.Say.T("hearing.objections-hint"), Value: typed.Get(fieldObjections), Error: errs.For(fieldObjections)}, Rows: 6, MaxLength: 2000}
		v.Button = page.Button{Text: r.Say.T("hearing.object"), Name: page.NameGo, Value: replyObject}
		v.Waive = page.Button{Text: r.Say.T("hearing.waive"), Kind: page.Secondary, Name: page.NameGo, Value: replyWaive}
		v.Hint = r.Say.T("hearing.waive-hint")
	}
	return v
}

// replyToHearing sends the applicant's objections, or gives the hearing up.
func (p *Portal) replyToHearing(w http.ResponseWriter, r *web.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.form").Because(err)
	}
	number, typed := r.PathValue("number"), r.PostForm
	err := p.Filing.ReplyToHearing(r.Context(), r.Actor, number, application.Reply{Waived: typed.Get(page.NameGo) == replyWaive, Text: typed.Get(fieldObjections)})
	if err == nil {
		r.Flash("hearing.done")
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
