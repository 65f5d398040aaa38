package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/demo"
	"elicense/internal/port"
	"elicense/internal/testkit/site"
)

// withdraws takes an application back, signed by its applicant.
func withdraws(t *testing.T, s *site.Site, a *site.Applicant, number string) {
	t.Helper()
	b, address, form := takesBack(t, s, a, number)
	done(t, b.Post(address, form))
}

// What is with its applicant, or was taken back, is found by officials all the same; the queue tells what stands still, and what
// the applicant asks while correcting.
func TestOfficialsFindWhatStandsStill(t *testing.T) {
	s := openSite(t, site.Options{})
	owner, other := s.Organisation(1), s.Organisation(2)
	number, executor := taken(t, s, owner, nil)
	done(t, asksCorrection(t, executor, number))
	withdrawn := sent(t, other, nil)
	withdraws(t, s, other, withdrawn)
	if a := s.Application(withdrawn); a.State != application.Withdrawn {
		t.Fatal(a.State)
	}
	for _, wanted := range []string{number, withdrawn} {
		if got := executor.Post("/kk/applications/search", url.Values{"find": {wanted}}); !strings.Contains(got.Body, `href="/kk/applications/`+wanted) {
			t.Errorf("%s, %s: not found", wanted, s.Application(wanted).State)
		}
	}
	row := `href="/kk/applications/` + number
	if got := executor.Get("/kk/applications?view=mine&left=paused"); !strings.Contains(got.Body, row) {
		t.Error("what the applicant corrects is not among what stands still")
	}
	done(t, s.LogIn(owner).Post("/kk/applications/"+number+"/messages", url.Values{"text": {"Қай бетін түзету керек?"}}))
	if got := executor.Get("/kk/applications?view=mine&messages=unread"); !strings.Contains(got.Body, row) {
		t.Error("what the applicant asks while correcting is not among the unread")
	}
	if got := executor.Get("/kk/applications?view=all"); strings.Contains(got.Body, row) || strings.Contains(got.Body, `href="/kk/applications/`+withdrawn) {
		t.Error("what nobody has to work on stands in the queue")
	}
}

// After a correction that makes another body's approval necessary nothing is granted before that body was asked.
func TestNothingIsGrantedUnasked(t *testing.T) {
	s := openSite(t, site.Options{})
	owner := s.Organisation(1)
	s.Papers(owner.Account.Party.Number)
	edited(t, s, "process:\n", "process:\n  opinions:\n    - body: moh\n      name: {kk: Денсаулық мәселесі, ru: Вопрос здоровья, en: A matter of health}\n      when: 'category != \"activity\"'\n      silence: consent\n")
	number, executor := taken(t, s, owner, nil)
	done(t, executor.Post("/kk/applications/"+number+"/correction", url.Values{"version": {version(t, executor, "/kk/applications/"+number)},
		"mark.category": {"yes"}, "category.kk": {"Санатын түзетіңіз"}, "category.ru": {"Исправьте категорию"}}))
	b := s.LogIn(owner)
	correction := "/kk/applications/" + number + "/correction"
	done(t, b.Post(correction, url.Values{"version": {version(t, b, correction)}, "category": {"appendix"}, "go": {"sign"}}))
	must(t, signsCorrection(t, s, owner, number))
	if got := wantsGrant(t, executor, number); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "сұралмаған") {
		t.Errorf("granted without asking: %d", got.Status)
	}
	done(t, acts(t, executor, number, "propose", refusal())) // a refusal needs nobody's approval
}

// Who works in the place of an absent approver for one service answers for that service only; what they overturn is the absent
// one's act too.
func TestDeputiesAnswerReviewsWithinTheirPlace(t *testing.T) {
	s := openSite(t, site.Options{})
	s.Official("mti.publisher")
	owner := s.Organisation(1)
	a := refusedBySystem(t, s, owner)
	done(t, s.LogIn(owner).Post("/kk/applications/"+a.Number+"/review", url.Values{}))
	absent := s.Appoint(access.Official{Login: "mti.away", Person: s.Individual(31).Person.IIN, Surname: "Үлгі", GivenName: "Адам", Body: "mti", Duties: []access.Duty{access.Approver}})
	deputy := s.Appoint(access.Official{Login: "mti.deputy", Person: s.Individual(32).Person.IIN, Surname: "Үлгі", GivenName: "Орынбасар", Body: "mti", Duties: []access.Duty{access.Executor}})
	away := func(service string) {
		t.Helper()
		must(t, s.App.Accounts.AddAbsence(t.Context(), access.ActorOf(absent), access.Absence{Official: absent.ID, Deputy: deputy.ID, Service: service, From: today(s), To: today(s), Reason: "Демалыс"},
			func(string) bool { return true }))
	}
	answer := func() site.Answer {
		return s.Enter(deputy).Post("/kk/automatic", url.Values{"go": {"review"}, "of": {a.Number}, "outcome": {"overturned"}, "reason_kk": {"Тексерілді."}, "reason_ru": {"Проверено."}})
	}
	away("licence-restoration")
	if got := answer(); got.Status != http.StatusForbidden || s.Application(a.Number).State != application.Returned {
		t.Errorf("of another service: %d", got.Status)
	}
	away("trade-licence")
	done(t, answer())
	if r := s.Application(a.Number).Work.Report.Reopened; r == nil || r.For != absent.ID || r.ForPerson != absent.Person {
		t.Errorf("%+v", r)
	}
	clerk := s.LogInOfficial("mti.publisher", demo.Password)
	done(t, acts(t, clerk, a.Number, "take", nil))
	done(t, acts(t, clerk, a.Number, "propose", url.Values{"outcome": {"granted"}}))
	if got := acts(t, s.Enter(absent), a.Number, "take", nil); got.Status != http.StatusConflict {
		t.Errorf("in whose place the refusal was overturned decides anew: %d", got.Status)
	}
	s.View(func(v port.View) error {
		list, err := v.Applications().Happenings(t.Context(), a.Number)
		for _, h := range list {
			if h.Event == application.Reopened && h.Behalf != absent.ID {
				t.Errorf("the timeline does not name who was absent: %+v", h)
			}
		}
		return err
	})
}

// What an official typed about a question that is gone is shown for copying.
func TestOpinionThatComesTooLateIsNotLost(t *testing.T) {
	s := openSite(t, site.Options{})
	owner := s.Organisation(1)
	s.Official("knb.executor")
	asks(t, s)
	number := sent(t, owner, nil)
	asked := s.LogInOfficial("cci.approver", demo.Password)
	form := asked.Form("/kk/opinions/"+number, url.Values{"verdict": {"objects"}, "reason_kk": {"Жиілік бос емес."}, "reason_ru": {"Частота занята."}})
	withdraws(t, s, owner, number)
	got := asked.Send(form)
	if got.Status != http.StatusConflict || !strings.Contains(got.Body, "Жиілік бос емес.") || !strings.Contains(got.Body, "Частота занята.") {
		t.Errorf("%d\n%.2000s", got.Status, got.Body)
	}
	if strings.Contains(got.Body, owner.Account.Party.Name) {
		t.Error("who is asked no more reads the application")
	}
	if got := s.LogInOfficial("cci.executor", demo.Password).Post("/kk/opinions/"+number, url.Values{"verdict": {"agrees"}}); got.Status != http.StatusNotFound {
		t.Errorf("who was never asked: %d", got.Status)
	}
}

// A silence that became consent stays one while the applicant corrects, and after the application was withdrawn.
func TestSilenceReadsAlikeInEveryState(t *testing.T) {
	s := openSite(t, site.Options{})
	owner := s.Organisation(1)
	asks(t, s)
	number, executor := taken(t, s, owner, nil)
	s.Clock.Advance(10 * 24 * time.Hour)
	executor = s.LogInOfficial("knb.executor", demo.Password)
	silent := func(what string) {
		t.Helper()
		if got := executor.Get("/kk/applications/" + number); !strings.Contains(got.Body, "келісілді деп есептеледі") {
			t.Errorf("%s: the silence is shown as no consent", what)
		}
	}
	silent("in work")
	done(t, asksCorrection(t, executor, number))
	silent("corrected")
	s.PublishList()
	withdraws(t, s, owner, number)
	silent("withdrawn")
}

// The second number of what was registered in the first hours of a year is of that year, in Astana, whoever decides.
func TestNumberOfTheFirstHoursOfAYear(t *testing.T) {
	s := openSite(t, site.Options{At: time.Date(2025, time.December, 31, 20, 0, 0, 0, time.UTC)})
	s.Official("mti.publisher")
	head := official(t, s, "mti.head", s.Official("cci.approver").Person, "mti", access.Head, access.Approver)
	done(t, head.Post("/kk/automatic", url.Values{"go": {"stop"}, "of": {"trade-licence"}, "reason": {"Тексеру."}}))
	owner := s.Organisation(1)
	a, err := owner.Send(owner.Complete(map[string]string{}))
	must(t, err)
	clerk := s.LogInOfficial("mti.publisher", demo.Password)
	done(t, acts(t, clerk, a.Number, "take", nil))
	done(t, acts(t, clerk, a.Number, "propose", url.Values{"outcome": {"granted"}}))
	done(t, acts(t, head, a.Number, "take", nil))
	done(t, acts(t, head, a.Number, "confirm", nil))
	s.View(func(v port.View) error {
		p, err := v.Permits().Permit(t.Context(), s.Application(a.Number).Permit)
		if !strings.Contains(p.Second, "KZ26") {
			t.Errorf("second number %q", p.Second)
		}
		return err
	})
}

// What is sent back to an official whose rights are gone is anybody's of the duty; a note is as long as the form allows.
func TestSentBackToSomebodyWhoWorks(t *testing.T) {
	s := openSite(t, site.Options{})
	number, executor := taken(t, s, s.Organisation(1), nil)
	done(t, acts(t, executor, number, "propose", refusal()))
	approver := s.LogInOfficial("knb.approver", demo.Password)
	done(t, acts(t, approver, number, "take", nil))
	must(t, s.App.Accounts.BlockOfficial(t.Context(), "test", "knb.executor", false))
	long := strings.Repeat("ұ", 2001)
	if got := acts(t, approver, number, "send-back", url.Values{"note": {long}}); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, long) {
		t.Errorf("a note of 2001 characters: %d", got.Status)
	}
	done(t, acts(t, approver, number, "send-back", url.Values{"note": {"Негізді нақтылаңыз."}}))
	if a := s.Application(number); a.Work.Holder != "" {
		t.Errorf("held by %s, who is blocked", a.Work.Holder)
	}
	other := official(t, s, "knb.other", s.Organisation(7).Person.IIN, "knb", access.Executor)
	done(t, acts(t, other, number, "take", nil))
}

// A decree that makes days off moves the last day of who corrects, and of who is asked meanwhile: nobody's silence counts sooner.
func TestDecreeMovesTermsWhileTheApplicantCorrects(t *testing.T) {
	s := openSite(t, site.Options{})
	owner := s.Organisation(1)
	asks(t, s)
	number, executor := taken(t, s, owner, nil)
	done(t, asksCorrection(t, executor, number))
	before, _ := s.Application(number).Work.Report.Correction()
	asked := s.Application(number).Work.Report.Opinions[0].Due
	admin := s.LogInOfficial("mti.publisher", demo.Password)
	for _, off := range []string{before.Until.String(), asked.String()} {
		got := admin.Post("/kk/calendar", url.Values{"go": {"change"}, "seen": {site.Hidden(t, admin.Get("/kk/calendar").Body, "seen")}, "off": {off}, "reason": {"Үкімет қаулысы"}})
		if got.Status != http.StatusSeeOther && before.Until != asked {
			t.Fatalf("%s: %d", off, got.Status)
		}
	}
	looks(t, s)
	looks(t, s)
	a := s.Application(number)
	after, _ := a.Work.Report.Correction()
	if works, _ := s.App.Calendar.Current().IsWorking(after.Until); !works || !after.Until.After(before.Until) {
		t.Errorf("corrected until %s, before %s", after.Until, before.Until)
	}
	if due := a.Work.Report.Opinions[0].Due; !due.After(asked) {
		t.Errorf("answered until %s, before %s", due, asked)
	}
	if n := events(t, s, number, application.TermMoved); n != 3 { // the correction, and two bodies
		t.Errorf("%d events", n)
	}
	s.Clock.Advance(time.Duration(today(s).DaysUntil(after.Until)) * 24 * time.Hour)
	must(t, s.App.Desk.Lapse(t.Context()))
	if a := s.Application(number); a.State != application.Correcting {
		t.Errorf("%s on a day that is still the applicant's", a.State)
	}
}

// Who stands in for one service at a body is asked about that service only.
func TestDeputiesAreAskedWithinTheirPlace(t *testing.T) {
	s := openSite(t, site.Options{})
	asks(t, s)
	number := sent(t, s.Organisation(1), nil)
	absent, deputy := s.Official("cci.approver"), s.Official("cci.executor")
	away := func(service string) {
		t.Helper()
		must(t, s.App.Accounts.AddAbsence(t.Context(), access.ActorOf(absent), access.Absence{Official: absent.ID, Deputy: deputy.ID, Service: service, From: today(s), To: today(s), Reason: "Демалыс"},
			func(string) bool { return true }))
	}
	away("trade-licence")
	b := s.LogInOfficial("cci.executor", demo.Password)
	if got := b.Get("/kk/opinions"); got.Status != http.StatusOK || strings.Contains(got.Body, number) {
		t.Errorf("of another service: %d", got.Status)
	}
	away("licence-restoration")
	if got := b.Get("/kk/opinions"); !strings.Contains(got.Body, number) {
		t.Errorf("of the service: %d", got.Status)
	}
	done(t, answers(b, number, "agrees", "", ""))
}

// On the days off after its last day a term is over, by no working day yet.
func TestOverdueOnADayOff(t *testing.T) {
	s := openSite(t, site.Options{})
	timed(t, s)
	number, _ := taken(t, s, s.Organisation(1), nil)
	due := s.Application(number).Work.Due // a Friday
	s.Clock.Advance(time.Duration(today(s).DaysUntil(due)+1) * 24 * time.Hour)
	if works, _ := s.App.Calendar.Current().IsWorking(today(s)); works {
		t.Fatalf("%s is worked", today(s))
	}
	got := s.LogInOfficial("knb.executor", demo.Password).Get("/kk/applications/" + number)
	if !strings.Contains(got.Body, "Мерзімі өткен") && !strings.Contains(got.Body, "Мерзімі өтті") || strings.Contains(got.Body, " 0 жұмыс күні") {
		t.Errorf("%d: the term is over by no day", got.Status)
	}
}

// A refusal of incompleteness whose check is over is not put before anybody to be signed.
func TestNothingIsSignedThatCannotBeDecided(t *testing.T) {
	s := openSite(t, site.Options{Decided: true})
	timed(t, s)
	number, executor := taken(t, s, s.Organisation(1), nil)
	incomplete := refusal()
	incomplete.Set("ground", "not_complete")
	done(t, acts(t, executor, number, "propose", incomplete))
	s.Clock.Advance(4 * 24 * time.Hour)
	approver := s.LogInOfficial("knb.approver", demo.Password)
	done(t, acts(t, approver, number, "take", nil))
	if got := approver.Get("/kk/applications/" + number + "/decision"); got.Status != http.StatusConflict {
		t.Errorf("to be signed: %d", got.Status)
	}
	done(t, acts(t, approver, number, "send-back", url.Values{"note": {"Толықтығын тексеру мерзімі өтті."}}))
}

// What the system did meanwhile is told as the system's doing, and never as the applicant's.
func TestConflictNamesTheSystem(t *testing.T) {
	s := openSite(t, site.Options{})
	owner := s.Organisation(1)
	timed(t, s)
	number, executor := taken(t, s, owner, nil)
	stale := version(t, executor, "/kk/applications/"+number)
	s.Clock.Advance(4 * 24 * time.Hour)
	looks(t, s)
	form := refusal()
	form.Set("version", stale)
	got := acts(t, s.LogInOfficial("knb.executor", demo.Password), number, "propose", form)
	_, summary, _ := strings.Cut(got.Body, `<main`)
	summary, _, _ = strings.Cut(summary, `<h1`)
	if got.Status != http.StatusConflict || !strings.Contains(summary, "құжаттар толық деп есептеледі") {
		t.Errorf("%d\n%s", got.Status, summary)
	}
	if strings.Contains(summary, owner.Account.Party.Name) || !strings.Contains(summary, "үйе") {
		t.Errorf("who changed it: %s", summary)
	}
}

// An examination is no event, and is told all the same as what changed the application under another window.
func TestConflictNamesTheExamination(t *testing.T) {
	s := openSite(t, site.Options{})
	requires(t, s)
	number, executor := taken(t, s, s.Organisation(1), nil)
	form := refusal()
	form.Set("version", version(t, executor, "/kk/applications/"+number))
	s.Clock.Advance(time.Minute)
	done(t, acts(t, executor, number, "examine", url.Values{"met.holder": {"yes"}})) // in another window
	got := acts(t, executor, number, "propose", form)
	if got.Status != http.StatusConflict || !strings.Contains(got.Body, "Талаптарға сәйкестік)") || strings.Contains(got.Body, "жұмысқа алды)") {
		t.Errorf("%d: what changed it is not told", got.Status)
	}
}

// Nobody is invited to a hearing on incompleteness once its check is over: on that ground nothing can be refused any more.
func TestNoHearingOnAGroundThatIsOver(t *testing.T) {
	s := openSite(t, site.Options{})
	edited(t, s, "process:\n", "process:\n  hearing: true\n", "    unconfirmed: true\n", "    working_days: 10\n    unconfirmed: true\n")
	number, _ := taken(t, s, s.Organisation(1), nil)
	s.Clock.Advance(3 * 24 * time.Hour)
	executor := s.LogInOfficial("knb.executor", demo.Password)
	call := refusal()
	call.Set("ground", "not_complete")
	call.Set("hearing_day", "27.11.2026")
	call.Set("hearing_time", "10:30")
	call.Set("hearing_place", "Мәңгілік Ел 8")
	if got := acts(t, executor, number, "invite", call); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "толық еместігі енді бас тартуға негіз бола алмайды") {
		t.Errorf("on incompleteness: %d", got.Status)
	}
	call.Set("ground", "not_holder")
	done(t, acts(t, executor, number, "invite", call))
	if got := executor.Get("/kk/applications/" + number + "/correction"); got.Status != http.StatusSeeOther {
		t.Errorf("a correction while the hearing waits: %d", got.Status)
	}
}

// Whoever stands in for an official does that official's work, whatever their own duties are: they take, and they write.
func TestDeputiesOfOtherDutiesWork(t *testing.T) {
	s := openSite(t, site.Options{})
	absent := s.Official("knb.executor")
	number, second := sent(t, s.Organisation(1), nil), sent(t, s.Organisation(2), nil)
	for i, duty := range []access.Duty{access.Auditor, access.Publisher} {
		deputy := s.Appoint(access.Official{Login: "knb." + string(duty), Person: s.Individual(31 + i).Person.IIN, Surname: "Үлгі", GivenName: "Адам", Body: "knb", Duties: []access.Duty{duty}})
		b := s.Enter(deputy)
		if got := b.Get("/kk/applications/" + number); got.Status == http.StatusOK {
			t.Errorf("%s reads before", duty)
		}
		must(t, s.App.Accounts.AddAbsence(t.Context(), access.ActorOf(absent), access.Absence{Official: absent.ID, Deputy: deputy.ID, Service: "licence-restoration", From: today(s), To: today(s), Reason: "Демалыс"},
			func(string) bool { return true }))
		of := []string{number, second}[i]
		done(t, acts(t, b, of, "take", nil))
		if got := b.Post("/kk/applications/"+of+"/messages", url.Values{"text": {"Көшірмені анықтап жіберіңіз."}}); got.Status != http.StatusSeeOther {
			t.Errorf("%s writes: %d", duty, got.Status)
		}
		if a := s.Application(of); a.Work.Holder != absent.ID {
			t.Errorf("held by %s", a.Work.Holder)
		}
	}
}

// Who hands out work does so in their own right, also where they stand in for whoever holds it.
func TestHandingOutIsNobodysPlace(t *testing.T) {
	s := openSite(t, site.Options{})
	number, _ := taken(t, s, s.Organisation(1), nil)
	absent := s.Official("knb.executor")
	head := s.Appoint(access.Official{Login: "knb.head", Person: s.Individual(31).Person.IIN, Surname: "Үлгі", GivenName: "Басшы", Body: "knb", Duties: []access.Duty{access.Head}})
	other := s.Appoint(access.Official{Login: "knb.other", Person: s.Individual(32).Person.IIN, Surname: "Үлгі", GivenName: "Басқа", Body: "knb", Duties: []access.Duty{access.Executor}})
	must(t, s.App.Accounts.AddAbsence(t.Context(), access.ActorOf(absent), access.Absence{Official: absent.ID, Deputy: head.ID, From: today(s), To: today(s), Reason: "Демалыс"}, func(string) bool { return true }))
	done(t, acts(t, s.Enter(head), number, "assign", url.Values{"to": {other.ID}}))
	s.View(func(v port.View) error {
		list, err := v.Applications().Happenings(t.Context(), number)
		if last := list[len(list)-1]; last.Event != application.Assigned || last.Behalf != "" {
			t.Errorf("%+v", last)
		}
		return err
	})
}
