package filing

import (
	"slices"
	"time"

	"elicense/internal/application"
	"elicense/internal/form"
	"elicense/internal/service"
)

// carrying takes a draft from one revision of its form to the next.
type carrying struct {
	old, next form.Form
	earlier   []application.Move
	values    map[string]sourced // what is known about the applicant
	silent    bool               // a register did not answer
	now       time.Time
}

// Carry gives a draft as it would stand on another revision of its form, before anything is prefilled.
func Carry(old, next form.Form, a application.Application, now time.Time) application.Application {
	a, _ = carrying{old: old, next: next, now: now}.carry(a)
	return a
}

// carry gives the draft as it stands on the next revision, and what its applicant has to be told.
func (c carrying) carry(a application.Application) (application.Application, application.Move) {
	was, is := c.old.Revision.Definition, c.next.Revision.Definition
	m := application.Move{Application: a.Number, From: a.Revision, To: c.next.Revision.Number, At: c.now, Aside: map[string]string{}}
	answers, sources := map[string]string{}, map[string]application.Source{}
	for _, page := range is.Pages {
		for _, field := range page.Fields {
			before, asked := was.Field(field.Key)
			if asked {
				if !c.keep(before, field, a, answers, sources) {
					m.Fields = append(m.Fields, field.Key)
				}
				continue
			}
			m.Fields = append(m.Fields, field.Key)
			c.fill(field, answers, sources)
		}
	}
	for key, value := range a.Answers {
		if _, asked := is.Field(key); !asked && value != "" {
			m.Aside[key] = value
		}
	}
	if !slices.ContainsFunc(is.Subtypes, func(s service.Subtype) bool { return s.Key == a.Subtype }) {
		a.Subtype = ""
	}
	for key, value := range is.Preset(a.Subtype) {
		if _, asked := was.Field(key); !asked || answers[key] == "" {
			answers[key] = value
		}
	}
	if list := of(is.Orderable(), a.Concerns != ""); len(list) > 0 && !slices.ContainsFunc(list, func(o service.Operation) bool { return o.Key == a.Operation }) {
		m.Operation, a.Operation = a.Operation, list[0].Key
	}
	a.Attached = slices.DeleteFunc(slices.Clone(a.Attached), func(at application.Attachment) bool {
		if asksFor(is, a.Operation, at.Key) {
			return false
		}
		m.Detached = append(m.Detached, at.Key)
		return true
	})
	a.Revision, a.Answers, a.Sources, a.ChangedAt = m.To, answers, sources, a.Moment(c.now)
	return a, m
}

// of are the operations that concern a permit, or those that concern none.
func of(list []service.Operation, concerns bool) []service.Operation {
	return slices.DeleteFunc(list, func(o service.Operation) bool { return o.Concerns() != concerns })
}

// keep copies an answer, written as the next form writes it. It tells false where the applicant has to answer anew: a
// statement that reads otherwise was never confirmed, and an answer may not be one any more.
func (c carrying) keep(before, field service.Field, a application.Application, answers map[string]string, sources map[string]application.Source) bool {
	value, given := a.Answers[field.Key]
	if source, ok := a.Sources[field.Key]; ok {
		sources[field.Key] = source
	}
	if !given {
		return true
	}
	if field.Type == service.TypeConfirm && restated(before, field) {
		return false
	}
	answers[field.Key] = c.next.Normalise(field, value)
	return c.next.Problem(field, answers[field.Key]) == "" || c.old.Problem(before, value) != ""
}

// restated tells whether a statement does not say any more what was confirmed.
func restated(before, now service.Field) bool {
	return before.Type != service.TypeConfirm || before.Label != now.Label || before.Hint != now.Hint
}

// fill answers a new question with what was answered when it was asked last, or with what is known.
func (c carrying) fill(field service.Field, answers map[string]string, sources map[string]application.Source) {
	for _, m := range slices.Backward(c.earlier) {
		if value := m.Aside[field.Key]; value != "" && field.Type != service.TypeConfirm {
			answers[field.Key] = c.next.Normalise(field, value)
			return
		}
	}
	prefill(field, c.values, c.silent, c.now, answers, sources)
}

// prefill answers a question from the first of its sources that knows something.
func prefill(field service.Field, values map[string]sourced, silent bool, now time.Time, answers map[string]string, sources map[string]application.Source) {
	for _, from := range field.Prefill {
		if v := values[from]; v.value != "" {
			answers[field.Key] = v.value
			sources[field.Key] = application.Source{From: v.from, At: v.at}
			return
		}
	}
	if silent && fromRegister(field.Prefill) {
		sources[field.Key] = application.Source{From: "registry-down", At: now} // the page says why it is empty
	}
}
