package app_test

import (
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"elicense/internal/demo"
	"elicense/internal/testkit/site"
)

// S-03: half an hour without a request ends a session, and twelve hours end it whatever is done. All clocks are false here:
// the program's, the session manager's and the database's dates move together, by waiting.
func TestSessionLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openSite(t, site.Options{})
		s.Seed()
		number := demo.People()[0].Number()
		begin := func() (*site.Browser, time.Time) {
			b := s.Visitor()
			if got := login(b, number, demo.Password); got.Status != http.StatusSeeOther {
				t.Fatalf("log-in: status %d", got.Status)
			}
			return b, time.Now()
		}
		idle, _ := begin()
		for range 4 {
			time.Sleep(29 * time.Minute)
			if !loggedIn(idle) {
				t.Fatal("ended while it was used every 29 minutes")
			}
		}
		stolen := with(s, cookieOf(s, idle))
		time.Sleep(31 * time.Minute)
		if loggedIn(idle) || loggedIn(stolen) {
			t.Error("alive after more than half an hour without a request")
		}
		if got := idle.Get("/kk/profile"); got.Status != http.StatusSeeOther || got.Location() == "" {
			t.Errorf("status %d: not led to the log-in", got.Status)
		}

		busy, since := begin()
		for time.Since(since) < 12*time.Hour-10*time.Minute {
			time.Sleep(9 * time.Minute)
			if !loggedIn(busy) {
				t.Fatalf("ended after %v", time.Since(since))
			}
		}
		if got := busy.Post("/kk/profile", url.Values{"csrf_token": {site.Hidden(t, busy.Get("/kk/profile").Body, "csrf_token")}}); got.Status == http.StatusUnauthorized {
			t.Errorf("status %d", got.Status)
		}
		time.Sleep(time.Until(since.Add(12*time.Hour + time.Second)))
		if loggedIn(busy) {
			t.Error("alive after twelve hours, because it was used all the time")
		}
		if again, _ := begin(); !loggedIn(again) {
			t.Error("a new log-in does not help")
		}
	})
}
