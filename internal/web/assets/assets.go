// Package assets holds the style sheet, the drawings and the scripts of both portals inside the binary. Each is served
// at an address that contains the digest of its content, so that browsers may keep it for ever and a new version of
// the program never meets an old style sheet.
package assets

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// Prefix is where the handler is mounted.
const Prefix = "/assets/"

// The names of the files, as Href takes them.
const (
	Style   = "style.css"
	Sprite  = "sprite.svg"
	Favicon = "icon.svg"
	// scripts; every one is an enhancement and stands alone
	Autosave = "autosave.js"
	Combobox = "combobox.js"
	Sign     = "sign.js"
	Phone    = "phone.js"
	Session  = "session-warning.js"
	// SignerFrame shows the signer's page in a frame.
	SignerFrame = "signer-frame.js"
)

//go:embed files
var embedded embed.FS

// Set is the assets, ready to serve.
type Set struct {
	href   map[string]string // name → address
	byHref map[string]*file
}

type file struct {
	name, kind, tag string
	plain, packed   []byte
}

// Load reads the embedded files. It fails only when the binary itself is broken.
func Load() (*Set, error) {
	sub, err := fs.Sub(embedded, "files")
	if err != nil {
		return nil, fmt.Errorf("assets: %w", err)
	}
	return LoadFrom(sub)
}

// LoadFrom reads the assets from a folder: for tests, and for work on the style sheet without building.
func LoadFrom(fsys fs.FS) (*Set, error) {
	s := &Set{href: map[string]string{}, byHref: map[string]*file{}}
	names, err := fs.Glob(fsys, "*.*")
	if err != nil {
		return nil, fmt.Errorf("assets: %w", err)
	}
	for _, name := range names {
		f, err := read(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("assets: %s: %w", name, err)
		}
		ext := path.Ext(name)
		href := Prefix + strings.TrimSuffix(name, ext) + "." + f.tag + ext
		s.href[name], s.byHref[href] = href, f
	}
	return s, nil
}

func read(fsys fs.FS, name string) (*file, error) {
	kinds := map[string]string{
		".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
	}
	kind, ok := kinds[path.Ext(name)]
	if !ok {
		return nil, fmt.Errorf("no content type for this kind of file")
	}
	plain, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(plain)
	tag := base64.RawURLEncoding.EncodeToString(sum[:9]) // 72 bits: collisions among ten files are out of the question
	var packed bytes.Buffer
	zw, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := zw.Write(plain); err != nil {
		return nil, err
	}
	if err := zw.Close(); err != nil {
		return nil, err
	}
	return &file{name: name, kind: kind, tag: tag, plain: plain, packed: packed.Bytes()}, nil
}

// Href is the address of a file. An unknown name gives the address of nothing, which answers 404 and shows in tests.
func (s *Set) Href(name string) string {
	if h, ok := s.href[name]; ok {
		return h
	}
	return Prefix + "missing/" + name
}

// Only gives the same set with these files alone.
func (s *Set) Only(names ...string) *Set {
	few := &Set{href: map[string]string{}, byHref: map[string]*file{}}
	for _, name := range names {
		if href, ok := s.href[name]; ok {
			few.href[name], few.byHref[href] = href, s.byHref[href]
		}
	}
	return few
}

// Names lists the files.
func (s *Set) Names() []string {
	names := make([]string, 0, len(s.href))
	for n := range s.href {
		names = append(names, n)
	}
	return names
}

// ServeHTTP serves a file at exactly its present address, to be kept for a year; anything else is not found.
func (s *Set) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := s.byHref[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("ETag", `"`+f.tag+`"`)
	h.Set("Vary", "Accept-Encoding")
	h.Set("X-Content-Type-Options", "nosniff")
	if r.Header.Get("If-None-Match") == `"`+f.tag+`"` {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := f.plain
	if acceptsGzip(r.Header.Get("Accept-Encoding")) {
		h.Set("Content-Encoding", "gzip")
		body = f.packed
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // the reader went away: nothing to do about it
	}
}

// acceptsGzip reads the header; "gzip;q=0" is a refusal (RFC 9110, 12.5.3).
func acceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
			continue
		}
		q, found := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=")
		if !found {
			return true
		}
		v, err := strconv.ParseFloat(q, 64)
		return err == nil && v > 0
	}
	return false
}
