package casework

import (
	"context"
	"time"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/service"
)

// Templates gives the words with which officials of a body begin the reasons of a refusal.
type Templates interface {
	// Templates gives those of a body for a ground of a service, the first one being what it uses by itself; none is no fault.
	Templates(ctx context.Context, body, service, ground string) ([]Template, error)
}

// Template is the beginning of a reason in the two languages, with placeholders such as {number}.
type Template struct {
	Name   lang.Text // empty = that of the service
	KK, RU string
}

// Suggest gives the reasons of a ground as the body's template begins them for this case, else the service's; "" where there
// is neither. What the template leaves to the official stands in braces.
func (d *Desk) Suggest(ctx context.Context, actor access.Actor, number, ground string) (kk, ru string, err error) {
	c, err := d.Open(ctx, actor, number)
	if err != nil {
		return "", "", err
	}
	g, ok := c.Definition().Process.Ground(ground)
	if !ok {
		return "", "", fault.At("ground", "work.ground-required")
	}
	t := Template{KK: g.Template.KK, RU: g.Template.RU}
	if d.Templates != nil {
		own, err := d.Templates.Templates(ctx, actor.Body, c.Application.Service, ground)
		if err != nil {
			return "", "", err
		}
		if len(own) > 0 {
			t = own[0]
		}
	}
	return application.FillTemplate(t.KK, d.placeholders(c, g, lang.KK)), application.FillTemplate(t.RU, d.placeholders(c, g, lang.RU)), nil
}

// Placeholders lists what templates may name: see placeholders.
func Placeholders() []string {
	return []string{"number", "applicant", "applicant_number", "service", "body", "date", "today", "ground", "act"}
}

// placeholders are the values of Placeholders; date is the day of filing.
func (d *Desk) placeholders(c Case, g service.Refusal, l lang.Lang) map[string]string {
	a, say := c.Application, d.Texts.In(l)
	body, _ := d.Catalogue.Body(a.Body)
	return map[string]string{
		"number": a.Number, "applicant": c.Party.Name, "applicant_number": c.Party.Number, "service": c.Definition().Name.Get(l), "body": body.Name.Get(l),
		"date": say.Date(dayOf(a.SentAt)), "today": say.Date(dayOf(d.World.Now())), "ground": g.Ground.Get(l), "act": g.Act.Get(l),
	}
}

func dayOf(t time.Time) civil.Date { return civil.Of(t, lang.Almaty()) }
