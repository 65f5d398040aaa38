package app_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/demo"
	"elicense/internal/fault"
	"elicense/internal/filing"
	"elicense/internal/port"
	"elicense/internal/testkit/site"
)

var guideFile = regexp.MustCompile("(?s)<!-- file: land-survey/(\\S+) -->\n```yaml\n(.*?)```")

// guideFolder is the service that the guide for authors writes, with pairs replaced, at a state body of the demonstration.
func guideFolder(t *testing.T, pairs ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "writing-a-service.md"))
	must(t, err)
	dir := filepath.Join(t.TempDir(), "land-survey")
	replace := strings.NewReplacer(append(pairs, "bodies: [local]", "bodies: [knb]")...)
	for _, block := range guideFile.FindAllStringSubmatch(string(text), -1) {
		file := filepath.Join(dir, block[1])
		must(t, os.MkdirAll(filepath.Dir(file), 0o700))
		must(t, os.WriteFile(file, []byte(replace.Replace(block[2])), 0o600))
	}
	return dir
}

// proposed proposes a folder at the command line and gives the proposal's address.
func proposed(t *testing.T, s *site.Site, dir, iin string) string {
	t.Helper()
	got := parsed[struct{ ID string }](t, 0, append([]string{"service", "publish", dir, "--by", iin, "--note", "Нұсқаулық бойынша"}, flags(s)...)...)
	return "/kk/proposals/" + got.ID
}

// A service that the guide writes is proposed by one person, published by a second one and used: no Go changes.
func TestServiceIsPublishedBySecondPersonAndUsed(t *testing.T) {
	s := openSite(t, site.Options{})
	first := s.Official("knb.approver").Person
	address := proposed(t, s, guideFolder(t), first)
	publisher := s.LogInOfficial("mti.publisher", demo.Password)
	if got := publisher.Get("/kk/proposals"); got.Status != http.StatusOK || !strings.Contains(got.Body, address) || !strings.Contains(got.Body, "шешім күтуде") {
		t.Fatalf("the list: %d\n%.3000s", got.Status, got.Body)
	}
	page := publisher.Get(address).Body
	for _, part := range []string{"Үлгіманов Нұрлан", first, "Нұсқаулық бойынша", "1-редакция", "A period that ends before it begins", "Жазылғандай шешті", "Іздестіру жұмыстары", "40-ends-too-early.yaml"} {
		if !strings.Contains(page, part) {
			t.Errorf("the page of the proposal does not say %q", part)
		}
	}
	if got := publisher.Get(address + "/files/cases/40-ends-too-early.yaml"); got.Status != http.StatusOK || !strings.HasPrefix(got.Body, "name: ") || !strings.HasPrefix(got.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("a file: %d %q", got.Status, got.Header)
	}
	if got := publisher.Get(address + "/files/../service.yaml"); got.Status == http.StatusOK {
		t.Error("a file out of the folder")
	}
	done(t, publisher.Post(address, url.Values{"go": {"approve"}}))
	if after := publisher.Get(address).Body; !strings.Contains(after, "2-редакция болып жарияланды") || !strings.Contains(after, "Қосылды: Іздестіру жұмыстары") {
		t.Error("what was approved no longer says what it changed")
	}
	if got := publisher.Post(address, url.Values{"go": {"approve"}}); got.Status != http.StatusConflict || !strings.Contains(got.Body, "шешім қабылданған") {
		t.Errorf("twice: %d", got.Status)
	}

	owner := s.Organisation(1)
	if got := s.LogIn(owner).Get("/kk/services/land-survey"); !strings.Contains(got.Body, "/kk/services/land-survey/order") {
		t.Error("the service is not open")
	}
	number, err := s.App.Filing.Begin(t.Context(), owner.Actor, filing.Start{Service: "land-survey", Body: "knb"})
	must(t, err)
	owner.Answer(number, map[string]string{"city": "711210000", "postal_index": "010000", "street_ru": "Мәңгілік Ел", "house": "8", "phones": "+77172123456",
		"kind": "geodetic", "plot": "Астана қ.", "area": "1.5", "begins": "2026-12-01", "ends": "2027-12-01"}, "plan")
	_, err = owner.Send(number)
	must(t, err)
	executor, head := s.LogInOfficial("knb.executor", demo.Password), s.LogInOfficial("knb.approver", demo.Password)
	done(t, acts(t, executor, number, "take", nil))
	done(t, acts(t, executor, number, "propose", url.Values{"outcome": {"granted"}}))
	done(t, acts(t, head, number, "take", nil))
	done(t, acts(t, head, number, "confirm", nil))
	if a := s.Application(number); a.State != application.Issued || !strings.Contains(a.Permit, "VLS") {
		t.Errorf("%s %q", a.State, a.Permit)
	}
	s.Clean()
}

// Who proposed does not approve, whichever account is used; who is no publisher sees nothing.
func TestProposalsAreForPublishers(t *testing.T) {
	s := openSite(t, site.Options{})
	own := s.Official("mti.publisher")
	second := own
	second.ID, second.Login, second.Body = "", "knb.publisher", "knb"
	made, password, err := s.App.Accounts.AddOfficial(t.Context(), "test", second, s.App.Catalogue.BodyKeys())
	must(t, err)
	_, err = s.App.Accounts.ChangeOfficialPassword(t.Context(), access.ActorOf(made), password, demo.Password)
	must(t, err)
	address := proposed(t, s, guideFolder(t), own.Person)
	for name, b := range map[string]*site.Browser{"executor": s.LogInOfficial("knb.executor", demo.Password), "visitor": s.OfficeVisitor()} {
		for _, path := range []string{"/kk/proposals", address, address + "/files/service.yaml"} {
			want := http.StatusForbidden
			if name == "visitor" {
				want = http.StatusSeeOther
			}
			if got := b.Get(path); got.Status != want || strings.Contains(got.Body, "land-survey/") {
				t.Errorf("%s, %s: %d", name, path, got.Status)
			}
		}
		for _, act := range []string{"approve", "reject"} {
			if got := b.Post(address, url.Values{"go": {act}, "reason": {"x"}}); got.Status != http.StatusForbidden && got.Status != http.StatusUnauthorized {
				t.Errorf("%s, %s: %d", name, act, got.Status)
			}
		}
	}
	for _, login := range []string{"mti.publisher", "knb.publisher"} {
		b := s.LogInOfficial(login, demo.Password)
		if got := b.Get(address); !strings.Contains(got.Body, "Бұл мәтінді сіз ұсындыңыз") || strings.Contains(got.Body, `value="approve"`) {
			t.Errorf("%s is offered to approve", login)
		}
		if got := b.Post(address, url.Values{"go": {"approve"}}); got.Status != http.StatusForbidden || !strings.Contains(got.Body, "оны басқа адам бекітеді") {
			t.Errorf("%s approves: %d", login, got.Status)
		}
	}
	b := s.LogInOfficial("knb.publisher", demo.Password)
	if got := b.Post(address, url.Values{"go": {"reject"}, "reason": {" "}}); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "Қабылдамау себебін жазыңыз") {
		t.Errorf("no reason: %d", got.Status)
	}
	done(t, b.Post(address, url.Values{"go": {"reject"}, "reason": {"Қате кетті"}}))
	if got := b.Get(address); !strings.Contains(got.Body, "Қате кетті") || strings.Contains(got.Body, `name="reason"`) {
		t.Error("the rejection is not shown")
	}
	err = s.App.Store.View(t.Context(), func(v port.View) error {
		_, err := v.Services().Revision(t.Context(), "land-survey", 2)
		return err
	})
	if fault.KindOf(err) != fault.NotFound {
		t.Errorf("a rejected text was published: %v", err)
	}
}

// A proposal is compared with one revision; when another was published since, it cannot be approved.
func TestStaleProposal(t *testing.T) {
	s := openSite(t, site.Options{})
	first := s.Official("knb.approver").Person
	early, late := proposed(t, s, guideFolder(t), first), proposed(t, s, guideFolder(t, "working_days: 10 ", "working_days: 15 "), first)
	publisher := s.LogInOfficial("mti.publisher", demo.Password)
	if got := publisher.Get(late); !strings.Contains(got.Body, `value="approve"`) {
		t.Error("not offered to approve")
	}
	done(t, publisher.Post(early, url.Values{"go": {"approve"}}))
	if got := publisher.Get(late); !strings.Contains(got.Body, "басқа редакция жарияланды") || strings.Contains(got.Body, `value="approve"`) {
		t.Error("a stale proposal is offered to approve")
	}
	if got := publisher.Post(late, url.Values{"go": {"approve"}}); got.Status != http.StatusConflict {
		t.Errorf("a stale one: %d", got.Status)
	}
}
