package portal

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"elicense/internal/application"
	"elicense/internal/fault"
	"elicense/internal/filing"
	"elicense/internal/service"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// orderView is the page on which a state body, and where needed a subtype, is chosen.
type orderView struct {
	Words    *page.Words
	Heading  page.Heading
	Errors   page.Errors
	Notice   *page.Banner
	Form     page.Form
	Chosen   string // what was chosen before: the subtype, or the body; empty = nothing
	Hidden   []page.Hidden
	Subtypes *page.ChoiceField
	Bodies   *page.ChoiceField
	Texts    map[string]string
}

// orderForm asks for the state body (manual of the trade licence, 3.2, step 5).
func (p *Portal) orderForm(w http.ResponseWriter, r *web.Request) error {
	rev, err := p.Catalogue.Service(r.PathValue("key"))
	if err != nil {
		return err
	}
	in := filing.Start{Service: rev.Service, Subtype: r.URL.Query().Get("subtype"), Body: r.URL.Query().Get("body")}
	return p.showOrder(w, r, rev.Definition, in, http.StatusOK, nil)
}

func (p *Portal) showOrder(w http.ResponseWriter, r *web.Request, d *service.Definition, in filing.Start, status int, es page.Errors) error {
	if d.Status != service.Open {
		return fault.New(fault.Conflict, "filing.not-open")
	}
	v := orderView{Words: p.Server.Words(r.Lang), Errors: es, Form: page.Form{Action: r.Link("/services/" + d.Key + "/order"), CSRF: r.CSRF()}}
	if chosen, ok := r.Kept(); ok {
		in.Subtype, in.Body, v.Notice = chosen.Get("subtype"), chosen.Get("body"), keptNotice(r)
	}
	p.orderChoices(r, d, in, es, &v)
	title := r.Say.T("wizard.choose-body")
	switch {
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

// nameKinds marks the form in which the licensor is chosen and its kinds are offered.
const nameKinds = "kinds"

// kindsByBody tells whether what can be asked for depends on the licensor.
func kindsByBody(d *service.Definition) bool {
	return slices.ContainsFunc(d.Subtypes, func(s service.Subtype) bool { return len(s.Bodies) > 0 })
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
		v.Chosen = tr(r, d.SubtypeName(in.Subtype))
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
		v.Chosen = tr(r, body.Name)
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
	in := filing.Start{Service: rev.Service, Subtype: r.PostForm.Get("subtype"), Body: r.PostForm.Get("body")}
	if in.Subtype == "" && len(rev.Definition.Subtypes) > 0 {
		if kindsByBody(rev.Definition) && !r.PostForm.Has(nameKinds) && slices.Contains(rev.Definition.Bodies, in.Body) {
			return p.Server.Go(w, r, r.Link("/services/"+url.PathEscape(rev.Service)+"/order?"+url.Values{"body": {in.Body}}.Encode()))
		}
		return p.showOrder(w, r, rev.Definition, in, http.StatusUnprocessableEntity,
			page.Errors{{Path: "subtype", Text: r.Say.T("field.choose")}})
	}
	number, err := p.Filing.Begin(r.Context(), r.Actor, in)
	if fault.Is(err, "filing.draft-exists") {
		f, _ := fault.As(err)
		anew := url.Values{"anew": {in.Service}, "subtype": {in.Subtype}, "body": {in.Body}}
		return p.draftExists(w, r, anew, f.Args["number"])
	}
	if fault.KindOf(err) == fault.Invalid && err != nil {
		es, _ := p.errorsOf(r, err)
		return p.showOrder(w, r, rev.Definition, in, http.StatusUnprocessableEntity, es)
	}
	if err != nil {
		return err
	}
	return p.Server.Go(w, r, firstPage(r, rev.Definition, number))
}

// firstPage is where the wizard begins.
func firstPage(r *web.Request, d *service.Definition, number string) string {
	if len(d.Pages) == 0 {
		return applicationPath(r, number, "/"+stepCheck)
	}
	return applicationPath(r, number, "/pages/"+d.Pages[0].Key)
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
			{Name: r.Say.T("filing.changed"), Value: r.Say.Time(a.ChangedAt)},
		},
	}
	if a.State != application.Draft {
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
		for _, name := range []string{"anew", "subtype", "body", "again"} {
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
		rev, err := p.Catalogue.Service(key)
		if err != nil {
			return err
		}
		number, err := p.Filing.Begin(r.Context(), r.Actor, filing.Start{Service: key, Subtype: r.PostForm.Get("subtype"), Body: r.PostForm.Get("body")})
		if err != nil {
			return err
		}
		return p.Server.Go(w, r, firstPage(r, rev.Definition, number))
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
