package catalogue

import "elicense/internal/service"

// Common gives a page of the common texts as a form of its own, such as "personal", whose fields the profile keeps.
func (c *Catalogue) Common(page string) (*service.Revision, error) { return c.library.Revision(page) }
