package port

import (
	"context"
	"time"

	"elicense/internal/service"
)

// Amendment is a change of a directory that one administrator proposes and another approves: rows that are added to it, or
// take the place of those of the same code, variant and first day.
type Amendment struct {
	ID        string
	Directory string
	Rows      []service.Row
	Note      string // what it rests on: the act, or why the past is corrected
	State     AmendmentState
	Proposed  Signed
	Closed    Signed // zero while it waits
	Reason    string // of a rejection
}

// TemplateDirectory begins the names of directories that hold the templates of a state body: they are the body's own, and its
// administrators alone amend them (package wording).
const TemplateDirectory = "template:"

// Signed is who did something when: four eyes compare Person, the IIN.
type Signed struct {
	By, Person string
	At         time.Time
}

// AmendmentState is where an amendment stands.
type AmendmentState string

// The states.
const (
	AmendmentProposed AmendmentState = "proposed"
	AmendmentApproved AmendmentState = "approved"
	AmendmentRejected AmendmentState = "rejected"
)

// Amendments reads what was proposed about directories.
type Amendments interface {
	// Amendment gives fault.NotFound for an unknown id.
	Amendment(ctx context.Context, id string) (Amendment, error)
	// Amendments lists those of a directory, the newest first, without their rows; of an empty directory those of all that
	// wait.
	Amendments(ctx context.Context, directory string, limit int) ([]Amendment, error)
}

// AmendmentWrites writes them.
type AmendmentWrites interface {
	// Add: a second one that waits for the same directory is fault.Conflict "store.amendment-waits".
	Add(a Amendment)
	// Close writes State, Closed and Reason, guarded by the state "proposed".
	Close(a Amendment)
}
