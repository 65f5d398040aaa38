package filing

import (
	"context"
	"slices"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/casework"
	"elicense/internal/fault"
	"elicense/internal/party"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/service"
)

// Change is something that a holder can ask for one of their permits.
type Change struct {
	Operation service.Operation
	// Draft is the number of a draft of it; Busy that of an application of the permit that is under way, for which any other waits.
	Draft, Busy string
}

// Changes lists what the holder can ask for a permit as it stands today, in the order of the service's newest revision.
func (f *Filing) Changes(ctx context.Context, actor access.Actor, number string) ([]Change, error) {
	if err := actor.LoggedIn(); err != nil {
		return nil, err
	}
	var list []Change
	err := f.Store.View(ctx, func(v port.View) error {
		c, err := f.concern(ctx, v, actor, number)
		if err != nil {
			return err
		}
		rev, err := f.Catalogue.Service(c.Permit.Service)
		if err != nil || rev.Definition.Status != service.Open || !slices.Contains(rev.Definition.Bodies, c.Permit.Body) {
			return nil //nolint:nilerr // a service that is gone offers nothing
		}
		others, err := v.Applications().List(ctx, port.Search{Party: actor.Party, Concerns: number, Limit: manyApplications})
		if err != nil {
			return err
		}
		for _, o := range rev.Definition.Changing() {
			if o.Succeeds || !c.Allows(o) {
				continue
			}
			x := Change{Operation: o}
			for _, a := range others {
				switch {
				case a.State.UnderWay():
					x.Busy = a.Number
				case a.State == application.Draft && a.Operation == o.Key:
					x.Draft = a.Number
				}
			}
			list = append(list, x)
		}
		return nil
	})
	return list, err
}

// manyApplications bounds the applications of one permit that are looked at: one is under way at a time, the newest.
const manyApplications = 20

// manyPermits bounds the permits that are offered for an operation.
const manyPermits = 100

// Choosable lists the holder's permits of a service for which an operation can be asked today, the newest first.
func (f *Filing) Choosable(ctx context.Context, actor access.Actor, key string, o service.Operation) ([]permit.Permit, error) {
	var out []permit.Permit
	err := f.Store.View(ctx, func(v port.View) error {
		list, err := v.Permits().List(ctx, port.Search{Party: actor.Party, Service: key, Limit: manyPermits})
		for _, p := range list {
			c, err := f.concern(ctx, v, actor, p.Number)
			if err != nil {
				return err
			}
			if c.Allows(o) {
				out = append(out, p)
			}
		}
		return err
	})
	return out, err
}

// concern reads one of the actor's permits as it stands today; another's is fault.NotFound.
func (f *Filing) concern(ctx context.Context, v port.View, actor access.Actor, number string) (casework.Concern, error) {
	c, err := casework.ConcernOf(ctx, v, application.Application{Concerns: number}, f.World.Now())
	if err != nil {
		return c, err
	}
	return c, access.May(actor, access.View, c.Permit.Party)
}

// KeyNotSucceeded is fault.Invalid at "permit": no such permit was issued to the holder that is named. One that does not exist, another
// service's, one that is the applicant's own and one of another holder are alike.
const KeyNotSucceeded = "filing.not-succeeded"

// succeeded reads the permit of a legal entity whose rights have passed to the actor's by reorganisation.
func (f *Filing) succeeded(ctx context.Context, v port.View, actor access.Actor, in Start) (casework.Concern, error) {
	typed := map[string]string{"permit": in.Permit, "holder": in.Holder}
	missing := []fault.Field{{Path: "permit", Key: "field.required"}, {Path: "holder", Key: "field.required"}}
	missing = slices.DeleteFunc(missing, func(m fault.Field) bool { return typed[m.Path] != "" })
	if err := fault.Fields(missing); err != nil {
		return casework.Concern{}, err
	}
	c, err := casework.ConcernOf(ctx, v, application.Application{Concerns: in.Permit}, f.World.Now())
	p := c.Permit
	if fault.KindOf(err) == fault.NotFound && err != nil || err == nil && (p.Service != in.Service || p.HolderNumber != in.Holder || p.Party == actor.Party) {
		return c, fault.At("permit", KeyNotSucceeded)
	}
	return c, err
}

// about says which permit an operation concerns, and orders it of the body that issued the permit. Faults: "field.choose" at the
// permit where none of the actor's of this service is named, KeyNotSucceeded, casework.KeyPermitState, casework.KeyPermitBusy.
func (f *Filing) about(ctx context.Context, actor access.Actor, o service.Operation, in Start) (Start, error) {
	if !o.Concerns() {
		in.Permit = ""
		return in, nil
	}
	if in.Permit == "" && !o.Succeeds {
		return in, fault.At("permit", "field.choose")
	}
	err := f.Store.View(ctx, func(v port.View) (err error) {
		var c casework.Concern
		if o.Succeeds {
			c, err = f.succeeded(ctx, v, actor, in)
		} else {
			c, err = f.concern(ctx, v, actor, in.Permit)
		}
		if fault.KindOf(err) == fault.NotFound && err != nil || err == nil && c.Permit.Service != in.Service {
			return fault.At("permit", "field.choose")
		}
		if err != nil {
			return err
		}
		in.Body, in.Subtype = c.Permit.Body, c.Permit.Subtype
		return f.Casework.MayConcern(ctx, v, casework.File{Application: application.Application{Party: actor.Party, Concerns: in.Permit}, Concern: c}, o)
	})
	return in, err
}

// carryOver lays over a new draft what its permit says in the fields that the operation keeps or carries over; what an old
// application answered differently stays, as far as it may be changed.
func (f *Filing) carryOver(ctx context.Context, rev *service.Revision, applicant party.Party, a *application.Application, copied bool) error {
	if a.Concerns == "" {
		return nil
	}
	fm, err := f.Casework.FormOf(ctx, rev)
	if err != nil {
		return err
	}
	var file casework.File
	err = f.Store.View(ctx, func(v port.View) error {
		file, err = f.Casework.Refresh(ctx, v, casework.File{Application: *a, Party: applicant, Form: fm}, a.CreatedAt)
		return err
	})
	if err != nil {
		return err
	}
	kept := fm.Kept(file.Facts)
	for key, value := range fm.Carried(file.Facts) {
		if _, stays := kept[key]; stays || !copied || a.Answers[key] == "" {
			a.Answers[key], a.Sources[key] = value, application.Source{From: "permit", At: file.Concern.Permit.IssuedAt}
		}
	}
	return nil
}
