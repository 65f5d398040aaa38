package port

import (
	"context"
	"time"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/civil"
)

// CalendarRevision is one version of the calendar of working days. It never changes; a newer one takes its place.
type CalendarRevision struct {
	Number  int    // from 1, without gaps
	Version string // as stored with every deadline
	Base    string // version of the built-in data on which it stands
	Author  string // "built-in" or an account
	At      time.Time
	Reason  string // the decree, as its author wrote it
	Days    string // what was changed: days and how, as the audit row has it
	Data    []byte // the whole calendar (workday.Read)
}

// Calendars reads the versions of the calendar.
type Calendars interface {
	// Newest tells by ok whether there is one.
	Newest(ctx context.Context) (r CalendarRevision, ok bool, err error)
	// Version tells by ok whether it exists.
	Version(ctx context.Context, version string) (r CalendarRevision, ok bool, err error)
	// History lists all, the newest first, without their data.
	History(ctx context.Context) ([]CalendarRevision, error)
}

// CalendarWrites writes versions of the calendar.
type CalendarWrites interface {
	// Add: a number or a version that exists is a lost race.
	Add(r CalendarRevision)
}

// MovedTerm is a last day that came later because days of the term were made days off.
type MovedTerm struct {
	ID          string
	Application string
	Body        string // that decides
	Matter      application.Matter
	Version     string // of the calendar that moved it
	From, To    civil.Date
	At          time.Time
}

// Reminder is a deadline that somebody has to be told of, once for every stage and every last day of an application.
type Reminder struct {
	ID          string
	Application string
	Stage       application.Stage
	Due         civil.Date
	Addressee   application.Addressee
	Body        string
	Duty        access.Duty // of the step, for as long as nobody holds the application
	At          time.Time
	SeenAt      time.Time // zero = nobody has said that it was seen
	SeenBy      string
}

// Reminded is a reminder with the application as it is now, without answers, and the name of its applicant.
type Reminded struct {
	Reminder    Reminder
	Application application.Application
	Applicant   string
}

// Terms reads what is told and done about statutory terms.
type Terms interface {
	// InWork lists applications that officials work on or that their applicants correct, at all bodies, by number after one,
	// without answers.
	InWork(ctx context.Context, after string, limit int) ([]application.Application, error)
	// Made lists the reminders of the applications from one number to another, both included.
	Made(ctx context.Context, first, last string) ([]Reminder, error)
	// Unseen lists what nobody has seen about applications in work and concerns an official: what the official or an absent
	// one in whose place they work holds, what nobody holds and their duties are for, and as a head what is over at the body;
	// the nearest last day first.
	Unseen(ctx context.Context, to access.Actor, limit int) ([]Reminded, error)
	// Reminder gives fault.NotFound for an unknown id.
	Reminder(ctx context.Context, id string) (Reminder, error)
	// Moved lists what a version of the calendar moved at a body, by application, at most 500; an empty body means all.
	Moved(ctx context.Context, version, body string) ([]MovedTerm, error)
}

// TermWrites writes it.
type TermWrites interface {
	// Remind: a second reminder of one application, stage, day and addressee is a lost race.
	Remind(r Reminder)
	// Seen marks a reminder; one that is marked already is fault.Conflict "reminder.seen".
	Seen(id, account string, at time.Time)
	Move(m MovedTerm)
}
