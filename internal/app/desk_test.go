package app_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/demo"
	"elicense/internal/fault"
	"elicense/internal/filing"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/testkit/site"
)

// sent files a restoration.
func sent(t *testing.T, a *site.Applicant, otherwise map[string]string) string {
	t.Helper()
	got, err := a.Send(a.Restore(otherwise))
	must(t, err)
	if got.State != application.Registered || got.Work.Step != "match" {
		t.Fatalf("%s %+v", got.State, got.Work)
	}
	return got.Number
}

// acts presses a button of a case, as the page shows it now.
func acts(t *testing.T, b *site.Browser, number, act string, values url.Values) site.Answer {
	t.Helper()
	address := "/kk/applications/" + number
	form := url.Values{"go": {act}}
	for name, list := range values {
		form[name] = list
	}
	if !form.Has("version") {
		form.Set("version", site.Hidden(t, b.Get(address).Body, "version"))
	}
	return b.Post(address, form)
}

func done(t *testing.T, got site.Answer) {
	t.Helper()
	if got.Status != http.StatusSeeOther {
		t.Fatalf("%d\n%.3000s", got.Status, got.Body)
	}
}

// option finds the value of the paper licence that the page offers.
func option(t *testing.T, body string) string {
	t.Helper()
	m := regexp.MustCompile(`name="paper" value="([^"]+)"`).FindStringSubmatch(body)
	if m == nil {
		t.Fatalf("no paper offered\n%.4000s", body)
	}
	return m[1]
}

func TestRestorationFromFilingToPermit(t *testing.T) {
	s := openSite(t, site.Options{})
	owner, stranger := s.Organisation(1), s.Organisation(2)
	s.Papers(owner.Account.Party.Number)
	s.Official("knb.executor")
	number := sent(t, owner, nil)

	// A second filing of the same paper is refused to its holder, before signing and at it.
	second := owner.Restore(nil)
	if _, err := s.App.Filing.Prepare(t.Context(), owner.Actor, "b", second); !strings.Contains(fieldKeys(err), "licence_number:store.paper-claimed") {
		t.Errorf("a second filing: %v", err)
	}
	must(t, s.App.Filing.Delete(t.Context(), owner.Actor, second))

	executor, approver := s.LogInOfficial("knb.executor", demo.Password), s.LogInOfficial("knb.approver", demo.Password)
	elsewhere := s.LogInOfficial("cci.executor", demo.Password)
	if got := elsewhere.Get("/kk/applications/" + number); got.Status != http.StatusNotFound {
		t.Errorf("another body: %d", got.Status)
	}
	if got := executor.Get("/kk/applications"); !strings.Contains(got.Body, number) {
		t.Error("the queue does not have it")
	}
	done(t, acts(t, executor, number, "take", nil))
	if got := acts(t, executor, number, "propose", url.Values{"outcome": {"granted"}}); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "Қағаз лицензияны тізілімнен таңдаңыз") {
		t.Errorf("without the paper: %d", got.Status)
	}
	paper := option(t, executor.Get("/kk/applications/"+number).Body)
	if got := acts(t, executor, number, "propose", url.Values{"outcome": {"refused"}, "reason_kk": {"тек қазақша"}}); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "тек қазақша") {
		t.Errorf("a refusal without ground and Russian: %d", got.Status)
	}
	stale := url.Values{"version": {"1"}, "outcome": {"granted"}, "paper": {paper}}
	if got := acts(t, executor, number, "propose", stale); got.Status != http.StatusConflict {
		t.Errorf("an old page: %d", got.Status)
	}
	done(t, acts(t, executor, number, "propose", url.Values{"outcome": {"granted"}, "paper": {paper}, "note": {"Ішкі ескертпе"}}))
	if got := acts(t, executor, number, "confirm", url.Values{"version": {strconv.Itoa(s.Application(number).Version)}}); got.Status != http.StatusUnprocessableEntity && got.Status != http.StatusForbidden {
		t.Errorf("the proposer confirms: %d", got.Status)
	}
	done(t, acts(t, approver, number, "take", nil))
	done(t, acts(t, approver, number, "send-back", url.Values{"note": {"Сериясын тексеріңіз"}}))
	done(t, acts(t, executor, number, "propose", url.Values{"outcome": {"granted"}, "paper": {paper}}))
	done(t, acts(t, approver, number, "take", nil))
	done(t, acts(t, approver, number, "confirm", nil))

	a := s.Application(number)
	if a.State != application.Issued || a.Decision.By == a.Account || len(a.Decision.Steps) != 2 {
		t.Fatalf("%s %+v", a.State, a.Decision)
	}
	s.View(func(v port.View) error {
		pm, err := v.Permits().Permit(t.Context(), a.Permit)
		if err != nil || pm.First.String() != "2011-09-14" || pm.From != pm.First || pm.Second != "15 1111" || !pm.To.IsZero() {
			t.Errorf("permit %+v, %v", pm, err)
		}
		p, err := v.Permits().Paper(t.Context(), paper)
		if err != nil || p.Permit != a.Permit || p.State != permit.PaperActing {
			t.Errorf("paper %+v, %v", p, err)
		}
		return nil
	})
	page := s.LogIn(owner).Get("/kk/applications/" + number).Body
	if strings.Contains(page, "Ішкі ескертпе") || strings.Contains(page, "Сериясын тексеріңіз") {
		t.Error("the applicant reads the officials' notes")
	}
	restoredForNobodyElse(t, s, owner, stranger, executor, approver, paper)
	s.Clean()
}

// restoredForNobodyElse tries the paper once more: its holder, and somebody else, to whom nothing is told of it.
func restoredForNobodyElse(t *testing.T, s *site.Site, owner, stranger *site.Applicant, executor, approver *site.Browser, paper string) {
	t.Helper()
	third := owner.Restore(nil)
	if _, err := s.App.Filing.Prepare(t.Context(), owner.Actor, "b", third); !strings.Contains(fieldKeys(err), "store.paper-claimed") {
		t.Errorf("after the issue: %v", err)
	}
	// To somebody else nothing is told of the paper; the officials see that the holder is another.
	foreign := sent(t, stranger, nil)
	done(t, acts(t, executor, foreign, "take", nil))
	if got := acts(t, executor, foreign, "propose", url.Values{"outcome": {"granted"}, "paper": {paper}}); got.Status != http.StatusUnprocessableEntity {
		t.Errorf("a restored paper for another: %d", got.Status)
	}
	done(t, acts(t, executor, foreign, "propose", url.Values{"outcome": {"refused"}, "ground": {"not_holder"}, "reason_kk": {"Иесі басқа."}, "reason_ru": {"Владелец другой."}}))
	done(t, acts(t, approver, foreign, "take", nil))
	done(t, acts(t, approver, foreign, "confirm", nil))
	if got := s.LogIn(stranger).Get("/ru/applications/" + foreign); !strings.Contains(got.Body, "Владелец другой.") || !strings.Contains(got.Body, "Лицензия выдана не заявителю") {
		t.Error("the reasons are not shown")
	}
}

func fieldKeys(err error) string {
	f, ok := fault.As(err)
	if !ok {
		return ""
	}
	var all []string
	for _, x := range f.Fields {
		all = append(all, x.Path+":"+x.Key)
	}
	return strings.Join(all, " ")
}

// asked files for 250 numbers in Astana and 1,000 in Almaty.
func asked(t *testing.T, s *site.Site, owner *site.Applicant) string {
	t.Helper()
	number, err := s.App.Filing.Begin(t.Context(), owner.Actor, filing.Start{Service: "numbering-resource", Subtype: "subscriber-numbers", Body: "cci"})
	must(t, err)
	owner.Answer(number, map[string]string{"small_business": "no", "city": "711210000", "postal_index": "010000", "street_ru": "Мәңгілік Ел", "house": "8", "phones": "+77172123456",
		"territory": `[{"code":"710000000","count":"250"},{"code":"750000000","count":"1000"}]`}, "application_form", "charter", "state_registration")
	_, err = owner.Send(number)
	must(t, err)
	return number
}

func TestNumbersFromFilingToPermit(t *testing.T) {
	s := openSite(t, site.Options{})
	owner := s.Organisation(1)
	_, err := s.App.Numbering.Import(t.Context(), access.TheSystem(), demo.Numbers())
	must(t, err)
	s.Official("cci.executor")
	number := asked(t, s, owner)

	executor, approver := s.LogInOfficial("cci.executor", demo.Password), s.LogInOfficial("cci.approver", demo.Password)
	done(t, acts(t, executor, number, "take", nil))
	if got := acts(t, executor, number, "propose", url.Values{"outcome": {"granted"}}); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "резервтеңіз") {
		t.Errorf("without numbers: %d", got.Status)
	}
	for _, wrong := range []string{"", "717-2", "717-2 500000", "999-9 1 – 2", "713 2400000 – 2400099"} {
		if got := acts(t, executor, number, "reserve-own", url.Values{"ranges": {wrong}}); got.Status != http.StatusUnprocessableEntity {
			t.Errorf("ranges %q: %d", wrong, got.Status)
		}
	}
	done(t, acts(t, executor, number, "reserve", nil))
	body := executor.Get("/kk/applications/" + number).Body
	if !strings.Contains(body, "717-2 500000 – 500299") {
		t.Fatalf("the proposal is not whole blocks of a hundred\n%.6000s", body)
	}
	done(t, acts(t, executor, number, "reserve-own", url.Values{"ranges": {"717-2 500300 – 500599\n727 3910000 - 3910999"}}))
	done(t, acts(t, executor, number, "propose", url.Values{"outcome": {"granted"}}))
	done(t, acts(t, approver, number, "take", nil))
	done(t, acts(t, approver, number, "confirm", nil))
	a := s.Application(number)
	ranges, err := s.App.Numbering.Annex(t.Context(), a.Permit)
	must(t, err)
	if len(ranges) != 2 || a.State != application.Issued {
		t.Errorf("%s %+v", a.State, ranges)
	}
	if got := s.LogIn(owner).Get("/kk/permits/" + a.Permit); !strings.Contains(got.Body, "717-2 500300 – 500599") {
		t.Error("the card has no annex of ranges")
	}
	s.Clean()
}
