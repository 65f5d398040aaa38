// Package permit is the document that a granted application leads to, and its life.
package permit

import (
	"strconv"
	"time"

	"elicense/internal/civil"
)

// State of a permit.
type State string

// The states. Future, expired and the end of a suspension follow from the dates; the others from acts.
const (
	Future     State = "future" // issued, but its period has not begun
	Valid      State = "valid"
	Suspended  State = "suspended"
	Expired    State = "expired"
	Reissued   State = "reissued" // another permit took its place
	Terminated State = "terminated"
	Revoked    State = "revoked"
	Annulled   State = "annulled"
)

// States lists them in the order of a life.
func States() []State {
	return []State{Future, Valid, Suspended, Expired, Reissued, Terminated, Revoked, Annulled}
}

// Permit is one issued permit.
type Permit struct {
	Number       string // KZ number
	Second       string // number in another system, such as the EAEU licence number
	Check        string // 128-bit code, hex: opens the public check page with the number
	Application  string
	Service      string
	Revision     int
	Subtype      string
	Body         string
	Party        string
	HolderName   string
	HolderNumber string // IIN or BIN
	From, To     civil.Date
	IssuedAt     time.Time
	First        civil.Date // of first issue, where the permit was on paper before; else zero
	// Origin is the number of the first permit of a chain of reissues (УИНРД), "" = its own; Replaces is the one before it.
	Origin, Replaces string
	// Values are the answers and facts that the document shows, by name, as they were decided. They stay as issued, as everything
	// above does; what holds today is in Standing.
	Values  map[string]string
	Version int
	// Standing is what its acts left: Permit.After of all of them, kept with the permit.
	Standing Standing
}

// Values that are no answers; no field has such a key.
const (
	ValueRanges    = "=ranges"    // the ranges of numbers of the permit, a line each
	ValueOperation = "=operation" // the key of the operation that issued it
)

// On gives the state on a day that is not before its last act.
func (p Permit) On(day civil.Date) State { return p.Standing.On(day) }

// File is one rendering of a document, made once and stored by its hash: of the permit (Act 0, Appendix ""), of an appendix
// to it, or of an act.
type File struct {
	Permit   string
	Edition  int    // of what the document says: 1 as issued; 0 of an act's document
	Appendix string // its number
	Act      int    // Seq of the act whose document it is
	Lang     string
	Digest   string // SHA-256 of the bytes, hex
	Size     int64
	MadeAt   time.Time
}

// Name is the name of the file for whoever downloads it.
func (f File) Name() string {
	name := f.Permit
	if f.Appendix != "" {
		name += "-appendix-" + f.Appendix
	}
	if f.Act > 0 {
		name += "-act-" + strconv.Itoa(f.Act)
	} else if f.Edition > 1 {
		name += "-edition-" + strconv.Itoa(f.Edition)
	}
	return name + "-" + f.Lang + ".pdf"
}
