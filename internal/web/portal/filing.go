package portal

import (
	"net/http"
	"strconv"
	"strings"

	"elicense/internal/application"
	"elicense/internal/fault"
	"elicense/internal/filing"
	"elicense/internal/form"
	"elicense/internal/service"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// filingRoutes are the wizard: ordering a service, its pages, documents, payment, signing, and the application itself.
func (p *Portal) filingRoutes() []web.Route {
	const application = "/{lang}/applications/{number}"
	return []web.Route{
		{Pattern: "GET /{lang}/services/{key}/order", Policy: web.Person, Handle: p.orderForm, Page: "order"},
		{Pattern: "POST /{lang}/services/{key}/order", Policy: web.Person, Handle: p.order, PerMinute: 60, Keep: true},

		{Pattern: "GET " + application + "/pages/{page}", Policy: web.Person, Handle: p.draftForm, Page: "application-page"},
		{Pattern: "POST " + application + "/pages/{page}", Policy: web.Person, Handle: p.draftSave, Keep: true},
		{Pattern: "POST " + application + "/pages/{page}/autosave", Policy: web.Person, Handle: p.autosave},

		{Pattern: "GET " + application + "/documents", Policy: web.Person, Handle: p.attachments, Page: "application-documents"},
		{Pattern: "POST " + application + "/documents", Policy: web.Person, Handle: p.attachmentsNext},
		{Pattern: "GET " + application + "/documents/{key}", Policy: web.Person, Handle: p.attachForm, Page: "application-document"},
		{Pattern: "POST " + application + "/documents/{key}", Policy: web.Person, Handle: p.attach, Keep: true},
		{Pattern: "POST " + application + "/documents/{key}/upload", Policy: web.Person, Handle: p.attachUpload, Body: uploadBody, PerMinute: 60},
		{Pattern: "GET " + application + "/documents/{key}/file", Policy: web.Person, Handle: p.attachedDownload},
		{Pattern: "POST " + application + "/documents/{key}/remove", Policy: web.Person, Handle: p.detach},

		{Pattern: "GET " + application + "/payment", Policy: web.Person, Handle: p.payment, Page: "application-payment"},
		{Pattern: "POST " + application + "/payment", Policy: web.Person, Handle: p.pay, PerMinute: 30},
		{Pattern: "GET " + application + "/payment/return", Policy: web.Person, Handle: p.paid, Page: "application-payment-return"},
		{Pattern: "GET " + application + "/payment/instruction", Policy: web.Person, Handle: p.paymentInstruction, PerMinute: 30},

		{Pattern: "GET " + application + "/check", Policy: web.Person, Handle: p.review, Page: "application-check"},
		{Pattern: "POST " + application + "/check", Policy: web.Person, Handle: p.reviewed},
		{Pattern: "GET " + application + "/sign", Policy: web.Person, Handle: p.signForm, Page: "application-sign", PerMinute: 60},
		{Pattern: "POST " + application + "/sign", Policy: web.Person, Handle: p.sign, PerMinute: 60},

		{Pattern: "GET " + application + "/correction", Policy: web.Person, Handle: p.correctionForm, Page: "application-correction"},
		{Pattern: "POST " + application + "/correction", Policy: web.Person, Handle: p.correctionSave, Keep: true},
		{Pattern: "GET " + application + "/correction/sign", Policy: web.Person, Handle: p.correctionSignForm, Page: "application-correction-sign", PerMinute: 60},
		{Pattern: "POST " + application + "/correction/sign", Policy: web.Person, Handle: p.correctionSign, PerMinute: 60},

		{Pattern: "GET " + application, Policy: web.Person, Handle: p.application, Page: "application"},
		{Pattern: "POST " + application + "/hearing", Policy: web.Person, Handle: p.replyToHearing, PerMinute: 30, Keep: true},
		{Pattern: "POST " + application + "/review", Policy: web.Person, Handle: p.askReview, PerMinute: 30, Keep: true},
		{Pattern: "POST " + application + "/again", Policy: web.Person, Handle: p.again, PerMinute: 30},
		{Pattern: "GET " + application + "/download", Policy: web.Person, Handle: p.applicationPrint, PerMinute: 30},
		{Pattern: "GET " + application + "/delete", Policy: web.Person, Handle: p.deleteForm, Page: "application-delete"},
		{Pattern: "POST " + application + "/delete", Policy: web.Person, Handle: p.deleteDraft},

		{Pattern: "GET /{lang}/documents", Policy: web.Person, Handle: p.store, Page: "documents"},
		{Pattern: "POST /{lang}/documents/upload", Policy: web.Person, Handle: p.storeUpload, Body: uploadBody, PerMinute: 60},
		{Pattern: "GET /{lang}/documents/{id}", Policy: web.Person, Handle: p.storeDownload},
		{Pattern: "POST /{lang}/documents/{id}/delete", Policy: web.Person, Handle: p.storeDelete},

		{Pattern: "POST /callbacks/payment", Policy: web.Callback, Handle: p.paymentNotice, Body: noticeBody},
	}
}

// The steps of the wizard that are no pages of the definition.
const (
	stepDocuments = "documents"
	stepPayment   = "payment"
	stepCheck     = "check"
	stepSign      = "sign"
	stepBundle    = "bundle" // in the place of signing: all parts are signed on the bundle's page
)

// step is one page of the wizard.
type step struct {
	key, name, href string
	fields          []service.Field // of a page of the definition
}

// applicationPath is the address of an application's page in the reader's language.
func applicationPath(r *web.Request, number, rest string) string {
	return r.Link("/applications/" + number + rest)
}

// steps lists the wizard of a draft in order. Pages of which nothing is shown are left out, and so are documents and payment
// where none are asked for.
func (p *Portal) steps(r *web.Request, d filing.Draft) []step {
	number := d.Application.Number
	var all []step
	for _, pg := range d.Definition().Pages {
		if !d.Shows(pg) {
			continue
		}
		all = append(all, step{key: pg.Key, name: tr(r, pg.Title), href: applicationPath(r, number, "/pages/"+pg.Key), fields: pg.Fields})
	}
	add := func(key, name string) {
		all = append(all, step{key: key, name: r.Say.T(name), href: applicationPath(r, number, "/"+key)})
	}
	if len(d.Required()) > 0 {
		add(stepDocuments, "wizard.attach")
	}
	if d.Facts.FeeDue > 0 || d.Facts.NoMCI {
		add(stepPayment, "wizard.payment")
	}
	add(stepCheck, "wizard.check")
	if d.Bundled != "" {
		return append(all, step{key: stepBundle, name: r.Say.T("bundle.step"), href: bundlePath(r, d.Bundled, "")})
	}
	add(stepSign, "wizard.sign")
	return all
}

// around gives the addresses before and after a step; empty at the ends.
func around(all []step, key string) (before, after string) {
	for i, s := range all {
		if s.key != key {
			continue
		}
		if i > 0 {
			before = all[i-1].href
		}
		if i < len(all)-1 {
			after = all[i+1].href
		}
	}
	return before, after
}

// standing gives every step with its state: where the reader is, what is complete, where something is wrong.
func (p *Portal) standing(r *web.Request, d filing.Draft, current string) ([]page.Step, error) {
	problems, err := p.Filing.Problems(d)
	if err != nil {
		return nil, err
	}
	wrong := map[string]bool{}
	for _, f := range problems {
		wrong[stepOf(d, f.Path)] = true
	}
	var list []page.Step
	passed := true // until the current step is reached
	for _, s := range p.steps(r, d) {
		state := page.StepDone
		switch {
		case s.key == current:
			state, passed = page.StepCurrent, false
		case s.key == stepSign && len(problems) > 0:
			state = page.StepLocked
		case s.key == stepCheck && passed && current != "" && len(problems) == 0: // whoever signs has seen the answers
		case s.key == stepCheck, s.key == stepSign, s.key == stepBundle, s.key == stepPayment && !d.Facts.FeePaid:
			state = page.StepTodo
		case wrong[s.key] && passed && current != "":
			state = page.StepProblem
		case wrong[s.key]:
			state = page.StepTodo
		}
		item := page.Step{Name: s.name, Href: s.href, State: state, Word: r.Say.T("filing.state." + string(state))}
		if state == page.StepLocked {
			item.Href = ""
		}
		list = append(list, item)
	}
	return list, nil
}

// stepOf tells on which step a problem is mended.
func stepOf(d filing.Draft, path string) string {
	if strings.HasPrefix(path, documentPath) {
		return stepDocuments
	}
	for _, pg := range d.Definition().Pages {
		for _, f := range pg.Fields {
			if key, _, _ := strings.Cut(path, "."); f.Key == key {
				return pg.Key
			}
		}
	}
	if len(d.Definition().Pages) > 0 {
		return d.Definition().Pages[0].Key
	}
	return stepCheck
}

// documentPath begins the path of a problem with a document.
const documentPath = "document."

// progress says where the reader stands in the wizard.
func (p *Portal) progress(r *web.Request, d filing.Draft, current string) (page.Progress, error) {
	list, err := p.standing(r, d, current)
	if err != nil {
		return page.Progress{}, err
	}
	for i, s := range list {
		if s.State == page.StepCurrent {
			position := r.Say.T("wizard.step", "n", strconv.Itoa(i+1), "total", strconv.Itoa(len(list)))
			return page.Progress{Position: position + ": " + s.Name, Steps: list}, nil
		}
	}
	return page.Progress{Steps: list}, nil
}

// resumeAt is where to go on filling in: the first step that is not complete.
func (p *Portal) resumeAt(r *web.Request, d filing.Draft) (href string, done, total int, err error) {
	list, err := p.standing(r, d, "")
	if err != nil {
		return "", 0, 0, err
	}
	for _, s := range list {
		if s.State == page.StepDone {
			done++
		} else if href == "" {
			href = s.Href
		}
	}
	return href, done, len(list), nil
}

// wizardChrome dresses a page of an application.
func (p *Portal) wizardChrome(r *web.Request, number, title string, scripts ...string) *page.Chrome {
	c := p.Chrome(r, title)
	c.Breadcrumbs = []page.Link{
		{Text: r.Say.T("nav.my-applications"), Href: r.Link("/applications")},
		{Text: number, Href: applicationPath(r, number, "")},
		{Text: title},
	}
	for _, s := range scripts {
		c.Files.Scripts = append(c.Files.Scripts, p.Server.Assets.Href(s))
	}
	return c
}

// open gives a draft that can still be changed; ok is false after the reader was sent on to the application itself.
func (p *Portal) open(w http.ResponseWriter, r *web.Request) (d filing.Draft, ok bool, err error) {
	d, err = p.Filing.Open(r.Context(), r.Actor, r.PathValue("number"))
	if err != nil {
		return d, false, err
	}
	if d.Application.State == application.Draft {
		return d, true, nil
	}
	if r.Method != http.MethodGet {
		return d, false, fault.New(fault.Conflict, "filing.sent-already")
	}
	return d, false, p.Server.Go(w, r, applicationPath(r, d.Application.Number, ""))
}

// sayField writes what is wrong with a field; messages of the definition's own checks come from the definition.
func (p *Portal) sayField(r *web.Request, f form.Form, problem fault.Field) string {
	if text, ok := f.CheckMessage(problem.Key); ok {
		return tr(r, text)
	}
	return p.Server.Text(r, problem.Key, problem.Args)
}

// fieldErrors writes the problems of a page in the reader's language.
func (p *Portal) fieldErrors(r *web.Request, f form.Form, problems []fault.Field) page.Errors {
	var es page.Errors
	for _, problem := range problems {
		e := page.FieldError{Path: problem.Path, Text: p.sayField(r, f, problem)}
		// The definition's own messages are whole sentences.
		if !form.IsCheck(problem.Key) {
			e.Label = labelAt(r, f, problem.Path)
		}
		es = append(es, e)
	}
	return es
}

// operationName names what an application asks for.
func operationName(r *web.Request, d filing.Draft) string {
	operation, _ := d.Definition().Operation(d.Application.Operation)
	return tr(r, operation.Name)
}

// asked names an application for the reader: the subtype or the service.
func asked(r *web.Request, d filing.Draft) string {
	return tr(r, d.Definition().SubtypeName(d.Application.Subtype))
}
