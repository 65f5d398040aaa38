package port

import (
	"context"

	"elicense/internal/application"
)

// Bundles reads what applications that are filed together have in common.
type Bundles interface {
	// Bundle gives fault.NotFound for an unknown id.
	Bundle(ctx context.Context, id string) (application.Bundle, error)
	// Parts gives the applications of a bundle without answers and attachments, by number, deleted ones left out.
	Parts(ctx context.Context, id string) ([]application.Application, error)
}

// BundleWrites writes bundles.
type BundleWrites interface {
	// Add: a second one of the id is fault.Conflict "store.bundle-exists".
	Add(b application.Bundle)
	// Change writes answers, sources and time, guarded by b.Version, and stores Version+1.
	Change(b application.Bundle)
}
