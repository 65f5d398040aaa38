package assets_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"elicense/internal/web/assets"
)

func load(t *testing.T) *assets.Set {
	t.Helper()
	s, err := assets.Load()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func get(s *assets.Set, method, href, accept string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, href, nil)
	r.Header.Set("Accept-Encoding", accept)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func TestEveryNamedFileIsServedForEver(t *testing.T) {
	s := load(t)
	for _, name := range []string{assets.Style, assets.Sprite, assets.Favicon, assets.Autosave, assets.Combobox, assets.Sign, assets.Phone, assets.Session, assets.SignerFrame} {
		href := s.Href(name)
		if !regexp.MustCompile(`^/assets/[a-z-]+\.[A-Za-z0-9_-]{12}\.(css|js|svg)$`).MatchString(href) {
			t.Errorf("%s: address %q", name, href)
		}
		plain, packed := get(s, "GET", href, "identity"), get(s, "GET", href, "br;q=1, gzip")
		if plain.Code != 200 || plain.Body.Len() == 0 {
			t.Fatalf("%s: %d", name, plain.Code)
		}
		if c := plain.Header().Get("Cache-Control"); !strings.Contains(c, "immutable") {
			t.Errorf("%s: Cache-Control %q", name, c)
		}
		zr, err := gzip.NewReader(packed.Body)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		unpacked, err := io.ReadAll(zr)
		if err != nil || string(unpacked) != plain.Body.String() {
			t.Errorf("%s: packed and plain differ (%v)", name, err)
		}
		if w := get(s, "GET", href, "gzip", "If-None-Match", plain.Header().Get("ETag")); w.Code != http.StatusNotModified {
			t.Errorf("%s: revalidation gave %d", name, w.Code)
		}
		if w := get(s, "POST", href, ""); w.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s: POST gave %d", name, w.Code)
		}
	}
	if n := len(s.Names()); n != 9 {
		t.Errorf("%d files embedded, 9 have names", n)
	}
}

func TestOnlySomeFiles(t *testing.T) {
	all := load(t)
	few := all.Only(assets.Style, "nothing.css")
	if len(few.Names()) != 1 || few.Href(assets.Style) != all.Href(assets.Style) {
		t.Errorf("%v", few.Names())
	}
	if got := get(few, "GET", all.Href(assets.Style), ""); got.Code != http.StatusOK {
		t.Errorf("the one that was kept: %d", got.Code)
	}
	if got := get(few, "GET", all.Href(assets.Sign), ""); got.Code != http.StatusNotFound {
		t.Errorf("one that was not: %d", got.Code)
	}
}

func TestOnlyThePresentAddressIsServed(t *testing.T) {
	s := load(t)
	for _, href := range []string{"/assets/style.css", "/assets/style.AAAAAAAAAAAA.css", s.Href("nothing.css"), "/assets/", "/assets/../assets.go"} {
		r := httptest.NewRequest("GET", "/", nil)
		r.URL.Path = href
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", href, w.Code)
		}
	}
}

func TestAddressFollowsContent(t *testing.T) {
	href := func(content string) string {
		s, err := assets.LoadFrom(fstest.MapFS{"a.css": {Data: []byte(content)}})
		if err != nil {
			t.Fatal(err)
		}
		return s.Href("a.css")
	}
	if first, again := href("a{}"), href("a{}"); first == href("b{}") || first != again {
		t.Error("the address must change with the content and only with it")
	}
	if _, err := assets.LoadFrom(fstest.MapFS{"a.exe": {}}); err == nil {
		t.Error("a file of unknown kind was taken")
	}
}

func TestGzipIsNegotiated(t *testing.T) {
	s := load(t)
	for accept, want := range map[string]string{"": "", "identity": "", "gzip": "gzip", "GZIP": "gzip", "br, gzip;q=0.5": "gzip", "gzip; q=0": "", "gzip;q=0.0": "", "xgzip": ""} {
		if got := get(s, "GET", s.Href(assets.Style), accept).Header().Get("Content-Encoding"); got != want {
			t.Errorf("Accept-Encoding %q: %q, want %q", accept, got, want)
		}
	}
}

func TestWeight(t *testing.T) {
	s := load(t)
	size := func(name, accept string) int { return get(s, "GET", s.Href(name), accept).Body.Len() }
	if n := size(assets.Style, ""); n > 15<<10 {
		t.Errorf("style sheet: %d bytes, at most 15 KB", n)
	}
	if n := size(assets.Style, "gzip"); n > 4600 {
		t.Errorf("style sheet packed: %d bytes, at most 4,600", n)
	}
	scripts := 0
	for _, n := range s.Names() {
		if strings.HasSuffix(n, ".js") {
			scripts += size(n, "")
		}
	}
	if scripts > 22<<10 {
		t.Errorf("scripts: %d bytes, at most 22 KB", scripts)
	}
}

func TestScriptsNeedNoDangerousSinks(t *testing.T) {
	s := load(t)
	sinks := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|\.style\b|setAttribute\(['"](on|style)|https?://`)
	for _, n := range s.Names() {
		if !strings.HasSuffix(n, ".js") {
			continue
		}
		if m := sinks.FindString(get(s, "GET", s.Href(n), "").Body.String()); m != "" {
			t.Errorf("%s uses %q", n, m)
		}
	}
	if m := regexp.MustCompile(`@import|url\(|expression`).FindString(get(s, "GET", s.Href(assets.Style), "").Body.String()); m != "" {
		t.Errorf("the style sheet loads something: %q", m)
	}
}
