// Command gallery serves one page of every component of internal/web/page, in three languages and under the portals'
// content policy, so that the components are tested and looked at without a database behind them.
//
//	go run ./e2e/gallery -listen 127.0.0.1:8099
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"elicense/internal/lang"
	"elicense/internal/web/assets"
	"elicense/internal/web/page"
	"elicense/locales"
)

// policy is the content policy under which the portals work.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; " +
	"connect-src 'self' wss://127.0.0.1:13579; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; " +
	"require-trusted-types-for 'script'; trusted-types 'none'"

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "address to listen on")
	flag.Parse()
	if err := run(*listen); err != nil {
		log.Fatal(err)
	}
}

func run(listen string) error {
	set, err := assets.Load()
	if err != nil {
		return err
	}
	catalogue, err := lang.Load(locales.Files)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	fmt.Printf("http://%s\n", l.Addr())
	return http.Serve(l, secured(handler(set, catalogue)))
}

func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		next.ServeHTTP(w, r)
	})
}

func handler(set *assets.Set, catalogue *lang.Catalogue) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET "+assets.Prefix, set)
	mux.HandleFunc("GET /lookup", lookup)
	mux.HandleFunc("POST /autosave", autosave)
	mux.HandleFunc("POST /stay", func(w http.ResponseWriter, r *http.Request) { answer(w, 200, map[string]any{"seconds": 1800}) })
	for _, l := range lang.All() {
		say := catalogue.In(l)
		g := &gallery{lang: l, words: page.NewWords(func(key string) string { return say.T(key) }), set: set}
		for name, show := range g.pages() {
			mux.HandleFunc("/"+string(l)+"/"+name, func(w http.ResponseWriter, r *http.Request) {
				chrome, body := show(r)
				g.fill(chrome, name)
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				if err := page.Layout(chrome, body).Render(r.Context(), w); err != nil {
					log.Print(err)
				}
			})
		}
	}
	return mux
}

type gallery struct {
	lang  lang.Lang
	words *page.Words
	set   *assets.Set
}

// say picks the text of the page's language.
func (g *gallery) say(kk, ru, en string) string {
	return lang.Text{KK: kk, RU: ru, EN: en}.Get(g.lang)
}

type shown func(r *http.Request) (*page.Chrome, templ.Component)

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// autosave answers as the portal does; a text with "conflict" or "broken" in it gives the other answers.
func autosave(w http.ResponseWriter, r *http.Request) {
	switch text := r.FormValue("street"); {
	case strings.Contains(text, "conflict"):
		answer(w, 409, map[string]any{"message": "Changed elsewhere at 14:04.", "href": "/en/form"})
	case strings.Contains(text, "broken"):
		answer(w, 503, map[string]any{})
	default:
		answer(w, 200, map[string]any{"version": "8", "message": "Saved 14:05"})
	}
}

func lookup(w http.ResponseWriter, r *http.Request) {
	q := strings.ToLower(r.FormValue("q"))
	items := []map[string]string{}
	for _, g := range goods {
		if strings.Contains(strings.ToLower(g[0]+" "+g[1]), q) {
			items = append(items, map[string]string{"code": g[0], "name": g[1], "note": g[0]})
		}
	}
	answer(w, 200, map[string]any{"items": items, "message": fmt.Sprintf("%d", len(items))})
}
