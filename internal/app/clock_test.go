package app_test

import (
	"io/fs"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"elicense/internal/application"
	"elicense/internal/demo"
	"elicense/internal/port"
	"elicense/internal/service"
	"elicense/internal/testkit/site"
	"elicense/services"
)

// timed gives the restoration of a paper licence a term of ten working days.
func timed(t *testing.T, s *site.Site) {
	t.Helper()
	folder, err := fs.Sub(services.Files, "licence-restoration")
	must(t, err)
	src, err := service.ReadSource(folder)
	must(t, err)
	src["service.yaml"] = []byte(strings.Replace(string(src["service.yaml"]), "unconfirmed: true", "working_days: 10", 1))
	_, fresh, err := s.App.Catalogue.Publish(t.Context(), src, "test")
	if err != nil || !fresh {
		t.Fatal(fresh, err)
	}
}

// looks does what the day brings about.
func looks(t *testing.T, s *site.Site) {
	t.Helper()
	must(t, s.App.Desk.WatchTerms(t.Context()))
}

func events(t *testing.T, s *site.Site, number string, e application.Event) int {
	t.Helper()
	n := 0
	s.View(func(v port.View) error {
		list, err := v.Applications().Happenings(t.Context(), number)
		for _, h := range list {
			if h.Event == e {
				n++
			}
		}
		return err
	})
	return n
}

// The check of completeness: marked by an official; or refused within its two days by two persons; or over.
func TestCompleteness(t *testing.T) {
	s := openSite(t, site.Options{})
	owner := s.Organisation(1)
	s.Papers(owner.Account.Party.Number)
	s.Official("knb.executor")
	timed(t, s)
	refusal := url.Values{"outcome": {"refused"}, "ground": {"not_complete"}, "reason_kk": {"Лицензия көшірмесі оқылмайды"}, "reason_ru": {"Копия лицензии не читается"}}
	executor, approver := s.LogInOfficial("knb.executor", demo.Password), s.LogInOfficial("knb.approver", demo.Password)

	number := sent(t, owner, nil) // on a Sunday: the check lasts until Tuesday
	if check := s.Application(number).Work.Report.Completeness; check == nil || check.Due.String() != "2026-11-24" {
		t.Fatalf("%+v", check)
	}
	if got := executor.Get("/kk/applications"); !strings.Contains(got.Body, "Толықтығын тексеруге қалды") {
		t.Error("the queue does not say how long the check lasts")
	}
	done(t, acts(t, executor, number, "take", nil))
	done(t, acts(t, executor, number, "propose", refusal))
	done(t, acts(t, approver, number, "take", nil))
	done(t, acts(t, approver, number, "confirm", nil))
	if a := s.Application(number); a.State != application.Returned || a.Decision.Grounds[0].Key != "not_complete" || !strings.Contains(a.Decision.Grounds[0].KK.Act, "25-баптың 1-тармағы") {
		t.Fatalf("%s %+v", a.State, a.Decision)
	}

	marked := sent(t, owner, nil)
	done(t, acts(t, executor, marked, "take", nil))
	done(t, acts(t, executor, marked, "complete", nil))
	if got := acts(t, executor, marked, "complete", nil); got.Status != http.StatusConflict {
		t.Errorf("marked twice: %d", got.Status)
	}
	if got := acts(t, executor, marked, "propose", refusal); got.Status != http.StatusUnprocessableEntity {
		t.Errorf("incomplete after it was found complete: %d", got.Status)
	}
	done(t, acts(t, executor, marked, "propose", url.Values{"outcome": {"refused"}, "ground": {"not_in_register"}, "reason_kk": {"жоқ"}, "reason_ru": {"нет"}}))
	done(t, acts(t, approver, marked, "take", nil))
	done(t, acts(t, approver, marked, "confirm", nil))

	late := sent(t, owner, nil)
	done(t, acts(t, executor, late, "take", nil))
	done(t, acts(t, executor, late, "propose", refusal))
	done(t, acts(t, approver, late, "take", nil))
	s.Clock.Advance(3 * 24 * time.Hour)
	executor, approver = s.LogInOfficial("knb.executor", demo.Password), s.LogInOfficial("knb.approver", demo.Password)
	if got := acts(t, approver, late, "confirm", nil); got.Status != http.StatusConflict || !strings.Contains(got.Body, "құжаттар толық деп есептеледі") {
		t.Errorf("confirmed after the check: %d", got.Status)
	}
	looks(t, s)
	looks(t, s)
	if a := s.Application(late); a.Work.Report.Completeness.By != application.BySystem || events(t, s, late, application.PresumedComplete) != 1 {
		t.Errorf("%+v", a.Work.Report.Completeness)
	}
	done(t, acts(t, approver, late, "send-back", url.Values{"note": {"Мерзім өтті"}}))
	if got := acts(t, executor, late, "propose", refusal); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "құжаттар толық деп есептеледі") {
		t.Errorf("proposed after the check: %d", got.Status)
	}
	s.Clean()
}

// Reminders are made once, for whom they are, and end with the matter.
func TestReminders(t *testing.T) {
	s := openSite(t, site.Options{})
	owner := s.Organisation(1)
	s.Papers(owner.Account.Party.Number)
	s.Official("knb.executor")
	timed(t, s)
	number := sent(t, owner, nil) // on Sunday 22 November: the term ends on Friday 4 December
	executor := s.LogInOfficial("knb.executor", demo.Password)
	made := func() (n int) {
		s.View(func(v port.View) error {
			list, err := v.Office().Terms().Made(t.Context(), number, number)
			n = len(list)
			return err
		})
		return n
	}
	looks(t, s)
	if got := executor.Get("/kk/reminders"); got.Status != http.StatusOK || strings.Contains(got.Body, number) || made() != 0 {
		t.Errorf("too early: %d, %d made", got.Status, made())
	}
	for day, want := range []int{1: 0, 2: 1, 9: 1, 10: 2, 12: 3, 13: 5} { // days after; the check's last, a quarter of ten, the last, over
		if want > 0 || day == 1 {
			s.Clock.Advance(time.Duration(day)*24*time.Hour - s.Clock.Now().Sub(site.Start()).Truncate(24*time.Hour))
			looks(t, s)
			looks(t, s)
			if n := made(); n != want {
				t.Errorf("after %d days %d reminders, want %d", day, n, want)
			}
		}
	}
	executor = s.LogInOfficial("knb.executor", demo.Password)
	head, other := s.LogInOfficial("knb.approver", demo.Password), s.LogInOfficial("cci.executor", demo.Password)
	for who, b := range map[string]*site.Browser{"executor": executor, "head": head} {
		if got := b.Get("/kk/reminders"); !strings.Contains(got.Body, number) || !strings.Contains(b.Get("/kk/applications").Body, "/kk/reminders") {
			t.Errorf("%s is not told: %d", who, got.Status)
		}
	}
	if got := other.Get("/kk/reminders"); got.Status != http.StatusOK || strings.Contains(got.Body, number) {
		t.Errorf("another body is told: %d", got.Status)
	}
	found := regexp.MustCompile(`name="seen" value="([^"]+)"`).FindStringSubmatch(executor.Get("/kk/reminders").Body)
	if found == nil {
		t.Fatal("nothing to mark")
	}
	id := found[1]
	if got := other.Post("/kk/reminders", url.Values{"seen": {id}}); got.Status != http.StatusNotFound {
		t.Errorf("another body marks it: %d", got.Status)
	}
	if got := head.Post("/kk/reminders", url.Values{"seen": {id}}); got.Status != http.StatusNotFound {
		t.Errorf("somebody marks another's: %d", got.Status)
	}
	done(t, executor.Post("/kk/reminders", url.Values{"seen": {id}}))
	if got := executor.Post("/kk/reminders", url.Values{"seen": {id}}); got.Status != http.StatusConflict {
		t.Errorf("seen twice: %d", got.Status)
	}
	if strings.Contains(executor.Get("/kk/reminders").Body, number) || !strings.Contains(head.Get("/kk/reminders").Body, number) {
		t.Error("what one has seen concerns the other")
	}
	looks(t, s)
	if n := made(); n != 5 {
		t.Errorf("made again: %d", n)
	}
	s.Clean()
}

// An administrator makes a day off: the terms in which it lies come later, by a job that says so; the rest stays.
func TestCalendarMovesTerms(t *testing.T) {
	s := openSite(t, site.Options{})
	owner := s.Organisation(1)
	s.Papers(owner.Account.Party.Number)
	s.Official("knb.executor")
	timed(t, s)
	number := sent(t, owner, nil)
	admin, executor := s.LogInOfficial("mti.publisher", demo.Password), s.LogInOfficial("knb.executor", demo.Password)
	if got := executor.Get("/kk/calendar"); got.Status != http.StatusForbidden {
		t.Errorf("who is no administrator: %d", got.Status)
	}
	first := site.Hidden(t, admin.Get("/kk/calendar").Body, "seen")
	form := func(act, seen, off, work string) url.Values {
		return url.Values{"go": {act}, "seen": {seen}, "off": {off}, "work": {work}, "reason": {"Үкімет қаулысы"}}
	}
	for off, want := range map[string]string{"29.11.2026": "онсыз да жұмыс күні емес", "30 қараша": "күн емес", "01.06.2020": "тек осы жылдың"} {
		if got := admin.Post("/kk/calendar", form("change", first, off, "")); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, want) || !strings.Contains(got.Body, off) {
			t.Errorf("%s: %d", off, got.Status)
		}
	}
	if got := executor.Post("/kk/calendar", form("change", first, "30.11.2026", "")); got.Status != http.StatusForbidden {
		t.Errorf("changed by who is no administrator: %d", got.Status)
	}
	if got := admin.Post("/kk/calendar", form("preview", first, "30.11.2026", "28.11.2026")); got.Status != http.StatusOK || !strings.Contains(got.Body, "Мерзімі ұзаратын өтініштер саны: 0") {
		t.Errorf("a swap within the term: %d", got.Status)
	}
	if got := admin.Post("/kk/calendar", form("preview", first, "30.11.2026", "")); got.Status != http.StatusOK || !strings.Contains(got.Body, "Мерзімі ұзаратын өтініштер саны: 1") {
		t.Errorf("preview: %d", got.Status)
	}
	done(t, admin.Post("/kk/calendar", form("change", first, "30.11.2026", "")))
	if got := admin.Post("/kk/calendar", form("change", first, "01.12.2026", "")); got.Status != http.StatusConflict || !strings.Contains(got.Body, "01.12.2026") {
		t.Errorf("a change on an old version: %d", got.Status)
	}
	looks(t, s)
	looks(t, s)
	a := s.Application(number)
	if a.Work.Due.String() != "2026-12-07" || a.Work.Report.Clock.Calendar != s.App.Calendar.Current().Version || events(t, s, number, application.TermMoved) != 1 {
		t.Errorf("due %s by %s, %d events", a.Work.Due, a.Work.Report.Clock.Calendar, events(t, s, number, application.TermMoved))
	}
	second := site.Hidden(t, admin.Get("/kk/calendar").Body, "seen")
	done(t, admin.Post("/kk/calendar", form("change", second, "", "05.12.2026"))) // by the law it would be earlier now
	looks(t, s)
	if got := s.Application(number).Work; got.Due != a.Work.Due || got.Report.Clock.Calendar != second {
		t.Errorf("a promised day came earlier: %s by %s", got.Due, got.Report.Clock.Calendar)
	}
	for _, b := range []*site.Browser{executor, s.LogIn(owner)} {
		got := b.Get("/kk/applications/" + number + "/term")
		for _, want := range []string{second, "Үкімет шешімімен ауыстырылған демалыс күні", "10-жұмыс күні", "2026 жылғы 7 желтоқсан", "Құжаттардың толықтығын тексеру", "25-баптың 1-тармағы"} {
			if got.Status != http.StatusOK || !strings.Contains(got.Body, want) {
				t.Errorf("the explanation does not say %q: %d", want, got.Status)
			}
		}
	}
	if got := s.LogIn(s.Organisation(2)).Get("/kk/applications/" + number + "/term"); got.Status != http.StatusNotFound {
		t.Errorf("another applicant: %d", got.Status)
	}
	if got := s.LogInOfficial("cci.executor", demo.Password).Get("/kk/applications/" + number + "/term"); got.Status != http.StatusNotFound {
		t.Errorf("another body: %d", got.Status)
	}
	s.Clean()
}
