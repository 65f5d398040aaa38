package filing

import (
	"context"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/fault"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/service"
)

// Again begins a new draft with the answers and documents of an application that was returned, so that its applicant
// mends what was wrong and applies again. The draft stands on the service's newest revision: fields that it no longer has
// are left out, and what it asks anew is found by Check. Statements are not copied: they are made for each application
// anew. A value that was taken from a register or the profile is taken from there as it is today. Documents are attached
// where the service still asks for them and they are still in the personal store.
//
// Besides the faults of Begin: fault.Conflict "filing.not-returned" for an application in another state. When the subtype,
// the state body or the operation cannot be ordered any more, the fault stands at the field "subtype", "body" or "operation".
func (f *Filing) Again(ctx context.Context, actor access.Actor, number string) (string, error) {
	if err := actor.LoggedIn(); err != nil {
		return "", err
	}
	var old application.Application
	var concerned permit.Permit
	err := f.Store.View(ctx, func(v port.View) (err error) {
		if old, err = v.Applications().Application(ctx, number); err != nil {
			return err
		}
		if err = access.May(actor, access.View, old.Party); err != nil || old.Concerns == "" {
			return err
		}
		concerned, err = v.Permits().Permit(ctx, old.Concerns)
		return err
	})
	if err != nil {
		return "", err
	}
	if old.State != application.Returned && old.State != application.Withdrawn {
		return "", fault.New(fault.Conflict, "filing.not-returned")
	}
	return f.begin(ctx, actor, Start{Service: old.Service, Subtype: old.Subtype, Body: old.Body, Operation: old.Operation, Permit: old.Concerns, Holder: concerned.HolderNumber}, &old)
}

// copyAnswers lays the answers of an old application over a fresh draft.
func copyAnswers(d *service.Definition, a *application.Application, old application.Application) {
	for _, page := range d.Pages {
		for _, field := range page.Fields {
			value := old.Answers[field.Key]
			if value == "" || field.Type == service.TypeConfirm || field.Type == service.TypeComputed {
				continue
			}
			source, given := old.Sources[field.Key]
			if given && a.Answers[field.Key] != "" && a.Sources[field.Key].From != "" {
				continue // the person never replaced it: what the source says today counts
			}
			a.Answers[field.Key] = value
			if given {
				a.Sources[field.Key] = source
			} else {
				delete(a.Sources, field.Key)
			}
		}
	}
}

// reattached gives the attachments of an old application that its applicant can attach again.
func reattached(ctx context.Context, v port.View, actor access.Actor, d *service.Definition, old application.Application) ([]application.Attachment, error) {
	var list []application.Attachment
	for _, at := range old.Attached {
		if !asksFor(d, old.Operation, at.Key) {
			continue
		}
		doc, err := v.Documents().Document(ctx, at.Document)
		if fault.KindOf(err) == fault.NotFound && err != nil {
			continue
		}
		if err != nil {
			return nil, err
		}
		if doc.DeletedAt.IsZero() && access.May(actor, access.View, doc.Party) == nil {
			list = append(list, attachment(at.Key, doc))
		}
	}
	return list, nil
}
