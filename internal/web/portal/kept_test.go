package portal

import (
	"context"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"elicense/internal/access"
	"elicense/internal/fault"
	"elicense/internal/web"
)

// ended ends the session of the browser without its doing, as time does: the cookie stays, and is worth nothing.
func (j *journey) ended() {
	j.t.Helper()
	resume := j.Server.Resume
	j.Server.Resume = func(context.Context, string, string, string) (web.Who, access.Actor, error) {
		return web.Who{}, access.Nobody(), fault.New(fault.Unauthenticated, "fault.login")
	}
	j.get("/kk/guide", http.StatusOK)
	j.Server.Resume = resume
}

// again logs an account in with the browser as it is.
func (j *journey) again(account string) {
	j.t.Helper()
	j.get("/kk/door/"+account, http.StatusSeeOther)
}

// late posts a page of the wizard with the token and version of a page that was shown before.
func (j *journey) late(path, shown string, values url.Values, status int) (string, *http.Response) {
	j.t.Helper()
	values = copied(values)
	values.Set("csrf_token", hidden(j.t, shown, "csrf_token"))
	if strings.Contains(shown, `name="version"`) {
		values.Set("version", hidden(j.t, shown, "version"))
	}
	req, err := http.NewRequestWithContext(j.t.Context(), http.MethodPost, j.url+path, strings.NewReader(values.Encode()))
	must(j.t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := j.http.Do(req)
	must(j.t, err)
	return j.read(resp, path, status)
}

func TestWhatWasTypedSurvivesTheEndOfTheSession(t *testing.T) {
	j := openJourney(t)
	j.begin()
	path := j.at("/pages/personal")
	shown := j.get(path, http.StatusOK)
	typed := personal()
	typed.Set("house", "15Ә")
	typed.Set("go", "next")
	j.ended()
	_, resp := j.late(path, shown, typed, http.StatusSeeOther)
	if got := resp.Header.Get("Location"); got != "/kk/login?next="+url.QueryEscape(path) {
		t.Fatalf("went to %s", got)
	}
	for _, c := range resp.Cookies() {
		if c.Name == "session_kept" && (!c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.MaxAge != 3600 || len(c.Value) != 32) {
			t.Errorf("the cookie: %s", c.Raw)
		}
	}
	// The visitor's session may end before the hour is over.
	at, err := url.Parse(j.url)
	must(t, err)
	j.http.Jar.SetCookies(at, []*http.Cookie{{Name: "session", Path: "/", MaxAge: -1}})
	login := j.get(resp.Header.Get("Location"), http.StatusOK)
	j.holds(login, "Жазғандарыңыз жоғалған жоқ", `name="next" value="`+path+`"`)
	j.lacks(login, "15Ә")
	// Another's log-in in this browser sees nothing of it, and takes nothing away.
	j.again("beta")
	j.lacks(j.get(path, http.StatusNotFound), "15Ә")
	j.again("alpha")
	back := j.get(path, http.StatusOK)
	j.holds(back, `value="15Ә"`, "бірақ сақталмаған", "Мәңгілік Ел")
	j.lacks(back, "data-autosave=") // the script saves nothing by itself
	if a, err := j.Filing.Open(t.Context(), access.Actor{Role: access.Applicant, Account: "alpha", Party: "party-alpha"}, j.number); err != nil || a.Application.Answers["house"] != "" {
		t.Errorf("it was stored before the button was pressed: %q, %v", a.Application.Answers["house"], err)
	}
	j.lacks(j.get(path, http.StatusOK), "15Ә") // once only
	j.late(path, back, typed, http.StatusSeeOther)
	j.holds(j.get(path, http.StatusOK), `value="15Ә"`)
}

func TestKeptFormsAreBounded(t *testing.T) {
	j := openJourney(t)
	j.begin()
	path := j.at("/pages/personal")
	shown := j.get(path, http.StatusOK)
	typed := personal()
	typed.Set("house", "15Ә")
	refused := func(name string, change func(values url.Values), token string) {
		t.Helper()
		values := copied(typed)
		change(values)
		page := shown
		if token != "" {
			page = strings.ReplaceAll(shown, hidden(t, shown, "csrf_token"), token)
		}
		body, _ := j.late(path, page, values, http.StatusUnauthorized)
		j.holds(body, `href="/kk/login">Жүйеге кіру`)
		j.again("alpha")
		j.lacks(j.get(path, http.StatusOK), "15Ә", "бірақ сақталмаған")
		j.ended()
	}
	j.ended()
	refused("too large", func(v url.Values) { v.Set("street_kk", strings.Repeat("а", 70_000)) }, "")
	refused("a token nobody was given", func(url.Values) {}, strings.Repeat("0", 128))
	visitor := hidden(t, j.get("/kk/login", http.StatusOK), "csrf_token")
	refused("a visitor's token", func(url.Values) {}, visitor)
	// After an hour it is gone.
	j.late(path, shown, typed, http.StatusSeeOther)
	j.world.now = j.world.now.Add(web.KeptFor)
	j.again("alpha")
	j.lacks(j.get(path, http.StatusOK), "15Ә")
}

// A second window whose page is from before the log-in: the form is not lost either, and is not taken without a good token.
func TestFormOfAnEarlierSessionIsShownAgain(t *testing.T) {
	j := openJourney(t)
	j.begin()
	path := j.at("/pages/personal") + "?from=check"
	shown := j.get(path, http.StatusOK)
	j.again("alpha")
	typed := personal()
	typed.Set("house", "15Ә")
	_, resp := j.late(path, shown, typed, http.StatusSeeOther)
	if resp.Header.Get("Location") != path {
		t.Fatalf("went to %s", resp.Header.Get("Location"))
	}
	j.holds(j.get(path, http.StatusOK), `value="15Ә"`, "бірақ сақталмаған", "Сақтап, тексеруге оралу")
	// Somebody else's form is refused as before.
	j.again("beta")
	j.late(path, shown, typed, http.StatusForbidden)
}

func TestKeptChoicesOfOtherForms(t *testing.T) {
	j := openJourney(t)
	order := "/kk/services/trade-licence/order"
	shown := j.get(order, http.StatusOK)
	profile := j.get("/kk/profile", http.StatusOK)
	j.ended()
	j.late(order, shown, url.Values{"subtype": {"export"}, "body": {"mti"}}, http.StatusSeeOther)
	j.late("/kk/profile", profile, url.Values{"email": {"kept@example.kz"}, "phone": {"8 701 1"}, "lang": {"ru"}, "house": {"77Ә"}, "password": {"never"}}, http.StatusSeeOther)
	j.again("alpha")
	j.holds(j.get(order, http.StatusOK), `name="subtype" value="export"`, "бірақ сақталмаған")
	back := html.UnescapeString(j.get("/kk/profile", http.StatusOK))
	j.holds(back, "kept@example.kz", "8 701 1", "77Ә", "бірақ сақталмаған")
	j.lacks(back, "never")
	if hidden(t, back, "version") != hidden(t, profile, "version") {
		t.Error("the profile came back on another version than it was typed on")
	}
	j.world.now = j.world.now.Add(time.Minute)
	j.lacks(j.get("/kk/profile", http.StatusOK), "kept@example.kz")
}
