package office

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"elicense/internal/casework"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/ledger"
	"elicense/internal/numbering"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// The fields of an order, beside the ground and the reasons, and what is done about one; the faults of ledger.Order.Check
// stand at the fields.
const (
	fieldDoes    = "does"
	fieldFirst   = "first"
	fieldLast    = "last"
	fieldUntil   = "until"
	actConfirm   = "confirm"
	actDropOrder = "drop"
)

// orderView is a range with the order that can be proposed about it, or an order with what can be done about it.
type orderView struct {
	Words        *page.Words
	Errors       page.Errors
	Heading      page.Heading
	Status       page.Tag
	Notices      []page.Banner
	Facts        []page.Row
	FormOf, Lead string
	Form         page.Form
	Does         string
	Numbers      []page.TextField
	Ground       *page.SelectField
	Reasons      []page.AreaField
	Until        *page.Field
	Buttons      []page.Button // none: there is nothing to do for the reader
}

// planRange shows a range.
func (o *Office) planRange(w http.ResponseWriter, r *web.Request) error {
	kept, _ := r.Kept()
	return o.showRange(w, r, kept, nil, nil)
}

// proposeOrder proposes what the form says about the range.
func (o *Office) proposeOrder(w http.ResponseWriter, r *web.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.form").Because(err)
	}
	typed := r.PostForm
	until, _ := civil.ParseTyped(typed.Get(fieldUntil)) // an unreadable day is none
	first, err := firstOf(r)
	if err != nil {
		return err
	}
	id, err := o.Numbering.ProposeOrder(r.Context(), r.Actor, r.PathValue("key"), first, numbering.Proposal{
		Does: ledger.RangeEvent(typed.Get(fieldDoes)), First: readNumber(typed.Get(fieldFirst)), Last: readNumber(typed.Get(fieldLast)),
		Ground: typed.Get(fieldGround), ReasonKK: typed.Get(fieldReasonKK), ReasonRU: typed.Get(fieldReasonRU), Until: until,
	})
	if err == nil {
		r.Flash("office.done.order-proposed")
		return o.Server.Go(w, r, orderAddress(r, id))
	}
	errs, ok := o.errorsOf(r, err)
	if !ok {
		return err
	}
	return o.showRange(w, r, typed, err, errs)
}

// firstOf is the number with which the range of the address begins.
func firstOf(r *web.Request) (int64, error) {
	first, err := strconv.ParseInt(r.PathValue("first"), 10, 64)
	if err != nil {
		return 0, fault.New(fault.NotFound, "fault.not-found")
	}
	return first, nil
}

// readNumber reads a subscriber number as people group it; what is none becomes one that no range holds.
func readNumber(typed string) int64 {
	n, err := strconv.ParseUint(strings.NewReplacer(" ", "", "-", "").Replace(typed), 10, 63)
	if err != nil {
		return -1
	}
	return int64(n)
}

// showRange shows the range of the address as it is now, with the form as it was typed.
func (o *Office) showRange(w http.ResponseWriter, r *web.Request, typed url.Values, problem error, errs page.Errors) error {
	if err := working(r); err != nil {
		return err
	}
	sheet, err := o.Numbering.Sheet(r.Context(), r.Actor, r.PathValue("key"))
	if err != nil {
		return err
	}
	first, err := firstOf(r)
	if err != nil {
		return err
	}
	x, err := sheet.At(first)
	if err != nil {
		return err
	}
	v := orderView{Words: o.Server.Words(r.Lang), Errors: errs, Status: web.RangeTag(r, x.State), Facts: rangeRows(r, x),
		Heading: page.Heading{Caption: tr(r, sheet.Code.Name), Text: casework.RangeText(x)}, Form: page.Form{Action: rangeAddress(r, x), CSRF: r.CSRF()}}
	for _, w := range sheet.Waiting {
		if w.Numbers().Overlaps(x) {
			v.Notices = append(v.Notices, page.Banner{Kind: page.Info, Text: r.Say.T("office.order-waits"), Links: []page.Link{{Text: casework.RangeText(w.Numbers()), Href: orderAddress(r, w.ID)}}})
		}
	}
	if may, err := x.Order(); err == nil && ledger.MayPropose(r.Actor) == nil {
		orderForm(r, sheet, may, typed, errs, &v)
	}
	return o.showOrder(w, r, x.Code, v, problem)
}

// orderForm asks for an order about a range.
func orderForm(r *web.Request, sheet numbering.Sheet, x ledger.Order, typed url.Values, errs page.Errors, v *orderView) {
	value := func(name, otherwise string) string {
		if typed.Has(name) {
			return typed.Get(name)
		}
		return otherwise
	}
	field := func(name, label, otherwise string) page.Field {
		return page.Field{Name: name, Label: r.Say.T(label), Required: true, Value: value(name, otherwise), Error: errs.For(name)}
	}
	does := string(x.Does)
	v.FormOf, v.Lead, v.Does = r.Say.T("office.order."+does), r.Say.T("office.order-lead."+does), does
	for _, f := range []page.Field{field(fieldFirst, "numbering.first", x.Code.Number(x.First)), field(fieldLast, "numbering.last", x.Code.Number(x.Last))} {
		v.Numbers = append(v.Numbers, page.TextField{Field: f, Width: "12", InputMode: "numeric", Autocomplete: "off", Code: true})
	}
	for _, f := range []page.Field{field(fieldReasonKK, "office.reason-kk", ""), field(fieldReasonRU, "office.reason-ru", "")} {
		v.Reasons = append(v.Reasons, page.AreaField{Field: f, Rows: 4, MaxLength: 2000})
	}
	v.Buttons = []page.Button{{Text: r.Say.T("office.propose")}}
	if x.Does != ledger.Withdraw {
		return
	}
	v.Reasons[0].Hint = r.Say.T("office.withdraw-reason-hint")
	v.Ground = &page.SelectField{Field: field(fieldGround, "numbering.ground", ""), Blank: true}
	for _, g := range sheet.Grounds {
		v.Ground.Options = append(v.Ground.Options, page.Option{Value: g.Key, Text: tr(r, g.Ground)})
	}
	until := field(fieldUntil, "numbering.quarantine-to", "")
	until.Hint = r.Say.T("office.until-hint")
	v.Until = &until
}

// rangeRows say whose the numbers are.
func rangeRows(r *web.Request, x ledger.Range) []page.Row {
	rows := []page.Row{{Name: r.Say.T("numbering.count"), Value: r.Say.Int(x.Size())}, {Name: r.Say.T("numbering.since"), Value: since(r, x)}}
	if x.Application != "" {
		rows = append(rows, page.Row{Name: r.Say.T("filing.application"), Value: x.Application, Actions: []page.Link{{Text: r.Say.T("wizard.view"), Href: r.Link("/applications/" + url.PathEscape(x.Application))}}})
	}
	rows = append(rows, grantRows(r, ledger.Grant{Permit: x.Permit, HolderName: x.HolderName, HolderNumber: x.HolderNumber})...)
	if x.Ground != "" {
		rows = append(rows, page.Row{Name: r.Say.T("office.order-does"), Value: r.Say.T("office.order.withdraw"), Actions: []page.Link{{Text: r.Say.T("wizard.view"), Href: orderAddress(r, x.Ground)}}})
	}
	return rows
}

func grantRows(r *web.Request, g ledger.Grant) []page.Row {
	if g.Permit == "" {
		return nil
	}
	return []page.Row{{Name: r.Say.T("office.permit"), Value: g.Permit}, {Name: r.Say.T("numbering.holder"), Value: strings.TrimSuffix(g.HolderName+"\n"+g.HolderNumber, "\n")}}
}

// order shows an order: which permit and whose numbers it touches, and why.
func (o *Office) order(w http.ResponseWriter, r *web.Request) error {
	return o.showOrderOf(w, r, nil, nil)
}

// closeOrder confirms or drops an order.
func (o *Office) closeOrder(w http.ResponseWriter, r *web.Request) error {
	id, act := r.PathValue("id"), r.PostFormValue(page.NameGo)
	var err error
	switch act {
	case actConfirm:
		err = o.Numbering.Confirm(r.Context(), r.Actor, id)
	case actDropOrder:
		err = o.Numbering.Drop(r.Context(), r.Actor, id)
	default:
		return fault.New(fault.Invalid, "fault.form")
	}
	if err == nil {
		r.Flash("office.done.order." + act)
		return o.Server.Go(w, r, orderAddress(r, id))
	}
	errs, ok := o.errorsOf(r, err)
	if !ok {
		return err
	}
	return o.showOrderOf(w, r, err, errs)
}

func (o *Office) showOrderOf(w http.ResponseWriter, r *web.Request, problem error, errs page.Errors) error {
	if err := working(r); err != nil {
		return err
	}
	x, names, err := o.Numbering.Order(r.Context(), r.Actor, r.PathValue("id"))
	if err != nil {
		return err
	}
	tones := map[ledger.OrderState]page.Tone{ledger.Proposed: page.Soon, ledger.Confirmed: page.Good}
	v := orderView{Words: o.Server.Words(r.Lang), Errors: errs, Heading: page.Heading{Caption: r.Say.T("office.plan"), Text: r.Say.T("office.order."+string(x.Does)) + ": " + casework.RangeText(x.Numbers())},
		Status: page.Tag{Text: r.Say.T("office.order-state." + string(x.State)), Tone: tones[x.State]}, Facts: orderRows(r, x, names),
		Form: page.Form{Action: orderAddress(r, x.ID), CSRF: r.CSRF()}}
	switch {
	case x.MayConfirm(r.Actor) == nil:
		effect := string(x.Does)
		if x.Does == ledger.Withdraw && x.Grant.Party == "" { // the permit is a paper: its holder has no page to read
			effect = "withdraw-paper"
		}
		v.Notices = append(v.Notices, page.Banner{Kind: page.Caution, Text: r.Say.T("office.order-effect." + effect)})
		v.Buttons = append(v.Buttons, page.Button{Text: r.Say.T("office.order-confirm." + string(x.Does)), Kind: page.Danger, Name: page.NameGo, Value: actConfirm})
	case x.State == ledger.Proposed:
		v.Notices = append(v.Notices, page.Banner{Kind: page.Info, Text: r.Say.T("office.order-second")})
	}
	if x.MayDrop(r.Actor) == nil {
		v.Buttons = append(v.Buttons, page.Button{Text: r.Say.T("office.order-drop"), Kind: page.Secondary, Name: page.NameGo, Value: actDropOrder})
	}
	return o.showOrder(w, r, x.Code, v, problem)
}

func orderRows(r *web.Request, x ledger.Order, names map[string]string) []page.Row {
	rows := []page.Row{{Name: r.Say.T("numbering.numbers"), Value: casework.RangeText(x.Numbers())}, {Name: r.Say.T("numbering.count"), Value: r.Say.Int(x.Numbers().Size())}}
	rows = append(rows, grantRows(r, x.Grant)...)
	if x.Does == ledger.Withdraw {
		rows = append(rows, page.Row{Name: r.Say.T("numbering.ground"), Value: tr(r, x.Reason.Ground)}, page.Row{Name: r.Say.T("filing.ground-act"), Value: tr(r, x.Reason.Act)})
	}
	rows = append(rows, reasonRows(r, x.Reason.KK, x.Reason.RU)...)
	if x.Does == ledger.Withdraw {
		rows = append(rows, page.Row{Name: r.Say.T("numbering.quarantine-to"), Value: r.Say.LongDate(x.Until)})
	}
	rows = append(rows, page.Row{Name: r.Say.T("office.proposed-by"), Value: orderBy(r, x.Proposed, names)})
	if x.State != ledger.Proposed {
		rows = append(rows, page.Row{Name: r.Say.T("office.order-state." + string(x.State)), Value: orderBy(r, x.Closed, names)})
	}
	return rows
}

// orderBy says who did a part of an order, in whose place, and when.
func orderBy(r *web.Request, d ledger.Done, names map[string]string) string {
	who := names[d.By]
	if d.For != "" {
		who = r.Say.T("event.behalf", "name", who, "absent", names[d.For])
	}
	return who + ", " + r.Say.Time(d.At)
}

func (o *Office) showOrder(w http.ResponseWriter, r *web.Request, code ledger.Code, v orderView, problem error) error {
	c := o.Chrome(r, v.Heading.Text)
	c.Breadcrumbs = []page.Link{{Text: r.Say.T("office.plan"), Href: r.Link("/numbering")}, {Text: code.String(), Href: planAddress(r, code)}, {Text: v.Heading.Text}}
	return o.show(w, r, problem, c, orderPage(v))
}
