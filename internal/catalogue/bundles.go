package catalogue

import (
	"io/fs"
	"slices"

	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/service"
)

// held is a bundle with what came of holding it against its services, as long as these are the newest.
type held struct {
	services []*service.Revision
	together service.Together
	fits     bool
}

// readBundles reads the bundles of a folder of services. Whether they fit their services is asked when they are: those of the
// store may be newer than those of the folder.
func (c *Catalogue) readBundles(folder fs.FS) error {
	for _, key := range service.BundleKeys(folder) {
		b, err := service.ReadBundle(folder, key)
		if err != nil {
			return err
		}
		c.bundles = append(c.bundles, b)
	}
	return nil
}

// Bundle gives a bundle with the newest revisions of its services; fault.NotFound where there is none of the key. ok is false
// where it cannot be ordered any more: a service was stopped, or a new revision of it asks otherwise.
func (c *Catalogue) Bundle(key string) (t service.Together, ok bool, err error) {
	i := slices.IndexFunc(c.bundles, func(b *service.Bundle) bool { return b.Key == key })
	if i < 0 {
		return t, false, fault.New(fault.NotFound, "fault.not-found")
	}
	b := c.bundles[i]
	var now []*service.Revision
	find := func(key string) *service.Revision {
		rev, err := c.Service(key)
		if err != nil {
			return nil
		}
		return rev
	}
	for _, p := range b.Parts {
		now = append(now, find(p.Service))
	}
	c.mu.RLock()
	h, known := c.held[key]
	c.mu.RUnlock()
	if !known || !slices.Equal(h.services, now) {
		t, wrong := b.With(c.library, find)
		h = held{services: now, together: t, fits: len(wrong) == 0}
		c.mu.Lock()
		c.held[key] = h
		c.mu.Unlock()
	}
	return h.together, h.fits, nil
}

// BundleName is the name of a bundle, also of one that cannot be ordered any more; empty where there is none of the key.
func (c *Catalogue) BundleName(key string) lang.Text {
	for _, b := range c.bundles {
		if b.Key == key {
			return b.Name
		}
	}
	return lang.Text{}
}

// Bundles lists the bundles that can be ordered and that a condition picks, in order of their keys.
func (c *Catalogue) Bundles(pick func(service.Together) bool) []service.Together {
	var list []service.Together
	for _, b := range c.bundles {
		if t, ok, err := c.Bundle(b.Key); err == nil && ok && pick(t) {
			list = append(list, t)
		}
	}
	return list
}

// SearchBundles finds bundles by words, as Search finds services.
func (c *Catalogue) SearchBundles(query string) []service.Together {
	variants := lang.Variants(cut(query))
	return c.Bundles(func(t service.Together) bool {
		return slices.ContainsFunc(variants, func(folded string) bool { return scoreWords(folded, weighed{t.Name, 8}, weighed{t.Summary, 2}) > 0 })
	})
}
