package page

// Words are the words that belong to the components themselves, in the language of the page.
type Words struct {
	ErrorPrefix  string // "Error:"
	ErrorTitle   string // heading of the error summary
	Required     string // what the red asterisk means, for screen readers: "required field"
	RequiredNote string // the sentence above a form: "Fields marked with * are required"
	Skip         string // "Skip to main content"
	Menu         string // name of the main navigation
	Languages    string // name of the language switch
	Breadcrumbs  string // name of the breadcrumb navigation
	Footer       string // hidden heading of the footer
	LogOut       string
	Next, Back   string // «Әрі қарай», «Артқа»
	SaveLater    string // "Save and return later"
	Change       string
	Remove       string
	Find         string
	Search       string
	Reset        string
	Choose       string // first, empty entry of a list: "Choose"
	Results      string // heading of what Find found
	Chosen       string // heading of the present choice of a search select
	Steps        string // name of the list of steps
	Pages        string // name of the pagination
	Previous     string // the previous page of a table
	Following    string // the next page of a table
	Source       string // begins the note on where a value came from: "Source:"
	Success      string // hidden kind of a banner
	Important    string
	Warning      string
	Operator     string // hidden label of the operator in a search panel
	RequestID    string
	WhatToDo     string
	Close        string

	Saving, SaveFailed, SaveRetry, SaveConflict string // autosave: "Saving", "Not saved", "Try again", "See what changed"

	SessionTitle, SessionText, SessionStay, SessionFailed, SessionOver, SessionLogIn string // {minutes} in SessionText

	SignWorking    string // "Waiting for NCALayer"
	SignAsking     string // the same, where the browser may ask the reader for permission first
	SignChoosing   string // "Choose your key in the NCALayer window"
	SignSending    string // "Signed. Sending"
	SignMissing    string // NCALayer not found or the connection refused, and what to do
	SignDenied     string // the browser does not let the page reach NCALayer
	SignUnanswered string // NCALayer not found, or the browser's question was left without an answer
	SignCanceled   string // by the reader, here or in NCALayer's window
	SignWrong      string // an answer that could not be understood
	SignFailed     string // NCALayer says that it could not sign
	SignLost       string // the connection broke off, and what to do
	SignModule     string // NCALayer lacks the module: update it
	SignStop       string // button that gives up waiting
	SignKey        string // label of the list of demonstration keys
	SignWithKey    string // button beside it
	SignStorage    string // label of the list of places where a key may be
	SignFile       string // the place that is a file on the computer
}

// NewWords fills Words from a catalogue: say returns the text of a key. The keys are those of wordKeys.
func NewWords(say func(key string) string) *Words {
	w := new(Words)
	for _, e := range w.entries() {
		*e.word = say(e.key)
	}
	return w
}

// WordKeys lists the catalogue keys that NewWords asks for, so that a test can hold the locales against them.
func WordKeys() []string {
	var keys []string
	for _, e := range new(Words).entries() {
		keys = append(keys, e.key)
	}
	return keys
}

type wordEntry struct {
	key  string
	word *string
}

func (w *Words) entries() []wordEntry {
	return []wordEntry{
		{"page.error-prefix", &w.ErrorPrefix}, {"page.error-title", &w.ErrorTitle},
		{"page.required", &w.Required}, {"page.required-note", &w.RequiredNote},
		{"page.skip", &w.Skip}, {"page.menu", &w.Menu}, {"page.languages", &w.Languages},
		{"page.breadcrumbs", &w.Breadcrumbs}, {"page.footer", &w.Footer}, {"page.log-out", &w.LogOut},
		{"page.next", &w.Next}, {"page.back", &w.Back}, {"page.save-later", &w.SaveLater},
		{"page.change", &w.Change}, {"page.remove", &w.Remove}, {"page.find", &w.Find},
		{"page.search", &w.Search}, {"page.reset", &w.Reset}, {"page.choose", &w.Choose},
		{"page.results", &w.Results}, {"page.chosen", &w.Chosen}, {"page.steps", &w.Steps},
		{"page.pages", &w.Pages}, {"page.previous", &w.Previous}, {"page.following", &w.Following},
		{"page.source", &w.Source}, {"page.success", &w.Success}, {"page.important", &w.Important},
		{"page.warning", &w.Warning}, {"page.operator", &w.Operator}, {"page.request-id", &w.RequestID},
		{"page.what-to-do", &w.WhatToDo}, {"page.close", &w.Close},
		{"page.saving", &w.Saving}, {"page.save-failed", &w.SaveFailed}, {"page.save-retry", &w.SaveRetry},
		{"page.save-conflict", &w.SaveConflict},
		{"page.session-title", &w.SessionTitle}, {"page.session-text", &w.SessionText},
		{"page.session-stay", &w.SessionStay}, {"page.session-over", &w.SessionOver},
		{"page.session-failed", &w.SessionFailed},
		{"page.session-log-in", &w.SessionLogIn},
		{"page.sign-working", &w.SignWorking}, {"page.sign-choosing", &w.SignChoosing},
		{"page.sign-sending", &w.SignSending}, {"page.sign-missing", &w.SignMissing},
		{"page.sign-denied", &w.SignDenied}, {"page.sign-canceled", &w.SignCanceled},
		{"page.sign-wrong", &w.SignWrong}, {"page.sign-lost", &w.SignLost}, {"page.sign-module", &w.SignModule},
		{"page.sign-asking", &w.SignAsking}, {"page.sign-unanswered", &w.SignUnanswered}, {"page.sign-failed", &w.SignFailed},
		{"page.sign-storage", &w.SignStorage}, {"page.sign-file", &w.SignFile},
		{"page.sign-stop", &w.SignStop}, {"page.sign-key", &w.SignKey}, {"page.sign-with-key", &w.SignWithKey},
	}
}
