package app_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"elicense/internal/application"
	"elicense/internal/ledger"
	"elicense/internal/port"
	"elicense/internal/testkit/site"
)

// signed is an application that only has to be posted.
type signed struct {
	applicant *site.Applicant
	browser   *site.Browser
	number    string
	nonce     string
	cms       string
}

// prepared makes n applicants with a complete, paid and signed application each, on all processors.
func prepared(s *site.Site, n int, otherwise map[string]string) []signed {
	list := make([]signed, n)
	var wg sync.WaitGroup
	next := make(chan int)
	for range 8 {
		wg.Go(func() {
			for i := range next {
				list[i] = ready(s, s.Organisation(i+1), otherwise)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
	return list
}

func ready(s *site.Site, a *site.Applicant, otherwise map[string]string) signed {
	b := s.LogIn(a)
	number := a.Complete(otherwise)
	c := a.Prepare(b.Binding, number)
	return signed{a, b, number, c.Nonce, base64.StdEncoding.EncodeToString(s.Sign(c.Content, a.Key))}
}

// post submits through the page.
func (x signed) post() site.Answer {
	return x.browser.Send(x.browser.Form("/kk/applications/"+x.number+"/sign?challenge="+x.nonce, url.Values{"cms": {x.cms}, "csrf_token": {x.browser.Token}}))
}

// quota gives the id of the quota of the goods in the tests, 290372 in 2026.
const quota = "trade-licence/licensed_goods/290372/import/2026"

// setQuota makes a quota of so many whole units.
func setQuota(t *testing.T, s *site.Site, units int64) {
	t.Helper()
	s.Update(func(tx port.Tx) error {
		q, ok, err := tx.Ledger().Quota(t.Context(), quota)
		if err != nil || !ok {
			return fmt.Errorf("no quota %s: %w", quota, err)
		}
		q.Total = units * 1_000_000
		tx.Write().Ledger().SetTotal(q)
		return nil
	})
}

// R-11 and E14: 500 applications at once for 100 units grant exactly 100.
func TestQuotaIsNeverOversold(t *testing.T) {
	const applicants, units = 500, 100
	onBoth(t, func(t *testing.T, s *site.Site) {
		setQuota(t, s, units)
		list := prepared(s, applicants, map[string]string{"goods_code": "290372", "quantity": "1"})
		var wg sync.WaitGroup
		start := make(chan struct{})
		answers := make([]site.Answer, applicants)
		for i, x := range list {
			wg.Go(func() {
				<-start
				answers[i] = x.post()
			})
		}
		close(start)
		wg.Wait()
		issued, returned, permits, journals := 0, 0, map[string]bool{}, map[int]bool{}
		for i, x := range list {
			if answers[i].Status != http.StatusSeeOther || !strings.HasSuffix(answers[i].Location(), x.number) {
				t.Fatalf("status %d to %q\n%.2000s", answers[i].Status, answers[i].Location(), answers[i].Body)
			}
			a := s.Application(x.number)
			journals[a.Journal] = true
			switch {
			case a.State == application.Issued:
				issued++
				permits[a.Permit] = true
			case a.State == application.Returned && a.Decision.Branch == "quota_exhausted" && len(a.Decision.Grounds) == 1:
				returned++
			default:
				t.Errorf("%s: %s %+v", x.number, a.State, a.Decision)
			}
		}
		if issued != units || returned != applicants-units || len(permits) != units || len(journals) != applicants {
			t.Errorf("issued %d, returned %d, permits %d, places in the journal %d", issued, returned, len(permits), len(journals))
		}
		checkLedger(t, s, units)
		s.Clean()
	})
}

// checkLedger holds the sum of the entries against the quota.
func checkLedger(t *testing.T, s *site.Site, units int64) {
	t.Helper()
	var q ledger.Quota
	var entries []ledger.Entry
	s.View(func(v port.View) (err error) {
		if q, _, err = v.Ledger().Quota(t.Context(), quota); err == nil {
			entries, err = v.Ledger().Entries(t.Context(), quota)
		}
		return err
	})
	var sum int64
	for _, e := range entries {
		sum += e.Amount
	}
	if q.Granted != units*1_000_000 || sum != q.Granted || int64(len(entries)) != units || q.Free() != 0 {
		t.Errorf("%+v, %d entries of %d", q, len(entries), sum)
	}
}

// Fractions are exact: a thousandth too much is refused, exactly the rest is granted.
func TestQuotaIsExact(t *testing.T) {
	s := openSite(t, site.Options{})
	setQuota(t, s, 2)
	for i, step := range []struct {
		quantity string
		state    application.State
	}{{"1.999", application.Issued}, {"0.002", application.Returned}, {"0.001", application.Issued}, {"0.001", application.Returned}} {
		a := s.Organisation(i + 1)
		got, err := a.Send(a.Complete(map[string]string{"goods_code": "290372", "quantity": step.quantity}))
		must(t, err)
		if got.State != step.state {
			t.Errorf("%s: %s", step.quantity, got.State)
		}
	}
	s.Clean()
}
