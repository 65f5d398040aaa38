package web

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"

	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/web/page"
)

// statusOf maps the kinds of faults to HTTP.
func statusOf(k fault.Kind) int {
	switch k {
	case fault.Invalid:
		return http.StatusUnprocessableEntity
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Denied:
		return http.StatusForbidden
	case fault.Unauthenticated:
		return http.StatusUnauthorized
	case fault.Conflict:
		return http.StatusConflict
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.Throttled:
		return http.StatusTooManyRequests
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	case fault.Gone:
		return http.StatusGone
	}
	return http.StatusInternalServerError
}

// StatusOf gives the status of an error.
func StatusOf(err error) int { return statusOf(fault.KindOf(err)) }

// Fail answers with an error page in the reader's language. A visitor who must log in is sent there and comes back.
func (s *Server) Fail(w http.ResponseWriter, r *Request, err error) {
	f, ok := fault.As(err)
	if !ok {
		f = fault.New(fault.Internal, "fault.internal").Because(err)
	}
	status := statusOf(f.Kind)
	if status >= 500 {
		s.Log.Error("request failed", "request", r.ID, "pattern", r.Pattern, "error", f.Error())
	}
	if reads(r.Request) && f.Kind == fault.Unauthenticated {
		r.back = r.URL.RequestURI()
	}
	if r.back != "" && !wantsData(r) {
		if f.Kind == fault.Unauthenticated {
			r.back = r.Link("/login?next=" + url.QueryEscape(r.back))
		}
		http.Redirect(w, r.Request, r.back, http.StatusSeeOther)
		return
	}
	if f.Kind == fault.Throttled || f.Kind == fault.Unavailable {
		w.Header().Set("Retry-After", "60")
	}
	s.tell(w, r, status, f)
}

// tell says what went wrong: to a reader as a page, to a script in one line.
func (s *Server) tell(w http.ResponseWriter, r *Request, status int, f *fault.Fault) {
	if wantsData(r) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(s.Text(r, f.Key, f.Args) + "\n"))
		return
	}
	s.errorPage(w, r, status, f)
}

// wantsData tells requests of scripts and other systems from those of readers.
func wantsData(r *Request) bool {
	return r.Header.Get("X-CSRF-Token") != "" || strings.HasPrefix(r.URL.Path, "/callbacks/") || strings.Contains(r.Header.Get("Accept"), "application/json")
}

// Text translates a message key with its arguments.
func (s *Server) Text(r *Request, key string, args fault.Args) string {
	pairs := make([]string, 0, 2*len(args))
	for k, v := range args {
		pairs = append(pairs, k, v)
	}
	if !r.Say.Has(key) {
		s.Log.Error("message without text", "key", key, "lang", string(r.Lang))
		return r.Say.T("fault.internal")
	}
	return r.Say.T(key, pairs...)
}

func (s *Server) errorPage(w http.ResponseWriter, r *Request, status int, f *fault.Fault) {
	title := r.Say.T("error.title." + f.Kind.String())
	c := s.Chrome(r, title)
	c.NoIndex = true
	p := page.Problem{
		Title: title, Text: s.Text(r, f.Key, f.Args), RequestID: r.ID, Help: r.Say.T("error.help"),
		Links: []page.Link{{Text: r.Say.T("error.home"), Href: r.Link("/")}},
	}
	if f.Kind == fault.Unauthenticated {
		p.Links = append([]page.Link{{Text: r.Say.T("error.log-in"), Href: r.Link("/login")}}, p.Links...)
	}
	if remedy := "error.remedy." + f.Kind.String(); r.Say.Has(remedy) {
		p.Remedies = []string{r.Say.T(remedy)}
	}
	if err := s.Show(w, r, status, c, page.ErrorPage(s.Words(r.Lang), p)); err != nil {
		s.Log.Error("error page failed", "request", r.ID, "error", err)
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
	}
}

// denied answers a request that another site sent with this visitor's cookies.
func (s *Server) denied(w http.ResponseWriter, hr *http.Request) {
	l := s.spoken(hr)
	r := &Request{Request: hr, ID: s.NewID(), Lang: l, Say: s.Texts.In(l), server: s}
	s.Fail(w, r, fault.New(fault.Denied, "fault.csrf"))
}

// spoken is the language of an address that no route has taken apart: its own, or the visitor's.
func (s *Server) spoken(hr *http.Request) lang.Lang {
	first, _, _ := strings.Cut(strings.TrimPrefix(hr.URL.Path, "/"), "/")
	if l, ok := lang.Parse(first); ok && string(l) == first {
		return l
	}
	return s.preferred(hr)
}

// recovered turns a panic into an error page, or a torn connection when the answer has begun.
func (s *Server) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler {
				panic(p)
			}
			s.Log.Error("panic", "pattern", hr.Pattern, "panic", slog.AnyValue(p), "stack", string(bytes.TrimSpace(debug.Stack())))
			l := s.preferred(hr)
			r := &Request{Request: hr, ID: s.NewID(), Lang: l, Say: s.Texts.In(l), server: s}
			s.errorPage(w, r, http.StatusInternalServerError, fault.New(fault.Internal, "fault.internal"))
		}()
		next.ServeHTTP(w, hr)
	})
}

// statusWriter remembers the status for the metrics.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap gives the writer to http.ResponseController.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (s *Server) observe(pattern string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := s.Now()
		sw := &statusWriter{ResponseWriter: w}
		next.ServeHTTP(sw, r)
		if sw.status == 0 {
			sw.status = http.StatusOK
		}
		if s.Observe != nil {
			s.Observe(pattern, sw.status, s.Now().Sub(start))
		}
	})
}
