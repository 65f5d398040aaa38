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
	Factors() Factors
	Reviews() Reviews
	Decisions() Decisions
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
	Factors() FactorWrites
	Queues() QueueWrites
	Reviews() ReviewWrites
	Decisions() DecisionWrites
}

// Officials reads officials' accounts.
type Officials interface {
	// Official gives fault.NotFound for an unknown id.
	Official(ctx context.Context, id string) (access.Official, error)
	// ByLogin tells by ok whether the name exists; names are in lower case.
	ByLogin(ctx context.Context, login string) (o access.Official, ok bool, err error)
	// ByPerson gives the accounts of a person, blocked ones too, by body.
	ByPerson(ctx context.Context, person string) ([]access.Official, error)
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
