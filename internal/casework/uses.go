package casework

import (
	"context"

	"elicense/internal/civil"
	"elicense/internal/form"
	"elicense/internal/lang"
	"elicense/internal/ledger"
	"elicense/internal/port"
)

// Uses lists what a granted application takes of quotas, by its service's rules as of the day of the decision.
func (c *Casework) Uses(ctx context.Context, v port.View, number string) ([]ledger.Entry, error) {
	a, err := v.Applications().Application(ctx, number)
	if err != nil {
		return nil, err
	}
	rev, err := c.Catalogue.Revision(ctx, a.Service, a.Revision)
	if err != nil {
		return nil, err
	}
	var entries []ledger.Entry
	for _, l := range rev.Definition.Lookups {
		found, err := c.lookUp(ctx, v, rev, l, a.Answers, civil.Of(a.DecidedAt, lang.Almaty()))
		if err != nil {
			return nil, err
		}
		if found.Quota != "" {
			entries = append(entries, ledger.Entry{Quota: found.Quota, Application: number, Amount: form.Millionths(a.Answers[l.Quantity])})
		}
	}
	return entries, nil
}
