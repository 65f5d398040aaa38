package casework

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"elicense/internal/application"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/form"
	"elicense/internal/lang"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/service"
)

// Concern is the permit that an application concerns, as it stands without what the application itself led to.
type Concern struct {
	Permit   permit.Permit // Number "" = the application concerns none
	Acts     []permit.Act
	Standing permit.Standing
}

// held is what rules see of the permit.
func (c Concern) held() form.Held {
	return form.Held{Number: c.Permit.Number, From: c.Standing.From, To: c.Standing.To, Values: c.Standing.Values, Appendices: c.appendices()}
}

// appendices are the numbers of the appendices that hold.
func (c Concern) appendices() []string {
	var list []string
	for _, a := range c.Standing.Appendices {
		if a.Ended.IsZero() {
			list = append(list, a.Number)
		}
	}
	return list
}

// Allows tells whether an operation can be asked for the permit as it stands.
func (c Concern) Allows(o service.Operation) bool {
	return slices.Contains(c.Standing.Allowed(), application.KindOf(o.Does)) && (o.Appendix == "" || len(c.appendices()) > 0)
}

// ConcernOf reads the permit that an application concerns, as it was known at a moment.
func ConcernOf(ctx context.Context, v port.View, a application.Application, at time.Time) (Concern, error) {
	var c Concern
	if a.Concerns == "" {
		return c, nil
	}
	var err error
	if c.Permit, err = v.Permits().Permit(ctx, a.Concerns); err != nil {
		return c, err
	}
	if c.Acts, err = v.Permits().Acts(ctx, a.Concerns); err != nil {
		return c, err
	}
	c.Acts = slices.DeleteFunc(c.Acts, func(act permit.Act) bool { return act.At.After(at) || a.Number != "" && act.Application == a.Number })
	c.Standing = c.Permit.Stand(c.Acts, civil.Of(at, lang.Almaty()))
	return c, nil
}

// Faults of an application that concerns a permit.
const (
	KeyPermitState = "filing.permit-state" // fault.Conflict: what stands does not allow it
	KeyPermitLate  = "filing.permit-late"  // fault.Conflict: the last day asked for is over, or the appendix holds no more
	KeyPermitBusy  = "filing.permit-busy"  // fault.Conflict: another application of the permit is under way; its number where it is known
)

// settlers are what the steps of a process settle besides examining. They settle what a permit is issued with.
func (c *Casework) settlers(f File) []Settler {
	var list []Settler
	for _, step := range f.Form.Revision.Definition.Process.Steps {
		if s := c.Tasks[step.Does]; s != nil && f.Application.Concerns == "" {
			list = append(list, s)
		}
	}
	return list
}

// led is what a granted application leads to: a permit, and acts with permits, in the order in which they are written.
type led struct {
	permit *permit.Permit
	acts   []lived
	asked  bool // the first act is the one that was asked for
}

// lived is an act with a permit, which has the standing that it leaves.
type lived struct {
	permit permit.Permit
	act    permit.Act
}

// main is the act that was asked for; nil where there is none.
func (l led) main() *permit.Act {
	if !l.asked {
		return nil
	}
	return &l.acts[0].act
}

// write lists the writes.
func (l led) write(tx port.Tx) {
	if l.permit != nil {
		tx.Write().Permits().Add(*l.permit)
	}
	for _, x := range l.acts {
		tx.Write().Permits().Act(x.permit, x.act)
	}
}

// life is a permit with its acts, to which more come.
type life struct {
	permit permit.Permit
	acts   []permit.Act
}

// act adds an act, where what stands allows it.
func (l *life) act(out *led, a permit.Act, today civil.Date) error {
	a, err := l.permit.Next(l.acts, a, today)
	if err != nil {
		return err
	}
	l.acts = append(l.acts, a)
	l.permit.Standing = l.permit.After(l.acts)
	out.acts = append(out.acts, lived{l.permit, a})
	return nil
}

// effects gives what a granted application leads to. The number of a new permit is asked for only where there is one. When
// the permit that it concerns does not allow the act any more, it is fault.Conflict permit.KeyActState.
func (c *Casework) effects(f File, x form.Filled, number func() (string, error), actor string, at time.Time) (led, error) {
	a, today := f.Application, f.Facts.Today
	out := led{asked: a.Concerns != ""}
	o, _ := f.Form.Revision.Definition.Operation(a.Operation)
	act := permit.Act{Kind: application.KindOf(o.Does), From: today, Application: a.Number, By: actor, At: at, Ground: permit.Ground{Key: o.Key, Text: o.Name}}
	old := life{f.Concern.Permit, slices.Clone(f.Concern.Acts)}
	switch {
	case a.Concerns == "", o.Does == service.Reissue:
	case o.Does == service.Extend, o.Does == service.Suspend:
		act.To = form.Date(x.Answers, o.Until)
		return out, old.act(&out, act, today)
	case o.Does == service.Append:
		act.Appendix, act.Values = f.Concern.Standing.NextAppendix(), given(x)
		f.Concern.mend(act.Values, a.SentAt)
		return out, old.act(&out, act, today)
	case o.Appendix != "":
		act.Appendix = x.Answers[o.Appendix]
		return out, old.act(&out, act, today)
	default:
		return out, old.act(&out, act, today)
	}
	n, err := number()
	if err != nil {
		return out, err
	}
	issued, err := c.permitOf(x, a, f.Party, n, at)
	if err != nil {
		return out, err
	}
	fresh := life{permit: issued}
	answers := given(x)
	if a.Concerns != "" {
		f.Concern.mend(issued.Values, a.SentAt)
		f.Concern.mend(answers, a.SentAt)
		fresh.permit = successor(f.Concern, x, issued)
		act.Successor = n
		if err := old.act(&out, act, today); err != nil {
			return out, err
		}
		err = fresh.inherit(&out, f.Concern, answers, act, today)
	} else if o.WithAppendix {
		act.Kind, act.Appendix, act.Values = permit.Addition, fresh.permit.After(nil).NextAppendix(), answers
		err = fresh.act(&out, act, today)
	}
	fresh.permit.Standing = permit.Standing{}
	out.permit = &fresh.permit
	return out, err
}

// mend lays over values what officials corrected in the permit since the application was sent, where its applicant had left it as
// it was: the mistake does not come back with what was asked for.
func (c Concern) mend(values map[string]string, sent time.Time) {
	for key, was := range c.Permit.AsOf(c.Acts, c.Permit.From, sent).Values {
		switch now := c.Standing.Values[key]; {
		case now == was || values[key] != was:
		case now == "":
			delete(values, key)
		default:
			values[key] = now
		}
	}
}

// successor makes the permit that takes the place of another one (Law on permits and notifications, article 33): it says what
// that one said, with the answers laid over it, and keeps the day of first issue.
func successor(c Concern, x form.Filled, issued permit.Permit) permit.Permit {
	old, said := c.Permit, maps.Clone(c.Standing.Values)
	for key, shown := range x.Visible {
		if shown {
			delete(said, key)
		}
	}
	maps.Copy(said, issued.Values)
	issued.Values, issued.Replaces, issued.Origin, issued.First = said, old.Number, old.Number, old.First
	if old.Origin != "" {
		issued.Origin = old.Origin
	}
	if issued.First.IsZero() {
		issued.First = civil.Of(old.IssuedAt, lang.Almaty())
	}
	if issued.To.IsZero() {
		issued.To = c.Standing.To
	}
	return issued
}

// inherit gives a new permit what stands of the one before it: its appendices, numbered anew, and a suspension. What the answers
// changed, such as the holder's name, the appendices say anew.
func (l *life) inherit(out *led, c Concern, answers map[string]string, by permit.Act, today civil.Date) error {
	by.Successor, by.To = "", civil.Date{}
	for _, x := range c.Standing.Appendices {
		if !x.Ended.IsZero() {
			continue
		}
		by.Kind, by.Appendix, by.Values = permit.Addition, l.permit.After(l.acts).NextAppendix(), maps.Clone(x.Values)
		for key, value := range answers {
			if _, said := by.Values[key]; said {
				by.Values[key] = value
			}
		}
		if err := l.act(out, by, today); err != nil {
			return err
		}
	}
	if c.Standing.State != permit.Suspended {
		return nil
	}
	by.Kind, by.Appendix, by.Values, by.To = permit.Suspension, "", nil, c.Standing.Until
	for _, a := range slices.Backward(c.Acts) {
		if a.Kind == permit.Suspension && a.From == c.Standing.Since {
			by.Ground = a.Ground
			break
		}
	}
	return l.act(out, by, today)
}

// given are the answers that are given.
func given(x form.Filled) map[string]string {
	values := map[string]string{}
	for key, value := range x.Answers {
		if value != "" {
			values[key] = value
		}
	}
	return values
}

// Kept tells which fields of an application stay as its permit says.
func (f File) Kept() map[string]string { return f.Form.Kept(f.Facts) }

// unmade is the fault of a decision that the permit does not allow any more, or what was asked for it: no field of an official's
// page can mend that.
func unmade(err error, number string) error {
	what, ok := fault.As(err)
	switch {
	case ok && slices.ContainsFunc(what.Fields, func(f fault.Field) bool { return f.Key == permit.KeyActTo || f.Key == permit.KeyActUnknown }):
		return fault.New(fault.Conflict, KeyPermitLate).With(fault.Args{"number": number})
	case !fault.Is(err, permit.KeyActState):
		return err
	}
	return fault.New(fault.Conflict, KeyPermitState).With(fault.Args{"number": number, "state": fmt.Sprint(what.Args["state"])})
}

// MayConcern tells what speaks against an application of the permit that it concerns: fault.Conflict KeyPermitState or
// KeyPermitBusy.
func (c *Casework) MayConcern(ctx context.Context, v port.View, f File, o service.Operation) error {
	a := f.Application
	if !f.Concern.Allows(o) {
		return fault.New(fault.Conflict, KeyPermitState).With(fault.Args{"number": a.Concerns, "state": string(f.Concern.Standing.State)})
	}
	others, err := v.Applications().List(ctx, port.Search{Party: a.Party, Concerns: a.Concerns, Limit: 20})
	for _, other := range others {
		if other.Number != a.Number && other.State.UnderWay() {
			return fault.New(fault.Conflict, KeyPermitBusy).With(fault.Args{"number": other.Number})
		}
	}
	return err
}

// unconcerned tells the same as a problem of the form.
func (c *Casework) unconcerned(ctx context.Context, v port.View, f File) ([]fault.Field, error) {
	if f.Application.Concerns == "" {
		return nil, nil
	}
	o, _ := f.Form.Revision.Definition.Operation(f.Application.Operation)
	err := c.MayConcern(ctx, v, f, o)
	if what, ok := fault.As(err); ok && what.Kind == fault.Conflict {
		return []fault.Field{{Key: what.Key, Args: what.Args}}, nil
	}
	return nil, err
}
