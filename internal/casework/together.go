package casework

import (
	"context"

	"elicense/internal/application"
	"elicense/internal/lang"
	"elicense/internal/port"
)

// together names the other services that an application was filed together with. Officials learn the names only: the applications
// themselves are before other bodies.
func (d *Desk) together(ctx context.Context, v port.View, a application.Application) ([]lang.Text, error) {
	if a.Bundle == "" {
		return nil, nil
	}
	parts, err := v.Applications().Bundles().Parts(ctx, a.Bundle)
	var names []lang.Text
	for _, other := range parts {
		if other.Number == a.Number {
			continue
		}
		rev, err := d.Catalogue.Revision(ctx, other.Service, other.Revision)
		if err != nil {
			return nil, err
		}
		names = append(names, rev.Definition.SubtypeName(other.Subtype))
	}
	return names, err
}
