package app_test

import (
	"encoding/base64"
	"html"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"elicense/internal/application"
	"elicense/internal/charge"
	"elicense/internal/port"
	"elicense/internal/testkit/site"
)

// walk goes the whole way through the pages as a browser without a script does, from ordering to signing, and gives the
// application's number.
func walk(t *testing.T, s *site.Site, a *site.Applicant, otherwise map[string]string, pay bool) (string, *site.Browser) {
	t.Helper()
	b := s.LogIn(a)
	want := func(step string, got site.Answer, suffix string) {
		t.Helper()
		if got.Status != http.StatusSeeOther || !strings.HasSuffix(got.Location(), suffix) {
			t.Fatalf("%s: status %d to %q\n%.3000s", step, got.Status, got.Location(), regexp.MustCompile(`(?s)^.*<main`).ReplaceAllString(got.Body, ""))
		}
	}
	got := b.Post("/kk/services/trade-licence/order", order())
	want("order", got, "/pages/personal")
	number := strings.Split(got.Location(), "/")[3]
	at := "/kk/applications/" + number
	answers := s.Answers()
	maps.Copy(answers, otherwise)
	for _, step := range [][2]string{{"/pages/personal", "/pages/trade"}, {"/pages/trade", "/documents"}} {
		form := url.Values{"go": {"next"}, "version": {site.Hidden(t, b.Get(at+step[0]).Body, "version")}}
		for key, value := range answers {
			form.Set(key, value)
		}
		want(step[0], b.Post(at+step[0], form), step[1])
	}
	want("upload", b.Send(b.Upload(at+"/documents/contract/upload", map[string]string{"name": "Шарт"}, "шарт.pdf", site.Contract())), "/documents")
	want("documents", b.Post(at+"/documents", url.Values{"go": {"next"}}), "/payment")
	if pay {
		if got := b.Post(at+"/payment", nil); got.Status != http.StatusSeeOther || !strings.HasPrefix(got.Location(), "https://pay.example/pay?") {
			t.Fatalf("payment: status %d to %q", got.Status, got.Location())
		}
		for range 3 { // the gateway repeats itself
			if got := s.Notify(number, charge.Settled, "RECEIPT-1"); got.Status != http.StatusOK {
				t.Fatalf("notice: status %d", got.Status)
			}
		}
	}
	want("check", b.Post(at+"/check", url.Values{"go": {"next"}}), "/sign")
	page := b.Get(at + "/sign")
	action := regexp.MustCompile(`/sign\?challenge=([0-9a-f]{32})`).FindStringSubmatch(page.Body)
	if page.Status != 200 || action == nil {
		t.Fatalf("sign: status %d", page.Status)
	}
	document := b.Get("/kk/sign/" + action[1] + "/document")
	if document.Status != 200 {
		t.Fatalf("document: status %d", document.Status)
	}
	cms := base64.StdEncoding.EncodeToString(s.Sign([]byte(document.Body), a.Key))
	want("signature", b.Post(at+"/sign?challenge="+action[1], url.Values{"cms": {cms}}), number)
	return number, b
}

// said demands texts on the application's page in a language.
func said(t *testing.T, b *site.Browser, l, number string, texts ...string) {
	t.Helper()
	page := b.Get("/" + l + "/applications/" + number)
	body := strings.ReplaceAll(html.UnescapeString(page.Body), "\u00a0", " ")
	for _, text := range texts {
		if page.Status != 200 || text == "" || !strings.Contains(body, strings.ReplaceAll(text, "\u00a0", " ")) {
			t.Errorf("%s: status %d, the page does not say %q", l, page.Status, text)
		}
	}
}

// Every ground of refusal through the pages, with the stored reasons and the words in the languages of the law.
func TestEveryGroundOfRefusal(t *testing.T) {
	for _, c := range []struct {
		ground    string
		otherwise map[string]string
		unpaid    bool
		input     string // a value that the decision rests on
		value     string
		kk, ru    string // parts of the words
	}{
		{"goods_not_listed", map[string]string{"goods_code": "010121"}, false, "listed.found", "false", "тізбесінде", "не значится в перечне"},
		{"fee_unpaid", nil, true, "fee_paid", "false", "төленбеген", "не уплачен"},
		{"contract_after_filing", map[string]string{"contract_date": "2026-11-23"}, false, "contract_date", "2026-11-23", "өтініш берілген күннен кейін", "позже дня подачи"},
		{"period_too_long", map[string]string{"start_date": "2026-12-01", "end_date": "2027-12-02"}, false, "end_date", "2027-12-02", "бір жылдан асады", "превышает один год"},
		{"after_quota_year", map[string]string{"goods_code": "290372", "start_date": "2026-12-01", "end_date": "2027-01-01"}, false, "end_date", "2027-01-01", "күнтізбелік жылдан кейін", "за пределы этого календарного года"},
		{"quota_exhausted", map[string]string{"goods_code": "290372", "quantity": "1500.501"}, false, "quantity", "", "қалған көлемінен (1 500,5) асады", "превышает остаток квоты (1 500,5)"},
	} {
		t.Run(c.ground, func(t *testing.T) {
			t.Parallel()
			s := openSite(t, site.Options{})
			a := s.Organisation(1)
			answers := map[string]string{"end_date": "2026-12-22"}
			maps.Copy(answers, c.otherwise)
			number, b := walk(t, s, a, answers, !c.unpaid)
			got := s.Application(number)
			d := got.Decision
			if got.State != application.Returned || got.Permit != "" || d == nil || d.Branch != c.ground || len(d.Grounds) != 1 || d.Grounds[0].Key != c.ground {
				t.Fatalf("state %s, decision %+v", got.State, d)
			}
			if d.Outcome != application.Refuse || d.By != "system" || d.Revision != got.Revision || d.Revision < 1 || got.DecidedAt.IsZero() {
				t.Errorf("%+v", d)
			}
			if in, ok := d.Inputs[c.input]; !ok || c.value != "" && in.Value != c.value || in.Source == "" || in.At.IsZero() {
				t.Errorf("input %s: %+v of %d", c.input, in, len(d.Inputs))
			}
			g := d.Grounds[0]
			said(t, b, "kk", number, c.kk, g.KK.Text, g.KK.Act, g.KK.Advice)
			said(t, b, "ru", number, c.ru, g.RU.Text, g.RU.Act, g.RU.Advice)
			if strings.ContainsAny(g.KK.Text+g.RU.Text+g.EN.Text, "{}") || !strings.ContainsAny(g.KK.Text, "әғқңөұүһі") || g.KK.Text == g.RU.Text {
				t.Errorf("%q %q", g.KK.Text, g.RU.Text)
			}
			report := s.Clean()
			if report.Permits != 0 || report.Signatures != 1 {
				t.Errorf("%+v", report)
			}
			if next := b.Post("/kk/services/trade-licence/order", order()); next.Status != http.StatusSeeOther {
				t.Errorf("a refused applicant cannot apply anew: status %d", next.Status)
			}
		})
	}
}

// Several grounds at once are all said.
func TestSeveralGrounds(t *testing.T) {
	s := openSite(t, site.Options{})
	number, b := walk(t, s, s.Organisation(1), map[string]string{"goods_code": "010121", "start_date": "2026-12-01", "end_date": "2028-01-01"}, false)
	d := s.Application(number).Decision
	if len(d.Grounds) != 3 || d.Branch != "goods_not_listed" {
		t.Fatalf("%+v", d)
	}
	for _, g := range d.Grounds {
		said(t, b, "kk", number, g.KK.Text)
		said(t, b, "ru", number, g.RU.Text)
	}
}

// The whole way to the permit: its numbers, its documents in three languages, the check by the address of its QR code.
func TestWalkToThePermit(t *testing.T) {
	s := openSite(t, site.Options{})
	lists := s.Clean().Orphans // revocation lists; the signature will rest on one of them
	a := s.Organisation(1)
	number, b := walk(t, s, a, nil, true)
	got := s.Application(number)
	if got.State != application.Issued || got.Decision.Branch != application.BranchGranted {
		t.Fatalf("%s %+v", got.State, got.Decision)
	}
	var second, code string
	s.View(func(v port.View) error {
		p, err := v.Permits().Permit(t.Context(), got.Permit)
		second, code = p.Second, p.Check
		return err
	})
	for _, l := range []string{"kk", "ru", "en"} {
		first := b.Get("/" + l + "/permits/" + got.Permit + "/document/" + l)
		again := b.Get("/" + l + "/permits/" + got.Permit + "/document/" + l)
		checked := s.Visitor().Get("/" + l + "/check/" + got.Permit + "/" + code + "/document/" + l)
		if first.Status != 200 || !strings.HasPrefix(first.Body, "%PDF-") || again.Body != first.Body || checked.Body != first.Body {
			t.Errorf("%s: %d %d %d, %d bytes", l, first.Status, again.Status, checked.Status, len(first.Body))
		}
		said(t, b, l, number, got.Permit)
		if card := b.Get("/" + l + "/permits/" + got.Permit); card.Status != 200 || !strings.Contains(card.Body, second) {
			t.Errorf("%s: the card: %d", l, card.Status)
		}
	}
	qr := s.Visitor().Get("/c/" + got.Permit + "/" + code)
	if qr.Status != http.StatusSeeOther || s.Visitor().Get(qr.Location()).Status != 200 {
		t.Errorf("QR: %d to %q", qr.Status, qr.Location())
	}
	if report := s.Clean(); report.Files != 5 || report.Orphans != lists-1 {
		t.Errorf("%+v", report)
	}
}

// The EAEU number: section, country, year of registration, stamp of the body, place in the journal of that year.
func TestUnionNumber(t *testing.T) {
	s := openSite(t, site.Options{At: time.Date(2026, 12, 31, 18, 30, 0, 0, time.UTC), MCI: "2027-01-01=4500"}) // 23:30 in Astana
	body, _ := s.App.Catalogue.Body("mti")
	if len(body.Stamp) != 3 {
		t.Fatalf("stamp %q", body.Stamp)
	}
	dates := map[string]string{"start_date": "2027-02-01", "end_date": "2027-02-20", "contract_date": "2026-12-01"}
	issue := func(i int, goods string) (string, int) {
		dates["goods_code"] = goods
		a := s.Organisation(i)
		got, err := a.Send(a.Complete(dates))
		must(t, err)
		var second string
		s.View(func(v port.View) error {
			p, err := v.Permits().Permit(t.Context(), got.Permit)
			second = p.Second
			return err
		})
		return second, got.Journal
	}
	for i, want := range []string{"201KZ26" + body.Stamp + "000001", "202KZ26" + body.Stamp + "000002"} {
		if got, journal := issue(i+1, []string{"290361", "380892"}[i]); got != want || len(got) != 16 || journal != i+1 {
			t.Errorf("%s (%d), want %s", got, journal, want)
		}
	}
	s.Clock.Advance(time.Hour) // half past midnight of the new year in Astana, still December in UTC
	if got, journal := issue(3, "290361"); got != "201KZ27"+body.Stamp+"000001" || journal != 1 {
		t.Errorf("new year: %s (%d)", got, journal)
	}
	s.Clean()
}
