package web

import (
	"net/http"
	"strings"
)

// HeaderPolicy is the header of the content policy.
const HeaderPolicy = "Content-Security-Policy"

// headers sets what every answer carries, also errors, redirects and files.
func (s *Server) headers(next http.Handler) http.Handler {
	connect := strings.Join(append([]string{"'self'"}, s.Connect...), " ")
	policy := strings.Join([]string{
		"default-src 'none'", "style-src 'self'", "script-src 'self'", "img-src 'self'", "connect-src " + connect,
		"form-action " + strings.Join(append([]string{"'self'"}, s.FormTargets...), " "), "frame-ancestors 'none'", "base-uri 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'",
	}, "; ")
	if s.Policy != "" {
		policy = s.Policy
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set(HeaderPolicy, policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
		h.Set("Cache-Control", "no-store")
		if s.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		next.ServeHTTP(w, r)
	})
}

// allowFrame lets one answer show pages of another origin in a frame.
func allowFrame(h http.Header, origin string) {
	if origin != "" {
		h.Set(HeaderPolicy, h.Get(HeaderPolicy)+"; frame-src "+origin)
	}
}
