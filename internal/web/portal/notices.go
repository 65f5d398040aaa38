package portal

import (
	"net/http"
	"slices"

	"elicense/internal/notice"
	"elicense/internal/port"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// noticesView is what the person was told.
type noticesView struct {
	Heading page.Heading
	Tabs    []page.Tab
	TabsOf  string
	Empty   *page.Empty
	Events  []page.Event
	Older   *page.Link
	Profile page.Link
}

// notices lists what the person was told, newest first. What is shown counts as read.
func (p *Portal) notices(w http.ResponseWriter, r *web.Request) error {
	before, id, _ := readCursor(r.URL.Query().Get("before"))
	list, err := p.Notices.Cabinet(r.Context(), r.Actor, r.Lang, before, id, listRows+1)
	if err != nil {
		return err
	}
	title := r.Say.T("nav.notices")
	v := noticesView{
		Heading: page.Heading{Text: title, Lead: r.Say.T("notice.lead")}, Tabs: cabinetTabs(r, "/notices"), TabsOf: r.Say.T("header.cabinet"),
		Profile: page.Link{Text: r.Say.T("notice.to-profile"), Href: r.Link("/profile#channels")},
	}
	if len(list) == 0 {
		v.Empty = &page.Empty{Title: r.Say.T("notice.none"), Text: r.Say.T("notice.none-text")}
	}
	if len(list) > listRows {
		list = list[:listRows]
		last := list[listRows-1]
		v.Older = &page.Link{Text: r.Say.T("notice.older"), Href: r.Link("/notices?before=" + cursor(last.CreatedAt, last.ID))}
	}
	for _, n := range list {
		e := page.Event{When: r.Say.Time(n.CreatedAt), Title: n.Subject, Text: n.Text, Links: []page.Link{{Text: r.Say.T("notice.open"), Href: notice.Path(n.Notice, r.Lang)}}}
		if n.ReadAt.IsZero() {
			e.Who, e.Tone = r.Say.T("notice.new"), page.Soon
		}
		v.Events = append(v.Events, e)
	}
	c := p.Chrome(r, title)
	c.Breadcrumbs = trail(r, title)
	return p.show(w, r, c, noticesPage(v))
}

// noticesLink leads to the notices, with how many are new.
func (p *Portal) noticesLink(r *web.Request) page.Link {
	l := page.Link{Text: r.Say.T("nav.notices"), Href: r.Link("/notices")}
	n, err := p.Notices.Unread(r.Context(), r.Actor)
	if err == nil && n > 0 { // a page without the figure is better than none
		l.Text = r.Say.T("nav.notices-new", "count", r.Say.Int(int64(n)))
	}
	return l
}

// fieldChannels are the channels that the person wants.
const fieldChannels = "channels"

// channelsView asks by which channels a person wants notices.
type channelsView struct {
	Title, Lead string
	Form        *page.Form // nil where the installation sends none
	Choice      page.ChoiceField
	Save        page.Button
}

// channels asks by which channels the reader wants notices.
func (p *Portal) channels(r *web.Request) (channelsView, error) {
	v := channelsView{Title: r.Say.T("notice.channels"), Lead: r.Say.T("notice.channels-lead"), Save: page.Button{Text: r.Say.T("notice.channels-save"), Kind: page.Secondary}}
	chosen, err := p.Notices.Choice(r.Context(), r.Actor)
	if err != nil {
		return v, err
	}
	v.Choice = page.ChoiceField{Field: page.Field{Name: fieldChannels, Label: r.Say.T("notice.channels-besides")}}
	for _, c := range []struct {
		channel port.Channel
		chosen  bool
	}{{port.Mail, chosen.Mail}, {port.SMS, chosen.SMS}} {
		if p.Notices.Offers(c.channel) {
			v.Choice.Options = append(v.Choice.Options, page.Option{Value: string(c.channel), Text: r.Say.T("notice.channel." + string(c.channel)), Hint: r.Say.T("notice.channel-hint." + string(c.channel)), Chosen: c.chosen})
		}
	}
	if len(v.Choice.Options) > 0 {
		v.Form = &page.Form{Action: r.Link("/profile/notices"), CSRF: r.CSRF()}
	}
	return v, nil
}

// chooseChannels keeps the choice.
func (p *Portal) chooseChannels(w http.ResponseWriter, r *web.Request) error {
	_ = r.PostFormValue(fieldChannels) // reads the form
	wants := func(c port.Channel) bool { return slices.Contains(r.PostForm[fieldChannels], string(c)) }
	if err := p.Notices.Choose(r.Context(), r.Actor, port.NoticeChoice{Mail: wants(port.Mail), SMS: wants(port.SMS)}); err != nil {
		return err
	}
	r.Flash("notice.chosen")
	return p.Server.Go(w, r, r.Link("/profile"))
}
