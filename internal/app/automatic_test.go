package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/demo"
	"elicense/internal/port"
	"elicense/internal/testkit/site"
)

// refused files an application that the rules refuse: the goods are not listed.
func refusedBySystem(t *testing.T, s *site.Site, owner *site.Applicant) application.Application {
	t.Helper()
	a, err := owner.Send(owner.Complete(map[string]string{"goods_code": "010121"}))
	must(t, err)
	if a.State != application.Returned || !a.Decision.Automatic() {
		t.Fatalf("%s %+v", a.State, a.Decision)
	}
	return a
}

// Automatic decisions are decided again as they were; one that was changed behind everybody's back is found, and is forgotten
// when it is right again.
func TestAutomaticDecisionsAreReplayed(t *testing.T) {
	s := openSite(t, site.Options{})
	owner := s.Organisation(1)
	number, err := owner.Send(owner.Complete(nil))
	must(t, err)
	refused := refusedBySystem(t, s, owner)
	run, found, err := s.App.Desk.Replay(t.Context(), false)
	if err != nil || run.Decisions != 2 || len(found) != 0 {
		t.Fatalf("%+v %+v %v", run, found, err)
	}
	write := func(a application.Application) {
		s.Update(func(tx port.Tx) error {
			tx.Write().Applications().Change(a)
			return nil
		})
	}
	seeded := s.Application(refused.Number)
	seeded.Decision.Outcome, seeded.Decision.Branch, seeded.Decision.Grounds = application.Grant, application.BranchGranted, nil
	write(seeded)
	answers := s.Application(number.Number)
	answers.Answers["contract_date"] = "2026-10-01" // as one that the rules look at
	write(answers)
	if run, found, err = s.App.Desk.Replay(t.Context(), false); err != nil || run.Decisions != 2 || len(found) != 2 { // a second time
		t.Fatalf("%+v %+v %v", run, found, err)
	}
	if run, found, err = s.App.Desk.Replay(t.Context(), false); err != nil || run.Decisions != 0 || len(found) != 0 {
		t.Fatalf("nothing new: %+v %+v %v", run, found, err)
	}
	restored := s.Application(refused.Number)
	restored.Decision = refused.Decision
	write(restored)
	if _, found, err = s.App.Desk.Replay(t.Context(), true); err != nil || len(found) != 1 || found[0].Application != number.Number {
		t.Errorf("%+v %v", found, err)
	}
	s.View(func(v port.View) error {
		standing, err := v.Office().Decisions().Differences(t.Context())
		if err != nil || len(standing) != 1 {
			t.Errorf("%+v %v", standing, err)
		}
		return nil
	})
}

// While the head has stopped the automation, new applications go to two officials; then the system decides again.
func TestAutomationCanBeStopped(t *testing.T) {
	s := openSite(t, site.Options{})
	owner := s.Organisation(1)
	s.Official("mti.publisher")
	clerk := s.LogInOfficial("mti.publisher", demo.Password)
	head := official(t, s, "mti.head", s.Official("cci.approver").Person, "mti", access.Head, access.Approver)
	stop := url.Values{"go": {"stop"}, "of": {"trade-licence"}, "reason": {"Тізілім қате жауап береді."}}
	if got := clerk.Post("/kk/automatic", stop); got.Status != http.StatusForbidden {
		t.Errorf("not the head: %d", got.Status)
	}
	if got := head.Post("/kk/automatic", url.Values{"go": {"stop"}, "of": {"trade-licence"}}); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "Тоқтату себебін жазыңыз") {
		t.Errorf("without a reason: %d", got.Status)
	}
	if got := head.Post("/kk/automatic", url.Values{"go": {"stop"}, "of": {"licence-restoration"}, "reason": {"x"}}); got.Status != http.StatusNotFound {
		t.Errorf("a service that officials decide: %d", got.Status)
	}
	done(t, head.Post("/kk/automatic", stop))
	if got := head.Post("/kk/automatic", stop); got.Status != http.StatusConflict {
		t.Errorf("stopped twice: %d", got.Status)
	}
	if got := clerk.Get("/kk/automatic"); !strings.Contains(got.Body, "Тізілім қате жауап береді.") || strings.Contains(got.Body, `value="resume"`) {
		t.Error("others do not see it, or may resume")
	}
	a, err := owner.Send(owner.Complete(nil))
	must(t, err)
	if a.State != application.Registered || a.Work.Step != "examine" || a.Work.Due.IsZero() {
		t.Fatalf("%s %+v", a.State, a.Work)
	}
	done(t, acts(t, clerk, a.Number, "take", nil))
	done(t, acts(t, clerk, a.Number, "propose", url.Values{"outcome": {"granted"}}))
	done(t, acts(t, head, a.Number, "take", nil))
	done(t, acts(t, head, a.Number, "confirm", nil))
	if got := s.Application(a.Number); got.State != application.Issued || got.Decision.Automatic() {
		t.Errorf("%s %+v", got.State, got.Decision)
	}
	done(t, head.Post("/kk/automatic", url.Values{"go": {"resume"}, "of": {"trade-licence"}}))
	refusedBySystem(t, s, s.Organisation(2))
	if run, found, err := s.App.Desk.Replay(t.Context(), true); err != nil || run.Decisions != 1 || len(found) != 0 {
		t.Errorf("%+v %+v %v", run, found, err)
	}
	s.Clean()
}

// An automatic refusal is looked at by a person on demand; overturned, officials decide the application anew.
func TestPersonReviewsAnAutomaticRefusal(t *testing.T) {
	s := openSite(t, site.Options{})
	owner, stranger := s.Organisation(1), s.Organisation(2)
	s.Official("mti.publisher")
	a, upheld := refusedBySystem(t, s, owner), refusedBySystem(t, s, stranger)
	browser := s.LogIn(owner)
	address := "/kk/applications/" + a.Number
	if got := s.LogIn(stranger).Post(address+"/review", url.Values{}); got.Status != http.StatusNotFound {
		t.Errorf("a stranger: %d", got.Status)
	}
	if got := browser.Get(address); !strings.Contains(got.Body, "Адамның қайта қарауын сұрау") {
		t.Error("the button is missing")
	}
	done(t, browser.Post(address+"/review", url.Values{"review": {"Код дұрыс."}}))
	if got := browser.Post(address+"/review", url.Values{}); got.Status != http.StatusConflict {
		t.Errorf("asked twice: %d", got.Status)
	}
	done(t, s.LogIn(stranger).Post("/kk/applications/"+upheld.Number+"/review", url.Values{}))
	clerk, head := s.LogInOfficial("mti.publisher", demo.Password), official(t, s, "mti.head", s.Official("cci.approver").Person, "mti", access.Head, access.Approver)
	if got := head.Get("/kk/automatic"); !strings.Contains(got.Body, a.Number) || !strings.Contains(got.Body, "Код дұрыс.") || !strings.Contains(got.Body, upheld.Number) {
		t.Error("the body does not see the reviews")
	}
	answer := func(number, outcome, ru string) site.Answer {
		return head.Post("/kk/automatic", url.Values{"go": {"review"}, "of": {number}, "outcome": {outcome}, "reason_kk": {"Тексерілді."}, "reason_ru": {ru}})
	}
	if got := answer(a.Number, "overturned", ""); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "Тексерілді.") {
		t.Errorf("without Russian: %d", got.Status)
	}
	if got := s.LogInOfficial("cci.approver", demo.Password).Post("/kk/automatic", url.Values{"go": {"review"}, "of": {a.Number}, "outcome": {"upheld"}, "reason_kk": {"a"}, "reason_ru": {"a"}}); got.Status != http.StatusNotFound {
		t.Errorf("another body: %d", got.Status)
	}
	done(t, answer(a.Number, "overturned", "Проверено."))
	done(t, answer(upheld.Number, "upheld", "Проверено."))
	if got := answer(upheld.Number, "overturned", "Проверено."); got.Status != http.StatusConflict {
		t.Errorf("answered twice: %d", got.Status)
	}
	if got := s.Application(upheld.Number); got.State != application.Returned {
		t.Error(got.State)
	}
	again := s.Application(a.Number)
	if again.State != application.Registered || again.Decision != nil || again.Work.Report.Overturned == nil || again.Work.Step != "examine" {
		t.Fatalf("%s %+v", again.State, again.Work)
	}
	if got := browser.Get(address); !strings.Contains(got.Body, "Проверено.") {
		t.Error("the applicant does not read the answer")
	}
	ground := again.Work.Report.Overturned.Branch
	done(t, acts(t, clerk, a.Number, "take", nil))
	done(t, acts(t, clerk, a.Number, "propose", url.Values{"outcome": {"refused"}, "ground": {ground}, "reason_kk": {"Код тізімде жоқ."}, "reason_ru": {"Кода нет в перечне."}}))
	if got := acts(t, head, a.Number, "take", nil); got.Status != http.StatusConflict {
		t.Errorf("who overturned the refusal decides anew: %d", got.Status)
	}
	third := official(t, s, "mti.third", s.Official("knb.approver").Person, "mti", access.Approver)
	done(t, acts(t, third, a.Number, "take", nil))
	done(t, acts(t, third, a.Number, "confirm", nil))
	final := s.Application(a.Number)
	if final.State != application.Returned || final.Decision.Automatic() || strings.Contains(final.Decision.Grounds[0].KK.Text, "{") {
		t.Errorf("%s %+v", final.State, final.Decision)
	}
	if got := browser.Post(address+"/review", url.Values{}); got.Status != http.StatusConflict {
		t.Errorf("a review of what officials decided: %d", got.Status)
	}
	s.Clean()
}
