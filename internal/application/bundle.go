package application

import "time"

// FromBundle is the source of an answer that was given once for all applications of a bundle.
const FromBundle = "bundle"

// Bundle is what applications that are filed together have in common. Each of them lives a life of its own from then on; the
// bundle has no states.
type Bundle struct {
	ID      string
	Key     string // of the definition
	Digest  string // SHA-256 of the definition's text when the bundle was begun, hex
	Party   string
	Account string            // who began it
	Answers map[string]string // what is asked once, by key of the question; as Application.Answers
	Sources map[string]Source
	Version int // grows with every change

	CreatedAt, ChangedAt time.Time
}

// Together tells whether applications of a bundle are still to be filed, all at once. Afterwards, also where only one of them came
// back as a draft, each is filed by itself.
func Together(parts []Application) bool {
	for _, a := range parts {
		if a.State != Draft {
			return false
		}
	}
	return len(parts) > 0
}
