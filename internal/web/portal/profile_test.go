package portal

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// profile sends the profile's form as it stands, with some fields changed.
func (v *visit) profile(pairs ...string) {
	v.t.Helper()
	v.post("/kk/profile", append([]string{"version", v.find(`name="version" value="([^"]+)"`), "email", "dina@example.kz", "phone", "+77011234567", "lang", "ru"}, pairs...)...)
}

func TestProfile(t *testing.T) {
	v, who := peoplePortal(t), somebody(t, 2000)
	v.registered(who)
	v.get("/kk/profile")
	v.profile("postal_index", "01", "city", "", "city.q", "Атлантида")
	v.want(http.StatusUnprocessableEntity, "/kk/profile", `value="01"`, `value="Атлантида"`, `href="#f-postal_index"`, `href="#f-city"`)

	v.profile("find", "city", "city.q", "алматы", "postal_index", "050000")
	v.want(http.StatusOK, "/kk/profile", `value="050000"`, `type="radio" id="f-city-1" name="city"`)
	code := v.find(`name="city" value="([0-9]+)"`)
	v.profile("city", code, "city.q", "алматы", "postal_index", "050000", "street_ru", "Тестовая", "house", "1", "sole_proprietor", "yes", "phones", "8 727 250 00 00", "nonsense", "x")
	v.want(http.StatusOK, "/kk/profile", "Профиль сақталды", `data-code="`+code+`"`, `value="Тестовая"`, `value="+7 727 250 00 00"`, `value="ru" checked`)

	// The text beside a choice was changed by hand and means something else: it is asked to choose.
	v.profile("city", code, "city.q", "Атлантида")
	v.want(http.StatusUnprocessableEntity, "/kk/profile", `value="Атлантида"`)
	// A code that was typed counts.
	v.get("/kk/profile")
	v.profile("city", "", "city.q", code)
	v.want(http.StatusOK, "/kk/profile", `data-code="`+code+`"`)
}

func TestProfileSavedElsewhere(t *testing.T) {
	v, who := peoplePortal(t), somebody(t, 2100)
	v.registered(who)
	v.get("/kk/profile")
	first := v.find(`name="version" value="([^"]+)"`)
	v.profile("house", "1")
	v.want(http.StatusOK, "/kk/profile")
	v.profile("version", first, "house", "2")
	v.want(http.StatusUnprocessableEntity, "/kk/profile", "басқа терезеде", `value="2"`)
	v.profile("house", "2")
	v.want(http.StatusOK, "/kk/profile", "Профиль сақталды", `value="2"`)
	v.profile("version", "x")
	if v.status != http.StatusUnprocessableEntity {
		t.Errorf("a version that is none: %d", v.status)
	}
}

func TestPasswordChange(t *testing.T) {
	v, who := peoplePortal(t), somebody(t, 2200)
	v.registered(who)
	elsewhere := v.other()
	elsewhere.get("/kk/login")
	elsewhere.post("/kk/login", "number", who.IIN, "password", peoplePassword)
	v.get("/kk/profile/password")
	v.post("/kk/profile/password", "current", "мүлде басқа сөз", "password", "он бес қой 16 ешкі")
	v.want(http.StatusUnprocessableEntity, "/kk/profile/password", "Қазіргі құпиясөз дұрыс емес", `href="#f-current"`)
	v.post("/kk/profile/password", "current", peoplePassword, "password", "12345678")
	v.want(http.StatusUnprocessableEntity, "/kk/profile/password", `href="#f-password"`)
	v.post("/kk/profile/password", "current", peoplePassword, "password", "он бес қой 16 ешкі")
	v.want(http.StatusOK, "/kk/profile", "Құпиясөз өзгертілді")
	elsewhere.get("/kk/profile")
	if !strings.HasPrefix(elsewhere.path, "/kk/login") {
		t.Errorf("the other session lives on: %s", elsewhere.path)
	}
}

func TestSessionIsExtended(t *testing.T) {
	v, who := peoplePortal(t), somebody(t, 2300)
	v.registered(who)
	v.get("/kk/profile")
	v.post("/kk/session")
	var told struct{ Seconds int }
	if err := json.Unmarshal([]byte(v.body), &told); err != nil || told.Seconds != 1500 {
		t.Errorf("%d %s", v.status, v.body)
	}
}

func TestLookup(t *testing.T) {
	v, who := peoplePortal(t), somebody(t, 2400)
	v.get("/kk/directories/-/city?q=алматы")
	if strings.Contains(v.body, `"items"`) {
		t.Error("a visitor who is not logged in is served")
	}
	v.registered(who)
	var told struct {
		Items   []struct{ Code, Name, Note string }
		Message string
	}
	v.get("/kk/directories/-/city?q=rfpfrcnfy")
	if err := json.Unmarshal([]byte(v.body), &told); err != nil || told.Items == nil {
		t.Fatalf("%v %s", err, v.body)
	}
	v.get("/kk/directories/-/city?q=" + "%D0%B0%D0%BB%D0%BC%D0%B0%D1%82%D1%8B")
	if err := json.Unmarshal([]byte(v.body), &told); err != nil || len(told.Items) == 0 || len(told.Items) > searchShown || told.Message == "" {
		t.Fatalf("%v %s", err, v.body)
	}
	for _, path := range []string{"/kk/directories/-/house?q=1", "/kk/directories/-/nothing?q=1", "/kk/directories/nothing/city?q=1"} {
		if v.get(path); v.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, v.status)
		}
	}
}
