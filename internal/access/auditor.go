package access

import (
	"slices"

	"elicense/internal/fault"
)

// MayAudit demands an official who reads what was done at the body.
func (a Actor) MayAudit() error {
	if err := a.AtWork(); err != nil {
		return err
	}
	if !a.Holds(Auditor) || a.Body == "" {
		return fault.New(fault.Denied, "office.no-duty")
	}
	return nil
}

// OnlyAudits tells an auditor who has no part in the work, not even in an absent official's place: such a one sees what was
// done to applications and nothing of what stands in them.
func (a Actor) OnlyAudits() bool {
	return a.Role == Officer && len(a.Duties) > 0 && len(a.Absent) == 0 && !slices.ContainsFunc(a.Duties, func(d Duty) bool { return d != Auditor })
}
