package portal

import (
	"net/http"
	"strings"

	"elicense/internal/web"
	"elicense/internal/web/page"
)

// guideView is the user guide: one page with sections.
type guideView struct {
	Heading  page.Heading
	Contents string
	Sections []guideSection
	Help     string
}

// guideSection is one task: an introduction, numbered steps, notes, commands to copy.
type guideSection struct {
	ID, Title, Intro string
	Steps            []string
	Commands         []guideCommand
	Notes            []string
	Links            []page.Link
}

// guideCommand is a command to copy, with what it does.
type guideCommand struct{ Text, Command string }

// guide is the user guide.
func (p *Portal) guide(w http.ResponseWriter, r *web.Request) error {
	title := r.Say.T("footer.guides")
	c := p.Chrome(r, title)
	c.Breadcrumbs = trail(r, title)
	return p.show(w, r, c, guidePage(p.guideView(r)))
}

func (p *Portal) guideView(r *web.Request) guideView {
	v := guideView{
		Heading:  page.Heading{Text: r.Say.T("footer.guides"), Lead: r.Say.T("guide.lead")},
		Contents: r.Say.T("guide.contents"), Help: r.Say.T("guide.help"),
	}
	say := r.Say.T
	v.Sections = []guideSection{
		{
			ID: "register", Title: say("guide.register.title"), Intro: say("guide.register.intro"),
			Steps: []string{say("guide.register.1"), say("guide.register.2"), say("guide.register.3"), say("guide.register.4"), say("guide.register.5")},
			Notes: []string{say("guide.register.note")},
			Links: []page.Link{{Text: say("header.register"), Href: r.Link("/register")}, {Text: say("header.log-in"), Href: r.Link("/login")}},
		},
		{
			ID: "find", Title: say("guide.find.title"), Intro: say("guide.find.intro"),
			Steps: []string{say("guide.find.1"), say("guide.find.2"), say("guide.find.3")},
			Links: []page.Link{{Text: say("nav.services"), Href: r.Link("/")}, {Text: say("nav.bodies"), Href: r.Link("/bodies")}},
		},
		{
			ID: "file", Title: say("guide.file.title"), Intro: say("guide.file.intro"),
			Steps: []string{say("guide.file.1"), say("guide.file.2"), say("guide.file.3"), say("guide.file.4"), say("guide.file.5"), say("guide.file.6"), say("guide.file.7")},
			Notes: []string{say("guide.file.note")},
		},
		{
			ID: "sign", Title: say("guide.sign.title"), Intro: say("guide.sign.intro"),
			Steps: []string{say("guide.sign.1"), say("guide.sign.2"), say("guide.sign.3"), say("guide.sign.4")},
			Notes: []string{say("guide.sign.note-key"), say("guide.sign.note-wait")},
			Links: []page.Link{{Text: say("footer.get-eds"), Href: "https://pki.gov.kz/"}},
		},
		p.guideOpenSSL(r),
		{
			ID: "result", Title: say("guide.result.title"), Intro: say("guide.result.intro"),
			Steps: []string{say("guide.result.1"), say("guide.result.2"), say("guide.result.3"), say("guide.result.4")},
			Links: []page.Link{{Text: say("nav.my-applications"), Href: r.Link("/applications")}, {Text: say("nav.my-permits"), Href: r.Link("/permits")}},
		},
		{
			ID: "check", Title: say("guide.check.title"), Intro: say("guide.check.intro"),
			Steps: []string{say("guide.check.1"), say("guide.check.2"), say("guide.check.3")},
			Notes: []string{say("guide.check.note")},
			Links: []page.Link{{Text: say("nav.check"), Href: r.Link("/check")}},
		},
		{
			ID: "access", Title: say("guide.access.title"), Intro: say("guide.access.intro"),
			Notes: []string{say("guide.access.1"), say("guide.access.2"), say("guide.access.3")},
		},
	}
	if p.Demo != nil {
		v.Sections = append(v.Sections, guideSection{
			ID: "demo", Title: say("guide.demo.title"), Intro: say("guide.demo.intro"),
			Steps: []string{say("guide.demo.1"), say("guide.demo.2"), say("guide.demo.3"), say("guide.demo.4")},
			Notes: []string{say("guide.demo.note", "folder", p.Demo.Keys), say("guide.demo.files", "password", p.Demo.Password)},
		})
	}
	return v
}

// guideOpenSSL is signing without scripts: the document is fetched, signed with any program, and the signature is
// uploaded. In the demonstration the command names the folder of the demonstration's keys.
func (p *Portal) guideOpenSSL(r *web.Request) guideSection {
	say := r.Say.T
	folder := "keys"
	s := guideSection{
		ID: "offline", Title: say("guide.offline.title"), Intro: say("guide.offline.intro"),
		Steps: []string{say("guide.offline.1"), say("guide.offline.2"), say("guide.offline.3"), say("guide.offline.4")},
		Notes: []string{say("guide.offline.note")},
	}
	if p.Demo != nil && p.Demo.Keys != "" {
		folder = strings.TrimRight(p.Demo.Keys, "/")
		s.Notes = append(s.Notes, say("guide.offline.demo", "folder", folder))
	}
	s.Commands = []guideCommand{{
		Text: say("guide.offline.command"),
		Command: "openssl cms -sign -cades -md sha256 -binary -in document.json -signer " + folder + "/NAME.pem -inkey " + folder +
			"/NAME.key.pem -outform DER -out document.cms",
	}}
	return s
}
