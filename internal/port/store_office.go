package port

import (
	"context"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/civil"
)

// Office gives the readers of what the work of officials needs, by aggregate.
type Office interface {
	Officials() Officials
	Queues() Queues
	Notices() Notices
	Messages() Messages
}

// OfficeWrites gives the writers of what the work of officials needs, by aggregate.
type OfficeWrites interface {
	Officials() OfficialWrites
	Notices() NoticeWrites
	Messages() MessageWrites
}

// Officials reads officials' accounts.
type Officials interface {
	// Official gives fault.NotFound for an unknown id.
	Official(ctx context.Context, id string) (access.Official, error)
	// ByLogin tells by ok whether the name exists; names are in lower case.
	ByLogin(ctx context.Context, login string) (o access.Official, ok bool, err error)
	// List gives those of a body, blocked ones too, by surname; an empty body means all.
	List(ctx context.Context, body string) ([]access.Official, error)
}

// OfficialWrites writes officials' accounts.
type OfficialWrites interface {
	// Add: a second one of the log-in name is fault.Conflict "store.official-exists".
	Add(o access.Official)
	// Change writes all but id, name, person and time of creation, guarded by o.Version, and stores Version+1.
	Change(o access.Official)
}

// Queue asks for the applications that officials of a state body work on. Empty values do not filter.
type Queue struct {
	Body   string // always set
	Holder string // the official who holds it; None = held by nobody
	Number string
	// OpinionsOn asks instead for the applications at other bodies on which this one may still give its opinion on that day,
	// by the last day of the answer; nobody holds those.
	OpinionsOn civil.Date
	// AfterDue and AfterNumber are a cursor: the last row of the page before.
	AfterDue    civil.Date
	AfterNumber string
	Limit       int
}

// None asks for applications that no official holds.
const None = "-"

// Queued is an application of the queue with the name of its applicant.
type Queued struct {
	Application application.Application
	Applicant   string
}

// Queues reads what officials have to do.
type Queues interface {
	// Queue lists what is to be done at a body, the nearest deadline first, without answers and attachments.
	Queue(ctx context.Context, q Queue) ([]Queued, error)
}
