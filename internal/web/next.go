package web

import (
	"net/http"
	"net/url"
	"strings"

	"elicense/internal/lang"
)

// NameNext is the field, or the part of the address, with the page to go to after the log-in.
const NameNext = "next"

// Next gives the page that a visitor wanted before logging in: an address of this portal only, in the language in
// which the visitor reads now; empty for anything else.
func (r *Request) Next() string {
	next := r.URL.Query().Get(NameNext)
	if r.Method == http.MethodPost && r.PostForm.Has(NameNext) {
		next = r.PostForm.Get(NameNext)
	}
	if len(next) > 2000 || strings.ContainsFunc(next, func(c rune) bool { return c < 0x21 || c == '\\' || c == 0x7f }) {
		return ""
	}
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" || strings.HasPrefix(next, "//") {
		return ""
	}
	language, rest, ok := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	if l, known := lang.Parse(language); !ok || !known || string(l) != language || !strings.HasPrefix(u.Path, "/"+language+"/") {
		return ""
	}
	if u.RawPath != "" || strings.Contains(u.Path, "//") || strings.Contains(rest, "..") {
		return ""
	}
	out := url.URL{Path: r.Link("/" + rest), RawQuery: u.RawQuery}
	return out.String()
}
