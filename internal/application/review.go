package application

import (
	"strings"
	"time"
	"unicode/utf8"

	"elicense/internal/access"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/lang"
)

// Review is an applicant's demand that a person looks at a refusal that the system decided by itself, and what came of it.
type Review struct {
	Application string
	Body        string
	Account     string // who asked
	Text        string // what the applicant says to it; may be empty
	AskedAt     time.Time
	Outcome     ReviewOutcome
	// The answer's reasons, in Kazakh and in Russian, and who gave it.
	ReasonKK, ReasonRU   string
	ClosedBy, ClosedWith string // account, and IIN
	ClosedAt             time.Time
}

// ReviewOutcome is what a person found; empty = nobody has looked yet.
type ReviewOutcome string

// The outcomes. After Overturned officials decide the application anew.
const (
	Upheld     ReviewOutcome = "upheld"
	Overturned ReviewOutcome = "overturned"
)

// reviewMonths is how long after the refusal a review can be asked for: the term of an administrative complaint
// (Administrative Procedural and Process-Related Code, article 92).
const reviewMonths = 3

// MayReview demands that a review of the application can be asked for at a time: the system refused it, no longer ago than
// a complaint may be. Otherwise fault.Conflict "review.not-automatic" or "review.late".
func (a Application) MayReview(at time.Time) error {
	switch {
	case a.State != Returned || a.Decision == nil || !a.Decision.Automatic():
		return fault.New(fault.Conflict, "review.not-automatic")
	case civil.Of(at, lang.Almaty()).After(civil.Of(a.DecidedAt, lang.Almaty()).AddMonths(reviewMonths)):
		return fault.New(fault.Conflict, "review.late")
	}
	return nil
}

// Automatic tells that the system decided by itself.
func (d Decision) Automatic() bool { return len(d.Steps) == 0 }

// Close answers a review. What is missing comes as field faults; fault.Conflict "review.closed" where it was answered before.
func (r Review) Close(actor access.Actor, outcome ReviewOutcome, kk, ru string, at time.Time) (Review, error) {
	if r.Outcome != "" {
		return r, fault.New(fault.Conflict, "review.closed")
	}
	var wrong []fault.Field
	if outcome != Upheld && outcome != Overturned {
		wrong = append(wrong, fault.Field{Path: "outcome", Key: "review.outcome-required"})
	}
	kk, ru = strings.TrimSpace(kk), strings.TrimSpace(ru)
	for _, f := range []struct{ path, text string }{{"reason_kk", kk}, {"reason_ru", ru}} {
		switch {
		case f.text == "":
			wrong = append(wrong, fault.Field{Path: f.path, Key: "work.reason-required"})
		case utf8.RuneCountInString(f.text) > maxNote:
			wrong = append(wrong, fault.Field{Path: f.path, Key: "work.too-long"})
		}
	}
	r.Outcome, r.ReasonKK, r.ReasonRU, r.ClosedBy, r.ClosedWith, r.ClosedAt = outcome, kk, ru, actor.Account, actor.Person, at
	return r, fault.Fields(wrong)
}
