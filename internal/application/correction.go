package application

import (
	"maps"
	"slices"
	"strconv"
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

// Correcting is the state of an application that its applicant corrects: Түзетуде.
const Correcting State = "correcting"

// The events of a correction.
const (
	CorrectionAsked  Event = "correction_asked"
	Corrected        Event = "corrected"         // signed again, with the corrected answers
	CorrectionLapsed Event = "correction_lapsed" // the term is over: officials decide on what there is
)

// AskCorrection is the act of sending an application back to its applicant for correction; it belongs to the official who
// holds the first step.
const AskCorrection Act = "ask-correction"

// documentPath begins the path of a document among the things to be corrected, as in the faults of a draft.
const documentPath = "document."

// Item is one thing that the applicant is asked to correct, with what the official says about it.
type Item struct {
	Path string `json:"path"` // key of a field, or "document." and the key of a document
	KK   string `json:"kk"`
	RU   string `json:"ru"`
}

// Document tells whether the item is a document, and its key.
func (i Item) Document() (key string, ok bool) { return strings.CutPrefix(i.Path, documentPath) }

// In gives what the official says in a language; an English reader gets the Russian text.
func (i Item) In(l lang.Lang) (string, lang.Lang) {
	if l == lang.KK {
		return i.KK, lang.KK
	}
	return i.RU, lang.RU
}

// DocumentItem is the path of a document.
func DocumentItem(key string) string { return documentPath + key }

// Correction is one time that the applicant was asked to correct an application. What the applicant changes stays here until
// it is signed: the application itself says what was signed before.
type Correction struct {
	AskedAt time.Time  `json:"asked_at"`
	By      string     `json:"by"`    // account of the official
	Until   civil.Date `json:"until"` // last day of the answer
	// Calendar and Days are how Until was counted: version of the calendar, working days.
	Calendar string `json:"calendar,omitempty"`
	Days     int    `json:"days,omitempty"`
	Items    []Item `json:"items"`
	// Answers are the changed answers by field, and Attached the documents in the place of earlier ones. While the correction
	// is open they are drafts.
	Answers  map[string]string `json:"answers,omitempty"`
	Attached []Attachment      `json:"attached,omitempty"`
	// Was and WasAttached are what stood in their places before.
	Was         map[string]string `json:"was,omitempty"`
	WasAttached []Attachment      `json:"was_attached,omitempty"`
	ClosedAt    time.Time         `json:"closed_at,omitzero"` // zero = open
	Lapsed      bool              `json:"lapsed,omitempty"`
}

// Clock is how the term of the applicant's answer was counted.
func (c Correction) Clock() Clock {
	return Clock{Calendar: c.Calendar, From: civil.Of(c.AskedAt, lang.Almaty()), Days: c.Days}
}

// Marks tells whether a path is to be corrected.
func (c Correction) Marks(path string) bool {
	return slices.ContainsFunc(c.Items, func(i Item) bool { return i.Path == path })
}

// Correction gives the correction that is open.
func (r Report) Correction() (Correction, bool) {
	if n := len(r.Corrections); n > 0 && r.Corrections[n-1].ClosedAt.IsZero() {
		return r.Corrections[n-1], true
	}
	return Correction{}, false
}

// mayAskCorrection tells whether the process lets the application be sent back once more. While a hearing waits it does not:
// who corrects an application can neither object nor give the hearing up.
func (r Report) mayAskCorrection(p service.Process) bool {
	h, called := r.Hearing()
	return len(r.Corrections) < p.Correction.Most() && (!called || h.Heard())
}

// replace puts a correction in the place of the last one.
func (r Report) replace(c Correction) Report {
	r.Corrections = slices.Clone(r.Corrections)
	r.Corrections[len(r.Corrections)-1] = c
	return r
}

// AskFor sends an application back with items to be corrected: the term stands still from now on. known tells the paths that
// exist; each item has a text in Kazakh and in Russian. What is missing comes as field faults at the item's path.
func (a Application) AskFor(p service.Process, items []Item, known func(path string) bool, actor access.Actor, calendar *workday.Calendar, at time.Time) (Application, error) {
	var wrong []fault.Field
	if len(items) == 0 {
		wrong = append(wrong, fault.Field{Key: "correction.nothing"})
	}
	for i, item := range items {
		items[i].KK, items[i].RU = strings.TrimSpace(item.KK), strings.TrimSpace(item.RU)
		if !known(item.Path) {
			return a, fault.New(fault.Invalid, "fault.form")
		}
		for part, text := range map[string]string{"kk": items[i].KK, "ru": items[i].RU} {
			switch {
			case text == "":
				wrong = append(wrong, fault.Field{Path: item.Path + "." + part, Key: "correction.text"})
			case utf8.RuneCountInString(text) > maxNote:
				wrong = append(wrong, fault.Field{Path: item.Path + "." + part, Key: "work.too-long"})
			}
		}
	}
	if err := fault.Fields(wrong); err != nil {
		return a, err
	}
	today := civil.Of(at, lang.Almaty())
	until, _ := calendar.Add(today, p.Correction.Days())
	a.Work.Report.Corrections = append(slices.Clone(a.Work.Report.Corrections), Correction{
		AskedAt: at, By: actor.Account, Until: until, Calendar: calendar.Version, Days: p.Correction.Days(), Items: items})
	a.Work = a.Work.Stop(today, CauseCorrection)
	return a, nil
}

// WithCorrection is the application as it would be with what the applicant has changed so far.
func (a Application) WithCorrection() Application {
	c, ok := a.Work.Report.Correction()
	if !ok {
		return a
	}
	a.Answers = maps.Clone(a.Answers)
	if a.Answers == nil {
		a.Answers = map[string]string{}
	}
	for key, value := range c.Answers {
		if value == "" {
			delete(a.Answers, key)
		} else {
			a.Answers[key] = value
		}
	}
	a.Attached = slices.Clone(a.Attached)
	for _, fresh := range c.Attached {
		if i := slices.IndexFunc(a.Attached, func(at Attachment) bool { return at.Key == fresh.Key }); i >= 0 {
			a.Attached[i] = fresh
		} else {
			a.Attached = append(a.Attached, fresh)
		}
	}
	slices.SortFunc(a.Attached, func(x, y Attachment) int { return strings.Compare(x.Key, y.Key) })
	return a
}

// Amend keeps what the applicant has changed so far: answers that differ from those of the application.
func (a Application) Amend(answers map[string]string) Application {
	c, _ := a.Work.Report.Correction()
	c.Answers = map[string]string{}
	for key, value := range answers {
		if value != a.Answers[key] {
			c.Answers[key] = value
		}
	}
	for key := range a.Answers {
		if _, ok := answers[key]; !ok {
			c.Answers[key] = ""
		}
	}
	a.Work.Report = a.Work.Report.replace(c)
	return a
}

// AmendDocument keeps a document that is to stand in the place of an earlier one.
func (a Application) AmendDocument(fresh Attachment) Application {
	c, _ := a.Work.Report.Correction()
	c.Attached = slices.DeleteFunc(slices.Clone(c.Attached), func(at Attachment) bool { return at.Key == fresh.Key })
	c.Attached = append(c.Attached, fresh)
	a.Work.Report = a.Work.Report.replace(c)
	return a
}

// Correct makes what was changed the application, and lets the term run again.
func (a Application) Correct(calendar *workday.Calendar, at time.Time) Application {
	c, _ := a.Work.Report.Correction()
	c.Was, c.ClosedAt = map[string]string{}, at
	for key := range c.Answers {
		c.Was[key] = a.Answers[key]
	}
	for _, old := range a.Attached {
		if slices.ContainsFunc(c.Attached, func(fresh Attachment) bool { return fresh.Key == old.Key }) {
			c.WasAttached = append(c.WasAttached, old)
		}
	}
	a = a.WithCorrection()
	a.Work.Report = a.Work.Report.replace(c)
	a.Work = a.Work.Resume(civil.Of(at, lang.Almaty()), calendar)
	a.Sources = maps.Clone(a.Sources)
	for key := range c.Answers {
		delete(a.Sources, key)
	}
	return a
}

// Lapse ends a correction that was not answered in time: the term runs again after the last day of the answer, and what was
// not signed counts for nothing.
func (a Application) Lapse(calendar *workday.Calendar, at time.Time) Application {
	c, _ := a.Work.Report.Correction()
	c.ClosedAt, c.Lapsed = at, true
	c.Answers, c.Attached = nil, nil
	a.Work.Report = a.Work.Report.replace(c)
	a.Work = a.Work.Resume(c.Until, calendar)
	return a
}

// Replaced gives a document as it was before a correction took its place; key is the document's key and the number of the
// correction, as ReplacedKey writes it.
func (a Application) Replaced(key string) (Attachment, bool) {
	for i, c := range a.Work.Report.Corrections {
		for _, old := range c.WasAttached {
			if ReplacedKey(old.Key, i) == key {
				return old, true
			}
		}
	}
	return Attachment{}, false
}

// ReplacedKey names a document that was replaced by a correction, the first of which is 0. No document of a service has an @
// in its key.
func ReplacedKey(key string, correction int) string { return key + "@" + strconv.Itoa(correction) }
