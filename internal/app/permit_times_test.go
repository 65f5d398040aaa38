package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"elicense/internal/application"
	"elicense/internal/demo"
	"elicense/internal/demo/ca"
	"elicense/internal/fault"
	"elicense/internal/filing"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/testkit/site"
)

// openLicenseeAt is openLicensee with options.
func openLicenseeAt(t *testing.T, o site.Options) licensee {
	t.Helper()
	s := openSite(t, o)
	owner := s.Organisation(1)
	s.Official("moh.executor")
	s.Official("moh.approver")
	return licensee{s, t, owner, s.LogInOfficial("moh.executor", demo.Password), s.LogInOfficial("moh.approver", demo.Password)}
}

// made makes an act with a permit that nobody asked for.
func (h licensee) made(number string, a permit.Act) {
	h.t.Helper()
	h.Update(func(tx port.Tx) error {
		p, err := tx.Permits().Permit(h.t.Context(), number)
		if err != nil {
			return err
		}
		known, err := tx.Permits().Acts(h.t.Context(), number)
		if err != nil {
			return err
		}
		a.From, a.By, a.At = h.App.Register.Today(), permit.System, h.Clock.Now()
		act, err := p.Next(known, a, a.From)
		if err != nil {
			return err
		}
		p.Standing = p.After(append(known, act))
		tx.Write().Permits().Act(p, act)
		return nil
	})
}

// What the system would decide by itself waits for its certificate, and the licence is revoked meanwhile: officials decide it then,
// instead of its waiting for ever.
func TestRequestThatWaitedForItsCertificateTooLong(t *testing.T) {
	h := openLicenseeAt(t, site.Options{OCSP: true})
	number := h.issued()
	draft := h.begin("duplicate", number, map[string]string{"duplicate_reason": "damaged", "truth": "yes"})
	h.Clock.Advance(72 * time.Hour)
	h.Authority.Responder().Misbehave(ca.Silent)
	if a := h.send(draft); a.State != application.Signing {
		t.Fatalf("sent without an answer of the responder: %s", a.State)
	}
	h.made(number, permit.Act{Kind: permit.Revocation})
	h.Authority.Responder().Misbehave(ca.Works)
	if err := h.App.Filing.Recheck(t.Context(), draft); err != nil {
		t.Errorf("the certificate is good: %v", err)
	}
	if a := h.Application(draft); a.State != application.Registered || a.Decision != nil {
		t.Errorf("%s, %v", a.State, a.Decision)
	}
	done(t, acts(t, h.LogInOfficial("moh.executor", demo.Password), draft, "take", nil))
}

// The holder asked for a suspension until a day that is over when the officials decide.
func TestSuspensionThatWasDecidedTooLate(t *testing.T) {
	h := openLicenseeAt(t, site.Options{})
	number := h.issued()
	draft := h.begin("suspend", number, map[string]string{"suspend_reason": "Жөндеу", "suspend_to": h.App.Register.Today().AddDays(1).String(), "suspend_known": "yes", "truth": "yes"})
	h.send(draft)
	h.Clock.Advance(3 * 24 * time.Hour)
	h.PublishList()
	h.executor, h.approver = h.LogInOfficial("moh.executor", demo.Password), h.LogInOfficial("moh.approver", demo.Password)
	h.propose(draft)
	if got := acts(t, h.approver, draft, "confirm", nil); got.Status != http.StatusConflict || !strings.Contains(got.Body, "сұралған соңғы күн өтіп кеткен") {
		t.Errorf("decided after the last day: %d\n%.3000s", got.Status, got.Body)
	}
	done(t, acts(t, h.approver, draft, "send-back", url.Values{"note": {"Күні өтіп кетті"}}))
}

// What an application takes over from its licence is corrected between the preparation and the signature: what would be filed is not
// what was signed.
func TestLicenceCorrectedWhileARequestIsSigned(t *testing.T) {
	h := openLicenseeAt(t, site.Options{})
	number := h.issued()
	draft := h.begin("appendix", number, clinic(map[string]string{"object_name": "Екінші емхана"}), "premises", "qualification")
	c := h.owner.Prepare("one", draft)
	h.made(number, permit.Act{Kind: permit.Correction, Values: map[string]string{"holder_address": "Астана қ., Мәңгілік Ел 88"}})
	submit := func(c port.Challenge) error {
		_, err := h.App.Filing.Submit(t.Context(), h.owner.Actor, "one", draft, filing.Submission{Nonce: c.Nonce, CMS: h.Sign(c.Content, h.owner.Key)})
		return err
	}
	if err := submit(c); !fault.Is(err, "filing.changed-after-signing") {
		t.Errorf("signed before the correction: %v", err)
	}
	if err := submit(h.owner.Prepare("one", draft)); err != nil {
		t.Errorf("signed after it: %v", err)
	}
	if a := h.Application(draft); a.State != application.Registered || a.Answers["holder_address"] != "Астана қ., Мәңгілік Ел 88" {
		t.Errorf("%s %v", a.State, a.Answers["holder_address"])
	}
}

// The licence is corrected while something is examined that was asked for with the old words: the mistake does not come back with it.
func TestLicenceCorrectedWhileARequestIsExamined(t *testing.T) {
	h := openLicenseeAt(t, site.Options{})
	number := h.issued()
	says := func(number string, appendices int, name, address string) {
		t.Helper()
		p, _ := h.standing(number)
		all := []map[string]string{p.Standing.Values}
		for _, a := range p.Standing.Appendices {
			all = append(all, a.Values)
		}
		for i, values := range all {
			if values["holder_address"] != address || values["holder_name"] != name {
				t.Errorf("%s, %d: %q at %q", number, i, values["holder_name"], values["holder_address"])
			}
		}
		if len(all) != appendices+1 {
			t.Errorf("%s: %d appendices", number, len(all)-1)
		}
	}
	const name, renamed, address, again = "«Үлгі Емхана» ЖШС", "«Жаңа Емхана» ЖШС", "Астана қ., Мәңгілік Ел 88", "Астана қ., Мәңгілік Ел 89"
	draft := h.begin("appendix", number, clinic(map[string]string{"object_name": "Екінші емхана"}), "premises", "qualification")
	h.send(draft)
	h.made(number, permit.Act{Kind: permit.Correction, Values: map[string]string{"holder_address": address}})
	h.grant(draft, "premises", "equipment", "staff", "site")
	says(number, 2, name, address)
	draft = h.begin("reissue", number, map[string]string{"reissue_reason": "name", "holder_name": renamed, "holder_address": address, "truth": "yes"}, "change_proof")
	h.send(draft)
	h.made(number, permit.Act{Kind: permit.Correction, Values: map[string]string{"holder_address": again}})
	says(h.grant(draft, "change").Permit, 2, renamed, again)
}

// A document of an appendix is genuine for ever; the check tells when the appendix holds no more, and when it says something else.
func TestCheckOfAnAppendixByItsFile(t *testing.T) {
	h := openLicenseeAt(t, site.Options{})
	number := h.issued()
	visitor := h.Visitor()
	file := h.LogIn(h.owner).Get("/kk/permits/" + number + "/appendices/001/document/kk").Body
	says := func(name string, texts ...string) {
		t.Helper()
		got := visitor.Send(visitor.Upload("/kk/check/file", nil, "001.pdf", []byte(file)))
		for _, text := range append(texts, "Файл шынайы") {
			if got.Status != http.StatusOK || !strings.Contains(got.Body, text) {
				t.Errorf("%s: %d, without %q\n%.3000s", name, got.Status, text, got.Body)
			}
		}
	}
	says("as issued", `class="banner done"`)
	h.made(number, permit.Act{Kind: permit.Correction, Values: map[string]string{"holder_address": "Астана қ., Мәңгілік Ел 88"}})
	says("after a correction", `class="banner caution"`, "бұрынғы редакциясы")
	h.made(number, permit.Act{Kind: permit.Termination, Appendix: "001"})
	says("after its end", `class="banner caution"`, "001-қосымшаның құжаты, қосымша енді қолданылмайды")
}
