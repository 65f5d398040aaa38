package permit

import (
	"time"

	"elicense/internal/civil"
	"elicense/internal/ident"
	"elicense/internal/lang"
)

// PaperState is what the body's register says of a paper licence.
type PaperState string

// The states of a paper licence.
const (
	PaperActing     PaperState = "acting"
	PaperSuspended  PaperState = "suspended"
	PaperTerminated PaperState = "terminated"
	PaperRevoked    PaperState = "revoked" // the holder was deprived of it
	// PaperExpired is no state of a register: the last day has passed (StateOn).
	PaperExpired PaperState = "expired"
)

// PaperStates lists what a register can say.
func PaperStates() []PaperState {
	return []PaperState{PaperActing, PaperSuspended, PaperTerminated, PaperRevoked}
}

// Paper is a licence that was issued on paper, as the register of its state body has it. Its holder may have it restored
// in electronic form, once.
type Paper struct {
	ID           string
	Body         string    // key of the state body that issued it
	Kind         lang.Text // of permit or service, in the body's words
	Category     string
	Series       string
	Number       string // as printed; also a number of the older system, R and eight digits
	IssuedOn     civil.Date
	HolderName   string
	HolderNumber string // IIN or BIN
	State        PaperState
	Since        civil.Date // first day of the state; zero = the register does not say
	Until        civil.Date // last day of a suspension; zero = the register does not say
	ValidTo      civil.Date // last day of the licence; zero = without end
	Batch        string     // the import that brought it
	ImportedAt   time.Time
	Application  string // that restores or restored it; empty = none
	Permit       string // that it became
}

// SeriesKey is the series as it is compared: see ident.Folded.
func (p Paper) SeriesKey() string { return ident.Folded(p.Series) }

// NumberKey is the number as it is compared.
func (p Paper) NumberKey() string { return ident.Folded(p.Number) }

// StateOn is the state on a day. What ended by an act has ended by it, whatever its last day was; a suspension lasts until
// the body's register says otherwise.
func (p Paper) StateOn(day civil.Date) PaperState {
	ended := p.State == PaperTerminated || p.State == PaperRevoked
	if !ended && !p.ValidTo.IsZero() && p.ValidTo.Before(day) {
		return PaperExpired
	}
	return p.State
}

// PaperField is one thing by which a paper licence is recognised.
type PaperField string

// The fields that are compared.
const (
	PaperSeries PaperField = "series"
	PaperNumber PaperField = "number"
	PaperIssued PaperField = "issued"
	PaperHolder PaperField = "holder"
)

// PaperClaim is what an applicant says about the paper.
type PaperClaim struct {
	Body, Series, Number string
	IssuedOn             civil.Date
	HolderNumber         string // of the applicant
}

// PaperMatch is a paper of the register with what agrees and what differs from a claim.
type PaperMatch struct {
	Paper   Paper
	Agrees  []PaperField
	Differs []PaperField
}

// Exact tells whether everything agrees.
func (m PaperMatch) Exact() bool { return len(m.Differs) == 0 }

// Compare holds a claim against a paper of the same body. Spaces, hyphens, capitals and letters of the other alphabet
// that look alike make no difference; leading zeros do.
func (p Paper) Compare(c PaperClaim) PaperMatch {
	m := PaperMatch{Paper: p}
	note := func(f PaperField, same bool) {
		if same {
			m.Agrees = append(m.Agrees, f)
		} else {
			m.Differs = append(m.Differs, f)
		}
	}
	asked := Paper{Series: c.Series, Number: c.Number}
	note(PaperSeries, p.SeriesKey() == asked.SeriesKey())
	note(PaperNumber, p.NumberKey() == asked.NumberKey())
	note(PaperIssued, p.IssuedOn == c.IssuedOn)
	note(PaperHolder, p.HolderNumber != "" && p.HolderNumber == c.HolderNumber)
	return m
}
