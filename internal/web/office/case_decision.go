package office

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"elicense/internal/acts"
	"elicense/internal/application"
	"elicense/internal/casework"
	"elicense/internal/fault"
	"elicense/internal/form"
	"elicense/internal/lang"
	"elicense/internal/mobile"
	"elicense/internal/port"
	"elicense/internal/signdoc"
	"elicense/internal/web"
	"elicense/internal/web/page"
	"elicense/internal/web/signing"
)

// signView is a page on which an official signs.
type signView struct {
	Words   *page.Words
	Heading page.Heading
	Errors  page.Errors
	Notices []page.Banner
	Preview *preview // of the decision that is signed; nil elsewhere
	Box     templ.Component
	Back    page.Link
}

// preview is a decision as the applicant reads it, in the languages of the law.
type preview struct {
	Title   string
	Refused []previewGround
	Rows    []page.Row // of the permit
}

type previewGround struct {
	Lang                      lang.Lang
	Text, Act, Reason, Advice string
}

func decisionPath(r *web.Request, number string) string {
	return r.Link("/applications/" + number + "/decision")
}

// SigningAddress is signing.Phone.Address of the internal portal.
func SigningAddress(r *web.Request, c port.Challenge) string {
	switch signdoc.Purpose(c.Purpose) {
	case signdoc.Decision:
		return decisionPath(r, c.Application)
	case signdoc.Act:
		return orderSigningPath(r, acts.OrderOf(c))
	}
	return ""
}

// decisionForm prepares the document to be signed.
func (o *Office) decisionForm(w http.ResponseWriter, r *web.Request) error {
	return o.showDecision(w, r, nil, nil)
}

func (o *Office) showDecision(w http.ResponseWriter, r *web.Request, problem error, errs page.Errors) error {
	number := r.PathValue("number")
	d, err := o.Desk.PrepareDecision(r.Context(), r.Actor, r.Binding(), number)
	if kind := fault.KindOf(err); err != nil && kind == fault.Conflict {
		return o.insteadOfDecision(w, r, number, errors.Join(problem, err))
	}
	if err != nil {
		return err
	}
	shown := o.previewOf(r, d.Case.Form, d.Decision, d.Decision.Outcome == application.Grant, d.Case)
	v := signView{
		Words: o.Server.Words(r.Lang), Errors: errs, Preview: &shown,
		Heading: page.Heading{Caption: tr(r, d.Case.Definition().SubtypeName(d.Case.Application.Subtype)), Text: r.Say.T("decision.title", "number", number), Lead: r.Say.T("decision.lead")},
		Back:    page.Link{Text: r.Say.T("decision.back"), Href: r.Link("/applications/" + number)},
	}
	if d.BIN == "" {
		v.Notices = append(v.Notices, page.Banner{Kind: page.Caution, Text: r.Say.T("decision.no-bin")})
	}
	v.Box = o.Signing.Box(r, d.Challenge, SigningAddress(r, d.Challenge), decisionSummary(o.summaryOf(r, d)))
	chrome := o.Signing.Dress(o.Chrome(r, v.Heading.Text))
	chrome.Breadcrumbs = []page.Link{{Text: r.Say.T("office.queue"), Href: r.Link("/applications")}, {Text: number, Href: r.Link("/applications/" + number)}, {Text: r.Say.T("decision.crumb")}}
	return o.show(w, r, problem, chrome, signPage(v))
}

// insteadOfDecision shows the case where there is nothing to sign: it is decided, or another holds it.
func (o *Office) insteadOfDecision(w http.ResponseWriter, r *web.Request, number string, problem error) error {
	errs, ok := o.errorsOf(r, problem)
	c, err := o.Desk.Open(r.Context(), r.Actor, number)
	if !ok || err != nil {
		return problem
	}
	return o.showCase(w, r, c, nil, problem, errs)
}

// summaryOf says in words what the signed bytes stand for.
func (o *Office) summaryOf(r *web.Request, d casework.Resolution) []page.Row {
	a := d.Case.Application
	rows := []page.Row{{Name: r.Say.T("decision.of"), Value: o.bodyName(r, a.Body)}, {Name: r.Say.T("filing.applicant"), Value: d.Case.Party.Name + ", " + d.Case.Party.Number}}
	rows = append(rows, proposalRows(r, d.Case)...)
	rows = append(rows, page.Row{Name: r.Say.T("decision.digest"), Value: d.Resolution.Digest()})
	if d.Resolution.Permit != "" {
		rows = append(rows, page.Row{Name: r.Say.T("decision.permit-digest"), Value: d.Resolution.Permit})
	}
	return rows
}

// previewOf shows a decision as its applicant will read it.
func (o *Office) previewOf(r *web.Request, f form.Form, d application.Decision, granted bool, c casework.Case) preview {
	v := preview{Title: r.Say.T("decision.preview")}
	a := c.Application
	switch {
	case granted && a.Concerns != "":
		operation, _ := f.Revision.Definition.Operation(a.Operation)
		v.Rows = append(v.Rows, page.Row{Name: r.Say.T("filing.type"), Value: tr(r, operation.Name)}, page.Row{Name: r.Say.T("changes.permit"), Value: a.Concerns})
	case granted:
		v.Rows = append(v.Rows, page.Row{Name: r.Say.T("office.permit"), Value: tr(r, f.Revision.Definition.Permit.Kind)}, page.Row{Name: r.Say.T("filing.applicant"), Value: c.Party.Name})
	}
	for _, g := range d.Grounds {
		for _, l := range []lang.Lang{lang.KK, lang.RU} {
			s, say := g.In(l), o.Server.Texts.In(l)
			shown := previewGround{Lang: l, Text: s.Text, Act: say.T("filing.ground-act") + ": " + s.Act, Reason: s.Reason}
			if s.Advice != "" {
				shown.Advice = say.T("filing.ground-advice") + ": " + s.Advice
			}
			v.Refused = append(v.Refused, shown)
		}
	}
	return v
}

// signDecision decides with the signature that came. A signature that is refused is explained, with a fresh document to sign.
func (o *Office) signDecision(w http.ResponseWriter, r *web.Request) error {
	number := r.PathValue("number")
	nonce := r.URL.Query().Get(signing.NameChallenge)
	cms, err := o.Signing.Read(r, nonce)
	if fault.Is(err, mobile.KeyWaiting) {
		return o.Signing.StillWaiting(w, r, nonce)
	}
	if err == nil {
		err = o.Desk.ConfirmSigned(r.Context(), r.Actor, r.Binding(), number, nonce, cms)
	}
	if err == nil {
		r.Flash("decision.done")
		return o.Server.Go(w, r, r.Link("/applications/"+number))
	}
	if fault.KindOf(err) == fault.NotFound {
		return err
	}
	errs, ok := o.Signing.Errors(r, err)
	if !ok {
		return err
	}
	return o.showDecision(w, r, err, errs)
}

// assists are the buttons of the proposal that change nothing: they begin the reasons, or show them as they will be read.
const (
	actTemplate = "template"
	actPreview  = "preview"
)

// assist answers such a button: the case again, with the form as it was typed. Reasons that were begun stay as they are.
func (o *Office) assist(w http.ResponseWriter, r *web.Request, number string, typed url.Values) error {
	c, err := o.Desk.Open(r.Context(), r.Actor, number)
	if err != nil {
		return err
	}
	if typed.Get(page.NameGo) == actTemplate {
		kk, ru, err := o.Desk.Suggest(r.Context(), r.Actor, number, typed.Get(fieldGround))
		errs, ok := o.errorsOf(r, err)
		switch {
		case err != nil && !ok:
			return err
		case err != nil:
			return o.showCase(w, r, c, typed, err, errs)
		}
		for name, text := range map[string]string{fieldReasonKK: kk, fieldReasonRU: ru} {
			if typed.Get(name) == "" {
				typed.Set(name, text)
			}
		}
	}
	return o.showCase(w, r, c, typed, nil, nil)
}

// previewed is the decision of a proposal as it stands in the form; nil where the reader did not ask for it.
func (o *Office) previewed(r *web.Request, c casework.Case, typed url.Values) *preview {
	pr := proposal(typed)
	if typed.Get(page.NameGo) != actPreview || !c.May(application.Propose) || pr.Outcome != application.Grant && pr.Outcome != application.Refuse {
		return nil
	}
	if _, ok := c.Definition().Process.Ground(pr.Ground); pr.Outcome == application.Refuse && !ok {
		return nil
	}
	d, err := o.Desk.Draft(c, pr)
	if err != nil {
		return nil // the case itself shows what its rules find
	}
	v := o.previewOf(r, c.Form, d, pr.Outcome == application.Grant, c)
	return &v
}
