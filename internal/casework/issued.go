package casework

import (
	"context"
	"slices"

	"elicense/internal/fault"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/service"
)

// The faults of an answer that names what the applicant was given before (service.Field.Issued).
const (
	KeyNotIssued   = "filing.not-issued"   // none, another's, another service's: alike, so that nobody learns which numbers there are
	KeyIssuedEnded = "filing.issued-ended" // the applicant's own, and it does not stand any more
)

// mostNamed bounds the permits of one party and service that are looked at for an earlier application about the same one.
const mostNamed = 1000

// issued lists the answers that name nothing that the applicant was given, or what does not stand any more: it ended, or another
// application about it, such as the notification of the end of the same activity, was granted.
func issued(ctx context.Context, v port.View, f File) ([]fault.Field, error) {
	var asked []service.Field
	for _, page := range f.Form.Revision.Definition.Pages {
		for _, field := range page.Fields {
			if len(field.Issued) > 0 && f.Application.Answers[field.Key] != "" {
				asked = append(asked, field)
			}
		}
	}
	if len(asked) == 0 {
		return nil, nil
	}
	shown, err := f.Form.Visible(f.Application.Answers, f.Facts)
	if err != nil {
		return nil, err
	}
	var wrong []fault.Field
	for _, field := range asked {
		if !shown[field.Key] {
			continue
		}
		key, err := named(ctx, v, f, field)
		if err != nil {
			return nil, err
		}
		if key != "" {
			wrong = append(wrong, fault.Field{Path: field.Key, Key: key})
		}
	}
	return wrong, nil
}

// named gives the key of what is wrong with one answer, "" where nothing is.
func named(ctx context.Context, v port.View, f File, field service.Field) (string, error) {
	a := f.Application
	p, err := v.Permits().Permit(ctx, a.Answers[field.Key])
	switch {
	case err != nil && fault.KindOf(err) != fault.NotFound:
		return "", err
	case err != nil, p.Party != a.Party, p.Service != a.Service, !slices.Contains(field.Issued, p.Values[permit.ValueOperation]):
		return KeyNotIssued, nil
	case p.Standing.Ended() != "", p.On(f.Facts.Today) == permit.Expired:
		return KeyIssuedEnded, nil
	}
	later, err := v.Permits().List(ctx, port.Search{Party: a.Party, Service: a.Service, Slips: permit.IsSlip(p.Number), Limit: mostNamed})
	if slices.ContainsFunc(later, func(x permit.Permit) bool { return x.Application != a.Number && x.Values[field.Key] == p.Number }) {
		return KeyIssuedEnded, err
	}
	return "", err
}
