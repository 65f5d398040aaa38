package office

import (
	"net/http"
	"net/url"
	"slices"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/casework"
	"elicense/internal/fault"
	"elicense/internal/port"
	"elicense/internal/service"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// The fields of the saved views; the faults of casework.KeepView stand at the name.
const (
	fieldName  = "name"
	fieldID    = "id"
	fieldQuery = "query"
)

// The buttons of a saved view.
const (
	goKeep   = "keep"
	goRename = "rename"
	goDrop   = "drop"
)

// keptQuery is what a view keeps of an address: its filters, and nothing else that stands in it.
func keptQuery(query url.Values) string {
	q := url.Values{}
	for _, name := range append(filters(), paramView) {
		if v := query.Get(name); v != "" && len(v) <= 100 {
			q.Set(name, v)
		}
	}
	return q.Encode()
}

func (o *Office) savedBox(r *web.Request, query url.Values, l casework.Listing, errs page.Errors, typed string) *savedBox {
	form := page.Form{Action: r.Link(pathViews), CSRF: r.CSRF()}
	box := &savedBox{Title: r.Say.T("queue.views"), Open: len(errs) > 0, Form: form, Query: keptQuery(query),
		Name: page.TextField{Field: page.Field{Name: fieldName, Label: r.Say.T("queue.view-as"), Value: typed, Error: errs.For(fieldName)}, MaxLength: 60, Autocomplete: "off"},
		Keep: page.Button{Text: r.Say.T("queue.view-keep"), Kind: page.Secondary, Name: page.NameGo, Value: goKeep}}
	for _, v := range l.Saved {
		box.Views = append(box.Views, savedView{
			Link: page.Link{Text: v.Name, Href: r.Link(pathQueue + "?" + v.Query)}, Form: form, ID: v.ID,
			Name: page.TextField{Field: page.Field{ID: "v-" + v.ID, Name: fieldName, Label: r.Say.T("queue.view-other", "name", v.Name), Value: v.Name}, MaxLength: 60, Autocomplete: "off"},
			Buttons: []page.Button{{Text: r.Say.T("queue.view-rename"), Kind: page.Secondary, Name: page.NameGo, Value: goRename, About: v.Name},
				{Text: r.Say.T("queue.view-drop"), Kind: page.Danger, Name: page.NameGo, Value: goDrop, About: v.Name}},
		})
	}
	return box
}

// views keeps, renames or drops a saved view, and shows the queue as it was.
func (o *Office) views(w http.ResponseWriter, r *web.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.form").Because(err)
	}
	typed := r.PostForm
	query, err := url.ParseQuery(typed.Get(fieldQuery))
	if err != nil {
		return fault.New(fault.Invalid, "fault.form").Because(err)
	}
	view := port.SavedView{Name: typed.Get(fieldName), Query: keptQuery(query)}
	done := "office.done.view." + typed.Get(page.NameGo)
	switch typed.Get(page.NameGo) {
	case goKeep:
		err = o.Desk.KeepView(r.Context(), r.Actor, view)
	case goRename:
		view.ID = typed.Get(fieldID)
		err = o.Desk.KeepView(r.Context(), r.Actor, view)
	case goDrop:
		err = o.Desk.DropView(r.Context(), r.Actor, typed.Get(fieldID))
	default:
		return fault.New(fault.Invalid, "fault.form")
	}
	if err == nil {
		r.Flash(done)
		return o.Server.Go(w, r, r.Link(pathQueue+"?"+view.Query))
	}
	errs, ok := o.errorsOf(r, err)
	if !ok {
		return err
	}
	return o.showQueue(w, r, query, err, errs, typed.Get(fieldName))
}

// ruleBox lets the head of the body say whether new applications are given to officials by rule.
func (o *Office) ruleBox(r *web.Request, on bool) *buttonBox {
	if !r.Actor.Holds(access.Head) {
		return nil
	}
	key, value := "queue.rule-off", "yes"
	if on {
		key, value = "queue.rule-on", "no"
	}
	return &buttonBox{Text: r.Say.T(key), Form: page.Form{Action: r.Link(pathRule), CSRF: r.CSRF()},
		Button: page.Button{Text: r.Say.T("queue.rule-switch." + value), Kind: page.Secondary, Name: page.NameGo, Value: value}}
}

// rule switches it.
func (o *Office) rule(w http.ResponseWriter, r *web.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.form").Because(err)
	}
	on := r.PostForm.Get(page.NameGo) == "yes"
	if err := o.Desk.SetHandsOut(r.Context(), r.Actor, on); err != nil {
		return err
	}
	r.Flash("office.done.rule")
	return o.Server.Go(w, r, r.Link(pathQueue))
}

// chosenBox are the acts that can be done with many at once by somebody of the reader's duties.
func (o *Office) chosenBox(r *web.Request) *chosenBox {
	box := &chosenBox{Form: page.Form{Action: r.Link(pathChosen), CSRF: r.CSRF()}, Title: r.Say.T("queue.with-chosen")}
	for _, act := range []application.Act{application.Take, application.Confirm, application.GiveBack, application.Assign, application.AskOpinions} {
		if act == application.Assign && !application.HandsOut(r.Actor) || act == application.AskOpinions && !o.asksOthers(r.Actor.Body) {
			continue
		}
		box.Buttons = append(box.Buttons, page.Button{Text: r.Say.T("queue.act." + string(act)), Kind: page.Secondary, Name: page.NameGo, Value: string(act)})
	}
	return box
}

// asksOthers tells whether a service that officials of the body decide asks other bodies.
func (o *Office) asksOthers(body string) bool {
	return slices.ContainsFunc(o.Catalogue.Newest(), func(rev *service.Revision) bool {
		return len(rev.Definition.Process.Opinions) > 0 && slices.Contains(rev.Definition.Bodies, body)
	})
}
