package portal

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"elicense/internal/application"
	"elicense/internal/fault"
	"elicense/internal/filing"
	"elicense/internal/mobile"
	"elicense/internal/money"
	"elicense/internal/web"
	"elicense/internal/web/assets"
	"elicense/internal/web/page"
	"elicense/internal/web/signing"
)

// bundleRoutes are several services asked for together: the page before, what is asked once with the state of every part, and the
// signature over all of them.
func (p *Portal) bundleRoutes() []web.Route {
	const bundle = "/{lang}/bundles/{id}"
	return []web.Route{
		{Pattern: "GET /{lang}/together/{bundle}", Policy: web.Public, Handle: p.together, Page: "together"},
		{Pattern: "POST /{lang}/together/{bundle}", Policy: web.Person, Handle: p.beginTogether, PerMinute: 30},
		{Pattern: "GET " + bundle, Policy: web.Person, Handle: p.bundle, Page: "bundle"},
		{Pattern: "POST " + bundle, Policy: web.Person, Handle: p.bundleSave, Keep: true},
		{Pattern: "GET " + bundle + "/sign", Policy: web.Person, Handle: p.bundleSignForm, Page: "bundle-sign", PerMinute: 60},
		{Pattern: "POST " + bundle + "/sign", Policy: web.Person, Handle: p.bundleSign, PerMinute: 60, Body: bundleBody},
		{Pattern: "POST " + bundle + "/give-up", Policy: web.Person, Handle: p.bundleGiveUp, PerMinute: 30},
	}
}

// bundleBody bounds the signatures of a bundle, in bytes.
const bundleBody = mobile.Most * signing.MaxBody

// bundlePath is the address of a bundle's page in the reader's language.
func bundlePath(r *web.Request, id, rest string) string {
	return r.Link("/bundles/" + url.PathEscape(id) + rest)
}

// bundleView is a bundle: what is asked once, and every part with what becomes of it.
type bundleView struct {
	Words     *page.Words
	Heading   page.Heading
	Errors    page.Errors
	Notices   []page.Banner
	Different *page.Table
	Shared    *sharedView // nil once it was filed
	Filed     card        // what was answered once, then
	Title     string      // above the parts
	Parts     []partView
	Fees      []page.Row
	Sign      *page.Button
	Unready   string // why it cannot be signed yet
	GiveUp    *giveUpView
}

type sharedView struct {
	Title, Hint string
	Form        page.Form
	Fields      templ.Component
	Save        page.Button
}

// partView is one application of a bundle.
type partView struct {
	ID       string
	Card     card
	Problems []page.Link
	Of       string // above the problems
	Grounds  []page.Row
}

type giveUpView struct {
	Title, Text string
	Form        page.Form
	Buttons     []page.Button
}

// The buttons that give a bundle up.
const (
	giveUpKeep   = "keep"
	giveUpDelete = "delete"
)

// bundle shows a bundle.
func (p *Portal) bundle(w http.ResponseWriter, r *web.Request) error {
	b, err := p.Filing.Bundle(r.Context(), r.Actor, r.PathValue("id"))
	if err != nil {
		return err
	}
	s := p.storedShared(b)
	if kept, ok := r.Kept(); ok && b.Together() && !b.Closed {
		r.PostForm = kept
		values, err := p.typed(r, b.Shared, s.page)
		if err != nil {
			return err
		}
		if s.values, err = overlaid(&b.Shared, s.page, values); err != nil {
			return err
		}
		s.base, s.notice = kept.Get(page.NameVersion), keptNotice(r)
	}
	return p.showBundle(w, r, b, s, nil)
}

// storedShared shows what is asked once as it is stored.
func (p *Portal) storedShared(b filing.Bundle) shownPage {
	s := shownPage{status: http.StatusOK}
	if !b.Closed {
		s.page, s.values = b.Definition.Page(), b.Answers
		s.base = b.Shared.Base(s.page)
	}
	return s
}

// showBundle shows a bundle with the form of what is asked once; unready are problems of single parts.
func (p *Portal) showBundle(w http.ResponseWriter, r *web.Request, b filing.Bundle, s shownPage, unready []fault.Field) error {
	name := p.bundleName(r, b)
	v := bundleView{Words: p.Server.Words(r.Lang), Heading: page.Heading{Caption: r.Say.T("bundle.caption"), Text: name}, Errors: s.errors, Different: s.differs, Title: r.Say.T("bundle.parts")}
	if s.notice != nil {
		v.Notices = append(v.Notices, *s.notice)
	}
	ready, err := p.bundleParts(r, b, unready, &v)
	if err != nil {
		return err
	}
	switch {
	case !b.Together():
		v.Heading.Lead = r.Say.T("bundle.filed-lead")
		if !b.Closed { // a bundle that the catalogue knows no more has no words for its questions
			v.Filed = p.pageCard(r, b.Shared, b.Definition.Page(), false)
			v.Filed.Title = r.Say.T("bundle.shared")
		}
	case b.Closed:
		v.Notices = append(v.Notices, page.Banner{Kind: page.Caution, Title: r.Say.T("service.closed-title"), Text: r.Say.T("bundle.closed-keep")})
	default:
		v.Heading.Lead = r.Say.T("bundle.draft-lead")
		p.bundleForm(r, b, s, &v)
		problems, err := p.Filing.Check(b.Shared, "")
		if err != nil {
			return err
		}
		if ready && len(problems) == 0 {
			v.Sign = &page.Button{Text: r.Say.T("filing.to-sign"), Href: bundlePath(r, b.ID, "/sign")}
			v.Shared.Save.Kind = page.Secondary
		} else {
			v.Unready = r.Say.T("bundle.unready-text")
		}
	}
	if b.Together() {
		v.GiveUp = &giveUpView{Title: r.Say.T("bundle.give-up"), Text: r.Say.T("bundle.give-up-text"), Form: page.Form{Action: bundlePath(r, b.ID, "/give-up"), CSRF: r.CSRF()}, Buttons: []page.Button{
			{Text: r.Say.T("bundle.keep"), Kind: page.Secondary, Name: page.NameGo, Value: giveUpKeep}, {Text: r.Say.T("bundle.delete"), Kind: page.Danger, Name: page.NameGo, Value: giveUpDelete}}}
	}
	c := p.Chrome(r, name+" – "+r.Say.T("nav.my-applications"))
	c.Breadcrumbs = []page.Link{{Text: r.Say.T("nav.my-applications"), Href: r.Link("/applications")}, {Text: name}}
	c.Files.Scripts = append(c.Files.Scripts, p.Server.Assets.Href(assets.Combobox))
	return p.showStatus(w, r, s.status, c, bundlePage(v))
}

// bundleName is the name of a bundle, also of one that the catalogue does not have any more.
func (p *Portal) bundleName(r *web.Request, b filing.Bundle) string {
	if name := tr(r, p.Catalogue.BundleName(b.Key)); name != "" {
		return name
	}
	return r.Say.T("bundle.caption")
}

// bundleForm is the form of what is asked once.
func (p *Portal) bundleForm(r *web.Request, b filing.Bundle, s shownPage, v *bundleView) {
	v.Shared = &sharedView{
		Title: r.Say.T("bundle.shared"), Hint: r.Say.T("bundle.shared-hint"), Fields: p.fieldsOf(r, b.Shared, s), Save: page.Button{Text: r.Say.T("bundle.save")},
		Form: page.Form{Action: bundlePath(r, b.ID, ""), CSRF: r.CSRF(), Version: s.base, Default: r.Say.T("bundle.save")},
	}
}

// bundleParts lists the parts with their fees, and tells whether all of them can be signed.
func (p *Portal) bundleParts(r *web.Request, b filing.Bundle, unready []fault.Field, v *bundleView) (ready bool, err error) {
	ready = true
	var sum, paid money.Tiyn
	for _, d := range b.Parts {
		part, err := p.bundlePart(r, d)
		if err != nil {
			return false, err
		}
		for _, f := range unready {
			if f.Path == filing.PartPath(d.Application.Number) {
				v.Errors = append(v.Errors, page.FieldError{Path: part.ID, Label: part.Card.Title, Text: p.Server.Text(r, f.Key, f.Args)})
			}
		}
		ready = ready && len(part.Problems) == 0
		sum += d.Facts.FeeDue
		if d.Facts.FeePaid {
			paid += d.Facts.FeeDue
		}
		v.Parts = append(v.Parts, part)
	}
	if sum > 0 {
		v.Fees = []page.Row{{Name: r.Say.T("bundle.fees"), Value: r.Say.Money(sum)}, {Name: r.Say.T("bundle.fees-left"), Value: r.Say.Money(sum - paid)}}
	}
	return ready, nil
}

// bundlePart says of one application what it is, at whom it is, how it stands and what can be done now.
func (p *Portal) bundlePart(r *web.Request, d filing.Draft) (partView, error) {
	a := d.Application
	body, _ := p.Catalogue.Body(a.Body)
	tag := statusOf(r, a)
	v := partView{ID: filing.PartPath(a.Number), Card: card{Title: asked(r, d), Rows: []page.Row{
		{Name: r.Say.T("filing.number"), Value: a.Number},
		{Name: r.Say.T("filing.type"), Value: operationName(r, d)},
		{Name: r.Say.T("filing.body"), Value: tr(r, body.Name)},
		{Name: r.Say.T("filing.status"), Body: page.StatusTag(tag)},
	}}}
	add := func(row page.Row) { v.Card.Rows = append(v.Card.Rows, row) }
	if d.Facts.FeeDue > 0 || d.Facts.NoMCI {
		sum, err := p.feeSum(r, d)
		if err != nil {
			return v, err
		}
		row := page.Row{Name: r.Say.T("filing.fee-sum"), Value: sum + ", " + strings.ToLower(r.Say.T("filing.fee-due"))}
		switch {
		case d.Facts.FeePaid:
			row.Value = sum + ", " + strings.ToLower(r.Say.T("filing.fee-paid"))
		case a.State == application.Draft && !d.Facts.NoMCI:
			row.Actions = []page.Link{{Text: r.Say.T("filing.to-pay"), Href: applicationPath(r, a.Number, "/payment")}}
		}
		add(row)
	}
	view := page.Link{Text: r.Say.T("wizard.view"), Href: applicationPath(r, a.Number, "")}
	next := map[application.State]string{application.Signing: r.Say.T("filing.next-system"), application.Issued: r.Say.T("filing.next-nobody"),
		application.Returned: r.Say.T("filing.next-you"), application.Correcting: r.Say.T("filing.next-you"), application.Withdrawn: r.Say.T("filing.next-nobody")}
	switch a.State {
	case application.Draft:
		return v, p.draftPart(r, d, &v)
	case application.Registered:
		add(page.Row{Name: r.Say.T("filing.next"), Value: p.waitsFor(r, filing.Case{Draft: d})})
	case application.Issued:
		if a.Permit != "" {
			add(page.Row{Name: tr(r, d.Definition().Permit.Kind), Value: a.Permit, Actions: []page.Link{{Text: r.Say.T("wizard.view"), Href: r.Link("/permits/" + a.Permit)}}})
		}
		add(page.Row{Name: r.Say.T("filing.next"), Value: next[a.State]})
	default:
		if a.Decision != nil && a.State == application.Returned {
			for _, g := range a.Decision.Grounds {
				said := g.In(r.Lang)
				v.Grounds = append(v.Grounds, page.Row{Name: r.Say.T("filing.grounds"), Value: strings.TrimSpace(said.Text + " " + said.Act)})
			}
		}
		add(page.Row{Name: r.Say.T("filing.next"), Value: next[a.State]})
	}
	v.Card.Rows = append(v.Card.Rows, v.Grounds...)
	v.Card.Actions = []page.Link{view}
	return v, nil
}

// draftPart says what is left to do of a part that was not filed.
func (p *Portal) draftPart(r *web.Request, d filing.Draft, v *partView) error {
	href, _, _, err := p.resumeAt(r, d)
	if err != nil {
		return err
	}
	problems, err := p.Filing.Problems(d)
	if err != nil {
		return err
	}
	v.Card.Actions = []page.Link{{Text: r.Say.T("wizard.draft-continue"), Href: href}}
	if len(d.Unseen()) > 0 {
		v.Problems = append(v.Problems, page.Link{Text: r.Say.T("filing.moved-title"), Href: applicationPath(r, d.Application.Number, "/"+stepCheck)})
	}
	if len(problems)+len(v.Problems) == 0 {
		v.Card.Actions[0] = page.Link{Text: r.Say.T("wizard.check"), Href: applicationPath(r, d.Application.Number, "/"+stepCheck)}
		v.Card.Rows = append(v.Card.Rows, page.Row{Name: r.Say.T("bundle.left"), Value: r.Say.T("bundle.left-nothing")})
		return nil
	}
	for _, problem := range problems {
		v.Problems = append(v.Problems, p.problemLink(r, d, problem))
	}
	v.Of = r.Say.N("bundle.left-count", len(v.Problems))
	v.Card.Rows = append(v.Card.Rows, page.Row{Name: r.Say.T("bundle.left"), Value: v.Of})
	return nil
}

// bundleSave stores what is asked once, well formed or not, and says what is wrong with it.
func (p *Portal) bundleSave(w http.ResponseWriter, r *web.Request) error {
	id := r.PathValue("id")
	before, err := p.Filing.Bundle(r.Context(), r.Actor, id)
	if err != nil {
		return err
	}
	if !before.Together() {
		return fault.New(fault.Conflict, "filing.sent-already")
	}
	if before.Closed {
		return p.showBundle(w, r, before, shownPage{status: http.StatusConflict}, nil)
	}
	pg := before.Definition.Page()
	values, err := p.typed(r, before.Shared, pg)
	if err != nil {
		return err
	}
	in := filing.Save{Page: pg.Key, Base: r.PostForm.Get(page.NameVersion), Values: values}
	b, err := p.Filing.SaveBundle(r.Context(), r.Actor, id, in)
	if fault.Is(err, "filing.stale") {
		s, err := p.staleOf(r, &b.Shared, pg, in, err)
		if err != nil {
			return err
		}
		return p.showBundle(w, r, b, s, nil)
	}
	if err != nil {
		return err
	}
	if len(b.Shared.Elsewhere) > 0 {
		r.Flash("filing.merged")
	}
	if field := r.PostForm.Get(page.NameFind); field != "" {
		q := url.Values{page.NameFind: {field}, "q": {strings.TrimSpace(r.PostForm.Get(field + ".q"))}}
		return p.Server.Go(w, r, bundlePath(r, id, "?"+q.Encode()+"#"+page.FieldID(field)))
	}
	problems, err := p.Filing.Check(b.Shared, "")
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		s := p.storedShared(b)
		s.errors, s.status = p.fieldErrors(r, b.Shared.Form, problems), http.StatusUnprocessableEntity
		return p.showBundle(w, r, b, s, nil)
	}
	r.Flash("bundle.saved")
	return p.Server.Go(w, r, bundlePath(r, id, ""))
}

// bundleGiveUp deletes the drafts of a bundle, or keeps them as applications by themselves.
func (p *Portal) bundleGiveUp(w http.ResponseWriter, r *web.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.form").Because(err)
	}
	how := r.PostForm.Get(page.NameGo)
	if how != giveUpKeep && how != giveUpDelete {
		how = giveUpKeep // what loses nothing
	}
	if err := p.Filing.GiveUp(r.Context(), r.Actor, r.PathValue("id"), how == giveUpKeep); err != nil {
		return err
	}
	r.Flash(map[string]string{giveUpKeep: "bundle.kept-drafts", giveUpDelete: "bundle.deleted"}[how])
	return p.Server.Go(w, r, r.Link("/applications"))
}
