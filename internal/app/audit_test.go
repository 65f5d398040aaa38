package app_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"elicense/internal/access"
	"elicense/internal/app"
	"elicense/internal/audit"
	"elicense/internal/demo"
	"elicense/internal/port"
	"elicense/internal/testkit/site"
)

func TestAuditorReadsWhoDidWhat(t *testing.T) {
	s := openSite(t, site.Options{})
	owner := s.Organisation(1)
	s.Papers(owner.Account.Party.Number)
	s.Official("knb.executor")
	number := sent(t, owner, nil)
	executor := s.LogInOfficial("knb.executor", demo.Password)
	for range 3 {
		executor.Get("/kk/applications/" + number)
	}
	done(t, acts(t, executor, number, "take", nil))
	key := s.Application(number).Attached[0].Key
	executor.Get("/kk/applications/" + number + "/documents/" + url.PathEscape(key) + "/file")
	if got := actsOn(t, s, "application/"+number); strings.Count(strings.Join(got, " "), "application.seen") != 1 || !slices.Contains(got, "document.seen") {
		t.Errorf("what was read: %v", got)
	}
	s.Clock.Advance(11 * time.Minute)
	executor.Get("/kk/applications/" + number)
	if got := actsOn(t, s, "application/"+number); strings.Count(strings.Join(got, " "), "application.seen") != 2 {
		t.Errorf("read again later: %v", got)
	}

	s.Official("knb.auditor")
	auditor := s.LogInOfficial("knb.auditor", demo.Password)
	if got := auditor.Get("/kk/audit"); got.Status != http.StatusOK || !strings.Contains(got.Body, "Ештеңе табылмады") {
		t.Errorf("before anything is numbered: %d", got.Status)
	}
	must(t, s.App.Evidence.Sequence(t.Context()))
	list := auditor.Get("/kk/audit")
	for _, want := range []string{"Мысалиева Жанар Бекқызы", "Өтінішті ашып қарады", "Құжатты ашып қарады", "Қызметкер өтінішті жұмысқа алды", number} {
		if !strings.Contains(list.Body, want) {
			t.Errorf("the list lacks %q", want)
		}
	}
	one := auditor.Get("/kk/audit?number=" + strings.ToLower(number))
	if !strings.Contains(one.Body, "Өтініш беруші") || strings.Contains(one.Body, owner.Account.Party.Name) {
		t.Error("an applicant has to be there, without a name")
	}
	row := regexp.MustCompile(`/kk(/audit/[0-9a-f-]+)"`).FindStringSubmatch(one.Body)
	if row == nil {
		t.Fatalf("no row\n%.3000s", one.Body)
	}
	if got := auditor.Get("/kk" + row[1]); got.Status != http.StatusOK || !strings.Contains(got.Body, "elicense-audit/1") || !strings.Contains(got.Body, "/audit") {
		t.Errorf("the row: %d\n%.3000s", got.Status, got.Body)
	}
	for query, want := range map[string]int{
		"?action=application.seen": 200, "?from=01.01.2020": 422, "?from=x": 422, "?number=KZ00RTL00000000": 404, "?until=01.01.2020": 422,
		"?after=x.y": 200, "?official=x": 200, "?number=" + number + "&from=01.01.2020": 200, "?action=%27": 200,
	} {
		if got := auditor.Get("/kk/audit" + query); got.Status != want {
			t.Errorf("%s: %d, want %d", query, got.Status, want)
		}
	}
	if got := actsOn(t, s, "application/"+number); !slices.Contains(got, "audit.seen") {
		t.Errorf("the auditor's reading left no row: %v", got)
	}
	allowed(t, s, auditor, executor, number, row[1])
	s.Clean()
}

// allowed holds who may read the log, and that its reader sees nothing of an application.
func allowed(t *testing.T, s *site.Site, auditor, executor *site.Browser, number, row string) {
	t.Helper()
	other := official(t, s, "moh.auditor", s.Organisation(3).Person.IIN, "moh", access.Auditor)
	for _, x := range []struct {
		who     string
		browser *site.Browser
		path    string
		want    int
	}{
		{"who works", executor, "/audit", 403}, {"who works", executor, row, 403},
		{"another body's auditor", other, row, 404}, {"another body's auditor", other, "/audit?number=" + number, 404},
		{"auditor", auditor, "/applications/" + number, 403}, {"auditor", auditor, "/applications", 403}, {"auditor", auditor, "/opinions/" + number, 404},
		{"auditor", auditor, "/audit/x", 404},
	} {
		if got := x.browser.Get("/kk" + x.path); got.Status != x.want {
			t.Errorf("%s, %s: %d, want %d", x.who, x.path, got.Status, x.want)
		}
	}
	if got := other.Get("/kk/audit"); strings.Contains(got.Body, number) {
		t.Error("another body's auditor sees the number")
	}
	if got := s.OfficeVisitor().Get("/kk/audit"); got.Status == http.StatusOK {
		t.Error("a visitor reads the log")
	}
}

func TestCheckpointsAreKeptOutside(t *testing.T) {
	folder := t.TempDir()
	cfg := []string{"--data", filepath.Join(folder, "data"), "--audit-checkpoints", folder}
	file := filepath.Join(folder, "checkpoints.txt")
	s := openSite(t, site.Options{Folder: folder})
	outside := app.CheckpointFile(file)
	s.App.Evidence.Outside = outside
	written := func() []byte {
		t.Helper()
		s.Update(func(tx port.Tx) error {
			tx.Write().Records().Audit(audit.Entry{ID: s.Clock.ID(), Salt: s.Clock.Random(16), At: s.Clock.Now(), Actor: "system", Action: "a.b", Object: "o/1"})
			return nil
		})
		must(t, s.App.Evidence.Sequence(t.Context()))
		b, err := os.ReadFile(file)
		must(t, err)
		return b
	}
	written()
	two := written()
	if got := audit.Notes(two); len(got) != 2 {
		t.Fatalf("%d notes in\n%s", len(got), two)
	}
	must(t, os.WriteFile(file, two[:len(two)-30], 0o600)) // the machine fell while it was written
	three := written()
	if got := audit.Notes(three); len(got) != 3 || !strings.HasPrefix(string(three), string(two)) {
		t.Fatalf("after a torn write %d notes in\n%s", len(got), three)
	}
	run := func(want int, args ...string) string {
		t.Helper()
		var out, problem strings.Builder
		if code := app.Main(append(args, cfg...), &out, &problem); code != want {
			t.Errorf("%v: %d, want %d\n%s%s", args, code, want, &out, &problem)
		}
		return out.String()
	}
	if got := run(0, "audit", "verify", "--checkpoint", file); !strings.Contains(got, "the log is whole") {
		t.Error(got)
	}
	public := strings.TrimSpace(run(0, "audit", "key"))
	run(0, "audit", "verify", "--key", public)
	other, err := audit.NewKey(strings.NewReader(strings.Repeat("x", 64)), "other")
	must(t, err)
	run(1, "audit", "verify", "--key", strings.Split(other, "\n")[1])
	run(1, "audit", "verify", "--checkpoint", filepath.Join(folder, "data", "audit.key"))
	if got := run(1, "audit", "show", "KZ00RTL00000000"); !strings.Contains(got, "nothing") {
		t.Error(got)
	}
	if got := run(0, "audit", "show", "o/1"); strings.Count(got, "a.b") != 3 {
		t.Error(got)
	}
	var id string
	s.View(func(v port.View) error {
		list, err := v.Office().Trail().List(t.Context(), port.TrailQuery{Object: "o/1", Limit: 1})
		id = list[0].ID
		return err
	})
	if got := run(0, "audit", "prove", id); !strings.Contains(got, "number 3") {
		t.Error(got)
	}
	run(1, "audit", "prove", "x")
}
