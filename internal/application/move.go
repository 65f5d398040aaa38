package application

import (
	"time"

	"elicense/internal/money"
)

// Move is how a draft came from one revision of its service to a newer one, and what its applicant has to be told.
type Move struct {
	Application string
	From, To    int // numbers of the revisions
	At          time.Time
	// Aside are the answers to questions that are not asked any more, by field key. They count for nothing and are kept,
	// so that nothing typed is lost.
	Aside map[string]string
	// Fields are the keys of the questions that are new or have to be answered anew.
	Fields []string
	// Detached are the keys of documents that are not asked for any more; the files stay in the personal store.
	Detached []string
	// Operation is the key of what was asked for, where it cannot be ordered any more; else empty.
	Operation string
	// FeeWas and FeeIs are the fee before and after. Where FeePaid, the fee before was paid and stays the one owed.
	FeeWas, FeeIs money.Tiyn
	FeePaid       bool
	SeenAt        time.Time // zero = the applicant has not gone on from the notice yet
}
