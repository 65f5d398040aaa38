package web

import (
	"bytes"
	"context"
	"crypto/cipher"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/alexedwards/scs/v2"

	"elicense/internal/access"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/web/assets"
	"elicense/internal/web/page"
)

// Server answers for one portal.
type Server struct {
	// Sessions keeps the visitors; nil for a server that knows none: all its routes are Static or Ops.
	Sessions *scs.SessionManager
	Texts    *lang.Catalogue
	Assets   *assets.Set
	Log      *slog.Logger
	// Chrome dresses a page: header, navigation, footer. It is called for error pages too.
	Chrome func(r *Request, title string) *page.Chrome
	Routes []Route
	// Connect lists the addresses besides our own that scripts may reach: NCALayer's.
	Connect []string
	// FormTargets lists the addresses besides our own to which a form may lead: the payment gateway's, since browsers
	// apply the policy to the redirect after a POST too.
	FormTargets []string
	// Policy takes the place of the content policy that follows from the fields above; empty keeps that.
	Policy string
	// Secure says that the portal is reached by https, or that it is not (plain loopback).
	Secure bool
	// Resume gives who a session's account is, or fault.Unauthenticated when the session is no longer worth anything.
	Resume func(ctx context.Context, token, account, mark string) (Who, access.Actor, error)
	// NewID makes request ids; Random makes tokens.
	NewID  func() string
	Random func(n int) []byte
	// Observe is told about every answer: pattern, status, duration.
	Observe func(pattern string, status int, took time.Duration)
	// ForwardedFor says that a proxy in front sets X-Forwarded-For; otherwise the header is ignored.
	ForwardedFor bool
	Now          func() time.Time

	words  map[lang.Lang]*page.Words
	limits limiter
	forms  keeper
	sealer cipher.AEAD // of the tokens
}

// Handler makes the portal's handler. A route without a policy, or two routes with one pattern, is an error.
func (s *Server) Handler() (http.Handler, error) {
	s.words = map[lang.Lang]*page.Words{}
	for _, l := range lang.All() {
		printer := s.Texts.In(l)
		s.words[l] = page.NewWords(func(key string) string { return printer.T(key) })
	}
	var err error
	if s.sealer, err = newSealer(s.Random(32)); err != nil {
		return nil, err
	}
	elsewhere := Static
	if s.Sessions != nil {
		s.Sessions.ErrorFunc = s.sessionFailed
		elsewhere = Public
	}
	mux := http.NewServeMux()
	for _, route := range s.Routes {
		if route.Policy == "" {
			return nil, errors.New("web: route without a policy: " + route.Pattern)
		}
		if s.Sessions == nil && (route.Policy == Public || route.Policy == Person) {
			return nil, errors.New("web: route for visitors on a server without sessions: " + route.Pattern)
		}
		mux.Handle(route.Pattern, s.serve(route))
	}
	mux.Handle("GET /{$}", http.HandlerFunc(s.root))
	mux.Handle("/", s.serve(Route{Pattern: nowhere, Policy: elsewhere, Handle: s.absent(mux)}))
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(http.HandlerFunc(s.denied))
	guarded := protection.Handler(mux)
	return s.headers(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// They come from programs, prove themselves by a signature or by the address, and carry no cookies.
		_, pattern := mux.Handler(r)
		if policy := s.policyOf(pattern); policy == Callback || policy == Bearer {
			mux.ServeHTTP(w, r)
			return
		}
		// Patterns such as /{lang}/login would match these folders too, which the mux refuses to order.
		get := r.Method == http.MethodGet || r.Method == http.MethodHead
		switch {
		case get && strings.HasPrefix(r.URL.Path, assets.Prefix):
			s.Assets.ServeHTTP(w, r)
		case get && strings.HasPrefix(r.URL.Path, "/kz/"):
			oldKazakh(w, r)
		default:
			guarded.ServeHTTP(w, r)
		}
	})), nil
}

func (s *Server) policyOf(pattern string) Policy {
	for _, r := range s.Routes {
		if r.Pattern == pattern {
			return r.Policy
		}
	}
	return Public
}

// root sends a visitor to the language chosen before, the browser's, or Kazakh.
func (s *Server) root(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, "/"+string(s.preferred(r))+"/", http.StatusSeeOther)
}

// oldKazakh keeps addresses of the former portal alive, which said kz for Kazakh.
func oldKazakh(w http.ResponseWriter, r *http.Request) {
	target := "/kk/" + strings.TrimPrefix(r.URL.Path, "/kz/")
	if r.URL.RawQuery != "" {
		target += "?" + r.URL.RawQuery
	}
	http.Redirect(w, r, target, http.StatusMovedPermanently)
}

// nowhere is the pattern of every address that no route has.
const nowhere = "/"

// absent answers for addresses that no route has: with the methods that the address does take, where there are any.
func (s *Server) absent(mux *http.ServeMux) Handler {
	return func(w http.ResponseWriter, r *Request) error {
		var allowed []string
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut} {
			other := r.Request.Clone(r.Context())
			other.Method = method
			file := method == http.MethodGet && strings.HasPrefix(r.URL.Path, assets.Prefix)
			if _, pattern := mux.Handler(other); pattern != nowhere || file {
				allowed = append(allowed, method)
			}
			if method == http.MethodGet && len(allowed) > 0 {
				allowed = append(allowed, http.MethodHead)
			}
		}
		if len(allowed) == 0 || slices.Contains(allowed, r.Method) {
			return fault.New(fault.NotFound, "fault.not-found")
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		s.tell(w, r, http.StatusMethodNotAllowed, fault.New(fault.Invalid, "fault.method"))
		return nil
	}
}

// cookieLang remembers the language that was used last.
const cookieLang = "lang"

func (s *Server) preferred(r *http.Request) lang.Lang {
	if c, err := r.Cookie(cookieLang); err == nil {
		if l, ok := lang.Parse(c.Value); ok {
			return l
		}
	}
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		primary, _, _ := strings.Cut(tag, "-")
		if l, ok := lang.Parse(strings.ToLower(primary)); ok {
			return l
		}
	}
	return lang.KK
}

// serve wraps a route's handler: language, session, policy, body limit, token, errors.
func (s *Server) serve(route Route) http.Handler {
	inner := http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		r, ok := s.request(hr)
		if !ok {
			r.Lang, r.Say = s.preferred(hr), s.Texts.In(s.preferred(hr))
			s.Fail(w, r, fault.New(fault.NotFound, "fault.not-found"))
			return
		}
		if route.Policy == Public || route.Policy == Person {
			if err := s.resume(r); err != nil {
				s.Fail(w, r, err)
				return
			}
		}
		if err := s.admit(w, r, route); err != nil {
			s.Fail(w, r, err)
			return
		}
		if err := route.Handle(w, r); err != nil {
			s.Fail(w, r, err)
		}
	})
	var h http.Handler = inner
	if route.Policy == Public || route.Policy == Person {
		h = s.withSessions(inner)
	}
	return s.observe(route.Pattern, s.recovered(h))
}

// request reads language and session. ok is false for an address in a language that we do not speak.
func (s *Server) request(hr *http.Request) (*Request, bool) {
	r := &Request{Request: hr, ID: s.NewID(), Actor: access.Nobody(), server: s}
	l, ok := lang.Parse(hr.PathValue("lang"))
	switch {
	case hr.PathValue("lang") == "" && !strings.HasPrefix(hr.Pattern, "GET /{lang}") && !strings.HasPrefix(hr.Pattern, "POST /{lang}"):
		l = s.spoken(hr)
	case !ok || string(l) != hr.PathValue("lang"):
		return r, false
	}
	r.Lang, r.Say = l, s.Texts.In(l)
	return r, true
}

// admit asks whether this request may reach its handler at all.
func (s *Server) admit(w http.ResponseWriter, r *Request, route Route) error {
	// A visitor is limited by address, a person by account: offices share one address.
	who := s.Remote(r.Request)
	if r.Who.Account != "" {
		who = r.Who.Account
	}
	if route.PerMinute > 0 && !s.limits.allow(route.Pattern+" "+who, route.PerMinute, s.Now()) {
		return fault.New(fault.Throttled, "fault.throttled")
	}
	s.forms.expire(s.Now())
	if route.Policy == Person && r.Who.Account == "" {
		if route.Keep && !reads(r.Request) {
			s.keepForm(w, r)
		}
		return fault.New(fault.Unauthenticated, "fault.login")
	}
	if reads(r.Request) {
		return nil
	}
	limit := route.Body
	if limit == 0 {
		limit = MaxForm
	}
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	if route.Policy != Public && route.Policy != Person {
		return nil
	}
	if route.Pattern == nowhere {
		return nil // nothing is done there
	}
	err := s.checkToken(r)
	if fault.Is(err, "fault.csrf") {
		s.outdated(w, r, route)
	}
	return err
}

// reads tells requests that change nothing.
func reads(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }

// Show writes a page. It renders into memory first, so that an error becomes an error page and not half a page.
func (s *Server) Show(w http.ResponseWriter, r *Request, status int, c *page.Chrome, body templ.Component) error {
	var buf bytes.Buffer
	if err := page.Layout(c, body).Render(r.Context(), &buf); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", string(r.Lang))
	allowFrame(h, c.Frame)
	switch {
	case r.Who.Account != "" || r.Method == http.MethodPost || status >= http.StatusBadRequest:
		h.Set("Cache-Control", "no-store")
	case c.MaxAge > 0:
		h.Set("Cache-Control", "private, max-age="+strconv.Itoa(c.MaxAge))
		h.Add("Vary", "Cookie") // after a log-in it is another page
	default:
		h.Set("Cache-Control", "no-cache")
	}
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(buf.Bytes()) // the reader went away: nothing to do about it
	}
	return nil
}

// Words are the components' words in the reader's language.
func (s *Server) Words(l lang.Lang) *page.Words { return s.words[l] }

// Go sends the reader on after a POST.
func (s *Server) Go(w http.ResponseWriter, r *Request, path string) error {
	http.Redirect(w, r.Request, path, http.StatusSeeOther)
	return nil
}
