package office

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"elicense/internal/acts"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/permit"
	"elicense/internal/register"
	"elicense/internal/service"
	"elicense/internal/web"
	"elicense/internal/web/page"
	"elicense/internal/web/signing"
)

// The fields of a proposed act, beside the ground and the reasons.
const (
	fieldActFrom  = "from"
	fieldActTo    = "to"
	fieldReverses = "reverses"
)

// actView is the form that proposes an act, or a proposed act with what can be done about it.
type actView struct {
	Words    *page.Words
	Errors   page.Errors
	Heading  page.Heading
	Status   *page.Tag
	Notices  []page.Banner
	Facts    []page.Row
	Form     page.Form
	Reverses *page.SelectField
	Dates    []page.Field
	ValuesOf string
	ValuesBy string // hint
	Values   []page.TextField
	Ground   *page.SelectField
	Reasons  []page.AreaField
	Buttons  []page.Button
	Box      templ.Component // asks for the signature
	Back     page.Link
}

// actForm asks for an act.
func (o *Office) actForm(w http.ResponseWriter, r *web.Request) error {
	kept, _ := r.Kept()
	return o.showActForm(w, r, kept, nil, nil)
}

// proposeAct proposes what the form says.
func (o *Office) proposeAct(w http.ResponseWriter, r *web.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.form").Because(err)
	}
	typed := r.PostForm
	from, _ := civil.ParseTyped(typed.Get(fieldActFrom)) // an unreadable day is none
	to, readable := civil.ParseTyped(typed.Get(fieldActTo))
	if !readable && typed.Get(fieldActTo) != "" {
		err := fault.At(fieldActTo, "fault.date")
		errs, _ := o.errorsOf(r, err)
		return o.showActForm(w, r, typed, err, errs)
	}
	reverses, _ := strconv.Atoi(typed.Get(fieldReverses)) // 0 is no act
	p := acts.Proposal{Kind: permit.Kind(r.PathValue("kind")), From: from, To: to, Ground: typed.Get(fieldGround), ReasonKK: typed.Get(fieldReasonKK), ReasonRU: typed.Get(fieldReasonRU),
		Reverses: reverses, Values: map[string]string{}}
	for name := range typed {
		if value, ok := strings.CutPrefix(name, acts.FieldValue); ok {
			p.Values[value] = typed.Get(name)
		}
	}
	id, err := o.Acts.Propose(r.Context(), r.Actor, r.PathValue("number"), p)
	if err == nil {
		r.Flash("acts.proposed")
		return o.Server.Go(w, r, r.Link(pathPermitOrder+url.PathEscape(id)))
	}
	errs, ok := o.errorsOf(r, err)
	if !ok {
		return err
	}
	return o.showActForm(w, r, typed, err, errs)
}

// showActForm shows the form of the act in the address, as it was typed.
func (o *Office) showActForm(w http.ResponseWriter, r *web.Request, typed url.Values, problem error, errs page.Errors) error {
	if err := working(r); err != nil {
		return err
	}
	card, err := o.Register.Desk(r.Context(), r.Actor, r.PathValue("number"))
	if err != nil {
		return err
	}
	kind := permit.Kind(r.PathValue("kind"))
	grounds := o.Catalogue.ActGrounds(card.Permit.Service, string(kind))
	if len(grounds) == 0 {
		return fault.New(fault.NotFound, "fault.not-found")
	}
	p := card.Permit
	v := actView{Words: o.Server.Words(r.Lang), Errors: errs, Heading: page.Heading{Caption: p.Number, Text: r.Say.T("acts.kind." + string(kind)), Lead: r.Say.T("acts.lead." + string(kind))},
		Facts: []page.Row{{Name: r.Say.T("permits.holder"), Value: p.HolderName}, {Name: r.Say.T("table.status"), Value: web.StandingText(r.Say, p.Standing, card.Today)}},
		Form:  page.Form{Action: r.In(r.Lang), CSRF: r.CSRF()}, Back: page.Link{Text: r.Say.T("permits.title", "number", p.Number), Href: web.PermitAddress(r, p.Number)}}
	if may := permit.MayPropose(r.Actor); may != nil {
		return may
	}
	if p.May(card.Acts, kind, card.Today) {
		actFields(r, card, kind, grounds, typed, errs, &v)
	} else {
		v.Notices = append(v.Notices, page.Banner{Kind: page.Caution, Text: r.Say.T("permit.act-state")})
	}
	c := o.Chrome(r, v.Heading.Text)
	c.Breadcrumbs = []page.Link{{Text: r.Say.T("acts.register"), Href: r.Link(pathPermits)}, {Text: p.Number, Href: web.PermitAddress(r, p.Number)}, {Text: v.Heading.Text}}
	return o.show(w, r, problem, c, actPage(v))
}

// actFields are the fields of the form of one kind of act.
func actFields(r *web.Request, card register.Card, kind permit.Kind, grounds []service.ActGround, typed url.Values, errs page.Errors, v *actView) {
	field := func(name, label, otherwise string, required bool) page.Field {
		value := otherwise
		if typed.Has(name) {
			value = typed.Get(name)
		}
		return page.Field{Name: name, Label: label, Required: required, Value: value, Error: errs.For(name)}
	}
	if kind == permit.Reversal {
		v.Reverses = &page.SelectField{Field: field(fieldReverses, r.Say.T("acts.reverses"), "", true), Blank: true}
		for _, a := range card.Permit.Reversible(card.Acts) {
			v.Reverses.Options = append(v.Reverses.Options, page.Option{Value: strconv.Itoa(a.Seq), Text: web.ActName(r, a)})
		}
	}
	v.Dates = append(v.Dates, field(fieldActFrom, r.Say.T("acts.from"), r.Say.Date(card.Today), true))
	if kind == permit.Suspension {
		to := field(fieldActTo, r.Say.T("acts.to"), "", false)
		to.Hint = r.Say.T("acts.to-hint")
		v.Dates = append(v.Dates, to)
	}
	if kind == permit.Correction {
		for i := range errs { // that nothing is changed stands at the first that could be
			if first := card.Correctable(); errs[i].Path == "values" && len(first) > 0 {
				errs[i].Path = acts.FieldValue + first[0].Key
			}
		}
		v.ValuesOf, v.ValuesBy = r.Say.T("acts.values-title"), r.Say.T("acts.values-hint")
		for _, f := range card.Correctable() {
			said := card.Permit.Standing.Values[f.Key]
			if f.Type == service.TypeDate && said != "" {
				said = card.Form.Read(f, said, r.Lang, r.Say).Text
			}
			v.Values = append(v.Values, page.TextField{Field: field(acts.FieldValue+f.Key, tr(r, f.Label), said, false), Autocomplete: "off"})
		}
	}
	v.Ground = &page.SelectField{Field: field(fieldGround, r.Say.T("acts.legal-ground"), "", true), Blank: true}
	for _, g := range grounds {
		v.Ground.Options = append(v.Ground.Options, page.Option{Value: g.Key, Text: tr(r, g.Ground)})
	}
	for _, f := range []page.Field{field(fieldReasonKK, r.Say.T("office.reason-kk"), "", true), field(fieldReasonRU, r.Say.T("office.reason-ru"), "", true)} {
		v.Reasons = append(v.Reasons, page.AreaField{Field: f, Rows: 4, MaxLength: 2000})
	}
	v.Buttons = []page.Button{{Text: r.Say.T("acts.propose")}}
}

// permitOrder shows a proposed act.
func (o *Office) permitOrder(w http.ResponseWriter, r *web.Request) error {
	return o.showPermitOrder(w, r, nil, nil)
}

// closePermitOrder confirms or drops a proposed act.
func (o *Office) closePermitOrder(w http.ResponseWriter, r *web.Request) error {
	id, done := r.PathValue("id"), "acts.done"
	var err error
	switch r.PostFormValue(page.NameGo) {
	case actConfirm:
		err = o.Acts.Confirm(r.Context(), r.Actor, id)
	case actDropOrder:
		done, err = "acts.dropped", o.Acts.Drop(r.Context(), r.Actor, id)
	default:
		return fault.New(fault.Invalid, "fault.form")
	}
	if err == nil {
		r.Flash(done)
		return o.Server.Go(w, r, r.Link(pathPermitOrder+url.PathEscape(id)))
	}
	errs, ok := o.errorsOf(r, err)
	if !ok || fault.KindOf(err) == fault.NotFound {
		return err
	}
	return o.showPermitOrder(w, r, err, errs)
}

func (o *Office) showPermitOrder(w http.ResponseWriter, r *web.Request, problem error, errs page.Errors) error {
	if err := working(r); err != nil {
		return err
	}
	x, err := o.Acts.Order(r.Context(), r.Actor, r.PathValue("id"))
	if err != nil {
		return err
	}
	v := o.orderActView(r, x, errs)
	v.Form = page.Form{Action: r.Link(pathPermitOrder + url.PathEscape(x.Order.ID)), CSRF: r.CSRF()}
	switch {
	case x.Order.MayConfirm(r.Actor) == nil && x.Signed:
		v.Notices = append(v.Notices, page.Banner{Kind: page.Caution, Text: r.Say.T("acts.effect")})
		v.Buttons = append(v.Buttons, page.Button{Text: r.Say.T("acts.sign"), Href: orderSigningPath(r, x.Order.ID)})
	case x.Order.MayConfirm(r.Actor) == nil:
		v.Notices = append(v.Notices, page.Banner{Kind: page.Caution, Text: r.Say.T("acts.effect")})
		v.Buttons = append(v.Buttons, page.Button{Text: r.Say.T("acts.confirm"), Kind: page.Danger, Name: page.NameGo, Value: actConfirm})
	case x.Order.State == permit.Proposed:
		v.Notices = append(v.Notices, page.Banner{Kind: page.Info, Text: r.Say.T("acts.second")})
	}
	if x.Order.MayDrop(r.Actor) == nil {
		v.Buttons = append(v.Buttons, page.Button{Text: r.Say.T("office.order-drop"), Kind: page.Secondary, Name: page.NameGo, Value: actDropOrder})
	}
	return o.showAct(w, r, x, v, problem)
}

// orderActView shows what is proposed, by whom, and what became of it.
func (o *Office) orderActView(r *web.Request, x acts.Ordered, errs page.Errors) actView {
	a, p, order := x.Order.Act, x.Card.Permit, x.Order
	tones := map[permit.OrderState]page.Tone{permit.Proposed: page.Soon, permit.Confirmed: page.Good}
	v := actView{Words: o.Server.Words(r.Lang), Errors: errs, Status: &page.Tag{Text: r.Say.T("office.order-state." + string(order.State)), Tone: tones[order.State]},
		Heading: page.Heading{Caption: p.Number, Text: r.Say.T("acts.kind." + string(a.Kind))}, Back: page.Link{Text: r.Say.T("permits.title", "number", p.Number), Href: web.PermitAddress(r, p.Number)}}
	v.Facts = append(v.Facts, page.Row{Name: r.Say.T("permits.holder"), Value: p.HolderName + "\n" + p.HolderNumber}, page.Row{Name: r.Say.T("acts.from"), Value: r.Say.Date(a.From)})
	v.Facts = append(v.Facts, web.ActRows(r, x.Card, x.Before(), a, web.Always)...)
	v.Facts = append(v.Facts, page.Row{Name: r.Say.T("office.proposed-by"), Value: x.Names[order.Proposed.By] + ", " + r.Say.Time(order.Proposed.At)})
	if order.State != permit.Proposed {
		v.Facts = append(v.Facts, page.Row{Name: r.Say.T("office.order-state." + string(order.State)), Value: x.Names[order.Closed.By] + ", " + r.Say.Time(order.Closed.At)})
	}
	return v
}

func (o *Office) showAct(w http.ResponseWriter, r *web.Request, x acts.Ordered, v actView, problem error) error {
	c := o.Chrome(r, v.Heading.Text)
	if v.Box != nil {
		c = o.Signing.Dress(c)
	}
	c.Breadcrumbs = []page.Link{{Text: r.Say.T("acts.register"), Href: r.Link(pathPermits)}, {Text: x.Card.Permit.Number, Href: web.PermitAddress(r, x.Card.Permit.Number)}, {Text: v.Heading.Text}}
	return o.show(w, r, problem, c, actPage(v))
}

func orderSigningPath(r *web.Request, id string) string {
	return r.Link(pathPermitOrder + url.PathEscape(id) + "/signature")
}

// permitOrderSigning prepares the document to be signed.
func (o *Office) permitOrderSigning(w http.ResponseWriter, r *web.Request) error {
	return o.showPermitOrderSigning(w, r, nil, nil)
}

func (o *Office) showPermitOrderSigning(w http.ResponseWriter, r *web.Request, problem error, errs page.Errors) error {
	if err := working(r); err != nil {
		return err
	}
	id := r.PathValue("id")
	x, err := o.Acts.Prepare(r.Context(), r.Actor, r.Binding(), id)
	if err != nil && fault.KindOf(err) == fault.Conflict {
		errs, _ = o.errorsOf(r, errors.Join(problem, err))
		return o.showPermitOrder(w, r, err, errs)
	}
	if err != nil {
		return err
	}
	v := o.orderActView(r, x.Ordered, errs)
	v.Heading = page.Heading{Caption: v.Heading.Text, Text: r.Say.T("acts.sign-title", "number", x.Card.Permit.Number), Lead: r.Say.T("acts.sign-lead")}
	if x.BIN == "" {
		v.Notices = append(v.Notices, page.Banner{Kind: page.Caution, Text: r.Say.T("decision.no-bin")})
	}
	v.Box = o.Signing.Box(r, x.Challenge, SigningAddress(r, x.Challenge), decisionSummary([]page.Row{{Name: r.Say.T("decision.digest"), Value: x.Digest}}))
	return o.showAct(w, r, x.Ordered, v, problem)
}

// signPermitOrder makes the act with the signature that came.
func (o *Office) signPermitOrder(w http.ResponseWriter, r *web.Request) error {
	id := r.PathValue("id")
	cms, err := o.Signing.Read(r, r.URL.Query().Get(signing.NameChallenge))
	if err == nil {
		err = o.Acts.ConfirmSigned(r.Context(), r.Actor, r.Binding(), id, r.URL.Query().Get(signing.NameChallenge), cms)
	}
	if err == nil {
		r.Flash("acts.done")
		return o.Server.Go(w, r, r.Link(pathPermitOrder+url.PathEscape(id)))
	}
	if fault.KindOf(err) == fault.NotFound {
		return err
	}
	errs, ok := o.Signing.Errors(r, err)
	if !ok {
		return err
	}
	return o.showPermitOrderSigning(w, r, err, errs)
}
