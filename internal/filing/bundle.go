package filing

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/casework"
	"elicense/internal/fault"
	"elicense/internal/form"
	"elicense/internal/party"
	"elicense/internal/port"
	"elicense/internal/service"
)

// The faults of bundles.
const (
	KeyTogether        = "bundle.together"   // fault.Conflict: this is done for all parts at once, with the id of the bundle
	KeyBundleClosed    = "bundle.closed"     // fault.Conflict: a service was stopped, or asks otherwise than the bundle says
	KeyPartUnready     = "bundle.unready"    // fault.Invalid at PartPath: the part cannot be signed yet
	KeyBundleNotServed = "bundle.not-served" // fault.Denied: not every service is for this applicant
)

// PartPath is where the faults of one part of a bundle stand.
func PartPath(number string) string { return "part." + number }

// Bundle is several applications of one applicant that are filed together, with everything that its page shows.
type Bundle struct {
	application.Bundle
	Definition service.Together // zero where Closed
	// Closed says that it cannot be filed as one any more; its parts go on by themselves.
	Closed bool
	Shared Draft   // what is asked once, as a draft of one page; without a form where Closed
	Parts  []Draft // in the order of the definition
}

// Together tells whether the parts are still to be filed, all at once.
func (b Bundle) Together() bool { return application.Together(b.applications()) }

func (b Bundle) applications() []application.Application {
	list := make([]application.Application, len(b.Parts))
	for i, d := range b.Parts {
		list[i] = d.Application
	}
	return list
}

// bundledIn gives the bundle in which an application is still to be filed together with others; "" = it goes by itself.
func bundledIn(ctx context.Context, v port.View, a application.Application) (string, error) {
	if a.Bundle == "" {
		return "", nil
	}
	parts, err := v.Applications().Bundles().Parts(ctx, a.Bundle)
	if err != nil || !application.Together(parts) {
		return "", err
	}
	return a.Bundle, nil
}

// apart refuses for one part of a bundle what is done for all of them together.
func apart(ctx context.Context, v port.View, a application.Application) error {
	id, err := bundledIn(ctx, v, a)
	if err == nil && id != "" {
		err = fault.New(fault.Conflict, KeyTogether).With(fault.Args{"bundle": id})
	}
	return err
}

// AskedOnce tells whether a field is answered on the page of the bundle and not in this draft.
func (d Draft) AskedOnce(field string) bool {
	return d.Bundled != "" && d.Application.Sources[field].From == application.FromBundle
}

// Kept gives what the draft shows and does not ask: what the permit that it concerns says, and what its bundle asks once.
func (d Draft) Kept() map[string]string {
	kept := d.File.Kept()
	for field := range d.Application.Sources {
		if d.AskedOnce(field) {
			kept[field] = d.Application.Answers[field]
		}
	}
	return kept
}

// BeginBundle makes a bundle with a draft for each of its services, numbered and prefilled, and gives its id. A draft of one of the
// services at its body is fault.Conflict "filing.draft-exists" with its number. Others: KeyBundleClosed, KeyBundleNotServed.
func (f *Filing) BeginBundle(ctx context.Context, actor access.Actor, key string) (string, error) {
	if err := actor.LoggedIn(); err != nil {
		return "", err
	}
	t, ok, err := f.Catalogue.Bundle(key)
	if err != nil {
		return "", err
	}
	if !ok {
		return "", fault.New(fault.Conflict, KeyBundleClosed)
	}
	var account party.Account
	for _, p := range t.Parts {
		var open string
		if account, open, err = f.starter(ctx, actor, startOf(p)); err != nil {
			return "", err
		}
		if open != "" {
			return "", draftExists(open)
		}
	}
	if !t.Serves(account.Party.Recipient(false)) && !t.Serves(account.Party.Recipient(true)) {
		return "", fault.New(fault.Denied, KeyBundleNotServed)
	}
	now := f.World.Now()
	b := application.Bundle{ID: f.World.ID(), Key: key, Digest: t.Digest, Party: account.Party.ID, Account: account.ID,
		Answers: map[string]string{}, Sources: map[string]application.Source{}, Version: 1, CreatedAt: now, ChangedAt: now}
	parts, err := f.bundled(ctx, t, &b, account)
	if err != nil {
		return "", err
	}
	err = f.Store.Update(ctx, func(tx port.Tx) error {
		tx.Write().Applications().Bundles().Add(b)
		f.audit(tx, actor, "bundle.begun", "bundle/"+b.ID, map[string]string{"bundle": key, "digest": t.Digest, "parts": strconv.Itoa(len(parts))}, now)
		for _, a := range parts {
			tx.Write().Applications().Add(a)
			f.happen(tx, actor, a, application.Created, "", application.Draft)
		}
		return nil
	})
	if fault.KindOf(err) == fault.Conflict && err != nil {
		for _, a := range parts {
			f.Numbers.Unused(a.Number)
		}
	}
	if fault.Is(err, "store.draft-exists") { // begun in another window in the same moment
		for _, p := range t.Parts {
			if _, open, again := f.starter(ctx, actor, startOf(p)); again == nil && open != "" {
				return "", draftExists(open)
			}
		}
	}
	return b.ID, err
}

func startOf(p service.BundledPart) Start {
	return Start{Service: p.Service, Subtype: p.Subtype, Body: p.Body, Operation: p.Operation}
}

// bundled makes the drafts of a new bundle: what is known of the applicant answers the shared questions too.
func (f *Filing) bundled(ctx context.Context, t service.Together, b *application.Bundle, account party.Account) ([]application.Application, error) {
	values, silent := f.sources(ctx, account)
	parts := make([]application.Application, len(t.Parts))
	for i, p := range t.Parts {
		in := startOf(p)
		o, _ := t.Services[i].Definition.Order(p.Operation)
		in.Operation = o.Key
		parts[i] = f.prefilled(t.Services[i], account, in, values, silent)
		parts[i].Bundle = b.ID
		for _, s := range t.Shared {
			field := s.Field(p.Service)
			if source, known := parts[i].Sources[field]; known && b.Sources[s.Key].From == "" {
				b.Answers[s.Key], b.Sources[s.Key] = parts[i].Answers[field], source
			}
		}
	}
	for i, rev := range t.Services {
		fm, err := f.Casework.FormOf(ctx, rev)
		if err != nil {
			return nil, err
		}
		lay(t, *b, fm, &parts[i])
		if parts[i].Number, err = f.Numbers.Number(ctx, rev.Definition.Numbers.Application); err != nil {
			return nil, err
		}
	}
	return parts, nil
}

// lay puts what is asked once into a part, and tells whether that changed anything.
func lay(t service.Together, b application.Bundle, fm form.Form, a *application.Application) bool {
	answers, sources := maps.Clone(a.Answers), maps.Clone(a.Sources)
	for _, s := range t.Shared {
		field, ok := fm.Revision.Definition.Field(s.Field(a.Service))
		if !ok {
			continue
		}
		value := fm.Normalise(field, b.Answers[s.Key])
		if value == "" {
			delete(answers, field.Key)
		} else {
			answers[field.Key] = value
		}
		if have := sources[field.Key]; have.From != application.FromBundle || answers[field.Key] != a.Answers[field.Key] {
			sources[field.Key] = application.Source{From: application.FromBundle, At: b.ChangedAt}
		}
	}
	changed := !maps.Equal(answers, a.Answers) || !maps.Equal(sources, a.Sources)
	a.Answers, a.Sources = answers, sources
	return changed
}

// Bundle gives a bundle of the actor's party with its parts. Parts that stand on older revisions of their services are moved first,
// and get what is asked once.
func (f *Filing) Bundle(ctx context.Context, actor access.Actor, id string) (Bundle, error) {
	b, err := f.readBundle(ctx, actor, id)
	if err != nil || b.Closed || !b.Together() || !f.behind(b) {
		return b, err
	}
	if err := f.align(ctx, actor, b); err != nil {
		return b, err
	}
	return f.readBundle(ctx, actor, id)
}

func (f *Filing) readBundle(ctx context.Context, actor access.Actor, id string) (Bundle, error) {
	var b Bundle
	err := f.Store.View(ctx, func(v port.View) (err error) {
		b, err = f.loadBundle(ctx, v, actor, id)
		return err
	})
	return b, err
}

// loadBundle reads a bundle; one without parts, or another party's, is fault.NotFound.
func (f *Filing) loadBundle(ctx context.Context, v port.View, actor access.Actor, id string) (Bundle, error) {
	var b Bundle
	if err := actor.LoggedIn(); err != nil {
		return b, err
	}
	var err error
	if b.Bundle, err = v.Applications().Bundles().Bundle(ctx, id); err != nil {
		return b, err
	}
	if err := access.May(actor, access.View, b.Party); err != nil {
		return b, err
	}
	list, err := v.Applications().Bundles().Parts(ctx, id)
	if err != nil {
		return b, err
	}
	if len(list) == 0 {
		return b, fault.New(fault.NotFound, "fault.not-found")
	}
	t, ok, err := f.Catalogue.Bundle(b.Key)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return b, err
	}
	b.Closed = err != nil || !ok || len(t.Parts) != len(list)
	for _, a := range list {
		d, err := f.load(ctx, v, actor, a.Number)
		if err != nil {
			return b, err
		}
		if d.Moves, err = moves(ctx, v, d.Application); err != nil {
			return b, err
		}
		i := t.Place(a.Service)
		b.Closed = b.Closed || i == len(t.Parts) || t.Parts[i].Body != a.Body
		b.Parts = append(b.Parts, d)
	}
	slices.SortStableFunc(b.Parts, func(x, y Draft) int {
		return cmp.Compare(t.Place(x.Application.Service), t.Place(y.Application.Service))
	})
	if b.Closed {
		return b, nil
	}
	b.Definition = t
	b.Shared, err = f.shared(ctx, b)
	return b, err
}

// shared lays out what is asked once as a draft, so that it is shown, checked and merged as any page.
func (f *Filing) shared(ctx context.Context, b Bundle) (Draft, error) {
	fm, err := f.Casework.FormOf(ctx, b.Definition.Form)
	if err != nil {
		return Draft{}, err
	}
	d := Draft{File: casework.File{
		Application: application.Application{Service: b.Definition.Form.Service, State: application.Draft, Answers: b.Answers, Sources: b.Sources},
		Form:        fm, Facts: form.Facts{Today: b.Parts[0].Facts.Today, Recipient: b.Parts[0].Facts.Recipient},
	}}
	d.Form.Day = d.Facts.Today
	d.Visible, err = d.Form.Visible(b.Answers, d.Facts)
	return d, err
}

// behind tells whether a part stands on an older revision, or says otherwise than what was answered once.
func (f *Filing) behind(b Bundle) bool {
	return slices.ContainsFunc(b.Parts, func(d Draft) bool {
		return f.newer(d.Application) != nil || lay(b.Definition, b.Bundle, d.Form, &d.Application)
	})
}

// align moves the parts to the newest revisions of their services and lays into them what is asked once.
func (f *Filing) align(ctx context.Context, actor access.Actor, b Bundle) error {
	for _, d := range b.Parts {
		if f.newer(d.Application) == nil {
			continue
		}
		if err := f.move(ctx, actor, d.Application.Number); err != nil {
			return err
		}
	}
	return f.Store.Update(ctx, func(tx port.Tx) error {
		b, err := f.loadBundle(ctx, tx, actor, b.ID)
		if err != nil || b.Closed || !b.Together() {
			return err
		}
		return f.layAll(ctx, tx, actor, b, f.World.Now())
	})
}

// layAll lists the writes by which the parts get what is asked once.
func (f *Filing) layAll(ctx context.Context, tx port.Tx, actor access.Actor, b Bundle, now time.Time) error {
	for _, d := range b.Parts {
		a := d.Application
		if !lay(b.Definition, b.Bundle, d.Form, &a) {
			continue
		}
		a.ChangedAt = a.Moment(now)
		d.Application = a
		file, err := f.Casework.Refresh(ctx, tx, d.File, now)
		if err != nil {
			return err
		}
		if a.Answers, err = file.Form.Complete(a.Answers, file.Facts); err != nil {
			return err
		}
		tx.Write().Applications().Change(a)
	}
	return nil
}

// SaveBundle stores what is asked once as typed, well formed or not, and lays it into every part, in one unit; it merges and
// refuses as Save does. What was sent or closed meanwhile is fault.Conflict.
func (f *Filing) SaveBundle(ctx context.Context, actor access.Actor, id string, in Save) (Bundle, error) {
	if _, err := f.Bundle(ctx, actor, id); err != nil { // moves what is behind
		return Bundle{}, err
	}
	var m merged
	err := f.Store.Update(ctx, func(tx port.Tx) error {
		b, err := f.loadBundle(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		if err := b.fileable(); err != nil {
			return err
		}
		m = merge(b.Shared, b.Definition.Page(), in)
		if !m.changed {
			return nil
		}
		b.Answers, b.Sources, b.ChangedAt = m.application.Answers, m.application.Sources, f.World.Now()
		tx.Write().Applications().Bundles().Change(b.Bundle)
		f.audit(tx, actor, "bundle.changed", "bundle/"+id, map[string]string{"version": strconv.Itoa(b.Version)}, b.ChangedAt)
		return f.layAll(ctx, tx, actor, b, b.ChangedAt)
	})
	if err != nil {
		return Bundle{}, err
	}
	b, err := f.readBundle(ctx, actor, id)
	if err != nil {
		return b, err
	}
	b.Shared.Elsewhere = m.elsewhere
	if len(m.conflicts) > 0 {
		return b, &fault.Fault{Kind: fault.Conflict, Key: "filing.stale", Fields: m.conflicts}
	}
	return b, nil
}

// fileable refuses what can only be done before the parts are filed together.
func (b Bundle) fileable() error {
	switch {
	case !b.Together():
		return fault.New(fault.Conflict, "filing.sent-already")
	case b.Closed:
		return fault.New(fault.Conflict, KeyBundleClosed)
	}
	return nil
}

// GiveUp ends a bundle that was not filed. Its drafts are deleted, as Delete does, or kept: then each is an application by itself,
// with everything that was answered.
func (f *Filing) GiveUp(ctx context.Context, actor access.Actor, id string, keep bool) error {
	return f.Store.Update(ctx, func(tx port.Tx) error {
		b, err := f.loadBundle(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		if !b.Together() {
			return fault.New(fault.Conflict, "filing.sent-already")
		}
		now := f.World.Now()
		f.audit(tx, actor, "bundle.given-up", "bundle/"+id, map[string]string{"kept": strconv.FormatBool(keep)}, now)
		for _, d := range b.Parts {
			if !keep {
				if err := f.delete(ctx, tx, actor, d.Application); err != nil {
					return err
				}
				continue
			}
			a := d.Application
			a.Bundle, a.ChangedAt = "", a.Moment(now)
			tx.Write().Applications().Change(a)
			f.audit(tx, actor, "application.unbundled", "application/"+a.Number, map[string]string{"version": strconv.Itoa(a.Version)}, now)
		}
		return nil
	})
}
