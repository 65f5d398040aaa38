package register

import (
	"context"

	"elicense/internal/access"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/service"
)

// OfBody lists the permits that the official's body issued; s.Body is set here.
func (r *Register) OfBody(ctx context.Context, actor access.Actor, s port.Search) (list []permit.Permit, err error) {
	if err := working(actor, actor.Body); err != nil {
		return nil, err
	}
	s.Party, s.Body, s.On = "", actor.Body, r.Today()
	err = r.Store.View(ctx, func(v port.View) (err error) {
		list, err = v.Permits().List(ctx, s)
		return err
	})
	return list, err
}

// Desk gives a permit to the officials of the body that issued it. Another's is fault.NotFound.
func (r *Register) Desk(ctx context.Context, actor access.Actor, number string) (Card, error) {
	if err := actor.AtWork(); err != nil {
		return Card{}, err
	}
	card, err := r.card(ctx, number)
	if err != nil {
		return Card{}, err
	}
	if err := working(actor, card.Permit.Body); err != nil {
		return Card{}, err
	}
	return card, r.Witness.Saw(ctx, actor, port.Sight{Action: "permit.seen", Object: "permit/" + number})
}

// working demands an official who works on what a body issued.
func working(actor access.Actor, body string) error {
	if err := actor.AtWork(); err != nil {
		return err
	}
	return access.Can(actor, access.View, access.Thing{Body: body})
}

// Today is the day on which the register is asked.
func (r *Register) Today() civil.Date { return civil.Of(r.World.Now(), lang.Almaty()) }

// AsOf answers what held of the permit on a day, as it was known at the end of another. issued is false where the permit was
// not known yet.
func (c Card) AsOf(on, known civil.Date) (s permit.Standing, issued bool) {
	moment := known.AddDays(1).Start(lang.Almaty()).Add(-1)
	return c.Permit.AsOf(c.Acts, on, moment), !c.Permit.IssuedAt.After(moment)
}

// Correctable are the fields whose answers the document shows and that officials can correct, in the order of the boxes: what is
// written, and no choice from a directory; the period of the permit is changed by acts of its own.
func (c Card) Correctable() []service.Field {
	d := c.Revision.Definition
	var fields []service.Field
	seen := map[string]bool{d.Permit.From: true, d.Permit.To: true, d.Permit.First: true}
	for _, row := range d.Permit.Rows {
		for _, box := range row.Boxes {
			service.Fill(box.Value, func(name string) string {
				if f, ok := d.Field(name); ok && !seen[name] && correctable(f.Type) {
					fields = append(fields, f)
				}
				seen[name] = true
				return ""
			})
		}
	}
	return fields
}

func correctable(t service.Type) bool {
	switch t {
	case service.TypeText, service.TypeLongText, service.TypeNumber, service.TypeMoney, service.TypeDate, service.TypePhone, service.TypePostcode, service.TypeIIN, service.TypeBIN,
		service.TypeEmail, service.TypeAddress:
		return true
	}
	return false
}

// Act is an act of the card by its number; otherwise fault.NotFound.
func (c Card) Act(seq int) (permit.Act, error) {
	for _, a := range c.Acts {
		if a.Seq == seq {
			return a, nil
		}
	}
	return permit.Act{}, fault.New(fault.NotFound, "fault.not-found")
}
