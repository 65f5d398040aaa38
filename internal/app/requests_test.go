package app_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"elicense/internal/testkit/site"
	"elicense/internal/web"
)

// posts gives the address of every route that changes something, filled in with a person's own things.
func posts(t *testing.T, s *site.Site, a *site.Applicant, number string) map[string]bool {
	t.Helper()
	fill := strings.NewReplacer("{lang}", "kk", "{number}", number, "{page}", "trade", "{id}", a.Document.ID, "{nonce}", strings.Repeat("a", 32), "{bundle}", "medical-facility")
	all := map[string]bool{}
	for _, route := range s.Server.Routes {
		method, path, _ := strings.Cut(route.Pattern, " ")
		if method == http.MethodGet || route.Policy == web.Callback || route.Policy == web.Bearer {
			continue
		}
		key := "trade-licence"
		if strings.Contains(path, "/documents/{key}") {
			key = "contract"
		}
		path = strings.ReplaceAll(fill.Replace(path), "{key}", key)
		if strings.Contains(path, "{") {
			t.Fatalf("%s: teach the test its wildcards", route.Pattern)
		}
		all[path] = strings.HasSuffix(path, "/upload") || strings.HasSuffix(path, "/check/file")
	}
	if len(all) < 20 {
		t.Fatalf("only %d routes change something", len(all))
	}
	return all
}

// S-04: no route takes a POST that another site sent, or that brings no token of this session.
func TestForgedRequestsAreRefused(t *testing.T) {
	s := openSite(t, site.Options{})
	a, other := s.Organisation(1), s.Organisation(2)
	number := a.Complete(nil)
	before := s.Application(number)
	foreign := s.LogIn(other).Token
	forgeries := map[string]func(r *http.Request){
		"from another site": func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		"from a neighbour":  func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") },
		"foreign origin": func(r *http.Request) {
			r.Header.Del("Sec-Fetch-Site")
			r.Header.Set("Origin", "https://elicense.example")
		},
		"null origin":          func(r *http.Request) { r.Header.Del("Sec-Fetch-Site"); r.Header.Set("Origin", "null") },
		"our host, other port": func(r *http.Request) { r.Header.Del("Sec-Fetch-Site"); r.Header.Set("Origin", "http://127.0.0.1:9999") },
	}
	without := func(r *http.Request) { r.Header.Del("Sec-Fetch-Site"); r.Header.Del("Origin") }
	asked := 0
	for path, upload := range posts(t, s, a, number) {
		send := func(name, token string, change func(r *http.Request)) site.Answer {
			b := s.LogIn(a)
			if token != "own" {
				b.Token = token
			}
			var r *http.Request
			if upload {
				r = b.Upload(path, nil, "contract.pdf", site.Contract())
			} else {
				r = b.Form(path, url.Values{"csrf_token": {b.Token}, "go": {"next"}})
			}
			change(r)
			asked++
			answer := b.Send(r)
			if name != "" && answer.Status != http.StatusForbidden {
				t.Errorf("%s, %s: status %d", path, name, answer.Status)
			}
			return answer
		}
		for name, change := range forgeries {
			send(name, "own", change)
		}
		nothing := func(*http.Request) {}
		send("no header and no token", "none", func(r *http.Request) { without(r); strip(r) })
		send("no header, wrong token", strings.Repeat("0", 32), without)
		send("another's token", foreign, nothing)
		send("our origin, no token", "none", strip)
	}
	t.Logf("forged requests: %d", asked)
	if after := s.Application(number); after.Version != before.Version || after.State != before.State {
		t.Error("a forged request had an effect")
	}
	// The control: the same requests with the session's own token pass, also without any header.
	for path, upload := range posts(t, s, a, number) {
		if strings.HasSuffix(path, "/delete") {
			continue
		}
		b := s.LogIn(a)
		r := b.Form(path, url.Values{"go": {"next"}})
		if upload {
			r = b.Upload(path, nil, "contract.pdf", site.Contract())
		}
		without(r)
		if got := b.Send(r); got.Status == http.StatusForbidden {
			t.Errorf("%s with its token: status %d", path, got.Status)
		}
	}
}

// strip takes the token out of a request.
func strip(r *http.Request) {
	r.URL.RawQuery, r.RequestURI = "", r.URL.Path
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		r.Body = io.NopCloser(strings.NewReader("go=next"))
		r.ContentLength = 7
	}
}

// A token in the address counts for uploads only: elsewhere addresses end up in histories and logs.
func TestTokenInTheAddressIsForUploadsOnly(t *testing.T) {
	s := openSite(t, site.Options{})
	b := s.LogIn(s.Organisation(1))
	r := b.Request(http.MethodPost, "/kk/logout?csrf_token="+b.Token, "application/x-www-form-urlencoded", strings.NewReader("a=b"))
	if got := b.Send(r); got.Status != http.StatusForbidden {
		t.Errorf("status %d", got.Status)
	}
}

// everyAnswer collects answers of every kind: each page, files, redirects, errors.
func everyAnswer(t *testing.T, s *site.Site) map[string]site.Answer {
	t.Helper()
	a := s.Organisation(1)
	sent, err := a.Send(a.Complete(nil))
	must(t, err)
	draft := a.Complete(nil)
	answers := map[string]site.Answer{}
	for _, person := range []string{"visitor", "owner"} {
		for _, route := range s.Server.Routes {
			method, path, _ := strings.Cut(route.Pattern, " ")
			if method != http.MethodGet {
				continue
			}
			number := draft
			if strings.Contains(path, "/permits/") || strings.Contains(path, "/check/") || strings.Contains(path, "{short}") {
				number = sent.Permit
			}
			key := "trade-licence"
			for part, value := range map[string]string{"/documents/{key}": "contract", "/bodies/{key}": "mti", "/spheres/{key}": "export-import"} {
				if strings.Contains(path, part) {
					key = value
				}
			}
			path = strings.NewReplacer("{lang}", "ru", "{$}", "", "{number}", number, "{page}", "trade", "{id}", a.Document.ID, "{nonce}", "none", "{key}", key,
				"{doclang}", "ru", "{code}", "none", "{short}", "c", "{service}", "trade-licence", "{field}", "goods_code").Replace(path)
			b := s.Visitor()
			if person == "owner" {
				b = s.LogIn(a)
			}
			answers[person+" GET "+path] = b.Get(path)
			answers[person+" HEAD "+path] = b.Send(b.Request(http.MethodHead, path, "", nil))
		}
	}
	b := s.LogIn(a)
	asset := regexp.MustCompile(`(?:href|src)="(/assets/[^"]+|/static/[^"]+)"`).FindStringSubmatch(b.Get("/kk/").Body)
	if asset == nil {
		t.Fatal("no asset on the home page")
	}
	big := b.Request(http.MethodPost, "/kk/login", "application/x-www-form-urlencoded", io.LimitReader(endless{}, 2<<20))
	big.ContentLength = 2 << 20
	more := map[string]*http.Request{
		"asset": b.Request("GET", asset[1], "", nil), "no asset": b.Request("GET", asset[1]+"x", "", nil), "root": b.Request("GET", "/", "", nil), "old address": b.Request("GET", "/kz/guide", "", nil),
		"404": b.Request("GET", "/kk/nothing/here/at/all", "", nil), "unknown language": b.Request("GET", "/xx/guide", "", nil), "bad escape": b.Request("GET", "/kk/%2e%2e/etc", "", nil),
		"unclean path": b.Request("GET", "/kk//guide", "", nil), "POST to a page": b.Request("POST", "/kk/guide", "", nil), "PUT": b.Request("PUT", "/kk/guide", "", nil),
		"TRACE": b.Request("TRACE", "/kk/", "", nil), "POST to an asset": b.Request("POST", asset[1], "", nil), "no token": b.Request("POST", "/kk/login", "", nil), "413": big,
		"forged callback": b.Request("POST", "/callbacks/payment", "application/json", strings.NewReader("{}")), "422": b.Form("/kk/register", url.Values{"number": {"1"}}),
		"303": b.Form("/kk/profile/password", nil), "panic": b.Request("GET", "/kk/test/panic", "", nil), "error": b.Request("GET", "/kk/test/error", "", nil),
	}
	for name, r := range more {
		answers[name] = b.Send(r)
	}
	return answers
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return copy(p, bytes.Repeat([]byte("a"), len(p))), nil }

// broken are routes that fail.
func broken() []web.Route {
	return []web.Route{
		{Pattern: "GET /{lang}/test/panic", Policy: web.Public, Handle: func(http.ResponseWriter, *web.Request) error { panic("a fault of ours") }},
		{Pattern: "GET /{lang}/test/error", Policy: web.Public, Handle: func(http.ResponseWriter, *web.Request) error { return fmt.Errorf("secret text of an error") }},
	}
}

// wrongHeaders says what an answer lacks; personal tells that it was made for a logged-in person.
func wrongHeaders(a site.Answer, secure, personal, asset bool) []string {
	var wrong []string
	want := map[string]string{
		"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin", "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
	}
	if secure {
		want["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
	} else {
		want["Strict-Transport-Security"] = ""
	}
	for name, value := range want {
		if got := a.Header.Values(name); value == "" && len(got) > 0 || value != "" && (len(got) != 1 || got[0] != value) {
			wrong = append(wrong, fmt.Sprintf("%s: %q", name, got))
		}
	}
	policy := a.Header.Get("Content-Security-Policy")
	page := strings.Contains(policy, "frame-ancestors 'none'") && strings.Contains(policy, "base-uri 'none'") && strings.Contains(policy, "require-trusted-types-for 'script'") &&
		strings.Contains(policy, "script-src 'self'") && strings.Contains(policy, "form-action 'self' https://pay.example")
	file := strings.Contains(policy, "sandbox") && a.Header.Get("Content-Disposition") != ""
	if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") || !page && !file {
		wrong = append(wrong, "Content-Security-Policy: "+policy)
	}
	if cache := a.Header.Get("Cache-Control"); personal && !asset && cache != "no-store" || cache == "" {
		wrong = append(wrong, "Cache-Control: "+cache)
	}
	if strings.Contains(a.Body, "a fault of ours") || strings.Contains(a.Body, "secret text") || strings.Contains(a.Body, ".go:") {
		wrong = append(wrong, "tells about our inside")
	}
	return wrong
}

// S-20: every answer carries the headers, also redirects, errors, files and what no route answers.
func TestEveryAnswerCarriesTheHeaders(t *testing.T) {
	for origin, secure := range map[string]bool{"http://127.0.0.1:8080": false, "https://elicense.example": true} {
		s := openSite(t, site.Options{Origin: origin, Routes: broken()})
		seen := map[int]int{}
		for name, a := range everyAnswer(t, s) {
			seen[a.Status]++
			personal := !strings.HasPrefix(name, "visitor") && !strings.HasSuffix(name, "z") && name != "root" && name != "old address"
			for _, w := range wrongHeaders(a, secure, personal, name == "asset") {
				t.Errorf("%s, %s (%d): %s", origin, name, a.Status, w)
			}
		}
		t.Logf("%s: answers by status %v", origin, seen)
		for _, status := range []int{200, 301, 303, 403, 404, 413, 422, 500} {
			if seen[status] == 0 {
				t.Errorf("no answer with status %d was looked at", status)
			}
		}
	}
}

// The control: an answer that goes around the server's handler is noticed.
func TestMissingHeadersAreNoticed(t *testing.T) {
	w := httptest.NewRecorder()
	http.NotFound(w, httptest.NewRequest(http.MethodGet, "/", nil))
	if wrong := wrongHeaders(site.Answer{Status: w.Code, Header: w.Header()}, true, true, false); len(wrong) < 7 {
		t.Errorf("noticed only %v", wrong)
	}
}
