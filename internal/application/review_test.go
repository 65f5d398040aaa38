package application

import (
	"testing"
	"time"

	"elicense/internal/access"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/service"
)

// A review can be asked for until the end of the last day of the complaint, at whatever hour the refusal was made; three months
// after the 30th of November is the last of February.
func TestTheLastDayOfAReviewIsAWholeDay(t *testing.T) {
	a := Application{State: Returned, DecidedAt: time.Date(2026, time.November, 30, 10, 0, 0, 0, lang.Almaty()), Decision: &Decision{Outcome: Refuse}}
	last := civil.Date{Year: 2027, Month: time.February, Day: 28}
	if got := a.AppealUntil(); got != last {
		t.Fatalf("complaint until %s", got)
	}
	evening := time.Date(2027, time.February, 28, 23, 59, 59, 0, lang.Almaty())
	if err := a.MayReview(evening); err != nil {
		t.Errorf("on the evening of the last day: %v", err)
	}
	if err := a.MayReview(evening.Add(time.Second)); !fault.Is(err, "review.late") {
		t.Errorf("on the day after: %v", err)
	}
}

// While a hearing waits the application stays with the officials: an applicant who corrects could neither object nor give the
// hearing up.
func TestNoCorrectionWhileAHearingWaits(t *testing.T) {
	p := service.Process{Hearing: true, Correction: service.CorrectionTerm{Times: 1}, Steps: []service.Step{{Key: "examine", Who: access.Executor}, {Key: "decide", Who: access.Approver}}}
	actor := access.Actor{Role: access.Officer, Account: "o", Person: "P", Body: "cci", Duties: []access.Duty{access.Executor}}
	a := Application{State: Registered, Body: "cci", Work: Work{Step: "examine", Holder: "o"}}
	for _, c := range []struct {
		what     string
		hearings []Hearing
		may      bool
	}{
		{"none", nil, true},
		{"waits", []Hearing{{}}, false},
		{"objected to, not held", []Hearing{{Reply: &Reply{Text: "x"}}}, false},
		{"given up", []Hearing{{Reply: &Reply{Waived: true}}}, true},
		{"held", []Hearing{{Protocol: &Protocol{}}}, true},
	} {
		a.Work.Report.Hearings = c.hearings
		if err := May(a, p, actor, AskCorrection); (err == nil) != c.may {
			t.Errorf("a hearing that is %s: %v", c.what, err)
		}
	}
}
