package app_test

import (
	"encoding/base64"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"elicense/internal/application"
	"elicense/internal/fault"
	"elicense/internal/filing"
	"elicense/internal/port"
	"elicense/internal/testkit/site"
)

// at runs n things at the same moment.
func at(n int, f func(i int)) {
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			f(i)
		})
	}
	close(start)
	wg.Wait()
}

func order() url.Values { return url.Values{"body": {"mti"}, "subtype": {"import"}} }

// a hundred starts at once make one draft, and everyone is told its number.
func TestHundredStartsMakeOneDraft(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site.Site) {
		a := s.Organisation(1)
		b := s.LogIn(a)
		answers := make([]site.Answer, 100)
		requests := make([]*http.Request, 100)
		for i := range requests {
			requests[i] = b.Form("/kk/services/trade-licence/order", order())
		}
		at(100, func(i int) { answers[i] = s.Visitor().Send(requests[i]) })
		made, number := 0, onlyDraft(t, s, a)
		for _, got := range answers {
			switch {
			case got.Status == http.StatusSeeOther && strings.Contains(got.Location(), number):
				made++
			case got.Status != http.StatusConflict || !strings.Contains(got.Body, number):
				t.Errorf("status %d to %q, without the draft's number", got.Status, got.Location())
			}
		}
		if made != 1 {
			t.Errorf("%d starts were told that they made the draft", made)
		}
		s.Clean()
	})
}

// onlyDraft demands that the party has exactly one open application and gives its number.
func onlyDraft(t *testing.T, s *site.Site, a *site.Applicant) string {
	t.Helper()
	list, err := s.App.Filing.List(t.Context(), a.Actor, port.Search{Limit: 1000})
	must(t, err)
	number := ""
	for _, x := range list {
		if x.State.Open() {
			if number != "" {
				t.Errorf("two drafts: %s and %s", number, x.Number)
			}
			number = x.Number
		}
	}
	if number == "" {
		t.Fatal("no draft")
	}
	return number
}

// deleting and starting anew from many windows at once never leaves anybody stuck.
func TestDeleteAndRestartNeverSticks(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site.Site) {
		a := s.Organisation(1)
		b := s.LogIn(a)
		for round := range 15 {
			if round == 0 {
				a.Draft()
			}
			number := onlyDraft(t, s, a)
			anew := order()
			anew.Set("anew", "trade-licence")
			requests := make([]*http.Request, 12)
			for i := range requests {
				if i%2 == 0 {
					requests[i] = b.Form("/kk/applications/"+number+"/delete", anew)
				} else {
					requests[i] = b.Form("/kk/services/trade-licence/order", order())
				}
			}
			answers := make([]site.Answer, len(requests))
			at(len(requests), func(i int) { answers[i] = s.Visitor().Send(requests[i]) })
			for _, got := range answers {
				if got.Status >= 500 {
					t.Fatalf("status %d\n%.1500s", got.Status, got.Body)
				}
			}
			// Whatever happened: a start now is answered with a draft, new or found.
			got := b.Post("/kk/services/trade-licence/order", order())
			if got.Status != http.StatusSeeOther && got.Status != http.StatusConflict {
				t.Fatalf("stuck: status %d", got.Status)
			}
			if page := b.Get("/kk/applications/" + onlyDraft(t, s, a) + "/pages/personal"); page.Status != http.StatusOK {
				t.Fatalf("the draft's page: status %d", page.Status)
			}
		}
		s.Clean()
	})
}

// the same submission twenty times at once is one signature, one permit and one answer.
func TestSameSubmissionIsOne(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site.Site) {
		x := ready(s, s.Organisation(1), nil)
		requests, answers := make([]*http.Request, 20), make([]site.Answer, 20)
		form := url.Values{"cms": {x.cms}}
		for i := range requests {
			requests[i] = x.browser.Form("/kk/applications/"+x.number+"/sign?challenge="+x.nonce, form)
		}
		at(20, func(i int) { answers[i] = s.Visitor().Send(requests[i]) })
		for _, got := range answers {
			if got.Status != http.StatusSeeOther || got.Location() != "/kk/applications/"+x.number {
				t.Errorf("status %d to %q\n%.1000s", got.Status, got.Location(), got.Body)
			}
		}
		report := s.Clean()
		if report.Signatures != 1 || report.Permits != 1 {
			t.Errorf("%+v", report)
		}
		if got := x.post(); got.Status != http.StatusSeeOther { // the page sent once more, an hour later
			t.Errorf("again: status %d", got.Status)
		}
		// Another signature under the same document: refused, and nothing changes.
		c := challenge(t, s, x.nonce)
		other := filing.Submission{Nonce: x.nonce, CMS: s.Sign(c.Content, s.Certify(x.applicant.Person))}
		_, err := s.App.Filing.Submit(t.Context(), x.applicant.Actor, x.browser.Binding, x.number, other)
		if !fault.Is(err, "filing.signed-already") || fault.KindOf(err) != fault.Conflict {
			t.Errorf("another body: %v", err)
		}
		again := s.Clean()
		if again.Signatures != 1 || again.Permits != 1 {
			t.Errorf("%+v", again)
		}
	})
}

func challenge(t *testing.T, s *site.Site, nonce string) port.Challenge {
	t.Helper()
	var c port.Challenge
	s.View(func(v port.View) (err error) {
		c, err = v.Keys().Challenge(t.Context(), nonce)
		return err
	})
	return c
}

// Different signatures of one document at once: one wins, nothing is stored twice.
func TestTwoSignaturesRace(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site.Site) {
		x := ready(s, s.Organisation(1), nil)
		c := challenge(t, s, x.nonce)
		bodies := make([]string, 10)
		for i := range bodies { // another certificate each: other bytes
			bodies[i] = base64.StdEncoding.EncodeToString(s.Sign(c.Content, s.Certify(x.applicant.Person)))
		}
		var mu sync.Mutex
		won := 0
		at(len(bodies), func(i int) {
			_, err := s.App.Filing.Submit(t.Context(), x.applicant.Actor, x.browser.Binding, x.number, filing.Submission{Nonce: x.nonce, CMS: []byte(bodies[i])})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else if k := fault.KindOf(err); k != fault.Conflict {
				t.Errorf("%v", err)
			}
		})
		report := s.Clean()
		if won != 1 || report.Signatures != 1 || report.Permits != 1 || s.Application(x.number).State != application.Issued {
			t.Errorf("won %d, %+v", won, report)
		}
	})
}

// tab is a window on a page of a draft: what it shows, and on what base.
type tab struct {
	base   string
	values map[string]string
}

// tabFields are the fields that the windows write, by page.
func tabFields() map[string][]string {
	return map[string][]string{"personal": {"house", "flat", "street_ru"}, "trade": {"seller", "contract_number", "additional_information"}}
}

// openTabs opens the draft's pages in a window.
func openTabs(t *testing.T, s *site.Site, a *site.Applicant, number string) map[string]tab {
	t.Helper()
	tabs := map[string]tab{}
	d, err := s.App.Filing.Open(t.Context(), a.Actor, number)
	must(t, err)
	for key, fields := range tabFields() {
		page, err := d.Page(key)
		must(t, err)
		x := tab{filing.Base(page, d.Application.Answers), map[string]string{}}
		for _, f := range fields {
			x.values[f] = d.Application.Answers[f]
		}
		tabs[key] = x
	}
	return tabs
}

// two windows saving the same pages at random never overwrite silently: every value that a save replaces had been
// seen by the window that saved; and a field that only one of them changed is saved, whatever else the other did.
func TestTwoTabsNeverOverwriteSilently(t *testing.T) {
	s := openSite(t, site.Options{})
	a := s.Organisation(1)
	number := a.Draft()
	seed := uint64(s.Clock.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	tabs := []map[string]tab{openTabs(t, s, a, number), openTabs(t, s, a, number)}
	model := map[string]string{}
	for _, x := range tabs[0] {
		maps.Copy(model, x.values)
	}
	saved, stale := 0, 0
	for step := range 2000 {
		who, key := random.IntN(2), []string{"personal", "trade"}[random.IntN(2)]
		if random.IntN(3) == 0 {
			tabs[who] = openTabs(t, s, a, number)
			continue
		}
		mine, f := tabs[who][key], tabFields()[key][random.IntN(3)]
		seen := model[f] == mine.values[f]
		typed := maps.Clone(mine.values)
		typed[f] = fmt.Sprintf("%d of %d", step, who)
		in := filing.Save{Page: key, Base: mine.base, Values: typed}
		d, err := s.App.Filing.Save(t.Context(), a.Actor, number, in)
		page, _ := d.Page(key)
		switch {
		case err == nil && !seen:
			t.Fatalf("seed %d, step %d: overwrote what the window had not seen", seed, step)
		case err == nil:
			saved++
			model[f] = typed[f]
			tabs[who][key] = tab{d.Shown(page, in), typed}
		case !fault.Is(err, "filing.stale"):
			t.Fatal(err)
		case seen:
			t.Fatalf("seed %d, step %d: refused although nothing had changed", seed, step)
		default:
			stale++
		}
		stored := s.Application(number).Answers
		for name, want := range model {
			if stored[name] != want || d.Application.Answers[name] != want {
				t.Fatalf("seed %d, step %d: %s is %q, shown as %q, not %q", seed, step, name, stored[name], d.Application.Answers[name], want)
			}
		}
	}
	t.Logf("seed=%d saved=%d stale=%d", seed, saved, stale)
	if saved < 100 || stale < 100 {
		t.Error("the interleavings were too tame")
	}
}

// The same at one moment: of two windows that saw the same page one wins, the other is told.
func TestTabsSavingAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site.Site) {
		a := s.Organisation(1)
		number := a.Draft()
		for round := range 30 {
			d, err := s.App.Filing.Open(t.Context(), a.Actor, number)
			must(t, err)
			page, err := d.Page("personal")
			must(t, err)
			base := filing.Base(page, d.Application.Answers)
			errs := make([]error, 2)
			at(2, func(i int) {
				_, errs[i] = s.App.Filing.Save(t.Context(), a.Actor, number, filing.Save{Page: "personal", Base: base, Values: map[string]string{"flat": fmt.Sprintf("%d-%d", round, i)}})
			})
			for i, err := range errs {
				stored := s.Application(number).Answers["flat"] == fmt.Sprintf("%d-%d", round, i)
				if (err == nil) != stored || err != nil && !fault.Is(err, "filing.stale") {
					t.Fatalf("round %d, window %d: stored %v, %v", round, i, stored, err)
				}
			}
		}
	})
}
