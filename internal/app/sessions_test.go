package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"elicense/internal/application"
	"elicense/internal/charge"
	"elicense/internal/demo"
	"elicense/internal/filing"
	"elicense/internal/port"
	"elicense/internal/testkit/site"
)

// login posts the log-in form with the password of the demonstration's people.
func login(b *site.Browser, number, password string) site.Answer {
	b.Token = ""
	return b.Post("/kk/login", url.Values{"number": {number}, "password": {password}})
}

func cookieOf(s *site.Site, b *site.Browser) string { return b.Cookies[s.Server.Sessions.Cookie.Name] }

// with is a browser that holds one cookie, as somebody who stole it does.
func with(s *site.Site, cookie string) *site.Browser {
	b := s.Visitor()
	b.Cookies[s.Server.Sessions.Cookie.Name] = cookie
	return b
}

func loggedIn(b *site.Browser) bool { return b.Get("/kk/profile").Status == http.StatusOK }

// S-03: the session changes at log-in, is dead after log-out and after a change of the password, and ends by itself.
func TestSessionsAreRotatedAndDie(t *testing.T) {
	s := openSite(t, site.Options{})
	s.Seed()
	number := demo.People()[0].Number()
	b := s.Visitor()
	b.Get("/kk/login")
	planted := cookieOf(s, b)
	if got := login(b, number, demo.Password); got.Status != http.StatusSeeOther || got.Location() != "/kk/applications" {
		t.Fatalf("log-in: status %d to %q", got.Status, got.Location())
	}
	first := cookieOf(s, b)
	if first == "" || first == planted || loggedIn(with(s, planted)) || !loggedIn(with(s, first)) {
		t.Fatal("the session was not changed at log-in")
	}
	b.Token = ""
	token := site.Hidden(t, b.Get("/kk/profile/password").Body, "csrf_token")
	elsewhere := s.Visitor()
	login(elsewhere, number, demo.Password)
	second := cookieOf(s, elsewhere)
	got := b.Post("/kk/profile/password", url.Values{"csrf_token": {token}, "current": {demo.Password}, "password": {"Another-Kilt-2026"}})
	if got.Status != http.StatusSeeOther {
		t.Fatalf("change of password: status %d", got.Status)
	}
	if loggedIn(with(s, first)) || loggedIn(with(s, second)) {
		t.Error("a session from before the change of the password lives")
	}
	third := cookieOf(s, b)
	if third == first || !loggedIn(b) {
		t.Error("this browser is not logged in any more, or with the old session")
	}
	token = site.Hidden(t, b.Get("/kk/profile").Body, "csrf_token")
	if got := b.Post("/kk/logout", url.Values{"csrf_token": {token}}); got.Status != http.StatusSeeOther || loggedIn(with(s, third)) || loggedIn(b) {
		t.Errorf("log-out: status %d, the session lives: %v", got.Status, loggedIn(with(s, third)))
	}
	if login(s.Visitor(), number, demo.Password).Status == http.StatusSeeOther {
		t.Error("the old password opens the account")
	}
	last := s.Visitor()
	login(last, number, "Another-Kilt-2026")
	s.Clock.Advance(29 * time.Minute)
	if !loggedIn(last) {
		t.Error("dead before half an hour")
	}
	s.Clock.Advance(31 * time.Minute)
	if loggedIn(last) {
		t.Error("alive after more than half an hour (and account.Lag) without a request")
	}
}

// S-03: the cookie's attributes, on loopback and behind https.
func TestSessionCookie(t *testing.T) {
	for origin, want := range map[string]http.Cookie{
		"http://127.0.0.1:8080":    {Name: "elicense"},
		"https://elicense.example": {Name: "__Host-elicense", Secure: true},
	} {
		s := openSite(t, site.Options{Origin: origin})
		s.Seed()
		b := s.Visitor()
		b.Token = site.Hidden(t, b.Get("/kk/login").Body, "csrf_token")
		got := b.Post("/kk/login", url.Values{"number": {demo.People()[0].Number()}, "password": {demo.Password}})
		found := false
		for _, c := range got.Raw.Cookies() {
			if c.Name != want.Name {
				continue
			}
			found = true
			if c.Secure != want.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || len(c.Value) < 22 || c.MaxAge > 0 || !c.Expires.IsZero() {
				t.Errorf("%s: %s", origin, c.Raw)
			}
			s.View(func(v port.View) error {
				if _, ok, err := v.Sessions().Session(t.Context(), c.Value, s.Clock.Now()); err != nil || ok {
					t.Errorf("%s: the cookie's value itself is in the database (%v)", origin, err)
				}
				return nil
			})
		}
		if !found {
			t.Errorf("%s: no cookie %s among %v", origin, want.Name, got.Raw.Cookies())
		}
	}
}

// forbidden are fields that no form has, with values that would be worth something.
func forbidden() url.Values {
	return url.Values{
		"state": {"issued"}, "State": {"issued"}, "status": {"issued"}, "party": {"x"}, "Party": {"x"}, "account": {"x"}, "owner": {"x"}, "role": {"system"}, "Role": {"admin"},
		"price": {"0"}, "fee": {"0"}, "fee_due": {"0"}, "fee_paid": {"true"}, "paid": {"true"}, "paid_at": {"2026-11-22"}, "amount": {"0"}, "permit": {"KZ00LTL00000001"}, "decision": {"granted"},
		"revision": {"99"}, "service": {"advocacy"}, "operation": {"free"}, "created_at": {"0"}, "sent_at": {"1"}, "journal": {"7"}, "revocation": {"good"}, "iin": {"000000000000"},
		"bin": {"000000000000"}, "admin": {"1"}, "recipient": {"individual"}, "listed.free": {"999999"}, "_method": {"DELETE"}, "today": {"2027-01-01"},
	}
}

// S-02: fields that nobody asked for change nothing, on any page.
func TestExtraFieldsHaveNoEffect(t *testing.T) {
	s := openSite(t, site.Options{})
	a, other := s.Organisation(1), s.Organisation(2)
	number := a.Draft()
	a.Fill(number, nil)
	before, account := s.Application(number), a.Account
	extra := forbidden()
	extra.Set("party", other.Actor.Party)
	extra.Set("account", other.Actor.Account)
	for path, upload := range posts(t, s, a, number) {
		if upload || strings.HasSuffix(path, "/delete") {
			continue
		}
		for _, where := range []string{"body", "address"} {
			b := s.LogIn(a)
			form := url.Values{}
			target := path
			if where == "body" {
				for k, v := range extra {
					form[k] = v
				}
			} else {
				target += "?" + extra.Encode()
			}
			if got := b.Post(target, form); got.Status >= 500 {
				t.Errorf("%s: status %d", path, got.Status)
			}
		}
		got := s.Application(number)
		if got.State != application.Draft || got.Party != before.Party || got.Account != before.Account || got.Permit != "" || got.Revision != before.Revision ||
			got.Service != before.Service || got.Operation != before.Operation || got.Decision != nil || !got.SentAt.IsZero() || got.Journal != 0 {
			t.Fatalf("%s: %+v", path, got)
		}
		for key := range extra {
			if _, stored := got.Answers[key]; stored {
				t.Fatalf("%s: stored the answer %s", path, key)
			}
		}
		s.View(func(v port.View) error {
			invoice, ok, err := v.Invoices().OfApplication(t.Context(), number)
			if ok && (invoice.State != charge.Due || invoice.Amount <= 0 || invoice.Party != before.Party) {
				t.Fatalf("%s: %+v", path, invoice)
			}
			now, err2 := v.Accounts().Account(t.Context(), account.ID)
			if err2 != nil || now.IIN != account.IIN || now.Party.ID != account.Party.ID || now.Party.Number != account.Party.Number {
				t.Fatalf("%s: %+v", path, now)
			}
			return err
		})
	}
	s.Clean()
}

// Fields of another page, and of the wizard itself, are not taken by a page's save.
func TestPageTakesOnlyItsOwnFields(t *testing.T) {
	s := openSite(t, site.Options{})
	a := s.Organisation(1)
	number := a.Draft()
	d, err := s.App.Filing.Open(t.Context(), a.Actor, number)
	must(t, err)
	page, err := d.Page("personal")
	must(t, err)
	_, err = s.App.Filing.Save(t.Context(), a.Actor, number, filing.Save{Page: "personal", Base: filing.Base(page, d.Application.Answers),
		Values: map[string]string{"house": "77", "goods_code": "290361", "fee_paid": "true", "state": "issued"}})
	must(t, err)
	got := s.Application(number)
	if got.Answers["house"] != "77" || got.Answers["goods_code"] != "" || got.Answers["state"] != "" || got.State != application.Draft {
		t.Errorf("%+v", got)
	}
}
