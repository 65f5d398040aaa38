package portal

import (
	"encoding/csv"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"elicense/internal/lang"
	"elicense/internal/port"
	"elicense/internal/web"
)

// figured adds figures of the trade licence.
func (s *site) figured(add ...port.Figure) {
	s.t.Helper()
	for i := range add {
		f := &add[i]
		f.Service, f.Operation, f.Body = "trade-licence", "issue", "mti"
		if f.Subtype == "" {
			f.Subtype = "import"
		}
	}
	must(s.t, s.store.Update(s.t.Context(), func(tx port.Tx) error {
		done, err := tx.Records().Counting(s.t.Context())
		tx.Write().Records().Correct(done.Corrections+1, add)
		return err
	}))
}

func (s *site) examples() {
	s.figured(
		port.Figure{Month: "2026-11", Measure: port.Received, N: 1234},
		port.Figure{Month: "2026-11", Measure: port.Granted, N: 1000},
		port.Figure{Month: "2026-03", Measure: port.Granted, N: 7, Subtype: "export"},
		port.Figure{Month: "2026-11", Measure: port.Refused, N: 200},
		port.Figure{Month: "2026-11", Measure: port.Ground, Detail: "goods_not_listed", N: 150},
		port.Figure{Month: "2026-11", Measure: port.Ground, Detail: "a_rule_of_long_ago", N: 2},
		port.Figure{Month: "2026-11", Measure: port.Took, Detail: "0", N: 1000},
		port.Figure{Month: "2026-11", Measure: port.Took, Detail: "45", N: 200},
		port.Figure{Month: "2024-01", Measure: port.Received, N: 3},
	)
}

// said is a request in a language.
func (s *site) said(l lang.Lang) *web.Request {
	return &web.Request{Request: httptest.NewRequest(http.MethodGet, "/"+string(l)+"/statistics", nil), Lang: l, Say: s.texts.In(l)}
}

func TestStatistics(t *testing.T) {
	s := openSite(t)
	s.examples()
	body, answer := s.fetch("/kk/statistics", http.StatusOK)
	s.holds(body, "Электронды берілген лицензиялар бойынша статистика", "1\u00a0234", "1\u00a0007", "бірден", "45 секунд", "Импорт", "Экспорт", "Сауда және интеграция министрлігі",
		"Тауар (ЕАЭО СЭҚ ТН коды: …)", "Қазіргі каталогта жоқ", `href="/kk/statistics?year=2024"`, `href="/kk/statistics/2026/bodies.csv"`, "<svg", `<title id="bodies-chart-title">`, "Қараша")
	s.lacks(body, "Желтоқсан", "style=", "a_rule_of_long_ago")
	if got := answer.Header.Get("Cache-Control"); got != "private, max-age=60" {
		t.Errorf("Cache-Control %q", got)
	}
	s.holds(s.get("/ru/statistics?year=2024", http.StatusOK), "Декабрь", "За этот год показателей пока нет", "—")
	for _, path := range []string{"?year=2023", "?year=x", "?year=02026", "/2026/none.csv", "/2026/bodies", "/1999/bodies.csv"} {
		s.get("/kk/statistics"+path, http.StatusNotFound)
	}
	home := s.get("/ru/", http.StatusOK)
	s.holds(home, `href="/ru/statistics#bodies"`, `href="/ru/statistics#subtypes"`, "Зарегистрировано: 1\u00a0234; выдано: 1\u00a0007", "Импорт: 1\u00a0000 · Экспорт: 7")
}

// Every table can be fetched with the same figures, and nothing in it is a formula.
func TestStatisticsFiles(t *testing.T) {
	s := openSite(t)
	s.examples()
	body, answer := s.fetch("/en/statistics/2026/subtypes.csv", http.StatusOK)
	text, marked := strings.CutPrefix(body, "\uFEFF")
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	must(t, err)
	if !marked || len(rows) != 3 || strings.Join(rows[1][2:], " ") != "1234 1000 200 0 0 45" || rows[1][0] != "Import" || strings.Join(rows[2][2:], " ") != "0 7 0 0  " {
		t.Errorf("%q", rows)
	}
	if got := answer.Header.Get("Cache-Control"); got != "public, max-age=300" {
		t.Errorf("Cache-Control %q", got)
	}
	if got := answer.Header.Get("Set-Cookie"); got != "" {
		t.Errorf("a file for everyone sets a cookie: %q", got)
	}
	for _, table := range []string{"applications", "bodies", "services", "reasons"} {
		s.get("/kk/statistics/2026/"+table+".csv", http.StatusOK)
	}
	for cell, want := range map[string]string{"=1+1": "'=1+1", "+7": "'+7", "-1": "'-1", "@x": "'@x", "\tx": "'\tx", "": "", "a=b": "a=b"} {
		if got := harmless(cell); got != want {
			t.Errorf("%q becomes %q", cell, got)
		}
	}
}

// The chart shows what the table says, at most so many rows of it.
func TestChartHasTheTablesFigures(t *testing.T) {
	s := openSite(t)
	s.examples()
	report, _, err := s.Statistics.Year(t.Context(), 2026)
	must(t, err)
	r := s.said(lang.KK)
	for _, f := range s.tables(r, report) {
		part := statisticsPartOf(r, 2026, f)
		if len(part.Chart.Rows) != min(len(f.Rows), charted) || len(part.Table.Rows) != len(f.Rows) || len(f.Rows) == 0 {
			t.Errorf("%s: %d of %d rows in the chart", f.ID, len(part.Chart.Rows), len(f.Rows))
		}
		for i, row := range part.Chart.Rows {
			for k, v := range row.Values {
				if cell := part.Table.Rows[i][f.Words+f.Charted[k]]; cell.Text != v.Text {
					t.Errorf("%s, row %d: bar %s, table %s", f.ID, i, v.Text, cell.Text)
				}
			}
		}
	}
	var long figures
	for range charted + 3 {
		long.Rows = append(long.Rows, figuresRow{Label: "x", Words: []string{"x"}, Langs: make([]lang.Lang, 1), N: []int{1}})
	}
	long.Columns, long.Words, long.Charted = []string{"a", "b"}, 1, []int{0}
	if part := statisticsPartOf(r, 2026, long); len(part.Chart.Rows) != charted || !strings.Contains(part.Chart.Desc, "12") {
		t.Errorf("%d rows: %s", len(part.Chart.Rows), part.Chart.Desc)
	}
}
