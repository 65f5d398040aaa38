package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"elicense/internal/access"
	"elicense/internal/account"
	"elicense/internal/demo"
	"elicense/internal/fault"
	"elicense/internal/testkit/site"
)

// An official begins with a password that somebody else knows: it opens nothing but the page on which it is replaced.
func TestFirstPasswordOpensNothing(t *testing.T) {
	s := openSite(t, site.Options{})
	person := s.Organisation(1).Person
	in := access.Official{Login: " New.Official ", Person: person.IIN, Surname: "Үлгі", GivenName: "Адам", Body: "mti", Duties: []access.Duty{access.Executor}}
	_, first, err := s.App.Accounts.AddOfficial(t.Context(), "test", in, s.App.Catalogue.BodyKeys())
	must(t, err)
	b := s.LogInOfficial("new.official", first)
	if got := b.Get("/kk/"); got.Location() != "/kk/password" {
		t.Errorf("home leads to %q", got.Location())
	}
	if got := b.Get("/kk/applications"); got.Status != http.StatusForbidden {
		t.Errorf("the queue: %d", got.Status)
	}
	const own = "Жаңа-Құпия-2026"
	for name, form := range map[string]url.Values{
		"another present one": {"current": {"wrong"}, "password": {own}},
		"the same":            {"current": {first}, "password": {first}},
		"a short one":         {"current": {first}, "password": {"short"}},
		"the name":            {"current": {first}, "password": {"new.official1"}},
	} {
		if got := b.Post("/kk/password", form); got.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, got.Status)
		}
	}
	if got := b.Post("/kk/password", url.Values{"current": {first}, "password": {own}}); got.Status != http.StatusSeeOther {
		t.Fatalf("change: %d", got.Status)
	}
	if got := b.Get("/kk/applications"); got.Status != http.StatusOK {
		t.Errorf("the queue afterwards: %d", got.Status)
	}
	if got := s.OfficeVisitor().Post("/kk/login", url.Values{"login": {"new.official"}, "password": {first}}); got.Status != http.StatusUnprocessableEntity {
		t.Errorf("the first password: %d", got.Status)
	}
}

func TestOfficialsWhoAreRefused(t *testing.T) {
	s := openSite(t, site.Options{})
	good := access.Official{Login: "someone", Person: s.Organisation(1).Person.IIN, Surname: "Үлгі", GivenName: "Адам", Body: "mti", Duties: []access.Duty{access.Executor}}
	for name, c := range map[string]struct {
		change func(*access.Official)
		path   string
	}{
		"a name with a space": {func(o *access.Official) { o.Login = "some one" }, "login"},
		"a name in Cyrillic":  {func(o *access.Official) { o.Login = "үлгі" }, "login"},
		"no IIN":              {func(o *access.Official) { o.Person = "123" }, "iin"},
		"a wrong check digit": {func(o *access.Official) { o.Person = flip(o.Person) }, "iin"},
		"a body of one's own": {func(o *access.Official) { o.Body = "moon" }, "body"},
		"no duty":             {func(o *access.Official) { o.Duties = nil }, "duty"},
		"a duty of one's own": {func(o *access.Official) { o.Duties = []access.Duty{"king"} }, "duty"},
		"nobody's":            {func(o *access.Official) { o.Surname = " " }, "surname"},
	} {
		o := good
		c.change(&o)
		_, _, err := s.App.Accounts.AddOfficial(t.Context(), "test", o, s.App.Catalogue.BodyKeys())
		f, ok := fault.As(err)
		if !ok || len(f.Fields) != 1 || f.Fields[0].Path != c.path {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, _, err := s.App.Accounts.AddOfficial(t.Context(), "test", good, s.App.Catalogue.BodyKeys())
	must(t, err)
	if _, _, err := s.App.Accounts.AddOfficial(t.Context(), "test", good, s.App.Catalogue.BodyKeys()); !fault.Is(err, account.KeyOfficialExists) {
		t.Errorf("a second one: %v", err)
	}
}

func flip(number string) string {
	last := number[len(number)-1]
	return number[:len(number)-1] + string('0'+(last-'0'+1)%10)
}

// What is taken away is gone at once, in every session.
func TestBlockedAtOnce(t *testing.T) {
	s := openSite(t, site.Options{})
	s.Official("mti.publisher")
	b := s.LogInOfficial("mti.publisher", demo.Password)
	if got := b.Get("/kk/applications"); got.Status != http.StatusOK {
		t.Fatalf("before: %d", got.Status)
	}
	must(t, s.App.Accounts.BlockOfficial(t.Context(), "test", "mti.publisher", false))
	if got := b.Get("/kk/applications"); got.Status != http.StatusSeeOther || !strings.HasPrefix(got.Location(), "/kk/login") {
		t.Errorf("after: %d %s", got.Status, got.Location())
	}
	if got := s.OfficeVisitor().Post("/kk/login", url.Values{"login": {"mti.publisher"}, "password": {demo.Password}}); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "бұғатталған") {
		t.Errorf("log-in: %d", got.Status)
	}
	if got := s.OfficeVisitor().Post("/kk/login", url.Values{"login": {"mti.publisher"}, "password": {"wrong"}}); strings.Contains(got.Body, "бұғатталған") {
		t.Error("a stranger learns that the account is blocked")
	}
	must(t, s.App.Accounts.BlockOfficial(t.Context(), "test", "mti.publisher", true))
	s.LogInOfficial("mti.publisher", demo.Password)
	if b.Get("/kk/applications").Status == http.StatusOK {
		t.Error("the session from before lives again")
	}
}

func TestOfficialsGuessesAreLimited(t *testing.T) {
	s := openSite(t, site.Options{})
	s.Official("mti.publisher")
	last := 0
	for range 25 {
		b := s.OfficeVisitor()
		last = b.Post("/kk/login", url.Values{"login": {"mti.publisher"}, "password": {"guess"}}).Status
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("the 25th guess: %d", last)
	}
	if got := s.OfficeVisitor().Post("/kk/login", url.Values{"login": {"mti.publisher"}, "password": {demo.Password}}); got.Status != http.StatusTooManyRequests {
		t.Errorf("the right one after them: %d", got.Status)
	}
	s.Clock.Advance(time.Hour + time.Minute)
	s.LogInOfficial("mti.publisher", demo.Password)
}

// A session of one portal is nothing at the other one, even under the other's cookie name.
func TestSessionsOfThePortalsAreApart(t *testing.T) {
	s := openSite(t, site.Options{})
	s.Official("mti.publisher")
	applicant, official := s.LogIn(s.Organisation(1)), s.LogInOfficial("mti.publisher", demo.Password)
	at, of := s.Server.Sessions.Cookie.Name, s.Office.Sessions.Cookie.Name
	if at == of {
		t.Fatal("both portals use one cookie")
	}
	planted := s.OfficeVisitor()
	planted.Cookies[of] = applicant.Cookies[at]
	if got := planted.Get("/kk/applications"); got.Status != http.StatusSeeOther {
		t.Errorf("an applicant's session at the internal portal: %d", got.Status)
	}
	planted = s.Visitor()
	planted.Cookies[at] = official.Cookies[of]
	if got := planted.Get("/kk/applications"); got.Status != http.StatusSeeOther {
		t.Errorf("an official's session at the external portal: %d", got.Status)
	}
}
