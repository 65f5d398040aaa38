package app_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"elicense/internal/testkit/site"
	"elicense/internal/web"
	"elicense/internal/web/signer"
)

// bundle is a signer whose program does nothing: what the server does with it is the same.
func bundle(t *testing.T) *signer.Bundle {
	t.Helper()
	tree := fstest.MapFS{}
	for _, name := range []string{"files/frame.js", "files/worker.js", "files/frame.css", "built/wasm_exec.js", "built/signer.wasm.br", "built/signer.wasm.gz"} {
		tree[name] = &fstest.MapFile{Data: []byte(name)}
	}
	b, err := signer.LoadFrom(tree)
	must(t, err)
	return b
}

// Every route of the signer as everybody: the same answer, no cookie, nothing of the owner.
func TestSignerKnowsNobody(t *testing.T) {
	m := openMatrix(t)
	s := openSite(t, site.Options{Signer: bundle(t)})
	server, handler, err := s.App.Signer()
	must(t, err)
	asked := 0
	for _, route := range server.Routes {
		if route.Policy != web.Static {
			t.Errorf("%s is %s", route.Pattern, route.Policy)
		}
		_, pattern, _ := strings.Cut(route.Pattern, " ")
		for _, path := range []string{"kk", "ru", "en"} {
			path = strings.NewReplacer("{lang}", path, "{$}", "", "{version}", "x", "{name}", "worker.js").Replace(pattern)
			first := ""
			for _, p := range m.principals {
				for _, method := range []string{http.MethodGet, http.MethodPost} {
					r := httptest.NewRequest(method, path, nil)
					for name, value := range p.enter().Cookies {
						r.AddCookie(&http.Cookie{Name: name, Value: value})
					}
					w := httptest.NewRecorder()
					handler.ServeHTTP(w, r)
					asked++
					got := anyID.ReplaceAllString(w.Body.String(), "ID")
					if w.Header().Get("Set-Cookie") != "" || strings.Contains(got, canary) || w.Header().Get(web.HeaderPolicy) == "" {
						t.Errorf("%s %s as %s: %v", method, path, p.name, w.Header())
					}
					switch {
					case method == http.MethodPost && w.Code < 400:
						t.Errorf("POST %s as %s: %d", path, p.name, w.Code)
					case method == http.MethodGet && first == "":
						first = got
					case method == http.MethodGet && got != first:
						t.Errorf("%s as %s: another answer", path, p.name)
					}
				}
			}
		}
	}
	t.Logf("routes=%d people=%d combinations=%d", len(server.Routes), len(m.principals), asked)
	if asked < 50 {
		t.Errorf("only %d combinations", asked)
	}
}

// The signing page, and no other, may show the signer in a frame; where an installation has none, nothing is said of it.
func TestSignerIsOnSigningPagesOnly(t *testing.T) {
	for name, b := range map[string]*signer.Bundle{"with": bundle(t), "without": nil} {
		s := openSite(t, site.Options{Signer: b})
		owner := s.Organisation(1)
		browser, number := s.LogIn(owner), owner.Complete(nil)
		for path, signing := range map[string]bool{
			"/kk/applications/" + number + "/sign": true, "/kk/applications/" + number + "/check": false, "/kk/": false, "/kk/profile": false,
		} {
			a := browser.Get(path)
			want := signing && b != nil
			frames := strings.Contains(a.Header.Get(web.HeaderPolicy), "; frame-src http://127.0.0.1:8083")
			if a.Status != http.StatusOK || frames != want || strings.Contains(a.Body, "data-signer=") != want || strings.Contains(a.Body, "signer-frame.") != want {
				t.Errorf("%s signer, %s: %d, frames %v", name, path, a.Status, frames)
			}
		}
		if _, _, err := s.App.Signer(); (err == nil) != (b != nil) {
			t.Errorf("%s signer: %v", name, err)
		}
	}
}
