package portal

import (
	"net/http"
	"strings"
	"testing"

	"elicense/internal/casework"
	"elicense/internal/civil"
	"elicense/internal/lang"
	"elicense/internal/money"
)

func TestHome(t *testing.T) {
	s := openSite(t)
	body := s.get("/kk/", http.StatusOK)
	if n := strings.Count(body, `href="/kk/spheres/`); n != 16 {
		t.Errorf("%d spheres", n)
	}
	s.holds(body, "Салалар бойынша қызметтер", "Тауарлар экспорты және импорты", "#trade", "#monopolies", "#culture", `href="/kk/bodies"`, `href="/kk/guide"`, "2 қызмет")
	s.lacks(body, "demo-title")
	body = s.get("/ru/bodies", http.StatusOK)
	s.holds(body, "Министерство торговли и интеграции", "/ru/bodies/mti", "#body")
	s.Demo = &Demo{Keys: "/keys", People: []DemoPerson{{Name: "Үлгі", Role: lang.Text{KK: "Басшы"}, Number: siteBIN, Password: "Demo-Kilt"}}}
	s.holds(s.get("/ru/", http.StatusOK), "demo-title", siteBIN, "Demo-Kilt", `lang="kk"`, `href="/ru/guide#demo"`)
	s.holds(s.get("/en/guide", http.StatusOK), "openssl cms -sign -cades", "/keys/NAME.pem", `id="demo"`)
}

func TestGroupsOpenToServices(t *testing.T) {
	s := openSite(t)
	body := s.get("/kk/spheres/export-import", http.StatusOK)
	s.holds(body, "Белгілі тауарлар түрлерін импорттауды лицензиялау (2)", "/kk/services/trade-licence?subtype=import", "/kk/services/trade-licence?subtype=export")
	s.holds(s.get("/en/bodies/mti", http.StatusOK), "Licensing the import of certain kinds of goods (2)")
	s.holds(s.get("/kk/bodies/moj", http.StatusOK), "Рұқсат беру құжаттарын электрондық форматқа көшіру (1)", "Адвокаттық қызмет") // its own kind alone
	s.get("/kk/spheres/none", http.StatusNotFound)
	s.get("/kk/bodies/none", http.StatusNotFound)
}

func TestSearch(t *testing.T) {
	s := openSite(t)
	s.holds(s.get("/ru/search?q=импорт", http.StatusOK), "/ru/services/trade-licence?subtype=import", `value="импорт"`)
	s.holds(s.get("/kk/search?q=%3Cb%3E&x=1", http.StatusOK), "&lt;b&gt;", "ештеңе табылмады")
	s.holds(s.get("/en/search", http.StatusOK), "Type what you are looking for")
}

func TestPassport(t *testing.T) {
	s := openSite(t)
	body := s.get("/kk/services/trade-licence?subtype=export", http.StatusOK)
	s.holds(body, "/kk/services/trade-licence/order?subtype=export", "10 АЕК — бүгін 43\u00a0250\u00a0₸", "4\u00a0325\u00a0₸", "1 жұмыс күні",
		"Шетел мемлекетінде тіркелген заңды тұлғалар", "Заңды тұлғалар үшін", "Жеке кәсіпкерлер үшін", "https://adilet.zan.kz/kaz/docs/Z1400000202",
		"2026 жылғы 23 қараша")
	if n := strings.Count(body, "Иә</span>"); n != 4 {
		t.Errorf("%d kinds of recipients of four", n)
	}
	s.lacks(s.get("/kk/services/trade-licence?subtype=other", http.StatusOK), "order?subtype=other")
	body = s.get("/ru/services/numbering-resource", http.StatusOK)
	s.holds(body, "20 рабочих дней (не подтверждено)", "Предоставляется бесплатно", "«не подтверждено» взяты", "Копия устава", "/ru/services/numbering-resource/order")
	body = s.get("/en/services/licence-restoration", http.StatusOK)
	s.holds(body, "The term is not confirmed", "The fee is not confirmed")
	s.lacks(body, "0 working days")
	s.holds(s.get("/en/services/advocacy", http.StatusOK), "The list of documents is not confirmed yet.", "are not confirmed yet.")
	s.get("/en/services/none", http.StatusNotFound)
}

// In 2027 the index is not in the table: the passport says so and shows no sum.
func TestPassportWithoutIndex(t *testing.T) {
	s := openSite(t)
	s.world.now = s.world.now.AddDate(0, 2, 0)
	body := s.get("/ru/services/trade-licence", http.StatusOK)
	s.holds(body, "10 МРП", "на 2027 год ещё не внесён")
	s.lacks(body, "₸")
}

func TestFeeInIndices(t *testing.T) {
	s := openSite(t)
	rev, err := s.Catalogue.Service("trade-licence")
	must(t, err)
	o := rev.Definition.Operations[0]
	for _, c := range []struct {
		day   civil.Date
		known bool
		sum   money.Tiyn
	}{
		{civil.New(2026, 1, 1), true, 4325000}, {civil.New(2025, 12, 31), true, 3932000}, {civil.New(2027, 1, 1), false, 0},
	} {
		f, err := s.Filing.Casework.FeeBefore(t.Context(), rev, casework.Before{Operation: o, Day: c.day})
		must(t, err)
		if f.Known != c.known || f.Known && f.Sum != c.sum || !f.InMCI || f.Count.String() != "10" {
			t.Errorf("%s: %+v", c.day, f)
		}
	}
}
