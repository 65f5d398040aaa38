package portal

import (
	"context"

	"elicense/internal/form"
	"elicense/internal/service"
)

// profilePage is the common page whose fields the profile keeps.
const profilePage = "personal"

// profileForm is the form of the typical fields. None is required here: what a service requires it asks itself.
func (p *Portal) profileForm(ctx context.Context) (form.Form, service.Page, error) {
	rev, err := p.Catalogue.Common(profilePage)
	if err != nil {
		return form.Form{}, service.Page{}, err
	}
	dirs, err := p.Reference.For(ctx, rev)
	if err != nil {
		return form.Form{}, service.Page{}, err
	}
	pg := rev.Definition.Pages[0]
	optional := make([]service.Field, len(pg.Fields))
	for i, field := range pg.Fields {
		field.Required = false
		optional[i] = field
	}
	pg.Fields = optional
	return form.Form{Revision: rev, Dirs: dirs}, pg, nil
}
