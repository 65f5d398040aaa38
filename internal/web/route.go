// Package web is the edge towards browsers: the route table with a policy for each route, sessions, tokens against
// forged requests, headers, error pages. A handler parses, calls one use case and shows; it decides nothing.
package web

import (
	"net/http"

	"elicense/internal/access"
	"elicense/internal/lang"
)

// Policy says who may use a route at all; whether a thing on it is theirs is asked by the use case.
type Policy string

// The policies. The zero value is none: a route without a policy fails the start and the tests.
const (
	Public   Policy = "public"   // anyone
	Person   Policy = "person"   // anyone who is logged in; others are sent to log in
	Callback Policy = "callback" // another system; proves itself by a signature over the body
	Bearer   Policy = "bearer"   // a program without cookies; the unguessable end of the address is its right
	Ops      Policy = "ops"      // health and metrics: no cookies, no page
	Static   Policy = "static"   // anyone, known or not: cookies are neither asked nor set
)

// Route is one line of the route table.
type Route struct {
	// Pattern in the form of net/http, e.g. "GET /{lang}/applications/{number}".
	Pattern string
	Policy  Policy
	Handle  Handler
	// Body is the greatest body accepted, in bytes; 0 means MaxForm.
	Body int64
	// PerMinute limits the requests of one account, or of one address where nobody is logged in; 0 = no limit of its own.
	PerMinute int
	// Keep says that the fields of this form may be kept while the person logs in again; GET on the same address shows them
	// (Request.Kept). It is for forms that a person types, without files, passwords and signatures.
	Keep bool
	// Entrance marks the forms that log somebody in: sent twice, the second one leads to the page at its own address.
	Entrance bool
	// Page names the page for the browser checks: every GET route that shows a page has one, so that a new page without
	// its checks is found. Routes that give data, files or redirects have none.
	Page string
}

// MaxForm bounds the body of an ordinary form, in bytes.
const MaxForm = 1 << 20

// Handler answers one request; an error becomes an error page in the reader's language.
type Handler func(w http.ResponseWriter, r *Request) error

// Who is logged in.
type Who struct {
	Account string
	Name    string // of the person, or of the organisation
	For     string // the person, when Name is an organisation
}

// Request is a request with what every page needs.
type Request struct {
	*http.Request
	Lang   lang.Lang
	Say    *lang.Printer
	Actor  access.Actor
	Who    Who
	ID     string // names the request in logs and on error pages
	back   string // where a reader whose form could not be taken goes on; empty = nowhere
	server *Server
}

// Link gives an address of this portal in the reader's language: Link("/login") is "/kk/login".
func (r *Request) Link(path string) string { return "/" + string(r.Lang) + path }

// In gives the present address in another language.
func (r *Request) In(l lang.Lang) string {
	path := "/" + string(l) + "/"
	if rest := r.URL.Path; len(rest) > 3 {
		path = "/" + string(l) + rest[3:]
	}
	if q := r.URL.RawQuery; q != "" && r.Method == http.MethodGet {
		path += "?" + q
	}
	return path
}
