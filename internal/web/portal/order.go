package portal

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"elicense/internal/application"
	"elicense/internal/fault"
	"elicense/internal/filing"
	"elicense/internal/service"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// orderView is the page on which a state body, and where needed a subtype and an operation, are chosen.
type orderView struct {
	Words      *page.Words
	Heading    page.Heading
	Errors     page.Errors
	Notice     *page.Banner
	Form       page.Form
	Chosen     []string // what was chosen before: the operation, the subtype, the body
	Hidden     []page.Hidden
	Operations *page.ChoiceField
	Subtypes   *page.ChoiceField
	Bodies     *page.ChoiceField
	Permits    *page.ChoiceField // for an operation that concerns one
	Succeeded  []page.TextField  // the permit and its holder, for one whose applicant succeeds the holder
	None       *page.Banner      // the reader has no such permit
}

// startOf reads what is ordered out of an address or a form.
func startOf(service string, v url.Values) filing.Start {
	return filing.Start{Service: service, Subtype: v.Get("subtype"), Body: v.Get("body"), Operation: v.Get("operation"), Permit: v.Get("permit"), Paper: v.Get("paper")}
}

// orderForm asks for the state body (manual of the trade licence, 3.2, step 5).
func (p *Portal) orderForm(w http.ResponseWriter, r *web.Request) error {
	rev, err := p.Catalogue.Service(r.PathValue("key"))
	if err != nil {
		return err
	}
	return p.showOrder(w, r, rev.Definition, startOf(rev.Service, r.URL.Query()), http.StatusOK, nil)
}

func (p *Portal) showOrder(w http.ResponseWriter, r *web.Request, d *service.Definition, in filing.Start, status int, es page.Errors) error {
	if d.Status != service.Open {
		return fault.New(fault.Conflict, "filing.not-open")
	}
	v := orderView{Words: p.Server.Words(r.Lang), Errors: es, Form: page.Form{Action: r.Link("/services/" + d.Key + "/order"), CSRF: r.CSRF()}}
	if chosen, ok := r.Kept(); ok {
		in, v.Notice = startOf(in.Service, chosen), keptNotice(r)
	}
	operationChoice(r, d, in, es, &v)
	if in.Paper != "" {
		v.Hidden = append(v.Hidden, page.Hidden{Name: "paper", Value: in.Paper})
	}
	o, known := d.Order(in.Operation)
	title := r.Say.T("wizard.choose-body")
	switch {
	case known && o.Concerns():
		title = r.Say.T("changes.choose")
		if err := p.permitChoice(r, d, o, in, es, &v); err != nil {
			return err
		}
		if v.Permits == nil { // nothing is left to choose
			title = tr(r, o.Name)
		}
	case v.Operations != nil && len(d.Changing()) > 0: // what else is chosen hangs on the operation
		title = r.Say.T("service.operation")
		v.Hidden = append(v.Hidden, page.Hidden{Name: nameFirst, Value: "1"})
	default:
		p.orderChoices(r, d, in, es, &v)
	}
	switch {
	case known && o.Concerns() || v.Operations != nil && len(d.Changing()) > 0:
	case kindsByBody(d) && v.Bodies == nil:
		title = r.Say.T("wizard.choose-kind")
	case kindsByBody(d):
		title = r.Say.T("wizard.choose-licensor")
	}
	v.Heading = page.Heading{Caption: tr(r, d.Name), Text: title}
	c := p.Chrome(r, title)
	c.Breadcrumbs = []page.Link{
		{Text: r.Say.T("nav.services"), Href: r.Link("/")},
		{Text: tr(r, d.Name), Href: r.Link("/services/" + d.Key)},
		{Text: title},
	}
	return p.showStatus(w, r, status, c, orderPage(v))
}

// nameHolder is the BIN of a permit's holder; it never stands in an address.
const nameHolder = "holder"

// nameFirst marks the form in which only the operation is chosen.
const nameFirst = "first"

// permitChoice is which of the reader's permits the operation concerns.
func (p *Portal) permitChoice(r *web.Request, d *service.Definition, o service.Operation, in filing.Start, es page.Errors, v *orderView) error {
	if o.Succeeds {
		v.Chosen = nil // the title says it
		v.Succeeded = []page.TextField{
			{Field: page.Field{ID: "f-permit", Name: "permit", Label: r.Say.T("changes.succeeded-permit"), Hint: r.Say.T("changes.succeeded-permit-hint"), Required: true, Value: in.Permit, Error: es.For("permit")}},
			{Field: page.Field{ID: "f-holder", Name: nameHolder, Label: r.Say.T("changes.succeeded-holder"), Hint: r.Say.T("changes.succeeded-holder-hint"), Required: true, Value: in.Holder, Error: es.For(nameHolder)}, InputMode: "numeric"},
		}
		return nil
	}
	if in.Permit != "" && r.Method == http.MethodGet {
		v.Chosen = append(v.Chosen, r.Say.T("changes.permit")+": "+in.Permit)
		v.Hidden = append(v.Hidden, page.Hidden{Name: "permit", Value: in.Permit})
		return nil
	}
	list, err := p.Filing.Choosable(r.Context(), r.Actor, d.Key, o)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		v.None = &page.Banner{Kind: page.Info, Text: r.Say.T("changes.no-permit"), Links: []page.Link{{Text: r.Say.T("nav.my-permits"), Href: r.Link("/permits")}}}
		return nil
	}
	v.Permits = &page.ChoiceField{Field: page.Field{Name: "permit", Label: r.Say.T("changes.permit"), Required: true, Value: in.Permit, Error: es.For("permit")}}
	for _, pt := range list {
		body, _ := p.Catalogue.Body(pt.Body)
		v.Permits.Options = append(v.Permits.Options, page.Option{Value: pt.Number, Text: pt.Number,
			Hint: r.Say.T("permits.issued") + ": " + r.Say.Time(pt.IssuedAt) + "; " + tr(r, body.Name), Chosen: len(list) == 1})
	}
	return nil
}

// nameKinds marks the form in which the licensor is chosen and its kinds are offered.
const nameKinds = "kinds"

// kindsByBody tells whether what can be asked for depends on the licensor.
func kindsByBody(d *service.Definition) bool {
	return slices.ContainsFunc(d.Subtypes, func(s service.Subtype) bool { return len(s.Bodies) > 0 })
}

// operationChoice is what is asked for, where more than one operation can be ordered.
func operationChoice(r *web.Request, d *service.Definition, in filing.Start, es page.Errors, v *orderView) {
	list := d.Orderable()
	o, known := d.Order(in.Operation)
	fresh := r.Method == http.MethodGet
	switch {
	case len(list) == 1 && (known || fresh):
		return
	case known && (fresh || o.Concerns()):
		v.Chosen = append(v.Chosen, tr(r, o.Name))
		v.Hidden = append(v.Hidden, page.Hidden{Name: "operation", Value: o.Key})
		return
	}
	v.Operations = &page.ChoiceField{Field: page.Field{Name: "operation", Label: r.Say.T("service.operation"), Required: true, Value: in.Operation, Error: es.For("operation")}}
	for _, o := range list {
		text, inLang := o.Name.In(r.Lang)
		v.Operations.Options = append(v.Operations.Options, page.Option{Value: o.Key, Text: text, Lang: foreign(r, inLang), Hint: termText(r, d, o)})
	}
}

// orderChoices are what is still to be chosen: where kinds depend on the licensor, the licensor first and then its kinds
// (manual of the restoration, step 3).
func (p *Portal) orderChoices(r *web.Request, d *service.Definition, in filing.Start, es page.Errors, v *orderView) {
	dependent := kindsByBody(d)
	kind, issuer := r.Say.T("filing.subtype"), r.Say.T("filing.body")
	if dependent { // the words of that manual
		kind, issuer = r.Say.T("filing.kind"), r.Say.T("filing.licensor")
	}
	chosen := slices.Contains(d.Bodies, in.Body)
	known := slices.ContainsFunc(d.Subtypes, func(s service.Subtype) bool { return s.Key == in.Subtype })
	switch {
	case known && r.Method == http.MethodGet:
		v.Chosen = append(v.Chosen, tr(r, d.SubtypeName(in.Subtype)))
		v.Hidden = append(v.Hidden, page.Hidden{Name: "subtype", Value: in.Subtype})
	case len(d.Subtypes) > 0 && (chosen || !dependent):
		v.Subtypes = &page.ChoiceField{Field: page.Field{Name: "subtype", Label: kind, Required: true, Value: in.Subtype, Error: es.For("subtype")}}
		var offered []page.Option
		for _, s := range d.Subtypes {
			if !dependent || s.IssuedBy(in.Body) {
				offered = append(offered, page.Option{Value: s.Key, Text: tr(r, s.Name)})
			}
		}
		if len(offered) == 1 && in.Subtype == "" {
			v.Subtypes.Value = offered[0].Value
		}
		v.Subtypes.Options = offered
	}
	if dependent && chosen {
		body, _ := p.Catalogue.Body(in.Body)
		v.Chosen = append(v.Chosen, tr(r, body.Name))
		v.Hidden = append(v.Hidden, page.Hidden{Name: "body", Value: in.Body}, page.Hidden{Name: nameKinds, Value: "1"})
		return
	}
	v.Bodies = &page.ChoiceField{Field: page.Field{Name: "body", Label: issuer, Required: true, Value: in.Body, Error: es.For("body")}}
	for _, key := range d.Bodies {
		if body, ok := p.Catalogue.Body(key); ok {
			city, _ := body.City.In(r.Lang)
			v.Bodies.Options = append(v.Bodies.Options, page.Option{Value: key, Text: tr(r, body.Name), Hint: city, Chosen: len(d.Bodies) == 1})
		}
	}
}

// order makes the draft, or says that there is one already.
func (p *Portal) order(w http.ResponseWriter, r *web.Request) error {
	rev, err := p.Catalogue.Service(r.PathValue("key"))
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.invalid").Because(err)
	}
	in := startOf(rev.Service, r.PostForm)
	in.Holder = strings.TrimSpace(r.PostForm.Get(nameHolder))
	chosen, known := rev.Definition.Order(in.Operation)
	if known && r.PostForm.Has(nameFirst) {
		return p.Server.Go(w, r, r.Link(orderAddress(rev.Service, in)))
	}
	if in.Subtype == "" && len(rev.Definition.Subtypes) > 0 && !(known && chosen.Concerns()) {
		if kindsByBody(rev.Definition) && !r.PostForm.Has(nameKinds) && slices.Contains(rev.Definition.Bodies, in.Body) {
			return p.Server.Go(w, r, r.Link(orderAddress(rev.Service, in)))
		}
		es := page.Errors{{Path: "subtype", Text: r.Say.T("field.choose")}}
		if _, ok := rev.Definition.Order(in.Operation); !ok {
			es = append(page.Errors{{Path: "operation", Text: r.Say.T("field.choose")}}, es...)
		}
		return p.showOrder(w, r, rev.Definition, in, http.StatusUnprocessableEntity, es)
	}
	begun := in
	if known && chosen.Succeeds {
		if number, err := documentNumber(in.Permit); err == nil {
			begun.Permit = number
		}
	}
	number, err := p.Filing.Begin(r.Context(), r.Actor, begun)
	if fault.Is(err, "filing.draft-exists") {
		f, _ := fault.As(err)
		anew := orderValues(in)
		anew.Set("anew", in.Service)
		return p.draftExists(w, r, anew, f.Args["number"])
	}
	if fault.KindOf(err) == fault.Invalid && err != nil {
		es, _ := p.errorsOf(r, err)
		return p.showOrder(w, r, rev.Definition, in, http.StatusUnprocessableEntity, es)
	}
	if err != nil {
		return err
	}
	return p.goFirst(w, r, number)
}

// goFirst leads to where the wizard of a new draft begins.
func (p *Portal) goFirst(w http.ResponseWriter, r *web.Request, number string) error {
	d, err := p.Filing.Open(r.Context(), r.Actor, number)
	if err != nil {
		return err
	}
	return p.Server.Go(w, r, p.steps(r, d)[0].href)
}

// orderValues writes what is ordered as startOf reads it, without what was not chosen.
func orderValues(in filing.Start) url.Values {
	v := url.Values{}
	for name, value := range map[string]string{"subtype": in.Subtype, "body": in.Body, "operation": in.Operation, "permit": in.Permit, "paper": in.Paper} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return v
}

// existsView is the notice of a saved draft (manual of the trade licence, figure 7).
type existsView struct {
	Words   *page.Words
	Heading page.Heading
	Rows    []page.Row
	Buttons []page.Button
}

// draftExists offers the draft that stands in the way; anew says what is begun when it is deleted (see deleteForm).
func (p *Portal) draftExists(w http.ResponseWriter, r *web.Request, anew url.Values, number string) error {
	d, err := p.Filing.Open(r.Context(), r.Actor, number)
	if err != nil {
		return err
	}
	a := d.Application
	title := r.Say.T("wizard.draft-found")
	v := existsView{
		Words:   p.Server.Words(r.Lang),
		Heading: page.Heading{Caption: tr(r, d.Definition().Name), Text: title, Lead: r.Say.T("wizard.draft-text", "number", number, "changed", r.Say.Time(a.ChangedAt))},
		Rows: []page.Row{
			{Name: r.Say.T("filing.number"), Value: number},
			{Name: r.Say.T("filing.type"), Value: operationName(r, d)},
			{Name: r.Say.T("filing.changed"), Value: r.Say.Time(a.ChangedAt)},
		},
	}
	if d.Bundled != "" {
		v.Heading.Lead = r.Say.T("bundle.draft-found", "number", number)
		v.Buttons = []page.Button{{Text: r.Say.T("bundle.back"), Href: bundlePath(r, d.Bundled, "")}}
	} else if a.State != application.Draft {
		// One that is being signed cannot be deleted any more: its page says what happens to it.
		v.Heading.Lead = r.Say.T("filing.draft-signing", "number", number)
		v.Buttons = []page.Button{{Text: r.Say.T("wizard.view"), Href: applicationPath(r, number, "")}}
	} else {
		href, done, total, err := p.resumeAt(r, d)
		if err != nil {
			return err
		}
		v.Rows = append(v.Rows, page.Row{Name: r.Say.T("filing.progress"),
			Value: r.Say.T("filing.progress-done", "done", strconv.Itoa(done), "total", strconv.Itoa(total))})
		v.Buttons = []page.Button{
			{Text: r.Say.T("wizard.draft-continue"), Href: href},
			{Text: r.Say.T("wizard.draft-delete"), Kind: page.Secondary, Href: applicationPath(r, number, "/delete?"+anew.Encode())},
		}
	}
	return p.Server.Show(w, r, http.StatusConflict, p.Chrome(r, title), existsPage(v))
}

// deleteView asks once before a draft is deleted.
type deleteView struct {
	Words   *page.Words
	Heading page.Heading
	Rows    []page.Row
	Form    page.Form
	Hidden  []page.Hidden
	Buttons []page.Button
}

// deleteForm asks whether the draft shall be deleted; ?anew=… goes on to a new draft of the service afterwards, ?again=… to
// one with the answers of a returned application.
func (p *Portal) deleteForm(w http.ResponseWriter, r *web.Request) error {
	d, ok, err := p.open(w, r)
	if !ok || err != nil {
		return err
	}
	if d.Bundled != "" {
		return p.Server.Go(w, r, bundlePath(r, d.Bundled, ""))
	}
	a, q := d.Application, r.URL.Query()
	title := r.Say.T("filing.delete-title")
	v := deleteView{
		Words:   p.Server.Words(r.Lang),
		Heading: page.Heading{Caption: tr(r, d.Definition().Name), Text: title, Lead: r.Say.T("filing.delete-text")},
		Rows: []page.Row{
			{Name: r.Say.T("filing.number"), Value: a.Number},
			{Name: r.Say.T("filing.changed"), Value: r.Say.Time(a.ChangedAt)},
		},
		Form: page.Form{Action: applicationPath(r, a.Number, "/delete"), CSRF: r.CSRF()},
	}
	yes, no := r.Say.T("filing.delete-yes"), applicationPath(r, a.Number, "")
	if q.Get("anew") != "" || q.Get("again") != "" {
		yes = r.Say.T("wizard.draft-delete")
		for _, name := range []string{"anew", "subtype", "body", "operation", "permit", "paper", "again"} {
			v.Hidden = append(v.Hidden, page.Hidden{Name: name, Value: q.Get(name)})
		}
	}
	if d.Facts.FeePaid {
		v.Heading.Lead += " " + r.Say.T("filing.delete-paid")
	}
	v.Buttons = []page.Button{{Text: yes, Kind: page.Danger}, {Text: r.Say.T("filing.delete-no"), Kind: page.Secondary, Href: no}}
	return p.show(w, r, p.wizardChrome(r, a.Number, title), deletePage(v))
}

// deleteDraft deletes the draft and, when asked, begins the service anew.
func (p *Portal) deleteDraft(w http.ResponseWriter, r *web.Request) error {
	if err := p.Filing.Delete(r.Context(), r.Actor, r.PathValue("number")); err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.invalid").Because(err)
	}
	if number := r.PostForm.Get("again"); number != "" {
		return p.applyAgain(w, r, number)
	}
	if key := r.PostForm.Get("anew"); key != "" {
		number, err := p.Filing.Begin(r.Context(), r.Actor, startOf(key, r.PostForm))
		if err != nil {
			return err
		}
		return p.goFirst(w, r, number)
	}
	r.Flash("filing.deleted")
	return p.Server.Go(w, r, r.Link("/applications"))
}

// again begins a new draft with the answers and documents of a returned application.
func (p *Portal) again(w http.ResponseWriter, r *web.Request) error {
	return p.applyAgain(w, r, r.PathValue("number"))
}

// applyAgain leads to the check of the new draft, which lists what is still to be mended or confirmed. Where the service
// has changed so much that the old choice is gone, the person chooses anew.
func (p *Portal) applyAgain(w http.ResponseWriter, r *web.Request, old string) error {
	number, err := p.Filing.Again(r.Context(), r.Actor, old)
	switch {
	case fault.Is(err, "filing.draft-exists"):
		f, _ := fault.As(err)
		return p.draftExists(w, r, url.Values{"again": {old}}, f.Args["number"])
	case fault.KindOf(err) == fault.Invalid && err != nil:
		d, problem := p.Filing.Open(r.Context(), r.Actor, old)
		if problem != nil {
			return problem
		}
		r.Flash("filing.again-choose")
		return p.Server.Go(w, r, r.Link("/services/"+url.PathEscape(d.Application.Service)+"/order"))
	case err != nil:
		return err
	}
	r.Flash("filing.again-begun")
	return p.Server.Go(w, r, applicationPath(r, number, "/"+stepCheck))
}
