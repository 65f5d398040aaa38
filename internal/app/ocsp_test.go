package app_test

import (
	"encoding/base64"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"elicense/internal/app"
	"elicense/internal/application"
	"elicense/internal/demo/ca"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/testkit/site"
)

// post sends the signature through the page in a language.
func (x *attempt) post(l lang.Lang) site.Answer {
	return x.browser.Post("/"+string(l)+"/applications/"+x.number+"/sign?challenge="+x.nonce, url.Values{"cms": {base64.StdEncoding.EncodeToString(x.cms)}})
}

// The responder is silent and the list is over: the application is being signed, and is decided when the job that looks
// again finds the responder answering.
func TestSilentResponderWaits(t *testing.T) {
	for _, how := range []ca.Misbehaviour{ca.Silent, ca.Busy, ca.Stale, ca.WrongNonce, ca.Stranger} {
		t.Run(string(how), func(t *testing.T) {
			t.Parallel()
			x := waitingAt(t, site.Options{OCSP: true})
			x.s.Authority.Responder().Misbehave(how)
			x.send(t) // looks again in vain
			if n := x.s.Authority.Responder().Asked(); n != 2 {
				t.Errorf("asked %d times", n)
			}
			x.s.Authority.Responder().Misbehave(ca.Works)
			must(t, x.s.App.Filing.Recheck(t.Context(), x.number))
			if a := x.s.Application(x.number); a.State != application.Issued || a.Permit == "" {
				t.Errorf("state %s", a.State)
			}
			if report := x.s.Clean(); report.Permits != 1 {
				t.Errorf("%+v", report)
			}
		})
	}
}

// The controls: with a responder that answers, or with a fresh list behind a silent one, the same application is decided
// at once.
func TestAnsweringResponderDecides(t *testing.T) {
	answering := waitingAt(t, site.Options{OCSP: true})
	listed := newAttemptAt(t, site.Options{OCSP: true})
	listed.s.Authority.Responder().Misbehave(ca.Silent)
	for name, x := range map[string]*attempt{"answers": answering, "a list behind it": listed} {
		if got := x.post(lang.KK); got.Status != http.StatusSeeOther || x.s.Application(x.number).State != application.Issued {
			t.Errorf("%s: status %d, state %s", name, got.Status, x.s.Application(x.number).State)
		}
		if n := x.s.Authority.Responder().Asked(); n != 1 {
			t.Errorf("%s: asked %d times", name, n)
		}
		x.s.Clean()
	}
}

// Only the responder knows of the revocation, the list does not yet: refused in words, and the draft stays. With a new
// key the same draft is sent: the control.
func TestRevokedByTheResponder(t *testing.T) {
	x := newAttemptAt(t, site.Options{OCSP: true})
	must(t, x.s.Authority.Revoke(x.a.Key.Certificate))
	x.s.Clock.Advance(time.Second)
	before := x.s.Application(x.number)
	for _, l := range lang.All() {
		got := x.post(l)
		if want := x.s.App.Texts.In(l).T("signature.revoked"); got.Status != http.StatusUnprocessableEntity || !strings.Contains(html.UnescapeString(got.Body), want) {
			t.Errorf("%s: status %d, text %q shown: %v", l, got.Status, want, strings.Contains(html.UnescapeString(got.Body), want))
		}
	}
	if a := x.s.Application(x.number); a.State != application.Draft || a.Version != before.Version {
		t.Errorf("state %s, version %d", a.State, a.Version)
	}
	if report := x.s.Clean(); report.Signatures != 0 || report.Permits != 0 {
		t.Errorf("%+v", report)
	}
	x.a.Key = x.s.Certify(x.a.Person)
	x.prepare()
	if got := x.post(lang.KK); got.Status != http.StatusSeeOther || x.s.Application(x.number).State != application.Issued {
		t.Errorf("with a new key: status %d, state %s", got.Status, x.s.Application(x.number).State)
	}
}

// Pending, and then the responder says that it was revoked before: the draft is given back with the reason in words.
func TestRevokedWhileTheResponderWasSilent(t *testing.T) {
	x := waitingAt(t, site.Options{OCSP: true})
	must(t, x.s.Authority.Revoke(x.a.Key.Certificate))
	x.s.Clock.Advance(time.Second)
	x.s.Authority.Responder().Misbehave(ca.Silent)
	x.send(t)
	x.s.Authority.Responder().Misbehave(ca.Works)
	must(t, x.s.App.Filing.Recheck(t.Context(), x.number))
	if a := x.s.Application(x.number); a.State != application.Draft || a.Permit != "" {
		t.Fatalf("%+v", a)
	}
	for _, l := range lang.All() {
		page := x.browser.Get("/" + string(l) + "/applications/" + x.number)
		if page.Status != 200 || !strings.Contains(html.UnescapeString(page.Body), x.s.App.Texts.In(l).T("filing.sign-again")) {
			t.Errorf("%s: the draft does not say why it came back", l)
		}
	}
	x.s.Clean()
}

// A revoked key opens no session either: the responder is asked whenever a signature is judged.
func TestRevokedByTheResponderOpensNoSession(t *testing.T) {
	x := newAttemptAt(t, site.Options{OCSP: true})
	c, err := x.s.App.Accounts.StartLogin(t.Context(), "somewhere")
	must(t, err)
	must(t, x.s.Authority.Revoke(x.a.Key.Certificate))
	x.s.Clock.Advance(time.Second)
	if _, err := x.s.App.Accounts.FinishLogin(t.Context(), "somewhere", c.Nonce, x.s.Sign(c.Content, x.a.Key)); !fault.Is(err, "signature.revoked") {
		t.Error(err)
	}
}

// doctor asks the responders as it reads the lists.
func TestResponderCommands(t *testing.T) {
	s := openSite(t, site.Options{At: app.World().Now()})
	server := httptest.NewServer(s.Authority.Handler())
	defer server.Close()
	doctor := func(address string) []string {
		return append([]string{"doctor", "--ocsp", address}, flags(s)...)
	}
	if f := findingOf(t, 0, "ocsp", doctor("")...); !f.OK || !strings.HasPrefix(f.Detail, "none") {
		t.Errorf("%+v", f)
	}
	if f := findingOf(t, 0, "ocsp", doctor(server.URL+ca.OCSPPath)...); !f.OK || !strings.Contains(f.Detail, server.URL) || !strings.Contains(f.Detail, "answered in") {
		t.Errorf("%+v", f)
	}
	for how, reason := range map[ca.Misbehaviour]string{ca.Silent: "EOF", ca.Busy: "tryLater", ca.Stale: "too long ago", ca.WrongNonce: "another nonce", ca.Stranger: "responder"} {
		s.Authority.Responder().Misbehave(how)
		if f := findingOf(t, 1, "ocsp", doctor(server.URL+ca.OCSPPath)...); f.OK || f.Remedy == "" || !strings.Contains(f.Detail, reason) {
			t.Errorf("%s: %+v", how, f)
		}
	}
	type verdict struct{ Mistakes []string }
	if v := parsed[verdict](t, 1, append([]string{"config", "check", "--ocsp", "ocsp.example"}, flags(s)...)...); len(v.Mistakes) != 1 || !strings.HasPrefix(v.Mistakes[0], "ocsp: ") {
		t.Errorf("%+v", v)
	}
}
