package app_test

import (
	"crypto/x509"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"elicense/internal/access"
	"elicense/internal/account"
	"elicense/internal/app"
	"elicense/internal/audit"
	"elicense/internal/cms"
	"elicense/internal/config"
	"elicense/internal/demo"
	"elicense/internal/demo/ca"
	"elicense/internal/demo/registers"
	"elicense/internal/fault"
	"elicense/internal/filing"
	"elicense/internal/gov"
	"elicense/internal/lang"
	"elicense/internal/pdf"
	"elicense/internal/port"
	"elicense/internal/testkit/site"
)

// sealedConfig is the configuration of a site with a seal of the site's authority.
func sealedConfig(t *testing.T, s *site.Site) config.Config {
	t.Helper()
	pair, err := s.Authority.Issue(demo.Seal())
	must(t, err)
	people := filepath.Join(filepath.Dir(s.Authority.AnchorsFolder()), "people")
	cfg := s.Config
	cfg.Seal, cfg.SealKey = filepath.Join(people, pair.Name+".pem"), filepath.Join(people, pair.Name+".key.pem")
	return cfg
}

// What serve does with a seal in the configuration: permits leave sealed, as long as its certificate is valid.
func TestConfiguredSeal(t *testing.T) {
	s := openSite(t, site.Options{})
	a := s.Organisation(1)
	sent, err := a.Send(a.Complete(nil))
	must(t, err)
	cfg := sealedConfig(t, s)
	sealing, err := app.Open(t.Context(), cfg, app.Extras{World: s.Clock}, slog.New(slog.DiscardHandler))
	must(t, err)
	defer func() { must(t, sealing.Close(t.Context())) }()
	_, handle, err := sealing.Register.Download(t.Context(), a.Actor, sent.Permit, lang.KK)
	must(t, err)
	b, err := io.ReadAll(handle)
	must(t, err)
	sealed, err := pdf.Open(b)
	if err != nil {
		t.Fatalf("not sealed: %v", err)
	}
	id, err := cfg.SealIdentity()
	must(t, err)
	signed, err := cms.Parse(sealed.CMS)
	must(t, err)
	if _, err := signed.VerifyWith(id.Certificate, sealed.Content()); err != nil {
		t.Errorf("the seal does not hold: %v", err)
	}
	s.Clock.Advance(400 * 24 * time.Hour)
	if _, _, err := sealing.Register.Download(t.Context(), a.Actor, sent.Permit, lang.KK); err != nil {
		t.Errorf("a document that exists: %v", err)
	}
	if _, _, err := sealing.Register.Download(t.Context(), a.Actor, sent.Permit, lang.RU); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("sealed with a certificate that has ended: %v", err)
	}
	if again, err := app.Open(t.Context(), cfg, app.Extras{World: s.Clock}, slog.New(slog.DiscardHandler)); err == nil {
		must(t, again.Close(t.Context()))
		t.Error("started with a certificate that has ended")
	} else if !strings.Contains(err.Error(), "seal: the certificate ended on") {
		t.Error(err)
	}
}

// A body with a seal of its own seals with it; one of another body, of another organisation or of no body stops the start.
func TestBodySeal(t *testing.T) {
	s := openSite(t, site.Options{Decided: true})
	a := s.Organisation(1)
	sent, err := a.Send(a.Complete(nil))
	must(t, err)
	cfg := sealedConfig(t, s)
	cfg.BodySealsFolder = t.TempDir()
	own := func(file string, p ca.Person) *x509.Certificate {
		pair, err := s.Authority.Issue(p)
		must(t, err)
		people := filepath.Join(filepath.Dir(s.Authority.AnchorsFolder()), "people", pair.Name)
		var both []byte
		for _, ending := range []string{".pem", ".key.pem"} {
			b, err := os.ReadFile(filepath.Clean(people + ending))
			must(t, err)
			both = append(both, b...)
		}
		must(t, os.WriteFile(filepath.Join(cfg.BodySealsFolder, file), both, 0o600))
		return pair.Certificate
	}
	want := own("mti.pem", demo.BodySeal("mti"))
	sealing, err := app.Open(t.Context(), cfg, app.Extras{World: s.Clock}, slog.New(slog.DiscardHandler))
	must(t, err)
	_, handle, err := sealing.Register.Download(t.Context(), a.Actor, sent.Permit, lang.KK)
	must(t, err)
	b, err := io.ReadAll(handle)
	must(t, err)
	for i := range sealing.Catalogue.Bodies {
		sealing.Catalogue.Bodies[i].BIN = demo.BodyBIN("cci")
	}
	if _, _, err := sealing.Register.Download(t.Context(), a.Actor, sent.Permit, lang.RU); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("sealed by another organisation: %v", err)
	}
	must(t, sealing.Close(t.Context()))
	sealed, err := pdf.Open(b)
	must(t, err)
	signed, err := cms.Parse(sealed.CMS)
	must(t, err)
	if _, err := signed.VerifyWith(want, sealed.Content()); err != nil {
		t.Errorf("not the seal of the body: %v", err)
	}
	for file, p := range map[string]ca.Person{"nobody.pem": demo.BodySeal("mti"), "mti.txt": demo.BodySeal("mti")} {
		own(file, p)
		if again, err := app.Open(t.Context(), cfg, app.Extras{World: s.Clock}, slog.New(slog.DiscardHandler)); err == nil {
			must(t, again.Close(t.Context()))
			t.Errorf("started with %s", file)
		} else if !strings.HasPrefix(err.Error(), "body-seals: ") {
			t.Errorf("%s: %v", file, err)
		}
		must(t, os.Remove(filepath.Join(cfg.BodySealsFolder, file)))
	}
}

// The command line: production starts sealed or says that it does not seal; doctor counts the days; no password is seen.
func TestSealCommands(t *testing.T) {
	s := openSite(t, site.Options{At: app.World().Now()})
	cfg := sealedConfig(t, s)
	production := append(flags(s), "--environment", "production", "--origin", "https://elicense.example")
	type verdict struct{ Mistakes []string }
	if v := parsed[verdict](t, 1, append([]string{"config", "check"}, production...)...); len(v.Mistakes) != 1 || !strings.HasPrefix(v.Mistakes[0], "seal: ") || !strings.Contains(v.Mistakes[0], "none") {
		t.Errorf("%+v", v)
	}
	if _, text := command(t, 1, append([]string{"serve"}, production...)...); !strings.Contains(text, "seal: ") {
		t.Errorf("serve: %s", text)
	}
	command(t, 0, append([]string{"config", "check", "--seal", "none"}, production...)...)
	if v := parsed[verdict](t, 1, append([]string{"config", "check", "--seal", cfg.Seal, "--seal-key", cfg.SealKey}, production...)...); len(v.Mistakes) != 1 || !strings.Contains(v.Mistakes[0], "demonstration") {
		t.Errorf("%+v", v)
	}
	t.Setenv("ELICENSE_SEAL_PASSWORD", "hunter2")
	sealed := append([]string{"--seal", cfg.Seal, "--seal-key", cfg.SealKey}, flags(s)...)
	for _, args := range [][]string{append([]string{"config", "check"}, sealed...), append([]string{"doctor"}, sealed...), {"--help"}, {"serve", "--help"}} {
		if out, text := command(t, 0, args...); strings.Contains(out+text, "hunter2") {
			t.Errorf("%v shows the password", args[0])
		}
	}
	file := filepath.Join(t.TempDir(), "elicense.yaml")
	must(t, os.WriteFile(file, []byte("seal-password: hunter2\n"), 0o600))
	if _, text := command(t, 1, "config", "check", "--config", file); !strings.Contains(text, ":1:1") || strings.Contains(text, "hunter2") {
		t.Errorf("a password in the file: %s", text)
	}
	if f := findingOf(t, 0, "seal", append([]string{"doctor"}, sealed...)...); !f.OK || !strings.Contains(f.Detail, " more days, until ") {
		t.Errorf("%+v", f)
	}
	if f := findingOf(t, 0, "seal", append([]string{"doctor"}, flags(s)...)...); !f.OK || !strings.HasPrefix(f.Detail, "none") {
		t.Errorf("%+v", f)
	}
}

// finding is a line of doctor.
type finding struct {
	Check, Detail, Remedy string
	OK                    bool
}

func findingOf(t *testing.T, want int, check string, args ...string) finding {
	t.Helper()
	for _, f := range parsed[[]finding](t, want, args...) {
		if f.Check == check {
			return f
		}
	}
	t.Fatalf("doctor does not look at %s", check)
	return finding{}
}

const registersToken = "a-token-of-24-characters"

// The registers over HTTP fill the form in; when they are silent, the form says so in the reader's language, nothing waits
// and the application goes its way.
func TestRegistersOverHTTP(t *testing.T) {
	s := openSite(t, site.Options{})
	trade := s.Organisation(1)
	entity := registers.MadeUp()[0]
	entity.BIN = trade.Person.BIN
	double := registers.New(s.Clock.Now, entity)
	server := httptest.NewServer(double.Handler(registersToken))
	defer server.Close()
	client, err := gov.New(gov.Config{URL: server.URL, Token: registersToken, Timeout: 10 * time.Second, Now: s.Clock.Now, Log: slog.New(slog.DiscardHandler)})
	must(t, err)
	s.App.Filing.Registers = client
	s.Seed()
	for from, actor := range map[string]access.Actor{"registry": trade.Actor, "registry-person": actorOf(t, s, demo.People()[1].Number())} {
		number, err := s.App.Filing.Begin(t.Context(), actor, filing.Start{Service: "trade-licence", Subtype: "import", Body: "mti"})
		must(t, err)
		draft := s.Application(number)
		if draft.Answers["street_kk"] == "" || draft.Sources["street_kk"].From != from || draft.Sources["street_kk"].At.IsZero() {
			t.Errorf("%s: %q from %+v", from, draft.Answers["street_kk"], draft.Sources["street_kk"])
		}
		must(t, s.App.Filing.Delete(t.Context(), actor, number))
	}
	double.SetDown(true)
	began := time.Now()
	number := trade.Draft()
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("a silent register held the draft up for %v", took)
	}
	draft := s.Application(number)
	if draft.Answers["street_kk"] != "" || draft.Sources["street_kk"].From != "registry-down" {
		t.Errorf("%q from %+v", draft.Answers["street_kk"], draft.Sources["street_kk"])
	}
	b := s.LogIn(trade)
	for l, words := range map[string]string{"kk": "мемлекеттік дерекқор жауап бермеді", "ru": "государственная база не ответила", "en": "the state database did not answer"} {
		got := b.Get("/" + l + "/applications/" + number + "/pages/personal")
		if got.Status != http.StatusOK || !strings.Contains(got.Body, words) {
			t.Errorf("%s: status %d, the page does not say why the fields are empty", l, got.Status)
		}
	}
	d, err := s.App.Filing.Open(t.Context(), trade.Actor, number)
	must(t, err)
	page, err := d.Page("personal")
	must(t, err)
	_, err = s.App.Filing.Save(t.Context(), trade.Actor, number, filing.Save{Page: "personal", Base: filing.Base(page, d.Application.Answers), Values: map[string]string{"street_kk": "Үлгі көшесі"}})
	must(t, err)
	if draft := s.Application(number); draft.Sources["street_kk"].From != "" {
		t.Errorf("filled in, and still said to be missing: %+v", draft.Sources["street_kk"])
	}
	must(t, s.App.Filing.Delete(t.Context(), trade.Actor, number))
	if sent, err := trade.Send(trade.Complete(nil)); err != nil || sent.Permit == "" {
		t.Errorf("not sent while the register is down: %+v %v", sent, err)
	}
	s.Clean()
	file := filepath.Join(t.TempDir(), "token")
	must(t, os.WriteFile(file, []byte(registersToken+"\n"), 0o600))
	asked := append([]string{"doctor", "--registers-url", server.URL, "--registers-token-file", file}, flags(openSite(t, site.Options{At: app.World().Now()}))...)
	if f := findingOf(t, 1, "state registers", asked...); f.OK || f.Remedy == "" || strings.Contains(f.Detail, registersToken) {
		t.Errorf("down: %+v", f)
	}
	double.SetDown(false)
	if f := findingOf(t, 0, "state registers", asked...); !f.OK || !strings.Contains(f.Detail, "answered in") {
		t.Errorf("%+v", f)
	}
}

// actorOf is who logs in with a number.
func actorOf(t *testing.T, s *site.Site, number string) access.Actor {
	t.Helper()
	var actor access.Actor
	s.View(func(v port.View) error {
		list, err := v.Accounts().ByNumber(t.Context(), number)
		if err == nil && len(list) != 1 {
			t.Fatalf("%d accounts of %s", len(list), number)
		}
		actor = account.ActorOf(list[0])
		return err
	})
	return actor
}

// actsOn lists the acts that the audit rows tell of an object.
func actsOn(t *testing.T, s *site.Site, object string) []string {
	t.Helper()
	var acts []string
	s.View(func(v port.View) error {
		rows, err := v.Records().Page(t.Context(), "", 10_000)
		for _, r := range rows {
			e, err := audit.Parse(r.Bytes)
			must(t, err)
			if e.Object == object {
				acts = append(acts, e.Action)
			}
		}
		return err
	})
	return acts
}

// A deleted draft's invoice is void, and its audit row says so.
func TestDeletedDraftLeavesTheInvoicesRow(t *testing.T) {
	s := openSite(t, site.Options{})
	a := s.Organisation(1)
	number := a.Draft()
	a.Fill(number, nil)
	draft, err := s.App.Filing.Open(t.Context(), a.Actor, number)
	must(t, err)
	invoice, err := s.App.Billing.EnsureInvoice(t.Context(), a.Actor, number, draft.Facts.FeeDue, draft.Application.Operation)
	must(t, err)
	must(t, s.App.Filing.Delete(t.Context(), a.Actor, number))
	if acts := actsOn(t, s, "invoice/"+invoice.ID); !slices.Equal(acts, []string{"invoice.created", "invoice.void"}) {
		t.Errorf("audit rows of the invoice: %v", acts)
	}
}
