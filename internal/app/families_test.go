package app_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/casework"
	"elicense/internal/demo"
	"elicense/internal/filing"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/testkit/site"
)

// begun begins an application for a service and gives it its answers, besides the personal ones.
func begun(t *testing.T, s *site.Site, owner *site.Applicant, start filing.Start, answers map[string]string, documents ...string) string {
	t.Helper()
	number, err := s.App.Filing.Begin(t.Context(), owner.Actor, start)
	must(t, err)
	all := map[string]string{"small_business": "no", "city": "711210000", "postal_index": "010000", "street_ru": "Мәңгілік Ел", "house": "8", "phones": "+77172123456", "email": "ulgi@example.kz", "truth": "yes"}
	maps.Copy(all, answers)
	owner.Answer(number, all, documents...)
	return number
}

// A notification is accepted at once, nobody decides it; its slip stands in a list of its own and in the public check.
func TestNotificationFromFilingToSlip(t *testing.T) {
	s := openSite(t, site.Options{})
	owner := s.Organisation(1)
	number := begins(t, s, owner)
	licence, err := owner.Send(owner.Complete(nil))
	must(t, err)
	a, err := owner.Send(number)
	must(t, err)
	if a.State != application.Issued || !permit.IsSlip(a.Permit) || a.Permit[4:7] != "UBS" || permit.IsSlip(licence.Permit) {
		t.Fatalf("%s, slip %s, licence %s", a.State, a.Permit, licence.Permit)
	}
	browser := s.LogIn(owner)
	for path, holds := range map[string][2]string{
		"/kk/notifications":                  {a.Permit, licence.Permit},
		"/ru/permits":                        {licence.Permit, a.Permit},
		"/ru/notifications?number=UBS":       {"Ничего не найдено", a.Permit + "</"},
		"/ru/applications/" + number:         {"Уведомление принято", "Разрешительный документ выдан"},
		"/kk/permits/" + a.Permit:            {"Хабарламаның қабылданғаны туралы талон", "Жарамды"},
		"/ru/permits/" + licence.Permit:      {"Информация о разрешительном документе", "Талон о принятии уведомления"},
		"/kk/services/sanitary-notification": {"Хабарлама жіберілген бойда", "Мерзімі мен"},
	} {
		if got := browser.Get(path); got.Status != http.StatusOK || !strings.Contains(got.Body, holds[0]) || strings.Contains(got.Body, holds[1]) {
			t.Errorf("%s: %d, want %q and no %q", path, got.Status, holds[0], holds[1])
		}
	}
	if got := s.LogIn(s.Organisation(2)).Get("/kk/notifications"); strings.Contains(got.Body, a.Permit) {
		t.Error("a slip stands in another's list")
	}
	if got := s.Visitor().Get("/ru/check/" + a.Permit); got.Status != http.StatusOK || !strings.Contains(got.Body, "не является разрешением") || !strings.Contains(got.Body, "Принято") {
		t.Errorf("the public check: %d\n%.2000s", got.Status, got.Body)
	}
	if got := browser.Get("/ru/permits/" + a.Permit + "/document/ru"); got.Status != http.StatusOK || !strings.HasPrefix(got.Body, "%PDF") {
		t.Errorf("the slip as a document: %d", got.Status)
	}
	s.Clean()
}

// A slip that officials took back proves nothing any more, to its holder and to everybody.
func TestSlipThatWasTakenBack(t *testing.T) {
	s := openSite(t, site.Options{})
	owner := s.Organisation(1)
	a, err := owner.Send(begins(t, s, owner))
	must(t, err)
	executor := official(t, s, "moh.clerk", s.Individual(7).Person.IIN, "moh", access.Executor)
	head := official(t, s, "moh.chief", s.Individual(8).Person.IIN, "moh", access.Head)
	got := executor.Post("/kk/permits/"+a.Permit+"/propose/annulment", url.Values{"from": {"22.11.2026"}, "ground": {"false-data"}, "reason_kk": {"Деректер анық емес."}, "reason_ru": {"Данные недостоверны."}})
	done(t, got)
	done(t, head.Post(got.Location(), url.Values{"go": {"confirm"}}))
	for path, b := range map[string]*site.Browser{"/kk/check/" + a.Permit: s.Visitor(), "/kk/permits/" + a.Permit: s.LogIn(owner)} {
		if got := b.Get(path); got.Status != http.StatusOK || !strings.Contains(got.Body, "оны беру туралы шешімнің күші") || strings.Contains(got.Body, `tag-good`) {
			t.Errorf("%s: %d\n%.4000s", path, got.Status, got.Body)
		}
	}
	s.Clean()
}

// While the automation is stopped, officials look at notifications, and have a ground to refuse one.
func TestNotificationIsRefusedByPeople(t *testing.T) {
	s := openSite(t, site.Options{})
	owner := s.Organisation(1)
	executor := official(t, s, "moh.clerk", s.Individual(7).Person.IIN, "moh", access.Executor)
	head := official(t, s, "moh.chief", s.Individual(8).Person.IIN, "moh", access.Head, access.Approver)
	done(t, head.Post("/kk/automatic", url.Values{"go": {"stop"}, "of": {"sanitary-notification"}, "reason": {"Тексеру."}}))
	a, err := owner.Send(begins(t, s, owner))
	must(t, err)
	done(t, acts(t, executor, a.Number, "take", nil))
	done(t, acts(t, executor, a.Number, "propose", url.Values{"outcome": {"refused"}, "ground": {"notification_order"}, "reason_kk": {"Объект басқа."}, "reason_ru": {"Объект другой."}}))
	done(t, acts(t, head, a.Number, "take", nil))
	done(t, acts(t, head, a.Number, "confirm", nil))
	if got := s.LogIn(owner).Get("/kk/applications/" + a.Number); s.Application(a.Number).State != application.Returned || !strings.Contains(got.Body, "202-V заңның 46-бабы") {
		t.Errorf("%s\n%.3000s", s.Application(a.Number).State, got.Body)
	}
	s.Clean()
}

// The end of an activity names the notification of its beginning: the applicant's own, and only once.
func TestEndNamesTheBeginning(t *testing.T) {
	s := openSite(t, site.Options{})
	owner, stranger := s.Organisation(1), s.Organisation(2)
	first, err := owner.Send(begins(t, s, owner))
	must(t, err)
	ends := func(who *site.Applicant, slip string) (string, error) {
		number := begun(t, s, who, filing.Start{Service: "sanitary-notification", Body: "moh", Operation: "end"}, map[string]string{
			"object_name": "«Үлгі» шаштаразы", "object_kind": "beauty", "object_city": "711210000", "object_address": "Үлгі көшесі, 8", "slip": slip, "ends": today(s).String(), "reason": "own_wish",
			"manager_name": "Үлгібаев Ерлан", "manager_phone": "+77011234567", "contacts_true": "yes"})
		if _, err := s.App.Filing.Prepare(t.Context(), who.Actor, "b", number); err != nil {
			must(t, s.App.Filing.Delete(t.Context(), who.Actor, number))
			return number, err
		}
		_, err := who.Send(number)
		return number, err
	}
	refused := func(who *site.Applicant, slip, key string) {
		t.Helper()
		if _, err := ends(who, slip); fieldKeys(err) != "slip:"+key {
			t.Errorf("%s: %v, want %s", slip, err, key)
		}
	}
	refused(stranger, first.Permit, casework.KeyNotIssued)
	refused(owner, "KZ40UBS00009999", casework.KeyNotIssued)
	number, err := ends(owner, first.Permit)
	must(t, err)
	refused(owner, first.Permit, casework.KeyIssuedEnded)
	refused(owner, s.Application(number).Permit, casework.KeyNotIssued) // the slip of an end is none of a beginning
	s.Clean()
}

// begins is the complete notification of the beginning of an activity.
func begins(t *testing.T, s *site.Site, owner *site.Applicant) string {
	t.Helper()
	return begun(t, s, owner, filing.Start{Service: "sanitary-notification", Body: "moh", Operation: "begin"}, map[string]string{
		"object_name": "«Үлгі» шаштаразы", "object_kind": "beauty", "object_city": "711210000", "object_address": "Үлгі көшесі, 8", "area": "84.5", "leased": "no",
		"begins": today(s).AddDays(3).String(), "manager_name": "Үлгібаев Ерлан", "manager_phone": "+77011234567", "staff": "6", "examined": "6",
		"contacts_true": "yes", "not_forbidden": "yes", "requirements_known": "yes"})
}

// A class 2 permit: another body agrees, the first official answers every requirement, the second one decides.
func TestEnvironmentalPermitFromFilingToPermit(t *testing.T) {
	s := openSite(t, site.Options{})
	owner := s.Organisation(1)
	for _, login := range []string{"menr.executor", "menr.approver", "moh.executor", "moh.approver"} {
		s.Official(login)
	}
	day := today(s)
	number := begun(t, s, owner, filing.Start{Service: "environmental-permit", Body: "menr"}, map[string]string{
		"facility_name": "Үлгі қазандығы", "request": "new", "industry": "energy", "output": "120 МВт", "site_place": "711210000", "site_address": "Үлгі көшесі, 40",
		"cadastral_number": "21-318-010-123", "latitude": "51.1282", "longitude": "71.4304", "area": "12.4", "protection_zone": "500", "distance": "800", "near_water": "no",
		"emits": "yes", "emissions": `[{"substance":"Азот диоксиді","code":"0301","hazard":"2","tonnes":"12.5"}]`, "discharges": "no",
		"begins": day.AddDays(60).String(), "ends": day.AddDays(400).String(), "assessment_number": "15", "assessment_date": day.AddDays(-9).String(), "hearings_date": day.AddDays(-20).String(),
		"control": "both", "measures": "Өлшеу", "responsible": "Үлгібаев Ерлан"}, "norms", "waste_programme", "control_programme", "action_plan", "hearings")
	sent, err := owner.Send(number)
	must(t, err)
	if sent.State != application.Registered || standings(s, number) != "moh waiting" {
		t.Fatalf("%s %s", sent.State, standings(s, number))
	}
	executor, head := s.LogInOfficial("menr.executor", demo.Password), s.LogInOfficial("menr.approver", demo.Password)
	done(t, acts(t, executor, number, "take", nil))
	done(t, answers(s.LogInOfficial("moh.approver", demo.Password), number, "agrees", "", ""))
	if got := acts(t, executor, number, "propose", url.Values{"outcome": {"granted"}}); got.Status != http.StatusUnprocessableEntity {
		t.Errorf("a grant without the answers to the requirements: %d", got.Status)
	}
	met := url.Values{}
	for _, key := range []string{"assessed", "within_limits", "waste_managed", "controlled", "heard"} {
		met.Set(application.FindingPath(key, ""), application.Met)
	}
	done(t, acts(t, executor, number, string(application.Examine), met))
	done(t, acts(t, executor, number, "propose", url.Values{"outcome": {"granted"}}))
	done(t, acts(t, head, number, "take", nil))
	done(t, acts(t, head, number, "confirm", nil))
	a := s.Application(number)
	if got := s.LogIn(owner).Get("/ru/permits/" + a.Permit); a.State != application.Issued || !strings.Contains(got.Body, "Азот диоксиді") || !strings.Contains(got.Body, "21-318-010-123") {
		t.Errorf("%s\n%.3000s", a.State, got.Body)
	}
	s.Clean()
}

// A class 4 permit takes its workers from the quota of the region; what is not left is refused.
func TestForeignLabourTakesFromTheQuota(t *testing.T) {
	s := openSite(t, site.Options{})
	day := today(s)
	const places = "foreign-labour/labour_quota/710000000/third/2026"
	s.Update(func(tx port.Tx) error {
		q, _, err := tx.Ledger().Quota(t.Context(), places)
		q.Total = 1_000_000
		tx.Write().Ledger().SetTotal(q)
		return err
	})
	for i, want := range []application.State{application.Issued, application.Returned} {
		owner := s.Organisation(i + 1)
		number := begun(t, s, owner, filing.Start{Service: "foreign-labour", Body: "local"}, map[string]string{
			"region": "710000000", "work_address": "Үлгі көшесі, 8", "oked": "41201", "activity": "Құрылыс", "upper_staff": "10", "upper_foreign": "2", "lower_staff": "40", "lower_foreign": "4",
			"category": "third", "start_date": day.AddDays(1).String(), "end_date": day.AddDays(300).String(), "workers_count": "1", "need": "Маман қажет.",
			"people": `[{"name":"Example One","citizenship":"TR","born":"1985-03-12","passport":"U1","passport_to":"2031-12-31","profession":"Инженер","education":"higher","experience":"8"}]`,
		}, "education_copies", "experience_copies")
		owner.Settle(number)
		a, err := owner.Send(number)
		must(t, err)
		if a.State != want || want == application.Returned && a.Decision.Branch != "quota_exhausted" {
			t.Errorf("%d: %s %+v", i, a.State, a.Decision)
		}
	}
	s.Clean()
}
