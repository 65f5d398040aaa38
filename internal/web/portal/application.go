package portal

import (
	"net/http"
	"net/url"
	"strings"

	"elicense/internal/application"
	"elicense/internal/civil"
	"elicense/internal/filing"
	"elicense/internal/lang"
	"elicense/internal/port"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// applicationView is the page "Application information" (manual of the restoration, figure 11).
type applicationView struct {
	Words    *page.Words
	Heading  page.Heading
	Errors   page.Errors
	Status   page.Tag
	Notice   *page.Banner
	Hearing  *hearingView
	Review   *humanReview
	Downs    []page.File // of the permit, one per language
	Grounds  []ground
	Refused  string // heading above the grounds
	Appeal   appealView
	Again    *page.Form // copies a returned application into a new draft
	Correct  string     // its button
	Copied   string     // what it copies
	Buttons  []page.Button
	Cards    []card
	Files    []page.File
	FilesOf  string
	Signed   []card
	Timeline []page.Event
	History  string // heading above the timeline
	Why      *whyView
}

// ground is one ground of a refusal in the languages that the law asks for, the reader's first.
type ground struct{ Said []saidIn }

type saidIn struct {
	Lang                      lang.Lang
	Text, Act, Reason, Advice string
	ActLabel, ToMend          string
}

// draftOverview shows a draft as a list of its steps.
type draftOverview struct {
	Words   *page.Words
	Heading page.Heading
	Status  page.Tag
	Notice  *page.Banner
	Steps   []page.Step
	Buttons []page.Button
	History string
	Events  []page.Event
}

// application shows an application; a draft as the list of its steps.
func (p *Portal) application(w http.ResponseWriter, r *web.Request) error {
	c, err := p.Filing.Case(r.Context(), r.Actor, r.PathValue("number"))
	if err != nil {
		return err
	}
	if c.Application.State == application.Draft {
		return p.showOverview(w, r, c)
	}
	kept, _ := r.Kept()
	return p.showApplication(w, r, c, kept, nil, nil)
}

// showApplication shows an application that was sent, with what was typed into its forms.
func (p *Portal) showApplication(w http.ResponseWriter, r *web.Request, c filing.Case, typed url.Values, problem error, errs page.Errors) error {
	a, title := c.Application, r.Say.T("filing.information")
	v := applicationView{
		Words: p.Server.Words(r.Lang), Heading: page.Heading{Caption: tr(r, c.Definition().Name), Text: title}, Status: statusOf(r, a),
		Errors: errs, Hearing: p.hearingOf(r, c, typed, errs), History: r.Say.T("filing.history"), Timeline: p.timeline(r, c), FilesOf: r.Say.T("filing.documents"),
	}
	p.outcome(r, c, &v)
	var err error
	if v.Review, err = p.reviewOf(r, c, typed, errs); err != nil {
		return err
	}
	info, err := p.informationCard(r, c)
	if err != nil {
		return err
	}
	v.Cards = append(v.Cards, info)
	for _, pg := range c.Definition().Pages {
		if shown := p.pageCard(r, c.Draft, pg, false); len(shown.Rows) > 0 {
			v.Cards = append(v.Cards, shown)
		}
	}
	for _, at := range a.Attached {
		v.Files = append(v.Files, page.File{Name: at.Name, Href: applicationPath(r, a.Number, "/documents/"+url.PathEscape(at.Key)+"/file"), Note: at.File + ", " + r.Say.Size(at.Size)})
	}
	if v.Signed, err = p.signedCards(r, c); err != nil {
		return err
	}
	anew := r.Link(orderAddress(a.Service, filing.Start{Subtype: a.Subtype, Operation: a.Operation, Permit: a.Concerns}))
	v.Buttons = []page.Button{{Text: r.Say.T("filing.print"), Href: applicationPath(r, a.Number, "/download"), Kind: page.Secondary}}
	if a.State == application.Returned || a.State == application.Withdrawn {
		v.Again = &page.Form{Action: applicationPath(r, a.Number, "/again"), CSRF: r.CSRF()}
		v.Correct, v.Copied = r.Say.T("filing.correct"), r.Say.T("filing.correct-hint")
	}
	v.Buttons = append(v.Buttons, page.Button{Text: r.Say.T("filing.new"), Href: anew, Kind: page.Secondary})
	v.Buttons = append(v.Buttons, page.Button{Text: r.Say.T("nav.my-applications"), Href: r.Link("/applications"), Kind: page.Secondary})
	talk, err := p.talk(r, c)
	if err != nil {
		return err
	}
	v.Buttons = append(talk, v.Buttons...)
	chrome := p.wizardChrome(r, a.Number, title)
	chrome.Title = title + " " + a.Number
	status := http.StatusOK
	if problem != nil {
		status = web.StatusOf(problem)
	}
	return p.showStatus(w, r, status, chrome, applicationPage(v))
}

// showOverview shows a draft: what is done, what is left, and why it came back when its signature was not accepted.
func (p *Portal) showOverview(w http.ResponseWriter, r *web.Request, c filing.Case) error {
	a := c.Application
	steps, err := p.standing(r, c.Draft, "")
	if err != nil {
		return err
	}
	href, _, _, err := p.resumeAt(r, c.Draft)
	if err != nil {
		return err
	}
	title := r.Say.T("filing.draft-title", "number", a.Number)
	v := draftOverview{
		Words: p.Server.Words(r.Lang), Status: web.StatusTag(r, a.State), Steps: steps, History: r.Say.T("filing.history"), Events: p.timeline(r, c),
		Heading: page.Heading{Caption: tr(r, c.Definition().Name), Text: title, Lead: r.Say.T("filing.draft-lead", "changed", r.Say.Time(a.ChangedAt))},
		Buttons: []page.Button{
			{Text: r.Say.T("wizard.draft-continue"), Href: href},
			{Text: r.Say.T("filing.print-draft"), Href: applicationPath(r, a.Number, "/download"), Kind: page.Secondary},
			{Text: r.Say.T("filing.delete-yes"), Href: applicationPath(r, a.Number, "/delete"), Kind: page.Secondary},
		},
	}
	if n := len(c.Happenings); n > 0 {
		switch last := c.Happenings[n-1].Event; last {
		case application.SignatureRefused, application.SignatureUnproven:
			v.Notice = &page.Banner{Kind: page.Caution, Title: r.Say.T("event." + string(last)), Text: r.Say.T("filing.sign-again")}
		}
	}
	return p.show(w, r, p.wizardChrome(r, a.Number, title), overviewPage(v))
}

// outcome says what has become of the application, who has to act next and until when.
func (p *Portal) outcome(r *web.Request, c filing.Case, v *applicationView) {
	a := c.Application
	switch a.State {
	case application.Signing:
		v.Notice = &page.Banner{Kind: page.Info, Title: r.Say.T("filing.signing-title"), Text: r.Say.T("filing.signing-text")}
	case application.Registered:
		v.Notice = &page.Banner{Kind: page.Info, Title: r.Say.T("filing.registered-title"), Text: p.waitsFor(r, c), Links: termLink(r, a)}
	case application.Correcting:
		v.Notice = correctionNotice(r, a)
	case application.Issued:
		if a.Concerns != "" {
			v.Notice = changedNotice(r, c)
			break
		}
		v.Notice = &page.Banner{Kind: page.Done, Title: r.Say.T("filing.issued-title"), Text: r.Say.T("filing.issued-text", "number", a.Permit),
			Links: []page.Link{{Text: r.Say.T("filing.permit-card"), Href: r.Link("/permits/" + a.Permit)}}}
		if c.Definition().Notifies() {
			v.Notice = accepted(r, c)
		}
		for _, l := range lang.All() {
			v.Downs = append(v.Downs, page.File{Name: r.Say.T("filing.permit-file", "language", r.Say.T("document-lang."+string(l))),
				Href: r.Link("/permits/" + a.Permit + "/document/" + string(l)), Note: "PDF"})
		}
	case application.Returned:
		v.Notice = &page.Banner{Kind: page.Caution, Title: r.Say.T("filing.returned-title"), Text: r.Say.T("filing.returned-text")}
		v.Refused, v.Appeal = r.Say.T("filing.grounds"), p.appeal(r, c)
		for _, g := range a.Decision.Grounds {
			v.Grounds = append(v.Grounds, p.groundOf(r, g))
		}
	case application.Withdrawn:
		v.Notice = &page.Banner{Kind: page.Info, Title: r.Say.T("withdraw.done"), Text: r.Say.T("withdraw.done-text")}
	}
	if a.Decision != nil {
		v.Why = p.why(r, c)
	}
}

// changedNotice says that what was asked for a permit is done, and where it shows.
func changedNotice(r *web.Request, c filing.Case) *page.Banner {
	a := c.Application
	b := &page.Banner{Kind: page.Done, Title: r.Say.T("changes.done"), Text: r.Say.T("changes.done-text", "name", operationName(r, c.Draft), "number", a.Concerns)}
	if c.Concern.Permit.Party == a.Party {
		b.Links = []page.Link{{Text: r.Say.T("changes.card", "number", a.Concerns), Href: r.Link("/permits/" + a.Concerns)}}
	}
	if a.Permit != a.Concerns {
		b.Text += " " + r.Say.T("changes.successor", "number", a.Permit)
		b.Links = append([]page.Link{{Text: r.Say.T("changes.card", "number", a.Permit), Href: r.Link("/permits/" + a.Permit)}}, b.Links...)
	}
	return b
}

// waitsFor names who acts next and until when.
func (p *Portal) waitsFor(r *web.Request, c filing.Case) string {
	a := c.Application
	body, _ := p.Catalogue.Body(a.Body)
	operation, _ := c.Definition().Operation(a.Operation)
	if operation.WorkingDays <= 0 || a.RegisteredAt.IsZero() {
		return r.Say.T("filing.waits", "body", tr(r, body.Name))
	}
	until, _ := p.Calendar.Current().Add(civil.Of(a.RegisteredAt, lang.Almaty()), operation.WorkingDays)
	if !a.Work.Due.IsZero() { // the term may have stood still
		until = a.Work.Due
	}
	return r.Say.T("filing.waits-until", "body", tr(r, body.Name), "date", r.Say.Date(until), "days", r.Say.N("service.days", operation.WorkingDays))
}

// groundOf gives a ground in the reader's language, and in Kazakh and Russian, in which a refusal is given.
func (p *Portal) groundOf(r *web.Request, g application.Ground) ground {
	var out ground
	for _, l := range []lang.Lang{r.Lang, lang.KK, lang.RU} {
		if len(out.Said) > 0 && l == r.Lang {
			continue
		}
		s, say := g.In(l), p.Server.Texts.In(l)
		out.Said = append(out.Said, saidIn{Lang: l, Text: s.Text, Act: s.Act, Reason: s.Reason, Advice: s.Advice, ActLabel: say.T("filing.ground-act"), ToMend: say.T("filing.ground-advice")})
	}
	return out
}

// informationCard is the head of the manuals' page, in its order: number, type, kind, status, applicant, dates, licensor.
func (p *Portal) informationCard(r *web.Request, c filing.Case) (card, error) {
	a, info := c.Application, p.applicationCard(r, c.Draft)
	add := func(key, value string) {
		if value != "" {
			info.Rows = append(info.Rows, page.Row{Name: r.Say.T(key), Value: value})
		}
	}
	applicant, licensor := info.Rows[3], info.Rows[4]
	info.Rows = append(info.Rows[:3], page.Row{Name: r.Say.T("filing.status"), Body: page.StatusTag(statusOf(r, a))}, applicant)
	if !a.SentAt.IsZero() {
		add("filing.sent", r.Say.Time(a.SentAt))
	}
	if !a.RegisteredAt.IsZero() {
		add("filing.registered", r.Say.Time(a.RegisteredAt))
		add("filing.journal", r.Say.Int(int64(a.Journal)))
	}
	if !a.DecidedAt.IsZero() {
		add("filing.decided", r.Say.Time(a.DecidedAt))
	}
	info.Rows = append(info.Rows, licensor)
	add("changes.permit", a.Concerns)
	next := map[application.State]string{application.Signing: "filing.next-system", application.Registered: "filing.next-body",
		application.Issued: "filing.next-nobody", application.Returned: "filing.next-you", application.Correcting: "filing.next-you", application.Withdrawn: "filing.next-nobody"}
	add("filing.next", r.Say.T(next[a.State]))
	if c.Facts.FeeDue > 0 {
		fee, err := p.feeRows(r, c.Draft)
		if err != nil {
			return info, err
		}
		for _, row := range fee {
			if row.Name != r.Say.T("filing.number") {
				info.Rows = append(info.Rows, row)
			}
		}
	}
	return info, nil
}

// signedCards say who signed, with which certificate.
func (p *Portal) signedCards(r *web.Request, c filing.Case) ([]card, error) {
	reader, err := p.Accounts.Profile(r.Context(), r.Actor)
	if err != nil {
		return nil, err
	}
	var cards []card
	for _, s := range c.Signatures {
		iin := s.Signature.Signer.IIN
		if iin != reader.IIN {
			iin = masked(iin)
		}
		cards = append(cards, card{Title: web.SignedBy(r, s.Purpose), Rows: signatureRows(r, s.Signature, iin)})
	}
	return cards, nil
}

func signatureRows(r *web.Request, s port.Signature, iin string) []page.Row {
	who := s.Signer
	state := r.Say.T("filing.revocation." + string(s.Revocation))
	rows := []page.Row{
		{Name: r.Say.T("filing.signer"), Value: strings.Join(strings.Fields(who.Surname+" "+who.GivenName+" "+who.Patronymic), " ")},
		{Name: r.Say.T("filing.signer-iin"), Value: iin},
	}
	if who.BIN != "" {
		rows = append(rows, page.Row{Name: r.Say.T("filing.signer-organisation"), Value: strings.TrimPrefix(who.Organisation+", "+who.BIN, ", ")})
	}
	rows = append(rows,
		page.Row{Name: r.Say.T("filing.certificate-validity"), Value: r.Say.Time(s.NotBefore) + " – " + r.Say.Time(s.NotAfter)},
		page.Row{Name: r.Say.T("filing.certificate-serial"), Body: codeText(s.Serial)},
		page.Row{Name: r.Say.T("filing.certificate-state"), Value: state},
		page.Row{Name: r.Say.T("filing.signed-at"), Value: r.Say.TimeSeconds(s.At)})
	return append(rows, stampRows(r, s)...)
}

// masked hides a number that is not the reader's own.
func masked(number string) string {
	if len(number) < 4 {
		return "••••"
	}
	return "••••••••" + number[len(number)-4:]
}

// timeline tells what has happened, oldest first.
func (p *Portal) timeline(r *web.Request, c filing.Case) []page.Event {
	var events []page.Event
	for _, h := range c.Happenings {
		who := r.Say.T("filing.by-colleague")
		switch h.Actor {
		case "system":
			who = r.Say.T("filing.by-system")
		case r.Actor.Account:
			who = r.Who.Name
		default:
			if h.From == application.Registered && h.Event != application.HearingReplied && h.Event != application.Withdrawal { // all that applicants do with a registered application
				who = r.Say.T("filing.by-official")
			}
		}
		events = append(events, page.Event{When: r.Say.TimeSeconds(h.At), Title: eventText(r, c.Definition(), h.Event), Who: who, Tone: web.EventTone(h.Event)})
		if h.Event == application.Sent && c.Application.Journal > 0 {
			events[len(events)-1].Text = r.Say.T("filing.event-journal", "journal", r.Say.Int(int64(c.Application.Journal)))
		}
	}
	return events
}
