package app_test

import (
	"encoding/base64"
	"html"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"elicense/internal/application"
	"elicense/internal/civil"
	"elicense/internal/demo/ca"
	"elicense/internal/fault"
	"elicense/internal/filing"
	"elicense/internal/ident"
	"elicense/internal/lang"
	"elicense/internal/testkit/site"
)

// attempt is a signature on its way in: who sends it, from which browser, for which document.
type attempt struct {
	s       *site.Site
	a       *site.Applicant
	browser *site.Browser
	number  string
	nonce   string
	content []byte // of the document that waits for a signature
	cms     []byte
}

func newAttempt(t *testing.T) *attempt { return newAttemptAt(t, site.Options{}) }

func newAttemptAt(t *testing.T, o site.Options) *attempt {
	t.Helper()
	s := openSite(t, o)
	a := s.Organisation(1)
	x := &attempt{s: s, a: a, browser: s.LogIn(a), number: a.Complete(nil)}
	x.prepare()
	return x
}

func (x *attempt) prepare() {
	c := x.a.Prepare(x.browser.Binding, x.number)
	x.nonce, x.content, x.cms = c.Nonce, c.Content, x.s.Sign(c.Content, x.a.Key)
}

// by signs with the key of somebody else.
func (x *attempt) by(change func(p *ca.Person)) {
	p := x.a.Person
	change(&p)
	x.cms = x.s.Sign(x.content, x.s.Certify(p))
}

// otherTime signs with a certificate that the same authority issued at another time, for an hour.
func (x *attempt) otherTime(t *testing.T, ago time.Duration) {
	t.Helper()
	then, err := ca.Open(filepath.Join(x.s.Folder, "ca"), ca.Options{Now: func() time.Time { return x.s.Clock.Now().Add(-ago) }, Validity: time.Hour})
	must(t, err)
	key, err := then.IssueOver(x.a.Key.Key, x.a.Person)
	must(t, err)
	x.cms = x.s.Sign(x.content, key)
}

// anyone gives a valid IIN that nobody here has.
func anyone() string {
	for serial := 5000; ; serial++ {
		if n, ok := ident.MakeIIN(civil.New(1991, 2, 3), true, serial); ok {
			return string(n)
		}
	}
}

// wrongSignature is one way in which a signature does not belong to what it is sent for.
type wrongSignature struct {
	name   string
	do     func(t *testing.T, x *attempt)
	key    string
	status int
}

func wrongSignatures() []wrongSignature {
	return []wrongSignature{
		{"another person of the organisation", func(_ *testing.T, x *attempt) { x.by(func(p *ca.Person) { p.IIN = anyone() }) }, "signature.other-person", 422},
		{"another organisation", func(_ *testing.T, x *attempt) {
			x.by(func(p *ca.Person) { p.BIN = x.s.Organisation(2).Person.BIN })
		}, "signature.other-entity", 422},
		{"the person's own key for the organisation", func(_ *testing.T, x *attempt) {
			x.by(func(p *ca.Person) { p.Kind, p.BIN, p.Organisation = ca.Individual, "", "" })
		}, "signature.other-entity", 422},
		{"no right to sign", func(_ *testing.T, x *attempt) { x.by(func(p *ca.Person) { p.Kind = ca.Employee }) }, "signature.no-right-to-sign", 403},
		{"of another application", func(_ *testing.T, x *attempt) {
			other := x.s.Organisation(3)
			x.cms = x.s.Sign(other.Prepare("there", other.Complete(nil)).Content, x.a.Key)
		}, "signature.content-changed", 422},
		{"of an earlier document of the same application", func(_ *testing.T, x *attempt) {
			first := x.cms
			x.prepare()
			x.cms = first
		}, "signature.content-changed", 422},
		{"the draft changed after it was shown", func(t *testing.T, x *attempt) {
			page := open(t, x)
			_, err := x.s.App.Filing.Save(t.Context(), x.a.Actor, x.number, filing.Save{Page: "personal", Base: page, Values: map[string]string{"house": "9"}})
			must(t, err)
		}, "filing.changed-after-signing", 409},
		{"an attachment went after it was shown", func(t *testing.T, x *attempt) {
			must(t, x.s.App.Filing.Attach(t.Context(), x.a.Actor, x.number, "ground_document", x.a.Document.ID))
		}, "filing.changed-after-signing", 409},
		{"a log-in's signature", func(t *testing.T, x *attempt) {
			c, err := x.s.App.Accounts.StartLogin(t.Context(), x.browser.Binding)
			must(t, err)
			x.cms = x.s.Sign(c.Content, x.a.Key)
		}, "signature.content-changed", 422},
		{"a log-in's document", func(t *testing.T, x *attempt) {
			c, err := x.s.App.Accounts.StartLogin(t.Context(), x.browser.Binding)
			must(t, err)
			x.nonce, x.cms = c.Nonce, x.s.Sign(c.Content, x.a.Key)
		}, "signature.document-unknown", 410},
		{"another application's document", func(_ *testing.T, x *attempt) {
			other := x.s.Organisation(3)
			x.nonce = other.Prepare("there", other.Complete(nil)).Nonce
		}, "signature.document-unknown", 410},
		{"too late", func(_ *testing.T, x *attempt) { x.s.Clock.Advance(31 * time.Minute); x.log() }, "signature.document-expired", 410},
		{"another browser", func(_ *testing.T, x *attempt) { x.browser = x.s.LogIn(x.a) }, "signature.other-browser", 410},
		{"a document that never was", func(_ *testing.T, x *attempt) { x.nonce = strings.Repeat("0", 32) }, "signature.document-unknown", 410},
		{"expired certificate", func(t *testing.T, x *attempt) { x.otherTime(t, 48*time.Hour) }, "signature.expired", 422},
		{"certificate of tomorrow", func(t *testing.T, x *attempt) { x.otherTime(t, -48*time.Hour) }, "signature.not-yet-valid", 422},
		{"revoked certificate", func(t *testing.T, x *attempt) {
			must(t, x.s.Authority.Revoke(x.a.Key.Certificate))
			x.s.PublishList()
			x.s.Clock.Advance(time.Second)
		}, "signature.revoked", 422},
		{"foreign authority", func(t *testing.T, x *attempt) {
			foreign, err := ca.Open(t.TempDir(), ca.Options{Now: x.s.Clock.Now})
			must(t, err)
			key, err := foreign.IssueOver(x.a.Key.Key, x.a.Person)
			must(t, err)
			x.cms = x.s.Sign(x.content, key)
		}, "signature.untrusted", 422},
		{"no signature at all", func(_ *testing.T, x *attempt) { x.cms = []byte("hello") }, "signature.encoding", 422},
		{"one bit of the signature", func(_ *testing.T, x *attempt) { x.cms[len(x.cms)-1] ^= 1 }, "signature.wrong", 422},
	}
}

func (x *attempt) log() {
	binding := x.browser.Binding
	x.browser = x.s.LogIn(x.a)
	x.browser.Binding = binding
}

// open gives the base of the first page.
func open(t *testing.T, x *attempt) string {
	t.Helper()
	d, err := x.s.App.Filing.Open(t.Context(), x.a.Actor, x.number)
	must(t, err)
	page, err := d.Page("personal")
	must(t, err)
	return filing.Base(page, d.Application.Answers)
}

// Every signature that does not belong here is refused with its own reason, in words, and the draft stays what it was.
func TestWrongSignaturesAreRefused(t *testing.T) {
	for _, c := range wrongSignatures() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x := newAttempt(t)
			c.do(t, x)
			before := x.s.Application(x.number)
			_, err := x.s.App.Filing.Submit(t.Context(), x.a.Actor, x.browser.Binding, x.number, filing.Submission{Nonce: x.nonce, CMS: x.cms})
			if !fault.Is(err, c.key) {
				t.Fatalf("got %v, want %s", err, c.key)
			}
			sent := string(x.cms)
			if sent[0] == 0x30 { // DER goes through a form as base64
				sent = base64.StdEncoding.EncodeToString(x.cms)
			}
			for _, l := range []lang.Lang{lang.KK, lang.RU} {
				got := x.browser.Post("/"+string(l)+"/applications/"+x.number+"/sign?challenge="+x.nonce, url.Values{"cms": {sent}})
				want := x.s.App.Texts.In(l).T(c.key)
				if got.Status != c.status || !strings.Contains(html.UnescapeString(got.Body), want) {
					t.Errorf("%s: status %d, want %d; text %q shown: %v", l, got.Status, c.status, want, strings.Contains(got.Body, want))
				}
			}
			after := x.s.Application(x.number)
			if after.State != application.Draft || after.Version != before.Version {
				t.Errorf("state %s, version %d", after.State, after.Version)
			}
			if report := x.s.Clean(); report.Signatures != 0 || report.Permits != 0 {
				t.Errorf("%+v", report)
			}
		})
	}
}

// The other way round: what was signed for an application opens no session.
func TestApplicationSignatureOpensNoSession(t *testing.T) {
	x := newAttempt(t)
	c, err := x.s.App.Accounts.StartLogin(t.Context(), x.browser.Binding)
	must(t, err)
	if _, err := x.s.App.Accounts.FinishLogin(t.Context(), x.browser.Binding, c.Nonce, x.cms); !fault.Is(err, "signature.content-changed") {
		t.Errorf("the signature: %v", err)
	}
	if _, err := x.s.App.Accounts.FinishLogin(t.Context(), x.browser.Binding, x.nonce, x.cms); !fault.Is(err, "signature.challenge-unknown") {
		t.Errorf("the document: %v", err)
	}
	v := x.s.Visitor()
	got := v.Post("/kk/login/certificate?challenge="+x.nonce, url.Values{"cms": {base64.StdEncoding.EncodeToString(x.cms)}})
	if got.Status != http.StatusNotFound {
		t.Errorf("the page: status %d", got.Status)
	}
	if got := v.Get("/kk/applications"); got.Status != http.StatusSeeOther {
		t.Errorf("logged in by an application: status %d", got.Status)
	}
}

// The control: the same attempt without a fault is accepted.
func TestRightSignatureIsAccepted(t *testing.T) {
	x := newAttempt(t)
	got := x.browser.Post("/ru/applications/"+x.number+"/sign?challenge="+x.nonce, url.Values{"cms": {base64.StdEncoding.EncodeToString(x.cms)}})
	if got.Status != http.StatusSeeOther || x.s.Application(x.number).State != application.Issued {
		t.Errorf("status %d, state %s", got.Status, x.s.Application(x.number).State)
	}
}

// waiting sends an application while no fresh revocation list is to be had.
func waiting(t *testing.T) *attempt { return waitingAt(t, site.Options{}) }

func waitingAt(t *testing.T, o site.Options) *attempt {
	t.Helper()
	x := newAttemptAt(t, o)
	x.s.Clock.Advance(25 * time.Hour) // the list has ended
	x.browser = x.s.LogIn(x.a)
	x.prepare()
	return x
}

func (x *attempt) send(t *testing.T) {
	t.Helper()
	got := x.browser.Post("/kk/applications/"+x.number+"/sign?challenge="+x.nonce, url.Values{"cms": {base64.StdEncoding.EncodeToString(x.cms)}})
	if got.Status != http.StatusSeeOther || x.s.Application(x.number).State != application.Signing {
		t.Fatalf("status %d, state %s", got.Status, x.s.Application(x.number).State)
	}
	for l, word := range map[string]string{"kk": "Қол қойылуда", "ru": x.s.App.Texts.In(lang.RU).T("status.signing")} {
		if page := x.browser.Get("/" + l + "/applications/" + x.number); page.Status != 200 || !strings.Contains(page.Body, word) {
			t.Errorf("%s: status %d, without %q", l, page.Status, word)
		}
	}
	if err := x.s.App.Filing.Recheck(t.Context(), x.number); !fault.Is(err, "signature.pending") {
		t.Errorf("checked again without a list: %v", err)
	}
	if report := x.s.Clean(); report.Signatures != 1 || report.Permits != 0 {
		t.Errorf("%+v", report)
	}
}

// Unknown revocation is never accepted: the application waits, and goes on when a list is there.
func TestUnknownRevocationWaits(t *testing.T) {
	x := waiting(t)
	x.send(t)
	x.s.PublishList()
	must(t, x.s.App.Filing.Recheck(t.Context(), x.number))
	must(t, x.s.App.Filing.Recheck(t.Context(), x.number)) // repeatable
	if a := x.s.Application(x.number); a.State != application.Issued || a.Permit == "" {
		t.Errorf("state %s", a.State)
	}
	if report := x.s.Clean(); report.Permits != 1 {
		t.Errorf("%+v", report)
	}
}

// Revoked after it signed: the signature holds.
func TestRevokedAfterSigning(t *testing.T) {
	x := waiting(t)
	x.send(t)
	x.s.Clock.Advance(2 * time.Second)
	must(t, x.s.Authority.Revoke(x.a.Key.Certificate))
	x.s.PublishList()
	must(t, x.s.App.Filing.Recheck(t.Context(), x.number))
	if a := x.s.Application(x.number); a.State != application.Issued {
		t.Errorf("state %s", a.State)
	}
}

// The certificate ends while nobody tells whether it was revoked. A day later no list tells it any more, also not one that
// is made then: the draft is the applicant's again.
func TestEndedBeforeRevocationIsLearned(t *testing.T) {
	x := waiting(t)
	x.send(t)
	end := x.a.Key.Certificate.NotAfter
	x.s.Clock.Advance(end.Add(time.Hour).Sub(x.s.Clock.Now()))
	if err := x.s.App.Filing.Recheck(t.Context(), x.number); !fault.Is(err, "signature.pending") {
		t.Errorf("given back while a list may still come: %v", err)
	}
	x.s.Clock.Advance(24 * time.Hour)
	x.s.PublishList()
	must(t, x.s.App.Filing.Recheck(t.Context(), x.number))
	if a := x.s.Application(x.number); a.State != application.Draft || a.Permit != "" || len(a.Answers) == 0 {
		t.Fatalf("%+v", a)
	}
	x.a.Key = x.s.Certify(x.a.Person)
	x.browser = x.s.LogIn(x.a)
	for _, l := range lang.All() {
		page := x.browser.Get("/" + string(l) + "/applications/" + x.number)
		for _, key := range []string{"event.signature_unproven", "filing.sign-again"} {
			if page.Status != 200 || !strings.Contains(html.UnescapeString(page.Body), x.s.App.Texts.In(l).T(key)) {
				t.Errorf("%s: the draft does not say %s", l, key)
			}
		}
	}
	if report := x.s.Clean(); report.Permits != 0 {
		t.Errorf("%+v", report)
	}
}

// The clock is put back between a signature that did not hold and the next, which waits too: the next one is looked at again.
func TestSignedAgainWithTheClockPutBack(t *testing.T) {
	x := waiting(t)
	must(t, x.s.Authority.Revoke(x.a.Key.Certificate))
	x.s.Clock.Advance(time.Second)
	x.send(t)
	x.s.PublishList()
	must(t, x.s.App.Filing.Recheck(t.Context(), x.number))
	x.s.Clock.Advance(-time.Hour)
	x.a.Key = x.s.Certify(x.a.Person)
	x.browser = x.s.LogIn(x.a)
	x.prepare()
	got := x.browser.Post("/kk/applications/"+x.number+"/sign?challenge="+x.nonce, url.Values{"cms": {base64.StdEncoding.EncodeToString(x.cms)}})
	if got.Status != http.StatusSeeOther || x.s.Application(x.number).State != application.Signing {
		t.Fatalf("status %d, state %s", got.Status, x.s.Application(x.number).State)
	}
	x.s.Clock.Advance(2 * time.Hour)
	x.s.PublishList()
	must(t, x.s.App.Filing.Recheck(t.Context(), x.number))
	if a := x.s.Application(x.number); a.State != application.Issued {
		t.Errorf("state %s", a.State)
	}
	x.s.Clean()
}

// Revoked before it signed, which only the next list tells: the draft is the applicant's again, who signs with a new key.
func TestRevokedBeforeSigningGivesTheDraftBack(t *testing.T) {
	x := waiting(t)
	must(t, x.s.Authority.Revoke(x.a.Key.Certificate))
	x.s.Clock.Advance(time.Second)
	x.send(t)
	x.s.PublishList()
	must(t, x.s.App.Filing.Recheck(t.Context(), x.number))
	a := x.s.Application(x.number)
	if a.State != application.Draft || a.Permit != "" || a.Decision != nil {
		t.Fatalf("%+v", a)
	}
	for _, l := range []lang.Lang{lang.KK, lang.RU, lang.EN} {
		page := x.browser.Get("/" + string(l) + "/applications/" + x.number)
		if page.Status != 200 || !strings.Contains(html.UnescapeString(page.Body), x.s.App.Texts.In(l).T("filing.sign-again")) {
			t.Errorf("%s: the draft does not say why it came back", l)
		}
	}
	x.s.Clean()
	x.a.Key = x.s.Certify(x.a.Person)
	x.prepare()
	got := x.browser.Post("/kk/applications/"+x.number+"/sign?challenge="+x.nonce, url.Values{"cms": {base64.StdEncoding.EncodeToString(x.cms)}})
	if got.Status != http.StatusSeeOther || x.s.Application(x.number).State != application.Issued {
		t.Errorf("with a new key: status %d, state %s", got.Status, x.s.Application(x.number).State)
	}
	x.s.Clean()
}
