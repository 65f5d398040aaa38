package app_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/civil"
	"elicense/internal/config"
	"elicense/internal/demo"
	"elicense/internal/demo/ca"
	"elicense/internal/lang"
	"elicense/internal/port"
	"elicense/internal/testkit/site"
)

// oneTime is the code of RFC 6238 for a secret at a time, made here anew.
func oneTime(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	must(t, err)
	mac := hmac.New(sha1.New, key)
	must(t, binary.Write(mac, binary.BigEndian, at.Unix()/30))
	sum := mac.Sum(nil)
	from := sum[len(sum)-1] & 15
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[from:from+4])&0x7fffffff%1_000_000)
}

var (
	shownSecret   = regexp.MustCompile(`>([A-Z2-7]{4}(?: [A-Z2-7]{4}){7})<`)
	shownRecovery = regexp.MustCompile(`<code>([a-z2-7]{4}(?:-[a-z2-7]{4}){3})</code>`)
	shownNonce    = regexp.MustCompile(`/sign/([^/"]+)/document`)
	shownPassword = regexp.MustCompile(`<code>([a-z2-7]{24})</code>`)
)

// audits counts the audit rows whose bytes hold all of the texts.
func audits(t *testing.T, s *site.Site, texts ...string) int {
	t.Helper()
	n := 0
	s.View(func(v port.View) error {
		list, err := v.Records().Page(t.Context(), "", 1000)
		for _, row := range list {
			all := true
			for _, text := range texts {
				all = all && strings.Contains(string(row.Bytes), text)
			}
			if all {
				n++
			}
		}
		return err
	})
	return n
}

// officialOf reads an official's account by log-in name.
func officialOf(t *testing.T, s *site.Site, login string) access.Official {
	t.Helper()
	var o access.Official
	s.View(func(v port.View) (err error) {
		o, _, err = v.Office().Officials().ByLogin(t.Context(), login)
		return err
	})
	return o
}

// logsIn sends the log-in form and gives the browser.
func logsIn(s *site.Site, login, code string) (*site.Browser, site.Answer) {
	b := s.OfficeVisitor()
	got := b.Post("/kk/login", url.Values{"login": {login}, "password": {demo.Password}, "code": {code}})
	b.Token = ""
	return b, got
}

// Where the installation demands it, nothing is open before a second factor is confirmed, and no code is taken twice.
func TestSecondFactor(t *testing.T) {
	s := openSite(t, site.Options{OfficeFactor: config.FactorRequired})
	s.Official("cci.admin")
	b, got := logsIn(s, "cci.executor", "")
	if got.Status != http.StatusSeeOther || got.Location() != "/kk/me" || b.Get("/kk/applications").Status != http.StatusForbidden {
		t.Fatalf("before: %d %s", got.Status, got.Location())
	}
	page := b.Get("/kk/me").Body
	found := shownSecret.FindStringSubmatch(page)
	if found == nil || !strings.Contains(page, "<svg viewBox") {
		t.Fatalf("no secret and code: %.3000s", page)
	}
	secret := strings.ReplaceAll(found[1], " ", "")
	confirm := func(code string) site.Answer {
		return b.Post("/kk/me", url.Values{"go": {"confirm-factor"}, "code": {code}})
	}
	for name, code := range map[string]string{"none": "", "of another time": oneTime(t, secret, s.Clock.Now().Add(-2*time.Minute)), "letters": "abcdef"} {
		if got := confirm(code); got.Status != http.StatusUnprocessableEntity {
			t.Errorf("a code %s: %d", name, got.Status)
		}
	}
	first := oneTime(t, secret, s.Clock.Now())
	shown := confirm(first)
	recovery := shownRecovery.FindAllStringSubmatch(shown.Body, -1)
	if shown.Status != http.StatusOK || len(recovery) != 10 {
		t.Fatalf("confirmed: %d, %d codes", shown.Status, len(recovery))
	}
	b.Token = ""
	if got := b.Get("/kk/applications"); got.Status != http.StatusOK {
		t.Errorf("the queue: %d", got.Status)
	}
	if page := b.Get("/kk/me").Body; strings.Contains(page, found[1]) || shownRecovery.MatchString(page) {
		t.Error("the secret or the recovery codes are shown again")
	}
	refused := func(name, code string) {
		t.Helper()
		if _, got := logsIn(s, "cci.executor", code); got.Status != http.StatusUnprocessableEntity {
			t.Errorf("log-in with %s: %d", name, got.Status)
		}
	}
	refused("no code", "")
	refused("the code that confirmed", first)
	s.Clock.Advance(30 * time.Second)
	next := oneTime(t, secret, s.Clock.Now())
	if _, got := logsIn(s, "cci.executor", next[:3]+" "+next[3:]); got.Location() != "/kk/" {
		t.Errorf("the next code: %d", got.Status)
	}
	refused("it again", next)
	refused("an earlier one", oneTime(t, secret, s.Clock.Now().Add(-30*time.Second)))
	s.Clock.Advance(time.Minute)
	if _, got := logsIn(s, "cci.executor", oneTime(t, secret, s.Clock.Now().Add(30*time.Second))); got.Location() != "/kk/" {
		t.Errorf("a clock half a minute ahead: %d", got.Status)
	}
	if _, got := logsIn(s, "cci.executor", strings.ToUpper(recovery[0][1])); got.Location() != "/kk/" {
		t.Errorf("a recovery code: %d", got.Status)
	}
	refused("it again", recovery[0][1])
	factorReset(t, s, b, secret)
}

// factorReset has the administrator take the factor away: sessions end, and the next log-in begins anew.
func factorReset(t *testing.T, s *site.Site, b *site.Browser, secret string) {
	t.Helper()
	actor := access.ActorOf(s.Official("cci.admin"))
	must(t, s.App.Accounts.ResetFactor(t.Context(), actor, s.Official("cci.executor").ID))
	if got := b.Get("/kk/applications"); got.Status != http.StatusSeeOther {
		t.Errorf("the session lives on: %d", got.Status)
	}
	b, got := logsIn(s, "cci.executor", oneTime(t, secret, s.Clock.Now()))
	if got.Location() != "/kk/me" || strings.Contains(strings.ReplaceAll(b.Get("/kk/me").Body, " ", ""), secret) {
		t.Errorf("after the reset: %s", got.Location())
	}
	if n := audits(t, s, "official.factor-reset", actor.Account); n != 1 {
		t.Errorf("%d rows", n)
	}
}

// signedLogin logs in with a key.
func signedLogin(t *testing.T, s *site.Site, key ca.KeyPair) (*site.Browser, site.Answer) {
	t.Helper()
	b := s.OfficeVisitor()
	found := shownNonce.FindStringSubmatch(b.Get("/kk/login/certificate").Body)
	if found == nil {
		t.Fatal("nothing to sign")
	}
	content := b.Get("/kk/sign/" + found[1] + "/document").Body
	got := b.Post("/kk/login/certificate?challenge="+found[1], url.Values{"cms": {base64.StdEncoding.EncodeToString(s.Sign([]byte(content), key))}})
	b.Token = ""
	return b, got
}

// A key opens the accounts of its holder and no other, and is a second factor itself.
func TestOfficialsLogInByCertificate(t *testing.T) {
	s := openSite(t, site.Options{OfficeFactor: config.FactorRequired})
	holder, stranger := s.Organisation(1), s.Organisation(2)
	official := func(login, body string, duties ...access.Duty) access.Official {
		made, first, err := s.App.Accounts.AddOfficial(t.Context(), "test", access.Official{Login: login, Person: holder.Person.IIN, Surname: "Үлгі", GivenName: "Адам", Body: body, Duties: duties}, s.App.Catalogue.BodyKeys())
		must(t, err)
		made, err = s.App.Accounts.ChangeOfficialPassword(t.Context(), access.ActorOf(made), first, demo.Password)
		must(t, err)
		return made
	}
	official("at.cci", "cci", access.Executor)
	b, got := signedLogin(t, s, holder.Key)
	if got.Location() != "/kk/" || b.Get("/kk/applications").Status != http.StatusOK {
		t.Fatalf("log-in: %d %s", got.Status, got.Body)
	}
	if _, got := signedLogin(t, s, stranger.Key); got.Status != http.StatusNotFound || !strings.Contains(got.Body, "есептік жазбасы жоқ") {
		t.Errorf("a key without an account: %d", got.Status)
	}
	second := official("at.knb", "knb", access.Approver)
	other := s.Official("knb.approver")
	if b, got = signedLogin(t, s, holder.Key); got.Location() != "/kk/me" || !strings.Contains(b.Get("/kk/me").Body, second.ID) {
		t.Errorf("two accounts: %s", got.Location())
	}
	if got := b.Post("/kk/me", url.Values{"go": {"switch"}, "id": {other.ID}}); got.Status != http.StatusNotFound {
		t.Errorf("another person's account: %d", got.Status)
	}
	if got := b.Post("/kk/me", url.Values{"go": {"switch"}, "id": {second.ID}}); got.Status != http.StatusSeeOther {
		t.Errorf("the second account: %d", got.Status)
	}
	b.Token = ""
	if page := b.Get("/kk/applications").Body; !strings.Contains(page, "Ұлттық қауіпсіздік") {
		t.Error("not at the other body")
	}
	byPassword, _ := logsIn(s, "at.cci", "")
	if got := byPassword.Post("/kk/me", url.Values{"go": {"switch"}, "id": {second.ID}}); got.Status != http.StatusNotFound {
		t.Errorf("a password opens another account: %d", got.Status)
	}
	must(t, s.App.Accounts.BlockOfficial(t.Context(), "test", "at.knb", false))
	if got := b.Get("/kk/applications"); got.Status != http.StatusSeeOther {
		t.Errorf("blocked: %d", got.Status)
	}
	if _, got := signedLogin(t, s, holder.Key); got.Location() != "/kk/" {
		t.Errorf("the one that is left: %d", got.Status)
	}
}

// What was signed to log in here is worth nothing elsewhere, and nothing signed elsewhere logs in here.
func TestLogInSignaturesStayWhereTheyBelong(t *testing.T) {
	s := openSite(t, site.Options{})
	holder := s.Organisation(1)
	_, _, err := s.App.Accounts.AddOfficial(t.Context(), "test", access.Official{Login: "at.cci", Person: holder.Person.IIN, Surname: "Үлгі", GivenName: "Адам", Body: "cci", Duties: []access.Duty{access.Executor}}, s.App.Catalogue.BodyKeys())
	must(t, err)
	ctx, accounts := t.Context(), s.App.Accounts
	office, err := accounts.StartOfficialLogin(ctx, "one")
	must(t, err)
	portal, err := accounts.StartLogin(ctx, "one")
	must(t, err)
	if _, err := accounts.FinishLogin(ctx, "one", office.Nonce, s.Sign(office.Content, holder.Key)); err == nil {
		t.Error("the office's log-in opens the portal")
	}
	if _, err := accounts.FinishOfficialLogin(ctx, "one", portal.Nonce, s.Sign(portal.Content, holder.Key)); err == nil {
		t.Error("the portal's log-in opens the office")
	}
	number := holder.Restore(nil)
	asked := holder.Prepare("office/one", number)
	if _, err := accounts.FinishOfficialLogin(ctx, "one", asked.Nonce, s.Sign(asked.Content, holder.Key)); err == nil {
		t.Error("a signed application opens the office")
	}
	if _, err := accounts.FinishOfficialLogin(ctx, "one", office.Nonce, s.Sign(asked.Content, holder.Key)); err == nil {
		t.Error("a signature over an application answers the log-in")
	}
	signature := s.Sign(office.Content, holder.Key)
	if _, err := accounts.FinishOfficialLogin(ctx, "two", office.Nonce, signature); err == nil {
		t.Error("another browser's log-in")
	}
	if list, err := accounts.FinishOfficialLogin(ctx, "one", office.Nonce, signature); err != nil || len(list) != 1 {
		t.Errorf("the control: %v", err)
	}
	if _, err := accounts.FinishOfficialLogin(ctx, "one", office.Nonce, signature); err == nil {
		t.Error("the same signature twice")
	}
}

// tries sends an act that the page may not offer.
func tries(s *site.Site, b *site.Browser, number, act string, more url.Values) site.Answer {
	form := url.Values{"go": {act}, "version": {fmt.Sprint(s.Application(number).Version)}}
	for name, values := range more {
		form[name] = values
	}
	return b.Post("/kk/applications/"+number, form)
}

// absent enters an absence from today for so many days over the page of who is away.
func absent(t *testing.T, s *site.Site, b *site.Browser, deputy string, days int) site.Answer {
	t.Helper()
	now := s.Clock.Now()
	return b.Post("/kk/me", url.Values{"go": {"absence"}, "deputy": {deputy}, "from": {now.Format("02.01.2006")}, "to": {now.AddDate(0, 0, days).Format("02.01.2006")}, "reason": {"Еңбек демалысы"}})
}

func TestDeputyActsAndEnds(t *testing.T) {
	s := openSite(t, site.Options{})
	owner := s.Organisation(1)
	s.Papers(owner.Account.Party.Number)
	away := s.Official("knb.executor")
	deputyBrowser := official(t, s, "knb.deputy", s.Organisation(3).Person.IIN, "knb", access.Head)
	deputy := officialOf(t, s, "knb.deputy")
	number, later := sent(t, owner, nil), sent(t, s.Organisation(2), nil)
	awayBrowser, approverBrowser := s.LogInOfficial("knb.executor", demo.Password), s.LogInOfficial("knb.approver", demo.Password)
	done(t, acts(t, awayBrowser, number, "take", nil))
	if got := tries(s, deputyBrowser, number, "propose", nil); got.Status != http.StatusForbidden {
		t.Errorf("before: %d", got.Status)
	}
	for name, got := range map[string]site.Answer{
		"oneself": absent(t, s, awayBrowser, away.ID, 1), "another body's": absent(t, s, awayBrowser, s.Official("cci.executor").ID, 1), "nobody": absent(t, s, awayBrowser, "x", 1),
		"too long": absent(t, s, awayBrowser, deputy.ID, 400), "backwards": absent(t, s, awayBrowser, deputy.ID, -1),
	} {
		if got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "Еңбек демалысы") {
			t.Errorf("%s: %d", name, got.Status)
		}
	}
	done(t, absent(t, s, awayBrowser, deputy.ID, 2))
	done(t, absent(t, s, approverBrowser, deputy.ID, 2))
	if page := deputyBrowser.Get("/kk/applications?view=mine").Body; !strings.Contains(page, number) || strings.Contains(page, later) {
		t.Error("the queue of the deputy")
	}
	if page := deputyBrowser.Get("/kk/applications/" + number).Body; !strings.Contains(page, away.Name()+" қызметкерінде") {
		t.Error("the page does not say in whose place")
	}
	refusal := url.Values{"outcome": {"refused"}, "ground": {"not_holder"}, "reason_kk": {"Иесі басқа."}, "reason_ru": {"Владелец другой."}}
	done(t, acts(t, deputyBrowser, number, "propose", refusal))
	step := s.Application(number).Work.Report.Done[0]
	if step.By != deputy.ID || step.Person != deputy.Person || step.For != away.ID || step.ForPerson != away.Person {
		t.Errorf("%+v", step)
	}
	if got := tries(s, deputyBrowser, number, "take", nil); got.Status != http.StatusConflict {
		t.Errorf("the deputy of both takes the next step: %d", got.Status)
	}
	done(t, acts(t, approverBrowser, number, "take", nil))
	if page := approverBrowser.Get("/kk/applications/" + number).Body; !strings.Contains(page, deputy.Name()+", "+away.Name()+" орнына") {
		t.Error("the timeline does not say both")
	}
	if audits(t, s, "application.proposed", `"for":"`+away.ID+`"`, deputy.ID) != 1 || audits(t, s, "absence.added") != 2 {
		t.Error("the audit does not say both")
	}
	deputyEnds(t, s, later, away.ID, deputyBrowser, awayBrowser, refusal)
}

// deputyEnds has the deputy take an application, and lose it at once and by the date.
func deputyEnds(t *testing.T, s *site.Site, number, away string, deputy, own *site.Browser, refusal url.Values) {
	t.Helper()
	done(t, acts(t, deputy, number, "take", nil))
	if got := s.Application(number).Work.Holder; got != away {
		t.Errorf("held by %s", got)
	}
	var id string
	s.View(func(v port.View) error {
		list, err := v.Office().Absences().List(t.Context(), "knb", civil.Of(s.Clock.Now(), lang.Almaty()))
		for _, a := range list {
			if a.Official == away {
				id = a.ID
			}
		}
		return err
	})
	if got := deputy.Post("/kk/me", url.Values{"go": {"return"}, "id": {id}}); got.Status != http.StatusForbidden {
		t.Errorf("the deputy withdraws it: %d", got.Status)
	}
	done(t, own.Post("/kk/me", url.Values{"go": {"return"}, "id": {id}}))
	if got := tries(s, deputy, number, "propose", refusal); got.Status != http.StatusForbidden {
		t.Errorf("after it was withdrawn: %d", got.Status)
	}
	if got := own.Post("/kk/me", url.Values{"go": {"return"}, "id": {id}}); got.Status != http.StatusConflict {
		t.Errorf("withdrawn twice: %d", got.Status)
	}
	done(t, absent(t, s, own, officialOf(t, s, "knb.deputy").ID, 2))
	s.Clock.Advance(2 * 24 * time.Hour)
	deputy = s.LogInOfficial("knb.deputy", demo.Password)
	if page := deputy.Get("/kk/applications?view=mine").Body; !strings.Contains(page, number) {
		t.Error("on the last day")
	}
	s.Clock.Advance(24 * time.Hour)
	deputy = s.LogInOfficial("knb.deputy", demo.Password)
	if got := tries(s, deputy, number, "propose", refusal); got.Status != http.StatusForbidden || strings.Contains(deputy.Get("/kk/applications?view=mine").Body, number) {
		t.Errorf("after the last day: %d", got.Status)
	}
	if a := s.Application(number); a.State != application.Registered || a.Work.Holder != away {
		t.Errorf("%s %s", a.State, a.Work.Holder)
	}
}

// The administrator keeps the people of their own body, and never their own rights.
func TestAdministratorsPages(t *testing.T) {
	s := openSite(t, site.Options{})
	admin, executor, stranger := s.Official("cci.admin"), s.Official("cci.executor"), s.Official("knb.executor")
	b, working := s.LogInOfficial("cci.admin", demo.Password), s.LogInOfficial("cci.executor", demo.Password)
	if got := b.Get("/kk/"); got.Location() != "/kk/people" {
		t.Errorf("home: %s", got.Location())
	}
	if got := b.Get("/kk/applications"); got.Status != http.StatusForbidden {
		t.Errorf("an administrator reads applications: %d", got.Status)
	}
	page := b.Get("/kk/people").Body
	if !strings.Contains(page, executor.Name()) || strings.Contains(page, stranger.Name()) || strings.Contains(page, executor.Person) || !strings.Contains(page, "Оңтүстік және батыс") {
		t.Error("the people of the body")
	}
	for path, status := range map[string]int{"/kk/people": 403, "/kk/people/officials/" + executor.ID: 403, "/kk/people/officials/-": 403, "/kk/people/departments/-": 403} {
		if got := working.Get(path); got.Status != status {
			t.Errorf("an executor at %s: %d", path, got.Status)
		}
	}
	change := func(who access.Official, duties ...string) site.Answer {
		return b.Post("/kk/people/officials/"+who.ID, url.Values{"go": {"save"}, "version": {fmt.Sprint(s.Official(who.Login).Version)}, "duty": duties, "department": {"south"}})
	}
	if got := change(admin, "administrator", "executor"); got.Status != http.StatusForbidden {
		t.Errorf("one's own duties: %d", got.Status)
	}
	if got := change(stranger, "executor"); got.Status != http.StatusNotFound {
		t.Errorf("another body's official: %d", got.Status)
	}
	if got := change(executor); got.Status != http.StatusUnprocessableEntity {
		t.Errorf("no duty: %d", got.Status)
	}
	if working.Get("/kk/applications").Status != http.StatusOK {
		t.Error("the control")
	}
	done(t, change(executor, "publisher"))
	if got := working.Get("/kk/applications"); got.Status != http.StatusForbidden {
		t.Errorf("a duty taken away in the middle of a session: %d", got.Status)
	}
	if o := s.Official("cci.executor"); o.Department != "south" || len(o.Duties) != 1 || audits(t, s, "official.changed", `"duties":"publisher"`, admin.ID) != 1 {
		t.Errorf("%+v", o)
	}
	adds(t, s, b, admin)
	for _, one := range []struct{ what, row string }{{"block", "official.blocked"}, {"unblock", "official.unblocked"}} {
		done(t, b.Post("/kk/people/officials/"+executor.ID, url.Values{"go": {one.what}}))
		if audits(t, s, one.row, executor.ID, admin.ID) != 1 {
			t.Error(one.row)
		}
		if got := b.Post("/kk/people/officials/"+admin.ID, url.Values{"go": {one.what}}); got.Status != http.StatusForbidden {
			t.Errorf("oneself, %s: %d", one.what, got.Status)
		}
	}
	if got := working.Get("/kk/me"); got.Status != http.StatusSeeOther {
		t.Errorf("blocked and unblocked: the session lives on: %d", got.Status)
	}
	reset := b.Post("/kk/people/officials/"+executor.ID, url.Values{"go": {"reset-password"}})
	if found := shownPassword.FindStringSubmatch(reset.Body); found == nil {
		t.Errorf("no password: %d", reset.Status)
	} else if again := s.LogInOfficial("cci.executor", found[1]); again.Get("/kk/").Location() != "/kk/password" {
		t.Error("the password of another opens more than its page")
	}
}

// adds makes an official and a department over the pages.
func adds(t *testing.T, s *site.Site, b *site.Browser, admin access.Official) {
	t.Helper()
	form := url.Values{"go": {"save"}, "login": {"cci.fresh"}, "iin": {s.Organisation(5).Person.IIN}, "surname": {"Үлгі"}, "given_name": {"Адам"}, "duty": {"registrar"}, "department": {"north"}}
	own := url.Values{"go": {"save"}, "login": {"cci.mine"}, "iin": {admin.Person}, "surname": {"Үлгі"}, "given_name": {"Адам"}, "duty": {"approver"}}
	if got := b.Post("/kk/people/officials/-", own); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "cci.mine") {
		t.Errorf("a second account of one's own: %d", got.Status)
	}
	if got := b.Post("/kk/people/officials/-", form); got.Status != http.StatusOK || !shownPassword.MatchString(got.Body) {
		t.Errorf("a new official: %d", got.Status)
	}
	if got := b.Post("/kk/people/officials/-", form); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "Мұндай логин бар") {
		t.Errorf("the same log-in name: %d", got.Status)
	}
	if o := officialOf(t, s, "cci.fresh"); o.Body != "cci" || o.Department != "north" {
		t.Errorf("%+v", o)
	}
	west := url.Values{"go": {"save"}, "key": {"west"}, "name_kk": {"Батыс"}, "name_ru": {"Запад"}, "name_en": {"West"}, "territory": {"23, 27"}, "head": {admin.ID}}
	done(t, b.Post("/kk/people/departments/-", west))
	west.Set("territory", "Атырау")
	if got := b.Post("/kk/people/departments/-", west); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "Атырау") {
		t.Errorf("a wrong territory: %d", got.Status)
	}
	west.Set("territory", "47")
	west.Set("version", "1")
	west.Set("blocked", "yes")
	done(t, b.Post("/kk/people/departments/west", west))
	if got := b.Post("/kk/people/departments/west", west); got.Status != http.StatusConflict {
		t.Errorf("a stale version: %d", got.Status)
	}
	s.View(func(v port.View) error {
		list, err := v.Office().Departments().List(t.Context(), "cci")
		for _, d := range list {
			if d.Key == "west" && (d.Works() || len(d.Territory) != 1 || d.Territory[0] != "47" || d.Head != admin.ID) {
				t.Errorf("%+v", d)
			}
		}
		return err
	})
}
