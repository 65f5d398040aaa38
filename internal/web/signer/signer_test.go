package signer

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"elicense/internal/lang"
	"elicense/internal/web"
	"elicense/internal/web/assets"
	"elicense/locales"
)

// maxPacked is what a browser loads for the program, in bytes: with brotli, which all of today's know over https, and with gzip.
const (
	maxBrotli = 1_300_000
	maxGzip   = 1_700_000
)

const origin, portal = "https://sign.elicense.example", "https://elicense.example"

var program = []byte("\x00asm, for the tests")

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// tree is the folders with a program of the tests' own.
func tree(t *testing.T) fstest.MapFS {
	t.Helper()
	all := fstest.MapFS{}
	for _, name := range must(fs.Glob(os.DirFS("."), "files/*")) {
		all[name] = &fstest.MapFile{Data: must(os.ReadFile(name))}
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	must(w.Write(program))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	all["built/wasm_exec.js"] = &fstest.MapFile{Data: []byte("globalThis.Go = class {};")}
	all["built/signer.wasm.gz"] = &fstest.MapFile{Data: packed.Bytes()}
	all["built/signer.wasm.br"] = &fstest.MapFile{Data: []byte("brotli")}
	return all
}

// serve gives the handler of the whole origin.
func serve(t *testing.T) (*Signer, http.Handler) {
	t.Helper()
	texts, set := must(lang.Load(locales.Files)), must(assets.Load())
	server := &web.Server{
		Texts: texts, Assets: set.Only(assets.Style), Log: slog.New(slog.DiscardHandler), Policy: Policy, Secure: true, NewID: func() string { return "id" },
		Random: func(n int) []byte { return make([]byte, n) }, Now: func() time.Time { return time.Unix(0, 0) },
	}
	s := &Signer{Server: server, Origin: origin, Portal: portal, Bundle: must(LoadFrom(tree(t)))}
	server.Chrome, server.Routes = s.Chrome, s.Routes()
	return s, must(server.Handler())
}

func ask(h http.Handler, method, path string, header ...string) *http.Response {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(r *http.Response) string { return string(must(io.ReadAll(r.Body))) }

// directives takes a policy apart.
func directives(policy string) map[string]string {
	all := map[string]string{}
	for part := range strings.SplitSeq(policy, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), " ")
		all[name] = value
	}
	return all
}

// Page, worker and everything else have each the least that they need.
func TestPolicies(t *testing.T) {
	s, h := serve(t)
	module := s.Bundle.Href(fileModule)
	page := map[string]string{
		"default-src": "'none'", "script-src": "'self' 'wasm-unsafe-eval'", "worker-src": "'self'", "style-src": "'self'", "connect-src": origin + module,
		"form-action": "'none'", "frame-ancestors": portal, "base-uri": "'none'", "require-trusted-types-for": "'script'", "trusted-types": "signer",
	}
	worker := map[string]string{
		"default-src": "'none'", "script-src": "'self' 'wasm-unsafe-eval'", "frame-ancestors": "'none'", "base-uri": "'none'",
		"require-trusted-types-for": "'script'", "trusted-types": "'none'",
	}
	other := directives(Policy)
	for path, want := range map[string]map[string]string{
		"/kk/": page, "/ru/": page, "/en/": page, s.Bundle.Href(fileWorker): worker, s.Bundle.Href(fileFrame): other, module: other, "/kk/nothing": other, "/": other,
	} {
		got := ask(h, "GET", path)
		for name, value := range want {
			if have := directives(got.Header.Get(web.HeaderPolicy)); have[name] != value || len(have) != len(want) {
				t.Errorf("%s: %s %q, want %q", path, name, have[name], value)
			}
		}
	}
	if other["default-src"] != "'none'" || other["frame-ancestors"] != "'none'" || other["form-action"] != "'none'" || other["script-src"] != "" || other["connect-src"] != "" {
		t.Errorf("everything else may do too much: %v", other)
	}
}

// S-20: every answer carries the headers, also errors and files; none sets a cookie, whatever came with the request.
func TestHeadersAndCookies(t *testing.T) {
	s, h := serve(t)
	for _, path := range []string{"/", "/kk/", "/ru/", "/en/", "/de/", "/kk/nothing", "/livez", s.Bundle.Href(fileModule), s.Bundle.Href(fileWorker), s.Bundle.Href("nothing"), s.Server.Assets.Href(assets.Style)} {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT"} {
			r := ask(h, method, path, "Cookie", "elicense=x; __Host-elicense=y; lang=ru", "Origin", portal)
			where := method + " " + path
			for name, want := range map[string]string{
				"X-Content-Type-Options": "nosniff", "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
				"Strict-Transport-Security": "max-age=31536000; includeSubDomains", "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
			} {
				if got := r.Header.Get(name); got != want {
					t.Errorf("%s: %s: %q", where, name, got)
				}
			}
			if r.Header.Get("Set-Cookie") != "" {
				t.Errorf("%s sets a cookie", where)
			}
			if r.Header.Get("Referrer-Policy") == "" || r.Header.Get("Cache-Control") == "" || r.Header.Get(web.HeaderPolicy) == "" {
				t.Errorf("%s lacks a header", where)
			}
			framed := r.StatusCode == http.StatusOK && slices.Contains([]string{"/kk/", "/ru/", "/en/"}, path)
			if denied := r.Header.Get("X-Frame-Options") == "DENY"; denied == framed {
				t.Errorf("%s: may be framed: %v", where, !denied)
			}
			if change := method == "POST" || method == "PUT"; change && r.StatusCode < 400 {
				t.Errorf("%s: %d", where, r.StatusCode)
			}
		}
	}
}

// The answer hangs on the address only, never on who asks.
func TestKnowsNobody(t *testing.T) {
	_, h := serve(t)
	for _, l := range []string{"kk", "ru", "en"} {
		alone, known := ask(h, "GET", "/"+l+"/"), ask(h, "GET", "/"+l+"/", "Cookie", "elicense=x; lang=ru", "Accept-Language", "de")
		text := body(alone)
		if alone.StatusCode != http.StatusOK || body(known) != text || !strings.Contains(text, `<html lang="`+l+`">`) {
			t.Errorf("%s: %d", l, alone.StatusCode)
		}
		for _, word := range []string{"<style", "style=", " on", "javascript:", "name="} {
			for tag := range strings.SplitSeq(text, "<") {
				tag, _, _ = strings.Cut(tag, ">")
				if strings.Contains(tag, word) && !strings.HasPrefix(tag, "meta ") && !strings.Contains(word, tag) {
					t.Errorf("%s: %q in <%s>", l, word, tag)
				}
			}
		}
		if regexp.MustCompile(`<script[^>]*>[^<]`).MatchString(text) {
			t.Errorf("%s: a script in the page", l)
		}
	}
}

// The program is served in the form that the browser takes, at its present address only.
func TestFiles(t *testing.T) {
	s, h := serve(t)
	module := s.Bundle.Href(fileModule)
	for accept, want := range map[string]struct{ encoding, body string }{
		"gzip, deflate, br": {"br", "brotli"}, "br;q=0, gzip": {"gzip", ""}, "gzip": {"gzip", ""}, "": {"", string(program)}, "identity": {"", string(program)}, "zstd, brr": {"", string(program)},
	} {
		r := ask(h, "GET", module, "Accept-Encoding", accept)
		text := body(r)
		if r.StatusCode != 200 || r.Header.Get("Content-Encoding") != want.encoding || want.body != "" && text != want.body {
			t.Errorf("%q: %d %s %q", accept, r.StatusCode, r.Header.Get("Content-Encoding"), text)
		}
		if want.encoding == "gzip" && string(must(io.ReadAll(must(gzip.NewReader(strings.NewReader(text)))))) != string(program) {
			t.Errorf("%q: other bytes", accept)
		}
		if r.Header.Get("Content-Type") != "application/wasm" || !strings.Contains(r.Header.Get("Cache-Control"), "immutable") || r.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q: %v", accept, r.Header)
		}
	}
	for _, path := range []string{strings.Replace(module, s.Bundle.version, "AAAAAAAAAAAA", 1), s.Bundle.Href("README.md"), s.Bundle.Href("digest"), s.Bundle.Href("..%2fsigner.go"), "/files/", "/assets/sign.js"} {
		if r := ask(h, "GET", path); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, r.StatusCode)
		}
	}
	other := tree(t)
	other["built/wasm_exec.js"].Data = []byte("another")
	if must(LoadFrom(other)).version == s.Bundle.version {
		t.Error("the address does not follow the content")
	}
}

// A tree in which make has not run loads nothing and says so.
func TestNotBuilt(t *testing.T) {
	for _, missing := range []string{"built/signer.wasm.br", "built/signer.wasm.gz", "built/wasm_exec.js"} {
		some := tree(t)
		delete(some, missing)
		if _, err := LoadFrom(some); !errors.Is(err, ErrNotBuilt) {
			t.Errorf("without %s: %v", missing, err)
		}
	}
}

// The words of the script exist in every language, and the script names no others.
func TestWords(t *testing.T) {
	texts := must(lang.Load(locales.Files))
	script := string(must(os.ReadFile("files/frame.js")))
	named := regexp.MustCompile(`'(signer\.[a-z0-9-]+)'`).FindAllStringSubmatch(script, -1)
	if len(named) < 10 {
		t.Fatalf("the script names %d texts", len(named))
	}
	for _, m := range named {
		if !slices.Contains(Words(), m[1]) {
			t.Errorf("the page does not give %s to the script", m[1])
		}
	}
	keys := Words()
	for _, m := range regexp.MustCompile(`T\("([a-z.-]+)"\)`).FindAllStringSubmatch(string(must(os.ReadFile("frame.templ"))), -1) {
		keys = append(keys, m[1])
	}
	for _, l := range lang.All() {
		for _, key := range keys {
			if !texts.In(l).Has(key) {
				t.Errorf("%s: no text for %s", l, key)
			}
		}
		for _, key := range texts.In(l).Keys() {
			panel := strings.HasPrefix(key, "signer.panel")
			if strings.HasPrefix(key, "signer.") && !panel && !slices.Contains(keys, key) {
				t.Errorf("%s: nothing says %s", l, key)
			}
		}
	}
}

// The scripts use nothing that makes code or markup out of text, and reach nowhere by themselves.
func TestScripts(t *testing.T) {
	sinks := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|setAttribute\(['"](on|style)|https?://|localStorage|sessionStorage|indexedDB|document\.cookie|postMessage\([^)]*'\*'`)
	fetches := 0
	for _, name := range must(fs.Glob(os.DirFS("files"), "*.js")) {
		text := string(must(os.ReadFile("files/" + name)))
		if m := sinks.FindString(text); m != "" {
			t.Errorf("%s uses %q", name, m)
		}
		fetches += len(regexp.MustCompile(`fetch\(|XMLHttpRequest|sendBeacon|WebSocket|EventSource`).FindAllString(text, -1))
	}
	if fetches != 1 {
		t.Errorf("%d places that fetch: only the program is fetched", fetches)
	}
}

// What `make signer` has made is small enough.
func TestWeight(t *testing.T) {
	b, err := Load()
	if errors.Is(err, ErrNotBuilt) {
		t.Skip("make signer has not run: nothing to measure")
	}
	if err != nil {
		t.Fatal(err)
	}
	module := b.files[fileModule]
	t.Logf("brotli %d, gzip %d", len(module.brotli), len(module.gzip))
	if len(module.brotli) > maxBrotli || len(module.gzip) > maxGzip {
		t.Errorf("brotli %d, at most %d; gzip %d, at most %d", len(module.brotli), maxBrotli, len(module.gzip), maxGzip)
	}
	if bytes.Contains(b.files[fileStart].plain, []byte("eval(")) {
		t.Error("the toolchain's script makes code out of text")
	}
}
