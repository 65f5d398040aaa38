package web

import (
	"net/http"

	"elicense/internal/fault"
)

// lastWord is an answer that nothing may be added to once the session manager gave it.
type lastWord struct {
	http.ResponseWriter
	said bool
}

// WriteHeader passes a status on, unless the answer was given.
func (l *lastWord) WriteHeader(status int) {
	if !l.said {
		l.ResponseWriter.WriteHeader(status)
	}
}

// Write passes content on, unless the answer was given.
func (l *lastWord) Write(b []byte) (int, error) {
	if l.said {
		return len(b), nil
	}
	return l.ResponseWriter.Write(b)
}

// Unwrap is for http.ResponseController.
func (l *lastWord) Unwrap() http.ResponseWriter { return l.ResponseWriter }

// withSessions reads and keeps sessions around a handler. Where the store does not answer, the visitor is told in words.
func (s *Server) withSessions(h http.Handler) http.Handler {
	managed := s.Sessions.LoadAndSave(h)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { managed.ServeHTTP(&lastWord{ResponseWriter: w}, r) })
}

// sessionFailed answers where a session could not be read or kept. A session that exists is worth no less when its end
// could not be put off: what the person asked for was done, and the answer goes out. A new one is worth nothing unkept.
func (s *Server) sessionFailed(w http.ResponseWriter, hr *http.Request, err error) {
	if c, none := hr.Cookie(s.Sessions.Cookie.Name); none == nil && c.Value != "" && c.Value == s.tokenOf(hr) {
		s.Log.Error("session not kept", "error", err)
		return
	}
	l := s.spoken(hr)
	r := &Request{Request: hr, ID: s.NewID(), Lang: l, Say: s.Texts.In(l), server: s}
	s.Fail(w, r, fault.New(fault.Unavailable, "fault.unavailable").Because(err))
	if last, ok := w.(*lastWord); ok {
		last.said = true
	}
}

// tokenOf is the session that a request was served with; empty where none was read.
func (s *Server) tokenOf(hr *http.Request) string {
	if !hasSession(hr.Context(), s.Sessions) {
		return ""
	}
	return s.Sessions.Token(hr.Context())
}
