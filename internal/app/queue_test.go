package app_test

import (
	"archive/zip"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/civil"
	"elicense/internal/demo"
	"elicense/internal/lang"
	"elicense/internal/port"
	"elicense/internal/testkit/site"
)

// queueOf files restorations of several organisations.
func queueOf(t *testing.T, s *site.Site, n int) []string {
	t.Helper()
	var numbers []string
	for i := range n {
		numbers = append(numbers, sent(t, s.Organisation(i+1), nil))
	}
	return numbers
}

func TestQueueViewsAndFilters(t *testing.T) {
	s := openSite(t, site.Options{})
	s.Official("knb.executor")
	owner := s.Organisation(9)
	numbers := append(queueOf(t, s, 2), sent(t, owner, nil))
	b := s.LogInOfficial("knb.executor", demo.Password)
	lists := func(what, query string, want ...string) {
		t.Helper()
		got := b.Get("/kk/applications?" + query)
		if got.Status != http.StatusOK {
			t.Fatalf("%s: %d", what, got.Status)
		}
		for _, number := range numbers {
			wanted := strings.Contains(strings.Join(want, " "), number)
			if shown := strings.Contains(got.Body, `href="/kk/applications/`+number); shown != wanted {
				t.Errorf("%s: %s shown %v", what, number, shown)
			}
		}
	}
	lists("who holds nothing sees everything", "", numbers...)
	done(t, acts(t, b, numbers[0], "take", nil))
	lists("who holds something sees it first", "", numbers[0])
	lists("all", "view=all", numbers...)
	lists("taken by nobody", "view=free", numbers[1:]...)
	lists("another service", "view=all&service=trade-licence")
	lists("the service", "view=all&service=licence-restoration", numbers...)
	lists("the step", "view=all&step=match", numbers...)
	lists("another step", "view=all&step=confirm")
	lists("a part of the number", "view=all&number="+numbers[2][7:], numbers[2])
	lists("on time", "view=all&left=on-time", numbers...)
	lists("overdue", "view=all&left=overdue")
	lists("registered later", "view=all&from=01.01.2030")
	lists("registered before", "view=all&to=01.01.2030", numbers...)
	lists("a state that does not exist", "view=all&left=x", numbers...)
	lists("a cursor of nonsense", "view=all&after=x", numbers...)
	if got := b.Get("/kk/applications?view=all&from=x"); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "22.11.2026 түрінде") {
		t.Errorf("a day of nonsense: %d", got.Status)
	}
	lists("nothing unread", "view=all&messages=unread")
	done(t, s.LogIn(owner).Post("/kk/applications/"+numbers[2]+"/messages", url.Values{"text": {"Сұрақ"}}))
	lists("unread", "view=all&messages=unread", numbers[2])
	if got := b.Get("/kk/applications?view=all").Body; strings.Count(got, "Оқылмаған хат: 1") != 1 {
		t.Error("what was written is not marked in the queue")
	}
	b.Get("/kk/applications/" + numbers[2] + "/messages")
	lists("read", "view=all&messages=unread")
	s.Clock.Advance(60 * 24 * time.Hour)
	b = s.LogInOfficial("knb.executor", demo.Password)
	a := s.Application(numbers[0])
	if want := a.Work.Left(civil.Of(s.Clock.Now(), lang.Almaty())); want == application.Overdue {
		lists("overdue now", "view=all&left=overdue", numbers...)
	}
}

func TestSavedViews(t *testing.T) {
	s := openSite(t, site.Options{})
	s.Official("knb.executor")
	b, other := s.LogInOfficial("knb.executor", demo.Password), s.LogInOfficial("knb.approver", demo.Password)
	keep := func(values ...string) site.Answer {
		form := url.Values{"query": {"view=all&step=match&name=%3Cscript%3E"}}
		for i := 0; i+1 < len(values); i += 2 {
			form.Set(values[i], values[i+1])
		}
		return b.Post("/kk/applications/views", form)
	}
	done(t, keep("go", "keep", "name", "Салыстыру"))
	got := b.Get("/kk/applications").Body
	if !strings.Contains(got, `href="/kk/applications?step=match&amp;view=all">Салыстыру</a>`) {
		t.Error("the view is not listed, or keeps more than filters")
	}
	if strings.Contains(other.Get("/kk/applications").Body, "Салыстыру") {
		t.Error("another official sees it")
	}
	if got := keep("go", "keep", "name", " Салыстыру "); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "Мұндай атаумен көрініс бар") {
		t.Errorf("the same name: %d", got.Status)
	}
	if got := keep("go", "keep", "name", ""); got.Status != http.StatusUnprocessableEntity {
		t.Errorf("no name: %d", got.Status)
	}
	id := regexp.MustCompile(`name="id" value="([^"]+)"`).FindStringSubmatch(got)[1]
	if got := other.Post("/kk/applications/views", url.Values{"go": {"rename"}, "id": {id}, "name": {"Менікі"}}); got.Status != http.StatusNotFound {
		t.Errorf("another renames it: %d", got.Status)
	}
	done(t, other.Post("/kk/applications/views", url.Values{"go": {"drop"}, "id": {id}}))
	done(t, keep("go", "rename", "id", id, "name", "Жаңа атау"))
	if got := b.Get("/kk/applications").Body; !strings.Contains(got, ">Жаңа атау</a>") {
		t.Error("not renamed, or another dropped it")
	}
	done(t, keep("go", "drop", "id", id))
	if got := b.Get("/kk/applications").Body; strings.Contains(got, "Жаңа атау</a>") {
		t.Error("not dropped")
	}
}

func TestSearchByNumberApplicantAndName(t *testing.T) {
	s := openSite(t, site.Options{})
	owner := s.Organisation(1)
	s.Official("knb.executor")
	number := sent(t, owner, nil)
	decided := sent(t, s.Organisation(2), nil)
	b, elsewhere := s.LogInOfficial("knb.executor", demo.Password), s.LogInOfficial("cci.executor", demo.Password)
	approver := s.LogInOfficial("knb.approver", demo.Password)
	done(t, acts(t, b, decided, "take", nil))
	done(t, acts(t, b, decided, "propose", url.Values{"outcome": {"refused"}, "ground": {"not_holder"}, "reason_kk": {"Иесі басқа."}, "reason_ru": {"Владелец другой."}}))
	done(t, acts(t, approver, decided, "take", nil))
	done(t, acts(t, approver, decided, "confirm", nil))
	find := func(b *site.Browser, typed string) site.Answer {
		return b.Post("/kk/applications/search", url.Values{"find": {typed}})
	}
	for _, typed := range []string{number, strings.ToLower(number), owner.Account.Party.Number, strings.Fields(owner.Account.Party.Name)[0]} {
		got := find(b, typed)
		if got.Status != http.StatusOK || !strings.Contains(got.Body, `href="/kk/applications/`+number) {
			t.Errorf("%s: %d", typed, got.Status)
		}
		if got := find(elsewhere, typed); got.Status != http.StatusOK || strings.Contains(got.Body, number+`"`) && !strings.Contains(typed, number) || strings.Contains(got.Body, `href="/kk/applications/`+number) {
			t.Errorf("%s at another body: %d", typed, got.Status)
		}
	}
	if got := find(b, decided); !strings.Contains(got.Body, `href="/kk/applications/`+decided) || !strings.Contains(got.Body, "Қайтарылды") {
		t.Error("what is decided is not found")
	}
	for _, typed := range []string{"", "аб", "%%%", strings.Repeat("ш", 300), "\x00\x00\x00"} {
		if got := find(b, typed); got.Status != http.StatusUnprocessableEntity {
			t.Errorf("%q: %d", typed, got.Status)
		}
	}
	if got := s.OfficeVisitor().Get("/kk/applications/search"); got.Status != http.StatusSeeOther {
		t.Errorf("nobody: %d", got.Status)
	}
}

func TestAssignmentByHand(t *testing.T) {
	s := openSite(t, site.Options{})
	s.Official("knb.executor")
	owner := s.Organisation(1)
	number := sent(t, owner, nil)
	executor, approver := s.Official("knb.executor"), s.Official("knb.approver")
	head := official(t, s, "knb.head", s.Organisation(7).Person.IIN, "knb", access.Head)
	to := func(b *site.Browser, who, reason string) site.Answer {
		return acts(t, b, number, "assign", url.Values{"to": {who}, "reason": {reason}})
	}
	if got := to(official(t, s, "knb.plain", s.Organisation(9).Person.IIN, "knb", access.Executor), executor.ID, ""); got.Status != http.StatusForbidden {
		t.Errorf("who hands out no work gives it: %d", got.Status)
	}
	if got := to(head, approver.ID, "Себебі осы"); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "Себебі осы") {
		t.Errorf("to somebody without the duty: %d", got.Status)
	}
	for _, who := range []string{"", "nobody", s.Official("cci.executor").ID} {
		if got := to(head, who, ""); got.Status != http.StatusUnprocessableEntity {
			t.Errorf("to %q: %d", who, got.Status)
		}
	}
	done(t, to(head, executor.ID, "Тәжірибесі бар"))
	if a := s.Application(number); a.Work.Holder != executor.ID || a.Work.Report.Assigned == nil || a.Work.Report.Assigned.Reason != "Тәжірибесі бар" {
		t.Errorf("%+v", a.Work)
	}
	b := s.LogInOfficial("knb.executor", demo.Password)
	if got := b.Get("/kk/applications/" + number); !strings.Contains(got.Body, "Тәжірибесі бар") || !strings.Contains(got.Body, "Өтініш қызметкерге тапсырылды") {
		t.Error("the official is not told why")
	}
	if got := to(head, executor.ID, ""); got.Status != http.StatusConflict {
		t.Errorf("twice: %d", got.Status)
	}
	done(t, acts(t, b, number, "propose", url.Values{"outcome": {"refused"}, "ground": {"not_holder"}, "reason_kk": {"Иесі басқа."}, "reason_ru": {"Владелец другой."}}))
	// Four eyes: another account of the person who did the first step.
	official(t, s, "knb.double", executor.Person, "knb", access.Approver)
	if got := to(head, s.Official("knb.double").ID, ""); got.Status != http.StatusConflict || s.Application(number).Work.Holder != "" {
		t.Errorf("the same person by another account: %d", got.Status)
	}
	done(t, to(head, approver.ID, ""))
	if page := s.LogIn(owner).Get("/kk/applications/" + number).Body; strings.Contains(page, "Тәжірибесі бар") {
		t.Error("the applicant reads the reason")
	}
	s.Clean()
}

func TestAssignmentByRule(t *testing.T) {
	s := openSite(t, site.Options{})
	first := s.Official("knb.executor")
	second, _, err := s.App.Accounts.AddOfficial(t.Context(), "test", access.Official{Login: "knb.second", Person: s.Organisation(8).Person.IIN, Surname: "Үлгі", GivenName: "Екінші", Body: "knb", Duties: []access.Duty{access.Executor}}, s.App.Catalogue.BodyKeys())
	must(t, err)
	write := func(f func(port.Writes)) {
		s.Update(func(tx port.Tx) error {
			f(tx.Write())
			return nil
		})
	}
	write(func(w port.Writes) {
		for key, territory := range map[string][]string{"country": {"100000000"}, "astana": {"710000000"}, "oblast": {"71"}} {
			w.Office().Departments().Add(access.Department{Key: key, Body: "knb", Name: lang.Text{KK: key, RU: key, EN: key}, Territory: territory, Version: 1})
		}
	})
	belong := func(login, department string) {
		t.Helper()
		o := s.Official(login)
		o.Department = department
		write(func(w port.Writes) { w.Office().Officials().Change(o) })
	}
	away := func(o access.Official) {
		today := civil.Of(s.App.World.Now(), lang.Almaty())
		write(func(w port.Writes) {
			w.Office().Absences().Add(access.Absence{ID: s.App.World.ID(), Body: "knb", Official: o.ID, Deputy: s.Official("knb.head").ID, From: today, To: today.AddDays(9), Reason: "leave", By: o.ID, CreatedAt: s.App.World.Now()})
		})
	}
	belong("knb.executor", "astana")
	belong("knb.second", "astana")
	head := official(t, s, "knb.head", s.Organisation(7).Person.IIN, "knb", access.Head)
	n := 0
	holder := func() string {
		t.Helper()
		n++
		a := s.Application(sent(t, s.Organisation(20+n), nil))
		if a.Work.Department != "astana" {
			t.Errorf("department %q", a.Work.Department)
		}
		return a.Work.Holder
	}
	if got := holder(); got != "" {
		t.Errorf("without the rule: %q", got)
	}
	if got := s.LogInOfficial("knb.executor", demo.Password).Post("/kk/applications/rule", url.Values{"go": {"yes"}}); got.Status != http.StatusForbidden {
		t.Errorf("an executor switches the rule: %d", got.Status)
	}
	done(t, head.Post("/kk/applications/rule", url.Values{"go": {"yes"}}))
	had := map[string]int{holder(): 1}
	had[holder()]++
	if had[first.ID] != 1 || had[second.ID] != 1 {
		t.Errorf("not to who holds the least: %v", had)
	}
	away(first)
	if got := []string{holder(), holder()}; got[0] != second.ID || got[1] != second.ID {
		t.Errorf("to who is absent: %v", got)
	}
	away(second)
	if got := holder(); got != "" {
		t.Errorf("nobody is present: %q", got)
	}
	official(t, s, "knb.third", s.Organisation(9).Person.IIN, "knb", access.Executor)
	belong("knb.third", "oblast")
	if got := holder(); got != "" {
		t.Errorf("of another department: %q", got)
	}
	s.Clean()
}

// hidden finds what a form of the page sends.
func hidden(t *testing.T, body, name string) []string {
	t.Helper()
	var values []string
	for _, m := range regexp.MustCompile(`name="`+name+`" value="([^"]+)"`).FindAllStringSubmatch(body, -1) {
		values = append(values, m[1])
	}
	return values
}

func TestManyAtOnce(t *testing.T) {
	s := openSite(t, site.Options{})
	s.Official("knb.executor")
	numbers := queueOf(t, s, 3)
	b := s.LogInOfficial("knb.executor", demo.Password)
	ticked := hidden(t, b.Get("/kk/applications?view=all").Body, "n")
	if len(ticked) != 3 {
		t.Fatal(ticked)
	}
	if got := b.Post("/kk/applications/chosen", url.Values{"go": {"take"}}); got.Status != http.StatusUnprocessableEntity {
		t.Errorf("nothing chosen: %d", got.Status)
	}
	if got := b.Post("/kk/applications/chosen", url.Values{"go": {"propose"}, "n": ticked}); got.Status != http.StatusUnprocessableEntity {
		t.Errorf("an act that is not for many: %d", got.Status)
	}
	var many []string
	for i := range 201 {
		many = append(many, fmt.Sprintf("KZ%d.1", i))
	}
	if got := b.Post("/kk/applications/chosen", url.Values{"go": {"take"}, "n": many}); got.Status != http.StatusUnprocessableEntity {
		t.Errorf("201: %d", got.Status)
	}
	// One of the three was taken meanwhile, as the page that confirms says; another after that page.
	other := official(t, s, "knb.other", s.Organisation(7).Person.IIN, "knb", access.Executor)
	done(t, acts(t, other, numbers[0], "take", nil))
	page := b.Post("/kk/applications/chosen", url.Values{"go": {"take"}, "n": ticked})
	if page.Status != http.StatusOK || !strings.Contains(page.Body, "Өтініш басқа қызметкерде.") || len(hidden(t, page.Body, "n")) != 2 {
		t.Fatalf("%d %v", page.Status, hidden(t, page.Body, "n"))
	}
	if a := s.Application(numbers[1]); a.Work.Holder != "" {
		t.Error("taken before it was confirmed")
	}
	done(t, acts(t, other, numbers[1], "take", nil))
	order := url.Values{"go": {"take"}, "n": hidden(t, page.Body, "n"), "idempotency_key": hidden(t, page.Body, "idempotency_key")}
	first := b.Post("/kk/batches", order)
	second := b.Post("/kk/batches", order)
	if first.Status != http.StatusSeeOther || second.Status != http.StatusSeeOther || first.Header.Get("Location") != second.Header.Get("Location") {
		t.Fatalf("%d %d", first.Status, second.Status)
	}
	address := first.Header.Get("Location")
	got := b.Get(address)
	if !strings.Contains(got.Body, "Орындалды: 1. Барлығы: 2.") || !strings.Contains(got.Body, "Өтініш басқа қызметкерде.") {
		t.Errorf("the result\n%.3000s", got.Body)
	}
	if got := other.Get(address); got.Status != http.StatusNotFound {
		t.Errorf("another reads the result: %d", got.Status)
	}
	if got := other.Post("/kk/batches", order); got.Status != http.StatusNotFound {
		t.Errorf("another sends the order: %d", got.Status)
	}
	taken := 0
	s.View(func(v port.View) error {
		list, err := v.Applications().Happenings(t.Context(), numbers[2])
		for _, h := range list {
			if h.Event == application.Taken {
				taken++
			}
		}
		return err
	})
	if taken != 1 {
		t.Errorf("taken %d times", taken)
	}
	s.Clean()
}

// A head gives many to one; four eyes hold for each.
func TestManyAssigned(t *testing.T) {
	s := openSite(t, site.Options{})
	executor := s.Official("knb.executor")
	queueOf(t, s, 2)
	head := official(t, s, "knb.head", s.Organisation(7).Person.IIN, "knb", access.Head)
	ticked := hidden(t, head.Get("/kk/applications?view=all").Body, "n")
	page := head.Post("/kk/applications/chosen", url.Values{"go": {"assign"}, "n": ticked})
	order := url.Values{"go": {"assign"}, "n": ticked, "idempotency_key": hidden(t, page.Body, "idempotency_key"), "reason": {"Бөлінді"}}
	if got := head.Post("/kk/batches", order); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "Бөлінді") {
		t.Errorf("to nobody: %d", got.Status)
	}
	order.Set("to", executor.ID)
	got := head.Post("/kk/batches", order)
	done(t, got)
	if body := head.Get(got.Header.Get("Location")).Body; !strings.Contains(body, "Орындалды: 2. Барлығы: 2.") {
		t.Errorf("%.2000s", body)
	}
}

// The file has what the queue has; a name that would be a formula is text; only who ordered it gets it, for a day.
func TestExportOfTheQueue(t *testing.T) {
	s := openSite(t, site.Options{})
	s.Official("knb.executor")
	numbers := []string{sent(t, s.Organisation(1), nil)}
	second := s.Organisation(2)
	numbers = append(numbers, sent(t, second, nil))
	b, other := s.LogInOfficial("knb.executor", demo.Password), s.LogInOfficial("knb.approver", demo.Password)
	done(t, b.Post("/kk/exports", url.Values{"query": {"view=all&number=" + numbers[0][7:]}}))
	done(t, b.Post("/kk/exports", url.Values{"find": {second.Account.Party.Number}}))
	if got := b.Get("/kk/exports"); !strings.Contains(got.Body, "Кезекте") || !strings.Contains(got.Body, "Бетті жаңарту") {
		t.Error("what is ordered is not listed")
	}
	must(t, s.App.Exports.Work(t.Context()))
	files := regexp.MustCompile(`/kk/exports/[0-9a-f-]{36}`).FindAllString(b.Get("/kk/exports").Body, -1)
	if len(files) != 2 {
		t.Fatal(files)
	}
	got := b.Get(files[1]) // the newest stands first
	if got.Status != http.StatusOK || !strings.HasPrefix(got.Header.Get("Content-Disposition"), "attachment") {
		t.Fatalf("%d %v", got.Status, got.Header)
	}
	xml := sheetXML(t, got.Body)
	if !strings.Contains(xml, numbers[0]) || strings.Contains(xml, numbers[1]) || strings.Contains(xml, "<f") {
		t.Errorf("%.2000s", xml)
	}
	if !strings.Contains(sheetXML(t, b.Get(files[0]).Body), numbers[1]) {
		t.Error("what was found is not in the file")
	}
	if got := other.Get(files[0]); got.Status != http.StatusNotFound {
		t.Errorf("another fetches it: %d", got.Status)
	}
	s.Clean()
	s.Clock.Advance(25 * time.Hour)
	must(t, s.App.Exports.Work(t.Context()))
	if got := s.LogInOfficial("knb.executor", demo.Password).Get(files[0]); got.Status != http.StatusNotFound {
		t.Errorf("after a day: %d", got.Status)
	}
}

func sheetXML(t *testing.T, file string) string {
	t.Helper()
	z, err := zip.NewReader(strings.NewReader(file), int64(len(file)))
	must(t, err)
	f, err := z.Open("xl/worksheets/sheet1.xml")
	must(t, err)
	defer func() { must(t, f.Close()) }()
	text, err := io.ReadAll(f)
	must(t, err)
	return string(text)
}
