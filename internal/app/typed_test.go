package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"elicense/internal/demo"
	"elicense/internal/testkit/site"
)

// A second window proposes, or answers the requirements, after the case was given back in the first: nothing is done, and what
// was typed is shown again, though its form is gone.
func TestWhatWasTypedIsNotLost(t *testing.T) {
	s := openSite(t, site.Options{})
	withProcess(t, s, "  requirements:\n    - key: charter\n      text: {kk: Жарғысы бар, ru: Есть устав, en: There is a charter}\n      act: {kk: 1-бап, ru: Статья 1, en: Article 1}\n")
	s.Official("knb.executor")
	number := sent(t, s.Organisation(1), nil)
	executor := s.LogInOfficial("knb.executor", demo.Password)
	one := "/kk/applications/" + number
	done(t, acts(t, executor, number, "take", nil))
	seen := version(t, executor, one)
	done(t, acts(t, executor, number, "give-back", nil))
	typed := refusal()
	typed.Set("version", seen)
	typed.Set("note", "Әріптеске ескертпе")
	got := acts(t, executor, number, "propose", typed)
	if got.Status != http.StatusConflict {
		t.Fatal(got.Status)
	}
	for _, has := range []string{"Жазғандарыңыз (сақталған жоқ)", "Иесі басқа.", "Владелец другой.", "Лицензия өтініш берушіге берілмеген", "Бас тарту", "Әріптеске ескертпе"} {
		if !strings.Contains(got.Body, has) {
			t.Errorf("lost: %s", has)
		}
	}
	if strings.Contains(got.Body, `name="reason_kk"`) {
		t.Error("the form is shown to who does not hold the case")
	}
	got = acts(t, executor, number, "examine", url.Values{"version": {seen}, "met.charter": {"no"}, "met.charter.kk": {"Жарғы жоқ"}, "met.charter.ru": {"Устава нет"}})
	if got.Status != http.StatusConflict || !strings.Contains(got.Body, "Жарғысы бар") || !strings.Contains(got.Body, "Жарғы жоқ") || !strings.Contains(got.Body, "Устава нет") {
		t.Errorf("the answers: %d", got.Status)
	}
	if a := s.Application(number); a.Work.Report.Proposal != nil || a.Work.Holder != "" {
		t.Error("something was done")
	}
	if got := executor.Get(one).Body; strings.Contains(got, "сақталған жоқ") {
		t.Error("the case itself shows what nobody typed")
	}
}
