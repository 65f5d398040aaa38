package port

import (
	"context"
	"time"

	"elicense/internal/application"
)

// Channel is a way by which a notice reaches a person.
type Channel string

// The channels. The cabinet is always one of them.
const (
	Cabinet Channel = "cabinet"
	Mail    Channel = "mail"
	SMS     Channel = "sms"
)

// NoticeState is how far a notice is on its way.
type NoticeState string

// The states of a notice.
const (
	NoticeWaiting NoticeState = "waiting" // to be sent at NextAt
	NoticeSent    NoticeState = "sent"    // a provider took it; in the cabinet from the beginning
	NoticeParked  NoticeState = "parked"  // given up, with the reason
)

// Notice tells an account of something, by one channel.
type Notice struct {
	ID          string
	Cause       string // id of what it tells of: an event, a message, an order
	Kind        string // names its words: an application.Event, or "message", "numbers_withdrawn"
	Account     string
	Application string            // number; empty where it is about something else
	Args        map[string]string // values of the words; never a person's number or name
	Channel     Channel
	State       NoticeState
	Attempts    int
	Provider    string // that took it, or was tried last
	Reason      string // key of the last failure
	CreatedAt   time.Time
	NextAt      time.Time
	SentAt      time.Time
	ReadAt      time.Time // zero = not read; in the cabinet
}

// NoticeChoice is by which channels besides the cabinet an account wants notices.
type NoticeChoice struct{ Mail, SMS bool }

// Happened is an event of which the applicant is to be told, with its application as it stands, without answers.
type Happened struct {
	ID          string
	Event       application.Event
	At          time.Time
	Application application.Application
}

// Notices reads notices.
type Notices interface {
	// Untold lists events that the applicant is to be told of (application.Event.Told) and whose notices are not written,
	// oldest first.
	Untold(ctx context.Context, limit int) ([]Happened, error)
	// Cabinet lists an account's notices in the cabinet, newest first, before a cursor: time and id of the last one seen.
	Cabinet(ctx context.Context, account string, before time.Time, beforeID string, limit int) ([]Notice, error)
	// Unread counts an account's notices in the cabinet that were not read.
	Unread(ctx context.Context, account string) (int, error)
	// Due lists waiting notices whose time has come, in order of it.
	Due(ctx context.Context, now time.Time, limit int) ([]Notice, error)
	// Parked lists notices that were given up, in order of id.
	Parked(ctx context.Context, limit int) ([]Notice, error)
	// Choice tells by ok whether the account has chosen.
	Choice(ctx context.Context, account string) (c NoticeChoice, ok bool, err error)
}

// NoticeWrites writes notices.
type NoticeWrites interface {
	// Add adds a notice; a second one of the cause to the account by the channel changes nothing.
	Add(n Notice)
	// Tell marks an event as told, guarded by "not told yet": otherwise fault.Conflict "store.race".
	Tell(event string)
	// Attempt writes state, attempts, provider, reason, NextAt and SentAt of a notice, guarded by "it waits, after so many
	// attempts": otherwise fault.Conflict "store.race".
	Attempt(n Notice, after int)
	// Read marks an account's notices in the cabinet as read, those up to a time.
	Read(account string, upTo, at time.Time)
	// Choose keeps the choice of an account.
	Choose(account string, c NoticeChoice)
}
