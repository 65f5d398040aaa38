package app_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"elicense/internal/filing"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/testkit/site"
)

// A former register is brought on the page, seen by a second person, let in, and then seen by its holder and by anyone who
// asks for its numbers; nothing is in the register before.
func TestFormerRegister(t *testing.T) {
	s := openSite(t, site.Options{})
	owner, person := s.Organisation(1), s.Individual(9).Person.IIN
	executor, approver := s.Enter(s.Official("knb.executor")), s.Enter(s.Official("knb.approver"))
	upload := func(content string) site.Answer {
		return executor.Send(executor.Upload("/kk/papers", nil, "old.csv", []byte(content)))
	}
	if got := upload("kind_kk,number\n"); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "issued, holder") {
		t.Errorf("a wrong header: %d", got.Status)
	}
	text := "kind_kk,kind_ru,series,number,issued,valid_to,holder,holder_number,state\nҚызмет,Услуга,21,R09000777,12.05.2009,01.06.2019," + "Үлгі," + owner.Account.Party.Number + ",\n" +
		"Қызмет,Услуга,22,R09000777,13.05.2009,,Адам Үлгібаев," + person + ",suspended\nҚызмет,Услуга,23,0105,13.05.2009,,Адам Үлгібаев," + person + ",\nҚызмет,Услуга,21,2,31.02.2009,,Үлгі,,\n"
	brought := upload(text)
	done(t, brought)
	at := brought.Location()
	if got := upload(text); got.Status != http.StatusConflict || !strings.Contains(got.Body, "бұрын енгізілген") {
		t.Errorf("the same file: %d", got.Status)
	}
	for path, want := range map[string][]string{at: {"Екінші адамды күтуде", "Мұндай күн жоқ", "R09000777"}, "/ru/papers": {"Ждёт второго лица", "old.csv"}} {
		got := executor.Get(path)
		for _, w := range want {
			if got.Status != http.StatusOK || !strings.Contains(got.Body, w) {
				t.Errorf("%s: %d without %s", path, got.Status, w)
			}
		}
	}
	for _, path := range []string{at + "/report", "/kk/papers/sample"} {
		if got := executor.Get(path); got.Status != http.StatusOK || !strings.HasPrefix(got.Body, "PK") {
			t.Errorf("%s: %d", path, got.Status)
		}
	}
	if got := s.Visitor().Get("/kk/check/R09000777"); got.Status != http.StatusNotFound {
		t.Errorf("checked while it waits: %d", got.Status)
	}
	if got := executor.Post(at, url.Values{"go": {"release"}}); got.Status != http.StatusForbidden {
		t.Errorf("released by who brought it: %d", got.Status)
	}
	done(t, approver.Post(at, url.Values{"go": {"release"}}))
	must(t, s.App.Papers.Work(t.Context()))
	if got := approver.Post(at, url.Values{"go": {"drop"}}); got.Status != http.StatusConflict || !strings.Contains(got.Body, "шешім қабылданған") {
		t.Errorf("dropped after that: %d", got.Status)
	}
	seesOldPapers(t, s, owner, person)
	if b := breaches(s); b != "" {
		t.Errorf("reported: %s", b)
	}
	must(t, s.App.Store.Update(t.Context(), func(tx port.Tx) error {
		tx.Write().Permits().Quarantine().Add(permit.Batch{ID: "lost", Body: "knb", Digest: "x", State: permit.BatchReleased, Rows: 1, Done: 1, Past: 2, Version: 1})
		tx.Write().Permits().Quarantine().AddLine(permit.Line{Batch: "lost", No: 2, Paper: permit.Paper{Body: "knb", Number: "99"}})
		tx.Write().Permits().Quarantine().Add(permit.Batch{ID: "early", Body: "knb", Digest: "y", State: permit.BatchWaiting, Version: 1})
		tx.Write().Permits().AddPaper(permit.Paper{ID: "p", Body: "knb", Number: "1", Batch: "early"})
		return nil
	}))
	found := breaches(s)
	for _, want := range []string{"papers/lost: line 2 is not in the register", "papers/early: waiting, and 1 of its rows"} {
		if !strings.Contains(found, want) {
			t.Errorf("not found: %s; found:\n%s", want, found)
		}
	}
}

// What the register says of the applicant's own paper is filled in; another's, another body's and an unknown one say nothing alike.
func TestRestorationBeginsWithThePaper(t *testing.T) {
	s := openSite(t, site.Options{})
	owner, stranger := s.Organisation(1), s.Organisation(2)
	s.Papers(owner.Account.Party.Number)
	var own permit.Paper
	s.View(func(v port.View) error {
		list, err := v.Permits().Candidates(t.Context(), "knb", "1111", "", 1)
		own = list[0]
		return err
	})
	b := s.LogIn(owner)
	if got := b.Get("/kk/permits"); !strings.Contains(html.UnescapeString(got.Body), "body=knb&paper="+own.ID) {
		t.Error("the list does not begin the restoration of the paper")
	}
	if got := b.Get("/kk/services/licence-restoration/order?body=knb&paper=" + own.ID); !strings.Contains(got.Body, `name="paper" value="`+own.ID+`"`) {
		t.Errorf("the way to the draft loses the paper: %d", got.Status)
	}
	for _, c := range []struct {
		who         *site.Applicant
		body, paper string
		want        string
	}{{owner, "knb", own.ID, own.Series + " " + own.Number + " " + own.IssuedOn.String()}, {stranger, "knb", own.ID, "  "}, {stranger, "cci", "unknown", "  "}, {owner, "cci", own.ID, "  "}} {
		number, err := s.App.Filing.Begin(t.Context(), c.who.Actor, filing.Start{Service: "licence-restoration", Body: c.body, Paper: c.paper})
		must(t, err)
		a := s.Application(number).Answers
		if got := a["series"] + " " + a["licence_number"] + " " + a["issued_on"]; got != c.want {
			t.Errorf("%s %s: filled in with %q", c.body, c.paper, got)
		}
	}
}

// A draft that stands in the way is deleted, and the new one begins with the paper all the same.
func TestRestorationBeginsAnewWithThePaper(t *testing.T) {
	s := openSite(t, site.Options{})
	owner := s.Organisation(1)
	s.Papers(owner.Account.Party.Number)
	old := owner.Restore(nil)
	var own permit.Paper
	s.View(func(v port.View) error {
		list, err := v.Permits().Candidates(t.Context(), "knb", "1111", "", 1)
		own = list[0]
		return err
	})
	b := s.LogIn(owner)
	got := b.Post("/kk/services/licence-restoration/order", url.Values{"body": {"knb"}, "subtype": {"cryptography"}, "paper": {own.ID}})
	link := regexp.MustCompile(`href="([^"]+/delete\?[^"]+)"`).FindStringSubmatch(got.Body)
	if got.Status != http.StatusConflict || link == nil {
		t.Fatalf("beside a draft: %d\n%.3000s", got.Status, got.Body)
	}
	form := url.Values{}
	for _, m := range regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`).FindAllStringSubmatch(b.Get(html.UnescapeString(link[1])).Body, -1) {
		form.Set(m[1], m[2])
	}
	got = b.Post("/kk/applications/"+old+"/delete", form)
	number := strings.Split(strings.TrimPrefix(got.Location(), "/kk/applications/"), "/")[0]
	if a := s.Application(number).Answers; number == old || a["licence_number"] != own.Number || a["issued_on"] != own.IssuedOn.String() {
		t.Errorf("%s: %v", number, a)
	}
}

// seesOldPapers looks at the cabinet of the holder and at the public check.
func seesOldPapers(t *testing.T, s *site.Site, owner *site.Applicant, person string) {
	t.Helper()
	for path, b := range map[string]*site.Browser{"/kk/permits": s.LogIn(owner)} {
		got := b.Get(path)
		for _, w := range []string{"21 R09000777", "қолданылу мерзімі аяқталған", "body=knb"} {
			if !strings.Contains(got.Body, w) {
				t.Errorf("%s without %s", path, w)
			}
		}
		if strings.Contains(got.Body, "22 R09000777") {
			t.Error("another's paper is listed")
		}
	}
	several := s.Visitor().Get("/kk/check/R09000777")
	for _, w := range []string{"бірнеше лицензияда", "21 R09000777", "22 R09000777", "тоқтатыла тұрған"} {
		if several.Status != http.StatusOK || !strings.Contains(several.Body, w) {
			t.Errorf("several: %d without %s", several.Status, w)
		}
	}
	one := s.Visitor().Get("/kk/check?number=0105")
	one = s.Visitor().Get(one.Location())
	if one.Status != http.StatusOK || !strings.Contains(one.Body, "23 0105") {
		t.Errorf("one: %d", one.Status)
	}
	for _, got := range []site.Answer{several, one} {
		if strings.Contains(got.Body, "Үлгібаев") || strings.Contains(got.Body, person) {
			t.Error("an individual is named")
		}
	}
}
