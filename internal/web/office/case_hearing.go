package office

import (
	"net/url"
	"strings"

	"elicense/internal/application"
	"elicense/internal/casework"
	"elicense/internal/civil"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// The fields of an invitation and of the protocol; the faults of application.Hearing stand at them.
const (
	fieldHearingDay   = "hearing_day"
	fieldHearingTime  = "hearing_time"
	fieldHearingPlace = "hearing_place"
	fieldHearingLate  = "hearing_late"
	fieldCame         = "came"
	fieldProtocol     = "protocol"
)

// hearingForm asks for the invitation, within the form of the proposal.
type hearingForm struct {
	Title, Lead string
	Day         page.Field
	Time, Place page.TextField
	Late        *page.Field // nil while the notice is in time
	LateTicked  bool
}

// recordForm asks for the protocol of a hearing.
type recordForm struct {
	Title    string
	Came     page.ChoiceField
	Protocol page.AreaField
	Record   page.Button
}

// hearings adds the forms of a hearing to a case, where its process has one.
func (o *Office) hearings(r *web.Request, c casework.Case, typed url.Values, errs page.Errors, v *caseView) {
	field := func(name, label string) page.Field {
		return page.Field{Name: name, Label: r.Say.T(label), Value: typed.Get(name), Error: errs.For(name)}
	}
	if c.May(application.Invite) && v.Proposal != nil {
		until, notice := application.HearingDays(c.Facts.Today, c.Application.Work.Due, o.Calendar.Current())
		f := &hearingForm{
			Title: r.Say.T("hearing.invite-title"), Lead: r.Say.T("hearing.invite-lead", "until", r.Say.LongDate(until)),
			Day: field(fieldHearingDay, "hearing.day"), Time: page.TextField{Field: field(fieldHearingTime, "hearing.time"), Width: "8", Code: true}, Place: page.TextField{Field: field(fieldHearingPlace, "hearing.place"), MaxLength: 300},
		}
		f.Time.Hint = r.Say.T("hearing.time-hint")
		if !notice.IsZero() && c.Facts.Today.After(notice) {
			late := field(fieldHearingLate, "hearing.late")
			late.Hint, late.Value = r.Say.T("hearing.late-hint", "notice", r.Say.LongDate(notice), "due", r.Say.LongDate(c.Application.Work.Due)), "yes"
			f.Late, f.LateTicked = &late, typed.Get(fieldHearingLate) != ""
		}
		v.Proposal.Hearing = f
		v.Proposal.Buttons = append(v.Proposal.Buttons, page.Button{Text: r.Say.T("hearing.invite"), Kind: page.Secondary, Name: page.NameGo, Value: string(application.Invite)})
	}
	if c.May(application.Record) {
		v.Record = &recordForm{
			Title: r.Say.T("hearing.record-title"), Record: page.Button{Text: r.Say.T("hearing.record"), Name: page.NameGo, Value: string(application.Record)},
			Came: page.ChoiceField{Field: field(fieldCame, "hearing.came"), Inline: true,
				Options: []page.Option{{Value: "yes", Text: r.Say.T("hearing.came-yes")}, {Value: "no", Text: r.Say.T("hearing.came-no")}}},
			Protocol: page.AreaField{Field: field(fieldProtocol, "hearing.protocol"), Rows: 6, MaxLength: 2000},
		}
	}
}

// hearingCards tell what was preliminarily decided, and how the applicant was heard.
func (o *Office) hearingCards(r *web.Request, c casework.Case) []card {
	var cards []card
	for _, h := range c.Application.Work.Report.Hearings {
		ground, _ := c.Definition().Process.Ground(h.Preliminary.Ground)
		rows := []page.Row{
			{Name: r.Say.T("hearing.notice-at"), Value: c.Names[h.By] + ", " + r.Say.Time(h.At)},
			{Name: r.Say.T("office.ground"), Value: tr(r, ground.Ground)},
		}
		rows = append(rows, reasonRows(r, h.Preliminary.ReasonKK, h.Preliminary.ReasonRU)...)
		rows = append(rows, page.Row{Name: r.Say.T("hearing.when"), Value: r.Say.LongDate(h.Day) + ", " + h.Time + "\n" + h.Place})
		switch {
		case h.Reply == nil:
		case h.Reply.Waived:
			rows = append(rows, page.Row{Name: r.Say.T("hearing.reply"), Value: r.Say.T("hearing.waived") + ", " + r.Say.Time(h.Reply.At)})
		default:
			rows = append(rows, page.Row{Name: r.Say.T("hearing.objections"), Value: h.Reply.Text + "\n" + r.Say.Time(h.Reply.At)})
		}
		if h.Protocol != nil {
			came := "hearing.came-no"
			if h.Protocol.Came {
				came = "hearing.came-yes"
			}
			rows = append(rows, page.Row{Name: r.Say.T("hearing.came"), Value: r.Say.T(came)},
				page.Row{Name: r.Say.T("hearing.protocol"), Value: h.Protocol.Text + "\n" + c.Names[h.Protocol.By] + ", " + r.Say.Time(h.Protocol.At)})
		}
		cards = append(cards, card{Title: r.Say.T("hearing.title"), Rows: rows})
	}
	return cards
}

// invitation reads the form of a hearing: the preliminary refusal and when the applicant is heard.
func invitation(typed url.Values) application.Hearing {
	day, _ := civil.ParseTyped(typed.Get(fieldHearingDay))
	return application.Hearing{Preliminary: proposal(typed), Day: day, Time: strings.TrimSpace(typed.Get(fieldHearingTime)),
		Place: strings.TrimSpace(typed.Get(fieldHearingPlace)), Late: typed.Get(fieldHearingLate) != ""}
}

// hearingActs are what the buttons of a hearing do.
func (o *Office) hearingActs(r *web.Request, number string, version int, typed url.Values) map[application.Act]func() error {
	return map[application.Act]func() error{
		application.Invite: func() error { return o.Desk.Invite(r.Context(), r.Actor, number, version, invitation(typed)) },
		application.Record: func() error {
			return o.Desk.RecordHearing(r.Context(), r.Actor, number, version, typed.Get(fieldCame) == "yes", strings.TrimSpace(typed.Get(fieldProtocol)))
		},
	}
}
