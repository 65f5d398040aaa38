package publication

import (
	"context"
	"slices"
	"time"

	"elicense/internal/application"
	"elicense/internal/casework"
	"elicense/internal/filing"
	"elicense/internal/form"
	"elicense/internal/money"
	"elicense/internal/port"
)

// impactPage is how many applications are looked at in one reading.
const impactPage = 100

// Impact counts what a text would alter among the applications that are not decided today.
type Impact struct {
	Drafts     int `json:"drafts"`
	Altered    int `json:"drafts_altered"`
	Fees       int `json:"fees_changed"`
	Documents  int `json:"documents_newly_asked"`
	Gained     int `json:"drafts_with_new_problems"`
	Lost       int `json:"drafts_with_fewer_problems"`
	Registered int `json:"registered"` // with those that are being signed: they stay on their revision
	Otherwise  int `json:"decided_otherwise"`
	Unreadable int `json:"unreadable"` // a rule failed on them: look at these first
}

// Affected is one application that a text would alter. It holds no personal data but the application's number.
type Affected struct {
	Number    string            `json:"number"`
	State     application.State `json:"state"`
	Gained    []string          `json:"problems_gained,omitempty"` // keys of fields and documents
	Lost      []string          `json:"problems_lost,omitempty"`
	FeeWas    money.Tiyn        `json:"fee_was"` // tiyn
	FeeIs     money.Tiyn        `json:"fee_is"`
	Documents []string          `json:"documents,omitempty"` // newly asked, mandatory
	// Branch and Would are the first rule that refuses, or "granted": by the application's own revision, and by the text.
	Branch string `json:"branch,omitempty"`
	Would  string `json:"would,omitempty"`
	Failed bool   `json:"failed,omitempty"`
}

// altered tells whether there is anything to report.
func (a Affected) altered() bool {
	return a.Failed || len(a.Gained)+len(a.Lost)+len(a.Documents) > 0 || a.FeeWas != a.FeeIs || a.Branch != a.Would
}

// Impact looks at every undecided application of the service, page by page, and calls each for those that the text would
// alter, in order of their numbers. Nothing is stored.
func (p *Publication) Impact(ctx context.Context, e Examined, each func(Affected) error) (Impact, error) {
	var total Impact
	next, err := p.Casework.FormOf(ctx, e.Revision)
	if err != nil {
		return total, err
	}
	now, after := p.World.Now(), ""
	for {
		var page []Affected
		var numbers []string
		err := p.Store.View(ctx, func(v port.View) (err error) {
			page = nil
			if numbers, err = v.Services().Undecided(ctx, e.Revision.Service, after, impactPage); err != nil {
				return err
			}
			for _, number := range numbers {
				d, err := v.Applications().Dossier(ctx, number)
				if err != nil {
					return err
				}
				a, err := p.affected(ctx, v, d, next, now)
				if err != nil {
					return err
				}
				page = append(page, a)
			}
			return nil
		})
		if err != nil {
			return total, err
		}
		for _, a := range page {
			if total.add(a); !a.altered() {
				continue
			}
			if err := each(a); err != nil {
				return total, err
			}
		}
		if len(numbers) < impactPage {
			return total, nil
		}
		after = numbers[len(numbers)-1]
	}
}

func (t *Impact) add(a Affected) {
	count := func(n *int, yes bool) {
		if yes {
			*n++
		}
	}
	count(&t.Unreadable, a.Failed)
	if a.State != application.Draft {
		t.Registered++
		count(&t.Otherwise, a.Branch != a.Would)
		return
	}
	t.Drafts++
	count(&t.Altered, a.altered())
	count(&t.Fees, a.FeeWas != a.FeeIs)
	count(&t.Documents, len(a.Documents) > 0)
	count(&t.Gained, len(a.Gained) > 0)
	count(&t.Lost, len(a.Lost) > 0)
}

// affected compares one application by its own revision with the same by the text.
func (p *Publication) affected(ctx context.Context, v port.View, d port.Dossier, next form.Form, now time.Time) (Affected, error) {
	a := Affected{Number: d.Application.Number, State: d.Application.State}
	at := now
	if !d.Application.SentAt.IsZero() {
		at = d.Application.SentAt
	}
	was, err := p.Casework.Open(ctx, v, d, at)
	if err != nil {
		return a, err
	}
	is := was
	is.Form = next
	if a.State == application.Draft {
		is.Application = filing.Carry(was.Form, next, d.Application, now)
		is.Invoiced = was.Invoiced && was.Facts.FeePaid // what was paid stays
	}
	if is, err = p.Casework.Refresh(ctx, v, is, at); err != nil {
		a.Failed = true // a rule of the text fails on this application: that is the answer
		return a, nil
	}
	if a.State == application.Draft {
		return drafted(a, was, is), nil
	}
	return p.judged(a, was, is, at), nil
}

// drafted compares what is wrong with a draft, what it costs and what has to be attached.
func drafted(a Affected, was, is casework.File) Affected {
	before, err1 := was.Form.Check("", was.Application.Answers, was.Facts)
	after, err2 := is.Form.Check("", is.Application.Answers, is.Facts)
	if a.Failed = err1 != nil || err2 != nil; a.Failed {
		return a
	}
	paths := func(list []string, path string) []string {
		if slices.Contains(list, path) {
			return list
		}
		return append(list, path)
	}
	var wrongBefore, wrongAfter []string
	for _, f := range before {
		wrongBefore = paths(wrongBefore, f.Path)
	}
	for _, f := range after {
		wrongAfter = paths(wrongAfter, f.Path)
	}
	a.Gained, a.Lost = without(wrongAfter, wrongBefore), without(wrongBefore, wrongAfter)
	a.Documents = without(mandatory(is), mandatory(was))
	if !was.Facts.NoMCI && !is.Facts.NoMCI {
		a.FeeWas, a.FeeIs = was.Facts.FeeDue, is.Facts.FeeDue
	}
	return a
}

func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(other, s) })
}

func mandatory(f casework.File) []string {
	var keys []string
	for _, doc := range f.Form.Revision.Definition.Asked(f.Application.Operation, f.Facts.Recipient) {
		if doc.Mandatory {
			keys = append(keys, doc.Document.Key)
		}
	}
	return keys
}

// judged compares how an application would be decided.
func (p *Publication) judged(a Affected, was, is casework.File, at time.Time) Affected {
	branch := func(f casework.File) string {
		filled, err := f.Form.Fill(f.Application.Answers, f.Facts)
		if err != nil {
			a.Failed = true
			return ""
		}
		decision, err := application.Decide(filled, p.Casework.Formats, at)
		a.Failed = a.Failed || err != nil
		return decision.Branch
	}
	a.Branch, a.Would = branch(was), branch(is)
	return a
}
