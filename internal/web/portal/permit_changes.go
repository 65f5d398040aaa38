package portal

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"elicense/internal/casework"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/filing"
	"elicense/internal/lang"
	"elicense/internal/permit"
	"elicense/internal/register"
	"elicense/internal/service"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// renewalDays is how many days before a permit ends its holder is offered what follows it.
const renewalDays = 30

// requestsView is what the holder can ask for a permit now.
type requestsView struct {
	Words    *page.Words
	Title    string
	None     string
	Busy     *page.Banner // an application under way, for which others wait
	List     []changeLink
	Calendar *page.Link // the last day, for the reader's calendar
}

type changeLink struct {
	Text, Href, Hint string
	Lang             lang.Lang
}

// requestsOf tells it for a permit on its card.
func (p *Portal) requestsOf(r *web.Request, card register.Card) (requestsView, error) {
	number := card.Permit.Number
	v := requestsView{Words: p.Server.Words(r.Lang), Title: r.Say.T("changes.title"), None: r.Say.T("changes.none")}
	list, err := p.Filing.Changes(r.Context(), r.Actor, number)
	if err != nil {
		return v, err
	}
	rev, err := p.Catalogue.Service(card.Permit.Service)
	if err != nil {
		return v, nil //nolint:nilerr // a service that is gone offers nothing
	}
	today := civil.Of(p.World.Now(), lang.Almaty())
	for _, x := range list {
		if x.Busy != "" {
			v.Busy = &page.Banner{Kind: page.Info, Text: r.Say.T("filing.permit-busy", "number", x.Busy),
				Links: []page.Link{{Text: r.Say.T("wizard.view"), Href: applicationPath(r, x.Busy, "")}}}
		}
		text, in := x.Operation.Name.In(r.Lang)
		link := changeLink{Text: text, Lang: foreign(r, in), Hint: termText(r, rev.Definition, x.Operation),
			Href: r.Link(orderAddress(card.Permit.Service, filing.Start{Operation: x.Operation.Key, Permit: number}))}
		fee, err := p.Filing.Casework.FeeBefore(r.Context(), rev, casework.Before{Operation: x.Operation, Subtype: card.Permit.Subtype, Day: today})
		if err != nil {
			return v, err
		}
		if text := feeText(r, x.Operation, fee); text != "" {
			link.Hint = strings.Trim(link.Hint+"; "+text, "; ")
		}
		if x.Draft != "" {
			link.Href, link.Hint = applicationPath(r, x.Draft, ""), r.Say.T("changes.draft", "number", x.Draft)
		}
		v.List = append(v.List, link)
	}
	if to := lastDay(card.Permit); !to.IsZero() && !to.Before(today) {
		v.Calendar = &page.Link{Text: r.Say.T("changes.calendar", "day", r.Say.LongDate(to)), Href: r.Link("/permits/" + url.PathEscape(number) + "/calendar")}
	}
	return v, nil
}

// lastDay is the day on which a permit ends by itself; zero where it does not, or ended before.
func lastDay(p permit.Permit) civil.Date {
	if p.Standing.Ended() != "" {
		return civil.Date{}
	}
	return p.Standing.To
}

// renewal offers what follows permits that end within renewalDays; nil where none does.
func (p *Portal) renewal(r *web.Request, list []permit.Permit) *page.Banner {
	today := civil.Of(p.World.Now(), lang.Almaty())
	b := page.Banner{Kind: page.Caution, Title: r.Say.T("changes.ending"), Text: r.Say.T("changes.ending-text")}
	for _, pt := range list {
		to := lastDay(pt)
		rev, err := p.Catalogue.Service(pt.Service)
		if err != nil || to.IsZero() || to.Before(today) || to.After(today.AddDays(renewalDays)) || rev.Definition.Status != service.Open {
			continue
		}
		i := slices.IndexFunc(rev.Definition.Changing(), func(o service.Operation) bool { return o.Does == service.Extend })
		start, text := filing.Start{Subtype: pt.Subtype, Body: pt.Body}, r.Say.T("changes.renew", "number", pt.Number, "day", r.Say.Date(to))
		if i >= 0 {
			start = filing.Start{Operation: rev.Definition.Changing()[i].Key, Permit: pt.Number}
			text = r.Say.T("changes.extend", "number", pt.Number, "day", r.Say.Date(to))
		}
		b.Links = append(b.Links, page.Link{Text: text, Href: r.Link(orderAddress(pt.Service, start))})
	}
	if len(b.Links) == 0 {
		return nil
	}
	return &b
}

// permitCalendar gives the last day of a permit as an event of a calendar (RFC 5545), with a reminder renewalDays before.
func (p *Portal) permitCalendar(w http.ResponseWriter, r *web.Request) error {
	card, err := p.Register.Card(r.Context(), r.Actor, r.PathValue("number"))
	if err != nil {
		return err
	}
	to := lastDay(card.Permit)
	if to.IsZero() {
		return fault.New(fault.NotFound, "fault.not-found")
	}
	h := w.Header()
	h.Set("Content-Type", "text/calendar; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+card.Permit.Number+`.ics"`)
	_, err = w.Write([]byte(lastDayEvent(card.Permit.Number, to, r.Say.T("changes.event", "number", card.Permit.Number), p.World.Now())))
	return err
}

// lastDayEvent writes the event. Lines end in CRLF; long ones are folded at 75 bytes, between characters.
func lastDayEvent(number string, day civil.Date, summary string, now time.Time) string {
	compact := func(d civil.Date) string { return fmt.Sprintf("%04d%02d%02d", d.Year, d.Month, d.Day) }
	text := strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`).Replace(summary)
	var b strings.Builder
	for _, line := range []string{
		"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//elicense//permit//KK", "BEGIN:VEVENT", "UID:" + number + "-last-day@elicense",
		"DTSTAMP:" + now.UTC().Format("20060102T150405Z"), "DTSTART;VALUE=DATE:" + compact(day), "DTEND;VALUE=DATE:" + compact(day.AddDays(1)),
		"SUMMARY:" + text, "TRANSP:TRANSPARENT", "BEGIN:VALARM", "ACTION:DISPLAY", fmt.Sprintf("TRIGGER:-P%dD", renewalDays), "DESCRIPTION:" + text, "END:VALARM",
		"END:VEVENT", "END:VCALENDAR",
	} {
		n := 0
		for _, c := range line {
			if size := len(string(c)); n+size > 75 {
				b.WriteString("\r\n ")
				n = 1 + size
			} else {
				n += size
			}
			b.WriteRune(c)
		}
		b.WriteString("\r\n")
	}
	return b.String()
}
