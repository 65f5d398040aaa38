package portal

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"elicense/internal/application"
	"elicense/internal/civil"
	"elicense/internal/ident"
	"elicense/internal/port"
)

func TestMyApplications(t *testing.T) {
	s := openSite(t)
	s.people()
	_, resp := s.fetch("/kk/applications", http.StatusSeeOther)
	if at := resp.Header.Get("Location"); !strings.HasPrefix(at, "/kk/login?next=") {
		t.Error(at)
	}
	s.logIn("alpha")
	s.holds(s.get("/kk/applications", http.StatusOK), "Сізде әзірге өтініш жоқ")
	draft, sent, others := ident.DocumentNumber("RTL", 1), ident.DocumentNumber("RTL", 2), ident.DocumentNumber("RTL", 3)
	s.draft(draft, "alpha", application.Draft, s.world.now)
	s.draft(sent, "alpha", application.Issued, s.world.now.Add(-48*time.Hour))
	s.draft(others, "beta", application.Draft, s.world.now)
	body := s.get("/kk/applications", http.StatusOK)
	s.holds(body, draft, sent, "Аяқталмаған нұсқа", "Берілген", "Рұқсат құжатын беру", "Сауда және интеграция министрлігі",
		`href="/kk/applications/`+draft+`/pages/personal"`, `href="/kk/applications/`+sent+`"`, "Жіберілмеген", "Тең")
	s.lacks(body, others)

	for _, c := range []struct {
		query string
		found []string
	}{
		{"number=" + draft, []string{draft}},
		{"number=" + url.QueryEscape(strings.ToLower(draft[:4]+" "+draft[4:])), []string{draft}},
		{"number_op=has&number=RTL", []string{draft, sent}},
		{"day=20.11.2026", []string{sent}},
		{"day=20.11.2026&day_op=to", []string{sent}},
		{"day=21.11.2026&day_op=from", nil},
		{"body=mti&service=trade-licence", []string{draft, sent}},
		{"body=cci", nil},
	} {
		body := s.get("/kk/applications?"+c.query, http.StatusOK)
		for _, number := range []string{draft, sent} {
			want := false
			for _, f := range c.found {
				want = want || f == number
			}
			if strings.Contains(body, `href="/kk/applications/`+number) != want {
				t.Errorf("%s: %s %v", c.query, number, !want)
			}
		}
	}
	s.holds(s.get("/kk/applications?day=yesterday", http.StatusUnprocessableEntity), "error-summary", `href="#search-1"`, `value="yesterday"`)
	s.get("/kk/applications?after=x&after=1.", http.StatusOK)
}

func TestPagesOfApplications(t *testing.T) {
	s := openSite(t)
	s.people()
	for i := range 45 { // several in the same moment
		s.draft(ident.DocumentNumber("RTL", i+1), "alpha", application.Issued, s.world.now.Add(-time.Duration(i/3)*time.Minute))
	}
	s.logIn("alpha")
	seen := map[string]bool{}
	path := "/ru/applications?number_op=has&number=RTL"
	for range 3 {
		body := s.get(path, http.StatusOK)
		for i := range 45 {
			number := ident.DocumentNumber("RTL", i+1)
			if strings.Contains(body, `href="/ru/applications/`+number+`"`) {
				if seen[number] {
					t.Errorf("%s twice", number)
				}
				seen[number] = true
			}
		}
		if i := strings.Index(body, `rel="next" href="`); i > 0 {
			rest := body[i+len(`rel="next" href="`):]
			path = strings.ReplaceAll(rest[:strings.IndexByte(rest, '"')], "&amp;", "&")
		}
	}
	if len(seen) != 45 {
		t.Errorf("%d of 45", len(seen))
	}
	body := s.get(path, http.StatusOK)
	s.holds(body, "Строки 41–45", `rel="prev"`)
	s.lacks(body, `rel="next"`)
}

func TestDaysBeginAtMidnightInAlmaty(t *testing.T) {
	day := civil.New(2026, 11, 22)
	midnight := time.Date(2026, 11, 21, 19, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		op       port.Operator
		from, to time.Time
	}{
		{port.Equals, midnight, midnight.Add(24 * time.Hour)}, {port.From, midnight, time.Time{}}, {port.Until, time.Time{}, midnight.Add(24 * time.Hour)},
	} {
		if from, to := bounds(day, c.op); !from.Equal(c.from) || !to.Equal(c.to) {
			t.Errorf("%s: %s %s", c.op, from, to)
		}
	}
}

func TestMyPermits(t *testing.T) {
	s := openSite(t)
	s.people()
	mine := s.licence(ident.DocumentNumber("LTL", 1), "alpha", siteBIN, civil.New(2026, 11, 1), civil.New(2026, 12, 31))
	theirs := s.licence(ident.DocumentNumber("LTL", 2), "beta", siteIIN, civil.New(2026, 11, 1), civil.New(2026, 12, 31))
	s.logIn("alpha")
	body := s.get("/kk/permits", http.StatusOK)
	s.holds(body, mine.Number, mine.Second, "РҚ БСН", "Қолданыста", `href="/kk/permits/`+mine.Number+`"`)
	s.lacks(body, theirs.Number)
	s.holds(s.get("/kk/permits?number=x", http.StatusOK), "Ештеңе табылмады")

	body = s.get("/kk/permits/"+mine.Number, http.StatusOK)
	s.holds(body, "Рұқсат беру құжаты туралы ақпарат", "Құжатты жүктеу (қазақша)", "/kk/permits/"+mine.Number+"/document/ru",
		"KZ-26/118", "15.10.2026", "Example Chemicals", "/kk/applications/"+mine.Application, "https://elicense.example/c/"+mine.Number+"/"+mine.Check)
	pdf, resp := s.fetch("/kk/permits/"+mine.Number+"/document/en", http.StatusOK)
	if !strings.HasPrefix(pdf, "%PDF-1.7\nen "+mine.Number) || resp.Header.Get("Content-Disposition") != "attachment; filename="+mine.Number+"-en.pdf" {
		t.Error(pdf, resp.Header)
	}
	s.get("/kk/permits/"+theirs.Number, http.StatusNotFound)
	s.get("/kk/permits/"+theirs.Number+"/document/kk", http.StatusNotFound)
	s.get("/kk/permits/"+mine.Number+"/document/de", http.StatusNotFound)
}

// A cursor from outside is read or left aside, never an error.
func FuzzCursor(f *testing.F) {
	f.Add("1763802300000000.KZ19RFB00000009")
	f.Add("x.")
	f.Add("-9223372036854775808.a")
	f.Fuzz(func(t *testing.T, text string) {
		at, number, ok := readCursor(text)
		if !ok {
			return
		}
		again, n, ok := readCursor(cursor(at, number))
		if !ok || !again.Equal(at) || n != number {
			t.Errorf("%q", text)
		}
	})
}
