package web

import (
	"io"
	"mime"
	"net/http"
	"strconv"
)

// File is what is known of a file that is sent to be kept.
type File struct {
	Name string
	Type string // media type
	Size int64  // bytes
}

// File sends a file and closes its content.
func (s *Server) File(w http.ResponseWriter, r *Request, f File, content io.ReadCloser) error {
	defer func() { _ = content.Close() }() // read only
	h := w.Header()
	h.Set("Content-Type", f.Type)
	h.Set("Content-Length", strconv.FormatInt(f.Size, 10))
	AsFile(h, f.Name)
	if r.Method == http.MethodHead {
		return nil
	}
	if _, err := io.Copy(w, content); err != nil {
		s.Log.Error("download broke off", "request", r.ID, "error", err)
		panic(http.ErrAbortHandler) // a torn connection, never half a file that looks whole
	}
	return nil
}

// AsFile makes browsers keep an answer as a file with this name, and run nothing that is in it.
func AsFile(h http.Header, name string) {
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Cache-Control", "no-store")
}
