package access

import (
	"time"

	"elicense/internal/lang"
)

// Department is a part of a state body: a directorate, or what the body keeps in a region.
type Department struct {
	Key  string // unique within the body, in small letters
	Body string
	Name lang.Text
	// Territory are the beginnings of KATO codes whose applications are the department's; empty = none in particular.
	Territory []string
	Head      string    // account id of the official who leads it; "" = nobody is named
	BlockedAt time.Time // zero = works; nothing new comes to a blocked one
	Version   int
}

// Works tells whether officials and applications can be given to the department.
func (d Department) Works() bool { return d.BlockedAt.IsZero() }
