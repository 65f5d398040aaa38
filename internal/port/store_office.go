package port

import (
	"context"

	"elicense/internal/access"
)

// Office gives the readers of what the work of officials needs, by aggregate.
type Office interface {
	Officials() Officials
	Queues() Queues
	Trail() Trail
	Calendars() Calendars
	Terms() Terms
	Amendments() Amendments
	Departments() Departments
	Absences() Absences
	Reviews() Reviews
	Decisions() Decisions
	Notices() Notices
	Messages() Messages
}

// OfficeWrites gives the writers of what the work of officials needs, by aggregate.
type OfficeWrites interface {
	Officials() OfficialWrites
	Trail() TrailWrites
	Calendars() CalendarWrites
	Terms() TermWrites
	Amendments() AmendmentWrites
	Departments() DepartmentWrites
	Absences() AbsenceWrites
	Queues() QueueWrites
	Reviews() ReviewWrites
	Decisions() DecisionWrites
	Notices() NoticeWrites
	Messages() MessageWrites
}

// Officials reads officials' accounts and their second factors.
type Officials interface {
	// Official gives fault.NotFound for an unknown id.
	Official(ctx context.Context, id string) (access.Official, error)
	// ByLogin tells by ok whether the name exists; names are in lower case.
	ByLogin(ctx context.Context, login string) (o access.Official, ok bool, err error)
	// ByPerson gives the accounts of a person, blocked ones too, by body.
	ByPerson(ctx context.Context, person string) ([]access.Official, error)
	// List gives those of a body, blocked ones too, by surname; an empty body means all.
	List(ctx context.Context, body string) ([]access.Official, error)
	// Factor gives the second factor of an official; ok tells whether there is one, confirmed or not.
	Factor(ctx context.Context, official string) (f access.Factor, ok bool, err error)
}

// OfficialWrites writes officials' accounts and their second factors.
type OfficialWrites interface {
	// Add: a second one of the log-in name is fault.Conflict "store.official-exists".
	Add(o access.Official)
	// Change writes all but id, name, person and time of creation, guarded by o.Version, and stores Version+1.
	Change(o access.Official)
	// AddFactor: a second one of an official is a lost race.
	AddFactor(f access.Factor)
	// ChangeFactor writes secret, step and recovery codes, guarded by f.Version, and stores Version+1.
	ChangeFactor(f access.Factor)
	// RemoveFactor forgets the second factor; none is no error.
	RemoveFactor(official string)
}
