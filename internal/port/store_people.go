package port

import (
	"context"
	"time"

	"elicense/internal/access"
	"elicense/internal/civil"
)

// Departments reads the departments of state bodies.
type Departments interface {
	// List gives the departments of a body by key, blocked ones too.
	List(ctx context.Context, body string) ([]access.Department, error)
}

// DepartmentWrites writes departments.
type DepartmentWrites interface {
	// Add: a second one of a key at the body is fault.Conflict "store.department-exists".
	Add(d access.Department)
	// Change writes all but key and body, guarded by d.Version, and stores Version+1.
	Change(d access.Department)
}

// Absences reads who is away and who works in whose place.
type Absences interface {
	// Absence gives fault.NotFound for an unknown id.
	Absence(ctx context.Context, id string) (access.Absence, error)
	// List gives the absences at a body that end on the day or later, also those that were withdrawn, by their first day.
	List(ctx context.Context, body string, since civil.Date) ([]access.Absence, error)
	// Absent gives the officials in whose place an official of a body works on a day, by account. One who is blocked or has
	// left the body is not among them.
	Absent(ctx context.Context, deputy, body string, day civil.Date) ([]access.Absent, error)
}

// AbsenceWrites writes absences.
type AbsenceWrites interface {
	Add(a access.Absence)
	// End withdraws an absence, guarded by its not having been withdrawn.
	End(id string, at time.Time, by string)
}
