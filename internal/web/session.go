package web

import (
	"context"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"
	"golang.org/x/time/rate"

	"elicense/internal/fault"
	"elicense/internal/web/page"
)

// Names of the values in a session.
const (
	keyAccount = "account"
	keyMark    = "mark" // changes with the password: a session from before is dead
	keyToken   = "csrf"
	keyBinding = "binding"
	keyFlash   = "flash"
)

// Lifetimes of sessions of the external portal.
const (
	Idle     = 30 * time.Minute
	Absolute = 12 * time.Hour
)

// NewSessions makes the session manager over a store. The cookie is __Host- and Secure except on plain loopback.
func NewSessions(store scs.Store, codec scs.Codec, name string, secure bool) *scs.SessionManager {
	// Not scs.New: that begins with a store in memory, whose cleaning never ends.
	m := &scs.SessionManager{Store: store, Codec: codec, IdleTimeout: Idle, Lifetime: Absolute}
	m.Cookie.Name, m.Cookie.Path, m.Cookie.HttpOnly, m.Cookie.SameSite = name, "/", true, http.SameSiteLaxMode
	m.Cookie.Persist = false
	if secure {
		m.Cookie.Name, m.Cookie.Secure = "__Host-"+name, true
	}
	return m
}

// hasSession tells whether the route runs inside the session middleware; the manager panics otherwise.
func hasSession(ctx context.Context, m *scs.SessionManager) (ok bool) {
	defer func() { ok = recover() == nil }()
	m.Exists(ctx, keyAccount)
	return true
}

// resume gives who is logged in: the account is read anew for every request, so that what was taken away is gone.
func (s *Server) resume(r *Request) error {
	ctx := r.Context()
	id := s.Sessions.GetString(ctx, keyAccount)
	if id == "" {
		return nil
	}
	who, actor, err := s.Resume(ctx, s.Sessions.Token(ctx), id, s.Sessions.GetString(ctx, keyMark))
	if fault.KindOf(err) == fault.Unauthenticated && err != nil {
		return s.Sessions.Destroy(ctx)
	}
	if err != nil {
		return err
	}
	r.Who, r.Actor = who, actor
	return nil
}

// LogIn begins the session of a person: a new session id, so that one planted before is worth nothing.
func (s *Server) LogIn(r *Request, account, mark string) error {
	ctx := r.Context()
	if err := s.Sessions.RenewToken(ctx); err != nil {
		return err
	}
	s.Sessions.Put(ctx, keyAccount, account)
	s.Sessions.Put(ctx, keyMark, mark)
	s.Sessions.Put(ctx, keyToken, s.newToken(account))
	s.Sessions.Put(ctx, keyBinding, hex.EncodeToString(s.Random(16)))
	return nil
}

// LogOut ends the session at the server.
func (s *Server) LogOut(r *Request) error {
	s.forms.forget(s.holder(r))
	return s.Sessions.Destroy(r.Context())
}

// CSRF gives the session's token for forms, making one for a visitor who has none.
func (r *Request) CSRF() string {
	ctx, m := r.Context(), r.server.Sessions
	if m.GetString(ctx, keyToken) == "" {
		m.Put(ctx, keyToken, r.server.newToken(r.Who.Account))
	}
	return m.GetString(ctx, keyToken)
}

// Binding names this browser session inside the server: challenges are bound to it. It is not the cookie's value.
func (r *Request) Binding() string { return r.remembered(keyBinding) }

func (r *Request) remembered(key string) string {
	ctx, m := r.Context(), r.server.Sessions
	v := m.GetString(ctx, key)
	if v == "" {
		v = hex.EncodeToString(r.server.Random(16))
		m.Put(ctx, key, v)
	}
	return v
}

// Flash keeps a message key for the next page.
func (r *Request) Flash(key string) { r.server.Sessions.Put(r.Context(), keyFlash, key) }

// Flashed takes the message key that the page before left.
func (r *Request) Flashed() string {
	if !hasSession(r.Context(), r.server.Sessions) {
		return ""
	}
	return r.server.Sessions.PopString(r.Context(), keyFlash)
}

// checkToken demands the session's token in every form, also from browsers that tell nothing about the origin.
func (s *Server) checkToken(r *Request) error {
	want := s.Sessions.GetString(r.Context(), keyToken)
	got := r.Header.Get("X-CSRF-Token")
	if got == "" && strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		// The upload page puts the token into the address of the form's action: the body is a stream that is read once.
		got = r.URL.Query().Get(page.NameCSRF)
	}
	if got == "" {
		if err := r.ParseForm(); err != nil {
			return tooLarge(err)
		}
		got = r.PostForm.Get(page.NameCSRF)
	}
	if want == "" || subtle.ConstantTimeCompare([]byte(want), []byte(got)) != 1 {
		return fault.New(fault.Denied, "fault.csrf")
	}
	return nil
}

func tooLarge(err error) error {
	if strings.Contains(err.Error(), "too large") {
		return fault.New(fault.TooLarge, "fault.too-large").Because(err)
	}
	return fault.New(fault.Invalid, "fault.form").Because(err)
}

// Remote is the address of the visitor's machine, without the port.
func (s *Server) Remote(r *http.Request) string {
	if s.ForwardedFor {
		list := strings.Split(r.Header.Get("X-Forwarded-For"), ",")
		if last := strings.TrimSpace(list[len(list)-1]); last != "" {
			return last
		}
	}
	host := r.RemoteAddr
	if i := strings.LastIndexByte(host, ':'); i > 0 {
		host = host[:i]
	}
	return host
}

// limiter holds a token bucket per key; it forgets all of them when there are too many, which favours the visitors.
type limiter struct {
	mu      sync.Mutex
	buckets map[string]*rate.Limiter
}

const maxBuckets = 100_000

func (l *limiter) allow(key string, perMinute int, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.buckets == nil || len(l.buckets) > maxBuckets {
		l.buckets = map[string]*rate.Limiter{}
	}
	b := l.buckets[key]
	if b == nil {
		b = rate.NewLimiter(rate.Limit(float64(perMinute)/60), perMinute)
		l.buckets[key] = b
	}
	return b.AllowN(now, 1)
}
