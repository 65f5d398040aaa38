package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"elicense/internal/application"
	"elicense/internal/civil"
	"elicense/internal/demo"
	"elicense/internal/lang"
	"elicense/internal/testkit/site"
)

// Before a refusal the applicant is heard; nothing is refused without it.
func TestApplicantIsHeardBeforeARefusal(t *testing.T) {
	s := openSite(t, site.Options{})
	owner, stranger := s.Organisation(1), s.Organisation(2)
	s.Official("knb.executor")
	withProcess(t, s, "  hearing: true\n")
	number := sent(t, owner, nil)
	executor := s.LogInOfficial("knb.executor", demo.Password)
	done(t, acts(t, executor, number, "take", nil))
	if got := acts(t, executor, number, "propose", refusal()); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "тыңдауға шақыру жіберіңіз") {
		t.Errorf("a refusal unheard: %d", got.Status)
	}
	call := refusal()
	for _, wrong := range []struct{ day, time, place, want string }{
		{"", "10:30", "Мәңгілік Ел 8", "Тыңдау күнін жазыңыз"},
		{"28.11.2026", "10:30", "Мәңгілік Ел 8", "демалыс"},
		{"27.11.2026", "10:30", "Мәңгілік Ел 8", "24.11.2026"},
		{"24.11.2026", "25:00", "Мәңгілік Ел 8", "10:30 түрінде"},
		{"24.11.2026", "10:30", " ", "Өтетін орнын"},
	} {
		call.Set("hearing_day", wrong.day)
		call.Set("hearing_time", wrong.time)
		call.Set("hearing_place", wrong.place)
		if got := acts(t, executor, number, "invite", call); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, wrong.want) {
			t.Errorf("%+v: %d", wrong, got.Status)
		}
	}
	call.Set("hearing_place", "Мәңгілік Ел 8")
	done(t, acts(t, executor, number, "invite", call))
	if got := acts(t, executor, number, "propose", refusal()); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "Тыңдау аяқталған жоқ") {
		t.Errorf("before the hearing: %d", got.Status)
	}

	page := s.LogIn(owner)
	if got := page.Get("/kk/applications/" + number); !strings.Contains(got.Body, "Иесі басқа.") || !strings.Contains(got.Body, "Владелец другой.") || !strings.Contains(got.Body, "Мәңгілік Ел 8") {
		t.Error("the applicant does not see the preliminary decision")
	}
	if got := s.LogIn(stranger).Post("/kk/applications/"+number+"/hearing", url.Values{"go": {"waive"}}); got.Status != http.StatusNotFound {
		t.Errorf("a stranger: %d", got.Status)
	}
	if got := page.Post("/kk/applications/"+number+"/hearing", url.Values{"go": {"object"}, "objections": {"  "}}); got.Status != http.StatusUnprocessableEntity {
		t.Errorf("empty objections: %d", got.Status)
	}
	done(t, page.Post("/kk/applications/"+number+"/hearing", url.Values{"go": {"object"}, "objections": {"Лицензия біздікі: шартты қараңыз."}}))
	if got := page.Post("/kk/applications/"+number+"/hearing", url.Values{"go": {"waive"}}); got.Status != http.StatusConflict {
		t.Errorf("a second reply: %d", got.Status)
	}
	if got := acts(t, executor, number, "record", url.Values{"came": {"yes"}, "protocol": {"Тыңдалды."}}); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "24.11.2026") || !strings.Contains(got.Body, "Лицензия біздікі") {
		t.Errorf("a protocol before the day: %d", got.Status)
	}
	s.Clock.Advance(2 * 24 * time.Hour)
	executor = s.LogInOfficial("knb.executor", demo.Password)
	done(t, acts(t, executor, number, "record", url.Values{"came": {"yes"}, "protocol": {"Өтініш беруші шартты көрсетті."}}))
	other := refusal()
	other.Set("ground", otherGround(t, s))
	if got := acts(t, executor, number, "propose", other); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "басқа негіз бойынша тыңдалды") {
		t.Errorf("another ground: %d", got.Status)
	}
	done(t, acts(t, executor, number, "propose", refusal()))
	approver := s.LogInOfficial("knb.approver", demo.Password)
	done(t, acts(t, approver, number, "take", nil))
	done(t, acts(t, approver, number, "confirm", nil))
	if a := s.Application(number); a.State != application.Returned {
		t.Error(a.State)
	}
	if got := s.LogIn(owner).Get("/kk/applications/" + number).Body; !strings.Contains(got, "Тыңдау хаттамасы жазылды") || strings.Contains(got, `name="objections"`) {
		t.Error("the timeline, or a form after the end")
	}
	s.Clean()
}

// otherGround is a ground of the restoration besides not_holder.
func otherGround(t *testing.T, s *site.Site) string {
	t.Helper()
	rev, err := s.App.Catalogue.Service("licence-restoration")
	must(t, err)
	for _, g := range rev.Definition.Process.Grounds {
		if g.Key != "not_holder" {
			return g.Key
		}
	}
	t.Fatal("one ground")
	return ""
}

// A hearing that is given up, or after which the official grants, needs no protocol; a late notice is confirmed.
func TestHearingMayEndOtherwise(t *testing.T) {
	s := openSite(t, site.Options{})
	owner := s.Organisation(1)
	s.Papers(owner.Account.Party.Number)
	s.Official("knb.executor")
	edited(t, s, "process:\n", "process:\n  hearing: true\n", "    unconfirmed: true\n", "    working_days: 10\n    unconfirmed: true\n")
	number := sent(t, owner, nil)
	due := s.Application(number).Work.Due
	for _, notice := application.HearingDays(today(s), due, s.App.Desk.Calendar.Current()); !today(s).After(notice); {
		s.Clock.Advance(24 * time.Hour)
	}
	executor := s.LogInOfficial("knb.executor", demo.Password)
	done(t, acts(t, executor, number, "take", nil))
	until, _ := application.HearingDays(today(s), due, s.App.Desk.Calendar.Current())
	call := refusal()
	call.Set("hearing_day", until.String())
	call.Set("hearing_time", "10:30")
	call.Set("hearing_place", "Мәңгілік Ел 8")
	if got := acts(t, executor, number, "invite", call); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "кешіктіруді растаңыз") {
		t.Errorf("a late notice: %d", got.Status)
	}
	call.Set("hearing_late", "yes")
	done(t, acts(t, executor, number, "invite", call))
	done(t, s.LogIn(owner).Post("/kk/applications/"+number+"/hearing", url.Values{"go": {"waive"}}))
	if h, ok := s.Application(number).Work.Report.Hearing(); !ok || !h.Late || !h.Heard() {
		t.Errorf("%+v", h)
	}
	done(t, wantsGrant(t, executor, number))
	s.Clean()
}

func today(s *site.Site) civil.Date { return civil.Of(s.Clock.Now(), lang.Almaty()) }
