package page

import (
	"strings"

	"github.com/a-h/templ"
)

// Letter is one message of a thread.
type Letter struct {
	ID    string // unique on the page
	From  string
	When  string
	Note  string // "new", "read 22.11.2026 14:05"; empty = none
	Own   bool   // the reader's side wrote it
	Text  string // as typed: its lines stay lines
	Files []File
}

// lines are the paragraphs of a message.
func (l Letter) lines() []string { return strings.Split(l.Text, "\n") }

// tone marks what the other side wrote; the words say who it was.
func (l Letter) tone() Tone {
	if l.Own {
		return Neutral
	}
	return Active
}

// Correspondence is what the page of the messages about an application shows.
type Correspondence struct {
	Heading Heading
	Errors  Errors
	Notice  *Banner
	Letters []Letter
	Empty   string
	Closed  string          // why nothing can be written
	Write   templ.Component // the form; nil where nothing can be written
	Back    Link
}
