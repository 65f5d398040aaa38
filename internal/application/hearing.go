package application

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"elicense/internal/access"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/service"
	"elicense/internal/workday"
)

// Hearing is how the applicant is heard before a refusal: the preliminary decision with the invitation, what the applicant
// says to it, and the protocol (Administrative Procedural and Process-Related Code, article 73).
type Hearing struct {
	Preliminary Proposal   `json:"preliminary"`
	Day         civil.Date `json:"day"`
	Time        string     `json:"time"`           // such as "10:30", in Astana
	Place       string     `json:"place"`          // address, or where to join from afar
	Late        bool       `json:"late,omitempty"` // the notice was given after its last day; the official knew
	By          string     `json:"by"`             // account
	Person      string     `json:"person"`         // IIN
	At          time.Time  `json:"at"`
	Reply       *Reply     `json:"reply,omitempty"`
	Protocol    *Protocol  `json:"protocol,omitempty"`
}

// Reply is what the applicant says to the preliminary decision: objections, or that no hearing is wanted.
type Reply struct {
	Waived bool      `json:"waived,omitempty"`
	Text   string    `json:"text,omitempty"`
	By     string    `json:"by"` // account
	At     time.Time `json:"at"`
}

// Protocol is what the official wrote down of the hearing.
type Protocol struct {
	Came bool      `json:"came"` // the applicant, or who speaks for them
	Text string    `json:"text"`
	By   string    `json:"by"` // account
	At   time.Time `json:"at"`
}

// The acts of a hearing, of the official who holds the first step.
const (
	Invite Act = "invite"
	Record Act = "record"
)

// The days of a hearing, in working days (article 73).
const (
	hearingBefore = 3 // the notice is given at least so many before the term ends
	hearingWithin = 2 // the hearing is held at most so many after the notice
)

// Heard tells that a hearing is over: it has its protocol, or the applicant gave it up.
func (h Hearing) Heard() bool { return h.Protocol != nil || h.Reply != nil && h.Reply.Waived }

// Hearing gives the last hearing; ok is false where there was none.
func (r Report) Hearing() (h Hearing, ok bool) {
	if len(r.Hearings) == 0 {
		return Hearing{}, false
	}
	return r.Hearings[len(r.Hearings)-1], true
}

// hearingActs are the acts of a hearing that are open to who holds the first step on a day.
func (r Report) hearingActs(p service.Process) []Act {
	h, ok := r.Hearing()
	switch {
	case !p.Hearing:
		return nil
	case !ok || h.Heard():
		return []Act{Invite}
	}
	return []Act{Record}
}

// Unheard lists what keeps a proposal of refusal from being made, as faults of a proposal: the applicant was not heard, or
// was heard on another ground.
func (r Report) Unheard(p service.Process, pr Proposal) []fault.Field {
	if !p.Hearing || pr.Outcome != Refuse {
		return nil
	}
	h, ok := r.Hearing()
	switch {
	case !ok:
		return []fault.Field{{Path: "outcome", Key: "hearing.first"}}
	case !h.Heard():
		return []fault.Field{{Path: "outcome", Key: "hearing.waits"}}
	case h.Preliminary.Ground != pr.Ground:
		return []fault.Field{{Path: "ground", Key: "hearing.other-ground"}}
	}
	return nil
}

// HearingDays gives the last day on which a hearing can be held after a notice of today, and the last day of a notice within
// the term; zero where there is no term.
func HearingDays(today, due civil.Date, calendar *workday.Calendar) (until, notice civil.Date) {
	until, _ = calendar.Add(today, hearingWithin)
	if !due.IsZero() {
		notice = calendar.Back(due, hearingBefore)
	}
	return until, notice
}

var clockTime = regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d$`)

// Check lists what is wrong with an invitation that is given at a time, where the term ends on a day.
func (h Hearing) Check(p service.Process, step service.Step, due civil.Date, calendar *workday.Calendar, at time.Time) []fault.Field {
	wrong := h.Preliminary.Check(p, step)
	if h.Preliminary.Outcome != Refuse {
		wrong = append(wrong, fault.Field{Path: "outcome", Key: "hearing.only-refusal"})
	}
	today := civil.Of(at, lang.Almaty())
	until, notice := HearingDays(today, due, calendar)
	works, _ := calendar.IsWorking(h.Day)
	switch {
	case h.Day.IsZero():
		wrong = append(wrong, fault.Field{Path: "hearing_day", Key: "hearing.day-required"})
	case !works:
		wrong = append(wrong, fault.Field{Path: "hearing_day", Key: "hearing.day-off"})
	case !h.Day.After(today) || h.Day.After(until):
		wrong = append(wrong, fault.Field{Path: "hearing_day", Key: "hearing.day-outside", Args: fault.Args{"until": short(until)}})
	}
	if !notice.IsZero() && today.After(notice) && !h.Late {
		wrong = append(wrong, fault.Field{Path: "hearing_late", Key: "hearing.notice-late", Args: fault.Args{"notice": short(notice), "due": short(due)}})
	}
	if !clockTime.MatchString(h.Time) {
		wrong = append(wrong, fault.Field{Path: "hearing_time", Key: "hearing.time-required"})
	}
	switch n := utf8.RuneCountInString(strings.TrimSpace(h.Place)); {
	case n == 0:
		wrong = append(wrong, fault.Field{Path: "hearing_place", Key: "hearing.place-required"})
	case n > 300:
		wrong = append(wrong, fault.Field{Path: "hearing_place", Key: "work.too-long"})
	}
	return wrong
}

// Call adds an invitation to a hearing. What was proposed and sent back before is over with it.
func (w Work) Call(h Hearing, actor access.Actor, due civil.Date, calendar *workday.Calendar, at time.Time) Work {
	_, notice := HearingDays(civil.Of(at, lang.Almaty()), due, calendar)
	h.Late = !notice.IsZero() && civil.Of(at, lang.Almaty()).After(notice)
	h.By, h.Person, h.At, h.Reply, h.Protocol = actor.Account, actor.Person, at, nil, nil
	w.Report.Hearings = append(slices.Clone(w.Report.Hearings), h)
	return w
}

// Replied is the work with the applicant's reply. It is fault.Conflict "hearing.over" where no hearing waits for one,
// "hearing.replied" where the applicant has given up the hearing or objected before.
func (w Work) Replied(reply Reply) (Work, error) {
	h, ok := w.Report.Hearing()
	switch {
	case !ok || h.Protocol != nil:
		return w, fault.New(fault.Conflict, "hearing.over")
	case h.Reply != nil:
		return w, fault.New(fault.Conflict, "hearing.replied")
	case !reply.Waived && strings.TrimSpace(reply.Text) == "":
		return w, fault.At("objections", "hearing.objections-required")
	case utf8.RuneCountInString(reply.Text) > maxNote:
		return w, fault.At("objections", "work.too-long")
	}
	h.Reply = &reply
	return w.withHearing(h), nil
}

// Recorded is the work with the protocol of the hearing, which is written on its day or later.
func (w Work) Recorded(protocol Protocol, today civil.Date) (Work, error) {
	h, ok := w.Report.Hearing()
	switch {
	case !ok || h.Heard():
		return w, fault.New(fault.Conflict, "hearing.over")
	case today.Before(h.Day):
		return w, fault.Fields([]fault.Field{{Path: "protocol", Key: "hearing.too-early", Args: fault.Args{"day": short(h.Day)}}})
	case strings.TrimSpace(protocol.Text) == "":
		return w, fault.At("protocol", "hearing.protocol-required")
	case utf8.RuneCountInString(protocol.Text) > maxNote:
		return w, fault.At("protocol", "work.too-long")
	}
	h.Protocol = &protocol
	return w.withHearing(h), nil
}

// short writes a date as every language of the pages does.
func short(d civil.Date) string { return fmt.Sprintf("%02d.%02d.%04d", d.Day, int(d.Month), d.Year) }

func (w Work) withHearing(h Hearing) Work {
	w.Report.Hearings = slices.Clone(w.Report.Hearings)
	w.Report.Hearings[len(w.Report.Hearings)-1] = h
	return w
}
