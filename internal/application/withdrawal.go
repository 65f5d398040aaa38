package application

import (
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/lang"
)

// Withdraws demands that the applicant may withdraw the application: it was sent and is not decided. Otherwise
// fault.Conflict: "filing.withdrawn-already", "filing.decided-already", or the fault of Next.
func (a Application) Withdraws() error {
	switch {
	case a.State == Withdrawn:
		return fault.New(fault.Conflict, "filing.withdrawn-already")
	case a.Decision != nil:
		return fault.New(fault.Conflict, "filing.decided-already")
	}
	_, err := Next(a.State, Withdrawal)
	return err
}

// Waits tells whether the application was sent and is neither decided nor withdrawn: applicant and officials may still write
// to each other about it.
func (a Application) Waits() bool {
	return !a.State.Open() && a.State != Deleted && a.State != Withdrawn && a.Decision == nil
}

// Told tells whether the applicant gets a notice of the event. The words are in locales/notice.*.json under its name.
func (e Event) Told() bool {
	switch e {
	case Sent, SignatureRefused, SignatureUnproven, Granted, Refused, Withdrawal,
		CorrectionAsked, CorrectionLapsed, HearingCalled, ReviewUpheld, Reopened:
		return true
	}
	return false
}

// appealMonths is the term of a complaint before court: three months from the day on which the participant learned of the
// act (Administrative Procedural and Process-Related Code, article 92; the number is to be confirmed against the text in
// force).
const appealMonths = 3

// AppealUntil is the last day of a complaint about a refusal for somebody who learned of it on the day of the decision;
// whoever learned later has as much longer. Zero = nothing was refused.
func (a Application) AppealUntil() civil.Date {
	if a.State != Returned || a.DecidedAt.IsZero() {
		return civil.Date{}
	}
	return civil.Of(a.DecidedAt, lang.Almaty()).AddMonths(appealMonths)
}
