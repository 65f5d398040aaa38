package office

import (
	"net/http"
	"net/url"
	"strings"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/casework"
	"elicense/internal/fault"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

const pathAutomatic = "/automatic"

// The buttons and fields of the page.
const (
	actStop   = "stop"
	actResume = "resume"
	actReview = "review"
	fieldOf   = "of" // key of a service, or number of an application: whose form it is
)

// automaticView is the page of what the system decides by itself at the reader's body.
type automaticView struct {
	Words     *page.Words
	Heading   page.Heading
	Errors    page.Errors
	ReviewsOf string
	Reviews   []reviewBoxView
	NoReviews string
	Services  []serviceSwitch
}

// reviewBoxView is one review that waits for an answer.
type reviewBoxView struct {
	ID      string // of its heading
	Case    page.Link
	Rows    []page.Row
	Form    *page.Form // nil for those who do not speak for the body
	Of      string
	Outcome page.ChoiceField
	Reasons []page.AreaField
	Button  page.Button
}

// serviceSwitch is one service that the system decides, and its switch.
type serviceSwitch struct {
	ID     string
	Name   string
	Rows   []page.Row
	Form   *page.Form // nil for those who may not
	Of     string
	Reason *page.AreaField // nil where it is stopped
	Button page.Button
}

// automatic shows the page.
func (o *Office) automatic(w http.ResponseWriter, r *web.Request) error {
	kept, _ := r.Kept()
	return o.showAutomatic(w, r, kept, nil, nil)
}

func (o *Office) showAutomatic(w http.ResponseWriter, r *web.Request, typed url.Values, problem error, errs page.Errors) error {
	all, err := o.Desk.Automation(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	v := automaticView{Words: o.Server.Words(r.Lang), Errors: errs, ReviewsOf: r.Say.T("automatic.reviews"),
		Heading: page.Heading{Text: r.Say.T("automatic.title"), Lead: r.Say.T("automatic.lead")}}
	for _, x := range all.Reviews {
		v.Reviews = append(v.Reviews, reviewOf(r, x, mine(typed, x.Application), errs))
	}
	if len(v.Reviews) == 0 {
		v.NoReviews = r.Say.T("automatic.no-reviews")
	}
	for _, s := range all.Services {
		v.Services = append(v.Services, switchOf(r, s, mine(typed, s.Definition.Key), errs))
	}
	return o.show(w, r, problem, o.Chrome(r, v.Heading.Text), automaticPage(v))
}

// mine is what was typed into the form of a thing; nil where another's was sent.
func mine(typed url.Values, of string) url.Values {
	if typed.Get(fieldOf) != of {
		return nil
	}
	return typed
}

// at gives the errors of the form that was sent only.
func at(typed url.Values, errs page.Errors, name string) string {
	if typed == nil {
		return ""
	}
	return errs.For(name)
}

func reviewOf(r *web.Request, x application.Review, typed url.Values, errs page.Errors) reviewBoxView {
	v := reviewBoxView{ID: "review-" + x.Application, Of: x.Application, Case: page.Link{Text: x.Application, Href: r.Link("/applications/" + x.Application)},
		Rows: []page.Row{{Name: r.Say.T("automatic.asked-at"), Value: r.Say.Time(x.AskedAt)}}}
	if x.Text != "" {
		v.Rows = append(v.Rows, page.Row{Name: r.Say.T("automatic.said"), Value: x.Text})
	}
	if !r.Actor.SpeaksForBody() {
		return v
	}
	v.Form = &page.Form{Action: r.Link(pathAutomatic), CSRF: r.CSRF()}
	field := func(name, label string) page.Field {
		return page.Field{ID: "f-" + name + "-" + x.Application, Name: name, Label: r.Say.T(label), Value: typed.Get(name), Error: at(typed, errs, name)}
	}
	v.Outcome = page.ChoiceField{Field: field(fieldOutcome, "automatic.outcome")}
	for _, outcome := range []application.ReviewOutcome{application.Upheld, application.Overturned} {
		v.Outcome.Options = append(v.Outcome.Options, page.Option{Value: string(outcome), Text: r.Say.T("automatic.outcome." + string(outcome))})
	}
	for _, f := range [][2]string{{fieldReasonKK, "office.reason-kk"}, {fieldReasonRU, "office.reason-ru"}} {
		v.Reasons = append(v.Reasons, page.AreaField{Field: field(f[0], f[1]), Rows: 4, MaxLength: 2000})
	}
	v.Button = page.Button{Text: r.Say.T("automatic.answer"), Name: page.NameGo, Value: actReview}
	return v
}

func switchOf(r *web.Request, s casework.AutomaticService, typed url.Values, errs page.Errors) serviceSwitch {
	d := s.Definition
	v := serviceSwitch{ID: "service-" + d.Key, Of: d.Key, Name: tr(r, d.Name)}
	if s.Stop == nil {
		v.Rows = []page.Row{{Name: r.Say.T("automatic.state"), Value: r.Say.T("automatic.runs")}}
	} else {
		v.Rows = []page.Row{{Name: r.Say.T("automatic.state"), Value: r.Say.T("automatic.stopped") + ", " + r.Say.Time(s.Stop.At)}, {Name: r.Say.T("automatic.reason"), Value: s.Stop.Reason}}
	}
	if !r.Actor.Holds(access.Head) {
		return v
	}
	v.Form = &page.Form{Action: r.Link(pathAutomatic), CSRF: r.CSRF()}
	if s.Stop != nil {
		v.Button = page.Button{Text: r.Say.T("automatic.resume"), Kind: page.Secondary, Name: page.NameGo, Value: actResume}
		return v
	}
	v.Reason = &page.AreaField{Field: page.Field{ID: "f-reason-" + d.Key, Name: fieldReason, Label: r.Say.T("automatic.reason"), Hint: r.Say.T("automatic.stop-hint"), Value: typed.Get(fieldReason), Error: at(typed, errs, fieldReason)}, Rows: 3, MaxLength: 2000}
	v.Button = page.Button{Text: r.Say.T("automatic.stop"), Kind: page.Secondary, Name: page.NameGo, Value: actStop}
	return v
}

// switchAutomatic does what the pressed button says.
func (o *Office) switchAutomatic(w http.ResponseWriter, r *web.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.form").Because(err)
	}
	typed, of, what := r.PostForm, r.PostForm.Get(fieldOf), r.PostForm.Get(page.NameGo)
	var err error
	switch what {
	case actStop:
		err = o.Desk.StopAutomation(r.Context(), r.Actor, of, typed.Get(fieldReason))
	case actResume:
		err = o.Desk.ResumeAutomation(r.Context(), r.Actor, of)
	case actReview:
		err = o.Desk.CloseReview(r.Context(), r.Actor, of, application.ReviewOutcome(typed.Get(fieldOutcome)), strings.TrimSpace(typed.Get(fieldReasonKK)), strings.TrimSpace(typed.Get(fieldReasonRU)))
	default:
		return fault.New(fault.Invalid, "fault.form")
	}
	if err == nil {
		r.Flash("automatic.done." + what)
		return o.Server.Go(w, r, r.Link(pathAutomatic))
	}
	errs, ok := o.errorsOf(r, err)
	if !ok {
		return err
	}
	return o.showAutomatic(w, r, typed, err, errs)
}
