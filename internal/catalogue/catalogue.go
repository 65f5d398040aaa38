// Package catalogue knows the services that can be ordered, their revisions, the spheres and state bodies under which
// they are found, and publishes new revisions.
package catalogue

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"sync"

	"elicense/internal/audit"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/port"
	"elicense/internal/service"
)

// Catalogue keeps the parsed revisions in memory; revisions are immutable, so they never grow old.
type Catalogue struct {
	store   port.Store
	world   port.World
	library *service.Library
	Spheres []service.Sphere
	Bodies  []service.Body

	mu        sync.RWMutex
	revisions map[string]*service.Revision // by "key/number"
	newest    map[string]*service.Revision // by key
	lines     []Entry                      // of the newest revisions, by service key
	stamp     int64                        // of the store's revisions when they were loaded

	bundles []*service.Bundle
	held    map[string]held // by key of the bundle
}

// New makes a catalogue over the common texts (catalogue.yaml, common.yaml) of a folder of services.
func New(store port.Store, world port.World, folder fs.FS) (*Catalogue, error) {
	spheres, bodies, library, err := service.ReadCommon(folder)
	if err != nil {
		return nil, err
	}
	c := &Catalogue{store: store, world: world, library: library, Spheres: spheres, Bodies: bodies,
		revisions: map[string]*service.Revision{}, newest: map[string]*service.Revision{}, held: map[string]held{}}
	return c, c.readBundles(folder)
}

// Load reads the newest revision of every service from the store: of those that this program was built with, and of
// those that were published at the office.
func (c *Catalogue) Load(ctx context.Context) error {
	var all []port.Published
	var stamp int64
	err := c.store.View(ctx, func(v port.View) (err error) {
		if stamp, err = v.Services().Stamp(ctx); err != nil { // first: what is published in between is read again
			return err
		}
		all, err = v.Services().Newest(ctx)
		return err
	})
	if err != nil {
		return err
	}
	for _, p := range all {
		if c.has(p.Service, p.Number) {
			continue
		}
		rev, err := c.stored(p)
		if err != nil {
			return err
		}
		c.keep(rev)
	}
	c.mu.Lock()
	c.stamp = stamp
	c.mu.Unlock()
	return nil
}

// Refresh loads what was published since the last Load, on whichever node. While nothing was, it costs one small query.
func (c *Catalogue) Refresh(ctx context.Context) error {
	var stamp int64
	err := c.store.View(ctx, func(v port.View) (err error) {
		stamp, err = v.Services().Stamp(ctx)
		return err
	})
	if err != nil {
		return err
	}
	c.mu.RLock()
	have := c.stamp
	c.mu.RUnlock()
	if stamp == have {
		return nil
	}
	return c.Load(ctx)
}

func (c *Catalogue) has(key string, number int) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.revisions[revisionKey(key, number)] != nil
}

// stored reads a published revision, perhaps of an older program with fewer checks.
func (c *Catalogue) stored(p port.Published) (*service.Revision, error) {
	rev, err := service.Stored(p.Source, c.library, p.Number)
	if err != nil {
		return nil, fault.New(fault.Internal, "service.unreadable").Because(err)
	}
	return rev, nil
}

// Parse reads the text of a service against the common texts. Mistakes come as service.Mistakes or service.Mistake. The
// revision has no number yet.
func (c *Catalogue) Parse(src service.Source) (*service.Revision, error) {
	return service.NewRevision(src, c.library, 0)
}

// Library is the common texts that services include.
func (c *Catalogue) Library() *service.Library { return c.library }

// Misplaced lists why a definition does not fit among the services that there are: a sphere or a state body is unknown, a
// code of document numbers is another service's.
func (c *Catalogue) Misplaced(d *service.Definition) service.Mistakes {
	var list service.Mistakes
	if _, ok := c.Sphere(d.Sphere); !ok {
		list = append(list, &service.Mistake{File: "service.yaml", Text: fmt.Sprintf("sphere: there is no %q in catalogue.yaml", d.Sphere)})
	}
	for _, key := range d.Bodies {
		if _, ok := c.Body(key); !ok {
			list = append(list, &service.Mistake{File: "service.yaml", Text: fmt.Sprintf("bodies: there is no %q in catalogue.yaml", key)})
		}
	}
	for _, o := range d.Process.Opinions {
		if _, ok := c.Body(o.Body); !ok {
			list = append(list, &service.Mistake{File: "service.yaml", Text: fmt.Sprintf("opinions: there is no %q in catalogue.yaml", o.Body)})
		}
	}
	return append(list, c.taken(d)...)
}

// taken lists the codes of document numbers that another service has: two would give out one number twice.
func (c *Catalogue) taken(d *service.Definition) (list service.Mistakes) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	for _, key := range slices.Sorted(maps.Keys(c.newest)) {
		other := c.newest[key].Definition
		if key == d.Key {
			continue
		}
		for _, code := range []string{d.Numbers.Application, d.Numbers.Permit} {
			if code != "" && (code == other.Numbers.Application || code == other.Numbers.Permit) {
				list = append(list, &service.Mistake{File: "service.yaml", Text: fmt.Sprintf("numbers: the code %s is that of %s: take another", code, key)})
			}
		}
	}
	return list
}

func (c *Catalogue) keep(rev *service.Revision) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.revisions[revisionKey(rev.Service, rev.Number)] = rev
	if have := c.newest[rev.Service]; have == nil || have.Number < rev.Number {
		c.newest[rev.Service] = rev
		c.lines = linesOf(c.newest)
	}
}

func revisionKey(key string, number int) string { return key + "/" + strconv.Itoa(number) }

// Publish stores the source as the next revision of its service, unless the newest one is the same text. It tells
// whether there is something new.
func (c *Catalogue) Publish(ctx context.Context, src service.Source, by string) (*service.Revision, bool, error) {
	rev, err := c.Parse(src)
	if err != nil {
		return nil, false, err
	}
	fresh := false
	err = c.store.Update(ctx, func(tx port.Tx) (err error) {
		fresh, err = c.PublishIn(ctx, tx, rev, src, by)
		return err
	})
	if err != nil {
		return nil, false, err
	}
	c.keep(rev)
	return rev, fresh, nil
}

// PublishIn adds to a unit what Publish stores, and numbers the revision. fresh is false where the newest revision is the
// same text; then it adds nothing. The caller calls Refresh after the commit.
func (c *Catalogue) PublishIn(ctx context.Context, tx port.Tx, rev *service.Revision, src service.Source, by string) (fresh bool, err error) {
	all, err := tx.Services().Revisions(ctx, rev.Service)
	if err != nil {
		return false, err
	}
	rev.Number = 1
	if len(all) > 0 {
		if rev.Number = all[0].Number; all[0].Digest == rev.Digest {
			return false, nil
		}
		rev.Number++
	}
	now := c.world.Now()
	tx.Write().Services().Publish(port.Published{Service: rev.Service, Number: rev.Number, Digest: rev.Digest, Source: src, PublishedAt: now, PublishedBy: by})
	tx.Write().Records().Audit(audit.Entry{ID: c.world.ID(), Salt: c.world.Random(16), At: now, Actor: by, Action: "service.published",
		Object: "service/" + rev.Service, Details: map[string]string{"revision": strconv.Itoa(rev.Number), "digest": rev.Digest}})
	return true, nil
}

// Service gives the newest revision of a service.
func (c *Catalogue) Service(key string) (*service.Revision, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if rev := c.newest[key]; rev != nil {
		return rev, nil
	}
	return nil, fault.New(fault.NotFound, "fault.not-found")
}

// Newest gives the newest revision of every service, by key.
func (c *Catalogue) Newest() []*service.Revision {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var list []*service.Revision
	for _, key := range slices.Sorted(maps.Keys(c.newest)) {
		list = append(list, c.newest[key])
	}
	return list
}

// Revision gives one revision of a service; a submitted application stays on its own.
func (c *Catalogue) Revision(ctx context.Context, key string, number int) (*service.Revision, error) {
	c.mu.RLock()
	rev := c.revisions[revisionKey(key, number)]
	c.mu.RUnlock()
	if rev != nil {
		return rev, nil
	}
	var p port.Published
	err := c.store.View(ctx, func(v port.View) (err error) {
		p, err = v.Services().Revision(ctx, key, number)
		return err
	})
	if err != nil {
		return nil, err
	}
	if rev, err = c.Parse(p.Source); err != nil {
		return nil, fault.New(fault.Internal, "service.unreadable").Because(err)
	}
	rev.Number = number
	c.keep(rev)
	return rev, nil
}

// Revisions lists the revisions of a service, newest first, without their sources.
func (c *Catalogue) Revisions(ctx context.Context, key string) ([]port.Published, error) {
	var all []port.Published
	err := c.store.View(ctx, func(v port.View) (err error) {
		all, err = v.Services().Revisions(ctx, key)
		return err
	})
	return all, err
}

// Body gives a state body.
func (c *Catalogue) Body(key string) (service.Body, bool) {
	for _, b := range c.Bodies {
		if b.Key == key {
			return b, true
		}
	}
	return service.Body{}, false
}

// BodyKeys lists the keys of the state bodies, in the order of the catalogue.
func (c *Catalogue) BodyKeys() []string {
	var keys []string
	for _, b := range c.Bodies {
		keys = append(keys, b.Key)
	}
	return keys
}

// Sphere gives a sphere.
func (c *Catalogue) Sphere(key string) (service.Sphere, bool) {
	for _, s := range c.Spheres {
		if s.Key == key {
			return s, true
		}
	}
	return service.Sphere{}, false
}

// Entry is one line of the catalogue: a service, under one of its subtypes where it has any.
type Entry struct {
	Revision *service.Revision
	Subtype  *service.Subtype
}

// Name is the line's text.
func (e Entry) Name() lang.Text {
	if e.Subtype != nil {
		return e.Subtype.Name
	}
	return e.Revision.Definition.Name
}

// Group is a heading of the catalogue with its lines.
type Group struct {
	Name    lang.Text
	Entries []Entry
}

// linesOf lists the lines of the catalogue, by service key.
func linesOf(newest map[string]*service.Revision) []Entry {
	var all []Entry
	for _, key := range slices.Sorted(maps.Keys(newest)) {
		rev := newest[key]
		if len(rev.Definition.Subtypes) == 0 {
			all = append(all, Entry{Revision: rev})
		}
		for i := range rev.Definition.Subtypes {
			all = append(all, Entry{Revision: rev, Subtype: &rev.Definition.Subtypes[i]})
		}
	}
	return all
}

// entries gives the lines; the slice is never changed, only replaced.
func (c *Catalogue) entries() []Entry {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.lines
}

// Groups gives the groups of the lines that a condition picks, services that can be ordered first.
func (c *Catalogue) Groups(pick func(Entry) bool) []Group {
	var groups []Group
	at := map[string]int{}
	for _, status := range []service.Status{service.Open, service.Announced} {
		for _, e := range c.entries() {
			d := e.Revision.Definition
			if d.Status != status || !pick(e) {
				continue
			}
			i, ok := at[d.Group.KK]
			if !ok {
				i = len(groups)
				at[d.Group.KK] = i
				groups = append(groups, Group{Name: d.Group})
			}
			groups[i].Entries = append(groups[i].Entries, e)
		}
	}
	return groups
}

// InSphere picks the lines of a sphere.
func InSphere(key string) func(Entry) bool {
	return func(e Entry) bool { return e.Revision.Definition.Sphere == key }
}

// AtBody picks what a state body issues: of a service with kinds of its own for each body, only that body's.
func AtBody(key string) func(Entry) bool {
	return func(e Entry) bool {
		return slices.Contains(e.Revision.Definition.Bodies, key) && (e.Subtype == nil || e.Subtype.IssuedBy(key))
	}
}

// Count counts the lines that a condition picks.
func (c *Catalogue) Count(pick func(Entry) bool) int {
	n := 0
	for _, e := range c.entries() {
		if pick(e) {
			n++
		}
	}
	return n
}

// Withdrawal lists the grounds on which a state body withdraws numbers; none at a body that allocates none.
func (c *Catalogue) Withdrawal(body string) []service.Refusal {
	for _, e := range c.entries() {
		if p := e.Revision.Definition.Process; AtBody(body)(e) && p.Allocates() {
			return p.Numbers.Withdrawal
		}
	}
	return nil
}

// ActGrounds lists the legal grounds of a kind of act with permits of a service: its own, as they are now, and the common ones.
func (c *Catalogue) ActGrounds(key, kind string) []service.ActGround {
	rev, err := c.Service(key)
	if err != nil {
		return c.library.Acts[kind]
	}
	return c.library.ActGrounds(rev.Definition.Permit, kind)
}

// At lists the newest revisions of the services that a state body gives, one line each, that can be ordered.
func (c *Catalogue) At(body string) []*service.Revision {
	var list []*service.Revision
	for _, e := range c.entries() {
		if AtBody(body)(e) && e.Revision.Definition.Status == service.Open && !slices.Contains(list, e.Revision) {
			list = append(list, e.Revision)
		}
	}
	return list
}
