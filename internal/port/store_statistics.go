package port

import (
	"time"

	"elicense/internal/application"
)

// Measure says what a figure counts.
type Measure string

// The measures. Durations are counted in the buckets of package statistics.
const (
	Received  Measure = "received" // applications registered
	Granted   Measure = "granted"
	Refused   Measure = "refused"
	Ground    Measure = "ground"    // refusals that state the ground Detail
	Withdrawn Measure = "withdrawn" // by their applicants, before a decision
	Took      Measure = "took"      // decisions whose time since registration lies in the bucket Detail
)

// Figure is how often something happened in a month, for one kind of application.
type Figure struct {
	Month                             string // of the event, in Kazakhstan: "2026-11"
	Service, Operation, Subtype, Body string
	Measure                           Measure
	Detail                            string
	N                                 int
}

// Occurrence is an event that statistics count (application.Sent, Granted, Refused, Withdrawal), with its application as it stands,
// without answers.
type Occurrence struct {
	ID          string
	Event       application.Event
	At          time.Time
	Application application.Application
}

// Counting is how far the statistics are.
type Counting struct {
	Folds       int    // how many batches of events were counted; an event remembers the number of its batch
	Corrections int    // how often a recount changed figures
	First, Last string // months with figures; empty = none
}
