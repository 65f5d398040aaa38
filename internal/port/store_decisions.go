package port

import (
	"context"
	"time"

	"elicense/internal/application"
)

// Stop is that the system decides nothing of a service by itself at a state body, until it is resumed: new applications go
// to officials.
type Stop struct {
	Service, Body string
	Reason        string
	By, Person    string // account and IIN of the head who stopped it
	At            time.Time
}

// Replay is one run in which automatic decisions were decided again from what is stored.
type Replay struct {
	ID        string
	From      string // events after this id were replayed
	Through   string // and up to this one
	Decisions int
	Different int
	At        time.Time
}

// Difference is an automatic decision that is not what its rules say of its stored inputs.
type Difference struct {
	Application string
	Text        string // what differs; names and outcomes, no answers
	FoundAt     time.Time
}

// Decisions reads what watches over automatic decisions.
type Decisions interface {
	// Automatic lists the events with which the system granted or refused, in order of id after the given one.
	Automatic(ctx context.Context, after string, limit int) ([]application.Happening, error)
	// Replays lists runs, the newest first.
	Replays(ctx context.Context, limit int) ([]Replay, error)
	// Differences lists those that stand, by application.
	Differences(ctx context.Context) ([]Difference, error)
	// Stops lists what is stopped at a body, by service.
	Stops(ctx context.Context, body string) ([]Stop, error)
	// Stopped tells by ok whether a service is stopped at a body.
	Stopped(ctx context.Context, service, body string) (s Stop, ok bool, err error)
	// Review gives the review of an application; ok tells whether there is one.
	Review(ctx context.Context, application string) (r application.Review, ok bool, err error)
	// Reviews lists those of a body that nobody has answered, the oldest first.
	Reviews(ctx context.Context, body string) ([]application.Review, error)
}

// DecisionWrites writes what watches over automatic decisions.
type DecisionWrites interface {
	AddReplay(r Replay)
	// PutDifference adds a difference, or replaces the application's.
	PutDifference(d Difference)
	// Agree removes the difference of an application, if there is one.
	Agree(application string)
	// Stop: a second one of the service at the body is fault.Conflict "automation.stopped".
	Stop(s Stop)
	// Resume is guarded by "it is stopped": otherwise fault.Conflict "automation.running".
	Resume(service, body string)
	// AskReview: a second one of the application is fault.Conflict "review.exists".
	AskReview(r application.Review)
	// CloseReview writes the answer, guarded by "there is none yet": otherwise fault.Conflict "review.closed".
	CloseReview(r application.Review)
}
