package app_test

import (
	"encoding/base64"
	"html"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"elicense/internal/application"
	"elicense/internal/demo"
	"elicense/internal/fault"
	"elicense/internal/filing"
	"elicense/internal/lang"
	"elicense/internal/port"
	"elicense/internal/service"
	"elicense/internal/testkit/site"
)

// bundleWalk is an applicant who begins a medical facility: a licence of one body and a notification of another.
type bundleWalk struct {
	*site.Site
	t       *testing.T
	owner   *site.Applicant
	browser *site.Browser
	id      string
	licence string // number of the application
	notice  string
}

const facility = "/kk/together/medical-facility"

// once is what the bundle asks once.
func once() map[string]string {
	return map[string]string{"object_name": "Үлгі емханасы", "object_place": "711210000", "object_address": "Мәңгілік Ел 8", "city": "711210000",
		"postal_index": "010000", "street_ru": "Мәңгілік Ел", "house": "8", "phones": "+77172123456"}
}

func openBundle(t *testing.T) *bundleWalk {
	t.Helper()
	s := openSite(t, site.Options{})
	w := &bundleWalk{Site: s, t: t, owner: s.Organisation(1)}
	for _, login := range []string{"local.executor", "local.approver", "moh.executor"} {
		s.Official(login)
	}
	w.browser = s.LogIn(w.owner)
	w.begin()
	return w
}

func (w *bundleWalk) begin() {
	w.t.Helper()
	got := w.browser.Post(facility, nil)
	done(w.t, got)
	w.id = got.Location()[len("/kk/bundles/"):]
	for _, a := range w.parts() {
		if a.Service == "medical-activity" {
			w.licence = a.Number
		} else {
			w.notice = a.Number
		}
	}
}

func (w *bundleWalk) address(rest string) string { return "/kk/bundles/" + w.id + rest }

func (w *bundleWalk) parts() (list []application.Application) {
	w.View(func(v port.View) (err error) {
		list, err = v.Applications().Bundles().Parts(w.t.Context(), w.id)
		return err
	})
	return list
}

// answerOnce sends the form of what is asked once.
func (w *bundleWalk) answerOnce(otherwise map[string]string) site.Answer {
	w.t.Helper()
	form := url.Values{"version": {site.Hidden(w.t, w.browser.Get(w.address("")).Body, "version")}}
	answers := once()
	maps.Copy(answers, otherwise)
	for key, value := range answers {
		form.Set(key, value)
	}
	return w.browser.Post(w.address(""), form)
}

// complete answers everything and pays.
func (w *bundleWalk) complete() {
	w.t.Helper()
	done(w.t, w.answerOnce(nil))
	w.owner.Answer(w.licence, map[string]string{"holder_name": "«Үлгі Емхана» ЖШС", "holder_address": "Астана қ., Мәңгілік Ел 8", "object_right": "own",
		"subkinds": `[{"kind":"primary","specialists":"5"}]`, "truth": "yes"}, "premises", "qualification")
	w.owner.Answer(w.notice, map[string]string{"object_kind": "office", "area": "84.5", "leased": "no", "begins": "2026-12-01", "manager_name": "Үлгібаев Ерлан",
		"manager_phone": "+77011234567", "email": "ulgi@example.kz", "staff": "6", "examined": "6", "contacts_true": "yes", "not_forbidden": "yes", "requirements_known": "yes", "truth": "yes"})
	w.browser.Get(w.address("")) // lays what is asked once into what was answered behind its back
	w.owner.Settle(w.licence)
}

var challenges = regexp.MustCompile(`/sign\?challenge=([0-9a-f.]+)`)

// sign opens the signing page and signs every document.
func (w *bundleWalk) sign() (action string, signatures []string) {
	w.t.Helper()
	got := w.browser.Get(w.address("/sign"))
	m := challenges.FindStringSubmatch(got.Body)
	if got.Status != http.StatusOK || m == nil {
		w.t.Fatalf("the signing page: %d\n%.3000s", got.Status, got.Body)
	}
	for _, nonce := range strings.Split(m[1], ".") {
		w.View(func(v port.View) error {
			c, err := v.Keys().Challenge(w.t.Context(), nonce)
			signatures = append(signatures, base64.StdEncoding.EncodeToString(w.Sign(c.Content, w.owner.Key)))
			return err
		})
	}
	return w.address("/sign?challenge=" + m[1]), signatures
}

func (w *bundleWalk) file() {
	w.t.Helper()
	action, signatures := w.sign()
	done(w.t, w.browser.Post(action, url.Values{"cms": {strings.Join(signatures, ",")}}))
}

func (w *bundleWalk) states() [2]application.State {
	return [2]application.State{w.Application(w.licence).State, w.Application(w.notice).State}
}

// What two bodies decide is asked for once: one form of what both ask, one signing, one filing, two permits.
func TestBundleToTwoPermits(t *testing.T) {
	w := openBundle(t)
	if got := w.Visitor().Get(facility).Body; !strings.Contains(got, "Медициналық ұйымның қызметін бастау") || !strings.Contains(got, "Ортақ мәліметтер") {
		t.Error("the page of the catalogue")
	}
	if got := w.Visitor().Get("/kk/search?q=" + url.QueryEscape("медициналық ұйым")).Body; !strings.Contains(got, facility) {
		t.Error("not found by words")
	}
	if got := w.Visitor().Get("/kk/spheres/health").Body; !strings.Contains(got, facility) {
		t.Error("not in its sphere")
	}
	if got := w.answerOnce(map[string]string{"object_address": "", "postal_index": "abc"}); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, `value="abc"`) {
		t.Errorf("wrong answers: %d", got.Status)
	}
	if got := w.browser.Get(w.address("/sign")); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "толық толтырылмаған") {
		t.Errorf("signing what is not complete: %d", got.Status)
	}
	w.complete()
	d, err := w.App.Filing.Open(t.Context(), w.owner.Actor, w.notice)
	must(t, err)
	if d.Application.Answers["object_city"] != "711210000" || d.Kept()["object_city"] == "" || d.Kept()["faxes"] != "" {
		t.Errorf("the answer given once: %q, %v", d.Application.Answers["object_city"], d.Kept())
	}
	pg, err := d.Page("object")
	must(t, err)
	d, err = w.App.Filing.Save(t.Context(), w.owner.Actor, w.notice, filing.Save{Page: "object", Base: d.Base(pg), Values: map[string]string{"object_address": "Elsewhere"}})
	if err != nil || d.Application.Answers["object_address"] != "Мәңгілік Ел 8" {
		t.Errorf("changed in one part: %q, %v", d.Application.Answers["object_address"], err)
	}
	if got := w.browser.Get("/kk/applications/" + w.notice + "/pages/object").Body; strings.Contains(got, `name="object_address"`) || !strings.Contains(got, "Барлық өтінішке ортақ") {
		t.Error("the part asks again what was answered once")
	}
	w.file()
	if got := w.states(); got != [2]application.State{application.Registered, application.Issued} {
		t.Fatal(got)
	}
	w.twoBodies()
	executor, approver := w.LogInOfficial("local.executor", demo.Password), w.LogInOfficial("local.approver", demo.Password)
	licensee{w.Site, t, w.owner, executor, approver}.grant(w.licence, "premises", "equipment", "staff", "site")
	page := w.browser.Get(w.address("")).Body
	if !strings.Contains(page, "Мәңгілік Ел 8") || strings.Contains(page, `name="object_address"`) {
		t.Error("what was answered once is not shown, or is asked again")
	}
	for _, number := range []string{w.Application(w.licence).Permit, w.Application(w.notice).Permit} {
		if number == "" || !strings.Contains(page, "/kk/permits/"+number) {
			t.Errorf("the page does not lead to permit %q", number)
		}
	}
	for _, a := range w.parts() {
		w.View(func(v port.View) error {
			list, err := v.Applications().Signatures(t.Context(), a.Number)
			if len(list) != 1 || !strings.Contains(string(list[0].Content), a.Number) {
				t.Errorf("%s: %d signatures", a.Number, len(list))
			}
			return err
		})
	}
	w.Clean()
}

// twoBodies holds that each body sees its own part only, and of the other the service's name.
func (w *bundleWalk) twoBodies() {
	w.t.Helper()
	local, moh := w.LogInOfficial("local.executor", demo.Password), w.LogInOfficial("moh.executor", demo.Password)
	got := local.Get("/kk/applications/" + w.licence)
	if got.Status != http.StatusOK || !strings.Contains(got.Body, "Эпидемиялық маңыздылығы болмашы") || strings.Contains(got.Body, w.notice) {
		w.t.Errorf("the part's own body: %d", got.Status)
	}
	if got := moh.Get("/kk/applications/" + w.licence); got.Status != http.StatusNotFound {
		w.t.Errorf("the other body reads the licence's application: %d", got.Status)
	}
	if got := local.Get("/kk/applications/" + w.notice); got.Status != http.StatusNotFound {
		w.t.Errorf("the other body reads the notification: %d", got.Status)
	}
}

// One body refuses and the other's permit stands: the bundle's page says both, with the ground.
func TestBundleRefusedInPart(t *testing.T) {
	w := openBundle(t)
	w.complete()
	w.file()
	executor, approver := w.LogInOfficial("local.executor", demo.Password), w.LogInOfficial("local.approver", demo.Password)
	refused := url.Values{"outcome": {"refused"}, "ground": {"untrue"}, "reason_kk": {"Мәлімет расталмады."}, "reason_ru": {"Сведения не подтвердились."}}
	call := maps.Clone(refused)
	for name, value := range map[string]string{"hearing_day": "24.11.2026", "hearing_time": "10:30", "hearing_place": "Мәңгілік Ел 8"} {
		call.Set(name, value)
	}
	done(t, acts(t, executor, w.licence, "take", nil))
	done(t, acts(t, executor, w.licence, "invite", call))
	done(t, w.browser.Post("/kk/applications/"+w.licence+"/hearing", url.Values{"go": {"waive"}}))
	done(t, acts(t, executor, w.licence, "propose", refused))
	done(t, acts(t, approver, w.licence, "take", nil))
	done(t, acts(t, approver, w.licence, "confirm", nil))
	if got := w.states(); got != [2]application.State{application.Returned, application.Issued} {
		t.Fatal(got)
	}
	page := w.browser.Get(w.address("")).Body
	if !strings.Contains(page, "Ұсынылған мәліметтер дұрыс емес") || !strings.Contains(page, "/kk/permits/"+w.Application(w.notice).Permit) {
		t.Error("the page does not say what became of both")
	}
	again, err := w.App.Filing.Again(t.Context(), w.owner.Actor, w.licence)
	must(t, err)
	d, err := w.App.Filing.Open(t.Context(), w.owner.Actor, again)
	if err != nil || d.Application.Bundle != "" || len(d.Kept()) != 0 || d.Application.Answers["object_address"] == "" {
		t.Errorf("applied again: %+v, %v", d.Application, err)
	}
	w.Clean()
}

// A signature that is refused, or missing, files nothing, names its part, and the next page asks again; what was filed is not filed
// twice, and no part goes alone.
func TestBundleAllOrNothing(t *testing.T) {
	w := openBundle(t)
	w.complete()
	for i, part := range []string{w.licence, w.notice} {
		action, signatures := w.sign()
		form := url.Values{"cms.1": {signatures[0]}, "cms.2": {signatures[1]}}
		name := []string{"cms.1", "cms.2"}[i]
		form.Set(name, base64.StdEncoding.EncodeToString(w.Sign([]byte("another document"), w.owner.Key)))
		got := w.browser.Post(action, form)
		if got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, part+"</a>") && !strings.Contains(got.Body, part+":") || !challenges.MatchString(got.Body) {
			t.Errorf("a bad signature of part %d: %d", i, got.Status)
		}
		form.Del(name)
		if got := w.browser.Post(action, form); got.Status != http.StatusUnprocessableEntity {
			t.Errorf("no signature of part %d: %d", i, got.Status)
		}
		if got := w.states(); got != [2]application.State{application.Draft, application.Draft} {
			t.Fatal(got)
		}
	}
	if got := w.browser.Get("/kk/applications/" + w.notice + "/sign"); got.Location() != w.address("") {
		t.Errorf("signing one part: %d %s", got.Status, got.Location())
	}
	if got := w.browser.Post("/kk/applications/"+w.notice+"/delete", nil); got.Status != http.StatusConflict {
		t.Errorf("deleting one part: %d", got.Status)
	}
	action, signatures := w.sign()
	first, second, _ := strings.Cut(challenges.FindStringSubmatch(action)[1], ".")
	if got := w.browser.Post("/kk/applications/"+w.licence+"/sign?challenge="+first, url.Values{"cms": {signatures[0]}}); got.Status != http.StatusSeeOther || w.states()[0] != application.Draft {
		t.Errorf("one part filed with a signature of the bundle: %d %v", got.Status, w.states())
	}
	if got := w.browser.Post(w.address("/sign?challenge="+second+"."+first), url.Values{"cms": {signatures[1] + "," + signatures[0]}}); got.Status == http.StatusSeeOther || w.states()[0] != application.Draft {
		t.Errorf("signatures in another order: %d", got.Status)
	}
	other, otherSignatures := w.sign()
	done(t, w.browser.Post(action, url.Values{"cms.1": {signatures[0]}, "cms.2": {signatures[1]}}))
	for _, again := range []site.Answer{
		w.browser.Post(action, url.Values{"cms.1": {signatures[0]}, "cms.2": {signatures[1]}}),
		w.browser.Post(other, url.Values{"cms": {strings.Join(otherSignatures, ",")}}),
	} {
		if again.Location() != w.address("") {
			t.Errorf("again: %d %s", again.Status, again.Location())
		}
	}
	err := w.App.Filing.SubmitBundle(t.Context(), w.owner.Actor, "another browser", w.id, make([]filing.Submission, 2))
	if fault.KindOf(err) != fault.Gone {
		t.Errorf("from elsewhere: %v", err)
	}
	if got := w.answerOnceFiled(); got.Status != http.StatusConflict {
		t.Errorf("changed after filing: %d", got.Status)
	}
	w.Clean()
}

func (w *bundleWalk) answerOnceFiled() site.Answer {
	return w.browser.Post(w.address(""), url.Values{"version": {"@0,"}, "house": {"9"}})
}

// Two windows that answer the same question differently are told; strangers learn nothing; giving up deletes or keeps the drafts.
func TestBundleOfItsOwner(t *testing.T) {
	w := openBundle(t)
	stale := site.Hidden(t, w.browser.Get(w.address("")).Body, "version")
	done(t, w.answerOnce(nil))
	got := w.browser.Post(w.address(""), url.Values{"version": {stale}, "house": {"9"}, "street_ru": {"Мәңгілік Ел"}})
	if got.Status != http.StatusConflict || !strings.Contains(got.Body, `value="9"`) {
		t.Errorf("two windows: %d", got.Status)
	}
	if got := w.browser.Post(facility, nil); got.Status != http.StatusConflict || !strings.Contains(got.Body, w.address("")) {
		t.Errorf("begun twice: %d", got.Status)
	}
	stranger := w.LogIn(w.Organisation(2))
	for _, rest := range []string{"", "/sign"} {
		if got := stranger.Get(w.address(rest)); got.Status != http.StatusNotFound {
			t.Errorf("a stranger reads %s: %d", rest, got.Status)
		}
	}
	for _, rest := range []string{"", "/give-up", "/sign?challenge=" + strings.Repeat("d", 32) + "." + strings.Repeat("e", 32)} {
		if got := stranger.Post(w.address(rest), url.Values{"go": {"delete"}, "cms": {"MIIB,MIIB"}}); got.Status != http.StatusNotFound {
			t.Errorf("a stranger posts %s: %d", rest, got.Status)
		}
	}
	done(t, w.browser.Post(w.address("/give-up"), url.Values{"go": {"keep"}}))
	if a := w.Application(w.notice); a.Bundle != "" || a.Answers["object_address"] == "" || a.State != application.Draft {
		t.Errorf("kept: %+v", a)
	}
	if got := w.browser.Get(w.address("")); got.Status != http.StatusNotFound {
		t.Errorf("given up: %d", got.Status)
	}
	for _, number := range []string{w.licence, w.notice} {
		must(t, w.App.Filing.Delete(t.Context(), w.owner.Actor, number))
	}
	w.begin()
	bundle := func(id string) {
		w.Update(func(tx port.Tx) error {
			a := w.Application(w.notice)
			a.Bundle = id
			tx.Write().Applications().Change(a)
			return nil
		})
	}
	bundle("of nobody")
	if broken := w.Report().Broken; len(broken) != 1 || broken[0].Thing != w.notice {
		t.Errorf("fsck of a bundle that is not there: %+v", broken)
	}
	bundle(w.id)
	done(t, w.browser.Post(w.address("/give-up"), url.Values{"go": {"delete"}}))
	if list := w.parts(); len(list) != 0 {
		t.Errorf("deleted: %d parts", len(list))
	}
	w.Clean()
}

// A service that is stopped before the filing closes the bundle: nothing is filed, nothing is lost, and the drafts go on alone.
func TestBundleWithAStoppedService(t *testing.T) {
	w := openBundle(t)
	w.complete()
	action, signatures := w.sign()
	restated(t, w.Site, "sanitary-notification", "status: open", "status: announced")
	got := w.browser.Post(action, url.Values{"cms": {strings.Join(signatures, ",")}})
	if got.Status != http.StatusConflict || !strings.Contains(got.Body, "бірге сұрауға болмайды") {
		t.Errorf("filed: %d", got.Status)
	}
	if got := w.states(); got != [2]application.State{application.Draft, application.Draft} {
		t.Fatal(got)
	}
	if got := w.Visitor().Get(facility); got.Status != http.StatusOK || strings.Contains(got.Body, `action="`+facility) {
		t.Errorf("still offered: %d", got.Status)
	}
	done(t, w.browser.Post(w.address("/give-up"), url.Values{"go": {"keep"}}))
	if _, err := w.owner.Send(w.licence); err != nil {
		t.Errorf("the other service alone: %v", err)
	}
	w.Clean()
}

// Who is no applicant of one of the services begins nothing, and is told so in the page.
func TestBundleNotForEverybody(t *testing.T) {
	s := openSite(t, site.Options{})
	got := s.LogIn(s.Foreign(1)).Post(facility, nil)
	if got.Status != http.StatusUnprocessableEntity || !strings.Contains(html.UnescapeString(got.Body), s.App.Texts.In(lang.KK).T(filing.KeyBundleNotServed)) || !strings.Contains(got.Body, `action="`+facility) {
		t.Errorf("status %d", got.Status)
	}
	if report := s.Clean(); report.Applications != 0 {
		t.Errorf("%+v", report)
	}
}

// A new revision of one service moves its part, which keeps what was answered once; it is signed when the applicant has seen it.
func TestBundleFollowsItsServices(t *testing.T) {
	w := openBundle(t)
	w.complete()
	action, signatures := w.sign()
	restated(t, w.Site, "sanitary-notification", "{kk: Объектінің атауы,", "{kk: Объектінің толық атауы,")
	if got := w.browser.Post(action, url.Values{"cms": {strings.Join(signatures, ",")}}); got.Status != http.StatusConflict || !strings.Contains(got.Body, "жаңа редакциясы") {
		t.Errorf("signed before the new revision: %d", got.Status)
	}
	if got := w.browser.Get(w.address("/sign")); got.Status != http.StatusConflict || !strings.Contains(got.Body, "/kk/applications/"+w.notice+"/check") {
		t.Errorf("not seen yet: %d", got.Status)
	}
	must(t, w.App.Filing.Seen(t.Context(), w.owner.Actor, w.notice))
	w.file()
	if a := w.Application(w.notice); a.Revision != 2 || a.Answers["object_city"] != "711210000" || a.State != application.Issued {
		t.Errorf("%+v", a)
	}
	w.Clean()
}

// restated publishes a service's text with one part replaced.
func restated(t *testing.T, s *site.Site, key, old, with string) {
	t.Helper()
	var p port.Published
	s.View(func(v port.View) (err error) {
		list, err := v.Services().Newest(t.Context())
		i := slices.IndexFunc(list, func(x port.Published) bool { return x.Service == key })
		p = list[i]
		return err
	})
	src := service.Source{}
	maps.Copy(src, p.Source)
	text := string(src["service.yaml"])
	if !strings.Contains(text, old) {
		t.Fatalf("%s has no %q", key, old)
	}
	src["service.yaml"] = []byte(strings.Replace(text, old, with, 1))
	_, _, err := s.App.Catalogue.Publish(t.Context(), src, "test")
	must(t, err)
}
