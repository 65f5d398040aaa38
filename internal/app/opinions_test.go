package app_test

import (
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/civil"
	"elicense/internal/demo"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/port"
	"elicense/internal/service"
	"elicense/internal/testkit/site"
	"elicense/services"
)

// approvals is what the restoration of a paper licence asks of others in these tests; the law asks for none of it.
const approvals = `process:
  opinions:
    - body: cci
      name: {kk: Байланыс мәселесі, ru: Вопрос связи, en: A matter of communications}
      working_days: 5
      silence: consent
    - body: mti
      name: {kk: Сауда мәселесі, ru: Вопрос торговли, en: A matter of trade}
      when: category == "activity"
      silence: nothing
    - body: knb # the licensor here
      name: {kk: Қауіпсіздік мәселесі, ru: Вопрос безопасности, en: A matter of security}
      silence: nothing
    - body: moh
      name: {kk: Денсаулық мәселесі, ru: Вопрос здоровья, en: A matter of health}
      when: 'category != "activity"'
      silence: consent
`

// asks makes the restoration a service that needs the approval of other bodies.
func asks(t *testing.T, s *site.Site) {
	t.Helper()
	folder, err := fs.Sub(services.Files, "licence-restoration")
	must(t, err)
	src, err := service.ReadSource(folder)
	must(t, err)
	src["service.yaml"] = []byte(strings.Replace(string(src["service.yaml"]), "process:\n", approvals, 1))
	_, fresh, err := s.App.Catalogue.Publish(t.Context(), src, "test")
	if err != nil || !fresh {
		t.Fatal(fresh, err)
	}
}

// official makes an official with a password of the test's, whose person is another's where told.
func official(t *testing.T, s *site.Site, login, person, body string, duties ...access.Duty) *site.Browser {
	t.Helper()
	made, first, err := s.App.Accounts.AddOfficial(t.Context(), "test", access.Official{Login: login, Person: person, Surname: "Үлгі", GivenName: "Адам", Body: body, Duties: duties}, s.App.Catalogue.BodyKeys())
	must(t, err)
	_, err = s.App.Accounts.ChangeOfficialPassword(t.Context(), access.ActorOf(made), first, demo.Password)
	must(t, err)
	return s.LogInOfficial(login, demo.Password)
}

func answers(b *site.Browser, number, verdict, kk, ru string) site.Answer {
	return b.Post("/kk/opinions/"+number, url.Values{"verdict": {verdict}, "reason_kk": {kk}, "reason_ru": {ru}})
}

func standings(s *site.Site, number string) string {
	var all []string
	for _, o := range s.Application(number).Work.Report.Opinions {
		all = append(all, o.Body+" "+string(o.Standing(civil.Of(s.Clock.Now(), lang.Almaty()))))
	}
	return strings.Join(all, ", ")
}

// wantsGrant proposes to grant with the paper that the page offers.
func wantsGrant(t *testing.T, b *site.Browser, number string) site.Answer {
	t.Helper()
	return acts(t, b, number, "propose", url.Values{"outcome": {"granted"}, "paper": {option(t, b.Get("/kk/applications/"+number).Body)}})
}

func TestApprovalsFromFilingToPermit(t *testing.T) {
	s := openSite(t, site.Options{})
	owner := s.Organisation(1)
	s.Papers(owner.Account.Party.Number)
	s.Official("knb.executor")
	asks(t, s)
	number := sent(t, owner, nil)
	if got := standings(s, number); got != "cci waiting, mti waiting" {
		t.Fatal(got)
	}
	executor := s.LogInOfficial("knb.executor", demo.Password)
	done(t, acts(t, executor, number, "take", nil))
	if got := wantsGrant(t, executor, number); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "Келісу туралы жауап әлі жоқ") {
		t.Errorf("a grant without the approvals: %d", got.Status)
	}

	trade := s.LogInOfficial("mti.publisher", demo.Password) // approves there too
	if got := trade.Get("/kk/opinions"); got.Status != http.StatusOK || !strings.Contains(got.Body, number) || !strings.Contains(got.Body, "Сауда мәселесі") {
		t.Errorf("the queue of the body that is asked: %d", got.Status)
	}
	if got := trade.Get("/kk/opinions/" + number); got.Status != http.StatusOK || !strings.Contains(got.Body, "1111") || strings.Contains(got.Body, "Байланыс мәселесі") {
		t.Errorf("the question: %d", got.Status)
	}
	done(t, answers(trade, number, "agrees", "Қарсылық жоқ", ""))
	if got := answers(trade, number, "objects", "Қарсымыз", "Против"); got.Status != http.StatusConflict {
		t.Errorf("a second answer: %d", got.Status)
	}
	if got := trade.Get("/kk/opinions"); strings.Contains(got.Body, number) {
		t.Error("what is answered stands in the queue")
	}
	if got := trade.Get("/kk/opinions/" + number); got.Status != http.StatusOK || !strings.Contains(got.Body, "Қарсылық жоқ") || strings.Contains(got.Body, `name="verdict"`) {
		t.Errorf("what was answered: %d", got.Status)
	}
	if got := wantsGrant(t, executor, number); got.Status != http.StatusUnprocessableEntity {
		t.Errorf("a grant with one of two approvals: %d", got.Status)
	}

	again := func() (silent, executor *site.Browser) { // sessions have ended
		return s.LogInOfficial("cci.approver", demo.Password), s.LogInOfficial("knb.executor", demo.Password)
	}
	s.Clock.Advance(5 * 24 * time.Hour) // the last day, a Friday
	silent, executor := again()
	if got := wantsGrant(t, executor, number); got.Status != http.StatusUnprocessableEntity || !strings.Contains(silent.Get("/kk/opinions").Body, number) {
		t.Errorf("on the last day of the answer: %d", got.Status)
	}
	s.Clock.Advance(24 * time.Hour)
	silent, executor = again()
	if got := standings(s, number); got != "cci silent, mti agreed" {
		t.Error(got)
	}
	if got := answers(silent, number, "objects", "Қарсымыз", "Против"); got.Status != http.StatusConflict || !strings.Contains(got.Body, "Жауап беру мерзімі өтті") || strings.Contains(silent.Get("/kk/opinions").Body, number) {
		t.Errorf("after the last day: %d", got.Status)
	}
	if got := executor.Get("/kk/applications/" + number); !strings.Contains(got.Body, "келісілді деп есептеледі") || !strings.Contains(got.Body, "Қарсылық жоқ") || !strings.Contains(got.Body, "Сынақова Мадина") {
		t.Error("the licensor does not see how the approvals stand")
	}
	done(t, wantsGrant(t, executor, number))
	approver := s.LogInOfficial("knb.approver", demo.Password)
	done(t, acts(t, approver, number, "take", nil))
	done(t, acts(t, approver, number, "confirm", nil))
	issued(t, s, number)
	audited(t, s, number)
	s.Clean()
}

// issued demands that the application is granted, and that no body that was asked reaches it any more.
func issued(t *testing.T, s *site.Site, number string) {
	t.Helper()
	if a := s.Application(number); a.State != application.Issued || len(a.Work.Report.Opinions) != 2 {
		t.Errorf("%s %+v", a.State, a.Work.Report.Opinions)
	}
	for _, b := range []*site.Browser{s.LogInOfficial("mti.publisher", demo.Password), s.LogInOfficial("cci.approver", demo.Password)} {
		if got := b.Get("/kk/opinions/" + number); got.Status != http.StatusNotFound {
			t.Errorf("after the decision: %d", got.Status)
		}
	}
}

// audited demands an audit row and an event of every request and of the answer.
func audited(t *testing.T, s *site.Site, number string) {
	t.Helper()
	events := map[application.Event]int{}
	s.View(func(v port.View) error {
		list, err := v.Applications().Happenings(t.Context(), number)
		for _, h := range list {
			events[h.Event]++
		}
		return err
	})
	if events[application.OpinionAsked] != 2 || events[application.OpinionGiven] != 1 {
		t.Errorf("events %v", events)
	}
	rows := map[string]int{}
	s.View(func(v port.View) error {
		list, err := v.Records().Page(t.Context(), "", 1000)
		for _, r := range list {
			for _, has := range []string{"application.opinion_asked", "application.opinion_given", `"verdict":"agrees"`} {
				if strings.Contains(string(r.Bytes), has) {
					rows[has]++
				}
			}
		}
		return err
	})
	if rows["application.opinion_asked"] != 2 || rows["application.opinion_given"] != 1 || rows[`"verdict":"agrees"`] != 1 {
		t.Errorf("audit rows %v", rows)
	}
}

// An objection has reasons in two languages and leaves nothing but a refusal.
func TestObjectionLeavesARefusal(t *testing.T) {
	s := openSite(t, site.Options{})
	owner := s.Organisation(1)
	s.Papers(owner.Account.Party.Number)
	s.Official("knb.executor")
	asks(t, s)
	number := sent(t, owner, nil)
	executor, approver, other := s.LogInOfficial("knb.executor", demo.Password), s.LogInOfficial("knb.approver", demo.Password), s.LogInOfficial("cci.approver", demo.Password)
	if got := answers(other, number, "objects", "Сай емес", ""); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "Сай емес") {
		t.Errorf("without Russian: %d", got.Status)
	}
	if got := answers(other, number, "", "", ""); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "Жауапты таңдаңыз") {
		t.Errorf("without a verdict: %d", got.Status)
	}
	done(t, acts(t, executor, number, "take", nil)) // what the licensor does meanwhile hinders no answer
	done(t, answers(other, number, "objects", "Сай емес", "Не соответствует"))
	if got := wantsGrant(t, executor, number); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "тек дәлелді бас тартуды") {
		t.Errorf("a grant after an objection: %d", got.Status)
	}
	done(t, acts(t, executor, number, "propose", url.Values{"outcome": {"refused"}, "ground": {"not_holder"}, "reason_kk": {"Келісілмеді."}, "reason_ru": {"Не согласовано."}}))
	done(t, acts(t, approver, number, "take", nil))
	done(t, acts(t, approver, number, "confirm", nil))
	if a := s.Application(number); a.State != application.Returned {
		t.Errorf("%s", a.State)
	}
	if page := s.LogIn(owner).Get("/kk/applications/" + number).Body; strings.Contains(page, "Сай емес") || !strings.Contains(page, "Басқа мемлекеттік органның келісуі сұралды") {
		t.Error("the applicant reads what bodies wrote to each other, or does not learn that they were asked")
	}
	s.Clean()
}

// A person with accounts at two bodies is on one side only.
func TestOnePersonDoesNotSpeakForTwoBodies(t *testing.T) {
	s := openSite(t, site.Options{})
	owner := s.Organisation(1)
	person := s.Official("knb.executor").Person
	asks(t, s)
	first, second := sent(t, owner, nil), sent(t, s.Organisation(2), nil)
	executor, double := s.LogInOfficial("knb.executor", demo.Password), official(t, s, "moc.double", person, "cci", access.Head)
	done(t, acts(t, executor, first, "take", nil))
	done(t, acts(t, executor, first, "propose", url.Values{"outcome": {"refused"}, "ground": {"not_holder"}, "reason_kk": {"Иесі басқа."}, "reason_ru": {"Владелец другой."}}))
	if got := answers(double, first, "agrees", "", ""); got.Status != http.StatusConflict || !strings.Contains(got.Body, "Бір адам бір өтініш бойынша") {
		t.Errorf("who proposed answers for another body: %d", got.Status)
	}
	done(t, answers(double, second, "agrees", "", ""))
	version := url.Values{"version": {"1"}}
	if got := acts(t, executor, second, "take", version); got.Status != http.StatusConflict || !strings.Contains(got.Body, "Бір адам бір өтініш бойынша") {
		t.Errorf("who answered takes the application: %d", got.Status)
	}
}

// Who is asked reaches the question and the documents; nobody else does, and nothing more.
func TestQuestionsAreReachedByWhoIsAsked(t *testing.T) {
	s := openSite(t, site.Options{})
	owner := s.Organisation(1)
	s.Official("knb.executor")
	asks(t, s)
	number := sent(t, owner, nil)
	asked := "/kk/opinions/" + number
	file := "/kk/applications/" + number + "/documents/licence_copy/file"
	for _, c := range []struct {
		who                         string
		browser                     *site.Browser
		queue, question, post, file int
		theCase                     int
	}{
		{"who approves at the body that is asked", s.LogInOfficial("cci.approver", demo.Password), 200, 200, 422, 200, 404},
		{"who examines there", s.LogInOfficial("cci.executor", demo.Password), 403, 404, 404, 404, 404},
		{"who heads a body that is not asked on these answers", official(t, s, "moh.head", s.Organisation(3).Person.IIN, "moh", access.Head), 200, 404, 404, 404, 404},
		{"who heads a body that is not asked", official(t, s, "moj.head", s.Organisation(4).Person.IIN, "moj", access.Head), 200, 404, 404, 404, 404},
		{"who approves at the licensor", s.LogInOfficial("knb.approver", demo.Password), 200, 404, 404, 200, 200},
		{"nobody", s.OfficeVisitor(), 303, 303, 401, 303, 303},
	} {
		got := []int{c.browser.Get("/kk/opinions").Status, c.browser.Get(asked).Status, c.browser.Post(asked, url.Values{"verdict": {"x"}}).Status, c.browser.Get(file).Status, c.browser.Get("/kk/applications/" + number).Status}
		want := []int{c.queue, c.question, c.post, c.file, c.theCase}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%s: %v, want %v", c.who, got, want)
				break
			}
		}
	}
	draft := owner.Restore(map[string]string{"licence_number": "2222"})
	if _, err := s.App.Desk.Question(t.Context(), access.ActorOf(s.Official("cci.approver")), draft); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a draft: %v", err)
	}
	if got := standings(s, number); got != "cci waiting, mti waiting" {
		t.Error(got)
	}
}

// After a correction the law wants another body's approval: it is asked for with many applications at once, each of which
// gets its own result; who has no part in the step cannot.
func TestOpinionsAreAskedForMany(t *testing.T) {
	s := openSite(t, site.Options{})
	asks(t, s)
	owner := s.Organisation(1)
	number, executor := taken(t, s, owner, nil)
	other := sent(t, s.Organisation(2), nil)
	done(t, executor.Post("/kk/applications/"+number+"/correction", url.Values{"version": {version(t, executor, "/kk/applications/"+number)},
		"mark.category": {"yes"}, "category.kk": {"Санатын түзетіңіз"}, "category.ru": {"Исправьте категорию"}}))
	b := s.LogIn(owner)
	correction := "/kk/applications/" + number + "/correction"
	done(t, b.Post(correction, url.Values{"version": {version(t, b, correction)}, "category": {"appendix"}, "go": {"sign"}}))
	must(t, signsCorrection(t, s, owner, number))
	if got := standings(s, number); got != "cci waiting, mti waiting" {
		t.Fatal(got)
	}
	ticked := hidden(t, executor.Get("/kk/applications?view=all").Body, "n")
	page := executor.Post("/kk/applications/chosen", url.Values{"go": {"ask-opinions"}, "n": ticked})
	order := url.Values{"go": {"ask-opinions"}, "n": hidden(t, page.Body, "n"), "idempotency_key": hidden(t, page.Body, "idempotency_key")}
	if len(order["n"]) != 2 {
		t.Fatalf("%d %v", page.Status, order)
	}
	got := executor.Post("/kk/batches", order)
	done(t, got)
	if body := executor.Get(got.Location()).Body; !strings.Contains(body, "Орындалды: 1. Барлығы: 2.") || !strings.Contains(body, "Қажетті келісулердің бәрі сұралған.") {
		t.Errorf("the results\n%.3000s", body)
	}
	if got, was := standings(s, number), standings(s, other); got != "cci waiting, mti waiting, moh waiting" || was != "cci waiting, mti waiting" {
		t.Errorf("%s; %s", got, was)
	}
	approver := s.Enter(s.Appoint(access.Official{Login: "knb.second", Person: s.Individual(33).Person.IIN, Surname: "Үлгі", GivenName: "Адам", Body: "knb", Duties: []access.Duty{access.Approver}}))
	if page := approver.Post("/kk/applications/chosen", url.Values{"go": {"ask-opinions"}, "n": ticked}); page.Status != http.StatusOK || hidden(t, page.Body, "n") != nil {
		t.Errorf("of another step: %d %v", page.Status, hidden(t, page.Body, "n"))
	}
	s.Clean()
}
