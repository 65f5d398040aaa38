package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"elicense/internal/access"
	"elicense/internal/demo"
	"elicense/internal/port"
	"elicense/internal/testkit/site"
)

// templaters are two administrators of a body, a second account of the first, and one of another body.
func templaters(s *site.Site) (first, second, twin, other *site.Browser) {
	admin := func(login, person, body string) access.Official {
		return s.Appoint(access.Official{Login: login, Person: person, Surname: "Үлгі", GivenName: "Адам", Body: body, Duties: []access.Duty{access.Administrator}})
	}
	one := admin("knb.one", s.Individual(41).Person.IIN, "knb")
	return s.Enter(one), s.Enter(admin("knb.two", s.Individual(42).Person.IIN, "knb")), s.Enter(admin("knb.twin", one.Person, "knb")), s.Enter(admin("cci.other", s.Individual(43).Person.IIN, "cci"))
}

func template(of string, otherwise url.Values) url.Values {
	v := url.Values{"go": {"propose"}, "of": {of}, "name": {"Сынақ-1"}, "from": {"22.11.2026"},
		"text_kk": {"Біздің үлгі: {number}, {ground}"}, "text_ru": {"Наш шаблон: {number}, {ground}"}}
	for k, x := range otherwise {
		v[k] = x
	}
	return v
}

const notHolder = "refusal/licence-restoration/not_holder"

// What is wrong with a template is told at its field, with the placeholders that are known; it is shown filled in beforehand.
func TestTemplatesAreChecked(t *testing.T) {
	s := openSite(t, site.Options{})
	first, _, _, _ := templaters(s)
	for field, x := range map[string][2]string{
		"of": {"refusal/trade-licence/x", "Үлгінің не үшін"}, "name": {" ", "Үлгінің атауын"}, "text_kk": {"{applicant} {phone}", "{phone} деген мән белгісіз"}, "text_ru": {"", "екеуі"},
		"from": {"21.11.2026", "өткен күннен"}, "to": {"1.1.2020", "бірінші күннен ерте"},
	} {
		got := first.Post("/kk/templates/new", template(notHolder, url.Values{field: {x[0]}}))
		if got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, `href="#f-`+field) || field != "text_ru" && !strings.Contains(got.Body, x[1]) {
			t.Errorf("%s %q: %d", field, x[0], got.Status)
		}
	}
	if got := first.Post("/kk/templates/new", template("letter/sent", url.Values{"text_kk": {"{applicant}"}})); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "{number}, {body}, {service}, {link}") {
		t.Errorf("a letter with the applicant's name: %d", got.Status)
	}
	if got := first.Post("/kk/templates/new", template("letter/sent", url.Values{"go": {"preview"}, "text_kk": {"{number} {service}"}, "text_ru": {"{number"}})); got.Status != http.StatusUnprocessableEntity {
		t.Errorf("a brace that nothing ends: %d", got.Status)
	}
	got := first.Post("/kk/templates/new", template(notHolder, url.Values{"go": {"preview"}}))
	if got.Status != http.StatusOK || !strings.Contains(got.Body, "Біздің үлгі: KZ00ABC00000000") || !strings.Contains(got.Body, "Наш шаблон: KZ00ABC00000000, Лицензия выдана не заявителю") {
		t.Errorf("the preview: %d", got.Status)
	}
}

// A template is confirmed by another person of the body and begins the official's reason; another body sees nothing of it,
// and its officials' words stay the service's.
func TestBodyWritesItsRefusals(t *testing.T) {
	s := openSite(t, site.Options{})
	first, second, twin, other := templaters(s)
	done(t, first.Post("/kk/templates/new", template("refusal", url.Values{"text_kk": {"Кез келген"}})))
	sentTo := first.Get("/kk/templates")
	if !strings.Contains(sentTo.Body, "Бас тарту: органның кез келген қызметі") {
		t.Error("the list does not show what waits")
	}
	if got := first.Post("/kk/templates/new", template("refusal", nil)); got.Status != http.StatusConflict || !strings.Contains(got.Body, "Біздің үлгі") {
		t.Errorf("a second one that waits: %d", got.Status)
	}
	got := first.Post("/kk/templates/new", template(notHolder, url.Values{"text_en": {"not of a refusal"}}))
	done(t, got)
	address := got.Location()
	for name, b := range map[string]*site.Browser{"who proposed": first, "second account": twin} {
		if got := b.Post(address, url.Values{"go": {"approve"}}); got.Status != http.StatusConflict {
			t.Errorf("%s confirms: %d", name, got.Status)
		}
	}
	amendment := strings.Replace(address, "/templates/", "/amendments/", 1)
	for _, path := range []string{address, amendment} {
		if got := other.Get(path); got.Status != http.StatusNotFound {
			t.Errorf("another body reads %s: %d", path, got.Status)
		}
		if got := other.Post(path, url.Values{"go": {"reject"}, "reason": {"x"}}); got.Status != http.StatusNotFound {
			t.Errorf("another body rejects at %s: %d", path, got.Status)
		}
	}
	owner := s.Organisation(1)
	s.Official("knb.executor")
	number := sent(t, owner, nil)
	executor := s.LogInOfficial("knb.executor", demo.Password)
	done(t, acts(t, executor, number, "take", nil))
	begins := func() string {
		t.Helper()
		return acts(t, executor, number, "template", url.Values{"outcome": {"refused"}, "ground": {"not_holder"}}).Body
	}
	if strings.Contains(begins(), "Біздің үлгі") {
		t.Error("used before it was confirmed")
	}
	done(t, second.Post(address, url.Values{"go": {"approve"}}))
	if got := second.Post(address, url.Values{"go": {"reject"}, "reason": {"x"}}); got.Status != http.StatusConflict {
		t.Errorf("decided twice: %d", got.Status)
	}
	if got := second.Get(address).Body; strings.Contains(got, "not of a refusal") || !strings.Contains(got, "Бекітілді") {
		t.Error("the decided template")
	}
	if got := begins(); !strings.Contains(got, "Біздің үлгі: "+number) || !strings.Contains(got, "Наш шаблон: "+number) {
		t.Error("the body's template does not begin the reason")
	}
	if got := other.Get("/kk/templates"); got.Status != http.StatusOK || strings.Contains(got.Body, "Сынақ-1") {
		t.Errorf("another body's list: %d", got.Status)
	}
	if got := executor.Get("/kk/templates"); got.Status != http.StatusForbidden {
		t.Errorf("without the duty: %d", got.Status)
	}
	if list, err := s.App.Desk.Templates.Templates(t.Context(), "cci", "licence-restoration", "not_holder"); err != nil || len(list) != 0 {
		t.Errorf("another body's officials: %v %v", list, err)
	}
	s.Clean()
}

// The letters of a body are in its words from the day of the template on, with the law's word about a complaint; the newer
// template takes the place of the older, which stays.
func TestBodyWritesItsLetters(t *testing.T) {
	s := openSite(t, site.Options{})
	first, second, _, _ := templaters(s)
	write := func(form url.Values) {
		t.Helper()
		got := first.Post("/kk/templates/new", template("letter/sent", form))
		done(t, got)
		done(t, second.Post(got.Location(), url.Values{"go": {"approve"}}))
	}
	write(url.Values{"text_kk": {"Өтінішіңізді алдық: {number}, {body}"}, "text_ru": {"Заявление принято: {number}, {service}"}})
	write(url.Values{"text_kk": {"Кейінгі"}, "text_ru": {"Позднее"}, "from": {"01.12.2026"}})
	owner := s.Organisation(1)
	s.Official("knb.executor")
	number := sent(t, owner, nil)
	must(t, s.App.Notices.Work(t.Context()))
	b := s.LogIn(owner)
	for path, says := range map[string]string{"/kk/notices": "Өтінішіңізді алдық: " + number + ", Қазақстан Республикасы", "/ru/notices": "Заявление принято: " + number, "/en/notices": "was registered"} {
		if got := b.Get(path); !strings.Contains(got.Body, says) || strings.Contains(got.Body, "Кейінгі") {
			t.Errorf("%s: without %q", path, says)
		}
	}
	if got := first.Get("/kk/templates").Body; !strings.Contains(got, "Қолданыста") || !strings.Contains(got, "Әлі басталмаған") {
		t.Error("the list does not tell which is used")
	}
	s.View(func(v port.View) error {
		rows, err := v.Directories().Rows(t.Context(), port.TemplateDirectory+"knb")
		if len(rows) != 2 {
			t.Errorf("%d versions", len(rows))
		}
		return err
	})
	s.Clean()
}
