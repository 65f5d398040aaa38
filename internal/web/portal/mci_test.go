package portal

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"elicense/internal/application"
	"elicense/internal/casework"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/money"
	"elicense/internal/port"
)

// newYear comes, for which no index has been entered.
func (j *journey) newYear() {
	j.t.Helper()
	j.world.now = time.Date(2027, 1, 11, 9, 0, 0, 0, time.UTC)
	j.logIn("alpha")
}

// enterIndex enters the index of the new year.
func (j *journey) enterIndex() {
	table := money.Seed().With(money.Row{From: civil.New(2027, 1, 1), MCI: 4_500 * money.Tenge})
	j.MCI, j.Filing.Casework.MCI = table, table
}

// withoutIndex are words of the notice that an application waits for the index.
const withoutIndex = "2027 жылғы айлық есептік көрсеткіш (АЕК) жүйеге әлі енгізілмеген"

// A fee in indices of a year whose index is not known is neither nothing nor a guess: paying and sending wait.
func TestApplicationWithoutIndex(t *testing.T) {
	j := openJourney(t)
	j.prepared()
	j.newYear()
	paying := html.UnescapeString(j.get(j.at("/payment"), http.StatusOK))
	j.holds(paying, withoutIndex, "10 АЕК")
	j.lacks(paying, "₸", `action="`+j.at("/payment")+`"`, "/payment/instruction")
	for l, words := range map[string]string{"ru": "(МРП) на 2027 год ещё не внесён", "en": "(MCI) for 2027 has not been entered"} {
		j.holds(j.get(strings.Replace(j.at("/payment"), "/kk/", "/"+l+"/", 1), http.StatusOK), words)
	}
	j.get(j.at("/payment/instruction"), http.StatusNotFound)
	j.send(j.at("/payment"), nil, http.StatusSeeOther)
	if _, ok, err := j.Billing.Status(t.Context(), j.alpha(), j.number); ok || err != nil {
		t.Errorf("an invoice of nothing: %v", err)
	}
	checked := j.get(j.at("/check"), http.StatusOK)
	j.holds(checked, withoutIndex, "10 АЕК")
	j.lacks(checked, "₸")
	j.send(j.at("/check"), nil, http.StatusUnprocessableEntity)
	if got := j.stored(j.number); got.State != application.Draft {
		t.Errorf("the draft is %s", got.State)
	}

	j.enterIndex()
	j.holds(j.get(j.at("/payment"), http.StatusOK), "45 000 ₸ (10 АЕК)")
	j.lacks(j.get(j.at("/check"), http.StatusOK), "енгізілмеген")
}

// What does not rest on the index goes on without it: a fee in tenge, a fee that an invoice has fixed.
func TestApplicationThatNeedsNoIndex(t *testing.T) {
	free := openJourney(t)
	free.prepared()
	free.newYear()
	free.publish(once, "fee: 0")
	free.lacks(free.get(free.at("/check"), http.StatusOK), "енгізілмеген", "/payment")

	paid := openJourney(t)
	paid.prepared()
	paid.payFee()
	paid.newYear()
	paid.holds(paid.get(paid.at("/payment"), http.StatusOK), "43 250 ₸")
	paid.lacks(paid.get(paid.at("/check"), http.StatusOK), "енгізілмеген")
}

// An invoice that was not paid is void when rules come whose fee cannot be told yet, and nothing is said about the fee.
func TestMovedWithoutIndex(t *testing.T) {
	j := openJourney(t)
	j.prepared()
	j.send(j.at("/payment"), nil, http.StatusSeeOther)
	j.newYear()
	j.publish(once, twice)
	j.holds(j.get(j.at("/payment"), http.StatusOK), withoutIndex, "20 АЕК")
	if m := j.moves()[0]; m.FeeIs != m.FeeWas {
		t.Errorf("%+v", m)
	}
	if _, ok, err := j.Billing.Status(t.Context(), j.alpha(), j.number); ok || err != nil {
		t.Errorf("the older invoice is open: %v", err)
	}
}

// An application that was signed unpaid in the old year, and whose certificate is cleared in the new one, waits: it is not
// decided as if it cost nothing.
func TestReceivedWithoutIndex(t *testing.T) {
	j := openJourney(t)
	j.prepared()
	j.verifier.revocation = port.RevocationUnknown
	j.send(j.signingAction(), url.Values{"cms": {"good"}}, http.StatusSeeOther)
	j.verifier.revocation = port.RevocationGood
	j.newYear()
	if err := j.Filing.Recheck(t.Context(), j.number); !fault.Is(err, casework.KeyNoMCI) {
		t.Errorf("%v", err)
	}
	if got := j.stored(j.number); got.State != application.Signing {
		t.Errorf("the application is %s", got.State)
	}
	j.enterIndex()
	must(t, j.Filing.Recheck(t.Context(), j.number))
	if got := j.stored(j.number); got.State != application.Returned {
		t.Errorf("the application is %s", got.State)
	}
}
