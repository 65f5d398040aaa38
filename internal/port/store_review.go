package port

import (
	"context"
	"time"

	"elicense/internal/civil"
)

// Note is what an official of the body wrote about an application, for the officials of the body only.
type Note struct {
	ID, Application string
	Author          string // account of an official
	Text            string
	At              time.Time
}

// Presence is an official who has an application open.
type Presence struct {
	Application, Account string
	Since, SeenAt        time.Time // of this visit, and when last
}

// Reviews reads what accompanies the examination of an application.
type Reviews interface {
	// Notes gives the notes on an application, oldest first.
	Notes(ctx context.Context, application string) ([]Note, error)
	// Present lists who has been seen at an application since a time, who came first first.
	Present(ctx context.Context, application string, since time.Time) ([]Presence, error)
	// Uncorrected lists applications whose applicants had to answer a correction before a day, by that day and number.
	Uncorrected(ctx context.Context, before civil.Date, limit int) ([]string, error)
}

// ReviewWrites writes what accompanies the examination of an application.
type ReviewWrites interface {
	// AddNote adds a note; none is ever changed or taken away.
	AddNote(n Note)
	// See notes that an official has an application open now. A visit that was not seen for so long begins anew.
	See(application, account string, now time.Time, visit time.Duration)
	// ForgetSeen drops the visits that were last seen before a time.
	ForgetSeen(before time.Time)
	// AwaitCorrection adds an application to those of Uncorrected, CorrectionOver takes it away.
	AwaitCorrection(application string, until civil.Date)
	CorrectionOver(application string)
}
