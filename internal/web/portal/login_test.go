package portal

import (
	"encoding/pem"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"elicense/internal/demo/ca"
	"elicense/internal/ident"
	"elicense/internal/web"
	"elicense/internal/web/signing"
)

func TestRegisterLogInProfileLogOut(t *testing.T) {
	v, who := peoplePortal(t), somebody(t, 100)
	v.registered(who)
	if !strings.Contains(v.body, "ҮЛГІЛІ ДИНА САМАТҚЫЗЫ") {
		t.Errorf("the name of the certificate is missing: %s", v.body)
	}
	v.get("/kk/profile")
	v.want(http.StatusOK, "/kk/profile", "Сіз тіркелдіңіз", "dina@example.kz", "+7 701 123 45 67", who.IIN)
	v.post("/kk/logout")
	v.get("/kk/profile")
	v.want(http.StatusOK, "/kk/login?next=%2Fkk%2Fprofile", "Жүйеге кіру")
	number := who.IIN[:6] + " " + who.IIN[6:]
	v.post("/kk/login", "number", number, "password", peoplePassword, "next", "/kk/profile")
	v.want(http.StatusOK, "/kk/profile")
}

func TestLoginFaults(t *testing.T) {
	v, who := peoplePortal(t), somebody(t, 200)
	v.registered(who)
	v.leave()
	stranger := somebody(t, 300)
	texts := map[string]string{}
	for name, number := range map[string]string{"known": who.IIN, "unknown": stranger.IIN} {
		v.get("/kk/login")
		v.post("/kk/login", "number", number, "password", "бір екі үш төрт")
		v.want(http.StatusUnprocessableEntity, "/kk/login", "Нөмір немесе құпиясөз дұрыс емес", `value="`+number+`"`)
		texts[name] = v.main()
		if strings.Contains(v.body, "бір екі үш төрт") {
			t.Error("the password came back")
		}
		if !strings.Contains(v.body, "<title>Қате:") {
			t.Error("the title does not say that there is an error")
		}
	}
	if texts["known"] != texts["unknown"] {
		t.Errorf("the answer tells whether a number is known:\n%s\n%s", texts["known"], texts["unknown"])
	}
	v.post("/kk/login", "number", "12345", "password", "x")
	v.want(http.StatusUnprocessableEntity, "/kk/login", "12 цифрдан")
	for range 25 {
		v.post("/kk/login", "number", who.IIN, "password", "бір екі үш төрт")
		if v.status == http.StatusTooManyRequests {
			break
		}
	}
	v.want(http.StatusTooManyRequests, "/kk/login", "ЭЦҚ арқылы")
}

func TestRepresentativeIsAskedOnlyWhenNeeded(t *testing.T) {
	v := peoplePortal(t)
	bin, ok := ident.MakeBIN(2015, 4, '4', '0', 17)
	for serial := 18; !ok; serial++ {
		bin, ok = ident.MakeBIN(2015, 4, '4', '0', serial)
	}
	var people []ca.Person
	for i, serial := range []int{400, 420} {
		who := somebody(t, serial)
		who.Kind, who.BIN, who.Organisation = ca.Head, string(bin), `"ҮЛГІ" ЖШС`
		people = append(people, who)
		v.http = v.browser()
		v.registered(who)
		if i == 0 {
			v.http = v.browser()
			v.get("/kk/login")
			if strings.Contains(v.body, `name="representative"`) {
				t.Error("the representative is asked for beforehand")
			}
			v.post("/kk/login", "number", string(bin), "password", peoplePassword)
			v.want(http.StatusOK, "/kk/applications")
		}
	}
	v.http = v.browser()
	v.get("/kk/login")
	v.post("/kk/login", "number", string(bin), "password", peoplePassword)
	v.want(http.StatusUnprocessableEntity, "/kk/login", `name="representative"`)
	v.post("/kk/login", "number", string(bin), "password", peoplePassword, "representative", people[1].IIN)
	v.want(http.StatusOK, "/kk/applications")
}

func TestNextLeadsNowhereElse(t *testing.T) {
	v, who := peoplePortal(t), somebody(t, 500)
	v.registered(who)
	for next, want := range map[string]string{
		"//evil.example/":              "/ru/applications",
		"/\\evil.example/":             "/ru/applications",
		"https://evil.example/ru/":     "/ru/applications",
		"/ru//evil.example/":           "/ru/applications",
		"javascript:alert(1)":          "/ru/applications",
		"/xx/profile":                  "/ru/applications",
		"ru/profile":                   "/ru/applications",
		"/ru/\r\nSet-Cookie: a=b":      "/ru/applications",
		"/ru/profile?find=city":        "/ru/profile?find=city",
		"/kk/profile":                  "/ru/profile", // the reader has changed the language meanwhile
		"/ru/%2f%2fevil.example/":      "/ru/applications",
		"/ru/@evil.example/../profile": "/ru/applications",
	} {
		v.http = v.browser()
		v.get("/ru/login?next=" + url.QueryEscape(next))
		v.post("/ru/login", "number", who.IIN, "password", peoplePassword, "next", next)
		if v.path != want {
			t.Errorf("%q led to %s", next, v.path)
		}
	}
}

func TestFormsNeedTheToken(t *testing.T) {
	v := peoplePortal(t)
	for _, route := range (&Portal{Signing: &signing.Signing{}}).peopleRoutes() {
		path, ok := strings.CutPrefix(route.Pattern, "POST /{lang}")
		if !ok || route.Policy != web.Public {
			continue
		}
		r, err := http.NewRequest(http.MethodPost, v.base+"/kk"+strings.ReplaceAll(path, "{nonce}", "0"), strings.NewReader("number=1&csrf_token=0"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		v.do(r)
		if v.status != http.StatusForbidden {
			t.Errorf("%s: %d", route.Pattern, v.status)
		}
	}
}

func TestCertificateLogin(t *testing.T) {
	v, who := peoplePortal(t), somebody(t, 600)
	v.registered(who)
	v.leave()
	v.get("/kk/login/certificate?next=%2Fkk%2Fprofile")
	v.want(http.StatusOK, "/kk/login/certificate?next=%2Fkk%2Fprofile", "Жүйеге кіру", "NCALayer")
	first := v.payload()
	v.post(v.action(), "cms", string(pem.EncodeToMemory(&pem.Block{Type: "CMS", Bytes: withKeyOf(t, somebody(t, 700), first)})))
	if v.status != http.StatusUnprocessableEntity || !strings.Contains(v.body, "тіркелмеген") {
		t.Fatalf("an unknown holder: %d %s", v.status, v.main())
	}
	if string(v.payload()) != string(first) {
		t.Error("a document that is still open was exchanged")
	}
	v.world.ahead.Add(int64(16 * time.Minute))
	v.post(v.action(), "cms", string(pem.EncodeToMemory(&pem.Block{Type: "CMS", Bytes: withKeyOf(t, who, first)})))
	if v.status != http.StatusUnprocessableEntity || string(v.payload()) == string(first) {
		t.Fatalf("a document whose time is over was not replaced: %d %s", v.status, v.main())
	}
	v.post(v.action(), "cms", string(pem.EncodeToMemory(&pem.Block{Type: "CMS", Bytes: withKeyOf(t, who, v.payload())})))
	v.want(http.StatusOK, "/kk/profile", who.IIN)
}
