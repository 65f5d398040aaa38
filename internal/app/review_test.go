package app_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/demo"
	"elicense/internal/fault"
	"elicense/internal/filing"
	"elicense/internal/lang"
	"elicense/internal/port"
	"elicense/internal/service"
	"elicense/internal/testkit/site"
	"elicense/services"
)

// taken files a restoration that an executor has taken.
func taken(t *testing.T, s *site.Site, owner *site.Applicant, otherwise map[string]string) (string, *site.Browser) {
	t.Helper()
	s.Official("knb.executor")
	number := sent(t, owner, otherwise)
	executor := s.LogInOfficial("knb.executor", demo.Password)
	done(t, acts(t, executor, number, "take", nil))
	return number, executor
}

// asksCorrection marks the number of the licence and its copy.
func asksCorrection(t *testing.T, b *site.Browser, number string) site.Answer {
	t.Helper()
	return b.Post("/kk/applications/"+number+"/correction", url.Values{"version": {version(t, b, "/kk/applications/"+number)},
		"mark.licence_number": {"yes"}, "licence_number.kk": {"Нөмірін түзетіңіз"}, "licence_number.ru": {"Исправьте номер"},
		"mark.document.licence_copy": {"yes"}, "document.licence_copy.kk": {"Көшірме анық емес"}, "document.licence_copy.ru": {"Копия нечёткая"}})
}

func version(t *testing.T, b *site.Browser, address string) string {
	t.Helper()
	return site.Hidden(t, b.Get(address).Body, "version")
}

// signsCorrection signs the corrected application.
func signsCorrection(t *testing.T, s *site.Site, a *site.Applicant, number string) error {
	t.Helper()
	c, err := s.App.Filing.PrepareCorrection(t.Context(), a.Actor, "again", number)
	must(t, err)
	_, err = s.App.Filing.SubmitCorrection(t.Context(), a.Actor, "again", number, filing.Submission{Nonce: c.Nonce, CMS: s.Sign(c.Content, a.Key)})
	return err
}

func TestCorrectionFromMarkToSecondSignature(t *testing.T) {
	s := openSite(t, site.Options{})
	owner := s.Organisation(1)
	s.Papers(owner.Account.Party.Number)
	number, executor := taken(t, s, owner, map[string]string{"licence_number": "9999"})
	one, correction := "/kk/applications/"+number, "/kk/applications/"+number+"/correction"
	if got := executor.Post(correction, url.Values{"version": {version(t, executor, one)}, "mark.house": {"yes"}, "house.kk": {"Үйдің нөмірін тексеріңіз"}}); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "Үйдің нөмірін тексеріңіз") {
		t.Errorf("without Russian: %d", got.Status)
	}
	done(t, asksCorrection(t, executor, number))
	if a := s.Application(number); a.State != application.Correcting || !a.Work.Report.Clock.Stopped() {
		t.Fatalf("%s %+v", a.State, a.Work.Report.Clock)
	}
	if got := acts(t, executor, number, "propose", url.Values{"outcome": {"granted"}}); got.Status != http.StatusConflict || !strings.Contains(got.Body, "Өтініш түзетуде") {
		t.Errorf("a decision while it is corrected: %d", got.Status)
	}

	b := s.LogIn(owner)
	if got := b.Get(one); !strings.Contains(got.Body, correction) {
		t.Error("the applicant is not led to the correction")
	}
	page := b.Get(correction).Body
	if !strings.Contains(page, "Нөмірін түзетіңіз") || !strings.Contains(page, `name="licence_number"`) || strings.Contains(page, `name="house"`) {
		t.Fatalf("what is unlocked")
	}
	locked := url.Values{"version": {version(t, b, correction)}, "licence_number": {"1111"}, "house": {"99"}}
	if got := b.Post(correction, locked); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "өзгертуге болмайды") {
		t.Errorf("a locked field: %d", got.Status)
	}
	if got := b.Post(correction, url.Values{"version": {"1"}, "licence_number": {"1111"}}); got.Status != http.StatusConflict || !strings.Contains(got.Body, `value="1111"`) {
		t.Errorf("another window: %d", got.Status)
	}
	if got := b.Post(correction, url.Values{"version": {version(t, b, correction)}, "go": {"sign"}}); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "ештеңе түзетілген жоқ") {
		t.Errorf("nothing was corrected: %d", got.Status)
	}
	done(t, b.Send(b.Upload(one+"/documents/licence_copy/upload", map[string]string{"name": "Анық көшірме"}, "fresh.pdf", site.Contract())))
	if got := b.Get(one + "/documents/charter"); got.Status != http.StatusNotFound {
		t.Errorf("a document that was not marked: %d", got.Status)
	}
	done(t, b.Post(correction, url.Values{"version": {version(t, b, correction)}, "licence_number": {"1111"}, "go": {"sign"}}))
	if got := b.Get(correction + "/sign"); got.Status != http.StatusOK {
		t.Errorf("the page that signs: %d", got.Status)
	}
	if a := s.Application(number); a.Answers["licence_number"] != "9999" {
		t.Error("what is not signed counts already")
	}
	s.Clock.Advance(24 * time.Hour)
	s.PublishList()
	must(t, signsCorrection(t, s, owner, number))
	resumed(t, s, number)
	executor = s.LogInOfficial("knb.executor", demo.Password)
	got := executor.Get(one).Body
	for _, has := range []string{"9999", "1111", "fresh.pdf", "licence_copy@0", "Нөмірін түзетіңіз"} {
		if !strings.Contains(got, has) {
			t.Errorf("the difference does not show %s", has)
		}
	}
	if got := executor.Get(one + "/documents/licence_copy@0/file"); got.Status != http.StatusOK {
		t.Errorf("the earlier document: %d", got.Status)
	}
	if got := asksCorrection(t, executor, number); got.Status != http.StatusConflict {
		t.Errorf("a second correction: %d", got.Status)
	}
	s.Clean()
}

// resumed demands that the corrected application is in work, with both signatures, and that its term stood
// still and runs again.
func resumed(t *testing.T, s *site.Site, number string) {
	t.Helper()
	a := s.Application(number)
	if a.State != application.Registered || a.Answers["licence_number"] != "1111" || a.Attached[0].File != "fresh.pdf" {
		t.Fatalf("%s %v %+v", a.State, a.Answers["licence_number"], a.Attached)
	}
	if clock := a.Work.Report.Clock; len(clock.Stops) != 1 || clock.Stopped() || clock.Stops[0].To != clock.Stops[0].From.AddDays(1) {
		t.Errorf("%+v", clock)
	}
	s.View(func(v port.View) error {
		signatures, err := v.Applications().Signatures(t.Context(), number)
		if err != nil || len(signatures) != 2 || signatures[0].Purpose != "application" || signatures[1].Purpose != "correction" ||
			!strings.Contains(string(signatures[0].Answers), "9999") || !strings.Contains(string(signatures[1].Answers), "1111") {
			t.Errorf("%d signatures, %v", len(signatures), err)
		}
		paper, ok, err := v.Permits().PaperOf(t.Context(), "knb", "15", "1111")
		if !ok || paper.Application != number {
			t.Errorf("the paper that the corrected answers mean is not claimed: %+v", paper)
		}
		return err
	})
}

// A correction that is not answered in time ends by itself, and what was not signed counts for nothing.
func TestLapsedCorrection(t *testing.T) {
	s := openSite(t, site.Options{})
	owner := s.Organisation(1)
	number, executor := taken(t, s, owner, nil)
	done(t, asksCorrection(t, executor, number))
	asked, _ := s.Application(number).Work.Report.Correction()
	_, err := s.App.Filing.SaveCorrection(t.Context(), owner.Actor, number, s.Application(number).Version, map[string]string{"licence_number": "2222"})
	must(t, err)
	must(t, s.App.Desk.Lapse(t.Context()))
	if a := s.Application(number); a.State != application.Correcting {
		t.Fatalf("before the last day: %s", a.State)
	}
	for s.Clock.Now().Before(asked.Until.AddDays(1).Start(lang.Almaty())) {
		s.Clock.Advance(24 * time.Hour)
	}
	if _, err := s.App.Filing.Correction(t.Context(), owner.Actor, number); !fault.Is(err, filing.KeyNotCorrecting) {
		t.Errorf("after the last day: %v", err)
	}
	must(t, s.App.Desk.Lapse(t.Context()))
	must(t, s.App.Desk.Lapse(t.Context()))
	a := s.Application(number)
	if a.State != application.Registered || a.Answers["licence_number"] != "1111" || a.Work.Report.Clock.Stopped() || !a.Work.Report.Corrections[0].Lapsed {
		t.Errorf("%s %+v", a.State, a.Work.Report)
	}
	s.Clean()
}

// Officials look at images that the server made; the file itself stands behind a warning.
func TestPagesOfDocumentsAreImages(t *testing.T) {
	s := openSite(t, site.Options{})
	number, executor := taken(t, s, s.Organisation(1), nil)
	one := "/kk/applications/" + number
	got := executor.Get(one + "?document=licence_copy&page=1").Body
	if !strings.Contains(got, one+"/documents/licence_copy/pages/1") || !strings.Contains(got, "қауіпті болуы мүмкін") {
		t.Error("the case does not show the page and the warning")
	}
	image := executor.Get(one + "/documents/licence_copy/pages/1")
	if image.Status == http.StatusOK {
		if !strings.HasPrefix(image.Body, "\x89PNG") || image.Header.Get("Content-Type") != "image/png" || !strings.Contains(image.Header.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("%v", image.Header)
		}
	} else if image.Status != http.StatusUnprocessableEntity || !strings.Contains(image.Body, "Бет суретін жасау мүмкін болмады") {
		t.Errorf("%d", image.Status)
	}
	for _, address := range []string{"/documents/licence_copy/pages/0", "/documents/licence_copy/pages/x", "/documents/charter/pages/1"} {
		if got := executor.Get(one + address); got.Status != http.StatusNotFound {
			t.Errorf("%s: %d", address, got.Status)
		}
	}
	if got := s.LogInOfficial("cci.executor", demo.Password).Get(one + "/documents/licence_copy/pages/1"); got.Status != http.StatusNotFound {
		t.Errorf("another body: %d", got.Status)
	}
}

// requires makes the restoration a service with requirements; the law asks for none of these.
func requires(t *testing.T, s *site.Site) {
	t.Helper()
	folder, err := fs.Sub(services.Files, "licence-restoration")
	must(t, err)
	src, err := service.ReadSource(folder)
	must(t, err)
	src["service.yaml"] = []byte(strings.Replace(string(src["service.yaml"]), "process:\n", `process:
  requirements:
    - {key: holder, text: {kk: Иесі өтініш беруші, ru: Владелец - заявитель, en: The holder applies}, act: {kk: 1-бап, ru: Статья 1, en: Article 1}}
    - {key: legible, text: {kk: Көшірме анық, ru: Копия чёткая, en: The copy is legible}, act: {kk: 2-бап, ru: Статья 2, en: Article 2}}
`, 1))
	_, _, err = s.App.Catalogue.Publish(t.Context(), src, "test")
	must(t, err)
}

func TestRequirementsAreAnsweredOneByOne(t *testing.T) {
	s := openSite(t, site.Options{})
	owner := s.Organisation(1)
	s.Papers(owner.Account.Party.Number)
	requires(t, s)
	number, executor := taken(t, s, owner, nil)
	done(t, acts(t, executor, number, "examine", url.Values{"met.holder": {"yes"}}))
	if got := wantsGrant(t, executor, number); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "Бұл талап бойынша жауап жоқ") {
		t.Errorf("an open requirement: %d", got.Status)
	}
	done(t, acts(t, executor, number, "examine", url.Values{"met.holder": {"yes"}, "met.legible": {"no"}, "met.legible.kk": {"Мөр көрінбейді"}}))
	refusal := url.Values{"outcome": {"refused"}, "ground": {"not_holder"}, "reason_kk": {"а"}, "reason_ru": {"а"}}
	if got := acts(t, executor, number, "propose", refusal); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "Талап неге орындалмағанын жазыңыз") && !strings.Contains(got.Body, "талап неге орындалмағанын") {
		t.Errorf("a no without Russian: %d", got.Status)
	}
	done(t, acts(t, executor, number, "examine", url.Values{"met.holder": {"yes"}, "met.legible": {"no"}, "met.legible.kk": {"Мөр көрінбейді"}, "met.legible.ru": {"Печать не видна"}}))
	page := executor.Get("/kk/applications/" + number).Body
	if strings.Count(page, "Печать не видна") != 2 { // at the requirement, and taken over into the reasons
		t.Errorf("the reasons are not taken over")
	}
	if got := wantsGrant(t, executor, number); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "Бұл талап орындалмаған") {
		t.Errorf("a requirement that is not met: %d", got.Status)
	}
	done(t, acts(t, executor, number, "propose", refusal))
	approver := s.LogInOfficial("knb.approver", demo.Password)
	if got := approver.Get("/kk/applications/" + number).Body; !strings.Contains(got, "Мөр көрінбейді") {
		t.Error("the next official does not see the answers")
	}
	done(t, acts(t, approver, number, "take", nil))
	done(t, acts(t, approver, number, "confirm", nil))
	if got := approver.Get("/kk/applications/" + number).Body; !strings.Contains(got, "Мөр көрінбейді") {
		t.Error("the history does not keep the answers")
	}
	s.Clean()
}

// Notes and who is looking are the body's own: no page, print or answer of the applicant's holds a word of them.
func TestNotesNeverReachTheApplicant(t *testing.T) {
	const canary = "Құпия-канарейка-7391"
	s := openSite(t, site.Options{})
	owner := s.Organisation(1)
	s.Papers(owner.Account.Party.Number)
	number, executor := taken(t, s, owner, map[string]string{"licence_number": "9999"})
	one := "/applications/" + number
	if got := acts(t, executor, number, "note", url.Values{"case_note": {" "}}); got.Status != http.StatusUnprocessableEntity {
		t.Errorf("an empty note: %d", got.Status)
	}
	done(t, acts(t, executor, number, "note", url.Values{"case_note": {canary}}))
	approver := s.LogInOfficial("knb.approver", demo.Password)
	if got := approver.Get("/kk" + one).Body; !strings.Contains(got, canary) || !strings.Contains(got, "де қарап отыр") {
		t.Error("the body's official does not see the note, or who is looking")
	}
	if got := s.LogInOfficial("cci.executor", demo.Password).Post("/kk"+one, url.Values{"go": {"note"}, "version": {"1"}, "case_note": {"x"}}); got.Status != http.StatusNotFound {
		t.Errorf("another body writes: %d", got.Status)
	}
	b := s.LogIn(owner)
	search := func(when string) {
		t.Helper()
		for _, l := range []string{"kk", "ru", "en"} {
			for _, page := range []string{"", "/download", "/correction", "/correction/sign", "/documents/licence_copy/file"} {
				if got := b.Get("/" + l + one + page); strings.Contains(got.Body, canary) || strings.Contains(got.Body, "7391") {
					t.Errorf("%s: %s%s shows the note", when, l, page)
				}
			}
			for _, page := range []string{"/applications", "/permits", "/documents", "/"} {
				if got := b.Get("/" + l + page); strings.Contains(got.Body, "7391") {
					t.Errorf("%s: %s%s shows the note", when, l, page)
				}
			}
		}
	}
	search("in work")
	done(t, asksCorrection(t, executor, number))
	search("being corrected")
	_, err := s.App.Filing.SaveCorrection(t.Context(), owner.Actor, number, s.Application(number).Version, map[string]string{"licence_number": "1111"})
	must(t, err)
	must(t, signsCorrection(t, s, owner, number))
	done(t, wantsGrant(t, executor, number))
	done(t, acts(t, approver, number, "take", nil))
	done(t, acts(t, approver, number, "confirm", nil))
	search("decided")
	permit := s.Application(number).Permit
	for _, page := range []string{"/kk/permits/" + permit, "/kk/permits/" + permit + "/document/kk", "/ru/permits/" + permit + "/document/ru"} {
		if got := b.Get(page); got.Status != http.StatusOK || strings.Contains(got.Body, "7391") {
			t.Errorf("%s: %d, or it shows the note", page, got.Status)
		}
	}
	s.View(func(v port.View) error {
		records, err := v.Records().Page(t.Context(), "", 1000)
		for _, r := range records {
			if strings.Contains(string(r.Bytes), "7391") {
				t.Error("the audit holds the text of the note")
			}
		}
		return err
	})
	s.Clean()
}

// approvers are officials of the licensor who have never logged in.
func approvers(s *site.Site, n int) []access.Actor {
	var actors []access.Actor
	s.Update(func(tx port.Tx) error {
		actors = nil
		for i := range n {
			name := "Бекітуші-" + strconv.Itoa(i)
			o := access.Official{ID: s.Clock.ID(), Login: "race-" + strconv.Itoa(i), Person: fmt.Sprintf("%012d", i), Surname: name, GivenName: "Үлгі", Body: "knb",
				Duties: []access.Duty{access.Approver}, PasswordAt: s.Clock.Now(), Version: 1, CreatedAt: s.Clock.Now()}
			tx.Write().Office().Officials().Add(o)
			actors = append(actors, access.ActorOf(o))
		}
		return nil
	})
	return actors
}

// race lets all act at once and gives who succeeded; the others must be told of a conflict.
func race(t *testing.T, n int, act func(i int) error) (won []int) {
	t.Helper()
	errs := make([]error, n)
	at(n, func(i int) { errs[i] = act(i) })
	for i, err := range errs {
		switch {
		case err == nil:
			won = append(won, i)
		case fault.KindOf(err) != fault.Conflict || fault.Is(err, "store.race"):
			t.Errorf("%d: %v", i, err)
		}
	}
	return won
}

// fifty officials decide one application at once, some agreeing and some not: one decision, one permit, and every other
// one learns who decided.
func TestFiftyDecideOne(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site.Site) {
		owner := s.Organisation(1)
		s.Papers(owner.Account.Party.Number)
		number, executor := taken(t, s, owner, nil)
		done(t, wantsGrant(t, executor, number))
		late := s.LogInOfficial("knb.approver", demo.Password)
		actors := approvers(s, 50)
		version := s.Application(number).Version
		won := race(t, len(actors), func(i int) error { return s.App.Desk.Take(t.Context(), actors[i], number, version) })
		if len(won) != 1 {
			t.Fatalf("%d hold it", len(won))
		}
		holder := won[0]
		version++
		if got := acts(t, late, number, "take", nil); got.Status != http.StatusConflict || !strings.Contains(got.Body, "Бекітуші-"+strconv.Itoa(holder)+" ") {
			t.Errorf("who holds it is not named: %d", got.Status)
		}
		decide := func(i int) error {
			if i%2 == 1 && i != holder {
				return s.App.Desk.SendBack(t.Context(), actors[i], number, version, "Келіспеймін")
			}
			return s.App.Desk.Confirm(t.Context(), actors[i], number, version)
		}
		if won = race(t, len(actors), decide); len(won) != 1 || won[0] != holder {
			t.Errorf("%d held it, %v decided", holder, won)
		}
		if won = race(t, len(actors), decide); len(won) != 0 {
			t.Errorf("decided again by %v", won)
		}
		got := acts(t, late, number, "send-back", url.Values{"version": {strconv.Itoa(version)}, "note": {"Менің дәлелім"}})
		if got.Status != http.StatusConflict || !strings.Contains(got.Body, "Бекітуші-"+strconv.Itoa(holder)+" ") {
			t.Errorf("who decided is not named: %d", got.Status)
		}
		if report := s.Clean(); report.Permits != 1 || s.Application(number).State != application.Issued {
			t.Errorf("%+v", report)
		}
	})
}

// One official with fifty windows agrees in some and sends back in others: one of them counts.
func TestFiftyWindowsAreOneAct(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site.Site) {
		owner := s.Organisation(1)
		s.Papers(owner.Account.Party.Number)
		number, executor := taken(t, s, owner, nil)
		done(t, wantsGrant(t, executor, number))
		actor, version := approvers(s, 1)[0], s.Application(number).Version
		must(t, s.App.Desk.Take(t.Context(), actor, number, version))
		version++
		won := race(t, 50, func(i int) error {
			if i%2 == 1 {
				return s.App.Desk.SendBack(t.Context(), actor, number, version, "Келіспеймін")
			}
			return s.App.Desk.Confirm(t.Context(), actor, number, version)
		})
		permits := s.Clean().Permits
		if a := s.Application(number); len(won) != 1 || (a.State == application.Issued) != (won[0]%2 == 0) || permits != 1-won[0]%2 {
			t.Errorf("%v counted: %s, %d permits", won, a.State, permits)
		}
	})
}

// Two windows of one official: a correction is asked, or the decision proposed, never both.
func TestCorrectionAgainstProposal(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site.Site) {
		number, executor := taken(t, s, s.Organisation(1), nil)
		version := strconv.Itoa(s.Application(number).Version)
		requests, answers := make([]*http.Request, 20), make([]site.Answer, 20)
		for i := range requests {
			if i%2 == 0 {
				requests[i] = executor.Form("/kk/applications/"+number, url.Values{"go": {"propose"}, "version": {version}, "outcome": {"refused"}, "ground": {"not_holder"}, "reason_kk": {"а"}, "reason_ru": {"а"}})
			} else {
				requests[i] = executor.Form("/kk/applications/"+number+"/correction", url.Values{"version": {version}, "mark.house": {"yes"}, "house.kk": {"а"}, "house.ru": {"а"}})
			}
		}
		at(len(requests), func(i int) { answers[i] = executor.Send(requests[i]) })
		won := 0
		for i, got := range answers {
			if got.Status == http.StatusSeeOther {
				won++
			} else if got.Status != http.StatusConflict {
				t.Errorf("%d: %d", i, got.Status)
			}
		}
		a := s.Application(number)
		proposed, asked := a.Work.Report.Proposal != nil, len(a.Work.Report.Corrections) == 1
		if won != 1 || proposed == asked || asked != (a.State == application.Correcting) {
			t.Errorf("%d won; %s %+v", won, a.State, a.Work.Report)
		}
		s.Clean()
	})
}
