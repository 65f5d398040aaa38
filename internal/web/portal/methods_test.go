package portal

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// ask sends a request without a body and without a token.
func (j *journey) ask(method, path string, status int) (string, *http.Response) {
	j.t.Helper()
	req, err := http.NewRequestWithContext(j.t.Context(), method, j.url+path, nil)
	must(j.t, err)
	req.AddCookie(&http.Cookie{Name: "lang", Value: "en"})
	resp, err := j.http.Do(req)
	must(j.t, err)
	return j.read(resp, method+" "+path, status)
}

func TestWrongMethods(t *testing.T) {
	j := openJourney(t)
	for _, c := range []struct{ method, path, allow, words string }{
		{"PUT", "/kk/profile", "GET, HEAD, POST", "сұрауды қабылдамайды"},
		{"DELETE", "/ru/applications/KZ98RTL00000001/pages/personal", "GET, HEAD, POST", "не принимает запросы такого вида"},
		{"POST", "/en/applications", "GET, HEAD", "does not take requests of this kind"},
		{"GET", "/kk/logout", "POST", "сұрауды қабылдамайды"},
		{"HEAD", "/kk/logout", "POST", ""},
		{"OPTIONS", "/kk/applications", "GET, HEAD", "сұрауды қабылдамайды"},
		{"GET", "/callbacks/payment", "POST", "does not take"},
		{"POST", "/", "GET, HEAD", "does not take"},
		{"POST", j.Server.Assets.Href("style.css"), "GET, HEAD", "does not take"},
	} {
		body, resp := j.ask(c.method, c.path, http.StatusMethodNotAllowed)
		if got := resp.Header.Get("Allow"); got != c.allow {
			t.Errorf("%s %s: Allow %q, want %q", c.method, c.path, got, c.allow)
		}
		j.holds(body, c.words)
	}
	j.holds(j.get("/ru/nothing/here", http.StatusNotFound), "Страница не найдена") // an address that the short one of permits takes
	for _, method := range []string{"GET", "POST", "PUT", "DELETE"} {
		body, resp := j.ask(method, "/ru/nothing/here/at/all", http.StatusNotFound)
		j.holds(body, "Страница не найдена")
		if resp.Header.Get("Allow") != "" {
			t.Errorf("%s: Allow %q", method, resp.Header.Get("Allow"))
		}
	}
}

func TestHeadIsAnsweredAsGet(t *testing.T) {
	j := openJourney(t)
	j.visitor()
	for _, path := range []string{"/kk/applications", "/kk/profile", "/ru/documents?x=1", "/kk/guide", "/kk/nothing"} {
		resp, err := j.http.Get(j.url + path)
		must(t, err)
		must(t, resp.Body.Close())
		_, head := j.ask("HEAD", path, resp.StatusCode)
		if head.Header.Get("Location") != resp.Header.Get("Location") {
			t.Errorf("%s: GET leads to %q, HEAD to %q", path, resp.Header.Get("Location"), head.Header.Get("Location"))
		}
	}
}

// repeat sends a form once more as a second click does: with the token of the page, and the cookies of then or of now.
func (v *visit) repeat(jar http.CookieJar, path, token string, pairs ...string) {
	v.t.Helper()
	form := url.Values{"csrf_token": {token}}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	r, err := http.NewRequest(http.MethodPost, v.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if jar != nil { // the request left before the first answer came; the browser follows the answer with what it has now
		now := v.http
		v.http = &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		v.do(r)
		v.http = now
		if v.status != http.StatusSeeOther || v.header.Get("Set-Cookie") != "" {
			v.t.Fatalf("%s again: %d, cookie %q", path, v.status, v.header.Get("Set-Cookie"))
		}
		v.get(v.header.Get("Location"))
		return
	}
	v.do(r)
}

// old keeps the cookies of a browser as they are.
func (v *visit) old() http.CookieJar {
	at, err := url.Parse(v.base)
	if err != nil {
		v.t.Fatal(err)
	}
	jar := v.browser().Jar
	jar.SetCookies(at, v.http.Jar.Cookies(at))
	return jar
}

func TestSecondClickOnLogInLeadsOn(t *testing.T) {
	v, who := peoplePortal(t), somebody(t, 2500)
	v.register(who)
	page, token, jar := v.path, v.token(), v.old()
	signed := base64.StdEncoding.EncodeToString(withKeyOf(t, who, v.payload()))
	v.post(v.action(), "cms", signed)
	v.want(http.StatusOK, "/kk/applications")
	v.repeat(nil, page, token, "cms", signed)
	v.want(http.StatusOK, "/kk/applications")
	v.repeat(jar, page, token, "cms", signed)
	v.want(http.StatusOK, "/kk/applications")

	fill := []string{"number", who.IIN, "password", peoplePassword, "next", "/kk/profile"}
	v.http = v.browser()
	v.get("/kk/login?next=%2Fkk%2Fprofile")
	token, jar = v.token(), v.old()
	v.post("/kk/login", fill...)
	v.want(http.StatusOK, "/kk/profile")
	v.repeat(nil, "/kk/login", token, fill...)
	v.want(http.StatusOK, "/kk/profile")
	v.repeat(jar, "/kk/login", token, fill...)
	v.want(http.StatusOK, "/kk/profile")

	v.http = v.browser()
	v.get("/kk/login/certificate?next=%2Fkk%2Fprofile")
	token, jar = v.token(), v.old()
	action, cms := v.action(), base64.StdEncoding.EncodeToString(withKeyOf(t, who, v.payload()))
	v.post(action, "cms", cms)
	v.want(http.StatusOK, "/kk/profile")
	v.repeat(nil, action, token, "cms", cms)
	v.want(http.StatusOK, "/kk/profile")
	v.repeat(jar, action, token, "cms", cms)
	v.want(http.StatusOK, "/kk/profile")

	// A log-in form that lay open for too long is shown again; a forged one is refused.
	late := v.other()
	late.get("/kk/login")
	token = late.token()
	late.http = late.browser()
	late.repeat(nil, "/kk/login", token, "number", who.IIN, "password", peoplePassword)
	late.want(http.StatusOK, "/kk/login?again=1", "Нысанның мерзімі өткен")
	late.repeat(nil, "/kk/login", strings.Repeat("0", 56), "number", who.IIN, "password", peoplePassword)
	if late.status != http.StatusForbidden {
		t.Errorf("a forged token: %d", late.status)
	}
}
