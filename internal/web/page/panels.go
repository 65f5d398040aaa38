package page

import (
	"github.com/a-h/templ"

	"elicense/internal/lang"
)

// Banner is a message across the page.
type Banner struct {
	Kind  BannerKind
	Title string
	Text  string
	Links []Link
}

// BannerKind is the urgency of a banner; it is also said in words to screen readers.
type BannerKind string

// The kinds of banners.
const (
	Info    BannerKind = "info"
	Done    BannerKind = "done"
	Caution BannerKind = "caution"
)

// Heading is the h1 of a page. There is exactly one.
type Heading struct {
	Caption string // small line above: the number, the service
	Text    string
	Lang    lang.Lang
	Lead    string // first paragraph, larger
}

// Tag is a status in words with a tone; the tone never says anything the words do not.
type Tag struct {
	Text string
	Tone Tone
}

// Tone colours a tag.
type Tone string

// The tones. Each has a mark of its own besides the colour.
const (
	Neutral Tone = ""     // draft, closed
	Active  Tone = "info" // on its way
	Good    Tone = "good" // issued, valid, on time
	Soon    Tone = "soon" // waits for the reader, term nearly over
	Bad     Tone = "bad"  // refused, overdue, suspended
)

// Panel is the confirmation: what has happened, and the number to keep.
type Panel struct {
	Title string
	Text  string // "Number of your application"
	Value string // KZ19RFB00000009
}

// Row is a line of a summary: a name, a value, and what can be done about it.
type Row struct {
	Name    string
	Value   string
	Lang    lang.Lang // of the value where it differs
	Source  string    // where the value came from
	Body    templ.Component
	Actions []Link // "Change"; the row's name is added for screen readers
}

// List is a list of sentences under a title of its own.
type List struct {
	Title string
	Items []string
}

// Event is a line of a timeline.
type Event struct {
	When  string
	Title string
	Text  string
	Who   string
	Tone  Tone
	Links []Link
}

// Empty says that a list has nothing in it, why, and what to do.
type Empty struct {
	Title, Text string
	Button      *Button
}

// Card is an entry of a grid: a sphere, a state body, a service.
type Card struct {
	Text, Href string
	Lang       lang.Lang
	Icon       string // symbol of the sprite; empty = none
	Note       string // "12 services"
}

// Cards is a grid of them.
type Cards struct {
	Label  string // accessible name of the list
	Sprite string
	Cards  []Card
}

// Tab is a link among views of the same thing.
type Tab struct {
	Text, Href string
	Count      string
	Current    bool
}

// Problem is an error page.
type Problem struct {
	Status    string // "404", small
	Title     string // what happened, the h1
	Text      string
	Remedies  []string // what to do
	RequestID string
	Help      string // the contact centre: 1414
	Links     []Link
}

// File is a document that can be fetched.
type File struct {
	Name, Href string
	Lang       lang.Lang // of the name where it differs
	Note       string    // "PDF, 214 KB, 22.11.2026"
	Status     *Tag      // of the scan
	Actions    []Button
}

func (w *Words) bannerWord(k BannerKind) string {
	switch k {
	case Done:
		return w.Success
	case Caution:
		return w.Warning
	}
	return w.Important
}
