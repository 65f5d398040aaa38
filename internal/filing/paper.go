package filing

import (
	"context"

	"elicense/internal/application"
	"elicense/internal/fault"
	"elicense/internal/party"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/service"
)

// sourcePaper names the register of paper licences among the sources of answers.
const sourcePaper = "paper"

// fromPaper fills in what the register of paper licences says of the applicant's own licence. Of another's, of another body's and of
// none it says nothing, so that nobody learns by it which there are.
func (f *Filing) fromPaper(ctx context.Context, d *service.Definition, holder party.Party, id string, a *application.Application) error {
	if id == "" || !d.Process.Matches() {
		return nil
	}
	var p permit.Paper
	err := f.Store.View(ctx, func(v port.View) (err error) {
		p, err = v.Permits().Paper(ctx, id)
		return err
	})
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return err
	}
	if err != nil || p.HolderNumber != holder.Number || p.Body != a.Body {
		return nil
	}
	fields := d.Process.Paper
	for key, value := range map[string]string{fields.Series: p.Series, fields.Number: p.Number, fields.Issued: p.IssuedOn.String()} {
		if key != "" && value != "" {
			a.Answers[key], a.Sources[key] = value, application.Source{From: sourcePaper, At: p.ImportedAt}
		}
	}
	return nil
}
