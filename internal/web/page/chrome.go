// Package page holds the components that both portals share: the layout, form fields, tables, the wizard, panels.
//
// A component takes a plain view struct with words that are already in the reader's language; it never looks anything
// up. The few words that belong to the components themselves ("Error:", "required") travel in Words. Everything here
// works without a script and carries no inline style or script, so that the strictest content policy holds.
package page

import (
	"github.com/a-h/templ"

	"elicense/internal/lang"
)

// Names of the hidden fields that every form of the portals uses.
const (
	NameCSRF    = "csrf_token"      // the token against forged requests
	NameKey     = "idempotency_key" // makes a repeated submission harmless
	NameVersion = "version"         // the draft's version that the reader is looking at
	NameGo      = "go"              // which button was pressed: GoNext, GoBack, GoLater
	NameFind    = "find"            // the search select whose Find button was pressed
)

// Values of the field NameGo.
const (
	GoNext  = "next"
	GoBack  = "back"
	GoLater = "later"
)

// Chrome is everything on a page around its own content.
type Chrome struct {
	Lang  lang.Lang
	Words *Words
	Files Files

	Title   string // the page's own title, unique within the portal
	Failed  bool   // the page shows errors: the title begins with "Error:"
	System  string // the system's state name, as in the header
	Owner   string // the line beneath it
	Home    string // address of the home page in this language
	Origin  string // "https://elicense.example" put before the alternates; may be empty
	NoIndex bool   // keep out of search engines: everything behind the log-in
	Wide    bool   // use the whole width: queues and registers
	Frame   string // the other origin whose page this one shows in a frame; empty = none
	// MaxAge is for how many seconds the browser of somebody who is not logged in may show the page again without asking.
	MaxAge int

	Languages   []LanguageLink
	Nav         []NavLink
	Search      *Search
	LogIn       *Link    // shown to a visitor who is not logged in
	Account     *Account // shown instead of LogIn afterwards
	Session     *Session // when this session ends; nil for visitors
	Breadcrumbs []Link   // from the home page down; the last one without address is the page itself
	Demo        string   // the banner of a demonstration; empty in production
	Messages    []Banner // service messages: planned work, what has just been done
	Footer      []FooterGroup
}

// Files are the addresses of the embedded style sheet, drawings and scripts; see package assets.
type Files struct {
	Style   string
	Sprite  string // SVG file whose symbols the icons refer to
	Icon    string // the icon in the browser's tab
	Scripts []string
}

// Link is a text that leads somewhere; without Href it is only the text.
type Link struct {
	Text, Href string
	Lang       lang.Lang // set where the text is not in the page's language
}

// LanguageLink leads to the same page in another language.
type LanguageLink struct {
	Lang    lang.Lang
	Name    string // the language's own name: Қазақша, Русский, English
	Short   string // Қаз, Рус, Eng
	Href    string
	Current bool
}

// NavLink is an entry of the main navigation.
type NavLink struct {
	Text, Href string
	Current    bool   // the page shown belongs here
	Count      string // figure beside it in the office's queues; empty = none
}

// Search is the search box in the header, sent with GET.
type Search struct {
	Action string
	Name   string // name of the text field
	Value  string
	Label  string
	Button string
}

// Account is the reader who is logged in, and the menu under the name.
type Account struct {
	Name   string // the person's or the organisation's name
	Role   string // "for Alpha LLP", an official's body; may be empty
	Links  []Link // cabinet, profile
	LogOut string // address that takes the POST
	CSRF   string
}

// Session tells when the log-in ends, so that nobody loses typed text unawares.
type Session struct {
	Text    string // "Your session ends at 14:35", shown where scripts do not run
	Seconds int    // until the end, counted from the answer
	Warn    int    // seconds before the end at which to warn
	Extend  string // address that takes the POST and answers {"seconds":1800}
	LogIn   string // where to go after the end; returns to this page
	CSRF    string
}

// FooterGroup is a titled list of links in the footer.
type FooterGroup struct {
	Title string
	Lines []Link
}

func (c *Chrome) fullTitle() string {
	t := c.Title
	if c.System != "" && c.System != c.Title {
		t += " – " + c.System
	}
	if c.Failed {
		t = c.Words.ErrorPrefix + " " + t
	}
	return t
}

// langOf marks a text that is not in the page's language.
func langOf(l lang.Lang) templ.Attributes {
	if l == "" {
		return nil
	}
	return templ.Attributes{"lang": string(l)}
}
