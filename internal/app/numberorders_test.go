package app_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"elicense/internal/access"
	"elicense/internal/demo"
	"elicense/internal/ledger"
	"elicense/internal/testkit/site"
)

// keepers are the officials of the body that keeps the numbering plan, at a site where a permit allocates numbers.
type keepers struct {
	*site.Site
	t                  *testing.T
	owner              *site.Applicant
	permit             string
	executor, approver *site.Browser
}

// openPlan issues a permit for 717-2 500000-500299 and 727 3900000-3900999.
func openPlan(t *testing.T) *keepers {
	t.Helper()
	s := openSite(t, site.Options{})
	k := &keepers{Site: s, t: t, owner: s.Organisation(1)}
	_, err := s.App.Numbering.Import(t.Context(), access.TheSystem(), demo.Numbers())
	must(t, err)
	s.Official("cci.executor")
	k.executor, k.approver = s.LogInOfficial("cci.executor", demo.Password), s.LogInOfficial("cci.approver", demo.Password)
	number := asked(t, s, k.owner)
	for _, act := range []string{"take", "reserve", "propose"} {
		done(t, acts(t, k.executor, number, act, url.Values{"outcome": {"granted"}}))
	}
	done(t, acts(t, k.approver, number, "take", nil))
	done(t, acts(t, k.approver, number, "confirm", nil))
	k.permit = s.Application(number).Permit
	return k
}

const part = "/kk/numbering/717-2/500000"

// withdrawal is the form of the page of a range, filled for 500100-500199.
func withdrawal(otherwise url.Values) url.Values {
	form := url.Values{"does": {"withdraw"}, "first": {"500100"}, "last": {"500199"}, "ground": {"unused"}, "until": {"31.12.2026"},
		"reason_kk": {"Нөмірлер бір жыл бойы іске қосылмаған."}, "reason_ru": {"Номера не задействованы в течение года."}}
	for name, value := range otherwise {
		form[name] = value
	}
	return form
}

// propose sends a form and gives the address of the order.
func (k *keepers) propose(page string, form url.Values) string {
	k.t.Helper()
	got := k.executor.Post(page, form)
	done(k.t, got)
	if !strings.HasPrefix(got.Location(), "/kk/numbering/orders/") {
		k.t.Fatal(got.Location())
	}
	return got.Location()
}

func (k *keepers) shows(b *site.Browser, address string, words ...string) {
	k.t.Helper()
	got := b.Get(address)
	for _, w := range words {
		if got.Status != http.StatusOK || !strings.Contains(got.Body, w) {
			k.t.Errorf("%s: %d, without %q", address, got.Status, w)
		}
	}
}

func TestPlanIsForItsKeepers(t *testing.T) {
	k := openPlan(t)
	k.shows(k.executor, "/ru/numbering", `href="/ru/numbering/717-2"`, "9\u00a0700", "План нумерации")
	k.shows(k.executor, "/kk/numbering/717-2", `role="img"`, "500000 – 500299", k.permit, "Бөлінген: 2\u00a0300")
	if got := k.executor.Get("/kk/numbering?q=алматы"); !strings.Contains(got.Body, "/numbering/727") || strings.Contains(got.Body, "/numbering/717-2") {
		t.Error("not searched by territory")
	}
	if got := k.executor.Get("/kk/numbering/717-2?state=free"); strings.Contains(got.Body, k.permit) || !strings.Contains(got.Body, "500300 – 509999") {
		t.Error("not filtered by state")
	}
	if got := k.executor.Get("/kk/numbering/717-2?after=500000"); strings.Contains(got.Body, "500000 – 500299") || !strings.Contains(got.Body, "500300 – 509999") {
		t.Error("the cursor leads nowhere")
	}
	elsewhere := k.LogInOfficial("knb.executor", demo.Password)
	order := k.propose(part, withdrawal(nil))
	for _, address := range []string{"/kk/numbering", "/kk/numbering/717-2", part, order} {
		if got := elsewhere.Get(address); got.Status != http.StatusNotFound {
			t.Errorf("another body at %s: %d", address, got.Status)
		}
		if got := k.OfficeVisitor().Get(address); got.Status != http.StatusSeeOther || !strings.HasPrefix(got.Location(), "/kk/login") {
			t.Errorf("a visitor at %s: %d", address, got.Status)
		}
	}
	for _, address := range []string{part, order} {
		if got := elsewhere.Post(address, withdrawal(url.Values{"go": {"confirm"}})); got.Status != http.StatusNotFound {
			t.Errorf("another body posts to %s: %d", address, got.Status)
		}
	}
	if strings.Contains(elsewhere.Get("/kk/applications").Body, "/kk/numbering") {
		t.Error("another body is led to the plan")
	}
	for _, address := range []string{"/kk/numbering/999", "/kk/numbering/717-2/1", "/kk/numbering/717-2/x", "/kk/numbering/orders/x"} {
		if got := k.executor.Get(address); got.Status != http.StatusNotFound {
			t.Errorf("%s: %d", address, got.Status)
		}
	}
}

func TestWithdrawalByTwoPersons(t *testing.T) {
	k := openPlan(t)
	for field, wrong := range map[string]string{"first": "499999", "last": "500300", "ground": "other", "reason_kk": " ", "reason_ru": "", "until": "1.1.2020"} {
		if got := k.executor.Post(part, withdrawal(url.Values{field: {wrong}})); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, `href="#f-`+field+`"`) {
			t.Errorf("%s %q: %d", field, wrong, got.Status)
		}
	}
	if got := k.approver.Post(part, withdrawal(nil)); got.Status != http.StatusForbidden {
		t.Errorf("without the duty of proposing: %d", got.Status)
	}
	order := k.propose(part, withdrawal(nil))
	holder := k.owner.Account.Party
	k.shows(k.approver, order, "717-2 500100 – 500199", k.permit, holder.Number, "пайдаланылмайды", "Номера не задействованы в течение года.", `value="confirm"`)
	k.shows(k.approver, "/kk/numbering", order)
	k.shows(k.executor, part, order)
	if got := k.executor.Post(part, withdrawal(url.Values{"first": {"500199"}, "last": {"500299"}})); got.Status != http.StatusConflict {
		t.Errorf("a second order about the same numbers: %d", got.Status)
	}
	if strings.Contains(k.executor.Get(order).Body, `value="confirm"`) {
		t.Error("the button of confirming is offered to the one who proposed")
	}
	if got := k.executor.Post(order, url.Values{"go": {"confirm"}}); got.Status != http.StatusForbidden {
		t.Errorf("the proposer confirms: %d", got.Status)
	}
	if got := k.secondAccount().Post(order, url.Values{"go": {"confirm"}}); got.Status != http.StatusConflict || !strings.Contains(got.Body, "басқа адам орындауы") {
		t.Errorf("the same person by another account: %d", got.Status)
	}
	done(t, k.approver.Post(order, url.Values{"go": {"confirm"}}))
	if got := k.approver.Post(order, url.Values{"go": {"confirm"}}); got.Status != http.StatusConflict {
		t.Errorf("twice: %d", got.Status)
	}
	k.told()
	k.Clean()
}

// secondAccount is another account of the person who proposes, with the duty of confirming.
func (k *keepers) secondAccount() *site.Browser {
	k.t.Helper()
	o := k.Official("cci.executor")
	o.Login, o.Duties = "cci.second", []access.Duty{access.Approver, access.Head}
	_, first, err := k.App.Accounts.AddOfficial(k.t.Context(), "test", o, k.App.Catalogue.BodyKeys())
	must(k.t, err)
	b := k.LogInOfficial("cci.second", first)
	done(k.t, b.Post("/kk/password", url.Values{"current": {first}, "password": {"Жаңа-Құпия-2026"}}))
	b.Token = "" // the session's is another one now
	return b
}

// told looks where the withdrawal of 500100-500199 is told: to the holder why, to everyone what.
func (k *keepers) told() {
	k.t.Helper()
	k.shows(k.LogIn(k.owner), "/ru/permits/"+k.permit, "Изъяты номера", "717-2 500100 – 500199, с 22.11.2026", "Номера не задействованы в течение года.", "Выделенные номера не используются", "31.12.2026", "№ 67")
	k.shows(k.LogIn(k.owner), "/kk/permits/"+k.permit, "Нөмірлер бір жыл бойы іске қосылмаған.")
	check := k.Visitor().Get("/ru/check/" + k.permit)
	if !strings.Contains(check.Body, "717-2 500100 – 500199, с 22.11.2026") || strings.Contains(check.Body, "не задействованы") {
		k.t.Error("the public check tells nothing, or too much")
	}
	register := k.Visitor().Get("/ru/numbering/717-2")
	if !strings.Contains(register.Body, "изъяты 22.11.2026, карантин по 31.12.2026") || strings.Contains(register.Body, "не задействованы") {
		k.t.Error("the public register tells nothing, or too much")
	}
	annex, err := k.App.Numbering.Annex(k.t.Context(), k.permit)
	must(k.t, err)
	if len(annex) != 3 {
		k.t.Errorf("annex %+v", annex)
	}
}

// The quarantine is over after its last day, or before it when two persons say so; the numbers are proposed again.
func TestQuarantineEnds(t *testing.T) {
	k := openPlan(t)
	done(t, k.approver.Post(k.propose(part, withdrawal(nil)), url.Values{"go": {"confirm"}}))
	const early = "/kk/numbering/717-2/500100"
	order := k.propose(early, url.Values{"does": {"return"}, "first": {"500100"}, "last": {"500149"}, "reason_kk": {"Қоңырау жоқ."}, "reason_ru": {"Звонков нет."}})
	if got := k.executor.Post(order, url.Values{"go": {"confirm"}}); got.Status != http.StatusForbidden {
		t.Errorf("the proposer confirms: %d", got.Status)
	}
	done(t, k.approver.Post(order, url.Values{"go": {"confirm"}}))
	free := func() int64 {
		codes, err := k.App.Numbering.Codes(t.Context())
		must(t, err)
		return codes[slices.IndexFunc(codes, func(c ledger.CodeCount) bool { return c.Code == "7172" })].Numbers["free"]
	}
	if got := free(); got != 9_700+50 {
		t.Errorf("%d numbers are free after the early end", got)
	}
	k.shows(k.LogIn(k.owner), "/kk/permits/"+k.permit, "717-2 500100 – 500199") // the record stays
	k.Clock.Advance(39 * 24 * time.Hour)                                        // the last day
	_, err := k.App.Numbering.Sweep(t.Context())
	must(t, err)
	if got := free(); got != 9_700+50 {
		t.Errorf("%d numbers are free on the last day", got)
	}
	k.Clock.Advance(24 * time.Hour)
	_, err = k.App.Numbering.Sweep(t.Context())
	must(t, err)
	if got := free(); got != 9_700+100 {
		t.Errorf("%d numbers are free after the last day", got)
	}
	k.Clean()
}

// A proposal ends without effect: whoever proposed takes it back, whoever confirms refuses it.
func TestOrderIsDropped(t *testing.T) {
	k := openPlan(t)
	for name, who := range map[string]*site.Browser{"executor": k.executor, "approver": k.approver} {
		order := k.propose(part, withdrawal(nil))
		done(t, who.Post(order, url.Values{"go": {"drop"}}))
		if got := k.approver.Post(order, url.Values{"go": {"confirm"}}); got.Status != http.StatusConflict {
			t.Errorf("confirmed after the %s dropped it: %d", name, got.Status)
		}
	}
	if got := k.LogIn(k.owner).Get("/kk/permits/" + k.permit); strings.Contains(got.Body, "500100") {
		t.Error("the holder is told of what did not happen")
	}
}

// Who stands in for an absent keeper closes an order in his place, and both are named; never one that he proposed in another's.
func TestDeputyClosesAnOrder(t *testing.T) {
	k := openPlan(t)
	b := official(t, k.Site, "cci.deputy", k.Organisation(3).Person.IIN, "cci", access.Registrar)
	deputy, away := officialOf(t, k.Site, "cci.deputy"), officialOf(t, k.Site, "cci.approver")
	order := k.propose(part, withdrawal(nil))
	if got := b.Post(order, url.Values{"go": {"confirm"}}); got.Status != http.StatusForbidden {
		t.Errorf("before the absence: %d", got.Status)
	}
	done(t, absent(t, k.Site, k.approver, deputy.ID, 2))
	done(t, b.Post(order, url.Values{"go": {"confirm"}}))
	k.shows(k.executor, order, deputy.Name(), away.Name()+" орнына")
	done(t, absent(t, k.Site, k.executor, deputy.ID, 2))
	got := b.Post("/kk/numbering/717-2/500000", withdrawal(url.Values{"first": {"500000"}, "last": {"500049"}}))
	done(t, got)
	if again := b.Post(got.Location(), url.Values{"go": {"confirm"}}); again.Status != http.StatusConflict || !strings.Contains(again.Body, "басқа адам орындауы") {
		t.Errorf("the deputy of both confirms what he proposed: %d", again.Status)
	}
	if audits(t, k.Site, "numbers.withdrawn", `"for":"`+away.ID+`"`, deputy.ID) != 1 {
		t.Error("the audit does not say both")
	}
	k.Clean()
}
