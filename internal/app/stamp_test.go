package app_test

import (
	"html"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"elicense/internal/app"
	"elicense/internal/application"
	"elicense/internal/cms"
	"elicense/internal/demo/ca"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/port"
	"elicense/internal/testkit/site"
)

// newStampedAttempt is newAttempt where a time-stamping authority is configured.
func newStampedAttempt(t *testing.T) *attempt {
	t.Helper()
	s := openSite(t, site.Options{Stamped: true})
	a := s.Organisation(1)
	x := &attempt{s: s, a: a, browser: s.LogIn(a), number: a.Complete(nil)}
	x.prepare()
	return x
}

// signature is the one that the application has.
func (x *attempt) signature(t *testing.T) port.Signature {
	t.Helper()
	var all []port.StoredSignature
	x.s.View(func(v port.View) (err error) {
		all, err = v.Applications().Signatures(t.Context(), x.number)
		return err
	})
	if len(all) != 1 {
		t.Fatalf("%d signatures", len(all))
	}
	return all[0].Signature
}

// shows demands a text on the application's page in every language.
func (x *attempt) shows(t *testing.T, in func(say *lang.Printer) string) {
	t.Helper()
	for _, l := range []lang.Lang{lang.KK, lang.RU, lang.EN} {
		page := x.browser.Get("/" + string(l) + "/applications/" + x.number)
		if text := in(x.s.App.Texts.In(l)); page.Status != 200 || !strings.Contains(html.UnescapeString(page.Body), text) {
			t.Errorf("%s: status %d, without %q", l, page.Status, text)
		}
	}
}

// With an authority the stamp is stored with the signature, shown, and is the time at which the signer was judged.
func TestStampIsStoredAndShown(t *testing.T) {
	x := newStampedAttempt(t)
	if got := x.post(lang.KK); got.Status != http.StatusSeeOther || x.s.Application(x.number).State != application.Issued {
		t.Fatalf("status %d, state %s", got.Status, x.s.Application(x.number).State)
	}
	s := x.signature(t)
	at, ok := s.TimeStamped()
	if !ok || s.Unstamped || !s.At.Equal(at) || x.s.Stamper.Given() != 1 {
		t.Fatalf("stamped %v %v, at %v, waiting %v, given %d", at, ok, s.At, s.Unstamped, x.s.Stamper.Given())
	}
	token, err := cms.ParseStamp(s.Evidence[slices.IndexFunc(s.Evidence, func(e port.Evidence) bool { return e.Kind == port.EvidenceTimestamp })].DER)
	must(t, err)
	parsed, err := cms.Parse(s.CMS)
	must(t, err)
	_, err = token.Verify(parsed.Value(), cms.StampRules{Policies: []string{ca.StampPolicy}})
	must(t, err)
	x.shows(t, func(say *lang.Printer) string {
		return say.T("filing.time-stamp-by", "time", say.TimeSeconds(at), "authority", "DEMO TSA")
	})
	x.s.Clean()
}

// While the authority is silent applications are decided all the same, and the job brings the stamps afterwards.
func TestSilentStamperDelaysNothing(t *testing.T) {
	x := newStampedAttempt(t)
	x.s.Stamper.Misbehave(ca.Down)
	if got := x.post(lang.KK); got.Status != http.StatusSeeOther || x.s.Application(x.number).State != application.Issued {
		t.Fatalf("status %d, state %s", got.Status, x.s.Application(x.number).State)
	}
	before := x.signature(t)
	if _, ok := before.TimeStamped(); ok || !before.Unstamped {
		t.Fatalf("%+v", before)
	}
	x.shows(t, func(say *lang.Printer) string { return say.T("filing.time-stamp-awaited") })
	if err := x.s.App.Filing.Stamp(t.Context()); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("while the authority is silent: %v", err)
	}
	x.s.Clean()

	x.s.Stamper.Misbehave(ca.Honest)
	x.s.Clock.Advance(time.Minute)
	must(t, x.s.App.Filing.Stamp(t.Context()))
	must(t, x.s.App.Filing.Stamp(t.Context())) // repeatable
	after := x.signature(t)
	if at, ok := after.TimeStamped(); !ok || after.Unstamped || !after.At.Equal(before.At) || at.Before(before.At) || x.s.Stamper.Given() != 1 {
		t.Errorf("stamped %v %v, waiting %v, at %v, given %d", at, ok, after.Unstamped, after.At, x.s.Stamper.Given())
	}
	x.shows(t, func(say *lang.Printer) string { return say.T("filing.time-stamp") })
	x.s.Clean()
}

// A broken stamp inside the signature is refused with its reason; a good one is kept, and no second one is asked for.
func TestStampInTheSignature(t *testing.T) {
	x := newStampedAttempt(t)
	parsed, err := cms.Parse(x.cms)
	must(t, err)
	stamp := func(m ca.Mischief, about *cms.SignedData) *cms.Token {
		t.Helper()
		x.s.Stamper.Misbehave(m)
		token, err := x.s.Stamper.Stamp(about.Ask([]byte("number"), ""))
		must(t, err)
		read, err := cms.ParseStamp(token)
		must(t, err)
		return read
	}
	x.cms, err = parsed.AddStamp(stamp(ca.Garbled, parsed))
	must(t, err)
	got := x.post(lang.KK)
	if got.Status != http.StatusUnprocessableEntity || !strings.Contains(html.UnescapeString(got.Body), x.s.App.Texts.In(lang.KK).T(cms.KeyStampWrong)) ||
		x.s.Application(x.number).State != application.Draft {
		t.Fatalf("a broken stamp: status %d, state %s", got.Status, x.s.Application(x.number).State)
	}
	good := stamp(ca.Honest, parsed)
	given := x.s.Stamper.Given()
	x.cms, err = parsed.AddStamp(good)
	must(t, err)
	if got := x.post(lang.KK); got.Status != http.StatusSeeOther || x.s.Application(x.number).State != application.Issued {
		t.Fatalf("a good stamp: status %d, state %s", got.Status, x.s.Application(x.number).State)
	}
	if _, ok := x.signature(t).TimeStamped(); !ok || x.s.Stamper.Given() != given {
		t.Errorf("the stamp is kept: %v; %d more were asked for", ok, x.s.Stamper.Given()-given)
	}
	x.s.Clean()
}

// Doctor asks the authority, says how fast it is, and knows when it is silent or none is configured.
func TestDoctorAsksTheStamper(t *testing.T) {
	s := openSite(t, site.Options{At: app.World().Now(), Stamped: true})
	asked := append([]string{"doctor", "--tsa", s.Config.TSA, "--tsa-policies", s.Config.TSAPolicies}, flags(s)...)
	if f := findingOf(t, 0, "time stamps", asked...); !f.OK || !strings.HasPrefix(f.Detail, "1 answered in ") {
		t.Errorf("%+v", f)
	}
	if f := findingOf(t, 0, "time stamps", append([]string{"doctor"}, flags(s)...)...); !f.OK || !strings.HasPrefix(f.Detail, "none") {
		t.Errorf("%+v", f)
	}
	s.Stamper.Misbehave(ca.Down)
	if f := findingOf(t, 1, "time stamps", asked...); f.OK || f.Remedy == "" || !strings.Contains(f.Detail, s.Config.TSA) {
		t.Errorf("silent: %+v", f)
	}
	s.Stamper.Misbehave(ca.Honest)
	if f := findingOf(t, 1, "time stamps", append(asked, "--tsa-policies", "1.2.398.3.3.2.6.4")...); f.OK {
		t.Errorf("another policy: %+v", f)
	}
}
